//! `probe --conformance`: which operations the store honours the payer header on.
//!
//! It writes, so it asks first, never at the top of a bucket, and never for an account that may only read. What it makes it
//! removes: also after a failure, and after Ctrl-C.

use serde::Serialize;

use crate::cli::args::Global;
use crate::cli::callers::Callers;
use crate::cli::confirm::{self, Answers};
use crate::cli::failure::Failure;
use crate::cli::objects::acting::Aim;
use crate::cli::output::{Ink, Output};
use crate::cli::session::Session;
use crate::cli::tasks;
use crate::cli::words::counted;
use crate::config::Source;
use crate::domain::escape::visible;
use crate::domain::op::PriceClass;
use crate::domain::probe::conformance::{Conformance, Ended, Heard, Honour, Trial, needs, tried};
use crate::domain::{Acting, Consent, Error, ErrorKind, ObjectKey, Result};
use crate::prices::{Book, Estimate, Where, words};

/// One operation with `--json`. The names are promises.
#[derive(Serialize)]
struct Line<'a> {
    target: &'a str,
    operation: &'static str,
    result: &'static str,
    with: String,
    without: Option<String>,
}

/// `--dry-run --json`.
#[derive(Serialize)]
struct Planned<'a> {
    target: &'a str,
    status: &'static str,
    operations: Vec<&'static str>,
    requests_by_price_class: Vec<Class>,
    cost: String,
    caller: Option<&'a str>,
}

#[derive(Serialize)]
struct Class {
    price_class: &'static str,
    requests: u64,
}

/// Asks, tries, cleans up, and says what each operation answered.
///
/// # Errors
/// `Usage` without a prefix; `Refused` for read-only accounts and without consent or confirmation; `Partial` for what could not be
/// removed; `Interrupted` after Ctrl-C.
pub(super) fn run(session: &Session, aim: &Aim<'_>, global: &Global, output: &Output) -> std::result::Result<(), Failure> {
    let folder = session.engine.conformance_folder(&prefix(aim)?);
    ObjectKey::new(format!("{folder}whole")).sendable()?;
    aim.may_change()?;
    let estimate = estimate(session.engine.book(), aim);
    if global.dry_run {
        say_plan(aim, &folder, &estimate, &super::callers(session, aim)?, output);
        return Ok(());
    }
    let answers = Answers::of_process(global.yes);
    refuse_without_a_word(aim, answers)?;
    session.budget.judge(&[(&aim.acting.place.id, &estimate)], output)?;
    session.ask_for_keys(&[aim.account])?;
    let ended = tasks::wait_for(async {
        let mut stop = std::pin::pin!(tasks::interrupted()?);
        tokio::select! {
            confirmed = confirm(session, aim, &folder, &estimate, answers, output) => confirmed?,
            () = &mut stop => return Err(Failure::from(tasks::stopped_by_user().hint("Nothing was sent."))),
        }
        let acting = Acting { consent: Consent::Given, ..aim.acting.clone() };
        let told = |trial: &Trial| say(aim, trial, output);
        Ok(session.engine.conform(&acting, &folder, stop, told).await?)
    });
    close(aim, session.close(ended, output)?, &folder, output)
}

/// The prefix that the target names.
fn prefix(aim: &Aim<'_>) -> Result<String> {
    if aim.key.trim_matches('/').is_empty() {
        return Err(Error::new(ErrorKind::Usage, format!("target \"{}\" names no prefix", visible(&aim.name())))
            .hint("Write ACCOUNT:BUCKET/PREFIX: what the run makes stays in a folder below it."));
    }
    Ok(aim.key.clone())
}

/// The header is what is tried, so it needs the user's word: an option, the config, or an answer at the terminal.
fn refuse_without_a_word(aim: &Aim<'_>, answers: Answers) -> Result<()> {
    let refused = |message: &str, hint: &str| Err(Error::new(ErrorKind::Refused, message).hint(hint).target(aim.name()));
    if matches!(aim.account.credentials, Source::Anonymous) {
        return refused("an account without keys cannot offer to pay", "Choose an account that has keys.");
    }
    match (aim.acting.consent, answers) {
        (Consent::Refused, _) => {
            refused("the config says never to pay for this bucket", "Edit `request_payer` of the bucket in the config file.")
        }
        (Consent::Silent, Answers::Yes | Answers::Nobody) => {
            refused("a conformance run sends the payer header, and nobody consented to pay", "Add `--request-payer requester`.")
        }
        (Consent::Given, Answers::Nobody) => {
            refused("a conformance run writes to the bucket, and needs a confirmation", "Look at --dry-run, then add --yes.")
        }
        (Consent::Given, Answers::Yes | Answers::Person) | (Consent::Silent, Answers::Person) => Ok(()),
    }
}

