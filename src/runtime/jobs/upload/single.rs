//! An object in one request.
//!
//! Its bytes are in memory, with their checksum, so that an answer that was lost can be judged: what the store has is looked at
//! before anything is sent again.

use std::time::Duration;

use bytes::Bytes;
use md5::{Digest, Md5};

use super::parcel::{Known, Look, Parcel, TRIES, exists_already, is_ambiguous, pause};
use super::vouch::{Verdict, Vouch, is_unknown_to};
use crate::domain::{Error, Overwrite, Result};
use crate::runtime::clock;
use crate::runtime::http::Failed;
use crate::runtime::source::Held;
use crate::transfer::Fate;
use crate::wire::objects::Written;

/// Uploads bytes in one request.
pub(super) async fn put(parcel: &Parcel, bytes: Bytes) -> Fate {
    match tried(parcel, &bytes).await {
        Ok(fate) => fate,
        Err(error) => Fate::Failed(error),
    }
}

async fn tried(parcel: &Parcel, bytes: &Bytes) -> Result<Fate> {
    let mut vouch = parcel.vouch()?;
    let (mut refused, mut tries) = (None, 1);
    loop {
        let sum = vouch.sum_of(bytes);
        let failed = match parcel.put(&Held(bytes.clone()), bytes.len() as u64, vouch.integrity(bytes, sum)).await {
            Ok(written) => {
                if refused.is_some() {
                    vouch.teach(parcel.lesson()?);
                }
                return verified(parcel, &written, &known(vouch, bytes, sum)).await.map(Fate::Done);
            }
            Err(failed) => failed,
        };
        match vouch.weaker() {
            Some(weaker) if is_unknown_to(&failed.error) => {
                vouch = weaker;
                refused.get_or_insert(failed.error);
                continue;
            }
            Some(_) | None => {}
        }
        if let Some(fate) = after(parcel, failed, vouch, bytes, tries, refused.take()).await? {
            return Ok(fate);
        }
        clock::sleep(pause(tries, Duration::from_millis(100))).await;
        tries += 1;
    }
}

/// What to make of a failed request; `None`: it was not carried out, and may be sent again.
async fn after(parcel: &Parcel, failed: Failed, vouch: Vouch, bytes: &Bytes, tries: u32, refused: Option<Error>) -> Result<Option<Fate>> {
    if exists_already(&failed.error) {
        // Our own earlier attempt may have made it: its answer was lost, or the process that sent it was killed.
        let ours = tries > 1 || parcel.was_repeated() || parcel.shared.resumed;
        return match ours {
            true if matches!(parcel.look(&known_by_all(vouch, bytes)).await?, Look::Same) => Ok(Some(Fate::Done(None))),
            true | false => Ok(Some(Fate::Exists)),
        };
    }
    if !is_ambiguous(&failed) {
        return Err(refused.unwrap_or(failed.error));
    }
    match parcel.look(&known_by_all(vouch, bytes)).await {
        Ok(Look::Same) => Ok(Some(Fate::Done(None))),
        Ok(Look::Other) if parcel.shared.upload.overwrite == Overwrite::Refuse => Ok(Some(Fate::Exists)),
        Ok(Look::Other | Look::Absent) if tries < TRIES => Ok(None),
        Ok(Look::Other | Look::Absent) => Err(failed.error),
        Err(_) => Err(parcel.unknown(failed.error)),
    }
}

fn known(vouch: Vouch, bytes: &Bytes, sum: Option<u64>) -> Known {
    Known { size: bytes.len() as u64, vouch, sum: sum.and_then(|value| vouch.spelled(value)), etag: None }
}

/// With the digest that is the entity tag where nothing is encrypted: for a rare look, not for every object.
fn known_by_all(vouch: Vouch, bytes: &Bytes) -> Known {
    let digest = Md5::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    Known { etag: Some(digest), ..known(vouch, bytes, vouch.sum_of(bytes)) }
}

/// Whether the store has what was sent: by its answer, or where that has no checksum, by one more request. The remark for the user.
pub(super) async fn verified(parcel: &Parcel, written: &Written, known: &Known) -> Result<Option<String>> {
    match known.vouch.judge(&written.checksums, known.sum.as_deref()) {
        Verdict::Equal => return Ok(known.vouch.remark()),
        Verdict::Different => return Err(parcel.differs("the checksum that the store answers is another one")),
        // The store refuses a body that does not have the MD5 that came with it.
        Verdict::Silent if known.vouch == Vouch::Md5 => {}
        Verdict::Silent => {
            let by_sum = parcel.is_there(known).await?;
            if by_sum {
                return Ok(known.vouch.remark());
            }
            if let Some(weaker) = known.vouch.weaker() {
                weaker.teach(parcel.lesson()?);
            }
            return Ok(Some("the store keeps no checksum that is known here; its size was compared".to_owned()));
        }
    }
    Ok(known.vouch.remark())
}
