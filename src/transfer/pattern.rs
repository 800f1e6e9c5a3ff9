//! `--include` and `--exclude`: which keys of a prefix are meant.
//!
//! Comes in: patterns as typed, in their order. Goes out: yes or no for each key. Own code, because the crates for it bring a
//! regular-expression engine, and would treat `/` otherwise than `aws` does.

use serde::{Deserialize, Serialize};

use crate::domain::escape::visible;
use crate::domain::{Error, ErrorKind, Result};

/// The rule in one sentence, as the help quotes it.
pub const RULE: &str = "The last pattern that matches a key decides; a key that none matches is left out if the first pattern is \
                        an --include, and taken otherwise.";

/// What the patterns are made of, as the help quotes it.
pub const SYNTAX: &str = "`*` is any text, also across `/`, `?` is one character, `[a-z]` and `[!a-z]` are one of those and one of \
                          the others; the pattern stands for the whole key below the prefix.";

/// One pattern as it was typed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Rule {
    /// Keys that match are taken.
    Include(String),
    /// Keys that match are left out.
    Exclude(String),
}

impl Rule {
    fn verdict(&self) -> Verdict {
        match self {
            Self::Include(_) => Verdict::Taken,
            Self::Exclude(_) => Verdict::LeftOut,
        }
    }

    fn pattern(&self) -> &str {
        match self {
            Self::Include(pattern) | Self::Exclude(pattern) => pattern,
        }
    }
}

/// The patterns of one command, in the order in which they were typed. Without any, every key is taken.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Patterns {
    rules: Vec<(Verdict, Vec<Token>)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Taken,
    LeftOut,
}

/// A piece of a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    /// This character.
    One(char),
    /// Any character, `?`.
    Any,
    /// Any text, `*`.
    Many,
    /// A character in one of the ranges.
    In(Vec<(char, char)>),
    /// A character in none of them.
    NotIn(Vec<(char, char)>),
}

impl Patterns {
    /// Reads patterns in the order in which they were typed.
    ///
    /// # Errors
    /// `Usage` if a pattern is empty, or a `[` is not closed or a range turned round.
    pub fn parse(rules: impl Iterator<Item = Rule>) -> Result<Self> {
        let rules = rules.map(|rule| Ok((rule.verdict(), tokens(rule.pattern())?)));
        Ok(Self { rules: rules.collect::<Result<_>>()? })
    }

    /// Whether there is no pattern at all.
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// Whether a key is taken. It is given relative to the prefix: `2024/a.jpg`.
    pub fn admits(&self, relative_key: &str) -> bool {
        let otherwise = match self.rules.first() {
            Some((Verdict::Taken, _)) => Verdict::LeftOut,
            Some((Verdict::LeftOut, _)) | None => Verdict::Taken,
        };
        let last = self.rules.iter().rev().find(|(_, tokens)| matches(tokens, relative_key));
        last.map_or(otherwise, |(verdict, _)| *verdict) == Verdict::Taken
    }
}

fn tokens(pattern: &str) -> Result<Vec<Token>> {
    if pattern.is_empty() {
        return Err(wrong(pattern, "empty"));
    }
    let (mut tokens, mut rest) = (Vec::new(), pattern);
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        match c {
            '?' => tokens.push(Token::Any),
            // Two stars are one: they only cost time.
            '*' if tokens.last() == Some(&Token::Many) => {}
            '*' => tokens.push(Token::Many),
            '[' => {
                let (token, after) = class(rest).ok_or_else(|| wrong(pattern, "a `[` without a `]`, or a range the wrong way round"))?;
                tokens.push(token);
                rest = after;
            }
            c => tokens.push(Token::One(c)),
        }
    }
    Ok(tokens)
}

