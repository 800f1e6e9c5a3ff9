//! Running a job for a command: its progress on a terminal, one line for each object, and an exit code.
//!
//! Ctrl-C stops the job tidily: what is finished stays, and the same command, run again, goes on where this one stood.

use std::io::IsTerminal;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use tokio::sync::mpsc;

use super::{Desk, numbers};
use crate::cli::confirm::{self, Answers};
use crate::cli::failure::{Failure, Fields};
use crate::cli::output::{Ink, Output};
use crate::cli::tasks;
use crate::domain::escape::visible;
use crate::domain::{Consent, Error, ErrorKind, Result};
use crate::runtime::clock;
use crate::runtime::jobs::Control;
use crate::transfer::meter::Meter;
use crate::transfer::{Ending, Fate, ItemEnd, Job, JobId, Progress, Rein, Unfinished};

/// How often the progress line is written.
const TICK: Duration = Duration::from_millis(100);

/// How long a stopped job has to end tidily.
const PATIENCE: SignedDuration = SignedDuration::from_secs(10);

/// `get`, `put`, `cp`, `rm`: one object. The names are promises.
#[derive(Serialize)]
struct Line<'a> {
    target: &'a str,
    source: &'a str,
    status: &'static str,
    bytes: u64,
    requests: u64,
    charged: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<&'a str>,
    error: Option<Fields<'a>>,
}

/// What a job did, as far as its command has to say it.
#[derive(Default)]
struct Told {
    done: usize,
    failures: Vec<Error>,
}

/// Who says that a job may act on what it found.
pub(super) enum Approval<'a> {
    /// Nobody needs to.
    NotNeeded,
    /// The plan is shown and a person is asked, or has said yes already.
    Asked(&'a dyn Fn(&Progress) -> Question),
}

/// What is asked before a job acts.
pub(super) struct Question {
    /// The plan, in lines.
    pub(super) plan: Vec<String>,
    /// The question.
    pub(super) question: String,
    /// For protected accounts: what has to be typed.
    pub(super) typed: Option<String>,
}

/// Runs a job to its end and says how each object ended.
///
/// # Errors
/// The sum of what failed; `Interrupted` after Ctrl-C; `Refused` without an approval that is needed.
pub(super) fn run(desk: &Desk<'_>, job: &Job, approval: &Approval<'_>) -> std::result::Result<(), Failure> {
    let ended = tasks::wait_on_threads(async {
        let stop = tasks::interrupted()?;
        run_until(desk, job, approval, stop).await
    });
    desk.session.tell_notices(desk.output);
    ended
}

async fn run_until(
    desk: &Desk<'_>,
    job: &Job,
    approval: &Approval<'_>,
    stop: impl Future<Output = ()>,
) -> std::result::Result<(), Failure> {
    let (tell, mut told) = mpsc::unbounded_channel();
    let listener = Box::new(move |end| drop(tell.send(end)));
    let control = match approval {
        Approval::NotNeeded => Control::new(listener),
        Approval::Asked(_) => Control::planning(listener),
    };
    let resumed = resumed(desk, job).await?;
    let engine = &desk.session.engine;
    let number = std::cell::Cell::new(None);
    let mut running = std::pin::pin!(engine.run_kept_job(job, resumed, Arc::clone(&control), |id| number.set(Some(id))));
    let (mut stop, mut book, mut bar) = (std::pin::pin!(stop), Told::default(), Bar::new(desk.output));
    let mut patience: Option<Timestamp> = None;
    let ending = loop {
        tokio::select! {
            biased;
            Some(end) = told.recv() => book.take(end, job, desk.output),
            ending = &mut running => break ending,
            () = &mut stop, if !is_over(&control) => {
                control.pull(Rein::Stop);
                patience = Some(clock::now() + PATIENCE);
            }
            () = clock::sleep(TICK) => {
                if patience.is_some_and(|until| clock::now() > until) {
                    break Ending::Stopped;
                }
                bar.draw(&control.progress());
            }
        }
        if let (Approval::Asked(question), Rein::Plan, true) = (approval, control.rein(), control.progress().counted) {
            desk.output.clear_progress();
            let question = question(&control.progress());
            tokio::select! {
                answer = ask(desk, question) => match answer {
                    Ok(()) => control.pull(Rein::Go),
                    Err(error) => {
                        control.pull(Rein::GiveUp);
                        let _ended = (&mut running).await;
                        return Err(error.into());
                    }
                },
                () = &mut stop => control.pull(Rein::GiveUp),
            }
        }
    };
    desk.output.clear_progress();
    while let Ok(end) = told.try_recv() {
        book.take(end, job, desk.output);
    }
    if let (Ending::Stopped, Some(id)) = (&ending, number.get()) {
        name_what_stays(desk, job, id).await;
    }
    book.verdict(ending, job, &control.progress(), desk.output)
}

