//! What a job does with each of its objects, as far as it decides how many requests that takes.
//!
//! Comes in: a job, and what decides by which way it goes. Goes out: how an object of some size is cut, and from the counts of whole
//! and cut objects everything that will be asked, exactly: the number of requests grows with three counts alone, so that a million
//! objects need no list of sizes.

use super::need::{Needs, PASSING};
use super::parts::{LARGEST_COPY_OSS, LARGEST_COPY_S3, MOST_PARTS, PartPlan, SINGLE};
use super::{Copy, Job, Original, Selection, Versions};
use crate::domain::{Op, Overwrite, Provider};

/// Objects by how many requests move them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cuts {
    /// Objects that go in one request.
    pub whole: u64,
    /// Objects that go in parts.
    pub cut: u64,
    /// The parts of those.
    pub parts: u64,
}

impl Cuts {
    /// One more object: `parts` as [`Treatment::parts`] says it.
    #[must_use]
    pub fn and(self, parts: u64) -> Self {
        match parts {
            0 => Self { whole: self.whole + 1, ..self },
            parts => Self { cut: self.cut + 1, parts: self.parts.saturating_add(parts), ..self },
        }
    }

    /// How many objects.
    pub fn objects(self) -> u64 {
        self.whole.saturating_add(self.cut)
    }
}

/// Whether a store is looked at for something that exists, before a copy is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Looks {
    /// The store's own refusal is trusted.
    Never,
    /// It may not know the condition.
    First,
}

/// What a job does with each of its objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Treatment {
    /// Local bytes become an object; in parts of this size instead of the usual one, if it is given.
    Upload(Option<u64>),
    /// An object becomes a file.
    Download,
    /// The store copies it.
    Within(Copying),
    /// It is copied through this machine.
    Across(Copying),
    /// It goes away, many at once.
    Delete,
}

/// How objects are copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Copying {
    /// Up to this size in one request.
    pub largest: u64,
    /// The size of parts above it; `None`: as the plan of a copy has it.
    pub part: Option<u64>,
    /// Whether an object under the target's name may be replaced.
    pub overwrite: Overwrite,
    /// Whether that is looked at first.
    pub looks: Looks,
    /// What becomes of the original.
    pub original: Original,
    /// How many sources have to be asked for their size or entity tag.
    pub unknown: u64,
}

impl Copying {
    /// Of a copy into a store of this provider, at this endpoint if it is not the cloud's own; and by which way it goes.
    fn treatment(copy: &Copy, provider: Provider, endpoint: Option<&str>) -> Treatment {
        let largest = match provider {
            Provider::S3 => LARGEST_COPY_S3,
            Provider::Oss => LARGEST_COPY_OSS,
        };
        let within = Self {
            largest,
            part: None,
            overwrite: copy.overwrite,
            looks: if copy.overwrite == Overwrite::Allow || knows_conditions(provider, endpoint) { Looks::Never } else { Looks::First },
            original: copy.original,
            unknown: unknown(&copy.what),
        };
        if goes_within(copy, provider) {
            return Treatment::Within(within);
        }
        let looks = if copy.overwrite == Overwrite::Refuse { Looks::First } else { Looks::Never };
        Treatment::Across(Self { largest: PASSING, part: Some(PASSING), looks, ..within })
    }

    fn count(self, size: u64) -> u64 {
        let plan = match self.part {
            _ if size <= self.largest => return 0,
            Some(part) => PartPlan::passing(size, part),
            None => PartPlan::copy(size),
        };
        plan.map_or(u64::from(MOST_PARTS), |plan| u64::from(plan.count()))
    }

    /// What both ways ask beside the bytes.
    fn around(self, cuts: Cuts, needs: &mut Needs) {
        let objects = cuts.objects();
        if self.looks == Looks::First {
            needs.writing.ask(Op::HeadObject, objects);
        }
        // What is cut is asked for its headers, unless it was asked for its size already.
        needs.reading.ask(Op::HeadObject, self.unknown + cuts.cut.saturating_sub(self.unknown));
        if self.original == Original::Goes {
            needs.reading.ask(Op::HeadObject, objects);
            needs.reading.ask(Op::DeleteObject, objects);
        }
    }
}

