//! What was asked, as far as messages and hints need it: the catalogue of errors speaks of buckets and of objects alike.
//!
//! Comes in: a call. Goes out: its operation, its subject in words, the permission it needs. Forbidden here: arguments.

use super::{Call, answer, catalogue};
use crate::domain::{BucketName, Op, Provider};

/// A call whose answer may be an error.
pub(super) trait Asked {
    /// The row of the operation table.
    fn op(&self) -> Op;

    /// The bucket, for calls that have one.
    fn bucket(&self) -> Option<&BucketName>;

    /// What it is about, for messages: `bucket "colorpictures"`.
    fn subject(&self) -> String;

    /// The permission that it needs, in the cloud's own words.
    fn action(&self, provider: Provider) -> &'static str;

    /// Whether it is about the payer.
    fn is_payment(&self) -> bool {
        matches!(self.op(), Op::GetBucketRequestPayment | Op::PutBucketRequestPayment)
    }
}

impl Asked for Call {
    fn op(&self) -> Op {
        self.op()
    }

    fn bucket(&self) -> Option<&BucketName> {
        self.bucket()
    }

    fn subject(&self) -> String {
        answer::subject(self)
    }

    fn action(&self, provider: Provider) -> &'static str {
        catalogue::action(provider, self)
    }
}
