//! A page of keys, from the bytes of the answer straight into a [`Leaf`].
//!
//! Comes in: an answer. Goes out: a packed page. Forbidden here: a row that is owned on its way, a character that is dropped (an
//! entity is an event of its own), and every page that the general listings would refuse as well.
//!
//! A listing is what a requester reads most of. The general reader hands each element out as a text of its own; here texts are
//! borrowed from the answer, keys are decoded into the page's own text, and dates and entity tags become numbers at once.

use std::borrow::Cow;

use jiff::Timestamp;
use quick_xml::Reader;
use quick_xml::events::Event;

use super::super::xml::{self, Fault};
use super::arguments::KeysPage;
use super::document::{Document, number, truth};
use super::listing_strict;
use super::words::Words;
use crate::domain::leaf::Facts;
use crate::domain::{Leaf, LeafBuilder, Result};

/// The root of the document.
const ROOT: &str = "ListBucketResult";
/// What a page has: both clouds end it there.
const ROWS: usize = 1000;

/// Reads the answer to ListObjectsV2.
pub(super) fn keys(document: &Document<'_>, page: &KeysPage) -> Result<Leaf> {
    let asked = page.prefix.as_deref().unwrap_or_default();
    let read = |encoding| read(|| Read::new(document.words(), asked, encoding), &document.answer.body);
    let read = match read(Encoding::AsSaid) {
        // The encoding was told after rows that it is about.
        Ok(Read { late: true, encoded, .. }) => read(Encoding::Known(encoded)),
        first => first,
    };
    match read.and_then(Read::finish) {
        Ok(leaf) if leaf.next.is_some() && leaf.next.as_deref() == page.continuation.as_deref() => {
            Err(document.invalid("its next page is the same page"))
        }
        Ok(leaf) => Ok(leaf),
        Err(Wrong::Is(why)) => Err(document.invalid(&why)),
        // An error document, a portal, or something else: the general reader knows them.
        Err(Wrong::Root) => Err(document.read(&[ROOT], |_, _| Ok(())).err().unwrap_or_else(|| document.invalid("it has two documents"))),
    }
}

/// Reads a document: in its plain form if it has that, else whatever it is.
fn read<'t>(fresh: impl Fn() -> Read<'t>, body: &'t [u8]) -> Step<Read<'t>> {
    let text = std::str::from_utf8(body).map_err(|_| Fault("it is not UTF-8"))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    listing_strict::page(fresh(), text).map_or_else(|| fresh().document(text), Ok)
}

/// Why a page is none.
pub(super) enum Wrong {
    /// Its root is another one.
    Root,
    /// This.
    Is(Cow<'static, str>),
}

impl From<Fault> for Wrong {
    fn from(fault: Fault) -> Self {
        Self::Is(fault.0.into())
    }
}

impl From<String> for Wrong {
    fn from(why: String) -> Self {
        Self::Is(why.into())
    }
}

impl From<&'static str> for Wrong {
    fn from(why: &'static str) -> Self {
        Self::Is(why.into())
    }
}

pub(super) type Step<T = ()> = std::result::Result<T, Wrong>;

/// What is known of the keys' encoding before the document says it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Encoding {
    /// Nothing: `EncodingType` holds for what follows it.
    AsSaid,
    /// This, for all of them.
    Known(bool),
}

/// What an element is, by its place.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Element {
    Root,
    Contents,
    CommonPrefixes,
    Key,
    Size,
    LastModified,
    ETag,
    StorageClass,
    Prefix,
    IsTruncated,
    EncodingType,
    NextToken,
    Other,
}

impl Element {
    pub(super) fn of(parent: Option<Self>, name: &str) -> Self {
        match (parent, name) {
            (None, ROOT) => Self::Root,
            (Some(Self::Root), "Contents") => Self::Contents,
            (Some(Self::Root), "CommonPrefixes") => Self::CommonPrefixes,
            (Some(Self::Root), "IsTruncated") => Self::IsTruncated,
            (Some(Self::Root), "EncodingType") => Self::EncodingType,
            (Some(Self::Root), "NextContinuationToken") => Self::NextToken,
            (Some(Self::Contents), "Key") => Self::Key,
            (Some(Self::Contents), "Size") => Self::Size,
            (Some(Self::Contents), "LastModified") => Self::LastModified,
            (Some(Self::Contents), "ETag") => Self::ETag,
            (Some(Self::Contents), "StorageClass") => Self::StorageClass,
            (Some(Self::CommonPrefixes), "Prefix") => Self::Prefix,
            _ => Self::Other,
        }
    }

