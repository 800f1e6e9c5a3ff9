//! The objects of one bucket: what was put there, and a range of made-up ones that costs nothing to keep.
//!
//! Comes in: keys. Goes out: objects in key order. A hundred thousand objects exist as a number until someone asks.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};

use super::codec;
use super::world::{Goods, ODD_KEYS};
use crate::domain::Provider;

/// One object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Object {
    /// Its bytes.
    pub(super) body: Bytes,
    /// MD5 in hex, as both clouds make it for objects that were put in one request.
    pub(super) etag: String,
    /// When it was written.
    pub(super) modified: Timestamp,
    /// Its media type.
    pub(super) kind: String,
    /// Metadata headers, as sent (`x-amz-meta-*`, `x-oss-meta-*`).
    pub(super) metadata: Vec<(String, String)>,
}

impl Object {
    /// An object of these bytes.
    pub(super) fn new(body: Bytes, modified: Timestamp, kind: &str) -> Self {
        let etag = codec::hex(&codec::md5(&body));
        Self { body, etag, modified, kind: kind.to_owned(), metadata: Vec::new() }
    }
}

/// The objects of one bucket.
#[derive(Clone, Debug)]
pub(super) struct Shelf {
    placed: BTreeMap<String, Object>,
    bulk: usize,
    removed: BTreeSet<String>,
    began: Timestamp,
}

impl Shelf {
    /// The goods of a bucket of the demo world.
    pub(super) fn new(goods: Goods, began: Timestamp) -> Self {
        let mut shelf = Self { placed: BTreeMap::new(), bulk: 0, removed: BTreeSet::new(), began };
        match goods {
            Goods::Empty => {}
            Goods::Bulk(count) => shelf.bulk = count,
            Goods::Few(rows) => {
                for (place, (key, size)) in rows.iter().enumerate() {
                    let modified = began.saturating_sub(SignedDuration::from_hours(31 * (1 + i64::try_from(place).unwrap_or(0))));
                    shelf.placed.insert((*key).to_owned(), Object::new(filled(key, *size), modified.unwrap_or(began), kind_of(key)));
                }
            }
            Goods::Odd(cloud) => {
                let long = format!("long/{}", "n".repeat(longest_key(cloud) - 5));
                let keys = ODD_KEYS.iter().map(|key| (*key).to_owned()).chain([long]);
                for key in keys.filter(|key| takes_key(cloud, key)) {
                    let object = Object::new(filled(&key, 64), began, kind_of(&key));
                    shelf.placed.insert(key, object);
                }
            }
        }
        shelf
    }

    /// An object.
    pub(super) fn get(&self, key: &str) -> Option<Cow<'_, Object>> {
        if let Some(object) = self.placed.get(key) {
            return Some(Cow::Borrowed(object));
        }
        let number = number_of(key).filter(|number| *number < self.bulk && !self.removed.contains(key))?;
        Some(Cow::Owned(self.made_up(number)))
    }

    /// Puts an object.
    pub(super) fn put(&mut self, key: String, object: Object) {
        self.placed.insert(key, object);
    }

    /// Takes an object away.
    pub(super) fn remove(&mut self, key: &str) {
        self.placed.remove(key);
        if number_of(key).is_some_and(|number| number < self.bulk) {
            self.removed.insert(key.to_owned());
        }
    }

    /// How many objects there are, and their bytes (made-up ones are of one size).
    pub(super) fn sizes(&self) -> (usize, u64) {
        let hidden = self.placed.keys().filter(|key| number_of(key).is_some_and(|number| number < self.bulk)).count();
        let made_up = self.bulk - self.removed.iter().filter(|key| !self.placed.contains_key(*key)).count() - hidden;
        let placed: u64 = self.placed.values().map(|object| length(&object.body)).sum();
        let each = if self.bulk == 0 { 0 } else { length(&self.made_up(0).body) };
        (self.placed.len() + made_up, placed + each * u64::try_from(made_up).unwrap_or(0))
    }

    /// The objects from a key on, in key order.
    pub(super) fn from<'a>(&'a self, bound: Bound<&str>) -> impl Iterator<Item = (Cow<'a, str>, Cow<'a, Object>)> + use<'a> {
        let start = match bound {
            Bound::Unbounded => 0,
            Bound::Included(key) => self.first_number(|each| each < key),
            Bound::Excluded(key) => self.first_number(|each| each <= key),
        };
        let mut placed = self.placed.range::<str, _>((bound, Bound::Unbounded)).peekable();
        let mut numbers = (start..self.bulk).filter(|number| !self.hides(*number)).peekable();
        std::iter::from_fn(move || {
            let made_up = numbers.peek().map(|number| key_of(*number));
            match (placed.peek(), made_up) {
                (Some((key, _)), Some(other)) if other.as_str() < key.as_str() => {
                    numbers.next().map(|number| (Cow::Owned(other), Cow::Owned(self.made_up(number))))
                }
                (Some(_), _) => placed.next().map(|(key, object)| (Cow::Borrowed(key.as_str()), Cow::Borrowed(object))),
                (None, Some(other)) => numbers.next().map(|number| (Cow::Owned(other), Cow::Owned(self.made_up(number)))),
                (None, None) => None,
            }
        })
    }

    /// Whether a made-up object was deleted, or written over.
    fn hides(&self, number: usize) -> bool {
        let touched = !self.removed.is_empty() || !self.placed.is_empty();
        touched && (self.removed.contains(&key_of(number)) || self.placed.contains_key(&key_of(number)))
    }

    /// How many made-up keys come before a place: binary search, since they are sorted as their numbers are.
    fn first_number(&self, before: impl Fn(&str) -> bool) -> usize {
        let (mut low, mut high) = (0, self.bulk);
        while low < high {
            let middle = low + (high - low) / 2;
            if before(&key_of(middle)) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }

    fn made_up(&self, number: usize) -> Object {
        let body = format!("{{\"reading\": {number:06}}}\n");
        Object::new(Bytes::from(body), self.began, "application/json")
    }
}

