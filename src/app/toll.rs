//! Single requests and budgets: an order that costs leaves the model only once the budgets have let it pass.
//!
//! ```text
//! order ──(fits)─────────────────> leaves; its cost is set aside until its answer is here
//!   └────(would pass a budget)──> held ──> one question for all that is held ──y──> the limit is raised, they leave
//!                                                                             └─no─> each ends as refused, nothing was sent
//! ```
//! A request that nobody could judge with its order (a further page of a plan or of a list, a repeated request) is stopped at the door
//! of the engine when it would pass a budget. It waits here like an order, and goes on where it stood, or fails.
//!
//! After a no, requests that follow from moving about are refused at once; a key that asks for something asks again.
//! Comes in: the orders of one message. Goes out: those that may leave. Forbidden here: letting one pass that nobody has judged.

mod asked;

use std::collections::VecDeque;

use self::asked::{Asked, Cause, What, Who, asked};
use super::acts::Act;
use super::acts::confirm::Stage;
use super::budget::{self, Stopped};
use super::dialog::Dialog;
use super::model::Tone;
use super::objects::Reading;
use super::transfers::Question;
use super::{AtDoor, Changed, Effect, Model, Msg, Outcome, Pass, Ticket, estimate, reading, update};
use crate::domain::{Amount, Error, ErrorKind, Look, Money, Op, Place, Seen, Setting};
use crate::prices::{Estimate, Scope, Toll, Verdict, words};

/// What waits for a word, and what is under way.
#[derive(Debug, Default)]
pub(crate) struct Tolls {
    held: Vec<(Asked, Effect)>,
    aside: Vec<Aside>,
    /// Budgets that stay as they are: the user said no.
    closed: Vec<Scope>,
    /// Budgets of which was told that they cannot count some requests.
    told: Vec<Scope>,
}

/// What a request that has left may still cost.
#[derive(Debug)]
struct Aside {
    ticket: Ticket,
    toll: Toll,
    waits: Waits,
}

/// What a no has kept back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Held {
    /// Orders of which nothing has left.
    Orders,
    /// Requests of something that was under way, too.
    UnderWay,
}

/// Whether its answer is still waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Waits {
    Yes,
    /// It was called off, and what it cost has not been heard of yet.
    CalledOff,
}

impl Tolls {
    /// The order of this ticket is called off. Says whether it had not left.
    fn call_off(&mut self, ticket: Ticket) -> bool {
        self.aside.iter_mut().filter(|aside| aside.ticket == ticket).for_each(|aside| aside.waits = Waits::CalledOff);
        self.forget(Who::Order(ticket))
    }

    /// What this one waits for is not wanted any more. Says whether anything was held for it.
    fn forget(&mut self, who: Who) -> bool {
        let before = self.held.len();
        self.held.retain(|(held, _)| held.who != who);
        self.held.len() < before
    }
}

/// Whoever waited at the door has gone.
pub(super) fn gone(model: &mut Model, pass: Pass) {
    model.tolls.forget(Who::AtDoor(pass));
}

/// The ledger has told what was spent until now.
pub(super) fn spent(model: &mut Model) {
    let waits = &model.waits;
    model.tolls.aside.retain(|aside| aside.waits == Waits::Yes && waits.contains_key(&aside.ticket));
}

/// Lets the budgets judge the orders of a message. What they do not let pass stays here, and is asked about.
pub(super) fn gate(model: &mut Model, out: &mut Vec<Effect>) {
    if model.purses.is_empty() {
        return;
    }
    settle(model);
    let mut orders: VecDeque<Effect> = std::mem::take(out).into();
    while let Some(order) = orders.pop_front() {
        if let Effect::Cancel(ticket) = &order
            && model.tolls.call_off(*ticket)
        {
            continue;
        }
        match asked(model, &order) {
            Some(asked) => judge(model, asked, order, out, &mut orders),
            None => out.push(order),
        }
    }
    ask(model);
}

/// What has been answered is in the ledger; of pages that are read one after the other, the rest is still to come.
fn settle(model: &mut Model) {
    let waits = &model.waits;
    model.tolls.aside.retain(|aside| aside.waits == Waits::CalledOff || waits.contains_key(&aside.ticket));
    let Some(Reading::Rest { ticket, left }) = model.objects.listing.as_ref().map(|listing| listing.reading) else { return };
    let Some(acting) = model.acting() else { return };
    let cost = estimate::of_requests(model, &acting.place, &[(Op::ListObjectsV2, left)], 0);
    model.tolls.aside.iter_mut().filter(|aside| aside.ticket == ticket).for_each(|aside| aside.toll.cost = cost.clone());
}

