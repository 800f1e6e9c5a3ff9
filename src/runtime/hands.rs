//! The hands of the app: effects become tasks, tasks answer with messages.
//!
//! Comes in: an [`Effect`]. Goes out: messages under the effect's ticket. A task that dies becomes a message, not a dead program.

mod gate;
mod jobs;
mod load;
mod look;
mod notes;

use std::collections::HashMap;
use std::future::Future;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use jiff::Timestamp;
use tokio::runtime::Handle;
use tokio::sync::Notify;
use tokio::sync::mpsc::UnboundedSender;
use tokio::task::AbortHandle;

use self::gate::Gate;
use self::notes::Notes;
use super::clock;
use super::desk::Desk;
use super::engine::Engine;
use super::jobs::Control;
use super::journal::Journal;
use super::ledger::Ledger;
use super::objects::list::Page;
use super::startup::CliOverrides;
use super::tasks::{guarded, in_background};
use super::trace::Trace;
use crate::app::{Changed, Effect, Listing, Msg, PageFact, PayerChange, Start, Ticket};
use crate::audit::Outcome;
use crate::demo;
use crate::domain::{AccountName, Acting, Begin, Error, ErrorKind, Leaf, Narrow, PageAsk, Place, Result, Spending, Sum, Tally};
use crate::transfer::{Arranging, arrange};

/// How long leaving waits for changes under way.
const FAREWELL: Duration = Duration::from_secs(10);

/// How much of it a store has to answer the new value; then the outcome is what was read until then.
const FAREWELL_WATCH: Duration = Duration::from_secs(2);

/// What lines that nobody waited for have at least, when all of it has gone by.
const FAREWELL_NOTES: Duration = Duration::from_secs(1);

/// Carries effects out on the tasks of one tokio runtime.
pub struct Hands {
    tasks: Handle,
    messages: UnboundedSender<Msg>,
    world: Arc<World>,
    /// Tasks that [`Effect::Cancel`] may end. A change of a payer is not among them: it always reaches its journal line.
    running: HashMap<Ticket, AbortHandle>,
    /// Reins of jobs that have not ended.
    jobs: HashMap<Ticket, Weak<Control>>,
    /// Changes of a payer that have not ended: whoever is notified stops reading back.
    watches: HashMap<Ticket, Weak<Notify>>,
    notes: Notes,
}

/// What loading made, and what later effects act on.
struct World {
    overrides: CliOverrides,
    demo: demo::Options,
    desk: Arc<Desk>,
    trace: Option<Arc<Trace>>,
    loaded: Mutex<Option<Standing>>,
    changes: AtomicUsize,
    /// Jobs, and what else was confirmed about transfers, under way.
    jobs: AtomicUsize,
}

/// A loaded config with its engine. The embedded store lives as long as this does.
#[derive(Clone)]
struct Standing {
    engine: Engine,
    journal: Journal,
    gate: Arc<Gate>,
    _store: Option<Arc<demo::Store>>,
}

impl Hands {
    /// Hands that work on `tasks` and answer to `messages`.
    pub fn new(tasks: Handle, messages: UnboundedSender<Msg>, overrides: CliOverrides, demo: demo::Options, desk: Arc<Desk>) -> Self {
        let (changes, jobs) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let world = World { overrides, demo, desk, trace: None, loaded: Mutex::new(None), changes, jobs };
        let notes = Notes::new(&tasks, messages.clone());
        Self { tasks, messages, world: Arc::new(world), running: HashMap::new(), jobs: HashMap::new(), watches: HashMap::new(), notes }
    }

    /// The same hands, which write every request into this trace. Before anything is carried out.
    pub fn with_trace(mut self, trace: Option<Arc<Trace>>) -> Self {
        if let Some(world) = Arc::get_mut(&mut self.world) {
            world.trace = trace;
        }
        self
    }

