//! Everything known of one group of the ledger, or of one request: what to look at first, then what it cost, then the rest.

use crate::app::{Model, is_uncharged};
use crate::domain::op::PriceClass;
use crate::domain::{PayerSent, SaidCharged, Sent, Sum};

use super::details::Fact;
use super::ledger_requests::{took, whose};
use super::look::Role;
use super::words;

/// Why an owner pays although the header was sent.
const OWNER_PAYS: &str = "you are the owner, or your role lives in the owner's account, so the owner pays";

/// Title and labelled lines.
pub(super) fn of(model: &Model) -> (String, Vec<Fact>) {
    let view = &model.ledger;
    if let Some(requests) = &view.requests {
        return match requests.selected() {
            Some(sent) => (format!("{} {}", sent.kind.op.name(sent.kind.provider), whose(sent)), request(model, sent)),
            None => ("Request".to_owned(), Vec::new()),
        };
    }
    match view.selected() {
        Some(sum) if sum.name.is_empty() => ("(none)".to_owned(), group(sum)),
        Some(sum) => (sum.name.clone(), group(sum)),
        None => ("Requests".to_owned(), Vec::new()),
    }
}

fn group(sum: &Sum) -> Vec<Fact> {
    let number = words::number;
    let mut facts = Vec::new();
    if sum.uncharged > 0 {
        let text = format!(
            "not charged: {} carried the payer header and succeeded, and the answer did not say charged: {OWNER_PAYS}",
            words::requests(sum.uncharged)
        );
        facts.push(("alarm", text, Role::Warning));
    }
    let unpriced = if sum.unpriced > 0 { format!("; {} without price", number(sum.unpriced)) } else { String::new() };
    facts.push(("estimate", format!("{}{unpriced}, by list prices", exact(sum)), Role::Plain));
    let failed = format!("{} further attempts, {} refused or without an answer", number(sum.retries), number(sum.failed));
    facts.push(("requests", format!("{}; {failed}", number(sum.requests)), Role::Plain));
    facts.push(("bytes", format!("{} down, {} up", words::size(sum.down), words::size(sum.up)), Role::Plain));
    let payer = format!("{} with the payer header; {} answers said charged", number(sum.payer), number(sum.charged));
    facts.push(("payer", payer, Role::Plain));
    facts
}

/// Every digit: one amount for each currency.
fn exact(sum: &Sum) -> String {
    match sum.cost.as_slice() {
        [] => words::cost(&[], sum.unpriced),
        amounts => amounts.iter().map(|(currency, amount)| format!("{amount} {currency}")).collect::<Vec<_>>().join(" and "),
    }
}

fn request(model: &Model, sent: &Sent) -> Vec<Fact> {
    let answer = sent.status.map_or_else(|| "none came".to_owned(), |status| status.to_string());
    let id = sent.request_id.as_ref().map_or_else(|| "no request id".to_owned(), |id| format!("request id {id}"));
    let failed = sent.status.is_none_or(|status| status >= 400);
    let (payer, role) = payer(sent);
    let caller = sent.kind.caller.as_ref().map(|caller| format!(", keys of {caller}")).unwrap_or_default();
    let cost = sent.cost.map_or_else(|| "no price known".to_owned(), |cost| format!("{cost}, by list prices"));
    vec![
        ("payer", payer, role),
        ("answer", format!("{answer}, {id}"), if failed { Role::Bad } else { Role::Plain }),
        ("request", format!("{} {}{}", sent.kind.method, sent.kind.host, sent.path), Role::Plain),
        ("estimate", cost, Role::Plain),
        ("billed as", class(sent.kind.class).to_owned(), Role::Plain),
        ("sent", format!("{}, took {}, attempt {}", words::full_time(sent.at, &model.zone), took(sent.took), sent.attempt), Role::Plain),
        ("bytes", format!("{} down, {} up", amount(sent.down), amount(sent.up)), Role::Plain),
        ("account", format!("{} ({}){caller}", sent.kind.account, sent.kind.provider), Role::Plain),
        ("place", format!("{}region {}", bucket(sent), sent.kind.region), Role::Plain),
    ]
}

fn bucket(sent: &Sent) -> String {
    sent.kind.bucket.as_ref().map(|bucket| format!("bucket {bucket}, ")).unwrap_or_default()
}

/// `1.2 MiB (1,258,291 B)`.
fn amount(bytes: u64) -> String {
    if bytes < 1024 { words::size(bytes) } else { format!("{} ({} B)", words::size(bytes), words::number(bytes)) }
}

fn payer(sent: &Sent) -> (String, Role) {
    match (sent.payer, sent.charged) {
        (PayerSent::Yes, SaidCharged::Yes) => {
            (format!("charged: the payer header was sent, and the answer says that {} pays", sent.kind.account), Role::Requester)
        }
        (PayerSent::Yes, SaidCharged::No) if is_uncharged(sent) => {
            (format!("not charged: the payer header was sent, and the answer did not say charged: {OWNER_PAYS}"), Role::Warning)
        }
        (PayerSent::Yes, SaidCharged::No) => {
            ("the payer header was sent; the request did not succeed, and its answer did not say charged".to_owned(), Role::Plain)
        }
        (PayerSent::Yes, SaidCharged::NotSaid) => {
            ("the payer header was sent; this store, or this operation, does not say who was charged".to_owned(), Role::Plain)
        }
        (PayerSent::No, SaidCharged::Yes) => ("charged: no payer header was sent, and yet the answer says so".to_owned(), Role::Warning),
        (PayerSent::No, SaidCharged::No | SaidCharged::NotSaid) => ("no payer header was sent".to_owned(), Role::Plain),
    }
}

fn class(class: PriceClass) -> &'static str {
    match class {
        PriceClass::Tier1 => "S3 tier 1: PUT, COPY, POST and LIST",
        PriceClass::Tier2 => "S3 tier 2: GET and all others",
        PriceClass::PutType => "OSS Put-type: writes and lists",
        PriceClass::GetType => "OSS Get-type: reads",
        PriceClass::Restore => "a restore, which no list prices by the request alone",
        PriceClass::Free => "free",
    }
}
