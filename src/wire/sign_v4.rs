//! Signature V4, the part that S3, OSS and AWS STS share. They differ in a handful of spellings: see [`Flavour`].
//!
//! Comes in: a [`Head`], keys, a time. Goes out: canonical request, string to sign, signature. Forbidden here: deciding what
//! is sent; reading clocks.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html>,
//! <https://www.alibabacloud.com/help/en/oss/developer-reference/recommend-to-use-signature-version-4>

use std::borrow::Cow;

use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use jiff::tz::Offset;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::percent;
use crate::domain::few::sort_few;

/// Whose Signature V4.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flavour {
    /// `AWS4-HMAC-SHA256`: S3 and STS.
    Aws,
    /// `OSS4-HMAC-SHA256`.
    Oss,
}

impl Flavour {
    /// The algorithm's name, first line of the string to sign and first word of `Authorization`.
    pub fn algorithm(self) -> &'static str {
        match self {
            Self::Aws => "AWS4-HMAC-SHA256",
            Self::Oss => "OSS4-HMAC-SHA256",
        }
    }

    /// What the secret begins with when the day's key is derived.
    fn key_prefix(self) -> &'static str {
        match self {
            Self::Aws => "AWS4",
            Self::Oss => "aliyun_v4",
        }
    }

    /// The last part of the scope.
    pub fn terminator(self) -> &'static str {
        match self {
            Self::Aws => "aws4_request",
            Self::Oss => "aliyun_v4_request",
        }
    }
}

/// What of a request goes into its signature.
#[derive(Clone, Copy, Debug)]
pub struct Head<'a> {
    /// The method.
    pub method: &'a str,
    /// The canonical path, encoded: S3 and STS as on the wire, OSS `/bucket/key` whatever the URL is.
    pub path: &'a str,
    /// The query, decoded, in any order, without the signature itself.
    pub query: &'a [(&'a str, &'a str)],
    /// The headers that are signed: names in lower case, sorted.
    pub headers: &'a [(&'a str, &'a str)],
    /// OSS only: names that are signed although nobody has to, joined by `;`.
    pub additional: &'a str,
    /// The hash of the body, or `UNSIGNED-PAYLOAD`.
    pub payload: &'a str,
}

/// Where and when a signature holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scope<'a> {
    /// `20260301`
    pub day: &'a str,
    /// The region.
    pub region: &'a str,
    /// `s3`, `oss`, `sts`.
    pub service: &'a str,
}

impl Scope<'_> {
    /// Appends `day/region/service/terminator`.
    pub fn push(&self, flavour: Flavour, out: &mut String) {
        for part in [self.day, "/", self.region, "/", self.service, "/", flavour.terminator()] {
            out.push_str(part);
        }
    }
}

/// Appends the canonical request.
pub fn canonical_request(flavour: Flavour, head: &Head<'_>, out: &mut String) {
    out.push_str(head.method);
    out.push('\n');
    out.push_str(head.path);
    out.push('\n');
    push_query(flavour, head.query, out);
    out.push('\n');
    push_headers(flavour, head.headers, out);
    out.push('\n');
    match flavour {
        Flavour::Aws => push_names(head.headers, out),
        Flavour::Oss => out.push_str(head.additional),
    }
    out.push('\n');
    out.push_str(head.payload);
}

fn push_query(flavour: Flavour, query: &[(&str, &str)], out: &mut String) {
    let mut items: Vec<(String, String)> = query.iter().map(|(name, value)| (percent::encoded(name), percent::encoded(value))).collect();
    sort_few(&mut items);
    for (place, (name, value)) in items.iter().enumerate() {
        if place > 0 {
            out.push('&');
        }
        out.push_str(name);
        if flavour == Flavour::Aws || !value.is_empty() {
            out.push('=');
            out.push_str(value);
        }
    }
}

fn push_headers(flavour: Flavour, headers: &[(&str, &str)], out: &mut String) {
    let mut before = None;
    for (name, value) in headers {
        if before == Some(name) {
            // Several headers of one name are one line.
            out.truncate(out.len() - 1);
            out.push(',');
        } else {
            out.push_str(name);
            out.push(':');
        }
        match flavour {
            Flavour::Aws => push_folded(value, out),
            Flavour::Oss => out.push_str(value),
        }
        out.push('\n');
        before = Some(name);
    }
}

/// AWS trims values and makes every run of spaces one.
fn push_folded(value: &str, out: &mut String) {
    if is_folded(value) {
        out.push_str(value);
        return;
    }
    for (place, word) in value.split_whitespace().enumerate() {
        if place > 0 {
            out.push(' ');
        }
        out.push_str(word);
    }
}

