//! The multipart upload that a copy fills, by whichever way its parts come.
//!
//! Comes in: an object that is copied in parts, and how one part is made. Goes out: the upload joined, aborted, or kept in the state
//! database, so that the next run goes on with it. Forbidden here: leaving parts of which nobody knows, and copying a part again
//! that the store has.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::time::Duration;

use md5::{Digest, Md5};
use tokio::task::JoinSet;

use super::across::algorithm;
use super::left::{Filling, Left, forget};
use super::{Facts, Landed, Leg, Missed, Porter, Way, bare};
use crate::domain::{ETag, Error, ErrorKind, ObjectHead, ObjectSettings, Overwrite, PartRow, UploadId, UploadRef};
use crate::runtime::clock;
use crate::runtime::http::Failed;
use crate::runtime::jobs::beginning;
use crate::runtime::jobs::control::Stopped;
use crate::runtime::jobs::download::Claim;
use crate::runtime::jobs::gather::is_ambiguous;
use crate::runtime::jobs::upload::{TRIES, kept, left_open, may_pass, pause};
use crate::runtime::journal::jobs::{Item, ItemId, PartNote};
use crate::runtime::objects::unexpected;
use crate::runtime::retry::Reached;
use crate::runtime::tasks::{died, in_background};
use crate::transfer::parts::{Part, PartPlan};
use crate::transfer::sum::{Algorithm, joined};
use crate::transfer::{Fate, Rein};
use crate::wire::Checksum;
use crate::wire::objects::{BodyChecksum, ObjectCall, PartDone, Said, Written};

/// An upload that is open.
pub(super) struct Open {
    /// Which.
    pub(super) upload: UploadRef,
    /// How it is cut.
    pub(super) plan: PartPlan,
    /// How it is filled.
    pub(super) filling: Filling,
    /// Its line in the state database; `None`: the job is not kept.
    pub(super) item: Option<ItemId>,
    parts: BTreeMap<u32, Sent>,
}

/// A part that the store has.
#[derive(Clone, Debug)]
pub(super) struct Sent {
    /// What the store calls it.
    pub(super) etag: ETag,
    /// How long it is.
    pub(super) length: u64,
    /// Its sum, as the store that is written to has it.
    pub(super) written: Option<u64>,
    /// Its sum, as the store that is read has it.
    pub(super) read: Option<u64>,
}

/// What an earlier run has left.
pub(super) enum Picked {
    /// An upload with some parts.
    Open(Open),
    /// It had joined it, and did not live to write that down.
    Joined(Landed),
    /// Nothing that fits.
    Nothing,
}

/// Why an upload is not joined.
pub(super) enum Trouble {
    /// Somebody stopped the job.
    Stopped(Rein),
    /// It failed.
    Failed(Error),
    /// Its bytes are not those of the source: nobody can go on with it.
    Wrong(Error),
    /// Nobody knows whether it was joined.
    Unknown(Error),
}

