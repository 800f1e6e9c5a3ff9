//! Copies through this machine: between providers, accounts and regions that no store copies between.
//!
//! Comes in: an object and where it goes. Goes out: the copy. Bytes are read once, kept in memory until the other store has them, and
//! never touch a disk; each side has its own word on paying. Forbidden here: more memory than the job has; a part that is not summed.

use std::sync::{Arc, Mutex, PoisonError};

use bytes::{Bytes, BytesMut};

use super::copy::{Facts, Landed, Leg, Porter, changed};
use super::copy_parts::{Dress, abort, begin, complete, interrupted, keep};
use super::copy_within::{doubt_of_size, refusal};
use super::gather::{Crew, is_ambiguous};
use crate::domain::{ETag, Error, ErrorKind, ObjectHead, ObjectKey, Overwrite, Provider, UploadRef};
use crate::runtime::http::Failed;
use crate::runtime::objects::{Opened, unexpected};
use crate::runtime::source::Held;
use crate::transfer::need::PASSING;
use crate::transfer::parts::{MOST_PARTS, Part, PartPlan};
use crate::transfer::sum::{self, Algorithm, Sum};
use crate::transfer::{Fate, Original};
use crate::wire::Checksum;
use crate::wire::objects::{
    AskChecksums, BodyChecksum, ByteRange, Content, Integrity, ObjectCall, PartDone, PartRef, Said, Wanted, Written,
};

/// How often bytes are asked for that broke off; what came is kept.
const TRIES: u32 = 3;
/// Every checksum that either cloud gives of a whole object.
const SUMS: [(&str, Algorithm); 3] =
    [("crc64nvme", Algorithm::Crc64Nvme), ("crc64ecma", Algorithm::Crc64Ecma), ("crc32c", Algorithm::Crc32c)];

/// Bytes with their sums.
struct Summed {
    bytes: Bytes,
    sums: [u64; 3],
}

impl Summed {
    fn new(bytes: Bytes) -> Self {
        let sums = SUMS.map(|(_, algorithm)| {
            let mut sum = Sum::new(algorithm);
            sum.update(&bytes);
            sum.value()
        });
        Self { bytes, sums }
    }
}

/// Copies one object.
pub(super) async fn copy(porter: &Porter, leg: &Leg) -> Result<Landed, Fate> {
    if porter.copy.overwrite == Overwrite::Refuse {
        // The bytes are paid for when the refusal comes: look first.
        porter.must_be_free(leg).await?;
    }
    let facts = porter.facts(leg).await?;
    let part = porter.run.engine.copy_limits().map_or(PASSING, |limits| limits.part);
    if facts.size <= part { whole(porter, leg, &facts).await } else { in_parts(porter, leg, facts, part).await }
}

async fn whole(porter: &Porter, leg: &Leg, facts: &Facts) -> Result<Landed, Fate> {
    let _room = room(porter, facts.size).await;
    let (head, bytes) = read(porter, leg, &facts.etag, 0, facts.size, facts.size).await.map_err(Fate::Failed)?;
    let summed = Summed::new(bytes);
    compare(&head.checksums, &summed.sums, &leg.pick.key, "read").map_err(Fate::Failed)?;
    let dress = Dress::of(porter, leg, Some(&head)).await;
    let call = ObjectCall::PutObject {
        bucket: porter.copy.to.place.id.bucket.clone(),
        key: leg.target.clone(),
        content: Content::Streamed(facts.size),
        settings: dress.settings,
        overwrite: porter.copy.overwrite,
        integrity: integrity(porter, &summed),
    };
    let (written, remark) = match send(porter, &call, &summed.bytes).await {
        Ok(Said::Written(written)) => (Some(written), None),
        Ok(_) => return Err(Fate::Failed(unexpected())),
        Err(failed) if is_ambiguous(&failed) => (None, Some(look(porter, leg, &summed.sums, facts.size, failed.error).await?)),
        Err(failed) => return Err(refusal(porter, leg, failed.error).await),
    };
    if let Some(written) = &written {
        compare(&written.checksums, &summed.sums, &leg.target, "written").map_err(Fate::Failed)?;
    }
    porter.run.control.moved(facts.size);
    Ok(landed(porter, leg, (facts.size, facts.etag.clone()), written.as_deref(), remark, dress.doubt).await)
}

/// After the answer to a write was lost: whether what stands there has the bytes' sum.
async fn look(porter: &Porter, leg: &Leg, sums: &[u64; 3], size: u64, lost: Error) -> Result<String, Fate> {
    let there = match porter.standing(leg).await {
        Ok(Some(head)) => head.size == Some(size) && agreed(&head.checksums, sums) == Some(true),
        Ok(None) | Err(_) => false,
    };
    if there {
        return Ok("the store's answer was lost; the copy was read back".to_owned());
    }
    let message = format!("key \"{}\": nobody knows whether it was copied ({lost})", leg.pick.key);
    Err(Fate::Failed(Error::new(lost.kind(), message).hint("Look at the target before you copy it again.").source(lost)))
}

