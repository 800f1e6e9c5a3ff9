//! A store of one object, in raw bytes: it serves ranges, and does to each request what a test says.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use whopays::config::{self, LiteralSecrets};
use whopays::domain::{Acting, Consent};
use whopays::runtime::desk::Desk;
use whopays::runtime::engine::Engine;
use whopays::runtime::http::Timeouts;
use whopays::runtime::journal::Journal;

use super::acting;

pub(super) const MIB: u64 = 1 << 20;

/// A request as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Asked {
    pub(super) line: String,
    /// First and last byte of `Range: bytes=0-9`.
    pub(super) range: Option<(u64, Option<u64>)>,
    pub(super) if_match: Option<String>,
    pub(super) payer: Option<String>,
}

/// What happens to a request.
#[derive(Clone, Debug)]
pub(super) enum Deed {
    Serve,
    /// So many bytes of the body, then the connection ends.
    CutAfter(u64),
    /// So many bytes of the body, then silence.
    HangAfter(u64),
    /// A status without a document.
    Refuse(u16),
    /// The bytes of another content, with its entity tag; whoever sent If-Match is not heard.
    Another,
    /// The whole object with 200, whatever range was asked for.
    Whole,
    /// Without a length: the end of the connection is the end of the body, after so many bytes.
    CloseDelimited(u64),
    /// A body that is longer than the object.
    Longer,
}

pub(super) struct Origin {
    pub(super) address: SocketAddr,
    asked: Arc<Mutex<Vec<Asked>>>,
    pub(super) content: Arc<Vec<u8>>,
}

type Deeds = Arc<dyn Fn(usize, &Asked) -> Deed + Send + Sync>;

/// Bytes that differ from place to place.
pub(super) fn bytes(size: u64) -> Vec<u8> {
    let block: Vec<u8> = (0..1_000_003_u32).map(|place| (place.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    block.iter().copied().cycle().take(usize::try_from(size).unwrap().min(block.len())).collect::<Vec<u8>>().repeat_to(size)
}

trait Repeated {
    fn repeat_to(self, size: u64) -> Self;
}

impl Repeated for Vec<u8> {
    fn repeat_to(mut self, size: u64) -> Self {
        let size = usize::try_from(size).unwrap();
        while self.len() < size {
            let more = (size - self.len()).min(self.len());
            self.extend_from_within(..more);
        }
        self
    }
}

impl Origin {
    /// Serves this content. `headers` go with each answer; the deed is chosen by the request's number (from 0) and the request.
    pub(super) fn new(content: Vec<u8>, headers: &'static str, deeds: impl Fn(usize, &Asked) -> Deed + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (asked, content, deeds): (Arc<Mutex<Vec<Asked>>>, _, Deeds) = (Arc::default(), Arc::new(content), Arc::new(deeds));
        let (kept, held) = (asked.clone(), content.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (kept, held, deeds) = (kept.clone(), held.clone(), deeds.clone());
                std::thread::spawn(move || while serve(&stream, &kept, &held, headers, &deeds).is_some() {});
            }
        });
        Self { address, asked, content }
    }

    pub(super) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// How many bytes were asked for in ranges.
    pub(super) fn bytes_asked(&self) -> u64 {
        let size = self.content.len() as u64;
        self.asked().iter().map(|asked| asked.range.map_or(size, |(from, to)| to.map_or(size, |to| size.min(to + 1)) - from)).sum()
    }

    pub(super) fn engine(&self, provider: &str) -> Engine {
        self.engine_with(provider, Journal::in_memory().unwrap())
    }

    pub(super) fn engine_with(&self, provider: &str, journal: Journal) -> Engine {
        engine_at(&self.address.to_string(), provider, journal)
    }
}

