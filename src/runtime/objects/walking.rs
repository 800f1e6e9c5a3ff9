//! A walk that is under way: ranges of keys, each a chain of pages, and the tasks that ask and read.
//!
//! Comes in: pages as they arrive, in any order. Goes out: leaves in theirs. Forbidden here: HTTP, and believing a page that does
//! not move on.
//!
//! ```text
//!  next known -> asked -> arrived -> (the page before is read) -> being read -> ready -> handed over
//!      ^                               |                             |
//!      +------- a glance shows it -----+      the page confirms it --+
//! ```

use std::collections::{BTreeSet, VecDeque};
use std::ops::ControlFlow;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::task::JoinSet;

use super::range::{Range, State};
use super::walk::{Order, Source, Walk, Walked};
use crate::domain::{Begin, Error, ErrorKind, Leaf, Result};
use crate::runtime::clock;
use crate::transfer::Scale;

/// What may wait to be handed over, together with what is under way.
const BUFFER: usize = 6 << 20;
/// How many pages a range is meant to have: its last one is half wasted.
const LONG: u64 = 16;
/// One in so many pages may be wasted: nothing is cut before there have been so many, and most listings end sooner.
const WASTE: f64 = 20.0;

/// How a walk ended.
pub(super) enum Ended {
    /// Every key was handed over.
    Complete,
    /// The consumer had enough, or the pages were used up.
    Stopped,
    /// What the first failing page said.
    Failed(Error),
}

/// What a task has to say.
enum Event<R> {
    Arrived { range: u64, flight: u64, raw: Result<R>, took: SignedDuration },
    Read { range: u64, leaf: Result<Leaf>, took: SignedDuration },
}

/// A walk that is under way.
pub(super) struct Walking<'w, S: Source> {
    source: S,
    walk: &'w Walk,
    /// In the order of their keys; never empty before the end.
    ranges: VecDeque<Range<S::Raw>>,
    tasks: JoinSet<Event<S::Raw>>,
    pace: Pace,
    /// The most rows of a page: what one request can bring.
    page: u64,
    /// What the largest page that came weighed.
    heaviest: usize,
    requests: u64,
    rows: u64,
    /// Requests that brought nothing, or a part of a page.
    lost: f64,
    flights: u64,
    cuts: Cuts,
    odd_keys: BTreeSet<Box<str>>,
    walked: Walked,
}

/// Whether the keys ahead may be cut.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Cuts {
    None,
    Some,
    /// The store does not begin where it was asked to.
    Useless,
}

/// How long waiting and reading take, as moving averages.
#[derive(Default)]
struct Pace {
    waiting: SignedDuration,
    reading: SignedDuration,
}

impl<'w, S: Source> Walking<'w, S> {
    pub(super) fn new(source: S, walk: &'w Walk) -> Self {
        let begin = walk.from.clone().map_or(Begin::Start, Begin::After);
        let first = Range::new(0, walk.from.as_deref(), begin, None);
        Self {
            source,
            walk,
            ranges: VecDeque::from([first]),
            tasks: JoinSet::new(),
            pace: Pace::default(),
            page: 0,
            heaviest: 0,
            requests: 0,
            rows: 0,
            lost: 0.0,
            flights: 0,
            cuts: Cuts::None,
            odd_keys: BTreeSet::new(),
            walked: Walked::default(),
        }
    }

    /// Walks until everything is handed over, or something ends it.
    pub(super) async fn run(mut self, leaf: &mut impl FnMut(Arc<Leaf>) -> ControlFlow<()>) -> (Walked, Ended) {
        let ended = loop {
            if let Some(ended) = self.hand_over(leaf) {
                break ended;
            }
            self.ask();
            match self.tasks.join_next().await {
                Some(Ok(event)) => self.hear(event),
                Some(Err(_)) => break Ended::Failed(died()),
                None => break Ended::Stopped,
            }
        };
        (self.summary(), ended)
    }

    fn summary(mut self) -> Walked {
        let needed = self.walked.objects.div_ceil(self.page.max(1)).max(1);
        let one_chain = self.cuts == Cuts::None && self.lost == 0.0;
        self.walked.extra = if one_chain { 0 } else { self.requests.saturating_sub(needed) };
        self.walked.requests = self.requests;
        self.walked.odd_keys = self.odd_keys.into_iter().collect();
        self.walked
    }

    /// Gives away what is ready. The consumer may block: it does so where other tasks do not wait for it.
    fn hand_over(&mut self, leaf: &mut impl FnMut(Arc<Leaf>) -> ControlFlow<()>) -> Option<Ended> {
        loop {
            let reach = match self.walk.order {
                Order::Keys => 1,
                Order::Arrival => self.ranges.len(),
            };
            let ready: Vec<Arc<Leaf>> = self.ranges.iter_mut().take(reach).flat_map(|range| range.ready.drain(..)).collect();
            if !ready.is_empty() && self.give(ready, leaf).is_break() {
                return Some(Ended::Stopped);
            }
            match self.ranges.front_mut() {
                None => return Some(Ended::Complete),
                Some(front) if !front.is_over() => return None,
                Some(front) => match std::mem::replace(&mut front.state, State::Ended) {
                    State::Failed(error) => return Some(Ended::Failed(error)),
                    State::Open | State::Cut | State::Ended => self.close_front(),
                },
            }
        }
    }