impl From<Stopped> for Trouble {
    fn from(stopped: Stopped) -> Self {
        Self::Stopped(stopped.0)
    }
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

/// What the store answered to the joining, if it came; and what the user should know.
pub(super) type Joined = (Option<Written>, Option<String>);

/// One part on its way.
pub(super) type Making = Pin<Box<dyn Future<Output = Result<Sent, Error>> + Send>>;

/// Begins an upload: what will be asked for is written down first, and its id before anything is copied for it.
pub(super) async fn begun(
    porter: &Porter,
    leg: &Leg,
    (plan, source): (PartPlan, &ETag),
    (settings, checksum): (ObjectSettings, Option<Checksum>),
    filling: Filling,
) -> Result<Open, Missed> {
    porter.run.control.pass().await?;
    let item = intended(porter, leg, (plan, source), &filling).await?;
    let engine = &porter.run.engine;
    let upload = match begin(porter, leg, settings, checksum).await {
        Ok(upload) => upload,
        Err(failed) => {
            // What may have been begun is looked for when the copy is repeated.
            if !is_ambiguous(&failed) {
                beginning::called_off(engine, item).await;
            }
            return Err(failed.error.into());
        }
    };
    let open = Open { upload, plan, filling, item, parts: BTreeMap::new() };
    let named = match item {
        Some(item) => beginning::named(engine, item, &open.upload.id, &open.filling.mark()).await,
        None => Ok(()),
    };
    match named {
        Ok(()) => Ok(open),
        // Only a search would find it again.
        Err(error) => Err(given_up(porter, leg, &open, Some(error)).await),
    }
}

/// A store that asked for fewer requests has not begun anything, so that no second upload can come of another try.
async fn begin(porter: &Porter, leg: &Leg, settings: ObjectSettings, checksum: Option<Checksum>) -> Result<UploadRef, Failed> {
    let (bucket, key) = (porter.copy.to.place.id.bucket.clone(), leg.target.clone());
    let (named, overwrite) = ((bucket.clone(), key.clone()), porter.copy.overwrite);
    let call = ObjectCall::CreateMultipartUpload { bucket: named.0, key: named.1, settings, overwrite, checksum };
    let mut tries = 1;
    let said = loop {
        match asked(porter, leg, &call).await {
            Ok(said) => break said,
            Err(failed) if failed.error.kind() == ErrorKind::Throttled && tries < TRIES => {
                clock::sleep(pause(tries, Duration::from_secs(1))).await;
                tries += 1;
            }
            Err(failed) => return Err(failed),
        }
    };
    let id: UploadId = if let Said::Begun(id) = said { id } else { return Err(Failed { error: unexpected(), reached: Reached::Perhaps }) };
    Ok(UploadRef { bucket, key, id })
}

async fn intended(porter: &Porter, leg: &Leg, (plan, source): (PartPlan, &ETag), filling: &Filling) -> Result<Option<ItemId>, Error> {
    let item = Item {
        key: leg.target.clone(),
        version: None,
        local: None,
        size: Some(plan.size()),
        etag: Some(source.clone()),
        upload: None,
        part_size: plan.part_size(),
        mark: Some(filling.mark()),
    };
    beginning::intended(&porter.run, item).await
}

/// Asks about what is written: on the word for that bucket alone.
async fn asked(porter: &Porter, leg: &Leg, call: &ObjectCall) -> Result<Said, Failed> {
    porter.run.engine.ask(&porter.copy.to, call, &leg.books).await.map(|reply| reply.said)
}

/// Goes on with what an earlier run has left of the very object. What does not fit is given up.
pub(super) async fn picked_up(porter: &Porter, leg: &Leg, left: Option<Left>, (facts, way): (&Facts, Way)) -> Result<Picked, Missed> {
    let Some(left) = left else { return Ok(Picked::Nothing) };
    let fits = left.filling.way == way && left.item.size == Some(facts.size) && left.item.etag.as_ref() == Some(&facts.etag);
    let plan = PartPlan::with_part_size(facts.size, left.item.part_size).ok().filter(|_| fits);
    let (Some(plan), Some(upload)) = (plan, left.upload(porter)) else {
        return Ok(dropped(porter, leg, left).await.map(|()| Picked::Nothing)?);
    };
    let noted = noted(&left.parts, plan);
    let rows = porter.run.engine.parts_of(&porter.copy.to, &upload, &leg.books).await?;
    let mut open = Open { upload, plan, filling: left.filling, item: Some(left.id), parts: noted };
    let Some(rows) = rows else {
        let joined = open.joined_before(porter, leg, facts).await?;
        if joined.is_none() {
            forget(porter, left.id).await?;
        }
        return Ok(joined.map_or(Picked::Nothing, Picked::Joined));
    };
    if porter.copy.overwrite == Overwrite::Refuse {
        porter.must_be_free(leg).await?;
    }
    open.parts.retain(|number, sent| is_there(&rows, *number, sent));
    porter.run.control.moved(open.bytes());
    Ok(Picked::Open(open))
}

/// Whether source and copy have one checksum, as their stores say.
async fn has_sums_of_source(porter: &Porter, leg: &Leg, copy: &ObjectHead) -> Result<bool, Missed> {
    let source = porter.read_facts(leg).await?.head;
    let claim = source.and_then(|head| Claim::read(&head.checksums));
    Ok(claim.is_some_and(|claim| Claim::of(claim.algorithm, &copy.checksums) == Some(claim)))
}

/// Gives up what an earlier run has left.
pub(super) async fn dropped(porter: &Porter, leg: &Leg, left: Left) -> Result<(), Error> {
    if let Some(upload) = left.upload(porter) {
        abort(porter, leg, &upload).await?;
    }
    forget(porter, left.id).await
}

fn noted(notes: &[PartNote], plan: PartPlan) -> BTreeMap<u32, Sent> {
    let sent = |note: &PartNote| {
        let length = plan.part(note.number)?.length;
        Some((note.number, Sent { etag: note.etag.clone()?, length, written: note.sum, read: note.read }))
    };
    notes.iter().filter_map(sent).collect()
}

/// Whether the store has a part as it was written down.
fn is_there(rows: &[PartRow], number: u32, sent: &Sent) -> bool {
    rows.iter().any(|row| row.number == number && row.size == sent.length && bare(&row.etag) == bare(&sent.etag))
}

impl Open {
    /// The sum of the whole object, of the parts' own; `None`: one of them has none.
    pub(super) fn sum(&self, algorithm: Algorithm, of: impl Fn(&Sent) -> Option<u64>) -> Option<u64> {
        self.parts.values().try_fold(0, |whole, part| Some(joined(algorithm, whole, of(part)?, part.length)))
    }

