//! The journal: a SQLite database in the state directory, with what was changed, what is under way, and who consented to pay.
//!
//! Comes in: [`Change`] lines, before the request leaves and after its end; jobs, items and parts (`jobs`); consents
//! (`consents`); payers as they were seen (`seen`), and as probes proved them (`proofs`). Goes out: the same. A line is on disk when the call returns, so a process that is killed leaves a trace of
//! what it may have done. No line of a change is ever deleted, also not a file that cannot be read.
//!
//! Write-ahead logging with `synchronous = FULL`: one sync for a line instead of three, and a reader (screen 5, `whopays
//! journal`) never waits for a writer. Several processes may write at once; each waits up to five seconds for its turn.

pub mod consents;
pub mod jobs;
mod owner;
pub mod proofs;
pub mod seen;

use std::fs::{DirBuilder, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, Row, params};

use crate::audit::{Change, Outcome};
use crate::domain::{AccountName, BucketId, BucketName, Error, ErrorKind, Payer, Provider, Result};

/// How long a line waits for other processes.
const BUSY: Duration = Duration::from_secs(5);
/// Version of the tables, kept in `user_version`.
const VERSION: i64 = 6;
/// Each step makes version n+1 of version n.
const MIGRATIONS: [&str; VERSION as usize] = [
    "
    CREATE TABLE change (
        id         INTEGER PRIMARY KEY AUTOINCREMENT,
        at         TEXT NOT NULL,
        account    TEXT NOT NULL,
        provider   TEXT NOT NULL,
        bucket     TEXT NOT NULL,
        identity   TEXT,
        before     TEXT,
        asked      TEXT NOT NULL,
        after      TEXT,
        outcome    TEXT NOT NULL,
        request_id TEXT,
        error      TEXT
    ) STRICT;
",
    "
    -- Whom the user let be billed for which bucket, for good.
    CREATE TABLE consent (
        account  TEXT NOT NULL,
        bucket   TEXT NOT NULL,
        given_at TEXT NOT NULL,
        PRIMARY KEY (account, bucket)
    ) STRICT, WITHOUT ROWID;
    -- What moves or removes objects; spec is the job as JSON.
    CREATE TABLE job (
        id       INTEGER PRIMARY KEY AUTOINCREMENT,
        begun_at TEXT NOT NULL,
        ended_at TEXT,
        state    TEXT NOT NULL,
        spec     TEXT NOT NULL,
        objects  INTEGER NOT NULL DEFAULT 0,
        bytes    INTEGER NOT NULL DEFAULT 0,
        ended    INTEGER NOT NULL DEFAULT 0,
        failed   INTEGER NOT NULL DEFAULT 0,
        moved    INTEGER NOT NULL DEFAULT 0,
        requests INTEGER NOT NULL DEFAULT 0,
        charged  INTEGER NOT NULL DEFAULT 0,
        error    TEXT,
        -- The process that runs it, told apart from later ones with its number.
        owner    TEXT
    ) STRICT;
    CREATE INDEX job_state ON job (state);
    -- One object of a job that is under way in parts.
    CREATE TABLE item (
        id        INTEGER PRIMARY KEY AUTOINCREMENT,
        job       INTEGER NOT NULL REFERENCES job (id) ON DELETE CASCADE,
        key       TEXT NOT NULL,
        version   TEXT,
        local     BLOB,
        size      INTEGER,
        etag      TEXT,
        upload    TEXT,
        part_size INTEGER NOT NULL,
        mark      TEXT
    ) STRICT;
    CREATE INDEX item_job ON item (job);
    CREATE TABLE part (
        item   INTEGER NOT NULL REFERENCES item (id) ON DELETE CASCADE,
        number INTEGER NOT NULL,
        etag   TEXT,
        sum    INTEGER,
        PRIMARY KEY (item, number)
    ) STRICT, WITHOUT ROWID;
    -- Objects of a job that are finished: the first half of the SHA-256 of their name.
    CREATE TABLE done (
        job  INTEGER NOT NULL REFERENCES job (id) ON DELETE CASCADE,
        name BLOB NOT NULL,
        PRIMARY KEY (job, name)
    ) STRICT, WITHOUT ROWID;
",
    "
    -- A bucket's payer as one account last read it, and what it was before if nobody changed it from here.
    CREATE TABLE seen (
        store   TEXT NOT NULL,
        account TEXT NOT NULL,
        bucket  TEXT NOT NULL,
        payer   TEXT NOT NULL,
        since   TEXT NOT NULL,
        at      TEXT NOT NULL,
        was     TEXT,
        was_at  TEXT,
        PRIMARY KEY (store, account, bucket)
    ) STRICT, WITHOUT ROWID;
    -- What is told once in a while, and when it was; in seconds since 1970.
    CREATE TABLE told (
        what TEXT PRIMARY KEY,
        at   INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
",
    "
    -- What a probe proved of a bucket whose own setting may not be read.
    CREATE TABLE proof (
        store    TEXT NOT NULL,
        account  TEXT NOT NULL,
        bucket   TEXT NOT NULL,
        verdict  TEXT NOT NULL,
        evidence TEXT NOT NULL,
        at       TEXT NOT NULL,
        PRIMARY KEY (store, account, bucket)
    ) STRICT, WITHOUT ROWID;
",
    "
    -- The sum of a part that is copied through this machine, as the store that is read gives it.
    ALTER TABLE part ADD COLUMN read INTEGER;
",
    "
    -- Names side by side, sixteen bytes each: a row for each time that some were written, since a tree of names costs each of
    -- thousands of small objects more than its signature does.
    CREATE TABLE done_together (
        job   INTEGER NOT NULL REFERENCES job (id) ON DELETE CASCADE,
        names BLOB NOT NULL
    ) STRICT;
    INSERT INTO done_together SELECT job, name FROM done;
    DROP TABLE done;
    ALTER TABLE done_together RENAME TO done;
    CREATE INDEX done_job ON done (job);
",
];

/// The journal. Cloned handles write through one connection, in order.
#[derive(Clone)]
pub struct Journal {
    place: Place,
    /// Made at the first use: opening a journal costs nothing before the first frame.
    open: Arc<Mutex<Option<Open>>>,
}

/// A connection and the file that it writes to.
struct Open {
    connection: Connection,
    /// Device and inode; `None` in memory. SQLite would go on writing to a file that was moved or deleted.
    file: Option<(u64, u64)>,
}

/// Where the lines are kept.
#[derive(Clone)]
enum Place {
    File(PathBuf),
    Memory,
}

impl Journal {
    /// A journal in this file. The file (0600, in a folder made with 0700) is opened or made when the journal is first used, so
    /// a mistake shows there, and can be corrected while the program runs.
    ///
    /// # Errors
    /// `Local` for a path that cannot be a file.
    pub fn open(path: &Path) -> Result<Self> {
        let place = Place::File(path.to_owned());
        if path.file_name().is_none() {
            return Err(place.error("is not the name of a file").hint("Set `WHOPAYS_STATE_DIR` to a folder of your own."));
        }
        Ok(Self { place, open: Arc::default() })
    }

    /// A journal in memory, for the demo and tests.
    ///
    /// # Errors
    /// `Local` if SQLite refuses.
    pub fn in_memory() -> Result<Self> {
        let journal = Self::unkept();
        journal.with(|_| Ok(()))?;
        Ok(journal)
    }

    /// A journal in memory that is made when something is first written or asked, for commands that keep nothing.
    pub fn unkept() -> Self {
        Self { place: Place::Memory, open: Arc::default() }
    }

    /// Writes a new line and returns its number; on disk when this returns.
    ///
    /// # Errors
    /// `Local`: disk full, database locked for longer than five seconds, file gone.
    pub fn begin(&self, change: &Change) -> Result<i64> {
        self.with(|connection| {
            let mut insert = connection.prepare_cached(
                "INSERT INTO change (at, account, provider, bucket, identity, before, asked, after, outcome, request_id, error)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
            )?;
            insert.insert(params![
                change.at.to_string(),
                change.bucket.account.as_str(),
                change.provider.as_str(),
                change.bucket.bucket.as_str(),
                change.identity,
                change.before.as_ref().map(Payer::as_str),
                change.asked.as_str(),
                change.after.as_ref().map(Payer::as_str),
                change.outcome.as_str(),
                change.request_id,
                change.error,
            ])
        })
    }

    /// Completes the line with this number: outcome, after, request id, error.
    ///
    /// # Errors
    /// As [`Journal::begin`]; also when there is no such line.
    pub fn finish(&self, change: &Change) -> Result<()> {
        let lines = self.with(|connection| {
            let mut update =
                connection.prepare_cached("UPDATE change SET after = ?2, outcome = ?3, request_id = ?4, error = ?5 WHERE id = ?1")?;
            update.execute(params![
                change.id,
                change.after.as_ref().map(Payer::as_str),
                change.outcome.as_str(),
                change.request_id,
                change.error,
            ])
        })?;
        if lines == 1 {
            return Ok(());
        }
        Err(self.place.error(&format!("has no line {}", change.id)).hint("Write the change down: nothing else keeps its outcome."))
    }

    /// The newest lines, newest first.
    ///
    /// # Errors
    /// As [`Journal::begin`].
    pub fn newest(&self, limit: usize) -> Result<Vec<Change>> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let lines = self.with(|connection| {
            let mut select = connection.prepare_cached(
                "SELECT id, at, account, provider, bucket, identity, before, asked, after, outcome, request_id, error
                 FROM change ORDER BY id DESC LIMIT ?1",
            )?;
            select.query_map([limit], read_line)?.collect::<rusqlite::Result<Vec<_>>>()
        })?;
        lines.into_iter().map(|line| line.map_err(|(id, what)| self.place.unreadable(id, what))).collect()
    }

    /// Runs statements on the connection, which is made if there is none.
    fn with<T>(&self, statements: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T> {
        // A panic between two statements leaves no half of a line: each is a transaction.
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let current = match open.take().filter(|open| open.file == self.place.identity()) {
            Some(current) => current,
            None => self.place.connect()?,
        };
        statements(&open.insert(current).connection).map_err(|error| self.place.failed(error))
    }
}

impl Place {
    /// Which file stands at the path now.
    fn identity(&self) -> Option<(u64, u64)> {
        match self {
            Self::Memory => None,
            Self::File(path) => std::fs::metadata(path).ok().map(|file| (file.dev(), file.ino())),
        }
    }

    fn connect(&self) -> Result<Open> {
        let connection = match self {
            Self::Memory => Connection::open_in_memory(),
            Self::File(path) => {
                make_private(path).map_err(|error| self.cannot_be_made(error))?;
                Connection::open(path)
            }
        };
        let mut connection = connection.map_err(|error| self.failed(error))?;
        connection.busy_timeout(BUSY).map_err(|error| self.failed(error))?;
        // Before anything else: not even the journal mode of a newer file is ours to change.
        let found = version(&connection).map_err(|error| self.failed(error))?;
        if !(0..=VERSION).contains(&found) {
            return Err(self.too_new(found));
        }
        set_up(&connection).map_err(|error| self.failed(error))?;
        if found < VERSION {
            migrate(&mut connection).map_err(|error| self.failed(error))?;
        }
        Ok(Open { connection, file: self.identity() })
    }

    fn too_new(&self, found: i64) -> Error {
        self.error(&format!("was written by a newer whopays (version {found} of its tables; this one knows {VERSION})"))
            .hint("Update whopays, or set `WHOPAYS_STATE_DIR` to another folder. Nothing was changed.")
    }

    fn error(&self, what: &str) -> Error {
        let name = match self {
            Self::File(path) => format!("journal \"{}\"", crate::domain::escape::visible(&path.display().to_string())),
            Self::Memory => "journal in memory".to_owned(),
        };
        Error::new(ErrorKind::Local, format!("{name} {what}"))
    }

    fn cannot_be_made(&self, error: io::Error) -> Error {
        let hint = if matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded) {
            "Free some space on that disk."
        } else if matches!(error.kind(), io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem) {
            "Make the folder writable for yourself, or set `WHOPAYS_STATE_DIR` to another one."
        } else {
            "Correct the path, or set `WHOPAYS_STATE_DIR` to another folder."
        };
        self.error(&format!("cannot be opened: {error}")).hint(hint).source(error)
    }

    fn failed(&self, error: rusqlite::Error) -> Error {
        let damaged =
            "Move the file away, and a new journal is begun at the next use. It was left as it is; `sqlite3 FILE .recover` may read it.";
        let (what, hint) = trouble(&error, damaged);
        self.error(&what).hint(hint).source(error)
    }

    fn unreadable(&self, id: i64, what: &'static str) -> Error {
        self.error(&format!("has a line {id} whose {what} is not understood"))
            .hint("Something else has written it: look at it with `sqlite3`, and correct it.")
    }
}

