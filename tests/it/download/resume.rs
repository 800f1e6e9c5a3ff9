//! Downloads that were stopped, dropped or killed, and go on (C2, P11).

use std::time::Duration;

use whopays::domain::ETag;
use whopays::runtime::journal::Journal;
use whopays::transfer::{Ending, Existing, Landing, Pick, Rein, Selection};

use super::origin::{Asked, Deed, MIB, Origin, bytes, engine_at, from};
use super::*;
use crate::support::wait;

const SIZE: u64 = 130 * MIB;

fn known() -> Pick {
    Pick { size: Some(SIZE), etag: Some(ETag::new("\"tag-1\"")), ..pick("key") }
}

/// Serves the first range whole and hangs in the middle of the others, so that a job can be caught under way: always at the same
/// byte, however often a slow machine asks again.
fn halfway(_: usize, asked: &Asked) -> Deed {
    match asked.range {
        Some((first, _)) if first >= 128 * MIB => Deed::HangAfter((129 * MIB).saturating_sub(first)),
        Some((first, _)) if first >= 64 * MIB => Deed::HangAfter((84 * MIB).saturating_sub(first)),
        Some(_) | None => Deed::Serve,
    }
}

fn begin(journal: &Journal, download: &Download) -> JobId {
    journal.begin_job(&Job::Download(download.clone()), "2026-11-21T00:00:00Z".parse().unwrap()).unwrap()
}

/// Runs until all that will come is noted, five pieces of 16 MiB, then does what is said; gives the ending, if there is one.
async fn caught(engine: &Engine, journal: &Journal, download: &Download, id: JobId, rein: Option<Rein>) -> Option<Ending> {
    caught_by(listening().0, engine, journal, download, id, rein).await
}

async fn caught_by(
    control: Arc<Control>,
    engine: &Engine,
    journal: &Journal,
    download: &Download,
    id: JobId,
    rein: Option<Rein>,
) -> Option<Ending> {
    let job = Job::Download(download.clone());
    let mut running = std::pin::pin!(engine.run_job(&job, Some(id), control.clone()));
    let noted = || journal.item(id, &known().key, None).unwrap().is_some_and(|(_, _, parts)| parts.len() >= 5);
    let under_way = wait::until("five pieces are noted", noted);
    tokio::select! {
        ending = &mut running => return Some(ending),
        () = under_way => {}
    }
    control.pull(rein?);
    Some(running.await)
}

/// A killed process takes its threads along; a dropped future leaves those at their work that write and take notes. Until they are
/// done they hold the draft, as a living process would.
async fn let_go(folder: &Path) {
    use rustix::fs::{FlockOperation, flock};
    for name in names(folder).iter().filter(|name| name.ends_with(".part")) {
        let draft = std::fs::File::open(folder.join(name)).unwrap();
        wait::until("the draft is let go", || flock(&draft, FlockOperation::NonBlockingLockExclusive).is_ok()).await;
        flock(&draft, FlockOperation::Unlock).unwrap();
    }
}

/// A kill is a future that is dropped: nothing runs after it. The next run asks for what is missing, and for nothing else.
#[tokio::test]
async fn a_dropped_or_stopped_download_asks_only_for_what_is_missing() {
    for (rein, own_threads) in [(None, false), (Some(Rein::Stop), false), (None, true), (Some(Rein::Stop), true)] {
        let (_kept, folder) = scratch();
        let journal = Journal::in_memory().unwrap();
        let origin = Origin::new(bytes(SIZE), "", halfway);
        let order = one(&from(), known(), &folder.join("file"));
        let id = begin(&journal, &order);
        let control = listening().0;
        if own_threads {
            control.runs_on(tokio::runtime::Handle::current());
        }
        let ending = caught_by(control, &origin.engine_with("s3", journal.clone()), &journal, &order, id, rein).await;
        let_go(&folder).await;
        assert_eq!(matches!(ending, Some(Ending::Stopped)), rein.is_some(), "{ending:?}");
        let left = names(&folder);
        assert!(left.len() == 1 && left[0].starts_with(".file.whopays-") && left[0].ends_with(".part"), "{left:?}");
        let second = Origin::new(bytes(SIZE), "", |_, _| Deed::Serve);
        let told = run(&second.engine_with("s3", journal.clone()), order, Some(id)).await;
        assert_eq!(told.only(), "done", "{rein:?} {:?}", told.ends);
        assert!(std::fs::read(folder.join("file")).unwrap() == *second.content, "{rein:?}");
        assert_eq!(names(&folder), ["file"]);
        // The first range is there; of the second one, 16 of its 20 MiB were noted; of the third one nothing.
        let asked = second.asked();
        assert_eq!(second.bytes_asked(), SIZE - 80 * MIB, "{asked:?}");
        assert!(asked.iter().all(|asked| asked.if_match.as_deref() == Some("\"tag-1\"") && asked.payer.is_some()), "{asked:?}");
        assert_eq!(told.progress.moved, SIZE);
    }
}

