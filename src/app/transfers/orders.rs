//! What can be said to the queue and to the job under the cursor.

use crate::transfer::Rein;

use super::super::model::{Tone, Wait};
use super::super::{Begin, Dialog, Effect, Field, Model, budget};
use super::news::{ask_for_word, turn_of};
use super::question::{LimitField, Question};
use super::{End, Entry, EntryId, MOST, State, Turn, Word, begin_again, is_blocked, plan, pump};

/// Whether the job under the cursor is in a state for something.
pub(crate) fn can(model: &Model, suits: fn(&State) -> bool) -> bool {
    model.transfers.selected().is_some_and(|entry| suits(&entry.state))
}

/// Whether `Space` does something: it pauses, goes on, or asks what a plan waits for.
pub(crate) fn is_pausable(state: &State) -> bool {
    match state {
        State::Waiting(_) | State::Running(_) | State::Paused(_) | State::Planned(_) | State::Kept(_) => true,
        State::Planning(_) | State::CalledOff(_) | State::Stopping(..) | State::GivingUp | State::Ended(_) => false,
    }
}

/// Whether it can be stopped or given up.
pub(crate) fn is_cancellable(state: &State) -> bool {
    match state {
        State::Waiting(_) | State::Planning(_) | State::Planned(_) | State::Running(_) | State::Paused(_) | State::Kept(_) => true,
        State::CalledOff(_) | State::Stopping(..) | State::GivingUp | State::Ended(_) => false,
    }
}

/// Whether `r` does something: what failed is tried again, what was left goes on.
pub(crate) fn is_retriable(state: &State) -> bool {
    match state {
        State::Kept(_) | State::Ended(End::Partly | End::Failed(_)) => true,
        State::Ended(End::Done | End::GivenUp) => false,
        State::Waiting(_) | State::Planning(_) | State::Planned(_) | State::Running(_) | State::Paused(_) => false,
        State::CalledOff(_) | State::Stopping(..) | State::GivingUp => false,
    }
}

/// Moves the cursor.
pub(crate) fn step(model: &mut Model, line: usize) {
    model.transfers.select_line(line);
}

/// Pauses the job under the cursor, or lets it go on.
pub(crate) fn pause(model: &mut Model, out: &mut Vec<Effect>) {
    let now = model.now;
    let Some(id) = model.transfers.selected else { return };
    let waits = |entry: &Entry| matches!(entry.state, State::Paused(_)) && is_blocked(model, entry);
    if model.transfers.get(id).is_some_and(waits) {
        return budget::ask(model, vec![id]);
    }
    let Some(entry) = model.transfers.get_mut(id) else { return };
    match (&entry.state, turn_of(&entry.state)) {
        (State::Paused(_), Some(turn)) => entry.state = State::Waiting(turn),
        (State::Running(_), Some(Turn::GoesOn(ticket))) => {
            entry.state = State::Paused(Turn::GoesOn(ticket));
            entry.meter.pause(now);
            out.push(Effect::Rein(ticket, Rein::Pause));
        }
        (_, Some(turn)) => entry.state = State::Paused(turn),
        (State::Kept(_), None) => return resume(model, id, out),
        (State::Planned(_), None) => return ask_for_word(model),
        (_, None) => model.say(Tone::Plain, "nothing to pause here: it has ended, or is about to"),
    }
    pump(model, out);
}

/// Goes on with a kept job, after a question if somebody would pay as requester on a word of an earlier session.
pub(super) fn resume(model: &mut Model, id: EntryId, out: &mut Vec<Effect>) {
    let Some(entry) = model.transfers.get(id).filter(|entry| matches!(entry.state, State::Kept(_))) else { return };
    if entry.word == Word::Expired && entry.pays_as_requester() {
        model.dialog = Some(Dialog::Transfers(Question::Resume { entry: id, shown: None }));
        return;
    }
    begin(model, id, out);
}

/// Begins a job again that has a number in the state database, or had none.
pub(super) fn begin(model: &mut Model, id: EntryId, out: &mut Vec<Effect>) {
    let Some(entry) = model.transfers.get_mut(id) else { return };
    entry.word = Word::Given;
    entry.failures.clear();
    entry.names.clear();
    (entry.took, entry.sought) = (0, 0);
    entry.meter = crate::transfer::meter::Meter::new();
    entry.ended_at = None;
    entry.state = State::Waiting(Turn::Begins);
    match begin_again(&entry.job, &model.purses) {
        Begin::AtOnce => pump(model, out),
        Begin::AfterPlan => plan(model, id, out),
    }
}

