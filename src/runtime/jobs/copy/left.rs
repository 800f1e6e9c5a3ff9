//! What an earlier run of a copy job has left, and what is written down for the next one.
//!
//! Comes in: a job's lines in the state database. Goes out: what is finished, what is under way in parts, which originals wait for
//! their end. Forbidden here: believing a line without asking the store.

use std::collections::HashSet;

use super::{Landed, Leg, Missed, Porter, Way, bare};
use crate::domain::{ETag, ObjectHead, ObjectKey, Result, UploadRef};
use crate::runtime::jobs::download::{Claim, algorithm_of, name_of};
use crate::runtime::jobs::notes::BEGUN;
use crate::runtime::jobs::{Run, Sought};
use crate::runtime::journal::jobs::{DoneName, Item, ItemId, PartNote, done_name};
use crate::runtime::tasks::in_background;

/// Begins the mark of an object whose copy is there, and whose original is to go; the copy's entity tag follows.
const LANDED: &str = "landed ";

/// What an earlier run has left.
#[derive(Default)]
pub(super) struct Earlier {
    resumed: bool,
    done: HashSet<DoneName>,
    under_way: HashSet<ObjectKey>,
}

impl Earlier {
    /// What it left; from here on, the next run knows of this one.
    pub(super) async fn of(run: &Run) -> Result<Self> {
        let Some(id) = run.id else { return Ok(Self::default()) };
        let journal = run.engine.journal().clone();
        in_background(move || {
            let mut done = journal.done(id)?;
            let resumed = done.remove(&BEGUN);
            if !resumed {
                journal.note_done(id, &[BEGUN])?;
            }
            let under_way = journal.items(id)?.into_iter().map(|(_, item)| item.key).collect();
            Ok(Self { resumed, done, under_way })
        })
        .await
    }

    /// Whether there was one.
    pub(super) fn is_resumed(&self) -> bool {
        self.resumed
    }

    /// Whether it has finished this object.
    pub(super) fn has_done(&self, leg: &Leg) -> bool {
        self.resumed && self.done.contains(&done_name(&leg.target, None))
    }

    /// Whether it has left something of it.
    pub(super) fn has_left(&self, leg: &Leg) -> bool {
        self.under_way.contains(&leg.target)
    }
}

/// An object that is under way in parts.
pub(super) struct Left {
    pub(super) id: ItemId,
    pub(super) item: Item,
    pub(super) parts: Vec<PartNote>,
    pub(super) filling: Filling,
}

/// How an upload is filled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Filling {
    /// By which way its bytes come.
    pub(super) way: Way,
    /// The checksum that the source has as a whole.
    pub(super) claim: Option<Claim>,
    /// What of the source could not be taken over.
    pub(super) doubt: Option<String>,
}

impl Filling {
    /// As the state database keeps it.
    pub(super) fn mark(&self) -> String {
        let way = match self.way {
            Way::Within => "within",
            Way::Across => "across",
        };
        let (name, value) = self.claim.map_or(("-", 0), |claim| (name_of(claim.algorithm), claim.value));
        format!("{way} {name} {value} {}", self.doubt.as_deref().unwrap_or_default())
    }

    fn read(mark: &str) -> Option<Self> {
        let mut words = mark.splitn(4, ' ');
        let way = match words.next()? {
            "within" => Way::Within,
            "across" => Way::Across,
            _ => return None,
        };
        let (name, value) = (words.next()?, words.next()?.parse().ok()?);
        let claim = algorithm_of(name).map(|algorithm| Claim { algorithm, value });
        Some(Self { way, claim, doubt: words.next().filter(|doubt| !doubt.is_empty()).map(str::to_owned) })
    }
}

