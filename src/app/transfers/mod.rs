//! Screen 3: jobs in a queue, how far they are, and what can be said to them.
//!
//! ```text
//! enqueue ─> Waiting ──(its turn)──> Running ──> Ended
//!    │          ^  └─ Paused <─ Space ─┘  └─(stopped, keys expired)─> Kept ── r ──> Waiting
//!    └─> Planning ─> Planned ──(confirmed)──> Waiting
//! ```
//! A job has at most one ticket. It runs from [`Effect::RunJob`] to [`super::Msg::JobEnded`]; in between it is reined. Never more
//! than so many run at once; planning asks little of a store, so that it does not wait for its turn.

mod amount;
mod leaving;
mod leftovers;
mod lists;
mod news;
mod orders;
mod question;
mod uploads;

use std::collections::VecDeque;

use jiff::Timestamp;

use crate::domain::{Acting, BucketId, Consent, Error};
use crate::prices::Purses;
use crate::transfer::meter::Meter;
use crate::transfer::{ItemEnd, Job, JobId, Progress, Rein};

use super::bill::payer;
use super::estimate::Side;
use super::model::Wait;
use super::{Begin, Effect, Model, Ticket, acts, budget, estimate};

pub(crate) use amount::shown as limit_text;
pub(crate) use leaving::{leave, remain};
pub(crate) use leftovers::offer;
pub(crate) use news::{begun, ended, given_up, item, moved, named, outcome, took};
pub(crate) use orders::{can, cancel, clear, fewer, is_cancellable, is_pausable, is_retriable, limit, more, pause, retry, step, swap};
pub(crate) use question::{Cancelling, Question, cancelling, leftovers};
pub(crate) use question::{note_drawn as question_drawn, paste as question_paste, press as question_key};
pub(crate) use uploads::{Asking, Found, Uploads, UploadsState, total};
pub(crate) use uploads::{aborted as uploads_aborted, ask as ask_uploads, listed as uploads_listed};

/// How many failed objects of a job are kept for its details: more than anyone reads; the newest ones.
pub(crate) const FAILURES: usize = 200;

/// How many jobs run at once until somebody says otherwise.
const PARALLEL: usize = 2;

/// The most that may be asked for: each has many requests under way by itself.
const MOST: usize = 8;

/// Names an entry; an entry keeps it wherever it stands in the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntryId(u64);

/// The queue.
#[derive(Debug)]
pub(crate) struct Transfers {
    /// In the queue's order: the first that waits is the next that runs.
    pub(crate) entries: Vec<Entry>,
    /// How many may run at once.
    pub(crate) parallel: usize,
    /// Bytes a second for all together.
    pub(crate) limit: Option<u64>,
    pub(crate) selected: Option<EntryId>,
    pub(crate) top: usize,
    pub(crate) page: usize,
    named: u64,
}

/// A job of the queue.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) id: EntryId,
    pub(crate) job: Job,
    /// What it does, in a few words.
    pub(crate) about: String,
    pub(crate) state: State,
    /// Its number in the state database.
    pub(crate) kept: Option<JobId>,
    /// The same of a job that had begun before it was planned: there is something of it, whatever becomes of the plan.
    left: Option<JobId>,
    pub(crate) word: Word,
    pub(crate) progress: Progress,
    pub(crate) meter: Meter,
    /// Objects that failed or were refused; the newest [`FAILURES`].
    pub(crate) failures: VecDeque<ItemEnd>,
    /// The first keys that belong to it.
    pub(crate) names: Vec<String>,
    /// Keys of which it has said that they are gone.
    took: u64,
    pub(crate) begun_at: Option<Timestamp>,
    pub(crate) ended_at: Option<Timestamp>,
    /// How many uploads an earlier run had asked for whose ids did not come: they are looked for first.
    pub(crate) sought: u64,
}

