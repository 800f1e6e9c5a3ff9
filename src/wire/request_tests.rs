//! What is asked, of whom, and what is refused before it is sent: expectations typed by hand.

use super::answer_tests::{get, list, site};
use super::*;
use crate::domain::{Credentials, ErrorKind, Network, Provider, Secret};

/// What is asked, and of whom.
#[test]
fn where_requests_go() {
    let url = |site: &Site, call: &Call| {
        let draft = encode(site, call, &Terms { consent: Consent::Given, expected_owner: None }).unwrap();
        assert!(!draft.headers.iter().any(|(name, _)| name.ends_with("request-payer")));
        signer::url(&draft)
    };
    let s3 = site(Provider::S3);
    let custom = |endpoint: &str| Site { endpoint: Some(endpoint.to_owned()), ..site(Provider::S3) };
    assert_eq!(url(&s3, &list()), "https://s3.us-west-2.amazonaws.com/?max-buckets=10000");
    assert_eq!(url(&custom("http://localhost:9000"), &list()), "http://localhost:9000/?max-buckets=1000");
    assert_eq!(url(&custom("http://localhost:9000/"), &get()), "http://localhost:9000/colorpictures?requestPayment");
    assert_eq!(url(&custom("HTTPS://S3.Example:443/a/"), &get()), "https://colorpictures.s3.example/a/?requestPayment");
    let oss = site(Provider::Oss);
    let second = Call::ListBuckets { page: Some("m&k".to_owned()) };
    assert_eq!(url(&oss, &second), "https://oss-cn-hangzhou.aliyuncs.com/?marker=m%26k&max-keys=1000");
    let accelerated = Site { network: Network::Accelerate, ..oss.clone() };
    assert_eq!(url(&accelerated, &list()), "https://oss-cn-hangzhou.aliyuncs.com/?max-keys=1000");
    assert_eq!(url(&s3, &Call::GetCallerIdentity), "https://sts.us-west-2.amazonaws.com/");
    assert_eq!(url(&s3.in_region("cn-north-1"), &Call::GetCallerIdentity), "https://sts.cn-north-1.amazonaws.com.cn/");
    assert_eq!(url(&oss, &Call::GetCallerIdentity), "https://sts.cn-hangzhou.aliyuncs.com/");
    let private = Site { endpoint: Some("http://127.0.0.1:9000".to_owned()), ..oss.clone() };
    assert_eq!(encode(&private, &Call::GetCallerIdentity, &Terms::default()).err().unwrap().kind(), ErrorKind::Unsupported);
    let bound = Site { endpoint: Some("https://assets.example".to_owned()), ..oss.clone() };
    assert_eq!(url(&bound, &Call::GetCallerIdentity), "https://sts.cn-hangzhou.aliyuncs.com/");
    let own_sts = Site { sts_endpoint: Some("http://127.0.0.1:7/sts".to_owned()), ..custom("http://localhost:9000") };
    assert_eq!(url(&own_sts, &Call::GetCallerIdentity), "http://127.0.0.1:7/sts/");
    let error = encode(&custom("http://localhost:9000"), &Call::GetCallerIdentity, &Terms::default()).err().unwrap();
    assert_eq!((error.kind(), error.message()), (ErrorKind::Unsupported, "no STS is known for a custom endpoint"));
    assert!(error.hint_text().unwrap().contains("`sts_endpoint`"));
}

/// F3, F6: endpoints and regions that cannot be used are refused before anything is signed, without repeating a password.
#[test]
fn endpoints_that_cannot_be_used() {
    for endpoint in [
        "https://user:hunter2@s3.example",
        "ftp://s3.example",
        "file:///etc",
        "https://s3.example?x=1",
        "https://s3.example/#f",
        "https://s3.example:0",
        "https://s3.example:99999",
        "https://s3.example:",
        "https://",
        "https://b\u{fc}cher.example",
        "http://127.1",
        "http://0x7f.0.0.1.0x1",
        "http://[::1",
        "http://[0:0::1]:9",
        "https://s3.example/a/../b",
        "https://s3.example/a b",
        "https://colorpictures.s3.us-west-2.amazonaws.com",
        "https://s3..example",
        "https://s3.example:+80",
    ] {
        let site = Site { endpoint: Some(endpoint.to_owned()), ..site(Provider::S3) };
        let error = encode(&site, &get(), &Terms::default()).err().unwrap_or_else(|| panic!("{endpoint}"));
        assert_eq!(error.kind(), ErrorKind::Usage, "{endpoint}");
        assert!(!error.message().contains("hunter2") && error.hint_text().is_some_and(|hint| !hint.contains("hunter2")), "{error}");
    }
    for region in ["", "us west", "a/b", "a.b", "x\n"] {
        let error = encode(&site(Provider::S3).in_region(region), &get(), &Terms::default()).err().unwrap();
        assert_eq!(error.kind(), ErrorKind::Usage, "{region}");
    }
}

