//! The first bytes of an object, shown: what each kind of content turns into, and what is said about it.

mod encodings;
mod hostile;
mod json;
mod packed;
mod pictures;
mod sources;
mod tables;

use whopays::preview::{Mode, Sample, Shown, Style, Text, View, look};

/// A whole object.
fn whole<'a>(key: &'a str, bytes: &'a [u8]) -> Sample<'a> {
    Sample { key, content_type: None, content_encoding: None, bytes, offset: 0, total: Some(bytes.len() as u64) }
}

/// The first bytes of an object of this size.
fn first_of<'a>(key: &'a str, bytes: &'a [u8], total: u64) -> Sample<'a> {
    Sample { total: Some(total), ..whole(key, bytes) }
}

fn text_of(shown: Shown) -> Text {
    match shown.view {
        View::Text(text) => text,
        other => panic!("no text: {other:?}, {:?}", shown.notes),
    }
}

/// The lines without their colours.
fn lines_of(text: &Text) -> Vec<String> {
    text.lines.iter().map(|line| line.spans.iter().map(|span| span.text.as_str()).collect()).collect()
}

fn text_lines(sample: &Sample<'_>) -> Vec<String> {
    lines_of(&text_of(look(sample, Mode::Auto)))
}

/// What stands in one style, line ends left out.
fn styled(text: &Text, style: Style) -> Vec<&str> {
    text.lines.iter().flat_map(|line| &line.spans).filter(|span| span.style == style).map(|span| span.text.as_str()).collect()
}

fn is_hex(shown: &Shown) -> bool {
    matches!(shown.view, View::Hex(_))
}

#[test]
fn nothing_is_empty_in_every_mode() {
    for mode in [Mode::Auto, Mode::Text, Mode::Hex] {
        assert_eq!(look(&whole("logs/", b""), mode), Shown { view: View::Empty, notes: vec![] });
    }
}

#[test]
fn the_range_is_told_where_it_is_not_the_whole() {
    let bytes = [b'x'; 1024];
    let at = |offset, total| look(&Sample { offset, ..first_of("a.log", &bytes, total) }, Mode::Auto).notes;
    assert_eq!(at(0, 1024), Vec::<String>::new());
    assert_eq!(at(0, 12 << 20), ["first 1 KiB of 12 MiB"]);
    assert_eq!(at(2048, 3072), ["1 KiB from byte 2048 on, of 3 KiB"]);
}

#[test]
fn bytes_stand_in_lines_of_sixteen() {
    let shown = look(&Sample { offset: 0x20, ..first_of("a.bin", b"\x7fELF\x02\x01\x01\0abcdefgh!", 500) }, Mode::Hex);
    let View::Hex(hex) = shown.view else { panic!() };
    assert_eq!(hex.first, 32);
    assert_eq!(
        hex.lines,
        [
            "00000020  7f 45 4c 46 02 01 01 00  61 62 63 64 65 66 67 68  |.ELF....abcdefgh|",
            "00000030  21                                                |!|",
        ]
    );
}

#[test]
fn hex_shows_what_is_stored_and_text_what_was_meant() {
    let csv = b"a,b\n1,2\n";
    assert!(is_hex(&look(&whole("t.csv", csv), Mode::Hex)));
    assert_eq!(lines_of(&text_of(look(&whole("t.csv", csv), Mode::Text))), ["a,b", "1,2"]);
    // Nobody is refused the text of what looks like none.
    assert_eq!(lines_of(&text_of(look(&whole("x", b"a\0b\xff"), Mode::Text))), ["a\\u{0}bÿ"]);
    assert!(is_hex(&look(&whole("x", b"a\0b\xff"), Mode::Auto)));
}

#[test]
fn known_formats_are_named() {
    let tiff = look(&first_of("B4.TIF", b"II*\0\x08\0\0\0\x12\0", 60 << 20), Mode::Auto);
    assert_eq!(tiff.notes, ["first 10 bytes of 60 MiB", "TIFF picture: shown as bytes"]);
    assert!(is_hex(&tiff));
    // A word that only begins like one of them is a word.
    assert_eq!(text_lines(&whole("a.txt", b"ORChestra")), ["ORChestra"]);
}
