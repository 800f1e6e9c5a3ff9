//! The copy job against the embedded store, over real HTTP: within a store, and between stores, each side with its own payer.

mod killed;
mod ways;

use whopays::app::Thorough;
use whopays::demo::{Act, Prepared, Received};
use whopays::domain::{Consent, ETag, Error, ErrorKind, ObjectKey, ObjectSettings, Op, Overwrite, Tag};
use whopays::runtime::engine::CopyLimits;
use whopays::transfer::{Copy, Ending, Fate, Job, Original, Pick, Pointer, Rein, Route, Rule, Selection};

use crate::support::store::{Ended, World, acting, listening};

const OWN: &str = "studio:brand-assets";
const TILES: &str = "research:aerial-tiles";
const DESK: &str = "research:simulation-runs";
const MIB: usize = 1 << 20;

fn copy(from: &str, what: Selection, to: &str, key: Pointer) -> Copy {
    Copy {
        from: acting(from, Consent::Silent),
        what,
        to: acting(to, Consent::Silent),
        key,
        settings: None,
        overwrite: Overwrite::Refuse,
        original: Original::Stays,
        route: Route::Shortest,
    }
}

fn named(key: &str) -> Selection {
    Selection::Picked(vec![Pick::named(ObjectKey::new(key))])
}

fn key(key: &str) -> Pointer {
    Pointer::Key(ObjectKey::new(key))
}

fn below(prefix: &str) -> Selection {
    Selection::Below { prefix: prefix.to_owned(), rules: Vec::new() }
}

fn only_error(ended: &Ended) -> &Error {
    let [item] = ended.items.as_slice() else { panic!("{:?}", ended.said()) };
    let Fate::Failed(error) = &item.fate else { panic!("{:?}", ended.said()) };
    error
}

fn answer(status: u16, body: &str) -> Act {
    Act::Answer(Prepared::new(status, "application/xml", body))
}

async fn small_limits() -> World {
    let limits = CopyLimits { whole: 6 * MIB as u64, part: 5 * MIB as u64 };
    World::with(|text| text, |engine| engine.with_copy_limits(limits)).await
}

fn bytes(count: usize) -> Vec<u8> {
    (0..count).map(|place| u8::try_from(place * 7 % 251).expect("small")).collect()
}

fn payers(log: &[Received]) -> Vec<(Op, usize)> {
    log.iter().map(|entry| (entry.op.expect("known"), entry.payer.len())).collect()
}

#[tokio::test]
async fn one_request_copies_and_does_not_replace() {
    let world = World::new().await;
    let picks = world.picks(OWN, "notes").await;
    let before = world.store.log().len();
    let job = copy(OWN, Selection::Picked(picks.clone()), OWN, key("copy of notes.txt"));
    let ended = world.run(Job::Copy(job.clone())).await;
    assert!(ended.all_done(), "{:?}", ended.said());
    assert_eq!(ended.items[0].target, "studio:brand-assets/copy of notes.txt");
    assert_eq!((ended.items[0].bytes, ended.progress.moved), (96, 96));
    let ops: Vec<Op> = world.since(before).iter().filter_map(|entry| entry.op).collect();
    assert_eq!(ops, [Op::HeadObject, Op::CopyObject], "this store may not know the condition: one look first");
    assert_eq!(world.get(OWN, "copy of notes.txt").await.body, world.get(OWN, "notes.txt").await.body);

    let ended = world.run(Job::Copy(job.clone())).await;
    assert!(matches!(ended.items[0].fate, Fate::Exists), "{:?}", ended.said());
    assert_eq!((ended.progress.failed, world.count(Op::CopyObject)), (1, 1));
    let ended = world.run(Job::Copy(Copy { overwrite: Overwrite::Allow, ..job })).await;
    assert!(ended.all_done());
}

