//! Copies inside a cloud: what is copied, and CopyObject.
//!
//! Comes in: a request that names a source. Goes out: the source as it is, and the object that becomes of it. Who may read the
//! source, and who pays for that, is decided as for a GET of it.

use bytes::Bytes;

use super::access::{Standing, Visit};
use super::answer::{Answer, Fault};
use super::buckets::namespace;
use super::codec;
use super::conditions;
use super::job::Job;
use super::listing::{invalid, quoted, shown_etag};
use super::object::{Object, Settings, own};
use super::objects;
use super::request::Incoming;
use super::shelf::Found;
use super::state::{Bucket, State};
use super::sums::{Algorithm, Sum};
use super::world::Account;
use super::xml::Document;
use crate::domain::{Op, Provider};

/// The largest object that one request copies: 5 GB at both clouds.
const LARGEST: usize = 5 * 1024 * 1024 * 1024;

/// What is copied.
pub(super) struct Source {
    /// Its bucket.
    bucket: String,
    /// Its key.
    key: String,
    /// Whether a version was named.
    named: bool,
    /// The object itself.
    pub(super) object: Object,
    /// Who pays for reading it.
    pub(super) standing: Standing,
}

/// Finds the source of a copy.
pub(super) fn source(
    cloud: Provider,
    op: Op,
    request: &Incoming,
    account: Option<&'static Account>,
    state: &State,
    target: &str,
) -> Result<Option<Source>, Fault> {
    if !matches!(op, Op::CopyObject | Op::UploadPartCopy) {
        return Ok(None);
    }
    let name = own(cloud, "copy-source");
    let text = request.header(&name).unwrap_or_default();
    let (place, version) = text.split_once("?versionId=").map_or((text, None), |(place, version)| (place, Some(version)));
    // A plus sign that is not encoded is a space, as in a query.
    let place = String::from_utf8(codec::decode_query(place)).map_err(|_| invalid(&name, text))?;
    let place = place.strip_prefix('/').unwrap_or(&place);
    let (bucket, key) =
        place.split_once('/').filter(|(bucket, key)| !bucket.is_empty() && !key.is_empty()).ok_or_else(|| invalid(&name, text))?;
    let found = state.buckets.get(bucket).filter(|bucket| bucket.owner.cloud == cloud);
    let found = found.ok_or_else(|| Fault::new(404, "NoSuchBucket", "The specified bucket does not exist").detail("BucketName", bucket))?;
    let standing = Visit { cloud, op: Op::GetObject, account, request, bucket: found }.reading()?;
    same_place(cloud, found, state.buckets.get(target))?;
    let object = match found.shelf.version(key, version) {
        Some(Found::Object(object)) => object.into_owned(),
        Some(Found::Marker(_)) => {
            return Err(Fault::new(
                400,
                "InvalidRequest",
                "The source of a copy request may not specifically refer to a delete marker by version id.",
            ));
        }
        None => return Err(objects::missing_version(cloud, key, version)),
    };
    if object.is_frozen(request.now) {
        return Err(objects::frozen(cloud, &object));
    }
    conditions::copying(cloud, request, &object)?;
    Ok(Some(Source { bucket: bucket.to_owned(), key: key.to_owned(), named: version.is_some(), object, standing }))
}

/// OSS copies inside a region only.
fn same_place(cloud: Provider, source: &Bucket, target: Option<&Bucket>) -> Result<(), Fault> {
    match cloud {
        Provider::Oss if target.is_some_and(|target| target.region != source.region) => {
            Err(Fault::denied("Target object does not reside in the same data center as source object."))
        }
        Provider::S3 | Provider::Oss => Ok(()),
    }
}

/// The bytes of a part that is copied: all, or a range that must lie inside.
pub(super) fn piece(job: &Job<'_>, source: &Source) -> Result<Bytes, Fault> {
    let name = own(job.cloud, "copy-source-range");
    let size = source.object.body.len();
    let Some(text) = job.request.header(&name) else { return Ok(source.object.body.clone()) };
    let ends = text.strip_prefix("bytes=").and_then(|text| text.split_once('-'));
    let ends = ends.and_then(|(first, last)| Some((first.parse::<usize>().ok()?, last.parse::<usize>().ok()?)));
    let Some((first, last)) = ends.filter(|(first, last)| first <= last) else {
        return Err(Fault::new(400, "InvalidArgument", format!("The {name} value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy"))
            .detail("ArgumentName", name)
            .detail("ArgumentValue", text));
    };
    if last >= size {
        return Err(Fault::new(400, "InvalidRange", format!("Range specified is not valid for source object of size: {size}")));
    }
    Ok(source.object.body.slice(first..=last))
}

