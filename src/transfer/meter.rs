//! How fast a transfer goes, how long it will take, and how it went in the last minute.
//!
//! Comes in: how many bytes are done, and when. Goes out: numbers to show. The time is that of the transfer, which stands while
//! the transfer is paused, so that a pause is not taken for slowness.

use std::collections::VecDeque;
use std::time::Duration;

use jiff::Timestamp;

/// All times here are nanoseconds: a feed for each chunk must not lose what lies between two milliseconds.
const SECOND: u64 = 1_000_000_000;

/// The rate is that of so long.
const WINDOW: u64 = 5 * SECOND;

/// Before this there is no rate yet: the first bytes come in a burst.
const SHORTEST: u64 = SECOND / 2;

/// Counts that lie nearer to each other than this are one.
const GRAIN: u64 = SECOND / 10;

/// How many rates of one second are kept.
const HISTORY: usize = 60;

/// What a transfer has done so far, and when.
///
/// It is fed while the transfer runs, at least once a second and also when nothing has come: a rate falls only if the meter hears
/// of it. It ends with the transfer.
#[derive(Clone, Debug)]
pub struct Meter {
    clock: Clock,
    /// How much was done when it was last fed: what was there before the first feed is the beginning, not speed.
    done: Option<u64>,
    latest: Sample,
    /// Earlier counts, never none; the first is about a window old.
    samples: VecDeque<Sample>,
    /// The count at the end of the last full second.
    second: Sample,
    history: Vec<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Clock {
    /// The first feed starts it.
    NotStarted,
    Running {
        since: Timestamp,
    },
    Paused,
}

/// For how long the transfer had run, and how many bytes it had moved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Sample {
    at: u64,
    moved: u64,
}

impl Default for Meter {
    fn default() -> Self {
        let start = Sample::default();
        let samples = VecDeque::from([start]);
        Self { clock: Clock::NotStarted, done: None, latest: start, samples, second: start, history: Vec::new() }
    }
}

impl Meter {
    /// A meter that has not been fed.
    pub fn new() -> Self {
        Self::default()
    }

    /// Says how many bytes are done by now, of the whole transfer. The number may fall, when a part has to be repeated.
    pub fn feed(&mut self, now: Timestamp, done: u64) {
        let more = done.saturating_sub(self.done.unwrap_or(done));
        self.done = Some(done);
        match self.clock {
            Clock::NotStarted => self.clock = Clock::Running { since: now },
            Clock::Running { since } => {
                self.clock = Clock::Running { since: now };
                self.advance(passed(since, now), more);
            }
            // What was on its way still arrives; it is done, but no measure of speed.
            Clock::Paused => {}
        }
    }

    /// The transfer is paused: the clock stands.
    pub fn pause(&mut self, now: Timestamp) {
        if let Clock::Running { since } = self.clock {
            self.advance(passed(since, now), 0);
        }
        self.clock = Clock::Paused;
    }

    /// The transfer goes on.
    pub fn resume(&mut self, now: Timestamp) {
        if self.clock == Clock::Paused {
            self.clock = Clock::Running { since: now };
        }
    }

    /// Bytes a second, over the last five seconds in which the transfer ran. 0 while there is too little to tell.
    pub fn rate(&self) -> u64 {
        let Some(first) = self.samples.front() else { return 0 };
        let span = self.latest.at - first.at;
        if span < SHORTEST { 0 } else { scaled(self.latest.moved - first.moved, SECOND, span) }
    }

    /// How long the rest of `total` bytes takes at the present rate. `None` while nothing moves.
    pub fn left(&self, total: u64) -> Option<Duration> {
        let rest = total.saturating_sub(self.done.unwrap_or(0));
        match (rest, self.rate()) {
            (0, _) => Some(Duration::ZERO),
            (_, 0) => None,
            (rest, rate) => Some(Duration::from_millis(scaled(rest, 1_000, rate))),
        }
    }

    /// The rates of the last 60 full seconds in which the transfer ran, the oldest first.
    pub fn history(&self) -> &[u64] {
        &self.history
    }

    fn advance(&mut self, passed: u64, more: u64) {
        let before = self.latest;
        self.latest = Sample { at: before.at + passed, moved: before.moved.saturating_add(more) };
        self.end_seconds(before);
        if self.samples.back().is_none_or(|last| self.latest.at - last.at >= GRAIN) {
            self.samples.push_back(self.latest);
        }
        while self.samples.get(1).is_some_and(|second| self.latest.at - second.at >= WINDOW) {
            self.samples.pop_front();
        }
    }

