//! From evidence to a cause, a sentence and a step. First what the store says, then what follows from the request, then what is only
//! possible.
//!
//! Comes in: evidence. Goes out: a [`Verdict`]. Forbidden here: logic from OSS's machine codes beyond those that name a missing payer.

use super::cause::{Again, Cause};
use super::denial::{Denial, Deny};
use super::redact::shown;
use super::{Evidence, Voice, catalogue, of_kind};
use crate::domain::consent::{Suspicion, suspicion};
use crate::domain::escape::visible;
use crate::domain::{Consent, ErrorKind, Op, Ownership, Payer, StoreAnswer};

/// Cause, sentence, step.
pub(super) struct Verdict {
    pub(super) cause: Cause,
    pub(super) sentence: String,
    pub(super) step: String,
    pub(super) again: Again,
}

fn verdict(cause: Cause, sentence: impl Into<String>, step: impl Into<String>) -> Verdict {
    Verdict { cause, sentence: sentence.into(), step: step.into(), again: Again::No }
}

/// Decides. Every error has a verdict.
pub(super) fn decide(evidence: &Evidence<'_>) -> Verdict {
    let Some(answer) = evidence.error.store_answer() else { return as_told(evidence, of_kind(evidence.error.kind())) };
    let row = catalogue::best(evidence.provider(), &answer.code, answer.ec.as_deref());
    let again = row.map_or(by_kind(evidence.error.kind()), |row| row.again);
    let cause = row.map(|row| row.cause);
    let verdict = match evidence.error.kind() {
        ErrorKind::Denied => denied(evidence, answer, cause),
        ErrorKind::WrongRegion => elsewhere(evidence, answer),
        ErrorKind::Credentials => as_told(evidence, cause.unwrap_or(Cause::UnknownKey)),
        ErrorKind::Usage
        | ErrorKind::Config
        | ErrorKind::NotFound
        | ErrorKind::Unsupported
        | ErrorKind::ClockSkew
        | ErrorKind::Throttled
        | ErrorKind::Conflict
        | ErrorKind::Server
        | ErrorKind::InvalidReply
        | ErrorKind::Network
        | ErrorKind::Tls
        | ErrorKind::Timeout
        | ErrorKind::Refused
        | ErrorKind::Partial
        | ErrorKind::Interrupted
        | ErrorKind::Local
        | ErrorKind::Internal => as_told(evidence, cause.unwrap_or(of_kind(evidence.error.kind()))),
    };
    Verdict { again, ..verdict }
}

fn by_kind(kind: ErrorKind) -> Again {
    if kind.retryable() { Again::Yes } else { Again::No }
}

/// What the catalogue said already, as a sentence.
fn as_told(evidence: &Evidence<'_>, cause: Cause) -> Verdict {
    let message = evidence.error.message();
    let subject = evidence.refused().map(|refused| format!("{}: ", refused.subject));
    let text = subject.and_then(|subject| message.strip_prefix(subject.as_str())).unwrap_or(message);
    verdict(cause, sentence(text), evidence.error.hint_text().unwrap_or_default())
}

/// A clause as a sentence of its own.
fn sentence(text: &str) -> String {
    let mut characters = text.chars();
    let first = characters.next().map(|c| c.to_uppercase().collect::<String>()).unwrap_or_default();
    let end = if text.ends_with(['.', '!', '?']) { "" } else { "." };
    format!("{first}{}{end}", characters.as_str())
}

fn elsewhere(evidence: &Evidence<'_>, answer: &StoreAnswer) -> Verdict {
    let told = as_told(evidence, Cause::Elsewhere);
    match (&answer.region, evidence.refused()) {
        (Some(there), Some(refused)) if *there != refused.region => {
            let sentence =
                format!("The bucket is in region {}, and the request was signed for {}.", visible(there), visible(&refused.region));
            Verdict { sentence, ..told }
        }
        _ => told,
    }
}