    /// The upload is gone although nobody wrote down that it was joined: whether what stands there is what its parts make. A size alone
    /// says nothing: it may have stood there before.
    async fn joined_before(&self, porter: &Porter, leg: &Leg, facts: &Facts) -> Result<Option<Landed>, Missed> {
        let all = self.parts.len() == self.plan.count() as usize;
        let Some(head) = porter.standing(leg).await?.filter(|head| all && head.size == Some(facts.size)) else { return Ok(None) };
        let by_tag = head.etag.as_ref().is_some_and(|etag| bare(etag) == self.etag_of_parts());
        if !by_tag && !self.has_sum(porter, &head) && !has_sums_of_source(porter, leg, &head).await? {
            return Ok(None);
        }
        porter.run.control.moved(facts.size);
        let (size, source, doubt) = (facts.size, facts.etag.clone(), self.filling.doubt.clone());
        let remark = Some("an earlier run had joined it".to_owned());
        Ok(Some(Landed { size, source, copy: head.etag, remark, doubt, item: self.item }))
    }

    /// Whether an object has the sum of these parts, where they were summed.
    fn has_sum(&self, porter: &Porter, head: &ObjectHead) -> bool {
        let algorithm = algorithm(porter);
        let ours = self.sum(algorithm, |part| part.written);
        ours.is_some() && ours == Claim::of(algorithm, &head.checksums).map(|claim| claim.value)
    }

    /// The entity tag of an object of these parts, where theirs are MD5: the MD5 of those, and how many they are.
    fn etag_of_parts(&self) -> String {
        let mut digest = Md5::new();
        for part in self.parts.values() {
            let digits = bare(&part.etag);
            let bytes = (0..digits.len() / 2).filter_map(|place| u8::from_str_radix(digits.get(2 * place..2 * place + 2)?, 16).ok());
            digest.update(bytes.collect::<Vec<u8>>());
        }
        let hex: String = digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        format!("{hex}-{}", self.parts.len())
    }

    fn bytes(&self) -> u64 {
        self.parts.values().map(|part| part.length).sum()
    }

    /// Makes the parts that the store does not have yet, so many at once.
    pub(super) async fn fill(&mut self, porter: &Porter, abreast: usize, make: &(dyn Fn(Part) -> Making + Sync)) -> Result<(), Trouble> {
        tokio::select! {
            filled = self.make(porter, abreast, make) => filled,
            stopped = porter.run.control.stopped() => Err(stopped.into()),
        }
    }

    async fn make(&mut self, porter: &Porter, abreast: usize, make: &(dyn Fn(Part) -> Making + Sync)) -> Result<(), Trouble> {
        let control = &porter.run.control;
        let mut missing = self.plan.parts().filter(|part| !self.parts.contains_key(&part.number)).collect::<Vec<_>>().into_iter();
        let mut making: JoinSet<(Part, Result<Sent, Error>)> = JoinSet::new();
        loop {
            tokio::select! {
                passed = control.pass(), if missing.len() > 0 && making.len() < abreast => {
                    passed?;
                    let Some(part) = missing.next() else { continue };
                    let made = make(part);
                    making.spawn(async move { (part, made.await) });
                }
                Some(ended) = making.join_next() => {
                    if let Err(error) = self.made(porter, ended).await {
                        // What was copied beside it is written down, too.
                        while let Some(ended) = making.join_next().await {
                            let _first_error_counts = self.made(porter, ended).await;
                        }
                        return Err(error.into());
                    }
                }
                else => return Ok(()),
            }
        }
    }

    /// Writes a part down.
    async fn made(&mut self, porter: &Porter, ended: Result<(Part, Result<Sent, Error>), tokio::task::JoinError>) -> Result<(), Error> {
        let (part, sent) = ended.map_err(|_| died())?;
        let sent = sent?;
        porter.run.control.moved(part.length);
        if let Some(item) = self.item {
            let note = PartNote { number: part.number, etag: Some(sent.etag.clone()), sum: sent.written, read: sent.read };
            let journal = porter.run.engine.journal().clone();
            in_background(move || journal.note_part(item, &note)).await?;
        }
        self.parts.insert(part.number, sent);
        Ok(())
    }

