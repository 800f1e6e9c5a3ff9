//! `--dry-run`: what a job would move or remove, what that asks of the stores, and who pays.
//!
//! A prefix is listed for it, as the job itself would, and an object that was named is asked for its size: that costs what it says.

use serde::Serialize;

use super::acting::{Aim, who_pays};
use super::costs::{self, Cost, Fields, Weight};
use super::run::with_hint;
use super::{Desk, numbers};
use crate::cli::callers::Callers;
use crate::cli::failure::Failure;
use crate::cli::tasks;
use crate::cli::words::counted;
use crate::domain::escape::visible;
use crate::domain::op::PriceClass;
use crate::domain::{AccountName, Op};
use crate::runtime::jobs::Control;
use crate::transfer::{Job, Progress};

/// One bucket's side of a plan.
#[derive(Serialize)]
struct Line {
    target: String,
    status: &'static str,
    objects: u64,
    bytes: u64,
    requests: u64,
    requests_by_price_class: Vec<Class>,
    /// What may follow beside those, so many at most.
    perhaps: Vec<Class>,
    bytes_up: u64,
    bytes_down: u64,
    estimate: Fields,
    pays: String,
    caller: Option<String>,
}

#[derive(Serialize)]
struct Class {
    price_class: &'static str,
    requests: u64,
}

/// What a command that only reads would ask for.
#[derive(Serialize)]
struct Reading<'a> {
    target: &'a str,
    status: &'static str,
    requests_by_price_class: [Class; 1],
    bytes_down: u64,
    estimate: Fields,
    pays: String,
    caller: Option<&'a str>,
}

/// `--dry-run` of a command that only reads: one request, `how_often` of it, the bytes of its answer where they are billed, what that
/// costs, and who pays.
///
/// # Errors
/// `Refused` when it would pass a budget.
pub(super) async fn requests(
    desk: &Desk<'_>,
    aim: &Aim<'_>,
    op: Op,
    weight: &Weight,
    what: &str,
    how_often: &str,
) -> crate::domain::Result<()> {
    let price = op.cell(aim.account.site.provider).map_or(PriceClass::Free, |cell| cell.price);
    let (class, pays) = (class_words(price), who_pays(aim));
    let estimate = costs::of_object(desk, aim, op, 1, weight);
    let callers = Callers::of(&desk.session.engine, std::slice::from_ref(&aim.account.name)).await;
    if desk.output.is_json() {
        let requests_by_price_class = [Class { price_class: class, requests: 1 }];
        let (target, fields, caller) = (&aim.name(), Fields::from(&estimate), callers.of_account(&aim.account.name));
        let (status, bytes_down) = ("planned", weight.down);
        desk.output.object(&Reading { target, status, requests_by_price_class, bytes_down, estimate: fields, pays, caller });
    } else {
        desk.output.line(&format!("would {}", visible(what)));
        desk.output.line(&format!("  requests  1 ({class}) {how_often}"));
        if weight.down > 0 {
            desk.output.line(&format!("  bytes     {} down", numbers::size(weight.down)));
        }
        let each = if op == Op::GetObject { "" } else { " each" };
        desk.output.line(&format!("  costs     {}{each}", costs::money(&estimate)));
        let hours = costs::band(desk, &aim.acting.place).filter(|_| weight.down > 0);
        hours.iter().for_each(|hours| desk.output.line(&format!("  hours     {hours}")));
        desk.output.line(&format!("  pays      {pays}"));
        let caller = callers.of_account(&aim.account.name);
        caller.iter().for_each(|caller| desk.output.line(&format!("  caller    {}", visible(caller))));
    }
    desk.session.budget.judge(&[(&aim.acting.place.id, &estimate)], desk.output)
}

/// Counts and prints. `pays` says who does, for each bucket of the job: first for the one that is read.
///
/// # Errors
/// Whatever counting meets.
pub(super) fn show(desk: &Desk<'_>, job: &Job, pays: &[String]) -> Result<(), Failure> {
    desk.session.close(shown(desk, job, pays), desk.output)
}

