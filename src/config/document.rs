//! A TOML document whose every mistake has a line and a key, and whose messages never hold a value.
//!
//! Comes in: text. Goes out: [`Table`] walkers that hand out checked values and complain about what nobody asked for.
//! Forbidden here: quoting a value. The parser's own error texts quote the whole line, secret included, so none of them is
//! passed on.

use std::cell::RefCell;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::similar::closest;
use crate::domain::escape::visible;
use crate::domain::{Error, ErrorKind, Money, Result};

/// The name and the line starts of one file: enough to say where something stands.
pub(super) struct Places<'a> {
    name: &'a str,
    text: &'a str,
}

impl<'a> Places<'a> {
    pub(super) fn new(name: &'a str, text: &'a str) -> Self {
        Self { name, text }
    }

    /// The line of a byte, counted from 1.
    pub(super) fn line(&self, offset: usize) -> usize {
        let end = offset.min(self.text.len());
        self.text.as_bytes()[..end].iter().filter(|byte| **byte == b'\n').count() + 1
    }

    /// `FILE:LINE`.
    pub(super) fn at(&self, offset: usize) -> String {
        format!("{}:{}", visible(self.name), self.line(offset))
    }

    /// The file's name, escaped.
    pub(super) fn file(&self) -> String {
        visible(self.name).into_owned()
    }

    fn line_text(&self, offset: usize) -> &str {
        self.text.lines().nth(self.line(offset) - 1).unwrap_or_default()
    }
}

/// Parses the text, or says in our own words where it stops being TOML.
pub(super) fn parse<'a>(places: &Places<'a>) -> Result<Spanned<DeTable<'a>>> {
    DeTable::parse(places.text).map_err(|error| syntax_error(places, error.message(), error.span()))
}

/// What the parser complains about, in words that hold nothing of the text, and the remedy.
const SYNTAX: [(&str, &str, &str); 12] = [
    ("duplicate key", "stands here for the second time", "Keep one of the two."),
    ("invalid basic string", "has a text that is not closed or has a wrong escape", CLOSE_QUOTE),
    ("invalid literal string", "has a text that is not closed", CLOSE_QUOTE),
    ("missing closing quote", "has a text that is not closed", CLOSE_QUOTE),
    ("string values must be quoted", "has a value without quotes", "Write the value in double quotes."),
    ("missing escaped value", "has a wrong escape in a text", "Write `\\\\` for one backslash, or use single quotes."),
    ("cannot extend value", "is used as a table but has a value already", "Give the table or the value another name."),
    ("unclosed", "has a bracket that is not closed", "Close the bracket on this line or the next."),
    ("missing comma", "lacks a comma between two elements", "Put a comma between the elements."),
    ("key with no value", "has no value", "Write KEY = \"VALUE\"."),
    ("missing value", "has no value", "Write KEY = \"VALUE\"."),
    ("cannot recurse", "is nested too deeply", "Use tables no deeper than [[accounts.NAME.buckets]]."),
];

const CLOSE_QUOTE: &str = "Close the text with the quote it began with, on the same line.";

fn syntax_error(places: &Places<'_>, description: &str, span: Option<Range<usize>>) -> Error {
    let offset = span.map_or(0, |span| span.start);
    let (what, hint) = SYNTAX
        .iter()
        .find(|(beginning, _, _)| description.starts_with(beginning))
        .map_or(("is not valid TOML", "Write each setting on its own line as KEY = \"VALUE\"."), |(_, what, hint)| (*what, *hint));
    let subject = subject_of_line(places.line_text(offset));
    Error::new(ErrorKind::Config, format!("{}: {subject} {what}", places.at(offset))).hint(hint)
}

/// The key or header that a broken line is about, if it is one of ours: anything else may be a piece of a secret.
fn subject_of_line(line: &str) -> String {
    let line = line.trim_start();
    if let Some(header) = line.strip_prefix('[') {
        let header = header.trim_start_matches('[').split([']', '"', '\'', '#']).next().unwrap_or_default().trim();
        let known = ["settings", "accounts.", "bucket"].iter().any(|start| header.starts_with(start));
        return if known && header.len() <= 80 { format!("[{}]", visible(header)) } else { "this table".to_owned() };
    }
    let key = line.split('=').next().unwrap_or_default().trim();
    if super::KNOWN_KEYS.contains(&key) { key.to_owned() } else { "this line".to_owned() }
}