fn estimate(book: &Book, aim: &Aim<'_>) -> Estimate {
    let site = &aim.account.site;
    let needs = needs(site.provider);
    let place = Where::of(site, aim.acting.place.region.as_deref());
    Estimate::of(book, &place, &needs.requests, needs.up, needs.down)
}

/// What a run sends, where, and on whose bill.
fn plan_lines(aim: &Aim<'_>, folder: &str, estimate: &Estimate) -> [String; 4] {
    let count = tried(aim.account.site.provider).count() as u64;
    [
        format!("tries {} with the payer header, on objects below {}", counted(count, "operation"), visible(folder)),
        format!("  requests  at most {}", words::requests(estimate)),
        format!("  cost      {}", words::money(estimate)),
        format!("  pays      account {}; what the run makes it removes again", visible(aim.account.name.as_str())),
    ]
}

fn say_plan(aim: &Aim<'_>, folder: &str, estimate: &Estimate, callers: &Callers, output: &Output) {
    if output.is_json() {
        let operations = tried(aim.account.site.provider).map(|op| op.name(aim.account.site.provider)).collect();
        let class = |(class, requests): &(PriceClass, u64)| Class { price_class: words::class(*class), requests: *requests };
        let requests_by_price_class = estimate.requests.iter().map(class).collect();
        let cost = words::money(estimate);
        let (target, caller) = (&aim.name(), callers.of_account(&aim.account.name));
        output.object(&Planned { target, status: "planned", operations, requests_by_price_class, cost, caller });
        return;
    }
    plan_lines(aim, folder, estimate).iter().for_each(|line| output.line(line));
    callers.lines("caller    ").for_each(|line| output.line(&line));
}

async fn confirm(session: &Session, aim: &Aim<'_>, folder: &str, estimate: &Estimate, answers: Answers, output: &Output) -> Result<()> {
    if answers == Answers::Yes {
        return Ok(());
    }
    plan_lines(aim, folder, estimate).iter().for_each(|line| output.aside(line));
    let callers = Callers::of(&session.engine, std::slice::from_ref(&aim.account.name)).await;
    callers.lines("caller    ").for_each(|line| output.aside(&line));
    let account = visible(aim.account.name.as_str());
    let person = &mut confirm::Terminal;
    if aim.is_protected() {
        let question = format!("Account {account} is protected, and will write and pay.");
        return confirm::typed(person, &question, aim.acting.place.id.bucket.as_str(), output).await;
    }
    confirm::yes(person, &format!("Write to {}, and pay as account {account}?", visible(&aim.name())), output).await
}

fn say(aim: &Aim<'_>, trial: &Trial, output: &Output) {
    let operation = trial.op.name(aim.account.site.provider);
    let honour = trial.honour();
    if output.is_json() {
        let without = trial.without.as_ref().map(Heard::words);
        output.object(&Line { target: &aim.name(), operation, result: honour.as_str(), with: trial.with.words(), without });
        return;
    }
    let ink = match honour {
        Honour::Charged | Honour::Enforced | Honour::Accepted => Ink::Plain,
        Honour::Refused | Honour::NotImplemented | Honour::Failed => Ink::Wrong,
        Honour::NotTried => Ink::Faint,
    };
    let without = trial.without.as_ref().map(|heard| format!("; without: {}", heard.words())).unwrap_or_default();
    let with = if honour == Honour::NotTried { trial.with.words() } else { format!("with: {}", trial.with.words()) };
    output.line(&format!("{operation:<26}{}  {with}{without}", output.inked(ink, &format!("{:<15}", honour.as_str()))));
}

/// The sum, and what could not be removed.
fn close(aim: &Aim<'_>, run: Conformance, folder: &str, output: &Output) -> std::result::Result<(), Failure> {
    let tried = run.trials.iter().filter(|trial| trial.honour() != Honour::NotTried).count();
    let honoured = run.trials.iter().filter(|trial| trial.honour().is_honoured()).count();
    let served = run.trials.iter().filter(|trial| trial.honour() == Honour::Accepted).count();
    if !output.is_json() {
        output.line(&format!("{honoured} of {tried} operations honour the payer header, {served} more accept it; the rest says why not"));
    }
    let left: Vec<Error> = run.left.into_iter().map(|(key, error)| error.target(format!("{}/{key}", aim.acting.place.id))).collect();
    if run.ended == Ended::Stopped {
        let hint = if left.is_empty() { "What was made has been removed." } else { "Remove what is named above." };
        return Err(Failure::stopped_with(left, hint));
    }
    if let Some(first) = left.first() {
        let message = format!("{} below {} could not be removed: {first}", counted(left.len() as u64, "thing"), visible(folder));
        return Err(Error::new(ErrorKind::Partial, message).hint(format!("Run `whopays rm -r` on {}.", visible(folder))).into());
    }
    Ok(())
}