/// The store's own refusal counts where nobody looked: the object came between.
#[tokio::test]
async fn what_came_between_is_not_replaced() {
    let world = World::new().await;
    world.store.script(Op::HeadObject, [Act::Answer(Prepared { status: 404, ..Prepared::default() })]);
    let picks = world.picks(OWN, "notes").await;
    let ended = world.run(Job::Copy(copy(OWN, Selection::Picked(picks), OWN, key("README.md")))).await;
    assert!(matches!(ended.items[0].fate, Fate::Exists), "{:?}", ended.said());
    assert_eq!(world.log(Op::CopyObject)[0].status, Some(412));

    let lab = "lab:lab-restricted";
    let picks = world.picks(lab, "notes").await;
    let before = world.store.log().len();
    let ended = world.run(Job::Copy(copy(lab, Selection::Picked(picks), lab, key("README.md")))).await;
    assert!(matches!(ended.items[0].fate, Fate::Exists), "{:?}", ended.said());
    assert_eq!(world.since(before).len(), 1, "OSS knows the condition: no look");
}

/// P14
#[tokio::test]
async fn an_object_that_changed_is_not_copied() {
    let world = World::new().await;
    for (from, to) in [(OWN, OWN), (OWN, DESK)] {
        let mut picks = world.picks(OWN, "notes").await;
        picks[0].etag = Some(ETag::new("\"0123456789abcdef0123456789abcdef\""));
        let ended = world.run(Job::Copy(copy(from, Selection::Picked(picks), to, key("fresh")))).await;
        let error = only_error(&ended);
        assert_eq!((error.kind(), error.message()), (ErrorKind::Conflict, "key \"notes.txt\" changed meanwhile"));
        assert!(world.keys(to, "fresh").await.is_empty());
    }
}

/// P2: one call, two buckets, one header.
#[tokio::test]
async fn one_payer_header_speaks_for_both_buckets() {
    let world = World::new().await;
    let picks = world.picks(TILES, "readme").await;
    let job = copy(TILES, Selection::Picked(picks), DESK, key("readme.txt"));
    let denied = world.run(Job::Copy(job.clone())).await;
    assert_eq!(only_error(&denied).kind(), ErrorKind::Denied);
    assert!(world.log(Op::CopyObject).iter().all(|entry| entry.payer.is_empty()), "P1");

    let from = acting(TILES, Consent::Given);
    let paid = world.run(Job::Copy(Copy { from: from.clone(), ..job.clone() })).await;
    assert!(paid.all_done(), "{:?}", paid.said());
    assert_eq!(world.log(Op::CopyObject).last().expect("one").payer, ["x-amz-request-payer: requester"]);
    assert!(world.log(Op::HeadObject).iter().all(|entry| entry.payer.is_empty()), "the look at the target is not paid for");

    let before = world.store.log().len();
    for (one, other) in [(Consent::Given, Consent::Refused), (Consent::Refused, Consent::Given)] {
        let refused = Copy { from: acting(TILES, one), to: acting(DESK, other), ..job.clone() };
        let Ending::Failed(error) = world.run(Job::Copy(refused)).await.ending else { panic!("refused") };
        assert_eq!(error.kind(), ErrorKind::Refused);
        let never = if one == Consent::Refused { "research:aerial-tiles" } else { "research:simulation-runs" };
        assert!(error.message().contains(&format!("{never} never")), "{error}");
    }
    assert_eq!(world.store.log().len(), before, "nothing was asked");
}

