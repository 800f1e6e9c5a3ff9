//! Screen 4 at fixed sizes, and where nothing but ASCII can be shown.

use jiff::tz::TimeZone;
use whopays::app::{Model, Start};
use whopays::ui::{Colours, Glyphs, Terminal};

use super::super::keys::driver::{Console, account, noon};
use super::super::keys::ledger::{answer_all, by_account, groups};
use whopays::app::{Msg, Origin};
use whopays::config::Config;
use whopays::domain::Provider;

const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (40, 10)];

fn snapshot(name: &str, screen: String) {
    insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false, snapshot_path => "../snapshots" }, {
        insta::assert_snapshot!(name, screen);
    });
}

fn at_every_size(name: &str, keys: &str) {
    for (width, height) in SIZES {
        let mut console = by_account(width, height);
        for key in keys.chars() {
            console.keys(&key.to_string());
            answer_all(&mut console);
        }
        snapshot(&format!("{name}_{width}x{height}"), console.draw());
    }
}

#[test]
fn accounts() {
    at_every_size("ledger_accounts", "j");
}

#[test]
fn days() {
    at_every_size("ledger_days", "\t\t\tmm");
}

#[test]
fn requests() {
    at_every_size("ledger_requests", "\nj");
}

#[test]
fn one_request() {
    at_every_size("ledger_request", "\nj\n");
}

#[test]
fn nothing_yet() {
    for (width, height) in SIZES {
        let mut console = Console::board(width, height);
        console.keys("4");
        let (ticket, ..) = console.pick(groups);
        console.send(Msg::LedgerRead(ticket, Ok(Vec::new())));
        snapshot(&format!("ledger_empty_{width}x{height}"), console.draw());
    }
}

#[test]
fn plain_terminals_get_ascii_alone() {
    let terminal = Terminal { colours: Colours::None, glyphs: Glyphs::Ascii, ..Terminal::default() };
    let mut console = Console::with(Model::new(Start::Config, TimeZone::UTC), terminal, 80, 24);
    console.now = noon();
    let config = Config { accounts: vec![account("research", Provider::S3, "us-west-2")], ..Config::default() };
    console.load(config, Origin::File("c".to_owned()));
    console.keys("4");
    answer_all(&mut console);
    console.keys("\t");
    answer_all(&mut console);
    let screen = console.draw();
    assert!(screen.is_ascii() && !screen.replace("? help", "").contains('?'), "{screen}");
    snapshot("ledger_ascii_80x24", screen);
    console.keys("\n");
    answer_all(&mut console);
    assert!(console.draw().is_ascii());
}
