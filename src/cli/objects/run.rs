//! Running a job for a command: its progress on a terminal, one line for each object, and an exit code.
//!
//! Ctrl-C stops the job tidily: what is finished stays, and the same command, run again, goes on where this one stood.

use std::io::IsTerminal;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::runtime::Handle;
use tokio::sync::mpsc::{self, UnboundedReceiver};

use super::acting::Aim;
use super::lines::Done;
use super::{Desk, costs, leftovers, numbers, replacement};
use crate::cli::callers::Callers;
use crate::cli::confirm::{self, Answers};
use crate::cli::failure::{Failure, Fields};
use crate::cli::output::{Ink, Output};
use crate::cli::tasks;
use crate::cli::words::counted;
use crate::domain::escape::visible;
use crate::domain::{AccountName, Consent, Error, ErrorKind, Result};
use crate::runtime::clock;
use crate::runtime::jobs::Control;
use crate::transfer::meter::Meter;
use crate::transfer::{Asked, Copy, Delete, Download, Ending, Fate, ItemEnd, Job, JobId, Progress, Rein, Selection, Source, Unfinished};

/// How often the progress line is written, and the lines of the objects that have ended meanwhile: not each of thousands wakes who
/// writes.
const TICK: Duration = Duration::from_millis(100);

/// What to do after Ctrl-C.
const AGAIN: &str =
    "What is finished stays. Run the same command again to go on where it stopped; `whopays journal --unfinished` lists it.";

/// How long a stopped job has to end tidily.
const PATIENCE: SignedDuration = SignedDuration::from_secs(10);

/// What a job did, as far as its command has to say it.
struct Told {
    done: usize,
    failures: Vec<Error>,
    /// What exists already, until it is decided what becomes of it.
    clashes: Vec<ItemEnd>,
    /// Whether all that the job asks of stores is asked for one object.
    alone: bool,
    /// Where lines for scripts are made.
    line: Vec<u8>,
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

/// Runs a job to its end and says how each object ended. Where something exists under a name, a person is asked once whether it is
/// to be replaced.
///
/// # Errors
/// The sum of what failed; `Interrupted` after Ctrl-C; `Refused` without an approval that is needed.
pub(super) fn run(desk: &Desk<'_>, job: &Job, approval: &Approval<'_>) -> std::result::Result<(), Failure> {
    let ended = tasks::wait_beside_threads(|threads| async move {
        let mut stop = std::pin::pin!(tasks::interrupted()?);
        let mut book = Told::of(job);
        let (mut ending, mut progress) = run_until(desk, job, approval, &threads, &mut book, &mut stop).await?;
        let over = matches!(ending, Ending::Done | Ending::Partly);
        if over && !book.clashes.is_empty() {
            let settled = replaced(desk, job, &threads, &mut book, &mut progress, &mut stop).await?;
            if settled == Replaced::Stopped {
                ending = Ending::Stopped;
            }
        }
        book.keep_all(desk.output);
        book.verdict(ending, job, &progress, desk)
    });
    desk.session.close(ended, desk.output)
}

/// How replacing what exists ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Replaced {
    /// It was tried for each, or nobody wants it.
    Settled,
    /// Somebody stopped it.
    Stopped,
}

/// Asks whether what exists is to be replaced, and does that, one after the other.
async fn replaced(
    desk: &Desk<'_>,
    job: &Job,
    threads: &Handle,
    book: &mut Told,
    progress: &mut Progress,
    stop: &mut Pin<&mut impl Future<Output = ()>>,
) -> std::result::Result<Replaced, Failure> {
    if Answers::of_process(desk.global.yes) != Answers::Person {
        return Ok(Replaced::Settled);
    }
    tokio::select! {
        said = ask(desk, replacement::question(desk, job, &book.clashes)) => match said {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::Refused => return Ok(Replaced::Settled),
            Err(error) => return Err(error.into()),
        },
        () = &mut *stop => return Ok(Replaced::Stopped),
    }
    let mut kept = Vec::new();
    for clash in std::mem::take(&mut book.clashes) {
        let Some(again) = replacement::job(job, &clash) else {
            kept.push(clash);
            continue;
        };
        let (ending, more) = run_until(desk, &again, &Approval::NotNeeded, threads, book, stop).await?;
        replacement::add(progress, &more);
        match ending {
            Ending::Done | Ending::Partly => {}
            Ending::Failed(error) => book.failures.push(error),
            Ending::Stopped => return Ok(Replaced::Stopped),
        }
    }
    book.clashes.append(&mut kept);
    Ok(Replaced::Settled)
}

