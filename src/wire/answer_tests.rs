//! Answers as the clouds and other stores really give them, typed by hand.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};

use super::*;
use crate::domain::{Addressing, Error, ErrorKind, Network, OssSignature, Ownership, Provider};

pub(super) fn site(provider: Provider) -> Site {
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

fn answer(status: u16, headers: &[(&str, &str)], body: &str) -> Answer {
    let headers: HeaderMap = headers
        .iter()
        .map(|(name, value)| (name.parse::<HeaderName>().unwrap(), HeaderValue::from_bytes(value.as_bytes()).unwrap()))
        .collect();
    Answer { status, headers, body: Bytes::copy_from_slice(body.as_bytes()) }
}

pub(super) fn bucket() -> BucketName {
    BucketName::parse(Provider::Oss, "colorpictures").unwrap()
}

pub(super) fn get() -> Call {
    Call::GetBucketRequestPayment { bucket: bucket() }
}

fn put() -> Call {
    Call::PutBucketRequestPayment { bucket: bucket(), payer: Payer::Requester, checksum: None }
}

pub(super) fn list() -> Call {
    Call::ListBuckets { page: None }
}

fn refused(provider: Provider, call: &Call, status: u16, headers: &[(&str, &str)], body: &str) -> Error {
    decode(&site(provider), call, &answer(status, headers, body)).unwrap_err()
}

/// P8, A13, A14: the value as the store wrote it, however the document is spelled.
#[test]
fn payers_as_they_came() {
    let read = |provider, body: &str| decode(&site(provider), &get(), &answer(200, &[], body));
    let other = |text: &str| Reply::Payment(Payer::Other(text.to_owned()));
    for (body, expected) in [
        ("<RequestPaymentConfiguration><Payer>Requester</Payer></RequestPaymentConfiguration>", Reply::Payment(Payer::Requester)),
        (
            "\u{feff}<?xml version=\"1.0\"?>\n<RequestPaymentConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">\n \
             <!-- who --><Payer>\n<![CDATA[BucketOwner]]></Payer></RequestPaymentConfiguration>\n",
            Reply::Payment(Payer::BucketOwner),
        ),
        (
            "<a:RequestPaymentConfiguration xmlns:a=\"x\"><a:Payer>Requ&#101;ster</a:Payer></a:RequestPaymentConfiguration>",
            Reply::Payment(Payer::Requester),
        ),
        ("<RequestPaymentConfiguration><Payer>Sponsor</Payer></RequestPaymentConfiguration>", other("Sponsor")),
        ("<RequestPaymentConfiguration><Payer>requester</Payer></RequestPaymentConfiguration>", other("requester")),
        ("<RequestPaymentConfiguration><Payer/></RequestPaymentConfiguration>", other("")),
    ] {
        assert_eq!(read(Provider::S3, body).unwrap(), expected, "{body}");
        assert_eq!(read(Provider::Oss, body).unwrap(), expected, "{body}");
    }
}

/// A4, P17: what is not the expected document is an error that names content type and first characters.
#[test]
fn answers_that_are_none() {
    for (content_type, body, words) in [
        ("text/html", "<html><head><title>Login</title></head></html>", "a web page; text/html, it begins with \"<html><head>"),
        ("text/html", "<!DOCTYPE html><html><br></html>", "a web page; text/html, it begins with \"<!DOCTYPE html>"),
        ("application/json", "{\"ok\":true}", "text outside of its root; application/json, it begins with \"{"),
        ("text/plain", "a\u{1b}[2Jb", "it begins with \"a\\u{1b}[2Jb\""),
        ("application/xml", "", "no element; application/xml, an empty body"),
        ("application/xml", "<RequestPaymentConfiguration><Payer>Requ", "application/xml"),
        ("application/xml", "<RequestPaymentConfiguration/>", "`Payer` is missing"),
        ("application/xml", "<Other><Payer>Requester</Payer></Other>", "another one"),
        ("application/xml", "<RequestPaymentConfiguration><Payer>&x;</Payer></RequestPaymentConfiguration>", "unknown entity"),
        ("application/xml", "<RequestPaymentConfiguration><Payer>Requester</Payer></RequestPaymentConfiguration><a/>", "two documents"),
    ] {
        let error = refused(Provider::S3, &get(), 200, &[("content-type", content_type)], body);
        assert_eq!(error.kind(), ErrorKind::InvalidReply, "{body}");
        assert!(error.message().starts_with("bucket \"colorpictures\": the answer is not what the protocol promises: "), "{error}");
        assert!(error.message().contains(words), "{words} / {error}");
    }
}

/// The lies of stores without the feature: a listing instead of the setting, also after a change.
#[test]
fn stores_without_request_payment() {
    let listing = "<ListBucketResult><Name>colorpictures</Name></ListBucketResult>";
    for call in [get(), put()] {
        for (status, body) in [
            (200, listing),
            (501, "<Error><Code>NotImplemented</Code><Message>A header you provided implies functionality</Message></Error>"),
            (405, "<Error><Code>MethodNotAllowed</Code></Error>"),
            (501, ""),
            (405, ""),
            (400, "<Error><Code>NotImplemented</Code></Error>"),
        ] {
            let error = refused(Provider::S3, &call, status, &[], body);
            assert_eq!(error.kind(), ErrorKind::Unsupported, "{status} {body}");
            assert_eq!(error.message(), "bucket \"colorpictures\": this store does not implement request payment");
        }
    }
    let bad_value = "<Error><Code>InvalidArgument</Code><Message>Argument not supported</Message></Error>";
    assert_eq!(refused(Provider::S3, &get(), 400, &[], bad_value).kind(), ErrorKind::Unsupported);
    assert_eq!(refused(Provider::S3, &put(), 400, &[], bad_value).kind(), ErrorKind::Usage);
}

/// A3: 200 is not success.
#[test]
fn changes_that_only_look_done() {
    let done = |body: &str| decode(&site(Provider::S3), &put(), &answer(200, &[], body));
    assert_eq!(done("").unwrap(), Reply::Done);
    assert_eq!(done(" \n").unwrap(), Reply::Done);
    let slow = done("<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>").unwrap_err();
    assert_eq!(slow.kind(), ErrorKind::Throttled);
    assert_eq!(done("<Error><Code>InternalError</Code></Error>").unwrap_err().kind(), ErrorKind::Server);
    assert_eq!(done("<html></html>").unwrap_err().kind(), ErrorKind::InvalidReply);
}

/// Section 7, the 403 decision, 3: normal for a foreign bucket, and only the owner can help.
#[test]
fn only_the_owner_reads_or_changes_the_payer() {
    let s3 = "<Error><Code>AccessDenied</Code><Message>Access Denied</Message><RequestId>4442587FB7D0A2F9</RequestId><HostId>h/1=</HostId></Error>";
    let error = refused(Provider::S3, &get(), 403, &[], s3);
    assert_eq!(error.kind(), ErrorKind::Denied);
    assert_eq!(error.message(), "bucket \"colorpictures\": access denied");
    assert_eq!(
        error.hint_text(),
        Some("Ask the owner: only the bucket's owner may read its payer, with the permission `s3:GetBucketRequestPayment`.")
    );
    assert_eq!((error.code(), error.request_id()), (Some("AccessDenied"), Some("4442587FB7D0A2F9")));
    assert_eq!(error.store_answer().unwrap().host_id.as_deref(), Some("h/1="));
    let error = refused(Provider::Oss, &put(), 403, &[("x-oss-request-id", "5F1")], "");
    assert_eq!(
        error.hint_text(),
        Some("Ask the owner: only the bucket's owner may change its payer, with the permission `oss:PutBucketRequestPayment`.")
    );
    assert_eq!(error.request_id(), Some("5F1"));
    let error = refused(Provider::S3, &list(), 403, &[], s3);
    assert_eq!(error.message(), "list of buckets: access denied");
    assert!(error.hint_text().unwrap().contains("`s3:ListAllMyBuckets`"));
}

/// A full OSS refusal: every field that an operator needs.
#[test]
fn oss_says_why() {
    let body = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>AccessDenied</Code><Message>You have no right</Message>\
        <RequestId>68C</RequestId><HostId>colorpictures.oss-cn-hangzhou.aliyuncs.com</HostId><EC>0003-00000202</EC><AccessDeniedDetail>\
        <AuthAction>oss:GetBucketRequestPayment</AuthAction><NoPermissionType>ImplicitDeny</NoPermissionType></AccessDeniedDetail></Error>";
    let error = refused(Provider::Oss, &get(), 403, &[("date", "Sun, 01 Mar 2026 12:00:00 GMT")], body);
    let said = error.store_answer().unwrap();
    assert_eq!(said.ec.as_deref(), Some("0003-00000202"));
    assert_eq!(said.denied_detail[1], ("NoPermissionType".to_owned(), "ImplicitDeny".to_owned()));
    assert_eq!(said.server_time, Some("2026-03-01T12:00:00Z".parse().unwrap()));
    assert!(error.hint_text().unwrap().ends_with("The store says: oss:GetBucketRequestPayment, ImplicitDeny."));
    // The error document of an answer without a body stands in a header, as Base64.
    let hidden = "PEVycm9yPjxDb2RlPk5vU3VjaEJ1Y2tldDwvQ29kZT48L0Vycm9yPg==";
    assert_eq!(refused(Provider::Oss, &get(), 404, &[("x-oss-err", hidden)], "").code(), Some("NoSuchBucket"));
}

/// A6, A9: the region that the answer names, from element, header or endpoint, in one spelling.
#[test]
fn wrong_regions() {
    for (provider, status, headers, body, region) in [
        (Provider::S3, 301, &[("x-amz-bucket-region", "eu-west-1")][..], "", "eu-west-1"),
        (Provider::S3, 400, &[("x-amz-bucket-region", "eu-west-1")], "", "eu-west-1"),
        (
            Provider::S3,
            400,
            &[],
            "<Error><Code>AuthorizationHeaderMalformed</Code><Message>the region 'us-west-2' is wrong; expecting 'eu-central-1'</Message>\
             <Region>eu-central-1</Region></Error>",
            "eu-central-1",
        ),
        (
            Provider::S3,
            301,
            &[],
            "<Error><Code>PermanentRedirect</Code><Bucket>colorpictures</Bucket><Endpoint>colorpictures.s3.ap-south-1.amazonaws.com</Endpoint></Error>",
            "ap-south-1",
        ),
        (
            Provider::S3,
            307,
            &[],
            "<Error><Code>TemporaryRedirect</Code><Endpoint>colorpictures.s3-eu-west-1.amazonaws.com</Endpoint></Error>",
            "eu-west-1",
        ),
        (
            Provider::Oss,
            403,
            &[],
            "<Error><Code>AccessDenied</Code><Message>The bucket you are attempting to access must be addressed using the specified endpoint.\
             </Message><Endpoint>oss-cn-beijing.aliyuncs.com</Endpoint></Error>",
            "cn-beijing",
        ),
    ] {
        let error = refused(provider, &get(), status, headers, body);
        assert_eq!(error.kind(), ErrorKind::WrongRegion, "{status} {body}");
        assert_eq!(error.message(), format!("bucket \"colorpictures\": the bucket is in region {region}"));
        assert_eq!(error.store_answer().unwrap().region.as_deref(), Some(region));
    }
    // P23: text that is no region never becomes part of a host name.
    let error = refused(Provider::S3, &get(), 301, &[("x-amz-bucket-region", "evil.example/x")], "");
    assert_eq!((error.kind(), error.store_answer().unwrap().region.as_deref()), (ErrorKind::WrongRegion, None));
    // A denied bucket tells its region too, and stays denied.
    let error = refused(Provider::S3, &get(), 403, &[("x-amz-bucket-region", "eu-west-1")], "");
    assert_eq!((error.kind(), error.store_answer().unwrap().region.as_deref()), (ErrorKind::Denied, Some("eu-west-1")));
}

/// A11, P21: what a store echoes of the request is never copied.
#[test]
fn echoes_stay_outside() {
    let body = "<Error><Code>SignatureDoesNotMatch</Code><Message>The request signature we calculated does not match</Message>\
        <StringToSign>AWS4-HMAC-SHA256 canary-1</StringToSign><CanonicalRequest>x-amz-security-token:canary-2</CanonicalRequest>\
        <SignatureProvided>canary-3</SignatureProvided><AWSAccessKeyId>canary-4</AWSAccessKeyId></Error>";
    let error = refused(Provider::S3, &get(), 403, &[], body);
    assert_eq!(error.kind(), ErrorKind::Credentials);
    let everything = format!("{error:?} {:?} {:?}", error.hint_text(), error.store_answer());
    assert!(!everything.contains("canary"), "{everything}");
}

/// The store took the host name for a bucket: its own name is another one.
#[test]
fn a_host_that_is_not_the_stores_own() {
    let rgw = Site { endpoint: Some("http://rgw.example.test:8080".to_owned()), ..site(Provider::S3) };
    let body = "<Error><Code>NoSuchBucket</Code><BucketName>colorpictures.rgw.example.test</BucketName></Error>";
    let error = decode(&rgw, &get(), &answer(404, &[], body)).unwrap_err();
    assert_eq!(error.message(), "bucket \"colorpictures\": the store took the host name for a bucket");
    let body = "<Error><Code>NoSuchBucket</Code><BucketName>colorpictures</BucketName></Error>";
    let error = decode(&rgw, &get(), &answer(404, &[], body)).unwrap_err();
    assert_eq!(error.message(), "bucket \"colorpictures\": there is no such bucket");
}

/// A5, B9, D4: proxies, waits and texts without end.
#[test]
fn proxies_waits_and_long_texts() {
    let error = refused(Provider::S3, &get(), 502, &[("content-type", "text/html")], "<html>bad gateway</html>");
    assert_eq!(error.kind(), ErrorKind::Server);
    assert_eq!(error.message(), "bucket \"colorpictures\": the store or a proxy before it failed (502, text/html)");
    let date = ("date", "Sun, 01 Mar 2026 12:00:00 GMT");
    for (headers, expected) in [
        (vec![("retry-after", "3")], Some(3000)),
        (vec![("x-amz-retry-after", "250"), ("retry-after", "3")], Some(250)),
        (vec![("retry-after", "Sun, 01 Mar 2026 12:00:07 GMT"), date], Some(7000)),
        (vec![("retry-after", "Sun, 01 Mar 2026 11:00:00 GMT"), date], None),
        (vec![("retry-after", "-1")], None),
        (vec![("retry-after", "abc")], None),
    ] {
        let error = refused(Provider::S3, &list(), 503, &headers, "");
        assert_eq!(error.store_answer().unwrap().retry_after_ms, expected, "{headers:?}");
    }
    let long = format!("<Error><Code>Odd\u{202e}Code</Code><Message>{}</Message></Error>", "ä".repeat(30_000));
    let error = refused(Provider::S3, &get(), 418, &[], &long);
    assert!(error.message().len() < 2_000 && error.store_answer().unwrap().message.ends_with('…'));
    assert!(error.message().contains("Odd\\u{202e}Code"), "{error}");
}

#[test]
fn pages_of_s3() {
    let body = "<ListAllMyBucketsResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Owner><ID>cafe01</ID><DisplayName>lab</DisplayName></Owner>\
        <Buckets><Bucket><Name>colorpictures</Name><CreationDate>2019-12-11T23:32:47.000Z</CreationDate><BucketRegion>eu-west-1</BucketRegion></Bucket>\
        <Bucket><Name>a/../b</Name></Bucket><Bucket><Name>Old_Bucket</Name><BucketRegion>bad/region</BucketRegion></Bucket></Buckets>\
        <ContinuationToken>t+/=</ContinuationToken></ListAllMyBucketsResult>";
    let Reply::Buckets(page) = decode(&site(Provider::S3), &list(), &answer(200, &[], body)).unwrap() else { panic!("a page") };
    assert_eq!(page.next.as_deref(), Some("t+/="));
    assert_eq!(page.odd_names, ["a/../b"]);
    let first = &page.buckets[0];
    assert_eq!(
        (first.name.as_str(), first.region.as_deref(), first.owner.as_deref()),
        ("colorpictures", Some("eu-west-1"), Some("cafe01"))
    );
    assert_eq!((first.created, first.ownership), (Some("2019-12-11T23:32:47Z".parse().unwrap()), Ownership::Owned));
    assert_eq!((page.buckets[1].name.as_str(), page.buckets[1].region.as_deref()), ("Old_Bucket", None));
    // P18: the same page again is no next page.
    let again = Call::ListBuckets { page: Some("t+/=".to_owned()) };
    assert_eq!(decode(&site(Provider::S3), &again, &answer(200, &[], body)).unwrap_err().kind(), ErrorKind::InvalidReply);
}

#[test]
fn pages_of_oss() {
    let page = |tail: &str| {
        let body = format!(
            "<ListAllMyBucketsResult><Owner><ID>512</ID></Owner><Buckets><Bucket><Name>colorpictures</Name><Location>oss-cn-beijing</Location>\
             <Region>cn-beijing</Region></Bucket><Bucket><Name>second</Name><Location>oss-us-west-1</Location></Bucket></Buckets>{tail}</ListAllMyBucketsResult>"
        );
        decode(&site(Provider::Oss), &list(), &answer(200, &[], &body))
    };
    let Reply::Buckets(first) = page("<IsTruncated>true</IsTruncated><NextMarker>second</NextMarker>").unwrap() else { panic!("a page") };
    assert_eq!(first.next.as_deref(), Some("second"));
    let regions: Vec<_> = first.buckets.iter().map(|bucket| bucket.region.as_deref()).collect();
    assert_eq!(regions, [Some("cn-beijing"), Some("us-west-1")]);
    let Reply::Buckets(last) = page("<IsTruncated>false</IsTruncated><NextMarker>second</NextMarker>").unwrap() else { panic!("a page") };
    assert_eq!(last.next, None);
    assert_eq!(page("<IsTruncated>true</IsTruncated>").unwrap_err().kind(), ErrorKind::InvalidReply);
}

#[test]
fn locations() {
    let call = Call::GetBucketLocation { bucket: bucket() };
    let read = |provider, body: &str| decode(&site(provider), &call, &answer(200, &[], body));
    for (provider, body, region) in [
        (Provider::S3, "<LocationConstraint xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"/>", "us-east-1"),
        (Provider::S3, "<LocationConstraint>EU</LocationConstraint>", "eu-west-1"),
        (Provider::S3, "<LocationConstraint>ap-south-1</LocationConstraint>", "ap-south-1"),
        (Provider::S3, "<LocationConstraint><LocationConstraint>eu-west-3</LocationConstraint></LocationConstraint>", "eu-west-3"),
        (Provider::Oss, "<LocationConstraint>oss-cn-hangzhou</LocationConstraint>", "cn-hangzhou"),
    ] {
        assert_eq!(read(provider, body).unwrap(), Reply::Location(region.to_owned()), "{body}");
    }
    for (provider, body) in [(Provider::Oss, "<LocationConstraint/>"), (Provider::S3, "<LocationConstraint>a.evil/</LocationConstraint>")] {
        assert_eq!(read(provider, body).unwrap_err().kind(), ErrorKind::InvalidReply, "{body}");
    }
}

#[test]
fn caller_identities() {
    let read = |provider, body: &str| decode(&site(provider), &Call::GetCallerIdentity, &answer(200, &[], body));
    let aws = "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetCallerIdentityResult>\
        <Arn>arn:aws:iam::111122223333:user/ana</Arn><UserId>AIDA1</UserId><Account>111122223333</Account></GetCallerIdentityResult></GetCallerIdentityResponse>";
    let Reply::Identity(identity) = read(Provider::S3, aws).unwrap() else { panic!("an identity") };
    assert_eq!((identity.account_id.as_str(), identity.user_id.as_str()), ("111122223333", "AIDA1"));
    let json = "{\"IdentityType\":\"AssumedRoleUser\",\"AccountId\":\"1968132000120001\",\"RequestId\":\"R\",\"PrincipalId\":\"33:s\",\
        \"RoleId\":\"33\",\"Arn\":\"acs:ram::1968132000120001:assumed-role/r/s\"}";
    let Reply::Identity(identity) = read(Provider::Oss, json).unwrap() else { panic!("an identity") };
    assert_eq!((identity.account_id.as_str(), identity.user_id.as_str()), ("1968132000120001", "33"));
    let error =
        refused(Provider::Oss, &Call::GetCallerIdentity, 404, &[], "{\"Code\":\"InvalidAccessKeyId.NotFound\",\"RequestId\":\"R2\"}");
    assert_eq!((error.kind(), error.request_id()), (ErrorKind::Credentials, Some("R2")));
    let body = "<ErrorResponse><Error><Type>Sender</Type><Code>ExpiredToken</Code><Message>m</Message></Error><RequestId>R3</RequestId></ErrorResponse>";
    let error = refused(Provider::S3, &Call::GetCallerIdentity, 403, &[], body);
    assert_eq!((error.kind(), error.request_id()), (ErrorKind::Credentials, Some("R3")));
    assert_eq!(error.message(), "caller identity: the session token has expired");
}
