//! A plan with its consequences and its question; afterwards progress and report.
//!
//! ```text
//! ┌ Change who pays for 2 buckets? ───────────────┐
//! │ to Requester: anonymous access ends; …        │
//! │ looked at what it breaks, with 8 requests, …  │
//! │ BucketOwner → Requester  research:colors      │
//! │   breaks: website will stop for visitors      │
//! │ skipped: is Requester already  research:maps  │
//! │ y changes them    Enter, n, Esc: no           │
//! └───────────────────────────────────────────────┘
//! ```

use crate::app::{
    Area, Brief, Confirmation, MOST_OF_PLAN, Model, Outcome, Plan, PlanState, Rollout, RolloutState, Sight, briefs, consequence, sight,
};
use crate::domain::{Certainty, Gravity, Payer};

use super::canvas::{Canvas, cells, wrap};
use super::dialogs::{self, Line};
use super::look::Role;
use super::words;

/// Draws the plan and its question.
pub(crate) fn draw_plan(canvas: &mut Canvas<'_>, model: &Model, plan: &Plan) {
    let width = 76.min(model.size.width.saturating_sub(2));
    let inner_width = usize::from(width.saturating_sub(4));
    let changes = plan.changes();
    let the_one = plan.lines.iter().find(|line| changes == 1 && matches!(line.state, PlanState::Change { .. }));
    let title = match the_one {
        Some(line) => format!("Change who pays for {}?", canvas.safe(&line.name)),
        None => format!("Change who pays for {changes} buckets?"),
    };
    let question = question(canvas, plan, inner_width);
    let low = model.size.height < dialogs::LOW;
    let mut lines = meaning(&plan.to, inner_width, low);
    lines.extend(if low { breaks_below(model, plan) } else { looked_at(model, plan) });
    let names = plan.lines.iter().map(|line| usize::from(cells(&canvas.safe(&line.name)))).max().unwrap_or(0).min(inner_width / 2);
    for line in &plan.lines {
        lines.push(bucket_line(canvas, &line.name, &line.state, &plan.to, inner_width, names));
        if matches!(line.state, PlanState::Change { .. }) {
            lines.extend(briefs(model, line.id, &plan.to).iter().map(brief_line));
        }
    }
    let gap = u16::from(model.size.height >= dialogs::LOW);
    let inner = dialogs::frame(canvas, model.size, &title, width, lines.len() + question.len() + usize::from(gap));
    // The question is always in sight; the buckets scroll above it.
    let foot = u16::try_from(question.len()).unwrap_or(1).min(inner.height);
    let list = Area { height: inner.height.saturating_sub(foot + gap), ..inner };
    dialogs::put_lines(canvas, list, &lines, plan.top);
    dialogs::put_lines(canvas, Area { y: inner.y + inner.height - foot, height: foot, ..inner }, &question, 0);
    if let Confirmation::Typed { field, .. } = &plan.confirmation
        && foot > 1
    {
        dialogs::field(canvas, inner, inner.y + inner.height - 1, field);
    }
}

/// What the new payer means for everybody, before anything is asked.
fn meaning(to: &Payer, width: usize, short: bool) -> Vec<Line> {
    let text = match to {
        Payer::Requester => {
            "to Requester: anonymous access ends, and with it static sites, CDN origins and log targets. Callers must sign and send the payer \
             header; they pay for requests and traffic. Storage stays with the owner. It can take minutes."
        }
        Payer::BucketOwner => {
            "to BucketOwner: the owner pays requests and traffic of everyone who may read the bucket, anonymous readers included. It can take \
             minutes."
        }
        Payer::Other(_) => "what the store makes of this value is not known.",
    };
    let consequence = match to {
        Payer::Requester => "anonymous access ends; callers pay",
        Payer::BucketOwner => "the owner pays for every reader",
        Payer::Other(_) => consequence(to),
    };
    let brief = format!("to {}: {consequence}", words::payer(to));
    let mut lines: Vec<Line> = wrap(if short { &brief } else { text }, width).into_iter().map(|line| (line, Role::Warning)).collect();
    if !short {
        lines.push((String::new(), Role::Plain));
    }
    lines
}

