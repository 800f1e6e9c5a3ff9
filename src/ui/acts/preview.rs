//! A piece of an object.
//!
//! ```text
//! ─▸ research:maps/a.csv   64 KiB of 12 MiB · 1 request · table ──────
//!  UTF-8, `,` · first 64 KiB of 12 MiB
//!  1 │ {"name": "ada",
//!  2 │  "born": 1815}
//! ```

use ratatui::style::{Color, Style as CellStyle};

use crate::app::{Area, Model, Preview, SearchEnd, preview_area};
use crate::domain::Charged;
use crate::preview::{Align, Mode, Picture, Style, Table, Text, View};

use super::super::canvas::{Canvas, Focused, cells, fit, fit_middle, wrap};
use super::super::dialogs::field;
use super::super::look::{Colours, Role};
use super::super::objects::ends_shown;
use super::super::{details, words};
use super::Keys;

/// Draws the preview over the whole body.
pub(super) fn draw(canvas: &mut Canvas<'_>, model: &Model, open: &Preview) {
    let area = preview_area(model.size);
    canvas.clear(area);
    let name = ends_shown(&canvas.safe(&format!("{}/{}", model.name_of(open.bucket), open.pick.key.as_str())));
    // What was read, and who was charged, is never what is cut.
    let read = read_so_far(open);
    let room = area.width.saturating_sub(cells(&read) + 8);
    canvas.rule(area, &format!("{}   {read}", fit_middle(&name, usize::from(room))), Focused::Yes);
    notes(canvas, Area { y: area.y + 1, height: 1, ..area }, open);
    let body = Area { y: area.y + 2, height: area.height.saturating_sub(2), ..area };
    if let Some(error) = &open.trouble {
        let mut facts = details::trouble(error);
        facts.push(("more", details::EVIDENCE.to_owned(), Role::Muted));
        return trouble(canvas, body, &facts);
    }
    match open.seen.as_ref().map(|seen| &seen.shown.view) {
        Some(View::Text(text)) => draw_text(canvas, body, open, text),
        Some(View::Table(table)) => draw_table(canvas, body, open, table),
        Some(View::Hex(hex)) => draw_lines(canvas, body, open, &hex.lines),
        Some(View::Picture(picture)) => draw_picture(canvas, body, picture),
        Some(View::Empty) => note(canvas, body, "it is empty"),
        None => note(canvas, body, "reading the first 64 KiB with one request…"),
    }
}

/// What stands where there is nothing to draw.
fn note(canvas: &mut Canvas<'_>, body: Area, text: &str) {
    for (y, line) in (body.y..body.y + body.height).zip(wrap(text, usize::from(body.width.saturating_sub(2)))) {
        canvas.put(body.x + 1, y, body.width.saturating_sub(1), &line, Role::Muted);
    }
}

/// Bytes and requests, said all the time: each further piece costs.
fn read_so_far(open: &Preview) -> String {
    let total = open.seen.as_ref().and_then(|seen| seen.piece.total).or(open.pick.size);
    let of = total.map(|total| format!(" of {}", words::size(total))).unwrap_or_default();
    let charged = match open.charged {
        Charged::Yes => " · charged to you",
        Charged::No | Charged::NotSaid => "",
    };
    format!("{}{of} · {}{charged}", words::size(open.bytes), words::requests(open.requests))
}

fn notes(canvas: &mut Canvas<'_>, line: Area, open: &Preview) {
    if let Some(text) = &open.search.field {
        canvas.put(line.x + 1, line.y, 1, "/", Role::Accent);
        return field(canvas, Area { x: line.x + 2, width: line.width.saturating_sub(2), ..line }, line.y, text);
    }
    let mut parts = Vec::new();
    if open.waiting.is_some() && open.seen.is_some() {
        parts.push("reading…".to_owned());
    }
    match open.search.found {
        SearchEnd::Nowhere => parts.push(format!("not found in what was read: {}", canvas.safe(&open.search.wanted))),
        SearchEnd::Line(_) | SearchEnd::NotSearched => {}
    }
    if let Some(seen) = &open.seen {
        parts.push(kind(&seen.shown.view, open.mode, canvas.look.colours()));
        parts.extend(seen.shown.notes.iter().cloned());
    }
    canvas.show(line.x + 1, line.y, line.width.saturating_sub(1), &parts.join(" · "), Role::Muted);
}

