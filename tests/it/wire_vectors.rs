//! Every recorded request of the official SDKs (`tests/wire/README.md`) against our signer and our encoder.
//!
//! No case is skipped silently: the totals are typed by hand, and what we refuse is printed by name with its reason.
//! `WHOPAYS_WIRE_DIR` names another folder of vectors.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails here")]
#![allow(clippy::disallowed_methods, reason = "the test itself reads the vectors")]
#![allow(clippy::print_stdout, reason = "the counts are part of the test's result")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde::Deserialize;
use whopays::domain::{
    Addressing, BucketName, Consent, Credentials, ETag, Error, Keys, Network, ObjectKey, Op, OssSignature, Payer, Provider, Result, Secret,
    Site, StorageClass, UploadId, VersionId,
};
use whopays::wire::objects::{
    AskChecksums, AskOwner, Attribute, BodyChecksum, ByteRange, Content, CopySource, Directive, Doomed, Integrity, KeysPage, ObjectCall,
    ObjectRef, ObjectSettings, Overwrite, PartDone, PartRef, ResponseHeader, Tag, UploadMark, UploadRef, UploadsPage, Verbosity,
    VersionMark, VersionsPage, Wanted, encode_object,
};
use whopays::wire::sign_v4::{self, Flavour, Scope, SigningKey};
use whopays::wire::{Call, Checksum, Draft, ListPage, Payload, Request, Resource, Terms, address, encode, encode_list, percent, xml};
use whopays::wire::{Signer, sign_oss_v1};

/// Family, cases in the file, and the expected outcome of [`the_requests_that_we_build`]: built, linked, placed, refused.
/// Counted a second time from the files alone, by their operations, keys, tags and headers.
const FAMILIES: [(&str, usize, [usize; 4]); 5] = [
    ("s3-botocore", 523, [391, 89, 2, 41]),
    ("oss-oss2-v1", 395, [278, 79, 4, 34]),
    ("oss-oss2-v4", 398, [278, 80, 4, 36]),
    ("oss-v2-v4", 409, [279, 79, 6, 45]),
    ("oss-v2-v1", 408, [191, 12, 6, 199]),
];

#[derive(Deserialize)]
struct Family {
    family: String,
    counts: Counts,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Counts {
    cases: usize,
}

#[derive(Clone, Deserialize)]
struct Case {
    name: String,
    tags: Vec<String>,
    operation: String,
    inputs: Inputs,
    expected: Expected,
}

#[derive(Clone, Deserialize)]
struct Inputs {
    access_key_id: String,
    secret: String,
    session_token: Option<String>,
    region: String,
    endpoint: Option<String>,
    endpoint_kind: String,
    addressing_style: String,
    bucket: Option<String>,
    key: Option<String>,
    time: String,
    params: BTreeMap<String, serde_json::Value>,
    presign: Option<BTreeMap<String, serde_json::Value>>,
}

#[derive(Clone, Deserialize)]
struct Expected {
    method: String,
    target: String,
    host: String,
    headers: Vec<(String, String)>,
    #[serde(default)]
    query: Vec<(String, String)>,
    #[serde(default)]
    incidental_query: Vec<serde_json::Value>,
    body_b64: Option<String>,
    header_class: Classes,
    canonical_request: Option<String>,
    string_to_sign: String,
    signature: String,
    transport_altered: bool,
    sdk_path: Option<String>,
}

#[derive(Clone, Deserialize)]
struct Classes {
    signed: Vec<String>,
    #[serde(default)]
    required: Vec<String>,
}

/// A family with what is known beforehand: for our own copies the typed totals, for another folder what each file says of itself.
struct Judged {
    family: Family,
    total: usize,
    outcome: Option<[usize; 4]>,
    divergent: Option<usize>,
}

fn families() -> Vec<Judged> {
    match std::env::var_os("WHOPAYS_WIRE_DIR") {
        None => own_families(),
        Some(folder) => families_of(&PathBuf::from(folder)),
    }
}

fn own_families() -> Vec<Judged> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/wire");
    let found = families_of(&folder);
    assert_eq!(found.len(), FAMILIES.len(), "every family of {}", folder.display());
    let known = |judged: Judged| {
        let (name, total, outcome) = FAMILIES.iter().find(|(name, _, _)| *name == judged.family.family).unwrap();
        assert_eq!(judged.family.cases.len(), *total, "{name}");
        let divergent = if *name == "oss-v2-v1" { 172 } else { 0 };
        Judged { total: *total, outcome: Some(*outcome), divergent: Some(divergent), ..judged }
    };
    found.into_iter().map(known).collect()
}

/// Every vector file of a folder; files of another format are other things.
fn families_of(folder: &std::path::Path) -> Vec<Judged> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let mut found = Vec::new();
    for file in files.iter().filter(|file| file.extension().is_some_and(|extension| extension == "json")) {
        let value: serde_json::Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
        if value.get("format").and_then(serde_json::Value::as_str) != Some("wire-vectors/1") {
            continue;
        }
        let family: Family = serde_json::from_value(value).unwrap();
        assert_eq!(family.cases.len(), family.counts.cases, "{}", file.display());
        found.push(Judged { total: family.counts.cases, family, outcome: None, divergent: None });
    }
    assert!(!found.is_empty(), "no vector file in {}", folder.display());
    found
}

