//! Aligned columns for people.

use unicode_width::UnicodeWidthStr;

use crate::domain::escape::visible;

use super::output::{Ink, Output};

/// One field of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cell {
    text: String,
    ink: Ink,
}

impl Cell {
    /// A text from anywhere; it is escaped here. An empty one becomes a dash, so that columns can be counted.
    pub(super) fn new(text: &str) -> Self {
        Self::inked(Ink::Plain, text)
    }

    /// The same in an ink.
    pub(super) fn inked(ink: Ink, text: &str) -> Self {
        let text = if text.is_empty() { "-".to_owned() } else { visible(text).into_owned() };
        Self { text, ink }
    }

    /// A text that may be missing.
    pub(super) fn optional(text: Option<&str>) -> Self {
        Self::new(text.unwrap_or_default())
    }
}

/// Prints a heading and its rows, each column as wide as its widest field, two spaces between, none at the end.
pub(super) fn print(output: &Output, heading: &[&str], rows: &[Vec<Cell>]) {
    let heading: Vec<Cell> = heading.iter().map(|word| Cell::inked(Ink::Bold, word)).collect();
    let lines = || std::iter::once(&heading).chain(rows);
    let widths: Vec<usize> =
        (0..heading.len()).map(|column| lines().filter_map(|line| line.get(column)).map(width).max().unwrap_or(0)).collect();
    for line in lines() {
        output.line(&aligned(output, line, &widths));
    }
}

fn width(cell: &Cell) -> usize {
    cell.text.width()
}

fn aligned(output: &Output, line: &[Cell], widths: &[usize]) -> String {
    let mut text = String::new();
    for (column, cell) in line.iter().enumerate() {
        text.push_str(&output.inked(cell.ink, &cell.text));
        if column + 1 < line.len() {
            let gap = widths.get(column).map_or(0, |widest| widest - width(cell)) + 2;
            text.extend(std::iter::repeat_n(' ', gap));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::output::recorded;
    use super::*;

    #[test]
    fn columns_are_as_wide_as_what_is_seen() {
        let (output, stdout, _) = recorded::text();
        let rows = [
            vec![Cell::new("東京"), Cell::new("Requester")],
            vec![Cell::new("a\u{202e}b"), Cell::new("")],
            vec![Cell::optional(None), Cell::new("BucketOwner")],
        ];
        print(&output, &["BUCKET", "PAYER"], &rows);
        assert_eq!(
            stdout.text(),
            "BUCKET      PAYER\n\
             東京        Requester\n\
             a\\u{202e}b  -\n\
             -           BucketOwner\n"
        );
    }
}
