//! The ledger's file in all its fates: killed, shared, damaged, newer, in the way, gone, on a full disk.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::Timestamp;
use rusqlite::Connection;
use whopays::domain::{By, Consent, Error, ErrorKind, Narrow, Sent, Sum};
use whopays::runtime::ledger::Ledger;

use super::sums::any_sent;
use crate::support::child;
use crate::support::store::{World, acting};
use crate::support::wait;

/// A line that says which one it is.
fn numbered(number: u64) -> Sent {
    let sent = any_sent(&mut fastrand::Rng::with_seed(number));
    Sent { at: Timestamp::now(), path: Arc::from(format!("/{number}")), ..sent }
}

fn begin(test: &str, folder: &Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(child::arguments(test))
        .env(child::VARIABLE, folder)
        .stdout(Stdio::null())
        .spawn()
        .unwrap()
}

/// All lines, oldest first.
fn lines(ledger: &Ledger) -> Vec<Sent> {
    ledger.requests(&Narrow::default(), None, usize::MAX).unwrap().into_iter().rev().map(|(_, sent)| sent).collect()
}

/// Every sum is that of the lines, and SQLite finds no fault.
#[track_caller]
fn is_whole(path: &Path) -> Vec<Sent> {
    let ledger = Ledger::open(path).unwrap();
    let lines = lines(&ledger);
    let mut counted = Sum::default();
    lines.iter().for_each(|sent| counted.count(sent));
    for by in [By::Day, By::Account, By::Bucket, By::Operation] {
        let mut kept = Sum::default();
        ledger.sums(&Narrow::default(), by).unwrap().iter().for_each(|sum| kept.add(sum));
        assert_eq!(kept, counted, "{by:?}");
    }
    let found: String = Connection::open(path).unwrap().query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(found, "ok");
    lines
}

/// Notes lines until it is killed, and says after each that it was noted: never more at once than one transaction takes.
fn notes_until_killed(folder: &Path) {
    let ledger = Ledger::open(&folder.join("ledger.sqlite")).unwrap();
    let first = lines(&ledger).len() as u64 + 1;
    for number in first.. {
        ledger.note(&numbered(number));
        std::fs::write(folder.join("noted"), number.to_string()).unwrap();
        std::thread::sleep(Duration::from_micros(200));
    }
}

/// How many lines have been noted so far, as far as their process had time to say so.
fn noted(folder: &Path) -> i64 {
    std::fs::read_to_string(folder.join("noted")).ok().and_then(|text| text.parse().ok()).unwrap_or(0)
}

/// The last moment is what was gathered since the last transaction, and what that one had gathered when it began: a line that two
/// transactions came after is there.
#[test]
fn a_killed_process_loses_the_last_moment_and_nothing_else() {
    const NAME: &str = "ledger::files::a_killed_process_loses_the_last_moment_and_nothing_else";
    if let Some(folder) = std::env::var_os(child::VARIABLE) {
        return notes_until_killed(Path::new(&folder));
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.sqlite");
    let (mut chance, mut before, mut lost) = (fastrand::Rng::with_seed(9), 0_i64, 0);
    for _ in 0..6 {
        // The last one may have noted more than it wrote.
        let _of_the_last_process = std::fs::remove_file(folder.path().join("noted"));
        let mut child = begin(NAME, folder.path());
        // By a reader of another process, while it writes.
        let count = || Connection::open(&path).and_then(|file| file.query_row("SELECT sum(count) FROM pack", [], |row| row.get(0)));
        let enough = before + chance.i64(1..400);
        wait::blocking("it writes", || count().is_ok_and(|count: i64| count >= enough));
        let safe = noted(folder.path());
        for _ in 0..2 {
            let seen = count().unwrap();
            wait::blocking("another transaction", || count().is_ok_and(|count: i64| count > seen));
        }
        // Then at any moment of a transaction.
        for _ in 0..chance.u32(..100) {
            let _some_time_passes = count();
        }
        child.kill().unwrap();
        child.wait().unwrap();
        let kept = is_whole(&path);
        for (place, sent) in kept.iter().enumerate() {
            assert_eq!(*sent.path, format!("/{}", place + 1), "no gap");
        }
        assert!(kept.len() as i64 >= enough, "what was written stays");
        assert!(kept.len() as i64 >= safe, "{safe} lines had two transactions behind them, and {} are there", kept.len());
        lost += (noted(folder.path()) - kept.len() as i64).max(0);
        before = kept.len() as i64;
    }
    println!("{before} lines of six processes, {lost} of their last moments lost");
}

fn notes_many(folder: &Path) {
    let ledger = Ledger::open(&folder.join("ledger.sqlite")).unwrap();
    let own = u64::from(std::process::id()) * 10_000;
    for number in 0..2_500 {
        ledger.note(&numbered(own + number));
        if number % 100 == 0 {
            ledger.flush().unwrap();
        }
    }
    ledger.flush().unwrap();
}

#[test]
fn processes_write_at_once() {
    const NAME: &str = "ledger::files::processes_write_at_once";
    if let Some(folder) = std::env::var_os(child::VARIABLE) {
        return notes_many(Path::new(&folder));
    }
    let folder = tempfile::tempdir().unwrap();
    let mut children: Vec<Child> = (0..3).map(|_| begin(NAME, folder.path())).collect();
    let ids: Vec<u64> = children.iter().map(|child| u64::from(child.id())).collect();
    for child in &mut children {
        assert!(child.wait().unwrap().success());
    }
    let kept = is_whole(&folder.path().join("ledger.sqlite"));
    let mut paths: Vec<String> = kept.iter().map(|sent| sent.path.to_string()).collect();
    paths.sort();
    let mut wanted: Vec<String> = ids.iter().flat_map(|id| (0..2_500).map(move |number| format!("/{}", id * 10_000 + number))).collect();
    wanted.sort();
    assert!(paths == wanted, "{} of {}", paths.len(), wanted.len());
}

/// Three threads in turn, and each a few lines in a row: their order is that in which they were noted, whoever noted them.
#[test]
fn threads_keep_the_order() {
    const LINES: u64 = 3000;
    let folder = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(&folder.path().join("ledger.sqlite")).unwrap();
    let next = Mutex::new(0);
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                loop {
                    let mut number = next.lock().unwrap();
                    if *number == LINES {
                        return;
                    }
                    ledger.note(&numbered(*number));
                    *number += 1;
                    drop(number);
                    if fastrand::u8(..8) == 0 {
                        std::thread::yield_now();
                    }
                }
            });
        }
    });
    assert_eq!(ledger.total(&Narrow::default()).requests, LINES);
    let kept = lines(&ledger);
    assert!(kept.iter().map(|sent| sent.path.to_string()).eq((0..LINES).map(|number| format!("/{number}"))));
}

