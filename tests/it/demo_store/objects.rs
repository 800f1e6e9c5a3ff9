//! Objects at S3: conditions, checksums, copies, versions, tags, lists of rights, archives, batches, faults on order.

use super::signed::{OWNER, PAYER, REQUESTER, Signer};
use super::{Heard, say, store};
use jiff::SignedDuration;
use whopays::demo::{Act, Prepared};
use whopays::domain::Op;

const RESEARCH: Signer = REQUESTER.at("eu-central-1");

fn code(heard: &Heard) -> (u16, Option<&str>) {
    (heard.status, heard.element("Code"))
}

#[tokio::test]
async fn a_put_is_compared_with_every_checksum_and_keeps_it() {
    let store = store().await;
    let rows = [
        ("x-amz-checksum-crc32", "26gLsg=="),
        ("x-amz-checksum-sha1", "Agg/RXngimEkJcDBoX7ket14O5Q="),
        ("x-amz-checksum-sha256", "Iw2DWNyOiJC0xY3utikS7i8gNXrpKlzIYbmOaP4xrLU="),
        ("x-amz-checksum-crc64nvme", "mI+Ji1NHP80="),
    ];
    for row in rows {
        let put = OWNER.asks(&store, "PUT", "/brand-assets/sum", &[row], "body").await;
        assert_eq!((put.status, put.header(row.0), put.header("x-amz-checksum-type")), (200, Some(row.1), Some("FULL_OBJECT")));
        let head = OWNER.asks(&store, "GET", "/brand-assets/sum", &[("x-amz-checksum-mode", "ENABLED")], "").await;
        assert_eq!((head.header(row.0), head.header("x-amz-checksum-type")), (Some(row.1), Some("FULL_OBJECT")));
        let wrong = OWNER.asks(&store, "PUT", "/brand-assets/sum", &[row], "bodY").await;
        assert_eq!(code(&wrong), (400, Some("BadDigest")), "{row:?}");
    }
    let unsaid = OWNER.asks(&store, "PUT", "/brand-assets/sum", &[], "body").await;
    assert_eq!(unsaid.header("x-amz-checksum-crc64nvme"), Some("mI+Ji1NHP80="));
    let refused = [
        &[("x-amz-sdk-checksum-algorithm", "CRC32")][..],
        &[rows[0], rows[1]],
        &[("x-amz-checksum-crc16", "AAAA")],
        &[("x-amz-checksum-crc32", "AAAA")],
    ];
    for headers in refused {
        let heard = OWNER.asks(&store, "PUT", "/brand-assets/sum", headers, "body").await;
        assert_eq!(code(&heard), (400, Some("InvalidRequest")), "{headers:?}");
    }
}