    /// Whether its text is kept.
    fn is_field(self) -> bool {
        !matches!(self, Self::Root | Self::Contents | Self::CommonPrefixes | Self::Other)
    }
}

/// The fields of a row.
#[derive(Default)]
pub(super) struct Row<'t> {
    key: Option<Cow<'t, str>>,
    size: Option<u64>,
    modified: Option<Timestamp>,
    etag: Option<Cow<'t, str>>,
    /// The entity tag is this text between two `&quot;`, which counts before `etag`.
    quoted: Option<&'t str>,
    class: Option<Cow<'t, str>>,
}

impl<'t> Row<'t> {
    /// Takes a field; the last of a name counts.
    pub(super) fn take(&mut self, element: Element, text: Cow<'t, str>) -> Step {
        match element {
            Element::Key => self.key = Some(text),
            Element::Size => self.size = Some(number("Size", &text)?),
            Element::LastModified => self.modified = time(&text),
            Element::ETag => (self.etag, self.quoted) = (Some(text), None),
            Element::StorageClass => self.class = Some(text),
            Element::Root
            | Element::Contents
            | Element::CommonPrefixes
            | Element::Prefix
            | Element::IsTruncated
            | Element::EncodingType
            | Element::NextToken
            | Element::Other => {}
        }
        Ok(())
    }

    /// Takes an entity tag as all stores write it: between two `&quot;`.
    pub(super) fn take_quoted(&mut self, inside: &'t str) {
        self.quoted = Some(inside);
    }
}

/// A document that is being read.
pub(super) struct Read<'t> {
    words: Words,
    asked: &'t str,
    encoding: Encoding,
    encoded: bool,
    /// Whether a key was taken in another encoding than the document says in the end.
    late: bool,
    rows: LeafBuilder,
    odd: Vec<Box<str>>,
    truncated: Option<bool>,
    next: Option<Box<str>>,
    row: Row<'t>,
    /// The text of the field that is open.
    text: Cow<'t, str>,
    /// Where percent signs are undone.
    scratch: Vec<u8>,
    /// Where an entity tag gets its quotes back.
    tag: String,
}

impl<'t> Read<'t> {
    fn new(words: Words, asked: &'t str, encoding: Encoding) -> Self {
        Self {
            words,
            asked,
            encoding,
            encoded: encoding == Encoding::Known(true),
            late: false,
            rows: LeafBuilder::with_capacity(ROWS, ROWS * 32),
            odd: Vec::new(),
            truncated: None,
            next: None,
            row: Row::default(),
            text: Cow::Borrowed(""),
            scratch: Vec::new(),
            tag: String::new(),
        }
    }

    /// Reads it to its end.
    fn document(mut self, text: &'t str) -> Step<Self> {
        let mut reader = Reader::from_str(text);
        reader.config_mut().expand_empty_elements = true;
        let mut open = Open::default();
        loop {
            match reader.read_event().map_err(|_| xml::MALFORMED)? {
                Event::Start(start) => {
                    let element = open.enter(start.local_name().as_ref())?;
                    if element.is_field() {
                        self.text = Cow::Borrowed("");
                    }
                }
                Event::End(_) => {
                    if let Some(element) = open.leave() {
                        self.close(element)?;
                    }
                }
                Event::Text(part) => self.part(&mut open, part.xml10_content())?,
                Event::CData(part) => self.part(&mut open, part.xml10_content())?,
                Event::GeneralRef(reference) => self.part(&mut open, xml::resolve(&reference)?.to_string().into())?,
                Event::DocType(_) => return Err(xml::DOCUMENT_TYPE.into()),
                Event::Decl(_) | Event::Comment(_) | Event::PI(_) => {}
                Event::Empty(_) => return Err(xml::MALFORMED.into()),
                Event::Eof => break,
            }
        }
        open.finish()?;
        Ok(self)
    }

