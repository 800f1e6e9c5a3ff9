//! Answers that are none: status 200 and something else, listings that never end, keys that nobody asked for.

use whopays::domain::{ErrorKind, Provider};
use whopays::wire::objects::{ByteRange, Content, KeysPage, ObjectCall, ObjectSettings, Overwrite, UploadsPage, VersionsPage, Wanted};

use super::{answer, bucket, complete, copy, delete, every_call, get, list, object, put, refused, site, upload};

fn invalid(call: &ObjectCall, headers: &[(&str, &str)], body: &str, words: &str) {
    for provider in [Provider::S3, Provider::Oss] {
        let error = refused(provider, call, 200, headers, body);
        assert_eq!(error.kind(), ErrorKind::InvalidReply, "{body}");
        assert!(error.message().contains(words), "{words} / {error}");
    }
}

/// D1, D2, P17, P18.
#[test]
fn listings() {
    let all = list(KeysPage { continuation: Some("t1".to_owned()), prefix: Some("logs/".to_owned()), ..KeysPage::default() });
    let wrap = |inner: &str| format!("<ListBucketResult>{inner}</ListBucketResult>");
    let row = |key: &str, size: &str| format!("<Contents><Key>{key}</Key><Size>{size}</Size></Contents>");
    let end = "<IsTruncated>false</IsTruncated>";
    for (inner, words) in [
        ("<IsTruncated>true</IsTruncated>".to_owned(), "another page, and not where"),
        ("<IsTruncated>true</IsTruncated><NextContinuationToken></NextContinuationToken>".to_owned(), "another page, and not where"),
        ("<IsTruncated>true</IsTruncated><NextContinuationToken>t1</NextContinuationToken>".to_owned(), "the same page"),
        ("<IsTruncated>maybe</IsTruncated>".to_owned(), "`IsTruncated` is neither"),
        (row("logs/a", "1"), "`IsTruncated` is missing"),
        (row("logs.json", "1") + end, "outside of the prefix"),
        (format!("<CommonPrefixes><Prefix>log/</Prefix></CommonPrefixes>{end}"), "outside of the prefix"),
        (format!("<EncodingType>url</EncodingType>{}{end}", row("%6cogs.json", "1")), "outside of the prefix"),
        (row("logs/a", "-1") + end, "`Size` is not a number"),
        (row("logs/a", "99999999999999999999999") + end, "`Size` is not a number"),
        (row("logs/a", "+1") + end, "`Size` is not a number"),
        (format!("<Contents><Key>logs/a</Key></Contents>{end}"), "`Size` is missing"),
        (format!("<Contents><Size>1</Size></Contents>{end}"), "`Key` is missing"),
    ] {
        invalid(&all, &[], &wrap(&inner), words);
    }
    invalid(&all, &[], "<html><body>login</body></html>", "it is a web page");
    invalid(&all, &[], "", "no element");
    invalid(&all, &[], "<ListAllMyBucketsResult/>", "another one");
    let versions = ObjectCall::ListObjectVersions { bucket: bucket(), page: VersionsPage::default() };
    invalid(&versions, &[], "<ListVersionsResult><IsTruncated>true</IsTruncated></ListVersionsResult>", "not where");
    let uploads = ObjectCall::ListMultipartUploads { bucket: bucket(), page: UploadsPage::default() };
    invalid(&uploads, &[], "<ListMultipartUploadsResult><IsTruncated>true</IsTruncated></ListMultipartUploadsResult>", "not where");
    let parts = ObjectCall::ListParts { upload: upload(), after: Some(7), limit: None };
    let back = "<ListPartsResult><IsTruncated>true</IsTruncated><NextPartNumberMarker>7</NextPartNumberMarker></ListPartsResult>";
    invalid(&parts, &[], back, "not where");
}

