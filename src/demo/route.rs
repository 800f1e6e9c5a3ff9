//! Which operation a request is.
//!
//! Comes in: method, what is named, query. Goes out: a row of the operation table, or nothing where this store offers
//! nothing. A known sub-resource that is not offered never degrades to the plain operation (`PUT ?policy` is no CreateBucket).

use super::request::{Incoming, Resource};
use super::verify::Scheme;
use crate::domain::{Op, Provider};

/// Query names that choose an operation, at either cloud.
const SUB_RESOURCES: &[&str] = &[
    "accelerate",
    "acl",
    "analytics",
    "append",
    "asyncFetch",
    "attributes",
    "bucketInfo",
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
    "partNumber",
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
    "select",
    "session",
    "stat",
    "style",
    "symlink",
    "tagging",
    "torrent",
    "transferAcceleration",
    "uploadId",
    "uploads",
    "versionId",
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
    if resource.key.is_empty() { on_bucket(cloud, method, sub, &query) } else { on_object(cloud, request, method, sub) }
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
        ("GET", None) => {
            let second = query.iter().any(|(name, value)| name == "list-type" && value == "2");
            Some(if second { Op::ListObjectsV2 } else { Op::ListObjects })
        }
        _ => None,
    }
}

fn on_object(cloud: Provider, request: &Incoming, method: &str, sub: Option<&str>) -> Option<Op> {
    let copies = request.headers.iter().any(|(name, _)| name == "x-amz-copy-source" || name == "x-oss-copy-source");
    match (method, sub) {
        ("HEAD", None) => Some(Op::HeadObject),
        ("HEAD" | "GET", Some("objectMeta")) if cloud == Provider::Oss => Some(Op::GetObjectMeta),
        ("GET", None) => Some(Op::GetObject),
        ("PUT", None) if !copies => Some(Op::PutObject),
        ("DELETE", None) => Some(Op::DeleteObject),
        _ => None,
    }
}
