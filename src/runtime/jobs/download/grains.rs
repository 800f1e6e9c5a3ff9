//! Checksums of an object that comes in pieces, in any order.
//!
//! An object is cut into grains of one size. Each is summed while its bytes pass; the sums are joined to that of the whole, and kept
//! in the journal, so that a resumed download can tell what is really on the disk.

use bytes::Bytes;

use crate::domain::{Error, ErrorKind, ObjectKey};
use crate::transfer::parts::PartPlan;
use crate::transfer::sum::{self, Algorithm, Sum, joined};

/// The checksum that a store has for an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::runtime::jobs) struct Claim {
    /// Of which algorithm.
    pub(in crate::runtime::jobs) algorithm: Algorithm,
    /// The sum.
    pub(in crate::runtime::jobs) value: u64,
}

/// What these algorithms are called in the journal, and by the stores.
const NAMES: [(&str, Algorithm); 3] =
    [("crc64ecma", Algorithm::Crc64Ecma), ("crc64nvme", Algorithm::Crc64Nvme), ("crc32c", Algorithm::Crc32c)];

impl Claim {
    /// The first of an answer's checksums that we can compute. A sum of sums (`…-16`) says nothing of the bytes and is none.
    pub(in crate::runtime::jobs) fn read(checksums: &[(String, String)]) -> Option<Self> {
        NAMES.iter().find_map(|(_, algorithm)| Self::of(*algorithm, checksums))
    }

    /// That of one algorithm.
    pub(in crate::runtime::jobs) fn of(algorithm: Algorithm, checksums: &[(String, String)]) -> Option<Self> {
        let (_, text) = checksums.iter().find(|(each, _)| each.eq_ignore_ascii_case(name_of(algorithm)))?;
        let value = match algorithm {
            Algorithm::Crc64Ecma => sum::from_decimal(text),
            Algorithm::Crc64Nvme | Algorithm::Crc32c => sum::from_base64(algorithm, text),
        }?;
        Some(Self { algorithm, value })
    }
}

/// The word for an algorithm.
pub(in crate::runtime::jobs) fn name_of(algorithm: Algorithm) -> &'static str {
    NAMES.iter().find(|(_, each)| *each == algorithm).map_or("", |(name, _)| name)
}

/// The algorithm of a word.
pub(in crate::runtime::jobs) fn algorithm_of(name: &str) -> Option<Algorithm> {
    NAMES.iter().find(|(each, _)| *each == name).map(|(_, algorithm)| *algorithm)
}

/// Sums the bytes of one stretch, grain by grain.
pub(super) struct Running {
    algorithm: Algorithm,
    plan: PartPlan,
    sum: Sum,
}

impl Running {
    /// For a stretch that begins where a grain does.
    pub(super) fn new(algorithm: Algorithm, plan: PartPlan) -> Self {
        Self { algorithm, plan, sum: Sum::new(algorithm) }
    }

    /// Takes bytes that begin at this place, and gives the grains that end in them.
    pub(super) fn take(&mut self, mut at: u64, bytes: &Bytes) -> Vec<(u32, u64)> {
        let (mut ended, mut rest) = (Vec::new(), &bytes[..]);
        while !rest.is_empty() {
            let number = u32::try_from(at / self.plan.part_size()).unwrap_or(u32::MAX).saturating_add(1);
            let end = self.plan.part(number).map_or(u64::MAX, |part| part.end());
            let here = usize::try_from(end - at).unwrap_or(usize::MAX).min(rest.len());
            let (now, later) = rest.split_at(here);
            self.sum.update(now);
            at += here as u64;
            rest = later;
            if at == end {
                ended.push((number, self.sum.value()));
                self.sum = Sum::new(self.algorithm);
            }
        }
        ended
    }
}

/// The sums of an object's grains, as far as they are known.
#[derive(Clone, Debug)]
pub(super) struct Grains {
    pub(super) algorithm: Algorithm,
    pub(super) plan: PartPlan,
    sums: Vec<Option<u64>>,
}

impl Grains {
    /// None known yet.
    pub(super) fn new(algorithm: Algorithm, plan: PartPlan) -> Self {
        Self { algorithm, plan, sums: vec![None; plan.count() as usize] }
    }

    /// Grains that are there.
    pub(super) fn note(&mut self, ended: &[(u32, u64)]) {
        for (number, sum) in ended {
            if let Some(slot) = (*number as usize).checked_sub(1).and_then(|place| self.sums.get_mut(place)) {
                *slot = Some(*sum);
            }
        }
    }

    /// Runs of bytes that are missing, none of them across a multiple of `longest` grains.
    pub(super) fn missing(&self, longest: usize) -> Vec<(u64, u64)> {
        let size = self.plan.part_size();
        let mut runs: Vec<(u64, u64)> = Vec::new();
        for place in (0..self.sums.len()).filter(|place| self.sums[*place].is_none()) {
            let (begin, end) = (place as u64 * size, ((place as u64 + 1) * size).min(self.plan.size()));
            match runs.last_mut() {
                Some((_, last)) if *last == begin && place % longest != 0 => *last = end,
                Some(_) | None => runs.push((begin, end)),
            }
        }
        runs
    }

