//! Bodies on their way: an upload that can be sent again from its beginning, a download that comes in pieces.
//!
//! Comes in: bytes. Goes out: bytes, counted, and never waited for longer than the idle timeout. Forbidden here: keeping a whole
//! body that somebody else can take piece by piece.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use tokio::sync::mpsc::Receiver;

use super::{Failed, no_answer, within};
use crate::runtime::clock;
use crate::runtime::limit::Limit;
use crate::runtime::slip::Slip;
use crate::runtime::tally::Counters;

/// How much of a body is handed to the connection at once: a slow line must show that it moves within the idle timeout.
const SLICE: usize = 64 << 10;

/// The bytes of an upload. Each attempt opens them anew, from the beginning.
pub(in crate::runtime) trait Outgoing: Send + Sync {
    /// Begins to read. What is sent must be as long as the request's draft says; an error ends the attempt.
    fn open(&self) -> Flow;
}

/// How the bytes of an upload come.
pub(in crate::runtime) enum Flow {
    /// All at once.
    AtHand(Bytes),
    /// Piece by piece.
    Coming(Receiver<io::Result<Bytes>>),
}

/// Who counts what passes: the session, and the job on whose behalf it is.
#[derive(Clone)]
pub(in crate::runtime) struct Books {
    /// Everything since the program started.
    pub(in crate::runtime) session: Arc<Counters>,
    /// One job.
    pub(in crate::runtime) job: Option<Arc<Counters>>,
    /// One object of it.
    pub(in crate::runtime) item: Option<Arc<Counters>>,
    /// How fast jobs may be.
    pub(in crate::runtime) limit: Arc<Limit>,
    /// Who holds its cost against the budgets.
    pub(in crate::runtime) judged: Judged,
}

/// Who holds the cost of requests against the budgets, before they leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::runtime) enum Judged {
    /// The door, one by one: single requests, and the pages of listings from which a job is planned.
    AtTheDoor,
    /// Whoever confirmed a job, all of it together; or they end something that has begun.
    Before,
}

/// A pause between two pieces.
pub(super) type Pause = Option<Pin<Box<dyn Future<Output = ()> + Send + Sync>>>;

impl Books {
    /// The same, and one object's own counters.
    pub(in crate::runtime) fn and_item(self, item: Arc<Counters>) -> Self {
        Self { item: Some(item), ..self }
    }

    /// The same, for requests that are judged so.
    pub(in crate::runtime) fn and_judged(self, judged: Judged) -> Self {
        Self { judged, ..self }
    }

    /// The pause after so many bytes; what no job asked for has none.
    fn pause(&self, bytes: u64) -> Pause {
        self.job.as_ref()?;
        let pause = self.limit.take(bytes);
        if pause.is_zero() { None } else { Some(Box::pin(clock::sleep(pause))) }
    }

    /// How many bytes go at once.
    fn slice(&self) -> usize {
        if self.job.is_some() { self.limit.slice(SLICE) } else { SLICE }
    }

    /// Tells all who count.
    pub(in crate::runtime) fn note(&self, what: impl Fn(&Counters)) {
        what(&self.session);
        self.job.as_deref().into_iter().chain(self.item.as_deref()).for_each(what);
    }
}

/// How many bytes of a request's body have been taken, for whoever watches whether it moves, and for its line in the ledger.
#[derive(Clone, Default)]
pub(in crate::runtime) struct Pulse(Arc<Taken>);

#[derive(Default)]
struct Taken {
    bytes: AtomicU64,
    /// The first byte, or the end of a body without any.
    begun: AtomicBool,
}

impl Pulse {
    pub(in crate::runtime) fn count(&self) -> u64 {
        self.0.bytes.load(Ordering::Relaxed)
    }

    /// Whether the request has a connection, or needs none any more.
    pub(super) fn has_left(&self) -> bool {
        self.0.begun.load(Ordering::Relaxed)
    }

    fn beat(&self, bytes: u64) {
        self.0.bytes.fetch_add(bytes, Ordering::Relaxed);
        self.0.begun.store(true, Ordering::Relaxed);
    }
}

/// The body of a request that has none. A connection drops it when the request's head leaves.
pub(super) struct Nothing(pub(super) Pulse);

impl Body for Nothing {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        Poll::Ready(None)
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(0)
    }

    fn is_end_stream(&self) -> bool {
        true
    }
}

impl Drop for Nothing {
    fn drop(&mut self) {
        self.0.beat(0);
    }
}

/// A request's body of known length.
pub(super) struct Leaving {
    pub(super) left: u64,
    pub(super) slice: Bytes,
    pub(super) source: Option<Receiver<io::Result<Bytes>>>,
    pub(super) pulse: Pulse,
    pub(super) books: Books,
    pub(super) pause: Pause,
}

impl Body for Leaving {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let this = self.get_mut();
        if let Some(pause) = &mut this.pause {
            std::task::ready!(pause.as_mut().poll(context));
            this.pause = None;
        }
        while this.slice.is_empty() {
            let Some(source) = &mut this.source else { return Poll::Ready(None) };
            match source.poll_recv(context) {
                Poll::Ready(Some(Ok(bytes))) => this.slice = bytes,
                Poll::Ready(Some(Err(error))) => return Poll::Ready(Some(Err(error))),
                Poll::Ready(None) if this.left > 0 => return Poll::Ready(Some(Err(io::ErrorKind::UnexpectedEof.into()))),
                Poll::Ready(None) => return Poll::Ready(None),
                Poll::Pending => return Poll::Pending,
            }
        }
        let slice = this.slice.split_to(this.slice.len().min(this.books.slice()));
        let length = slice.len() as u64;
        let Some(left) = this.left.checked_sub(length) else {
            return Poll::Ready(Some(Err(io::Error::other("more came than was promised"))));
        };
        this.left = left;
        this.pulse.beat(length);
        this.books.note(|counters| counters.up(length));
        this.pause = this.books.pause(length);
        Poll::Ready(Some(Ok(Frame::data(slice))))
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }
}

/// An answer's body, piece by piece.
pub(in crate::runtime) struct Arriving {
    pub(super) response: reqwest::Response,
    pub(super) host: Arc<str>,
    pub(super) idle: Duration,
    pub(super) books: Books,
    pub(super) pause: Pause,
    /// Told, if anyone listens, when the body ends, breaks or is dropped.
    pub(super) slip: Option<Slip>,
}

impl Arriving {
    /// The next piece; `None`: the body has ended as the answer's own framing says. Compare the length with what was promised: a
    /// body that ends with the connection can be cut unseen.
    pub(in crate::runtime) async fn chunk(&mut self) -> Result<Option<Bytes>, Failed> {
        // Before the next piece: whoever drops this wait loses no bytes that have come.
        if let Some(pause) = &mut self.pause {
            pause.as_mut().await;
            self.pause = None;
        }
        let next = self.next().await;
        match &next {
            Ok(Some(bytes)) => {
                let length = bytes.len() as u64;
                self.books.note(|counters| counters.down(length));
                self.pause = self.books.pause(length);
                if let Some(slip) = &mut self.slip {
                    slip.came(length);
                }
            }
            Ok(None) => self.slip = None,
            Err(failed) => {
                if let Some(mut slip) = self.slip.take() {
                    slip.failed(failed.error.kind());
                }
            }
        }
        next
    }

    async fn next(&mut self) -> Result<Option<Bytes>, Failed> {
        match within(self.idle, self.response.chunk()).await {
            Some(next) => next.map_err(|error| no_answer::cut(&self.host, &error)),
            None => Err(no_answer::stalled(&self.host)),
        }
    }
}
