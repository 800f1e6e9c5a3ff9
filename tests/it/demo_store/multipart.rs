//! Multipart uploads at S3, as AWS's documents have them. Digests were made with Python's hashlib and a bitwise CRC.

use super::signed::{OWNER, PAYER, REQUESTER, Signer};
use super::{Heard, store};
use whopays::demo::Store;
use whopays::domain::Op;

/// Five MiB, the least that a part before the last may have.
pub(super) fn large() -> String {
    "a".repeat(5 << 20)
}

const TAIL: &str = "the tail";
const LARGE_ETAG: &str = "79b281060d337b9b2b84ccf390adcf74";
const TAIL_ETAG: &str = "89afc5b231eb3bf386ffafd9ca840e73";
const WHOLE_CRC: &str = "VLP302Js+qs=";

async fn begin(store: &Store, who: Signer, key: &str, headers: &[(&str, &str)]) -> String {
    let heard = who.asks(store, "POST", &format!("{key}?uploads="), headers, "").await;
    assert_eq!(heard.status, 200, "{}", heard.body);
    heard.element("UploadId").unwrap().to_owned()
}

fn manifest(parts: &[(u16, &str)]) -> String {
    let rows: String =
        parts.iter().map(|(number, tag)| format!("<Part><PartNumber>{number}</PartNumber><ETag>\"{tag}\"</ETag></Part>")).collect();
    format!("<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">{rows}</CompleteMultipartUpload>")
}

fn found<'a>(heard: &'a Heard, element: &str) -> (u16, Option<&'a str>) {
    (heard.status, heard.element(element))
}

#[tokio::test]
async fn parts_become_an_object_only_as_the_rules_have_it() {
    let store = store().await;
    let key = "/brand-assets/films/one.bin";
    let plan = &[("x-amz-checksum-algorithm", "CRC64NVME"), ("content-type", "video/mp4"), ("x-amz-meta-reel", "7")][..];
    let id = begin(&store, OWNER, key, plan).await;
    let part = |number: u16| format!("{key}?partNumber={number}&uploadId={id}");
    let second = OWNER.asks(&store, "PUT", &part(2), &[("x-amz-checksum-crc64nvme", "ZupX9zCNS8c=")], TAIL).await;
    assert_eq!((second.status, second.header("etag")), (200, Some("\"89afc5b231eb3bf386ffafd9ca840e73\"")));
    let first = OWNER.asks(&store, "PUT", &part(1), &[], &large()).await;
    let sum = first.header("x-amz-checksum-crc64nvme").map(str::len);
    assert_eq!((first.status, first.header("etag").unwrap().trim_matches('"'), sum), (200, LARGE_ETAG, Some(12)));
    let third = OWNER.asks(&store, "PUT", &part(3), &[], TAIL).await;
    assert_eq!((third.status, third.header("x-amz-checksum-crc64nvme")), (200, Some("ZupX9zCNS8c=")));

    let target = format!("{key}?uploadId={id}");
    let refusals = [
        (manifest(&[(2, TAIL_ETAG), (1, LARGE_ETAG)]), "InvalidPartOrder"),
        (manifest(&[(1, LARGE_ETAG), (1, LARGE_ETAG)]), "InvalidPartOrder"),
        (manifest(&[(1, TAIL_ETAG), (2, TAIL_ETAG)]), "InvalidPart"),
        (manifest(&[(1, LARGE_ETAG), (4, TAIL_ETAG)]), "InvalidPart"),
        (manifest(&[(2, TAIL_ETAG), (3, TAIL_ETAG)]), "EntityTooSmall"),
        (manifest(&[]), "MalformedXML"),
        ("<Complete/>".to_owned(), "MalformedXML"),
    ];
    for (body, code) in refusals {
        let heard = OWNER.asks(&store, "POST", &target, &[], &body).await;
        assert_eq!(found(&heard, "Code"), (400, Some(code)), "{body}");
    }
    let body = manifest(&[(1, LARGE_ETAG), (2, TAIL_ETAG)]);
    let checks = [
        (("x-amz-checksum-crc64nvme", "ZupX9zCNS8c="), "BadDigest"),
        (("x-amz-checksum-crc32", "26gLsg=="), "InvalidRequest"),
        (("x-amz-checksum-type", "COMPOSITE"), "InvalidRequest"),
        (("x-amz-mp-object-size", "8"), "InvalidRequest"),
    ];
    for (header, code) in checks {
        let heard = OWNER.asks(&store, "POST", &target, &[header], &body).await;
        assert_eq!(found(&heard, "Code"), (400, Some(code)), "{header:?}");
    }
    let right = &[("x-amz-checksum-crc64nvme", WHOLE_CRC), ("x-amz-checksum-type", "FULL_OBJECT"), ("x-amz-mp-object-size", "5242888")];
    let done = OWNER.asks(&store, "POST", &target, right, &body).await;
    assert_eq!(found(&done, "ETag"), (200, Some("&quot;80fa12967c406d49d98d1aef2586f331-2&quot;")));
    assert_eq!((done.element("ChecksumCRC64NVME"), done.element("ChecksumType")), (Some(WHOLE_CRC), Some("FULL_OBJECT")));

    let head = OWNER.asks(&store, "HEAD", key, &[("x-amz-checksum-mode", "ENABLED")], "").await;
    assert_eq!((head.header("content-length"), head.header("content-type")), (Some("5242888"), Some("video/mp4")));
    assert_eq!((head.header("x-amz-checksum-crc64nvme"), head.header("x-amz-meta-reel")), (Some(WHOLE_CRC), Some("7")));
    assert_eq!(OWNER.asks(&store, "HEAD", key, &[], "").await.header("x-amz-checksum-crc64nvme"), None);
    let seam = OWNER.asks(&store, "GET", key, &[("range", "bytes=5242878-5242883")], "").await;
    assert_eq!((seam.status, seam.body.as_str(), seam.header("content-range")), (206, "aathe ", Some("bytes 5242878-5242883/5242888")));
    let numbered = OWNER.asks(&store, "GET", &format!("{key}?partNumber=2"), &[], "").await;
    assert_eq!((numbered.status, numbered.body.as_str(), numbered.header("x-amz-mp-parts-count")), (206, TAIL, Some("2")));
    let again = OWNER.asks(&store, "POST", &target, &[], &body).await;
    assert_eq!(found(&again, "Code"), (404, Some("NoSuchUpload")));
    let attributes = &[("x-amz-object-attributes", "ETag,Checksum,ObjectParts,ObjectSize")][..];
    let heard = OWNER.asks(&store, "GET", &format!("{key}?attributes"), attributes, "").await;
    assert_eq!((heard.element("PartsCount"), heard.element("ObjectSize")), (Some("2"), Some("5242888")));
    assert_eq!(heard.body.matches("<Part>").count(), 2);
}