impl Inputs {
    fn now(&self) -> Timestamp {
        self.time.parse().unwrap()
    }
}

impl Case {
    fn has(&self, tag: &str) -> bool {
        self.tags.iter().any(|own| own == tag)
    }

    fn has_dot_segment(&self) -> bool {
        self.inputs.key.iter().flat_map(|key| key.split('/')).any(|segment| matches!(segment, "." | ".."))
    }

    fn text(&self, param: &str) -> Option<String> {
        self.inputs.params.get(param)?.as_str().map(str::to_owned)
    }

    fn flag(&self, param: &str) -> bool {
        self.inputs.params.get(param).and_then(serde_json::Value::as_bool).unwrap_or(false)
    }

    fn number(&self, param: &str) -> Option<u32> {
        self.inputs.params.get(param)?.as_u64().map(|number| u32::try_from(number).unwrap())
    }

    fn resource(&self) -> Resource {
        Resource { bucket: self.inputs.bucket.clone().unwrap_or_default(), key: self.inputs.key.clone().unwrap_or_default() }
    }

    fn keys(&self) -> Keys {
        Keys::Signed(Arc::new(Credentials {
            access_key_id: self.inputs.access_key_id.clone(),
            secret: Secret::new(self.inputs.secret.clone()),
            session_token: self.inputs.session_token.clone().map(Secret::new),
            expires_at: None,
        }))
    }

    fn site(&self, family: &str) -> Site {
        let s3 = family == "s3-botocore";
        let mut endpoint = self.inputs.endpoint.clone();
        let network = match self.inputs.endpoint_kind.as_str() {
            "default" | "us-east-1-legacy" => Network::Public,
            "us-east-1-regional" => {
                // A mode of that SDK; here it is an endpoint.
                endpoint = Some("https://s3.us-east-1.amazonaws.com".to_owned());
                Network::Public
            }
            "internal" => Network::Internal,
            "accelerate" => Network::Accelerate,
            "dualstack" => Network::Dualstack,
            "fips" => Network::Fips,
            other => panic!("endpoint kind {other}"),
        };
        let addressing = match self.inputs.addressing_style.as_str() {
            "virtual" => Addressing::Virtual,
            "path" => Addressing::Path,
            "cname" => Addressing::Cname,
            "auto" => Addressing::Auto,
            other => panic!("addressing {other}"),
        };
        Site {
            provider: if s3 { Provider::S3 } else { Provider::Oss },
            region: self.inputs.region.clone(),
            endpoint,
            sts_endpoint: None,
            network,
            addressing,
            signature: if family.ends_with("v1") { OssSignature::V1 } else { OssSignature::V4 },
        }
    }
}

/// Name and value pairs of a target's query, decoded; `+` is a blank, as one of the SDKs writes it.
fn query_of(target: &str) -> Vec<(String, String)> {
    let query = target.split_once('?').map_or("", |(_, query)| query);
    let decode = |text: &str| String::from_utf8(percent::decoded(&text.replace('+', " "))).unwrap();
    let pair = |item: &str| item.split_once('=').map_or((decode(item), String::new()), |(name, value)| (decode(name), decode(value)));
    query.split('&').filter(|item| !item.is_empty()).map(pair).collect()
}

fn path_of(target: &str) -> &str {
    target.split_once('?').map_or(target, |(path, _)| path)
}

/// What our signer makes of a head: canonical request (not for V1), string to sign, signature.
#[derive(Debug, PartialEq, Eq)]
struct Signed(Option<String>, String, String);

fn as_pairs(list: &[(String, String)]) -> Vec<(&str, &str)> {
    list.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

/// Signs what is on the wire. `headers` are in lower case; `signed` names those that SigV4 covers.
struct Wire<'a> {
    family: &'a str,
    method: &'a str,
    target: &'a str,
    headers: Vec<(String, String)>,
    signed: Vec<String>,
    payer_unsigned: bool,
}

