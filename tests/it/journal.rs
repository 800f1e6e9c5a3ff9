//! The journal keeps what was done, whatever happens to the process, the file or the disk.
#![expect(clippy::disallowed_methods, reason = "a test makes and breaks files and threads by hand")]

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use whopays::audit::{Change, Outcome};
use whopays::domain::probe::{Proof, Verdict};
use whopays::domain::{AccountName, BucketId, BucketName, ErrorKind, Payer, Provider};
use whopays::runtime::journal::Journal;
use whopays::runtime::journal::seen::Sighted;
use whopays::transfer::JobId;

use crate::support::child;

fn change() -> Change {
    Change {
        id: 0,
        at: "2026-11-21T02:03:04.123456789Z".parse().unwrap(),
        bucket: BucketId { account: AccountName::new("research"), bucket: BucketName::parse(Provider::S3, "colorpictures").unwrap() },
        provider: Provider::S3,
        identity: Some("arn:aws:iam::111122223333:user/ada".to_owned()),
        before: Some(Payer::BucketOwner),
        asked: Payer::Requester,
        after: None,
        outcome: Outcome::Sent,
        request_id: None,
        error: None,
    }
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

#[test]
fn a_line_is_begun_and_finished() {
    let folder = tempfile::tempdir().unwrap();
    let journal = Journal::open(&folder.path().join("state/journal.db")).unwrap();
    let id = journal.begin(&change()).unwrap();
    assert_eq!(journal.newest(10).unwrap(), [Change { id, ..change() }]);
    let done = Change {
        id,
        after: Some(Payer::Other("Spon\u{0}sor\u{202e}".to_owned())),
        outcome: Outcome::NotApplied,
        request_id: Some("656c76696e6727732072657175657374".to_owned()),
        error: Some("line one\nline \"two\"; DROP TABLE change; --".to_owned()),
        ..change()
    };
    journal.finish(&done).unwrap();
    assert_eq!(journal.newest(10).unwrap(), [done], "texts come back as they went in");
}

#[test]
fn every_outcome_and_provider_comes_back() {
    let journal = Journal::in_memory().unwrap();
    let outcomes = [Outcome::Sent, Outcome::Verified, Outcome::NotApplied, Outcome::Failed, Outcome::Unknown];
    for outcome in outcomes {
        let bare = Change { provider: Provider::Oss, outcome, identity: None, before: None, ..change() };
        let id = journal.begin(&bare).unwrap();
        assert_eq!(journal.newest(1).unwrap(), [Change { id, ..bare }]);
    }
}

#[test]
fn a_line_that_is_not_there_cannot_be_finished() {
    let journal = Journal::in_memory().unwrap();
    let error = journal.finish(&Change { id: 7, ..change() }).unwrap_err();
    assert_eq!((error.kind(), error.message()), (ErrorKind::Local, "journal in memory has no line 7"));
}

/// P22
#[test]
fn only_its_owner_can_read_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a/state/journal.db");
    let journal = Journal::open(&path).unwrap();
    assert!(!path.exists(), "nothing is made before it is needed");
    journal.begin(&change()).unwrap();
    assert_eq!(mode(path.parent().unwrap()), 0o700);
    for file in fs::read_dir(path.parent().unwrap()).unwrap() {
        assert_eq!(mode(&file.unwrap().path()), 0o600);
    }
    drop(journal);
    fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
    Journal::open(&path).unwrap().begin(&change()).unwrap();
    assert_eq!(mode(&path), 0o600, "a looser mode is tightened");
}

#[test]
fn two_consoles_write_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.db");
    let mut ids: Vec<i64> = std::thread::scope(|scope| {
        let writers: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| {
                    let journal = Journal::open(&path).unwrap();
                    (0..25).map(|_| journal.begin(&change()).unwrap()).collect::<Vec<_>>()
                })
            })
            .collect();
        writers.into_iter().flat_map(|writer| writer.join().unwrap()).collect()
    });
    ids.sort_unstable();
    assert_eq!(ids, (1..=100).collect::<Vec<i64>>(), "each line once, none lost");
}

