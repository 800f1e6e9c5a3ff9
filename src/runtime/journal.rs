//! The journal of changes: a SQLite database in the state directory.

use crate::audit::Change;
use crate::domain::Result;

/// The journal. Cloned handles write through one connection, in order.
#[derive(Clone)]
pub struct Journal {
    _private: (),
}

impl Journal {
    /// Opens (or makes, 0600 in a 0700 folder) the database. Nothing else of the program waits for it.
    ///
    /// # Errors
    /// `Local`, with the path and what to do, when the file cannot be used.
    pub fn open(_path: &std::path::Path) -> Result<Self> {
        todo!()
    }

    /// A journal in memory, for the demo and tests.
    ///
    /// # Errors
    /// `Local` if SQLite refuses.
    pub fn in_memory() -> Result<Self> {
        todo!()
    }

    /// Writes a new line and returns its number; on disk when this returns.
    ///
    /// # Errors
    /// `Local`: disk full, database locked for longer than five seconds, file gone.
    pub fn begin(&self, _change: &Change) -> Result<i64> {
        todo!()
    }

    /// Completes the line with this number: outcome, after, request id, error.
    ///
    /// # Errors
    /// As [`Journal::begin`].
    pub fn finish(&self, _change: &Change) -> Result<()> {
        todo!()
    }

    /// The newest lines, newest first.
    ///
    /// # Errors
    /// As [`Journal::begin`].
    pub fn newest(&self, _limit: usize) -> Result<Vec<Change>> {
        todo!()
    }
}