impl Wire<'_> {
    fn header(&self, wanted: &str) -> &str {
        self.headers.iter().find(|(name, _)| name == wanted).map_or("", |(_, value)| value)
    }

    fn sign(&self, inputs: &Inputs, resource: &Resource) -> Signed {
        let mut query = query_of(self.target);
        query.retain(|(name, _)| !matches!(name.as_str(), "X-Amz-Signature" | "x-oss-signature"));
        query.retain(|(name, _)| !(self.payer_unsigned && name == "x-oss-request-payer"));
        match self.family {
            "s3-botocore" => self.sign_s3(inputs, &query),
            "oss-oss2-v4" | "oss-v2-v4" => self.sign_oss_v4(inputs, resource, &query),
            _ => self.sign_oss_v1(inputs, resource, &query),
        }
    }

    fn sign_s3(&self, inputs: &Inputs, query: &[(String, String)]) -> Signed {
        let presigned = query.iter().any(|(name, _)| name == "X-Amz-Algorithm");
        let mut headers: Vec<(&str, &str)> = as_pairs(&self.headers);
        headers.retain(|(name, _)| self.signed.iter().any(|signed| signed == name));
        headers.sort_unstable();
        let head = sign_v4::Head {
            method: self.method,
            path: path_of(self.target),
            query: &as_pairs(query),
            headers: &headers,
            additional: "",
            payload: if presigned { "UNSIGNED-PAYLOAD" } else { self.header("x-amz-content-sha256") },
        };
        v4(Flavour::Aws, inputs, "s3", &head)
    }

    fn sign_oss_v4(&self, inputs: &Inputs, resource: &Resource, query: &[(String, String)]) -> Signed {
        let in_query = query.iter().find(|(name, _)| name == "x-oss-additional-headers").map(|(_, value)| value.clone());
        let in_header = self.header("authorization").split("AdditionalHeaders=").nth(1).and_then(|rest| rest.split(',').next());
        let additional = in_query.or(in_header.map(str::to_owned)).unwrap_or_default();
        let mut headers: Vec<(&str, &str)> = as_pairs(&self.headers);
        let covered = |name: &str| {
            name.starts_with("x-oss-") || matches!(name, "content-type" | "content-md5") || additional.split(';').any(|own| own == name)
        };
        headers.retain(|(name, _)| covered(name));
        headers.sort_unstable();
        let path = match resource.bucket.as_str() {
            "" => "/".to_owned(),
            bucket => percent::encoded_path(&format!("/{bucket}/{}", resource.key)),
        };
        let head = sign_v4::Head {
            method: self.method,
            path: &path,
            query: &as_pairs(query),
            headers: &headers,
            additional: &additional,
            payload: "UNSIGNED-PAYLOAD",
        };
        v4(Flavour::Oss, inputs, "oss", &head)
    }

    fn sign_oss_v1(&self, inputs: &Inputs, resource: &Resource, query: &[(String, String)]) -> Signed {
        let expires = query.iter().find(|(name, _)| name == "Expires").map(|(_, value)| value.as_str());
        let head = sign_oss_v1::Head {
            method: self.method,
            date: expires.unwrap_or_else(|| self.header("date")),
            headers: &as_pairs(&self.headers),
            query: &as_pairs(query),
            resource,
        };
        let text = sign_oss_v1::string_to_sign(&head);
        let signature = sign_oss_v1::signature(&inputs.secret, &text);
        Signed(None, text, signature)
    }
}

fn v4(flavour: Flavour, inputs: &Inputs, service: &str, head: &sign_v4::Head<'_>) -> Signed {
    let stamp = sign_v4::stamp(inputs.now());
    let scope = Scope { day: &stamp[..8], region: &inputs.region, service };
    let (mut canonical, mut text) = (String::new(), String::new());
    sign_v4::canonical_request(flavour, head, &mut canonical);
    sign_v4::string_to_sign(flavour, &stamp, &scope, &canonical, &mut text);
    let signature = SigningKey::derived(flavour, &inputs.secret, &scope).signature(&text);
    Signed(Some(canonical), text, signature)
}

fn lower(headers: &[(String, String)]) -> Vec<(String, String)> {
    headers.iter().map(|(name, value)| (name.to_ascii_lowercase(), value.clone())).collect()
}

fn sign_vector(family: &str, case: &Case) -> Signed {
    let wire = Wire {
        family,
        method: &case.expected.method,
        target: &case.expected.target,
        headers: lower(&case.expected.headers),
        signed: case.expected.header_class.signed.clone(),
        // README, "divergent": the newer SDK leaves the payer of a V1 link unsigned. We sign it; here we do as it did.
        payer_unsigned: family == "oss-v2-v1" && case.has("divergent"),
    };
    wire.sign(&case.inputs, &case.resource())
}

#[test]
fn the_signer_byte_for_byte() {
    for Judged { family, total, divergent: known, .. } in families() {
        let mut passed = 0;
        for case in &family.cases {
            let expected =
                Signed(case.expected.canonical_request.clone(), case.expected.string_to_sign.clone(), case.expected.signature.clone());
            assert_eq!(sign_vector(&family.family, case), expected, "{} {}", family.family, case.name);
            passed += 1;
        }
        let divergent = family.cases.iter().filter(|case| case.has("divergent")).count();
        println!("{}: {passed} of {total} signatures as recorded ({divergent} of them as the divergent SDK makes them)", family.family);
        assert_eq!(passed, total);
        assert!(known.is_none_or(|known| known == divergent), "{}: {divergent} divergent", family.family);
    }
}

