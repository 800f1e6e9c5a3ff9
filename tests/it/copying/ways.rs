//! By which way a copy goes: what a store does not copy by itself is not streamed unasked, for the transfer out is billed.

use whopays::demo::{Act, Prepared};
use whopays::domain::{ErrorKind, Op};
use whopays::transfer::{Copy, Job, Rein, Route, Selection};

use super::{MIB, OWN, World, answer, bytes, copy, key, listening, named, only_error, small_limits};

const HANGZHOU: &str = "lab:lab-restricted";
const SHANGHAI: &str = "lab:lab-shanghai";
const STREAMS: &str = "Choose the way through this machine: `--stream`, or `way` in the form of `c`. The bytes are then downloaded and \
                       uploaded again; the plan says what that costs, and who pays.";

fn here(copy: Copy) -> Copy {
    Copy { route: Route::Here, ..copy }
}

fn lacks(code: &str) -> Act {
    let text =
        format!("<Error><Code>{code}</Code><Message>A header you provided implies functionality that is not implemented</Message></Error>");
    Act::Answer(Prepared::new(501, "application/xml", text))
}

/// OSS copies inside of a region only: whole or in parts, what goes further is refused, and nothing was downloaded for it.
#[tokio::test]
async fn what_oss_refuses_out_of_region_is_not_streamed_unasked() {
    let world = small_limits().await;
    world.put(HANGZHOU, "film", &bytes(11 * MIB)).await;
    for (name, creates) in [("notes.txt", 0), ("film", 1)] {
        let picks = world.picks(HANGZHOU, name).await;
        let before = world.store.log().len();
        let job = copy(HANGZHOU, Selection::Picked(picks), SHANGHAI, key(&format!("far {name}")));
        let ended = world.run(Job::Copy(job.clone())).await;
        let error = only_error(&ended);
        let said = format!("key \"{name}\": the store does not copy from lab:lab-restricted to lab:lab-shanghai by itself (");
        assert!(error.message().starts_with(&said) && error.message().contains("same data center"), "{error}");
        assert_eq!((error.kind(), error.hint_text()), (ErrorKind::Refused, Some(STREAMS)));
        let log = world.since(before);
        let count = |op| log.iter().filter(|entry| entry.op == Some(op)).count();
        assert_eq!((count(Op::GetObject), count(Op::PutObject), count(Op::UploadPart)), (0, 0, 0), "{name}");
        assert_eq!((count(Op::CreateMultipartUpload), count(Op::AbortMultipartUpload)), (creates, creates), "P13");
        assert!(world.keys(SHANGHAI, &format!("far {name}")).await.is_empty());

        let ended = world.run(Job::Copy(here(job))).await;
        assert!(ended.all_done(), "{:?}", ended.said());
        assert!(world.get(SHANGHAI, &format!("far {name}")).await.body == world.get(HANGZHOU, name).await.body, "{name}");
    }
}

/// Stores that speak S3 may lack the one copy or the other.
#[tokio::test]
async fn what_a_store_lacks_is_not_streamed_unasked() {
    let world = small_limits().await;
    world.put(OWN, "film", &bytes(11 * MIB)).await;
    for (name, op, aborted, refusals) in [("notes.txt", Op::CopyObject, 0, 1), ("film", Op::UploadPartCopy, 1, 3)] {
        let picks = world.picks(OWN, name).await;
        world.store.script(op, std::iter::repeat_n(lacks("NotImplemented"), refusals));
        let before = world.store.log().len();
        let job = copy(OWN, Selection::Picked(picks), OWN, key(&format!("copy of {name}")));
        let ended = world.run(Job::Copy(job.clone())).await;
        let error = only_error(&ended);
        assert_eq!((error.kind(), error.hint_text()), (ErrorKind::Refused, Some(STREAMS)), "{error}");
        let log = world.since(before);
        let count = |op| log.iter().filter(|entry| entry.op == Some(op)).count();
        assert_eq!((count(Op::GetObject), count(Op::AbortMultipartUpload)), (0, aborted), "{name}");

        let before = world.store.log().len();
        let ended = world.run(Job::Copy(here(job))).await;
        assert!(ended.all_done(), "{:?}", ended.said());
        assert!(world.since(before).iter().all(|entry| entry.op != Some(op)), "the store is not asked for what it lacks");
        assert!(world.get(OWN, &format!("copy of {name}")).await.body == world.get(OWN, name).await.body, "{name}");
    }
    // A refusal of another kind keeps its own words.
    world.store.script(Op::CopyObject, [answer(403, "<Error><Code>AccessDenied</Code></Error>")]);
    let ended = world.run(Job::Copy(copy(OWN, named("notes.txt"), OWN, key("third")))).await;
    assert_eq!(only_error(&ended).kind(), ErrorKind::Denied);
}

/// The plan of the longer way has the bytes that leave, and those that come back.
#[tokio::test]
async fn the_longer_way_is_in_the_plan() {
    let world = World::new().await;
    let picks = world.picks(HANGZHOU, "notes.txt").await;
    let size = picks[0].size.expect("listed");
    let job = copy(HANGZHOU, Selection::Picked(picks), SHANGHAI, key("far"));
    for (job, bytes, reading, writing) in [
        (job.clone(), 0, vec![], vec![(Op::CopyObject, 1)]),
        (here(job), size, vec![(Op::GetObject, 1)], vec![(Op::HeadObject, 1), (Op::PutObject, 1)]),
    ] {
        let (_, control) = listening(Rein::Go);
        let needs = world.engine.count_needs(&Job::Copy(job), |_| (), &control).await.expect("counted").needs;
        assert_eq!((needs.reading.bytes_down, needs.writing.bytes_up), (bytes, bytes));
        assert_eq!((needs.reading.requests, needs.writing.requests), (reading, writing));
    }
}