#[tokio::test]
async fn an_upload_keeps_to_the_checksum_it_began_with() {
    let store = store().await;
    let key = "/brand-assets/sums.bin";
    let rows = [
        (&[][..], &[("x-amz-checksum-crc32", "26gLsg==")][..], 400),
        (&[], &[], 200),
        (&[("x-amz-checksum-algorithm", "CRC64NVME")], &[("x-amz-checksum-crc32", "26gLsg==")], 400),
        (&[("x-amz-checksum-algorithm", "CRC32")], &[], 400),
        (&[("x-amz-checksum-algorithm", "CRC32")], &[("x-amz-checksum-crc32", "26gLsg==")], 200),
        (&[("x-amz-checksum-algorithm", "CRC32"), ("x-amz-checksum-type", "FULL_OBJECT")], &[], 200),
        (&[("x-amz-checksum-algorithm", "SHA256")], &[("x-amz-checksum-sha256", "Iw2DWNyOiJC0xY3utikS7i8gNXrpKlzIYbmOaP4xrLU=")], 200),
        (&[("x-amz-checksum-algorithm", "SHA1")], &[("x-amz-checksum-sha1", "AAAAAAAAAAAAAAAAAAAAAAAAAAA=")], 400),
    ];
    for (plan, headers, status) in rows {
        let id = begin(&store, OWNER, key, plan).await;
        let heard = OWNER.asks(&store, "PUT", &format!("{key}?partNumber=1&uploadId={id}"), headers, "body").await;
        assert_eq!(heard.status, status, "{plan:?} {headers:?} {}", heard.body);
    }
    let plans = [
        &[("x-amz-checksum-algorithm", "SHA256"), ("x-amz-checksum-type", "FULL_OBJECT")][..],
        &[("x-amz-checksum-algorithm", "CRC64NVME"), ("x-amz-checksum-type", "COMPOSITE")],
        &[("x-amz-checksum-type", "FULL_OBJECT")],
        &[("x-amz-checksum-algorithm", "MD5")],
    ];
    for plan in plans {
        let heard = OWNER.asks(&store, "POST", &format!("{key}?uploads="), plan, "").await;
        assert_eq!(found(&heard, "Code"), (400, Some("InvalidRequest")), "{plan:?}");
    }
    let id = begin(&store, OWNER, key, &[("x-amz-checksum-algorithm", "SHA256")]).await;
    let target = format!("{key}?partNumber=1&uploadId={id}");
    let sum = "XS2Yth0z4utUcmAhs1/FjolBtdpdxSAZ/qDckqzqJ8g=";
    assert_eq!(OWNER.asks(&store, "PUT", &target, &[("x-amz-checksum-sha256", sum)], TAIL).await.status, 200);
    let bare = manifest(&[(1, TAIL_ETAG)]);
    let target = format!("{key}?uploadId={id}");
    assert_eq!(found(&OWNER.asks(&store, "POST", &target, &[], &bare).await, "Code"), (400, Some("InvalidRequest")));
    let full = bare.replace("</Part>", &format!("<ChecksumSHA256>{sum}</ChecksumSHA256></Part>"));
    let done = OWNER.asks(&store, "POST", &target, &[], &full).await;
    assert_eq!(found(&done, "ChecksumSHA256"), (200, Some("dpOyS1mNiH85GxIoBwT0kLUYlZgZsEMVAWOxfydg5CQ=-1")));
}

