//! Bodies of requests about objects, in XML.
//!
//! Comes in: keys, tags, parts. Goes out: bytes. Forbidden here: writing a key so that a parser reads another one.

use std::fmt::Write as _;

use bytes::Bytes;

use super::super::Checksum;
use super::arguments::{PartDone, Verbosity};
use super::words::Words;
use crate::domain::object;
use crate::domain::{Doomed, Error, ErrorKind, ObjectKey, Provider, Result, Tag};

/// The most keys of one batch delete, on both clouds.
const BATCH: usize = 1_000;

/// Why a key cannot be part of a batch delete; see [`object::batch_refusal`].
pub fn batch_refusal(key: &ObjectKey) -> Option<&'static str> {
    object::batch_refusal(key.as_str())
}

/// Why a key cannot stand in a request's path; see [`object::path_refusal`].
pub fn path_refusal(key: &ObjectKey) -> Option<&'static str> {
    object::path_refusal(key.as_str())
}

/// The body of DeleteObjects.
///
/// # Errors
/// `Usage` for no keys, more than 1,000, or one that [`batch_refusal`] names.
pub(super) fn delete(words: Words, provider: Provider, objects: &[Doomed], verbosity: Verbosity) -> Result<Bytes> {
    if !(1..=BATCH).contains(&objects.len()) {
        return Err(Error::new(ErrorKind::Usage, format!("a batch delete has {} keys", objects.len()))
            .hint("Send 1 to 1,000 keys with each request."));
    }
    let mut out = format!("<Delete{}>", words.namespace());
    for object in objects {
        if let Some(reason) = batch_refusal(&object.key) {
            return Err(Error::new(ErrorKind::Usage, format!("key \"{}\" cannot be part of a batch delete: {reason}", object.key))
                .hint("Delete it with a request of its own."));
        }
        out.push_str("<Object>");
        push_element(&mut out, "Key", object.key.as_str());
        if let Some(version) = &object.version {
            if version.as_str().is_empty() {
                return Err(Error::new(ErrorKind::Usage, "the version's id is empty").hint("Name a version, or none."));
            }
            push_element(&mut out, "VersionId", version.as_str());
        }
        out.push_str("</Object>");
    }
    match (verbosity, provider) {
        (Verbosity::FailuresOnly, _) => out.push_str("<Quiet>true</Quiet>"),
        (Verbosity::EveryKey, Provider::S3) => out.push_str("<Quiet>false</Quiet>"),
        (Verbosity::EveryKey, Provider::Oss) => {}
    }
    out.push_str("</Delete>");
    Ok(Bytes::from(out))
}

/// The body of PutObjectTagging.
pub(super) fn tagging(words: Words, tags: &[Tag]) -> Bytes {
    let mut out = format!("<Tagging{}><TagSet>", words.namespace());
    for tag in tags {
        out.push_str("<Tag>");
        push_element(&mut out, "Key", &tag.key);
        push_element(&mut out, "Value", &tag.value);
        out.push_str("</Tag>");
    }
    out.push_str("</TagSet></Tagging>");
    Bytes::from(out)
}

/// The body of CompleteMultipartUpload.
///
/// # Errors
/// `Usage` for no parts, numbers outside of 1 to 10,000, and numbers that do not rise.
pub(super) fn complete(words: Words, parts: &[PartDone]) -> Result<Bytes> {
    let rising = parts.windows(2).all(|pair| pair[0].number < pair[1].number);
    if parts.is_empty() || !rising || !parts.iter().all(|part| (1..=10_000).contains(&part.number)) {
        return Err(Error::new(ErrorKind::Usage, "the parts of the upload are not a rising list of 1 to 10,000")
            .hint("List the parts again, and name each once in its order."));
    }
    let mut out = format!("<CompleteMultipartUpload{}>", words.namespace());
    for part in parts {
        let _ = write!(out, "<Part><PartNumber>{}</PartNumber>", part.number);
        push_element(&mut out, "ETag", part.etag.as_str());
        if let Some(checksum) = &part.checksum {
            push_element(&mut out, checksum_element(checksum.algorithm), &checksum.value);
        }
        out.push_str("</Part>");
    }
    out.push_str("</CompleteMultipartUpload>");
    Ok(Bytes::from(out))
}

fn checksum_element(algorithm: Checksum) -> &'static str {
    match algorithm {
        Checksum::Crc32 => "ChecksumCRC32",
        Checksum::Crc32c => "ChecksumCRC32C",
        Checksum::Sha1 => "ChecksumSHA1",
        Checksum::Sha256 => "ChecksumSHA256",
        Checksum::Crc64Nvme => "ChecksumCRC64NVME",
    }
}

/// CR and LF are written by number: a parser makes every raw CR an LF, and the request would name another key.
fn push_element(out: &mut String, name: &str, text: &str) {
    let _ = write!(out, "<{name}>");
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\r' => out.push_str("&#13;"),
            '\n' => out.push_str("&#10;"),
            c => out.push(c),
        }
    }
    let _ = write!(out, "</{name}>");
}
