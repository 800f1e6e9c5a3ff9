//! Going on with an upload that an earlier run left open: no byte is sent twice that the store provably has.

use std::collections::{BTreeMap, HashMap};

use super::super::beginning::{self, Sought};
use super::multipart::{LocalFile, Sent, Trouble, UnderWay};
use super::parcel::{Look, Parcel};
use super::vouch::{Verdict, Vouch};
use crate::domain::{PartRow, Result, UploadRef};
use crate::runtime::journal::jobs::{Item, ItemId, PartNote};
use crate::runtime::tasks::in_background;
use crate::transfer::parts::PartPlan;

/// What an earlier run left.
pub(super) enum Picked {
    /// Nothing that fits.
    Nothing,
    /// An upload with some parts.
    Open(UnderWay, PartPlan),
    /// It had completed the upload, and did not live to write it down.
    Finished,
}

/// Writes an upload down before it is asked for; `None`: the job is not kept.
pub(super) async fn intended(parcel: &Parcel, file: &LocalFile, plan: PartPlan) -> Result<Option<ItemId>> {
    let item = Item {
        key: parcel.key.clone(),
        version: None,
        local: Some(file.path.to_path_buf()),
        size: Some(file.mark.size),
        etag: None,
        upload: None,
        part_size: plan.part_size(),
        mark: Some(mark(parcel.vouch()?, file)),
    };
    beginning::intended(&parcel.shared.run, item).await
}

/// Writes its id down as soon as the store gave it.
pub(super) async fn named(parcel: &Parcel, file: &LocalFile, under: &UnderWay) -> Result<()> {
    let Some(item) = under.item else { return Ok(()) };
    beginning::named(&parcel.shared.run.engine, item, &under.upload.id, &mark(under.vouch, file)).await
}

/// How the file looked, and how its parts are vouched for.
fn mark(vouch: Vouch, file: &LocalFile) -> String {
    format!("{} {}", vouch.word(), file.mark)
}

/// Finds the upload that an earlier run of the job began for this object.
pub(super) async fn picked_up(parcel: &Parcel, file: &LocalFile) -> std::result::Result<Picked, Trouble> {
    let Some(job) = parcel.shared.run.id.filter(|_| parcel.shared.resumed) else { return Ok(Picked::Nothing) };
    let (journal, key) = (parcel.shared.run.engine.journal().clone(), parcel.key.clone());
    let Some((id, mut item, notes)) = in_background(move || journal.item(job, &key, None)).await? else { return Ok(Picked::Nothing) };
    if let Some(sought) = Sought::of(&item) {
        item.upload = parcel.find_sought((id, &item), &sought).await?;
        if item.upload.is_none() {
            ended(parcel, id).await?;
        }
        item.mark = Some(sought.mark);
    }
    let Some(upload) = item.upload.clone() else { return Ok(Picked::Nothing) };
    let upload = UploadRef { bucket: parcel.shared.upload.to.place.id.bucket.clone(), key: parcel.key.clone(), id: upload };
    let Some((vouch, plan)) = fitting(&item, file) else {
        // Another file by now: its parts are of no use.
        parcel.abort(&upload).await?;
        ended(parcel, id).await?;
        return Ok(Picked::Nothing);
    };
    let mut under = UnderWay { upload, vouch, item: Some(id), parts: BTreeMap::new() };
    match parcel.parts(&under.upload).await? {
        Some(rows) => {
            under.parts = trusted(&rows, &notes, plan, vouch);
            parcel.shared.run.control.moved(under.bytes());
            Ok(Picked::Open(under, plan))
        }
        None => {
            under.parts = noted(&notes, plan);
            let all = under.parts.len() == plan.count() as usize && under.known().sum.is_some();
            let finished = all && matches!(parcel.look(&under.known()).await?, Look::Same);
            ended(parcel, id).await?;
            Ok(if finished { Picked::Finished } else { Picked::Nothing })
        }
    }
}

async fn ended(parcel: &Parcel, item: ItemId) -> Result<()> {
    let journal = parcel.shared.run.engine.journal().clone();
    in_background(move || journal.end_item(item)).await
}

/// The plan of the earlier run, if the file is still the one that it read.
fn fitting(item: &Item, file: &LocalFile) -> Option<(Vouch, PartPlan)> {
    let noted = item.mark.as_deref()?;
    let vouch = Vouch::of_word(noted.split(' ').next()?)?;
    let fits = noted == mark(vouch, file) && item.size == Some(file.mark.size) && item.local.as_deref() == Some(&*file.path);
    let plan = PartPlan::with_part_size(file.mark.size, item.part_size).ok()?;
    fits.then_some((vouch, plan))
}

fn noted(notes: &[PartNote], plan: PartPlan) -> BTreeMap<u32, Sent> {
    let sent = |note: &PartNote| {
        let part = plan.part(note.number)?;
        Some((note.number, Sent { etag: note.etag.clone()?, sum: note.sum, length: part.length }))
    };
    notes.iter().filter_map(sent).collect()
}

/// The parts that the store has as they were written down: size, entity tag, and checksum where it names one.
fn trusted(rows: &[PartRow], notes: &[PartNote], plan: PartPlan, vouch: Vouch) -> BTreeMap<u32, Sent> {
    let rows: HashMap<u32, &PartRow> = rows.iter().map(|row| (row.number, row)).collect();
    let is_there = |(number, sent): &(u32, Sent)| {
        rows.get(number).is_some_and(|row| {
            let ours = sent.sum.and_then(|sum| vouch.spelled(sum));
            let summed = vouch.algorithm().is_none() || sent.sum.is_some();
            summed
                && row.size == sent.length
                && row.etag.as_str().trim_matches('"') == sent.etag.as_str().trim_matches('"')
                && vouch.judge(&row.checksums, ours.as_deref()) != Verdict::Different
        })
    };
    noted(notes, plan).into_iter().filter(is_there).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ETag;

    fn row(number: u32, size: u64, etag: &str, sum: Option<&str>) -> PartRow {
        let checksums = sum.map(|sum| ("crc64nvme".to_owned(), sum.to_owned())).into_iter().collect();
        PartRow { number, size, etag: ETag::new(etag), modified: None, checksums }
    }

    fn note(number: u32, sum: Option<u64>) -> PartNote {
        PartNote { number, etag: Some(ETag::new("\"e\"")), sum, read: None }
    }

    #[test]
    fn only_parts_that_are_provably_there_are_trusted() {
        let plan = PartPlan::with_part_size(95, 10).unwrap();
        let sum = 0xae8b_1486_0a79_9888;
        let rows = [
            row(1, 10, "\"e\"", Some("rosUhgp5mIg=")),
            row(2, 9, "\"e\"", None),
            row(3, 10, "\"f\"", None),
            row(4, 10, "\"e\"", Some("AAAAAAAAAAA=")),
            row(5, 10, "\"e\"", None),
            row(6, 10, "e", None),
            row(7, 10, "\"e\"", None),
            row(10, 5, "\"e\"", None),
        ];
        let notes = [1, 2, 3, 4, 6, 8, 10, 11].map(|number| note(number, Some(sum)));
        let notes: Vec<PartNote> = notes.into_iter().chain([note(7, None)]).collect();
        let kept: Vec<u32> = trusted(&rows, &notes, plan, Vouch::Crc64Nvme).into_keys().collect();
        // 2 is short, 3 another, 4 has another sum, 5 was not written down, 7 has no sum, 8 is not there, 11 is none of ours.
        assert_eq!(kept, [1, 6, 10]);
    }
}
