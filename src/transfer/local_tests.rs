//! Names of keys that mean no harm, and of those that do (P12, E1 to E9 of the catalogue of failures).

use std::path::{Component, Path};

use proptest::prelude::*;

use super::*;

fn on(system: System, key: &str) -> LocalName {
    name_on(system, &ObjectKey::new(key), "").unwrap()
}

fn joined(system: System, key: &str) -> String {
    on(system, key).components.join("/")
}

#[test]
fn names_that_stay() {
    for key in [
        "a",
        "photos/2024/été 01.jpg",
        ".bashrc",
        "-rf",
        "~",
        "$HOME",
        "a b",
        "12:30:00.log",
        "100%",
        "50% off",
        "%2",
        "%zz",
        "…",
        "...",
        "...a/..b/c..",
        "ends in a dot.",
        "ends in a space ",
        "what? \"this\" <that> | *",
        "长".repeat(85).as_str(),
        "❤\u{fe0f}.png",
        "e\u{301}",
        "CONSOLE",
        "com10",
        "com",
        "lpt1x",
        "nullable.txt",
    ] {
        assert_eq!(joined(System::Unix, key), key);
        assert!(!on(System::Unix, key).altered, "{key}");
    }
}

#[test]
fn names_that_are_escaped_everywhere() {
    let rows = [
        (".", "%2E"),
        ("..", "%2E%2E"),
        ("../../etc/passwd", "%2E%2E/%2E%2E/etc/passwd"),
        ("a/../b", "a/%2E%2E/b"),
        ("a/./b", "a/%2E/b"),
        ("/etc/passwd", "%2F/etc/passwd"),
        ("a//b", "a/%2F/b"),
        ("a\0b", "a%00b"),
        ("a\\..\\b", "a%5C..%5Cb"),
        ("\x1b[2J", "%1B[2J"),
        ("a\u{9b}b", "a%C2%9Bb"),
        ("gpj.\u{202e}txt", "gpj.%E2%80%AEtxt"),
        ("a\u{200b}b", "a%E2%80%8Bb"),
        ("a\u{e0041}", "a%F3%A0%81%81"),
        ("C:", "C%3A"),
        ("c:\\x", "c%3A%5Cx"),
        ("d/C:/x", "d/C%3A/x"),
        ("NUL", "%4EUL"),
        ("con.tar.gz", "%63on.tar.gz"),
        ("Aux .txt", "%41ux .txt"),
        ("com1", "%63om1"),
        ("lpt9.txt", "%6Cpt9.txt"),
        ("PRN", "%50RN"),
        ("LPT¹.log", "%4CPT¹.log"),
        ("conin$", "%63onin$"),
        ("%2E%2E", "%252E%252E"),
        ("%2f", "%252f"),
        ("a%~b", "a%25~b"),
        ("%\\", "%%5C"),
    ];
    for (key, name) in rows {
        for system in [System::Unix, System::Windows] {
            assert_eq!(joined(system, key), name, "{key:?}");
            assert!(on(system, key).altered, "{key:?}");
        }
    }
}

#[test]
fn names_that_are_escaped_on_windows() {
    let rows = [
        ("12:30.log", "12%3A30.log"),
        ("a.", "a%2E"),
        ("a ", "a%20"),
        ("...", "..%2E"),
        (". .", ". %2E"),
        ("a:stream", "a%3Astream"),
        ("<>\"|?*", "%3C%3E%22%7C%3F%2A"),
        ("inner . dot", "inner . dot"),
    ];
    for (key, name) in rows {
        assert_eq!(joined(System::Windows, key), name);
    }
}

