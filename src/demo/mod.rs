//! A store in a box on loopback: both dialects, one in-memory world.
//!
//! Comes in: HTTP requests. Goes out: what Amazon S3 and Alibaba Cloud OSS would answer, signatures, ownership and consent
//! checked. Forbidden here: app, ui, and trusting the client's own canonicaliser.
//!
//! ```text
//!  server   the socket                        verify_*  signatures, from the raw request
//!    |                                        refusal   why not, in each cloud's words
//!  door     one request in, one answer out    access    who may, who pays
//!    |                                        buckets, listing, objects, copy, multipart, batch, versions,
//!    |                                        details, settings, sts   what is done, each given a job
//!  state    what changes                      world     what is there at the start
//!           (shelf, history, object, uploads, mood)
//! ```
//!
//! Beside it, `load` is a second, smaller store for benchmarks: no signatures, no memory, any size.

mod access;
mod answer;
mod batch;
mod body;
mod buckets;
mod codec;
mod conditions;
mod copy;
mod details;
mod door;
mod guide;
mod history;
mod job;
mod listing;
mod load;
mod log;
mod mood;
mod multipart;
mod object;
mod objects;
mod refusal;
mod request;
mod route;
mod script;
mod server;
mod settings;
mod shelf;
mod state;
mod sts;
mod sums;
mod uploads;
mod uploads_lists;
#[cfg(test)]
mod vectors;
mod verify;
mod verify_acs;
mod verify_oss_v1;
mod verify_oss_v4;
mod verify_s3;
mod versions;
mod world;
mod xml;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::time::Duration;

use jiff::SignedDuration;
use tokio::net::TcpListener;
use tokio::task::AbortHandle;

pub use self::load::{LoadOptions, LoadStore, Pem};
pub use self::log::Received;
pub use self::mood::Mood;
pub use self::script::{Act, Prepared};
use crate::domain::{Error, ErrorKind, Op, Result};

/// How the store is started. The default: a free port of 127.0.0.1, no latency, the demo world as it is.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where it listens; port 0 takes a free one. Loopback addresses only.
    pub listen: SocketAddr,
    /// Added to every answer.
    pub latency: Duration,
    /// That many buckets more, in an account `crowd` of their own, for benchmarks.
    pub extra_buckets: usize,
    /// How far the store's clock is ahead of the machine's.
    pub clock_offset: SignedDuration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            latency: Duration::ZERO,
            extra_buckets: 0,
            clock_offset: SignedDuration::ZERO,
        }
    }
}

/// A running store. It stops, with all its connections, when this is dropped.
pub struct Store {
    address: SocketAddr,
    extra: usize,
    shared: Arc<server::Shared>,
    task: AbortHandle,
}

impl Store {
    /// Starts the store with the demo world. Needs a tokio runtime.
    ///
    /// # Errors
    /// `Usage` for an address that is not loopback, `Local` when it cannot be bound.
    pub async fn start(options: Options) -> Result<Self> {
        let listen = options.listen;
        if !listen.ip().is_loopback() {
            let error = Error::new(ErrorKind::Usage, format!("{listen} is not a loopback address"));
            return Err(error.hint("Listen at 127.0.0.1 or [::1]: the keys of the demo world are known to everybody."));
        }
        let unbound = |error: std::io::Error| {
            Error::new(ErrorKind::Local, format!("cannot listen at {listen}"))
                .hint("Choose another port, or port 0 for a free one.")
                .source(error)
        };
        let listener = TcpListener::bind(listen).await.map_err(unbound)?;
        let address = listener.local_addr().map_err(unbound)?;
        let shared = Arc::new(server::Shared {
            door: door::Door::new(server::machine_time(), options.extra_buckets),
            latency: options.latency,
            clock_offset: AtomicI64::new(milliseconds(options.clock_offset)),
            connections: AtomicUsize::new(0),
        });
        let task = server::run(listener, Arc::clone(&shared));
        Ok(Self { address, extra: options.extra_buckets, shared, task })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// A ready config for `whopays` with every account of the demo world (its keys are inside: it is a toy world).
    pub fn config(&self) -> String {
        guide::config(self.address, self.extra)
    }

    /// What `demo --serve` prints: endpoints, keys, the config, and lines for other tools (`aws`, `ossutil`, `curl`).
    pub fn introduction(&self) -> String {
        guide::introduction(self.address, self.extra)
    }

    /// What it received, in order; the last hundred thousand requests.
    pub fn log(&self) -> Vec<Received> {
        self.shared.door.log()
    }

    /// How many connections are open: none, once every client has gone and what it left under way is in the log.
    pub fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::Relaxed)
    }

    /// Tells a listener of every request that comes from now on, before its answer is sent; it hears no more once it says false.
    pub fn tell(&self, listener: impl FnMut(&Received) -> bool + Send + 'static) {
        self.shared.door.tell(Box::new(listener));
    }

    /// The payer that a bucket has in the store now, whoever may ask for it; `None`: there is no such bucket.
    pub fn payer(&self, bucket: &str) -> Option<String> {
        self.shared.door.payer(bucket, self.shared.now())
    }

    /// The next requests of that operation get these acts, one each, instead of what they would get.
    pub fn script(&self, op: Op, acts: impl IntoIterator<Item = Act>) {
        self.shared.door.script(op, "", acts);
    }

    /// The same for requests whose target (path and query, as sent) holds a text: `partNumber=3`, a key, a marker.
    pub fn script_where(&self, op: Op, holding: &str, acts: impl IntoIterator<Item = Act>) {
        self.shared.door.script(op, holding, acts);
    }

    /// From now on the store takes requester-pays so.
    pub fn set_mood(&self, mood: Mood) {
        self.shared.door.set_mood(mood);
    }

    /// Sets the store's clock ahead of the machine's, or behind it.
    pub fn set_clock_offset(&self, offset: SignedDuration) {
        self.shared.clock_offset.store(milliseconds(offset), Ordering::Relaxed);
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn milliseconds(duration: SignedDuration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(0)
}
