//! A job that is written down while it runs, so that the next start can go on with it.
//!
//! Comes in: a job, or the number of one that was left unfinished. Goes out: its ending, after the state database has it.

use std::sync::Arc;
use std::time::Duration;

use super::Control;
use crate::domain::{Error, ErrorKind, Result};
use crate::runtime::clock;
use crate::runtime::engine::Engine;
use crate::runtime::journal::jobs::Item;
use crate::runtime::tasks::{guarded_on, in_background};
use crate::transfer::{Ending, Job, JobId, JobState, Rein, Source, Unfinished, Upload};

/// How often a running job's progress is written down.
const NOTED_EVERY: Duration = Duration::from_secs(2);

/// Hears the number of a job that has been written down.
pub type Begun = Box<dyn FnOnce(JobId) + Send>;

impl Engine {
    /// Runs a job and keeps its line in the state database; `begun` hears its number. A job whose input comes only once (standard
    /// input) is not kept: nobody could resume it.
    ///
    /// # Errors
    /// As [`Ending::Failed`]: `Local` when the job cannot be written down; nothing has been sent then.
    pub async fn run_kept_job(&self, job: &Job, resumed: Option<JobId>, control: Arc<Control>, begun: impl FnOnce(JobId)) -> Ending {
        if comes_only_once(job) {
            return self.run_job(job, None, control).await;
        }
        let id = match self.written_down(job, resumed).await {
            Ok(id) => id,
            Err(error) if error.kind() == ErrorKind::Local => return Ending::Failed(nothing_sent(error)),
            Err(error) => return Ending::Failed(error),
        };
        begun(id);
        let ending = self.run_noting(job, id, &control).await;
        let (mut state, error) = state_of(&ending, &control);
        if state == JobState::Partly && !self.left_of_job(id).await.is_empty() {
            // Whoever repeats the job goes on with the bytes that the store has; until then they are billed.
            state = JobState::Stopped;
        }
        if let Err(error) = self.note(id, &control, state, error).await {
            self.door().tell(error);
        }
        ending
    }

    /// The same, on a task of its own among those that it spawns, on the job's own threads if it was given some: whoever waits is
    /// woken when it ends, not for each of its objects. Dropping the future ends it.
    ///
    /// # Errors
    /// As [`Engine::run_kept_job`]; `Internal` if it panicked.
    pub async fn run_job_apart(&self, job: Job, resumed: Option<JobId>, control: Arc<Control>, begun: Begun) -> Ending {
        let (engine, threads) = (self.clone(), control.threads());
        let running = async move { Ok(engine.run_kept_job(&job, resumed, control, begun).await) };
        guarded_on(&threads, running).await.unwrap_or_else(Ending::Failed)
    }

    /// Runs, and writes down now and then how far it is.
    async fn run_noting(&self, job: &Job, id: JobId, control: &Arc<Control>) -> Ending {
        let mut running = std::pin::pin!(self.run_job(job, Some(id), control.clone()));
        let mut noted = None;
        loop {
            tokio::select! {
                ending = &mut running => return ending,
                () = control.changes(NOTED_EVERY) => {
                    let state = if control.rein() == Rein::Pause { JobState::Paused } else { JobState::Running };
                    let current = Some((state, control.progress()));
                    if current == noted {
                        continue;
                    }
                    noted = current;
                    if let Err(error) = self.note(id, control, state, None).await {
                        self.door().tell(error);
                    }
                }
            }
        }
    }

    /// Jobs that an earlier run has left and that no living process runs, oldest first.
    ///
    /// # Errors
    /// `Local`, as for every line.
    pub async fn unfinished_jobs(&self) -> Result<Vec<Unfinished>> {
        let journal = self.journal().clone();
        in_background(move || journal.unfinished_jobs()).await
    }

    /// The unfinished job that asked for the same, whatever was said on paying: whoever repeats a command goes on with it. One that
    /// a living process is at is not unfinished.
    ///
    /// # Errors
    /// `Local`, as for every line.
    pub async fn unfinished_job(&self, job: &Job) -> Result<Option<Unfinished>> {
        if comes_only_once(job) {
            return Ok(None);
        }
        let journal = self.journal().clone();
        let job = job.clone();
        in_background(move || Ok(journal.unfinished_jobs()?.into_iter().rev().find(|found| found.job.asks_the_same(&job)))).await
    }

    /// Gives up a job that an earlier run has left: parts are aborted, temporary files removed.
    ///
    /// # Errors
    /// What could not be aborted first: the job stays unfinished then. `Local`, as for every line.
    pub async fn give_up_job(&self, id: JobId) -> Result<()> {
        let journal = self.journal().clone();
        let unfinished = in_background(move || journal.unfinished_jobs()).await?;
        let Some(found) = unfinished.into_iter().find(|found| found.id == id) else { return Ok(()) };
        match &found.job {
            Job::Download(_) => self.give_up_downloads(id).await?,
            Job::Upload(_) | Job::Copy(_) => {
                if let Some((_, error)) = self.give_up_uploads(id).await?.into_iter().next() {
                    return Err(error);
                }
            }
            Job::Delete(_) => {}
        }
        let journal = self.journal().clone();
        in_background(move || journal.note_job(id, JobState::GivenUp, &found.progress, None, clock::now())).await
    }

    /// The objects of a job that are still under way in parts, as far as the state database can be read.
    pub async fn left_of_job(&self, id: JobId) -> Vec<Item> {
        let journal = self.journal().clone();
        let items = in_background(move || journal.items(id)).await.unwrap_or_default();
        items.into_iter().map(|(_, item)| item).collect()
    }

    async fn written_down(&self, job: &Job, resumed: Option<JobId>) -> Result<JobId> {
        let (journal, job) = (self.journal().clone(), job.clone());
        match resumed {
            Some(id) => in_background(move || journal.resume_job(id).map(|()| id)).await,
            None => in_background(move || journal.begin_job(&job, clock::now())).await,
        }
    }

    async fn note(&self, id: JobId, control: &Control, state: JobState, error: Option<String>) -> Result<()> {
        let (journal, progress) = (self.journal().clone(), control.progress());
        in_background(move || journal.note_job(id, state, &progress, error.as_deref(), clock::now())).await
    }
}

fn comes_only_once(job: &Job) -> bool {
    matches!(job, Job::Upload(Upload { from: Source::Stdin, .. }))
}

fn state_of(ending: &Ending, control: &Control) -> (JobState, Option<String>) {
    match ending {
        Ending::Done => (JobState::Done, None),
        Ending::Partly => (JobState::Partly, None),
        // New keys let it go on where it stands.
        Ending::Failed(error) if error.kind() == ErrorKind::Credentials => (JobState::Stopped, Some(error.message().to_owned())),
        Ending::Failed(error) => (JobState::Failed, Some(error.message().to_owned())),
        Ending::Stopped if control.rein() == Rein::GiveUp => (JobState::GivenUp, None),
        Ending::Stopped => (JobState::Stopped, None),
    }
}

fn nothing_sent(error: Error) -> Error {
    let hint = format!("{} Nothing was sent.", error.hint_text().unwrap_or("Repair the state folder."));
    Error::new(ErrorKind::Local, error.message().to_owned()).hint(hint)
}