/// A kill behind the naming, before the job's end is written down: the file that has its name is not fetched again, however much may
/// be replaced. Another file of the same size is.
#[tokio::test]
async fn a_file_that_has_its_name_is_not_fetched_again() {
    let large = 65 * MIB;
    for (size, pick) in [(large, Pick { size: Some(large), ..known() }), (large, pick("key")), (3 * MIB, pick("key"))] {
        for existing in [Existing::Keep, Existing::Replace] {
            let (_kept, folder) = scratch();
            let journal = Journal::in_memory().unwrap();
            let origin = Origin::new(bytes(size), "", |_, _| Deed::Serve);
            let order = Download { existing, ..one(&from(), pick.clone(), &folder.join("file")) };
            let id = begin(&journal, &order);
            let engine = origin.engine_with("s3", journal.clone());
            assert_eq!(run(&engine, order.clone(), Some(id)).await.only(), "done");
            let asked = origin.asked().len();
            let again = run(&engine, order.clone(), Some(id)).await;
            assert_eq!((again.only().as_str(), origin.asked().len()), ("done: finished by an earlier run", asked), "{size} {existing:?}");
            assert_eq!((again.progress.bytes, again.progress.moved), (size, size));
            std::fs::write(folder.join("other"), vec![1; usize::try_from(size).unwrap()]).unwrap();
            std::fs::rename(folder.join("other"), folder.join("file")).unwrap();
            let other = run(&engine, order, Some(id)).await;
            let fetched = existing == Existing::Replace;
            assert_eq!(other.only(), if fetched { "done" } else { "exists" }, "{size} {existing:?}");
            assert_eq!(std::fs::read(folder.join("file")).unwrap() == *origin.content, fetched);
        }
    }
}

/// The same of a prefix, whose listing tells it: what was replaced since the job began is what it put there.
#[tokio::test]
async fn replaced_files_are_not_fetched_again() {
    let (_kept, folder) = scratch();
    let journal = Journal::in_memory().unwrap();
    let origin = Origin::new(bytes(MIB), "", |_, _| Deed::Serve);
    let modified = "2024-02-29T12:00:00Z".parse().ok();
    let picks = ["a", "b"].map(|key| Pick { size: Some(MIB), modified, ..pick(key) });
    let what = Selection::Picked(picks.to_vec());
    let order = Download { from: from(), what, to: Landing::Folder(folder.clone()), existing: Existing::Replace };
    let job = Job::Download(order.clone());
    let engine = origin.engine_with("s3", journal.clone());
    std::fs::write(folder.join("a"), "old").unwrap();
    let early = journal.begin_job(&job, jiff::Timestamp::now()).unwrap();
    assert!(matches!(run(&engine, order.clone(), Some(early)).await.ending, Ending::Done));
    // The names are not written down, as after a kill.
    for (begun, requests) in [(jiff::Timestamp::now() - jiff::SignedDuration::from_hours(1), 0), (jiff::Timestamp::MAX, 2)] {
        let id = journal.begin_job(&job, begun).unwrap();
        journal.note_done(id, &[[0; 16]]).unwrap();
        let before = origin.asked().len();
        assert!(matches!(run(&engine, order.clone(), Some(id)).await.ending, Ending::Done));
        assert_eq!(origin.asked().len() - before, requests, "files older than the job are fetched anew");
    }
}

/// What the journal says is there is read back: a draft that lost its bytes is fetched again, one of another content is let go.
#[tokio::test]
async fn what_an_earlier_run_left_is_not_believed_blindly() {
    let (_kept, folder) = scratch();
    let journal = Journal::in_memory().unwrap();
    let origin = Origin::new(bytes(SIZE), "", halfway);
    let order = one(&from(), known(), &folder.join("file"));
    let id = begin(&journal, &order);
    caught(&origin.engine_with("s3", journal.clone()), &journal, &order, id, None).await;
    let_go(&folder).await;
    let draft = folder.join(&names(&folder)[0]);
    {
        use std::os::unix::fs::FileExt;
        std::fs::OpenOptions::new().write(true).open(&draft).unwrap().write_all_at(b"harm", 3 * MIB).unwrap();
    }
    let second = Origin::new(bytes(SIZE), "", |_, _| Deed::Serve);
    let told = run(&second.engine_with("s3", journal.clone()), order.clone(), Some(id)).await;
    assert_eq!(told.only(), "done", "{:?}", told.ends);
    assert!(std::fs::read(folder.join("file")).unwrap() == *second.content);
    assert_eq!(second.bytes_asked(), SIZE - 64 * MIB, "the harmed 16 MiB again");
}

