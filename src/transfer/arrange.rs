//! In which order the rows of a listing stand, and which of them: a sort and a filter over a million rows.
//!
//! Comes in: leaves as they were listed, a wish. Goes out: row numbers. Forbidden here: copying a row, and going on when
//! nobody waits for the answer any more.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use nucleo_matcher::pattern::{AtomKind, CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

use crate::domain::few::sort_few;
use crate::domain::{Leaf, LeafRow, RowKind, StorageClass};

/// After how many rows it is asked whether somebody still waits.
const STRETCH: usize = 4096;

/// Which rows are wanted, and in which order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Arranging {
    /// By what they are sorted. Common prefixes stand before objects, except by name; rows without a value stand last; rows
    /// that are equal keep the order of their keys.
    pub sort: Column,
    /// From which end.
    pub order: Direction,
    /// A part of the name, in any case unless it has a capital letter. Behind a `~`: letters that occur in their order, with
    /// the best match first where the sort is by name. Empty: all rows.
    pub filter: String,
    /// How many bytes at the beginning of each key are not part of its name: the length of the prefix that is listed.
    pub below: usize,
}

/// A column that rows can be sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Column {
    /// The bytes of the key: the store's own order.
    #[default]
    Name,
    /// The size.
    Size,
    /// When it was written.
    Modified,
    /// The storage class, by its name.
    Class,
}

/// From which end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Direction {
    /// The smallest, oldest or first first.
    #[default]
    Forward,
    /// The other way round.
    Backward,
}

/// The numbers of the rows that the wish lets through, in its order; the first row of the first leaf is number `first`.
/// `None`: `stop` was set meanwhile.
pub fn arrange(leaves: &[Arc<Leaf>], first: u32, wish: &Arranging, stop: &AtomicBool) -> Option<Vec<u32>> {
    let mut sieve = Sieve::new(wish);
    let backward = wish.order == Direction::Backward;
    let mut chosen = Chosen::default();
    let classes = if wish.sort == Column::Class { classes_of(leaves) } else { Vec::new() };
    for (row, number) in leaves.iter().flat_map(|leaf| leaf.iter()).zip(first..) {
        if (number as usize).is_multiple_of(STRETCH) && stop.load(Ordering::Relaxed) {
            return None;
        }
        let Some(rank) = sieve.rank(&row) else { continue };
        match (wish.sort, row.kind) {
            (Column::Name, RowKind::Prefix | RowKind::Object(_)) => chosen.valued.push((rank, number)),
            (Column::Size | Column::Modified | Column::Class, RowKind::Prefix) => chosen.prefixes.push(number),
            (Column::Size | Column::Modified | Column::Class, RowKind::Object(_)) => match value(&row, wish.sort, &classes) {
                Some(value) => chosen.valued.push((if backward { !value } else { value }, number)),
                None => chosen.unknown.push(number),
            },
        }
    }
    let mut numbers = chosen.in_order(stop)?;
    if wish.sort == Column::Name && backward {
        numbers.reverse();
    }
    Some(numbers)
}

/// What a row is sorted by; `None`: it has no such value.
fn value(row: &LeafRow<'_>, column: Column, classes: &[&StorageClass]) -> Option<u64> {
    match column {
        Column::Name => Some(0),
        Column::Size => Some(row.size()),
        // Seconds before 1970 stand before those after it.
        Column::Modified => row.modified.map(|time| time.as_second().cast_unsigned() ^ (1 << 63)),
        Column::Class => row.class.and_then(|class| classes.binary_search(&class).ok()).map(|place| place as u64),
    }
}

/// The storage classes that occur, in the order of their names. There are a handful.
fn classes_of(leaves: &[Arc<Leaf>]) -> Vec<&StorageClass> {
    let mut classes: Vec<&StorageClass> = Vec::new();
    for class in leaves.iter().flat_map(|leaf| leaf.classes()) {
        if !classes.contains(&class) {
            classes.push(class);
        }
    }
    sort_few(&mut classes);
    classes
}

/// Rows that passed the filter.
#[derive(Default)]
struct Chosen {
    prefixes: Vec<u32>,
    /// Objects with what they are sorted by.
    valued: Vec<(u64, u32)>,
    unknown: Vec<u32>,
}

