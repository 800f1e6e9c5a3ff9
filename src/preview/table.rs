//! Comma- or tab-separated values as rows and columns.
//!
//! Quotes and doubled quotes count, rows of other lengths stay as they are, and a cell that the range cut off ends in `…`.

use unicode_width::UnicodeWidthStr;

use crate::domain::escape::visible;

use super::MOST_LINES;
use super::language::Language;
use super::material::Material;
use super::words::counted;

/// More columns than this are counted, not shown.
const MOST_COLUMNS: usize = 256;
/// A cell is cut after so many characters.
const LONGEST_CELL: usize = 200;
/// So many lines must agree before a text without a label is a table.
const TRIED_LINES: usize = 20;
/// Cells beyond this number are left for the next page: a table of commas alone would be large.
const MOST_CELLS: usize = 200_000;

/// Rows and columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// The first row, or numbers from 1 on where the first row is data. Rows may have fewer cells, and more.
    pub columns: Vec<String>,
    /// The cells, escaped, cut where they are long.
    pub rows: Vec<Vec<String>>,
    /// How many terminal cells the widest cell of a column takes, the head included; for the longest row.
    pub widths: Vec<u16>,
    /// To which side the cells of a column lean; for the longest row.
    pub aligns: Vec<Align>,
    /// What stands between two cells.
    pub delimiter: char,
    /// Whether rows follow after the last one.
    pub cut: bool,
}

/// To which side the cells of a column lean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// Words.
    Left,
    /// Numbers, each one of them.
    Right,
}

/// The text as a table, if its name, its type or its pattern says that it is one.
pub(super) fn read(material: &Material<'_>, language: &Language, text: &str, notes: &mut Vec<String>) -> Option<Table> {
    let delimiter = delimiter(material, language, text)?;
    let mut reader = Reader { rest: text, delimiter };
    let (mut rows, mut cells) = (Vec::new(), 0);
    while rows.len() <= MOST_LINES
        && cells < MOST_CELLS
        && let Some(row) = reader.row()
    {
        cells += row.len();
        rows.push(row);
    }
    let over = !reader.rest.is_empty();
    if over {
        notes.push(format!("the first {} are shown", counted(rows.len() as u64, "row")));
    }
    mark_cut_edges(material, text, over, &mut rows);
    Some(laid_out(material, rows, delimiter, over, notes))
}

fn delimiter(material: &Material<'_>, language: &Language, text: &str) -> Option<char> {
    let extension = material.extension();
    match (extension.as_str(), material.media_type().as_str()) {
        ("tsv" | "tab", _) | (_, "text/tab-separated-values") => Some('\t'),
        ("psv", _) => Some('|'),
        ("csv", _) | (_, "text/csv" | "application/csv" | "text/x-csv") => Some(most_agreed(text, 1).unwrap_or(',')),
        ("" | "txt" | "dat" | "data" | "asc", _) if language.says_nothing() => most_agreed(text, 3),
        _ => None,
    }
}

/// The delimiter that stands equally often in the first lines, at least so many of them.
fn most_agreed(text: &str, least: usize) -> Option<char> {
    let lines: Vec<&str> = text.lines().take(TRIED_LINES + 1).collect();
    // The last line may be cut off.
    let whole = if lines.len() > least { &lines[..lines.len() - 1] } else { &lines[..] };
    let agreed = |delimiter: char| {
        let mut counts = whole.iter().map(|line| outside_quotes(line, delimiter));
        let first = counts.next()?;
        // A comma is common in prose; two at the same number in each line are not.
        let enough = first >= if delimiter == ',' && least > 1 { 2 } else { 1 };
        (whole.len() >= least && enough && counts.all(|count| count == first)).then_some((first, delimiter))
    };
    let best = ['\t', ';', '|', ','].into_iter().filter_map(agreed).max_by_key(|(count, _)| *count);
    best.map(|(_, delimiter)| delimiter).or_else(|| (least == 1).then(|| most_often(lines.first()?)).flatten())
}

/// What a file that calls itself a table has most of in its first line.
fn most_often(line: &str) -> Option<char> {
    let counts = [',', '\t', ';', '|'].map(|delimiter| (outside_quotes(line, delimiter), delimiter));
    let most = counts.iter().map(|(count, _)| *count).max()?;
    counts.iter().find(|(count, _)| *count == most && most > 0).map(|(_, delimiter)| *delimiter)
}

fn outside_quotes(line: &str, delimiter: char) -> usize {
    let mut quoted = false;
    let is_outside = |c: &char| {
        quoted ^= *c == '"';
        !quoted && *c == delimiter
    };
    line.chars().filter(is_outside).count()
}

/// Takes rows off the front of a text.
struct Reader<'t> {
    rest: &'t str,
    delimiter: char,
}

