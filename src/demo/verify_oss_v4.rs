//! Alibaba Cloud OSS: Signature V4, in headers and in the query.
//!
//! Comes in: a request, the bucket and key it names (the canonical path is made from them, never from the URL), a keyring.
//! Goes out: a proof or a refusal.
//! <https://www.alibabacloud.com/help/en/oss/developer-reference/recommend-to-use-signature-version-4>,
//! <https://www.alibabacloud.com/help/en/oss/developer-reference/add-signatures-to-urls>

use super::codec::{self, Slash};
use super::request::{Incoming, Resource};
use super::verify::{self, Keyring, LONGEST_PRESIGNED, Mismatch, Proof, Refusal, Scope, Service};

const ALGORITHM: &str = "OSS4-HMAC-SHA256";
const UNSIGNED: &str = "UNSIGNED-PAYLOAD";

/// What a signature says of itself.
struct Claim<'a> {
    scope: Scope<'a>,
    stamp: &'a str,
    additional: &'a str,
    signature: &'a str,
    token: Option<&'a str>,
    payload: &'a str,
}

/// Checks an Authorization header.
pub(super) fn header(request: &Incoming, resource: &Resource, keys: &dyn Keyring) -> Result<Proof, Refusal> {
    let authorization = request.header("authorization").unwrap_or_default();
    let field = |name| verify::field(authorization, name);
    let credential = field("Credential").ok_or(Refusal::Malformed("the Authorization header requires a Credential"))?;
    let scope = Scope::read(credential, "aliyun_v4_request")
        .filter(|scope| scope.service == "oss")
        .ok_or(Refusal::Malformed("the Credential is not id/day/region/oss/aliyun_v4_request"))?;
    let signature = field("Signature").ok_or(Refusal::Malformed("the Authorization header requires a Signature"))?;
    let stamp = request.header("x-oss-date").ok_or(Refusal::Malformed("the request requires an x-oss-date header"))?;
    let payload =
        request.header("x-oss-content-sha256").ok_or(Refusal::Malformed("the request requires an x-oss-content-sha256 header"))?;
    if payload != UNSIGNED {
        return Err(Refusal::Malformed("x-oss-content-sha256 must be UNSIGNED-PAYLOAD"));
    }
    let additional = field("AdditionalHeaders").unwrap_or_default();
    let claim = Claim { scope, stamp, additional, signature, token: request.header("x-oss-security-token"), payload };
    check(request, resource, &request.query(), &claim, keys, |at| verify::near(at, request.now))
}

/// Checks a presigned URL.
pub(super) fn query(request: &Incoming, resource: &Resource, keys: &dyn Keyring) -> Result<Proof, Refusal> {
    let query = request.query();
    let item = |name| verify::item(&query, name);
    if item("x-oss-signature-version") != Some(ALGORITHM) {
        return Err(Refusal::Malformed("x-oss-signature-version must be OSS4-HMAC-SHA256"));
    }
    let (Some(credential), Some(stamp), Some(life), Some(signature)) =
        (item("x-oss-credential"), item("x-oss-date"), item("x-oss-expires"), item("x-oss-signature"))
    else {
        return Err(Refusal::Malformed("the query requires x-oss-credential, x-oss-date, x-oss-expires and x-oss-signature"));
    };
    let scope = Scope::read(credential, "aliyun_v4_request")
        .filter(|scope| scope.service == "oss")
        .ok_or(Refusal::Malformed("x-oss-credential is not id/day/region/oss/aliyun_v4_request"))?;
    let life = life.parse().ok().filter(|life| (1..=LONGEST_PRESIGNED).contains(life));
    let life = life.ok_or(Refusal::Malformed("x-oss-expires must be between 1 and 604800 seconds"))?;
    let additional = item("x-oss-additional-headers").unwrap_or_default();
    let claim = Claim { scope, stamp, additional, signature, token: item("x-oss-security-token"), payload: UNSIGNED };
    let items: Vec<(String, String)> = query.iter().filter(|(name, _)| name != "x-oss-signature").cloned().collect();
    check(request, resource, &items, &claim, keys, |at| verify::within(at, life, request.now))
}

fn check(
    request: &Incoming,
    resource: &Resource,
    query: &[(String, String)],
    claim: &Claim<'_>,
    keys: &dyn Keyring,
    timely: impl FnOnce(jiff::Timestamp) -> Result<(), Refusal>,
) -> Result<Proof, Refusal> {
    let key = verify::key_with_token(keys, claim.scope.key_id, claim.token)?;
    let signed_at = codec::read_compact_date(claim.stamp).ok_or(Refusal::Malformed("the request's date is malformed"))?;
    if !claim.stamp.starts_with(claim.scope.day) || claim.scope.day.len() != 8 {
        return Err(Refusal::Malformed("the Credential's day is not the day of the request"));
    }
    timely(signed_at)?;
    let canonical = canonical(request, resource, query, claim);
    let Scope { key_id, day, region, .. } = claim.scope;
    let string_to_sign =
        format!("{ALGORITHM}\n{}\n{day}/{region}/oss/aliyun_v4_request\n{}", claim.stamp, codec::sha256_hex(canonical.as_bytes()));
    let signing_key = [day, region, "oss", "aliyun_v4_request"]
        .iter()
        .fold(format!("aliyun_v4{}", key.secret).into_bytes(), |key, part| codec::hmac_sha256(&key, part.as_bytes()));
    let expected = codec::hex(&codec::hmac_sha256(&signing_key, string_to_sign.as_bytes()));
    if expected == claim.signature {
        return Ok(Proof { key_id: key_id.to_owned(), region: Some(region.to_owned()), service: Service::Store });
    }
    let provided = claim.signature.to_owned();
    Err(Refusal::Mismatch(Box::new(Mismatch { key_id: key_id.to_owned(), provided, string_to_sign, canonical: Some(canonical) })))
}

/// The canonical request: signed are all `x-oss-*`, Content-Type and Content-MD5 where present, and what
/// AdditionalHeaders names. An empty value leaves the `=` of a query item out.
fn canonical(request: &Incoming, resource: &Resource, query: &[(String, String)], claim: &Claim<'_>) -> String {
    let mut path = String::from("/");
    if !resource.bucket.is_empty() {
        path = format!("/{}/{}", resource.bucket, resource.key);
    }
    let items: Vec<String> = codec::sorted_query(query)
        .into_iter()
        .map(|(name, value)| if value.is_empty() { name } else { format!("{name}={value}") })
        .collect();
    let additional: Vec<&str> = claim.additional.split(';').collect();
    let lines = request
        .header_lines(|name| name.starts_with("x-oss-") || name == "content-type" || name == "content-md5" || additional.contains(&name));
    format!(
        "{}\n{}\n{}\n{}\n{}\n{}",
        request.method,
        codec::encode(path.as_bytes(), Slash::Stays),
        items.join("&"),
        lines,
        claim.additional,
        claim.payload
    )
}
