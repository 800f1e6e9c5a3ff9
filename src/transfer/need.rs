//! What a job will ask of the stores, from what is known of its objects: for the plan that people see before anything is done.
//!
//! Comes in: counts. Goes out: requests by operation, bytes. It is what a job takes if nothing fails: a repeated request
//! costs extra.

use crate::domain::few::sort_few;
use crate::domain::object::{batch_refusal, path_refusal};
use crate::domain::op::PriceClass;
use crate::domain::{Op, Provider, StorageClass};

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
    /// Which of these are about objects of storage classes whose reading has prices of its own.
    pub shelves: Vec<Shelved>,
    /// Requests that may follow beside those, so many at most: whether they do, nobody knows before.
    pub perhaps: Vec<(Op, u64)>,
}

/// What is asked about objects of one storage class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shelved {
    /// The class.
    pub class: StorageClass,
    /// Requests whose answers name it.
    pub requests: Vec<(Op, u64)>,
    /// Bytes of it that come.
    pub bytes_down: u64,
    /// Requests that make the store copy it.
    pub copies: u64,
    /// The bytes that these read.
    pub bytes_copied: u64,
}

impl Need {
    /// So many more requests of an operation.
    pub fn ask(&mut self, op: Op, count: u64) {
        put(&mut self.requests, op, count);
    }

    /// So many requests of an operation may follow.
    pub fn may_ask(&mut self, op: Op, count: u64) {
        put(&mut self.perhaps, op, count);
    }

    /// What was a perhaps is known: so many.
    pub fn settle(&mut self, op: Op, count: u64) {
        self.perhaps.retain(|(other, _)| *other != op);
        self.ask(op, count);
    }

    /// All that another one asks, too.
    pub fn add(&mut self, other: &Self) {
        other.requests.iter().for_each(|(op, count)| self.ask(*op, *count));
        other.perhaps.iter().for_each(|(op, count)| self.may_ask(*op, *count));
        self.bytes_up = self.bytes_up.saturating_add(other.bytes_up);
        self.bytes_down = self.bytes_down.saturating_add(other.bytes_down);
        for theirs in &other.shelves {
            let ours = self.shelf(&theirs.class);
            theirs.requests.iter().for_each(|(op, count)| put(&mut ours.requests, *op, *count));
            ours.bytes_down = ours.bytes_down.saturating_add(theirs.bytes_down);
            ours.copies = ours.copies.saturating_add(theirs.copies);
            ours.bytes_copied = ours.bytes_copied.saturating_add(theirs.bytes_copied);
        }
    }

    /// What of this is about objects of a storage class, among all that is asked: the requests that read them.
    pub fn shelve(&mut self, class: &StorageClass, share: &Self) {
        let reads = share.requests.iter().filter(|(op, count)| matches!(op, Op::HeadObject | Op::GetObject) && *count > 0);
        let (reads, down) = (reads.collect::<Vec<_>>(), share.bytes_down);
        if reads.is_empty() {
            return;
        }
        let shelf = self.shelf(class);
        reads.into_iter().for_each(|(op, count)| put(&mut shelf.requests, *op, *count));
        shelf.bytes_down = shelf.bytes_down.saturating_add(down);
    }

    /// So many copies read so many bytes of a storage class where they are.
    pub fn copies(&mut self, class: &StorageClass, copies: u64, bytes: u64) {
        let shelf = self.shelf(class);
        shelf.copies = shelf.copies.saturating_add(copies);
        shelf.bytes_copied = shelf.bytes_copied.saturating_add(bytes);
    }

    fn shelf(&mut self, class: &StorageClass) -> &mut Shelved {
        let place = self.shelves.iter().position(|shelf| shelf.class == *class).unwrap_or_else(|| {
            self.shelves.push(Shelved { class: class.clone(), requests: Vec::new(), bytes_down: 0, copies: 0, bytes_copied: 0 });
            self.shelves.len() - 1
        });
        &mut self.shelves[place]
    }

    /// The requests and the bytes that come, without those of the shelves.
    pub fn plain(&self) -> (Vec<(Op, u64)>, u64) {
        let of = |op: Op| self.shelves.iter().flat_map(|shelf| &shelf.requests).filter(move |(other, _)| *other == op);
        let left = |(op, count): &(Op, u64)| (*op, of(*op).fold(*count, |left, (_, theirs)| left.saturating_sub(*theirs)));
        let down = self.shelves.iter().fold(self.bytes_down, |left, shelf| left.saturating_sub(shelf.bytes_down));
        (self.requests.iter().map(left).collect(), down)
    }

    /// How many requests in all.
    pub fn total(&self) -> u64 {
        self.requests.iter().fold(0, |sum, (_, count)| sum.saturating_add(*count))
    }

    /// How many requests of each price class that cloud bills, the dearest class first.
    pub fn by_price(&self, provider: Provider) -> Vec<(PriceClass, u64)> {
        by_price(&self.requests, provider)
    }