/// C1's sibling: the process is killed between the line and its outcome.
#[test]
fn a_killed_process_leaves_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.db");
    let mut killed = Command::new(std::env::current_exe().unwrap())
        .args(child::arguments("journal::child_that_is_killed"))
        .env(child::VARIABLE, &path)
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    child::wait_for_line(&mut killed, "begun");
    killed.kill().unwrap();
    killed.wait().unwrap();
    let journal = Journal::open(&path).unwrap();
    assert_eq!(journal.newest(10).unwrap(), [Change { id: 1, ..change() }], "outcome: sent");
    assert_eq!(journal.begin(&change()).unwrap(), 2);
}

/// Runs only as the child of [`a_killed_process_leaves_its_line`].
#[test]
fn child_that_is_killed() {
    let Some(path) = std::env::var_os(child::VARIABLE) else { return };
    let journal = Journal::open(Path::new(&path)).unwrap();
    journal.begin(&change()).unwrap();
    println!("begun");
    loop {
        std::thread::park();
    }
}

#[test]
fn the_newest_of_ten_thousand_come_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.db");
    let journal = Journal::open(&path).unwrap();
    journal.begin(&change()).unwrap();
    let filler = rusqlite::Connection::open(&path).unwrap();
    filler
        .execute_batch(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9999)
             INSERT INTO change (at, account, provider, bucket, asked, outcome)
             SELECT '2026-11-21T00:00:00Z', 'lab', 'oss', 'bucket-' || i, 'BucketOwner', 'verified' FROM n",
        )
        .unwrap();
    let begun = Instant::now();
    let newest = journal.newest(3).unwrap();
    assert!(begun.elapsed() < Duration::from_millis(200));
    let names: Vec<&str> = newest.iter().map(|change| change.bucket.bucket.as_str()).collect();
    assert_eq!(names, ["bucket-9999", "bucket-9998", "bucket-9997"]);
    assert_eq!(journal.newest(usize::MAX).unwrap().len(), 10_000);
}

#[test]
fn a_damaged_file_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.db");
    let damaged = b"this was a journal once".repeat(400);
    fs::write(&path, &damaged).unwrap();
    let journal = Journal::open(&path).unwrap();
    for _ in 0..2 {
        let error = journal.begin(&change()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Local);
        assert_eq!(error.message(), format!("journal \"{}\" is damaged", path.display()));
        assert!(error.hint_text().unwrap().starts_with("Move the file away"));
    }
    assert_eq!(fs::read(&path).unwrap(), damaged, "not a byte was touched");
    fs::rename(&path, folder.path().join("kept")).unwrap();
    assert_eq!(journal.begin(&change()).unwrap(), 1, "the same handle goes on once the file is out of the way");
}

#[test]
fn a_file_that_disappears_is_made_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.db");
    let journal = Journal::open(&path).unwrap();
    journal.begin(&change()).unwrap();
    fs::rename(&path, folder.path().join("moved")).unwrap();
    journal.begin(&change()).unwrap();
    assert_eq!(Journal::open(&path).unwrap().newest(10).unwrap().len(), 1, "the line is in the file that others read");
}

#[test]
fn a_newer_journal_is_not_touched() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.db");
    let newer = rusqlite::Connection::open(&path).unwrap();
    newer.execute_batch("CREATE TABLE change (id INTEGER PRIMARY KEY); PRAGMA user_version = 9").unwrap();
    drop(newer);
    let before = fs::read(&path).unwrap();
    let error = Journal::open(&path).unwrap().begin(&change()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Local);
    assert!(error.message().contains("was written by a newer whopays (version 9"), "{}", error.message());
    assert!(error.hint_text().unwrap().starts_with("Update whopays"));
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn a_folder_that_cannot_be_used_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("not-a-folder");
    fs::write(&file, "").unwrap();
    let path = file.join("journal.db");
    let error = Journal::open(&path).unwrap().newest(1).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Local);
    assert!(error.message().contains(path.to_str().unwrap()), "{}", error.message());
    assert!(error.hint_text().unwrap().contains("WHOPAYS_STATE_DIR"));
    let error = Journal::open(folder.path()).unwrap().newest(1).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Local, "a folder in the file's place");
}

