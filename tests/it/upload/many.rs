//! Folders, and inputs that can be read once.

use super::*;
use whopays::transfer::{Rein, Rule};

fn below(path: &Path, place: (&str, &str, &str), prefix: &str, rules: Vec<Rule>) -> Upload {
    let from = Source::Paths { paths: vec![path.to_owned()], rules };
    Upload { from, key: Pointer::Below(prefix.to_owned()), ..upload(path, place, "x") }
}

/// Goal 7: one request a file, whatever their names; large ones among them.
#[tokio::test]
async fn a_folder_is_one_request_a_file() {
    for place in [S3_OWN, OSS_OWN] {
        let world = World::new().await;
        let names = [
            "a b+c%d?e#f&g.txt",
            "Grüße/日本語/🌍.txt",
            "back\\slash",
            "new\nline\ttab",
            "%2e%2e",
            "bidi-\u{202e}gpj.exe",
            "-rf",
            "x'\"<>",
        ];
        for name in names {
            world.file(&format!("set/{name}"), name.as_bytes());
        }
        for n in 0..300 {
            world.file(&format!("set/many/{n}"), format!("{n}").as_bytes());
        }
        world.file("set/large", &bytes(LARGE));
        let ran = world.run(&below(&world.folder.path().join("set"), place, "in/", Vec::new())).await;
        assert!(ran.is_done(), "{:?}", ran.items.iter().find(|item| !matches!(item.fate, Fate::Done(_))));
        assert_eq!((world.count(Op::PutObject), world.count(Op::UploadPart), world.ops().len()), (308, 4, 308 + 6));
        let mut keys: Vec<String> =
            world.store.log().iter().filter(|entry| entry.op == Some(Op::PutObject)).map(|entry| entry.key.clone()).collect();
        keys.sort();
        let mut hand: Vec<String> =
            names.iter().map(|name| format!("in/set/{name}")).chain((0..300).map(|n| format!("in/set/many/{n}"))).collect();
        hand.sort();
        assert_eq!(keys, hand);
        let progress = ran.control.progress();
        assert!(progress.counted && progress.objects == 309 && progress.moved == progress.bytes, "{progress:?}");
    }
}

/// Rules are about what is below the folder; a plan counts and waits; a failure is one file's.
#[tokio::test]
async fn a_plan_counts_before_anything_is_sent() {
    let world = World::new().await;
    for name in ["a.txt", "b.log", "sub/c.txt", "sub/d.log"] {
        world.file(&format!("set/{name}"), b"1234");
    }
    let root = PathBuf::from(format!("{}/", world.folder.path().join("set").display()));
    let job = below(&root, S3_OWN, "", vec![Rule::Exclude("*.log".to_owned())]);
    let items = Arc::new(Mutex::new(Vec::new()));
    let heard = items.clone();
    let control = Control::planning(Box::new(move |item| heard.lock().unwrap().push(item)));
    let (engine, reins) = (world.engine.clone(), control.clone());
    let running = tokio::spawn(async move { engine.run_job(&Job::Upload(job), None, reins).await });
    wait::until("the plan has counted", || control.progress().counted).await;
    assert_eq!((control.progress().objects, control.progress().bytes, world.store.log().len()), (2, 8, 0));
    world.store.script_where(Op::PutObject, "sub/c.txt", [fault(403, "AccessDenied")]);
    control.pull(Rein::Go);
    let ran = ran(running.await.unwrap(), &items, control);
    assert!(matches!(ran.ending, Ending::Partly));
    assert_eq!(ran.items.iter().filter(|item| matches!(item.fate, Fate::Failed(_))).count(), 1);
    assert_eq!((ran.control.progress().objects, ran.control.progress().ended, ran.control.progress().failed), (2, 2, 1));
    assert!(world.read(S3_OWN, "a.txt").await.is_some() && world.read(S3_OWN, "sub/c.txt").await.is_none());
}

/// A job that went on after a kill leaves alone what is done, and knows its own objects again.
#[tokio::test]
async fn what_is_done_is_not_done_again() {
    let world = World::new().await;
    for n in 0..20 {
        world.file(&format!("set/{n}"), format!("{n}").as_bytes());
    }
    let job = below(&world.folder.path().join("set"), S3_OWN, "", Vec::new());
    let id = world.begin(&job);
    world.store.script_where(Op::PutObject, "/set/7", [fault(403, "AccessDenied")]);
    let first = world.run_as(&job, Some(id)).await;
    assert!(matches!(first.ending, Ending::Partly));
    assert_eq!(world.journal.done(id).unwrap().len(), 19);
    // 7 was written meanwhile, by an attempt that did not live to say so.
    assert!(world.run(&upload(&world.folder.path().join("set/7"), S3_OWN, "set/7")).await.is_done());
    let before = world.store.log().len();
    let second = world.run_as(&job, Some(id)).await;
    assert!(second.is_done(), "{:?}", second.items);
    let ops: Vec<Op> = world.store.log()[before..].iter().filter_map(|entry| entry.op).collect();
    assert_eq!(ops, [Op::PutObject, Op::HeadObject]);
}

