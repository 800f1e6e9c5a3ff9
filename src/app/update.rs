//! The one entrance: a fact comes in, orders go out.

use jiff::Timestamp;

use crate::domain::{Result, Sum};
use crate::transfer::Rein;

use super::acts::Answer;
use super::model::{Phase, Size, Tone, Wait};
use super::{
    Effect, Model, Msg, Ticket, accounts, acts, alarms, budget, change, dialog, ending, journal, keys, ledger, mouse, objects, preflight,
    probe, reading, start, toll, transfers,
};

/// Takes one fact and says what is to be done. `now` is when the fact came.
pub fn update(model: &mut Model, now: Timestamp, msg: Msg) -> Vec<Effect> {
    model.now = now;
    let mut out = Vec::new();
    if let Msg::Drawn = msg {
        model.note_drawn();
        change::note_drawn(model);
        dialog::note_drawn(model);
        alarms::note_drawn(model, &mut out);
        return out;
    }
    if take(model, msg, &mut out) == Taken::Stale {
        toll::gate(model, &mut out);
        return out;
    }
    if matches!(model.phase, Phase::Ready) && !model.leaving {
        reading::pump(model, &mut out);
        objects::pump(model, &mut out);
        ledger::pump(model, &mut out);
        acts::confirm::pump(model);
        keys::drop_question(model);
    }
    toll::gate(model, &mut out);
    model.touch();
    out
}

/// Whether a fact was still expected.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Taken {
    Used,
    Stale,
}

impl Taken {
    fn when(expected: bool) -> Self {
        if expected { Self::Used } else { Self::Stale }
    }
}

pub(super) fn take(model: &mut Model, msg: Msg, out: &mut Vec<Effect>) -> Taken {
    match msg {
        Msg::Key(key) => keys::press(model, key, out),
        Msg::Paste(text) => keys::paste(model, &text),
        Msg::Mouse(event) => mouse::act(model, event, out),
        Msg::Resized { width, height } => resized(model, Size { width, height }, out),
        Msg::Drawn => {}
        Msg::Spent(spent) if spent == model.spent => return Taken::Stale,
        Msg::Spent(spent) => {
            model.spent = spent;
            toll::spent(model);
            budget::spent(model, out);
        }
        Msg::PageListed(ticket, page) => match model.waits.get(&ticket) {
            Some(Wait::Keys) => objects::pages::take(model, ticket, page, out),
            _ => return Taken::Stale,
        },
        Msg::Arranged(ticket, rows) => return once(model, ticket, Wait::Arrange, |model| objects::arranging::take(model, ticket, rows)),
        Msg::VersionsListed(ticket, answer) => return acted(model, ticket, Answer::Versions(answer), out),
        Msg::Inspected(ticket, answer) => return acted(model, ticket, Answer::Inspected(answer), out),
        Msg::Previewed(ticket, answer) => return acted(model, ticket, Answer::Previewed(answer), out),
        Msg::Looked(ticket, shown) => return acted(model, ticket, Answer::Looked(shown), out),
        Msg::FolderRead(ticket, answer) => return acted(model, ticket, Answer::Folder(answer), out),
        Msg::Presigned(ticket, answer) => return acted(model, ticket, Answer::Link(answer), out),
        Msg::JobBegun(ticket, number) => return Taken::when(transfers::begun(model, ticket, number)),
        Msg::JobMoved(ticket, progress) => return Taken::when(transfers::moved(model, ticket, progress)),
        Msg::JobNamed(ticket, names) => return Taken::when(transfers::named(model, ticket, names)),
        Msg::JobTook(ticket, keys) => return Taken::when(transfers::took(model, ticket, keys)),
        Msg::JobItem(ticket, end) => return Taken::when(transfers::item(model, ticket, end)),
        Msg::JobEnded(ticket, progress, ending) => return Taken::when(transfers::ended(model, ticket, progress, ending, out)),
        Msg::JobGivenUp(ticket, answer) => return Taken::when(transfers::given_up(model, ticket, answer)),
        Msg::UploadsListed(ticket, answer) => return Taken::when(transfers::uploads_listed(model, ticket, answer)),
        Msg::UploadsAborted(ticket, failed) => return Taken::when(transfers::uploads_aborted(model, ticket, failed)),
        Msg::Notice(error) => {
            let hint = error.hint_text().map(|hint| format!(". {hint}")).unwrap_or_default();
            model.say(Tone::Warning, format!("{}{hint}", error.message()));
        }
        Msg::Alarm(alarm) => alarms::take(model, alarm),
        // It is judged with all that is ordered.
        Msg::StoppedAtDoor(at) => out.push(Effect::LetPass(at)),
        Msg::LeftDoor(pass) => toll::gone(model, pass),
        Msg::Terminate => keys::leave(model, Rein::Stop, out),
        Msg::Elapsed(ticket) => return elapsed(model, ticket, out),
        Msg::Listed(ticket, page) => return listed(model, ticket, page, out),
        Msg::PayerAccepted(ticket) => return payer_accepted(model, ticket),
        Msg::Loaded(ticket, answer) => return once(model, ticket, Wait::Load, |model| start::loaded(model, answer, out)),
        Msg::JournalRead(ticket, answer) => return once(model, ticket, Wait::Journal, |model| journal::take(model, answer)),
        Msg::LedgerRead(ticket, answer) => return ledger_read(model, ticket, answer),
        Msg::RequestsRead(ticket, answer) => {
            return once(model, ticket, Wait::Requests, |model| ledger::requests_read(model, answer));
        }
        Msg::ConfigWritten(ticket, answer) => {
            return once(model, ticket, Wait::WriteConfig, |model| start::config_written(model, answer));
        }
        Msg::Identified(ticket, answer) => return identified(model, ticket, answer, out),
        Msg::Probed(ticket, answer) => match model.waits.remove(&ticket) {
            Some(Wait::Probe(id)) => probe::take(model, id, answer),
            other => return put_back(model, ticket, other),
        },
        Msg::PayerRead(ticket, answer) => match model.waits.remove(&ticket) {
            Some(Wait::Payer(id)) => reading::read(model, ticket, id, answer, out),
            other => return put_back(model, ticket, other),
        },
        Msg::BucketSeen(ticket, look) => match model.waits.get(&ticket) {
            Some(Wait::Look(id)) => preflight::take(model, ticket, *id, look, out),
            _ => return Taken::Stale,
        },
        Msg::PayerChanged(ticket, ended) => match model.waits.remove(&ticket) {
            Some(Wait::Change(id)) => ending::changed(model, id, ended, out),
            other => return put_back(model, ticket, other),
        },
    }
    Taken::Used
}

