//! How much a question is about, and what it will ask of stores.

use crate::domain::{BucketId, Op, Provider};
use crate::transfer::need::Needs;
use crate::transfer::{Job, Original};

use super::super::super::Model;
use super::{Amount, Confirm, Verb};

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

/// What will be asked of the stores from here on, of the objects that are known; of what was counted, objects are taken to be of one
/// size.
pub(crate) fn needs(model: &Model, open: &Confirm) -> Needs {
    let mut needs = Needs::default();
    for draft in &open.drafts {
        match &draft.amount {
            Amount::Known(sizes) => sizes.iter().for_each(|size| need(model, &draft.job, size.unwrap_or(0), &mut needs)),
            Amount::Unplanned => {}
            Amount::Planning(entry) => {
                let Some(progress) = model.transfers.get(*entry).map(|entry| entry.progress) else { continue };
                let size = progress.bytes.checked_div(progress.objects).unwrap_or(0);
                let mut one = Needs::default();
                need(model, &draft.job, size, &mut one);
                for (op, count) in one.reading.requests {
                    needs.reading.ask(op, count.saturating_mul(progress.objects));
                }
                for (op, count) in one.writing.requests {
                    needs.writing.ask(op, count.saturating_mul(progress.objects));
                }
            }
        }
    }
    if open.verb == Verb::Delete {
        needs.writing.requests.clear();
        needs.delete(total(model, open).objects);
    }
    needs
}

fn need(model: &Model, job: &Job, size: u64, needs: &mut Needs) {
    match job {
        Job::Upload(_) => needs.upload(size),
        Job::Download(_) => needs.download(size),
        Job::Copy(copy) => {
            if copy.from.place.id.account == copy.to.place.id.account {
                needs.copy_within(provider(model, &copy.to.place.id), copy.overwrite, size);
            } else {
                needs.copy_across(copy.overwrite, size);
            }
            if copy.original == Original::Goes {
                needs.original_goes();
            }
        }
        // Deletes go in batches: they are counted together.
        Job::Delete(_) => {}
    }
}

/// Which cloud a bucket is in.
pub(crate) fn provider(model: &Model, id: &BucketId) -> Provider {
    model.accounts.iter().find(|account| account.name == id.account).map_or(Provider::S3, |account| account.provider)
}

/// The operation with which a prefix is counted.
pub(crate) const COUNTED_WITH: Op = Op::ListObjectsV2;