#[test]
fn a_full_disk_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.db");
    Journal::open(&path).unwrap().begin(&change()).unwrap();
    // No page more than the file has now, which SQLite reports as a full disk does.
    let limited = rusqlite::Connection::open(&path).unwrap();
    limited.pragma_update_and_check(None, "max_page_count", 1, |_| Ok(())).unwrap();
    let error = limited.execute(
        "INSERT INTO change (at, account, provider, bucket, asked, outcome) VALUES (hex(zeroblob(99999)), '', '', '', '', '')",
        [],
    );
    assert_eq!(error.unwrap_err().sqlite_error_code(), Some(rusqlite::ErrorCode::DiskFull), "the code that we translate");
}

#[test]
fn a_line_that_others_wrote_badly_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.db");
    let journal = Journal::open(&path).unwrap();
    journal.begin(&change()).unwrap();
    rusqlite::Connection::open(&path).unwrap().execute("UPDATE change SET outcome = 'splendid'", []).unwrap();
    let error = journal.newest(1).unwrap_err();
    assert!(error.message().ends_with("has a line 1 whose outcome is not understood"), "{}", error.message());
}

fn sighted(bucket: &str) -> Sighted {
    let id = BucketId { account: AccountName::new("research"), bucket: BucketName::parse(Provider::S3, bucket).unwrap() };
    Sighted { store: "s3 http://127.0.0.1:9000".to_owned(), provider: Provider::S3, id }
}

fn proof(verdict: Verdict, at: &str) -> Proof {
    Proof { verdict, evidence: vec!["signed → 403".to_owned(), "paying → 200".to_owned()], at: at.parse().unwrap() }
}

fn proofs(journal: &Journal) -> Vec<(String, String, Proof)> {
    let row = |(bucket, proof): (Sighted, Proof)| (bucket.store, bucket.id.to_string(), proof);
    journal.proofs().unwrap().into_iter().map(row).collect()
}

/// The newest observation holds, whichever process made it: another probe, or the store's own answer.
#[test]
fn proofs_are_kept_and_give_way_to_what_is_newer() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.db");
    let (first, second) = (Journal::open(&path).unwrap(), Journal::open(&path).unwrap());
    let enforced = proof(Verdict::Enforced, "2026-11-02T09:00:00.5Z");
    first.keep_proof(&sighted("tiles"), &enforced).unwrap();
    first.keep_proof(&sighted("maps"), &proof(Verdict::OwnerPays, "2026-11-02T09:00:00Z")).unwrap();
    let store = "s3 http://127.0.0.1:9000".to_owned();
    assert_eq!(proofs(&second)[1], (store.clone(), "research:tiles".to_owned(), enforced.clone()));
    second.keep_proof(&sighted("tiles"), &proof(Verdict::OwnerPays, "2026-11-02T09:00:00Z")).unwrap();
    assert_eq!(proofs(&first)[1].2, enforced, "one that was made earlier comes too late");
    let newer = proof(Verdict::AnonymousOpen, "2026-11-03T09:00:00Z");
    second.keep_proof(&sighted("tiles"), &newer).unwrap();
    assert_eq!(proofs(&first)[1], (store, "research:tiles".to_owned(), newer));
    first.note_payer(&sighted("tiles"), &Payer::Requester, "2026-11-03T09:00:01Z".parse().unwrap()).unwrap();
    first.note_payer(&sighted("maps"), &Payer::Requester, "2026-11-01T09:00:00Z".parse().unwrap()).unwrap();
    let left: Vec<String> = proofs(&second).into_iter().map(|(_, name, _)| name).collect();
    assert_eq!(left, ["research:maps"], "the store itself has said it since");
}

/// How finished objects were kept before version 6: a row for each.
const OLD_DONE: &str = "DROP TABLE done;
    CREATE TABLE done (job INTEGER NOT NULL REFERENCES job (id) ON DELETE CASCADE, name BLOB NOT NULL, PRIMARY KEY (job, name))
    STRICT, WITHOUT ROWID;";

