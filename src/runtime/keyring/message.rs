//! Messages of D-Bus, as far as a keyring needs them.
//!
//! Comes in: values, or bytes from the bus. Goes out: bytes, or values; never a panic, whatever the bytes are. Not spoken: file
//! descriptors, numbers other than counts. <https://dbus.freedesktop.org/doc/dbus-specification.html>

use zeroize::Zeroizing;

use super::Trouble;

/// The fixed head and the length of the fields behind it.
pub(super) const HEAD: usize = 16;
/// Answers of a keyring are small.
const LONGEST: usize = 1 << 20;

/// Values in the order in which they are written.
#[derive(Default)]
pub(super) struct Writer {
    bytes: Vec<u8>,
}

impl Writer {
    fn align(&mut self, to: usize) {
        self.bytes.resize(self.bytes.len().next_multiple_of(to), 0);
    }

    /// A count, or a length.
    pub(super) fn number(&mut self, value: usize) {
        self.align(4);
        self.bytes.extend(u32::try_from(value).unwrap_or(u32::MAX).to_le_bytes());
    }

    /// A text, or the path of an object.
    pub(super) fn text(&mut self, text: &str) {
        self.number(text.len());
        self.bytes.extend(text.as_bytes());
        self.bytes.push(0);
    }

    /// The types of what follows.
    pub(super) fn signature(&mut self, signature: &str) {
        self.bytes.push(u8::try_from(signature.len()).unwrap_or(u8::MAX));
        self.bytes.extend(signature.as_bytes());
        self.bytes.push(0);
    }

    /// Bytes as they are.
    pub(super) fn blob(&mut self, bytes: &[u8]) {
        self.number(bytes.len());
        self.bytes.extend(bytes);
    }

    /// An array: its items begin at a multiple of `to`.
    pub(super) fn array(&mut self, to: usize, items: impl FnOnce(&mut Self)) {
        self.number(0);
        let length_at = self.bytes.len() - 4;
        self.align(to);
        let begin = self.bytes.len();
        items(self);
        let length = u32::try_from(self.bytes.len() - begin).unwrap_or(u32::MAX);
        self.bytes[length_at..length_at + 4].copy_from_slice(&length.to_le_bytes());
    }

    /// A pair of texts in a dictionary.
    pub(super) fn entry(&mut self, name: &str, value: &str) {
        self.align(8);
        self.text(name);
        self.text(value);
    }
}

/// A question to an object of a service.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    /// The service's name on the bus.
    pub(super) service: &'a str,
    /// The object.
    pub(super) path: &'a str,
    /// The interface.
    pub(super) interface: &'a str,
    /// The method.
    pub(super) method: &'a str,
    /// The types of the values, empty for none.
    pub(super) signature: &'a str,
}

/// A question as it stands on the wire.
pub(super) fn question(serial: u32, asked: Asked<'_>, values: Writer) -> Vec<u8> {
    // A call, without flags, in version 1 of the protocol.
    let mut out = Writer { bytes: vec![b'l', 1, 0, 1] };
    out.number(values.bytes.len());
    out.bytes.extend(serial.to_le_bytes());
    out.array(8, |out| {
        for (code, kind, text) in
            [(1, "o", asked.path), (2, "s", asked.interface), (3, "s", asked.method), (6, "s", asked.service), (8, "g", asked.signature)]
        {
            if text.is_empty() {
                continue;
            }
            out.align(8);
            out.bytes.push(code);
            out.signature(kind);
            if kind == "g" { out.signature(text) } else { out.text(text) }
        }
    });
    out.align(8);
    out.bytes.extend(values.bytes);
    out.bytes
}

/// What a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// An answer.
    Answer,
    /// An answer that is an error.
    Refusal,
    /// Said to whoever listens.
    Signal,
    /// Nothing that is waited for here.
    Other,
}

/// A message that came. Its body may hold a secret.
#[derive(Debug)]
pub(super) struct Message {
    /// What it is.
    pub(super) kind: Kind,
    /// The question's number, of an answer.
    pub(super) answers: u32,
    /// The object, of a signal.
    pub(super) path: String,
    /// The signal's name.
    pub(super) member: String,
    /// The error's name.
    pub(super) error: String,
    signature: String,
    body: Zeroizing<Vec<u8>>,
    big: bool,
}

