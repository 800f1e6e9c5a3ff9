//! Pages of keys.
//!
//! Comes in: which page. Goes out: a [`Leaf`]. Forbidden here: a page that nobody asked for.

use std::sync::Arc;

use jiff::Timestamp;

use super::{error_of, unexpected};
use crate::domain::{Acting, Begin, Charged, Depth, Leaf, LeafBuilder, PageAsk, Result};
use crate::runtime::clock;
use crate::runtime::engine::Engine;
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
        let call = ObjectCall::ListObjectsV2 { bucket: acting.place.id.bucket.clone(), page: keys_page(page) };
        let ObjectReply { charged, said } = error_of(self.ask(acting, &call, &self.door().books(job)).await)?;
        let Said::Keys(keys) = said else { return Err(unexpected()) };
        let mut leaf = LeafBuilder::with_capacity(keys.rows.len() + keys.prefixes.len(), 0);
        for row in &keys.rows {
            let facts = crate::domain::leaf::Facts {
                size: row.size,
                modified: row.modified,
                etag: row.etag.as_ref().map(crate::domain::ETag::as_str),
                class: row.class.as_ref().map(crate::domain::StorageClass::as_str),
            };
            leaf.object(row.key.as_str(), facts);
        }
        keys.prefixes.iter().for_each(|prefix| {
            leaf.prefix(prefix);
        });
        let odd = keys.odd_keys.into_iter().map(String::into_boxed_str).collect();
        Ok(Page { leaf: Arc::new(leaf.finish(keys.next.as_deref(), odd)), charged, at: clock::now() })
    }
}

fn keys_page(page: &PageAsk) -> KeysPage {
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
