//! A store in a box on loopback: both dialects, one in-memory world.
//!
//! Comes in: HTTP requests. Goes out: what Amazon S3 and Alibaba Cloud OSS would answer, signatures, ownership and consent
//! checked. Forbidden here: app, ui, and trusting the client's own canonicaliser.

mod codec;
mod request;
#[cfg(test)]
mod vectors;
mod verify;
mod verify_acs;
mod verify_oss_v1;
mod verify_oss_v4;
mod verify_s3;
mod xml;

use std::net::SocketAddr;
use std::time::Duration;

use crate::domain::Result;

/// How the store is started.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where it listens; port 0 takes a free one. Loopback addresses only.
    pub listen: SocketAddr,
    /// Added to every answer.
    pub latency: Duration,
}

/// A running store. It stops when this is dropped.
pub struct Store {
    _private: (),
}

impl Store {
    /// Starts the store with the demo world. Needs a tokio runtime.
    ///
    /// # Errors
    /// `Usage` for an address that is not loopback, `Local` when it cannot be bound.
    pub async fn start(_options: Options) -> Result<Self> {
        todo!()
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        todo!()
    }

    /// A ready config for `whopays` with every account of the demo world (its keys are inside: it is a toy world).
    pub fn config(&self) -> String {
        todo!()
    }

    /// What `demo --serve` prints: endpoints, keys, the config, and lines for other tools (`aws`, `ossutil`, `curl`).
    pub fn introduction(&self) -> String {
        todo!()
    }
}
