//! What is asked about transfers. Enter alone is no; a key counts only once the question was seen.

use jiff::Timestamp;

use super::super::change::SETTLE;
use super::super::model::Tone;
use super::super::{Dialog, Effect, Field, Key, KeyCode, Model, budget};
use super::{EntryId, State, Turn, Uploads, amount, approve, decline, orders, sides, uploads};

/// An open question.
#[derive(Debug)]
pub(crate) enum Question {
    /// Stop the job, or give it up?
    Cancel { entry: EntryId, shown: Option<Timestamp> },
    /// Do what was planned?
    Approve { entry: EntryId, shown: Option<Timestamp> },
    /// Go on, and pay for it again?
    Resume { entry: EntryId, shown: Option<Timestamp> },
    /// These were left unfinished: the line of the cursor.
    Leftovers { line: usize, shown: Option<Timestamp> },
    /// How many bytes a second?
    Limit(LimitField),
    /// A bucket's unfinished multipart uploads.
    Uploads(Uploads),
}

impl Question {
    /// Whether arrow keys move through it; in the others they answer no.
    pub(crate) fn has_lines(&self) -> bool {
        match self {
            Self::Leftovers { .. } => true,
            Self::Uploads(uploads) => uploads.has_lines(),
            Self::Cancel { .. } | Self::Approve { .. } | Self::Resume { .. } | Self::Limit(_) => false,
        }
    }

    /// Whether its text is shown page by page where it does not fit.
    pub(crate) fn has_pages(&self) -> bool {
        match self {
            Self::Cancel { .. } | Self::Approve { .. } | Self::Resume { .. } | Self::Limit(_) => true,
            Self::Uploads(uploads) => uploads.is_asking(),
            Self::Leftovers { .. } => false,
        }
    }
}

/// A limit being typed.
#[derive(Debug)]
pub(crate) struct LimitField {
    pub(crate) field: Field,
    pub(crate) complaint: Option<String>,
}

/// What can be answered to [`Question::Cancel`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cancelling {
    /// It can be kept for later, or given up.
    StopOrGiveUp,
    /// There is nothing to keep, or it is kept already.
    GiveUp,
}

/// The keys that mean yes.
pub(crate) fn cancelling(state: &State) -> Cancelling {
    match state {
        State::Running(_) | State::Waiting(Turn::GoesOn(_)) | State::Paused(Turn::GoesOn(_)) => Cancelling::StopOrGiveUp,
        State::Waiting(Turn::Begins)
        | State::Paused(Turn::Begins)
        | State::Planning(_)
        | State::Planned(_)
        | State::CalledOff(_)
        | State::Stopping(..)
        | State::Kept(_)
        | State::GivingUp
        | State::Ended(_) => Cancelling::GiveUp,
    }
}

/// The frame is on screen: keys begin to count.
pub(crate) fn note_drawn(question: &mut Question, now: Timestamp) {
    match question {
        Question::Cancel { shown, .. }
        | Question::Approve { shown, .. }
        | Question::Resume { shown, .. }
        | Question::Leftovers { shown, .. } => {
            shown.get_or_insert(now);
        }
        Question::Limit(_) => {}
        Question::Uploads(uploads) => uploads.note_drawn(now),
    }
}

/// Pasted text goes into the field, and confirms nothing.
pub(crate) fn paste(question: &mut Question, text: &str) {
    match question {
        Question::Limit(limit) => limit.field.paste(text),
        Question::Cancel { .. }
        | Question::Approve { .. }
        | Question::Resume { .. }
        | Question::Leftovers { .. }
        | Question::Uploads(_) => {}
    }
}

/// A key while a question is open.
pub(crate) fn press(model: &mut Model, key: Key, out: &mut Vec<Effect>) {
    let Some(Dialog::Transfers(question)) = &mut model.dialog else { return };
    let now = model.now;
    let seen = |shown: &Option<Timestamp>| shown.is_some_and(|shown| now.duration_since(shown) >= SETTLE);
    match question {
        Question::Cancel { entry, shown } => {
            let (entry, seen) = (*entry, seen(shown));
            cancel_key(model, key, entry, seen, out);
        }
        Question::Approve { entry, shown } => {
            let (entry, seen) = (*entry, seen(shown));
            approve_key(model, key, entry, seen, out);
        }
        Question::Resume { entry, shown } => {
            let (entry, seen) = (*entry, seen(shown));
            resume_key(model, key, entry, seen, out);
        }
        Question::Leftovers { line, shown } => {
            let (line, seen) = (*line, seen(shown));
            leftovers_key(model, key, line, seen, out);
        }
        Question::Limit(_) => limit_key(model, key, out),
        Question::Uploads(_) => uploads::press(model, key, out),
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "every other key means no")]
fn cancel_key(model: &mut Model, key: Key, entry: EntryId, seen: bool, out: &mut Vec<Effect>) {
    let ways = model.transfers.get(entry).map(|entry| cancelling(&entry.state));
    match key.code {
        KeyCode::Char('s' | 'g') if !seen => return,
        KeyCode::Char('s') if ways == Some(Cancelling::StopOrGiveUp) => orders::stop(model, entry, out),
        KeyCode::Char('g') => orders::give_up(model, entry, out),
        _ => {}
    }
    model.dialog = None;
}

