//! Alarms over real HTTP against the embedded store, and what is remembered of payers between sessions and processes.
#![expect(clippy::disallowed_methods, reason = "a test makes and breaks files, and waits for what another thread says")]

use std::path::Path;
use std::sync::{Arc, Barrier, Mutex};
use std::time::Duration;

use jiff::Timestamp;
use whopays::alarms::{Alarm, Found};
use whopays::app::{PayerChange, Thorough};
use whopays::config::{self, LiteralSecrets};
use whopays::demo::{Options, Store};
use whopays::domain::{AccountName, BucketId, BucketName, Consent, ObjectKey, Payer, Provider};
use whopays::runtime::desk::Desk;
use whopays::runtime::engine::Engine;
use whopays::runtime::journal::Journal;
use whopays::runtime::journal::seen::Sighted;
use whopays::transfer::Pick;

use crate::support::store::acting;
use crate::support::wait;

/// A session on a store: an engine, and what it was alarmed of.
struct Session {
    engine: Engine,
    told: Arc<Mutex<Vec<Alarm>>>,
}

impl Session {
    fn of(store: &Store, journal: Journal) -> Self {
        let config = config::parse("demo.toml", &store.config(), LiteralSecrets::Allowed).expect("a good config");
        let told = Arc::new(Mutex::new(Vec::new()));
        let heard = Arc::clone(&told);
        let engine = Engine::new(&config, journal.clone(), Arc::new(Desk::default()), Box::new(|_| ()))
            .expect("an engine")
            .with_read_back([Duration::ZERO; 3])
            .with_alarms(journal, move |alarm| heard.lock().expect("no panic holds it").push(alarm));
        Self { engine, told }
    }

    fn at(store: &Store, state: &Path) -> Self {
        Self::of(store, Journal::open(state).expect("a path"))
    }

    /// Another user, on another machine.
    fn elsewhere(store: &Store) -> Self {
        Self::of(store, Journal::in_memory().expect("memory"))
    }

    async fn read(&self, target: &str) -> Payer {
        self.engine.read_payer(&acting(target, Consent::Silent).place).await.expect("a payer").payer
    }

    async fn set(&self, target: &str, to: Payer) {
        let place = acting(target, Consent::Silent).place;
        let change = PayerChange { place, before: to.toggled(), to, identity: None };
        let changed = self.engine.change_payer(&change, || ()).await;
        assert_eq!(changed.outcome.as_str(), "verified");
    }

    /// Inspects an object with the payer header.
    async fn head(&self, target: &str, key: &str) {
        let pick = Pick::named(ObjectKey::new(key));
        self.engine.inspect(&acting(target, Consent::Given), &pick, Thorough::Headers).await.expect("an object");
    }

    /// What was told since the last time, in short.
    fn told(&self) -> Vec<String> {
        let word = |alarm: Alarm| match alarm {
            Alarm::Uncharged { bucket, provider } => format!("uncharged {provider} {bucket}"),
            Alarm::Charged(bucket) => format!("charged {bucket}"),
            Alarm::Turned(bucket, turned) => {
                let found = if turned.found == Found::Now { "now" } else { "earlier" };
                format!("turned {bucket}: {} to {}, found {found}", turned.was, turned.now)
            }
            Alarm::Settled(bucket) => format!("settled {bucket}"),
            Alarm::Unpriced(unpriced) => unpriced.name(),
        };
        let told = std::mem::take(&mut *self.told.lock().expect("no panic holds it"));
        told.into_iter().filter(|alarm| !matches!(alarm, Alarm::Unpriced(_))).map(word).collect()
    }
}

async fn store() -> Store {
    Store::start(Options::default()).await.expect("a store")
}

const NOTHING: Vec<String> = Vec::new();

#[tokio::test]
async fn a_payer_that_somebody_else_changed_is_found_once_and_stands() {
    for target in ["studio:colorpictures", "lab:color-atlas"] {
        let (store, folder) = (store().await, tempfile::tempdir().unwrap());
        let state = folder.path().join("journal.db");
        let (ours, theirs) = (Session::at(&store, &state), Session::elsewhere(&store));
        assert_eq!(ours.read(target).await, Payer::BucketOwner, "{target}");
        assert_eq!(ours.told(), NOTHING, "the first reading");
        theirs.set(target, Payer::Requester).await;
        assert_eq!(ours.read(target).await, Payer::Requester);
        assert_eq!(ours.told(), [format!("turned {target}: BucketOwner to Requester, found now")]);
        assert_eq!(ours.read(target).await, Payer::Requester);
        assert_eq!(ours.told(), NOTHING, "once in a session");
        let later = Session::at(&store, &state);
        later.read(target).await;
        assert_eq!(later.told(), [format!("turned {target}: BucketOwner to Requester, found earlier")]);
        // Our own change ends it, and is none.
        later.set(target, Payer::BucketOwner).await;
        assert_eq!(later.told(), [format!("settled {target}")]);
        assert_eq!(later.engine.turned(&acting(target, Consent::Silent).place), None);
        let last = Session::at(&store, &state);
        last.read(target).await;
        assert_eq!(last.told(), NOTHING, "{target}");
    }
}

