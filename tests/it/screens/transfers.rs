//! Screen 3 at fixed sizes, and where nothing but ASCII can be shown.

use jiff::SignedDuration;
use jiff::tz::TimeZone;
use whopays::app::{KeyCode, Model, Msg, Start};
use whopays::domain::{Consent, Error, ErrorKind, Tally};
use whopays::transfer::{Asked, Ending, Fate, ItemEnd, Progress};
use whopays::ui::{Colours, Glyphs, Terminal};

use super::super::keys::driver::{Console, noon};
use super::super::keys::transfers::{download, queue, starts, with_jobs};
use super::super::keys::uploads::uploads_of;

const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (40, 10)];

fn snapshot(name: &str, width: u16, height: u16, screen: String) {
    insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false, snapshot_path => "../snapshots" }, {
        insta::assert_snapshot!(format!("{name}_{width}x{height}"), screen);
    });
}

/// One runs for twelve seconds and has lost an object, one waits, one is done.
fn busy(console: &mut Console) {
    let tickets: Vec<_> = starts(console).into_iter().map(|(ticket, ..)| ticket).collect();
    for second in 0..13_u64 {
        let moved = (second * second) << 20;
        let tally = Tally { requests: second * 3, retries: second / 4, charged: 0, ..Tally::default() };
        let progress =
            Progress { objects: 40, bytes: 400 << 20, counted: true, ended: second, failed: 1, moved, tally, ..Progress::default() };
        console.send(Msg::JobMoved(tickets[0], progress));
        console.now += SignedDuration::from_secs(1);
    }
    let error = Error::new(ErrorKind::NotFound, "object \"a\u{202e}b\": not found").hint("Refresh the list.");
    let end = ItemEnd {
        source: "research:maps/a\u{202e}b".to_owned(),
        target: String::new(),
        fate: Fate::Failed(error),
        bytes: 0,
        asked: Asked::NOTHING,
    };
    console.send(Msg::JobItem(tickets[0], end));
    let done = Progress { objects: 4, bytes: 4 << 20, counted: true, ended: 4, moved: 4 << 20, ..Progress::default() };
    console.send(Msg::JobEnded(tickets[1], done, Ending::Done));
}

#[test]
fn a_queue_at_work() {
    for (width, height) in SIZES {
        let mut console = queue(width, height, 4);
        busy(&mut console);
        snapshot("transfers", width, height, console.draw());
    }
}

#[test]
fn details_of_a_transfer() {
    for (width, height) in SIZES {
        let mut console = queue(width, height, 3);
        busy(&mut console);
        console.keys("\n");
        snapshot("transfer", width, height, console.draw());
    }
}

#[test]
fn leftovers() {
    for (width, height) in SIZES {
        let mut console = with_jobs(width, height, vec![download("a.tif", Consent::Given), download("b.tif", Consent::Silent)]);
        snapshot("leftovers", width, height, console.draw());
    }
}

#[test]
fn cancelling() {
    for (width, height) in SIZES {
        let mut console = queue(width, height, 2);
        console.keys("x");
        snapshot("cancelling", width, height, console.draw());
    }
}

#[test]
fn unfinished_uploads() {
    for (width, height) in SIZES {
        let mut console = uploads_of(width, height);
        snapshot("uploads", width, height, console.draw());
    }
}

#[test]
fn plain_terminals_get_ascii_alone() {
    let terminal = Terminal { colours: Colours::None, glyphs: Glyphs::Ascii, ..Terminal::default() };
    let mut console = Console::with(Model::new(Start::Config, TimeZone::UTC), terminal, 120, 40);
    console.now = noon();
    let unfinished = vec![super::super::keys::transfers::left(1, download("a.tif", Consent::Silent))];
    let accounts = vec![super::super::keys::driver::account("research", whopays::domain::Provider::S3, "us-west-2")];
    let config = whopays::config::Config { accounts, ..whopays::config::Config::default() };
    console.load_with(config, whopays::app::Origin::File("c".to_owned()), unfinished);
    console.press(KeyCode::Esc);
    console.keys("3r");
    let ticket = starts(&console)[0].0;
    for second in 0..13_u64 {
        let progress = Progress { objects: 2, bytes: 400 << 20, counted: true, moved: (second * second) << 20, ..Progress::default() };
        console.send(Msg::JobMoved(ticket, progress));
        console.now += SignedDuration::from_secs(1);
    }
    let screen = console.draw();
    assert!(screen.is_ascii(), "{screen}");
    assert!(screen.contains("###"), "the bar: {screen}");
    assert!(screen.contains("_.,") || screen.contains(",-="), "the chart: {screen}");
}
