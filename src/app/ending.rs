//! How a change ends: what the board shows then, what `U` can take back, what is said.
//!
//! What is shown is what the store answered last, never what was asked for.

use crate::audit::Outcome;
use crate::domain::{Payer, PayerReading};

use super::board::RowId;
use super::change::{Flow, Intent, Reason, Watch, begin, may_change};
use super::model::Tone;
use super::{Changed, Effect, Model, journal, plan, reading};

/// A verified change that `U` can take back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Undo {
    pub(crate) row: RowId,
    pub(crate) before: Payer,
}

/// The change has ended. What is shown is what the store answered last.
pub(crate) fn changed(model: &mut Model, id: RowId, ended: Changed, out: &mut Vec<Effect>) {
    let Some(flow) = model.flows.remove(&id) else { return };
    let intent = flow.intent().clone();
    show_answer(model, id, &intent, &ended);
    remember(model, id, &intent, ended.outcome);
    let name = model.name_of(id);
    if intent.reason != Reason::Plan {
        let (tone, text) = if left_early(&flow, &ended) {
            (Tone::Warning, format!("{name}: accepted, but not read back: press r to read it"))
        } else {
            verdict(&name, &intent, &ended)
        };
        model.say(tone, text);
    }
    plan::note_end(model, id, &ended);
    if let Some(row) = model.board.row_mut(id) {
        row.trouble = ended.error;
    }
    model.board.moved(id, &model.accounts);
    plan::push_on(model, out);
    journal::read(model, out);
}

fn show_answer(model: &mut Model, id: RowId, intent: &Intent, ended: &Changed) {
    if let Some(fact) = ended.after.clone() {
        reading::take(model, id, fact);
        return;
    }
    let now = model.now;
    let Some(row) = model.board.row_mut(id) else { return };
    match ended.outcome {
        // Nothing was changed: the older answer stands, with its own time.
        Outcome::Failed => row.reading = intent.from.clone().map_or(PayerReading::NotRead, PayerReading::Read),
        // Nobody knows: neither the old nor the asked value may be shown, nor the time of the old one.
        Outcome::Sent | Outcome::Verified | Outcome::NotApplied | Outcome::Unknown => {
            row.reading = PayerReading::Failed;
            row.read_at = Some(now);
        }
    }
}

fn remember(model: &mut Model, id: RowId, intent: &Intent, outcome: Outcome) {
    if outcome != Outcome::Verified {
        return;
    }
    match intent.reason {
        Reason::Revert => {
            if let Some(at) = model.undo.iter().rposition(|undo| undo.row == id) {
                model.undo.remove(at);
            }
        }
        Reason::Toggle | Reason::Plan => {
            if let Some(before) = intent.from.clone().filter(|before| *before != intent.to) {
                model.undo.push(Undo { row: id, before });
            }
        }
    }
}

/// Whether the user did not wait for the first answer after a PUT that the store took.
fn left_early(flow: &Flow, ended: &Changed) -> bool {
    let enough = match flow {
        Flow::Sending { watch, .. } => *watch == Watch::Enough,
        Flow::Grace { .. } | Flow::Identifying(_) => false,
    };
    enough && ended.outcome == Outcome::Unknown
}

fn verdict(name: &str, intent: &Intent, ended: &Changed) -> (Tone, String) {
    let to = &intent.to;
    let cause = ended.error.as_ref().map(|error| format!(": {}", error.message())).unwrap_or_default();
    match ended.outcome {
        Outcome::Verified => (Tone::Good, format!("{name} has payer {to}: the store says so")),
        Outcome::NotApplied => {
            let after = ended.after.as_ref().map_or_else(|| "another value".to_owned(), |fact| fact.payer.to_string());
            (Tone::Warning, format!("{name}: accepted, but the store still answers {after}; it can take minutes, r reads again"))
        }
        Outcome::Failed => (Tone::Bad, format!("{name}: not changed{cause}")),
        // The cause stands in the details, and says the same in more words.
        Outcome::Sent | Outcome::Unknown => {
            (Tone::Bad, format!("{name}: nobody knows whether it was changed: press r to read it again, i for the cause"))
        }
    }
}

/// `U`: the last verified change, taken back by the same way.
pub(crate) fn revert(model: &mut Model, out: &mut Vec<Effect>) {
    let Some(undo) = model.undo.last().cloned() else {
        model.say(Tone::Plain, "no verified change of this session is left to revert");
        return;
    };
    let name = model.name_of(undo.row);
    if model.flows.contains_key(&undo.row) {
        model.say(Tone::Warning, format!("{name}: a change is under way or waits"));
        return;
    }
    let current = model.board.row(undo.row).and_then(|row| row.reading.payer().cloned());
    if current.as_ref() == Some(&undo.before) {
        model.undo.pop();
        model.say(Tone::Plain, format!("{name} has payer {} already", undo.before));
        return;
    }
    if let Err(refusal) = may_change(model, undo.row) {
        model.say(Tone::Warning, format!("{}. {}", refusal.message(), refusal.hint_text().unwrap_or_default()));
        return;
    }
    begin(model, undo.row, undo.before, Reason::Revert, out);
}
