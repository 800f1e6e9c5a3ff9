//! Answers whose headers are what they say: of objects, of writes, of deletes.
//!
//! Comes in: an answer. Goes out: what its headers say. Forbidden here: taking a portal's page for an object.

use std::borrow::Cow;

use http::HeaderValue;

use super::arguments::ByteRange;
use super::call::ObjectCall;
use super::document::{Document, etag, number, said, text_of};
use super::reply::{Deleted, Written};
use crate::domain::few::sort_few;
use crate::domain::{ETag, Headers, ObjectHead, Result, Span, StorageClass, VersionId};

/// HeadObject and GetObject.
pub(super) fn object(document: &Document<'_>) -> Result<ObjectHead> {
    let tag = document.header("etag").as_deref().and_then(etag);
    let modified = document.header("last-modified").and_then(|text| http_time(&text));
    if tag.is_none() && modified.is_none() {
        return Err(document.invalid("it has neither `ETag` nor `Last-Modified`, so no store wrote it"));
    }
    let (span, size) = span(document)?;
    let own = Own::of(document);
    Ok(ObjectHead {
        size,
        span,
        etag: tag,
        modified,
        content_type: document.header("content-type").map(Cow::into_owned),
        class: own.class.and_then(said).map(StorageClass::new),
        version: own.version(),
        restore: own.restore.and_then(said),
        checksums: sorted(own.checksums),
        metadata: sorted(own.metadata),
        headers: Headers::of(document.answer.headers.iter().map(|(name, value)| (name.as_str(), text_of(value)))),
    })
}

/// The vendor's own headers, told apart in one pass. Of several with one name, the first counts.
#[derive(Default)]
struct Own<'a> {
    class: Option<&'a HeaderValue>,
    version: Option<&'a HeaderValue>,
    restore: Option<&'a HeaderValue>,
    /// Stored checksums: S3 names each algorithm in a header of its own, OSS has one.
    checksums: Vec<Pair<'a>>,
    /// User metadata.
    metadata: Vec<Pair<'a>>,
}

/// What follows the prefix of a header's name, and its value.
type Pair<'a> = (&'a str, &'a HeaderValue);

impl<'a> Own<'a> {
    fn of(document: &Document<'a>) -> Self {
        let mut own = Self::default();
        document.own_headers().for_each(|(name, value)| own.take(name, value));
        own
    }

    fn take(&mut self, name: &'a str, value: &'a HeaderValue) {
        match name {
            "storage-class" => _ = self.class.get_or_insert(value),
            "version-id" => _ = self.version.get_or_insert(value),
            "restore" => _ = self.restore.get_or_insert(value),
            "checksum-type" | "checksum-algorithm" | "hash-type" | "hash-algorithm" => {}
            _ => {
                if let Some(name) = name.strip_prefix("meta-") {
                    self.metadata.push((name, value));
                } else if let Some(name) = name.strip_prefix("checksum-").or_else(|| name.strip_prefix("hash-")) {
                    self.checksums.push((name, value));
                }
            }
        }
    }

    fn version(&self) -> Option<VersionId> {
        self.version.and_then(said).map(VersionId::new)
    }
}

/// Owned, in the order of names.
fn sorted(pairs: Vec<Pair<'_>>) -> Vec<(String, String)> {
    let mut pairs: Vec<_> = pairs.into_iter().map(|(name, value)| (name.to_owned(), text_of(value).into_owned())).collect();
    sort_few(&mut pairs);
    pairs
}

fn http_time(text: &str) -> Option<jiff::Timestamp> {
    jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text).ok()
}

/// Which bytes the answer has, and how many there are in all. A part must begin where it was asked to.
fn span(document: &Document<'_>) -> Result<(Span, Option<u64>)> {
    let length = match document.header("content-length") {
        None => None,
        Some(text) => Some(number("Content-Length", &text).map_err(|why| document.invalid(&why))?),
    };
    if document.answer.status != 206 {
        return Ok((Span::Whole, length));
    }
    let text = document.header("content-range").ok_or_else(|| document.missing("Content-Range"))?;
    let (first, last, total) = content_range(&text).ok_or_else(|| document.invalid("`Content-Range` is not a range of bytes"))?;
    let asked = if let ObjectCall::GetObject { wanted, .. } = document.call { wanted.range } else { None };
    let fits = match asked {
        None => false,
        Some(ByteRange::From(from)) => first == from,
        Some(ByteRange::Between(from, to)) => first == from && last <= to,
        Some(ByteRange::Last(count)) => last - first < count,
    };
    if !fits || length.is_some_and(|length| length != last - first + 1) {
        return Err(document.invalid("`Content-Range` is not what was asked for"));
    }
    Ok((Span::Part { first, last }, total))
}

/// `bytes 0-9/100`; the total may be `*`.
fn content_range(text: &str) -> Option<(u64, u64, Option<u64>)> {
    let (range, total) = text.trim().strip_prefix("bytes ")?.split_once('/')?;
    let (first, last) = range.split_once('-')?;
    let (first, last): (u64, u64) = (first.parse().ok()?, last.parse().ok()?);
    let total = match total {
        "*" => None,
        digits => Some(digits.parse().ok()?),
    };
    // The last possible byte would make the length overflow.
    (first <= last && last < u64::MAX && total.is_none_or(|total| last < total)).then_some((first, last, total))
}

/// PutObject and UploadPart: without a body, with an entity tag.
pub(super) fn written(document: &Document<'_>) -> Result<Written> {
    document.empty()?;
    let tag = document.header("etag").as_deref().and_then(etag).ok_or_else(|| document.missing("ETag"))?;
    Ok(written_as(document, tag))
}

/// What the headers say beside an entity tag.
pub(super) fn written_as(document: &Document<'_>, etag: ETag) -> Written {
    let own = Own::of(document);
    Written { etag, version: own.version(), checksums: sorted(own.checksums) }
}

/// DeleteObject: without a body.
pub(super) fn deleted(document: &Document<'_>) -> Result<Deleted> {
    document.empty()?;
    Ok(Deleted { marker: document.own_header("delete-marker").as_deref() == Some("true"), version: Own::of(document).version() })
}

/// The version of a copy.
pub(super) fn copied_version(document: &Document<'_>) -> Option<VersionId> {
    Own::of(document).version()
}
