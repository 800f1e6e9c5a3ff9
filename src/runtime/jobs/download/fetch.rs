//! Bytes of one object, asked for until they are all there.
//!
//! Comes in: an object, a stretch of it, what is known of it. Goes out: its bytes, in order, each of them once. A body that breaks
//! is asked for again from where it stopped, so that nothing is paid twice; an object that is another one by then is an error.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use bytes::Bytes;
use jiff::Timestamp;

use super::grains::Claim;
use crate::domain::{Acting, ETag, Error, ErrorKind, ObjectHead, ObjectRef, Op, Span};
use crate::runtime::clock;
use crate::runtime::engine::Engine;
use crate::runtime::http::{Arriving, Books, Failed};
use crate::runtime::jobs::control::{Control, Stopped};
use crate::runtime::retry::{self, Reached, Tokens};
use crate::runtime::tally::Counters;
use crate::transfer::Rein;
use crate::wire::objects::{AskChecksums, ByteRange, ObjectCall, Wanted};

/// What is handed on at once: no write for each piece that comes, and still in the cache of the core that decrypted it.
const BATCH: u64 = 128 << 10;

/// Why an object is not there.
#[derive(Debug)]
pub(super) enum Halt {
    /// Somebody said so.
    Stopped(Rein),
    /// It failed.
    Failed(Error),
}

impl From<Stopped> for Halt {
    fn from(Stopped(rein): Stopped) -> Self {
        Self::Stopped(rein)
    }
}

impl From<Error> for Halt {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

/// An object to be read, and who reads it.
pub(super) struct Source {
    pub(super) engine: Engine,
    pub(super) control: Arc<Control>,
    pub(super) acting: Acting,
    pub(super) books: Books,
    /// What was asked for it alone.
    pub(super) own: Arc<Counters>,
    pub(super) object: ObjectRef,
    /// Bytes that were counted as moved; taken back if the object fails.
    moved: AtomicU64,
    /// Whether the first answer says how much there is to move: nobody knew it before.
    uncounted: AtomicBool,
}

/// What every answer has to agree with.
#[derive(Clone, Debug, Default)]
pub(super) struct Guard {
    /// The entity tag, of a listing or of the first answer.
    pub(super) etag: Option<ETag>,
    /// The size, of the first answer.
    pub(super) size: Option<u64>,
}

/// How bytes are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ask {
    /// The whole object, without a range, as long as nothing of it is there.
    Plain,
    /// A range.
    Range,
}

/// A run of bytes that is wanted, and how far it is.
#[derive(Clone, Debug)]
pub(super) struct Stretch {
    /// The first byte that is missing.
    pub(super) at: u64,
    /// The first byte behind it; `None`: to the end of the object.
    pub(super) end: Option<u64>,
    /// How it is asked for.
    pub(super) ask: Ask,
}

impl Stretch {
    fn range(&self) -> Option<ByteRange> {
        match (self.ask, self.at, self.end) {
            (Ask::Plain, 0, _) => None,
            (_, at, Some(end)) => Some(ByteRange::Between(at, end.saturating_sub(1))),
            (_, at, None) => Some(ByteRange::From(at)),
        }
    }
}

/// What the first answer said of the object.
#[derive(Clone, Debug)]
pub(super) struct Facts {
    /// How large it is.
    pub(super) size: u64,
    /// Its entity tag.
    pub(super) etag: Option<ETag>,
    /// When it was written.
    pub(super) modified: Option<Timestamp>,
    /// The checksum that the store has for it.
    pub(super) claim: Option<Claim>,
    /// Which bytes the answer has.
    pub(super) span: Span,
}

/// An answer that has begun.
pub(super) struct Begun {
    pub(super) facts: Facts,
    body: Box<Arriving>,
    /// Bytes before those that are wanted: the store sends the whole object whatever was asked for.
    skip: u64,
}

impl Begun {
    /// What of a piece belongs to the stretch: of an answer with the whole object, not what lies before or behind it.
    fn wanted(&mut self, mut bytes: Bytes, left: u64, end: u64) -> Result<Bytes, Error> {
        let skipped = usize::try_from(self.skip).unwrap_or(usize::MAX).min(bytes.len());
        self.skip -= skipped as u64;
        let mut bytes = bytes.split_off(skipped);
        if bytes.len() as u64 > left {
            if self.facts.span != Span::Whole || end == self.facts.size {
                return Err(longer());
            }
            bytes.truncate(usize::try_from(left).unwrap_or(usize::MAX));
        }
        Ok(bytes)
    }
}

