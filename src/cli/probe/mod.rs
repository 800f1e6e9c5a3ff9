//! `probe`: proves what a bucket does, from the requests themselves.
//!
//! What is sent is said first. The payer header goes out with `--request-payer requester` or the config's word alone; without it,
//! that request is left out and the verdict says so.

mod conformance;

use serde::Serialize;

use super::CommandLine;
use super::args::Probe;
use super::callers::Callers;
use super::failure::Failure;
use super::objects::acting::{self, Aim, Word};
use super::output::{Ink, Output};
use super::session::{Keeps, Session};
use super::tasks;
use crate::config::Source;
use crate::domain::escape::visible;
use crate::domain::probe::{Asking, CanSign, Doubt, Errand, Plan, Report, Verdict};
use crate::domain::{Consent, Error, Ownership, Payer};
use crate::prices::{Book, Estimate, Toll, Where, words};

/// `probe --json`. The names are promises.
#[derive(Serialize)]
struct Line<'a> {
    target: &'a str,
    verdict: &'static str,
    evidence: Vec<String>,
    reason: Option<String>,
    payer: Option<String>,
    payer_state: Option<&'static str>,
    requests: u64,
}

/// `probe --dry-run --json`.
#[derive(Serialize)]
struct Planned<'a> {
    target: &'a str,
    status: &'static str,
    requests: Vec<Request>,
    cost: String,
    pays: String,
    caller: Option<&'a str>,
}

#[derive(Serialize)]
struct Request {
    request: String,
    price_class: &'static str,
}

/// Carries out `probe`.
///
/// # Errors
/// What the config, the target or the store stands in the way with; where the verdict is `cannot_tell`, the reason.
pub(super) fn carry_out(line: &CommandLine, asked: &Probe, output: &Output) -> Result<(), Failure> {
    let session = Session::open(&line.global, Keeps::Nothing, output)?;
    let aim = acting::aim(&session.config, line.global.account.as_deref(), &asked.target, Word::of(line.global.request_payer))?;
    if asked.conformance {
        return conformance::run(&session, &aim, &line.global, output);
    }
    let plan = plan(&aim);
    let estimate = estimate(session.engine.book(), &aim, &plan);
    if line.global.dry_run {
        let callers = callers(&session, &aim)?;
        say_plan(&aim, &plan, &estimate, callers.of_account(&aim.account.name), output, |text| output.line(text));
        return Ok(());
    }
    session.ask_for_keys(&[aim.account])?;
    if !output.is_json() {
        say_plan(&aim, &plan, &estimate, None, output, |text| output.aside(text));
    }
    let errand = Errand { place: aim.acting.place.clone(), ownership: ownership(&aim), plan };
    let before = session.engine.requests();
    // A verdict from half of its requests is none: all of them fit, or none is sent.
    let fits = session.budget.admit(&Toll::of(&aim.acting.place.id, estimate)).map(drop).map_err(Failure::from);
    let report = fits.and_then(|()| tasks::wait_or_stop(async { Ok(session.engine.probe(&errand).await) }));
    let report = session.close(report, output)?;
    say(&aim, &report, session.engine.requests() - before, output);
    match report.doubt {
        None => Ok(()),
        Some(doubt) => Err(untold(&aim, &doubt).into()),
    }
}

/// Whose keys a plan would be carried out with.
fn callers(session: &Session, aim: &Aim<'_>) -> crate::domain::Result<Callers> {
    tasks::wait_or_stop(async { Ok(Callers::of(&session.engine, std::slice::from_ref(&aim.account.name)).await) })
}

fn plan(aim: &Aim<'_>) -> Plan {
    let can_sign = if matches!(aim.account.credentials, Source::Anonymous) { CanSign::No } else { CanSign::Yes };
    Plan { provider: aim.account.site.provider, asking: Asking::about(&aim.key), consent: aim.acting.consent, can_sign }
}

/// A bucket that the config names is someone else's; of others nobody knows.
fn ownership(aim: &Aim<'_>) -> Option<Ownership> {
    aim.account.foreign(&aim.acting.place.id.bucket).map(|_| Ownership::Foreign)
}

/// What will be sent: before it is.
fn say_plan(aim: &Aim<'_>, plan: &Plan, estimate: &Estimate, caller: Option<&str>, output: &Output, say: impl Fn(&str)) {
    let steps = plan.steps();
    let pays = plan.pays(&visible(aim.account.name.as_str()));
    if output.is_json() {
        let requests = steps.into_iter().map(|step| Request { request: step.words, price_class: words::class(step.class) }).collect();
        output.object(&Planned { target: &aim.name(), status: "planned", requests, cost: words::money(estimate), pays, caller });
        return;
    }
    say(&format!("{}: {} at most, each once", visible(&aim.name()), super::words::counted(steps.len() as u64, "request")));
    for step in steps {
        say(&format!("  {}: {}", step.words, words::class(step.class)));
    }
    say(&format!("  {}", words::sentence(estimate, &pays)));
    caller.iter().for_each(|caller| say(&format!("  {} is {}", visible(aim.account.name.as_str()), visible(caller))));
    if (plan.can_sign, plan.consent) == (CanSign::Yes, Consent::Silent) {
        say("  Add `--request-payer requester` to try it with the header, too.");
    }
}

/// What that costs at list price, and who pays for it.
fn estimate(book: &Book, aim: &Aim<'_>, plan: &Plan) -> Estimate {
    let place = Where::of(&aim.account.site, aim.acting.place.region.as_deref());
    Estimate::of(book, &place, &plan.requests(), 0, plan.bytes_down())
}

fn say(aim: &Aim<'_>, report: &Report, requests: u64, output: &Output) {
    let evidence = report.evidence();
    let reason = report.doubt.as_ref().map(Doubt::words);
    if output.is_json() {
        let reading = report.reading();
        let payer = reading.as_ref().and_then(|reading| reading.payer()).map(Payer::as_str).map(str::to_owned);
        let payer_state = reading.as_ref().map(crate::domain::PayerReading::state);
        let verdict = report.verdict.as_str();
        output.object(&Line { target: &aim.name(), verdict, evidence, reason, payer, payer_state, requests });
        return;
    }
    let ink = match report.verdict {
        Verdict::Enforced => Ink::Notable,
        Verdict::NotEnforced | Verdict::CannotTell => Ink::Wrong,
        Verdict::OwnerPays | Verdict::AnonymousOpen => Ink::Plain,
    };
    output.line(&format!("{}: {}", visible(&aim.name()), output.inked(ink, report.verdict.words())));
    evidence.iter().for_each(|line| output.line(&format!("  {line}")));
}

fn untold(aim: &Aim<'_>, doubt: &Doubt) -> Error {
    Error::new(doubt.kind(), format!("cannot tell who pays: {}", doubt.words())).hint(doubt.hint()).target(aim.name())
}