/// Where a job stands.
#[derive(Debug)]
pub(crate) enum State {
    /// Its turn has not come.
    Waiting(Turn),
    /// It finds out what belongs to it, and does nothing else.
    Planning(Ticket),
    /// It knows, and waits for somebody's word.
    Planned(Ticket),
    /// It moves or removes.
    Running(Ticket),
    /// Somebody paused it: it does not take its turn.
    Paused(Turn),
    /// It was told to end before anybody had confirmed it: nothing of it was begun.
    CalledOff(Ticket),
    /// It was told to stop or to give up, and ends tidily.
    Stopping(Ticket, Rein),
    /// It was left unfinished, with the reason if there is one; it can be resumed.
    Kept(Option<Error>),
    /// What was under way in a kept job is being aborted and removed.
    GivingUp,
    /// It has come to its end.
    Ended(End),
}

/// How a job takes its turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    /// It is started.
    Begins,
    /// It has a ticket already, and goes on.
    GoesOn(Ticket),
}

/// How a job ended.
#[derive(Debug)]
pub(crate) enum End {
    Done,
    Partly,
    Failed(Error),
    GivenUp,
}

/// Whose word on paying a job carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Word {
    /// It was given in this session.
    Given,
    /// It was given in a session that has ended: who resumes the job is asked again.
    Expired,
}

impl Default for Transfers {
    fn default() -> Self {
        Self { entries: Vec::new(), parallel: PARALLEL, limit: None, selected: None, top: 0, page: 0, named: 0 }
    }
}

impl Transfers {
    pub(crate) fn get(&self, id: EntryId) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.id == id)
    }

    fn get_mut(&mut self, id: EntryId) -> Option<&mut Entry> {
        self.entries.iter_mut().find(|entry| entry.id == id)
    }

    /// The entry under the cursor.
    pub(crate) fn selected(&self) -> Option<&Entry> {
        self.get(self.selected?)
    }

    /// Its line.
    pub(crate) fn line(&self) -> usize {
        self.entries.iter().position(|entry| Some(entry.id) == self.selected).unwrap_or(0)
    }

    pub(crate) fn select_line(&mut self, line: usize) {
        let line = line.min(self.entries.len().saturating_sub(1));
        self.selected = self.entries.get(line).map(|entry| entry.id);
        self.keep_in_view();
    }

    pub(crate) fn keep_in_view(&mut self) {
        let (page, line) = (self.page.max(1), self.line());
        self.top = self.top.clamp((line + 1).saturating_sub(page), line);
        self.top = self.top.min(self.entries.len().saturating_sub(page));
    }

    /// Where the next request of a job goes: of the first one that runs, else of the one under the cursor if it has not ended.
    pub(crate) fn acting_now(&self) -> Option<&Acting> {
        let running = self.entries.iter().find(|entry| matches!(entry.state, State::Running(_) | State::Planning(_)));
        let entry = running.or_else(|| self.selected().filter(|entry| !matches!(entry.state, State::Ended(_))))?;
        Some(entry.job.acting())
    }

    /// How many run or are about to end.
    pub(crate) fn running(&self) -> usize {
        self.entries.iter().filter(|entry| matches!(entry.state, State::Running(_) | State::Stopping(..))).count()
    }

    /// How many entries are in states like these.
    pub(crate) fn count(&self, wanted: impl Fn(&State) -> bool) -> usize {
        self.entries.iter().filter(|entry| wanted(&entry.state)).count()
    }

    fn add(&mut self, job: Job, about: String, state: State) -> EntryId {
        self.named += 1;
        let id = EntryId(self.named);
        let entry = Entry {
            id,
            job,
            about,
            state,
            kept: None,
            left: None,
            word: Word::Given,
            progress: Progress::default(),
            meter: Meter::new(),
            failures: VecDeque::new(),
            names: Vec::new(),
            took: 0,
            begun_at: None,
            ended_at: None,
            sought: 0,
        };
        self.entries.push(entry);
        self.selected.get_or_insert(id);
        id
    }
}

