//! `payer plan FILE` and `payer apply FILE`: a declared list of buckets and payers against reality.
//!
//! A plan only reads payers, one request for each bucket. It ends with 0 if every bucket is as declared, with 7 if some are not or
//! could not be read (what differs is listed), and with the readings' own code if none could be read.

use serde::Serialize;

use crate::app::PayerFact;
use crate::config::{Config, Declared};
use crate::domain::escape::visible;
use crate::domain::{Error, ErrorKind, Result};

use super::board::Board;
use super::failure::Failure;
use super::output::{Ink, Output};
use super::payer_get;
use super::payer_set::Wanted;
use super::resolve;
use super::table::{self, Cell};

/// How many payers are read at the same time.
const AT_ONCE: usize = 32;

/// The declared buckets, with the accounts that act on them.
///
/// # Errors
/// `Config` with file and line: for a target that names no account or a key, and for a bucket that is declared twice.
pub(super) fn resolved<'a>(config: &'a Config, acting: Option<&str>, declared: &[Declared]) -> Result<Vec<Wanted<'a>>> {
    let mut wanted: Vec<(Wanted<'a>, &str)> = Vec::with_capacity(declared.len());
    for entry in declared {
        let target = resolve::bucket(config, acting, &entry.target).map_err(|error| misplaced(&error, &entry.place))?;
        if let Some((_, first)) = wanted.iter().find(|(known, _)| known.target.place.id == target.place.id) {
            let what = format!("{}: {} is declared twice, first at {first}", entry.place, visible(&target.place.id.to_string()));
            return Err(Error::new(ErrorKind::Config, what).hint("Keep one of the two."));
        }
        wanted.push((Wanted { target, to: entry.payer.clone() }, &entry.place));
    }
    Ok(wanted.into_iter().map(|(wanted, _)| wanted).collect())
}

/// A mistake in a target, with its place in the file.
fn misplaced(error: &Error, place: &str) -> Error {
    let told = Error::new(ErrorKind::Config, format!("{place}: {}", error.message()));
    match error.hint_text() {
        Some(hint) => told.hint(hint),
        None => told,
    }
}

/// How a bucket stands to what is declared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Same,
    Drift,
    Unknown,
}

impl State {
    fn as_str(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Drift => "drift",
            Self::Unknown => "unknown",
        }
    }

    fn ink(self) -> Ink {
        match self {
            Self::Same => Ink::Faint,
            Self::Drift => Ink::Notable,
            Self::Unknown => Ink::Wrong,
        }
    }
}

#[derive(Serialize)]
struct Line {
    target: String,
    payer: Option<String>,
    declared: String,
    state: &'static str,
    request_id: Option<String>,
}

/// Compares and prints, in the file's order.
///
/// # Errors
/// `Partial` when something differs or could not be read; the readings' own kind when nothing could be read.
pub(super) async fn run(board: &impl Board, wanted: &[Wanted<'_>], file: &str, output: &Output) -> std::result::Result<(), Failure> {
    let targets: Vec<_> = wanted.iter().map(|wanted| wanted.target.clone()).collect();
    let facts = payer_get::read(board, &targets, AT_ONCE, output).await;
    let states: Vec<State> = wanted.iter().zip(&facts).map(|(wanted, fact)| state(wanted, fact)).collect();
    print(wanted, &facts, &states, output);
    let drifted = states.iter().filter(|state| **state == State::Drift).count();
    let unread: Vec<Error> = facts.into_iter().filter_map(Result::err).collect();
    if drifted == 0 {
        return Failure::of_many("targets", wanted.len() - unread.len(), unread);
    }
    let counted = super::words::counted(wanted.len() as u64, "bucket");
    let sum = Error::new(ErrorKind::Partial, format!("{drifted} of {counted} differ from {}", visible(file)))
        .hint("Make them as declared: `whopays payer apply FILE`.");
    Err(Failure::summed(sum, unread))
}

fn state(wanted: &Wanted<'_>, fact: &Result<PayerFact>) -> State {
    match fact {
        Ok(fact) if fact.payer == wanted.to => State::Same,
        Ok(_) => State::Drift,
        Err(_) => State::Unknown,
    }
}

fn print(wanted: &[Wanted<'_>], facts: &[Result<PayerFact>], states: &[State], output: &Output) {
    let lines = wanted.iter().zip(facts).zip(states).map(|((wanted, fact), state)| {
        let payer = fact.as_ref().ok().map(|fact| fact.payer.as_str().to_owned());
        let request_id = match fact {
            Ok(fact) => fact.request_id.clone(),
            Err(error) => error.request_id().map(str::to_owned),
        };
        let (target, declared) = (wanted.target.place.id.to_string(), wanted.to.as_str().to_owned());
        (Line { target, payer, declared, state: state.as_str(), request_id }, *state)
    });
    if output.is_json() {
        lines.for_each(|(line, _)| output.object(&line));
        return;
    }
    let row = |(line, state): (Line, State)| {
        let payer = Cell::optional(line.payer.as_deref());
        vec![Cell::new(&line.target), payer, Cell::new(&line.declared), Cell::inked(state.ink(), line.state)]
    };
    table::print(output, &["TARGET", "PAYER", "DECLARED", "STATE"], &lines.map(row).collect::<Vec<_>>());
}
