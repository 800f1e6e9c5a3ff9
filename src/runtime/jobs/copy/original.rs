//! The second half of a move: the original goes, once the copy is known to be as good.
//!
//! Comes in: an object whose copy is there. Goes out: how the move ended. Forbidden here: deleting what is not the object that was
//! copied, and deleting before the state database knows that it is to be deleted.

use super::{Landed, Leg, Porter, left};
use crate::domain::{Doomed, Error, ErrorKind};
use crate::runtime::jobs::delete_batch::{Broom, Target};
use crate::runtime::jobs::gather::address;
use crate::runtime::jobs::upload::may_pass;
use crate::runtime::journal::jobs::ItemId;
use crate::runtime::objects::error_of;
use crate::transfer::Fate;
use crate::wire::objects::path_refusal;

/// Deletes the original, if the copy is as good and the original is still what was copied.
pub(super) async fn remove(porter: &Porter, leg: &Leg, landed: Landed) -> Fate {
    if let Some(doubt) = &landed.doubt {
        return stays(porter, leg, landed.item, doubt, None).await;
    }
    if path_refusal(&leg.pick.key).is_some() {
        return stays(porter, leg, landed.item, "its key cannot be read again", None).await;
    }
    let item = match left::note_landed(porter, leg, &landed).await {
        Ok(item) => item,
        Err(error) => return stays(porter, leg, None, "that cannot be written down", Some(error)).await,
    };
    match error_of(porter.run.engine.head(&porter.copy.from, &porter.source(leg), &leg.books).await) {
        Err(error) if porter.earlier.is_resumed() && is_gone(&error) => {
            return porter.finished(leg, item, Some("an earlier run had moved it".to_owned()));
        }
        Err(error) => return stays(porter, leg, item, &format!("it cannot be read again ({error})"), Some(error)).await,
        Ok(head) if head.etag.as_ref() != Some(&landed.source) => return stays(porter, leg, item, "it changed meanwhile", None).await,
        Ok(_) => {}
    }
    let doomed = Doomed { key: leg.pick.key.clone(), version: leg.pick.version.clone() };
    let target = Target { address: address(&porter.copy.from, &leg.pick.key), doomed, size: landed.size };
    match Broom::new(&porter.run, &porter.copy.from).remove(&target, &leg.books).await {
        Fate::Done(remark) => porter.finished(leg, item, landed.remark.or(remark)),
        Fate::Failed(error) => stays(porter, leg, item, &format!("it could not be deleted ({error})"), Some(error)).await,
        other @ (Fate::Exists | Fate::LeftOut(_)) => other,
    }
}

fn is_gone(error: &Error) -> bool {
    error.kind() == ErrorKind::NotFound && error.code() != Some("NoSuchBucket")
}

/// The original is still there. What may be over later is tried again by whoever repeats the job.
async fn stays(porter: &Porter, leg: &Leg, item: Option<ItemId>, why: &str, cause: Option<Error>) -> Fate {
    let again = cause.as_ref().is_some_and(may_pass);
    if let Some(item) = item.filter(|_| !again)
        && let Err(error) = left::forget(porter, item).await
    {
        porter.run.engine.door().tell(error);
    }
    let error = Error::new(ErrorKind::Partial, format!("key \"{}\" is copied, but the original stays: {why}", leg.pick.key));
    let hint = if again && item.is_some() {
        "Repeat the move to delete the original: nothing is copied again."
    } else {
        "Compare the two, then delete the original."
    };
    let error = error.hint(hint);
    Fate::Failed(match cause {
        Some(cause) => error.source(cause),
        None => error,
    })
}
