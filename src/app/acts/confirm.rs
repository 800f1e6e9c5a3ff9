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

use jiff::Timestamp;

use crate::domain::{Access, Acting, BucketId, Error, Op, Provider};
use crate::transfer::need::Needs;
use crate::transfer::{Job, Original, Selection};

use super::super::change::SETTLE;
use super::super::consent::{self, Word};
use super::super::dialog::Dialog;
use super::super::field::Field;
use super::super::model::Tone;
use super::super::transfers::{self, End, EntryId, State};
use super::super::{Begin, Effect, Key, KeyCode, Model};
use super::{Act, subject};

/// From so many objects on, a delete is confirmed by typing the bucket's name.
const MANY: u64 = 1_000;

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

/// Objects and bytes of a question.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Total {
    pub(crate) objects: u64,
    pub(crate) bytes: u64,
    /// Objects whose size nobody knows.
    pub(crate) unsized_objects: u64,
    /// What the counting has asked of stores so far.
    pub(crate) requests: u64,
}

impl Draft {
    /// A job whose objects are known if it names them; else it has to be counted.
    pub(super) fn of(job: Job, about: String) -> Self {
        let amount = match selection(&job) {
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
        self.amount == Amount::Unplanned && matches!(selection(&self.job), Some(Selection::Below { .. }))
    }
}

fn selection(job: &Job) -> Option<&Selection> {
    match job {
        Job::Upload(_) => None,
        Job::Download(download) => Some(&download.what),
        Job::Copy(copy) => Some(&copy.what),
        Job::Delete(delete) => Some(&delete.what),
    }
}

/// The buckets of a job that change.
pub(crate) fn changed(job: &Job) -> Vec<&Acting> {
    match job {
        Job::Upload(upload) => vec![&upload.to],
        Job::Download(_) => Vec::new(),
        Job::Copy(copy) if copy.original == Original::Goes => vec![&copy.to, &copy.from],
        Job::Copy(copy) => vec![&copy.to],
        Job::Delete(delete) => vec![&delete.within],
    }
}

/// Every bucket of a job: the one that is read first.
pub(crate) fn buckets(job: &Job) -> Vec<&Acting> {
    match job {
        Job::Upload(upload) => vec![&upload.to],
        Job::Download(download) => vec![&download.from],
        Job::Copy(copy) if copy.from.place.id == copy.to.place.id => vec![&copy.from],
        Job::Copy(copy) => vec![&copy.from, &copy.to],
        Job::Delete(delete) => vec![&delete.within],
    }
}

fn actings(job: &mut Job) -> Vec<&mut Acting> {
    match job {
        Job::Upload(upload) => vec![&mut upload.to],
        Job::Download(download) => vec![&mut download.from],
        Job::Copy(copy) => vec![&mut copy.from, &mut copy.to],
        Job::Delete(delete) => vec![&mut delete.within],
    }
}

impl Confirm {
    pub(super) fn new(verb: Verb, facts: Vec<(&'static str, String)>, names: Vec<String>, drafts: Vec<Draft>) -> Self {
        Self { verb, facts, names, drafts, stage: Stage::Asking, asked: Asked::Now, shown: None, top: 0, complaint: None }
    }

    /// Shows the question.
    pub(super) fn open(self, model: &mut Model, out: &mut Vec<Effect>) {
        model.dialog = Some(Dialog::Act(Act::Confirm(Box::new(self))));
        begin(model, out);
    }

    fn seen(&self, now: Timestamp) -> bool {
        self.shown.is_some_and(|shown| now.duration_since(shown) >= SETTLE)
    }

    fn enter(&mut self, stage: Stage) {
        self.stage = stage;
        self.shown = None;
        self.complaint = None;
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

/// The first stage that has something to ask.
fn begin(model: &mut Model, out: &mut Vec<Effect>) {
    refresh_words(model);
    let Some(Dialog::Act(Act::Confirm(open))) = &model.dialog else { return };
    let unsaid = open.drafts.iter().flat_map(|draft| buckets(&draft.job)).find(|acting| subject::asks_who_pays(model, acting));
    let stage = match unsaid {
        Some(acting) => Stage::Paying(acting.place.id.clone()),
        None if open.drafts.iter().any(Draft::costs_to_count) => Stage::Asking,
        None => return count(model, out),
    };
    if let Some(open) = confirm(model) {
        open.enter(stage);
    }
}

/// The words on paying as they are now.
fn refresh_words(model: &mut Model) {
    let Some(Dialog::Act(Act::Confirm(mut open))) = model.dialog.take() else { return };
    for draft in &mut open.drafts {
        for acting in actings(&mut draft.job) {
            if let Some(row) = model.row_of(&acting.place.id) {
                acting.consent = consent::of(model, row);
            }
        }
    }
    model.dialog = Some(Dialog::Act(Act::Confirm(open)));
}

/// What has to be found out is given to the queue, which finds it out and waits.
fn count(model: &mut Model, out: &mut Vec<Effect>) {
    let Some(Dialog::Act(Act::Confirm(mut open))) = model.dialog.take() else { return };
    for draft in open.drafts.iter_mut().filter(|draft| draft.amount == Amount::Unplanned) {
        let entry = transfers::enqueue(model, draft.job.clone(), draft.about.clone(), Begin::AfterPlan, out);
        draft.amount = Amount::Planning(entry);
    }
    open.enter(Stage::Counting);
    model.dialog = Some(Dialog::Act(Act::Confirm(open)));
    pump(model);
}

/// What the queue has found out by now.
pub(crate) fn pump(model: &mut Model) {
    let Some(Dialog::Act(Act::Confirm(open))) = &model.dialog else { return };
    if !matches!(open.stage, Stage::Counting | Stage::Ready(_)) {
        return;
    }
    let mut found = Planned::All;
    for entry in open.entries() {
        found = match (found, planned(model, entry)) {
            (Planned::Never(why), _) | (_, Planned::Never(why)) => Planned::Never(why),
            (Planned::Some, _) | (_, Planned::Some) => Planned::Some,
            (Planned::All, Planned::All) => Planned::All,
        };
    }
    let stage = match (found, &open.stage) {
        (Planned::Never(why), _) => Stage::Failed(why),
        (Planned::All, Stage::Counting) => Stage::Ready(answer(model, open)),
        (Planned::All | Planned::Some, _) => return,
    };
    if let Some(open) = confirm(model) {
        open.enter(stage);
    }
}

/// How much of a plan is there.
enum Planned {
    All,
    Some,
    /// It will not come, with the reason.
    Never(String),
}

fn planned(model: &Model, entry: EntryId) -> Planned {
    match model.transfers.get(entry).map(|entry| &entry.state) {
        Some(State::Planned(_)) => Planned::All,
        Some(State::Planning(_)) => Planned::Some,
        // A plan that found nothing to do has ended by itself.
        Some(State::Ended(End::Done)) => Planned::All,
        Some(State::Ended(End::Failed(error))) => Planned::Never(said(error)),
        Some(State::Ended(End::Partly | End::GivenUp)) | None => Planned::Never("it was called off".to_owned()),
        Some(State::Waiting(_) | State::Running(_) | State::Paused(_) | State::Stopping(..) | State::Kept(_) | State::GivingUp) => {
            Planned::Never("it was called off on screen 3".to_owned())
        }
    }
}

fn said(error: &Error) -> String {
    format!("{}. {}", error.message(), error.hint_text().unwrap_or_default())
}

/// How yes is said to this.
fn answer(model: &Model, open: &Confirm) -> Answer {
    let total = total(model, open);
    if total.objects == 0 {
        return Answer::Nothing;
    }
    let changes: Vec<&BucketId> = open.drafts.iter().flat_map(|draft| changed(&draft.job)).map(|acting| &acting.place.id).collect();
    let protected = changes.iter().find(|id| subject::access(model, id) == Access::Protected);
    let many = open.verb == Verb::Delete || open.verb == Verb::Move;
    let source = if open.verb == Verb::Move { changes.last() } else { changes.first() };
    match (protected, source) {
        (Some(id), _) => Answer::Typed { word: id.bucket.to_string(), field: Field::default() },
        (None, Some(id)) if many && total.objects > MANY => Answer::Typed { word: id.bucket.to_string(), field: Field::default() },
        (None, _) => Answer::Key,
    }
}

/// Objects and bytes, as far as they are known now.
pub(crate) fn total(model: &Model, open: &Confirm) -> Total {
    let mut total = Total::default();
    for draft in &open.drafts {
        match &draft.amount {
            Amount::Known(sizes) => {
                total.objects += sizes.len() as u64;
                total.bytes = sizes.iter().flatten().fold(total.bytes, |sum, size| sum.saturating_add(*size));
                total.unsized_objects += sizes.iter().filter(|size| size.is_none()).count() as u64;
            }
            Amount::Unplanned => {}
            Amount::Planning(entry) => {
                let Some(entry) = model.transfers.get(*entry) else { continue };
                total.objects = total.objects.saturating_add(entry.progress.objects);
                total.bytes = total.bytes.saturating_add(entry.progress.bytes);
                total.requests = total.requests.saturating_add(entry.progress.tally.requests);
            }
        }
    }
    total
}

/// What will be asked of the stores from here on, of the objects that are known; of what was counted, objects are taken to be of one
/// size.
pub(crate) fn needs(model: &Model, open: &Confirm) -> Needs {
    let mut needs = Needs::default();
    for draft in &open.drafts {
        match &draft.amount {
            Amount::Known(sizes) => sizes.iter().for_each(|size| need(model, &draft.job, size.unwrap_or(0), &mut needs)),
            Amount::Unplanned => {}
            Amount::Planning(entry) => {
                let Some(progress) = model.transfers.get(*entry).map(|entry| entry.progress) else { continue };
                let size = progress.bytes.checked_div(progress.objects).unwrap_or(0);
                let mut one = Needs::default();
                need(model, &draft.job, size, &mut one);
                for (op, count) in one.reading.requests {
                    needs.reading.ask(op, count.saturating_mul(progress.objects));
                }
                for (op, count) in one.writing.requests {
                    needs.writing.ask(op, count.saturating_mul(progress.objects));
                }
            }
        }
    }
    if open.verb == Verb::Delete {
        needs.writing.requests.clear();
        needs.delete(total(model, open).objects);
    }
    needs
}

fn need(model: &Model, job: &Job, size: u64, needs: &mut Needs) {
    match job {
        Job::Upload(_) => needs.upload(size),
        Job::Download(_) => needs.download(size),
        Job::Copy(copy) => {
            if copy.from.place.id.account == copy.to.place.id.account {
                needs.copy_within(provider(model, &copy.to.place.id), copy.overwrite, size);
            } else {
                needs.copy_across(copy.overwrite, size);
            }
            if copy.original == Original::Goes {
                needs.original_goes();
            }
        }
        // Deletes go in batches: they are counted together.
        Job::Delete(_) => {}
    }
}

/// Which cloud a bucket is in.
pub(crate) fn provider(model: &Model, id: &BucketId) -> Provider {
    model.accounts.iter().find(|account| account.name == id.account).map_or(Provider::S3, |account| account.provider)
}

/// The operation with which a prefix is counted.
pub(crate) const COUNTED_WITH: Op = Op::ListObjectsV2;

/// The question is on screen: its keys begin to count.
pub(super) fn note_drawn(open: &mut Confirm, now: Timestamp) {
    open.shown.get_or_insert(now);
}

/// A paste is no answer.
pub(super) fn paste(open: &mut Confirm) {
    open.complaint = Some("a paste does not confirm: type it".to_owned());
}

/// A key while the question is open.
#[expect(clippy::wildcard_enum_match_arm, reason = "every other key belongs to the stage")]
pub(super) fn press(model: &mut Model, key: Key, out: &mut Vec<Effect>) {
    let now = model.now;
    let Some(open) = confirm(model) else { return };
    let seen = open.seen(now);
    open.complaint = None;
    match key.code {
        KeyCode::Esc => return close(model, out),
        KeyCode::Up => open.top = open.top.saturating_sub(1),
        KeyCode::Down => open.top = (open.top + 1).min(open.facts.len() + open.names.len() + 8),
        _ if !seen || key.ctrl || key.alt => return,
        _ => {}
    }
    match &open.stage {
        Stage::Paying(bucket) => {
            let bucket = bucket.clone();
            pay_key(model, key, &bucket, out);
        }
        Stage::Asking => ask_key(model, key, out),
        Stage::Counting => {}
        Stage::Ready(_) => ready_key(model, key, out),
        Stage::Failed(_) => failed_key(model, key, out),
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "every other key answers nothing")]
fn pay_key(model: &mut Model, key: Key, bucket: &BucketId, out: &mut Vec<Effect>) {
    let word = match key.code {
        KeyCode::Char('s') => Word::Session,
        KeyCode::Char('a') => Word::Kept,
        KeyCode::Char('w') => return without(model, out),
        KeyCode::Char('n' | 'q') | KeyCode::Enter => return close(model, out),
        _ => return,
    };
    if let Some(row) = model.row_of(bucket) {
        consent::agree(model, row, word, out);
        begin(model, out);
    }
}

/// No word, no payer header: whoever owns the buckets pays, or the store refuses.
fn without(model: &mut Model, out: &mut Vec<Effect>) {
    let Some(open) = confirm(model) else { return };
    if open.drafts.iter().any(Draft::costs_to_count) {
        open.enter(Stage::Asking);
    } else {
        count(model, out);
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "every other key answers nothing")]
fn ask_key(model: &mut Model, key: Key, out: &mut Vec<Effect>) {
    match key.code {
        KeyCode::Char('y') => count(model, out),
        KeyCode::Char('n' | 'q') | KeyCode::Enter => close(model, out),
        _ => {}
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "every other key answers nothing")]
fn failed_key(model: &mut Model, key: Key, out: &mut Vec<Effect>) {
    match key.code {
        KeyCode::Char('n' | 'q') | KeyCode::Enter => close(model, out),
        _ => {}
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "every other key belongs to the answer")]
fn ready_key(model: &mut Model, key: Key, out: &mut Vec<Effect>) {
    let Some(Confirm { stage: Stage::Ready(answer), complaint, .. }) = confirm(model) else { return };
    match answer {
        Answer::Key => match key.code {
            KeyCode::Char('y') => start(model, out),
            KeyCode::Char('n') => refuse(model, out),
            KeyCode::Char('q') | KeyCode::Enter => close(model, out),
            _ => {}
        },
        Answer::Typed { word, field } => match key.code {
            KeyCode::Enter if field.text().is_empty() => close(model, out),
            KeyCode::Enter if field.text() == word => start(model, out),
            KeyCode::Enter => *complaint = Some("that is not the text to type".to_owned()),
            _ => drop(field.press(key)),
        },
        Answer::Nothing => match key.code {
            KeyCode::Enter | KeyCode::Char('n' | 'q') => close(model, out),
            _ => {}
        },
    }
}

/// Yes: every job goes to the queue, or goes on in it.
fn start(model: &mut Model, out: &mut Vec<Effect>) {
    let Some(Dialog::Act(Act::Confirm(open))) = model.dialog.take() else { return };
    let count = open.drafts.len();
    for draft in open.drafts {
        match draft.amount {
            Amount::Planning(entry) => transfers::approve(model, entry, out),
            Amount::Known(_) | Amount::Unplanned => drop(transfers::enqueue(model, draft.job, draft.about, Begin::AtOnce, out)),
        }
    }
    if let Some(listing) = &mut model.objects.listing {
        listing.marks.clear_all();
    }
    let jobs = if count == 1 { "1 job".to_owned() } else { format!("{count} jobs") };
    let again = match open.verb {
        Verb::Upload | Verb::Copy | Verb::Move | Verb::Delete => "; r reads the list again when it is done",
        Verb::Download => "",
    };
    model.say(Tone::Plain, format!("{jobs} queued: 3 shows how far{again}"));
}

/// A no in so many words: a plan that waited is called off, too.
fn refuse(model: &mut Model, out: &mut Vec<Effect>) {
    if let Some(open) = confirm(model) {
        open.asked = Asked::Now;
    }
    close(model, out);
}

/// No: plans are called off, and nothing was done.
fn close(model: &mut Model, out: &mut Vec<Effect>) {
    let Some(Dialog::Act(Act::Confirm(open))) = model.dialog.take() else { return };
    if open.asked == Asked::Again {
        return model.say(Tone::Plain, "it waits on screen 3: Space asks again, x takes it away");
    }
    for entry in open.entries() {
        transfers::decline(model, entry, out);
    }
    let what = match open.verb {
        Verb::Upload => "nothing was uploaded",
        Verb::Download => "nothing was downloaded",
        Verb::Copy => "nothing was copied",
        Verb::Move => "nothing was moved",
        Verb::Delete => "nothing was deleted",
    };
    model.say(Tone::Plain, what);
}
