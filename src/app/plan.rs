//! Several buckets, a protected account, or a config that asks: a plan, a confirmation, progress, a report.
//!
//! What is confirmed are the lines that were on screen: when one of them changes, the confirmation starts anew. Enter alone
//! means No, a paste never confirms, and keys count only after the dialog has been seen.
//!
//! A protected account is confirmed by typing the bucket's name. For several buckets, typing every name would teach people to
//! paste; they type the number of changes and the name of the protected account (`3 vault`), which the dialog shows.

use jiff::Timestamp;

use crate::audit::Outcome;
use crate::domain::{Access, Payer, PayerReading};

use super::board::RowId;
use super::change::{self, Intent, Reason, SETTLE};
use super::dialog::Dialog;
use super::field::Field;
use super::model::Tone;
use super::preflight::Spares;
use super::{Changed, Effect, Key, KeyCode, Model, preflight, reading};

/// How many changes of one plan are under way at once.
pub(crate) const MOST_IN_FLIGHT: usize = 8;

/// What is about to be changed.
#[derive(Debug)]
pub(crate) struct Plan {
    rows: Vec<RowId>,
    pub(crate) lines: Vec<PlanLine>,
    pub(crate) to: Payer,
    reason: Reason,
    pub(crate) confirmation: Confirmation,
    /// When these lines were first on screen.
    pub(crate) shown: Option<Timestamp>,
    pub(crate) top: usize,
    pub(crate) complaint: Option<&'static str>,
}

/// One bucket of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PlanLine {
    pub(crate) id: RowId,
    pub(crate) name: String,
    pub(crate) state: PlanState,
}

/// What a plan does with a bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PlanState {
    Change {
        from: Payer,
    },
    /// Its payer is being read first.
    Unread,
    Skip(String),
}

/// How a plan is confirmed.
#[derive(Clone, Debug)]
pub(crate) enum Confirmation {
    /// `y`.
    Key,
    /// Typing a word, then Enter.
    Typed { word: String, field: Field },
}

/// A confirmed plan of several buckets.
#[derive(Debug)]
pub(crate) struct Rollout {
    pub(crate) to: Payer,
    pub(crate) lines: Vec<JobLine>,
}

/// One bucket of a job.
#[derive(Debug)]
pub(crate) struct JobLine {
    id: RowId,
    pub(crate) name: String,
    pub(crate) from: Payer,
    pub(crate) state: RolloutState,
}

/// How far a bucket of a job is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum RolloutState {
    Waiting,
    Sending,
    /// It ended; the text is the cause, unless verified.
    Done(Outcome, String),
    /// Never sent.
    CalledOff,
}

impl Plan {
    /// How many buckets would be changed.
    pub(crate) fn changes(&self) -> usize {
        self.lines.iter().filter(|line| matches!(line.state, PlanState::Change { .. })).count()
    }

    /// Whether every line is known.
    pub(crate) fn is_complete(&self) -> bool {
        !self.lines.iter().any(|line| line.state == PlanState::Unread)
    }

    /// Whether its frame has been on screen long enough for a person to have seen it.
    pub(crate) fn counts_keys(&self, now: Timestamp) -> bool {
        self.shown.is_some_and(|shown| now.duration_since(shown) >= SETTLE)
    }
}

impl Rollout {
    pub(crate) fn count(&self, wanted: impl Fn(&RolloutState) -> bool) -> usize {
        self.lines.iter().filter(|line| wanted(&line.state)).count()
    }

    pub(crate) fn is_running(&self) -> bool {
        self.count(|state| matches!(state, RolloutState::Waiting | RolloutState::Sending)) > 0
    }
}

