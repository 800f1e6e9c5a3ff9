//! The download job: objects become local files.
//!
//! Comes in: which objects, and where they go. Goes out: files, each complete and compared with what the store says of it, or
//! not there at all. Forbidden here: HEAD requests, and more than one request for what one gives.
//!
//! ```text
//!  finder   which objects, under which names, while the listing goes on
//!    |
//!  mod      how many at once; what is finished is written down
//!    |
//!  object   one object, in one request       large   one object, in ranges, resumable
//!     \        /
//!      fetch    its bytes, asked for again where they break off      grains   their checksums
//! ```

mod cat;
mod fetch;
mod finder;
mod grains;
mod large;
mod object;
mod to_draft;

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::task::JoinSet;

pub use self::cat::Excerpt;
use self::fetch::Halt;
use self::finder::{Finder, Found};
pub(in crate::runtime::jobs) use self::grains::{Claim, algorithm_of, name_of};
use self::object::{Crew, Finished, Of, Start};
use super::Run;
use super::notes::BEGUN;
use crate::domain::escape::visible;
use crate::domain::{Error, ObjectKey, Result};
use crate::runtime::clock;
use crate::runtime::engine::Engine;
use crate::runtime::files::Folder;
use crate::runtime::journal::jobs::{DoneName, done_name};
use crate::runtime::tasks::in_background;
use crate::transfer::outcome::Item;
use crate::transfer::pace::{Outcome, Width};
use crate::transfer::{Asked, Download, Ending, Fate, ItemEnd, JobId, Landing, Rein};

/// How many objects are under way at first, and at most.
const WIDTH: (usize, usize) = (16, 256);
/// Finished objects are written down when there are so many, or after so long.
const NOTED_AT_ONCE: usize = 1000;
const NOTED_WITHIN: Duration = Duration::from_millis(300);

impl Engine {
    /// Removes what a download that will not be resumed has left: the temporary files that the journal knows.
    ///
    /// # Errors
    /// `Local` if one cannot be removed; it stays in the journal.
    pub async fn give_up_downloads(&self, id: JobId) -> Result<()> {
        let journal = self.journal().clone();
        in_background(move || large::give_up(&journal, id)).await
    }
}

/// Runs it.
pub(super) async fn run(run: &Run, download: &Download) -> Ending {
    match begin(run, download).await {
        Ok(driver) => driver.drive().await,
        Err(Halt::Failed(error)) => Ending::Failed(error),
        Err(Halt::Stopped(_)) => Ending::Stopped,
    }
}

/// Finds out what a plan wants to know, and makes ready. Before the plan is approved, nothing is asked for but the listing, and
/// nothing local is touched.
async fn begin(run: &Run, download: &Download) -> std::result::Result<Driver, Halt> {
    let (start, done) = earlier(run).await?;
    let mut finder = Finder::new(run, download, done)?;
    let planned = run.control.is_planned();
    if planned {
        tokio::select! {
            biased;
            stopped = run.control.stopped() => return Err(stopped.into()),
            counted = finder.plan(&run.control) => counted?,
        }
    }
    run.control.approved().await?;
    let chosen = chosen(&download.to);
    let (with, from, of) = (run.clone(), download.from.clone(), Of::job(&download.what));
    let crew = in_background(move || {
        let base = Folder::chosen(&chosen)?;
        let mode = base.usual_mode()?;
        Ok(Crew::new(&with, &from, base, mode, (start, of)))
    });
    let found = if planned { Counting::Planned } else { Counting::AsFound };
    Ok(Driver::new(Arc::new(crew.await?), finder, found))
}

/// What an earlier run of the job has finished.
async fn earlier(run: &Run) -> Result<(Start, HashSet<DoneName>)> {
    let Some(id) = run.id else { return Ok((Start::Fresh, HashSet::new())) };
    let journal = run.engine.journal().clone();
    in_background(move || {
        let mut done = journal.done(id)?;
        if done.remove(&BEGUN) {
            let since = journal.begun_at(id)?.map_or(i64::MAX, Timestamp::as_second);
            return Ok((Start::Resumed { since }, done));
        }
        journal.note_done(id, &[BEGUN]).map(|()| (Start::Fresh, done))
    })
    .await
}

/// The folder in which everything happens.
fn chosen(to: &Landing) -> PathBuf {
    match to {
        Landing::File(path) => path.parent().unwrap_or(Path::new("")).to_owned(),
        Landing::Folder(path) => path.clone(),
    }
}

/// Runs a job's objects, many at once.
struct Driver {
    crew: Arc<Crew>,
    /// `ACCOUNT:BUCKET/`, the beginning of every source.
    place: String,
    finder: Finder,
    counting: Counting,
    work: JoinSet<Finished>,
    width: Width,
    throttles: u64,
    /// Whether finished objects are written down: of a job of one object, there is nothing to skip.
    notes: Option<JobId>,
    done: Vec<DoneName>,
    since: Timestamp,
    noting: JoinSet<Result<()>>,
    supply: Supply,
    all_done: bool,
}

/// When objects are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Counting {
    /// While they are found.
    AsFound,
    /// They were, for a plan.
    Planned,
}

/// Whether more objects come.
enum Supply {
    Open,
    Over,
    Lost(Error),
    Stopped(Rein),
}

impl Driver {
    fn new(crew: Arc<Crew>, finder: Finder, counting: Counting) -> Self {
        let notes = crew.run.id.filter(|_| crew.of == Of::Many);
        Self {
            place: format!("{}/", crew.acting.place.id),
            crew,
            finder,
            counting,
            work: JoinSet::new(),
            width: Width::new(WIDTH.0, WIDTH.1),
            throttles: 0,
            notes,
            done: Vec::new(),
            since: clock::now(),
            noting: JoinSet::new(),
            supply: Supply::Open,
            all_done: true,
        }
    }