    fn give(&mut self, ready: Vec<Arc<Leaf>>, leaf: &mut impl FnMut(Arc<Leaf>) -> ControlFlow<()>) -> ControlFlow<()> {
        let walked = &mut self.walked;
        let give = || {
            ready.into_iter().try_for_each(|ready| {
                walked.objects += ready.len() as u64;
                walked.bytes = walked.bytes.saturating_add(ready.bytes());
                leaf(ready)
            })
        };
        if Handle::current().runtime_flavor() == RuntimeFlavor::MultiThread { tokio::task::block_in_place(give) } else { give() }
    }

    fn close_front(&mut self) {
        if let Some(front) = self.ranges.pop_front() {
            self.lost += front.lost(self.page);
        }
    }

    /// Asks for as much as may be under way: for the front always, further ahead while the buffer takes it.
    fn ask(&mut self) {
        for place in 0..self.ranges.len() {
            if matches!(self.ranges[place].state, State::Failed(_)) {
                return;
            }
            if self.ranges[place].next.is_some() && self.may_ask(place) {
                self.send(place);
            }
        }
        while self.may_ask(self.ranges.len()) && self.cut() {}
    }

    fn may_ask(&self, place: usize) -> bool {
        let idle = self.ranges.get(place).is_none_or(|range| range.flight.is_none() && range.held.is_none());
        let room = place == 0 || self.held() + self.heaviest <= BUFFER;
        let allowed = self.walk.most_pages.is_none_or(|most| self.requests < most);
        idle && room && allowed && self.under_way() < self.walk.width.max(1)
    }

    fn under_way(&self) -> usize {
        self.ranges.iter().filter(|range| range.flight.is_some()).count()
    }

    /// What is kept now, and what will have come soon.
    fn held(&self) -> usize {
        self.ranges.iter().map(|range| range.weight() + range.pages_under_way() * self.heaviest).sum()
    }

    fn send(&mut self, place: usize) {
        let Some(range) = self.ranges.get_mut(place) else { return };
        let Some(begin) = range.next.take() else { return };
        self.flights += 1;
        self.requests += 1;
        range.requests += 1;
        range.flight = Some(self.flights);
        let (source, range, flight) = (self.source.clone(), range.id, self.flights);
        self.tasks.spawn(async move {
            let begun = clock::now();
            let raw = source.ask(begin).await;
            Event::Arrived { range, flight, raw, took: since(begun) }
        });
    }

    /// Cuts the keys ahead once more, if that is allowed and there is a place for it.
    fn cut(&mut self) -> bool {
        if !self.may_cut() {
            return false;
        }
        let Some((place, key)) = (0..self.ranges.len()).find_map(|place| Some((place, self.place_to_cut(place)?))) else { return false };
        let parent = &self.ranges[place];
        let range = Range::new(self.flights + 1, Some(&key), Begin::After(key.clone()), parent.scale.clone());
        self.ranges.insert(place + 1, range);
        self.cuts = Cuts::Some;
        self.send(place + 1);
        true
    }

    /// What is wasted stays within a twentieth of the pages that have come: each range that is open may waste its last one. That
    /// of the range to the end is needed in any case, which leaves room for the range that is begun.
    fn may_cut(&self) -> bool {
        let pages = self.rows as f64 / self.page.max(1) as f64;
        let open = self.ranges.iter().filter(|range| matches!(range.state, State::Open)).count() as f64;
        let closed: f64 = self.ranges.iter().filter(|range| !matches!(range.state, State::Open)).map(|range| range.lost(self.page)).sum();
        let ahead = self.walk.width as u64 * LONG;
        self.cuts != Cuts::Useless
            && self.walk.width > 1
            && self.walk.most_pages.is_none_or(|most| self.requests + 2 * ahead < most)
            && self.ranges.iter().all(|range| !matches!(range.state, State::Failed(_)))
            && self.lost + closed + open <= pages / WASTE
            && self.source.pays(self.pace.waiting, self.pace.reading)
    }

