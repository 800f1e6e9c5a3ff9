//! Uploads that an earlier run left open.

use super::*;
use whopays::transfer::{JobState, Progress};

/// An upload that is killed while a part is under way: its job, and nothing more. All of that part has come to the store: one that
/// is cut off would come into the log after the kill, and find the silence still waiting.
async fn killed(world: &World, job: &Upload, silent: &str) -> JobId {
    let id = world.begin(job);
    world.store.script_where(Op::UploadPart, silent, [Act::Silence]);
    let (control, _items) = listening();
    let (engine, spec) = (world.engine.clone(), Job::Upload(job.clone()));
    let running = tokio::spawn(async move { engine.run_job(&spec, Some(id), control).await });
    let noted = || world.journal.item(id, &ObjectKey::new("large"), None).unwrap().map_or(0, |(_, _, parts)| parts.len());
    let silenced = || world.store.log().iter().any(|entry| entry.op == Some(Op::UploadPart) && entry.target.contains(silent));
    wait::until("three parts are noted, and one has no answer", || noted() >= 3 && silenced()).await;
    running.abort();
    assert!(running.await.is_err());
    id
}

/// C1: after a kill only what is missing is sent, and the object is the file.
#[tokio::test]
async fn only_what_is_missing_is_sent() {
    for place in [S3_OWN, OSS_OWN] {
        let world = World::new().await;
        let job = upload(&world.large(), place, "large");
        let id = killed(&world, &job, "partNumber=2").await;
        let before = world.store.log().len();
        // Another start of the program.
        let world = World { engine: engine(&world.store, &world.journal), ..world };
        let ran = world.run_as(&job, Some(id)).await;
        assert!(ran.is_done(), "{:?}", ran.items);
        let log: Vec<(Op, Option<u32>)> = world.store.log()[before..].iter().map(|entry| (entry.op.unwrap(), entry.part)).collect();
        assert_eq!(log, [(Op::ListParts, None), (Op::UploadPart, Some(2)), (Op::CompleteMultipartUpload, None)]);
        assert_eq!(ran.control.progress().moved, LARGE as u64);
        assert!(world.read(place, "large").await.unwrap().1 == bytes(LARGE));
        assert!(world.journal.items(id).unwrap().is_empty());
    }
}

/// A file that is another by now begins anew, and its old parts go.
#[tokio::test]
async fn another_file_begins_anew() {
    let world = World::new().await;
    let path = world.large();
    let job = upload(&path, S3_OWN, "large");
    let id = killed(&world, &job, "partNumber=2").await;
    let mut other = bytes(LARGE);
    other[7] ^= 1;
    std::fs::write(&path, &other).unwrap();
    assert!(world.run_as(&job, Some(id)).await.is_done());
    assert_eq!((world.count(Op::AbortMultipartUpload), world.open_uploads(S3_OWN).await), (1, 0));
    assert!(world.read(S3_OWN, "large").await.unwrap().1 == other);
}

/// The store lost parts, or has others: they are sent again.
#[tokio::test]
async fn parts_are_trusted_only_if_they_are_there() {
    let world = World::new().await;
    let job = upload(&world.large(), S3_OWN, "large");
    let id = killed(&world, &job, "partNumber=2").await;
    let (_, item, parts) = world.journal.item(id, &ObjectKey::new("large"), None).unwrap().unwrap();
    assert_eq!(parts.iter().map(|part| part.number).collect::<Vec<_>>(), [1, 3, 4]);
    let row = |number: u32, size: u64, etag: &str| {
        format!("<Part><PartNumber>{number}</PartNumber><ETag>{etag}</ETag><Size>{size}</Size></Part>")
    };
    let etag = |number: u32| parts.iter().find(|part| part.number == number).unwrap().etag.clone().unwrap();
    let rows = row(1, 1, etag(1).as_str()) + &row(3, PART, "\"another\"") + &row(4, 77 + (1 << 20), etag(4).as_str());
    let upload_id = item.upload.unwrap();
    let list =
        format!("<ListPartsResult><UploadId>{}</UploadId><IsTruncated>false</IsTruncated>{rows}</ListPartsResult>", upload_id.as_str());
    world.store.script(Op::ListParts, [answer(200, &list)]);
    let before = world.parts().len();
    assert!(world.run_as(&job, Some(id)).await.is_done());
    assert_eq!(world.parts().len() - before, 3, "1 is short, 2 is missing, 3 is another; 4 is trusted");
    assert!(world.read(S3_OWN, "large").await.unwrap().1 == bytes(LARGE));
}

/// P9: an object that exists is found out at the end only; with leave, one request replaces it, and no byte is sent twice.
#[tokio::test]
async fn leave_to_replace_sends_no_byte_twice() {
    let world = World::new().await;
    assert!(world.run(&upload(&world.file("old", b"old"), S3_OWN, "large")).await.is_done());
    let mut job = upload(&world.large(), S3_OWN, "large");
    let (control, items) = listening();
    let (spec, mut id) = (Job::Upload(job.clone()), None);
    let ending = world.engine.run_kept_job(&spec, None, control.clone(), |number| id = Some(number)).await;
    assert!(ran(ending, &items, control).exists());
    assert_eq!(world.read(S3_OWN, "large").await.unwrap().1, b"old");
    // It is among the unfinished jobs, so that whoever repeats it goes on.
    job.overwrite = Overwrite::Allow;
    let found = world.engine.unfinished_job(&Job::Upload(job.clone())).await.unwrap().unwrap();
    assert_eq!(Some(found.id), id);
    let before = world.store.log().len();
    assert!(world.run_as(&job, id).await.is_done());
    let ops: Vec<Op> = world.store.log()[before..].iter().filter_map(|entry| entry.op).collect();
    assert_eq!(ops, [Op::ListParts, Op::CompleteMultipartUpload]);
    assert!(world.read(S3_OWN, "large").await.unwrap().1 == bytes(LARGE));
}

