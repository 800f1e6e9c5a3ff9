//! The hands' part of jobs: each runs on a task of its own, and its reports are gathered before they are sent.
//!
//! Comes in: orders about jobs. Goes out: at most a few messages in a second for each, and only while something changed; for
//! every job that was ordered, one end.

use std::collections::VecDeque;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::mpsc::UnboundedSender;

use super::{Counted, Hands, Standing};
use crate::app::{Begin, Msg, Ticket};
use crate::domain::{Acting, Error, ErrorKind, Result, UploadRef};
use crate::runtime::clock;
use crate::runtime::jobs::Control;
use crate::runtime::tasks::{guarded, in_background};
use crate::transfer::{Ending, Fate, ItemEnd, Job, JobId, JobState, Progress, Rein};

/// How often a job's progress is sent while it moves.
const EVERY: Duration = Duration::from_millis(200);

/// How many reports in a row may say the same before they stop: a rate falls to nothing only if it hears so.
const ECHOES: u32 = 30;

/// Of the reports that say the same, each so manieth is sent.
const ECHO: u32 = 5;

/// Failed objects that wait for the next report; of more, the newest ones.
const FAILURES: usize = 200;

/// Keys that are gone and wait for the next report; of more, the list only hears how many.
const GONE: usize = 20_000;

impl Hands {
    pub(super) fn run_job(&mut self, ticket: Ticket, job: Job, resumed: Option<JobId>, begin: Begin) {
        let reporter = Reporter { ticket, messages: self.messages.clone(), heard: Arc::default() };
        let (heard, home) = (reporter.heard.clone(), job.takes_away());
        let listener = Box::new(move |end: ItemEnd| hear(&heard, home.as_deref(), end));
        let control = match begin {
            Begin::AtOnce => Control::new(listener),
            Begin::AfterPlan => Control::planning(listener),
        };
        let Some(standing) = self.world.standing() else {
            return reporter.end(control.progress(), Ending::Failed(nothing_loaded()));
        };
        self.jobs.retain(|_, control| control.strong_count() > 0);
        self.jobs.insert(ticket, Arc::downgrade(&control));
        let world = self.world.clone();
        world.jobs.fetch_add(1, Ordering::AcqRel);
        self.tasks.spawn(async move {
            let _done = Counted(&world.jobs);
            let messages = reporter.messages.clone();
            let begun = Box::new(move |id| drop(messages.send(Msg::JobBegun(ticket, id))));
            let running = standing.engine.run_job_apart(job, resumed, control.clone(), begun);
            let ending = reporter.report_while(running, &control).await;
            reporter.end(control.progress(), ending);
        });
    }

    /// Pulls the rein of a job; one that has ended feels nothing.
    pub(super) fn rein(&mut self, ticket: Ticket, rein: Rein) {
        if let Some(control) = self.jobs.get(&ticket).and_then(std::sync::Weak::upgrade) {
            control.pull(rein);
        }
    }

    pub(super) fn limit_bandwidth(&self, bytes: Option<u64>) {
        if let Some(standing) = self.world.standing() {
            standing.engine.limit_bandwidth(bytes);
        }
    }

    /// Writes down a job that has not begun. Leaving waits for it.
    pub(super) fn keep_job(&self, job: Job) {
        let Some(standing) = self.world.standing() else { return };
        let (world, messages) = (self.world.clone(), self.messages.clone());
        world.jobs.fetch_add(1, Ordering::AcqRel);
        self.tasks.spawn(async move {
            let _done = Counted(&world.jobs);
            if let Err(error) = in_background(move || keep(&standing, &job)).await {
                let _gone = messages.send(Msg::Notice(error));
            }
        });
    }

    pub(super) fn give_up_job(&mut self, ticket: Ticket, id: JobId) {
        let Some(standing) = self.world.standing() else { return };
        let (world, messages) = (self.world.clone(), self.messages.clone());
        world.jobs.fetch_add(1, Ordering::AcqRel);
        self.tasks.spawn(async move {
            let _done = Counted(&world.jobs);
            let given_up = guarded(async move { standing.engine.give_up_job(id).await }).await;
            let _gone = messages.send(Msg::JobGivenUp(ticket, given_up));
        });
    }

