//! Checksums of a stream, and of streams laid end to end.
//!
//! A part is summed while it passes, and the sums of parts are joined to the sum of the object, so that nothing is read twice
//! and the order in which parts end does not matter. Of the sums that S3 knows, only these can be joined; OSS has one.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html>

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::domain::crc::{Crc, Running};

/// Which checksum.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// S3's default, `x-amz-checksum-crc64nvme`.
    Crc64Nvme,
    /// OSS's, `x-oss-hash-crc64ecma`. Catalogues call it CRC-64/XZ.
    Crc64Ecma,
    /// S3's `x-amz-checksum-crc32c`, which some compatible stores have alone.
    Crc32c,
}

impl Algorithm {
    /// How many bytes a value has.
    fn width(self) -> usize {
        match self {
            Self::Crc64Nvme | Self::Crc64Ecma => 8,
            Self::Crc32c => 4,
        }
    }

    fn crc(self) -> Crc {
        match self {
            Self::Crc64Nvme => Crc::Crc64Nvme,
            Self::Crc64Ecma => Crc::Crc64Xz,
            Self::Crc32c => Crc::Crc32c,
        }
    }
}

/// A checksum that runs along with a stream.
#[derive(Clone, Debug)]
pub struct Sum {
    running: Running,
}

impl Sum {
    /// The sum of nothing yet.
    pub fn new(algorithm: Algorithm) -> Self {
        Self { running: Running::new(algorithm.crc()) }
    }

    /// Takes the next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.running.update(bytes);
    }

    /// The sum of all bytes so far.
    pub fn value(&self) -> u64 {
        self.running.value()
    }

    /// How many bytes were taken.
    pub fn length(&self) -> u64 {
        self.running.length()
    }
}

/// The sum of two streams laid end to end, from the sums of both and the length of the second one.
pub fn joined(algorithm: Algorithm, first: u64, second: u64, second_length: u64) -> u64 {
    algorithm.crc().joined(first, second, second_length)
}

/// S3's spelling: the value's bytes, the highest first, in base64.
pub fn base64(algorithm: Algorithm, value: u64) -> String {
    STANDARD.encode(&value.to_be_bytes()[8 - algorithm.width()..])
}

/// Reads S3's spelling. `None` for all else, such as `…-16`, the sum of the sums of 16 parts, which says nothing of the whole.
pub fn from_base64(algorithm: Algorithm, text: &str) -> Option<u64> {
    let bytes = STANDARD.decode(text).ok()?;
    let value = bytes.iter().fold(0, |value, byte| value << 8 | u64::from(*byte));
    (bytes.len() == algorithm.width()).then_some(value)
}

/// OSS's spelling: the value as a decimal number.
pub fn decimal(value: u64) -> String {
    value.to_string()
}

/// Reads OSS's spelling. `None` for all else.
pub fn from_decimal(text: &str) -> Option<u64> {
    // The parser would take a sign.
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ALL: [Algorithm; 3] = [Algorithm::Crc64Nvme, Algorithm::Crc64Ecma, Algorithm::Crc32c];

    fn sum(algorithm: Algorithm, bytes: &[u8]) -> u64 {
        let mut sum = Sum::new(algorithm);
        sum.update(bytes);
        sum.value()
    }

    /// The check values of <https://reveng.sourceforge.io/crc-catalogue/>.
    #[test]
    fn check_values_of_the_catalogue() {
        assert_eq!(sum(Algorithm::Crc64Ecma, b"123456789"), 0x995d_c9bb_df19_39fa);
        assert_eq!(sum(Algorithm::Crc64Nvme, b"123456789"), 0xae8b_1486_0a79_9888);
        assert_eq!(sum(Algorithm::Crc32c, b"123456789"), 0xe306_9283);
        assert!(ALL.iter().all(|algorithm| Sum::new(*algorithm).value() == 0));
    }

    /// The sums of `1234` and `56789`, worked out bit by bit from the polynomials, apart from this code.
    #[test]
    fn halves_are_joined() {
        let joined_as = |algorithm, first, second| joined(algorithm, first, second, 5);
        assert_eq!(joined_as(Algorithm::Crc64Ecma, 0xce4e_8793_66b8_c328, 0x6971_a807_c348_604b), 0x995d_c9bb_df19_39fa);
        assert_eq!(joined_as(Algorithm::Crc64Nvme, 0x29f5_dbe7_e2ff_71d4, 0xf87d_c887_176c_e667), 0xae8b_1486_0a79_9888);
        assert_eq!(joined_as(Algorithm::Crc32c, 0xf63a_f4ee, 0x83b5_65d8), 0xe306_9283);
    }

    #[test]
    fn as_each_store_spells_them() {
        assert_eq!(base64(Algorithm::Crc64Nvme, 0xae8b_1486_0a79_9888), "rosUhgp5mIg=");
        assert_eq!(base64(Algorithm::Crc32c, 0xe306_9283), "4waSgw==");
        assert_eq!(decimal(0x995d_c9bb_df19_39fa), "11051210869376104954");
        assert_eq!(from_base64(Algorithm::Crc64Nvme, "rosUhgp5mIg="), Some(0xae8b_1486_0a79_9888));
        assert_eq!(from_base64(Algorithm::Crc32c, "4waSgw=="), Some(0xe306_9283));
        assert_eq!(from_decimal("11051210869376104954"), Some(0x995d_c9bb_df19_39fa));
        assert_eq!(from_decimal("18446744073709551615"), Some(u64::MAX));
    }

    #[test]
    fn what_is_no_sum_is_none() {
        for text in ["", "4waSgw==-2", "4waSgw", "rosUhgp5mIg=", "4waSg===", " 4waSgw=="] {
            assert_eq!(from_base64(Algorithm::Crc32c, text), None, "{text}");
        }
        for text in ["", "+1", "-1", " 1", "0x1", "18446744073709551616"] {
            assert_eq!(from_decimal(text), None, "{text}");
        }
    }

    proptest! {
        /// However a stream is cut into pieces and parts, the whole has one sum.
        #[test]
        fn parts_join_to_the_whole(parts in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..300), 0..6)) {
            for algorithm in ALL {
                let (mut whole, mut value) = (Sum::new(algorithm), Sum::new(algorithm).value());
                for part in &parts {
                    whole.update(part);
                    value = joined(algorithm, value, sum(algorithm, part), part.len() as u64);
                }
                prop_assert_eq!(value, whole.value());
                prop_assert_eq!(whole.length(), parts.iter().map(Vec::len).sum::<usize>() as u64);
                prop_assert_eq!(from_base64(algorithm, &base64(algorithm, value)), Some(value));
                prop_assert_eq!(from_decimal(&decimal(value)), Some(value));
            }
        }
    }
}
