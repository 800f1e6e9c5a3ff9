//! Copies in parts: what is larger than one request copies.
//!
//! Comes in: an object, its headers. Goes out: the copy with the source's headers, metadata and tags, which a multipart upload does
//! not take over by itself. Forbidden here: leaving parts behind that are billed.

use std::sync::{Arc, Mutex, PoisonError};

use super::copy::{Facts, Landed, Leg, Porter};
use super::copy_within::{doubt_of_size, refusal};
use super::gather::{Crew, is_ambiguous};
use crate::domain::{Error, ErrorKind, ObjectHead, ObjectSettings, Overwrite, UploadId, UploadRef};
use crate::runtime::http::Failed;
use crate::runtime::objects::{error_of, unexpected};
use crate::transfer::Fate;
use crate::transfer::parts::{Part, PartPlan};
use crate::wire::Checksum;
use crate::wire::objects::{BodyChecksum, CopySource, ObjectCall, PartDone, PartRef, Said, Written};

/// How many parts of one object are under way.
const ABREAST: usize = 4;

/// Copies one object in parts.
pub(super) async fn copy(porter: &Porter, leg: &Leg, facts: Facts) -> Result<Landed, Fate> {
    // Many parts in vain are more than one look.
    if porter.copy.overwrite == Overwrite::Refuse {
        porter.must_be_free(leg).await?;
    }
    let facts = match facts.head {
        Some(_) => facts,
        None => porter.read_facts(leg).await?,
    };
    let source = porter.copied(leg, &facts);
    let Facts { size, etag, head, .. } = facts;
    let dress = Dress::of(porter, leg, head.as_deref()).await;
    let plan = match porter.run.engine.copy_limits() {
        Some(limits) => PartPlan::with_part_size(size, limits.part),
        None => PartPlan::copy(size),
    };
    let plan = plan.map_err(Fate::Failed)?;
    let upload = begin(porter, leg, dress.settings, None).await.map_err(Fate::Failed)?;
    let parts = all_parts(porter, &upload, &source, plan).await;
    match parts {
        Err(error) => {
            abort(porter, &upload).await;
            Err(refusal(porter, leg, error).await)
        }
        Ok(parts) => {
            let remark = complete(porter, leg, &upload, parts, size, None).await?.1;
            let doubt = match dress.doubt {
                None if porter.copy.original == crate::transfer::Original::Goes => doubt_of_size(porter, leg, size).await,
                doubt => doubt,
            };
            Ok(Landed { size, source: etag, remark: remark.or_else(|| doubt.clone()), doubt })
        }
    }
}

/// What a copy that is written anew is stored with.
pub(super) struct Dress {
    /// The settings.
    pub(super) settings: ObjectSettings,
    /// What of the source could not be taken over.
    pub(super) doubt: Option<String>,
}

impl Dress {
    /// Those that were asked for, else the source's: its headers and metadata, and its tags if it has any.
    pub(super) async fn of(porter: &Porter, leg: &Leg, head: Option<&ObjectHead>) -> Self {
        let plain = |settings| Self { settings, doubt: None };
        let (Some(head), None) = (head, &porter.copy.settings) else {
            return plain(porter.copy.settings.clone().unwrap_or_default());
        };
        let settings = taken_over(head);
        if !head.has_tags() {
            return plain(settings);
        }
        match porter.run.engine.tags(&porter.copy.from, &porter.source(leg)).await {
            Ok(tags) => plain(ObjectSettings { tags, ..settings }),
            Err(error) => Self { settings, doubt: Some(format!("its tags could not be read ({error})")) },
        }
    }
}

fn taken_over(head: &ObjectHead) -> ObjectSettings {
    let header = |name: &str| head.headers.iter().find(|(header, _)| header == name).map(|(_, value)| value.clone());
    ObjectSettings {
        content_type: head.content_type.clone(),
        cache_control: header("cache-control"),
        content_disposition: header("content-disposition"),
        content_encoding: header("content-encoding"),
        content_language: header("content-language"),
        expires: header("expires"),
        metadata: head.metadata.clone(),
        ..ObjectSettings::default()
    }
}

/// Begins the upload.
pub(super) async fn begin(porter: &Porter, leg: &Leg, settings: ObjectSettings, checksum: Option<Checksum>) -> Result<UploadRef, Error> {
    let (bucket, key) = (porter.copy.to.place.id.bucket.clone(), leg.target.clone());
    let call = ObjectCall::CreateMultipartUpload {
        bucket: bucket.clone(),
        key: key.clone(),
        settings,
        overwrite: porter.copy.overwrite,
        checksum,
    };
    let said = error_of(asked(porter, &call).await)?;
    let id: UploadId = if let Said::Begun(id) = said { id } else { return Err(unexpected()) };
    Ok(UploadRef { bucket, key, id })
}

/// Asks about what is written: on the word for that bucket alone.
pub(super) async fn asked(porter: &Porter, call: &ObjectCall) -> Result<Said, Failed> {
    let (engine, control) = (&porter.run.engine, &porter.run.control);
    engine.ask(&porter.copy.to, call, &control.books(engine)).await.map(|reply| reply.said)
}

