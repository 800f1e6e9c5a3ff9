//! The embedded store and Signature V4, with AWS's own signer: who is served, who is charged, and what refusals say.

use std::time::SystemTime;

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SigningSettings, UriPathNormalizationMode, sign,
};
use aws_sigv4::sign::v4;

use super::{Heard, say, store};
use whopays::demo::Store;

/// Keys, and where they sign.
#[derive(Clone, Copy)]
pub(super) struct Signer {
    id: &'static str,
    secret: &'static str,
    token: Option<&'static str>,
    region: &'static str,
    service: &'static str,
}

const fn signer(id: &'static str, secret: &'static str) -> Signer {
    Signer { id, secret, token: None, region: "us-west-2", service: "s3" }
}

pub(super) const OWNER: Signer = signer("AKIADEMOSTUDIO000001", "demo-studio-secret/with+signs=and0123456");
pub(super) const REQUESTER: Signer = signer("AKIADEMORESEARCH0001", "demo-research-secret/0123456789abcdefghij");
const STRANGER: Signer = signer("AKIADEMOSTRANGER0001", "demo-stranger-secret/0123456789abcdefghi");
pub(super) const ARCHIVE: Signer =
    Signer { region: "eu-west-1", ..signer("AKIADEMOARCHIVE00001", "demo-archive-secret/0123456789abcdefghijk") };
const AUDITOR: Signer = Signer {
    token: Some("demo-auditor-token/+=IQoJb3JpZ2luX2VjEXAMPLE"),
    ..signer("ASIADEMOAUDITOR00001", "demo-auditor-secret/0123456789abcdefghijk")
};
/// The MD5 of the body that sets Requester, as `openssl md5 -binary | base64` gives it.
const MD5_OF_BODY: &str = "stiwwZodlx5hsnK0pEYn+Q==";
pub(super) const PAYER: &[(&str, &str)] = &[("x-amz-request-payer", "requester")];

impl Signer {
    /// The same keys, signing for another region.
    pub(super) const fn at(self, region: &'static str) -> Self {
        Self { region, ..self }
    }