#[test]
fn damaged_copies_are_noticed() {
    let mut noticed = 0;
    let mut cases = 0;
    for Judged { family, total, .. } in families() {
        cases += total;
        for case in &family.cases {
            let mut copies = vec![case.clone(), case.clone()];
            copies[0].inputs.secret.push('!');
            copies[1].expected.method = "PATCH".to_owned();
            if case.expected.headers.iter().any(|(name, _)| name.to_ascii_lowercase().ends_with("request-payer")) {
                let mut copy = case.clone();
                for (name, value) in &mut copy.expected.headers {
                    if name.to_ascii_lowercase().ends_with("request-payer") {
                        "owner".clone_into(value);
                    }
                }
                copies.push(copy);
            }
            for copy in copies {
                assert_ne!(sign_vector(&family.family, &copy).2, case.expected.signature, "{} {}", family.family, case.name);
                noticed += 1;
            }
        }
    }
    println!("{noticed} damaged copies noticed");
    assert!(noticed >= 2 * cases, "{noticed} of {cases} cases");
}

/// What became of a case in [`the_requests_that_we_build`].
enum Outcome {
    /// Encoded from its inputs, signed, and compared.
    Built,
    /// A presigned link, made by us and compared to its signature.
    Linked,
    /// An operation of a later release: method aside, scheme, host and path were compared.
    Placed,
    /// Not what we send.
    Refused(&'static str),
}

#[test]
fn the_requests_that_we_build() {
    let signer = Signer::new();
    let mut wrong = Vec::new();
    for Judged { family, total, outcome: expected, .. } in families() {
        let mut counts = [0; 4];
        for case in &family.cases {
            let outcome = if case.inputs.presign.is_some() || case.expected.target.contains("ignature=") {
                link(&signer, &family.family, case)
            } else {
                match draft(&family.family, case) {
                    Some(draft) => build(&signer, &family.family, case, draft),
                    None => place(&signer, &family.family, case),
                }
            };
            match outcome {
                Outcome::Built => counts[0] += 1,
                Outcome::Linked => counts[1] += 1,
                Outcome::Placed => counts[2] += 1,
                Outcome::Refused(reason) => {
                    counts[3] += 1;
                    println!("  refused {} {}: {reason}", family.family, case.name);
                }
            }
        }
        let [built, linked, placed, refused] = counts;
        println!("{}: {total} cases: {built} built, {linked} links, {placed} placed, {refused} refused", family.family);
        assert_eq!(counts.iter().sum::<usize>(), total);
        if expected.is_some_and(|expected| counts != expected) {
            wrong.push((family.family.clone(), counts));
        }
    }
    assert_eq!(wrong, []);
}

/// Our draft for a case, where the operation exists.
fn draft(family: &str, case: &Case) -> Option<Result<Draft>> {
    let site = case.site(family);
    let bucket = || BucketName::parse(site.provider, case.inputs.bucket.as_deref().unwrap()).unwrap();
    let terms = Terms {
        consent: if case.flag("request_payer") { Consent::Given } else { Consent::Silent },
        expected_owner: case.text("expected_bucket_owner"),
    };
    let call = match case.operation.as_str() {
        "ListBuckets" => {
            let page = ListPage {
                from: case.text("continuation_token").or(case.text("marker")),
                limit: case.number("max_buckets").or(case.number("max_keys")),
                prefix: case.text("prefix"),
            };
            return Some(encode_list(&site, &page, &terms));
        }
        "GetBucketLocation" => Call::GetBucketLocation { bucket: bucket() },
        "GetBucketRequestPayment" => Call::GetBucketRequestPayment { bucket: bucket() },
        "PutBucketRequestPayment" => Call::PutBucketRequestPayment {
            bucket: bucket(),
            payer: Payer::from_wire(&case.text("payer").unwrap()),
            checksum: case.checksum(),
        },
        _ => return object_call(family, case).map(|call| encode_object(&site, &call, &terms)),
    };
    Some(encode(&site, &call, &terms))
}

impl Case {
    fn key(&self) -> ObjectKey {
        ObjectKey::new(self.inputs.key.clone().unwrap())
    }

    fn param(&self, name: &str) -> &serde_json::Value {
        self.inputs.params.get(name).unwrap_or(&serde_json::Value::Null)
    }

    fn checksum(&self) -> Option<Checksum> {
        self.text("checksum_algorithm").map(|name| match name.as_str() {
            "CRC32" => Checksum::Crc32,
            "CRC32C" => Checksum::Crc32c,
            "CRC64NVME" => Checksum::Crc64Nvme,
            "SHA1" => Checksum::Sha1,
            "SHA256" => Checksum::Sha256,
            other => panic!("checksum {other}"),
        })
    }

