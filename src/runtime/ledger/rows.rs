//! Lines become rows, many in one transaction; whatever can be done once for many of them is.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, LazyLock};

use rusqlite::{Connection, Statement, TransactionBehavior, params};

use super::file::Open;
use crate::domain::{Amount, Currency, PayerSent, SaidCharged, Sent, Sum};

/// A day in milliseconds.
pub(super) const DAY: i64 = 86_400_000;
/// Trillionths of a unit of money.
pub(super) const PARTS: i128 = 1_000_000_000_000;
/// How many rows one statement inserts, where there are so many: with each statement SQLite writes down the last number given.
const AT_ONCE: usize = 64;
const COLUMNS: usize = 14;

/// What a line has in common with others: its kind's number, and those of account, bucket and operation.
type Common = (i64, [i64; 3]);
/// What a sum of a day is kept by: day, account, bucket, operation and currency.
type Drawer = (i64, [i64; 3], Option<Currency>);

/// What a transaction adds to the tables beside the lines.
#[derive(Default)]
struct Added {
    sums: HashMap<Drawer, Sum>,
    /// The first and the last number of each day.
    days: BTreeMap<i64, (i64, i64)>,
}

/// Writes lines in the order in which they came, all or none.
pub(super) fn write(open: &mut Open, lines: &[Arc<Sent>]) -> rusqlite::Result<()> {
    let Open { connection, names, .. } = open;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut added = Added::default();
    let mut before: Option<(&Sent, Common)> = None;
    let mut rows = Vec::with_capacity(AT_ONCE);
    for many in lines.chunks(AT_ONCE) {
        rows.clear();
        for sent in many {
            let common = match before {
                Some((last, common)) if is_alike(last, sent) => common,
                Some(_) | None => names.of(&transaction, sent)?,
            };
            before = Some((sent, common));
            rows.push((&**sent, common));
        }
        let last = insert(&transaction, &rows)?;
        for (back, (sent, (_, subject))) in rows.iter().rev().enumerate() {
            added.count(sent, *subject, last - i64::try_from(back).unwrap_or(0));
        }
    }
    added.write(&transaction)?;
    transaction.commit()
}

/// Whether all that makes a kind is the same.
fn is_alike(one: &Sent, other: &Sent) -> bool {
    let kind = |sent: &Sent| (sent.op, sent.class, sent.provider);
    kind(one) == kind(other)
        && one.account == other.account
        && one.bucket == other.bucket
        && one.host == other.host
        && one.region == other.region
        && one.method == other.method
        && one.caller == other.caller
}

/// Inserts rows, and gives the last one's number; the others have those before it.
fn insert(connection: &Connection, rows: &[(&Sent, Common)]) -> rusqlite::Result<i64> {
    static MANY: LazyLock<String> = LazyLock::new(|| inserting(AT_ONCE));
    static ONE: LazyLock<String> = LazyLock::new(|| inserting(1));
    let (at_once, statement) = if rows.len() == AT_ONCE { (AT_ONCE, &*MANY) } else { (1, &*ONE) };
    let mut insert = connection.prepare_cached(statement)?;
    for some in rows.chunks(at_once) {
        for (place, (sent, (kind, _))) in some.iter().enumerate() {
            bind(&mut insert, place * COLUMNS, *kind, sent)?;
        }
        insert.raw_execute()?;
    }
    Ok(connection.last_insert_rowid())
}

/// The statement that inserts so many rows.
fn inserting(rows: usize) -> String {
    let row = format!("({})", ["?"; COLUMNS].join(","));
    let rows = vec![row.as_str(); rows].join(",");
    format!(
        "INSERT INTO request (at, kind, attempt, payer, status, charged, up, down, took, currency, whole, parts, request_id, path)
         VALUES {rows}"
    )
}

fn bind(insert: &mut Statement<'_>, behind: usize, kind: i64, sent: &Sent) -> rusqlite::Result<()> {
    let (whole, parts) = split(sent.cost.map_or(Amount::ZERO, |cost| cost.amount));
    insert.raw_bind_parameter(behind + 1, sent.at.as_millisecond())?;
    insert.raw_bind_parameter(behind + 2, kind)?;
    insert.raw_bind_parameter(behind + 3, sent.attempt)?;
    insert.raw_bind_parameter(behind + 4, sent.payer == PayerSent::Yes)?;
    insert.raw_bind_parameter(behind + 5, sent.status)?;
    insert.raw_bind_parameter(behind + 6, charged_number(sent.charged))?;
    insert.raw_bind_parameter(behind + 7, number(sent.up))?;
    insert.raw_bind_parameter(behind + 8, number(sent.down))?;
    insert.raw_bind_parameter(behind + 9, number(sent.took))?;
    insert.raw_bind_parameter(behind + 10, sent.cost.as_ref().map(|cost| cost.currency.as_str()))?;
    insert.raw_bind_parameter(behind + 11, whole)?;
    insert.raw_bind_parameter(behind + 12, parts)?;
    insert.raw_bind_parameter(behind + 13, sent.request_id.as_deref())?;
    insert.raw_bind_parameter(behind + COLUMNS, &*sent.path)
}

impl Added {
    fn count(&mut self, sent: &Sent, subject: [i64; 3], id: i64) {
        let day = sent.at.as_millisecond().div_euclid(DAY);
        let (first, last) = self.days.entry(day).or_insert((id, id));
        (*first, *last) = (id.min(*first), id.max(*last));
        self.sums.entry((day, subject, sent.cost.map(|cost| cost.currency))).or_default().count(sent);
    }

    fn write(&self, connection: &Connection) -> rusqlite::Result<()> {
        let mut spans = connection
            .prepare_cached("INSERT INTO day (day, first, last) VALUES (?1, ?2, ?3) ON CONFLICT (day) DO UPDATE SET last = ?3")?;
        for (day, (first, last)) in &self.days {
            spans.execute([day, first, last])?;
        }
        for ((day, [account, bucket, op], currency), sum) in &self.sums {
            let currency = currency.as_ref().map_or("", Currency::as_str);
            add(connection, "by_bucket", (*day, [*account, *bucket, *op], currency), sum)?;
            add(connection, "by_account", (*day, [*account, 0, *op], currency), sum)?;
        }
        Ok(())
    }
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
fn split(amount: Amount) -> (i64, i64) {
    let parts = amount.trillionths();
    (i64::try_from(parts / PARTS).unwrap_or(i64::MAX), i64::try_from(parts % PARTS).unwrap_or(0))
}

/// The amount of two columns.
pub(super) fn joined(whole: i64, parts: i64) -> Amount {
    Amount::from_trillionths(i128::from(whole) * PARTS + i128::from(parts))
}

fn charged_number(charged: SaidCharged) -> i64 {
    match charged {
        SaidCharged::NotSaid => 0,
        SaidCharged::No => 1,
        SaidCharged::Yes => 2,
    }
}

/// What was said, of a number.
pub(super) fn charged(number: i64) -> SaidCharged {
    let all = [SaidCharged::No, SaidCharged::Yes];
    all.into_iter().find(|known| charged_number(*known) == number).unwrap_or(SaidCharged::NotSaid)
}
