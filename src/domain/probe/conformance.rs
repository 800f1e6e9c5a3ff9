//! The self-test of a whole endpoint: which operations that take the payer header the store honours.
//!
//! Comes in: the operation table. Goes out: what is tried and in which order, what is not and why, and how an answer is read.
//! Forbidden here: forgetting an operation; a test compares both lists with the table.

use crate::domain::account::Provider;
use crate::domain::error::{Error, ErrorKind};
use crate::domain::escape::visible;
use crate::domain::object::Charged;
use crate::domain::op::{Effect, Op, ROWS};

/// What is tried, in this order: each uses what those before it made.
pub static TRIED: &[Op] = &[
    Op::PutObject,
    Op::HeadObject,
    Op::GetObject,
    Op::ListObjectsV2,
    Op::ListObjectVersions,
    Op::PutObjectTagging,
    Op::GetObjectTagging,
    Op::GetObjectAcl,
    Op::GetObjectAttributes,
    Op::CopyObject,
    Op::CreateMultipartUpload,
    Op::UploadPart,
    Op::UploadPartCopy,
    Op::ListParts,
    Op::ListMultipartUploads,
    Op::CompleteMultipartUpload,
    Op::AbortMultipartUpload,
    Op::DeleteObject,
    Op::DeleteObjects,
];

/// What takes the header and is not tried, and why.
pub static UNTRIED: &[(Op, &str)] = &[
    (Op::GetBucketAccelerateConfiguration, "it asks about the bucket's network, which is the config's choice here"),
    (Op::PutObjectLockConfiguration, "it would change the whole bucket, and cannot be taken back"),
    (Op::ListObjects, "ListObjectsV2 is tried in its place"),
    (Op::GetObjectMeta, "HeadObject is tried in its place"),
    (Op::GetObjectTorrent, "S3 offers torrents no longer"),
    (Op::AppendObject, "appendable objects are not written here"),
    (Op::RestoreObject, "it needs an archived object, and thawing costs money"),
    (Op::CleanRestoredObject, "it needs a thawed object"),
    (Op::PutObjectAcl, "access lists are only read here"),
    (Op::DeleteObjectTagging, "tags are replaced here, and go with their object"),
    (Op::GetObjectLegalHold, "it needs a bucket with object lock"),
    (Op::PutObjectLegalHold, "an object under a hold could not be removed afterwards"),
    (Op::GetObjectRetention, "it needs a bucket with object lock"),
    (Op::PutObjectRetention, "an object under retention could not be removed afterwards"),
    (Op::UpdateObjectEncryption, "it needs a key of the owner's key service"),
    (Op::GetObjectAnnotation, "annotations are not used here"),
    (Op::PutObjectAnnotation, "annotations are not used here"),
    (Op::DeleteObjectAnnotation, "annotations are not used here"),
    (Op::ListObjectAnnotations, "annotations are not used here"),
    (Op::GetSymlink, "links between objects are not made here"),
    (Op::PutSymlink, "links between objects are not made here"),
    (Op::ProcessObject, "it needs a document or a picture, and a service beside the store"),
    (Op::AsyncProcessObject, "it needs a film or a document, and a service beside the store"),
];

/// What a cloud's store is tried with.
pub fn tried(provider: Provider) -> impl Iterator<Item = Op> {
    TRIED.iter().copied().filter(move |op| op.takes_payer(provider))
}

/// What takes the header at a cloud and is not tried: in the order of the operation table, each with its reason.
pub fn untried(provider: Provider) -> impl Iterator<Item = (Op, &'static str)> {
    let rest = ROWS.iter().map(|row| row.op).filter(move |op| op.takes_payer(provider) && !TRIED.contains(op));
    rest.map(|op| (op, UNTRIED.iter().find(|(known, _)| *known == op).map_or("this program cannot send it", |(_, why)| why)))
}

/// Whether an operation is tried without the header, too: only what reads, so that nothing is made twice.
pub fn is_tried_without(op: Op) -> bool {
    op.row().effect == Effect::Reads
}

/// What the objects of a run hold.
pub const BODY: &[u8] = b"whopays conformance";