impl Entry {
    /// Whether an earlier run has begun it: a no leaves it as it is.
    pub(crate) fn was_left(&self) -> bool {
        self.left.is_some()
    }

    /// Ends a plan that nobody has confirmed. Of a new job there is nothing; one that had begun before ends as `rein` says.
    fn call_off(&mut self, rein: Rein, out: &mut Vec<Effect>) {
        let (State::Planning(ticket) | State::Planned(ticket)) = self.state else { return };
        let (state, rein) = match self.left {
            Some(_) => (State::Stopping(ticket, rein), rein),
            None => (State::CalledOff(ticket), Rein::GiveUp),
        };
        self.state = state;
        out.push(Effect::Rein(ticket, rein));
    }

    /// The ticket of the job's task, if it has one.
    pub(crate) fn ticket(&self) -> Option<Ticket> {
        match &self.state {
            State::Planning(ticket) | State::Planned(ticket) | State::CalledOff(ticket) => Some(*ticket),
            State::Running(ticket) | State::Stopping(ticket, _) => Some(*ticket),
            State::Waiting(Turn::GoesOn(ticket)) | State::Paused(Turn::GoesOn(ticket)) => Some(*ticket),
            State::Waiting(Turn::Begins) | State::Paused(Turn::Begins) => None,
            State::Kept(_) | State::GivingUp | State::Ended(_) => None,
        }
    }

    /// Where its requests go: the bucket that is read, if it is another one, then the one that is acted on.
    fn buckets(&self) -> impl Iterator<Item = &Acting> {
        let source = match &self.job {
            Job::Copy(copy) => Some(&copy.from).filter(|from| from.place.id != copy.to.place.id),
            Job::Upload(_) | Job::Download(_) | Job::Delete(_) => None,
        };
        source.into_iter().chain([self.job.acting()])
    }

    /// Who pays for its requests.
    pub(crate) fn payer(&self, model: &Model) -> String {
        let mut payers: Vec<String> = self.buckets().map(|acting| payer(model, acting)).collect();
        payers.dedup();
        payers.join(", then ")
    }

    /// Whether somebody would pay as requester.
    pub(crate) fn pays_as_requester(&self) -> bool {
        self.buckets().any(|acting| acting.consent == Consent::Given)
    }
}

/// Puts a job at the end of the queue. `about` says in a few words what it does. [`Begin::AtOnce`] is for what somebody has
/// confirmed, or what needs no confirmation; with [`Begin::AfterPlan`] the job is counted first and waits for `approve`.
pub fn enqueue(model: &mut Model, job: Job, about: String, begin: Begin, out: &mut Vec<Effect>) -> EntryId {
    let id = model.transfers.add(job, about, State::Waiting(Turn::Begins));
    match begin {
        Begin::AtOnce => pump(model, out),
        Begin::AfterPlan => plan(model, id, out),
    }
    id
}

/// The first job that knows what belongs to it and waits for somebody's word.
pub(crate) fn planned(model: &Model) -> Option<&Entry> {
    model.transfers.entries.iter().find(|entry| matches!(entry.state, State::Planned(_)))
}

/// A planned job may act, as soon as its turn comes.
pub(crate) fn approve(model: &mut Model, id: EntryId, out: &mut Vec<Effect>) {
    if let Some(entry) = model.transfers.get_mut(id)
        && let State::Planned(ticket) = entry.state
    {
        entry.state = State::Waiting(Turn::GoesOn(ticket));
    }
    pump(model, out);
}

/// A planned job is not done. What an earlier run has left of it stays as it was: its parts are paid for.
pub(crate) fn decline(model: &mut Model, id: EntryId, out: &mut Vec<Effect>) {
    if let Some(entry) = model.transfers.get_mut(id) {
        entry.call_off(Rein::Stop, out);
    }
}

