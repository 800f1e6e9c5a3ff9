//! `b`: what a probe would send, the user's word on it, and what it proved.
//!
//! The word is for this probe alone: nothing that comes later is sent on it. What was proved is kept, with its day, and stands in the
//! payer column where the setting itself may not be read; whatever is observed later takes its place.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::domain::probe::{Asking, CanSign, Errand, Plan, Proof, Report};
use crate::domain::{Consent, PayerReading, Result};
use crate::prices::{Estimate, Where};

use super::board::{Asked, RowId};
use super::change::SETTLE;
use super::consent;
use super::dialog::Dialog;
use super::model::{Screen, Tone, Wait};
use super::{Effect, Key, KeyCode, Model};

/// More lines than a report has, on a narrow screen, too.
const MOST_LINES: usize = 30;

/// What probes proved in this session, by bucket.
pub(crate) type Probes = BTreeMap<RowId, Probed>;

/// A probe that has ended.
#[derive(Debug)]
pub(crate) struct Probed {
    pub(crate) report: Report,
    pub(crate) at: Timestamp,
}

/// The dialog.
#[derive(Debug)]
pub(crate) struct Probing {
    pub(crate) bucket: RowId,
    pub(crate) plan: Plan,
    pub(crate) stage: Stage,
    pub(crate) shown: Option<Timestamp>,
}

impl Probing {
    /// Moves what was proved, a little beyond its last line at most.
    pub(crate) fn scroll(&mut self, by: isize) {
        if let Stage::Told { top } = &mut self.stage {
            *top = top.saturating_add_signed(by).min(MOST_LINES);
        }
    }
}

/// How far it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Nothing is sent before an answer.
    Asking,
    /// Requests are under way.
    Running(super::Ticket),
    /// What came of it, from this line on.
    Told { top: usize },
}

/// What an answer sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Choice {
    pub(crate) key: char,
    pub(crate) words: &'static str,
    pub(crate) consent: Consent,
}

/// `b`: what is known already, else the question.
pub(crate) fn begin(model: &mut Model) {
    let Some(bucket) = model.bucket_here() else {
        return model.say(Tone::Plain, "put the cursor on a bucket first");
    };
    if let Some(ticket) = under_way(model, bucket) {
        let plan = plan(model, bucket);
        model.dialog = plan.map(|plan| Dialog::Probe(Probing { bucket, plan, stage: Stage::Running(ticket), shown: None }));
        return;
    }
    let known = model.screen == Screen::Buckets && model.probes.contains_key(&bucket);
    let stage = if known { Stage::Told { top: 0 } } else { Stage::Asking };
    model.dialog = plan(model, bucket).map(|plan| Dialog::Probe(Probing { bucket, plan, stage, shown: None }));
}

fn under_way(model: &Model, bucket: RowId) -> Option<super::Ticket> {
    model.waits.iter().find(|(_, wait)| **wait == Wait::Probe(bucket)).map(|(ticket, _)| *ticket)
}

/// What would be sent about a bucket; on screen 2 about the object or prefix that is shown there.
fn plan(model: &Model, bucket: RowId) -> Option<Plan> {
    let account = model.account_of(bucket)?;
    let here = model.objects.listing.as_ref().filter(|listing| model.screen == Screen::Objects && listing.bucket == bucket);
    let asking = match (here, model.objects.selected_pick()) {
        (Some(_), Some(pick)) => Asking::FirstByte(pick.key),
        (Some(listing), None) => Asking::FirstKey(listing.prefix.clone()),
        (None, _) => Asking::FirstKey(String::new()),
    };
    Some(Plan { provider: account.provider, asking, consent: consent::of(model, bucket), can_sign: account.can_sign })
}

/// The answers that send something. Without a word on paying, one of them is that word, for this probe alone.
pub(crate) fn choices(plan: &Plan) -> Vec<Choice> {
    let choice = |key, words, consent| Choice { key, words, consent };
    match (plan.can_sign, plan.consent) {
        (CanSign::Yes, Consent::Silent) => {
            vec![choice('y', "send all, and pay for the last", Consent::Given), choice('w', "leave the last one out", Consent::Silent)]
        }
        (CanSign::Yes, Consent::Given) => {
            vec![choice('y', "send all; you said you pay here", Consent::Given), choice('w', "leave the last one out", Consent::Silent)]
        }
        (CanSign::Yes, Consent::Refused) => vec![choice('y', "send them; never to pay here", Consent::Refused)],
        (CanSign::No, consent) => vec![choice('y', "send it", consent)],
    }
}

/// The plan with everything that may be sent: what the question is about.
pub(crate) fn offered(plan: &Plan) -> Plan {
    let consent = if plan.consent == Consent::Silent { Consent::Given } else { plan.consent };
    Plan { consent, ..plan.clone() }
}

/// What everything that may be sent costs at list price.
pub(crate) fn estimate(model: &Model, open: &Probing) -> Option<Estimate> {
    let plan = offered(&open.plan);
    let site = &model.account_of(open.bucket)?.site;
    let region = model.board.row(open.bucket).and_then(|row| row.region.as_deref());
    Some(Estimate::of(model.prices.book(), &Where::of(site, region), &plan.requests(), 0, plan.bytes_down()))
}