/// Opens a plan for these buckets. Without a value, the opposite of the first one that can be changed is proposed.
pub(crate) fn open(model: &mut Model, rows: Vec<RowId>, to: Option<Payer>, reason: Reason, out: &mut Vec<Effect>) {
    if rows.len() > 1 && model.rollout.as_ref().is_some_and(Rollout::is_running) {
        model.say(Tone::Warning, "a plan is under way: press L to see it");
        return;
    }
    // A countdown behind the dialog would send what the plan is still asking about.
    for id in rows.iter().filter(|id| !change::is_under_way(model, **id)).copied().collect::<Vec<_>>() {
        change::call_off(model, id, out);
    }
    model.status = None;
    let to = to.unwrap_or_else(|| proposed(model, &rows));
    let lines = lines(model, &rows, &to);
    for line in lines.iter().filter(|line| line.state == PlanState::Unread) {
        reading::ask(model, line.id);
    }
    let confirmation = confirmation(model, &lines);
    look(model, &lines, Spares::Whole, out);
    model.dialog = Some(Dialog::Plan(Plan { rows, lines, to, reason, confirmation, shown: None, top: 0, complaint: None }));
}

/// Looks at what would be changed, as far as a person reads on.
fn look(model: &mut Model, lines: &[PlanLine], spares: Spares, out: &mut Vec<Effect>) {
    preflight::forget_waiting(model);
    for line in lines.iter().filter(|line| matches!(line.state, PlanState::Change { .. })).take(preflight::MOST_OF_PLAN) {
        preflight::ask(model, line.id, spares, out);
    }
}

fn proposed(model: &Model, rows: &[RowId]) -> Payer {
    rows.iter()
        .filter(|id| change::may_change(model, **id).is_ok())
        .find_map(|id| model.board.row(*id)?.reading.payer()?.toggled())
        .unwrap_or(Payer::Requester)
}

fn lines(model: &Model, rows: &[RowId], to: &Payer) -> Vec<PlanLine> {
    let line = |id: &RowId| PlanLine { id: *id, name: model.name_of(*id), state: state(model, *id, to) };
    // What is changed must be seen first.
    let (mut lines, mut left): (Vec<_>, Vec<_>) = rows.iter().map(line).partition(|line| !matches!(line.state, PlanState::Skip(_)));
    lines.append(&mut left);
    lines
}

fn state(model: &Model, id: RowId, to: &Payer) -> PlanState {
    if let Err(refusal) = change::may_change(model, id) {
        let name = model.name_of(id);
        let message = refusal.message();
        return PlanState::Skip(message.strip_prefix(&name).unwrap_or(message).trim_start_matches([':', ' ']).to_owned());
    }
    match model.board.row(id).map(|row| &row.reading) {
        Some(PayerReading::Read(payer) | PayerReading::Inferred(payer)) if payer == to => PlanState::Skip(format!("is {to} already")),
        Some(PayerReading::Read(payer) | PayerReading::Inferred(payer)) => PlanState::Change { from: payer.clone() },
        Some(PayerReading::NotRead) => PlanState::Unread,
        Some(PayerReading::Changing { .. } | PayerReading::Denied | PayerReading::Unsupported | PayerReading::Failed) | None => {
            PlanState::Skip("its payer is not known".to_owned())
        }
    }
}

fn confirmation(model: &Model, lines: &[PlanLine]) -> Confirmation {
    let changes: Vec<RowId> = lines.iter().filter(|line| !matches!(line.state, PlanState::Skip(_))).map(|line| line.id).collect();
    let mut protected: Vec<&str> = changes
        .iter()
        .filter_map(|id| model.account_of(*id))
        .filter(|account| account.access == Access::Protected)
        .map(|account| account.name.as_str())
        .collect();
    protected.dedup();
    let word = match (changes.as_slice(), protected.as_slice()) {
        (_, []) => return Confirmation::Key,
        ([one], _) => model.board.row(*one).map(|row| row.name.to_string()).unwrap_or_default(),
        (_, names) => format!("{} {}", changes.len(), names.join(",")),
    };
    Confirmation::Typed { word, field: Field::default() }
}

/// A reading came while a plan is open: its lines follow, and what was shown before no longer counts as seen.
pub(crate) fn refresh(model: &mut Model, id: RowId, out: &mut Vec<Effect>) {
    let Some(Dialog::Plan(plan)) = &model.dialog else { return };
    if plan.rows.contains(&id) {
        rebuild(model, out);
    }
}