pub(super) fn engine_at(address: &str, provider: &str, journal: Journal) -> Engine {
    let text = format!(
        "[accounts.acc]\nprovider = \"{provider}\"\nregion = \"cn-hangzhou\"\nendpoint = \"http://{}\"\naddressing = \"path\"\n\
             access_key_id = \"AKIDEXAMPLE00000001\"\naccess_key_secret = \"canarySecret0123456789\"\n",
        address
    );
    let config = config::parse("test.toml", &text, LiteralSecrets::Allowed).unwrap();
    let timeouts = Timeouts { connect: Duration::from_secs(5), idle: Duration::from_secs(2), ..Timeouts::default() };
    Engine::new(&config, journal, Arc::new(Desk::default()), Box::new(|_| ())).unwrap().with_timeouts(timeouts)
}

pub(super) fn from() -> Acting {
    acting("acc:bucket", Consent::Given)
}

fn serve(stream: &TcpStream, kept: &Mutex<Vec<Asked>>, content: &[u8], headers: &str, deeds: &Deeds) -> Option<()> {
    let asked = read(stream)?;
    let number = {
        let mut kept = kept.lock().unwrap();
        kept.push(asked.clone());
        kept.len() - 1
    };
    let deed = deeds(number, &asked);
    let size = content.len() as u64;
    let tag = if matches!(deed, Deed::Another) { "\"other\"" } else { "\"tag-1\"" };
    let common = format!("ETag: {tag}\r\nLast-Modified: Thu, 29 Feb 2024 12:00:00 GMT\r\n{headers}");
    let range = asked.range.filter(|_| !matches!(deed, Deed::Whole | Deed::Longer));
    let (first, end) = range.map_or((0, size), |(first, last)| (first, last.map_or(size, |last| size.min(last + 1))));
    let head = match range {
        Some(_) => format!("HTTP/1.1 206 Partial Content\r\nContent-Range: bytes {first}-{}/{size}\r\n", end - 1),
        None => "HTTP/1.1 200 OK\r\n".to_owned(),
    };
    let body = &content[usize::try_from(first).unwrap()..usize::try_from(end).unwrap()];
    let mut to = stream;
    let mut say = |length: Option<usize>, body: &[u8]| {
        let length = length.map_or("Connection: close\r\n".to_owned(), |length| format!("Content-Length: {length}\r\n"));
        to.write_all(format!("{head}{common}{length}\r\n").as_bytes()).ok()?;
        to.write_all(body).ok()
    };
    match deed {
        Deed::Serve | Deed::Another | Deed::Whole => say(Some(body.len()), body),
        Deed::Longer => say(Some(body.len() + 3), &[body, b"xyz"].concat()),
        Deed::CutAfter(count) => {
            say(Some(body.len()), &body[..usize::try_from(count).unwrap().min(body.len())])?;
            None
        }
        Deed::CloseDelimited(count) => {
            say(None, &body[..usize::try_from(count).unwrap().min(body.len())])?;
            None
        }
        Deed::HangAfter(count) => {
            say(Some(body.len()), &body[..usize::try_from(count).unwrap().min(body.len())])?;
            std::thread::sleep(Duration::from_secs(20));
            None
        }
        Deed::Refuse(status) => {
            to.write_all(format!("HTTP/1.1 {status} Refused\r\nContent-Length: 0\r\nx-amz-request-id: R\r\n\r\n").as_bytes()).ok()
        }
    }
}

fn read(stream: &TcpStream) -> Option<Asked> {
    let mut lines = BufReader::new(stream).lines().map_while(Result::ok).take_while(|line| !line.is_empty());
    let line = lines.next()?;
    let mut asked = Asked { line, range: None, if_match: None, payer: None };
    for header in lines {
        let (name, value) = header.split_once(": ")?;
        match name.to_ascii_lowercase().as_str() {
            "range" => {
                let (first, last) = value.strip_prefix("bytes=")?.split_once('-')?;
                asked.range = Some((first.parse().ok()?, last.parse().ok()));
            }
            "if-match" => asked.if_match = Some(value.to_owned()),
            "x-amz-request-payer" | "x-oss-request-payer" => asked.payer = Some(header.clone()),
            _ => {}
        }
    }
    Some(asked)
}