#[tokio::test]
async fn a_write_keeps_what_was_said_with_it() {
    let store = store().await;
    let key = "/brand-assets/said.txt";
    let headers = [
        ("cache-control", "max-age=60"),
        ("content-disposition", "attachment"),
        ("content-encoding", "gzip"),
        ("content-language", "de"),
        ("content-type", "text/plain"),
        ("x-amz-acl", "public-read"),
        ("x-amz-meta-colour", "red"),
        ("x-amz-storage-class", "STANDARD_IA"),
        ("x-amz-tagging", "team=blue%20one&empty="),
    ];
    assert_eq!(OWNER.asks(&store, "PUT", key, &headers, "body").await.status, 200);
    let head = OWNER.asks(&store, "HEAD", key, &[], "").await;
    for (name, value) in headers.iter().filter(|(name, _)| !["x-amz-acl", "x-amz-tagging"].contains(name)) {
        assert_eq!(head.header(name), Some(*value), "{name}");
    }
    assert_eq!(head.header("x-amz-tagging-count"), Some("2"));
    let tags = OWNER.asks(&store, "GET", &format!("{key}?tagging"), &[], "").await;
    assert!(tags.body.contains("<Tag><Key>team</Key><Value>blue one</Value></Tag><Tag><Key>empty</Key><Value></Value></Tag>"));
    let acl = OWNER.asks(&store, "GET", &format!("{key}?acl"), &[], "").await;
    assert!(
        acl.body.contains("<URI>http://acs.amazonaws.com/groups/global/AllUsers</URI></Grantee><Permission>READ</Permission>"),
        "{}",
        acl.body
    );
    let listed = OWNER.asks(&store, "GET", "/brand-assets/?list-type=2&prefix=said", &[], "").await;
    assert_eq!((listed.element("StorageClass"), listed.element("ChecksumAlgorithm")), (Some("STANDARD_IA"), Some("CRC64NVME")));
    let body = "<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>";
    assert_eq!(code(&OWNER.asks(&store, "PUT", &format!("{key}?tagging"), &[], body).await), (400, Some("InvalidRequest")));
    let sum = &[("content-md5", "jqzPL3CP1xqTN8blcrX3gg==")][..];
    assert_eq!(OWNER.asks(&store, "PUT", &format!("{key}?tagging"), sum, body).await.status, 200);
    assert_eq!(OWNER.asks(&store, "HEAD", key, &[], "").await.header("x-amz-tagging-count"), Some("1"));
    assert_eq!(OWNER.asks(&store, "DELETE", &format!("{key}?tagging"), &[], "").await.status, 204);
    assert_eq!(OWNER.asks(&store, "HEAD", key, &[], "").await.header("x-amz-tagging-count"), None);
    for (name, value, refusal) in [
        ("x-amz-storage-class", "COLD", "InvalidStorageClass"),
        ("x-amz-acl", "mine", "InvalidArgument"),
        ("x-amz-tagging", "a=1&a=2", "InvalidTag"),
    ] {
        assert_eq!(code(&OWNER.asks(&store, "PUT", key, &[(name, value)], "").await), (400, Some(refusal)), "{name}");
    }
    let chosen = OWNER.asks(&store, "GET", &format!("{key}?response-content-type=text%2Fx"), &[], "").await;
    assert_eq!(chosen.header("content-type"), Some("text/x"));
}

#[tokio::test]
async fn writes_have_conditions() {
    let store = store().await;
    let rows = [
        ("/brand-assets/notes.txt", ("if-none-match", "*"), 412, Some("PreconditionFailed")),
        ("/brand-assets/fresh.txt", ("if-none-match", "*"), 200, None),
        ("/brand-assets/fresh.txt", ("if-match", "\"841a2d689ad86bd1611447453c22c6fc\""), 200, None),
        ("/brand-assets/fresh.txt", ("if-match", "\"0\""), 412, Some("PreconditionFailed")),
        ("/brand-assets/nothing.txt", ("if-match", "\"0\""), 404, Some("NoSuchKey")),
    ];
    for (key, header, status, refusal) in rows {
        let heard = OWNER.asks(&store, "PUT", key, &[header], "body").await;
        assert_eq!(code(&heard), (status, refusal), "{key} {header:?}");
    }
}

