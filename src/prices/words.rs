//! Estimates and budgets in words for people.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::band::{Band, Hours};
use super::book::Book;
use super::estimate::{Estimate, Span};
use super::purse::Verdict;
use super::row::Confidence;
use super::used::Where;
use crate::domain::escape::visible;
use crate::domain::figures::{grouped, size};
use crate::domain::op::PriceClass;
use crate::domain::{Amount, Currency, Network, Provider};

/// A price class in the vendors' words.
pub fn class(class: PriceClass) -> &'static str {
    match class {
        PriceClass::Tier1 => "PUT/COPY/POST/LIST (Tier 1)",
        PriceClass::Tier2 => "GET/other (Tier 2)",
        PriceClass::PutType => "Put-type",
        PriceClass::GetType => "Get-type",
        PriceClass::Restore => "restore",
        PriceClass::Free => "free",
    }
}

/// A price class in the book's word.
pub fn class_code(class: PriceClass) -> &'static str {
    match class {
        PriceClass::Tier1 => "tier1",
        PriceClass::Tier2 => "tier2",
        PriceClass::PutType => "put",
        PriceClass::GetType => "get",
        PriceClass::Restore => "restore",
        PriceClass::Free => "free",
    }
}

/// A network in the book's word.
pub fn network(network: Network) -> &'static str {
    match network {
        Network::Public => "public",
        Network::Internal => "internal",
        Network::Accelerate => "accelerate",
        Network::Dualstack => "dualstack",
        Network::Fips => "fips",
    }
}

/// The requests: `1,000 PUT/COPY/POST/LIST (Tier 1); 3 free`.
pub fn requests(estimate: &Estimate) -> String {
    if estimate.requests.is_empty() {
        return "no requests".to_owned();
    }
    let certain = by_class(&estimate.requests);
    if estimate.perhaps.is_empty() { certain } else { format!("{certain}, and perhaps up to {} more", by_class(&estimate.perhaps)) }
}

fn by_class(requests: &[(PriceClass, u64)]) -> String {
    let of = |(known, count): &(PriceClass, u64)| format!("{} {}", grouped(*count), class(*known));
    requests.iter().map(of).collect::<Vec<_>>().join("; ")
}

/// The bytes: `0 B`, `1.0 GiB down`, `3 B up, 1.0 KiB down`.
pub fn bytes(estimate: &Estimate) -> String {
    match (estimate.up, estimate.down) {
        (0, 0) => "0 B".to_owned(),
        (up, 0) => format!("{} up", size(up)),
        (0, down) => format!("{} down", size(down)),
        (up, down) => format!("{} up, {} down", size(up), size(down)),
    }
}

/// The money, with the date of the list: `0.00 to 0.09 USD (list prices of 2022-01-01)`; where prices are missing, where; the
/// transfer of what has no whole price is said apart.
pub fn money(estimate: &Estimate) -> String {
    let mut parts = Vec::new();
    let money = estimate.spans();
    if !money.is_empty() && (estimate.is_complete() || !is_nothing(&money)) {
        parts.push(spans(&money));
    }
    if !estimate.partly.is_empty() {
        parts.push(format!("{} for the transfer alone", spans(&estimate.partly)));
    }
    let known = parts.join(" and ");
    let dated = estimate.as_of.filter(|_| !known.is_empty()).map(|day| {
        let low = match estimate.confidence {
            Confidence::Usual => "",
            Confidence::Low => ", low confidence",
        };
        format!("{known} (list prices of {day}{low})")
    });
    dated.into_iter().chain(no_price(estimate)).collect::<Vec<_>>().join("; ")
}

/// `no price known for oss cn-zhangjiakou`; `None`: all prices are known.
pub fn no_price(estimate: &Estimate) -> Option<String> {
    let of = |(provider, region): &(Provider, String)| match region.as_str() {
        "" => format!("{provider} at its own endpoint"),
        region => format!("{provider} {}", visible(region)),
    };
    let places: Vec<String> = estimate.unknown.iter().map(of).collect();
    let some = if estimate.unpriced > 0 && estimate.unpriced < estimate.total() {
        format!("{} of {} requests: ", grouped(estimate.unpriced), grouped(estimate.total()))
    } else {
        String::new()
    };
    (!places.is_empty()).then(|| format!("{some}no price known for {}", places.join(", ")))
}

/// Requests, bytes, money and who pays, in one line: `1,000 PUT/COPY/POST/LIST (Tier 1), 0 B; 0.005 USD (list prices of
/// 2025-08-29), you (research) pay`.
pub fn sentence(estimate: &Estimate, who: &str) -> String {
    let money = money(estimate);
    let money = if money.is_empty() { money } else { format!("; {money}") };
    format!("{}, {}{money}, {who}", requests(estimate), bytes(estimate))
}

