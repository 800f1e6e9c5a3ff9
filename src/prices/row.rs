//! One price of the book.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;

use crate::domain::op::PriceClass;
use crate::domain::{Amount, Currency, Network, Provider};

/// The region of rows that hold wherever no row of the region's own stands.
pub(super) const EVERYWHERE: &str = "*";

/// What a price is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// Requests of a price class, about objects of a storage class.
    Request {
        /// The price class.
        class: PriceClass,
        /// The storage class in the vendor's own word.
        storage: Arc<str>,
    },
    /// Bytes of answers that leave the region over a network.
    Transfer {
        /// The network.
        network: Network,
    },
    /// Bytes that are read of objects of a storage class, beside their transfer.
    Retrieval {
        /// The storage class in the vendor's own word.
        storage: Arc<str>,
    },
}

/// How far a price can be trusted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Confidence {
    /// Several sources, or a dated one.
    #[default]
    Usual,
    /// One source that is not the vendor's, undated or contradicted.
    Low,
}

/// The hours of a day in which a price is lower.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Idle {
    /// The first hour, 0 to 23.
    pub from: u8,
    /// The hour at which they end, 1 to 24.
    pub until: u8,
    /// Hours east of UTC.
    pub east: i8,
    /// The price in these hours.
    pub price: Amount,
}

impl Idle {
    /// Whether these are the hours.
    pub fn holds(&self, at: Timestamp) -> bool {
        let hour = (at.as_second().div_euclid(3600) + i64::from(self.east)).rem_euclid(24);
        (i64::from(self.from)..i64::from(self.until)).contains(&hour)
    }

    /// When these hours begin or end next; `None`: they are the whole day.
    pub fn turns(&self, at: Timestamp) -> Option<Timestamp> {
        const HOUR: i64 = 3600;
        const DAY: i64 = 24 * HOUR;
        if self.until - self.from >= 24 {
            return None;
        }
        let there = at.as_second() + i64::from(self.east) * HOUR;
        let midnight = there.div_euclid(DAY) * DAY;
        let ends = [0, DAY].into_iter().flat_map(|day| [self.from, self.until].map(|hour| midnight + day + i64::from(hour) * HOUR));
        let next = ends.filter(|end| *end > there).min()?;
        Timestamp::from_second(next - i64::from(self.east) * HOUR).ok()
    }
}

/// One price.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Whose price.
    pub provider: Provider,
    /// Where it holds; `*`: wherever no row of the region's own stands.
    pub region: Arc<str>,
    /// What it is for.
    pub what: What,
    /// The list price, first tier.
    pub price: Amount,
    /// The price in the best case, for what the request alone does not tell (a free tier, the same region).
    pub low: Option<Amount>,
    /// When it is lower.
    pub idle: Option<Idle>,
    /// For how many requests or bytes the price is.
    pub per: u64,
    /// The currency of all its prices.
    pub currency: Currency,
    /// The day of the list; of an undated one, see the book's head.
    pub as_of: Date,
    /// Where the price stands.
    pub source: Arc<str>,
    /// How far it can be trusted.
    pub confidence: Confidence,
}

impl Row {
    /// Whether two rows are for the same thing, wherever they hold.
    pub fn is_for(&self, other: &Self) -> bool {
        self.what.is(&other.what)
    }

    /// Whether it holds wherever no row of the region's own stands.
    pub fn is_everywhere(&self) -> bool {
        *self.region == *EVERYWHERE
    }
}

impl What {
    /// The same thing, however its storage class is written.
    pub(super) fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Request { class, storage }, Self::Request { class: other, storage: named }) => {
                class == other && storage.eq_ignore_ascii_case(named)
            }
            (Self::Transfer { network }, Self::Transfer { network: other }) => network == other,
            (Self::Retrieval { storage }, Self::Retrieval { storage: named }) => storage.eq_ignore_ascii_case(named),
            (Self::Request { .. } | Self::Transfer { .. } | Self::Retrieval { .. }, _) => false,
        }
    }
}

/// The storage class of what names none.
pub(super) fn standard(provider: Provider) -> &'static str {
    match provider {
        Provider::S3 => "STANDARD",
        Provider::Oss => "Standard",
    }
}
