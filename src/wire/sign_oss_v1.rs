//! OSS Signature V1: HMAC-SHA1 over a text made from names, not from the URL.
//!
//! Comes in: method, headers, query, bucket and key. Goes out: string to sign and signature. Forbidden here: clocks.
//!
//! <https://www.alibabacloud.com/help/en/oss/developer-reference/include-signatures-in-the-authorization-header>

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use jiff::tz::Offset;
use sha1::Sha1;

use super::Resource;
use crate::domain::few::sort_few;

/// Query names that take part in the signature; names that begin with `x-oss-` do so too, all others do not.
///
/// The list is that of the older official Python SDK. `x-oss-request-payer` is signed by it, by Go v1 and by C++; Go v2 signs
/// every name that begins with `x-oss-`. The newer Python SDK leaves the payer out, and is not followed.
const SIGNED_QUERY: [&str; 60] = [
    "acl",
    "append",
    "asyncFetch",
    "bucketInfo",
    "callback",
    "callback-var",
    "cname",
    "comp",
    "continuation-token",
    "cors",
    "delete",
    "encryption",
    "endTime",
    "group",
    "inventory",
    "inventoryId",
    "lifecycle",
    "link",
    "live",
    "location",
    "logging",
    "metaQuery",
    "objectInfo",
    "objectMeta",
    "partNumber",
    "policy",
    "position",
    "qos",
    "qosInfo",
    "referer",
    "replication",
    "replicationLocation",
    "replicationProgress",
    "requestPayment",
    "resourceGroup",
    "response-cache-control",
    "response-content-disposition",
    "response-content-encoding",
    "response-content-language",
    "response-content-type",
    "response-expires",
    "restore",
    "security-token",
    "sequential",
    "startTime",
    "stat",
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
    "wormExtend",
    "wormId",
];

fn is_signed(name: &str) -> bool {
    name.starts_with("x-oss-") || SIGNED_QUERY.contains(&name)
}

/// What of a request goes into its signature.
#[derive(Clone, Copy, Debug)]
pub struct Head<'a> {
    /// The method.
    pub method: &'a str,
    /// The `Date` header, or in a presigned URL the time of expiry in seconds since 1970.
    pub date: &'a str,
    /// Header names in lower case, in any order.
    pub headers: &'a [(&'a str, &'a str)],
    /// The query, decoded, in any order.
    pub query: &'a [(&'a str, &'a str)],
    /// Bucket and key.
    pub resource: &'a Resource,
}

/// The string to sign. The resource stands in it as it is, without any encoding.
pub fn string_to_sign(head: &Head<'_>) -> String {
    let header = |wanted: &str| head.headers.iter().find(|(name, _)| *name == wanted).map_or("", |(_, value)| value);
    let mut out = String::with_capacity(256);
    for line in [head.method, header("content-md5"), header("content-type"), head.date] {
        out.push_str(line);
        out.push('\n');
    }
    let mut own: Vec<&(&str, &str)> = head.headers.iter().filter(|(name, _)| name.starts_with("x-oss-")).collect();
    sort_few(&mut own);
    for (name, value) in own {
        for part in [name, ":", value, "\n"] {
            out.push_str(part);
        }
    }
    push_resource(head, &mut out);
    out
}

fn push_resource(head: &Head<'_>, out: &mut String) {
    out.push('/');
    if !head.resource.bucket.is_empty() {
        out.push_str(&head.resource.bucket);
        out.push('/');
        out.push_str(&head.resource.key);
    }
    let mut signed: Vec<&(&str, &str)> = head.query.iter().filter(|(name, _)| is_signed(name)).collect();
    sort_few(&mut signed);
    for (place, (name, value)) in signed.into_iter().enumerate() {
        out.push(if place == 0 { '?' } else { '&' });
        out.push_str(name);
        if !value.is_empty() {
            out.push('=');
            out.push_str(value);
        }
    }
}

/// The signature, as Base64.
pub fn signature(secret: &str, string_to_sign: &str) -> String {
    // HMAC takes keys of every length, so the `Err` arm is never reached.
    Hmac::<Sha1>::new_from_slice(secret.as_bytes()).map_or_else(
        |_| String::new(),
        |mut mac| {
            mac.update(string_to_sign.as_bytes());
            STANDARD.encode(mac.finalize().into_bytes())
        },
    )
}

/// `Sun, 01 Mar 2026 12:00:00 GMT`: English, two-digit day, whatever the locale.
pub fn http_date(now: Timestamp) -> String {
    const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let time = Offset::UTC.to_datetime(now);
    let from_table =
        |table: &'static [&'static str], place: i8| usize::try_from(place).ok().and_then(|place| table.get(place)).copied().unwrap_or("");
    format!(
        "{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT",
        from_table(&DAYS, time.weekday().to_monday_zero_offset()),
        time.day(),
        from_table(&MONTHS, time.month() - 1),
        time.year(),
        time.hour(),
        time.minute(),
        time.second(),
    )
}
