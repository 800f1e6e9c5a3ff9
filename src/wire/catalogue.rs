//! What an answer means for the call that it answers: the doctor's table, and what depends on the call and not on the code alone.
//!
//! Comes in: what a store said, the call, the site. Goes out: a kind, a text, a hint. Forbidden here: logic from OSS's `EC`; it
//! chooses a better text and nothing else, because the vendor may change it.

use super::asked::Asked;
use super::error::Told;
use super::{Call, address, settings};
use crate::doctor::catalogue;
use crate::domain::escape::visible;
use crate::domain::{ErrorKind, Op, Provider, Site};

/// What an answer means.
pub(super) struct Meaning {
    /// Whose turn it is.
    pub(super) kind: ErrorKind,
    /// What happened, after the subject.
    pub(super) text: String,
    /// What to do next; empty for nothing.
    pub(super) hint: String,
}

/// What an answer means for a call.
pub(super) fn meaning(site: &Site, call: &dyn Asked, told: &Told) -> Meaning {
    let code = told.answer.code.as_str();
    if let Some(special) = special(site, call, told) {
        return special;
    }
    let (kind, text, hint) = match catalogue::by_code(site.provider, code) {
        Some(row) => (row.kind, row.text.to_owned(), row.step.to_owned()),
        None => by_status(told),
    };
    let (text, hint) = match catalogue::best(site.provider, code, told.answer.ec.as_deref()) {
        Some(row) => (row.text.to_owned(), row.step.to_owned()),
        None => (text, hint),
    };
    Meaning { kind, text: fill(&text, site, call, told), hint: denied_detail(fill(&hint, site, call, told), told) }
}

/// What depends on the call and not on the code alone.
fn special(site: &Site, call: &dyn Asked, told: &Told) -> Option<Meaning> {
    let answer = &told.answer;
    let elsewhere = answer.region.as_deref().is_some_and(|region| region != site.region);
    let denied = answer.status == 403 && matches!(answer.code.as_str(), "" | "AccessDenied" | "BucketNotBelongTo");
    if elsewhere && is_misdirected(site, told) {
        let hint = "Set `region` to {region}; the config says {configured}.";
        return Some(filled(ErrorKind::WrongRegion, "the bucket is in region {region}", hint, site, call, told));
    }
    // The region is right already, and an endpoint of the config is not.
    if site.provider == Provider::Oss && answer.status == 403 && answer.endpoint.is_some() {
        let hint = "Set `region` to {region} and `endpoint` to {endpoint}, or leave the endpoint out.";
        return Some(filled(ErrorKind::WrongRegion, "the bucket is reached at another endpoint", hint, site, call, told));
    }
    if call.is_payment() && lacks_request_payment(call, told) {
        let hint = "Treat the bucket as one whose owner pays: the store has no such setting.";
        return Some(filled(ErrorKind::Unsupported, "this store does not implement request payment", hint, site, call, told));
    }
    if call.is_payment() && denied && answer.ec.as_deref().is_none_or(|ec| !is_requester_pays(ec)) {
        let verb = if call.op() == Op::PutBucketRequestPayment { "change" } else { "read" };
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
fn lacks_request_payment(call: &dyn Asked, told: &Told) -> bool {
    let code = told.answer.code.as_str();
    let unknown_argument = matches!(code, "InvalidArgument" | "InvalidRequest" | "InvalidURI");
    match told.answer.status {
        501 => true,
        405 => true,
        400 if unknown_argument => call.op() == Op::GetBucketRequestPayment,
        _ => matches!(code, "NotImplemented" | "XNotImplemented" | "UnsupportedOperation" | "NotSupported" | "MethodNotAllowed"),
    }
}

fn is_requester_pays(ec: &str) -> bool {
    matches!(ec, "0003-00000701" | "0003-00000702" | "0003-00000703")
}

fn names_the_host(site: &Site, call: &dyn Asked, name: &str) -> bool {
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
        429 => (ErrorKind::Throttled, "the store asks for fewer requests", "Wait a little, then send less at once."),
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

fn filled(kind: ErrorKind, text: &str, hint: &str, site: &Site, call: &dyn Asked, told: &Told) -> Meaning {
    Meaning { kind, text: fill(text, site, call, told), hint: fill(hint, site, call, told) }
}

/// Puts names and values into a text. What comes from the store is escaped, and filled in last, so it cannot hold a place.
fn fill(text: &str, site: &Site, call: &dyn Asked, told: &Told) -> String {
    let answer = &told.answer;
    let time = answer.server_time.map_or_else(|| "another time".to_owned(), |time| time.strftime("%Y-%m-%d %H:%M:%S UTC").to_string());
    let region = answer.region.as_deref().unwrap_or("the bucket's own region");
    let endpoint = answer.endpoint.as_deref().map_or_else(|| "the one of that region".to_owned(), |text| format!("\"{}\"", visible(text)));
    let mut filled = text.to_owned();
    for (place, value) in [
        ("{action}", call.action(site.provider)),
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
pub(super) fn action(provider: Provider, call: &Call) -> &'static str {
    match provider {
        Provider::S3 => match call {
            Call::ListBuckets { .. } => "s3:ListAllMyBuckets",
            Call::GetBucketLocation { .. } => "s3:GetBucketLocation",
            Call::GetBucketRequestPayment { .. } => "s3:GetBucketRequestPayment",
            Call::PutBucketRequestPayment { .. } => "s3:PutBucketRequestPayment",
            Call::GetBucketSetting { setting, .. } => settings::action(provider, *setting),
            Call::GetCallerIdentity => "sts:GetCallerIdentity",
        },
        Provider::Oss => match call {
            Call::ListBuckets { .. } => "oss:ListBuckets",
            Call::GetBucketLocation { .. } => "oss:GetBucketLocation",
            Call::GetBucketRequestPayment { .. } => "oss:GetBucketRequestPayment",
            Call::PutBucketRequestPayment { .. } => "oss:PutBucketRequestPayment",
            Call::GetBucketSetting { setting, .. } => settings::action(provider, *setting),
            Call::GetCallerIdentity => "sts:GetCallerIdentity",
        },
    }
}
