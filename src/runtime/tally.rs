//! What left and what came back, counted while it happens: for a session, and for each job.
//!
//! Comes in: events of the door. Goes out: a [`Tally`] of the moment. Forbidden here: deciding anything from it.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::domain::{Charged, Tally};

/// Counters that several tasks share.
#[derive(Debug, Default)]
pub struct Counters {
    requests: AtomicU64,
    retries: AtomicU64,
    up: AtomicU64,
    down: AtomicU64,
    charged: AtomicU64,
    told: AtomicU64,
    throttled: AtomicU64,
}

impl Counters {
    /// The counts of this moment.
    pub fn read(&self) -> Tally {
        let now = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Tally {
            requests: now(&self.requests),
            retries: now(&self.retries),
            up: now(&self.up),
            down: now(&self.down),
            charged: now(&self.charged),
            told: now(&self.told),
        }
    }

    /// A request leaves; `attempt` counts from 1.
    pub(super) fn request(&self, attempt: u32) {
        self.requests.fetch_add(1, Ordering::Relaxed);
        if attempt > 1 {
            self.retries.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// A request that was counted never left: no connection was made for it.
    pub(super) fn never_left(&self, attempt: u32) {
        self.requests.fetch_sub(1, Ordering::Relaxed);
        if attempt > 1 {
            self.retries.fetch_sub(1, Ordering::Relaxed);
        }
    }

    /// So many bytes of a body left.
    pub(super) fn up(&self, bytes: u64) {
        self.up.fetch_add(bytes, Ordering::Relaxed);
    }

    /// So many bytes of a body came.
    pub(super) fn down(&self, bytes: u64) {
        self.down.fetch_add(bytes, Ordering::Relaxed);
    }

    /// A store asked for fewer requests.
    pub(super) fn throttled(&self) {
        self.throttled.fetch_add(1, Ordering::Relaxed);
    }

    /// How often a store asked for fewer requests: whoever has many under way has fewer then.
    pub(super) fn throttles(&self) -> u64 {
        self.throttled.load(Ordering::Relaxed)
    }

    /// What an answer said of who was charged.
    pub(super) fn charged(&self, said: Charged) {
        match said {
            Charged::Yes => {
                self.charged.fetch_add(1, Ordering::Relaxed);
            }
            Charged::No => {}
            Charged::NotSaid => return,
        }
        self.told.fetch_add(1, Ordering::Relaxed);
    }
}
