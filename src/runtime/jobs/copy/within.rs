//! Copies that the store makes itself: one request up to the cloud's limit, parts above it.
//!
//! Comes in: an object and where it goes. Goes out: the copy, verified as far as the store lets us. Forbidden here: taking 200 for
//! done; repeating a copy of which nobody knows whether it was made; another way than the plan said, because of its price.

use super::left::Left;
use super::{Facts, Landed, Leg, Missed, Porter, filling, parts};
use crate::domain::escape::visible;
use crate::domain::{Directive, Error, ErrorKind, ObjectSettings, Overwrite, Provider};
use crate::runtime::http::Failed;
use crate::runtime::jobs::gather::{address, is_ambiguous};
use crate::runtime::objects::unexpected;
use crate::runtime::retry::Reached;
use crate::transfer::parts::{LARGEST_COPY_OSS, LARGEST_COPY_S3};
use crate::wire::objects::{Copied, ObjectCall, Said};

/// How often a copy is asked for, if the store shows each time that it was not made.
const ROUNDS: u32 = 2;

/// Copies one object.
pub(super) async fn copy(porter: &Porter, leg: &Leg, left: Option<Left>) -> Result<Landed, Missed> {
    if left.is_none() {
        porter.look_first(leg).await?;
    }
    let facts = porter.facts(leg).await?;
    if facts.size > largest(porter) {
        return parts::copy(porter, leg, facts, left).await;
    }
    // What fits into one request by now is another object.
    if let Some(left) = left {
        filling::dropped(porter, leg, left).await?;
    }
    whole(porter, leg, facts).await
}

/// What one request copies.
pub(super) fn largest(porter: &Porter) -> u64 {
    let usual = match porter.site.provider {
        Provider::S3 => LARGEST_COPY_S3,
        Provider::Oss => LARGEST_COPY_OSS,
    };
    porter.run.engine.copy_limits().map_or(usual, |limits| limits.whole)
}

async fn whole(porter: &Porter, leg: &Leg, facts: Facts) -> Result<Landed, Missed> {
    let call = call(porter, leg, &facts);
    let mut round = 1;
    loop {
        match ask(porter, leg, &call).await {
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
            Err(failed) => return Err(porter.refused(leg, out_of_reach(porter, leg, failed.error)).await),
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

async fn ask(porter: &Porter, leg: &Leg, call: &ObjectCall) -> Result<Copied, Failed> {
    let reply = porter.run.engine.ask(&porter.both, call, &leg.books).await?;
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
    Landed { size: facts.size, source: facts.etag, copy: Some(copied.etag.clone()), remark: None, doubt, item: None }
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
async fn look(porter: &Porter, leg: &Leg, facts: &Facts, lost: &Error, round: u32) -> Result<Option<Landed>, Missed> {
    let unknown = |why: &str| {
        let message = format!("key \"{}\": nobody knows whether it was copied ({lost}; {why})", leg.pick.key);
        Missed::from(Error::new(lost.kind(), message).hint("Look at the target before you copy it again."))
    };
    match porter.standing(leg).await {
        Err(error) => Err(unknown(&error.to_string())),
        Ok(Some(head)) if head.size == Some(facts.size) && head.etag.as_ref() == Some(&facts.etag) => Ok(Some(Landed {
            size: facts.size,
            source: facts.etag.clone(),
            copy: head.etag.clone(),
            remark: Some("the store's answer was lost; the copy was read back".to_owned()),
            doubt: None,
            item: None,
        })),
        Ok(None) if round < ROUNDS => Ok(None),
        Ok(Some(_)) if round < ROUNDS && porter.copy.overwrite == Overwrite::Allow => Ok(None),
        Ok(Some(_)) => Err(unknown("another object stands there")),
        Ok(None) => Err(unknown("nothing stands there")),
    }
}

/// A store that does not make this copy at all, neither whole nor in parts, says so once it is asked. The other way has a price of its
/// own, the transfer out, and the plan did not have it: whoever pays decides.
pub(super) fn out_of_reach(porter: &Porter, leg: &Leg, error: Error) -> Error {
    let Some(said) = out_of_reach_said(porter, &error) else { return error };
    let (from, to) = (&porter.copy.from.place.id, &porter.copy.to.place.id);
    let message = format!("key \"{}\": the store does not copy from {from} to {to} by itself ({said})", leg.pick.key);
    let hint = "Choose the way through this machine: `--stream`, or `way` in the form of `c`. The bytes are then downloaded and uploaded \
                again; the plan says what that costs, and who pays.";
    Error::new(ErrorKind::Refused, message).hint(hint).target(address(&porter.copy.to, &leg.target)).source(error)
}

/// What it said. OSS copies inside of a region only, and says so in words alone; of stores that speak S3, some copy nothing, or no parts.
fn out_of_reach_said(porter: &Porter, error: &Error) -> Option<String> {
    let answer = error.store_answer()?;
    let is_meant = match porter.site.provider {
        Provider::Oss => error.kind() == ErrorKind::Denied && answer.message.contains("same data center"),
        Provider::S3 => error.kind() == ErrorKind::Unsupported,
    };
    let said = if answer.message.is_empty() { error.message() } else { &answer.message };
    is_meant.then(|| visible(said).into_owned())
}