    /// The sum of all bytes from one place to another, both where grains begin or the object ends; `None`: some are missing.
    pub(super) fn sum_of(&self, begin: u64, end: u64) -> Option<u64> {
        let (size, whole) = (self.plan.part_size(), self.plan.size());
        if !begin.is_multiple_of(size) || (!end.is_multiple_of(size) && end != whole) {
            return None;
        }
        let parts = self.plan.parts().filter(|part| part.offset >= begin && part.end() <= end && part.length > 0);
        let joining = parts.into_iter().try_fold(None, |before, part| {
            let sum = (*self.sums.get(part.number as usize - 1)?)?;
            // Joining takes longer than summing a small object: the first grain has nothing to be joined to.
            Some(Some(before.map_or(sum, |before| joined(self.algorithm, before, sum, part.length))))
        });
        joining.map(|sum| sum.unwrap_or_else(|| Sum::new(self.algorithm).value()))
    }

    /// Compares with what the store says of the whole object, and of the range in whose answer it stood. OSS always means the
    /// whole object. S3 may mean the range where it is one of the object's parts, so that either will do.
    /// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html>
    ///
    /// # Errors
    /// `InvalidReply`: the bytes are not those that the store has.
    pub(super) fn compare(&self, key: &ObjectKey, claim: &Claim, begin: u64, end: u64) -> Result<(), Error> {
        if claim.algorithm != self.algorithm {
            return Ok(());
        }
        let of_range = || match claim.algorithm {
            Algorithm::Crc64Ecma => None,
            Algorithm::Crc64Nvme | Algorithm::Crc32c => self.sum_of(begin, end),
        };
        if self.sum_of(0, self.plan.size()) == Some(claim.value) || of_range() == Some(claim.value) {
            return Ok(());
        }
        Err(Error::new(ErrorKind::InvalidReply, format!("{key}: the checksum differs from the store's ({})", name_of(self.algorithm)))
            .hint("Download it again: something on the way changed the bytes. They were not kept."))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The sums of `123456789` in the catalogue of checksums.
    const CHECKS: [(Algorithm, u64); 3] =
        [(Algorithm::Crc64Ecma, 0x995d_c9bb_df19_39fa), (Algorithm::Crc64Nvme, 0xae8b_1486_0a79_9888), (Algorithm::Crc32c, 0xe306_9283)];

    fn grains(algorithm: Algorithm, grain: u64, order: &[(u64, &'static [u8])]) -> Grains {
        let plan = PartPlan::with_part_size(9, grain).unwrap();
        let mut grains = Grains::new(algorithm, plan);
        for (at, bytes) in order {
            let mut running = Running::new(algorithm, plan);
            for (place, byte) in bytes.chunks(2).enumerate() {
                let ended = running.take(at + 2 * place as u64, &Bytes::from_static(byte));
                grains.note(&ended);
            }
        }
        grains
    }

    #[test]
    fn pieces_in_any_order_have_the_sum_of_the_whole() {
        for (algorithm, check) in CHECKS {
            for grain in [1, 3, 4, 9, 100] {
                assert_eq!(grains(algorithm, grain, &[(0, b"123456789")]).sum_of(0, 9), Some(check), "{algorithm:?} {grain}");
            }
            assert_eq!(grains(algorithm, 3, &[(6, b"789"), (0, b"123"), (3, b"456")]).sum_of(0, 9), Some(check));
        }
    }

    #[test]
    fn what_is_missing_is_said() {
        let some = grains(Algorithm::Crc32c, 2, &[(2, b"34")]);
        assert_eq!(some.missing(4), [(0, 2), (4, 8), (8, 9)]);
        assert_eq!(some.missing(1), [(0, 2), (4, 6), (6, 8), (8, 9)]);
        assert_eq!((some.sum_of(0, 9), some.sum_of(1, 4)), (None, None));
        assert!(grains(Algorithm::Crc32c, 2, &[(0, b"123456789")]).missing(4).is_empty());
    }

    #[test]
    fn a_claim_is_compared() {
        let key = ObjectKey::new("k");
        let whole = grains(Algorithm::Crc64Nvme, 3, &[(0, b"123456789")]);
        let claim = |algorithm, value| Claim { algorithm, value };
        whole.compare(&key, &claim(Algorithm::Crc64Nvme, 0xae8b_1486_0a79_9888), 0, 3).unwrap();
        whole.compare(&key, &claim(Algorithm::Crc64Nvme, whole.sum_of(0, 3).unwrap()), 0, 3).unwrap();
        assert!(whole.compare(&key, &claim(Algorithm::Crc64Nvme, whole.sum_of(0, 3).unwrap()), 3, 6).is_err());
        assert!(whole.compare(&key, &claim(Algorithm::Crc64Nvme, 1), 0, 9).is_err());
        let oss = grains(Algorithm::Crc64Ecma, 3, &[(0, b"123456789")]);
        assert!(oss.compare(&key, &claim(Algorithm::Crc64Ecma, oss.sum_of(0, 3).unwrap()), 0, 3).is_err(), "OSS means the whole");
    }

    #[test]
    fn claims_are_read_and_sums_of_sums_are_not() {
        let pair = |name: &str, value: &str| [(name.to_owned(), value.to_owned())];
        let read = |name, value| Claim::read(&pair(name, value)).map(|claim| (claim.algorithm, claim.value));
        assert_eq!(read("crc64ecma", "11051210869376104954"), Some((Algorithm::Crc64Ecma, 0x995d_c9bb_df19_39fa)));
        assert_eq!(read("crc64nvme", "rosUhgp5mIg="), Some((Algorithm::Crc64Nvme, 0xae8b_1486_0a79_9888)));
        assert_eq!(read("crc32c", "4waSgw==-2"), None);
        assert_eq!(read("sha256", "rosUhgp5mIg="), None);
    }
}
