//! One page of a listing, packed: a million rows have to fit into a terminal console.
//!
//! Keys stand one after the other in one text, everything else in rows of fixed size. A leaf never changes once it is built, so
//! that the screen, a sort beside it and a download can share it.

use jiff::Timestamp;

use super::{ETag, ObjectKey, StorageClass};

/// A page of a listing: objects and common prefixes, in the store's order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Leaf {
    text: Box<str>,
    rows: Box<[Packed]>,
    classes: Box<[StorageClass]>,
    /// Whether two rows have the same key.
    repeats: bool,
    /// Where the next page begins (the store's token); `None`: this was the last.
    pub next: Option<Box<str>>,
    /// Keys that are not UTF-8, encoded as they came: shown, never used. Whoever deletes a prefix has to know of them.
    pub odd_keys: Box<[Box<str>]>,
}

/// One row of a [`Leaf`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LeafRow<'a> {
    /// The whole key, or the whole common prefix.
    pub key: &'a str,
    /// An object, or everything that begins so.
    pub kind: RowKind,
    /// When it was written, to the second; `None` for prefixes and where the store does not say it.
    pub modified: Option<Timestamp>,
    /// The storage class.
    pub class: Option<&'a StorageClass>,
    tag: &'a Tag,
}

/// What a row of a listing is. An object `a/` and the prefix `a/` are two different rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RowKind {
    /// Keys that continue after the delimiter.
    Prefix,
    /// An object of so many bytes.
    Object(u64),
}

impl LeafRow<'_> {
    /// The entity tag as it came, quotes and all.
    pub fn etag(&self) -> Option<ETag> {
        self.tag.text().map(ETag::new)
    }

    /// Writes the inside of the quotes of [`LeafRow::etag`], which are digits, letters and a hyphen; whether it gives one.
    pub fn spell_etag(&self, out: &mut Vec<u8>) -> bool {
        self.tag.spell(out)
    }

    /// Whether [`LeafRow::etag`] gives one.
    pub fn has_etag(&self) -> bool {
        matches!(self.tag, Tag::Digits { .. })
    }

    /// The size in bytes; 0 for a prefix.
    pub fn size(&self) -> u64 {
        match self.kind {
            RowKind::Prefix => 0,
            RowKind::Object(size) => size,
        }
    }

    /// The key as a request names it.
    pub fn object_key(&self) -> ObjectKey {
        ObjectKey::new(self.key)
    }
}

impl Leaf {
    /// How many rows.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// A row by its place.
    pub fn row(&self, place: usize) -> Option<LeafRow<'_>> {
        let packed = self.rows.get(place)?;
        let start = packed.start as usize;
        Some(LeafRow {
            key: self.text.get(start..start + usize::from(packed.length))?,
            kind: if packed.class & Packed::PREFIX != 0 { RowKind::Prefix } else { RowKind::Object(packed.size) },
            modified: (packed.modified != Packed::NO_TIME).then(|| Timestamp::from_second(packed.modified).ok()).flatten(),
            class: self.classes.get(usize::from(packed.class & !Packed::PREFIX).wrapping_sub(1)),
            tag: &packed.tag,
        })
    }

    /// All rows.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = LeafRow<'_>> {
        (0..self.len()).filter_map(|place| self.row(place))
    }

    /// The storage classes that occur in it.
    pub fn classes(&self) -> &[StorageClass] {
        &self.classes
    }

    /// Its first and its last key.
    pub fn ends(&self) -> Option<(&str, &str)> {
        Some((self.row(0)?.key, self.row(self.len().checked_sub(1)?)?.key))
    }

    /// Whether two rows have the same key: a store that lists one twice, or an object and the prefix of the same name.
    pub fn repeats_a_key(&self) -> bool {
        self.repeats
    }

    /// The sizes of its objects, together.
    pub fn bytes(&self) -> u64 {
        self.rows.iter().fold(0, |sum, row| sum.saturating_add(row.size))
    }

    /// The rows whose key is not behind `last`. It has no next page.
    pub fn until(&self, last: &str) -> Self {
        let kept = (0..self.len()).take_while(|place| self.row(*place).is_some_and(|row| row.key <= last)).count();
        let mut until = Self { rows: self.rows[..kept].into(), next: None, ..self.clone() };
        until.repeats = self.repeats && Order::of(&until.text, &until.rows) == Order::Repeats;
        until
    }

    /// About how many bytes it holds.
    pub fn weight(&self) -> usize {
        self.text.len() + self.rows.len() * size_of::<Packed>() + size_of::<Self>()
    }
}

