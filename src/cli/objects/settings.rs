//! What is stored beside an object's bytes, from options.

use crate::cli::args::Beside;
use crate::domain::escape::visible;
use crate::domain::{Error, ErrorKind, ObjectSettings, Result, StorageClass, Tag};

/// The settings that the options ask for.
///
/// # Errors
/// `Usage` for metadata and tags that are not `NAME=VALUE`.
pub(super) fn read(options: &Beside) -> Result<ObjectSettings> {
    Ok(ObjectSettings {
        content_type: options.content_type.clone(),
        cache_control: options.cache_control.clone(),
        content_disposition: options.content_disposition.clone(),
        content_encoding: options.content_encoding.clone(),
        metadata: options.metadata.iter().map(|pair| split("--metadata", pair)).collect::<Result<_>>()?,
        storage_class: options.storage_class.as_deref().map(StorageClass::new),
        acl: options.acl.clone(),
        tags: options.tag.iter().map(|pair| split("--tag", pair).map(|(key, value)| Tag { key, value })).collect::<Result<_>>()?,
        ..ObjectSettings::default()
    })
}

/// The same for a copy: `None` where nothing was asked for, so that the copy has what the source has.
///
/// # Errors
/// As [`read`].
pub(super) fn replacing(options: &Beside) -> Result<Option<ObjectSettings>> {
    let settings = read(options)?;
    Ok(Some(settings).filter(|settings| *settings != ObjectSettings::default()))
}

fn split(option: &str, pair: &str) -> Result<(String, String)> {
    match pair.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        Some(_) | None => Err(Error::new(ErrorKind::Usage, format!("{option} \"{}\" is not NAME=VALUE", visible(pair)))
            .hint(format!("Write {option} NAME=VALUE; repeat the option for more."))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_values() {
        let options = Beside { metadata: vec!["a=b=c".to_owned()], tag: vec!["team=".to_owned()], ..Beside::default() };
        let settings = read(&options).expect("good pairs");
        assert_eq!(settings.metadata, [("a".to_owned(), "b=c".to_owned())]);
        assert_eq!(settings.tags, [Tag { key: "team".to_owned(), value: String::new() }]);
        for bad in ["a", "=b", ""] {
            let options = Beside { metadata: vec![bad.to_owned()], ..Beside::default() };
            assert_eq!(read(&options).expect_err(bad).kind(), ErrorKind::Usage);
        }
        assert_eq!(replacing(&Beside::default()).expect("nothing"), None);
    }
}
