//! What the store received: for tests that count requests, and that look for payer headers.
//!
//! Comes in: one entry for each request. Goes out: the last hundred thousand of them, in order of arrival.

use std::collections::VecDeque;
use std::fmt;

use crate::domain::Op;

/// How many entries are kept.
const KEPT: usize = 100_000;

/// One request that the store received, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// `GET`, `PUT`, …
    pub method: String,
    /// Path and query as they came.
    pub target: String,
    /// The operation; `None` where the store knows none.
    pub op: Option<Op>,
    /// The bucket, empty for service requests.
    pub bucket: String,
    /// The key, empty for requests about the bucket.
    pub key: String,
    /// The multipart upload that it is about.
    pub upload: Option<String>,
    /// The number of the part that it is about.
    pub part: Option<u32>,
    /// The demo account whose right signature it carried; `None`: anonymous, or refused.
    pub account: Option<&'static str>,
    /// Whether it was signed at all, rightly or not.
    pub signed: bool,
    /// Every payer header and payer query item that came, with name and value: `x-amz-request-payer: requester`.
    pub payer: Vec<String>,
    /// The status that was answered; `None`: the connection was closed or left silent by a script.
    pub status: Option<u16>,
    /// Whether the answer said *charged*.
    pub charged: bool,
    /// The bytes of the body that came, with its frame.
    pub bytes_in: u64,
    /// The bytes of the body that went out; what a script cut off does not count.
    pub bytes_out: u64,
}

/// Who hears of an entry before the answer is on its way; false: it wants to hear no more.
pub(super) type Listener = Box<dyn FnMut(&Received) -> bool + Send>;

/// The entries.
#[derive(Default)]
pub(super) struct Log {
    entries: VecDeque<Received>,
    listener: Option<Listener>,
}

impl fmt::Debug for Log {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Log").field("entries", &self.entries.len()).finish_non_exhaustive()
    }
}

impl Log {
    /// One more; the oldest falls out.
    pub(super) fn add(&mut self, entry: Received) {
        if self.listener.as_mut().is_some_and(|listener| !listener(&entry)) {
            self.listener = None;
        }
        if self.entries.len() == KEPT {
            self.entries.pop_front();
        }
        self.entries.push_back(entry);
    }

    /// Who hears of every entry from now on.
    pub(super) fn tell(&mut self, listener: Listener) {
        self.listener = Some(listener);
    }

    /// All that are kept.
    pub(super) fn all(&self) -> Vec<Received> {
        self.entries.iter().cloned().collect()
    }
}
