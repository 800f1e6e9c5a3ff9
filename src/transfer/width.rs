//! How many requests to have under way at once: what the store teaches by its answers.
//!
//! Nobody can say beforehand how many are right: it depends on the distance, the store, and what is moved. So it is found out as
//! networks do it: a little more as long as that brings something, half as much when the store says so.

use jiff::Timestamp;

/// How a request ended, as far as it says something about the width.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It did what it was to do.
    Good,
    /// The store asked for fewer requests.
    SlowDown,
    /// It failed for another reason: no sign of too many, and no bytes gained.
    Failed,
}

/// What a request counts for beside its bytes, so that a thousand empty objects are work too.
const REQUEST_WEIGHT: u64 = 16 * 1024;

/// A wider width is kept if it brings at least this part of what it promises: twice the requests, a quarter more goodput.
const PART_OF_PROMISE: u128 = 4;

/// For how many rounds a width is kept after a wider one brought nothing or was refused.
const PATIENCE: u32 = 8;

/// How many requests to have under way at once: up while the goodput rises, half when the store says so.
///
/// It goes by rounds. After a change, first the requests that began before it end, uncounted; then as many as the width are
/// counted, at least for a millisecond. If they bring enough more than the narrower width did, the width grows again: to the
/// double until the first setback, by an eighth from then on. If not, it goes back and stays for eight rounds. A refusal
/// halves it, once for all requests that were under way. It ends with the transfers that share it.
#[derive(Clone, Debug)]
pub struct Width {
    now: usize,
    most: usize,
    growth: Growth,
    /// How many requests from before the last change may still end.
    older: usize,
    /// How many may still end whose refusal was heard already.
    forgiven: usize,
    round: Option<Round>,
    /// While a wider width is on trial: the one before it, and what that one brought.
    trial: Option<(usize, u64)>,
    patience: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Growth {
    Doubling,
    Creeping,
}

#[derive(Clone, Copy, Debug)]
struct Round {
    since: Timestamp,
    ended: usize,
    work: u64,
}

impl Round {
    fn begun(since: Timestamp) -> Self {
        Self { since, ended: 0, work: 0 }
    }
}

impl Width {
    /// Begins with `start` requests at once and never goes above `most`; at least one is always allowed.
    pub fn new(start: usize, most: usize) -> Self {
        let most = most.max(1);
        let now = start.clamp(1, most);
        Self { now, most, growth: Growth::Doubling, older: 0, forgiven: 0, round: None, trial: None, patience: 0 }
    }

    /// How many requests may be under way.
    pub fn now(&self) -> usize {
        self.now
    }

    /// A request has ended, with so many bytes moved.
    pub fn ended(&mut self, now: Timestamp, bytes: u64, outcome: Outcome) {
        let heard = self.forgiven > 0;
        self.forgiven = self.forgiven.saturating_sub(1);
        match outcome {
            Outcome::SlowDown if !heard => self.halve(),
            Outcome::SlowDown | Outcome::Failed => self.count(now, 0),
            Outcome::Good => self.count(now, bytes.saturating_add(REQUEST_WEIGHT)),
        }
    }

    fn halve(&mut self) {
        self.forgiven = self.now - 1;
        self.change(self.now / 2);
        self.settle();
    }

    /// Counts an end; a round's last one decides.
    fn count(&mut self, now: Timestamp, work: u64) {
        if self.older > 0 {
            self.older -= 1;
            return;
        }
        // The end of one request is the beginning of what is counted.
        let Some(round) = &mut self.round else {
            self.round = Some(Round::begun(now));
            return;
        };
        round.ended += 1;
        round.work = round.work.saturating_add(work);
        let span = now.duration_since(round.since).as_micros();
        if round.ended >= self.now && span >= 1_000 {
            let goodput = u128::from(round.work) * 1_000_000 / span.unsigned_abs();
            *round = Round::begun(now);
            self.decide(u64::try_from(goodput).unwrap_or(u64::MAX));
        } else if span < 0 {
            // The clock was set back.
            self.round = None;
        }
    }

    fn decide(&mut self, goodput: u64) {
        match self.trial.take() {
            Some((narrower, earlier)) if !self.kept_its_promise(narrower, earlier, goodput) => {
                self.change(narrower);
                self.settle();
            }
            Some(_) => self.widen(goodput),
            None if self.patience == 0 => self.widen(goodput),
            None => self.patience -= 1,
        }
    }

    fn kept_its_promise(&self, narrower: usize, earlier: u64, goodput: u64) -> bool {
        let (narrower, promised) = (narrower as u128, (self.now - narrower) as u128);
        u128::from(goodput) * narrower * PART_OF_PROMISE >= u128::from(earlier) * (narrower * PART_OF_PROMISE + promised)
    }

    fn widen(&mut self, goodput: u64) {
        let more = match self.growth {
            Growth::Doubling => self.now,
            Growth::Creeping => (self.now / 8).max(1),
        };
        // Where all fails, more of it would not help.
        if goodput > 0 && self.now < self.most {
            self.trial = Some((self.now, goodput));
            self.change(self.now.saturating_add(more));
        }
    }

    /// After a setback: small steps, and not soon.
    fn settle(&mut self) {
        self.growth = Growth::Creeping;
        self.patience = PATIENCE;
        self.trial = None;
    }

