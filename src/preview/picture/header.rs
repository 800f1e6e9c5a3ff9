//! What the first bytes of a picture say of it: format and size.

/// A format that is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Png,
    Jpeg,
    Gif,
}

impl Format {
    /// By the first bytes; what a name says does not count.
    pub(super) fn of(bytes: &[u8]) -> Option<Self> {
        if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
            Some(Self::Png)
        } else if bytes.starts_with(b"\xff\xd8\xff") {
            Some(Self::Jpeg)
        } else if bytes.starts_with(b"GIF87a") || bytes.starts_with(b"GIF89a") {
            Some(Self::Gif)
        } else {
            None
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Png => "PNG",
            Self::Jpeg => "JPEG",
            Self::Gif => "GIF",
        }
    }
}

/// What a picture claims to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) format: Format,
    pub(super) width: u32,
    pub(super) height: u32,
    /// How many bytes a decoder keeps for a pixel, at the most.
    per_pixel: u64,
}

impl Header {
    /// How many bytes decoding takes, at the most.
    pub(super) fn memory(&self) -> u64 {
        u64::from(self.width) * u64::from(self.height) * self.per_pixel
    }
}

/// Reads the size, where it is there.
pub(super) fn read(format: Format, bytes: &[u8]) -> Option<Header> {
    match format {
        Format::Png => {
            let (width, height) = (long(bytes, 16)?, long(bytes, 20)?);
            let wide = if bytes.get(24) == Some(&16) { 8 } else { 4 };
            (bytes.get(12..16) == Some(b"IHDR")).then_some(Header { format, width, height, per_pixel: wide })
        }
        Format::Gif => {
            let size = |place: usize| Some(u32::from(u16::from_le_bytes([*bytes.get(place)?, *bytes.get(place + 1)?])));
            Some(Header { format, width: size(6)?, height: size(8)?, per_pixel: 5 })
        }
        Format::Jpeg => frame(bytes),
    }
}

/// The frame header of a JPEG: segments are walked until it comes.
fn frame(bytes: &[u8]) -> Option<Header> {
    let mut place = 2;
    loop {
        let (mark, kind) = (*bytes.get(place)?, *bytes.get(place + 1)?);
        match (mark, kind) {
            (0xff, 0xff) => place += 1,
            // Frames, but for the tables and the reserved code between them.
            (0xff, 0xc0..=0xcf) if !matches!(kind, 0xc4 | 0xc8 | 0xcc) => return frame_at(bytes, place, kind),
            (0xff, 0x01 | 0xd0..=0xd8) => place += 2,
            (0xff, 0xd9 | 0xda) => return None,
            (0xff, _) => place += 2 + usize::from(short(bytes, place + 2)?),
            _ => return None,
        }
    }
}

fn frame_at(bytes: &[u8], place: usize, kind: u8) -> Option<Header> {
    let (height, width) = (short(bytes, place + 5)?, short(bytes, place + 7)?);
    let components = u64::from(*bytes.get(place + 9)?);
    // Pixels of three bytes; a progressive one keeps two bytes of each component until the last scan is there.
    let kept = if matches!(kind, 0xc2 | 0xc6 | 0xca | 0xce) { 2 * components.max(3) } else { 1 };
    Some(Header { format: Format::Jpeg, width: u32::from(width), height: u32::from(height), per_pixel: 4 + kept })
}

fn short(bytes: &[u8], place: usize) -> Option<u16> {
    Some(u16::from_be_bytes([*bytes.get(place)?, *bytes.get(place + 1)?]))
}

fn long(bytes: &[u8], place: usize) -> Option<u32> {
    Some(u32::from(short(bytes, place)?) << 16 | u32::from(short(bytes, place + 2)?))
}