async fn run_until(
    desk: &Desk<'_>,
    job: &Job,
    approval: &Approval<'_>,
    threads: &Handle,
    book: &mut Told,
    stop: &mut Pin<&mut impl Future<Output = ()>>,
) -> std::result::Result<(Ending, Progress), Failure> {
    let (tell, mut told) = mpsc::unbounded_channel();
    let listener = Box::new(move |end| drop(tell.send(end)));
    let (engine, budget) = (&desk.session.engine, &desk.session.budget);
    let control = match approval {
        Approval::NotNeeded if budget.is_unlimited() => Control::new(listener),
        // What a budget judges has to be known first.
        Approval::NotNeeded | Approval::Asked(_) => Control::planning(listener),
    };
    control.runs_on(threads.clone());
    let resumed = resumed(desk, job).await?;
    let number = Arc::new(OnceLock::new());
    let noted = Arc::clone(&number);
    let begun = Box::new(move |id| {
        let _first = noted.set(id);
    });
    let mut running = std::pin::pin!(engine.run_job_apart(job.clone(), resumed, Arc::clone(&control), begun));
    let mut bar = Bar::new(desk.output);
    let mut patience: Option<Timestamp> = None;
    let mut tick = std::pin::pin!(clock::sleep(TICK));
    let ending = loop {
        tokio::select! {
            biased;
            ending = &mut running => break ending,
            () = &mut *stop, if !is_over(&control) => {
                control.pull(Rein::Stop);
                patience = Some(clock::now() + PATIENCE);
            }
            () = budget.passed(), if !is_over(&control) => {
                control.pull(Rein::Stop);
                patience = Some(clock::now() + PATIENCE);
            }
            () = &mut tick => {
                tick.set(clock::sleep(TICK));
                if patience.is_some_and(|until| clock::now() > until) {
                    break Ending::Stopped;
                }
                book.take_all(&mut told, &control, job, desk.output);
                desk.output.flush();
                let progress = control.progress();
                bar.draw(&progress, &costs::read_so_far(desk, job, &progress));
            }
        }
        if (control.rein(), control.progress().counted) == (Rein::Plan, true) {
            desk.output.clear_progress();
            if control.progress().objects == 0 {
                // There is nothing to ask about.
                control.pull(Rein::Go);
                continue;
            }
            tokio::select! {
                answer = approved(desk, job, approval, &control) => match answer {
                    Ok(()) => control.pull(Rein::Go),
                    Err(error) => {
                        control.pull(Rein::GiveUp);
                        let _ended = (&mut running).await;
                        return Err(error.into());
                    }
                },
                () = &mut *stop => control.pull(Rein::GiveUp),
            }
        }
    };
    desk.output.clear_progress();
    book.take_all(&mut told, &control, job, desk.output);
    if let (Ending::Stopped, Some(id)) = (&ending, number.get()) {
        name_what_stays(desk, job, *id).await;
    }
    Ok((ending, control.progress()))
}

/// Whether what was found may be acted on: by the budgets, and by whoever is asked.
async fn approved(desk: &Desk<'_>, job: &Job, approval: &Approval<'_>, control: &Control) -> Result<()> {
    let found = control.progress();
    let limited = !desk.session.budget.is_unlimited();
    let person = matches!(approval, Approval::Asked(_)) && Answers::of_process(desk.global.yes) == Answers::Person;
    let forecast =
        async { if limited || person { costs::forecast(desk, job, &found).await } else { desk.session.engine.needs_of(job, &found) } };
    let (needs, callers) = if person {
        let accounts: Vec<AccountName> = job.actings().into_iter().map(|acting| acting.place.id.account.clone()).collect();
        Callers::beside(&desk.session.engine, &accounts, forecast).await?
    } else {
        (forecast.await?, Callers::default())
    };
    let costs = costs::of_job(desk, job, &needs);
    costs::judge(desk, &costs)?;
    let Approval::Asked(question) = approval else { return Ok(()) };
    let mut question = question(&found);
    question.plan.extend(costs::lines(&costs));
    question.plan.extend(costs::hours(desk, &costs).into_iter().map(|hours| format!("  hours    {hours}")));
    question.plan.extend(callers.lines("caller   "));
    ask(desk, question).await
}

