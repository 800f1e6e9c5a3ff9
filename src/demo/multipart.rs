//! Multipart uploads: begun, filled, completed, given up.
//!
//! Comes in: a job, a bucket. Goes out: what the clouds answer. The rules of the parts are those of the vendors' pages:
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html>,
//! <https://www.alibabacloud.com/help/en/oss/developer-reference/completemultipartupload>

use std::collections::BTreeMap;

use bytes::{Bytes, BytesMut};

use super::answer::{Answer, Fault};
use super::body;
use super::buckets::{malformed, namespace};
use super::codec;
use super::conditions;
use super::copy;
use super::job::Job;
use super::listing::{invalid, quoted, shown_etag};
use super::object::{Object, Piece, Settings};
use super::objects;
use super::state::Bucket;
use super::sums::{Algorithm, Plan, Scope, Sum};
use super::uploads::{Part, Upload};
use super::xml::{self, Document, Element};
use crate::domain::Provider;

/// The highest number of a part.
const MOST_PARTS: u16 = 10_000;

/// The smallest size of a part that is not the last.
fn smallest(cloud: Provider) -> usize {
    match cloud {
        Provider::S3 => 5 * 1024 * 1024,
        Provider::Oss => 100 * 1024,
    }
}

/// No such upload, or not any more.
pub(super) fn no_such_upload(id: &str) -> Fault {
    let message = "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.";
    Fault::new(404, "NoSuchUpload", message).detail("UploadId", id)
}

/// The upload's id.
pub(super) fn upload_id<'a>(job: &'a Job<'_>) -> &'a str {
    job.item("uploadId").unwrap_or_default()
}

/// CreateMultipartUpload, InitiateMultipartUpload.
pub(super) fn create(job: &Job<'_>, bucket: &mut Bucket) -> Result<Answer, Fault> {
    let cloud = job.cloud;
    objects::takes(cloud, job.key)?;
    let plan = match cloud {
        Provider::S3 => Plan::read(job.request)?,
        Provider::Oss => {
            conditions::writing(job, &bucket.shelf, job.key)?;
            None
        }
    };
    let settings = Settings::read(cloud, job.request)?;
    let upload = Upload { settings, plan, initiator: job.account, initiated: job.now(), parts: BTreeMap::new() };
    let id = bucket.uploads.begin(cloud, &bucket.name, job.key, upload);
    let mut document = Document::new("InitiateMultipartUploadResult", namespace(cloud));
    document.leaf("Bucket", &bucket.name).leaf("Key", &shown_key(job)).leaf("UploadId", &id);
    document.leaf_if("EncodingType", encoding(job));
    let answer = Answer::xml(200, document.end());
    Ok(match plan {
        Some(plan) => answer.with("x-amz-checksum-algorithm", plan.algorithm.name()).with("x-amz-checksum-type", plan.scope.name()),
        None => answer,
    })
}

/// OSS writes keys encoded where it is asked to; S3's documents of uploads are not.
fn encoding<'a>(job: &'a Job<'_>) -> Option<&'a str> {
    match job.cloud {
        Provider::S3 => None,
        Provider::Oss => job.item("encoding-type").filter(|word| *word == "url"),
    }
}

fn shown_key(job: &Job<'_>) -> String {
    match encoding(job) {
        Some(_) => codec::encode(job.key.as_bytes(), codec::Slash::Encoded),
        None => job.key.to_owned(),
    }
}

fn part_number(job: &Job<'_>) -> Result<u16, Fault> {
    let text = job.item("partNumber").unwrap_or_default();
    let number = text.parse().ok().filter(|number| (1..=MOST_PARTS).contains(number));
    number.ok_or_else(|| match job.cloud {
        Provider::S3 => Fault::new(400, "InvalidArgument", "Part number must be an integer between 1 and 10000, inclusive")
            .detail("ArgumentName", "partNumber")
            .detail("ArgumentValue", text),
        Provider::Oss => invalid("partNumber", text),
    })
}

