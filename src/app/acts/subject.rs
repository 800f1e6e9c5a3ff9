//! What a key acts on: the marked rows, else the one under the cursor. It is taken when the key is pressed, with its identity: what
//! the listing does afterwards changes nothing.

use crate::domain::{Access, Acting, BucketId, Consent, Ownership, Payer, RowKind};
use crate::transfer::{Pick, Selection};

use super::super::board::RowId;
use super::super::model::{Screen, Tone};
use super::super::{Model, consent};

/// Objects and prefixes of one bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Subject {
    pub(crate) bucket: RowId,
    pub(crate) picks: Vec<Pick>,
    pub(crate) prefixes: Vec<String>,
}

impl Subject {
    /// What of an object was asked for, be it a version of it.
    pub(crate) fn one(bucket: RowId, pick: Pick) -> Self {
        Self { bucket, picks: vec![pick], prefixes: Vec::new() }
    }

    /// The jobs' selections: the objects as one, each prefix for itself.
    pub(super) fn selections(&self) -> Vec<Selection> {
        let picked = (!self.picks.is_empty()).then(|| Selection::Picked(self.picks.clone()));
        let below = self.prefixes.iter().map(|prefix| Selection::Below { prefix: prefix.clone(), rules: Vec::new() });
        picked.into_iter().chain(below).collect()
    }
}

/// What is marked, else what is under the cursor.
pub(super) fn here(model: &Model) -> Option<Subject> {
    if model.screen != Screen::Objects {
        return None;
    }
    let bucket = model.bucket_here()?;
    let (picks, prefixes) = (model.objects.marked_picks(), model.objects.marked_prefixes());
    if !picks.is_empty() || !prefixes.is_empty() {
        return Some(Subject { bucket, picks, prefixes });
    }
    let row = model.objects.selected().filter(|_| !model.objects.is_gone_here())?;
    match row.kind {
        RowKind::Object(_) => Some(Subject::one(bucket, model.objects.selected_pick()?)),
        RowKind::Prefix => Some(Subject { bucket, picks: Vec::new(), prefixes: vec![row.key.to_owned()] }),
    }
}

/// A bucket as every request about its objects needs it.
pub(super) fn acting(model: &Model, bucket: RowId) -> Option<Acting> {
    Some(Acting { place: model.place_of(bucket)?, consent: consent::of(model, bucket) })
}

/// Whether it is still to be asked who pays: someone else's bucket, of which nothing was said, and whose owner does not pay as far
/// as anyone knows.
pub(super) fn asks_who_pays(model: &Model, acting: &Acting) -> bool {
    let Some(row) = model.row_of(&acting.place.id).and_then(|id| model.board.row(id)) else { return false };
    acting.consent == Consent::Silent && row.ownership == Ownership::Foreign && row.reading.payer() != Some(&Payer::BucketOwner)
}

/// How an account may be used.
pub(super) fn access(model: &Model, id: &BucketId) -> Access {
    model.accounts.iter().find(|account| account.name == id.account).map_or(Access::Normal, |account| account.access)
}

/// Says so if nothing may be changed in this bucket.
pub(super) fn refused(model: &mut Model, bucket: RowId) -> bool {
    let Some(id) = model.bucket_id(bucket) else { return true };
    if access(model, &id) != Access::ReadOnly {
        return false;
    }
    let text = format!("{id}: account {} is read-only. Set `access = \"normal\"` in its config.", id.account);
    model.say(Tone::Warning, text);
    true
}
