//! Sums, read from those that are kept by day: ten million requests are some ten thousand rows there.

use std::collections::HashMap;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rusqlite::{Connection, Row, params};

use super::names::{self, Words};
use super::rows::{DAY, joined};
use crate::domain::{By, Currency, Narrow, Sum};

/// The days and numbers that a [`Narrow`] means.
pub(super) struct Meant {
    /// First and last day, since 1970.
    pub(super) days: (i64, i64),
    /// Account, bucket and operation.
    pub(super) names: [Option<i64>; 3],
}

impl Meant {
    /// `None`: one of the names is in no line.
    pub(super) fn read(connection: &Connection, narrow: &Narrow) -> rusqlite::Result<Option<Self>> {
        let mut names = [None; 3];
        for (place, wanted) in [&narrow.account, &narrow.bucket, &narrow.op].into_iter().enumerate() {
            let Some(text) = wanted else { continue };
            // No bucket is the bucket 0.
            names[place] = if text.is_empty() { Some(0) } else { names::find(connection, text)? };
            if names[place].is_none() {
                return Ok(None);
            }
        }
        let days = (narrow.since.map_or(i64::MIN, day_number), narrow.until.map_or(i64::MAX, day_number));
        Ok(Some(Self { days, names }))
    }

    /// Whether all requests of some days are meant.
    pub(super) fn is_all(&self) -> bool {
        self.names == [None; 3]
    }
}

/// A day as the file has it.
pub(super) fn day_number(day: Date) -> i64 {
    day.to_zoned(TimeZone::UTC).map_or(0, |midnight| midnight.timestamp().as_millisecond().div_euclid(DAY))
}

fn day_name(number: i64) -> String {
    let midnight = Timestamp::from_millisecond(number.saturating_mul(DAY)).unwrap_or_default();
    midnight.to_zoned(TimeZone::UTC).date().to_string()
}

pub(super) fn sums(connection: &Connection, narrow: &Narrow, by: By) -> rusqlite::Result<Vec<Sum>> {
    let Some(meant) = Meant::read(connection, narrow)? else { return Ok(Vec::new()) };
    let [account, bucket, op] = meant.names;
    let table = if by == By::Bucket || bucket.is_some() { "by_bucket" } else { "by_account" };
    let key = match by {
        By::Day => "day, 0",
        By::Account => "account, 0",
        By::Bucket => "account, bucket",
        By::Operation => "op, 0",
    };
    let mut select = connection.prepare_cached(&format!(
        "SELECT {key}, currency, sum(requests), sum(retries), sum(failed), sum(up), sum(down), sum(payer), sum(charged), sum(uncharged),
         sum(unpriced), sum(whole), sum(parts) FROM {table}
         WHERE day BETWEEN ?1 AND ?2 AND (?3 IS NULL OR account = ?3) AND (?4 IS NULL OR bucket = ?4) AND (?5 IS NULL OR op = ?5)
         GROUP BY 1, 2, 3"
    ))?;
    let mut found: HashMap<(i64, i64), Sum> = HashMap::new();
    let mut rows = select.query(params![meant.days.0, meant.days.1, account, bucket, op])?;
    while let Some(row) = rows.next()? {
        found.entry((row.get(0)?, row.get(1)?)).or_default().add(&read(row)?);
    }
    let mut named = name(connection, by, found)?;
    named.sort_unstable_by(|(day_a, a), (day_b, b)| day_b.cmp(day_a).then(b.requests.cmp(&a.requests)).then_with(|| a.name.cmp(&b.name)));
    Ok(named.into_iter().map(|(_, sum)| sum).collect())
}

fn read(row: &Row<'_>) -> rusqlite::Result<Sum> {
    let count = |column| row.get::<_, i64>(column).map(|count| u64::try_from(count).unwrap_or(0));
    let currency = Currency::parse(row.get_ref(2)?.as_str()?);
    let amount = joined(row.get(12)?, row.get(13)?);
    Ok(Sum {
        name: String::new(),
        requests: count(3)?,
        retries: count(4)?,
        failed: count(5)?,
        up: count(6)?,
        down: count(7)?,
        payer: count(8)?,
        charged: count(9)?,
        uncharged: count(10)?,
        unpriced: count(11)?,
        cost: currency.map(|currency| (currency, amount)).into_iter().collect(),
    })
}

/// The sums with their names, and the days that they are sorted by.
fn name(connection: &Connection, by: By, found: HashMap<(i64, i64), Sum>) -> rusqlite::Result<Vec<(i64, Sum)>> {
    let mut words = Words::of(connection);
    let mut named = Vec::with_capacity(found.len());
    for ((first, second), sum) in found {
        let (day, name) = match by {
            By::Day => (first, day_name(first)),
            By::Account | By::Operation => (0, words.get(first)?.to_string()),
            // What is asked of an account and no bucket, such as the list of its buckets.
            By::Bucket if second == 0 => (0, words.get(first)?.to_string()),
            By::Bucket => (0, format!("{}:{}", words.get(first)?, words.get(second)?)),
        };
        named.push((day, Sum { name, ..sum }));
    }
    Ok(named)
}
