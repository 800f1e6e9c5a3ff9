//! Jobs behind the queue, against the embedded store over real HTTP: through the hands, and across the end of a process.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use whopays::app::{Begin, Effect, Msg, Start, Ticket};
use whopays::config::{self, LiteralSecrets};
use whopays::demo::{Act, Options, Store};
use whopays::domain::{
    AccountName, Acting, BucketId, BucketName, Consent, ErrorKind, ObjectKey, ObjectSettings, Op, Overwrite, Place, Provider,
};
use whopays::runtime::desk::Desk;
use whopays::runtime::engine::Engine;
use whopays::runtime::hands::Hands;
use whopays::runtime::jobs::Control;
use whopays::runtime::journal::Journal;
use whopays::runtime::journal::jobs::Item;
use whopays::runtime::startup::CliOverrides;
use whopays::transfer::{
    Download, Ending, Existing, Job, JobId, JobState, Landing, Original, Pick, Pointer, Progress, Rein, Selection, Source, Upload,
};

use crate::support::child;
use crate::support::store::kill;
use crate::support::wait;

const PART: u64 = 5 << 20;
/// Four parts, the last one short.
const LARGE: usize = (16 << 20) + 77;
const KEY: &str = "large";
fn own() -> Acting {
    let id = BucketId { account: AccountName::new("studio"), bucket: BucketName::parse(Provider::S3, "colorpictures").unwrap() };
    Acting { place: Place { id, region: Some("us-west-2".to_owned()), expected_owner: None }, consent: Consent::Silent }
}

fn upload(path: &Path) -> Job {
    Job::Upload(Upload {
        from: Source::File(path.to_owned()),
        to: own(),
        key: Pointer::Key(ObjectKey::new(KEY)),
        settings: ObjectSettings::default(),
        overwrite: Overwrite::Refuse,
    })
}

fn file(folder: &Path, length: usize) -> PathBuf {
    let path = folder.join("large.bin");
    std::fs::write(&path, (0..length).map(|n| ((n * 31) >> 3) as u8).collect::<Vec<u8>>()).unwrap();
    path
}

fn engine(config: &str, journal: &Journal) -> Engine {
    let config = config::parse("demo.toml", config, LiteralSecrets::Allowed).unwrap();
    Engine::new(&config, journal.clone(), Arc::new(Desk::default()), Box::new(|_| ())).unwrap().with_part_size(PART)
}

/// The other process: uploads until it is killed.
async fn uploads_until_killed(folder: &Path) {
    let journal = Journal::open(&folder.join("state.sqlite")).unwrap();
    let engine = engine(&std::fs::read_to_string(folder.join("config.toml")).unwrap(), &journal);
    engine.run_kept_job(&upload(&folder.join("large.bin")), None, Control::new(Box::new(drop)), |_| ()).await;
}

/// C1, I4: a process that is killed leaves a job; while it lives nobody else may have it. The next one sends what is missing alone.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_killed_process_leaves_a_job_that_the_next_one_goes_on_with() {
    const NAME: &str = "jobs::a_killed_process_leaves_a_job_that_the_next_one_goes_on_with";
    if let Some(folder) = std::env::var_os(child::VARIABLE) {
        return uploads_until_killed(Path::new(&folder)).await;
    }
    let (store, folder) = (Store::start(Options::default()).await.unwrap(), tempfile::tempdir().unwrap());
    let path = file(folder.path(), LARGE);
    std::fs::write(folder.path().join("config.toml"), store.config()).unwrap();
    store.script_where(Op::UploadPart, "partNumber=2", [Act::Silence]);
    let child = std::process::Command::new(std::env::current_exe().unwrap())
        .args(child::arguments(NAME))
        .env(child::VARIABLE, folder.path())
        .spawn()
        .unwrap();
    let journal = Journal::open(&folder.path().join("state.sqlite")).unwrap();
    let noted = || journal.item(JobId(1), &ObjectKey::new(KEY), None).unwrap().map_or(0, |(_, _, parts)| parts.len());
    wait::until("three parts are noted", || noted() >= 3).await;
    assert!(journal.unfinished_jobs().unwrap().is_empty(), "its process lives");
    assert_eq!(journal.resume_job(JobId(1)).unwrap_err().kind(), ErrorKind::Conflict);
    kill(&store, child);

    let left = journal.unfinished_jobs().unwrap();
    assert_eq!(left.iter().map(|left| left.id).collect::<Vec<_>>(), [JobId(1)]);
    let before = store.log().len();
    let engine = engine(&store.config(), &journal);
    let ending = engine.run_kept_job(&upload(&path), Some(JobId(1)), Control::new(Box::new(drop)), |_| ()).await;
    assert!(matches!(ending, Ending::Done), "{ending:?}");
    let log: Vec<(Op, Option<u32>)> = store.log()[before..].iter().map(|entry| (entry.op.unwrap(), entry.part)).collect();
    assert_eq!(log, [(Op::ListParts, None), (Op::UploadPart, Some(2)), (Op::CompleteMultipartUpload, None)]);
    assert!(journal.unfinished_jobs().unwrap().is_empty());
}

