//! What answers about objects say.
//!
//! Comes in: nothing. Goes out: types. Forbidden here: defaults for what a store did not say.

use jiff::Timestamp;

use super::arguments::{UploadMark, VersionMark};
use crate::domain::object::Charged;
use crate::domain::{Acl, Attributes, ETag, Leaf, ObjectHead, PartRow, StorageClass, Tag, UploadId, UploadRow, VersionId, VersionRow};

/// An answer that was understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectReply {
    /// Who was charged, as far as the store says.
    pub charged: Charged,
    /// What it says.
    pub said: Said,
}

/// What an answer says, by operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// ListObjectsV2
    Keys(Leaf),
    /// ListObjectVersions
    Versions(VersionsReply),
    /// HeadObject, GetObject
    Head(Box<ObjectHead>),
    /// GetObjectTagging
    Tags(Vec<Tag>),
    /// GetObjectAcl
    Acl(Acl),
    /// GetObjectAttributes
    Attributes(Box<Attributes>),
    /// PutObject, UploadPart, CompleteMultipartUpload
    Written(Box<Written>),
    /// CopyObject, UploadPartCopy
    Copied(Copied),
    /// DeleteObject
    Deleted(Deleted),
    /// DeleteObjects: one outcome for each key of the request, in its order.
    Batch(Vec<DeleteOutcome>),
    /// CreateMultipartUpload
    Begun(UploadId),
    /// ListParts
    Parts(PartsReply),
    /// ListMultipartUploads
    Uploads(UploadsReply),
    /// PutObjectTagging, AbortMultipartUpload
    Done,
}

/// A page of versions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VersionsReply {
    /// Versions and delete markers, in the store's order.
    pub rows: Vec<VersionRow>,
    /// The common prefixes, in the store's order.
    pub prefixes: Vec<String>,
    /// Where the next page begins; `None`: this was the last.
    pub next: Option<VersionMark>,
    /// Keys that are not UTF-8, encoded as they came.
    pub odd_keys: Vec<String>,
}

/// What the store kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// The entity tag.
    pub etag: ETag,
    /// The version, in a versioned bucket.
    pub version: Option<VersionId>,
    /// Checksums by name without prefix, with their values as they came.
    pub checksums: Vec<(String, String)>,
}

/// What a copy became.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copied {
    /// The entity tag.
    pub etag: ETag,
    /// When it was written.
    pub modified: Option<Timestamp>,
    /// The version, in a versioned bucket.
    pub version: Option<VersionId>,
}

/// What a delete did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Deleted {
    /// Whether what was made or removed is a delete marker.
    pub marker: bool,
    /// The version that was made (a marker) or removed.
    pub version: Option<VersionId>,
}

/// What became of one key of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeleteOutcome {
    /// It is gone.
    Deleted(Deleted),
    /// The store refused.
    Failed {
        /// The error code, as it came.
        code: String,
        /// The message, as it came.
        message: String,
    },
    /// The store was asked about every key and said nothing of this one: look before it is called deleted.
    Unanswered,
}

/// A page of parts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PartsReply {
    /// The parts, in the store's order.
    pub rows: Vec<PartRow>,
    /// After which number the next page begins; `None`: this was the last.
    pub next: Option<u32>,
    /// The storage class that the object will have.
    pub class: Option<StorageClass>,
}

/// A page of unfinished uploads.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UploadsReply {
    /// The uploads, in the store's order.
    pub rows: Vec<UploadRow>,
    /// The common prefixes, in the store's order.
    pub prefixes: Vec<String>,
    /// Where the next page begins; `None`: this was the last.
    pub next: Option<UploadMark>,
    /// Keys that are not UTF-8, encoded as they came.
    pub odd_keys: Vec<String>,
}