async fn in_parts(porter: &Porter, leg: &Leg, facts: Facts, part: u64) -> Result<Landed, Fate> {
    let Facts { size, etag, head, .. } = match facts.head {
        Some(_) => facts,
        None => porter.read_facts(leg).await?,
    };
    let part = part.max(size.div_ceil(u64::from(MOST_PARTS)));
    let plan = PartPlan::with_part_size(size, part).map_err(Fate::Failed)?;
    let dress = Dress::of(porter, leg, head.as_deref()).await;
    let upload = begin(porter, leg, dress.settings, algorithm(porter)).await.map_err(Fate::Failed)?;
    let promised = head.map(|head| head.checksums).unwrap_or_default();
    let (parts, sums) = match all_parts(porter, leg, &upload, &etag, plan, &promised).await {
        Ok(done) => done,
        Err(error) => {
            abort(porter, &upload).await;
            return Err(refusal(porter, leg, error).await);
        }
    };
    let checksum = algorithm(porter).map(|algorithm| base64_sum(algorithm, sums[0]));
    let (written, remark) = complete(porter, leg, &upload, parts, size, checksum).await?;
    if let Some(written) = &written {
        compare(&written.checksums, &sums, &leg.target, "written").map_err(Fate::Failed)?;
    }
    Ok(landed(porter, leg, (size, etag), written.as_ref(), remark, dress.doubt).await)
}

async fn landed(
    porter: &Porter,
    leg: &Leg,
    (size, source): (u64, ETag),
    written: Option<&Written>,
    remark: Option<String>,
    doubt: Option<String>,
) -> Landed {
    // S3 has compared what it received; OSS answers its sum, which was compared here. Without either, at least the size must fit.
    let vouched = porter.site.provider == Provider::S3 || written.is_some_and(|written| !written.checksums.is_empty());
    let doubt = match doubt {
        None if !vouched && porter.copy.original == Original::Goes => doubt_of_size(porter, leg, size).await,
        doubt => doubt,
    };
    Landed { size, source, remark: remark.or_else(|| doubt.clone()), doubt }
}

async fn all_parts(
    porter: &Porter,
    leg: &Leg,
    upload: &UploadRef,
    etag: &ETag,
    plan: PartPlan,
    promised: &[(String, String)],
) -> Result<(Vec<PartDone>, [u64; 3]), Error> {
    let shared = Arc::new(Mutex::new(Ok(Vec::with_capacity(plan.count() as usize))));
    let mut crew = Crew::new(8);
    for part in plan.parts() {
        // Memory first: parts that wait for it hold none.
        let room = room(porter, part.length).await;
        if porter.run.control.pass().await.is_err() {
            keep(&shared, Err(interrupted()));
        }
        if shared.lock().unwrap_or_else(PoisonError::into_inner).is_err() {
            break;
        }
        let (porter, leg, upload, etag, shared) = (porter.clone(), leg.clone(), upload.clone(), etag.clone(), shared.clone());
        crew.add(async move {
            let _room = room;
            keep(&shared, one_part(&porter, &leg, upload, &etag, part, plan.size()).await);
        })
        .await;
    }
    crew.finish().await?;
    let mut parts = std::mem::replace(&mut *shared.lock().unwrap_or_else(PoisonError::into_inner), Ok(Vec::new()))?;
    parts.sort_by_key(|(part, ..): &(PartDone, [u64; 3], u64)| part.number);
    let mut sums = SUMS.map(|(_, algorithm)| Sum::new(algorithm).value());
    for (_, part, length) in &parts {
        for (place, (_, algorithm)) in SUMS.iter().enumerate() {
            sums[place] = sum::joined(*algorithm, sums[place], part[place], *length);
        }
    }
    compare(promised, &sums, &leg.pick.key, "read")?;
    Ok((parts.into_iter().map(|(part, ..)| part).collect(), sums))
}

async fn one_part(
    porter: &Porter,
    leg: &Leg,
    upload: UploadRef,
    etag: &ETag,
    part: Part,
    size: u64,
) -> Result<(PartDone, [u64; 3], u64), Error> {
    let (_, bytes) = read(porter, leg, etag, part.offset, part.length, size).await?;
    let summed = Summed::new(bytes);
    let call = ObjectCall::UploadPart {
        part: PartRef { upload, number: part.number },
        content: Content::Streamed(part.length),
        integrity: integrity(porter, &summed),
    };
    let said = send(porter, &call, &summed.bytes).await.map_err(|failed| failed.error)?;
    let Said::Written(written) = said else { return Err(unexpected()) };
    compare(&written.checksums, &summed.sums, &leg.target, "written")?;
    porter.run.control.moved(part.length);
    let checksum = algorithm(porter).map(|algorithm| base64_sum(algorithm, summed.sums[0]));
    Ok((PartDone { number: part.number, etag: written.etag, checksum }, summed.sums, part.length))
}

