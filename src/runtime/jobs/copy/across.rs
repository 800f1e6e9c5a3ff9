//! Copies through this machine: between providers, accounts and regions that no store copies between.
//!
//! Comes in: an object and where it goes. Goes out: the copy. Bytes are read once, kept in memory until the other store has them, and
//! never touch a disk; each side has its own word on paying. Forbidden here: more memory than the job has; a part that is not summed.

use bytes::{Bytes, BytesMut};

use super::filling::{self, Joined, Making, Open, Picked, Sent, Trouble};
use super::left::{Filling, Left};
use super::parts::Dress;
use super::within::doubt_of_size;
use super::{Facts, Landed, Leg, Missed, Porter, Way, changed};
use crate::domain::{ETag, Error, ErrorKind, ObjectHead, ObjectKey, Overwrite, Provider, UploadRef};
use crate::runtime::http::Failed;
use crate::runtime::jobs::download::Claim;
use crate::runtime::jobs::gather::is_ambiguous;
use crate::runtime::objects::{Opened, unexpected};
use crate::runtime::source::Held;
use crate::transfer::Original;
use crate::transfer::need::PASSING;
use crate::transfer::parts::{Part, PartPlan};
use crate::transfer::sum::{self, Algorithm, Sum};
use crate::wire::Checksum;
use crate::wire::objects::{AskChecksums, BodyChecksum, ByteRange, Content, Integrity, ObjectCall, PartRef, Said, Wanted, Written};

/// How many parts of one object are under way; memory lets fewer be.
const ABREAST: usize = 8;
/// How often bytes are asked for that broke off; what came is kept.
const TRIES: u32 = 3;
/// Bytes with their sums.
struct Summed {
    bytes: Bytes,
    /// As the store that is written to has it.
    written: u64,
    /// As the store that is read has it, if it gives any.
    read: Option<u64>,
}

impl Summed {
    fn new(porter: &Porter, claim: Option<Claim>, bytes: Bytes) -> Self {
        let of = |algorithm| {
            let mut sum = Sum::new(algorithm);
            sum.update(&bytes);
            sum.value()
        };
        let written = of(algorithm(porter));
        let read = claim.map(|claim| if claim.algorithm == algorithm(porter) { written } else { of(claim.algorithm) });
        Self { written, read, bytes }
    }
}

/// Copies one object.
pub(super) async fn copy(porter: &Porter, leg: &Leg, left: Option<Left>) -> Result<Landed, Missed> {
    if left.is_none() {
        look_first(porter, leg).await?;
    }
    let facts = porter.facts(leg).await?;
    if facts.size > largest(porter) {
        return in_parts(porter, leg, facts, left).await;
    }
    if let Some(left) = left {
        filling::dropped(porter, leg, left).await?;
        look_first(porter, leg).await?;
    }
    whole(porter, leg, &facts).await
}

/// What passes in one piece.
pub(super) fn largest(porter: &Porter) -> u64 {
    porter.run.engine.copy_limits().map_or(PASSING, |limits| limits.part)
}

/// The bytes are paid for when a refusal comes: where nothing may be replaced, a look is first.
async fn look_first(porter: &Porter, leg: &Leg) -> Result<(), Missed> {
    match porter.copy.overwrite {
        Overwrite::Refuse => porter.must_be_free(leg).await,
        Overwrite::Allow => Ok(()),
    }
}

async fn whole(porter: &Porter, leg: &Leg, facts: &Facts) -> Result<Landed, Missed> {
    let _room = room(porter, facts.size).await;
    let (head, bytes) = read(porter, leg, &facts.etag, 0, facts.size, facts.size).await?;
    let claim = Claim::read(&head.checksums);
    let summed = Summed::new(porter, claim, bytes);
    compare_read(claim, summed.read, &leg.pick.key)?;
    let dress = Dress::of(porter, leg, Some(&head)).await;
    let call = ObjectCall::PutObject {
        bucket: porter.copy.to.place.id.bucket.clone(),
        key: leg.target.clone(),
        content: Content::Streamed(facts.size),
        settings: dress.settings,
        overwrite: porter.copy.overwrite,
        integrity: integrity(porter, &summed),
    };
    let joined = match send(porter, leg, &call, &summed.bytes).await {
        Ok(Said::Written(written)) => (Some(*written), None),
        Ok(_) => return Err(unexpected().into()),
        Err(failed) if is_ambiguous(&failed) => (None, Some(look(porter, leg, summed.written, facts.size, failed.error).await?)),
        Err(failed) => return Err(porter.refused(leg, failed.error).await),
    };
    if let Some(written) = &joined.0 {
        compare_written(porter, written, summed.written, &leg.target)?;
    }
    porter.run.control.moved(facts.size);
    Ok(landed(porter, leg, facts, joined, dress.doubt).await)
}

