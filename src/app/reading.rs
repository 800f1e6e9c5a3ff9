//! Which payers are read, and when: what is in sight and one screen beyond; the rest only when a question needs it.
//!
//! At most [`MOST_IN_FLIGHT`] questions are under way, and a bucket is asked once unless the person refreshes it.

use std::collections::VecDeque;

use crate::domain::{Error, ErrorKind, Op, PayerReading, Result};

use super::board::{Asked, RowId};
use super::model::{Tone, Wait};
use super::{Column, Effect, ListState, Model, PayerFact, Ticket, change, diagnosis, plan};

/// How many GetBucketRequestPayment are under way at most.
pub(crate) const MOST_IN_FLIGHT: usize = 32;

/// With several accounts, one whose store hangs must leave room for the others.
const MOST_PER_ACCOUNT: usize = 24;

/// The readings that wait.
#[derive(Debug, Default)]
pub(crate) struct Reads {
    /// How many are under way.
    in_flight: usize,
    /// Asked for by the person: refreshed rows and rows whose change waits for a reading.
    urgent: VecDeque<RowId>,
    /// Per account, what a sort, filter or count still needs; empty when nothing does.
    rest: Vec<VecDeque<RowId>>,
    /// A sort, filter or count asked for every payer.
    pub(crate) all: bool,
    /// A bucket whose `p` came before its payer was known.
    pub(crate) asked_by_toggle: Option<RowId>,
}

/// Orders as many readings as there is room for. Called once per message.
pub(crate) fn pump(model: &mut Model, out: &mut Vec<Effect>) {
    while model.reads.in_flight < MOST_IN_FLIGHT {
        let Some(id) = next(model) else { break };
        start(model, id, out);
    }
    // While a listing runs, more buckets may come into scope.
    let listing = model.accounts.iter().any(|account| matches!(account.listing, ListState::Reading(_)));
    if model.reads.all && !listing && pending(model) == 0 {
        model.reads.all = false;
    }
}

fn next(model: &mut Model) -> Option<RowId> {
    while let Some(id) = model.reads.urgent.pop_front() {
        if may_ask(model, id) {
            return Some(id);
        }
    }
    let in_sight = model.board.window().iter().copied().find(|id| is_unasked(model, *id) && has_room(model, *id));
    in_sight.or_else(|| next_of_rest(model))
}

fn next_of_rest(model: &mut Model) -> Option<RowId> {
    for account in 0..model.reads.rest.len() {
        if model.accounts.get(account).is_some_and(|state| state.reading >= most_per_account(model)) {
            continue;
        }
        while let Some(id) = model.reads.rest.get_mut(account).and_then(VecDeque::pop_front) {
            if is_unasked(model, id) {
                return Some(id);
            }
        }
    }
    None
}

fn most_per_account(model: &Model) -> usize {
    if model.accounts.len() > 1 { MOST_PER_ACCOUNT } else { MOST_IN_FLIGHT }
}

fn has_room(model: &Model, id: RowId) -> bool {
    model.account_of(id).is_some_and(|account| account.reading < most_per_account(model))
}

fn is_unasked(model: &Model, id: RowId) -> bool {
    model.board.row(id).is_some_and(|row| row.asked == Asked::Never && !row.gone) && !model.flows.contains_key(&id)
}

/// Not while a change is under way: it ends with a reading of its own.
fn may_ask(model: &Model, id: RowId) -> bool {
    let under_way = model.flows.get(&id).is_some_and(|flow| flow.is_under_way());
    !under_way && model.board.row(id).is_some_and(|row| !matches!(row.asked, Asked::Asking(_)))
}

fn start(model: &mut Model, id: RowId, out: &mut Vec<Effect>) {
    let Some(place) = model.place_of(id) else { return };
    let ticket = model.wait(Wait::Payer(id));
    count(model, id, 1);
    if let Some(row) = model.board.row_mut(id) {
        row.asked = Asked::Asking(ticket);
    }
    out.push(Effect::ReadPayer(ticket, place));
}

fn count(model: &mut Model, id: RowId, change: isize) {
    model.reads.in_flight = model.reads.in_flight.saturating_add_signed(change);
    let account = model.board.row(id).map(|row| usize::from(row.account));
    if let Some(account) = account.and_then(|index| model.accounts.get_mut(index)) {
        account.reading = account.reading.saturating_add_signed(change);
    }
}

/// Reads a bucket (again) before anything else.
pub(crate) fn ask(model: &mut Model, id: RowId) {
    model.reads.urgent.push_back(id);
}

/// Forgets a reading under way: a change has begun, and what is read meanwhile would be neither before nor after it.
pub(crate) fn drop_reading(model: &mut Model, id: RowId, out: &mut Vec<Effect>) {
    let Some(row) = model.board.row_mut(id) else { return };
    if let Asked::Asking(ticket) = row.asked {
        row.asked = Asked::Done;
        model.waits.remove(&ticket);
        count(model, id, -1);
        out.push(Effect::Cancel(ticket));
    }
}

/// The store answered, or not.
pub(crate) fn read(model: &mut Model, ticket: Ticket, id: RowId, answer: Result<PayerFact>, out: &mut Vec<Effect>) {
    count(model, id, -1);
    let Some(row) = model.board.row(id) else { return };
    if row.asked != Asked::Asking(ticket) {
        return;
    }
    match answer {
        Ok(fact) => take(model, id, fact),
        Err(error) => refuse(model, id, error),
    }
    model.board.moved(id, &model.accounts);
    change::recheck(model, id, out);
    answer_toggle(model, id);
    plan::refresh(model, id, out);
}