fn kind(view: &View, mode: Mode, colours: Colours) -> String {
    let as_text = if mode == Mode::Text { " (as text)" } else { "" };
    match view {
        View::Text(text) => format!("{}, {}{as_text}", text.language, text.encoding),
        View::Table(table) => format!("table of {} columns", table.columns.len()),
        View::Hex(_) => "bytes".to_owned(),
        View::Picture(picture) if is_drawable(colours) => format!("{} {} × {}", picture.format, picture.width, picture.height),
        View::Picture(picture) => format!("{} {} × {}: not drawn, needs 256 colours", picture.format, picture.width, picture.height),
        View::Empty => "empty".to_owned(),
    }
}

fn is_drawable(colours: Colours) -> bool {
    match colours {
        Colours::None | Colours::Sixteen => false,
        Colours::Palette | Colours::Full => true,
    }
}

fn trouble(canvas: &mut Canvas<'_>, body: Area, facts: &[details::Fact]) {
    let mut y = body.y;
    for (label, text, role) in facts {
        for (index, line) in wrap(&canvas.safe(text), usize::from(body.width.saturating_sub(11))).into_iter().enumerate() {
            if y >= body.y + body.height {
                return;
            }
            canvas.put(body.x + 1, y, 9, if index == 0 { label } else { "" }, Role::Muted);
            canvas.put(body.x + 10, y, body.width.saturating_sub(10), &line, *role);
            y += 1;
        }
    }
}

fn draw_text(canvas: &mut Canvas<'_>, body: Area, open: &Preview, text: &Text) {
    let numbers = u16::try_from(text.lines.len().to_string().len()).unwrap_or(4);
    for (y, (index, line)) in (body.y..body.y + body.height).zip(text.lines.iter().enumerate().skip(open.top)) {
        let found = open.search.found == SearchEnd::Line(index);
        let number = format!("{:>width$} │", index + 1, width = usize::from(numbers));
        let x = canvas.put(body.x, y, numbers + 2, &number, if found { Role::Accent } else { Role::Muted });
        let mut pen = Pen { x: x + 1, end: body.x + body.width, skip: open.left };
        for span in &line.spans {
            let shown = canvas.safe_again(&span.text);
            pen.put(canvas, y, &shown, role_of(span.style));
        }
    }
}

/// Writes from left to right, and leaves out what is scrolled away.
struct Pen {
    x: u16,
    end: u16,
    skip: usize,
}

impl Pen {
    fn put(&mut self, canvas: &mut Canvas<'_>, y: u16, text: &str, role: Role) {
        let width = usize::from(cells(text));
        if self.skip >= width {
            self.skip -= width;
            return;
        }
        let shown: String = text.chars().skip(self.skip).collect();
        self.skip = 0;
        if self.x < self.end {
            self.x = canvas.put(self.x, y, self.end - self.x, &shown, role);
        }
    }
}

/// Sources are coloured by what the theme has; nothing is told by colour alone.
fn role_of(style: Style) -> Role {
    match style {
        Style::Plain => Role::Plain,
        Style::Keyword | Style::Head => Role::Accent,
        Style::Text => Role::Good,
        Style::Number => Role::Requester,
        Style::Comment | Style::Dim => Role::Muted,
        Style::Name => Role::Title,
        Style::Type => Role::Warning,
    }
}

fn draw_lines(canvas: &mut Canvas<'_>, body: Area, open: &Preview, lines: &[String]) {
    for (y, (index, line)) in (body.y..body.y + body.height).zip(lines.iter().enumerate().skip(open.top)) {
        let role = if open.search.found == SearchEnd::Line(index) { Role::Accent } else { Role::Plain };
        let mut pen = Pen { x: body.x + 1, end: body.x + body.width, skip: open.left };
        pen.put(canvas, y, line, role);
    }
}

/// The heads stay in sight; columns are scrolled one by one.
fn draw_table(canvas: &mut Canvas<'_>, body: Area, open: &Preview, table: &Table) {
    let first = open.left.min(table.columns.len().saturating_sub(1));
    table_line(canvas, body, body.y, table, &table.columns, first, Role::Title);
    let rows = Area { y: body.y + 1, height: body.height.saturating_sub(1), ..body };
    for (y, (index, row)) in (rows.y..rows.y + rows.height).zip(table.rows.iter().enumerate().skip(open.top)) {
        let role = if open.search.found == SearchEnd::Line(index) { Role::Accent } else { Role::Plain };
        table_line(canvas, rows, y, table, row, first, role);
    }
}

