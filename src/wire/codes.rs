//! The table of the catalogue: what a code means in general. What depends on the call stands in `catalogue`.
//!
//! Comes in: nothing. Goes out: rows. Forbidden here: decisions.

use crate::domain::{ErrorKind, Provider};

/// Which clouds a row is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum From {
    S3,
    Oss,
    Both,
}

/// One row: codes that mean the same.
pub(super) struct Row {
    /// For whom.
    pub(super) from: From,
    /// The codes.
    pub(super) codes: &'static [&'static str],
    /// Whose turn it is.
    pub(super) kind: ErrorKind,
    /// What happened, after the subject.
    pub(super) text: &'static str,
    /// `{action}`, `{region}`, `{configured}`, `{endpoint}`, `{time}`, `{message}` are filled in.
    pub(super) hint: &'static str,
}

const fn row(from: From, codes: &'static [&'static str], kind: ErrorKind, text: &'static str, hint: &'static str) -> Row {
    Row { from, codes, kind, text, hint }
}

/// The codes. The first row that fits counts.
pub(super) static CODES: &[Row] = &[
    row(
        From::Both,
        &["AccessDenied", "Forbidden", "NotAuthorized", "UnauthorizedAccess"],
        ErrorKind::Denied,
        "access denied",
        "Ask the owner for the permission `{action}`, and check which account acts.",
    ),
    row(
        From::Oss,
        &["BucketNotBelongTo"],
        ErrorKind::Denied,
        "the bucket belongs to another account",
        "Ask the owner: only the owner's account has the permission `{action}`.",
    ),
    row(
        From::S3,
        &["AllAccessDisabled", "AccountProblem"],
        ErrorKind::Denied,
        "the account or the bucket is blocked",
        "Look at the provider's billing page of the account, or ask the provider's support.",
    ),
    row(
        From::Oss,
        &["UserDisable", "InDebt", "InDebtOverdue", "AbnormalBucketOwnerStatus", "BucketDisable", "UbsmsInvalidBid"],
        ErrorKind::Denied,
        "an account is blocked or has payments due",
        "Look at the billing page of this account; if it is in order, the bucket's owner has to look at theirs.",
    ),
    row(
        From::S3,
        &["RequestPayerDenied"],
        ErrorKind::Denied,
        "the request needs a payer",
        "Send it as requester, and your account pays for the request and the transfer.",
    ),
    row(
        From::Both,
        &[
            "InvalidAccessKeyId",
            "InvalidClientTokenId",
            "UnrecognizedClientException",
            "NotSignedUp",
            "InvalidAccessKeyId.NotFound",
            "InvalidAccessKeyId.Inactive",
        ],
        ErrorKind::Credentials,
        "the access key is not known here, or is disabled",
        "Check that the keys belong to this provider and partition, are active, and that temporary keys come with their session token.",
    ),
    row(
        From::Both,
        &["SignatureDoesNotMatch", "IncompleteSignature"],
        ErrorKind::Credentials,
        "the signature does not match",
        "Check the secret for blanks at its ends, then `region`, the clock, and whether a proxy changes headers.",
    ),
    row(
        From::Both,
        &["RequestTimeTooSkewed", "InvalidTimeStamp.Expired"],
        ErrorKind::ClockSkew,
        "this machine's clock differs too much from the store's",
        "Correct the clock of this machine (NTP); the store's clock says {time}.",
    ),
    row(
        From::Both,
        &["ExpiredToken", "RequestExpired", "ExpiredTokenException", "SecurityTokenExpired", "InvalidSecurityToken.Expired"],
        ErrorKind::Credentials,
        "the session token has expired",
        "Log in again, or renew the credentials of this account.",
    ),
    row(
        From::Both,
        &[
            "InvalidToken",
            "TokenRefreshRequired",
            "InvalidSecurityToken",
            "AccessKeyIdAndSecurityTokenNotMatch",
            "InvalidSecurityToken.Malformed",
            "InvalidSecurityToken.MismatchWithAccessKey",
        ],
        ErrorKind::Credentials,
        "the session token does not belong to the access key",
        "Take access key, secret and token from one response: a token fits only the keys that it came with.",
    ),
    row(
        From::Both,
        &["AuthorizationHeaderMalformed"],
        ErrorKind::WrongRegion,
        "the request was signed for the wrong region",
        "Set `region` to {region}; the config says {configured}.",
    ),
    row(
        From::Both,
        &["PermanentRedirect", "TemporaryRedirect", "Redirect", "301 Moved Permanently"],
        ErrorKind::WrongRegion,
        "the bucket is reached at another endpoint",
        "Set `region` to {region} or `endpoint` to {endpoint}; redirects are never followed.",
    ),
    row(
        From::Both,
        &["IllegalLocationConstraintException", "InvalidRegion"],
        ErrorKind::WrongRegion,
        "region and endpoint do not belong together",
        "Set `region` to {region}; the config says {configured}.",
    ),
    row(
        From::Oss,
        &["SecondLevelDomainForbidden"],
        ErrorKind::Usage,
        "this endpoint does not take the bucket's name in the path",
        "Set `addressing = \"virtual\"`.",
    ),
    row(From::Both, &["NoSuchBucket"], ErrorKind::NotFound, "there is no such bucket", "Check the name, the account and the endpoint."),
    row(
        From::Both,
        &["NoSuchKey", "NoSuchVersion", "NoSuchUpload"],
        ErrorKind::NotFound,
        "the object, version or upload is gone",
        "Refresh the list; an upload that is gone was completed, aborted or has expired.",
    ),
    row(
        From::Both,
        &["InvalidBucketName", "InvalidObjectName", "KeyTooLongError"],
        ErrorKind::Usage,
        "the name breaks the store's rules",
        "Check the name: 3 to 63 of a-z, 0-9 and hyphens for a bucket, at most 1,024 bytes for a key.",
    ),
    row(
        From::Both,
        &["BucketAlreadyExists", "BucketAlreadyOwnedByYou", "BucketNotEmpty"],
        ErrorKind::Conflict,
        "the bucket's state does not allow it",
        "Look at the bucket: it exists already, or is not empty.",
    ),
    row(
        From::Both,
        &["OperationAborted", "ConditionalRequestConflict"],
        ErrorKind::Conflict,
        "something else changed it at the same time",
        "Look at the current value, then repeat.",
    ),
    row(From::Both, &["PreconditionFailed"], ErrorKind::Conflict, "it changed meanwhile, or exists already", "Refresh, then decide again."),
    row(
        From::Both,
        &["MethodNotAllowed"],
        ErrorKind::Unsupported,
        "the operation is not allowed on this resource",
        "Check what it is: a delete marker, a directory bucket, or a store without this operation.",
    ),
    row(
        From::Both,
        &["NotImplemented", "XNotImplemented", "UnsupportedOperation", "NotSupported"],
        ErrorKind::Unsupported,
        "the store does not have this operation",
        "Do without it here: this store does not implement it.",
    ),
    row(
        From::Both,
        &["MalformedXML"],
        ErrorKind::Internal,
        "the store refused the request's body",
        "Report this with the request id: the body is ours.",
    ),
    row(
        From::Both,
        &["InvalidArgument", "InvalidRequest", "InvalidURI"],
        ErrorKind::Usage,
        "the store refused a parameter: {message}",
        "Check names and values; if they are right, report this with the request id.",
    ),
    row(From::Both, &["MissingContentLength"], ErrorKind::Internal, "the request had no length", "Report this with the request id."),
    row(
        From::Both,
        &["InvalidDigest", "BadDigest", "XAmzContentSHA256Mismatch"],
        ErrorKind::Network,
        "the body was changed on its way",
        "Repeat it; if it happens again, look for a proxy that changes requests.",
    ),
    row(From::Both, &["IncompleteBody"], ErrorKind::Network, "the body did not arrive whole", "Repeat it, and check the network."),
    row(
        From::Both,
        &["RequestTimeout"],
        ErrorKind::Timeout,
        "the store waited too long for the request",
        "Repeat it, and check the network.",
    ),
    row(
        From::Both,
        &["EntityTooSmall", "EntityTooLarge", "InvalidPart", "InvalidPartOrder"],
        ErrorKind::Usage,
        "the parts of the upload do not fit",
        "Abort the upload, and begin again with other part sizes.",
    ),
    row(From::Both, &["InvalidObjectState"], ErrorKind::Denied, "the object is archived", "Restore it first; restoring costs money."),
    row(
        From::Both,
        &[
            "SlowDown",
            "ServiceUnavailable",
            "Throttling",
            "ThrottlingException",
            "Throttling.User",
            "RequestLimitExceeded",
            "TooManyRequests",
            "DownloadTrafficRateLimitExceeded",
            "UploadTrafficRateLimitExceeded",
            "MetaOperationQpsLimitExceeded",
            "TotalQpsLimitExceeded",
        ],
        ErrorKind::Throttled,
        "the store asks for fewer requests",
        "Wait a little, then refresh fewer buckets at once.",
    ),
    row(
        From::Both,
        &["InternalError", "InternalFailure", "ServiceFailure"],
        ErrorKind::Server,
        "the store had a fault of its own",
        "Repeat it later; if it stays, look at the provider's status page.",
    ),
];

