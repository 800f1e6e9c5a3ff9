//! `payer get`: who pays for these buckets, as the store answers now.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;

use crate::alarms::{Found, Turned, turned};
use crate::app::PayerFact;
use crate::domain::{Error, ErrorKind, Payer, PayerReading, Place, Result};

use super::board::Board;
use super::buckets::{failed_reading, payer_cell};
use super::failure::Failure;
use super::output::Output;
use super::resolve::Resolved;
use super::session;
use super::table::{self, Cell};
use super::tasks;

/// How many payers are read at the same time.
const AT_ONCE: usize = 32;

/// Reads and prints, in the order in which the targets were written.
///
/// # Errors
/// When a payer could not be read.
pub(super) async fn run(board: &impl Board, targets: &[Resolved<'_>], output: &Output) -> std::result::Result<(), Failure> {
    let facts = read(board, targets, AT_ONCE, output).await;
    let lines: Vec<Line> = targets.iter().zip(&facts).map(|(target, fact)| Line::new(target, fact, board.turned(&target.place))).collect();
    if output.is_json() {
        lines.iter().for_each(|line| output.object(line));
    } else {
        let rows: Vec<Vec<Cell>> = lines.iter().map(|line| vec![Cell::new(&line.target), payer_cell(&line.reading)]).collect();
        table::print(output, &["TARGET", "PAYER"], &rows);
        lines
            .iter()
            .filter_map(|line| Some((&line.target, line.turned.as_ref()?)))
            .for_each(|(target, turned)| warn(target, turned, output));
    }
    let failures: Vec<Error> = facts.into_iter().filter_map(Result::err).collect();
    Failure::of_many("targets", targets.len() - failures.len(), failures)
}

/// Says that a payer changed behind the user's back.
pub(super) fn warn(target: &str, turned: &Turned, output: &Output) {
    session::warn(output, &format!("{target}: {}", turned::sentence(turned, &TimeZone::UTC)));
}

/// Says it of those which this command has found: what was found before was told then.
pub(super) fn warn_of_news<'t>(board: &impl Board, places: impl Iterator<Item = &'t Place>, output: &Output) {
    for place in places {
        if let Some(turned) = board.turned(place).filter(|turned| turned.found == Found::Now) {
            warn(&place.id.to_string(), &turned, output);
        }
    }
}

/// A payer that changed and was not changed from here, in JSON.
#[derive(Serialize)]
pub(super) struct TurnedLine {
    was: String,
    was_at: Timestamp,
    since: Timestamp,
}

impl From<&Turned> for TurnedLine {
    fn from(turned: &Turned) -> Self {
        Self { was: turned.was.as_str().to_owned(), was_at: turned.was_at, since: turned.since }
    }
}

/// The payers of the targets, each asked for once; errors name their target.
pub(super) async fn read(board: &impl Board, targets: &[Resolved<'_>], at_once: usize, output: &Output) -> Vec<Result<PayerFact>> {
    let places = targets.iter().map(|target| target.place.clone()).collect();
    let ask = |place| {
        let board = board.clone();
        async move { board.read_payer(&place).await }
    };
    let tell = |read| output.progress(&format!("{read} of {} payers read", targets.len()));
    let answers = tasks::in_order(places, at_once, std::future::pending::<()>(), ask, tell).await;
    output.clear_progress();
    let complete = |(answer, target): (Option<Result<PayerFact>>, &Resolved<'_>)| {
        answer
            .unwrap_or_else(|| Err(Error::new(ErrorKind::Internal, "reading the payer broke off")))
            .map_err(|error| error.target(target.place.id.to_string()))
    };
    answers.into_iter().zip(targets).map(complete).collect()
}

#[derive(Serialize)]
struct Line {
    target: String,
    payer: Option<String>,
    payer_state: &'static str,
    request_id: Option<String>,
    #[serde(rename = "turned", skip_serializing_if = "Option::is_none")]
    turned_line: Option<TurnedLine>,
    #[serde(skip)]
    turned: Option<Turned>,
    #[serde(skip)]
    reading: PayerReading,
}

impl Line {
    fn new(target: &Resolved<'_>, fact: &Result<PayerFact>, turned: Option<Turned>) -> Self {
        let (reading, request_id) = match fact {
            Ok(fact) => (PayerReading::Read(fact.payer.clone()), fact.request_id.as_deref()),
            Err(error) => (failed_reading(error), error.request_id()),
        };
        Self {
            target: target.place.id.to_string(),
            payer: reading.payer().map(|payer: &Payer| payer.as_str().to_owned()),
            payer_state: reading.state(),
            request_id: request_id.map(str::to_owned),
            turned_line: turned.as_ref().map(TurnedLine::from),
            turned,
            reading,
        }
    }
}
