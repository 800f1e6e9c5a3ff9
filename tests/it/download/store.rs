//! Against the embedded store of both clouds.

use std::os::unix::fs::{MetadataExt, symlink};

use whopays::demo::{Act, Options, Prepared, Received, Store};
use whopays::domain::{Consent, ErrorKind, Op};
use whopays::runtime::desk::Desk;
use whopays::runtime::engine::Engine;
use whopays::runtime::jobs::Excerpt;
use whopays::runtime::journal::Journal;
use whopays::transfer::{Download, Ending, Existing, Fate, Landing, Rein, Rule, Selection};

use super::*;
use crate::support::wait;

struct World {
    store: Store,
    engine: Engine,
    journal: Journal,
}

impl World {
    async fn new() -> Self {
        let store = Store::start(Options::default()).await.unwrap();
        let config = whopays::config::parse("demo.toml", &store.config(), whopays::config::LiteralSecrets::Allowed).unwrap();
        let journal = Journal::in_memory().unwrap();
        let engine = Engine::new(&config, journal.clone(), Arc::new(Desk::default()), Box::new(|_| ())).unwrap();
        Self { store, engine, journal }
    }

    fn of(&self, op: Op) -> Vec<Received> {
        self.store.log().into_iter().filter(|entry| entry.op == Some(op)).collect()
    }

    fn ops(&self) -> Vec<&'static str> {
        self.store.log().iter().map(|entry| entry.op.map_or("?", |op| op.row().name)).collect()
    }
}

/// P1, P2, goal 12: one page and one GET an object, no HEAD, with the payer header of the right cloud on every one, or on none.
#[tokio::test]
async fn a_prefix_costs_its_pages_and_its_objects_and_each_request_says_who_pays() {
    let rows = [
        ("studio:aerial-tiles", Consent::Silent, None),
        ("research:aerial-tiles", Consent::Given, Some("x-amz-request-payer: requester")),
        ("lab:lab-microscopy", Consent::Silent, None),
        ("partner:lab-microscopy", Consent::Given, Some("x-oss-request-payer: requester")),
    ];
    for (target, consent, header) in rows {
        let world = World::new().await;
        let (_kept, folder) = scratch();
        let from = acting(target, consent);
        let told = run(&world.engine, below(&from, "z10/", vec![], &folder), None).await;
        assert!(matches!(told.ending, Ending::Done), "{target}: {:?} {:?}", told.ending, told.ends);
        let wanted = [("512/", 0), ("512/340.tif", 65_536), ("512/341.tif", 65_536), ("513/", 0), ("513/340.tif", 65_536)];
        assert_eq!(tree(&folder), wanted.map(|(name, size)| (name.to_owned(), size)), "{target}");
        let mut log = world.store.log();
        // A bucket in a region that is not the account's is found first.
        log.retain(|entry| entry.status == Some(200));
        assert_eq!(log.iter().filter(|entry| entry.op == Some(Op::GetObject)).count(), 3, "{target}");
        assert_eq!(log.iter().filter(|entry| entry.op == Some(Op::ListObjectsV2)).count(), 1, "{target}");
        assert_eq!(world.of(Op::HeadObject).len(), 0, "{target}");
        for entry in world.store.log() {
            let expected: Vec<String> = header.into_iter().map(str::to_owned).collect();
            assert_eq!(entry.payer, expected, "{target}: {entry:?}");
        }
        let progress = told.progress;
        assert_eq!((progress.objects, progress.ended, progress.failed, progress.bytes, progress.moved), (3, 3, 0, 196_608, 196_608));
        assert!(progress.counted);
        assert_eq!(progress.tally.requests as usize, world.store.log().len(), "{target}");
    }
}