#[tokio::test]
async fn a_change_of_ours_is_no_alarm_whichever_account_and_session_made_it() {
    let (store, folder) = (store().await, tempfile::tempdir().unwrap());
    let state = folder.path().join("journal.db");
    let (one, other) = (Session::at(&store, &state), Session::at(&store, &state));
    one.read("studio:colorpictures").await;
    other.set("studio:colorpictures", Payer::Requester).await;
    one.read("studio:colorpictures").await;
    one.set("studio:colorpictures", Payer::BucketOwner).await;
    other.read("studio:colorpictures").await;
    assert_eq!((one.told(), other.told()), (NOTHING, NOTHING));
}

#[tokio::test]
async fn another_store_with_the_same_names_is_another_bucket() {
    let (first, second, folder) = (store().await, store().await, tempfile::tempdir().unwrap());
    let state = folder.path().join("journal.db");
    Session::elsewhere(&second).set("studio:colorpictures", Payer::Requester).await;
    Session::at(&first, &state).read("studio:colorpictures").await;
    let there = Session::at(&second, &state);
    assert_eq!(there.read("studio:colorpictures").await, Payer::Requester);
    assert_eq!(there.told(), NOTHING);
}

/// A file that another program wrote over, a path that can be none, tables of a newer version.
#[tokio::test]
async fn without_a_usable_state_database_payers_are_read_all_the_same() {
    let (store, folder) = (store().await, tempfile::tempdir().unwrap());
    let damaged = folder.path().join("damaged.db");
    std::fs::write(&damaged, "not a database, but long enough to be taken for one: ".repeat(40)).unwrap();
    let newer = folder.path().join("newer.db");
    rusqlite::Connection::open(&newer).unwrap().execute_batch("PRAGMA user_version = 99").unwrap();
    let (below_a_file, a_folder) = (damaged.join("journal.db"), folder.path().join("folder"));
    std::fs::create_dir(&a_folder).unwrap();
    for path in [damaged, newer, below_a_file, a_folder] {
        let session = Session::at(&store, &path);
        for _ in 0..2 {
            assert_eq!(session.read("studio:colorpictures").await, Payer::BucketOwner, "{}", path.display());
        }
        assert_eq!(session.told(), NOTHING);
        assert_eq!(session.engine.seen(&acting("studio:colorpictures", Consent::Silent).place).await, None);
        assert!(session.engine.tell_once("something"), "what cannot be remembered is told");
    }
}

#[tokio::test]
async fn a_locked_state_database_delays_the_alarm_and_nothing_else() {
    let (store, folder) = (store().await, tempfile::tempdir().unwrap());
    let state = folder.path().join("journal.db");
    let session = Session::at(&store, &state);
    session.read("studio:colorpictures").await;
    Session::elsewhere(&store).set("studio:colorpictures", Payer::Requester).await;
    let locker = rusqlite::Connection::open(&state).unwrap();
    locker.execute_batch("BEGIN IMMEDIATE").unwrap();
    assert_eq!(session.read("studio:colorpictures").await, Payer::Requester);
    assert_eq!(session.told(), NOTHING, "nothing can be written yet");
    locker.execute_batch("ROLLBACK").unwrap();
    let mut told = Vec::new();
    wait::until("the change is told", || {
        told = session.told();
        !told.is_empty()
    })
    .await;
    assert_eq!(told, ["turned studio:colorpictures: BucketOwner to Requester, found now"]);
}

fn sighted(bucket: &str) -> Sighted {
    let id = BucketId { account: AccountName::new("research"), bucket: BucketName::parse(Provider::S3, bucket).unwrap() };
    Sighted { store: "s3".to_owned(), provider: Provider::S3, id }
}

fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

#[test]
fn of_many_readers_at_once_one_finds_the_change() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("journal.db");
    let first = Journal::open(&state).unwrap();
    for number in 0..20 {
        first.note_payer(&sighted(&format!("bucket-{number}")), &Payer::Requester, time("2026-11-02T09:00:00Z")).unwrap();
    }
    let together = Barrier::new(4);
    let found: usize = std::thread::scope(|scope| {
        let readers: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| {
                    let journal = Journal::open(&state).unwrap();
                    let news = |number: &usize| {
                        let bucket = sighted(&format!("bucket-{number}"));
                        together.wait();
                        journal.note_payer(&bucket, &Payer::BucketOwner, time("2026-11-21T09:00:00Z")).unwrap().1 == Found::Now
                    };
                    (0..20).filter(news).count()
                })
            })
            .collect();
        readers.into_iter().map(|reader| reader.join().unwrap()).sum()
    });
    assert_eq!(found, 20, "each change once");
    let seen = first.seen(&sighted("bucket-7")).unwrap().unwrap();
    assert_eq!(seen.payer, Payer::BucketOwner);
    assert_eq!(seen.before, Some((Payer::Requester, time("2026-11-02T09:00:00Z"))));
}

