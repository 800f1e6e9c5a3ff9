//! Drawing text into cells: escaped, measured, cut, never outside.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use crate::app::Area;
use crate::domain::escape::visible;

use super::look::{Look, Role};

/// A buffer and the look in which it is filled.
pub(crate) struct Canvas<'a> {
    pub(crate) buffer: &'a mut Buffer,
    pub(crate) look: &'a Look,
}

impl Canvas<'_> {
    /// Writes our own words, cut to `width`. Returns the column after them.
    pub(crate) fn put(&mut self, x: u16, y: u16, width: u16, text: &str, role: Role) -> u16 {
        let area = *self.buffer.area();
        let room = width.min(area.right().saturating_sub(x));
        if room == 0 || y >= area.bottom() || x < area.x || y < area.y {
            return x;
        }
        let text = fit(text, usize::from(room));
        self.buffer.set_stringn(x, y, &text, usize::from(room), self.look.style(role)).0
    }

    /// Writes text from outside: escaped first.
    pub(crate) fn show(&mut self, x: u16, y: u16, width: u16, text: &str, role: Role) -> u16 {
        let text = self.safe(text);
        self.put(x, y, width, &text, role)
    }

    /// Text from outside, as this terminal can show it without anything hiding in it.
    pub(crate) fn safe(&self, text: &str) -> String {
        safe(text, self.look)
    }

    /// Text that was escaped where it was made: only a locale without UTF-8 asks for more.
    pub(crate) fn safe_again(&self, text: &str) -> String {
        if self.look.is_ascii() { safe(text, self.look) } else { text.to_owned() }
    }

    /// One cell of a picture.
    pub(crate) fn dot(&mut self, x: u16, y: u16, sign: &str, style: ratatui::style::Style) {
        if let Some(cell) = self.buffer.cell_mut((x, y)) {
            cell.set_symbol(sign).set_style(style);
        }
    }

    /// Writes at the right end of an area's line.
    pub(crate) fn put_right(&mut self, area: Area, y: u16, text: &str, role: Role) -> u16 {
        let width = cells(text).min(area.width);
        let x = area.x + area.width - width;
        self.put(x, y, width, text, role);
        x
    }

    /// Gives cells a style without touching their text.
    pub(crate) fn paint(&mut self, area: Area, role: Role) {
        let style = self.look.style(role);
        self.buffer.set_style(rect(area).intersection(*self.buffer.area()), style);
    }

    /// Blanks an area.
    pub(crate) fn clear(&mut self, area: Area) {
        let area = rect(area).intersection(*self.buffer.area());
        for y in area.y..area.bottom() {
            for x in area.x..area.right() {
                if let Some(cell) = self.buffer.cell_mut((x, y)) {
                    cell.reset();
                }
            }
        }
    }

    /// A pane's title rule.
    pub(crate) fn rule(&mut self, area: Area, title: &str, focused: Focused) {
        let line = "─".repeat(usize::from(area.width));
        let role = if focused == Focused::Yes { Role::Accent } else { Role::Muted };
        self.put(area.x, area.y, area.width, &line, role);
        let sign = if focused == Focused::Yes { "▸" } else { " " };
        let room = area.width.saturating_sub(3);
        let title = fit(&format!("{sign}{title} "), usize::from(room));
        self.put(area.x + 1, area.y, room, &title, if focused == Focused::Yes { Role::Title } else { Role::Plain });
    }

    /// A column of separators.
    pub(crate) fn pole(&mut self, x: u16, y: u16, height: u16) {
        for line in y..y.saturating_add(height) {
            self.put(x, line, 1, "│", Role::Muted);
        }
    }

    /// Replaces our own signs where the locale has none of them. Foreign text is escaped already.
    pub(crate) fn fold_to_ascii(&mut self) {
        for cell in &mut self.buffer.content {
            let plain = match cell.symbol() {
                "─" => "-",
                "│" => "|",
                "┌" | "┐" | "└" | "┘" => "+",
                "▸" | "→" => ">",
                "●" => "*",
                "…" => "~",
                "·" => "-",
                "▲" => "^",
                "▼" => "v",
                "▏" => "_",
                "‹" => "<",
                "›" => ">",
                "█" => "#",
                "░" => ".",
                "¥" => "Y",
                symbol if symbol.is_ascii() => continue,
                _ => "?",
            };
            cell.set_symbol(plain);
        }
    }
}

/// Whether a pane has the focus.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Focused {
    Yes,
    No,
}

impl Focused {
    pub(crate) fn when(condition: bool) -> Self {
        if condition { Self::Yes } else { Self::No }
    }
}

/// Escapes what would hide or act; in a locale without UTF-8 everything beyond ASCII too.
pub(crate) fn safe(text: &str, look: &Look) -> String {
    let shown = visible(text);
    if !look.is_ascii() || shown.is_ascii() {
        return shown.into_owned();
    }
    let escape = |c: char| if c.is_ascii() { c.to_string() } else { format!("\\u{{{:x}}}", u32::from(c)) };
    shown.chars().map(escape).collect()
}

fn rect(area: Area) -> Rect {
    Rect::new(area.x, area.y, area.width, area.height)
}

/// How many cells a text takes.
pub(crate) fn cells(text: &str) -> u16 {
    u16::try_from(text.width()).unwrap_or(u16::MAX)
}

/// Cuts a text to a width, with a sign that something is missing.
pub(crate) fn fit(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut cut = String::new();
    let mut used = 0;
    for grapheme in text.graphemes(true) {
        let next = used + grapheme.width();
        if next + 1 > width {
            break;
        }
        cut.push_str(grapheme);
        used = next;
    }
    if width > 0 {
        cut.push('…');
    }
    cut
}

/// The same, but beginning and end of the text stay.
pub(crate) fn fit_middle(text: &str, width: usize) -> String {
    if text.width() <= width || width < 3 {
        return fit(text, width);
    }
    let tail = fit_end(text, width / 2 + 1);
    let tail = tail.trim_start_matches('…');
    format!("{}{tail}", fit(text, width - tail.width()))
}

/// The same, but the end of the text stays.
pub(crate) fn fit_end(text: &str, width: usize) -> String {
    if text.width() <= width || width == 0 {
        return fit(text, width);
    }
    let mut used = 1;
    let tail = text.grapheme_indices(true).rev().take_while(|(_, grapheme)| {
        used += grapheme.width();
        used <= width
    });
    let from = tail.last().map_or(text.len(), |(at, _)| at);
    format!("…{}", text.get(from..).unwrap_or_default())
}

/// Words in the place of rows.
pub(crate) fn put_wrapped(canvas: &mut Canvas<'_>, area: Area, text: &str, role: Role) {
    let text = canvas.safe(text);
    for (line, y) in wrap(&text, usize::from(area.width.saturating_sub(4))).iter().zip(area.y..area.y + area.height) {
        canvas.put(area.x + 2, y, area.width.saturating_sub(2), line, role);
    }
}

/// Breaks a text into lines at spaces; words longer than a line are cut apart, since ids are read to the end.
pub(crate) fn wrap(text: &str, width: usize) -> Vec<String> {
    let width = width.max(1);
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split(' ') {
        let needed = if line.is_empty() { word.width() } else { line.width() + 1 + word.width() };
        if needed > width && !line.is_empty() {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        for grapheme in word.graphemes(true) {
            if line.width() + grapheme.width() > width && !line.is_empty() {
                lines.push(std::mem::take(&mut line));
            }
            line.push_str(grapheme);
        }
    }
    if !line.is_empty() || lines.is_empty() {
        lines.push(line);
    }
    lines
}
