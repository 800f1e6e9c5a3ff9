//! What one request that left is booked with.

use super::{Book, Used, Where, is_billed};
use crate::domain::{Money, Op, Sent};

impl Book {
    /// The list price of a request that is over: nothing where nobody is billed for its outcome, `None` where no price is known.
    /// `storage` is the storage class of its object, in the vendor's own word, where request or answer named one. Bytes count where
    /// an object was read, as in estimates; the few of other answers do not.
    pub fn booked(&self, place: &Where<'_>, sent: &Sent, storage: Option<&str>) -> Option<Money> {
        let billed = is_billed(sent.provider, sent.status);
        let down = if billed && sent.op == Op::GetObject && sent.succeeded() { sent.down } else { 0 };
        let used = Used {
            provider: place.provider,
            region: place.region,
            network: place.network,
            class: sent.class,
            requests: u64::from(billed),
            down,
            storage,
            at: Some(sent.at),
        };
        self.cost(&used).map(|range| range.booked())
    }
}
