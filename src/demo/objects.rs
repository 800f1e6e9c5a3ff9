//! Operations on objects.
//!
//! Comes in: a bucket, a key, the request, its body. Goes out: what the clouds answer, conditions and ranges included.

use std::ops::Range;

use bytes::Bytes;

use super::answer::{Answer, Fault};
use super::buckets::malformed;
use super::codec::{self, Slash};
use super::listing::shown_etag;
use super::request::Incoming;
use super::shelf::{self, Object};
use super::state::Bucket;
use super::verify::item;
use super::xml::{self, Document};
use crate::domain::Provider;

/// How many keys one DeleteObjects may name.
const MOST_DELETED: usize = 1_000;

/// HeadObject and GetObject: the body of a HEAD is taken off later.
pub(super) fn get(bucket: &Bucket, key: &str, request: &Incoming) -> Result<Answer, Fault> {
    let cloud = bucket.owner.cloud;
    let object = bucket.shelf.get(key).ok_or_else(|| missing(cloud, key))?;
    let plain = described(cloud, &object);
    if let Some(answer) = condition(cloud, request, &object)? {
        return Ok(Answer { headers: plain.headers, ..answer });
    }
    let size = object.body.len();
    match range(cloud, request, size)? {
        None => Ok(Answer { body: object.body.clone(), ..plain }),
        Some(part) => {
            let answer = Answer { status: 206, body: object.body.slice(part.clone()), ..plain };
            Ok(answer.with("content-range", format!("bytes {}-{}/{size}", part.start, part.end - 1)))
        }
    }
}

/// GetObjectMeta of OSS: a few headers.
pub(super) fn meta(bucket: &Bucket, key: &str) -> Result<Answer, Fault> {
    let object = bucket.shelf.get(key).ok_or_else(|| missing(bucket.owner.cloud, key))?;
    let answer = Answer { status: 200, body: object.body.clone(), ..Answer::default() };
    Ok(answer.with("etag", shown_etag(bucket.owner.cloud, &object)).with("last-modified", codec::http_date(object.modified)))
}

fn described(cloud: Provider, object: &Object) -> Answer {
    let mut answer = Answer::empty(200)
        .with("etag", shown_etag(cloud, object))
        .with("last-modified", codec::http_date(object.modified))
        .with("content-type", object.kind.as_str())
        .with("accept-ranges", "bytes");
    if cloud == Provider::Oss {
        answer = answer
            .with("x-oss-object-type", "Normal")
            .with("x-oss-storage-class", "Standard")
            .with("x-oss-hash-crc64ecma", codec::crc64_ecma(&object.body))
            .with("content-md5", codec::base64(&codec::md5(&object.body)));
    }
    answer.headers.extend(object.metadata.iter().cloned());
    answer
}

fn missing(cloud: Provider, key: &str) -> Fault {
    let fault = Fault::new(404, "NoSuchKey", "The specified key does not exist.").detail("Key", key);
    match cloud {
        Provider::S3 => fault,
        Provider::Oss => fault.ec("0026-00000001"),
    }
}