/// An object that was replaced between two runs is fetched from its beginning, and the old draft goes.
#[tokio::test]
async fn another_content_begins_anew() {
    let (_kept, folder) = scratch();
    let journal = Journal::in_memory().unwrap();
    let origin = Origin::new(bytes(SIZE), "", halfway);
    let order = one(&from(), known(), &folder.join("file"));
    let id = begin(&journal, &order);
    caught(&origin.engine_with("s3", journal.clone()), &journal, &order, id, None).await;
    let_go(&folder).await;
    let second = Origin::new(bytes(66 * MIB), "", |_, _| Deed::Another);
    let now = Pick { size: Some(66 * MIB), etag: Some(ETag::new("\"other\"")), ..known() };
    let told = run(&second.engine_with("s3", journal), one(&from(), now, &folder.join("file")), Some(id)).await;
    assert_eq!(told.only(), "done", "{:?}", told.ends);
    assert_eq!((names(&folder), second.bytes_asked()), (vec!["file".to_owned()], 66 * MIB));
}

/// Giving up removes what was under way, at once or later.
#[tokio::test]
async fn giving_up_removes_the_rest() {
    for later in [false, true] {
        let (_kept, folder) = scratch();
        let journal = Journal::in_memory().unwrap();
        let origin = Origin::new(bytes(SIZE), "", halfway);
        let order = one(&from(), known(), &folder.join("file"));
        let id = begin(&journal, &order);
        let engine = origin.engine_with("s3", journal.clone());
        if later {
            caught(&engine, &journal, &order, id, Some(Rein::Stop)).await;
            assert_eq!(names(&folder).len(), 1);
            engine.give_up_downloads(id).await.unwrap();
        } else {
            caught(&engine, &journal, &order, id, Some(Rein::GiveUp)).await;
        }
        assert_eq!((names(&folder), journal.items(id).unwrap().len()), (vec![], 0), "{later}");
    }
}

/// C2: a process that is killed wherever it stands leaves no file, and an existing one as it was; the next start asks for no more than
/// what was not noted, and the file is whole.
#[test]
fn kill_at_any_point_loses_nothing() {
    use crate::support::child;
    const NAME: &str = "download::resume::kill_at_any_point_loses_nothing";
    if let Ok(orders) = std::env::var(child::VARIABLE) {
        let [address, folder] = orders.split_once(' ').map(|(address, folder)| [address, folder]).unwrap();
        return child_downloads(address, Path::new(folder));
    }
    for pause in [20, 60, 120, 200, 300] {
        let (_kept, folder) = scratch();
        std::fs::create_dir(folder.join("files")).unwrap();
        std::fs::write(folder.join("files/file"), "old").unwrap();
        let origin = Origin::new(bytes(SIZE), "", halfway);
        let orders = format!("{} {}", origin.address, folder.display());
        let mut command = std::process::Command::new(std::env::current_exe().unwrap());
        command.args(child::arguments(NAME)).env(child::VARIABLE, orders).stdout(std::process::Stdio::piped());
        let mut killed = command.spawn().unwrap();
        child::wait_for_line(&mut killed, "it begins");
        std::thread::sleep(Duration::from_millis(pause));
        killed.kill().unwrap();
        killed.wait().unwrap();
        assert_eq!(std::fs::read_to_string(folder.join("files/file")).unwrap(), "old", "{pause}");

        let journal = Journal::open(&folder.join("state/journal.db")).unwrap();
        let id = journal.unfinished_jobs().unwrap()[0].id;
        let noted = journal.item(id, &known().key, None).unwrap().map_or(0, |(_, _, parts)| parts.len() as u64);
        let second = Origin::new(bytes(SIZE), "", |_, _| Deed::Serve);
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let told = runtime.block_on(run(&second.engine_with("s3", journal), replacing(&folder.join("files")), Some(id)));
        assert_eq!(told.only(), "done", "{pause} {:?}", told.ends);
        assert_eq!(second.bytes_asked(), SIZE - 16 * MIB * noted, "{pause}: what was noted is not paid again");
        assert!(std::fs::read(folder.join("files/file")).unwrap() == *second.content, "{pause}");
        let left = names(&folder.join("files"));
        assert!(left.len() == 1 || noted == 0, "{pause} {left:?}");
    }
}

fn replacing(folder: &Path) -> Download {
    Download { existing: Existing::Replace, ..one(&from(), known(), &folder.join("file")) }
}

fn child_downloads(address: &str, folder: &Path) {
    let journal = Journal::open(&folder.join("state/journal.db")).unwrap();
    let order = replacing(&folder.join("files"));
    let id = begin(&journal, &order);
    let engine = engine_at(address, "s3", journal);
    std::io::Write::write_all(&mut std::io::stdout(), b"it begins\n").unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    drop(runtime.block_on(run(&engine, order, Some(id))));
}
