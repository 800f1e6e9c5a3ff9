//! Source in colours, and lines as they are drawn.

use proptest::prelude::*;

use super::*;

fn text(key: &str, source: &str) -> Text {
    text_of(look(&whole(key, source.as_bytes()), Mode::Auto))
}

#[test]
fn rust_is_taken_apart() {
    let source = "/* a /* b */ c */ fn main<'a>(x: &'a str) -> Option<u8> {\n    let c = 'x'; // say \"it\"\n    print!(\"{}\\n\", 0xff_u8 + 1..2);\n    r#\"raw \"x\" \"#\n}\n";
    let text = text("src/main.rs", source);
    assert_eq!(text.language, "Rust");
    assert_eq!(styled(&text, Style::Comment), ["/* a /* b */ c */", "// say \"it\""]);
    assert_eq!(styled(&text, Style::Keyword), ["fn", "let"]);
    assert_eq!(styled(&text, Style::Text), ["'x'", "\"{}\\\\n\"", "r#\"raw \"x\" \"#"]);
    assert_eq!(styled(&text, Style::Number), ["0xff_u8", "1", "2"]);
    assert_eq!(styled(&text, Style::Name), ["print"]);
    assert_eq!(styled(&text, Style::Type), ["'a", "'a", "str", "Option", "u8"]);
}

#[test]
fn strings_and_comments_go_on_over_lines() {
    let python = text("a.py", "x = \"\"\"one\ntwo # no comment\n\"\"\" # yes\nif x: pass\n");
    assert_eq!(styled(&python, Style::Text), ["\"\"\"one", "two # no comment", "\"\"\""]);
    assert_eq!(styled(&python, Style::Comment), ["# yes"]);
    assert_eq!(styled(&python, Style::Keyword), ["if", "pass"]);
    let c = text("a.c", "/* one\ntwo */ int x = 'a';\nchar *s = \"open\nint y;\n");
    assert_eq!(styled(&c, Style::Comment), ["/* one", "two */"]);
    assert_eq!(styled(&c, Style::Text), ["'a'", "\"open"]);
    assert_eq!(styled(&c, Style::Type), ["int", "char", "int"]);
}

#[test]
fn every_shape_has_its_names_and_heads() {
    let yaml = text("a.yaml", "# top\nbuckets:\n  - name: \"eu\"\n    size: 12\n");
    assert_eq!(styled(&yaml, Style::Name), ["buckets", "name", "size"]);
    assert_eq!((styled(&yaml, Style::Text), styled(&yaml, Style::Number)), (vec!["\"eu\""], vec!["12"]));
    let toml = text("Cargo.toml", "[package]\nname = 'x' # why\n");
    assert_eq!((styled(&toml, Style::Head), styled(&toml, Style::Comment)), (vec!["[package]"], vec!["# why"]));
    let html = text("index.html", "<!-- no\nmore --><p class=\"a\">5 > 3</p>\n");
    assert_eq!(styled(&html, Style::Keyword), ["<p", ">", "</p>"]);
    assert_eq!((styled(&html, Style::Name), styled(&html, Style::Text)), (vec!["class"], vec!["\"a\""]));
    let markdown = text("README.md", "# Head\ntext `code` #no\n```\nfn x\n```\n> said\n");
    assert_eq!(styled(&markdown, Style::Head), ["# Head"]);
    assert_eq!(styled(&markdown, Style::Text), ["`code`", "fn x"]);
    assert_eq!(styled(&markdown, Style::Comment), ["```", "```", "> said"]);
    let shell = text("run.sh", "echo a#b $# # why\n");
    assert_eq!(styled(&shell, Style::Comment), ["# why"]);
    let sql = text("q.sql", "SELECT a FROM t -- why\nWHERE b = 'it''s'\n");
    assert_eq!(styled(&sql, Style::Keyword), ["SELECT", "FROM", "WHERE"]);
    assert_eq!(styled(&sql, Style::Text), ["'it''s'"]);
}