async fn all_parts(porter: &Porter, upload: &UploadRef, source: &CopySource, plan: PartPlan) -> Result<Vec<PartDone>, Error> {
    let shared = Arc::new(Mutex::new(Ok(Vec::with_capacity(plan.count() as usize))));
    let mut crew = Crew::new(ABREAST);
    for part in plan.parts() {
        if porter.run.control.pass().await.is_err() {
            keep(&shared, Err(interrupted()));
        }
        if shared.lock().unwrap_or_else(PoisonError::into_inner).is_err() {
            break;
        }
        let (porter, upload, source, shared) = (porter.clone(), upload.clone(), source.clone(), shared.clone());
        crew.add(async move { keep(&shared, copy_part(&porter, upload, source, part).await) }).await;
    }
    crew.finish().await?;
    let mut parts = std::mem::replace(&mut *shared.lock().unwrap_or_else(PoisonError::into_inner), Ok(Vec::new()))?;
    parts.sort_by_key(|part: &PartDone| part.number);
    Ok(parts)
}

/// Keeps a part, or the first error.
pub(super) fn keep<T>(shared: &Mutex<Result<Vec<T>, Error>>, part: Result<T, Error>) {
    let mut shared = shared.lock().unwrap_or_else(PoisonError::into_inner);
    match (&mut *shared, part) {
        (Ok(parts), Ok(part)) => parts.push(part),
        (Ok(_), Err(error)) => *shared = Err(error),
        (Err(_), Ok(_) | Err(_)) => {}
    }
}

pub(super) fn interrupted() -> Error {
    Error::new(ErrorKind::Interrupted, "the job was stopped").hint("Begin it again: what was under way was given up.")
}

async fn copy_part(porter: &Porter, upload: UploadRef, source: CopySource, part: Part) -> Result<PartDone, Error> {
    let call =
        ObjectCall::UploadPartCopy { part: PartRef { upload, number: part.number }, source, range: Some((part.offset, part.end() - 1)) };
    let (engine, control) = (&porter.run.engine, &porter.run.control);
    let reply = error_of(engine.ask(&porter.both, &call, &control.books(engine)).await)?;
    let Said::Copied(copied) = reply.said else { return Err(unexpected()) };
    control.moved(part.length);
    Ok(PartDone { number: part.number, etag: copied.etag, checksum: None })
}

/// Joins the parts. An answer that was lost is settled by looking: what stands there then is the copy, or it is not.
pub(super) async fn complete(
    porter: &Porter,
    leg: &Leg,
    upload: &UploadRef,
    parts: Vec<PartDone>,
    size: u64,
    checksum: Option<BodyChecksum>,
) -> Result<(Option<Written>, Option<String>), Fate> {
    let call = ObjectCall::CompleteMultipartUpload { upload: upload.clone(), parts, overwrite: porter.copy.overwrite, checksum };
    match asked(porter, &call).await {
        Ok(Said::Written(written)) => Ok((Some(*written), None)),
        Ok(_) => Err(Fate::Failed(unexpected())),
        Err(failed) if is_ambiguous(&failed) => match joined_after_all(porter, upload, size, leg).await {
            Ok(true) => Ok((None, Some("the store's answer was lost; the copy was read back".to_owned()))),
            Ok(false) => {
                abort(porter, upload).await;
                Err(Fate::Failed(failed.error))
            }
            Err(unseen) => {
                let message = format!("key \"{}\": nobody knows whether it was copied ({}; then: {unseen})", leg.pick.key, failed.error);
                let hint = format!("Look at the target and at its unfinished uploads ({}) before you copy it again.", upload.id.as_str());
                Err(Fate::Failed(Error::new(failed.error.kind(), message).hint(hint)))
            }
        },
        Err(failed) => {
            abort(porter, upload).await;
            Err(refusal(porter, leg, failed.error).await)
        }
    }
}

/// An upload that is gone while an object of the right size stands there was completed.
async fn joined_after_all(porter: &Porter, upload: &UploadRef, size: u64, leg: &Leg) -> Result<bool, Error> {
    let call = ObjectCall::ListParts { upload: upload.clone(), after: None, limit: Some(1) };
    match error_of(asked(porter, &call).await) {
        Ok(_) => return Ok(false),
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    Ok(porter.standing(leg).await?.is_some_and(|head| head.size == Some(size)))
}

/// Gives the upload up: its parts would be billed. Nobody waits for the outcome of a failed copy; the list of unfinished uploads shows
/// what is left.
pub(super) async fn abort(porter: &Porter, upload: &UploadRef) {
    if let Err(failed) = asked(porter, &ObjectCall::AbortMultipartUpload { upload: upload.clone() }).await {
        let message = format!("key \"{}\": upload {} could not be aborted: {}", upload.key, upload.id.as_str(), failed.error);
        porter.run.engine.door().tell(
            Error::new(failed.error.kind(), message)
                .hint("List the bucket's unfinished uploads and abort it: its parts are billed until then.")
                .target(porter.copy.to.place.id.to_string()),
        );
    }
}
