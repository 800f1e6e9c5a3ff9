//! What a download job means: one object after the other, each with its local name.
//!
//! Comes in: a selection; pages of a listing, read ahead by two. Goes out: wishes, and what has ended before it began. Forbidden
//! here: waiting for the end of a listing.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::task::JoinSet;

use super::object::{Crew, Wanting, Wish};
use crate::domain::leaf::RowKind;
use crate::domain::{Acting, Error, ErrorKind, Leaf, ObjectKey, Result};
use crate::runtime::jobs::gather::{Halt, Pages};
use crate::runtime::jobs::{Control, Run};
use crate::runtime::journal::jobs::{DoneName, done_name};
use crate::runtime::tasks::in_background;
use crate::transfer::local::{Clash, LocalName, Taken, relative};
use crate::transfer::outcome::Item;
use crate::transfer::pattern::Patterns;
use crate::transfer::{Download, Existing, Fate, Landing, Pick, Selection};

/// How many pages wait for the workers.
const PAGES_AHEAD: usize = 2;
/// How often a name is put aside before the object is given up: a name that is put aside may clash too.
const ASIDES: usize = 4;

/// What is found next.
pub(super) enum Found {
    /// An object to be fetched.
    Wish(Wish),
    /// One that ends as it is found.
    Ended(ObjectKey, u64, Fate),
}

/// Finds the objects of one job.
pub(super) struct Finder {
    supply: Supply,
    existing: Existing,
    taken: Taken,
    /// Whether the folder takes two names that differ in case for one; asked when it first matters.
    folds: Option<bool>,
    done: HashSet<DoneName>,
    odd: Vec<Box<str>>,
    /// Found, and not named yet.
    waiting: Option<Next>,
}

/// Where the objects come from.
enum Supply {
    /// One object under a name of its own.
    Named(Option<Pick>, String),
    Picked(std::vec::IntoIter<Pick>, HashMap<ObjectKey, u32>),
    Listed(Listed),
}

struct Listed {
    prefix: String,
    patterns: Patterns,
    pages: Receiver<Result<Arc<Leaf>>>,
    /// Pages that were read for a plan.
    kept: VecDeque<Arc<Leaf>>,
    page: Option<(Arc<Leaf>, usize)>,
    /// Ends the listing when the job is dropped.
    _reader: JoinSet<()>,
}

/// An object with its name.
struct Next {
    pick: Pick,
    /// Its name by itself.
    name: Result<LocalName>,
    existing: Existing,
    turn: u32,
}

impl Next {
    fn new(pick: Pick, below: &str, existing: Existing, turn: u32) -> Self {
        let name = relative(&pick.key, below).map(|name| if pick.size == Some(0) { name } else { name.with_content() });
        Self { pick, name, existing, turn }
    }
}

impl Finder {
    /// For a job. `done` are the objects that an earlier run has finished.
    ///
    /// # Errors
    /// `Usage`: a pattern that is none, or a file for several objects.
    pub(super) fn new(run: &Run, download: &Download, done: HashSet<DoneName>) -> Result<Self> {
        let supply = match (&download.to, &download.what) {
            (Landing::File(path), Selection::Picked(picks)) if picks.len() == 1 => {
                let name = path.file_name().and_then(|name| name.to_str()).ok_or_else(|| no_name(path))?;
                Supply::Named(picks.first().cloned(), name.to_owned())
            }
            (Landing::File(path), Selection::Picked(_) | Selection::Below { .. }) => {
                let what = format!("several objects cannot become the one file {}", super::shown(path));
                return Err(Error::new(ErrorKind::Usage, what).hint("Name a folder: end the path with a slash."));
            }
            (Landing::Folder(_), Selection::Picked(picks)) => Supply::Picked(picks.clone().into_iter(), HashMap::new()),
            (Landing::Folder(_), Selection::Below { prefix, rules }) => Supply::Listed(Listed {
                prefix: prefix.clone(),
                patterns: Patterns::parse(rules.iter().cloned())?,
                ..Listed::begin(run, &download.from, prefix)
            }),
        };
        let (taken, odd) = (Taken::default(), Vec::new());
        Ok(Self { supply, existing: download.existing, taken, folds: None, done, odd, waiting: None })
    }

