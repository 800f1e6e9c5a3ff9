//! The rows of a book, and what they say about requests.

use std::sync::{Arc, OnceLock};

use jiff::Timestamp;
use jiff::civil::Date;

use super::row::{Confidence, EVERYWHERE, Row, What, standard};
use super::used::Used;
use crate::domain::{Amount, Currency, Money, Provider};

/// Prices by provider, region and what they are for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Book {
    /// By region, for S3 and for OSS, so that the few of one place stand together: every request that ends is priced.
    places: [Vec<Place>; 2],
}

/// The rows of a region.
type Place = (Arc<str>, Vec<Row>);

/// What something costs: from the best case to the list price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    /// The best case: within the free tier, from the same region, in idle hours.
    pub low: Amount,
    /// The list price of the first tier, before free tier and discounts. The ledger books it.
    pub high: Amount,
    /// The currency of both.
    pub currency: Currency,
    /// The oldest list that took part.
    pub as_of: Date,
    /// The least confidence that took part.
    pub confidence: Confidence,
}

/// What a book knows of requests: also where it does not know all of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Known {
    /// The whole price.
    All(Range),
    /// The price of a part (the transfer, not the requests): they cost more.
    Partly(Range),
    /// Nothing.
    Nothing,
}

impl Book {
    /// The book that the program brings along.
    pub fn shipped() -> &'static Self {
        static SHIPPED: OnceLock<Book> = OnceLock::new();
        // A test reads the shipped text; a book without rows would say "no price known".
        SHIPPED.get_or_init(|| Self::read(include_str!("../../assets/prices.toml"), "prices.toml").unwrap_or_default())
    }

    /// Adds a row, or gives it back where another one is for the same thing.
    pub(super) fn add(&mut self, row: Row) -> Result<(), Box<Row>> {
        let place = rows_of(&mut self.places[drawer(row.provider)], &row.region);
        if place.iter().any(|earlier| earlier.is_for(&row)) {
            return Err(Box::new(row));
        }
        place.push(row);
        Ok(())
    }

    /// All rows, by provider and region.
    pub fn rows(&self) -> impl Iterator<Item = &Row> {
        self.places.iter().flatten().flat_map(|(_, rows)| rows)
    }

    /// This book with the rows of another one, which replace those for the same thing at the same place.
    #[must_use]
    pub fn with(&self, other: &Self) -> Self {
        let mut book = self.clone();
        for (places, newer) in book.places.iter_mut().zip(&other.places) {
            for (region, rows) in newer {
                let place = rows_of(places, region);
                place.retain(|row| !rows.iter().any(|newer| newer.is_for(row)));
                place.extend(rows.iter().cloned());
            }
        }
        book
    }

    /// What these requests cost; `None`: no price is known for some part of it.
    pub fn cost(&self, used: &Used<'_>) -> Option<Range> {
        match self.known(used) {
            Known::All(range) => Some(range),
            Known::Partly(_) | Known::Nothing => None,
        }
    }

    /// What is known of the price of these requests.
    pub fn known(&self, used: &Used<'_>) -> Known {
        let parts = self.parts(used);
        let known = parts.iter().flatten().flatten().try_fold(None, |sum: Option<Range>, part| match sum {
            None => Some(Some(*part)),
            Some(sum) => sum.plus(part).map(Some),
        });
        let complete = parts.iter().flatten().all(Option::is_some);
        match known.flatten() {
            Some(range) if complete => Known::All(range),
            Some(range) if range.high > Amount::ZERO => Known::Partly(range),
            Some(_) | None => Known::Nothing,
        }
    }

    /// Requests, transfer and retrieval, as far as there are any; the inner `None`: no price is known.
    fn parts(&self, used: &Used<'_>) -> [Option<Option<Range>>; 3] {
        let class = used.storage.unwrap_or(standard(used.provider));
        let is_standard = used.storage.is_none_or(|class| is_class(class, standard(used.provider)));
        let here = self.at(used.provider, used.region);
        let of = |count: u64, fits: &dyn Fn(&What) -> bool| {
            let row = here.iter().find(|row| fits(&row.what)).or_else(|| self.row_everywhere(used.provider, used.region, fits));
            row.map(|row| charge(row, count, used.at))
        };
        let requests =
            |what: &What| matches!(what, What::Request { class: priced, storage } if *priced == used.class && is_class(storage, class));
        let transfer = |what: &What| matches!(what, What::Transfer { network } if *network == used.network);
        let retrieval = |what: &What| matches!(what, What::Retrieval { storage } if is_class(storage, class));
        [
            (used.requests > 0 || (used.down == 0 && used.taken == 0)).then(|| of(used.requests, &requests)),
            (used.down > 0).then(|| of(used.down, &transfer)),
            ((used.down > 0 || used.taken > 0) && !is_standard).then(|| of(used.down.saturating_add(used.taken), &retrieval)),
        ]
    }

    /// The row of the region's own, else the one that holds everywhere.
    pub(super) fn row_for(&self, provider: Provider, region: &str, fits: &dyn Fn(&What) -> bool) -> Option<&Row> {
        let own = self.at(provider, region).iter().find(|row| fits(&row.what));
        own.or_else(|| self.row_everywhere(provider, region, fits))
    }

    /// The row that holds where a region has none of its own. A store without a region has neither.
    fn row_everywhere(&self, provider: Provider, region: &str, fits: &dyn Fn(&What) -> bool) -> Option<&Row> {
        let rows = if region.is_empty() { &[] } else { self.at(provider, EVERYWHERE) };
        rows.iter().find(|row| fits(&row.what))
    }

    /// The rows of one place; a store without a region has none.
    fn at(&self, provider: Provider, region: &str) -> &[Row] {
        if region.is_empty() {
            return &[];
        }
        let places = &self.places[drawer(provider)];
        places.binary_search_by(|(known, _)| (**known).cmp(region)).map_or(&[], |place| &places[place].1)
    }
}