#[test]
fn the_same_payer_read_again_is_written_down_after_a_while() {
    let journal = Journal::in_memory().unwrap();
    let read = |at: &str| journal.note_payer(&sighted("tiles"), &Payer::Requester, time(at)).unwrap();
    let last = || journal.seen(&sighted("tiles")).unwrap().unwrap().at;
    read("2026-11-02T09:00:00Z");
    read("2026-11-02T09:14:59Z");
    assert_eq!(last(), time("2026-11-02T09:00:00Z"));
    read("2026-11-02T09:15:00Z");
    assert_eq!(last(), time("2026-11-02T09:15:00Z"));
    let late = journal.note_payer(&sighted("tiles"), &Payer::BucketOwner, time("2026-11-02T09:10:00Z")).unwrap();
    assert_eq!((late.0.payer, late.1), (Payer::Requester, Found::Earlier), "an answer that comes late is no change");
}

#[test]
fn what_is_told_once_is_told_again_after_a_month() {
    let journal = Journal::in_memory().unwrap();
    let tell = |what: &str, at: &str| journal.tell_once(what, time(at)).unwrap();
    assert!(tell("a", "2026-11-02T09:00:00Z"));
    assert!(!tell("a", "2026-11-02T09:00:01Z"));
    assert!(tell("b", "2026-11-02T09:00:01Z"));
    assert!(!tell("a", "2026-12-02T09:00:00Z"));
    assert!(tell("a", "2026-12-02T09:00:01Z"));
    assert!(!tell("a", "2026-12-02T09:00:02Z"));
}

/// A state database of the version before payers were remembered.
#[test]
fn an_older_state_database_gets_the_new_tables_and_keeps_its_lines() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("journal.db");
    Journal::open(&state).unwrap().tell_once("x", time("2026-11-02T09:00:00Z")).unwrap();
    let old = rusqlite::Connection::open(&state).unwrap();
    old.execute_batch(
        "DROP TABLE done;
         CREATE TABLE done (job INTEGER NOT NULL REFERENCES job (id) ON DELETE CASCADE, name BLOB NOT NULL, PRIMARY KEY (job, name))
         STRICT, WITHOUT ROWID;
         ALTER TABLE part DROP COLUMN read; DROP TABLE proof; DROP TABLE seen; DROP TABLE told; PRAGMA user_version = 2;
         INSERT INTO change (at, account, provider, bucket, asked, outcome)
         VALUES ('2026-11-10T09:00:00Z', 'other', 's3', 'tiles', 'BucketOwner', 'verified')",
    )
    .unwrap();
    drop(old);
    let journal = Journal::open(&state).unwrap();
    journal.note_payer(&sighted("tiles"), &Payer::Requester, time("2026-11-02T09:00:00Z")).unwrap();
    let (seen, found) = journal.note_payer(&sighted("tiles"), &Payer::BucketOwner, time("2026-11-21T09:00:00Z")).unwrap();
    assert_eq!((seen.before, found), (None, Found::Earlier), "the line of the change explains it");
    assert_eq!(journal.newest(10).unwrap().len(), 1);
}

#[tokio::test]
async fn s3_charges_the_requester_and_is_silent_to_the_owner() {
    let store = store().await;
    let session = Session::elsewhere(&store);
    session.head("research:aerial-tiles", "readme.txt").await;
    assert_eq!(session.told(), NOTHING, "charged, as it should be");
    for _ in 0..2 {
        session.head("studio:aerial-tiles", "readme.txt").await;
    }
    session.head("research:colorpictures", "index.html").await;
    assert_eq!(session.told(), ["uncharged s3 studio:aerial-tiles", "uncharged s3 research:colorpictures"]);
}

#[tokio::test]
async fn the_silence_of_oss_means_something_once_it_was_heard_to_say_charged() {
    let store = store().await;
    let session = Session::elsewhere(&store);
    session.head("lab:lab-microscopy", "readme.txt").await;
    assert_eq!(session.told(), NOTHING, "whether OSS says it is not known yet");
    session.head("partner:lab-microscopy", "readme.txt").await;
    session.head("lab:lab-microscopy", "readme.txt").await;
    assert_eq!(session.told(), NOTHING, "another account's store was heard");
    session.head("partner:color-atlas", "index.html").await;
    assert_eq!(session.told(), ["uncharged oss partner:color-atlas"]);
}
