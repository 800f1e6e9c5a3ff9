//! The copy job: which objects go where, by which way, and what becomes of the originals.
//!
//! Comes in: objects of one bucket, a bucket that is written to. Goes out: an end for each object. Forbidden here: a payer header
//! that one of the two buckets was refused; deleting an original whose copy is not known to be whole.
//!
//! ```text
//!  mod ──► within ──► parts     the store copies: in one request, or in parts; what it refuses is not copied
//!     └──► across               through this machine: in one request, or in parts
//!          filling              the upload that both fill with parts: begun, gone on with, joined, given up
//!          left                 what an earlier run of the job has left, and what is written down for the next
//!          looks                what is known of a source, and what stands under the target's name
//!          original             a move's second half
//! ```

mod across;
mod filling;
mod left;
mod looks;
mod original;
mod parts;
mod within;

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Semaphore;

use self::left::Earlier;
use self::looks::{Facts, bare, changed};
use super::Run;
use super::control::Stopped;
use super::gather::{Crew, Halt, Pages, address, admits, odd};
use super::notes::Notes;
use crate::domain::{Acting, Consent, ETag, Error, ErrorKind, Leaf, ObjectKey, Provider, Site};
use crate::runtime::http::Books;
use crate::runtime::journal::jobs::{ItemId, done_name};
use crate::runtime::tally::Counters;
use crate::transfer::outcome::Item;
use crate::transfer::parts::PartPlan;
use crate::transfer::pattern::Patterns;
use crate::transfer::treatment;
use crate::transfer::{Asked, Copy, Ending, Fate, ItemEnd, Original, Pick, Pointer, Rein, Selection};
use crate::wire::objects::path_refusal;

/// How many objects are under way.
const ABREAST: usize = 16;
/// How much of objects that pass through this machine is in memory, in MiB.
const MEMORY: usize = 64;

/// A copy job at work: what all of its objects need.
#[derive(Clone)]
pub(super) struct Porter {
    /// The engine and the reins.
    pub(super) run: Run,
    /// What was asked for.
    pub(super) copy: Arc<Copy>,
    /// The bucket that is written to, on the word for both: for requests that name both buckets.
    pub(super) both: Arc<Acting>,
    /// How the objects go.
    pub(super) way: Way,
    /// The store that is written to.
    pub(super) site: Arc<Site>,
    /// MiB that may be taken into memory.
    pub(super) memory: Arc<Semaphore>,
    /// What an earlier run of the job has left.
    earlier: Arc<Earlier>,
    /// What is finished.
    notes: Arc<Mutex<Notes>>,
    /// Some object was stopped on its way.
    stopped: Arc<AtomicBool>,
}

/// By which way objects go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// The store copies.
    Within,
    /// Through this machine: the store cannot, or no account may speak for both sides.
    Across,
}

/// One object and where it goes.
#[derive(Clone)]
pub(super) struct Leg {
    /// The source.
    pub(super) pick: Pick,
    /// The key that it gets.
    pub(super) target: ObjectKey,
    /// Who counts what is asked for it.
    pub(super) books: Books,
    own: Arc<Counters>,
}

/// A copy that is complete.
#[derive(Debug)]
pub(super) struct Landed {
    /// The source's bytes.
    pub(super) size: u64,
    /// The source's entity tag, as it was copied.
    pub(super) source: ETag,
    /// What the store calls the copy, as far as it says.
    pub(super) copy: Option<ETag>,
    /// What the user should know.
    pub(super) remark: Option<String>,
    /// Why the copy cannot be held for as good as the original; `None`: it can.
    pub(super) doubt: Option<String>,
    /// Its line in the state database, if it has one.
    pub(super) item: Option<ItemId>,
}

/// Why there is no copy, or no need for one.
pub(super) enum Missed {
    /// It ended like this.
    As(Fate),
    /// The job is to end.
    Stopped,
    /// An earlier run of the job has made it.
    Made(Landed),
}

impl From<Fate> for Missed {
    fn from(fate: Fate) -> Self {
        Self::As(fate)
    }
}

impl From<Error> for Missed {
    fn from(error: Error) -> Self {
        Self::As(Fate::Failed(error))
    }
}

