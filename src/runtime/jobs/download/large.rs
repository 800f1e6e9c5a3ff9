//! An object in ranges: several at once, written where they belong, and noted in the journal so that a killed download goes on
//! where it stood.
//!
//! The first range is asked for alone. Its answer says how large the object is and which one, so that no request is spent on
//! asking for that; and a store that sends the whole object whatever was asked for sends it once.

use std::path::Path;
use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use tokio::sync::OwnedSemaphorePermit;
use tokio::task::JoinSet;

use super::fetch::{Ask, Begun, Facts, Guard, Halt, Source, Stretch};
use super::grains::{Claim, Grains, Running, algorithm_of, name_of};
use super::object::{Crew, Goal, Of, SINGLE, closed, lock, lost};
use super::to_draft::{Notes, ToDraft};
use crate::domain::{ETag, Error, Result, Span};
use crate::runtime::files::{Draft, Entry, Folder};
use crate::runtime::jobs::upload::may_pass;
use crate::runtime::journal::Journal;
use crate::runtime::journal::jobs::{Item, ItemId, PartNote};
use crate::runtime::tasks::in_background;
use crate::transfer::parts::PartPlan;
use crate::transfer::sum::Algorithm;
use crate::transfer::{JobId, Pick, Rein};

/// How many grains a range has: what a kill may cost is a grain for each range under way.
const GRAINS: u64 = 4;

/// A large object under way.
struct Large {
    draft: Arc<Draft>,
    grains: Arc<Mutex<Grains>>,
    guard: Guard,
    facts: Facts,
    notes: Option<Notes>,
}

/// An answer to the first range, and the right to have a range under way.
type First = (Begun, OwnedSemaphorePermit);

impl Crew {
    /// Fetches an object that is large, or of which nobody knows how large it is.
    pub(super) async fn large(self: &Arc<Self>, source: &Arc<Source>, goal: &Goal<'_>) -> std::result::Result<Option<String>, Halt> {
        let _turn = self.large.acquire().await.map_err(closed)?;
        if let Some(large) = self.resumed(source, goal).await? {
            return self.in_ranges(source, goal, large, None).await;
        }
        let pick = &goal.wish.pick;
        let part = PartPlan::download(pick.size.unwrap_or(SINGLE)).part_size();
        let stretch = Stretch { at: 0, end: Some(part), ask: Ask::Range };
        let permit = self.ranges.clone().acquire_owned().await.map_err(closed)?;
        let begun = match source.begin(&stretch, &Guard::of(pick)).await {
            // An empty object has no first byte.
            Err(Halt::Failed(error)) if error.store_answer().is_some_and(|answer| answer.status == 416) && pick.size.is_none() => {
                return self.whole(source, goal, None).await;
            }
            begun => begun?,
        };
        if begun.facts.span == Span::Whole || begun.facts.size <= part {
            return self.whole(source, goal, Some((stretch, begun))).await;
        }
        let large = self.begun(source, goal, &begun.facts).await?;
        self.in_ranges(source, goal, large, Some((begun, permit))).await
    }

    /// A draft of the right size, and its line in the journal.
    async fn begun(&self, source: &Source, goal: &Goal<'_>, facts: &Facts) -> Result<Large> {
        let ranges = PartPlan::download(facts.size);
        let plan = PartPlan::with_part_size(facts.size, ranges.part_size() / GRAINS)?;
        let algorithm = facts.claim.map_or(Algorithm::Crc64Nvme, |claim| claim.algorithm);
        let guard = Guard::after(&goal.wish.pick, facts);
        let modified = facts.modified.or(goal.wish.pick.modified);
        let mut item = Item {
            key: source.object.key.clone(),
            version: source.object.version.clone(),
            local: None,
            size: Some(facts.size),
            etag: guard.etag.clone(),
            upload: None,
            part_size: plan.part_size(),
            mark: Some(mark(algorithm, facts.claim, modified)),
        };
        let (folder, name, size) = (goal.folder.clone(), goal.name.to_owned(), facts.size);
        let (id, journal) = (self.run.id, self.run.engine.journal().clone());
        let work = move || {
            let draft = Draft::begin(&folder, &name)?;
            item.local = Some(draft.path());
            // Written down while it is empty: a large draft that the journal does not know would stay for ever.
            let item = id.map(|id| journal.begin_item(id, &item)).transpose()?;
            if let Err(error) = draft.set_size(size) {
                item.map_or(Ok(()), |item| journal.end_item(item))?;
                return Err(error);
            }
            // From here on it survives this process.
            let notes = item.map(|item| Notes { journal, item }).inspect(|_| draft.keep());
            Ok((Arc::new(draft), notes))
        };
        let (draft, notes) = self.by_hand(work).await?;
        let grains = Arc::new(Mutex::new(Grains::new(algorithm, plan)));
        Ok(Large { draft, grains, guard, facts: Facts { modified, ..facts.clone() }, notes })
    }

