//! Jobs under way, so that the next start can go on where a killed one stood, and pay for no byte twice.
//!
//! Comes in: a job as it begins, its items and parts as they are finished, its end. Goes out: what was left unfinished. Of a
//! job that is done only its own line stays.

use std::collections::HashSet;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::PathBuf;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, Transaction, TransactionBehavior, params};
use sha2::{Digest, Sha256};

use super::{Journal, owner};
use crate::domain::{ETag, Error, ErrorKind, ObjectKey, Result, UploadId, VersionId};
use crate::transfer::{Job, JobId, JobState, Progress, Unfinished};

/// Begins the mark of an item whose upload is asked for and has no id yet; when, and the mark that it gets then, follow.
pub const SOUGHT: &str = "asked ";

/// The number of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ItemId(i64);

/// One object that is under way in parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// The object that is read or written.
    pub key: ObjectKey,
    /// The version that is read.
    pub version: Option<VersionId>,
    /// The temporary file of a download, or the file that is uploaded.
    pub local: Option<PathBuf>,
    /// Its size in bytes.
    pub size: Option<u64>,
    /// The entity tag of what is read: parts of another content do not fit.
    pub etag: Option<ETag>,
    /// The multipart upload.
    pub upload: Option<UploadId>,
    /// The size of a part in bytes.
    pub part_size: u64,
    /// How the file that is uploaded looked: size, time and inode, in the job's own spelling.
    pub mark: Option<String>,
}

/// A part that is where it belongs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartNote {
    /// From 1.
    pub number: u32,
    /// What the store answered for it.
    pub etag: Option<ETag>,
    /// Its checksum, of the algorithm that the job uses.
    pub sum: Option<u64>,
    /// Of a copy: the checksum by which its source is compared.
    pub read: Option<u64>,
}

/// An object as the list of finished ones keeps it.
pub type DoneName = [u8; 16];

/// The name under which a finished object is kept.
pub fn done_name(key: &ObjectKey, version: Option<&VersionId>) -> DoneName {
    let mut hash = Sha256::new();
    hash.update(key.as_str().as_bytes());
    hash.update([0]);
    hash.update(version.map_or("", VersionId::as_str).as_bytes());
    let mut name = DoneName::default();
    name.copy_from_slice(&hash.finalize()[..16]);
    name
}

impl Journal {
    /// A job begins.
    ///
    /// # Errors
    /// `Local`, as for every line; also for a path that is not UTF-8 and so cannot be written down.
    pub fn begin_job(&self, job: &Job, at: Timestamp) -> Result<JobId> {
        let spec = serde_json::to_string(job).map_err(|error| {
            Error::new(ErrorKind::Local, "the job cannot be written down, so it could not be resumed")
                .hint("Rename files whose names are not UTF-8.")
                .source(error)
        })?;
        self.with(|connection| {
            let mut insert = connection.prepare_cached("INSERT INTO job (begun_at, state, spec, owner) VALUES (?1, ?2, ?3, ?4)")?;
            insert.insert(params![at.to_string(), JobState::Running.as_str(), spec, owner::this()])
        })
        .map(JobId)
    }