/// What is written is what is stored, with its time and the rights of any other new file.
#[tokio::test]
async fn a_file_has_the_bytes_the_time_and_the_rights() {
    let world = World::new().await;
    for target in ["studio:colorpictures", "lab:color-atlas"] {
        let (_kept, folder) = scratch();
        let from = acting(target, Consent::Silent);
        let file = folder.join("moss.png");
        let before = world.of(Op::GetObject).len();
        let told = run(&world.engine, one(&from, pick("green/moss.png"), &file), None).await;
        assert_eq!(told.only(), "done", "{target}: {:?}", told.ends);
        assert_eq!(told.ends[0].source, format!("{target}/green/moss.png"));
        assert_eq!(told.ends[0].target, file.to_str().unwrap());
        assert_eq!(world.of(Op::GetObject).len() - before, 1, "unknown size: one range gives both");
        let line = "green/moss.png: an object of the demo world\n";
        let bytes = std::fs::read(&file).unwrap();
        assert_eq!(bytes.len(), 120_455);
        assert!(bytes.chunks(line.len()).all(|chunk| line.as_bytes().starts_with(chunk)));
        std::fs::write(folder.join("usual"), "").unwrap();
        let (metadata, usual) = (file.metadata().unwrap(), folder.join("usual").metadata().unwrap());
        assert_eq!(metadata.mode(), usual.mode());
        let listed = world.engine.list_page(&from, &page("green/moss.png"), None).await.unwrap();
        let modified = listed.leaf.row(0).unwrap().modified.unwrap();
        assert_eq!(metadata.mtime(), modified.as_second());
        assert_eq!((told.progress.bytes, told.progress.moved), (120_455, 120_455), "the answer says how much it is");
    }
    assert_eq!(world.of(Op::HeadObject).len(), 0);
}

fn page(prefix: &str) -> whopays::domain::PageAsk {
    whopays::domain::PageAsk { prefix: prefix.to_owned(), depth: whopays::domain::Depth::Everything, begin: whopays::domain::Begin::Start }
}

/// An object without bytes of unknown size: the range is refused, and one request more gives the empty file (OSS: none more).
#[tokio::test]
async fn an_empty_object_is_an_empty_file() {
    for (target, requests) in [("studio:odd-keys", 2), ("lab:lab-odd-keys", 1)] {
        let world = World::new().await;
        let (_kept, folder) = scratch();
        let empty = Act::Answer(
            Prepared::new(200, "text/plain", "").with("etag", "\"D41D8CD98F00B204E9800998ECF8427E\"").with("x-oss-hash-crc64ecma", "0"),
        );
        let refused = Act::Answer(Prepared::new(416, "application/xml", "<Error><Code>InvalidRange</Code><Message>m</Message></Error>"));
        let acts = if requests == 2 { vec![refused, empty] } else { vec![empty] };
        world.store.script(Op::GetObject, acts);
        let told = run(&world.engine, one(&acting(target, Consent::Silent), pick("same"), &folder.join("e")), None).await;
        assert_eq!(told.only(), "done", "{:?}", told.ends);
        assert_eq!(tree(&folder), [("e".to_owned(), 0)]);
        assert_eq!(world.of(Op::GetObject).len(), requests, "{target}");
    }
}

/// `--include` and `--exclude` decide before anything is asked.
#[tokio::test]
async fn rules_choose() {
    let world = World::new().await;
    let (_kept, folder) = scratch();
    let rules = vec![Rule::Exclude("*".to_owned()), Rule::Include("*.jpg".to_owned())];
    let told = run(&world.engine, below(&acting("studio:colorpictures", Consent::Silent), "red/", rules, &folder), None).await;
    assert!(matches!(told.ending, Ending::Done), "{:?}", told.ending);
    assert_eq!(names(&folder), ["brick.jpg", "poppy.jpg"]);
    assert_eq!(world.ops(), ["ListObjectsV2", "GetObject", "GetObject"]);
}

/// P11: what exists is asked about before the store is; and is untouched.
#[tokio::test]
async fn what_exists_is_kept_replaced_or_joined() {
    let world = World::new().await;
    let from = acting("studio:colorpictures", Consent::Silent);
    let (_kept, folder) = scratch();
    std::fs::write(folder.join("index.html"), "mine").unwrap();
    let mut order = one(&from, pick("index.html"), &folder.join("index.html"));
    let told = run(&world.engine, order.clone(), None).await;
    assert_eq!((told.only().as_str(), world.store.log().len()), ("exists", 0));
    assert!(matches!(told.ending, Ending::Partly));
    order.existing = Existing::KeepBoth;
    let told = run(&world.engine, order.clone(), None).await;
    assert_eq!(told.only(), "done: kept as index (2).html, beside the one that was there");
    assert_eq!(std::fs::read_to_string(folder.join("index.html")).unwrap(), "mine");
    order.existing = Existing::Replace;
    assert_eq!(run(&world.engine, order, None).await.only(), "done");
    let size = |name: &str| ("index.html".len(), folder.join(name).metadata().unwrap().len()).1;
    assert_eq!((size("index.html"), size("index (2).html")), (1_204, 1_204));
}

