//! What holds for every key and every answer.

use bytes::Bytes;
use http::HeaderMap;
use jiff::Timestamp;
use proptest::prelude::*;
use whopays::domain::{Addressing, ETag, ErrorKind, ObjectKey, Provider, Site, UploadId, VersionId};
use whopays::wire::objects::{
    Content, Doomed, Integrity, KeysPage, ObjectCall, ObjectRef, ObjectSettings, Overwrite, PartDone, PartRef, UploadRef, Verbosity,
    batch_refusal, decode_object, encode_object,
};
use whopays::wire::{Answer, Signer, Terms, percent, xml};

use super::{bucket, complete, delete, doomed, every_call, get, keys, list, object, put, site, upload};

/// Keys of the nastier kind: slashes, dots, escapes, controls, and everything else.
fn hostile() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("/".to_owned()),
        Just(".".to_owned()),
        Just("..".to_owned()),
        Just("%2e".to_owned()),
        Just("%2F".to_owned()),
        "[ +%?#&=;'\"<>\\\\~*()!:@]{1,4}",
        "[\\x00-\\x1f\\x7f]{1,2}",
        "\\PC{1,6}",
        "[a-z]{1,6}",
    ];
    proptest::collection::vec(piece, 1..8).prop_map(|pieces| pieces.concat())
}

/// E1 to E3, M1, M2: what goes out names the key, or nothing goes out.
fn names_the_key(site: &Site, key: &str, prefix: &str) {
    let draft = encode_object(site, &get(key), &Terms::default()).unwrap();
    let path = draft.path.clone();
    assert_eq!(percent::decoded(&path), format!("{prefix}/{key}").into_bytes(), "{key:?}");
    let dots = key.split('/').any(|segment| matches!(segment, "." | ".."));
    match Signer::new().sign(site, draft, &keys(), Timestamp::UNIX_EPOCH) {
        Ok(request) => {
            assert_eq!(reqwest::Url::parse(&request.url).unwrap().path(), path, "{key:?}");
            assert!(!dots, "{key:?}");
        }
        Err(error) => assert!(dots && error.kind() == ErrorKind::Usage, "{key:?}: {error}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn keys_arrive_or_are_refused(key in hostile()) {
        for provider in [Provider::S3, Provider::Oss] {
            names_the_key(&site(provider), &key, "");
            names_the_key(&Site { addressing: Addressing::Path, ..site(provider) }, &key, "/rp-example-bucket");
        }
    }

    /// E10: a parser reads each key as it was meant, or the key is refused with the reason.
    #[test]
    fn batches_round_trip(names in proptest::collection::vec(hostile(), 1..6)) {
        let refused = names.iter().any(|name| batch_refusal(&ObjectKey::new(name.as_str())).is_some());
        let texts: Vec<&str> = names.iter().map(String::as_str).collect();
        for provider in [Provider::S3, Provider::Oss] {
            let draft = encode_object(&site(provider), &delete(&texts), &Terms::default());
            prop_assert_eq!(draft.is_err(), refused);
            let Ok(draft) = draft else { continue };
            prop_assert!(!draft.body.contains(&b'\r'));
            let mut found = Vec::new();
            xml::read(&draft.body, |path, text| if path == ["Delete", "Object", "Key"] { found.push(text.to_owned()) }).unwrap();
            prop_assert_eq!(&found, &names);
        }
    }

    #[test]
    fn listings_never_panic(pieces in proptest::collection::vec(pieces(), 0..12), tail in ".{0,40}") {
        let body = Bytes::from(format!("<ListBucketResult>{}{tail}</ListBucketResult>", pieces.concat()));
        for provider in [Provider::S3, Provider::Oss] {
            for call in every_call() {
                for status in [200, 206, 404] {
                    let _ = decode_object(&site(provider), &call, &Answer { status, headers: HeaderMap::new(), body: body.clone() });
                }
            }
        }
    }

    #[test]
    fn any_bytes_never_panic(body in proptest::collection::vec(any::<u8>(), 0..200)) {
        let answer = Answer { status: 200, headers: HeaderMap::new(), body: Bytes::from(body) };
        for call in every_call() {
            let _ = decode_object(&site(Provider::S3), &call, &answer);
        }
    }

    /// Keys that a store encodes come back as they were.
    #[test]
    fn listed_keys_come_back(key in hostile()) {
        for provider in [Provider::S3, Provider::Oss] {
            let text = percent::encoded(&key);
            let body = format!(
                "<ListBucketResult><EncodingType>url</EncodingType><Contents><Key>{text}</Key><Size>1</Size></Contents>\
                 <IsTruncated>false</IsTruncated></ListBucketResult>"
            );
            let answer = Answer { status: 200, headers: HeaderMap::new(), body: Bytes::from(body) };
            let reply = decode_object(&site(provider), &list(KeysPage::default()), &answer).unwrap();
            let whopays::wire::objects::Said::Keys(page) = reply.said else { panic!() };
            prop_assert_eq!(page.iter().map(|row| row.key).collect::<Vec<_>>(), [key.as_str()]);
        }
    }
}

fn pieces() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("<Contents><Key>a</Key><Size>1</Size></Contents>".to_owned()),
        Just("<CommonPrefixes><Prefix>%</Prefix></CommonPrefixes>".to_owned()),
        Just("<IsTruncated>true</IsTruncated>".to_owned()),
        Just("<EncodingType>url</EncodingType>".to_owned()),
        Just("<Contents>".to_owned()),
        Just("</Contents>".to_owned()),
        Just("<Key>%FF%</Key>".to_owned()),
        "<[A-Z][a-z]{1,6}>",
        "&#x?[0-9]{1,4};",
        "\\PC{0,8}",
    ]
}

