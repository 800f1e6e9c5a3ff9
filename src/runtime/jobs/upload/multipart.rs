//! An object in parts: begun, filled, joined.
//!
//! That an upload will be asked for is in the state database before it is, its id right after the store gave it, each part when the
//! store has it. However it ends, the
//! upload is completed, aborted, or kept there to be resumed, and the user is told its id.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;

use super::parcel::{Known, Look, Parcel, TRIES, exists_already, is_ambiguous, is_gone, pause};
use super::part;
use super::single::verified;
use super::vouch::{Vouch, composite};
use super::{End, resume, settle};
use crate::domain::{ETag, Error, Result, UploadRef};
use crate::runtime::clock;
use crate::runtime::http::Failed;
use crate::runtime::jobs::beginning;
use crate::runtime::jobs::control::{Control, Stopped};
use crate::runtime::journal::jobs::{ItemId, PartNote};
use crate::runtime::source::{self, Mark};
use crate::runtime::tasks::in_background;
use crate::transfer::parts::PartPlan;
use crate::transfer::{Fate, Rein, sum};
use crate::wire::objects::{PartDone, Written};

/// How many parts of all files of a job are under way at once.
pub(super) const PARTS_AT_ONCE: usize = 8;

/// How long a job that is to end waits for an answer that decides about an upload.
const GRACE: Duration = Duration::from_secs(2);

/// A file that is uploaded in parts.
#[derive(Clone)]
pub(super) struct LocalFile {
    /// Where it is.
    pub(super) path: Arc<Path>,
    /// How it looked when the upload began.
    pub(super) mark: Mark,
}

impl LocalFile {
    /// Whether it is still as it was.
    pub(super) async fn still(&self) -> Result<()> {
        let LocalFile { path, mark } = self.clone();
        in_background(move || source::still(&path, &mark)).await
    }
}

/// A multipart upload that is open.
pub(super) struct UnderWay {
    /// Which.
    pub(super) upload: UploadRef,
    /// How its bytes are vouched for.
    pub(super) vouch: Vouch,
    /// Its line in the state database.
    pub(super) item: Option<ItemId>,
    /// The parts that the store has.
    pub(super) parts: BTreeMap<u32, Sent>,
}

/// A part that the store has.
#[derive(Clone, Debug)]
pub(super) struct Sent {
    /// What the store calls it.
    pub(super) etag: ETag,
    /// Its sum.
    pub(super) sum: Option<u64>,
    /// Its length in bytes.
    pub(super) length: u64,
}

/// Why an upload does not go on.
pub(super) enum Trouble {
    /// Somebody stopped the job.
    Stopped(Rein),
    /// Something has the key already.
    Exists,
    /// Anything else.
    Failed(Error),
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

impl From<Failed> for Trouble {
    fn from(failed: Failed) -> Self {
        if exists_already(&failed.error) { Self::Exists } else { Self::Failed(failed.error) }
    }
}

impl UnderWay {
    /// The sum of the whole object, as a number; `None` where parts have none that can be joined.
    pub(super) fn whole(&self) -> Option<u64> {
        let algorithm = self.vouch.algorithm()?;
        self.parts.values().try_fold(0, |whole, part| Some(sum::joined(algorithm, whole, part.sum?, part.length)))
    }

    /// What is known of the object that the parts make.
    pub(super) fn known(&self) -> Known {
        let sum = match self.vouch {
            Vouch::Crc32c => self.parts.values().map(|part| part.sum).collect::<Option<Vec<u64>>>().map(|sums| composite(&sums)),
            Vouch::Crc64Nvme | Vouch::Crc64Ecma | Vouch::Md5 => self.whole().and_then(|whole| self.vouch.spelled(whole)),
        };
        Known { size: self.bytes(), vouch: self.vouch, sum, etag: None }
    }

    /// How many bytes the store has of it.
    pub(super) fn bytes(&self) -> u64 {
        self.parts.values().map(|part| part.length).sum()
    }