/// What cannot be one object is refused before anything is sent; what is not there, too.
#[tokio::test]
async fn wrong_sources_send_nothing() {
    let world = World::new().await;
    world.file("set/a", b"a");
    let folder = world.folder.path().join("set");
    let missing = world.run(&upload(&world.folder.path().join("missing"), S3_OWN, "k")).await;
    assert!(matches!(&missing.ending, Ending::Failed(error) if error.kind() == ErrorKind::Local));
    let one_key = Upload { key: Pointer::Key(ObjectKey::new("k")), ..below(&folder, S3_OWN, "", Vec::new()) };
    assert!(matches!(&world.run(&one_key).await.ending, Ending::Failed(error) if error.kind() == ErrorKind::Usage));
    let device = world.run(&upload(Path::new("/dev/null"), S3_OWN, "k")).await;
    assert!(matches!(&device.ending, Ending::Failed(error) if error.message().ends_with("is a device")));
    assert!(world.store.log().is_empty());
}

/// An input that breaks.
struct Breaks(std::io::Cursor<Vec<u8>>);

impl Read for Breaks {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        match self.0.read(buffer)? {
            0 => Err(std::io::Error::other("gone")),
            count => Ok(count),
        }
    }
}

/// An input that stops in its middle until somebody says go.
struct Waits {
    before: std::io::Cursor<Vec<u8>>,
    go: Option<std::sync::mpsc::Receiver<()>>,
    after: std::io::Cursor<Vec<u8>>,
}

impl Read for Waits {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        match self.before.read(buffer)? {
            0 => {
                // A sender that is gone says it, too.
                let _said = self.go.take().map(|go| go.recv());
                self.after.read(buffer)
            }
            count => Ok(count),
        }
    }
}

/// What is foreseen grows with what was read, and ends as what was sent.
#[tokio::test]
async fn the_estimate_of_a_stream_grows() {
    for place in [S3_OWN, OSS_OWN] {
        let world = World::new().await;
        let job = Upload { from: Source::Stdin, ..upload(Path::new("-"), place, "grows") };
        let (control, items) = listening();
        let (say, go) = std::sync::mpsc::channel();
        let input = Waits { before: std::io::Cursor::new(bytes(16 << 20)), go: Some(go), after: std::io::Cursor::new(bytes(9 << 20)) };
        let needs = |control: &Control| world.engine.needs_of(&Job::Upload(job.clone()), &control.progress()).unwrap().writing;
        let watch = async {
            wait::until("half of it was read", || control.progress().bytes >= 16 << 20).await;
            let half = needs(&control);
            say.send(()).unwrap();
            half
        };
        let (ending, half) = tokio::join!(world.engine.upload_from(&job, Box::new(input), control.clone()), watch);
        assert_eq!((half.total(), half.bytes_up, &half.perhaps), (4, 16 << 20, &vec![(Op::UploadPart, 9_998)]));
        let ran = ran(ending, &items, control);
        assert!(ran.is_done(), "{:?}", ran.items);
        let whole = needs(&ran.control);
        assert_eq!((whole.total(), whole.bytes_up, whole.perhaps.len()), (6, 25 << 20, 0));
        assert_eq!(world.ops().len(), 6, "begun, four parts, joined");
    }
}

/// Inputs of unknown length: what is small is one request, the rest goes in parts; a broken one leaves nothing.
#[tokio::test]
async fn streams_of_unknown_length() {
    for place in [S3_OWN, OSS_OWN] {
        let world = World::new().await;
        let job = Upload { from: Source::Stdin, ..upload(Path::new("-"), place, "in.json") };
        for (length, requests) in [(0, 1), (9, 2), (8 << 20, 3), ((16 << 20) + 5, 3 + 5)] {
            let (control, items) = listening();
            let job = Upload { overwrite: Overwrite::Allow, ..job.clone() };
            let ending = world.engine.upload_from(&job, Box::new(std::io::Cursor::new(bytes(length))), control.clone()).await;
            let ran = ran(ending, &items, control);
            assert!(ran.is_done(), "{length} {:?}", ran.items);
            assert_eq!(world.ops().iter().filter(|op| **op != Op::GetObject).count(), requests, "{length}");
            let (head, body) = world.read(place, "in.json").await.unwrap();
            assert!(body == bytes(length) && head.contains("content-type: application/json\r\n"));
            assert_eq!((ran.control.progress().bytes, ran.control.progress().moved), (length as u64, length as u64));
            let needs = world.engine.needs_of(&Job::Upload(job.clone()), &ran.control.progress()).unwrap().writing;
            let sent = if length > 8 << 20 { 5 } else { 1 };
            assert_eq!((needs.total(), needs.bytes_up, needs.perhaps.len()), (sent, length as u64, 0), "{length}: what was sent");
        }
        let (control, items) = listening();
        let broken = Breaks(std::io::Cursor::new(bytes((20 << 20) + 1)));
        let job = Upload { key: Pointer::Key(ObjectKey::new("broken")), ..job };
        let ending = world.engine.upload_from(&job, Box::new(broken), control.clone()).await;
        assert_eq!(ran(ending, &items, control).error().kind(), ErrorKind::Local);
        assert!(world.read(place, "broken").await.is_none());
        assert_eq!(world.open_uploads(place).await, 0);
    }
}
