//! Which buckets a job is about.

use crate::domain::Acting;
use crate::transfer::{Job, Original, Selection};

pub(super) fn selection(job: &Job) -> Option<&Selection> {
    match job {
        Job::Upload(_) => None,
        Job::Download(download) => Some(&download.what),
        Job::Copy(copy) => Some(&copy.what),
        Job::Delete(delete) => Some(&delete.what),
    }
}

/// The buckets of a job that change.
pub(crate) fn changed(job: &Job) -> Vec<&Acting> {
    match job {
        Job::Upload(upload) => vec![&upload.to],
        Job::Download(_) => Vec::new(),
        Job::Copy(copy) if copy.original == Original::Goes => vec![&copy.to, &copy.from],
        Job::Copy(copy) => vec![&copy.to],
        Job::Delete(delete) => vec![&delete.within],
    }
}

/// Every bucket of a job: the one that is read first.
pub(crate) fn of_job(job: &Job) -> Vec<&Acting> {
    match job {
        Job::Upload(upload) => vec![&upload.to],
        Job::Download(download) => vec![&download.from],
        Job::Copy(copy) if copy.from.place.id == copy.to.place.id => vec![&copy.from],
        Job::Copy(copy) => vec![&copy.from, &copy.to],
        Job::Delete(delete) => vec![&delete.within],
    }
}

pub(super) fn actings(job: &mut Job) -> Vec<&mut Acting> {
    match job {
        Job::Upload(upload) => vec![&mut upload.to],
        Job::Download(download) => vec![&mut download.from],
        Job::Copy(copy) => vec![&mut copy.from, &mut copy.to],
        Job::Delete(delete) => vec![&mut delete.within],
    }
}
