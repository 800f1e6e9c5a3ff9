//! `v`: the first bytes of an object, from one ranged request; each further piece is another request that a key asks for.
//!
//! ```text
//! Waiting ──(piece and what it is)──> Shown ──t──> looked at in another way, no request
//!                                       └─PgDn at the end, v──> Waiting for the next piece
//! ```
//! Pieces are put together up to [`WINDOW`], so that a text goes on and a picture becomes whole; what is beyond begins a new window.

use std::sync::Arc;

use crate::domain::{Acting, Charged, Error, Op, Piece, Result};
use crate::preview::{MOST_LINES, Mode, Shown, View};
use crate::transfer::Pick;

use super::super::board::RowId;
use super::super::dialog::Dialog;
use super::super::field::Field;
use super::super::layout::Area;
use super::super::model::{Size, Wait};
use super::super::{Effect, Key, KeyCode, Looking, Model, PreviewAsk, Previewed, Ticket, budget, diagnosis};
use super::{Act, subject};

/// How much one key asks for.
pub(crate) const PIECE: u64 = 64 << 10;

/// How much is looked at as one.
const WINDOW: u64 = 1 << 20;

/// An open preview.
#[derive(Debug)]
pub(crate) struct Preview {
    pub(crate) bucket: RowId,
    acting: Acting,
    pub(crate) pick: Pick,
    pub(crate) mode: Mode,
    pub(crate) waiting: Option<Ticket>,
    pub(crate) seen: Option<Seen>,
    pub(crate) trouble: Option<Error>,
    pub(crate) requests: u64,
    pub(crate) bytes: u64,
    pub(crate) charged: Charged,
    pub(crate) top: usize,
    /// The first column that is shown: of a text in cells, of a table in columns.
    pub(crate) left: usize,
    pub(crate) search: Search,
}

/// What is looked at.
#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) piece: Arc<Piece>,
    pub(crate) shown: Box<Shown>,
}

/// Finding a text in what is shown.
#[derive(Debug, Default)]
pub(crate) struct Search {
    /// The text being typed.
    pub(crate) field: Option<Field>,
    /// What is looked for, in lower case.
    pub(crate) wanted: String,
    pub(crate) found: Found,
}

/// How the last search ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Found {
    #[default]
    NotSearched,
    /// At this line.
    Line(usize),
    /// Nowhere in what was read.
    Nowhere,
}

impl Preview {
    /// How many lines can be scrolled through.
    pub(crate) fn lines(&self) -> usize {
        match self.seen.as_ref().map(|seen| &seen.shown.view) {
            Some(View::Text(text)) => text.lines.len(),
            Some(View::Table(table)) => table.rows.len(),
            Some(View::Hex(hex)) => hex.lines.len(),
            Some(View::Picture(_) | View::Empty) | None => 0,
        }
    }

    /// Where the next piece begins; `None`: there is none, or nothing is known yet.
    pub(crate) fn next_offset(&self) -> Option<u64> {
        let piece = &self.seen.as_ref()?.piece;
        let end = piece.offset.saturating_add(piece.bytes.len() as u64);
        let last = piece.total.or(self.pick.size);
        (last.is_none_or(|total| end < total) && !piece.bytes.is_empty()).then_some(end)
    }

    /// What the next piece continues. A window that is full, or whose lines cannot all be shown, is left behind.
    fn behind(&self) -> Option<Arc<Piece>> {
        let seen = self.seen.as_ref()?;
        let room = seen.piece.bytes.len() as u64 + PIECE <= WINDOW;
        let fits = match (&seen.shown.view, self.mode) {
            (View::Text(_) | View::Table(_), _) => self.lines() * 2 < MOST_LINES,
            // A picture or an archive may become whole; bytes as such have nothing to become.
            (View::Hex(_), Mode::Auto) => seen.piece.total.is_some_and(|total| total <= WINDOW),
            (View::Hex(_), Mode::Text | Mode::Hex) => false,
            (View::Picture(_) | View::Empty, _) => true,
        };
        (room && fits).then(|| seen.piece.clone())
    }

    fn text_of(&self, line: usize) -> String {
        match self.seen.as_ref().map(|seen| &seen.shown.view) {
            Some(View::Text(text)) => text.lines.get(line).map(|line| line.spans.iter().map(|span| span.text.as_str()).collect()),
            Some(View::Table(table)) => table.rows.get(line).map(|row| row.join("\t")),
            Some(View::Hex(hex)) => hex.lines.get(line).cloned(),
            Some(View::Picture(_) | View::Empty) | None => None,
        }
        .unwrap_or_default()
    }
}

