//! Copies and moves that are killed, stopped or given up at some point, and the run that goes on (C1, C2, P13): nothing is copied twice
//! that the store has, no part is left behind, no original goes without its copy, and none that was to go is forgotten.

use std::sync::Arc;

use whopays::domain::UploadRef;
use whopays::runtime::jobs::Control;
use whopays::transfer::{Delete, JobId, JobState, Progress, Versions};

use super::*;
use crate::support::wait;

const FROM_S3: &str = OWN;
const FROM_OSS: &str = "lab:lab-restricted";
/// Four parts, the last one short.
const FILM: usize = 15 * MIB + 77;

/// From where to where, what a part is sent with, and whether its bytes pass through this machine.
const WAYS: [(&str, &str, Op, bool); 4] = [
    (FROM_S3, "studio:brand-assets", Op::UploadPartCopy, false),
    (FROM_OSS, "lab:lab-restricted", Op::UploadPartCopy, false),
    (FROM_S3, "partner:partner-landing", Op::UploadPart, true),
    (FROM_OSS, "studio:brand-assets", Op::UploadPart, true),
];

fn moved(copy: Copy) -> Copy {
    Copy { original: Original::Goes, ..copy }
}

/// Begins a job and waits for a fact.
async fn begun(world: &World, job: &Copy, fact: impl Fn(JobId) -> bool) -> (JobId, tokio::task::JoinHandle<Ending>, Arc<Control>) {
    let job = Job::Copy(job.clone());
    let id = world.journal.begin_job(&job, jiff::Timestamp::now()).expect("a line");
    let ((_, control), engine) = (listening(Rein::Go), world.engine.clone());
    let reins = control.clone();
    let running = tokio::spawn(async move { engine.run_job(&job, Some(id), reins).await });
    wait::until("the fact", || {
        let so = fact(id);
        assert!(so || !running.is_finished(), "it ended before: {:?}", world.store.log().last());
        so
    })
    .await;
    (id, running, control)
}

/// Begins a job and kills it: whoever ran it is gone, and what is in the state database and in the stores stays.
async fn killed(world: &World, job: &Copy, fact: impl Fn(JobId) -> bool) -> JobId {
    let (id, running, _) = begun(world, job, fact).await;
    running.abort();
    assert!(running.await.is_err());
    id
}

fn noted(world: &World, id: JobId, target: &str) -> usize {
    world.journal.item(id, &ObjectKey::new(target), None).expect("a journal").map_or(0, |(_, _, parts)| parts.len())
}

/// Whether the store has a request of that kind, all of it.
fn came(world: &World, op: Op, holding: &str, count: usize) -> bool {
    world.log(op).iter().filter(|entry| entry.target.contains(holding)).count() >= count
}

async fn open_uploads(world: &World, target: &str) -> usize {
    world.engine.list_uploads(&acting(target, Consent::Silent), "", None).await.expect("a list").len()
}

/// All parts but the second are there, and that one never comes.
async fn killed_in_parts(world: &World, job: &Copy, op: Op) -> JobId {
    world.store.script_where(op, "partNumber=2", [Act::Silence]);
    killed(world, job, |id| noted(world, id, "copied") == 3 && came(world, op, "partNumber=2", 1)).await
}

#[tokio::test]
async fn only_what_is_missing_is_copied() {
    for (from, to, op, passes) in WAYS {
        let world = small_limits().await;
        let film = bytes(FILM);
        world.put(from, "film", &film).await;
        let job = copy(from, Selection::Picked(world.picks(from, "film").await), to, key("copied"));
        let id = killed_in_parts(&world, &job, op).await;
        let before = world.store.log().len();
        let ended = world.run_as(&Job::Copy(job), Some(id)).await;
        assert!(ended.all_done(), "{from} {to}: {:?}", ended.said());
        let log = world.since(before);
        let of = |wanted: Op| log.iter().filter(|entry| entry.op == Some(wanted)).collect::<Vec<_>>();
        assert_eq!(of(op).iter().map(|entry| entry.part).collect::<Vec<_>>(), [Some(2)], "{from} {to}");
        let ops = [Op::ListParts, Op::CompleteMultipartUpload, Op::CreateMultipartUpload, Op::AbortMultipartUpload];
        assert_eq!(ops.map(|op| of(op).len()), [1, 1, 0, 0], "{from} {to}");
        let read: u64 = of(Op::GetObject).iter().map(|entry| entry.bytes_out).sum();
        assert_eq!(read, if passes { 5 << 20 } else { 0 }, "{from} {to}: no byte is paid for twice");
        assert_eq!(ended.progress.moved, FILM as u64);
        assert!(world.get(to, "copied").await.body == film, "{from} {to}");
        assert_eq!((open_uploads(&world, to).await, world.journal.items(id).expect("items").len()), (0, 0));
    }
}