fn is_over(control: &Control) -> bool {
    matches!(control.rein(), Rein::Stop | Rein::GiveUp)
}

async fn ask(desk: &Desk<'_>, question: Question) -> Result<()> {
    match Answers::of_process(desk.global.yes) {
        Answers::Yes => return Ok(()),
        Answers::Nobody => return Err(unconfirmed()),
        Answers::Person => {}
    }
    question.plan.iter().for_each(|line| desk.output.aside(line));
    let mut person = confirm::Terminal;
    match question.typed {
        Some(name) => confirm::typed(&mut person, &question.question, &name, desk.output).await,
        None => confirm::yes(&mut person, &question.question, desk.output).await,
    }
}

/// What a command that destroys says where nobody can be asked.
pub(super) fn unconfirmed() -> Error {
    Error::new(ErrorKind::Refused, "this needs a confirmation")
        .hint("Look at the plan with --dry-run, then add --yes, or run the command in a terminal. Nothing was changed.")
}

/// The unfinished job of an earlier command that asked for the same.
async fn resumed(desk: &Desk<'_>, job: &Job) -> Result<Option<JobId>> {
    let found = desk.session.engine.unfinished_job(job).await?;
    if let Some(Unfinished { id, begun_at, progress, .. }) = &found {
        let from = begun_at.strftime("%Y-%m-%d %H:%M");
        let there = numbers::size(progress.moved);
        if !desk.output.is_json() {
            desk.output.aside(&format!("goes on with job {} of {from} UTC: {there} are there already", id.0));
        }
    }
    Ok(found.map(|found| found.id))
}

/// The uploads that a stopped job leaves open: their parts are billed until somebody goes on with them, or aborts them.
async fn name_what_stays(desk: &Desk<'_>, job: &Job, id: JobId) {
    let aim = job.acting().place.id.to_string();
    if desk.output.is_json() {
        return;
    }
    for item in desk.session.engine.left_of_job(id).await {
        let Some(upload) = item.upload else { continue };
        let (name, upload) = (format!("{aim}/{}", item.key.as_str()), visible(upload.as_str()));
        desk.output.aside(&format!(
            "upload {upload} of {} stays, still billed: run the same command again to go on, or `whopays uploads --abort` to end it",
            visible(&name),
        ));
    }
}

impl Told {
    fn take(&mut self, end: ItemEnd, job: &Job, output: &Output) {
        let name = if end.target.is_empty() { &end.source } else { &end.target };
        let end_of = |fate: Fate| match fate {
            Fate::Done(note) => ("done", note, None),
            Fate::LeftOut(reason) => ("left out", Some(reason), None),
            Fate::Exists => ("exists", None, Some(exists(name))),
            Fate::Failed(error) => ("failed", None, Some(with_hint(error, job))),
        };
        let (status, note, error) = end_of(end.fate);
        if output.is_json() {
            output.object(&Line {
                target: name,
                source: &end.source,
                status,
                bytes: end.bytes,
                requests: end.tally.requests,
                charged: end.tally.charged > 0,
                note: note.as_deref(),
                error: error.as_ref().map(Fields::from),
            });
        } else if error.is_none() {
            output.clear_progress();
            let charged = if end.tally.charged > 0 { "  charged to you" } else { "" };
            let note = note.map(|note| format!("  {}", visible(&note))).unwrap_or_default();
            output.line(&format!("{status:8}  {:>10}  {}{note}{charged}", numbers::size(end.bytes), visible(name)));
        }
        match error {
            None => self.done += 1,
            Some(error) => {
                let error = if error.target_text().is_none() { error.target(name.clone()) } else { error };
                self.failures.push(error);
            }
        }
    }