/// What a whole run sends at most.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Needs {
    /// Requests by operation, each operation once.
    pub requests: Vec<(Op, u64)>,
    /// Bytes of bodies that leave.
    pub up: u64,
    /// Bytes of objects that come back.
    pub down: u64,
}

/// The requests of a whole run, at most.
pub fn needs(provider: Provider) -> Needs {
    // Beside the trials: one upload more, which is aborted, and one try of an object without the header; and to clean up, three
    // looks at what is there, the removal of three objects with their markers, and the abort of two uploads.
    let beside = [
        (Op::CreateMultipartUpload, 1),
        (Op::PutObject, 1),
        (Op::ListMultipartUploads, 1),
        (Op::ListObjectVersions, 1),
        (Op::ListObjectsV2, 1),
        (Op::DeleteObject, 6),
        (Op::AbortMultipartUpload, 2),
    ];
    let trials = tried(provider).map(|op| (op, if is_tried_without(op) { 2 } else { 1 }));
    let mut requests: Vec<(Op, u64)> = Vec::new();
    for (op, count) in trials.chain(beside).filter(|(op, _)| op.cell(provider).is_some()) {
        match requests.iter_mut().find(|(known, _)| *known == op) {
            Some((_, sum)) => *sum += count,
            None => requests.push((op, count)),
        }
    }
    let bodies = |wanted: &[Op]| {
        let count: u64 = requests.iter().filter(|(op, _)| wanted.contains(op)).map(|(_, count)| count).sum();
        count * BODY.len() as u64
    };
    let (up, down) = (bodies(&[Op::PutObject, Op::UploadPart]), bodies(&[Op::GetObject]));
    Needs { requests, up, down }
}

/// What came of one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// It was done.
    Done(Charged),
    /// The store refused it.
    Refused(u16, String),
    /// The store has no such operation.
    NotImplemented(u16, String),
    /// Anything else, in words.
    Failed(String),
    /// It was not sent, and why.
    NotTried(String),
}

impl Heard {
    /// What an error says of an operation.
    pub fn of_error(error: &Error) -> Self {
        let Some(answer) = error.store_answer() else { return Self::Failed(error.message().to_owned()) };
        let (status, code) = (answer.status, answer.code.clone());
        match error.kind() {
            ErrorKind::Denied => Self::Refused(status, code),
            ErrorKind::Unsupported => Self::NotImplemented(status, code),
            ErrorKind::Usage
            | ErrorKind::Config
            | ErrorKind::Credentials
            | ErrorKind::NotFound
            | ErrorKind::WrongRegion
            | ErrorKind::ClockSkew
            | ErrorKind::Throttled
            | ErrorKind::Conflict
            | ErrorKind::Server
            | ErrorKind::InvalidReply
            | ErrorKind::Network
            | ErrorKind::Tls
            | ErrorKind::Timeout
            | ErrorKind::Refused
            | ErrorKind::Partial
            | ErrorKind::Interrupted
            | ErrorKind::Local
            | ErrorKind::Internal => Self::Failed(error.message().to_owned()),
        }
    }

    /// In words that are ready to be shown.
    pub fn words(&self) -> String {
        let with_code = |status: &u16, code: &str| format!("{status} {}", visible(code)).trim_end().to_owned();
        match self {
            Self::Done(Charged::Yes) => "charged".to_owned(),
            Self::Done(Charged::No) => "done, not charged".to_owned(),
            Self::Done(Charged::NotSaid) => "done".to_owned(),
            Self::Refused(status, code) => format!("refused: {}", with_code(status, code)),
            Self::NotImplemented(status, code) => format!("not implemented: {}", with_code(status, code)),
            Self::Failed(message) => format!("failed: {}", visible(message)),
            Self::NotTried(why) => format!("not tried: {}", visible(why)),
        }
    }
}

/// One operation, tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trial {
    /// The operation.
    pub op: Op,
    /// With the header.
    pub with: Heard,
    /// Without it, where that was tried.
    pub without: Option<Heard>,
}

/// Whether a store honours the header on an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Honour {
    /// It says that the requester was charged.
    Charged,
    /// It serves the request with the header, and refuses it without.
    Enforced,
    /// It serves the request with the header; nothing shows whether the header counts.
    Accepted,
    /// It refuses the request with the header.
    Refused,
    /// It has no such operation.
    NotImplemented,
    /// The request failed otherwise.
    Failed,
    /// Nothing was sent.
    NotTried,
}