    fn settings(&self) -> ObjectSettings {
        let metadata = self.param("metadata").as_object().into_iter().flatten();
        ObjectSettings {
            content_type: self.text("content_type"),
            cache_control: self.text("cache_control"),
            content_disposition: self.text("content_disposition"),
            metadata: metadata.map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned())).collect(),
            storage_class: self.text("storage_class").map(StorageClass::new),
            acl: self.text("acl"),
            ..ObjectSettings::default()
        }
    }

    fn integrity(&self, bytes: &[u8]) -> Integrity {
        Integrity { content_md5: self.text("content_md5"), checksum: self.checksum().map(|algorithm| BodyChecksum::of(algorithm, bytes)) }
    }

    fn wanted(&self) -> Wanted {
        let range = self.text("range").map(|text| match text.as_str() {
            "bytes=0-9" => ByteRange::Between(0, 9),
            "bytes=-500" => ByteRange::Last(500),
            other => panic!("range {other}"),
        });
        let overrides =
            [("response_content_disposition", ResponseHeader::ContentDisposition), ("response_content_type", ResponseHeader::ContentType)];
        Wanted {
            range,
            if_match: None,
            checksums: if self.text("checksum_mode").is_some() { AskChecksums::Asked } else { AskChecksums::Silent },
            overrides: overrides.into_iter().filter_map(|(name, header)| Some((header, self.text(name)?))).collect(),
        }
    }

    fn source(&self) -> CopySource {
        let source = self.param("copy_source");
        let object = ObjectRef {
            bucket: BucketName::parse(Provider::S3, source["bucket"].as_str().unwrap()).unwrap(),
            key: ObjectKey::new(source["key"].as_str().unwrap()),
            version: source["version_id"].as_str().map(VersionId::new),
        };
        CopySource { object, if_match: None, taken_from: None }
    }

    fn doomed(&self) -> Vec<Doomed> {
        let one = |item: &serde_json::Value| Doomed {
            key: ObjectKey::new(item["key"].as_str().unwrap()),
            version: item["version_id"].as_str().map(VersionId::new),
        };
        self.param("objects").as_array().unwrap().iter().map(one).collect()
    }

    fn tags(&self) -> Vec<Tag> {
        let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
        self.param("tags").as_array().unwrap().iter().map(|pair| Tag { key: text(&pair[0]), value: text(&pair[1]) }).collect()
    }

    fn parts(&self) -> Vec<PartDone> {
        let one = |part: &serde_json::Value| PartDone {
            number: u32::try_from(part["part_number"].as_u64().unwrap()).unwrap(),
            etag: ETag::new(part["etag"].as_str().unwrap()),
            checksum: None,
        };
        self.param("parts").as_array().unwrap().iter().map(one).collect()
    }
}

/// Our call for a case about objects.
fn object_call(family: &str, case: &Case) -> Option<ObjectCall> {
    let provider = case.site(family).provider;
    let bucket = BucketName::parse(provider, case.inputs.bucket.as_deref()?).ok().or_else(|| {
        // OSS SDKs take a name with dots at one endpoint; S3's rules let it through to the path.
        BucketName::parse(Provider::S3, case.inputs.bucket.as_deref()?).ok()
    })?;
    let object = || ObjectRef { bucket: bucket.clone(), key: case.key(), version: case.text("version_id").map(VersionId::new) };
    let upload = || UploadRef { bucket: bucket.clone(), key: case.key(), id: UploadId::new(case.text("upload_id").unwrap()) };
    let part = || PartRef { upload: upload(), number: case.number("part_number").unwrap() };
    let content = || Content::Inline(bytes::Bytes::from(body_of(case)));
    Some(match case.operation.as_str() {
        "ListObjectsV2" => ObjectCall::ListObjectsV2 { page: keys_page(case), bucket },
        "ListObjectVersions" => {
            let after = case.text("key_marker");
            let mark = |key| VersionMark { key, version: case.text("version_id_marker").map(VersionId::new) };
            let page = VersionsPage {
                prefix: case.text("prefix"),
                delimiter: case.text("delimiter"),
                after: after.map(mark),
                limit: case.number("max_keys"),
            };
            ObjectCall::ListObjectVersions { bucket, page }
        }
        "ListMultipartUploads" => {
            let mark = |key| UploadMark { key, id: case.text("upload_id_marker").map(UploadId::new) };
            let page = UploadsPage {
                prefix: case.text("prefix"),
                delimiter: case.text("delimiter"),
                after: case.text("key_marker").map(mark),
                limit: case.number("max_uploads"),
            };
            ObjectCall::ListMultipartUploads { bucket, page }
        }
        "HeadObject" => ObjectCall::HeadObject { object: object(), checksums: AskChecksums::Silent },
        "GetObject" => ObjectCall::GetObject { object: object(), wanted: case.wanted() },
        "GetObjectTagging" => ObjectCall::GetObjectTagging { object: object() },
        "PutObjectTagging" => ObjectCall::PutObjectTagging { object: object(), tags: case.tags(), checksum: case.checksum() },
        "GetObjectAttributes" => {
            assert_eq!(*case.param("object_attributes"), serde_json::json!(["ETag", "ObjectSize"]));
            ObjectCall::GetObjectAttributes { object: object(), attributes: vec![Attribute::ETag, Attribute::ObjectSize] }
        }
        "PutObject" => ObjectCall::PutObject {
            key: case.key(),
            bucket,
            content: content(),
            settings: case.settings(),
            overwrite: Overwrite::Allow,
            integrity: case.integrity(&body_of(case)),
        },
        "CopyObject" => ObjectCall::CopyObject {
            key: case.key(),
            bucket,
            source: case.source(),
            metadata: if case.text("metadata_directive").is_some() { Directive::Replace } else { Directive::Copy },
            settings: case.settings(),
            overwrite: Overwrite::Allow,
        },
        "DeleteObject" => ObjectCall::DeleteObject { object: object() },
        "DeleteObjects" => ObjectCall::DeleteObjects {
            bucket,
            objects: case.doomed(),
            verbosity: if case.flag("quiet") { Verbosity::FailuresOnly } else { Verbosity::EveryKey },
            checksum: case.checksum(),
        },
        "CreateMultipartUpload" => ObjectCall::CreateMultipartUpload {
            key: case.key(),
            bucket,
            settings: case.settings(),
            overwrite: Overwrite::Allow,
            checksum: case.checksum(),
        },
        "UploadPart" => ObjectCall::UploadPart { part: part(), content: content(), integrity: case.integrity(&body_of(case)) },
        "UploadPartCopy" => {
            let range = case.text("copy_source_range").map(|text| {
                assert_eq!(text, "bytes=0-5242879");
                (0, 5_242_879)
            });
            ObjectCall::UploadPartCopy { part: part(), source: case.source(), range }
        }
        "ListParts" => {
            ObjectCall::ListParts { upload: upload(), after: case.number("part_number_marker"), limit: case.number("max_parts") }
        }
        "CompleteMultipartUpload" => {
            ObjectCall::CompleteMultipartUpload { upload: upload(), parts: case.parts(), overwrite: Overwrite::Allow, checksum: None }
        }
        "AbortMultipartUpload" => ObjectCall::AbortMultipartUpload { upload: upload() },
        "HeadBucket" | "GetBucketInfo" | "GetBucketStat" => return None,
        other => panic!("operation {other}"),
    })
}

