//! Small pieces of blocking work, such as a small file each: done one after the other by a few threads that stay awake while there
//! is more.
//!
//! Comes in: a piece of work. Goes out: what it says. Forbidden here: work that waits for other work, since it would hold a seat.
//!
//! Ten thousand small files, each handed to a thread that sleeps until then, cost more time for waking than for the files, and
//! threads that make files in one folder spin for its lock. So another seat is taken only when a piece has waited long: on a fast
//! disk one is enough, a slow one gets eight. And the last seat is not left at once: it looks again after a nap, a few times, which
//! costs a piece a millisecond at most and saves waking a thread for each.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::oneshot;

use super::clock;
use super::tasks::died;
use crate::domain::Result;

/// How many threads work at most.
const SEATS: usize = 8;
/// How long a piece may wait before one more seat is taken: answers come in bursts, and a burst is no slow disk.
const PATIENCE: SignedDuration = SignedDuration::from_millis(20);

/// How long the last seat rests before it looks for more.
const NAP: Duration = Duration::from_millis(1);
/// How often it rests in vain before it is left.
const NAPS: usize = 8;

/// A piece of work, and when it was laid down.
type Piece = (Timestamp, Box<dyn FnOnce() + Send>);

/// Where the work lies.
#[derive(Clone, Default)]
pub(super) struct Workbench(Arc<Mutex<Pile>>);

/// What a seat does next.
enum Next {
    Piece(Box<dyn FnOnce() + Send>),
    Nap,
    Leave,
}

#[derive(Default)]
struct Pile {
    waiting: VecDeque<Piece>,
    seats: usize,
}

impl Workbench {
    /// Does a piece of work. Dropping the future before its turn leaves it undone.
    ///
    /// # Errors
    /// Whatever the work says; `Internal` if it panicked.
    pub(super) async fn work<T: Send + 'static>(&self, work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
        let (tell, told) = oneshot::channel();
        self.lay(Box::new(move || {
            if !tell.is_closed() {
                // Whoever has gone meanwhile does not hear it.
                let _gone = tell.send(work());
            }
        }));
        told.await.unwrap_or_else(|_| Err(died()))
    }

    fn lay(&self, piece: Box<dyn FnOnce() + Send>) {
        let mut pile = self.lock();
        pile.waiting.push_back((clock::now(), piece));
        if pile.seats == 0 {
            self.take_seat(&mut pile);
        }
    }

    fn take_seat(&self, pile: &mut Pile) {
        pile.seats += 1;
        let bench = self.clone();
        tokio::task::spawn_blocking(move || bench.clear());
    }

    /// Works until nothing is left.
    #[expect(clippy::disallowed_methods, reason = "a thread of blocking work rests: nothing waits for it but the work itself")]
    fn clear(&self) {
        let mut naps = 0;
        loop {
            match self.next(naps) {
                Next::Piece(piece) => {
                    // A panic drops the piece's answer, which tells who waits; the seat goes on with the others' work.
                    let _died = catch_unwind(AssertUnwindSafe(piece));
                    naps = 0;
                }
                Next::Nap => {
                    std::thread::sleep(NAP);
                    naps += 1;
                }
                Next::Leave => return,
            }
        }
    }

    fn next(&self, naps: usize) -> Next {
        let mut pile = self.lock();
        let Some((laid, piece)) = pile.waiting.pop_front() else {
            if pile.seats == 1 && naps < NAPS {
                return Next::Nap;
            }
            pile.seats -= 1;
            return Next::Leave;
        };
        if pile.seats < SEATS && !pile.waiting.is_empty() && clock::now().duration_since(laid) > PATIENCE {
            self.take_seat(&mut pile);
        }
        Next::Piece(piece)
    }

    fn lock(&self) -> MutexGuard<'_, Pile> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::sync::mpsc;

    use super::*;
    use crate::domain::ErrorKind;

    fn run<T>(work: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(work)
    }

    #[test]
    fn everything_is_done_and_a_panic_harms_nobody_else() {
        let bench = Workbench::default();
        run(async {
            let pieces: Vec<_> =
                (0..100).map(|number| bench.work(move || if number == 7 { panic!("seven") } else { Ok(number) })).collect();
            for (number, piece) in pieces.into_iter().enumerate() {
                match piece.await {
                    Ok(said) => assert_eq!(said, number),
                    Err(error) => assert_eq!((number, error.kind()), (7, ErrorKind::Internal)),
                }
            }
        });
        // The last seat may be on its way out still.
        while bench.lock().seats > 0 {
            std::thread::yield_now();
        }
        assert!(bench.lock().waiting.is_empty());
    }

    #[test]
    fn only_the_last_seat_rests_and_not_for_ever() {
        let bench = Workbench::default();
        bench.lock().seats = 2;
        assert!(matches!(bench.next(0), Next::Leave));
        assert_eq!(bench.lock().seats, 1);
        assert!(matches!(bench.next(0), Next::Nap));
        // What is laid down meanwhile wakes nobody, and is found.
        bench.lay(Box::new(|| ()));
        assert_eq!(bench.lock().seats, 1);
        assert!(matches!(bench.next(NAPS), Next::Piece(_)));
        assert!(matches!(bench.next(NAPS), Next::Leave));
        assert_eq!(bench.lock().seats, 0);
    }

    #[test]
    fn a_piece_that_waited_long_gets_another_seat() {
        let bench = Workbench::default();
        run(async {
            let (open, opened) = mpsc::channel::<()>();
            let slow = bench.work(move || Ok(opened.recv().is_ok()));
            // Whoever holds the second piece waits for the third: one seat alone would never end.
            let (tell, told) = mpsc::channel::<()>();
            let second = bench.work(move || Ok(told.recv_timeout(Duration::from_secs(30)).is_ok()));
            let third = bench.work(move || Ok(tell.send(()).is_ok()));
            let free = async {
                clock::sleep(Duration::from_millis(40)).await;
                open.send(()).map_err(|_| died())
            };
            let (slow, second, third, free) = tokio::join!(slow, second, third, free);
            assert!(slow.unwrap() && second.unwrap() && third.unwrap() && free.is_ok());
        });
    }

    #[test]
    fn what_nobody_waits_for_any_more_is_left_undone() {
        let bench = Workbench::default();
        run(async {
            let (open, opened) = mpsc::channel::<()>();
            let mut first = Box::pin(bench.work(move || Ok(opened.recv().is_ok())));
            let done = Arc::new(AtomicBool::new(false));
            let doing = done.clone();
            let mut dropped = Box::pin(bench.work(move || Ok(doing.swap(true, Ordering::SeqCst))));
            let (tell, told) = mpsc::channel();
            let mut last = Box::pin(bench.work(move || Ok(tell.send(()).is_ok())));
            std::future::poll_fn(|context| {
                assert!(first.as_mut().poll(context).is_pending());
                assert!(dropped.as_mut().poll(context).is_pending());
                assert!(last.as_mut().poll(context).is_pending());
                std::task::Poll::Ready(())
            })
            .await;
            assert_eq!((bench.lock().seats, told.try_recv().is_err()), (1, true));
            drop(dropped);
            open.send(()).unwrap();
            assert!(first.await.unwrap() && last.await.unwrap());
            assert!(!done.load(Ordering::SeqCst), "it was done all the same");
        });
    }
}