fn shown(desk: &Desk<'_>, job: &Job, pays: &[String]) -> Result<(), Failure> {
    let found = tasks::wait_on_threads(async {
        let stop = tasks::interrupted()?;
        let control = Control::planning(Box::new(|_| {}));
        let told = |progress: Progress| desk.output.progress(&so_far(desk, job, &progress));
        let engine = &desk.session.engine;
        let accounts: Vec<AccountName> = job.actings().into_iter().map(|acting| acting.place.id.account.clone()).collect();
        tokio::select! {
            counted = Callers::beside(engine, &accounts, costs::count(desk, job, told, &control)) => counted,
            () = stop => Err(tasks::stopped_by_user()),
        }
    });
    desk.output.clear_progress();
    let (found, callers) = found.map_err(|error| with_hint(error, job))?;
    let costs = costs::of_job(desk, job, &found.needs);
    for (cost, pays) in costs.iter().zip(pays) {
        print(desk, cost, &found.progress, pays, &callers);
    }
    Ok(costs::judge(desk, &costs)?)
}

/// What is known while pages arrive: each of them makes the estimate better.
fn so_far(desk: &Desk<'_>, job: &Job, found: &Progress) -> String {
    let needs = desk.session.engine.needs_of(job, found).unwrap_or_default();
    let mut all = crate::prices::Estimate::default();
    costs::of_job(desk, job, &needs).iter().for_each(|cost| all.plus(&cost.estimate));
    let (objects, bytes) = (counted(found.objects, "object"), numbers::size(found.bytes));
    format!("{objects}, {bytes}, {} so far", costs::money(&all))
}

fn print(desk: &Desk<'_>, cost: &Cost, progress: &Progress, pays: &str, callers: &Callers) {
    let (target, need, estimate) = (cost.side.acting.place.id.to_string(), &cost.side.need, &cost.estimate);
    let class = |(class, requests): &(PriceClass, u64)| Class { price_class: class_words(*class), requests: *requests };
    let (classes, perhaps): (Vec<Class>, Vec<Class>) =
        (estimate.requests.iter().map(class).collect(), estimate.perhaps.iter().map(class).collect());
    let caller = callers.of_account(&cost.side.acting.place.id.account);
    if desk.output.is_json() {
        desk.output.object(&Line {
            target,
            status: "planned",
            objects: progress.objects,
            bytes: progress.bytes,
            requests: need.total(),
            requests_by_price_class: classes,
            perhaps,
            bytes_up: need.bytes_up,
            bytes_down: need.bytes_down,
            estimate: Fields::from(estimate),
            pays: pays.to_owned(),
            caller: caller.map(str::to_owned),
        });
        return;
    }
    let words = |classes: &[Class]| {
        let words: Vec<String> = classes.iter().map(|class| format!("{} {}", class.requests, class.price_class)).collect();
        words.join("; ")
    };
    desk.output.line(&format!(
        "{}  {}{}",
        visible(&target),
        counted(progress.objects, "object"),
        if progress.bytes > 0 { format!(", {}", numbers::size(progress.bytes)) } else { String::new() }
    ));
    desk.output.line(&format!("  requests  {} ({})", need.total(), words(&classes)));
    if !perhaps.is_empty() {
        desk.output.line(&format!("  perhaps   up to {} more: {}", words(&perhaps), why_perhaps(&need.perhaps)));
    }
    desk.output.line(&format!("  bytes     {} up, {} down", numbers::size(need.bytes_up), numbers::size(need.bytes_down)));
    desk.output.line(&format!("  costs     {}", costs::money(estimate)));
    costs::hours(desk, std::slice::from_ref(cost)).iter().for_each(|hours| desk.output.line(&format!("  hours     {hours}")));
    desk.output.line(&format!("  pays      {pays}"));
    caller.iter().for_each(|caller| desk.output.line(&format!("  caller    {}", visible(caller))));
}

/// Why nobody can know before whether requests follow.
#[expect(clippy::wildcard_enum_match_arm, reason = "no other request is a perhaps")]
fn why_perhaps(perhaps: &[(Op, u64)]) -> String {
    let why = |(op, _): &(Op, u64)| match op {
        Op::GetObjectTagging => "tags of objects that have some",
        Op::UploadPart => "the input's length is not known",
        _ => "a look at copies whose entity tag is another one",
    };
    perhaps.iter().map(why).collect::<Vec<_>>().join("; ")
}

/// A price class in the vendors' words.
fn class_words(class: PriceClass) -> &'static str {
    match class {
        PriceClass::Tier1 => "PUT, COPY, POST, LIST",
        PriceClass::Tier2 => "GET and other",
        PriceClass::PutType => "Put-type",
        PriceClass::GetType => "Get-type",
        PriceClass::Restore => "restore",
        PriceClass::Free => "free",
    }
}