    /// Where a range may be cut: some pages ahead of what it has asked for, and well before its end.
    fn place_to_cut(&self, place: usize) -> Option<String> {
        let range = self.ranges.get(place).filter(|range| matches!(range.state, State::Open))?;
        // A range that has not brought a page may lie behind the last key, and whatever is begun behind it would too.
        let (at, scale) = (range.read_to()?, range.scale.as_deref()?);
        if self.ranges.iter().take(place).any(|before| matches!(before.state, State::Ended)) {
            return None;
        }
        let (long, until) = (LONG * self.page, self.until(place));
        let key = match until {
            Some(until) if scale.rows_between(at, until)? < 2 * long => return None,
            Some(_) | None => scale.ahead(at, long)?,
        };
        (key.as_str() > at && until.is_none_or(|until| key.as_str() < until)).then_some(key)
    }

    /// The last key that may belong to a range.
    fn until(&self, place: usize) -> Option<&str> {
        self.ranges.get(place + 1)?.start.as_deref()
    }

    fn hear(&mut self, event: Event<S::Raw>) {
        match event {
            Event::Arrived { range, flight, raw, took } => {
                let Some(place) = self.ranges.iter().position(|known| known.id == range && known.flight == Some(flight)) else { return };
                self.pace.waiting = average(self.pace.waiting, took);
                self.ranges[place].flight = None;
                self.arrived(place, raw);
            }
            Event::Read { range, leaf, took } => {
                let Some(place) = self.ranges.iter().position(|known| known.id == range) else { return };
                self.pace.reading = average(self.pace.reading, took);
                let early = self.ranges[place].reading.take().flatten();
                match leaf {
                    Ok(leaf) => self.judge(place, leaf, early),
                    Err(error) => self.fail(place, error),
                }
                if let Some(raw) = self.ranges.get_mut(place).and_then(|range| range.held.take()) {
                    self.arrived(place, raw);
                }
            }
        }
    }

    /// Reads a page that has come, and asks for the next one if a glance shows where it begins.
    fn arrived(&mut self, place: usize, raw: Result<S::Raw>) {
        if self.ranges[place].reading.is_some() {
            self.ranges[place].held = Some(raw);
            return;
        }
        let raw = match raw {
            Ok(raw) => raw,
            Err(error) => return self.fail(place, error),
        };
        self.heaviest = self.heaviest.max(self.source.weight(&raw));
        let glance = self.source.glance(&raw).filter(|glance| self.until(place).is_none_or(|until| *glance.last < *until));
        let early = glance.map(|glance| glance.next);
        let range = &mut self.ranges[place];
        range.next = early.clone().map(Begin::Token);
        range.reading = Some(early);
        let (source, range) = (self.source.clone(), range.id);
        self.tasks.spawn(async move {
            let begun = clock::now();
            let leaf = source.read(raw).await;
            Event::Read { range, leaf, took: since(begun) }
        });
    }

    fn fail(&mut self, place: usize, error: Error) {
        self.lost += self.ranges[place].give_up_next();
        self.ranges[place].state = State::Failed(error);
    }

    /// Takes a page that was read, if it moves on.
    fn judge(&mut self, place: usize, leaf: Leaf, early: Option<Box<str>>) {
        let range = &self.ranges[place];
        if range.started_elsewhere(&leaf) && place > 0 {
            return self.rejoin(place);
        }
        if let Err(error) = range.moves_on(&leaf) {
            return self.fail(place, error);
        }
        self.odd_keys.extend(leaf.odd_keys.iter().cloned());
        self.page = self.page.max(leaf.len() as u64);
        let until = self.until(place).map(str::to_owned);
        let scale = (self.walk.width > 1 && leaf.len() as u64 * 2 > self.page).then(|| Scale::of(&leaf, self.walk.prefix.len())).flatten();
        let range = &mut self.ranges[place];
        range.scale = scale.map(Arc::new).or(range.scale.take());
        let (rows, abandoned) = range.take(leaf, until.as_deref(), early);
        self.rows += rows;
        self.lost += abandoned;
    }

    /// A store that does not begin behind the key that it was given: the range before goes on, and nothing is cut any more.
    fn rejoin(&mut self, place: usize) {
        self.cuts = Cuts::Useless;
        if matches!(self.ranges[place - 1].state, State::Cut) {
            return self.fail(place, elsewhere());
        }
        if let Some(mut range) = self.ranges.remove(place) {
            self.lost += range.give_up_next() + range.requests as f64;
        }
    }
}

fn since(begun: Timestamp) -> SignedDuration {
    clock::now().duration_since(begun)
}

fn average(so_far: SignedDuration, new: SignedDuration) -> SignedDuration {
    if so_far.is_zero() { new } else { so_far - so_far / 8 + new / 8 }
}

fn died() -> Error {
    Error::new(ErrorKind::Internal, "a task of this program died").hint("List again, and report this with the log file.")
}

fn elsewhere() -> Error {
    Error::new(ErrorKind::InvalidReply, "the store does not begin a listing behind the key that it was given")
        .hint("What came before is listed, the rest is unknown: do not take it for complete. List again with one page at a time.")
}

#[cfg(test)]
#[path = "walking_tests.rs"]
mod tests;
