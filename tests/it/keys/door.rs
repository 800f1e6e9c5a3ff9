//! Requests that are stopped at the door in the middle of something: one question, and what becomes of them.

use std::sync::Arc;

use whopays::app::{AtDoor, Effect, KeyCode, Msg, Pass};
use whopays::domain::{Amount, Error, ErrorKind, Money, Op, Provider};
use whopays::prices::{Book, Estimate, Scope, Toll, Verdict, Where};
use whopays::transfer::{Ending, Progress, Rein};

use super::budget::{spent, tight};
use super::driver::Console;
use super::shelf::leaf;

/// Inside of `research:maps`, with the whole budget of 0.0001 USD spent but for 0.000004.
fn inside() -> Console {
    let mut console = tight("0.0001 USD", 80, 24);
    console.press(KeyCode::Backspace);
    console.go_to("maps");
    console.keys("\n");
    console.end_page(Ok(leaf(&["a.txt", "b.csv", "logs/"], None)));
    spent(&mut console, "research", "maps", "0.000096");
    console
}

/// The same while everything below `logs/` is counted.
fn counting() -> Console {
    let mut console = inside();
    console.press(KeyCode::End);
    console.keys("x");
    console.see();
    console.keys("y");
    assert!(console.draw().contains("Counting"), "{}", console.draw());
    console
}

/// So does the engine say that a request waits: by its own sums, 0.000101 USD would be spent.
fn stop(console: &mut Console, pass: u64, op: Op) {
    let money = |text: &str| Money::parse(text).unwrap();
    let shut = (Scope::Session, Verdict::Passes { after: money("0.000101 USD"), limit: money("0.0001 USD") });
    let place = Where { provider: Provider::S3, region: "us-east-1", network: whopays::domain::Network::Public };
    let cost = Estimate::of(Book::shipped(), &place, &[(op, 1)], 0, 0);
    let toll = Toll { account: Arc::from("research"), bucket: Some(Arc::from("maps")), cost };
    console.send(Msg::StoppedAtDoor(AtDoor { pass: Pass(pass), op, toll, shut }));
}

/// What the door was told.
fn told(console: &Console) -> Vec<String> {
    console.ever(|order| match order {
        Effect::LetPass(at) => Some(format!("pass {}", at.pass.0)),
        Effect::TurnBack(pass, why) => Some(format!("back {}: {why}", pass.0)),
        Effect::RaiseBudget(scope, limit) => Some(format!("{scope}: {limit}")),
        _ => None,
    })
}

const WHY: &str = "0.000101 USD would be spent then: that passes the budget of this session, 0.0001 USD";

#[test]
fn a_plan_waits_for_a_word_over_its_own_question_and_goes_on() {
    let mut console = counting();
    stop(&mut console, 1, Op::ListObjectsV2);
    console.keys("y");
    assert!(told(&console).is_empty(), "what was typed before it was seen is no answer");
    let screen = console.see();
    for text in ["Spend more than the budget?", "0.000101 USD would be spent", "Not sent yet: 1 page of a listing; 0.000005 USD"] {
        assert!(screen.contains(text), "{text}\n{screen}");
    }
    console.keys("y");
    assert_eq!(told(&console), ["this session: 0.0002", "pass 1"], "the door hears of the raised limit before it lets the page go");
    assert!(console.draw().contains("Counting"), "{}", console.draw());
    // The door and the console agree again: what comes next fits here, too, and is not asked about.
    stop(&mut console, 2, Op::ListObjectsV2);
    assert_eq!(told(&console)[2..], ["pass 2"]);
    console.counted(12, 34_000);
    assert!(console.see().contains("12 objects"), "{}", console.draw());
}

#[test]
fn a_no_turns_the_page_back_and_the_plan_ends() {
    for (no, seen) in [("\n", true), ("n", true), ("\u{1b}", true), ("\u{1b}", false)] {
        let mut console = counting();
        stop(&mut console, 1, Op::ListObjectsV2);
        if seen {
            console.see();
        }
        console.keys(no);
        assert_eq!(told(&console), [format!("back 1: {WHY}")], "{no:?}");
        let screen = console.draw();
        assert!(screen.contains("nothing more was sent: over budget") && screen.contains("Counting"), "{screen}");
        let ticket = console.plans()[0].ticket;
        let error = Error::new(ErrorKind::Refused, format!("not sent: {WHY}")).hint("What was sent before is paid for.");
        console.send(Msg::JobEnded(ticket, Progress::default(), Ending::Failed(error)));
        let screen = console.see();
        assert!(screen.contains("It could not be found out") && screen.contains("not sent: 0.000101 USD"), "{screen}");
        console.keys("\u{1b}");
        // The same key plans anew, and is asked about anew.
        console.press(KeyCode::End);
        console.keys("x");
        console.see();
        console.keys("y");
        stop(&mut console, 2, Op::ListObjectsV2);
        assert!(console.see().contains("Not sent yet: 1 page of a listing"), "{no:?}");
        console.keys("y");
        assert_eq!(told(&console)[1..], ["this session: 0.0002", "pass 2"], "{no:?}");
    }
}

