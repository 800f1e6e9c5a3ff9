//! The last word before anything is moved or removed: what, where, how much, who pays.
//!
//! ```text
//! open ─> Paying ──s, a, w──> Asking ──y──> Counting ──(all is found)──> Ready ──y, or the bucket's name──> the queue
//!           (someone else's    (only if counting       └─ Esc: called off    └─ Enter, n, Esc: nothing is done
//!            bucket, no word)   asks the store)
//! ```
//! What is confirmed are the jobs made when the key was pressed, with the identity of each object. What is below a prefix is found by
//! the queue's plan, and what the plan has found is what the job acts on. A key counts only once its stage was on screen for a
//! moment; a paste never counts.

mod answering;
mod asking;
mod buckets;
mod totals;

use jiff::Timestamp;

use crate::domain::BucketId;
use crate::transfer::{Job, Original, Selection};

use super::super::budget::Judged;
use super::super::change::SETTLE;
use super::super::dialog::Dialog;
use super::super::field::Field;
use super::super::transfers::EntryId;
use super::super::{Effect, Model, accounts};
use super::Act;

pub(super) use answering::{note_drawn, paste, press};
pub(crate) use asking::pump;
pub(crate) use buckets::of_job as buckets;
pub(crate) use totals::{COUNTED_WITH, needs_of, provider, sides, total};

/// The question.
#[derive(Debug)]
pub(crate) struct Confirm {
    pub(crate) verb: Verb,
    /// What and where, a label and a text each.
    pub(crate) facts: Vec<(&'static str, String)>,
    /// The first things that are meant.
    pub(crate) names: Vec<String>,
    pub(crate) drafts: Vec<Draft>,
    pub(crate) stage: Stage,
    asked: Asked,
    /// When this stage was first on screen.
    pub(crate) shown: Option<Timestamp>,
    pub(crate) top: usize,
    pub(crate) complaint: Option<String>,
}

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verb {
    Upload,
    Download,
    Copy,
    Move,
    Delete,
    /// A delete marker goes, and deletes nothing.
    Unmark,
}

/// One job of the question.
#[derive(Debug)]
pub(crate) struct Draft {
    pub(crate) job: Job,
    about: String,
    pub(crate) amount: Amount,
}

/// How much a job is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Amount {
    /// The sizes of all of its objects, as far as they are known.
    Known(Vec<Option<u64>>),
    /// It has to be found out.
    Unplanned,
    /// The queue finds it out.
    Planning(EntryId),
}

/// How far the question is.
#[derive(Debug)]
pub(crate) enum Stage {
    /// Someone else's bucket, and no word on paying yet.
    Paying(BucketId),
    /// Counting costs requests: may it?
    Asking,
    Counting,
    Ready(Answer),
    /// Yes was said, but it passes these budgets.
    Over(Judged),
    /// It could not be found out.
    Failed(String),
}

/// Where a question comes from, and with it what a no means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asked {
    /// From a key: no calls its plans off.
    Now,
    /// From a plan that waits on screen 3: Enter and Esc leave it there.
    Again,
}

/// How yes is said.
#[derive(Debug)]
pub(crate) enum Answer {
    /// `y`.
    Key,
    /// Typing this word, then Enter.
    Typed { word: String, field: Field },
    /// There is nothing to do.
    Nothing,
}

impl Draft {
    /// A job whose objects are known if it names them; else it has to be counted.
    pub(super) fn of(job: Job, about: String) -> Self {
        let amount = match buckets::selection(&job) {
            Some(Selection::Picked(picks)) => Amount::Known(picks.iter().map(|pick| pick.size).collect()),
            Some(Selection::Below { .. }) | None => Amount::Unplanned,
        };
        Self { job, about, amount }
    }

    /// A job that has to be counted.
    pub(super) fn unplanned(job: Job, about: String) -> Self {
        Self { job, about, amount: Amount::Unplanned }
    }

