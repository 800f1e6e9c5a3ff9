//! What belongs to a job, page by page, and its objects several at a time.
//!
//! Comes in: a prefix, the job's reins. Goes out: pages, each asked for when it is wanted. Forbidden here: a listing that never ends.

use std::collections::HashSet;
use std::sync::Arc;

use tokio::task::JoinSet;

use super::control::Stopped;
use super::{Control, Run};
use crate::domain::{Acting, Begin, Depth, Error, ErrorKind, Leaf, ObjectKey, PageAsk, Result};
use crate::runtime::engine::Engine;
use crate::transfer::pattern::Patterns;
use crate::wire::objects::{VersionMark, VersionsReply};

/// Pages without a row, one after the other. Stores may answer some while they skip what was deleted.
const MOST_EMPTY: u32 = 1_000;

/// Why a job cannot go on.
pub(super) enum Halt {
    /// Something failed.
    Failed(Error),
    /// Somebody stopped it.
    Stopped,
}

impl From<Error> for Halt {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl From<Stopped> for Halt {
    fn from(_: Stopped) -> Self {
        Self::Stopped
    }
}

/// Waits for an answer, unless somebody ends the job first.
pub(super) async fn unless_stopped<T>(control: &Control, asking: impl Future<Output = Result<T>>) -> std::result::Result<T, Halt> {
    control.pass().await?;
    tokio::select! {
        answer = asking => Ok(answer?),
        _ = control.stopped() => Err(Halt::Stopped),
    }
}

/// Sees to it that pages come to an end.
#[derive(Default)]
struct Turns {
    seen: HashSet<String>,
    empty: u32,
}

impl Turns {
    /// Takes note of a page, and of where the next one begins.
    fn turn(&mut self, rows: usize, next: Option<String>) -> Result<()> {
        self.empty = if rows == 0 { self.empty + 1 } else { 0 };
        let repeated = next.is_some_and(|next| !self.seen.insert(next));
        if !repeated && self.empty < MOST_EMPTY {
            return Ok(());
        }
        let what = if repeated { "the store repeats a page of the listing" } else { "the store answers empty pages without end" };
        Err(Error::new(ErrorKind::InvalidReply, what)
            .hint("Report it to the store's operator: nobody can say what else belongs to this job."))
    }
}

/// Pages of keys below a prefix.
pub(super) struct Pages<'a> {
    engine: &'a Engine,
    control: &'a Control,
    acting: &'a Acting,
    prefix: &'a str,
    next: Option<Begin>,
    turns: Turns,
}

impl<'a> Pages<'a> {
    pub(super) fn new(engine: &'a Engine, control: &'a Control, acting: &'a Acting, prefix: &'a str) -> Self {
        Self { engine, control, acting, prefix, next: Some(Begin::Start), turns: Turns::default() }
    }

    /// The next page; `None`: that was the last.
    pub(super) async fn next(&mut self) -> std::result::Result<Option<Arc<Leaf>>, Halt> {
        let Some(begin) = self.next.take() else { return Ok(None) };
        let ask = PageAsk { prefix: self.prefix.to_owned(), depth: Depth::Everything, begin };
        let books = self.control.books(self.engine);
        let asking = self.engine.list_page_for(self.acting, &ask, &books);
        let leaf = unless_stopped(self.control, asking).await?.leaf;
        self.turns.turn(leaf.len() + leaf.odd_keys.len(), leaf.next.as_deref().map(str::to_owned))?;
        self.next = leaf.next.clone().map(Begin::Token);
        Ok(Some(leaf))
    }
}

/// Pages of versions below a prefix.
pub(super) struct VersionPages<'a> {
    engine: &'a Engine,
    control: &'a Control,
    acting: &'a Acting,
    prefix: &'a str,
    next: Option<Option<VersionMark>>,
    turns: Turns,
}

impl<'a> VersionPages<'a> {
    pub(super) fn new(engine: &'a Engine, control: &'a Control, acting: &'a Acting, prefix: &'a str) -> Self {
        Self { engine, control, acting, prefix, next: Some(None), turns: Turns::default() }
    }

    /// The next page; `None`: that was the last.
    pub(super) async fn next(&mut self) -> std::result::Result<Option<VersionsReply>, Halt> {
        let Some(after) = self.next.take() else { return Ok(None) };
        let books = self.control.books(self.engine);
        let asking = self.engine.versions_page_for(self.acting, self.prefix, after, &books);
        let page = unless_stopped(self.control, asking).await?;
        let mark = page.next.as_ref().map(|mark| format!("{}\0{}", mark.key, mark.version.as_ref().map_or("", |version| version.as_str())));
        self.turns.turn(page.rows.len() + page.odd_keys.len(), mark)?;
        self.next = page.next.clone().map(Some);
        Ok(Some(page))
    }
}

/// Whether a key of a listing is meant: it begins with the prefix, and the patterns admit what follows.
pub(super) fn admits(patterns: &Patterns, prefix: &str, key: &str) -> bool {
    key.strip_prefix(prefix).is_some_and(|rest| patterns.admits(rest))
}

/// An object as results name it: `ACCOUNT:BUCKET/KEY`.
pub(super) fn address(acting: &Acting, key: &ObjectKey) -> String {
    format!("{}/{}", acting.place.id, key.as_str())
}

/// What is said of a listed key that is not UTF-8.
pub(super) fn odd(key: &str) -> Error {
    let shown = crate::domain::escape::visible(key);
    Error::new(ErrorKind::Unsupported, format!("key \"{shown}\" is not UTF-8")).hint("Use another tool for this key: it was not touched.")
}

/// Tasks of one job, so many at a time. Dropping it ends them.
pub(super) struct Crew {
    tasks: JoinSet<()>,
    most: usize,
    died: bool,
}

impl Crew {
    pub(super) fn new(most: usize) -> Self {
        Self { tasks: JoinSet::new(), most, died: false }
    }

    /// Begins one more as soon as there is room.
    pub(super) async fn add(&mut self, task: impl Future<Output = ()> + Send + 'static) {
        while self.tasks.len() >= self.most {
            self.one_ends().await;
        }
        self.tasks.spawn(task);
    }

    async fn one_ends(&mut self) {
        self.died |= self.tasks.join_next().await.is_some_and(|ended| ended.is_err());
    }

    /// Waits for all.
    ///
    /// # Errors
    /// `Internal` if one of them panicked: what it had to do is not known to be done.
    pub(super) async fn finish(mut self) -> Result<()> {
        while !self.tasks.is_empty() {
            self.one_ends().await;
        }
        if self.died {
            return Err(Error::new(ErrorKind::Internal, "a task of this job died")
                .hint("List again what is there, and report this with the log file."));
        }
        Ok(())
    }
}

/// Whether a failed request may have worked nevertheless.
pub(super) fn is_ambiguous(failed: &crate::runtime::http::Failed) -> bool {
    use crate::runtime::retry::Reached;
    let kind = matches!(failed.error.kind(), ErrorKind::Server | ErrorKind::Timeout | ErrorKind::InvalidReply | ErrorKind::Network);
    kind && failed.reached == Reached::Perhaps
}

impl Run {
    /// How a job ended whose objects have all said how they ended.
    pub(super) fn ending(&self) -> crate::transfer::Ending {
        if self.control.progress().failed > 0 { crate::transfer::Ending::Partly } else { crate::transfer::Ending::Done }
    }
}
