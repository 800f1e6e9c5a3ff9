//! The way of `p`: a visible grace period, the change, and what the store answers afterwards.
//!
//! ```text
//! p ─> Grace ──(seconds over, or Enter)──> Identifying ──(STS answered)──> Sending ──> the store's answer
//!        └─ Esc, p: called off                └─ Esc, p: called off            └─ Esc: no longer watched, once the store took it
//! ```
//! A bucket has at most one flow. The board keeps showing what the store said; what was asked for is shown as such.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::config::PayerToggle;
use crate::domain::{Access, Error, ErrorKind, Ownership, Payer, PayerReading};

use super::accounts::{self, IdentityState};
use super::board::RowId;
use super::model::{Tone, Wait};
use super::preflight::Spares;
use super::{Effect, Model, PayerChange, Ticket, plan, preflight, reading};

/// A confirmation counts keys only this long after its frame was seen.
pub(crate) const SETTLE: SignedDuration = SignedDuration::from_millis(300);

/// When a second lasts longer than this, the machine slept or the process was stopped: nobody watched the countdown.
const MISSED: SignedDuration = SignedDuration::from_secs(10);

/// One change on its way.
#[derive(Debug)]
pub(crate) enum Flow {
    /// Waits visibly; nothing was sent.
    Grace { intent: Intent, left: u32, ticket: Ticket, since: Timestamp, shown: Option<Timestamp> },
    /// Confirmed; waits for the name that the journal writes.
    Identifying(Intent),
    /// Sent; since when, and how far it is.
    Sending { intent: Intent, since: Timestamp, ticket: Ticket, watch: Watch },
}

/// How far a change is that was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Watch {
    /// The store has not answered the PUT.
    Asked,
    /// The store took it, and is asked until it answers the new value.
    On,
    /// The user does not want to wait for that answer: the last one counts.
    Enough,
}

/// What a flow is to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Intent {
    pub(crate) from: Option<Payer>,
    pub(crate) to: Payer,
    pub(crate) reason: Reason,
}

/// Why a change was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    Toggle,
    Plan,
    Revert,
}

impl Flow {
    pub(crate) fn intent(&self) -> &Intent {
        match self {
            Self::Grace { intent, .. } | Self::Identifying(intent) | Self::Sending { intent, .. } => intent,
        }
    }

    /// Whether it can no longer be called off by a key without a question.
    pub(crate) fn is_under_way(&self) -> bool {
        match self {
            Self::Grace { .. } => false,
            Self::Identifying(_) | Self::Sending { .. } => true,
        }
    }
}

/// What a payer means, in words: said before anything is sent.
pub(crate) fn consequence(to: &Payer) -> &'static str {
    match to {
        Payer::Requester => "anonymous access ends; callers must sign and pay",
        Payer::BucketOwner => "the owner pays for every reader's requests and traffic",
        Payer::Other(_) => "what the store makes of this value is not known",
    }
}

/// `p` on one bucket or on the marked ones.
pub(crate) fn toggle(model: &mut Model, out: &mut Vec<Effect>) {
    let marked = model.board.marked();
    if marked.len() > 1 {
        plan::open(model, marked, None, Reason::Plan, out);
        return;
    }
    let Some(id) = marked.first().copied().or(model.board.selected) else { return };
    if call_off(model, id, out) {
        return;
    }
    toggle_one(model, id, out);
}

fn toggle_one(model: &mut Model, id: RowId, out: &mut Vec<Effect>) {
    if let Err(refusal) = may_change(model, id) {
        let hint = refusal.hint_text().unwrap_or_default();
        model.say(Tone::Warning, format!("{}. {hint}", refusal.message()));
        return;
    }
    let reading = model.board.row(id).map(|row| row.reading.clone());
    match reading {
        Some(PayerReading::Read(payer) | PayerReading::Inferred(payer)) => match payer.toggled() {
            Some(to) => begin(model, id, to, Reason::Toggle, out),
            None => plan::open(model, vec![id], None, Reason::Toggle, out),
        },
        Some(PayerReading::NotRead) => {
            reading::ask(model, id);
            model.reads.asked_by_toggle = Some(id);
            let name = model.name_of(id);
            model.say(Tone::Plain, format!("reading the payer of {name} first"));
        }
        Some(PayerReading::Changing { .. } | PayerReading::Denied | PayerReading::Unsupported | PayerReading::Failed) | None => {}
    }
}

