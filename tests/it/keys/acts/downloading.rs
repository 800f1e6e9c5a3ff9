//! `d`

use std::path::PathBuf;

use whopays::app::{Effect, EntryKind, Folder, FolderEntry, KeyCode, Msg, Presence};
use whopays::domain::{Error, ErrorKind};
use whopays::transfer::{Existing, Job, Landing, Selection};

use super::super::driver::Console;
use super::super::shelf::leaf;
use super::shelf;

/// Answers the open reading of a folder, and says what was asked for.
pub(crate) fn folder(console: &mut Console, path: &str, presence: Presence, names: &[&str]) -> PathBuf {
    let (ticket, asked) = console.pick(|effect| match effect {
        Effect::ReadFolder(ticket, path) => Some((*ticket, path.clone())),
        _ => None,
    });
    let entry = |name: &&str| match name.strip_suffix('/') {
        Some(name) => FolderEntry { name: name.to_owned(), kind: EntryKind::Folder, size: 0 },
        None => FolderEntry { name: (*name).to_owned(), kind: EntryKind::File, size: 2_048 },
    };
    let entries = names.iter().map(entry).collect();
    console.send(Msg::FolderRead(ticket, Ok(Folder { path: PathBuf::from(path), presence, entries, left_out: 0 })));
    asked
}

#[test]
fn size_and_payer_and_folder_stand_before_the_start() {
    let mut console = shelf(80, 24);
    console.keys("d");
    let screen = console.see();
    assert!(screen.contains("Download a.txt") && screen.contains("~/Downloads"), "{screen}");
    console.keys("\n");
    assert_eq!(folder(&mut console, "/home/ada/Downloads", Presence::There, &[]), PathBuf::from("~/Downloads"));
    let screen = console.see();
    for text in ["Download?", "1 object, 5 B", "research:maps/a.txt", "/home/ada/Downloads", "you (research)", "1 request billed as S3 GET"]
    {
        assert!(screen.contains(text), "{text}\n{screen}");
    }
    assert!(console.acting_jobs().is_empty());
    console.keys("y");
    let jobs = console.acting_jobs();
    let Job::Download(download) = &jobs[0] else { panic!("{jobs:?}") };
    assert_eq!(download.to, Landing::Folder(PathBuf::from("/home/ada/Downloads")));
    assert_eq!(download.existing, Existing::Keep, "the default changes no file");
    let Selection::Picked(picks) = &download.what else { panic!("{download:?}") };
    assert!(picks[0].etag.is_some() && picks[0].size == Some(5), "what the listing said spares a request");
}

/// Who pays is an account and whose keys it has; and what leaves OSS has two prices a day.
#[test]
fn a_question_names_the_caller_and_the_hours() {
    let mut console = Console::inside("lab-results", 100, 40);
    console.end_page(Ok(leaf(&["a.txt", "b.csv"], None)));
    let identities = |console: &Console| console.ever(|order| matches!(order, Effect::Identify(..)).then_some(())).len();
    assert_eq!(identities(&console), 0, "nobody wants to know it yet");
    for _ in 0..2 {
        console.keys("d\n");
        folder(&mut console, "/home/ada/Downloads", Presence::There, &[]);
        console.answer_identify();
        let screen = console.see();
        for text in [
            "pays     you (lab) as arn:aws:iam::111122223333:user/lab",
            "hours    busy until 16:00 your time: 0.50 CNY a GB out, idle hours 0.25",
        ] {
            assert!(screen.contains(text), "{text}\n{screen}");
        }
        assert_eq!(identities(&console), 1, "asked once");
        console.keys("n");
    }
    console.keys("x");
    let screen = console.see();
    assert!(screen.contains("Delete?") && !screen.contains("hours"), "nothing leaves: {screen}");
}

#[test]
fn existing_files_are_a_choice() {
    for (presses, existing) in [(1, Existing::Replace), (2, Existing::KeepBoth), (3, Existing::Keep)] {
        let mut console = shelf(80, 24);
        console.keys("d");
        console.press(KeyCode::Down);
        console.keys(&" ".repeat(presses));
        console.keys("\n");
        folder(&mut console, "/d", Presence::Missing, &[]);
        assert!(console.see().contains("/d (it is made)"));
        console.keys("y");
        let Job::Download(download) = &console.acting_jobs()[0] else { panic!() };
        assert_eq!(download.existing, existing);
    }
}

#[test]
fn a_prefix_lands_in_a_folder_of_its_own_after_it_was_counted() {
    let mut console = shelf(80, 24);
    console.keys("Gd\n");
    folder(&mut console, "/d", Presence::There, &[]);
    assert!(console.see().contains("Count it first?"));
    console.keys("y");
    console.counted(2_000, 4_096);
    assert!(console.see().contains("2,000 objects, 4.0 KiB (found with 2 requests)"));
    console.keys("y");
    let Job::Download(download) = &console.acting_jobs()[0] else { panic!() };
    assert_eq!(download.to, Landing::Folder(PathBuf::from("/d/logs")));
    assert_eq!(console.plans().len(), 1, "counted once, and gone on with");
}

#[test]
fn paths_are_completed_and_late_answers_dropped() {
    let mut console = shelf(80, 24);
    console.keys("d");
    console.control('u');
    console.keys("~/da\t");
    assert_eq!(folder(&mut console, "/home/ada", Presence::There, &["data/", "docs/", "dark"]), PathBuf::from("~/"));
    assert!(console.draw().contains("~/da"), "data and dark begin alike");
    console.keys("t\t");
    folder(&mut console, "/home/ada", Presence::There, &["data/", "docs/", "dark"]);
    assert!(console.draw().contains("~/data/"));
    // Submitted, and closed before the answer: it changes nothing.
    console.keys("\n");
    let ticket = console.pick(|effect| match effect {
        Effect::ReadFolder(ticket, _) => Some(*ticket),
        _ => None,
    });
    console.keys("\u{1b}");
    let late = Folder { path: PathBuf::from("/x"), presence: Presence::There, entries: Vec::new(), left_out: 0 };
    console.send(Msg::FolderRead(ticket, Ok(late)));
    assert!(!console.draw().contains("Download?"));
}

#[test]
fn a_folder_that_is_none_is_said_in_the_form() {
    let mut console = shelf(80, 24);
    console.keys("d\n");
    let ticket = console.pick(|effect| match effect {
        Effect::ReadFolder(ticket, _) => Some(*ticket),
        _ => None,
    });
    let error = Error::new(ErrorKind::Usage, "folder /etc/passwd: not a directory").hint("Choose a folder.");
    console.send(Msg::FolderRead(ticket, Err(error)));
    let screen = console.draw();
    assert!(screen.contains("not a directory. Choose a folder."), "{screen}");
    console.send(Msg::Paste("\ny\n/tmp".to_owned()));
    assert!(console.draw().contains("~/Downloadsy/tmp"), "G6: a paste is text");
    assert!(console.ever(super::run_of).is_empty());
}
