//! The object operations with their arguments.
//!
//! Comes in: nothing. Goes out: types. Forbidden here: any vendor's spelling.

use bytes::Bytes;

use super::super::asked::Asked;
use super::super::{Checksum, body};
use crate::domain::{BucketName, ETag, ObjectKey, Op, Provider, StorageClass, UploadId, VersionId};

/// One operation on objects, with its arguments. What is `None` or empty is not sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ObjectCall {
    /// A page of keys.
    ListObjectsV2 {
        /// The bucket.
        bucket: BucketName,
        /// Which page.
        page: KeysPage,
    },
    /// A page of versions and delete markers.
    ListObjectVersions {
        /// The bucket.
        bucket: BucketName,
        /// Which page.
        page: VersionsPage,
    },
    /// An object's headers.
    HeadObject {
        /// The object.
        object: ObjectRef,
        /// Whether the stored checksums are wanted.
        checksums: AskChecksums,
    },
    /// An object, or a range of it.
    GetObject {
        /// The object.
        object: ObjectRef,
        /// Which part of it, under which condition.
        wanted: Wanted,
    },
    /// An object's tags.
    GetObjectTagging {
        /// The object.
        object: ObjectRef,
    },
    /// Replaces an object's tags.
    PutObjectTagging {
        /// The object.
        object: ObjectRef,
        /// All of its tags.
        tags: Vec<Tag>,
        /// S3 only: a checksum beside Content-MD5.
        checksum: Option<Checksum>,
    },
    /// Who may read an object.
    GetObjectAcl {
        /// The object.
        object: ObjectRef,
    },
    /// S3 only: size, parts and checksums.
    GetObjectAttributes {
        /// The object.
        object: ObjectRef,
        /// Which of them, at least one.
        attributes: Vec<Attribute>,
    },
    /// Writes an object in one request.
    PutObject {
        /// The bucket.
        bucket: BucketName,
        /// The key.
        key: ObjectKey,
        /// The bytes.
        content: Content,
        /// What is stored beside them.
        settings: Settings,
        /// Whether an existing object may be replaced.
        overwrite: Overwrite,
        /// What the store compares the bytes with.
        integrity: Integrity,
    },
    /// Copies an object inside the provider.
    CopyObject {
        /// The bucket.
        bucket: BucketName,
        /// The key.
        key: ObjectKey,
        /// What is copied.
        source: CopySource,
        /// Whether headers and metadata are the source's.
        metadata: Directive,
        /// What is stored beside the bytes; headers and metadata count with [`Directive::Replace`] only.
        settings: Settings,
        /// Whether an existing object may be replaced.
        overwrite: Overwrite,
    },
    /// Deletes an object or one version.
    DeleteObject {
        /// The object.
        object: ObjectRef,
    },
    /// Deletes up to 1,000 objects or versions; [`super::batch_refusal`] says which keys it cannot name.
    DeleteObjects {
        /// The bucket.
        bucket: BucketName,
        /// Keys with their versions.
        objects: Vec<Doomed>,
        /// What the store answers.
        verbosity: Verbosity,
        /// S3 only: a checksum beside Content-MD5.
        checksum: Option<Checksum>,
    },
    /// Begins a multipart upload.
    CreateMultipartUpload {
        /// The bucket.
        bucket: BucketName,
        /// The key.
        key: ObjectKey,
        /// What is stored beside the bytes.
        settings: Settings,
        /// OSS refuses at once; S3 knows the condition only when the upload is completed.
        overwrite: Overwrite,
        /// S3 only: the algorithm of the parts' checksums.
        checksum: Option<Checksum>,
    },
    /// One part.
    UploadPart {
        /// The part.
        part: PartRef,
        /// The bytes.
        content: Content,
        /// What the store compares the bytes with.
        integrity: Integrity,
    },
    /// One part, copied from an object.
    UploadPartCopy {
        /// The part.
        part: PartRef,
        /// What is copied.
        source: CopySource,
        /// First and last byte.
        range: Option<(u64, u64)>,
    },
    /// The parts of an upload.
    ListParts {
        /// The upload.
        upload: UploadRef,
        /// After which part number.
        after: Option<u32>,
        /// How many at most.
        limit: Option<u32>,
    },
    /// Unfinished uploads.
    ListMultipartUploads {
        /// The bucket.
        bucket: BucketName,
        /// Which page.
        page: UploadsPage,
    },
    /// Joins the parts to an object.
    CompleteMultipartUpload {
        /// The upload.
        upload: UploadRef,
        /// The parts, in ascending order.
        parts: Vec<PartDone>,
        /// Whether an existing object may be replaced.
        overwrite: Overwrite,
        /// S3 only: the checksum of the whole object.
        checksum: Option<BodyChecksum>,
    },
    /// Gives an upload up; its parts are billed no longer.
    AbortMultipartUpload {
        /// The upload.
        upload: UploadRef,
    },
}

