//! How much a question is about, and what it will ask of stores.

use crate::domain::{BucketId, Op, Provider};
use crate::transfer::need::Needs;
use crate::transfer::treatment::Treatment;
use crate::transfer::{Job, Progress, Selection};

use super::super::super::Model;
use super::super::super::estimate::{self, Side};
use super::buckets::selection;
use super::{Amount, Confirm, Draft};

/// Objects and bytes of a question.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Total {
    pub(crate) objects: u64,
    pub(crate) bytes: u64,
    /// Objects whose size nobody knows.
    pub(crate) unsized_objects: u64,
    /// What the counting has asked of stores so far.
    pub(crate) requests: u64,
}

/// Objects and bytes, as far as they are known now.
pub(crate) fn total(model: &Model, open: &Confirm) -> Total {
    let mut total = Total::default();
    for draft in &open.drafts {
        match &draft.amount {
            Amount::Known(sizes) => {
                total.objects += sizes.len() as u64;
                total.bytes = sizes.iter().flatten().fold(total.bytes, |sum, size| sum.saturating_add(*size));
                total.unsized_objects += sizes.iter().filter(|size| size.is_none()).count() as u64;
            }
            Amount::Unplanned => {}
            Amount::Planning(entry) => {
                let Some(entry) = model.transfers.get(*entry) else { continue };
                total.objects = total.objects.saturating_add(entry.progress.objects);
                total.bytes = total.bytes.saturating_add(entry.progress.bytes);
                total.requests = total.requests.saturating_add(entry.progress.tally.requests);
            }
        }
    }
    total
}

/// What will be asked of each bucket, the one that is read first: of the objects that are known.
pub(crate) fn sides(model: &Model, open: &Confirm) -> Vec<Side> {
    let mut sides: Vec<Side> = Vec::new();
    for draft in &open.drafts {
        for side in estimate::sides(&draft.job, &needs(model, draft)) {
            match sides.iter_mut().find(|known| known.acting == side.acting && known.storage == side.storage) {
                Some(known) => known.need.add(&side.need),
                None => sides.push(side),
            }
        }
    }
    sides
}

/// What a job does with its objects.
fn treatment(model: &Model, job: &Job) -> Treatment {
    let account = &job.acting().place.id.account;
    let account = model.accounts.iter().find(|known| known.name == *account);
    let (provider, endpoint) = account.map_or((Provider::S3, None), |account| (account.provider, account.endpoint.as_deref()));
    Treatment::of(job, provider, endpoint)
}

/// What a job that has found so much will ask for.
pub(crate) fn needs_of(model: &Model, job: &Job, found: &Progress) -> Needs {
    treatment(model, job).needs(found)
}

fn needs(model: &Model, draft: &Draft) -> Needs {
    let treatment = treatment(model, &draft.job);
    match (&draft.amount, selection(&draft.job)) {
        (Amount::Known(_), Some(Selection::Picked(picks))) => treatment.needs(&Progress::of_picks(treatment, picks)),
        (Amount::Known(_), Some(Selection::Below { .. }) | None) | (Amount::Unplanned, _) => Needs::default(),
        (Amount::Planning(entry), _) => model.transfers.get(*entry).map_or_else(Needs::default, |entry| treatment.needs(&entry.progress)),
    }
}

/// Which cloud a bucket is in.
pub(crate) fn provider(model: &Model, id: &BucketId) -> Provider {
    model.accounts.iter().find(|account| account.name == id.account).map_or(Provider::S3, |account| account.provider)
}

/// The operation with which a prefix is counted.
pub(crate) const COUNTED_WITH: Op = Op::ListObjectsV2;
