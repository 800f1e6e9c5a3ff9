//! From the first bytes of an object to something that can be shown.
//!
//! Comes in: what one ranged request brought, and what the store says of it. Goes out: text in colours, a table, a picture or
//! bytes, with notes on what was done and what is missing. Forbidden here: I/O, clocks, drawing.
//!
//! Everything that comes in is hostile: every decoder has a limit, its errors become notes, and text passes
//! `domain::escape::visible` before it leaves. What a sample is, is asked in this order:
//!
//! ```text
//!  bytes -> gzip? looked through -> picture? -> known binary? -> text in some encoding? -> table, JSON, source, plain
//!                                       \            \                 \
//!                                        +------------+-----------------+---> hex, and a note that says why
//! ```

mod characters;
mod hex;
mod json;
mod language;
mod languages;
mod lexer;
mod magic;
mod material;
mod picture;
mod table;
mod text;
mod unpack;
mod words;

pub use hex::Hex;
pub use picture::Picture;
pub use table::{Align, Table};
pub use text::{Line, Span, Style, Text};

use characters::Trust;
use material::Material;
use text::Layout;

/// No more lines, and no more rows of a table, are ever shown of one sample.
pub const MOST_LINES: usize = 5_000;
/// A line is cut after so many characters, and says so.
pub const LONGEST_LINE: usize = 2_000;
/// No more bytes of a text are looked at; gzip is not unpacked further.
pub const MOST_BYTES: usize = 1 << 20;

/// What is known of the bytes.
#[derive(Debug, Clone, Copy)]
pub struct Sample<'a> {
    /// The whole key; its end says which language a text may be in.
    pub key: &'a str,
    /// `Content-Type` as the store gave it.
    pub content_type: Option<&'a str>,
    /// `Content-Encoding` as the store gave it.
    pub content_encoding: Option<&'a str>,
    /// What the request brought.
    pub bytes: &'a [u8],
    /// Where in the object the bytes begin.
    pub offset: u64,
    /// The size of the object, where it is known.
    pub total: Option<u64>,
}

/// How the bytes are to be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// As what they turn out to be.
    Auto,
    /// As the text that they are, whatever it looks like: no table, no picture, nothing indented anew.
    Text,
    /// As the bytes that are stored, gzip and all.
    Hex,
}

/// What the bytes turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum View {
    /// Lines of text.
    Text(Text),
    /// Rows and columns.
    Table(Table),
    /// Bytes.
    Hex(Hex),
    /// A small picture.
    Picture(Picture),
    /// There are no bytes.
    Empty,
}

/// What can be drawn, and what is to be said about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// What can be drawn.
    pub view: View,
    /// One short line each, escaped: "gzip: looked through", "first 64 KiB of 12 MiB".
    pub notes: Vec<String>,
}

/// Finds out what the bytes are. Never fails: what cannot be shown otherwise is shown as bytes.
pub fn look(sample: &Sample<'_>, mode: Mode) -> Shown {
    let mut notes: Vec<String> = words::range(sample).into_iter().collect();
    if sample.bytes.is_empty() {
        return Shown { view: View::Empty, notes };
    }
    let view = match mode {
        Mode::Hex => bytes_of(&Material::stored(sample), &mut notes),
        Mode::Text => as_text(&unpack::opened(sample, &mut notes), &mut notes),
        Mode::Auto => as_what_it_is(&unpack::opened(sample, &mut notes), &mut notes),
    };
    Shown { view, notes }
}

fn as_text(material: &Material<'_>, notes: &mut Vec<String>) -> View {
    match characters::decoded(material, Trust::Asked, notes) {
        Some(decoded) => plain(material, &decoded, notes),
        None => bytes_of(material, notes),
    }
}

fn as_what_it_is(material: &Material<'_>, notes: &mut Vec<String>) -> View {
    if material.bytes.is_empty() {
        return View::Empty;
    }
    if let Some(picture) = picture::drawn(material, notes) {
        return View::Picture(picture);
    }
    if let Some(name) = magic::name(material) {
        notes.push(format!("{name}: shown as bytes"));
        return bytes_of(material, notes);
    }
    match characters::decoded(material, Trust::Earned, notes) {
        Some(decoded) => shaped(material, &decoded, notes),
        None => bytes_of(material, notes),
    }
}

/// Text in the shape that suits it: a table, JSON with line ends, or as it stands.
fn shaped(material: &Material<'_>, decoded: &characters::Decoded, notes: &mut Vec<String>) -> View {
    let language = language::of(material, &decoded.text);
    if let Some(table) = table::read(material, language, &decoded.text, notes) {
        return View::Table(table);
    }
    let indented = match material.begins() {
        true if language.may_be_json() => json::indented(&decoded.text),
        false if language.is_json() => json::indented_later_part(&decoded.text),
        true | false => None,
    };
    let Some(indented) = indented else { return plain(material, decoded, notes) };
    notes.push("JSON on one line: shown with line ends".to_owned());
    let layout = Layout { language: &languages::JSON, encoding: decoded.encoding, goes_on: material.goes_on() };
    View::Text(text::laid_out(&indented, &layout, notes))
}

fn plain(material: &Material<'_>, decoded: &characters::Decoded, notes: &mut Vec<String>) -> View {
    let language = language::of(material, &decoded.text);
    let layout = Layout { language, encoding: decoded.encoding, goes_on: material.goes_on() };
    View::Text(text::laid_out(&decoded.text, &layout, notes))
}

fn bytes_of(material: &Material<'_>, notes: &mut Vec<String>) -> View {
    View::Hex(hex::dump(&material.bytes, material.offset, notes))
}
