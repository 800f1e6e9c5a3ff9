//! `--dry-run`: what a job would move or remove, what that asks of the stores, and who pays.
//!
//! A prefix is listed for it, as the job itself would, and an object that was named is asked for its size: that costs what it says.

use serde::Serialize;

use super::acting::{Aim, who_pays};
use super::run::with_hint;
use super::{Desk, numbers};
use crate::app::Thorough;
use crate::cli::failure::Failure;
use crate::cli::tasks;
use crate::cli::words::counted;
use crate::domain::escape::visible;
use crate::domain::op::PriceClass;
use crate::domain::{Acting, Op, Provider};
use crate::runtime::jobs::Control;
use crate::transfer::need::Need;
use crate::transfer::{Copy, Download, Job, Selection};

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
    pays: String,
}

/// `--dry-run` of a command that only reads: one request, `how_often` of it, and who pays.
pub(super) fn requests(desk: &Desk<'_>, aim: &Aim<'_>, op: Op, what: &str, how_often: &str) {
    let price = op.cell(aim.account.site.provider).map_or(PriceClass::Free, |cell| cell.price);
    let (class, pays) = (class_words(price), who_pays(aim));
    if desk.output.is_json() {
        let requests_by_price_class = [Class { price_class: class, requests: 1 }];
        desk.output.object(&Reading { target: &aim.name(), status: "planned", requests_by_price_class, pays });
        return;
    }
    desk.output.line(&format!("would {}", visible(what)));
    desk.output.line(&format!("  requests  1 ({class}) {how_often}"));
    desk.output.line(&format!("  pays      {pays}"));
}

/// Counts and prints. `pays` says who does, for each bucket of the job: first for the one that is read.
///
/// # Errors
/// Whatever counting meets.
pub(super) fn show(desk: &Desk<'_>, job: &Job, pays: &[String]) -> Result<(), Failure> {
    let found = tasks::wait_on_threads(async {
        let stop = tasks::interrupted()?;
        let control = Control::new(Box::new(|_| {}));
        let told = |progress: crate::transfer::Progress| {
            desk.output.progress(&format!("{}, {} so far", counted(progress.objects, "object"), numbers::size(progress.bytes)));
        };
        let counting = async {
            let job = with_sizes(desk, job).await?;
            desk.session.engine.count_needs(&job, told, &control).await
        };
        tokio::select! {
            counted = counting => counted,
            () = stop => Err(tasks::stopped_by_user()),
        }
    });
    desk.output.clear_progress();
    let found = found.map_err(|error| with_hint(error, job))?;
    let sides = match job {
        Job::Copy(copy) => vec![(&copy.from, found.needs.reading), (&copy.to, found.needs.writing)],
        Job::Upload(_) | Job::Download(_) | Job::Delete(_) => {
            vec![(job.acting(), together(found.needs.reading, found.needs.writing))]
        }
    };
    for ((acting, need), pays) in sides.into_iter().zip(pays) {
        print(desk, acting, &need, found.progress, pays);
    }
    Ok(())
}

/// The job with the sizes of objects that were named one by one: each takes a HEAD, as a prefix takes a listing.
async fn with_sizes(desk: &Desk<'_>, job: &Job) -> crate::domain::Result<Job> {
    let mut job = job.clone();
    let (from, what) = match &mut job {
        Job::Download(Download { from, what, .. }) | Job::Copy(Copy { from, what, .. }) => (from, what),
        Job::Upload(_) | Job::Delete(_) => return Ok(job),
    };
    if let Selection::Picked(picks) = what {
        for pick in picks {
            let found = desk.session.engine.inspect(from, pick, Thorough::Headers).await?;
            pick.size = found.head.size;
        }
    }
    Ok(job)
}

/// Both sides of a job that has one bucket.
fn together(mut one: Need, other: Need) -> Need {
    other.requests.iter().for_each(|(op, count)| one.ask(*op, *count));
    one.bytes_up += other.bytes_up;
    one.bytes_down += other.bytes_down;
    one
}

fn print(desk: &Desk<'_>, acting: &Acting, need: &Need, progress: crate::transfer::Progress, pays: &str) {
    let target = acting.place.id.to_string();
    let provider = desk.session.config.accounts.iter().find(|account| account.name == acting.place.id.account).map(|a| a.site.provider);
    let classes: Vec<Class> = need
        .by_price(provider.unwrap_or(Provider::S3))
        .into_iter()
        .map(|(class, requests)| Class { price_class: class_words(class), requests })
        .collect();
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
