//! Which rows are marked: a bit for each row number, and their totals, which are never counted anew.

use crate::domain::RowKind;

/// What is added up over rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Totals {
    pub(crate) objects: u64,
    pub(crate) prefixes: u64,
    pub(crate) bytes: u64,
}

impl Totals {
    /// How many rows.
    pub(crate) fn rows(self) -> u64 {
        self.objects + self.prefixes
    }

    pub(crate) fn add(&mut self, kind: RowKind) {
        match kind {
            RowKind::Prefix => self.prefixes += 1,
            RowKind::Object(size) => {
                self.objects += 1;
                self.bytes = self.bytes.saturating_add(size);
            }
        }
    }

    pub(crate) fn take(&mut self, kind: RowKind) {
        match kind {
            RowKind::Prefix => self.prefixes = self.prefixes.saturating_sub(1),
            RowKind::Object(size) => {
                self.objects = self.objects.saturating_sub(1);
                self.bytes = self.bytes.saturating_sub(size);
            }
        }
    }
}

/// The marked rows.
#[derive(Debug, Default)]
pub(crate) struct Marks {
    words: Vec<u64>,
    pub(crate) totals: Totals,
}

impl Marks {
    pub(crate) fn has(&self, number: u32) -> bool {
        self.words.get(word(number)).is_some_and(|word| word & bit(number) != 0)
    }

    /// Marks a row. Says whether it was not marked before.
    pub(crate) fn set(&mut self, number: u32, kind: RowKind) -> bool {
        if self.has(number) {
            return false;
        }
        if self.words.len() <= word(number) {
            self.words.resize(word(number) + 1, 0);
        }
        self.words[word(number)] |= bit(number);
        self.totals.add(kind);
        true
    }

    pub(crate) fn clear(&mut self, number: u32, kind: RowKind) {
        if self.has(number) {
            self.words[word(number)] &= !bit(number);
            self.totals.take(kind);
        }
    }

    pub(crate) fn clear_all(&mut self) {
        *self = Self::default();
    }

    /// Marks every row from `first` up to `end`, `but` for these; the totals of the others are known. Sixty-four at a time.
    pub(crate) fn fill(&mut self, first: u32, end: u32, totals: Totals, but: &Self) {
        self.words.clear();
        self.words.resize(word(end) + 1, u64::MAX);
        self.words[..word(first)].fill(0);
        self.words[word(first)] &= u64::MAX << (first % 64);
        if let Some(last) = self.words.last_mut() {
            *last &= !(u64::MAX << (end % 64));
        }
        self.words.iter_mut().zip(&but.words).for_each(|(word, but)| *word &= !but);
        self.totals = totals;
    }

    /// The marked row numbers, from the smallest.
    pub(crate) fn iter(&self) -> impl Iterator<Item = u32> {
        self.words.iter().zip(0_u32..).filter(|(word, _)| **word != 0).flat_map(|(word, place)| {
            let word = *word;
            (0..64).filter(move |bit| word >> bit & 1 == 1).map(move |bit| place * 64 + bit)
        })
    }
}

fn word(number: u32) -> usize {
    number as usize / 64
}

fn bit(number: u32) -> u64 {
    1 << (number % 64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_and_their_totals() {
        let mut marks = Marks::default();
        assert!(marks.set(3, RowKind::Object(5)) && !marks.set(3, RowKind::Object(5)) && marks.set(130, RowKind::Prefix));
        assert_eq!(marks.totals, Totals { objects: 1, prefixes: 1, bytes: 5 });
        assert_eq!(marks.iter().collect::<Vec<_>>(), [3, 130]);
        marks.clear(3, RowKind::Object(5));
        marks.clear(4, RowKind::Object(5));
        assert_eq!(marks.totals, Totals { objects: 0, prefixes: 1, bytes: 0 });
        assert_eq!(marks.iter().collect::<Vec<_>>(), [130]);
    }

    #[test]
    fn some_are_left_out() {
        let (mut marks, mut gone) = (Marks::default(), Marks::default());
        for number in [0, 64, 200] {
            gone.set(number, RowKind::Prefix);
        }
        marks.fill(0, 67, Totals::default(), &gone);
        assert_eq!(marks.iter().collect::<Vec<_>>(), (1..64).chain([65, 66]).collect::<Vec<_>>());
    }

    #[test]
    fn a_filled_stretch_has_its_ends() {
        for (first, end) in [(0, 1), (0, 64), (63, 65), (64, 128), (100, 1000), (5, 5)] {
            let mut marks = Marks::default();
            marks.set(2000, RowKind::Prefix);
            marks.fill(first, end, Totals { objects: u64::from(end - first), ..Totals::default() }, &Marks::default());
            assert_eq!(marks.iter().collect::<Vec<_>>(), (first..end).collect::<Vec<_>>(), "{first}..{end}");
        }
    }
}
