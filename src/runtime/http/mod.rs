//! The HTTP client with the settings that the measured traps call for.
//!
//! Comes in: a signed [`Request`], a body that may be streamed. Goes out: an answer that begins (`Begun`) or was read to its end, or an error without URL or secret. Redirects
//! are never followed (they would carry tokens and bodies to another host), nothing waits longer than the idle timeout, bodies are
//! capped, and the URL that goes out is compared with the one that was signed.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use tower::util::MapFutureLayer;

use self::flow::{Leaving, Nothing};
use self::origin::Origin;
use self::patience::{Patience, WANTED, Wanted};
use super::address::Address;
use super::no_answer::{self, Peer};
use super::retry::Reached;
use super::slip::Slip;
use crate::domain::{Charged, Error, ErrorKind, Provider, Result};
use crate::wire::{Answer, Field, Payload, Request, Told};

mod flow;
mod origin;
mod patience;
mod tls;

pub(super) use self::flow::{Arriving, Books, Flow, Judged, Outgoing, Pulse};
pub(super) use self::tls::{install_crypto, read_ca};

/// How long nothing may happen.
#[derive(Clone, Copy, Debug)]
pub struct Timeouts {
    /// Until a connection stands.
    pub connect: Duration,
    /// Between two bytes of an answer, and before its first.
    pub idle: Duration,
    /// From the first byte of a small answer to its last, so that one that drips ends too. Objects take as long as they take.
    pub whole: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self { connect: Duration::from_secs(10), idle: Duration::from_secs(30), whole: Duration::from_secs(300) }
    }
}

/// As many as transfers of small objects have under way: a connection that is closed has to be made again.
const MOST_IDLE: usize = 256;
const KEEP_IDLE: Duration = Duration::from_secs(50);
/// An answer about buckets is never larger: 1,000 buckets are 200 KiB.
const BODY_CAP: usize = 8 << 20;
/// What is set aside for a body before it comes.
const LARGEST_PROMISE: usize = 1 << 20;

/// A failed exchange, and whether the store may have seen the request.
pub struct Failed {
    /// What to show.
    pub error: Error,
    /// What the store may have seen.
    pub reached: Reached,
}

/// An answer whose body has not been read yet.
pub(super) struct Begun {
    /// The status.
    pub(super) status: u16,
    /// The headers.
    pub(super) headers: HeaderMap,
    /// What they say of the request itself.
    pub(super) heard: Heard,
    /// The body.
    pub(super) body: Box<Arriving>,
}

/// What the head of an answer says, for door and ledger alike: it is read once.
pub(super) struct Heard {
    /// Who was charged.
    pub(super) charged: Charged,
    /// By which the store's operators find the request.
    pub(super) request_id: Option<Arc<str>>,
}

/// One client for each CA file, made when first needed: loading certificates is no part of the first frame.
#[derive(Default)]
pub struct Clients {
    made: Mutex<HashMap<Kind, Made>>,
    origin: Origin,
    timeouts: Timeouts,
}

/// A client, and how it goes about connections.
#[derive(Clone)]
struct Made {
    client: reqwest::Client,
    patience: Patience,
}

/// What makes two clients different.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Kind {
    trust: Trust,
    way: Way,
}

/// Whom a client believes.
#[derive(Clone, PartialEq, Eq, Hash)]
enum Trust {
    /// Nobody: it only speaks plain http, and loading certificates would take time for nothing.
    Nobody,
    /// The system's certificates.
    System,
    /// A CA of the store's own, besides the system's.
    SystemAnd(PathBuf),
}

/// How a client gets out.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Way {
    /// To a loopback address: no proxy, whatever the variables say.
    Direct,
    /// As `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` say.
    AsTheSystemSays,
}

/// A request on its way out.
#[derive(Clone, Copy)]
pub(super) struct Going<'a> {
    /// Whose store.
    pub(super) provider: Provider,
    /// The account's own roots of trust.
    pub(super) ca_file: Option<&'a PathBuf>,
    /// The request.
    pub(super) request: &'a Request,
    /// Its address, taken apart.
    pub(super) address: &'a Address<'a>,
    /// The bytes of an upload.
    pub(super) body: Option<&'a dyn Outgoing>,
    /// Who counts.
    pub(super) books: &'a Books,
}

