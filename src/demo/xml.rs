//! XML, written and read, as little of it as two clouds need.
//!
//! Comes in: element names and texts, or a request's body. Goes out: a document, or a small tree of elements.

use quick_xml::Reader;
use quick_xml::events::{BytesRef, BytesStart, Event};

/// How deep a request's body may nest.
const DEEPEST: usize = 16;

/// A document in the making.
pub(super) struct Document {
    text: String,
    root: &'static str,
}

impl Document {
    /// Begins a document; `namespace` is S3's, OSS has none.
    pub(super) fn new(root: &'static str, namespace: Option<&str>) -> Self {
        let attribute = namespace.map(|uri| format!(" xmlns=\"{uri}\"")).unwrap_or_default();
        Self { text: format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<{root}{attribute}>"), root }
    }

    /// One element with a text.
    pub(super) fn leaf(&mut self, name: &str, value: &str) -> &mut Self {
        self.text.push_str(&format!("<{name}>{}</{name}>", escape(value)));
        self
    }

    /// One element, where there is a value.
    pub(super) fn leaf_if(&mut self, name: &str, value: Option<&str>) -> &mut Self {
        if let Some(value) = value {
            self.leaf(name, value);
        }
        self
    }

    /// An element with elements inside.
    pub(super) fn inside(&mut self, name: &str, fill: impl FnOnce(&mut Self)) -> &mut Self {
        self.text.push_str(&format!("<{name}>"));
        fill(self);
        self.text.push_str(&format!("</{name}>"));
        self
    }

    /// The same with attributes: `opening` is the name and what follows it.
    pub(super) fn inside_with(&mut self, name: &str, opening: &str, fill: impl FnOnce(&mut Self)) -> &mut Self {
        self.text.push_str(&format!("<{opening}>"));
        fill(self);
        self.text.push_str(&format!("</{name}>"));
        self
    }

    /// A text right below the root, as S3's LocationConstraint has it.
    pub(super) fn text(&mut self, value: &str) -> &mut Self {
        self.text.push_str(&escape(value));
        self
    }

    /// The whole document.
    pub(super) fn end(mut self) -> String {
        self.text.push_str(&format!("</{}>", self.root));
        self.text
    }
}

/// Escapes a text. Control characters become references, which XML 1.0 does not know: the clouds send them all the same.
fn escape(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    for letter in value.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            control if u32::from(control) < 0x20 => out.push_str(&format!("&#x{:x};", u32::from(control))),
            other => out.push(other),
        }
    }
    out
}

/// An element of a request's body.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Element {
    /// Its name without prefix.
    pub(super) name: String,
    /// Its own text.
    pub(super) text: String,
    /// The elements inside.
    pub(super) children: Vec<Element>,
}

impl Element {
    /// The text of the first child of that name.
    pub(super) fn child(&self, name: &str) -> Option<&str> {
        self.children.iter().find(|child| child.name == name).map(|child| child.text.as_str())
    }
}

/// Reads a body into its root element; `None` for whatever is not one well-formed document.
pub(super) fn read(body: &[u8]) -> Option<Element> {
    let mut reader = Reader::from_str(std::str::from_utf8(body).ok()?);
    let mut open: Vec<Element> = Vec::new();
    loop {
        let event = reader.read_event().ok()?;
        if let Event::Start(start) = &event {
            if open.len() == DEEPEST {
                return None;
            }
            open.push(named(start));
        } else if let Event::Empty(start) = &event {
            open.last_mut()?.children.push(named(start));
        } else if let Event::End(_) = &event {
            let done = open.pop()?;
            match open.last_mut() {
                Some(parent) => parent.children.push(done),
                None => return nothing_follows(&mut reader).then_some(done),
            }
        } else if let Event::Text(text) = &event {
            let text: &str = &text.xml10_content();
            match open.last_mut() {
                Some(element) => element.text.push_str(text),
                None if text.trim().is_empty() => {}
                None => return None,
            }
        } else if let Event::CData(data) = &event {
            open.last_mut()?.text.push_str(&data.xml10_content());
        } else if let Event::GeneralRef(reference) = &event {
            open.last_mut()?.text.push(referred(reference)?);
        } else if matches!(event, Event::Eof | Event::DocType(_)) {
            return None;
        }
    }
}

fn named(start: &BytesStart<'_>) -> Element {
    let name = start.local_name();
    Element { name: String::from_utf8_lossy(name.as_ref().as_ref()).into_owned(), ..Element::default() }
}

fn referred(reference: &BytesRef<'_>) -> Option<char> {
    if let Some(letter) = reference.resolve_char_ref().ok()? {
        return Some(letter);
    }
    let name: &str = &reference.xml10_content();
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => None,
    }
}

fn nothing_follows(reader: &mut Reader<&[u8]>) -> bool {
    loop {
        match reader.read_event() {
            Ok(Event::Eof) => return true,
            Ok(Event::Comment(_)) => {}
            Ok(Event::Text(text)) if text.xml10_content().trim().is_empty() => {}
            Ok(_) | Err(_) => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_read_with_prefixes_entities_and_cdata() {
        let body =
            b"<?xml version='1.0'?><p:Delete xmlns:p='u'><p:Object><p:Key>a&amp;b&#13;<![CDATA[<c>]]></p:Key></p:Object></p:Delete>\n";
        let root = read(body).unwrap();
        assert_eq!(root.name, "Delete");
        assert_eq!(root.children[0].child("Key"), Some("a&b\r<c>"));
    }

    #[test]
    fn what_is_not_one_document_is_refused() {
        for body in ["", "text", "<a>", "<a></b>", "<a/>", "<a></a><b></b>", "<!DOCTYPE a []><a></a>", "<a>&x;</a>"] {
            assert_eq!(read(body.as_bytes()), None, "{body}");
        }
    }

    #[test]
    fn texts_are_escaped() {
        let mut document = Document::new("A", None);
        document.leaf("K", "<&\">\u{1}é");
        assert_eq!(document.end(), "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<A><K>&lt;&amp;&quot;&gt;&#x1;é</K></A>");
    }
}