/// On a low screen the findings are out of sight: that there are some is not.
fn breaks_below(model: &Model, plan: &Plan) -> Option<Line> {
    let changes = plan.lines.iter().filter(|line| matches!(line.state, PlanState::Change { .. }));
    let found = changes.flat_map(|line| briefs(model, line.id, &plan.to));
    let breaks = found.filter(|brief| matches!(brief, Brief::Found(finding) if finding.gravity == Gravity::Breaks)).count();
    match breaks {
        0 => None,
        1 => Some(("1 thing breaks: Down shows it".to_owned(), Role::Bad)),
        _ => Some((format!("{breaks} things break: Down shows them"), Role::Bad)),
    }
}

/// How far the look at the buckets is, and what it cost.
fn looked_at(model: &Model, plan: &Plan) -> Option<Line> {
    let sights: Vec<Option<&Sight>> =
        plan.lines.iter().filter(|line| matches!(line.state, PlanState::Change { .. })).map(|line| sight(model, line.id)).collect();
    let all = sights.len().min(MOST_OF_PLAN);
    let done = sights.iter().filter(|sight| matches!(sight, Some(Sight::Done(_)))).count();
    let requests: u64 = sights.iter().flatten().filter_map(|sight| sight.look()).map(|look| look.requests).sum();
    let most = if sights.len() > all { format!(" (the first {all} of {})", sights.len()) } else { String::new() };
    let text = if all == 0 {
        return None;
    } else if done < all {
        format!("looking at what it breaks: {done} of {all} buckets{most}")
    } else {
        format!("looked at what it breaks, with {}, none for objects{most}", words::requests(requests))
    };
    Some((text, Role::Muted))
}

/// What was found of a bucket, below its line.
fn brief_line(brief: &Brief) -> Line {
    match brief {
        Brief::Found(finding) => {
            let sure = match finding.certainty {
                Certainty::Certain => "",
                Certainty::Likely => " (likely)",
            };
            (format!("  {}: {}{sure}", finding.gravity.as_str(), finding.short), gravity_role(finding.gravity))
        }
        Brief::Unread(names) => (format!("  could not be read: {names}"), Role::Bad),
    }
}

/// How a finding is coloured; its word says the same.
pub(crate) fn gravity_role(gravity: Gravity) -> Role {
    match gravity {
        Gravity::Breaks => Role::Bad,
        Gravity::Shifts => Role::Warning,
        Gravity::Notes => Role::Muted,
    }
}

/// `names` is how wide the names stand, so that what follows them is one column.
fn bucket_line(canvas: &Canvas<'_>, name: &str, state: &PlanState, to: &Payer, width: usize, names: usize) -> Line {
    let name = canvas.safe(name);
    let column = " ".repeat(names.saturating_sub(usize::from(cells(&name))));
    match state {
        // Account and bucket are what is confirmed; the new payer stands above.
        PlanState::Change { .. } if width < 50 => (name, Role::Plain),
        PlanState::Change { from } => (format!("{name}{column}  {} → {}", canvas.safe(&words::payer(from)), words::payer(to)), Role::Plain),
        PlanState::Unread => (format!("{name}{column}  reading its payer…"), Role::Muted),
        PlanState::Skip(reason) => (format!("{name}{column}  skipped: {}", canvas.safe(reason)), Role::Muted),
    }
}

