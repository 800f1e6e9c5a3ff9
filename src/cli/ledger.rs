//! `ledger`: what was sent and what it cost, from the database on this machine. No request is sent.

use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Serialize;

use super::args::{CommandLine, LedgerLines};
use super::confirm::{self, Answers};
use super::failure::Failure;
use super::output::Output;
use super::words::counted;
use super::{ledger_requests, ledger_sums, tasks};
use crate::domain::escape::visible;
use crate::domain::figures::grouped;
use crate::domain::{By, Error, ErrorKind, Narrow, Result, Sum};
use crate::runtime::clock;
use crate::runtime::config_file;
use crate::runtime::ledger::Ledger;

/// How results are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// Columns for people.
    Table,
    /// One object per line.
    Json,
    /// RFC 4180.
    Csv,
}

/// Prints sums or single requests, or removes old requests.
///
/// # Errors
/// `Usage` for a day that is none; `Local` when the ledger cannot be read; `Refused` without a confirmation.
pub(super) fn run(line: &CommandLine, asked: &LedgerLines, output: &Output) -> std::result::Result<(), Failure> {
    let ledger = Ledger::open(&config_file::ledger_path()?)?;
    if let Some(before) = &asked.prune {
        return prune(line, &ledger, day(before)?, output);
    }
    let form = match (asked.csv, output.is_json()) {
        (true, true) => {
            let error = Error::new(ErrorKind::Usage, "--csv and --json exclude each other");
            return Err(error.hint("Choose one of the two.").into());
        }
        (true, false) => Form::Csv,
        (false, true) => Form::Json,
        (false, false) => Form::Table,
    };
    let narrow = narrow(line, asked)?;
    if asked.requests {
        return Ok(ledger_requests::print(&ledger, &narrow, asked.limit, form, output)?);
    }
    let by = asked.by.by();
    ledger_sums::print(&ledger.sums(&narrow, by)?, by, form, output);
    if form == Form::Table {
        tell_if_empty(&ledger, &narrow, output)?;
    }
    Ok(())
}

fn narrow(line: &CommandLine, asked: &LedgerLines) -> Result<Narrow> {
    let of = |text: &Option<String>| text.as_deref().map(day).transpose();
    let narrow = Narrow {
        since: of(&asked.since)?,
        until: of(&asked.until)?,
        account: line.global.account.clone(),
        bucket: asked.bucket.clone(),
        op: asked.operation.clone(),
    };
    match (narrow.since, narrow.until) {
        (Some(since), Some(until)) if since > until => {
            Err(Error::new(ErrorKind::Usage, format!("--since {since} is after --until {until}")).hint("Exchange the two days."))
        }
        _ => Ok(narrow),
    }
}

/// Says that nothing is there, and whether that is because of what was asked for.
pub(super) fn tell_if_empty(ledger: &Ledger, narrow: &Narrow, output: &Output) -> Result<()> {
    if !ledger.sums(narrow, By::Operation)?.is_empty() {
        return Ok(());
    }
    let all = *narrow == Narrow::default();
    output.aside(if all { "no request is in the ledger yet" } else { "no request in the ledger fits" });
    Ok(())
}

/// `2026-11-21`, or `30d`: the first of the last thirty days.
fn day(text: &str) -> Result<Date> {
    let wrong = || {
        Error::new(ErrorKind::Usage, format!("\"{}\" is not a day", visible(text)))
            .hint("Write it as 2026-11-21, or 30d for the first of the last thirty days.")
    };
    let Some(days) = text.strip_suffix('d') else {
        return Some(text).filter(|text| text.len() == 10).and_then(|text| text.parse().ok()).ok_or_else(wrong);
    };
    let digits = !days.is_empty() && days.bytes().all(|byte| byte.is_ascii_digit());
    let days: i64 = digits.then(|| days.parse().ok()).flatten().filter(|days| (1..=100_000).contains(days)).ok_or_else(wrong)?;
    let today = clock::now().to_zoned(TimeZone::UTC).date();
    today.checked_sub((days - 1).days()).map_err(|_| wrong())
}

/// `ledger --prune --json`.
#[derive(Serialize)]
struct Pruned {
    before: String,
    requests: u64,
    removed: bool,
}

fn prune(line: &CommandLine, ledger: &Ledger, before: Date, output: &Output) -> std::result::Result<(), Failure> {
    let requests = ledger.older_than(before)?;
    let told = |removed| {
        if output.is_json() {
            output.object(&Pruned { before: before.to_string(), requests, removed });
        }
    };
    if requests == 0 {
        told(false);
        output_aside(output, &format!("no single request is from before {before} (UTC)"));
        return Ok(());
    }
    let until = before.yesterday().unwrap_or(before);
    let kept = ledger.sums(&Narrow { until: Some(until), ..Narrow::default() }, By::Day)?;
    let days = counted(kept.len() as u64, "day");
    let them = format!("{} from before {before} (UTC)", many(requests));
    output_aside(output, &format!("removes {them}; the sums of their {days} stay: {}", ledger_sums::money(&total(&kept))));
    if line.global.dry_run {
        told(false);
        return Ok(());
    }
    match Answers::of_process(line.global.yes) {
        Answers::Yes => {}
        Answers::Nobody => {
            let hint = "Look at the plan with --dry-run, then add --yes, or run the command in a terminal. Nothing was removed.";
            return Err(Error::new(ErrorKind::Refused, "pruning the ledger needs a confirmation").hint(hint).into());
        }
        Answers::Person => tasks::wait_or_stop(sure(requests, output))?,
    }
    let removed = ledger.prune(before)?;
    if output.is_json() {
        output.object(&Pruned { before: before.to_string(), requests: removed, removed: true });
    } else {
        output.line(&format!("removed {} from before {before} (UTC)", many(removed)));
    }
    Ok(())
}

async fn sure(requests: u64, output: &Output) -> std::result::Result<(), Failure> {
    let question = format!("Remove {} for good?", many(requests));
    Ok(confirm::yes(&mut confirm::Terminal, &question, output).await?)
}

fn output_aside(output: &Output, text: &str) {
    if !output.is_json() {
        output.aside(text);
    }
}

fn many(requests: u64) -> String {
    if requests == 1 { "1 request".to_owned() } else { format!("{} requests", grouped(requests)) }
}

/// The sum of sums.
pub(super) fn total(sums: &[Sum]) -> Sum {
    sums.iter().fold(Sum::default(), |mut total, sum| {
        total.add(sum);
        total
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days() {
        assert_eq!(day("2026-11-21").unwrap().to_string(), "2026-11-21");
        let today = || clock::now().to_zoned(TimeZone::UTC).date();
        let (before, first, after) = (today(), day("1d").unwrap(), today());
        assert!(first == before || first == after, "one day is today: {first}");
        assert_eq!(day("30d").unwrap().duration_until(day("1d").unwrap()).as_hours(), 29 * 24);
        for wrong in ["", "d", "0d", "-1d", "1w", "2026-13-01", "2026-11-21T00:00", "21.11.2026", "100001d", "٣d"] {
            assert_eq!(day(wrong).unwrap_err().kind(), ErrorKind::Usage, "{wrong}");
        }
    }
}
