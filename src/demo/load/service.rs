//! The answers of the load mode.
//!
//! Comes in: a request, whose signature nobody looks at. Goes out: pages, made bytes, receipts for what was drained.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;

use super::super::answer::{Answer, Exchange, Fault, not_implemented};
use super::super::buckets::{malformed, namespace};
use super::super::object::own;
use super::super::request::{Incoming, Resource};
use super::super::sums::{Algorithm, Sum};
use super::super::verify::item;
use super::super::xml::{self, Document};
use super::super::{conditions, multipart, objects, sts, world};
use super::blob::{Facts, Made, Remembered};
use super::counts::Counts;
use super::drain::{self, Drained};
use super::keys::{Shape, Space};
use super::page::{self, Page};
use super::uploads::{Uploaded, Uploads};
use crate::domain::{Op, Provider};

/// The bytes of every synthetic key.
pub(super) const SMALL: u64 = 4_096;
/// What stands before a size in the key of an object of that size.
const BLOB: &str = "blob/";

/// The buckets: cloud, name, shape.
pub(super) const BUCKETS: [(Provider, &str, Shape); 4] = [
    (Provider::S3, "synthetic", Shape::Flat),
    (Provider::S3, "synthetic-folders", Shape::Folders),
    (Provider::Oss, "oss-synthetic", Shape::Flat),
    (Provider::Oss, "oss-synthetic-folders", Shape::Folders),
];

/// Everything behind the socket of the load mode.
#[derive(Debug, Default)]
pub(super) struct Load {
    /// How many keys each bucket has.
    pub(super) keys: u64,
    /// What was asked.
    pub(super) counts: Counts,
    remembered: Remembered,
    uploads: Mutex<Uploads>,
    number: AtomicU64,
}

/// What came with a request.
pub(super) enum Came {
    /// Nothing that matters.
    Nothing,
    /// A document.
    Document(Bytes),
    /// An object or a part, which is gone.
    Drained(Drained),
}

/// An answer, whose body may have to be made.
pub(super) struct Reply {
    /// The answer, without the made body.
    pub(super) answer: Answer,
    /// The body, or for HEAD what it would be.
    pub(super) made: Option<Made>,
}

impl From<Answer> for Reply {
    fn from(answer: Answer) -> Self {
        Self { answer, made: None }
    }
}

/// One request.
pub(super) struct Asked<'a> {
    /// The cloud.
    pub(super) cloud: Provider,
    /// The operation.
    pub(super) op: Option<Op>,
    /// The request.
    pub(super) request: &'a Incoming,
    /// Its query.
    pub(super) query: &'a [(String, String)],
    /// What it names.
    pub(super) resource: &'a Resource,
}

impl Asked<'_> {
    fn item(&self, name: &str) -> &str {
        item(self.query, name).unwrap_or_default()
    }

    /// What is no operation here. Some clients create the bucket before they write into it (rclone does, for a single file), and go on
    /// when they hear that it is theirs.
    fn refusal(&self) -> Fault {
        let creates = self.request.method == "PUT" && self.resource.key.is_empty() && self.query.iter().all(|(name, _)| name == "x-id");
        let is_here = BUCKETS.iter().any(|(cloud, name, _)| *cloud == self.cloud && *name == self.resource.bucket);
        match (creates && is_here, self.cloud) {
            (false, cloud) => not_implemented(cloud),
            (true, Provider::S3) => Fault::new(
                409,
                "BucketAlreadyOwnedByYou",
                "Your previous request to create the named bucket succeeded and you already own it.",
            ),
            (true, Provider::Oss) => Fault::new(
                409,
                "BucketAlreadyExists",
                "The requested bucket name is not available. The bucket namespace is shared by all users of the system. Please select a \
                 different name and try again.",
            ),
        }
    }

    fn place(&self) -> String {
        format!("{}/{}", self.resource.bucket, self.resource.key)
    }

    fn metadata(&self) -> Vec<(String, String)> {
        let prefix = own(self.cloud, "meta-");
        self.request.headers.iter().filter(|(name, _)| name.starts_with(&prefix)).cloned().collect()
    }
}

impl Load {
    /// So many keys in each bucket.
    pub(super) fn new(keys: u64) -> Self {
        Self { keys, ..Self::default() }
    }