/// P11: a refusal leaves nothing behind, and an existing file as it was.
#[tokio::test]
async fn a_refusal_leaves_nothing_behind() {
    let world = World::new().await;
    let (_kept, folder) = scratch();
    std::fs::write(folder.join("old"), "old").unwrap();
    let from = acting("research:aerial-tiles", Consent::Silent);
    let order = Download { existing: Existing::Replace, ..one(&from, pick("readme.txt"), &folder.join("old")) };
    let told = run(&world.engine, order, None).await;
    assert_eq!(told.only(), "failed: denied");
    assert_eq!(std::fs::read_to_string(folder.join("old")).unwrap(), "old");
    assert_eq!(names(&folder), ["old"]);
    assert!(world.store.log().iter().all(|entry| entry.payer.is_empty()), "J4: no second try with the header");
    assert_eq!(told.progress.moved, 0);
    let told = run(&world.engine, below(&from, "", vec![], &folder), None).await;
    assert!(matches!(&told.ending, Ending::Failed(error) if error.kind() == ErrorKind::Denied), "{:?}", told.ending);
}

/// P12: neither a symlink below the folder nor one in place of the file leads outside.
#[tokio::test]
async fn symlinks_in_the_way_are_not_followed() {
    let world = World::new().await;
    let ((_kept, folder), (_also, outside)) = (scratch(), scratch());
    symlink(&outside, folder.join("red")).unwrap();
    std::fs::write(outside.join("target"), "theirs").unwrap();
    symlink(outside.join("target"), folder.join("index.html")).unwrap();
    std::os::unix::net::UnixListener::bind(folder.join("green")).unwrap();
    for existing in [Existing::Keep, Existing::Replace] {
        let order = Download { existing, ..below(&acting("studio:colorpictures", Consent::Silent), "", vec![], &folder) };
        let told = run(&world.engine, order, None).await;
        for end in &told.ends {
            let word = fate_word(&end.fate);
            let key = end.source.rsplit_once("colorpictures/").unwrap().1;
            let in_the_way = key.starts_with("red/") || key.starts_with("green/");
            let wanted = match (key, existing) {
                _ if in_the_way => "failed: refused",
                ("index.html", Existing::Replace) => "failed: refused",
                ("index.html", _) => "exists",
                (_, Existing::Keep | Existing::KeepBoth) => "done",
                (_, Existing::Replace) => "done",
            };
            assert_eq!(word, wanted, "{key} {existing:?}");
        }
        assert_eq!(told.ends.len(), 8);
    }
    assert_eq!(tree(&outside), [("target".to_owned(), 6)]);
    assert_eq!(std::fs::read_to_string(outside.join("target")).unwrap(), "theirs");
}

/// E7, E9: every odd key of both clouds becomes a file inside the folder, or says why not; and nothing outside has changed.
#[tokio::test]
async fn hostile_keys_stay_inside() {
    for target in ["studio:odd-keys", "lab:lab-odd-keys"] {
        let world = World::new().await;
        let (_kept, around) = scratch();
        let folder = around.join("deep/chosen");
        std::fs::write(around.join("outside"), "x").unwrap();
        let told = run(&world.engine, below(&acting(target, Consent::Silent), "", vec![], &folder), None).await;
        let outside: Vec<String> = names(&around).into_iter().filter(|name| !name.starts_with("deep/chosen/")).collect();
        assert_eq!(outside, ["deep/", "outside"], "{target}");
        let listed = world.engine.list_page(&acting(target, Consent::Silent), &page(""), None).await.unwrap();
        assert_eq!(told.ends.len(), listed.leaf.len(), "each says how it ended");
        for end in &told.ends {
            let key = end.source.split_once('/').unwrap().1;
            let folded = key.split('/').any(|part| part == "." || part == "..");
            match &end.fate {
                Fate::Failed(error) => assert!(folded && error.kind() == ErrorKind::Usage, "{key:?} {error}"),
                Fate::Done(_) => assert!(!folded, "{key:?}"),
                Fate::Exists | Fate::LeftOut(_) => panic!("{key:?} {:?}", end.fate),
            }
        }
        let files = names(&folder);
        let done = told.ends.iter().filter(|end| matches!(end.fate, Fate::Done(_))).count();
        assert_eq!(files.iter().filter(|name| !name.ends_with('/')).count(), done, "a file for each: {files:?}");
        let bad = |name: &String| name.chars().any(|c| c.is_control() || c == '\u{202e}' || c == '\u{200b}');
        assert!(!files.iter().any(bad), "{files:?}");
        assert!(files.contains(&"same".to_owned()) && files.contains(&"same%2F/inside".to_owned()), "{files:?}");
        assert!(files.contains(&"case".to_owned()) && files.contains(&"CASE".to_owned()), "this system tells them apart");
    }
}

