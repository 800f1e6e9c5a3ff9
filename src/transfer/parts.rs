//! Cutting an object into parts: how large, how many, and where each one lies.
//!
//! Requests are money, so parts are as large as is sensible, and no larger than what a broken connection may cost.

use crate::domain::{Error, ErrorKind, Result};

const MIB: u64 = 1 << 20;
const GIB: u64 = 1 << 30;

/// The largest upload in one PUT; what is larger goes in parts.
pub const SINGLE: u64 = 16 * MIB;

/// The largest object that S3 copies in one request.
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html>
pub const LARGEST_COPY_S3: u64 = 5 * GIB;

/// The largest object that OSS is asked to copy in one request.
/// <https://www.alibabacloud.com/help/en/oss/developer-reference/uploadpartcopy>
pub const LARGEST_COPY_OSS: u64 = GIB;

/// The most parts of one upload, on both clouds.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html>,
/// <https://www.alibabacloud.com/help/en/oss/user-guide/multipart-upload>
pub const MOST_PARTS: u32 = 10_000;

/// The largest part, on both clouds, sent or copied.
pub const LARGEST_PART: u64 = 5 * GIB;

/// The largest part that passes through this machine on its way between two stores: as much as such a job has in memory.
const LARGEST_PASSING: u64 = 64 * MIB;

/// The most ranges of one download: the plan of a download stays small whatever the object is.
const MOST_RANGES: u32 = 1_000;

/// What is sent or fetched at once: 1 GiB is 16 parts, and a part that has to be repeated costs seconds.
const USUAL_PART: u64 = 64 * MIB;

/// What is copied at once: the bytes stay with the store, so that a part may be larger.
const USUAL_COPY: u64 = 512 * MIB;

/// One part of an object. Parts are numbered from 1, as both clouds do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// The part's number, from 1.
    pub number: u32,
    /// Where it begins.
    pub offset: u64,
    /// How many bytes it has; 0 only for the one part of an empty object.
    pub length: u64,
}

impl Part {
    /// The first byte after the part.
    pub fn end(self) -> u64 {
        self.offset + self.length
    }
}

/// How an object of known size is cut: parts of one size, the last one shorter.
///
/// Two numbers describe it, so that a journal keeps those two, and [`PartPlan::with_part_size`] gives the same plan again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PartPlan {
    size: u64,
    part_size: u64,
    count: u32,
}

impl PartPlan {
    /// The parts of an upload: 64 MiB each, growing with the object so that 10,000 are enough.
    ///
    /// # Errors
    /// `Usage` above 10,000 parts of 5 GiB.
    pub fn upload(size: u64) -> Result<Self> {
        Self::sent(size, USUAL_PART)
    }

    /// The parts of a copy within a store: 512 MiB each, growing with the object so that 10,000 are enough.
    ///
    /// # Errors
    /// `Usage` above 10,000 parts of 5 GiB.
    pub fn copy(size: u64) -> Result<Self> {
        Self::sent(size, USUAL_COPY)
    }

    /// The parts of a copy through this machine, of this size or larger: each is in memory until the other store has it.
    ///
    /// # Errors
    /// `Usage` where 10,000 parts of 64 MiB are not enough.
    pub fn passing(size: u64, usual: u64) -> Result<Self> {
        let part_size = usual.max(size.div_ceil(u64::from(MOST_PARTS)));
        if part_size > LARGEST_PASSING {
            return Err(Error::new(ErrorKind::Usage, format!("{size} bytes cannot pass through this machine: 625 GiB can"))
                .hint("Copy it with one account that may use both buckets, in one region; or download it and upload it."));
        }
        Self::with_part_size(size, part_size)
    }

    /// The ranges of a download: 64 MiB each, growing with the object so that there are never more than 1,000.
    pub fn download(size: u64) -> Self {
        Self::cut(size, grown(size, USUAL_PART, MOST_RANGES))
    }

    /// A plan with parts of a given size: what the journal kept, of an upload, a copy or a download.
    ///
    /// # Errors
    /// `Usage` if the part size is 0, or if it makes more than 10,000 parts.
    pub fn with_part_size(size: u64, part_size: u64) -> Result<Self> {
        if part_size == 0 {
            return Err(Error::new(ErrorKind::Usage, "parts of 0 bytes").hint("Choose a part size between 5 MiB and 5 GiB."));
        }
        if size.div_ceil(part_size) > u64::from(MOST_PARTS) {
            return Err(Error::new(ErrorKind::Usage, format!("{size} bytes in parts of {part_size} bytes: more than 10,000 parts"))
                .hint(format!("Choose a part size of at least {} MiB.", size.div_ceil(u64::from(MOST_PARTS)).div_ceil(MIB))));
        }
        Ok(Self::cut(size, part_size))
    }

    /// How large each part is but the last one.
    pub fn part_size(&self) -> u64 {
        self.part_size
    }

