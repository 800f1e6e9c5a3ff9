//! `payer set`: plan, confirm, apply, read back.
//!
//! Nothing is sent before the whole plan has been confirmed. A plan that somebody reads says what its changes would break; with
//! `--yes` nobody does, and nothing is looked at. A bucket that has the payer already is left alone. Ctrl-C lets
//! what is under way end for two seconds, and then says of every bucket what became of it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde::Serialize;
use tokio::sync::watch;

use crate::app::{Changed, PayerChange, PayerFact};
use crate::audit::Outcome;
use crate::domain::escape::visible;
use crate::domain::{Access, AccountName, Error, ErrorKind, Look, Payer, Place, Result};
use crate::runtime::clock;

use super::board::Board;
use super::confirm::{self, Answers, Asks};
use super::failure::Failure;
use super::findings::{self, FindingLine, Judged, UnreadLine};
use super::output::{Ink, Output};
use super::payer_get;
use super::resolve::Resolved;
use super::table::{self, Cell};
use super::tasks;

/// How many buckets are read, and then changed, at the same time.
const AT_ONCE: usize = 8;

/// How long a plan that is ready waits for whose keys it is carried out with.
const PATIENCE: Duration = Duration::from_secs(3);

/// What is asked for.
pub(super) struct Order {
    /// The new payer.
    pub(super) to: Payer,
    /// Whether it is carried out, or only planned.
    pub(super) rehearsal: Rehearsal,
    /// Who confirms.
    pub(super) answers: Answers,
}

/// A bucket, and the payer it is to have.
pub(super) struct Wanted<'a> {
    /// The bucket.
    pub(super) target: Resolved<'a>,
    /// Its payer to be.
    pub(super) to: Payer,
}

/// Whether an order is carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rehearsal {
    /// `--dry-run`: the plan only.
    PlanOnly,
    /// Carried out.
    Real,
}

/// What is to be done with one bucket.
struct Step<'a> {
    target: &'a Resolved<'a>,
    to: &'a Payer,
    fact: Result<PayerFact>,
    look: Option<Look>,
}

impl Step<'_> {
    fn before(&self) -> Option<&Payer> {
        self.fact.as_ref().ok().map(|fact| &fact.payer)
    }

    fn name(&self) -> String {
        self.target.place.id.to_string()
    }

    fn is_change(&self) -> bool {
        self.before().is_some_and(|before| before != self.to)
    }

    /// Where the bucket was found.
    fn place(&self) -> Place {
        let mut place = self.target.place.clone();
        if let Ok(fact) = &self.fact {
            place.region = fact.region.clone().or(place.region);
        }
        place
    }
}

/// How one bucket ended.
struct Ended {
    line: Line,
    note: String,
    error: Option<Error>,
}

#[derive(Serialize)]
struct Line {
    target: String,
    before: Option<String>,
    after: Option<String>,
    verified: bool,
    request_id: Option<String>,
    /// Only with `--dry-run`: what would be set; null if nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    planned: Option<Option<String>>,
    /// Only with `--dry-run`, of what would be changed: what that breaks or shifts.
    #[serde(skip_serializing_if = "Option::is_none")]
    findings: Option<Vec<FindingLine>>,
    /// The same, of settings that could not be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    unread: Option<Vec<UnreadLine>>,
    /// Only with `--dry-run`: whose keys it would be changed with; null if nobody said it.
    #[serde(skip_serializing_if = "Option::is_none")]
    caller: Option<Option<String>>,
}

impl Line {
    /// What became of a bucket; nothing is planned any more.
    fn of(target: String, before: Option<String>, after: Option<String>) -> Self {
        Self { target, before, after, verified: false, request_id: None, planned: None, findings: None, unread: None, caller: None }
    }
}

