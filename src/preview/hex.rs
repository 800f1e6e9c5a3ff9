//! Bytes as hexadecimal digits with the printable ones beside them.

use std::fmt::Write as _;

use super::MOST_LINES;
use super::words::size;

const PER_LINE: usize = 16;

/// Bytes in lines of sixteen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hex {
    /// Where in the object (or in what gzip had inside) the first line begins.
    pub first: u64,
    /// Offset, sixteen bytes, printable ASCII: `00000010  7f 45 4c 46 02 01 01 00  00 00 00 00 00 00 00 00  |.ELF............|`.
    pub lines: Vec<String>,
}

/// Writes bytes in lines, the first ones if there are too many.
pub(super) fn dump(bytes: &[u8], first: u64, notes: &mut Vec<String>) -> Hex {
    let most = MOST_LINES * PER_LINE;
    if bytes.len() > most {
        notes.push(format!("bytes: the first {} are shown", size(most as u64)));
    }
    let lines = bytes.chunks(PER_LINE).take(MOST_LINES).enumerate();
    let lines = lines.map(|(row, chunk)| line(first.saturating_add((row * PER_LINE) as u64), chunk)).collect();
    Hex { first, lines }
}

fn line(offset: u64, chunk: &[u8]) -> String {
    let mut line = format!("{offset:08x} ");
    for place in 0..PER_LINE {
        line.push_str(if place % 8 == 0 { " " } else { "" });
        match chunk.get(place) {
            // Writing to a String does not fail.
            Some(byte) => drop(write!(line, "{byte:02x} ")),
            None => line.push_str("   "),
        }
    }
    line.push_str(" |");
    line.extend(chunk.iter().map(|byte| if (0x20..0x7f).contains(byte) { char::from(*byte) } else { '.' }));
    line.push('|');
    line
}