impl Clients {
    /// Clients with timeouts of their own.
    pub fn with_timeouts(timeouts: Timeouts) -> Self {
        Self { timeouts, ..Self::default() }
    }

    /// Sends a request and waits until its answer begins. Any status is an answer. The slip goes along with
    /// the answer's body, and stays where it is when no answer came.
    ///
    /// # Errors
    /// `Network`, `Tls`, `Timeout`, and `Usage` (a URL that would be changed on its way).
    pub(super) async fn send(&self, going: &Going<'_>, slip: &mut Option<Slip>) -> std::result::Result<Begun, Failed> {
        let before = |error| Failed { error, reached: Reached::Nothing };
        let Going { provider, ca_file, request, address, body, books } = *going;
        let url = self.origin.url(address).map_err(before)?;
        let host: Arc<str> = Arc::from(url.host_str().unwrap_or_default());
        let place = (host.clone(), url.port_or_known_default());
        let kind = kind_of(&url, ca_file);
        let way = kind.way;
        let Made { client, patience } = self.client(kind).map_err(before)?;
        let mut headers = sensitive_headers(&request.headers).map_err(before)?;
        let length = length_of(request);
        if length > 0 || matches!(request.method, http::Method::PUT | http::Method::POST) {
            // The client leaves out a zero, and stores refuse to guess (411); any other it adds to a copy that has no room for it.
            headers.entry(reqwest::header::CONTENT_LENGTH).or_insert_with(|| HeaderValue::from(length));
        }
        let pulse = slip.as_ref().map_or_else(Pulse::default, Slip::pulse);
        let body = leaving(request, body, &pulse, books).map_err(before)?;
        let mut leaving = reqwest::Request::new(request.method.clone(), url);
        *leaving.headers_mut() = headers;
        *leaving.body_mut() = Some(body);
        let wanted = Wanted { place: place.clone(), pulse: pulse.clone() };
        let sending = WANTED.scope(wanted, client.execute(leaving));
        if let Some(slip) = slip {
            slip.leaves();
        }
        let sent = self.while_it_moves(sending, &pulse).await;
        let peer = || peer(&host, way, &request.url);
        let sent = sent.ok_or_else(|| no_answer::silent(&peer())).and_then(|sent| sent.map_err(|error| no_answer::failed(&peer(), &error)));
        let mut response = sent.inspect_err(|failed| {
            let Some(slip) = slip.as_mut() else { return };
            slip.failed(failed.error.kind());
            if failed.reached == Reached::Nothing {
                slip.never_left();
            }
        })?;
        if closes(&response) {
            patience.one_less(&place);
        }
        let status = response.status().as_u16();
        let headers = std::mem::take(response.headers_mut());
        let told = Told::of(provider, request.op, &headers);
        let heard = Heard { charged: told.charged, request_id: told.request_id.as_deref().map(Arc::from) };
        if let Some(slip) = slip {
            slip.answered(status, &told, heard.request_id.clone());
        }
        // In a box: it is handed on through many hands.
        let body = Box::new(Arriving { response, host, idle: self.timeouts.idle, books: books.clone(), pause: None, slip: slip.take() });
        Ok(Begun { status, headers, heard, body })
    }

    /// Waits as long as bytes of the request's body leave, and the idle time more.
    async fn while_it_moves<T>(&self, sending: impl Future<Output = T>, pulse: &Pulse) -> Option<T> {
        let mut sending = std::pin::pin!(sending);
        let mut seen = pulse.count();
        loop {
            if let Some(sent) = within(self.timeouts.idle, &mut sending).await {
                return Some(sent);
            }
            let now = pulse.count();
            if std::mem::replace(&mut seen, now) == now {
                return None;
            }
        }
    }

    /// Reads the rest of an answer that is small.
    ///
    /// # Errors
    /// `Network`, `Timeout`, and `InvalidReply` (body over the cap).
    pub(super) async fn collect(&self, status: u16, headers: HeaderMap, body: Box<Arriving>) -> std::result::Result<Answer, Failed> {
        let host = body.host.clone();
        within(self.timeouts.whole, read(status, headers, body)).await.unwrap_or_else(|| Err(no_answer::stalled(&host)))
    }

