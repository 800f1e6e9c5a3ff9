//! The moment between asking for a multipart upload and knowing its id: a kill in it leaves an upload of which nobody knows.
//!
//! Comes in: an item whose upload is about to be asked for. Goes out: its line in the state database before the request leaves, the
//! id in that line once it has come; in a later run, the upload that was begun in that moment. Forbidden here: taking an upload for
//! ours that has parts, that another transfer knows, or that is not the only one of its key.

use jiff::{SignedDuration, Timestamp};

use super::Run;
use crate::domain::{Acting, Error, ErrorKind, Result, UploadId, UploadRef};
use crate::runtime::clock;
use crate::runtime::engine::Engine;
use crate::runtime::http::Books;
use crate::runtime::journal::jobs::{Item, ItemId, SOUGHT};
use crate::runtime::tasks::in_background;

/// How long before it was asked for, by our clock, an upload may have been begun, by the store's.
const BEFORE: SignedDuration = SignedDuration::from_mins(2);
/// How long after: a slow answer, tries, and a clock of ours that is behind. Stores refuse what is signed with one further off.
const AFTER: SignedDuration = SignedDuration::from_mins(16);

/// Writes down that an upload will be asked for: before it is, so that a kill cannot lose it. `None`: the job is not kept.
pub(super) async fn intended(run: &Run, item: Item) -> Result<Option<ItemId>> {
    let Some(job) = run.id else { return Ok(None) };
    let mark = format!("{SOUGHT}{} {}", clock::now(), item.mark.as_deref().unwrap_or_default());
    let (journal, item) = (run.engine.journal().clone(), Item { upload: None, mark: Some(mark), ..item });
    in_background(move || journal.begin_item(job, &item)).await.map(Some)
}

/// The store gave its id.
pub(super) async fn named(engine: &Engine, item: ItemId, upload: &UploadId, mark: &str) -> Result<()> {
    let (journal, upload, mark) = (engine.journal().clone(), upload.clone(), mark.to_owned());
    in_background(move || journal.name_upload(item, &upload, &mark)).await
}

/// Nothing was begun.
pub(super) async fn called_off(engine: &Engine, item: Option<ItemId>) {
    let Some(item) = item else { return };
    let journal = engine.journal().clone();
    if let Err(error) = in_background(move || journal.end_item(item)).await {
        engine.door().tell(error);
    }
}

/// An upload that was asked for, and whose id nobody wrote down.
pub(in crate::runtime) struct Sought {
    asked_at: Timestamp,
    /// The mark that its item has once the id is known.
    pub(in crate::runtime) mark: String,
}

impl Sought {
    /// Whether the item is of such an upload.
    pub(in crate::runtime) fn of(item: &Item) -> Option<Self> {
        let rest = item.mark.as_deref().filter(|_| item.upload.is_none())?.strip_prefix(SOUGHT)?;
        let (asked_at, mark) = rest.split_once(' ')?;
        Some(Self { asked_at: asked_at.parse().ok()?, mark: mark.to_owned() })
    }

    fn fits(&self, begun: Option<Timestamp>) -> bool {
        begun.is_some_and(|begun| (-BEFORE..=AFTER).contains(&begun.duration_since(self.asked_at)))
    }
}

impl Engine {
    /// Looks for such an upload, and writes its id down; `None`: none was begun, or none that is surely ours. One page of a listing,
    /// and the parts of what is found.
    pub(in crate::runtime) async fn find_sought(
        &self,
        acting: &Acting,
        (id, item): (ItemId, &Item),
        sought: &Sought,
        books: &Books,
    ) -> Result<Option<UploadId>> {
        let rows = self.uploads_of_key(acting, &item.key, books).await?;
        let fitting: Vec<UploadId> = rows.into_iter().filter(|row| sought.fits(row.begun)).map(|row| row.id).collect();
        let journal = self.journal().clone();
        let strangers = in_background(move || {
            let unknown = |upload: &UploadId| journal.has_upload(upload).map(|has| !has);
            fitting.into_iter().filter_map(|upload| unknown(&upload).map(|is| is.then_some(upload)).transpose()).collect::<Result<Vec<_>>>()
        })
        .await?;
        let [only] = strangers.as_slice() else {
            if !strangers.is_empty() {
                self.door().tell(which_is_ours(acting, item, strangers.len()));
            }
            return Ok(None);
        };
        let upload = UploadRef { bucket: acting.place.id.bucket.clone(), key: item.key.clone(), id: only.clone() };
        if self.parts_of(acting, &upload, books).await?.is_none_or(|rows| !rows.is_empty()) {
            return Ok(None);
        }
        named(self, id, only, &sought.mark).await?;
        Ok(Some(upload.id))
    }
}

fn which_is_ours(acting: &Acting, item: &Item, count: usize) -> Error {
    let message = format!("key \"{}\": {count} uploads were begun at the time of one of ours, whose id was lost", item.key);
    Error::new(ErrorKind::Conflict, message)
        .hint("Look among the unfinished uploads of the bucket, and abort what is nobody's.")
        .target(acting.place.id.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ObjectKey;

    fn item(upload: Option<&str>, mark: &str) -> Item {
        Item {
            key: ObjectKey::new("k"),
            version: None,
            local: None,
            size: None,
            etag: None,
            upload: upload.map(UploadId::new),
            part_size: 1,
            mark: Some(mark.to_owned()),
        }
    }

    #[test]
    fn only_items_without_an_id_are_sought() {
        let mark = "asked 2026-11-21T12:00:00Z crc64nvme 12 34";
        assert_eq!(Sought::of(&item(None, mark)).map(|sought| sought.mark).as_deref(), Some("crc64nvme 12 34"));
        assert!(Sought::of(&item(Some("id"), mark)).is_none());
        for other in ["crc64nvme 12 34", "asked soon x", "asked 2026-11-21T12:00:00Z", "landed \"e\""] {
            assert!(Sought::of(&item(None, other)).is_none(), "{other}");
        }
    }

    #[test]
    fn an_upload_of_another_time_is_not_ours() {
        let sought = Sought::of(&item(None, "asked 2026-11-21T12:00:00Z m")).expect("sought");
        for (begun, fits) in [
            ("2026-11-21T11:57:59Z", false),
            ("2026-11-21T11:58:00Z", true),
            ("2026-11-21T12:00:01Z", true),
            ("2026-11-21T12:16:00Z", true),
            ("2026-11-21T12:16:01Z", false),
        ] {
            assert_eq!(sought.fits(begun.parse().ok()), fits, "{begun}");
        }
        assert!(!sought.fits(None), "a store that does not say when");
    }
}