/// Starts planning.
fn plan(model: &mut Model, id: EntryId, out: &mut Vec<Effect>) {
    let ticket = model.wait(Wait::Job(id));
    let now = model.now;
    let Some(entry) = model.transfers.get_mut(id) else { return };
    entry.begun_at = Some(now);
    entry.left = entry.kept;
    entry.state = State::Planning(ticket);
    out.push(Effect::RunJob(ticket, entry.job.clone(), entry.kept, Begin::AfterPlan));
}

/// Lets those take their turn that can: in the queue's order, never more than may run at once.
pub(crate) fn pump(model: &mut Model, out: &mut Vec<Effect>) {
    while model.transfers.running() < model.transfers.parallel && !model.leaving {
        let next = model.transfers.entries.iter().find_map(|entry| {
            let State::Waiting(turn) = entry.state else { return None };
            (!is_blocked(model, entry)).then_some((entry.id, turn))
        });
        let Some((id, turn)) = next else { return };
        take_turn(model, id, turn, out);
    }
}

/// Whether a job waits for a word on a budget.
fn is_blocked(model: &Model, entry: &Entry) -> bool {
    let buckets: Vec<&BucketId> = entry.buckets().map(|acting| &acting.place.id).collect();
    budget::blocks(model, &buckets)
}

/// Pauses every job that spends what a budget no longer allows. Which ones that were.
pub(crate) fn hold(model: &mut Model, out: &mut Vec<Effect>) -> Vec<EntryId> {
    let running = model.transfers.entries.iter().filter(|entry| matches!(entry.state, State::Running(_)));
    let held: Vec<EntryId> = running.filter(|entry| is_blocked(model, entry)).map(|entry| entry.id).collect();
    let now = model.now;
    for id in &held {
        if let Some(entry) = model.transfers.get_mut(*id)
            && let State::Running(ticket) = entry.state
        {
            entry.state = State::Paused(Turn::GoesOn(ticket));
            entry.meter.pause(now);
            out.push(Effect::Rein(ticket, Rein::Pause));
        }
    }
    held
}

/// Lets those go on that were held, each when its turn comes.
pub(crate) fn release(model: &mut Model, held: &[EntryId], out: &mut Vec<Effect>) {
    for id in held {
        if let Some(entry) = model.transfers.get_mut(*id)
            && let State::Paused(turn) = entry.state
        {
            entry.state = State::Waiting(turn);
        }
    }
    pump(model, out);
}

/// What a counted job costs from its beginning: what is asked of which bucket.
pub(crate) fn sides(model: &Model, entry: &Entry) -> Vec<Side> {
    estimate::sides(&entry.job, &acts::confirm::needs_of(model, &entry.job, &entry.progress))
}

fn take_turn(model: &mut Model, id: EntryId, turn: Turn, out: &mut Vec<Effect>) {
    let ticket = match turn {
        Turn::Begins => model.wait(Wait::Job(id)),
        Turn::GoesOn(ticket) => ticket,
    };
    let now = model.now;
    let Some(entry) = model.transfers.get_mut(id) else { return };
    entry.state = State::Running(ticket);
    entry.begun_at.get_or_insert(now);
    entry.meter.resume(now);
    out.push(match turn {
        Turn::Begins => Effect::RunJob(ticket, entry.job.clone(), entry.kept, Begin::AtOnce),
        Turn::GoesOn(ticket) => Effect::Rein(ticket, Rein::Go),
    });
}

/// How a job is begun that was left or failed. What is deleted is counted and confirmed again: its list may have grown. So is all else
/// where there are budgets: what is left of it was judged by none.
fn begin_again(job: &Job, purses: &Purses) -> Begin {
    match job {
        Job::Upload(_) | Job::Download(_) | Job::Copy(_) if purses.is_empty() => Begin::AtOnce,
        Job::Delete(_) | Job::Upload(_) | Job::Download(_) | Job::Copy(_) => Begin::AfterPlan,
    }
}
