//! No more connections than are ever needed at once.
//!
//! The pool gives a request the first idle connection, and begins a new one meanwhile; the one that comes too late is made all the same.
//! With hundreds of requests under way, a connection that is about to come back is missed now and then. Comes in: a connection that is
//! about to be begun, and the request that wants it. Goes out: the same after a moment, or none, if the request has left by then.
//! Forbidden here: keeping a request from its connection for longer than that moment.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::flow::Pulse;
use crate::runtime::clock;

/// From so many connections to a host on, another one waits.
const ENOUGH: usize = super::MOST_IDLE;
/// How often, and with what pause, a new connection looks whether one came back: more than once, since after a moment in which the
/// system let nothing run, timers are told before connections are.
const LOOKS: usize = 5;
const PAUSE: Duration = Duration::from_millis(20);

tokio::task_local! {
    /// The request on whose behalf a connection is wanted.
    pub(super) static WANTED: Wanted;
}

/// What a request wants a connection for.
#[derive(Clone)]
pub(super) struct Wanted {
    /// To where.
    pub(super) place: Place,
    /// Whether it has left.
    pub(super) pulse: Pulse,
}

/// Host and port.
pub(super) type Place = (Arc<str>, Option<u16>);

/// How many connections were begun, by host. One that was closed unseen is counted too: what is begun in its place comes a moment later.
#[derive(Clone, Default)]
pub(super) struct Patience {
    begun: Arc<Mutex<HashMap<Place, usize>>>,
}

/// Why a connection was not begun. Nobody sees it: the request has another one.
#[derive(Debug)]
pub(super) struct NotNeeded;

impl std::fmt::Display for NotNeeded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the request has left by another connection")
    }
}

impl std::error::Error for NotNeeded {}

impl Patience {
    /// Waits a moment, if there are connections enough.
    ///
    /// # Errors
    /// The request has left meanwhile.
    pub(super) async fn with(self, wanted: Option<Wanted>) -> Result<(), NotNeeded> {
        let Some(Wanted { place, pulse }) = wanted else { return Ok(()) };
        if self.one_more(place) {
            return Ok(());
        }
        for _ in 0..LOOKS {
            clock::sleep(PAUSE).await;
            if pulse.has_left() {
                return Err(NotNeeded);
            }
        }
        Ok(())
    }

    /// The store said that it closes one after its answer. Else each request to a store that always does would wait.
    pub(super) fn one_less(&self, place: &Place) {
        if let Some(count) = self.lock().get_mut(place) {
            *count = count.saturating_sub(1);
        }
    }

    /// Counts one, unless there are enough.
    fn one_more(&self, place: Place) -> bool {
        let mut begun = self.lock();
        let count = begun.entry(place).or_default();
        let room = *count < ENOUGH;
        *count += usize::from(room);
        room
    }

    /// How many there are to all places together.
    #[cfg(test)]
    pub(super) fn count(&self) -> usize {
        self.lock().values().sum()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Place, usize>> {
        // Numbers, whatever a panicking thread did.
        self.begun.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::task::{Context, Poll, Waker};

    use tokio::time::Instant;

    use super::super::flow::Nothing;
    use super::*;

    fn wanted(host: &str, port: u16, pulse: &Pulse) -> Option<Wanted> {
        Some(Wanted { place: (Arc::from(host), Some(port)), pulse: pulse.clone() })
    }

    fn at_once(patience: &Patience, wanted: Option<Wanted>) -> bool {
        let with = std::pin::pin!(patience.clone().with(wanted));
        matches!(with.poll(&mut Context::from_waker(Waker::noop())), Poll::Ready(Ok(())))
    }

    /// With as many connections to one place as are enough.
    fn full(pulse: &Pulse) -> Patience {
        let patience = Patience::default();
        assert!((0..256).all(|_| at_once(&patience, wanted("h", 80, pulse))));
        patience
    }

    #[tokio::test]
    async fn each_place_has_its_own() {
        let pulse = Pulse::default();
        let patience = full(&pulse);
        assert!(at_once(&patience, wanted("h", 443, &pulse)));
        assert!(at_once(&patience, wanted("other", 80, &pulse)));
        assert!(at_once(&patience, None));
        assert!(!at_once(&patience, wanted("h", 80, &pulse)));
    }

    #[tokio::test]
    async fn one_that_is_closed_leaves_its_place() {
        let pulse = Pulse::default();
        let patience = full(&pulse);
        patience.one_less(&(Arc::from("h"), Some(80)));
        patience.one_less(&(Arc::from("never"), Some(80)));
        assert!(at_once(&patience, wanted("h", 80, &pulse)));
        assert!(!at_once(&patience, wanted("h", 80, &pulse)));
    }

    #[tokio::test]
    async fn another_one_waits_and_comes_all_the_same() {
        let pulse = Pulse::default();
        let (patience, begun) = (full(&pulse), Instant::now());
        patience.with(wanted("h", 80, &pulse)).await.unwrap();
        assert!(begun.elapsed() >= Duration::from_millis(100));
    }

    #[tokio::test]
    async fn none_is_begun_for_a_request_that_has_left() {
        let pulse = Pulse::default();
        let waiting = full(&pulse).with(wanted("h", 80, &pulse));
        drop(Nothing(pulse));
        assert!(waiting.await.is_err());
    }
}