/// What would be another request than was meant is refused before anything is signed.
#[test]
fn refused_before_sending() {
    let part = |number, id: &str| ObjectCall::UploadPart {
        part: PartRef { upload: UploadRef { id: UploadId::new(id), ..upload() }, number },
        content: Content::Streamed(1),
        integrity: Integrity::default(),
    };
    let done = |number| PartDone { number, etag: ETag::new("\"a\""), checksum: None };
    let complete_with = |parts| {
        let ObjectCall::CompleteMultipartUpload { upload, overwrite, checksum, .. } = complete() else { panic!() };
        ObjectCall::CompleteMultipartUpload { upload, parts, overwrite, checksum }
    };
    let metadata = |names: &[&str]| ObjectSettings {
        metadata: names.iter().map(|name| ((*name).to_owned(), "v".to_owned())).collect(),
        ..ObjectSettings::default()
    };
    let with = |settings| put(Content::Streamed(1), settings, Overwrite::Allow);
    let many = vec!["k"; 1_001];
    let empty_version = ObjectRef { version: Some(VersionId::new("")), ..object("k") };
    for call in [
        get(""),
        get(&"k".repeat(1_025)),
        part(0, "id"),
        part(10_001, "id"),
        part(1, ""),
        ObjectCall::AbortMultipartUpload { upload: UploadRef { id: UploadId::new(""), ..upload() } },
        complete_with(vec![]),
        complete_with(vec![done(2), done(2)]),
        complete_with(vec![done(2), done(1)]),
        delete(&[]),
        delete(&many),
        delete(&["a\u{0}"]),
        delete(&["a\u{ffff}"]),
        ObjectCall::DeleteObject { object: empty_version },
        ObjectCall::DeleteObjects {
            bucket: bucket(),
            objects: vec![Doomed { version: Some(VersionId::new("")), ..doomed("a") }],
            verbosity: Verbosity::EveryKey,
            checksum: None,
        },
        with(metadata(&["a b"])),
        with(metadata(&["a:b"])),
        with(metadata(&[""])),
        with(metadata(&["A", "a"])),
    ] {
        for provider in [Provider::S3, Provider::Oss] {
            let error = encode_object(&site(provider), &call, &Terms::default()).err().unwrap();
            assert_eq!(error.kind(), ErrorKind::Usage, "{call:?}");
        }
    }
    // A value that would end its header is refused by the signer.
    let injected = ObjectSettings { content_type: Some("a\r\nx-amz-acl: public-read".to_owned()), ..ObjectSettings::default() };
    let draft = encode_object(&site(Provider::S3), &with(injected), &Terms::default()).unwrap();
    assert!(Signer::new().sign(&site(Provider::S3), draft, &keys(), Timestamp::UNIX_EPOCH).is_err());
}

/// Dot segments: a path cannot name them, a batch can.
#[test]
fn dot_segments_go_by_batch() {
    for key in [".", "..", "a/..", "a/../b", "../b", "a/./b"] {
        assert_eq!(batch_refusal(&ObjectKey::new(key)), None, "{key}");
        assert!(encode_object(&site(Provider::S3), &delete(&[key]), &Terms::default()).is_ok(), "{key}");
    }
    assert!(batch_refusal(&ObjectKey::new("a/../\u{1}")).is_some());
}