    /// Fetches what is missing, and completes the file.
    async fn in_ranges(
        self: &Arc<Self>,
        source: &Arc<Source>,
        goal: &Goal<'_>,
        large: Large,
        first: Option<First>,
    ) -> std::result::Result<Option<String>, Halt> {
        let ended = match self.ranges(source, &large, first).await {
            Ok(()) => self.named(goal, large.draft.clone(), &large.facts, large.notes.as_ref()).await,
            Err(halt) => Err(halt),
        };
        // What is there stays for the next run, if somebody stopped this one or if what failed may be over by then.
        let ended = match ended {
            Err(Halt::Stopped(Rein::Stop)) if large.notes.is_some() => return ended,
            Err(Halt::Failed(error)) if large.notes.is_some() && may_pass(&error) => return Err(Halt::Failed(kept(error))),
            ended => ended,
        };
        let (over, draft, notes) = (matches!(ended, Ok(Some(_))), large.draft, large.notes);
        // The line of a job's only object ends with the job: between the two ends nothing would say that the object has its name.
        let stays = over && self.of == Of::One;
        let tidy = move || {
            if !over {
                draft.discard()?;
            }
            notes.filter(|_| !stays).map_or(Ok(()), |Notes { journal, item }| journal.end_item(item))
        };
        in_background(tidy).await?;
        ended
    }

    async fn ranges(self: &Arc<Self>, source: &Arc<Source>, large: &Large, mut first: Option<First>) -> std::result::Result<(), Halt> {
        let missing = lock(&large.grains).missing(GRAINS as usize);
        let mut under_way = JoinSet::new();
        for (begin, end) in missing {
            let mut sink = ToDraft::new(self, &large.draft, &large.grains, large.notes.clone());
            let (crew, source, guard, first) = (self.clone(), source.clone(), large.guard.clone(), first.take());
            under_way.spawn(async move {
                let mut stretch = Stretch { at: begin, end: Some(end), ask: Ask::Range };
                let (begun, _permit) = match first {
                    Some((begun, permit)) => (Some(begun), permit),
                    None => (None, crew.ranges.clone().acquire_owned().await.map_err(closed)?),
                };
                let facts = source.carry(&mut stretch, &guard, begun, &mut sink).await?;
                Ok::<_, Halt>((begin, end, facts))
            });
        }
        let mut claims: Vec<(u64, u64, Claim)> = large.facts.claim.map(|claim| (0, 0, claim)).into_iter().collect();
        while let Some(ended) = under_way.join_next().await {
            let (begin, end, facts) = ended.map_err(|_| lost())??;
            claims.extend(facts.and_then(|facts| facts.claim).map(|claim| (begin, end, claim)));
        }
        let grains = lock(&large.grains);
        for (begin, end, claim) in claims.iter().filter(|(begin, end, _)| end > begin || large.is_of_the_whole()) {
            grains.compare(&source.object.key, claim, *begin, *end)?;
        }
        Ok(())
    }

    /// The line of a file that is about to get its name; `None`: the job is not kept, or its listing would tell.
    pub(super) fn line(&self, goal: &Goal<'_>, facts: &Facts, known: Option<&Notes>) -> Option<Line> {
        let algorithm = facts.claim.map_or(Algorithm::Crc64Nvme, |claim| claim.algorithm);
        let mark = mark(algorithm, facts.claim, facts.modified);
        if let Some(Notes { journal, item }) = known {
            return Some(Line { journal: journal.clone(), whose: Whose::Known(*item), mark });
        }
        let (id, pick) = (self.run.id.filter(|_| self.of == Of::One)?, &goal.wish.pick);
        let item = Item {
            key: pick.key.clone(),
            version: pick.version.clone(),
            local: None,
            size: Some(facts.size),
            etag: facts.etag.clone(),
            upload: None,
            part_size: facts.size.max(1),
            mark: None,
        };
        Some(Line { journal: self.run.engine.journal().clone(), whose: Whose::New(id, Box::new(item)), mark })
    }

