//! JSON that came on one line gets line ends. It may be cut off anywhere; where it is not JSON, nothing is made of it.
//!
//! Numbers, names and strings leave as they came, byte for byte: only the white space between them is ours.

use super::MOST_LINES;

/// An array of plain values stays on one line up to this length, as coordinates do.
const SHORT: usize = 80;
/// No deeper than this does a line begin: brackets alone would otherwise make lines of any length.
const DEEPEST: usize = 40;

/// The text with line ends and indentation, if it is JSON on one line, whole or cut off.
pub(super) fn indented(text: &str) -> Option<String> {
    let line = only_line(text).filter(|line| line.starts_with(['{', '[']) && line.len() > 2)?;
    Writer::new(line, Start::Beginning).written()
}

/// The same for a later part of such a line: how deep it begins is not known, so what was opened before closes at the margin.
pub(super) fn indented_later_part(text: &str) -> Option<String> {
    let line = only_line(text)?;
    let word = line.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '+' | '.'))).unwrap_or(line.len());
    let string = line.find('"').map_or(line.len(), |quote| quote + 1);
    // It begins in a word or between two things, or else in a string.
    [word, string].into_iter().find_map(|length| {
        let (begun, rest) = line.split_at(length);
        let mut writer = Writer::new(rest, Start::Middle);
        writer.out.push_str(begun);
        writer.written()
    })
}

fn only_line(text: &str) -> Option<&str> {
    let mut lines = text.lines().filter(|line| !line.trim().is_empty());
    let line = lines.next()?.trim();
    lines.next().is_none().then_some(line)
}

/// Where in a document a text begins.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Start {
    Beginning,
    Middle,
}

/// What may come next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    /// A value.
    Value,
    /// A value, or the end of this empty array.
    ValueOrEnd,
    /// A name.
    Name,
    /// A name, or the end of this empty object.
    NameOrEnd,
    /// The colon after a name.
    Colon,
    /// A comma or the end.
    CommaOrEnd,
}

struct Writer<'t> {
    rest: &'t str,
    out: String,
    /// The closing brackets that are due.
    open: Vec<char>,
    next: Next,
    lines: usize,
    start: Start,
}

impl<'t> Writer<'t> {
    fn new(rest: &'t str, start: Start) -> Self {
        Self { rest, out: String::new(), open: Vec::new(), next: Next::Value, lines: 1, start }
    }

    /// Whether this is inside of something that was opened before the text begins.
    fn is_inside_unknown(&self) -> bool {
        self.start == Start::Middle && self.open.is_empty()
    }

    /// Writes until the text ends, or the last line that is shown is full; `None` at the first thing that is not JSON.
    fn written(mut self) -> Option<String> {
        while self.lines <= MOST_LINES {
            self.rest = self.rest.trim_start();
            let Some(first) = self.rest.chars().next() else { break };
            match first {
                '{' | '[' => self.opens(first)?,
                '}' | ']' => self.closes(first)?,
                ',' => self.comma()?,
                ':' => self.colon()?,
                _ => self.plain(first)?,
            }
        }
        Some(self.out)
    }

    fn opens(&mut self, bracket: char) -> Option<()> {
        self.expect(&[Next::Value, Next::ValueOrEnd])?;
        self.begin_value();
        if bracket == '['
            && let Some((array, rest)) = short_array(self.rest)
        {
            self.out.push_str(&array);
            self.rest = rest;
            self.next = Next::CommaOrEnd;
            return Some(());
        }
        self.take(bracket.len_utf8());
        self.open.push(if bracket == '{' { '}' } else { ']' });
        self.next = if bracket == '{' { Next::NameOrEnd } else { Next::ValueOrEnd };
        Some(())
    }

    fn closes(&mut self, bracket: char) -> Option<()> {
        self.expect(&[Next::CommaOrEnd, Next::ValueOrEnd, Next::NameOrEnd])?;
        let unknown = self.is_inside_unknown();
        if self.open.pop() != Some(bracket) && !unknown {
            return None;
        }
        if self.next == Next::CommaOrEnd || unknown {
            self.new_line();
        }
        self.take(bracket.len_utf8());
        self.next = Next::CommaOrEnd;
        Some(())
    }