/// The end of a job, and what nobody needs any more with it, are written at once: a kill leaves both or neither.
#[test]
fn a_job_ends_with_what_it_had_under_way_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.sqlite");
    let (journal, at) = (Journal::open(&path).unwrap(), "2026-11-22T05:00:00Z".parse().unwrap());
    let job = journal.begin_job(&upload(Path::new("large.bin")), at).unwrap();
    let (key, part_size) = (ObjectKey::new(KEY), PART);
    let item = Item { key, version: None, local: None, size: None, etag: None, upload: None, part_size, mark: None };
    journal.begin_item(job, &item).unwrap();
    journal.note_done(job, &[[7; 16]]).unwrap();
    let file = rusqlite::Connection::open(&path).unwrap();
    let lines = || -> (String, i64, i64) {
        let counts = "SELECT state, (SELECT count(*) FROM item), (SELECT count(*) FROM done) FROM job";
        file.query_row(counts, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).unwrap()
    };
    for table in ["item", "done"] {
        file.execute_batch(&format!("CREATE TRIGGER torn BEFORE DELETE ON {table} BEGIN SELECT RAISE(ABORT, 'here'); END")).unwrap();
        journal.note_job(job, JobState::Done, &Progress::default(), None, at).unwrap_err();
        assert_eq!(lines(), ("running".to_owned(), 1, 1), "{table}");
        file.execute_batch("DROP TRIGGER torn").unwrap();
    }
    journal.note_job(job, JobState::Done, &Progress::default(), None, at).unwrap();
    assert_eq!(lines(), ("done".to_owned(), 0, 0));
}

/// C6: what was left is given up: the store has no part of it any more.
#[tokio::test]
async fn a_job_that_is_given_up_leaves_nothing_billed() {
    let (store, folder) = (Store::start(Options::default()).await.unwrap(), tempfile::tempdir().unwrap());
    let path = file(folder.path(), LARGE);
    let journal = Journal::in_memory().unwrap();
    let engine = engine(&store.config(), &journal);
    store.script_where(Op::UploadPart, "partNumber=2", [Act::Silence]);
    let control = Control::new(Box::new(drop));
    let (running, reins) = (engine.clone(), control.clone());
    let job = tokio::spawn(async move { running.run_kept_job(&upload(&path), None, reins, |_| ()).await });
    let known = || journal.items(JobId(1)).unwrap().iter().any(|(_, item)| item.upload.is_some());
    wait::until("the upload's number is noted", known).await;
    control.pull(Rein::Stop);
    assert!(matches!(job.await.unwrap(), Ending::Stopped));
    assert_eq!(engine.list_uploads(&own(), "", None).await.unwrap().len(), 1);
    assert_eq!(journal.unfinished_jobs().unwrap().len(), 1);
    engine.give_up_job(JobId(1)).await.unwrap();
    assert_eq!(engine.list_uploads(&own(), "", None).await.unwrap().len(), 0);
    assert!(journal.unfinished_jobs().unwrap().is_empty() && journal.items(JobId(1)).unwrap().is_empty());
}

/// What the hands say.
pub(crate) type Mail = UnboundedReceiver<Msg>;

/// Hands on an embedded store of their own, loaded.
pub(crate) async fn hands() -> (Hands, Mail) {
    hands_with(CliOverrides::default()).await
}

