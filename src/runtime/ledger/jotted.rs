//! Lines on their way to the thread that writes: bytes, as they will stand in the file, and what makes their kinds.
//!
//! Comes in: requests as they end. Goes out: the same, line by line. Handing over the requests themselves would do as well, but what one
//! thread takes from the heap and another gives back costs both of them more than the bytes. Forbidden here: the file.

use super::pack::{Line, Lines, Pack};
use crate::domain::Sent;

/// Among how many kinds a line looks for its own; it is noted once more if it is older.
const NEAR: usize = 4;

/// Lines that are not in the file yet.
pub(super) struct Jotted {
    /// A request of each kind, of which the kind alone is meant.
    kinds: Vec<Sent>,
    /// Kinds in it are places in the list.
    pack: Pack,
}

impl Jotted {
    /// Room for so many.
    pub(super) fn with_room(lines: usize) -> Self {
        Self { kinds: Vec::new(), pack: Pack::new(0, lines) }
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        usize::try_from(self.pack.count).unwrap_or(usize::MAX)
    }

    /// One more.
    pub(super) fn push(&mut self, sent: &Sent) {
        let known = self.kinds.iter().rev().take(NEAR).position(|kind| is_alike(kind, sent));
        let place = known.map_or(self.kinds.len(), |back| self.kinds.len() - 1 - back);
        if place == self.kinds.len() {
            self.kinds.push(sent.clone());
        }
        self.pack.push_line(&Line::of(self.pack.count, place as i64, sent));
    }

    /// A request of each kind.
    pub(super) fn kinds(&self) -> &[Sent] {
        &self.kinds
    }

    /// The lines and the places of their kinds. `None`: damaged, which bytes that never left this process are not.
    pub(super) fn lines(&self) -> impl Iterator<Item = Option<(Line<'_>, usize)>> {
        Lines::of(0, &self.pack.bytes).map(|line| line.and_then(|line| Some((line, usize::try_from(line.kind).ok()?))))
    }
}

/// Whether all that makes a kind is the same.
fn is_alike(one: &Sent, other: &Sent) -> bool {
    let kind = |sent: &Sent| (sent.op, sent.class, sent.provider);
    kind(one) == kind(other)
        && one.account == other.account
        && one.bucket == other.bucket
        && one.host == other.host
        && one.region == other.region
        && one.method == other.method
        && one.caller == other.caller
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use jiff::Timestamp;

    use super::*;
    use crate::domain::op::PriceClass;
    use crate::domain::{AccountName, Aside, Op, PayerSent, Provider, SaidCharged};

    fn sent(bucket: usize, down: u64) -> Sent {
        Sent {
            at: Timestamp::UNIX_EPOCH,
            account: AccountName::new("research"),
            caller: None,
            provider: Provider::S3,
            region: Arc::from("us-west-2"),
            bucket: Some(Arc::from(format!("tiles-{bucket}"))),
            op: Op::GetObject,
            class: PriceClass::Tier2,
            method: "GET".into(),
            host: Arc::from("tiles.example"),
            path: Arc::from(format!("/{down}")),
            attempt: 1,
            payer: PayerSent::Yes,
            status: Some(200),
            charged: SaidCharged::Yes,
            request_id: None,
            up: 0,
            down,
            took: 3,
            cost: None,
            aside: Aside::default(),
        }
    }

    /// Of few buckets in turn each is noted once; of many in turn each line finds its own all the same.
    #[test]
    fn each_line_has_its_kind() {
        for (buckets, kinds) in [(1, 1), (4, 4), (5, 100)] {
            let mut jotted = Jotted::with_room(0);
            (0..100).for_each(|number| jotted.push(&sent(number % buckets, number as u64)));
            assert_eq!((jotted.len(), jotted.kinds().len()), (100, kinds), "{buckets}");
            let found: Vec<_> = jotted.kinds().iter().map(|sent| sent.bucket.clone().unwrap_or_default()).collect();
            for (number, line) in jotted.lines().enumerate() {
                let (line, place) = line.expect("a line");
                assert_eq!((line.down, line.path), (number as u64, format!("/{number}").as_str()));
                assert_eq!(*found[place], *format!("tiles-{}", number % buckets));
            }
        }
    }
}
