//! The self-test of an endpoint, against the embedded store in all its moods, on both clouds. What was sent, what was left and
//! which request carried the header is read in the store's own log and with another client.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::future::{pending, poll_fn};
use std::task::Poll;

use whopays::demo::{Act, Mood, Prepared, Received};
use whopays::domain::probe::conformance::{Conformance, Ended, Honour, needs, tried};
use whopays::domain::{Consent, Op, Provider};

use crate::support::store::{World, acting};

/// Requester-pays buckets that are shared with an account which is not the owner's.
const SHARED: [(&str, Provider); 2] = [("research:aerial-tiles", Provider::S3), ("partner:lab-microscopy", Provider::Oss)];

async fn conform(world: &World, target: &str, folder: &str) -> (Conformance, Vec<Received>) {
    let before = world.store.log().len();
    let run = world.engine.conform(&acting(target, Consent::Given), folder, pending(), |_| ()).await.expect("an account");
    (run, world.since(before))
}

/// How often each result came, of what was tried.
fn results(run: &Conformance) -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::new();
    for trial in run.trials.iter().filter(|trial| trial.honour() != Honour::NotTried) {
        *counts.entry(trial.honour().as_str()).or_default() += 1;
    }
    counts
}

fn of(run: &Conformance, op: Op) -> &'static str {
    run.trials.iter().find(|trial| trial.op == op).map_or("missing", |trial| trial.honour().as_str())
}

#[tokio::test]
async fn each_mood_is_told_and_nothing_is_left_behind() {
    let world = World::new().await;
    for (mood, s3, oss) in [
        // Tags and access lists answer nothing about charges; OSS says nothing about any but objects.
        (Mood::Enforcing, ("charged", "enforced"), ("accepted", "enforced")),
        (Mood::Lenient, ("charged", "accepted"), ("accepted", "accepted")),
        (Mood::Deaf, ("accepted", "accepted"), ("accepted", "accepted")),
        (Mood::Lying, ("accepted", "accepted"), ("accepted", "accepted")),
        (Mood::Lacking, ("accepted", "accepted"), ("accepted", "accepted")),
    ] {
        world.store.set_mood(mood);
        for ((target, provider), (put, tags)) in SHARED.into_iter().zip([s3, oss]) {
            let (run, log) = conform(&world, target, "self/test/").await;
            assert_eq!((of(&run, Op::PutObject), of(&run, Op::GetObjectTagging)), (put, tags), "{mood:?} {target}");
            assert_eq!(run.left.len(), 0, "{mood:?} {target}: {:?}", run.left);
            assert_eq!(run.ended, Ended::Whole);
            assert_eq!(world.keys(target, "self/").await, [] as [String; 0], "{mood:?} {target}");
            assert_eq!(results(&run).values().sum::<usize>(), tried(provider).count(), "{mood:?} {target}: {:#?}", run.trials);
            for bad in ["refused", "failed", "not_implemented"] {
                assert_eq!(results(&run).get(bad), None, "{mood:?} {target}: {:#?}", run.trials);
            }
            let strays: Vec<&Received> = log.iter().filter(|entry| !entry.key.is_empty() && !entry.key.starts_with("self/test/")).collect();
            assert!(strays.is_empty(), "{strays:#?}");
        }
    }
}

/// What is said to be sent at most is what the store has in its log, by operation and in bytes.
#[tokio::test]
async fn no_more_is_sent_than_was_said() {
    let world = World::new().await;
    for (target, provider) in [SHARED[0], SHARED[1], ("lab:lab-raw-frames", Provider::Oss), ("research:upload-inbox", Provider::S3)] {
        let (run, log) = conform(&world, target, "x/").await;
        assert_eq!(run.left.len(), 0, "{target}: {:?}", run.left);
        let said = needs(provider);
        for (op, most) in &said.requests {
            let sent = log.iter().filter(|entry| entry.op == Some(*op)).count() as u64;
            assert!(sent <= *most, "{target}: {sent} of {most} {op:?}");
        }
        let surprises: Vec<&Received> = log.iter().filter(|entry| !said.requests.iter().any(|(op, _)| entry.op == Some(*op))).collect();
        assert!(surprises.is_empty(), "{target}: {surprises:#?}");
        let header = if provider == Provider::S3 { "x-amz-request-payer: requester" } else { "x-oss-request-payer: requester" };
        for op in tried(provider) {
            assert!(log.iter().any(|entry| entry.op == Some(op) && entry.payer == [header]), "{target}: {op:?} was tried with the header");
        }
        assert!(log.iter().all(|entry| entry.payer.is_empty() || entry.payer == [header]), "{target}");
    }
}