/// `r`: what failed is tried again; what was left unfinished goes on.
pub(crate) fn retry(model: &mut Model, out: &mut Vec<Effect>) {
    let Some(entry) = model.transfers.selected() else { return };
    let id = entry.id;
    match &entry.state {
        State::Kept(_) => resume(model, id, out),
        State::Ended(End::Partly | End::Failed(_)) => begin(model, id, out),
        State::Ended(End::Done | End::GivenUp) => model.say(Tone::Plain, "nothing of it failed"),
        State::Waiting(_)
        | State::Planning(_)
        | State::Planned(_)
        | State::Running(_)
        | State::Paused(_)
        | State::CalledOff(_)
        | State::Stopping(..)
        | State::GivingUp => model.say(Tone::Plain, "it has not ended: what failed can be tried again then"),
    }
}

/// `x`: asks what is to become of the job under the cursor.
pub(crate) fn cancel(model: &mut Model) {
    let Some(entry) = model.transfers.selected() else { return };
    let (id, ended) = (entry.id, matches!(entry.state, State::Ended(_)));
    if is_cancellable(&entry.state) {
        model.dialog = Some(Dialog::Transfers(Question::Cancel { entry: id, shown: None }));
    } else {
        model.say(Tone::Plain, if ended { "it has ended: C clears ended jobs off the list" } else { "it is about to end" });
    }
}

/// Ends a job so that it can be resumed.
pub(super) fn stop(model: &mut Model, id: EntryId, out: &mut Vec<Effect>) {
    let Some(entry) = model.transfers.get_mut(id) else { return };
    match (entry.ticket(), &entry.state) {
        (Some(_), State::CalledOff(_) | State::Stopping(..)) => {}
        (Some(ticket), _) => {
            entry.state = State::Stopping(ticket, Rein::Stop);
            out.push(Effect::Rein(ticket, Rein::Stop));
        }
        (None, State::Waiting(_) | State::Paused(_)) if entry.kept.is_some() => entry.state = State::Kept(None),
        (None, _) => {}
    }
    pump(model, out);
}

/// Ends a job for good: what is under way is aborted and removed.
pub(super) fn give_up(model: &mut Model, id: EntryId, out: &mut Vec<Effect>) {
    let now = model.now;
    let ticket = model.wait(Wait::GiveUp(id));
    let mut used = false;
    if let Some(entry) = model.transfers.get_mut(id) {
        match (entry.ticket(), entry.kept, &entry.state) {
            (_, _, State::Ended(_) | State::GivingUp) => {}
            (Some(live), _, _) => {
                entry.state = State::Stopping(live, Rein::GiveUp);
                out.push(Effect::Rein(live, Rein::GiveUp));
            }
            (None, Some(number), _) => {
                used = true;
                entry.state = State::GivingUp;
                out.push(Effect::GiveUpJob(ticket, number));
            }
            (None, None, _) => {
                entry.state = State::Ended(End::GivenUp);
                entry.ended_at = Some(now);
            }
        }
    }
    if !used {
        model.waits.remove(&ticket);
    }
    pump(model, out);
}

/// Changes places with the entry before or behind.
pub(crate) fn swap(model: &mut Model, by: isize) {
    let queue = &mut model.transfers;
    let line = queue.line();
    let Some(other) = line.checked_add_signed(by).filter(|other| *other < queue.entries.len()) else { return };
    queue.entries.swap(line, other);
    queue.keep_in_view();
}

/// One more at once.
pub(crate) fn more(model: &mut Model, out: &mut Vec<Effect>) {
    model.transfers.parallel = (model.transfers.parallel + 1).min(MOST);
    say_parallel(model);
    pump(model, out);
}

/// One fewer at once; those that run go on to their end.
pub(crate) fn fewer(model: &mut Model) {
    model.transfers.parallel = (model.transfers.parallel - 1).max(1);
    say_parallel(model);
}

fn say_parallel(model: &mut Model) {
    let text = match model.transfers.parallel {
        1 => "1 transfer at a time".to_owned(),
        MOST => format!("{MOST} transfers at a time, the most there are"),
        count => format!("{count} transfers at a time"),
    };
    model.say(Tone::Plain, text);
}

/// Asks for a limit of bandwidth.
pub(crate) fn limit(model: &mut Model) {
    let text = model.transfers.limit.map(super::amount::shown).unwrap_or_default();
    let field = LimitField { field: Field::with(&text), complaint: None };
    model.dialog = Some(Dialog::Transfers(Question::Limit(field)));
}

/// Clears ended jobs off the list.
pub(crate) fn clear(model: &mut Model) {
    let line = model.transfers.line();
    model.transfers.entries.retain(|entry| !matches!(entry.state, State::Ended(_)));
    if model.transfers.selected().is_none() {
        model.transfers.select_line(line);
    }
    model.transfers.keep_in_view();
}