fn question(canvas: &Canvas<'_>, plan: &Plan, width: usize) -> Vec<Line> {
    let other = words::payer(&plan.to.toggled().unwrap_or(Payer::Requester));
    let text = match &plan.confirmation {
        _ if !plan.is_complete() => "reading payers first…   Esc: no".to_owned(),
        _ if plan.changes() == 0 => format!("nothing to change   Tab: to {other}   Esc: close"),
        // A narrow screen keeps its lines for the buckets; the footer names the other keys.
        Confirmation::Key if width < 50 => "y: change   Enter, n, Esc: no".to_owned(),
        Confirmation::Typed { word, .. } if width < 50 => format!("type `{}`, then Enter", canvas.safe(word)),
        Confirmation::Key => format!("y: change   Enter, n or Esc: no   Tab: to {other}"),
        Confirmation::Typed { word, .. } => format!("protected: type `{}`, then Enter   Esc: no   Tab: to {other}", canvas.safe(word)),
    };
    let mut lines: Vec<Line> = Vec::new();
    if let Some(complaint) = plan.complaint {
        lines.push((complaint.to_owned(), Role::Bad));
    }
    lines.extend(wrap(&text, width).into_iter().map(|line| (line, Role::Accent)));
    if matches!(plan.confirmation, Confirmation::Typed { .. }) {
        lines.push((String::new(), Role::Plain));
    }
    lines
}

/// Draws progress, and at the end the report: what is not verified stands first.
pub(crate) fn draw_report(canvas: &mut Canvas<'_>, model: &Model, top: usize) {
    let Some(job) = &model.rollout else { return };
    let width = 100.min(model.size.width.saturating_sub(2));
    let lines = report(canvas, job, usize::from(width.saturating_sub(4)));
    let title = match job.lines.len() {
        1 => format!("1 bucket to {}", words::payer(&job.to)),
        count => format!("{count} buckets to {}", words::payer(&job.to)),
    };
    let inner = dialogs::frame(canvas, model.size, &title, width, lines.len());
    dialogs::put_lines(canvas, inner, &lines, top);
}

fn report(canvas: &Canvas<'_>, job: &Rollout, width: usize) -> Vec<Line> {
    let verified = job.count(|state| matches!(state, RolloutState::Done(Outcome::Verified, _)));
    let done = job.count(|state| matches!(state, RolloutState::Done(..) | RolloutState::CalledOff));
    let head = if job.is_running() {
        format!("{done} of {} done, {verified} verified", job.lines.len())
    } else {
        format!("{verified} of {} verified", job.lines.len())
    };
    let mut lines = vec![(head, Role::Title)];
    let names = job.lines.iter().map(|line| usize::from(cells(&canvas.safe(&line.name)))).max().unwrap_or(0).min(width / 2);
    let (last, first): (Vec<_>, Vec<_>) = job.lines.iter().partition(|line| matches!(line.state, RolloutState::Done(Outcome::Verified, _)));
    for line in first.into_iter().chain(last) {
        let (word, role, cause) = match &line.state {
            RolloutState::Waiting => ("waits", Role::Muted, ""),
            RolloutState::Sending => ("changing…", Role::Warning, ""),
            RolloutState::CalledOff => ("called off, not sent", Role::Muted, ""),
            RolloutState::Done(outcome, cause) => (outcome.as_str(), outcome_role(*outcome), cause.as_str()),
        };
        let name = canvas.safe(&line.name);
        let column = " ".repeat(names.saturating_sub(usize::from(cells(&name))));
        lines.push((format!("{word:<12} {name}{column}  {} → {}", canvas.safe(&words::payer(&line.from)), words::payer(&job.to)), role));
        if !cause.is_empty() {
            lines.extend(
                wrap(&canvas.safe(cause), width.saturating_sub(13)).into_iter().map(|text| (format!("{:13}{text}", ""), Role::Plain)),
            );
        }
    }
    lines
}

fn outcome_role(outcome: Outcome) -> Role {
    match outcome {
        Outcome::Verified => Role::Good,
        Outcome::NotApplied | Outcome::Sent => Role::Warning,
        Outcome::Failed | Outcome::Unknown => Role::Bad,
    }
}
