//! Budgets in the console: what they say of an action before it begins, and what happens when one is passed while transfers run.
//! Single requests wait for the same question, see [`super::toll`].
//!
//! ```text
//! Spent ──(more than a budget)──> its transfers pause, nothing new begins ──> the question
//!                                                     ^                        │  └─ no: they stay paused, Space asks again
//!                                                     └───(passed again)───────┴─ y: the limit is raised for this session
//! ```
//! Compared is the list price. A missing price is told and stops nothing.

use jiff::Timestamp;

use crate::domain::{Amount, BucketId, Money};
use crate::prices::{Estimate, Scope, Verdict, words};

use super::change::SETTLE;
use super::dialog::Dialog;
use super::estimate::Side;
use super::model::Tone;
use super::toll::Held;
use super::transfers::{self, EntryId};
use super::{Effect, Key, KeyCode, Model, estimate, objects, plan, toll};

/// What budgets say of an action.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Judged {
    /// In words, one for each budget that has something to say.
    pub(crate) said: Vec<String>,
    /// Those that want another yes.
    pub(crate) over: Vec<Over>,
}

/// A budget that an action would pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Over {
    scope: Scope,
    /// Up to where a yes raises it; `None`: the action costs another currency, and a yes is for this action alone.
    upto: Option<Amount>,
}

/// The question when a budget is passed, or would be.
#[derive(Debug)]
pub(crate) struct Question {
    scope: Scope,
    /// What is spent, or would be.
    spent: Money,
    limit: Money,
    /// The limit after a yes.
    upto: Amount,
    stopped: Stopped,
    /// What was open before, and opens again.
    behind: Option<Box<Dialog>>,
    pub(crate) shown: Option<Timestamp>,
}

/// What waits for the answer.
#[derive(Debug)]
pub(crate) enum Stopped {
    /// These transfers, which are paused; none: reading on, which was stopped.
    Transfers(Vec<EntryId>),
    /// Single requests that have not left.
    Requests,
}

/// What each of these sides costs.
pub(crate) fn costs(model: &Model, sides: &[Side]) -> Vec<Estimate> {
    sides.iter().map(|side| estimate::of_side(model, side)).collect()
}

/// What the budgets say of an action that asks for all of these.
pub(crate) fn judge(model: &Model, sides: &[Side]) -> Judged {
    let costs = costs(model, sides);
    let action: Vec<(&BucketId, &Estimate)> = sides.iter().map(|side| &side.acting.place.id).zip(&costs).collect();
    judged(model, &action)
}

/// The same, where the costs are known.
pub(crate) fn judged(model: &Model, action: &[(&BucketId, &Estimate)]) -> Judged {
    let mut judged = Judged::default();
    for (scope, verdict) in model.purses.judge(action) {
        judged.said.extend(words::verdict(&verdict, &scope.to_string()));
        if verdict.asks() {
            judged.over.push(Over { scope, upto: verdict.after().map(|after| after.amount) });
        }
    }
    judged
}

/// A yes to an action that passes budgets: they hold it from now on.
pub(crate) fn agree(model: &mut Model, over: &[Over], out: &mut Vec<Effect>) {
    for Over { scope, upto } in over {
        if let Some(upto) = upto {
            raise(model, scope, *upto, out);
        }
    }
}

/// The limit of a budget is this from now on, if it was lower: here, and at the door.
fn raise(model: &mut Model, scope: &Scope, upto: Amount, out: &mut Vec<Effect>) {
    model.purses.raise(scope, upto);
    out.push(Effect::RaiseBudget(scope.clone(), upto));
}

/// Something was spent.
pub(crate) fn spent(model: &mut Model, out: &mut Vec<Effect>) {
    model.purses.settle(&model.spent.shares);
    if model.purses.passed().is_none() {
        return;
    }
    let held = transfers::hold(model, out);
    let listing = model.objects.listing.as_ref().filter(|listing| listing.reads_rest()).map(|listing| listing.bucket);
    let stopped = listing.and_then(|bucket| model.bucket_id(bucket)).is_some_and(|id| model.purses.passed_for(&[&id]).is_some());
    if stopped {
        objects::pages::stop(model, out);
    }
    if stopped || !held.is_empty() {
        ask(model, held);
    }
}

/// Whether requests to these buckets wait for a word on a budget.
pub(crate) fn blocks(model: &Model, buckets: &[&BucketId]) -> bool {
    model.purses.passed_for(buckets).is_some()
}

/// Asks whether more may be spent, unless something else is being asked: then the transfers wait on screen 3.
pub(crate) fn ask(model: &mut Model, held: Vec<EntryId>) {
    let Some((scope, spent, limit)) = model.purses.passed().map(|(scope, spent, limit)| (scope.clone(), spent, limit)) else { return };
    if model.dialog.is_none() && model.editing.is_none() {
        return open(model, scope, spent, limit, Stopped::Transfers(held));
    }
    let text = format!("{}; what was under way is paused", passed(&scope, spent, limit));
    model.say(Tone::Warning, format!("{text}: Space on screen 3 asks whether to go on"));
}