    fn client(&self, kind: Kind) -> Result<Made> {
        let mut made = self.made.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(known) = made.get(&kind) {
            return Ok(known.clone());
        }
        let patience = Patience::default();
        let new = Made { client: build(&kind, self.timeouts, patience.clone())?, patience };
        made.insert(kind, new.clone());
        Ok(new)
    }
}

/// Waits at most so long; `None`: nothing came. In two halves: once this process was stopped for longer, or its threads waited for a
/// disk, one of them is over at once, and in the other is read what came meanwhile. It is paid for: nobody shall ask for it again.
async fn within<T>(longest: Duration, coming: impl Future<Output = T>) -> Option<T> {
    let mut coming = std::pin::pin!(coming);
    for _ in 0..2 {
        if let Ok(came) = tokio::time::timeout(longest / 2, &mut coming).await {
            return Some(came);
        }
    }
    None
}

fn kind_of(url: &reqwest::Url, ca_file: Option<&PathBuf>) -> Kind {
    let trust = match ca_file {
        _ if url.scheme() == "http" => Trust::Nobody,
        Some(file) => Trust::SystemAnd(file.clone()),
        None => Trust::System,
    };
    let way = if crate::config::is_loopback(url.host_str().unwrap_or_default()) { Way::Direct } else { Way::AsTheSystemSays };
    Kind { trust, way }
}

fn peer(host: &str, way: Way, url: &str) -> Peer {
    match way {
        Way::Direct => Peer::direct(host),
        Way::AsTheSystemSays => Peer::as_the_system_says(host, url),
    }
}

fn build(kind: &Kind, timeouts: Timeouts, patience: Patience) -> Result<reqwest::Client> {
    install_crypto();
    let mut builder = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        // Attempts are ours to count, and for its own the library would copy every request.
        .retry(reqwest::retry::never().max_retries_per_request(0))
        .connect_timeout(timeouts.connect)
        .pool_idle_timeout(KEEP_IDLE)
        .pool_max_idle_per_host(MOST_IDLE)
        .connector_layer(MapFutureLayer::new(move |connecting| {
            let (patience, wanted) = (patience.clone(), WANTED.try_with(Wanted::clone).ok());
            async move {
                patience.with(wanted).await?;
                connecting.await
            }
        }))
        .tcp_nodelay(true)
        .http1_only()
        .referer(false)
        .min_tls_version(reqwest::tls::Version::TLS_1_2)
        .user_agent(concat!("whopays/", env!("CARGO_PKG_VERSION")));
    match &kind.trust {
        Trust::Nobody => builder = builder.tls_certs_only([]),
        Trust::System => {}
        Trust::SystemAnd(file) => builder = builder.tls_certs_merge(read_ca(file)?),
    }
    if kind.way == Way::Direct {
        builder = builder.no_proxy();
    }
    builder.build().map_err(|error| {
        Error::new(ErrorKind::Tls, "TLS could not be set up")
            .hint("Check that the system has CA certificates (Debian: the package ca-certificates), or name a ca_file for the account.")
            .source(error.without_url())
    })
}

/// Whether the connection ends with this answer.
fn closes(response: &reqwest::Response) -> bool {
    let said = response.headers().get(reqwest::header::CONNECTION);
    response.version() < reqwest::Version::HTTP_11 || said.is_some_and(|said| said.as_bytes().eq_ignore_ascii_case(b"close"))
}

/// Names of headers that requests have, and that the library would copy: it knows those of the standards only.
static OWN_NAMES: [HeaderName; 12] = [
    HeaderName::from_static("content-md5"),
    HeaderName::from_static("x-amz-checksum-crc64nvme"),
    HeaderName::from_static("x-amz-checksum-mode"),
    HeaderName::from_static("x-amz-content-sha256"),
    HeaderName::from_static("x-amz-date"),
    HeaderName::from_static("x-amz-request-payer"),
    HeaderName::from_static("x-amz-security-token"),
    HeaderName::from_static("x-oss-content-sha256"),
    HeaderName::from_static("x-oss-date"),
    HeaderName::from_static("x-oss-forbid-overwrite"),
    HeaderName::from_static("x-oss-request-payer"),
    HeaderName::from_static("x-oss-security-token"),
];

