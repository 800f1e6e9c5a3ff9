//! Answers as both clouds give them.

use whopays::domain::object::Charged;
use whopays::domain::{ETag, ErrorKind, Provider, StorageClass, UploadId, VersionId};
use whopays::wire::objects::{
    Acl, ByteRange, Copied, DeleteOutcome, Deleted, Grant, KeysPage, ObjectCall, Said, Span, Tag, UploadMark, UploadsPage, VersionKind,
    VersionMark, VersionsPage, Wanted, decode_object,
};

use super::{answer, bucket, complete, copy, delete, every_call, get, list, object, put, read, refused, said, site, upload};

const BOTH: [Provider; 2] = [Provider::S3, Provider::Oss];

#[test]
fn a_page_of_versions() {
    let body = "<ListVersionsResult><EncodingType>url</EncodingType><IsTruncated>true</IsTruncated>\
        <NextKeyMarker>v%2Fb</NextKeyMarker><NextVersionIdMarker>CAEQ+/=</NextVersionIdMarker>\
        <DeleteMarker><Key>v/a</Key><VersionId>2</VersionId><IsLatest>true</IsLatest><LastModified>2026-03-01T12:00:00Z</LastModified></DeleteMarker>\
        <Version><Key>v/a</Key><VersionId>null</VersionId><IsLatest>false</IsLatest><Size>9</Size><ETag>\"e\"</ETag>\
        <StorageClass>IA</StorageClass></Version></ListVersionsResult>";
    let call = ObjectCall::ListObjectVersions { bucket: bucket(), page: VersionsPage::default() };
    for provider in BOTH {
        let Said::Versions(reply) = said(provider, &call, &[], body) else { panic!() };
        assert_eq!(reply.next, Some(VersionMark { key: "v/b".to_owned(), version: Some(VersionId::new("CAEQ+/=")) }));
        assert_eq!((reply.rows.len(), reply.rows[0].latest, reply.rows[1].latest), (2, true, false));
        assert_eq!((reply.rows[0].version.as_str(), reply.rows[1].version.as_str()), ("2", "null"));
        assert_eq!(reply.rows[0].kind, VersionKind::DeleteMarker);
        let kind = VersionKind::Object { size: 9, etag: Some(ETag::new("\"e\"")), class: Some(StorageClass::new("IA")) };
        assert_eq!(reply.rows[1].kind, kind);
    }
}

#[test]
fn the_head_of_an_object() {
    let call = ObjectCall::GetObject { object: object("k"), wanted: Wanted { range: Some(ByteRange::Between(0, 9)), ..Wanted::default() } };
    let common = [
        ("etag", "\"5d41402abc4b2a76b9719d911017c592\""),
        ("last-modified", "Sun, 01 Mar 2026 12:00:00 GMT"),
        ("content-type", "text/plain"),
        ("content-length", "10"),
        ("content-range", "bytes 0-9/100"),
    ];
    for (provider, own, checksum) in [
        (
            Provider::S3,
            [
                ("x-amz-meta-owner", "ops"),
                ("x-amz-storage-class", "GLACIER"),
                ("x-amz-version-id", "v1"),
                ("x-amz-restore", "ongoing-request=\"true\""),
                ("x-amz-checksum-crc64nvme", "AAAAAAAAAAA="),
            ],
            ("crc64nvme", "AAAAAAAAAAA="),
        ),
        (
            Provider::Oss,
            [
                ("x-oss-meta-owner", "ops"),
                ("x-oss-storage-class", "GLACIER"),
                ("x-oss-version-id", "v1"),
                ("x-oss-restore", "ongoing-request=\"true\""),
                ("x-oss-hash-crc64ecma", "316181249502703****"),
            ],
            ("crc64ecma", "316181249502703****"),
        ),
    ] {
        let headers: Vec<_> = common.iter().chain(&own).copied().collect();
        let reply = decode_object(&site(provider), &call, &answer(206, &headers, "")).unwrap();
        let Said::Head(head) = reply.said else { panic!() };
        assert_eq!((head.size, head.span), (Some(100), Span::Part { first: 0, last: 9 }));
        assert_eq!(head.modified, Some("2026-03-01T12:00:00Z".parse().unwrap()));
        assert_eq!(head.etag, Some(ETag::new("\"5d41402abc4b2a76b9719d911017c592\"")));
        assert_eq!((head.class, head.version), (Some(StorageClass::new("GLACIER")), Some(VersionId::new("v1"))));
        assert_eq!(head.restore.as_deref(), Some("ongoing-request=\"true\""));
        assert_eq!(head.metadata, [("owner".to_owned(), "ops".to_owned())]);
        assert_eq!(head.checksums, [(checksum.0.to_owned(), checksum.1.to_owned())]);
        assert_eq!(head.headers.sorted().len(), 10);
    }
    let Said::Head(whole) = said(Provider::S3, &get("k"), &[("etag", "\"a\""), ("content-length", "3")], "") else { panic!() };
    assert_eq!((whole.size, whole.span), (Some(3), Span::Whole));
}