#[tokio::test]
async fn copies_take_what_the_directives_say_and_one_header_pays_both_sides() {
    let store = store().await;
    let said = [("x-amz-meta-a", "1"), ("x-amz-tagging", "t=1"), ("content-type", "text/x")];
    OWNER.asks(&store, "PUT", "/aerial-tiles/from%2B%C3%BC.txt", &said, "body").await;
    let source = ("x-amz-copy-source", "aerial-tiles/from%2B%C3%BC.txt");
    let bare = RESEARCH.asks(&store, "PUT", "/upload-inbox/to", &[source], "").await;
    assert_eq!(code(&bare), (403, Some("AccessDenied")));
    let copied = RESEARCH.asks(&store, "PUT", "/upload-inbox/to", &[source, PAYER[0]], "").await;
    assert_eq!((copied.status, copied.header("x-amz-request-charged")), (200, Some("requester")), "{}", copied.body);
    assert_eq!(copied.element("ETag"), Some("&quot;841a2d689ad86bd1611447453c22c6fc&quot;"));
    let head = RESEARCH.asks(&store, "HEAD", "/upload-inbox/to", &[], "").await;
    assert_eq!(
        (head.header("x-amz-meta-a"), head.header("content-type"), head.header("x-amz-tagging-count")),
        (Some("1"), Some("text/x"), Some("1"))
    );
    let replace =
        [source, PAYER[0], ("x-amz-meta-b", "2"), ("x-amz-metadata-directive", "REPLACE"), ("x-amz-tagging-directive", "REPLACE")];
    assert_eq!(RESEARCH.asks(&store, "PUT", "/upload-inbox/to", &replace, "").await.status, 200);
    let head = RESEARCH.asks(&store, "HEAD", "/upload-inbox/to", &[], "").await;
    assert_eq!((head.header("x-amz-meta-a"), head.header("x-amz-meta-b"), head.header("x-amz-tagging-count")), (None, Some("2"), None));

    // Into a requester-pays bucket of somebody else, out of an own one.
    let own = ("x-amz-copy-source", "/upload-inbox/to");
    let target = "/aerial-tiles/back";
    assert_eq!(code(&REQUESTER.asks(&store, "PUT", target, &[own], "").await), (403, Some("AccessDenied")));
    let back = REQUESTER.asks(&store, "PUT", target, &[own, PAYER[0]], "").await;
    assert_eq!((back.status, back.header("x-amz-request-charged")), (200, Some("requester")));

    let rows = [
        (vec![("x-amz-copy-source-if-match", "\"841a2d689ad86bd1611447453c22c6fc\"")], 200, None),
        (vec![("x-amz-copy-source-if-match", "\"0\"")], 412, Some("PreconditionFailed")),
        (vec![("x-amz-copy-source-if-none-match", "\"841a2d689ad86bd1611447453c22c6fc\"")], 412, Some("PreconditionFailed")),
        (vec![("if-none-match", "*")], 412, Some("PreconditionFailed")),
        (vec![("x-amz-metadata-directive", "KEEP")], 400, Some("InvalidArgument")),
        (vec![("x-amz-source-expected-bucket-owner", "444455556666")], 403, Some("AccessDenied")),
    ];
    for (headers, status, refusal) in rows {
        let headers: Vec<_> = headers.into_iter().chain([("x-amz-copy-source", "/aerial-tiles/back")]).collect();
        let heard = OWNER.asks(&store, "PUT", "/brand-assets/notes.txt", &headers, "").await;
        assert_eq!(code(&heard), (status, refusal), "{headers:?}");
    }
    let onto_itself = OWNER.asks(&store, "PUT", target, &[("x-amz-copy-source", target)], "").await;
    assert_eq!(code(&onto_itself), (400, Some("InvalidRequest")));
    let cold = super::signed::ARCHIVE;
    let frozen = cold.asks(&store, "PUT", "/deep-freeze/copy", &[("x-amz-copy-source", "/deep-freeze/2026/01/summary.csv")], "").await;
    assert_eq!(code(&frozen), (403, Some("InvalidObjectState")));
}

