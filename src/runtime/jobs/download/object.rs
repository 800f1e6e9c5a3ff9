//! One object of a download: from a wish to a file with its name, or nothing.
//!
//! Comes in: a [`Wish`]. Goes out: how it ended. Small objects are collected in memory and written in one go; others go to a
//! [`Draft`] while they come; large ones in ranges ([`super::large`]).

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use tokio::sync::Semaphore;

use super::fetch::{Ask, Begun, Facts, Guard, Halt, Sink, Source, Stretch};
use super::grains::{Grains, Running};
use super::to_draft::{Notes, ToDraft};
use crate::domain::{Acting, Error, ErrorKind, ObjectRef, Result};
use crate::runtime::files::{Draft, Entry, Finish, Folder};
use crate::runtime::jobs::Run;
use crate::runtime::tasks::in_background;
use crate::runtime::workbench::Workbench;
use crate::transfer::parts::PartPlan;
use crate::transfer::sum::Algorithm;
use crate::transfer::{Asked, Existing, Fate, Pick, Selection};

/// Up to this size an object is collected in memory and written in one go.
const SMALL: u64 = 64 << 10;
/// Up to this size an object is fetched in one request.
pub(super) const SINGLE: u64 = 64 << 20;
/// What all objects under way may hold in memory, in pages: 24 MiB.
const ROOM: usize = (24 << 20) / PAGE;
const PAGE: usize = 4 << 10;
/// What an object holds at most while it comes: a batch, and what its connection has read ahead.
const HELD: u64 = 512 << 10;
/// How many ranges of large objects are under way at once, and of how many objects.
const RANGES: usize = 8;
const LARGE: usize = 2;
/// How many threads write at once: more only wait for each other.
const HANDS: usize = 8;

/// What is said of an object that was there already.
const EARLIER: &str = "finished by an earlier run";

/// What all objects of a job share.
pub(super) struct Crew {
    pub(super) run: Run,
    pub(super) acting: Acting,
    pub(super) base: Folder,
    /// The rights of finished files.
    pub(super) mode: u32,
    pub(super) looks: Looks,
    pub(super) start: Start,
    pub(super) of: Of,
    pub(super) ranges: Arc<Semaphore>,
    pub(super) large: Semaphore,
    room: Semaphore,
    pub(super) hands: Arc<Semaphore>,
    /// Where small files are written.
    bench: Workbench,
    /// The folder that was used last: a listing has those of one folder one after the other.
    last: Mutex<Option<(Vec<String>, Folder)>>,
}

/// Whether a name has to be looked at before its object is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Looks {
    /// Before each object: what exists and is kept costs no request.
    Each,
    /// The folder was empty. Whatever appears meanwhile is not replaced all the same.
    None,
}

/// Whether the job has run before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Start {
    Fresh,
    /// It was begun so many seconds after 1970.
    Resumed {
        since: i64,
    },
}

/// What the job is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Of {
    /// One object: its end is the job's end, and written down with it.
    One,
    /// Many, each of which is written down when it has ended.
    Many,
}

impl Of {
    pub(super) fn job(what: &Selection) -> Self {
        match what {
            Selection::Picked(picks) if picks.len() == 1 => Self::One,
            Selection::Picked(_) | Selection::Below { .. } => Self::Many,
        }
    }
}

/// An object to be fetched.
pub(super) struct Wish {
    pub(super) pick: Pick,
    /// The folders on the way.
    pub(super) folders: Vec<String>,
    pub(super) wanting: Wanting,
    /// What the user is told of its name.
    pub(super) remark: Option<String>,
    pub(super) existing: Existing,
    /// Which of the job's objects of this key it is, from 1.
    pub(super) turn: u32,
}

/// What an object becomes.
pub(super) enum Wanting {
    /// A file of this name.
    File(String),
    /// A folder: the last of those on the way.
    Folder,
}