#[expect(clippy::wildcard_enum_match_arm, reason = "every other key decides nothing")]
fn approve_key(model: &mut Model, key: Key, entry: EntryId, seen: bool, out: &mut Vec<Effect>) {
    match key.code {
        KeyCode::Char('y' | 'n') if !seen => return,
        KeyCode::Char('y') => {
            // The question has said which budgets that passes.
            let sides = model.transfers.get(entry).map(|entry| sides(model, entry)).unwrap_or_default();
            let over = budget::judge(model, &sides).over;
            budget::agree(model, &over, out);
            approve(model, entry, out);
        }
        KeyCode::Char('n') => decline(model, entry, out),
        _ => model.say(Tone::Plain, "it waits on screen 3: Space asks again, x takes it away"),
    }
    model.dialog = None;
}

#[expect(clippy::wildcard_enum_match_arm, reason = "every other key means no")]
fn resume_key(model: &mut Model, key: Key, entry: EntryId, seen: bool, out: &mut Vec<Effect>) {
    match key.code {
        KeyCode::Char('y') if !seen => return,
        KeyCode::Char('y') => orders::begin(model, entry, out),
        _ => model.say(Tone::Plain, "not resumed: it stays on screen 3"),
    }
    if matches!(model.dialog, Some(Dialog::Transfers(Question::Resume { .. }))) {
        model.dialog = None;
    }
}

/// Jobs of the list of leftovers, in its order.
pub(crate) fn leftovers(model: &Model) -> Vec<EntryId> {
    model.transfers.entries.iter().filter(|entry| matches!(entry.state, State::Kept(_))).map(|entry| entry.id).collect()
}

#[expect(clippy::wildcard_enum_match_arm, reason = "every other key leaves them for later")]
fn leftovers_key(model: &mut Model, key: Key, line: usize, seen: bool, out: &mut Vec<Effect>) {
    let entries = leftovers(model);
    let last = entries.len().saturating_sub(1);
    let to = match key.code {
        KeyCode::Up | KeyCode::Char('k') => line.saturating_sub(1),
        KeyCode::Down | KeyCode::Char('j') => (line + 1).min(last),
        KeyCode::Char('r' | 'x') if !seen => line,
        KeyCode::Char(c @ ('r' | 'x')) => {
            model.dialog = None;
            super::super::keys::run(model, super::super::action::Action::ShowTransfers, out);
            model.transfers.selected = entries.get(line).copied();
            return if c == 'r' { orders::retry(model, out) } else { orders::cancel(model) };
        }
        _ => {
            model.dialog = None;
            return model.say(Tone::Plain, "they stay on screen 3, and are offered again at the next start");
        }
    };
    if let Some(Dialog::Transfers(Question::Leftovers { line, .. })) = &mut model.dialog {
        *line = to;
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "every other key edits the text")]
fn limit_key(model: &mut Model, key: Key, out: &mut Vec<Effect>) {
    let Some(Dialog::Transfers(Question::Limit(limit))) = &mut model.dialog else { return };
    match key.code {
        KeyCode::Esc => model.dialog = None,
        KeyCode::Enter => match amount::read(limit.field.text()) {
            Ok(bytes) => set_limit(model, bytes, out),
            Err(complaint) => limit.complaint = Some(complaint),
        },
        _ => {
            limit.complaint = None;
            limit.field.press(key);
        }
    }
}

fn set_limit(model: &mut Model, bytes: Option<u64>, out: &mut Vec<Effect>) {
    model.dialog = None;
    model.transfers.limit = bytes;
    out.push(Effect::LimitBandwidth(bytes));
    let text = match bytes {
        Some(bytes) => format!("at most {} bytes a second for all transfers together", amount::shown(bytes)),
        None => "no limit of bandwidth".to_owned(),
    };
    model.say(Tone::Plain, text);
}
