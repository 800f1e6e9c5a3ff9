//! Uploads that were killed between asking the store to begin one and hearing its id.

use super::*;
use whopays::transfer::{JobState, Progress};

const LISTED: [Op; 2] = [Op::ListMultipartUploads, Op::ListParts];

/// The store has begun it, and whoever asked is gone before the answer came.
async fn killed(world: &World, job: &Upload) -> JobId {
    let id = world.begin(job);
    let before = world.count(Op::CreateMultipartUpload);
    world.store.script(Op::CreateMultipartUpload, [Act::CarryOutAndSilence]);
    let (control, _items) = listening();
    let (engine, spec) = (world.engine.clone(), Job::Upload(job.clone()));
    let running = tokio::spawn(async move { engine.run_job(&spec, Some(id), control).await });
    wait::until("an upload is begun", || {
        assert!(!running.is_finished(), "it ended before");
        world.count(Op::CreateMultipartUpload) > before
    })
    .await;
    running.abort();
    assert!(running.await.is_err());
    // As the next start sees a process that is gone.
    world.journal.note_job(id, JobState::Stopped, &Progress::default(), None, jiff::Timestamp::now()).unwrap();
    id
}

/// Another start of the program.
fn again(world: World) -> World {
    World { engine: engine(&world.store, &world.journal), ..world }
}

/// C1, P13: the next run goes on with the very upload, and nothing is left of it.
#[tokio::test]
async fn an_upload_without_an_id_is_found() {
    for place in [S3_OWN, OSS_OWN] {
        let world = World::new().await;
        let job = upload(&world.large(), place, "large");
        let id = killed(&world, &job).await;
        assert_eq!(world.open_uploads(place).await, 1, "the store has it");
        let (_, item, _) = world.journal.item(id, &ObjectKey::new("large"), None).unwrap().unwrap();
        assert_eq!(item.upload, None, "and nobody knows its id");
        let [left] = <[_; 1]>::try_from(world.journal.unfinished_jobs().unwrap()).unwrap();
        assert_eq!((left.id, left.sought), (id, 1), "whoever is asked to resume hears of it");

        let world = again(world);
        let before = world.store.log().len();
        assert!(world.run_as(&job, Some(id)).await.is_done());
        let ops: Vec<Op> = world.ops().split_off(before);
        assert_eq!(ops[..3], [LISTED[0], LISTED[1], Op::ListParts]);
        assert_eq!(ops.iter().filter(|op| **op == Op::CreateMultipartUpload).count(), 0, "none is begun beside it");
        assert!(world.read(place, "large").await.unwrap().1 == bytes(LARGE));
        assert_eq!((world.open_uploads(place).await, world.journal.items(id).unwrap().len()), (0, 0));
    }
}

/// Given up, it is aborted.
#[tokio::test]
async fn an_upload_without_an_id_is_aborted() {
    for place in [S3_OWN, OSS_OWN] {
        let world = World::new().await;
        let job = upload(&world.large(), place, "large");
        let id = killed(&world, &job).await;
        let world = again(world);
        world.engine.give_up_job(id).await.unwrap();
        assert_eq!((world.count(Op::AbortMultipartUpload), world.open_uploads(place).await), (1, 0));
        assert!(world.journal.unfinished_jobs().unwrap().is_empty());
    }
}

/// What another transfer knows, if it has no part yet, and what has another one beside it, is not taken for ours: a new one is begun.
#[tokio::test]
async fn what_is_not_surely_ours_is_left_alone() {
    let world = World::new().await;
    let job = upload(&world.large(), S3_OWN, "large");
    // Another transfer's, which waits to be resumed.
    world.store.script(Op::UploadPart, std::iter::repeat_n(Act::Silence, 4));
    let other = world.begin(&job);
    let (control, _items) = listening();
    let (engine, spec) = (world.engine.clone(), Job::Upload(job.clone()));
    let running = tokio::spawn(async move { engine.run_job(&spec, Some(other), control).await });
    wait::until("four parts have come", || world.count(Op::UploadPart) >= 4).await;
    running.abort();
    let _killed = running.await;
    // Nothing came of ours: the store never saw it.
    let id = world.begin(&job);
    world.store.script(Op::CreateMultipartUpload, [Act::Close]);
    let ran = world.run_as(&job, Some(id)).await;
    assert!(ran.error().message().contains("nobody knows whether an upload of object"), "{}", ran.error());
    assert_eq!(ran.error().hint_text(), Some("Repeat the upload: it looks for that one first, and goes on with it if it is there."));
    let world = again(world);
    assert!(world.run_as(&job, Some(id)).await.is_done());
    assert_eq!((world.open_uploads(S3_OWN).await, world.count(Op::AbortMultipartUpload)), (1, 0), "the other one waits on");

    // Two of one moment: which one is ours, nobody can say.
    let world = World::new().await;
    let job = upload(&world.large(), S3_OWN, "large");
    let (first, _second) = (killed(&world, &job).await, killed(&world, &job).await);
    let world = again(world);
    assert!(world.run_as(&job, Some(first)).await.is_done());
    assert_eq!((world.open_uploads(S3_OWN).await, world.count(Op::AbortMultipartUpload)), (2, 0));
}

/// A refusal begins nothing: nothing is sought for it.
#[tokio::test]
async fn a_refused_beginning_leaves_nothing() {
    let world = World::new().await;
    let job = upload(&world.large(), S3_OWN, "large");
    let id = world.begin(&job);
    world.store.script(Op::CreateMultipartUpload, [fault(403, "AccessDenied")]);
    assert_eq!(world.run_as(&job, Some(id)).await.error().kind(), ErrorKind::Denied);
    assert!(world.journal.items(id).unwrap().is_empty());
    world.journal.note_job(id, JobState::Stopped, &Progress::default(), None, jiff::Timestamp::now()).unwrap();
    assert_eq!(world.journal.unfinished_jobs().unwrap()[0].sought, 0);
}