/// Who takes the bytes.
pub(super) trait Sink: Send {
    /// Takes bytes that begin at this place of the object.
    fn take(&mut self, at: u64, bytes: Vec<Bytes>) -> impl Future<Output = Result<(), Error>> + Send;
}

/// How a body ended before its time.
enum Broken {
    Halt(Halt),
    /// It may be asked for again.
    Off(Failed),
}

impl Source {
    /// An object that nothing was moved of.
    pub(super) fn of(engine: &Engine, control: &Arc<Control>, acting: &Acting, object: ObjectRef, size: Option<u64>) -> Self {
        let (books, own) = control.own_books(engine);
        let (engine, control, acting) = (engine.clone(), control.clone(), acting.clone());
        let uncounted = AtomicBool::new(size.is_none());
        Self { engine, control, acting, books, own, object, moved: AtomicU64::new(0), uncounted }
    }

    /// How much of it is where it belongs.
    pub(super) fn moved(&self) -> u64 {
        self.moved.load(Ordering::Relaxed)
    }

    /// So much more of it is where it belongs.
    pub(super) fn has_moved(&self, bytes: u64) {
        self.moved.fetch_add(bytes, Ordering::Relaxed);
        self.control.moved(bytes);
    }

    /// It is not there: nothing of it counts any more.
    pub(super) fn take_back(&self) {
        self.control.unmoved(self.moved.swap(0, Ordering::Relaxed));
    }

    /// Asks, once (the door repeats what has not begun), and looks whether the answer is of the object that is meant.
    pub(super) async fn begin(&self, stretch: &Stretch, guard: &Guard) -> Result<Begun, Halt> {
        self.control.pass().await?;
        let wanted = Wanted { range: stretch.range(), if_match: guard.etag.clone(), checksums: AskChecksums::Asked, ..Wanted::default() };
        let call = ObjectCall::GetObject { object: self.object.clone(), wanted };
        let opened = tokio::select! {
            biased;
            stopped = self.control.stopped() => return Err(stopped.into()),
            opened = self.engine.open(&self.acting, &call, &self.books) => opened,
        };
        let opened = opened.map_err(|failed| self.judged(failed.error, guard))?;
        let facts = self.facts(&opened.head, guard)?;
        if self.uncounted.swap(false, Ordering::Relaxed) {
            self.control.found(0, facts.size);
        }
        let skip = if facts.span == Span::Whole { stretch.at } else { 0 };
        Ok(Begun { facts, body: opened.body, skip })
    }

    /// Fetches a stretch to its end, beginning with an answer that is there already, if one is. Gives what the last answer said.
    pub(super) async fn carry(
        &self,
        stretch: &mut Stretch,
        guard: &Guard,
        mut begun: Option<Begun>,
        sink: &mut impl Sink,
    ) -> Result<Option<Facts>, Halt> {
        let (mut tokens, mut fruitless, mut last) = (Tokens::default(), 0, None);
        loop {
            let from = stretch.at;
            let mut answer = match begun.take() {
                Some(answer) => answer,
                None => self.begin(stretch, guard).await?,
            };
            last = Some(answer.facts.clone()).or(last);
            let end = stretch.end.unwrap_or(answer.facts.size).min(answer.facts.size);
            let failed = match self.pour(&mut answer, stretch, end, sink).await {
                Ok(()) => return Ok(last),
                Err(Broken::Halt(halt)) => return Err(halt),
                Err(Broken::Off(failed)) => failed,
            };
            fruitless = if stretch.at > from { 1 } else { fruitless + 1 };
            let Failed { error, reached } = failed;
            let pause = retry::delay(Op::GetObject, &error, reached, fruitless, fastrand::f64(), &mut tokens);
            let Some(pause) = pause else { return Err(self.about(error).into()) };
            tokio::select! {
                biased;
                stopped = self.control.stopped() => return Err(stopped.into()),
                () = clock::sleep(pause) => {}
            }
        }
    }

