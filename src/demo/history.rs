//! What a versioned bucket keeps beside its current objects: older versions and delete markers.
//!
//! Comes in: objects that were current. Goes out: versions, newest first.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::codec;
use super::object::Object;
use crate::domain::Provider;

/// Whether a bucket keeps versions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Versioning {
    /// A write replaces, a delete removes.
    Never,
    /// Nothing is lost.
    Enabled,
}

/// A version that is not the current object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Past {
    /// An older object.
    Object(Box<Object>),
    /// A delete marker.
    Marker(Marker),
}

/// A delete marker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Marker {
    /// Its version.
    pub(super) version: String,
    /// When it was made.
    pub(super) modified: Timestamp,
}

impl Past {
    /// Its version.
    pub(super) fn version(&self) -> &str {
        match self {
            Self::Object(object) => &object.version,
            Self::Marker(marker) => &marker.version,
        }
    }
}

/// Older versions by key, newest first, and the counter of version ids.
#[derive(Clone, Debug, Default)]
pub(super) struct History {
    kept: BTreeMap<String, Vec<Past>>,
    count: u64,
}

impl History {
    /// A new version id in the cloud's form: ids tell nothing of their order.
    pub(super) fn next_id(&mut self, cloud: Provider) -> String {
        self.count += 1;
        let digest = codec::sha256_hex(format!("version {}", self.count).as_bytes());
        match cloud {
            Provider::S3 => format!("{}.{:04}", &digest[..27], self.count),
            Provider::Oss => format!("CAEQ{}{:04}", &digest[..56], self.count),
        }
    }

    /// A version that is not current any more, or a marker.
    pub(super) fn push(&mut self, key: &str, past: Past) {
        self.kept.entry(key.to_owned()).or_default().insert(0, past);
    }

    /// The versions of a key.
    pub(super) fn of(&self, key: &str) -> &[Past] {
        self.kept.get(key).map_or(&[], Vec::as_slice)
    }

    /// An older object, to be changed.
    pub(super) fn object_mut(&mut self, key: &str, version: &str) -> Option<&mut Object> {
        self.kept.get_mut(key)?.iter_mut().find_map(|past| match past {
            Past::Object(object) if object.version == version => Some(&mut **object),
            Past::Object(_) | Past::Marker(_) => None,
        })
    }

    /// Takes a version out.
    pub(super) fn remove(&mut self, key: &str, version: &str) -> Option<Past> {
        let versions = self.kept.get_mut(key)?;
        let place = versions.iter().position(|past| past.version() == version)?;
        let past = versions.remove(place);
        if versions.is_empty() {
            self.kept.remove(key);
        }
        Some(past)
    }

    /// Takes the newest version out if it is an object: it becomes the current one.
    pub(super) fn promote(&mut self, key: &str) -> Option<Object> {
        let versions = self.kept.get_mut(key)?;
        let object = match versions.first()? {
            Past::Object(object) => (**object).clone(),
            Past::Marker(_) => return None,
        };
        versions.remove(0);
        if versions.is_empty() {
            self.kept.remove(key);
        }
        Some(object)
    }

    /// The keys that have a past, from one on.
    pub(super) fn keys_from<'a>(&'a self, key: &str) -> impl Iterator<Item = &'a str> + use<'a> {
        self.kept.range::<str, _>((std::ops::Bound::Included(key), std::ops::Bound::Unbounded)).map(|(key, _)| key.as_str())
    }
}