/// What is wrong with a database's file, and what helps; `damaged` is what helps where it is none any more.
pub(super) fn trouble(error: &rusqlite::Error, damaged: &'static str) -> (String, &'static str) {
    match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => ("is damaged".to_owned(), damaged),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            ("is locked by another process for longer than five seconds".to_owned(), "End the other process, then repeat.")
        }
        Some(ErrorCode::DiskFull) => ("cannot be written: the disk is full".to_owned(), "Free some space on that disk."),
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied | ErrorCode::CannotOpen) => (
            "cannot be written".to_owned(),
            "Make the file and its folder writable for yourself, or set `WHOPAYS_STATE_DIR` to another folder.",
        ),
        _ => (format!("cannot be used: {error}"), "Check the file and its disk, or set `WHOPAYS_STATE_DIR` to another folder."),
    }
}

/// Brings the tables to our version. Two processes may try at once: the second one finds them done.
fn migrate(connection: &mut Connection) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let done = usize::try_from(version(&transaction)?).unwrap_or(usize::MAX);
    for step in MIGRATIONS.iter().skip(done) {
        transaction.execute_batch(step)?;
    }
    if done < MIGRATIONS.len() {
        transaction.pragma_update(None, "user_version", VERSION)?;
    }
    transaction.commit()
}

