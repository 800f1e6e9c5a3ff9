//! The error catalogue, row by row: code, cloud, kind and first words, typed by hand from the vendors' lists (A1).

use bytes::Bytes;
use http::HeaderMap;

use super::*;
use crate::domain::ErrorKind::{
    self, ClockSkew, Conflict, Credentials, Denied, Internal, Network as Net, NotFound, Server, Throttled, Timeout, Unsupported, Usage,
    WrongRegion,
};
use crate::domain::{Addressing, Error, Network, OssSignature, Provider};

fn error(provider: Provider, call: &Call, status: u16, body: String) -> Error {
    let site = Site {
        provider,
        region: "cn-hangzhou".to_owned(),
        endpoint: None,
        sts_endpoint: None,
        network: Network::Public,
        addressing: Addressing::Auto,
        signature: OssSignature::V4,
    };
    decode(&site, call, &Answer { status, headers: HeaderMap::new(), body: Bytes::from(body) }).unwrap_err()
}

fn location() -> Call {
    Call::GetBucketLocation { bucket: BucketName::parse(Provider::Oss, "colorpictures").unwrap() }
}

/// Codes that both clouds or stores of their kind answer.
const BOTH: &[(u16, &str, ErrorKind, &str)] = &[
    (403, "AccessDenied", Denied, "access denied"),
    (403, "InvalidAccessKeyId", Credentials, "the access key is not known to this store"),
    (403, "SignatureDoesNotMatch", Credentials, "the signature does not match"),
    (403, "RequestTimeTooSkewed", ClockSkew, "this machine's clock differs too much from the store's"),
    (400, "ExpiredToken", Credentials, "the session token has expired"),
    (403, "RequestExpired", Credentials, "the request or link was valid for a time that is over"),
    (400, "InvalidToken", Credentials, "the session token does not belong to the access key"),
    (400, "TokenRefreshRequired", Credentials, "the session token does not belong to the access key"),
    (400, "AuthorizationHeaderMalformed", WrongRegion, "the request was signed for the wrong region"),
    (301, "PermanentRedirect", WrongRegion, "the bucket is reached at another endpoint"),
    (307, "TemporaryRedirect", WrongRegion, "the bucket is reached at another endpoint"),
    (400, "IllegalLocationConstraintException", WrongRegion, "region and endpoint do not belong together"),
    (404, "NoSuchBucket", NotFound, "there is no such bucket"),
    (404, "NoSuchKey", NotFound, "there is no such object"),
    (404, "NoSuchVersion", NotFound, "the object has no such version"),
    (404, "NoSuchUpload", NotFound, "there is no such upload"),
    (400, "InvalidBucketName", Usage, "the bucket's name breaks the store's rules"),
    (400, "InvalidObjectName", Usage, "the key breaks the store's rules"),
    (409, "BucketAlreadyExists", Conflict, "the bucket's state does not allow it"),
    (409, "BucketAlreadyOwnedByYou", Conflict, "the bucket's state does not allow it"),
    (409, "BucketNotEmpty", Conflict, "the bucket's state does not allow it"),
    (409, "OperationAborted", Conflict, "something else changed it at the same time"),
    (409, "ConditionalRequestConflict", Conflict, "something else changed it at the same time"),
    (412, "PreconditionFailed", Conflict, "it changed meanwhile, or exists already"),
    (405, "MethodNotAllowed", Unsupported, "the operation is not allowed on this resource"),
    (501, "NotImplemented", Unsupported, "the store does not have this operation"),
    (501, "XNotImplemented", Unsupported, "the store does not have this operation"),
    (400, "MalformedXML", Internal, "the store refused the request's body"),
    (400, "InvalidArgument", Usage, "the store refused a parameter: said"),
    (400, "InvalidRequest", Usage, "the store refused a parameter: said"),
    (411, "MissingContentLength", Internal, "the request had no length"),
    (400, "InvalidDigest", Net, "the body was changed on its way"),
    (400, "BadDigest", Net, "the body was changed on its way"),
    (400, "XAmzContentSHA256Mismatch", Net, "the body is not the one that was signed"),
    (400, "IncompleteBody", Net, "the body did not arrive whole"),
    (400, "RequestTimeout", Timeout, "the store waited too long for the request"),
    (400, "EntityTooSmall", Usage, "a part is smaller than the store allows"),
    (400, "EntityTooLarge", Usage, "the object or part is larger than the store allows"),
    (400, "InvalidPart", Usage, "the parts are not those that the store has"),
    (400, "InvalidPartOrder", Usage, "the parts are not those that the store has"),
    (403, "InvalidObjectState", Denied, "the object is archived"),
    (503, "SlowDown", Throttled, "the store asks for fewer requests"),
    (503, "ServiceUnavailable", Throttled, "the store asks for fewer requests"),
    (500, "InternalError", Server, "the store had a fault of its own"),
    (200, "InternalError", Server, "the store had a fault of its own"),
    // Unknown codes are shown as they came, and judged by the status.
    (403, "SomethingNew", Denied, "access denied (403 SomethingNew: said)"),
    (418, "SomethingNew", Usage, "the store refused the request (418 SomethingNew: said)"),
    (504, "SomethingNew", Server, "the store or a proxy before it failed (504 SomethingNew: said)"),
];