/// Whether a bucket may be changed at all, with the reason if not.
pub(crate) fn may_change(model: &Model, id: RowId) -> Result<(), Error> {
    let refuse = |message: String, hint: &str| Err(Error::new(ErrorKind::Refused, message).hint(hint));
    let (Some(row), Some(account)) = (model.board.row(id), model.account_of(id)) else {
        return refuse("this bucket is no longer on the board".to_owned(), "Refresh the account.");
    };
    let name = model.name_of(id);
    if is_under_way(model, id) || plan::is_waiting(model, id) {
        return refuse(format!("{name}: a change is under way"), "Wait for its end.");
    }
    if account.access == Access::ReadOnly {
        return refuse(format!("{name}: account {} is read-only", account.name), "Set `access = \"normal\"` in its config.");
    }
    if row.ownership == Ownership::Foreign {
        return refuse(format!("{name} is not this account's bucket"), "Only its owner may change who pays.");
    }
    match &row.reading {
        PayerReading::Denied => refuse(format!("{name}: reading the payer was denied"), "Press i for the cause and the next step."),
        PayerReading::Unsupported => refuse(format!("{name}: this store has no requester pays"), "Nothing can be changed here."),
        PayerReading::Failed => refuse(format!("{name}: its payer is not known"), "Press i for the cause, r to read it again."),
        PayerReading::Changing { .. } => refuse(format!("{name}: a change is under way"), "Wait for its end."),
        PayerReading::NotRead | PayerReading::Read(_) | PayerReading::Inferred(_) => Ok(()),
    }
}

/// One bucket and one value, by the way that the account and the config ask for.
pub(crate) fn begin(model: &mut Model, id: RowId, to: Payer, reason: Reason, out: &mut Vec<Effect>) {
    let protected = model.account_of(id).is_some_and(|account| account.access == Access::Protected);
    if protected || model.settings.payer_toggle == PayerToggle::Confirm {
        plan::open(model, vec![id], Some(to), reason, out);
        return;
    }
    let from = model.board.row(id).and_then(|row| row.reading.payer().cloned());
    let intent = Intent { from, to, reason };
    if model.settings.payer_toggle == PayerToggle::Immediate {
        send(model, id, intent, out);
        return;
    }
    if let Some(index) = model.board.row(id).map(|row| usize::from(row.account)) {
        accounts::identify(model, index, out);
    }
    let ticket = model.wait(Wait::Grace(id));
    let left = model.settings.grace_seconds.max(1);
    let since = model.now;
    model.flows.insert(id, Flow::Grace { intent, left, ticket, since, shown: None });
    model.status = None;
    out.push(Effect::Wait(ticket, Duration::from_secs(1)));
    preflight::ask(model, id, Spares::Whole, out);
}

/// A second of a grace period is over.
pub(crate) fn tick(model: &mut Model, ticket: Ticket, id: RowId, out: &mut Vec<Effect>) {
    let now = model.now;
    let Some(Flow::Grace { intent, left, ticket: expected, since, shown }) = model.flows.get_mut(&id) else { return };
    if *expected != ticket {
        return;
    }
    if now.duration_since(*since) > MISSED {
        model.flows.remove(&id);
        let name = model.name_of(id);
        model.say(Tone::Warning, format!("{name}: called off, because the console was stopped meanwhile; nothing was sent"));
        return;
    }
    // The period counts only while it is seen: a terminal that takes no frames gets no change.
    if shown.is_some() {
        *left -= 1;
    }
    if *left == 0 {
        let intent = intent.clone();
        send(model, id, intent, out);
        return;
    }
    *since = now;
    let ticket = model.wait(Wait::Grace(id));
    if let Some(Flow::Grace { ticket: expected, .. }) = model.flows.get_mut(&id) {
        *expected = ticket;
    }
    out.push(Effect::Wait(ticket, Duration::from_secs(1)));
}

/// Enter on a bucket that waits: sends now, if the countdown has been on screen. Says whether there was one.
pub(crate) fn send_now(model: &mut Model, id: RowId, out: &mut Vec<Effect>) -> bool {
    let Some(Flow::Grace { intent, ticket, shown, .. }) = model.flows.get(&id) else { return false };
    if shown.is_some_and(|shown| model.now.duration_since(shown) >= SETTLE) {
        let (intent, ticket) = (intent.clone(), *ticket);
        model.waits.remove(&ticket);
        out.push(Effect::Cancel(ticket));
        send(model, id, intent, out);
    }
    true
}

/// Calls off what has not been sent. Says whether there was something.
pub(crate) fn call_off(model: &mut Model, id: RowId, out: &mut Vec<Effect>) -> bool {
    match model.flows.get(&id) {
        Some(Flow::Grace { ticket, .. }) => {
            let ticket = *ticket;
            model.waits.remove(&ticket);
            out.push(Effect::Cancel(ticket));
        }
        Some(Flow::Identifying(_)) => plan::called_off(model, id),
        Some(Flow::Sending { .. }) | None => return false,
    }
    model.flows.remove(&id);
    let name = model.name_of(id);
    model.say(Tone::Plain, format!("{name}: called off, nothing was sent"));
    true
}

/// Esc: the bucket under the cursor first, else the one whose change would be sent last.
pub(crate) fn call_off_any(model: &mut Model, out: &mut Vec<Effect>) -> bool {
    if let Some(id) = model.board.selected
        && (call_off(model, id, out) || stop_watching(model, id, out))
    {
        return true;
    }
    let waiting = model.flows.iter().filter_map(|(id, flow)| match flow {
        Flow::Grace { left, .. } => Some((*left, *id)),
        Flow::Identifying(_) | Flow::Sending { .. } => None,
    });
    let Some((_, id)) = waiting.max() else { return false };
    call_off(model, id, out)
}