/// E10, P19: each key has its outcome, in the order of the request.
#[test]
fn a_batch_delete() {
    let call = delete(&["a b", "c\r\nd", "e", "f"]);
    let deleted = |marker, version: Option<&str>| DeleteOutcome::Deleted(Deleted { marker, version: version.map(VersionId::new) });
    let expected = vec![
        deleted(true, Some("m1")),
        deleted(false, None),
        DeleteOutcome::Failed { code: "AccessDenied".to_owned(), message: "Access Denied".to_owned() },
        DeleteOutcome::Unanswered,
    ];
    let failed = "<Error><Key>e</Key><Code>AccessDenied</Code><Message>Access Denied</Message></Error>";
    let marked = "<DeleteMarker>true</DeleteMarker><DeleteMarkerVersionId>m1</DeleteMarkerVersionId></Deleted>";
    let s3 = format!("<DeleteResult>{failed}<Deleted><Key>c&#13;&#10;d</Key></Deleted><Deleted><Key>a b</Key>{marked}</DeleteResult>");
    assert_eq!(said(Provider::S3, &call, &[], &s3), Said::Batch(expected.clone()));
    let oss = format!(
        "<DeleteResult><EncodingType>url</EncodingType>{failed}<Deleted><Key>c%0D%0Ad</Key></Deleted><Deleted><Key>a%20b</Key>{marked}</DeleteResult>"
    );
    assert_eq!(said(Provider::Oss, &call, &[], &oss), Said::Batch(expected));
}

#[test]
fn copies_uploads_and_parts() {
    for provider in BOTH {
        let copied = "<CopyObjectResult><LastModified>2026-03-01T12:00:00.000Z</LastModified><ETag>\"aa\"</ETag></CopyObjectResult>";
        let expected = Copied { etag: ETag::new("\"aa\""), modified: Some("2026-03-01T12:00:00Z".parse().unwrap()), version: None };
        assert_eq!(said(provider, &copy(), &[], copied), Said::Copied(expected));
        let part = every_call().into_iter().find(|call| matches!(call, ObjectCall::UploadPartCopy { .. })).unwrap();
        let Said::Copied(reply) = said(provider, &part, &[], "<CopyPartResult><ETag>\"p\"</ETag></CopyPartResult>") else { panic!() };
        assert_eq!(reply.etag.as_str(), "\"p\"");
        let create = every_call().into_iter().find(|call| matches!(call, ObjectCall::CreateMultipartUpload { .. })).unwrap();
        let begun =
            "<InitiateMultipartUploadResult><Bucket>b</Bucket><Key>k</Key><UploadId>id+/=</UploadId></InitiateMultipartUploadResult>";
        assert_eq!(said(provider, &create, &[], begun), Said::Begun(UploadId::new("id+/=")));
        // S3 sends blanks to keep the connection alive, and the document after them.
        let done = "\n \n<CompleteMultipartUploadResult><Location>l</Location><ETag>\"aa-2\"</ETag></CompleteMultipartUploadResult>";
        let Said::Written(reply) = said(provider, &complete(), &[], done) else { panic!() };
        assert_eq!(reply.etag.as_str(), "\"aa-2\"");
        let parts = "<ListPartsResult><IsTruncated>true</IsTruncated><NextPartNumberMarker>7</NextPartNumberMarker><StorageClass>IA</StorageClass>\
            <Part><PartNumber>7</PartNumber><LastModified>2026-03-01T12:00:00Z</LastModified><ETag>\"p7\"</ETag><Size>5242880</Size>\
            <ChecksumCRC32>AAAAAA==</ChecksumCRC32></Part></ListPartsResult>";
        let call = ObjectCall::ListParts { upload: upload(), after: Some(6), limit: None };
        let Said::Parts(reply) = said(provider, &call, &[], parts) else { panic!() };
        assert_eq!((reply.next, reply.rows.len()), (Some(7), 1));
        assert_eq!((reply.rows[0].number, reply.rows[0].size, reply.rows[0].etag.as_str()), (7, 5_242_880, "\"p7\""));
        assert_eq!(reply.rows[0].checksums, [("crc32".to_owned(), "AAAAAA==".to_owned())]);
        let uploads = "<ListMultipartUploadsResult><EncodingType>url</EncodingType><IsTruncated>true</IsTruncated>\
            <NextKeyMarker>up%2F%25</NextKeyMarker><NextUploadIdMarker>u1</NextUploadIdMarker>\
            <Upload><Key>up/%25</Key><UploadId>u1</UploadId><Initiated>2026-03-01T12:00:00Z</Initiated><StorageClass>STANDARD</StorageClass>\
            <Initiator><ID>9</ID></Initiator><Owner><ID>1</ID></Owner></Upload></ListMultipartUploadsResult>";
        let call = ObjectCall::ListMultipartUploads { bucket: bucket(), page: UploadsPage::default() };
        let Said::Uploads(reply) = said(provider, &call, &[], uploads) else { panic!() };
        assert_eq!(reply.next, Some(UploadMark { key: "up/%".to_owned(), id: Some(UploadId::new("u1")) }));
        assert_eq!((reply.rows[0].key.as_str(), reply.rows[0].initiator.as_deref()), ("up/%", Some("9")));
    }
}

