//! From the bytes of a terminal to keys, pastes and mouse events.
//!
//! Why not crossterm's reader: it blocks in the middle of a split sequence, spins at two thirds of a core once the terminal
//! has gone (measured, crossterm#793), takes a sequence that a slow line cut in two for Esc and letters, and cannot be told
//! to leave the bytes that belong to the shell. This decoder is pure: bytes and lapses of time in, [`Input`] out. It cannot
//! fail; what it does not understand is swallowed whole, never taken for other keys.

use std::time::Duration;

use crate::app::{Key, KeyCode, Mouse, MouseKind, Msg};

const ESC: u8 = 0x1b;
const PASTE_END: &[u8] = b"\x1b[201~";
/// More than any person pastes into a field; the rest is dropped.
const PASTE_LIMIT: usize = 1 << 20;
/// A sequence longer than this is noise.
const SEQUENCE_LIMIT: usize = 4096;
/// How long a lone Esc may be the beginning of a sequence.
const ESCAPE_PATIENCE: Duration = Duration::from_millis(100);
/// How long the rest of a begun sequence may stay away, so that a slow line makes no wrong keys.
const SEQUENCE_PATIENCE: Duration = Duration::from_secs(1);

/// What a person did at the terminal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Input {
    /// A key went down (or repeated itself).
    Key(Key),
    /// Text came in as one paste.
    Paste(String),
    /// The mouse.
    Mouse(Mouse),
}

impl From<Input> for Msg {
    fn from(input: Input) -> Self {
        match input {
            Input::Key(key) => Self::Key(key),
            Input::Paste(text) => Self::Paste(text),
            Input::Mouse(mouse) => Self::Mouse(mouse),
        }
    }
}

/// Keeps what came of a sequence that is not complete.
#[derive(Default)]
pub(super) struct Decoder {
    pending: Vec<u8>,
    /// The text of a paste that has begun and not ended.
    paste: Option<Vec<u8>>,
    /// Nothing came for a while in the middle of a paste.
    paste_stalled: bool,
    /// The last thing that happened is that an Esc was taken for the key because nothing followed it.
    escape_lapsed: bool,
}

/// What the beginning of the pending bytes is.
enum Step {
    /// Not complete.
    Wait,
    /// So many bytes, and what they mean, if anything.
    Take(usize, Option<Input>),
    /// So many bytes, and a paste begins behind them.
    Paste(usize),
}

impl Decoder {
    /// Takes bytes in the pieces in which they were read.
    pub(super) fn feed(&mut self, bytes: &[u8], out: &mut Vec<Input>) {
        if std::mem::take(&mut self.escape_lapsed) && is_whole_tail(bytes) {
            self.pending.push(ESC);
        }
        if std::mem::take(&mut self.paste_stalled) && matches!(bytes, [0x03 | ESC]) {
            // The end of the paste was lost; the person is at the keyboard again. None of the text may become keys.
            self.paste = None;
            self.pending.clear();
        }
        self.pending.extend_from_slice(bytes);
        self.drain(out);
    }

    /// How long to wait for more before [`Decoder::lapse`]; `None`: for ever.
    pub(super) fn patience(&self) -> Option<Duration> {
        match (&self.paste, self.pending.as_slice()) {
            (Some(_), _) => (!self.paste_stalled).then_some(SEQUENCE_PATIENCE),
            (None, []) => None,
            (None, [ESC]) => Some(ESCAPE_PATIENCE),
            (None, _) => Some(SEQUENCE_PATIENCE),
        }
    }

    /// Nothing came for as long as [`Decoder::patience`] said.
    pub(super) fn lapse(&mut self, out: &mut Vec<Input>) {
        if self.paste.is_some() {
            self.paste_stalled = true;
            return;
        }
        match self.pending.as_slice() {
            [ESC] => {
                self.escape_lapsed = true;
                out.push(plain(KeyCode::Esc));
            }
            // Esc, then a character that begins sequences; anything longer was a sequence and is lost.
            [ESC, byte] => {
                out.push(plain(KeyCode::Esc));
                out.extend(single(*byte));
            }
            _ => {}
        }
        self.pending.clear();
    }

    fn drain(&mut self, out: &mut Vec<Input>) {
        loop {
            if self.paste.is_some() {
                match self.take_paste() {
                    Some(text) => out.push(Input::Paste(text)),
                    None => return,
                }
            }
            if self.pending.is_empty() {
                return;
            }
            match step(&self.pending) {
                Step::Wait if self.pending.len() > SEQUENCE_LIMIT => self.pending.clear(),
                Step::Wait => return,
                Step::Take(length, input) => {
                    self.pending.drain(..length);
                    out.extend(input);
                }
                Step::Paste(length) => {
                    self.pending.drain(..length);
                    self.paste = Some(Vec::new());
                }
            }
        }
    }