#[test]
fn whoever_goes_away_takes_the_question_along() {
    let mut console = counting();
    stop(&mut console, 1, Op::ListObjectsV2);
    stop(&mut console, 2, Op::ListObjectVersions);
    assert!(console.see().contains("Not sent yet: 2 pages of a listing; 0.00001 USD"), "{}", console.draw());
    console.send(Msg::LeftDoor(Pass(1)));
    assert!(console.see().contains("Not sent yet: 1 page of a listing; 0.000005 USD"), "{}", console.draw());
    console.send(Msg::LeftDoor(Pass(2)));
    let screen = console.draw();
    assert!(!screen.contains("budget?") && screen.contains("Counting"), "what stood under it is open again\n{screen}");
    assert!(told(&console).is_empty());
    console.keys("\u{1b}");
    assert_eq!(console.ever(|order| matches!(order, Effect::Rein(_, Rein::GiveUp)).then_some(())).len(), 1, "and is called off as ever");
}

/// After a no, what repeats itself is turned back without a question; a listing that a key begins is asked about.
#[test]
fn what_repeats_itself_is_not_asked_about_twice() {
    let mut console = inside();
    stop(&mut console, 1, Op::CopyObject);
    assert!(console.see().contains("Not sent yet: 1 further request; "), "{}", console.draw());
    console.keys("n");
    stop(&mut console, 2, Op::CopyObject);
    assert!(!console.draw().contains("budget?"), "{}", console.draw());
    assert_eq!(told(&console), [format!("back 1: {WHY}"), format!("back 2: {WHY}")]);
    stop(&mut console, 3, Op::ListParts);
    assert!(console.see().contains("1 page of a list of unfinished uploads"), "{}", console.draw());
}

/// The door counts what is under way; the model does not hear of it before it has ended. What the door has stopped is asked about all the
/// same, with the door's sums and what else waits.
#[test]
fn what_the_door_stops_is_asked_about_though_the_ledger_knows_of_less() {
    let mut console = counting();
    spent(&mut console, "research", "maps", "0.00005");
    stop(&mut console, 1, Op::ListObjectsV2);
    assert!(told(&console).is_empty());
    assert!(console.see().contains("0.000101 USD would be spent"), "{}", console.draw());
    console.keys("n");
    assert_eq!(told(&console), [format!("back 1: {WHY}")]);

    let mut console = inside();
    spent(&mut console, "research", "maps", "0.00005");
    // Nothing is asked over the help.
    console.keys("?");
    stop(&mut console, 1, Op::ListObjectsV2);
    stop(&mut console, 2, Op::ListObjectsV2);
    assert!(!console.draw().contains("budget?"), "{}", console.draw());
    console.keys("\u{1b}");
    assert!(console.see().contains("0.000106 USD would be spent"), "{}", console.draw());
    console.keys("y");
    assert_eq!(told(&console), ["this session: 0.0002", "pass 1", "pass 2"]);
}

/// A list that comes to its end while the question stands over it is there afterwards.
#[test]
fn an_answer_finds_its_list_under_the_question() {
    let mut console = tight("0.0001 USD", 80, 24);
    console.press(KeyCode::Backspace);
    console.go_to("maps");
    console.keys("M");
    let ticket = console.pick(|order| match order {
        Effect::ListUploads(ticket, ..) => Some(*ticket),
        _ => None,
    });
    spent(&mut console, "research", "maps", "0.0001");
    stop(&mut console, 1, Op::HeadObject);
    console.see();
    console.send(Msg::UploadsListed(ticket, Ok(Vec::new())));
    console.keys("n");
    let screen = console.draw();
    assert!(screen.contains("no unfinished upload") || screen.contains("0 uploads") || screen.contains("There is no"), "{screen}");
}

/// A yes to an estimate raises the limit at the door as well.
#[test]
fn the_door_hears_of_every_raised_limit() {
    let mut console = super::budget::half_spent(80, 24);
    console.keys("x");
    console.see();
    console.keys("y");
    console.see();
    console.keys("y");
    let raised = console.ever(|order| match order {
        Effect::RaiseBudget(Scope::Session, limit) => Some(*limit),
        _ => None,
    });
    assert_eq!(raised, [Amount::parse("0.0000015").unwrap()]);
}