impl From<Stopped> for Missed {
    fn from(_: Stopped) -> Self {
        Self::Stopped
    }
}

/// Runs it.
pub(super) async fn run(run: &Run, copy: &Copy) -> Ending {
    let porter = match Porter::new(run, copy).await {
        Ok(porter) => porter,
        Err(error) => return Ending::Failed(error),
    };
    let carried = porter.carry().await;
    let mut notes = std::mem::replace(&mut *porter.notes.lock().unwrap_or_else(PoisonError::into_inner), Notes::of(run));
    notes.finish().await;
    match carried {
        Ok(()) if porter.stopped.load(Ordering::Relaxed) => Ending::Stopped,
        Ok(()) => run.ending(),
        Err(Halt::Failed(error)) => Ending::Failed(error),
        Err(Halt::Stopped) => Ending::Stopped,
    }
}

impl Porter {
    async fn new(run: &Run, copy: &Copy) -> Result<Self, Error> {
        let door = run.engine.door();
        let (from, to) = (door.desked(&copy.from.place.id.account)?, door.desked(&copy.to.place.id.account)?);
        let way = way(copy, to.account.site.provider);
        let consent = match way {
            Way::Within => copy.from.consent.joined(copy.to.consent).ok_or_else(|| contradiction(copy))?,
            Way::Across => copy.to.consent,
        };
        if copy.original == Original::Goes && same_bucket(copy, &from.account.site, &to.account.site) && is_onto_itself(copy) {
            return Err(onto_itself("it would be deleted with the original"));
        }
        Ok(Self {
            run: run.clone(),
            copy: Arc::new(copy.clone()),
            both: Arc::new(Acting { consent, ..copy.to.clone() }),
            way,
            site: Arc::new(to.account.site.clone()),
            memory: Arc::new(Semaphore::new(MEMORY)),
            earlier: Arc::new(Earlier::of(run).await?),
            notes: Arc::new(Mutex::new(Notes::of(run))),
            stopped: Arc::default(),
        })
    }

    async fn carry(&self) -> Result<(), Halt> {
        let mut crew = Crew::new(ABREAST);
        let carried = match &self.copy.what {
            Selection::Picked(picks) => self.carry_picked(picks, &mut crew).await,
            Selection::Below { prefix, rules } => {
                let patterns = Patterns::parse(rules.iter().cloned())?;
                self.carry_below(prefix, &patterns, &mut crew).await
            }
        };
        crew.finish().await?;
        carried
    }

    async fn carry_picked(&self, picks: &[Pick], crew: &mut Crew) -> Result<(), Halt> {
        let control = &self.run.control;
        control.found_each(picks.iter().map(Item::from));
        control.counted();
        if matches!(self.copy.key, Pointer::Key(_)) && picks.len() != 1 {
            return Err(Halt::Failed(
                Error::new(ErrorKind::Usage, "several objects cannot become one").hint("Name a prefix that ends in `/`."),
            ));
        }
        control.approved().await?;
        let mut taken = HashSet::new();
        for pick in picks {
            let name = pick.key.as_str();
            let base = name.trim_end_matches('/').rfind('/').map_or(name, |slash| &name[slash + 1..]);
            let leg = self.leg(pick.clone(), base);
            if taken.insert(leg.target.clone()) {
                self.begin(leg, crew).await?;
            } else {
                let reason = format!("another object of this job becomes \"{}\"", leg.target);
                self.end(&leg, Fate::LeftOut(reason));
            }
        }
        Ok(())
    }

    async fn carry_below(&self, prefix: &str, patterns: &Patterns, crew: &mut Crew) -> Result<(), Halt> {
        let control = &self.run.control;
        if matches!(self.copy.key, Pointer::Key(_)) {
            return Err(Halt::Failed(
                Error::new(ErrorKind::Usage, "a prefix cannot become one object").hint("Name a prefix that ends in `/`."),
            ));
        }
        let mut pages = Pages::new(&self.run.engine, control, &self.copy.from, prefix);
        // A copy into what is being listed would be listed, and copied, without end: there the list comes first; as in a plan.
        let mut held = Vec::new();
        let hold = self.writes_into(prefix) || control.rein() == Rein::Plan;
        while let Some(leaf) = pages.next().await? {
            let meant = || leaf.iter().filter(|row| admits(patterns, prefix, row.key));
            control.found_each(meant().map(Item::listed));
            control.named(&mut meant().map(|row| row.key.to_owned()));
            control.found(leaf.odd_keys.len() as u64, 0);
            if hold {
                held.push(leaf);
            } else {
                self.carry_leaf(&leaf, prefix, patterns, crew).await?;
            }
        }
        control.counted();
        control.approved().await?;
        for leaf in held {
            self.carry_leaf(&leaf, prefix, patterns, crew).await?;
        }
        Ok(())
    }

