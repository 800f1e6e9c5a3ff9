//! The dialog of a probe: what will be sent, then what it proved.
//!
//! ```text
//! ┌ Probe research:aerial-tiles: who pays? ─────────────────┐
//! │ 4 requests at most, each once: 0.0000154 USD (list …)  │
//! │  1  signed GetBucketRequestPayment                     │
//! │  …                                                     │
//! │ 3 LIST…; account research pays for the one with …      │
//! │ y  send all, and pay for the last                      │
//! └────────────────────────────────────────────────────────┘
//! ```

use crate::app::{Model, ProbeStage, Probed, Probing, probe_choices, probe_estimate, probe_offer};
use crate::domain::probe::Verdict;
use crate::prices::words as price;

use super::canvas::{Canvas, wrap};
use super::dialogs::{Line, frame, put_lines};
use super::look::Role;
use super::words;

/// Draws the dialog over the screen.
pub(super) fn draw(canvas: &mut Canvas<'_>, model: &Model, open: &Probing) {
    let title = canvas.safe(&format!("Probe {}: who pays?", model.name_of(open.bucket)));
    let width = 90.min(model.size.width.saturating_sub(2));
    let room = usize::from(width.saturating_sub(4));
    let (texts, keep, top) = match open.stage {
        ProbeStage::Asking => (question(model, open), probe_choices(&open.plan).len() + 1, 0),
        ProbeStage::Running(_) => {
            let text = "requests are under way; what they prove will stand here and in the details of the bucket";
            (vec![(text.to_owned(), Role::Plain)], 0, 0)
        }
        ProbeStage::Told { top } => (model.probes.get(&open.bucket).map_or_else(Vec::new, |probed| told(model, probed)), 0, top),
    };
    let fold = |(text, role): (String, Role)| wrap(&canvas.safe(&text), room).into_iter().map(move |line| (line, role)).collect::<Vec<_>>();
    let mut lines: Vec<Line> = texts.into_iter().flat_map(fold).collect();
    let inner = frame(canvas, model.size, &title, width, lines.len());
    // On a low screen the answers matter more than the last lines of the plan.
    let spare = lines.len().saturating_sub(usize::from(inner.height));
    let answers = lines.split_off(lines.len().saturating_sub(keep));
    if keep > 0 {
        lines.truncate(lines.len().saturating_sub(spare));
    }
    lines.extend(answers);
    put_lines(canvas, inner, &lines, top);
}

/// What is sent, what it costs, on whose bill, and what may be answered: what a low screen has no room for comes last.
fn question(model: &Model, open: &Probing) -> Vec<Line> {
    let plan = probe_offer(&open.plan);
    let steps = plan.steps();
    let count = if steps.len() == 1 { "1 request, once".to_owned() } else { format!("{} requests at most, each once", steps.len()) };
    let estimate = probe_estimate(model, open).unwrap_or_default();
    let mut lines = vec![(format!("{count}: {}", price::money(&estimate)), Role::Warning)];
    lines.extend(steps.iter().enumerate().map(|(place, step)| (format!(" {}  {}", place + 1, step.words), Role::Plain)));
    let account = model.account_of(open.bucket).map(|account| account.name.to_string()).unwrap_or_default();
    let billed = format!("{}, {}; {}", price::requests(&estimate), price::bytes(&estimate), plan.pays(&account));
    lines.push((billed, Role::Plain));
    lines.push((String::new(), Role::Plain));
    lines.extend(probe_choices(&open.plan).iter().map(|choice| (format!("{}  {}", choice.key, choice.words), Role::Accent)));
    lines.push(("any other key  send nothing".to_owned(), Role::Accent));
    lines
}

fn told(model: &Model, probed: &Probed) -> Vec<Line> {
    let report = &probed.report;
    let role = match report.verdict {
        Verdict::Enforced | Verdict::OwnerPays | Verdict::AnonymousOpen => Role::Title,
        Verdict::NotEnforced | Verdict::CannotTell => Role::Warning,
    };
    let mut lines = vec![(format!("At {}: {}.", words::full_time(probed.at, &model.zone), report.verdict.words()), role)];
    if let Some(doubt) = &report.doubt {
        lines.push((format!("Because {}.", doubt.words()), Role::Plain));
        lines.push((doubt.hint().to_owned(), Role::Accent));
    }
    lines.push((String::new(), Role::Plain));
    lines.extend(report.evidence().into_iter().map(|line| (line, Role::Plain)));
    lines
}

/// The footer's keys.
pub(super) fn keys(open: &Probing) -> Vec<(&'static str, &'static str)> {
    match open.stage {
        ProbeStage::Asking => match probe_choices(&open.plan).len() {
            1 => vec![("Esc", "no"), ("y", "send")],
            _ => vec![("Esc", "no"), ("y", "send all"), ("w", "without the header")],
        },
        ProbeStage::Running(_) => vec![("Esc", "call off"), ("Enter", "hide")],
        ProbeStage::Told { .. } => vec![("r", "probe again"), ("Up Down", "scroll"), ("Esc", "close")],
    }
}
