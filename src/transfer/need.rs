//! What a job will ask of the stores, from what is known of its objects: for the plan that people see before anything is done.
//!
//! Comes in: counts and sizes. Goes out: requests by operation, bytes. It is what a job takes if nothing fails: a repeated request
//! costs extra.

use super::parts::{LARGEST_COPY_OSS, LARGEST_COPY_S3, MOST_PARTS, PartPlan, SINGLE};
use crate::domain::op::PriceClass;
use crate::domain::{Op, Overwrite, Provider};

/// How many keys one delete request takes.
const BATCH: u64 = 1_000;
/// How many rows one page of a listing has.
const PAGE: u64 = 1_000;
/// What passes through this machine at once when an object is copied between stores: two of them fill a job's memory.
pub const PASSING: u64 = 32 << 20;

/// What is asked of one bucket.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Need {
    /// How many requests of which operation.
    pub requests: Vec<(Op, u64)>,
    /// Bytes of bodies that leave.
    pub bytes_up: u64,
    /// Bytes of bodies that come.
    pub bytes_down: u64,
}

impl Need {
    /// So many more requests of an operation.
    pub fn ask(&mut self, op: Op, count: u64) {
        match self.requests.iter_mut().find(|(known, _)| *known == op) {
            Some((_, known)) => *known = known.saturating_add(count),
            None if count > 0 => self.requests.push((op, count)),
            None => {}
        }
    }

    /// How many requests in all.
    pub fn total(&self) -> u64 {
        self.requests.iter().fold(0, |sum, (_, count)| sum.saturating_add(*count))
    }

    /// How many requests of each price class that cloud bills, the dearest class first.
    pub fn by_price(&self, provider: Provider) -> Vec<(PriceClass, u64)> {
        let mut classes: Vec<(PriceClass, u64)> = Vec::new();
        for (op, count) in &self.requests {
            let Some(price) = op.cell(provider).map(|cell| cell.price) else { continue };
            match classes.iter_mut().find(|(known, _)| *known == price) {
                Some((_, known)) => *known = known.saturating_add(*count),
                None => classes.push((price, *count)),
            }
        }
        classes.sort_unstable();
        classes
    }
}

/// What a job asks of its two sides; each may have another payer. A job with one bucket has one side.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// Of the bucket that is read or listed.
    pub reading: Need,
    /// Of the bucket that is written to or deleted from.
    pub writing: Need,
}

impl Needs {
    /// Pages of a listing that found so many rows: also of the real listing, which may have had more.
    pub fn listing(&mut self, op: Op, rows: u64) {
        self.reading.ask(op, rows.div_ceil(PAGE).max(1));
    }

    /// One object is uploaded.
    pub fn upload(&mut self, size: u64) {
        let count = if size <= SINGLE { 0 } else { PartPlan::upload(size).map_or(u64::from(MOST_PARTS), |plan| u64::from(plan.count())) };
        self.written(count, Op::UploadPart, Op::PutObject);
        self.writing.bytes_up = self.writing.bytes_up.saturating_add(size);
    }

    /// One object is downloaded.
    pub fn download(&mut self, size: u64) {
        self.reading.ask(Op::GetObject, u64::from(PartPlan::download(size).count()));
        self.reading.bytes_down = self.reading.bytes_down.saturating_add(size);
    }

    /// One object is copied by its store.
    pub fn copy_within(&mut self, provider: Provider, overwrite: Overwrite, size: u64) {
        let largest = match provider {
            Provider::S3 => LARGEST_COPY_S3,
            Provider::Oss => LARGEST_COPY_OSS,
        };
        self.look(overwrite);
        if size <= largest {
            return self.writing.ask(Op::CopyObject, 1);
        }
        self.reading.ask(Op::HeadObject, 1);
        let count = PartPlan::copy(size).map_or(u64::from(MOST_PARTS), |plan| u64::from(plan.count()));
        self.written(count, Op::UploadPartCopy, Op::CopyObject);
    }

    /// One object is copied through this machine.
    pub fn copy_across(&mut self, overwrite: Overwrite, size: u64) {
        self.look(overwrite);
        let count = if size <= PASSING { 0 } else { size.div_ceil(PASSING).min(u64::from(MOST_PARTS)) };
        self.reading.ask(Op::HeadObject, u64::from(count > 0));
        self.reading.ask(Op::GetObject, count.max(1));
        self.reading.bytes_down = self.reading.bytes_down.saturating_add(size);
        self.written(count, Op::UploadPart, Op::PutObject);
        self.writing.bytes_up = self.writing.bytes_up.saturating_add(size);
    }

