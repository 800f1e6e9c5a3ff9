//! The HTTP client with the settings that the measured traps call for.
//!
//! Comes in: a signed [`Request`]. Goes out: an [`Answer`] read to its end, or an error without URL or secret. Redirects
//! are never followed (they would carry tokens and bodies to another host), nothing waits longer than the idle timeout, bodies are
//! capped, and the URL that goes out is compared with the one that was signed.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

use super::no_answer::{self, Peer};
use super::retry::Reached;
use crate::domain::{Error, ErrorKind, Result};
use crate::wire::{Answer, Request};

/// How long nothing may happen.
#[derive(Clone, Copy, Debug)]
pub struct Timeouts {
    /// Until a connection stands.
    pub connect: Duration,
    /// Between two bytes of an answer, and before its first.
    pub idle: Duration,
    /// From the first byte of the request to the last of the answer, so that one that drips ends too.
    pub whole: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self { connect: Duration::from_secs(10), idle: Duration::from_secs(30), whole: Duration::from_secs(300) }
    }
}

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

/// One client for each CA file, made when first needed: loading certificates is no part of the first frame.
#[derive(Default)]
pub struct Clients {
    made: Mutex<HashMap<Kind, reqwest::Client>>,
    timeouts: Timeouts,
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

impl Clients {
    /// Clients with timeouts of their own.
    pub fn with_timeouts(timeouts: Timeouts) -> Self {
        Self { timeouts, ..Self::default() }
    }

    /// Sends a request and reads the whole answer. Any status is an answer.
    ///
    /// # Errors
    /// `Network`, `Tls`, `Timeout`, `InvalidReply` (body over the cap) and `Usage` (a URL that would be changed on its way).
    pub async fn send(&self, ca_file: Option<&PathBuf>, request: &Request) -> std::result::Result<Answer, Failed> {
        let before = |error| Failed { error, reached: Reached::Nothing };
        let url = checked_url(&request.url).map_err(before)?;
        let host = url.host_str().unwrap_or_default().to_owned();
        let kind = kind_of(&url, ca_file);
        let way = kind.way;
        let client = self.client(kind).map_err(before)?;
        let headers = sensitive_headers(&request.headers).map_err(before)?;
        let sent = client.request(request.method.clone(), url).headers(headers).body(request.body.clone()).send().await;
        let response = sent.map_err(|error| no_answer::failed(&peer(&host, way, &request.url), &error))?;
        read(&host, response).await
    }

    fn client(&self, kind: Kind) -> Result<reqwest::Client> {
        let mut made = self.made.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(client) = made.get(&kind) {
            return Ok(client.clone());
        }
        let client = build(&kind, self.timeouts)?;
        made.insert(kind, client.clone());
        Ok(client)
    }
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

fn build(kind: &Kind, timeouts: Timeouts) -> Result<reqwest::Client> {
    install_crypto();
    let mut builder = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(timeouts.connect)
        .read_timeout(timeouts.idle)
        .timeout(timeouts.whole)
        .pool_idle_timeout(KEEP_IDLE)
        .pool_max_idle_per_host(64)
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

/// Makes ring the process's crypto provider; the second call finds it there.
pub(super) fn install_crypto() {
    let _already_there = rustls::crypto::ring::default_provider().install_default();
}

#[expect(clippy::disallowed_methods, reason = "runtime reads files; a CA file is read once")]
pub(super) fn read_ca(file: &Path) -> Result<Vec<reqwest::Certificate>> {
    let wrong = |what: &str| {
        Error::new(ErrorKind::Config, format!("ca_file {}: {what}", file.display()))
            .hint("Name a PEM file with the certificate of the store's CA.")
    };
    let pem = std::fs::read(file).map_err(|error| wrong("cannot be read").source(error))?;
    let certificates = reqwest::Certificate::from_pem_bundle(&pem).map_err(|error| wrong("is not PEM").source(error))?;
    if certificates.is_empty() {
        return Err(wrong("holds no certificate"));
    }
    Ok(certificates)
}

/// Parses the URL and compares it with the text: the `url` type folds `/a/../b`, and a signed request for one key would act on
/// another.
fn checked_url(text: &str) -> Result<reqwest::Url> {
    let refuse = || {
        Error::new(ErrorKind::Usage, "this name cannot be sent safely")
            .hint("The HTTP library would change the address on its way, and another object would be meant. Use another tool for this key.")
    };
    let url = reqwest::Url::parse(text).map_err(|_| refuse())?;
    if path_and_query(text) == path_and_query(url.as_str()) { Ok(url) } else { Err(refuse()) }
}

fn path_and_query(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.find('/').map_or("/", |place| &rest[place..])
}

fn sensitive_headers(pairs: &[(String, String)]) -> Result<HeaderMap> {
    let mut headers = HeaderMap::with_capacity(pairs.len());
    for (name, value) in pairs {
        let wrong =
            || Error::new(ErrorKind::Usage, format!("header {name} cannot be sent")).hint("Remove control characters from the value.");
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| wrong())?;
        let mut value = HeaderValue::from_bytes(value.as_bytes()).map_err(|_| wrong())?;
        value.set_sensitive(true);
        headers.append(name, value);
    }
    Ok(headers)
}

async fn read(host: &str, mut response: reqwest::Response) -> std::result::Result<Answer, Failed> {
    let status = response.status().as_u16();
    let headers = std::mem::take(response.headers_mut());
    // At once as large as it will be: growing would leave old copies behind. The length is a promise of the other side's.
    let promised = response.content_length().and_then(|length| usize::try_from(length).ok()).unwrap_or(0);
    let mut body = BytesMut::with_capacity(promised.min(LARGEST_PROMISE));
    while let Some(chunk) = response.chunk().await.map_err(|error| no_answer::cut(host, &error))? {
        if body.len() + chunk.len() > BODY_CAP {
            let error = Error::new(ErrorKind::InvalidReply, format!("{host}: the answer is larger than {} MiB", BODY_CAP >> 20))
                .hint("No store answers so much to this question. Check that the endpoint is the store's.");
            return Err(Failed { error, reached: Reached::Perhaps });
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Answer { status, headers, body: Bytes::from(body) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folded_urls_are_refused() {
        for folded in ["http://h/b/a/../c", "http://h/b/./c", "http://h/b/%2e%2e/c", "http://h/b/a\tb", "http://h/b?x='"] {
            assert!(checked_url(folded).is_err(), "{folded}");
        }
        for kept in ["http://h/b/a%2F..%2Fc?requestPayment", "https://h", "http://h:8080/b//c?x=%27", "http://127.0.0.1:9/"] {
            assert!(checked_url(kept).is_ok(), "{kept}");
        }
    }
}
