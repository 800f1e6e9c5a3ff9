//! Walks over stores that are made up: any set of keys, any order of arrival, and stores that do not keep to the protocol.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use proptest::prelude::*;

use super::*;
use crate::domain::LeafBuilder;
use crate::domain::leaf::Facts;
use crate::wire::objects::Glance;

/// Rows of a page of the made-up store.
const PAGE: usize = 20;

/// How a store behaves.
#[derive(Clone, Copy, PartialEq)]
enum Habit {
    Good,
    /// Glances see a token that the page does not have.
    Misread,
    /// It begins at the first key, wherever it is told to begin.
    IgnoresStartAfter,
    /// Token `A` names a page whose next is `B`, and the other way round.
    Circles,
    /// Pages without a key, each with another token.
    Empty,
    /// Every page from this key on is refused.
    Refuses(&'static str),
}

#[derive(Clone)]
struct Fake {
    keys: Arc<Vec<String>>,
    prefix: &'static str,
    habit: Habit,
    asked: Arc<AtomicU64>,
    log: Arc<Mutex<Vec<Begin>>>,
}

impl Fake {
    fn new(mut keys: Vec<String>, habit: Habit) -> Self {
        keys.sort();
        keys.dedup();
        Self { keys: Arc::new(keys), prefix: "", habit, asked: Arc::default(), log: Arc::default() }
    }

    fn place(&self, begin: &Begin) -> usize {
        let behind = |key: &str| self.keys.partition_point(|known| known.as_str() <= key);
        let first = self.keys.partition_point(|known| known.as_str() < self.prefix);
        match begin {
            Begin::After(_) if self.habit == Habit::IgnoresStartAfter => first,
            Begin::Start => first,
            Begin::After(key) => behind(key).max(first),
            Begin::Token(token) => behind(token.strip_prefix("t:").expect("a token of this store")),
        }
    }

    fn page(&self, begin: &Begin) -> Result<Leaf> {
        let asked = self.asked.fetch_add(1, Ordering::Relaxed);
        let mut leaf = LeafBuilder::default();
        match self.habit {
            Habit::Empty => return Ok(leaf.finish(Some(&format!("t:{asked}")), Vec::new())),
            Habit::Circles => {
                leaf.object(if asked.is_multiple_of(2) { "a" } else { "b" }, Facts::default());
                return Ok(leaf.finish(Some(if asked.is_multiple_of(2) { "t:A" } else { "t:B" }), Vec::new()));
            }
            Habit::Good | Habit::Misread | Habit::IgnoresStartAfter | Habit::Refuses(_) => {}
        }
        let place = self.place(begin);
        let rows: Vec<&String> = self.keys[place..].iter().take_while(|key| key.starts_with(self.prefix)).take(PAGE + 1).collect();
        if let Habit::Refuses(from) = self.habit
            && rows.iter().take(PAGE).any(|key| key.as_str() >= from)
        {
            return Err(Error::new(ErrorKind::Denied, format!("refused at {}", rows[0])));
        }
        rows.iter().take(PAGE).for_each(|key| assert!(leaf.object(key, Facts { size: 1, ..Facts::default() })));
        let next = (rows.len() > PAGE).then(|| format!("t:{}", rows[PAGE - 1]));
        Ok(leaf.finish(next.as_deref(), Vec::new()))
    }
}

impl Source for Fake {
    type Raw = Leaf;

    async fn ask(&self, begin: Begin) -> Result<Leaf> {
        self.log.lock().expect("no panic holds it").push(begin.clone());
        for _ in 0..fastrand::u32(0..6) {
            tokio::task::yield_now().await;
        }
        self.page(&begin)
    }

    fn glance(&self, raw: &Leaf) -> Option<Glance> {
        let (_, last) = raw.ends()?;
        let next = raw.next.clone()?;
        let next = if self.habit == Habit::Misread { format!("t:{}x", last).into() } else { next };
        Some(Glance { next, last: last.into() })
    }

    fn weight(&self, raw: &Leaf) -> usize {
        raw.weight() * 4
    }

    async fn read(&self, raw: Leaf) -> Result<Leaf> {
        for _ in 0..fastrand::u32(0..3) {
            tokio::task::yield_now().await;
        }
        Ok(raw)
    }

