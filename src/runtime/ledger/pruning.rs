//! Removing single requests of old days. Their sums stay.

use jiff::civil::Date;
use rusqlite::{Connection, Transaction, TransactionBehavior, params};

use super::lines::unpacked;
use super::pack::Pack;
use super::rows::{DAY, keep};
use super::sums::day_number;

/// How many rows go in one transaction, of those that are one line each.
const BITE: i64 = 20_000;
/// How many packs are looked through in one.
const PACKS: i64 = 20;

/// How many lines are older than a day.
pub(super) fn count(connection: &Connection, before: Date) -> rusqlite::Result<u64> {
    let (last, time) = bounds(connection, before)?;
    let number = |select: &str| connection.query_row(select, [last, time], |row| row.get::<_, i64>(0));
    let alone = number("SELECT count(*) FROM request WHERE id <= ?1 AND at < ?2")?;
    let whole = number("SELECT coalesce(sum(count), 0) FROM pack WHERE first <= ?1 AND until < ?2")?;
    let mut select = connection.prepare_cached("SELECT first, lines FROM pack WHERE first <= ?1 AND since < ?2 AND until >= ?2")?;
    let mut rows = select.query([last, time])?;
    let mut old = 0;
    while let Some(row) = rows.next()? {
        let lines = unpacked(row.get(0)?, row.get_ref(1)?.as_blob()?)?;
        old += lines.iter().filter(|line| line.at < time).count() as u64;
    }
    Ok(u64::try_from(alone + whole).unwrap_or(0) + old)
}

/// Removes some of them, and gives how many.
pub(super) fn bite(connection: &Connection, before: Date) -> rusqlite::Result<u64> {
    let bounds = bounds(connection, before)?;
    let mut delete = connection
        .prepare_cached("DELETE FROM request WHERE id IN (SELECT id FROM request WHERE id <= ?1 AND at < ?2 ORDER BY id LIMIT ?3)")?;
    match delete.execute([bounds.0, bounds.1, BITE])? {
        0 => bite_of_packs(connection, bounds),
        lines => Ok(lines as u64),
    }
}

fn bite_of_packs(connection: &Connection, (last, time): (i64, i64)) -> rusqlite::Result<u64> {
    let transaction = Transaction::new_unchecked(connection, TransactionBehavior::Immediate)?;
    let mut select =
        transaction.prepare_cached("SELECT first, lines FROM pack WHERE first <= ?1 AND since < ?2 ORDER BY first LIMIT ?3")?;
    let packs = select.query_map(params![last, time, PACKS], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let packs: Vec<(i64, Vec<u8>)> = packs.collect::<rusqlite::Result<_>>()?;
    drop(select);
    let mut removed = 0;
    for (first, bytes) in packs {
        removed += cut(&transaction, first, &bytes, time)?;
    }
    transaction.commit()?;
    Ok(removed)
}

/// Leaves what is of this time and later in a pack, and gives how many lines are gone.
fn cut(connection: &Connection, first: i64, bytes: &[u8], time: i64) -> rusqlite::Result<u64> {
    let lines = unpacked(first, bytes)?;
    let (mut all, mut left) = (Pack::new(first, 0), Pack::new(first, 0));
    for line in &lines {
        all.push(line);
        if line.at >= time {
            left.push(line);
        }
    }
    let mut forget = connection.prepare_cached("DELETE FROM pack_kind WHERE kind = ?1 AND pack = ?2")?;
    for kind in &all.kinds {
        forget.execute([*kind, first])?;
    }
    if left.count == 0 {
        connection.prepare_cached("DELETE FROM pack WHERE first = ?1")?.execute([first])?;
    } else {
        keep(connection, &left)?;
    }
    Ok(u64::try_from(all.count - left.count).unwrap_or(0))
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