/// The process died after the completion, before it wrote that down. A move deletes the original then.
#[tokio::test]
async fn a_joining_nobody_heard_of_is_found() {
    for (from, to, op, _) in WAYS {
        for goes in [Original::Stays, Original::Goes] {
            let world = small_limits().await;
            let film = bytes(FILM);
            world.put(from, "film", &film).await;
            let job = Copy { original: goes, ..copy(from, Selection::Picked(world.picks(from, "film").await), to, key("copied")) };
            world.store.script(Op::CompleteMultipartUpload, [Act::CarryOutAndClose]);
            world.store.script(Op::ListParts, [Act::Silence]);
            let id = killed(&world, &job, |_| came(&world, Op::ListParts, "", 1)).await;
            let (before, parts) = (world.count(Op::CompleteMultipartUpload), world.count(op));
            let ended = world.run_as(&Job::Copy(job), Some(id)).await;
            assert_eq!(ended.said()[0].1, "done: an earlier run had joined it", "{from} {to}");
            assert_eq!((world.count(Op::CompleteMultipartUpload), world.count(op)), (before, parts), "{from} {to}");
            assert!(world.get(to, "copied").await.body == film);
            assert_eq!(world.keys(from, "film").await.len(), usize::from(goes == Original::Stays), "{from} {to}");
        }
    }
}

/// The upload is gone because somebody aborted it, and what stands there was there before: it is not taken for the copy.
#[tokio::test]
async fn what_stands_there_is_not_taken_for_the_copy() {
    for (from, to, op, _) in WAYS {
        let world = small_limits().await;
        let film = bytes(FILM);
        world.put(from, "film", &film).await;
        // Of the same size, and of as many parts.
        world.put(from, "other", &vec![1; FILM]).await;
        assert!(world.run(Job::Copy(copy(from, named("other"), to, key("copied")))).await.all_done());
        let picks = world.picks(from, "film").await;
        let job = moved(Copy { overwrite: Overwrite::Allow, ..copy(from, Selection::Picked(picks), to, key("copied")) });
        world.store.script(Op::CompleteMultipartUpload, [Act::Silence]);
        let id = killed(&world, &job, |_| came(&world, Op::CompleteMultipartUpload, "", 2)).await;
        assert_eq!(noted(&world, id, "copied"), 4);
        let left = world.journal.items(id).expect("items").remove(0).1;
        // This process lives, so its running jobs are nobody else's: a dead one's are told by its end.
        world.journal.note_job(id, JobState::Stopped, &Progress::default(), None, jiff::Timestamp::now()).expect("noted");
        let bucket = acting(to, Consent::Silent).place.id.bucket;
        let upload = UploadRef { bucket, key: left.key, id: left.upload.expect("an upload") };
        assert!(world.engine.abort_uploads(&acting(to, Consent::Silent), vec![upload]).await.is_empty());
        let parts = world.count(op);
        let ended = world.run_as(&Job::Copy(job), Some(id)).await;
        assert!(ended.all_done(), "{from} {to}: {:?}", ended.said());
        assert_eq!(world.count(op) - parts, 4, "{from} {to}: it is copied anew");
        assert!(world.get(to, "copied").await.body == film, "{from} {to}");
        assert_eq!(world.keys(from, "film").await.len(), 0);
    }
}

/// Another object by now: the parts of the old one go.
#[tokio::test]
async fn another_source_begins_anew() {
    for (from, to, op, _) in WAYS {
        let world = small_limits().await;
        world.put(from, "film", &bytes(FILM)).await;
        let job = copy(from, named("film"), to, key("copied"));
        let id = killed_in_parts(&world, &job, op).await;
        let other = vec![3; FILM];
        world.put(from, "film", &other).await;
        let ended = world.run_as(&Job::Copy(job), Some(id)).await;
        assert!(ended.all_done(), "{from} {to}: {:?}", ended.said());
        assert_eq!((world.count(Op::AbortMultipartUpload), open_uploads(&world, to).await), (1, 0));
        assert!(world.get(to, "copied").await.body == other, "{from} {to}");
    }
}

