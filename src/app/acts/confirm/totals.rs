//! How much a question is about, and what it will ask of stores.

use crate::domain::{Acting, BucketId, ObjectSettings, Op, Provider};
use crate::transfer::Job;
use crate::transfer::need::{Need, Needs};
use crate::transfer::treatment::{Cuts, Treatment};

use super::super::super::Model;
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

/// What one bucket will be asked for, from here on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Side {
    /// The bucket, and the word on paying.
    pub(crate) acting: Acting,
    /// What is asked of it.
    pub(crate) need: Need,
    /// The storage class in which objects are written, where one was chosen.
    pub(crate) storage: Option<String>,
}

/// What will be asked of each bucket, the one that is read first: of the objects that are known.
pub(crate) fn sides(model: &Model, open: &Confirm) -> Vec<Side> {
    let mut sides: Vec<Side> = Vec::new();
    for draft in &open.drafts {
        for side in of_job(&draft.job, &needs(model, draft)) {
            match sides.iter_mut().find(|known| known.acting == side.acting && known.storage == side.storage) {
                Some(known) => known.need.add(&side.need),
                None => sides.push(side),
            }
        }
    }
    sides
}

fn needs(model: &Model, draft: &Draft) -> Needs {
    let account = &draft.job.acting().place.id.account;
    let account = model.accounts.iter().find(|known| known.name == *account);
    let (provider, endpoint) = account.map_or((Provider::S3, None), |account| (account.provider, account.endpoint.as_deref()));
    let treatment = Treatment::of(&draft.job, provider, endpoint);
    match &draft.amount {
        Amount::Known(sizes) => {
            let sizes = sizes.iter().map(|size| size.unwrap_or(0));
            let cuts = sizes.clone().fold(Cuts::default(), |cuts, size| cuts.and(treatment.parts(size)));
            treatment.needs(cuts, sizes.fold(0, u64::saturating_add))
        }
        Amount::Unplanned => Needs::default(),
        Amount::Planning(entry) => model.transfers.get(*entry).map_or_else(Needs::default, |entry| {
            let progress = entry.progress;
            treatment.needs(progress.cuts(), progress.bytes)
        }),
    }
}

/// The sides of a job: the bucket that is read first, if there are two.
pub(crate) fn of_job(job: &Job, needs: &Needs) -> Vec<Side> {
    let side = |acting: &Acting, need: &Need, storage: Option<String>| Side { acting: acting.clone(), need: need.clone(), storage };
    let class = |settings: &ObjectSettings| settings.storage_class.as_ref().map(|class| class.as_str().to_owned());
    let mut both = needs.reading.clone();
    both.add(&needs.writing);
    match job {
        Job::Upload(upload) => vec![side(&upload.to, &both, class(&upload.settings))],
        Job::Download(download) => vec![side(&download.from, &both, None)],
        Job::Delete(delete) => vec![side(&delete.within, &both, None)],
        Job::Copy(copy) => {
            let storage = copy.settings.as_ref().and_then(class);
            if copy.from == copy.to && storage.is_none() {
                return vec![side(&copy.to, &both, None)];
            }
            vec![side(&copy.from, &needs.reading, None), side(&copy.to, &needs.writing, storage)]
        }
    }
}

/// Which cloud a bucket is in.
pub(crate) fn provider(model: &Model, id: &BucketId) -> Provider {
    model.accounts.iter().find(|account| account.name == id.account).map_or(Provider::S3, |account| account.provider)
}

/// The operation with which a prefix is counted.
pub(crate) const COUNTED_WITH: Op = Op::ListObjectsV2;
