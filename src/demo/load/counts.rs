//! What was asked, counted by operation: a benchmark reads it instead of a log.
//!
//! Comes in: one note for each request. Goes out: JSON at `GET /-/counts`; `DELETE /-/counts` begins anew.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use crate::domain::Op;

/// The path of the counts; no bucket has such a name.
pub(super) const PATH: &str = "/-/counts";

/// One operation's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Count {
    requests: u64,
    without_payer: u64,
    bytes_in: u64,
    bytes_out: u64,
}

/// All of them.
#[derive(Debug, Default)]
pub(super) struct Counts {
    by_op: Mutex<BTreeMap<&'static str, Count>>,
    connections: std::sync::atomic::AtomicU64,
}

/// Whether a request said who pays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Marked {
    /// It did.
    Payer,
    /// It did not.
    Nobody,
}

impl Counts {
    /// One more connection.
    pub(super) fn connected(&self) {
        self.connections.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    }

    /// One more request.
    pub(super) fn add(&self, op: Option<Op>, marked: Marked, bytes_in: u64, bytes_out: u64) {
        let name = op.map_or("other", |op| op.row().name);
        let mut all = self.by_op.lock().unwrap_or_else(PoisonError::into_inner);
        let count = all.entry(name).or_default();
        count.requests += 1;
        count.without_payer += u64::from(marked == Marked::Nobody);
        count.bytes_in += bytes_in;
        count.bytes_out += bytes_out;
    }

    /// Begins anew.
    pub(super) fn clear(&self) {
        self.by_op.lock().unwrap_or_else(PoisonError::into_inner).clear();
        self.connections.store(0, std::sync::atomic::Ordering::Relaxed);
    }

    /// As JSON.
    pub(super) fn json(&self) -> String {
        let all = self.by_op.lock().unwrap_or_else(PoisonError::into_inner);
        let rows = all.iter().map(|(name, count)| {
            let row = serde_json::json!({
                "requests": count.requests,
                "without_payer": count.without_payer,
                "bytes_in": count.bytes_in,
                "bytes_out": count.bytes_out,
            });
            ((*name).to_owned(), row)
        });
        let operations: serde_json::Map<String, serde_json::Value> = rows.collect();
        let connections = self.connections.load(std::sync::atomic::Ordering::Relaxed);
        serde_json::json!({ "connections": connections, "operations": operations }).to_string()
    }
}
