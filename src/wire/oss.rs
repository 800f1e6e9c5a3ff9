//! Alibaba Cloud OSS, with Signature V4 and, for old private deployments, V1.
//!
//! Comes in: a call's arguments. Goes out: what is OSS's own in a draft, a signature, a page. Forbidden here: what S3 does.
//!
//! <https://www.alibabacloud.com/help/en/oss/developer-reference/listbuckets>,
//! <https://www.alibabacloud.com/help/en/oss/developer-reference/putbucketrequestpayment>

use super::answer::Listing;
use super::dialect::Dialect;
use super::presign::Presigned;
use super::sign_v4::{self, Flavour, Head, Scope};
use super::signer::{Bench, assemble, plain_query, url};
use super::{Checksum, Draft, Field, ListPage, Request, Resource, body, percent, sign_oss_v1};
use crate::domain::few::sort_few;
use crate::domain::{Credentials, OssSignature, Payer, Result, Secret, Site};

/// The dialect of OSS.
pub(super) struct Oss;

impl Dialect for Oss {
    fn list_query(&self, page: &ListPage) -> Vec<(String, Option<String>)> {
        let mut query = Vec::new();
        super::push_item(&mut query, "marker", page.from.clone());
        super::push_item(&mut query, "max-keys", page.limit.map(|limit| limit.to_string()));
        super::push_item(&mut query, "prefix", page.prefix.clone());
        query
    }

    fn page_size(&self, _site: &Site) -> u32 {
        1_000
    }

    fn location_site(&self, site: &Site) -> Site {
        site.clone()
    }

    fn put_payment(&self, draft: &mut Draft, payer: &Payer, _checksum: Option<Checksum>) -> Result<()> {
        draft.body = body::request_payment(payer, "")?;
        draft.headers.push(body::content_md5(&draft.body));
        Ok(())
    }

    fn owner_guard(&self) -> Option<&'static str> {
        None
    }

    fn sign(&self, bench: &Bench<'_>, site: &Site, draft: Draft, keys: &Credentials) -> Request {
        match site.signature {
            OssSignature::V4 => sign_v4(bench, site, draft, keys),
            OssSignature::V1 => sign_v1(bench, draft, keys),
        }
    }

    fn presign(&self, bench: &Bench<'_>, site: &Site, draft: Draft, keys: &Credentials, seconds: u32) -> Presigned {
        match site.signature {
            OssSignature::V4 => presign_v4(bench, site, draft, keys, seconds),
            OssSignature::V1 => presign_v1(bench, draft, keys, seconds),
        }
    }

    fn next_page(&self, listing: &Listing) -> Option<String> {
        (listing.is_truncated.as_deref() == Some("true")).then(|| listing.next_marker.clone().unwrap_or_default())
    }

    fn location(&self, text: &str) -> String {
        text.strip_prefix("oss-").unwrap_or(text).to_owned()
    }
}

/// The path that V4 signs: from the names, never from the URL.
pub(super) fn canonical_path(resource: &Resource) -> String {
    let mut path = String::from("/");
    if !resource.bucket.is_empty() {
        percent::push_path(&mut path, &resource.bucket);
        path.push('/');
        percent::push_path(&mut path, &resource.key);
    }
    path
}

/// The headers that V4 signs: all of OSS's own, and the two that describe the body.
fn signed_headers(headers: &[Field]) -> Vec<(&str, &str)> {
    let mut signed: Vec<(&str, &str)> = headers
        .iter()
        .filter(|(name, _)| name.starts_with("x-oss-") || name == "content-type" || name == "content-md5")
        .map(|(name, value)| (&**name, &**value))
        .collect();
    sort_few(&mut signed);
    signed
}

fn sign_v4(bench: &Bench<'_>, site: &Site, mut draft: Draft, keys: &Credentials) -> Request {
    let stamp = sign_v4::stamp(bench.now);
    let mut headers = std::mem::take(&mut draft.headers);
    headers.push(("x-oss-content-sha256".into(), "UNSIGNED-PAYLOAD".into()));
    headers.push(("x-oss-date".into(), stamp.clone().into()));
    push_token(&mut headers, keys);
    let signature = signature_v4(bench, site, &draft, &headers, &keys.secret, &stamp);
    let mut text = format!("OSS4-HMAC-SHA256 Credential={}/", keys.access_key_id);
    Scope { day: &stamp[..8], region: &site.region, service: "oss" }.push(Flavour::Oss, &mut text);
    text.push_str(",Signature=");
    text.push_str(&signature);
    headers.push(("host".into(), draft.host.clone().into()));
    headers.push(("authorization".into(), text.into()));
    assemble(draft, headers)
}

