//! Takes lines apart into coloured pieces, by one row of the table of languages.
//!
//! It knows no grammar: words, numbers, strings and comments are what the eye looks for. Every character of a line leaves once,
//! in its order, whatever the line is; what it does not understand is plain.

use std::borrow::Cow;

use super::language::{Block, Escape, Language, Nests, Quote, Reach, Shape};
use super::text::Style;

/// Where pieces go.
type Sink<'s> = &'s mut dyn FnMut(&str, Style);

/// What goes on from one line to the next.
#[derive(Debug, Clone, Copy)]
enum State {
    Open,
    Comment(Block, usize),
    Quoted(Quote),
    /// Between `<` and `>`.
    Tag,
    /// Between two lines of three backticks.
    Fence,
}

/// Colours the lines of one text, from its first one on.
pub(super) struct Lexer {
    language: &'static Language,
    /// Keywords and known words, sorted.
    words: Vec<(&'static str, Style)>,
    state: State,
}

impl Lexer {
    pub(super) fn new(language: &'static Language) -> Self {
        let keywords = language.keywords.split_whitespace().map(|word| (word, Style::Keyword));
        let mut words: Vec<_> = keywords.chain(language.known.split_whitespace().map(|word| (word, Style::Type))).collect();
        words.sort_by_key(|(word, _)| *word);
        Self { language, words, state: State::Open }
    }

    /// Colours a line and remembers what goes on behind its end.
    pub(super) fn line(&mut self, line: &str, sink: Sink<'_>) {
        let rest = match self.language.shape {
            Shape::Plain => return sink(line, Style::Plain),
            Shape::Prose => self.prose_start(line, sink),
            Shape::Settings => self.setting_start(line, sink),
            Shape::Code | Shape::CaselessCode | Shape::Data | Shape::Markup => line,
        };
        let mut scan = Scan { rest, before: None };
        while !scan.rest.is_empty() {
            self.piece(&mut scan, sink);
        }
        if matches!(self.state, State::Quoted(quote) if quote.reach == Reach::Line) {
            self.state = State::Open;
        }
    }

    fn piece(&mut self, scan: &mut Scan<'_>, sink: Sink<'_>) {
        match self.state {
            State::Comment(block, depth) => self.comment(block, depth, scan, sink),
            State::Quoted(quote) => self.quoted(quote, scan, sink),
            State::Tag => self.in_tag(scan, sink),
            State::Fence => scan.give(scan.rest.len(), Style::Text, sink),
            State::Open => match self.language.shape {
                Shape::Markup => self.between_tags(scan, sink),
                Shape::Prose => self.running_text(scan, sink),
                Shape::Code | Shape::CaselessCode | Shape::Data | Shape::Settings | Shape::Plain => self.code(scan, sink),
            },
        }
    }

    fn code(&mut self, scan: &mut Scan<'_>, sink: Sink<'_>) {
        let Some(first) = scan.rest.chars().next() else { return };
        if self.begins_comment(scan) || self.begins_block(scan, sink) || self.begins_quote(scan, sink) {
            return;
        }
        if first.is_ascii_digit() {
            scan.give(number_length(scan.rest), Style::Number, sink);
        } else if is_word(first) {
            let length = word_length(scan.rest);
            scan.give(length, self.word_style(&scan.rest[..length], &scan.rest[length..]), sink);
        } else {
            let is_other = |c: char| !is_word(c) && !c.is_ascii_digit() && !c.is_ascii_punctuation();
            let length = scan.rest.find(|c| !is_other(c)).unwrap_or(scan.rest.len());
            scan.give(length.max(first.len_utf8()), Style::Plain, sink);
        }
    }

    /// A comment to the end of the line is a block that no line goes on with.
    fn begins_comment(&mut self, scan: &mut Scan<'_>) -> bool {
        let begins = |mark: &&&str| scan.rest.starts_with(**mark) && (mark.len() > 1 || scan.before.is_none_or(char::is_whitespace));
        let block = self.language.block_comment.filter(|block| scan.rest.starts_with(block.open));
        if block.is_some() || !self.language.line_comments.iter().any(|mark| begins(&mark)) {
            return false;
        }
        self.state = State::Quoted(TO_THE_END);
        true
    }

    fn begins_block(&mut self, scan: &mut Scan<'_>, sink: Sink<'_>) -> bool {
        let Some(block) = self.language.block_comment.filter(|block| scan.rest.starts_with(block.open)) else { return false };
        scan.give(block.open.len(), Style::Comment, sink);
        self.state = State::Comment(block, 1);
        true
    }

