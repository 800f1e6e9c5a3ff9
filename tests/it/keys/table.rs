//! The action table itself.

use std::collections::HashSet;

use whopays::app::KeyCode;
use whopays::app::action::{Action, Place, TABLE, find, key_name, markdown};

#[test]
fn no_key_has_two_meanings_in_one_place() {
    for place in Place::ALL {
        let mut seen = HashSet::new();
        for entry in TABLE.iter().filter(|entry| entry.places.contains(&place)) {
            for key in entry.keys {
                assert!(seen.insert(*key), "{} has two meanings in {place:?}", key_name(*key));
            }
        }
    }
}

#[test]
fn every_action_has_one_row_with_key_label_and_help() {
    let mut seen = HashSet::new();
    for entry in TABLE {
        assert!(seen.insert(entry.action), "{:?} has two rows", entry.action);
        assert!(!entry.keys.is_empty() && !entry.label.is_empty() && !entry.places.is_empty(), "{:?}", entry.action);
        assert!(entry.help.ends_with('.') && entry.help.len() > 10, "{:?}: {}", entry.action, entry.help);
    }
}

#[test]
fn the_promised_keys_do_what_was_promised() {
    let board = [
        ("p", Action::TogglePayer),
        ("U", Action::RevertPayer),
        (" ", Action::Mark),
        ("*", Action::MarkAll),
        ("/", Action::EditFilter),
        ("s", Action::SortNext),
        ("S", Action::SortReverse),
        ("r", Action::Refresh),
        ("i", Action::Inspect),
        ("y", Action::CopyText),
        ("o", Action::OpenBucket),
        (":", Action::ShowPalette),
        ("?", Action::ShowHelp),
        ("q", Action::Quit),
        ("g", Action::GoTop),
        ("G", Action::GoBottom),
        ("j", Action::MoveDown),
        ("k", Action::MoveUp),
        ("l", Action::Open),
        ("h", Action::Back),
        ("1", Action::ShowBuckets),
        ("2", Action::ShowObjects),
        ("R", Action::ToggleRequester),
        ("b", Action::Probe),
        ("5", Action::ShowJournal),
    ];
    for (text, action) in board {
        let code = KeyCode::Char(text.chars().next().unwrap());
        assert_eq!(find(whopays::app::Key { code, ctrl: false, alt: false }, Place::Board), Some(action), "{text}");
    }
}

#[test]
fn the_keys_of_the_queue_do_what_was_promised() {
    let queue = [
        (' ', Action::PauseTransfer),
        ('x', Action::CancelTransfer),
        ('r', Action::RetryTransfer),
        ('K', Action::MoveEarlier),
        ('J', Action::MoveLater),
        ('+', Action::MoreAtOnce),
        ('-', Action::FewerAtOnce),
        ('w', Action::LimitBandwidth),
        ('C', Action::ClearEnded),
        ('i', Action::Inspect),
        ('1', Action::ShowBuckets),
        ('q', Action::Quit),
    ];
    for (c, action) in queue {
        let key = whopays::app::Key { code: KeyCode::Char(c), ctrl: false, alt: false };
        assert_eq!(find(key, Place::Transfers), Some(action), "{c}");
    }
    for place in Place::ALL {
        let key = whopays::app::Key { code: KeyCode::Char('3'), ctrl: false, alt: false };
        assert_eq!(find(key, place), Some(Action::ShowTransfers), "{place:?}");
    }
}

#[test]
fn the_list_for_the_readme_has_every_row() {
    let text = markdown();
    assert!(text.starts_with("| key | does |\n|---|---|\n"));
    assert_eq!(text.lines().count(), TABLE.len() + 2);
    assert!(text.contains("| `q` `Ctrl-C` | Leave. Asks while changes or transfers run. |"));
    assert!(text.contains("| `Space` | Mark the row, or take the mark away. |"));
}

/// The README repeats the table; `UPDATE=1` writes it there.
#[test]
#[expect(clippy::disallowed_methods, reason = "a test reads and writes the repository's own file")]
fn the_readme_has_the_table() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
    let readme = std::fs::read_to_string(path).unwrap();
    let (before, rest) = readme.split_once("<!-- keys: the action table, as the program prints it -->\n").unwrap();
    let (table, after) = rest.split_once("<!-- end of keys -->").unwrap();
    if std::env::var_os("UPDATE").is_some() {
        let text = format!("{before}<!-- keys: the action table, as the program prints it -->\n{}<!-- end of keys -->{after}", markdown());
        return std::fs::write(path, text).unwrap();
    }
    assert_eq!(table, markdown(), "README.md is behind the action table: run the test with UPDATE=1");
}