/// UploadPart.
pub(super) fn part(job: &Job<'_>, bucket: &mut Bucket) -> Result<Answer, Fault> {
    let number = part_number(job)?;
    let id = upload_id(job);
    let upload = bucket.uploads.get_mut(job.key, id).ok_or_else(|| no_such_upload(id))?;
    let sum = part_sum(upload.plan, job.payload.sum.as_ref(), &job.payload.bytes)?;
    let part =
        Part { body: job.payload.bytes.clone(), md5: job.payload.md5.clone(), modified: job.now(), sum: kept(upload.plan, sum.as_ref()) };
    let mut answer = Answer::empty(200).with("etag", quoted(job.cloud, &part.etag()));
    match job.cloud {
        Provider::S3 => answer.headers.extend(sum.map(|sum| (sum.algorithm.header(), sum.value))),
        Provider::Oss => {
            answer = answer
                .with("x-oss-hash-crc64ecma", codec::crc64_ecma(&part.body).to_string())
                .with("content-md5", codec::base64(&part.md5));
        }
    }
    upload.parts.insert(number, part);
    Ok(answer)
}

fn kept(plan: Option<Plan>, sum: Option<&Sum>) -> Option<String> {
    plan.and(sum).map(|sum| sum.value.clone())
}

/// The checksum of a part: the claimed one, if it is of the kind that the upload began with, else one that S3 makes itself.
fn part_sum(plan: Option<Plan>, claimed: Option<&(Algorithm, String)>, bytes: &Bytes) -> Result<Option<Sum>, Fault> {
    let mismatch = |expected: &str, actual: &str| {
        let message = format!("Checksum Type mismatch occurred, expected checksum Type: {expected}, actual checksum Type: {actual}");
        Err(Fault::new(400, "InvalidRequest", message))
    };
    match (plan, claimed) {
        (None, None) => Ok(None),
        (None, Some((algorithm, _))) => mismatch("null", algorithm.word()),
        (Some(plan), Some((algorithm, value))) if plan.algorithm == *algorithm => Ok(Some(Sum::full(*algorithm, value.clone()))),
        (Some(plan), Some((algorithm, _))) => mismatch(plan.algorithm.word(), algorithm.word()),
        (Some(Plan { algorithm, scope: Scope::FullObject }), None) => Ok(Some(Sum::full(algorithm, algorithm.of(bytes)))),
        (Some(Plan { algorithm, scope: Scope::Composite }), None) => mismatch(algorithm.word(), "null"),
    }
}

/// UploadPartCopy.
pub(super) fn part_copy(job: &Job<'_>, bucket: &mut Bucket) -> Result<Answer, Fault> {
    let number = part_number(job)?;
    let id = upload_id(job);
    let Some(source) = &job.source else { return Err(invalid("copy-source", "")) };
    let upload = bucket.uploads.get_mut(job.key, id).ok_or_else(|| no_such_upload(id))?;
    let body = copy::piece(job, source)?;
    let sum = upload.plan.map(|plan| Sum::full(plan.algorithm, plan.algorithm.of(&body)));
    let part = Part { md5: codec::md5(&body), body, modified: job.now(), sum: kept(upload.plan, sum.as_ref()) };
    let answer = copy::part_result(job, source, &part.etag(), sum.as_ref());
    let crc64 = codec::crc64_ecma(&part.body);
    upload.parts.insert(number, part);
    Ok(if job.cloud == Provider::Oss { answer.with("x-oss-hash-crc64ecma", crc64.to_string()) } else { answer })
}

/// AbortMultipartUpload.
pub(super) fn abort(job: &Job<'_>, bucket: &mut Bucket) -> Result<Answer, Fault> {
    let id = upload_id(job);
    bucket.uploads.end(job.key, id).map(|_| Answer::empty(204)).ok_or_else(|| no_such_upload(id))
}

