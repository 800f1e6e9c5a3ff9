//! The probe at three sizes: its question, what it proved, and the row that it left.

use whopays::app::KeyCode;
use whopays::domain::Charged;
use whopays::domain::probe::{Because, Seen};

use super::super::keys::driver::Console;
use super::super::keys::probe::{enforced, refused, served};
use super::{at_every_size, go};

fn ask(console: &mut Console) {
    go(console, "arxiv");
    console.keys("b");
    console.see();
}

#[test]
fn question() {
    at_every_size("probe_question", ask);
}

#[test]
fn verdict() {
    at_every_size("probe_verdict", |console| {
        ask(console);
        console.keys("y");
        console.end_probe(enforced());
    });
}

#[test]
fn doubt() {
    at_every_size("probe_doubt", |console| {
        ask(console);
        console.keys("w");
        console.end_probe([refused(Because::Unsaid), refused(Because::Unsaid), refused(Because::Unsaid), served(Charged::NotSaid)]);
    });
}

#[test]
fn column_and_details() {
    at_every_size("probe_details", |console| {
        ask(console);
        console.keys("y");
        console.end_probe(enforced());
        console.press(KeyCode::Esc);
        console.keys("i");
    });
}

/// What a store says is text for the screen, whatever it holds.
#[test]
fn hostile_codes_stay_in_their_line() {
    let mut console = Console::board(120, 40);
    ask(&mut console);
    console.keys("y");
    let hostile = || Seen::Refused { status: 403, code: "\u{1b}[31m\u{202e}Denied\n".to_owned(), ec: None, because: Because::Unsaid };
    console.end_probe([hostile(), hostile(), hostile(), hostile()]);
    let screen = console.draw();
    assert!(!screen.contains('\u{1b}') && !screen.contains('\u{202e}'), "{screen}");
    assert!(screen.contains("Denied"), "{screen}");
}