/// A3, B5: 200 is no success, and an answer that was lost no failure.
#[tokio::test]
async fn a_copy_is_believed_when_it_is_there() {
    let fault = "<Error><Code>InternalError</Code><Message>We encountered an internal error.</Message></Error>";
    let refusal = "<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>";
    for (acts, said, copies) in [
        (vec![answer(200, fault)], "done", 2),
        (vec![answer(200, fault), answer(200, fault)], "failed: ", 2),
        (vec![answer(200, refusal)], "failed: ", 1),
        (vec![answer(200, "")], "done", 2),
        (vec![Act::CarryOutAndClose], "done: the store's answer was lost; the copy was read back", 1),
        (vec![Act::Close], "done", 2),
    ] {
        let world = World::new().await;
        let picks = world.picks(OWN, "notes").await;
        world.store.script(Op::CopyObject, acts.clone());
        let ended = world.run(Job::Copy(copy(OWN, Selection::Picked(picks), OWN, key("fresh")))).await;
        let found = &ended.said()[0].1;
        assert!(if said == "failed: " { found.starts_with(said) } else { found == said }, "{acts:?}: {found}");
        assert_eq!(world.count(Op::CopyObject), copies, "{acts:?}");
        let there = world.keys(OWN, "fresh").await.len();
        assert_eq!(there, usize::from(said.starts_with("done")), "{acts:?}");
    }
}

/// Every request that the store has seen is a page, or one of an object's own: tries that failed too.
#[tokio::test]
async fn each_object_says_what_was_asked_for_it() {
    for to in [OWN, "partner:partner-landing"] {
        let world = World::new().await;
        let op = if to == OWN { Op::CopyObject } else { Op::PutObject };
        let slow = "<Error><Code>SlowDown</Code><Message>m</Message></Error>";
        world.store.script(op, [answer(503, slow)]);
        let ended = world.run(Job::Copy(copy(OWN, below("2026/"), to, Pointer::Below("there/".to_owned())))).await;
        assert!(ended.all_done(), "{:?}", ended.said());
        let each: Vec<u64> = ended.items.iter().filter_map(|item| item.asked.requests()).collect();
        let usual = if to == OWN { 2 } else { 3 };
        assert_eq!((each.iter().min(), each.iter().max()), (Some(&usual), Some(&(usual + 1))), "one was sent again");
        let pages = world.count(Op::ListObjectsV2) as u64;
        assert_eq!((each.len(), each.iter().sum::<u64>() + pages), (2, world.store.log().len() as u64), "{to}");
        assert_eq!(ended.progress.tally.requests, world.store.log().len() as u64);
    }
}

#[tokio::test]
async fn a_prefix_keeps_its_relative_names() {
    let world = World::new().await;
    world.put(OWN, "2026/", b"").await;
    let what = Selection::Below { prefix: "2026/".to_owned(), rules: vec![Rule::Exclude("02/*".to_owned())] };
    let ended = world.run(Job::Copy(copy(OWN, what, OWN, Pointer::Below("2026/old/".to_owned())))).await;
    assert!(ended.all_done(), "{:?}", ended.said());
    assert_eq!(world.keys(OWN, "2026/old/").await, ["2026/old/", "2026/old/01/summary.csv"], "what was written is not copied again");
    let ended = world.run(Job::Copy(copy(OWN, below("2026/0"), DESK, Pointer::Below("x-".to_owned())))).await;
    assert!(ended.all_done());
    assert_eq!(world.keys(DESK, "x-").await, ["x-1/summary.csv", "x-2/summary.csv"]);
    let both = Selection::Picked(["2026/01/summary.csv", "2026/02/summary.csv"].map(|key| Pick::named(ObjectKey::new(key))).to_vec());
    let ended = world.run(Job::Copy(copy(OWN, both.clone(), OWN, Pointer::Below("flat/".to_owned())))).await;
    assert!(matches!(ended.items.iter().map(|item| &item.fate).filter(|fate| matches!(fate, Fate::LeftOut(_))).count(), 1));
    assert_eq!(world.keys(OWN, "flat/").await, ["flat/summary.csv"], "one name, one object");
    let Ending::Failed(error) = world.run(Job::Copy(copy(OWN, both, OWN, key("one")))).await.ending else { panic!("refused") };
    assert_eq!(error.kind(), ErrorKind::Usage);
}