#[tokio::test]
async fn versions_are_kept_hidden_listed_and_taken_away() {
    let store = store().await;
    let key = "/thesis-drafts/chapter.txt";
    let mut ids = Vec::new();
    for text in ["one", "two", "three"] {
        ids.push(RESEARCH.asks(&store, "PUT", key, &[], text).await.header("x-amz-version-id").unwrap().to_owned());
    }
    let marker = RESEARCH.asks(&store, "DELETE", key, &[], "").await;
    let marker_id = marker.header("x-amz-version-id").unwrap().to_owned();
    assert_eq!((marker.status, marker.header("x-amz-delete-marker")), (204, Some("true")));
    let gone = RESEARCH.asks(&store, "GET", key, &[], "").await;
    assert_eq!((gone.status, gone.element("Code"), gone.header("x-amz-delete-marker")), (404, Some("NoSuchKey"), Some("true")));
    let at = |id: &str| format!("{key}?versionId={id}");
    let old = RESEARCH.asks(&store, "GET", &at(&ids[1]), &[], "").await;
    assert_eq!((old.body.as_str(), old.header("x-amz-version-id")), ("two", Some(ids[1].as_str())));
    let on_marker = RESEARCH.asks(&store, "GET", &at(&marker_id), &[], "").await;
    assert_eq!((on_marker.status, on_marker.header("x-amz-delete-marker")), (405, Some("true")));
    assert_eq!(code(&RESEARCH.asks(&store, "GET", &at("none"), &[], "").await), (404, Some("NoSuchVersion")));

    let (mut query, mut seen) = ("max-keys=3&prefix=chapter".to_owned(), Vec::new());
    for _ in 0..9 {
        let heard = RESEARCH.asks(&store, "GET", &format!("/thesis-drafts/?{query}&versions="), &[], "").await;
        seen.extend(heard.body.split("<VersionId>").skip(1).map(|rest| rest.split('<').next().unwrap().to_owned()));
        if heard.element("IsTruncated") == Some("false") {
            break;
        }
        query =
            format!("key-marker=chapter.txt&max-keys=3&prefix=chapter&version-id-marker={}", heard.element("NextVersionIdMarker").unwrap());
    }
    assert_eq!(seen, [&marker_id, &ids[2], &ids[1], &ids[0]].map(String::clone));
    let all = RESEARCH.asks(&store, "GET", "/thesis-drafts/?delimiter=%2F&versions=", &[], "").await;
    let counts = ["<Version>", "<DeleteMarker>", "<CommonPrefixes>", "<IsLatest>true"].map(|tag| all.body.matches(tag).count());
    assert_eq!(counts, [5, 1, 1, 3], "{}", all.body);

    let body = format!(
        "<Delete><Object><Key>chapter.txt</Key><VersionId>{marker_id}</VersionId></Object><Object><Key>notes.txt</Key></Object></Delete>"
    );
    let sum = ("x-amz-checksum-crc32", &*base64_crc32(&body));
    let batch = RESEARCH.asks(&store, "POST", "/thesis-drafts/?delete=", &[sum], &body).await;
    assert_eq!((batch.status, batch.body.matches("<DeleteMarker>true").count()), (200, 2), "{}", batch.body);
    assert_eq!(RESEARCH.asks(&store, "GET", key, &[], "").await.body, "three");
    RESEARCH.asks(&store, "DELETE", &at(&ids[2]), &[], "").await;
    assert_eq!(RESEARCH.asks(&store, "GET", key, &[], "").await.body, "two");

    let put = RESEARCH.asks(&store, "PUT", "/genome-results/x", &[], "x").await;
    assert!(put.header("x-amz-version-id").is_some());
    let foreign = OWNER.at("eu-central-1");
    let target = "/genome-results/?versions=";
    assert_eq!(code(&foreign.asks(&store, "GET", target, &[], "").await), (403, Some("AccessDenied")));
    assert_eq!(foreign.asks(&store, "GET", target, PAYER, "").await.header("x-amz-request-charged"), Some("requester"));
}

fn base64_crc32(body: &str) -> String {
    use base64::Engine;
    let mut crc = u32::MAX;
    for byte in body.bytes() {
        crc ^= u32::from(byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 };
        }
    }
    base64::engine::general_purpose::STANDARD.encode((!crc).to_be_bytes())
}