/// A key while the dialog is open.
pub(crate) fn press(model: &mut Model, key: Key, out: &mut Vec<Effect>) {
    let now = model.now;
    let Some(Dialog::Probe(open)) = &mut model.dialog else { return };
    match (open.stage, key.code) {
        (Stage::Asking, code) => {
            let seen = open.shown.is_some_and(|shown| now.duration_since(shown) >= SETTLE);
            if seen || code == KeyCode::Esc {
                answer(model, code, out);
            }
        }
        (Stage::Running(ticket), KeyCode::Esc) => stop(model, ticket, out),
        (Stage::Told { .. }, KeyCode::Down | KeyCode::Char('j')) => open.scroll(1),
        (Stage::Told { .. }, KeyCode::Up | KeyCode::Char('k')) => open.scroll(-1),
        (Stage::Told { .. }, KeyCode::Char('r')) => {
            open.stage = Stage::Asking;
            open.shown = None;
        }
        (Stage::Running(_) | Stage::Told { .. }, _) => model.dialog = None,
    }
}

fn answer(model: &mut Model, code: KeyCode, out: &mut Vec<Effect>) {
    let Some(Dialog::Probe(open)) = &model.dialog else { return };
    let chosen = choices(&open.plan).into_iter().find(|choice| code == KeyCode::Char(choice.key));
    let (bucket, plan) = (open.bucket, open.plan.clone());
    model.dialog = None;
    let (Some(choice), Some(place)) = (chosen, model.place_of(bucket)) else { return };
    let ownership = model.board.row(bucket).map(|row| row.ownership);
    let errand = Errand { place, ownership, plan: Plan { consent: choice.consent, ..plan.clone() } };
    let ticket = model.wait(Wait::Probe(bucket));
    model.dialog = Some(Dialog::Probe(Probing { bucket, plan, stage: Stage::Running(ticket), shown: None }));
    out.push(Effect::Probe(ticket, errand));
}

fn stop(model: &mut Model, ticket: super::Ticket, out: &mut Vec<Effect>) {
    model.waits.remove(&ticket);
    model.dialog = None;
    model.say(Tone::Warning, "the probe was called off: what was sent by then may be billed");
    out.push(Effect::Cancel(ticket));
}

/// A probe has ended.
pub(crate) fn take(model: &mut Model, bucket: RowId, answer: Result<Report>) {
    match answer {
        Ok(report) => {
            let doubt = report.doubt.as_ref().map(|doubt| format!(": {}", doubt.words())).unwrap_or_default();
            let text = format!("{}: {}{doubt}", model.name_of(bucket), report.verdict.words());
            model.say(if doubt.is_empty() { Tone::Good } else { Tone::Warning }, text);
            show(model, bucket, &report);
            let at = model.now;
            model.probes.insert(bucket, Probed { report, at });
            told(model, bucket);
        }
        Err(error) => {
            model.say(Tone::Bad, format!("{}: the probe failed: {}", model.name_of(bucket), error.message()));
            close(model, bucket);
        }
    }
}

/// The payer column shows what was read or proved. A change under way ends with a reading of its own.
fn show(model: &mut Model, bucket: RowId, report: &Report) {
    let now = model.now;
    let Some(reading) = report.reading().filter(|_| !model.flows.contains_key(&bucket)) else { return };
    let Some(row) = model.board.row_mut(bucket) else { return };
    let unread = row.reading.payer().is_none();
    let better = match &reading {
        PayerReading::Read(_) | PayerReading::Inferred(_) => true,
        PayerReading::Denied | PayerReading::Unsupported => unread,
        PayerReading::NotRead | PayerReading::Changing { .. } | PayerReading::Failed => false,
    };
    if !better {
        return;
    }
    if matches!(reading, PayerReading::Read(_) | PayerReading::Inferred(_)) {
        row.trouble = None;
    }
    row.reading = reading;
    row.read_at = Some(now);
    if row.asked == Asked::Never {
        row.asked = Asked::Done;
    }
    model.board.moved(bucket, &model.accounts);
}

fn told(model: &mut Model, bucket: RowId) {
    if let Some(Dialog::Probe(open)) = &mut model.dialog
        && open.bucket == bucket
        && matches!(open.stage, Stage::Running(_))
    {
        open.stage = Stage::Told { top: 0 };
    }
}

fn close(model: &mut Model, bucket: RowId) {
    if matches!(&model.dialog, Some(Dialog::Probe(open)) if open.bucket == bucket) {
        model.dialog = None;
    }
}

/// What a probe proved, and when, for a bucket whose setting may not be read.
pub(crate) fn inferred(model: &Model, bucket: RowId) -> Option<(PayerReading, Timestamp)> {
    if let Some(probed) = model.probes.get(&bucket).filter(|probed| probed.report.reading().is_some()) {
        return Some((PayerReading::Inferred(probed.report.inferred()?), probed.at));
    }
    let proof = earlier(model, bucket)?;
    Some((PayerReading::Inferred(proof.verdict.payer()?), proof.at))
}

/// What a probe of an earlier session proved, if nothing was observed since.
pub(crate) fn earlier(model: &Model, bucket: RowId) -> Option<&Proof> {
    let newer = model.probes.get(&bucket).is_some_and(|probed| probed.report.reading().is_some());
    let read = model.board.row(bucket).is_some_and(|row| matches!(row.reading, PayerReading::Read(_)));
    model.proofs.get(&model.bucket_id(bucket)?).filter(|_| !newer && !read)
}