/// An object, or one of its versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectRef {
    /// The bucket.
    pub bucket: BucketName,
    /// The key.
    pub key: ObjectKey,
    /// The version; `None`: the current one.
    pub version: Option<VersionId>,
}

/// A multipart upload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UploadRef {
    /// The bucket.
    pub bucket: BucketName,
    /// The key.
    pub key: ObjectKey,
    /// The upload's id.
    pub id: UploadId,
}

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

/// What is stored beside an object's bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// `Content-Type`
    pub content_type: Option<String>,
    /// `Cache-Control`
    pub cache_control: Option<String>,
    /// `Content-Disposition`
    pub content_disposition: Option<String>,
    /// `Content-Encoding`
    pub content_encoding: Option<String>,
    /// `Content-Language`
    pub content_language: Option<String>,
    /// `Expires`
    pub expires: Option<String>,
    /// User metadata: names without the vendor's prefix.
    pub metadata: Vec<(String, String)>,
    /// The storage class.
    pub storage_class: Option<StorageClass>,
    /// One of the vendor's canned lists: `private`, `public-read`, …
    pub acl: Option<String>,
    /// Tags.
    pub tags: Vec<Tag>,
}

/// A tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tag {
    /// Its key.
    pub key: String,
    /// Its value.
    pub value: String,
}

/// Whether an existing object may be replaced.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Overwrite {
    /// The store refuses: S3 `If-None-Match: *`, OSS `x-oss-forbid-overwrite: true`.
    #[default]
    Refuse,
    /// It is replaced.
    Allow,
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
        let [(_, value), _] = body::checksum(algorithm, bytes);
        Self { algorithm, value }
    }
}

/// What is copied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CopySource {
    /// The object or version.
    pub object: ObjectRef,
    /// Only if it is still this one.
    pub if_match: Option<ETag>,
}

/// Whose headers and metadata a copy has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Directive {
    /// The source's.
    #[default]
    Copy,
    /// Those of the request.
    Replace,
}

/// A key that is to be deleted.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Doomed {
    /// The key.
    pub key: ObjectKey,
    /// The version; `None`: in a versioned bucket, a delete marker is put on top.
    pub version: Option<VersionId>,
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

impl ObjectCall {
    /// The row of the operation table.
    pub fn op(&self) -> Op {
        match self {
            Self::ListObjectsV2 { .. } => Op::ListObjectsV2,
            Self::ListObjectVersions { .. } => Op::ListObjectVersions,
            Self::HeadObject { .. } => Op::HeadObject,
            Self::GetObject { .. } => Op::GetObject,
            Self::GetObjectTagging { .. } => Op::GetObjectTagging,
            Self::PutObjectTagging { .. } => Op::PutObjectTagging,
            Self::GetObjectAcl { .. } => Op::GetObjectAcl,
            Self::GetObjectAttributes { .. } => Op::GetObjectAttributes,
            Self::PutObject { .. } => Op::PutObject,
            Self::CopyObject { .. } => Op::CopyObject,
            Self::DeleteObject { .. } => Op::DeleteObject,
            Self::DeleteObjects { .. } => Op::DeleteObjects,
            Self::CreateMultipartUpload { .. } => Op::CreateMultipartUpload,
            Self::UploadPart { .. } => Op::UploadPart,
            Self::UploadPartCopy { .. } => Op::UploadPartCopy,
            Self::ListParts { .. } => Op::ListParts,
            Self::ListMultipartUploads { .. } => Op::ListMultipartUploads,
            Self::CompleteMultipartUpload { .. } => Op::CompleteMultipartUpload,
            Self::AbortMultipartUpload { .. } => Op::AbortMultipartUpload,
        }
    }

    /// The bucket that is asked: of a copy, the one that is written to.
    pub fn bucket(&self) -> &BucketName {
        match self {
            Self::ListObjectsV2 { bucket, .. }
            | Self::ListObjectVersions { bucket, .. }
            | Self::PutObject { bucket, .. }
            | Self::CopyObject { bucket, .. }
            | Self::DeleteObjects { bucket, .. }
            | Self::CreateMultipartUpload { bucket, .. }
            | Self::ListMultipartUploads { bucket, .. } => bucket,
            Self::HeadObject { object, .. }
            | Self::GetObject { object, .. }
            | Self::GetObjectTagging { object }
            | Self::PutObjectTagging { object, .. }
            | Self::GetObjectAcl { object }
            | Self::GetObjectAttributes { object, .. }
            | Self::DeleteObject { object } => &object.bucket,
            Self::UploadPart { part, .. } | Self::UploadPartCopy { part, .. } => &part.upload.bucket,
            Self::ListParts { upload, .. } | Self::CompleteMultipartUpload { upload, .. } | Self::AbortMultipartUpload { upload } => {
                &upload.bucket
            }
        }
    }

