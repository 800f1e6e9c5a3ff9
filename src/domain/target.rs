//! TARGET of the command line: `ACCOUNT:BUCKET[/KEY]`, `s3://BUCKET/KEY`, `oss://BUCKET/KEY`.

use super::account::{AccountName, Provider};
use super::error::{Error, ErrorKind, Result};
use super::escape::visible;

/// A place as the user wrote it. Whether the account exists is the config's business.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Who acts: a named account, or whichever account of the provider fits.
    pub who: Who,
    /// The bucket's name, not yet checked against the provider's rules.
    pub bucket: String,
    /// The key or prefix after the first slash; empty for the bucket itself.
    pub key: String,
}

/// The acting side of a [`Target`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Who {
    /// `ACCOUNT:…`
    Account(AccountName),
    /// `s3://…` or `oss://…`
    Provider(Provider),
}

impl Target {
    /// Reads a target. The key is everything after the first slash, byte for byte.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`] for text that has neither form, or no bucket.
    pub fn parse(text: &str) -> Result<Self> {
        let (who, rest) = if let Some(rest) = text.strip_prefix("s3://") {
            (Who::Provider(Provider::S3), rest)
        } else if let Some(rest) = text.strip_prefix("oss://") {
            (Who::Provider(Provider::Oss), rest)
        } else {
            match text.split_once(':') {
                Some((account, rest)) if !account.is_empty() && !account.contains('/') => (Who::Account(AccountName::new(account)), rest),
                _ => return Err(malformed(text)),
            }
        };
        let (bucket, key) = rest.split_once('/').unwrap_or((rest, ""));
        if bucket.is_empty() {
            return Err(malformed(text));
        }
        Ok(Self { who, bucket: bucket.to_owned(), key: key.to_owned() })
    }
}

fn malformed(text: &str) -> Error {
    Error::new(ErrorKind::Usage, format!("target \"{}\" is not understood", visible(text)))
        .hint("Write ACCOUNT:BUCKET, ACCOUNT:BUCKET/KEY, s3://BUCKET/KEY or oss://BUCKET/KEY.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms() {
        let target = Target::parse("research:arxiv/src//a b").expect("account form");
        assert_eq!(target.who, Who::Account(AccountName::new("research")));
        assert_eq!((target.bucket.as_str(), target.key.as_str()), ("arxiv", "src//a b"));
        let target = Target::parse("oss://shared").expect("scheme form");
        assert_eq!(target.who, Who::Provider(Provider::Oss));
        assert_eq!((target.bucket.as_str(), target.key.as_str()), ("shared", ""));
        for bad in ["", "arxiv", "research:", "s3://", "a/b:c", ":x"] {
            assert_eq!(Target::parse(bad).expect_err(bad).kind(), ErrorKind::Usage, "{bad}");
        }
    }
}
