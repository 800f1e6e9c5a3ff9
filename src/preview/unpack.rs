//! gzip is looked through, as far as the bytes go and no further than the limit. Other packings are named.

use std::borrow::Cow;
use std::io::{ErrorKind, Read};

use flate2::read::MultiGzDecoder;

use crate::domain::escape::visible;

use super::material::{Material, Rest};
use super::words::size;
use super::{MOST_BYTES, Sample};

const MAGIC: [u8; 2] = [0x1f, 0x8b];

/// What is inside, if the bytes are gzip from its beginning; otherwise the bytes themselves.
pub(super) fn opened<'a>(sample: &Sample<'a>, notes: &mut Vec<String>) -> Material<'a> {
    let stored = Material::stored(sample);
    let said = sample.content_encoding.map(|value| value.trim().to_ascii_lowercase()).unwrap_or_default();
    if stored.begins() && stored.bytes.starts_with(&MAGIC) {
        return inflated(stored, notes);
    }
    match said.as_str() {
        "" | "identity" | "aws-chunked" => {}
        "gzip" | "x-gzip" if stored.begins() => notes.push("content encoding: gzip, but the bytes are not".to_owned()),
        "gzip" | "x-gzip" => notes.push("gzip: can be looked through from its beginning only".to_owned()),
        other => notes.push(format!("content encoding: {}, not unpacked", visible(other.get(..40).unwrap_or(other)))),
    }
    stored
}

/// How unpacking ended.
enum End {
    Whole,
    Limit,
    Cut,
    Broken(String),
}

fn inflated<'a>(stored: Material<'a>, notes: &mut Vec<String>) -> Material<'a> {
    let mut inside = Vec::new();
    let end = match MultiGzDecoder::new(stored.bytes.as_ref()).take(MOST_BYTES as u64 + 1).read_to_end(&mut inside) {
        Ok(_) if inside.len() > MOST_BYTES => End::Limit,
        Ok(_) => End::Whole,
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => End::Cut,
        Err(error) => End::Broken(error.to_string()),
    };
    inside.truncate(MOST_BYTES);
    let came = size(inside.len() as u64);
    let note = match &end {
        End::Whole => "gzip: looked through".to_owned(),
        End::Limit => format!("gzip: looked through, the first {came} of what is inside"),
        End::Cut => format!("gzip: looked through, cut off after {came}"),
        End::Broken(why) => format!("gzip: broken after {came}: {}", visible(why)),
    };
    notes.push(note);
    if inside.is_empty() && !matches!(end, End::Whole) {
        return stored;
    }
    let rest = match end {
        End::Whole => stored.rest,
        End::Limit | End::Cut | End::Broken(_) => Rest::More,
    };
    let name = stored.name;
    let inner = [".gz", ".gzip", ".GZ"].iter().find_map(|end| name.strip_suffix(end));
    let content_type = stored.content_type.filter(|value| !value.to_ascii_lowercase().contains("gzip"));
    Material { name: inner.unwrap_or(name), content_type, bytes: Cow::Owned(inside), rest, ..stored }
}