/// Lever 7: a store that asks for fewer requests gets fewer, and all objects come.
#[tokio::test]
async fn a_store_that_slows_us_down_is_obeyed() {
    let world = World::new().await;
    let (_kept, folder) = scratch();
    let slow = Prepared::new(503, "application/xml", "<Error><Code>SlowDown</Code><Message>m</Message></Error>");
    world.store.script(Op::GetObject, (0..3).map(|_| Act::Answer(slow.clone())));
    let told = run(&world.engine, below(&acting("lab:telescope-feed", Consent::Silent), "readings/000/00000", vec![], &folder), None).await;
    assert!(matches!(told.ending, Ending::Done), "{:?}", told.ending);
    assert_eq!(told.ends.len(), tree(&folder).len());
    assert_eq!(world.of(Op::GetObject).len(), told.ends.len() + 3);
}

/// P20: stop and give up end a job within 100 ms, whatever the store does.
#[tokio::test]
async fn a_silent_store_does_not_hold_a_stop_up() {
    for rein in [Rein::Stop, Rein::GiveUp] {
        let world = World::new().await;
        let (_kept, folder) = scratch();
        world.store.script(Op::GetObject, (0..8).map(|_| Act::Silence));
        let (control, ends) = listening();
        let job = Job::Download(below(&acting("studio:colorpictures", Consent::Silent), "", vec![], &folder));
        let running = world.engine.run_job(&job, None, control.clone());
        let pull = async {
            wait::until("eight requests have come", || world.of(Op::GetObject).len() >= 8).await;
            control.pull(rein);
            std::time::Instant::now()
        };
        let (ending, since) = tokio::join!(running, pull);
        assert!(since.elapsed() < std::time::Duration::from_millis(100), "{:?}", since.elapsed());
        assert!(matches!(ending, Ending::Stopped), "{ending:?}");
        assert!(ends.lock().unwrap().is_empty());
        assert!(tree(&folder).iter().all(|(name, _)| name.ends_with('/')), "{:?}", tree(&folder));
    }
}

/// A paused job asks for nothing new, and goes on.
#[tokio::test]
async fn a_pause_asks_for_nothing() {
    let world = World::new().await;
    let (_kept, folder) = scratch();
    let (control, _ends) = listening();
    control.pull(Rein::Pause);
    let job = Job::Download(one(&acting("studio:colorpictures", Consent::Silent), pick("index.html"), &folder.join("i")));
    let running = world.engine.run_job(&job, None, control.clone());
    let go = async {
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        let asked = world.store.log().len();
        control.pull(Rein::Go);
        asked
    };
    let (ending, asked) = tokio::join!(running, go);
    assert_eq!(asked, 0);
    assert!(matches!(ending, Ending::Done), "{ending:?}");
    assert_eq!(tree(&folder), [("i".to_owned(), 1_204)]);
}

/// `cat`: the bytes in order, in one request, whole or a part.
#[tokio::test]
async fn cat_writes_the_bytes() {
    let world = World::new().await;
    for target in ["studio:colorpictures", "lab:color-atlas"] {
        let from = acting(target, Consent::Silent);
        let before = world.store.log().len();
        let mut bytes = Vec::new();
        let count = world.engine.cat(&from, &pick("index.html"), None, &mut bytes, &listening().0).await.unwrap();
        assert_eq!((count, bytes.len()), (1_204, 1_204));
        assert!(bytes.starts_with(b"index.html: an object of the demo world\nindex.html"));
        let part = Excerpt { from: 12, length: Some(9) };
        let mut bytes = Vec::new();
        world.engine.cat(&from, &pick("index.html"), Some(part), &mut bytes, &listening().0).await.unwrap();
        assert_eq!(bytes, b"an object");
        let mut bytes = Vec::new();
        let rest = Excerpt { from: 1_200, length: None };
        assert_eq!(world.engine.cat(&from, &pick("index.html"), Some(rest), &mut bytes, &listening().0).await.unwrap(), 4);
        let beyond = Excerpt { from: 5_000, length: Some(1) };
        let mut bytes = Vec::new();
        assert!(world.engine.cat(&from, &pick("index.html"), Some(beyond), &mut bytes, &listening().0).await.is_err());
        assert_eq!((bytes.len(), world.store.log().len() - before), (0, 4), "{target}");
    }
}