    /// Whether counting it asks the store.
    fn costs_to_count(&self) -> bool {
        self.amount == Amount::Unplanned && matches!(buckets::selection(&self.job), Some(Selection::Below { .. }))
    }
}

impl Confirm {
    pub(super) fn new(verb: Verb, facts: Vec<(&'static str, String)>, names: Vec<String>, drafts: Vec<Draft>) -> Self {
        Self { verb, facts, names, drafts, stage: Stage::Asking, asked: Asked::Now, shown: None, top: 0, complaint: None }
    }

    /// Shows the question.
    pub(super) fn open(self, model: &mut Model, out: &mut Vec<Effect>) {
        self.name_callers(model, out);
        model.dialog = Some(Dialog::Act(Act::Confirm(Box::new(self))));
        asking::begin(model, out);
    }

    /// Who pays is whoever the keys belong to: that is asked once for each account, so that the question can say it.
    fn name_callers(&self, model: &mut Model, out: &mut Vec<Effect>) {
        for account in self.drafts.iter().flat_map(|draft| draft.job.actings()).map(|acting| &acting.place.id.account) {
            if let Some(index) = model.accounts.iter().position(|known| known.name == *account) {
                accounts::identify(model, index, out);
            }
        }
    }

    fn seen(&self, now: Timestamp) -> bool {
        self.shown.is_some_and(|shown| now.duration_since(shown) >= SETTLE)
    }

    fn enter(&mut self, stage: Stage) {
        self.stage = stage;
        self.shown = None;
        self.complaint = None;
    }

    /// What is named: the things that were chosen, if there are several, and the first keys that plans have found.
    pub(crate) fn named<'a>(&'a self, model: &'a Model) -> impl Iterator<Item = &'a str> {
        let chosen = self.names.iter().filter(|_| self.names.len() > 1);
        let found = self.entries().filter_map(|entry| model.transfers.get(entry)).flat_map(|entry| &entry.names);
        chosen.chain(found).map(String::as_str)
    }

    /// How many keys of plans are not named.
    pub(crate) fn unnamed(&self, model: &Model) -> u64 {
        let entries = self.entries().filter_map(|entry| model.transfers.get(entry)).filter(|entry| !entry.names.is_empty());
        entries.map(|entry| entry.progress.objects.saturating_sub(entry.names.len() as u64)).sum()
    }

    fn entries(&self) -> impl Iterator<Item = EntryId> + '_ {
        self.drafts.iter().filter_map(|draft| match draft.amount {
            Amount::Planning(entry) => Some(entry),
            Amount::Known(_) | Amount::Unplanned => None,
        })
    }
}

/// A job that was planned by somebody else's order, or whose question was left: it is asked again, with everything that this
/// question asks for.
pub(crate) fn ask_again(model: &mut Model, entry: EntryId) {
    let Some(found) = model.transfers.get(entry) else { return };
    let verb = match &found.job {
        Job::Upload(_) => Verb::Upload,
        Job::Download(_) => Verb::Download,
        Job::Copy(copy) if copy.original == Original::Goes => Verb::Move,
        Job::Copy(_) => Verb::Copy,
        Job::Delete(_) => Verb::Delete,
    };
    let draft = Draft { job: found.job.clone(), about: found.about.clone(), amount: Amount::Planning(entry) };
    let facts = vec![("what", found.about.clone())];
    let mut confirm = Confirm::new(verb, facts, Vec::new(), vec![draft]);
    confirm.enter(Stage::Counting);
    confirm.asked = Asked::Again;
    model.dialog = Some(Dialog::Act(Act::Confirm(Box::new(confirm))));
    pump(model);
}

fn confirm(model: &mut Model) -> Option<&mut Confirm> {
    match &mut model.dialog {
        Some(Dialog::Act(Act::Confirm(confirm))) => Some(confirm),
        _ => None,
    }
}
