//! Bytes to characters: a byte order mark, the label of the content type, UTF-16 by its pattern, UTF-8, and only then a guess
//! among the encodings from before Unicode. What looks like no text is none.

use std::borrow::Cow;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, GB18030, GBK, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use super::MOST_BYTES;
use super::material::Material;
use super::words::{counted, size};

/// A guess is made from so many bytes: it takes a microsecond for each of them.
const JUDGED_BYTES: usize = 8 << 10;
/// And from so many characters beyond ASCII.
const JUDGED_CHARACTERS: usize = 400;

/// How sure it must be that the bytes are text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trust {
    /// They must look like it.
    Earned,
    /// Somebody asked for text, so text it is.
    Asked,
}

/// A text and how it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Decoded {
    pub(super) text: String,
    pub(super) encoding: &'static str,
}

/// Reads the bytes as text, or not at all.
pub(super) fn decoded(material: &Material<'_>, trust: Trust, notes: &mut Vec<String>) -> Option<Decoded> {
    let reading = Reading::new(material, notes);
    let found = reading.marked().or_else(|| reading.labelled()).or_else(|| reading.utf16());
    let found = found.or_else(|| reading.utf8(trust)).or_else(|| reading.older());
    let found = match trust {
        Trust::Asked => found.or_else(|| Some(reading.any())),
        Trust::Earned => found,
    }?;
    found.say(notes);
    Some(Decoded { text: found.text.into_owned(), encoding: display_name(found.encoding) })
}

/// One way to read the bytes.
struct Found<'b> {
    text: Cow<'b, str>,
    /// What it was read from.
    read: &'b [u8],
    encoding: &'static Encoding,
    /// Bytes left out before the first character and after the last one.
    left_out: usize,
    /// Sequences that are not of this encoding.
    wrong: usize,
}

impl Found<'_> {
    fn say(&self, notes: &mut Vec<String>) {
        if self.left_out > 0 {
            notes.push("cut in the middle of a character".to_owned());
        }
        if self.wrong > 0 {
            let name = display_name(self.encoding);
            notes.push(format!("{} that {} not {name}", counted(self.wrong as u64, "place"), if self.wrong == 1 { "is" } else { "are" }));
        }
    }
}

/// The bytes, and at which ends they may be cut.
struct Reading<'b> {
    bytes: &'b [u8],
    begins: bool,
    ends: bool,
    label: Option<&'static Encoding>,
    /// The place in the object, for encodings of two bytes.
    odd: bool,
}

impl<'b> Reading<'b> {
    fn new(material: &'b Material<'_>, notes: &mut Vec<String>) -> Self {
        let bytes = &material.bytes[..material.bytes.len().min(MOST_BYTES)];
        let all = bytes.len() == material.bytes.len();
        if !all {
            notes.push(format!("text: the first {} are shown", size(MOST_BYTES as u64)));
        }
        let label = material.content_type.and_then(label).and_then(|label| Encoding::for_label(label.as_bytes()));
        let ends = all && material.rest == super::material::Rest::Nothing;
        Self { bytes, begins: material.begins(), ends, label, odd: material.offset % 2 == 1 }
    }

    fn marked(&self) -> Option<Found<'b>> {
        let (encoding, length) = Encoding::for_bom(self.bytes).filter(|_| self.begins)?;
        let found = strictly(encoding, &self.bytes[length..], 0, self.most_trimmed())?;
        is_text(&found.text, Older::No).then_some(found)
    }

    fn labelled(&self) -> Option<Found<'b>> {
        let encoding = self.label.filter(|encoding| ![UTF_8, UTF_16LE, UTF_16BE].contains(encoding))?;
        let found = strictly(encoding, self.bytes, self.most_skipped(), self.most_trimmed())?;
        is_text(&found.text, Older::No).then_some(found)
    }

    /// UTF-16 without a mark: every other byte is zero.
    fn utf16(&self) -> Option<Found<'b>> {
        let skipped = usize::from(self.odd);
        let bytes = self.bytes.get(skipped..)?;
        let pairs = &bytes[..bytes.len().min(4096)];
        let zeros = |from: usize| pairs.iter().skip(from).step_by(2).filter(|byte| **byte == 0).count();
        let (even, odd, count) = (zeros(0), zeros(1), pairs.len() / 2);
        let encoding = match (even, odd) {
            (few, many) if many * 10 >= count * 6 && few * 20 <= count => UTF_16LE,
            (many, few) if many * 10 >= count * 6 && few * 20 <= count => UTF_16BE,
            _ => return None,
        };
        let found = strictly(encoding, bytes, 0, self.most_trimmed()).filter(|_| count > 1)?;
        is_text(&found.text, Older::No).then_some(Found { left_out: found.left_out + skipped, ..found })
    }

    /// UTF-8, with some broken places in an otherwise clear case.
    fn utf8(&self, trust: Trust) -> Option<Found<'b>> {
        if let Some(found) = strictly(UTF_8, self.bytes, self.most_skipped(), self.most_trimmed()) {
            return (trust == Trust::Asked || is_text(&found.text, Older::No)).then_some(found);
        }
        let (mut wrong, mut long) = (0, 0);
        for chunk in self.bytes.utf8_chunks() {
            wrong += usize::from(!chunk.invalid().is_empty());
            long += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        }
        let text = String::from_utf8_lossy(self.bytes);
        (long > wrong * 4 && is_text(&text, Older::No)).then_some(Found { text, read: self.bytes, encoding: UTF_8, left_out: 0, wrong })
    }

    fn older(&self) -> Option<Found<'b>> {
        if self.bytes.contains(&0) {
            return None;
        }
        let chinese = self.strictly_older(GB18030).filter(|found| is_everyday_chinese(found.read));
        chinese.or_else(|| {
            let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
            let judged = self.bytes.get(..JUDGED_BYTES).unwrap_or(self.bytes);
            detector.feed(judged, judged.len() == self.bytes.len() && self.ends);
            self.strictly_older(detector.guess(None, Utf8Detection::Deny))
        })
    }

    fn strictly_older(&self, encoding: &'static Encoding) -> Option<Found<'b>> {
        let found = strictly(encoding, self.bytes, self.most_skipped(), self.most_trimmed())?;
        is_text(&found.text, Older::Yes).then_some(found)
    }

    /// Every byte is a character in this one.
    fn any(&self) -> Found<'b> {
        let (text, _) = WINDOWS_1252.decode_without_bom_handling(self.bytes);
        Found { text, read: self.bytes, encoding: WINDOWS_1252, left_out: 0, wrong: 0 }
    }

    fn most_skipped(&self) -> usize {
        if self.begins { 0 } else { 3 }
    }

    fn most_trimmed(&self) -> usize {
        if self.ends { 0 } else { 3 }
    }
}

