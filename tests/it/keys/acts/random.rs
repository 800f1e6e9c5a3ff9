//! Random events (G8): no job acts without the question that a person saw, whatever is typed, pasted, answered or resized.

use proptest::prelude::*;
use proptest::test_runner::Config;
use whopays::app::{KeyCode, Msg, Presence};
use whopays::transfer::{Ending, Progress};

use super::super::driver::Console;
use super::super::shelf::leaf;
use super::shelf;

#[derive(Clone, Debug)]
enum Event {
    Key(char),
    Code(KeyCode),
    Paste(String),
    Resize(u16, u16),
    Draw,
    See,
    Counted(u64),
    Failed,
    Folder,
    Page,
}

fn event() -> impl Strategy<Value = Event> {
    let letters: Vec<char> = "xxxxddccuuPvivyyyyyynwsa jkGgmaps/~.h3212q".chars().collect();
    let codes =
        vec![KeyCode::Enter, KeyCode::Enter, KeyCode::Enter, KeyCode::Esc, KeyCode::Tab, KeyCode::Backspace, KeyCode::Down, KeyCode::Up];
    prop_oneof![
        12 => prop::sample::select(letters).prop_map(Event::Key),
        4 => prop::sample::select(codes).prop_map(Event::Code),
        1 => "[axydn\n\u{1b}]{0,12}".prop_map(Event::Paste),
        1 => (20u16..130, 5u16..45).prop_map(|(width, height)| Event::Resize(width, height)),
        2 => Just(Event::Draw),
        6 => Just(Event::See),
        2 => (0u64..3_000).prop_map(Event::Counted),
        1 => Just(Event::Failed),
        2 => Just(Event::Folder),
        1 => Just(Event::Page),
    ]
}

fn has_folder(console: &Console) -> bool {
    console.orders.iter().any(|order| matches!(order, whopays::app::Effect::ReadFolder(..)))
}

fn apply(console: &mut Console, screen: &mut String, event: Event) {
    match event {
        Event::Key(c) => drop(console.press(KeyCode::Char(c))),
        Event::Code(code) => drop(console.press(code)),
        Event::Paste(text) => drop(console.send(Msg::Paste(text))),
        Event::Resize(width, height) => {
            console.resize(width, height);
            *screen = console.draw();
        }
        Event::Draw => *screen = console.draw(),
        Event::See => *screen = console.see(),
        Event::Counted(objects) if !console.plans().is_empty() => console.counted(objects, objects * 10),
        Event::Failed if !console.plans().is_empty() => {
            let ticket = console.plans().last().unwrap().ticket;
            console.send(Msg::JobEnded(ticket, Progress::default(), Ending::Stopped));
        }
        Event::Folder if has_folder(console) => {
            drop(super::downloading::folder(console, "/home/ada", Presence::There, &["runs/", "a.csv"]));
        }
        Event::Page if !console.pages().is_empty() => console.end_page(Ok(leaf(&["a.txt", "z", "logs/"], None))),
        Event::Counted(_) | Event::Failed | Event::Folder | Event::Page => {}
    }
}

proptest! {
    // About 4,000 events; `PROPTEST_CASES=8000` makes them more than 100,000.
    #![proptest_config(Config { cases: Config::default().cases / 4, failure_persistence: None, ..Config::default() })]

    #[test]
    fn no_job_acts_without_its_question(events in prop::collection::vec(event(), 20..100)) {
        let mut console = shelf(80, 24);
        let mut screen = console.draw();
        let mut judged = 0;
        for event in events {
            let is_yes = matches!(event, Event::Key('y') | Event::Code(KeyCode::Enter));
            // A job that ended lets the next confirmed one take its turn.
            let is_turn = matches!(event, Event::Failed | Event::Counted(_));
            apply(&mut console, &mut screen, event.clone());
            let acting = console.acting_jobs().len();
            if acting > judged && !is_turn {
                let on_screen_3 = matches!(event, Event::Key(' '));
                prop_assert!(is_yes || on_screen_3, "{event:?} began a job\n{screen}");
                let seen = ["Upload?", "Download?", "Copy?", "Move?", "Delete?", "y  "].iter().any(|title| screen.contains(title));
                prop_assert!(seen || on_screen_3, "{event:?} began a job unseen\n{screen}");
            }
            judged = acting;
        }
        console.draw();
    }
}
