//! Whatever comes, it ends, it is bounded, and nothing of it acts on a terminal.

use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;

use super::*;

const KEYS: &[&str] = &[
    "a",
    "a.json",
    "a.csv",
    "a.tsv",
    "a.rs",
    "a.html",
    "a.md",
    "a.yaml",
    "a.png",
    "a.txt.gz",
    "a.sql",
    "dir/",
    "",
    ".gz",
    "\u{202e}gnp.\\",
];
const TYPES: &[Option<&str>] = &[
    None,
    Some("text/csv"),
    Some("text/plain; charset=gb18030"),
    Some("text/plain; charset=utf-16"),
    Some("application/json"),
    Some(";=;/+"),
    Some("x; charset=x-user-defined"),
];
const ENCODINGS: &[Option<&str>] = &[None, Some("gzip"), Some("br"), Some("\u{1b}]0;x\u{7}")];

/// Real beginnings, so that every decoder is reached and not only the door.
fn seeds() -> Vec<Vec<u8>> {
    let pictures = pictures::recordings();
    let mut seeds: Vec<Vec<u8>> = pictures.iter().map(|text| STANDARD.decode(text).unwrap()).collect();
    seeds.extend(pictures.iter().map(|text| packed::packed(&STANDARD.decode(text).unwrap())));
    seeds.push(packed::packed(b"a,b\n\"1\",2\n"));
    seeds.push(b"{\"a\":[1,2,{\"b\":\"\\u00e9\"}],\"c\":null}".to_vec());
    seeds.push(b"\xff\xfea\0b\0\x3d\xd8\0\xde".to_vec());
    seeds.push("\u{feff}name\tsum\n北京\t12\n".as_bytes().to_vec());
    seeds.push(Vec::new());
    seeds
}

fn check(shown: &Shown) -> Result<(), TestCaseError> {
    let is_safe = |text: &str| {
        !text.chars().any(|c| c.is_control() || matches!(u32::from(c), 0x200b..=0x200f | 0x202a..=0x202e | 0x2060..=0x206f | 0xfeff))
    };
    prop_assert!(shown.notes.iter().all(|note| is_safe(note) && note.len() < 400), "{:?}", shown.notes);
    match &shown.view {
        View::Text(text) => {
            prop_assert!(text.lines.len() <= 5_000);
            let spans = || text.lines.iter().flat_map(|line| &line.spans);
            prop_assert!(spans().all(|span| is_safe(&span.text) && !span.text.is_empty()));
        }
        View::Table(table) => {
            let longest = table.rows.iter().chain([&table.columns]).map(Vec::len).max().unwrap_or(0);
            prop_assert!(table.rows.len() <= 5_001 && longest <= 256);
            prop_assert!(table.widths.len() >= longest && table.widths.len() == table.aligns.len(), "{table:?}");
            prop_assert!(table.rows.iter().chain([&table.columns]).flatten().all(|cell| is_safe(cell)));
        }
        View::Hex(hex) => prop_assert!(hex.lines.len() <= 5_000 && hex.lines.iter().all(|line| is_safe(line))),
        View::Picture(picture) => {
            prop_assert!(picture.columns <= 160 && picture.rows <= 120);
            prop_assert_eq!(picture.pixels.len(), (picture.columns * picture.rows) as usize);
        }
        View::Empty => {}
    }
    Ok(())
}

fn in_every_mode(sample: &Sample<'_>) -> Result<(), TestCaseError> {
    [Mode::Auto, Mode::Text, Mode::Hex].iter().try_for_each(|mode| check(&look(sample, *mode)))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases()))]

    #[test]
    fn random_bytes_are_shown_somehow(
        bytes in proptest::collection::vec(any::<u8>(), 0..600),
        key in proptest::sample::select(KEYS),
        content_type in proptest::sample::select(TYPES),
        content_encoding in proptest::sample::select(ENCODINGS),
        offset in prop_oneof![Just(0), Just(1), Just(u64::MAX), any::<u64>()],
        total in proptest::option::of(any::<u64>()),
    ) {
        in_every_mode(&Sample { key, content_type, content_encoding, bytes: &bytes, offset, total })?;
    }

    /// A real file with some bytes changed, cut off somewhere, and said to be whole or not.
    #[test]
    fn broken_files_are_shown_somehow(
        seed in proptest::sample::select(seeds()),
        changes in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 0..6),
        cut in proptest::option::of(any::<proptest::sample::Index>()),
        key in proptest::sample::select(KEYS),
        total in proptest::option::of(0_u64..2_000),
    ) {
        let mut bytes = seed;
        for (place, byte) in changes.iter().filter(|_| !bytes.is_empty()).map(|(place, byte)| (place.index(bytes.len()), byte)).collect::<Vec<_>>() {
            bytes[place] = *byte;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len() + 1));
        }
        in_every_mode(&Sample { total, ..whole(key, &bytes) })?;
    }

    /// Text of the characters that mean something to some reader.
    #[test]
    fn any_text_is_shown_somehow(
        text in "[\\[\\]{}\",:;|\t\r\n\\\\'`<>/*#= a1é中\u{202e}\u{1b}\u{300}-]{0,200}",
        key in proptest::sample::select(KEYS),
        offset in 0_u64..3,
    ) {
        in_every_mode(&Sample { offset, ..first_of(key, text.as_bytes(), 300) })?;
    }
}

/// More of them on request: `PROPTEST_CASES=100000`.
fn cases() -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(600)
}

/// Nothing is quadratic: a quarter of a MiB of what each reader likes least is shown in a moment, even without optimisation.
#[test]
fn much_of_anything_is_shown_in_time() {
    let patterns = [
        "[", "{\"a\":", "[[1,", "\"", "\"\"", ",", "\",\"", "/*", "/* */", "<a ", "<!--", "`", "' ", "'\\", "r#\"", "a: ", "\n", "1e", "é",
        "\u{301}", "[\"", "```\n", "--[[",
    ];
    for pattern in patterns {
        let bytes = pattern.repeat((256 << 10) / pattern.len()).into_bytes();
        for key in ["a.json", "a.csv", "a.rs", "a.html", "a.md", "a.yaml", "a.lua"] {
            let start = Instant::now();
            look(&first_of(key, &bytes, 5 << 20), Mode::Auto);
            assert!(start.elapsed() < Duration::from_secs(2), "{pattern:?} as {key} took {:?}", start.elapsed());
        }
    }
}
