//! Answers whose headers are what they say: of objects, of writes, of deletes.
//!
//! Comes in: an answer. Goes out: what its headers say. Forbidden here: taking a portal's page for an object.

use std::borrow::Cow;

use http::HeaderValue;

use super::arguments::ByteRange;
use super::call::ObjectCall;
use super::document::{Document, etag, number, text_of};
use super::reply::{Deleted, Written};
use crate::domain::{ETag, Headers, ObjectHead, Result, Span, StorageClass, VersionId};

/// HeadObject and GetObject.
pub(super) fn object(document: &Document<'_>) -> Result<ObjectHead> {
    let tag = document.header("etag").as_deref().and_then(etag);
    let modified = document.header("last-modified").and_then(|text| http_time(&text));
    if tag.is_none() && modified.is_none() {
        return Err(document.invalid("it has neither `ETag` nor `Last-Modified`, so no store wrote it"));
    }
    let (span, size) = span(document)?;
    Ok(ObjectHead {
        size,
        span,
        etag: tag,
        modified,
        content_type: document.header("content-type").map(Cow::into_owned),
        class: document.own_header("storage-class").map(StorageClass::new),
        version: version(document),
        restore: document.own_header("restore"),
        checksums: checksums(document),
        metadata: sorted(document.own_headers().filter_map(|(name, value)| Some((name.strip_prefix("meta-")?, value)))),
        headers: headers(document),
    })
}

/// All headers in the order of their names; a map of headers keeps no other.
fn headers(document: &Document<'_>) -> Headers {
    let mut pairs: Vec<_> = document.answer.headers.iter().map(|(name, value)| (name.as_str(), value)).collect();
    pairs.sort();
    Headers::of(pairs.into_iter().map(|(name, value)| (name, text_of(value))))
}

/// Owned, in the order of names.
fn sorted<'a>(pairs: impl Iterator<Item = (&'a str, &'a HeaderValue)>) -> Vec<(String, String)> {
    let mut pairs: Vec<_> = pairs.map(|(name, value)| (name.to_owned(), text_of(value).into_owned())).collect();
    pairs.sort();
    pairs
}

fn version(document: &Document<'_>) -> Option<VersionId> {
    document.own_header("version-id").map(VersionId::new)
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

/// Stored checksums: S3 names each algorithm in a header of its own, OSS has one.
fn checksums<'a>(document: &Document<'a>) -> Vec<(String, String)> {
    let named = |(name, value): (&'a str, &'a HeaderValue)| {
        let name = name.strip_prefix("checksum-").or_else(|| name.strip_prefix("hash-"))?;
        (!matches!(name, "type" | "algorithm")).then_some((name, value))
    };
    sorted(document.own_headers().filter_map(named))
}

/// PutObject and UploadPart: without a body, with an entity tag.
pub(super) fn written(document: &Document<'_>) -> Result<Written> {
    document.empty()?;
    let tag = document.header("etag").as_deref().and_then(etag).ok_or_else(|| document.missing("ETag"))?;
    Ok(written_as(document, tag))
}

/// What the headers say beside an entity tag.
pub(super) fn written_as(document: &Document<'_>, etag: ETag) -> Written {
    Written { etag, version: version(document), checksums: checksums(document) }
}

/// DeleteObject: without a body.
pub(super) fn deleted(document: &Document<'_>) -> Result<Deleted> {
    document.empty()?;
    Ok(Deleted { marker: document.own_header("delete-marker").as_deref() == Some("true"), version: version(document) })
}

/// The version of a copy.
pub(super) fn copied_version(document: &Document<'_>) -> Option<VersionId> {
    version(document)
}
