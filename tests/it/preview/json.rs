//! JSON on one line, on many, cut off, and what only looks like it.

use super::*;

#[test]
fn one_line_becomes_many() {
    let shown = look(&whole("a.json", br#"{"name":"a \"b\", c","n":[1,2.50,-3e9],"deep":{"x":[{"y":null}],"e":{},"f":[]}}"#), Mode::Auto);
    assert_eq!(shown.notes, ["JSON on one line: shown with line ends"]);
    let text = text_of(shown);
    assert_eq!(
        lines_of(&text),
        [
            "{",
            r#"  "name": "a \\"b\\", c","#,
            r#"  "n": [1, 2.50, -3e9],"#,
            r#"  "deep": {"#,
            r#"    "x": ["#,
            "      {",
            r#"        "y": null"#,
            "      }",
            "    ],",
            r#"    "e": {},"#,
            r#"    "f": []"#,
            "  }",
            "}",
        ]
    );
    assert_eq!(styled(&text, Style::Name), [r#""name""#, r#""n""#, r#""deep""#, r#""x""#, r#""y""#, r#""e""#, r#""f""#]);
    assert_eq!(styled(&text, Style::Number), ["1", "2.50", "3e9"]);
    assert_eq!(styled(&text, Style::Type), ["null"]);
    assert_eq!(text.language, "JSON");
}

/// Each beginning of a document is shown with line ends, and nothing of it is lost or added but white space.
#[test]
fn it_may_be_cut_off_anywhere() {
    let document = r#"{"a":[{"b":"x\\\"y","c":-1.5e+3},[true,false,null]],"d":{"e":[]},"é":"ü"}"#;
    for end in (3..=document.len()).filter(|end| document.is_char_boundary(*end)) {
        let bytes = &document.as_bytes()[..end];
        let text = text_of(look(&first_of("a.json", bytes, 5000), Mode::Auto));
        let squeezed: String = lines_of(&text).concat().split_whitespace().collect();
        assert_eq!(squeezed.replace("\\\\", "\\"), document[..end].split_whitespace().collect::<String>());
        assert!(text.lines.len() > 1 && text.cut, "{end}");
    }
}

/// A later page begins in a string, in a number, or between two things.
#[test]
fn a_later_part_gets_line_ends_too() {
    let page = |part: &str| text_lines(&Sample { offset: 700, ..first_of("a.json", part.as_bytes(), 5000) });
    assert_eq!(
        page(r#"lo, w","b":[{"c":1},2]}],"d":"x"#),
        ["lo, w\",", "\"b\": [", "  {", "    \"c\": 1", "  },", "  2", "]", "}", "],", "\"d\": \"x"]
    );
    assert_eq!(page("25,{\"a\":[]}]"), ["25,", "{", "  \"a\": []", "}", "]"]);
    assert_eq!(page(r#"},{"a":null"#), ["", "},", "{", "  \"a\": null"]);
    assert_eq!(page("no (json) at all"), ["no (json) at all"]);
}

#[test]
fn lines_of_documents_stay_lines() {
    let text = text_of(look(&whole("a.ndjson", b"{\"a\":1}\n{\"a\":2}\n"), Mode::Auto));
    assert_eq!(lines_of(&text), [r#"{"a":1}"#, r#"{"a":2}"#]);
    assert_eq!((text.language, styled(&text, Style::Name).len()), ("JSON lines", 2));
    // The first document may be longer than what is there.
    assert_eq!(text_lines(&first_of("a.jsonl", br#"{"a":[1,{"b""#, 900)), [r#"{"a":[1,{"b""#]);
    let pretty = b"{\n    \"a\": 1\n}\n";
    assert_eq!(text_lines(&whole("a.json", pretty)), ["{", "    \"a\": 1", "}"]);
}

#[test]
fn what_only_looks_like_json_stays_as_it_is() {
    for line in ["[info] started", "{not: json}", "[1, 2} no", "{\"a\" 1}", "[2024-01-02] x", "{\"a\":1} trailing", "[1,,2]"] {
        let shown = look(&whole("a.txt", line.as_bytes()), Mode::Auto);
        assert_eq!((lines_of(&text_of(shown.clone())), shown.notes), (vec![line.to_owned()], vec![]));
    }
}

#[test]
fn brackets_alone_make_no_large_text() {
    let bomb = "[".repeat(1 << 20);
    let text = text_of(look(&whole("a.json", bomb.as_bytes()), Mode::Auto));
    assert_eq!(text.lines.len(), 5_000);
    assert!(text.cut);
    assert!(lines_of(&text).iter().all(|line| line.len() <= 81));
}
