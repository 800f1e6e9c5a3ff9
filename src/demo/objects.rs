//! Operations on one object: read, written in one request, deleted.
//!
//! Comes in: a job, a bucket. Goes out: what the clouds answer, conditions, ranges and versions included.

use std::borrow::Cow;
use std::ops::Range;

use super::answer::{Answer, Fault};
use super::codec;
use super::conditions;
use super::history::Marker;
use super::job::Job;
use super::listing::{invalid, shown_etag};
use super::object::{Object, Settings, own};
use super::shelf::{self, Found, Gone, Shelf};
use super::state::Bucket;
use super::sums::{Algorithm, Sum};
use crate::domain::{Op, Provider};

/// Headers of an answer that a query may choose: they stand in links.
const CHOSEN: [&str; 6] = ["cache-control", "content-disposition", "content-encoding", "content-language", "content-type", "expires"];

/// The object that a job names.
pub(super) fn find<'a>(job: &Job<'_>, shelf: &'a Shelf) -> Result<Cow<'a, Object>, Fault> {
    let cloud = job.cloud;
    match shelf.version(job.key, job.version()) {
        Some(Found::Object(object)) => Ok(*object),
        Some(Found::Marker(marker)) => {
            Err(Fault::new(405, "MethodNotAllowed", "The specified method is not allowed against this resource.")
                .with("allow", "DELETE")
                .with(&own(cloud, "delete-marker"), "true")
                .with(&own(cloud, "version-id"), marker.version.as_str())
                .with("last-modified", codec::http_date(marker.modified)))
        }
        None => Err(match (job.version(), shelf.hiding(job.key)) {
            (None, Some(marker)) => hidden(cloud, job.key, marker),
            (version, _) => missing_version(cloud, job.key, version),
        }),
    }
}

fn hidden(cloud: Provider, key: &str, marker: &Marker) -> Fault {
    missing(cloud, key).with(&own(cloud, "delete-marker"), "true").with(&own(cloud, "version-id"), marker.version.as_str())
}

/// Nothing has that key.
pub(super) fn missing(cloud: Provider, key: &str) -> Fault {
    let fault = Fault::new(404, "NoSuchKey", "The specified key does not exist.").detail("Key", key);
    match cloud {
        Provider::S3 => fault,
        Provider::Oss => fault.ec("0026-00000001"),
    }
}

/// Nothing has that key, or that version of it.
pub(super) fn missing_version(cloud: Provider, key: &str, version: Option<&str>) -> Fault {
    match version {
        None => missing(cloud, key),
        Some(id) => Fault::new(404, "NoSuchVersion", "The specified version does not exist.").detail("Key", key).detail("VersionId", id),
    }
}

/// An archived object is not read before it is restored.
pub(super) fn frozen(cloud: Provider, object: &Object) -> Fault {
    match cloud {
        Provider::S3 => Fault::new(403, "InvalidObjectState", "The operation is not valid for the object's storage class")
            .detail("StorageClass", object.class(cloud)),
        Provider::Oss => Fault::new(403, "InvalidObjectState", "The operation is not valid for the object's state"),
    }
}

/// Refuses keys that a cloud does not take.
pub(super) fn takes(cloud: Provider, key: &str) -> Result<(), Fault> {
    if shelf::takes_key(cloud, key) {
        return Ok(());
    }
    Err(match cloud {
        Provider::S3 => Fault::new(400, "KeyTooLongError", "Your key is too long").detail("Size", key.len().to_string()),
        Provider::Oss => Fault::new(400, "InvalidObjectName", "The specified object is not valid."),
    })
}

/// Says the version, where there are versions.
pub(super) fn versioned(cloud: Provider, answer: Answer, version: Option<String>) -> Answer {
    match version {
        Some(id) => answer.with(&own(cloud, "version-id"), id),
        None => answer,
    }
}

/// The version of an object that has one.
fn version_of(shelf: &Shelf, object: &Object) -> Option<String> {
    match shelf.versioning() {
        super::history::Versioning::Never => None,
        super::history::Versioning::Enabled => Some(object.version.clone()),
    }
}

/// HeadObject and GetObject: the body of a HEAD is taken off later.
pub(super) fn get(job: &Job<'_>, bucket: &Bucket) -> Result<Answer, Fault> {
    let (cloud, request) = (job.cloud, job.request);
    let object = find(job, &bucket.shelf)?;
    let plain = versioned(cloud, object.described(cloud, job.now()), version_of(&bucket.shelf, &object));
    if let Some(answer) = conditions::reading(request, &object)? {
        return Ok(Answer { headers: plain.headers, ..answer });
    }
    if job.op == Op::GetObject && object.is_frozen(job.now()) {
        return Err(frozen(cloud, &object));
    }
    let plain = chosen(job, plain);
    let size = object.body.len();
    let Some(part) = part_or_range(job, &object)? else {
        let plain = with_sum(job, plain, object.sum.as_ref());
        return Ok(Answer { body: object.body.clone(), ..plain });
    };
    let plain = match job.item("partNumber") {
        Some(_) => plain.with("x-amz-mp-parts-count", object.pieces.len().max(1).to_string()),
        None => plain,
    };
    let answer = Answer { status: 206, body: object.body.slice(part.clone()), ..plain };
    Ok(if size == 0 { answer } else { answer.with("content-range", format!("bytes {}-{}/{size}", part.start, part.end - 1)) })
}