/// Draws the open plan up anew, if there is one.
pub(crate) fn rebuild(model: &mut Model, out: &mut Vec<Effect>) {
    if !matches!(model.dialog, Some(Dialog::Plan(_))) {
        return;
    }
    let Some(Dialog::Plan(mut plan)) = model.dialog.take() else { return };
    let lines = lines(model, &plan.rows, &plan.to);
    if lines != plan.lines {
        plan.confirmation = confirmation(model, &lines);
        look(model, &lines, Spares::Any, out);
        plan.lines = lines;
        plan.shown = None;
    }
    model.dialog = Some(Dialog::Plan(plan));
}

/// A key while the plan is open.
#[expect(clippy::wildcard_enum_match_arm, reason = "every other key belongs to the answer")]
pub(crate) fn press(model: &mut Model, key: Key, out: &mut Vec<Effect>) {
    let Some(Dialog::Plan(plan)) = &mut model.dialog else { return };
    plan.complaint = None;
    match key.code {
        KeyCode::Esc => close(model),
        KeyCode::Up => plan.top = plan.top.saturating_sub(1),
        KeyCode::Down => {
            let (top, last) = (plan.top + 1, height(model).saturating_sub(1));
            if let Some(Dialog::Plan(plan)) = &mut model.dialog {
                plan.top = top.min(last);
            }
        }
        KeyCode::Tab | KeyCode::BackTab => switch(model, out),
        _ => answer(model, key, out),
    }
}

/// How many lines the buckets take, each with what was found of it.
fn height(model: &Model) -> usize {
    let Some(Dialog::Plan(plan)) = &model.dialog else { return 0 };
    plan.lines.iter().map(|line| 1 + preflight::briefs(model, line.id, &plan.to).len()).sum()
}

/// The other value for all buckets of the plan.
fn switch(model: &mut Model, out: &mut Vec<Effect>) {
    let Some(Dialog::Plan(plan)) = &mut model.dialog else { return };
    plan.to = plan.to.toggled().unwrap_or(Payer::Requester);
    plan.shown = None;
    if plan.reason == Reason::Revert {
        plan.reason = Reason::Toggle;
    }
    rebuild(model, out);
}

#[expect(clippy::wildcard_enum_match_arm, reason = "any other key means nothing here")]
fn answer(model: &mut Model, key: Key, out: &mut Vec<Effect>) {
    let now = model.now;
    let Some(Dialog::Plan(plan)) = &mut model.dialog else { return };
    let seen = plan.counts_keys(now);
    let ready = seen && plan.is_complete() && plan.changes() > 0;
    match &mut plan.confirmation {
        Confirmation::Key => match key.code {
            KeyCode::Char('y') if ready && !key.ctrl && !key.alt => confirm(model, out),
            KeyCode::Char('y') if !plan.is_complete() => plan.complaint = Some("the payers are still being read"),
            KeyCode::Char('n' | 'q') => close(model),
            KeyCode::Enter if seen => close(model),
            _ => {}
        },
        Confirmation::Typed { word, field } => match key.code {
            KeyCode::Enter if field.text().is_empty() && seen => close(model),
            KeyCode::Enter if ready && field.text() == word => confirm(model, out),
            KeyCode::Enter => plan.complaint = Some("that is not the text to type"),
            _ if seen => {
                field.press(key);
            }
            _ => {}
        },
    }
}

/// Text was pasted into a confirmation: never an answer.
pub(crate) fn refuse_paste(plan: &mut Plan) {
    plan.complaint = Some("a paste does not confirm: type it");
}

fn close(model: &mut Model) {
    preflight::forget_waiting(model);
    model.dialog = None;
    model.say(Tone::Plain, "nothing was changed");
}

