//! The error catalogue of both clouds: what a code means, what the user does next, whether repeating helps. One table: messages,
//! hints and diagnoses read it. What depends on the request as well stands beside it.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html>,
//! <https://www.alibabacloud.com/help/en/oss/user-guide/http-403-error-code>
//!
//! Comes in: nothing. Goes out: rows. Forbidden here: decisions.

use super::cause::{Again, Cause};
use crate::domain::{ErrorKind, Provider};

/// Which clouds a row is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum From {
    /// S3 and stores that speak it.
    S3,
    /// OSS.
    Oss,
    /// Both spell it alike.
    Both,
}

/// What a row is found by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// The `Code` of the answer.
    ByCode,
    /// OSS's machine code alone: it chooses better words for a kind that the code has chosen, because the vendor may change it.
    ByMachineCode,
}

/// One row: codes that mean the same.
#[derive(Debug)]
pub struct Row {
    /// For whom.
    pub from: From,
    /// How it is found.
    pub found: Found,
    /// The codes (of a row that is found by machine code: those that come with it).
    pub codes: &'static [&'static str],
    /// OSS's machine codes.
    pub machine: &'static [&'static str],
    /// The statuses that come with it.
    pub status: &'static [u16],
    /// Whose turn it is.
    pub kind: ErrorKind,
    /// Why.
    pub cause: Cause,
    /// What happened, after the subject. `{message}` is filled in.
    pub text: &'static str,
    /// What to do next. `{action}`, `{region}`, `{configured}`, `{endpoint}`, `{time}` are filled in.
    pub step: &'static str,
    /// Whether repeating helps.
    pub again: Again,
}

const fn said(from: From, status: &'static [u16], codes: &'static [&'static str]) -> Row {
    Row {
        from,
        found: Found::ByCode,
        codes,
        machine: &[],
        status,
        kind: ErrorKind::Internal,
        cause: Cause::Unknown,
        text: "",
        step: "",
        again: Again::No,
    }
}

impl Row {
    /// Machine codes that mean nothing more than the code.
    const fn also(self, machine: &'static [&'static str]) -> Self {
        Self { machine, ..self }
    }

    /// Only with these machine codes.
    const fn only(self, machine: &'static [&'static str]) -> Self {
        Self { machine, found: Found::ByMachineCode, ..self }
    }

    const fn means(self, kind: ErrorKind, cause: Cause, text: &'static str, step: &'static str) -> Self {
        Self { kind, cause, text, step, ..self }
    }

    const fn again(self, again: Again) -> Self {
        Self { again, ..self }
    }

    /// Whether the row is about that cloud.
    fn is_of(&self, provider: Provider) -> bool {
        match (self.from, provider) {
            (From::Both, _) | (From::S3, Provider::S3) | (From::Oss, Provider::Oss) => true,
            (From::S3, Provider::Oss) | (From::Oss, Provider::S3) => false,
        }
    }
}

/// The row of a code: it decides the kind.
pub fn by_code(provider: Provider, code: &str) -> Option<&'static Row> {
    TABLE.iter().find(|row| row.found == Found::ByCode && row.is_of(provider) && row.codes.contains(&code))
}

/// The row with the best words: that of the machine code where OSS sent one that is known, else that of the code.
pub fn best(provider: Provider, code: &str, machine: Option<&str>) -> Option<&'static Row> {
    let machine = machine.filter(|_| provider == Provider::Oss);
    let better = machine.and_then(|machine| TABLE.iter().find(|row| row.is_of(provider) && row.machine.contains(&machine)));
    better.or_else(|| by_code(provider, code))
}