    /// Counts everything that belongs to the job, and keeps the pages, so that none is asked for twice.
    ///
    /// # Errors
    /// What the listing answered.
    pub(super) async fn plan(&mut self, control: &Control) -> Result<()> {
        let count = |pick: &Pick| control.found_each([Item::from(pick)].into_iter());
        match &mut self.supply {
            Supply::Named(pick, _) => pick.iter().for_each(count),
            Supply::Picked(picks, _) => picks.as_slice().iter().for_each(count),
            Supply::Listed(listed) => {
                while let Some(page) = listed.pages.recv().await.transpose()? {
                    let meant = || page.iter().filter(|row| matches!(row.kind, RowKind::Object(_)) && listed.admits(row.key));
                    control.found_each(meant().map(Item::listed));
                    control.named(&mut meant().map(|row| row.key.to_owned()));
                    listed.kept.push_back(page);
                }
            }
        }
        control.counted();
        Ok(())
    }

    /// The next object; `None`: that was all. Whoever drops the future loses nothing.
    ///
    /// # Errors
    /// What the listing answered: what belongs to the job is not known then.
    pub(super) async fn next(&mut self, crew: &Crew) -> Result<Option<Found>> {
        if let Some(odd) = self.odd.pop() {
            return Ok(Some(not_text(&odd)));
        }
        if let Supply::Named(pick, name) = &mut self.supply {
            let (wanting, existing) = (Wanting::File(name.clone()), self.existing);
            let wish = |pick| Found::Wish(Wish { pick, folders: Vec::new(), wanting, remark: None, existing, turn: 1 });
            return Ok(pick.take().map(wish));
        }
        if self.waiting.is_none() {
            self.waiting = self.advance().await?;
        }
        if self.folds.is_none() && self.waiting.as_ref().is_some_and(|next| self.would_clash(next)) {
            let base = crew.base.clone();
            // Where nobody can say it, names that differ in case only are kept apart.
            self.folds = Some(in_background(move || base.folds_case()).await.unwrap_or(true));
        }
        Ok(self.waiting.take().map(|next| self.named(next)))
    }

    /// The next object that the rules admit.
    async fn advance(&mut self) -> Result<Option<Next>> {
        match &mut self.supply {
            Supply::Named(..) => Ok(None),
            Supply::Picked(picks, seen) => Ok(picks.next().map(|pick| {
                let turn = seen.entry(pick.key.clone()).and_modify(|turn| *turn += 1).or_insert(1);
                // Two versions of one object: both are kept, the second beside the first, whichever comes sooner.
                let existing = if *turn > 1 { Existing::KeepBoth } else { self.existing };
                let below = folder_of(pick.key.as_str()).to_owned();
                Next::new(pick, &below, existing, *turn)
            })),
            Supply::Listed(listed) => {
                let pick = listed.advance(&mut self.odd).await?;
                Ok(pick.map(|pick| Next::new(pick, &listed.prefix, self.existing, 1)))
            }
        }
    }

    fn would_clash(&self, next: &Next) -> bool {
        next.name.as_ref().is_ok_and(|name| self.taken.clash(name) == Some(Clash::SameFile))
    }

    /// Gives an object its local name.
    fn named(&mut self, next: Next) -> Found {
        let Next { pick, name, existing, turn } = next;
        let size = pick.size.unwrap_or(0);
        let earlier = !self.done.is_empty() && self.done.contains(&done_name(&pick.key, pick.version.as_ref()));
        let named = name.and_then(|name| self.free(name, &pick.key, existing));
        match named {
            Err(error) => Found::Ended(pick.key, size, Fate::Failed(error)),
            Ok(_) if earlier => Found::Ended(pick.key, size, Fate::Done(Some("finished by an earlier run".to_owned()))),
            Ok(name) => {
                let remark = name.altered.then(|| format!("its local name is {}", name.components.join("/")));
                let mut folders = name.components;
                let wanting = match folders.pop_if(|_| !name.is_folder_marker) {
                    Some(file) => Wanting::File(file),
                    None => Wanting::Folder,
                };
                Found::Wish(Wish { pick, folders, wanting, remark, existing, turn })
            }
        }
    }