/// A ledger in a file that says what troubles it.
fn telling(path: &Path) -> (Ledger, Arc<Mutex<Vec<String>>>) {
    let told = Arc::new(Mutex::new(Vec::new()));
    let heard = told.clone();
    let ledger = Ledger::open(path).unwrap().telling(move |error: Error| heard.lock().unwrap().push(error.to_string()));
    (ledger, told)
}

/// A world whose ledger is this one: every request goes on, whatever becomes of its line.
async fn asks(ledger: Ledger) {
    let world = World::with(|text| text, |engine| engine.with_ledger(ledger)).await;
    let at = acting("studio:colorpictures", Consent::Silent);
    for _ in 0..3 {
        world.engine.read_payer(&at.place).await.expect("the store answers, and so do we");
    }
    assert_eq!(world.engine.ledger().expect("one").total(&Narrow::default()).requests, 3, "this session's figures are known all the same");
}

/// Nothing stops, it is said once, and the file is left as it is.
async fn is_told_of(path: &Path, wanted: &str, hint: &str) {
    let (ledger, told) = telling(path);
    let before = std::fs::read(path).ok();
    asks(ledger.clone()).await;
    let error = ledger.flush().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Local);
    assert!(error.message().starts_with("3 requests are missing in the ledger: ") && error.message().contains(wanted), "{error}");
    assert!(error.hint_text().unwrap().contains(hint), "{:?}", error.hint_text());
    assert!(ledger.sums(&Narrow::default(), By::Day).unwrap_err().message().contains(wanted));
    assert!(ledger.requests(&Narrow::default(), None, 9).unwrap_err().message().contains(wanted));
    let told = told.lock().unwrap().clone();
    assert!(!told.is_empty() && told.iter().all(|told| told.contains("takes no lines now") && told.contains(wanted)), "{told:?}");
    assert_eq!(std::fs::read(path).ok(), before, "not a byte of it was changed");
}

#[tokio::test]
async fn a_damaged_file_stops_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.sqlite");
    std::fs::write(&path, "no database, but long enough to be taken for one by nobody. ".repeat(90)).unwrap();
    is_told_of(&path, "is damaged", "Move the file away").await;
    // Moved away, a new one is begun, and what could not be written comes after all.
    let (ledger, _) = telling(&path);
    ledger.note(&numbered(1));
    assert!(ledger.flush().is_err());
    std::fs::rename(&path, folder.path().join("old")).unwrap();
    ledger.note(&numbered(2));
    ledger.flush().unwrap();
    assert_eq!(is_whole(&path).iter().map(|sent| &*sent.path).collect::<Vec<_>>(), ["/1", "/2"]);
}

