//! How far a job is, and how each part of it ended.

use jiff::Timestamp;

use super::need::Sweep;
use super::treatment::{Cuts, Headers, Treatment};
use super::{Job, JobId, Pick};
use crate::domain::{Error, LeafRow, StorageClass, Tally};

/// How far a job is. Counts only grow, except what was found when a listing corrects an estimate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Objects that are known to belong to it.
    pub objects: u64,
    /// Their bytes, as far as they are known.
    pub bytes: u64,
    /// How many of them go in parts, as far as their sizes are known; of a delete, how many keys go alone.
    pub cut: u64,
    /// The parts of those; of a delete, the batches.
    pub parts: u64,
    /// How many of them are asked for their headers before they are copied.
    pub heads: u64,
    /// Which of them are in another than the standard storage class.
    pub shelves: Vec<Shelf>,
    /// Whether everything that belongs to it has been found.
    pub counted: bool,
    /// Objects that have ended, well or not.
    pub ended: u64,
    /// How many of them did not end well.
    pub failed: u64,
    /// Bytes that are where they belong, those of parts that an earlier run had finished among them.
    pub moved: u64,
    /// What was asked of stores for it.
    pub tally: Tally,
}

/// Objects of one storage class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shelf {
    /// The class, in the vendor's word.
    pub class: StorageClass,
    /// How they are cut.
    pub cuts: Cuts,
    /// Their bytes.
    pub bytes: u64,
}

/// One object that belongs to a job, by what decides what it costs.
#[derive(Clone, Copy, Debug)]
pub struct Item<'a> {
    /// Its size; of one that nobody knows, 0.
    pub size: u64,
    /// Its storage class, where the store said it.
    pub class: Option<&'a StorageClass>,
    /// Whether a copy has to ask for its headers.
    pub headers: Headers,
}

impl Item<'_> {
    /// Something local.
    pub fn local(size: u64) -> Self {
        Self { size, class: None, headers: Headers::Spared }
    }
}

impl<'a> Item<'a> {
    /// A row of a listing.
    pub fn listed(row: LeafRow<'a>) -> Self {
        Self { size: row.size(), class: row.class, headers: if row.has_etag() { Headers::Spared } else { Headers::Asked } }
    }
}

impl<'a> From<&'a Pick> for Item<'a> {
    fn from(pick: &'a Pick) -> Self {
        let known = pick.size.is_some() && pick.etag.is_some();
        let headers = if known { Headers::Spared } else { Headers::Asked };
        Self { size: pick.size.unwrap_or(0), class: pick.class.as_ref(), headers }
    }
}

impl Progress {
    /// How its objects are cut.
    pub fn cuts(&self) -> Cuts {
        Cuts { whole: self.objects.saturating_sub(self.cut), cut: self.cut, parts: self.parts, heads: self.heads }
    }

    /// What a job with this treatment has found when it has found these objects.
    pub fn of<'a>(treatment: Treatment, items: impl Iterator<Item = Item<'a>>) -> Self {
        let mut found = Self::default();
        items.for_each(|item| found.count(treatment, item));
        found
    }

    /// The same of objects that were named, also for a delete.
    pub fn of_picks(treatment: Treatment, picks: &[Pick]) -> Self {
        let mut found = Self::of(treatment, picks.iter().map(Item::from));
        if treatment == Treatment::Delete {
            let mut sweep = Sweep::default();
            picks.iter().for_each(|pick| sweep.add(pick.key.as_str()));
            found.swept(sweep);
        }
        found
    }

    /// How the keys of a delete go.
    pub fn swept(&mut self, sweep: Sweep) {
        (self.parts, self.cut) = sweep.requests();
    }

    /// One more object belongs to it.
    fn count(&mut self, treatment: Treatment, item: Item<'_>) {
        let cuts = Cuts::default().and(treatment.parts(item.size), item.headers);
        self.objects += 1;
        self.bytes = self.bytes.saturating_add(item.size);
        (self.cut, self.heads) = (self.cut + cuts.cut, self.heads + cuts.heads);
        self.parts = self.parts.saturating_add(cuts.parts);
        if let Some(class) = item.class.filter(|class| !class.is_standard()) {
            shelve(&mut self.shelves, class, cuts, item.size);
        }
    }
}

