//! What an operation on objects is given.
//!
//! Comes in: a request that may be served. Goes out: its parts, under short names.

use jiff::Timestamp;

use super::body::Payload;
use super::copy::Source;
use super::object::own;
use super::request::Incoming;
use super::verify;
use super::world::Account;
use crate::domain::{Op, Provider};

/// One request, ready to be carried out.
pub(super) struct Job<'a> {
    /// The cloud that is played.
    pub(super) cloud: Provider,
    /// What is asked.
    pub(super) op: Op,
    /// The request.
    pub(super) request: &'a Incoming,
    /// Its query.
    pub(super) query: &'a [(String, String)],
    /// The key.
    pub(super) key: &'a str,
    /// Who asks.
    pub(super) account: Option<&'static Account>,
    /// The body.
    pub(super) payload: Payload,
    /// What is copied, for the operations that copy.
    pub(super) source: Option<Source>,
    /// Keys that a script lets a batch refuse.
    pub(super) refused: &'a [String],
}

impl Job<'_> {
    /// When it came.
    pub(super) fn now(&self) -> Timestamp {
        self.request.now
    }

    /// A query item.
    pub(super) fn item(&self, name: &str) -> Option<&str> {
        verify::item(self.query, name)
    }

    /// The version that is named.
    pub(super) fn version(&self) -> Option<&str> {
        self.item("versionId").filter(|id| !id.is_empty())
    }

    /// A header that bears the cloud's prefix.
    pub(super) fn own(&self, name: &str) -> Option<&str> {
        self.request.header(&own(self.cloud, name))
    }
}