fn keys_page(case: &Case) -> KeysPage {
    KeysPage {
        prefix: case.text("prefix"),
        delimiter: case.text("delimiter"),
        continuation: case.text("continuation_token"),
        start_after: case.text("start_after"),
        limit: case.number("max_keys"),
        owner: if case.flag("fetch_owner") { AskOwner::Asked } else { AskOwner::Silent },
    }
}

const DIVERGENT_TOKEN: &str = "divergent: that SDK sends the token in another header, unsigned";
const CONTROL: &str = "a batch delete of a control character: XML 1.0 cannot carry it, so such a key is deleted by itself";
const RAW_CR: &str = "a raw CR in a batch delete: that SDK's body names another key";
const CHUNKED: &str = "aws-chunked with the checksum in a trailer: our checksums stand in headers";

/// Why a case is not what we send at all, if it is one of those; every other draft must stand.
fn not_ours(case: &Case, error: &Error) -> &'static str {
    if case.has_dot_segment() {
        return DOTS;
    }
    let control = |key: &ObjectKey| key.as_str().chars().any(|c| c < ' ' && !matches!(c, '\t' | '\n' | '\r'));
    assert!(case.operation == "DeleteObjects" && case.doomed().iter().any(|doomed| control(&doomed.key)), "{}: {error}", case.name);
    assert!(error.message().contains("batch delete"), "{error}");
    CONTROL
}

/// Compares a request of ours with what was recorded.
fn build(signer: &Signer, family: &str, case: &Case, draft: Result<Draft>) -> Outcome {
    let draft = match draft {
        Ok(draft) => draft,
        Err(error) => return Outcome::Refused(not_ours(case, &error)),
    };
    assert_place(family, case, &draft);
    let path = draft.path.clone();
    let method = draft.method.to_string();
    let request = match signer.sign(&case.site(family), draft, &case.keys(), case.inputs.now()) {
        Ok(request) => request,
        Err(error) => return Outcome::Refused(not_ours(case, &error)),
    };
    // What is sent is what was signed (M1, M2).
    assert_eq!(reqwest::Url::parse(&request.url).unwrap().path(), path, "{family} {}", case.name);
    let (host, target) = split_url(&request.url);
    assert_eq!((method.as_str(), host), (case.expected.method.as_str(), case.expected.host.as_str()), "{family} {}", case.name);
    assert_eq!(our_query(case, target), expected_query(case), "{family} {}", case.name);
    assert_own_signature(family, case, &request, target);
    if lower(&case.expected.headers).iter().any(|(name, value)| name == "content-encoding" && value.contains("aws-chunked")) {
        return Outcome::Refused(CHUNKED);
    }
    if family.starts_with("oss-oss2") && body_of(case).contains(&b'\r') {
        // README: a parser reads the raw CR as LF. Ours is written by number, and reads as the key that was meant.
        let keys = elements(&request.body).into_iter().filter(|(path, _)| path == "Delete/Object/Key").map(|(_, key)| ObjectKey::new(key));
        assert_eq!(keys.collect::<Vec<_>>(), case.doomed().into_iter().map(|doomed| doomed.key).collect::<Vec<_>>());
        return Outcome::Refused(RAW_CR);
    }
    if is_xml(case) {
        assert_eq!(elements(&request.body), elements(&body_of(case)), "{family} {}", case.name);
        let namespace = request.body.windows(6).any(|window| window == b"xmlns=");
        assert_eq!(namespace, family == "s3-botocore", "{family} {}", case.name);
    } else {
        assert_eq!(request.body, body_of(case), "{family} {}", case.name);
    }
    let refused = compare_headers(family, case, &request);
    refused.map_or(Outcome::Built, Outcome::Refused)
}

