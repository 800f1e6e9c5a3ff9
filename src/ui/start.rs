//! Before there are accounts: the first frame, the welcome, a config that cannot be used, a terminal that is too small.
//!
//! ```text
//!   whopays: who pays for this bucket?
//!   ▸ d  demo: no account, no network
//!     c  write a commented config file
//! ```

use ratatui::layout::Rect;

use crate::app::{Area, ConfigFile, Model, Phase, WELCOME_CHOICES, Welcome};
use crate::domain::Error;

use super::canvas::{Canvas, wrap};
use super::details;
use super::look::Role;

/// Draws the body between header and status line.
pub(crate) fn draw(canvas: &mut Canvas<'_>, model: &Model, area: Area) {
    match &model.phase {
        Phase::Ready => {}
        Phase::Blank | Phase::Starting => {
            canvas.put(area.x + 2, area.y + 1, area.width.saturating_sub(2), "reading accounts…", Role::Muted);
        }
        Phase::Broken(error) => broken(canvas, error, area),
        Phase::Welcome(welcome) => {
            welcome_lines(canvas, welcome, area);
        }
    }
}

/// The choices come first: on a low screen they are what is needed.
fn welcome_lines(canvas: &mut Canvas<'_>, welcome: &Welcome, area: Area) {
    let mut y = text(canvas, area, area.y, "whopays: who pays for this bucket?", Role::Title);
    for (index, (key, words)) in WELCOME_CHOICES.iter().enumerate() {
        let sign = if index == welcome.line { "▸" } else { " " };
        let width = area.width.saturating_sub(4);
        canvas.put(area.x + 2, y, width, &format!("{sign} {key}  {words}"), Role::Plain);
        if index == welcome.line {
            canvas.paint(Area { x: area.x + 2, y, width, height: 1 }, Role::Cursor);
        }
        y += 1;
    }
    let path = canvas.safe(&welcome.path);
    let (state, next) = match welcome.file {
        ConfigFile::Missing => (
            format!("There is no config file yet; it would be {path}"),
            "No profile or environment variable of another tool was found either.",
        ),
        ConfigFile::WithoutAccounts => {
            (format!("The config file has no account yet: {path}"), "Fill in an account there (its comments show how), then press r.")
        }
    };
    y = text(canvas, area, y + 1, &state, Role::Plain);
    text(canvas, area, y, next, Role::Muted);
}

fn broken(canvas: &mut Canvas<'_>, error: &Error, area: Area) {
    let mut y = text(canvas, area, area.y + 1, "The accounts could not be read.", Role::Title) + 1;
    for (label, words, role) in details::trouble(error) {
        let words = canvas.safe(&words);
        let indent = 9.min(area.width);
        canvas.put(area.x + 2, y, indent, label, Role::Muted);
        y = text(canvas, Area { x: area.x + indent, width: area.width - indent, ..area }, y, &words, role);
    }
}

/// Writes wrapped text and returns the line after it.
fn text(canvas: &mut Canvas<'_>, area: Area, y: u16, words: &str, role: Role) -> u16 {
    let end = area.y + area.height;
    let mut y = y;
    for line in wrap(words, usize::from(area.width.saturating_sub(4))) {
        if y >= end {
            return y;
        }
        canvas.put(area.x + 2, y, area.width.saturating_sub(4), &line, role);
        y += 1;
    }
    y
}

/// A terminal that is too small for anything else.
pub(crate) fn too_small(canvas: &mut Canvas<'_>, area: Rect) {
    let words = format!("too small: {}x{}. whopays needs 40x10. q quits.", area.width, area.height);
    for (y, line) in (area.y..area.bottom()).zip(wrap(&words, usize::from(area.width))) {
        canvas.put(area.x, y, area.width, &line, Role::Plain);
    }
}