/// A stop keeps what is there, and says nothing of an object that is under way; to give up leaves nothing.
#[tokio::test]
async fn a_stop_keeps_the_parts_and_giving_up_aborts_them() {
    for (from, to, op, _) in WAYS {
        for rein in [Rein::Stop, Rein::GiveUp] {
            let world = small_limits().await;
            let film = bytes(FILM);
            world.put(from, "film", &film).await;
            let job = copy(from, named("film"), to, key("copied"));
            world.store.script_where(op, "partNumber=2", [Act::Silence]);
            let fact = |id| noted(&world, id, "copied") == 3 && came(&world, op, "partNumber=2", 1);
            let (id, running, control) = begun(&world, &job, fact).await;
            control.pull(rein);
            let ending = running.await.expect("no panic");
            assert!(matches!(ending, Ending::Stopped), "{from} {to}: {ending:?}");
            assert_eq!(control.progress().ended, 0, "{from} {to}");
            let kept = usize::from(rein == Rein::Stop);
            assert_eq!((open_uploads(&world, to).await, world.journal.items(id).expect("items").len()), (kept, kept), "{from} {to}");
            let parts = world.count(op);
            let ended = world.run_as(&Job::Copy(job), Some(id)).await;
            assert!(ended.all_done(), "{from} {to}: {:?}", ended.said());
            assert_eq!(world.count(op) - parts, if rein == Rein::Stop { 1 } else { 4 }, "{from} {to}");
            assert!(world.get(to, "copied").await.body == film);
        }
    }
}

/// What a dead job left is given up by its number.
#[tokio::test]
async fn a_dead_copy_is_given_up_without_a_rest() {
    for (from, to, op, _) in WAYS {
        let world = small_limits().await;
        world.put(from, "film", &bytes(FILM)).await;
        let id = killed_in_parts(&world, &moved(copy(from, named("film"), to, key("copied"))), op).await;
        // This process lives, so its running jobs are nobody else's: a dead one's are told by its end.
        world.journal.note_job(id, JobState::Stopped, &Progress::default(), None, jiff::Timestamp::now()).expect("a line");
        assert_eq!(open_uploads(&world, to).await, 1);
        world.engine.give_up_job(id).await.expect("given up");
        assert_eq!((open_uploads(&world, to).await, world.journal.unfinished_jobs().expect("jobs").len()), (0, 0));
        assert_eq!(world.keys(from, "film").await.len(), 1, "the original stays");
    }
}

/// What failed for a while is kept, and says so; what never works is aborted.
#[tokio::test]
async fn what_may_pass_is_kept() {
    for (from, to, op, _) in WAYS {
        for (status, code, kept) in [(500, "InternalError", 1), (403, "AccessDenied", 0)] {
            let world = small_limits().await;
            world.put(from, "film", &bytes(FILM)).await;
            let job = Job::Copy(copy(from, named("film"), to, key("copied")));
            let fault = format!("<Error><Code>{code}</Code><Message>m</Message></Error>");
            world.store.script_where(op, "partNumber=4", (0..3).map(|_| answer(status, &fault)));
            let mut id = None;
            let ((items, control), engine) = (listening(Rein::Go), &world.engine);
            let ending = engine.run_kept_job(&job, None, control, |number| id = Some(number)).await;
            assert!(matches!(ending, Ending::Partly), "{from} {to} {code}: {ending:?}");
            let items = std::mem::take(&mut *items.lock().expect("items"));
            let Fate::Failed(error) = &items[0].fate else { panic!("{from} {to} {code}") };
            assert_eq!(error.message().contains("is kept with 3 parts, still billed"), kept == 1, "{from} {to} {code}: {error}");
            assert_eq!(open_uploads(&world, to).await, kept, "{from} {to} {code}");
            let found = engine.unfinished_job(&job).await.expect("a journal").map(|found| found.id);
            assert_eq!(found, id.filter(|_| kept == 1), "{from} {to} {code}: whoever repeats it goes on");
        }
    }
}

/// The ways of objects that one request copies.
const SMALL: [(&str, &str, Op); 4] = [
    (FROM_S3, "studio:brand-assets", Op::CopyObject),
    (FROM_OSS, "lab:lab-restricted", Op::CopyObject),
    (FROM_S3, "partner:partner-landing", Op::PutObject),
    (FROM_OSS, "studio:brand-assets", Op::PutObject),
];

