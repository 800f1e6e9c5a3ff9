//! Alibaba Cloud's V3 signature (`ACS3-HMAC-SHA256`), with which its STS is asked.
//!
//! Comes in: a request and a keyring. Goes out: a proof or a refusal.
//! <https://www.alibabacloud.com/help/en/sdk/product-overview/v3-request-structure-and-signature>

use jiff::Timestamp;

use super::codec::{self, Slash};
use super::request::Incoming;
use super::verify::{self, Keyring, Mismatch, Proof, Refusal};

/// Checks an Authorization header.
pub(super) fn header(request: &Incoming, keys: &dyn Keyring) -> Result<Proof, Refusal> {
    let authorization = request.header("authorization").unwrap_or_default();
    let field = |name| verify::field(authorization, name);
    let (Some(id), Some(signed), Some(signature)) = (field("Credential"), field("SignedHeaders"), field("Signature")) else {
        return Err(Refusal::Malformed("the Authorization header requires Credential, SignedHeaders and Signature"));
    };
    let key = verify::key_with_token(keys, id, request.header("x-acs-security-token"))?;
    let date = request.header("x-acs-date").and_then(|date| date.parse::<Timestamp>().ok());
    verify::near(date.ok_or(Refusal::Malformed("the request requires an x-acs-date header"))?, request.now)?;
    let computed = codec::sha256_hex(&request.body);
    let claimed = request.header("x-acs-content-sha256").ok_or(Refusal::Malformed("the request requires x-acs-content-sha256"))?;
    if claimed != computed {
        return Err(Refusal::Payload { claimed: claimed.to_owned(), computed });
    }
    let names: Vec<&str> = signed.split(';').collect();
    let loose = unsigned(request, &names);
    if !loose.is_empty() {
        return Err(Refusal::Unsigned(loose));
    }
    let canonical = canonical(request, &names, claimed);
    let string_to_sign = format!("ACS3-HMAC-SHA256\n{}", codec::sha256_hex(canonical.as_bytes()));
    if codec::hex(&codec::hmac_sha256(key.secret.as_bytes(), string_to_sign.as_bytes())) == signature {
        return Ok(Proof { key_id: id.to_owned(), region: None });
    }
    let (key_id, provided) = (id.to_owned(), signature.to_owned());
    Err(Refusal::Mismatch(Box::new(Mismatch { key_id, provided, string_to_sign, canonical: Some(canonical) })))
}

/// Signed must be the host, the type and every `x-acs-*`.
fn unsigned(request: &Incoming, signed: &[&str]) -> Vec<String> {
    let names = request.headers.iter().map(|(name, _)| name);
    names
        .filter(|name| *name == "host" || *name == "content-type" || name.starts_with("x-acs-"))
        .filter(|name| !signed.contains(&name.as_str()))
        .cloned()
        .collect()
}

fn canonical(request: &Incoming, signed: &[&str], payload: &str) -> String {
    let items = codec::sorted_query(&request.query());
    let items: Vec<String> = items.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
    let headers: String = signed.iter().map(|name| format!("{name}:{}\n", request.header(name).unwrap_or_default().trim())).collect();
    let path = codec::encode(&codec::decode(request.path()), Slash::Stays);
    format!("{}\n{path}\n{}\n{headers}\n{}\n{payload}", request.method, items.join("&"), signed.join(";"))
}