    /// Joins the parts. An answer that was lost is settled by looking: what stands there then is the copy, or it is not.
    pub(super) async fn join(
        &self,
        porter: &Porter,
        leg: &Leg,
        spelled: impl Fn(u64) -> Option<BodyChecksum>,
        whole: Option<u64>,
    ) -> Result<Joined, Trouble> {
        porter.run.control.pass().await?;
        let done = |(number, sent): (&u32, &Sent)| PartDone {
            number: *number,
            etag: sent.etag.clone(),
            checksum: sent.written.and_then(&spelled),
        };
        let (parts, checksum) = (self.parts.iter().map(done).collect(), whole.and_then(&spelled));
        let (upload, overwrite) = (self.upload.clone(), porter.copy.overwrite);
        match asked(porter, leg, &ObjectCall::CompleteMultipartUpload { upload, parts, overwrite, checksum }).await {
            Ok(Said::Written(written)) => Ok((Some(*written), None)),
            Ok(_) => Err(unexpected().into()),
            Err(failed) if is_ambiguous(&failed) => match self.was_joined(porter, leg).await {
                Ok(true) => Ok((None, Some("the store's answer was lost; the copy was read back".to_owned()))),
                Ok(false) => Err(failed.error.into()),
                Err(unseen) => Err(Trouble::Unknown(self.unknown(leg, failed.error, &unseen))),
            },
            Err(failed) => Err(failed.error.into()),
        }
    }

    /// An upload that is gone while an object of the right size stands there was completed.
    async fn was_joined(&self, porter: &Porter, leg: &Leg) -> Result<bool, Error> {
        let call = ObjectCall::ListParts { upload: self.upload.clone(), after: None, limit: Some(1) };
        match asked(porter, leg, &call).await {
            Ok(_) => return Ok(false),
            Err(failed) if failed.error.kind() == ErrorKind::NotFound => {}
            Err(failed) => return Err(failed.error),
        }
        Ok(porter.standing(leg).await?.is_some_and(|head| head.size == Some(self.plan.size())))
    }

    fn unknown(&self, leg: &Leg, lost: Error, unseen: &Error) -> Error {
        let message = format!("key \"{}\": nobody knows whether it was copied ({lost}; then: {unseen})", leg.pick.key);
        let hint = format!("Look at the target and at its unfinished uploads ({}) before you copy it again.", self.upload.id.as_str());
        Error::new(lost.kind(), message).hint(hint)
    }
}

/// What becomes of an upload that is not joined, and what is said of it.
pub(super) async fn settled(porter: &Porter, leg: &Leg, open: &Open, trouble: Trouble) -> Missed {
    let resumable = open.item.is_some();
    match trouble {
        Trouble::Stopped(Rein::Stop) if resumable => Missed::Stopped,
        Trouble::Stopped(_) => given_up(porter, leg, open, None).await,
        Trouble::Failed(error) if resumable && may_pass(&error) => {
            Missed::As(Fate::Failed(kept(&open.upload, open.parts.len(), error, "copy")))
        }
        Trouble::Failed(error) | Trouble::Wrong(error) => given_up(porter, leg, open, Some(error)).await,
        Trouble::Unknown(error) => error.into(),
    }
}

/// Aborts it: its parts would be billed. `None`: somebody stopped the job.
async fn given_up(porter: &Porter, leg: &Leg, open: &Open, why: Option<Error>) -> Missed {
    let aborted = abort(porter, leg, &open.upload).await;
    if aborted.is_ok() {
        porter.run.control.unmoved(open.bytes());
    }
    let forgotten = match (open.item, &aborted) {
        (Some(item), Ok(())) => forget(porter, item).await,
        (Some(_), Err(_)) | (None, _) => Ok(()),
    };
    if let Err(error) = forgotten {
        porter.run.engine.door().tell(error);
    }
    match (why, aborted) {
        (None, Ok(())) => Missed::Stopped,
        (Some(error), Ok(())) => porter.refused(leg, error).await,
        (Some(error), Err(_)) | (None, Err(error)) => Missed::As(Fate::Failed(left_open(&open.upload, open.parts.len(), error))),
    }
}

/// Gives an upload up. One that is gone is given up.
async fn abort(porter: &Porter, leg: &Leg, upload: &UploadRef) -> Result<(), Error> {
    porter.run.engine.abort_upload(&porter.copy.to, upload, &leg.books).await
}
