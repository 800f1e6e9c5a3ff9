//! Single requests under a budget: none leaves that would pass it, one question for all that wait, and an answer that lasts.

use whopays::app::{Effect, KeyCode, Msg};
use whopays::domain::Payer;

use super::budget::{spent, tight};
use super::driver::Console;
use super::shelf::{leaf, thousand};

/// Everything that was ever asked of a store, and costs something.
fn asked(console: &Console) -> Vec<&'static str> {
    console.ever(|order| match order {
        Effect::ListBuckets(..) => Some("buckets"),
        Effect::ReadPayer(..) => Some("payer"),
        Effect::LookAtBucket(..) => Some("look"),
        Effect::ChangePayer(..) => Some("change"),
        Effect::ListObjects(..) => Some("keys"),
        Effect::InspectObject(..) => Some("inspect"),
        Effect::Preview(..) => Some("preview"),
        Effect::Probe(..) => Some("probe"),
        Effect::ListUploads(..) => Some("uploads"),
        _ => None,
    })
}

fn asks(console: &mut Console) -> bool {
    console.draw().contains("Spend more than the budget?")
}

/// Inside of `research:maps` (a page costs 0.000005 USD, a GET 0.0000004), of 0.0001 USD so much is spent.
fn inside(dollars: &str) -> Console {
    let mut console = tight("0.0001 USD", 80, 24);
    console.press(KeyCode::Backspace);
    console.go_to("maps");
    console.keys("\n");
    console.end_page(Ok(leaf(&["a.txt", "b.csv", "logs/"], None)));
    spent(&mut console, "research", "maps", dollars);
    console
}

#[test]
fn a_listing_that_would_pass_a_budget_waits_for_a_word() {
    let mut console = inside("0.000096");
    let before = asked(&console).len();
    console.press(KeyCode::End);
    console.press(KeyCode::Down);
    console.keys("\n");
    // What was typed for the list below is no answer.
    console.keys("y");
    assert_eq!(asked(&console).len(), before, "nothing leaves before the answer");
    let screen = console.see();
    for text in [
        "Spend more than the budget?",
        "0.000101 USD would be spent then: that passes the budget of this",
        "session, 0.0001 USD.",
        "Not sent yet: 1 listing of keys; 0.000005 USD (list prices of",
        "y  send it, up to 0.0002 USD    any other key  no",
    ] {
        assert!(screen.contains(text), "{text}\n{screen}");
    }
    console.keys("y");
    assert_eq!(asked(&console)[before..], ["keys"]);
    console.end_page(Ok(leaf(&["logs/1"], None)));
    spent(&mut console, "research", "maps", "0.000101");
    console.keys("r");
    assert_eq!(asked(&console)[before..], ["keys", "keys"], "the answer lasts up to the raised limit");
    assert!(!asks(&mut console));
}

#[test]
fn a_no_sends_nothing_and_the_key_asks_again() {
    for no in ["\n", "\u{1b}", "n", "q"] {
        let mut console = inside("0.000096");
        let before = asked(&console).len();
        console.keys("r");
        console.see();
        console.keys(no);
        let screen = console.draw();
        assert!(!asks(&mut console) && screen.contains("nothing was sent: over budget"), "{no:?}\n{screen}");
        assert!(screen.contains("not sent: 0.000101 USD would be spent then"), "it says so where the keys would be\n{screen}");
        console.keys("jk");
        assert!(!asks(&mut console), "moving about asks nothing");
        console.keys("r");
        assert!(asks(&mut console), "the key that asks for it does");
        console.see();
        console.keys("y");
        assert_eq!(asked(&console)[before..], ["keys"], "{no:?}");
    }
}

/// Every other request that a key asks for: it waits, stands behind the question, and goes on or ends as refused.
#[test]
fn each_kind_of_request_waits() {
    for (keys, kind, named) in [
        ("i", "inspect", "1 inspection;"),
        ("v", "preview", "1 preview;"),
        ("by", "probe", "1 probe;"),
        ("M", "uploads", "1 list of unfinished uploads;"),
    ] {
        for (answer, sent) in [("y", 1), ("n", 0)] {
            let mut console = inside("0.0001");
            let before = asked(&console).len();
            for key in keys.chars() {
                console.keys(&key.to_string());
                console.see();
            }
            assert!(console.draw().contains(named), "{kind}\n{}", console.draw());
            assert_eq!(asked(&console).len(), before, "{kind}");
            console.keys(answer);
            let after: Vec<&str> = asked(&console)[before..].to_vec();
            assert_eq!(after, vec![kind; sent], "{kind} {answer}");
            assert!(!asks(&mut console), "{kind}");
            if sent == 0 {
                assert!(console.draw().contains("over budget") || console.draw().contains("not sent"), "{kind}\n{}", console.draw());
            }
        }
    }
}

