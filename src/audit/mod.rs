//! One redacted line per act that changes something.
//!
//! Comes in: what was asked and what the store answered. Goes out: [`Change`] lines, which `runtime` writes to the
//! journal and screen 5 shows. Forbidden here: writing files, secrets.

use jiff::Timestamp;

use crate::domain::{BucketId, Payer, Provider};

/// How a change ended. A line is written as [`Outcome::Sent`] before the request leaves, so that a killed process
/// leaves a trace of what it may have done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// The request was about to leave; nobody knows yet what became of it.
    Sent,
    /// The store answered the new value when asked again.
    Verified,
    /// The store accepted the change but still answers another value.
    NotApplied,
    /// The store refused, or the request never arrived: the value is as before.
    Failed,
    /// The connection broke, and the store did not answer the new value afterwards: it may still come.
    Unknown,
}

impl Outcome {
    /// Every outcome, for readers of the journal.
    pub const ALL: [Self; 5] = [Self::Sent, Self::Verified, Self::NotApplied, Self::Failed, Self::Unknown];

    /// The word in the journal and in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Verified => "verified",
            Self::NotApplied => "not applied",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
        }
    }
}

/// One change of a bucket's payer, as the journal keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The journal's number of the line; 0 while it is not written yet.
    pub id: i64,
    /// When it was sent, by this machine's clock.
    pub at: Timestamp,
    /// The account of the config that acted, and the bucket.
    pub bucket: BucketId,
    /// The protocol.
    pub provider: Provider,
    /// Whom the credentials belong to (ARN, else the shortened key id), where known.
    pub identity: Option<String>,
    /// What the store answered before, where it was read.
    pub before: Option<Payer>,
    /// What was asked for.
    pub asked: Payer,
    /// What the store answered afterwards, where it was read.
    pub after: Option<Payer>,
    /// How it ended.
    pub outcome: Outcome,
    /// The request id of the PUT.
    pub request_id: Option<String>,
    /// Message of the error, for changes that did not end well.
    pub error: Option<String>,
}