/// The process died after the completion, before it wrote that down.
#[tokio::test]
async fn a_completion_nobody_heard_of_is_found() {
    let world = World::new().await;
    let job = upload(&world.large(), S3_OWN, "large");
    let id = world.begin(&job);
    world.store.script(Op::CompleteMultipartUpload, [Act::CarryOutAndClose]);
    world.store.script(Op::ListParts, [Act::Close, Act::Close, Act::Close]);
    let ran = world.run_as(&job, Some(id)).await;
    assert!(ran.error().message().starts_with("nobody knows"), "{:?}", ran.only());
    assert_eq!(world.journal.items(id).unwrap().len(), 1);
    let before = world.parts().len();
    let again = world.run_as(&job, Some(id)).await;
    assert!(again.is_done(), "{:?}", again.items);
    assert_eq!((world.parts().len(), world.journal.items(id).unwrap().len()), (before, 0));
}

/// H2: keys that expire in the middle leave the upload, with its id; with good keys it goes on.
#[tokio::test]
async fn expired_keys_leave_it_to_be_resumed() {
    let world = World::new().await;
    let job = upload(&world.large(), S3_OWN, "large");
    let id = world.begin(&job);
    world.store.script_where(Op::UploadPart, "partNumber=3", [fault(400, "ExpiredToken")]);
    let ran = world.run_as(&job, Some(id)).await;
    let upload = world.journal.items(id).unwrap()[0].1.upload.clone().unwrap();
    assert_eq!(ran.error().kind(), ErrorKind::Credentials);
    assert!(ran.error().message().contains(upload.as_str()) && ran.error().message().contains("still billed"), "{:?}", ran.only());
    assert_eq!(world.count(Op::AbortMultipartUpload), 0);
    assert!(world.run_as(&job, Some(id)).await.is_done());
    assert_eq!(world.open_uploads(S3_OWN).await, 0);
}

/// What a dead job left is found, counted, and aborted; a gone one is no failure.
#[tokio::test]
async fn what_is_left_can_be_given_up() {
    for place in [S3_FOREIGN, OSS_FOREIGN] {
        let world = World::new().await;
        let mut job = upload(&world.large(), place, "large");
        job.to.consent = Consent::Given;
        let id = killed(&world, &job, "partNumber=2").await;
        // This process lives, so its running jobs are nobody else's: a dead one's are told by its end.
        world.journal.note_job(id, JobState::Stopped, &Progress::default(), None, jiff::Timestamp::now()).unwrap();
        let before = world.store.log().len();
        let found = world.engine.list_uploads(&job.to, "la", None).await.unwrap();
        assert_eq!((found.len(), found[0].row.key.as_str()), (1, "large"));
        assert_eq!(found[0].parts, Some((3, LARGE as u64 - PART)));
        assert!(world.engine.list_uploads(&job.to, "other", None).await.unwrap().is_empty());
        world.store.script(Op::AbortMultipartUpload, [fault(403, "AccessDenied")]);
        let left = world.engine.give_up_uploads(id).await.unwrap();
        assert_eq!((left.len(), left[0].1.kind()), (1, ErrorKind::Denied));
        assert_eq!(world.journal.items(id).unwrap().len(), 1, "it is still there to be named");
        assert!(world.engine.give_up_uploads(id).await.unwrap().is_empty());
        assert!(world.journal.items(id).unwrap().is_empty());
        let gone = vec![left[0].0.clone()];
        assert!(world.engine.abort_uploads(&job.to, gone).await.is_empty());
        assert!(world.engine.list_uploads(&job.to, "", None).await.unwrap().is_empty());
        assert!(world.store.log()[before..].iter().all(|entry| entry.payer.len() == 1));
        world.journal.note_job(id, JobState::GivenUp, &Progress::default(), None, jiff::Timestamp::now()).unwrap();
        assert_eq!(world.engine.give_up_uploads(id).await.unwrap_err().kind(), ErrorKind::Usage);
    }
}

/// What a running transfer fills is not aborted under its hands: its parts would be paid for in vain.
#[tokio::test]
async fn an_upload_under_way_is_not_aborted() {
    for place in [S3_OWN, OSS_OWN] {
        let world = World::new().await;
        let job = upload(&world.large(), place, "large");
        let id = killed(&world, &job, "partNumber=2").await;
        let at = world.engine.list_uploads(&job.to, "", None).await.unwrap();
        let bucket = job.to.place.id.bucket.clone();
        let named = whopays::domain::UploadRef { bucket, key: at[0].row.key.clone(), id: at[0].row.id.clone() };
        // Its line says that it runs, in a process that lives: this one.
        for state in [JobState::Running, JobState::Paused] {
            world.journal.note_job(id, state, &Progress::default(), None, jiff::Timestamp::now()).unwrap();
            let failed = world.engine.abort_uploads(&job.to, vec![named.clone()]).await;
            let (_, error) = &failed[0];
            assert_eq!((failed.len(), error.kind()), (1, ErrorKind::Refused), "{error}");
            assert_eq!(error.message(), format!("transfer {} is filling the upload of \"large\"", id.0));
            assert!(error.hint_text().unwrap().contains("Cancel that transfer first"), "{error:?}");
            assert_eq!(world.count(Op::AbortMultipartUpload), 0);
        }
        world.journal.note_job(id, JobState::Stopped, &Progress::default(), None, jiff::Timestamp::now()).unwrap();
        assert!(world.engine.abort_uploads(&job.to, vec![named]).await.is_empty());
        assert_eq!(world.open_uploads(place).await, 0);
    }
}
