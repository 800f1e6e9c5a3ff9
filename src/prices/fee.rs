//! What requests of one kind cost at one place, looked up in the book once for thousands of them.
//!
//! Comes in: the rows that hold, then counts. Goes out: what is known of their price. Forbidden here: looking for rows.

use jiff::Timestamp;
use jiff::civil::Date;

use super::book::{Known, Range};
use super::is_billed;
use super::row::{Confidence, Idle, Row};
use crate::domain::{Amount, Currency, Money, Op, Sent};

/// The prices of one price class at one place, about objects of one storage class.
#[derive(Clone, Debug)]
pub struct Fee {
    /// `None`, here and below: no price is known.
    pub(super) request: Option<Rate>,
    pub(super) transfer: Option<Rate>,
    pub(super) retrieval: Retrieval,
}

/// What reading an object costs beside its transfer.
#[derive(Clone, Debug)]
pub(super) enum Retrieval {
    /// Nothing: it is of the standard class.
    Free,
    Due(Option<Rate>),
}

/// A row's prices.
#[derive(Clone, Debug)]
pub(super) struct Rate {
    price: Amount,
    low: Amount,
    idle: Option<Idle>,
    per: u64,
    currency: Currency,
    as_of: Date,
    confidence: Confidence,
}

/// How much of it was used.
#[derive(Clone, Copy, Debug)]
pub(super) struct Count {
    pub(super) requests: u64,
    /// Bytes of the answers' bodies.
    pub(super) down: u64,
    /// Bytes that the store reads to copy them.
    pub(super) taken: u64,
    /// When; `None`: some day or other.
    pub(super) at: Option<Timestamp>,
}

impl Fee {
    /// The list price of a request that is over: nothing where nobody is billed for its outcome, `None` where no price is known.
    /// Bytes count where an object was read, as in estimates; the few of other answers do not.
    pub fn booked(&self, sent: &Sent) -> Option<Money> {
        let billed = is_billed(sent.kind.provider, sent.status);
        let read = billed && sent.succeeded() && sent.kind.op == Op::GetObject;
        let count = Count { requests: u64::from(billed), down: if read { sent.down } else { 0 }, taken: 0, at: Some(sent.at) };
        let mut sum: Option<Money> = None;
        for (rate, number) in self.due(count).into_iter().flatten() {
            let part = rate?.booked(number, count.at);
            sum = Some(sum.map_or(Some(part), |sum| sum.plus(part))?);
        }
        sum
    }

    /// The whole price; `None`: some part of it is not known.
    pub(super) fn cost(&self, count: Count) -> Option<Range> {
        match self.known(count) {
            Known::All(range) => Some(range),
            Known::Partly(_) | Known::Nothing => None,
        }
    }

    /// What is known of the price.
    pub(super) fn known(&self, count: Count) -> Known {
        let mut parts = Parts { sum: None, unknown: false, mixed: false };
        for (rate, number) in self.due(count).into_iter().flatten() {
            parts.add(rate.map(|rate| rate.charge(number, count.at)));
        }
        parts.known()
    }

    /// What is paid for: requests, transfer and retrieval, as far as there are any, and how many of each.
    fn due(&self, count: Count) -> [Option<(Option<&Rate>, u64)>; 3] {
        let Count { requests, down, taken, .. } = count;
        let retrieval = match &self.retrieval {
            Retrieval::Due(rate) if down > 0 || taken > 0 => Some((rate.as_ref(), down.saturating_add(taken))),
            Retrieval::Due(_) | Retrieval::Free => None,
        };
        [
            (requests > 0 || (down == 0 && taken == 0)).then_some((self.request.as_ref(), requests)),
            (down > 0).then_some((self.transfer.as_ref(), down)),
            retrieval,
        ]
    }
}

/// A price while it is added up.
struct Parts {
    sum: Option<Range>,
    /// Some part has no known price.
    unknown: bool,
    /// Two parts have prices in different currencies, and so no sum.
    mixed: bool,
}

impl Parts {
    fn add(&mut self, part: Option<Range>) {
        match (part, self.sum) {
            (None, _) => self.unknown = true,
            (Some(part), None) => self.sum = Some(part),
            (Some(part), Some(sum)) => match sum.plus(&part) {
                None => self.mixed = true,
                sum => self.sum = sum,
            },
        }
    }

    fn known(self) -> Known {
        match self.sum {
            Some(_) if self.mixed => Known::Nothing,
            Some(range) if !self.unknown => Known::All(range),
            Some(range) if range.high > Amount::ZERO => Known::Partly(range),
            Some(_) | None => Known::Nothing,
        }
    }
}

impl Rate {
    pub(super) fn of(row: &Row) -> Self {
        Self {
            price: row.price,
            low: row.low.unwrap_or(row.price),
            idle: row.idle,
            per: row.per,
            currency: row.currency,
            as_of: row.as_of,
            confidence: row.confidence,
        }
    }

    /// So many of what it is for.
    fn charge(&self, count: u64, at: Option<Timestamp>) -> Range {
        let low = match (&self.idle, at) {
            (Some(idle), Some(at)) if !idle.holds(at) => self.low,
            (Some(idle), _) => self.low.min(idle.price),
            (None, _) => self.low,
        };
        let Money { amount: high, currency } = self.booked(count, at);
        Range { low: low.of(count, self.per), high, currency, as_of: self.as_of, confidence: self.confidence }
    }

    /// The high end of it.
    fn booked(&self, count: u64, at: Option<Timestamp>) -> Money {
        let price = match (&self.idle, at) {
            (Some(idle), Some(at)) if idle.holds(at) => idle.price,
            (Some(_) | None, _) => self.price,
        };
        Money { amount: price.of(count, self.per), currency: self.currency }
    }
}