#[tokio::test]
async fn a_file_of_a_newer_version_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.sqlite");
    let newer = Connection::open(&path).unwrap();
    newer.execute_batch("CREATE TABLE request (id INTEGER); PRAGMA user_version = 7").unwrap();
    drop(newer);
    is_told_of(&path, "was written by a newer whopays (version 7 of its tables; this one knows 2)", "Update whopays").await;
}

#[tokio::test]
async fn what_stands_in_the_way_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let in_the_way = folder.path().join("file");
    std::fs::write(&in_the_way, "a file where the folder should be").unwrap();
    is_told_of(&in_the_way.join("ledger.sqlite"), "cannot be opened", "Make the folder writable").await;
    let a_folder = folder.path().join("ledger.sqlite");
    std::fs::create_dir(&a_folder).unwrap();
    is_told_of(&a_folder, "cannot be opened", "Make the folder writable").await;
}

/// SQLite takes a database for read-only whose header names a newer format for writing, and nobody is above that, root neither.
/// <https://www.sqlite.org/fileformat2.html>, "File format version numbers".
fn make_read_only(path: &Path) {
    let mut bytes = std::fs::read(path).unwrap();
    assert_eq!(bytes[18], 2, "a database with a write-ahead log");
    bytes[18] = 3;
    std::fs::write(path, bytes).unwrap();
}

/// A ledger that may be read and not written: what it has is shown, what is missing is counted, and nothing is stopped.
#[tokio::test]
async fn a_read_only_file_is_read_and_stops_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.sqlite");
    let ledger = Ledger::open(&path).unwrap();
    ledger.note(&numbered(1));
    ledger.flush().unwrap();
    drop(ledger);
    make_read_only(&path);
    let before = std::fs::read(&path).unwrap();
    let (ledger, told) = telling(&path);
    asks(ledger.clone()).await;
    let error = ledger.flush().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Local);
    assert!(
        error.message().starts_with("3 requests are missing in the ledger: ") && error.message().ends_with("cannot be written"),
        "{error}"
    );
    assert!(error.hint_text().unwrap().starts_with("Make the file and its folder writable"), "{:?}", error.hint_text());
    assert!(told.lock().unwrap().iter().all(|told| told.contains("takes no lines now") && told.contains("cannot be written")));
    assert_eq!(lines(&ledger).iter().map(|sent| &*sent.path).collect::<Vec<_>>(), ["/1"], "what is there is read");
    assert_eq!(ledger.sums(&Narrow::default(), By::Day).unwrap().iter().map(|sum| sum.requests).sum::<u64>(), 1);
    let error = ledger.prune("2027-01-01".parse().unwrap()).unwrap_err();
    assert!(error.message().contains("cannot be written"), "{error}");
    drop(ledger);
    assert!(std::fs::read(&path).unwrap() == before, "not a byte of it was changed");
}

/// SQLite would go on writing into a file that nobody sees any more.
#[test]
fn a_file_that_is_gone_is_made_anew() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("deep/er/ledger.sqlite");
    let ledger = Ledger::open(&path).unwrap();
    assert!(!path.exists(), "nothing was sent yet");
    ledger.note(&numbered(1));
    ledger.flush().unwrap();
    let mode = |path: &Path| std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(path).unwrap().permissions()) & 0o777;
    assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
    for rest in ["", "-wal", "-shm"] {
        drop(std::fs::remove_file(PathBuf::from(format!("{}{rest}", path.display()))));
    }
    ledger.note(&numbered(2));
    ledger.flush().unwrap();
    assert_eq!(is_whole(&path).iter().map(|sent| &*sent.path).collect::<Vec<_>>(), ["/2"]);
    assert_eq!(ledger.total(&Narrow::default()).requests, 2);
}

/// Pruned lines leave the disk, and what is left goes on growing from there.
#[test]
fn pruning_gives_the_space_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.sqlite");
    let ledger = Ledger::open(&path).unwrap();
    for number in 0..30_000 {
        ledger.note(&Sent { at: "2026-03-01T10:00:00Z".parse().unwrap(), ..numbered(number) });
    }
    ledger.note(&Sent { at: "2026-03-02T10:00:00Z".parse().unwrap(), ..numbered(30_000) });
    ledger.flush().unwrap();
    let sums = ledger.sums(&Narrow::default(), By::Bucket).unwrap();
    let size = || {
        ["", "-wal"]
            .iter()
            .filter_map(|rest| std::fs::metadata(format!("{}{rest}", path.display())).ok())
            .map(|file| file.len())
            .sum::<u64>()
    };
    let before = size();
    assert_eq!(ledger.prune("2026-03-02".parse().unwrap()).unwrap(), 30_000);
    let after = size();
    assert!(after * 10 < before, "{before} to {after} bytes");
    assert_eq!(ledger.sums(&Narrow::default(), By::Bucket).unwrap(), sums);
    assert_eq!(lines(&ledger).iter().map(|sent| &*sent.path).collect::<Vec<_>>(), ["/30000"]);
}
