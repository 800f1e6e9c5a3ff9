//! How much was asked of stores, and what it cost.

use std::sync::Arc;

use super::money::{Amount, Currency};

/// Requests and bytes of a session, a job or one object.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Requests that left, every attempt counted.
    pub requests: u64,
    /// How many of them were further attempts.
    pub retries: u64,
    /// Bytes of bodies that left.
    pub up: u64,
    /// Bytes of bodies that came.
    pub down: u64,
    /// Answers in which the store said that the requester was charged.
    pub charged: u64,
    /// Answers in which it said whether.
    pub told: u64,
}

impl Tally {
    /// Whether the requester was charged, as far as the store says.
    pub fn was_charged(self) -> Option<bool> {
        (self.told > 0 || self.requests == 0).then_some(self.charged > 0)
    }

    /// What came on top since an earlier moment.
    #[must_use]
    pub fn since(self, earlier: Self) -> Self {
        Self {
            requests: self.requests.saturating_sub(earlier.requests),
            retries: self.retries.saturating_sub(earlier.retries),
            up: self.up.saturating_sub(earlier.up),
            down: self.down.saturating_sub(earlier.down),
            charged: self.charged.saturating_sub(earlier.charged),
            told: self.told.saturating_sub(earlier.told),
        }
    }
}

/// What a session has cost so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spending {
    /// Requests and bytes.
    pub tally: Tally,
    /// What they cost as far as prices are known: one amount for each currency, in the currencies' order.
    pub cost: Vec<(Currency, Amount)>,
    /// How many requests have no known price.
    pub unpriced: u64,
    /// The same by account and bucket, as far as prices are known.
    pub shares: Vec<Share>,
}

/// What requests of one account to one bucket, or to none, have cost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Share {
    /// The account that acted.
    pub account: Arc<str>,
    /// The bucket, for requests that have one.
    pub bucket: Option<Arc<str>>,
    /// One amount for each currency.
    pub cost: Vec<(Currency, Amount)>,
}