/// Where it stands: everything between header and footer.
pub(crate) fn area(size: Size) -> Area {
    Area { x: 0, y: 1, width: size.width, height: size.height.saturating_sub(2) }
}

/// How many lines of it are content: below the title and the notes.
pub(crate) fn room(size: Size) -> usize {
    usize::from(area(size).height.saturating_sub(2))
}

/// Opens the first piece of an object.
pub(super) fn open(model: &mut Model, bucket: RowId, pick: Pick, out: &mut Vec<Effect>) {
    let Some(acting) = subject::acting(model, bucket) else { return };
    let preview = Preview {
        bucket,
        acting,
        pick,
        mode: Mode::Auto,
        waiting: None,
        seen: None,
        trouble: None,
        requests: 0,
        bytes: 0,
        charged: Charged::NotSaid,
        top: 0,
        left: 0,
        search: Search::default(),
    };
    model.dialog = Some(Dialog::Act(Act::Preview(Box::new(preview))));
    order(model, 0, None, out);
}

fn preview(model: &mut Model) -> Option<&mut Preview> {
    match budget::under(model) {
        Some(Dialog::Act(Act::Preview(preview))) => Some(preview),
        _ => None,
    }
}

fn order(model: &mut Model, offset: u64, behind: Option<Arc<Piece>>, out: &mut Vec<Effect>) {
    let ticket = model.wait(Wait::Preview);
    let Some(preview) = preview(model) else { return };
    preview.waiting = Some(ticket);
    preview.trouble = None;
    preview.requests += 1;
    let ask = PreviewAsk { offset, length: PIECE, mode: preview.mode, behind };
    out.push(Effect::Preview(ticket, preview.acting.clone(), preview.pick.clone(), ask));
}

/// The next piece, if there is one and none is being read.
fn read_on(model: &mut Model, out: &mut Vec<Effect>) {
    let Some(preview) = preview(model).filter(|preview| preview.waiting.is_none()) else { return };
    if preview.seen.is_none() {
        return order(model, 0, None, out);
    }
    if let Some(offset) = preview.next_offset() {
        let behind = preview.behind();
        order(model, offset, behind, out);
    }
}

/// A piece came.
pub(super) fn take(model: &mut Model, ticket: Ticket, answer: Result<Previewed>) -> bool {
    let Some(open) = preview(model).filter(|open| open.waiting == Some(ticket)) else { return false };
    open.waiting = None;
    match answer {
        Ok(Previewed { piece, shown }) => {
            let before =
                open.seen.as_ref().map_or(0, |seen| if seen.piece.offset == piece.offset { seen.piece.bytes.len() as u64 } else { 0 });
            let continues = open.seen.as_ref().is_some_and(|seen| seen.piece.offset == piece.offset);
            open.bytes += (piece.bytes.len() as u64).saturating_sub(before);
            open.charged = piece.charged;
            // Whoever reads on reads the same object.
            if open.pick.etag.is_none() {
                open.pick.etag = piece.etag.clone();
            }
            let same_kind = continues && open.seen.as_ref().is_some_and(|seen| is_same_kind(&seen.shown.view, &shown.view));
            if !same_kind {
                (open.top, open.left) = (0, 0);
            }
            open.seen = Some(Seen { piece, shown });
        }
        Err(error) => {
            let bucket = open.bucket;
            let error = diagnosis::explained(model, bucket, Op::GetObject, error);
            if let Some(open) = preview(model) {
                open.trouble = Some(error);
            }
        }
    }
    true
}

fn is_same_kind(one: &View, other: &View) -> bool {
    std::mem::discriminant(one) == std::mem::discriminant(other)
}

/// The piece was looked at in another way.
pub(super) fn looked(model: &mut Model, ticket: Ticket, shown: Box<Shown>) -> bool {
    let Some(open) = preview(model).filter(|open| open.waiting == Some(ticket)) else { return false };
    open.waiting = None;
    (open.top, open.left) = (0, 0);
    open.search.found = Found::NotSearched;
    if let Some(seen) = &mut open.seen {
        seen.shown = shown;
    }
    true
}

/// A key while the preview is open.
pub(super) fn press(model: &mut Model, key: Key, out: &mut Vec<Effect>) {
    let room = room(model.size);
    let Some(open) = preview(model) else { return };
    if open.search.field.is_some() {
        return search_key(open, key, room);
    }
    if !scroll(open, key, room) {
        command(model, key, room, out);
    }
}

