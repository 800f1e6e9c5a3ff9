//! Copies that the store makes itself: one request up to the cloud's limit, parts above it.
//!
//! Comes in: an object and where it goes. Goes out: the copy, verified as far as the store lets us. Forbidden here: taking 200 for
//! done, and repeating a copy of which nobody knows whether it was made.

use super::copy::{Facts, Landed, Leg, Porter, changed};
use super::gather::is_ambiguous;
use super::{copy_across, copy_parts};
use crate::domain::{Directive, Error, ErrorKind, ObjectSettings, Overwrite, Provider};
use crate::runtime::http::Failed;
use crate::runtime::objects::unexpected;
use crate::runtime::retry::Reached;
use crate::transfer::Fate;
use crate::transfer::parts::{LARGEST_COPY_OSS, LARGEST_COPY_S3};
use crate::wire::objects::{Copied, ObjectCall, Said};

/// How often a copy is asked for, if the store shows each time that it was not made.
const ROUNDS: u32 = 2;

/// Copies one object.
pub(super) async fn copy(porter: &Porter, leg: &Leg) -> Result<Landed, Fate> {
    porter.look_first(leg).await?;
    let facts = porter.facts(leg).await?;
    let largest = porter.run.engine.copy_limits().map_or(
        match porter.site.provider {
            Provider::S3 => LARGEST_COPY_S3,
            Provider::Oss => LARGEST_COPY_OSS,
        },
        |limits| limits.whole,
    );
    if facts.size > largest {
        return copy_parts::copy(porter, leg, facts).await;
    }
    whole(porter, leg, facts).await
}

async fn whole(porter: &Porter, leg: &Leg, facts: Facts) -> Result<Landed, Fate> {
    let call = call(porter, leg, &facts);
    let mut round = 1;
    loop {
        match ask(porter, &call).await {
            Ok(copied) => {
                porter.run.control.moved(facts.size);
                return Ok(landed(porter, leg, facts, &copied).await);
            }
            Err(failed) if is_ambiguous(&failed) => {
                if let Some(landed) = look(porter, leg, &facts, &failed.error, round).await? {
                    porter.run.control.moved(facts.size);
                    return Ok(landed);
                }
                round += 1;
            }
            Err(failed) if is_out_of_reach(porter, &failed.error) => return copy_across::copy(porter, leg).await,
            Err(failed) => return Err(refusal(porter, leg, failed.error).await),
        }
    }
}

fn call(porter: &Porter, leg: &Leg, facts: &Facts) -> ObjectCall {
    let (metadata, settings) = match &porter.copy.settings {
        None => (Directive::Copy, ObjectSettings::default()),
        Some(settings) => (Directive::Replace, settings.clone()),
    };
    ObjectCall::CopyObject {
        bucket: porter.copy.to.place.id.bucket.clone(),
        key: leg.target.clone(),
        source: porter.copied(leg, facts),
        metadata,
        settings,
        overwrite: porter.copy.overwrite,
    }
}

async fn ask(porter: &Porter, call: &ObjectCall) -> Result<Copied, Failed> {
    let (engine, control) = (&porter.run.engine, &porter.run.control);
    let reply = engine.ask(&porter.both, call, &control.books(engine)).await?;
    let Said::Copied(copied) = reply.said else { return Err(Failed { error: unexpected(), reached: Reached::Perhaps }) };
    Ok(copied)
}

/// The same entity tag is the same content; another one (parts, encryption) is settled by the copy's headers, where it matters.
async fn landed(porter: &Porter, leg: &Leg, facts: Facts, copied: &Copied) -> Landed {
    let doubt = if copied.etag == facts.etag || porter.copy.original == crate::transfer::Original::Stays {
        None
    } else {
        doubt_of_size(porter, leg, facts.size).await
    };
    Landed { size: facts.size, source: facts.etag, remark: None, doubt }
}

/// Why the object that stands under the target's name may not be the copy; `None`: it has the source's size.
pub(super) async fn doubt_of_size(porter: &Porter, leg: &Leg, size: u64) -> Option<String> {
    match porter.standing(leg).await {
        Ok(Some(head)) if head.size == Some(size) => None,
        Ok(Some(_)) => Some("the copy has another size".to_owned()),
        Ok(None) => Some("the copy is not there".to_owned()),
        Err(error) => Some(format!("the copy cannot be read back ({error})")),
    }
}

/// After an answer was lost: what stands under the target's name. `None`: the copy was not made, and may be asked for again.
async fn look(porter: &Porter, leg: &Leg, facts: &Facts, lost: &Error, round: u32) -> Result<Option<Landed>, Fate> {
    let unknown = |why: &str| {
        let message = format!("key \"{}\": nobody knows whether it was copied ({lost}; {why})", leg.pick.key);
        Fate::Failed(Error::new(lost.kind(), message).hint("Look at the target before you copy it again."))
    };
    match porter.standing(leg).await {
        Err(error) => Err(unknown(&error.to_string())),
        Ok(Some(head)) if head.size == Some(facts.size) && head.etag.as_ref() == Some(&facts.etag) => Ok(Some(Landed {
            size: facts.size,
            source: facts.etag.clone(),
            remark: Some("the store's answer was lost; the copy was read back".to_owned()),
            doubt: None,
        })),
        Ok(None) if round < ROUNDS => Ok(None),
        Ok(Some(_)) if round < ROUNDS && porter.copy.overwrite == Overwrite::Allow => Ok(None),
        Ok(Some(_)) => Err(unknown("another object stands there")),
        Ok(None) => Err(unknown("nothing stands there")),
    }
}

/// OSS copies inside of a region only, and says so in words alone.
fn is_out_of_reach(porter: &Porter, error: &Error) -> bool {
    porter.site.provider == Provider::Oss
        && error.kind() == ErrorKind::Denied
        && error.store_answer().is_some_and(|answer| answer.message.contains("same data center"))
}

/// What a refusal means: something stands there, or the source is another one now.
pub(super) async fn refusal(porter: &Porter, leg: &Leg, error: Error) -> Fate {
    if error.code() == Some("FileAlreadyExists") {
        return Fate::Exists;
    }
    if error.store_answer().is_none_or(|answer| answer.status != 412) {
        return Fate::Failed(error);
    }
    if porter.copy.overwrite == Overwrite::Refuse && porter.standing(leg).await.is_ok_and(|standing| standing.is_some()) {
        return Fate::Exists;
    }
    Fate::Failed(changed(&leg.pick.key).source(error))
}
