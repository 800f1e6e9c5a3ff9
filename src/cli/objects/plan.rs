//! `--dry-run`: what a job would move or remove, what that asks of the stores, and who pays.
//!
//! A prefix is listed for it, as the job itself would: that is said, and it costs what it says.

use serde::Serialize;

use super::run::with_hint;
use super::{Desk, numbers};
use crate::cli::failure::Failure;
use crate::cli::tasks;
use crate::domain::op::PriceClass;
use crate::domain::{Acting, Provider};
use crate::runtime::jobs::Control;
use crate::transfer::Job;
use crate::transfer::need::Need;

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

/// Counts and prints.
///
/// # Errors
/// Whatever counting meets.
pub(super) fn show(desk: &Desk<'_>, job: &Job, pays: &str) -> Result<(), Failure> {
    let counted = tasks::wait_on_threads(async {
        let stop = tasks::interrupted()?;
        let control = Control::new(Box::new(|_| {}));
        let told = |progress: crate::transfer::Progress| {
            desk.output.progress(&format!("{} objects, {} so far", progress.objects, numbers::size(progress.bytes)));
        };
        tokio::select! {
            counted = desk.session.engine.count_needs(job, told, &control) => counted,
            () = stop => Err(tasks::stopped_by_user()),
        }
    });
    desk.output.clear_progress();
    let counted = counted.map_err(|error| with_hint(error, job))?;
    let sides = match job {
        Job::Copy(copy) => vec![(&copy.from, counted.needs.reading), (&copy.to, counted.needs.writing)],
        Job::Upload(_) | Job::Download(_) | Job::Delete(_) => {
            vec![(job.acting(), together(counted.needs.reading, counted.needs.writing))]
        }
    };
    for (acting, need) in sides {
        print(desk, acting, &need, counted.progress, pays);
    }
    Ok(())
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
        "{}  {} objects, {}",
        crate::domain::escape::visible(&target),
        progress.objects,
        numbers::size(progress.bytes)
    ));
    desk.output.line(&format!("  requests  {} ({})", need.total(), words.join(", ")));
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
