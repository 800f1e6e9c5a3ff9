//! What a change would break or shift, in a plan: for people below it, for scripts inside its lines.

use serde::Serialize;

use crate::domain::escape::visible;
use crate::domain::{Certainty, Finding, Gravity, Look, Payer, Place, findings};

use super::board::Board;
use super::output::{Ink, Output};
use super::tasks;

/// How many buckets are looked at at the same time; each is asked for eight or nine settings at once.
const AT_ONCE: usize = 4;

/// Looks at these places, in their order. `None`: the look was broken off.
pub(super) async fn look(board: &impl Board, places: Vec<Place>, output: &Output) -> Vec<Option<Look>> {
    let total = places.len();
    let see = |place: Place| {
        let board = board.clone();
        async move { board.preflight(&place).await }
    };
    let tell = |done| output.progress(&format!("{done} of {total} buckets looked at"));
    let looks = tasks::in_order(places, AT_ONCE, std::future::pending::<()>(), see, tell).await;
    output.clear_progress();
    looks
}

/// A look and the change it was for.
pub(super) struct Judged<'a> {
    /// `ACCOUNT:BUCKET`.
    pub(super) target: String,
    /// The payer to be.
    pub(super) to: &'a Payer,
    /// What was seen.
    pub(super) look: &'a Look,
}

impl Judged<'_> {
    /// Sentences about this bucket: what holds for every bucket stands once below the plan.
    fn lines(&self, output: &Output) -> Vec<String> {
        let own = findings(self.to, self.look);
        let mut lines: Vec<String> =
            own.iter().filter(|finding| finding.setting.is_some()).map(|finding| sentence(finding, output)).collect();
        lines.extend(
            self.look
                .unread()
                .map(|(setting, why)| format!("  {}  {}: {}", output.inked(Ink::Wrong, "unread"), setting.as_str(), visible(why))),
        );
        if lines.is_empty() {
            lines.push("  nothing was found that it breaks".to_owned());
        }
        lines
    }
}

fn sentence(finding: &Finding, output: &Output) -> String {
    let ink = match finding.gravity {
        Gravity::Breaks => Ink::Wrong,
        Gravity::Shifts => Ink::Notable,
        Gravity::Notes => Ink::Faint,
    };
    let sure = match finding.certainty {
        Certainty::Certain => "",
        Certainty::Likely => "likely: ",
    };
    format!("  {}  {sure}{}", output.inked(ink, finding.gravity.as_str()), visible(&finding.text))
}

/// The findings for people: a paragraph for each bucket, and what the look cost.
pub(super) fn paragraphs(judged: &[Judged<'_>], output: &Output) -> Vec<String> {
    let mut lines = Vec::new();
    for each in judged {
        lines.push(format!("{}:", visible(&each.target)));
        lines.extend(each.lines(output));
    }
    let requests: u64 = judged.iter().map(|each| each.look.requests).sum();
    if !judged.is_empty() {
        let buckets = super::words::counted(judged.len() as u64, "bucket");
        lines.push(format!("Looked at {buckets} with {}, none for objects.", super::words::counted(requests, "request")));
    }
    lines
}

/// A finding for scripts.
#[derive(Serialize)]
pub(super) struct FindingLine {
    gravity: &'static str,
    certainty: &'static str,
    setting: Option<&'static str>,
    text: String,
}

/// A setting that could not be read, for scripts.
#[derive(Serialize)]
pub(super) struct UnreadLine {
    setting: &'static str,
    why: String,
}

/// The findings for scripts.
pub(super) fn for_scripts(to: &Payer, look: &Look) -> (Vec<FindingLine>, Vec<UnreadLine>) {
    let line = |finding: Finding| FindingLine {
        gravity: finding.gravity.as_str(),
        certainty: finding.certainty.as_str(),
        setting: finding.setting.map(crate::domain::Setting::as_str),
        text: finding.text,
    };
    let unread = look.unread().map(|(setting, why)| UnreadLine { setting: setting.as_str(), why: why.to_owned() });
    (findings(to, look).into_iter().map(line).collect(), unread.collect())
}