/// The rows of a region, which has some from now on.
fn rows_of<'a>(places: &'a mut Vec<Place>, region: &Arc<str>) -> &'a mut Vec<Row> {
    let place = places.binary_search_by(|(known, _)| known.cmp(region)).unwrap_or_else(|place| {
        places.insert(place, (Arc::clone(region), Vec::new()));
        place
    });
    &mut places[place].1
}

/// Whether two words mean the same storage class. Letter by letter takes longer than at once, and is the exception.
fn is_class(one: &str, other: &str) -> bool {
    one == other || one.eq_ignore_ascii_case(other)
}

/// Where a provider's places are.
fn drawer(provider: Provider) -> usize {
    match provider {
        Provider::S3 => 0,
        Provider::Oss => 1,
    }
}

/// So many of what a row is for.
fn charge(row: &Row, count: u64, at: Option<Timestamp>) -> Range {
    let best = row.low.unwrap_or(row.price);
    let (low, high) = match (&row.idle, at) {
        (Some(idle), Some(at)) if idle.holds(at) => (best.min(idle.price), idle.price),
        (Some(idle), None) => (best.min(idle.price), row.price),
        (Some(_) | None, _) => (best, row.price),
    };
    let of = |price: Amount| price.of(count, row.per);
    let highest = of(high);
    let lowest = if low == high { highest } else { of(low) };
    Range { low: lowest, high: highest, currency: row.currency, as_of: row.as_of, confidence: row.confidence }
}

impl Range {
    /// What the ledger books: the high end.
    pub fn booked(&self) -> Money {
        Money { amount: self.high, currency: self.currency }
    }

    /// The sum. Nothing is nothing in every currency; amounts of different ones have no sum.
    pub fn plus(&self, other: &Self) -> Option<Self> {
        let currency = match (self.high, other.high) {
            _ if self.currency == other.currency => self.currency,
            (_, Amount::ZERO) => self.currency,
            (Amount::ZERO, _) => other.currency,
            (_, _) => return None,
        };
        let (low, high) = (self.low.plus(other.low), self.high.plus(other.high));
        Some(Self { low, high, currency, as_of: self.as_of.min(other.as_of), confidence: self.confidence.max(other.confidence) })
    }
}