fn judge(model: &mut Model, asked: Asked, order: Effect, out: &mut Vec<Effect>, orders: &mut VecDeque<Effect>) {
    let verdicts = verdicts(model, &asked.toll);
    let shut = shut(model, &order);
    let passed = verdicts.iter().find(|(_, verdict)| verdict.passes()).or(shut.as_ref());
    let Some((scope, verdict)) = passed else {
        tell(model, &verdicts);
        // What waits at the door is set aside there.
        if let Who::Order(ticket) = asked.who {
            model.tolls.aside.push(Aside { ticket, toll: asked.toll, waits: Waits::Yes });
        }
        return out.push(order);
    };
    if asked.cause == Cause::Course && model.tolls.closed.contains(scope) {
        let why = words::verdict(verdict, &scope.to_string()).unwrap_or_default();
        return refuse(model, order, &why, orders);
    }
    model.tolls.closed.retain(|closed| closed != scope);
    model.tolls.held.push((asked, order));
}

fn verdicts(model: &Model, toll: &Toll) -> Vec<(Scope, Verdict)> {
    let under_way: Vec<&Toll> = model.tolls.aside.iter().map(|aside| &aside.toll).collect();
    model.purses.judge_toll(toll, &under_way)
}

/// What stopped a request at the door, as long as that limit holds: the door knows of requests that are under way, the model of those
/// that have ended.
fn shut(model: &Model, order: &Effect) -> Option<(Scope, Verdict)> {
    let Effect::LetPass(AtDoor { shut, .. }) = order else { return None };
    let (scope, verdict) = shut;
    (verdict.limit() == model.purses.limit(scope)).then(|| shut.clone())
}

/// That a budget cannot count what costs another currency is told once; it stops no single request.
fn tell(model: &mut Model, verdicts: &[(Scope, Verdict)]) {
    for (scope, verdict) in verdicts {
        if matches!(verdict, Verdict::OtherCurrency { .. }) && !model.tolls.told.contains(scope) {
            model.tolls.told.push(scope.clone());
            let said = words::verdict(verdict, &scope.to_string()).unwrap_or_default();
            model.say(Tone::Warning, format!("a request is not counted: {said}"));
        }
    }
}

/// One question for everything that is held. It stands over what ordered it, and waits for anything else that is asked or typed.
fn ask(model: &mut Model) {
    let question_is_open = matches!(model.dialog, Some(Dialog::Budget(_)));
    if model.tolls.held.is_empty() {
        return budget::drop_question(model);
    }
    if question_is_open || model.editing.is_some() || !may_stand_over(model.dialog.as_ref()) {
        return;
    }
    if let Some((scope, after, limit)) = passed(model) {
        budget::open(model, scope, after, limit, Stopped::Requests);
    }
}

/// Whether the order of this ticket waits for a word.
pub(crate) fn holds(model: &Model, ticket: Ticket) -> bool {
    model.tolls.held.iter().any(|(asked, _)| asked.who == Who::Order(ticket))
}

/// The budget that the first held order would pass, with what would be spent if all of them left, and the limit.
fn passed(model: &Model) -> Option<(Scope, Money, Money)> {
    let ((first, order), others) = model.tolls.held.split_first()?;
    if let Some((scope, verdict)) = shut(model, order) {
        let (after, limit) = (verdict.after()?, verdict.limit()?);
        let more = others.iter().map(|(asked, _)| asked.toll.within(&scope, after.currency)).fold(after.amount, Amount::plus);
        return Some((scope, Money { amount: more, ..after }, limit));
    }
    let meant = verdicts(model, &first.toll).into_iter().find(|(_, verdict)| verdict.passes())?.0;
    let under_way = model.tolls.aside.iter().map(|aside| &aside.toll).chain(others.iter().map(|(asked, _)| &asked.toll));
    let verdicts = model.purses.judge_toll(&first.toll, &under_way.collect::<Vec<_>>());
    verdicts.into_iter().filter(|(scope, _)| *scope == meant).find_map(|(scope, verdict)| match verdict {
        Verdict::Passes { after, limit } | Verdict::MayPass { after, limit } => Some((scope, after, limit)),
        Verdict::Within | Verdict::OtherCurrency { .. } | Verdict::Unpriced { .. } => None,
    })
}

/// What waits for a word: how many of each kind, and what they cost.
pub(super) fn waiting(model: &Model) -> String {
    let mut kinds: Vec<(What, usize)> = Vec::new();
    let mut cost = Estimate::default();
    for (asked, _) in &model.tolls.held {
        cost.plus(&asked.toll.cost);
        match kinds.iter_mut().find(|(known, _)| *known == asked.what) {
            Some((_, count)) => *count += 1,
            None => kinds.push((asked.what, 1)),
        }
    }
    let counted = |((one, many), count): (What, usize)| if count == 1 { format!("1 {one}") } else { format!("{count} {many}") };
    let kinds: Vec<String> = kinds.into_iter().map(counted).collect();
    format!("{}; {}", kinds.join(", "), words::money(&cost))
}