    /// The same of those that may follow.
    pub fn perhaps_by_price(&self, provider: Provider) -> Vec<(PriceClass, u64)> {
        by_price(&self.perhaps, provider)
    }
}

fn put(requests: &mut Vec<(Op, u64)>, op: Op, count: u64) {
    match requests.iter_mut().find(|(known, _)| *known == op) {
        Some((_, known)) => *known = known.saturating_add(count),
        None if count > 0 => requests.push((op, count)),
        None => {}
    }
}

fn by_price(requests: &[(Op, u64)], provider: Provider) -> Vec<(PriceClass, u64)> {
    let mut classes: Vec<(PriceClass, u64)> = Vec::new();
    for (op, count) in requests {
        let Some(price) = op.cell(provider).map(|cell| cell.price) else { continue };
        match classes.iter_mut().find(|(known, _)| *known == price) {
            Some((_, known)) => *known = known.saturating_add(*count),
            None => classes.push((price, *count)),
        }
    }
    sort_few(&mut classes);
    classes
}

/// What a job asks of its two sides; each may have another payer. A job with one bucket has one side.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// Of the bucket that is read or listed.
    pub reading: Need,
    /// Of the bucket that is written to or deleted from.
    pub writing: Need,
    /// How many of the copies are looked at once they are written, in their own storage class.
    pub looked_at: u64,
}

/// How the keys of a delete go: as many as fit in one request, and those that no batch can name in one of their own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sweep {
    batched: u64,
    alone: u64,
    last: Path,
}

/// Whether a request of its own can name a key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Path {
    #[default]
    Names,
    Refuses,
}

impl Sweep {
    /// One more key, in the order in which they go.
    pub fn add(&mut self, key: &str) {
        let path = if path_refusal(key).is_none() { Path::Names } else { Path::Refuses };
        match (batch_refusal(key), path) {
            (None, path) => (self.batched, self.last) = (self.batched + 1, path),
            (Some(_), Path::Names) => self.alone += 1,
            // No request can name it: it fails before anything is asked.
            (Some(_), Path::Refuses) => {}
        }
    }

    /// How many batches, and how many keys that go alone. For the one that is left over, a request of its own costs the same and says
    /// more.
    pub fn requests(self) -> (u64, u64) {
        let (full, rest) = (self.batched / BATCH, self.batched % BATCH);
        match (rest, self.last) {
            (0, _) => (full, self.alone),
            (1, Path::Names) => (full, self.alone + 1),
            (_, Path::Names | Path::Refuses) => (full + 1, self.alone),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn swept<'a>(keys: impl IntoIterator<Item = &'a str>) -> (u64, u64) {
        let mut sweep = Sweep::default();
        keys.into_iter().for_each(|key| sweep.add(key));
        sweep.requests()
    }

    #[test]
    fn deletes_go_a_thousand_at_a_time() {
        for (keys, wanted) in [(0, (0, 0)), (1, (0, 1)), (2, (1, 0)), (1_000, (1, 0)), (1_001, (1, 1)), (1_002, (2, 0))] {
            assert_eq!(swept(std::iter::repeat_n("a/b", keys)), wanted, "{keys}");
        }
    }

    /// XML cannot carry U+0001, a path cannot carry `..`, and nothing carries both.
    #[test]
    fn keys_that_fit_no_batch_go_alone() {
        assert_eq!(swept(["a", "b", "\u{1}", "c\u{1}"]), (1, 2));
        assert_eq!(swept(["a", "\u{1}"]), (0, 2));
        assert_eq!(swept(["../\u{1}"]), (0, 0));
        assert_eq!(swept([".."]), (1, 0), "a batch of one: no path names it");
        assert_eq!(swept(["..", "\u{1}", "a"]), (1, 1));
        let long = "k".repeat(1_025);
        assert_eq!(swept(["", long.as_str()]), (0, 0));
        let thousand = std::iter::repeat_n("a", 1_000);
        assert_eq!(swept(thousand.clone().chain(["a/../b"])), (2, 0));
        assert_eq!(swept(thousand.chain(["\u{1}", "b"])), (1, 2));
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

    #[test]
    fn what_is_shelved_is_among_what_is_asked() {
        let (ia, archive) = (StorageClass::new("IA"), StorageClass::new("Archive"));
        let share =
            |gets, down| Need { requests: vec![(Op::GetObject, gets), (Op::DeleteObject, gets)], bytes_down: down, ..Need::default() };
        let mut need = share(10, 100);
        need.shelve(&ia, &share(3, 30));
        need.shelve(&archive, &share(2, 5));
        need.shelve(&ia, &share(1, 1));
        need.shelve(&archive, &Need { bytes_up: 9, ..Need::default() });
        assert_eq!(need.plain(), (vec![(Op::GetObject, 4), (Op::DeleteObject, 10)], 64));
        let mut twice = need.clone();
        twice.add(&need);
        assert_eq!(twice.plain(), (vec![(Op::GetObject, 8), (Op::DeleteObject, 20)], 128));
        assert_eq!(twice.shelves.len(), 2);
    }
}