/// How an object ended.
pub(super) struct Finished {
    pub(super) wish: Wish,
    /// The file.
    pub(super) target: PathBuf,
    pub(super) bytes: u64,
    pub(super) asked: Asked,
    pub(super) end: std::result::Result<Fate, Halt>,
}

/// A file that an object becomes.
pub(super) struct Goal<'a> {
    pub(super) wish: &'a Wish,
    pub(super) folder: Folder,
    pub(super) name: &'a str,
}

impl Crew {
    pub(super) fn new(run: &Run, acting: &Acting, base: Folder, mode: u32, (start, of): (Start, Of)) -> Self {
        let looks = if base.is_empty() { Looks::None } else { Looks::Each };
        Self {
            run: run.clone(),
            acting: acting.clone(),
            base,
            mode,
            looks,
            start,
            of,
            ranges: Arc::new(Semaphore::new(RANGES)),
            large: Semaphore::new(LARGE),
            room: Semaphore::new(ROOM),
            hands: Arc::new(Semaphore::new(HANDS)),
            bench: Workbench::default(),
            last: Mutex::new(None),
        }
    }

    /// Fetches one object.
    pub(super) async fn fetch(self: Arc<Self>, wish: Wish) -> Finished {
        let source = Arc::new(Source::new(&self, &wish));
        let mut target = self.base.path().join(wish.folders.join("/"));
        if let Wanting::File(name) = &wish.wanting {
            target.push(name);
        }
        let end = self.fetched(&source, &wish, &mut target).await;
        if end.is_err() {
            source.take_back();
        }
        let bytes = source.moved().max(wish.pick.size.unwrap_or(0));
        let asked = Asked::Alone(source.own.read());
        Finished { wish, target, bytes, asked, end }
    }

    async fn fetched(self: &Arc<Self>, source: &Arc<Source>, wish: &Wish, target: &mut PathBuf) -> std::result::Result<Fate, Halt> {
        self.run.control.pass().await?;
        let Wanting::File(name) = &wish.wanting else {
            self.folder(&wish.folders).await?;
            return Ok(Fate::Done(wish.remark.clone()));
        };
        let folder = self.folder(&wish.folders).await?;
        let goal = Goal { wish, folder, name };
        if self.start != Start::Fresh
            && let Some(size) = self.was_named(&goal).await?
        {
            if wish.pick.size.is_none() {
                self.run.control.found(0, size);
            }
            source.has_moved(size);
            return Ok(Fate::Done(Some(EARLIER.to_owned())));
        }
        if self.looks == Looks::Each
            && let Some(fate) = self.looked(&goal).await?
        {
            if matches!(fate, Fate::Done(_)) {
                source.has_moved(wish.pick.size.unwrap_or(0));
            }
            return Ok(fate);
        }
        let pages = wish.pick.size.unwrap_or(SINGLE).min(HELD).div_ceil(PAGE as u64);
        let pages = u32::try_from(pages).unwrap_or(u32::MAX).saturating_add(2);
        let _room = self.room.acquire_many(pages).await.map_err(closed)?;
        let named = match wish.pick.size {
            Some(size) if size <= SMALL => self.small(source, &goal).await?,
            // Each of thousands of small objects would make room for what a larger one needs.
            Some(size) if size <= SINGLE => Box::pin(self.whole(source, &goal, None)).await?,
            Some(_) | None => Box::pin(self.large(source, &goal)).await?,
        };
        let Some(named) = named else { return Ok(Fate::Exists) };
        let remark = (named != *name).then(|| format!("kept as {named}, beside the one that was there"));
        target.set_file_name(named);
        Ok(Fate::Done(wish.remark.clone().or(remark)))
    }

    /// The folder below the chosen one.
    async fn folder(&self, names: &[String]) -> Result<Folder> {
        if names.is_empty() {
            return Ok(self.base.clone());
        }
        let known =
            |last: &Option<(Vec<String>, Folder)>| last.as_ref().filter(|(known, _)| known == names).map(|(_, folder)| folder.clone());
        if let Some(folder) = known(&self.last.lock().unwrap_or_else(PoisonError::into_inner)) {
            return Ok(folder);
        }
        let (base, names) = (self.base.clone(), names.to_vec());
        let (names, folder) = self.by_hand(move || base.below(&names).map(|folder| (names, folder))).await?;
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some((names, folder.clone()));
        Ok(folder)
    }