/// What an earlier version had noted as finished is finished, beside what is noted since; it goes with its job.
#[test]
fn finished_objects_of_the_version_before_stay_finished() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.db");
    Journal::open(&path).unwrap().newest(1).unwrap();
    let file = rusqlite::Connection::open(&path).unwrap();
    file.execute_batch(&format!(
        "{OLD_DONE} INSERT INTO job (id, begun_at, state, spec) VALUES (1, '2026-11-01T09:00:00Z', 'running', '{{}}'),
         (2, '2026-11-01T09:00:00Z', 'running', '{{}}');
         INSERT INTO done (job, name) VALUES (1, x'{}'), (1, x'{}'), (2, x'{}'); PRAGMA user_version = 5",
        "01".repeat(16),
        "02".repeat(16),
        "03".repeat(16)
    ))
    .unwrap();
    let journal = Journal::open(&path).unwrap();
    journal.note_done(JobId(1), &[[4; 16], [5; 16], [1; 16]]).unwrap();
    journal.note_done(JobId(1), &[]).unwrap();
    let done = |id| {
        let mut done: Vec<u8> = journal.done(JobId(id)).unwrap().into_iter().map(|name| name[15]).collect();
        done.sort_unstable();
        done
    };
    assert_eq!((done(1), done(2)), (vec![1, 2, 4, 5], vec![3]));
    assert_eq!(file.query_row("SELECT count(*) FROM done WHERE job = 1", [], |row| row.get::<_, i64>(0)).unwrap(), 3, "nothing: no row");
    file.execute_batch("PRAGMA foreign_keys = ON; DELETE FROM job WHERE id = 1").unwrap();
    assert_eq!((done(1), done(2)), (vec![], vec![3]));
}

/// A file of the version before keeps what it has, and takes proofs from now on; lines that are not understood are none.
#[test]
fn a_journal_of_the_version_before_takes_proofs() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.db");
    let journal = Journal::open(&path).unwrap();
    journal.begin(&change()).unwrap();
    journal.keep_consent(&change().bucket, change().at).unwrap();
    drop(journal);
    rusqlite::Connection::open(&path)
        .unwrap()
        .execute_batch(&format!("{OLD_DONE} ALTER TABLE part DROP COLUMN read; DROP TABLE proof; PRAGMA user_version = 3"))
        .unwrap();
    let journal = Journal::open(&path).unwrap();
    assert_eq!((journal.newest(9).unwrap().len(), journal.consents().unwrap().len(), proofs(&journal).len()), (1, 1, 0));
    journal.keep_proof(&sighted("tiles"), &proof(Verdict::Enforced, "2026-11-02T09:00:00Z")).unwrap();
    assert_eq!(proofs(&journal).len(), 1);
    let file = rusqlite::Connection::open(&path).unwrap();
    assert_eq!(file.pragma_query_value(None, "user_version", |row| row.get::<_, i64>(0)).unwrap(), 6);
    for damage in ["verdict = 'splendid'", "verdict = 'owner_pays', at = 'yesterday'", "at = '2026-11-02T09:00:00Z', bucket = '../x'"] {
        file.execute(&format!("UPDATE proof SET {damage}"), []).unwrap();
        assert_eq!(proofs(&journal).len(), 0, "{damage}");
    }
}

/// SQLite takes a database for read-only whose header names a newer format for writing; root is not above that either.
/// <https://www.sqlite.org/fileformat2.html>, "File format version numbers".
#[test]
fn a_read_only_journal_is_read_and_takes_no_change() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.db");
    let journal = Journal::open(&path).unwrap();
    journal.begin(&change()).unwrap();
    journal.keep_consent(&change().bucket, change().at).unwrap();
    drop(journal);
    let mut bytes = fs::read(&path).unwrap();
    assert_eq!(bytes[18], 2, "a database with a write-ahead log");
    bytes[18] = 3;
    fs::write(&path, &bytes).unwrap();
    let journal = Journal::open(&path).unwrap();
    assert_eq!((journal.newest(9).unwrap().len(), journal.consents().unwrap().len()), (1, 1));
    for refused in [
        journal.begin(&change()).map(drop),
        journal.finish(&change()),
        journal.keep_consent(&change().bucket, change().at),
        journal.keep_proof(&sighted("tiles"), &proof(Verdict::Enforced, "2026-11-02T09:00:00Z")),
        journal.note_payer(&sighted("tiles"), &Payer::Requester, change().at).map(drop),
    ] {
        let error = refused.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Local);
        assert!(error.message().ends_with("journal.db\" cannot be written"), "{}", error.message());
        assert!(error.hint_text().unwrap().starts_with("Make the file and its folder writable"), "{:?}", error.hint_text());
    }
    drop(journal);
    assert!(fs::read(&path).unwrap() == bytes, "not a byte of it was changed");
}
