//! What a job does with each of its objects, as far as it decides how many requests that takes.
//!
//! Comes in: a job, and what decides by which way it goes. Goes out: how an object of some size is cut, and from the counts of whole
//! and cut objects everything that will be asked, exactly: the number of requests grows with three counts alone, so that a million
//! objects need no list of sizes.

use super::need::{Needs, PASSING};
use super::outcome::Progress;
use super::parts::{LARGEST_COPY_OSS, LARGEST_COPY_S3, MOST_PARTS, PartPlan, SINGLE};
use super::{Copy, Job, Original, Route, Selection, Source, Versions};
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
    /// Objects of both kinds that are asked for their headers before they are copied.
    pub heads: u64,
}

/// Whether a copy has to ask for an object's headers before it begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Headers {
    /// A listing said what is needed, unless the object goes in parts.
    Spared,
    /// Its size or entity tag is not known.
    Asked,
}

impl Cuts {
    /// One more object: `parts` as [`Treatment::parts`] says it.
    #[must_use]
    pub fn and(self, parts: u64, headers: Headers) -> Self {
        let heads = u64::from(parts > 0 || headers == Headers::Asked);
        let one = match parts {
            0 => Self { whole: 1, heads, ..Self::default() },
            parts => Self { cut: 1, parts, heads, whole: 0 },
        };
        self.plus(one)
    }

    /// All of both.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            whole: self.whole.saturating_add(other.whole),
            cut: self.cut.saturating_add(other.cut),
            parts: self.parts.saturating_add(other.parts),
            heads: self.heads.saturating_add(other.heads),
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
    /// An input of unknown length becomes an object.
    Stream,
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
    /// What becomes of its tags, where the store does not copy them by itself.
    pub tags: Tags,
}

/// What becomes of the tags of what is copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tags {
    /// The copy gets them: they are asked for, of each object that has some.
    Kept,
    /// Nobody asks for them: the copy's settings were chosen.
    Replaced,
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
            tags: if copy.settings.is_none() { Tags::Kept } else { Tags::Replaced },
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

    /// What a copy by the store asks.
    fn within(self, cuts: Cuts, needs: &mut Needs) {
        self.around(cuts, needs);
        needs.writing.ask(Op::CopyObject, cuts.whole);
        cut(cuts, Op::UploadPartCopy, needs);
        if self.overwrite == Overwrite::Refuse {
            // Many parts in vain are more than one look.
            needs.writing.ask(Op::HeadObject, cuts.cut);
        }
        if self.original == Original::Goes {
            // Of what is joined from parts, the size is compared before a move's end; of another, if it got another entity tag.
            needs.writing.ask(Op::HeadObject, cuts.cut);
            needs.writing.may_ask(Op::HeadObject, cuts.whole);
            needs.looked_at = cuts.cut;
        }
        self.may_ask_tags(cuts.cut, needs);
    }

    fn may_ask_tags(self, objects: u64, needs: &mut Needs) {
        if self.tags == Tags::Kept {
            needs.reading.may_ask(Op::GetObjectTagging, objects);
        }
    }

    /// What both ways ask beside the bytes.
    fn around(self, cuts: Cuts, needs: &mut Needs) {
        let objects = cuts.objects();
        if self.looks == Looks::First {
            needs.writing.ask(Op::HeadObject, objects);
        }
        needs.reading.ask(Op::HeadObject, cuts.heads);
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

/// Whether the store copies: where one account signs for both sides and nobody wants another way; OSS inside of a region only.
pub fn goes_within(copy: &Copy, provider: Provider) -> bool {
    let (from, to) = (&copy.from.place, &copy.to.place);
    let apart = provider == Provider::Oss && matches!((&from.region, &to.region), (Some(from), Some(to)) if from != to);
    copy.route == Route::Shortest && from.id.account == to.id.account && !apart
}

impl Treatment {
    /// What a job does with its objects, where the store that it acts on is of this provider, at this endpoint if it is not the
    /// cloud's own.
    pub fn of(job: &Job, provider: Provider, endpoint: Option<&str>) -> Self {
        match job {
            Job::Upload(upload) if upload.from == Source::Stdin => Self::Stream,
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
            Self::Stream | Self::Delete => 0,
        }
    }

    /// What is asked for what was found. Finding it is not in it.
    pub fn needs(self, found: &Progress) -> Needs {
        let mut needs = self.asks(found.cuts(), found.bytes);
        for shelf in &found.shelves {
            needs.reading.shelve(&shelf.class, &self.asks(shelf.cuts, shelf.bytes).reading);
            if let Self::Within(_) = self {
                needs.writing.copies(&shelf.class, shelf.cuts.whole.saturating_add(shelf.cuts.parts), shelf.bytes);
            }
        }
        if self == Self::Stream && found.ended == 0 {
            // More parts than an object can have do not come.
            needs.writing.may_ask(Op::UploadPart, (u64::from(MOST_PARTS) + 2).saturating_sub(needs.writing.total()));
        }
        needs
    }

    /// What is asked for objects that are cut like this, with so many bytes in all.
    fn asks(self, cuts: Cuts, bytes: u64) -> Needs {
        let mut needs = Needs::default();
        match self {
            Self::Upload(_) | Self::Stream => sent(cuts, bytes, &mut needs),
            Self::Download => fetched(cuts, bytes, &mut needs),
            Self::Within(copying) => copying.within(cuts, &mut needs),
            Self::Across(copying) => {
                copying.around(cuts, &mut needs);
                fetched(cuts, bytes, &mut needs);
                sent(cuts, bytes, &mut needs);
                copying.may_ask_tags(cuts.objects(), &mut needs);
            }
            Self::Delete => {
                needs.writing.ask(Op::DeleteObjects, cuts.parts);
                needs.writing.ask(Op::DeleteObject, cuts.cut);
            }
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
#[path = "treatment_tests.rs"]
mod tests;
