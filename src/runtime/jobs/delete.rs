//! The delete job: the whole plan first, then as few requests as can carry it.
//!
//! Comes in: what is to go. Goes out: an end for each key. Forbidden here: a delete while the plan is not complete (P7), a key that
//! the plan does not hold (P6), calling a key gone of which nobody knows.

use super::delete_batch::{self, Target};
use super::gather::{Crew, Halt, Pages, VersionPages, address, admits, odd, unless_stopped};
use super::{Control, Run};
use crate::domain::{Acting, Doomed, VersionId, VersionKind};
use crate::runtime::engine::Engine;
use crate::transfer::need::Sweep;
use crate::transfer::pattern::Patterns;
use crate::transfer::roll::Roll;
use crate::transfer::{Asked, Delete, Ending, Fate, ItemEnd, Pick, Progress, Selection, Versions};

/// How many keys one request takes, on both clouds.
pub(super) const BATCH: usize = 1_000;
/// How many requests are under way.
const ABREAST: usize = 4;

/// All that is to go, and what cannot.
#[derive(Default)]
pub(super) struct Plan {
    /// What is to go.
    pub(super) roll: Roll,
    /// Keys that are not UTF-8: named, never sent.
    pub(super) odd: Vec<Box<str>>,
    /// How many requests carry them.
    sweep: Sweep,
}

impl Plan {
    fn add(&mut self, key: &str, version: Option<&VersionId>, size: u64) {
        if self.roll.add(key, version, size) {
            self.sweep.add(key);
        }
    }

    /// What was found so far.
    pub(super) fn found(&self) -> Progress {
        let mut found = Progress { objects: self.roll.len() as u64, bytes: self.roll.bytes(), ..Progress::default() };
        found.swept(self.sweep);
        found
    }
}

/// Runs it.
pub(super) async fn run(run: &Run, delete: &Delete) -> Ending {
    match plan(&run.engine, &run.control, delete, |_| ()).await {
        Ok(plan) => carry_out(run, delete, plan).await,
        Err(Halt::Failed(error)) => Ending::Failed(error),
        Err(Halt::Stopped) => Ending::Stopped,
    }
}

/// Finds out everything that is to go: a listing counts only when its last page has come. `told` hears of each page.
pub(super) async fn plan(engine: &Engine, control: &Control, delete: &Delete, mut told: impl FnMut(&Plan)) -> Result<Plan, Halt> {
    let within = &delete.within;
    let plan = match (&delete.what, delete.versions) {
        (Selection::Picked(picks), Versions::Current) => picked(picks),
        (Selection::Picked(picks), Versions::All) => all_versions(engine, control, within, picks).await?,
        (Selection::Below { prefix, rules }, versions) => {
            let sieve = Sieve { prefix, patterns: Patterns::parse(rules.iter().cloned())? };
            match versions {
                Versions::Current => sieve.keys(engine, control, within, &mut told).await?,
                Versions::All => sieve.versions(engine, control, within, &mut told).await?,
            }
        }
    };
    told(&plan);
    Ok(plan)
}

fn picked(picks: &[Pick]) -> Plan {
    let mut plan = Plan::default();
    for pick in picks {
        plan.add(pick.key.as_str(), pick.version.as_ref(), pick.size.unwrap_or(0));
    }
    plan
}

async fn all_versions(engine: &Engine, control: &Control, within: &Acting, picks: &[Pick]) -> Result<Plan, Halt> {
    let mut plan = Plan::default();
    for pick in picks {
        let books = control.books(engine);
        let asking = engine.versions_for(within, &pick.key, &books);
        for row in unless_stopped(control, asking).await? {
            plan.add(row.key.as_str(), Some(&row.version), size_of(&row.kind));
        }
    }
    Ok(plan)
}

fn size_of(kind: &VersionKind) -> u64 {
    match kind {
        VersionKind::Object { size, .. } => *size,
        VersionKind::DeleteMarker => 0,
    }
}

