//! One range of keys of a walk: a chain of pages, of which one may be under way while the one before is read.
//!
//! Comes in: pages that were read. Goes out: leaves that are ready. Forbidden here: tasks, and knowing of other ranges.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::domain::{Begin, Error, ErrorKind, Leaf, Result};
use crate::transfer::Scale;

/// How many pages without a key may follow each other.
const MOST_EMPTY: u32 = 16;

/// Whether a range goes on.
pub(super) enum State {
    /// There may be more keys.
    Open,
    /// It was read up to where the next range begins.
    Cut,
    /// The store has no more keys.
    Ended,
    /// It cannot go on.
    Failed(Error),
}

/// A range of keys, and what is under way for it.
pub(super) struct Range<R> {
    pub(super) id: u64,
    /// Its keys are behind this one.
    pub(super) start: Option<Box<str>>,
    pub(super) state: State,
    /// Where the next page begins, as far as that is known and not yet asked for.
    pub(super) next: Option<Begin>,
    /// The request under way.
    pub(super) flight: Option<u64>,
    /// A page that came while the one before was being read.
    pub(super) held: Option<Result<R>>,
    /// A page is being read; with the token that a glance saw, if the next page was asked for on its word.
    pub(super) reading: Option<Option<Box<str>>>,
    /// What can be handed over.
    pub(super) ready: VecDeque<Arc<Leaf>>,
    pub(super) scale: Option<Arc<Scale>>,
    pub(super) requests: u64,
    rows: u64,
    last: Option<Box<str>>,
    empty: u32,
}

impl<R> Range<R> {
    pub(super) fn new(id: u64, start: Option<&str>, begin: Begin, scale: Option<Arc<Scale>>) -> Self {
        Self {
            id,
            start: start.map(Into::into),
            state: State::Open,
            next: Some(begin),
            flight: None,
            held: None,
            reading: None,
            ready: VecDeque::new(),
            scale,
            requests: 0,
            rows: 0,
            last: None,
            empty: 0,
        }
    }

    /// The last key that it brought.
    pub(super) fn read_to(&self) -> Option<&str> {
        self.last.as_deref()
    }

    /// How far it has been read.
    pub(super) fn at(&self) -> Option<&str> {
        self.last.as_deref().or(self.start.as_deref())
    }

    /// Whether nothing more will come of it.
    pub(super) fn is_over(&self) -> bool {
        !matches!(self.state, State::Open) && self.ready.is_empty() && self.reading.is_none()
    }

    /// The bytes of what is ready.
    pub(super) fn weight(&self) -> usize {
        self.ready.iter().map(|leaf| leaf.weight()).sum()
    }

    /// Pages that are neither ready nor merely planned.
    pub(super) fn pages_under_way(&self) -> usize {
        usize::from(self.flight.is_some()) + usize::from(self.held.is_some()) + usize::from(self.reading.is_some())
    }

    /// How many pages' worth its requests did not bring.
    pub(super) fn lost(&self, page: u64) -> f64 {
        (self.requests as f64 - self.rows as f64 / page.max(1) as f64).max(0.0)
    }

    /// Forgets the page that was asked for on the word of a glance; it is counted where it was asked for, and leaves this range's
    /// account. How many requests that wasted.
    pub(super) fn give_up_next(&mut self) -> f64 {
        self.next = None;
        let wasted = u64::from(self.flight.take().is_some()) + u64::from(self.held.take().is_some());
        self.requests -= wasted;
        wasted as f64
    }

    /// Whether its first page begins before the key that it was to begin behind.
    pub(super) fn started_elsewhere(&self, leaf: &Leaf) -> bool {
        let first = leaf.ends().map(|(first, _)| first);
        self.last.is_none() && self.start.as_deref().zip(first).is_some_and(|(start, first)| first <= start)
    }

    /// Whether a page goes on where the one before ended. A listing that repeats itself, in whatever circle, does not.
    pub(super) fn moves_on(&self, leaf: &Leaf) -> Result<()> {
        let Some((first, _)) = leaf.ends() else {
            let stuck = leaf.next.is_some() && self.empty >= MOST_EMPTY;
            return if stuck { Err(endless(&format!("{MOST_EMPTY} pages without a key followed each other"))) } else { Ok(()) };
        };
        if self.at().is_some_and(|at| first <= at) {
            return Err(endless("a page begins before the end of the page before it"));
        }
        if leaf.repeats_a_key() {
            return Err(endless("a page lists a key twice"));
        }
        Ok(())
    }

    /// Takes a page: what belongs to the range becomes ready. How many rows that are, and how many requests turned out wasted.
    pub(super) fn take(&mut self, leaf: Leaf, until: Option<&str>, early: Option<Box<str>>) -> (u64, f64) {
        let last: Option<Box<str>> = leaf.ends().map(|(_, last)| last.into());
        self.empty = if last.is_some() { 0 } else { self.empty + 1 };
        let crossed = until.zip(last.as_deref()).is_some_and(|(until, last)| last > until);
        let reached = until.zip(last.as_deref()).is_some_and(|(until, last)| last >= until);
        let mut wasted = 0.0;
        if leaf.next.is_none() || reached {
            wasted = self.give_up_next();
            self.state = if reached { State::Cut } else { State::Ended };
        } else if leaf.next != early {
            wasted = self.give_up_next();
            self.next = leaf.next.clone().map(Begin::Token);
        }
        self.last = last.or(self.last.take());
        let leaf = match until.filter(|_| crossed) {
            Some(until) => leaf.until(until),
            None => leaf,
        };
        let rows = leaf.len() as u64;
        self.rows += rows;
        if rows > 0 {
            self.ready.push_back(Arc::new(leaf));
        }
        (rows, wasted)
    }
}

fn endless(why: &str) -> Error {
    Error::new(ErrorKind::InvalidReply, format!("the listing does not move on: {why}"))
        .hint("What came before is listed, the rest is unknown: do not take it for complete. Report this to the store's operator.")
}