    /// How large the object is.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// How many parts there are, at least 1.
    pub fn count(&self) -> u32 {
        self.count
    }

    /// The part of a number; `None` for 0 and beyond the last one.
    pub fn part(&self, number: u32) -> Option<Part> {
        if number > self.count {
            return None;
        }
        let offset = u64::from(number.checked_sub(1)?) * self.part_size;
        Some(Part { number, offset, length: (self.size - offset).min(self.part_size) })
    }

    /// Every part, in order.
    pub fn parts(&self) -> impl Iterator<Item = Part> + use<> {
        let plan = *self;
        (1..=plan.count).filter_map(move |number| plan.part(number))
    }

    fn sent(size: u64, usual: u64) -> Result<Self> {
        let part_size = grown(size, usual, MOST_PARTS);
        if part_size > LARGEST_PART {
            return Err(Error::new(ErrorKind::Usage, format!("{size} bytes are more than 10,000 parts of 5 GiB"))
                .hint("Split it into several objects: no store takes one larger than 48.8 TiB."));
        }
        Ok(Self::cut(size, part_size))
    }

    /// The caller has made sure that the count fits.
    fn cut(size: u64, part_size: u64) -> Self {
        let count = u32::try_from(size.div_ceil(part_size).max(1)).unwrap_or(u32::MAX);
        Self { size, part_size, count }
    }
}

/// The usual part size, or the smallest whole number of MiB with which `most` parts are enough.
fn grown(size: u64, usual: u64, most: u32) -> u64 {
    usual.max(size.div_ceil(u64::from(most)).div_ceil(MIB) * MIB)
}

/// Part sizes for an input whose length nobody knows, such as standard input.
///
/// A part has to stay in memory until the store has it, because the input cannot be read twice. So the first parts are small,
/// and they stay at 64 MiB or less for the first 302 GiB. Only then they grow to 1 GiB, so that 5 TiB fit into 10,000 parts.
#[derive(Clone, Debug, Default)]
pub struct StreamParts {
    given: u32,
}

/// Up to which part number, how large.
const STREAM: [(u32, u64); 6] = [(64, 8 * MIB), (128, 16 * MIB), (256, 32 * MIB), (5_000, 64 * MIB), (5_200, 256 * MIB), (MOST_PARTS, GIB)];

impl StreamParts {
    /// Before the first part.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many bytes the next part takes, if the input has as many.
    ///
    /// It never says that no part is left, because an end would be taken for the end of the input. Ask
    /// [`StreamParts::is_spent`] before a part is sent.
    #[expect(clippy::should_implement_trait, reason = "it never ends, so an iterator would make every caller handle an end")]
    pub fn next(&mut self) -> u64 {
        self.given = self.given.saturating_add(1);
        STREAM.iter().find(|(last, _)| self.given <= *last).map_or(GIB, |(_, size)| *size)
    }

    /// Whether all 10,000 parts were handed out: the input is too long for one object.
    pub fn is_spent(&self) -> bool {
        self.given >= MOST_PARTS
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TIB: u64 = 1 << 40;

    #[test]
    fn sizes_and_counts_of_uploads() {
        let rows: [(u64, u64, u32); 9] = [
            (0, 67_108_864, 1),
            (1, 67_108_864, 1),
            (67_108_864, 67_108_864, 1),
            (67_108_865, 67_108_864, 2),
            (1_073_741_824, 67_108_864, 16),
            // 625 GiB are the last that 64 MiB will do for.
            (671_088_640_000, 67_108_864, 10_000),
            (671_088_640_001, 68_157_440, 9_847),
            // 5 TiB in 525 MiB.
            (5_497_558_138_880, 550_502_400, 9_987),
            // 10,000 parts of 5 GiB.
            (53_687_091_200_000, 5_368_709_120, 10_000),
        ];
        for (size, part_size, count) in rows {
            let plan = PartPlan::upload(size).unwrap();
            assert_eq!((plan.part_size(), plan.count()), (part_size, count), "{size}");
        }
    }

    #[test]
    fn what_no_store_takes_is_refused_with_a_hint() {
        for refused in [PartPlan::upload(53_687_091_200_001), PartPlan::copy(53_687_091_200_001), PartPlan::upload(u64::MAX)] {
            let error = refused.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Usage);
            assert!(error.message().ends_with("bytes are more than 10,000 parts of 5 GiB"), "{error}");
            assert!(error.hint_text().is_some_and(|hint| hint.starts_with("Split it")));
        }
    }

    #[test]
    fn sizes_and_counts_of_downloads() {
        let rows: [(u64, u64, u32); 6] = [
            (0, 67_108_864, 1),
            (1_073_741_824, 67_108_864, 16),
            (1_073_741_825, 67_108_864, 17),
            // 62.5 GiB are the last that 64 MiB will do for.
            (67_108_864_000, 67_108_864, 1_000),
            (67_108_864_001, 68_157_440, 985),
            (5_497_558_138_880, 5_497_683_968, 1_000),
        ];
        for (size, part_size, count) in rows {
            let plan = PartPlan::download(size);
            assert_eq!((plan.part_size(), plan.count()), (part_size, count), "{size}");
        }
        assert!(PartPlan::download(u64::MAX).count() <= 1_000);
    }