/// A row as it is kept: 48 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Packed {
    size: u64,
    /// Seconds since 1970.
    modified: i64,
    start: u32,
    length: u16,
    /// 0: none; else one more than the place in the leaf's classes. The highest bit: a common prefix.
    class: u8,
    tag: Tag,
}

impl Packed {
    const PREFIX: u8 = 0x80;
    const NO_TIME: i64 = i64::MIN;

    /// Its key, in the text of its page.
    fn key<'t>(&self, text: &'t str) -> &'t str {
        let start = self.start as usize;
        text.get(start..start + usize::from(self.length)).unwrap_or_default()
    }
}

/// An entity tag: nearly all are 32 hexadecimal digits, with the number of parts behind a hyphen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tag {
    None,
    /// `"0123…"` in quotes, digits in lower case (S3) or upper case (OSS).
    Digits {
        value: [u8; 16],
        parts: u16,
        case: Case,
    },
    /// Any other: it is not kept in a listing, and asked for when it is needed.
    Other,
}

/// How digits are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Case {
    Lower,
    Upper,
}

/// What each byte is as a hexadecimal digit: its value, and beside it whether it is a letter and of which case.
const DIGITS: [u8; 256] = {
    let mut table = [NO_DIGIT; 256];
    let mut value = 0_u8;
    while value < 16 {
        if value < 10 {
            table[(b'0' + value) as usize] = value;
        } else {
            table[(b'a' + value - 10) as usize] = value | LOWER;
            table[(b'A' + value - 10) as usize] = value | UPPER;
        }
        value += 1;
    }
    table
};
const LOWER: u8 = 0x10;
const UPPER: u8 = 0x20;
const NO_DIGIT: u8 = 0x40;

impl Tag {
    fn read(text: &str) -> Self {
        Self::digits(text).unwrap_or(Self::Other)
    }

    fn digits(text: &str) -> Option<Self> {
        let inside = text.as_bytes().strip_prefix(b"\"")?.strip_suffix(b"\"")?;
        let (hex, rest) = inside.split_first_chunk::<32>()?;
        let parts = match rest {
            [] => 0,
            // As it is written again: without a plus sign and without leading zeros.
            [b'-', count @ ..] if matches!(count, [b'1'..=b'9', ..]) => std::str::from_utf8(count).ok()?.parse().ok()?,
            _ => return None,
        };
        let (mut value, mut kinds, mut place) = ([0_u8; 16], 0, 0);
        for byte in &mut value {
            let (high, low) = (DIGITS[usize::from(hex[place])], DIGITS[usize::from(hex[place + 1])]);
            kinds |= high | low;
            *byte = (high & 15) << 4 | (low & 15);
            place += 2;
        }
        let case = match kinds & (NO_DIGIT | UPPER | LOWER) {
            0 | LOWER => Case::Lower,
            UPPER => Case::Upper,
            _ => return None,
        };
        Some(Self::Digits { value, parts, case })
    }

    /// Writes what stands between its quotes; whether there is anything.
    fn spell(&self, out: &mut Vec<u8>) -> bool {
        let Self::Digits { value, parts, case } = self else { return false };
        let digits = match case {
            Case::Lower => b"0123456789abcdef",
            Case::Upper => b"0123456789ABCDEF",
        };
        let (mut text, mut place) = ([0; 32], 0);
        for byte in value {
            text[place] = digits[usize::from(byte >> 4)];
            text[place + 1] = digits[usize::from(byte & 15)];
            place += 2;
        }
        out.extend_from_slice(&text);
        if *parts > 0 {
            out.extend_from_slice(format!("-{parts}").as_bytes());
        }
        true
    }

    fn text(&self) -> Option<String> {
        let mut text = Vec::with_capacity(40);
        text.push(b'"');
        let spelt = self.spell(&mut text);
        text.push(b'"');
        String::from_utf8(text).ok().filter(|_| spelt)
    }
}