/// Esc on a change that the store took: it is no longer asked whether it answers the new value. Says whether it was.
pub(crate) fn stop_watching(model: &mut Model, id: RowId, out: &mut Vec<Effect>) -> bool {
    let Some(Flow::Sending { ticket, watch: watch @ Watch::On, .. }) = model.flows.get_mut(&id) else { return false };
    *watch = Watch::Enough;
    out.push(Effect::StopWatching(*ticket));
    true
}

/// The same for the change that was sent last, wherever the cursor is.
pub(crate) fn stop_watching_any(model: &mut Model, out: &mut Vec<Effect>) -> bool {
    let watched = model.flows.iter().filter_map(|(id, flow)| match flow {
        Flow::Sending { since, watch: Watch::On, .. } => Some((*since, *id)),
        Flow::Sending { watch: Watch::Asked | Watch::Enough, .. } | Flow::Grace { .. } | Flow::Identifying(_) => None,
    });
    let Some((_, id)) = watched.max() else { return false };
    stop_watching(model, id, out)
}

/// Calls off everything that waits: the countdown is no longer seen.
pub(crate) fn call_off_all(model: &mut Model, out: &mut Vec<Effect>) -> usize {
    let waiting: Vec<RowId> = model.flows.iter().filter(|(_, flow)| !flow.is_under_way()).map(|(id, _)| *id).collect();
    waiting.iter().filter(|id| call_off(model, **id, out)).count()
}

/// The countdowns that are on screen now.
pub(crate) fn note_drawn(model: &mut Model) {
    let now = model.now;
    for flow in model.flows.values_mut() {
        match flow {
            Flow::Grace { shown, .. } => {
                shown.get_or_insert(now);
            }
            Flow::Identifying(_) | Flow::Sending { .. } => {}
        }
    }
}

/// A bucket never has two changes under way.
pub(crate) fn is_under_way(model: &Model, id: RowId) -> bool {
    model.flows.get(&id).is_some_and(Flow::is_under_way)
}

/// A reading came while a change waits: it starts from what the store says now, and is called off if nothing is left to do.
pub(crate) fn recheck(model: &mut Model, id: RowId, out: &mut Vec<Effect>) {
    let now = model.board.row(id).and_then(|row| row.reading.payer().cloned());
    let Some(Flow::Grace { intent, .. }) = model.flows.get_mut(&id) else { return };
    if now.as_ref().is_some_and(|now| *now != intent.to) {
        intent.from = now;
        return;
    }
    call_off(model, id, out);
    let name = model.name_of(id);
    let said = now.map_or_else(|| "its payer is no longer known".to_owned(), |payer| format!("the store says {payer} already"));
    model.say(Tone::Warning, format!("{name}: called off, {said}"));
}

/// Sends, once it is known whose keys sign.
pub(crate) fn send(model: &mut Model, id: RowId, intent: Intent, out: &mut Vec<Effect>) {
    if is_under_way(model, id) {
        return;
    }
    let Some(index) = model.board.row(id).map(|row| usize::from(row.account)) else { return };
    // One failed question is enough: the change does not wait for a second one.
    if model.accounts.get(index).is_some_and(|account| matches!(account.identity, IdentityState::NotAsked)) {
        accounts::identify(model, index, out);
    }
    let asking = model.accounts.get(index).is_some_and(|account| matches!(account.identity, IdentityState::Asking));
    if asking {
        model.flows.insert(id, Flow::Identifying(intent));
        return;
    }
    order(model, id, intent, out);
}

/// An account's identity is known, or will not be: its changes go on.
pub(crate) fn release(model: &mut Model, account: usize, out: &mut Vec<Effect>) {
    let held: Vec<(RowId, Intent)> = model
        .flows
        .iter()
        .filter(|(id, _)| model.board.row(**id).is_some_and(|row| usize::from(row.account) == account))
        .filter_map(|(id, flow)| match flow {
            Flow::Identifying(intent) => Some((*id, intent.clone())),
            Flow::Grace { .. } | Flow::Sending { .. } => None,
        })
        .collect();
    for (id, intent) in held {
        order(model, id, intent, out);
    }
}

fn order(model: &mut Model, id: RowId, intent: Intent, out: &mut Vec<Effect>) {
    let Some(place) = model.place_of(id) else { return };
    reading::drop_reading(model, id, out);
    let identity = model.account_of(id).and_then(super::AccountState::identity_text);
    let ticket = model.wait(Wait::Change(id));
    let change = PayerChange { place, before: intent.from.clone(), to: intent.to.clone(), identity };
    if let Some(row) = model.board.row_mut(id) {
        row.reading = PayerReading::Changing { from: intent.from.clone(), to: intent.to.clone() };
        row.trouble = None;
    }
    model.flows.insert(id, Flow::Sending { intent, since: model.now, ticket, watch: Watch::Asked });
    model.board.moved(id, &model.accounts);
    out.push(Effect::ChangePayer(ticket, change));
}

/// The store took the PUT; that is no proof yet.
pub(crate) fn accepted(model: &mut Model, id: RowId) {
    if let Some(Flow::Sending { watch, .. }) = model.flows.get_mut(&id) {
        *watch = Watch::On;
    }
}
