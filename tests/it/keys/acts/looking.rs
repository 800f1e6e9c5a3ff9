//! `i` and `v`: each request is one key, and what comes too late changes nothing.

use std::sync::Arc;

use whopays::app::{Effect, KeyCode, Mouse, MouseKind, Msg, PreviewAsk, Previewed, Thorough, Ticket};
use whopays::domain::{
    Beside, Charged, Error, ErrorKind, Headers, Inspection, ObjectHead, ObjectKey, Piece, Span, StorageClass, Tag, VersionId, VersionKind,
    VersionRow,
};
use whopays::preview::{Mode, Sample, look};
use whopays::transfer::{Job, Selection};

use super::super::driver::{Console, denied, noon};
use super::shelf;

fn inspections(console: &Console) -> Vec<(Ticket, String, Thorough)> {
    console.ever(|effect| match effect {
        Effect::InspectObject(ticket, _, pick, thorough) => Some((*ticket, pick.key.as_str().to_owned(), *thorough)),
        _ => None,
    })
}

fn version(id: &str, latest: bool) -> VersionRow {
    VersionRow {
        key: ObjectKey::new("a.txt"),
        version: VersionId::new(id),
        latest,
        modified: Some(noon()),
        owner: None,
        kind: VersionKind::Object { size: 7, etag: None, class: None },
    }
}

fn inspection(more: Option<Box<Beside>>) -> Inspection {
    let head = ObjectHead {
        size: Some(5),
        span: Span::Whole,
        etag: None,
        modified: None,
        content_type: Some("text/plain".to_owned()),
        class: Some(StorageClass::new("GLACIER")),
        version: None,
        restore: None,
        checksums: vec![("crc64nvme".to_owned(), "AAAA".to_owned())],
        metadata: vec![("project".to_owned(), "m\u{202e}aps".to_owned())],
        headers: Headers::default(),
    };
    Inspection { head: Box::new(head), charged: Charged::Yes, at: noon(), more }
}

#[test]
fn headers_then_everything_then_versions_each_by_a_key() {
    let mut console = shelf(120, 40);
    let screen = console.draw();
    assert!(screen.contains("not asked for: i, 1 request, you (research) pays"), "{screen}");
    console.keys("i");
    let asked = inspections(&console);
    assert_eq!((asked.len(), asked[0].1.as_str(), asked[0].2), (1, "a.txt", Thorough::Headers));
    console.keys("i");
    assert_eq!(inspections(&console).len(), 1, "one at a time");
    console.send(Msg::Inspected(asked[0].0, Ok(inspection(None))));
    let screen = console.draw();
    for text in ["charged to you", "GLACIER: restore it first, which costs", "crc64nvme: AAAA", "m\\u{202e}aps", "up to 5 requests"] {
        assert!(screen.contains(text), "{text}\n{screen}");
    }
    console.keys("i");
    let (ticket, _, thorough) = inspections(&console).pop().unwrap();
    assert_eq!(thorough, Thorough::Everything);
    let beside = Beside {
        tags: Ok(vec![Tag { key: "team".to_owned(), value: "ada".to_owned() }]),
        acl: Err(denied("maps")),
        versions: Ok(vec![version("v2", true), version("v1", false)]),
        attributes: None,
    };
    console.send(Msg::Inspected(ticket, Ok(inspection(Some(Box::new(beside))))));
    let screen = console.draw();
    for text in ["team: ada", "not readable: bucket \"maps\": access denied (403 AccessDenied)", "choose one of its versions"] {
        assert!(screen.contains(text), "{text}\n{screen}");
    }
    console.keys("ij");
    assert!(console.draw().contains("Versions of research:maps/a.txt"));
    console.keys("x");
    assert!(console.see().contains("version v1, for ever"));
    console.keys("y");
    let Job::Delete(delete) = &console.acting_jobs()[0] else { panic!() };
    let Selection::Picked(picks) = &delete.what else { panic!() };
    assert_eq!(picks[0].version, Some(VersionId::new("v1")));
    assert_eq!(inspections(&console).len(), 2);
}

