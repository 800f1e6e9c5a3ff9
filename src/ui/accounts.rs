//! The accounts at the left.
//!
//! ```text
//! ─▸Accounts ─────
//! ▸all         214
//!   research    12
//!   lab          !
//! ```

use crate::app::{Area, ListState, Model, Pane};

use super::canvas::{Canvas, Focused, fit};
use super::look::Role;

/// Draws the pane.
pub(crate) fn draw(canvas: &mut Canvas<'_>, model: &Model, area: Area) {
    let focused = Focused::when(model.focus == Pane::Accounts);
    canvas.rule(area, "Accounts", focused);
    let lines = usize::from(area.height.saturating_sub(1));
    let chosen = model.board.scope.map_or(0, |scope| usize::from(scope) + 1);
    // Keeps the chosen account in sight where there are more accounts than lines.
    let first = (chosen + 1).saturating_sub(lines);
    for (offset, line) in (first..=model.accounts.len()).take(lines).enumerate() {
        let y = area.y + 1 + u16::try_from(offset).unwrap_or(0);
        entry(canvas, model, Area { y, height: 1, ..area }, line);
        if line == chosen {
            let sign = if focused == Focused::Yes { Role::Cursor } else { Role::Rest };
            canvas.put(area.x, y, 1, "▸", Role::Plain);
            canvas.paint(Area { y, height: 1, ..area }, sign);
        }
    }
}

fn entry(canvas: &mut Canvas<'_>, model: &Model, area: Area, line: usize) {
    let (name, count, role) = match line.checked_sub(1).and_then(|index| model.accounts.get(index).map(|account| (index, account))) {
        None => ("all".to_owned(), model.board.len().to_string(), Role::Plain),
        Some((index, account)) => {
            let count = model.board.count_of(u16::try_from(index).unwrap_or(u16::MAX));
            let (text, role) = match &account.listing {
                ListState::Reading(_) if count == 0 => ("…".to_owned(), Role::Muted),
                ListState::Reading(_) => (format!("{count}…"), Role::Muted),
                ListState::Done(_) => (count.to_string(), Role::Plain),
                ListState::Failed(_) if count == 0 => ("failed".to_owned(), Role::Bad),
                ListState::Failed(_) => (format!("{count}!"), Role::Bad),
            };
            (canvas.safe(account.name.as_str()), text, role)
        }
    };
    let inner = Area { width: area.width.saturating_sub(1), ..area };
    let end = canvas.put_right(inner, area.y, &count, role);
    let room = end.saturating_sub(area.x + 2);
    let name = fit(&name, usize::from(room));
    canvas.put(area.x + 1, area.y, room, &name, Role::Plain);
}