fn is_over(control: &Control) -> bool {
    matches!(control.rein(), Rein::Stop | Rein::GiveUp)
}

async fn ask(desk: &Desk<'_>, question: Question) -> Result<()> {
    match Answers::of_process(desk.global.yes) {
        Answers::Yes => return Ok(()),
        Answers::Nobody => return Err(unconfirmed("this")),
        Answers::Person => {}
    }
    question.plan.iter().for_each(|line| desk.output.aside(line));
    let mut person = confirm::Terminal;
    match question.typed {
        Some(name) => confirm::typed(&mut person, &question.question, &name, desk.output).await,
        None => confirm::yes(&mut person, &question.question, desk.output).await,
    }
}

/// Whoever destroys needs somebody who says yes.
///
/// # Errors
/// `Refused` where nobody can be asked and `--yes` was not given: before anything is sent.
pub(super) fn someone_confirms(desk: &Desk<'_>, act: &str, aim: &Aim<'_>) -> Result<()> {
    match Answers::of_process(desk.global.yes) {
        Answers::Yes | Answers::Person => Ok(()),
        Answers::Nobody => Err(unconfirmed(&format!("{act} {}", visible(&aim.name())))),
    }
}

/// What is said where nobody can be asked.
pub(super) fn unconfirmed(act: &str) -> Error {
    Error::new(ErrorKind::Refused, format!("{act} needs a confirmation"))
        .hint("Look at the plan with --dry-run, then add --yes, or run the command in a terminal. Nothing was changed.")
}

