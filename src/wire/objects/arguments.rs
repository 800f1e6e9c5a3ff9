//! The arguments of calls about objects.
//!
//! Comes in: nothing. Goes out: types. Forbidden here: any vendor's spelling.

use bytes::Bytes;

use super::super::{Checksum, body};
use crate::domain::{ETag, ObjectRef, StorageClass, UploadId, UploadRef, VersionId};

/// A part of a multipart upload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartRef {
    /// The upload.
    pub upload: UploadRef,
    /// 1 to 10,000.
    pub number: u32,
}

/// Which page of a listing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeysPage {
    /// Only keys that begin so.
    pub prefix: Option<String>,
    /// Keys with this text after the prefix are shown as one common prefix.
    pub delimiter: Option<String>,
    /// The token of the page before.
    pub continuation: Option<String>,
    /// Only keys after this one.
    pub start_after: Option<String>,
    /// How many rows at most.
    pub limit: Option<u32>,
    /// Whether each row names its owner.
    pub owner: AskOwner,
}

/// Which page of a listing of versions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VersionsPage {
    /// Only keys that begin so.
    pub prefix: Option<String>,
    /// Keys with this text after the prefix are shown as one common prefix.
    pub delimiter: Option<String>,
    /// Where the page begins.
    pub after: Option<VersionMark>,
    /// How many rows at most.
    pub limit: Option<u32>,
}

/// Where a page of versions begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VersionMark {
    /// `key-marker`
    pub key: String,
    /// `version-id-marker`
    pub version: Option<VersionId>,
}

/// Which page of unfinished uploads.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UploadsPage {
    /// Only keys that begin so.
    pub prefix: Option<String>,
    /// Keys with this text after the prefix are shown as one common prefix.
    pub delimiter: Option<String>,
    /// Where the page begins.
    pub after: Option<UploadMark>,
    /// How many rows at most.
    pub limit: Option<u32>,
}

/// Where a page of uploads begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UploadMark {
    /// `key-marker`
    pub key: String,
    /// `upload-id-marker`
    pub id: Option<UploadId>,
}

/// Whether rows name their owner.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AskOwner {
    /// As the store likes.
    #[default]
    Silent,
    /// `fetch-owner=true`
    Asked,
}

/// Whether S3 answers the stored checksums; OSS always answers its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AskChecksums {
    /// As the store likes.
    #[default]
    Silent,
    /// `x-amz-checksum-mode: ENABLED`
    Asked,
}

/// What of an object is wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Which bytes.
    pub range: Option<ByteRange>,
    /// Only if the object is still this one.
    pub if_match: Option<ETag>,
    /// Whether the stored checksums are wanted.
    pub checksums: AskChecksums,
    /// Headers that the answer shall have, for links: `(ResponseHeader, value)`.
    pub overrides: Vec<(ResponseHeader, String)>,
}

/// Which bytes of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ByteRange {
    /// From a byte to the end.
    From(u64),
    /// First and last byte.
    Between(u64, u64),
    /// So many bytes at the end.
    Last(u64),
}

/// A header of the answer that the request can choose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResponseHeader {
    /// `response-cache-control`
    CacheControl,
    /// `response-content-disposition`
    ContentDisposition,
    /// `response-content-encoding`
    ContentEncoding,
    /// `response-content-language`
    ContentLanguage,
    /// `response-content-type`
    ContentType,
    /// `response-expires`
    Expires,
}

/// What S3 can say of an object beside its headers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attribute {
    /// The entity tag.
    ETag,
    /// Stored checksums.
    Checksum,
    /// How many parts it was uploaded in.
    ObjectParts,
    /// The storage class.
    StorageClass,
    /// The size.
    ObjectSize,
}

/// The bytes of an upload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// Few enough to be at hand; S3 signs their hash.
    Inline(Bytes),
    /// So many bytes, streamed by whoever sends the request.
    Streamed(u64),
}

/// What the store compares an upload's bytes with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Integrity {
    /// `Content-MD5`, in base64.
    pub content_md5: Option<String>,
    /// S3 only: a checksum. OSS answers a CRC-64 instead, and the caller compares.
    pub checksum: Option<BodyChecksum>,
}

/// A checksum with its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BodyChecksum {
    /// The algorithm.
    pub algorithm: Checksum,
    /// The value in base64.
    pub value: String,
}

impl BodyChecksum {
    /// The checksum of bytes that are at hand.
    pub fn of(algorithm: Checksum, bytes: &[u8]) -> Self {
        Self { algorithm, value: body::checksum_of(algorithm, bytes) }
    }
}

/// What is copied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CopySource {
    /// The object or version.
    pub object: ObjectRef,
    /// Only if it is still this one.
    pub if_match: Option<ETag>,
    /// Its storage class and size, where reading it costs something of its own: no answer to a copy names them, so that the bill can
    /// only be reckoned by what was known before. Not sent.
    pub taken_from: Option<(StorageClass, u64)>,
}

/// What a batch delete answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Verbosity {
    /// Every key.
    #[default]
    EveryKey,
    /// Failures only; silence is success.
    FailuresOnly,
}

/// A part that the store has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartDone {
    /// 1 to 10,000.
    pub number: u32,
    /// Its entity tag, as answered.
    pub etag: ETag,
    /// S3 only: its checksum, where the upload has an algorithm.
    pub checksum: Option<BodyChecksum>,
}