#[tokio::test]
async fn uploads_and_parts_come_in_pages() {
    let store = store().await;
    let mut ids = Vec::new();
    for key in ["a/1", "a/2", "b", "b", "c d"] {
        ids.push(begin(&store, OWNER, &format!("/brand-assets/{}", key.replace(' ', "%20")), &[]).await);
    }
    let page = |query: &str| format!("/brand-assets/?{query}&uploads=");
    let folded = OWNER.asks(&store, "GET", &page("delimiter=%2F&encoding-type=url"), &[], "").await;
    assert_eq!((folded.body.matches("<Upload>").count(), folded.body.matches("<CommonPrefixes>").count()), (3, 1));
    assert!(folded.body.contains("<Prefix>a/</Prefix>") && folded.body.contains("<Key>c+d</Key>"), "{}", folded.body);
    let (mut query, mut seen) = ("max-uploads=2".to_owned(), Vec::new());
    for _ in 0..9 {
        let heard = OWNER.asks(&store, "GET", &page(&query), &[], "").await;
        assert_eq!(heard.status, 200, "{}", heard.body);
        seen.extend(heard.body.split("<UploadId>").skip(1).map(|rest| rest.split('<').next().unwrap().to_owned()));
        if heard.element("IsTruncated") == Some("false") {
            break;
        }
        let (key, id) = (heard.element("NextKeyMarker").unwrap(), heard.element("NextUploadIdMarker").unwrap());
        query = format!("key-marker={}&max-uploads=2&upload-id-marker={id}", key.replace('/', "%2F"));
    }
    assert_eq!(seen, ids);
    let target = format!("/brand-assets/b?uploadId={}", ids[2]);
    for number in [1, 5, 10_000] {
        assert_eq!(OWNER.asks(&store, "PUT", &target.replace('?', &format!("?partNumber={number}&")), &[], TAIL).await.status, 200);
    }
    for number in ["0", "10001", "x"] {
        let heard = OWNER.asks(&store, "PUT", &target.replace('?', &format!("?partNumber={number}&")), &[], TAIL).await;
        assert_eq!(found(&heard, "Code"), (400, Some("InvalidArgument")), "{number}");
    }
    let first = OWNER.asks(&store, "GET", &target.replace('?', "?max-parts=2&"), &[], "").await;
    let markers = (first.element("IsTruncated"), first.element("NextPartNumberMarker"), first.body.matches("<Part>").count());
    assert_eq!(markers, (Some("true"), Some("5"), 2));
    let second = OWNER.asks(&store, "GET", &target.replace('?', "?max-parts=2&part-number-marker=5&"), &[], "").await;
    assert_eq!(
        (second.element("IsTruncated"), second.element("PartNumber"), second.element("Size")),
        (Some("false"), Some("10000"), Some("8"))
    );
    for status in [204, 404] {
        assert_eq!(OWNER.asks(&store, "DELETE", &target, &[], "").await.status, status);
    }
    assert_eq!(found(&OWNER.asks(&store, "GET", &target, &[], "").await, "Code"), (404, Some("NoSuchUpload")));
}

