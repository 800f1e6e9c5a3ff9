//! Unfinished multipart uploads of one bucket.
//!
//! Comes in: parts. Goes out: what is there so far. Parts stay, and are billed, until an upload is completed or aborted.

use std::collections::BTreeMap;

use bytes::Bytes;
use jiff::Timestamp;

use super::codec;
use super::object::Settings;
use super::sums::Plan;
use super::world::Account;
use crate::domain::Provider;

/// One part.
#[derive(Clone, Debug)]
pub(super) struct Part {
    /// Its bytes.
    pub(super) body: Bytes,
    /// Their MD5.
    pub(super) md5: Vec<u8>,
    /// When it came.
    pub(super) modified: Timestamp,
    /// Its checksum, where the upload has a plan.
    pub(super) sum: Option<String>,
}

impl Part {
    /// Its ETag, without quotes.
    pub(super) fn etag(&self) -> String {
        codec::hex(&self.md5)
    }
}

/// One upload.
#[derive(Clone, Debug)]
pub(super) struct Upload {
    /// What was said when it began.
    pub(super) settings: Settings,
    /// What was said about checksums (S3).
    pub(super) plan: Option<Plan>,
    /// Who began it; `None`: somebody without keys.
    pub(super) initiator: Option<&'static Account>,
    /// When.
    pub(super) initiated: Timestamp,
    /// Its parts by number.
    pub(super) parts: BTreeMap<u16, Part>,
}

/// All of a bucket, by key and id.
#[derive(Clone, Debug, Default)]
pub(super) struct Uploads {
    /// The uploads.
    pub(super) open: BTreeMap<(String, String), Upload>,
    count: u64,
}

impl Uploads {
    /// Begins one, and gives its id. Ids sort as they were given out.
    pub(super) fn begin(&mut self, cloud: Provider, bucket: &str, key: &str, upload: Upload) -> String {
        self.count += 1;
        let digest = codec::sha256_hex(format!("{bucket}/{}", self.count).as_bytes());
        let id = match cloud {
            Provider::S3 => format!("u{:06}.{}", self.count, &digest[..40]),
            Provider::Oss => format!("{:08X}{}", self.count, digest[..24].to_ascii_uppercase()),
        };
        self.open.insert((key.to_owned(), id.clone()), upload);
        id
    }

    /// One upload.
    pub(super) fn get(&self, key: &str, id: &str) -> Option<&Upload> {
        self.open.get(&(key.to_owned(), id.to_owned()))
    }

    /// One upload, to be changed.
    pub(super) fn get_mut(&mut self, key: &str, id: &str) -> Option<&mut Upload> {
        self.open.get_mut(&(key.to_owned(), id.to_owned()))
    }

    /// Takes one out.
    pub(super) fn end(&mut self, key: &str, id: &str) -> Option<Upload> {
        self.open.remove(&(key.to_owned(), id.to_owned()))
    }
}
