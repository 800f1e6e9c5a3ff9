//! The versions of an object, newest first.
//!
//! ```text
//! ┌ Versions of research:maps/a.csv ───────────────┐
//! │▸ 2026-11-20 14:02:11  12 KiB  current  3sL4k…  │
//! │  2026-11-19 09:00:00  deleted here      9kQ1p… │
//! └────────────────────────────────────────────────┘
//! ```

use crate::app::{Area, Model, Versions};
use crate::domain::{VersionKind, VersionRow};

use super::super::canvas::Canvas;
use super::super::dialogs::frame;
use super::super::look::Role;
use super::super::objects::ends_shown;
use super::super::words;

/// Draws the list over the screen.
pub(super) fn draw(canvas: &mut Canvas<'_>, model: &Model, versions: &Versions) {
    let key = versions.rows.first().map(|row| ends_shown(&canvas.safe(row.key.as_str()))).unwrap_or_default();
    let title = format!("Versions of {}/{key}", canvas.safe(&model.name_of(versions.bucket)));
    let inner = frame(canvas, model.size, &title, 78, versions.rows.len().max(1));
    if versions.waiting.is_some() {
        canvas.put(inner.x, inner.y, inner.width, "asking the store…", Role::Muted);
    }
    let room = usize::from(inner.height);
    let first = (versions.line + 1).saturating_sub(room);
    for (y, (index, row)) in (inner.y..).zip(versions.rows.iter().enumerate().skip(first).take(room)) {
        let here = index == versions.line;
        let text = format!("{} {}", if here { "▸" } else { " " }, line(model, row));
        canvas.show(inner.x, y, inner.width, &text, Role::Plain);
        if here {
            canvas.paint(Area { y, height: 1, ..inner }, Role::Cursor);
        }
    }
}

fn line(model: &Model, row: &VersionRow) -> String {
    let at = row.modified.map_or_else(|| "no time".to_owned(), |at| words::full_time(at, &model.zone));
    let what = match &row.kind {
        VersionKind::Object { size, .. } => words::size(*size),
        VersionKind::DeleteMarker => "deleted here".to_owned(),
    };
    let latest = if row.latest { "current" } else { "" };
    format!("{at:<19}  {what:<12}  {latest:<7}  {}", row.version.as_str())
}

/// Whether the cursor is on a delete marker.
pub(super) fn is_marker(versions: &Versions) -> bool {
    versions.rows.get(versions.line).is_some_and(|row| matches!(row.kind, VersionKind::DeleteMarker))
}
