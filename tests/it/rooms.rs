//! The walls between the rooms: what each one imports, against the table in `src/lib.rs`.
//!
//! Read are `use` trees and paths in the code: `crate::room::…`, and `name::…` of external crates. Comments, texts and
//! `#[cfg(test)]` modules do not count.
#![expect(clippy::disallowed_methods, reason = "it reads the sources")]

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// Room, rooms that it may use beside itself, external crates that it may use. Typed by hand: a new line here is a decision.
const TABLE: &[(&str, &[&str], &[&str])] = &[
    ("domain", &[], &["crc32c", "crc32fast", "crc64fast", "crc64fast_nvme", "jiff", "serde", "zeroize"]),
    ("config", &["domain"], &["serde", "toml"]),
    // The chains of both clouds are asked through a context, so parsers of their answers stand here, and no reader of files.
    (
        "credentials",
        &["domain", "config"],
        &[
            "bytes",
            "http",
            "jiff",
            "percent_encoding",
            "quick_xml",
            "reqsign_aliyun_oss",
            "reqsign_aws_v4",
            "reqsign_core",
            "serde",
            "serde_json",
            "tokio",
            "toml",
            "zeroize",
        ],
    ),
    ("audit", &["domain"], &["jiff"]),
    // Which of a million rows are meant is decided here, off the screen's thread; letters in their order are nucleo's.
    ("transfer", &["domain"], &["base64", "jiff", "nucleo_matcher", "serde", "sha2"]),
    ("prices", &["domain"], &["jiff", "toml"]),
    // Whether a changed payer is the user's own change, the journal's lines say; which store has list prices, the book.
    ("alarms", &["domain", "audit", "prices"], &["jiff"]),
    ("preview", &["domain"], &["chardetng", "encoding_rs", "flate2", "gif", "png", "unicode_width", "zune_jpeg"]),
    // The catalogue of errors and what follows from it: pure, so that every row is tried in microseconds.
    ("doctor", &["domain"], &[]),
    (
        "wire",
        &["domain", "doctor"],
        &["base64", "bytes", "hmac", "http", "jiff", "md5", "percent_encoding", "quick_xml", "serde_json", "sha1", "sha2", "zeroize"],
    ),
    (
        "app",
        &["domain", "config", "audit", "transfer", "preview", "prices", "alarms", "doctor"],
        &["jiff", "nucleo_matcher", "tui_input", "unicode_segmentation", "unicode_width"],
    ),
    (
        "ui",
        &["domain", "config", "app", "audit", "transfer", "preview", "prices", "alarms"],
        &["jiff", "ratatui", "toml", "unicode_segmentation", "unicode_width"],
    ),
    (
        "demo",
        &["domain", "wire"],
        &[
            "base64",
            "bytes",
            "fastrand",
            "hmac",
            "http",
            "http_body_util",
            "hyper",
            "hyper_util",
            "jiff",
            "md5",
            "percent_encoding",
            "quick_xml",
            "rustls",
            "serde_json",
            "sha1",
            "sha2",
            "tokio",
            "tokio_rustls",
        ],
    ),
    (
        "runtime",
        &["domain", "config", "credentials", "audit", "transfer", "preview", "prices", "alarms", "doctor", "wire", "app", "ui", "demo"],
        EVERYTHING,
    ),
    (
        "cli",
        &[
            "domain",
            "config",
            "credentials",
            "audit",
            "transfer",
            "preview",
            "prices",
            "alarms",
            "doctor",
            "wire",
            "app",
            "ui",
            "demo",
            "runtime",
        ],
        EVERYTHING,
    ),
];

/// Any crate of the manifest.
const EVERYTHING: &[&str] = &["*"];

/// Crates that wait, draw or connect: whoever adds one of them to a pure room's line above still fails here.
const NEVER: &[(&str, &[&str])] = &[
    ("domain", &["tokio", "ratatui", "crossterm", "reqwest", "hyper", "rusqlite", "rustix"]),
    ("config", &["tokio", "ratatui", "crossterm", "reqwest", "hyper", "rusqlite", "rustix"]),
    ("audit", &["tokio", "ratatui", "crossterm", "reqwest", "hyper", "rusqlite", "rustix"]),
    ("transfer", &["tokio", "ratatui", "crossterm", "reqwest", "hyper", "rusqlite", "rustix"]),
    ("prices", &["tokio", "ratatui", "crossterm", "reqwest", "hyper", "rusqlite", "rustix"]),
    ("alarms", &["tokio", "ratatui", "crossterm", "reqwest", "hyper", "rusqlite", "rustix"]),
    ("preview", &["tokio", "ratatui", "crossterm", "reqwest", "hyper", "rusqlite", "rustix"]),
    ("wire", &["tokio", "ratatui", "crossterm", "reqwest", "hyper", "rusqlite", "rustix"]),
    ("app", &["tokio", "ratatui", "crossterm", "reqwest", "hyper", "rusqlite", "rustix"]),
    ("ui", &["tokio", "crossterm", "reqwest", "hyper", "rusqlite", "rustix"]),
    ("demo", &["ratatui", "crossterm", "reqwest", "rusqlite"]),
    ("credentials", &["ratatui", "crossterm", "reqwest", "hyper", "rusqlite", "rustix"]),
];

