//! Small pictures, shrunk to a grid that a terminal can draw with half blocks.
//!
//! The header is read by our own few lines first, and its size decides: a decoder sees only pictures whose memory is bounded
//! and whose bytes are all there. What a decoder says of broken bytes becomes a note.

mod decode;
mod header;
mod shrink;

use crate::domain::escape::visible;

use super::material::{Material, Rest};
use header::{Format, Header};

/// The grid has no more columns than this.
const MOST_GRID_COLUMNS: u32 = 160;
/// And no more rows.
const MOST_GRID_ROWS: u32 = 120;
/// The pixels may take so many bytes.
const MOST_MEMORY: u64 = 56 << 20;
/// And what a decoder keeps beside them, so many.
const MOST_BESIDE: usize = 8 << 20;

/// A picture in few pixels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// Columns of the original.
    pub width: u32,
    /// Rows of the original.
    pub height: u32,
    /// "PNG", "JPEG", "GIF".
    pub format: &'static str,
    /// Red, green and blue of the shrunk grid, row by row; what is transparent shows a chequerboard.
    pub pixels: Vec<[u8; 3]>,
    /// Columns of the grid, 160 at most.
    pub columns: u32,
    /// Rows of the grid, 120 at most.
    pub rows: u32,
}

/// Draws the bytes if they are a whole picture of a known format; says why not if they are a part of one or too large.
pub(super) fn drawn(material: &Material<'_>, notes: &mut Vec<String>) -> Option<Picture> {
    let format = Format::of(&material.bytes).filter(|_| material.begins())?;
    let Some(header) = header::read(format, &material.bytes) else {
        notes.push(format!("{} picture: its header is not complete", format.name()));
        return None;
    };
    let what = format!("{} picture, {} × {} pixels", format.name(), header.width, header.height);
    match refusal(&header, material) {
        Some(why) => notes.push(format!("{what}: {why}")),
        None => match decode::shrunk(&header, &material.bytes) {
            Ok(picture) => return Some(picture),
            Err(why) => notes.push(format!("{what}: {}", visible(&why))),
        },
    }
    None
}

fn refusal(header: &Header, material: &Material<'_>) -> Option<&'static str> {
    if !is_whole(header, material) {
        Some("drawn only if it is here as a whole")
    } else if header.width == 0 || header.height == 0 {
        Some("there is nothing to draw")
    } else if header.memory() > MOST_MEMORY || header.width.max(header.height) > u32::from(u16::MAX) {
        Some("too large to be drawn here")
    } else {
        None
    }
}

/// Where the size of the object is not known, decoders of PNG and GIF notice a missing end; that of JPEG paints it grey.
fn is_whole(header: &Header, material: &Material<'_>) -> bool {
    match material.rest {
        Rest::Nothing => true,
        Rest::More => false,
        Rest::Unknown => header.format != Format::Jpeg || material.bytes.ends_with(b"\xff\xd9"),
    }
}