#[tokio::test]
async fn an_object_is_not_copied_onto_itself() {
    let world = World::new().await;
    let before = world.store.log().len();
    let same = Copy { overwrite: Overwrite::Allow, ..copy(OWN, named("notes.txt"), OWN, key("notes.txt")) };
    assert_eq!(only_error(&world.run(Job::Copy(same.clone())).await).kind(), ErrorKind::Refused);
    let moved = Copy { original: Original::Goes, settings: Some(ObjectSettings::default()), ..same.clone() };
    assert!(matches!(world.run(Job::Copy(moved)).await.ending, Ending::Failed(_)));
    // The same bucket through another account of the store.
    let through = Copy { original: Original::Goes, from: acting("research:brand-assets", Consent::Silent), ..same.clone() };
    assert!(matches!(world.run(Job::Copy(through)).await.ending, Ending::Failed(_)));
    assert_eq!(world.store.log().len(), before, "nothing was asked");
    let settings = ObjectSettings { content_type: Some("text/x-notes".to_owned()), ..ObjectSettings::default() };
    assert!(world.run(Job::Copy(Copy { settings: Some(settings), ..same })).await.all_done());
    assert!(world.get(OWN, "notes.txt").await.head.contains("content-type: text/x-notes"));
}

/// Above the limit: parts, with what a multipart upload does not take over by itself.
#[tokio::test]
async fn a_large_object_is_copied_in_parts_with_all_that_belongs_to_it() {
    let world = small_limits().await;
    let film = bytes(11 * MIB);
    for (target, create) in [("studio:brand-assets", 3), ("lab:lab-restricted", 3)] {
        world.put(target, "plain", &film[..MIB]).await;
        world.put(target, "film", &film).await;
        let settings = ObjectSettings {
            content_type: Some("video/x-film".to_owned()),
            cache_control: Some("max-age=7".to_owned()),
            metadata: vec![("director".to_owned(), "someone".to_owned())],
            tags: vec![Tag { key: "team".to_owned(), value: "red & blue".to_owned() }],
            ..ObjectSettings::default()
        };
        let dress = Copy { overwrite: Overwrite::Allow, settings: Some(settings), ..copy(target, named("film"), target, key("film")) };
        assert!(world.run(Job::Copy(dress)).await.all_done());
        let picks = world.picks(target, "film").await;
        let ended = world.run(Job::Copy(copy(target, Selection::Picked(picks), target, key("second")))).await;
        assert!(ended.all_done(), "{:?}", ended.said());
        let second = world.get(target, "second").await;
        assert!(second.body == film, "{} bytes", second.body.len());
        for header in ["content-type: video/x-film", "cache-control: max-age=7", "-meta-director: someone"] {
            assert!(second.head.contains(header), "{target} {header}: {}", second.head);
        }
        let found =
            world.engine.inspect(&acting(target, Consent::Silent), &Pick::named(ObjectKey::new("second")), Thorough::Everything).await;
        let tags = found.expect("inspected").more.expect("more").tags.expect("tags");
        assert_eq!(tags, [Tag { key: "team".to_owned(), value: "red & blue".to_owned() }]);
        let bucket = target.split_once(':').expect("a target").1;
        let parts = world.log(Op::UploadPartCopy).into_iter().filter(|entry| entry.bucket == bucket && entry.key == "second").count();
        assert_eq!(parts, create);
    }
    world.store.script(Op::UploadPartCopy, [Act::Pass, answer(403, "<Error><Code>AccessDenied</Code></Error>")]);
    let picks = world.picks(OWN, "film").await;
    let ended = world.run(Job::Copy(copy(OWN, Selection::Picked(picks.clone()), OWN, key("third")))).await;
    assert_eq!(only_error(&ended).kind(), ErrorKind::Denied);
    assert_eq!(world.count(Op::AbortMultipartUpload), 1, "P13: no parts are left behind");
    world.store.script(Op::CompleteMultipartUpload, [Act::CarryOutAndClose]);
    let ended = world.run(Job::Copy(copy(OWN, Selection::Picked(picks), OWN, key("third")))).await;
    assert_eq!(ended.said()[0].1, "done: the store's answer was lost; the copy was read back");
    assert_eq!(world.get(OWN, "third").await.body.len(), film.len());
}

