//! Who signed a request: the scheme is recognised, then the scheme's own room recomputes the signature.
//!
//! Comes in: the request as it came off the wire, what it names, a keyring. Goes out: a [`Proof`] or a [`Refusal`].
//! Forbidden here: `wire`, whose canonical forms are what is being checked.

use jiff::{SignedDuration, Timestamp};

use super::request::{Incoming, Resource};
use super::{verify_acs, verify_oss_v1, verify_oss_v4, verify_s3};

/// How far a request's date may be from the store's clock. Both clouds: 15 minutes.
const MOST_SKEW: SignedDuration = SignedDuration::from_mins(15);

/// The longest life of a presigned URL: 7 days.
pub(super) const LONGEST_PRESIGNED: i64 = 604_800;

/// How a request says who it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scheme {
    /// Not at all.
    Anonymous,
    /// S3 Signature V4 in the Authorization header.
    S3Header,
    /// S3 Signature V4 in the query.
    S3Query,
    /// OSS V4 in the Authorization header.
    OssV4Header,
    /// OSS V4 in the query.
    OssV4Query,
    /// OSS V1 in the Authorization header.
    OssV1Header,
    /// OSS V1 in the query.
    OssV1Query,
    /// Alibaba Cloud's V3 signature of its other services: STS.
    Acs3,
    /// An Authorization header that neither cloud knows.
    Unknown,
}

impl Scheme {
    /// Recognises the scheme.
    pub(super) fn of(request: &Incoming) -> Self {
        if let Some(authorization) = request.header("authorization") {
            return match authorization.split_once(' ').map(|(word, _)| word) {
                Some("AWS4-HMAC-SHA256") => Self::S3Header,
                Some("OSS4-HMAC-SHA256") => Self::OssV4Header,
                Some("OSS") => Self::OssV1Header,
                Some("ACS3-HMAC-SHA256") => Self::Acs3,
                Some(_) | None => Self::Unknown,
            };
        }
        let query = request.query();
        let has = |name: &str| query.iter().any(|(each, _)| each == name);
        if has("X-Amz-Algorithm") || has("X-Amz-Signature") {
            Self::S3Query
        } else if has("x-oss-signature-version") || has("x-oss-signature") {
            Self::OssV4Query
        } else if has("OSSAccessKeyId") {
            Self::OssV1Query
        } else {
            Self::Anonymous
        }
    }

    /// Whether the signature stands in the URL.
    pub(super) fn is_presigned(self) -> bool {
        match self {
            Self::S3Query | Self::OssV4Query | Self::OssV1Query => true,
            Self::Anonymous | Self::S3Header | Self::OssV4Header | Self::OssV1Header | Self::Acs3 | Self::Unknown => false,
        }
    }
}

/// One access key as the store knows it.
#[derive(Clone, Debug)]
pub(super) struct Key {
    /// Its secret.
    pub(super) secret: String,
    /// The token that belongs to it, if it is temporary.
    pub(super) token: Option<String>,
    /// Whether it stopped working.
    pub(super) expired: bool,
}

/// Where keys are looked up.
pub(super) trait Keyring {
    /// The key with that id.
    fn key(&self, id: &str) -> Option<Key>;
}

/// A signature that is right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Proof {
    /// Whose key it is.
    pub(super) key_id: String,
    /// The region that was signed for; OSS V1 signs none.
    pub(super) region: Option<String>,
    /// The service that was signed for.
    pub(super) service: Service,
}

/// A signature is for one service: what was signed for STS opens no bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Service {
    /// S3 or OSS.
    Store,
    /// The token service of either cloud.
    Sts,
}

/// Why a signature is not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// The header or the query cannot be read.
    Malformed(&'static str),
    /// There is no such key.
    UnknownKey(String),
    /// The token is wrong, missing, or belongs to no key.
    WrongToken(String),
    /// A token with a key that has none.
    TokenForLongLivedKey(String),
    /// The key's time is over.
    ExpiredToken(String),
    /// The dates are too far apart.
    Skewed(Timestamp),
    /// A presigned URL whose time is over.
    Expired {
        /// Since when.
        at: Timestamp,
        /// The life it was given, in seconds.
        life: Option<i64>,
    },
    /// Headers that should have been signed.
    Unsigned(Vec<String>),
    /// The body is not the one that was signed.
    Payload {
        /// What the header says.
        claimed: String,
        /// What the body has.
        computed: String,
    },
    /// A way of signing that this store does not offer.
    NotOffered(&'static str),
    /// The signature differs.
    Mismatch(Box<Mismatch>),
}

/// What the clouds echo when signatures differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mismatch {
    /// The key's id.
    pub(super) key_id: String,
    /// The signature that came.
    pub(super) provided: String,
    /// The text that the store signed.
    pub(super) string_to_sign: String,
    /// The canonical request, in schemes that have one.
    pub(super) canonical: Option<String>,
}

