//! One object on its way to a store, and what is said to the store about it.
//!
//! Every question goes through the engine with the job's consent: hidden ones (HEAD, ListParts, abort) too.

use std::sync::Arc;
use std::sync::atomic::AtomicU8;
use std::time::Duration;

use super::Shared;
use super::vouch::{Verdict, Vouch, is_unknown_to};
use crate::domain::{ETag, Error, ErrorKind, ObjectHead, ObjectKey, ObjectRef, ObjectSettings, PartRow, Result, UploadId, UploadRef};
use crate::runtime::clock;
use crate::runtime::http::{Books, Failed, Outgoing};
use crate::runtime::jobs::Sought;
use crate::runtime::journal::jobs::{Item, ItemId};
use crate::runtime::objects::unexpected;
use crate::runtime::retry::Reached;
use crate::runtime::tally::Counters;
use crate::transfer::kind::content_type;
use crate::transfer::{Asked, Fate, ItemEnd};
use crate::wire::objects::{AskChecksums, Content, Integrity, ObjectCall, ObjectReply, PartDone, PartRef, Said, Written};

/// How often something whose outcome nobody knew is begun again.
pub(in crate::runtime::jobs) const TRIES: u32 = 3;

/// One object on its way.
pub(super) struct Parcel {
    /// What the whole job shares.
    pub(super) shared: Arc<Shared>,
    /// Its key.
    pub(super) key: ObjectKey,
    settings: ObjectSettings,
    books: Books,
    counters: Arc<Counters>,
}

/// What the store has under the key.
pub(super) enum Look {
    /// What we sent.
    Same,
    /// Something else.
    Other,
    /// Nothing.
    Absent,
}

/// What is known of the bytes that were sent.
pub(super) struct Known {
    /// How many.
    pub(super) size: u64,
    /// How they are vouched for.
    pub(super) vouch: Vouch,
    /// Their sum, as the store spells it.
    pub(super) sum: Option<String>,
    /// An entity tag that no other bytes have.
    pub(super) etag: Option<String>,
}

impl Parcel {
    /// An object under this key; `name` is what its content type is guessed from.
    pub(super) fn new(shared: &Arc<Shared>, key: ObjectKey, name: &str) -> Arc<Self> {
        let (books, counters) = shared.run.control.own_books(&shared.run.engine);
        let mut settings = shared.upload.settings.clone();
        settings.content_type = settings.content_type.or_else(|| content_type(name).map(str::to_owned));
        Arc::new(Self { shared: shared.clone(), key, settings, books, counters })
    }

    /// The object, as users write it.
    pub(super) fn target(&self) -> String {
        format!("{}/{}", self.shared.upload.to.place.id, self.key.as_str())
    }

    /// How it ended.
    pub(super) fn item_end(&self, source: String, bytes: u64, fate: Fate) -> ItemEnd {
        ItemEnd { source, target: self.target(), fate, bytes, asked: Asked::Alone(self.counters.read()) }
    }

    /// Whether a request for it was sent more than once.
    pub(super) fn was_repeated(&self) -> bool {
        self.counters.read().retries > 0
    }

    /// What the account's store has taught about checksums.
    pub(super) fn lesson(&self) -> Result<&AtomicU8> {
        Ok(&self.shared.run.engine.door().desked(&self.shared.upload.to.place.id.account)?.vouching)
    }

    /// How its bytes are vouched for.
    pub(super) fn vouch(&self) -> Result<Vouch> {
        Ok(Vouch::learnt(self.shared.provider, self.lesson()?))
    }

    async fn ask(&self, call: &ObjectCall) -> std::result::Result<ObjectReply, Failed> {
        self.shared.run.engine.ask(&self.shared.upload.to, call, &self.books).await
    }

    async fn send(&self, call: &ObjectCall, body: &dyn Outgoing) -> std::result::Result<Written, Failed> {
        written(self.shared.run.engine.send(&self.shared.upload.to, call, body, &self.books).await?)
    }

    fn object(&self) -> ObjectRef {
        ObjectRef { bucket: self.shared.upload.to.place.id.bucket.clone(), key: self.key.clone(), version: None }
    }

    /// The object in one request.
    pub(super) async fn put(&self, body: &dyn Outgoing, length: u64, integrity: Integrity) -> std::result::Result<Written, Failed> {
        let ObjectRef { bucket, key, .. } = self.object();
        let (settings, overwrite) = (self.settings.clone(), self.shared.upload.overwrite);
        self.send(&ObjectCall::PutObject { bucket, key, content: Content::Streamed(length), settings, overwrite, integrity }, body).await
    }