    fn verdict(self, ending: Ending, job: &Job, progress: &Progress, output: &Output) -> std::result::Result<(), Failure> {
        if !output.is_json() {
            summary(progress, output);
        }
        match ending {
            Ending::Failed(error) => Err(with_hint(error, job).into()),
            Ending::Stopped => Err(Failure::stopped_on_the_way(self.failures)),
            Ending::Done | Ending::Partly => Failure::of_many("objects", self.done, self.failures),
        }
    }
}

/// What all of it took, beside the result.
fn summary(progress: &Progress, output: &Output) {
    let tally = &progress.tally;
    let charged = if tally.charged > 0 { format!(", {} answers said that you were charged", tally.charged) } else { String::new() };
    let text = format!(
        "{} of {} objects, {}; {} requests, {} up, {} down{charged}",
        progress.ended.saturating_sub(progress.failed),
        progress.objects.max(progress.ended),
        numbers::size(progress.moved),
        tally.requests,
        numbers::size(tally.up),
        numbers::size(tally.down),
    );
    output.aside(&output.inked(Ink::Faint, &text));
}

fn exists(name: &str) -> Error {
    Error::new(ErrorKind::Refused, "something of that name exists, and was not touched")
        .hint("Add --overwrite to replace what exists, or choose another name.")
        .target(name.to_owned())
}

/// A refusal that consent could change says so: it is the one thing that the store does not tell.
pub(super) fn with_hint(error: Error, job: &Job) -> Error {
    let acting: Vec<_> = match job {
        Job::Copy(copy) => vec![&copy.from, &copy.to],
        Job::Upload(_) | Job::Download(_) | Job::Delete(_) => vec![job.acting()],
    };
    let silent = acting.iter().all(|acting| acting.consent == Consent::Silent);
    if silent { super::acting::payer_hint(error, Consent::Silent) } else { error }
}

/// The progress line.
struct Bar<'a> {
    output: &'a Output,
    meter: Meter,
    width: usize,
}

impl<'a> Bar<'a> {
    fn new(output: &'a Output) -> Self {
        let wide = std::io::stderr().is_terminal();
        Self { output, meter: Meter::new(), width: if wide { 24 } else { 0 } }
    }

    fn draw(&mut self, progress: &Progress) {
        let now: Timestamp = clock::now();
        self.meter.feed(now, progress.moved);
        self.output.progress(&line(progress, &self.meter, self.width));
    }
}

fn line(progress: &Progress, meter: &Meter, width: usize) -> String {
    let known = if progress.counted { progress.bytes } else { progress.bytes.max(1) };
    let share = |cells: u64| progress.moved.min(known).saturating_mul(cells).checked_div(known).unwrap_or(cells);
    let full = usize::try_from(share(width as u64)).unwrap_or(0);
    let bar = format!("[{}{}]", "=".repeat(full), " ".repeat(width - full.min(width)));
    let of = if progress.counted { numbers::size(progress.bytes) } else { format!("{} so far", numbers::size(progress.bytes)) };
    let left = if progress.counted { meter.left(progress.bytes) } else { None };
    let left = left.map(|left| format!("  {} left", numbers::left(left))).unwrap_or_default();
    let objects = if progress.objects > 1 { format!("  {}/{} objects", progress.ended, progress.objects) } else { String::new() };
    let retries = if progress.tally.retries > 0 { format!("  {} retries", progress.tally.retries) } else { String::new() };
    format!("{bar} {} of {of}  {}/s{left}{objects}{retries}", numbers::size(progress.moved), numbers::size(meter.rate()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_progress_line() {
        let mut meter = Meter::new();
        let at = |second: i64| Timestamp::from_second(second).expect("a time");
        meter.feed(at(100), 0);
        meter.feed(at(101), 512 << 10);
        let progress = Progress { objects: 2, bytes: 1 << 20, counted: true, ended: 1, moved: 512 << 10, ..Progress::default() };
        let text = line(&progress, &meter, 10);
        assert!(text.starts_with("[=====     ] 512 KiB of 1.0 MiB"), "{text}");
        assert!(text.ends_with("1/2 objects"), "{text}");
        let empty = Progress { counted: true, ..Progress::default() };
        assert!(line(&empty, &Meter::new(), 10).starts_with("[==========] 0 B of 0 B"));
    }
}
