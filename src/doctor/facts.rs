//! The lines that a diagnosis rests on: what was asked, as whom, what the store said. Nothing in them is a secret, and everything from
//! outside is escaped.
//!
//! Comes in: evidence and verdict. Goes out: labels and texts. Forbidden here: conclusions.

use super::Evidence;
use super::decision::Verdict;
use super::redact::shown;
use crate::domain::{Consent, Error, Ownership, StoreAnswer};

/// A label and its text.
pub(super) type Line = (&'static str, String);

/// The lines, in the order in which a support desk asks.
pub(super) fn lines(evidence: &Evidence<'_>, verdict: &Verdict) -> Vec<Line> {
    let mut lines = vec![("cause", verdict.cause.as_str().to_owned())];
    lines.extend(asked(evidence));
    lines.extend(acting(evidence));
    lines.extend(bucket(evidence));
    match evidence.error.store_answer() {
        Some(answer) => {
            lines.extend(said(answer));
            lines.push(("again", verdict.again.as_str().to_owned()));
        }
        None => lines.push(("store", "no answer of a store".to_owned())),
    }
    lines.extend(below(evidence.error));
    lines
}

fn asked(evidence: &Evidence<'_>) -> Vec<Line> {
    let Some(refused) = evidence.refused() else { return Vec::new() };
    let name = refused.op.name(refused.provider);
    let mut lines = vec![("request", format!("{name} of {}, which needs {}", refused.subject, refused.action))];
    let endpoint = refused.endpoint.as_deref().map_or_else(|| "the provider's own endpoint".to_owned(), shown);
    lines.push(("to", format!("{}, region {}, {endpoint}", refused.provider, shown(&refused.region))));
    lines.push(("payer", payer_header(evidence).to_owned()));
    lines
}

fn payer_header(evidence: &Evidence<'_>) -> &'static str {
    match (evidence.takes_payer(), evidence.consent()) {
        (false, _) => "this operation takes no payer header",
        (true, Consent::Given) => "the payer header was sent",
        (true, Consent::Silent) => "no payer header was sent: nobody said that the account pays",
        (true, Consent::Refused) => "no payer header was sent: the config says never",
    }
}

fn acting(evidence: &Evidence<'_>) -> Vec<Line> {
    let key = evidence.sender().map(|sender| match &sender.key_id {
        Some(id) => format!("key {}", shown(id)),
        None => "no keys: anonymous".to_owned(),
    });
    let caller = evidence.caller.map(|caller| format!("{} (account {})", shown(&caller.arn), shown(&caller.account_id)));
    let parts: Vec<String> = [evidence.account().map(shown), key, caller].into_iter().flatten().collect();
    let mut lines = Vec::new();
    if !parts.is_empty() {
        lines.push(("as", parts.join(", ")));
    }
    lines.extend(evidence.guard().map(|guard| ("guard", format!("the bucket must belong to account {}", shown(guard)))));
    lines
}

fn bucket(evidence: &Evidence<'_>) -> Option<Line> {
    let whose = evidence.ownership.map(|ownership| match ownership {
        Ownership::Owned => "the account's own".to_owned(),
        Ownership::Foreign => "someone else's".to_owned(),
    });
    let payer = evidence.payer.map(|payer| format!("its payer is {}", shown(payer.as_str())));
    let parts: Vec<String> = [whose, payer].into_iter().flatten().collect();
    if parts.is_empty() { None } else { Some(("bucket", parts.join("; "))) }
}

fn said(answer: &StoreAnswer) -> Vec<Line> {
    let bodyless = answer.code.is_empty() && answer.message.is_empty();
    let mut lines = vec![("store", shown(format!("{} {}", answer.status, answer.code).trim_end()))];
    if bodyless {
        lines.push(("said", "nothing: the answer has no error document".to_owned()));
    } else if !answer.message.is_empty() {
        lines.push(("said", shown(&answer.message)));
    }
    let optional = [
        ("EC", &answer.ec),
        ("in region", &answer.region),
        ("endpoint", &answer.endpoint),
        ("request id", &answer.request_id),
        ("host id", &answer.host_id),
        ("advice at", &answer.advice_host),
    ];
    lines.extend(answer.denied_detail.iter().map(|(name, value)| ("denial", format!("{}: {}", shown(name), shown(value)))));
    lines.extend(optional.into_iter().filter_map(|(label, value)| Some((label, shown(value.as_deref()?)))));
    lines.extend(answer.server_time.map(|time| ("its clock", time.strftime("%Y-%m-%d %H:%M:%S UTC").to_string())));
    lines
}

/// What lies below the error, such as a broken connection.
fn below(error: &Error) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut next = std::error::Error::source(error);
    while let Some(source) = next.filter(|_| lines.len() < 4) {
        lines.push(("because", shown(&source.to_string())));
        next = source.source();
    }
    lines
}