    /// Work with files: on another thread, and not on too many.
    pub(super) async fn by_hand<T: Send + 'static>(&self, work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
        by_hand(&self.hands, work).await
    }

    /// How an object ends before it is asked for, because of what has its name.
    async fn looked(&self, goal: &Goal<'_>) -> Result<Option<Fate>> {
        let (folder, name) = (goal.folder.clone(), goal.name.to_owned());
        let entry = self.bench.work(move || folder.look(&name)).await?;
        let (path, pick) = (goal.folder.path().join(goal.name), &goal.wish.pick);
        let earlier = Fate::Done(Some(EARLIER.to_owned()));
        let same = |size, modified| pick.size == Some(size) && pick.modified.map(|time| time.as_second()) == Some(modified);
        Ok(match (entry, goal.wish.existing, self.start) {
            (Entry::Nothing, _, _) | (_, Existing::KeepBoth, _) | (Entry::File { .. }, Existing::Replace, Start::Fresh) => None,
            (Entry::File { .. }, Existing::Keep, Start::Fresh) => Some(Fate::Exists),
            (Entry::File { size, modified, .. }, Existing::Keep, Start::Resumed { .. }) => {
                Some(if same(size, modified) { earlier } else { Fate::Exists })
            }
            // What is to be replaced is older than the job; what the job put in its place is not.
            (Entry::File { size, modified, changed, .. }, Existing::Replace, Start::Resumed { since }) => {
                (same(size, modified) && changed >= since).then_some(earlier)
            }
            (Entry::Folder | Entry::Other, Existing::Keep, _) => Some(Fate::Exists),
            (Entry::Folder | Entry::Other, Existing::Replace, _) => {
                let what = format!("{}: something that is no file is in the way", super::shown(&path));
                Some(Fate::Failed(Error::new(ErrorKind::Refused, what).hint("Move it away, or choose another folder.")))
            }
        })
    }

    /// An object that fits into memory: one request, one visit to the disk.
    async fn small(&self, source: &Source, goal: &Goal<'_>) -> std::result::Result<Option<String>, Halt> {
        let mut stretch = Stretch { at: 0, end: None, ask: Ask::Plain };
        let begun = source.begin(&stretch, &Guard::of(&goal.wish.pick)).await?;
        if begun.facts.size > SMALL {
            return Box::pin(self.whole(source, goal, Some((stretch, begun)))).await;
        }
        let (facts, guard) = (begun.facts.clone(), Guard::after(&goal.wish.pick, &begun.facts));
        let mut memory = Memory::default();
        source.carry(&mut stretch, &guard, Some(begun), &mut memory).await?;
        let (folder, name, key) = (goal.folder.clone(), goal.name.to_owned(), source.object.key.clone());
        let finish = self.finish_of(goal.wish, &facts);
        let work = move || {
            let mut sums = single(&facts)?;
            let mut running = Running::new(sums.algorithm, sums.plan);
            let draft = Draft::begin(&folder, &name)?;
            let mut at = 0;
            for piece in &memory.pieces {
                sums.note(&running.take(at, piece));
                at += piece.len() as u64;
            }
            draft.write_at(&memory.pieces, 0)?;
            if let Some(claim) = &facts.claim {
                sums.compare(&key, claim, 0, facts.size)?;
            }
            draft.finish(&name, &finish)
        };
        Ok(self.bench.work(work).await?)
    }

    /// An object in one request, written while it comes.
    pub(super) async fn whole(
        &self,
        source: &Source,
        goal: &Goal<'_>,
        begun: Option<(Stretch, Begun)>,
    ) -> std::result::Result<Option<String>, Halt> {
        let (mut stretch, begun) = match begun {
            Some(begun) => begun,
            None => {
                let stretch = Stretch { at: 0, end: None, ask: Ask::Plain };
                let begun = source.begin(&stretch, &Guard::of(&goal.wish.pick)).await?;
                (stretch, begun)
            }
        };
        stretch.end = None;
        let (facts, guard) = (begun.facts.clone(), Guard::after(&goal.wish.pick, &begun.facts));
        let grains = Arc::new(Mutex::new(single(&facts)?));
        let (folder, name) = (goal.folder.clone(), goal.name.to_owned());
        let draft = Arc::new(self.by_hand(move || Draft::begin(&folder, &name)).await?);
        let mut sink = ToDraft::new(self, &draft, &grains, None);
        source.carry(&mut stretch, &guard, Some(begun), &mut sink).await?;
        drop(sink);
        if let Some(claim) = &facts.claim {
            lock(&grains).compare(&source.object.key, claim, 0, facts.size)?;
        }
        self.named(goal, draft, &facts, None).await
    }

    /// Gives a complete draft its name. Which file that will be is written down first, where no listing would tell it: a run that
    /// was killed behind the naming has finished the object.
    pub(super) async fn named(
        &self,
        goal: &Goal<'_>,
        draft: Arc<Draft>,
        facts: &Facts,
        known: Option<&Notes>,
    ) -> std::result::Result<Option<String>, Halt> {
        let (finish, name, line) = (self.finish_of(goal.wish, facts), goal.name.to_owned(), self.line(goal, facts, known));
        let work = move || match line {
            Some(line) => line.around(&draft, || draft.finish(&name, &finish)),
            None => draft.finish(&name, &finish),
        };
        Ok(self.by_hand(work).await?)
    }

    fn finish_of(&self, wish: &Wish, facts: &Facts) -> Finish {
        Finish {
            mode: self.mode,
            modified: facts.modified.or(wish.pick.modified),
            size: facts.size,
            existing: wish.existing,
            first: wish.turn,
        }
    }
}

