//! `buckets`: every bucket of every account, with its region and payer.
//!
//! Payers are read while listings still come in, 32 at a time, each bucket once. The lines are printed at the end, by account
//! and name, so that two runs can be compared.

use serde::Serialize;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::app::PayerFact;
use crate::config::Account;
use crate::domain::{Error, ErrorKind, Ownership, Payer, PayerReading, Place, Provider, Result};

use super::board::Board;
use super::failure::{Failure, Fields};
use super::output::{Ink, Output};
use super::payer_get::{self, TurnedLine};
use super::table::{self, Cell};

/// How many payers are read at the same time.
const AT_ONCE: usize = 32;

/// One line of the board.
struct Row {
    /// The account's place in the config.
    order: usize,
    provider: Provider,
    place: Place,
    ownership: Ownership,
    reading: PayerReading,
    error: Option<Error>,
}

/// What can be listed of an account, beside what its store says.
#[derive(Clone)]
struct Source {
    order: usize,
    account: Account,
}

/// Lists buckets and reads their payers.
///
/// # Errors
/// When a listing or a reading failed. A payer that is denied or unsupported is an answer, not a failure.
pub(super) async fn run(
    board: &impl Board,
    accounts: &[&Account],
    only: Option<Payer>,
    output: &Output,
) -> std::result::Result<(), Failure> {
    let (mut rows, mut failures) = collect(board, accounts, output).await;
    output.clear_progress();
    rows.sort_unstable_by(|a, b| (a.order, &a.place.id.bucket).cmp(&(b.order, &b.place.id.bucket)));
    let unreadable = rows.iter().filter(|row| row.reading.payer().is_none()).count();
    let listed_accounts = accounts.len() - failures.len();
    let shown = rows.iter().filter(|row| only.is_none() || row.reading.payer() == only.as_ref());
    print(shown, board, output);
    payer_get::warn_of_news(board, rows.iter().map(|row| &row.place), output);
    if only.is_some() && unreadable > 0 && !output.is_json() {
        output.aside(&format!("{unreadable} more whose payer could not be read; without --payer they are listed too"));
    }
    let read = rows.iter().filter(|row| is_an_answer(&row.reading)).count();
    failures.extend(rows.into_iter().filter(|row| !is_an_answer(&row.reading)).filter_map(|row| {
        let target = row.place.id.to_string();
        Some(row.error?.target(target))
    }));
    Failure::of_many("listings and readings", listed_accounts + read, failures)
}

fn is_an_answer(reading: &PayerReading) -> bool {
    match reading {
        PayerReading::Read(_) | PayerReading::Denied | PayerReading::Unsupported | PayerReading::Inferred(_) => true,
        PayerReading::NotRead | PayerReading::Changing { .. } | PayerReading::Failed => false,
    }
}

async fn collect(board: &impl Board, accounts: &[&Account], output: &Output) -> (Vec<Row>, Vec<Error>) {
    let (found, mut queue) = mpsc::unbounded_channel();
    let mut listings = JoinSet::new();
    for source in accounts.iter().enumerate().map(|(order, account)| Source::of(order, account)) {
        listings.spawn_local(list(board.clone(), source, found.clone()));
    }
    drop(found);
    let mut rows = Vec::new();
    let mut readings = JoinSet::new();
    loop {
        tokio::select! {
            Some(row) = queue.recv(), if readings.len() < AT_ONCE => {
                readings.spawn_local(read(board.clone(), row));
            }
            Some(ended) = readings.join_next() => {
                rows.extend(ended.ok());
                output.progress(&format!("{} payers read", rows.len()));
            }
            else => break,
        }
    }
    let ended = listings.join_all().await;
    (rows, ended.into_iter().filter_map(Result::err).collect())
}

