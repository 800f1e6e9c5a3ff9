//! One object: its bytes, and what was said when it was written.
//!
//! Comes in: bytes, headers of a write. Goes out: the object, and the headers that it is answered with.

use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};

use super::answer::{Answer, Fault};
use super::codec;
use super::request::Incoming;
use super::sums::Sum;
use crate::domain::Provider;

/// The version id of an object that has none.
pub(super) const NULL_VERSION: &str = "null";

/// Content headers that are kept as they came, beside the type.
const CONTENT: [&str; 5] = ["cache-control", "content-disposition", "content-encoding", "content-language", "expires"];

/// A cloud's prefix for headers of its own.
pub(super) fn own(cloud: Provider, name: &str) -> String {
    match cloud {
        Provider::S3 => format!("x-amz-{name}"),
        Provider::Oss => format!("x-oss-{name}"),
    }
}

/// What a write says beside the bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Settings {
    /// The media type.
    pub(super) kind: String,
    /// Other content headers.
    pub(super) content: Vec<(String, String)>,
    /// Metadata headers, as sent (`x-amz-meta-*`, `x-oss-meta-*`).
    pub(super) metadata: Vec<(String, String)>,
    /// The storage class in the cloud's word; `None`: the standard one.
    pub(super) class: Option<String>,
    /// Tags, in the order in which they came.
    pub(super) tags: Vec<(String, String)>,
    /// The canned access list; `None`: the cloud's default.
    pub(super) acl: Option<String>,
}

impl Settings {
    /// Reads the headers of a write.
    pub(super) fn read(cloud: Provider, request: &Incoming) -> Result<Self, Fault> {
        let prefix = own(cloud, "meta-");
        let usual = match cloud {
            Provider::S3 => "binary/octet-stream",
            Provider::Oss => "application/octet-stream",
        };
        let acl_header = match cloud {
            Provider::S3 => "x-amz-acl",
            Provider::Oss => "x-oss-object-acl",
        };
        Ok(Self {
            kind: request.header("content-type").unwrap_or(usual).to_owned(),
            content: CONTENT.iter().filter_map(|name| Some(((*name).to_owned(), request.header(name)?.to_owned()))).collect(),
            metadata: request.headers.iter().filter(|(name, _)| name.starts_with(&prefix)).cloned().collect(),
            class: chosen(request.header(&own(cloud, "storage-class")), classes(cloud), "InvalidStorageClass")?,
            tags: request.header(&own(cloud, "tagging")).map(tags_of).transpose()?.unwrap_or_default(),
            acl: chosen(request.header(acl_header), acls(cloud), "InvalidArgument")?,
        })
    }
}

fn chosen(word: Option<&str>, offered: &[&str], code: &'static str) -> Result<Option<String>, Fault> {
    match word {
        None => Ok(None),
        Some(word) if offered.contains(&word) => Ok(Some(word.to_owned())),
        Some(word) => Err(Fault::new(400, code, format!("The value you specified is not valid: {word}"))),
    }
}

/// The storage classes of a cloud; the first is the standard one.
fn classes(cloud: Provider) -> &'static [&'static str] {
    match cloud {
        Provider::S3 => {
            &["STANDARD", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "REDUCED_REDUNDANCY", "GLACIER_IR", "GLACIER", "DEEP_ARCHIVE"]
        }
        Provider::Oss => &["Standard", "IA", "Archive", "ColdArchive", "DeepColdArchive"],
    }
}

/// The canned access lists of objects.
pub(super) fn acls(cloud: Provider) -> &'static [&'static str] {
    match cloud {
        Provider::S3 => &[
            "private",
            "public-read",
            "public-read-write",
            "authenticated-read",
            "aws-exec-read",
            "bucket-owner-read",
            "bucket-owner-full-control",
        ],
        Provider::Oss => &["default", "private", "public-read", "public-read-write"],
    }
}

/// Tags of a header: a query of names and values, ten at most, no name twice.
fn tags_of(text: &str) -> Result<Vec<(String, String)>, Fault> {
    let part = |text: &str| String::from_utf8_lossy(&codec::decode_query(text)).into_owned();
    let pairs = text.split('&').filter(|pair| !pair.is_empty());
    checked_tags(
        pairs.map(|pair| pair.split_once('=').map_or((part(pair), String::new()), |(name, value)| (part(name), part(value)))).collect(),
    )
}

/// The rules of tags, which both clouds share.
pub(super) fn checked_tags(tags: Vec<(String, String)>) -> Result<Vec<(String, String)>, Fault> {
    let refused = |message: &str| Err(Fault::new(400, "InvalidTag", message));
    if tags.len() > 10 {
        return Err(Fault::new(400, "BadRequest", "Object tags cannot be greater than 10"));
    }
    for (place, (name, value)) in tags.iter().enumerate() {
        if name.is_empty() || name.chars().count() > 128 {
            return refused("The TagKey you have provided is invalid");
        }
        if value.chars().count() > 256 {
            return refused("The TagValue you have provided is invalid");
        }
        if tags[..place].iter().any(|(other, _)| other == name) {
            return refused("Cannot provide multiple Tags with the same key");
        }
    }
    Ok(tags)
}