    fn pays(&self, _: SignedDuration, _: SignedDuration) -> bool {
        true
    }
}

struct Seen {
    keys: Vec<String>,
    walked: Walked,
    ended: Ended,
}

fn seen(source: &Fake, walk: &Walk) -> Seen {
    seen_until(source, walk, usize::MAX)
}

fn seen_until(source: &Fake, walk: &Walk, most: usize) -> Seen {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let mut keys = Vec::new();
    let mut leaf = |leaf: Arc<Leaf>| {
        keys.extend(leaf.iter().map(|row| row.key.to_owned()));
        if keys.len() >= most { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let (walked, ended) = runtime.block_on(Walking::new(source.clone(), walk).run(&mut leaf));
    Seen { keys, walked, ended }
}

fn numbered(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("data/{number:07}.bin")).collect()
}

/// Sets of keys as buckets have them: numbered, dated, hashed, in folders of very different sizes, words, and anything.
fn key_sets() -> impl Strategy<Value = Vec<String>> {
    let many = 0_usize..3000;
    let hash = |number: usize| (number as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    prop_oneof![
        many.clone().prop_map(numbered),
        (many.clone(), 1_usize..100).prop_map(|(count, gap)| numbered(count * gap).into_iter().step_by(gap).collect()),
        many.clone().prop_map(move |count| (0..count).map(|number| format!("{:016x}", hash(number))).collect()),
        many.clone().prop_map(move |count| (0..count).map(|number| format!("{:02x}/{:08X}", hash(number) % 7, hash(number))).collect()),
        many.clone().prop_map(move |count| {
            (0..count).map(|number| format!("{}/2026-{:02}-{:02}/part-{number}", number % 3, number % 12 + 1, number % 28 + 1)).collect()
        }),
        // One folder has nearly everything.
        many.clone().prop_map(move |count| {
            (0..count)
                .map(|number| if number % 50 == 0 { format!("{:05}/x", hash(number) % 100_000) } else { format!("33333/{number}") })
                .collect()
        }),
        // Far apart: keys of exponentially growing distance.
        many.prop_map(|count| (0..count).map(|number| format!("{:012}", (1.01_f64.powi(number as i32 % 2500) * 1e3) as u64)).collect()),
        proptest::collection::vec("[a-d]{1,3}/[a-z]{0,6}", 0..800),
        proptest::collection::vec("\\PC{1,6}", 0..300),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    /// Each key once, in order, for at most a twentieth (and two, where a scale misleads) more requests than one chain needs.
    #[test]
    fn every_key_once_and_in_order(keys in key_sets(), width in 1_usize..20, order in prop_oneof![Just(Order::Keys), Just(Order::Arrival)]) {
        let source = Fake::new(keys, Habit::Good);
        let mut seen = seen(&source, &Walk { width, order, ..Walk::below("") });
        if order == Order::Arrival {
            seen.keys.sort();
        }
        prop_assert_eq!(&seen.keys, &*source.keys);
        prop_assert!(matches!(seen.ended, Ended::Complete));
        let needed = source.keys.len().div_ceil(PAGE).max(1) as u64;
        let asked = source.asked.load(Ordering::Relaxed);
        prop_assert_eq!(asked, seen.walked.requests);
        prop_assert!(asked as f64 <= needed as f64 * 1.05 + 2.0, "{} requests for {} pages", asked, needed);
        prop_assert_eq!(seen.walked.extra, asked - needed);
        prop_assert_eq!((seen.walked.objects, seen.walked.bytes), (source.keys.len() as u64, source.keys.len() as u64));
        if width == 1 {
            prop_assert_eq!(asked, needed);
        }
    }

    /// Within a prefix, and behind a key.
    #[test]
    fn a_part_of_the_keys(keys in key_sets(), place in any::<proptest::sample::Index>()) {
        let mut source = Fake::new(keys, Habit::Good);
        source.prefix = "3";
        let from = (!source.keys.is_empty()).then(|| source.keys[place.index(source.keys.len())].clone());
        let expected: Vec<String> =
            source.keys.iter().filter(|key| key.starts_with('3') && from.as_ref().is_none_or(|from| *key > from)).cloned().collect();
        let seen = seen(&source, &Walk { from, ..Walk::below("3") });
        prop_assert_eq!(seen.keys, expected);
    }

    /// A page that is refused ends the walk there: everything before it was handed over, nothing behind it.
    #[test]
    fn the_first_failure_ends_it(count in 1_usize..3000, width in 1_usize..20) {
        let source = Fake::new(numbered(count), Habit::Refuses("data/0001234.bin"));
        let seen = seen(&source, &Walk { width, ..Walk::below("") });
        prop_assert_eq!(&seen.keys, &source.keys[..seen.keys.len()], "from the first on, without a gap");
        match seen.ended {
            Ended::Failed(error) => {
                prop_assert_eq!(error.kind(), ErrorKind::Denied);
                prop_assert!(count > 1234 && (1234 - PAGE..=1234).contains(&seen.keys.len()), "{}", seen.keys.len());
            }
            Ended::Complete => prop_assert!(count <= 1234),
            Ended::Stopped => prop_assert!(false),
        }
    }
}

#[test]
fn numbered_keys_waste_next_to_nothing() {
    let source = Fake::new(numbered(20_000), Habit::Good);
    let seen = seen(&source, &Walk::below(""));
    let split = source.log.lock().expect("ours").iter().filter(|begin| matches!(begin, Begin::After(_))).count();
    assert!(split >= 20, "{split} ranges were begun ahead");
    assert_eq!(seen.keys, *source.keys);
    assert!(seen.walked.extra <= 12, "{:?}", seen.walked);
}

#[test]
fn one_page_is_one_request() {
    for (count, requests) in [(0, 1), (1, 1), (PAGE, 1), (PAGE + 1, 2), (PAGE * 4, 4)] {
        let seen = seen(&Fake::new(numbered(count), Habit::Good), &Walk::below(""));
        assert_eq!((seen.walked.requests, seen.walked.extra, seen.keys.len()), (requests, 0, count));
    }
}

/// What a glance says is only believed when the page says the same; what it cost otherwise is counted.
#[test]
fn a_wrong_glance_costs_and_changes_nothing() {
    let source = Fake::new(numbered(PAGE * 3), Habit::Misread);
    let seen = seen(&source, &Walk { width: 1, ..Walk::below("") });
    assert_eq!((&seen.keys, seen.walked.requests, seen.walked.extra), (&*source.keys, 5, 2));
}

/// D1, P18.
#[test]
fn listings_that_never_end_are_refused() {
    for (habit, words) in [(Habit::Circles, "before the end of the page before it"), (Habit::Empty, "16 pages without a key")] {
        let seen = seen(&Fake::new(numbered(1), habit), &Walk::below(""));
        let Ended::Failed(error) = seen.ended else { panic!("it ended") };
        assert_eq!(error.kind(), ErrorKind::InvalidReply);
        assert!(error.message().contains(words), "{error}");
        assert!(error.hint_text().is_some());
        assert!(seen.walked.requests < 25, "{:?}", seen.walked);
    }
}

#[test]
fn a_store_that_begins_elsewhere_is_listed_as_one_chain() {
    let source = Fake::new(numbered(3000), Habit::IgnoresStartAfter);
    let seen = seen(&source, &Walk::below(""));
    assert_eq!(seen.keys, *source.keys);
    assert!(seen.walked.extra <= 16, "{:?}", seen.walked);
}

/// P18: the number of pages holds, and what was handed over has no gap.
#[test]
fn pages_may_be_limited() {
    for most in [1, 3, 40, 700, 999] {
        let source = Fake::new(numbered(20_000), Habit::Good);
        let seen = seen(&source, &Walk { most_pages: Some(most), ..Walk::below("") });
        assert!(matches!(seen.ended, Ended::Stopped), "{most}");
        assert_eq!(source.asked.load(Ordering::Relaxed), most);
        assert_eq!(seen.keys, source.keys[..seen.keys.len()]);
        let wasted = most as usize * PAGE - seen.keys.len();
        assert!(wasted <= PAGE * (2 + most as usize / 20), "{most}: {wasted} keys were paid for and not handed over");
    }
}

#[test]
fn the_consumer_may_have_enough() {
    let source = Fake::new(numbered(20_000), Habit::Good);
    let seen = seen_until(&source, &Walk::below(""), 100);
    assert!(matches!(seen.ended, Ended::Stopped));
    assert_eq!(seen.keys, source.keys[..100]);
    assert!(source.asked.load(Ordering::Relaxed) < 40);
}
