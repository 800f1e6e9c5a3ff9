//! Versions and delete markers of one key.
//!
//! Comes in: a key. Goes out: its versions, newest first. Forbidden here: a version of another key.

use std::sync::Arc;

use super::{error_of, unexpected};
use crate::domain::{Acting, Begin, Depth, Error, ErrorKind, ObjectHead, ObjectKey, ObjectRef, PageAsk, Result, VersionRow};
use crate::runtime::engine::Engine;
use crate::runtime::http::{Books, Failed};
use crate::runtime::retry::Reached;
use crate::runtime::tally::Counters;
use crate::wire::objects::{AskChecksums, ObjectCall, ObjectReply, Said, VersionMark, VersionsPage, VersionsReply, path_refusal};

/// Pages of the versions of one key: a hundred thousand versions. More is a store that never ends.
const MOST_PAGES: usize = 100;

impl Engine {
    /// Every version and delete marker of exactly this key, newest first.
    ///
    /// # Errors
    /// Whatever the store refuses; `InvalidReply` for a list that does not end.
    pub async fn versions(&self, acting: &Acting, key: &ObjectKey, job: Option<Arc<Counters>>) -> Result<Vec<VersionRow>> {
        self.versions_for(acting, key, &self.door().books(job)).await
    }

    /// The same, with whoever counts and judges it.
    pub(in crate::runtime) async fn versions_for(&self, acting: &Acting, key: &ObjectKey, books: &Books) -> Result<Vec<VersionRow>> {
        let (mut found, mut after) = (Vec::new(), None);
        for _ in 0..MOST_PAGES {
            let page = self.versions_page_for(acting, key.as_str(), after, books).await?;
            let own = page.rows.len();
            found.extend(page.rows.into_iter().filter(|row| row.key == *key));
            // The key itself comes before all keys that continue it: the first other one ends the search.
            let over = page.next.as_ref().is_none_or(|mark| mark.key != key.as_str());
            if over || own == 0 {
                return Ok(found);
            }
            after = page.next;
        }
        Err(Error::new(ErrorKind::InvalidReply, format!("key \"{key}\": its versions did not end after {MOST_PAGES} pages"))
            .hint("Report it to the store's operator."))
    }

    /// One page of versions and delete markers below a prefix, with one request.
    ///
    /// # Errors
    /// Whatever the store refuses.
    pub async fn versions_page(
        &self,
        acting: &Acting,
        prefix: &str,
        after: Option<VersionMark>,
        job: Option<Arc<Counters>>,
    ) -> Result<VersionsReply> {
        self.versions_page_for(acting, prefix, after, &self.door().books(job)).await
    }

    /// The same, with whoever counts and judges it.
    pub(in crate::runtime) async fn versions_page_for(
        &self,
        acting: &Acting,
        prefix: &str,
        after: Option<VersionMark>,
        books: &Books,
    ) -> Result<VersionsReply> {
        let prefix = Some(prefix.to_owned()).filter(|prefix| !prefix.is_empty());
        let page = VersionsPage { prefix, delimiter: None, after, limit: Some(1000) };
        let call = ObjectCall::ListObjectVersions { bucket: acting.place.id.bucket.clone(), page };
        let ObjectReply { said, .. } = error_of(self.ask(acting, &call, books).await)?;
        let Said::Versions(page) = said else { return Err(unexpected()) };
        Ok(page)
    }

    /// The headers of an object or version, with its checksums.
    pub(in crate::runtime) async fn head(
        &self,
        acting: &Acting,
        object: &ObjectRef,
        books: &Books,
    ) -> std::result::Result<Box<ObjectHead>, Failed> {
        let call = ObjectCall::HeadObject { object: object.clone(), checksums: AskChecksums::Asked };
        let ObjectReply { said, .. } = self.ask(acting, &call, books).await?;
        let Said::Head(head) = said else { return Err(Failed { error: unexpected(), reached: Reached::Perhaps }) };
        Ok(head)
    }

    /// Whether an object exists now: by its headers, or by a listing where its key cannot stand in a path.
    ///
    /// # Errors
    /// Whatever the store refuses: then nobody knows.
    pub(in crate::runtime) async fn is_there(&self, acting: &Acting, key: &ObjectKey, books: &Books) -> Result<bool> {
        if path_refusal(key).is_some() {
            let page = PageAsk { prefix: key.as_str().to_owned(), depth: Depth::Everything, begin: Begin::Start };
            let page = self.list_page_for(acting, &page, books).await?;
            return Ok(page.leaf.iter().any(|row| row.key == key.as_str()));
        }
        let object = ObjectRef { bucket: acting.place.id.bucket.clone(), key: key.clone(), version: None };
        match error_of(self.head(acting, &object, books).await) {
            Ok(_) => Ok(true),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }
}