/// The signature over a draft with these headers: in them for a request, beside them for a link.
fn signature_v4(bench: &Bench<'_>, site: &Site, draft: &Draft, headers: &[Field], secret: &Secret, stamp: &str) -> String {
    let head = Head {
        method: draft.method.as_str(),
        path: &canonical_path(&draft.resource),
        query: &plain_query(draft),
        headers: &signed_headers(headers),
        additional: "",
        payload: "UNSIGNED-PAYLOAD",
    };
    bench.v4(Flavour::Oss, secret, stamp, (&site.region, "oss"), &head)
}

fn presign_v4(bench: &Bench<'_>, site: &Site, mut draft: Draft, keys: &Credentials, seconds: u32) -> Presigned {
    let stamp = sign_v4::stamp(bench.now);
    let must_send = std::mem::take(&mut draft.headers);
    let mut credential = format!("{}/", keys.access_key_id);
    Scope { day: &stamp[..8], region: &site.region, service: "oss" }.push(Flavour::Oss, &mut credential);
    for (name, value) in [
        ("x-oss-signature-version", Some(Flavour::Oss.algorithm().to_owned())),
        ("x-oss-date", Some(stamp.clone())),
        ("x-oss-expires", Some(seconds.to_string())),
        ("x-oss-credential", Some(credential)),
        ("x-oss-security-token", keys.session_token.as_ref().map(|token| token.expose().to_owned())),
    ] {
        super::push_item(&mut draft.query, name, value);
    }
    let signature = signature_v4(bench, site, &draft, &must_send, &keys.secret, &stamp);
    super::push_item(&mut draft.query, "x-oss-signature", Some(signature));
    Presigned { op: draft.op, url: url(&draft), method: draft.method, must_send }
}

fn push_token(headers: &mut Vec<Field>, keys: &Credentials) {
    if let Some(token) = &keys.session_token {
        headers.push(("x-oss-security-token".into(), token.expose().to_owned().into()));
    }
}

fn sign_v1(bench: &Bench<'_>, mut draft: Draft, keys: &Credentials) -> Request {
    let date = sign_oss_v1::http_date(bench.now);
    let mut headers = std::mem::take(&mut draft.headers);
    push_token(&mut headers, keys);
    let signature = v1_signature(&draft, &headers, &date, keys);
    headers.push(("date".into(), date.into()));
    headers.push(("host".into(), draft.host.clone().into()));
    headers.push(("authorization".into(), format!("OSS {}:{signature}", keys.access_key_id).into()));
    assemble(draft, headers)
}

fn presign_v1(bench: &Bench<'_>, mut draft: Draft, keys: &Credentials, seconds: u32) -> Presigned {
    let must_send = std::mem::take(&mut draft.headers);
    let expires = bench.now.as_second().saturating_add(i64::from(seconds)).to_string();
    super::push_item(&mut draft.query, "security-token", keys.session_token.as_ref().map(|token| token.expose().to_owned()));
    let signature = v1_signature(&draft, &must_send, &expires, keys);
    super::push_item(&mut draft.query, "OSSAccessKeyId", Some(keys.access_key_id.clone()));
    super::push_item(&mut draft.query, "Expires", Some(expires));
    super::push_item(&mut draft.query, "Signature", Some(signature));
    Presigned { op: draft.op, url: url(&draft), method: draft.method, must_send }
}

fn v1_signature(draft: &Draft, headers: &[Field], date: &str, keys: &Credentials) -> String {
    let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (&**name, &**value)).collect();
    let head =
        sign_oss_v1::Head { method: draft.method.as_str(), date, headers: &headers, query: &plain_query(draft), resource: &draft.resource };
    sign_oss_v1::signature(keys.secret.expose(), &sign_oss_v1::string_to_sign(&head))
}