    fn comma(&mut self) -> Option<()> {
        self.expect(&[Next::CommaOrEnd])?;
        self.next = match self.open.last() {
            Some('}') => Next::Name,
            Some(_) => Next::Value,
            None => Next::ValueOrEnd,
        };
        self.take(1);
        Some(())
    }

    fn colon(&mut self) -> Option<()> {
        self.expect(&[Next::Colon])?;
        self.take(1);
        self.out.push(' ');
        self.next = Next::Value;
        Some(())
    }

    /// A name, a string, a number, `true`, `false` or `null`; what is cut off counts.
    fn plain(&mut self, first: char) -> Option<()> {
        let length = plain_length(self.rest)?;
        let is_name = matches!(self.next, Next::Name | Next::NameOrEnd);
        if is_name && first != '"' {
            return None;
        }
        self.expect(&[Next::Value, Next::ValueOrEnd, Next::Name, Next::NameOrEnd])?;
        self.begin_value();
        self.take(length);
        self.next = if is_name { Next::Colon } else { Next::CommaOrEnd };
        Some(())
    }

    fn expect(&self, possible: &[Next]) -> Option<()> {
        // After the outermost value only the end may come.
        let is_over = self.open.is_empty() && !self.out.is_empty();
        (self.is_inside_unknown() || (!is_over && possible.contains(&self.next))).then_some(())
    }

    /// A new line, unless the value follows its name or is the outermost.
    fn begin_value(&mut self) {
        let follows_name = self.out.ends_with(": ") && self.next == Next::Value;
        if !follows_name && (!self.open.is_empty() || self.start == Start::Middle) {
            self.new_line();
        }
    }

    fn new_line(&mut self) {
        self.lines += 1;
        self.out.push('\n');
        self.out.extend(std::iter::repeat_n("  ", self.open.len().min(DEEPEST)));
    }

    fn take(&mut self, length: usize) {
        let (taken, rest) = self.rest.split_at(length);
        self.out.push_str(taken);
        self.rest = rest;
    }
}

/// How long the string, number or word is that begins here. Of the last thing in a text only the beginning may be there.
fn plain_length(text: &str) -> Option<usize> {
    if text.starts_with('"') {
        return Some(string_length(text));
    }
    let length = text.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '+' | '.'))).unwrap_or(text.len());
    let word = &text[..length];
    let cut = length == text.len();
    let is_word = ["true", "false", "null"].iter().any(|full| *full == word || (cut && full.starts_with(word)));
    (length > 0 && (is_word || is_number(word, cut))).then_some(length)
}

fn string_length(text: &str) -> usize {
    let mut escaped = false;
    for (place, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            b'"' if !escaped => return place + 1,
            _ => escaped = byte == b'\\' && !escaped,
        }
    }
    text.len()
}

fn is_number(word: &str, cut: bool) -> bool {
    let digits = word.trim_start_matches('-');
    let is_whole = word.parse::<f64>().is_ok() && digits.ends_with(|c: char| c.is_ascii_digit());
    let begins = digits.is_empty() || digits.starts_with(|c: char| c.is_ascii_digit());
    let is_cut = cut && word.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b'+' | b'.' | b'e' | b'E'));
    begins && word.len() - digits.len() <= 1 && (is_whole || is_cut)
}

/// An array of plain values that fits on a line, written on one, and what comes after it.
fn short_array(text: &str) -> Option<(String, &str)> {
    let (mut out, mut rest) = ("[".to_owned(), text.strip_prefix('[')?.trim_start());
    if let Some(after) = rest.strip_prefix(']') {
        return Some(("[]".to_owned(), after));
    }
    loop {
        let (value, after) = rest.split_at(plain_length(rest)?);
        out.push_str(value);
        let after = after.trim_start();
        if let Some(after) = after.strip_prefix(']') {
            out.push(']');
            return (out.len() <= SHORT).then_some((out, after));
        }
        rest = after.strip_prefix(',')?.trim_start();
        out.push_str(", ");
        if out.len() > SHORT {
            return None;
        }
    }
}
