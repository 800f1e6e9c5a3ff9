//! In which order the board's rows stand.

use std::cmp::Ordering;

use crate::domain::{Payer, PayerReading};

use super::board::Row;

/// A column that the board can be sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Column {
    #[default]
    Account,
    Bucket,
    Region,
    Payer,
    Read,
}

impl Column {
    pub(crate) fn next(self) -> Self {
        match self {
            Self::Account => Self::Bucket,
            Self::Bucket => Self::Region,
            Self::Region => Self::Payer,
            Self::Payer => Self::Read,
            Self::Read => Self::Account,
        }
    }

    /// Whether a new reading can move a row.
    pub(crate) fn follows_readings(self) -> bool {
        match self {
            Self::Payer | Self::Read => true,
            Self::Account | Self::Bucket | Self::Region => false,
        }
    }
}

/// Column and direction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sort {
    pub(crate) column: Column,
    pub(crate) reversed: bool,
}

impl Sort {
    /// A total order: ties end at account and bucket, so that rows never jump without a reason.
    pub(crate) fn compare(self, a: &Row, b: &Row) -> Ordering {
        let order = match self.column {
            Column::Account => self.turn(a.account.cmp(&b.account)),
            Column::Bucket => self.turn(a.name.cmp(&b.name)),
            Column::Region => self.turn(a.region.cmp(&b.region)),
            // What is not read stays below in both directions: it is no value, and rows must not be read because they moved up.
            Column::Payer => unread(a).cmp(&unread(b)).then_with(|| self.turn(rank(a).cmp(&rank(b)))),
            Column::Read => a.read_at.is_none().cmp(&b.read_at.is_none()).then_with(|| self.turn(a.read_at.cmp(&b.read_at))),
        };
        order.then_with(|| a.account.cmp(&b.account)).then_with(|| self.names(a, b))
    }

    fn names(self, a: &Row, b: &Row) -> Ordering {
        let order = a.name.cmp(&b.name);
        if self.column == Column::Account { self.turn(order) } else { order }
    }

    fn turn(self, order: Ordering) -> Ordering {
        if self.reversed { order.reverse() } else { order }
    }
}

fn unread(row: &Row) -> bool {
    row.reading == PayerReading::NotRead
}

/// Requester first: those are the buckets that one looks for.
fn rank(row: &Row) -> (u8, &str) {
    match &row.reading {
        PayerReading::Read(payer) | PayerReading::Inferred(payer) => value_rank(payer),
        PayerReading::Changing { from: Some(payer), .. } => value_rank(payer),
        PayerReading::Changing { from: None, .. } => (3, ""),
        PayerReading::Denied => (4, ""),
        PayerReading::Unsupported => (5, ""),
        PayerReading::Failed => (6, ""),
        PayerReading::NotRead => (7, ""),
    }
}

fn value_rank(payer: &Payer) -> (u8, &str) {
    match payer {
        Payer::Requester => (0, ""),
        Payer::BucketOwner => (1, ""),
        Payer::Other(text) => (2, text),
    }
}
