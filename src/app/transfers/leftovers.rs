//! Jobs that an earlier start has left: they are offered, and never go on by themselves, since that costs.

use crate::transfer::{Job, Pointer, Selection, Source, Unfinished};

use super::super::{Dialog, Model, acts};
use super::{Question, State, Word};

/// Puts them on the list, and asks.
pub(crate) fn offer(model: &mut Model, unfinished: Vec<Unfinished>) {
    let count = unfinished.len();
    for left in unfinished {
        let about = about(&left.job);
        let id = model.transfers.add(left.job, about, State::Kept(None));
        if let Some(entry) = model.transfers.get_mut(id) {
            entry.kept = Some(left.id);
            entry.word = Word::Expired;
            entry.progress = left.progress;
            entry.begun_at = Some(left.begun_at);
            entry.sought = left.sought;
        }
    }
    if count > 0 {
        model.dialog = Some(Dialog::Transfers(Question::Leftovers { line: 0, shown: None }));
    }
}

/// What a job does, in a few words.
pub(crate) fn about(job: &Job) -> String {
    let bucket = &job.acting().place.id;
    match job {
        Job::Upload(upload) => {
            let to = match &upload.key {
                Pointer::Key(key) => key.as_str(),
                Pointer::Below(prefix) => prefix,
            };
            format!("upload {} to {bucket}/{to}", read(&upload.from))
        }
        Job::Download(download) => format!("download {bucket}/{}", chosen(&download.what)),
        Job::Copy(copy) => format!("copy {}/{} to {bucket}", copy.from.place.id, chosen(&copy.what)),
        Job::Delete(delete) => format!("delete {bucket}/{}", chosen(&delete.what)),
    }
}

fn read(from: &Source) -> String {
    match from {
        Source::File(path) => path.display().to_string(),
        Source::Paths { paths, .. } => acts::named_paths(paths),
        Source::Stdin => "standard input".to_owned(),
    }
}

fn chosen(what: &Selection) -> String {
    match what {
        Selection::Below { prefix, .. } => prefix.clone(),
        Selection::Picked(picks) => match picks.as_slice() {
            [only] => only.key.as_str().to_owned(),
            picks => format!(" ({} objects)", picks.len()),
        },
    }
}