/// A move of one small object, killed as the store is asked for the original before it goes.
async fn killed_before_the_delete(world: &World, from: &str, to: &str) -> (Copy, JobId) {
    world.put(from, "small", b"a few bytes").await;
    let job = moved(copy(from, Selection::Picked(world.picks(from, "small").await), to, key("copied")));
    world.store.script_where(Op::HeadObject, "/small", [Act::Silence]);
    let id = killed(world, &job, |_| came(world, Op::HeadObject, "/small", 1)).await;
    (job, id)
}

#[tokio::test]
async fn a_pending_delete_is_not_forgotten() {
    for (from, to, op) in SMALL {
        let world = World::new().await;
        let (job, id) = killed_before_the_delete(&world, from, to).await;
        assert_eq!((world.keys(from, "small").await.len(), world.keys(to, "copied").await.len()), (1, 1), "{from} {to}: both are there");
        let (before, copies) = (world.store.log().len(), world.count(op));
        let ended = world.run_as(&Job::Copy(job), Some(id)).await;
        assert!(ended.all_done(), "{from} {to}: {:?}", ended.said());
        let ops: Vec<Op> = world.since(before).iter().filter_map(|entry| entry.op).collect();
        assert_eq!(ops, [Op::HeadObject, Op::HeadObject, Op::DeleteObject], "{from} {to}: the copy, the original, its end");
        assert_eq!(world.count(op), copies, "{from} {to}: nothing is copied again");
        assert_eq!((world.keys(from, "small").await.len(), world.get(to, "copied").await.body.len()), (0, 11), "{from} {to}");
        assert!(world.journal.items(id).expect("items").is_empty());
    }
}

/// The same of one that was copied in parts: its entity tag is another one than the original's, and only the line tells the copy.
#[tokio::test]
async fn a_pending_delete_behind_parts_is_not_forgotten() {
    for (from, to, op, _) in WAYS {
        let world = small_limits().await;
        let film = bytes(FILM);
        world.put(from, "film", &film).await;
        let job = moved(copy(from, Selection::Picked(world.picks(from, "film").await), to, key("copied")));
        world.store.script_where(Op::HeadObject, "/film", [Act::Pass, Act::Silence]);
        let id = killed(&world, &job, |_| came(&world, Op::HeadObject, "/film", 2)).await;
        assert_eq!(world.keys(from, "film").await.len(), 1, "{from} {to}");
        let parts = world.count(op);
        let ended = world.run_as(&Job::Copy(job), Some(id)).await;
        assert_eq!(ended.said()[0].1, "done: an earlier run had copied it", "{from} {to}");
        assert_eq!((world.count(op), world.keys(from, "film").await.len()), (parts, 0), "{from} {to}");
        assert!(world.get(to, "copied").await.body == film, "{from} {to}");
    }
}

/// Killed once more, behind the delete: the object is found to be moved.
#[tokio::test]
async fn a_delete_nobody_heard_of_is_found() {
    for (from, to, op) in SMALL {
        let world = World::new().await;
        world.put(from, "small", b"a few bytes").await;
        let job = moved(copy(from, Selection::Picked(world.picks(from, "small").await), to, key("copied")));
        world.store.script(Op::DeleteObject, [Act::CarryOutAndClose]);
        world.store.script_where(Op::HeadObject, "/small", [Act::Pass, Act::Silence]);
        let id = killed(&world, &job, |_| came(&world, Op::HeadObject, "/small", 2)).await;
        assert_eq!(world.keys(from, "small").await.len(), 0);
        let copies = world.count(op);
        let ended = world.run_as(&Job::Copy(job), Some(id)).await;
        assert_eq!(ended.said()[0].1, "done: an earlier run had moved it", "{from} {to}");
        assert_eq!((world.count(op), world.count(Op::DeleteObject)), (copies, 1), "{from} {to}");
        assert_eq!(world.get(to, "copied").await.body, b"a few bytes");
    }
}

