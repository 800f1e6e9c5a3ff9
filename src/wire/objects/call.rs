//! The object operations.
//!
//! Comes in: nothing. Goes out: one type. Forbidden here: any vendor's spelling.

use super::super::Checksum;
use super::arguments::{
    AskChecksums, Attribute, BodyChecksum, Content, CopySource, Integrity, KeysPage, PartDone, PartRef, UploadsPage, Verbosity,
    VersionsPage, Wanted,
};
use crate::domain::{BucketName, Directive, Doomed, ObjectKey, ObjectRef, ObjectSettings, Op, Overwrite, Tag, UploadRef};

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
        settings: ObjectSettings,
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
        settings: ObjectSettings,
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
        settings: ObjectSettings,
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

    /// Of what storage class a copy makes the store read how many bytes, where that was known.
    #[expect(clippy::wildcard_enum_match_arm, reason = "nothing else reads what does not come")]
    pub fn taken_from(&self) -> Option<(&str, u64)> {
        let (source, range) = match self {
            Self::CopyObject { source, .. } => (source, None),
            Self::UploadPartCopy { source, range, .. } => (source, *range),
            _ => return None,
        };
        let (class, size) = source.taken_from.as_ref()?;
        let bytes = range.map_or(*size, |(first, last)| (last + 1).saturating_sub(first));
        Some((class.as_str(), bytes))
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