fn set_up(connection: &Connection) -> rusqlite::Result<()> {
    write_ahead(connection)?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)
}

/// Asks for a write-ahead log. SQLite answers with the mode that is in force; a file system without shared memory keeps the
/// rollback journal, which is as safe.
///
/// The change of mode needs the file for itself and, unlike everything else, does not wait for it: two consoles that make the
/// file at the same moment would refuse each other. So the waiting is done here.
#[expect(clippy::disallowed_methods, reason = "this runs beside the event loop, and waits as SQLite's own busy handler would")]
pub(in crate::runtime) fn write_ahead(connection: &Connection) -> rusqlite::Result<()> {
    const PAUSE: Duration = Duration::from_millis(5);
    let mut waited = Duration::ZERO;
    loop {
        match connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(())) {
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) && waited < BUSY => {
                std::thread::sleep(PAUSE);
                waited += PAUSE;
            }
            ended => return ended,
        }
    }
}

fn version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}

/// Makes the file for its owner only, before SQLite would make it for everyone; SQLite gives its companions the same mode.
pub(in crate::runtime) fn make_private(path: &Path) -> io::Result<()> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    let file = match OpenOptions::new().read(true).append(true).create(true).mode(0o600).open(path) {
        // To say whose fault it is, SQLite is asked: it can tell a read-only file from a damaged one.
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied && path.exists() => return Ok(()),
        opened => opened?,
    };
    let found = file.metadata()?;
    if !found.is_file() {
        return Err(io::Error::other("it is not a regular file"));
    }
    if found.uid() != rustix::process::geteuid().as_raw() {
        return Err(io::Error::other("it belongs to another user"));
    }
    if found.mode() & 0o077 != 0 {
        file.set_permissions(Permissions::from_mode(0o600))?;
    }
    Ok(())
}

