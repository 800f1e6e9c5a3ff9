//! Checksums as S3 keeps them with an object: which, of what, and in which words.
//!
//! Comes in: bytes, headers. Goes out: sums, and the names that headers and documents have for them.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html>

use super::answer::Fault;
use super::codec;
use super::request::Incoming;
use super::xml::Document;

/// A checksum that S3 offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Algorithm {
    /// CRC-32.
    Crc32,
    /// CRC-32C.
    Crc32c,
    /// CRC-64/NVME, which S3 makes itself where a client says nothing.
    Crc64Nvme,
    /// SHA-1.
    Sha1,
    /// SHA-256.
    Sha256,
}

impl Algorithm {
    /// All of them.
    pub(super) const ALL: [Self; 5] = [Self::Crc32, Self::Crc32c, Self::Crc64Nvme, Self::Sha1, Self::Sha256];

    /// The last word of its header.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Crc32 => "crc32",
            Self::Crc32c => "crc32c",
            Self::Crc64Nvme => "crc64nvme",
            Self::Sha1 => "sha1",
            Self::Sha256 => "sha256",
        }
    }

    /// As `x-amz-checksum-algorithm` and the listings name it.
    pub(super) fn name(self) -> String {
        self.word().to_ascii_uppercase()
    }

    /// Its header.
    pub(super) fn header(self) -> String {
        format!("x-amz-checksum-{}", self.word())
    }

    /// Its element.
    pub(super) fn element(self) -> String {
        format!("Checksum{}", self.name())
    }

    /// The one of that name, however it is written.
    pub(super) fn read(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|each| each.word().eq_ignore_ascii_case(word))
    }

    /// The sum of some bytes, in base64.
    pub(super) fn of(self, bytes: &[u8]) -> String {
        codec::checksum(self.word(), bytes).unwrap_or_default()
    }
}

/// What a sum of a multipart object is taken over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    /// All bytes.
    FullObject,
    /// The sums of the parts.
    Composite,
}

impl Scope {
    /// As `x-amz-checksum-type` says it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::FullObject => "FULL_OBJECT",
            Self::Composite => "COMPOSITE",
        }
    }
}

/// A sum that an object or a part has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sum {
    /// Which.
    pub(super) algorithm: Algorithm,
    /// Of what.
    pub(super) scope: Scope,
    /// In base64; a composite one ends in `-N`.
    pub(super) value: String,
}

impl Sum {
    /// A sum of all bytes.
    pub(super) fn full(algorithm: Algorithm, value: String) -> Self {
        Self { algorithm, scope: Scope::FullObject, value }
    }

    /// The sum of sums.
    pub(super) fn composite<'a>(algorithm: Algorithm, parts: impl Iterator<Item = &'a str>) -> Self {
        let mut count = 0;
        let mut bytes = Vec::new();
        for part in parts {
            count += 1;
            bytes.extend(codec::unbase64(part).unwrap_or_default());
        }
        Self { algorithm, scope: Scope::Composite, value: format!("{}-{count}", algorithm.of(&bytes)) }
    }

    /// Writes it as an element.
    pub(super) fn write(&self, document: &mut Document) {
        document.leaf(&self.algorithm.element(), &self.value);
    }
}

/// What CreateMultipartUpload says about checksums.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Plan {
    /// Which every part has.
    pub(super) algorithm: Algorithm,
    /// What the object's is taken over.
    pub(super) scope: Scope,
}

impl Plan {
    /// Reads the headers; `None`: nothing was said.
    pub(super) fn read(request: &Incoming) -> Result<Option<Self>, Fault> {
        let invalid = |message: String| Err(Fault::new(400, "InvalidRequest", message));
        let scope = match request.header("x-amz-checksum-type") {
            None => None,
            Some("FULL_OBJECT") => Some(Scope::FullObject),
            Some("COMPOSITE") => Some(Scope::Composite),
            Some(_) => return invalid("Value for x-amz-checksum-type header is invalid.".to_owned()),
        };
        let Some(word) = request.header("x-amz-checksum-algorithm") else {
            return match scope {
                None => Ok(None),
                Some(_) => invalid("The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.".to_owned()),
            };
        };
        let Some(algorithm) = Algorithm::read(word) else {
            return invalid(
                "Checksum algorithm provided is unsupported. Please try again with any of the valid types: [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]"
                    .to_owned(),
            );
        };
        let scope = match (algorithm, scope) {
            (Algorithm::Crc64Nvme, None | Some(Scope::FullObject)) => Scope::FullObject,
            (Algorithm::Crc32 | Algorithm::Crc32c, Some(scope)) => scope,
            (Algorithm::Crc32 | Algorithm::Crc32c | Algorithm::Sha1 | Algorithm::Sha256, None) => Scope::Composite,
            (Algorithm::Sha1 | Algorithm::Sha256, Some(Scope::Composite)) => Scope::Composite,
            (_, Some(scope)) => {
                return invalid(format!(
                    "The {} checksum type cannot be used with the {} checksum algorithm.",
                    scope.name(),
                    algorithm.word()
                ));
            }
        };
        Ok(Some(Self { algorithm, scope }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_composite_sum_is_the_sum_of_the_decoded_sums() {
        // Two parts "1234" and "56789": openssl dgst -sha256 -binary of each, joined, and once more.
        let parts = [Algorithm::Sha256.of(b"1234"), Algorithm::Sha256.of(b"56789")];
        assert_eq!(parts[0], "A6xnQhbz4Vx2HuGl4lXwZ5U2I8iziLRFnhP5eNfIRvQ=");
        let sum = Sum::composite(Algorithm::Sha256, parts.iter().map(String::as_str));
        assert_eq!(sum.value, "bnRBBTileCDVQlLT/6fZJGrqcf3O3X6G8kD8V7zZqxQ=-2");
    }
}
