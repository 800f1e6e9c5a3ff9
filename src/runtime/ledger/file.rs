//! The ledger's file: opened when first used, private to its owner, brought to our version of the tables.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, TransactionBehavior};

use super::Notice;
use super::names::Names;
use crate::domain::escape::visible;
use crate::domain::{Error, ErrorKind, Result};
use crate::runtime::journal::{make_private, trouble, write_ahead};

/// How long a statement waits for other processes.
const BUSY: Duration = Duration::from_secs(5);

/// A table of sums, in the order of its key.
macro_rules! sums {
    ($table:literal, $key:literal) => {
        concat!(
            "
    CREATE TABLE ",
            $table,
            " (
        day       INTEGER NOT NULL,
        account   INTEGER NOT NULL,
        bucket    INTEGER NOT NULL,
        op        INTEGER NOT NULL,
        currency  TEXT    NOT NULL,
        requests  INTEGER NOT NULL,
        retries   INTEGER NOT NULL,
        failed    INTEGER NOT NULL,
        up        INTEGER NOT NULL,
        down      INTEGER NOT NULL,
        payer     INTEGER NOT NULL,
        charged   INTEGER NOT NULL,
        uncharged INTEGER NOT NULL,
        unpriced  INTEGER NOT NULL,
        whole     INTEGER NOT NULL,
        parts     INTEGER NOT NULL,
        PRIMARY KEY (",
            $key,
            ")
    ) STRICT, WITHOUT ROWID;
"
        )
    };
}

/// Each step makes version n+1 of version n, which is kept in `user_version`.
const MIGRATIONS: [&str; 2] = [
    concat!(
        "
    -- Words that stand in many lines.
    CREATE TABLE name (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE) STRICT;
    -- What many requests have in common; 0: none. Everything but provider and class is a name.
    CREATE TABLE kind (
        id       INTEGER PRIMARY KEY,
        account  INTEGER NOT NULL,
        bucket   INTEGER NOT NULL,
        op       INTEGER NOT NULL,
        provider INTEGER NOT NULL,
        class    INTEGER NOT NULL,
        region   INTEGER NOT NULL,
        method   INTEGER NOT NULL,
        host     INTEGER NOT NULL,
        caller   INTEGER NOT NULL,
        UNIQUE (account, bucket, op, provider, class, region, method, host, caller)
    ) STRICT;
    -- One request that left. Times in milliseconds; money as whole units and trillionths.
    CREATE TABLE request (
        id         INTEGER PRIMARY KEY AUTOINCREMENT,
        at         INTEGER NOT NULL,
        kind       INTEGER NOT NULL,
        attempt    INTEGER NOT NULL,
        payer      INTEGER NOT NULL,
        status     INTEGER,
        charged    INTEGER NOT NULL,
        up         INTEGER NOT NULL,
        down       INTEGER NOT NULL,
        took       INTEGER NOT NULL,
        currency   TEXT,
        whole      INTEGER NOT NULL,
        parts      INTEGER NOT NULL,
        request_id TEXT,
        path       TEXT NOT NULL
    ) STRICT;
    CREATE INDEX request_kind ON request (kind);
    -- Between which numbers the requests of a day are.
    CREATE TABLE day (day INTEGER PRIMARY KEY, first INTEGER NOT NULL, last INTEGER NOT NULL) STRICT;
    -- Sums of a day; in by_account bucket is 0. Currency is empty for what has no price. Each table has the order in which it is
    -- grouped over all days: sorting a hundred thousand rows takes longer than reading them.
",
        sums!("by_bucket", "account, bucket, currency, day, op"),
        sums!("by_account", "day, account, bucket, op, currency"),
    ),
    "
    -- Many requests in a row, with numbers from first to last and times from since to until. What was a row of its own before stays
    -- one, and shares the numbers.
    CREATE TABLE pack (
        first INTEGER PRIMARY KEY,
        last  INTEGER NOT NULL,
        since INTEGER NOT NULL,
        until INTEGER NOT NULL,
        count INTEGER NOT NULL,
        lines BLOB    NOT NULL
    ) STRICT;
    -- Which kinds are in which packs.
    CREATE TABLE pack_kind (
        kind INTEGER NOT NULL,
        pack INTEGER NOT NULL,
        PRIMARY KEY (kind, pack)
    ) STRICT, WITHOUT ROWID;
",
];

/// The file, and what is known of its state.
pub(super) struct File {
    /// `None`: in memory.
    path: Option<PathBuf>,
    open: Mutex<Option<Open>>,
    notice: OnceLock<Notice>,
    /// Why lines could not be written last time.
    trouble: Mutex<Option<Error>>,
}

/// A connection and the file that it writes to.
pub(super) struct Open {
    pub(super) connection: Connection,
    /// Numbers of words that are in the file.
    pub(super) names: Names,
    /// Device and inode; `None` in memory. SQLite would go on writing to a file that was moved or deleted.
    file: Option<(u64, u64)>,
}