fn key_of(number: usize) -> String {
    format!("readings/{:03}/{number:06}.json", number / 1_000)
}

fn number_of(key: &str) -> Option<usize> {
    let digits = key.rsplit_once('/')?.1.strip_suffix(".json")?;
    let number = digits.parse().ok()?;
    (key_of(number) == key).then_some(number)
}

/// The longest key, in bytes of UTF-8.
fn longest_key(cloud: Provider) -> usize {
    match cloud {
        Provider::S3 => 1_024,
        Provider::Oss => 1_023,
    }
}

/// Whether a cloud takes a key at all: OSS refuses a slash or backslash at the beginning.
pub(super) fn takes_key(cloud: Provider, key: &str) -> bool {
    let begins_well = match cloud {
        Provider::S3 => true,
        Provider::Oss => !key.starts_with(['/', '\\']),
    };
    begins_well && key.len() <= longest_key(cloud)
}

fn length(bytes: &Bytes) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}

/// Bytes that tell where they come from, repeated to the size.
fn filled(key: &str, size: u64) -> Bytes {
    let line = format!("{key}: an object of the demo world\n");
    let size = usize::try_from(size).unwrap_or(0);
    let mut bytes = line.repeat(size / line.len() + 1).into_bytes();
    bytes.truncate(size);
    Bytes::from(bytes)
}

fn kind_of(key: &str) -> &'static str {
    let endings = [
        (".jpg", "image/jpeg"),
        (".png", "image/png"),
        (".html", "text/html"),
        (".txt", "text/plain"),
        (".csv", "text/csv"),
        (".json", "application/json"),
        (".tif", "image/tiff"),
        (".svg", "image/svg+xml"),
        (".css", "text/css"),
        (".md", "text/markdown"),
    ];
    endings.iter().find(|(ending, _)| key.ends_with(ending)).map_or("application/octet-stream", |(_, kind)| kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(shelf: &Shelf, bound: Bound<&str>, count: usize) -> Vec<String> {
        shelf.from(bound).take(count).map(|(key, _)| key.into_owned()).collect()
    }

    #[test]
    fn made_up_and_placed_objects_come_in_key_order() {
        let mut shelf = Shelf::new(Goods::Bulk(3_000), Timestamp::UNIX_EPOCH);
        assert_eq!(shelf.sizes(), (3_000, 60_000));
        shelf.put("readings/000/000001.json".to_owned(), Object::new(Bytes::from_static(b"mine"), Timestamp::UNIX_EPOCH, "text/plain"));
        shelf.put("readings/000/000001.json.bak".to_owned(), Object::new(Bytes::new(), Timestamp::UNIX_EPOCH, "text/plain"));
        shelf.remove("readings/000/000002.json");
        let first = ["readings/000/000000.json", "readings/000/000001.json", "readings/000/000001.json.bak", "readings/000/000003.json"];
        assert_eq!(keys(&shelf, Bound::Unbounded, 4), first);
        assert_eq!(shelf.get("readings/000/000001.json").unwrap().body, Bytes::from_static(b"mine"));
        assert_eq!(shelf.get("readings/000/000002.json"), None);
        assert_eq!(keys(&shelf, Bound::Excluded("readings/000/000999.json"), 1), ["readings/001/001000.json"]);
        assert_eq!(keys(&shelf, Bound::Included("readings/002/002999.json"), 9), ["readings/002/002999.json"]);
        assert_eq!(shelf.sizes(), (3_000, 2_998 * 20 + 4));
        assert_eq!(shelf.get("readings/2/2.json"), None);
    }
}