const ONLY_S3: &[(u16, &str, ErrorKind, &str)] = &[
    (403, "AllAccessDisabled", Denied, "the provider has blocked all access to it"),
    (403, "AccountProblem", Denied, "the acting account has a problem at the provider"),
    (403, "RequestPayerDenied", Denied, "the request needs a payer"),
    (403, "NotSignedUp", Credentials, "the acting account has not signed up for the service"),
];

const ONLY_OSS: &[(u16, &str, ErrorKind, &str)] = &[
    (503, "DownloadTrafficRateLimitExceeded", Throttled, "the bandwidth of the account or bucket is used up"),
    (503, "UploadTrafficRateLimitExceeded", Throttled, "the bandwidth of the account or bucket is used up"),
    (503, "MetaOperationQpsLimitExceeded", Throttled, "the store asks for fewer requests about buckets and their settings"),
    (503, "TotalQpsLimitExceeded", Throttled, "the account's requests per second are used up"),
    (403, "BucketNotBelongTo", Denied, "the bucket belongs to another account"),
    (403, "UserDisable", Denied, "an account is disabled, for payments due or for security"),
    (403, "InDebt", Denied, "the acting account has payments due"),
    (403, "InDebtOverdue", Denied, "the acting account has payments due"),
    (403, "AbnormalBucketOwnerStatus", Denied, "the account of the bucket's owner is blocked or has payments due"),
    (403, "BucketDisable", Denied, "the provider has disabled the bucket for security"),
    (403, "UbsmsInvalidBid", Denied, "the account has no key management service, which the object needs"),
    (403, "InvalidAccessKeyId.Inactive", Credentials, "the access key is disabled"),
    (403, "SecurityTokenExpired", Credentials, "the session token has expired"),
    (403, "InvalidSecurityToken", Credentials, "the session token does not belong to the access key"),
    (403, "AccessKeyIdAndSecurityTokenNotMatch", Credentials, "the session token does not belong to the access key"),
    (403, "SecondLevelDomainForbidden", Usage, "this endpoint does not take the bucket's name in the path"),
];

#[test]
fn every_code() {
    let table = |provider, rows: &[(u16, &str, ErrorKind, &str)]| {
        for (status, code, kind, text) in rows {
            let error = error(provider, &location(), *status, format!("<Error><Code>{code}</Code><Message>said</Message></Error>"));
            assert_eq!((error.kind(), error.message()), (*kind, format!("bucket \"colorpictures\": {text}").as_str()), "{provider} {code}");
            let hint = error.hint_text().unwrap_or_default();
            assert!(hint.ends_with('.') && hint.starts_with(char::is_uppercase) && !hint.contains(['{', '}']), "{code}: {hint}");
            assert_eq!(error.code(), Some(*code));
        }
    };
    table(Provider::S3, BOTH);
    table(Provider::Oss, BOTH);
    table(Provider::S3, ONLY_S3);
    table(Provider::Oss, ONLY_OSS);
}

