//! `journal`: what was changed, when, by whom, and whether it was read back.

use jiff::tz::TimeZone;
use serde::Serialize;

use crate::audit::{Change, Outcome};
use crate::domain::Payer;
use crate::domain::escape::visible;

use super::output::{Ink, Output};
use super::table::{self, Cell};

/// Prints the lines in the order in which they come: newest first. `account` is the one that was asked for, if any.
pub(super) fn print(changes: &[Change], account: Option<&str>, output: &Output) {
    if output.is_json() {
        changes.iter().for_each(|change| output.object(&Line::from(change)));
        return;
    }
    if changes.is_empty() {
        output.aside(&match account {
            Some(name) => format!("no payer was changed yet by account {}", visible(name)),
            None => "no payer was changed yet".to_owned(),
        });
        return;
    }
    let heading = ["TIME (UTC)", "BUCKET", "BEFORE", "ASKED", "AFTER", "RESULT", "BY", "REQUEST ID"];
    table::print(output, &heading, &changes.iter().map(row).collect::<Vec<_>>());
}

fn row(change: &Change) -> Vec<Cell> {
    let ink = if change.outcome == Outcome::Verified { Ink::Plain } else { Ink::Wrong };
    vec![
        Cell::new(&change.at.to_zoned(TimeZone::UTC).strftime("%Y-%m-%d %H:%M:%S").to_string()),
        Cell::new(&change.bucket.to_string()),
        Cell::optional(change.before.as_ref().map(Payer::as_str)),
        Cell::new(change.asked.as_str()),
        Cell::optional(change.after.as_ref().map(Payer::as_str)),
        Cell::inked(ink, &result(change)),
        Cell::optional(change.identity.as_deref()),
        Cell::optional(change.request_id.as_deref()),
    ]
}

fn result(change: &Change) -> String {
    match &change.error {
        Some(error) => format!("{}: {error}", change.outcome.as_str()),
        None => change.outcome.as_str().to_owned(),
    }
}

#[derive(Serialize)]
struct Line<'a> {
    id: i64,
    time: String,
    account: &'a str,
    provider: &'static str,
    bucket: &'a str,
    identity: Option<&'a str>,
    before: Option<&'a str>,
    asked: &'a str,
    after: Option<&'a str>,
    outcome: &'static str,
    verified: bool,
    request_id: Option<&'a str>,
    error: Option<&'a str>,
}

impl<'a> From<&'a Change> for Line<'a> {
    fn from(change: &'a Change) -> Self {
        Self {
            id: change.id,
            time: change.at.to_string(),
            account: change.bucket.account.as_str(),
            provider: change.provider.as_str(),
            bucket: change.bucket.bucket.as_str(),
            identity: change.identity.as_deref(),
            before: change.before.as_ref().map(Payer::as_str),
            asked: change.asked.as_str(),
            after: change.after.as_ref().map(Payer::as_str),
            outcome: change.outcome.as_str(),
            verified: change.outcome == Outcome::Verified,
            request_id: change.request_id.as_deref(),
            error: change.error.as_deref(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::output::recorded;
    use super::*;
    use crate::domain::{AccountName, BucketId, BucketName, Provider};

    fn change() -> Change {
        Change {
            id: 7,
            at: "2026-11-21T02:14:07Z".parse().expect("a time"),
            bucket: BucketId {
                account: AccountName::new("lab"),
                bucket: BucketName::parse(Provider::Oss, "colorpictures").expect("a name"),
            },
            provider: Provider::Oss,
            identity: Some("acs:ram::1234567890123456:user/ana".to_owned()),
            before: Some(Payer::BucketOwner),
            asked: Payer::Requester,
            after: None,
            outcome: Outcome::Failed,
            request_id: Some("R9".to_owned()),
            error: Some("access denied".to_owned()),
        }
    }

    #[test]
    fn lines_for_people() {
        let (output, stdout, _) = recorded::text();
        print(&[change()], None, &output);
        let lines = stdout.text();
        let last = lines.lines().nth(1).expect("a row");
        assert_eq!(
            last.split_whitespace().collect::<Vec<_>>().join(" "),
            "2026-11-21 02:14:07 lab:colorpictures BucketOwner Requester - failed: access denied \
             acs:ram::1234567890123456:user/ana R9"
        );
    }

    #[test]
    fn lines_for_scripts() {
        let (output, stdout, _) = recorded::json();
        print(&[change()], None, &output);
        assert_eq!(
            stdout.text(),
            "{\"id\":7,\"time\":\"2026-11-21T02:14:07Z\",\"account\":\"lab\",\"provider\":\"oss\",\"bucket\":\"colorpictures\",\
             \"identity\":\"acs:ram::1234567890123456:user/ana\",\"before\":\"BucketOwner\",\"asked\":\"Requester\",\"after\":null,\
             \"outcome\":\"failed\",\"verified\":false,\"request_id\":\"R9\",\"error\":\"access denied\"}\n"
        );
    }
}
