//! Single requests, newest first, found through their kinds and not by looking at all.

use std::borrow::Cow;
use std::sync::Arc;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::names::{self, Words};
use super::rows::{DAY, charged, joined};
use super::sums::Meant;
use crate::domain::{AccountName, Aside, Currency, Money, Narrow, PayerSent, Sent};

/// Between which numbers and times requests are looked for, both ends included.
struct Stretch {
    ids: (i64, i64),
    times: (i64, i64),
    limit: usize,
}

pub(super) fn newest(connection: &Connection, narrow: &Narrow, before: Option<i64>, limit: usize) -> rusqlite::Result<Vec<(i64, Sent)>> {
    let Some(meant) = Meant::read(connection, narrow)? else { return Ok(Vec::new()) };
    let Some(mut stretch) = stretch(connection, &meant, limit)? else { return Ok(Vec::new()) };
    stretch.ids.1 = before.map_or(stretch.ids.1, |before| stretch.ids.1.min(before.saturating_sub(1)));
    let ids = if meant.is_all() { of_all(connection, &stretch)? } else { of_kinds(connection, &kinds(connection, &meant)?, stretch)? };
    let mut words = Words::of(connection);
    let mut lines = Vec::with_capacity(ids.len());
    for id in ids {
        // A line of an operation that a newer version knows is left out; the sums have it.
        if let Some(sent) = line(connection, &mut words, id)? {
            lines.push((id, sent));
        }
    }
    Ok(lines)
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
        "SELECT account, bucket, op, provider, class, region, method, host, caller, at, attempt, payer, status, charged, up, down, took,
         currency, whole, parts, request_id, path FROM request JOIN kind ON kind.id = request.kind WHERE request.id = ?1",
    )?;
    select.query_row([id], |row| read(row, words)).optional().map(Option::flatten)
}

fn read(row: &Row<'_>, words: &mut Words<'_>) -> rusqlite::Result<Option<Sent>> {
    let mut word = |column| words.get(row.get(column)?);
    let (account, bucket, op_name, region) = (word(0)?, word(1)?, word(2)?, word(5)?);
    let (method, host, caller) = (word(6)?, word(7)?, word(8)?);
    let count = |column| row.get::<_, i64>(column).map(|count| u64::try_from(count).unwrap_or(0));
    let at = Timestamp::from_millisecond(row.get(9)?).unwrap_or_default();
    let (Some(op), Some(provider), Some(class)) = (names::op(&op_name), names::provider(row.get(3)?), names::class(row.get(4)?)) else {
        return Ok(None);
    };
    let currency: Option<String> = row.get(17)?;
    let amount = joined(row.get(18)?, row.get(19)?);
    Ok(Some(Sent {
        at,
        account: AccountName::new(account),
        caller: Some(caller).filter(|caller| !caller.is_empty()),
        provider,
        region,
        bucket: Some(bucket).filter(|bucket| !bucket.is_empty()),
        op,
        class,
        method: Cow::Owned(method.to_string()),
        host,
        path: Arc::from(row.get::<_, String>(21)?),
        attempt: row.get(10)?,
        payer: if row.get(11)? { PayerSent::Yes } else { PayerSent::No },
        status: row.get(12)?,
        charged: charged(row.get(13)?),
        request_id: row.get::<_, Option<String>>(20)?.map(Arc::from),
        up: count(14)?,
        down: count(15)?,
        took: count(16)?,
        cost: currency.and_then(|code| Currency::parse(&code)).map(|currency| Money { amount, currency }),
        aside: Aside::default(),
    }))
}