    /// One part.
    pub(super) async fn put_part(
        &self,
        upload: &UploadRef,
        number: u32,
        body: &dyn Outgoing,
        length: u64,
        integrity: Integrity,
    ) -> std::result::Result<Written, Failed> {
        let part = PartRef { upload: upload.clone(), number };
        self.send(&ObjectCall::UploadPart { part, content: Content::Streamed(length), integrity }, body).await
    }

    /// Begins an upload in parts. A store that does not know the checksum is asked again with one that it may know.
    pub(super) async fn create(&self) -> std::result::Result<(UploadRef, Vouch), Failed> {
        let mut vouch = self.vouch().map_err(|error| Failed { error, reached: Reached::Nothing })?;
        let (mut refused, mut tries) = (None, 1);
        loop {
            match self.create_with(vouch).await {
                Ok(id) => {
                    if refused.is_some()
                        && let Ok(lesson) = self.lesson()
                    {
                        vouch.teach(lesson);
                    }
                    let ObjectRef { bucket, key, .. } = self.object();
                    return Ok((UploadRef { bucket, key, id }, vouch));
                }
                // It was refused before it did anything, so no second upload can come of it.
                Err(failed) if failed.error.kind() == ErrorKind::Throttled && tries < TRIES => {
                    clock::sleep(pause(tries, Duration::from_secs(1))).await;
                    tries += 1;
                }
                Err(failed) => match vouch.weaker() {
                    Some(weaker) if is_unknown_to(&failed.error) => {
                        vouch = weaker;
                        refused.get_or_insert(failed);
                    }
                    Some(_) | None => return Err(refused.unwrap_or(failed)),
                },
            }
        }
    }

    async fn create_with(&self, vouch: Vouch) -> std::result::Result<UploadId, Failed> {
        let ObjectRef { bucket, key, .. } = self.object();
        let (settings, overwrite) = (self.settings.clone(), self.shared.upload.overwrite);
        let call = ObjectCall::CreateMultipartUpload { bucket, key, settings, overwrite, checksum: vouch.declared() };
        let Said::Begun(id) = self.ask(&call).await?.said else {
            return Err(Failed { error: unexpected(), reached: Reached::Perhaps });
        };
        Ok(id)
    }

    /// Joins the parts to the object.
    pub(super) async fn complete(
        &self,
        upload: &UploadRef,
        parts: Vec<PartDone>,
        vouch: Vouch,
        whole: Option<u64>,
    ) -> std::result::Result<Written, Failed> {
        // A sum of sums is not claimed: the parts' own are.
        let checksum = if vouch == Vouch::Crc64Nvme { vouch.checksum(whole) } else { None };
        let overwrite = self.shared.upload.overwrite;
        written(self.ask(&ObjectCall::CompleteMultipartUpload { upload: upload.clone(), parts, overwrite, checksum }).await?)
    }

    /// Gives an upload up. One that is gone is given up.
    pub(super) async fn abort(&self, upload: &UploadRef) -> Result<()> {
        self.shared.run.engine.abort_upload(&self.shared.upload.to, upload, &self.books).await
    }

    /// The parts that the store has; `None`: there is no such upload.
    pub(super) async fn parts(&self, upload: &UploadRef) -> Result<Option<Vec<PartRow>>> {
        self.shared.run.engine.parts_of(&self.shared.upload.to, upload, &self.books).await
    }

    /// The upload that an earlier run asked for, and whose id it did not live to hear.
    pub(super) async fn find_sought(&self, item: (ItemId, &Item), sought: &Sought) -> Result<Option<UploadId>> {
        self.shared.run.engine.find_sought(&self.shared.upload.to, item, sought, &self.books).await
    }

    /// Whether an upload is still open.
    pub(super) async fn is_open(&self, upload: &UploadRef) -> Result<bool> {
        match self.ask(&ObjectCall::ListParts { upload: upload.clone(), after: None, limit: Some(1) }).await {
            Ok(_) => Ok(true),
            Err(failed) if is_gone(&failed.error) => Ok(false),
            Err(failed) => Err(failed.error),
        }
    }

