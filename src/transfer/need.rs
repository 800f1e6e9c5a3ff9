//! What a job will ask of the stores, from what is known of its objects: for the plan that people see before anything is done.
//!
//! Comes in: counts. Goes out: requests by operation, bytes. It is what a job takes if nothing fails: a repeated request
//! costs extra.

use crate::domain::op::PriceClass;
use crate::domain::{Op, Provider};

/// How many keys one delete request takes.
const BATCH: u64 = 1_000;
/// How many rows one page of a listing has.
pub const PAGE: u64 = 1_000;
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

    /// All that another one asks, too.
    pub fn add(&mut self, other: &Self) {
        other.requests.iter().for_each(|(op, count)| self.ask(*op, *count));
        self.bytes_up = self.bytes_up.saturating_add(other.bytes_up);
        self.bytes_down = self.bytes_down.saturating_add(other.bytes_down);
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
    /// So many keys are deleted.
    pub fn delete(&mut self, keys: u64) {
        match keys {
            0 => {}
            // For the one that is left over, a request of its own costs the same and says more.
            keys if keys % BATCH == 1 => {
                self.writing.ask(Op::DeleteObjects, keys / BATCH);
                self.writing.ask(Op::DeleteObject, 1);
            }
            keys => self.writing.ask(Op::DeleteObjects, keys.div_ceil(BATCH)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
            (1_001, vec![(Op::DeleteObjects, 1), (Op::DeleteObject, 1)]),
            (1_002, vec![(Op::DeleteObjects, 2)]),
        ] {
            assert_eq!(of(|needs| needs.delete(keys)).writing.requests, wanted, "{keys}");
        }
    }

    #[test]
    fn classes_are_counted_together() {
        let mut need = Need::default();
        for (op, count) in
            [(Op::CreateMultipartUpload, 1), (Op::UploadPart, 16), (Op::GetObject, 2), (Op::DeleteObject, 1), (Op::UploadPart, 0)]
        {
            need.ask(op, count);
        }
        assert_eq!(need.total(), 20);
        assert_eq!(need.by_price(Provider::S3), [(PriceClass::Tier1, 17), (PriceClass::Tier2, 2), (PriceClass::Free, 1)]);
        assert_eq!(need.by_price(Provider::Oss), [(PriceClass::PutType, 18), (PriceClass::GetType, 2)]);
    }
}
