//! Who the keys belong to: GetCallerIdentity of AWS and of Alibaba Cloud.
//!
//! Comes in: a site. Goes out: a draft for the cloud's STS, and for Alibaba Cloud its own signature ACS3. Forbidden here:
//! asking one cloud's STS with keys of a store that has none.
//!
//! <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html>,
//! <https://www.alibabacloud.com/help/en/sdk/product-overview/v3-request-structure-and-signature>

use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use jiff::Timestamp;

use super::address::{self, Endpoint};
use super::sign_v4::{hex, hmac_sha256, payload_hash};
use super::signer::assemble;
use super::{Draft, Field, Payload, Request, Resource, percent};
use crate::domain::few::sort_few;
use crate::domain::{Credentials, Error, ErrorKind, Network, Op, Provider, Result, Site};

/// The request for GetCallerIdentity.
///
/// # Errors
/// `Unsupported` for a store of unknown make without `sts_endpoint`.
pub(super) fn encode(site: &Site) -> Result<Draft> {
    let endpoint = endpoint(site)?;
    let (headers, body) = match site.provider {
        Provider::S3 => (
            vec![pair("accept", "application/xml"), pair("content-type", "application/x-www-form-urlencoded; charset=utf-8")],
            Bytes::from_static(b"Action=GetCallerIdentity&Version=2011-06-15"),
        ),
        Provider::Oss => (
            vec![pair("accept", "application/json"), pair("x-acs-action", "GetCallerIdentity"), pair("x-acs-version", "2015-04-01")],
            Bytes::new(),
        ),
    };
    Ok(Draft {
        op: Op::GetCallerIdentity,
        method: http::Method::POST,
        scheme: endpoint.scheme,
        path: format!("{}/", endpoint.base),
        host: endpoint.host,
        query: Vec::new(),
        headers,
        body,
        payload: Payload::Body,
        resource: Resource::default(),
    })
}

fn pair(name: &'static str, value: &'static str) -> Field {
    (name.into(), value.into())
}

fn endpoint(site: &Site) -> Result<Endpoint> {
    if let Some(text) = &site.sts_endpoint {
        return Endpoint::parse(text);
    }
    // Checks the region; for a configured endpoint also whether it can be used at all.
    let own = address::endpoint(site, None)?;
    let region = &site.region;
    let suffix = address::aws_suffix(region);
    // A configured endpoint of Amazon's own (a regional name, a VPC endpoint) has Amazon's STS; one of Alibaba Cloud may be a
    // custom domain, but never an address.
    let of_the_cloud = match site.provider {
        Provider::S3 => own.host.strip_suffix(suffix).is_some_and(|rest| rest.ends_with('.')),
        Provider::Oss => !own.is_local(),
    };
    match site.provider {
        _ if !of_the_cloud => Err(Error::new(ErrorKind::Unsupported, "no STS is known for a custom endpoint")
            .hint("Set `sts_endpoint` if this store has an STS; everything else works without it.")),
        Provider::S3 => Endpoint::parse(&format!("https://sts.{region}.{suffix}")),
        Provider::Oss if site.network == Network::Internal => Endpoint::parse(&format!("https://sts-vpc.{region}.aliyuncs.com")),
        Provider::Oss => Endpoint::parse(&format!("https://sts.{region}.aliyuncs.com")),
    }
}

/// Signs a request to Alibaba Cloud's RPC gateway with ACS3-HMAC-SHA256.
pub(super) fn sign_acs3(mut draft: Draft, keys: &Credentials, now: Timestamp) -> Request {
    let nonce = nonce(keys, now);
    let mut headers = std::mem::take(&mut draft.headers);
    headers.push(("host".into(), draft.host.clone().into()));
    headers.push(("x-acs-content-sha256".into(), payload_hash(&draft.body)));
    headers.push(("x-acs-date".into(), now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string().into()));
    headers.push(("x-acs-signature-nonce".into(), nonce.into()));
    if let Some(token) = &keys.session_token {
        headers.push(("x-acs-security-token".into(), token.expose().to_owned().into()));
    }
    sort_few(&mut headers);
    let authorization = acs3_authorization(&draft, &headers, keys);
    headers.push(("authorization".into(), authorization.into()));
    assemble(draft, headers)
}

fn acs3_authorization(draft: &Draft, headers: &[Field], keys: &Credentials) -> String {
    let signed = || headers.iter().filter(|(name, _)| name.starts_with("x-acs-") || name == "host" || name == "content-type");
    let names = signed().map(|(name, _)| &**name).collect::<Vec<_>>().join(";");
    let lines: String = signed().map(|(name, value)| format!("{name}:{}\n", value.trim())).collect();
    let mut items: Vec<(String, String)> =
        draft.query.iter().map(|(name, value)| (percent::encoded(name), percent::encoded(value.as_deref().unwrap_or("")))).collect();
    sort_few(&mut items);
    let query = items.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&");
    let hash = payload_hash(&draft.body);
    let canonical = format!("{}\n{}\n{query}\n{lines}\n{names}\n{hash}", draft.method, draft.path);
    let text = format!("ACS3-HMAC-SHA256\n{}", payload_hash(canonical.as_bytes()));
    let signature = hex(hmac_sha256(keys.secret.expose().as_bytes(), text.as_bytes()).as_slice());
    format!("ACS3-HMAC-SHA256 Credential={},SignedHeaders={names},Signature={signature}", keys.access_key_id)
}

/// A value that no other request has: the service refuses the second of two that are alike.
fn nonce(keys: &Credentials, now: Timestamp) -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let text = format!("{} {count} {}", now.as_nanosecond(), keys.access_key_id);
    hex(&hmac_sha256(keys.secret.expose().as_bytes(), text.as_bytes())[..16])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Secret;

    /// The worked example of the vendor's page: RunInstances, with its nonce, time and signature.
    #[test]
    fn the_published_example() {
        let keys = Credentials {
            access_key_id: "YourAccessKeyId".to_owned(),
            secret: Secret::new("YourAccessKeySecret".to_owned()),
            session_token: None,
            expires_at: None,
        };
        let draft = Draft {
            op: Op::GetCallerIdentity,
            method: http::Method::POST,
            scheme: "https",
            host: "ecs.cn-shanghai.aliyuncs.com".to_owned(),
            path: "/".to_owned(),
            query: vec![
                ("RegionId".to_owned(), Some("cn-shanghai".to_owned())),
                ("ImageId".to_owned(), Some("win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd".to_owned())),
            ],
            headers: Vec::new(),
            body: Bytes::new(),
            payload: Payload::Body,
            resource: Resource::default(),
        };
        let headers = [
            ("accept", "application/json"),
            ("host", "ecs.cn-shanghai.aliyuncs.com"),
            ("x-acs-action", "RunInstances"),
            ("x-acs-content-sha256", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ("x-acs-date", "2023-10-26T10:22:32Z"),
            ("x-acs-signature-nonce", "3156853299f313e23d1673dc12e1703d"),
            ("x-acs-version", "2014-05-26"),
        ]
        .map(|(name, value)| pair(name, value));
        assert_eq!(
            acs3_authorization(&draft, &headers, &keys),
            "ACS3-HMAC-SHA256 Credential=YourAccessKeyId,\
             SignedHeaders=host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version,\
             Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0"
        );
    }
}