/// Checks a request. `Ok(None)`: it is anonymous.
pub(super) fn verify(request: &Incoming, resource: &Resource, keys: &dyn Keyring) -> Result<Option<Proof>, Refusal> {
    match Scheme::of(request) {
        Scheme::Anonymous => Ok(None),
        Scheme::S3Header => verify_s3::header(request, keys).map(Some),
        Scheme::S3Query => verify_s3::query(request, keys).map(Some),
        Scheme::OssV4Header => verify_oss_v4::header(request, resource, keys).map(Some),
        Scheme::OssV4Query => verify_oss_v4::query(request, resource, keys).map(Some),
        Scheme::OssV1Header => verify_oss_v1::header(request, resource, keys).map(Some),
        Scheme::OssV1Query => verify_oss_v1::query(request, resource, keys).map(Some),
        Scheme::Acs3 => verify_acs::header(request, keys).map(Some),
        Scheme::Unknown => Err(Refusal::Malformed("the Authorization header names no known signing algorithm")),
    }
}

/// Looks the key up and compares its token with the one that came.
pub(super) fn key_with_token(keys: &dyn Keyring, id: &str, token: Option<&str>) -> Result<Key, Refusal> {
    let Some(key) = keys.key(id) else { return Err(Refusal::UnknownKey(id.to_owned())) };
    match (&key.token, token) {
        (None, Some(_)) => Err(Refusal::TokenForLongLivedKey(id.to_owned())),
        (Some(own), Some(given)) if own != given => Err(Refusal::WrongToken(given.to_owned())),
        // A temporary key without its token is no key at all, to both clouds.
        (Some(_), None) => Err(Refusal::UnknownKey(id.to_owned())),
        (Some(_), Some(given)) if key.expired => Err(Refusal::ExpiredToken(given.to_owned())),
        (Some(_), Some(_)) | (None, None) => Ok(key),
    }
}

/// Refuses dates that are too far from the store's clock.
pub(super) fn near(signed_at: Timestamp, now: Timestamp) -> Result<(), Refusal> {
    if now.duration_since(signed_at).abs() > MOST_SKEW { Err(Refusal::Skewed(signed_at)) } else { Ok(()) }
}

/// Refuses presigned URLs before and after their time.
pub(super) fn within(signed_at: Timestamp, life: i64, now: Timestamp) -> Result<(), Refusal> {
    if signed_at.duration_since(now) > MOST_SKEW {
        return Err(Refusal::Skewed(signed_at));
    }
    let end = signed_at.checked_add(SignedDuration::from_secs(life)).unwrap_or(Timestamp::MAX);
    if now > end { Err(Refusal::Expired { at: end, life: Some(life) }) } else { Ok(()) }
}

/// The value of a query item.
pub(super) fn item<'a>(query: &'a [(String, String)], name: &str) -> Option<&'a str> {
    query.iter().find(|(each, _)| each == name).map(|(_, value)| value.as_str())
}

/// `name=value` fields of an Authorization header: separated by commas, with or without spaces.
pub(super) fn field<'a>(authorization: &'a str, name: &str) -> Option<&'a str> {
    let (_, fields) = authorization.split_once(' ')?;
    fields.split(',').find_map(|field| field.trim().strip_prefix(name)?.strip_prefix('='))
}

/// A V4 credential: `ID/DAY/REGION/SERVICE/END`. The id may hold slashes at neither cloud.
pub(super) struct Scope<'a> {
    pub(super) key_id: &'a str,
    pub(super) day: &'a str,
    pub(super) region: &'a str,
    pub(super) service: &'a str,
}

impl<'a> Scope<'a> {
    /// Reads a credential that must end in `end`.
    pub(super) fn read(credential: &'a str, end: &str) -> Option<Self> {
        let parts: Vec<&str> = credential.split('/').collect();
        match parts[..] {
            [key_id, day, region, service, last] if last == end => Some(Self { key_id, day, region, service }),
            _ => None,
        }
    }
}
