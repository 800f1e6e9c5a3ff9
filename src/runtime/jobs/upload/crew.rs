//! Who works on the files of a job: small ones many at once, as many as the store likes; large ones a few at once, as their
//! parts share the line. Nothing waits for the end of the walk.

use std::collections::{HashSet, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::task::JoinSet;

use super::multipart::{self, LocalFile};
use super::parcel::Parcel;
use super::{End, Shared, single, units};
use crate::domain::{ErrorKind, ObjectKey};
use crate::runtime::clock;
use crate::runtime::jobs::notes::Notes;
use crate::runtime::journal::jobs::{DoneName, done_name};
use crate::runtime::source::{self, Findings, Found};
use crate::runtime::tasks::{died, in_background};
use crate::transfer::outcome::Item;
use crate::transfer::pace::{Outcome, Width};
use crate::transfer::parts::SINGLE;
use crate::transfer::{Asked, Ending, Fate, ItemEnd};

/// How many small files are under way at first, and at most.
const SMALL: (usize, usize) = (32, 256);

/// How many large files are under way at once.
const LARGE: usize = 4;

/// How many large files wait for their turn while small ones go on.
const WAITING: usize = 256;

/// Whether files are counted as they come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Counting {
    /// They are.
    AsFound,
    /// They were counted before.
    Counted,
}

/// A file that is to be uploaded.
struct Task {
    path: Arc<Path>,
    key: ObjectKey,
    /// The key in the list of finished objects.
    name: DoneName,
    size: u64,
}

/// How a file ended; `None`: the job was stopped before.
type Ended = (DoneName, bool, Option<ItemEnd>);

struct Crew {
    shared: Arc<Shared>,
    counting: Counting,
    width: Width,
    small: JoinSet<Ended>,
    large: JoinSet<Ended>,
    waiting: VecDeque<Task>,
    keys: HashSet<DoneName>,
    notes: Notes,
    stopped: bool,
    failed: u64,
}

/// Works until all is done, or the job is to end.
pub(super) async fn work(shared: Arc<Shared>, mut found: Findings, counting: Counting) -> Ending {
    let control = shared.run.control.clone();
    let notes = Notes::of(&shared.run);
    let mut crew = Crew {
        shared,
        counting,
        width: Width::new(SMALL.0, SMALL.1),
        small: JoinSet::new(),
        large: JoinSet::new(),
        waiting: VecDeque::new(),
        keys: HashSet::new(),
        notes,
        stopped: false,
        failed: 0,
    };
    let mut stopped = std::pin::pin!(control.stopped());
    let mut more = true;
    loop {
        crew.begin_large();
        if !more && crew.is_idle() {
            break;
        }
        tokio::select! {
            Some(ended) = crew.small.join_next() => crew.small_ended(ended),
            Some(ended) = crew.large.join_next() => crew.ended(ended),
            _ = &mut stopped, if !crew.stopped => {
                (crew.stopped, more) = (true, false);
                crew.waiting.clear();
                found.close();
            }
            next = found.next(), if more && crew.has_room() => match next {
                Some(next) => crew.take(next),
                None => {
                    more = false;
                    control.counted();
                }
            },
        }
    }
    crew.notes.finish().await;
    match (crew.stopped, crew.failed) {
        (true, _) => Ending::Stopped,
        (false, 0) => Ending::Done,
        (false, _) => Ending::Partly,
    }
}

impl Crew {
    fn is_idle(&self) -> bool {
        self.small.is_empty() && self.large.is_empty() && self.waiting.is_empty()
    }

    fn has_room(&self) -> bool {
        self.small.len() < self.width.now() && self.waiting.len() < WAITING
    }

    fn take(&mut self, found: Found) {
        if self.counting == Counting::AsFound {
            let size = if let Found::File { size, .. } = &found { *size } else { 0 };
            self.shared.run.control.found_each([Item::local(size)].into_iter());
        }
        match found {
            Found::File { path, key, size } => self.file(path, key, size),
            Found::LeftOut(path, why) => self.without(&path, Fate::LeftOut(why)),
            Found::Failed(path, error) => self.without(&path, Fate::Failed(error)),
        }
    }

    /// Something that never became a request.
    fn without(&mut self, path: &Path, fate: Fate) {
        let source = path.to_string_lossy().into_owned();
        self.tell(ItemEnd { source, target: String::new(), fate, bytes: 0, asked: Asked::NOTHING });
    }

    fn tell(&mut self, end: ItemEnd) {
        self.failed += u64::from(matches!(end.fate, Fate::Failed(_) | Fate::Exists));
        self.shared.run.control.ended(end);
    }

