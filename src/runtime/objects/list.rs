//! Pages of keys.
//!
//! Comes in: which page. Goes out: a [`Leaf`]. Forbidden here: a page that nobody asked for.

use std::sync::Arc;

use jiff::Timestamp;

use super::{error_of, unexpected};
use crate::domain::{Acting, Begin, Charged, Depth, Leaf, PageAsk, Result};
use crate::runtime::clock;
use crate::runtime::engine::Engine;
use crate::runtime::http::Books;
use crate::runtime::tally::Counters;
use crate::wire::objects::{KeysPage, ObjectCall, ObjectReply, Said};

/// One page of keys, and what the store said with it.
#[derive(Clone, Debug)]
pub struct Page {
    /// The rows.
    pub leaf: Arc<Leaf>,
    /// Who was charged.
    pub charged: Charged,
    /// When it came.
    pub at: Timestamp,
}

impl Engine {
    /// Reads one page, with one request.
    ///
    /// # Errors
    /// Whatever the store refuses.
    pub async fn list_page(&self, acting: &Acting, page: &PageAsk, job: Option<Arc<Counters>>) -> Result<Page> {
        self.list_page_for(acting, page, &self.door().books(job)).await
    }

    /// The same, with whoever counts and judges it.
    pub(in crate::runtime) async fn list_page_for(&self, acting: &Acting, page: &PageAsk, books: &Books) -> Result<Page> {
        let call = ObjectCall::ListObjectsV2 { bucket: acting.place.id.bucket.clone(), page: keys_page(page) };
        let ObjectReply { charged, said } = error_of(self.ask(acting, &call, books).await)?;
        let Said::Keys(keys) = said else { return Err(unexpected()) };
        Ok(Page { leaf: Arc::new(keys), charged, at: clock::now() })
    }
}

pub(super) fn keys_page(page: &PageAsk) -> KeysPage {
    let (continuation, start_after) = match &page.begin {
        Begin::Start => (None, None),
        Begin::Token(token) => (Some(token.to_string()), None),
        Begin::After(key) => (None, Some(key.clone())),
    };
    let delimiter = match page.depth {
        Depth::Folder => Some("/".to_owned()),
        Depth::Everything => None,
    };
    KeysPage {
        prefix: Some(page.prefix.clone()).filter(|prefix| !prefix.is_empty()),
        delimiter,
        continuation,
        start_after,
        limit: Some(1000),
        ..KeysPage::default()
    }
}
