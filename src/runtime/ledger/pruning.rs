//! Removing single requests of old days. Their sums stay.

use jiff::civil::Date;
use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::rows::DAY;
use super::sums::day_number;

/// How many lines go in one transaction.
const BITE: i64 = 20_000;

/// How many lines are older than a day.
pub(super) fn count(connection: &Connection, before: Date) -> rusqlite::Result<u64> {
    let (last, time) = bounds(connection, before)?;
    connection
        .query_row("SELECT count(*) FROM request WHERE id <= ?1 AND at < ?2", [last, time], |row| row.get::<_, i64>(0))
        .map(|count| u64::try_from(count).unwrap_or(0))
}

/// Removes some of them, and gives how many.
pub(super) fn bite(connection: &Connection, before: Date) -> rusqlite::Result<u64> {
    let (last, time) = bounds(connection, before)?;
    let mut delete = connection
        .prepare_cached("DELETE FROM request WHERE id IN (SELECT id FROM request WHERE id <= ?1 AND at < ?2 ORDER BY id LIMIT ?3)")?;
    delete.execute([last, time, BITE]).map(|lines| lines as u64)
}

/// Forgets what only those lines needed, and gives their space back.
pub(super) fn shrink(connection: &Connection, before: Date) -> rusqlite::Result<()> {
    let transaction = Transaction::new_unchecked(connection, TransactionBehavior::Immediate)?;
    transaction.execute("DELETE FROM day WHERE day < ?1", [day_number(before)])?;
    transaction.commit()?;
    // Each row of the answer is one page given back: only who reads them all has them all given back.
    let mut vacuum = connection.prepare("PRAGMA incremental_vacuum")?;
    let mut pages = vacuum.query([])?;
    while pages.next()?.is_some() {}
    connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")
}

/// The last number that a request of before the day can have, and when the day begins.
fn bounds(connection: &Connection, before: Date) -> rusqlite::Result<(i64, i64)> {
    let day = day_number(before);
    let last = connection.query_row("SELECT max(last) FROM day WHERE day < ?1", [day], |row| row.get::<_, Option<i64>>(0))?;
    Ok((last.unwrap_or(0), day.saturating_mul(DAY)))
}
