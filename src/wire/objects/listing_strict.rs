//! The documents that both clouds really send, scanned without events.
//!
//! Comes in: a text. Goes out: element after element, to whoever builds the page. Forbidden here: anything that has two readings.
//! A prefix, an attribute below the root, an entity, a comment, CDATA, a carriage return: at the first of them this gives up, and
//! the general reader begins anew. What is accepted here, it accepts too, and reads alike; a test compares them.

use std::borrow::Cow;

use super::super::xml;
use super::listing_keys::{Element, Read};

/// How deep fields that nobody asked for may be nested.
const DEEP: usize = 4;
/// How much white space there may be between elements.
const BLANK: usize = 32 * 1024;

/// What is left of a text.
struct Scan<'t> {
    rest: &'t str,
    elements: usize,
    blank: usize,
}

/// A tag that begins an element.
struct Tag<'t> {
    name: &'t str,
    empty: bool,
}

/// Reads a page; `None`: it is not of the plain form, or something in it is wrong.
pub(super) fn page<'t>(mut read: Read<'t>, text: &'t str) -> Option<Read<'t>> {
    let mut scan = Scan { rest: text, elements: 1, blank: 0 };
    scan.prolog()?;
    loop {
        scan.skip_blank()?;
        if scan.closes("ListBucketResult") {
            break;
        }
        let tag = scan.open()?;
        let element = Element::of(Some(Element::Root), tag.name);
        if matches!(element, Element::Contents | Element::CommonPrefixes) {
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
    let text = if tag.empty { "" } else { scan.text()? };
    if !tag.empty && !scan.closes(tag.name) {
        return None;
    }
    read.text = match (element, text.strip_prefix("&quot;").and_then(|text| text.strip_suffix("&quot;"))) {
        (Element::ETag, Some(inner)) if !inner.contains('&') => Cow::Owned(format!("\"{inner}\"")),
        (_, _) if text.contains('&') => return None,
        (_, _) => Cow::Borrowed(text),
    };
    read.close(element).ok()
}

impl<'t> Scan<'t> {
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
        let rest = self.rest.trim_start_matches([' ', '\n', '\t']);
        self.blank += self.rest.len() - rest.len();
        self.rest = rest;
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
    fn text(&mut self) -> Option<&'t str> {
        let length = self.rest.bytes().position(|byte| byte == b'<' || byte == b'\r')?;
        let (text, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        (length <= xml::MAX_TEXT && rest.starts_with('<')).then_some(text)
    }

    /// Passes over an element that nobody asked for.
    fn skip(&mut self, tag: &Tag<'t>, deep: usize) -> Option<()> {
        let mut open = !tag.empty;
        while open {
            let text = self.text()?;
            self.blank += text.len();
            if text.contains('&') || self.blank > BLANK {
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
