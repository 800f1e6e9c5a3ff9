//! Amazon S3 (and AWS STS): Signature V4, in headers and in the query.
//!
//! Comes in: a request and a keyring. Goes out: a proof or a refusal.
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html>,
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html>

use super::codec::{self, Slash};
use super::request::Incoming;
use super::verify::{self, Keyring, LONGEST_PRESIGNED, Mismatch, Proof, Refusal, Scope, Service};

const UNSIGNED: &str = "UNSIGNED-PAYLOAD";
const UNSIGNED_TRAILER: &str = "STREAMING-UNSIGNED-PAYLOAD-TRAILER";

/// What a signature says of itself.
struct Claim<'a> {
    scope: Scope<'a>,
    stamp: &'a str,
    signed_headers: Vec<&'a str>,
    signature: &'a str,
    token: Option<&'a str>,
    payload: String,
}

/// Checks an Authorization header.
pub(super) fn header(request: &Incoming, keys: &dyn Keyring) -> Result<Proof, Refusal> {
    let authorization = request.header("authorization").unwrap_or_default();
    let field = |name| verify::field(authorization, name);
    let credential = field("Credential").ok_or(Refusal::Malformed("the authorization header requires a Credential"))?;
    let scope =
        Scope::read(credential, "aws4_request").ok_or(Refusal::Malformed("the Credential is not id/day/region/service/aws4_request"))?;
    let signed = field("SignedHeaders").ok_or(Refusal::Malformed("the authorization header requires SignedHeaders"))?;
    let signature = field("Signature").ok_or(Refusal::Malformed("the authorization header requires a Signature"))?;
    let stamp = request.header("x-amz-date").ok_or(Refusal::Malformed("the request requires an x-amz-date header"))?;
    let payload = payload(request, scope.service)?;
    let token = request.header("x-amz-security-token");
    let claim = Claim { scope, stamp, signed_headers: signed.split(';').collect(), signature, token, payload };
    check(request, &request.query(), &claim, keys, |at| verify::near(at, request.now))
}

/// Checks a presigned URL.
pub(super) fn query(request: &Incoming, keys: &dyn Keyring) -> Result<Proof, Refusal> {
    let query = request.query();
    let item = |name| verify::item(&query, name);
    if item("X-Amz-Algorithm") != Some("AWS4-HMAC-SHA256") {
        return Err(Refusal::Malformed("X-Amz-Algorithm only supports AWS4-HMAC-SHA256"));
    }
    let incomplete =
        Refusal::Malformed("the query requires X-Amz-Credential, X-Amz-Date, X-Amz-Expires, X-Amz-SignedHeaders and X-Amz-Signature");
    let (Some(credential), Some(stamp), Some(life), Some(signed), Some(signature)) =
        (item("X-Amz-Credential"), item("X-Amz-Date"), item("X-Amz-Expires"), item("X-Amz-SignedHeaders"), item("X-Amz-Signature"))
    else {
        return Err(incomplete);
    };
    let scope = Scope::read(credential, "aws4_request").ok_or(Refusal::Malformed("X-Amz-Credential is malformed"))?;
    let life = life.parse().ok().filter(|life| (1..=LONGEST_PRESIGNED).contains(life));
    let life = life.ok_or(Refusal::Malformed("X-Amz-Expires must be between 1 and 604800 seconds"))?;
    let payload = request.header("x-amz-content-sha256").unwrap_or(UNSIGNED).to_owned();
    let signed_headers = signed.split(';').collect();
    let claim = Claim { scope, stamp, signed_headers, signature, token: item("X-Amz-Security-Token"), payload };
    let items: Vec<(String, String)> = query.iter().filter(|(name, _)| name != "X-Amz-Signature").cloned().collect();
    check(request, &items, &claim, keys, |at| verify::within(at, life, request.now))
}

