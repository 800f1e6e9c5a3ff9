//! Objects on the wire: the payer on every call, answers of both clouds typed by hand, and what holds for every key.
//!
//! Element and header names are those of `tests/wire/response-fields.json` and of the vendors' pages.

mod answers;
mod keys_page;
mod lies;
mod payer;
mod properties;

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};
use whopays::domain::{
    Addressing, BucketName, Credentials, ETag, Error, Keys, Network, ObjectKey, OssSignature, Provider, Secret, Site, UploadId, VersionId,
};
use whopays::wire::Answer;
use whopays::wire::objects::{
    AskChecksums, Attribute, Content, CopySource, Directive, Doomed, Integrity, KeysPage, ObjectCall, ObjectRef, ObjectReply,
    ObjectSettings, Overwrite, PartDone, PartRef, Said, Tag, UploadRef, UploadsPage, Verbosity, VersionsPage, Wanted, decode_object,
};

const BUCKET: &str = "rp-example-bucket";

fn site(provider: Provider) -> Site {
    let region = match provider {
        Provider::S3 => "us-west-2",
        Provider::Oss => "cn-hangzhou",
    };
    Site {
        provider,
        region: region.to_owned(),
        endpoint: None,
        sts_endpoint: None,
        network: Network::Public,
        addressing: Addressing::Auto,
        signature: OssSignature::V4,
    }
}

fn keys() -> Keys {
    Keys::Signed(Arc::new(Credentials {
        access_key_id: "AKIDEXAMPLE00000001".to_owned(),
        secret: Secret::new("exampleSecret".to_owned()),
        session_token: None,
        expires_at: None,
    }))
}

fn bucket() -> BucketName {
    BucketName::parse(Provider::Oss, BUCKET).unwrap()
}

fn object(key: &str) -> ObjectRef {
    ObjectRef { bucket: bucket(), key: ObjectKey::new(key), version: None }
}

fn upload() -> UploadRef {
    UploadRef { bucket: bucket(), key: ObjectKey::new("k"), id: UploadId::new("id+/=") }
}

fn get(key: &str) -> ObjectCall {
    ObjectCall::GetObject { object: object(key), wanted: Wanted::default() }
}

fn list(page: KeysPage) -> ObjectCall {
    ObjectCall::ListObjectsV2 { bucket: bucket(), page }
}

fn doomed(key: &str) -> Doomed {
    Doomed { key: ObjectKey::new(key), version: None }
}

fn delete(keys: &[&str]) -> ObjectCall {
    let objects = keys.iter().map(|key| doomed(key)).collect();
    ObjectCall::DeleteObjects { bucket: bucket(), objects, verbosity: Verbosity::EveryKey, checksum: None }
}

fn put(content: Content, settings: ObjectSettings, overwrite: Overwrite) -> ObjectCall {
    let key = ObjectKey::new("k");
    ObjectCall::PutObject { bucket: bucket(), key, content, settings, overwrite, integrity: Integrity::default() }
}

fn copy() -> ObjectCall {
    ObjectCall::CopyObject {
        bucket: bucket(),
        key: ObjectKey::new("k"),
        source: source(),
        metadata: Directive::Copy,
        settings: ObjectSettings::default(),
        overwrite: Overwrite::Refuse,
    }
}

fn source() -> CopySource {
    CopySource { object: ObjectRef { version: Some(VersionId::new("v1")), ..object("from/a b") }, if_match: None, taken_from: None }
}

fn complete() -> ObjectCall {
    let parts = vec![PartDone { number: 1, etag: ETag::new("\"aa\""), checksum: None }];
    ObjectCall::CompleteMultipartUpload { upload: upload(), parts, overwrite: Overwrite::Refuse, checksum: None }
}

/// One call of every kind.
fn every_call() -> Vec<ObjectCall> {
    let tag = Tag { key: "team".to_owned(), value: "ops".to_owned() };
    vec![
        list(KeysPage::default()),
        ObjectCall::ListObjectVersions { bucket: bucket(), page: VersionsPage::default() },
        ObjectCall::HeadObject { object: object("k"), checksums: AskChecksums::Asked },
        get("k"),
        ObjectCall::GetObjectTagging { object: object("k") },
        ObjectCall::PutObjectTagging { object: object("k"), tags: vec![tag], checksum: None },
        ObjectCall::GetObjectAcl { object: object("k") },
        ObjectCall::GetObjectAttributes { object: object("k"), attributes: vec![Attribute::ObjectSize] },
        put(Content::Streamed(7), ObjectSettings::default(), Overwrite::Refuse),
        copy(),
        ObjectCall::DeleteObject { object: object("k") },
        delete(&["a", "b"]),
        ObjectCall::CreateMultipartUpload {
            bucket: bucket(),
            key: ObjectKey::new("k"),
            settings: ObjectSettings::default(),
            overwrite: Overwrite::Refuse,
            checksum: None,
        },
        ObjectCall::UploadPart {
            part: PartRef { upload: upload(), number: 3 },
            content: Content::Streamed(7),
            integrity: Integrity::default(),
        },
        ObjectCall::UploadPartCopy { part: PartRef { upload: upload(), number: 3 }, source: source(), range: Some((0, 9)) },
        ObjectCall::ListParts { upload: upload(), after: None, limit: None },
        ObjectCall::ListMultipartUploads { bucket: bucket(), page: UploadsPage::default() },
        complete(),
        ObjectCall::AbortMultipartUpload { upload: upload() },
    ]
}

fn answer(status: u16, headers: &[(&str, &str)], body: &str) -> Answer {
    let headers: HeaderMap = headers
        .iter()
        .map(|(name, value)| (name.parse::<HeaderName>().unwrap(), HeaderValue::from_bytes(value.as_bytes()).unwrap()))
        .collect();
    Answer { status, headers, body: Bytes::copy_from_slice(body.as_bytes()) }
}

fn read(provider: Provider, call: &ObjectCall, headers: &[(&str, &str)], body: &str) -> ObjectReply {
    decode_object(&site(provider), call, &answer(200, headers, body)).unwrap()
}

fn said(provider: Provider, call: &ObjectCall, headers: &[(&str, &str)], body: &str) -> Said {
    read(provider, call, headers, body).said
}

fn refused(provider: Provider, call: &ObjectCall, status: u16, headers: &[(&str, &str)], body: &str) -> Error {
    decode_object(&site(provider), call, &answer(status, headers, body)).unwrap_err()
}