/// After the answer to a write was lost: whether what stands there has the bytes' sum.
async fn look(porter: &Porter, leg: &Leg, sum: u64, size: u64, lost: Error) -> Result<String, Missed> {
    let there = match porter.standing(leg).await {
        Ok(Some(head)) => head.size == Some(size) && own(porter, &head.checksums) == Some(sum),
        Ok(None) | Err(_) => false,
    };
    if there {
        return Ok("the store's answer was lost; the copy was read back".to_owned());
    }
    let message = format!("key \"{}\": nobody knows whether it was copied ({lost})", leg.pick.key);
    Err(Error::new(lost.kind(), message).hint("Look at the target before you copy it again.").source(lost).into())
}

async fn in_parts(porter: &Porter, leg: &Leg, facts: Facts, left: Option<Left>) -> Result<Landed, Missed> {
    let was_left = left.is_some();
    let (mut open, facts) = match filling::picked_up(porter, leg, left, (&facts, Way::Across)).await? {
        Picked::Open(open) => (open, facts),
        Picked::Joined(landed) => return Ok(landed),
        Picked::Nothing => {
            if was_left {
                look_first(porter, leg).await?;
            }
            begun(porter, leg, facts).await?
        }
    };
    match filled(porter, leg, &mut open, &facts).await {
        Ok(joined) => {
            let landed = landed(porter, leg, &facts, joined, open.filling.doubt).await;
            Ok(Landed { item: open.item, ..landed })
        }
        Err(trouble) => Err(filling::settled(porter, leg, &open, trouble).await),
    }
}

async fn begun(porter: &Porter, leg: &Leg, facts: Facts) -> Result<(Open, Facts), Missed> {
    let plan = PartPlan::passing(facts.size, largest(porter))?;
    let facts = match facts.head {
        Some(_) => facts,
        None => porter.read_facts(leg).await?,
    };
    let Dress { settings, doubt } = Dress::of(porter, leg, facts.head.as_deref()).await;
    let claim = facts.head.as_ref().and_then(|head| Claim::read(&head.checksums));
    let filling = Filling { way: Way::Across, claim, doubt };
    let open = filling::begun(porter, leg, (plan, &facts.etag), (settings, declared(porter)), filling).await?;
    Ok((open, facts))
}

async fn filled(porter: &Porter, leg: &Leg, open: &mut Open, facts: &Facts) -> Result<Joined, Trouble> {
    let claim = open.filling.claim;
    let one =
        One { porter: porter.clone(), leg: leg.clone(), upload: open.upload.clone(), etag: facts.etag.clone(), size: facts.size, claim };
    let make = move |part| -> Making { Box::pin(one.clone().part(part)) };
    open.fill(porter, ABREAST, &make).await?;
    let read = claim.and_then(|claim| open.sum(claim.algorithm, |part| part.read));
    compare_read(claim, read, &leg.pick.key).map_err(Trouble::Wrong)?;
    let whole = open.sum(algorithm(porter), |part| part.written);
    let spelled = |value| declared(porter).map(|algorithm| base64_sum(algorithm, value));
    let joined = open.join(porter, leg, spelled, whole).await?;
    if let (Some(written), Some(whole)) = (&joined.0, whole) {
        compare_written(porter, written, whole, &leg.target).map_err(Trouble::Wrong)?;
    }
    Ok(joined)
}

