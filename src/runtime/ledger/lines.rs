//! Single requests, newest first, found through their kinds and not by looking at all: in packs, and in the rows that earlier
//! versions wrote.

use std::collections::{BinaryHeap, HashSet};
use std::sync::Arc;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::names::Words;
use super::pack::{self, Line};
use super::rows::{DAY, charged, joined};
use super::sums::Meant;
use crate::domain::{Aside, Currency, Money, Narrow, PayerSent, Sent};

/// Between which numbers and times requests are looked for, both ends included.
struct Stretch {
    ids: (i64, i64),
    times: (i64, i64),
    limit: usize,
}

/// What is read from packs: the requests themselves, and their words once each.
struct Reading<'a> {
    connection: &'a Connection,
    stretch: Stretch,
    words: Words<'a>,
    found: Vec<(i64, Sent)>,
}

pub(super) fn newest(connection: &Connection, narrow: &Narrow, before: Option<i64>, limit: usize) -> rusqlite::Result<Vec<(i64, Sent)>> {
    let Some(meant) = Meant::read(connection, narrow)? else { return Ok(Vec::new()) };
    let Some(mut stretch) = stretch(connection, &meant, limit)? else { return Ok(Vec::new()) };
    stretch.ids.1 = before.map_or(stretch.ids.1, |before| stretch.ids.1.min(before.saturating_sub(1)));
    let kinds = if meant.is_all() { None } else { Some(kinds(connection, &meant)?) };
    let mut reading = Reading { connection, stretch, words: Words::of(connection), found: Vec::new() };
    match &kinds {
        None => reading.packs()?,
        Some(kinds) => reading.packs_of(kinds)?,
    }
    let Reading { mut stretch, mut words, mut found, .. } = reading;
    // Rows of their own are older than any pack, but where a process of an earlier version still writes.
    if let Some((oldest, _)) = found.last().filter(|_| found.len() == limit) {
        stretch.ids.0 = *oldest;
    }
    let ids = match &kinds {
        None => of_all(connection, &stretch)?,
        Some(kinds) => of_kinds(connection, kinds, stretch)?,
    };
    for id in ids {
        // A line of an operation that a newer version knows is left out; the sums have it.
        if let Some(sent) = line(connection, &mut words, id)? {
            found.push((id, sent));
        }
    }
    found.sort_unstable_by_key(|(id, _)| std::cmp::Reverse(*id));
    found.truncate(limit);
    Ok(found)
}

impl Reading<'_> {
    /// The newest of all.
    fn packs(&mut self) -> rusqlite::Result<()> {
        let Stretch { ids, times, .. } = self.stretch;
        let connection = self.connection;
        let mut select = connection.prepare_cached(
            "SELECT first, lines FROM pack WHERE first <= ?2 AND last >= ?1 AND since <= ?4 AND until >= ?3 ORDER BY first DESC",
        )?;
        let mut rows = select.query(params![ids.0, ids.1, times.0, times.1])?;
        while self.wants_more()
            && let Some(row) = rows.next()?
        {
            self.take(row, None)?;
        }
        Ok(())
    }

    /// The newest of some kinds: always the newest pack that has any of them, as each kind names its packs.
    fn packs_of(&mut self, kinds: &[i64]) -> rusqlite::Result<()> {
        let connection = self.connection;
        let Stretch { ids, times, .. } = self.stretch;
        let oldest: Option<i64> = connection.query_row("SELECT max(first) FROM pack WHERE first <= ?1", [ids.0], |row| row.get(0))?;
        let oldest = oldest.unwrap_or(ids.0);
        let mut select = connection.prepare_cached("SELECT max(pack) FROM pack_kind WHERE kind = ?1 AND pack BETWEEN ?2 AND ?3")?;
        let mut newest = |kind: i64, until: i64| select.query_row([kind, oldest, until], |row| row.get::<_, Option<i64>>(0));
        let mut heads = BinaryHeap::with_capacity(kinds.len());
        for kind in kinds {
            heads.extend(newest(*kind, ids.1)?.map(|pack| (pack, *kind)));
        }
        let mut read = connection.prepare_cached("SELECT first, lines FROM pack WHERE first = ?1 AND since <= ?3 AND until >= ?2")?;
        let meant: HashSet<i64> = kinds.iter().copied().collect();
        while self.wants_more()
            && let Some((pack, _)) = heads.peek().copied()
        {
            if let Some(row) = read.query([pack, times.0, times.1])?.next()? {
                self.take(row, Some(&meant))?;
            }
            while let Some((_, kind)) = heads.peek().copied().filter(|(head, _)| *head == pack) {
                heads.pop();
                heads.extend(newest(kind, pack - 1)?.map(|pack| (pack, kind)));
            }
        }
        Ok(())
    }

    fn wants_more(&self) -> bool {
        self.found.len() < self.stretch.limit
    }

    /// What is wanted of a pack.
    fn take(&mut self, row: &Row<'_>, kinds: Option<&HashSet<i64>>) -> rusqlite::Result<()> {
        let Stretch { ids, times, limit } = self.stretch;
        for line in unpacked(row.get(0)?, row.get_ref(1)?.as_blob()?)?.iter().rev() {
            let is_wanted = (ids.0..=ids.1).contains(&line.id)
                && (times.0..=times.1).contains(&line.at)
                && kinds.is_none_or(|kinds| kinds.contains(&line.kind));
            if is_wanted && let Some(sent) = sent(&mut self.words, line)? {
                self.found.push((line.id, sent));
            }
            if self.found.len() == limit {
                return Ok(());
            }
        }
        Ok(())
    }
}

