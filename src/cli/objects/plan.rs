//! `--dry-run`: what a job would move or remove, what that asks of the stores, and who pays.
//!
//! A prefix is listed for it, as the job itself would, and an object that was named is asked for its size: that costs what it says.

use serde::Serialize;

use super::acting::{Aim, who_pays};
use super::costs::{self, Cost, Fields};
use super::run::with_hint;
use super::{Desk, numbers};
use crate::cli::failure::Failure;
use crate::cli::tasks;
use crate::cli::words::counted;
use crate::domain::Op;
use crate::domain::escape::visible;
use crate::domain::op::PriceClass;
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
    bytes_up: u64,
    bytes_down: u64,
    estimate: Fields,
    pays: String,
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
}

/// `--dry-run` of a command that only reads: one request, `how_often` of it, the bytes of its answer where they are billed, what that
/// costs, and who pays.
///
/// # Errors
/// `Refused` when it would pass a budget.
pub(super) fn requests(desk: &Desk<'_>, aim: &Aim<'_>, op: Op, down: u64, what: &str, how_often: &str) -> crate::domain::Result<()> {
    let price = op.cell(aim.account.site.provider).map_or(PriceClass::Free, |cell| cell.price);
    let (class, pays) = (class_words(price), who_pays(aim));
    let estimate = costs::of_requests(desk, aim, op, 1, down);
    if desk.output.is_json() {
        let requests_by_price_class = [Class { price_class: class, requests: 1 }];
        let (target, fields) = (&aim.name(), Fields::from(&estimate));
        let status = "planned";
        desk.output.object(&Reading { target, status, requests_by_price_class, bytes_down: down, estimate: fields, pays });
    } else {
        desk.output.line(&format!("would {}", visible(what)));
        desk.output.line(&format!("  requests  1 ({class}) {how_often}"));
        if down > 0 {
            desk.output.line(&format!("  bytes     {} down", numbers::size(down)));
        }
        let each = if op == Op::GetObject { "" } else { " each" };
        desk.output.line(&format!("  costs     {}{each}", costs::money(&estimate)));
        desk.output.line(&format!("  pays      {pays}"));
    }
    desk.session.budget.judge(&[(&aim.acting.place.id, &estimate)], desk.output)
}

/// Counts and prints. `pays` says who does, for each bucket of the job: first for the one that is read.
///
/// # Errors
/// Whatever counting meets.
pub(super) fn show(desk: &Desk<'_>, job: &Job, pays: &[String]) -> Result<(), Failure> {
    let found = tasks::wait_on_threads(async {
        let stop = tasks::interrupted()?;
        let control = Control::new(Box::new(|_| {}));
        let told = |progress: Progress| desk.output.progress(&so_far(desk, job, &progress));
        let counting = async {
            let job = costs::with_sizes(desk, job).await?;
            desk.session.engine.count_needs(&job, told, &control).await
        };
        tokio::select! {
            counted = counting => counted,
            () = stop => Err(tasks::stopped_by_user()),
        }
    });
    desk.output.clear_progress();
    let found = found.map_err(|error| with_hint(error, job))?;
    let costs = costs::of_job(desk, job, &found.needs);
    for (cost, pays) in costs.iter().zip(pays) {
        print(desk, cost, found.progress, pays);
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

fn print(desk: &Desk<'_>, cost: &Cost, progress: Progress, pays: &str) {
    let (target, need, estimate) = (cost.side.acting.place.id.to_string(), &cost.side.need, &cost.estimate);
    let class = |(class, requests): &(PriceClass, u64)| Class { price_class: class_words(*class), requests: *requests };
    let classes: Vec<Class> = estimate.requests.iter().map(class).collect();
    if desk.output.is_json() {
        desk.output.object(&Line {
            target,
            status: "planned",
            objects: progress.objects,
            bytes: progress.bytes,
            requests: need.total(),
            requests_by_price_class: classes,
            bytes_up: need.bytes_up,
            bytes_down: need.bytes_down,
            estimate: Fields::from(estimate),
            pays: pays.to_owned(),
        });
        return;
    }
    let words: Vec<String> = classes.iter().map(|class| format!("{} {}", class.requests, class.price_class)).collect();
    desk.output.line(&format!(
        "{}  {}{}",
        visible(&target),
        counted(progress.objects, "object"),
        if progress.bytes > 0 { format!(", {}", numbers::size(progress.bytes)) } else { String::new() }
    ));
    desk.output.line(&format!("  requests  {} ({})", need.total(), words.join("; ")));
    desk.output.line(&format!("  bytes     {} up, {} down", numbers::size(need.bytes_up), numbers::size(need.bytes_down)));
    desk.output.line(&format!("  costs     {}", costs::money(estimate)));
    desk.output.line(&format!("  pays      {pays}"));
}

/// A price class in the vendors' words.
fn class_words(class: PriceClass) -> &'static str {
    match class {
        PriceClass::Tier1 => "PUT, COPY, POST, LIST",
        PriceClass::Tier2 => "GET and other",
        PriceClass::PutType => "Put-type",
        PriceClass::GetType => "Get-type",
        PriceClass::Free => "free",
    }
}
