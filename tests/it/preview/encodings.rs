//! Bytes to characters.

use super::*;

fn read(bytes: &[u8]) -> (String, &'static str) {
    let text = text_of(look(&whole("a.txt", bytes), Mode::Auto));
    (lines_of(&text).join("\n"), text.encoding)
}

#[test]
fn each_encoding_is_found_by_its_bytes() {
    let cases: [(&[u8], &str, &str); 13] = [
        (b"plain", "plain", "UTF-8"),
        (b"Gr\xc3\xb6\xc3\x9fe", "Größe", "UTF-8"),
        (b"\xef\xbb\xbfmarked", "marked", "UTF-8"),
        (b"\xff\xfea\0\xe4\0", "aä", "UTF-16 LE"),
        (b"\xfe\xff\0a\x4e\x2d", "a中", "UTF-16 BE"),
        (b"n\0o\0 \0m\0a\0r\0k\0", "no mark", "UTF-16 LE"),
        (b"\0n\0o\0 \0m\0a\0r\0k", "no mark", "UTF-16 BE"),
        (b"\xd6\xd0\xce\xc4", "中文", "gb18030"),
        (b"\xd5\xcb\xb5\xa5: \xb1\xb1\xbe\xa9", "账单: 北京", "gb18030"),
        // Twelve of the most frequent block and one of four bytes.
        (
            b"\xb0\xa1\xb0\xa2\xb0\xa3\xb0\xa4\xb0\xa5\xb0\xa6\xb0\xa7\xb0\xa8\xb0\xa9\xb0\xaa\xb0\xab\xb0\xac\x94\x39\xfc\x36",
            "啊阿埃挨哎唉哀皑癌蔼矮艾😀",
            "gb18030",
        ),
        (b"Gr\xf6\xdfe f\xfcr \xdcbung", "Größe für Übung", "Latin-1 (windows-1252)"),
        (b"\x93\xfa\x96\x7b\x8c\xea\x83\x65\x83\x4c\x83\x58\x83\x67\x81\x41\x82\xb1\x82\xea", "日本語テキスト、これ", "Shift_JIS"),
        (b"\xcf\xf0\xe8\xe2\xe5\xf2, \xea\xe0\xea \xe4\xe5\xeb\xe0", "Привет, как дела", "windows-1251"),
    ];
    for (bytes, text, encoding) in cases {
        assert_eq!(read(bytes), (text.to_owned(), encoding), "{bytes:x?}");
    }
}

#[test]
fn a_label_decides_between_what_the_bytes_allow() {
    let big5 = Sample { content_type: Some("text/plain; charset=\"Big5\""), ..whole("a.txt", b"\xbd\xd0\xa8\x44\xae\xd1") };
    let text = text_of(look(&big5, Mode::Auto));
    assert_eq!((lines_of(&text), text.encoding), (vec!["請求書".to_owned()], "Big5"));
    // A label that the bytes deny counts for nothing.
    let wrong = Sample { content_type: Some("text/plain; charset=gbk"), ..whole("a.txt", b"Gr\xf6\xdfe: 5\xff") };
    assert_eq!(lines_of(&text_of(look(&wrong, Mode::Auto))), ["Größe: 5ÿ"]);
}

#[test]
fn a_range_may_begin_and_end_in_the_middle_of_a_character() {
    let cut = look(&first_of("a.txt", b"map\xc3", 50), Mode::Auto);
    assert_eq!(cut.notes, ["first 4 bytes of 50 bytes", "cut in the middle of a character"]);
    assert_eq!(lines_of(&text_of(cut)), ["map"]);
    let later = look(&Sample { offset: 7, ..first_of("a.txt", b"\xb8\xad\xe5\x9b\xbd\xe4", 50) }, Mode::Auto);
    assert_eq!(later.notes[1], "cut in the middle of a character");
    assert_eq!(lines_of(&text_of(later)), ["国"]);
    let chinese = look(&first_of("a.txt", b"\xb1\xb1\xbe\xa9\xd6", 50), Mode::Auto);
    assert_eq!(lines_of(&text_of(chinese)), ["北京"]);
    let half = look(&Sample { offset: 5, ..first_of("a.txt", b"\0b\0c\0d\0", 50) }, Mode::Auto);
    assert_eq!(lines_of(&text_of(half)), ["bcd"]);
}

#[test]
fn a_broken_place_does_not_make_another_encoding_of_a_clear_text() {
    let shown = look(&whole("a.txt", "äöüßéèàçñ ok \u{0}".replace('\u{0}', "").as_bytes()), Mode::Auto);
    assert!(shown.notes.is_empty());
    let mut bytes = "äöüßéèàçñ ok ".as_bytes().to_vec();
    bytes.push(0xff);
    let shown = look(&whole("a.txt", &bytes), Mode::Auto);
    assert_eq!(shown.notes, ["1 place that is not UTF-8"]);
    assert_eq!(lines_of(&text_of(shown)), ["äöüßéèàçñ ok \u{fffd}"]);
}

#[test]
fn data_is_no_text() {
    let numbers: Vec<u8> = (0..200_u16).flat_map(u16::to_le_bytes).collect();
    let floats: Vec<u8> = (0..100_u16).flat_map(|number| (f64::from(number) * 1.37).to_le_bytes()).collect();
    for bytes in [&numbers[..], &floats, b"\x80\x81\x82\x83\x01", b"\xff\xfe\0\0a\0\0\0"] {
        assert!(is_hex(&look(&whole("data", bytes), Mode::Auto)), "{bytes:x?}");
    }
}