    #[test]
    fn copies_move_more_at_once() {
        let plan = PartPlan::copy(6 * GIB).unwrap();
        assert_eq!((plan.part_size(), plan.count()), (536_870_912, 12));
        assert_eq!(PartPlan::copy(5 * TIB).unwrap().part_size(), 550_502_400);
        assert_eq!((LARGEST_COPY_S3, LARGEST_COPY_OSS, SINGLE), (5_368_709_120, 1_073_741_824, 16_777_216));
    }

    #[test]
    fn what_is_too_large_is_refused_with_the_reason() {
        // 10,000 parts of 5 GiB: what both clouds take. <https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html>
        let most = 53_687_091_200_000;
        for plan in [PartPlan::upload(most), PartPlan::copy(most)] {
            assert_eq!(plan.map(|plan| (plan.part_size(), plan.count())).unwrap(), (5_368_709_120, 10_000));
        }
        for plan in [PartPlan::upload(most + 1), PartPlan::copy(most + 1)] {
            let error = plan.unwrap_err();
            assert_eq!((error.kind(), error.message()), (ErrorKind::Usage, "53687091200001 bytes are more than 10,000 parts of 5 GiB"));
        }
        let passing = 671_088_640_000;
        assert_eq!(PartPlan::passing(passing, 32 * MIB).unwrap().part_size(), 67_108_864);
        assert_eq!(PartPlan::passing(33 * MIB, 32 * MIB).unwrap().count(), 2);
        let error = PartPlan::passing(passing + 1, 32 * MIB).unwrap_err();
        assert_eq!(error.message(), "671088640001 bytes cannot pass through this machine: 625 GiB can");
    }

    #[test]
    fn parts_by_number() {
        let plan = PartPlan::with_part_size(25, 10).unwrap();
        assert_eq!(plan.part(0), None);
        assert_eq!(plan.part(1), Some(Part { number: 1, offset: 0, length: 10 }));
        assert_eq!(plan.part(3), Some(Part { number: 3, offset: 20, length: 5 }));
        assert_eq!(plan.part(3).unwrap().end(), 25);
        assert_eq!(plan.part(4), None);
        let empty: Vec<Part> = PartPlan::download(0).parts().collect();
        assert_eq!(empty, [Part { number: 1, offset: 0, length: 0 }]);
    }

    #[test]
    fn a_part_size_from_outside_is_judged() {
        for (size, part_size, words) in
            [(10, 0, "parts of 0 bytes"), (10_001, 1, "more than 10,000 parts"), (u64::MAX, 5_368_709_120, "more than 10,000 parts")]
        {
            let error = PartPlan::with_part_size(size, part_size).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Usage);
            assert!(error.message().contains(words), "{error}");
        }
        assert_eq!(PartPlan::with_part_size(10_000, 1).unwrap().count(), 10_000);
    }

    #[test]
    fn a_stream_of_5_tib_fits() {
        let mut parts = StreamParts::new();
        assert!(!parts.is_spent());
        let sizes: Vec<u64> = (0..10_000).map(|_| parts.next()).collect();
        assert!(parts.is_spent());
        assert!(sizes.is_sorted());
        assert_eq!([sizes[0], sizes[63], sizes[64], sizes[9_999]], [8_388_608, 8_388_608, 16_777_216, 1_073_741_824]);
        assert!(sizes.iter().sum::<u64>() >= 5_497_558_138_880);
        // 302 GiB pass before a part takes more than 64 MiB of memory.
        assert!(sizes.iter().take_while(|size| **size <= 67_108_864).sum::<u64>() >= 302 * 1_073_741_824);
        assert_eq!(parts.next(), 1_073_741_824);
    }

    proptest! {
        #[test]
        fn parts_lie_end_to_end(size in 0..60_000_000_000_000_u64) {
            let plans = [PartPlan::upload(size), PartPlan::copy(size), Ok(PartPlan::download(size))];
            for plan in plans.into_iter().flatten() {
                let mut end = 0;
                for (number, part) in (1..).zip(plan.parts()) {
                    prop_assert_eq!((part.number, part.offset), (number, end));
                    prop_assert!(part.length > 0 || size == 0);
                    prop_assert!(part.length <= plan.part_size());
                    prop_assert_eq!(plan.part(number), Some(part));
                    end = part.end();
                }
                prop_assert_eq!(end, size);
                prop_assert_eq!(plan.part_size() % 1_048_576, 0);
                prop_assert_eq!(plan.parts().count(), plan.count() as usize);
                // A resumed transfer cuts at the same places.
                prop_assert_eq!(PartPlan::with_part_size(size, plan.part_size()).unwrap(), plan);
            }
        }
    }
}
