//! The reins of a running job: how far it is, whether it may go on, how fast.
//!
//! Comes in: what the person says (pause, stop), what the job's tasks did. Goes out: the same to the other side. Forbidden here:
//! knowing what kind of job it is.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::watch;

use crate::domain::Tally;
use crate::runtime::clock;
use crate::runtime::http::{Books, Judged};
use crate::runtime::tally::Counters;
use crate::transfer::outcome::{Item, Shelf, shelve};
use crate::transfer::treatment::Treatment;
use crate::transfer::{Fate, ItemEnd, Progress, Rein};

/// Somebody said stop, or give up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::runtime) struct Stopped(pub(in crate::runtime) Rein);

/// How many keys a plan shows: more than anyone reads before an answer.
const NAMES: usize = 100;

/// Hears of each object that has ended.
pub type Listener = Box<dyn Fn(ItemEnd) + Send + Sync>;

/// What a job and whoever started it share.
pub struct Control {
    rein: watch::Sender<Rein>,
    counters: Arc<Counters>,
    objects: AtomicU64,
    bytes: AtomicU64,
    /// What is done with each object, once the job has begun.
    treatment: OnceLock<Treatment>,
    cut: AtomicU64,
    parts: AtomicU64,
    heads: AtomicU64,
    shelves: Mutex<Vec<Shelf>>,
    counted: AtomicBool,
    ended: AtomicU64,
    failed: AtomicU64,
    moved: AtomicU64,
    names: Mutex<Vec<String>>,
    /// Its own, if it has some.
    threads: OnceLock<Handle>,
    listener: Listener,
}

impl Control {
    /// Reins for a job that may go. `listener` hears of each object as it ends, on the job's own task: it must not wait.
    pub fn new(listener: Listener) -> Arc<Self> {
        Self::starting(Rein::Go, listener)
    }

    /// Reins for a job that may only find out what belongs to it, until somebody says go.
    pub fn planning(listener: Listener) -> Arc<Self> {
        Self::starting(Rein::Plan, listener)
    }

    /// Gives the job threads that nothing else runs on, before it begins: they may wait for a disk, even for one that hangs.
    pub fn runs_on(&self, threads: Handle) {
        // The first ones stay.
        let _ = self.threads.set(threads);
    }

    /// Whether it has threads for itself.
    pub(in crate::runtime) fn has_threads(&self) -> bool {
        self.threads.get().is_some()
    }

    /// Where its tasks run.
    pub(super) fn threads(&self) -> Handle {
        self.threads.get().cloned().unwrap_or_else(Handle::current)
    }

    fn starting(rein: Rein, listener: Listener) -> Arc<Self> {
        Arc::new(Self {
            rein: watch::Sender::new(rein),
            counters: Arc::default(),
            objects: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
            treatment: OnceLock::new(),
            cut: AtomicU64::new(0),
            parts: AtomicU64::new(0),
            heads: AtomicU64::new(0),
            shelves: Mutex::default(),
            counted: AtomicBool::new(false),
            ended: AtomicU64::new(0),
            failed: AtomicU64::new(0),
            moved: AtomicU64::new(0),
            names: Mutex::default(),
            threads: OnceLock::new(),
            listener,
        })
    }

    /// Pauses, goes on, or ends the job. An ended job does not go on.
    pub fn pull(&self, rein: Rein) {
        self.rein.send_if_modified(|current| {
            let over = matches!(current, Rein::Stop | Rein::GiveUp) && !matches!(rein, Rein::GiveUp);
            let changed = !over && *current != rein;
            if changed {
                *current = rein;
            }
            changed
        });
    }

    /// What was said last.
    pub fn rein(&self) -> Rein {
        *self.rein.borrow()
    }

    /// How far the job is.
    pub fn progress(&self) -> Progress {
        Progress {
            objects: self.objects.load(Ordering::Relaxed),
            bytes: self.bytes.load(Ordering::Relaxed),
            cut: self.cut.load(Ordering::Relaxed),
            parts: self.parts.load(Ordering::Relaxed),
            heads: self.heads.load(Ordering::Relaxed),
            shelves: self.shelves.lock().unwrap_or_else(PoisonError::into_inner).clone(),
            counted: self.counted.load(Ordering::Acquire),
            ended: self.ended.load(Ordering::Relaxed),
            failed: self.failed.load(Ordering::Relaxed),
            moved: self.moved.load(Ordering::Relaxed),
            tally: self.counters.read(),
        }
    }

    /// What the job has asked of stores so far.
    pub(in crate::runtime) fn tally(&self) -> Tally {
        self.counters.read()
    }

    /// Who counts the job's requests.
    pub(in crate::runtime) fn counters(&self) -> Arc<Counters> {
        self.counters.clone()
    }

    /// Who counts what finds out what belongs to the job: the session and the job. While it is planned nobody has confirmed anything
    /// of it, and so each request is judged by itself.
    pub(in crate::runtime) fn books(&self, engine: &crate::runtime::engine::Engine) -> Books {
        let books = engine.door().books(Some(self.counters.clone()));
        if self.is_planned() { books } else { books.and_judged(Judged::Before) }
    }

    /// Who counts what acts: both, and counters of one object's own, or of one request's for many.
    pub(in crate::runtime) fn own_books(&self, engine: &crate::runtime::engine::Engine) -> (Books, Arc<Counters>) {
        let own = Arc::new(Counters::default());
        (self.books(engine).and_judged(Judged::Before).and_item(own.clone()), own)
    }

