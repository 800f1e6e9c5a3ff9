//! `u`

use std::path::PathBuf;

use whopays::app::{Effect, KeyCode, Msg, Presence};
use whopays::domain::{Overwrite, Tag};
use whopays::transfer::{Job, Pointer, Source, Upload};

use super::super::driver::Console;
use super::downloading::folder;
use super::shelf;

const HOME: &[&str] = &["runs/", "a.csv", "b.csv", ".secret"];

fn picker() -> Console {
    let mut console = shelf(80, 24);
    console.keys("u");
    assert_eq!(folder(&mut console, "/home/ada", Presence::There, HOME), PathBuf::from("."));
    console
}

fn upload(console: &Console) -> Upload {
    match console.acting_jobs().pop() {
        Some(Job::Upload(upload)) => upload,
        other => panic!("{other:?}"),
    }
}

fn paths(upload: &Upload) -> Vec<PathBuf> {
    let Source::Paths { paths, .. } = &upload.from else { panic!("{upload:?}") };
    paths.clone()
}

#[test]
fn a_file_by_the_picker() {
    let mut console = picker();
    let screen = console.draw();
    for text in ["Upload to research:maps/", "/home/ada", "▸  runs/", "a.csv", "2.0 KiB"] {
        assert!(screen.contains(text), "{text}\n{screen}");
    }
    assert!(!screen.contains(".secret"));
    console.keys("j\n");
    let screen = console.draw();
    assert!(screen.contains("prefix") && screen.contains("No: one that exists is kept"), "{screen}");
    console.keys("inbox/\n");
    assert!(console.acting_jobs().is_empty(), "the files are counted, and then it is asked");
    console.counted(1, 2_048);
    let screen = console.see();
    for text in ["Upload?", "1 file, 2.0 KiB", "/home/ada/a.csv", "research:maps/inbox/", "you (research)", "1 request billed as S3 PUT"] {
        assert!(screen.contains(text), "{text}\n{screen}");
    }
    console.keys("y");
    let upload = upload(&console);
    assert_eq!(paths(&upload), [PathBuf::from("/home/ada/a.csv")]);
    assert_eq!(upload.key, Pointer::Below("inbox/".to_owned()));
    assert_eq!(upload.overwrite, Overwrite::Refuse, "P9");
    assert_eq!(upload.settings.content_type, None, "guessed for each name");
}

#[test]
fn marked_files_and_folders_with_settings() {
    let mut console = picker();
    console.keys("  u");
    assert!(console.draw().contains("Upload 2 files and folders"));
    console.press(KeyCode::Down);
    console.keys(" \t");
    console.keys("text/csv\tSTANDARD_IA\tproject=maps, run = 7\tteam=ada\n");
    console.counted(9, 9);
    console.see();
    console.keys("y");
    let upload = upload(&console);
    assert_eq!(paths(&upload), [PathBuf::from("/home/ada/a.csv"), PathBuf::from("/home/ada/runs")]);
    assert_eq!(upload.overwrite, Overwrite::Allow);
    assert_eq!(upload.settings.content_type.as_deref(), Some("text/csv"));
    assert_eq!(upload.settings.storage_class.as_ref().map(|class| class.as_str()), Some("STANDARD_IA"));
    assert_eq!(upload.settings.metadata, [("project".to_owned(), "maps".to_owned()), ("run".to_owned(), "7".to_owned())]);
    assert_eq!(upload.settings.tags, [Tag { key: "team".to_owned(), value: "ada".to_owned() }]);
}

#[test]
fn everything_in_sight_is_marked_at_once_and_nothing_that_is_hidden() {
    let mut console = picker();
    console.keys("*");
    assert!(console.draw().contains("3 marked"), "{}", console.draw());
    console.keys("*");
    assert!(!console.draw().contains("marked"));
    console.keys(" *u\n");
    console.counted(9, 9);
    console.see();
    console.keys("y");
    let expected = ["a.csv", "b.csv", "runs"].map(|name| PathBuf::from("/home/ada").join(name));
    assert_eq!(paths(&upload(&console)), expected, "one that was marked before stays marked");
}

#[test]
fn moving_through_folders() {
    let mut console = picker();
    console.keys("\n");
    assert_eq!(folder(&mut console, "/home/ada/runs", Presence::There, &["1.log"]), PathBuf::from("/home/ada/runs"));
    console.keys("h");
    assert_eq!(folder(&mut console, "/home/ada", Presence::There, HOME), PathBuf::from("/home/ada"));
    assert!(console.draw().contains("▸  runs/"), "the cursor is where it came from");
    console.keys("h");
    assert_eq!(folder(&mut console, "/home", Presence::There, &["aaron/", "ada/", "zoe/"]), PathBuf::from("/home"));
    assert!(console.draw().contains("▸  ada/"), "also where that is not the first line");
    console.keys("l");
    assert_eq!(folder(&mut console, "/home/ada", Presence::There, HOME), PathBuf::from("/home/ada"));
    console.keys(".");
    assert!(console.draw().contains(".secret"));
    console.keys("/");
    console.keys("a");
    console.keys("\t");
    assert_eq!(folder(&mut console, "/home/ada", Presence::There, HOME), PathBuf::from("/home/ada/"));
    assert!(console.draw().contains("/home/ada/a.csv"));
    console.keys("\n");
    folder(&mut console, "/home/ada", Presence::There, HOME);
    assert!(console.draw().contains("Upload 1 file or folder"));
}

#[test]
fn pasted_paths_are_text_and_missing_ones_are_said() {
    let mut console = picker();
    console.send(Msg::Paste("/nowhere/x\nu\n".to_owned()));
    assert!(console.draw().contains("/nowhere/xu"));
    console.keys("\n");
    assert_eq!(folder(&mut console, "/nowhere", Presence::Missing, &[]), PathBuf::from("/nowhere/"));
    assert!(console.draw().contains("there is no folder /nowhere"));
    console.keys("\u{1b}\u{1b}");
    assert!(console.ever(super::run_of).is_empty());
    assert!(console.ever(|effect| matches!(effect, Effect::ReadFolder(..)).then_some(())).len() == 2);
}

#[test]
fn wrong_metadata_stays_in_the_form() {
    let mut console = picker();
    console.keys("j\n");
    for _ in 0..4 {
        console.press(KeyCode::Down);
    }
    console.keys("no equals sign\n");
    assert!(console.draw().contains("metadata: write name=value"));
    assert!(console.ever(super::run_of).is_empty());
}
