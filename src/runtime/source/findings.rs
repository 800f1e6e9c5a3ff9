//! What a walk finds, on its way to who uploads it: no further ahead than is of use.
//!
//! Comes in: one [`Found`] after the other, on the walk's thread. Goes out: the same, in the same order, to the event loop. Forbidden
//! here: holding anything back from somebody who waits.
//!
//! Whoever takes ten thousand files one by one would wake the walk ten thousand times. So they go in batches, but for the first
//! ones, and whenever the other end has nothing left.

use std::cell::RefCell;

use tokio::sync::mpsc::{Receiver, Sender, channel};

use super::walk::Found;

/// How many go together.
const BATCH: usize = 64;
/// How many batches lie there at most.
const BATCHES: usize = 4;

/// Nobody listens any more.
pub(in crate::runtime) struct Unheard;

/// The walk's end.
pub(in crate::runtime) struct Teller {
    batches: Sender<Vec<Found>>,
    held: RefCell<Vec<Found>>,
}

/// The other end.
pub(in crate::runtime) struct Findings {
    batches: Receiver<Vec<Found>>,
    at_hand: std::vec::IntoIter<Found>,
}

/// Both ends.
pub(in crate::runtime) fn findings() -> (Teller, Findings) {
    let (sender, receiver) = channel(BATCHES);
    (Teller { batches: sender, held: RefCell::default() }, Findings { batches: receiver, at_hand: Vec::new().into_iter() })
}

impl Teller {
    /// Tells of something. Blocks while enough lies there.
    ///
    /// # Errors
    /// Nobody listens any more.
    pub(super) fn tell(&self, found: Found) -> Result<(), Unheard> {
        self.held.borrow_mut().push(found);
        let waited_for = self.batches.capacity() == self.batches.max_capacity();
        if waited_for || self.held.borrow().len() >= BATCH { self.hand_over() } else { Ok(()) }
    }

    fn hand_over(&self) -> Result<(), Unheard> {
        self.batches.blocking_send(self.held.take()).map_err(|_| Unheard)
    }

    /// Nothing more comes.
    pub(super) fn end(self) {
        if !self.held.borrow().is_empty() {
            let _nobody_listens = self.hand_over();
        }
    }
}

impl Findings {
    /// This one alone, which no walk has to find.
    pub(in crate::runtime) fn of(found: Found) -> Self {
        let (_teller, alone) = findings();
        Self { at_hand: vec![found].into_iter(), ..alone }
    }

    /// The next one; `None`: that was all. Dropping the future loses nothing.
    pub(in crate::runtime) async fn next(&mut self) -> Option<Found> {
        loop {
            if let Some(found) = self.at_hand.next() {
                return Some(found);
            }
            self.at_hand = self.batches.recv().await?.into_iter();
        }
    }

    /// Listens no more: the walk ends.
    pub(in crate::runtime) fn close(&mut self) {
        self.batches.close();
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "a walk has a thread of its own")]
mod tests {
    use std::path::PathBuf;

    use super::*;

    fn found(number: usize) -> Found {
        Found::LeftOut(PathBuf::from(number.to_string()), String::new())
    }

    fn number(found: Option<Found>) -> Option<usize> {
        match found? {
            Found::LeftOut(path, _) => path.to_str()?.parse().ok(),
            Found::File { .. } | Found::Failed(..) => None,
        }
    }

    fn run<T>(work: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(work)
    }

    #[test]
    fn all_come_in_order_and_none_is_lost() {
        let (teller, mut findings) = findings();
        let walking = std::thread::spawn(move || {
            for each in 0..1_000 {
                assert!(teller.tell(found(each)).is_ok());
            }
            teller.end();
        });
        run(async {
            for each in 0..1_000 {
                assert_eq!(number(findings.next().await), Some(each));
            }
            assert!(findings.next().await.is_none());
        });
        walking.join().unwrap();
    }

    #[test]
    fn what_is_waited_for_is_not_held_back() {
        let (teller, mut findings) = findings();
        // Nothing lies there: each goes by itself, though the walk goes on.
        for each in 0..3 {
            assert!(teller.tell(found(each)).is_ok());
            assert_eq!(teller.held.borrow().len(), 0, "it is handed over at once");
            assert_eq!(run(async { number(findings.next().await) }), Some(each));
        }
        // One lies there: the next ones wait for company, and come with the end.
        for each in 3..6 {
            assert!(teller.tell(found(each)).is_ok());
        }
        assert_eq!(teller.held.borrow().len(), 2);
        teller.end();
        let rest = run(async { [number(findings.next().await), number(findings.next().await), number(findings.next().await)] });
        assert_eq!(rest, [Some(3), Some(4), Some(5)]);
    }

    #[test]
    fn a_walk_that_nobody_listens_to_ends() {
        let (teller, mut findings) = findings();
        assert!(teller.tell(found(0)).is_ok());
        assert_eq!(teller.held.borrow().len(), 0);
        findings.close();
        assert_eq!(run(async { number(findings.next().await) }), Some(0));
        assert!((1..=2 * BATCH).any(|each| teller.tell(found(each)).is_err()));
    }
}