fn table_line(canvas: &mut Canvas<'_>, area: Area, y: u16, table: &Table, row: &[String], first: usize, role: Role) {
    let mut x = area.x + 1;
    for (column, cell) in row.iter().enumerate().skip(first) {
        let width = table.widths.get(column).copied().unwrap_or(8).clamp(1, 40);
        let text = fit(&canvas.safe_again(cell), usize::from(width));
        let pad = match table.aligns.get(column) {
            Some(Align::Right) => width.saturating_sub(cells(&text)),
            Some(Align::Left) | None => 0,
        };
        if x + pad >= area.x + area.width {
            return;
        }
        canvas.put(x + pad, y, width, &text, role);
        x += width;
        canvas.put(x, y, 2, " │", Role::Muted);
        x += 3;
    }
}

/// Two pixels to a cell. Without 256 colours the title says that it is not drawn; `t` shows its bytes.
fn draw_picture(canvas: &mut Canvas<'_>, body: Area, picture: &Picture) {
    let colours = canvas.look.colours();
    if !is_drawable(colours) || canvas.look.is_ascii() {
        return note(canvas, body, "a picture needs 256 colours and UTF-8: t shows its bytes");
    }
    let (columns, rows) = (picture.columns.max(1), picture.rows.max(1));
    // As large as there is room, and never larger than it is.
    let (wide, high) = (u32::from(body.width.saturating_sub(2)).max(1), u32::from(body.height) * 2);
    let width = columns.min(wide).min((columns * high).div_euclid(rows).max(1));
    let height = (rows * width).div_euclid(columns).clamp(1, high.max(1));
    for y in 0..height.div_ceil(2) {
        for x in 0..width {
            let at = |line: u32| {
                let (from_x, from_y) = (x * columns / width, (line * rows / height).min(rows - 1));
                picture.pixels.get((from_y * columns + from_x) as usize).copied()
            };
            let (upper, lower) = (at(2 * y), if 2 * y + 1 < height { at(2 * y + 1) } else { None });
            let mut style = CellStyle::new();
            style.fg = upper.map(|pixel| colour(pixel, colours));
            style.bg = lower.map(|pixel| colour(pixel, colours));
            canvas.dot(body.x + 1 + u16::try_from(x).unwrap_or(0), body.y + u16::try_from(y).unwrap_or(0), "▀", style);
        }
    }
}

fn colour([red, green, blue]: [u8; 3], colours: Colours) -> Color {
    match colours {
        Colours::Full => Color::Rgb(red, green, blue),
        Colours::None | Colours::Sixteen | Colours::Palette => Color::Indexed(cube([red, green, blue])),
    }
}

/// The nearest of the 6 × 6 × 6 colours, or of the 24 greys for what is nearly grey.
/// <https://invisible-island.net/xterm/ctlseqs/ctlseqs.html>
fn cube([red, green, blue]: [u8; 3]) -> u8 {
    let spread = red.max(green).max(blue) - red.min(green).min(blue);
    if spread < 8 && (8..=238).contains(&green) {
        return 232 + ((green - 8) / 10).min(23);
    }
    // The levels are 0, 95, 135, 175, 215, 255: boundaries lie between them.
    let level = |value: u8| [48, 115, 155, 195, 235].iter().filter(|bound| value >= **bound).count();
    u8::try_from(16 + 36 * level(red) + 6 * level(green) + level(blue)).unwrap_or(16)
}

/// The footer's keys.
pub(super) fn keys(open: &Preview) -> Keys {
    if open.search.field.is_some() {
        return vec![("Enter", "find"), ("Esc", "close")];
    }
    let mut keys = vec![("Esc", "back")];
    if open.next_offset().is_some() {
        keys.push(("v", "next 64 KiB"));
    }
    keys.extend([("t", "text or bytes"), ("/", "find"), ("n", "next"), ("Left Right", "scroll")]);
    keys
}

#[cfg(test)]
mod tests {
    use super::*;

    /// xterm's own table: 16 is black, 231 white, 196 red, 244 a grey of 128.
    #[test]
    fn colours_of_256() {
        for (pixel, index) in
            [([0, 0, 0], 16), ([255, 255, 255], 231), ([255, 0, 0], 196), ([0, 255, 0], 46), ([128, 128, 128], 244), ([95, 135, 175], 67)]
        {
            assert_eq!(cube(pixel), index, "{pixel:?}");
        }
    }
}
