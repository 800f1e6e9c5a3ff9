//! What a store compares an upload's bytes with, or what it answers so that we can.
//!
//! S3 is told a CRC-64 (NVME), which costs next to nothing; OSS answers its own. Stores that speak S3 and do not know the CRC-64
//! get a CRC-32C, and if they do not know that either, `Content-MD5`, which all of them know.

use std::sync::atomic::{AtomicU8, Ordering};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest, Md5};

use crate::domain::{Error, Provider};
use crate::transfer::sum::{self, Algorithm, Sum};
use crate::wire::Checksum;
use crate::wire::objects::{BodyChecksum, Integrity};

/// How the bytes of an upload are vouched for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Vouch {
    /// S3: the store compares a CRC-64 of the whole object.
    Crc64Nvme,
    /// S3: the store compares a CRC-32C of each request.
    Crc32c,
    /// S3: the store compares the MD5 of each request.
    Md5,
    /// OSS: the store answers a CRC-64, and we compare.
    Crc64Ecma,
}

/// What an answer says of a checksum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The one that we have.
    Equal,
    /// Another one.
    Different,
    /// Nothing.
    Silent,
}

impl Vouch {
    /// The one for an account, as far as its store has taught us.
    pub(super) fn learnt(provider: Provider, lesson: &AtomicU8) -> Self {
        match (provider, lesson.load(Ordering::Relaxed)) {
            (Provider::Oss, _) => Self::Crc64Ecma,
            (Provider::S3, 0) => Self::Crc64Nvme,
            (Provider::S3, 1) => Self::Crc32c,
            (Provider::S3, _) => Self::Md5,
        }
    }

    /// Remembers that the account's store takes this one.
    pub(super) fn teach(self, lesson: &AtomicU8) {
        let number = match self {
            Self::Crc64Nvme | Self::Crc64Ecma => 0,
            Self::Crc32c => 1,
            Self::Md5 => 2,
        };
        lesson.fetch_max(number, Ordering::Relaxed);
    }

    /// What more stores know.
    pub(super) fn weaker(self) -> Option<Self> {
        match self {
            Self::Crc64Nvme => Some(Self::Crc32c),
            Self::Crc32c => Some(Self::Md5),
            Self::Md5 | Self::Crc64Ecma => None,
        }
    }

    /// The sum that is made while bytes leave.
    pub(super) fn algorithm(self) -> Option<Algorithm> {
        match self {
            Self::Crc64Nvme => Some(Algorithm::Crc64Nvme),
            Self::Crc32c => Some(Algorithm::Crc32c),
            Self::Crc64Ecma => Some(Algorithm::Crc64Ecma),
            Self::Md5 => None,
        }
    }

    /// Whether the store wants it before the bytes of a part.
    pub(super) fn comes_first(self) -> bool {
        match self {
            Self::Crc32c | Self::Md5 => true,
            Self::Crc64Nvme | Self::Crc64Ecma => false,
        }
    }

    /// What CreateMultipartUpload declares.
    pub(super) fn declared(self) -> Option<Checksum> {
        match self {
            Self::Crc64Nvme => Some(Checksum::Crc64Nvme),
            Self::Crc32c => Some(Checksum::Crc32c),
            Self::Md5 | Self::Crc64Ecma => None,
        }
    }

    /// The word in the state database.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Crc64Nvme => "crc64nvme",
            Self::Crc32c => "crc32c",
            Self::Md5 => "md5",
            Self::Crc64Ecma => "crc64ecma",
        }
    }

    /// Reads the word.
    pub(super) fn of_word(word: &str) -> Option<Self> {
        [Self::Crc64Nvme, Self::Crc32c, Self::Md5, Self::Crc64Ecma].into_iter().find(|vouch| vouch.word() == word)
    }

    /// A sum as the store spells it.
    pub(super) fn spelled(self, value: u64) -> Option<String> {
        match self {
            Self::Crc64Nvme => Some(sum::base64(Algorithm::Crc64Nvme, value)),
            Self::Crc32c => Some(sum::base64(Algorithm::Crc32c, value)),
            Self::Crc64Ecma => Some(sum::decimal(value)),
            Self::Md5 => None,
        }
    }

    /// What goes with a request that brings these bytes, of which this is the sum.
    pub(super) fn integrity(self, bytes: &[u8], sum: Option<u64>) -> Integrity {
        match self {
            Self::Md5 => Integrity { content_md5: Some(STANDARD.encode(Md5::digest(bytes))), checksum: None },
            Self::Crc64Ecma => Integrity::default(),
            Self::Crc64Nvme | Self::Crc32c => self.claim(sum),
        }
    }

    /// What goes with a request whose sum is known.
    pub(super) fn claim(self, value: Option<u64>) -> Integrity {
        Integrity { content_md5: None, checksum: self.checksum(value) }
    }

    /// The sum as an S3 header.
    pub(super) fn checksum(self, value: Option<u64>) -> Option<BodyChecksum> {
        Some(BodyChecksum { algorithm: self.declared()?, value: self.spelled(value?)? })
    }

    /// The sum of bytes at hand.
    pub(super) fn sum_of(self, bytes: &[u8]) -> Option<u64> {
        let mut sum = Sum::new(self.algorithm()?);
        sum.update(bytes);
        Some(sum.value())
    }

    /// What an answer's checksums say of ours. Without one of ours, they say nothing.
    pub(super) fn judge(self, answered: &[(String, String)], ours: Option<&str>) -> Verdict {
        let theirs = answered.iter().find(|(name, _)| name == self.word());
        match (theirs, ours) {
            (Some((_, theirs)), Some(ours)) if theirs == ours => Verdict::Equal,
            // The sum of all bytes and the sum of the parts' sums say nothing of each other.
            (Some((_, theirs)), Some(ours)) if theirs.contains('-') == ours.contains('-') => Verdict::Different,
            (Some(_) | None, _) => Verdict::Silent,
        }
    }

    /// What the user is told, where it is not the usual one.
    pub(super) fn remark(self) -> Option<String> {
        let used = match self {
            Self::Crc64Nvme | Self::Crc64Ecma => return None,
            Self::Crc32c => "CRC-32C",
            Self::Md5 => "Content-MD5",
        };
        Some(format!("the store takes no CRC-64; it compared the {used}"))
    }
}

