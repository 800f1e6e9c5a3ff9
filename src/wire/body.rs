//! Request bodies and the headers that vouch for them.
//!
//! Comes in: values. Goes out: bytes, Content-MD5, checksums. Forbidden here: knowing where it is sent.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use md5::{Digest, Md5};

use super::Checksum;
use crate::domain::{Crc, Error, ErrorKind, Payer, Result};

/// The body of PutBucketRequestPayment. S3 wants its namespace, OSS none.
///
/// # Errors
/// `Usage` for a payer that neither cloud knows.
pub(super) fn request_payment(payer: &Payer, namespace: &str) -> Result<Bytes> {
    let value = match payer {
        Payer::BucketOwner | Payer::Requester => payer.as_str(),
        Payer::Other(_) => {
            return Err(Error::new(ErrorKind::Usage, "the payer can only be set to `BucketOwner` or `Requester`")
                .hint("Choose one of the two: an unknown value is shown, never written."));
        }
    };
    let attribute = if namespace.is_empty() { String::new() } else { format!(" xmlns=\"{namespace}\"") };
    Ok(Bytes::from(format!("<RequestPaymentConfiguration{attribute}><Payer>{value}</Payer></RequestPaymentConfiguration>")))
}

/// `Content-MD5`.
pub(super) fn content_md5(body: &[u8]) -> (String, String) {
    ("content-md5".to_owned(), STANDARD.encode(Md5::digest(body)))
}

/// S3's two checksum headers.
pub(super) fn checksum(algorithm: Checksum, body: &[u8]) -> [(String, String); 2] {
    let crc32 = |crc: Crc| {
        let bytes = crc.of(body).to_be_bytes();
        STANDARD.encode(&bytes[4..])
    };
    let (header, name, value) = match algorithm {
        Checksum::Crc32 => ("x-amz-checksum-crc32", "CRC32", crc32(Crc::Crc32)),
        Checksum::Crc32c => ("x-amz-checksum-crc32c", "CRC32C", crc32(Crc::Crc32c)),
        Checksum::Crc64Nvme => {
            let bytes = Crc::Crc64Nvme.of(body).to_be_bytes();
            ("x-amz-checksum-crc64nvme", "CRC64NVME", STANDARD.encode(bytes))
        }
        Checksum::Sha1 => ("x-amz-checksum-sha1", "SHA1", STANDARD.encode(sha1::Sha1::digest(body))),
        Checksum::Sha256 => ("x-amz-checksum-sha256", "SHA256", STANDARD.encode(sha2::Sha256::digest(body))),
    };
    [(header.to_owned(), value), ("x-amz-sdk-checksum-algorithm".to_owned(), name.to_owned())]
}