fn may_stand_over(dialog: Option<&Dialog>) -> bool {
    match dialog {
        None | Some(Dialog::Probe(_) | Dialog::Plan(_) | Dialog::Report { .. } | Dialog::Transfers(Question::Uploads(_))) => true,
        Some(Dialog::Act(Act::Preview(_) | Act::Versions(_))) => true,
        // A plan that stops in the middle of its counting.
        Some(Dialog::Act(Act::Confirm(open))) => matches!(open.stage, Stage::Counting),
        Some(Dialog::Act(_)) => false,
        Some(
            Dialog::Help { .. }
            | Dialog::Palette(_)
            | Dialog::OpenBucket(_)
            | Dialog::Copy { .. }
            | Dialog::Consent(_)
            | Dialog::Diagnosis(_)
            | Dialog::ReadRest(_)
            | Dialog::Budget(_)
            | Dialog::Jump(_)
            | Dialog::Quit { .. }
            | Dialog::Transfers(_),
        ) => false,
    }
}

/// A key asks for what a no has kept back: it is asked about again.
pub(super) fn reopen(model: &mut Model) {
    if !std::mem::take(&mut model.tolls.closed).is_empty() {
        reading::forget_refusals(model);
    }
}

/// A yes: what was held is judged anew, since another budget may have a word on it.
pub(super) fn release(model: &mut Model, out: &mut Vec<Effect>) {
    out.extend(model.tolls.held.drain(..).map(|(_, order)| order));
}

/// A no: nothing of what is held leaves, and nothing follows it until a key asks for something.
pub(super) fn turn_away(model: &mut Model, scope: Scope, why: &str, out: &mut Vec<Effect>) -> Held {
    model.tolls.closed.push(scope);
    let mut after = VecDeque::new();
    let under_way = model.tolls.held.iter().any(|(asked, _)| matches!(asked.who, Who::AtDoor(_)));
    for (_, order) in std::mem::take(&mut model.tolls.held) {
        refuse(model, order, why, &mut after);
    }
    out.extend(after);
    if under_way { Held::UnderWay } else { Held::Orders }
}

/// The order ends as one that a store refused would: it says so where its answer would stand.
fn refuse(model: &mut Model, order: Effect, why: &str, orders: &mut VecDeque<Effect>) {
    if let Effect::LetPass(at) = &order {
        return orders.push_back(Effect::TurnBack(at.pass, why.to_owned()));
    }
    let Some(answer) = refusal(model, order, why) else { return };
    let mut out = Vec::new();
    update::take(model, answer, &mut out);
    orders.extend(out);
}

fn refused(target: &str, why: &str) -> Error {
    Error::new(ErrorKind::Refused, format!("{target}: not sent: {why}"))
        .hint("Nothing was sent. Ask for it once more (r in lists) to be asked about the budget again.")
}

#[expect(clippy::wildcard_enum_match_arm, reason = "whatever costs has its arm here; `asked` names the rest")]
fn refusal(model: &Model, order: Effect, why: &str) -> Option<Msg> {
    let of = |place: &Place| refused(&format!("bucket \"{}\"", place.id.bucket), why);
    let answer = match order {
        Effect::ListBuckets(ticket, account) => Msg::Listed(ticket, Err(refused(&format!("account \"{account}\""), why))),
        Effect::ReadPayer(ticket, place) => Msg::PayerRead(ticket, Err(of(&place))),
        Effect::LookAtBucket(ticket, place) => Msg::BucketSeen(ticket, unseen(model, &place)?),
        Effect::ChangePayer(ticket, change) => {
            let error = Some(of(&change.place));
            Msg::PayerChanged(ticket, Changed { outcome: Outcome::Failed, after: None, request_id: None, error })
        }
        Effect::ListObjects(ticket, acting, _, _) => Msg::PageListed(ticket, Err(of(&acting.place))),
        Effect::ListVersions(ticket, acting, _) => Msg::VersionsListed(ticket, Err(of(&acting.place))),
        Effect::InspectObject(ticket, acting, _, _) => Msg::Inspected(ticket, Err(of(&acting.place))),
        Effect::Preview(ticket, acting, _, _) => Msg::Previewed(ticket, Err(of(&acting.place))),
        Effect::Probe(ticket, errand) => Msg::Probed(ticket, Err(of(&errand.place))),
        Effect::ListUploads(ticket, acting, _) => Msg::UploadsListed(ticket, Err(of(&acting.place))),
        Effect::AbortUploads(ticket, acting, uploads) => {
            Msg::UploadsAborted(ticket, uploads.into_iter().map(|upload| (upload, of(&acting.place))).collect())
        }
        _ => return None,
    };
    Some(answer)
}

/// A look that saw nothing.
fn unseen(model: &Model, place: &Place) -> Option<Look> {
    let site = &model.accounts.iter().find(|account| account.name == place.id.account)?.site;
    Some(Look {
        provider: site.provider,
        bucket: place.id.bucket.to_string(),
        owner: place.expected_owner.clone(),
        seen: Setting::of(site).iter().map(|setting| (*setting, Seen::Unread("not asked: over budget".to_owned()))).collect(),
        open: 0,
        requests: 0,
        at: model.now,
    })
}