fn confirm(model: &mut Model, out: &mut Vec<Effect>) {
    let Some(Dialog::Plan(plan)) = model.dialog.take() else { return };
    preflight::forget_waiting(model);
    let single = plan.rows.len() == 1;
    let mut job = Rollout { to: plan.to.clone(), lines: Vec::new() };
    for line in plan.lines {
        if let Some(row) = model.board.row_mut(line.id) {
            row.marked = false;
        }
        let PlanState::Change { from } = line.state else { continue };
        if single {
            change::send(model, line.id, Intent { from: Some(from), to: plan.to.clone(), reason: plan.reason }, out);
        } else {
            job.lines.push(JobLine { id: line.id, name: line.name, from, state: RolloutState::Waiting });
        }
    }
    if !single {
        model.rollout = Some(job);
        model.dialog = Some(Dialog::Report { top: 0 });
        push_on(model, out);
    }
}

/// Sends as many of the waiting changes as there is room for.
pub(crate) fn push_on(model: &mut Model, out: &mut Vec<Effect>) {
    loop {
        let Some(job) = &mut model.rollout else { return };
        if job.count(|state| *state == RolloutState::Sending) >= MOST_IN_FLIGHT {
            return;
        }
        let to = job.to.clone();
        let Some(line) = job.lines.iter_mut().find(|line| line.state == RolloutState::Waiting) else { return };
        line.state = RolloutState::Sending;
        let (id, from) = (line.id, line.from.clone());
        if change::is_under_way(model, id) {
            settle(model, id, RolloutState::CalledOff);
            continue;
        }
        change::send(model, id, Intent { from: Some(from), to, reason: Reason::Plan }, out);
    }
}

/// Whether a bucket's turn in a confirmed plan is still to come.
pub(crate) fn is_waiting(model: &Model, id: RowId) -> bool {
    model.rollout.as_ref().is_some_and(|job| job.lines.iter().any(|line| line.id == id && line.state == RolloutState::Waiting))
}

fn settle(model: &mut Model, id: RowId, state: RolloutState) {
    let line =
        model.rollout.as_mut().and_then(|job| job.lines.iter_mut().find(|line| line.id == id && line.state == RolloutState::Sending));
    if let Some(line) = line {
        line.state = state;
    }
    announce(model);
}

fn announce(model: &mut Model) {
    let Some(job) = model.rollout.as_ref().filter(|job| !job.is_running()) else { return };
    let verified = job.count(|state| matches!(state, RolloutState::Done(Outcome::Verified, _)));
    let (all, to) = (job.lines.len(), job.to.clone());
    let tone = if verified == all { Tone::Good } else { Tone::Warning };
    model.say(tone, format!("{verified} of {all} buckets verified as {to}: press L for the report"));
}

/// A change has ended.
pub(crate) fn note_end(model: &mut Model, id: RowId, ended: &Changed) {
    let cause = ended.error.as_ref().map(|error| match error.hint_text() {
        Some(hint) => format!("{}. {hint}", error.message()),
        None => error.message().to_owned(),
    });
    if model.rollout.as_ref().is_some_and(|job| job.lines.iter().any(|line| line.id == id && line.state == RolloutState::Sending)) {
        settle(model, id, RolloutState::Done(ended.outcome, cause.unwrap_or_default()));
    }
}

/// A change that was waiting for its identity was called off.
pub(crate) fn called_off(model: &mut Model, id: RowId) {
    settle(model, id, RolloutState::CalledOff);
}

/// Calls off what was not sent yet.
pub(crate) fn stop(model: &mut Model) {
    let Some(job) = &mut model.rollout else { return };
    for line in job.lines.iter_mut().filter(|line| line.state == RolloutState::Waiting) {
        line.state = RolloutState::CalledOff;
    }
}

/// Waits no longer for the new values of what the stores took.
pub(crate) fn stop_watching(model: &mut Model, out: &mut Vec<Effect>) {
    let Some(job) = &model.rollout else { return };
    let sent: Vec<RowId> = job.lines.iter().filter(|line| line.state == RolloutState::Sending).map(|line| line.id).collect();
    for id in sent {
        change::stop_watching(model, id, out);
    }
}