    /// So many more objects, with so many bytes, belong to the job.
    pub(in crate::runtime) fn found(&self, objects: u64, bytes: u64) {
        self.objects.fetch_add(objects, Ordering::Relaxed);
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    /// These objects belong to the job.
    pub(in crate::runtime) fn found_each<'a>(&self, items: impl Iterator<Item = Item<'a>>) {
        match self.treatment.get() {
            Some(treatment) => self.finds(&Progress::of(*treatment, items)),
            None => {
                let (objects, bytes) = items.fold((0, 0_u64), |(objects, bytes), item| (objects + 1, bytes.saturating_add(item.size)));
                self.found(objects, bytes);
            }
        }
    }

    /// All this belongs to the job, too.
    pub(in crate::runtime) fn finds(&self, found: &Progress) {
        self.found(found.objects, found.bytes);
        self.cut.fetch_add(found.cut, Ordering::Relaxed);
        self.parts.fetch_add(found.parts, Ordering::Relaxed);
        self.heads.fetch_add(found.heads, Ordering::Relaxed);
        if !found.shelves.is_empty() {
            let mut shelves = self.shelves.lock().unwrap_or_else(PoisonError::into_inner);
            found.shelves.iter().for_each(|more| shelve(&mut shelves, &more.class, more.cuts, more.bytes));
        }
    }

    /// These keys belong to the job. The first ones are kept, for who is asked whether they are meant.
    pub(in crate::runtime) fn named(&self, keys: &mut dyn Iterator<Item = String>) {
        let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        let room = NAMES - names.len();
        names.extend(keys.take(room));
    }

    /// The first keys that belong to the job, behind so many of them.
    pub fn names(&self, known: usize) -> Vec<String> {
        self.names.lock().unwrap_or_else(PoisonError::into_inner).iter().skip(known).cloned().collect()
    }

    /// What is done with each of its objects.
    pub(in crate::runtime) fn treats(&self, treatment: Treatment) {
        // A job that goes on with its reins treats its objects as before.
        let _ = self.treatment.set(treatment);
    }

    /// All that belongs to it has been found.
    pub(in crate::runtime) fn counted(&self) {
        self.counted.store(true, Ordering::Release);
    }

    /// So many bytes are where they belong.
    pub(in crate::runtime) fn moved(&self, bytes: u64) {
        self.moved.fetch_add(bytes, Ordering::Relaxed);
    }

    /// So many bytes have to be moved again: a part broke off.
    pub(in crate::runtime) fn unmoved(&self, bytes: u64) {
        self.moved.fetch_sub(bytes, Ordering::Relaxed);
    }

    /// One object has ended.
    pub(in crate::runtime) fn ended(&self, end: ItemEnd) {
        self.ended.fetch_add(1, Ordering::Relaxed);
        if matches!(end.fate, Fate::Failed(_) | Fate::Exists) {
            self.failed.fetch_add(1, Ordering::Relaxed);
        }
        (self.listener)(end);
    }

    /// Waits while the job is paused.
    ///
    /// # Errors
    /// [`Stopped`] once it is to end.
    pub(in crate::runtime) async fn pass(&self) -> Result<(), Stopped> {
        // Nearly always, and of every object: nobody has to be told of changes then.
        if matches!(self.rein(), Rein::Go | Rein::Plan) {
            return Ok(());
        }
        let mut rein = self.rein.subscribe();
        loop {
            match *rein.borrow_and_update() {
                // What belongs to a job may be found out while it is planned.
                Rein::Go | Rein::Plan => return Ok(()),
                Rein::Pause => {}
                end @ (Rein::Stop | Rein::GiveUp) => return Err(Stopped(end)),
            }
            // The sender lives as long as `self`.
            if rein.changed().await.is_err() {
                return Err(Stopped(Rein::Stop));
            }
        }
    }

    /// Whether what belongs to the job is to be found out before anything is moved.
    pub(in crate::runtime) fn is_planned(&self) -> bool {
        matches!(*self.rein.borrow(), Rein::Plan)
    }

    /// Waits until what was found may be acted on: everything that a job moves or removes comes after this.
    ///
    /// # Errors
    /// [`Stopped`] once it is to end.
    pub(in crate::runtime) async fn approved(&self) -> Result<(), Stopped> {
        let mut rein = self.rein.subscribe();
        let said = rein.wait_for(|rein| !matches!(rein, Rein::Plan | Rein::Pause)).await.map(|rein| *rein);
        match said.unwrap_or(Rein::Stop) {
            Rein::Go | Rein::Plan | Rein::Pause => Ok(()),
            end @ (Rein::Stop | Rein::GiveUp) => Err(Stopped(end)),
        }
    }

    /// Ends when there may be something new to tell: after so long while the job is at work, else when somebody pulls the rein. A
    /// job that is paused, or planned and waiting for a word, costs no timer once it has come to rest.
    pub(in crate::runtime) async fn changes(&self, pause: Duration) {
        let mut rein = self.rein.subscribe();
        rein.mark_unchanged();
        let before = self.progress();
        tokio::select! {
            () = clock::sleep(pause) => {}
            _ = rein.changed() => return,
        }
        let rests = match self.rein() {
            Rein::Pause => true,
            Rein::Plan => self.counted.load(Ordering::Acquire),
            Rein::Go | Rein::Stop | Rein::GiveUp => false,
        };
        if rests && self.progress() == before {
            let _gone = rein.changed().await;
        }
    }

    /// Ends when the job is to end; never while it may go on or waits. For `select!` beside a request.
    pub(in crate::runtime) async fn stopped(&self) -> Stopped {
        let mut rein = self.rein.subscribe();
        let ended = rein.wait_for(|rein| matches!(rein, Rein::Stop | Rein::GiveUp)).await.map(|rein| *rein);
        Stopped(ended.unwrap_or(Rein::Stop))
    }
}
