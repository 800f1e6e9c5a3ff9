//! What a whole action asks of stores, and what that costs as far as prices are known.

use jiff::civil::Date;

use super::book::{Book, Known, Range};
use super::row::Confidence;
use super::used::{Used, Where};
use crate::domain::few::{sort_few, sort_few_by_key};
use crate::domain::op::PriceClass;
use crate::domain::{Amount, Currency, Op, Provider};

/// From the best case to the list price, in one currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// The best case.
    pub low: Amount,
    /// The list price.
    pub high: Amount,
    /// The currency of both.
    pub currency: Currency,
}

/// A sum of [`Used`] lines. It grows as pages arrive: add to it what each of them brought.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Estimate {
    /// Requests by price class, the dearest class first.
    pub requests: Vec<(PriceClass, u64)>,
    /// Bytes of bodies that leave.
    pub up: u64,
    /// Bytes of bodies that come.
    pub down: u64,
    /// Requests by price class that may follow beside those, so many at most: nobody knows before.
    pub perhaps: Vec<(PriceClass, u64)>,
    /// What these cost at list price, as far as prices are known.
    pub perhaps_money: Vec<Span>,
    /// What the lines with a known price cost, by currency.
    pub money: Vec<Span>,
    /// The known part (the transfer alone) of lines whose whole price is not known, by currency. It is not in `money`.
    pub partly: Vec<Span>,
    /// How many requests stand in lines whose whole price is not known.
    pub unpriced: u64,
    /// Where the prices are missing.
    pub unknown: Vec<(Provider, String)>,
    /// The oldest list that took part; `None`: none did.
    pub as_of: Option<Date>,
    /// The least confidence that took part.
    pub confidence: Confidence,
}

impl Estimate {
    /// What these operations at one place cost; `down` bytes come in the answers to [`Op::GetObject`]. An operation that the
    /// provider does not have is left out.
    pub fn of(book: &Book, place: &Where<'_>, requests: &[(Op, u64)], up: u64, down: u64) -> Self {
        Self::storing(book, place, requests, up, down, None)
    }

    /// The same, where objects are written in a storage class: it makes dearer the requests that name it.
    pub fn storing(book: &Book, place: &Where<'_>, requests: &[(Op, u64)], up: u64, down: u64, storage: Option<&str>) -> Self {
        let mut estimate = Self { up, ..Self::default() };
        let gets = requests.iter().any(|(op, count)| *op == Op::GetObject && *count > 0);
        for (op, count) in requests.iter().filter(|(_, count)| *count > 0) {
            let bytes = if *op == Op::GetObject { down } else { 0 };
            let names_it = matches!(op, Op::PutObject | Op::CopyObject | Op::CreateMultipartUpload);
            if let Some(used) = Used::of(place, *op, *count) {
                estimate.add(book, &used.down(bytes).stored(storage.filter(|_| names_it)));
            }
        }
        if let Some(used) = Used::of(place, Op::GetObject, 0).filter(|_| !gets && down > 0) {
            estimate.add(book, &used.down(down));
        }
        estimate
    }

    /// What it costs to read objects of a storage class: to ask for them, and to take so many bytes.
    pub fn shelved(book: &Book, place: &Where<'_>, class: &str, requests: &[(Op, u64)], down: u64) -> Self {
        let mut estimate = Self::default();
        for (op, count) in requests.iter().filter(|(_, count)| *count > 0) {
            let bytes = if *op == Op::GetObject { down } else { 0 };
            if let Some(used) = Used::of(place, *op, *count) {
                estimate.add(book, &used.down(bytes).stored(Some(class)));
            }
        }
        estimate
    }

    /// So many copies make the store read so many bytes of a storage class.
    pub fn copies(&mut self, book: &Book, place: &Where<'_>, class: &str, copies: u64, bytes: u64) {
        let Some(used) = Used::of(place, Op::CopyObject, 0).map(|used| used.taken(bytes).stored(Some(class))) else { return };
        if used.costs_something() {
            self.add(book, &used);
            // They stand in another line already, with what is known of them.
            self.unpriced += if book.cost(&used).is_some() { 0 } else { copies };
        }
    }

    /// So many requests may follow.
    pub fn may_ask(&mut self, book: &Book, place: &Where<'_>, op: Op, most: u64) {
        let Some(used) = Used::of(place, op, most).filter(|used| used.requests > 0) else { return };
        count(&mut self.perhaps, used.class, most);
        match book.cost(&used) {
            Some(range) => {
                grow(&mut self.perhaps_money, &Span { low: Amount::ZERO, high: range.high, currency: range.currency });
                self.as_of = self.as_of.into_iter().chain([range.as_of]).min();
                self.confidence = self.confidence.max(range.confidence);
            }
            None => self.missing(used.provider, used.region),
        }
    }