/// Between clouds and accounts: each side with its own payer, in bounded pieces, summed on both sides.
#[tokio::test]
async fn objects_pass_through_between_stores() {
    let world = small_limits().await;
    let film = bytes(11 * MIB);
    world.put("research:aerial-tiles", "film", &film).await;
    world.put("partner:lab-microscopy", "film", &film).await;
    for (from, to, header) in [
        ("research:aerial-tiles", "partner:partner-landing", "x-amz-request-payer: requester"),
        ("partner:lab-microscopy", "research:upload-inbox", "x-oss-request-payer: requester"),
    ] {
        let before = world.store.log().len();
        let job = Copy { from: acting(from, Consent::Given), ..copy(from, below(""), to, Pointer::Below("in/".to_owned())) };
        let ended = world.run(Job::Copy(job.clone())).await;
        assert!(ended.all_done(), "{:?}", ended.said());
        assert_eq!(ended.items.len(), 7);
        for item in &ended.items {
            let name = item.source.rsplit_once(&format!("{from}/")).expect("a source").1;
            let (there, here) = (world.get(from, name).await.body, world.get(to, &format!("in/{name}")).await.body);
            assert!(there == here && !here.is_empty(), "{name}");
        }
        let bucket = from.split_once(':').expect("a target").1;
        for entry in world.since(before).iter().filter(|entry| !entry.target.contains("ignature=")) {
            let paid = entry.bucket == bucket;
            assert_eq!(entry.payer, if paid { vec![header.to_owned()] } else { Vec::new() }, "{:?} {}", entry.op, entry.bucket);
        }
        let log = world.since(before);
        let asked = |op: Op| log.iter().filter(|entry| entry.op == Some(op) && entry.key.ends_with("film")).count();
        assert_eq!((asked(Op::UploadPart), asked(Op::CompleteMultipartUpload)), (3, 1));
        let again = world.run(Job::Copy(job)).await;
        assert!(again.items.iter().all(|item| matches!(item.fate, Fate::Exists)), "{:?}", again.said());
    }
}

/// What breaks off is asked for from where it broke: nobody pays twice for a byte.
#[tokio::test]
async fn a_broken_passage_goes_on_where_it_broke() {
    let world = World::new().await;
    let file = bytes(600_000);
    world.put(OWN, "file", &file).await;
    world.store.script(Op::GetObject, [Act::CarryOutAndCut(400_000)]);
    let before = world.store.log().len();
    let ended = world.run(Job::Copy(copy(OWN, named("file"), "partner:partner-landing", key("file")))).await;
    assert!(ended.all_done(), "{:?}", ended.said());
    let log = world.since(before);
    let got: u64 = log.iter().filter(|entry| entry.op == Some(Op::GetObject)).map(|entry| entry.bytes_out).sum();
    assert!(got <= 600_000, "{got} bytes");
    assert!(world.get("partner:partner-landing", "file").await.body == file);
    // An answer to the write that was lost.
    world.store.script(Op::PutObject, [Act::CarryOutAndClose]);
    let ended = world.run(Job::Copy(copy(OWN, named("file"), "partner:partner-landing", key("second")))).await;
    assert_eq!(ended.said()[0].1, "done: the store's answer was lost; the copy was read back");
    world.store.script(Op::PutObject, [Act::Close]);
    let ended = world.run(Job::Copy(copy(OWN, named("file"), "partner:partner-landing", key("third")))).await;
    assert!(only_error(&ended).message().contains("nobody knows"), "{:?}", ended.said());
}