    fn comment(&mut self, block: Block, depth: usize, scan: &mut Scan<'_>, sink: Sink<'_>) {
        // One pass for both marks: a search for each would be quadratic where one of them never comes.
        let opens = |rest: &str| block.nests == Nests::Yes && rest.starts_with(block.open);
        let mark = scan
            .rest
            .char_indices()
            .map(|(place, _)| (place, &scan.rest[place..]))
            .find(|(_, rest)| rest.starts_with(block.close) || opens(rest));
        let (length, depth) = match mark {
            Some((place, rest)) if opens(rest) => (place + block.open.len(), depth.saturating_add(1)),
            Some((place, _)) => (place + block.close.len(), depth.saturating_sub(1)),
            None => (scan.rest.len(), depth),
        };
        scan.give(length, Style::Comment, sink);
        self.state = if depth == 0 { State::Open } else { State::Comment(block, depth) };
    }

    fn begins_quote(&mut self, scan: &mut Scan<'_>, sink: Sink<'_>) -> bool {
        let inside_word = |quote: &Quote| quote.open.starts_with(is_word) && scan.before.is_some_and(is_word);
        let Some(quote) = self.language.quotes.iter().find(|quote| scan.rest.starts_with(quote.open) && !inside_word(quote)) else {
            return false;
        };
        if quote.escape == Escape::OneCharacter {
            let (length, style) = character_or_lifetime(scan.rest);
            scan.give(length, style, sink);
            return true;
        }
        let inside = &scan.rest[quote.open.len()..];
        let length = quote.open.len() + end_of_quote(inside, quote).unwrap_or(inside.len());
        let is_name = self.language.shape == Shape::Data && scan.rest[length..].trim_start().starts_with(':');
        if end_of_quote(inside, quote).is_none() {
            self.state = State::Quoted(*quote);
        }
        scan.give(length, if is_name { Style::Name } else { Style::Text }, sink);
        true
    }

    fn quoted(&mut self, quote: Quote, scan: &mut Scan<'_>, sink: Sink<'_>) {
        let style = if quote == TO_THE_END { Style::Comment } else { Style::Text };
        let end = if quote == TO_THE_END { None } else { end_of_quote(scan.rest, &quote) };
        scan.give(end.unwrap_or(scan.rest.len()), style, sink);
        if end.is_some() {
            self.state = State::Open;
        }
    }

    fn word_style(&self, word: &str, after: &str) -> Style {
        let folded = match self.language.shape {
            Shape::CaselessCode => Cow::Owned(word.to_ascii_lowercase()),
            Shape::Code | Shape::Data | Shape::Settings | Shape::Markup | Shape::Prose | Shape::Plain => Cow::Borrowed(word),
        };
        if let Ok(place) = self.words.binary_search_by_key(&folded.as_ref(), |(word, _)| *word) {
            self.words[place].1
        } else if self.language.shape == Shape::Code && (after.starts_with('(') || after.starts_with('!') && !after.starts_with("!=")) {
            Style::Name
        } else if self.language.shape == Shape::Code && word.starts_with(|c: char| c.is_ascii_uppercase()) {
            Style::Type
        } else {
            Style::Plain
        }
    }

    /// `[section]` and `name =`, `name:`, `- name:`; what follows is taken apart as code.
    fn setting_start<'l>(&self, line: &'l str, sink: Sink<'_>) -> &'l str {
        let State::Open = self.state else { return line };
        let start = line.len() - line.trim_start_matches([' ', '\t', '-']).len();
        let (indent, rest) = line.split_at(start);
        if rest.starts_with('[') && rest.trim_end().ends_with(']') && start == 0 {
            sink(line, Style::Head);
            return "";
        }
        let is_mark =
            |rest: &str| rest.starts_with('=') || rest.strip_prefix(':').is_some_and(|after| after.is_empty() || after.starts_with(' '));
        let end = rest.find(['=', ':', '#', ';', '"', '\'', '{', '[']).filter(|end| *end > 0 && is_mark(&rest[*end..]));
        let Some(end) = end else { return line };
        sink(indent, Style::Plain);
        sink(&rest[..end], Style::Name);
        sink(&rest[end..=end], Style::Plain);
        &rest[end + 1..]
    }

    /// Heads, fences and citations take the whole line.
    fn prose_start<'l>(&mut self, line: &'l str, sink: Sink<'_>) -> &'l str {
        let start = line.trim_start();
        let style = match self.state {
            State::Fence | State::Open if start.starts_with("```") => {
                self.state = if matches!(self.state, State::Fence) { State::Open } else { State::Fence };
                Style::Comment
            }
            State::Open if start.starts_with('#') && start.trim_start_matches('#').starts_with(' ') => Style::Head,
            State::Open if start.starts_with('>') => Style::Comment,
            State::Open | State::Fence | State::Comment(..) | State::Quoted(_) | State::Tag => return line,
        };
        sink(line, style);
        ""
    }

    fn running_text(&mut self, scan: &mut Scan<'_>, sink: Sink<'_>) {
        if self.begins_block(scan, sink) || self.begins_quote(scan, sink) {
            return;
        }
        let first = scan.rest.chars().next().map_or(0, char::len_utf8);
        let length = scan.rest[first..].find(['`', '<']).map_or(scan.rest.len(), |place| first + place);
        scan.give(length, Style::Plain, sink);
    }