    fn uploads(&self) -> MutexGuard<'_, Uploads> {
        self.uploads.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The exchange of a request, with the next number.
    pub(super) fn exchange<'a>(&self, cloud: Provider, request: &'a Incoming) -> Exchange<'a> {
        Exchange { cloud, number: self.number.fetch_add(1, Ordering::Relaxed), request }
    }

    /// Answers.
    #[expect(clippy::wildcard_enum_match_arm, reason = "a row of the table that stands nowhere here is not offered in this mode")]
    pub(super) fn answer(&self, asked: &Asked<'_>, exchange: &Exchange<'_>, came: &Came) -> Result<Reply, Fault> {
        let cloud = asked.cloud;
        let op = asked.op.ok_or_else(|| asked.refusal())?;
        match op {
            Op::ListBuckets => return Ok(no_buckets(cloud).into()),
            Op::GetCallerIdentity => {
                let account = world::account(if cloud == Provider::S3 { "crowd" } else { "partner" });
                return account.map(|account| sts::identity(exchange, account).into()).ok_or_else(|| not_implemented(cloud));
            }
            _ => {}
        }
        let found = BUCKETS.iter().find(|(each, name, _)| *each == cloud && *name == asked.resource.bucket);
        let (_, bucket, shape) = *found.ok_or_else(|| Fault::new(404, "NoSuchBucket", "The specified bucket does not exist"))?;
        let space = Space { shape, count: self.keys };
        match (op, came) {
            (Op::HeadBucket, _) => Ok(Answer::empty(200).with("x-amz-bucket-region", region(cloud)).into()),
            (Op::GetBucketLocation, _) => Ok(location(cloud).into()),
            (Op::GetBucketRequestPayment | Op::PutBucketRequestPayment, _) => Err(Fault::denied("Access Denied")),
            (Op::ListObjects | Op::ListObjectsV2, _) => {
                let facts = self.remembered.of(cloud, SMALL);
                let document = Page::read(cloud, op, asked.query)?.document(bucket, &space, &facts.etag, SMALL);
                let headers = vec![("content-type".to_owned(), "application/xml".to_owned())];
                Ok(Answer { status: 200, headers, body: Bytes::from(document) }.into())
            }
            (Op::HeadObject | Op::GetObject, _) => self.object(asked, op, &space),
            (Op::PutObject, Came::Drained(drained)) => self.put(asked, drained).map(Reply::from),
            (Op::DeleteObject, _) => {
                self.uploads().forget(&asked.place());
                Ok(Answer::empty(204).into())
            }
            (Op::DeleteObjects, Came::Document(body)) => self.delete(asked, body).map(Reply::from),
            (Op::CreateMultipartUpload, _) => Ok(self.begin(asked).into()),
            (Op::UploadPart, Came::Drained(drained)) => self.part(asked, drained).map(Reply::from),
            (Op::CompleteMultipartUpload, Came::Document(body)) => self.complete(asked, body).map(Reply::from),
            (Op::AbortMultipartUpload, _) => {
                let id = asked.item("uploadId");
                if self.uploads().abort(id) { Ok(Answer::empty(204).into()) } else { Err(multipart::no_such_upload(id)) }
            }
            (Op::ListParts, _) => self.parts(asked).map(Reply::from),
            (Op::ListMultipartUploads, _) => {
                let mut document = Document::new("ListMultipartUploadsResult", namespace(cloud));
                document.leaf("Bucket", bucket).leaf("KeyMarker", "").leaf("UploadIdMarker", "");
                document.leaf("NextKeyMarker", "").leaf("NextUploadIdMarker", "").leaf("MaxUploads", "1000").leaf("IsTruncated", "false");
                Ok(Answer::xml(200, document.end()).into())
            }
            _ => Err(not_implemented(cloud)),
        }
    }

    fn object(&self, asked: &Asked<'_>, op: Op, space: &Space) -> Result<Reply, Fault> {
        let (cloud, key) = (asked.cloud, asked.resource.key.as_str());
        let blob = key.strip_prefix(BLOB).and_then(|digits| digits.parse::<u64>().ok()).filter(|size| *size <= 5 << 40);
        let size = blob.or_else(|| space.holds(key).then_some(SMALL));
        let Some(size) = size else {
            let uploads = self.uploads();
            let found = uploads.find(&asked.place()).filter(|_| op == Op::HeadObject);
            return found.map(|object| remembered(cloud, object)).ok_or_else(|| objects::missing(cloud, key));
        };
        let facts = self.remembered.of(cloud, size);
        let plain = described(cloud, &facts.etag);
        let same = |list: &str| list.split(',').map(str::trim).any(|each| each == "*" || each.trim_matches('"') == facts.etag);
        if asked.request.header("if-match").is_some_and(|list| !same(list)) {
            let fault = Fault::new(412, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold");
            return Err(fault.detail("Condition", "If-Match"));
        }
        if asked.request.header("if-none-match").is_some_and(same) {
            return Ok(Answer { status: 304, ..plain }.into());
        }
        let whole = usize::try_from(size).unwrap_or(usize::MAX);
        let plain = with_crc(asked, plain, &facts);
        match conditions::range(cloud, asked.request, whole)? {
            None => Ok(Reply { answer: plain, made: Some(Made::new(0, size)) }),
            Some(part) => {
                let range = format!("bytes {}-{}/{size}", part.start, part.end - 1);
                let answer = Answer { status: 206, ..plain }.with("content-range", range);
                Ok(Reply { answer, made: Some(Made::new(part.start as u64, part.end as u64)) })
            }
        }
    }

    fn put(&self, asked: &Asked<'_>, drained: &Drained) -> Result<Answer, Fault> {
        right(drained)?;
        let object = self.uploads().put(&asked.place(), drained, asked.metadata());
        Ok(receipt(asked.cloud, &object.etag, drained).with("x-amz-checksum-type", "FULL_OBJECT"))
    }

    fn begin(&self, asked: &Asked<'_>) -> Answer {
        let id = self.uploads().begin(asked.metadata());
        let mut document = Document::new("InitiateMultipartUploadResult", namespace(asked.cloud));
        document.leaf("Bucket", &asked.resource.bucket).leaf("Key", &asked.resource.key).leaf("UploadId", &id);
        Answer::xml(200, document.end())
    }

    fn part(&self, asked: &Asked<'_>, drained: &Drained) -> Result<Answer, Fault> {
        right(drained)?;
        let id = asked.item("uploadId");
        let number = asked.item("partNumber").parse().map_err(|_| multipart::no_such_upload(id))?;
        let etag = self.uploads().part(id, number, drained).ok_or_else(|| multipart::no_such_upload(id))?;
        Ok(receipt(asked.cloud, &etag, drained))
    }

    fn parts(&self, asked: &Asked<'_>) -> Result<Answer, Fault> {
        let id = asked.item("uploadId");
        let number = |name: &str| asked.item(name).parse::<u16>().ok();
        let most = usize::from(number("max-parts").unwrap_or(1_000).min(1_000));
        let all = self.uploads().parts(id, number("part-number-marker").unwrap_or(0)).ok_or_else(|| multipart::no_such_upload(id))?;
        let page = &all[..all.len().min(most)];
        let mut document = Document::new("ListPartsResult", namespace(asked.cloud));
        document
            .leaf("Bucket", &asked.resource.bucket)
            .leaf("Key", &asked.resource.key)
            .leaf("UploadId", id)
            .leaf("NextPartNumberMarker", &page.last().map_or(0, |(number, ..)| *number).to_string())
            .leaf("MaxParts", &most.to_string())
            .leaf("IsTruncated", if all.len() > page.len() { "true" } else { "false" });
        for (number, size, etag) in page {
            document.inside("Part", |part| {
                part.leaf("PartNumber", &number.to_string())
                    .leaf("LastModified", page::MODIFIED)
                    .leaf("ETag", &format!("\"{etag}\""))
                    .leaf("Size", &size.to_string());
            });
        }
        Ok(Answer::xml(200, document.end()))
    }

    fn complete(&self, asked: &Asked<'_>, body: &[u8]) -> Result<Answer, Fault> {
        let (cloud, id) = (asked.cloud, asked.item("uploadId"));
        let root = xml::read(body).filter(|root| root.name == "CompleteMultipartUpload").ok_or_else(|| malformed(cloud))?;
        let named = root.children.iter().filter(|child| child.name == "Part");
        let named = named.map(|part| Some((part.child("PartNumber")?.trim().parse().ok()?, part.child("ETag")?.trim().to_owned())));
        let named: Vec<(u16, String)> = named.collect::<Option<_>>().ok_or_else(|| malformed(cloud))?;
        let joined = self.uploads().complete(&asked.place(), id, &named).ok_or_else(|| multipart::no_such_upload(id))?;
        let object = joined.ok_or_else(|| Fault::new(400, "InvalidPart", "One or more of the specified parts could not be found."))?;
        let mut document = Document::new("CompleteMultipartUploadResult", namespace(cloud));
        document.leaf("Bucket", &asked.resource.bucket).leaf("Key", &asked.resource.key).leaf("ETag", &format!("\"{}\"", object.etag));
        if let Some(sum) = sum_of(cloud, &object) {
            if asked.request.header(&sum.algorithm.header()).is_some_and(|claimed| claimed != sum.value) {
                return Err(bad_digest());
            }
            sum.write(&mut document);
            document.leaf("ChecksumType", sum.scope.name());
        }
        let answer = Answer::xml(200, document.end());
        Ok(if cloud == Provider::Oss { answer.with("x-oss-hash-crc64ecma", object.sum.1.to_string()) } else { answer })
    }

    fn delete(&self, asked: &Asked<'_>, body: &[u8]) -> Result<Answer, Fault> {
        let root = xml::read(body).filter(|root| root.name == "Delete").ok_or_else(|| malformed(asked.cloud))?;
        let quiet = root.child("Quiet").is_some_and(|word| word.eq_ignore_ascii_case("true"));
        let mut document = Document::new("DeleteResult", namespace(asked.cloud));
        let mut uploads = self.uploads();
        for key in root.children.iter().filter(|child| child.name == "Object").filter_map(|object| object.child("Key")) {
            uploads.forget(&format!("{}/{key}", asked.resource.bucket));
            if !quiet {
                document.inside("Deleted", |inside| {
                    inside.leaf("Key", key);
                });
            }
        }
        Ok(Answer::xml(200, document.end()))
    }
}

