//! What a command will cost, before it is done: for its plan, its confirmation and its budget.
//!
//! Comes in: what will be asked of each bucket. Goes out: estimates by the price book, in words and in fields of JSON. An object
//! that was named is asked for its size where that decides the estimate, which costs one HEAD.

use serde::Serialize;

use super::Desk;
use super::acting::Aim;
use crate::app::Thorough;
use crate::app::estimate::{self, Side};
use crate::domain::{BucketId, Op, Place, Result, StorageClass};
use crate::prices::{Estimate, Span, Where, words};
use crate::runtime::clock;
use crate::runtime::jobs::{Control, Counted};
use crate::transfer::need::Needs;
use crate::transfer::{Copy, Download, Job, Progress, Selection, Source};

/// One bucket's side of a job, and what it costs.
pub(super) struct Cost {
    /// What is asked of which bucket.
    pub(super) side: Side,
    /// What that costs.
    pub(super) estimate: Estimate,
}

/// `estimate` in JSON. The names are promises.
#[derive(Serialize)]
pub(super) struct Fields {
    /// What is known of the money, from the best case to the list price.
    money: Vec<Range>,
    /// The transfer of what has no whole price, beside `money`.
    transfer_alone: Vec<Range>,
    /// The date of the oldest price list that took part.
    as_of: Option<String>,
    /// How many requests have no whole price.
    unpriced_requests: u64,
    /// Where the prices are missing.
    no_price_for: Vec<String>,
}

#[derive(Serialize)]
struct Range {
    low: String,
    high: String,
    currency: String,
}

impl From<&Estimate> for Fields {
    fn from(estimate: &Estimate) -> Self {
        let range = |span: &Span| Range { low: span.low.to_string(), high: span.high.to_string(), currency: span.currency.to_string() };
        Self {
            money: estimate.spans().iter().map(range).collect(),
            transfer_alone: estimate.partly.iter().map(range).collect(),
            as_of: estimate.as_of.map(|day| day.to_string()),
            unpriced_requests: estimate.unpriced,
            no_price_for: estimate.unknown.iter().map(|(provider, region)| format!("{provider} {region}").trim_end().to_owned()).collect(),
        }
    }
}

/// What each side of a job costs, the one that is read first.
pub(super) fn of_job(desk: &Desk<'_>, job: &Job, needs: &Needs) -> Vec<Cost> {
    estimate::sides(job, needs).into_iter().map(|side| Cost { estimate: of_side(desk, &side), side }).collect()
}

/// What an upload of unknown length costs with what was read so far, as its progress line shows it; nothing for other jobs, whose plan
/// says it before.
pub(super) fn read_so_far(desk: &Desk<'_>, job: &Job, progress: &Progress) -> String {
    let is_stream = matches!(job, Job::Upload(upload) if upload.from == Source::Stdin);
    let Some(mut needs) = is_stream.then(|| desk.session.engine.needs_of(job, progress).ok()).flatten() else { return String::new() };
    needs.writing.perhaps.clear();
    let costs = of_job(desk, job, &needs);
    costs.iter().map(|cost| format!("  {} so far", money(&cost.estimate))).collect()
}

fn of_side(desk: &Desk<'_>, side: &Side) -> Estimate {
    let engine = &desk.session.engine;
    match engine.site_of(&side.acting.place) {
        Ok(site) => side.estimate(engine.book(), &Where::of(&site, None)),
        // An account that is not there has no price either; whatever is asked next says so.
        Err(_) => Estimate::default(),
    }
}

/// What requests of one kind cost in the target's bucket.
pub(super) fn of_requests(desk: &Desk<'_>, aim: &Aim<'_>, op: Op, count: u64, down: u64) -> Estimate {
    of_object(desk, aim, op, count, &Weight { down, class: None })
}

/// How much comes of an object, and of which storage class it is.
#[derive(Clone, Debug, Default)]
pub(super) struct Weight {
    /// Bytes.
    pub(super) down: u64,
    /// Its class, where the store named one.
    pub(super) class: Option<StorageClass>,
}

/// What requests of one kind about an object cost.
pub(super) fn of_object(desk: &Desk<'_>, aim: &Aim<'_>, op: Op, count: u64, weight: &Weight) -> Estimate {
    let engine = &desk.session.engine;
    let Ok(site) = engine.site_of(&aim.acting.place) else { return Estimate::default() };
    let place = Where::of(&site, None);
    match &weight.class {
        Some(class) => Estimate::shelved(engine.book(), &place, class.as_str(), &[(op, count)], weight.down),
        None => estimate::requests(engine.book(), &place, op, count, weight.down),
    }
}