/// The unfinished job of an earlier command that asked for the same.
async fn resumed(desk: &Desk<'_>, job: &Job) -> Result<Option<JobId>> {
    let found = desk.session.engine.unfinished_job(job).await?;
    if let Some(Unfinished { id, begun_at, progress, sought, .. }) = &found {
        let from = begun_at.strftime("%Y-%m-%d %H:%M");
        let there = numbers::size(progress.moved);
        if !desk.output.is_json() {
            desk.output.aside(&format!(
                "goes on with the unfinished job {} of {from} UTC; {there} need not be moved again{}",
                id.0,
                leftovers::sought(*sought)
            ));
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
    fn of(job: &Job) -> Self {
        let alone = match job {
            Job::Upload(upload) => matches!(upload.from, Source::File(_) | Source::Stdin),
            Job::Download(Download { what, .. }) | Job::Copy(Copy { what, .. }) | Job::Delete(Delete { what, .. }) => {
                matches!(what, Selection::Picked(picks) if picks.len() == 1)
            }
        };
        Self { done: 0, failures: Vec::new(), clashes: Vec::new(), alone, line: Vec::new() }
    }

    /// What has ended since the last time.
    fn take_all(&mut self, told: &mut UnboundedReceiver<ItemEnd>, control: &Control, job: &Job, output: &Output) {
        while let Ok(end) = told.try_recv() {
            self.take(end, control, job, output);
        }
    }

    fn take(&mut self, mut end: ItemEnd, control: &Control, job: &Job, output: &Output) {
        if self.alone {
            end.asked = Asked::Alone(control.progress().tally);
        }
        if matches!(end.fate, Fate::Exists) {
            return self.clashes.push(end);
        }
        let asked = end.asked;
        let name = if end.target.is_empty() { &end.source } else { &end.target };
        let (status, note, error) = match end.fate {
            Fate::Done(note) => ("done", note, None),
            Fate::LeftOut(reason) => ("left out", Some(reason), None),
            Fate::Exists => ("exists", None, Some(exists(name))),
            Fate::Failed(error) => ("failed", None, Some(with_hint(error, job))),
        };
        if output.is_json() {
            self.line.clear();
            let done = Done {
                target: name,
                source: &end.source,
                status,
                bytes: end.bytes,
                requests: asked.requests(),
                charged: asked.was_charged(),
                note: note.as_deref(),
                error: error.as_ref().map(Fields::from),
            };
            done.push(&mut self.line);
            output.lines(&self.line);
        } else if error.is_none() {
            output.clear_progress();
            let charged = if asked.was_charged() == Some(true) { "  charged to you" } else { "" };
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

    /// What exists stays, and counts as refused.
    fn keep_all(&mut self, output: &Output) {
        std::mem::take(&mut self.clashes).iter().for_each(|clash| self.keep(clash, output));
    }

    fn keep(&mut self, clash: &ItemEnd, output: &Output) {
        let error = exists(&clash.target);
        if output.is_json() {
            self.line.clear();
            let done = Done {
                target: &clash.target,
                source: &clash.source,
                status: "exists",
                bytes: 0,
                requests: clash.asked.requests(),
                charged: clash.asked.was_charged(),
                note: None,
                error: Some(Fields::from(&error)),
            };
            done.push(&mut self.line);
            output.lines(&self.line);
        }
        self.failures.push(error);
    }

    fn verdict(self, ending: Ending, job: &Job, progress: &Progress, desk: &Desk<'_>) -> std::result::Result<(), Failure> {
        let output = desk.output;
        let idle = progress.objects == 0 && progress.tally.requests == 0;
        if !output.is_json() && !idle {
            summary(job, progress, output);
        }
        match ending {
            Ending::Failed(error) => Err(with_hint(error, job).into()),
            Ending::Stopped => Err(match desk.session.budget.why() {
                Some(why) => Failure::because(why, self.failures),
                None => Failure::stopped_with(self.failures, AGAIN),
            }),
            Ending::Done | Ending::Partly if self.done == 0 && self.failures.is_empty() => nothing(job, output),
            Ending::Done | Ending::Partly => Failure::of_many("objects", self.done, self.failures),
        }
    }
}

/// Nothing belonged to the job. Whoever deletes has what they want; whoever moves something probably mistyped.
fn nothing(job: &Job, output: &Output) -> std::result::Result<(), Failure> {
    let (place, what) = match job {
        Job::Download(Download { from: place, what, .. })
        | Job::Copy(Copy { from: place, what, .. })
        | Job::Delete(Delete { within: place, what, .. }) => (place, what),
        Job::Upload(_) => {
            return Err(Error::new(ErrorKind::NotFound, "there is no file to upload").hint("Check the paths and patterns.").into());
        }
    };
    let (prefix, rules) = match what {
        Selection::Below { prefix, rules } => (prefix.as_str(), rules.as_slice()),
        Selection::Picked(_) => ("", [].as_slice()),
    };
    let fits = if rules.is_empty() { "" } else { " and fits the patterns" };
    let message = format!("no object of {} begins with \"{}\"{fits}", visible(&place.place.id.to_string()), visible(prefix));
    if matches!(job, Job::Delete(_)) {
        if !output.is_json() {
            output.aside(&format!("{message}: nothing to delete"));
        }
        return Ok(());
    }
    Err(Error::new(ErrorKind::NotFound, message).hint("Check the prefix: it is case-sensitive.").into())
}

/// What all of it took, beside the result.
fn summary(job: &Job, progress: &Progress, output: &Output) {
    let tally = &progress.tally;
    let (done, all) = (progress.ended.saturating_sub(progress.failed), progress.objects.max(progress.ended));
    let objects = if done == all { counted(all, "object") } else { format!("{done} of {} done", counted(all, "object")) };
    let charged = match (tally.charged, job.acting().consent) {
        (0, Consent::Given) => "; the store does not say who was charged".to_owned(),
        (0, Consent::Silent | Consent::Refused) => String::new(),
        (answers, _) => format!("; charged to you ({} said so)", counted(answers, "answer")),
    };
    let text = format!(
        "{objects}, {}; {}, {} up, {} down{charged}",
        numbers::size(progress.moved),
        counted(tally.requests, "request"),
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
    let consent = match job {
        Job::Copy(copy) => copy.from.consent.joined(copy.to.consent).unwrap_or(Consent::Given),
        Job::Upload(_) | Job::Download(_) | Job::Delete(_) => job.acting().consent,
    };
    super::acting::payer_hint(error, consent)
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

    /// `cost`: what it costs so far, of an input whose length nobody knows.
    fn draw(&mut self, progress: &Progress, cost: &str) {
        let now: Timestamp = clock::now();
        self.meter.feed(now, progress.moved);
        self.output.progress(&format!("{}{cost}", line(progress, &self.meter, self.width)));
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
    let retries = match progress.tally.retries {
        0 => String::new(),
        1 => "  1 retry".to_owned(),
        many => format!("  {many} retries"),
    };
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