impl Reader<'_> {
    /// The next row; empty lines are none.
    fn row(&mut self) -> Option<Vec<String>> {
        self.rest = self.rest.trim_start_matches(['\r', '\n']);
        if self.rest.is_empty() {
            return None;
        }
        let mut row = Vec::new();
        loop {
            row.push(self.cell());
            match self.rest.strip_prefix(self.delimiter) {
                Some(rest) => self.rest = rest,
                None => break,
            }
        }
        self.rest = self.rest.strip_prefix('\r').unwrap_or(self.rest);
        self.rest = self.rest.strip_prefix('\n').unwrap_or(self.rest);
        Some(row)
    }

    /// The text up to the next delimiter or line end that is not quoted.
    fn cell(&mut self) -> String {
        let mut cell = String::new();
        if let Some(inside) = self.rest.strip_prefix('"') {
            self.rest = inside;
            self.quoted_part(&mut cell);
        }
        let is_end = |c: char| c == self.delimiter || c == '\n' || c == '\r';
        let (plain, rest) = self.rest.split_at(self.rest.find(is_end).unwrap_or(self.rest.len()));
        cell.push_str(plain);
        self.rest = rest;
        cell
    }

    /// What stands before the closing quote; two quotes are one of the text.
    fn quoted_part(&mut self, cell: &mut String) {
        loop {
            let Some((before, after)) = self.rest.split_once('"') else {
                cell.push_str(self.rest);
                self.rest = "";
                return;
            };
            cell.push_str(before);
            self.rest = after;
            match after.strip_prefix('"') {
                Some(after) => self.rest = after,
                None => return,
            }
            cell.push('"');
        }
    }
}

/// What the range cut off is marked: a number without its last digits is another number.
fn mark_cut_edges(material: &Material<'_>, text: &str, over: bool, rows: &mut [Vec<String>]) {
    let cut_off = material.goes_on() && !over && !text.ends_with('\n');
    if let Some(cell) = rows.last_mut().and_then(|row| row.last_mut()).filter(|_| cut_off) {
        cell.push('…');
    }
    if let Some(cell) = rows.first_mut().and_then(|row| row.first_mut()).filter(|_| !material.begins()) {
        cell.insert(0, '…');
    }
}

fn laid_out(material: &Material<'_>, rows: Vec<Vec<String>>, delimiter: char, over: bool, notes: &mut Vec<String>) -> Table {
    let longest = rows.iter().map(Vec::len).max().unwrap_or(0);
    if longest > MOST_COLUMNS {
        notes.push(format!("the first {MOST_COLUMNS} of {longest} columns are shown"));
    }
    let mut rows: Vec<Vec<String>> = rows.into_iter().map(|row| row.iter().take(MOST_COLUMNS).map(|cell| shown(cell)).collect()).collect();
    let has_head = material.begins() && rows.len() > 1 && rows.first().is_some_and(|row| !row.iter().any(|cell| is_number(cell)));
    let longest = longest.min(MOST_COLUMNS);
    let columns = if has_head { rows.remove(0) } else { (1..=longest).map(|number| number.to_string()).collect() };
    let width = |column: usize| rows.iter().chain([&columns]).filter_map(|row| row.get(column)).map(|cell| cell.width()).max().unwrap_or(0);
    let widths = (0..longest).map(|column| u16::try_from(width(column)).unwrap_or(u16::MAX)).collect();
    let aligns = (0..longest).map(|column| align(&rows, column)).collect();
    Table { columns, rows, widths, aligns, delimiter, cut: over || material.goes_on() }
}

/// A cell, escaped and cut.
fn shown(cell: &str) -> String {
    match cell.char_indices().nth(LONGEST_CELL) {
        Some((place, _)) => format!("{}…", visible(&cell[..place])),
        None => visible(cell).into_owned(),
    }
}

fn align(rows: &[Vec<String>], column: usize) -> Align {
    let mut cells = rows.iter().filter_map(|row| row.get(column)).filter(|cell| !cell.trim().is_empty()).peekable();
    if cells.peek().is_some() && cells.all(|cell| is_number(cell)) { Align::Right } else { Align::Left }
}

/// `12`, `-3.5`, `1,234.5`, `50 %`, `6e-3`, and what is left of one that was cut off.
fn is_number(cell: &str) -> bool {
    let cell = cell.trim_matches([' ', '%', '…']);
    let digits = cell.strip_prefix(['+', '-']).unwrap_or(cell);
    let belongs = |c: char| c.is_ascii_digit() || matches!(c, '.' | ',' | '_' | 'e' | 'E' | '+' | '-');
    digits.starts_with(|c: char| c.is_ascii_digit() || c == '.')
        && digits.contains(|c: char| c.is_ascii_digit())
        && digits.chars().all(belongs)
        // A date is digits and dashes too.
        && digits.char_indices().all(|(place, c)| c != '-' || digits[..place].ends_with(['e', 'E']))
}
