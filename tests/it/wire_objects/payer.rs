//! The payer matrix of object calls: every call, every word of the user, both clouds; and what else a head must have.

use std::collections::BTreeSet;

use bytes::Bytes;
use jiff::Timestamp;
use whopays::domain::{Consent, ErrorKind, OssSignature, Provider, Site};
use whopays::wire::objects::{Content, ObjectCall, ObjectSettings, Overwrite, encode_object};
use whopays::wire::{Payload, Request, Signer, Terms};

use super::{complete, copy, every_call, keys, put, site};

/// Every object call of this release, as S3 names it. Typed by hand; all of them take the payer on both clouds.
const CALLS: [&str; 19] = [
    "AbortMultipartUpload",
    "CompleteMultipartUpload",
    "CopyObject",
    "CreateMultipartUpload",
    "DeleteObject",
    "DeleteObjects",
    "GetObject",
    "GetObjectAcl",
    "GetObjectAttributes",
    "GetObjectTagging",
    "HeadObject",
    "ListMultipartUploads",
    "ListObjectVersions",
    "ListObjectsV2",
    "ListParts",
    "PutObject",
    "PutObjectTagging",
    "UploadPart",
    "UploadPartCopy",
];

fn terms(consent: Consent) -> Terms {
    Terms { consent, expected_owner: None }
}

fn sites() -> [Site; 3] {
    [site(Provider::S3), site(Provider::Oss), Site { signature: OssSignature::V1, ..site(Provider::Oss) }]
}

fn sign(site: &Site, call: &ObjectCall, consent: Consent) -> Request {
    let draft = encode_object(site, call, &terms(consent)).unwrap();
    Signer::new().sign(site, draft, &keys(), Timestamp::UNIX_EPOCH).unwrap()
}

/// The calls that a site has: S3 alone has attributes.
fn calls_of(site: &Site) -> Vec<ObjectCall> {
    let all = every_call();
    let names: BTreeSet<&str> = all.iter().map(|call| call.op().row().name).collect();
    assert_eq!(names, CALLS.into_iter().collect());
    assert_eq!(all.len(), 19);
    let (own, other): (Vec<_>, Vec<_>) = all.into_iter().partition(|call| call.op().cell(site.provider).is_some());
    assert_eq!((own.len(), other.len()), if site.provider == Provider::S3 { (19, 0) } else { (18, 1) });
    for call in other {
        assert_eq!(encode_object(site, &call, &Terms::default()).err().unwrap().kind(), ErrorKind::Unsupported);
    }
    own
}

#[test]
fn exactly_one_signed_header_and_only_with_consent() {
    for site in sites() {
        let own = match site.provider {
            Provider::S3 => "x-amz-request-payer",
            Provider::Oss => "x-oss-request-payer",
        };
        for call in calls_of(&site) {
            for consent in [Consent::Silent, Consent::Refused, Consent::Given] {
                let request = sign(&site, &call, consent);
                let payers: Vec<_> = request.headers.iter().filter(|(name, _)| name.contains("request-payer")).collect();
                let expected = (own.into(), "requester".into());
                let wanted = if consent == Consent::Given { vec![&expected] } else { vec![] };
                assert_eq!(payers, wanted, "{:?} {consent:?}", call.op());
                assert!(!request.url.contains("request-payer"), "{:?} {consent:?}", call.op());
            }
            // It is part of the signature: with it, another one.
            let authorization = |consent| sign(&site, &call, consent).headers.into_iter().find(|(name, _)| name == "authorization");
            assert_ne!(authorization(Consent::Given), authorization(Consent::Silent), "{:?}", call.op());
            assert_eq!(authorization(Consent::Refused), authorization(Consent::Silent), "{:?}", call.op());
        }
    }
}

#[test]
fn links_carry_the_payer_in_their_query() {
    for site in sites() {
        let own = match site.provider {
            Provider::S3 => "x-amz-request-payer=requester",
            Provider::Oss => "x-oss-request-payer=requester",
        };
        for call in calls_of(&site) {
            for consent in [Consent::Silent, Consent::Refused, Consent::Given] {
                let draft = encode_object(&site, &call, &terms(consent)).unwrap();
                let link = Signer::new().presign(&site, draft, &keys(), 60, Timestamp::UNIX_EPOCH).unwrap();
                let items = link.url.split(['?', '&']).filter(|item| item.contains("request-payer")).collect::<Vec<_>>();
                assert_eq!(items, if consent == Consent::Given { vec![own] } else { vec![] }, "{:?} {consent:?}", call.op());
                assert!(link.must_send.iter().all(|(name, _)| !name.contains("request-payer")), "{:?}", call.op());
            }
        }
    }
}

/// The body of an upload is not in the request: it is streamed, and guarded by something else than a hash in the signature.
#[test]
fn uploads_are_streamed_unsigned() {
    let header = |request: &Request, wanted: &str| request.headers.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.clone());
    for site in sites() {
        let request = sign(&site, &put(Content::Streamed(7), ObjectSettings::default(), Overwrite::Allow), Consent::Silent);
        assert_eq!((request.payload, request.body.len()), (Payload::Unsigned { length: 7 }, 0));
        let named = header(&request, "x-amz-content-sha256").or_else(|| header(&request, "x-oss-content-sha256"));
        let expected = (site.signature == OssSignature::V4).then(|| "UNSIGNED-PAYLOAD".into());
        assert_eq!(named, expected);
    }
    let inline =
        sign(&site(Provider::S3), &put(Content::Inline(Bytes::new()), ObjectSettings::default(), Overwrite::Allow), Consent::Silent);
    assert_eq!(inline.payload, Payload::Body);
    let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    assert_eq!(header(&inline, "x-amz-content-sha256").as_deref(), Some(empty));
}

/// P9: one idea, two spellings; where it can be checked, it is.
#[test]
fn refusing_to_overwrite() {
    let call = put(Content::Streamed(1), ObjectSettings::default(), Overwrite::Refuse);
    for call in [call, copy(), complete()] {
        for (provider, name, value) in [(Provider::S3, "if-none-match", "*"), (Provider::Oss, "x-oss-forbid-overwrite", "true")] {
            let draft = encode_object(&site(provider), &call, &Terms::default()).unwrap();
            let found: Vec<_> =
                draft.headers.iter().filter(|(name, _)| name == "if-none-match" || name == "x-oss-forbid-overwrite").collect();
            assert_eq!(found, [&(name.into(), value.into())], "{:?}", call.op());
        }
    }
    let allowed =
        encode_object(&site(Provider::S3), &put(Content::Streamed(1), ObjectSettings::default(), Overwrite::Allow), &Terms::default());
    assert_eq!(allowed.unwrap().headers, []);
}

#[test]
fn the_owner_guard_goes_with_objects_too() {
    let terms = Terms { consent: Consent::Given, expected_owner: Some("111122223333".to_owned()) };
    for call in calls_of(&site(Provider::S3)) {
        let draft = encode_object(&site(Provider::S3), &call, &terms).unwrap();
        assert!(draft.headers.contains(&("x-amz-expected-bucket-owner".into(), "111122223333".into())), "{:?}", call.op());
    }
}
