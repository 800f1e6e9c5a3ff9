//! gzip: looked through, cut off, broken, a bomb.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::*;

/// "hello, who pays?\n", packed by another program.
const HELLO: &[u8] = &[
    0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0xff, 0xcb, 0x48, 0xcd, 0xc9, 0xc9, 0xd7, 0x51, 0x28, 0xcf, 0xc8, 0x57, 0x28,
    0x48, 0xac, 0x2c, 0xb6, 0xe7, 0x02, 0x00, 0xad, 0xc2, 0x66, 0x6e, 0x11, 0x00, 0x00, 0x00,
];

pub(super) fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn it_is_looked_through_by_its_first_bytes() {
    let shown = look(&whole("notes.txt.gz", HELLO), Mode::Auto);
    assert_eq!(shown.notes, ["gzip: looked through"]);
    assert_eq!(lines_of(&text_of(shown)), ["hello, who pays?"]);
    assert!(is_hex(&look(&whole("notes.txt.gz", HELLO), Mode::Hex)));
}

#[test]
fn the_name_inside_says_what_it_is() {
    let rust = packed(b"fn main() {}\n");
    let sample = Sample { content_type: Some("application/gzip"), content_encoding: Some("gzip"), ..whole("src/main.rs.gz", &rust) };
    assert_eq!(text_of(look(&sample, Mode::Auto)).language, "Rust");
    let csv = packed(b"a,b\n1,2\n");
    let sample = Sample { content_type: Some("text/csv"), content_encoding: Some("GZIP"), ..whole("export", &csv) };
    assert!(matches!(look(&sample, Mode::Auto).view, View::Table(_)));
}

#[test]
fn of_a_stream_that_is_cut_off_comes_what_came() {
    let text: String = (0..3000).map(|line| format!("line {line} {}\n", line * 7919 % 1013)).collect();
    let packed = packed(text.as_bytes());
    for length in [300, 900, packed.len() / 2, packed.len() - 9] {
        let shown = look(&first_of("a.log.gz", &packed[..length], packed.len() as u64), Mode::Auto);
        assert!(shown.notes.iter().any(|note| note.starts_with("gzip: looked through, cut off after ")), "{:?}", shown.notes);
        let seen = text_of(shown);
        assert!(seen.cut || seen.lines.len() == 3000);
        assert!(text.starts_with(&lines_of(&seen).join("\n")));
    }
    let header = look(&first_of("a.log.gz", &packed[..9], 900), Mode::Auto);
    assert!(is_hex(&header));
    assert_eq!(header.notes[1..], ["gzip: looked through, cut off after 0 bytes", "gzip data: shown as bytes"]);
}

#[test]
fn a_bomb_is_unpacked_to_the_limit_only() {
    let bomb = packed(&vec![b' '; 40 << 20]);
    assert!(bomb.len() < 50_000);
    let shown = look(&whole("bomb.txt.gz", &bomb), Mode::Auto);
    assert_eq!(shown.notes, ["gzip: looked through, the first 1 MiB of what is inside"]);
    let text = text_of(shown);
    assert!(text.cut);
    assert_eq!(lines_of(&text), [format!("{}… 1046576 characters more", " ".repeat(2000))]);
}

#[test]
fn broken_streams_and_other_packings_are_named() {
    let mut broken = HELLO.to_vec();
    broken[20] ^= 0x55;
    let shown = look(&whole("a.gz", &broken), Mode::Auto);
    assert!(
        shown.notes[0].starts_with("gzip: broken after ") || shown.notes[0].starts_with("gzip: looked through, cut off"),
        "{:?}",
        shown.notes
    );
    let zstd = look(&whole("a.zst", b"\x28\xb5\x2f\xfd\x04\x00"), Mode::Auto);
    assert_eq!(zstd.notes, ["Zstandard data: shown as bytes"]);
    let bz2 = look(&whole("a.bz2", b"BZh91AY&SY\x01\x02"), Mode::Auto);
    assert_eq!(bz2.notes, ["bzip2 data: shown as bytes"]);
    let brotli = look(&Sample { content_encoding: Some("br"), ..whole("a.txt", b"plain") }, Mode::Auto);
    assert_eq!(brotli.notes, ["content encoding: br, not unpacked"]);
    let lie = look(&Sample { content_encoding: Some("gzip"), ..whole("a.txt", b"plain") }, Mode::Auto);
    assert_eq!(lie.notes, ["content encoding: gzip, but the bytes are not"]);
    assert_eq!(lines_of(&text_of(lie)), ["plain"]);
}