    /// A piece of the text of the innermost element. Nearly every text is one piece.
    fn part(&mut self, open: &mut Open, part: Cow<'t, str>) -> Step {
        if open.text(&part)?.is_some_and(Element::is_field) {
            if self.text.is_empty() {
                self.text = part;
            } else {
                self.text.to_mut().push_str(&part);
            }
        }
        Ok(())
    }

    /// An element has ended; a field's text is at hand.
    pub(super) fn close(&mut self, element: Element) -> Step {
        let text = if element.is_field() { std::mem::take(&mut self.text) } else { Cow::Borrowed("") };
        match element {
            Element::Root | Element::Other | Element::CommonPrefixes => {}
            Element::Key | Element::Size | Element::LastModified | Element::ETag | Element::StorageClass => self.row.take(element, text)?,
            Element::Prefix => self.prefix(text)?,
            Element::Contents => {
                let row = std::mem::take(&mut self.row);
                self.object(&row)?;
            }
            Element::IsTruncated => self.truncated = Some(truth("IsTruncated", &text)?),
            Element::NextToken => self.next = Some(text).filter(|text| !text.is_empty()).map(Into::into),
            Element::EncodingType => self.encoding_type(&text),
        }
        Ok(())
    }

    fn encoding_type(&mut self, text: &str) {
        let said = text.trim().eq_ignore_ascii_case("url");
        if self.encoding == Encoding::AsSaid && said != self.encoded {
            self.late |= !(self.rows.is_empty() && self.odd.is_empty());
            self.encoded = said;
        }
    }

    /// A field that has ended; `None`: something is wrong with it.
    pub(super) fn field(&mut self, element: Element, text: &'t str) -> Option<()> {
        self.text = Cow::Borrowed(text);
        self.close(element).ok()
    }

    /// The entity tag of the row that is open, as all stores write it: between two `&quot;`.
    pub(super) fn quoted(&mut self, inside: &'t str) {
        self.row.take_quoted(inside);
    }

    /// A row has ended.
    pub(super) fn object(&mut self, row: &Row<'t>) -> Step {
        let key = row.key.as_deref().ok_or("`Key` is missing")?;
        let size = row.size.ok_or("`Size` is missing")?;
        let Some(name) = decoded(self.words, self.encoded, key, &mut self.scratch) else {
            self.odd.push(key.into());
            return Ok(());
        };
        within(name, self.asked)?;
        let etag = match row.quoted {
            Some(inside) => {
                self.tag.clear();
                [QUOTE, inside, QUOTE].into_iter().for_each(|part| self.tag.push_str(part));
                Some(self.tag.as_str())
            }
            None => said(row.etag.as_ref()),
        };
        let class = said(row.class.as_ref());
        if self.rows.object(name, Facts { size, modified: row.modified, etag, class }) { Ok(()) } else { Err(TOO_LONG.into()) }
    }

    fn prefix(&mut self, text: Cow<'t, str>) -> Step {
        let Some(name) = decoded(self.words, self.encoded, &text, &mut self.scratch) else {
            self.odd.push(text.into());
            return Ok(());
        };
        within(name, self.asked)?;
        if self.rows.prefix(name) { Ok(()) } else { Err(TOO_LONG.into()) }
    }

    fn finish(self) -> Step<Leaf> {
        let next = match self.truncated.ok_or("`IsTruncated` is missing")? {
            true => Some(self.next.ok_or("it says that there is another page, and not where")?),
            false => None,
        };
        Ok(self.rows.finish(next.as_deref(), self.odd))
    }
}

const TOO_LONG: &str = "it lists a key that is too long";
const QUOTE: &str = "\"";

/// A field without the white space around it, if it says anything.
fn said<'a>(text: Option<&'a Cow<'_, str>>) -> Option<&'a str> {
    text.map(|text| xml::trimmed(text)).filter(|text| !text.is_empty())
}

fn within(key: &str, asked: &str) -> Step {
    if key.starts_with(asked) { Ok(()) } else { Err("it lists a key outside of the prefix that was asked for".into()) }
}

