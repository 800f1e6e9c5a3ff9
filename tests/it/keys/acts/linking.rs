//! `P`

use whopays::app::{Effect, KeyCode, Mouse, MouseKind, Msg, Ticket};
use whopays::domain::{Access, Error, ErrorKind, Link, LinkAsk, LinkVerb, Secret};

use super::super::driver::{Console, noon};
use super::super::shelf::leaf;
use super::{shelf, shelf_of};

const URL: &str = "https://maps.s3.us-west-2.amazonaws.com/a.txt?X-Amz-Signature=canary0123456789";

fn asked(console: &mut Console) -> (Ticket, LinkAsk) {
    console.pick(|effect| match effect {
        Effect::Presign(ticket, _, ask) => Some((*ticket, ask.clone())),
        _ => None,
    })
}

fn link() -> Link {
    Link { url: Secret::new(URL.to_owned()), method: "GET", expires_at: noon(), cut_short: true, must_send: Vec::new() }
}

#[test]
fn a_link_with_its_time_its_payer_and_its_end() {
    let mut console = shelf(80, 24);
    console.keys("P");
    assert!(console.draw().contains("1h"));
    console.keys("\t\n");
    let (ticket, ask) = asked(&mut console);
    assert_eq!((ask.verb, ask.seconds, ask.key.as_str()), (LinkVerb::Get, 900, "a.txt"));
    console.send(Msg::Presigned(ticket, Ok(link())));
    let screen = console.draw();
    for text in ["X-Amz-Signature=canary", "GET works until 2026-11-20 14:02:11: the credentials end then", "Account \"research\" pays"] {
        assert!(screen.contains(text), "{text}\n{screen}");
    }
    assert_eq!(console.keys_and_copies("y"), [URL]);
    assert!(!format!("{:?}", console.model.picked()).contains("canary"));
    let orders = format!("{:?}", console.log);
    assert!(orders.contains("Copy(Clip(78 bytes))") && !orders.contains("canary"), "an order may be logged: {orders}");
    console.keys("\u{1b}");
    assert!(!console.draw().contains("canary"), "gone from the screen, the status line too");
}

#[test]
fn on_a_low_screen_a_link_is_scrolled_to_who_pays_for_it() {
    let mut console = shelf(40, 10);
    console.keys("P\n");
    let (ticket, _) = asked(&mut console);
    console.send(Msg::Presigned(ticket, Ok(link())));
    assert!(!console.draw().contains("Each use:"));
    (0..40).for_each(|_| drop(console.send(Msg::Mouse(Mouse { kind: MouseKind::ScrollDown, column: 9, row: 4 }))));
    assert!(console.draw().contains("2026-07-23)."), "the last line: {}", console.draw());
    (0..6).for_each(|_| drop(console.press(KeyCode::Up)));
    let screen = console.draw();
    assert!(!screen.contains("2026-07-23)."), "{screen}");
    (0..40).for_each(|_| drop(console.press(KeyCode::Up)));
    assert!(console.draw().contains("https://maps.s3"), "{}", console.draw());
    assert_eq!(console.keys_and_copies("y"), [URL]);
}

#[test]
fn wrong_times_stay_in_the_form_and_failures_say_why() {
    let mut console = shelf(80, 24);
    console.keys("P");
    console.control('u');
    console.keys("soon\n");
    assert!(console.draw().contains("write a time such as"));
    assert!(console.ever(|effect| matches!(effect, Effect::Presign(..)).then_some(())).is_empty());
    console.control('u');
    console.keys("30d\n");
    let (ticket, ask) = asked(&mut console);
    assert_eq!(ask.seconds, 2_592_000);
    let error = Error::new(ErrorKind::Usage, "a link works for 1 second to 7 days").hint("Choose at most 7 days.");
    console.send(Msg::Presigned(ticket, Err(error)));
    assert!(console.draw().contains("Choose at most 7 days."));
}

#[test]
fn a_link_that_comes_late_is_dropped_and_writing_is_refused_where_nothing_may_change() {
    let mut console = shelf(80, 24);
    console.keys("P\n");
    let (ticket, _) = asked(&mut console);
    console.keys("\u{1b}P");
    console.send(Msg::Presigned(ticket, Ok(link())));
    assert!(!console.draw().contains("canary"));

    let mut console = shelf_of(Access::ReadOnly);
    console.keys("P");
    console.press(KeyCode::Up);
    console.keys(" \n");
    assert!(console.draw().contains("account research is read-only"));
    assert!(console.ever(|effect| matches!(effect, Effect::Presign(..)).then_some(())).is_empty());
}

#[test]
fn in_a_protected_account_a_link_that_writes_wants_the_name_of_the_bucket() {
    let mut console = shelf_of(Access::Protected);
    console.keys("P");
    console.press(KeyCode::Up);
    console.keys(" \n");
    assert!(console.draw().contains("type `maps` as the bucket first"), "{}", console.draw());
    console.press(KeyCode::Up);
    console.send(Msg::Paste("maps".to_owned()));
    assert!(console.draw().contains("a paste does not confirm"), "{}", console.draw());
    console.keys("\n");
    assert!(console.ever(|effect| matches!(effect, Effect::Presign(..)).then_some(())).is_empty());
    console.keys("maps\n");
    assert_eq!(asked(&mut console).1.verb, LinkVerb::Put);
    let mut console = shelf_of(Access::Protected);
    console.keys("P\n");
    assert_eq!(asked(&mut console).1.verb, LinkVerb::Get, "reading changes nothing");
}

#[test]
fn spaces_of_a_key_are_seen_in_its_title() {
    let mut console = Console::inside("maps", 80, 24);
    console.end_page(Ok(leaf(&["  x "], None)));
    console.keys("P");
    let screen = console.draw();
    assert!(screen.contains("─ Link to research:maps/\\u{20}\\u{20}x\\u{20} ─"), "{screen}");
    console.keys("\u{1b}c");
    let screen = console.draw();
    assert!(screen.contains("─ Copy or move \\u{20}\\u{20}x\\u{20} ─"), "{screen}");
}

impl Console {
    fn keys_and_copies(&mut self, keys: &str) -> Vec<String> {
        self.keys(keys);
        self.ever(|effect| match effect {
            Effect::Copy(text) => Some(text.expose().to_owned()),
            _ => None,
        })
    }
}