/// The `charset` of a content type.
fn label(content_type: &str) -> Option<&str> {
    let parameters = content_type.split(';').skip(1).filter_map(|parameter| parameter.trim().split_once('='));
    parameters.into_iter().find(|(name, _)| name.trim().eq_ignore_ascii_case("charset")).map(|(_, value)| value.trim().trim_matches('"'))
}

/// Decodes without a single error, with as few bytes as possible left out at ends that may be cut.
fn strictly<'b>(encoding: &'static Encoding, bytes: &'b [u8], most_skipped: usize, most_trimmed: usize) -> Option<Found<'b>> {
    let edges = (0..=most_skipped).flat_map(|skipped| (0..=most_trimmed).map(move |trimmed| (skipped, trimmed)));
    edges.filter(|(skipped, trimmed)| skipped + trimmed <= bytes.len()).find_map(|(skipped, trimmed)| {
        let middle = &bytes[skipped..bytes.len() - trimmed];
        let text = encoding.decode_without_bom_handling_and_without_replacement(middle)?;
        Some(Found { text, read: middle, encoding, left_out: skipped + trimmed, wrong: 0 })
    })
}

/// Whether an encoding from before Unicode is meant: they fit almost any bytes, so one control character is too many.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Older {
    Yes,
    No,
}

/// Whether these are characters that people or programs write as text.
fn is_text(text: &str, older: Older) -> bool {
    let controls = text.chars().filter(|c| c.is_control() && !matches!(c, '\t' | '\n' | '\r' | '\x0c' | '\x08' | '\x1b')).count();
    match older {
        Older::Yes => controls == 0,
        // With a NUL it is data, however many letters stand around it.
        Older::No => !text.contains('\0') && controls * 10 <= text.chars().count(),
    }
}

/// Han characters of everyday use with Chinese punctuation, and nothing else beside ASCII, in what can be read as GB18030. GB 2312 has its
/// 3,755 most frequent ones in one block of codes; any other encoding read as GB18030 leaves that block soon.
fn is_everyday_chinese(mut bytes: &[u8]) -> bool {
    let (mut common, mut all) = (0, 0);
    while let [first, rest @ ..] = bytes
        && all < JUDGED_CHARACTERS
    {
        bytes = rest;
        if first.is_ascii() {
            continue;
        }
        all += 1;
        common += usize::from(matches!(bytes, [0xa1..=0xfe, ..]) && matches!(first, 0xb0..=0xd7 | 0xa1 | 0xa3));
        // A second byte that is a digit begins the other half of a code of four bytes.
        let more = match bytes {
            _ if *first == 0x80 => 0,
            [b'0'..=b'9', ..] => 3,
            _ => 1,
        };
        bytes = bytes.get(more..).unwrap_or_default();
    }
    all >= 2 && common * 10 >= all * 9
}

/// The name that people know an encoding by.
fn display_name(encoding: &'static Encoding) -> &'static str {
    match encoding {
        // One decoder reads both.
        _ if encoding == GBK => GB18030.name(),
        _ if encoding == UTF_16LE => "UTF-16 LE",
        _ if encoding == UTF_16BE => "UTF-16 BE",
        _ if encoding == WINDOWS_1252 => "Latin-1 (windows-1252)",
        _ => encoding.name(),
    }
}
