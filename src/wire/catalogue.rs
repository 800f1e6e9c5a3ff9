//! What an error code means, and what the user does next: one table for both clouds.
//!
//! Comes in: what a store said, the call, the site. Goes out: a kind, a text, a hint. Forbidden here: logic from OSS's `EC`; it
//! chooses a better text and nothing else, because the vendor may change it.

use super::error::Told;
use super::{Call, address};
use crate::domain::escape::visible;
use crate::domain::{ErrorKind, Provider, Site};

/// What an answer means.
pub(super) struct Meaning {
    /// Whose turn it is.
    pub(super) kind: ErrorKind,
    /// What happened, after the subject.
    pub(super) text: String,
    /// What to do next; empty for nothing.
    pub(super) hint: String,
}

/// Which clouds a row is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum From {
    S3,
    Oss,
    Both,
}

/// One row: codes that mean the same.
struct Row {
    from: From,
    codes: &'static [&'static str],
    kind: ErrorKind,
    text: &'static str,
    /// `{action}`, `{region}`, `{configured}`, `{endpoint}`, `{time}`, `{message}` are filled in.
    hint: &'static str,
}

const fn row(from: From, codes: &'static [&'static str], kind: ErrorKind, text: &'static str, hint: &'static str) -> Row {
    Row { from, codes, kind, text, hint }
}

