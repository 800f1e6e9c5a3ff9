//! Requests that delete: a batch, one key, and what follows an answer that was lost.
//!
//! Comes in: keys. Goes out: an end for each. Forbidden here: repeating a delete whose outcome nobody looked at: in a bucket that
//! keeps versions it would put a second marker on top.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::task::JoinSet;

use super::delete::ended;
use super::gather::{Crew, is_ambiguous};
use super::{Control, Run};
use crate::domain::escape::visible;
use crate::domain::{Acting, Doomed, Error, ErrorKind, ObjectRef};
use crate::runtime::clock;
use crate::runtime::engine::Engine;
use crate::runtime::http::{Books, Failed};
use crate::runtime::objects::unexpected;
use crate::runtime::tally::Counters;
use crate::transfer::{Asked, Fate, ItemEnd};
use crate::wire::objects::{DeleteOutcome, Deleted, ObjectCall, Said, Verbosity, batch_refusal, path_refusal};

/// How often a key is asked to go, if the store says each time that it did not.
const ROUNDS: u32 = 3;
/// How many keys are deleted or looked for at once where each needs a request of its own.
const ABREAST: usize = 16;
/// Codes of a key that may go at the next try.
const TRANSIENT: [&str; 5] = ["InternalError", "SlowDown", "ServiceUnavailable", "RequestTimeout", "OperationAborted"];

/// One key that is to go.
#[derive(Clone)]
pub(super) struct Target {
    /// `ACCOUNT:BUCKET/KEY`
    pub(super) address: String,
    /// The key, and the version where one is meant.
    pub(super) doomed: Doomed,
    /// Its bytes, as far as they are known.
    pub(super) size: u64,
}

impl Target {
    /// Whether a batch can name it.
    pub(super) fn fits_a_batch(&self) -> bool {
        batch_refusal(&self.doomed.key).is_none()
    }
}

/// Deletes within one bucket.
#[derive(Clone)]
pub(super) struct Broom {
    engine: Engine,
    control: Arc<Control>,
    acting: Arc<Acting>,
    /// The store refused a batch as such: every other key goes by itself.
    no_batches: Arc<AtomicBool>,
}

impl Broom {
    pub(super) fn new(run: &Run, acting: &Acting) -> Self {
        Self {
            engine: run.engine.clone(),
            control: run.control.clone(),
            acting: Arc::new(acting.clone()),
            no_batches: Arc::new(AtomicBool::new(false)),
        }
    }

    fn end(&self, target: &Target, fate: Fate, asked: Asked) {
        self.control.ended(ItemEnd { fate, asked, ..ended(target.address.clone(), target.size) });
    }

    /// Deletes up to 1,000 keys; each says how it ended.
    pub(super) async fn batch(&self, targets: Vec<Target>) {
        // For one key, a request of its own costs the same and says more.
        if let [target] = targets.as_slice()
            && path_refusal(&target.doomed.key).is_none()
        {
            return self.single(target.clone()).await;
        }
        let bill = Bill::of(self, targets.len());
        let mut left = targets;
        for round in 1..=ROUNDS {
            if self.no_batches.load(Ordering::Relaxed) {
                return self.each(left).await;
            }
            left = match self.ask_batch(&left, &bill).await {
                Ok(outcomes) => self.settle(left, outcomes, round, &bill),
                Err(failed) if refuses_batches(&failed.error) => {
                    self.no_batches.store(true, Ordering::Relaxed);
                    left
                }
                Err(failed) if is_ambiguous(&failed) && round < ROUNDS => self.look(left, &failed.error, &bill).await,
                Err(failed) => {
                    left.iter().for_each(|target| self.end(target, Fate::Failed(failure(target, &failed)), bill.asked()));
                    return;
                }
            };
            if left.is_empty() {
                return;
            }
            clock::sleep(Duration::from_millis(100 << round)).await;
        }
    }