/// The checksum that S3 gives an object whose parts have sums of their own: the sum of the sums.
pub(super) fn composite(sums: &[u64]) -> String {
    let mut sum = Sum::new(Algorithm::Crc32c);
    sums.iter().for_each(|value| sum.update(&value.to_be_bytes()[4..]));
    format!("{}-{}", sum::base64(Algorithm::Crc32c, sum.value()), sums.len())
}

/// Whether a store may have refused because of the checksum's algorithm.
pub(super) fn is_unknown_to(error: &Error) -> bool {
    let Some(answer) = error.store_answer() else { return false };
    matches!(answer.status, 400 | 501)
        && matches!(answer.code.as_str(), "" | "InvalidRequest" | "InvalidArgument" | "NotImplemented" | "XNotImplemented")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whose sums the catalogue of CRCs and RFC 1321's tools know.
    const DIGITS: &[u8] = b"123456789";

    #[test]
    fn as_each_store_wants_it() {
        let claimed = |vouch: Vouch| vouch.integrity(DIGITS, vouch.sum_of(DIGITS)).checksum.map(|sum| sum.value);
        assert_eq!(claimed(Vouch::Crc64Nvme).as_deref(), Some("rosUhgp5mIg="));
        assert_eq!(claimed(Vouch::Crc32c).as_deref(), Some("4waSgw=="));
        assert_eq!(Vouch::Md5.integrity(DIGITS, None).content_md5.as_deref(), Some("JfnnlDI7RTiF9RgfG2JNCw=="));
        assert_eq!(Vouch::Crc64Ecma.integrity(DIGITS, Vouch::Crc64Ecma.sum_of(DIGITS)), Integrity::default());
        let ours = Vouch::Crc64Ecma.sum_of(DIGITS).and_then(|value| Vouch::Crc64Ecma.spelled(value));
        assert_eq!(ours.as_deref(), Some("11051210869376104954"));
    }

    #[test]
    fn answers_are_judged_by_the_right_name() {
        let answered = |name: &str, value: &str| [(name.to_owned(), value.to_owned())];
        let judge = |name, value| Vouch::Crc64Nvme.judge(&answered(name, value), Some("rosUhgp5mIg="));
        assert_eq!(judge("crc64nvme", "rosUhgp5mIg="), Verdict::Equal);
        assert_eq!(judge("crc64nvme", "rosUhgp5mIh="), Verdict::Different);
        assert_eq!(judge("crc32", "rosUhgp5mIg="), Verdict::Silent);
        assert_eq!(judge("crc64nvme", "rosUhgp5mIg=-3"), Verdict::Silent);
        assert_eq!(Vouch::Md5.judge(&answered("md5", "x"), None), Verdict::Silent);
    }

    #[test]
    fn a_lesson_is_not_forgotten() {
        let lesson = AtomicU8::new(0);
        Vouch::Md5.teach(&lesson);
        Vouch::Crc32c.teach(&lesson);
        assert_eq!(Vouch::learnt(Provider::S3, &lesson), Vouch::Md5);
        assert_eq!(Vouch::learnt(Provider::Oss, &lesson), Vouch::Crc64Ecma);
        for vouch in [Vouch::Crc64Nvme, Vouch::Crc32c, Vouch::Md5, Vouch::Crc64Ecma] {
            assert_eq!(Vouch::of_word(vouch.word()), Some(vouch));
        }
    }

    /// Of the parts `1234` and `56789`: the CRC-32C of the bytes f63af4ee 83b565d8, worked out bit by bit.
    #[test]
    fn sums_of_sums() {
        let mut whole = Sum::new(Algorithm::Crc32c);
        whole.update(&[0xf6, 0x3a, 0xf4, 0xee, 0x83, 0xb5, 0x65, 0xd8]);
        assert_eq!(composite(&[0xf63a_f4ee, 0x83b5_65d8]), format!("{}-2", sum::base64(Algorithm::Crc32c, whole.value())));
    }
}
