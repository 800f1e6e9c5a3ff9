//! The store's socket: HTTP/1.1 on loopback.
//!
//! Comes in: connections. Goes out: answers of the [`Door`], as late as the latency says, or what a script ordered. It ends,
//! with all its connections, when its task is aborted.
#![expect(clippy::disallowed_methods, reason = "the store is a server of its own: it reads the clock, waits and starts its task here")]

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use hyper::body::{Body, Frame, Incoming as Stream};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use jiff::{SignedDuration, Timestamp};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{AbortHandle, JoinSet};

use super::answer::{Answer, Exchange, Fault};
use super::door::{Door, Sent, Visitor};
use super::request::Incoming;
use super::script::{Act, Prepared};
use crate::domain::Provider;

/// The largest body that is read: it is kept in memory.
const LARGEST_BODY: usize = 256 * 1024 * 1024;

/// What every connection shares.
pub(super) struct Shared {
    /// The store itself.
    pub(super) door: Door,
    /// Added to every answer.
    pub(super) latency: Duration,
    /// How far the store's clock is ahead of the machine's, in milliseconds.
    pub(super) clock_offset: AtomicI64,
    /// How many connections are open.
    pub(super) connections: AtomicUsize,
}

impl Shared {
    /// The store's time.
    pub(super) fn now(&self) -> Timestamp {
        let offset = SignedDuration::from_millis(self.clock_offset.load(Ordering::Relaxed));
        let now = Timestamp::now();
        now.checked_add(offset).unwrap_or(now)
    }
}

/// The machine's time, for the world's beginning.
pub(super) fn machine_time() -> Timestamp {
    Timestamp::now()
}

/// Accepts connections until it is aborted.
pub(super) fn run(listener: TcpListener, shared: Arc<Shared>) -> AbortHandle {
    let accept = async move {
        let mut connections = JoinSet::new();
        loop {
            // A failed accept is a client that left, or no file handles: the next one may work.
            if let Ok((stream, _)) = listener.accept().await {
                shared.connections.fetch_add(1, Ordering::Relaxed);
                connections.spawn(connection(stream, Arc::clone(&shared)));
            } else {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            while connections.try_join_next().is_some() {}
        }
    };
    tokio::spawn(accept).abort_handle()
}

async fn connection(stream: TcpStream, shared: Arc<Shared>) {
    // Small answers must not wait for each other; where that cannot be set they do.
    let _ = stream.set_nodelay(true);
    let service = service_fn(|request| exchange(request, Arc::clone(&shared)));
    // A connection that ends badly concerns its client only.
    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
    shared.connections.fetch_sub(1, Ordering::Relaxed);
}

/// The connection ends without an answer.
#[derive(Debug)]
struct Hangup;

impl std::fmt::Display for Hangup {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the connection ends here")
    }
}

impl std::error::Error for Hangup {}

async fn exchange(request: http::Request<Stream>, shared: Arc<Shared>) -> Result<http::Response<Outgoing>, Hangup> {
    let received = read(request, &shared).await;
    if !shared.latency.is_zero() {
        tokio::time::sleep(shared.latency).await;
    }
    match received? {
        Read::Whole(incoming) => {
            let (visitor, act) = shared.door.receive(incoming);
            match act {
                None => response(shared.door.answer(&visitor, Sent::Whole)),
                Some(act) => scripted(&shared, &visitor, act).await,
            }
        }
        Read::TooLarge(incoming) => {
            let exchange = Exchange { cloud: Provider::S3, number: 0, request: &incoming };
            let fault = Fault::new(400, "EntityTooLarge", "Your proposed upload exceeds the maximum allowed size");
            response(exchange.seal(exchange.refuse(&fault).with("connection", "close")))
        }
    }
}

async fn scripted(shared: &Shared, visitor: &Visitor, act: Act) -> Result<http::Response<Outgoing>, Hangup> {
    match act {
        Act::Answer(prepared) => {
            shared.door.note_scripted(visitor, &prepared, Sent::Whole);
            let whole = prepared.body.len();
            cut(prepared, whole)
        }
        Act::Cut(prepared, kept) => {
            shared.door.note_scripted(visitor, &prepared, Sent::UpTo(kept));
            cut(prepared, kept)
        }
        Act::Close => {
            shared.door.note_unanswered(visitor);
            Err(Hangup)
        }
        Act::CarryOutAndClose => {
            shared.door.answer(visitor, Sent::Nothing);
            Err(Hangup)
        }
        Act::CarryOutAndCut(kept) => {
            let answer = shared.door.answer(visitor, Sent::UpTo(kept));
            let ending = if kept < answer.body.len() { Ending::Cut } else { Ending::Whole };
            build(answer.status, answer.headers, Outgoing { rest: answer.body, kept, ending })
        }
        Act::Pass | Act::Refuse(_) => response(shared.door.answer(visitor, Sent::Whole)),
        Act::Silence => {
            shared.door.note_unanswered(visitor);
            std::future::pending::<Infallible>().await;
            Err(Hangup)
        }
        Act::CarryOutAndSilence => {
            shared.door.answer(visitor, Sent::Nothing);
            std::future::pending::<Infallible>().await;
            Err(Hangup)
        }
        Act::Late(delay) => {
            tokio::time::sleep(delay).await;
            response(shared.door.answer(visitor, Sent::Whole))
        }
    }
}

