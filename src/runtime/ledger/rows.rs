//! Lines become rows: packs of them, and what they add to the sums. Whatever can be done once for many of them is.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};

use super::file::Open;
use super::jotted::{Jot, Jotted};
use super::lines::damaged;
use super::pack::Pack;
use crate::domain::{Amount, Currency, SaidCharged, Sum};

/// A day in milliseconds.
pub(super) const DAY: i64 = 86_400_000;
/// Trillionths of a unit of money.
const PARTS: i128 = 1_000_000_000_000;
const SMALL_PARTS: i64 = 1_000_000_000_000;
/// How many lines are a pack at most: whoever reads one of them reads all.
const PACK: usize = 1024;

/// Writes lines, all or none. Each batch keeps its order; between batches, which threads laid down side by side, time decides.
pub(super) fn write(open: &mut Open, batches: &[Jotted]) -> rusqlite::Result<()> {
    let Open { connection, names, .. } = open;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut rests = Vec::with_capacity(batches.len());
    // Kinds that differ in their hosts alone, or that were noted twice, have a row in common.
    let mut sums: BTreeMap<(i64, [i64; 3], Option<Currency>), Sum> = BTreeMap::new();
    for batch in batches {
        let kinds = batch.kinds().iter().map(|kind| names.of(&transaction, kind)).collect::<rusqlite::Result<Vec<_>>>()?;
        for ((kind, day, currency), sum) in batch.sums() {
            let (_, subject) = kinds.get(usize::from(*kind)).ok_or_else(damaged)?;
            sums.entry((*day, *subject, *currency)).or_default().add(sum);
        }
        rests.push(Rest { batch, kinds: kinds.into_iter().map(|(id, _)| id).collect(), next: 0, latest: Timestamp::MIN });
    }
    keep_all(&transaction, &mut rests)?;
    for ((day, [account, bucket, op], currency), sum) in &sums {
        let currency = currency.as_ref().map_or("", Currency::as_str);
        add(&transaction, "by_bucket", (*day, [*account, *bucket, *op], currency), sum)?;
        add(&transaction, "by_account", (*day, [*account, 0, *op], currency), sum)?;
    }
    transaction.commit()
}

/// What of a batch is not written yet.
struct Rest<'a> {
    batch: &'a Jotted,
    /// The numbers of its kinds in the file.
    kinds: Vec<i64>,
    /// The place of the next line.
    next: usize,
    /// When the latest of those left that are written.
    latest: Timestamp,
}

impl<'a> Rest<'a> {
    /// When the next line is in turn: never before those that it follows. `None`: there is no next one.
    fn turn(&self) -> Option<Timestamp> {
        Some(self.batch.line(self.next)?.at.max(self.latest))
    }

    /// The next line, which is in turn now, and the number of its kind.
    fn take(&mut self, turn: Timestamp) -> Option<(i64, Jot<'a>)> {
        let jot = self.batch.line(self.next)?;
        (self.next, self.latest) = (self.next + 1, turn);
        Some((*self.kinds.get(jot.kind)?, jot))
    }
}

