//! The objects of one bucket: what was put there, and a range of made-up ones that costs nothing to keep.
//!
//! Comes in: keys. Goes out: objects in key order. A hundred thousand objects exist as a number until someone asks.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};

use super::history::{History, Marker, Past, Versioning};
use super::object::{Object, Thawed};
use super::sums::{Algorithm, Sum};
use super::world::{Goods, ODD_KEYS};
use crate::domain::Provider;

/// The objects of one bucket.
#[derive(Clone, Debug)]
pub(super) struct Shelf {
    placed: BTreeMap<String, Object>,
    bulk: usize,
    removed: BTreeSet<String>,
    began: Timestamp,
    cloud: Provider,
    versioning: Versioning,
    history: History,
}

/// What a version id names.
pub(super) enum Found<'a> {
    /// An object.
    Object(Box<Cow<'a, Object>>),
    /// A delete marker.
    Marker(&'a Marker),
}

/// What a delete did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Gone {
    /// The marker that was made or taken away.
    pub(super) marker: Option<String>,
    /// The version that was taken away.
    pub(super) version: Option<String>,
}

impl Shelf {
    /// The goods of a bucket of the demo world.
    pub(super) fn new(cloud: Provider, versioning: Versioning, goods: Goods, began: Timestamp) -> Self {
        let (placed, removed, history) = (BTreeMap::new(), BTreeSet::new(), History::default());
        let mut shelf = Self { placed, bulk: 0, removed, began, cloud, versioning, history };
        match goods {
            Goods::Empty => {}
            Goods::Bulk(count) => shelf.bulk = count,
            Goods::Few(rows) => {
                for (place, (key, size)) in rows.iter().enumerate() {
                    shelf.put((*key).to_owned(), seeded(cloud, place, key, *size, began));
                }
            }
            Goods::Cold(rows) => {
                for (place, (key, size)) in rows.iter().enumerate() {
                    shelf.put((*key).to_owned(), chilled(cloud, seeded(cloud, place, key, *size, began), key, began));
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

    /// A version of an object, or its current one.
    pub(super) fn version(&self, key: &str, id: Option<&str>) -> Option<Found<'_>> {
        let current = self.get(key);
        let Some(id) = id else { return current.map(|object| Found::Object(Box::new(object))) };
        match current {
            Some(object) if object.version == id => Some(Found::Object(Box::new(object))),
            Some(_) | None => self.history.of(key).iter().find(|past| past.version() == id).map(|past| match past {
                Past::Object(object) => Found::Object(Box::new(Cow::Borrowed(&**object))),
                Past::Marker(marker) => Found::Marker(marker),
            }),
        }
    }

    /// The delete marker that hides a key.
    pub(super) fn hiding(&self, key: &str) -> Option<&Marker> {
        match (self.get(key), self.history.of(key).first()) {
            (None, Some(Past::Marker(marker))) => Some(marker),
            (Some(_) | None, _) => None,
        }
    }

    /// Versions that are not current, newest first.
    pub(super) fn past(&self, key: &str) -> &[Past] {
        self.history.of(key)
    }

    /// Keys that have a past, from one on.
    pub(super) fn past_keys_from<'a>(&'a self, key: &str) -> impl Iterator<Item = &'a str> + use<'a> {
        self.history.keys_from(key)
    }

    /// Whether it keeps versions.
    pub(super) fn versioning(&self) -> Versioning {
        self.versioning
    }

    /// Puts an object. A versioned bucket answers its version.
    pub(super) fn put(&mut self, key: String, mut object: Object) -> Option<String> {
        let version = self.next_version();
        if let Some(version) = &version {
            object.version.clone_from(version);
            if let Some(old) = self.get(&key).map(Cow::into_owned) {
                self.history.push(&key, Past::Object(Box::new(old)));
            }
        }
        self.placed.insert(key, object);
        version
    }

    /// Takes an object away: a versioned bucket hides it behind a marker.
    pub(super) fn remove(&mut self, key: &str, now: Timestamp) -> Gone {
        let Some(version) = self.next_version() else {
            self.forget(key);
            return Gone::default();
        };
        if let Some(old) = self.forget(key) {
            self.history.push(key, Past::Object(Box::new(old)));
        }
        self.history.push(key, Past::Marker(Marker { version: version.clone(), modified: now }));
        Gone { marker: Some(version), version: None }
    }

    /// Takes one version away for good.
    pub(super) fn remove_version(&mut self, key: &str, id: &str) -> Gone {
        if self.get(key).is_some_and(|object| object.version == id) {
            self.forget(key);
        } else if let Some(Past::Marker(marker)) = self.history.remove(key, id) {
            self.uncover(key);
            return Gone { marker: Some(marker.version), version: Some(id.to_owned()) };
        }
        self.uncover(key);
        Gone { marker: None, version: Some(id.to_owned()) }
    }

    /// Where nothing is current, the newest version is, unless a marker hides it.
    fn uncover(&mut self, key: &str) {
        if self.get(key).is_none()
            && let Some(object) = self.history.promote(key)
        {
            self.placed.insert(key.to_owned(), object);
        }
    }

    /// Changes an object where it stands: its tags, its access list, whether it can be read.
    pub(super) fn change(&mut self, key: &str, id: Option<&str>, change: impl FnOnce(&mut Object)) {
        let current = self.get(key).filter(|object| id.is_none_or(|id| object.version == id)).map(Cow::into_owned);
        if let Some(mut object) = current {
            change(&mut object);
            self.placed.insert(key.to_owned(), object);
        } else if let Some(object) = id.and_then(|id| self.history.object_mut(key, id)) {
            change(object);
        }
    }

    fn next_version(&mut self) -> Option<String> {
        match self.versioning {
            Versioning::Never => None,
            Versioning::Enabled => Some(self.history.next_id(self.cloud)),
        }
    }

    /// Takes the current object away, and gives it.
    fn forget(&mut self, key: &str) -> Option<Object> {
        let placed = self.placed.remove(key);
        let Some(number) = number_of(key).filter(|number| *number < self.bulk) else { return placed };
        let first = self.removed.insert(key.to_owned());
        placed.or_else(|| first.then(|| self.made_up(number)))
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

/// An object of the beginning; S3 keeps the checksum that it makes by itself.
fn seeded(cloud: Provider, place: usize, key: &str, size: u64, began: Timestamp) -> Object {
    let age = SignedDuration::from_hours(31 * (1 + i64::try_from(place).unwrap_or(0)));
    let body = filled(key, size);
    let mut object = Object::new(body.clone(), began.saturating_sub(age).unwrap_or(began), kind_of(key));
    if cloud == Provider::S3 {
        object.sum = Some(Sum::full(Algorithm::Crc64Nvme, Algorithm::Crc64Nvme.of(&body)));
    }
    object
}

/// January is archived; February, too, and can be read for a month.
fn chilled(cloud: Provider, mut object: Object, key: &str, began: Timestamp) -> Object {
    let class = match cloud {
        Provider::S3 => "GLACIER",
        Provider::Oss => "Archive",
    };
    object.settings.class = (key.contains("/01/") || key.contains("/02/")).then(|| class.to_owned());
    let month = began.checked_add(SignedDuration::from_hours(24 * 30)).unwrap_or(began);
    object.thawed = key.contains("/02/").then_some(Thawed { ready: began, until: month });
    object
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
        let mut shelf = Shelf::new(Provider::S3, Versioning::Never, Goods::Bulk(3_000), Timestamp::UNIX_EPOCH);
        assert_eq!(shelf.sizes(), (3_000, 60_000));
        shelf.put("readings/000/000001.json".to_owned(), Object::new(Bytes::from_static(b"mine"), Timestamp::UNIX_EPOCH, "text/plain"));
        shelf.put("readings/000/000001.json.bak".to_owned(), Object::new(Bytes::new(), Timestamp::UNIX_EPOCH, "text/plain"));
        shelf.remove("readings/000/000002.json", Timestamp::UNIX_EPOCH);
        let first = ["readings/000/000000.json", "readings/000/000001.json", "readings/000/000001.json.bak", "readings/000/000003.json"];
        assert_eq!(keys(&shelf, Bound::Unbounded, 4), first);
        assert_eq!(shelf.get("readings/000/000001.json").unwrap().body, Bytes::from_static(b"mine"));
        assert_eq!(shelf.get("readings/000/000002.json"), None);
        assert_eq!(keys(&shelf, Bound::Excluded("readings/000/000999.json"), 1), ["readings/001/001000.json"]);
        assert_eq!(keys(&shelf, Bound::Included("readings/002/002999.json"), 9), ["readings/002/002999.json"]);
        assert_eq!(shelf.sizes(), (3_000, 2_998 * 20 + 4));
        assert_eq!(shelf.get("readings/2/2.json"), None);
    }

    #[test]
    fn versions_come_back_when_what_hides_them_is_taken_away() {
        let now = Timestamp::UNIX_EPOCH;
        let mut shelf = Shelf::new(Provider::S3, Versioning::Enabled, Goods::Empty, now);
        let object = |text: &'static str| Object::new(Bytes::from_static(text.as_bytes()), now, "text/plain");
        let body = |shelf: &Shelf| shelf.get("k").map(|object| object.body.clone());
        let first = shelf.put("k".to_owned(), object("one")).unwrap();
        let second = shelf.put("k".to_owned(), object("two")).unwrap();
        let marker = shelf.remove("k", now).marker.unwrap();
        assert_eq!((body(&shelf), shelf.past("k").len()), (None, 3));
        assert_eq!(shelf.hiding("k").unwrap().version, marker);
        assert_eq!(shelf.remove_version("k", &marker), Gone { marker: Some(marker.clone()), version: Some(marker) });
        assert_eq!(body(&shelf), Some(Bytes::from_static(b"two")));
        shelf.remove_version("k", &second);
        assert_eq!((body(&shelf), shelf.past("k").len()), (Some(Bytes::from_static(b"one")), 0));
        shelf.remove_version("k", &first);
        assert_eq!((body(&shelf), shelf.hiding("k").is_none()), (None, true));
    }
}
