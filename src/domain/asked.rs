//! What people ask to be done with objects: which one, with which settings, over which other one.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html>,
//! <https://www.alibabacloud.com/help/en/oss/developer-reference/putobject>

use serde::{Deserialize, Serialize};

use super::{BucketName, ObjectKey, StorageClass, UploadId, VersionId};

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

/// What is stored beside an object's bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObjectSettings {
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tag {
    /// Its key.
    pub key: String,
    /// Its value.
    pub value: String,
}

/// Whether an existing object may be replaced.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Overwrite {
    /// The store refuses: S3 `If-None-Match: *`, OSS `x-oss-forbid-overwrite: true`.
    #[default]
    Refuse,
    /// It is replaced.
    Allow,
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

/// Which page of a listing of keys is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageAsk {
    /// Only keys that begin so; empty for all.
    pub prefix: String,
    /// How deep.
    pub depth: Depth,
    /// Where the page begins.
    pub begin: Begin,
}

/// How deep a listing goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Depth {
    /// To the next `/` behind the prefix: what continues after it is one common prefix.
    #[default]
    Folder,
    /// Everything below.
    Everything,
}

/// Where a page of keys begins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Begin {
    /// At the first key.
    #[default]
    Start,
    /// Where the page before ended: the store's own token.
    Token(Box<str>),
    /// Behind this key, whether it exists or not.
    After(String),
}
