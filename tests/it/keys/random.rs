//! Random events (G8): nothing panics, nothing is drawn outside, and no change leaves without its countdown or confirmation.

use proptest::prelude::*;
use proptest::test_runner::Config;
use whopays::app::{Effect, Key, KeyCode, Mouse, MouseKind, Msg, Ticket};
use whopays::audit::Outcome;
use whopays::domain::preflight::Fact;
use whopays::domain::{BucketId, Charged, Consent, Error, ErrorKind, Payer, Seen, Setting};

use super::driver::{Console, denied};
use super::shelf::{leaf, order_of, thousand};

#[derive(Clone, Debug)]
enum Event {
    Key(char),
    Code(KeyCode),
    Control(char),
    Paste(String),
    Mouse(u16, u16, MouseKind),
    Resize(u16, u16),
    Draw,
    See,
    Second,
    Reads,
    Identify,
    EndChange(u8),
    Accept,
    Look(u8),
    Page(u8),
    Arrange,
    Stale(u64),
}

fn event() -> impl Strategy<Value = Event> {
    let letters: Vec<char> = "ppppyynUUsSr*  /:?oiLhljkgGG1522RRsaJ#q2xbbw\u{202e}é".chars().collect();
    let codes =
        vec![KeyCode::Enter, KeyCode::Enter, KeyCode::Esc, KeyCode::Tab, KeyCode::Backspace, KeyCode::PageDown, KeyCode::Up, KeyCode::Down];
    let kinds = vec![MouseKind::Click, MouseKind::ScrollUp, MouseKind::ScrollDown];
    prop_oneof![
        8 => prop::sample::select(letters).prop_map(Event::Key),
        4 => prop::sample::select(codes).prop_map(Event::Code),
        1 => prop::sample::select(vec!['d', 'u']).prop_map(Event::Control),
        1 => "[a-z\n\u{1b}]{0,12}".prop_map(Event::Paste),
        1 => (0u16..130, 0u16..45, prop::sample::select(kinds)).prop_map(|(x, y, kind)| Event::Mouse(x, y, kind)),
        1 => (1u16..130, 1u16..45).prop_map(|(width, height)| Event::Resize(width, height)),
        3 => Just(Event::Draw),
        4 => Just(Event::See),
        3 => Just(Event::Second),
        3 => Just(Event::Reads),
        2 => Just(Event::Identify),
        2 => (0u8..5).prop_map(Event::EndChange),
        2 => Just(Event::Accept),
        2 => (0u8..4).prop_map(Event::Look),
        3 => (0u8..6).prop_map(Event::Page),
        1 => Just(Event::Arrange),
        1 => (0u64..200).prop_map(Event::Stale),
    ]
}

/// What a look finds.
fn public() -> Vec<(Setting, Seen)> {
    let everyone = Fact { everyone: vec!["READ".to_owned()], ..Fact::default() };
    vec![(Setting::Acl, Seen::Is(everyone)), (Setting::Policy, Seen::Unread("denied\u{202e}".to_owned()))]
}

fn stops(order: &Effect) -> Option<Ticket> {
    match order {
        Effect::StopWatching(ticket) => Some(*ticket),
        _ => None,
    }
}

/// What is pressed around a probe, more often than anything else.
fn probing() -> impl Strategy<Value = Event> {
    let keys: Vec<char> = "bbbyyywwrjkR".chars().collect();
    prop_oneof![
        6 => prop::sample::select(keys).prop_map(Event::Key),
        4 => Just(Event::See),
        1 => Just(Event::Code(KeyCode::Esc)),
        3 => event(),
    ]
}

fn given(order: &Effect) -> Option<BucketId> {
    match order {
        Effect::KeepConsent(bucket) => Some(bucket.clone()),
        _ => None,
    }
}

/// What was on the terminal when the event came, for the judge.
struct Witness {
    screen: String,
}