/// The same with what a command line says.
pub(crate) async fn hands_with(overrides: CliOverrides) -> (Hands, Mail) {
    let (sender, mut messages) = unbounded_channel();
    let handle = tokio::runtime::Handle::current();
    let mut hands = Hands::new(handle, sender, overrides, Options::default(), Arc::new(Desk::default()));
    hands.carry_out(Effect::Load(Ticket(1), Start::Demo));
    loop {
        if let Msg::Loaded(Ticket(1), loaded) = wait::next(&mut messages).await {
            assert!(loaded.is_ok());
            return (hands, messages);
        }
    }
}

/// Everything that is said of a job until its end.
#[derive(Default)]
struct Heard {
    begun: usize,
    moved: Vec<Progress>,
    items: usize,
    named: Vec<String>,
    took: Vec<String>,
    ended: Option<(Progress, Ending)>,
}

async fn hear(messages: &mut UnboundedReceiver<Msg>, until: impl Fn(&Heard) -> bool) -> Heard {
    let mut heard = Heard::default();
    while !until(&heard) {
        match wait::next(messages).await {
            Msg::JobBegun(Ticket(2), _) => heard.begun += 1,
            Msg::JobMoved(Ticket(2), progress) => heard.moved.push(progress),
            Msg::JobItem(Ticket(2), _) => heard.items += 1,
            Msg::JobNamed(Ticket(2), names) => heard.named.extend(names),
            Msg::JobTook(Ticket(2), keys) => heard.took.extend(keys),
            Msg::JobEnded(Ticket(2), progress, ending) => heard.ended = Some((progress, ending)),
            _ => {}
        }
    }
    heard
}

#[tokio::test]
async fn failures_are_gathered_and_a_job_ends_once() {
    let (mut hands, mut messages) = hands().await;
    let folder = tempfile::tempdir().unwrap();
    let picks = (0..600).map(|n| Pick::named(ObjectKey::new(format!("no such key {n}")))).collect();
    let (what, to) = (Selection::Picked(picks), Landing::Folder(folder.path().to_owned()));
    let job = Job::Download(Download { from: own(), what, to, existing: Existing::Keep });
    let begun = Instant::now();
    hands.carry_out(Effect::RunJob(Ticket(2), job, None, Begin::AtOnce));
    let heard = hear(&mut messages, |heard| heard.ended.is_some()).await;
    let reports = usize::try_from(begun.elapsed().as_millis() / 200).unwrap() + 1;
    let (progress, ending) = heard.ended.unwrap();
    assert!(matches!(ending, Ending::Partly), "{ending:?}");
    assert_eq!((heard.begun, progress.ended, progress.failed), (1, 600, 600));
    assert!(heard.moved.len() <= reports, "{} reports", heard.moved.len());
    assert!((1..=200 * (reports + 1)).contains(&heard.items), "{} items", heard.items);
    hands.farewell().await.unwrap();
    assert!(messages.try_recv().is_err(), "nothing after the end");
}

/// A limit holds, a paused job says nothing, a stopped one ends at once, and leaving waits for it.
#[tokio::test]
async fn a_job_is_slowed_paused_and_stopped() {
    let (mut hands, mut messages) = hands().await;
    let folder = tempfile::tempdir().unwrap();
    hands.carry_out(Effect::LimitBandwidth(Some(1 << 20)));
    let begun = Instant::now();
    hands.carry_out(Effect::RunJob(Ticket(2), upload(&file(folder.path(), 8 << 20)), None, Begin::AtOnce));
    hear(&mut messages, |heard| heard.moved.len() >= 5).await;
    let most = (begun.elapsed().as_millis() as u64 + 500) * (1 << 20) / 1000;
    hands.carry_out(Effect::Rein(Ticket(2), Rein::Pause));
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(hands.spent().tally.up <= most + (512 << 10), "{} bytes left in {:?}", hands.spent().tally.up, begun.elapsed());
    hands.carry_out(Effect::Rein(Ticket(2), Rein::Stop));
    let stopped = Instant::now();
    hands.farewell().await.unwrap();
    assert!(stopped.elapsed() < Duration::from_secs(2), "{:?}", stopped.elapsed());
    let heard = hear(&mut messages, |heard| heard.ended.is_some()).await;
    assert!(matches!(heard.ended, Some((_, Ending::Stopped))));
}