/// How long a message is, from its head.
pub(super) fn length(head: &[u8]) -> Result<usize, Trouble> {
    let mut reader = Reader { bytes: head, at: 4, big: head.first() == Some(&b'B') };
    let (body, _serial, fields) = (reader.number()? as usize, reader.number()?, reader.number()? as usize);
    if body > LONGEST || fields > LONGEST {
        return Err(Trouble::Odd);
    }
    Ok((HEAD + fields).next_multiple_of(8) + body)
}

impl Message {
    /// Reads a whole message.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, Trouble> {
        let big = bytes.first() == Some(&b'B');
        let kind = match bytes.get(1) {
            Some(2) => Kind::Answer,
            Some(3) => Kind::Refusal,
            Some(4) => Kind::Signal,
            Some(_) | None => Kind::Other,
        };
        let mut reader = Reader { bytes, at: 4, big };
        let body = reader.number()? as usize;
        let end = HEAD + Reader { bytes, at: 12, big }.number()? as usize;
        reader.at = HEAD;
        let (empty, body) = (String::new, bytes.get(bytes.len().saturating_sub(body)..).unwrap_or_default());
        let body = Zeroizing::new(body.to_vec());
        let mut read = Self { kind, answers: 0, path: empty(), member: empty(), error: empty(), signature: empty(), body, big };
        while reader.at < end {
            read.field(&mut reader)?;
        }
        Ok(read)
    }

    fn field(&mut self, reader: &mut Reader<'_>) -> Result<(), Trouble> {
        reader.align(8);
        let code = reader.byte()?;
        match (reader.signature()?, code) {
            ("u", 5) => self.answers = reader.number()?,
            ("u", _) => drop(reader.number()?),
            ("o", 1) => reader.text()?.clone_into(&mut self.path),
            ("s", 3) => reader.text()?.clone_into(&mut self.member),
            ("s", 4) => reader.text()?.clone_into(&mut self.error),
            ("s" | "o", _) => drop(reader.text()?),
            ("g", 8) => reader.signature()?.clone_into(&mut self.signature),
            ("g", _) => drop(reader.signature()?),
            _ => return Err(Trouble::Odd),
        }
        Ok(())
    }

    /// The body's values, if they are of these types.
    pub(super) fn values(&self, signature: &str) -> Result<Reader<'_>, Trouble> {
        if self.signature != signature {
            return Err(Trouble::Odd);
        }
        Ok(Reader { bytes: &self.body, at: 0, big: self.big })
    }
}

/// Values in the order in which they were written.
pub(super) struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    big: bool,
}

impl<'a> Reader<'a> {
    fn align(&mut self, to: usize) {
        self.at = self.at.next_multiple_of(to);
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], Trouble> {
        let end = self.at.saturating_add(length);
        let taken = self.bytes.get(self.at..end).ok_or(Trouble::Odd)?;
        self.at = end;
        Ok(taken)
    }

    fn byte(&mut self) -> Result<u8, Trouble> {
        self.take(1)?.first().copied().ok_or(Trouble::Odd)
    }

