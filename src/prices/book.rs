//! The rows of a book, and which of them hold for requests.

use std::sync::{Arc, OnceLock};

use jiff::civil::Date;

use super::fee::{Fee, Rate, Retrieval};
use super::row::{Confidence, EVERYWHERE, Row, What, standard};
use super::used::{Used, Where};
use crate::domain::op::PriceClass;
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
        self.fee_of(used).cost(used.count())
    }

    /// What is known of the price of these requests.
    pub fn known(&self, used: &Used<'_>) -> Known {
        self.fee_of(used).known(used.count())
    }

    fn fee_of(&self, used: &Used<'_>) -> Fee {
        self.fee(&Where { provider: used.provider, region: used.region, network: used.network }, used.class, used.storage)
    }

    /// What requests of a price class cost at a place, about objects of a storage class; `None`: the standard class, or about none.
    pub fn fee(&self, place: &Where<'_>, priced: PriceClass, storage: Option<&str>) -> Fee {
        let Where { provider, region, network } = *place;
        let usual = standard(provider);
        let class = storage.unwrap_or(usual);
        let of = |fits: &dyn Fn(&What) -> bool| self.row_for(provider, region, fits).map(Rate::of);
        let retrieval = || of(&|what| matches!(what, What::Retrieval { storage } if is_class(storage, class)));
        Fee {
            request: of(&|what| matches!(what, What::Request { class: of, storage } if *of == priced && is_class(storage, class))),
            transfer: of(&|what| matches!(what, What::Transfer { network: over } if *over == network)),
            retrieval: if is_class(class, usual) { Retrieval::Free } else { Retrieval::Due(retrieval()) },
        }
    }

    /// The row of the region's own, else the one that holds everywhere. A store without a region has neither.
    pub(super) fn row_for(&self, provider: Provider, region: &str, fits: &dyn Fn(&What) -> bool) -> Option<&Row> {
        let own = self.at(provider, region).iter().find(|row| fits(&row.what));
        let everywhere = || if region.is_empty() { &[] } else { self.at(provider, EVERYWHERE) };
        own.or_else(|| everywhere().iter().find(|row| fits(&row.what)))
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

impl Range {
    /// What the ledger books: the high end.
    pub fn booked(&self) -> Money {
        Money { amount: self.high, currency: self.currency }
    }

    /// The sum; amounts of different currencies have none.
    pub fn plus(&self, other: &Self) -> Option<Self> {
        let Money { amount: high, currency } = self.booked().plus(other.booked())?;
        let low = self.low.plus(other.low);
        Some(Self { low, high, currency, as_of: self.as_of.min(other.as_of), confidence: self.confidence.max(other.confidence) })
    }
}