    /// Whether an earlier run has given this object its name, and did not live to write down that it ended: by the very file. Its size.
    pub(super) async fn was_named(&self, goal: &Goal<'_>) -> Result<Option<u64>> {
        let (Some(id), true) = (self.run.id, self.of == Of::One || goal.wish.pick.size.is_none_or(|size| size > SINGLE)) else {
            return Ok(None);
        };
        let (journal, pick, folder, name) =
            (self.run.engine.journal().clone(), goal.wish.pick.clone(), goal.folder.clone(), goal.name.to_owned());
        let work = move || {
            let Some((_, kept, _)) = journal.item(id, &pick.key, pick.version.as_ref())? else { return Ok(None) };
            let noted = kept.mark.as_deref().and_then(inode_of);
            let Entry::File { size, inode, .. } = folder.look(&name)? else { return Ok(None) };
            Ok(Some(size).filter(|size| noted == Some(inode) && kept.size == Some(*size)))
        };
        self.by_hand(work).await
    }

    /// What an earlier run has left of this object: the bytes that are really there. What does not fit is removed.
    async fn resumed(&self, source: &Source, goal: &Goal<'_>) -> Result<Option<Large>> {
        let Some(id) = self.run.id else { return Ok(None) };
        let (journal, pick, folder) = (self.run.engine.journal().clone(), goal.wish.pick.clone(), goal.folder.clone());
        let large = self.by_hand(move || look_back(&journal, id, &pick, &folder)).await?;
        if let Some(large) = &large {
            let grains = lock(&large.grains);
            let missing: u64 = grains.missing(1).iter().map(|(begin, end)| end - begin).sum();
            source.has_moved(grains.plan.size() - missing);
        }
        Ok(large)
    }
}

/// A line that says which file is about to get its name.
pub(super) struct Line {
    journal: Journal,
    whose: Whose,
    mark: String,
}

/// Whether the object has a line already.
enum Whose {
    Known(ItemId),
    New(JobId, Box<Item>),
}

impl Line {
    /// On disk before the file has its name; a line that was made for it goes if it gets none.
    pub(super) fn around(self, draft: &Draft, name: impl FnOnce() -> Result<Option<String>>) -> Result<Option<String>> {
        let mark = format!("{} {}", self.mark, draft.inode()?);
        let made = match self.whose {
            Whose::Known(item) => self.journal.remark_item(item, &mark).map(|()| None),
            Whose::New(id, item) => self.journal.begin_item(id, &Item { local: Some(draft.path()), mark: Some(mark), ..*item }).map(Some),
        }?;
        let named = name();
        if let (Some(item), Ok(None) | Err(_)) = (made, &named) {
            self.journal.end_item(item)?;
        }
        named
    }
}

/// The same failure, and that nothing is lost by it.
fn kept(error: Error) -> Error {
    let hint = error.hint_text().map(|hint| format!("{hint} ")).unwrap_or_default();
    error.hint(format!("{hint}What is there is kept: repeat the download to go on with it."))
}

impl Large {
    /// Whether the claim that stands beside no range is one of the whole object, whatever answer it came in.
    fn is_of_the_whole(&self) -> bool {
        self.facts.claim.is_some_and(|claim| claim.algorithm == Algorithm::Crc64Ecma)
    }
}