    async fn drive(mut self) -> Ending {
        let control = self.crew.run.control.clone();
        let mut stopped = std::pin::pin!(control.stopped());
        while matches!(self.supply, Supply::Open) || !self.work.is_empty() {
            let more = matches!(self.supply, Supply::Open) && self.work.len() < self.width.now();
            let running = !matches!(self.supply, Supply::Stopped(_));
            tokio::select! {
                biased;
                stopped = &mut stopped, if running => self.supply = Supply::Stopped(stopped.0),
                Some(ended) = self.work.join_next() => match ended {
                    Ok(finished) => self.settle(finished),
                    Err(_) => self.all_done = false,
                },
                found = self.finder.next(&self.crew), if more => self.take(found),
                () = clock::sleep(NOTED_WITHIN), if !self.done.is_empty() => self.note(),
            }
        }
        self.end().await
    }

    fn take(&mut self, found: Result<Option<Found>>) {
        let control = self.crew.run.control.clone();
        match found {
            Ok(Some(Found::Wish(wish))) => {
                self.count(Item::from(&wish.pick));
                // In a box: a task is moved several times before it runs, and again when it has ended.
                self.work.spawn(Box::pin(self.crew.clone().fetch(wish)));
            }
            Ok(Some(Found::Ended(key, bytes, fate))) => {
                self.count(Item::local(bytes));
                if matches!(fate, Fate::Done(_)) {
                    control.moved(bytes);
                }
                self.tell(&key, String::new(), bytes, fate, Asked::NOTHING);
            }
            // The listing ends with the job, too, and that is known here before the job's own task hears of it.
            Ok(None) => match control.rein() {
                rein @ (Rein::Stop | Rein::GiveUp) => self.supply = Supply::Stopped(rein),
                Rein::Plan | Rein::Go | Rein::Pause => {
                    control.counted();
                    self.supply = Supply::Over;
                }
            },
            Err(error) => self.supply = Supply::Lost(error),
        }
    }

    fn count(&self, item: Item<'_>) {
        match self.counting {
            Counting::AsFound => self.crew.run.control.found_each([item].into_iter()),
            Counting::Planned => {}
        }
    }

    /// One object has ended: says so, and learns from it how many to have under way.
    fn settle(&mut self, finished: Finished) {
        let Finished { wish, target, bytes, asked, end } = finished;
        let throttles = self.crew.run.control.counters().throttles();
        let slower = std::mem::replace(&mut self.throttles, throttles) != throttles;
        let outcome = match &end {
            _ if slower => Outcome::SlowDown,
            Ok(Fate::Done(_)) => Outcome::Good,
            Ok(Fate::Exists | Fate::LeftOut(_) | Fate::Failed(_)) | Err(_) => Outcome::Failed,
        };
        self.width.ended(clock::now(), bytes, outcome);
        let fate = match end {
            Ok(fate) => fate,
            Err(Halt::Failed(error)) => Fate::Failed(error),
            // Whoever stops a job wakes its tasks one by one: the object's may have ended before this one hears of it.
            Err(Halt::Stopped(rein)) => {
                if !matches!(self.supply, Supply::Stopped(_)) {
                    self.supply = Supply::Stopped(rein);
                }
                return;
            }
        };
        if self.notes.is_some() && matches!(fate, Fate::Done(_)) {
            if self.done.is_empty() {
                self.since = clock::now();
            }
            self.done.push(done_name(&wish.pick.key, wish.pick.version.as_ref()));
            let waited = clock::now().duration_since(self.since).unsigned_abs();
            if self.done.len() >= NOTED_AT_ONCE || waited >= NOTED_WITHIN {
                self.note();
            }
        }
        self.tell(&wish.pick.key, target.to_string_lossy().into_owned(), bytes, fate, asked);
    }

    fn tell(&mut self, key: &ObjectKey, target: String, bytes: u64, fate: Fate, asked: Asked) {
        self.all_done &= matches!(fate, Fate::Done(_) | Fate::LeftOut(_));
        let control = &self.crew.run.control;
        let mut source = String::with_capacity(self.place.len() + key.as_str().len());
        source.push_str(&self.place);
        source.push_str(key.as_str());
        control.ended(ItemEnd { source, target, fate, bytes, asked });
    }

    /// Writes finished objects down, beside the work.
    fn note(&mut self) {
        let (Some(id), names) = (self.notes, std::mem::take(&mut self.done)) else { return };
        let journal = self.crew.run.engine.journal().clone();
        self.noting.spawn(in_background(move || journal.note_done(id, &names)));
    }

    async fn end(mut self) -> Ending {
        if !self.done.is_empty() {
            self.note();
        }
        // A line that is not written costs a resumption a second look, and no file.
        while self.noting.join_next().await.is_some() {}
        match (self.supply, self.crew.run.id) {
            (Supply::Stopped(Rein::GiveUp), Some(id)) => match self.crew.run.engine.give_up_downloads(id).await {
                Ok(()) => Ending::Stopped,
                Err(error) => Ending::Failed(error),
            },
            (Supply::Stopped(_), _) => Ending::Stopped,
            (Supply::Lost(error), _) => Ending::Failed(error),
            (Supply::Open | Supply::Over, _) if self.all_done => Ending::Done,
            (Supply::Open | Supply::Over, _) => Ending::Partly,
        }
    }
}

/// A path as it is shown.
fn shown(path: &Path) -> String {
    visible(&path.to_string_lossy()).into_owned()
}
