//! The thread that writes: lines that a channel brings, many in one transaction.

use std::collections::HashMap;
use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, channel, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use rusqlite::{Connection, TransactionBehavior, params};

use super::file::{File, Open};
use crate::domain::{Amount, PayerSent, SaidCharged, Sent, Sum};
use crate::runtime::clock;

/// How long lines are gathered after the first one: a listing writes once, not once for each page.
const GATHER: Duration = Duration::from_millis(200);
/// How many lines are one transaction.
const BATCH: usize = 4096;
/// How many lines are kept while none can be written; later ones are lost then.
const KEPT: usize = 100_000;
/// A day in milliseconds.
pub(super) const DAY: i64 = 86_400_000;
/// Trillionths of a unit of money.
pub(super) const PARTS: i128 = 1_000_000_000_000;

/// Says to the thread what to do.
enum Order {
    Note(Box<Sent>),
    /// Write what is there, and say how many lines could not be written.
    Flush(SyncSender<u64>),
}

/// The thread's other end. Dropping it writes what is left.
pub(super) struct Writer {
    orders: Option<Sender<Order>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// Starts the thread.
    pub(super) fn begin(file: Arc<File>) -> io::Result<Self> {
        let (orders, received) = channel();
        let thread = std::thread::Builder::new().name("ledger".to_owned()).spawn(move || write_on(&file, &received))?;
        Ok(Self { orders: Some(orders), thread: Some(thread) })
    }

    pub(super) fn note(&self, sent: &Sent) {
        self.order(Order::Note(Box::new(sent.clone())));
    }

    /// Waits until all lines so far are written, and gives how many could not be.
    pub(super) fn flush(&self) -> u64 {
        let (tell, told) = sync_channel(1);
        self.order(Order::Flush(tell));
        // A thread that died has written what it could.
        told.recv().unwrap_or(1)
    }

    fn order(&self, order: Order) {
        if let Some(orders) = &self.orders {
            let _gone = orders.send(order);
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.orders = None;
        if let Some(thread) = self.thread.take() {
            let _died = thread.join();
        }
    }
}

/// Until nobody can send any more.
fn write_on(file: &File, orders: &Receiver<Order>) {
    let mut round = Round::default();
    while let Ok(first) = orders.recv() {
        round.take(first);
        round.gather(orders);
        round.write(file);
    }
}

/// Lines that are not written yet, and who waits for them.
#[derive(Default)]
struct Round {
    lines: Vec<Sent>,
    lost: u64,
    waiting: Vec<SyncSender<u64>>,
}

impl Round {
    fn take(&mut self, order: Order) {
        match order {
            Order::Note(_) if self.lines.len() >= KEPT => self.lost += 1,
            Order::Note(line) => self.lines.push(*line),
            Order::Flush(tell) => self.waiting.push(tell),
        }
    }

    fn gather(&mut self, orders: &Receiver<Order>) {
        let end = clock::now() + GATHER;
        while self.waiting.is_empty() && self.lines.len() < BATCH {
            let left = Duration::try_from(end.duration_since(clock::now())).unwrap_or_default();
            match orders.recv_timeout(left) {
                Ok(order) => self.take(order),
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    fn write(&mut self, file: &File) {
        while !self.lines.is_empty() {
            let batch = self.lines.len().min(BATCH);
            match file.with(|open| write(open, &self.lines[..batch])) {
                Ok(()) => {
                    self.lines.drain(..batch);
                    file.can();
                }
                Err(error) => {
                    file.cannot(error);
                    break;
                }
            }
        }
        let left = self.lines.len() as u64 + self.lost;
        for tell in self.waiting.drain(..) {
            let _gone = tell.send(left);
        }
    }
}

/// What a sum of a day is kept by: day, account, bucket, operation and currency.
type Drawer = (i64, [i64; 3], String);

fn write(open: &mut Open, lines: &[Sent]) -> rusqlite::Result<()> {
    let Open { connection, names, .. } = open;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut sums: HashMap<Drawer, Sum> = HashMap::new();
    for sent in lines {
        let (kind, subject) = names.of(&transaction, sent)?;
        let day = sent.at.as_millisecond().div_euclid(DAY);
        let id = line(&transaction, kind, sent)?;
        let mut spans = transaction
            .prepare_cached("INSERT INTO day (day, first, last) VALUES (?1, ?2, ?2) ON CONFLICT (day) DO UPDATE SET last = ?2")?;
        spans.execute([day, id])?;
        let currency = sent.cost.map(|cost| cost.currency.to_string()).unwrap_or_default();
        sums.entry((day, subject, currency)).or_default().count(sent);
    }
    for ((day, subject, currency), sum) in &sums {
        let [account, bucket, op] = *subject;
        add(&transaction, "by_bucket", (*day, [account, bucket, op], currency), sum)?;
        add(&transaction, "by_account", (*day, [account, 0, op], currency), sum)?;
    }
    transaction.commit()
}

fn line(connection: &Connection, kind: i64, sent: &Sent) -> rusqlite::Result<i64> {
    let mut insert = connection.prepare_cached(
        "INSERT INTO request (at, kind, attempt, payer, status, charged, up, down, took, currency, whole, parts, request_id, path)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
    )?;
    let (whole, parts) = split(sent.cost.map_or(Amount::ZERO, |cost| cost.amount));
    insert.insert(params![
        sent.at.as_millisecond(),
        kind,
        sent.attempt,
        sent.payer == PayerSent::Yes,
        sent.status,
        charged_number(sent.charged),
        number(sent.up),
        number(sent.down),
        number(sent.took),
        sent.cost.as_ref().map(|cost| cost.currency.as_str()),
        whole,
        parts,
        sent.request_id.as_deref(),
        &*sent.path,
    ])
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
