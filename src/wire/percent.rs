//! Percent-encoding as both clouds sign it: every byte outside `A-Z a-z 0-9 - _ . ~`, upper-case hex, once.
//!
//! Comes in: names and values. Goes out: text that no URL type changes any further. Forbidden here: knowing what it is for.

const HEX: &[u8; 16] = b"0123456789ABCDEF";

/// What happens to a slash.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Slash {
    Kept,
    Encoded,
}

/// Appends a query name, a query value or a scope part: the slash is encoded.
pub fn push_encoded(out: &mut String, text: &str) {
    push(out, text, Slash::Encoded);
}

/// Appends a path: the slash is kept.
pub fn push_path(out: &mut String, path: &str) {
    push(out, path, Slash::Kept);
}

/// A query name or value, encoded.
pub fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    push_encoded(&mut out, text);
    out
}

/// A path, encoded.
pub fn encoded_path(path: &str) -> String {
    let mut out = String::with_capacity(path.len() + 8);
    push_path(&mut out, path);
    out
}

fn push(out: &mut String, text: &str, slash: Slash) {
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let kept = rest.iter().position(|&byte| !(unreserved(byte) || (byte == b'/' && slash == Slash::Kept))).unwrap_or(rest.len());
        if kept == 0 {
            for digit in [b'%', HEX[usize::from(first >> 4)], HEX[usize::from(first & 15)]] {
                out.push(char::from(digit));
            }
            rest = after;
        } else {
            // What stands for itself is ASCII.
            out.push_str(std::str::from_utf8(&rest[..kept]).unwrap_or_default());
            rest = &rest[kept..];
        }
    }
}

/// Whether a byte stands for itself everywhere in a URL.
pub(super) fn unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~')
}

/// Undoes the encoding. A `%` without two hex digits after it stands for itself; a `+` is a plus.
pub fn decoded(text: &str) -> Vec<u8> {
    percent_encoding::percent_decode_str(text).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_rule_for_everything() {
        assert_eq!(encoded("a b+c/d~e'(f)*!%"), "a%20b%2Bc%2Fd~e%27%28f%29%2A%21%25");
        assert_eq!(encoded_path("/ä/b c"), "/%C3%A4/b%20c");
        assert_eq!(decoded("a%20b%2f%zz+"), b"a b/%zz+");
    }
}
