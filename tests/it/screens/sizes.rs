//! P28, G4: any size, any screen, never a panic.

use proptest::prelude::*;
use proptest::test_runner::Config;
use whopays::app::KeyCode;

use crate::keys::driver::Console;
use crate::keys::ledger;
use crate::keys::shelf::leaf;

/// Keys that open every screen and dialog.
const WAYS: [&str; 20] =
    ["", "p", "i", "?", ":", "o", "y", "*p", "5", "hi", "/payer:", "5i", "2", "2R", "2J", "2i", "4", "4i", "4\t\tm", "4\n"];

/// A page for whoever asked for one.
fn answer(console: &mut Console) {
    if !console.pages().is_empty() {
        console.end_page(Ok(leaf(&["a/", "b", "c"], Some("t"))));
    }
    ledger::answer_all(console);
}

#[test]
fn every_screen_survives_every_odd_size() {
    for way in WAYS {
        let mut console = Console::board(80, 24);
        console.keys(way);
        answer(&mut console);
        for (width, height) in [
            (1, 1),
            (2, 1),
            (1, 2),
            (3, 3),
            (39, 10),
            (40, 9),
            (40, 10),
            (40, 50),
            (41, 11),
            (69, 15),
            (70, 16),
            (79, 23),
            (500, 10),
            (500, 200),
            (40, 200),
        ] {
            console.resize(width, height);
            let screen = console.draw();
            assert_eq!(screen.lines().count(), usize::from(height), "{way:?} {width}x{height}");
        }
    }
}

#[test]
fn too_small_says_so_and_takes_only_the_keys_that_leave() {
    let mut console = Console::board(30, 6);
    let screen = console.draw();
    assert!(screen.contains("too small: 30x6."), "{screen}");
    console.keys("pU*py\n");
    console.resize(80, 24);
    let screen = console.draw();
    assert!(!screen.contains("in 5 s") && !screen.contains("marked"), "{screen}");
    console.resize(30, 6);
    console.press(KeyCode::Char('q'));
    assert_eq!(console.log.last(), Some(&whopays::app::Effect::Quit));
}

proptest! {
    #![proptest_config(Config { cases: 48, failure_persistence: None, ..Config::default() })]

    #[test]
    fn no_size_panics(width in 1u16..=300, height in 1u16..=100, way in 0usize..WAYS.len()) {
        let mut console = Console::board(width, height);
        console.keys(WAYS[way]);
        answer(&mut console);
        prop_assert_eq!(console.draw().lines().count(), usize::from(height));
    }
}