#[tokio::test]
async fn every_step_of_a_requesters_upload_needs_consent_and_says_charged() {
    let store = store().await;
    let key = "/aerial-tiles/mine/new.bin";
    let asks = async |method: &str, target: &str, headers: &[(&str, &str)], body: &str| {
        let bare = REQUESTER.asks(&store, method, target, headers, body).await;
        assert_eq!(found(&bare, "Code"), (403, Some("AccessDenied")), "{method} {target}");
        let headers: Vec<(&str, &str)> = headers.iter().chain(PAYER).copied().collect();
        let heard = REQUESTER.asks(&store, method, target, &headers, body).await;
        assert_eq!(heard.header("x-amz-request-charged"), Some("requester"), "{method} {target} {}", heard.body);
        heard
    };
    let id = asks("POST", &format!("{key}?uploads="), &[], "").await.element("UploadId").unwrap().to_owned();
    let upload = format!("{key}?uploadId={id}");
    asks("PUT", &format!("{key}?partNumber=1&uploadId={id}"), &[], TAIL).await;
    let copied = asks(
        "PUT",
        &format!("{key}?partNumber=2&uploadId={id}"),
        &[("x-amz-copy-source", "/aerial-tiles/readme.txt"), ("x-amz-copy-source-range", "bytes=0-7")],
        "",
    )
    .await;
    assert_eq!(copied.status, 200);
    asks("GET", &upload, &[], "").await;
    asks("GET", "/aerial-tiles/?uploads=", &[], "").await;
    asks("POST", &upload, &[], &manifest(&[(1, TAIL_ETAG)])).await;
    let id = asks("POST", &format!("{key}?uploads="), &[], "").await.element("UploadId").unwrap().to_owned();
    let part = asks("PUT", &format!("{key}?partNumber=7&uploadId={id}"), &[], TAIL).await;
    assert_eq!(part.status, 200);
    asks("DELETE", &format!("{key}?uploadId={id}"), &[], "").await;
    let log = store.log();
    let sent = log.iter().find(|entry| entry.op == Some(Op::UploadPart) && entry.status == Some(200) && entry.part == Some(7)).unwrap();
    assert_eq!((sent.key.as_str(), sent.upload.as_deref(), sent.bytes_in, sent.bytes_out), ("mine/new.bin", Some(id.as_str()), 8, 0));
    assert_eq!((sent.account, sent.charged, sent.payer.len()), (Some("research"), true, 1));
}

#[tokio::test]
async fn parts_are_copied_from_ranges_that_lie_inside() {
    let store = store().await;
    let key = "/brand-assets/joined.bin";
    let id = begin(&store, OWNER, key, &[]).await;
    let target = format!("{key}?partNumber=1&uploadId={id}");
    let rows = [
        ("/colorpictures/index.html", Some("bytes=0-9"), 200, None),
        ("colorpictures/index.html", None, 200, None),
        ("/colorpictures/index.html", Some("bytes=0-1204"), 400, Some("InvalidRange")),
        ("/colorpictures/index.html", Some("bytes=-5"), 400, Some("InvalidArgument")),
        ("/colorpictures/missing", None, 404, Some("NoSuchKey")),
        ("/no-such-bucket-here/x", None, 404, Some("NoSuchBucket")),
        ("/genome-results/README.md", None, 403, Some("AccessDenied")),
    ];
    for (source, range, status, code) in rows {
        let mut headers = vec![("x-amz-copy-source", source)];
        headers.extend(range.map(|range| ("x-amz-copy-source-range", range)));
        let heard = OWNER.asks(&store, "PUT", &target, &headers, "").await;
        assert_eq!((heard.status, heard.element("Code")), (status, code), "{source} {range:?}");
    }
    // The source is a requester-pays bucket of somebody else: one header, and it is charged.
    let headers = &[("x-amz-copy-source", "/genome-results/README.md"), PAYER[0]][..];
    let heard = OWNER.asks(&store, "PUT", &target, headers, "").await;
    assert_eq!((heard.status, heard.header("x-amz-request-charged")), (200, Some("requester")));
}

#[tokio::test]
async fn a_completion_can_refuse_to_overwrite() {
    let store = store().await;
    let key = "/brand-assets/notes.txt";
    let id = begin(&store, OWNER, key, &[]).await;
    OWNER.asks(&store, "PUT", &format!("{key}?partNumber=1&uploadId={id}"), &[], TAIL).await;
    let body = manifest(&[(1, TAIL_ETAG)]);
    let target = format!("{key}?uploadId={id}");
    let heard = OWNER.asks(&store, "POST", &target, &[("if-none-match", "*")], &body).await;
    assert_eq!(found(&heard, "Code"), (412, Some("PreconditionFailed")));
    assert_eq!(OWNER.asks(&store, "POST", &target, &[], &body).await.status, 200);
}