#[tokio::test]
async fn archived_objects_are_read_only_after_a_restore() {
    let store = store().await;
    let who = super::signed::ARCHIVE;
    let key = "/deep-freeze/2026/01/summary.csv";
    let heard = who.asks(&store, "GET", key, &[], "").await;
    assert_eq!((code(&heard), heard.element("StorageClass")), ((403, Some("InvalidObjectState")), Some("GLACIER")));
    let head = who.asks(&store, "HEAD", key, &[], "").await;
    assert_eq!((head.status, head.header("x-amz-storage-class"), head.header("x-amz-restore")), (200, Some("GLACIER"), None));
    let body = "<RestoreRequest><Days>2</Days></RestoreRequest>";
    let target = format!("{key}?restore=");
    assert_eq!(who.asks(&store, "POST", &target, &[], body).await.status, 202);
    assert_eq!(code(&who.asks(&store, "POST", &target, &[], body).await), (409, Some("RestoreAlreadyInProgress")));
    assert_eq!(who.asks(&store, "HEAD", key, &[], "").await.header("x-amz-restore"), Some("ongoing-request=\"true\""));
    store.set_clock_offset(SignedDuration::from_secs(3));
    assert_eq!(who.asks(&store, "GET", key, &[], "").await.body.len(), 18_204);
    assert_eq!(who.asks(&store, "POST", &target, &[], body).await.status, 200);
    let month = who.asks(&store, "GET", "/deep-freeze/2026/02/summary.csv", &[], "").await;
    assert!(month.status == 200 && month.header("x-amz-restore").unwrap().starts_with("ongoing-request=\"false\", expiry-date=\""));
    assert_eq!(code(&who.asks(&store, "POST", "/deep-freeze/notes.txt?restore=", &[], body).await), (403, Some("InvalidObjectState")));
}

#[tokio::test]
async fn the_nth_request_fails_as_it_was_ordered() {
    let store = store().await;
    let busy = || Act::Answer(Prepared::new(503, "application/xml", "<Error><Code>SlowDown</Code></Error>"));
    store.script(Op::PutObject, [Act::Pass, busy(), Act::CarryOutAndCut(0)]);
    store.script_where(Op::GetObject, "/two", [busy()]);
    let put = async |key: &str| OWNER.asks(&store, "PUT", key, &[], "body").await.status;
    assert_eq!((put("/brand-assets/one").await, put("/brand-assets/two").await), (200, 503));
    assert_eq!((put("/brand-assets/two").await, put("/brand-assets/three").await), (200, 200));
    let get = async |key: &str| OWNER.asks(&store, "GET", key, &[], "").await.status;
    assert_eq!((get("/brand-assets/one").await, get("/brand-assets/two").await, get("/brand-assets/two").await), (200, 503, 200));
    store.script(Op::GetObject, [Act::CarryOutAndCut(3)]);
    let cut = OWNER.asks(&store, "GET", "/brand-assets/one", &[], "").await;
    assert_eq!((cut.status, cut.header("content-length"), cut.body.as_str()), (200, Some("4"), "bod"));
    assert_eq!(store.log().last().map(|entry| (entry.bytes_out, entry.key.clone())), Some((3, "one".to_owned())));
    store.script(Op::DeleteObject, [Act::CarryOutAndClose]);
    let text = "DELETE /brand-assets/one HTTP/1.1\r\nhost: x\r\n\r\n".to_owned();
    assert!(say(store.address(), text).await.is_none());

    store.script(Op::DeleteObjects, [Act::Refuse(vec!["two".to_owned()])]);
    let body = "<Delete><Quiet>true</Quiet><Object><Key>two</Key></Object><Object><Key>three</Key></Object></Delete>";
    let heard = OWNER.asks(&store, "POST", "/brand-assets/?delete=", &[("x-amz-checksum-crc32", &base64_crc32(body))], body).await;
    assert_eq!((heard.status, heard.element("Key"), heard.element("Code")), (200, Some("two"), Some("AccessDenied")));
    assert_eq!((get("/brand-assets/two").await, get("/brand-assets/three").await), (200, 404));
}