    /// This process goes on with a job of an earlier start, and nobody else does.
    ///
    /// # Errors
    /// As [`Journal::begin_job`]; `Conflict` if another process runs it, `NotFound` if there is no such job.
    pub fn resume_job(&self, id: JobId) -> Result<()> {
        let this = owner::this();
        let other = self.with(|connection| {
            let transaction = Transaction::new_unchecked(connection, TransactionBehavior::Immediate)?;
            let mut select = transaction.prepare_cached("SELECT state, owner FROM job WHERE id = ?1")?;
            let found: Option<(String, Option<String>)> = select.query_row([id.0], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
            drop(select);
            let other = found.map(|(state, owner)| is_run_elsewhere(&state, owner.as_deref(), &this));
            if other == Some(false) {
                let mut update = transaction.prepare_cached("UPDATE job SET state = ?2, owner = ?3, ended_at = NULL WHERE id = ?1")?;
                update.execute(params![id.0, JobState::Running.as_str(), this])?;
            }
            transaction.commit()?;
            Ok(other)
        })?;
        match other {
            Some(false) => Ok(()),
            Some(true) => Err(Error::new(ErrorKind::Conflict, "this transfer is run by another whopays")
                .hint("Look for it in the other window; it can be resumed here once that has ended.")),
            None => Err(Error::new(ErrorKind::NotFound, "the state database does not know this transfer any more").hint("Start it anew.")),
        }
    }

    /// Where a job stands, or how it ended. What only a resumption needs is dropped with a job that nobody will resume.
    ///
    /// # Errors
    /// As [`Journal::begin_job`].
    pub fn note_job(&self, id: JobId, state: JobState, progress: &Progress, error: Option<&str>, at: Timestamp) -> Result<()> {
        self.with(|connection| {
            let ended_at = (!state.is_unfinished()).then(|| at.to_string());
            let mut update = connection.prepare_cached(
                "UPDATE job SET state = ?2, objects = ?3, bytes = ?4, ended = ?5, failed = ?6, moved = ?7, requests = ?8, charged = ?9,
                 error = ?10, ended_at = ?11 WHERE id = ?1",
            )?;
            let count = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
            update.execute(params![
                id.0,
                state.as_str(),
                count(progress.objects),
                count(progress.bytes),
                count(progress.ended),
                count(progress.failed),
                count(progress.moved),
                count(progress.tally.requests),
                count(progress.tally.charged),
                error,
                ended_at,
            ])?;
            // What failed of it may be tried again, without what is done.
            if state.is_unfinished() || state == JobState::Partly {
                return Ok(());
            }
            connection.prepare_cached("DELETE FROM item WHERE job = ?1")?.execute([id.0])?;
            connection.prepare_cached("DELETE FROM done WHERE job = ?1")?.execute([id.0]).map(drop)
        })
    }

    /// Jobs that have not come to their end and that no living process runs, oldest first.
    ///
    /// # Errors
    /// As [`Journal::begin_job`]. A job that a newer version wrote is left out.
    pub fn unfinished_jobs(&self) -> Result<Vec<Unfinished>> {
        let rows: Vec<Line> = self.with(|connection| {
            let mut select = connection.prepare_cached(
                "SELECT id, begun_at, spec, objects, bytes, ended, failed, moved, requests, charged, state, owner,
                 (SELECT count(*) FROM item WHERE job = job.id AND upload IS NULL AND substr(mark, 1, length(?1)) = ?1) FROM job
                 WHERE state IN ('running', 'paused', 'stopped') ORDER BY id",
            )?;
            let line = |row: &Row<'_>| {
                let spoken_for = (row.get(10)?, row.get(11)?);
                let (progress, sought) = (read_progress(row)?, row.get(12)?);
                Ok(Line { id: row.get(0)?, begun_at: row.get(1)?, spec: row.get(2)?, progress, sought, spoken_for })
            };
            select.query_map([SOUGHT], line)?.collect()
        })?;
        let read = |line: Line| {
            let job = serde_json::from_str(&line.spec).ok()?;
            let (begun_at, sought) = (line.begun_at.parse().ok()?, line.sought.cast_unsigned());
            Some(Unfinished { id: JobId(line.id), begun_at, job, progress: line.progress, sought })
        };
        let is_free = |line: &Line| !is_run_elsewhere(&line.spoken_for.0, line.spoken_for.1.as_deref(), "");
        Ok(rows.into_iter().filter(is_free).filter_map(read).collect())
    }