/// Builds a [`Leaf`], row by row.
#[derive(Debug, Default)]
pub struct LeafBuilder {
    text: String,
    rows: Vec<Packed>,
    classes: Vec<StorageClass>,
}

/// What a listing says of an object beside its key.
#[derive(Clone, Copy, Debug, Default)]
pub struct Facts<'a> {
    /// Size in bytes.
    pub size: u64,
    /// When it was written.
    pub modified: Option<Timestamp>,
    /// The entity tag as it came.
    pub etag: Option<&'a str>,
    /// The storage class.
    pub class: Option<&'a str>,
}

impl LeafBuilder {
    /// A builder with room for a page.
    pub fn with_capacity(rows: usize, text: usize) -> Self {
        Self { text: String::with_capacity(text), rows: Vec::with_capacity(rows), classes: Vec::new() }
    }

    /// Whether nothing was added yet.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// One object. A key that is longer than any store takes (64 KiB) is left out, and `false` says so.
    pub fn object(&mut self, key: &str, facts: Facts<'_>) -> bool {
        let class = facts.class.map_or(0, |class| self.class(class));
        let modified = facts.modified.map_or(Packed::NO_TIME, Timestamp::as_second);
        let tag = facts.etag.map_or(Tag::None, Tag::read);
        self.push(key, Packed { size: facts.size, modified, start: 0, length: 0, class, tag })
    }

    /// One common prefix; as [`LeafBuilder::object`].
    pub fn prefix(&mut self, prefix: &str) -> bool {
        self.push(prefix, Packed { size: 0, modified: Packed::NO_TIME, start: 0, length: 0, class: Packed::PREFIX, tag: Tag::None })
    }

    fn push(&mut self, key: &str, row: Packed) -> bool {
        let (Ok(start), Ok(length)) = (u32::try_from(self.text.len()), u16::try_from(key.len())) else { return false };
        self.text.push_str(key);
        self.rows.push(Packed { start, length, ..row });
        true
    }

    /// One more than the place of a class; 0 when there are more classes than any cloud has.
    fn class(&mut self, class: &str) -> u8 {
        let place = self.classes.iter().position(|known| known.as_str() == class).unwrap_or_else(|| {
            self.classes.push(StorageClass::new(class));
            self.classes.len() - 1
        });
        u8::try_from(place + 1).ok().filter(|place| place & Packed::PREFIX == 0).unwrap_or(0)
    }

    /// The page. Stores write objects first and common prefixes after them; here both stand in the order of their keys, a
    /// prefix before the object of the same name.
    pub fn finish(self, next: Option<&str>, odd_keys: Vec<Box<str>>) -> Leaf {
        let Self { text, mut rows, classes } = self;
        let mut order = Order::of(&text, &rows);
        if order == Order::Mixed {
            let is_object = |row: &Packed| row.class & Packed::PREFIX == 0;
            rows.sort_by(|a, b| a.key(&text).cmp(b.key(&text)).then(is_object(a).cmp(&is_object(b))));
            order = Order::of(&text, &rows);
        }
        Leaf {
            // A copy of its own size: what is cut off in place leaves a hole that nothing else fits into.
            text: text.as_str().into(),
            rows: rows.into_boxed_slice(),
            classes: classes.into_boxed_slice(),
            repeats: order == Order::Repeats,
            next: next.map(Into::into),
            odd_keys: odd_keys.into_boxed_slice(),
        }
    }
}

/// How the rows of a page stand.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Order {
    /// Each key is behind the one before it.
    Strict,
    /// No key is before the one before it, but some are the same.
    Repeats,
    /// In no order.
    Mixed,
}