    /// The object's headers; `None`: there is none.
    pub(super) async fn head(&self) -> Result<Option<Box<ObjectHead>>> {
        match self.ask(&ObjectCall::HeadObject { object: self.object(), checksums: AskChecksums::Asked }).await {
            Ok(ObjectReply { said: Said::Head(head), .. }) => Ok(Some(head)),
            Ok(_) => Err(unexpected()),
            Err(failed) if failed.error.kind() == ErrorKind::NotFound => Ok(None),
            Err(failed) => Err(failed.error),
        }
    }

    /// What the store has under the key. The same is only what its checksum, or an entity tag, says to be the same.
    pub(super) async fn look(&self, known: &Known) -> Result<Look> {
        let Some(head) = self.head().await? else { return Ok(Look::Absent) };
        let same = head.size == Some(known.size)
            && match known.vouch.judge(&head.checksums, known.sum.as_deref()) {
                Verdict::Equal => true,
                Verdict::Different => false,
                Verdict::Silent => known.etag.is_some() && head.etag.as_ref().map(bare) == known.etag.as_deref(),
            };
        Ok(if same { Look::Same } else { Look::Other })
    }

    /// Whether an object that the store called written is there, where its answer had no checksum. `true`: a checksum said so.
    pub(super) async fn is_there(&self, known: &Known) -> Result<bool> {
        let Some(head) = self.head().await? else { return Err(self.differs("the store has no object under the key now")) };
        if head.size != Some(known.size) {
            let theirs = head.size.map_or_else(|| "no size".to_owned(), |size| format!("{size} bytes"));
            return Err(self.differs(&format!("{} bytes were sent, and the store has {theirs}", known.size)));
        }
        match known.vouch.judge(&head.checksums, known.sum.as_deref()) {
            Verdict::Equal => Ok(true),
            Verdict::Silent => Ok(false),
            Verdict::Different => Err(self.differs("the store's checksum is another one")),
        }
    }

    /// The store said that it is written, and it is not what was sent.
    pub(super) fn differs(&self, how: &str) -> Error {
        Error::new(ErrorKind::InvalidReply, format!("object \"{}\" is not what was uploaded: {how}", self.key))
            .hint("Upload it again, and look for a proxy that changes requests.")
            .target(self.target())
    }

    /// Nobody knows whether it is written.
    pub(super) fn unknown(&self, cause: Error) -> Error {
        let message = format!("nobody knows whether object \"{}\" was written: {cause}", self.key);
        let error = Error::new(cause.kind(), message).hint("Look at the object when the store answers again, then repeat the upload.");
        crate::runtime::engine::caused(error, cause)
    }
}

fn written(reply: ObjectReply) -> std::result::Result<Written, Failed> {
    let Said::Written(written) = reply.said else { return Err(Failed { error: unexpected(), reached: Reached::Perhaps }) };
    Ok(*written)
}

fn bare(etag: &ETag) -> &str {
    etag.as_str().trim_matches('"')
}

/// The upload was completed, aborted, or never was.
pub(in crate::runtime) fn is_gone(error: &Error) -> bool {
    error.code() == Some("NoSuchUpload")
}

/// Something has the key already.
pub(super) fn exists_already(error: &Error) -> bool {
    error.store_answer().is_some_and(|answer| match answer.code.as_str() {
        "PreconditionFailed" | "FileAlreadyExists" => true,
        "" => answer.status == 412,
        _ => false,
    })
}

/// Whether a request that failed may have been carried out.
pub(super) fn is_ambiguous(failed: &Failed) -> bool {
    let broke = matches!(failed.error.kind(), ErrorKind::Server | ErrorKind::Timeout | ErrorKind::InvalidReply | ErrorKind::Network);
    // Two writers at once: one of them was taken, and only a look says which.
    let raced = failed.error.code() == Some("ConditionalRequestConflict");
    failed.reached == Reached::Perhaps && (broke || raced) && !is_refused_body(&failed.error)
}

/// The store has seen the body, and did not take it.
fn is_refused_body(error: &Error) -> bool {
    matches!(error.code(), Some("BadDigest" | "InvalidDigest" | "IncompleteBody" | "XAmzContentSHA256Mismatch"))
}

/// How long to wait before the next try: full jitter, doubling.
pub(in crate::runtime::jobs) fn pause(tries: u32, base: Duration) -> Duration {
    base.saturating_mul(1 << tries.saturating_sub(1).min(8)).mul_f64(fastrand::f64())
}