/// Hands over the account's own buckets as their pages come, then those which only the config names.
async fn list(board: impl Board, source: Source, found: mpsc::UnboundedSender<Row>) -> Result<()> {
    let mut owned = std::collections::BTreeSet::new();
    let listed = board
        .list_buckets(&source.account.name, |page| {
            for record in page.buckets {
                owned.insert(record.name.clone());
                let region = record.region.as_deref().map(str::to_owned);
                let place = source.account.own(&record.name, region);
                // Sending fails only when nobody listens, and then nothing is missed.
                let _ = found.send(source.row(place, record.ownership));
            }
        })
        .await;
    for foreign in source.account.buckets.iter().filter(|foreign| !owned.contains(&foreign.name)) {
        let _ = found.send(source.row(source.account.place(&foreign.name), Ownership::Foreign));
    }
    listed.map_err(|error| error.target(source.account.name.as_str()))
}

async fn read(board: impl Board, mut row: Row) -> Row {
    match board.read_payer(&row.place).await {
        Ok(PayerFact { payer, region, .. }) => {
            row.place.region = region.or(row.place.region);
            row.reading = PayerReading::Read(payer);
        }
        Err(error) => {
            row.reading = failed_reading(&error);
            row.error = Some(error);
        }
    }
    row
}

/// What is known of a payer after its reading failed.
pub(super) fn failed_reading(error: &Error) -> PayerReading {
    if error.kind() == ErrorKind::Denied {
        PayerReading::Denied
    } else if error.kind() == ErrorKind::Unsupported {
        PayerReading::Unsupported
    } else if error.kind() == ErrorKind::Refused {
        // A budget kept the question back.
        PayerReading::NotRead
    } else {
        PayerReading::Failed
    }
}

impl Source {
    fn of(order: usize, account: &Account) -> Self {
        Self { order, account: account.clone() }
    }

    fn row(&self, place: Place, ownership: Ownership) -> Row {
        Row { order: self.order, provider: self.account.site.provider, place, ownership, reading: PayerReading::NotRead, error: None }
    }
}

fn print<'a>(rows: impl Iterator<Item = &'a Row>, board: &impl Board, output: &Output) {
    if output.is_json() {
        rows.for_each(|row| output.object(&Line::new(row, board.turned(&row.place).as_ref().map(TurnedLine::from))));
    } else {
        let rows: Vec<Vec<Cell>> = rows.map(cells).collect();
        table::print(output, &["ACCOUNT", "PROVIDER", "BUCKET", "REGION", "OWNED", "PAYER"], &rows);
    }
}

fn cells(row: &Row) -> Vec<Cell> {
    vec![
        Cell::new(row.place.id.account.as_str()),
        Cell::new(row.provider.as_str()),
        Cell::new(row.place.id.bucket.as_str()),
        Cell::optional(row.place.region.as_deref()),
        Cell::new(match row.ownership {
            Ownership::Owned => "owned",
            Ownership::Foreign => "foreign",
        }),
        payer_cell(&row.reading),
    ]
}

/// A payer for people: the store's word, or why there is none.
pub(super) fn payer_cell(reading: &PayerReading) -> Cell {
    match reading.payer() {
        Some(Payer::Requester) => Cell::inked(Ink::Notable, Payer::Requester.as_str()),
        Some(payer) => Cell::new(payer.as_str()),
        None if *reading == PayerReading::Failed => Cell::inked(Ink::Wrong, reading.state()),
        None => Cell::inked(Ink::Faint, reading.state()),
    }
}

#[derive(Serialize)]
struct Line<'a> {
    account: &'a str,
    provider: &'static str,
    bucket: &'a str,
    region: Option<&'a str>,
    owned: bool,
    payer: Option<&'a str>,
    payer_state: &'static str,
    error: Option<Fields<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    turned: Option<TurnedLine>,
}

impl<'a> Line<'a> {
    fn new(row: &'a Row, turned: Option<TurnedLine>) -> Self {
        Self {
            account: row.place.id.account.as_str(),
            provider: row.provider.as_str(),
            bucket: row.place.id.bucket.as_str(),
            region: row.place.region.as_deref(),
            owned: row.ownership == Ownership::Owned,
            payer: row.reading.payer().map(Payer::as_str),
            payer_state: row.reading.state(),
            error: row.error.as_ref().map(Fields::from),
            turned,
        }
    }
}