fn apply(console: &mut Console, witness: &mut Witness, event: Event) {
    match event {
        Event::Key(c) => drop(console.press(KeyCode::Char(c))),
        Event::Code(code) => drop(console.press(code)),
        Event::Control(c) => drop(console.send(Msg::Key(Key { code: KeyCode::Char(c), ctrl: true, alt: false }))),
        Event::Paste(text) => drop(console.send(Msg::Paste(text))),
        Event::Mouse(column, row, kind) => drop(console.send(Msg::Mouse(Mouse { kind, column, row }))),
        Event::Resize(width, height) => {
            console.resize(width, height);
            witness.screen = console.draw();
        }
        Event::Draw => witness.screen = console.draw(),
        Event::See => witness.screen = console.see(),
        Event::Second => console.second(),
        Event::Reads => console.answer_reads(|bucket| match bucket.len() % 4 {
            0 => Ok(Payer::Requester),
            1 => Err(Error::new(ErrorKind::Denied, "denied")),
            _ => Ok(Payer::BucketOwner),
        }),
        Event::Identify => console.answer_identify(),
        Event::EndChange(n) if !console.changes().is_empty() => {
            let after = [Some(Payer::Requester), Some(Payer::BucketOwner), None][usize::from(n) % 3].clone();
            console.end_change(Outcome::ALL[usize::from(n) % 5], after, None);
        }
        Event::EndChange(_) => {}
        Event::Accept => console.changes().into_iter().take(1).for_each(|(ticket, ..)| drop(console.send(Msg::PayerAccepted(ticket)))),
        Event::Look(open) => console.looks().into_iter().take(1).for_each(|(_, bucket)| console.see_bucket(&bucket, public(), open.into())),
        Event::Page(n) => answer_page(console, n),
        Event::Arrange if console.arrangings() > 0 => console.arrange(),
        Event::Arrange => {}
        Event::Stale(n) => drop(console.send(Msg::Elapsed(Ticket(100_000 + n)))),
    }
}

/// A page of one of several kinds, for whoever asked for one: with more behind it, the last one, an empty one, a refusal.
fn answer_page(console: &mut Console, kind: u8) {
    if console.pages().is_empty() {
        return;
    }
    let token = format!("t{}", console.log.len());
    match kind {
        0 => console.end_page(Err(denied("arxiv"))),
        1 => console.end_page(Err(Error::new(ErrorKind::Network, "connection refused"))),
        2 => console.end_page(Ok(leaf(&[], Some(&token)))),
        3 => console.end_page(Ok(leaf(&["a/", "b", "c\u{202e}"], None))),
        4 => console.end_page(Ok(thousand(0, None))),
        _ if console.pages()[0].most == 1 => console.end_page(Ok(thousand(0, Some(&token)))),
        _ => console.answer_page(thousand(0, Some(&token)), Charged::No),
    }
}