/// The lines of a pack, or what SQLite says of a file that is damaged.
pub(super) fn unpacked(first: i64, bytes: &[u8]) -> rusqlite::Result<Vec<Line<'_>>> {
    pack::lines(first, bytes).ok_or_else(damaged)
}

/// What SQLite says of a file that is damaged.
pub(super) fn damaged() -> rusqlite::Error {
    rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CORRUPT), None)
}

/// The line with what its kind says. `None`: its operation is one that a newer version knows; the sums have it.
fn sent(words: &mut Words<'_>, line: &Line<'_>) -> rusqlite::Result<Option<Sent>> {
    let Some(kind) = words.kind(line.kind)? else { return Ok(None) };
    Ok(Some(Sent {
        at: Timestamp::from_millisecond(line.at).unwrap_or_default(),
        path: Arc::from(line.path),
        attempt: line.attempt,
        payer: line.payer,
        status: line.status,
        charged: line.charged,
        request_id: line.request_id.map(Arc::from),
        up: line.up,
        down: line.down,
        took: line.took,
        cost: line.cost,
        kind,
        aside: Aside::default(),
    }))
}

/// `None`: no request is of these days.
fn stretch(connection: &Connection, meant: &Meant, limit: usize) -> rusqlite::Result<Option<Stretch>> {
    let (since, until) = meant.days;
    let mut select = connection.prepare_cached("SELECT min(first), max(last) FROM day WHERE day BETWEEN ?1 AND ?2")?;
    let ids: (Option<i64>, Option<i64>) = select.query_row([since, until], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let times = (since.saturating_mul(DAY), until.saturating_add(1).saturating_mul(DAY).saturating_sub(1));
    Ok(ids.0.zip(ids.1).map(|ids| Stretch { ids, times, limit }))
}

fn of_all(connection: &Connection, stretch: &Stretch) -> rusqlite::Result<Vec<i64>> {
    let mut select = connection
        .prepare_cached("SELECT id FROM request WHERE id BETWEEN ?1 AND ?2 AND at BETWEEN ?3 AND ?4 ORDER BY id DESC LIMIT ?5")?;
    let Stretch { ids, times, limit } = stretch;
    select.query_map(params![ids.0, ids.1, times.0, times.1, most(*limit)], |row| row.get(0))?.collect()
}

/// The newest of each kind, which its index has in order; once there are enough, only newer ones are of interest.
fn of_kinds(connection: &Connection, kinds: &[i64], mut stretch: Stretch) -> rusqlite::Result<Vec<i64>> {
    let mut select = connection.prepare_cached(
        "SELECT id FROM request WHERE kind = ?6 AND id BETWEEN ?1 AND ?2 AND at BETWEEN ?3 AND ?4 ORDER BY id DESC LIMIT ?5",
    )?;
    let mut newest: Vec<i64> = Vec::new();
    for kind in kinds {
        let Stretch { ids, times, limit } = &stretch;
        let found = select.query_map(params![ids.0, ids.1, times.0, times.1, most(*limit), kind], |row| row.get(0))?;
        newest.extend(found.collect::<rusqlite::Result<Vec<i64>>>()?);
        newest.sort_unstable_by(|a, b| b.cmp(a));
        newest.truncate(stretch.limit);
        if let Some(oldest) = newest.last().filter(|_| newest.len() == stretch.limit) {
            stretch.ids.0 = *oldest;
        }
    }
    Ok(newest)
}

fn kinds(connection: &Connection, meant: &Meant) -> rusqlite::Result<Vec<i64>> {
    let mut select = connection.prepare_cached(
        "SELECT id FROM kind WHERE (?1 IS NULL OR account = ?1) AND (?2 IS NULL OR bucket = ?2) AND (?3 IS NULL OR op = ?3)
         ORDER BY id DESC",
    )?;
    select.query_map(meant.names, |row| row.get(0))?.collect()
}

fn most(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

fn line(connection: &Connection, words: &mut Words<'_>, id: i64) -> rusqlite::Result<Option<Sent>> {
    let mut select = connection.prepare_cached(
        "SELECT kind, at, attempt, payer, status, charged, up, down, took, currency, whole, parts, request_id, path
         FROM request WHERE id = ?1",
    )?;
    select.query_row([id], |row| read(row, words)).optional().map(Option::flatten)
}

fn read(row: &Row<'_>, words: &mut Words<'_>) -> rusqlite::Result<Option<Sent>> {
    let Some(kind) = words.kind(row.get(0)?)? else { return Ok(None) };
    let count = |column| row.get::<_, i64>(column).map(|count| u64::try_from(count).unwrap_or(0));
    let currency: Option<String> = row.get(9)?;
    let amount = joined(row.get(10)?, row.get(11)?);
    Ok(Some(Sent {
        at: Timestamp::from_millisecond(row.get(1)?).unwrap_or_default(),
        path: Arc::from(row.get::<_, String>(13)?),
        attempt: row.get(2)?,
        payer: if row.get(3)? { PayerSent::Yes } else { PayerSent::No },
        status: row.get(4)?,
        charged: charged(row.get(5)?),
        request_id: row.get::<_, Option<String>>(12)?.map(Arc::from),
        up: count(6)?,
        down: count(7)?,
        took: count(8)?,
        cost: currency.and_then(|code| Currency::parse(&code)).map(|currency| Money { amount, currency }),
        kind,
        aside: Aside::default(),
    }))
}