/// Plans, asks, changes and reports.
///
/// # Errors
/// `Refused` without a confirmation and for read-only accounts, before anything is sent; else the sum of what failed.
pub(super) async fn run(
    board: &impl Board,
    targets: &[Resolved<'_>],
    order: &Order,
    person: &mut impl Asks,
    stop: impl Future,
    output: &Output,
) -> std::result::Result<(), Failure> {
    refuse_before_reading(targets, order)?;
    let wanted: Vec<Wanted<'_>> = targets.iter().map(|target| Wanted { target: target.clone(), to: order.to.clone() }).collect();
    carry_out(board, &wanted, order.rehearsal, order.answers, person, stop, output).await
}

/// The same for buckets that are to have different payers, as a file declares them.
///
/// # Errors
/// As [`run`]; a read-only account is refused only if one of its buckets would be changed.
pub(super) async fn carry_out(
    board: &impl Board,
    wanted: &[Wanted<'_>],
    rehearsal: Rehearsal,
    answers: Answers,
    person: &mut impl Asks,
    stop: impl Future,
    output: &Output,
) -> std::result::Result<(), Failure> {
    tokio::pin!(stop);
    refuse_unasked(wanted.len(), rehearsal, answers)?;
    let read_by_somebody = rehearsal == Rehearsal::PlanOnly || answers == Answers::Person;
    let looks = if read_by_somebody { Looks::Taken } else { Looks::Spared };
    let steps = tokio::select! {
        steps = prepare(board, wanted, looks, output) => steps,
        _ = &mut stop => return Err(tasks::stopped_by_user().into()),
    };
    payer_get::warn_of_news(board, wanted.iter().map(|wanted| &wanted.target.place), output);
    let mut callers = None;
    if read_by_somebody {
        callers = Some(tokio::select! {
            callers = identities(board, &steps) => callers,
            // No plan waits for ever for a name.
            () = clock::sleep(PATIENCE) => Callers::new(),
            _ = &mut stop => return Err(tasks::stopped_by_user().hint("Nothing was sent.").into()),
        });
    }
    if rehearsal == Rehearsal::PlanOnly {
        print_plan(&steps, &callers.unwrap_or_default(), output);
        return Failure::of_many("targets", steps.iter().filter(|step| step.fact.is_ok()).count(), failures_of_reading(steps));
    }
    if let Some(step) = steps.iter().find(|step| step.is_change() && step.target.account.access == Access::ReadOnly) {
        return Err(read_only(step.target).into());
    }
    if steps.iter().any(Step::is_change) {
        tokio::select! {
            confirmed = confirm_plan(&steps, callers.as_ref(), answers, person, output) => confirmed?,
            _ = &mut stop => {
                output.aside("");
                return Err(tasks::stopped_by_user().hint("Nothing was sent.").into());
            }
        }
    }
    // Ctrl-C while the journal's names are asked for still comes before the first change.
    let identities = match callers {
        Some(callers) => callers,
        None => tokio::select! {
            callers = identities(board, &steps) => callers,
            _ = &mut stop => return Err(tasks::stopped_by_user().hint("Nothing was sent.").into()),
        },
    };
    let (ended, stopped) = apply(board, steps, &identities, stop, output).await;
    report(ended, stopped, output)
}

/// Reads the payers, and looks at what is to be changed, if somebody will read what is found.
async fn prepare<'a>(board: &impl Board, wanted: &'a [Wanted<'a>], looks: Looks, output: &Output) -> Vec<Step<'a>> {
    let targets: Vec<Resolved<'_>> = wanted.iter().map(|wanted| wanted.target.clone()).collect();
    let facts = payer_get::read(board, &targets, AT_ONCE, output).await;
    let step = |(wanted, fact): (&'a Wanted<'a>, _)| Step { target: &wanted.target, to: &wanted.to, fact, look: None };
    let mut steps: Vec<Step<'_>> = wanted.iter().zip(facts).map(step).collect();
    if looks == Looks::Taken {
        let places = steps.iter().filter(|step| step.is_change()).map(Step::place).collect();
        let seen = findings::look(board, places, output).await;
        for (step, look) in steps.iter_mut().filter(|step| step.is_change()).zip(seen) {
            step.look = look;
        }
    }
    steps
}

/// Whether buckets are looked at before they are changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Looks {
    /// Somebody reads the plan.
    Taken,
    /// Nobody does.
    Spared,
}

/// What is known to be wrong before any request, and before anybody is asked for keys.
///
/// # Errors
/// `Refused` for read-only accounts, and without a terminal and `--yes`.
pub(super) fn refuse_before_reading(targets: &[Resolved<'_>], order: &Order) -> Result<()> {
    if let Some(target) = targets.iter().find(|target| target.account.access == Access::ReadOnly) {
        return Err(read_only(target));
    }
    refuse_unasked(targets.len(), order.rehearsal, order.answers)
}

/// Without anybody to confirm it, nothing is changed.
///
/// # Errors
/// `Refused` without a terminal and `--yes`.
pub(super) fn refuse_unasked(buckets: usize, rehearsal: Rehearsal, answers: Answers) -> Result<()> {
    if rehearsal == Rehearsal::Real && answers == Answers::Nobody {
        return Err(Error::new(ErrorKind::Refused, format!("changing the payer of {} needs a confirmation", counted(buckets)))
            .hint("Look at the plan with --dry-run, then add --yes, or run the command in a terminal."));
    }
    Ok(())
}

fn read_only(target: &Resolved<'_>) -> Error {
    Error::new(ErrorKind::Refused, format!("account {} is read-only", visible(target.account.name.as_str())))
        .hint("Nothing was changed. To allow changes, edit `access` of the account in the config file.")
        .target(target.place.id.to_string())
}

fn counted(buckets: usize) -> String {
    super::words::counted(buckets as u64, "bucket")
}

/// What the change means, for those who will be surprised by it.
fn consequences(to: &Payer) -> &'static str {
    match to {
        Payer::Requester => {
            "Requester: whoever sends a request pays for it and its transfer.\n\
             Anonymous access ends, and requests of others without the payer header are refused.\n\
             Links that you sign stay on your bill. It can take minutes until the change holds everywhere."
        }
        Payer::BucketOwner => {
            "BucketOwner: you pay for every request and all transfer, whoever sends it.\n\
             What the bucket's permissions allow to everyone is open to anonymous readers again.\n\
             It can take minutes until the change holds everywhere."
        }
        Payer::Other(_) => "This payer is not documented by the store's vendor.",
    }
}

/// The consequences of every payer that is to be set.
fn all_consequences(steps: &[Step<'_>]) -> Vec<&'static str> {
    let mut all: Vec<&'static str> = steps.iter().filter(|step| step.is_change()).map(|step| consequences(step.to)).collect();
    all.sort_unstable();
    all.dedup();
    all
}

fn judged<'s>(steps: &'s [Step<'_>]) -> Vec<Judged<'s>> {
    steps.iter().filter_map(|step| Some(Judged { target: step.name(), to: step.to, look: step.look.as_ref()? })).collect()
}

fn plan_rows(steps: &[Step<'_>]) -> Vec<Vec<Cell>> {
    let row = |step: &Step<'_>| {
        let plan = match &step.fact {
            Ok(fact) if fact.payer == *step.to => Cell::inked(Ink::Faint, "unchanged"),
            Ok(_) => Cell::inked(Ink::Notable, &format!("becomes {}", step.to)),
            Err(error) => Cell::inked(Ink::Wrong, &format!("cannot be read: {}", error.message())),
        };
        vec![Cell::new(&step.name()), Cell::optional(step.before().map(Payer::as_str)), plan]
    };
    steps.iter().map(row).collect()
}

fn planned(step: &Step<'_>, callers: &Callers) -> Line {
    let found = step.look.as_ref().map(|look| findings::for_scripts(step.to, look));
    let (findings, unread) = found.map_or((None, None), |(findings, unread)| (Some(findings), Some(unread)));
    let line = Line::of(step.name(), step.before().map(|payer| payer.as_str().to_owned()), None);
    let caller = Some(callers.get(&step.target.account.name).cloned());
    Line { planned: Some(step.is_change().then(|| step.to.as_str().to_owned())), findings, unread, caller, ..line }
}

fn print_plan(steps: &[Step<'_>], callers: &Callers, output: &Output) {
    if output.is_json() {
        steps.iter().for_each(|step| output.object(&planned(step, callers)));
        return;
    }
    table::print(output, &["TARGET", "PAYER", "PLAN"], &plan_rows(steps));
    named(callers).for_each(|line| output.line(&line));
    findings::paragraphs(&judged(steps), output).iter().for_each(|line| output.line(line));
    all_consequences(steps).into_iter().for_each(|text| output.line(text));
}

/// Whose keys each account has.
fn named(callers: &Callers) -> impl Iterator<Item = String> {
    callers.iter().map(|(account, who)| format!("keys of {}: {}", visible(account.as_str()), visible(who)))
}

fn failures_of_reading(steps: Vec<Step<'_>>) -> Vec<Error> {
    steps.into_iter().filter_map(|step| step.fact.err()).collect()
}

/// Shows the plan beside the result, and asks: `y` for ordinary accounts, each bucket's name for protected ones.
async fn confirm_plan(
    steps: &[Step<'_>],
    callers: Option<&Callers>,
    answers: Answers,
    person: &mut impl Asks,
    output: &Output,
) -> Result<()> {
    if answers == Answers::Yes {
        return Ok(());
    }
    for step in steps {
        let plan = match &step.fact {
            Ok(fact) if fact.payer == *step.to => format!("{} stays", fact.payer),
            Ok(fact) => format!("{} → {}", fact.payer, step.to),
            Err(error) => format!("cannot be read: {}", error.message()),
        };
        output.aside(&format!("  {}  {}", visible(&step.name()), visible(&plan)));
    }
    callers.into_iter().flat_map(named).for_each(|line| output.aside(&format!("  {line}")));
    findings::paragraphs(&judged(steps), output).iter().for_each(|line| output.aside(line));
    all_consequences(steps).into_iter().for_each(|text| output.aside(text));
    let changes = || steps.iter().filter(|step| step.is_change());
    for step in changes().filter(|step| step.target.account.access == Access::Protected) {
        let question = format!("Account {} is protected.", visible(step.target.account.name.as_str()));
        confirm::typed(person, &question, step.target.place.id.bucket.as_str(), output).await?;
    }
    let ordinary = changes().filter(|step| step.target.account.access == Access::Normal).count();
    if ordinary > 0 {
        confirm::yes(person, &format!("Change the payer of {}?", counted(ordinary)), output).await?;
    }
    Ok(())
}

/// What the changes share with their tasks, so that an interrupted one can be told apart.
#[derive(Clone, Default)]
struct Trace {
    sent: Arc<AtomicBool>,
    accepted: Arc<AtomicBool>,
}

async fn apply(
    board: &impl Board,
    steps: Vec<Step<'_>>,
    identities: &BTreeMap<AccountName, String>,
    stop: impl Future,
    output: &Output,
) -> (Vec<Ended>, Stopped) {
    let changing: Vec<(PayerChange, Trace)> =
        steps.iter().filter(|step| step.is_change()).map(|step| (order_for(step, identities), Trace::default())).collect();
    let traces: Vec<Trace> = changing.iter().map(|(_, trace)| trace.clone()).collect();
    let total = changing.len();
    let stopped = watch::Sender::new(false);
    let stop = async {
        stop.await;
        stopped.send_replace(true);
    };
    let change = |(change, trace): (PayerChange, Trace)| {
        let (board, mut stopped) = (board.clone(), stopped.subscribe());
        async move {
            trace.sent.store(true, Ordering::Relaxed);
            // Whoever stops the command has seen enough: what was read until then ends the journal's line. The sender outlives this.
            let enough = async move { drop(stopped.wait_for(|stopped| *stopped).await) };
            board.change_payer(&change, || trace.accepted.store(true, Ordering::Relaxed), enough).await
        }
    };
    let tell = |done| output.progress(&format!("{done} of {total} buckets changed"));
    let outcomes = tasks::in_order(changing, AT_ONCE, stop, change, tell).await;
    output.clear_progress();
    let mut outcomes = outcomes.into_iter().zip(traces);
    let ended = steps.into_iter().map(|step| if step.is_change() { changed(step, outcomes.next()) } else { left_alone(step) });
    let ended = ended.collect();
    let by_user = *stopped.borrow();
    (ended, if by_user { Stopped::ByUser } else { Stopped::Not })
}

/// Whether the user ended the command early.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stopped {
    ByUser,
    Not,
}

/// Whom each account's keys belong to.
type Callers = BTreeMap<AccountName, String>;

/// Whom each account's keys belong to, for plan and journal; an account whose STS does not say is left out.
async fn identities(board: &impl Board, steps: &[Step<'_>]) -> Callers {
    let mut names: Vec<AccountName> = steps.iter().filter(|step| step.is_change()).map(|step| step.target.account.name.clone()).collect();
    names.sort_unstable();
    names.dedup();
    let ask = |name: AccountName| {
        let board = board.clone();
        async move {
            let known = board.identify(&name).await.ok()?;
            Some((name, known.identity.map(|caller| caller.arn).or(known.key_id)?))
        }
    };
    let answers = tasks::in_order(names, AT_ONCE, std::future::pending::<()>(), ask, |_| {}).await;
    answers.into_iter().flatten().flatten().collect()
}

fn order_for(step: &Step<'_>, identities: &BTreeMap<AccountName, String>) -> PayerChange {
    let place = step.place();
    PayerChange { before: step.before().cloned(), to: step.to.clone(), identity: identities.get(&place.id.account).cloned(), place }
}

fn changed(step: Step<'_>, outcome: Option<(Option<Changed>, Trace)>) -> Ended {
    let target = step.name();
    let before = step.before().map(|payer| payer.as_str().to_owned());
    let (result, trace) = outcome.unwrap_or_default();
    // A change that was broken off is told as such, whether or not its line in the journal could be ended.
    let broken = |result: &Changed| result.error.as_ref().is_some_and(|error| error.kind() == ErrorKind::Interrupted);
    let request_id = result.as_ref().and_then(|result| result.request_id.clone());
    let Some(result) = result.filter(|result| !broken(result)) else {
        let (note, hint) = broken_off(&trace, step.to);
        let error = Error::new(ErrorKind::Interrupted, note).hint(hint).target(target.clone());
        let line = Line { request_id, ..Line::of(target, before, None) };
        return Ended { line, note: note.to_owned(), error: Some(error) };
    };
    let verified = result.outcome == Outcome::Verified;
    let after = result.after.map(|fact| fact.payer.as_str().to_owned());
    let error = (!verified).then(|| result.error.unwrap_or_else(|| not_verified(result.outcome)).target(target.clone()));
    let note = if verified { "changed, read back".to_owned() } else { result.outcome.as_str().to_owned() };
    Ended { line: Line { verified, request_id: result.request_id, ..Line::of(target, before, after) }, note, error }
}

fn not_verified(outcome: Outcome) -> Error {
    let (kind, message) = match outcome {
        Outcome::NotApplied => (ErrorKind::Conflict, "the store took the change, but still answers another payer"),
        Outcome::Sent | Outcome::Unknown => (ErrorKind::Network, "nobody knows whether the change arrived"),
        Outcome::Failed | Outcome::Verified => (ErrorKind::Server, "the change failed"),
    };
    Error::new(kind, message).hint("Read it again in some minutes: `whopays payer get TARGET`.")
}

/// What became of a change that did not end in time.
fn broken_off(trace: &Trace, to: &Payer) -> (&'static str, String) {
    let look = "Ask the store what it holds: `whopays payer get TARGET`.";
    match (trace.sent.load(Ordering::Relaxed), trace.accepted.load(Ordering::Relaxed)) {
        (_, true) => ("accepted by the store, not read back", format!("The store took {to}. {look}")),
        (true, false) => ("sent, answer not awaited", look.to_owned()),
        (false, false) => ("not sent", "Run the command again for this bucket.".to_owned()),
    }
}

fn left_alone(step: Step<'_>) -> Ended {
    let target = step.name();
    let known = step.before().map(|payer| payer.as_str().to_owned());
    let (note, error) = match step.fact {
        Ok(_) => ("unchanged", None),
        Err(error) => ("not read, not changed", Some(error)),
    };
    let verified = error.is_none();
    let line = Line { verified, ..Line::of(target, known.clone(), known) };
    Ended { line, note: note.to_owned(), error }
}

fn report(ended: Vec<Ended>, stopped: Stopped, output: &Output) -> std::result::Result<(), Failure> {
    if output.is_json() {
        ended.iter().for_each(|ended| output.object(&ended.line));
    } else {
        let row = |ended: &Ended| {
            let ink = if ended.error.is_some() { Ink::Wrong } else { Ink::Plain };
            let line = &ended.line;
            vec![
                Cell::new(&line.target),
                Cell::optional(line.before.as_deref()),
                Cell::optional(line.after.as_deref()),
                Cell::inked(ink, &ended.note),
            ]
        };
        table::print(output, &["TARGET", "BEFORE", "AFTER", "RESULT"], &ended.iter().map(row).collect::<Vec<_>>());
    }
    let done = ended.iter().filter(|ended| ended.error.is_none()).count();
    let failures: Vec<Error> = ended.into_iter().filter_map(|ended| ended.error).collect();
    match stopped {
        Stopped::ByUser => Err(Failure::stopped(failures)),
        Stopped::Not => Failure::of_many("targets", done, failures),
    }
}
