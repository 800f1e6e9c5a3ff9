//! Secrets out of texts: a store may echo what was sent, and what it echoes may be shown to anyone.
//!
//! Comes in: a text from a store. Goes out: the same, escaped, without what follows a name that announces a secret.

use crate::domain::escape::visible;

/// Names behind which a secret stands, in lower case. `signature` also ends `x-amz-signature` and `x-oss-signature`.
const NAMES: [&str; 8] =
    ["signature", "security-token", "securitytoken", "session-token", "sessiontoken", "authorization", "secretaccesskey", "secret"];

/// A text that may be shown.
pub(super) fn shown(text: &str) -> String {
    visible(&without_secrets(text)).into_owned()
}

/// Each value behind one of the names becomes `…`.
pub fn without_secrets(text: &str) -> String {
    // Lower case changes the length of few characters outside of ASCII; of ASCII, of none.
    let lower = text.to_ascii_lowercase();
    let mut kept = String::with_capacity(text.len());
    let mut at = 0;
    while let Some((name_ends, value)) = next_value(&lower, at) {
        kept.push_str(&text[at..name_ends]);
        let length = value_length(&lower[value..]);
        kept.push_str(&text[name_ends..value]);
        if length > 0 {
            kept.push('…');
        }
        at = value + length;
    }
    kept.push_str(&text[at..]);
    kept
}

/// The next name that is followed by `=` or `:`: where the name ends and where its value begins.
fn next_value(lower: &str, from: usize) -> Option<(usize, usize)> {
    let ends = NAMES.iter().flat_map(|name| lower[from..].match_indices(name).map(move |(at, _)| from + at + name.len()));
    ends.filter_map(|end| {
        let rest = &lower[end..];
        let mark = rest.trim_start_matches(['"', '\'', ' ']);
        let mark = mark.strip_prefix(['=', ':'])?;
        let value = mark.trim_start_matches(['"', '\'', ' ']);
        Some((end, end + rest.len() - value.len()))
    })
    .min()
}

/// How far a value reaches: an authorization has blanks and commas in it, and reaches to the end of its line.
fn value_length(rest: &str) -> usize {
    let words = ["aws4-hmac", "oss4-hmac", "oss ", "aws ", "bearer "];
    if words.iter().any(|word| rest.starts_with(word)) {
        return rest.find(['\n', '\r', '<']).unwrap_or(rest.len());
    }
    rest.find(|c: char| c.is_whitespace() || matches!(c, '&' | ';' | ',' | '"' | '\'' | '<')).unwrap_or(rest.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_follows_a_name_goes() {
        for (text, wanted) in [
            ("Access Denied", "Access Denied"),
            ("/k?X-Amz-Signature=abc&x=1", "/k?X-Amz-Signature=…&x=1"),
            ("x-amz-security-token:IQoJ/+= end", "x-amz-security-token:… end"),
            ("SecurityToken = \"CAIS\" x", "SecurityToken = \"…\" x"),
            ("Authorization: AWS4-HMAC-SHA256 Credential=AKIA/x, Signature=ff", "Authorization: …"),
            ("Authorization: OSS LTAI:sig=\nnext", "Authorization: …\\u{a}next"),
            ("x-oss-signature=a x-oss-signature=b", "x-oss-signature=… x-oss-signature=…"),
            ("the signature does not match", "the signature does not match"),
            ("signature:", "signature:"),
            ("ä signature=ä\u{202e}é ß", "ä signature=… ß"),
        ] {
            assert_eq!(shown(text), wanted);
        }
    }
}
