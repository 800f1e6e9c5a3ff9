//! Alibaba Cloud OSS: Signature V1, in headers and in the query.
//!
//! Comes in: a request, the bucket and key it names, a keyring. Goes out: a proof or a refusal.
//! <https://www.alibabacloud.com/help/en/oss/developer-reference/include-signatures-in-the-authorization-header>

use jiff::Timestamp;

use super::codec;
use super::request::{Incoming, Resource};
use super::verify::{self, Key, Keyring, Mismatch, Proof, Refusal, Service};
use crate::domain::few::sort_few;

/// Query items that take part in the signature. `x-oss-request-payer` is one of them in Alibaba's older SDKs; the Python
/// v2 SDK leaves it out, and its presigned URLs with a payer are refused here.
const SIGNED_ITEMS: &[&str] = &[
    "acl",
    "append",
    "bucketInfo",
    "cname",
    "comp",
    "continuation-token",
    "cors",
    "delete",
    "encryption",
    "endTime",
    "lifecycle",
    "live",
    "location",
    "logging",
    "objectMeta",
    "partNumber",
    "policy",
    "position",
    "qos",
    "referer",
    "replication",
    "requestPayment",
    "response-cache-control",
    "response-content-disposition",
    "response-content-encoding",
    "response-content-language",
    "response-content-type",
    "response-expires",
    "restore",
    "security-token",
    "sequential",
    "stat",
    "startTime",
    "status",
    "symlink",
    "tagging",
    "transferAcceleration",
    "uploadId",
    "uploads",
    "versionId",
    "versioning",
    "versions",
    "vod",
    "website",
    "worm",
    "wormId",
    "x-oss-process",
    "x-oss-request-payer",
    "x-oss-traffic-limit",
];

/// Checks an Authorization header: `OSS ID:SIGNATURE`.
pub(super) fn header(request: &Incoming, resource: &Resource, keys: &dyn Keyring) -> Result<Proof, Refusal> {
    let authorization = request.header("authorization").unwrap_or_default();
    let Some((id, signature)) = authorization.strip_prefix("OSS ").and_then(|rest| rest.trim().split_once(':')) else {
        return Err(Refusal::Malformed("the Authorization header is not OSS id:signature"));
    };
    let key = verify::key_with_token(keys, id, request.header("x-oss-security-token"))?;
    let date = request.header("date").ok_or(Refusal::Malformed("the request requires a Date header"))?;
    let signed_at = codec::read_http_date(date).ok_or(Refusal::Malformed("the Date header is malformed"))?;
    verify::near(signed_at, request.now)?;
    check(request, resource, date, id, &key, signature)
}

/// Checks a presigned URL: `Expires` stands in the place of the date.
pub(super) fn query(request: &Incoming, resource: &Resource, keys: &dyn Keyring) -> Result<Proof, Refusal> {
    let query = request.query();
    let item = |name| verify::item(&query, name);
    let (Some(id), Some(expires), Some(signature)) = (item("OSSAccessKeyId"), item("Expires"), item("Signature")) else {
        return Err(Refusal::Malformed("the query requires OSSAccessKeyId, Expires and Signature"));
    };
    let key = verify::key_with_token(keys, id, item("security-token"))?;
    let end = expires.parse().ok().and_then(|seconds| Timestamp::from_second(seconds).ok());
    let end = end.ok_or(Refusal::Malformed("Expires is not a time in seconds"))?;
    if request.now > end {
        return Err(Refusal::Expired { at: end, life: None });
    }
    check(request, resource, expires, id, &key, signature)
}

fn check(request: &Incoming, resource: &Resource, date: &str, id: &str, key: &Key, signature: &str) -> Result<Proof, Refusal> {
    let string_to_sign = string_to_sign(request, resource, date);
    if codec::base64(&codec::hmac_sha1(key.secret.as_bytes(), string_to_sign.as_bytes())) == signature {
        return Ok(Proof { key_id: id.to_owned(), region: None, service: Service::Store });
    }
    let provided = signature.to_owned();
    Err(Refusal::Mismatch(Box::new(Mismatch { key_id: id.to_owned(), provided, string_to_sign, canonical: None })))
}

/// The text that is signed. Names and values in the resource are raw, not encoded.
fn string_to_sign(request: &Incoming, resource: &Resource, date: &str) -> String {
    let lines = request.header_lines(|name| name.starts_with("x-oss-"));
    let mut named = String::from("/");
    if !resource.bucket.is_empty() {
        named = format!("/{}/{}", resource.bucket, resource.key);
    }
    let mut items: Vec<(String, String)> = request.query().into_iter().filter(|(name, _)| SIGNED_ITEMS.contains(&name.as_str())).collect();
    sort_few(&mut items);
    for (place, (name, value)) in items.iter().enumerate() {
        named.push(if place == 0 { '?' } else { '&' });
        named.push_str(name);
        if !value.is_empty() {
            named.push('=');
            named.push_str(value);
        }
    }
    let md5 = request.header("content-md5").unwrap_or_default();
    let kind = request.header("content-type").unwrap_or_default();
    format!("{}\n{md5}\n{kind}\n{date}\n{lines}{named}", request.method)
}