/// A change of a payer is judged with the look before it and its first reading back.
#[test]
fn a_change_of_a_payer_waits() {
    let mut console = inside("0.0001");
    console.keys("1");
    console.go_to("maps");
    let before = asked(&console).len();
    console.keys("p");
    let screen = console.see();
    assert!(screen.contains("1 look at a bucket's settings; 0.0000032 USD"), "{screen}");
    console.keys("n");
    console.answer_identify();
    for _ in 0..6 {
        console.see();
        console.second();
    }
    assert_eq!(asked(&console).len(), before, "neither the look nor the change");
    let screen = console.draw();
    assert!(!asks(&mut console) && screen.contains("not changed"), "one question for what one key began\n{screen}");
    assert!(screen.contains("BucketOwner"), "what the store said before stands\n{screen}");
}

/// Payers are read as rows come into sight: one question for all of them, and after a no they stay unread until a key asks.
#[test]
fn payers_in_sight_are_asked_about_once() {
    let mut console = super::budget::accounts("0.000007 USD", 80, 24);
    let names = ["aa1", "bb2", "cc3", "dd4", "ee5", "ff6", "gg7", "hh8", "ii9"];
    console.list(0, &names, "us-east-1");
    let payers = |console: &Console| asked(console).iter().filter(|kind| **kind == "payer").count();
    assert_eq!(payers(&console), 9, "seventeen would fit, since the list itself is not booked yet");
    let mut console = super::budget::accounts("0.000007 USD", 80, 24);
    spent(&mut console, "research", "", "0.000005");
    console.list(0, &names, "us-east-1");
    assert_eq!(payers(&console), 5, "what is under way counts as spent");
    let screen = console.see();
    assert!(
        screen.contains("0.0000086 USD would be spent then") && screen.contains("Not sent yet: 4 readings of payers; 0.0000016 USD"),
        "{screen}"
    );
    console.keys("n");
    console.answer_reads(|_| Ok(Payer::BucketOwner));
    spent(&mut console, "research", "", "0.000007");
    console.press(KeyCode::End);
    console.press(KeyCode::Home);
    assert_eq!((payers(&console), asks(&mut console)), (5, false), "nothing leaves, and nobody is asked a second time");
    assert!(console.draw().contains("not read"), "{}", console.draw());
    console.keys("r");
    let screen = console.see();
    assert!(screen.contains("Not sent yet: 5 readings of payers"), "the row itself, and those that a no kept back\n{screen}");
    console.keys("y");
    assert_eq!((payers(&console), asks(&mut console)), (10, false));
}

/// The next page, which the cursor asks for, is refused at once after a no; `G` asks.
#[test]
fn further_pages_are_no_silent_requests() {
    let mut console = tight("0.0001 USD", 80, 24);
    console.press(KeyCode::Backspace);
    console.go_to("maps");
    console.keys("\n");
    console.end_page(Ok(thousand(0, Some("t1"))));
    spent(&mut console, "research", "maps", "0.0001");
    let before = asked(&console).len();
    for _ in 0..100 {
        console.press(KeyCode::PageDown);
    }
    console.see();
    assert!(asks(&mut console), "{}", console.draw());
    console.keys("n");
    for _ in 0..10 {
        console.press(KeyCode::PageUp);
        console.press(KeyCode::PageDown);
    }
    assert_eq!((asked(&console).len(), asks(&mut console)), (before, false));
}

/// What is called off before the answer is not sent after it, and its question goes.
#[test]
fn what_is_called_off_leaves_no_question() {
    let mut console = inside("0.0001");
    let before = asked(&console).len();
    console.keys("v");
    assert!(asks(&mut console));
    console.send(Msg::Terminate);
    assert_eq!(asked(&console).len(), before);
}

/// Money of another currency cannot be counted: that is told once, and stops no single request.
#[test]
fn another_currency_is_told_once() {
    let mut console = super::budget::accounts("5.00 USD", 120, 40);
    assert_eq!(asked(&console), ["buckets", "buckets"]);
    let screen = console.draw();
    assert!(
        screen.contains("a request is not counted: it costs CNY, which cannot be compared with the budget of this session"),
        "{screen}"
    );
    assert!(!asks(&mut console));
    console.list(1, &["lab-results"], "cn-hangzhou");
    console.keys("j");
    assert!(!console.draw().contains("cannot be compared"), "once");
}

/// A preview's next piece: the question stands over what is read already, which stays.
#[test]
fn the_question_stands_over_a_preview() {
    let mut console = inside("0.0001");
    console.keys("v");
    console.see();
    console.keys("n");
    let screen = console.draw();
    assert!(screen.contains("not sent"), "the preview is still there, and says why it is empty\n{screen}");
    console.keys("v");
    assert!(asks(&mut console), "its own key asks again");
}
