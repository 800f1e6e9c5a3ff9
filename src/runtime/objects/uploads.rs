//! Unfinished multipart uploads: what of a bucket is billed although it is no object, and giving it up.
//!
//! Comes in: a bucket, a prefix. Goes out: uploads with the count and bytes of their parts. Forbidden here: aborting what nobody
//! named.

use std::sync::Arc;

use tokio::task::JoinSet;

use super::{error_of, unexpected};
use crate::domain::{Acting, Error, ErrorKind, ObjectKey, PartRow, Result, UploadFound, UploadRef, UploadRow};
use crate::runtime::engine::Engine;
use crate::runtime::http::Books;
use crate::runtime::jobs::{Sought, is_gone};
use crate::runtime::tally::Counters;
use crate::runtime::tasks::{died, in_background};
use crate::transfer::JobId;
use crate::wire::objects::{ObjectCall, ObjectReply, Said, UploadsPage};

/// How many uploads are asked about at once.
const AT_ONCE: usize = 16;

/// Pages of one listing; more is a store that never ends.
const MOST_PAGES: usize = 10_000;

/// An upload with its place in the list; `None`: it ended meanwhile.
type Counted = Result<Option<(usize, UploadFound)>>;

/// Takes the next answer. After one that failed nothing else is asked, and nothing waits for leave to ask.
async fn take_one(asking: &mut JoinSet<Counted>, found: &mut Vec<(usize, UploadFound)>) -> Result<()> {
    let Some(counted) = asking.join_next().await else { return Ok(()) };
    match counted.unwrap_or_else(|_| Err(died())) {
        Ok(counted) => found.extend(counted),
        Err(error) => {
            asking.shutdown().await;
            return Err(error);
        }
    }
    Ok(())
}

impl Engine {
    /// All unfinished uploads whose key begins with a prefix, with the count and bytes of their parts. One that ends meanwhile is
    /// left out.
    ///
    /// # Errors
    /// Whatever the store refuses.
    pub async fn list_uploads(&self, acting: &Acting, prefix: &str, job: Option<Arc<Counters>>) -> Result<Vec<UploadFound>> {
        let books = self.door().books(job);
        let rows = self.upload_rows(acting, prefix, &books).await?;
        let (mut found, mut asking) = (Vec::with_capacity(rows.len()), JoinSet::<Counted>::new());
        for (place, row) in rows.into_iter().enumerate() {
            if asking.len() >= AT_ONCE {
                take_one(&mut asking, &mut found).await?;
            }
            let (engine, acting, books) = (self.clone(), acting.clone(), books.clone());
            asking.spawn(async move {
                let parts = engine.count_parts(&acting, &row, &books).await?;
                Ok(parts.map(|parts| (place, UploadFound { row, parts: Some(parts) })))
            });
        }
        while !asking.is_empty() {
            take_one(&mut asking, &mut found).await?;
        }
        found.sort_unstable_by_key(|(place, _)| *place);
        Ok(found.into_iter().map(|(_, found)| found).collect())
    }

    async fn upload_rows(&self, acting: &Acting, prefix: &str, books: &Books) -> Result<Vec<UploadRow>> {
        let prefix = Some(prefix.to_owned()).filter(|prefix| !prefix.is_empty());
        let (mut rows, mut after) = (Vec::new(), None);
        for _ in 0..MOST_PAGES {
            let page = UploadsPage { prefix: prefix.clone(), after: after.clone(), limit: Some(1000), ..UploadsPage::default() };
            let call = ObjectCall::ListMultipartUploads { bucket: acting.place.id.bucket.clone(), page };
            let ObjectReply { said: Said::Uploads(page), .. } = error_of(self.ask(acting, &call, books).await)? else {
                return Err(unexpected());
            };
            rows.extend(page.rows);
            match page.next {
                None => return Ok(rows),
                next if next == after => break,
                next => after = next,
            }
        }
        Err(Error::new(ErrorKind::InvalidReply, "the list of unfinished uploads does not end")
            .hint("Report it to the store's operator.")
            .target(acting.place.id.to_string()))
    }

    /// The unfinished uploads of one key. They stand at the beginning of what has the key as its prefix: one page is enough.
    pub(in crate::runtime) async fn uploads_of_key(&self, acting: &Acting, key: &ObjectKey, books: &Books) -> Result<Vec<UploadRow>> {
        let page = UploadsPage { prefix: Some(key.as_str().to_owned()), limit: Some(1000), ..UploadsPage::default() };
        let call = ObjectCall::ListMultipartUploads { bucket: acting.place.id.bucket.clone(), page };
        let Said::Uploads(page) = error_of(self.ask(acting, &call, books).await)?.said else { return Err(unexpected()) };
        Ok(page.rows.into_iter().filter(|row| row.key == *key).collect())
    }

