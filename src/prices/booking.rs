//! What one request that left is booked with.

use super::{Book, Used, Where, is_billed};
use crate::domain::{Money, Sent};

impl Book {
    /// The list price of a request that is over: nothing where nobody is billed for its outcome, `None` where no price is known.
    /// `storage` is the storage class of its object, in the vendor's own word, where request or answer named one. Bytes count where
    /// an object was read, as in estimates; the few of other answers do not. `taken` is the storage class of an object that the store
    /// read to copy it, and how much it read.
    pub fn booked(&self, place: &Where<'_>, sent: &Sent, storage: Option<&str>, taken: Option<(&str, u64)>) -> Option<Money> {
        let asked = self.fee(place, sent.kind.class, storage).booked(sent)?;
        let Where { provider, region, network } = *place;
        let done = is_billed(sent.kind.provider, sent.status) && sent.succeeded();
        let copied = taken.filter(|_| done).map(|(class, bytes)| Used {
            provider,
            region,
            network,
            class: sent.kind.class,
            requests: 0,
            down: 0,
            taken: bytes,
            storage: Some(class),
            at: Some(sent.at),
        });
        match copied.filter(Used::costs_something) {
            None => Some(asked),
            Some(read) => asked.plus(self.cost(&read)?.booked()),
        }
    }
}
