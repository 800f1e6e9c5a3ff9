//! Why a request got no answer, in words: whom it was for, which of the usual causes it was, and what to do.
//!
//! Comes in: the HTTP client's error. Goes out: ours. Forbidden here: repeating a URL, a header, or a proxy's password.

use std::error::Error as StdError;
use std::io;

use rustls::CertificateError;

use super::http::Failed;
use super::retry::Reached;
use crate::domain::{Error, ErrorKind};

/// Whom a failed connection was for: the host, and the proxy on the way there, which may be the one that failed.
pub(super) struct Peer {
    host: String,
    proxy: Option<String>,
}

impl Peer {
    /// A host that was to be reached without a proxy.
    pub(super) fn direct(host: &str) -> Self {
        Self { host: host.to_owned(), proxy: None }
    }

    /// The host of this URL, behind the proxy that the variables name for it; without the user and password that they may hold.
    pub(super) fn as_the_system_says(host: &str, url: &str) -> Self {
        let proxy = url.parse().ok().and_then(|url| hyper_util::client::proxy::matcher::Matcher::from_env().intercept(&url));
        let proxy = proxy.and_then(|found| {
            let port = found.uri().port_u16().map_or(String::new(), |port| format!(":{port}"));
            found.uri().host().map(|host| format!("{host}{port}"))
        });
        Self { host: host.to_owned(), proxy }
    }
}

impl std::fmt::Display for Peer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.proxy {
            Some(proxy) => write!(f, "{} by way of the proxy {proxy}", self.host),
            None => f.write_str(&self.host),
        }
    }
}

/// The error for an answer that began and broke off.
pub(super) fn cut(host: &str, error: &reqwest::Error) -> Failed {
    let error = Error::new(ErrorKind::Network, format!("{host}: the answer broke off before its end"))
        .hint("Try again; if it stays, look at the proxy or the network between here and the store.")
        .source(Below::of(error));
    Failed { error, reached: Reached::Perhaps }
}

/// The error for an answer that began, and of which nothing more came.
pub(super) fn stalled(host: &str) -> Failed {
    Failed { error: timed_out(host, "did not come to the end of its answer"), reached: Reached::Perhaps }
}

/// The error for a request that was sent, and to which nothing came.
pub(super) fn silent(peer: &Peer) -> Failed {
    Failed { error: timed_out(&peer.to_string(), "did not answer"), reached: Reached::Perhaps }
}

fn timed_out(host: &str, what: &str) -> Error {
    Error::new(ErrorKind::Timeout, format!("{host} {what}"))
        .hint("Too little came for too long. Check endpoint and network, then try again.")
}

/// Turns the client's error into one that says which of the usual causes it was.
pub(super) fn failed(peer: &Peer, error: &reqwest::Error) -> Failed {
    if error.is_connect() {
        return Failed { error: no_connection(peer, error), reached: Reached::Nothing };
    }
    let error = Error::new(ErrorKind::Network, format!("{peer}: the connection broke before an answer came"))
        .hint("The store may have acted on the request. Look at the current state before you repeat it.")
        .source(Below::of(error));
    Failed { error, reached: Reached::Perhaps }
}

fn no_connection(peer: &Peer, error: &reqwest::Error) -> Error {
    let below = Below::of(error);
    if let Some(tls) = find::<rustls::Error>(error) {
        return tls_error(&peer.host, tls).source(below);
    }
    if error.is_timeout() {
        return Error::new(ErrorKind::Timeout, format!("{peer}: no connection in time"))
            .hint("Check the endpoint, the network and the proxy variables.");
    }
    let (what, hint) = why_no_connection(peer, error, &below);
    Error::new(ErrorKind::Network, format!("{peer}: {what}")).hint(hint).source(below)
}

fn why_no_connection(peer: &Peer, error: &reqwest::Error, below: &Below) -> (&'static str, &'static str) {
    let proxied = peer.proxy.is_some();
    let variables = "Check HTTPS_PROXY, HTTP_PROXY and NO_PROXY, and that the proxy allows this host.";
    let or_proxy = |hint| if proxied { variables } else { hint };
    let io = find::<io::Error>(error).map(io::Error::kind);
    if below.0.contains("dns error") || below.0.contains("failed to lookup") {
        ("the name cannot be resolved", or_proxy("Check the endpoint's spelling, the region and the DNS of this machine."))
    } else if io == Some(io::ErrorKind::ConnectionRefused) {
        ("the connection was refused", or_proxy("Nothing listens there. Check endpoint and port, and that the store is running."))
    } else if matches!(io, Some(io::ErrorKind::NetworkUnreachable | io::ErrorKind::HostUnreachable)) {
        ("the network is unreachable", "Check this machine's network, VPN and routes.")
    } else if below.0.contains("authorization required") {
        ("the proxy wants a login", "Set the proxy's user and password in its variable, or go around it with NO_PROXY.")
    } else if below.0.contains("tunnel") {
        ("the proxy refused the connection", variables)
    } else {
        ("no connection could be made", "Check endpoint, network and proxy variables.")
    }
}

fn tls_error(host: &str, error: &rustls::Error) -> Error {
    let (what, hint) = match certificate_error(error) {
        Some(CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. }) => {
            ("the certificate is for another name", "Use the host name that the certificate names, or check who answers at this address.")
        }
        Some(CertificateError::Expired | CertificateError::ExpiredContext { .. }) => {
            ("the certificate has expired", "Tell the store's operator, and check this machine's clock.")
        }
        Some(CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. }) => {
            ("the certificate is not valid yet", "Check this machine's clock.")
        }
        Some(CertificateError::UnknownIssuer) => (
            "the certificate's issuer is not trusted",
            "For a store with a CA of its own set `ca_file` for the account. Else somebody may be in between.",
        ),
        Some(_) => ("the certificate is not valid", "Check who answers at this address."),
        None => ("TLS failed", "Check that the endpoint speaks TLS on this port; an http endpoint is written http://."),
    };
    Error::new(ErrorKind::Tls, format!("{host}: {what}")).hint(hint)
}

fn certificate_error(error: &rustls::Error) -> Option<&CertificateError> {
    if let rustls::Error::InvalidCertificate(certificate) = error { Some(certificate) } else { None }
}

/// The first error of a type in the chain, looking into `io::Error`s as well.
fn find<'a, E: StdError + 'static>(error: &'a (dyn StdError + 'static)) -> Option<&'a E> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<E>() {
            return Some(found);
        }
        let inside = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        if let Some(found) = inside.and_then(|inside| find::<E>(inside)) {
            return Some(found);
        }
        next = error.source();
    }
    None
}

/// The causes below an HTTP error as text. The error itself would name the URL, and a signed URL is a secret.
#[derive(Debug)]
struct Below(String);

impl Below {
    fn of(error: &reqwest::Error) -> Self {
        let mut causes = Vec::new();
        let mut next = error.source();
        while let Some(cause) = next {
            let text = cause.to_string();
            if causes.last() != Some(&text) {
                causes.push(text);
            }
            next = cause.source();
        }
        Self(causes.join(": "))
    }
}

impl std::fmt::Display for Below {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl StdError for Below {}