#[test]
fn the_language_is_known_by_name_type_and_first_line() {
    let language = |key: &str, content_type: Option<&str>, source: &str| {
        text_of(look(&Sample { content_type, ..whole(key, source.as_bytes()) }, Mode::Auto)).language
    };
    assert_eq!(language("x/Dockerfile", None, "FROM a\n"), "Dockerfile");
    assert_eq!(language("x/APP.TS", None, "let a\n"), "TypeScript");
    assert_eq!(language("run", None, "#!/usr/bin/env python3\n"), "Python");
    assert_eq!(language("run", None, "#!/bin/sh -e\n"), "Shell");
    assert_eq!(language("page", Some("text/html; charset=utf-8"), "x\n"), "HTML");
    assert_eq!(language("feed", Some("application/atom+xml"), "x\n"), "XML");
    assert_eq!(language("data", None, "<?xml version='1.0'?>\n"), "XML");
    assert_eq!(language("data", None, "{\n \"a\": 1}\n"), "JSON");
    assert_eq!(language("notes", None, "a note\n"), "plain text");
    // A name alone is no ending.
    assert_eq!(language("rs", None, "fn\n"), "plain text");
}

#[test]
fn what_would_act_on_a_terminal_or_hide_is_escaped() {
    let text = text("a.log", "bell\u{7} esc\u{1b}[31m back\\slash\r\nbidi \u{202e}cod\u{2066} zero\u{200b}width\u{feff} c1\u{9b}\n");
    assert_eq!(
        lines_of(&text),
        ["bell\\u{7} esc\\u{1b}[31m back\\\\slash", "bidi \\u{202e}cod\\u{2066} zero\\u{200b}width\\u{feff} c1\\u{9b}",]
    );
}

#[test]
fn tabs_reach_to_the_next_stop() {
    assert_eq!(text_lines(&whole("a.txt", "\ta\tbc\tdefg\t中\t|".as_bytes())), ["    a   bc  defg    中  |"]);
}

#[test]
fn long_lines_and_long_texts_are_cut_with_a_mark() {
    let long = text("a.txt", &format!("{}\nshort\n", "ä".repeat(2_500)));
    assert_eq!(lines_of(&long), [format!("{}… 500 characters more", "ä".repeat(2_000)), "short".to_owned()]);
    assert_eq!(styled(&long, Style::Dim), ["… 500 characters more"]);
    assert!(!long.cut);
    let exact = text("a.txt", &"x".repeat(2_000));
    assert_eq!(lines_of(&exact), ["x".repeat(2_000)]);
    let source = "x\n".repeat(5_001);
    let many = look(&whole("a.txt", source.as_bytes()), Mode::Auto);
    assert_eq!(many.notes, ["the first 5000 lines are shown"]);
    let many = text_of(many);
    assert_eq!((many.lines.len(), many.cut), (5_000, true));
}

const NAMES: &[&str] = &[
    "a.rs", "a.py", "a.js", "a.go", "a.c", "a.sql", "a.lua", "a.sh", "a.yaml", "a.toml", "a.ini", "a.html", "a.md", "a.rb", "a.json",
    "a.txt",
];

proptest! {
    /// Colours change nothing of the text: every character leaves once, in its order, in any language.
    #[test]
    fn no_character_is_lost(
        name in proptest::sample::select(NAMES),
        pieces in proptest::collection::vec(proptest::sample::select(PIECES), 0..60),
    ) {
        // With a letter first it is no JSON on one line, which would get line ends.
        let source = format!("x{}", pieces.concat());
        let text = text_of(look(&whole(name, source.as_bytes()), Mode::Text));
        let expected: Vec<String> = source.lines().map(|line| line.replace('\\', "\\\\")).collect();
        prop_assert_eq!(lines_of(&text), expected);
    }
}

const PIECES: &[&str] = &[
    "\"", "'", "`", "\\", "/*", "*/", "//", "#", "--", "<!--", "-->", "<", ">", "/>", "r#\"", "\"#", "\"\"\"", "'''", "```", "\n", " ",
    "0x1f", "1.5e-3", "word", "fn", "é", "中", "[", "]", "{", "}", ":", "=", "-", ";", "=begin", "=end", "--[[", "]]", "'a", "'\\''",
    "e\u{301}", "!", "(",
];
