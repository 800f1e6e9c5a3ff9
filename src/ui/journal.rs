//! Screen 5: the journal.
//!
//! ```text
//! ─▸Journal  3 changes ──────────────────────────────────────────────
//!   TIME      BUCKET                    CHANGE                    OUTCOME
//! ▸ 14:02:11  research:colorpictures    BucketOwner → Requester   verified
//! ```

use crate::app::{Area, Change, JournalState, Model, Outcome, Pane, grouped};

use super::canvas::{Canvas, Focused, fit, fit_end};
use super::look::Role;
use super::words;

/// Draws the list.
pub(crate) fn draw(canvas: &mut Canvas<'_>, model: &Model, area: Area) {
    let journal = &model.journal;
    let filter = if journal.filter.is_empty() { String::new() } else { format!(" · filter: {}", canvas.safe(&journal.filter)) };
    let count = match journal.order.len() {
        1 => "1 change".to_owned(),
        count => format!("{} changes", grouped(count)),
    };
    let title = format!("Journal  {count}{filter}");
    let focused = Focused::when(model.focus == Pane::List);
    canvas.rule(area, &title, focused);
    let columns = Columns::of(area.width);
    line(canvas, area, area.y + 1, columns, ["TIME", "BUCKET", "CHANGE", "OUTCOME", "BY"].map(str::to_owned), [Role::Muted; 5]);
    if let Some((text, role)) = message(model) {
        let text = canvas.safe(&text);
        canvas.put(area.x + 2, area.y + 3, area.width.saturating_sub(2), &text, role);
    }
    let lines = usize::from(area.height.saturating_sub(2));
    for (offset, (index, y)) in journal.order.iter().skip(journal.top).take(lines).zip(area.y + 2..).enumerate() {
        let Some(change) = journal.changes.get(*index) else { continue };
        entry(canvas, model, area, y, columns, change);
        if journal.top + offset == journal.line {
            canvas.put(area.x, y, 1, "▸", Role::Plain);
            canvas.paint(Area { y, height: 1, ..area }, if focused == Focused::Yes { Role::Cursor } else { Role::Rest });
        }
    }
}

#[derive(Clone, Copy)]
struct Columns {
    time: u16,
    bucket: u16,
    change: u16,
    outcome: u16,
    by: u16,
}

impl Columns {
    fn of(width: u16) -> Self {
        let (time, change, outcome, by) = match width {
            0..70 => (0, 13, 11, 0),
            70..110 => (10, 25, 11, 0),
            _ => (10, 25, 11, 30),
        };
        let others = [time, change, outcome, by].into_iter().filter(|width| *width > 0).map(|width| width + 1).sum::<u16>();
        Self { time, bucket: width.saturating_sub(others + 2), change, outcome, by }
    }
}

/// Where the identity stands among the columns.
const BY: usize = 4;

fn entry(canvas: &mut Canvas<'_>, model: &Model, area: Area, y: u16, columns: Columns, change: &Change) {
    let before =
        change.before.as_ref().filter(|_| columns.change > 20).map(|payer| format!("{} ", words::payer(payer))).unwrap_or_default();
    let texts = [
        words::time(change.at, model.now, &model.zone),
        change.bucket.to_string(),
        format!("{before}→ {}", words::payer(&change.asked)),
        change.outcome.as_str().to_owned(),
        change.identity.clone().unwrap_or_default(),
    ];
    let outcome = match change.outcome {
        Outcome::Verified => Role::Good,
        Outcome::NotApplied | Outcome::Sent => Role::Warning,
        Outcome::Failed | Outcome::Unknown => Role::Bad,
    };
    line(canvas, area, y, columns, texts, [Role::Muted, Role::Plain, Role::Plain, outcome, Role::Muted]);
}

fn line(canvas: &mut Canvas<'_>, area: Area, y: u16, columns: Columns, texts: [String; 5], roles: [Role; 5]) {
    let widths = [columns.time, columns.bucket, columns.change, columns.outcome, columns.by];
    let mut x = area.x + 2;
    for (index, ((width, text), role)) in widths.into_iter().zip(&texts).zip(roles).enumerate().filter(|(_, ((width, _), _))| *width > 0) {
        let text = canvas.safe(text);
        // Of an identity, the end tells people apart.
        let text = if index == BY { fit_end(&text, usize::from(width)) } else { fit(&text, usize::from(width)) };
        canvas.put(x, y, width, &text, role);
        x += width + 1;
    }
}

fn message(model: &Model) -> Option<(String, Role)> {
    let journal = &model.journal;
    match &journal.state {
        JournalState::Failed(error) if journal.changes.is_empty() => {
            Some((format!("{}. {}", error.message(), error.hint_text().unwrap_or_default()), Role::Bad))
        }
        JournalState::NotRead | JournalState::Reading(_) if journal.changes.is_empty() => {
            Some(("reading the journal…".to_owned(), Role::Muted))
        }
        JournalState::Read if journal.changes.is_empty() => Some(("no payer was changed yet".to_owned(), Role::Muted)),
        JournalState::Read if journal.order.is_empty() => Some(("no change matches the filter: Esc clears it".to_owned(), Role::Muted)),
        JournalState::NotRead | JournalState::Reading(_) | JournalState::Read | JournalState::Failed(_) => None,
    }
}
