//! Everything below a prefix: pages in the order of their keys, several under way at a time where that pays.
//!
//! Comes in: a [`Walk`]. Goes out: leaves, each key once. Forbidden here: a page beyond what the walk may cost, a buffer that
//! grows with the bucket, and calling a listing complete that is not.
//!
//! ```text
//!  handed over |--- front: chain of pages ---|--- range ---|--- range ---|--- last range: to the end
//!                                            S1            S2            S3      guessed; each begins with `start-after`
//! ```
//!
//! It begins as one chain: each page names the next one. Where a round trip takes much longer than reading a page, the
//! keys ahead are cut into ranges at guessed keys ([`Scale`](crate::transfer::Scale)), each a chain of its own. A range ends where the next one begins;
//! its last page is cut there, which wastes about half of a page, and so ranges are only begun while that stays below a
//! twentieth of all pages.

use std::ops::ControlFlow;
use std::sync::Arc;

use super::pages::{Pages, Unread};
use super::walking::{Ended, Walking};
use crate::domain::{Acting, Leaf, Result};
use crate::runtime::engine::Engine;
use crate::runtime::tally::Counters;

/// How to walk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Walk {
    /// Only keys that begin so; empty for all.
    pub prefix: String,
    /// Only keys behind this one, whether it exists or not.
    pub from: Option<String>,
    /// In which order leaves are handed over.
    pub order: Order,
    /// How many requests may be under way; 1: one chain of pages, and not one request more than it needs.
    pub width: usize,
    /// After how many requests it ends, complete or not. Near that number nothing is fetched ahead, since it would be lost.
    pub most_pages: Option<u64>,
}

impl Walk {
    /// All below a prefix, in the order of keys, as fast as it goes.
    pub fn below(prefix: impl Into<String>) -> Self {
        Self { prefix: prefix.into(), from: None, order: Order::Keys, width: 16, most_pages: None }
    }
}

/// In which order leaves are handed over. The rows of each are in the order of their keys.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// In that of their keys.
    #[default]
    Keys,
    /// As they come.
    Arrival,
}

/// What was walked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Walked {
    /// Objects that were handed over.
    pub objects: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Pages that were asked for.
    pub requests: u64,
    /// How many of them one chain would not have needed.
    pub extra: u64,
    /// Whether every key was handed over: neither the consumer nor the number of pages ended it.
    pub complete: bool,
    /// Keys that are not UTF-8, encoded as they came.
    pub odd_keys: Vec<Box<str>>,
}

/// A source of pages of keys.
pub(super) trait Source: Clone + Send + Sync + 'static {
    /// A page that has come and is not read yet.
    type Raw: Send + 'static;

    /// Asks for the page that begins there.
    fn ask(&self, begin: crate::domain::Begin) -> impl Future<Output = Result<Self::Raw>> + Send;

    /// Where the next page begins, and the page's last key, as far as a glance shows.
    fn glance(&self, raw: &Self::Raw) -> Option<crate::wire::objects::Glance>;

    /// About how many bytes it holds.
    fn weight(&self, raw: &Self::Raw) -> usize;

    /// Reads it, on a thread where that may take its time.
    fn read(&self, raw: Self::Raw) -> impl Future<Output = Result<Leaf>> + Send;

    /// Whether waiting is so much longer than reading that more than one page should be under way.
    fn pays(&self, waiting: jiff::SignedDuration, reading: jiff::SignedDuration) -> bool {
        waiting > reading * 3
    }
}

impl Engine {
    /// Walks everything below a prefix, and hands it over leaf by leaf. The leaf's consumer may block: other pages arrive
    /// meanwhile, as many as the buffer takes. Dropping the future ends every request.
    ///
    /// # Errors
    /// Whatever the first failing page in the order of keys says, when all leaves before it have been handed over;
    /// `InvalidReply` for a listing that repeats itself or does not move on.
    pub async fn walk(
        &self,
        acting: &Acting,
        walk: &Walk,
        job: Option<Arc<Counters>>,
        mut leaf: impl FnMut(Arc<Leaf>) -> ControlFlow<()>,
    ) -> Result<Walked> {
        let source = Pages::new(self, acting, &walk.prefix, job);
        let (walked, ended) = Walking::new(source, walk).run(&mut leaf).await;
        match ended {
            Ended::Complete => Ok(Walked { complete: true, ..walked }),
            Ended::Stopped => Ok(walked),
            Ended::Failed(error) => Err(error.target(acting.place.id.to_string())),
        }
    }
}

impl Source for Pages {
    type Raw = Unread;

    async fn ask(&self, begin: crate::domain::Begin) -> Result<Unread> {
        self.page(begin).await
    }

    fn glance(&self, raw: &Unread) -> Option<crate::wire::objects::Glance> {
        raw.glance()
    }

    fn weight(&self, raw: &Unread) -> usize {
        raw.weight()
    }

    async fn read(&self, raw: Unread) -> Result<Leaf> {
        self.rows(raw).await
    }
}