/// Somebody removed or replaced the copy before the move went on: the original does not go without a copy of its own.
#[tokio::test]
async fn an_original_never_goes_without_its_copy() {
    for (from, to, op) in SMALL {
        for replaced in [false, true] {
            let world = World::new().await;
            let (job, id) = killed_before_the_delete(&world, from, to).await;
            if replaced {
                world.put(to, "copied", b"other bytes").await;
            } else {
                let within = acting(to, Consent::Silent);
                let delete = Delete { within, what: named("copied"), versions: Versions::Current };
                assert!(world.run(Job::Delete(delete)).await.all_done());
            }
            let copies = world.log(op).iter().filter(|entry| entry.status == Some(200)).count();
            let ended = world.run_as(&Job::Copy(job), Some(id)).await;
            let again = world.log(op).iter().filter(|entry| entry.status == Some(200)).count() - copies;
            let there = (world.keys(from, "small").await.len(), world.get(to, "copied").await.body);
            if replaced {
                assert!(matches!(ended.items[0].fate, Fate::Exists), "{from} {to}: {:?}", ended.said());
                assert_eq!((there, again), ((1, b"other bytes".to_vec()), 0), "{from} {to}");
            } else {
                assert!(ended.all_done(), "{from} {to}: {:?}", ended.said());
                assert_eq!((there, again), ((0, b"a few bytes".to_vec()), 1), "{from} {to}");
            }
        }
    }
}

/// Of many objects, those that are there are not copied again, whether somebody had time to write that down or not.
#[tokio::test]
async fn many_objects_go_on_where_they_stood() {
    for (from, to, op) in SMALL {
        let world = World::new().await;
        for name in ["a", "b", "c", "d", "last"] {
            world.put(from, &format!("many/{name}"), name.as_bytes()).await;
        }
        let job = copy(from, below("many/"), to, Pointer::Below("there/".to_owned()));
        world.store.script_where(op, "there/last", [Act::Silence]);
        let there = || world.log(op).iter().filter(|entry| entry.target.contains("there/") && entry.status == Some(200)).count();
        let id = killed(&world, &job, |_| there() == 4 && came(&world, op, "there/last", 1)).await;
        let ended = world.run_as(&Job::Copy(job), Some(id)).await;
        assert!(ended.all_done(), "{from} {to}: {:?}", ended.said());
        assert_eq!((ended.items.len(), there()), (5, 5), "{from} {to}: one of them is copied");
        assert_eq!(ended.progress.moved, 1 + 1 + 1 + 1 + 4);
        assert_eq!(world.keys(to, "there/").await.len(), 5);
    }
}

/// C1: the id of an upload that never came, whichever way the copy goes.
#[tokio::test]
async fn an_upload_without_an_id_is_found() {
    for (from, to, _, _) in WAYS {
        let world = small_limits().await;
        world.put(from, "film", &bytes(FILM)).await;
        let job = copy(from, Selection::Picked(world.picks(from, "film").await), to, key("copied"));
        world.store.script(Op::CreateMultipartUpload, [Act::CarryOutAndSilence]);
        let id = killed(&world, &job, |_| world.count(Op::CreateMultipartUpload) == 1).await;
        world.journal.note_job(id, JobState::Stopped, &Progress::default(), None, jiff::Timestamp::now()).expect("noted");
        assert_eq!((open_uploads(&world, to).await, world.journal.unfinished_jobs().expect("read")[0].sought), (1, 1));
        let ended = world.run_as(&Job::Copy(job), Some(id)).await;
        assert!(ended.all_done(), "{:?}", ended.said());
        assert!(world.get(to, "copied").await.body == bytes(FILM));
        let counts = (world.count(Op::CreateMultipartUpload), open_uploads(&world, to).await);
        assert_eq!((counts, world.journal.items(id).expect("read").len()), ((1, 0), 0), "{from} {to}");
    }
}

/// The same while the program lives: the answer alone was lost, and whoever repeats the copy goes on with what was begun.
#[tokio::test]
async fn a_beginning_nobody_heard_of_is_found() {
    for (from, to, _, _) in &WAYS[1..3] {
        let world = small_limits().await;
        world.put(from, "film", &bytes(FILM)).await;
        let job = Job::Copy(copy(from, Selection::Picked(world.picks(from, "film").await), to, key("copied")));
        let id = world.journal.begin_job(&job, jiff::Timestamp::now()).expect("a line");
        world.store.script(Op::CreateMultipartUpload, [Act::CarryOutAndClose]);
        let lost = world.run_as(&job, Some(id)).await;
        assert_eq!(only_error(&lost).kind(), ErrorKind::Network, "{:?}", lost.said());
        let ended = world.run_as(&job, Some(id)).await;
        assert!(ended.all_done(), "{:?}", ended.said());
        assert_eq!((world.count(Op::CreateMultipartUpload), open_uploads(&world, to).await), (1, 0), "{from} {to}");
    }
}