/// The 403 decision.
fn denied(evidence: &Evidence<'_>, answer: &StoreAnswer, cause: Option<Cause>) -> Verdict {
    match cause {
        Some(Cause::Anonymous) => anonymous(evidence, Suspicion::Certain),
        Some(Cause::ConsentMissing) => payer_missing(evidence),
        Some(Cause::OwnersAccountBlocked | Cause::AccountBlocked) => blocked(evidence, cause.unwrap_or(Cause::AccountBlocked)),
        Some(Cause::PermissionMissing | Cause::NotAllowed | Cause::DeniedByPolicy | Cause::OwnerOnly) | None => {
            permission(evidence, answer, cause)
        }
        Some(other) => as_told(evidence, other),
    }
}

/// Whose account it is depends on whose bucket it is.
fn blocked(evidence: &Evidence<'_>, cause: Cause) -> Verdict {
    if evidence.ownership != Some(Ownership::Owned) {
        return as_told(evidence, cause);
    }
    let told = as_told(evidence, Cause::OwnAccountBlocked);
    let step = "Look at the billing page and the messages of this account: the bucket is its own.";
    Verdict { step: step.to_owned(), ..told }
}

/// A permission, a payer, or what looks like them.
fn permission(evidence: &Evidence<'_>, answer: &StoreAnswer, cause: Option<Cause>) -> Verdict {
    let anonymous_text = answer.message.contains("Anonymous users cannot invoke requests against Requester Pays");
    if anonymous_text {
        return anonymous(evidence, Suspicion::Certain);
    }
    if let Some(verdict) = other_owner(evidence) {
        return verdict;
    }
    if evidence.sender().is_some_and(|sender| sender.key_id.is_none()) {
        return anonymous(evidence, Suspicion::None);
    }
    if let Some(denial) = Denial::of(answer) {
        return by_policy(evidence, answer, &denial);
    }
    if matches!(evidence.op(), Some(Op::GetBucketRequestPayment | Op::PutBucketRequestPayment)) {
        return owner_only(evidence);
    }
    match suspicion(evidence.error, Consent::Silent) {
        Suspicion::Certain => payer_missing(evidence),
        Suspicion::Possible => wrong_region(evidence, answer).unwrap_or_else(|| unsaid(evidence, answer)),
        // Another word for the same, of STS and of stores of this kind. OSS has a machine code for each reason.
        Suspicion::None if cause == Some(Cause::PermissionMissing) && answer.ec.is_none() => unsaid(evidence, answer),
        Suspicion::None => as_told(evidence, cause.unwrap_or(Cause::Unknown)),
    }
}

/// The answer's head names another region: what is refused there may be allowed in the bucket's own.
fn wrong_region(evidence: &Evidence<'_>, answer: &StoreAnswer) -> Option<Verdict> {
    let (there, refused) = (answer.region.as_deref()?, evidence.refused()?);
    if there == refused.region {
        return None;
    }
    let there = visible(there);
    let sentence = format!("The bucket is in region {there}, and the request was signed for {}.", visible(&refused.region));
    let step = format!("Set `region` to {there}; if it is refused there as well, the answer will be about {}.", action(evidence));
    Some(verdict(Cause::Elsewhere, sentence, step))
}

/// `s3:GetObject` in backticks, or what stands for it.
fn action(evidence: &Evidence<'_>) -> String {
    match (evidence.refused(), evidence.op()) {
        (Some(refused), _) => format!("`{}`", refused.action),
        // These two permissions have the names of their operations.
        (None, Some(op @ (Op::GetBucketRequestPayment | Op::PutBucketRequestPayment))) => {
            format!("`{}:{}`", evidence.provider(), op.name(evidence.provider()))
        }
        (None, _) => "the permission for it".to_owned(),
    }
}

fn who(evidence: &Evidence<'_>) -> String {
    evidence.account().map_or_else(|| "your account".to_owned(), |account| visible(account).into_owned())
}

