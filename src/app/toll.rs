//! Single requests and budgets: an order that costs leaves the model only once the budgets have let it pass.
//!
//! ```text
//! order ──(fits)─────────────────> leaves; its cost is set aside until its answer is here
//!   └────(would pass a budget)──> held ──> one question for all that is held ──y──> the limit is raised, they leave
//!                                                                             └─no─> each ends as refused, nothing was sent
//! ```
//! After a no, requests that follow from moving about are refused at once; a key that asks for something asks again.
//! Comes in: the orders of one message. Goes out: those that may leave. Forbidden here: letting one pass that nobody has judged.

use std::collections::VecDeque;
use std::sync::Arc;

use super::acts::Act;
use super::acts::preview::PIECE;
use super::budget::{self, Stopped};
use super::dialog::Dialog;
use super::model::Tone;
use super::objects::Reading;
use super::transfers::Question;
use super::{Changed, Effect, Model, Msg, Outcome, Thorough, Ticket, estimate, reading, update};
use crate::domain::{AccountName, Begin, Error, ErrorKind, Look, Money, Op, Place, Seen, Setting};
use crate::prices::{Estimate, Scope, Toll, Verdict, Where, words};

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

/// Whether its answer is still waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Waits {
    Yes,
    /// It was called off, and what it cost has not been heard of yet.
    CalledOff,
}

/// What makes an order come about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cause {
    /// A key that asks for just this.
    Key,
    /// Something else: the cursor comes near, an answer opens the next question.
    Course,
}

/// What an order asks of a store.
#[derive(Debug)]
struct Asked {
    ticket: Ticket,
    what: What,
    toll: Toll,
    cause: Cause,
}

/// Its name for one and for many.
type What = (&'static str, &'static str);