fn region(cloud: Provider) -> &'static str {
    match cloud {
        Provider::S3 => "us-west-2",
        Provider::Oss => "cn-hangzhou",
    }
}

fn location(cloud: Provider) -> Answer {
    let mut document = Document::new("LocationConstraint", namespace(cloud));
    document.text(match cloud {
        Provider::S3 => "us-west-2",
        Provider::Oss => "oss-cn-hangzhou",
    });
    Answer::xml(200, document.end())
}

/// The buckets belong to somebody else: whoever asks for their own has none.
fn no_buckets(cloud: Provider) -> Answer {
    let mut document = Document::new("ListAllMyBucketsResult", namespace(cloud));
    document.inside("Owner", |owner| {
        owner.leaf("ID", "bench").leaf("DisplayName", "bench");
    });
    document.inside("Buckets", |_| {});
    Answer::xml(200, document.end())
}

fn described(cloud: Provider, etag: &str) -> Answer {
    let answer = Answer::empty(200)
        .with("etag", format!("\"{etag}\""))
        .with("last-modified", page::modified_header())
        .with("content-type", "application/octet-stream")
        .with("accept-ranges", "bytes");
    match cloud {
        Provider::S3 => answer,
        Provider::Oss => answer.with("x-oss-object-type", "Normal").with("x-oss-storage-class", "Standard"),
    }
}

