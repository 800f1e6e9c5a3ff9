//! Reading answers: an event reader that hands out each element when it closes.
//!
//! Comes in: bytes from a server, trusted in nothing. Goes out: calls with the element's path and its own text, or a
//! [`Fault`]. Forbidden here: knowing what a document means.
//!
//! Names are local names: a default namespace, a prefix or none reads alike. Entities other than the five of XML and
//! characters by number are refused, and so is a document type, so nothing expands.

use quick_xml::Reader;
use quick_xml::events::{BytesRef, Event};

/// How deep a document may be nested; the deepest that either cloud sends is six.
pub(super) const MAX_DEPTH: usize = 32;
/// How many elements one document may have: a page of ten thousand buckets has fewer than a hundred thousand.
pub(super) const MAX_ELEMENTS: usize = 500_000;
/// How long one element's text may be.
pub(super) const MAX_TEXT: usize = 64 * 1024;

/// Why a text is not a document we read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault(pub &'static str);

/// The fault of what is no XML.
pub(super) const MALFORMED: Fault = Fault("it is not well-formed XML");
/// The fault of what might expand.
pub(super) const DOCUMENT_TYPE: Fault = Fault("it has a document type");

/// Reads a document and calls `on_close` for every element that ends: with the names from the root to it, and its own
/// text, white space and all: a key may begin or end with a blank.
///
/// # Errors
/// A [`Fault`] for everything that is not one well-formed element within the limits.
pub fn read(body: &[u8], mut on_close: impl FnMut(&[&str], &str)) -> Result<(), Fault> {
    let text = std::str::from_utf8(body).map_err(|_| Fault("it is not UTF-8"))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = Reader::from_str(text);
    reader.config_mut().expand_empty_elements = true;
    let mut open = Open::default();
    loop {
        match reader.read_event().map_err(|_| MALFORMED)? {
            Event::Start(start) => {
                let name = local_name(text, start.name().as_ref())?;
                open.enter(name)?;
            }
            Event::End(_) => open.leave(&mut on_close),
            Event::Text(part) => open.text(&part.xml10_content())?,
            Event::CData(part) => open.text(&part.xml10_content())?,
            Event::GeneralRef(reference) => open.text(resolve(&reference)?.encode_utf8(&mut [0; 4]))?,
            Event::DocType(_) => return Err(DOCUMENT_TYPE),
            Event::Decl(_) | Event::Comment(_) | Event::PI(_) => {}
            Event::Empty(_) => return Err(MALFORMED),
            Event::Eof => break,
        }
    }
    open.finish()
}

/// The part of a name after its prefix, borrowed from the document.
fn local_name<'t>(text: &'t str, qualified: &str) -> Result<&'t str, Fault> {
    let local = qualified.rsplit(':').next().unwrap_or(qualified);
    // The event borrows from the document; the offset gives the same bytes with the document's lifetime.
    let start = (local.as_ptr() as usize).wrapping_sub(text.as_ptr() as usize);
    text.get(start..start.wrapping_add(local.len())).filter(|found| *found == local).ok_or(MALFORMED)
}

/// The character that a reference stands for.
pub(super) fn resolve(reference: &BytesRef<'_>) -> Result<char, Fault> {
    let unknown = Fault("it has an unknown entity");
    if let Some(c) = reference.resolve_char_ref().map_err(|_| unknown.clone())? {
        return Ok(c);
    }
    match reference.xml10_content().as_ref() {
        "lt" => Ok('<'),
        "gt" => Ok('>'),
        "amp" => Ok('&'),
        "quot" => Ok('"'),
        "apos" => Ok('\''),
        _ => Err(unknown),
    }
}

/// The elements that are open, with the text of each.
#[derive(Default)]
struct Open<'t> {
    names: Vec<&'t str>,
    texts: Vec<String>,
    spare: Vec<String>,
    seen: usize,
}

impl<'t> Open<'t> {
    fn enter(&mut self, name: &'t str) -> Result<(), Fault> {
        if self.names.is_empty() && self.seen > 0 {
            return Err(Fault("it has two documents"));
        }
        if self.names.len() == MAX_DEPTH {
            return Err(Fault("it is nested too deeply"));
        }
        if self.seen == MAX_ELEMENTS {
            return Err(Fault("it has too many elements"));
        }
        self.seen += 1;
        self.names.push(name);
        self.texts.push(self.spare.pop().unwrap_or_default());
        Ok(())
    }

    fn text(&mut self, part: &str) -> Result<(), Fault> {
        let Some(text) = self.texts.last_mut() else {
            return if part.trim().is_empty() { Ok(()) } else { Err(Fault("it has text outside of its root")) };
        };
        if text.len() + part.len() > MAX_TEXT {
            return Err(Fault("it has a text that is too long"));
        }
        text.push_str(part);
        Ok(())
    }

    fn leave(&mut self, on_close: &mut impl FnMut(&[&str], &str)) {
        if let Some(mut text) = self.texts.pop() {
            on_close(&self.names, &text);
            text.clear();
            self.spare.push(text);
        }
        self.names.pop();
    }

    fn finish(self) -> Result<(), Fault> {
        match (self.names.is_empty(), self.seen) {
            (true, 0) => Err(Fault("it has no element")),
            (true, _) => Ok(()),
            (false, _) => Err(Fault("it ends too early")),
        }
    }
}

/// A text without the white space that pretty-printers add around it.
pub fn trimmed(text: &str) -> &str {
    let blank = |byte: Option<&u8>| matches!(byte, Some(b' ' | b'\t' | b'\n' | b'\r'));
    // Most texts have none, and a page of keys has thousands of them.
    if blank(text.as_bytes().first()) || blank(text.as_bytes().last()) { text.trim_matches([' ', '\t', '\n', '\r']) } else { text }
}