/// OSS's machine codes: a better text and hint for a kind that the code has chosen.
pub(super) static MACHINE_CODES: &[(&[&str], &str, &str)] = &[
    (
        &["0003-00000703"],
        "requester pays, and the request had no payer header",
        "Send it as requester, and your account pays for the request and the transfer.",
    ),
    (
        &["0003-00000702"],
        "requester pays, and the link had no payer in its query",
        "Make the link anew as requester: the payer must be a signed part of its query.",
    ),
    (&["0003-00000701"], "requester pays, and anonymous access is refused", "Use an account with keys and send the request as requester."),
    (&["0003-00000101"], "a bucket policy denies it", "Ask the owner to change the bucket policy; it denies `{action}`."),
    (&["0003-00000201", "0003-00000204"], "a RAM policy denies it explicitly", "Ask your administrator: a RAM policy denies `{action}`."),
    (&["0003-00000202"], "no policy allows it, and the account is not the owner", "Ask the owner or your administrator for `{action}`."),
    (&["0003-00000001"], "access denied", "Check which account acts, and ask for the permission `{action}`; public access may be blocked."),
    (
        &["0003-00000806"],
        "an account is blocked or has payments due",
        "Look at the billing page of this account; if it is in order, the bucket's owner has to look at theirs.",
    ),
    (
        &["0002-00000902"],
        "the access key is not known here",
        "Check the access key id for typing errors and blanks, and that it is active.",
    ),
    (&["0002-00000602"], "the access key is bound to other addresses", "Send the request from an address that the key allows."),
    (&["0002-00000009"], "the session token came in the wrong header", "Use an account of provider `oss` for this endpoint."),
    (&["0002-00000010"], "the session token came twice", "Report this with the request id: the token belongs into one place."),
    (
        &["0035-00000001", "0035-00000002"],
        "the store refused the payer setting that was sent",
        "Report this with the request id: root element and payer are ours.",
    ),
    (&["0017-00000001"], "the store does not know the operation", "Check `endpoint` and `provider`: another service may answer there."),
];

impl Row {
    /// Whether the row is about a code of that cloud.
    pub(super) fn fits(&self, provider: Provider, code: &str) -> bool {
        let cloud = match (self.from, provider) {
            (From::Both, _) | (From::S3, Provider::S3) | (From::Oss, Provider::Oss) => true,
            (From::S3, Provider::Oss) | (From::Oss, Provider::S3) => false,
        };
        cloud && self.codes.contains(&code)
    }
}