/// An object that was uploaded: HEAD only, since its bytes are gone.
fn remembered(cloud: Provider, object: &Uploaded) -> Reply {
    let mut answer = described(cloud, &object.etag);
    answer.headers.extend(object.metadata.iter().cloned());
    match sum_of(cloud, object) {
        Some(sum) => answer = objects::said(answer, &sum),
        None => answer = answer.with("x-oss-hash-crc64ecma", object.sum.1.to_string()),
    }
    Reply { answer, made: Some(Made::new(0, object.size)) }
}

fn with_crc(asked: &Asked<'_>, answer: Answer, facts: &Facts) -> Answer {
    let Some(crc64) = facts.crc64 else { return answer };
    match asked.cloud {
        Provider::Oss => answer.with("x-oss-hash-crc64ecma", crc64.to_string()),
        Provider::S3 => {
            let asks = asked.request.header("x-amz-checksum-mode").is_some_and(|word| word.eq_ignore_ascii_case("enabled"));
            let whole = asked.request.header("range").is_none();
            let sum = Sum::full(Algorithm::Crc64Nvme, drain::shown(Algorithm::Crc64Nvme, crc64));
            if asks && whole { objects::said(answer, &sum) } else { answer }
        }
    }
}

/// S3's sum of an object, by the algorithm that was summed with.
fn sum_of(cloud: Provider, object: &Uploaded) -> Option<Sum> {
    let algorithm = Algorithm::ALL.into_iter().find(|algorithm| drain::crc_of(*algorithm) == Some(object.sum.0));
    let algorithm = algorithm.filter(|_| cloud == Provider::S3)?;
    Some(Sum::full(algorithm, drain::shown(algorithm, object.sum.1)))
}

fn bad_digest() -> Fault {
    Fault::new(400, "BadDigest", "The checksum you specified did not match the calculated checksum.")
}

fn right(drained: &Drained) -> Result<(), Fault> {
    if drained.is_right() { Ok(()) } else { Err(bad_digest()) }
}

/// What is said of a body that was taken.
fn receipt(cloud: Provider, etag: &str, drained: &Drained) -> Answer {
    let answer = Answer::empty(200).with("etag", format!("\"{etag}\""));
    match cloud {
        Provider::Oss => answer.with("x-oss-hash-crc64ecma", drained.sum.1.to_string()),
        Provider::S3 => {
            let made = Algorithm::ALL.into_iter().find(|algorithm| drain::crc_of(*algorithm) == Some(drained.sum.0));
            match (&drained.claimed, made) {
                (Some((algorithm, value)), _) => answer.with(&algorithm.header(), value.as_str()),
                (None, Some(algorithm)) => answer.with(&algorithm.header(), drain::shown(algorithm, drained.sum.1)),
                (None, None) => answer,
            }
        }
    }
}
