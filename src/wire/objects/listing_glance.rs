//! A glance at a page of keys: where the next page begins, before its rows are built.
//!
//! Comes in: the bytes of an answer. Goes out: a token and the page's last key, or nothing where a glance does not suffice.
//! Forbidden here: being believed. The page itself is read afterwards; what was asked for on the word of a glance counts only if
//! the page says the same.

use super::super::Answer;
use super::listing_keys::decoded;
use super::words::Words;
use crate::domain::Provider;

/// Where the fields of the page stand: some stores write them before the rows, some behind.
const HEAD: usize = 4096;
/// A row is shorter: a key of 1,024 bytes has 3,072 when it is encoded.
const TAIL: usize = 8192;

/// What a glance shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Glance {
    /// Where the next page begins.
    pub next: Box<str>,
    /// The last key of this one.
    pub last: Box<str>,
}

/// Whether a body begins as a page of keys does. Whatever does not is read at once, since it may be an error that is worth
/// another try.
pub fn begins_as_keys(answer: &Answer) -> bool {
    let head = &answer.body[..answer.body.len().min(1024)];
    (200..300).contains(&answer.status) && head.windows(16).any(|window| window == b"ListBucketResult")
}

/// Looks at both ends of a page of keys that is in the order of its keys, and has another page behind it.
pub fn glance(provider: Provider, answer: &Answer) -> Option<Glance> {
    let body = &answer.body[..];
    let (head, tail) = (&body[..body.len().min(HEAD)], &body[body.len().saturating_sub(TAIL)..]);
    let field = |name| last_text(tail, name).or_else(|| last_text(head, name));
    let next = field("NextContinuationToken").filter(|token| !token.is_empty())?;
    let encoded = field("EncodingType").is_some_and(|kind| kind.trim().eq_ignore_ascii_case("url"));
    let mut scratch = Vec::new();
    let last = decoded(Words::of(provider), encoded, last_text(tail, "Key")?, &mut scratch)?.into();
    Some(Glance { next: next.into(), last })
}

/// The text of the last element of that name; `None`: there is none, or its text is more than one piece.
fn last_text<'a>(bytes: &'a [u8], name: &str) -> Option<&'a str> {
    let place = last_tag(bytes, name)?;
    let text = &bytes[place + name.len() + 1..];
    let text = std::str::from_utf8(&text[..text.iter().position(|byte| *byte == b'<')?]).ok()?;
    (!text.contains('&')).then_some(text)
}

/// Where the name of the last tag stands that opens such an element, with a prefix or without.
fn last_tag(bytes: &[u8], name: &str) -> Option<usize> {
    let mut end = bytes.len();
    // Backwards, from each `>` to the `<` before it: a text may have a `>` too.
    while let Some(close) = bytes[..end].iter().rposition(|byte| *byte == b'>') {
        let open = bytes[..close].iter().rposition(|byte| *byte == b'<')?;
        let tag = &bytes[open + 1..close];
        let is_it = tag.strip_suffix(name.as_bytes()).is_some_and(|before| matches!(before, [] | [.., b':']) && !before.contains(&b'/'));
        if is_it {
            return Some(close - name.len());
        }
        end = close;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use http::HeaderMap;

    fn at(body: &str) -> Option<(String, String)> {
        let answer = Answer { status: 200, headers: HeaderMap::new(), body: Bytes::copy_from_slice(body.as_bytes()) };
        glance(Provider::S3, &answer).map(|glance| (glance.next.into(), glance.last.into()))
    }

    #[test]
    fn the_token_stands_before_the_rows_or_behind_them() {
        let rows = "<Contents><Key>a%2Bb</Key></Contents><Contents><Key>c%2Bd</Key><Size>1</Size></Contents>".repeat(200);
        let fields = "<EncodingType>url</EncodingType><NextContinuationToken>t+/=</NextContinuationToken>";
        let seen = Some(("t+/=".to_owned(), "c+d".to_owned()));
        assert_eq!(at(&format!("<ListBucketResult>{fields}{rows}</ListBucketResult>")), seen);
        assert_eq!(at(&format!("<ListBucketResult>{rows}{fields}</ListBucketResult>")), seen);
        assert_eq!(at(&format!("<x:ListBucketResult>{rows}{}", fields.replace('<', "<x:").replace("<x:/", "</x:"))), seen);
    }

    #[test]
    fn what_a_glance_does_not_show() {
        let row = "<Contents><Key>a</Key></Contents>";
        for body in [
            String::new(),
            row.to_owned(),
            format!("{row}<NextContinuationToken></NextContinuationToken>"),
            format!("{row}<NextContinuationToken/>"),
            format!("{row}<NextContinuationToken>a&amp;b</NextContinuationToken>"),
            format!("{row}<NextContinuationToken>a"),
            "<NextContinuationToken>a</NextContinuationToken>".to_owned(),
            "<Key>a&amp;</Key><NextContinuationToken>a</NextContinuationToken>".to_owned(),
        ] {
            assert_eq!(at(&body), None, "{body}");
        }
    }
}