/// A key as it is meant; `None`: it is not UTF-8.
pub(super) fn decoded<'k>(words: Words, encoded: bool, text: &'k str, scratch: &'k mut Vec<u8>) -> Option<&'k str> {
    let plus = words.plus();
    if !encoded || !(text.contains('%') || (plus != b'+' && text.contains('+'))) {
        return Some(text);
    }
    scratch.clear();
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = tail;
        scratch.push(match (first, tail) {
            (b'+', _) => plus,
            (b'%', [high, low, after @ ..]) => match (digit(*high), digit(*low)) {
                (Some(high), Some(low)) => {
                    rest = after;
                    high << 4 | low
                }
                (_, _) => b'%',
            },
            (other, _) => *other,
        });
    }
    std::str::from_utf8(scratch).ok()
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

/// A time: the form that both clouds write first, any other after it. What is none, or out of every calendar, is not known.
fn time(text: &str) -> Option<Timestamp> {
    let text = xml::trimmed(text);
    fixed(text.as_bytes()).map_or_else(|| text.parse().ok(), |second| Timestamp::from_second(second).ok())
}

/// `2026-03-01T12:00:00.000Z`, with or without the fraction, from 1970 on; `None`: it has another form.
fn fixed(text: &[u8]) -> Option<i64> {
    let (head, tail) = text.split_at_checked(19)?;
    let fraction = tail.strip_suffix(b"Z")?;
    let well = match fraction {
        [] => true,
        [b'.', digits @ ..] => (1..=9).contains(&digits.len()) && digits.iter().all(u8::is_ascii_digit),
        _ => false,
    };
    let two = |place: usize| match head[place..place + 2] {
        [high @ b'0'..=b'9', low @ b'0'..=b'9'] => Some(i64::from((high - b'0') * 10 + (low - b'0'))),
        _ => None,
    };
    let marks = [head[4], head[7], head[10], head[13], head[16]] == *b"--T::";
    let (year, month, day) = (two(0)? * 100 + two(2)?, two(5)?, two(8)?);
    let (hour, minute, second) = (two(11)?, two(14)?, two(17)?);
    let sound = well && marks && year >= 1970 && (1..=12).contains(&month) && (1..=length(year, month)).contains(&day);
    (sound && hour < 24 && minute < 60 && second < 60).then(|| days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second)
}

/// How many days a month has.
fn length(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since the first of January 1970. A year begins with March here, so that the leap day is its last.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    year * 365 + year / 4 - year / 100 + year / 400 + (month * 153 + 2) / 5 + day - 719_469
}

/// The elements that are open: what each is, and how long its text is.
struct Open {
    elements: [(Element, usize); xml::MAX_DEPTH],
    depth: usize,
    seen: usize,
}

impl Default for Open {
    fn default() -> Self {
        Self { elements: [(Element::Other, 0); xml::MAX_DEPTH], depth: 0, seen: 0 }
    }
}

impl Open {
    fn enter(&mut self, name: &str) -> Step<Element> {
        let parent = self.depth.checked_sub(1).map(|place| self.elements[place].0);
        if parent.is_none() && self.seen > 0 {
            return Err("it has two documents".into());
        }
        if self.depth == xml::MAX_DEPTH {
            return Err("it is nested too deeply".into());
        }
        if self.seen == xml::MAX_ELEMENTS {
            return Err("it has too many elements".into());
        }
        let element = Element::of(parent, name);
        if parent.is_none() && element != Element::Root {
            return Err(Wrong::Root);
        }
        self.elements[self.depth] = (element, 0);
        (self.depth, self.seen) = (self.depth + 1, self.seen + 1);
        Ok(element)
    }

    /// The innermost element, whose text has grown by a piece; `None`: it stands outside of the root, and is blank.
    fn text(&mut self, part: &str) -> Step<Option<Element>> {
        let Some(place) = self.depth.checked_sub(1) else {
            return if part.trim().is_empty() { Ok(None) } else { Err("it has text outside of its root".into()) };
        };
        let (element, length) = &mut self.elements[place];
        *length += part.len();
        if *length > xml::MAX_TEXT { Err("it has a text that is too long".into()) } else { Ok(Some(*element)) }
    }

    fn leave(&mut self) -> Option<Element> {
        self.depth = self.depth.checked_sub(1)?;
        Some(self.elements[self.depth].0)
    }

    fn finish(&self) -> Step {
        match (self.depth, self.seen) {
            (0, 0) => Err("it has no element".into()),
            (0, _) => Ok(()),
            (_, _) => Err("it ends too early".into()),
        }
    }
}

#[cfg(test)]
#[path = "listing_keys_tests.rs"]
mod tests;
