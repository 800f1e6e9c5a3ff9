//! What jobs and single requests cost before they are sent, and the budgets that judge it: for console and commands alike.
//!
//! Comes in: what will be asked of a bucket, where it is, the price book, the config. Goes out: estimates, budgets. Forbidden here:
//! asking anybody.

use crate::config::{Account, Settings};
use crate::domain::{Acting, BucketId, Op, Place};
use crate::prices::{Book, Estimate, Purses, Scope, Where, words};
use crate::transfer::Job;
use crate::transfer::need::{Need, Needs};

use super::Model;

/// What one bucket will be asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Side {
    /// The bucket, and the word on paying.
    pub(crate) acting: Acting,
    /// What is asked of it.
    pub(crate) need: Need,
    /// The storage class in which objects are written, where one was chosen.
    pub(crate) storage: Option<String>,
}

impl Side {
    /// What it costs, where the bucket is.
    pub(crate) fn estimate(&self, book: &Book, place: &Where<'_>) -> Estimate {
        let (requests, down) = self.need.plain();
        let mut estimate = Estimate::storing(book, place, &requests, self.need.bytes_up, down, self.storage.as_deref());
        for shelf in &self.need.shelves {
            let class = shelf.class.as_str();
            estimate.plus(&Estimate::shelved(book, place, class, &shelf.requests, shelf.bytes_down));
            estimate.copies(book, place, class, shelf.copies, shelf.bytes_copied);
        }
        self.need.perhaps.iter().for_each(|(op, most)| estimate.may_ask(book, place, *op, *most));
        estimate
    }
}

/// The sides of a job: the bucket that is read first, if there are two.
pub(crate) fn sides(job: &Job, needs: &Needs) -> Vec<Side> {
    let side = |acting: &Acting, need: &Need, storage: Option<String>| Side { acting: acting.clone(), need: need.clone(), storage };
    let class = |settings: &crate::domain::ObjectSettings| settings.storage_class.as_ref().map(|class| class.as_str().to_owned());
    let mut both = needs.reading.clone();
    both.add(&needs.writing);
    match job {
        Job::Upload(upload) => vec![side(&upload.to, &both, class(&upload.settings))],
        Job::Download(download) => vec![side(&download.from, &both, None)],
        Job::Delete(delete) => vec![side(&delete.within, &both, None)],
        Job::Copy(copy) => {
            let chosen = copy.settings.as_ref().and_then(|settings| settings.storage_class.as_ref());
            let mut writing = needs.writing.clone();
            if let Some(class) = chosen.filter(|class| !class.is_standard()) {
                let looks = Need { requests: vec![(Op::HeadObject, needs.looked_at)], ..Need::default() };
                writing.shelve(class, &looks);
            }
            vec![side(&copy.from, &needs.reading, None), side(&copy.to, &writing, chosen.map(|class| class.as_str().to_owned()))]
        }
    }
}

/// What a side costs, by what the console knows of the bucket.
pub(crate) fn of_side(model: &Model, side: &Side) -> Estimate {
    at(model, &side.acting.place, |book, place| side.estimate(book, place))
}

/// What these requests to a bucket cost, by what the console knows of it.
pub(crate) fn of_requests(model: &Model, place: &Place, requests: &[(Op, u64)], down: u64) -> Estimate {
    at(model, place, |book, place| Estimate::of(book, place, requests, 0, down))
}

fn at(model: &Model, place: &Place, estimate: impl FnOnce(&Book, &Where<'_>) -> Estimate) -> Estimate {
    let id = &place.id;
    let Some(account) = model.accounts.iter().find(|account| account.name == id.account) else { return Estimate::default() };
    estimate(model.prices.book(), &Where::of(&account.site, region(model, place)))
}

/// What bytes that leave a side cost by the clock, if some do. `None`: nothing comes from there, or its price does not follow the clock.
pub(crate) fn hours(model: &Model, side: &Side) -> Option<String> {
    if side.need.bytes_down == 0 { None } else { hours_at(model, &side.acting.place) }
}

/// The same of a bucket, whatever is asked of it.
pub(crate) fn hours_at(model: &Model, place: &Place) -> Option<String> {
    let account = model.accounts.iter().find(|account| account.name == place.id.account)?;
    words::hours(model.prices.book(), &Where::of(&account.site, region(model, place)), model.now, &model.zone)
}

/// Where a bucket is, by what the console knows of it.
fn region<'a>(model: &'a Model, place: &'a Place) -> Option<&'a str> {
    let row = model.row_of(&place.id).and_then(|row| model.board.row(row));
    row.and_then(|row| row.region.as_deref()).or(place.region.as_deref())
}

/// One side of nothing but so many requests of one kind, with so many bytes in their answers.
pub(crate) fn side(acting: Acting, op: Op, count: u64, down: u64) -> Side {
    let mut need = Need { bytes_down: down, ..Need::default() };
    need.ask(op, count);
    Side { acting, need, storage: None }
}

/// So many requests of one kind, with so many bytes in their answers.
pub(crate) fn requests(book: &Book, place: &Where<'_>, op: Op, count: u64, down: u64) -> Estimate {
    Estimate::of(book, place, &[(op, count)], 0, down)
}

/// The budgets of a config; the one of its settings is for all of this.
pub(crate) fn budgets(all: Scope, settings: &Settings, accounts: &[Account]) -> Purses {
    let mut purses = Purses::default();
    if let Some(limit) = settings.budget {
        purses.add(all, limit);
    }
    for account in accounts {
        if let Some(limit) = account.budget {
            purses.add(Scope::Account(account.name.clone()), limit);
        }
        for (bucket, limit) in account.buckets.iter().filter_map(|bucket| Some((bucket, bucket.budget?))) {
            purses.add(Scope::Bucket(BucketId { account: account.name.clone(), bucket: bucket.name.clone() }), limit);
        }
    }
    purses
}
