//! What one request that left is booked with.

use super::{Book, Used, Where, is_billed};
use crate::domain::{Money, Op, Sent};

impl Book {
    /// The list price of a request that is over: nothing where nobody is billed for its outcome, `None` where no price is known.
    /// `storage` is the storage class of its object, in the vendor's own word, where request or answer named one. Bytes count where
    /// an object was read, as in estimates; the few of other answers do not. `taken` is the storage class of an object that the store
    /// read to copy it, and how much it read.
    pub fn booked(&self, place: &Where<'_>, sent: &Sent, storage: Option<&str>, taken: Option<(&str, u64)>) -> Option<Money> {
        let billed = is_billed(sent.kind.provider, sent.status);
        let done = billed && sent.succeeded();
        let used = Used {
            provider: place.provider,
            region: place.region,
            network: place.network,
            class: sent.kind.class,
            requests: u64::from(billed),
            down: if done && sent.kind.op == Op::GetObject { sent.down } else { 0 },
            taken: 0,
            storage,
            at: Some(sent.at),
        };
        let asked = self.cost(&used)?;
        let copied = taken.filter(|_| done).map(|(class, bytes)| Used { requests: 0, down: 0, taken: bytes, storage: Some(class), ..used });
        match copied.filter(Used::costs_something) {
            None => Some(asked.booked()),
            Some(read) => asked.plus(&self.cost(&read)?).map(|range| range.booked()),
        }
    }
}