impl Chosen {
    /// Sorted in stretches first, so that it can be stopped; what is left is to merge runs. Rows that are equal stay as they were.
    fn in_order(mut self, stop: &AtomicBool) -> Option<Vec<u32>> {
        if !self.valued.is_sorted_by_key(|(value, _)| *value) {
            for stretch in self.valued.chunks_mut(STRETCH * 16) {
                if stop.load(Ordering::Relaxed) {
                    return None;
                }
                stretch.sort_by_key(|(value, _)| *value);
            }
            self.valued.sort_by_key(|(value, _)| *value);
        }
        let mut numbers = self.prefixes;
        numbers.reserve_exact(self.valued.len() + self.unknown.len());
        numbers.extend(self.valued.iter().map(|(_, number)| *number));
        numbers.append(&mut self.unknown);
        Some(numbers)
    }
}

/// Which rows pass, and how well.
struct Sieve<'a> {
    below: usize,
    test: Test<'a>,
}

/// What a name has to have.
enum Test<'a> {
    Nothing,
    /// This text as it is.
    Exactly(&'a str),
    /// This text, which is in lower case, in any case.
    AnyCase(String),
    /// Letters in their order.
    Letters {
        pattern: Pattern,
        matcher: Box<Matcher>,
        buffer: Vec<char>,
    },
}

impl<'a> Sieve<'a> {
    fn new(wish: &'a Arranging) -> Self {
        let test = match (wish.filter.strip_prefix('~'), wish.filter.as_str()) {
            (Some(""), _) | (None, "") => Test::Nothing,
            (Some(letters), _) => Test::Letters {
                pattern: Pattern::new(letters, CaseMatching::Smart, Normalization::Smart, AtomKind::Fuzzy),
                matcher: Box::new(Matcher::new(Config::DEFAULT.match_paths())),
                buffer: Vec::new(),
            },
            (None, text) if text.chars().any(char::is_uppercase) => Test::Exactly(text),
            (None, text) => Test::AnyCase(text.to_lowercase()),
        };
        Self { below: wish.below, test }
    }

    /// How far behind the best match a row stands; `None`: it does not pass.
    fn rank(&mut self, row: &LeafRow<'_>) -> Option<u64> {
        let name = row.key.get(self.below..).unwrap_or(row.key);
        match &mut self.test {
            Test::Nothing => Some(0),
            Test::Exactly(text) => name.contains(*text).then_some(0),
            Test::AnyCase(text) => contains(name, text).then_some(0),
            Test::Letters { pattern, matcher, buffer } => {
                pattern.score(Utf32Str::new(name, buffer), matcher).map(|score| u64::from(u32::MAX - score))
            }
        }
    }
}

/// Whether `name` has `text`, which is in lower case and not empty, in any case. Nothing is allocated for names in ASCII.
fn contains(name: &str, text: &str) -> bool {
    if !name.is_ascii() {
        return name.to_lowercase().contains(text);
    }
    let (name, text) = (name.as_bytes(), text.as_bytes());
    let Some(last) = name.len().checked_sub(text.len()) else { return false };
    let first = text.first().copied().unwrap_or_default();
    (0..=last).any(|place| name[place].to_ascii_lowercase() == first && name[place..place + text.len()].eq_ignore_ascii_case(text))
}

#[cfg(test)]
mod tests {
    use super::Direction::{Backward, Forward};
    use super::*;
    use crate::domain::LeafBuilder;
    use crate::domain::leaf::Facts;
    use jiff::Timestamp;

    /// Row 0 `p/a/` (prefix), 1 `p/B.txt`, 2 `p/c.TXT`, 3 `p/d`, and 4 `p/ö`, in two leaves.
    fn leaves() -> Vec<Arc<Leaf>> {
        let object = |leaf: &mut LeafBuilder, key: &str, size: u64, second: Option<i64>, class: &str| {
            let modified = second.map(|second| Timestamp::from_second(second).unwrap());
            assert!(leaf.object(key, Facts { size, modified, etag: None, class: Some(class).filter(|class| !class.is_empty()) }));
        };
        let (mut one, mut two) = (LeafBuilder::default(), LeafBuilder::default());
        object(&mut one, "p/B.txt", 7, Some(-5), "STANDARD");
        assert!(one.prefix("p/a/"));
        object(&mut two, "p/c.TXT", 3, Some(9), "GLACIER");
        object(&mut two, "p/d", 7, Some(3), "");
        object(&mut two, "p/ö", 1, None, "STANDARD");
        [one, two].map(|leaf| Arc::new(leaf.finish(None, Vec::new()))).into()
    }