/// The config guards the account's own buckets with another account's id than that of the keys.
fn other_owner(evidence: &Evidence<'_>) -> Option<Verdict> {
    let (guard, caller) = (evidence.guard()?, evidence.caller?);
    if evidence.ownership != Some(Ownership::Owned) || caller.account_id == guard {
        return None;
    }
    let (guard, keys) = (visible(guard), visible(&caller.account_id));
    let sentence = format!("The request names account {guard} as the expected owner, and the keys are of account {keys}.");
    let step = format!("Correct `account_id` of {} in the config, or use keys of account {guard}.", who(evidence));
    Some(verdict(Cause::OtherOwner, sentence, step))
}

fn anonymous(evidence: &Evidence<'_>, payer: Suspicion) -> Verdict {
    let consent = match evidence.voice {
        Voice::Console => "press R there",
        Voice::Command => "add `--request-payer requester`",
    };
    if payer == Suspicion::Certain {
        let sentence = "The bucket is requester-pays, and the request carried no keys: nobody could be billed.";
        return verdict(Cause::Anonymous, sentence, format!("Use an account with keys, and {consent} to pay."));
    }
    let sentence = format!("The request carried no keys, and {} is not open to everybody.", action(evidence));
    let step = format!("Use an account with keys; if the bucket is requester-pays, {consent} to pay.");
    verdict(Cause::Anonymous, sentence, step)
}

/// The store says that it wants a payer.
fn payer_missing(evidence: &Evidence<'_>) -> Verdict {
    match (evidence.consent(), evidence.voice) {
        (Consent::Given, _) if evidence.takes_payer() => verdict(
            Cause::ConsentMissing,
            "The bucket is requester-pays, and the store found no payer header, though it was sent.",
            "Look for a proxy that takes headers away, and report this with the request id.",
        ),
        (Consent::Refused, _) => verdict(
            Cause::ConsentNever,
            "The bucket is requester-pays, and the config says never to pay for it.",
            format!("Change `request_payer = \"never\"` of this bucket in the config if {} may pay.", who(evidence)),
        ),
        (Consent::Given | Consent::Silent, Voice::Console) => verdict(
            Cause::ConsentMissing,
            "The bucket is requester-pays, and the request did not say that you pay.",
            format!("Press R to be asked whether {} pays for requests in this bucket.", who(evidence)),
        ),
        (Consent::Given | Consent::Silent, Voice::Command) => verdict(
            Cause::ConsentMissing,
            "The bucket is requester-pays, and the request did not say that you pay.",
            format!("Add `--request-payer requester` to pay for it. Then {} is billed for the request and the transfer.", who(evidence)),
        ),
    }
}

/// What the store says of the policy.
fn by_policy(evidence: &Evidence<'_>, answer: &StoreAnswer, denial: &Denial) -> Verdict {
    let action = denial.action.as_deref().map_or_else(|| action(evidence), |action| format!("`{}`", shown(action)));
    let to = denial.who.as_deref().map(|who| format!(" to {}", shown(who))).unwrap_or_default();
    let row = catalogue::best(evidence.provider(), &answer.code, answer.ec.as_deref()).map(|row| row.cause);
    let told = [(Cause::DeniedByPolicy, Deny::Explicit), (Cause::NotAllowed, Deny::Implicit)];
    let deny = denial.deny.or_else(|| told.iter().find(|(cause, _)| row == Some(*cause)).map(|(_, deny)| *deny));
    let turn = denial.policy.map_or("the bucket's owner or the administrator of your account", |policy| policy.whose_turn());
    match (deny, denial.policy) {
        (Some(Deny::Explicit), policy) => {
            let policy = policy.map_or("policy", |policy| policy.as_str());
            let step = format!("Ask {turn} to change it: a denial by name stands above everything that allows.");
            verdict(Cause::DeniedByPolicy, format!("A {policy} denies {action}{to} by name."), step)
        }
        (Some(Deny::Implicit), policy) => {
            let policy = policy.map_or("policy", |policy| policy.as_str());
            verdict(Cause::NotAllowed, format!("No {policy} allows {action}{to}."), format!("Ask {turn} to allow {action}."))
        }
        (None, _) => {
            let step = format!("Ask {turn} for {action}.");
            verdict(Cause::PermissionMissing, format!("The permission {action} is missing{to}."), step)
        }
    }
}