/// The machine codes of OSS choose text and hint, and nothing else.
#[test]
fn every_machine_code() {
    for (code, ec, kind, text, hint) in [
        ("AccessDenied", "0003-00000703", Denied, "requester pays, and the request had no payer header", "Send it as requester,"),
        ("AccessDenied", "0003-00000702", Denied, "requester pays, and the link had no payer in its query", "Make the link anew"),
        ("AccessDenied", "0003-00000701", Denied, "requester pays, and anonymous access is refused", "Use an account with keys"),
        (
            "AccessDenied",
            "0003-00000001",
            Denied,
            "the permission is missing, or public access to the bucket is blocked",
            "Check which account acts, and ask for the permission `oss:GetBucketLocation`",
        ),
        ("AccessDenied", "0003-00000101", Denied, "a bucket policy denies it", "Ask the owner to change the bucket policy"),
        ("AccessDenied", "0003-00000201", Denied, "a RAM policy denies it explicitly", "Ask your administrator"),
        ("AccessDenied", "0003-00000204", Denied, "a RAM policy denies it for a key of the batch", "Ask your administrator which keys"),
        ("AccessDenied", "0003-00000202", Denied, "no policy allows it, and the account is not the owner", "Ask the owner or"),
        ("UserDisable", "0003-00000806", Denied, "an account is blocked or has payments due", "Look at the billing page"),
        (
            "InvalidAccessKeyId",
            "0002-00000902",
            Credentials,
            "the access key id is missing, or is not known here",
            "Check the access key id",
        ),
        ("SignatureDoesNotMatch", "0002-00000201", Credentials, "the signature does not match", "Check the secret for blanks"),
        ("SignatureDoesNotMatch", "0002-00000602", Credentials, "the access key is bound to other addresses", "Send the request from"),
        ("RequestTimeTooSkewed", "0002-00000504", ClockSkew, "this machine's clock differs too much from the store's", "Correct the clock"),
        ("SecurityTokenExpired", "0002-00000007", Credentials, "the session token has expired", "Log in again"),
        ("InvalidSecurityToken", "0002-00000006", Credentials, "the session token does not belong to the access key", "Take access key,"),
        ("InvalidArgument", "0002-00000009", Usage, "the session token came in the wrong header", "Use an account of provider `oss`"),
        ("InvalidArgument", "0002-00000010", Usage, "the session token came twice", "Report this"),
        ("MalformedXML", "0035-00000001", Internal, "the store could not read the payer setting that was sent", "Report this"),
        ("InvalidArgument", "0035-00000002", Usage, "the store takes only `BucketOwner` and `Requester` as payer", "Report this"),
        ("InvalidArgument", "0017-00000001", Usage, "the store does not know the operation", "Check `endpoint`"),
        ("NoSuchBucket", "9999-00000001", NotFound, "there is no such bucket", "Check the name"),
    ] {
        let body = format!("<Error><Code>{code}</Code><EC>{ec}</EC></Error>");
        let error = error(Provider::Oss, &location(), 403, body.clone());
        assert_eq!((error.kind(), error.message()), (kind, format!("bucket \"colorpictures\": {text}").as_str()), "{ec}");
        assert!(error.hint_text().unwrap().starts_with(hint), "{ec}: {:?}", error.hint_text());
    }
    let payment = Call::GetBucketRequestPayment { bucket: BucketName::parse(Provider::Oss, "colorpictures").unwrap() };
    let body = "<Error><Code>AccessDenied</Code><EC>0003-00000703</EC></Error>".to_owned();
    assert!(error(Provider::Oss, &payment, 403, body).message().ends_with("requester pays, and the request had no payer header"));
}