    /// Hands a body on until the stretch is complete. What came before a break is handed on too: it is paid for.
    async fn pour(&self, begun: &mut Begun, stretch: &mut Stretch, end: u64, sink: &mut impl Sink) -> Result<(), Broken> {
        let mut stopped = std::pin::pin!(self.control.stopped());
        let (mut batch, mut held) = (Vec::new(), 0_u64);
        loop {
            let left = end.saturating_sub(stretch.at + held);
            if left == 0 {
                self.hand_on(stretch, &mut batch, &mut held, sink).await?;
                return self.drained(begun, end).await;
            }
            let next = tokio::select! {
                biased;
                stopped = &mut stopped => return Err(Broken::Halt(stopped.into())),
                next = begun.body.chunk() => next,
            };
            let came = next.and_then(|bytes| bytes.ok_or_else(|| Failed { error: short(), reached: Reached::Perhaps }));
            let bytes = match came {
                Ok(bytes) => begun.wanted(bytes, left, end).map_err(|error| Broken::Halt(self.about(error).into()))?,
                Err(failed) => {
                    self.hand_on(stretch, &mut batch, &mut held, sink).await?;
                    return Err(Broken::Off(failed));
                }
            };
            held += bytes.len() as u64;
            batch.push(bytes);
            if held >= BATCH {
                self.hand_on(stretch, &mut batch, &mut held, sink).await?;
            }
        }
    }

    async fn hand_on(&self, stretch: &mut Stretch, batch: &mut Vec<Bytes>, held: &mut u64, sink: &mut impl Sink) -> Result<(), Broken> {
        if *held == 0 {
            return Ok(());
        }
        sink.take(stretch.at, std::mem::take(batch)).await.map_err(|error| Broken::Halt(error.into()))?;
        stretch.at += *held;
        self.has_moved(std::mem::take(held));
        Ok(())
    }

    /// Reads the end of a body, so that its connection serves the next request. More bytes than the object has are no end.
    async fn drained(&self, begun: &mut Begun, end: u64) -> Result<(), Broken> {
        if begun.facts.span == Span::Whole && end < begun.facts.size {
            return Ok(());
        }
        let next = tokio::select! {
            biased;
            // It has nearly always come, and then nobody waits for a stop.
            next = begun.body.chunk() => next,
            _ = self.control.stopped() => return Ok(()),
        };
        match next {
            Ok(Some(_)) => Err(Broken::Halt(self.about(longer()).into())),
            // All bytes are there: how the connection ends does not matter to them.
            Ok(None) | Err(_) => Ok(()),
        }
    }

    /// What an answer says of the object, if it is the one that is meant.
    fn facts(&self, head: &ObjectHead, guard: &Guard) -> Result<Facts, Error> {
        let differs = |ours: &ETag, theirs: &ETag| !bare(ours.as_str()).eq_ignore_ascii_case(bare(theirs.as_str()));
        let another_tag = guard.etag.as_ref().zip(head.etag.as_ref()).is_some_and(|(ours, theirs)| differs(ours, theirs));
        let another_size = guard.size.zip(head.size).is_some_and(|(ours, theirs)| ours != theirs);
        if another_tag || another_size {
            return Err(self.changed());
        }
        let Some(size) = head.size.or(guard.size) else {
            return Err(self.about(
                Error::new(ErrorKind::InvalidReply, format!("{}: the store does not say how large it is", self.object.key))
                    .hint("Check the proxy between here and the store: without a size nobody knows whether all came."),
            ));
        };
        let claim = Claim::read(&head.checksums);
        Ok(Facts { size, etag: head.etag.clone(), modified: head.modified, claim, span: head.span })
    }

    /// A refusal that means that the object is another one by now.
    fn judged(&self, error: Error, guard: &Guard) -> Error {
        let status = error.store_answer().map(|answer| answer.status);
        match status {
            Some(412) => self.changed(),
            // Something of it came before, so it was there.
            Some(404) if guard.size.is_some() => self.changed(),
            Some(_) | None => error,
        }
    }

    fn changed(&self) -> Error {
        self.about(
            Error::new(ErrorKind::Conflict, format!("{}: the object changed while it was downloaded", self.object.key))
                .hint("Download it again: nothing of the two contents was mixed."),
        )
    }

    /// An error that names the object.
    pub(super) fn about(&self, error: Error) -> Error {
        error.target(format!("{}/{}", self.acting.place.id, self.object.key.as_str()))
    }
}

/// An entity tag as it is compared, in whatever case: stores differ in quotes and in the case of digits between a listing and an answer.
fn bare(tag: &str) -> &str {
    tag.trim_start_matches("W/").trim_matches('"')
}

fn short() -> Error {
    Error::new(ErrorKind::Network, "the answer ended before the object did")
        .hint("Try again; if it stays, look at the proxy or the network between here and the store.")
}

fn longer() -> Error {
    Error::new(ErrorKind::InvalidReply, "more bytes came than the object has")
        .hint("Check the proxy between here and the store; nothing was kept.")
}
