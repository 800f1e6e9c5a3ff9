//! What is remembered of uploads: their sums, never their bytes, and not for ever.
//!
//! Comes in: drained bodies. Goes out: ETags and sums of parts and objects.

use std::collections::{BTreeMap, HashMap, VecDeque};

use super::super::codec;
use super::drain::Drained;
use crate::domain::Crc;

/// How many objects are remembered, so that a HEAD behind an upload finds it.
const REMEMBERED: usize = 65_536;
/// How many uploads may be open; the oldest is forgotten.
const MOST_OPEN: u64 = 10_000;

/// A part.
#[derive(Clone, Debug)]
struct Part {
    size: u64,
    sum: (Crc, u64),
    digest: Vec<u8>,
}

/// An object that was uploaded.
#[derive(Clone, Debug)]
pub(super) struct Uploaded {
    /// Its bytes.
    pub(super) size: u64,
    /// Its ETag without quotes.
    pub(super) etag: String,
    /// Its sum.
    pub(super) sum: (Crc, u64),
    /// Its metadata headers.
    pub(super) metadata: Vec<(String, String)>,
}

/// Uploads under way, and objects of late.
#[derive(Debug, Default)]
pub(super) struct Uploads {
    open: HashMap<u64, BTreeMap<u16, Part>>,
    metadata: HashMap<u64, Vec<(String, String)>>,
    objects: HashMap<String, Uploaded>,
    order: VecDeque<String>,
    count: u64,
}

/// A digest that stands for a part or an object in its ETag: the MD5 where there is one.
fn digest(drained: &Drained) -> Vec<u8> {
    drained.md5.clone().unwrap_or_else(|| codec::md5(&drained.sum.1.to_be_bytes()))
}

impl Uploads {
    /// Begins an upload.
    pub(super) fn begin(&mut self, metadata: Vec<(String, String)>) -> String {
        self.count += 1;
        self.open.insert(self.count, BTreeMap::new());
        self.metadata.insert(self.count, metadata);
        if let Some(old) = self.count.checked_sub(MOST_OPEN) {
            self.open.remove(&old);
            self.metadata.remove(&old);
        }
        format!("load{:016x}", self.count)
    }

    fn number(id: &str) -> Option<u64> {
        u64::from_str_radix(id.strip_prefix("load")?, 16).ok()
    }

    /// Notes a part, and gives its ETag. `None`: there is no such upload.
    pub(super) fn part(&mut self, id: &str, number: u16, drained: &Drained) -> Option<String> {
        let parts = self.open.get_mut(&Self::number(id)?)?;
        let digest = digest(drained);
        let etag = codec::hex(&digest);
        parts.insert(number, Part { size: drained.size, sum: drained.sum, digest });
        Some(etag)
    }

    /// Joins parts, each named with its ETag. `None`: there is no such upload; `Some(None)`: no such part.
    pub(super) fn complete(&mut self, key: &str, id: &str, named: &[(u16, String)]) -> Option<Option<Uploaded>> {
        let number = Self::number(id)?;
        let parts = self.open.get(&number)?;
        let mut object: Option<Uploaded> = None;
        let mut digests = Vec::new();
        for (part, etag) in named {
            let part = parts.get(part).filter(|part| codec::hex(&part.digest).eq_ignore_ascii_case(etag.trim_matches('"')));
            let Some(part) = part else { return Some(None) };
            digests.extend_from_slice(&part.digest);
            let (size, sum) = object.map_or((part.size, part.sum.1), |before| {
                (before.size + part.size, part.sum.0.joined(before.sum.1, part.sum.1, part.size))
            });
            object = Some(Uploaded { size, etag: String::new(), sum: (part.sum.0, sum), metadata: Vec::new() });
        }
        let Some(mut object) = object else { return Some(None) };
        object.etag = format!("{}-{}", codec::hex(&codec::md5(&digests)), named.len());
        object.metadata = self.metadata.remove(&number).unwrap_or_default();
        self.open.remove(&number);
        self.remember(key, object.clone());
        Some(Some(object))
    }

    /// The parts behind a number, each with its bytes and its ETag. `None`: there is no such upload.
    pub(super) fn parts(&self, id: &str, after: u16) -> Option<Vec<(u16, u64, String)>> {
        let parts = self.open.get(&Self::number(id)?)?;
        let behind = parts.range((std::ops::Bound::Excluded(after), std::ops::Bound::Unbounded));
        Some(behind.map(|(number, part)| (*number, part.size, codec::hex(&part.digest))).collect())
    }

    /// Gives an upload up. Whether there was one.
    pub(super) fn abort(&mut self, id: &str) -> bool {
        let Some(number) = Self::number(id) else { return false };
        self.metadata.remove(&number);
        self.open.remove(&number).is_some()
    }

    /// Notes an object that came in one request.
    pub(super) fn put(&mut self, key: &str, drained: &Drained, metadata: Vec<(String, String)>) -> Uploaded {
        let mut etag = codec::hex(&digest(drained));
        if drained.md5.is_none() {
            // Nobody may take this for an MD5.
            etag.push_str("-1");
        }
        let object = Uploaded { size: drained.size, etag, sum: drained.sum, metadata };
        self.remember(key, object.clone());
        object
    }

    fn remember(&mut self, key: &str, object: Uploaded) {
        if self.objects.insert(key.to_owned(), object).is_none() {
            self.order.push_back(key.to_owned());
        }
        if self.order.len() > REMEMBERED
            && let Some(old) = self.order.pop_front()
        {
            self.objects.remove(&old);
        }
    }

    /// An object of late.
    pub(super) fn find(&self, key: &str) -> Option<&Uploaded> {
        self.objects.get(key)
    }

    /// Forgets an object. Its place in the order stays until its turn comes.
    pub(super) fn forget(&mut self, key: &str) {
        self.objects.remove(key);
    }
}