    async fn ask_batch(&self, targets: &[Target], bill: &Bill) -> Result<Vec<DeleteOutcome>, Failed> {
        let call = ObjectCall::DeleteObjects {
            bucket: self.acting.place.id.bucket.clone(),
            objects: targets.iter().map(|target| target.doomed.clone()).collect(),
            verbosity: Verbosity::EveryKey,
            checksum: None,
        };
        let reply = self.engine.ask(&self.acting, &call, &bill.books).await?;
        let Said::Batch(outcomes) = reply.said else { return Err(not_understood()) };
        Ok(outcomes)
    }

    /// What the store said of each; those that may go at the next try are left.
    fn settle(&self, targets: Vec<Target>, outcomes: Vec<DeleteOutcome>, round: u32, bill: &Bill) -> Vec<Target> {
        let (mut left, asked) = (Vec::new(), bill.asked());
        for (target, outcome) in targets.into_iter().zip(outcomes) {
            match outcome {
                DeleteOutcome::Deleted(deleted) => self.end(&target, done(&target, &deleted), asked),
                DeleteOutcome::Failed { code, .. } if round < ROUNDS && TRANSIENT.contains(&code.as_str()) => left.push(target),
                DeleteOutcome::Failed { code, message } => self.end(&target, Fate::Failed(refused(&target, &code, &message)), asked),
                DeleteOutcome::Unanswered => self.end(&target, Fate::Failed(unanswered(&target)), asked),
            }
        }
        left
    }

    /// After an answer was lost: which keys are still there. A version is asked to go again: it cannot go twice.
    async fn look(&self, targets: Vec<Target>, error: &Error, bill: &Bill) -> Vec<Target> {
        let (mut left, keys): (Vec<_>, Vec<_>) = targets.into_iter().partition(|target| target.doomed.version.is_some());
        let mut looking = JoinSet::new();
        for target in keys {
            while looking.len() >= ABREAST {
                left.extend(looking.join_next().await.and_then(Result::ok).flatten());
            }
            let (broom, lost, bill) = (self.clone(), error.again().target(&target.address), bill.clone());
            looking.spawn(async move { broom.look_for(target, lost, &bill).await });
        }
        while let Some(still_there) = looking.join_next().await {
            left.extend(still_there.ok().flatten());
        }
        left
    }

    /// Looks for one key. `Some`: it is still there.
    async fn look_for(&self, target: Target, lost: Error, bill: &Bill) -> Option<Target> {
        match self.engine.is_there(&self.acting, &target.doomed.key, &bill.books).await {
            Ok(true) => return Some(target),
            Ok(false) => self.end(&target, gone_after_all(), bill.asked()),
            Err(unseen) => self.end(&target, Fate::Failed(unknown(&target, &lost, &unseen)), bill.asked()),
        }
        None
    }

    /// Deletes each with a request of its own.
    async fn each(&self, targets: Vec<Target>) {
        let mut crew = Crew::new(ABREAST);
        for target in targets {
            let broom = self.clone();
            crew.add(async move { broom.single(target).await }).await;
        }
        // A task that died has not said how its key ended; the count shows it.
        let _counted_as_missing = crew.finish().await;
    }

    /// Deletes one key with a request of its own, if a request can name it.
    pub(super) async fn single(&self, target: Target) {
        let bill = Bill::of(self, 1);
        let fate = self.remove(&target, &bill.books).await;
        self.end(&target, fate, bill.asked());
    }

    /// The same, without saying it.
    pub(super) async fn remove(&self, target: &Target, books: &Books) -> Fate {
        if let Some(path) = path_refusal(&target.doomed.key) {
            return Fate::Failed(unnameable(target, path, batch_refusal(&target.doomed.key)));
        }
        let object = ObjectRef {
            bucket: self.acting.place.id.bucket.clone(),
            key: target.doomed.key.clone(),
            version: target.doomed.version.clone(),
        };
        let call = ObjectCall::DeleteObject { object };
        let mut round = 1;
        loop {
            let failed = match self.ask_one(&call, books).await {
                Ok(deleted) => return done(target, &deleted),
                Err(failed) if failed.error.kind() == ErrorKind::NotFound && is_about_the_key(&failed.error) => {
                    return Fate::Done(Some("it was gone already".to_owned()));
                }
                Err(failed) if is_ambiguous(&failed) && round < ROUNDS => failed,
                Err(failed) => return Fate::Failed(failed.error),
            };
            if target.doomed.version.is_none() {
                match self.engine.is_there(&self.acting, &target.doomed.key, books).await {
                    Ok(true) => {}
                    Ok(false) => return gone_after_all(),
                    Err(unseen) => return Fate::Failed(unknown(target, &failed.error, &unseen)),
                }
            }
            clock::sleep(Duration::from_millis(100 << round)).await;
            round += 1;
        }
    }

