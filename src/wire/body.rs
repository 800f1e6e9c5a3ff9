//! Request bodies and the headers that vouch for them.
//!
//! Comes in: values. Goes out: bytes, Content-MD5, checksums. Forbidden here: knowing where it is sent.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use md5::{Digest, Md5};

use super::{Checksum, Field};
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
pub(super) fn content_md5(body: &[u8]) -> Field {
    ("content-md5".into(), STANDARD.encode(Md5::digest(body)).into())
}

/// The header that names a body's checksum.
pub(super) const CHECKSUM_KIND: &str = "x-amz-sdk-checksum-algorithm";

/// The header of a checksum, and the algorithm's name.
pub(super) fn checksum_names(algorithm: Checksum) -> (&'static str, &'static str) {
    match algorithm {
        Checksum::Crc32 => ("x-amz-checksum-crc32", "CRC32"),
        Checksum::Crc32c => ("x-amz-checksum-crc32c", "CRC32C"),
        Checksum::Crc64Nvme => ("x-amz-checksum-crc64nvme", "CRC64NVME"),
        Checksum::Sha1 => ("x-amz-checksum-sha1", "SHA1"),
        Checksum::Sha256 => ("x-amz-checksum-sha256", "SHA256"),
    }
}

/// The checksum of a body, in base64.
pub(super) fn checksum_of(algorithm: Checksum, body: &[u8]) -> String {
    let crc32 = |crc: Crc| STANDARD.encode(&crc.of(body).to_be_bytes()[4..]);
    match algorithm {
        Checksum::Crc32 => crc32(Crc::Crc32),
        Checksum::Crc32c => crc32(Crc::Crc32c),
        Checksum::Crc64Nvme => STANDARD.encode(Crc::Crc64Nvme.of(body).to_be_bytes()),
        Checksum::Sha1 => STANDARD.encode(sha1::Sha1::digest(body)),
        Checksum::Sha256 => STANDARD.encode(sha2::Sha256::digest(body)),
    }
}

/// S3's two checksum headers.
pub(super) fn checksum(algorithm: Checksum, body: &[u8]) -> [Field; 2] {
    let (header, name) = checksum_names(algorithm);
    [(header.into(), checksum_of(algorithm, body).into()), (CHECKSUM_KIND.into(), name.into())]
}
