//! What the jobs report. A report under a ticket that nobody waits for changes nothing.

use crate::domain::{Error, ErrorKind, Result};
use crate::transfer::{Ending, Fate, ItemEnd, Job, JobId, Original, Progress, Rein};

use super::super::model::{Screen, Tone, Wait};
use super::super::{Dialog, Effect, Model, Ticket, acts};
use super::{End, Entry, EntryId, FAILURES, Question, State, Turn, lists, pump};

/// Whether the report was expected.
#[must_use]
pub(crate) fn begun(model: &mut Model, ticket: Ticket, number: JobId) -> bool {
    let Some(entry) = of(model, ticket) else { return false };
    entry.kept = Some(number);
    true
}

/// How far a job is.
pub(crate) fn moved(model: &mut Model, ticket: Ticket, progress: Progress) -> bool {
    let now = model.now;
    let Some(entry) = of(model, ticket) else { return false };
    let (id, grew) = (entry.id, done(&entry.progress) < done(&progress));
    entry.meter.feed(now, progress.moved);
    let planned = matches!(entry.state, State::Planning(_)) && progress.counted;
    entry.progress = progress;
    if planned {
        entry.state = State::Planned(ticket);
    }
    if grew {
        lists::came(model, id);
    }
    if planned {
        ask_for_word(model);
    }
    true
}

/// Objects that have ended well.
pub(super) fn done(progress: &Progress) -> u64 {
    progress.ended.saturating_sub(progress.failed)
}

/// The first keys of a job are known.
pub(crate) fn named(model: &mut Model, ticket: Ticket, names: Vec<String>) -> bool {
    let Some(entry) = of(model, ticket) else { return false };
    entry.names.extend(names);
    true
}

/// Keys are gone.
pub(crate) fn took(model: &mut Model, ticket: Ticket, mut keys: Vec<String>) -> bool {
    let Some(entry) = of(model, ticket) else { return false };
    entry.took += keys.len() as u64;
    let id = entry.id;
    keys.sort_unstable();
    lists::went(model, id, &keys);
    true
}

/// Shows the first plan that waits for somebody's word, unless something else is being asked.
pub(super) fn ask_for_word(model: &mut Model) {
    let waiting = super::planned(model).map(|entry| entry.id);
    let (None, None, Some(entry)) = (&model.dialog, &model.editing, waiting) else { return };
    // What goes away is asked about with all that its own dialog asks for: the bucket's name, where that has to be typed.
    let goes = model.transfers.get(entry).is_some_and(|entry| match &entry.job {
        Job::Delete(_) => true,
        Job::Copy(copy) => copy.original == Original::Goes,
        Job::Upload(_) | Job::Download(_) => false,
    });
    if goes {
        return acts::confirm::ask_again(model, entry);
    }
    model.dialog = Some(Dialog::Transfers(Question::Approve { entry, shown: None }));
}

/// An object failed or was refused.
pub(crate) fn item(model: &mut Model, ticket: Ticket, end: ItemEnd) -> bool {
    let Some(entry) = of(model, ticket) else { return false };
    if entry.failures.len() >= FAILURES {
        entry.failures.pop_front();
    }
    entry.failures.push_back(end);
    true
}

/// A job has ended.
pub(crate) fn ended(model: &mut Model, ticket: Ticket, progress: Progress, ending: Ending, out: &mut Vec<Effect>) -> bool {
    let now = model.now;
    let Some(entry) = of(model, ticket) else { return false };
    let id = entry.id;
    entry.meter.feed(now, progress.moved);
    entry.progress = progress;
    entry.meter.pause(now);
    entry.ended_at = Some(now);
    entry.state = after(entry, ending);
    model.waits.remove(&ticket);
    lists::ended(model, id);
    announce(model, id);
    pump(model, out);
    true
}

fn after(entry: &Entry, ending: Ending) -> State {
    match ending {
        Ending::Done => State::Ended(End::Done),
        Ending::Partly => State::Ended(End::Partly),
        // New keys let it go on where it stands.
        Ending::Failed(error) if error.kind() == ErrorKind::Credentials && entry.kept.is_some() => State::Kept(Some(error)),
        Ending::Failed(error) => State::Ended(End::Failed(error)),
        Ending::Stopped if matches!(entry.state, State::CalledOff(_) | State::Stopping(_, Rein::GiveUp)) || entry.kept.is_none() => {
            State::Ended(End::GivenUp)
        }
        Ending::Stopped => State::Kept(None),
    }
}