/// CopyObject.
pub(super) fn object(job: &Job<'_>, bucket: &mut Bucket) -> Result<Answer, Fault> {
    let cloud = job.cloud;
    let Some(source) = &job.source else { return Err(invalid(&own(cloud, "copy-source"), "")) };
    objects::takes(cloud, job.key)?;
    if source.object.body.len() > LARGEST {
        let message = format!("The specified copy source is larger than the maximum allowable size for a copy source: {LARGEST}");
        return Err(Fault::new(400, "InvalidRequest", message));
    }
    conditions::writing(job, &bucket.shelf, job.key)?;
    let settings = dressed(job, source)?;
    let changes = settings != source.object.settings || job.own("metadata-directive") == Some("REPLACE");
    let onto_itself = source.bucket == bucket.name && source.key == job.key && !source.named;
    if cloud == Provider::S3 && onto_itself && !changes {
        let message = "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.";
        return Err(Fault::new(400, "InvalidRequest", message));
    }
    let body = source.object.body.clone();
    let etag = codec::hex(&codec::md5(&body));
    let mut object = Object::made(body, etag, job.now(), settings);
    object.sum = sum(job, &object)?;
    let answer = result(job, "CopyObjectResult", &quotes(cloud, &object), object.sum.as_ref());
    let crc64 = object.crc64();
    let version = bucket.shelf.put(job.key.to_owned(), object);
    let answer = objects::versioned(cloud, said_version(job, source, answer), version);
    Ok(if cloud == Provider::Oss { answer.with("x-oss-hash-crc64ecma", crc64) } else { answer })
}

fn quotes(cloud: Provider, object: &Object) -> String {
    shown_etag(cloud, object)
}

/// The copy's checksum: the one that is asked for, else as at the source, over all bytes.
fn sum(job: &Job<'_>, object: &Object) -> Result<Option<Sum>, Fault> {
    if job.cloud == Provider::Oss {
        return Ok(None);
    }
    let asked = match job.request.header("x-amz-checksum-algorithm") {
        Some(word) => Some(Algorithm::read(word).ok_or_else(|| invalid("x-amz-checksum-algorithm", word))?),
        None => job.source.as_ref().and_then(|source| source.object.sum.as_ref()).map(|sum| sum.algorithm),
    };
    let algorithm = asked.unwrap_or(Algorithm::Crc64Nvme);
    Ok(Some(Sum::full(algorithm, algorithm.of(&object.body))))
}

/// What the copy is dressed in: the source's settings, or the request's, each by its directive. The class and the access list
/// are never copied.
fn dressed(job: &Job<'_>, source: &Source) -> Result<Settings, Fault> {
    let given = Settings::read(job.cloud, job.request)?;
    let old = source.object.settings.clone();
    let replaces = |name: &str| match job.own(name) {
        None | Some("COPY" | "Copy") => Ok(false),
        Some("REPLACE" | "Replace") => Ok(true),
        Some(word) => Err(invalid(&own(job.cloud, name), word)),
    };
    let tags = if replaces("tagging-directive")? { given.tags.clone() } else { old.tags.clone() };
    let dressed = if replaces("metadata-directive")? {
        given.clone()
    } else {
        Settings { kind: old.kind, content: old.content, metadata: old.metadata, ..given.clone() }
    };
    Ok(Settings { tags, class: given.class, acl: given.acl, ..dressed })
}

/// The document that both copies answer.
pub(super) fn result(job: &Job<'_>, root: &'static str, etag: &str, sum: Option<&Sum>) -> Answer {
    let mut document = Document::new(root, namespace(job.cloud));
    document.leaf("LastModified", &codec::iso_millis(job.now())).leaf("ETag", etag);
    if let Some(sum) = sum {
        sum.write(&mut document);
        document.leaf_if("ChecksumType", (root == "CopyObjectResult").then_some(sum.scope.name()));
    }
    let answer = Answer::xml(200, document.end());
    // Alibaba's older SDK reads the ETag of a copy from the header.
    if job.cloud == Provider::Oss { answer.with("etag", etag) } else { answer }
}

/// UploadPartCopy's document.
pub(super) fn part_result(job: &Job<'_>, source: &Source, etag: &str, sum: Option<&Sum>) -> Answer {
    said_version(job, source, result(job, "CopyPartResult", &quoted(job.cloud, etag), sum))
}

fn said_version(job: &Job<'_>, source: &Source, answer: Answer) -> Answer {
    match source.object.version.as_str() {
        super::object::NULL_VERSION => answer,
        id => answer.with(&own(job.cloud, "copy-source-version-id"), id),
    }
}