#[test]
fn the_prefix_is_taken_off_at_its_last_slash() {
    let rows = [
        ("logs/2024-01", "logs/", "2024-01"),
        ("logs/2024-01", "logs/2024-", "2024-01"),
        ("logs/2024-01", "logs/2024-01", "2024-01"),
        ("logs/2024-01", "lo", "logs/2024-01"),
        ("logs/2024-01", "", "logs/2024-01"),
        ("logs//x", "logs/", "%2F/x"),
        ("logs//x", "logs//", "x"),
    ];
    for (key, below, name) in rows {
        assert_eq!(relative(&ObjectKey::new(key), below).unwrap().components.join("/"), name, "{below}");
    }
}

#[test]
fn keys_from_elsewhere_are_refused() {
    for (key, below) in [("logs/x", "log/"), ("logs", "logs/"), ("a/b", "a/c")] {
        let error = relative(&ObjectKey::new(key), below).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidReply);
        assert_eq!(error.message(), format!("the key `{key}` is not below `{below}`"));
    }
    assert_eq!(relative(&ObjectKey::new(""), "").unwrap_err().kind(), ErrorKind::Usage);
}

#[test]
fn markers_are_folders_unless_they_have_content() {
    let rows: [(&str, &[&str], &[&str]); 4] = [
        ("p/", &[], &["%2F"]),
        ("p/a/", &["a"], &["a", "%2F"]),
        ("p/a//", &["a", "%2F"], &["a", "%2F", "%2F"]),
        ("p/../", &["%2E%2E"], &["%2E%2E", "%2F"]),
    ];
    for (key, folder, file) in rows {
        let name = relative(&ObjectKey::new(key), "p/").unwrap();
        assert!(name.is_folder_marker);
        assert_eq!(name.components, folder, "{key}");
        let name = name.with_content();
        assert!(!name.is_folder_marker && name.altered);
        assert_eq!(name.components, file, "{key}");
    }
    let file = on(System::Unix, "a");
    assert_eq!(file.clone().with_content(), file);
}

#[test]
fn long_names_are_cut_and_told_apart() {
    let fits = "k".repeat(255);
    assert_eq!(joined(System::Unix, &fits), fits);
    // From `sha256sum`.
    let long = "k".repeat(256);
    assert_eq!(joined(System::Unix, &long), format!("{}%~ce16fe78208a4e93", "k".repeat(237)));
    assert!(on(System::Unix, &long).altered);
    // What is inside of a long folder stays together.
    assert_eq!(on(System::Unix, &format!("{long}/a")).components[0], on(System::Unix, &format!("{long}/b")).components[0]);
    // Escapes count; a character is never cut in two.
    for key in ["\\".repeat(86), "长".repeat(86), format!("{}长", "k".repeat(236)) + &"k".repeat(30)] {
        let name = joined(System::Unix, &key);
        assert!(name.len() <= 255 && name.contains("%~"), "{name}");
    }
    assert_ne!(joined(System::Unix, &"\\".repeat(86)), joined(System::Unix, &"\\".repeat(87)));
}

#[test]
fn keys_of_files() {
    assert_eq!(key_of("backup/", &["a", "b c.txt"]).as_str(), "backup/a/b c.txt");
    assert_eq!(key_of("", &["%2E%2E"]).as_str(), "%2E%2E");
    assert_eq!(key_of("day-", &["01", "x"]).as_str(), "day-01/x");
}

#[test]
fn set_aside_names_fit_too() {
    let key = ObjectKey::new("k".repeat(255) + "/x");
    let name = relative(&key, "").unwrap().aside(Clash::FileInTheWay { depth: 1 }, &key);
    assert!(name.components[0].len() <= 255 && name.components[0].contains("%~"));
    let name = relative(&key, "").unwrap().aside(Clash::SameFile, &key);
    assert_eq!(name.components[0], "k".repeat(255));
    assert!(name.components[1].starts_with("x%~") && name.altered);
    let root = relative(&ObjectKey::new("p/"), "p/").unwrap();
    assert_eq!(root.clone().aside(Clash::FileInTheWay { depth: 0 }, &key), root);
}