/// Whether a value is plain ASCII, with single spaces inside and none around: nearly all are.
fn is_folded(value: &str) -> bool {
    let mut before = b' ';
    for byte in value.bytes() {
        if !(byte.is_ascii_graphic() || (byte == b' ' && before != b' ')) {
            return false;
        }
        before = byte;
    }
    before != b' '
}

/// Appends the names of the signed headers, joined by `;`, each once.
pub(super) fn push_names(headers: &[(&str, &str)], out: &mut String) {
    let mut before = None;
    for (name, _) in headers {
        if before == Some(name) {
            continue;
        }
        if before.is_some() {
            out.push(';');
        }
        out.push_str(name);
        before = Some(name);
    }
}

/// Appends the string to sign for a canonical request.
pub fn string_to_sign(flavour: Flavour, stamp: &str, scope: &Scope<'_>, canonical: &str, out: &mut String) {
    out.push_str(flavour.algorithm());
    out.push('\n');
    out.push_str(stamp);
    out.push('\n');
    scope.push(flavour, out);
    out.push('\n');
    push_hex(out, &Sha256::digest(canonical.as_bytes()));
}

/// The key that signs everything of one day, region and service. Its two paddings are hashed once and for all. Wiped when dropped.
pub struct SigningKey(Hmac<Sha256>);

impl SigningKey {
    /// Derived from the secret.
    pub fn derived(flavour: Flavour, secret: &str, scope: &Scope<'_>) -> Self {
        let mut first = Zeroizing::new(Vec::with_capacity(secret.len() + 9));
        first.extend_from_slice(flavour.key_prefix().as_bytes());
        first.extend_from_slice(secret.as_bytes());
        let mut key = hmac_sha256(&first, scope.day.as_bytes());
        for part in [scope.region, scope.service, flavour.terminator()] {
            key = hmac_sha256(key.as_slice(), part.as_bytes());
        }
        // A shorter key is one with zeros behind it (RFC 2104).
        let mut padded = Zeroizing::new([0; 64]);
        padded[..32].copy_from_slice(key.as_slice());
        Self(Hmac::new((&*padded).into()))
    }

    /// The signature, as lower-case hex.
    pub fn signature(&self, string_to_sign: &str) -> String {
        let mut mac = self.0.clone();
        mac.update(string_to_sign.as_bytes());
        hex(&mac.finalize().into_bytes())
    }
}

/// HMAC-SHA256 of a message.
pub(super) fn hmac_sha256(key: &[u8], message: &[u8]) -> Zeroizing<[u8; 32]> {
    let mut out = Zeroizing::new([0; 32]);
    // HMAC takes keys of every length, so the `Err` arm is never reached; without a key nothing verifies anyway.
    if let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) {
        mac.update(message);
        out.copy_from_slice(&mac.finalize().into_bytes());
    }
    out
}

/// The hash of a body, as lower-case hex.
pub fn payload_hash(body: &[u8]) -> Cow<'static, str> {
    const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    if body.is_empty() { EMPTY.into() } else { hex(&Sha256::digest(body)).into() }
}

/// `20260301T120000Z`; its first eight characters are the scope's day.
pub fn stamp(now: Timestamp) -> String {
    let time = Offset::UTC.to_datetime(now);
    let year = time.year().unsigned_abs();
    let two = |value: u16| [digit(value / 10), digit(value)];
    let pairs = [
        two(year / 100),
        two(year),
        two(u16::from(time.month().unsigned_abs())),
        two(u16::from(time.day().unsigned_abs())),
        two(u16::from(time.hour().unsigned_abs())),
        two(u16::from(time.minute().unsigned_abs())),
        two(u16::from(time.second().unsigned_abs())),
    ];
    let digits = pairs.as_flattened();
    let mut out = String::with_capacity(16);
    out.push_str(ascii(&digits[..8]));
    out.push('T');
    out.push_str(ascii(&digits[8..]));
    out.push('Z');
    out
}

/// The last digit of a number.
fn digit(value: u16) -> u8 {
    b'0' + u8::try_from(value % 10).unwrap_or(0)
}

/// Bytes that are ASCII by their making.
fn ascii(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap_or_default()
}

/// Lower-case hex.
pub(super) fn hex(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() * 2);
    push_hex(&mut out, bytes);
    out
}

fn push_hex(out: &mut String, bytes: &[u8]) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    for piece in bytes.chunks(32) {
        let mut text = [0; 64];
        for (two, byte) in text.chunks_exact_mut(2).zip(piece) {
            two.copy_from_slice(&[DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]);
        }
        out.push_str(ascii(&text[..piece.len() * 2]));
    }
}