/// The same, if the budgets allow it.
///
/// # Errors
/// `Refused` when they do not.
pub(super) fn allowed(desk: &Desk<'_>, aim: &Aim<'_>, op: Op, count: u64, weight: &Weight) -> Result<()> {
    let estimate = of_object(desk, aim, op, count, weight);
    desk.session.budget.judge(&[(&aim.acting.place.id, &estimate)], desk.output)
}

/// Lets the budgets judge all sides together.
///
/// # Errors
/// `Refused` when they do not allow it.
pub(super) fn judge(desk: &Desk<'_>, costs: &[Cost]) -> Result<()> {
    let action: Vec<(&BucketId, &Estimate)> = costs.iter().map(|cost| (&cost.side.acting.place.id, &cost.estimate)).collect();
    desk.session.budget.judge(&action, desk.output)
}

/// What bytes that leave OSS cost by the clock, for the sides from which some come: one line for each place and price.
pub(super) fn hours(desk: &Desk<'_>, costs: &[Cost]) -> Vec<String> {
    let reading = costs.iter().filter(|cost| cost.side.need.bytes_down > 0);
    let mut lines: Vec<String> = reading.filter_map(|cost| band(desk, &cost.side.acting.place)).collect();
    lines.dedup();
    lines
}

/// The same for a bucket.
pub(super) fn band(desk: &Desk<'_>, place: &Place) -> Option<String> {
    let engine = &desk.session.engine;
    let site = engine.site_of(place).ok()?;
    words::hours(engine.book(), &Where::of(&site, None), clock::now(), &clock::zone())
}

/// What a job that has found so much will take. Of objects that were named, the sizes are asked for.
///
/// # Errors
/// Whatever the store says of those objects.
pub(super) async fn forecast(desk: &Desk<'_>, job: &Job, found: &Progress) -> Result<Needs> {
    let engine = &desk.session.engine;
    let unsized_objects =
        read(job).is_some_and(|(_, what)| matches!(what, Selection::Picked(picks) if picks.iter().any(|pick| pick.size.is_none())));
    if !unsized_objects {
        return engine.needs_of(job, found);
    }
    Ok(count(desk, job, |_| {}, &Control::planning(Box::new(drop))).await?.needs)
}

/// Counts a job. Of objects that were named, size, class and tags are asked for.
pub(super) async fn count(desk: &Desk<'_>, job: &Job, told: impl FnMut(Progress), control: &Control) -> Result<Counted> {
    let (job, tagged) = with_sizes(desk, job).await?;
    let mut counted = desk.session.engine.count_needs(&job, told, control).await?;
    if let Some(tagged) = tagged.filter(|_| !counted.needs.reading.perhaps.is_empty()) {
        counted.needs.reading.settle(Op::GetObjectTagging, tagged);
    }
    Ok(counted)
}

/// Where a job reads whole objects, and which.
fn read(job: &Job) -> Option<(&crate::domain::Acting, &Selection)> {
    match job {
        Job::Download(Download { from, what, .. }) | Job::Copy(Copy { from, what, .. }) => Some((from, what)),
        Job::Upload(_) | Job::Delete(_) => None,
    }
}

/// The job with size and class of objects that were named one by one: each takes a HEAD, as a prefix takes a listing. And how many of
/// them have tags; `None`: that was not asked of each.
async fn with_sizes(desk: &Desk<'_>, job: &Job) -> Result<(Job, Option<u64>)> {
    let mut job = job.clone();
    let (from, what) = match &mut job {
        Job::Download(Download { from, what, .. }) | Job::Copy(Copy { from, what, .. }) => (from, what),
        Job::Upload(_) | Job::Delete(_) => return Ok((job, None)),
    };
    let Selection::Picked(picks) = what else { return Ok((job, None)) };
    let (mut asked, mut tagged) = (0, 0);
    for pick in picks.iter_mut().filter(|pick| pick.size.is_none()) {
        let head = desk.session.engine.inspect(from, pick, Thorough::Headers).await?.head;
        (asked, tagged) = (asked + 1, tagged + u64::from(head.has_tags()));
        (pick.size, pick.class) = (head.size, head.class);
    }
    let all = asked == picks.len();
    Ok((job, all.then_some(tagged)))
}

/// The money of an estimate: `0.005 USD (list prices of 2025-08-29)`; what costs nothing because nothing is asked is said, too.
pub(super) fn money(estimate: &Estimate) -> String {
    let text = words::money(estimate);
    if text.is_empty() { "nothing".to_owned() } else { text }
}

/// The lines of a confirmation: what is asked of each bucket, and what it costs.
pub(super) fn lines(costs: &[Cost]) -> Vec<String> {
    let line = |cost: &Cost| {
        let what = format!("{}, {}; {}", words::requests(&cost.estimate), words::bytes(&cost.estimate), money(&cost.estimate));
        if costs.len() == 1 { format!("  asks     {what}") } else { format!("  asks     {}: {what}", cost.side.acting.place.id) }
    };
    costs.iter().map(line).collect()
}