/// The codes. The first row that fits counts.
static CODES: &[Row] = &[
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
        &["RequestTimeTooSkewed"],
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
static MACHINE_CODES: &[(&[&str], &str, &str)] = &[
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

/// What an answer means for a call.
pub(super) fn meaning(site: &Site, call: &Call, told: &Told) -> Meaning {
    let code = told.answer.code.as_str();
    if let Some(special) = special(site, call, told) {
        return special;
    }
    let row = CODES.iter().find(|row| row.fits(site.provider, code));
    let (kind, text, hint) = match row {
        Some(row) => (row.kind, row.text.to_owned(), row.hint.to_owned()),
        None => by_status(told),
    };
    let machine = told.answer.ec.as_deref().filter(|_| site.provider == Provider::Oss);
    let better = machine.and_then(|ec| MACHINE_CODES.iter().find(|(codes, _, _)| codes.contains(&ec)));
    let (text, hint) = match better {
        Some((_, text, hint)) => ((*text).to_owned(), (*hint).to_owned()),
        None => (text, hint),
    };
    Meaning { kind, text: fill(&text, site, call, told), hint: denied_detail(fill(&hint, site, call, told), told) }
}

impl Row {
    fn fits(&self, provider: Provider, code: &str) -> bool {
        let cloud = match (self.from, provider) {
            (From::Both, _) | (From::S3, Provider::S3) | (From::Oss, Provider::Oss) => true,
            (From::S3, Provider::Oss) | (From::Oss, Provider::S3) => false,
        };
        cloud && self.codes.contains(&code)
    }
}

/// What depends on the call and not on the code alone.
fn special(site: &Site, call: &Call, told: &Told) -> Option<Meaning> {
    let answer = &told.answer;
    let elsewhere = answer.region.as_deref().is_some_and(|region| region != site.region);
    let denied = answer.status == 403 && matches!(answer.code.as_str(), "" | "AccessDenied" | "BucketNotBelongTo");
    if elsewhere && is_misdirected(site, told) {
        let hint = "Set `region` to {region}; the config says {configured}.";
        return Some(filled(ErrorKind::WrongRegion, "the bucket is in region {region}", hint, site, call, told));
    }
    if call.is_payment() && lacks_request_payment(call, told) {
        let hint = "Treat the bucket as one whose owner pays: the store has no such setting.";
        return Some(filled(ErrorKind::Unsupported, "this store does not implement request payment", hint, site, call, told));
    }
    if call.is_payment() && denied && answer.ec.as_deref().is_none_or(|ec| !is_requester_pays(ec)) {
        let verb = if matches!(call, Call::PutBucketRequestPayment { .. }) { "change" } else { "read" };
        let hint = format!("Ask the owner: only the bucket's owner may {verb} its payer, with the permission `{{action}}`.");
        let mut meaning = filled(ErrorKind::Denied, "access denied", &hint, site, call, told);
        meaning.hint = denied_detail(meaning.hint, told);
        return Some(meaning);
    }
    if answer.code == "NoSuchBucket" && told.bucket_name.as_deref().is_some_and(|name| names_the_host(site, call, name)) {
        let hint = "Set `addressing = \"path\"`, or `endpoint` to the name that the store knows as its own.";
        return Some(filled(ErrorKind::NotFound, "the store took the host name for a bucket", hint, site, call, told));
    }
    None
}

/// Answers that say by themselves, or by another region than the one asked, that the request went to the wrong place.
fn is_misdirected(site: &Site, told: &Told) -> bool {
    let answer = &told.answer;
    match answer.status {
        301 | 302 | 307 | 308 => true,
        400 => matches!(answer.code.as_str(), "" | "AuthorizationHeaderMalformed" | "IllegalLocationConstraintException" | "InvalidRegion"),
        // OSS refuses the wrong region's endpoint as AccessDenied, and names the right one.
        403 => site.provider == Provider::Oss && answer.endpoint.is_some(),
        _ => false,
    }
}

/// How stores without the setting answer; some call it an argument that they do not know.
fn lacks_request_payment(call: &Call, told: &Told) -> bool {
    let code = told.answer.code.as_str();
    let unknown_argument = matches!(code, "InvalidArgument" | "InvalidRequest" | "InvalidURI");
    match told.answer.status {
        501 => true,
        405 => true,
        400 if unknown_argument => matches!(call, Call::GetBucketRequestPayment { .. }),
        _ => matches!(code, "NotImplemented" | "XNotImplemented" | "UnsupportedOperation" | "NotSupported" | "MethodNotAllowed"),
    }
}

fn is_requester_pays(ec: &str) -> bool {
    matches!(ec, "0003-00000701" | "0003-00000702" | "0003-00000703")
}

fn names_the_host(site: &Site, call: &Call, name: &str) -> bool {
    let Some(bucket) = call.bucket() else { return true };
    let host = address::place(site, bucket.as_str(), "").map(|place| place.host).unwrap_or_default();
    name != bucket.as_str() && (host.split(':').next() == Some(name) || (name.contains('.') && host.contains(name)))
}

/// Without a code there is only the status: an answer without a body, or one that no store wrote.
fn by_status(told: &Told) -> (ErrorKind, String, String) {
    let answer = &told.answer;
    let status = answer.status;
    let (kind, text, hint) = match status {
        300..=399 => (
            ErrorKind::WrongRegion,
            "the bucket is reached at another endpoint",
            "Check `region` and `endpoint`; redirects are never followed.",
        ),
        401 => (ErrorKind::Denied, "the store wants other credentials", "Check `endpoint`, and which account acts."),
        403 => (ErrorKind::Denied, "access denied", "Ask the owner for the permission `{action}`, and check which account acts."),
        404 => (ErrorKind::NotFound, "not found", "Check the name, the account and the endpoint."),
        405 | 501 => {
            (ErrorKind::Unsupported, "the store does not have this operation", "Do without it here: this store does not implement it.")
        }
        407 => (ErrorKind::Network, "the proxy wants a login", "Set the proxy's user and password in its variable, or go around it."),
        408 => (ErrorKind::Timeout, "the store waited too long for the request", "Repeat it, and check the network."),
        409 | 412 => (ErrorKind::Conflict, "something else changed it at the same time", "Look at the current value, then repeat."),
        429 => (ErrorKind::Throttled, "the store asks for fewer requests", "Wait a little, then refresh fewer buckets at once."),
        500.. => (
            ErrorKind::Server,
            "the store or a proxy before it failed",
            "Repeat it later; if it stays, look at the provider's status page.",
        ),
        _ => (
            ErrorKind::Usage,
            "the store refused the request",
            "Check names and values; if they are right, report this with the request id.",
        ),
    };
    let detail = if answer.code.is_empty() && told.content_type.is_empty() {
        format!(" ({status}, no detail)")
    } else if answer.code.is_empty() {
        format!(" ({status}, {})", visible(&told.content_type))
    } else {
        format!(" ({status} {}: {})", visible(&answer.code), visible(&answer.message))
    };
    (kind, format!("{text}{detail}"), hint.to_owned())
}

fn filled(kind: ErrorKind, text: &str, hint: &str, site: &Site, call: &Call, told: &Told) -> Meaning {
    Meaning { kind, text: fill(text, site, call, told), hint: fill(hint, site, call, told) }
}

/// Puts names and values into a text. What comes from the store is escaped, and filled in last, so it cannot hold a place.
fn fill(text: &str, site: &Site, call: &Call, told: &Told) -> String {
    let answer = &told.answer;
    let time = answer.server_time.map_or_else(|| "another time".to_owned(), |time| time.strftime("%Y-%m-%d %H:%M:%S UTC").to_string());
    let region = answer.region.as_deref().unwrap_or("the bucket's own region");
    let endpoint = answer.endpoint.as_deref().map_or_else(|| "the one of that region".to_owned(), |text| format!("\"{}\"", visible(text)));
    let mut filled = text.to_owned();
    for (place, value) in [
        ("{action}", action(site.provider, call)),
        ("{configured}", site.region.as_str()),
        ("{region}", region),
        ("{time}", &time),
        ("{endpoint}", &endpoint),
        ("{message}", &visible(&answer.message)),
    ] {
        filled = filled.replace(place, value);
    }
    filled
}

/// OSS says which action was refused and whether a policy denies it or none allows it.
fn denied_detail(hint: String, told: &Told) -> String {
    let field = |wanted: &str| told.answer.denied_detail.iter().find(|(name, _)| name == wanted).map(|(_, value)| visible(value));
    match (field("AuthAction"), field("NoPermissionType")) {
        (Some(action), Some(why)) => format!("{hint} The store says: {action}, {why}."),
        _ => hint,
    }
}

/// The permission that a call needs, in the cloud's own words.
fn action(provider: Provider, call: &Call) -> &'static str {
    match provider {
        Provider::S3 => match call {
            Call::ListBuckets { .. } => "s3:ListAllMyBuckets",
            Call::GetBucketLocation { .. } => "s3:GetBucketLocation",
            Call::GetBucketRequestPayment { .. } => "s3:GetBucketRequestPayment",
            Call::PutBucketRequestPayment { .. } => "s3:PutBucketRequestPayment",
            Call::GetCallerIdentity => "sts:GetCallerIdentity",
        },
        Provider::Oss => match call {
            Call::ListBuckets { .. } => "oss:ListBuckets",
            Call::GetBucketLocation { .. } => "oss:GetBucketLocation",
            Call::GetBucketRequestPayment { .. } => "oss:GetBucketRequestPayment",
            Call::PutBucketRequestPayment { .. } => "oss:PutBucketRequestPayment",
            Call::GetCallerIdentity => "sts:GetCallerIdentity",
        },
    }
}