fn is_xml(case: &Case) -> bool {
    matches!(case.operation.as_str(), "DeleteObjects" | "PutObjectTagging" | "CompleteMultipartUpload" | "PutBucketRequestPayment")
}

/// The query of a request of ours, without what the SDK adds by habit and without the one item that we
/// always add where the answer has keys.
fn our_query(case: &Case, target: &str) -> BTreeSet<(String, String)> {
    let mut query = query_set(target);
    let incidental = incidental_query(case);
    query.retain(|(name, _)| !incidental.contains(name));
    let has_keys = [
        "ListMultipartUploads",
        "ListObjectsV2",
        "ListObjectVersions",
        "DeleteObjects",
        "CreateMultipartUpload",
        "CompleteMultipartUpload",
    ];
    if has_keys.contains(&case.operation.as_str()) && !case.expected.query.iter().any(|(name, _)| name == "encoding-type") {
        query.remove(&("encoding-type".to_owned(), "url".to_owned()));
    }
    query
}

/// Compares the headers that a client must send; returns why one of them is not sent.
fn compare_headers(family: &str, case: &Case, request: &Request) -> Option<&'static str> {
    let mut refused = None;
    let (ours, recorded) = (sent(request), lower(&case.expected.headers));
    for name in &case.expected.header_class.required {
        let find = |list: &[(String, String)]| list.iter().find(|(own, _)| own == name).map(|(_, value)| value.clone());
        match name.as_str() {
            "x-oss-request-payer" if !request.op.takes_payer(Provider::Oss) => {
                assert_eq!(find(&ours), None, "{family} {}", case.name);
                refused = Some("this call never carries the payer header; that SDK lets a caller force it");
            }
            "security-token" => {
                assert_eq!(case.inputs.session_token, find_value(&ours, "x-oss-security-token"));
                refused = refused.or(Some(DIVERGENT_TOKEN));
            }
            // As in paths: that SDK writes `%2F` for a slash of the key.
            "x-oss-copy-source" if family.starts_with("oss-oss2") => {
                let decoded = |list| find(list).map(|text| percent::decoded(&text));
                assert_eq!(decoded(&ours), decoded(&recorded), "{family} {}", case.name);
            }
            // Another quoting of the same XML: the sum is that of our bytes, by another road than the encoder's.
            "content-md5" if is_xml(case) && request.body != body_of(case) => {
                let sum = <md5::Md5 as sha2::Digest>::digest(&request.body);
                assert_eq!(find(&ours), Some(STANDARD.encode(sum)), "{family} {}", case.name);
            }
            "x-amz-content-sha256" if is_xml(case) && request.body != body_of(case) => {
                let sum: String = <sha2::Sha256 as sha2::Digest>::digest(&request.body).iter().map(|byte| format!("{byte:02x}")).collect();
                assert_eq!(find(&ours), Some(sum), "{family} {}", case.name);
            }
            _ => assert_eq!(find(&ours), find(&recorded), "{family} {} {name}", case.name),
        }
    }
    refused
}

/// What we send, as what was recorded.
fn sent(request: &Request) -> Vec<(String, String)> {
    request.headers.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect()
}

fn find_value(list: &[(String, String)], name: &str) -> Option<String> {
    list.iter().find(|(own, _)| own == name).map(|(_, value)| value.clone())
}

/// Our own headers through the signer that passed byte for byte: the same signature as in our Authorization.
fn assert_own_signature(family: &str, case: &Case, request: &Request, target: &str) {
    let mut headers = sent(request);
    let authorization = find_value(&headers, "authorization").unwrap();
    headers.retain(|(name, _)| name != "authorization");
    let names = authorization.split("SignedHeaders=").nth(1).map_or("", |rest| rest.split(',').next().unwrap());
    let wire = Wire {
        family,
        method: &case.expected.method,
        target,
        headers,
        signed: names.split(';').map(str::to_owned).collect(),
        payer_unsigned: false,
    };
    let signature = wire.sign(&case.inputs, &case.resource()).2;
    assert!(authorization.ends_with(&signature), "{family} {}", case.name);
    assert!(authorization.contains(&case.inputs.access_key_id), "{family} {}", case.name);
    if family == "s3-botocore" {
        let unsigned: Vec<_> = wire.headers.iter().filter(|(name, _)| !wire.signed.contains(name)).collect();
        assert!(unsigned.is_empty(), "{unsigned:?}");
    }
}

/// `host` and `path?query` of a URL, without any URL type.
fn split_url(url: &str) -> (&str, &str) {
    let rest = url.split_once("://").unwrap().1;
    rest.split_at(rest.find('/').unwrap())
}

fn query_set(target: &str) -> BTreeSet<(String, String)> {
    query_of(&target.replace('+', "%2B")).into_iter().collect()
}

fn incidental_query(case: &Case) -> BTreeSet<String> {
    let name = |item: &serde_json::Value| item.as_str().or_else(|| item.get(0)?.as_str()).map(str::to_owned);
    case.expected.incidental_query.iter().filter_map(name).collect()
}

