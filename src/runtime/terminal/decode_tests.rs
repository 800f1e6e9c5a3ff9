//! Bytes as terminals send them, and what they mean; typed by hand.

use super::*;

fn decode(pieces: &[&[u8]]) -> Vec<Input> {
    let (mut decoder, mut out) = (Decoder::default(), Vec::new());
    for piece in pieces {
        decoder.feed(piece, &mut out);
    }
    if decoder.patience().is_some() {
        decoder.lapse(&mut out);
    }
    out
}

fn press(code: KeyCode) -> Input {
    Input::Key(Key { code, ctrl: false, alt: false })
}

fn ctrl(c: char) -> Input {
    Input::Key(Key { code: KeyCode::Char(c), ctrl: true, alt: false })
}

#[test]
fn keys_of_common_terminals() {
    let table: &[(&[u8], Input)] = &[
        (b"p", press(KeyCode::Char('p'))),
        (b"G", press(KeyCode::Char('G'))),
        ("ü".as_bytes(), press(KeyCode::Char('ü'))),
        ("桶".as_bytes(), press(KeyCode::Char('桶'))),
        ("🪣".as_bytes(), press(KeyCode::Char('🪣'))),
        (b"\r", press(KeyCode::Enter)),
        (b"\n", press(KeyCode::Enter)),
        (b"\t", press(KeyCode::Tab)),
        (b"\x7f", press(KeyCode::Backspace)),
        (b"\x08", press(KeyCode::Backspace)),
        (b"\x03", ctrl('c')),
        (b"\x1a", ctrl('z')),
        (b"\x00", ctrl(' ')),
        (b"\x1b", press(KeyCode::Esc)),
        (b"\x1b[A", press(KeyCode::Up)),
        (b"\x1bOB", press(KeyCode::Down)),
        (b"\x1b[C", press(KeyCode::Right)),
        (b"\x1b[D", press(KeyCode::Left)),
        (b"\x1b[H", press(KeyCode::Home)),
        (b"\x1b[4~", press(KeyCode::End)),
        (b"\x1b[3~", press(KeyCode::Delete)),
        (b"\x1b[5~", press(KeyCode::PageUp)),
        (b"\x1b[6~", press(KeyCode::PageDown)),
        (b"\x1b[Z", press(KeyCode::BackTab)),
        (b"\x1bOP", press(KeyCode::Function(1))),
        (b"\x1b[[E", press(KeyCode::Function(5))),
        (b"\x1b[15~", press(KeyCode::Function(5))),
        (b"\x1b[24~", press(KeyCode::Function(12))),
        (b"\x1b[1;5A", Input::Key(Key { code: KeyCode::Up, ctrl: true, alt: false })),
        (b"\x1b[1;3D", Input::Key(Key { code: KeyCode::Left, ctrl: false, alt: true })),
        (b"\x1b[97;5u", ctrl('a')),
        (b"\x1b[27;5;122~", ctrl('z')),
        (b"\x1b[112;2u", press(KeyCode::Char('P'))),
    ];
    for (bytes, expected) in table {
        assert_eq!(decode(&[bytes]), std::slice::from_ref(expected), "{bytes:x?}");
    }
}

#[test]
fn the_mouse() {
    let at = |kind, column, row| Input::Mouse(Mouse { kind, column, row });
    assert_eq!(decode(&[b"\x1b[<0;12;5M\x1b[<0;12;5m"]), [at(MouseKind::Click, 11, 4)], "a release is nothing");
    assert_eq!(decode(&[b"\x1b[<64;1;1M"]), [at(MouseKind::ScrollUp, 0, 0)]);
    assert_eq!(decode(&[b"\x1b[<65;300;100M"]), [at(MouseKind::ScrollDown, 299, 99)]);
    assert_eq!(decode(&[b"\x1b[<2;1;1M\x1b[<32;4;4M"]), [], "right button, drag");
    assert_eq!(decode(&[b"\x1b[M !!"]), [at(MouseKind::Click, 0, 0)]);
}

#[test]
fn what_is_not_a_key_is_swallowed_whole() {
    for noise in [&b"\x1b[I"[..], b"\x1b[O", b"\x1b[?62;22c", b"\x1b[97;1:3u", b"\x1b[1;1:3A", b"\x1b[2~", b"\x1b]11;rgb:00/00/00\x07"] {
        assert_eq!(decode(&[noise, b"j"]), [press(KeyCode::Char('j'))], "{noise:x?}");
    }
    assert_eq!(decode(&[b"\x1bP1$r0m\x1b\\j"]), [press(KeyCode::Char('j'))]);
    assert_eq!(decode(&[b"\xff\xc3(\xe2\x28"]), [press(KeyCode::Char('(')), press(KeyCode::Char('('))], "broken UTF-8");
}

