//! Lines on their way to the thread that writes: bytes, as they will stand in the file, with their kinds and their sums.
//!
//! Comes in: requests as they end. Goes out: the same, line by line, and what they sum up to. Handing over the requests themselves
//! would do as well, but what one thread takes from the heap and another gives back costs both of them more than the bytes. Forbidden
//! here: the file.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;

use super::pack::{self, write_rest};
use super::rows::day_of;
use crate::domain::{Currency, Kind, Sent, Sum};

/// How many kinds are found again. Two that meet in one drawer are noted more than once when they come in turn.
const DRAWERS: usize = 256;

/// Lines that are not in the file yet.
pub(super) struct Jotted {
    kinds: Vec<Arc<Kind>>,
    /// Where the last line's kind is.
    last: u16,
    /// Where the last kind of each drawer is.
    drawers: [u16; DRAWERS],
    heads: Vec<Head>,
    /// All lines but their heads, one behind the other.
    bytes: Vec<u8>,
    sums: Sums,
}

/// What the file has to say otherwise.
struct Head {
    at: Timestamp,
    /// The place of its kind.
    kind: u16,
    /// Where the rest of the line ends.
    end: usize,
}

/// A line, as far as it is not its kind's.
pub(super) struct Jot<'a> {
    pub(super) at: Timestamp,
    /// The place of its kind.
    pub(super) kind: usize,
    /// As it will stand in the file.
    pub(super) rest: &'a [u8],
}

/// By what lines are summed up: the place of their kind, the day, the currency.
pub(super) type Subtotal = (u16, i64, Option<Currency>);

#[derive(Default)]
struct Sums {
    parts: Vec<(Subtotal, Sum)>,
    /// Where the last one of each kind is, which most likely is that of its next line.
    last: Vec<usize>,
    places: HashMap<Subtotal, usize>,
}

impl Jotted {
    /// Room for so many.
    pub(super) fn with_room(lines: usize) -> Self {
        let (heads, bytes) = (Vec::with_capacity(lines), Vec::with_capacity(lines * 96));
        Self { kinds: Vec::new(), last: 0, drawers: [0; DRAWERS], heads, bytes, sums: Sums::default() }
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.heads.len()
    }

    /// One more.
    pub(super) fn push(&mut self, sent: &Sent) {
        if !self.kinds.get(usize::from(self.last)).is_some_and(|kind| Arc::ptr_eq(kind, &sent.kind)) {
            self.last = self.place_of(&sent.kind);
        }
        write_rest(&mut self.bytes, &pack::Line::of(sent));
        self.sums.count((self.last, day_of(sent.at), sent.cost.map(|cost| cost.currency)), sent);
        self.heads.push(Head { at: sent.at, kind: self.last, end: self.bytes.len() });
    }

    fn place_of(&mut self, kind: &Arc<Kind>) -> u16 {
        let drawer = &mut self.drawers[drawer(kind)];
        if self.kinds.get(usize::from(*drawer)) != Some(kind) {
            // Not more than there are lines, and those are a few thousand.
            *drawer = u16::try_from(self.kinds.len()).unwrap_or(u16::MAX);
            self.kinds.push(kind.clone());
        }
        *drawer
    }

    /// Each kind that a line has.
    pub(super) fn kinds(&self) -> &[Arc<Kind>] {
        &self.kinds
    }

    /// A line by its place in their order. `None`: there are no more.
    pub(super) fn line(&self, place: usize) -> Option<Jot<'_>> {
        let head = self.heads.get(place)?;
        let begin = place.checked_sub(1).and_then(|before| self.heads.get(before)).map_or(0, |before| before.end);
        Some(Jot { at: head.at, kind: usize::from(head.kind), rest: self.bytes.get(begin..head.end)? })
    }

    /// What they sum up to.
    pub(super) fn sums(&self) -> &[(Subtotal, Sum)] {
        &self.sums.parts
    }

    /// The same by kinds alone.
    pub(super) fn sums_of_kinds(&self) -> impl Iterator<Item = (&Kind, &Sum)> {
        self.sums().iter().filter_map(|((kind, ..), sum)| Some((&**self.kinds.get(usize::from(*kind))?, sum)))
    }
}

