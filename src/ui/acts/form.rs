//! Fields with their names.
//!
//! ```text
//! ┌ Download research:maps/a.csv ──────────────────┐
//! │▸folder     ~/Downloads▏                        │
//! │ existing   keep: a file that exists stays      │
//! │ Tab completes; it is made if it is not there   │
//! └────────────────────────────────────────────────┘
//! ```

use crate::app::{Area, Form, FormDialog, FormRow, Model, Purpose, Value};

use super::super::canvas::{Canvas, cells, wrap};
use super::super::dialogs::{self, Line, field, frame, put_pages};
use super::super::look::Role;
use super::super::objects::ends_shown;

const LABEL: u16 = 11;

/// Draws a form over the screen.
pub(super) fn draw(canvas: &mut Canvas<'_>, model: &Model, open: &FormDialog) {
    let title = title(canvas, model, &open.purpose);
    let width = 78.min(model.size.width.saturating_sub(2));
    let below = below(canvas, &open.form, usize::from(width.saturating_sub(4)));
    let gap = usize::from(model.size.height >= dialogs::LOW);
    let inner = frame(canvas, model.size, &title, width, open.form.rows.len() + gap + below.len());
    let used = rows(canvas, inner, &open.form, below.len());
    let top = used + u16::try_from(gap).unwrap_or(0);
    put_pages(canvas, Area { y: inner.y + top, height: inner.height.saturating_sub(top), ..inner }, &below, model.dialog_page);
}

fn title(canvas: &Canvas<'_>, model: &Model, purpose: &Purpose) -> String {
    let counted = |what: &crate::app::Subject| match (what.picks.as_slice(), what.prefixes.as_slice()) {
        ([one], []) => ends_shown(&canvas.safe(one.key.as_str())),
        ([], [one]) => ends_shown(&canvas.safe(one)),
        (picks, prefixes) => format!("{} marked", picks.len() + prefixes.len()),
    };
    match purpose {
        Purpose::Upload { to, paths } => {
            let what = if paths.len() == 1 { "1 file or folder".to_owned() } else { format!("{} files and folders", paths.len()) };
            format!("Upload {what} to {}", canvas.safe(&model.name_of(*to)))
        }
        Purpose::Download(what) => format!("Download {}", counted(what)),
        Purpose::Copy(what) => format!("Copy or move {}", counted(what)),
    }
}

/// The complaint, or what may stand in the field that has the keys.
fn below(canvas: &Canvas<'_>, form: &Form, width: usize) -> Vec<Line> {
    let (text, role) = match (&form.complaint, form.rows.get(form.line)) {
        (Some(complaint), _) => (complaint.as_str(), Role::Bad),
        (None, Some(row)) => (row.hint, Role::Muted),
        (None, None) => ("", Role::Muted),
    };
    wrap(&canvas.safe(text), width).into_iter().map(|line| (line, role)).collect()
}

/// Draws the fields, those around the one with the keys if there is no room for all and `lines` of text, of which two are enough: a
/// page of it, and how to turn that. Returns how many lines they took.
pub(super) fn rows(canvas: &mut Canvas<'_>, area: Area, form: &Form, lines: usize) -> u16 {
    let text = u16::try_from(lines.clamp(1, 2)).unwrap_or(1);
    let room = usize::from(area.height.saturating_sub(text).max(1)).min(form.rows.len());
    let first = (form.line + 1).saturating_sub(room);
    for (y, (index, row)) in (area.y..).zip(form.rows.iter().enumerate().skip(first).take(room)) {
        draw_row(canvas, Area { y, height: 1, ..area }, row, index == form.line);
    }
    u16::try_from(room).unwrap_or(u16::MAX)
}

fn draw_row(canvas: &mut Canvas<'_>, area: Area, row: &FormRow, here: bool) {
    let sign = if here { "▸" } else { " " };
    canvas.put(area.x, area.y, LABEL, &format!("{sign}{}", row.label), if here { Role::Accent } else { Role::Muted });
    let value = Area { x: area.x + LABEL, width: area.width.saturating_sub(LABEL), ..area };
    match &row.value {
        Value::Text(text) if here => field(canvas, value, area.y, text),
        Value::Text(text) => {
            let shown = canvas.safe(text.text());
            let shown = super::super::canvas::fit_end(&shown, usize::from(value.width));
            canvas.put(value.x, area.y, value.width, &shown, Role::Plain);
        }
        Value::Choice { options, chosen } => {
            let option = options.get(*chosen).copied().unwrap_or_default();
            let marks = if here { format!("‹ {option} ›") } else { option.to_owned() };
            let marks = if cells(&marks) > value.width { option.to_owned() } else { marks };
            canvas.put(value.x, area.y, value.width, &marks, if here { Role::Title } else { Role::Plain });
        }
    }
}