/// `Some`: 304. The refusal is 412.
fn condition(cloud: Provider, request: &Incoming, object: &Object) -> Result<Option<Answer>, Fault> {
    let etag = shown_etag(cloud, object);
    let bare = etag.trim_matches('"');
    let matches = |list: &str| list.split(',').map(str::trim).any(|each| each == "*" || each.trim_matches('"').eq_ignore_ascii_case(bare));
    let since = |name| request.header(name).and_then(codec::read_http_date);
    let failed = |condition: &str| {
        Err(Fault::new(412, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold")
            .detail("Condition", condition))
    };
    if request.header("if-match").is_some_and(|list| !matches(list)) {
        return failed("If-Match");
    }
    if since("if-unmodified-since").is_some_and(|time| object.modified.as_second() > time.as_second()) {
        return failed("If-Unmodified-Since");
    }
    let same = match request.header("if-none-match") {
        Some(list) => matches(list),
        None => since("if-modified-since").is_some_and(|time| object.modified.as_second() <= time.as_second()),
    };
    Ok(same.then(|| Answer::empty(304)))
}

/// The range that is asked for. OSS answers a range outside the object with the whole object, unless told to be standard.
fn range(cloud: Provider, request: &Incoming, size: usize) -> Result<Option<Range<usize>>, Fault> {
    let Some((first, last)) = request.header("range").and_then(|text| text.strip_prefix("bytes=")?.split_once('-')) else {
        return Ok(None);
    };
    let found = match (first.parse::<usize>().ok(), last.parse::<usize>().ok()) {
        (Some(first), Some(last)) if first <= last => Some(first..size.min(last.saturating_add(1))),
        (Some(first), None) if last.is_empty() => Some(first..size),
        (None, Some(count)) if first.is_empty() && count > 0 => Some(size.saturating_sub(count)..size),
        (Some(_) | None, _) => return Ok(None),
    };
    match found.filter(|part| part.start < part.end) {
        Some(part) => Ok(Some(part)),
        None if cloud == Provider::Oss && request.header("x-oss-range-behavior") != Some("standard") => Ok(None),
        None => Err(Fault::new(416, "InvalidRange", "The requested range is not satisfiable")
            .detail("RangeRequested", request.header("range").unwrap_or_default())
            .detail("ActualObjectSize", size.to_string())
            .with("content-range", format!("bytes */{size}"))),
    }
}

/// PutObject.
pub(super) fn put(bucket: &mut Bucket, key: &str, request: &Incoming, body: Bytes) -> Result<Answer, Fault> {
    let cloud = bucket.owner.cloud;
    if !shelf::takes_key(cloud, key) {
        return Err(match cloud {
            Provider::S3 => Fault::new(400, "KeyTooLongError", "Your key is too long").detail("Size", key.len().to_string()),
            Provider::Oss => Fault::new(400, "InvalidObjectName", "The specified object is not valid."),
        });
    }
    let exists = bucket.shelf.get(key).is_some();
    if exists && request.header("if-none-match") == Some("*") {
        return Err(Fault::new(412, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold")
            .detail("Condition", "If-None-Match"));
    }
    if exists && request.header("x-oss-forbid-overwrite").is_some_and(|value| value == "true") {
        return Err(Fault::new(409, "FileAlreadyExists", "The object you specified already exists and can not be overwritten."));
    }
    let mut object = Object::new(body, request.now, request.header("content-type").unwrap_or("binary/octet-stream"));
    let kept = |name: &str| name.starts_with("x-amz-meta-") || name.starts_with("x-oss-meta-");
    object.metadata = request.headers.iter().filter(|(name, _)| kept(name)).cloned().collect();
    let mut answer = Answer::empty(200).with("etag", shown_etag(cloud, &object));
    if cloud == Provider::Oss {
        answer = answer
            .with("x-oss-hash-crc64ecma", codec::crc64_ecma(&object.body))
            .with("content-md5", codec::base64(&codec::md5(&object.body)));
    }
    bucket.shelf.put(key.to_owned(), object);
    Ok(answer)
}

/// DeleteObject: no difference whether there was one.
pub(super) fn delete(bucket: &mut Bucket, key: &str) -> Answer {
    bucket.shelf.remove(key);
    Answer::empty(204)
}

/// DeleteObjects.
pub(super) fn delete_many(bucket: &mut Bucket, query: &[(String, String)], body: &[u8]) -> Result<Answer, Fault> {
    let cloud = bucket.owner.cloud;
    let refused = || match cloud {
        Provider::S3 => malformed(cloud),
        Provider::Oss => malformed(cloud).ec("0016-00000607"),
    };
    let root = xml::read(body).filter(|root| root.name == "Delete").ok_or_else(refused)?;
    let keys: Option<Vec<&str>> = root.children.iter().filter(|child| child.name == "Object").map(|object| object.child("Key")).collect();
    let keys = keys.filter(|keys| !keys.is_empty() && keys.len() <= MOST_DELETED).ok_or_else(refused)?;
    let quiet = root.child("Quiet").is_some_and(|word| word.eq_ignore_ascii_case("true"));
    let encoded = item(query, "encoding-type") == Some("url");
    let mut document = Document::new("DeleteResult", (cloud == Provider::S3).then_some(super::answer::S3_NAMESPACE));
    for key in keys {
        bucket.shelf.remove(key);
        if quiet {
            continue;
        }
        let shown = if encoded { codec::encode(key.as_bytes(), Slash::Encoded) } else { key.to_owned() };
        document.inside("Deleted", |inside| {
            inside.leaf("Key", &shown);
        });
    }
    document.leaf_if("EncodingType", encoded.then_some("url"));
    Ok(Answer::xml(200, document.end()))
}