/// CompleteMultipartUpload.
pub(super) fn complete(job: &Job<'_>, bucket: &mut Bucket) -> Result<Answer, Fault> {
    let cloud = job.cloud;
    let id = upload_id(job);
    let upload = bucket.uploads.get(job.key, id).ok_or_else(|| no_such_upload(id))?;
    let chosen = chosen_parts(job, upload)?;
    conditions::writing(job, &bucket.shelf, job.key)?;
    let object = joined(job, upload, &chosen)?;
    let mut document = Document::new("CompleteMultipartUploadResult", namespace(cloud));
    let host = job.request.header("host").unwrap_or_default();
    document.leaf_if("EncodingType", encoding(job));
    document
        .leaf("Location", &format!("http://{host}/{}/{}", bucket.name, codec::encode(job.key.as_bytes(), codec::Slash::Encoded)))
        .leaf("Bucket", &bucket.name)
        .leaf("Key", &shown_key(job))
        .leaf("ETag", &shown_etag(cloud, &object));
    if let Some(sum) = &object.sum {
        sum.write(&mut document);
        document.leaf("ChecksumType", sum.scope.name());
    }
    let mut answer = Answer::xml(200, document.end());
    if cloud == Provider::Oss {
        answer = answer.with("etag", shown_etag(cloud, &object)).with("x-oss-hash-crc64ecma", object.crc64());
    }
    bucket.uploads.end(job.key, id);
    let version = bucket.shelf.put(job.key.to_owned(), object);
    Ok(objects::versioned(cloud, answer, version))
}

/// The parts that the document names, in its order, each as it was uploaded.
fn chosen_parts<'a>(job: &Job<'_>, upload: &'a Upload) -> Result<Vec<(u16, &'a Part)>, Fault> {
    let cloud = job.cloud;
    if cloud == Provider::Oss && job.own("complete-all").is_some_and(|word| word == "yes") {
        return Ok(upload.parts.iter().map(|(number, part)| (*number, part)).collect());
    }
    let root = xml::read(&job.payload.bytes).filter(|root| root.name == "CompleteMultipartUpload").ok_or_else(|| malformed(cloud))?;
    let named: Vec<&Element> = root.children.iter().filter(|child| child.name == "Part").collect();
    let mut parts = Vec::with_capacity(named.len());
    let mut last = 0;
    for each in &named {
        let number = each.child("PartNumber").and_then(|text| text.trim().parse::<u16>().ok()).ok_or_else(|| malformed(cloud))?;
        if number <= last {
            let message = "The list of parts was not in ascending order. The parts list must be specified in order by part number.";
            return Err(Fault::new(400, "InvalidPartOrder", message).detail("UploadId", upload_id(job)));
        }
        last = number;
        parts.push((number, named_part(job, upload, number, each)?));
    }
    if parts.is_empty() {
        return Err(malformed(cloud));
    }
    for (number, part) in &parts[..parts.len() - 1] {
        large_enough(cloud, *number, part)?;
    }
    Ok(parts)
}

fn named_part<'a>(job: &Job<'_>, upload: &'a Upload, number: u16, named: &Element) -> Result<&'a Part, Fault> {
    let etag = named.child("ETag").ok_or_else(|| malformed(job.cloud))?;
    let wrong = || {
        let message = "One or more of the specified parts could not be found. The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.";
        Fault::new(400, "InvalidPart", message)
            .detail("UploadId", upload_id(job))
            .detail("PartNumber", number.to_string())
            .detail("ETag", etag)
    };
    let part = upload.parts.get(&number).ok_or_else(wrong)?;
    if !etag.trim().trim_matches('"').eq_ignore_ascii_case(&part.etag()) {
        return Err(wrong());
    }
    let Some(plan) = upload.plan else { return Ok(part) };
    match named.child(&plan.algorithm.element()) {
        Some(given) if part.sum.as_deref() != Some(given.trim()) => Err(wrong()),
        None if plan.scope == Scope::Composite => {
            let word = plan.algorithm.word();
            let message = format!(
                "The upload was created using a {word} checksum. The complete request must include the checksum for each part. It was missing for part {number} in the request."
            );
            Err(Fault::new(400, "InvalidRequest", message))
        }
        Some(_) | None => Ok(part),
    }
}