    /// Moves pending bytes into the paste; the text once its end has come.
    fn take_paste(&mut self) -> Option<String> {
        let end = self.pending.windows(PASTE_END.len()).position(|window| window == PASTE_END);
        // Without the end, its first bytes may be the last ones here.
        let length = end.unwrap_or_else(|| self.pending.len().saturating_sub(PASTE_END.len() - 1));
        let text = self.paste.get_or_insert_default();
        let room = PASTE_LIMIT.saturating_sub(text.len());
        text.extend(self.pending.drain(..length).take(room));
        end?;
        self.pending.drain(..PASTE_END.len());
        self.paste.take().map(|text| String::from_utf8_lossy(&text).into_owned())
    }
}

/// Whether one read holds exactly the rest of a sequence whose Esc came alone. Nobody types `[` and `A` at once.
fn is_whole_tail(bytes: &[u8]) -> bool {
    if bytes.len() < 2 || !matches!(bytes[0], b'[' | b'O') {
        return false;
    }
    let mut whole = vec![ESC];
    whole.extend_from_slice(bytes);
    match step(&whole) {
        Step::Take(length, Some(_)) | Step::Paste(length) => length == whole.len(),
        Step::Take(_, None) | Step::Wait => false,
    }
}

fn step(bytes: &[u8]) -> Step {
    match bytes {
        [] | [ESC] => Step::Wait,
        [ESC, ESC, ..] => Step::Take(1, Some(plain(KeyCode::Esc))),
        [ESC, b'[', rest @ ..] => control_sequence(rest),
        [ESC, b'O', rest @ ..] => match rest.first() {
            None => Step::Wait,
            Some(&ESC) => Step::Take(1, Some(plain(KeyCode::Esc))),
            Some(&byte) => Step::Take(3, cursor_key(byte).map(|code| Input::Key(key(code, 0)))),
        },
        [ESC, b']' | b'P' | b'_' | b'^' | b'X', rest @ ..] => terminal_string(rest),
        // Esc and then another key, in one packet of a slow line: Esc calls off what would cost, so it is never taken for Alt.
        [ESC, ..] => Step::Take(1, Some(plain(KeyCode::Esc))),
        _ => character(bytes),
    }
}

/// A terminal's answer to a question that we never asked (OSC, DCS, APC, PM, SOS): ends with ST, or BEL.
fn terminal_string(rest: &[u8]) -> Step {
    for (place, byte) in rest.iter().enumerate() {
        match byte {
            0x07 => return Step::Take(place + 3, None),
            &ESC => {
                return match rest.get(place + 1) {
                    None => Step::Wait,
                    Some(b'\\') => Step::Take(place + 4, None),
                    // Broken off: the next sequence begins here.
                    Some(_) => Step::Take(place + 2, None),
                };
            }
            _ => {}
        }
    }
    Step::Wait
}

/// What follows `ESC [`.
fn control_sequence(rest: &[u8]) -> Step {
    match rest {
        // The Linux console's F1 to F5.
        [b'[', byte, ..] => Step::Take(4, byte.checked_sub(b'A').filter(|n| *n < 5).map(|n| plain(KeyCode::Function(n + 1)))),
        [b'['] => Step::Wait,
        // Mouse reports of terminals that do not know mode 1006.
        [b'M', button, column, row, ..] => {
            let place = |byte: u8| u16::from(byte.saturating_sub(33));
            Step::Take(6, mouse(u16::from(button.saturating_sub(32)), place(*column), place(*row)))
        }
        [b'M', ..] => Step::Wait,
        _ => parameters(rest),
    }
}

fn parameters(rest: &[u8]) -> Step {
    let Some(end) = rest.iter().position(|byte| !(0x20..0x40).contains(byte)) else { return Step::Wait };
    let last = rest[end];
    if !(0x40..0x7f).contains(&last) {
        // Broken off by a control character, which counts by itself.
        return Step::Take(2 + end, None);
    }
    let text = &rest[..end];
    if last == b'~' && text == b"200" {
        return Step::Paste(3 + end);
    }
    Step::Take(3 + end, sequence(text, last))
}

/// A complete `ESC [ parameters final`.
fn sequence(text: &[u8], last: u8) -> Option<Input> {
    if let Some(report) = text.strip_prefix(b"<") {
        let [button, column, row] = numbers(report)[..] else { return None };
        return if last == b'M' { mouse(button, column.saturating_sub(1), row.saturating_sub(1)) } else { None };
    }
    if text.first().is_some_and(|byte| (b'<'..=b'?').contains(byte)) || is_release(text) {
        return None;
    }
    let given = numbers(text);
    let first = given.first().copied().unwrap_or(0);
    let modifiers = given.get(1).copied().unwrap_or(1).saturating_sub(1);
    match last {
        b'u' => coded_key(first, modifiers),
        b'~' if first == 27 => coded_key(given.get(2).copied()?, modifiers),
        b'~' => Some(Input::Key(key(numbered_key(first)?, modifiers))),
        b'Z' => Some(plain(KeyCode::BackTab)),
        b'I' | b'O' | b'R' if text.is_empty() => None,
        _ => Some(Input::Key(key(cursor_key(last)?, modifiers))),
    }
}