    fn change(&mut self, to: usize) {
        // The request that has just ended is no longer among them.
        self.older = self.now - 1;
        self.now = to.clamp(1, self.most);
        self.round = None;
    }
}

#[cfg(test)]
mod tests {
    use std::cmp::Reverse;
    use std::collections::BinaryHeap;

    use proptest::prelude::*;

    use super::*;

    fn at(microseconds: i64) -> Timestamp {
        Timestamp::from_microsecond(1_700_000_000_000_000 + microseconds).unwrap()
    }

    /// A store that answers after `delay` microseconds, but not more than `capacity` requests a second. The width after each
    /// second.
    fn seconds(bytes: u64, delay: i64, capacity: i64, seconds: i64) -> Vec<usize> {
        let (mut width, mut ends, mut free, mut now) = (Width::new(8, 256), BinaryHeap::new(), 0, 0);
        let mut widths = Vec::new();
        while now < seconds * 1_000_000 {
            while ends.len() < width.now() {
                // It answers one after the other; then the answer is on its way.
                free = free.max(now) + 1_000_000 / capacity;
                ends.push(Reverse(free + delay));
            }
            let Some(Reverse(end)) = ends.pop() else { break };
            if end / 1_000_000 > now / 1_000_000 {
                widths.push(width.now());
            }
            now = end;
            width.ended(at(now), bytes, Outcome::Good);
        }
        widths
    }

    #[test]
    fn it_grows_as_long_as_it_pays() {
        // As many as it likes, 20 ms away.
        assert_eq!(seconds(4_096, 20_000, 1_000_000, 2), [256, 256]);
        // 3,200 a second in 20 ms are 64 at once; 128 bring nothing more. Later it tries small steps and takes them back.
        // Empty objects are no exception.
        for bytes in [67_108_864, 4_096, 0] {
            let widths = seconds(bytes, 20_000, 3_200, 10);
            assert!(widths.iter().all(|width| [64, 72].contains(width)), "{widths:?}");
        }
        // A store that works on one at a time.
        let widths = seconds(4_096, 1_000, 100, 10);
        assert!(widths.iter().all(|width| [8, 9, 16].contains(width)), "{widths:?}");
    }

    #[test]
    fn a_refusal_halves_it_once_for_all_under_way() {
        let mut width = Width::new(64, 256);
        for _ in 0..64 {
            width.ended(at(0), 0, Outcome::SlowDown);
        }
        assert_eq!(width.now(), 32);
        for (ends, expected) in [(1, 16), (31, 16), (1, 8)] {
            for _ in 0..ends {
                width.ended(at(0), 0, Outcome::SlowDown);
            }
            assert_eq!(width.now(), expected);
        }
        for _ in 0..100 {
            width.ended(at(0), 0, Outcome::SlowDown);
        }
        assert_eq!(width.now(), 1);
    }

    /// 4 at once, one wave each 10 ms; typed out, the way up, a refusal, and the way on.
    #[test]
    fn after_a_refusal_it_creeps() {
        let (mut width, mut wave) = (Width::new(4, 100), 0);
        let mut waves = |width: &mut Width, count: i64| {
            for _ in 0..count {
                wave += 1;
                for _ in 0..width.now() {
                    width.ended(at(wave * 10_000), 1_000_000, Outcome::Good);
                }
            }
            width.now()
        };
        assert_eq!([waves(&mut width, 1), waves(&mut width, 1)], [4, 8]);
        assert_eq!([waves(&mut width, 1), waves(&mut width, 1)], [8, 16]);
        width.ended(at(40_000), 0, Outcome::SlowDown);
        assert_eq!(width.now(), 8);
        // Two waves of older requests, eight rounds of patience, one to measure; then one more.
        assert_eq!([waves(&mut width, 10), waves(&mut width, 1)], [8, 9]);
        assert_eq!(waves(&mut width, 3), 10);
    }

    #[test]
    fn failures_are_no_gain() {
        let mut width = Width::new(4, 100);
        for wave in 1..=2 {
            (0..4).for_each(|_| width.ended(at(wave * 10_000), 1_000_000, Outcome::Good));
        }
        assert_eq!(width.now(), 8);
        for wave in 3..=5 {
            (0..8).for_each(|_| width.ended(at(wave * 10_000), 0, Outcome::Failed));
        }
        assert_eq!(width.now(), 4);
        // Nor is it tried with more of them from the beginning.
        let mut width = Width::new(4, 100);
        (1..200).for_each(|end| width.ended(at(end * 1_000), 1_000, Outcome::Failed));
        assert_eq!(width.now(), 4);
    }

    #[test]
    fn its_bounds() {
        for (start, most, expected) in [(0, 0, 1), (0, 8, 1), (9, 8, 8), (3, 8, 3)] {
            assert_eq!(Width::new(start, most).now(), expected);
        }
    }

    proptest! {
        #[test]
        fn it_stays_within_bounds(most in 1..300_usize, ends in prop::collection::vec((0..30_000_i64, any::<u64>(), 0..40_u8), 1..2_000)) {
            let (mut width, mut now) = (Width::new(8, most), 0);
            for (later, bytes, kind) in ends {
                now += later - 500;
                let outcome = match kind {
                    0 => Outcome::SlowDown,
                    1..4 => Outcome::Failed,
                    _ => Outcome::Good,
                };
                width.ended(at(now), bytes, outcome);
                prop_assert!((1..=most).contains(&width.now()));
            }
        }
    }
}
