//! Single requests of the ledger, newest first: a table, JSON, CSV.

use jiff::tz::TimeZone;
use serde::Serialize;

use super::ledger::{Form, tell_if_empty};
use super::ledger_csv::{self, Record};
use super::output::{Ink, Output};
use super::table::{self, Cell};
use crate::domain::evidence;
use crate::domain::figures::size;
use crate::domain::{Narrow, PayerSent, Result, SaidCharged, Sent};
use crate::prices::words;
use crate::runtime::ledger::Ledger;

/// How many people get who did not say.
const SHOWN: usize = 50;
/// How many are read at once.
const PAGE: usize = 1000;

/// Prints at most `limit` of them.
///
/// # Errors
/// `Local` when the ledger cannot be read.
pub(super) fn print(ledger: &Ledger, narrow: &Narrow, limit: Option<usize>, form: Form, output: &Output) -> Result<()> {
    match form {
        Form::Table => {
            let limit = limit.unwrap_or(SHOWN);
            let mut rows = Vec::new();
            each(ledger, narrow, limit.saturating_add(1), |_, sent| rows.push(row(sent)))?;
            let more = rows.len() > limit;
            rows.truncate(limit);
            people(&rows, output);
            if more {
                output.aside("there are more: --limit N shows more of them, --csv and --json all");
            }
            tell_if_empty(ledger, narrow, output)?;
        }
        Form::Json => each(ledger, narrow, limit.unwrap_or(usize::MAX), |id, sent| output.object(&Line::of(id, sent)))?,
        Form::Csv => {
            ledger_csv::heading(&COLUMNS, output);
            each(ledger, narrow, limit.unwrap_or(usize::MAX), |id, sent| record(id, sent).print(output))?;
        }
    }
    Ok(())
}

/// Page by page: however many there are, few are in memory.
fn each(ledger: &Ledger, narrow: &Narrow, limit: usize, mut tell: impl FnMut(i64, &Sent)) -> Result<()> {
    let (mut left, mut before) = (limit, None);
    while left > 0 {
        let page = ledger.requests(narrow, before, left.min(PAGE))?;
        let Some((oldest, _)) = page.last() else { return Ok(()) };
        before = Some(*oldest);
        left -= page.len().min(left);
        page.iter().for_each(|(id, sent)| tell(*id, sent));
    }
    Ok(())
}

fn people(rows: &[Vec<Cell>], output: &Output) {
    if !rows.is_empty() {
        let heading =
            ["TIME (UTC)", "ACCOUNT", "BUCKET", "OPERATION", "STATUS", "TRY", "PAYER", "UP", "DOWN", "MS", "ESTIMATE", "REQUEST ID"];
        table::print(output, &heading, rows);
    }
}

fn row(sent: &Sent) -> Vec<Cell> {
    let status = match sent.status {
        Some(status) => Cell::inked(if sent.succeeded() { Ink::Plain } else { Ink::Wrong }, &status.to_string()),
        None => Cell::inked(Ink::Wrong, "no answer"),
    };
    let cost = sent.cost.map_or_else(
        || if sent.unpriced() { "no price".to_owned() } else { "nothing".to_owned() },
        |cost| format!("{} {}", words::up(cost.amount), cost.currency),
    );
    vec![
        Cell::new(&sent.at.to_zoned(TimeZone::UTC).strftime("%Y-%m-%d %H:%M:%S").to_string()),
        Cell::new(sent.kind.account.as_str()),
        Cell::optional(sent.kind.bucket.as_deref()),
        Cell::new(sent.kind.op.name(sent.kind.provider)),
        status,
        Cell::new(&sent.attempt.to_string()),
        payer(sent),
        Cell::new(&size(sent.up)),
        Cell::new(&size(sent.down)),
        Cell::new(&sent.took.to_string()),
        Cell::new(&cost),
        Cell::optional(sent.request_id.as_deref()),
    ]
}

fn payer(sent: &Sent) -> Cell {
    match sent.payer {
        PayerSent::No => Cell::optional(None),
        PayerSent::Yes => match sent.charged {
            SaidCharged::Yes => Cell::inked(Ink::Notable, "charged"),
            SaidCharged::No if sent.succeeded() => Cell::inked(Ink::Notable, "not charged"),
            SaidCharged::No | SaidCharged::NotSaid => Cell::new("sent"),
        },
    }
}

/// One line of JSON: the fields of `--trace`, and what the ledger alone knows.
#[derive(Serialize)]
struct Line<'a> {
    id: i64,
    time: String,
    account: &'a str,
    caller: Option<&'a str>,
    provider: &'static str,
    region: &'a str,
    operation: &'static str,
    price_class: &'static str,
    method: &'a str,
    host: &'a str,
    path: &'a str,
    bucket: Option<&'a str>,
    payer_header: bool,
    attempt: u32,
    status: Option<u16>,
    charged: &'static str,
    request_id: Option<&'a str>,
    bytes_up: u64,
    bytes_down: u64,
    ms: u64,
    cost: Option<String>,
    currency: Option<String>,
}

impl<'a> Line<'a> {
    fn of(id: i64, sent: &'a Sent) -> Self {
        Self {
            id,
            time: format!("{:.3}", sent.at),
            account: sent.kind.account.as_str(),
            caller: sent.kind.caller.as_deref(),
            provider: sent.kind.provider.as_str(),
            region: &sent.kind.region,
            operation: sent.kind.op.name(sent.kind.provider),
            price_class: words::class_code(sent.kind.class),
            method: &sent.kind.method,
            host: &sent.kind.host,
            path: &sent.path,
            bucket: sent.kind.bucket.as_deref(),
            payer_header: sent.payer == PayerSent::Yes,
            attempt: sent.attempt,
            status: sent.status,
            charged: evidence::charged(sent.charged),
            request_id: sent.request_id.as_deref(),
            bytes_up: sent.up,
            bytes_down: sent.down,
            ms: sent.took,
            cost: sent.cost.map(|cost| cost.amount.to_string()),
            currency: sent.cost.map(|cost| cost.currency.to_string()),
        }
    }
}

const COLUMNS: [&str; 22] = [
    "id",
    "time",
    "account",
    "caller",
    "provider",
    "region",
    "operation",
    "price_class",
    "method",
    "host",
    "path",
    "bucket",
    "payer_header",
    "attempt",
    "status",
    "charged",
    "request_id",
    "bytes_up",
    "bytes_down",
    "ms",
    "cost",
    "currency",
];

fn record(id: i64, sent: &Sent) -> Record {
    let line = Line::of(id, sent);
    Record::default()
        .plain(Some(line.id))
        .plain(Some(line.time))
        .text(line.account)
        .text(line.caller.unwrap_or_default())
        .plain(Some(line.provider))
        .text(line.region)
        .plain(Some(line.operation))
        .plain(Some(line.price_class))
        .text(line.method)
        .text(line.host)
        .text(line.path)
        .text(line.bucket.unwrap_or_default())
        .plain(Some(line.payer_header))
        .plain(Some(line.attempt))
        .plain(line.status)
        .plain(Some(line.charged))
        .text(line.request_id.unwrap_or_default())
        .plain(Some(line.bytes_up))
        .plain(Some(line.bytes_down))
        .plain(Some(line.ms))
        .plain(line.cost)
        .plain(line.currency)
}