impl Source {
    fn new(crew: &Crew, wish: &Wish) -> Self {
        let (key, version) = (wish.pick.key.clone(), wish.pick.version.clone());
        let object = ObjectRef { bucket: crew.acting.place.id.bucket.clone(), key, version };
        Self::of(&crew.run.engine, &crew.run.control, &crew.acting, object, wish.pick.size)
    }
}

impl Guard {
    /// Before the first answer: what a listing said.
    pub(super) fn of(pick: &Pick) -> Self {
        Self { etag: pick.etag.clone(), size: None }
    }

    /// After it.
    pub(super) fn after(pick: &Pick, facts: &Facts) -> Self {
        Self { etag: facts.etag.clone().or_else(|| pick.etag.clone()), size: Some(facts.size) }
    }
}

/// Sums of an object that comes in one piece.
fn single(facts: &Facts) -> Result<Grains> {
    let algorithm = facts.claim.map_or(Algorithm::Crc64Nvme, |claim| claim.algorithm);
    Ok(Grains::new(algorithm, PartPlan::with_part_size(facts.size, facts.size.max(1))?))
}

/// Keeps an object in memory, from its first byte.
#[derive(Default)]
struct Memory {
    pieces: Vec<Bytes>,
}

impl Sink for Memory {
    async fn take(&mut self, _at: u64, bytes: Vec<Bytes>) -> Result<()> {
        self.pieces.extend(bytes);
        Ok(())
    }
}

pub(super) async fn by_hand<T: Send + 'static>(hands: &Semaphore, work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    let _hand = hands.acquire().await.map_err(closed)?;
    in_background(work).await
}

pub(super) fn lock(grains: &Mutex<Grains>) -> std::sync::MutexGuard<'_, Grains> {
    grains.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The semaphores live as long as the crew and are never closed.
pub(super) fn closed(_: tokio::sync::AcquireError) -> Error {
    lost()
}

pub(super) fn lost() -> Error {
    Error::new(ErrorKind::Internal, "a download lost its place").hint("Report this with the log file.")
}