/// Reading and changing the payer.
fn owner_only(evidence: &Evidence<'_>) -> Verdict {
    let verb = if evidence.op() == Some(Op::PutBucketRequestPayment) { "change" } else { "read" };
    let action = action(evidence);
    if evidence.ownership == Some(Ownership::Owned) {
        let sentence = format!("The bucket is this account's own, but a policy denies {action}.");
        let step = format!("Look into the policies: the bucket is this account's own, but one of them denies it {action}.");
        return verdict(Cause::PermissionMissing, sentence, step);
    }
    let sentence = format!("Only the bucket's owner may {verb} who pays for it.");
    let step = format!("Ask the owner: only the bucket's owner may {verb} its payer, with the permission {action}.");
    verdict(Cause::OwnerOnly, sentence, step)
}

/// The store refuses without a word: what it may be, most likely first.
fn unsaid(evidence: &Evidence<'_>, answer: &StoreAnswer) -> Verdict {
    let about_account =
        [(Op::ListBuckets, "a bucket can be named without it"), (Op::GetCallerIdentity, "everything else works without it")];
    if let Some((_, besides)) = about_account.iter().find(|(op, _)| evidence.op() == Some(*op)) {
        let step = format!("Ask the administrator of your account for {}; {besides}.", action(evidence));
        return verdict(Cause::PermissionMissing, format!("The permission {} is missing.", action(evidence)), step);
    }
    let (cause, step) = likely(evidence);
    let mut reasons = Vec::new();
    if let Some(guard) = evidence.guard() {
        reasons.push(format!("its owner is not account {}, whom the request names", visible(guard)));
    }
    if cause.is_payer() {
        reasons.push("the bucket is requester-pays and the request had no payer header".to_owned());
    }
    reasons.push(format!("{} is missing", action(evidence)));
    let bodyless = answer.code.is_empty() && answer.message.is_empty();
    if bodyless && evidence.op() == Some(Op::HeadObject) {
        reasons.push("the object does not exist and you may not list the bucket".to_owned());
    }
    verdict(cause, format!("The store does not say why: {}.", listed(&reasons)), step)
}

/// What a refusal without a reason is most likely about, and the step.
fn likely(evidence: &Evidence<'_>) -> (Cause, String) {
    let action = action(evidence);
    let paid_by_owner = evidence.payer == Some(&Payer::BucketOwner);
    let own = evidence.ownership == Some(Ownership::Owned);
    if own {
        let step = format!("Look into the policies of user and bucket: the bucket is this account's own, and {action} is what it needs.");
        return (Cause::PermissionMissing, step);
    }
    if paid_by_owner || !evidence.takes_payer() {
        return (Cause::PermissionMissing, format!("Ask the bucket's owner for {action}, and check which account acts."));
    }
    match (evidence.consent(), evidence.voice) {
        (Consent::Given, _) => {
            let step = format!(
                "Ask for {action}: the payer header was sent, so this is not about who pays (policy of the user, of the bucket, or of the network)."
            );
            (Cause::PermissionMissing, step)
        }
        (Consent::Refused, _) => {
            let step = format!(
                "Change `request_payer = \"never\"` of this bucket in the config if {} may pay; else ask its owner for {action}.",
                who(evidence)
            );
            (Cause::ConsentNever, step)
        }
        (Consent::Silent, Voice::Console) => {
            let step = format!("Press R to be asked whether {} pays, or ask the bucket's owner for {action}.", who(evidence));
            (Cause::ConsentPossible, step)
        }
        (Consent::Silent, Voice::Command) => {
            let step = format!(
                "If the bucket is requester-pays, add `--request-payer requester`: then you pay, as {}; else ask its owner for {action}.",
                who(evidence)
            );
            (Cause::ConsentPossible, step)
        }
    }
}

/// `a`, `a, or b`, `a, b, or c`.
fn listed(reasons: &[String]) -> String {
    match reasons {
        [] => String::new(),
        [one] => format!("most likely {one}"),
        [first @ .., last] => format!("{}, or {last}", first.join(", ")),
    }
}