    /// The key, for calls about one object.
    pub fn key(&self) -> Option<&ObjectKey> {
        match self {
            Self::ListObjectsV2 { .. }
            | Self::ListObjectVersions { .. }
            | Self::DeleteObjects { .. }
            | Self::ListMultipartUploads { .. } => None,
            Self::PutObject { key, .. } | Self::CopyObject { key, .. } | Self::CreateMultipartUpload { key, .. } => Some(key),
            Self::HeadObject { object, .. }
            | Self::GetObject { object, .. }
            | Self::GetObjectTagging { object }
            | Self::PutObjectTagging { object, .. }
            | Self::GetObjectAcl { object }
            | Self::GetObjectAttributes { object, .. }
            | Self::DeleteObject { object } => Some(&object.key),
            Self::UploadPart { part, .. } | Self::UploadPartCopy { part, .. } => Some(&part.upload.key),
            Self::ListParts { upload, .. } | Self::CompleteMultipartUpload { upload, .. } | Self::AbortMultipartUpload { upload } => {
                Some(&upload.key)
            }
        }
    }
}

impl Asked for ObjectCall {
    fn op(&self) -> Op {
        self.op()
    }

    fn bucket(&self) -> Option<&BucketName> {
        Some(self.bucket())
    }

    fn subject(&self) -> String {
        match self.key() {
            Some(key) => format!("object \"{key}\" in bucket \"{}\"", self.bucket()),
            None => format!("bucket \"{}\"", self.bucket()),
        }
    }

    fn action(&self, provider: Provider) -> &'static str {
        match provider {
            Provider::S3 => self.s3_action(),
            Provider::Oss => self.oss_action(),
        }
    }
}

impl ObjectCall {
    /// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html>
    fn s3_action(&self) -> &'static str {
        match self {
            Self::ListObjectsV2 { .. } => "s3:ListBucket",
            Self::ListObjectVersions { .. } => "s3:ListBucketVersions",
            Self::HeadObject { object, .. } | Self::GetObject { object, .. } if object.version.is_some() => "s3:GetObjectVersion",
            Self::HeadObject { .. } | Self::GetObject { .. } => "s3:GetObject",
            Self::GetObjectTagging { .. } => "s3:GetObjectTagging",
            Self::PutObjectTagging { .. } => "s3:PutObjectTagging",
            Self::GetObjectAcl { .. } => "s3:GetObjectAcl",
            Self::GetObjectAttributes { .. } => "s3:GetObjectAttributes",
            Self::DeleteObject { object } if object.version.is_some() => "s3:DeleteObjectVersion",
            Self::DeleteObject { .. } | Self::DeleteObjects { .. } => "s3:DeleteObject",
            Self::PutObject { .. }
            | Self::CopyObject { .. }
            | Self::CreateMultipartUpload { .. }
            | Self::UploadPart { .. }
            | Self::UploadPartCopy { .. }
            | Self::CompleteMultipartUpload { .. } => "s3:PutObject",
            Self::ListParts { .. } => "s3:ListMultipartUploadParts",
            Self::ListMultipartUploads { .. } => "s3:ListBucketMultipartUploads",
            Self::AbortMultipartUpload { .. } => "s3:AbortMultipartUpload",
        }
    }

    /// <https://www.alibabacloud.com/help/en/oss/user-guide/authorization-syntax-and-elements>
    fn oss_action(&self) -> &'static str {
        match self {
            Self::ListObjectsV2 { .. } => "oss:ListObjects",
            Self::ListObjectVersions { .. } => "oss:ListObjectVersions",
            Self::HeadObject { object, .. } | Self::GetObject { object, .. } if object.version.is_some() => "oss:GetObjectVersion",
            Self::HeadObject { .. } | Self::GetObject { .. } | Self::GetObjectAttributes { .. } => "oss:GetObject",
            Self::GetObjectTagging { .. } => "oss:GetObjectTagging",
            Self::PutObjectTagging { .. } => "oss:PutObjectTagging",
            Self::GetObjectAcl { .. } => "oss:GetObjectAcl",
            Self::DeleteObject { object } if object.version.is_some() => "oss:DeleteObjectVersion",
            Self::DeleteObject { .. } | Self::DeleteObjects { .. } => "oss:DeleteObject",
            Self::PutObject { .. }
            | Self::CopyObject { .. }
            | Self::CreateMultipartUpload { .. }
            | Self::UploadPart { .. }
            | Self::UploadPartCopy { .. }
            | Self::CompleteMultipartUpload { .. } => "oss:PutObject",
            Self::ListParts { .. } => "oss:ListParts",
            Self::ListMultipartUploads { .. } => "oss:ListMultipartUploads",
            Self::AbortMultipartUpload { .. } => "oss:AbortMultipartUpload",
        }
    }
}
