//! Alibaba Cloud's V3 signature (`ACS3-HMAC-SHA256`), with which its STS is asked.
//!
//! Comes in: a request and a keyring. Goes out: a proof or a refusal.
//! <https://www.alibabacloud.com/help/en/sdk/product-overview/v3-request-structure-and-signature>

use jiff::Timestamp;

use super::codec::{self, Slash};
use super::request::Incoming;
use super::verify::{self, Keyring, Mismatch, Proof, Refusal, Service};

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
        return Ok(Proof { key_id: id.to_owned(), region: None, service: Service::Sts });
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::verify::Key;

    struct Example;

    impl Keyring for Example {
        fn key(&self, id: &str) -> Option<Key> {
            (id == "YourAccessKeyId").then(|| Key { secret: "YourAccessKeySecret".to_owned(), token: None, expired: false })
        }
    }

    /// The example with fixed values of Alibaba Cloud's page on V3 signatures.
    fn published() -> Incoming {
        let headers = [
            ("host", "ecs.cn-shanghai.aliyuncs.com"),
            ("x-acs-action", "RunInstances"),
            ("x-acs-content-sha256", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ("x-acs-date", "2023-10-26T10:22:32Z"),
            ("x-acs-signature-nonce", "3156853299f313e23d1673dc12e1703d"),
            ("x-acs-version", "2014-05-26"),
            (
                "authorization",
                "ACS3-HMAC-SHA256 Credential=YourAccessKeyId,SignedHeaders=host;x-acs-action;x-acs-content-sha256;x-acs-date;\
                 x-acs-signature-nonce;x-acs-version,Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0",
            ),
        ];
        Incoming {
            method: "POST".to_owned(),
            target: "/?RegionId=cn-shanghai&ImageId=win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd".to_owned(),
            headers: headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
            body: bytes::Bytes::new(),
            now: "2023-10-26T10:22:40Z".parse().unwrap(),
        }
    }

    #[test]
    fn the_published_example_is_taken_and_damaged_copies_are_not() {
        assert_eq!(header(&published(), &Example).unwrap().key_id, "YourAccessKeyId");
        let with = |change: &dyn Fn(&mut Incoming)| {
            let mut request = published();
            change(&mut request);
            header(&request, &Example)
        };
        let replace = |name: &'static str, value: &'static str| {
            with(&|request| {
                for header in request.headers.iter_mut().filter(|(each, _)| each == name) {
                    header.1 = value.to_owned();
                }
            })
        };
        assert!(matches!(replace("x-acs-action", "StopInstances"), Err(Refusal::Mismatch(_))));
        assert!(matches!(replace("x-acs-date", "2023-10-26T09:22:32Z"), Err(Refusal::Skewed(_))));
        assert!(matches!(with(&|request| request.target.push('x')), Err(Refusal::Mismatch(_))));
        assert!(matches!(with(&|request| request.body = "x".into()), Err(Refusal::Payload { .. })));
        let unsigned = with(&|request| request.headers.push(("x-acs-extra".to_owned(), "1".to_owned())));
        assert_eq!(unsigned, Err(Refusal::Unsigned(vec!["x-acs-extra".to_owned()])));
    }
}