/// What no store takes, or this machine has no memory for, is refused before anything is asked.
#[tokio::test]
async fn what_is_too_large_is_refused_first() {
    let world = World::new().await;
    for (to, size, said) in [
        (OWN, 53_687_091_200_001, "more than 10,000 parts of 5 GiB"),
        ("partner:partner-landing", 671_088_640_001, "cannot pass through this machine: 625 GiB can"),
    ] {
        let pick = Pick { size: Some(size), etag: Some(ETag::new("\"e\"")), ..Pick::named(ObjectKey::new("notes.txt")) };
        let ended = world.run(Job::Copy(copy(OWN, Selection::Picked(vec![pick]), to, key("large")))).await;
        let error = only_error(&ended);
        assert_eq!((error.kind(), error.target_text()), (ErrorKind::Usage, Some(format!("{to}/large").as_str())), "{error}");
        assert!(error.message().contains(said) && error.hint_text().is_some(), "{error}");
    }
    assert_eq!(world.store.log().len(), 0);
}

/// What the source's checksum does not vouch for is not written.
#[tokio::test]
async fn bytes_that_were_changed_on_their_way_are_not_written() {
    let world = World::new().await;
    world.put(OWN, "file", b"right").await;
    let picks = world.picks(OWN, "file").await;
    let etag = picks[0].etag.as_ref().expect("an entity tag").as_str().to_owned();
    // The sum of `123456789`, from the catalogue of CRCs.
    let lie = Prepared::new(200, "text/plain", "wrong").with("etag", &etag).with("x-amz-checksum-crc64nvme", "rosUhgp5mIg=");
    world.store.script(Op::GetObject, [Act::Answer(lie)]);
    let ended = world.run(Job::Copy(copy(OWN, Selection::Picked(picks), "partner:partner-landing", key("file")))).await;
    assert!(only_error(&ended).message().contains("another checksum"), "{:?}", ended.said());
    assert_eq!(world.log(Op::PutObject).iter().filter(|entry| entry.bucket == "partner-landing").count(), 0);
}

#[tokio::test]
async fn a_move_deletes_what_it_copied_and_nothing_else() {
    let world = World::new().await;
    let moved = |from, what, to, key| Copy { original: Original::Goes, ..copy(from, what, to, key) };
    let ended = world.run(Job::Copy(moved(OWN, below("2026/"), OWN, Pointer::Below("past/".to_owned())))).await;
    assert!(ended.all_done(), "{:?}", ended.said());
    assert_eq!(world.keys(OWN, "").await, ["README.md", "notes.txt", "past/01/summary.csv", "past/02/summary.csv"]);
    let ended = world.run(Job::Copy(moved(OWN, below("past/"), "lab:lab-restricted", Pointer::Below("past/".to_owned())))).await;
    assert!(ended.all_done(), "{:?}", ended.said());
    assert_eq!(world.keys(OWN, "").await, ["README.md", "notes.txt"]);
    assert_eq!(world.keys("lab:lab-restricted", "past/").await.len(), 2);

    // It changed between copy and delete: the next HEAD shows another entity tag.
    let other = Prepared::new(200, "text/plain", "").with("etag", "\"other\"").with("last-modified", "Sat, 21 Nov 2026 09:00:00 GMT");
    let picks = world.picks(OWN, "notes").await;
    world.store.script_where(Op::HeadObject, "notes.txt", [Act::Answer(other)]);
    let ended = world.run(Job::Copy(moved(OWN, Selection::Picked(picks), OWN, key("n")))).await;
    let error = only_error(&ended);
    assert_eq!(
        (error.kind(), error.message()),
        (ErrorKind::Partial, "key \"notes.txt\" is copied, but the original stays: it changed meanwhile")
    );
    // The copy failed.
    world.store.script(Op::CopyObject, [answer(200, "<Error><Code>AccessDenied</Code></Error>")]);
    let ended = world.run(Job::Copy(moved(OWN, named("README.md"), OWN, key("r")))).await;
    assert_eq!(only_error(&ended).kind(), ErrorKind::Denied);
    // A refusal to delete is said.
    let denied = Act::Answer(Prepared::new(403, "application/xml", "<Error><Code>AccessDenied</Code></Error>"));
    world.store.script(Op::DeleteObject, [denied]);
    let ended = world.run(Job::Copy(moved(OWN, named("README.md"), OWN, key("r")))).await;
    assert!(only_error(&ended).message().contains("it could not be deleted"), "{:?}", ended.said());
    assert_eq!(world.keys(OWN, "").await, ["README.md", "n", "notes.txt", "r"], "no original went");
}

