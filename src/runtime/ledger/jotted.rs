//! Lines on their way to the thread that writes: bytes, as they will stand in the file, and what makes their kinds.
//!
//! Comes in: requests as they end. Goes out: the same, line by line. Handing over the requests themselves would do as well, but what one
//! thread takes from the heap and another gives back costs both of them more than the bytes. Forbidden here: the file.

use std::sync::Arc;

use super::pack::{Line, Lines, Pack};
use crate::domain::{Kind, Sent};

/// How many kinds are found again. Two that meet in one drawer are noted more than once when they come in turn.
const DRAWERS: usize = 256;

/// Lines that are not in the file yet.
pub(super) struct Jotted {
    kinds: Vec<Arc<Kind>>,
    /// Where the last line's kind is.
    last: u16,
    /// Where the last kind of each drawer is.
    drawers: [u16; DRAWERS],
    /// Kinds in it are places in the list.
    pack: Pack,
}

impl Jotted {
    /// Room for so many.
    pub(super) fn with_room(lines: usize) -> Self {
        Self { kinds: Vec::new(), last: 0, drawers: [0; DRAWERS], pack: Pack::new(0, lines) }
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        usize::try_from(self.pack.count).unwrap_or(usize::MAX)
    }

    /// One more.
    pub(super) fn push(&mut self, sent: &Sent) {
        if !self.kinds.get(usize::from(self.last)).is_some_and(|kind| Arc::ptr_eq(kind, &sent.kind)) {
            self.last = self.place_of(&sent.kind);
        }
        self.pack.push_line(&Line::of(self.pack.count, i64::from(self.last), sent));
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

    /// The lines and the places of their kinds. `None`: damaged, which bytes that never left this process are not.
    pub(super) fn lines(&self) -> impl Iterator<Item = Option<(Line<'_>, usize)>> {
        Lines::of(0, &self.pack.bytes).map(|line| line.and_then(|line| Some((line, usize::try_from(line.kind).ok()?))))
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
            assert_eq!((jotted.len(), jotted.kinds().len()), (100, kinds), "{buckets:?}");
            for (number, line) in jotted.lines().enumerate() {
                let (line, place) = line.expect("a line");
                assert_eq!((line.down, line.path), (number as u64, format!("/{number}").as_str()));
                assert_eq!(jotted.kinds()[place].bucket.as_deref(), Some(format!("tiles-{}", bucket(number)).as_str()));
            }
        }
    }
}
