//! Everything known of one transfer: what went wrong first, then who pays, how far it is, how fast it went.

use crate::app::{End, Model, State, Transfer, outcome};
use crate::domain::Error;
use crate::transfer::{Fate, ItemEnd, Job};

use super::details::Fact;
use super::look::{Look, Role};
use super::transfers::{left, percent, rate, state};
use super::words;

/// How many seconds the chart shows: with rate and time left behind them they fit a line of 80 columns.
const NEWEST: usize = 44;
/// Levels of the chart, lowest first.
const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
const PLAIN: [char; 8] = ['_', '.', ',', '-', '=', '+', '*', '#'];

/// How many failures stand above everything else; the others are below.
const FIRST: usize = 2;

/// Labelled lines.
pub(super) fn facts(model: &Model, entry: &Transfer, look: &Look) -> Vec<Fact> {
    let (word, role) = state(entry);
    let mut facts = vec![("state", format!("{word}: {}", progress(entry)), role)];
    if let State::Kept(Some(error)) | State::Ended(End::Failed(error)) = &entry.state {
        facts.push(("cause", sentence(error), Role::Bad));
    }
    let mut failures = entry.failures.iter().rev().map(failure);
    facts.extend(failures.by_ref().take(FIRST));
    facts.push(("payer", payer(model, entry), if entry.pays_as_requester() { Role::Requester } else { Role::Owner }));
    facts.extend(speed(entry, look).map(|text| ("rate", text, Role::Plain)));
    let tally = entry.progress.tally;
    let asked = format!("{}, {} of them retries; {} answers said charged", words::requests(tally.requests), tally.retries, tally.charged);
    facts.push(("asked", asked, Role::Plain));
    facts.push(("times", times(model, entry), Role::Muted));
    let hidden = entry.progress.failed.saturating_sub(u64::try_from(entry.failures.len()).unwrap_or(u64::MAX));
    facts.extend(failures);
    if hidden > 0 && !entry.failures.is_empty() {
        facts.push(("", format!("and {hidden} before these"), Role::Muted));
    }
    facts
}

fn progress(entry: &Transfer) -> String {
    let progress = &entry.progress;
    let share = percent(progress).map(|percent| format!(", {percent} %")).unwrap_or_default();
    let bytes = match &entry.job {
        _ if progress.bytes == 0 => String::new(),
        // What is deleted is not moved.
        Job::Delete(_) => format!(", {} in all", words::size(progress.bytes)),
        Job::Upload(_) | Job::Download(_) | Job::Copy(_) => {
            format!(", {} of {} moved", words::size(progress.moved), words::size(progress.bytes))
        }
    };
    let open = if progress.counted { "" } else { " so far" };
    format!("{}{bytes}{open}{share}", outcome(progress))
}

fn payer(model: &Model, entry: &Transfer) -> String {
    let who = entry.payer(model);
    if entry.pays_as_requester() {
        format!("{who}: every request that takes it carries the payer header")
    } else {
        format!("{who}: no payer header is sent")
    }
}

/// How fast it goes, or went; `None`: it moved nothing, or too little to tell.
fn speed(entry: &Transfer, look: &Look) -> Option<String> {
    let levels = if look.is_ascii() { PLAIN } else { BLOCKS };
    let history = entry.meter.history();
    let chart = chart(history, levels);
    let rest = left(entry).map(|left| format!(", {left} left")).unwrap_or_default();
    let now = match &entry.state {
        State::Running(_) => format!("{}{rest}", rate(entry.meter.rate())),
        State::Ended(_) if history.iter().all(|bytes| *bytes == 0) => return None,
        State::Ended(_) => return Some(format!("{chart} until it ended")),
        State::Waiting(_) | State::Planning(_) | State::Planned(_) => return Some(chart).filter(|chart| !chart.is_empty()),
        State::Paused(_) | State::CalledOff(_) | State::Stopping(..) | State::Kept(_) | State::GivingUp => "stands".to_owned(),
    };
    Some(if chart.is_empty() { now } else { format!("{chart} {now}") })
}

/// One sign for each second; the fastest one is the highest.
fn chart(history: &[u64], levels: [char; 8]) -> String {
    let highest = history.iter().copied().max().unwrap_or(0).max(1);
    let level = |rate: u64| usize::try_from(u128::from(rate) * 7 / u128::from(highest)).unwrap_or(7).min(7);
    let newest = history.iter().skip(history.len().saturating_sub(NEWEST));
    newest.filter_map(|rate| levels.get(level(*rate))).collect()
}

fn times(model: &Model, entry: &Transfer) -> String {
    let time = |at| words::full_time(at, &model.zone);
    let begun = entry.begun_at.map_or_else(|| "not begun".to_owned(), |at| format!("begun {}", time(at)));
    entry.ended_at.map_or(begun.clone(), |at| format!("{begun}, ended {}", time(at)))
}

fn failure(end: &ItemEnd) -> Fact {
    let name = if end.source.is_empty() { &end.target } else { &end.source };
    match &end.fate {
        Fate::Failed(error) => ("failed", format!("{name}: {}", sentence(error)), Role::Bad),
        Fate::Exists => ("exists", format!("{}: something has this name, and was kept", end.target), Role::Warning),
        Fate::LeftOut(why) => ("left out", format!("{name}: {why}"), Role::Muted),
        Fate::Done(remark) => ("done", format!("{name}: {}", remark.as_deref().unwrap_or("done")), Role::Muted),
    }
}

/// What happened, what to do, and the request id to ask about.
fn sentence(error: &Error) -> String {
    let hint = error.hint_text().map(|hint| format!(". {hint}")).unwrap_or_default();
    let id = error.request_id().map(|id| format!(" (request id {id})")).unwrap_or_default();
    format!("{}{hint}{id}", error.message())
}
