//! The documents that both clouds really send, scanned without events.
//!
//! Comes in: a text. Goes out: element after element, to whoever builds the page. Forbidden here: anything that has two readings.
//! A prefix, an attribute below the root, an entity, a comment, CDATA, a carriage return: at the first of them this gives up, and
//! the general reader begins anew. What is accepted here, it accepts too, and reads alike; a test compares them.
//!
//! Rows are written alike: the same tags, other texts. What stood around the texts of one row, read tag by tag, is compared as a whole
//! in the next one ([`Form`]), and only if it differs that row is read tag by tag again.

use std::borrow::Cow;

use super::super::xml;
use super::listing_keys::{Element, Read, Row};

/// How deep fields that nobody asked for may be nested.
const DEEP: usize = 4;
/// How much white space there may be between elements.
const BLANK: usize = 32 * 1024;
/// How many texts a row may have whose form is kept: the stores' own have five to ten.
const TEXTS: usize = 16;

/// A text that is being read.
struct Scan<'t> {
    text: &'t str,
    /// What is left of it.
    rest: &'t str,
    elements: usize,
    blank: usize,
    /// How the last row was written.
    form: Form<'t>,
    draft: Draft<'t>,
}

/// How a row is written. Its bytes have been read tag by tag, so that the same bytes around other texts read alike.
#[derive(Default)]
struct Form<'t> {
    /// What stands before each text, and what the text is.
    texts: Vec<(&'t str, Element)>,
    /// What stands behind the last one; empty: no form is known.
    behind: &'t str,
    elements: usize,
    /// How much of its white space does not depend on its texts.
    blank: usize,
}

/// The form of the row that is being read tag by tag.
#[derive(Default)]
struct Draft<'t> {
    texts: Vec<(&'t str, Element)>,
    /// Where the last text ended; [`NOWHERE`]: the row has no form.
    end: usize,
    /// How long the texts are that nobody asked for.
    passed: usize,
}

/// No place in any text.
const NOWHERE: usize = usize::MAX;

/// What a text may be.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Text {
    /// What it says.
    Plain,
    /// It has an ampersand.
    WithEntities,
}

/// The text up to the next tag, and what is left behind it.
fn text(rest: &str) -> Option<(&str, Text, &str)> {
    let mut kind = Text::Plain;
    let length = rest.as_bytes().iter().position(|byte| {
        if *byte == b'&' {
            kind = Text::WithEntities;
        }
        matches!(byte, b'<' | b'\r')
    })?;
    let (text, rest) = rest.split_at_checked(length)?;
    (length <= xml::MAX_TEXT && rest.as_bytes().first() == Some(&b'<')).then_some((text, kind, rest))
}

/// A tag that begins an element.
struct Tag<'t> {
    name: &'t str,
    empty: bool,
}

/// Reads a page; `None`: it is not of the plain form, or something in it is wrong.
pub(super) fn page<'t>(mut read: Read<'t>, text: &'t str) -> Option<Read<'t>> {
    let mut scan = Scan { text, rest: text, elements: 1, blank: 0, form: Form::default(), draft: Draft::default() };
    scan.prolog()?;
    loop {
        scan.skip_blank()?;
        if scan.again(&mut read).is_some() {
            continue;
        }
        if scan.closes("ListBucketResult") {
            break;
        }
        let tag = scan.open()?;
        let element = Element::of(Some(Element::Root), tag.name);
        if element == Element::Contents {
            scan.learn(|scan| row(&mut read, scan, &tag, element))?;
        } else if element == Element::CommonPrefixes {
            row(&mut read, &mut scan, &tag, element)?;
        } else {
            field(&mut read, &mut scan, &tag, element)?;
        }
    }
    scan.skip_blank()?;
    scan.rest.is_empty().then_some(read)
}

fn row<'t>(read: &mut Read<'t>, scan: &mut Scan<'t>, row: &Tag<'t>, element: Element) -> Option<()> {
    let mut open = !row.empty;
    while open {
        scan.skip_blank()?;
        if scan.closes(row.name) {
            open = false;
            continue;
        }
        let tag = scan.open()?;
        field(read, scan, &tag, Element::of(Some(element), tag.name))?;
    }
    read.close(element).ok()
}

fn field<'t>(read: &mut Read<'t>, scan: &mut Scan<'t>, tag: &Tag<'t>, element: Element) -> Option<()> {
    if element == Element::Other {
        return scan.skip(tag, DEEP);
    }
    if tag.empty {
        // It has no place where a text could stand.
        scan.draft.end = NOWHERE;
        return read.field(element, "");
    }
    let (text, kind) = scan.text()?;
    scan.note(text, element);
    scan.closes(tag.name).then_some(())?;
    match kind {
        Text::Plain => read.field(element, text),
        Text::WithEntities => {
            read.quoted(quoted(element, text)?);
            Some(())
        }
    }
}

/// What an entity tag has between its quotes, the only entities that are known here.
fn quoted(element: Element, text: &str) -> Option<&str> {
    let inside = text.strip_prefix("&quot;")?.strip_suffix("&quot;")?;
    (element == Element::ETag && !inside.contains('&')).then_some(inside)
}