/// Undoes the escape, without knowing how it was made: `%` and two digits are a byte.
fn unescaped(name: &str) -> String {
    let (mut bytes, mut rest) = (Vec::new(), name.as_bytes());
    while let [first, after @ ..] = rest {
        let code = (*first == b'%').then(|| std::str::from_utf8(after.get(..2)?).ok()).flatten();
        match code.filter(|code| code.bytes().all(|b| b.is_ascii_hexdigit())) {
            Some(code) => {
                bytes.push(u8::from_str_radix(code, 16).unwrap());
                rest = &after[2..];
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8(bytes).unwrap()
}

/// Keys made of what hurts.
fn keys() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        prop::sample::select(vec![
            "/", "//", ".", "..", "\\", "%", "%2", "%2F", "%2e", "~", "%~", ":", "C:", "\0", "\u{1b}", "\u{202e}", "\u{200d}", "NUL",
            "com1", "con", ".txt", " ", "*", "\u{85}", "é", "e\u{301}", "长", "a", "b", "A", "2", "E", "-"
        ])
        .prop_map(str::to_owned),
        any::<char>().prop_map(String::from),
    ];
    prop::collection::vec(piece, 1..14).prop_map(|pieces| pieces.concat())
}

fn assert_safe(system: System, key: &str) -> std::result::Result<(), TestCaseError> {
    let name = on(system, key);
    let root = Path::new("/chosen/folder");
    let path = name.components.iter().fold(root.to_owned(), |path, component| path.join(component));
    prop_assert!(path.starts_with(root), "{}", path.display());
    prop_assert_eq!(path.components().count(), 3 + name.components.len());
    for component in &name.components {
        prop_assert!(matches!(Path::new(component).components().collect::<Vec<_>>()[..], [Component::Normal(_)]), "{component:?}");
        prop_assert!((1..=255).contains(&component.len()));
        let forbidden = ['/', '\\', '\0', '\u{202e}', '\u{200d}', '\u{feff}'];
        prop_assert!(!component.chars().any(|c| c.is_control() || forbidden.contains(&c)), "{component:?}");
        prop_assert!(!(component.as_bytes()[0].is_ascii_alphabetic() && component[1..].starts_with(':')), "{component:?}");
        if system == System::Windows {
            prop_assert!(!component.ends_with(['.', ' ']) && !component.contains(['<', '>', ':', '"', '|', '?', '*']), "{component:?}");
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn names_stay_inside(key in keys()) {
        assert_safe(System::Unix, &key)?;
        assert_safe(System::Windows, &key)?;
    }

    /// A name says which key it is of, so no two keys have one.
    #[test]
    fn a_name_says_its_key(key in keys()) {
        for system in [System::Unix, System::Windows] {
            let name = on(system, &key);
            let segments: Vec<String> = name.components.iter().map(|component| unescaped(component)).map(|text| if text == "/" { String::new() } else { text }).collect();
            let slash = if name.is_folder_marker { "/" } else { "" };
            prop_assert_eq!(segments.join("/") + slash, key.as_str());
            prop_assert_eq!(name.altered, name.components.join("/") + slash != key);
        }
    }

    /// The same from outside: also the names of files that come from markers with content.
    #[test]
    fn two_keys_have_two_names(first in keys(), second in keys()) {
        if first != second {
            let (first, second) = (on(System::Unix, &first), on(System::Unix, &second));
            prop_assert_ne!(&first, &second);
            let file = |name: LocalName| name.with_content().components;
            prop_assert_ne!(file(first), file(second));
        }
    }

    /// What was downloaded unaltered goes back to its key.
    #[test]
    fn there_and_back(key in keys()) {
        let name = relative(&ObjectKey::new(format!("p/{key}")), "p/").unwrap();
        if !name.altered && !name.is_folder_marker {
            let components: Vec<&str> = name.components.iter().map(String::as_str).collect();
            prop_assert_eq!(key_of("p/", &components), ObjectKey::new(format!("p/{key}")));
        }
    }
}
