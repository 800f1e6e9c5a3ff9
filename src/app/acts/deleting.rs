//! `x`: objects go away. Never without a dialog that names account, bucket and what goes; what is below a prefix is counted first.

use crate::transfer::{Delete, Job, Pick, Selection, Versions};

use super::super::board::RowId;
use super::super::{Effect, Model};
use super::confirm::{Confirm, Draft, Verb};
use super::{Subject, subject};

/// Asks. What goes is what the dialog names, whatever the listing does meanwhile.
pub(super) fn ask(model: &mut Model, what: Subject, out: &mut Vec<Effect>) {
    if subject::refused(model, what.bucket) {
        return;
    }
    let Some(within) = subject::acting(model, what.bucket) else { return };
    let bucket = within.place.id.clone();
    let mut drafts = Vec::new();
    for selection in what.selections() {
        let about = format!("delete {bucket}/{}", super::chosen(&selection));
        drafts.push(Draft::of(Job::Delete(Delete { within: within.clone(), what: selection, versions: Versions::Current }), about));
    }
    let version = match what.picks.as_slice() {
        [one] if what.prefixes.is_empty() => one.version.as_ref(),
        _ => None,
    };
    let meaning = match version {
        Some(version) => format!("version {}, for ever", version.as_str()),
        None => "for ever; in a versioned bucket a delete marker is put on top, and older versions stay and cost".to_owned(),
    };
    let facts = vec![("what", super::source(&bucket, &what)), ("means", meaning)];
    Confirm::new(Verb::Delete, facts, super::names(&what), drafts).open(model, out);
}

/// A delete marker goes, which deletes nothing: what it covers shows again, as `brings` says.
pub(super) fn unmark(model: &mut Model, bucket: RowId, pick: Pick, brings: &str, out: &mut Vec<Effect>) {
    if subject::refused(model, bucket) {
        return;
    }
    let Some(within) = subject::acting(model, bucket) else { return };
    let (id, key) = (within.place.id.clone(), pick.key.as_str().to_owned());
    let version = pick.version.as_ref().map(|version| version.as_str().to_owned()).unwrap_or_default();
    let facts =
        vec![("what", format!("the delete marker {version} of {id}/{key}")), ("means", format!("removes the delete marker: {brings}"))];
    let job = Job::Delete(Delete { within, what: Selection::Picked(vec![pick]), versions: Versions::Current });
    let about = format!("remove the delete marker of {id}/{key}");
    Confirm::new(Verb::Unmark, facts, vec![key], vec![Draft::of(job, about)]).open(model, out);
}
