//! What answers about objects say.
//!
//! Comes in: nothing. Goes out: types. Forbidden here: defaults for what a store did not say.

use jiff::Timestamp;

use super::arguments::{Tag, UploadMark, VersionMark};
use crate::domain::object::Charged;
use crate::domain::{ETag, ObjectKey, StorageClass, UploadId, VersionId};

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
    Keys(KeysReply),
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

/// A page of keys.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeysReply {
    /// The objects, in the store's order.
    pub rows: Vec<KeyRow>,
    /// The common prefixes, in the store's order.
    pub prefixes: Vec<String>,
    /// The token of the next page; `None`: this was the last.
    pub next: Option<String>,
    /// Keys that are not UTF-8, encoded as they came: shown, never used. Whoever deletes a prefix has to know of them.
    pub odd_keys: Vec<String>,
}

/// One object of a listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyRow {
    /// The key.
    pub key: ObjectKey,
    /// Size in bytes.
    pub size: u64,
    /// When it was written, where it says so.
    pub modified: Option<Timestamp>,
    /// The entity tag.
    pub etag: Option<ETag>,
    /// The storage class.
    pub class: Option<StorageClass>,
    /// The owner's id, or name where there is no id.
    pub owner: Option<Box<str>>,
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

/// One version or delete marker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VersionRow {
    /// The key.
    pub key: ObjectKey,
    /// The version.
    pub version: VersionId,
    /// Whether it is the current one.
    pub latest: bool,
    /// When it was written, where it says so.
    pub modified: Option<Timestamp>,
    /// The owner's id, or name where there is no id.
    pub owner: Option<Box<str>>,
    /// An object or a marker.
    pub kind: VersionKind,
}

/// What a version is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VersionKind {
    /// An object's content.
    Object {
        /// Size in bytes.
        size: u64,
        /// The entity tag.
        etag: Option<ETag>,
        /// The storage class.
        class: Option<StorageClass>,
    },
    /// The object was deleted here.
    DeleteMarker,
}

/// An object's headers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectHead {
    /// The size of the whole object, where the answer says it.
    pub size: Option<u64>,
    /// Which part of the object the answer has.
    pub span: Span,
    /// The entity tag.
    pub etag: Option<ETag>,
    /// When it was written.
    pub modified: Option<Timestamp>,
    /// The media type.
    pub content_type: Option<String>,
    /// The storage class; S3 does not name `STANDARD`.
    pub class: Option<StorageClass>,
    /// The version.
    pub version: Option<VersionId>,
    /// The restore state of an archived object, as it came.
    pub restore: Option<String>,
    /// Checksums by name without prefix (`crc64nvme`, `crc64ecma`), with their values as they came.
    pub checksums: Vec<(String, String)>,
    /// User metadata, names without the vendor's prefix.
    pub metadata: Vec<(String, String)>,
    /// All headers, names in lower case, in the order of names.
    pub headers: Vec<(String, String)>,
}

/// Which part of an object an answer has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Span {
    /// All of it, also where a range was asked for and the store ignored it.
    Whole,
    /// First and last byte.
    Part {
        /// The first byte.
        first: u64,
        /// The last byte.
        last: u64,
    },
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

/// Who may do what.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Acl {
    /// The owner's id.
    pub owner_id: Option<String>,
    /// The owner's name.
    pub owner_name: Option<String>,
    /// The grants.
    pub grants: Vec<Grant>,
}

/// One line of an access list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Grant {
    /// S3: somebody (id, mail address or group's address) and what they may.
    To {
        /// Who.
        grantee: String,
        /// What.
        permission: String,
    },
    /// OSS: one word for everybody (`private`, `public-read`, `default`).
    Word(String),
}

/// Size, parts and checksums.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attributes {
    /// The entity tag, as it came: without quotes here.
    pub etag: Option<ETag>,
    /// Size in bytes.
    pub size: Option<u64>,
    /// The storage class.
    pub class: Option<StorageClass>,
    /// How many parts it was uploaded in.
    pub parts: Option<u32>,
    /// Checksums by name in lower case, with their values as they came.
    pub checksums: Vec<(String, String)>,
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

/// One part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartRow {
    /// 1 to 10,000.
    pub number: u32,
    /// Size in bytes.
    pub size: u64,
    /// The entity tag.
    pub etag: ETag,
    /// When it was written.
    pub modified: Option<Timestamp>,
    /// Checksums by name in lower case, with their values as they came.
    pub checksums: Vec<(String, String)>,
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

/// One unfinished upload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UploadRow {
    /// The key.
    pub key: ObjectKey,
    /// The upload's id.
    pub id: UploadId,
    /// When it was begun.
    pub begun: Option<Timestamp>,
    /// The storage class that the object will have.
    pub class: Option<StorageClass>,
    /// Who began it: id, or name where there is no id.
    pub initiator: Option<Box<str>>,
}
