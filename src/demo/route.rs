//! Which operation a request is.
//!
//! Comes in: method, what is named, query. Goes out: a row of the operation table, or nothing where this store offers
//! nothing. A known sub-resource that is not offered never degrades to the plain operation (`PUT ?policy` is no CreateBucket).

use super::request::{Incoming, Resource};
use super::verify::Scheme;
use crate::domain::{Op, Provider};

/// Query names that choose an operation, at either cloud. `versionId`, `uploadId` and `partNumber` stand beside them.
const SUB_RESOURCES: &[&str] = &[
    "accelerate",
    "acl",
    "analytics",
    "annotation",
    "annotations",
    "append",
    "asyncFetch",
    "attributes",
    "bucketInfo",
    "cleanRestoredObject",
    "cname",
    "cors",
    "delete",
    "encryption",
    "intelligent-tiering",
    "inventory",
    "legal-hold",
    "lifecycle",
    "live",
    "location",
    "logging",
    "metadataTable",
    "metrics",
    "notification",
    "object-lock",
    "objectMeta",
    "ownershipControls",
    "policy",
    "policyStatus",
    "publicAccessBlock",
    "qos",
    "referer",
    "renameObject",
    "replication",
    "requestPayment",
    "requesterQosInfo",
    "resourceGroup",
    "restore",
    "retention",
    "seal",
    "select",
    "session",
    "stat",
    "style",
    "symlink",
    "tagging",
    "torrent",
    "transferAcceleration",
    "uploads",
    "versioning",
    "versions",
    "website",
    "worm",
    "x-oss-async-process",
    "x-oss-process",
];

/// The operation, if the store offers it.
pub(super) fn operation(cloud: Provider, request: &Incoming, resource: &Resource) -> Option<Op> {
    let query = request.query();
    let sub = query.iter().map(|(name, _)| name.as_str()).find(|name| SUB_RESOURCES.contains(name));
    let method = request.method.as_str();
    if resource.bucket.is_empty() {
        return service(request, method, sub);
    }
    if resource.key.is_empty() {
        return on_bucket(cloud, method, sub, &query);
    }
    let has = |name: &str| query.iter().any(|(each, _)| each == name);
    match sub {
        None if has("uploadId") => on_upload(request, method, has("partNumber")),
        None => on_object(request, method),
        Some(sub) => on_detail(cloud, method, sub),
    }
}

fn service(request: &Incoming, method: &str, sub: Option<&str>) -> Option<Op> {
    if Scheme::of(request) == Scheme::Acs3 || request.header("x-acs-action").is_some() {
        return (request.header("x-acs-action") == Some("GetCallerIdentity")).then_some(Op::GetCallerIdentity);
    }
    let asks = |text: &str| text.split('&').any(|item| item == "Action=GetCallerIdentity");
    match (method, sub) {
        ("POST", None) if std::str::from_utf8(&request.body).is_ok_and(asks) => Some(Op::GetCallerIdentity),
        ("GET", None) if request.target.split_once('?').is_some_and(|(_, query)| asks(query)) => Some(Op::GetCallerIdentity),
        ("GET", None) => Some(Op::ListBuckets),
        _ => None,
    }
}

fn on_bucket(cloud: Provider, method: &str, sub: Option<&str>, query: &[(String, String)]) -> Option<Op> {
    let oss = cloud == Provider::Oss;
    match (method, sub) {
        ("HEAD", None) => Some(Op::HeadBucket),
        ("GET", Some("location")) => Some(Op::GetBucketLocation),
        ("GET", Some("bucketInfo")) if oss => Some(Op::GetBucketInfo),
        ("GET", Some("stat")) if oss => Some(Op::GetBucketStat),
        ("GET", Some("requestPayment")) => Some(Op::GetBucketRequestPayment),
        ("PUT", Some("requestPayment")) => Some(Op::PutBucketRequestPayment),
        ("POST", Some("delete")) => Some(Op::DeleteObjects),
        ("GET", Some("uploads")) => Some(Op::ListMultipartUploads),
        ("GET", Some("versions")) => Some(Op::ListObjectVersions),
        ("GET", Some(sub)) if setting(cloud, sub).is_some() => setting(cloud, sub),
        ("PUT", Some("object-lock")) if !oss => Some(Op::PutObjectLockConfiguration),
        ("GET", None) => {
            let second = query.iter().any(|(name, value)| name == "list-type" && value == "2");
            Some(if second { Op::ListObjectsV2 } else { Op::ListObjects })
        }
        _ => None,
    }
}

