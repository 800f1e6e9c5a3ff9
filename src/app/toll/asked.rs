//! What an order asks of a store: its name, its cost, and what makes it come about.

use std::sync::Arc;

use crate::app::acts::preview::PIECE;
use crate::app::{AtDoor, Effect, Model, Pass, Thorough, Ticket, estimate};
use crate::domain::{AccountName, Begin, Op, Place, Setting};
use crate::prices::{Estimate, Toll, Where};

/// What makes an order come about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cause {
    /// A key that asks for just this.
    Key,
    /// Something else: the cursor comes near, an answer opens the next question.
    Course,
}

/// Who waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Who {
    /// Whoever gave an order that has not left.
    Order(Ticket),
    /// A request of something that is under way.
    AtDoor(Pass),
}

/// What an order asks of a store.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) who: Who,
    pub(super) what: What,
    pub(super) toll: Toll,
    pub(super) cause: Cause,
}

/// Its name for one and for many.
pub(super) type What = (&'static str, &'static str);

/// What an order asks of a store; `None`: nothing, or it belongs to a job, which is judged as a whole.
pub(super) fn asked(model: &Model, order: &Effect) -> Option<Asked> {
    let of = |ticket: &Ticket, what: What, cause: Cause, place: &Place, requests: &[(Op, u64)], down: u64| {
        let cost = estimate::of_requests(model, place, requests, down);
        Some(Asked { who: Who::Order(*ticket), what, toll: Toll::of(&place.id, cost), cause })
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
        Effect::LetPass(at) => Some(at_door(at)),
        // Confirmed jobs are judged before they begin, and paused while they run.
        Effect::RunJob(..)
        | Effect::KeepJob(_)
        | Effect::Rein(..)
        | Effect::GiveUpJob(..)
        | Effect::LimitBandwidth(_)
        // These are answered on this machine.
        | Effect::TurnBack(..)
        | Effect::RaiseBudget(..)
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

/// A request that is stopped at the door: whatever it belongs to is under way.
fn at_door(at: &AtDoor) -> Asked {
    let AtDoor { pass, op, toll, .. } = at;
    let pages = matches!(op, Op::ListObjectsV2 | Op::ListObjectVersions);
    let uploads = matches!(op, Op::ListMultipartUploads | Op::ListParts);
    let what = match (pages, uploads) {
        (true, _) => ("page of a listing", "pages of a listing"),
        (_, true) => ("page of a list of unfinished uploads", "pages of a list of unfinished uploads"),
        (false, false) => ("further request", "further requests"),
    };
    // A listing goes on for whoever began it by a key.
    let cause = if pages || uploads { Cause::Key } else { Cause::Course };
    Asked { who: Who::AtDoor(*pass), what, toll: toll.clone(), cause }
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
    Some(Asked { who: Who::Order(ticket), what: ("list of buckets", "lists of buckets"), toll, cause: Cause::Course })
}