/// A line, or its number and what of it is not understood.
type Line = std::result::Result<Change, (i64, &'static str)>;

fn read_line(row: &Row<'_>) -> rusqlite::Result<Line> {
    let id: i64 = row.get(0)?;
    let (at, account, provider, bucket): (String, String, String, String) = (row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?);
    let payer = |text: Option<String>| text.map(|text| Payer::from_wire(&text));
    let (before, asked, after) = (payer(row.get(6)?), Payer::from_wire(&row.get::<_, String>(7)?), payer(row.get(8)?));
    let (identity, outcome, request_id, error) = (row.get(5)?, row.get::<_, String>(9)?, row.get(10)?, row.get(11)?);
    Ok((|| {
        let provider = read_provider(&provider).ok_or("provider")?;
        let bucket = BucketName::parse(provider, &bucket).map_err(|_| "bucket")?;
        Ok(Change {
            id,
            at: at.parse().map_err(|_| "time")?,
            bucket: BucketId { account: AccountName::new(account), bucket },
            provider,
            identity,
            before,
            asked,
            after,
            outcome: Outcome::ALL.into_iter().find(|known| known.as_str() == outcome).ok_or("outcome")?,
            request_id,
            error,
        })
    })()
    .map_err(|what| (id, what)))
}

fn read_provider(word: &str) -> Option<Provider> {
    [Provider::S3, Provider::Oss].into_iter().find(|provider| provider.as_str() == word)
}
