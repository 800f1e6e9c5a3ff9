//! What is said to a store, and how its answer is read. S3 and OSS are two dialects behind one small interface.
//!
//! Comes in: a [`Call`], a [`Site`], consent, keys, a time. Goes out: a signed [`Request`], or a [`Reply`] from an
//! [`Answer`]. Forbidden here: sockets, clocks, environment.

pub mod address;
mod answer;
#[cfg(test)]
mod answer_tests;
mod asked;
mod body;
mod catalogue;
#[cfg(test)]
mod catalogue_tests;
mod dialect;
mod error;
pub mod objects;
mod oss;
pub mod payer;
pub mod percent;
mod policy;
pub mod presign;
#[cfg(test)]
mod request_tests;
mod s3;
mod settings;
pub mod sign_oss_v1;
pub mod sign_v4;
mod signer;
mod sts;
mod told;
pub mod xml;

use std::borrow::Cow;

use bytes::Bytes;
use jiff::Timestamp;

pub use presign::Presigned;
pub use signer::Signer;
pub use told::Told;

use crate::domain::preflight::Fact;
use crate::domain::{BucketName, BucketRecord, CallerIdentity, Consent, Keys, Op, Payer, Result, Setting, Site};

/// One operation with its arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Call {
    /// A page of the account's own buckets.
    ListBuckets {
        /// Where the page begins: S3 `continuation-token`, OSS `marker`; `None` for the first.
        page: Option<String>,
    },
    /// The bucket's region.
    GetBucketLocation {
        /// The bucket.
        bucket: BucketName,
    },
    /// The bucket's payer.
    GetBucketRequestPayment {
        /// The bucket.
        bucket: BucketName,
    },
    /// Changes the bucket's payer.
    PutBucketRequestPayment {
        /// The bucket.
        bucket: BucketName,
        /// The new payer: `BucketOwner` or `Requester`.
        payer: Payer,
        /// S3 only: a checksum beside Content-MD5.
        checksum: Option<Checksum>,
    },
    /// One of the bucket's settings, of those that the payer matters to.
    GetBucketSetting {
        /// The bucket.
        bucket: BucketName,
        /// Which.
        setting: Setting,
    },
    /// Who the keys belong to (STS).
    GetCallerIdentity,
}

/// S3's checksum algorithms for request bodies.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html>
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Checksum {
    /// CRC-32 (ISO HDLC).
    Crc32,
    /// CRC-32C (Castagnoli).
    Crc32c,
    /// SHA-1.
    Sha1,
    /// SHA-256.
    Sha256,
    /// CRC-64 (NVME).
    Crc64Nvme,
}

/// What a request is sent under, beside its arguments.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Terms {
    /// The user's word on paying. [`encode`] alone turns it into a header, for operations that take it.
    pub consent: Consent,
    /// S3 only: the owner that the bucket must have (`x-amz-expected-bucket-owner`).
    pub expected_owner: Option<String>,
}

/// A header: its name in lower case, and its value. Most names, and many values, stand in the code.
pub type Field = (Cow<'static, str>, Cow<'static, str>);

/// A request that is complete but for its signature.
#[derive(Clone)]
pub struct Draft {
    /// The operation.
    pub op: Op,
    /// `GET`, `PUT`, …
    pub method: http::Method,
    /// `http` or `https`.
    pub scheme: &'static str,
    /// Host with port, as signed and sent; a default port is left out.
    pub host: String,
    /// The path as sent, percent-encoded.
    pub path: String,
    /// Decoded query items; a value of `None` is sent as a bare name.
    pub query: Vec<(String, Option<String>)>,
    /// Header names in lower case, with values; without host, date, token and authorization.
    pub headers: Vec<Field>,
    /// The body, where it is at hand.
    pub body: Bytes,
    /// What is sent as the body.
    pub payload: Payload,
    /// Bucket and key, from which OSS signs (never from the URL).
    pub resource: Resource,
}

/// What is sent as a request's body, and whether its hash is part of the signature.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Payload {
    /// The body that stands in the draft; S3 signs its hash.
    #[default]
    Body,
    /// So many bytes that are streamed from elsewhere. S3 signs `UNSIGNED-PAYLOAD` in place of a hash: hashing costs more than
    /// sending, and a checksum that the store verifies guards the bytes as well.
    Unsigned {
        /// How many bytes follow.
        length: u64,
    },
}

/// What a request names: for signatures that are made from names, not from URLs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Resource {
    /// The bucket, empty for service calls.
    pub bucket: String,
    /// The key, empty for bucket calls.
    pub key: String,
}

/// A request ready to send.
pub struct Request {
    /// The operation.
    pub op: Op,
    /// The method.
    pub method: http::Method,
    /// The whole URL as it must go out, byte for byte.
    pub url: String,
    /// All headers but Content-Length, in lower case. Authorization and tokens are among them: never print it.
    pub headers: Vec<Field>,
    /// The body, where it is at hand.
    pub body: Bytes,
    /// What is sent as the body.
    pub payload: Payload,
}

/// What came back, read to the end and within the size cap.
#[derive(Clone)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: http::HeaderMap,
    /// The body.
    pub body: Bytes,
}

/// An answer that was understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// [`Call::ListBuckets`]
    Buckets(BucketPage),
    /// [`Call::GetBucketLocation`]: the region without prefixes.
    Location(String),
    /// [`Call::GetBucketRequestPayment`]
    Payment(Payer),
    /// [`Call::PutBucketRequestPayment`]
    Done,
    /// [`Call::GetBucketSetting`]; `None`: it is not set.
    Setting(Option<Fact>),
    /// [`Call::GetCallerIdentity`]
    Identity(CallerIdentity),
}

