//! The visible, injective escape: text from outside, shown so that nothing hides and nothing acts on a terminal.
//!
//! Measured: ratatui drops control characters silently, and lets bidirectional overrides, zero-width and tag characters
//! through. So `ab` and `a<ZWSP>b` would look alike. Everything from a store, a file name or a config passes here first.

use std::borrow::Cow;

/// Shows a text so that two different texts never look the same and no character reaches the terminal that acts on it.
///
/// A backslash becomes `\\`; control, format (bidi, zero-width, tag), private-use, unassigned-separator and variation
/// characters become `\u{…}`; a combining mark that has no base character before it becomes `\u{…}` too.
pub fn visible(text: &str) -> Cow<'_, str> {
    if text.as_bytes().iter().all(|b| matches!(b, 0x20..0x7f) && *b != b'\\') {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    let mut has_base = false;
    for c in text.chars() {
        let combining = is_combining(c);
        match c {
            '\\' => shown.push_str("\\\\"),
            c if is_unsafe(c) || (combining && !has_base) => push_escape(&mut shown, c),
            c => shown.push(c),
        }
        has_base = !is_unsafe(c) && (has_base || !combining);
    }
    Cow::Owned(shown)
}

/// Whether a character may stand alone as it is. A backslash may, where it escapes nothing.
pub fn is_shown(c: char) -> bool {
    !is_unsafe(c) && !is_combining(c)
}

fn push_escape(shown: &mut String, c: char) {
    shown.push_str("\\u{");
    shown.push_str(&format!("{:x}", u32::from(c)));
    shown.push('}');
}

/// Characters that have no glyph of their own, change the order of others, or act on a terminal.
fn is_unsafe(c: char) -> bool {
    matches!(u32::from(c),
        0x00..=0x1f | 0x7f..=0x9f          // C0, DEL, C1
        | 0xa0 | 0xad                      // no-break space, soft hyphen
        | 0x034f | 0x061c                  // grapheme joiner, Arabic letter mark
        | 0x115f | 0x1160 | 0x17b4 | 0x17b5 // fillers and invisible vowels
        | 0x180b..=0x180f                  // Mongolian selectors
        | 0x1680 | 0x2000..=0x200f         // spaces, zero width, marks
        | 0x2028..=0x202f | 0x205f..=0x206f // separators, overrides, isolates, invisible operators
        | 0x2800 | 0x3000 | 0x3164         // blank Braille, ideographic space, Hangul filler
        | 0xd7fc..=0xf8ff                  // private use
        | 0xfe00..=0xfe0f | 0xfeff | 0xffa0 // variation selectors, BOM, half-width filler
        | 0xfff0..=0xfffb | 0xfffe | 0xffff
        | 0x1bca0..=0x1bca3 | 0x1d173..=0x1d17a
        | 0xe0000..=0x10ffff)
}

/// Marks that draw on the character before them (the blocks that real texts use).
fn is_combining(c: char) -> bool {
    matches!(u32::from(c), 0x0300..=0x036f | 0x0483..=0x0489 | 0x0591..=0x05bd | 0x064b..=0x065f | 0x1ab0..=0x1aff
        | 0x1dc0..=0x1dff | 0x20d0..=0x20ff | 0x3099 | 0x309a | 0xfe20..=0xfe2f)
}
