//! Which cells the matrix has: every operation of the table at every moment, less what is written down here with a reason. Nothing is
//! wanted because somebody thought of it: a new operation, and a moment that it has by its name, are wanted by themselves.

use whopays::domain::Op;
use whopays::domain::op::ROWS;

/// Operations that nothing in the engine sends, and why.
pub(super) const UNSENT: &[(Op, &str)] = &[
    (Op::HeadBucket, "a bucket is proved by what is asked about it"),
    (Op::CreateBucket, "buckets are not made here"),
    (Op::DeleteBucket, "buckets are not removed here"),
    (Op::GetBucketInfo, "the payer and the region have requests of their own"),
    (Op::GetBucketStat, "its numbers are hours old; a count lists"),
    (Op::PutObjectLockConfiguration, "locks are not set here"),
    (Op::ListObjects, "the second version does the same"),
    (Op::GetObjectMeta, "HeadObject says more"),
    (Op::GetObjectTorrent, "nobody needs torrents"),
    (Op::AppendObject, "appendable objects are not written here"),
    (Op::SealAppendObject, "appendable objects are not written here"),
    (Op::RenameObject, "directory buckets are not offered"),
    (Op::RestoreObject, "thawing is not offered"),
    (Op::CleanRestoredObject, "thawing is not offered"),
    (Op::PutObjectAcl, "access lists are only read; an upload and a copy set one with themselves"),
    (Op::PutObjectTagging, "tags are set with an upload or a copy"),
    (Op::DeleteObjectTagging, "tags are set with an upload or a copy"),
    (Op::GetObjectLegalHold, "holds are not offered"),
    (Op::PutObjectLegalHold, "holds are not offered"),
    (Op::GetObjectRetention, "retention is not offered"),
    (Op::PutObjectRetention, "retention is not offered"),
    (Op::UpdateObjectEncryption, "encryption keys are not changed here"),
    (Op::GetObjectAnnotation, "annotations are not offered"),
    (Op::PutObjectAnnotation, "annotations are not offered"),
    (Op::DeleteObjectAnnotation, "annotations are not offered"),
    (Op::ListObjectAnnotations, "annotations are not offered"),
    (Op::SelectObjectContent, "queries are not offered"),
    (Op::GetSymlink, "links between objects are not offered"),
    (Op::PutSymlink, "links between objects are not offered"),
    (Op::ProcessObject, "objects are not processed here"),
    (Op::AsyncProcessObject, "objects are not processed here"),
];

/// Moments that an operation never has although its name says so, and why.
pub(super) const ABSENT: &[(Op, Moment, &str)] = &[
    (Op::ListCname, Moment::PageTwo, "one answer names all of them"),
    (Op::GetBucketLocation, Moment::Retry, "it is asked once, while another request is corrected"),
];

/// When a request is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Moment {
    First,
    /// After a 503.
    Retry,
    /// The second page of a list.
    PageTwo,
    /// A part or range that is not the first.
    PartN,
    /// After a part was refused.
    Abort,
}

impl Moment {
    pub(super) const ALL: [Self; 5] = [Self::First, Self::Retry, Self::PageTwo, Self::PartN, Self::Abort];

    /// Whether an operation may be sent at this moment, by its name.
    fn belongs_to(self, op: Op) -> bool {
        let name = op.row().name;
        match self {
            Self::First | Self::Retry => true,
            Self::PageTwo => name.starts_with("List"),
            Self::PartN => name.starts_with("UploadPart") || name == "GetObject",
            Self::Abort => name.starts_with("Abort"),
        }
    }
}

/// The operations that must be seen.
pub(super) fn sent() -> impl Iterator<Item = Op> {
    ROWS.iter().map(|row| row.op).filter(|op| UNSENT.iter().all(|(unsent, _)| unsent != op))
}

/// The cells that an operation has.
pub(super) fn moments(op: Op) -> impl Iterator<Item = Moment> {
    let absent = move |moment: &Moment| ABSENT.iter().any(|(other, never, _)| (*other, *never) == (op, *moment));
    Moment::ALL.into_iter().filter(move |moment| moment.belongs_to(op) && !absent(moment))
}