/// What stands behind a `[`, and what follows the `]`. A `]` right at the beginning is meant itself, as in a shell.
fn class(text: &str) -> Option<(Token, &str)> {
    let (inside, token): (_, fn(Vec<_>) -> Token) = match text.strip_prefix('!') {
        Some(inside) => (inside, Token::NotIn),
        None => (text, Token::In),
    };
    let first = inside.chars().next()?.len_utf8();
    let end = first + inside[first..].find(']')?;
    let (mut ranges, mut rest) = (Vec::new(), inside[..end].chars());
    while let Some(low) = rest.next() {
        let mut ahead = rest.clone();
        let high = match (ahead.next(), ahead.next()) {
            (Some('-'), Some(high)) => {
                rest = ahead;
                high
            }
            _ => low,
        };
        if low > high {
            return None;
        }
        ranges.push((low, high));
    }
    Some((token(ranges), &inside[end + 1..]))
}

fn wrong(pattern: &str, what: &str) -> Error {
    Error::new(ErrorKind::Usage, format!("the pattern `{}`: {what}", visible(pattern)))
        .hint("Quote it for the shell, and write `[[]` for a bracket, `[*]` for a star.")
}

/// Whether the tokens match the whole text. Only the last `*` is ever widened, so that no pattern takes more than the product of
/// both lengths.
fn matches(tokens: &[Token], text: &str) -> bool {
    let (mut at, mut rest) = (0, text);
    let mut star: Option<(usize, &str)> = None;
    loop {
        let next = rest.chars().next();
        match (tokens.get(at), next) {
            (None, None) => return true,
            (Some(Token::Many), _) => {
                at += 1;
                star = Some((at, rest));
                continue;
            }
            (Some(token), Some(c)) if token.takes(c) => {
                at += 1;
                rest = &rest[c.len_utf8()..];
                continue;
            }
            (Some(_), _) | (None, Some(_)) => {}
        }
        let Some((after, from)) = star else { return false };
        let Some(skipped) = from.chars().next() else { return false };
        rest = &from[skipped.len_utf8()..];
        at = after;
        star = Some((after, rest));
    }
}