impl Tolls {
    /// The order of this ticket is called off. Says whether it had not left.
    fn call_off(&mut self, ticket: Ticket) -> bool {
        self.aside.iter_mut().filter(|aside| aside.ticket == ticket).for_each(|aside| aside.waits = Waits::CalledOff);
        let before = self.held.len();
        self.held.retain(|(held, _)| held.ticket != ticket);
        self.held.len() < before
    }
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
    let passed = verdicts.iter().find(|(_, verdict)| matches!(verdict, Verdict::Passes { .. }));
    let Some((scope, verdict)) = passed else {
        tell(model, &verdicts);
        model.tolls.aside.push(Aside { ticket: asked.ticket, toll: asked.toll, waits: Waits::Yes });
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
    model.tolls.held.iter().any(|(asked, _)| asked.ticket == ticket)
}

/// The budget that the first held order would pass, with what would be spent if all of them left, and the limit.
fn passed(model: &Model) -> Option<(Scope, Money, Money)> {
    let ((first, _), others) = model.tolls.held.split_first()?;
    let meant = verdicts(model, &first.toll).into_iter().find(|(_, verdict)| matches!(verdict, Verdict::Passes { .. }))?.0;
    let under_way = model.tolls.aside.iter().map(|aside| &aside.toll).chain(others.iter().map(|(asked, _)| &asked.toll));
    let verdicts = model.purses.judge_toll(&first.toll, &under_way.collect::<Vec<_>>());
    verdicts.into_iter().filter(|(scope, _)| *scope == meant).find_map(|(scope, verdict)| match verdict {
        Verdict::Passes { after, limit } => Some((scope, after, limit)),
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
        Some(Dialog::Act(act)) => matches!(act, Act::Preview(_) | Act::Versions(_)),
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
pub(super) fn turn_away(model: &mut Model, scope: Scope, why: &str, out: &mut Vec<Effect>) {
    model.tolls.closed.push(scope);
    let mut after = VecDeque::new();
    for (_, order) in std::mem::take(&mut model.tolls.held) {
        refuse(model, order, why, &mut after);
    }
    out.extend(after);
}

/// The order ends as one that a store refused would: it says so where its answer would stand.
fn refuse(model: &mut Model, order: Effect, why: &str, orders: &mut VecDeque<Effect>) {
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

/// What an order asks of a store; `None`: nothing, or it belongs to a job, which is judged as a whole.
fn asked(model: &Model, order: &Effect) -> Option<Asked> {
    let of = |ticket: &Ticket, what: What, cause: Cause, place: &Place, requests: &[(Op, u64)], down: u64| {
        let cost = estimate::of_requests(model, place, requests, down);
        Some(Asked { ticket: *ticket, what, toll: Toll::of(&place.id, cost), cause })
    };
    match order {
        Effect::ListBuckets(ticket, account) => of_account(model, *ticket, account, Op::ListBuckets),
        Effect::Identify(ticket, account) => of_account(model, *ticket, account, Op::GetCallerIdentity),
        Effect::ReadPayer(ticket, place) => {
            let what = ("reading of a payer", "readings of payers");
            of(ticket, what, Cause::Course, place, &[(Op::GetBucketRequestPayment, 1)], 0)
        }
        Effect::LookAtBucket(ticket, place) => {
            let site = &model.accounts.iter().find(|account| account.name == place.id.account)?.site;
            let settings: Vec<(Op, u64)> = Setting::of(site).iter().map(|setting| (setting.op(), 1)).collect();
            of(ticket, ("look at a bucket's settings", "looks at buckets' settings"), Cause::Course, place, &settings, 0)
        }
        Effect::ChangePayer(ticket, change) => {
            let requests = [(Op::PutBucketRequestPayment, 1), (Op::GetBucketRequestPayment, 1)];
            of(ticket, ("change of a payer", "changes of payers"), Cause::Course, &change.place, &requests, 0)
        }
        Effect::ListObjects(ticket, acting, ask, pages) => {
            let goes_on = *pages == 1 && matches!(ask.begin, Begin::Token(_));
            let cause = if goes_on { Cause::Course } else { Cause::Key };
            of(ticket, ("listing of keys", "listings of keys"), cause, &acting.place, &[(Op::ListObjectsV2, *pages)], 0)
        }
        Effect::ListVersions(ticket, acting, _) => {
            of(ticket, ("list of versions", "lists of versions"), Cause::Key, &acting.place, &[(Op::ListObjectVersions, 1)], 0)
        }
        Effect::InspectObject(ticket, acting, _, thorough) => {
            of(ticket, ("inspection", "inspections"), Cause::Key, &acting.place, inspected(*thorough), 0)
        }
        Effect::Preview(ticket, acting, pick, _) => {
            let down = pick.size.unwrap_or(PIECE).min(PIECE);
            of(ticket, ("preview", "previews"), Cause::Key, &acting.place, &[(Op::GetObject, 1)], down)
        }
        Effect::Probe(ticket, errand) => {
            let (requests, down) = (errand.plan.requests(), errand.plan.bytes_down());
            of(ticket, ("probe", "probes"), Cause::Key, &errand.place, &requests, down)
        }
        Effect::ListUploads(ticket, acting, _) => {
            let what = ("list of unfinished uploads", "lists of unfinished uploads");
            of(ticket, what, Cause::Key, &acting.place, &[(Op::ListMultipartUploads, 1)], 0)
        }
        Effect::AbortUploads(ticket, acting, uploads) => {
            let requests = [(Op::AbortMultipartUpload, uploads.len() as u64)];
            of(ticket, ("abort of uploads", "aborts of uploads"), Cause::Key, &acting.place, &requests, 0)
        }
        // Jobs are judged before they begin, and paused while they run.
        Effect::RunJob(..)
        | Effect::KeepJob(_)
        | Effect::Rein(..)
        | Effect::GiveUpJob(..)
        | Effect::LimitBandwidth(_)
        // These are answered on this machine.
        | Effect::Load(..)
        | Effect::StopWatching(_)
        | Effect::ReadJournal(..)
        | Effect::ReadLedger { .. }
        | Effect::ReadRequests { .. }
        | Effect::Arrange(..)
        | Effect::KeepConsent(_)
        | Effect::ForgetConsent(_)
        | Effect::Remember(_)
        | Effect::LookAgain(..)
        | Effect::ReadFolder(..)
        | Effect::Presign(..)
        | Effect::Wait(..)
        | Effect::Cancel(_)
        | Effect::WriteConfig(_)
        | Effect::Copy(_)
        | Effect::Suspend
        | Effect::Quit => None,
    }
}

fn inspected(thorough: Thorough) -> &'static [(Op, u64)] {
    const EVERYTHING: &[(Op, u64)] =
        &[(Op::HeadObject, 1), (Op::GetObjectTagging, 1), (Op::GetObjectAcl, 1), (Op::ListObjectVersions, 1), (Op::GetObjectAttributes, 1)];
    match thorough {
        Thorough::Headers => &EVERYTHING[..1],
        Thorough::Everything => EVERYTHING,
    }
}

fn of_account(model: &Model, ticket: Ticket, name: &AccountName, op: Op) -> Option<Asked> {
    let site = &model.accounts.iter().find(|account| account.name == *name)?.site;
    let cost = Estimate::of(model.prices.book(), &Where::of(site, None), &[(op, 1)], 0, 0);
    let toll = Toll { account: Arc::from(name.as_str()), bucket: None, cost };
    Some(Asked { ticket, what: ("list of buckets", "lists of buckets"), toll, cause: Cause::Course })
}