/// What an earlier run has left of an object: parts to go on with; [`Missed::Made`] where only the original is to go.
pub(super) async fn look_back(porter: &Porter, leg: &Leg) -> std::result::Result<Option<Left>, Missed> {
    let Some(job) = porter.run.id else { return Ok(None) };
    let (journal, target) = (porter.run.engine.journal().clone(), leg.target.clone());
    let Some((id, mut item, parts)) = in_background(move || journal.item(job, &target, None)).await? else { return Ok(None) };
    if let Some(sought) = Sought::of(&item) {
        item.upload = porter.run.engine.find_sought(&porter.copy.to, (id, &item), &sought, &leg.books).await?;
        if item.upload.is_none() {
            return Ok(forget(porter, id).await.map(|()| None)?);
        }
        item.mark = Some(sought.mark);
    }
    let mark = item.mark.as_deref().unwrap_or_default();
    if let (Some(copy), Some(size), Some(source)) = (mark.strip_prefix(LANDED), item.size, &item.etag) {
        // Whoever removed or replaced the copy meanwhile did not know that the original would go.
        let copy = Some(copy).filter(|copy| !copy.is_empty()).map(ETag::new);
        let same = |head: &ObjectHead| {
            head.size == Some(size) && copy.as_ref().is_none_or(|copy| Some(bare(copy)) == head.etag.as_ref().map(bare))
        };
        if porter.standing(leg).await?.is_some_and(|head| same(&head)) {
            porter.run.control.moved(size);
            let (source, remark) = (source.clone(), Some("an earlier run had copied it".to_owned()));
            return Err(Missed::Made(Landed { size, source, copy, remark, doubt: None, item: Some(id) }));
        }
    }
    match Filling::read(mark) {
        Some(filling) => Ok(Some(Left { id, item, parts, filling })),
        None => Ok(forget(porter, id).await.map(|()| None)?),
    }
}

/// Its line is not needed any more.
pub(super) async fn forget(porter: &Porter, item: ItemId) -> Result<()> {
    let journal = porter.run.engine.journal().clone();
    in_background(move || journal.end_item(item)).await
}

/// The copy is there, and the original is to go: on disk before anything is deleted, so that a kill forgets neither. Gives the line;
/// `None`: the job is not kept.
pub(super) async fn note_landed(porter: &Porter, leg: &Leg, landed: &Landed) -> Result<Option<ItemId>> {
    let Some(job) = porter.run.id else { return Ok(None) };
    let journal = porter.run.engine.journal().clone();
    let mark = format!("{LANDED}{}", landed.copy.as_ref().map_or("", ETag::as_str));
    let known = landed.item;
    let item = Item {
        key: leg.target.clone(),
        version: None,
        local: None,
        size: Some(landed.size),
        etag: Some(landed.source.clone()),
        upload: None,
        part_size: 0,
        mark: Some(mark.clone()),
    };
    in_background(move || match known {
        Some(known) => journal.mark_item(known, &mark).map(|()| Some(known)),
        None => journal.begin_item(job, &item).map(Some),
    })
    .await
}

impl Left {
    /// The upload, in the bucket that is written to.
    pub(super) fn upload(&self, porter: &Porter) -> Option<UploadRef> {
        let id = self.item.upload.clone()?;
        Some(UploadRef { bucket: porter.copy.to.place.id.bucket.clone(), key: self.item.key.clone(), id })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transfer::sum::Algorithm;

    #[test]
    fn marks_are_read_as_they_were_written() {
        let claim = Some(Claim { algorithm: Algorithm::Crc64Nvme, value: 11_051_210_869_376_104_954 });
        let doubt = Some("its tags could not be read (access denied)".to_owned());
        for (filling, mark) in [
            (Filling { way: Way::Within, claim: None, doubt: None }, "within - 0 "),
            (
                Filling { way: Way::Across, claim, doubt },
                "across crc64nvme 11051210869376104954 its tags could not be read (access denied)",
            ),
        ] {
            assert_eq!(filling.mark(), mark);
            assert_eq!(Filling::read(mark), Some(filling));
        }
        for mark in ["", "landed \"e\"", "beyond - 0 ", "within - x ", "within -"] {
            assert_eq!(Filling::read(mark), None, "{mark}");
        }
    }
}