async fn landed(porter: &Porter, leg: &Leg, facts: &Facts, (written, remark): Joined, doubt: Option<String>) -> Landed {
    // S3 has compared what it received; OSS answers its sum, which was compared here. Without either, at least the size must fit.
    let vouched = porter.site.provider == Provider::S3 || written.as_ref().is_some_and(|written| !written.checksums.is_empty());
    let doubt = match doubt {
        None if !vouched && porter.copy.original == Original::Goes => doubt_of_size(porter, leg, facts.size).await,
        doubt => doubt,
    };
    let (copy, remark) = (written.map(|written| written.etag), remark.or_else(|| doubt.clone()));
    Landed { size: facts.size, source: facts.etag.clone(), copy, remark, doubt, item: None }
}

/// What each part of an object needs on its way.
#[derive(Clone)]
struct One {
    porter: Porter,
    leg: Leg,
    upload: UploadRef,
    etag: ETag,
    size: u64,
    claim: Option<Claim>,
}

impl One {
    async fn part(self, part: Part) -> Result<Sent, Error> {
        let Self { porter, leg, upload, etag, size, claim } = self;
        // Memory first: parts that wait for it hold none.
        let _room = room(&porter, part.length).await;
        let (_, bytes) = read(&porter, &leg, &etag, part.offset, part.length, size).await?;
        let summed = Summed::new(&porter, claim, bytes);
        let call = ObjectCall::UploadPart {
            part: PartRef { upload, number: part.number },
            content: Content::Streamed(part.length),
            integrity: integrity(&porter, &summed),
        };
        let said = send(&porter, &leg, &call, &summed.bytes).await.map_err(|failed| failed.error)?;
        let Said::Written(written) = said else { return Err(unexpected()) };
        compare_written(&porter, &written, summed.written, &leg.target)?;
        Ok(Sent { etag: written.etag, length: part.length, written: Some(summed.written), read: summed.read })
    }
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
    porter.run.engine.open(&porter.copy.from, &call, &leg.books).await.map_err(|failed| {
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

async fn send(porter: &Porter, leg: &Leg, call: &ObjectCall, bytes: &Bytes) -> Result<Said, Failed> {
    porter.run.engine.send(&porter.copy.to, call, &Held(bytes.clone()), &leg.books).await.map(|reply| reply.said)
}

/// The algorithm of the store that is written to.
pub(super) fn algorithm(porter: &Porter) -> Algorithm {
    match porter.site.provider {
        Provider::S3 => Algorithm::Crc64Nvme,
        Provider::Oss => Algorithm::Crc64Ecma,
    }
}

/// The one whose value the store compares by itself; OSS answers its own instead.
fn declared(porter: &Porter) -> Option<Checksum> {
    match porter.site.provider {
        Provider::S3 => Some(Checksum::Crc64Nvme),
        Provider::Oss => None,
    }
}

fn integrity(porter: &Porter, summed: &Summed) -> Integrity {
    Integrity { content_md5: None, checksum: declared(porter).map(|algorithm| base64_sum(algorithm, summed.written)) }
}

fn base64_sum(algorithm: Checksum, value: u64) -> BodyChecksum {
    BodyChecksum { algorithm, value: sum::base64(Algorithm::Crc64Nvme, value) }
}

/// The sum that the store which is written to gives, if it gives its own.
fn own(porter: &Porter, checksums: &[(String, String)]) -> Option<u64> {
    Claim::of(algorithm(porter), checksums).map(|claim| claim.value)
}

/// Compares what was read with the sum that its store gives of the whole, if it gives any.
fn compare_read(claim: Option<Claim>, ours: Option<u64>, key: &ObjectKey) -> Result<(), Error> {
    match claim {
        Some(claim) if ours != Some(claim.value) => Err(differs(key, "read")),
        Some(_) | None => Ok(()),
    }
}

/// Compares what was sent with the sum that the store answers, if it answers any.
fn compare_written(porter: &Porter, written: &Written, ours: u64, key: &ObjectKey) -> Result<(), Error> {
    match own(porter, &written.checksums) {
        Some(theirs) if theirs != ours => Err(differs(key, "written")),
        Some(_) | None => Ok(()),
    }
}

fn differs(key: &ObjectKey, what: &str) -> Error {
    Error::new(ErrorKind::Network, format!("key \"{key}\": what was {what} has another checksum than the store says"))
        .hint("Repeat it; if it happens again, look for a proxy that changes bodies.")
}