/// Finds, checks and opens an object's draft of an earlier run.
fn look_back(journal: &Journal, id: JobId, pick: &Pick, folder: &Folder) -> Result<Option<Large>> {
    let Some((item, kept, parts)) = journal.item(id, &pick.key, pick.version.as_ref())? else { return Ok(None) };
    let opened = opened(&kept, pick, folder);
    let Some((draft, plan, (algorithm, claim, modified))) = opened else {
        if let Some(name) = kept.local.as_deref().filter(|path| path.parent() == Some(folder.path())).and_then(file_name) {
            Draft::clear(folder, name);
        }
        return journal.end_item(item).map(|()| None);
    };
    draft.keep();
    let mut grains = Grains::new(algorithm, plan);
    for part in parts {
        if let Some(sum) = part.sum.filter(|sum| is_there(&draft, &plan, algorithm, &part, *sum)) {
            grains.note(&[(part.number, sum)]);
        }
    }
    let (etag, size) = (kept.etag, plan.size());
    let span = Span::Part { first: 0, last: size.saturating_sub(1) };
    Ok(Some(Large {
        draft: Arc::new(draft),
        grains: Arc::new(Mutex::new(grains)),
        guard: Guard { etag: etag.clone(), size: Some(size) },
        facts: Facts { size, etag, modified, claim, span },
        notes: Some(Notes { journal: journal.clone(), item }),
    }))
}

type Mark = (Algorithm, Option<Claim>, Option<Timestamp>);

/// The draft, if it is of the object that is meant, here, and unharmed. Without an entity tag nobody knows whether the rest fits.
fn opened(kept: &Item, pick: &Pick, folder: &Folder) -> Option<(Draft, PartPlan, Mark)> {
    let etag = kept.etag.as_ref()?;
    let same = |now: &ETag| now.as_str().trim_matches('"').eq_ignore_ascii_case(etag.as_str().trim_matches('"'));
    let local = kept.local.as_deref().filter(|path| path.parent() == Some(folder.path()))?;
    let plan = PartPlan::with_part_size(kept.size?, kept.part_size).ok()?;
    let draft = Draft::resume(folder, local.file_name()?.to_str()?, plan.size())?;
    // A draft of another content is let go here: dropping it removes it.
    pick.etag.as_ref().is_none_or(same).then_some(())?;
    Some((draft, plan, read_mark(kept.mark.as_deref()?)?))
}

/// Whether a grain's bytes are on the disk: after a loss of power they may not be.
fn is_there(draft: &Draft, plan: &PartPlan, algorithm: Algorithm, note: &PartNote, sum: u64) -> bool {
    let Some(part) = plan.part(note.number) else { return false };
    let (mut running, mut at, mut found) = (Running::new(algorithm, *plan), part.offset, None);
    while at < part.end() {
        let length = usize::try_from((part.end() - at).min(1 << 20)).unwrap_or(1 << 20);
        let mut bytes = vec![0; length];
        if draft.read_at(&mut bytes, at).is_err() {
            return false;
        }
        found = running.take(at, &bytes.into()).pop();
        at += length as u64;
    }
    found == Some((note.number, sum))
}

fn mark(algorithm: Algorithm, claim: Option<Claim>, modified: Option<Timestamp>) -> String {
    let or_dash = |value: Option<String>| value.unwrap_or_else(|| "-".to_owned());
    let (claim, modified) = (claim.map(|claim| claim.value.to_string()), modified.map(|time| time.as_second().to_string()));
    format!("{} {} {}", name_of(algorithm), or_dash(claim), or_dash(modified))
}

fn read_mark(text: &str) -> Option<Mark> {
    let mut words = text.split(' ');
    let algorithm = algorithm_of(words.next()?)?;
    let claim = words.next()?.parse().ok().map(|value| Claim { algorithm, value });
    let modified = words.next()?.parse().ok().and_then(|second| Timestamp::from_second(second).ok());
    Some((algorithm, claim, modified))
}

/// The file of a mark that was written right before the file got its name.
fn inode_of(text: &str) -> Option<u64> {
    text.split(' ').nth(3)?.parse().ok()
}

/// Removes what a job has under way in parts.
pub(super) fn give_up(journal: &Journal, id: JobId) -> Result<()> {
    let items: Vec<(ItemId, Item)> = journal.items(id)?;
    for (number, item) in items {
        if let Some(path) = &item.local {
            remove(path)?;
        }
        journal.end_item(number)?;
    }
    Ok(())
}

/// Removes a draft, and nothing that is none.
fn remove(path: &Path) -> Result<()> {
    let named = path.parent().zip(file_name(path));
    match named {
        Some((folder, name)) if crate::runtime::files::is_draft(name) && folder.exists() => Folder::existing(folder)?.remove(name),
        Some(_) | None => Ok(()),
    }
}

fn file_name(path: &Path) -> Option<&str> {
    path.file_name().and_then(|name| name.to_str())
}
