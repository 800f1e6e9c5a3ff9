//! Amazon S3 and the stores that speak it.
//!
//! Comes in: a call's arguments. Goes out: what is S3's own in a draft, a signature, a page. Forbidden here: what OSS does.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListBuckets.html>,
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketRequestPayment.html>

use std::borrow::Cow;

use super::answer::Listing;
use super::dialect::Dialect;
use super::presign::Presigned;
use super::sign_v4::{self, Flavour, Head, Scope};
use super::signer::{Bench, assemble, plain_query, url};
use super::{Checksum, Draft, ListPage, Payload, Request, body};
use crate::domain::few::sort_few;
use crate::domain::{Addressing, Credentials, Network, Op, Payer, Result, Site};

/// The dialect of S3.
pub(super) struct S3;

pub(super) const NAMESPACE: &str = "http://s3.amazonaws.com/doc/2006-03-01/";

impl Dialect for S3 {
    fn list_query(&self, page: &ListPage) -> Vec<(String, Option<String>)> {
        let mut query = Vec::new();
        super::push_item(&mut query, "prefix", page.prefix.clone());
        super::push_item(&mut query, "max-buckets", page.limit.map(|limit| limit.to_string()));
        super::push_item(&mut query, "continuation-token", page.from.clone());
        query
    }

    /// Amazon takes 1 to 10,000, and names each bucket's region only when a number is given. Other stores that page at all
    /// were written when 1,000 was the most.
    fn page_size(&self, site: &Site) -> u32 {
        if site.endpoint.is_none() { 10_000 } else { 1_000 }
    }

    /// In path style, which every region's endpoint answers, and never through acceleration, which has no path style.
    fn location_site(&self, site: &Site) -> Site {
        let network = match site.network {
            Network::Accelerate => Network::Public,
            Network::Public | Network::Internal | Network::Dualstack | Network::Fips => site.network,
        };
        let addressing = match site.addressing {
            Addressing::Cname => Addressing::Cname,
            Addressing::Auto | Addressing::Virtual | Addressing::Path => Addressing::Path,
        };
        Site { network, addressing, ..site.clone() }
    }

    fn put_payment(&self, draft: &mut Draft, payer: &Payer, checksum: Option<Checksum>) -> Result<()> {
        draft.body = body::request_payment(payer, NAMESPACE)?;
        draft.headers.push(body::content_md5(&draft.body));
        if let Some(algorithm) = checksum {
            draft.headers.extend(body::checksum(algorithm, &draft.body));
        }
        Ok(())
    }

    fn owner_guard(&self) -> Option<&'static str> {
        Some("x-amz-expected-bucket-owner")
    }

    fn sign(&self, bench: &Bench<'_>, site: &Site, mut draft: Draft, keys: &Credentials) -> Request {
        let stamp = sign_v4::stamp(bench.now);
        let payload = match draft.payload {
            Payload::Body => sign_v4::payload_hash(&draft.body),
            Payload::Unsigned { .. } => Cow::Borrowed("UNSIGNED-PAYLOAD"),
        };
        let service = if draft.op == Op::GetCallerIdentity { "sts" } else { "s3" };
        let mut headers = std::mem::take(&mut draft.headers);
        headers.reserve(5);
        headers.push(("host".into(), draft.host.clone().into()));
        headers.push(("x-amz-content-sha256".into(), payload.clone()));
        headers.push(("x-amz-date".into(), stamp.clone().into()));
        if let Some(token) = &keys.session_token {
            headers.push(("x-amz-security-token".into(), token.expose().to_owned().into()));
        }
        sort_few(&mut headers);
        let authorization = {
            let signed: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (&**name, &**value)).collect();
            let head = Head {
                method: draft.method.as_str(),
                path: &draft.path,
                query: &plain_query(&draft),
                headers: &signed,
                additional: "",
                payload: &payload,
            };
            authorization(bench, keys, &stamp, (&site.region, service), &head)
        };
        headers.push(("authorization".into(), authorization.into()));
        assemble(draft, headers)
    }

    fn presign(&self, bench: &Bench<'_>, site: &Site, mut draft: Draft, keys: &Credentials, seconds: u32) -> Presigned {
        let stamp = sign_v4::stamp(bench.now);
        let must_send = std::mem::take(&mut draft.headers);
        let mut signed: Vec<(&str, &str)> = must_send.iter().map(|(name, value)| (&**name, &**value)).collect();
        signed.push(("host", &draft.host));
        sort_few(&mut signed);
        let mut names = String::new();
        sign_v4::push_names(&signed, &mut names);
        let mut credential = format!("{}/", keys.access_key_id);
        Scope { day: &stamp[..8], region: &site.region, service: "s3" }.push(Flavour::Aws, &mut credential);
        let mut query = draft.query.clone();
        for (name, value) in [
            ("X-Amz-Algorithm", Some(Flavour::Aws.algorithm().to_owned())),
            ("X-Amz-Credential", Some(credential)),
            ("X-Amz-Date", Some(stamp.clone())),
            ("X-Amz-Expires", Some(seconds.to_string())),
            ("X-Amz-SignedHeaders", Some(names)),
            ("X-Amz-Security-Token", keys.session_token.as_ref().map(|token| token.expose().to_owned())),
        ] {
            super::push_item(&mut query, name, value);
        }
        let pairs: Vec<(&str, &str)> = query.iter().map(|(name, value)| (name.as_str(), value.as_deref().unwrap_or(""))).collect();
        let head = Head {
            method: draft.method.as_str(),
            path: &draft.path,
            query: &pairs,
            headers: &signed,
            additional: "",
            payload: "UNSIGNED-PAYLOAD",
        };
        let signature = bench.v4(Flavour::Aws, &keys.secret, &stamp, (&site.region, "s3"), &head);
        draft.query = query;
        super::push_item(&mut draft.query, "X-Amz-Signature", Some(signature));
        Presigned { op: draft.op, url: url(&draft), method: draft.method, must_send }
    }

    fn next_page(&self, listing: &Listing) -> Option<String> {
        listing.continuation_token.clone().filter(|token| !token.is_empty())
    }

    /// Two old spellings: nothing is us-east-1, `EU` is eu-west-1.
    fn location(&self, text: &str) -> String {
        match text {
            "" | "US" => "us-east-1",
            "EU" => "eu-west-1",
            other => other,
        }
        .to_owned()
    }
}

fn authorization(bench: &Bench<'_>, keys: &Credentials, stamp: &str, scope: (&str, &str), head: &Head<'_>) -> String {
    let signature = bench.v4(Flavour::Aws, &keys.secret, stamp, scope, head);
    let mut text = String::with_capacity(320);
    text.push_str("AWS4-HMAC-SHA256 Credential=");
    text.push_str(&keys.access_key_id);
    text.push('/');
    Scope { day: &stamp[..8], region: scope.0, service: scope.1 }.push(Flavour::Aws, &mut text);
    text.push_str(", SignedHeaders=");
    sign_v4::push_names(head.headers, &mut text);
    text.push_str(", Signature=");
    text.push_str(&signature);
    text
}