    /// The name, or another one if the job has given it already.
    fn free(&mut self, mut name: LocalName, key: &ObjectKey, existing: Existing) -> Result<LocalName> {
        for _ in 0..ASIDES {
            match self.taken.take(&name) {
                Ok(()) => return Ok(name),
                // Two files here, or one beside the other.
                Err(Clash::SameFile) if self.folds == Some(false) || existing == Existing::KeepBoth => return Ok(name),
                Err(clash) => name = name.aside(clash, key),
            }
        }
        Err(Error::new(ErrorKind::Refused, format!("{key}: another object of this job has its local name"))
            .hint("Download it by itself, to a file of another name."))
    }
}

impl Listed {
    fn begin(run: &Run, acting: &Acting, prefix: &str) -> Self {
        let (sender, pages) = channel(PAGES_AHEAD);
        let mut reader = JoinSet::new();
        reader.spawn(read(run.clone(), acting.clone(), prefix.to_owned(), sender));
        Self { prefix: String::new(), patterns: Patterns::default(), pages, kept: VecDeque::new(), page: None, _reader: reader }
    }

    fn admits(&self, key: &str) -> bool {
        self.patterns.admits(key.strip_prefix(self.prefix.as_str()).unwrap_or(key))
    }

    async fn advance(&mut self, odd: &mut Vec<Box<str>>) -> Result<Option<Pick>> {
        loop {
            if let Some((leaf, place)) = &mut self.page {
                while let Some(row) = leaf.row(*place) {
                    *place += 1;
                    let RowKind::Object(size) = row.kind else { continue };
                    let below = row.key.strip_prefix(self.prefix.as_str()).unwrap_or(row.key);
                    if self.patterns.admits(below) {
                        let (etag, modified, class) = (row.etag(), row.modified, row.class.cloned());
                        return Ok(Some(Pick { key: row.object_key(), version: None, size: Some(size), etag, modified, class }));
                    }
                }
                self.page = None;
            }
            let page = match self.kept.pop_front() {
                Some(page) => Some(page),
                None => self.pages.recv().await.transpose()?,
            };
            let Some(page) = page else { return Ok(None) };
            odd.extend(page.odd_keys.iter().cloned());
            self.page = Some((page, 0));
        }
    }
}

/// Reads every page below a prefix, no faster than they are taken: one chain, since a page names a thousand objects that take longer
/// than the next page does, and a walk in ranges would cost requests.
async fn read(run: Run, acting: Acting, prefix: String, pages: Sender<Result<Arc<Leaf>>>) {
    let mut listing = Pages::new(&run.engine, &run.control, &acting, &prefix);
    loop {
        let page = match listing.next().await {
            Ok(Some(leaf)) => Ok(leaf),
            Err(Halt::Failed(error)) => Err(error),
            Ok(None) | Err(Halt::Stopped) => return,
        };
        let ended = page.is_err();
        // Nobody listens only if the job is over.
        if pages.send(page).await.is_err() || ended {
            return;
        }
    }
}

/// All before the last part of a key, be it `b` or `b/`.
fn folder_of(key: &str) -> &str {
    let inner = key.strip_suffix('/').unwrap_or(key);
    &key[..inner.rfind('/').map_or(0, |slash| slash + 1)]
}

fn no_name(path: &std::path::Path) -> Error {
    Error::new(ErrorKind::Usage, format!("{} is no name of a file", super::shown(path))).hint("Name a file, in UTF-8, or a folder.")
}

fn not_text(odd: &str) -> Found {
    let key = ObjectKey::new(odd);
    let error = Error::new(ErrorKind::Unsupported, format!("{key}: the key is not UTF-8")).hint("Use the tool that wrote the object.");
    Found::Ended(key, 0, Fate::Failed(error))
}