    /// Starts what the effect orders. The terminal's own effects (copy, suspend, quit) are the console's.
    pub fn carry_out(&mut self, effect: Effect) {
        match effect {
            Effect::Load(ticket, start) => self.load(ticket, start),
            Effect::ListBuckets(ticket, account) => self.list_buckets(ticket, account),
            Effect::Identify(ticket, account) => {
                self.ask(ticket, Msg::Identified, |standing| async move { standing.engine.identify(&account).await });
            }
            Effect::ReadPayer(ticket, place) => self.read_payer(ticket, place),
            Effect::LookAtBucket(ticket, place) => self.look_at_bucket(ticket, place),
            Effect::ChangePayer(ticket, change) => self.change_payer(ticket, change),
            Effect::StopWatching(ticket) => self.watches.get(&ticket).and_then(Weak::upgrade).iter().for_each(|watch| watch.notify_one()),
            Effect::ReadJournal(ticket, limit) => self
                .ask(ticket, Msg::JournalRead, move |standing| async move { in_background(move || standing.journal.newest(limit)).await }),
            Effect::Wait(ticket, pause) => self.run(ticket, async move {
                clock::sleep(pause).await;
                Msg::Elapsed(ticket)
            }),
            Effect::WriteConfig(ticket) => {
                let world = self.world.clone();
                self.run(ticket, async move { Msg::ConfigWritten(ticket, in_background(move || load::write_config(&world)).await) });
            }
            Effect::Cancel(ticket) => {
                if let Some(task) = self.running.remove(&ticket) {
                    task.abort();
                }
            }
            Effect::ListObjects(ticket, acting, page, most) => self.list_objects(ticket, acting, page, most),
            Effect::Arrange(ticket, leaves, first, wish) => self.arrange(ticket, leaves, first, wish),
            Effect::KeepConsent(bucket) => self.note(move |journal| journal.keep_consent(&bucket, clock::now())),
            Effect::ForgetConsent(bucket) => self.note(move |journal| journal.forget_consent(&bucket)),
            Effect::Remember(name) => self.note(move |journal| journal.tell_once(&name, clock::now()).map(drop)),
            Effect::ListVersions(ticket, acting, key) => {
                self.ask(ticket, Msg::VersionsListed, move |standing| async move { standing.engine.versions(&acting, &key, None).await });
            }
            Effect::InspectObject(ticket, acting, pick, thorough) => {
                self.ask(ticket, Msg::Inspected, move |standing| async move { standing.engine.inspect(&acting, &pick, thorough).await });
            }
            Effect::Preview(ticket, acting, pick, ask) => self.preview(ticket, acting, pick, ask),
            Effect::LookAgain(ticket, key, looking) => self.look_again(ticket, key, looking),
            Effect::ReadFolder(ticket, path) => self.read_folder(ticket, path),
            Effect::Probe(ticket, errand) => {
                self.ask(ticket, Msg::Probed, move |standing| async move { Ok(standing.engine.probe(&errand).await) });
            }
            Effect::Presign(ticket, acting, ask) => {
                self.ask(ticket, Msg::Presigned, move |standing| async move { standing.engine.link(&acting, &ask).await });
            }
            Effect::KeepJob(job) => self.keep_job(job),
            Effect::RunJob(ticket, job, resumed, begin) => self.run_job(ticket, job, resumed, begin),
            Effect::Rein(ticket, rein) => self.rein(ticket, rein),
            Effect::LimitBandwidth(bytes) => self.limit_bandwidth(bytes),
            Effect::GiveUpJob(ticket, id) => self.give_up_job(ticket, id),
            Effect::ListUploads(ticket, acting, prefix) => self.list_uploads(ticket, acting, prefix),
            Effect::AbortUploads(ticket, acting, uploads) => self.abort_uploads(ticket, acting, uploads),
            Effect::ReadLedger { ticket, narrow, by } => {
                self.look_up(ticket, Msg::LedgerRead, move |ledger| ledger.sums(&narrow, by));
            }
            Effect::ReadRequests { ticket, narrow, before, limit } => {
                self.look_up(ticket, Msg::RequestsRead, move |ledger| ledger.requests(&narrow, before, limit));
            }
            Effect::LetPass(at) => self.at_gate(|gate| gate.let_pass(at.pass)),
            Effect::TurnBack(pass, why) => self.at_gate(|gate| gate.turn_back(pass, &why)),
            Effect::RaiseBudget(scope, limit) => self.at_gate(|gate| gate.raise(&scope, limit)),
            Effect::Copy(_) | Effect::Suspend | Effect::Quit => {}
        }
    }

    fn at_gate(&self, say: impl FnOnce(&Gate)) {
        if let Some(standing) = self.world.standing() {
            say(&standing.gate);
        }
    }

    /// What left and came back so far, and what that cost.
    pub fn spent(&self) -> Spending {
        let tally = self.world.standing().map_or_else(Tally::default, |standing| standing.engine.tally());
        let booked = self.world.standing().and_then(|standing| {
            let ledger = standing.engine.ledger()?;
            Some((ledger.total(&Narrow::default()), ledger.shares()))
        });
        let (Sum { cost, unpriced, .. }, shares) = booked.unwrap_or_default();
        Spending { tally, cost, unpriced, shares }
    }