/// Which keys of a listing are meant.
struct Sieve<'a> {
    prefix: &'a str,
    patterns: Patterns,
}

impl Sieve<'_> {
    async fn keys(&self, engine: &Engine, control: &Control, within: &Acting, told: &mut impl FnMut(&Plan)) -> Result<Plan, Halt> {
        let mut plan = Plan::default();
        let mut pages = Pages::new(engine, control, within, self.prefix);
        while let Some(leaf) = pages.next().await? {
            for row in leaf.iter().filter(|row| admits(&self.patterns, self.prefix, row.key)) {
                plan.add(row.key, None, row.size());
            }
            plan.odd.extend(leaf.odd_keys.iter().cloned());
            told(&plan);
        }
        Ok(plan)
    }

    async fn versions(&self, engine: &Engine, control: &Control, within: &Acting, told: &mut impl FnMut(&Plan)) -> Result<Plan, Halt> {
        let mut plan = Plan::default();
        let mut pages = VersionPages::new(engine, control, within, self.prefix);
        while let Some(page) = pages.next().await? {
            for row in page.rows.iter().filter(|row| admits(&self.patterns, self.prefix, row.key.as_str())) {
                plan.add(row.key.as_str(), Some(&row.version), size_of(&row.kind));
            }
            plan.odd.extend(page.odd_keys.into_iter().map(String::into_boxed_str));
            told(&plan);
        }
        Ok(plan)
    }
}

/// Does it: whole batches as long as keys fit into them.
async fn carry_out(run: &Run, delete: &Delete, plan: Plan) -> Ending {
    run.control.finds(&plan.found());
    run.control.found(plan.odd.len() as u64, 0);
    run.control.named(&mut plan.roll.iter().map(|(doomed, _)| named(&doomed)));
    run.control.counted();
    if run.control.approved().await.is_err() {
        return Ending::Stopped;
    }
    for key in &plan.odd {
        let source = format!("{}/{key}", delete.within.place.id);
        run.control.ended(ItemEnd { fate: Fate::Failed(odd(key).target(source.clone())), ..ended(source, 0) });
    }
    let broom = delete_batch::Broom::new(run, &delete.within);
    let mut crew = Crew::new(ABREAST);
    let mut batch = Vec::with_capacity(plan.roll.len().min(BATCH));
    let mut stopped = false;
    let mut rows = plan.roll.iter().map(|(doomed, size)| target(&delete.within, doomed, size)).peekable();
    while let Some(target) = rows.next() {
        let fits = target.fits_a_batch();
        let alone = (!fits).then_some(&target).cloned();
        batch.extend(Some(target).filter(|_| fits));
        if batch.len() == BATCH || (rows.peek().is_none() && !batch.is_empty()) {
            stopped = run.control.pass().await.is_err();
            if stopped {
                break;
            }
            let (broom, batch) = (broom.clone(), std::mem::take(&mut batch));
            crew.add(async move { broom.batch(batch).await }).await;
        }
        if let Some(target) = alone {
            stopped = run.control.pass().await.is_err();
            if stopped {
                break;
            }
            let broom = broom.clone();
            crew.add(async move { broom.single(target).await }).await;
        }
    }
    match crew.finish().await {
        Err(error) => Ending::Failed(error),
        Ok(()) if stopped => Ending::Stopped,
        Ok(()) => run.ending(),
    }
}

/// A row of the plan, for people.
fn named(doomed: &Doomed) -> String {
    let version = doomed.version.as_ref().map(|version| format!(" (version {})", version.as_str()));
    format!("{}{}", doomed.key.as_str(), version.unwrap_or_default())
}

fn target(within: &Acting, doomed: Doomed, size: u64) -> Target {
    Target { address: address(within, &doomed.key), doomed, size }
}

/// The beginning of a key's end.
pub(super) fn ended(source: String, bytes: u64) -> ItemEnd {
    ItemEnd { source, target: String::new(), fate: Fate::Done(None), bytes, asked: Asked::NOTHING }
}
