//! The look at a bucket before its payer changes: asked for with the countdown or the plan, shown as it comes.
//!
//! It never holds a key up: a countdown runs on and Enter sends while answers are still on their way. Where nobody is asked
//! (`payer_toggle = "immediate"`), nothing is looked at.

use std::collections::{BTreeMap, VecDeque};

use jiff::{SignedDuration, Timestamp};

use crate::domain::{Finding, Gravity, Look, Payer, findings};

use super::board::RowId;
use super::dialog::Dialog;
use super::model::Wait;
use super::plan::Confirmation;
use super::{Effect, Model, Ticket};

/// How many buckets are looked at at once; each is asked for eight or nine settings.
const MOST_IN_FLIGHT: usize = 4;

/// How many buckets of one plan are looked at. A person reads no more, and requests are money.
pub(crate) const MOST_OF_PLAN: usize = 50;

/// How long what was seen is not asked for again.
const FRESH: SignedDuration = SignedDuration::from_secs(60);

/// What was seen of buckets, and what is still to be asked.
#[derive(Debug, Default)]
pub(crate) struct Sights {
    of: BTreeMap<RowId, Sight>,
    waiting: VecDeque<RowId>,
}

/// One bucket's look.
#[derive(Debug)]
pub(crate) enum Sight {
    /// On its way; with what came so far.
    Coming(Option<Look>),
    /// All answers are there.
    Done(Look),
}

impl Sight {
    pub(crate) fn look(&self) -> Option<&Look> {
        match self {
            Self::Coming(look) => look.as_ref(),
            Self::Done(look) => Some(look),
        }
    }
}

/// A line about a bucket, for a plan or a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Brief {
    /// Something that the change breaks or shifts.
    Found(Finding),
    /// Settings that could not be read.
    Unread(String),
}

/// How much of a look from a moment ago spares a new one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Spares {
    /// Any: a plan that is open is drawn up anew with each reading.
    Any,
    /// One that could read every setting: the user asks again, and may have mended the rest.
    Whole,
}

/// Looks at a bucket, unless that was done a moment ago.
pub(crate) fn ask(model: &mut Model, id: RowId, spares: Spares, out: &mut Vec<Effect>) {
    let fresh = match model.sights.of.get(&id) {
        Some(Sight::Coming(_)) => true,
        Some(Sight::Done(look)) => is_fresh(look.at, model.now) && (spares == Spares::Any || look.unread().next().is_none()),
        None => false,
    };
    if !fresh && !model.sights.waiting.contains(&id) {
        model.sights.waiting.push_back(id);
    }
    pump(model, out);
}

fn is_fresh(at: Timestamp, now: Timestamp) -> bool {
    now.duration_since(at) < FRESH
}

/// Forgets what has not been asked yet: nobody reads it any more.
pub(crate) fn forget_waiting(model: &mut Model) {
    model.sights.waiting.clear();
}

fn pump(model: &mut Model, out: &mut Vec<Effect>) {
    while model.sights.of.values().filter(|sight| matches!(sight, Sight::Coming(_))).count() < MOST_IN_FLIGHT {
        let Some(id) = model.sights.waiting.pop_front() else { return };
        let Some(place) = model.place_of(id) else { continue };
        let ticket = model.wait(Wait::Look(id));
        model.sights.of.insert(id, Sight::Coming(None));
        out.push(Effect::LookAtBucket(ticket, place));
    }
}

/// Answers came. The last one ends the look.
pub(crate) fn take(model: &mut Model, ticket: Ticket, id: RowId, look: Look, out: &mut Vec<Effect>) {
    let before = breaks(model, id);
    let done = look.is_complete();
    model.sights.of.insert(id, if done { Sight::Done(look) } else { Sight::Coming(Some(look)) });
    if done {
        model.waits.remove(&ticket);
        pump(model, out);
    }
    if breaks(model, id) > before {
        unsee(model, id);
    }
}

/// How much breaks, as far as it is known, by what an open plan wants to set.
fn breaks(model: &Model, id: RowId) -> usize {
    let Some(Dialog::Plan(plan)) = &model.dialog else { return 0 };
    let found = sight(model, id).and_then(Sight::look).map(|look| findings(&plan.to, look)).unwrap_or_default();
    found.iter().filter(|finding| finding.gravity == Gravity::Breaks).count()
}

/// Something that breaks has come to a plan: a `y` that was on its way to the older lines does not count. Whoever types a name
/// is slower than that, and would lose letters.
fn unsee(model: &mut Model, id: RowId) {
    if let Some(Dialog::Plan(plan)) = &mut model.dialog
        && matches!(plan.confirmation, Confirmation::Key)
        && plan.lines.iter().any(|line| line.id == id)
    {
        plan.shown = None;
    }
}

/// What was seen of a bucket.
pub(crate) fn sight(model: &Model, id: RowId) -> Option<&Sight> {
    model.sights.of.get(&id)
}

/// What is to be said of this very bucket if it gets that payer: what holds for every bucket is said elsewhere.
pub(crate) fn briefs(model: &Model, id: RowId, to: &Payer) -> Vec<Brief> {
    let Some(look) = sight(model, id).and_then(Sight::look) else { return Vec::new() };
    let own = findings(to, look).into_iter().filter(|finding| finding.setting.is_some());
    let unread: Vec<&str> = look.unread().map(|(setting, _)| setting.as_str()).collect();
    let unread = (!unread.is_empty()).then(|| Brief::Unread(unread.join(", ")));
    own.map(Brief::Found).chain(unread).collect()
}

/// The worst of it in a few words, for the line that counts down. `None`: nothing is known yet.
pub(crate) fn worst(model: &Model, id: RowId, to: &Payer) -> Option<String> {
    let sight = sight(model, id)?;
    let briefs = briefs(model, id, to);
    let found: Vec<&Finding> = briefs
        .iter()
        .filter_map(|brief| match brief {
            Brief::Found(finding) if finding.gravity != Gravity::Notes => Some(finding),
            Brief::Found(_) | Brief::Unread(_) => None,
        })
        .collect();
    if let Some(first) = found.first() {
        return Some(match found.len() - 1 {
            0 => format!("{}; i shows more", first.short),
            more => format!("{}, and {more} more: i", first.short),
        });
    }
    let unread = briefs.iter().find_map(|brief| match brief {
        Brief::Unread(names) => Some(names),
        Brief::Found(_) => None,
    });
    match (sight, unread) {
        (Sight::Coming(_), _) => None,
        (Sight::Done(_), Some(names)) => Some(format!("{}; could not be read: {names}", super::consequence(to))),
        (Sight::Done(_), None) => Some(format!("{}; nothing else was found", super::consequence(to))),
    }
}