fn large_enough(cloud: Provider, number: u16, part: &Part) -> Result<(), Fault> {
    let size = part.body.len();
    if size >= smallest(cloud) {
        return Ok(());
    }
    Err(Fault::new(400, "EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size")
        .detail("ETag", part.etag())
        .detail("MinSizeAllowed", smallest(cloud).to_string())
        .detail("ProposedSize", size.to_string())
        .detail("PartNumber", number.to_string()))
}

/// The object that the parts make.
fn joined(job: &Job<'_>, upload: &Upload, parts: &[(u16, &Part)]) -> Result<Object, Fault> {
    let mut bytes = BytesMut::with_capacity(parts.iter().map(|(_, part)| part.body.len()).sum());
    let mut digests = Vec::with_capacity(parts.len() * 16);
    for (_, part) in parts {
        bytes.extend_from_slice(&part.body);
        digests.extend_from_slice(&part.md5);
    }
    let body = bytes.freeze();
    if let Some(text) = job.request.header("x-amz-mp-object-size").filter(|_| job.cloud == Provider::S3)
        && text.parse::<usize>().ok() != Some(body.len())
    {
        let message = format!("The provided 'x-amz-mp-object-size' header value {text} does not match what was computed: {}", body.len());
        return Err(Fault::new(400, "InvalidRequest", message));
    }
    let etag = format!("{}-{}", codec::hex(&codec::md5(&digests)), parts.len());
    let sum = match job.cloud {
        Provider::S3 => Some(object_sum(job, upload.plan, parts, &body)?),
        Provider::Oss => None,
    };
    let pieces = parts.iter().map(|(number, part)| {
        let sum = upload.plan.and_then(|plan| Some(Sum::full(plan.algorithm, part.sum.clone()?)));
        Piece { number: *number, size: part.body.len(), sum }
    });
    let mut object = Object::made(body, etag, job.now(), upload.settings.clone());
    object.pieces = pieces.collect();
    object.sum = sum;
    Ok(object)
}

/// The object's checksum, compared with what the request claims of it.
fn object_sum(job: &Job<'_>, plan: Option<Plan>, parts: &[(u16, &Part)], body: &Bytes) -> Result<Sum, Fault> {
    let Plan { algorithm, scope } = plan.unwrap_or(Plan { algorithm: Algorithm::Crc64Nvme, scope: Scope::FullObject });
    if let Some(word) = job.own("checksum-type").filter(|word| *word != scope.name()) {
        let message = format!(
            "The upload was created using the {} checksum mode. The complete request must use the same checksum mode; it says {word}.",
            scope.name()
        );
        return Err(Fault::new(400, "InvalidRequest", message));
    }
    let claimed = match &job.payload.sum {
        Some((other, _)) if *other != algorithm => {
            let message = format!(
                "Checksum Type mismatch occurred, expected checksum Type: {}, actual checksum Type: {}",
                algorithm.word(),
                other.word()
            );
            return Err(Fault::new(400, "InvalidRequest", message));
        }
        Some((_, value)) => Some(value.as_str()),
        None => None,
    };
    match scope {
        Scope::FullObject => {
            if let Some(claimed) = claimed {
                body::compare(algorithm, claimed, body)?;
            }
            Ok(Sum::full(algorithm, algorithm.of(body)))
        }
        Scope::Composite => {
            let sum = Sum::composite(algorithm, parts.iter().filter_map(|(_, part)| part.sum.as_deref()));
            let right = claimed.is_none_or(|claimed| sum.value.split('-').next() == claimed.split('-').next());
            let message = format!("The {} you specified did not match the calculated checksum.", algorithm.name());
            if right { Ok(sum) } else { Err(Fault::new(400, "BadDigest", message)) }
        }
    }
}