    pub(super) fn list_uploads(&mut self, ticket: Ticket, acting: Acting, prefix: String) {
        self.ask(ticket, Msg::UploadsListed, |standing| async move { standing.engine.list_uploads(&acting, &prefix, None).await });
    }

    /// Not among the tasks that can be cancelled: what was confirmed is done, and said.
    pub(super) fn abort_uploads(&mut self, ticket: Ticket, acting: Acting, uploads: Vec<UploadRef>) {
        let Some(standing) = self.world.standing() else { return };
        let (world, messages) = (self.world.clone(), self.messages.clone());
        world.jobs.fetch_add(1, Ordering::AcqRel);
        self.tasks.spawn(async move {
            let _done = Counted(&world.jobs);
            let lost = uploads.clone();
            let aborted = guarded(async move { Ok(standing.engine.abort_uploads(&acting, uploads).await) }).await;
            let failed = aborted.unwrap_or_else(|error| lost.into_iter().map(|upload| (upload, error.again())).collect());
            let _gone = messages.send(Msg::UploadsAborted(ticket, failed));
        });
    }
}

/// What has ended since the last report.
#[derive(Default)]
struct Heard {
    /// What a person has to see; done objects are in the counts.
    failures: VecDeque<ItemEnd>,
    /// Keys that are gone: lists that show them say so.
    gone: Vec<String>,
}

/// `home` is what stands before the keys of objects that are gone once they are done.
fn hear(heard: &Mutex<Heard>, home: Option<&str>, end: ItemEnd) {
    let mut heard = heard.lock().unwrap_or_else(PoisonError::into_inner);
    if let (Fate::Done(_), Some(key)) = (&end.fate, home.and_then(|home| end.source.strip_prefix(home)))
        && heard.gone.len() < GONE
    {
        heard.gone.push(key.to_owned());
    }
    let told = match &end.fate {
        Fate::Done(remark) => remark.is_some(),
        Fate::Exists | Fate::LeftOut(_) | Fate::Failed(_) => true,
    };
    if !told {
        return;
    }
    if heard.failures.len() >= FAILURES {
        heard.failures.pop_front();
    }
    heard.failures.push_back(end);
}

/// Sends what one job has to say.
struct Reporter {
    ticket: Ticket,
    messages: UnboundedSender<Msg>,
    heard: Arc<Mutex<Heard>>,
}

impl Reporter {
    async fn report_while(&self, running: impl Future<Output = Ending>, control: &Control) -> Ending {
        let mut running = std::pin::pin!(running);
        let (mut last, mut echoes, mut named) = (None, 0, 0);
        loop {
            tokio::select! {
                ending = &mut running => return ending,
                () = control.changes(EVERY) => {
                    let progress = control.progress();
                    named += self.send_names(control, named);
                    self.send_heard();
                    echoes = if last.as_ref() == Some(&progress) { echoes + 1 } else { 0 };
                    last = Some(progress.clone());
                    if echoes < ECHOES && echoes.is_multiple_of(ECHO) {
                        let _gone = self.messages.send(Msg::JobMoved(self.ticket, progress));
                    }
                }
            }
        }
    }

    /// The keys behind those that were told. Says how many they were.
    fn send_names(&self, control: &Control, told: usize) -> usize {
        let names = control.names(told);
        let count = names.len();
        if count > 0 {
            let _gone = self.messages.send(Msg::JobNamed(self.ticket, names));
        }
        count
    }

    fn send_heard(&self) {
        let Heard { failures, gone } = std::mem::take(&mut *self.heard.lock().unwrap_or_else(PoisonError::into_inner));
        for end in failures {
            let _gone = self.messages.send(Msg::JobItem(self.ticket, end));
        }
        if !gone.is_empty() {
            let _gone = self.messages.send(Msg::JobTook(self.ticket, gone));
        }
    }

    fn end(&self, progress: Progress, ending: Ending) {
        self.send_heard();
        let _gone = self.messages.send(Msg::JobEnded(self.ticket, progress, ending));
    }
}

fn keep(standing: &Standing, job: &Job) -> Result<()> {
    let id = standing.journal.begin_job(job, clock::now())?;
    standing.journal.note_job(id, JobState::Stopped, &Progress::default(), None, clock::now())
}

fn nothing_loaded() -> Error {
    Error::new(ErrorKind::Internal, "no config is loaded").hint("Report this with the log file.")
}
