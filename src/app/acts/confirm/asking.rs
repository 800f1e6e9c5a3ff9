//! What has to be known before the question can be answered: who pays, and what is meant.

use crate::domain::{Access, BucketId, Error};

use super::super::super::consent;
use super::super::super::dialog::Dialog;
use super::super::super::field::Field;
use super::super::super::transfers::{self, End, EntryId, State};
use super::super::super::{Begin, Effect, Model};
use super::super::{Act, subject};
use super::buckets::{actings, changed, of_job};
use super::totals::total;
use super::{Amount, Answer, Confirm, Draft, Stage, Verb, confirm};

/// From so many objects on, a delete is confirmed by typing the bucket's name.
const MANY: u64 = 1_000;

/// The first stage that has something to ask.
pub(super) fn begin(model: &mut Model, out: &mut Vec<Effect>) {
    refresh_words(model);
    let Some(Dialog::Act(Act::Confirm(open))) = &model.dialog else { return };
    let unsaid = open.drafts.iter().flat_map(|draft| of_job(&draft.job)).find(|acting| subject::asks_who_pays(model, acting));
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
pub(super) fn count(model: &mut Model, out: &mut Vec<Effect>) {
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
        Some(State::Waiting(_) | State::Running(_) | State::Paused(_) | State::Kept(_))
        | Some(State::CalledOff(_) | State::Stopping(..) | State::GivingUp) => Planned::Never("it was called off on screen 3".to_owned()),
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