/// A part of an object that was uploaded in parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    /// Its number.
    pub(super) number: u16,
    /// Its bytes.
    pub(super) size: usize,
    /// Its checksum.
    pub(super) sum: Option<Sum>,
}

/// A copy of an archived object that can be read for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Thawed {
    /// From then on.
    pub(super) ready: Timestamp,
    /// Until then.
    pub(super) until: Timestamp,
}

/// One object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Object {
    /// Its bytes.
    pub(super) body: Bytes,
    /// MD5 in hex for what came in one request, the MD5 of MD5s and `-N` for what came in parts.
    pub(super) etag: String,
    /// When it was written.
    pub(super) modified: Timestamp,
    /// What was said when it was written.
    pub(super) settings: Settings,
    /// The checksum that S3 keeps.
    pub(super) sum: Option<Sum>,
    /// The parts it was made of.
    pub(super) pieces: Vec<Piece>,
    /// Its version.
    pub(super) version: String,
    /// Whether an archived object can be read for a while.
    pub(super) thawed: Option<Thawed>,
    crc64: u64,
}

impl Object {
    /// An object of these bytes, as one request writes it.
    pub(super) fn new(body: Bytes, modified: Timestamp, kind: &str) -> Self {
        let etag = codec::hex(&codec::md5(&body));
        Self::made(body, etag, modified, Settings { kind: kind.to_owned(), ..Settings::default() })
    }

    /// An object with an ETag that is known already.
    pub(super) fn made(body: Bytes, etag: String, modified: Timestamp, settings: Settings) -> Self {
        let crc64 = codec::crc64_ecma(&body);
        let version = NULL_VERSION.to_owned();
        Self { body, etag, modified, settings, sum: None, pieces: Vec::new(), version, thawed: None, crc64 }
    }

    /// Its storage class.
    pub(super) fn class(&self, cloud: Provider) -> &str {
        self.settings.class.as_deref().unwrap_or(classes(cloud)[0])
    }

    /// CRC-64 as OSS says it.
    pub(super) fn crc64(&self) -> String {
        self.crc64.to_string()
    }

    /// Whether it must be restored before it can be read.
    pub(super) fn is_frozen(&self, now: Timestamp) -> bool {
        self.is_archived() && !self.thawed.is_some_and(|thawed| thawed.ready <= now && now < thawed.until)
    }

    /// Whether its class is one that is restored.
    pub(super) fn is_archived(&self) -> bool {
        matches!(self.settings.class.as_deref(), Some("GLACIER" | "DEEP_ARCHIVE" | "Archive" | "ColdArchive" | "DeepColdArchive"))
    }

    /// What HEAD and GET say of it, before conditions and ranges.
    pub(super) fn described(&self, cloud: Provider, now: Timestamp) -> Answer {
        let mut answer = Answer::empty(200)
            .with("etag", super::listing::shown_etag(cloud, self))
            .with("last-modified", codec::http_date(self.modified))
            .with("content-type", self.settings.kind.as_str())
            .with("accept-ranges", "bytes");
        answer.headers.extend(self.settings.content.iter().cloned());
        answer.headers.extend(self.settings.metadata.iter().cloned());
        match cloud {
            // S3 leaves its standard class out.
            Provider::S3 => {
                answer.headers.extend(self.settings.class.iter().map(|class| ("x-amz-storage-class".to_owned(), class.clone())))
            }
            Provider::Oss => answer = self.described_by_oss(answer),
        }
        let tags = self.settings.tags.len();
        if tags > 0 {
            answer = answer.with(&own(cloud, "tagging-count"), tags.to_string());
        }
        match self.thawed {
            Some(thawed) if now < thawed.until => answer.with(&own(cloud, "restore"), restore_words(thawed, now)),
            Some(_) | None => answer,
        }
    }

    fn described_by_oss(&self, answer: Answer) -> Answer {
        let kind = if self.pieces.is_empty() { "Normal" } else { "Multipart" };
        let answer = answer
            .with("x-oss-object-type", kind)
            .with("x-oss-storage-class", self.class(Provider::Oss))
            .with("x-oss-hash-crc64ecma", self.crc64());
        if self.pieces.is_empty() { answer.with("content-md5", codec::base64(&codec::md5(&self.body))) } else { answer }
    }
}

fn restore_words(thawed: Thawed, now: Timestamp) -> String {
    if now < thawed.ready {
        return "ongoing-request=\"true\"".to_owned();
    }
    format!("ongoing-request=\"false\", expiry-date=\"{}\"", codec::http_date(thawed.until))
}

/// The days of a restore, begun now: the thawing itself takes a moment.
pub(super) fn thaw(now: Timestamp, days: i64) -> Thawed {
    let later = |duration| now.checked_add(duration).unwrap_or(now);
    Thawed { ready: later(SignedDuration::from_millis(1_500)), until: later(SignedDuration::from_hours(24 * days)) }
}