#[test]
fn every_room_keeps_to_the_table() {
    let crates = crates_of_the_manifest();
    let mut complaints = String::new();
    let sources = sources();
    let tests: BTreeSet<PathBuf> = sources.iter().flat_map(|(path, text)| test_files_of(path, text)).collect();
    for (path, text) in sources.iter().filter(|(path, _)| !tests.contains(path)) {
        let Some(room) = room_of(path) else { continue };
        let (_, rooms, externals) = TABLE.iter().find(|(name, ..)| *name == room).unwrap_or_else(|| panic!("no line for room {room}"));
        let code = code_of(text);
        for used in rooms_used(&code).into_iter().filter(|used| *used != room && !rooms.contains(&used.as_str())) {
            writeln!(complaints, "{}: {room} may not use the room {used}", path.display()).unwrap();
        }
        for used in crates_used(&code, &crates).into_iter().filter(|used| *externals != EVERYTHING && !externals.contains(&used.as_str())) {
            writeln!(complaints, "{}: {room} may not use the crate {used}", path.display()).unwrap();
        }
    }
    assert!(complaints.is_empty(), "{complaints}");
}

#[test]
fn the_table_itself_keeps_the_pure_rooms_pure() {
    for (room, never) in NEVER {
        let (_, _, externals) = TABLE.iter().find(|(name, ..)| name == room).unwrap();
        assert!(never.iter().all(|name| !externals.contains(name)), "{room}");
    }
}

#[test]
fn the_table_knows_every_room() {
    let lib = std::fs::read_to_string(source_folder().join("lib.rs")).unwrap();
    let declared: BTreeSet<&str> = lib.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';')).collect();
    assert_eq!(declared, TABLE.iter().map(|(room, ..)| *room).collect());
}

/// The fence sees through the ways in which an import can be written.
#[test]
fn imports_are_found_however_they_are_written() {
    let text = r##"
        //! crate::cli is only mentioned; "crate::demo" too
        use crate::{app::{Key, Msg}, audit as said, domain::{self, Op}};
        use super::super::super::nothing;
        use ::tokio::sync::mpsc;
        fn f() { let s = "crate::ui::x"; /* crate::runtime::y */ whopays::audit::Outcome::Sent; reqwest::get(s); }
        pub use crate::config::Config; // crate::credentials
        let c = '"'; let r = r#"hyper::x"#; let l: &'static str = "";
        mod hyper; fn g() { hyper::x(); }
        mytokio::x(); self::rustix::y(); x.http();
        #[cfg(test)]
        mod tests { use crate::cli::main; use proptest::prelude; fn f() { g(); } }
        #[cfg(test)]
        #[path = "x_tests.rs"] mod more;
        use crate::wire::sign;
    "##;
    let code = code_of(text);
    assert_eq!(rooms_used(&code).into_iter().collect::<Vec<_>>(), ["app", "audit", "config", "domain", "wire"]);
    let crates = ["tokio", "reqwest", "hyper", "rustix", "http", "proptest"].map(str::to_owned);
    assert_eq!(crates_used(&code, &crates).into_iter().collect::<Vec<_>>(), ["reqwest", "tokio"]);
}

