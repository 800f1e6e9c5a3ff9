//! The board as text and as SVG, for the README and for tests.

use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier};

use crate::app::Model;
use crate::config::Theme;

use super::canvas::cells;
use super::look::{Look, Terminal};

/// The screen as lines of text. The model must have been told this size.
pub fn board_text(model: &Model, width: u16, height: u16) -> String {
    let buffer = filled(model, width, height);
    let mut text = String::new();
    for y in 0..height {
        let mut line = String::new();
        let mut skip = 0;
        for x in 0..width {
            if skip > 0 {
                skip -= 1;
                continue;
            }
            let symbol = buffer.cell((x, y)).map_or(" ", Cell::symbol);
            skip = unicode_width::UnicodeWidthStr::width(symbol).saturating_sub(1);
            line.push_str(symbol);
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

const CELL_WIDTH: f32 = 8.4;
const CELL_HEIGHT: u16 = 18;
const MARGIN: u16 = 12;
const BACKGROUND: &str = "#16181d";
const FOREGROUND: &str = "#d7dae0";

/// The screen as an SVG document, colours included. The model must have been told this size.
pub fn board_svg(model: &Model, width: u16, height: u16) -> String {
    let buffer = filled(model, width, height);
    let (pixels_wide, pixels_high) = (f32::from(width) * CELL_WIDTH + f32::from(2 * MARGIN), height * CELL_HEIGHT + 2 * MARGIN);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{pixels_wide:.0}\" height=\"{pixels_high}\" viewBox=\"0 0 {pixels_wide:.0} {pixels_high}\" \
         font-family=\"ui-monospace, Menlo, Consolas, monospace\" font-size=\"14\">\n\
         <rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"{BACKGROUND}\"/>\n"
    );
    for y in 0..height {
        for run in runs(&buffer, y, width) {
            push_run(&mut svg, y, &run);
        }
    }
    svg.push_str("</svg>\n");
    svg
}

fn filled(model: &Model, width: u16, height: u16) -> Buffer {
    let mut buffer = Buffer::empty(Rect::new(0, 0, width, height));
    let theme = match model.theme() {
        Theme::Light => Theme::Dark,
        theme @ (Theme::Auto | Theme::Dark | Theme::Mono | Theme::File(_)) => theme.clone(),
    };
    super::paint(model, &Look::new(&theme, Terminal::default()), &mut buffer);
    buffer
}

/// Neighbouring cells of one style.
struct Run {
    x: u16,
    cells: u16,
    text: String,
    front: Color,
    back: Color,
    modifier: Modifier,
}

fn runs(buffer: &Buffer, y: u16, width: u16) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for x in 0..width {
        let Some(cell) = buffer.cell((x, y)) else { continue };
        match runs.last_mut() {
            Some(run) if (run.front, run.back, run.modifier) == (cell.fg, cell.bg, cell.modifier) => {
                run.text.push_str(cell.symbol());
                run.cells += 1;
            }
            _ => runs.push(Run { x, cells: 1, text: cell.symbol().to_owned(), front: cell.fg, back: cell.bg, modifier: cell.modifier }),
        }
    }
    runs
}

fn push_run(svg: &mut String, y: u16, run: &Run) {
    let x = f32::from(MARGIN) + f32::from(run.x) * CELL_WIDTH;
    let top = MARGIN + y * CELL_HEIGHT;
    let width = f32::from(run.cells) * CELL_WIDTH;
    if run.back != Color::Reset {
        svg.push_str(&format!(
            "<rect x=\"{x:.1}\" y=\"{top}\" width=\"{width:.1}\" height=\"{CELL_HEIGHT}\" fill=\"{}\"/>\n",
            hex(run.back, BACKGROUND)
        ));
    }
    let weight = if run.modifier.contains(Modifier::BOLD) { " font-weight=\"bold\"" } else { "" };
    let line = if run.modifier.contains(Modifier::UNDERLINED) { " text-decoration=\"underline\"" } else { "" };
    let (y, fill) = (top + CELL_HEIGHT - 5, hex(run.front, FOREGROUND));
    for (before, word) in words(&run.text) {
        let x = x + f32::from(before) * CELL_WIDTH;
        let width = f32::from(cells(word)) * CELL_WIDTH;
        svg.push_str(&format!(
            "<text x=\"{x:.1}\" y=\"{y}\" textLength=\"{width:.1}\" fill=\"{fill}\"{weight}{line}>{}</text>\n",
            escaped(word)
        ));
    }
}

/// Words with the cells before them. Each is placed for itself: fonts differ in width, and a viewer that knows no `textLength`
/// would push the end of a long line out of the picture.
fn words(text: &str) -> Vec<(u16, &str)> {
    let mut found = Vec::new();
    let mut before = 0;
    for part in text.split_inclusive(' ') {
        let word = part.trim_end_matches(' ');
        if !word.is_empty() {
            found.push((before, word));
        }
        before += cells(part);
    }
    found
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// The sixteen colours as a calm dark terminal shows them.
fn hex(colour: Color, otherwise: &str) -> String {
    match colour {
        Color::Reset | Color::Indexed(_) => otherwise,
        Color::Black => "#16181d",
        Color::Red => "#d8686d",
        Color::Green => "#8fbf7f",
        Color::Yellow => "#e0c074",
        Color::Blue => "#6ea4e8",
        Color::Magenta => "#c792ea",
        Color::Cyan => "#6cc7d1",
        Color::Gray => "#b0b5bd",
        Color::DarkGray => "#7d828c",
        Color::LightRed => "#f07b80",
        Color::LightGreen => "#a9d99a",
        Color::LightYellow => "#f2d58c",
        Color::LightBlue => "#8fbdf5",
        Color::LightMagenta => "#d9a9f5",
        Color::LightCyan => "#8fdde6",
        Color::White => "#ffffff",
        Color::Rgb(red, green, blue) => return format!("#{red:02x}{green:02x}{blue:02x}"),
    }
    .to_owned()
}