    fn between_tags(&mut self, scan: &mut Scan<'_>, sink: Sink<'_>) {
        if self.begins_block(scan, sink) {
            return;
        }
        if scan.rest.starts_with('<') {
            let is_name = |c: char| is_word(c) || c.is_ascii_digit() || matches!(c, '/' | '!' | '?' | ':' | '-' | '.');
            let length = scan.rest[1..].find(|c| !is_name(c)).map_or(scan.rest.len(), |place| place + 1);
            self.state = State::Tag;
            return scan.give(length, Style::Keyword, sink);
        }
        let length = scan.rest.find('<').unwrap_or(scan.rest.len());
        scan.give(length, Style::Plain, sink);
    }

    fn in_tag(&mut self, scan: &mut Scan<'_>, sink: Sink<'_>) {
        let end = scan.rest.trim_start_matches(['/', '?']);
        if end.starts_with('>') {
            self.state = State::Open;
            return scan.give(scan.rest.len() - end.len() + 1, Style::Keyword, sink);
        }
        let Some(quote) = self.language.quotes.iter().find(|quote| scan.rest.starts_with(quote.open)) else {
            let is_name = |c: char| is_word(c) || c.is_ascii_digit() || matches!(c, ':' | '-' | '.');
            let length = scan.rest.find(|c| !is_name(c)).unwrap_or(scan.rest.len());
            let first = scan.rest.chars().next().map_or(0, char::len_utf8);
            return scan.give(length.max(first), if length > 0 { Style::Name } else { Style::Plain }, sink);
        };
        // A value that goes on behind the line's end is rare; the tag goes on with it.
        let inside = &scan.rest[quote.open.len()..];
        let length = quote.open.len() + end_of_quote(inside, quote).unwrap_or(inside.len());
        scan.give(length, Style::Text, sink);
    }
}

/// A comment to the end of the line, told as a quote that nothing closes.
const TO_THE_END: Quote = Quote { open: "", close: "\n", escape: Escape::Nothing, reach: Reach::Line };

/// What is left of a line, and the character before it.
struct Scan<'l> {
    rest: &'l str,
    before: Option<char>,
}

impl Scan<'_> {
    fn give(&mut self, length: usize, style: Style, sink: Sink<'_>) {
        let (piece, rest) = self.rest.split_at(length);
        self.before = piece.chars().next_back().or(self.before);
        self.rest = rest;
        sink(piece, style);
    }
}

/// Letters of any script, with what is drawn on them.
fn is_word(c: char) -> bool {
    c.is_ascii_alphabetic() || c == '_' || !c.is_ascii()
}

fn word_length(text: &str) -> usize {
    text.find(|c: char| !(is_word(c) || c.is_ascii_digit())).unwrap_or(text.len())
}

/// `12`, `0xff`, `1_000.5`, `6.02e-23`; the point of `1..2` and `1.max()` is none of the number's.
fn number_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    let digit_after = |place: usize| bytes.get(place + 1).is_some_and(u8::is_ascii_digit);
    let is_hex = text.starts_with("0x") || text.starts_with("0X");
    let belongs = |place: usize, byte: u8| match byte {
        b'.' => digit_after(place),
        b'+' | b'-' => !is_hex && place > 0 && matches!(bytes[place - 1], b'e' | b'E') && digit_after(place),
        byte => byte.is_ascii_alphanumeric() || byte == b'_',
    };
    bytes.iter().enumerate().position(|(place, byte)| !belongs(place, *byte)).unwrap_or(bytes.len())
}

/// Where the quote ends, its closing mark included.
fn end_of_quote(inside: &str, quote: &Quote) -> Option<usize> {
    let mut place = 0;
    while let Some(rest) = inside.get(place..).filter(|rest| !rest.is_empty()) {
        if rest.starts_with(quote.close) {
            return Some(place + quote.close.len());
        }
        let mut characters = rest.chars();
        let first = characters.next().map_or(0, char::len_utf8);
        let escaped = quote.escape == Escape::Backslash && rest.starts_with('\\');
        place += first + if escaped { characters.next().map_or(0, char::len_utf8) } else { 0 };
    }
    None
}

/// `'a'`, `'\n'`, `'\u{e9}'`, or a lifetime.
fn character_or_lifetime(text: &str) -> (usize, Style) {
    let inside = &text[1..];
    let end = match inside.chars().next() {
        Some('\\') => inside[1..].char_indices().skip(1).find(|(_, c)| *c == '\'').map(|(place, _)| place + 3),
        Some(c) if inside[c.len_utf8()..].starts_with('\'') => Some(c.len_utf8() + 2),
        Some(_) | None => None,
    };
    match end {
        Some(length) => (length, Style::Text),
        None => (1 + word_length(inside), Style::Type),
    }
}
