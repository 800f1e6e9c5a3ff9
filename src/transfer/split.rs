//! Where a listing can be begun ahead of itself: a scale that is laid along the keys of one page.
//!
//! Comes in: a page. Goes out: keys that are about so many rows further on. They need not exist: a store lists what follows them.
//! Forbidden here: any promise. A guess may lie behind the last key, or a thousand pages away; whoever uses it counts what it cost.
//!
//! Each place of a key is a digit whose alphabet is what stands there in the page, completed: `3` can become any digit, `c`
//! beside digits any hexadecimal one, `k` any letter. Numbered keys have their next pages exactly where the scale says.

use crate::domain::Leaf;

/// How many keys of a page are looked at.
const SAMPLE: usize = 128;
/// How many places may count up before the first one that differs within the page.
const CARRY: usize = 12;
/// The largest number of different texts: leaves room for products with numbers of rows.
const LARGEST: u128 = 1 << 96;

/// A scale along the keys of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scale {
    /// What all keys on it begin with.
    stem: String,
    /// The bytes that may stand at each place behind the stem, in their order.
    places: Vec<Vec<u8>>,
    /// How far the first and the last key of the page are apart, and how many rows it is from one to the other.
    spread: u128,
    rows: u128,
}

impl Scale {
    /// A scale for the keys near a page, all of which have the same first `below` bytes. `None`: they cannot be counted.
    pub fn of(leaf: &Leaf, below: usize) -> Option<Self> {
        let (first, last) = (leaf.row(0)?.key, leaf.row(leaf.len().checked_sub(1)?)?.key);
        let stride = (leaf.len() / SAMPLE).max(1);
        let sample = (0..leaf.len()).step_by(stride).filter_map(|place| Some(leaf.row(place)?.key)).chain([last]);
        let seen = seen(sample, below);
        let mut places = alphabets(&seen);
        let differs = seen.iter().position(|bytes| bytes.len() > 1)?;
        let start = (0..differs).rev().filter(|place| places[*place].len() > 1).take(CARRY).last().unwrap_or(differs);
        let stem = last.get(..below + start)?.to_owned();
        places.drain(..start);
        let mut size = 1_u128;
        let fitting = places.iter().take_while(|bytes| {
            size = size.saturating_mul(bytes.len() as u128);
            size <= LARGEST
        });
        places.truncate(fitting.count());
        let mut scale = Self { stem, places, spread: 0, rows: leaf.len() as u128 - 1 };
        scale.spread = scale.value(last)?.checked_sub(scale.value(first)?).filter(|spread| *spread > 0)?;
        Some(scale)
    }

    /// A key that is about so many rows behind another one. `None`: the scale ends before.
    pub fn ahead(&self, of: &str, rows: u64) -> Option<String> {
        let value = self.value(of)?.checked_add(self.spread.checked_mul(u128::from(rows))? / self.rows)?;
        let mut digits = Vec::with_capacity(self.places.len());
        let rest = self.places.iter().rev().fold(value, |value, bytes| {
            let size = bytes.len() as u128;
            digits.extend(usize::try_from(value % size).ok().map(|digit| bytes[digit]));
            value / size
        });
        digits.reverse();
        let text = String::from_utf8(digits).ok().filter(|_| rest == 0)?;
        Some(format!("{}{text}", self.stem)).filter(|key| key.as_str() > of)
    }

    /// About how many rows there are from one key to another; `None`: one of them is not on the scale.
    pub fn rows_between(&self, from: &str, to: &str) -> Option<u64> {
        let distance = self.value(to)?.checked_sub(self.value(from)?)?;
        u64::try_from(distance.checked_mul(self.rows)? / self.spread).ok()
    }

    /// The number of a key. What is no digit counts as the next one that is.
    fn value(&self, key: &str) -> Option<u128> {
        let digits = key.strip_prefix(&self.stem)?.as_bytes();
        let value = self.places.iter().enumerate().fold(0, |value, (place, bytes)| {
            let digit = digits.get(place).map_or(0, |digit| bytes.partition_point(|byte| byte < digit));
            value * bytes.len() as u128 + digit.min(bytes.len() - 1) as u128
        });
        Some(value)
    }
}

/// The bytes that occur at each place, up to the first place that has something else than letters, digits and marks.
fn seen<'k>(keys: impl Iterator<Item = &'k str>, below: usize) -> Vec<Vec<u8>> {
    let mut seen: Vec<Vec<u8>> = Vec::new();
    let mut usable = usize::MAX;
    for key in keys {
        for (place, byte) in key.bytes().skip(below).take(usable).enumerate() {
            if !(0x20..0x7f).contains(&byte) {
                usable = place;
                break;
            }
            if place == seen.len() {
                seen.push(Vec::new());
            }
            if !seen[place].contains(&byte) {
                seen[place].push(byte);
            }
        }
    }
    seen.truncate(usable);
    seen
}

