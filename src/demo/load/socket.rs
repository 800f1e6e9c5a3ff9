//! The sockets of the load mode: plain or TLS, on as many threads as there are processors.
//!
//! Comes in: connections. Goes out: answers, as late as the latency says.
#![expect(clippy::disallowed_methods, reason = "the store is a server of its own: it reads the clock and waits here")]

use std::sync::Arc;
use std::time::Duration;

use hyper::body::Incoming as Stream;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use jiff::Timestamp;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use super::super::access;

use super::super::object::own;
use super::super::request::{self, Incoming};
use super::super::route;
use super::super::verify::Scheme;
use super::blob::Outgoing;
use super::counts::{self, Marked};
use super::drain;
use super::service::{Asked, Came, Load, Reply};
use crate::domain::op::Charged;
use crate::domain::{Op, Provider};

/// What every connection shares.
pub(super) struct Shared {
    /// The answers.
    pub(super) load: Load,
    /// Added to every answer.
    pub(super) latency: Duration,
    /// How connections are encrypted, if they are.
    pub(super) tls: Option<TlsAcceptor>,
}

/// Accepts connections until the runtime ends.
pub(super) async fn accept(listener: std::net::TcpListener, shared: Arc<Shared>) {
    let Ok(listener) = TcpListener::from_std(listener) else { return };
    loop {
        // A failed accept is a client that left, or no file handles: the next one may work.
        match listener.accept().await {
            Ok((stream, _)) => drop(tokio::spawn(connection(stream, Arc::clone(&shared)))),
            Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
        }
    }
}

async fn connection(stream: TcpStream, shared: Arc<Shared>) {
    shared.load.counts.connected();
    // Small answers must not wait for each other; where that cannot be set they do.
    let _ = stream.set_nodelay(true);
    match shared.tls.clone() {
        None => serve(stream, shared).await,
        Some(tls) => {
            if let Ok(stream) = tls.accept(stream).await {
                serve(stream, shared).await;
            }
        }
    }
}

async fn serve<S: AsyncRead + AsyncWrite + Unpin + 'static>(stream: S, shared: Arc<Shared>) {
    let service = service_fn(move |request| exchange(request, Arc::clone(&shared)));
    // A connection that ends badly concerns its client only.
    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

/// The client left in the middle of its body.
#[derive(Debug)]
struct Left;

impl std::fmt::Display for Left {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the client left")
    }
}

impl std::error::Error for Left {}

async fn exchange(request: http::Request<Stream>, shared: Arc<Shared>) -> Result<http::Response<Outgoing>, Left> {
    let (head, stream) = request.into_parts();
    let text = |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let mut incoming = Incoming {
        method: head.method.as_str().to_owned(),
        target: head.uri.path_and_query().map_or_else(|| "/".to_owned(), ToString::to_string),
        headers: head.headers.iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect(),
        body: bytes::Bytes::new(),
        now: Timestamp::now(),
    };
    if incoming.path() == counts::PATH {
        return Ok(told(&incoming.method, &shared));
    }
    let resource = request::locate(incoming.header("host").unwrap_or_default(), incoming.path()).unwrap_or_default();
    let cloud = cloud(&incoming, &resource.bucket);
    let service_post = resource.bucket.is_empty() && incoming.method == "POST";
    let op = route::operation(cloud, &incoming, &resource);
    let came = match op {
        Some(Op::PutObject | Op::UploadPart) => Came::Drained(drain::drain(cloud, &incoming, stream).await.ok_or(Left)?),
        _ if incoming.method == "POST" => Came::Document(drain::document(stream).await.ok_or(Left)?),
        _ => Came::Nothing,
    };
    let op = match &came {
        // Only the body of such a request says what it asks.
        Came::Document(body) if service_post => {
            incoming.body = body.clone();
            route::operation(cloud, &incoming, &resource)
        }
        Came::Document(_) | Came::Drained(_) | Came::Nothing => op,
    };
    if !shared.latency.is_zero() {
        tokio::time::sleep(shared.latency).await;
    }
    let query = incoming.query();
    let asked = Asked { cloud, op, request: &incoming, query: &query, resource: &resource };
    Ok(respond(&asked, &came, &shared))
}

/// Which cloud is meant: the bucket's name says it, else the signature.
fn cloud(request: &Incoming, bucket: &str) -> Provider {
    if bucket.is_empty() {
        return match Scheme::of(request) {
            Scheme::OssV4Header | Scheme::OssV4Query | Scheme::OssV1Header | Scheme::OssV1Query | Scheme::Acs3 => Provider::Oss,
            Scheme::S3Header | Scheme::S3Query | Scheme::Anonymous | Scheme::Unknown => Provider::S3,
        };
    }
    if bucket.starts_with("oss-") { Provider::Oss } else { Provider::S3 }
}

fn respond(asked: &Asked<'_>, came: &Came, shared: &Shared) -> http::Response<Outgoing> {
    let exchange = shared.load.exchange(asked.cloud, asked.request);
    let reply = match shared.load.answer(asked, &exchange, came) {
        Ok(reply) => charged(asked, reply),
        Err(fault) => exchange.refuse(&fault).into(),
    };
    let mut answer = exchange.seal(reply.answer);
    let is_head = asked.request.method == "HEAD";
    let body = match reply.made {
        None => Outgoing::Whole(answer.body),
        Some(made) => {
            let made = Outgoing::Made(made);
            answer.headers.retain(|(name, _)| name != "content-length");
            answer.headers.push(("content-length".to_owned(), made.length().to_string()));
            if is_head { Outgoing::Whole(bytes::Bytes::new()) } else { made }
        }
    };
    let marked = if access::markers(asked.request).is_empty() { Marked::Nobody } else { Marked::Payer };
    let bytes_in = match came {
        Came::Nothing => 0,
        Came::Document(document) => document.len() as u64,
        Came::Drained(drained) => drained.received,
    };
    shared.load.counts.add(asked.op, marked, bytes_in, body.length());
    build(answer.status, &answer.headers, body)
}

/// Who says that they pay is charged, where the operation can say so.
fn charged(asked: &Asked<'_>, reply: Reply) -> Reply {
    let says = asked.op.and_then(|op| op.cell(asked.cloud)).is_some_and(|cell| cell.charged == Charged::Answered);
    if !says || access::markers(asked.request).is_empty() {
        return reply;
    }
    Reply { answer: reply.answer.with(&own(asked.cloud, "request-charged"), "requester"), ..reply }
}

fn told(method: &str, shared: &Shared) -> http::Response<Outgoing> {
    let counts = &shared.load.counts;
    let body = counts.json();
    if method == "DELETE" {
        counts.clear();
    }
    let headers = [("content-type".to_owned(), "application/json".to_owned()), ("content-length".to_owned(), body.len().to_string())];
    build(200, &headers, Outgoing::Whole(body.into()))
}

fn build(status: u16, headers: &[(String, String)], body: Outgoing) -> http::Response<Outgoing> {
    let mut response = http::Response::new(body);
    *response.status_mut() = http::StatusCode::from_u16(status).unwrap_or(http::StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in headers {
        let pair = (http::HeaderName::from_bytes(name.as_bytes()), http::HeaderValue::from_bytes(value.as_bytes()));
        if let (Ok(name), Ok(value)) = pair {
            response.headers_mut().append(name, value);
        }
    }
    response
}