    async fn carry_leaf(&self, leaf: &Leaf, prefix: &str, patterns: &Patterns, crew: &mut Crew) -> Result<(), Halt> {
        for key in &leaf.odd_keys {
            let source = format!("{}/{key}", self.copy.from.place.id);
            let fate = Fate::Failed(odd(key).target(source.clone()));
            self.run.control.ended(ItemEnd { source, target: String::new(), fate, bytes: 0, asked: Asked::NOTHING });
        }
        for row in leaf.iter().filter(|row| admits(patterns, prefix, row.key)) {
            let (size, class) = (Some(row.size()), row.class.cloned());
            let pick = Pick { key: row.object_key(), version: None, size, etag: row.etag(), modified: row.modified, class };
            let leg = self.leg(pick, &row.key[prefix.len()..]);
            self.begin(leg, crew).await?;
        }
        Ok(())
    }

    /// Whether what is written may show up in the listing.
    fn writes_into(&self, prefix: &str) -> bool {
        match &self.copy.key {
            Pointer::Key(_) => false,
            Pointer::Below(to) => self.copy.from.place.id.bucket == self.copy.to.place.id.bucket && to.starts_with(prefix),
        }
    }

    fn leg(&self, pick: Pick, name: &str) -> Leg {
        let target = match &self.copy.key {
            Pointer::Key(key) => key.clone(),
            Pointer::Below(prefix) => ObjectKey::new(format!("{prefix}{name}")),
        };
        let (books, own) = self.run.control.own_books(&self.run.engine);
        Leg { pick, target, books, own }
    }

    async fn begin(&self, leg: Leg, crew: &mut Crew) -> Result<(), Halt> {
        self.run.control.pass().await?;
        let porter = self.clone();
        crew.add(async move {
            match porter.one(&leg).await {
                Some((fate, bytes)) => porter.end_with(&leg, fate, bytes),
                None => porter.stopped.store(true, Ordering::Relaxed),
            }
        })
        .await;
        Ok(())
    }

    fn end(&self, leg: &Leg, fate: Fate) {
        self.end_with(leg, fate, leg.pick.size.unwrap_or(0));
    }

    fn end_with(&self, leg: &Leg, fate: Fate, bytes: u64) {
        let (source, target) = (address(&self.copy.from, &leg.pick.key), address(&self.copy.to, &leg.target));
        self.run.control.ended(ItemEnd { source, target, fate, bytes, asked: Asked::Alone(leg.own.read()) });
    }

    /// Copies one object, and for a move removes the original. `None`: the job was stopped before.
    async fn one(&self, leg: &Leg) -> Option<(Fate, u64)> {
        let unknown = leg.pick.size.unwrap_or(0);
        if let Some(fate) = self.refusal(leg) {
            return Some((fate, unknown));
        }
        if self.earlier.has_done(leg) {
            self.run.control.moved(unknown);
            return Some((Fate::Done(Some("an earlier run had copied it".to_owned())), unknown));
        }
        let landed = match self.landed(leg).await {
            Ok(landed) | Err(Missed::Made(landed)) => landed,
            Err(Missed::As(fate)) => return Some((fate, unknown)),
            Err(Missed::Stopped) => return None,
        };
        let size = landed.size;
        let fate = match self.copy.original {
            Original::Stays => self.finished(leg, landed.item, landed.remark),
            Original::Goes => original::remove(self, leg, landed).await,
        };
        Some((fate, size))
    }

    async fn landed(&self, leg: &Leg) -> Result<Landed, Missed> {
        let left = match self.earlier.has_left(leg) {
            true => left::look_back(self, leg).await?,
            false => None,
        };
        match self.way {
            Way::Within => within::copy(self, leg, left).await,
            Way::Across => across::copy(self, leg, left).await,
        }
    }