/// The first number of each parameter; sub-parameters after `:` are left out.
fn numbers(text: &[u8]) -> Vec<u16> {
    let number = |part: &[u8]| {
        let digits = part.split(|byte| *byte == b':').next().unwrap_or_default();
        std::str::from_utf8(digits).ok().and_then(|digits| digits.parse().ok()).unwrap_or(0)
    };
    text.split(|byte| *byte == b';').map(number).collect()
}

/// Keyboard protocols that tell releases write `modifiers:3`.
fn is_release(text: &[u8]) -> bool {
    text.split(|byte| *byte == b';').nth(1).is_some_and(|part| part.ends_with(b":3"))
}

fn cursor_key(last: u8) -> Option<KeyCode> {
    Some(match last {
        b'A' => KeyCode::Up,
        b'B' => KeyCode::Down,
        b'C' => KeyCode::Right,
        b'D' => KeyCode::Left,
        b'H' => KeyCode::Home,
        b'F' => KeyCode::End,
        b'M' => KeyCode::Enter,
        b'P'..=b'S' => KeyCode::Function(last - b'P' + 1),
        _ => return None,
    })
}

fn numbered_key(number: u16) -> Option<KeyCode> {
    Some(match number {
        1 | 7 => KeyCode::Home,
        3 => KeyCode::Delete,
        4 | 8 => KeyCode::End,
        5 => KeyCode::PageUp,
        6 => KeyCode::PageDown,
        11..=15 => KeyCode::Function((number - 10) as u8),
        17..=21 => KeyCode::Function((number - 11) as u8),
        23..=24 => KeyCode::Function((number - 12) as u8),
        _ => return None,
    })
}

/// A key by its code point (`CSI u`, `modifyOtherKeys`).
fn coded_key(code: u16, modifiers: u16) -> Option<Input> {
    let shift = modifiers & 1 != 0;
    let code = match code {
        9 if shift => KeyCode::BackTab,
        9 => KeyCode::Tab,
        13 => KeyCode::Enter,
        27 => KeyCode::Esc,
        8 | 127 => KeyCode::Backspace,
        code => {
            let character = char::from_u32(u32::from(code)).filter(|c| !c.is_control())?;
            KeyCode::Char(if shift { character.to_ascii_uppercase() } else { character })
        }
    };
    Some(Input::Key(key(code, modifiers)))
}

fn mouse(button: u16, column: u16, row: u16) -> Option<Input> {
    const MODIFIERS: u16 = 4 | 8 | 16;
    let kind = match button & !MODIFIERS {
        0 => MouseKind::Click,
        64 => MouseKind::ScrollUp,
        65 => MouseKind::ScrollDown,
        _ => return None,
    };
    Some(Input::Mouse(Mouse { kind, column, row }))
}

/// One control character or one UTF-8 character.
fn character(bytes: &[u8]) -> Step {
    let first = match bytes.first() {
        None => return Step::Wait,
        Some(byte) if byte.is_ascii() => return Step::Take(1, single(*byte)),
        Some(byte) => *byte,
    };
    let length = match first {
        0xc2..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf4 => 4,
        _ => return Step::Take(1, None),
    };
    let there = &bytes[..length.min(bytes.len())];
    match std::str::from_utf8(there) {
        Ok(text) => Step::Take(length, text.chars().next().filter(|c| !c.is_control()).map(|c| plain(KeyCode::Char(c)))),
        Err(error) if error.error_len().is_none() => Step::Wait,
        Err(_) => Step::Take(1, None),
    }
}

/// What a byte below 0x80 means by itself.
fn single(byte: u8) -> Option<Input> {
    let control = |character: u8| Some(Input::Key(Key { code: KeyCode::Char(char::from(character)), ctrl: true, alt: false }));
    match byte {
        0 => control(b' '),
        // Terminals disagree on what Backspace sends; nobody binds Ctrl-H.
        0x08 | 0x7f => Some(plain(KeyCode::Backspace)),
        b'\t' => Some(plain(KeyCode::Tab)),
        b'\r' | b'\n' => Some(plain(KeyCode::Enter)),
        0x01..=0x1a => control(byte - 1 + b'a'),
        ESC => Some(plain(KeyCode::Esc)),
        0x1c..=0x1f => control(byte + 0x40),
        0x20..=0x7e => Some(plain(KeyCode::Char(char::from(byte)))),
        _ => None,
    }
}

fn key(code: KeyCode, modifiers: u16) -> Key {
    Key { code, ctrl: modifiers & 4 != 0, alt: modifiers & 2 != 0 }
}

fn plain(code: KeyCode) -> Input {
    Input::Key(key(code, 0))
}

#[cfg(test)]
#[path = "decode_tests.rs"]
mod tests;