/// The catalogue. The first row that fits counts.
pub static TABLE: &[Row] = &[
    said(From::Both, &[403], &["AccessDenied", "Forbidden", "NotAuthorized", "UnauthorizedAccess"]).means(
        ErrorKind::Denied,
        Cause::PermissionMissing,
        "access denied",
        "Ask the owner for the permission `{action}`, and check which account acts.",
    ),
    said(From::Oss, &[403], &["AccessDenied"]).only(&["0003-00000703"]).means(
        ErrorKind::Denied,
        Cause::ConsentMissing,
        "requester pays, and the request had no payer header",
        "Send it as requester, and your account pays for the request and the transfer.",
    ),
    said(From::Oss, &[403], &["AccessDenied"]).only(&["0003-00000702"]).means(
        ErrorKind::Denied,
        Cause::LinkWithoutPayer,
        "requester pays, and the link had no payer in its query",
        "Make the link anew as requester: the payer must be a signed part of its query.",
    ),
    said(From::Oss, &[403], &["AccessDenied"]).only(&["0003-00000701"]).means(
        ErrorKind::Denied,
        Cause::Anonymous,
        "requester pays, and anonymous access is refused",
        "Use an account with keys and send the request as requester.",
    ),
    said(From::S3, &[403], &["RequestPayerDenied"]).means(
        ErrorKind::Denied,
        Cause::ConsentMissing,
        "the request needs a payer",
        "Send it as requester, and your account pays for the request and the transfer.",
    ),
    said(From::Oss, &[403], &["AccessDenied"]).only(&["0003-00000001"]).means(
        ErrorKind::Denied,
        Cause::PermissionMissing,
        "the permission is missing, or public access to the bucket is blocked",
        "Check which account acts, and ask for the permission `{action}`.",
    ),
    said(From::Oss, &[403], &["AccessDenied"]).only(&["0003-00000101"]).means(
        ErrorKind::Denied,
        Cause::DeniedByPolicy,
        "a bucket policy denies it",
        "Ask the owner to change the bucket policy; it denies `{action}`.",
    ),
    said(From::Oss, &[403], &["AccessDenied"]).only(&["0003-00000201"]).means(
        ErrorKind::Denied,
        Cause::DeniedByPolicy,
        "a RAM policy denies it explicitly",
        "Ask your administrator: a RAM policy denies `{action}`.",
    ),
    said(From::Oss, &[403], &["AccessDenied"]).only(&["0003-00000204"]).means(
        ErrorKind::Denied,
        Cause::DeniedByPolicy,
        "a RAM policy denies it for a key of the batch",
        "Ask your administrator which keys a RAM policy denies to `{action}`, and leave them out.",
    ),
    said(From::Oss, &[403], &["AccessDenied"]).only(&["0003-00000202"]).means(
        ErrorKind::Denied,
        Cause::NotAllowed,
        "no policy allows it, and the account is not the owner",
        "Ask the owner or your administrator for `{action}`.",
    ),
    said(From::Oss, &[403], &["AccessDenied"]).only(&["0003-00000905"]).means(
        ErrorKind::Denied,
        Cause::PermissionMissing,
        "a permission is missing, or the bucket was released after unpaid bills",
        "Ask for `{action}` (and for the tagging permission where tags are sent); if it is there, the owner looks at their bills.",
    ),
    said(From::Oss, &[403], &["BucketNotBelongTo"]).means(
        ErrorKind::Denied,
        Cause::OwnerOnly,
        "the bucket belongs to another account",
        "Ask the owner: only the owner's account has the permission `{action}`.",
    ),
    said(From::S3, &[403], &["AllAccessDisabled", "InvalidPayer"]).means(
        ErrorKind::Denied,
        Cause::BucketBlocked,
        "the provider has blocked all access to it",
        "Ask the bucket's owner to talk to the provider's support: no permission helps here.",
    ),
    said(From::S3, &[403], &["AccountProblem"]).means(
        ErrorKind::Denied,
        Cause::OwnAccountBlocked,
        "the acting account has a problem at the provider",
        "Look at the billing page of the acting account, or ask the provider's support.",
    ),
    said(From::Oss, &[403], &["InDebt", "InDebtOverdue"]).means(
        ErrorKind::Denied,
        Cause::OwnAccountBlocked,
        "the acting account has payments due",
        "Pay what is due on the billing page of the acting account; it works again soon after.",
    ),
    said(From::Oss, &[403], &["UserDisable"]).only(&["0003-00000806"]).means(
        ErrorKind::Denied,
        Cause::AccountBlocked,
        "an account is blocked or has payments due",
        "Look at the billing page of this account; if it is in order, the bucket's owner has to look at theirs.",
    ),
    said(From::Oss, &[403], &["UserDisable"]).means(
        ErrorKind::Denied,
        Cause::AccountBlocked,
        "an account is disabled, for payments due or for security",
        "Look at the billing page and the messages of this account; if all is in order, the bucket's owner has to look at theirs.",
    ),
    said(From::Oss, &[403], &["AbnormalBucketOwnerStatus"]).means(
        ErrorKind::Denied,
        Cause::OwnersAccountBlocked,
        "the account of the bucket's owner is blocked or has payments due",
        "Ask the bucket's owner to look at their billing page: nothing can be done from this account.",
    ),
    said(From::Oss, &[403], &["BucketDisable"]).means(
        ErrorKind::Denied,
        Cause::BucketBlocked,
        "the provider has disabled the bucket for security",
        "Ask the bucket's owner to read the provider's messages about security.",
    ),
    said(From::Oss, &[403], &["UbsmsInvalidBid"]).means(
        ErrorKind::Denied,
        Cause::KeyService,
        "the account has no key management service, which the object needs",
        "Open the key management service (KMS) for the account at its provider or reseller.",
    ),
    said(From::S3, &[403], &["NotSignedUp"]).means(
        ErrorKind::Credentials,
        Cause::OwnAccountBlocked,
        "the acting account has not signed up for the service",
        "Sign the account up for object storage at its provider, or act as another account.",
    ),
    said(From::Both, &[403], &["InvalidObjectState"]).means(
        ErrorKind::Denied,
        Cause::Archived,
        "the object is archived",
        "Restore it first; restoring costs money.",
    ),
    said(From::Oss, &[403], &["InvalidAccessKeyId.Inactive"]).means(
        ErrorKind::Credentials,
        Cause::UnknownKey,
        "the access key is disabled",
        "Enable the access key at the provider, or give the account another one.",
    ),
    said(From::Oss, &[403], &["InvalidAccessKeyId"]).only(&["0002-00000902"]).means(
        ErrorKind::Credentials,
        Cause::UnknownKey,
        "the access key id is missing, or is not known here",
        "Check the access key id for typing errors and blanks, and that it is active.",
    ),
    said(
        From::Both,
        &[401, 403],
        &["InvalidAccessKeyId", "InvalidClientTokenId", "UnrecognizedClientException", "InvalidAccessKeyId.NotFound"],
    )
    .means(
        ErrorKind::Credentials,
        Cause::UnknownKey,
        "the access key is not known to this store",
        "Check that the keys belong to this provider and partition, are active, and that temporary keys come with their session token.",
    ),
    said(From::Oss, &[403], &["SignatureDoesNotMatch"]).only(&["0002-00000602"]).means(
        ErrorKind::Credentials,
        Cause::Address,
        "the access key is bound to other addresses",
        "Send the request from an address that the key allows.",
    ),
    said(From::Oss, &[403], &["SignatureDoesNotMatch"]).only(&["0002-00000429", "0002-00000430", "0002-00000307"]).means(
        ErrorKind::Credentials,
        Cause::Signature,
        "the signature of the S3-compatible mode does not match",
        "Use provider `oss` for this endpoint; else check the secret, `region` and the clock.",
    ),
    said(From::Both, &[403], &["SignatureDoesNotMatch", "IncompleteSignature"]).also(&["0002-00000201"]).means(
        ErrorKind::Credentials,
        Cause::Signature,
        "the signature does not match",
        "Check the secret for blanks at its ends, then `region`, the clock, and whether a proxy changes headers.",
    ),
    said(From::Both, &[403], &["RequestTimeTooSkewed", "InvalidTimeStamp.Expired"])
        .also(&["0002-00000504", "0002-00000501"])
        .means(
            ErrorKind::ClockSkew,
            Cause::Clock,
            "this machine's clock differs too much from the store's",
            "Correct the clock of this machine (NTP); the store's clock says {time}.",
        )
        .again(Again::Corrected),
    said(From::Both, &[400, 403], &["ExpiredToken", "ExpiredTokenException", "SecurityTokenExpired", "InvalidSecurityToken.Expired"])
        .also(&["0002-00000007"])
        .means(
            ErrorKind::Credentials,
            Cause::TokenExpired,
            "the session token has expired",
            "Log in again, or renew the credentials of this account.",
        )
        .again(Again::Corrected),
    said(From::Both, &[400, 403], &["RequestExpired"]).means(
        ErrorKind::Credentials,
        Cause::Expired,
        "the request or link was valid for a time that is over",
        "Make the link anew; if it is not a link, correct the clock of this machine (NTP).",
    ),
    said(
        From::Both,
        &[400, 403],
        &[
            "InvalidToken",
            "TokenRefreshRequired",
            "InvalidSecurity",
            "InvalidSecurityToken",
            "AccessKeyIdAndSecurityTokenNotMatch",
            "InvalidSecurityToken.Malformed",
            "InvalidSecurityToken.MismatchWithAccessKey",
        ],
    )
    .also(&["0002-00000006", "0002-00000008"])
    .means(
        ErrorKind::Credentials,
        Cause::TokenForeign,
        "the session token does not belong to the access key",
        "Take access key, secret and token from one response: a token fits only the keys that it came with.",
    ),
    said(From::Oss, &[400], &["InvalidArgument"]).only(&["0002-00000009"]).means(
        ErrorKind::Usage,
        Cause::TokenForeign,
        "the session token came in the wrong header",
        "Use an account of provider `oss` for this endpoint.",
    ),
    said(From::Oss, &[400], &["InvalidArgument"]).only(&["0002-00000010"]).means(
        ErrorKind::Usage,
        Cause::TokenForeign,
        "the session token came twice",
        "Report this with the request id: the token belongs into one place.",
    ),
    said(From::Both, &[400], &["AuthorizationHeaderMalformed"])
        .means(
            ErrorKind::WrongRegion,
            Cause::Elsewhere,
            "the request was signed for the wrong region",
            "Set `region` to {region}; the config says {configured}.",
        )
        .again(Again::Corrected),
    said(From::Both, &[301, 307, 403], &["PermanentRedirect", "TemporaryRedirect", "Redirect", "301 Moved Permanently"])
        .means(
            ErrorKind::WrongRegion,
            Cause::Elsewhere,
            "the bucket is reached at another endpoint",
            "Set `region` to {region} or `endpoint` to {endpoint}; redirects are never followed.",
        )
        .again(Again::Corrected),
    said(From::Both, &[400], &["IllegalLocationConstraintException", "InvalidRegion"])
        .means(
            ErrorKind::WrongRegion,
            Cause::Elsewhere,
            "region and endpoint do not belong together",
            "Set `region` to the one of `endpoint`, or leave the endpoint out; the config says {configured}.",
        )
        .again(Again::Corrected),
    said(From::Oss, &[403], &["SecondLevelDomainForbidden"]).means(
        ErrorKind::Usage,
        Cause::Elsewhere,
        "this endpoint does not take the bucket's name in the path",
        "Set `addressing = \"virtual\"`.",
    ),
    said(From::Oss, &[403], &["NonStandardHostForbidden"]).means(
        ErrorKind::Usage,
        Cause::Elsewhere,
        "the host name is none of the store's own",
        "Set `endpoint` to a name that the provider documents, or leave it out.",
    ),
    said(From::Both, &[404], &["NoSuchBucket"]).means(
        ErrorKind::NotFound,
        Cause::Missing,
        "there is no such bucket",
        "Check the name, the account and the endpoint.",
    ),
    said(From::Both, &[404], &["NoSuchKey"]).also(&["0026-00000001"]).means(
        ErrorKind::NotFound,
        Cause::Missing,
        "there is no such object",
        "Refresh the list, and check the key: capital letters and blanks count.",
    ),
    said(From::Both, &[404], &["NoSuchVersion"]).means(
        ErrorKind::NotFound,
        Cause::Missing,
        "the object has no such version",
        "List the versions again: this one was deleted, by hand or by a rule of the bucket.",
    ),
    said(From::Both, &[404], &["NoSuchUpload"]).means(
        ErrorKind::NotFound,
        Cause::Missing,
        "there is no such upload",
        "Look whether the object is there: the upload was completed, aborted or has expired.",
    ),
    said(From::Both, &[400], &["InvalidBucketName"]).means(
        ErrorKind::Usage,
        Cause::Name,
        "the bucket's name breaks the store's rules",
        "Check the name: 3 to 63 of a-z, 0-9 and hyphens.",
    ),
    said(From::Both, &[400], &["InvalidObjectName", "KeyTooLongError"]).means(
        ErrorKind::Usage,
        Cause::Name,
        "the key breaks the store's rules",
        "Choose another key: at most 1,024 bytes of UTF-8, for OSS without a slash at its beginning.",
    ),
    said(From::Both, &[409], &["BucketAlreadyExists", "BucketAlreadyOwnedByYou", "BucketNotEmpty"]).means(
        ErrorKind::Conflict,
        Cause::Changed,
        "the bucket's state does not allow it",
        "Look at the bucket: it exists already, or is not empty.",
    ),
    said(From::Both, &[409], &["OperationAborted", "ConditionalRequestConflict"])
        .means(ErrorKind::Conflict, Cause::Changed, "something else changed it at the same time", "Look at the current value, then repeat.")
        .again(Again::AfterLooking),
    said(From::Both, &[412], &["PreconditionFailed"])
        .means(ErrorKind::Conflict, Cause::Changed, "it changed meanwhile, or exists already", "Refresh, then decide again.")
        .again(Again::AfterLooking),
    said(From::Both, &[405], &["MethodNotAllowed"]).means(
        ErrorKind::Unsupported,
        Cause::Unsupported,
        "the operation is not allowed on this resource",
        "Check what it is: a delete marker, a directory bucket, or a store without this operation.",
    ),
    said(From::Oss, &[400, 501], &["InvalidArgument", "NotImplemented"]).only(&["0017-00000001"]).means(
        ErrorKind::Usage,
        Cause::Unsupported,
        "the store does not know the operation",
        "Check `endpoint` and `provider`: another service may answer there.",
    ),
    said(From::Both, &[501], &["NotImplemented", "XNotImplemented", "UnsupportedOperation", "NotSupported"]).means(
        ErrorKind::Unsupported,
        Cause::Unsupported,
        "the store does not have this operation",
        "Do without it here: this store does not implement it.",
    ),
    said(From::Oss, &[400], &["MalformedXML"]).only(&["0035-00000001"]).means(
        ErrorKind::Internal,
        Cause::Ours,
        "the store could not read the payer setting that was sent",
        "Report this with the request id: the root element is ours.",
    ),
    said(From::Oss, &[400], &["InvalidArgument"]).only(&["0035-00000002"]).means(
        ErrorKind::Usage,
        Cause::Ours,
        "the store takes only `BucketOwner` and `Requester` as payer",
        "Report this with the request id: the payer is ours.",
    ),
    said(From::Oss, &[400], &["MalformedXML"]).only(&["0016-00000607"]).means(
        ErrorKind::Internal,
        Cause::Ours,
        "the store could not read the list of keys to delete",
        "Delete the keys one at a time, and report this with the request id.",
    ),
    said(From::Oss, &[400], &["InvalidArgument"]).only(&["0016-00000606"]).means(
        ErrorKind::Usage,
        Cause::Ours,
        "the batch had no checksum",
        "Report this with the request id: Content-MD5 is ours.",
    ),
    said(From::Oss, &[400], &["InvalidArgument"]).only(&["0016-00000614"]).means(
        ErrorKind::Usage,
        Cause::Name,
        "a key of the batch was not understood",
        "Delete that key alone: its name cannot stand in a batch.",
    ),
    said(From::Both, &[400], &["MalformedXML"]).also(&["0031-00000001"]).means(
        ErrorKind::Internal,
        Cause::Ours,
        "the store refused the request's body",
        "Report this with the request id: the body is ours.",
    ),
    said(From::Both, &[400], &["InvalidArgument", "InvalidRequest", "InvalidURI"]).means(
        ErrorKind::Usage,
        Cause::Parameter,
        "the store refused a parameter: {message}",
        "Check names and values; if they are right, report this with the request id.",
    ),
    said(From::Both, &[411], &["MissingContentLength"]).means(
        ErrorKind::Internal,
        Cause::Ours,
        "the request had no length",
        "Report this with the request id: the length is ours.",
    ),
    said(From::Both, &[400], &["InvalidDigest", "BadDigest"])
        .means(
            ErrorKind::Network,
            Cause::Damaged,
            "the body was changed on its way",
            "Repeat it; if it happens again, look for a proxy that changes requests.",
        )
        .again(Again::Yes),
    said(From::Both, &[400], &["XAmzContentSHA256Mismatch"])
        .means(
            ErrorKind::Network,
            Cause::Damaged,
            "the body is not the one that was signed",
            "Check whether the file changes while it is sent, then send it again.",
        )
        .again(Again::Yes),
    said(From::Both, &[400], &["IncompleteBody"])
        .means(
            ErrorKind::Network,
            Cause::Damaged,
            "the body did not arrive whole",
            "Repeat it, and look at the network: the connection broke off early.",
        )
        .again(Again::Yes),
    said(From::Both, &[400], &["RequestTimeout"])
        .means(ErrorKind::Timeout, Cause::NoAnswer, "the store waited too long for the request", "Repeat it, and check the network.")
        .again(Again::Yes),
    said(From::Both, &[400], &["EntityTooSmall"]).means(
        ErrorKind::Usage,
        Cause::Parts,
        "a part is smaller than the store allows",
        "Abort the upload, and begin again with larger parts.",
    ),
    said(From::Both, &[400], &["EntityTooLarge"]).means(
        ErrorKind::Usage,
        Cause::Parts,
        "the object or part is larger than the store allows",
        "Abort the upload, and begin again with smaller parts.",
    ),
    said(From::Both, &[400], &["InvalidPart", "InvalidPartOrder"]).means(
        ErrorKind::Usage,
        Cause::Parts,
        "the parts are not those that the store has",
        "Look at the upload's parts, then abort it and begin again.",
    ),
    said(
        From::Both,
        &[429, 503],
        &[
            "SlowDown",
            "ServiceUnavailable",
            "Throttling",
            "ThrottlingException",
            "Throttling.User",
            "RequestLimitExceeded",
            "TooManyRequests",
        ],
    )
    .means(ErrorKind::Throttled, Cause::Throttled, "the store asks for fewer requests", "Wait a little, then send less at once.")
    .again(Again::Yes),
    // OSS answers these in its S3-compatible mode, too.
    said(From::Both, &[503], &["DownloadTrafficRateLimitExceeded", "UploadTrafficRateLimitExceeded"])
        .means(
            ErrorKind::Throttled,
            Cause::Throttled,
            "the bandwidth of the account or bucket is used up",
            "Wait a little, then run fewer transfers at once.",
        )
        .again(Again::Yes),
    said(From::Both, &[503], &["MetaOperationQpsLimitExceeded"])
        .means(
            ErrorKind::Throttled,
            Cause::Throttled,
            "the store asks for fewer requests about buckets and their settings",
            "Wait a little, then read the payers of fewer buckets at once.",
        )
        .again(Again::Yes),
    said(From::Both, &[503], &["TotalQpsLimitExceeded"])
        .means(
            ErrorKind::Throttled,
            Cause::Throttled,
            "the account's requests per second are used up",
            "Wait a little; other programs of the account share the limit.",
        )
        .again(Again::Yes),
    said(From::Both, &[200, 500], &["InternalError", "InternalFailure", "ServiceFailure"])
        .means(
            ErrorKind::Server,
            Cause::Server,
            "the store had a fault of its own",
            "Repeat it later; if it stays, look at the provider's status page.",
        )
        .again(Again::Yes),
];