impl Honour {
    /// The word for scripts: a promise.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Charged => "charged",
            Self::Enforced => "enforced",
            Self::Accepted => "accepted",
            Self::Refused => "refused",
            Self::NotImplemented => "not_implemented",
            Self::Failed => "failed",
            Self::NotTried => "not_tried",
        }
    }

    /// Whether the store shows that it honours the header.
    pub fn is_honoured(self) -> bool {
        matches!(self, Self::Charged | Self::Enforced)
    }
}

impl Trial {
    /// What both tries say together.
    pub fn honour(&self) -> Honour {
        match (&self.with, &self.without) {
            (Heard::Done(Charged::Yes), _) => Honour::Charged,
            (Heard::Done(_), Some(Heard::Refused(..))) => Honour::Enforced,
            (Heard::Done(_), _) => Honour::Accepted,
            (Heard::Refused(..), _) => Honour::Refused,
            (Heard::NotImplemented(..), _) => Honour::NotImplemented,
            (Heard::Failed(_), _) => Honour::Failed,
            (Heard::NotTried(_), _) => Honour::NotTried,
        }
    }
}

/// A run that has ended.
#[derive(Debug)]
pub struct Conformance {
    /// Every operation that takes the header at the store's cloud, once.
    pub trials: Vec<Trial>,
    /// What the run made and could not remove, each with its reason.
    pub left: Vec<(String, Error)>,
    /// How it ended.
    pub ended: Ended,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Everything was tried.
    Whole,
    /// The person stopped it.
    Stopped,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_that_takes_the_header_is_tried_or_has_its_reason() {
        for provider in [Provider::S3, Provider::Oss] {
            for row in ROWS {
                let tried = tried(provider).filter(|op| *op == row.op).count();
                let untried = untried(provider).filter(|(op, _)| *op == row.op).count();
                let wanted = usize::from(row.op.takes_payer(provider));
                assert_eq!(tried + untried, wanted, "{provider} {}", row.name);
            }
        }
        for row in ROWS {
            let reasons = UNTRIED.iter().filter(|(op, _)| *op == row.op).count();
            let takes = row.op.takes_payer(Provider::S3) || row.op.takes_payer(Provider::Oss);
            assert_eq!(reasons, usize::from(takes && !TRIED.contains(&row.op)), "{}", row.name);
        }
        assert_eq!((tried(Provider::S3).count(), untried(Provider::S3).count()), (19, 15), "34 operations");
        assert_eq!((tried(Provider::Oss).count(), untried(Provider::Oss).count()), (18, 11), "29 operations");
    }

    #[test]
    fn what_two_tries_say() {
        let done = Heard::Done;
        let refused = || Heard::Refused(403, "AccessDenied".to_owned());
        let honour = |with, without| Trial { op: Op::GetObject, with, without }.honour().as_str();
        assert_eq!(honour(done(Charged::Yes), Some(done(Charged::No))), "charged");
        assert_eq!(honour(done(Charged::NotSaid), Some(refused())), "enforced");
        assert_eq!(honour(done(Charged::No), Some(done(Charged::No))), "accepted");
        assert_eq!(honour(done(Charged::NotSaid), None), "accepted");
        assert_eq!(honour(refused(), Some(refused())), "refused");
        assert_eq!(honour(Heard::NotImplemented(501, String::new()), None), "not_implemented");
        assert_eq!(honour(Heard::NotTried("why".to_owned()), None), "not_tried");
    }

    #[test]
    fn a_run_is_counted_by_operation() {
        let needs = needs(Provider::S3);
        let count = |wanted| needs.requests.iter().find(|(op, _)| *op == wanted).map(|(_, count)| *count);
        assert_eq!(needs.requests.iter().map(|(_, count)| count).sum::<u64>(), 41);
        assert_eq!((count(Op::PutObject), count(Op::GetObject), count(Op::DeleteObject)), (Some(2), Some(2), Some(7)));
        assert_eq!((count(Op::ListObjectsV2), count(Op::AbortMultipartUpload)), (Some(3), Some(3)));
        assert_eq!((needs.up, needs.down), (57, 38), "19 bytes each");
    }
}