/// Dates out of every calendar are not known; they are no reason to refuse a page.
#[test]
fn impossible_dates() {
    for date in ["0000-00-00T00:00:00Z", "9999-12-31T23:59:59.999Z", "yesterday", ""] {
        let body = format!(
            "<ListBucketResult><Contents><Key>a</Key><Size>1</Size><LastModified>{date}</LastModified></Contents>\
             <IsTruncated>false</IsTruncated></ListBucketResult>"
        );
        let reply = whopays::wire::objects::decode_object(&site(Provider::S3), &list(KeysPage::default()), &answer(200, &[], &body));
        assert!(reply.is_ok(), "{date}");
    }
}

/// Copies and completions answer 200 first, and tell in the body whether they worked.
#[test]
fn errors_behind_a_status_of_200() {
    let body = "\n<Error><Code>InternalError</Code><Message>We encountered an internal error.</Message><RequestId>R7</RequestId></Error>";
    let part = every_call().into_iter().find(|call| matches!(call, ObjectCall::UploadPartCopy { .. })).unwrap();
    for call in [copy(), part, complete()] {
        for provider in [Provider::S3, Provider::Oss] {
            let error = refused(provider, &call, 200, &[], body);
            assert_eq!((error.kind(), error.code(), error.request_id()), (ErrorKind::Server, Some("InternalError"), Some("R7")));
        }
        invalid(&call, &[], "", "no element");
    }
    invalid(&copy(), &[], "<CopyObjectResult/>", "`ETag` is missing");
    invalid(&complete(), &[], "<CompleteMultipartUploadResult/>", "`ETag` is missing");
}

/// A login page answers everything with 200.
#[test]
fn portals() {
    let page = "<html><body>login</body></html>";
    let write = put(Content::Streamed(1), ObjectSettings::default(), Overwrite::Allow);
    invalid(&write, &[("etag", "\"a\"")], page, "it is a web page");
    invalid(&write, &[], "", "`ETag` is missing");
    invalid(&get("k"), &[("content-type", "text/html")], "", "it is a web page");
    invalid(&ObjectCall::DeleteObject { object: object("k") }, &[], page, "it is a web page");
    invalid(&ObjectCall::AbortMultipartUpload { upload: upload() }, &[], page, "it is a web page");
}

#[test]
fn keys_that_were_not_sent() {
    let wrap = |inner: &str| format!("<DeleteResult>{inner}</DeleteResult>");
    invalid(&delete(&["a"]), &[], &wrap("<Deleted><Key>b</Key></Deleted>"), "not sent");
    invalid(&delete(&["a"]), &[], &wrap("<Error><Key>b</Key><Code>AccessDenied</Code></Error>"), "not sent");
    invalid(&delete(&["a"]), &[], &wrap("<Error><Key>a</Key></Error>"), "`Code` is missing");
    invalid(&delete(&["a"]), &[], &wrap("<Deleted></Deleted>"), "`Key` is missing");
    invalid(&delete(&["a"]), &[], "", "no element");
}

/// A part that begins elsewhere would be written to the wrong place of a file.
#[test]
fn ranges_that_were_not_asked_for() {
    let wanted = |range| ObjectCall::GetObject { object: object("k"), wanted: Wanted { range, ..Wanted::default() } };
    for (range, text) in [
        (Some(ByteRange::Between(5, 9)), "bytes 0-4/100"),
        (Some(ByteRange::Between(5, 9)), "bytes 5-10/100"),
        (Some(ByteRange::From(5)), "bytes 6-99/100"),
        (Some(ByteRange::Last(5)), "bytes 0-99/100"),
        (Some(ByteRange::From(0)), "bytes 0-100/100"),
        (Some(ByteRange::From(0)), "bytes 0-18446744073709551615/*"),
        (Some(ByteRange::From(0)), "bytes */100"),
        (None, "bytes 0-4/100"),
    ] {
        let error = refused(Provider::S3, &wanted(range), 206, &[("etag", "\"a\""), ("content-range", text)], "");
        assert_eq!(error.kind(), ErrorKind::InvalidReply, "{text}");
    }
    let error = refused(Provider::S3, &wanted(Some(ByteRange::From(0))), 206, &[("etag", "\"a\"")], "");
    assert!(error.message().contains("`Content-Range` is missing"), "{error}");
}
