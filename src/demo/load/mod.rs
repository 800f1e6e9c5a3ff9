//! The load mode: a store for benchmarks, that is faster than whoever measures with it.
//!
//! Comes in: HTTP or HTTPS requests of any client, signatures unchecked. Goes out: listings of as many keys as one likes,
//! objects of any size, receipts for uploads. Nothing takes memory by its count: keys and bytes are arithmetic.
//!
//! ```text
//!  socket    threads, TLS, latency            page, keys      listings
//!    |                                        blob            bytes and their sums
//!  service   one request, one reply           drain, uploads  what was uploaded: sums, no bytes
//!    |                                        counts, guide   what is told
//! ```

mod blob;
mod counts;
mod drain;
mod guide;
mod keys;
mod page;
mod service;
mod socket;
mod uploads;

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::runtime::Runtime;
use tokio_rustls::TlsAcceptor;

use crate::domain::{Error, ErrorKind, Result};

/// How the load mode is started.
#[derive(Clone)]
pub struct LoadOptions {
    /// Where it listens; port 0 takes a free one. Loopback addresses only.
    pub listen: SocketAddr,
    /// Added to every answer.
    pub latency: Duration,
    /// How many keys each bucket has; a billion at most.
    pub keys: u64,
    /// How many threads answer.
    pub threads: usize,
    /// Certificates and key, for HTTPS.
    pub tls: Option<Pem>,
}

/// A certificate chain and its key, both in PEM.
#[derive(Clone)]
pub struct Pem {
    /// The certificates, the server's own first.
    pub certificates: Vec<u8>,
    /// The key.
    pub key: Vec<u8>,
}

/// A running load store. It stops, with all its connections, when this is dropped.
pub struct LoadStore {
    address: SocketAddr,
    scheme: &'static str,
    keys: u64,
    runtime: Option<Runtime>,
}

impl LoadStore {
    /// Starts it, on threads of its own.
    ///
    /// # Errors
    /// `Usage` for an address that is not loopback, too many keys, certificates that cannot be used; `Local` when the address
    /// cannot be bound or the threads cannot be had.
    pub fn start(options: LoadOptions) -> Result<Self> {
        let listen = options.listen;
        if !listen.ip().is_loopback() {
            let error = Error::new(ErrorKind::Usage, format!("{listen} is not a loopback address"));
            return Err(error.hint("Listen at 127.0.0.1 or [::1]: this store looks at no signature."));
        }
        if options.keys > keys::MOST_KEYS {
            let error = Error::new(ErrorKind::Usage, format!("{} synthetic keys", options.keys));
            return Err(error.hint(format!("Ask for {} at most.", keys::MOST_KEYS)));
        }
        let tls = options.tls.as_ref().map(acceptor).transpose()?;
        let unbound = |error: std::io::Error| {
            let failed = Error::new(ErrorKind::Local, format!("cannot listen at {listen}"));
            failed.hint("Choose another port, or port 0 for a free one.").source(error)
        };
        let listener = TcpListener::bind(listen).map_err(unbound)?;
        listener.set_nonblocking(true).map_err(unbound)?;
        let address = listener.local_addr().map_err(unbound)?;
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(options.threads.max(1)).enable_all().build();
        let runtime = runtime.map_err(|error| Error::new(ErrorKind::Local, "the system gives no threads").source(error))?;
        let scheme = if tls.is_some() { "https" } else { "http" };
        let shared = socket::Shared { load: service::Load::new(options.keys), latency: options.latency, tls };
        runtime.spawn(socket::accept(listener, Arc::new(shared)));
        Ok(Self { address, scheme, keys: options.keys, runtime: Some(runtime) })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The address with its scheme.
    pub fn endpoint(&self) -> String {
        format!("{}://{}", self.scheme, self.address)
    }

    /// A ready config for `whopays` with an account of each cloud.
    pub fn config(&self) -> String {
        guide::config(&self.endpoint())
    }

    /// What is printed: endpoints, buckets, the config, and lines for other tools.
    pub fn introduction(&self) -> String {
        guide::introduction(&self.endpoint(), self.keys)
    }
}

impl Drop for LoadStore {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

fn acceptor(pem: &Pem) -> Result<TlsAcceptor> {
    let unusable =
        |what: &str| Error::new(ErrorKind::Usage, format!("the {what} cannot be used")).hint("Give PEM files that belong together.");
    let chain: std::result::Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem.certificates).collect();
    let chain = chain.ok().filter(|chain| !chain.is_empty()).ok_or_else(|| unusable("certificate"))?;
    let key = PrivateKeyDer::from_pem_slice(&pem.key).map_err(|_| unusable("key"))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, key));
    let mut config = config.map_err(|error| unusable("certificate with this key").source(error))?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}