/// The status line says how it ended.
fn announce(model: &mut Model, id: EntryId) {
    let Some(entry) = model.transfers.get(id) else { return };
    let about = entry.about.clone();
    let (tone, text) = match &entry.state {
        State::Ended(End::Done) => (Tone::Good, format!("{about}: {}", outcome(&entry.progress))),
        State::Ended(End::Partly) => match only_failure(entry) {
            Some(error) => (Tone::Bad, format!("{about}: {}. {}", error.message(), error.hint_text().unwrap_or("Press 3 to see it."))),
            None => (Tone::Warning, format!("{about}: {} (3 shows which)", partly(entry))),
        },
        State::Ended(End::Failed(error)) => {
            (Tone::Bad, format!("{about}: {}. {}", error.message(), error.hint_text().unwrap_or("Press 3 to see it.")))
        }
        State::Ended(End::GivenUp) if entry.progress.ended == 0 && entry.progress.moved == 0 => {
            (Tone::Plain, format!("{about}: called off before anything was done"))
        }
        State::Ended(End::GivenUp) => (Tone::Plain, format!("{about}: given up; what was under way is removed")),
        State::Kept(Some(error)) => {
            (Tone::Bad, format!("{about}: {}. {} Then go on with r on screen 3.", error.message(), error.hint_text().unwrap_or_default()))
        }
        State::Kept(None) => (Tone::Plain, format!("{about}: stopped and kept; r on screen 3 goes on with it")),
        State::Waiting(_)
        | State::Planning(_)
        | State::Planned(_)
        | State::Running(_)
        | State::Paused(_)
        | State::CalledOff(_)
        | State::Stopping(..)
        | State::GivingUp => return,
    };
    // Who goes to the queue because of this finds it under the cursor.
    if !matches!(tone, Tone::Good | Tone::Plain) && model.screen != Screen::Transfers {
        model.transfers.selected = Some(id);
        model.transfers.keep_in_view();
    }
    model.say(tone, text);
}

/// Why a job of one object failed.
fn only_failure(entry: &Entry) -> Option<&Error> {
    match entry.failures.back().map(|end| &end.fate) {
        Some(Fate::Failed(error)) if entry.progress.objects == 1 => Some(error),
        Some(Fate::Failed(_) | Fate::Exists | Fate::LeftOut(_) | Fate::Done(_)) | None => None,
    }
}

/// What was kept because something of its name exists did as it was told: it has not failed.
fn partly(entry: &Entry) -> String {
    let exist = entry.failures.iter().filter(|end| matches!(end.fate, Fate::Exists)).count();
    let progress = &entry.progress;
    match u64::try_from(exist) {
        Ok(exist) if exist > 0 && exist == progress.failed => {
            let done = outcome(&Progress { failed: 0, ended: progress.ended.saturating_sub(exist), ..progress.clone() });
            format!("{done}, {exist} not replaced: something of that name exists")
        }
        Ok(_) | Err(_) => outcome(progress),
    }
}

/// `3 of 4 done, 1 failed`.
pub(crate) fn outcome(progress: &Progress) -> String {
    let done = done(progress);
    let all = progress.objects.max(progress.ended);
    let failed = if progress.failed > 0 { format!(", {} failed", progress.failed) } else { String::new() };
    format!("{done} of {all} done{failed}")
}

/// What a kept job had under way is gone, or not.
pub(crate) fn given_up(model: &mut Model, ticket: Ticket, answer: Result<()>) -> bool {
    let Some(Wait::GiveUp(id)) = model.waits.get(&ticket).copied() else { return false };
    model.waits.remove(&ticket);
    let now = model.now;
    let Some(entry) = model.transfers.get_mut(id) else { return true };
    let about = entry.about.clone();
    match answer {
        Ok(()) => {
            entry.state = State::Ended(End::GivenUp);
            entry.ended_at = Some(now);
            model.say(Tone::Plain, format!("{about}: given up; what was under way is removed"));
        }
        Err(error) => {
            let text = format!("{about}: {}. {}", error.message(), error.hint_text().unwrap_or_default());
            entry.state = State::Kept(Some(error));
            model.say(Tone::Bad, text);
        }
    }
    true
}

/// The entry whose job has this ticket.
fn of(model: &mut Model, ticket: Ticket) -> Option<&mut Entry> {
    let Some(Wait::Job(id)) = model.waits.get(&ticket).copied() else { return None };
    model.transfers.get_mut(id)
}

/// Whether a job is in a state in which it may be paused or gone on with.
pub(super) fn turn_of(state: &State) -> Option<Turn> {
    match state {
        State::Waiting(turn) | State::Paused(turn) => Some(*turn),
        State::Running(ticket) => Some(Turn::GoesOn(*ticket)),
        State::Planning(_) | State::Planned(_) | State::CalledOff(_) | State::Stopping(..) => None,
        State::Kept(_) | State::GivingUp | State::Ended(_) => None,
    }
}
