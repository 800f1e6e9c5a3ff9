//! Uploads that break off: answers that are lost, sources that change, people who stop.

use super::*;
use std::time::Instant;
use tokio::sync::mpsc::unbounded_channel;
use whopays::transfer::Rein;

/// B10, section 4: whether a lost answer was a yes is looked up, never guessed.
#[tokio::test]
async fn a_lost_answer_is_looked_up() {
    for place in [S3_OWN, OSS_OWN] {
        let world = World::new().await;
        let path = world.file("a", b"bytes");
        // It was carried out: java-v2#6580, a second PUT would have met its own object.
        world.store.script(Op::PutObject, [Act::CarryOutAndClose]);
        assert!(world.run(&upload(&path, place, "carried-out")).await.is_done());
        assert_eq!(world.ops(), [Op::PutObject, Op::HeadObject]);
        // It was not.
        world.store.script(Op::PutObject, [Act::Close]);
        assert!(world.run(&upload(&path, place, "lost")).await.is_done());
        assert_eq!(world.ops()[2..], [Op::PutObject, Op::HeadObject, Op::PutObject]);
        // It was not, and somebody else's object is there.
        assert!(world.run(&upload(&world.file("b", b"other"), place, "theirs")).await.is_done());
        world.store.script(Op::PutObject, [Act::Close]);
        assert!(world.run(&upload(&path, place, "theirs")).await.exists());
        assert_eq!(world.read(place, "theirs").await.unwrap().1, b"other");
        // Nobody can say.
        world.store.script(Op::PutObject, [Act::Close]);
        world.store.script(Op::HeadObject, [Act::Close, Act::Close, Act::Close]);
        let ran = world.run(&upload(&path, place, "unknown")).await;
        assert!(ran.error().message().starts_with("nobody knows whether object \"unknown\" was written"), "{:?}", ran.only());
    }
}

/// A3: 200 with an error inside, an answer lost before or after: the object is there, once, and nothing is left.
#[tokio::test]
async fn a_lost_completion_is_looked_up() {
    for place in [S3_OWN, OSS_OWN] {
        for (act, completions) in [
            (answer(200, "<Error><Code>InternalError</Code><Message>m</Message></Error>"), 2),
            (Act::Close, 2),
            (Act::CarryOutAndClose, 1),
            (Act::CarryOutAndCut(20), 1),
        ] {
            let world = World::new().await;
            world.store.script(Op::CompleteMultipartUpload, [act.clone()]);
            let ran = world.run(&upload(&world.large(), place, "large")).await;
            assert!(ran.is_done(), "{act:?} {:?}", ran.items);
            assert_eq!((world.count(Op::CompleteMultipartUpload), world.parts().len()), (completions, 4), "{act:?}");
            assert_eq!(world.read(place, "large").await.unwrap().1.len(), LARGE);
            assert_eq!(world.open_uploads(place).await, 0);
        }
    }
}

/// P13: what fails for good leaves nothing; what cannot even be aborted is told with its id.
#[tokio::test]
async fn failures_leave_nothing_or_an_id() {
    let world = World::new().await;
    world.store.script_where(Op::UploadPart, "partNumber=3", [fault(403, "AccessDenied")]);
    let ran = world.run(&upload(&world.large(), S3_OWN, "large")).await;
    assert_eq!(ran.error().kind(), ErrorKind::Denied);
    assert_eq!((world.count(Op::AbortMultipartUpload), world.open_uploads(S3_OWN).await), (1, 0));
    assert!(world.read(S3_OWN, "large").await.is_none());

    world.store.script_where(Op::UploadPart, "partNumber=3", [fault(403, "AccessDenied")]);
    world.store.script(Op::AbortMultipartUpload, [fault(403, "AccessDenied")]);
    let ran = world.run(&upload(&world.large(), S3_OWN, "large")).await;
    let open = world.engine.list_uploads(&acting(S3_OWN, Consent::Silent), "lar", None).await.unwrap();
    assert_eq!(open.len(), 1);
    assert!(ran.error().message().contains(open[0].row.id.as_str()), "{:?}", ran.only());
    assert!(ran.error().message().contains("still billed"), "{:?}", ran.only());
}