impl File {
    pub(super) fn at(path: &Path) -> Result<Self> {
        let file = Self { path: Some(path.to_owned()), ..Self::in_memory() };
        if path.file_name().is_none() {
            return Err(file.error("is not the name of a file").hint("Set `WHOPAYS_STATE_DIR` to a folder of your own."));
        }
        Ok(file)
    }

    pub(super) fn in_memory() -> Self {
        Self { path: None, open: Mutex::default(), notice: OnceLock::new(), trouble: Mutex::default() }
    }

    /// Who hears of trouble; the first one stays.
    pub(super) fn tell(&self, notice: Notice) {
        let _first = self.notice.set(notice);
    }

    /// Runs statements on the connection, which is made if there is none. One that failed is not used again: what it knows of the
    /// file may have been rolled back.
    pub(super) fn with<T>(&self, statements: impl FnOnce(&mut Open) -> rusqlite::Result<T>) -> Result<T> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let current = match open.take().filter(|open| open.file == self.identity()) {
            Some(current) => current,
            None => self.connect()?,
        };
        let current = open.insert(current);
        let ended = statements(current).map_err(|error| self.failed(error));
        if ended.is_err() && self.path.is_some() {
            *open = None;
        }
        ended
    }

    /// Lines cannot be written: said once, until some were.
    pub(super) fn cannot(&self, error: Error) {
        let before = self.trouble.lock().unwrap_or_else(PoisonError::into_inner).replace(error);
        if let (None, Some(notice)) = (before, self.notice.get()) {
            let message = self.error("takes no lines now; they are kept, and tried again with the next request");
            let trouble = self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
            let hint = trouble.as_ref().and_then(Error::hint_text).unwrap_or("Check the state folder.").to_owned();
            let why = trouble.as_ref().map(|error| error.message().to_owned()).unwrap_or_default();
            drop(trouble);
            notice(Error::new(ErrorKind::Local, format!("{}: {why}", message.message())).hint(hint));
        }
    }

    /// Lines can be written.
    pub(super) fn can(&self) {
        *self.trouble.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Why the last lines were not written. Asking takes it.
    pub(super) fn trouble(&self) -> Option<Error> {
        self.trouble.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Which file stands at the path now.
    fn identity(&self) -> Option<(u64, u64)> {
        let found = std::fs::metadata(self.path.as_ref()?).ok()?;
        Some((found.dev(), found.ino()))
    }

    fn connect(&self) -> Result<Open> {
        let connection = match &self.path {
            None => Connection::open_in_memory(),
            Some(path) => {
                make_private(path).map_err(|error| {
                    self.error(&format!("cannot be opened: {error}"))
                        .hint("Make the folder writable for yourself, or set `WHOPAYS_STATE_DIR` to another one.")
                        .source(error)
                })?;
                Connection::open(path)
            }
        };
        let mut connection = connection.map_err(|error| self.failed(error))?;
        let found = connection.busy_timeout(BUSY).and_then(|()| version(&connection)).map_err(|error| self.failed(error))?;
        if !(0..=MIGRATIONS.len()).contains(&found) {
            let what = format!("was written by a newer whopays (version {found} of its tables; this one knows {})", MIGRATIONS.len());
            return Err(self.error(&what).hint("Update whopays, or set `WHOPAYS_STATE_DIR` to another folder. Nothing was changed."));
        }
        set_up(&mut connection, found).map_err(|error| self.failed(error))?;
        connection.set_prepared_statement_cache_capacity(32);
        Ok(Open { connection, names: Names::default(), file: self.identity() })
    }

    fn error(&self, what: &str) -> Error {
        let name = match &self.path {
            Some(path) => format!("ledger \"{}\"", visible(&path.display().to_string())),
            None => "ledger in memory".to_owned(),
        };
        Error::new(ErrorKind::Local, format!("{name} {what}"))
    }

    fn failed(&self, error: rusqlite::Error) -> Error {
        let damaged = "Move the file away, and a new ledger is begun at the next request; `sqlite3 FILE .recover` may read the old one.";
        let (what, hint) = trouble(&error, damaged);
        self.error(&what).hint(hint).source(error)
    }
}

/// Write-ahead logging, synced when the log is folded in: a process that is killed loses no committed line, a machine without
/// power the last few. Two processes may try at once: the second one finds the tables made.
fn set_up(connection: &mut Connection, found: usize) -> rusqlite::Result<()> {
    if found == 0 {
        // Only before the first table is made: pruned space can be given back then, piece by piece.
        connection.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
    }
    write_ahead(connection)?;
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    if found == MIGRATIONS.len() {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for step in MIGRATIONS.iter().skip(version(&transaction)?) {
        transaction.execute_batch(step)?;
    }
    transaction.pragma_update(None, "user_version", i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX))?;
    transaction.commit()
}

/// A negative one is nobody's, and so too new.
fn version(connection: &Connection) -> rusqlite::Result<usize> {
    connection
        .pragma_query_value(None, "user_version", |row| row.get::<_, i64>(0))
        .map(|version| usize::try_from(version).unwrap_or(usize::MAX))
}
