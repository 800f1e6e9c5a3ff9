//! What jobs do to the lists of screen 2 that were read before: what is gone is said at its row, what has come is not there yet, and the
//! list says that it is older. No request is sent for it.

use crate::domain::Acting;
use crate::transfer::{Delete, Job, Original, Pointer, Selection};

use super::super::Model;
use super::news::done;
use super::{End, Entry, EntryId, State};

/// Objects were written: lists of where they went are older than they are.
pub(super) fn came(model: &mut Model, id: EntryId) {
    let Some((to, key)) = model.transfers.get(id).and_then(written) else { return };
    let (bucket, key) = (model.row_of(&to.place.id), key.to_owned());
    if let Some(bucket) = bucket {
        model.objects.outdate(bucket, &key);
    }
}

/// Keys are gone, in the order of their bytes.
pub(super) fn went(model: &mut Model, id: EntryId, keys: &[String]) {
    let Some(entry) = model.transfers.get(id) else { return };
    let Some((from, what)) = removed(entry) else { return };
    let (bucket, below) = (model.row_of(&from.place.id), prefix(what).map(str::to_owned));
    if let Some(bucket) = bucket {
        model.objects.lose(bucket, keys, below.as_deref());
    }
}

/// A job has ended. What it has done and not named is somewhere in the lists.
pub(super) fn ended(model: &mut Model, id: EntryId) {
    came(model, id);
    let Some(entry) = model.transfers.get(id) else { return };
    let Some((from, what)) = removed(entry) else { return };
    let all = matches!(entry.state, State::Ended(End::Done));
    let (told, done) = (entry.took, done(&entry.progress));
    let (bucket, below) = (model.row_of(&from.place.id), prefix(what).map(str::to_owned));
    let Some(bucket) = bucket else { return };
    match below {
        Some(below) if all => model.objects.lose_below(bucket, &below),
        Some(below) if done > 0 => model.objects.outdate(bucket, &below),
        None if told < done => model.objects.outdate(bucket, ""),
        Some(_) | None => {}
    }
}

/// Where a job writes, and how the keys begin that it writes.
fn written(entry: &Entry) -> Option<(&Acting, &str)> {
    if done(&entry.progress) == 0 {
        return None;
    }
    let (to, key) = match &entry.job {
        Job::Upload(upload) => (&upload.to, &upload.key),
        Job::Copy(copy) => (&copy.to, &copy.key),
        Job::Download(_) | Job::Delete(_) => return None,
    };
    Some(match key {
        Pointer::Key(key) => (to, key.as_str()),
        Pointer::Below(prefix) => (to, prefix),
    })
}

/// What a job takes away.
fn removed(entry: &Entry) -> Option<(&Acting, &Selection)> {
    match &entry.job {
        Job::Delete(Delete { within, what, .. }) => Some((within, what)),
        Job::Copy(copy) if copy.original == Original::Goes => Some((&copy.from, &copy.what)),
        Job::Copy(_) | Job::Upload(_) | Job::Download(_) => None,
    }
}

/// The prefix of which a job takes everything; `None`: it takes what was picked, or not all.
fn prefix(what: &Selection) -> Option<&str> {
    match what {
        Selection::Below { prefix, rules } if rules.is_empty() => Some(prefix),
        Selection::Below { .. } | Selection::Picked(_) => None,
    }
}