    /// Writes down the seconds that ended since the count before; bytes count as moved evenly in between.
    fn end_seconds(&mut self, before: Sample) {
        let latest = self.latest;
        let at_the_end_of = |at: u64| {
            let moved = scaled(latest.moved - before.moved, at.saturating_sub(before.at), latest.at - before.at);
            Sample { at, moved: before.moved + moved }
        };
        // Of a long silence only the last minute would be kept anyway.
        let ended = (latest.at - self.second.at) / SECOND;
        let forgotten = ended.saturating_sub(HISTORY as u64);
        if forgotten > 0 {
            self.second = at_the_end_of(self.second.at + forgotten * SECOND);
        }
        for _ in forgotten..ended {
            let end = at_the_end_of(self.second.at + SECOND);
            self.history.push(end.moved.saturating_sub(self.second.moved));
            self.second = end;
        }
        let excess = self.history.len().saturating_sub(HISTORY);
        self.history.drain(..excess);
    }
}

/// `amount × times ÷ by`, without overflow on the way.
fn scaled(amount: u64, times: u64, by: u64) -> u64 {
    let product = u128::from(amount) * u128::from(times) / u128::from(by.max(1));
    u64::try_from(product).unwrap_or(u64::MAX)
}

/// How much later it is; nothing if the clock was set back.
fn passed(from: Timestamp, to: Timestamp) -> u64 {
    u64::try_from(to.duration_since(from).as_nanos()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(milliseconds: i64) -> Timestamp {
        Timestamp::from_millisecond(1_700_000_000_000 + milliseconds).unwrap()
    }

    /// A meter that was fed at these milliseconds with these counts.
    fn fed(feeds: &[(i64, u64)]) -> Meter {
        let mut meter = Meter::new();
        feeds.iter().for_each(|(time, done)| meter.feed(at(*time), *done));
        meter
    }

    #[test]
    fn the_rate_is_that_of_five_seconds() {
        assert_eq!(Meter::new().rate(), 0);
        assert_eq!(fed(&[(0, 1_000)]).rate(), 0);
        assert_eq!(fed(&[(0, 0), (400, 4_000)]).rate(), 0);
        assert_eq!(fed(&[(0, 0), (500, 4_000)]).rate(), 8_000);
        assert_eq!(fed(&[(0, 0), (1_000, 4_000), (2_000, 10_000)]).rate(), 5_000);
        // What lies more than five seconds back is forgotten: 8 s at 1,000, then 5 s at 3,000.
        let feeds: Vec<(i64, u64)> =
            (0..=13).map(|s| (s * 1_000, if s <= 8 { s * 1_000 } else { 8_000 + (s - 8) * 3_000 } as u64)).collect();
        assert_eq!(fed(&feeds).rate(), 3_000);
        // A stall is seen if the meter hears of it.
        assert_eq!(fed(&[(0, 0), (1_000, 5_000), (5_000, 5_000)]).rate(), 1_000);
        assert_eq!(fed(&[(0, 0), (1_000, 5_000), (6_000, 5_000), (7_000, 5_000)]).rate(), 0);
    }

    #[test]
    fn what_was_there_before_is_no_speed() {
        let meter = fed(&[(0, 5_000_000_000), (1_000, 5_000_001_000)]);
        assert_eq!(meter.rate(), 1_000);
        assert_eq!(meter.history(), [1_000]);
        assert_eq!(meter.left(5_000_003_000), Some(Duration::from_secs(2)));
    }

    #[test]
    fn time_left() {
        let meter = fed(&[(0, 0), (1_000, 3_000)]);
        assert_eq!(meter.left(10_000), Some(Duration::from_millis(2_333)));
        assert_eq!(meter.left(3_000), Some(Duration::ZERO));
        assert_eq!(meter.left(1_000), Some(Duration::ZERO));
        assert_eq!(fed(&[(0, 0), (1_000, 0)]).left(1), None);
        assert_eq!(Meter::new().left(1), None);
    }

    #[test]
    fn pauses_are_not_slowness() {
        let mut meter = fed(&[(0, 0), (1_000, 1_000)]);
        meter.pause(at(1_000));
        // A straggler arrives; an hour passes.
        meter.feed(at(1_200), 1_500);
        assert_eq!(meter.rate(), 1_000);
        meter.resume(at(3_600_000));
        meter.feed(at(3_601_000), 2_500);
        assert_eq!(meter.rate(), 1_000);
        assert_eq!(meter.history(), [1_000, 1_000]);
        assert_eq!(meter.left(3_500), Some(Duration::from_secs(1)));
        // Pausing twice and resuming what runs changes nothing.
        meter.resume(at(3_601_500));
        meter.feed(at(3_602_000), 3_500);
        assert_eq!(meter.history(), [1_000, 1_000, 1_000]);
    }

    #[test]
    fn a_meter_may_be_paused_before_it_begins() {
        let mut meter = Meter::new();
        meter.pause(at(0));
        meter.resume(at(60_000));
        meter.feed(at(60_000), 9_000);
        meter.feed(at(61_000), 9_700);
        assert_eq!((meter.rate(), meter.history()), (700, &[700][..]));
    }

    #[test]
    fn the_history_has_full_seconds() {
        assert_eq!(fed(&[(0, 0), (999, 5)]).history(), [0_u64; 0]);
        // 600 in the first second and, evenly, 200 each in the next three; the rest is not a full second yet.
        assert_eq!(fed(&[(0, 0), (1_000, 600), (4_500, 1_300)]).history(), [600, 200, 200, 200]);
        // Feeds in the middle of seconds.
        assert_eq!(fed(&[(0, 0), (500, 100), (1_500, 300), (2_100, 300)]).history(), [200, 100]);
    }

    #[test]
    fn the_history_has_sixty_seconds() {
        let feeds: Vec<(i64, u64)> = (0..=100).map(|s| (s * 1_000, (s * s) as u64)).collect();
        let meter = fed(&feeds);
        assert_eq!(meter.history().len(), 60);
        // (100² - 99²) and (41² - 40²).
        assert_eq!((meter.history()[59], meter.history()[0]), (199, 81));
        // A week of silence, and one second after it.
        let meter = fed(&[(0, 0), (1_000, 50), (604_800_000, 50), (604_801_000, 90)]);
        assert_eq!((meter.history().len(), meter.history()[59], meter.history()[58]), (60, 40, 0));
        // One feed for a long time: the same in each second.
        assert_eq!(fed(&[(0, 0), (100_000, 700)]).history(), [7; 60]);
    }

    #[test]
    fn a_clock_set_back_costs_nothing() {
        let meter = fed(&[(10_000, 0), (11_000, 100), (3_000, 200), (4_000, 300)]);
        assert_eq!((meter.rate(), meter.history()), (150, &[100, 200][..]));
    }

    #[test]
    fn a_repeated_part_is_no_miracle() {
        let meter = fed(&[(0, 0), (1_000, 1_000), (1_100, 400), (2_000, 1_000)]);
        assert_eq!(meter.history(), [1_000, 600]);
    }

    /// A feed for each chunk: 100,000 of them in a second, 10 µs apart.
    #[test]
    fn many_feeds_lose_no_time_and_no_room() {
        let mut meter = Meter::new();
        for feed in 0..=1_000_000_i64 {
            let now = Timestamp::from_microsecond(1_700_000_000_000_000 + feed * 10).unwrap();
            meter.feed(now, feed as u64);
        }
        assert_eq!(meter.rate(), 100_000);
        assert_eq!(meter.history(), [100_000; 10]);
        assert!(meter.samples.len() <= 52, "{}", meter.samples.len());
    }

    proptest! {
        /// Whatever comes, nothing panics, and the seconds sum up to no more than what was moved.
        #[test]
        fn seconds_sum_up(feeds in prop::collection::vec((0..4_000_i64, 0..1_000_000_u64), 1..40)) {
            let (mut meter, mut now, mut done) = (Meter::new(), 0, 0);
            meter.feed(at(0), 0);
            for (later, more) in feeds {
                now += later;
                done += more;
                meter.feed(at(now), done);
            }
            let sum: u64 = meter.history().iter().sum();
            prop_assert!(sum <= done);
            if now < 60_000 {
                prop_assert_eq!(meter.history().len() as i64, now / 1_000);
                prop_assert_eq!(sum, meter.second.moved);
            }
        }
    }
}