/// What a budget says, with whose budget it is (`this session`, `account research`). `None`: the action fits.
pub fn verdict(verdict: &Verdict, whose: &str) -> Option<String> {
    match verdict {
        Verdict::Within => None,
        Verdict::Passes { after, limit } => {
            let after = format!("{} {}", up(after.amount), after.currency);
            Some(format!("{after} would be spent then: that passes the budget of {whose}, {limit}"))
        }
        Verdict::MayPass { after, limit } => {
            let after = format!("{} {}", up(after.amount), after.currency);
            Some(format!("up to {after} may be spent then: that passes the budget of {whose}, {limit}"))
        }
        Verdict::OtherCurrency { currencies, limit } => {
            let names: Vec<&str> = currencies.iter().map(Currency::as_str).collect();
            Some(format!("it costs {}, which cannot be compared with the budget of {whose}, {limit}", names.join(" and ")))
        }
        Verdict::Unpriced { requests, limit } => {
            let requests = if *requests == 1 { "1 request".to_owned() } else { format!("{} requests", grouped(*requests)) };
            Some(format!("no price is known for {requests}, so the budget of {whose}, {limit}, cannot cover them"))
        }
    }
}

/// Whether bytes that leave a place cost the busy or the idle price now, until when by the clock of this zone, and what the other hours
/// cost. `None`: the price does not follow the clock there, or is not known.
pub fn band(book: &Book, place: &Where<'_>, at: Timestamp, zone: &TimeZone) -> Option<String> {
    let band = book.band(place, at)?;
    let (now, other, until, unit) = spoken(&band, zone);
    let Band { now: price, other: later, currency, from, to, east, .. } = band;
    Some(format!(
        "{now} hours until {until} your time: {price} {currency} for each {unit} that leaves; the {other} hours cost {later} {currency} (idle: {from:02}-{to:02} h at UTC{east:+03})"
    ))
}

/// The same in few words, for a line among others.
pub fn hours(book: &Book, place: &Where<'_>, at: Timestamp, zone: &TimeZone) -> Option<String> {
    let band = book.band(place, at)?;
    let (now, other, until, unit) = spoken(&band, zone);
    Some(format!("{now} until {until} your time: {} {} a {unit} out, {other} hours {}", band.now, band.currency, band.other))
}

/// What it is now, what it will be, when, and for what the price is.
fn spoken(band: &Band, zone: &TimeZone) -> (&'static str, &'static str, String, &'static str) {
    let (now, other) = match band.hours {
        Hours::Busy => ("busy", "idle"),
        Hours::Idle => ("idle", "busy"),
    };
    let until = band.until.to_zoned(zone.clone()).strftime("%H:%M").to_string();
    (now, other, until, if band.per == 1 << 30 { "GiB" } else { "GB" })
}

/// Amounts of several currencies: `0.005 USD`, `0.25 to 0.50 CNY and 0.005 USD`. What costs nothing is named only if nothing costs
/// anything.
fn spans(spans: &[Span]) -> String {
    let all_free = is_nothing(spans);
    let shown: Vec<String> = spans.iter().filter(|span| span.high > Amount::ZERO || all_free).map(span).collect();
    shown.join(" and ")
}

fn is_nothing(spans: &[Span]) -> bool {
    spans.iter().all(|span| span.high == Amount::ZERO)
}

/// `0.005 USD`, `0.25 to 0.50 CNY`.
pub fn span(span: &Span) -> String {
    let (low, high) = (down(span.low), up(span.high));
    if low == high || span.low == span.high { format!("{high} {}", span.currency) } else { format!("{low} to {high} {}", span.currency) }
}

/// An amount with few digits, never shown smaller than it is: four that count, at least two behind the point.
pub fn up(amount: Amount) -> String {
    let step = step(amount);
    let parts = amount.trillionths();
    Amount::from_trillionths(parts.saturating_add(step - 1) / step * step).to_string()
}

/// An amount with few digits, never shown larger than it is.
pub fn down(amount: Amount) -> String {
    let step = step(amount);
    Amount::from_trillionths(amount.trillionths() / step * step).to_string()
}

/// The worth of the last digit that is shown: a hundredth at most.
fn step(amount: Amount) -> i128 {
    const HUNDREDTH: i128 = 10_000_000_000;
    let digits = amount.trillionths().unsigned_abs().checked_ilog10().unwrap_or(0);
    10_i128.pow(digits.saturating_sub(3)).min(HUNDREDTH)
}