fn part_or_range(job: &Job<'_>, object: &Object) -> Result<Option<Range<usize>>, Fault> {
    let Some(number) = job.item("partNumber") else { return conditions::range(job.cloud, job.request, object.body.len()) };
    let number = number.parse::<u16>().map_err(|_| invalid("partNumber", number))?;
    let mut start = 0;
    for piece in &object.pieces {
        if piece.number == number {
            return Ok(Some(start..start + piece.size));
        }
        start += piece.size;
    }
    if object.pieces.is_empty() && number == 1 {
        return Ok(Some(0..object.body.len()));
    }
    Err(Fault::new(416, "InvalidPartNumber", "The requested partnumber is not satisfiable"))
}

/// The checksum of the whole object, for whoever asks for it.
fn with_sum(job: &Job<'_>, answer: Answer, sum: Option<&Sum>) -> Answer {
    match sum {
        Some(sum) if job.own("checksum-mode").is_some_and(|word| word.eq_ignore_ascii_case("enabled")) => said(answer, sum),
        Some(_) | None => answer,
    }
}

/// A checksum in headers.
pub(super) fn said(answer: Answer, sum: &Sum) -> Answer {
    answer.with(&sum.algorithm.header(), sum.value.as_str()).with("x-amz-checksum-type", sum.scope.name())
}

fn chosen(job: &Job<'_>, mut answer: Answer) -> Answer {
    for name in CHOSEN {
        if let Some(value) = job.item(&format!("response-{name}")) {
            answer.headers.retain(|(each, _)| each != name);
            answer = answer.with(name, value);
        }
    }
    answer
}

/// GetObjectMeta of OSS: a few headers.
pub(super) fn meta(job: &Job<'_>, bucket: &Bucket) -> Result<Answer, Fault> {
    let object = find(job, &bucket.shelf)?;
    let answer = Answer { status: 200, body: object.body.clone(), ..Answer::default() };
    let answer = answer.with("etag", shown_etag(job.cloud, &object)).with("last-modified", codec::http_date(object.modified));
    Ok(versioned(job.cloud, answer, version_of(&bucket.shelf, &object)))
}

/// PutObject.
pub(super) fn put(job: &Job<'_>, bucket: &mut Bucket) -> Result<Answer, Fault> {
    let cloud = job.cloud;
    takes(cloud, job.key)?;
    conditions::writing(job, &bucket.shelf, job.key)?;
    let settings = Settings::read(cloud, job.request)?;
    let mut object = Object::made(job.payload.bytes.clone(), codec::hex(&job.payload.md5), job.now(), settings);
    let mut answer = Answer::empty(200).with("etag", shown_etag(cloud, &object));
    match cloud {
        Provider::S3 => {
            let own_sum = || (Algorithm::Crc64Nvme, Algorithm::Crc64Nvme.of(&object.body));
            let (algorithm, value) = job.payload.sum.clone().unwrap_or_else(own_sum);
            let sum = Sum::full(algorithm, value);
            answer = said(answer, &sum);
            object.sum = Some(sum);
        }
        Provider::Oss => {
            answer = answer.with("x-oss-hash-crc64ecma", object.crc64()).with("content-md5", codec::base64(&job.payload.md5));
        }
    }
    let version = bucket.shelf.put(job.key.to_owned(), object);
    Ok(versioned(cloud, answer, version))
}

/// DeleteObject: no difference whether there was one.
pub(super) fn delete(job: &Job<'_>, bucket: &mut Bucket) -> Answer {
    let gone = remove(&mut bucket.shelf, job, job.key, job.version());
    let mut answer = Answer::empty(204);
    if gone.marker.is_some() {
        answer = answer.with(&own(job.cloud, "delete-marker"), "true");
    }
    versioned(job.cloud, answer, gone.version.or(gone.marker))
}

/// Removes a key, or one of its versions.
pub(super) fn remove(shelf: &mut Shelf, job: &Job<'_>, key: &str, version: Option<&str>) -> Gone {
    match version {
        Some(id) => shelf.remove_version(key, id),
        None => shelf.remove(key, job.now()),
    }
}
