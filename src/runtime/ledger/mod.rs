//! The ledger: a SQLite database in the state directory, with every request that left and what came of it.
//!
//! Comes in: a [`Sent`] for every attempt, from the door, as soon as the attempt is over. Goes out: sums by day, account, bucket
//! and operation, and single requests, newest first.
//!
//! A request never waits for its line: a thread writes what is laid down for it, many lines in a row, a fifth of a second
//! after the first of them at the latest. Whoever ends the program calls [`Ledger::flush`] before; a process that is killed loses
//! that fifth of a second and nothing else. Several processes may write at once.
//!
//! Sums are kept beside the lines, in the same transactions, so that a screen opens as fast with ten million lines as with ten.
//! [`Ledger::prune`] removes lines and keeps the sums.

mod file;
mod jotted;
mod lines;
mod names;
mod pack;
mod pruning;
mod rows;
mod session;
mod sums;
mod tray;
mod writer;

use std::path::Path;
use std::sync::{Arc, OnceLock};

use jiff::civil::Date;

use self::file::File;
use self::tray::Tray;
use self::writer::Writer;
use crate::domain::{By, Error, ErrorKind, Narrow, Result, Sent, Share, Sum};

/// Hears, once for each trouble, that lines cannot be written.
type Notice = Box<dyn Fn(Error) + Send + Sync>;

/// The ledger. Cloned handles write through one thread: what one thread notes in its order, what several note by when the requests
/// left.
#[derive(Clone)]
pub struct Ledger {
    shared: Arc<Shared>,
}

struct Shared {
    file: Arc<File>,
    /// Made with the first line; `None`: the system gave no thread.
    writer: OnceLock<Option<Writer>>,
    tray: Arc<Tray>,
}

impl Ledger {
    /// A ledger in this file. The file (0600, in a folder made with 0700) is opened or made when it is first used: a program that
    /// sends nothing leaves none behind.
    ///
    /// # Errors
    /// `Local` for a path that cannot be a file.
    pub fn open(path: &Path) -> Result<Self> {
        Ok(Self::of(File::at(path)?))
    }

    /// A ledger in memory, for the demo and tests.
    pub fn in_memory() -> Self {
        Self::of(File::in_memory())
    }

    fn of(file: File) -> Self {
        Self { shared: Arc::new(Shared { file: Arc::new(file), writer: OnceLock::new(), tray: Arc::default() }) }
    }

    /// The same ledger, which says at once when lines cannot be written. They are kept, and tried again with the next ones.
    #[must_use]
    pub fn telling(self, notice: impl Fn(Error) + Send + Sync + 'static) -> Self {
        self.shared.file.tell(Box::new(notice));
        self
    }

    /// One more line. It returns at once, whatever the disk does.
    pub fn note(&self, sent: &Sent) {
        match self.writer() {
            Some(_) => self.shared.tray.lay(sent),
            None => self.shared.tray.count(sent),
        }
    }

    /// Waits until every line so far is in the file.
    ///
    /// # Errors
    /// `Local` when some could not be written: how many, and why.
    pub fn flush(&self) -> Result<()> {
        let Some(writer) = self.shared.writer.get() else { return Ok(()) };
        let left = writer.as_ref().map_or(1, Writer::flush);
        if left == 0 {
            return Ok(());
        }
        let cause = self.shared.file.trouble().unwrap_or_else(no_thread);
        let hint = cause.hint_text().unwrap_or("Check the state folder.").to_owned();
        Err(Error::new(ErrorKind::Local, format!("{left} requests are missing in the ledger: {cause}")).hint(hint))
    }

    /// What this process has sent so far, of what is meant; days do not count here.
    pub fn total(&self, narrow: &Narrow) -> Sum {
        self.shared.tray.total(narrow)
    }

    /// What this process has sent so far, by account and bucket.
    pub fn shares(&self) -> Vec<Share> {
        self.shared.tray.shares()
    }

    /// Sums of what is meant: days newest first, everything else by how many requests it had. Requests that were pruned count.
    ///
    /// # Errors
    /// `Local`: file damaged, locked for longer than five seconds, written by a newer version.
    pub fn sums(&self, narrow: &Narrow, by: By) -> Result<Vec<Sum>> {
        self.read(|open| sums::sums(&open.connection, narrow, by))
    }

    /// Single requests with their numbers, newest first: at most `limit` of those with a smaller number than `before`.
    ///
    /// # Errors
    /// As [`Ledger::sums`].
    pub fn requests(&self, narrow: &Narrow, before: Option<i64>, limit: usize) -> Result<Vec<(i64, Sent)>> {
        self.read(|open| lines::newest(&open.connection, narrow, before, limit))
    }

    /// How many single requests [`Ledger::prune`] would remove.
    ///
    /// # Errors
    /// As [`Ledger::sums`].
    pub fn older_than(&self, before: Date) -> Result<u64> {
        self.read(|open| pruning::count(&open.connection, before))
    }

    /// Removes the single requests from before a day (UTC) and gives their space back; their sums stay. How many there were.
    ///
    /// # Errors
    /// As [`Ledger::sums`].
    pub fn prune(&self, before: Date) -> Result<u64> {
        self.flush()?;
        let mut removed = 0;
        // In small bites, so that other processes and the writer come in between.
        loop {
            match self.shared.file.with(|open| pruning::bite(&open.connection, before))? {
                0 => break,
                some => removed += some,
            }
        }
        self.shared.file.with(|open| pruning::shrink(&open.connection, before))?;
        Ok(removed)
    }

    /// Reads, with every line so far in the file. Those that could not be written are told elsewhere.
    fn read<T>(&self, statements: impl FnOnce(&file::Open) -> rusqlite::Result<T>) -> Result<T> {
        if let Some(Some(writer)) = self.shared.writer.get() {
            writer.flush();
        }
        self.shared.file.with(|open| statements(open))
    }

    fn writer(&self) -> Option<&Writer> {
        let begin =
            || Writer::begin(self.shared.file.clone(), self.shared.tray.clone()).inspect_err(|_| self.shared.file.cannot(no_thread())).ok();
        self.shared.writer.get_or_init(begin).as_ref()
    }
}

fn no_thread() -> Error {
    Error::new(ErrorKind::Local, "no thread could be started for the ledger")
        .hint("Look at the limits of this session (`ulimit -u`). Nothing is written down until the next start.")
}