#[test]
fn a_refusal_says_why_and_a_late_answer_is_dropped() {
    let mut console = shelf(120, 40);
    console.keys("i");
    let (ticket, ..) = inspections(&console)[0].clone();
    console.keys("\u{1b}");
    console.send(Msg::Inspected(ticket, Ok(inspection(None))));
    assert!(!console.draw().contains("GLACIER"));
    console.keys("i");
    let (ticket, ..) = inspections(&console).pop().unwrap();
    console.send(Msg::Inspected(ticket, Err(denied("maps"))));
    assert!(console.draw().contains("403 AccessDenied"));
}

fn previews(console: &Console) -> Vec<(Ticket, PreviewAsk)> {
    console.ever(|effect| match effect {
        Effect::Preview(ticket, _, _, ask) => Some((*ticket, ask.clone())),
        _ => None,
    })
}

/// Answers the last order as the hands do, from an object of these bytes.
fn answer(console: &mut Console, whole: &[u8]) {
    let (ticket, ask) = previews(console).pop().unwrap();
    let from = usize::try_from(ask.offset).unwrap();
    let mut bytes = ask.behind.as_ref().map_or_else(Vec::new, |piece| piece.bytes.clone());
    let offset = ask.behind.as_ref().map_or(ask.offset, |piece| piece.offset);
    bytes.extend_from_slice(&whole[from..(from + usize::try_from(ask.length).unwrap()).min(whole.len())]);
    let piece = Piece {
        offset,
        bytes,
        total: Some(whole.len() as u64),
        content_type: None,
        content_encoding: None,
        etag: None,
        charged: Charged::Yes,
    };
    let sample = Sample { key: "a.txt", content_type: None, content_encoding: None, bytes: &piece.bytes, offset, total: piece.total };
    let shown = Box::new(look(&sample, ask.mode));
    console.send(Msg::Previewed(ticket, Ok(Previewed { piece: Arc::new(piece), shown })));
}

#[test]
fn a_preview_is_one_request_and_each_further_piece_another() {
    let whole: Vec<u8> = (0..20_000).flat_map(|line| format!("line {line}\n").into_bytes()).collect();
    let mut console = shelf(80, 24);
    console.keys("v");
    assert_eq!(previews(&console).len(), 1);
    assert_eq!((previews(&console)[0].1.offset, previews(&console)[0].1.length), (0, 65_536));
    answer(&mut console, &whole);
    let screen = console.draw();
    assert!(screen.contains("line 0") && screen.contains("64.0 KiB of 203 KiB · 1 request · charged to you"), "{screen}");
    console.keys("jjkkgt");
    assert_eq!(previews(&console).len(), 1, "scrolling and looking in another way ask for nothing");
    console.keys("\u{1b}v");
    answer(&mut console, &whole);
    console.press(KeyCode::End);
    console.keys("jjj");
    assert_eq!(previews(&console).len(), 2);
    console.press(KeyCode::PageDown);
    console.press(KeyCode::PageDown);
    console.keys("v");
    let orders = previews(&console);
    assert_eq!((orders.len(), orders[2].1.offset), (3, 65_536), "the next piece, once");
    answer(&mut console, &whole);
    console.press(KeyCode::End);
    assert!(console.draw().contains("2 requests"));
}

#[test]
fn text_is_searched_and_late_pieces_are_dropped() {
    let mut console = shelf(80, 24);
    console.keys("v");
    let (ticket, _) = previews(&console)[0].clone();
    answer(&mut console, b"alpha\nbeta\nGamma\n");
    console.keys("/gamma\n");
    assert!(console.draw().contains("3 │ Gamma"));
    console.keys("/nowhere\n");
    assert!(console.draw().contains("not found in what was read: nowhere"));
    console.keys("\u{1b}");
    let error = Error::new(ErrorKind::Network, "late");
    console.send(Msg::Previewed(ticket, Err(error)));
    assert!(!console.draw().contains("late"));
    let looks = console.ever(|effect| matches!(effect, Effect::LookAgain(_, _, looking) if looking.mode != Mode::Auto).then_some(()));
    assert!(looks.is_empty());
}