    fn order(sort: Column, order: Direction, filter: &str) -> Vec<u32> {
        let wish = Arranging { sort, order, filter: filter.to_owned(), below: 2 };
        arrange(&leaves(), 100, &wish, &AtomicBool::new(false)).expect("nobody stops it")
    }

    #[test]
    fn rows_by_column() {
        // In the order of bytes: B.txt 100, a/ 101, c.TXT 102, d 103, ö 104.
        assert_eq!(order(Column::Name, Forward, ""), [100, 101, 102, 103, 104]);
        assert_eq!(order(Column::Name, Backward, ""), [104, 103, 102, 101, 100]);
        assert_eq!(order(Column::Size, Forward, ""), [101, 104, 102, 100, 103], "equal sizes keep the order of their keys");
        assert_eq!(order(Column::Size, Backward, ""), [101, 100, 103, 102, 104], "in both directions");
        assert_eq!(order(Column::Modified, Forward, ""), [101, 100, 103, 102, 104], "unknown last");
        assert_eq!(order(Column::Modified, Backward, ""), [101, 102, 103, 100, 104], "in both directions");
        assert_eq!(order(Column::Class, Forward, ""), [101, 102, 100, 104, 103]);
        assert_eq!(order(Column::Class, Backward, ""), [101, 100, 104, 102, 103]);
    }

    #[test]
    fn rows_by_filter() {
        assert_eq!(order(Column::Name, Forward, "txt"), [100, 102], "any case");
        assert_eq!(order(Column::Name, Forward, "TXT"), [102], "a capital letter means itself");
        assert_eq!(order(Column::Name, Forward, "Ö"), [0; 0]);
        assert_eq!(order(Column::Name, Forward, "ö"), [104]);
        assert_eq!(order(Column::Name, Forward, "p/"), [0; 0], "the prefix that is listed is no part of a name");
        assert_eq!(order(Column::Name, Forward, "much longer than any name"), [0; 0]);
        assert_eq!(order(Column::Size, Forward, "t"), [102, 100]);
    }

    #[test]
    fn letters_in_their_order() {
        assert_eq!(order(Column::Name, Forward, "~bx"), [100]);
        assert_eq!(order(Column::Name, Forward, "~xb"), [0; 0]);
        assert_eq!(order(Column::Name, Forward, "~").len(), 5);
        let mut page = LeafBuilder::default();
        ["far/l/o/g", "log"].iter().for_each(|key| assert!(page.object(key, Facts::default())));
        let leaf = [Arc::new(page.finish(None, Vec::new()))];
        let wish = Arranging { filter: "~log".to_owned(), ..Arranging::default() };
        assert_eq!(arrange(&leaf, 0, &wish, &AtomicBool::new(false)), Some(vec![1, 0]), "the best match first");
    }

    #[test]
    fn it_stops_when_nobody_waits() {
        let wish = Arranging { sort: Column::Size, ..Arranging::default() };
        assert_eq!(arrange(&leaves(), 0, &wish, &AtomicBool::new(true)), None);
    }

    /// Against a plain sort, over more rows than one stretch.
    #[test]
    fn many_rows() {
        let mut page = LeafBuilder::default();
        let sizes: Vec<u64> = (0..200_000_u64).map(|place| place.wrapping_mul(2_654_435_761) % 1_000).collect();
        for (place, size) in sizes.iter().enumerate() {
            page.object(&format!("{place:06}"), Facts { size: *size, ..Facts::default() });
        }
        let mut expected: Vec<u32> = (0..200_000).collect();
        expected.sort_by_key(|number| sizes[*number as usize]);
        let wish = Arranging { sort: Column::Size, ..Arranging::default() };
        let leaves = [Arc::new(page.finish(None, Vec::new()))];
        assert_eq!(arrange(&leaves, 0, &wish, &AtomicBool::new(false)), Some(expected));
    }
}