/// The headers as the library takes them. All values are slices of one piece of memory: the library copies its map three times.
fn sensitive_headers(pairs: &[Field]) -> Result<HeaderMap> {
    let mut values = Vec::with_capacity(pairs.iter().map(|(_, value)| value.len()).sum());
    pairs.iter().for_each(|(_, value)| values.extend_from_slice(value.as_bytes()));
    let mut rest = Bytes::from(values);
    // The library adds some of its own.
    let mut headers = HeaderMap::with_capacity(pairs.len() + 4);
    for (name, value) in pairs {
        let wrong =
            || Error::new(ErrorKind::Usage, format!("header {name} cannot be sent")).hint("Remove control characters from the value.");
        let known = OWN_NAMES.iter().find(|known| known.as_str() == name);
        let name = known.cloned().map_or_else(|| HeaderName::from_bytes(name.as_bytes()), Ok).map_err(|_| wrong())?;
        let mut value = HeaderValue::from_maybe_shared(rest.split_to(value.len())).map_err(|_| wrong())?;
        value.set_sensitive(true);
        headers.append(name, value);
    }
    Ok(headers)
}

/// How many bytes its body has.
fn length_of(request: &Request) -> u64 {
    match request.payload {
        Payload::Body => request.body.len() as u64,
        Payload::Unsigned { length } => length,
    }
}

/// What leaves with a request: the bytes at hand, or those that are opened for this attempt.
fn leaving(request: &Request, body: Option<&dyn Outgoing>, pulse: &Pulse, books: &Books) -> Result<reqwest::Body> {
    let (left, slice, source) = match (request.payload, body) {
        (Payload::Body, None) if request.body.is_empty() => return Ok(reqwest::Body::wrap(Nothing(pulse.clone()))),
        (Payload::Body, None) => (request.body.len() as u64, request.body.clone(), None),
        (Payload::Unsigned { length }, Some(body)) => match body.open() {
            Flow::AtHand(bytes) => (length, bytes, None),
            Flow::Coming(source) => (length, Bytes::new(), Some(source)),
        },
        (Payload::Unsigned { .. }, None) | (Payload::Body, Some(_)) => {
            return Err(Error::new(ErrorKind::Internal, "a request and its body do not fit together").hint("Report this with the command."));
        }
    };
    Ok(reqwest::Body::wrap(Leaving { left, slice, source, pulse: pulse.clone(), books: books.clone(), pause: None }))
}