    /// What is known of the money, from the least that it can be to the list price of all that may be asked.
    pub fn spans(&self) -> Vec<Span> {
        let mut spans = self.money.clone();
        self.perhaps_money.iter().for_each(|more| grow(&mut spans, more));
        spans
    }

    /// One line more.
    pub fn add(&mut self, book: &Book, used: &Used<'_>) {
        count(&mut self.requests, used.class, used.requests);
        self.down = self.down.saturating_add(used.down);
        match book.known(used) {
            Known::All(range) => self.pay(&range, Part::Whole),
            Known::Partly(range) => {
                self.pay(&range, Part::Some);
                self.miss(used);
            }
            Known::Nothing => self.miss(used),
        }
    }

    /// Everything of another estimate too.
    pub fn plus(&mut self, other: &Self) {
        other.requests.iter().for_each(|(class, more)| count(&mut self.requests, *class, *more));
        other.perhaps.iter().for_each(|(class, more)| count(&mut self.perhaps, *class, *more));
        other.perhaps_money.iter().for_each(|span| grow(&mut self.perhaps_money, span));
        other.money.iter().for_each(|span| grow(&mut self.money, span));
        other.partly.iter().for_each(|span| grow(&mut self.partly, span));
        self.up = self.up.saturating_add(other.up);
        self.down = self.down.saturating_add(other.down);
        self.unpriced = self.unpriced.saturating_add(other.unpriced);
        other.unknown.iter().for_each(|(provider, region)| self.missing(*provider, region));
        self.as_of = self.as_of.into_iter().chain(other.as_of).min();
        self.confidence = self.confidence.max(other.confidence);
    }

    /// How many requests in all.
    pub fn total(&self) -> u64 {
        self.requests.iter().fold(0, |sum, (_, count)| sum.saturating_add(*count))
    }

    /// Whether every line has a known price.
    pub fn is_complete(&self) -> bool {
        self.unknown.is_empty()
    }

    /// What it costs at least, at list price, in a currency: also the known parts of what is not wholly known.
    pub fn high(&self, currency: Currency) -> Amount {
        let of = self.money.iter().chain(&self.partly).filter(|span| span.currency == currency);
        of.fold(Amount::ZERO, |sum, span| sum.plus(span.high))
    }

    /// What may follow costs at most so much more, as far as prices are known.
    pub fn perhaps(&self, currency: Currency) -> Amount {
        let of = self.perhaps_money.iter().filter(|span| span.currency == currency);
        of.fold(Amount::ZERO, |sum, span| sum.plus(span.high))
    }

    /// The currencies in which it costs something, or may, in their order.
    pub fn currencies(&self) -> Vec<Currency> {
        let dear = self.money.iter().chain(&self.partly).chain(&self.perhaps_money).filter(|span| span.high > Amount::ZERO);
        let mut currencies: Vec<Currency> = dear.map(|span| span.currency).collect();
        sort_few(&mut currencies);
        currencies.dedup();
        currencies
    }

    fn pay(&mut self, range: &Range, part: Part) {
        let spans = match part {
            Part::Whole => &mut self.money,
            Part::Some => &mut self.partly,
        };
        grow(spans, &Span { low: range.low, high: range.high, currency: range.currency });
        self.as_of = self.as_of.into_iter().chain([range.as_of]).min();
        self.confidence = self.confidence.max(range.confidence);
    }

    fn miss(&mut self, used: &Used<'_>) {
        self.unpriced = self.unpriced.saturating_add(used.requests);
        self.missing(used.provider, used.region);
    }

    fn missing(&mut self, provider: Provider, region: &str) {
        if !self.unknown.iter().any(|(known, place)| *known == provider && place == region) {
            self.unknown.push((provider, region.to_owned()));
        }
    }
}

fn count(requests: &mut Vec<(PriceClass, u64)>, class: PriceClass, more: u64) {
    match requests.iter_mut().find(|(known, _)| *known == class) {
        Some((_, known)) => *known = known.saturating_add(more),
        None if more > 0 => requests.push((class, more)),
        None => {}
    }
    sort_few(requests);
}

/// How much of a line's price a range is.
enum Part {
    Whole,
    Some,
}

/// Adds to the span of the same currency.
fn grow(spans: &mut Vec<Span>, more: &Span) {
    match spans.iter_mut().find(|span| span.currency == more.currency) {
        Some(span) => *span = Span { low: span.low.plus(more.low), high: span.high.plus(more.high), currency: span.currency },
        None => spans.push(*more),
    }
    sort_few_by_key(spans, |span| span.currency);
}