/// E1: a name that URL types would fold is refused, and so is a header that would be two.
#[test]
fn what_would_arrive_otherwise_is_refused() {
    let keys = Keys::Signed(std::sync::Arc::new(Credentials {
        access_key_id: "AKIDEXAMPLE".to_owned(),
        secret: Secret::new("s".to_owned()),
        session_token: None,
        expires_at: None,
    }));
    let s3 = site(Provider::S3);
    let now = "2026-03-01T12:00:00Z".parse().unwrap();
    for path in ["/a/../b", "/..", "/.", "/a/%2e%2E/b", "/%2e", "/a b", "/a?b", "/a\\b", "/\u{e4}", "a"] {
        let mut draft = encode(&s3, &get(), &Terms::default()).unwrap();
        path.clone_into(&mut draft.path);
        let error = sign(&s3, draft, &keys, now).err().unwrap_or_else(|| panic!("{path}"));
        assert_eq!(error.kind(), ErrorKind::Usage, "{path}");
    }
    let terms = Terms { consent: Consent::Silent, expected_owner: Some("1\r\nx-amz-request-payer: requester".to_owned()) };
    let draft = encode(&s3, &get(), &terms).unwrap();
    assert_eq!(sign(&s3, draft, &keys, now).err().unwrap().kind(), ErrorKind::Usage);
    let draft = encode(&s3, &get(), &Terms::default()).unwrap();
    let request = sign(&s3, draft, &Keys::Anonymous, now).unwrap();
    assert_eq!(request.headers, [("host".into(), "colorpictures.s3.us-west-2.amazonaws.com".into())]);
}

/// P1, P2, J2: every operation of the table, every answer of the user, both clouds: exactly one header or none.
#[test]
fn one_door_for_the_payer() {
    let mut with = [0, 0];
    for row in crate::domain::op::ROWS {
        for (place, provider) in [Provider::S3, Provider::Oss].into_iter().enumerate() {
            for consent in [Consent::Silent, Consent::Refused, Consent::Given] {
                let mut draft = encode(&site(provider), &get(), &Terms::default()).unwrap();
                draft.op = row.op;
                payer::apply(provider, consent, &mut draft);
                payer::apply(provider, consent, &mut draft);
                let expected = [[("x-amz-request-payer", "requester")], [("x-oss-request-payer", "requester")]][place];
                let found: Vec<_> = draft.headers.iter().map(|(name, value)| (&**name, &**value)).collect();
                if consent == Consent::Given && row.op.takes_payer(provider) {
                    assert_eq!(found, expected, "{}", row.name);
                    with[place] += 1;
                } else {
                    assert!(found.is_empty(), "{} {consent:?}", row.name);
                }
            }
        }
    }
    assert_eq!(with, [34, 29]);
}

/// P24, H3: one signer for all accounts, and a kept key is never used for another secret, day, region or cloud.
#[test]
fn kept_keys_are_never_mixed_up() {
    let keys = |secret: &str| {
        Keys::Signed(std::sync::Arc::new(Credentials {
            access_key_id: "AKIDEXAMPLE".to_owned(),
            secret: Secret::new(secret.to_owned()),
            session_token: None,
            expires_at: None,
        }))
    };
    let shared = Signer::new();
    let mut signatures = std::collections::BTreeSet::new();
    for _ in 0..2 {
        for site in [site(Provider::S3), site(Provider::S3).in_region("eu-west-1"), site(Provider::Oss)] {
            for secret in ["one", "two"] {
                for time in ["2026-03-01T23:59:59Z", "2026-03-02T00:00:00Z"] {
                    let draft = encode(&site, &get(), &Terms::default()).unwrap();
                    let now = time.parse().unwrap();
                    let fresh = sign(&site, draft.clone(), &keys(secret), now).unwrap();
                    let kept = shared.sign(&site, draft, &keys(secret), now).unwrap();
                    assert_eq!(kept.headers, fresh.headers);
                    signatures.insert(kept.headers.last().unwrap().1.clone());
                }
            }
        }
    }
    assert_eq!(signatures.len(), 12);
}

/// The service refuses a nonce that it has seen: two requests of one moment have two.
#[test]
fn nonces_differ() {
    let keys = Keys::Signed(std::sync::Arc::new(Credentials {
        access_key_id: "LTAIEXAMPLE".to_owned(),
        secret: Secret::new("s".to_owned()),
        session_token: Some(Secret::new("token".to_owned())),
        expires_at: None,
    }));
    let oss = site(Provider::Oss);
    let request = || {
        let draft = encode(&oss, &Call::GetCallerIdentity, &Terms::default()).unwrap();
        sign(&oss, draft, &keys, "2026-03-01T12:00:00Z".parse().unwrap()).unwrap()
    };
    let header =
        |request: &Request, name: &str| request.headers.iter().find(|(own, _)| own == name).map(|(_, value)| value.clone()).unwrap();
    let (first, second) = (request(), request());
    assert_ne!(header(&first, "x-acs-signature-nonce"), header(&second, "x-acs-signature-nonce"));
    assert_eq!(header(&first, "x-acs-date"), "2026-03-01T12:00:00Z");
    let names = "SignedHeaders=host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-security-token;x-acs-signature-nonce;x-acs-version,";
    assert!(header(&first, "authorization").contains(names));
}
