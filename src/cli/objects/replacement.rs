//! What exists already under the names of a job: the question whether it is to be replaced, and the jobs that do it.
//!
//! Comes in: a job and the objects that it left alone. Goes out: one question for all of them, and a job for each.

use std::path::PathBuf;

use super::Desk;
use super::run::Question;
use crate::cli::words::counted;
use crate::domain::escape::visible;
use crate::domain::{Access, Acting, ObjectKey, Overwrite};
use crate::transfer::{Copy, Download, Existing, ItemEnd, Job, Landing, Pick, Pointer, Progress, Selection, Source, Upload};

/// How many names are shown before the question.
const SHOWN: usize = 10;

/// One question for all. Objects of a protected account want the bucket's name typed.
pub(super) fn question(desk: &Desk<'_>, job: &Job, clashes: &[ItemEnd]) -> Question {
    let thing = match job {
        Job::Download(_) => "file",
        Job::Upload(_) | Job::Copy(_) | Job::Delete(_) => "object",
    };
    let mut plan: Vec<String> = clashes.iter().take(SHOWN).map(|clash| format!("  exists   {}", visible(&clash.target))).collect();
    if clashes.len() > SHOWN {
        plan.push(format!("  exists   and {} more", clashes.len() - SHOWN));
    }
    let many = if clashes.len() == 1 { "exists" } else { "exist" };
    let written = &job.acting().place.id;
    let account = desk.session.config.accounts.iter().find(|account| account.name == written.account);
    let guarded = thing == "object" && account.is_some_and(|account| account.access == Access::Protected);
    Question {
        plan,
        question: format!("Replace {} that {many}?", counted(clashes.len() as u64, thing)),
        typed: guarded.then(|| written.bucket.as_str().to_owned()),
    }
}

/// The job that does for one object what was left, and replaces what is there. `None` where the bytes came only once.
pub(super) fn job(job: &Job, clash: &ItemEnd) -> Option<Job> {
    match job {
        Job::Upload(upload) => match upload.from {
            Source::Stdin => None,
            Source::File(_) | Source::Paths { .. } => Some(Job::Upload(Upload {
                from: Source::File(PathBuf::from(&clash.source)),
                key: Pointer::Key(key(&upload.to, &clash.target)?),
                overwrite: Overwrite::Allow,
                ..upload.clone()
            })),
        },
        Job::Download(download) => Some(Job::Download(Download {
            what: Selection::Picked(vec![pick(&download.from, &download.what, &clash.source)?]),
            to: Landing::File(PathBuf::from(&clash.target)),
            existing: Existing::Replace,
            ..download.clone()
        })),
        Job::Copy(copy) => Some(Job::Copy(Copy {
            what: Selection::Picked(vec![pick(&copy.from, &copy.what, &clash.source)?]),
            key: Pointer::Key(key(&copy.to, &clash.target)?),
            overwrite: Overwrite::Allow,
            ..copy.clone()
        })),
        Job::Delete(_) => None,
    }
}

/// The key in `ACCOUNT:BUCKET/KEY`.
fn key(acting: &Acting, name: &str) -> Option<ObjectKey> {
    name.strip_prefix(&acting.place.id.to_string())?.strip_prefix('/').map(ObjectKey::new)
}

/// What was picked under this name, its version too.
fn pick(from: &Acting, what: &Selection, name: &str) -> Option<Pick> {
    let key = key(from, name)?;
    match what {
        Selection::Picked(picks) => picks.iter().find(|pick| pick.key == key).cloned(),
        Selection::Below { .. } => Some(Pick::named(key)),
    }
}

/// What replacing one object adds to what the whole command did.
pub(super) fn add(all: &mut Progress, one: &Progress) {
    all.failed = all.failed.saturating_sub(one.ended.saturating_sub(one.failed));
    all.moved = all.moved.saturating_add(one.moved);
    all.tally.requests += one.tally.requests;
    all.tally.retries += one.tally.retries;
    all.tally.up += one.tally.up;
    all.tally.down += one.tally.down;
    all.tally.charged += one.tally.charged;
    all.tally.told += one.tally.told;
}