/// Whether a store refuses by itself to replace what exists: OSS does, and Amazon does since October 2025; of others nobody knows.
pub fn knows_conditions(provider: Provider, endpoint: Option<&str>) -> bool {
    match provider {
        Provider::Oss => true,
        Provider::S3 => endpoint.is_none_or(|endpoint| endpoint.contains(".amazonaws.com")),
    }
}

/// Whether the store copies: where one account signs for both sides; OSS inside of a region only.
pub fn goes_within(copy: &Copy, provider: Provider) -> bool {
    let (from, to) = (&copy.from.place, &copy.to.place);
    let apart = provider == Provider::Oss && matches!((&from.region, &to.region), (Some(from), Some(to)) if from != to);
    from.id.account == to.id.account && !apart
}

fn unknown(what: &Selection) -> u64 {
    match what {
        Selection::Picked(picks) => picks.iter().filter(|pick| pick.size.is_none() || pick.etag.is_none()).count() as u64,
        Selection::Below { .. } => 0,
    }
}

impl Treatment {
    /// What a job does with its objects, where the store that it acts on is of this provider, at this endpoint if it is not the
    /// cloud's own.
    pub fn of(job: &Job, provider: Provider, endpoint: Option<&str>) -> Self {
        match job {
            Job::Upload(_) => Self::Upload(None),
            Job::Download(_) => Self::Download,
            Job::Copy(copy) => Copying::treatment(copy, provider, endpoint),
            Job::Delete(_) => Self::Delete,
        }
    }

    /// In how many parts an object of that size goes; 0: in one request.
    pub fn parts(self, size: u64) -> u64 {
        match self {
            Self::Upload(_) if size <= SINGLE => 0,
            Self::Upload(part) => {
                let plan = part.map_or_else(|| PartPlan::upload(size), |part| PartPlan::with_part_size(size, part));
                plan.map_or(u64::from(MOST_PARTS), |plan| u64::from(plan.count()))
            }
            Self::Download => match PartPlan::download(size).count() {
                1 => 0,
                count => u64::from(count),
            },
            Self::Within(copying) | Self::Across(copying) => copying.count(size),
            Self::Delete => 0,
        }
    }

    /// What is asked for objects that are cut like this, with so many bytes in all. Finding them is not in it.
    pub fn needs(self, cuts: Cuts, bytes: u64) -> Needs {
        let mut needs = Needs::default();
        match self {
            Self::Upload(_) => sent(cuts, bytes, &mut needs),
            Self::Download => fetched(cuts, bytes, &mut needs),
            Self::Within(copying) => {
                copying.around(cuts, &mut needs);
                needs.writing.ask(Op::CopyObject, cuts.whole);
                cut(cuts, Op::UploadPartCopy, &mut needs);
                // Many parts in vain are more than one look; of what is joined from parts, the size is compared before a move's end.
                let again = u64::from(copying.overwrite == Overwrite::Refuse) + u64::from(copying.original == Original::Goes);
                needs.writing.ask(Op::HeadObject, cuts.cut * again);
            }
            Self::Across(copying) => {
                copying.around(cuts, &mut needs);
                fetched(cuts, bytes, &mut needs);
                sent(cuts, bytes, &mut needs);
            }
            Self::Delete => needs.delete(cuts.objects()),
        }
        needs
    }
}

fn fetched(cuts: Cuts, bytes: u64, needs: &mut Needs) {
    needs.reading.ask(Op::GetObject, cuts.whole.saturating_add(cuts.parts));
    needs.reading.bytes_down = bytes;
}

fn sent(cuts: Cuts, bytes: u64, needs: &mut Needs) {
    needs.writing.ask(Op::PutObject, cuts.whole);
    cut(cuts, Op::UploadPart, needs);
    needs.writing.bytes_up = bytes;
}

fn cut(cuts: Cuts, part: Op, needs: &mut Needs) {
    needs.writing.ask(Op::CreateMultipartUpload, cuts.cut);
    needs.writing.ask(part, cuts.parts);
    needs.writing.ask(Op::CompleteMultipartUpload, cuts.cut);
}