/// Opens the question over whatever stands there.
pub(crate) fn open(model: &mut Model, scope: Scope, spent: Money, limit: Money, stopped: Stopped) {
    let (upto, behind) = (next_limit(spent, limit), model.dialog.take().map(Box::new));
    model.dialog = Some(Dialog::Budget(Question { scope, spent, limit, upto, stopped, behind, shown: None }));
}

/// Nothing waits for the answer any more.
pub(crate) fn drop_question(model: &mut Model) {
    if matches!(&model.dialog, Some(Dialog::Budget(question)) if matches!(question.stopped, Stopped::Requests)) {
        close(model);
    }
}

/// What stands under the question, or what is open without one: answers of what was asked before find it there.
pub(crate) fn under(model: &mut Model) -> Option<&mut Dialog> {
    let dialog = model.dialog.as_mut()?;
    if let Dialog::Budget(question) = dialog { question.behind.as_deref_mut() } else { Some(dialog) }
}

/// Closes what stands under the question, or what is open without one.
pub(crate) fn close_under(model: &mut Model) {
    match &mut model.dialog {
        Some(Dialog::Budget(question)) => question.behind = None,
        dialog => *dialog = None,
    }
}

fn close(model: &mut Model) -> Option<Question> {
    let Some(Dialog::Budget(mut question)) = model.dialog.take() else { return None };
    model.dialog = question.behind.take().map(|dialog| *dialog);
    Some(question)
}

/// As much again as the limit allows, and at least what is spent.
fn next_limit(spent: Money, limit: Money) -> Amount {
    let mut upto = limit.amount.plus(limit.amount);
    while upto <= spent.amount && upto > Amount::ZERO {
        upto = upto.plus(upto);
    }
    upto.max(spent.amount)
}

fn passed(scope: &Scope, spent: Money, limit: Money) -> String {
    format!("{} {} were spent: that passes the budget of {scope}, {limit}", words::up(spent.amount), spent.currency)
}

/// The title: whether it is passed already.
pub(crate) fn title(question: &Question) -> &'static str {
    match question.stopped {
        Stopped::Transfers(_) => "The budget is passed: go on?",
        Stopped::Requests => "Spend more than the budget?",
    }
}

/// The question in lines.
pub(crate) fn lines(model: &Model, question: &Question) -> Vec<String> {
    let Question { scope, spent, limit, .. } = question;
    let (first, waiting, held): (_, _, &[EntryId]) = match &question.stopped {
        Stopped::Transfers(held) => (passed(scope, *spent, *limit), paused(held.len()), held),
        Stopped::Requests => {
            let verdict = Verdict::Passes { after: *spent, limit: *limit };
            (words::verdict(&verdict, &scope.to_string()).unwrap_or_default(), format!("Not sent yet: {}.", toll::waiting(model)), &[])
        }
    };
    let names = held.iter().filter_map(|id| model.transfers.get(*id)).map(|entry| format!("  {}", entry.about));
    [format!("{first}."), waiting].into_iter().chain(names.take(3)).collect()
}

fn paused(transfers: usize) -> String {
    match transfers {
        0 => "Reading on was stopped.".to_owned(),
        1 => "1 transfer is paused: it keeps what it has moved.".to_owned(),
        count => format!("{count} transfers are paused: they keep what they have moved."),
    }
}

/// What a yes does.
pub(crate) fn choices(question: &Question) -> String {
    let yes = match question.stopped {
        Stopped::Transfers(_) => "go on",
        Stopped::Requests => "send it",
    };
    format!("y  {yes}, up to {} {}    any other key  no", question.upto, question.limit.currency)
}

/// A key while the question is open. It opens by itself: what was typed for what is below it is no answer.
pub(crate) fn press(model: &mut Model, key: Key, out: &mut Vec<Effect>) {
    let Some(Dialog::Budget(question)) = &model.dialog else { return };
    let seen = question.shown.is_some_and(|shown| model.now.duration_since(shown) >= SETTLE);
    if !seen && key.code != KeyCode::Esc {
        return;
    }
    let Some(question) = close(model) else { return };
    if key.code != KeyCode::Char('y') {
        return decline(model, &question, out);
    }
    raise(model, &question.scope, question.upto, out);
    model.say(Tone::Warning, format!("the budget of {} is {} {} in this session", question.scope, question.upto, question.limit.currency));
    match &question.stopped {
        Stopped::Transfers(held) => transfers::release(model, held, out),
        Stopped::Requests => toll::release(model, out),
    }
    plan::rebuild(model, out);
}

fn decline(model: &mut Model, question: &Question, out: &mut Vec<Effect>) {
    match question.stopped {
        Stopped::Transfers(_) => model.say(Tone::Plain, "they stay paused on screen 3: Space asks again, x takes one away"),
        Stopped::Requests => {
            let verdict = Verdict::Passes { after: question.spent, limit: question.limit };
            let why = words::verdict(&verdict, &question.scope.to_string()).unwrap_or_default();
            let text = match toll::turn_away(model, question.scope.clone(), &why, out) {
                Held::Orders => "nothing was sent: over budget; the same key (r in lists) asks again",
                Held::UnderWay => "nothing more was sent: over budget; the same key (r in lists) asks again",
            };
            model.say(Tone::Warning, text);
        }
    }
    plan::rebuild(model, out);
}