/// One table and its full name; it remembers which keys were asked for.
pub(super) struct Table<'t, 'i> {
    pub(super) places: &'t Places<'i>,
    path: String,
    offset: usize,
    table: &'t DeTable<'i>,
    asked: RefCell<Vec<&'static str>>,
}

/// A text value and where it stands.
#[derive(Clone)]
pub(super) struct Text<'t> {
    pub(super) value: &'t str,
    pub(super) key: &'static str,
    pub(super) offset: usize,
}

impl<'t, 'i> Table<'t, 'i> {
    pub(super) fn new(places: &'t Places<'i>, path: String, offset: usize, table: &'t DeTable<'i>) -> Self {
        Self { places, path, offset, table, asked: RefCell::default() }
    }

    /// Where the table begins.
    pub(super) fn offset(&self) -> usize {
        self.offset
    }

    /// The full name of a key.
    pub(super) fn full(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    /// An error about a key of this table.
    pub(super) fn wrong(&self, key: &str, offset: usize, what: &str) -> Error {
        Error::new(ErrorKind::Config, format!("{}: {} {what}", self.places.at(offset), self.full(key)))
    }

    /// An error about the table itself.
    pub(super) fn wrong_table(&self, what: &str) -> Error {
        Error::new(ErrorKind::Config, format!("{}: {} {what}", self.places.at(self.offset), self.path))
    }

    /// A sentence for the list of warnings.
    pub(super) fn warning(&self, key: &str, offset: usize, what: &str) -> String {
        format!("{}: {} {what}", self.places.at(offset), self.full(key))
    }

    /// Whether the key stands there, and where.
    pub(super) fn place_of(&self, key: &str) -> Option<usize> {
        self.entry(key).map(|(offset, _)| offset)
    }

    fn entry(&self, key: &str) -> Option<(usize, &'t Spanned<DeValue<'i>>)> {
        self.table.iter().find(|(name, _)| name.get_ref().as_ref() == key).map(|(name, value)| (name.span().start, value))
    }

    fn ask(&self, key: &'static str) -> Option<(usize, &'t DeValue<'i>)> {
        self.asked.borrow_mut().push(key);
        self.entry(key).map(|(offset, value)| (offset, value.get_ref()))
    }

    /// A text that is there and not empty, or nothing.
    pub(super) fn text(&self, key: &'static str) -> Result<Option<Text<'t>>> {
        let Some((offset, value)) = self.ask(key) else { return Ok(None) };
        let DeValue::String(value) = value else {
            return Err(self.wrong(key, offset, "is not a text").hint(format!("Write {key} = \"…\", in quotes.")));
        };
        if value.trim().is_empty() {
            return Err(self.wrong(key, offset, "is empty").hint("Write a value, or remove the line."));
        }
        if value.chars().any(char::is_control) {
            return Err(self.wrong(key, offset, "holds a control character").hint("Write it on one line, without tabs or escapes."));
        }
        Ok(Some(Text { value, key, offset }))
    }

    /// A text without spaces at its ends, or nothing.
    pub(super) fn word(&self, key: &'static str) -> Result<Option<Text<'t>>> {
        let text = self.text(key)?;
        match text {
            Some(text) if text.value.trim() != text.value => {
                Err(self.wrong(key, text.offset, "has a space at its start or end").hint("Remove the space inside the quotes."))
            }
            text => Ok(text),
        }
    }

    /// One of a few words, or nothing.
    pub(super) fn choice<T: Copy>(&self, key: &'static str, choices: &[(&'static str, T)]) -> Result<Option<(T, usize)>> {
        let Some(text) = self.word(key)? else { return Ok(None) };
        match choices.iter().find(|(word, _)| *word == text.value) {
            Some((_, meaning)) => Ok(Some((*meaning, text.offset))),
            None => {
                let words: Vec<&str> = choices.iter().map(|(word, _)| *word).collect();
                Err(self.wrong(key, text.offset, "has a value that is not known").hint(choice_hint(text.value, &words)))
            }
        }
    }

    /// `AMOUNT CURRENCY`, or nothing.
    pub(super) fn money(&self, key: &'static str) -> Result<Option<Money>> {
        let Some(text) = self.word(key)? else { return Ok(None) };
        match Money::parse(text.value) {
            Some(money) => Ok(Some(money)),
            None => Err(self.wrong(key, text.offset, "is not an amount and a currency").hint("Write it as \"5.00 USD\".")),
        }
    }

    /// A whole number in a range, or nothing.
    pub(super) fn number(&self, key: &'static str, range: std::ops::RangeInclusive<u32>) -> Result<Option<u32>> {
        let Some((offset, value)) = self.ask(key) else { return Ok(None) };
        let hint = format!("Write a whole number from {} to {}.", range.start(), range.end());
        let DeValue::Integer(number) = value else {
            return Err(self.wrong(key, offset, "is not a whole number").hint(hint));
        };
        let parsed = i64::from_str_radix(&number.as_str().replace('_', ""), number.radix()).ok().and_then(|n| u32::try_from(n).ok());
        match parsed.filter(|n| range.contains(n)) {
            Some(number) => Ok(Some(number)),
            None => Err(self.wrong(key, offset, "is out of range").hint(hint)),
        }
    }

    /// A table below this one, or nothing.
    pub(super) fn table(&self, key: &'static str) -> Result<Option<Table<'t, 'i>>> {
        let Some((offset, value)) = self.ask(key) else { return Ok(None) };
        self.as_table(key, offset, value).map(Some)
    }

    /// Every key of this table is the name of a table; in the order of the file.
    pub(super) fn named_tables(&self) -> Result<Vec<(&'t str, Table<'t, 'i>)>> {
        let mut tables = Vec::new();
        for (name, value) in self.table {
            let name_text: &'t str = name.get_ref().as_ref();
            let table = self.as_table(&visible(name_text), name.span().start, value.get_ref())?;
            tables.push((name_text, table));
        }
        tables.sort_unstable_by_key(|(_, table)| table.offset);
        Ok(tables)
    }

    fn as_table(&self, key: &str, offset: usize, value: &'t DeValue<'i>) -> Result<Table<'t, 'i>> {
        let DeValue::Table(table) = value else {
            return Err(self.wrong(key, offset, "is not a table").hint(format!("Write [{}] on a line of its own.", self.full(key))));
        };
        Ok(Table::new(self.places, self.full(key), offset, table))
    }

    /// The tables of `[[key]]`, none if it is absent.
    pub(super) fn list(&self, key: &'static str) -> Result<Vec<Table<'t, 'i>>> {
        let Some((offset, value)) = self.ask(key) else { return Ok(Vec::new()) };
        let hint = format!("Write [[{}]] on a line of its own for each.", self.full(key));
        let DeValue::Array(items) = value else {
            return Err(self.wrong(key, offset, "is not a list of tables").hint(hint));
        };
        let mut tables = Vec::new();
        for item in items {
            let DeValue::Table(table) = item.get_ref() else {
                return Err(self.wrong(key, item.span().start, "is not a list of tables").hint(hint));
            };
            tables.push(Table::new(self.places, self.full(key), item.span().start, table));
        }
        Ok(tables)
    }

    /// Complains about the first key that nobody asked for.
    pub(super) fn no_other_keys(&self) -> Result<()> {
        let asked = self.asked.borrow();
        let unknown = self.table.keys().filter(|key| !asked.contains(&key.get_ref().as_ref())).min_by_key(|key| key.span().start);
        let Some(key) = unknown else { return Ok(()) };
        let name = key.get_ref().as_ref();
        let hint = match closest(name, &asked) {
            Some(known) => format!("Did you mean `{known}`?"),
            None => format!("Remove it. Known here: {}.", asked.join(", ")),
        };
        let shown = if is_plain_key(name) { name } else { "a key here" };
        Err(self.wrong(shown, key.span().start, "is not known").hint(hint))
    }
}

/// Whether an unknown key looks like a setting's name; anything else may be a secret that lost its quotes.
fn is_plain_key(key: &str) -> bool {
    key.len() <= 30 && key.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_' || byte == b'-')
}

/// `Write one of …`, with the nearest word first if one is near.
pub(super) fn choice_hint(written: &str, words: &[&str]) -> String {
    match closest(written, words) {
        Some(word) => format!("Did you mean \"{word}\"? Known: {}.", words.join(", ")),
        None => format!("Write one of: {}.", words.join(", ")),
    }
}