    /// A count, a length, or a truth value.
    pub(super) fn number(&mut self) -> Result<u32, Trouble> {
        self.align(4);
        let bytes: [u8; 4] = self.take(4)?.try_into().map_err(|_| Trouble::Odd)?;
        Ok(if self.big { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) })
    }

    /// A text, or the path of an object.
    pub(super) fn text(&mut self) -> Result<&'a str, Trouble> {
        let bytes = self.blob()?;
        self.byte()?;
        std::str::from_utf8(bytes).map_err(|_| Trouble::Odd)
    }

    /// The types of what follows.
    pub(super) fn signature(&mut self) -> Result<&'a str, Trouble> {
        let length = self.byte()?;
        let bytes = self.take(length.into())?;
        self.byte()?;
        std::str::from_utf8(bytes).map_err(|_| Trouble::Odd)
    }

    /// Bytes as they are.
    pub(super) fn blob(&mut self) -> Result<&'a [u8], Trouble> {
        let length = self.number()?;
        self.take(length as usize)
    }

    /// The paths of objects.
    pub(super) fn paths(&mut self) -> Result<Vec<String>, Trouble> {
        let length = self.number()? as usize;
        let end = self.at.saturating_add(length);
        let mut paths = Vec::new();
        while self.at < end {
            paths.push(self.text()?.to_owned());
        }
        Ok(paths)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The first question on every bus, byte by byte by the specification's tables.
    const HELLO: &[u8] = b"l\x01\0\x01\0\0\0\0\x01\0\0\0\x6d\0\0\0\
        \x01\x01o\0\x15\0\0\0/org/freedesktop/DBus\0\0\0\
        \x02\x01s\0\x14\0\0\0org.freedesktop.DBus\0\0\0\0\
        \x03\x01s\0\x05\0\0\0Hello\0\0\0\
        \x06\x01s\0\x14\0\0\0org.freedesktop.DBus\0\0\0\0";
    /// An answer to question 7 from a machine that writes the high byte first: a path and two texts in a dictionary.
    const BIG: &[u8] = b"B\x02\x01\x01\0\0\0\x1e\0\0\0\x2a\0\0\0\x14\
        \x05\x01u\0\0\0\0\x07\x08\x01g\0\x06oa{ss}\0\0\0\0\0\
        \0\0\0\x02/a\0\0\0\0\0\x0e\0\0\0\0\0\0\0\x01k\0\0\0\0\0\0\x01v\0";

    #[test]
    fn a_question_byte_by_byte() {
        let service = "org.freedesktop.DBus";
        let asked = Asked { service, path: "/org/freedesktop/DBus", interface: service, method: "Hello", signature: "" };
        assert_eq!(question(1, asked, Writer::default()), HELLO);
        assert_eq!(length(&HELLO[..HEAD]), Ok(HELLO.len()));
    }

    #[test]
    fn values_are_aligned() {
        let mut values = Writer::default();
        values.text("ab");
        values.array(8, |entries| {
            entries.entry("k", "v");
            entries.entry("", "w");
        });
        let entries = b"\x01\0\0\0k\0\0\0\x01\0\0\0v\0\0\0\0\0\0\0\0\0\0\0\x01\0\0\0w\0";
        assert_eq!(values.bytes, [&b"\x02\0\0\0ab\0\0\x1e\0\0\0\0\0\0\0"[..], entries].concat());
    }

    #[test]
    fn an_answer_of_either_end_first() {
        let read = Message::read(BIG).unwrap();
        assert_eq!((read.kind, read.answers), (Kind::Answer, 7));
        assert_eq!(read.values("o").err(), Some(Trouble::Odd));
        let mut values = read.values("oa{ss}").unwrap();
        assert_eq!((values.text(), values.number()), (Ok("/a"), Ok(14)));
        assert_eq!(length(&BIG[..HEAD]), Ok(BIG.len()));
    }

    #[test]
    fn too_long_is_not_waited_for() {
        assert_eq!(length(b"l\x02\0\x01\xff\xff\xff\xff\x01\0\0\0\0\0\0\0"), Err(Trouble::Odd));
        assert_eq!(length(b"l\x02\0\x01\0\0\0\0\x01\0\0\0\xff\xff\xff\xff"), Err(Trouble::Odd));
    }

    proptest! {
        /// Whatever comes from the bus, reading it ends, and without a panic.
        #[test]
        fn any_bytes_are_read(at in 0..BIG.len(), byte in any::<u8>(), cut in 0..=BIG.len(), noise in any::<Vec<u8>>()) {
            let mut changed = BIG.to_vec();
            changed[at] = byte;
            for bytes in [&changed[..], &changed[..cut], &noise] {
                let _ = length(bytes);
                if let Ok(message) = Message::read(bytes) && let Ok(mut values) = message.values("oa{ss}") {
                    let _ = (values.text(), values.paths(), values.signature());
                }
            }
        }
    }
}