/// Picked objects go by the last part of their key; two of one name are both kept, in their order, also if the second is here first.
#[tokio::test]
async fn picked_objects_go_by_their_last_name() {
    for existing in [Existing::Keep, Existing::Replace] {
        let world = World::new().await;
        let (_kept, folder) = scratch();
        let what = Selection::Picked(vec![pick("red/poppy.jpg"), pick("blue/iris.jpg"), pick("red/poppy.jpg")]);
        let from = acting("studio:colorpictures", Consent::Silent);
        let order = Download { from, what, to: Landing::Folder(folder.clone()), existing };
        world.store.script_where(Op::GetObject, "poppy", [Act::Late(std::time::Duration::from_millis(300))]);
        let told = run(&world.engine, order, None).await;
        assert!(matches!(told.ending, Ending::Done), "{:?}", told.ends);
        assert_eq!(names(&folder), ["iris.jpg", "poppy (2).jpg", "poppy.jpg"]);
    }
}

/// A job that goes on asks for no object that an earlier run has finished: neither for those that were noted, nor for those that were
/// finished just before a kill.
#[tokio::test]
async fn a_resumed_job_skips_what_is_finished() {
    let world = World::new().await;
    let (_kept, folder) = scratch();
    let order = below(&acting("studio:colorpictures", Consent::Silent), "", vec![], &folder);
    let begin = || world.journal.begin_job(&Job::Download(order.clone()), "2026-11-21T00:00:00Z".parse().unwrap()).unwrap();
    let first = begin();
    assert_eq!(run(&world.engine, order.clone(), Some(first)).await.ends.len(), 8);
    assert_eq!(world.journal.done(first).unwrap().len(), 8 + 1, "eight objects, and that it has begun");
    let second = begin();
    world.journal.note_done(second, &[[0; 16]]).unwrap();
    for id in [first, second] {
        let told = run(&world.engine, order.clone(), Some(id)).await;
        assert!(matches!(told.ending, Ending::Done), "{:?}", told.ends);
        assert!(told.ends.iter().all(|end| fate_word(&end.fate) == "done: finished by an earlier run"), "{:?}", told.ends);
        assert_eq!((told.progress.ended, told.progress.failed, told.progress.moved), (8, 0, told.progress.bytes));
    }
    assert_eq!((world.of(Op::GetObject).len(), world.of(Op::ListObjectsV2).len()), (8, 3));
    let anew = run(&world.engine, order.clone(), Some(begin())).await;
    assert!(anew.ends.iter().all(|end| matches!(end.fate, Fate::Exists)), "another job is asked about them");
}

/// A plan counts, and neither asks for an object nor touches the disk before it is approved; no page is asked for twice.
#[tokio::test]
async fn a_plan_only_counts() {
    let world = World::new().await;
    let (_kept, around) = scratch();
    let folder = around.join("chosen");
    let rules = vec![Rule::Exclude("*.png".to_owned())];
    let (control, _ends) = listening();
    control.pull(Rein::Plan);
    let job = Job::Download(below(&acting("studio:colorpictures", Consent::Silent), "", rules, &folder));
    let running = world.engine.run_job(&job, None, control.clone());
    let approve = async {
        wait::until("the plan has counted", || control.progress().counted).await;
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        let seen = (world.ops(), names(&around), control.progress());
        control.pull(Rein::Go);
        seen
    };
    let (ending, (ops, names, progress)) = tokio::join!(running, approve);
    assert_eq!((ops, names), (vec!["ListObjectsV2"], vec![]));
    assert_eq!((progress.objects, progress.bytes, progress.moved), (7, 225_042, 0));
    assert!(matches!(ending, Ending::Done), "{ending:?}");
    let progress = control.progress();
    assert_eq!((progress.objects, progress.bytes, progress.moved, progress.ended), (7, 225_042, 225_042, 7));
    assert_eq!((world.of(Op::ListObjectsV2).len(), world.of(Op::GetObject).len()), (1, 7));
}