    /// Count and bytes; `None`: the upload ended meanwhile.
    async fn count_parts(&self, acting: &Acting, row: &UploadRow, books: &Books) -> Result<Option<(u32, u64)>> {
        let upload = UploadRef { bucket: acting.place.id.bucket.clone(), key: row.key.clone(), id: row.id.clone() };
        let counted = |rows: Vec<PartRow>| {
            let bytes = rows.iter().fold(0_u64, |bytes, part| bytes.saturating_add(part.size));
            (u32::try_from(rows.len()).unwrap_or(u32::MAX), bytes)
        };
        Ok(self.parts_of(acting, &upload, books).await?.map(counted))
    }

    /// The parts of an upload; `None`: there is no such upload.
    pub(in crate::runtime) async fn parts_of(&self, acting: &Acting, upload: &UploadRef, books: &Books) -> Result<Option<Vec<PartRow>>> {
        let (mut rows, mut after) = (Vec::new(), None);
        loop {
            let call = ObjectCall::ListParts { upload: upload.clone(), after, limit: None };
            let page = match self.ask(acting, &call, books).await {
                Ok(ObjectReply { said: Said::Parts(page), .. }) => page,
                Ok(_) => return Err(unexpected()),
                Err(failed) if is_gone(&failed.error) => return Ok(None),
                Err(failed) => return Err(failed.error),
            };
            rows.extend(page.rows);
            // The decoder lets a marker only grow, so this ends.
            after = page.next;
            if after.is_none() {
                return Ok(Some(rows));
            }
        }
    }

    /// Gives an upload up. One that is gone is given up.
    pub(in crate::runtime) async fn abort_upload(&self, acting: &Acting, upload: &UploadRef, books: &Books) -> Result<()> {
        match self.ask(acting, &ObjectCall::AbortMultipartUpload { upload: upload.clone() }, books).await {
            Ok(_) => Ok(()),
            Err(failed) if is_gone(&failed.error) => Ok(()),
            Err(failed) => Err(failed.error),
        }
    }

    /// Gives uploads up, and answers which could not be, and why: one that a running transfer fills is not. One that is gone already
    /// counts as given up.
    pub async fn abort_uploads(&self, acting: &Acting, uploads: Vec<UploadRef>) -> Vec<(UploadRef, Error)> {
        let books = self.door().books(None);
        let (mut failed, mut asking) = (Vec::new(), JoinSet::new());
        let mut left = uploads.into_iter();
        loop {
            if asking.len() < AT_ONCE
                && let Some(upload) = left.next()
            {
                let (engine, acting, books) = (self.clone(), acting.clone(), books.clone());
                asking.spawn(async move {
                    let aborted = match engine.must_be_idle(&upload).await {
                        Ok(()) => engine.abort_upload(&acting, &upload, &books).await,
                        Err(error) => Err(error),
                    };
                    aborted.err().map(|error| (upload, error))
                });
                continue;
            }
            match asking.join_next().await {
                Some(ended) => failed.extend(ended.ok().flatten()),
                None => return failed,
            }
        }
    }

    /// An upload that a running transfer fills would fail under its hands, after its parts were paid for.
    async fn must_be_idle(&self, upload: &UploadRef) -> Result<()> {
        let (journal, id) = (self.journal().clone(), upload.id.clone());
        let Some(job) = in_background(move || journal.job_filling(&id)).await? else { return Ok(()) };
        let message = format!("transfer {} is filling the upload of \"{}\"", job.0, upload.key);
        Err(Error::new(ErrorKind::Refused, message)
            .hint("Cancel that transfer first (`x` on screen 3): given up, it aborts the upload itself."))
    }

    /// Aborts what a job of an earlier start left open, as the job's own account and on its consent: also an upload whose id was
    /// lost, if it is found. Answers which uploads could
    /// not be aborted, and why: those stay in the state database.
    ///
    /// # Errors
    /// `Local` when the state database cannot be read, `Usage` when it has no such unfinished job.
    pub async fn give_up_uploads(&self, id: JobId) -> Result<Vec<(UploadRef, Error)>> {
        let journal = self.journal().clone();
        let (jobs, items) = in_background(move || Ok((journal.unfinished_jobs()?, journal.items(id)?))).await?;
        let Some(job) = jobs.into_iter().find(|job| job.id == id) else {
            return Err(
                Error::new(ErrorKind::Usage, format!("there is no unfinished job {}", id.0)).hint("Look at the list of unfinished jobs.")
            );
        };
        let acting = job.job.acting();
        let bucket = &acting.place.id.bucket;
        let (mut open, books) = (Vec::new(), self.door().books(None));
        for (item, kept) in items {
            let upload = match Sought::of(&kept) {
                Some(sought) => self.find_sought(acting, (item, &kept), &sought, &books).await?,
                None => kept.upload,
            };
            let upload = upload.map(|id| UploadRef { bucket: bucket.clone(), key: kept.key, id });
            open.extend(upload.map(|upload| (item, upload)));
        }
        let failed = self.abort_uploads(acting, open.iter().map(|(_, upload)| upload.clone()).collect()).await;
        let aborted: Vec<_> =
            open.into_iter().filter(|(_, upload)| failed.iter().all(|(left, _)| left != upload)).map(|(item, _)| item).collect();
        let journal = self.journal().clone();
        in_background(move || aborted.into_iter().try_for_each(|item| journal.end_item(item))).await?;
        Ok(failed)
    }
}