/// Waits for room in memory.
async fn room(porter: &Porter, bytes: u64) -> Option<tokio::sync::OwnedSemaphorePermit> {
    let mib = u32::try_from(bytes.div_ceil(1 << 20)).unwrap_or(u32::MAX).clamp(1, 64);
    // It is never closed.
    porter.memory.clone().acquire_many_owned(mib).await.ok()
}

/// Reads a range of the source to its end: what breaks off is asked for again from where it broke.
async fn read(porter: &Porter, leg: &Leg, etag: &ETag, offset: u64, length: u64, size: u64) -> Result<(Box<ObjectHead>, Bytes), Error> {
    let mut bytes = BytesMut::with_capacity(usize::try_from(length).unwrap_or(0));
    let mut tries = 1;
    loop {
        let begun = offset + bytes.len() as u64;
        let end = offset + length;
        let range = (begun > 0 || end < size).then(|| ByteRange::Between(begun, end - 1));
        let opened = open(porter, leg, etag, range).await?;
        let head = opened.head.clone();
        if head.etag.as_ref() != Some(etag) || head.size.is_some_and(|now| now != size) {
            return Err(changed(&leg.pick.key));
        }
        match fill(opened, &mut bytes, length).await {
            Ok(()) => return Ok((head, bytes.freeze())),
            Err(error) if tries >= TRIES || !error.kind().retryable() => return Err(error),
            Err(_) => tries += 1,
        }
    }
}

async fn open(porter: &Porter, leg: &Leg, etag: &ETag, range: Option<ByteRange>) -> Result<Opened, Error> {
    let wanted = Wanted { range, if_match: Some(etag.clone()), checksums: AskChecksums::Asked, overrides: Vec::new() };
    let call = ObjectCall::GetObject { object: porter.source(leg), wanted };
    let (engine, control) = (&porter.run.engine, &porter.run.control);
    engine.open(&porter.copy.from, &call, &control.books(engine)).await.map_err(|failed| {
        let gone = failed.error.store_answer().is_some_and(|answer| answer.status == 412);
        if gone { changed(&leg.pick.key).source(failed.error) } else { failed.error }
    })
}

async fn fill(opened: Opened, bytes: &mut BytesMut, length: u64) -> Result<(), Error> {
    let mut body = opened.body;
    while let Some(chunk) = body.chunk().await.map_err(|failed| failed.error)? {
        if bytes.len() as u64 + chunk.len() as u64 > length {
            return Err(Error::new(ErrorKind::InvalidReply, "the store sent more bytes than were asked for")
                .hint("Report it to the store's operator."));
        }
        bytes.extend_from_slice(&chunk);
    }
    if bytes.len() as u64 == length {
        return Ok(());
    }
    Err(Error::new(ErrorKind::Network, format!("the object broke off after {} of {length} bytes", bytes.len()))
        .hint("Repeat it, and check the network."))
}

async fn send(porter: &Porter, call: &ObjectCall, bytes: &Bytes) -> Result<Said, Failed> {
    let (engine, control) = (&porter.run.engine, &porter.run.control);
    engine.send(&porter.copy.to, call, &Held(bytes.clone()), &control.books(engine)).await.map(|reply| reply.said)
}

/// The algorithm whose value the store compares; OSS answers its own instead.
fn algorithm(porter: &Porter) -> Option<Checksum> {
    match porter.site.provider {
        Provider::S3 => Some(Checksum::Crc64Nvme),
        Provider::Oss => None,
    }
}

fn integrity(porter: &Porter, summed: &Summed) -> Integrity {
    Integrity { content_md5: None, checksum: algorithm(porter).map(|algorithm| base64_sum(algorithm, summed.sums[0])) }
}

fn base64_sum(algorithm: Checksum, value: u64) -> BodyChecksum {
    BodyChecksum { algorithm, value: sum::base64(Algorithm::Crc64Nvme, value) }
}

/// Compares the sums that a store gives with ours, as far as it gives any of the whole.
fn compare(given: &[(String, String)], sums: &[u64; 3], key: &ObjectKey, what: &str) -> Result<(), Error> {
    if agreed(given, sums) != Some(false) {
        return Ok(());
    }
    Err(Error::new(ErrorKind::Network, format!("key \"{key}\": what was {what} has another checksum than the store says"))
        .hint("Repeat it; if it happens again, look for a proxy that changes bodies."))
}

/// Whether all sums agree; `None`: the store gives none that can be compared.
fn agreed(given: &[(String, String)], sums: &[u64; 3]) -> Option<bool> {
    let compared = SUMS.iter().zip(sums).filter_map(|((name, algorithm), ours)| {
        let (_, text) = given.iter().find(|(each, _)| each == name)?;
        let theirs = match algorithm {
            Algorithm::Crc64Ecma => sum::from_decimal(text),
            Algorithm::Crc64Nvme | Algorithm::Crc32c => sum::from_base64(*algorithm, text),
        }?;
        Some(theirs == *ours)
    });
    compared.reduce(|all, each| all && each)
}