    fn done(&self) -> Vec<PartDone> {
        let done = |(number, part): (&u32, &Sent)| {
            let checksum = if self.vouch == Vouch::Crc32c { self.vouch.checksum(part.sum) } else { None };
            PartDone { number: *number, etag: part.etag.clone(), checksum }
        };
        self.parts.iter().map(done).collect()
    }
}

/// Uploads a file in parts.
pub(super) async fn upload(parcel: &Arc<Parcel>, file: LocalFile) -> End {
    let plan = match parcel.shared.run.engine.upload_plan(file.mark.size) {
        Ok(plan) => plan,
        Err(error) => return End::Fate(Fate::Failed(error)),
    };
    let (mut under, plan) = match resume::picked_up(parcel, &file).await {
        Ok(resume::Picked::Finished) => return End::Fate(Fate::Done(Some("it had been completed before".to_owned()))),
        Ok(resume::Picked::Open(under, plan)) => (under, plan),
        Ok(resume::Picked::Nothing) => match begun(parcel, &file, plan).await {
            Ok(under) => (under, plan),
            Err(trouble) => return settle::without_upload(trouble),
        },
        Err(trouble) => return settle::without_upload(trouble),
    };
    let control = parcel.shared.run.control.clone();
    let filled = tokio::select! {
        filled = fill(parcel, &file, plan, &mut under) => filled,
        stopped = control.stopped() => Err(stopped.into()),
    };
    let ended = match filled {
        Ok(()) => match file.still().await {
            Ok(()) => finish(parcel, &under).await,
            Err(error) => Err(error.into()),
        },
        Err(trouble) => Err(trouble),
    };
    settle::ended(parcel, &under, ended).await
}

/// Begins the upload: what will be asked for is written down first, and its id before anything is sent for it.
async fn begun(parcel: &Parcel, file: &LocalFile, plan: PartPlan) -> std::result::Result<UnderWay, Trouble> {
    parcel.shared.run.control.pass().await?;
    let item = resume::intended(parcel, file, plan).await?;
    let (upload, vouch) = match create(parcel).await {
        Ok(begun) => begun,
        Err(Unbegun::Not(trouble)) => {
            beginning::called_off(&parcel.shared.run.engine, item).await;
            return Err(trouble);
        }
        Err(Unbegun::Lost(error)) => return Err(settle::lost_beginning(parcel, error, item).into()),
    };
    let under = UnderWay { upload, vouch, item, parts: BTreeMap::new() };
    match resume::named(parcel, file, &under).await {
        Ok(()) => Ok(under),
        // Only a search would find it again.
        Err(error) => Err(match parcel.abort(&under.upload).await {
            Ok(()) => error.into(),
            Err(_) => settle::left_open(&under.upload, under.parts.len(), error).into(),
        }),
    }
}

/// Why there is no upload.
pub(super) enum Unbegun {
    /// None was begun.
    Not(Trouble),
    /// Nobody knows whether one was begun, and under which id.
    Lost(Error),
}

/// Begins an upload. A job that is to end waits a little for the id: without it nobody could abort the upload.
pub(super) async fn create(parcel: &Parcel) -> std::result::Result<(UploadRef, Vouch), Unbegun> {
    let control = &parcel.shared.run.control;
    control.pass().await.map_err(|stopped| Unbegun::Not(stopped.into()))?;
    match with_grace(control, parcel.create()).await {
        Some(Ok(begun)) => Ok(begun),
        Some(Err(failed)) if is_ambiguous(&failed) => Err(Unbegun::Lost(failed.error)),
        Some(Err(failed)) => Err(Unbegun::Not(failed.into())),
        None => Err(Unbegun::Lost(Error::new(crate::domain::ErrorKind::Interrupted, "stopped before the store answered"))),
    }
}

/// Waits for an answer; when the job is to end meanwhile, only a little longer.
async fn with_grace<T>(control: &Control, answer: impl Future<Output = T>) -> Option<T> {
    let mut answer = std::pin::pin!(answer);
    tokio::select! {
        answer = &mut answer => Some(answer),
        _ = control.stopped() => tokio::time::timeout(GRACE, answer).await.ok(),
    }
}

/// Sends the parts that the store does not have yet.
async fn fill(parcel: &Arc<Parcel>, file: &LocalFile, plan: PartPlan, under: &mut UnderWay) -> std::result::Result<(), Trouble> {
    let (shared, vouch) = (&parcel.shared, under.vouch);
    let mut missing: Vec<_> = plan.parts().filter(|part| !under.parts.contains_key(&part.number)).collect();
    missing.reverse();
    let mut sending: JoinSet<std::result::Result<(u32, Sent), Error>> = JoinSet::new();
    loop {
        let room = async {
            shared.run.control.pass().await?;
            // Nobody closes it.
            Ok::<_, Stopped>(shared.parts.clone().acquire_owned().await.ok())
        };
        tokio::select! {
            permit = room, if !missing.is_empty() && sending.len() < PARTS_AT_ONCE => {
                let (permit, Some(part)) = (permit?, missing.pop()) else { continue };
                let (parcel, file, upload) = (parcel.clone(), file.clone(), under.upload.clone());
                sending.spawn(async move {
                    let sent = part::sent(&parcel, &file, &upload, part, vouch).await;
                    drop(permit);
                    sent.map(|sent| (part.number, sent))
                });
            }
            Some(ended) = sending.join_next() => {
                let (number, sent) = ended.unwrap_or_else(|_| Err(crate::runtime::tasks::died()))?;
                note(parcel, under.item, number, &sent).await?;
                under.parts.insert(number, sent);
                file.still().await?;
            }
            else => return Ok(()),
        }
    }
}

/// Writes a part down.
async fn note(parcel: &Parcel, item: Option<ItemId>, number: u32, sent: &Sent) -> Result<()> {
    let Some(item) = item else { return Ok(()) };
    let note = PartNote { number, etag: Some(sent.etag.clone()), sum: sent.sum, read: None };
    let journal = parcel.shared.run.engine.journal().clone();
    in_background(move || journal.note_part(item, &note)).await
}

/// Joins the parts. An answer that got lost is asked for by asking what is there. The remark for the user.
pub(super) async fn finish(parcel: &Parcel, under: &UnderWay) -> std::result::Result<Option<String>, Trouble> {
    parcel.shared.run.control.pass().await?;
    let known = under.known();
    for tries in 1.. {
        let asked = parcel.complete(&under.upload, under.done(), under.vouch, under.whole());
        let Some(answer) = with_grace(&parcel.shared.run.control, asked).await else {
            return Err(parcel.shared.run.control.stopped().await.into());
        };
        let failed = match answer {
            Ok(written) => return Ok(checked(parcel, &written, &known).await?),
            Err(failed) => failed,
        };
        let repeated = tries > 1 || parcel.was_repeated() || parcel.shared.resumed;
        if exists_already(&failed.error) {
            let ours = repeated && !parcel.is_open(&under.upload).await? && matches!(parcel.look(&known).await?, Look::Same);
            return if ours { Ok(known.vouch.remark()) } else { Err(Trouble::Exists) };
        }
        if is_gone(&failed.error) {
            return if_there(parcel, &known, failed.error).await;
        }
        if !is_ambiguous(&failed) {
            return Err(failed.into());
        }
        match parcel.is_open(&under.upload).await {
            Ok(true) if tries < TRIES => clock::sleep(pause(tries, Duration::from_millis(100))).await,
            Ok(true) => return Err(failed.into()),
            Ok(false) => return if_there(parcel, &known, failed.error).await,
            Err(_) => return Err(parcel.unknown(failed.error).into()),
        }
    }
    Err(Trouble::Failed(crate::runtime::objects::unexpected()))
}

/// The upload is gone: it was completed if the object is what the parts make.
async fn if_there(parcel: &Parcel, known: &Known, cause: Error) -> std::result::Result<Option<String>, Trouble> {
    let found = if known.sum.is_some() {
        matches!(parcel.look(known).await.map_err(|_| parcel.unknown(unrepeated(&cause)))?, Look::Same)
    } else {
        // Nothing but the size to go by: the store would have refused parts that do not fit.
        parcel.is_there(known).await.is_ok()
    };
    if found { Ok(known.vouch.remark()) } else { Err(cause.into()) }
}

fn unrepeated(cause: &Error) -> Error {
    Error::new(cause.kind(), cause.message().to_owned())
}

async fn checked(parcel: &Parcel, written: &Written, known: &Known) -> Result<Option<String>> {
    if known.vouch == Vouch::Md5 {
        // Each part was compared; that they are all there, the size says.
        parcel.is_there(known).await?;
    }
    verified(parcel, written, known).await
}