/// One page of buckets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BucketPage {
    /// The buckets, in the store's order.
    pub buckets: Vec<BucketRecord>,
    /// Where the next page begins; `None`: this was the last.
    pub next: Option<String>,
    /// Names that no bucket can have, as they came: shown, never used.
    pub odd_names: Vec<String>,
}

impl Call {
    /// The row of the operation table.
    pub fn op(&self) -> Op {
        match self {
            Self::ListBuckets { .. } => Op::ListBuckets,
            Self::GetBucketLocation { .. } => Op::GetBucketLocation,
            Self::GetBucketRequestPayment { .. } => Op::GetBucketRequestPayment,
            Self::PutBucketRequestPayment { .. } => Op::PutBucketRequestPayment,
            Self::GetBucketSetting { setting, .. } => setting.op(),
            Self::GetCallerIdentity => Op::GetCallerIdentity,
        }
    }

    /// The bucket, for calls that have one.
    pub fn bucket(&self) -> Option<&BucketName> {
        match self {
            Self::ListBuckets { .. } | Self::GetCallerIdentity => None,
            Self::GetBucketLocation { bucket }
            | Self::GetBucketRequestPayment { bucket }
            | Self::PutBucketRequestPayment { bucket, .. }
            | Self::GetBucketSetting { bucket, .. } => Some(bucket),
        }
    }
}

/// Which part of a listing of buckets is asked for; what is `None` is not sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListPage {
    /// Where it begins.
    pub from: Option<String>,
    /// How many buckets at most.
    pub limit: Option<u32>,
    /// Only names that begin so.
    pub prefix: Option<String>,
}

/// Builds the request for a call: the one place that adds the payer header, and only with consent.
///
/// # Errors
/// [`crate::domain::ErrorKind::Usage`] for an endpoint that cannot be used; `Unsupported` where there is no such call
/// (STS of a custom endpoint).
pub fn encode(site: &Site, call: &Call, terms: &Terms) -> Result<Draft> {
    let dialect = dialect::of(site.provider);
    let mut draft = match call {
        Call::ListBuckets { page } => {
            let page = ListPage { from: page.clone(), limit: Some(dialect.page_size(site)), prefix: None };
            return encode_list(site, &page, terms);
        }
        Call::GetCallerIdentity => return sts::encode(site),
        Call::GetBucketLocation { bucket } => bucket_draft(&dialect.location_site(site), call.op(), bucket, "location")?,
        Call::GetBucketRequestPayment { bucket } => bucket_draft(site, call.op(), bucket, "requestPayment")?,
        Call::GetBucketSetting { bucket, setting } => {
            bucket_draft(site, call.op(), bucket, settings::subresource(site.provider, *setting))?
        }
        Call::PutBucketRequestPayment { bucket, payer, checksum } => {
            let mut draft = bucket_draft(site, call.op(), bucket, "requestPayment")?;
            draft.method = http::Method::PUT;
            dialect.put_payment(&mut draft, payer, *checksum)?;
            draft
        }
    };
    if let (Some(name), Some(owner)) = (dialect.owner_guard(), &terms.expected_owner) {
        draft.headers.push((name.into(), owner.clone().into()));
    }
    payer::apply(site.provider, terms.consent, &mut draft);
    Ok(draft)
}

/// Builds the request for any page of the account's buckets; [`encode`] asks for the largest.
///
/// # Errors
/// As [`encode`].
pub fn encode_list(site: &Site, page: &ListPage, terms: &Terms) -> Result<Draft> {
    let place = address::service(site)?;
    let mut draft = draft_at(place, Op::ListBuckets, Resource::default());
    draft.query = dialect::of(site.provider).list_query(page);
    payer::apply(site.provider, terms.consent, &mut draft);
    Ok(draft)
}

fn bucket_draft(site: &Site, op: Op, bucket: &BucketName, subresource: &str) -> Result<Draft> {
    let place = address::place(site, bucket.as_str(), "")?;
    let mut draft = draft_at(place, op, Resource { bucket: bucket.as_str().to_owned(), key: String::new() });
    draft.query.push((subresource.to_owned(), None));
    Ok(draft)
}

fn draft_at(place: address::Place, op: Op, resource: Resource) -> Draft {
    Draft {
        op,
        method: http::Method::GET,
        scheme: place.scheme,
        host: place.host,
        path: place.path,
        query: Vec::new(),
        headers: Vec::with_capacity(12),
        body: Bytes::new(),
        payload: Payload::Body,
        resource,
    }
}

/// Appends a query item, if there is a value.
fn push_item(query: &mut Vec<(String, Option<String>)>, name: &str, value: Option<String>) {
    if let Some(value) = value {
        query.push((name.to_owned(), Some(value)));
    }
}

/// Signs a draft in its headers. Nothing touches the head afterwards. [`Signer::sign`] does the same and keeps the day's key.
///
/// # Errors
/// `Usage` if the URL that would go out differs from the one that was signed (dot segments).
pub fn sign(site: &Site, draft: Draft, keys: &Keys, now: Timestamp) -> Result<Request> {
    Signer::new().sign(site, draft, keys, now)
}

/// Reads the answer to a call.
///
/// # Errors
/// One of the kinds of the catalogue, with everything that the store said ([`crate::domain::StoreAnswer`]).
pub fn decode(site: &Site, call: &Call, answer: &Answer) -> Result<Reply> {
    answer::decode(site, call, answer).map_err(|error| error.refused_as(error::refused(site, call)))
}