fn acted(model: &mut Model, ticket: Ticket, answer: Answer, out: &mut Vec<Effect>) -> Taken {
    if acts::take(model, ticket, answer, out) { Taken::Used } else { Taken::Stale }
}

/// An answer that comes once: used if its ticket still waits for that.
fn once(model: &mut Model, ticket: Ticket, wanted: Wait, act: impl FnOnce(&mut Model)) -> Taken {
    let wait = model.waits.remove(&ticket);
    if wait != Some(wanted) {
        return put_back(model, ticket, wait);
    }
    act(model);
    Taken::Used
}

/// Groups, or the days of the chart.
fn ledger_read(model: &mut Model, ticket: Ticket, answer: Result<Vec<Sum>>) -> Taken {
    if model.waits.get(&ticket) == Some(&Wait::Days) {
        return once(model, ticket, Wait::Days, |model| ledger::days_read(model, answer));
    }
    once(model, ticket, Wait::Sums, |model| ledger::groups_read(model, answer))
}

/// An answer of another kind than its ticket waits for: it changes nothing.
fn put_back(model: &mut Model, ticket: Ticket, wait: Option<Wait>) -> Taken {
    if let Some(wait) = wait {
        model.waits.insert(ticket, wait);
    }
    Taken::Stale
}

fn resized(model: &mut Model, size: Size, out: &mut Vec<Effect>) {
    model.size = size;
    model.refit();
    if matches!(model.phase, Phase::Blank) {
        let start = model.start;
        start::load(model, start, out);
    }
    if model.panes().is_none() && change::call_off_all(model, out) > 0 {
        model.say(Tone::Warning, "waiting changes were called off: the terminal became too small to show them");
    }
}

fn elapsed(model: &mut Model, ticket: Ticket, out: &mut Vec<Effect>) -> Taken {
    match model.waits.remove(&ticket) {
        Some(Wait::Grace(id)) => {
            change::tick(model, ticket, id, out);
            Taken::Used
        }
        Some(Wait::Rearrange) => {
            objects::arranging::rested(model);
            Taken::Used
        }
        other => put_back(model, ticket, other),
    }
}

fn listed(model: &mut Model, ticket: Ticket, page: Result<super::Listing>, out: &mut Vec<Effect>) -> Taken {
    let Some(Wait::List(index)) = model.waits.get(&ticket).copied() else { return Taken::Stale };
    accounts::listed(model, ticket, index, page, out);
    Taken::Used
}

fn payer_accepted(model: &mut Model, ticket: Ticket) -> Taken {
    let Some(Wait::Change(id)) = model.waits.get(&ticket).copied() else { return Taken::Stale };
    change::accepted(model, id);
    Taken::Used
}

fn identified(model: &mut Model, ticket: Ticket, answer: Result<super::Identified>, out: &mut Vec<Effect>) -> Taken {
    match model.waits.remove(&ticket) {
        Some(Wait::Identify(index)) => {
            accounts::identified(model, index, answer, out);
            Taken::Used
        }
        other => put_back(model, ticket, other),
    }
}
