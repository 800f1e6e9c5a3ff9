//! Payers as they were last seen, and what the user was told already.
//!
//! Nothing hangs on these lines but an alarm, so they are not synced to the disk one by one as those of changes are: a power cut may
//! lose the newest of them.

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};

use super::{Journal, Line, read_line};
use crate::alarms::{Found, Seen};
use crate::audit::Change;
use crate::domain::{BucketId, Payer, Provider, Result};

/// The same payer read again is written down after this long: a board of ten thousand buckets is no reason to write ten thousand lines
/// each time.
const STALE: SignedDuration = SignedDuration::from_mins(15);

/// How long something that was told once stays told.
const TOLD: SignedDuration = SignedDuration::from_hours(30 * 24);

/// A bucket at a store, as one account reads it.
#[derive(Clone, Debug)]
pub struct Sighted {
    /// The provider, and the endpoint if it is not the provider's own: the same names there are other buckets.
    pub store: String,
    /// By which the journal knows changes.
    pub provider: Provider,
    /// The bucket.
    pub id: BucketId,
}

impl Journal {
    /// A payer was read. Gives what is remembered of it, and whether this reading found it changed by somebody else. Of two processes
    /// that read at the same time, one finds it.
    ///
    /// # Errors
    /// `Local`, as for every line. Nobody should be stopped by it.
    pub fn note_payer(&self, bucket: &Sighted, payer: &Payer, at: Timestamp) -> Result<(Seen, Found)> {
        self.with(|connection| {
            if let Some(seen) = find(connection, bucket)?
                && seen.payer == *payer
                && at.duration_since(seen.at) < STALE
            {
                return Ok((seen, Found::Earlier));
            }
            unsynced(connection, |lines| {
                let (seen, found) = Seen::after(find(lines, bucket)?, payer, at, || changes(lines, bucket))?;
                keep(lines, bucket, &seen)?;
                Ok((seen, found))
            })
        })
    }

    /// The payer as it was last seen.
    ///
    /// # Errors
    /// As [`Journal::note_payer`].
    pub fn seen(&self, bucket: &Sighted) -> Result<Option<Seen>> {
        self.with(|connection| find(connection, bucket))
    }

    /// What was ever told whose name begins so.
    ///
    /// # Errors
    /// As [`Journal::note_payer`].
    pub fn told_so(&self, beginning: &str) -> Result<Vec<String>> {
        self.with(|connection| {
            let mut select = connection.prepare_cached("SELECT what FROM told WHERE substr(what, 1, length(?1)) = ?1")?;
            select.query_map([beginning], |row| row.get(0))?.collect()
        })
    }

    /// Whether this is to be told now: not if it was in the last thirty days.
    ///
    /// # Errors
    /// As [`Journal::note_payer`].
    pub fn tell_once(&self, what: &str, at: Timestamp) -> Result<bool> {
        let old = at.checked_sub(TOLD).unwrap_or(Timestamp::MIN);
        self.with(|connection| {
            unsynced(connection, |lines| {
                let told = lines.execute(
                    "INSERT INTO told (what, at) VALUES (?1, ?2) ON CONFLICT (what) DO UPDATE SET at = excluded.at WHERE at < ?3",
                    params![what, at.as_second(), old.as_second()],
                )?;
                Ok(told == 1)
            })
        })
    }
}

/// A transaction that is not synced when it ends.
pub(super) fn unsynced<T>(connection: &Connection, statements: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> rusqlite::Result<T> {
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    let ended = (|| {
        let transaction = Transaction::new_unchecked(connection, TransactionBehavior::Immediate)?;
        let answer = statements(&transaction)?;
        transaction.commit()?;
        Ok(answer)
    })();
    connection.pragma_update(None, "synchronous", "FULL")?;
    ended
}

/// A line that is not understood is as good as none: the next reading replaces it.
fn find(connection: &Connection, bucket: &Sighted) -> rusqlite::Result<Option<Seen>> {
    let mut select =
        connection.prepare_cached("SELECT payer, since, at, was, was_at FROM seen WHERE store = ?1 AND account = ?2 AND bucket = ?3")?;
    let found: Option<Columns> = select
        .query_row(params![bucket.store, bucket.id.account.as_str(), bucket.id.bucket.as_str()], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?))
        })
        .optional()?;
    Ok(found.and_then(understood))
}

/// Payer, since, at, was, was at.
type Columns = (String, String, String, Option<String>, Option<String>);

fn understood((payer, since, at, was, was_at): Columns) -> Option<Seen> {
    let time = |text: &str| text.parse().ok();
    let before = was.zip(was_at).and_then(|(was, was_at)| Some((Payer::from_wire(&was), time(&was_at)?)));
    Some(Seen { payer: Payer::from_wire(&payer), since: time(&since)?, at: time(&at)?, before })
}

fn keep(connection: &Connection, bucket: &Sighted, seen: &Seen) -> rusqlite::Result<()> {
    let mut insert = connection.prepare_cached(
        "INSERT OR REPLACE INTO seen (store, account, bucket, payer, since, at, was, was_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?;
    let before = seen.before.as_ref();
    insert
        .execute(params![
            bucket.store,
            bucket.id.account.as_str(),
            bucket.id.bucket.as_str(),
            seen.payer.as_str(),
            seen.since.to_string(),
            seen.at.to_string(),
            before.map(|(was, _)| was.as_str()),
            before.map(|(_, was_at)| was_at.to_string()),
        ])
        .map(drop)
}

/// The newest changes of a bucket that were made from here, as whichever account.
fn changes(connection: &Connection, bucket: &Sighted) -> rusqlite::Result<Vec<Change>> {
    let mut select = connection.prepare_cached(
        "SELECT id, at, account, provider, bucket, identity, before, asked, after, outcome, request_id, error
         FROM change WHERE provider = ?1 AND bucket = ?2 ORDER BY id DESC LIMIT 100",
    )?;
    let lines: Vec<Line> =
        select.query_map(params![bucket.provider.as_str(), bucket.id.bucket.as_str()], read_line)?.collect::<rusqlite::Result<_>>()?;
    Ok(lines.into_iter().filter_map(std::result::Result::ok).collect())
}