    /// One original is looked at and deleted after its copy.
    pub fn original_goes(&mut self) {
        self.reading.ask(Op::HeadObject, 1);
        self.reading.ask(Op::DeleteObject, 1);
    }

    /// So many keys are deleted.
    pub fn delete(&mut self, keys: u64) {
        match keys {
            0 => {}
            1 => self.writing.ask(Op::DeleteObject, 1),
            keys => self.writing.ask(Op::DeleteObjects, keys.div_ceil(BATCH)),
        }
    }

    fn look(&mut self, overwrite: Overwrite) {
        self.writing.ask(Op::HeadObject, u64::from(overwrite == Overwrite::Refuse));
    }

    /// One request for a whole object (no parts), or an upload of so many.
    fn written(&mut self, parts: u64, part: Op, whole: Op) {
        if parts == 0 {
            return self.writing.ask(whole, 1);
        }
        self.writing.ask(Op::CreateMultipartUpload, 1);
        self.writing.ask(part, parts);
        self.writing.ask(Op::CompleteMultipartUpload, 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: u64 = 1 << 20;
    const GIB: u64 = 1 << 30;

    fn of(fill: impl FnOnce(&mut Needs)) -> Needs {
        let mut needs = Needs::default();
        fill(&mut needs);
        needs
    }

    #[test]
    fn deletes_go_a_thousand_at_a_time() {
        for (keys, wanted) in [
            (0, vec![]),
            (1, vec![(Op::DeleteObject, 1)]),
            (2, vec![(Op::DeleteObjects, 1)]),
            (1_000, vec![(Op::DeleteObjects, 1)]),
            (1_001, vec![(Op::DeleteObjects, 2)]),
        ] {
            assert_eq!(of(|needs| needs.delete(keys)).writing.requests, wanted, "{keys}");
        }
        assert_eq!(of(|needs| needs.listing(Op::ListObjectsV2, 0)).reading.requests, [(Op::ListObjectsV2, 1)]);
        assert_eq!(of(|needs| needs.listing(Op::ListObjectsV2, 2_001)).reading.requests, [(Op::ListObjectsV2, 3)]);
    }

    #[test]
    fn an_upload_of_parts_is_two_requests_more() {
        let one = of(|needs| needs.upload(16 * MIB)).writing;
        assert_eq!((one.requests, one.bytes_up), (vec![(Op::PutObject, 1)], 16_777_216));
        let many = of(|needs| needs.upload(GIB)).writing;
        assert_eq!(many.total(), 18, "16 parts of 64 MiB");
        assert_eq!(many.by_price(Provider::S3), [(PriceClass::Tier1, 18)]);
        assert_eq!(many.by_price(Provider::Oss), [(PriceClass::PutType, 18)]);
    }

    #[test]
    fn a_copy_has_two_sides() {
        let within = of(|needs| needs.copy_within(Provider::S3, Overwrite::Refuse, 5 * GIB));
        assert_eq!((within.reading.total(), within.writing.requests), (0, vec![(Op::HeadObject, 1), (Op::CopyObject, 1)]));
        let parts = of(|needs| needs.copy_within(Provider::Oss, Overwrite::Allow, 5 * GIB));
        let wanted = [(Op::CreateMultipartUpload, 1), (Op::UploadPartCopy, 10), (Op::CompleteMultipartUpload, 1)];
        assert_eq!((parts.reading.requests, parts.writing.requests.as_slice()), (vec![(Op::HeadObject, 1)], &wanted[..]));
        let mut across = of(|needs| needs.copy_across(Overwrite::Allow, 3));
        across.original_goes();
        assert_eq!(across.reading.requests, [(Op::GetObject, 1), (Op::HeadObject, 1), (Op::DeleteObject, 1)]);
        assert_eq!((across.reading.bytes_down, across.writing.bytes_up), (3, 3));
        assert_eq!(across.reading.by_price(Provider::S3), [(PriceClass::Tier2, 2), (PriceClass::Free, 1)]);
        let large = of(|needs| needs.copy_across(Overwrite::Refuse, 64 * MIB + 1));
        assert_eq!(large.reading.requests, [(Op::HeadObject, 1), (Op::GetObject, 3)]);
        assert_eq!(large.writing.total(), 1 + 1 + 3 + 1);
    }
}
