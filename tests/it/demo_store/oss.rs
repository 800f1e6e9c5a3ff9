//! What OSS does differently: objects and uploads, signed with V1 by hand.

use base64::Engine;
use hmac::{Hmac, KeyInit, Mac};

use super::{Heard, say, store};
use whopays::demo::Store;

/// Keys of an account.
#[derive(Clone, Copy)]
struct Keys(&'static str, &'static str, Option<&'static str>);

const LAB: Keys = Keys("LTAIdemoLab000000001", "demoLabSecret0123456789abcdefg", None);
const PARTNER: Keys = Keys("STS.NUdemoPartner0001", "demoPartnerSecret+/0123456789abcdef", Some("CAISdemoPartner+token/with==signs&more"));
const TAIL: &str = "the tail";
/// The least that a part before the last may have.
const LEAST: usize = 100 << 10;

impl Keys {
    /// Asks; the query items of `target` are all ones that V1 signs, in their order.
    async fn asks(self, store: &Store, method: &str, target: &str, headers: &[(&str, &str)], body: &str) -> Heard {
        let date = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
        let mut all: Vec<(&str, &str)> = headers.to_vec();
        all.extend(self.2.map(|token| ("x-oss-security-token", token)));
        all.sort_unstable();
        let lines: String =
            all.iter().filter(|(name, _)| name.starts_with("x-oss-")).map(|(name, value)| format!("{name}:{value}\n")).collect();
        let given = |wanted: &str| all.iter().find(|(name, _)| *name == wanted).map_or("", |(_, value)| value);
        let text = format!("{method}\n{}\n{}\n{date}\n{lines}{target}", given("content-md5"), given("content-type"));
        let mac = Hmac::<sha1::Sha1>::new_from_slice(self.1.as_bytes()).unwrap().chain_update(text).finalize();
        let signature = base64::engine::general_purpose::STANDARD.encode(mac.into_bytes());
        let host = store.address();
        let mut text = format!(
            "{method} {target} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\ncontent-length: {}\r\ndate: {date}\r\n",
            body.len()
        );
        text.push_str(&format!("authorization: OSS {}:{signature}\r\n", self.0));
        for (name, value) in all {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        say(host, text + "\r\n" + body).await.unwrap()
    }

    async fn begins(self, store: &Store, key: &str, headers: &[(&str, &str)]) -> String {
        let heard = self.asks(store, "POST", &format!("{key}?uploads"), headers, "").await;
        assert_eq!(heard.status, 200, "{}", heard.body);
        heard.element("UploadId").unwrap().to_owned()
    }
}

fn manifest(parts: &[(u16, &str)]) -> String {
    let rows: String =
        parts.iter().map(|(number, tag)| format!("<Part><PartNumber>{number}</PartNumber><ETag>\"{tag}\"</ETag></Part>")).collect();
    format!("<CompleteMultipartUpload>{rows}</CompleteMultipartUpload>")
}

#[tokio::test]
async fn parts_bear_crc64_and_so_does_the_object() {
    let store = store().await;
    let key = "/color-atlas/films/one.bin";
    let id = LAB.begins(&store, key, &[("x-oss-object-acl", "private"), ("x-oss-storage-class", "IA")]).await;
    let part = |number: u16| format!("{key}?partNumber={number}&uploadId={id}");
    let first = LAB.asks(&store, "PUT", &part(1), &[], &"a".repeat(LEAST)).await;
    assert_eq!(
        (first.header("etag"), first.header("x-oss-hash-crc64ecma")),
        (Some("\"302D3A0C8E319EAA95B059B346DE1D1D\""), Some("12696911168479852064"))
    );
    let second = LAB.asks(&store, "PUT", &part(2), &[], TAIL).await;
    assert_eq!(second.header("x-oss-hash-crc64ecma"), Some("4661189388732951183"));
    let target = format!("{key}?uploadId={id}");
    let listed = LAB.asks(&store, "GET", &target, &[], "").await;
    assert_eq!(
        (listed.body.matches("<Part>").count(), listed.element("NextPartNumberMarker"), listed.element("HashCrc64ecma")),
        (2, Some("2"), Some("12696911168479852064"))
    );
    let tail = "89AFC5B231EB3BF386FFAFD9CA840E73";
    for number in [3, 4] {
        LAB.asks(&store, "PUT", &part(number), &[], TAIL).await;
    }
    let small = LAB.asks(&store, "POST", &target, &[], &manifest(&[(2, tail), (3, tail)])).await;
    assert_eq!((small.status, small.element("Code"), small.element("MinSizeAllowed")), (400, Some("EntityTooSmall"), Some("102400")));
    let body = manifest(&[(1, "302D3A0C8E319EAA95B059B346DE1D1D"), (2, tail)]);
    let done = LAB.asks(&store, "POST", &target, &[], &body).await;
    assert_eq!((done.status, done.header("x-oss-hash-crc64ecma")), (200, Some("16872457775136663898")));
    assert_eq!(done.element("ETag"), Some("&quot;51797AD6A0F4235AC05762BBFB68849C-2&quot;"));
    let head = LAB.asks(&store, "HEAD", key, &[], "").await;
    assert_eq!((head.header("content-length"), head.header("x-oss-hash-crc64ecma")), (Some("102408"), Some("16872457775136663898")));
    assert_eq!((head.header("x-oss-storage-class"), head.header("x-oss-object-type")), (Some("IA"), Some("Multipart")));
    let range = LAB.asks(&store, "GET", key, &[("range", "bytes=102398-102403")], "").await;
    assert_eq!((range.body.as_str(), range.header("x-oss-hash-crc64ecma")), ("aathe ", Some("16872457775136663898")));
    assert_eq!(LAB.asks(&store, "GET", &format!("{key}?acl"), &[], "").await.element("Grant"), Some("private"));
}

#[tokio::test]
async fn overwriting_can_be_forbidden_at_three_places() {
    let store = store().await;
    let key = "/color-atlas/index.html";
    let forbid = &[("x-oss-forbid-overwrite", "true")][..];
    let id = LAB.begins(&store, key, &[]).await;
    LAB.asks(&store, "PUT", &format!("{key}?partNumber=1&uploadId={id}"), &[], TAIL).await;
    let target = format!("{key}?uploadId={id}");
    let body = manifest(&[(1, "89AFC5B231EB3BF386FFAFD9CA840E73")]);
    let begun = format!("{key}?uploads");
    for (method, target, body) in [("PUT", key, TAIL), ("POST", begun.as_str(), ""), ("POST", target.as_str(), body.as_str())] {
        let heard = LAB.asks(&store, method, target, forbid, body).await;
        assert_eq!((heard.status, heard.element("Code")), (409, Some("FileAlreadyExists")), "{method} {target}");
    }
    assert_eq!(LAB.asks(&store, "POST", &target, &[], &body).await.status, 200);
    // In a bucket that keeps versions nothing is lost, and the header is void.
    assert_eq!(LAB.asks(&store, "PUT", "/lab-raw-frames/README.md", forbid, TAIL).await.status, 200);
}

#[tokio::test]
async fn a_requester_writes_and_copies_with_consent_inside_the_region() {
    let store = store().await;
    let payer = ("x-oss-request-payer", "requester");
    let source = ("x-oss-copy-source", "/telescope-feed/readings/000/000001.json");
    let target = "/lab-microscopy/mine/new.json";
    for (headers, status, ec) in [(&[source][..], 403, Some("0003-00000703")), (&[source, payer], 200, None)] {
        let heard = PARTNER.asks(&store, "PUT", target, headers, "").await;
        assert_eq!((heard.status, heard.element("EC")), (status, ec), "{}", heard.body);
    }
    let heard = PARTNER.asks(&store, "GET", target, &[payer], "").await;
    assert_eq!((heard.status, heard.body.as_str()), (200, "{\"reading\": 000001}\n"));
    let away = PARTNER.asks(&store, "PUT", "/partner-landing/new.json", &[source, payer], "").await;
    assert_eq!((away.status, away.element("Code")), (403, Some("AccessDenied")));
    for (headers, status) in [(&[][..], 403), (&[payer], 204)] {
        assert_eq!(PARTNER.asks(&store, "DELETE", target, headers, "").await.status, status);
    }
}

#[tokio::test]
async fn versions_and_archives_in_the_words_of_oss() {
    let store = store().await;
    let key = "/lab-raw-frames/frame.txt";
    let first = LAB.asks(&store, "PUT", key, &[], "one").await.header("x-oss-version-id").unwrap().to_owned();
    LAB.asks(&store, "PUT", key, &[], "two").await;
    let gone = LAB.asks(&store, "DELETE", key, &[], "").await;
    assert_eq!((gone.status, gone.header("x-oss-delete-marker")), (204, Some("true")));
    let heard = LAB.asks(&store, "GET", key, &[], "").await;
    assert_eq!((heard.status, heard.element("Code"), heard.header("x-oss-delete-marker")), (404, Some("NoSuchKey"), Some("true")));
    assert_eq!(LAB.asks(&store, "GET", &format!("{key}?versionId={first}"), &[], "").await.body, "one");
    let cold = LAB.asks(&store, "GET", "/lab-classic/2026/01/summary.csv", &[], "").await;
    assert_eq!((cold.status, cold.element("Code")), (403, Some("InvalidObjectState")));
    let head = LAB.asks(&store, "HEAD", "/lab-classic/2026/01/summary.csv", &[], "").await;
    assert_eq!((head.status, head.header("x-oss-storage-class"), head.header("x-oss-restore")), (200, Some("Archive"), None));
    let thawed = LAB.asks(&store, "HEAD", "/lab-classic/2026/02/summary.csv", &[], "").await;
    assert!(thawed.header("x-oss-restore").unwrap().starts_with("ongoing-request=\"false\", expiry-date=\""));
}