/// Below `odd/`.
fn can_be_written(name: &str) -> bool {
    !name.split('/').any(|segment| segment == "." || segment == "..") && name.len() <= 1_020
}

/// E1 to E3: what can be named is copied and nothing else is touched; a target that a path cannot name is refused.
#[tokio::test]
async fn hostile_keys_are_copied_or_refused() {
    for (target, to) in [("studio:odd-keys", "studio:brand-assets"), ("lab:lab-odd-keys", "lab:lab-restricted")] {
        let world = World::new().await;
        let all = world.keys(target, "").await;
        let before = world.keys(to, "").await;
        let ended = world.run(Job::Copy(copy(target, below(""), to, Pointer::Below("odd/".to_owned())))).await;
        for item in &ended.items {
            let name = item.source.strip_prefix(&format!("{target}/")).expect("a source");
            assert_eq!(matches!(item.fate, Fate::Done(_)), can_be_written(name), "{name:?}: {:?}", item.fate);
        }
        assert_eq!(ended.items.len(), all.len());
        let mut wanted: Vec<String> =
            all.iter().filter(|name| can_be_written(name)).map(|name| format!("odd/{name}")).chain(before).collect();
        wanted.sort();
        assert_eq!(world.keys(to, "").await, wanted);
        assert_eq!(world.keys(target, "").await, all);
    }
}

/// The plan costs pages alone, and says what doing it will take.
#[tokio::test]
async fn a_count_says_what_a_job_will_take() {
    let world = World::new().await;
    let (_, control) = listening(Rein::Go);
    let from = acting("research:sensor-archive", Consent::Given);
    let job =
        Copy { from, ..copy("research:sensor-archive", below("readings/00"), "partner:partner-landing", Pointer::Below(String::new())) };
    let mut told = Vec::new();
    let counted = world.engine.count_needs(&Job::Copy(job), |progress| told.push(progress), &control).await.expect("counted");
    assert_eq!((counted.progress.objects, counted.progress.counted), (10_000, true));
    let pages: Vec<u64> = told.iter().map(|progress| progress.objects).collect();
    assert_eq!(pages, [1_000, 2_000, 3_000, 4_000, 5_000, 6_000, 7_000, 8_000, 9_000, 10_000, 10_000]);
    assert_eq!(world.store.log().len(), 10, "ten pages and nothing else");
    assert_eq!(counted.needs.reading.requests, [(Op::GetObject, 10_000), (Op::ListObjectsV2, 10)]);
    assert_eq!(counted.needs.writing.requests, [(Op::HeadObject, 10_000), (Op::PutObject, 10_000)]);
    assert_eq!(counted.needs.reading.bytes_down, counted.progress.bytes);
    assert_eq!(payers(&world.log(Op::ListObjectsV2))[9], (Op::ListObjectsV2, 1));
    let (_, control) = listening(Rein::Stop);
    let job = Job::Copy(copy(OWN, below(""), OWN, Pointer::Below("x/".to_owned())));
    control.pull(Rein::Stop);
    let error = world.engine.count(&job, |_| (), &control).await.expect_err("stopped");
    assert_eq!(error.kind(), ErrorKind::Interrupted);
}
