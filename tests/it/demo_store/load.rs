//! The load mode over real HTTP and HTTPS: pages, made bytes, receipts, counts.

use std::sync::Arc;
use std::time::Duration;

use rcgen::KeyPair;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use super::{Heard, say};
use whopays::demo::{LoadOptions, LoadStore, Pem};
use whopays::domain::ErrorKind;

fn options() -> LoadOptions {
    LoadOptions { listen: "127.0.0.1:0".parse().unwrap(), latency: Duration::ZERO, keys: 25_000, threads: 2, tls: None }
}

fn load() -> LoadStore {
    LoadStore::start(options()).unwrap()
}

async fn asks(store: &LoadStore, method: &str, target: &str, headers: &str, body: &str) -> Heard {
    let host = store.address();
    let length = body.len();
    let text =
        format!("{method} {target} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\ncontent-length: {length}\r\n{headers}\r\n{body}");
    say(host, text).await.unwrap()
}

fn names(heard: &Heard, tag: &str) -> Vec<String> {
    heard.body.split(tag).skip(1).map(|rest| rest.split('<').next().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_listing_takes_a_request_for_a_thousand_keys() {
    let store = load();
    let payer = "x-amz-request-payer: requester\r\n";
    let (mut seen, mut query) = (Vec::new(), String::new());
    for _ in 0..99 {
        let heard = asks(&store, "GET", &format!("/synthetic?list-type=2{query}"), payer, "").await;
        assert_eq!((heard.status, heard.header("x-amz-request-charged")), (200, Some("requester")));
        seen.extend(names(&heard, "<Key>"));
        let Some(token) = heard.element("NextContinuationToken") else { break };
        query = format!("&continuation-token={token}");
    }
    let wanted: Vec<String> = (0..25_000).map(|number| format!("key-{number:010}")).collect();
    assert!(seen == wanted, "{} keys", seen.len());
    let counts: serde_json::Value = serde_json::from_str(&asks(&store, "DELETE", "/-/counts", "", "").await.body).unwrap();
    let listed = &counts["operations"]["ListObjectsV2"];
    assert_eq!(
        (listed["requests"].as_u64(), listed["without_payer"].as_u64(), counts["connections"].as_u64()),
        (Some(25), Some(0), Some(26))
    );
    assert!(asks(&store, "GET", "/-/counts", "", "").await.body.contains("\"operations\":{}"));

    let target = "/oss-synthetic-folders?list-type=2&delimiter=%2F&prefix=top-0000%2F&max-keys=20&encoding-type=url";
    let heard = asks(&store, "GET", target, "", "").await;
    assert_eq!(names(&heard, "<CommonPrefixes><Prefix>").last().map(String::as_str), Some("top-0000%2Fsub-19%2F"));
    let token = heard.element("NextContinuationToken").unwrap();
    let rest = asks(&store, "GET", &format!("{target}&continuation-token={token}"), "", "").await;
    assert_eq!((names(&rest, "<CommonPrefixes><Prefix>").len(), rest.element("IsTruncated")), (5, Some("false")));
    let v1 = asks(&store, "GET", "/oss-synthetic?max-keys=2&marker=key-0000000007", "", "").await;
    assert_eq!(
        (names(&v1, "<Key>"), v1.element("NextMarker")),
        (vec!["key-0000000008".to_owned(), "key-0000000009".to_owned()], Some("key-0000000009"))
    );
    assert_eq!(asks(&store, "GET", "/another-bucket?list-type=2", "", "").await.element("Code"), Some("NoSuchBucket"));
}

#[tokio::test]
async fn objects_of_any_size_have_ranges_and_sums() {
    let store = load();
    let whole = asks(&store, "GET", "/synthetic/blob/5", "x-amz-checksum-mode: ENABLED\r\n", "").await;
    assert_eq!((whole.status, whole.body.as_str(), whole.header("etag")), (200, "00000", Some("\"dcddb75469b4b4875094e14561e573d8\"")));
    assert_eq!(whole.header("x-amz-checksum-crc64nvme"), Some("5qPxcAtsfKw="));
    let oss = asks(&store, "HEAD", "/oss-synthetic/blob/5", "", "").await;
    assert_eq!(
        (oss.header("content-length"), oss.header("x-oss-hash-crc64ecma"), oss.body.len()),
        (Some("5"), Some("8271072527367951039"), 0)
    );
    let late = asks(&store, "GET", "/synthetic/blob/1099511627776", "range: bytes=1048576-1048591\r\n", "").await;
    assert_eq!((late.status, late.body.as_str()), (206, "0000000000000001"));
    assert_eq!(late.header("content-range"), Some("bytes 1048576-1048591/1099511627776"));
    let tag = late.header("etag").unwrap();
    let same = asks(&store, "GET", "/synthetic/blob/1099511627776", &format!("range: bytes=0-3\r\nif-match: {tag}\r\n"), "").await;
    assert_eq!((same.status, same.body.as_str()), (206, "0000"));
    let rows = [
        ("/synthetic/blob/9", "if-match: \"0\"\r\n", 412),
        ("/synthetic/blob/9", "if-none-match: *\r\n", 304),
        ("/synthetic/blob/9", "range: bytes=9-\r\n", 416),
        ("/synthetic/key-0000024999", "", 200),
        ("/synthetic/key-0000025000", "", 404),
        ("/synthetic/blob/x", "", 404),
    ];
    for (target, headers, status) in rows {
        assert_eq!(asks(&store, "GET", target, headers, "").await.status, status, "{target} {headers}");
    }
}

#[tokio::test]
async fn uploads_are_summed_and_forgotten() {
    let store = load();
    for (bucket, header, sum) in
        [("synthetic", "x-amz-checksum-crc64nvme", "rosUhgp5mIg="), ("oss-synthetic", "x-oss-hash-crc64ecma", "11051210869376104954")]
    {
        let key = format!("/{bucket}/up/one");
        let put = asks(&store, "PUT", &key, "", "123456789").await;
        assert_eq!((put.status, put.header(header), put.header("etag")), (200, Some(sum), Some("\"25f9e794323b453885f5181f1b624d0b\"")));
        let begun = asks(&store, "POST", &format!("{key}?uploads"), "", "").await;
        let id = begun.element("UploadId").unwrap();
        let mut rows = String::new();
        for (number, body) in [(1, "1234"), (2, "56789")] {
            let part = asks(&store, "PUT", &format!("{key}?partNumber={number}&uploadId={id}"), "", body).await;
            rows.push_str(&format!("<Part><PartNumber>{number}</PartNumber><ETag>{}</ETag></Part>", part.header("etag").unwrap()));
        }
        let body = format!("<CompleteMultipartUpload>{rows}</CompleteMultipartUpload>");
        let target = format!("{key}?uploadId={id}");
        let listed = asks(&store, "GET", &format!("{target}&part-number-marker=1"), "", "").await;
        let part = (listed.element("PartNumber"), listed.element("Size"), listed.element("IsTruncated"));
        assert_eq!(part, (Some("2"), Some("5"), Some("false")));
        let wrong = asks(&store, "POST", &target, "", &body.replace("<PartNumber>2<", "<PartNumber>3<")).await;
        assert_eq!(wrong.element("Code"), Some("InvalidPart"));
        let done = asks(&store, "POST", &target, "", &body).await;
        assert_eq!((done.status, done.element("ETag")), (200, Some("&quot;d8399932ce6023ac3365f50fbbcde132-2&quot;")));
        assert_eq!(done.element("ChecksumCRC64NVME").or(done.header(header)), Some(sum));
        let head = asks(&store, "HEAD", &key, "", "").await;
        assert_eq!((head.status, head.header("content-length"), head.header(header)), (200, Some("9"), Some(sum)));
        assert_eq!(asks(&store, "DELETE", &target, "", "").await.status, 404);
        assert_eq!(asks(&store, "DELETE", &key, "", "").await.status, 204);
        assert_eq!(asks(&store, "HEAD", &key, "", "").await.status, 404);
    }
    let frame = "4\r\n1234\r\n5\r\n56789\r\n0\r\nx-amz-checksum-crc32:y/Q5Jg==\r\n\r\n";
    let headers = "x-amz-content-sha256: STREAMING-UNSIGNED-PAYLOAD-TRAILER\r\nx-amz-trailer: x-amz-checksum-crc32\r\n";
    let put = asks(&store, "PUT", "/synthetic/up/framed", headers, frame).await;
    assert_eq!((put.status, put.header("x-amz-checksum-crc32")), (200, Some("y/Q5Jg==")));
    let head = asks(&store, "HEAD", "/synthetic/up/framed", "", "").await;
    assert_eq!(head.header("content-length"), Some("9"));
    let wrong = asks(&store, "PUT", "/synthetic/up/framed", headers, &frame.replace("1234\r", "1235\r")).await;
    assert_eq!((wrong.status, wrong.element("Code")), (400, Some("BadDigest")));
}

/// rclone creates the bucket before it writes a single file into it, with the location as its body, and goes on after this answer.
#[tokio::test]
async fn whoever_creates_a_bucket_hears_that_it_is_there() {
    let store = load();
    let body = "<CreateBucketConfiguration><LocationConstraint>us-west-2</LocationConstraint></CreateBucketConfiguration>";
    for (target, status, code) in [
        ("/synthetic", 409, "BucketAlreadyOwnedByYou"),
        ("/synthetic?x-id=CreateBucket", 409, "BucketAlreadyOwnedByYou"),
        ("/oss-synthetic", 409, "BucketAlreadyExists"),
        ("/another", 501, "NotImplemented"),
        ("/synthetic?policy", 501, "NotImplemented"),
    ] {
        let heard = asks(&store, "PUT", target, "x-amz-acl: private\r\n", body).await;
        assert_eq!((heard.status, heard.element("Code")), (status, Some(code)), "{target}");
    }
    assert_eq!(asks(&store, "POST", "/synthetic", "", body).await.status, 501);
}

#[tokio::test]
async fn it_speaks_tls_with_a_certificate_that_it_is_given() {
    let key = KeyPair::generate().unwrap();
    let certificate = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap().self_signed(&key).unwrap();
    let pem = Pem { certificates: certificate.pem().into_bytes(), key: key.serialize_pem().into_bytes() };
    let refused = LoadStore::start(LoadOptions { tls: Some(Pem { key: b"none".to_vec(), ..pem.clone() }), ..options() });
    assert_eq!(refused.err().unwrap().kind(), ErrorKind::Usage);
    let store = LoadStore::start(LoadOptions { tls: Some(pem), ..options() }).unwrap();
    assert!(store.endpoint().starts_with("https://127.0.0.1:"));
    let mut roots = RootCertStore::empty();
    roots.add(certificate.der().clone()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider())).with_safe_default_protocol_versions().unwrap();
    let connector = TlsConnector::from(Arc::new(config.with_root_certificates(roots).with_no_client_auth()));
    let stream = tokio::net::TcpStream::connect(store.address()).await.unwrap();
    let mut stream = connector.connect(ServerName::try_from("localhost").unwrap(), stream).await.unwrap();
    stream.write_all(b"GET /synthetic/blob/3000000 HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").await.unwrap();
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes).await;
    let place = bytes.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
    assert_eq!((bytes.len() - place - 4, &bytes[bytes.len() - 3_000_000 + 1_048_576..][..16]), (3_000_000, &b"0000000000000001"[..]));
}

#[tokio::test]
async fn the_introduction_holds_a_config_and_latency_is_added() {
    let store = LoadStore::start(LoadOptions { latency: Duration::from_millis(60), ..options() }).unwrap();
    let config: toml::Table = store.config().parse().unwrap();
    assert_eq!(config["accounts"]["oss-bench"]["endpoint"].as_str(), Some(store.endpoint().as_str()));
    assert_eq!(config["accounts"]["bench"]["buckets"].as_array().unwrap().len(), 2);
    assert!(store.introduction().contains(&store.config()));
    let began = std::time::Instant::now();
    asks(&store, "HEAD", "/synthetic/blob/1", "", "").await;
    assert!(began.elapsed() >= Duration::from_millis(60));
    let wide = LoadOptions { listen: "0.0.0.0:0".parse().unwrap(), ..options() };
    assert_eq!(LoadStore::start(wide).err().unwrap().kind(), ErrorKind::Usage);
    assert_eq!(LoadStore::start(LoadOptions { keys: 2_000_000_000, ..options() }).err().unwrap().kind(), ErrorKind::Usage);
}
