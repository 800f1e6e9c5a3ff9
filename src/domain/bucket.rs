//! Buckets: their names, and what a listing or the config says of them.

use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::account::{AccountName, Provider};
use super::error::{Error, ErrorKind, Result};

/// A bucket's name that is safe to put into a host name or a path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct BucketName(Arc<str>);

impl TryFrom<String> for BucketName {
    type Error = Error;

    /// By the wider rules of the two providers: for names that were checked before they were written down.
    fn try_from(name: String) -> Result<Self> {
        Self::parse(Provider::S3, &name)
    }
}

impl From<BucketName> for String {
    fn from(name: BucketName) -> Self {
        name.0.as_ref().to_owned()
    }
}

impl BucketName {
    /// Checks a name before anything is signed: 3 to 63 of `a-z 0-9 . -` (OSS: no dots), letter or digit at both ends, not
    /// two dots in a row, not an IPv4 address.
    ///
    /// Old buckets in us-east-1 may have upper case, `_` and up to 255 characters; they are taken for S3, and reached in path style.
    /// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html>,
    /// <https://www.alibabacloud.com/help/en/oss/user-guide/bucket-naming-conventions>
    ///
    /// # Errors
    /// [`ErrorKind::Usage`] with the rule that is broken.
    pub fn parse(provider: Provider, name: &str) -> Result<Self> {
        let longest = match provider {
            Provider::S3 => 255,
            Provider::Oss => 63,
        };
        let rule = if name.len() < 3 || name.len() > longest {
            Some("has 3 to 63 characters")
        } else if !name.bytes().all(|b| Self::may_contain(provider, b)) {
            Some("has letters a-z, digits and hyphens only (S3: dots too)")
        } else if !name.starts_with(|c: char| c.is_ascii_alphanumeric()) || !name.ends_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
        {
            Some("begins and ends with a letter or a digit")
        } else if name.contains("..") {
            Some("has no two dots in a row")
        } else if name.parse::<std::net::Ipv4Addr>().is_ok() {
            Some("is not an IP address")
        } else {
            None
        };
        match rule {
            None => Ok(Self(name.into())),
            Some(rule) => Err(Error::new(ErrorKind::Usage, format!("bucket name \"{}\" is not valid", super::escape::visible(name)))
                .hint(format!("A bucket name {rule}."))),
        }
    }

    fn may_contain(provider: Provider, byte: u8) -> bool {
        let common = byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        match provider {
            Provider::S3 => common || matches!(byte, b'.' | b'_') || byte.is_ascii_uppercase(),
            Provider::Oss => common,
        }
    }

    /// Whether the name can be a host name's first label or labels (no upper case, no underscore, at most 63 characters).
    pub fn fits_host(&self) -> bool {
        self.0.len() <= 63
            && !self.0.bytes().any(|b| b.is_ascii_uppercase() || b == b'_')
            && !self.0.contains(".-")
            && !self.0.contains("-.")
    }

    /// The same text, for what keeps many of them.
    pub fn shared(&self) -> Arc<str> {
        Arc::clone(&self.0)
    }

    /// The name itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for BucketName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A bucket as one account sees it. The same bucket seen by two accounts is two rows: they may see different payers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct BucketId {
    /// The account that acts.
    pub account: AccountName,
    /// The bucket.
    pub bucket: BucketName,
}

impl fmt::Display for BucketId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.account, self.bucket)
    }
}

/// Whose bucket it is, seen from the account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ownership {
    /// ListBuckets of this account shows it.
    Owned,
    /// Someone else's: named in the config or typed; ListBuckets never shows it.
    Foreign,
}

/// What a listing or the config says of a bucket, before its payer is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BucketRecord {
    /// The bucket's name.
    pub name: BucketName,
    /// Its region without prefixes (`us-west-2`, `cn-hangzhou`), where known.
    pub region: Option<Arc<str>>,
    /// When it was made, where the listing says so.
    pub created: Option<Timestamp>,
    /// Owned or foreign.
    pub ownership: Ownership,
    /// The owner's account id or name, where known. The buckets of one page share one copy, as they do of their regions.
    pub owner: Option<Arc<str>>,
}
