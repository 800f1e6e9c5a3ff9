//! Keys that are numbers: a million of them, or a billion, take no memory.
//!
//! Comes in: numbers, places in the order of keys. Goes out: keys and numbers. Keys sort as their numbers do, so every question
//! about order is a binary search.

/// How keys look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// `key-0000000000`.
    Flat,
    /// `top-0000/sub-00/file-000.bin`: a hundred folders in each folder, a thousand files in each of those.
    Folders,
}

/// The most keys that the shapes hold.
pub(in crate::demo) const MOST_KEYS: u64 = 1_000_000_000;

/// So many keys of a shape.
#[derive(Clone, Copy, Debug)]
pub(super) struct Space {
    /// How they look.
    pub(super) shape: Shape,
    /// How many there are.
    pub(super) count: u64,
}

impl Space {
    /// Writes a key.
    pub(super) fn write(&self, number: u64, slash: &[u8], out: &mut Vec<u8>) {
        match self.shape {
            Shape::Flat => {
                out.extend_from_slice(b"key-");
                digits::<10>(number, out);
            }
            Shape::Folders => {
                out.extend_from_slice(b"top-");
                digits::<4>(number / 100_000, out);
                out.extend_from_slice(slash);
                out.extend_from_slice(b"sub-");
                digits::<2>(number / 1_000 % 100, out);
                out.extend_from_slice(slash);
                out.extend_from_slice(b"file-");
                digits::<3>(number % 1_000, out);
                out.extend_from_slice(b".bin");
            }
        }
    }

    /// A key.
    pub(super) fn key(&self, number: u64) -> Vec<u8> {
        let mut key = Vec::with_capacity(32);
        self.write(number, b"/", &mut key);
        key
    }

    /// Whether a key is one of them.
    pub(super) fn holds(&self, key: &str) -> bool {
        let number = self.first(|each| each < key.as_bytes());
        number < self.count && self.key(number) == key.as_bytes()
    }

    /// How many keys come before a place: those that `before` says so of stand first.
    pub(super) fn first(&self, before: impl Fn(&[u8]) -> bool) -> u64 {
        let (mut low, mut high) = (0, self.count);
        while low < high {
            let middle = low + (high - low) / 2;
            if before(&self.key(middle)) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }

    /// The first key behind all that begin with a text.
    pub(super) fn behind(&self, beginning: &[u8]) -> u64 {
        self.first(|key| key < beginning || key.starts_with(beginning))
    }
}

/// Writes a number with leading zeros.
fn digits<const WIDTH: usize>(mut number: u64, out: &mut Vec<u8>) {
    let mut text = [b'0'; WIDTH];
    for digit in text.iter_mut().rev() {
        *digit = b'0' + u8::try_from(number % 10).unwrap_or(0);
        number /= 10;
    }
    out.extend_from_slice(&text);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_sort_as_their_numbers_do() {
        for shape in [Shape::Flat, Shape::Folders] {
            let space = Space { shape, count: MOST_KEYS };
            for number in [0, 1, 999, 1_000, 99_999, 100_000, 123_456_789, MOST_KEYS - 2] {
                assert!(space.key(number) < space.key(number + 1), "{shape:?} {number}");
                let key = String::from_utf8(space.key(number)).unwrap();
                assert!(space.holds(&key), "{key}");
                assert_eq!(space.first(|each| each < key.as_bytes()), number);
            }
            assert!(!space.holds("key-1") && !space.holds("") && !space.holds("zzz"));
        }
        let space = Space { shape: Shape::Folders, count: 1_000_000 };
        assert_eq!(space.key(123_456), b"top-0001/sub-23/file-456.bin");
        assert_eq!(space.behind(b"top-0001/"), 200_000);
        assert_eq!(space.behind(b""), 1_000_000);
    }
}