/// Writes lines as packs, and numbers them.
fn keep_all(connection: &Connection, rests: &mut [Rest<'_>]) -> rusqlite::Result<()> {
    let mut last = last_number(connection)?;
    let mut pack = Pack::new(last + 1, PACK.min(rests.iter().map(|rest| rest.batch.len()).sum()));
    let mut days: Vec<(i64, i64, i64)> = Vec::new();
    while let Some((turn, rest)) = rests.iter_mut().filter_map(|rest| Some((rest.turn()?, rest))).min_by_key(|(turn, _)| *turn) {
        let (kind, jot) = rest.take(turn).ok_or_else(damaged)?;
        if pack.count == PACK as i64 {
            keep(connection, &pack)?;
            pack = Pack::new(last + 1, PACK);
        }
        last += 1;
        pack.push_written(last, jot.at.as_millisecond(), kind, jot.rest);
        let today = day_of(jot.at);
        match days.last_mut() {
            Some((day, _, until)) if *day == today => *until = last,
            _ => days.push((today, last, last)),
        }
    }
    keep(connection, &pack)?;
    set_last_number(connection, last)?;
    span(connection, &days)
}

/// How many days it is after the first one of 1970 (UTC).
pub(super) fn day_of(at: Timestamp) -> i64 {
    at.as_millisecond().div_euclid(DAY)
}

/// Notes of days between which numbers their requests are.
fn span(connection: &Connection, days: &[(i64, i64, i64)]) -> rusqlite::Result<()> {
    let mut spans =
        connection.prepare_cached("INSERT INTO day (day, first, last) VALUES (?1, ?2, ?3) ON CONFLICT (day) DO UPDATE SET last = ?3")?;
    for (day, first, last) in days {
        spans.execute([day, first, last])?;
    }
    Ok(())
}

/// The largest number that a request ever had. SQLite keeps it for the table in which each was a row of its own; a process of the
/// version that wrote those may still do so.
fn last_number(connection: &Connection) -> rusqlite::Result<i64> {
    let mut select = connection.prepare_cached("SELECT seq FROM sqlite_sequence WHERE name = 'request'")?;
    select.query_row([], |row| row.get(0)).optional().map(Option::unwrap_or_default)
}

fn set_last_number(connection: &Connection, last: i64) -> rusqlite::Result<()> {
    if connection.prepare_cached("UPDATE sqlite_sequence SET seq = ?1 WHERE name = 'request'")?.execute([last])? == 0 {
        connection.execute("INSERT INTO sqlite_sequence (name, seq) VALUES ('request', ?1)", [last])?;
    }
    Ok(())
}

/// Writes a pack, in place of the one with its number if there is one.
pub(super) fn keep(connection: &Connection, pack: &Pack) -> rusqlite::Result<()> {
    let mut insert = connection
        .prepare_cached("INSERT OR REPLACE INTO pack (first, last, since, until, count, lines) VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?;
    insert.execute(params![pack.first, pack.last.0, pack.times.0, pack.times.1, pack.count, pack.bytes])?;
    let mut insert = connection.prepare_cached("INSERT INTO pack_kind (kind, pack) VALUES (?1, ?2)")?;
    for kind in &pack.kinds {
        insert.execute([*kind, pack.first])?;
    }
    Ok(())
}

/// Trillionths carry over into whole units, so that neither column can run over.
fn add(connection: &Connection, table: &str, drawer: (i64, [i64; 3], &str), sum: &Sum) -> rusqlite::Result<()> {
    let (day, [account, bucket, op], currency) = drawer;
    let mut upsert = connection.prepare_cached(&format!(
        "INSERT INTO {table} VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)
         ON CONFLICT DO UPDATE SET requests = requests + ?6, retries = retries + ?7, failed = failed + ?8, up = up + ?9,
         down = down + ?10, payer = payer + ?11, charged = charged + ?12, uncharged = uncharged + ?13, unpriced = unpriced + ?14,
         whole = whole + ?15 + (parts + ?16) / {PARTS}, parts = (parts + ?16) % {PARTS}"
    ))?;
    let (whole, parts) = split(sum.cost.first().map_or(Amount::ZERO, |(_, amount)| *amount));
    upsert.execute(params![
        day,
        account,
        bucket,
        op,
        currency,
        number(sum.requests),
        number(sum.retries),
        number(sum.failed),
        number(sum.up),
        number(sum.down),
        number(sum.payer),
        number(sum.charged),
        number(sum.uncharged),
        number(sum.unpriced),
        whole,
        parts,
    ])?;
    Ok(())
}

fn number(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// An amount as whole units and trillionths.
pub(super) fn split(amount: Amount) -> (i64, i64) {
    let parts = amount.trillionths();
    match i64::try_from(parts) {
        // Nearly all are, and divided faster.
        Ok(small) => (small / SMALL_PARTS, small % SMALL_PARTS),
        Err(_) => (i64::try_from(parts / PARTS).unwrap_or(i64::MAX), i64::try_from(parts % PARTS).unwrap_or(0)),
    }
}

/// The amount of two columns.
pub(super) fn joined(whole: i64, parts: i64) -> Amount {
    Amount::from_trillionths(i128::from(whole) * PARTS + i128::from(parts))
}

/// What was said, of a number.
pub(super) fn charged(number: i64) -> SaidCharged {
    match number {
        1 => SaidCharged::No,
        2 => SaidCharged::Yes,
        _ => SaidCharged::NotSaid,
    }
}
