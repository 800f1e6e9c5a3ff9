//! How fast: a limit of bandwidth that a person sets. How many at once is [`Width`], which the store teaches.
//!
//! Comes in: bytes, ends of requests, and the time. Goes out: how long to wait, how many requests to have under way. Nothing here
//! waits by itself.

use std::time::Duration;

use jiff::Timestamp;

pub use super::width::{Outcome, Width};

const SECOND: i128 = 1_000_000_000;

/// What may pass at once after a pause, as a part of a second: enough not to stutter, too little to be felt as a burst.
const BURST: i128 = SECOND / 10;

/// A limit of bandwidth that all transfers share: a bucket of tokens, one for each byte.
///
/// Whoever is about to send or has just read takes the bytes and then waits for as long as is said. Takes may come before the
/// earlier ones have waited; they queue up. A change of the limit holds for the next take, so that chunks should be small.
#[derive(Clone, Debug)]
pub struct Pace {
    limit: Option<u64>,
    /// Tokens, in billionths, so that no fraction is lost; below zero while somebody waits.
    tokens: i128,
    filled: Option<Timestamp>,
}

impl Pace {
    /// A limit in bytes a second; `None` is none. 0 is taken for 1: a pause is another thing.
    pub fn new(bytes_per_second: Option<u64>) -> Self {
        Self { limit: bytes_per_second.map(|limit| limit.max(1)), tokens: 0, filled: None }
    }

    /// Changes the limit. Who waits already goes on waiting as told; what is owed is worked off at the new speed.
    pub fn set(&mut self, bytes_per_second: Option<u64>) {
        self.limit = bytes_per_second.map(|limit| limit.max(1));
        if self.limit.is_none() {
            self.tokens = 0;
        }
    }

    /// Takes bytes out of the limit, and says how long to wait for them.
    pub fn take(&mut self, now: Timestamp, bytes: u64) -> Duration {
        let passed = self.filled.map_or(0, |filled| now.duration_since(filled).as_nanos().max(0));
        self.filled = Some(now);
        let Some(limit) = self.limit.map(i128::from) else { return Duration::ZERO };
        let saved = passed.saturating_mul(limit).saturating_add(self.tokens).min(BURST * limit);
        self.tokens = saved.saturating_sub(i128::from(bytes) * SECOND);
        let owed = u64::try_from(self.tokens.min(0).saturating_neg() / limit).unwrap_or(u64::MAX);
        Duration::from_nanos(owed)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(milliseconds: i64) -> Timestamp {
        Timestamp::from_millisecond(1_700_000_000_000 + milliseconds).unwrap()
    }

    #[test]
    fn without_a_limit_nobody_waits() {
        let mut pace = Pace::new(None);
        assert_eq!(pace.take(at(0), u64::MAX), Duration::ZERO);
        assert_eq!(pace.take(at(0), 1), Duration::ZERO);
    }

    #[test]
    fn takes_queue_up_and_are_worked_off() {
        let mut pace = Pace::new(Some(1_000));
        assert_eq!(pace.take(at(0), 500), Duration::from_millis(500));
        assert_eq!(pace.take(at(0), 500), Duration::from_secs(1));
        assert_eq!(pace.take(at(400), 100), Duration::from_millis(700));
        assert_eq!(pace.take(at(1_100), 0), Duration::ZERO);
        assert_eq!(pace.take(at(1_100), 1), Duration::from_millis(1));
    }

    #[test]
    fn a_pause_saves_up_a_tenth_of_a_second() {
        let mut pace = Pace::new(Some(1_000));
        pace.take(at(0), 0);
        assert_eq!(pace.take(at(60_000), 100), Duration::ZERO);
        assert_eq!(pace.take(at(60_000), 100), Duration::from_millis(100));
        // Nothing is given before anything was asked for.
        assert_eq!(Pace::new(Some(1_000)).take(at(60_000), 100), Duration::from_millis(100));
    }

    #[test]
    fn a_change_works_off_the_debt_at_the_new_speed() {
        let mut pace = Pace::new(Some(1_000));
        assert_eq!(pace.take(at(0), 10_000), Duration::from_secs(10));
        pace.set(Some(10_000));
        assert_eq!(pace.take(at(0), 0), Duration::from_secs(1));
        pace.set(None);
        assert_eq!(pace.take(at(0), 1_000_000), Duration::ZERO);
        pace.set(Some(1_000));
        assert_eq!(pace.take(at(0), 1_000), Duration::from_secs(1));
    }

    #[test]
    fn odd_limits_and_clocks() {
        assert_eq!(Pace::new(Some(0)).take(at(0), 2), Duration::from_secs(2));
        let mut pace = Pace::new(Some(1));
        assert_eq!(pace.take(at(0), u64::MAX), Duration::from_nanos(u64::MAX));
        assert_eq!(pace.take(at(0), u64::MAX), Duration::from_nanos(u64::MAX));
        let mut pace = Pace::new(Some(u64::MAX));
        assert_eq!(pace.take(Timestamp::MIN, u64::MAX), Duration::from_secs(1));
        assert_eq!(pace.take(Timestamp::MAX, 1), Duration::ZERO);
        // Set back, the clock pays nothing and costs nothing.
        let mut pace = Pace::new(Some(1_000));
        assert_eq!(pace.take(at(5_000), 1_000), Duration::from_secs(1));
        assert_eq!(pace.take(at(1_000), 1_000), Duration::from_secs(2));
        assert_eq!(pace.take(at(2_000), 0), Duration::from_secs(1));
    }

    proptest! {
        /// Whoever waits as told never exceeds the limit by more than the burst, and loses none of it either.
        #[test]
        fn the_limit_holds(limit in 1_000..10_000_000_u64, chunks in prop::collection::vec((1..100_000_u64, 0..50_i64), 1..50)) {
            let (mut pace, mut now, mut taken, mut idle) = (Pace::new(Some(limit)), at(0), 0, 0);
            for (bytes, pause) in chunks {
                let wait = pace.take(now, bytes);
                taken += bytes;
                now = now + wait + Duration::from_millis(pause as u64);
                idle += pause;
                let passed = now.duration_since(at(0)).as_nanos() - i128::from(pause) * 1_000_000;
                let allowed = passed * i128::from(limit) / SECOND + i128::from(limit) / 10 + 1;
                prop_assert!(i128::from(taken) <= allowed, "{taken} {allowed}");
            }
            let busy = now.duration_since(at(0)).as_nanos() - i128::from(idle) * 1_000_000;
            prop_assert!(busy <= i128::from(taken) * SECOND / i128::from(limit) + 1, "{busy}");
        }
    }
}