/// Keys that only move. At the end, a page further is no move: it asks for the next piece.
#[expect(clippy::wildcard_enum_match_arm, reason = "every other key does not scroll")]
fn scroll(open: &mut Preview, key: Key, room: usize) -> bool {
    let last = open.lines().saturating_sub(room);
    let columns = match open.seen.as_ref().map(|seen| &seen.shown.view) {
        Some(View::Table(table)) => (1, table.columns.len().saturating_sub(1)),
        Some(View::Text(_) | View::Hex(_) | View::Picture(_) | View::Empty) | None => (8, crate::preview::LONGEST_LINE),
    };
    match key.code {
        KeyCode::Up | KeyCode::Char('k') => open.top = open.top.saturating_sub(1),
        KeyCode::Down | KeyCode::Char('j') => open.top = (open.top + 1).min(last),
        KeyCode::PageUp => open.top = open.top.saturating_sub(room.max(1)),
        KeyCode::PageDown | KeyCode::Char(' ') if open.top < last => open.top = (open.top + room.max(1)).min(last),
        KeyCode::Home | KeyCode::Char('g') => open.top = 0,
        KeyCode::End | KeyCode::Char('G') if open.top < last => open.top = last,
        KeyCode::Left | KeyCode::Char('h') => open.left = open.left.saturating_sub(columns.0),
        KeyCode::Right | KeyCode::Char('l') => open.left = (open.left + columns.0).min(columns.1),
        _ => return false,
    }
    true
}

#[expect(clippy::wildcard_enum_match_arm, reason = "every other key means nothing here")]
fn command(model: &mut Model, key: Key, room: usize, out: &mut Vec<Effect>) {
    let Some(open) = preview(model) else { return };
    match key.code {
        KeyCode::Esc | KeyCode::Char('q') => close(model, out),
        KeyCode::Char('v') | KeyCode::PageDown | KeyCode::End => read_on(model, out),
        KeyCode::Char('t') | KeyCode::Tab => switch(model, out),
        KeyCode::Char('/') => open.search.field = Some(Field::default()),
        KeyCode::Char('n') => search(open, open.top + 1, room),
        KeyCode::Char('i') => diagnosis::of_preview(model),
        _ => {}
    }
}

/// What it turned out to be, then text, then bytes.
fn switch(model: &mut Model, out: &mut Vec<Effect>) {
    let Some(open) = preview(model).filter(|open| open.waiting.is_none()) else { return };
    open.mode = match open.mode {
        Mode::Auto => Mode::Text,
        Mode::Text => Mode::Hex,
        Mode::Hex => Mode::Auto,
    };
    let Some(piece) = open.seen.as_ref().map(|seen| seen.piece.clone()) else { return };
    let (mode, key) = (open.mode, open.pick.key.clone());
    let ticket = model.wait(Wait::Preview);
    if let Some(open) = preview(model) {
        open.waiting = Some(ticket);
    }
    out.push(Effect::LookAgain(ticket, key, Looking { piece, mode }));
}

#[expect(clippy::wildcard_enum_match_arm, reason = "every other key edits the text")]
fn search_key(open: &mut Preview, key: Key, room: usize) {
    let Some(field) = &mut open.search.field else { return };
    match key.code {
        KeyCode::Esc => open.search.field = None,
        KeyCode::Enter => {
            open.search.wanted = field.text().to_lowercase();
            open.search.field = None;
            search(open, open.top, room);
        }
        _ => drop(field.press(key)),
    }
}

/// From a line on, and then from the first one.
fn search(open: &mut Preview, from: usize, room: usize) {
    if open.search.wanted.is_empty() {
        return;
    }
    let lines = open.lines();
    let from = match open.search.found {
        Found::Line(line) if line >= open.top && from > open.top => line + 1,
        Found::Line(_) | Found::NotSearched | Found::Nowhere => from,
    };
    let hit = (from..lines).chain(0..from.min(lines)).find(|line| open.text_of(*line).to_lowercase().contains(&open.search.wanted));
    open.search.found = match hit {
        Some(line) => {
            open.top = line.min(lines.saturating_sub(room));
            Found::Line(line)
        }
        None => Found::Nowhere,
    };
}

/// Pasted text goes into the search.
pub(super) fn paste(preview: &mut Preview, text: &str) {
    if let Some(field) = &mut preview.search.field {
        field.paste(text);
    }
}

fn close(model: &mut Model, out: &mut Vec<Effect>) {
    if let Some(ticket) = preview(model).and_then(|open| open.waiting.take()) {
        model.waits.remove(&ticket);
        out.push(Effect::Cancel(ticket));
    }
    model.dialog = None;
}