/// A delete that is planned waits for a word, silently, and removes nothing before it.
#[tokio::test]
async fn a_plan_waits_for_a_word_and_costs_nothing_meanwhile() {
    let (mut hands, mut messages) = hands().await;
    let folder = tempfile::tempdir().unwrap();
    hands.carry_out(Effect::RunJob(Ticket(2), upload(&file(folder.path(), 100)), None, Begin::AtOnce));
    hear(&mut messages, |heard| heard.ended.is_some()).await;
    let what = Selection::Below { prefix: KEY.to_owned(), rules: Vec::new() };
    let job = Job::Delete(whopays::transfer::Delete { within: own(), what, versions: whopays::transfer::Versions::Current });
    hands.carry_out(Effect::RunJob(Ticket(2), job, None, Begin::AfterPlan));
    let heard = hear(&mut messages, |heard| heard.moved.last().is_some_and(|moved| moved.counted)).await;
    assert_eq!(heard.moved.last().unwrap().objects, 1);
    assert_eq!(heard.named, [KEY], "who is asked sees what is meant, before it is said to be counted");
    tokio::time::sleep(Duration::from_millis(900)).await;
    let spent = hands.spent();
    while messages.try_recv().is_ok() {}
    tokio::time::sleep(Duration::from_millis(1200)).await;
    assert!(messages.try_recv().is_err(), "a job that rests says nothing");
    assert_eq!(hands.spent(), spent);
    hands.carry_out(Effect::Rein(Ticket(2), Rein::Go));
    let heard = hear(&mut messages, |heard| heard.ended.is_some()).await;
    let (progress, ending) = heard.ended.unwrap();
    assert!(matches!(ending, Ending::Done) && progress.ended == 1, "{ending:?} {progress:?}");
    assert_eq!(heard.took, [KEY], "and which keys are gone");
}

fn copy(key: &str, to: &str, original: Original) -> Job {
    Job::Copy(whopays::transfer::Copy {
        from: own(),
        what: Selection::Picked(vec![Pick::named(ObjectKey::new(key))]),
        to: own(),
        key: Pointer::Key(ObjectKey::new(to)),
        settings: None,
        overwrite: Overwrite::Refuse,
        original,
        route: whopays::transfer::Route::Shortest,
    })
}

/// A moved object is told to be gone from where it was; a copied one, and one whose move was refused, are not.
#[tokio::test]
async fn what_a_move_takes_is_told_and_what_stays_is_not() {
    let (mut hands, mut messages) = hands().await;
    let folder = tempfile::tempdir().unwrap();
    hands.carry_out(Effect::RunJob(Ticket(2), upload(&file(folder.path(), 100)), None, Begin::AtOnce));
    hear(&mut messages, |heard| heard.ended.is_some()).await;
    for (job, done, took) in [
        (copy(KEY, "copied", Original::Stays), true, &[][..]),
        (copy(KEY, "copied", Original::Goes), false, &[][..]),
        (copy(KEY, "moved", Original::Goes), true, &[KEY][..]),
    ] {
        hands.carry_out(Effect::RunJob(Ticket(2), job.clone(), None, Begin::AtOnce));
        let heard = hear(&mut messages, |heard| heard.ended.is_some()).await;
        assert_eq!(matches!(heard.ended, Some((_, Ending::Done))), done, "{job:?}");
        assert_eq!(heard.took, took, "{job:?}");
    }
}

/// The orders of the overlay reach the store, and are answered.
#[tokio::test]
async fn uploads_are_listed_and_aborted_through_the_hands() {
    let (mut hands, mut messages) = hands().await;
    hands.carry_out(Effect::ListUploads(Ticket(3), own(), String::new()));
    loop {
        if let Msg::UploadsListed(Ticket(3), answer) = wait::next(&mut messages).await {
            assert!(answer.is_ok(), "{answer:?}");
            break;
        }
    }
    hands.carry_out(Effect::AbortUploads(Ticket(4), own(), Vec::new()));
    loop {
        if let Msg::UploadsAborted(Ticket(4), failed) = wait::next(&mut messages).await {
            assert!(failed.is_empty());
            break;
        }
    }
}