fn source_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// Every source file with its text.
fn sources() -> Vec<(PathBuf, String)> {
    let (mut folders, mut found) = (vec![source_folder()], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push((path.clone(), std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    assert!(found.len() > 20, "the sources were found");
    found
}

/// The folder (or file) right under `src`; `None` for the crate's own two files.
fn room_of(path: &Path) -> Option<String> {
    let inside = path.strip_prefix(source_folder()).unwrap();
    let first = Path::new(inside.components().next()?.as_os_str()).file_stem()?.to_str()?.to_owned();
    (first != "lib" && first != "main").then_some(first)
}

/// The files of the modules that a file declares behind `#[cfg(test)]`.
fn test_files_of(path: &Path, text: &str) -> Vec<PathBuf> {
    let (folder, stem) = (path.parent().unwrap(), path.file_stem().unwrap());
    let below = if stem == "mod" || stem == "lib" { folder.to_owned() } else { folder.join(stem) };
    let declarations = text.split("#[cfg(test)]").skip(1).filter_map(|piece| {
        let declaration = piece.split_once(';')?.0.trim();
        match declaration.strip_prefix("#[path = \"") {
            Some(named) => Some(folder.join(named.split_once('"')?.0)),
            None => Some(below.join(declaration.strip_prefix("mod ")?).with_extension("rs")),
        }
    });
    declarations.collect()
}

/// The names under which the manifest's crates appear in code.
fn crates_of_the_manifest() -> Vec<String> {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml")).unwrap();
    let manifest: toml::Table = text.parse().unwrap();
    let mut names: Vec<String> = ["dependencies", "dev-dependencies"]
        .iter()
        .flat_map(|section| manifest[*section].as_table().unwrap().keys())
        .map(|name| name.replace('-', "_"))
        .collect();
    // These are called otherwise than their packages.
    names.push("md5".to_owned());
    assert!(names.len() > 20);
    names
}

/// The text without comments, literals and what stands behind `#[cfg(test)]`, with all white space as one blank.
fn code_of(text: &str) -> String {
    let (mut code, mut rest) = (String::new(), text);
    while let Some(c) = rest.chars().next() {
        let length = literal_or_comment(rest);
        if length > 0 {
            code.push(' ');
            rest = &rest[length..];
        } else {
            code.push(c);
            rest = &rest[c.len_utf8()..];
        }
    }
    without_tests(&code.split_whitespace().collect::<Vec<_>>().join(" ").replace(":: ", "::"))
}

/// The code without the items that `#[cfg(test)]` stands before.
fn without_tests(code: &str) -> String {
    let mut pieces = code.split("#[cfg(test)]");
    let mut kept = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let mut depth = 0;
        let end = piece.char_indices().find_map(|(place, c)| {
            depth += i32::from(c == '{') - i32::from(c == '}');
            (depth == 0 && matches!(c, '}' | ';')).then_some(place + 1)
        });
        kept.push_str(&piece[end.unwrap_or(piece.len())..]);
    }
    kept
}

/// How long the comment or literal is that begins here; 0 if none does.
fn literal_or_comment(text: &str) -> usize {
    let until = |end: &str, skip: usize| text[skip..].find(end).map_or(text.len(), |place| skip + place + end.len());
    if text.starts_with("//") {
        return until("\n", 0);
    }
    if text.starts_with("/*") {
        return until("*/", 2);
    }
    let hashes = text.strip_prefix('r').map_or(0, |raw| raw.bytes().take_while(|byte| *byte == b'#').count());
    if text.starts_with('r') && text[1 + hashes..].starts_with('"') {
        return until(&format!("\"{}", "#".repeat(hashes)), hashes + 2);
    }
    if text.starts_with('"') {
        let mut escaped = false;
        for (place, byte) in text.bytes().enumerate().skip(1) {
            match byte {
                b'"' if !escaped => return place + 1,
                _ => escaped = byte == b'\\' && !escaped,
            }
        }
        return text.len();
    }
    // A quote that is not a lifetime's.
    if text.starts_with("'\"'") || text.starts_with("'\\\"'") { until("'", 1) } else { 0 }
}

/// The rooms in `crate::room`, `whopays::room` and `crate::{room, …}`.
fn rooms_used(code: &str) -> BTreeSet<String> {
    let mut rooms = BTreeSet::new();
    for root in ["crate::", "whopays::"] {
        for (place, _) in code.match_indices(root).filter(|(place, _)| starts_a_path(code, *place)) {
            let rest = &code[place + root.len()..];
            match rest.strip_prefix('{') {
                Some(tree) => rooms.extend(heads_of(tree)),
                None => rooms.extend(word(rest)),
            }
        }
    }
    rooms
}

/// The first words of the branches of a `use` tree whose opening brace was just read.
fn heads_of(tree: &str) -> Vec<String> {
    let (mut depth, mut at_head, mut heads) = (0, true, Vec::new());
    for (place, c) in tree.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => at_head = true,
            c if at_head && depth == 0 && c.is_ascii_alphabetic() => {
                heads.extend(word(&tree[place..]));
                at_head = false;
            }
            _ => {}
        }
    }
    heads
}

/// The manifest's crates that a path begins with.
fn crates_used(code: &str, crates: &[String]) -> BTreeSet<String> {
    let is_used = |name: &&String| {
        // A module of the same name stands before the crate.
        if code.contains(&format!("mod {name};")) {
            return false;
        }
        let path = format!("{name}::");
        let named = format!("use {name}");
        code.match_indices(path.as_str()).any(|(place, _)| starts_a_path(code, place))
            || code.match_indices(named.as_str()).any(|(place, _)| matches!(code[place + named.len()..].chars().next(), Some(';' | ' ')))
    };
    crates.iter().filter(is_used).cloned().collect()
}

/// Whether what stands here is the first word of a path (or follows a leading `::`).
fn starts_a_path(code: &str, place: usize) -> bool {
    let before = &code[..place];
    match before.strip_suffix("::") {
        Some(before) => !before.ends_with(is_word),
        None => !before.ends_with(is_word) && !before.ends_with('.'),
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '>'
}

fn word(text: &str) -> Option<String> {
    let word: String = text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    // `crate::Item` of the crate's root is nobody's room.
    word.starts_with(|c: char| c.is_ascii_lowercase()).then_some(word)
}