/// C8: a file that grows, is cut, replaced or removed meanwhile is no object, and what was there stays.
#[tokio::test]
async fn a_source_that_changes_is_noticed() {
    for change in ["grows", "shrinks", "replaced", "removed"] {
        let world = World::new().await;
        let path = world.large();
        assert!(world.run(&upload(&world.file("old", b"old"), S3_OWN, "k")).await.is_done());
        let (sender, mut heard) = unbounded_channel();
        world.store.tell(move |received| sender.send(received.clone()).is_ok());
        world.store.script_where(Op::UploadPart, "partNumber=4", [Act::Late(Duration::from_millis(400))]);
        let mut job = upload(&path, S3_OWN, "k");
        job.overwrite = Overwrite::Allow;
        let running = world.run(&job);
        let changing = async {
            while wait::next(&mut heard).await.op != Some(Op::CreateMultipartUpload) {}
            match change {
                "grows" => drop(std::fs::File::options().append(true).open(&path).unwrap().write(b"more").unwrap()),
                "shrinks" => std::fs::File::options().write(true).open(&path).unwrap().set_len(17 << 10).unwrap(),
                "replaced" => std::fs::rename(world.file("other", &bytes(LARGE)), &path).unwrap(),
                _ => std::fs::remove_file(&path).unwrap(),
            }
        };
        let (ran, ()) = tokio::join!(running, changing);
        assert_eq!(ran.error().kind(), ErrorKind::Conflict, "{change} {:?}", ran.only());
        assert_eq!(world.read(S3_OWN, "k").await.unwrap().1, b"old", "{change}");
        assert_eq!((world.count(Op::CompleteMultipartUpload), world.open_uploads(S3_OWN).await), (0, 0), "{change}");
        assert_eq!(ran.control.progress().moved, 0, "nothing is where it belongs: {change}");
    }
}

/// P20, C6: who stops is heard within a tenth of a second; given up is aborted.
#[tokio::test]
async fn stopping_is_prompt_and_tidy() {
    for (rein, left) in [(Rein::GiveUp, 0), (Rein::Stop, 1)] {
        let world = World::new().await;
        world.store.script_where(Op::UploadPart, "partNumber=2", [Act::Silence]);
        let job = upload(&world.large(), S3_OWN, "large");
        let id = world.begin(&job);
        let (control, items) = listening();
        let (engine, reins) = (world.engine.clone(), control.clone());
        let running = tokio::spawn(async move { engine.run_job(&Job::Upload(job), Some(id), reins).await });
        wait::until("four parts have come", || world.parts().len() >= 4).await;
        let pulled = Instant::now();
        control.pull(rein);
        let ending = running.await.unwrap();
        assert!(pulled.elapsed() < Duration::from_millis(400), "{:?}", pulled.elapsed());
        let ran = ran(ending, &items, control);
        assert!(matches!(ran.ending, Ending::Stopped) && ran.items.is_empty(), "{:?}", ran.items);
        assert_eq!((world.open_uploads(S3_OWN).await, world.journal.items(id).unwrap().len()), (left, left), "{rein:?}");
    }
}

/// A stop is heard by the file's task before the job's, or after it: it is a stop all the same, never an end.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn who_stops_is_not_told_that_it_is_done() {
    const ROUNDS: usize = 100;
    let world = World::new().await;
    let small = world.file("small", b"small");
    world.store.script(Op::PutObject, std::iter::repeat_n(Act::Silence, ROUNDS));
    for round in 0..ROUNDS {
        let (control, _items) = listening();
        let (engine, reins, job) = (world.engine.clone(), control.clone(), upload(&small, S3_OWN, "small"));
        let running = tokio::spawn(async move { engine.run_job(&Job::Upload(job), None, reins).await });
        wait::until("it is under way", || world.count(Op::PutObject) > round).await;
        control.pull(Rein::Stop);
        let ending = running.await.unwrap();
        assert!(matches!(ending, Ending::Stopped), "{ending:?}");
    }
}

/// Paused, nothing new is asked; on it goes.
#[tokio::test]
async fn a_paused_job_asks_nothing_new() {
    let world = World::new().await;
    let (control, items) = listening();
    control.pull(Rein::Pause);
    let (engine, reins) = (world.engine.clone(), control.clone());
    let job = Source::Paths { paths: vec![world.file("set/a", b"a").parent().unwrap().to_owned()], rules: Vec::new() };
    let job = Upload { from: job, key: Pointer::Below(String::new()), ..upload(Path::new("x"), S3_OWN, "x") };
    let running = tokio::spawn(async move { engine.run_job(&Job::Upload(job), None, reins).await });
    tokio::time::sleep(Duration::from_millis(150)).await;
    assert!(world.store.log().is_empty() && !running.is_finished());
    control.pull(Rein::Go);
    let ran = ran(running.await.unwrap(), &items, control);
    assert!(ran.is_done());
}
