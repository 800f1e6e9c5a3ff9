//! `&Model` to cells. It looks, and changes nothing.
//!
//! Comes in: the app's model, and a [`Cache`] with the look of the terminal. Goes out: a frame. Forbidden here: changing the
//! model, waiting, reading anything; text from outside that did not pass [`crate::domain::escape::visible`].
//!
//! Screen 1 at 80x24; details stand beside or below, and grow when they have the focus:
//!
//! ```text
//!  research:arxiv   owner pays: bucket settings only                    12 requests
//! ─ Accounts ─────│─▸Buckets  214 · 12 Requester · 190 BucketOwner ─────────────────
//! ▸all         214│  ACCOUNT▲  VIA BUCKET            REGION      PAYER       READ
//!  research     12│▸ research  s3  arxiv             us-east-1   denied      14:02
//! ─ research:arxiv ─────────────────────────────────────────────────────────────────
//! payer     denied at 2026-11-20 14:02:11
//! status
//! p payer  Enter open  / filter  Space mark  s sort  r refresh  ? help  q quit
//! ```

mod accounts;
mod acts;
mod bars;
mod board;
mod canvas;
mod details;
mod diagnosis;
mod dialogs;
mod inspection;
mod journal;
mod ledger;
mod ledger_chart;
mod ledger_details;
mod ledger_requests;
mod look;
mod object_details;
mod objects;
mod picture;
mod plan;
mod probe;
mod start;
mod transfers;
mod transfers_details;
mod transfers_dialogs;
mod words;

pub use look::{Background, Colours, Glyphs, Look, Terminal};
pub use picture::{board_svg, board_text};
pub(crate) use words::size;

use ratatui::Frame;
use ratatui::buffer::Buffer;

use crate::app::{Area, Model, Panes, Phase, Screen};
use crate::config::Theme;

use canvas::Canvas;

/// What drawing keeps between frames: the look.
#[derive(Debug)]
pub struct Cache {
    terminal: Terminal,
    theme: Theme,
    look: Look,
}

impl Cache {
    /// A cache for a terminal. The theme follows the model's settings.
    pub fn new(terminal: Terminal) -> Self {
        Self { terminal, theme: Theme::Auto, look: Look::new(&Theme::Auto, terminal) }
    }

    /// Takes the look of a theme file that `runtime` has read with [`Look::parse`], for the theme of the settings.
    pub fn use_file(&mut self, theme: &Theme, look: Look) {
        self.theme = theme.clone();
        self.look = look;
    }

    fn follow(&mut self, theme: &Theme) {
        if self.theme != *theme {
            self.theme = theme.clone();
            self.look = Look::new(theme, self.terminal);
        }
    }
}

/// Draws one frame.
pub fn draw(model: &Model, cache: &mut Cache, frame: &mut Frame<'_>) {
    cache.follow(model.theme());
    paint(model, &cache.look, frame.buffer_mut());
}

/// Fills a buffer of any size; the model's own size decides the layout, so the smaller of both counts.
fn paint(model: &Model, look: &Look, buffer: &mut Buffer) {
    let area = *buffer.area();
    let mut canvas = Canvas { buffer, look };
    let panes = model.panes().filter(|_| area.width >= model.size.width && area.height >= model.size.height);
    match panes {
        Some(panes) => screen(&mut canvas, model, panes),
        None => start::too_small(&mut canvas, area),
    }
    if look.is_ascii() {
        canvas.fold_to_ascii();
    }
}

fn screen(canvas: &mut Canvas<'_>, model: &Model, panes: Panes) {
    bars::header(canvas, model, panes.header);
    if matches!(model.phase, Phase::Ready) {
        body(canvas, model, panes);
    } else {
        let height = panes.status.y.saturating_sub(1);
        start::draw(canvas, model, Area { x: 0, y: 1, width: model.size.width, height });
    }
    if let Some(dialog) = &model.dialog {
        dialogs::draw(canvas, model, dialog);
    }
    // On a low screen a dialog may stand where the status is; a countdown is never covered.
    let covered = model.dialog.as_ref().is_some_and(dialogs::covers_screen);
    if model.dialog.is_none() || (model.size.height >= dialogs::LOW && !covered) || model.has_countdown() {
        canvas.clear(panes.status);
        bars::status(canvas, model, panes.status);
    }
    bars::footer(canvas, model, panes.footer);
}

fn body(canvas: &mut Canvas<'_>, model: &Model, panes: Panes) {
    if let Some(area) = panes.accounts {
        accounts::draw(canvas, model, area);
        if panes.list.is_some() {
            canvas.pole(area.x + area.width, area.y, area.height);
        }
    }
    if let Some(area) = panes.list {
        match model.screen {
            Screen::Buckets => board::draw(canvas, model, area),
            Screen::Objects => objects::draw(canvas, model, area),
            Screen::Journal => journal::draw(canvas, model, area),
            Screen::Transfers => transfers::draw(canvas, model, area),
            Screen::Ledger => ledger::draw(canvas, model, area),
        }
    }
    if let Some(area) = panes.details {
        details::draw(canvas, model, area);
    }
}