    /// An object is where it belongs: it is written down.
    fn finished(&self, leg: &Leg, item: Option<ItemId>, remark: Option<String>) -> Fate {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner).add(done_name(&leg.target, None), item);
        Fate::Done(remark)
    }

    /// How an object is cut.
    fn plan(&self, size: u64) -> Result<PartPlan, Error> {
        let limits = self.run.engine.copy_limits();
        match (self.way, limits) {
            (Way::Across, _) => PartPlan::passing(size, across::largest(self)),
            (Way::Within, Some(limits)) => PartPlan::with_part_size(size, limits.part),
            (Way::Within, None) => PartPlan::copy(size),
        }
    }

    /// What is refused before anything is asked.
    fn refusal(&self, leg: &Leg) -> Option<Fate> {
        let target = || address(&self.copy.to, &leg.target);
        if let Some(Err(error)) = leg.pick.size.map(|size| self.plan(size)) {
            return Some(Fate::Failed(error.target(target())));
        }
        if leg.target.as_str().is_empty() {
            return Some(Fate::LeftOut("it is the marker of the folder itself".to_owned()));
        }
        if let Some(reason) = path_refusal(&leg.target) {
            let error = Error::new(ErrorKind::Unsupported, format!("key \"{}\" cannot be written: {reason}", leg.target));
            return Some(Fate::Failed(error.hint("Choose another name: another object would be meant.").target(target())));
        }
        let same = self.copy.from.place.id == self.copy.to.place.id && leg.pick.key == leg.target;
        match (same, self.copy.original, &self.copy.settings) {
            (true, Original::Goes, _) => Some(Fate::Failed(onto_itself("it would be deleted with the original").target(target()))),
            (true, Original::Stays, None) if leg.pick.version.is_none() => {
                Some(Fate::Failed(onto_itself("nothing would change").target(target())))
            }
            (true | false, Original::Stays | Original::Goes, _) => None,
        }
    }
}

/// A store copies where one account signs for both sides and nobody chose the other way; OSS inside of a region only.
pub(super) fn way(copy: &Copy, provider: Provider) -> Way {
    if treatment::goes_within(copy, provider) { Way::Within } else { Way::Across }
}

/// Whether the two buckets are one, perhaps seen from two accounts.
fn same_bucket(copy: &Copy, from: &Site, to: &Site) -> bool {
    copy.from.place.id.bucket == copy.to.place.id.bucket && from.provider == to.provider && from.endpoint == to.endpoint
}

/// Whether some object would be written over itself.
fn is_onto_itself(copy: &Copy) -> bool {
    match (&copy.what, &copy.key) {
        (Selection::Picked(picks), Pointer::Key(key)) => picks.iter().any(|pick| pick.key == *key),
        (Selection::Picked(picks), Pointer::Below(to)) => picks.iter().any(|pick| {
            let key = pick.key.as_str();
            let folder = key.trim_end_matches('/').rfind('/').map_or("", |slash| &key[..=slash]);
            folder == to
        }),
        (Selection::Below { prefix, .. }, Pointer::Below(to)) => prefix == to,
        (Selection::Below { .. }, Pointer::Key(_)) => false,
    }
}

fn onto_itself(why: &str) -> Error {
    Error::new(ErrorKind::Refused, format!("an object cannot be copied onto itself: {why}"))
        .hint("Choose another key or bucket, or other settings for the copy.")
}

/// One side said yes, the other no, and there is one header for both.
fn contradiction(copy: &Copy) -> Error {
    let (refused, given) = if copy.to.consent == Consent::Refused { (&copy.to, &copy.from) } else { (&copy.from, &copy.to) };
    let (refused, given) = (&refused.place.id, &given.place.id);
    Error::new(ErrorKind::Refused, format!("a copy has one payer header for both buckets: {given} may be paid for, {refused} never"))
        .hint(format!("Set `request_payer = \"ask\"` for {refused}, or copy it with another account, or through this machine (`--stream`, or `way` in the form of `c`)."))
        .target(copy.to.place.id.to_string())
}
