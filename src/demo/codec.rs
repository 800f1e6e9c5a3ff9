//! Small arithmetic of both clouds: percent-encoding, hex, digests, checksums, dates.
//!
//! Comes in: bytes. Goes out: text, or bytes. It is written for the store alone: sharing the client's own would let both
//! agree on a mistake.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256};

use crate::domain::Crc;
use crate::domain::few::sort_few;

/// What becomes of `/` when a text is percent-encoded.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Slash {
    /// It stays, as in paths.
    Stays,
    /// It becomes `%2F`, as in queries.
    Encoded,
}

/// Percent-encodes every byte outside `A-Z a-z 0-9 - _ . ~`.
pub(super) fn encode(bytes: &[u8], slash: Slash) -> String {
    let mut out = String::with_capacity(bytes.len());
    for &byte in bytes {
        let plain = byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~');
        if plain || (byte == b'/' && slash == Slash::Stays) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// Undoes percent-encoding in a path. A `%` without two hex digits stays as it is.
pub(super) fn decode(text: &str) -> Vec<u8> {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut place = 0;
    while place < bytes.len() {
        let pair = bytes.get(place + 1..place + 3).and_then(|pair| std::str::from_utf8(pair).ok());
        match pair.and_then(|pair| u8::from_str_radix(pair, 16).ok()) {
            Some(byte) if bytes[place] == b'%' => {
                out.push(byte);
                place += 3;
            }
            Some(_) | None => {
                out.push(bytes[place]);
                place += 1;
            }
        }
    }
    out
}

/// Undoes the encoding of a query item, where `+` is a space.
pub(super) fn decode_query(text: &str) -> Vec<u8> {
    decode(&text.replace('+', " "))
}

/// A canonical query: names and values encoded, then sorted by name and value (not as `name=value`: `=` sorts after `-`).
pub(super) fn sorted_query(items: &[(String, String)]) -> Vec<(String, String)> {
    let encoded = |text: &String| encode(text.as_bytes(), Slash::Encoded);
    let mut items: Vec<(String, String)> = items.iter().map(|(name, value)| (encoded(name), encoded(value))).collect();
    sort_few(&mut items);
    items
}

/// Lower-case hex.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The hex form that S3 echoes as `StringToSignBytes`: bytes apart.
pub(super) fn hex_spaced(bytes: &[u8]) -> String {
    let all: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    all.join(" ")
}

/// Base64 with padding.
pub(super) fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// Base64 with padding, undone.
pub(super) fn unbase64(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text.trim()).ok()
}

/// HMAC-SHA256.
pub(super) fn hmac_sha256(key: &[u8], message: &[u8]) -> Vec<u8> {
    // HMAC takes keys of every length, so the empty answer is never given; it would match no signature.
    Hmac::<Sha256>::new_from_slice(key).map(|mac| mac.chain_update(message).finalize().into_bytes().to_vec()).unwrap_or_default()
}

/// HMAC-SHA1, for OSS V1.
pub(super) fn hmac_sha1(key: &[u8], message: &[u8]) -> Vec<u8> {
    Hmac::<Sha1>::new_from_slice(key).map(|mac| mac.chain_update(message).finalize().into_bytes().to_vec()).unwrap_or_default()
}

/// SHA-256 as hex.
pub(super) fn sha256_hex(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// MD5.
pub(super) fn md5(bytes: &[u8]) -> Vec<u8> {
    Md5::digest(bytes).to_vec()
}

/// CRC-64/XZ, which OSS calls `crc64ecma` and says as a decimal number.
pub(super) fn crc64_ecma(bytes: &[u8]) -> u64 {
    Crc::Crc64Xz.of(bytes)
}

/// A checksum of S3 by its header's last word (`crc32`, `sha256`, …), in base64.
pub(super) fn checksum(name: &str, bytes: &[u8]) -> Option<String> {
    let short = |crc: Crc| u32::try_from(crc.of(bytes)).ok().map(|sum| sum.to_be_bytes().to_vec());
    let sum = match name {
        "crc32" => short(Crc::Crc32)?,
        "crc32c" => short(Crc::Crc32c)?,
        "crc64nvme" => Crc::Crc64Nvme.of(bytes).to_be_bytes().to_vec(),
        "sha1" => Sha1::digest(bytes).to_vec(),
        "sha256" => Sha256::digest(bytes).to_vec(),
        _ => return None,
    };
    Some(base64(&sum))
}

/// `Sun, 01 Mar 2026 12:00:00 GMT`.
pub(super) fn http_date(time: Timestamp) -> String {
    time.to_zoned(TimeZone::UTC).strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// `Sun, 01 Mar 2026 12:00:00 GMT`, read.
pub(super) fn read_http_date(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text).ok().filter(|_| text.ends_with("GMT"))
}

/// `20260301T120000Z`, read.
pub(super) fn read_compact_date(text: &str) -> Option<Timestamp> {
    let fits = |(place, byte): (usize, u8)| match place {
        8 => byte == b'T',
        15 => byte == b'Z',
        _ => byte.is_ascii_digit(),
    };
    if text.len() == 16 && text.bytes().enumerate().all(fits) { text.parse().ok() } else { None }
}

/// `2026-03-01T12:00:00Z`, as errors and Alibaba's V3 signatures write it.
pub(super) fn iso_date(time: Timestamp) -> String {
    time.to_zoned(TimeZone::UTC).strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// `2026-03-01T12:00:00.000Z`, as listings write it.
pub(super) fn iso_millis(time: Timestamp) -> String {
    time.to_zoned(TimeZone::UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percent_encoding_keeps_only_the_unreserved_set() {
        assert_eq!(encode("a b+c/ü~".as_bytes(), Slash::Stays), "a%20b%2Bc/%C3%BC~");
        assert_eq!(encode(b"a/b", Slash::Encoded), "a%2Fb");
        assert_eq!(decode("a%2Fb%zz%"), b"a/b%zz%");
        assert_eq!(decode_query("a+b%2B"), b"a b+");
    }

    #[test]
    fn checksums_have_the_published_check_values() {
        // The check values of the CRC catalogue for "123456789": CBF43926, E3069283, AE8B14860A799888, 995DC9BBDF1939FA.
        assert_eq!(checksum("crc32", b"123456789").as_deref(), Some("y/Q5Jg=="));
        assert_eq!(checksum("crc32c", b"123456789").as_deref(), Some("4waSgw=="));
        assert_eq!(checksum("crc64nvme", b"123456789").as_deref(), Some("rosUhgp5mIg="));
        assert_eq!(crc64_ecma(b"123456789"), 11_051_210_869_376_104_954);
        assert_eq!(checksum("crc16", b""), None);
    }

    #[test]
    fn dates_go_there_and_back() {
        let time: Timestamp = "2026-03-01T12:00:00Z".parse().unwrap();
        assert_eq!(http_date(time), "Sun, 01 Mar 2026 12:00:00 GMT");
        assert_eq!(read_http_date("Sun, 01 Mar 2026 12:00:00 GMT"), Some(time));
        assert_eq!(read_compact_date("20260301T120000Z"), Some(time));
        for other in ["Sun, 01 Mar 2026 12:00:00 +0000", "Mon, 01 Mar 2026 12:00:00 GMT", "Sun, 32 Mar 2026 12:00:00 GMT", "GMT", ""] {
            assert_eq!(read_http_date(other), None, "{other}");
        }
        for other in ["20260301", "2026-03-01T12:00:00Z", "20260301T120000+", "20260231T120000Z", "20260301T250000Z", "20260301t120000z"] {
            assert_eq!(read_compact_date(other), None, "{other}");
        }
    }
}