    /// An object of a job begins to move in parts.
    ///
    /// # Errors
    /// As [`Journal::begin_job`].
    pub fn begin_item(&self, job: JobId, item: &Item) -> Result<ItemId> {
        self.with(|connection| {
            let mut insert = connection.prepare_cached(
                "INSERT INTO item (job, key, version, local, size, etag, upload, part_size, mark)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            )?;
            insert.insert(params![
                job.0,
                item.key.as_str(),
                item.version.as_ref().map(VersionId::as_str),
                item.local.as_ref().map(|path| path.as_os_str().as_bytes()),
                item.size.map(|size| i64::try_from(size).unwrap_or(i64::MAX)),
                item.etag.as_ref().map(ETag::as_str),
                item.upload.as_ref().map(UploadId::as_str),
                i64::try_from(item.part_size).unwrap_or(i64::MAX),
                item.mark,
            ])
        })
        .map(ItemId)
    }

    /// The store gave the id of its upload.
    ///
    /// # Errors
    /// As [`Journal::begin_job`].
    pub fn name_upload(&self, item: ItemId, upload: &UploadId, mark: &str) -> Result<()> {
        self.with(|connection| {
            let mut update = connection.prepare_cached("UPDATE item SET upload = ?2, mark = ?3 WHERE id = ?1")?;
            update.execute(params![item.0, upload.as_str(), mark]).map(drop)
        })
    }

    /// Whether an item of any job has this upload.
    ///
    /// # Errors
    /// As [`Journal::begin_job`].
    pub fn has_upload(&self, upload: &UploadId) -> Result<bool> {
        self.with(|connection| connection.prepare_cached("SELECT 1 FROM item WHERE upload = ?1")?.exists([upload.as_str()]))
    }

    /// The job that fills an upload, if a living process runs it: this one or another.
    ///
    /// # Errors
    /// As [`Journal::begin_job`].
    pub fn job_filling(&self, upload: &UploadId) -> Result<Option<JobId>> {
        let found: Vec<(i64, String, Option<String>)> = self.with(|connection| {
            let mut select = connection
                .prepare_cached("SELECT job.id, job.state, job.owner FROM item JOIN job ON job.id = item.job WHERE item.upload = ?1")?;
            select.query_map([upload.as_str()], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?.collect()
        })?;
        let runs = |(_, state, owner): &(i64, String, Option<String>)| is_run_elsewhere(state, owner.as_deref(), "");
        Ok(found.into_iter().find(runs).map(|(id, ..)| JobId(id)))
    }

    /// A part of it is where it belongs.
    ///
    /// # Errors
    /// As [`Journal::begin_job`].
    pub fn note_part(&self, item: ItemId, part: &PartNote) -> Result<()> {
        self.with(|connection| {
            let mut insert =
                connection.prepare_cached("INSERT OR REPLACE INTO part (item, number, etag, sum, read) VALUES (?1, ?2, ?3, ?4, ?5)")?;
            let (sum, read) = (part.sum.map(u64::cast_signed), part.read.map(u64::cast_signed));
            insert.execute(params![item.0, part.number, part.etag.as_ref().map(ETag::as_str), sum, read]).map(drop)
        })
    }

    /// When a job began.
    ///
    /// # Errors
    /// As [`Journal::begin_job`].
    pub fn begun_at(&self, job: JobId) -> Result<Option<Timestamp>> {
        let text: Option<String> =
            self.with(|connection| connection.query_row("SELECT begun_at FROM job WHERE id = ?1", [job.0], |row| row.get(0)).optional())?;
        Ok(text.and_then(|text| text.parse().ok()))
    }

    /// What is to be known of it has changed; its parts stay.
    ///
    /// # Errors
    /// As [`Journal::begin_job`].
    pub fn remark_item(&self, item: ItemId, mark: &str) -> Result<()> {
        self.with(|connection| {
            connection.prepare_cached("UPDATE item SET mark = ?2 WHERE id = ?1")?.execute(params![item.0, mark]).map(drop)
        })
    }

    /// All its parts are joined, and something else is left to do with it, as the mark says.
    ///
    /// # Errors
    /// As [`Journal::begin_job`].
    pub fn mark_item(&self, item: ItemId, mark: &str) -> Result<()> {
        self.with(|connection| {
            let transaction = connection.unchecked_transaction()?;
            transaction.prepare_cached("UPDATE item SET mark = ?2, upload = NULL WHERE id = ?1")?.execute(params![item.0, mark])?;
            transaction.prepare_cached("DELETE FROM part WHERE item = ?1")?.execute([item.0])?;
            transaction.commit()
        })
    }

    /// An object is not under way any more: it is finished, or given up.
    ///
    /// # Errors
    /// As [`Journal::begin_job`].
    pub fn end_item(&self, item: ItemId) -> Result<()> {
        self.with(|connection| connection.prepare_cached("DELETE FROM item WHERE id = ?1")?.execute([item.0]).map(drop))
    }

    /// These objects of a job are finished: in one transaction, as there may be thousands in a second.
    ///
    /// # Errors
    /// As [`Journal::begin_job`].
    pub fn note_done(&self, job: JobId, names: &[DoneName]) -> Result<()> {
        self.note_ended(job, names, &[])
    }

    /// The same, and these are not under way any more: both or nothing, so that none is begun anew.
    ///
    /// # Errors
    /// As [`Journal::begin_job`].
    pub fn note_ended(&self, job: JobId, names: &[DoneName], items: &[ItemId]) -> Result<()> {
        self.with(|connection| {
            let transaction = connection.unchecked_transaction()?;
            if !names.is_empty() {
                let mut insert = transaction.prepare_cached("INSERT INTO done (job, names) VALUES (?1, ?2)")?;
                insert.execute(params![job.0, names.as_flattened()])?;
            }
            {
                let mut delete = transaction.prepare_cached("DELETE FROM item WHERE id = ?1")?;
                for item in items {
                    delete.execute([item.0])?;
                }
            }
            transaction.commit()
        })
    }

    /// The objects of a job that an earlier run has finished.
    ///
    /// # Errors
    /// As [`Journal::begin_job`].
    pub fn done(&self, job: JobId) -> Result<HashSet<DoneName>> {
        self.with(|connection| {
            let mut select = connection.prepare_cached("SELECT names FROM done WHERE job = ?1")?;
            let mut rows = select.query([job.0])?;
            let mut done = HashSet::new();
            while let Some(row) = rows.next()? {
                done.extend(row.get_ref(0)?.as_blob()?.as_chunks().0);
            }
            Ok(done)
        })
    }

    /// The object of a job that an earlier run had under way in parts, with the parts that are finished.
    ///
    /// # Errors
    /// As [`Journal::begin_job`].
    pub fn item(&self, job: JobId, key: &ObjectKey, version: Option<&VersionId>) -> Result<Option<(ItemId, Item, Vec<PartNote>)>> {
        self.with(|connection| {
            let mut select = connection.prepare_cached(
                "SELECT id, key, version, local, size, etag, upload, part_size, mark FROM item
                 WHERE job = ?1 AND key = ?2 AND version IS ?3 ORDER BY id DESC LIMIT 1",
            )?;
            let found = select.query_row(params![job.0, key.as_str(), version.map(VersionId::as_str)], read_item).optional()?;
            found.map(|(id, item)| Ok((id, item, parts_of(connection, id)?))).transpose()
        })
    }

    /// Everything that a job has under way in parts, for whoever gives the job up.
    ///
    /// # Errors
    /// As [`Journal::begin_job`].
    pub fn items(&self, job: JobId) -> Result<Vec<(ItemId, Item)>> {
        self.with(|connection| {
            let mut select = connection.prepare_cached(
                "SELECT id, key, version, local, size, etag, upload, part_size, mark FROM item WHERE job = ?1 ORDER BY id",
            )?;
            select.query_map([job.0], read_item)?.collect()
        })
    }
}

/// A line of the table of jobs.
struct Line {
    id: i64,
    begun_at: String,
    spec: String,
    progress: Progress,
    sought: i64,
    /// Its state, and the process that last ran it.
    spoken_for: (String, Option<String>),
}

/// Whether a living process other than `this` runs the job. A stopped or ended one is run by nobody.
fn is_run_elsewhere(state: &str, owner: Option<&str>, this: &str) -> bool {
    let runs = [JobState::Running, JobState::Paused].iter().any(|running| running.as_str() == state);
    runs && owner.is_some_and(|owner| owner != this && owner::lives(owner))
}

fn parts_of(connection: &Connection, item: ItemId) -> rusqlite::Result<Vec<PartNote>> {
    let mut select = connection.prepare_cached("SELECT number, etag, sum, read FROM part WHERE item = ?1 ORDER BY number")?;
    let read = |row: &Row<'_>| {
        let (etag, sum, read): (Option<String>, Option<i64>, Option<i64>) = (row.get(1)?, row.get(2)?, row.get(3)?);
        let (sum, read) = (sum.map(i64::cast_unsigned), read.map(i64::cast_unsigned));
        Ok(PartNote { number: row.get(0)?, etag: etag.map(ETag::new), sum, read })
    };
    select.query_map([item.0], read)?.collect()
}

fn read_item(row: &Row<'_>) -> rusqlite::Result<(ItemId, Item)> {
    let (key, version, local): (String, Option<String>, Option<Vec<u8>>) = (row.get(1)?, row.get(2)?, row.get(3)?);
    let (size, etag, upload): (Option<i64>, Option<String>, Option<String>) = (row.get(4)?, row.get(5)?, row.get(6)?);
    let item = Item {
        key: ObjectKey::new(key),
        version: version.map(VersionId::new),
        local: local.map(|bytes| PathBuf::from(std::ffi::OsString::from_vec(bytes))),
        size: size.map(i64::cast_unsigned),
        etag: etag.map(ETag::new),
        upload: upload.map(UploadId::new),
        part_size: row.get::<_, i64>(7)?.cast_unsigned(),
        mark: row.get(8)?,
    };
    Ok((ItemId(row.get(0)?), item))
}

fn read_progress(row: &Row<'_>) -> rusqlite::Result<Progress> {
    let count = |column: usize| row.get::<_, i64>(column).map(i64::cast_unsigned);
    let mut progress = Progress { objects: count(3)?, bytes: count(4)?, ended: count(5)?, failed: count(6)?, ..Progress::default() };
    (progress.moved, progress.tally.requests, progress.tally.charged) = (count(7)?, count(8)?, count(9)?);
    Ok(progress)
}