/// Shows what the store said, with its time.
pub(crate) fn take(model: &mut Model, id: RowId, fact: PayerFact) {
    let region = fact.region.map(|text| model.board.shared(&text));
    if let Some(row) = model.board.row_mut(id) {
        row.reading = PayerReading::Read(fact.payer);
        row.read_at = Some(fact.at);
        row.request_id = fact.request_id.map(String::into_boxed_str);
        row.region = region.or(row.region.take());
        row.asked = Asked::Done;
        row.trouble = None;
    }
}

/// Payers that were not read because of a budget are asked for again as they come into sight.
pub(crate) fn forget_refusals(model: &mut Model) {
    let ids: Vec<RowId> = model.board.ids().collect();
    for id in ids {
        let Some(row) = model.board.row_mut(id) else { continue };
        if row.trouble.as_ref().is_some_and(|error| error.kind() == ErrorKind::Refused) && row.asked == Asked::Done {
            row.asked = Asked::Never;
            row.trouble = None;
        }
    }
}

/// A refusal is an answer and replaces what was known; a broken connection is none, and leaves the old answer with its time.
fn refuse(model: &mut Model, id: RowId, error: Error) {
    let now = model.now;
    let error = diagnosis::explained(model, id, Op::GetBucketRequestPayment, error);
    let region = error.store_answer().and_then(|answer| answer.region.as_deref()).map(|text| model.board.shared(text));
    let proved = super::probe::inferred(model, id);
    let Some(row) = model.board.row_mut(id) else { return };
    // A foreign bucket's region may be known from nowhere else.
    row.region = row.region.take().or(region);
    let said = match error.kind() {
        ErrorKind::Denied => Some(PayerReading::Denied),
        ErrorKind::Unsupported => Some(PayerReading::Unsupported),
        ErrorKind::NotFound => Some(PayerReading::Failed),
        ErrorKind::Usage
        | ErrorKind::Config
        | ErrorKind::Credentials
        | ErrorKind::WrongRegion
        | ErrorKind::ClockSkew
        | ErrorKind::Throttled
        | ErrorKind::Conflict
        | ErrorKind::Server
        | ErrorKind::InvalidReply
        | ErrorKind::Network
        | ErrorKind::Tls
        | ErrorKind::Timeout
        | ErrorKind::Refused
        | ErrorKind::Partial
        | ErrorKind::Interrupted
        | ErrorKind::Local
        | ErrorKind::Internal => None,
    };
    let not_asked = error.kind() == ErrorKind::Refused;
    match said {
        // What a probe proved is more than that the setting may not be read.
        Some(PayerReading::Denied) if proved.is_some() => {
            if let Some((reading, at)) = proved {
                row.reading = reading;
                row.read_at = Some(at);
            }
        }
        Some(reading) => {
            row.reading = reading;
            row.read_at = Some(now);
        }
        // Nothing was sent, because of a budget: it is as unread as before.
        None if not_asked => {}
        None if row.reading.payer().is_none() => {
            row.reading = PayerReading::Failed;
            row.read_at = Some(now);
        }
        None => {}
    }
    row.request_id = error.request_id().map(Box::from);
    row.asked = Asked::Done;
    row.trouble = Some(error);
}

fn answer_toggle(model: &mut Model, id: RowId) {
    if model.reads.asked_by_toggle != Some(id) {
        return;
    }
    model.reads.asked_by_toggle = None;
    let name = model.name_of(id);
    let known = model.board.row(id).and_then(|row| row.reading.payer().cloned());
    match known {
        Some(payer) => model.say(Tone::Plain, format!("{name} has payer {payer}: press p to change it")),
        None => model.say(Tone::Warning, format!("the payer of {name} could not be read: press i to see why")),
    }
}

/// Sorting or filtering by payer needs every payer in scope; anything else does not.
pub(crate) fn needs_all(model: &Model) -> bool {
    model.board.filter.asks_payer() || model.board.sort.column == Column::Payer
}

/// A question about all payers: reads what is in scope and not read yet.
pub(crate) fn ask_all(model: &mut Model) {
    model.reads.all = true;
    extend(model);
}

/// Takes rows that came (or came into scope) while all are being read.
pub(crate) fn extend(model: &mut Model) {
    if !model.reads.all {
        return;
    }
    let mut rest = vec![VecDeque::new(); model.accounts.len()];
    for id in model.board.ids().filter(|id| is_unasked(model, *id) && model.board.in_sight(*id, &model.accounts)) {
        if let Some(queue) = model.board.row(id).and_then(|row| rest.get_mut(usize::from(row.account))) {
            queue.push_back(id);
        }
    }
    model.reads.rest = rest;
}

/// Stops reading the rest. Says whether there was anything to stop.
pub(crate) fn stop_all(model: &mut Model) -> bool {
    let was = model.reads.all;
    model.reads.all = false;
    model.reads.rest.clear();
    was
}

fn pending(model: &Model) -> usize {
    model.reads.in_flight + model.reads.rest.iter().map(VecDeque::len).sum::<usize>()
}

/// How many payers in scope are read, and how many there are.
pub(crate) fn progress(model: &Model) -> (usize, usize) {
    let mut counts = (0, 0);
    for id in model.board.ids().filter(|id| model.board.in_sight(*id, &model.accounts)) {
        counts.1 += 1;
        counts.0 += usize::from(model.board.row(id).is_some_and(|row| row.asked == Asked::Done));
    }
    counts
}