#[test]
fn tags_and_access_lists() {
    let tagging = "<Tagging><TagSet><Tag><Key>team</Key><Value>a&amp;b</Value></Tag><Tag><Key>empty</Key><Value/></Tag></TagSet></Tagging>";
    let tag = |key: &str, value: &str| Tag { key: key.to_owned(), value: value.to_owned() };
    for provider in BOTH {
        let call = ObjectCall::GetObjectTagging { object: object("k") };
        assert_eq!(said(provider, &call, &[], tagging), Said::Tags(vec![tag("team", "a&b"), tag("empty", "")]));
    }
    let call = ObjectCall::GetObjectAcl { object: object("k") };
    let owner = "<Owner><ID>o1</ID><DisplayName>me</DisplayName></Owner>";
    let acl = |grants| Said::Acl(Acl { owner_id: Some("o1".to_owned()), owner_name: Some("me".to_owned()), grants });
    let oss =
        format!("<AccessControlPolicy>{owner}<AccessControlList><Grant>public-read </Grant></AccessControlList></AccessControlPolicy>");
    assert_eq!(said(Provider::Oss, &call, &[], &oss), acl(vec![Grant::Word("public-read".to_owned())]));
    let s3 = format!(
        "<AccessControlPolicy>{owner}<AccessControlList><Grant><Grantee xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" \
         xsi:type=\"CanonicalUser\"><ID>o1</ID><DisplayName>me</DisplayName></Grantee><Permission>FULL_CONTROL</Permission></Grant>\
         </AccessControlList></AccessControlPolicy>"
    );
    let grant = Grant::To { grantee: "o1".to_owned(), permission: "FULL_CONTROL".to_owned() };
    assert_eq!(said(Provider::S3, &call, &[], &s3), acl(vec![grant]));
    let call = every_call().into_iter().find(|call| matches!(call, ObjectCall::GetObjectAttributes { .. })).unwrap();
    let body = "<GetObjectAttributesResponse><ETag>aa</ETag><ObjectParts><PartsCount>3</PartsCount></ObjectParts><ObjectSize>11</ObjectSize>\
        <Checksum><ChecksumCRC64NVME>AA=</ChecksumCRC64NVME><ChecksumType>FULL_OBJECT</ChecksumType></Checksum></GetObjectAttributesResponse>";
    let Said::Attributes(found) = said(Provider::S3, &call, &[], body) else { panic!() };
    assert_eq!((found.size, found.parts), (Some(11), Some(3)));
    assert_eq!(found.checksums, [("crc64nvme".to_owned(), "AA=".to_owned())]);
}