    fn file(&mut self, path: PathBuf, key: ObjectKey, size: u64) {
        let name = done_name(&key, None);
        if !self.keys.insert(name) {
            return self.without(&path, Fate::LeftOut(format!("another file of this upload has the key {key}")));
        }
        if self.shared.earlier.contains(&name) {
            self.shared.run.control.moved(size);
            let fate = Fate::Done(Some("an earlier run had uploaded it".to_owned()));
            let parcel = Parcel::new(&self.shared, key, "");
            return self.tell(parcel.item_end(path.to_string_lossy().into_owned(), size, fate));
        }
        let task = Task { path: path.into(), key, name, size };
        if task.size > SINGLE {
            self.waiting.push_back(task);
        } else {
            // In a box: a task is moved several times before it runs, and again when it has ended.
            self.small.spawn(Box::pin(uploaded(self.shared.clone(), task)));
        }
    }

    fn begin_large(&mut self) {
        while self.large.len() < LARGE
            && let Some(task) = self.waiting.pop_front()
        {
            self.large.spawn(Box::pin(uploaded(self.shared.clone(), task)));
        }
    }

    fn small_ended(&mut self, joined: Result<Ended, tokio::task::JoinError>) {
        let (outcome, bytes) = match &joined {
            Ok((_, repeated, Some(end))) => (outcome(end, *repeated), end.bytes),
            Ok((_, _, None)) | Err(_) => (Outcome::Failed, 0),
        };
        self.width.ended(clock::now(), bytes, outcome);
        self.ended(joined);
    }

    fn ended(&mut self, joined: Result<Ended, tokio::task::JoinError>) {
        match joined {
            Ok((name, _, Some(end))) => {
                if matches!(end.fate, Fate::Done(_)) {
                    self.notes.add(name, None);
                }
                self.tell(end);
            }
            Ok((_, _, None)) => self.stopped = true,
            Err(_) => self.without(Path::new(""), Fate::Failed(died())),
        }
    }
}

fn outcome(end: &ItemEnd, repeated: bool) -> Outcome {
    match &end.fate {
        Fate::Failed(error) if error.kind() == ErrorKind::Throttled => Outcome::SlowDown,
        Fate::Failed(_) => Outcome::Failed,
        // Nearly always because the store asked for it.
        Fate::Done(_) | Fate::Exists | Fate::LeftOut(_) if repeated => Outcome::SlowDown,
        Fate::Done(_) | Fate::Exists | Fate::LeftOut(_) => Outcome::Good,
    }
}

/// Uploads one file.
async fn uploaded(shared: Arc<Shared>, task: Task) -> Ended {
    let name = task.path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let parcel = Parcel::new(&shared, task.key.clone(), &name);
    // Each of thousands of small files would make room for what a large one needs.
    let (bytes, end) = if task.size > SINGLE { Box::pin(large(&parcel, &task)).await } else { small(&parcel, &task).await };
    let source = task.path.to_string_lossy().into_owned();
    let end = match end {
        End::Fate(fate) => Some(parcel.item_end(source, bytes, fate)),
        End::Stopped => None,
    };
    (task.name, parcel.was_repeated(), end)
}

async fn small(parcel: &Arc<Parcel>, task: &Task) -> (u64, End) {
    let control = &parcel.shared.run.control;
    let working = async {
        if control.pass().await.is_err() {
            return (0, End::Stopped);
        }
        // Nobody closes it.
        let _room = parcel.shared.memory.acquire_many(units(task.size)).await.ok();
        let path = task.path.clone();
        let bytes = match parcel.shared.bench.work(move || source::read(&path, SINGLE)).await {
            Ok(Some(bytes)) => bytes,
            // It has grown since it was found.
            Ok(None) => return Box::pin(large(parcel, task)).await,
            Err(error) => return (0, End::Fate(Fate::Failed(error))),
        };
        let length = bytes.len() as u64;
        let fate = single::put(parcel, bytes).await;
        if matches!(fate, Fate::Done(_)) {
            control.moved(length);
        }
        (length, End::Fate(fate))
    };
    tokio::select! {
        ended = working => ended,
        _ = control.stopped(), if task.size <= SINGLE => (0, End::Stopped),
    }
}

async fn large(parcel: &Arc<Parcel>, task: &Task) -> (u64, End) {
    if parcel.shared.run.control.pass().await.is_err() {
        return (0, End::Stopped);
    }
    let path = task.path.clone();
    match in_background(move || source::look(&path)).await {
        Ok(mark) => (mark.size, multipart::upload(parcel, LocalFile { path: task.path.clone(), mark }).await),
        Err(error) => (0, End::Fate(Fate::Failed(error))),
    }
}
