//! Which language a text is in: its name, its content type, its first line.

use super::languages::{ALL, JSON, PLAIN};
use super::material::Material;

/// How a language is taken apart; one row of the table.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Language {
    /// As people write it.
    pub(super) name: &'static str,
    /// What stands after the last dot of file names, lower case.
    pub(super) files: &'static [&'static str],
    /// Whole names of files.
    pub(super) names: &'static [&'static str],
    /// Media types beside `text/x-NAME`.
    pub(super) types: &'static [&'static str],
    pub(super) shape: Shape,
    /// What comments to the line's end begin with.
    pub(super) line_comments: &'static [&'static str],
    pub(super) block_comment: Option<Block>,
    /// The longer ones first.
    pub(super) quotes: &'static [Quote],
    /// Between single blanks, lower case where the case does not matter.
    pub(super) keywords: &'static str,
    /// Built-in types and values, written the same way.
    pub(super) known: &'static str,
}

/// What kind of text it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// Words, numbers, strings and comments.
    Code,
    /// The same, and the case of words does not matter.
    CaselessCode,
    /// Strings before a colon are names.
    Data,
    /// Lines begin with a name, or are a section's head.
    Settings,
    /// Tags.
    Markup,
    /// Heads, fences and running text.
    Prose,
    /// Nothing is known.
    Plain,
}

/// Comments over several lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Block {
    pub(super) open: &'static str,
    pub(super) close: &'static str,
    pub(super) nests: Nests,
}

/// Whether a comment may stand inside a comment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Nests {
    /// As in Rust.
    Yes,
    /// As in C.
    No,
}

/// A string.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Quote {
    pub(super) open: &'static str,
    pub(super) close: &'static str,
    pub(super) escape: Escape,
    pub(super) reach: Reach,
}

/// What takes the closing quote its meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Escape {
    /// A backslash before it.
    Backslash,
    /// Nothing; a doubled quote is read as two strings, which looks the same.
    Nothing,
    /// As with a backslash, but a single character: `'a'`; a quote that is none of these begins a lifetime.
    OneCharacter,
}

/// How far a string may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    /// To the end of the line at most.
    Line,
    /// Over several lines.
    Lines,
}

impl Language {
    /// Whether JSON on one line may be looked for in it.
    pub(super) fn may_be_json(&self) -> bool {
        self == &JSON || self == &PLAIN
    }

    /// Whether its name or type say that it is one document of JSON.
    pub(super) fn is_json(&self) -> bool {
        self == &JSON
    }

    /// Whether a pattern of delimiters may make a table of it.
    pub(super) fn says_nothing(&self) -> bool {
        self == &PLAIN
    }
}

/// The language of a text; plain text if nothing speaks for another one.
pub(super) fn of(material: &Material<'_>, text: &str) -> &'static Language {
    let found = by_file(material).or_else(|| by_type(&material.media_type()));
    found.or_else(|| by_first_line(text).filter(|_| material.begins())).unwrap_or(&PLAIN)
}

fn by_file(material: &Material<'_>) -> Option<&'static Language> {
    let extension = material.extension();
    ALL.iter().copied().find(|language| language.names.contains(&material.name) || language.files.contains(&extension.as_str()))
}

fn by_type(media_type: &str) -> Option<&'static Language> {
    let kind = media_type.split_once('/').map(|(_, kind)| kind.strip_prefix("x-").unwrap_or(kind))?;
    let by_suffix = || kind.rsplit_once('+').map(|(_, suffix)| suffix);
    let named = |wanted: &str| {
        let is_it = |language: &&Language| language.types.contains(&wanted) || language.name.eq_ignore_ascii_case(wanted);
        ALL.iter().copied().find(is_it)
    };
    named(kind).or_else(|| by_suffix().and_then(named))
}

fn by_first_line(text: &str) -> Option<&'static Language> {
    let line = text.trim_start().lines().next()?;
    let named = |name: &str| ALL.iter().copied().find(|language| language.name == name);
    if let Some(program) = line.strip_prefix("#!") {
        let word = program.split(['/', ' ']).rfind(|word| !word.is_empty() && !word.starts_with('-'))?;
        return match word.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.') {
            "sh" | "bash" | "zsh" | "dash" | "ksh" => named("Shell"),
            "python" => named("Python"),
            "node" => named("JavaScript"),
            "ruby" => named("Ruby"),
            "perl" => named("Perl"),
            _ => None,
        };
    }
    let lower = line.to_ascii_lowercase();
    if ["<!doctype html", "<html"].iter().any(|start| lower.starts_with(start)) {
        return named("HTML");
    }
    if ["<?xml", "<!doctype", "<svg"].iter().any(|start| lower.starts_with(start)) {
        return named("XML");
    }
    let json = [("{", "\"}"), ("[", "{[\"")].iter().any(|(open, next)| {
        let inside = text.trim_start().strip_prefix(open).map(str::trim_start);
        inside.is_some_and(|inside| inside.starts_with(|c: char| next.contains(c)))
    });
    json.then_some(&JSON)
}