/// T7: what the store says, and nothing concluded. On OSS only HeadObject's answer would say it.
#[test]
fn who_was_charged() {
    let etag = ("etag", "\"a\"");
    let head = every_call().into_iter().find(|call| matches!(call, ObjectCall::HeadObject { .. })).unwrap();
    let tagging = ObjectCall::GetObjectTagging { object: object("k") };
    let tags = "<Tagging><TagSet/></Tagging>";
    let charged = |provider, call: &ObjectCall, headers: &[(&str, &str)], body: &str| read(provider, call, headers, body).charged;
    assert_eq!(charged(Provider::S3, &get("k"), &[etag, ("x-amz-request-charged", "requester")], ""), Charged::Yes);
    assert_eq!(charged(Provider::S3, &get("k"), &[etag], ""), Charged::No);
    assert_eq!(charged(Provider::S3, &get("k"), &[etag, ("x-amz-request-charged", "owner")], ""), Charged::NotSaid);
    assert_eq!(charged(Provider::S3, &tagging, &[], tags), Charged::NotSaid);
    assert_eq!(charged(Provider::Oss, &head, &[etag, ("x-oss-request-charged", "requester")], ""), Charged::Yes);
    assert_eq!(charged(Provider::Oss, &head, &[etag], ""), Charged::No);
    assert_eq!(charged(Provider::Oss, &get("k"), &[etag], ""), Charged::NotSaid);
    assert_eq!(charged(Provider::Oss, &get("k"), &[etag, ("x-amz-request-charged", "requester")], ""), Charged::NotSaid);
}

#[test]
fn writes_and_deletes_by_their_headers() {
    let call = put(whopays::wire::objects::Content::Streamed(1), Default::default(), Default::default());
    for (provider, version, sum) in
        [(Provider::S3, "x-amz-version-id", "x-amz-checksum-crc32c"), (Provider::Oss, "x-oss-version-id", "x-oss-hash-crc64ecma")]
    {
        let Said::Written(written) = said(provider, &call, &[("etag", "\"a\""), (version, "v9"), (sum, "1")], "") else { panic!() };
        assert_eq!((written.etag.as_str(), written.version), ("\"a\"", Some(VersionId::new("v9"))));
        let name = if provider == Provider::S3 { "crc32c" } else { "crc64ecma" };
        assert_eq!(written.checksums, [(name.to_owned(), "1".to_owned())]);
    }
    let call = ObjectCall::DeleteObject { object: object("k") };
    let headers = [("x-oss-delete-marker", "true"), ("x-oss-version-id", "m")];
    let marker = Deleted { marker: true, version: Some(VersionId::new("m")) };
    assert_eq!(said(Provider::Oss, &call, &headers, ""), Said::Deleted(marker));
    assert_eq!(said(Provider::S3, &ObjectCall::AbortMultipartUpload { upload: upload() }, &[], ""), Said::Done);
}

/// Refusals name the object and the permission that is missing, and carry OSS's machine code.
#[test]
fn refusals() {
    let error = refused(Provider::S3, &get("a\u{202e}b"), 403, &[("x-amz-request-id", "R1")], "");
    assert_eq!((error.kind(), error.request_id()), (ErrorKind::Denied, Some("R1")));
    assert!(error.message().starts_with("object \"a\\u{202e}b\" in bucket \"rp-example-bucket\": access denied"), "{error}");
    assert!(error.hint_text().unwrap().contains("`s3:GetObject`"), "{:?}", error.hint_text());
    let body = "<Error><Code>AccessDenied</Code><Message>Access denied for requester pay bucket</Message><EC>0003-00000703</EC></Error>";
    let error = refused(Provider::Oss, &list(KeysPage::default()), 403, &[], body);
    assert_eq!((error.kind(), error.store_answer().unwrap().ec.as_deref()), (ErrorKind::Denied, Some("0003-00000703")));
    let error = refused(Provider::S3, &get("k"), 404, &[], "<Error><Code>NoSuchKey</Code></Error>");
    assert_eq!(error.kind(), ErrorKind::NotFound);
    let error = refused(Provider::S3, &get("k"), 412, &[], "<Error><Code>PreconditionFailed</Code></Error>");
    assert_eq!(error.kind(), ErrorKind::Conflict);
}