impl<'t> Scan<'t> {
    /// Reads a row, element `<Contents>` being open, and keeps how it was written.
    fn learn(&mut self, row: impl FnOnce(&mut Self) -> Option<()>) -> Option<()> {
        let (elements, blank) = (self.elements - 1, self.blank);
        self.draft = Draft { texts: std::mem::take(&mut self.form.texts), end: self.at() - "<Contents>".len(), passed: 0 };
        self.draft.texts.clear();
        row(self)?;
        let draft = std::mem::take(&mut self.draft);
        let behind = self.text.get(draft.end..self.at()).filter(|_| draft.texts.len() <= TEXTS).unwrap_or("");
        let blank = self.blank - blank - draft.passed;
        self.form = Form { texts: draft.texts, behind, elements: self.elements - elements, blank };
        Some(())
    }

    /// Reads a row that is written as the last one. `None`: it is not, and nothing has been read.
    fn again(&mut self, read: &mut Read<'t>) -> Option<()> {
        let form = &self.form;
        let (mut rest, mut row, mut blank) = (self.rest, Row::default(), self.blank + form.blank);
        let elements = self.elements + form.elements;
        for (before, element) in &form.texts {
            rest = rest.strip_prefix(before)?;
            let (text, kind, behind) = text(rest)?;
            match kind {
                Text::Plain if *element == Element::Other => blank += text.len(),
                Text::Plain => row.take(*element, Cow::Borrowed(text)).ok()?,
                Text::WithEntities => row.take_quoted(quoted(*element, text)?),
            }
            rest = behind;
        }
        rest = rest.strip_prefix(form.behind).filter(|_| !form.behind.is_empty() && elements <= xml::MAX_ELEMENTS && blank <= BLANK)?;
        read.object(&row).ok()?;
        (self.rest, self.elements, self.blank) = (rest, elements, blank);
        Some(())
    }

    /// Where it is.
    fn at(&self) -> usize {
        self.text.len() - self.rest.len()
    }

    /// Notes a text that ends here.
    fn note(&mut self, text: &str, element: Element) {
        let (from, to) = (self.at() - text.len(), self.at());
        if let Some(before) = self.text.get(self.draft.end..from) {
            self.draft.texts.push((before, element));
            self.draft.end = to;
        }
    }

    /// Up to the inside of the root. Its attributes are not looked at: they have to be such that the tag ends where it seems to.
    fn prolog(&mut self) -> Option<()> {
        if let Some(declared) = self.rest.strip_prefix("<?xml ") {
            let (inside, rest) = declared.split_once("?>")?;
            (!inside.contains(['<', '>'])).then(|| self.rest = rest)?;
        }
        self.skip_blank()?;
        let (attributes, rest) = self.rest.strip_prefix("<ListBucketResult")?.split_once('>')?;
        let plain = attributes.is_empty() || (attributes.starts_with(' ') && !attributes.ends_with('/'));
        let balanced = attributes.bytes().filter(|byte| *byte == b'"').count().is_multiple_of(2);
        self.rest = rest;
        (plain && balanced && !attributes.contains(['<', '\'', '&'])).then_some(())
    }

    fn skip_blank(&mut self) -> Option<()> {
        while let [b' ' | b'\n' | b'\t', ..] = self.rest.as_bytes() {
            self.rest = self.rest.get(1..)?;
            self.blank += 1;
        }
        (self.blank <= BLANK).then_some(())
    }

    /// `<Name>` or `<Name/>`.
    fn open(&mut self) -> Option<Tag<'t>> {
        let after = self.rest.strip_prefix('<')?;
        let length = after.bytes().position(|byte| !byte.is_ascii_alphanumeric())?;
        let (name, after) = after.split_at_checked(length)?;
        let (empty, rest) = match after.strip_prefix('>') {
            Some(rest) => (false, rest),
            None => (true, after.strip_prefix("/>")?),
        };
        self.rest = rest;
        self.elements += 1;
        let named = name.starts_with(|first: char| first.is_ascii_alphabetic());
        (named && self.elements <= xml::MAX_ELEMENTS).then_some(Tag { name, empty })
    }

    /// Whether `</Name>` follows; then it is taken.
    fn closes(&mut self, name: &str) -> bool {
        let rest = self.rest.strip_prefix("</").and_then(|rest| rest.strip_prefix(name)).and_then(|rest| rest.strip_prefix('>'));
        rest.inspect(|rest| self.rest = rest).is_some()
    }

    /// The text up to the next tag.
    fn text(&mut self) -> Option<(&'t str, Text)> {
        let (text, kind, rest) = text(self.rest)?;
        self.rest = rest;
        Some((text, kind))
    }

    /// Passes over an element that nobody asked for.
    fn skip(&mut self, tag: &Tag<'t>, deep: usize) -> Option<()> {
        let mut open = !tag.empty;
        while open {
            let (text, kind) = self.text()?;
            self.note(text, Element::Other);
            self.draft.passed += text.len();
            self.blank += text.len();
            if kind == Text::WithEntities || self.blank > BLANK {
                return None;
            }
            if self.closes(tag.name) {
                open = false;
                continue;
            }
            let inner = self.open()?;
            self.skip(&inner, deep.checked_sub(1)?)?;
        }
        Some(())
    }
}