/// The payload hash that stands in the canonical request; S3 demands it in a header, STS takes the body's.
fn payload(request: &Incoming, service: &str) -> Result<String, Refusal> {
    match request.header("x-amz-content-sha256") {
        None if service == "s3" => Err(Refusal::Malformed("missing required header for this request: x-amz-content-sha256")),
        None => Ok(codec::sha256_hex(&request.body)),
        Some(word @ (UNSIGNED | UNSIGNED_TRAILER)) => Ok(word.to_owned()),
        Some(word) if word.starts_with("STREAMING-") => Err(Refusal::NotOffered("a body that is signed chunk by chunk")),
        Some(claimed) => {
            let computed = codec::sha256_hex(&request.body);
            if claimed == computed { Ok(computed) } else { Err(Refusal::Payload { claimed: claimed.to_owned(), computed }) }
        }
    }
}

fn check(
    request: &Incoming,
    query: &[(String, String)],
    claim: &Claim<'_>,
    keys: &dyn Keyring,
    timely: impl FnOnce(jiff::Timestamp) -> Result<(), Refusal>,
) -> Result<Proof, Refusal> {
    let service_meant = match claim.scope.service {
        "s3" => Service::Store,
        "sts" => Service::Sts,
        _ => return Err(Refusal::Malformed("the Credential names an unexpected service")),
    };
    let key = verify::key_with_token(keys, claim.scope.key_id, claim.token)?;
    let signed_at = codec::read_compact_date(claim.stamp).ok_or(Refusal::Malformed("the request's date is malformed"))?;
    if !claim.stamp.starts_with(claim.scope.day) || claim.scope.day.len() != 8 {
        return Err(Refusal::Malformed("the Credential's day is not the day of the request"));
    }
    timely(signed_at)?;
    let loose = unsigned(request, &claim.signed_headers);
    if !loose.is_empty() {
        return Err(Refusal::Unsigned(loose));
    }
    let canonical = canonical(request, query, claim);
    let Scope { key_id, day, region, service } = claim.scope;
    let string_to_sign =
        format!("AWS4-HMAC-SHA256\n{}\n{day}/{region}/{service}/aws4_request\n{}", claim.stamp, codec::sha256_hex(canonical.as_bytes()));
    let signing_key = [day, region, service, "aws4_request"]
        .iter()
        .fold(format!("AWS4{}", key.secret).into_bytes(), |key, part| codec::hmac_sha256(&key, part.as_bytes()));
    let expected = codec::hex(&codec::hmac_sha256(&signing_key, string_to_sign.as_bytes()));
    if expected == claim.signature {
        return Ok(Proof { key_id: key_id.to_owned(), region: Some(region.to_owned()), service: service_meant });
    }
    let provided = claim.signature.to_owned();
    Err(Refusal::Mismatch(Box::new(Mismatch { key_id: key_id.to_owned(), provided, string_to_sign, canonical: Some(canonical) })))
}

/// Headers that S3 wants signed and that are not: the host and every `x-amz-*`.
fn unsigned(request: &Incoming, signed: &[&str]) -> Vec<String> {
    request
        .headers
        .iter()
        .map(|(name, _)| name)
        .filter(|name| *name == "host" || name.starts_with("x-amz-"))
        .filter(|name| !signed.contains(&name.as_str()))
        .cloned()
        .collect()
}

/// The canonical request. S3 encodes the path once and leaves dot segments alone, unlike other services.
fn canonical(request: &Incoming, query: &[(String, String)], claim: &Claim<'_>) -> String {
    let path = codec::encode(&codec::decode(request.path()), Slash::Stays);
    let items = codec::sorted_query(query);
    let items: Vec<String> = items.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
    let mut headers = String::new();
    for name in &claim.signed_headers {
        let values: Vec<String> = request.headers_named(name).map(squeezed).collect();
        headers.push_str(&format!("{name}:{}\n", values.join(",")));
    }
    let names = claim.signed_headers.join(";");
    format!("{}\n{path}\n{}\n{headers}\n{names}\n{}", request.method, items.join("&"), claim.payload)
}

/// Trimmed, and inner runs of spaces made one.
fn squeezed(value: &str) -> String {
    value.split_ascii_whitespace().collect::<Vec<_>>().join(" ")
}