/// What may stand at each place. Letters and digits beside each other belong to one word, whose places are of one kind.
fn alphabets(seen: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let is_word = |bytes: &Vec<u8>| bytes.iter().all(u8::is_ascii_alphanumeric);
    let mut places = Vec::with_capacity(seen.len());
    for word in seen.chunk_by(|a, b| is_word(a) && is_word(b)) {
        let differing: Vec<u8> = word.iter().filter(|bytes| bytes.len() > 1).flatten().copied().collect();
        let common = completed(&differing);
        places.extend(word.iter().map(|bytes| {
            let mut alphabet = bytes.clone();
            if bytes.iter().any(|byte| common.contains(byte)) {
                alphabet.extend(&common);
            } else if bytes.len() > 1 || bytes.iter().all(u8::is_ascii_digit) {
                alphabet.extend(completed(bytes));
            }
            alphabet.sort_unstable();
            alphabet.dedup();
            alphabet
        }));
    }
    places
}

/// The kinds of letters and digits to which some bytes belong.
fn completed(bytes: &[u8]) -> Vec<u8> {
    let kinds: [&[u8]; 5] =
        [b"0123456789", b"0123456789abcdef", b"0123456789ABCDEF", b"abcdefghijklmnopqrstuvwxyz", b"ABCDEFGHIJKLMNOPQRSTUVWXYZ"];
    let used: Vec<u8> = bytes.iter().copied().filter(u8::is_ascii_alphanumeric).collect();
    if let Some(kind) = kinds[..3].iter().find(|kind| !used.is_empty() && used.iter().all(|byte| kind.contains(byte))) {
        return kind.to_vec();
    }
    let touched = [kinds[0], kinds[3], kinds[4]].into_iter().filter(|kind| used.iter().any(|byte| kind.contains(byte)));
    touched.flatten().copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::LeafBuilder;
    use crate::domain::leaf::Facts;

    fn leaf(keys: impl IntoIterator<Item = String>) -> Leaf {
        let mut page = LeafBuilder::default();
        keys.into_iter().for_each(|key| assert!(page.object(&key, Facts::default())));
        page.finish(None, Vec::new())
    }

    fn scale(keys: impl IntoIterator<Item = String>) -> Scale {
        Scale::of(&leaf(keys), 2).expect("a scale")
    }

    #[test]
    fn numbered_keys_are_where_they_should_be() {
        let scale = scale((0..1000).map(|number| format!("p/obj-{number:08}.json")));
        assert_eq!(scale.ahead("p/obj-00000999.json", 1000).as_deref(), Some("p/obj-00001999.json"));
        assert_eq!(scale.ahead("p/obj-00000999.json", 98_765_000).as_deref(), Some("p/obj-98765999.json"));
        assert_eq!(scale.ahead("p/obj-00000999.json", 100_000_000), None, "there are no more digits");
        assert_eq!(scale.rows_between("p/obj-00000999.json", "p/obj-00016999.json"), Some(16_000));
        assert_eq!(scale.rows_between("p/obj-00000999.json", "p/other"), None);
    }

    #[test]
    fn keys_in_numbered_folders_go_on_in_the_next_folder() {
        let scale = scale((0..1000).map(|number| format!("p/2026/{:03}/{:03}.json", number / 500, number % 500)));
        let next = scale.ahead("p/2026/001/499.json", 500).expect("a key");
        assert!(("p/2026/001/499.json".."p/2026/003/000.json").contains(&next.as_str()), "{next}");
        let far = scale.ahead("p/2026/001/499.json", 50_000).expect("a key");
        assert!(("p/2026/050".."p/2026/150").contains(&far.as_str()), "{far}");
    }

    #[test]
    fn hexadecimal_names_count_to_f() {
        let scale = scale((0..1000_u64).map(|number| format!("p/{:016x}", number << 44)));
        let next = scale.ahead("p/003e700000000000", 16_000).expect("a key");
        assert_eq!(next, format!("p/{:016x}", 16_999_u64 << 44));
    }

    #[test]
    fn what_cannot_be_counted_has_no_scale() {
        assert_eq!(Scale::of(&leaf(["p/a".to_owned()]), 2), None, "one key");
        assert_eq!(Scale::of(&leaf([]), 2), None);
        assert_eq!(Scale::of(&leaf((0..10).map(|number| format!("p/文{number}"))), 2), None);
        let odd = scale((0..10).map(|number| format!("p/{number}文")));
        assert_eq!(odd.ahead("p/9文", 1), None);
        assert_eq!(odd.ahead("p/3", 2).as_deref(), Some("p/5"));
    }
}