/// The operation that reads a setting.
fn setting(cloud: Provider, sub: &str) -> Option<Op> {
    let op = match sub {
        "acl" => Op::GetBucketAcl,
        "policy" => Op::GetBucketPolicy,
        "policyStatus" => Op::GetBucketPolicyStatus,
        "publicAccessBlock" => Op::GetPublicAccessBlock,
        "website" => Op::GetBucketWebsite,
        "logging" => Op::GetBucketLogging,
        "replication" => Op::GetBucketReplication,
        "accelerate" if cloud == Provider::S3 => Op::GetBucketAccelerateConfiguration,
        "transferAcceleration" if cloud == Provider::Oss => Op::GetBucketAccelerateConfiguration,
        "referer" if cloud == Provider::Oss => Op::GetBucketReferer,
        "cname" if cloud == Provider::Oss => Op::ListCname,
        _ => return None,
    };
    Some(op)
}

fn copies(request: &Incoming) -> bool {
    request.headers.iter().any(|(name, _)| name == "x-amz-copy-source" || name == "x-oss-copy-source")
}

fn on_object(request: &Incoming, method: &str) -> Option<Op> {
    match method {
        "HEAD" => Some(Op::HeadObject),
        "GET" => Some(Op::GetObject),
        "PUT" if copies(request) => Some(Op::CopyObject),
        "PUT" => Some(Op::PutObject),
        "DELETE" => Some(Op::DeleteObject),
        _ => None,
    }
}

/// Operations on one multipart upload; `numbered`: a part is named.
fn on_upload(request: &Incoming, method: &str, numbered: bool) -> Option<Op> {
    match (method, numbered) {
        ("PUT", true) if copies(request) => Some(Op::UploadPartCopy),
        ("PUT", true) => Some(Op::UploadPart),
        ("GET", _) => Some(Op::ListParts),
        ("POST", _) => Some(Op::CompleteMultipartUpload),
        ("DELETE", _) => Some(Op::AbortMultipartUpload),
        _ => None,
    }
}

/// Operations on what hangs on an object. Those that the store does not offer have a name all the same: the log says it.
fn on_detail(cloud: Provider, method: &str, sub: &str) -> Option<Op> {
    let op = match (method, sub) {
        ("POST", "uploads") => Op::CreateMultipartUpload,
        ("HEAD" | "GET", "objectMeta") => Op::GetObjectMeta,
        ("GET", "attributes") => Op::GetObjectAttributes,
        ("GET", "acl") => Op::GetObjectAcl,
        ("PUT", "acl") => Op::PutObjectAcl,
        ("GET", "tagging") => Op::GetObjectTagging,
        ("PUT", "tagging") => Op::PutObjectTagging,
        ("DELETE", "tagging") => Op::DeleteObjectTagging,
        ("POST", "restore") => Op::RestoreObject,
        ("POST", "cleanRestoredObject") => Op::CleanRestoredObject,
        ("GET", "torrent") => Op::GetObjectTorrent,
        ("POST", "append") => Op::AppendObject,
        ("POST", "seal") => Op::SealAppendObject,
        ("PUT", "renameObject") => Op::RenameObject,
        ("GET", "legal-hold") => Op::GetObjectLegalHold,
        ("PUT", "legal-hold") => Op::PutObjectLegalHold,
        ("GET", "retention") => Op::GetObjectRetention,
        ("PUT", "retention") => Op::PutObjectRetention,
        ("PUT", "encryption") => Op::UpdateObjectEncryption,
        ("GET", "annotation") => Op::GetObjectAnnotation,
        ("PUT", "annotation") => Op::PutObjectAnnotation,
        ("DELETE", "annotation") => Op::DeleteObjectAnnotation,
        ("GET", "annotations") => Op::ListObjectAnnotations,
        ("POST", "select") => Op::SelectObjectContent,
        ("GET", "symlink") => Op::GetSymlink,
        ("PUT", "symlink") => Op::PutSymlink,
        ("POST", "x-oss-process") => Op::ProcessObject,
        ("POST", "x-oss-async-process") => Op::AsyncProcessObject,
        _ => return None,
    };
    op.cell(cloud).is_some().then_some(op)
}