enum Read {
    Whole(Incoming),
    TooLarge(Incoming),
}

async fn read(request: http::Request<Stream>, shared: &Shared) -> Result<Read, Hangup> {
    let (head, stream) = request.into_parts();
    let text = |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let mut incoming = Incoming {
        method: head.method.as_str().to_owned(),
        target: head.uri.path_and_query().map_or_else(|| "/".to_owned(), ToString::to_string),
        headers: head.headers.iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect(),
        body: Bytes::new(),
        now: shared.now(),
    };
    if stream.size_hint().lower() > LARGEST_BODY as u64 {
        return Ok(Read::TooLarge(incoming));
    }
    match body(stream).await {
        Took::Whole(body) => incoming.body = body,
        Took::TooLarge => return Ok(Read::TooLarge(incoming)),
        Took::Broken(body) => {
            incoming.body = body;
            shared.door.note_unanswered(&shared.door.look(incoming));
            return Err(Hangup);
        }
    }
    Ok(Read::Whole(incoming))
}

/// What came of a body.
enum Took {
    Whole(Bytes),
    TooLarge,
    /// The client left in the middle of it: nobody listens for an answer.
    Broken(Bytes),
}

async fn body(mut stream: Stream) -> Took {
    let mut body = BytesMut::with_capacity(usize::try_from(stream.size_hint().lower()).unwrap_or(0));
    while let Some(frame) = stream.frame().await {
        match frame.map(Frame::into_data) {
            Ok(Ok(bytes)) if body.len() + bytes.len() > LARGEST_BODY => return Took::TooLarge,
            Ok(Ok(bytes)) => body.extend_from_slice(&bytes),
            // Trailers.
            Ok(Err(_)) => {}
            Err(_) => return Took::Broken(body.freeze()),
        }
    }
    Took::Whole(body.freeze())
}

fn response(answer: Answer) -> Result<http::Response<Outgoing>, Hangup> {
    let length = answer.body.len();
    let body = Outgoing { rest: answer.body, kept: length, ending: Ending::Whole };
    build(answer.status, answer.headers, body)
}

/// A prepared answer whose body ends early: the length that was announced is never reached.
fn cut(prepared: Prepared, kept: usize) -> Result<http::Response<Outgoing>, Hangup> {
    let mut headers = prepared.headers;
    headers.push(("content-length".to_owned(), prepared.body.len().to_string()));
    let ending = if kept < prepared.body.len() { Ending::Cut } else { Ending::Whole };
    build(prepared.status, headers, Outgoing { rest: Bytes::from(prepared.body), kept, ending })
}

fn build(status: u16, headers: Vec<(String, String)>, body: Outgoing) -> Result<http::Response<Outgoing>, Hangup> {
    let mut builder = http::Response::builder().status(status);
    for (name, value) in headers {
        // Values may be UTF-8 (metadata), which the wire takes as bytes.
        if let Ok(value) = http::HeaderValue::from_bytes(value.as_bytes()) {
            builder = builder.header(name, value);
        }
    }
    builder.body(body).map_err(|_| Hangup)
}

/// A body in one piece, or the beginning of one.
struct Outgoing {
    rest: Bytes,
    kept: usize,
    ending: Ending,
}

/// How a body ends.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ending {
    /// After its last byte.
    Whole,
    /// Before it, as soon as what came first is out.
    Cut,
    /// Now.
    Ends,
}

impl Body for Outgoing {
    type Data = Bytes;
    type Error = Hangup;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Hangup>>> {
        if self.kept > 0 && !self.rest.is_empty() {
            let kept = self.kept.min(self.rest.len());
            self.kept = 0;
            let piece = std::mem::take(&mut self.rest).slice(..kept);
            return Poll::Ready(Some(Ok(Frame::data(piece))));
        }
        match self.ending {
            Ending::Whole => Poll::Ready(None),
            Ending::Cut => {
                // What was written so far goes out before the connection ends.
                self.ending = Ending::Ends;
                context.waker().wake_by_ref();
                Poll::Pending
            }
            Ending::Ends => Poll::Ready(Some(Err(Hangup))),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.ending == Ending::Whole && (self.rest.is_empty() || self.kept == 0)
    }
}