/// The person stops after any of the trials: what was made by then is removed, and the rest is not sent.
#[tokio::test]
async fn a_stop_at_any_trial_leaves_nothing() {
    let world = World::new().await;
    for (target, _) in SHARED {
        for after in [0, 1, 10, 11, 13, 16] {
            let told = Cell::new(0);
            let stop = poll_fn(|_| if told.get() >= after { Poll::Ready(()) } else { Poll::Pending });
            let acting = acting(target, Consent::Given);
            let run = world.engine.conform(&acting, "stop/", stop, |_| told.set(told.get() + 1)).await.expect("an account");
            let sent = run.trials.iter().filter(|trial| trial.honour() != Honour::NotTried).count();
            assert_eq!((run.ended, sent), (Ended::Stopped, after + 1), "{target} after {after}: the one under way is heard");
            assert!(run.left.is_empty(), "{target} after {after}: {:?}", run.left);
            assert_eq!(world.keys(target, "stop/").await, [] as [String; 0], "{target} after {after}");
            assert_eq!(told.get(), run.trials.len());
        }
    }
}

/// What cannot be removed is named, and an operation that the store lacks is told from one that it refuses.
#[tokio::test]
async fn what_fails_is_named() {
    let world = World::new().await;
    let answer = |status, code: &str| Act::Answer(Prepared::new(status, "application/xml", format!("<Error><Code>{code}</Code></Error>")));
    let target = "research:aerial-tiles";
    world.store.script(Op::GetObjectAttributes, [answer(501, "NotImplemented"), answer(501, "NotImplemented")]);
    world.store.script(Op::GetObjectAcl, [answer(403, "AccessDenied"), answer(403, "AccessDenied")]);
    // The trial of DeleteObjects, and every removal after it.
    world.store.script(Op::DeleteObjects, [answer(403, "AccessDenied")]);
    world.store.script_where(Op::DeleteObject, "/copy", [answer(403, "AccessDenied"), answer(403, "AccessDenied")]);
    let (run, _) = conform(&world, target, "left/").await;
    assert_eq!((of(&run, Op::GetObjectAttributes), of(&run, Op::GetObjectAcl)), ("not_implemented", "refused"));
    assert_eq!(of(&run, Op::DeleteObjects), "refused");
    let left: Vec<&str> = run.left.iter().map(|(key, _)| key.as_str()).collect();
    assert_eq!(left, ["left/copy"]);
    assert_eq!(world.keys(target, "left/").await, ["left/copy"], "and it is the only one");
}

/// A store where nothing can be written: the later trials say why they were not sent, and nothing is asked in vain.
#[tokio::test]
async fn a_bucket_that_may_not_be_written_is_told_as_that() {
    let world = World::new().await;
    let (run, log) = conform(&world, "research:sensor-archive", "x/").await;
    assert_eq!((of(&run, Op::PutObject), of(&run, Op::CreateMultipartUpload)), ("refused", "refused"));
    assert_eq!(of(&run, Op::ListObjectsV2), "charged", "{:#?}", run.trials);
    for op in [Op::GetObject, Op::CopyObject, Op::UploadPart, Op::CompleteMultipartUpload, Op::AbortMultipartUpload, Op::DeleteObject] {
        assert_eq!(of(&run, op), "not_tried", "{op:?}");
        let sent = log.iter().filter(|entry| entry.op == Some(op) && (200..300).contains(&entry.status.unwrap_or_default())).count();
        assert_eq!(sent, 0, "{op:?}");
    }
}