impl Order {
    fn of(text: &str, rows: &[Packed]) -> Self {
        let (mut order, mut last) = (Self::Strict, None::<(&str, bool)>);
        for row in rows {
            let (key, object) = (row.key(text), row.class & Packed::PREFIX == 0);
            if let Some((before, was_object)) = last {
                match before.cmp(key) {
                    std::cmp::Ordering::Less => {}
                    // A prefix stands before the object of the same name.
                    std::cmp::Ordering::Equal if object || !was_object => order = Self::Repeats,
                    std::cmp::Ordering::Equal | std::cmp::Ordering::Greater => return Self::Mixed,
                }
            }
            last = Some((key, object));
        }
        order
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_small() {
        assert_eq!(size_of::<Packed>(), 48);
    }

    #[test]
    fn rows_come_back_in_the_order_of_their_keys() {
        let mut page = LeafBuilder::default();
        let time: Timestamp = "2026-11-21T08:00:00Z".parse().expect("a time");
        let etag = "\"d41d8cd98f00b204e9800998ecf8427e\"";
        assert!(page.object("a/", Facts { size: 7, modified: Some(time), etag: Some(etag), class: Some("STANDARD") }));
        assert!(page.object("b", Facts { size: 1, etag: Some("\"ABCDEF0123456789ABCDEF0123456789-12\""), ..Facts::default() }));
        assert!(page.prefix("a/"));
        assert!(page.prefix("aa/"));
        let leaf = page.finish(Some("token"), Vec::new());
        let keys: Vec<(&str, RowKind)> = leaf.iter().map(|row| (row.key, row.kind)).collect();
        let wanted = [("a/", RowKind::Prefix), ("a/", RowKind::Object(7)), ("aa/", RowKind::Prefix), ("b", RowKind::Object(1))];
        assert_eq!(keys, wanted);
        let row = leaf.row(1).expect("the object");
        assert_eq!((row.etag(), row.modified), (Some(ETag::new(etag)), Some(time)));
        assert_eq!(row.class.map(StorageClass::as_str), Some("STANDARD"));
        let parts = leaf.row(3).and_then(|row| row.etag());
        assert_eq!(parts, Some(ETag::new("\"ABCDEF0123456789ABCDEF0123456789-12\"")));
        assert_eq!((leaf.len(), leaf.next.as_deref()), (4, Some("token")));
    }

    #[test]
    fn a_page_knows_whether_a_key_is_there_twice() {
        let page = |keys: &[&str]| {
            let mut page = LeafBuilder::default();
            keys.iter().for_each(|key| assert!(if key.ends_with('/') { page.prefix(key) } else { page.object(key, Facts::default()) }));
            page.finish(None, Vec::new())
        };
        for (keys, twice) in [
            (vec![], false),
            (vec!["a"], false),
            (vec!["a", "b/", "c"], false),
            (vec!["c", "a", "b/"], false),
            (vec!["a", "b", "b"], true),
            (vec!["b", "a", "b"], true),
            (vec!["a/", "a/", "b"], true),
            (vec!["b", "a/", "c", "a/"], true),
        ] {
            assert_eq!(page(&keys).repeats_a_key(), twice, "{keys:?}");
        }
        let mut both = LeafBuilder::default();
        assert!(both.object("a/", Facts::default()) && both.prefix("a/"));
        assert!(both.finish(None, Vec::new()).repeats_a_key());
        let cut = page(&["a", "b", "c", "c"]);
        assert!(cut.until("c").repeats_a_key() && !cut.until("b").repeats_a_key());
    }

    #[test]
    fn a_tag_that_cannot_be_packed_is_not_made_up() {
        let odd =
            ["abc", "\"abc\"", "\"\"", "\"", "W/\"x\"", "\"0123456789abcdef0123456789abcdeF\"", "\"0123456789abcdef0123456789abcdeg\""];
        let parts =
            ["-", "-0", "-007", "-+7", "-7x", "-65536", "-7-7", "7"].map(|parts| format!("\"0123456789abcdef0123456789abcdef{parts}\""));
        for odd in odd.into_iter().chain(parts.iter().map(String::as_str)) {
            assert_eq!(Tag::read(odd), Tag::Other, "{odd}");
            assert_eq!(Tag::read(odd).text(), None);
        }
    }

    #[test]
    fn a_tag_is_written_as_it_came() {
        for text in [
            "\"0123456789abcdef0123456789abcdef\"",
            "\"0123456789ABCDEF0123456789ABCDEF\"",
            "\"00112233445566778899001122334455\"",
            "\"fedcba9876543210fedcba9876543210-1\"",
            "\"FEDCBA9876543210FEDCBA9876543210-65535\"",
        ] {
            assert_eq!(Tag::read(text).text().as_deref(), Some(text));
        }
    }
}