fn expected_query(case: &Case) -> BTreeSet<(String, String)> {
    let incidental = incidental_query(case);
    case.expected.query.iter().filter(|(name, _)| !incidental.contains(name)).cloned().collect()
}

fn body_of(case: &Case) -> Vec<u8> {
    STANDARD.decode(case.expected.body_b64.as_deref().unwrap_or("")).unwrap()
}

/// A body as its elements, so that quoting and white space do not count.
fn elements(body: &[u8]) -> Vec<(String, String)> {
    let mut found = Vec::new();
    if !body.is_empty() {
        xml::read(body, |path, text| found.push((path.join("/"), text.to_owned()))).unwrap();
    }
    // Silence is no; and the word may stand before or after the keys.
    found.retain(|(path, text)| (path.as_str(), text.as_str()) != ("Delete/Quiet", "false"));
    if let Some(place) = found.iter().position(|(path, _)| path == "Delete/Quiet") {
        let word = found.remove(place);
        found.insert(0, word);
    }
    found
}

/// A draft for any bucket: what an operation that nobody needs yet (HeadBucket, GetBucketInfo, GetBucketStat) would start from.
fn bare_draft(family: &str, case: &Case) -> Draft {
    let site = case.site(family);
    let place = match &case.inputs.bucket {
        Some(bucket) => address::place(&site, bucket, case.inputs.key.as_deref().unwrap_or("")).unwrap(),
        None => address::service(&site).unwrap(),
    };
    Draft {
        op: if case.expected.method == "GET" { Op::GetObject } else { Op::PutObject },
        method: case.expected.method.parse().unwrap(),
        scheme: place.scheme,
        host: place.host,
        path: place.path,
        query: Vec::new(),
        headers: Vec::new(),
        body: bytes::Bytes::new(),
        payload: Payload::Body,
        resource: case.resource(),
    }
}

const DOTS: &str = "a segment `.` or `..`: URL types fold it, and the request would name another key";

fn assert_place(family: &str, case: &Case, draft: &Draft) {
    assert_eq!(draft.host, case.expected.host, "{family} {}", case.name);
    let recorded = match &case.expected.sdk_path {
        Some(path) if case.expected.transport_altered => path.as_str(),
        Some(_) | None => path_of(&case.expected.target),
    };
    if family.starts_with("oss-oss2") {
        assert_eq!(percent::decoded(&draft.path), percent::decoded(path_of(recorded)), "{family} {}", case.name);
    } else {
        assert_eq!(draft.path, path_of(recorded), "{family} {}", case.name);
    }
}

/// Compares host and path of an operation that does not exist yet, and proves that the URL type would send them so (M1, M2).
fn place(signer: &Signer, family: &str, case: &Case) -> Outcome {
    let draft = bare_draft(family, case);
    assert_place(family, case, &draft);
    let path = draft.path.clone();
    match signer.sign(&case.site(family), draft, &case.keys(), case.inputs.now()) {
        Err(_) => {
            assert!(case.has_dot_segment(), "{family} {}", case.name);
            Outcome::Refused(DOTS)
        }
        Ok(request) => {
            assert_eq!(reqwest::Url::parse(&request.url).unwrap().path(), path, "{family} {}", case.name);
            Outcome::Placed
        }
    }
}

/// Makes the presigned link of a case, and compares every query item with the recorded ones, the signature among them.
fn link(signer: &Signer, family: &str, case: &Case) -> Outcome {
    let site = case.site(family);
    let given = case.flag("request_payer_in_query") || case.flag("request_payer");
    let terms = Terms { consent: if given { Consent::Given } else { Consent::Silent }, expected_owner: None };
    let draft = encode_object(&site, &object_call(family, case).unwrap(), &terms).unwrap();
    assert_place(family, case, &draft);
    let presign = case.inputs.presign.clone().unwrap();
    if presign.contains_key("additional_headers") && presign["additional_headers"] != serde_json::Value::Null {
        return Outcome::Refused("additional signed headers: our links never need them");
    }
    let seconds = u32::try_from(presign["expires_s"].as_u64().unwrap()).unwrap();
    let Ok(link) = signer.presign(&site, draft, &case.keys(), seconds, case.inputs.now()) else {
        assert!(case.has_dot_segment(), "{family} {}", case.name);
        return Outcome::Refused(DOTS);
    };
    let (_, target) = split_url(&link.url);
    let query = query_set(target);
    if case.flag("request_payer") {
        assert!(query.iter().any(|(name, value)| name.ends_with("-request-payer") && value == "requester"), "{family} {}", case.name);
        return Outcome::Refused("the payer as a header that whoever opens the link must know: ours stands in the query");
    }
    if case.has("divergent") && case.flag("request_payer_in_query") {
        return Outcome::Refused("divergent: that SDK leaves the payer of the link unsigned");
    }
    assert_eq!(query, case.expected.query.iter().cloned().collect(), "{family} {}", case.name);
    Outcome::Linked
}
