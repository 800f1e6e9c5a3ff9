//! The bytes that are judged: those of the sample, or what gzip had inside.

use std::borrow::Cow;

use super::{MOST_BYTES, Sample};

/// What follows the bytes that are there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rest {
    /// Nothing: the bytes are the whole, or its last part.
    Nothing,
    /// More bytes.
    More,
    /// The size of the whole is not known.
    Unknown,
}

/// Bytes with all that is known of them.
#[derive(Debug)]
pub(super) struct Material<'a> {
    /// The last part of the key, without the `.gz` that was looked through.
    pub(super) name: &'a str,
    pub(super) content_type: Option<&'a str>,
    pub(super) bytes: Cow<'a, [u8]>,
    pub(super) offset: u64,
    pub(super) rest: Rest,
}

impl<'a> Material<'a> {
    /// The bytes as they are stored.
    pub(super) fn stored(sample: &Sample<'a>) -> Self {
        let end = sample.offset.saturating_add(sample.bytes.len() as u64);
        let rest = match sample.total {
            Some(total) if total > end => Rest::More,
            Some(_) => Rest::Nothing,
            None => Rest::Unknown,
        };
        Self {
            name: sample.key.rsplit('/').next().unwrap_or_default(),
            content_type: sample.content_type,
            bytes: Cow::Borrowed(sample.bytes),
            offset: sample.offset,
            rest,
        }
    }

    /// Whether the first byte is the first one of the whole.
    pub(super) fn begins(&self) -> bool {
        self.offset == 0
    }

    /// Whether it is known that more follows than is looked at.
    pub(super) fn goes_on(&self) -> bool {
        self.rest == Rest::More || self.bytes.len() > MOST_BYTES
    }

    /// The media type without its parameters, in lower case.
    pub(super) fn media_type(&self) -> String {
        self.content_type.and_then(|value| value.split(';').next()).unwrap_or_default().trim().to_ascii_lowercase()
    }

    /// What stands after the last dot of the name, in lower case; nothing for `.profile` and `README`.
    pub(super) fn extension(&self) -> String {
        match self.name.rsplit_once('.') {
            Some((stem, extension)) if !stem.is_empty() => extension.to_ascii_lowercase(),
            Some(_) | None => String::new(),
        }
    }
}
