//! Lines as they are drawn: coloured, escaped, tabs expanded, cut where they are too long.

use unicode_width::UnicodeWidthChar;

use crate::domain::escape::visible;

use super::language::Language;
use super::lexer::Lexer;
use super::words::counted;
use super::{LONGEST_LINE, MOST_LINES};

const TAB: usize = 4;

/// A text in lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// "JSON", "Rust", "plain text".
    pub language: &'static str,
    /// "UTF-8", "gb18030", "UTF-16 LE".
    pub encoding: &'static str,
    /// From the first byte on.
    pub lines: Vec<Line>,
    /// Whether the text goes on after the last line.
    pub cut: bool,
}

/// A line of a text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Line {
    /// From left to right.
    pub spans: Vec<Span>,
}

/// Characters in one style.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// Escaped by `domain::escape::visible`, tabs expanded.
    pub text: String,
    /// What they are.
    pub style: Style,
}

/// What a piece of text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// Nothing special.
    Plain,
    /// A word of the language, or a tag.
    Keyword,
    /// A string.
    Text,
    /// A number.
    Number,
    /// A comment or a citation.
    Comment,
    /// The name of a field, a setting or a function.
    Name,
    /// A type or a built-in value.
    Type,
    /// Not of the text: marks of our own.
    Dim,
    /// A heading or a section.
    Head,
}

/// What a text is laid out by.
pub(super) struct Layout {
    pub(super) language: &'static Language,
    pub(super) encoding: &'static str,
    /// Whether more follows.
    pub(super) goes_on: bool,
}

/// The first lines of a text.
pub(super) fn laid_out(text: &str, layout: &Layout, notes: &mut Vec<String>) -> Text {
    let mut lexer = Lexer::new(layout.language);
    let mut sources = lines_of(text);
    let lines: Vec<Line> = sources.by_ref().take(MOST_LINES).map(|source| line(&mut lexer, source)).collect();
    let more = sources.next().is_some();
    if more {
        notes.push(format!("the first {MOST_LINES} lines are shown"));
    }
    Text { language: layout.language.name, encoding: layout.encoding, lines, cut: more || layout.goes_on }
}

/// The lines without their ends; only a text without any line feed may have carriage returns for them.
fn lines_of(text: &str) -> Box<dyn Iterator<Item = &str> + '_> {
    if text.contains('\n') || !text.contains('\r') {
        return Box::new(text.lines());
    }
    Box::new(text.split_terminator('\r'))
}

fn line(lexer: &mut Lexer, source: &str) -> Line {
    let mut pen = Pen::default();
    lexer.line(source, &mut |piece, style| pen.write(piece, style));
    pen.line()
}

/// Joins pieces of one style, and stops where the line is full.
#[derive(Default)]
struct Pen {
    spans: Vec<Span>,
    column: usize,
    characters: usize,
    left_out: usize,
}

impl Pen {
    fn write(&mut self, piece: &str, style: Style) {
        let room = LONGEST_LINE - self.characters;
        let (kept, over) = match piece.char_indices().nth(room) {
            Some((place, _)) => piece.split_at(place),
            None => (piece, ""),
        };
        self.characters += kept.chars().count();
        self.left_out += over.chars().count();
        // Marks stay with the character that they are drawn on, whatever the lexer thought of them.
        let bare = if self.spans.is_empty() { kept } else { kept.trim_start_matches(|c: char| c.width() == Some(0)) };
        let (marks, kept) = kept.split_at(kept.len() - bare.len());
        if let Some(span) = self.spans.last_mut() {
            span.text.push_str(marks);
        }
        if kept.is_empty() {
            return;
        }
        if self.spans.last().is_none_or(|span| span.style != style) {
            self.spans.push(Span { text: String::with_capacity(kept.len()), style });
        }
        if let Some(span) = self.spans.last_mut() {
            kept.chars().for_each(|c| push_expanded(&mut span.text, &mut self.column, c));
        }
    }

    /// The pieces are escaped only when they are whole: a mark needs to see what it stands on.
    fn line(self) -> Line {
        let mut spans = self.spans;
        spans.iter_mut().for_each(|span| span.text = visible(&span.text).into_owned());
        if self.left_out > 0 {
            spans.push(Span { text: format!("… {} more", counted(self.left_out as u64, "character")), style: Style::Dim });
        }
        Line { spans }
    }
}

fn push_expanded(text: &mut String, column: &mut usize, c: char) {
    let width = if c == '\t' { TAB - *column % TAB } else { c.width().unwrap_or(0) };
    match c {
        '\t' => text.extend(std::iter::repeat_n(' ', width)),
        _ => text.push(c),
    }
    *column += width;
}