proptest! {
    #![proptest_config(Config { cases: 64, failure_persistence: None, ..Config::default() })]

    #[test]
    fn nothing_panics_and_no_change_leaves_unseen(events in prop::collection::vec(event(), 1..120)) {
        let mut console = Console::board(80, 24);
        let mut witness = Witness { screen: console.draw() };
        let mut judged = 0;
        for event in events {
            let confirms = matches!(event, Event::Key('y') | Event::Code(KeyCode::Enter) | Event::Second | Event::Identify | Event::EndChange(_));
            let stopped = console.ever(stops).len();
            apply(&mut console, &mut witness, event.clone());
            let stops = console.ever(stops);
            prop_assert!(stops.len() == stopped || matches!(event, Event::Code(KeyCode::Esc) | Event::Key('s')), "{event:?} stopped a watch");
            prop_assert!(stops.iter().all(|ticket| stops.iter().filter(|other| *other == ticket).count() == 1), "a watch is stopped once");
            prop_assert!(console.looks().len() <= 4, "looks at once");
            let sent = console.sent_so_far();
            for (bucket, to) in &sent[judged..] {
                prop_assert!(confirms, "{event:?} sent {bucket} {to}");
            }
            if sent.len() > judged && !matches!(event, Event::Identify | Event::EndChange(_)) {
                // The last frame that a person saw showed the countdown or the question.
                let countdown = (0..=5).any(|left| witness.screen.contains(&format!(" in {left} s")));
                let seen = countdown || witness.screen.contains("y: change");
                prop_assert!(seen, "{event:?}\n{}", witness.screen);
            }
            judged = sent.len();
            prop_assert!(console.reads().len() <= 32);
            let mut open: Vec<String> = console.changes().into_iter().map(|(_, bucket, _)| bucket).collect();
            let count = open.len();
            open.sort();
            open.dedup();
            prop_assert_eq!(open.len(), count, "I1: two changes of one bucket under way");
        }
        console.draw();
    }

    /// P1: a probe leaves on an answer to a question that was in sight, and with the payer header on a yes alone.
    #[test]
    fn no_probe_leaves_unseen(events in prop::collection::vec(probing(), 1..80)) {
        let mut console = Console::board(80, 24);
        let mut witness = Witness { screen: console.draw() };
        for event in events {
            let (before, sent) = (witness.screen.clone(), console.probes().len());
            apply(&mut console, &mut witness, event.clone());
            let probes = console.probes();
            prop_assert!(probes.len() <= sent + 1);
            if let (true, Some(errand)) = (probes.len() > sent, probes.last()) {
                let wanted = if errand.plan.consent == Consent::Given { "y  send all" } else { "w  leave the last one out" };
                let key = if errand.plan.consent == Consent::Given { 'y' } else { 'w' };
                prop_assert!(before.contains(wanted) && before.contains(&errand.place.id.to_string()), "{event:?}\n{before}");
                prop_assert!(matches!(event, Event::Key(pressed) if pressed == key), "{event:?}");
            }
            console.end_probes();
        }
    }

    /// P3, G8: pages are ordered by keys that ask for one (and by pages, once the rest was asked for), and consent comes only from
    /// a letter that was typed while the question was in sight.
    #[test]
    fn no_object_is_asked_for_without_a_key_for_it(events in prop::collection::vec(event(), 1..120)) {
        let mut console = Console::board(80, 24);
        let mut witness = Witness { screen: console.draw() };
        let mut agreed: Vec<String> = Vec::new();
        for event in events {
            let (orders, kept) = (console.listings(), console.ever(given).len());
            let before = witness.screen.clone();
            if let (true, Event::Key('s' | 'a')) = (before.contains("Who pays?"), &event) {
                // The bucket that the question names.
                let bucket = before.split("for requests in ").nth(1).and_then(|rest| rest.split('?').next()).unwrap_or_default();
                let account = before.split("Pay as ").nth(1).and_then(|rest| rest.split([' ', '(']).next()).unwrap_or_default();
                agreed.push(format!("{account}:{bucket}"));
            }
            apply(&mut console, &mut witness, event.clone());
            let asked = console.ever(order_of);
            prop_assert!(asked.len() <= orders + 1, "{event:?}: one order at a time");
            prop_assert!(console.pages().len() <= 1);
            if asked.len() > orders {
                let may = matches!(event, Event::Key(_) | Event::Control(_) | Event::Code(_) | Event::Mouse(..) | Event::Page(_));
                prop_assert!(may, "{event:?} asked for a page");
                let order = &asked[asked.len() - 1];
                let silent = order.acting.consent == Consent::Silent;
                prop_assert!(silent || agreed.contains(&order.acting.place.id.to_string()), "{event:?}");
            }
            if console.ever(given).len() > kept {
                prop_assert!(before.contains("Who pays?") && matches!(event, Event::Key('a')), "{event:?}\n{before}");
            }
        }
    }

    #[test]
    fn without_p_or_u_nothing_is_ever_changed(events in prop::collection::vec(event(), 1..120)) {
        // J6: the palette could run `payer`, so its key is left out too.
        let harmless = |event: &Event| !matches!(event, Event::Key('p' | 'U' | ':'));
        let mut console = Console::board(80, 24);
        let mut witness = Witness { screen: String::new() };
        for event in events.into_iter().filter(harmless) {
            apply(&mut console, &mut witness, event);
        }
        prop_assert!(console.sent().is_empty());
        // The pause between two arrangings of a sorted listing is no countdown.
        let countdown = |order: &Effect| matches!(order, Effect::Wait(_, time) if time.as_millis() != 500).then_some(());
        prop_assert!(console.open(countdown).is_empty());
    }
}