    /// Waits for changes and jobs under way, so that each has its line in the state database, for what else was said to outlive the
    /// program, and for the lines of the ledger; then gives up and names what has not ended.
    ///
    /// # Errors
    /// `Partial` when changes or jobs did not end in time: the lines of changes say `sent`, the next start offers the jobs. `Local` when
    /// something could not be written.
    pub async fn farewell(&self) -> Result<()> {
        let begun = clock::now();
        // Nobody answers any more.
        self.at_gate(Gate::close);
        let left = self.end_of_work(begun).await;
        let written = tokio::select! {
            written = self.notes.written() => written,
            () = clock::sleep(FAREWELL.saturating_sub(since(begun)).max(FAREWELL_NOTES)) => Err(unwritten()),
        };
        let booked = self.close_the_ledger().await;
        left.and(written).and(booked)
    }

    async fn end_of_work(&self, begun: Timestamp) -> Result<()> {
        loop {
            let (changes, jobs) = (self.world.changes.load(Ordering::Acquire), self.world.jobs.load(Ordering::Acquire));
            if changes + jobs == 0 {
                return Ok(());
            }
            if since(begun) > FAREWELL {
                return Err(left_behind(changes, jobs));
            }
            if since(begun) > FAREWELL_WATCH {
                self.watches.values().filter_map(Weak::upgrade).for_each(|watch| watch.notify_one());
            }
            clock::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Waits until every request has its line.
    async fn close_the_ledger(&self) -> Result<()> {
        let Some(ledger) = self.world.standing().and_then(|standing| standing.engine.ledger().cloned()) else { return Ok(()) };
        in_background(move || ledger.flush()).await
    }

    fn load(&mut self, ticket: Ticket, start: Start) {
        let (world, messages) = (self.world.clone(), self.messages.clone());
        self.run(ticket, async move { Msg::Loaded(ticket, load::load(&world, start, messages).await) });
    }

    fn list_buckets(&mut self, ticket: Ticket, account: AccountName) {
        let (pages, messages) = (self.messages.clone(), self.messages.clone());
        let Some(standing) = self.world.standing() else { return };
        self.spawn(ticket, async move {
            let page = move |listing: Listing| drop(pages.send(Msg::Listed(ticket, Ok(listing))));
            let listing = guarded(async move { standing.engine.list_buckets(&account, page).await });
            if let Err(error) = listing.await {
                let _gone = messages.send(Msg::Listed(ticket, Err(error)));
            }
        });
    }

    fn read_payer(&mut self, ticket: Ticket, place: Place) {
        self.ask(ticket, Msg::PayerRead, |standing| async move { standing.engine.read_payer(&place).await });
    }

    /// Each answer is told with those before it; a look that dies ends as one that saw nothing more.
    fn look_at_bucket(&mut self, ticket: Ticket, place: Place) {
        let Some(standing) = self.world.standing() else { return };
        let messages = self.messages.clone();
        self.spawn(ticket, async move {
            let told = messages.clone();
            let look = standing.engine.preflight(&place, |look| drop(told.send(Msg::BucketSeen(ticket, look.clone())))).await;
            let _gone = messages.send(Msg::BucketSeen(ticket, look));
        });
    }

    /// Pages one after the other, each told as it comes. A failure ends it; so does a token that was followed already.
    fn list_objects(&mut self, ticket: Ticket, acting: Acting, mut page: PageAsk, most: u64) {
        let Some(standing) = self.world.standing() else { return };
        let messages = self.messages.clone();
        self.spawn(ticket, async move {
            for _ in 0..most {
                let (engine, acting, ask) = (standing.engine.clone(), acting.clone(), page.clone());
                let answer = guarded(async move { engine.list_page(&acting, &ask, None).await }).await;
                let next = answer.as_ref().ok().and_then(|read| read.leaf.next.clone()).map(Begin::Token);
                let fact = answer.map(|Page { leaf, charged, at }| PageFact { leaf, charged, at });
                let _gone = messages.send(Msg::PageListed(ticket, fact));
                match next.filter(|next| *next != page.begin) {
                    Some(next) => page.begin = next,
                    None => return,
                }
            }
        });
    }

    /// On a thread for such work. A dropped task cannot stop a thread: it raises a flag, which the work looks at.
    fn arrange(&mut self, ticket: Ticket, leaves: Vec<Arc<Leaf>>, first: u32, wish: Arranging) {
        let messages = self.messages.clone();
        self.spawn(ticket, async move {
            let stop = Raised::default();
            let flag = stop.0.clone();
            let work = in_background(move || Ok(arrange(&leaves, first, &wish, &flag)));
            match work.await {
                Ok(Some(rows)) => drop(messages.send(Msg::Arranged(ticket, rows))),
                Ok(None) => {}
                Err(error) => drop(messages.send(Msg::Notice(error))),
            }
        });
    }

    /// A line for the state database that nobody waits for before leaving; if it cannot be written, the user hears of it.
    fn note(&self, line: impl FnOnce(&Journal) -> Result<()> + Send + 'static) {
        if let Some(standing) = self.world.standing() {
            self.notes.write(standing.journal, line);
        }
    }

    fn change_payer(&mut self, ticket: Ticket, change: PayerChange) {
        let Some(standing) = self.world.standing() else { return };
        let (world, messages) = (self.world.clone(), self.messages.clone());
        let watch = Arc::new(Notify::new());
        self.watches.retain(|_, watch| watch.strong_count() > 0);
        self.watches.insert(ticket, Arc::downgrade(&watch));
        world.changes.fetch_add(1, Ordering::AcqRel);
        self.tasks.spawn(async move {
            let _done = Counted(&world.changes);
            let accepted = messages.clone();
            let accept = move || drop(accepted.send(Msg::PayerAccepted(ticket)));
            let ending = guarded(async move { Ok(standing.engine.change_payer_until(&change, accept, watch.notified()).await) }).await;
            let changed = ending.unwrap_or_else(lost);
            let _gone = messages.send(Msg::PayerChanged(ticket, changed));
        });
    }

    /// Runs a question against the loaded world and sends its answer.
    fn ask<T, F>(&mut self, ticket: Ticket, message: fn(Ticket, Result<T>) -> Msg, question: impl FnOnce(Standing) -> F)
    where
        T: Send + 'static,
        F: Future<Output = Result<T>> + Send + 'static,
    {
        let Some(standing) = self.world.standing() else { return };
        let answer = question(standing);
        self.run(ticket, async move { message(ticket, guarded(answer).await) });
    }

    /// Reads the ledger, on a thread for such work.
    fn look_up<T: Send + 'static>(
        &mut self,
        ticket: Ticket,
        message: fn(Ticket, Result<T>) -> Msg,
        question: impl FnOnce(&Ledger) -> Result<T> + Send + 'static,
    ) {
        let Some(ledger) = self.world.standing().and_then(|standing| standing.engine.ledger().cloned()) else { return };
        self.run(ticket, async move { message(ticket, in_background(move || question(&ledger)).await) });
    }

    fn run(&mut self, ticket: Ticket, answer: impl Future<Output = Msg> + Send + 'static) {
        let messages = self.messages.clone();
        self.spawn(ticket, async move {
            let _gone = messages.send(answer.await);
        });
    }

    fn spawn(&mut self, ticket: Ticket, task: impl Future<Output = ()> + Send + 'static) {
        if self.running.len() >= 256 {
            self.running.retain(|_, task| !task.is_finished());
        }
        self.running.insert(ticket, self.tasks.spawn(task).abort_handle());
    }
}

impl World {
    fn standing(&self) -> Option<Standing> {
        self.loaded.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// A flag that goes up when this is dropped.
#[derive(Default)]
struct Raised(Arc<AtomicBool>);

impl Drop for Raised {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Counts a change down when its task ends, however it ends.
struct Counted<'a>(&'a AtomicUsize);

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

/// The end of a change whose task died: the request may have left, and its line in the journal says `sent`.
fn lost(error: Error) -> Changed {
    Changed { outcome: Outcome::Unknown, after: None, request_id: None, error: Some(error) }
}

fn since(begun: Timestamp) -> Duration {
    clock::now().duration_since(begun).unsigned_abs()
}

fn unwritten() -> Error {
    Error::new(ErrorKind::Local, "what was said last is not written to the state database yet")
        .hint("Look whether another process holds it, then start again and see whether your words for buckets are as you left them.")
}

fn left_behind(changes: usize, jobs: usize) -> Error {
    if changes > 0 {
        return Error::new(ErrorKind::Partial, format!("{changes} payer changes had not been read back when the program ended"))
            .hint("They were sent. `whopays journal` lists them, `whopays payer get` shows what the store holds.");
    }
    Error::new(ErrorKind::Partial, format!("{jobs} transfers had not stopped when the program ended"))
        .hint("The next start of the console offers to resume them.")
}