impl Token {
    fn takes(&self, c: char) -> bool {
        let within = |ranges: &[(char, char)]| ranges.iter().any(|(low, high)| (*low..=*high).contains(&c));
        match self {
            Self::One(one) => *one == c,
            Self::Any => true,
            Self::In(ranges) => within(ranges),
            Self::NotIn(ranges) => !within(ranges),
            Self::Many => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn one(pattern: &str) -> Patterns {
        Patterns::parse([Rule::Include(pattern.to_owned())].into_iter()).unwrap()
    }

    fn list(rules: &[&str]) -> Patterns {
        let rule = |text: &&str| match text.split_at(1) {
            ("+", pattern) => Rule::Include(pattern.to_owned()),
            (_, pattern) => Rule::Exclude(pattern.to_owned()),
        };
        Patterns::parse(rules.iter().map(rule)).unwrap()
    }

    #[test]
    fn what_matches() {
        let rows: [(&str, &[&str], &[&str]); 14] = [
            ("*.jpg", &["a.jpg", "x/y/z.jpg", ".jpg"], &["a.jpeg", "a.jpg.txt", "a.JPG"]),
            ("*", &["a", "a/b", "", "\n"], &[]),
            ("a", &["a"], &["b/a", "aa", ""]),
            ("a?c", &["abc", "a/c", "a长c"], &["ac", "abbc"]),
            ("logs/*/error*", &["logs/x/error.txt", "logs/x/y/error"], &["logs/error", "log/x/error"]),
            ("**/x", &["a/x", "/x"], &["x"]),
            ("[a-c]1", &["a1", "c1"], &["d1", "-1", "1"]),
            ("[!a-c]1", &["d1", "/1"], &["a1", "1"]),
            ("[]]x", &["]x"], &["[x"]),
            ("[!]]x", &["ax"], &["]x"]),
            ("[a-]", &["a", "-"], &["b"]),
            ("[[]*[*]", &["[x*", "[*"], &["[x", "x*"]),
            ("*a*b*c", &["abc", "xaxbxc", "aabbcc", "abcabc"], &["acb", "abcx"]),
            ("2024-01-*.p[dn][fg]", &["2024-01-31.pdf", "2024-01-/x.png"], &["2024-01-31.pd"]),
        ];
        for (pattern, matching, other) in rows {
            for key in matching {
                assert!(one(pattern).admits(key), "{pattern} {key}");
            }
            for key in other {
                assert!(!one(pattern).admits(key), "{pattern} {key}");
            }
        }
    }

    #[test]
    fn the_last_match_decides() {
        let rows: [(&[&str], &[&str], &[&str]); 6] = [
            (&[], &["a", ""], &[]),
            (&["+*.jpg"], &["a.jpg"], &["a.txt"]),
            (&["-*.tmp"], &["a.jpg"], &["a.tmp"]),
            // As with aws.
            (&["-*", "+*.txt"], &["a.txt"], &["a.jpg"]),
            (&["-*.tmp", "+keep.tmp"], &["a", "keep.tmp"], &["b.tmp"]),
            (&["+*.jpg", "-draft/*", "+draft/final.jpg"], &["a.jpg", "draft/final.jpg"], &["draft/a.jpg", "a.txt"]),
        ];
        for (rules, taken, left_out) in rows {
            let patterns = list(rules);
            assert_eq!(patterns.is_empty(), rules.is_empty());
            assert!(taken.iter().all(|key| patterns.admits(key)), "{rules:?}");
            assert!(!left_out.iter().any(|key| patterns.admits(key)), "{rules:?}");
        }
    }

    #[test]
    fn what_is_no_pattern() {
        for (pattern, message) in [
            ("", "the pattern ``: empty"),
            ("a[b", "the pattern `a[b`: a `[` without a `]`, or a range the wrong way round"),
            ("[]", "the pattern `[]`: a `[` without a `]`, or a range the wrong way round"),
            ("[!]", "the pattern `[!]`: a `[` without a `]`, or a range the wrong way round"),
            ("[z-a]\u{1b}", "the pattern `[z-a]\\u{1b}`: a `[` without a `]`, or a range the wrong way round"),
        ] {
            let error = Patterns::parse([Rule::Exclude(pattern.to_owned())].into_iter()).unwrap_err();
            assert_eq!((error.kind(), error.message()), (ErrorKind::Usage, message));
        }
    }

    /// A pattern made to hurt is answered at once: a million steps, not two to the power of twenty.
    #[test]
    fn many_stars_end() {
        let pattern = "a*".repeat(20) + "b";
        assert!(!one(&pattern).admits(&"a".repeat(1_024)));
    }

    /// The definition, as plainly as it can be written, and slow.
    fn plainly(pattern: &[char], text: &[char]) -> bool {
        match (pattern, text) {
            ([], text) => text.is_empty(),
            (['*', after @ ..], text) => (0..=text.len()).any(|skip| plainly(after, &text[skip..])),
            (['?', after @ ..], [_, rest @ ..]) => plainly(after, rest),
            ([first, after @ ..], [c, rest @ ..]) => first == c && plainly(after, rest),
            (_, []) => false,
        }
    }

    proptest! {
        #[test]
        fn as_the_definition_says(pattern in "[ab/*?]{1,8}", text in "[ab/]{0,10}") {
            let by_hand = plainly(&pattern.chars().collect::<Vec<_>>(), &text.chars().collect::<Vec<_>>());
            prop_assert_eq!(one(&pattern).admits(&text), by_hand);
        }

        #[test]
        fn nothing_typed_panics(pattern in ".{0,12}", key in ".{0,12}") {
            if let Ok(patterns) = Patterns::parse([Rule::Include(pattern)].into_iter()) {
                patterns.admits(&key);
            }
        }
    }
}
