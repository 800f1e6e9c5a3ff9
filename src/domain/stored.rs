//! What stores say of objects: headers, versions, permissions, unfinished uploads. No default stands for what was not said.

use jiff::Timestamp;

use super::few::sort_few_by_key;
use super::{Charged, ETag, ObjectKey, Result, Secret, StorageClass, Tag, UploadId, VersionId};

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
    /// All headers.
    pub headers: Headers,
}

impl ObjectHead {
    /// Whether the object has tags: an answer counts them only then.
    pub fn has_tags(&self) -> bool {
        ["x-amz-tagging-count", "x-oss-tagging-count"].iter().any(|header| self.headers.get(header).is_some())
    }
}

/// The headers of an answer, names in lower case. They are one text: most answers come for an object of which nobody will read them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Headers {
    /// A line each, the name before a colon. Neither has a line break in it, and a name has no colon.
    lines: String,
}

impl Headers {
    /// These; of one name, in this order.
    pub fn of<V: AsRef<str>>(pairs: impl Iterator<Item = (impl AsRef<str>, V)>) -> Self {
        let mut lines = String::with_capacity(512);
        for (name, value) in pairs {
            for part in [name.as_ref(), ":", value.as_ref(), "\n"] {
                lines.push_str(part);
            }
        }
        Self { lines }
    }

    /// Each with its value, in the order of names.
    pub fn sorted(&self) -> Vec<(&str, &str)> {
        let mut pairs: Vec<_> = self.pairs().collect();
        sort_few_by_key(&mut pairs, |(name, _)| *name);
        pairs
    }

    fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.lines.split_terminator('\n').filter_map(|line| line.split_once(':'))
    }

    /// The first of a name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.pairs().find(|(header, _)| *header == name).map(|(_, value)| value)
    }
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

/// Everything that was asked of one object. Each part is a request of its own; what was not asked for is `None`.
#[derive(Debug)]
pub struct Inspection {
    /// Its headers.
    pub head: Box<ObjectHead>,
    /// Who was charged for reading them.
    pub charged: Charged,
    /// When they came.
    pub at: Timestamp,
    /// What lies beside the headers.
    pub more: Option<Box<Beside>>,
}

/// What can be read of an object beside its headers; a part that may not be read says why.
#[derive(Debug)]
pub struct Beside {
    /// Its tags.
    pub tags: Result<Vec<Tag>>,
    /// Its owner and who may read it.
    pub acl: Result<Acl>,
    /// Its versions and delete markers, newest first, of this key alone.
    pub versions: Result<Vec<VersionRow>>,
    /// S3 only: parts and checksums.
    pub attributes: Option<Result<Attributes>>,
}

/// A piece of an object's bytes, for a preview.
#[derive(Clone, Debug)]
pub struct Piece {
    /// Where it begins.
    pub offset: u64,
    /// The bytes.
    pub bytes: Vec<u8>,
    /// The size of the whole object, where the answer says it.
    pub total: Option<u64>,
    /// The media type.
    pub content_type: Option<String>,
    /// How the bytes are encoded, as the object's header says.
    pub content_encoding: Option<String>,
    /// The entity tag, which guards the next piece.
    pub etag: Option<ETag>,
    /// Who was charged.
    pub charged: Charged,
}

/// What a link is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkAsk {
    /// Reading or writing.
    pub verb: LinkVerb,
    /// The object.
    pub key: ObjectKey,
    /// The version; for reading.
    pub version: Option<VersionId>,
    /// How long it works, in seconds.
    pub seconds: u32,
}

/// What whoever has a link may do with it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LinkVerb {
    /// Download the object.
    #[default]
    Get,
    /// Upload it.
    Put,
}

/// A presigned link. It is as good as a key until it expires: show it when it was asked for, never log it.
#[derive(Clone)]
pub struct Link {
    /// The whole URL.
    pub url: Secret,
    /// `GET` or `PUT`.
    pub method: &'static str,
    /// When it ends to work: with the time that was asked for, or with the credentials that signed it.
    pub expires_at: Timestamp,
    /// Whether the credentials end before the time that was asked for.
    pub cut_short: bool,
    /// Headers that whoever uses it has to send too.
    pub must_send: Vec<(String, String)>,
}

/// An unfinished multipart upload, and what of it is billed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UploadFound {
    /// What the listing says of it.
    pub row: UploadRow,
    /// Its parts, where they were asked for: count and bytes.
    pub parts: Option<(u32, u64)>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_what_they_were() {
        let headers = Headers::of([("content-encoding", "gzip"), ("b", ""), ("a", "x: y"), ("b", "two")].into_iter());
        assert_eq!(headers.sorted(), [("a", "x: y"), ("b", ""), ("b", "two"), ("content-encoding", "gzip")]);
        assert_eq!([headers.get("a"), headers.get("b"), headers.get("content")], [Some("x: y"), Some(""), None]);
        assert_eq!((Headers::default().sorted().len(), Headers::default().get("a")), (0, None));
    }
}