/// The whole body. One that came in one piece is not copied.
async fn read(status: u16, headers: HeaderMap, mut from: Box<Arriving>) -> std::result::Result<Answer, Failed> {
    // At once as large as it will be: growing would leave old copies behind. The length is a promise of the other side's.
    let promised = from.response.content_length().and_then(|length| usize::try_from(length).ok()).unwrap_or(0);
    let (mut first, mut body) = (Bytes::new(), BytesMut::new());
    while let Some(chunk) = from.chunk().await? {
        if first.len() + body.len() + chunk.len() > BODY_CAP {
            let what = format!("{}: the answer is larger than {} MiB", from.host, BODY_CAP >> 20);
            let error = Error::new(ErrorKind::InvalidReply, what)
                .hint("No store answers so much to this question. Check that the endpoint is the store's.");
            return Err(Failed { error, reached: Reached::Perhaps });
        }
        if first.is_empty() && body.is_empty() {
            first = chunk;
            continue;
        }
        if body.is_empty() {
            body.reserve(promised.min(LARGEST_PROMISE));
            body.extend_from_slice(&std::mem::take(&mut first));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Answer { status, headers, body: if body.is_empty() { first } else { body.freeze() } })
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;
    use crate::domain::Op;
    use crate::runtime::clock;

    #[test]
    fn an_answer_says_whether_its_connection_ends() {
        let says = |version: reqwest::Version, said: Option<&str>| {
            let mut answer = http::Response::new("");
            *answer.version_mut() = version;
            if let Some(said) = said {
                answer.headers_mut().insert(reqwest::header::CONNECTION, HeaderValue::from_str(said).unwrap());
            }
            closes(&reqwest::Response::from(answer))
        };
        assert!(!says(reqwest::Version::HTTP_11, None));
        assert!(!says(reqwest::Version::HTTP_11, Some("keep-alive")));
        assert!(says(reqwest::Version::HTTP_11, Some("Close")));
        assert!(says(reqwest::Version::HTTP_10, None));
    }

    #[tokio::test]
    #[expect(clippy::disallowed_methods, reason = "a process that is stopped")]
    async fn what_came_while_the_process_was_stopped_is_read() {
        let longest = Duration::from_millis(60);
        let (tell, told) = tokio::sync::oneshot::channel();
        let stopped = async {
            std::thread::sleep(longest * 2);
            // Time has passed for everybody else before the connection's turn comes.
            for _ in 0..10 {
                tokio::task::yield_now().await;
            }
            tell.send(7)
        };
        let (came, told) = tokio::join!(within(longest, told), stopped);
        assert_eq!((came, told), (Some(Ok(7)), Ok(())));
        let begun = clock::now();
        assert_eq!(within(longest, std::future::pending::<()>()).await, None);
        assert!(clock::now().duration_since(begun) >= longest.try_into().unwrap());
    }

    /// What is found when a store answers with these pieces, each on its own.
    #[expect(clippy::disallowed_methods, reason = "a store that writes slowly")]
    async fn found<T>(pieces: &[&[u8]], reading: impl AsyncFnOnce(&Clients, Begun) -> T) -> T {
        let books = Books { session: Arc::default(), job: None, item: None, limit: Arc::default(), judged: Judged::Before };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let answering = async {
            let (mut stream, _) = listener.accept().await.unwrap();
            assert!(stream.read(&mut [0; 1024]).await.unwrap() > 0);
            for piece in pieces {
                // Whoever has read enough may hang up.
                stream.write_all(piece).await.ok();
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            stream
        };
        let (method, payload) = (http::Method::GET, Payload::Body);
        let request = Request { op: Op::ListBuckets, method, url, headers: Vec::new(), body: Bytes::new(), payload };
        let (clients, address, mut slip) = (Clients::default(), Address::of(&request.url), None);
        let going = Going { provider: Provider::S3, ca_file: None, request: &request, address: &address, body: None, books: &books };
        let asking = async {
            let begun = clients.send(&going, &mut slip).await.map_err(|failed| failed.error).unwrap();
            reading(&clients, begun).await
        };
        let (found, _open) = tokio::join!(asking, answering);
        found
    }

    #[tokio::test]
    async fn a_body_is_whole_in_however_many_pieces_it_comes() {
        let body = async |pieces: &[&[u8]]| {
            found(pieces, async |clients, begun: Begun| {
                let answer = clients.collect(begun.status, begun.headers, begun.body).await.map_err(|failed| failed.error);
                answer.map(|answer| answer.body)
            })
            .await
        };
        let (promised, chunked) =
            (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
        assert_eq!(body(&[promised, b"one piece"]).await.unwrap(), "one piece");
        assert_eq!(body(&[promised, b"t", b"wo or ", b"so"]).await.unwrap(), "two or so");
        assert_eq!(body(&[chunked, b"3\r\none\r\n0\r\n\r\n"]).await.unwrap(), "one");
        assert_eq!(body(&[chunked, b"3\r\none\r\n", b"4\r\n two\r\n", b"0\r\n\r\n"]).await.unwrap(), "one two");
        assert_eq!(body(&[b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"]).await.unwrap(), "");
        let endless = body(&[b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", &vec![b'x'; (8 << 20) + 1]]).await.unwrap_err();
        assert_eq!(endless.kind(), ErrorKind::InvalidReply);
        assert!(endless.message().ends_with("the answer is larger than 8 MiB"), "{endless}");
    }

    #[tokio::test]
    async fn a_connection_that_ends_leaves_its_place() {
        for (said, places) in [("", 1), ("Connection: close\r\n", 0)] {
            let answer = format!("HTTP/1.1 204 No Content\r\n{said}\r\n");
            let (status, counts) = found(&[answer.as_bytes()], async |clients, begun: Begun| {
                let counts: Vec<usize> = clients.made.lock().unwrap().values().map(|made| made.patience.count()).collect();
                (begun.status, counts)
            })
            .await;
            assert_eq!((status, counts.as_slice()), (204, [places].as_slice()), "{said}");
        }
    }
}