/// Esc calls off a waiting change: a slow line that brings it together with the next key must not turn both into one unknown key.
#[test]
fn esc_and_a_key_in_one_packet_are_two_keys() {
    let esc = || press(KeyCode::Esc);
    assert_eq!(decode(&[b"\x1bq"]), [esc(), press(KeyCode::Char('q'))]);
    assert_eq!(decode(&[b"\x1b\r"]), [esc(), press(KeyCode::Enter)]);
    assert_eq!(decode(&["\x1b桶".as_bytes()]), [esc(), press(KeyCode::Char('桶'))]);
    assert_eq!(decode(&[b"\x1b\x1b[A"]), [esc(), press(KeyCode::Up)]);
    assert_eq!(decode(&[b"\x1b["]), [esc(), press(KeyCode::Char('['))], "nothing followed");
}

/// G9: each sequence cut at each place, on a slow line.
#[test]
fn split_sequences_make_no_wrong_key() {
    for whole in [&b"\x1b[A"[..], b"\x1b[1;5A", b"\x1bOB", b"\x1b[15~", b"\x1b[<0;12;5M", "桶".as_bytes()] {
        let expected = decode(&[whole]);
        for cut in 1..whole.len() {
            assert_eq!(decode(&[&whole[..cut], &whole[cut..]]), expected, "{whole:x?} cut at {cut}");
        }
    }
}

/// A line so slow that the Esc was taken for the key: its rest must not become letters.
#[test]
fn the_rest_of_a_lapsed_sequence_is_no_letters() {
    let (mut decoder, mut out) = (Decoder::default(), Vec::new());
    decoder.feed(b"\x1b", &mut out);
    assert_eq!(decoder.patience(), Some(Duration::from_millis(100)));
    decoder.lapse(&mut out);
    decoder.feed(b"[B", &mut out);
    assert_eq!(out, [press(KeyCode::Esc), press(KeyCode::Down)]);
    // Typed by hand they are letters.
    for byte in [b"\x1b", b"[", b"B"] {
        decoder.feed(byte, &mut out);
        if decoder.patience().is_some() {
            decoder.lapse(&mut out);
        }
    }
    assert_eq!(out[2..], [press(KeyCode::Esc), press(KeyCode::Char('[')), press(KeyCode::Char('B'))]);
}

/// G6: what is pasted is text, whatever it holds and however it is cut.
#[test]
fn a_paste_is_one_text() {
    let text = format!("y\r\ndy\x1b\x1b[A{}", "p".repeat(10_000));
    let whole = [b"\x1b[200~", text.as_bytes(), b"\x1b[201~q"].concat();
    let expected = [Input::Paste(text), press(KeyCode::Char('q'))];
    assert_eq!(decode(&[&whole]), expected);
    let bytes: Vec<&[u8]> = whole.chunks(1).collect();
    assert_eq!(decode(&bytes), expected);
}

#[test]
fn a_paste_that_stalls_stays_a_paste() {
    let (mut decoder, mut out) = (Decoder::default(), Vec::new());
    decoder.feed(b"\x1b[200~dy", &mut out);
    decoder.lapse(&mut out);
    assert_eq!(decoder.patience(), None, "it waits without a timer");
    decoder.feed(b"\ry", &mut out);
    assert_eq!(out, [], "text that came late is still text");
    decoder.lapse(&mut out);
    decoder.feed(b"\x03", &mut out);
    assert_eq!(out, [ctrl('c')], "a lone Ctrl-C ends a paste whose end was lost");
}

#[test]
fn a_paste_is_bounded() {
    let (mut decoder, mut out) = (Decoder::default(), Vec::new());
    decoder.feed(b"\x1b[200~", &mut out);
    for _ in 0..40 {
        decoder.feed(&[b'x'; 65_536], &mut out);
    }
    decoder.feed(b"\x1b[201~", &mut out);
    assert!(matches!(&out[..], [Input::Paste(text)] if text.len() == 1_048_576));
}

proptest::proptest! {
    /// G8: garbage never panics, never stays pending for ever, and one key afterwards is understood.
    #[test]
    fn garbage_is_survived(pieces in proptest::collection::vec(proptest::collection::vec(proptest::num::u8::ANY, 0..40), 0..20)) {
        let (mut decoder, mut out) = (Decoder::default(), Vec::new());
        for piece in &pieces {
            decoder.feed(piece, &mut out);
        }
        decoder.feed(PASTE_END, &mut out);
        for _ in 0..2 {
            decoder.lapse(&mut out);
        }
        out.clear();
        decoder.feed(b"q", &mut out);
        proptest::prop_assert_eq!(out, vec![press(KeyCode::Char('q'))]);
    }
}