#[test]
fn a_refused_preview_says_why() {
    let mut console = shelf(80, 24);
    console.keys("v");
    let (ticket, _) = previews(&console)[0].clone();
    console.send(Msg::Previewed(ticket, Err(denied("maps"))));
    let screen = console.draw();
    assert!(screen.contains("access denied") && screen.contains("403 AccessDenied"), "{screen}");
    console.keys("Gjv");
    assert_eq!(previews(&console).len(), 2, "v tries again");
    let (ticket, _) = previews(&console)[1].clone();
    console.keys("i");
    assert!(!console.draw().contains("Why:"), "nothing was refused yet");
    console.send(Msg::Previewed(ticket, Err(denied("maps"))));
    console.keys("i");
    let screen = console.draw();
    assert!(screen.contains("Why:") && screen.contains("request id 7F0A11"), "{screen}");
}

#[test]
fn the_wheel_scrolls_what_is_looked_at_and_chosen_from() {
    let wheel = |console: &mut Console, kind| drop(console.send(Msg::Mouse(Mouse { kind, column: 20, row: 5 })));
    let whole: Vec<u8> = (0..200).flat_map(|line| format!("line {line}\n").into_bytes()).collect();
    let mut console = shelf(80, 24);
    console.keys("v");
    answer(&mut console, &whole);
    wheel(&mut console, MouseKind::ScrollDown);
    let screen = console.draw();
    assert!(screen.contains("│ line 3") && !screen.contains("│ line 2\n"), "{screen}");
    (0..100).for_each(|_| wheel(&mut console, MouseKind::ScrollDown));
    assert!(console.draw().contains("line 199"));
    assert_eq!(previews(&console).len(), 1, "a wheel asks for no further piece");
    console.keys("\u{1b}x");
    console.see();
    wheel(&mut console, MouseKind::ScrollDown);
    assert!(console.draw().contains("Delete?"), "a wheel is no answer");
    console.keys("\u{1b}y");
    wheel(&mut console, MouseKind::ScrollDown);
    let screen = console.draw();
    assert!(screen.lines().any(|line| line.contains('▸') && !line.contains("address")), "{screen}");
}

#[test]
fn on_a_narrow_screen_hints_are_whole() {
    let mut console = shelf(40, 10);
    console.keys("v");
    let screen = console.draw();
    assert!(screen.contains("reading the first 64 KiB with one\n request…"), "{screen}");
}

#[test]
fn one_key_looks_as_text_as_bytes_and_again_as_what_it_is() {
    let mut console = shelf(80, 24);
    console.keys("v");
    answer(&mut console, b"{\"a\":1}");
    let modes = |console: &Console| {
        console.ever(|effect| match effect {
            Effect::LookAgain(_, _, looking) => Some(looking.mode),
            _ => None,
        })
    };
    for wanted in [Mode::Text, Mode::Hex, Mode::Auto] {
        console.keys("t");
        console.keys("t");
        assert_eq!(modes(&console).last(), Some(&wanted));
        let (ticket, piece) = console.pick(|effect| match effect {
            Effect::LookAgain(ticket, _, looking) => Some((*ticket, looking.piece.clone())),
            _ => None,
        });
        let sample =
            Sample { key: "a.txt", content_type: None, content_encoding: None, bytes: &piece.bytes, offset: 0, total: piece.total };
        console.send(Msg::Looked(ticket, Box::new(look(&sample, wanted))));
        let screen = console.draw();
        assert_eq!(screen.contains("(as text)"), wanted == Mode::Text, "{screen}");
        assert_eq!(screen.contains("7b 22 61"), wanted == Mode::Hex, "{screen}");
    }
    assert_eq!(modes(&console).len(), 3, "one look at a time");
    assert_eq!(previews(&console).len(), 1);
}