/// The operation that finds what belongs to a job, and how often it is asked for so many objects; `None`: they are named.
pub fn found_with(job: &Job, objects: u64) -> Option<(Op, u64)> {
    let pages = objects.div_ceil(super::need::PAGE).max(1);
    let (what, op) = match job {
        Job::Upload(_) => return None,
        Job::Download(download) => (&download.what, Op::ListObjectsV2),
        Job::Copy(copy) => (&copy.what, Op::ListObjectsV2),
        Job::Delete(delete) if delete.versions == Versions::All => (&delete.what, Op::ListObjectVersions),
        Job::Delete(delete) => (&delete.what, Op::ListObjectsV2),
    };
    match what {
        Selection::Below { .. } => Some((op, pages)),
        Selection::Picked(picks) if op == Op::ListObjectVersions => Some((op, picks.len() as u64)),
        Selection::Picked(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: u64 = 1 << 20;
    const GIB: u64 = 1 << 30;

    fn copying(largest: u64, overwrite: Overwrite) -> Copying {
        let looks = if overwrite == Overwrite::Refuse { Looks::First } else { Looks::Never };
        Copying { largest, part: None, overwrite, looks, original: Original::Stays, unknown: 0 }
    }

    fn one(treatment: Treatment, size: u64) -> Needs {
        treatment.needs(Cuts::default().and(treatment.parts(size)), size)
    }

    #[test]
    fn an_upload_of_parts_is_two_requests_more() {
        let single = one(Treatment::Upload(None), 16 * MIB).writing;
        assert_eq!((single.requests, single.bytes_up), (vec![(Op::PutObject, 1)], 16_777_216));
        let many = one(Treatment::Upload(None), GIB).writing;
        let wanted = [(Op::CreateMultipartUpload, 1), (Op::UploadPart, 16), (Op::CompleteMultipartUpload, 1)];
        assert_eq!(many.requests, wanted, "16 parts of 64 MiB");
        assert_eq!(one(Treatment::Upload(Some(32 * MIB)), 64 * MIB).writing.total(), 4);
    }

    #[test]
    fn a_download_is_a_request_for_each_64_mib() {
        for (size, requests) in [(0, 1), (64 * MIB, 1), (64 * MIB + 1, 2), (GIB, 16)] {
            let needs = one(Treatment::Download, size);
            assert_eq!((needs.reading.requests, needs.reading.bytes_down), (vec![(Op::GetObject, requests)], size));
        }
    }

    #[test]
    fn a_copy_has_two_sides() {
        let within = one(Treatment::Within(copying(LARGEST_COPY_S3, Overwrite::Refuse)), 5 * GIB);
        assert_eq!((within.reading.total(), within.writing.requests), (0, vec![(Op::HeadObject, 1), (Op::CopyObject, 1)]));
        let parts = one(Treatment::Within(copying(LARGEST_COPY_OSS, Overwrite::Allow)), 5 * GIB);
        let wanted = [(Op::CreateMultipartUpload, 1), (Op::UploadPartCopy, 10), (Op::CompleteMultipartUpload, 1)];
        assert_eq!((parts.reading.requests, parts.writing.requests.as_slice()), (vec![(Op::HeadObject, 1)], &wanted[..]));
        let passing = Copying { part: Some(PASSING), ..copying(PASSING, Overwrite::Allow) };
        let moved = one(Treatment::Across(Copying { original: Original::Goes, ..passing }), 3);
        assert_eq!(moved.reading.requests, [(Op::HeadObject, 1), (Op::DeleteObject, 1), (Op::GetObject, 1)]);
        assert_eq!((moved.reading.bytes_down, moved.writing.bytes_up), (3, 3));
        let large = one(Treatment::Across(Copying { overwrite: Overwrite::Refuse, looks: Looks::First, ..passing }), 64 * MIB + 1);
        assert_eq!(large.reading.requests, [(Op::HeadObject, 1), (Op::GetObject, 3)]);
        assert_eq!(large.writing.total(), 1 + 1 + 3 + 1);
    }

    #[test]
    fn a_source_of_unknown_size_is_asked_once() {
        let unknown = Copying { unknown: 1, ..copying(GIB, Overwrite::Allow) };
        for size in [1, 2 * GIB] {
            assert_eq!(one(Treatment::Within(unknown), size).reading.requests, [(Op::HeadObject, 1)], "{size}");
        }
    }

    #[test]
    fn stores_that_refuse_to_replace() {
        assert!(knows_conditions(Provider::Oss, Some("http://127.0.0.1:1")));
        assert!(knows_conditions(Provider::S3, None));
        assert!(knows_conditions(Provider::S3, Some("https://s3.us-west-2.amazonaws.com")));
        assert!(!knows_conditions(Provider::S3, Some("http://127.0.0.1:1")));
    }
}