    async fn ask_one(&self, call: &ObjectCall, books: &Books) -> Result<Deleted, Failed> {
        let reply = self.engine.ask(&self.acting, call, books).await?;
        let Said::Deleted(deleted) = reply.said else { return Err(not_understood()) };
        Ok(deleted)
    }
}

/// What was asked for so many keys together.
#[derive(Clone)]
struct Bill {
    books: Books,
    own: Arc<Counters>,
    keys: usize,
}

impl Bill {
    fn of(broom: &Broom, keys: usize) -> Self {
        let (books, own) = broom.control.own_books(&broom.engine);
        Self { books, own, keys }
    }

    fn asked(&self) -> Asked {
        if self.keys == 1 { Asked::Alone(self.own.read()) } else { Asked::Together(self.own.read()) }
    }
}

fn not_understood() -> Failed {
    Failed { error: unexpected(), reached: crate::runtime::retry::Reached::Perhaps }
}

/// A store that has no batches, or that cannot read this one.
fn refuses_batches(error: &Error) -> bool {
    error.kind() == ErrorKind::Unsupported || matches!(error.code(), Some("NotImplemented" | "MalformedXML" | "MethodNotAllowed"))
}

fn is_about_the_key(error: &Error) -> bool {
    error.code() != Some("NoSuchBucket")
}

fn done(target: &Target, deleted: &Deleted) -> Fate {
    Fate::Done((deleted.marker && target.doomed.version.is_none()).then(|| "a delete marker was put on top".to_owned()))
}

fn gone_after_all() -> Fate {
    Fate::Done(Some("the store's answer was lost; the object is gone".to_owned()))
}

/// The failure of a request for one of its keys.
fn failure(target: &Target, failed: &Failed) -> Error {
    let error = failed.error.again().target(&target.address);
    if is_ambiguous(failed) {
        return error.hint("Look whether it is still there before you delete it again: nobody knows whether the request arrived.");
    }
    error
}

fn refused(target: &Target, code: &str, message: &str) -> Error {
    let kind = match code {
        "AccessDenied" => ErrorKind::Denied,
        "NoSuchKey" | "NoSuchVersion" => ErrorKind::NotFound,
        code if TRANSIENT.contains(&code) => ErrorKind::Server,
        _ => ErrorKind::Conflict,
    };
    Error::new(kind, format!("key \"{}\": the store did not delete it: {} {}", target.doomed.key, visible(code), visible(message)))
        .hint("Ask the owner for the permission to delete it, or repeat it later.")
        .target(target.address.clone())
}

fn unanswered(target: &Target) -> Error {
    Error::new(ErrorKind::InvalidReply, format!("key \"{}\": the store did not say whether it is deleted", target.doomed.key))
        .hint("Look whether it is still there, then delete it again.")
        .target(target.address.clone())
}

fn unknown(target: &Target, lost: &Error, unseen: &Error) -> Error {
    Error::new(lost.kind(), format!("key \"{}\": nobody knows whether it is deleted ({lost}; then: {unseen})", target.doomed.key))
        .hint("Look whether it is still there before you delete it again.")
        .target(target.address.clone())
}

fn unnameable(target: &Target, path: &str, batch: Option<&'static str>) -> Error {
    let batch = batch.map_or_else(String::new, |reason| format!(", and a batch cannot: {reason}"));
    let message = format!("key \"{}\" cannot be named by a request of its own: {path}{batch}", target.doomed.key);
    Error::new(ErrorKind::Unsupported, message)
        .hint("Use the store's own console for this key: another object might be meant.")
        .target(target.address.clone())
}