/// Objects more of a storage class.
pub fn shelve(shelves: &mut Vec<Shelf>, class: &StorageClass, cuts: Cuts, bytes: u64) {
    match shelves.iter_mut().find(|shelf| shelf.class == *class) {
        Some(shelf) => {
            shelf.cuts = shelf.cuts.plus(cuts);
            shelf.bytes = shelf.bytes.saturating_add(bytes);
        }
        None => shelves.push(Shelf { class: class.clone(), cuts, bytes }),
    }
}

/// How one object of a job ended.
#[derive(Debug)]
pub struct ItemEnd {
    /// What was read: `ACCOUNT:BUCKET/KEY`, a path, or `-`.
    pub source: String,
    /// What was written, in the same way; empty for a delete.
    pub target: String,
    /// How.
    pub fate: Fate,
    /// Bytes of the object.
    pub bytes: u64,
    /// What was asked of stores for it.
    pub asked: Asked,
}

/// What was asked of stores for an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// For it alone.
    Alone(Tally),
    /// Together with others: no request is its own, and what the store said of the charge holds for each of them.
    Together(Tally),
}

impl Asked {
    /// Nothing.
    pub const NOTHING: Self = Self::Alone(Tally { requests: 0, retries: 0, up: 0, down: 0, charged: 0, told: 0 });

    /// How many requests were its own; `None`: they were shared.
    pub fn requests(self) -> Option<u64> {
        match self {
            Self::Alone(tally) => Some(tally.requests),
            Self::Together(_) => None,
        }
    }

    /// Whether the requester was charged, as far as the store says.
    pub fn was_charged(self) -> Option<bool> {
        let (Self::Alone(tally) | Self::Together(tally)) = self;
        tally.was_charged()
    }
}

/// How one object ended.
#[derive(Debug)]
pub enum Fate {
    /// It is done and verified as far as the store lets us. Holds a remark, such as an altered local name.
    Done(Option<String>),
    /// Something exists under the name, and nobody said that it may be replaced. Nothing was changed.
    Exists,
    /// It was left out, with the reason: a folder marker, a socket, a key that another job's file stands for.
    LeftOut(String),
    /// It failed; what was there before is untouched.
    Failed(Error),
}

/// How a job ended.
#[derive(Debug)]
pub enum Ending {
    /// Everything is done.
    Done,
    /// Some objects failed or were refused; each has said so.
    Partly,
    /// Nothing could be begun, or what there is to do could not be found out.
    Failed(Error),
    /// Somebody stopped it. What was finished stays; what was under way is given up, or kept to be resumed.
    Stopped,
}

/// Where a job stands, as the state database keeps it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum JobState {
    /// It runs; or the process that ran it was killed.
    Running,
    /// Somebody paused it.
    Paused,
    /// It was stopped so that it can be resumed.
    Stopped,
    /// It came to its end, and everything is done.
    Done,
    /// It came to its end, and some objects are not done.
    Partly,
    /// It could not be begun.
    Failed,
    /// Somebody gave it up; what was under way is aborted and removed.
    GivenUp,
}

impl JobState {
    /// The word in the state database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Stopped => "stopped",
            Self::Done => "done",
            Self::Partly => "partly done",
            Self::Failed => "failed",
            Self::GivenUp => "given up",
        }
    }

    /// Whether it can be resumed.
    pub fn is_unfinished(self) -> bool {
        match self {
            Self::Running | Self::Paused | Self::Stopped => true,
            Self::Done | Self::Partly | Self::Failed | Self::GivenUp => false,
        }
    }
}

/// A job that has not come to its end, of this or an earlier start.
#[derive(Clone, Debug)]
pub struct Unfinished {
    /// Its number.
    pub id: JobId,
    /// When it was begun.
    pub begun_at: Timestamp,
    /// What was asked for. Its consent is the one of then: whoever resumes it asks again.
    pub job: Job,
    /// How far it was when it was last written down.
    pub progress: Progress,
    /// How many uploads it had asked for whose id did not come: they are looked for before anything else.
    pub sought: u64,
}

/// Whether a job may go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rein {
    /// It may find out what belongs to it, and waits before anything is moved or removed.
    Plan,
    /// It may.
    Go,
    /// It waits: what was asked of the store is taken, nothing new is asked.
    Pause,
    /// It ends, and what is under way is kept so that it can be resumed.
    Stop,
    /// It ends, and what is under way is given up: parts are aborted, temporary files removed.
    GiveUp,
}