    /// The request's text, signed; `late` headers are added after signing.
    fn request(self, store: &Store, method: &str, target: &str, headers: &[(&str, &str)], body: &str, late: &[(&str, &str)]) -> String {
        let host = store.address().to_string();
        let mut settings = SigningSettings::default();
        if self.service == "s3" {
            settings.percent_encoding_mode = PercentEncodingMode::Single;
            settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
            settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
        }
        let identity = Credentials::new(self.id, self.secret, self.token.map(str::to_owned), None, "test").into();
        let parameters = v4::SigningParams::builder()
            .identity(&identity)
            .region(self.region)
            .name(self.service)
            .time(SystemTime::now())
            .settings(settings)
            .build()
            .unwrap()
            .into();
        let named = headers.iter().copied().chain([("host", host.as_str())]);
        // A debug build takes long for the hash of a large body.
        let signed = if body.len() < 100_000 { SignableBody::Bytes(body.as_bytes()) } else { SignableBody::UnsignedPayload };
        let signable = SignableRequest::new(method, format!("http://{host}{target}"), named, signed).unwrap();
        let (instructions, _) = sign(signable, &parameters).unwrap().into_parts();
        let mut text = format!("{method} {target} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\ncontent-length: {}\r\n", body.len());
        for (name, value) in headers.iter().copied().chain(instructions.headers()).chain(late.iter().copied()) {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        text + "\r\n" + body
    }

    pub(super) async fn asks(self, store: &Store, method: &str, target: &str, headers: &[(&str, &str)], body: &str) -> Heard {
        say(store.address(), self.request(store, method, target, headers, body, &[])).await.unwrap()
    }
}

#[tokio::test]
async fn who_is_served_and_who_is_charged_on_a_requester_pays_bucket() {
    let store = store().await;
    // method, target, body; then the status for owner, requester and stranger, without and with the payer header.
    let rows = [
        ("HEAD", "/aerial-tiles/readme.txt", ""),
        ("GET", "/aerial-tiles/readme.txt", ""),
        ("GET", "/aerial-tiles/?list-type=2", ""),
        ("GET", "/aerial-tiles/", ""),
        ("PUT", "/aerial-tiles/new", "new"),
    ];
    for (method, target, body) in rows {
        let table = [
            (OWNER, &[][..], 200, None),
            (OWNER, PAYER, 200, None),
            (REQUESTER, &[][..], 403, None),
            (REQUESTER, &[("x-amz-request-payer", "BucketOwner")][..], 403, None),
            (REQUESTER, PAYER, 200, Some("requester")),
            (STRANGER, &[][..], 403, None),
            (STRANGER, PAYER, 403, None),
        ];
        for (who, headers, status, charged) in table {
            let heard = who.asks(&store, method, target, headers, body).await;
            let found = (heard.status, heard.header("x-amz-request-charged"));
            assert_eq!(found, (status, charged), "{method} {target} {} {headers:?}", who.id);
        }
    }
    let missing = REQUESTER.asks(&store, "GET", "/aerial-tiles/missing", PAYER, "").await;
    assert_eq!((missing.status, missing.header("x-amz-request-charged")), (404, None));
    let owner_pays = REQUESTER.asks(&store, "GET", "/colorpictures/index.html", PAYER, "").await;
    assert_eq!((owner_pays.status, owner_pays.header("x-amz-request-charged")), (200, None));
}

#[tokio::test]
async fn the_payer_is_changed_by_the_owner_with_a_right_digest() {
    let store = store().await;
    let body = "<RequestPaymentConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Payer>Requester</Payer></RequestPaymentConfiguration>";
    let target = "/colorpictures?requestPayment";
    let digest = &[("content-md5", MD5_OF_BODY)][..];
    let owner_id = &[("content-md5", MD5_OF_BODY), ("x-amz-expected-bucket-owner", "999900001111")][..];
    let rows = [
        (OWNER, &[][..], body, 400, Some("InvalidRequest")),
        (OWNER, &[("content-md5", "AAAAAAAAAAAAAAAAAAAAAA==")][..], body, 400, Some("BadDigest")),
        (OWNER, &[("content-md5", "AAAA")][..], body, 400, Some("InvalidDigest")),
        (OWNER, &[("x-amz-checksum-crc32", "AAAAAA==")][..], body, 400, Some("BadDigest")),
        (OWNER, &[("content-md5", "1B2M2Y8AsgTpgAmY7PhCfg==")][..], "", 400, Some("MalformedXML")),
        (OWNER, owner_id, body, 403, Some("AccessDenied")),
        (REQUESTER, digest, body, 403, Some("AccessDenied")),
    ];
    for (who, headers, body, status, code) in rows {
        let heard = who.asks(&store, "PUT", target, headers, body).await;
        assert_eq!((heard.status, heard.element("Code")), (status, code), "{} {headers:?}", who.id);
        assert_eq!(store.payer("colorpictures").as_deref(), Some("BucketOwner"));
    }
    assert_eq!(OWNER.asks(&store, "PUT", target, digest, body).await.status, 200);
    let read = OWNER.asks(&store, "GET", target, &[], "").await;
    assert_eq!((read.status, read.element("Payer")), (200, Some("Requester")));
    let back = body.replace("Requester<", "BucketOwner<");
    assert_eq!(OWNER.asks(&store, "PUT", target, &[("content-md5", "G8VRI+FTohBCmXdvZwOHvQ==")], &back).await.status, 200);
    let read = OWNER.asks(&store, "GET", target, &[], "").await;
    assert_eq!((read.status, read.element("Payer")), (200, Some("BucketOwner")));
    for (bucket, status, payer) in [("sponsored-set", 200, Some("Sponsor")), ("sealed-vault", 403, None), ("legacy-gateway", 501, None)] {
        let heard = OWNER.asks(&store, "GET", &format!("/{bucket}?requestPayment"), &[], "").await;
        assert_eq!((heard.status, heard.element("Payer")), (status, payer), "{bucket}");
    }
}

#[tokio::test]
async fn a_wrong_region_is_answered_with_the_right_one() {
    let store = store().await;
    let heard = OWNER.asks(&store, "GET", "/paris-renders?requestPayment", &[], "").await;
    let found = (heard.status, heard.element("Code"), heard.element("Region"), heard.header("x-amz-bucket-region"));
    assert_eq!(found, (400, Some("AuthorizationHeaderMalformed"), Some("eu-west-3"), Some("eu-west-3")));
    let heard = OWNER.asks(&store, "GET", "/ohio-overflow?requestPayment", &[], "").await;
    let found = (heard.status, heard.element("Code"), heard.header("location"), heard.header("x-amz-bucket-region"));
    assert_eq!(found, (301, Some("PermanentRedirect"), None, Some("us-east-2")));
    let right = Signer { region: "us-east-2", ..OWNER };
    assert_eq!(right.asks(&store, "GET", "/ohio-overflow?requestPayment", &[], "").await.status, 200);
    let location = Signer { region: "us-east-1", ..OWNER }.asks(&store, "GET", "/paris-renders?location", &[], "").await;
    assert_eq!((location.status, location.body.contains(">eu-west-3</LocationConstraint>")), (200, true));
}

#[tokio::test]
async fn headers_and_bodies_that_were_not_signed_are_refused() {
    let store = store().await;
    let text = REQUESTER.request(&store, "GET", "/aerial-tiles/readme.txt", &[], "", PAYER);
    let heard = say(store.address(), text).await.unwrap();
    let found = (heard.status, heard.element("Code"), heard.element("HeadersNotSigned"));
    assert_eq!(found, (403, Some("AccessDenied"), Some("x-amz-request-payer")));
    let text = OWNER.request(&store, "PUT", "/brand-assets/new", &[], "right", &[]).replace("right", "wrong");
    let heard = say(store.address(), text).await.unwrap();
    assert_eq!((heard.status, heard.element("Code")), (400, Some("XAmzContentSHA256Mismatch")));
}

#[tokio::test]
async fn buckets_come_in_pages_with_their_regions() {
    let store = store().await;
    let first = OWNER.asks(&store, "GET", "/?max-buckets=9", &[], "").await;
    assert_eq!((first.status, first.body.matches("<Bucket>").count()), (200, 9));
    let target = format!("/?continuation-token={}&max-buckets=9", first.element("ContinuationToken").unwrap());
    let second = OWNER.asks(&store, "GET", &target, &[], "").await;
    assert_eq!((second.body.matches("<Bucket>").count(), second.element("ContinuationToken")), (5, None));
    assert!(first.body.contains("<Name>paris-renders</Name>") != second.body.contains("<Name>paris-renders</Name>"));
    assert!(first.body.contains("<BucketRegion>us-west-2</BucketRegion>"));
}

#[tokio::test]
async fn sts_says_whose_keys_they_are() {
    let store = store().await;
    let body = "Action=GetCallerIdentity&Version=2011-06-15";
    let form = &[("content-type", "application/x-www-form-urlencoded")][..];
    let sts = |who: Signer| Signer { service: "sts", region: "us-east-1", ..who };
    let heard = sts(AUDITOR).asks(&store, "POST", "/", form, body).await;
    let found = (heard.status, heard.element("Account"), heard.element("Arn"));
    assert_eq!(found, (200, Some("222233334444"), Some("arn:aws:sts::222233334444:assumed-role/Audit/quarterly")));
    let other = Signer { service: "s3", ..AUDITOR }.asks(&store, "POST", "/", form, body).await;
    assert_eq!((other.status, other.element("Code")), (400, Some("AuthorizationHeaderMalformed")));
    let sha = &[("x-amz-content-sha256", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")][..];
    let other = sts(OWNER).asks(&store, "GET", "/brand-assets?requestPayment", sha, "").await;
    assert_eq!((other.status, other.element("Code")), (400, Some("AuthorizationHeaderMalformed")));
    let rows = [
        (Signer { secret: "wrong", ..OWNER }, 403, "SignatureDoesNotMatch"),
        (Signer { id: "AKIANOBODY", ..OWNER }, 403, "InvalidClientTokenId"),
        (Signer { token: None, ..AUDITOR }, 403, "InvalidClientTokenId"),
        (Signer { token: Some("wrong"), ..AUDITOR }, 403, "InvalidClientTokenId"),
    ];
    for (who, status, code) in rows {
        let heard = sts(who).asks(&store, "POST", "/", form, body).await;
        assert_eq!((heard.status, heard.element("Code")), (status, Some(code)));
    }
}