impl Sums {
    fn count(&mut self, of: Subtotal, sent: &Sent) {
        let kind = usize::from(of.0);
        let last = self.last.get(kind).copied().filter(|place| self.parts.get(*place).is_some_and(|(known, _)| *known == of));
        let place = last.unwrap_or_else(|| self.found(of));
        if let Some((_, sum)) = self.parts.get_mut(place) {
            sum.count(sent);
        }
    }

    fn found(&mut self, of: Subtotal) -> usize {
        let place = *self.places.entry(of).or_insert(self.parts.len());
        if place == self.parts.len() {
            self.parts.push((of, Sum::default()));
        }
        let kind = usize::from(of.0);
        self.last.resize(self.last.len().max(kind + 1), place);
        self.last[kind] = place;
        place
    }
}

/// Where a kind is looked for: bucket and operation tell nearly all of them apart.
fn drawer(kind: &Kind) -> usize {
    let bucket = kind.bucket.as_deref().unwrap_or_default();
    let mixed = |mixed: usize, byte: u8| mixed.wrapping_mul(31).wrapping_add(usize::from(byte));
    bucket.bytes().fold(kind.op as usize, mixed) % DRAWERS
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(bucket: usize, down: u64) -> Sent {
        let sent = Sent { path: Arc::from(format!("/{down}")), down, ..Sent::example() };
        sent.of_kind(|kind| kind.bucket = Some(Arc::from(format!("tiles-{bucket}"))))
    }

    /// Buckets in turn are noted once each, unless they meet in a drawer, as 10 and 98 do: then each line finds its own all the same.
    #[test]
    fn each_line_has_its_kind() {
        for (buckets, kinds) in [(&[7][..], 1), (&[1, 2, 3, 4, 5], 5), (&[10, 98], 100)] {
            let mut jotted = Jotted::with_room(0);
            let bucket = |number: usize| buckets[number % buckets.len()];
            (0..100).for_each(|number| jotted.push(&sent(bucket(number), number as u64)));
            assert_eq!((jotted.len(), jotted.kinds().len(), jotted.line(100).is_none()), (100, kinds, true), "{buckets:?}");
            for number in 0..100 {
                let line = jotted.line(number).unwrap();
                // The last byte of a line is the last one of its path.
                assert!(line.rest.ends_with(format!("/{number}").as_bytes()), "{:?}", line.rest);
                assert_eq!(jotted.kinds()[line.kind].bucket.as_deref(), Some(format!("tiles-{}", bucket(number)).as_str()));
            }
            let counted: u64 = jotted.sums_of_kinds().map(|(_, sum)| sum.down).sum();
            assert_eq!(counted, 4950, "0 and 1 and so on up to 99");
        }
    }

    /// Five lines of two days and two buckets.
    #[test]
    fn sums_are_by_kind_and_day() {
        let on = |sent: Sent, day: &str| Sent { at: format!("{day}T10:00:00Z").parse().unwrap(), ..sent };
        let mut jotted = Jotted::with_room(0);
        for (bucket, down, day) in
            [(1, 5, "1970-01-03"), (2, 7, "1970-01-03"), (1, 11, "1970-01-03"), (1, 13, "1970-01-04"), (1, 17, "1970-01-03")]
        {
            jotted.push(&on(sent(bucket, down), day));
        }
        let mut sums: Vec<_> = jotted.sums().iter().map(|((kind, day, _), sum)| (*kind, *day, sum.down)).collect();
        sums.sort_unstable();
        assert_eq!(sums, [(0, 2, 33), (0, 3, 13), (1, 2, 7)]);
    }
}
