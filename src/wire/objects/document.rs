//! One answer that is being read: the root element first, then its fields.
//!
//! Comes in: site, call, answer. Goes out: fields, or an error that says what the store said. Forbidden here: trimming keys.

use std::borrow::Cow;

use http::HeaderValue;
use jiff::Timestamp;

use super::super::{Answer, error, xml};
use super::call::ObjectCall;
use super::words::Words;
use crate::domain::{ETag, Error, Result, Site, StorageClass};

/// A field, or what is wrong with it.
pub(super) type Field<T> = std::result::Result<T, String>;

/// An answer with what was asked.
#[derive(Clone, Copy)]
pub(super) struct Document<'a> {
    pub(super) site: &'a Site,
    pub(super) call: &'a ObjectCall,
    pub(super) answer: &'a Answer,
}

impl<'a> Document<'a> {
    /// Reads a document whose root is one of `roots`. `take` gets the path below the root and the element's own text, white
    /// space and all, and answers with what is wrong with it.
    pub(super) fn read(&self, roots: &[&str], mut take: impl FnMut(&[&str], &str) -> Field<()>) -> Result<()> {
        let (mut found, mut wrong) = (String::new(), None);
        let read = xml::read(&self.answer.body, |path, text| match path {
            [name] => (*name).clone_into(&mut found),
            [root, below @ ..] if wrong.is_none() && roots.contains(root) => wrong = take(below, text).err(),
            _ => {}
        });
        if let Err(fault) = read {
            return Err(self.invalid(fault.0));
        }
        if roots.contains(&found.as_str()) {
            return wrong.map_or(Ok(()), |why| Err(self.invalid(&why)));
        }
        // Copies and completions answer 200 first, and tell in the body whether they worked.
        if matches!(found.as_str(), "Error" | "ErrorResponse") {
            return Err(error::from_answer(self.site, self.call, self.answer));
        }
        Err(self.invalid("its root element is another one"))
    }

    /// An answer that promises no document must have none: a login page is no success.
    pub(super) fn empty(&self) -> Result<()> {
        if self.answer.body.iter().all(u8::is_ascii_whitespace) {
            return Ok(());
        }
        self.read(&[], |_, _| Ok(()))
    }

    pub(super) fn invalid(&self, why: &str) -> Error {
        error::invalid_reply(self.call, self.answer, why)
    }

    pub(super) fn missing(&self, field: &str) -> Error {
        self.invalid(&missing(field))
    }

    pub(super) fn words(&self) -> Words {
        Words::of(self.site.provider)
    }

    /// A header's text; bytes outside of UTF-8 are replaced.
    pub(super) fn header(&self, name: &str) -> Option<Cow<'a, str>> {
        self.answer.headers.get(name).map(text_of)
    }

    /// The headers of the vendor's own, without their prefix.
    pub(super) fn own_headers(&self) -> impl Iterator<Item = (&'a str, &'a HeaderValue)> {
        let prefix = self.words().prefix();
        self.answer.headers.iter().filter_map(move |(name, value)| Some((name.as_str().strip_prefix(prefix)?, value)))
    }

    /// A header of the vendor's own, if it says anything.
    pub(super) fn own_header(&self, wanted: &str) -> Option<String> {
        let (_, value) = self.own_headers().find(|(name, _)| *name == wanted)?;
        said(value)
    }
}

/// A header's text; bytes outside of UTF-8 are replaced.
pub(super) fn text_of(value: &HeaderValue) -> Cow<'_, str> {
    let bytes = value.as_bytes();
    std::str::from_utf8(bytes).map_or_else(|_| String::from_utf8_lossy(bytes), Cow::Borrowed)
}

/// What a header says, if it says anything.
pub(super) fn said(value: &HeaderValue) -> Option<String> {
    Some(text_of(value)).filter(|text| !text.is_empty()).map(Cow::into_owned)
}

pub(super) fn missing(field: &str) -> String {
    format!("`{field}` is missing")
}

/// A number; sizes below zero and beyond 64 bits are none.
pub(super) fn number<N: std::str::FromStr>(field: &str, text: &str) -> Field<N> {
    let text = xml::trimmed(text);
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| digits).ok_or_else(|| format!("`{field}` is not a number that fits"))
}

pub(super) fn truth(field: &str, text: &str) -> Field<bool> {
    match xml::trimmed(text) {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(format!("`{field}` is neither true nor false")),
    }
}

/// A time; what is none, or out of every calendar, is not known.
pub(super) fn time(text: &str) -> Option<Timestamp> {
    xml::trimmed(text).parse().ok()
}

pub(super) fn etag(text: &str) -> Option<ETag> {
    Some(xml::trimmed(text)).filter(|text| !text.is_empty()).map(ETag::new)
}

pub(super) fn class(text: &str) -> Option<StorageClass> {
    Some(xml::trimmed(text)).filter(|text| !text.is_empty()).map(StorageClass::new)
}

/// `ChecksumCRC64NVME` as `crc64nvme`; also OSS's `HashCrc64ecma`. `ChecksumType` and `ChecksumAlgorithm` are no values.
pub(super) fn checksum(element: &str, text: &str) -> Option<(String, String)> {
    let name = element.strip_prefix("Checksum").or_else(|| element.strip_prefix("Hash"))?;
    (!matches!(name, "" | "Type" | "Algorithm")).then(|| (name.to_ascii_lowercase(), xml::trimmed(text).to_owned()))
}
