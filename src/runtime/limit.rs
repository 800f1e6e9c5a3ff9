//! The limit of bandwidth that a person sets, for all jobs together.
//!
//! Comes in: bytes that pass on behalf of a job. Goes out: how long to wait before the next ones, and how many of them may go at
//! once. Listings and questions that no job asks pass freely.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::clock;
use crate::transfer::pace::Pace;

/// What many connections share.
#[derive(Debug)]
pub(in crate::runtime) struct Limit {
    pace: Mutex<Pace>,
    /// Bytes a second; 0: none.
    rate: AtomicU64,
}

impl Default for Limit {
    fn default() -> Self {
        Self { pace: Mutex::new(Pace::new(None)), rate: AtomicU64::new(0) }
    }
}

impl Limit {
    /// Another limit from now on.
    pub(in crate::runtime) fn set(&self, bytes_per_second: Option<u64>) {
        self.pace.lock().unwrap_or_else(PoisonError::into_inner).set(bytes_per_second);
        self.rate.store(bytes_per_second.unwrap_or(0), Ordering::Relaxed);
    }

    /// Takes bytes out of the limit; how long to wait before more of them move.
    pub(in crate::runtime) fn take(&self, bytes: u64) -> Duration {
        if self.rate.load(Ordering::Relaxed) == 0 {
            return Duration::ZERO;
        }
        self.pace.lock().unwrap_or_else(PoisonError::into_inner).take(clock::now(), bytes)
    }

    /// How many bytes may go at once: with few a second, small pieces, so that each of many connections shows that it moves.
    pub(in crate::runtime) fn slice(&self, most: usize) -> usize {
        match self.rate.load(Ordering::Relaxed) {
            0 => most,
            rate => usize::try_from(rate / 64).unwrap_or(most).clamp(1 << 10, most),
        }
    }
}
