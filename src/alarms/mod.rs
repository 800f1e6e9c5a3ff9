//! What threads of hurt users ask to be told: nobody was charged who said that they would pay, a payer that changed behind one's
//! back, a link that bills its maker, requests that no price list knows.
//!
//! Comes in: requests that are over, payers that were read, what is known of a bucket. Goes out: an [`Alarm`] where there is one, each
//! told once, and its words. (Busy and idle hours are the price book's: [`crate::prices::words::band`].) Forbidden here: clocks, files,
//! and an alarm where the store's silence means nothing.

pub mod link;
pub mod turned;
pub mod uncharged;
pub mod unpriced;
mod watch;

use crate::domain::{BucketId, Ownership, Payer, Provider};

pub use turned::{Found, Seen, Turned};
pub use unpriced::Unpriced;
pub use watch::Watch;

/// Something that the user should know of a bucket or a region, or that it is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Alarm {
    /// A request said that the requester pays, and the answer, which would have said *charged*, did not.
    Uncharged {
        /// The bucket, seen from the account.
        bucket: BucketId,
        /// Whose words explain it.
        provider: Provider,
    },
    /// After that alarm, an answer said *charged*.
    Charged(BucketId),
    /// The payer is another one than when it was last seen, and the journal has no such change.
    Turned(BucketId, Turned),
    /// That is over: the payer is what it was, or the user's own change explains it.
    Settled(BucketId),
    /// No price is known for requests of a class in a region.
    Unpriced(Unpriced),
}

/// What is known of a bucket while words about it are chosen.
#[derive(Clone, Copy, Debug, Default)]
pub struct Known<'a> {
    /// Whose it is; `None`: nobody has listed the account's buckets.
    pub ownership: Option<Ownership>,
    /// Its payer, where it was read.
    pub payer: Option<&'a Payer>,
}
