//! The delete job against the embedded store, over real HTTP: what is sent is read in the store's own log.

use whopays::demo::{Act, Prepared};
use whopays::domain::{Consent, ErrorKind, ObjectKey, Op, VersionId, VersionKind};
use whopays::transfer::{Delete, Ending, Fate, ItemEnd, Job, Pick, Rein, Rule, Selection, Versions};

use crate::support::store::{World, acting, listening};
use crate::support::wait;

const OWN: &str = "studio:brand-assets";
/// Keeps versions.
const FILMS: &str = "studio:film-masters";

fn below(target: &str, prefix: &str, rules: &[Rule]) -> Job {
    let what = Selection::Below { prefix: prefix.to_owned(), rules: rules.to_vec() };
    Job::Delete(Delete { within: acting(target, Consent::Silent), what, versions: Versions::Current })
}

fn picked(target: &str, keys: &[&str], versions: Versions) -> Job {
    let picks = keys.iter().map(|key| Pick::named(ObjectKey::new(*key))).collect();
    Job::Delete(Delete { within: acting(target, Consent::Silent), what: Selection::Picked(picks), versions })
}

fn answer(status: u16, body: &str) -> Act {
    Act::Answer(Prepared::new(status, "application/xml", body))
}

/// How many versions and markers a key has.
async fn versions(world: &World, target: &str, key: &str) -> usize {
    world.engine.versions(&acting(target, Consent::Silent), &ObjectKey::new(key), None).await.expect("versions").len()
}

/// P6
#[tokio::test]
async fn a_folder_takes_nothing_beside_it() {
    let world = World::new().await;
    for key in ["logs/", "logs/a", "logs/b/c", "logs.json", "logs_backup/x", "logs"] {
        world.put(OWN, key, b"x").await;
    }
    let before = world.store.log().len();
    let ended = world.run(below(OWN, "logs/", &[])).await;
    assert!(ended.all_done(), "{:?}", ended.said());
    assert_eq!((ended.progress.objects, ended.progress.ended, ended.progress.bytes), (3, 3, 3));
    assert_eq!(world.since(before).len(), 2, "one page, one batch");
    let shared = |item: &ItemEnd| (item.asked.requests(), item.asked.was_charged());
    assert!(ended.items.iter().all(|item| shared(item) == (None, Some(false))), "{:?}", ended.items);
    assert_eq!(world.keys(OWN, "logs").await, ["logs", "logs.json", "logs_backup/x"]);
}

#[tokio::test]
async fn n_keys_are_n_by_a_thousand_requests() {
    let world = World::new().await;
    let rules = [Rule::Include("[01]/*".to_owned()), Rule::Include("2/00240?.json".to_owned())];
    let ended = world.run(below("studio:sensor-archive", "readings/00", &rules)).await;
    assert!(ended.all_done());
    assert_eq!(ended.items.len(), 2_010);
    assert_eq!((world.count(Op::ListObjectsV2), world.count(Op::DeleteObjects), world.count(Op::DeleteObject)), (10, 3, 0));
    assert_eq!(ended.progress.tally.requests, 13);
    assert_eq!(world.keys("studio:sensor-archive", "readings/00").await.len(), 7_990);
}

/// P7, D1: a listing that fails, repeats itself or is no listing deletes nothing.
#[tokio::test]
async fn nothing_is_deleted_if_the_listing_is_not_whole() {
    let page = |token: &str| {
        format!(
            "<ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>{token}</NextContinuationToken><Contents><Key>readings/000/000000.json</Key><Size>1</Size></Contents></ListBucketResult>"
        )
    };
    let denied = "<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>";
    let outside =
        "<ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>other/key</Key><Size>1</Size></Contents></ListBucketResult>";
    for (acts, kind) in [
        (vec![Act::Pass, answer(403, denied)], ErrorKind::Denied),
        (vec![answer(200, &page("a")), answer(200, &page("b")), answer(200, &page("a"))], ErrorKind::InvalidReply),
        (vec![Act::Pass, answer(200, "<html>login</html>")], ErrorKind::InvalidReply),
        (vec![Act::Pass, answer(200, outside)], ErrorKind::InvalidReply),
        (vec![Act::Pass, Act::Cut(Prepared::new(200, "application/xml", page("a")), 60), Act::Close, Act::Close], ErrorKind::Network),
    ] {
        let world = World::new().await;
        world.store.script(Op::ListObjectsV2, acts);
        let ended = world.run(below("studio:sensor-archive", "readings/00", &[])).await;
        let Ending::Failed(error) = &ended.ending else { panic!("{:?}", ended.ending) };
        assert_eq!(error.kind(), kind, "{error}");
        assert_eq!((world.count(Op::DeleteObjects), world.count(Op::DeleteObject), ended.items.len()), (0, 0, 0), "{error}");
    }
}

/// E8: a key that is not UTF-8 is named and left alone.
#[tokio::test]
async fn a_key_that_is_no_text_is_named_and_not_deleted() {
    let world = World::new().await;
    let page = "<ListBucketResult><EncodingType>url</EncodingType><IsTruncated>false</IsTruncated><Contents><Key>no%FFtext</Key><Size>1</Size></Contents><Contents><Key>notes.txt</Key><Size>96</Size></Contents></ListBucketResult>";
    world.store.script(Op::ListObjectsV2, [answer(200, page)]);
    let ended = world.run(below(OWN, "no", &[])).await;
    let said = ended.said();
    assert_eq!(said[0], ("studio:brand-assets/no%FFtext".to_owned(), "failed: key \"no%FFtext\" is not UTF-8".to_owned()));
    assert_eq!(said[1], ("studio:brand-assets/notes.txt".to_owned(), "done".to_owned()));
    assert!(matches!(ended.ending, Ending::Partly));
    assert_eq!(world.count(Op::DeleteObject), 1);
}

/// P4: what is found while a job is planned waits for a word.
#[tokio::test]
async fn a_plan_deletes_nothing_before_it_is_approved() {
    let world = World::new().await;
    let job = below(OWN, "2026/", &[]);
    let (items, control) = listening(Rein::Plan);
    let (engine, reins) = (world.engine.clone(), control.clone());
    let running = tokio::spawn(async move { engine.run_job(&job, None, reins).await });
    wait::until("the plan has counted", || control.progress().counted).await;
    assert_eq!((control.progress().objects, world.count(Op::DeleteObjects)), (2, 0));
    control.pull(Rein::Go);
    assert!(matches!(running.await.expect("no panic"), Ending::Done));
    assert_eq!((items.lock().expect("no panic").len(), world.count(Op::DeleteObjects)), (2, 1));
    let (_, control) = listening(Rein::Plan);
    control.pull(Rein::Stop);
    let ending = world.engine.run_job(&below(OWN, "", &[]), None, control).await;
    assert!(matches!(ending, Ending::Stopped));
    assert_eq!(world.count(Op::DeleteObjects), 1);
}

#[tokio::test]
async fn all_versions_of_a_key_and_of_no_other() {
    let world = World::new().await;
    for key in ["reel", "reel", "reel/2", "reels"] {
        world.put(FILMS, key, b"film").await;
    }
    assert!(world.run(picked(FILMS, &["reel"], Versions::Current)).await.all_done(), "puts a marker on top");
    assert_eq!(versions(&world, FILMS, "reel").await, 3);
    let ended = world.run(picked(FILMS, &["reel"], Versions::All)).await;
    assert!(ended.all_done());
    assert_eq!(ended.items.len(), 3, "two versions and a marker");
    assert_eq!((versions(&world, FILMS, "reel").await, versions(&world, FILMS, "reel/2").await), (0, 1));
    let what = Selection::Below { prefix: "reel".to_owned(), rules: Vec::new() };
    let job = Delete { within: acting(FILMS, Consent::Silent), what, versions: Versions::All };
    assert_eq!(world.run(Job::Delete(job)).await.items.len(), 2);
    let version = versions(&world, FILMS, "notes.txt").await;
    assert_eq!(version, 1, "what does not begin so stays");
}

/// B5: a delete that was carried out is not repeated: in a versioned bucket a second marker would be put on top.
#[tokio::test]
async fn a_lost_answer_is_looked_up_before_a_repeat() {
    let world = World::new().await;
    for (op, keys) in [(Op::DeleteObject, &["one"][..]), (Op::DeleteObjects, &["one", "two", "three"][..])] {
        for (act, wanted) in [
            (Act::CarryOutAndClose, "done: the store's answer was lost; the object is gone"),
            (Act::Close, "done: a delete marker was put on top"),
        ] {
            let folder = format!("{op:?}{act:?}/");
            let keys: Vec<String> = keys.iter().map(|key| format!("{folder}{key}")).collect();
            for key in &keys {
                world.put(FILMS, key, b"film").await;
            }
            world.store.script(op, [act]);
            let names: Vec<&str> = keys.iter().map(String::as_str).collect();
            let ended = world.run(picked(FILMS, &names, Versions::Current)).await;
            assert!(ended.said().iter().all(|(_, said)| said == wanted), "{:?}", ended.said());
            for key in &keys {
                assert_eq!(versions(&world, FILMS, key).await, 2, "{key}: the film and one marker");
            }
        }
    }
    assert_eq!(world.count(Op::HeadObject), 2 + 6, "one look for each key");
}

/// A12, P19
#[tokio::test]
async fn what_a_batch_refuses_is_listed_key_by_key() {
    let world = World::new().await;
    world.store.script(Op::DeleteObjects, [Act::Refuse(vec!["notes.txt".to_owned()])]);
    let ended = world.run(below(OWN, "", &[])).await;
    assert!(matches!(ended.ending, Ending::Partly));
    let failed: Vec<_> = ended.said().into_iter().filter(|(_, said)| said != "done").collect();
    let message = "failed: key \"notes.txt\": the store did not delete it: AccessDenied Access Denied";
    assert_eq!(failed, [("studio:brand-assets/notes.txt".to_owned(), message.to_owned())]);
    assert_eq!((ended.progress.objects, ended.progress.ended, ended.progress.failed), (4, 4, 1));

    let silent = "<DeleteResult><Deleted><Key>a</Key></Deleted></DeleteResult>";
    world.store.script(Op::DeleteObjects, [answer(200, silent)]);
    let ended = world.run(picked(OWN, &["a", "b"], Versions::Current)).await;
    assert_eq!(ended.said()[1].1, "failed: key \"b\": the store did not say whether it is deleted");
    let foreign = "<DeleteResult><Deleted><Key>c</Key></Deleted></DeleteResult>";
    world.store.script(Op::DeleteObjects, [answer(200, foreign), answer(200, foreign), answer(200, foreign)]);
    let ended = world.run(picked(OWN, &["a", "b"], Versions::Current)).await;
    assert!(ended.items.iter().all(|item| matches!(item.fate, Fate::Done(_))), "both are gone: {:?}", ended.said());
    let slow =
        "<DeleteResult><Deleted><Key>a</Key></Deleted><Error><Key>b</Key><Code>SlowDown</Code><Message>x</Message></Error></DeleteResult>";
    world.store.script(Op::DeleteObjects, [answer(200, slow)]);
    assert!(world.run(picked(OWN, &["a", "b"], Versions::Current)).await.all_done(), "asked again");
}

#[tokio::test]
async fn a_store_without_batches_gets_a_request_for_each_key() {
    for refusal in ["NotImplemented", "MalformedXML"] {
        let world = World::new().await;
        let status = if refusal == "NotImplemented" { 501 } else { 400 };
        world.store.script(Op::DeleteObjects, [answer(status, &format!("<Error><Code>{refusal}</Code></Error>"))]);
        let ended = world.run(below(OWN, "", &[])).await;
        assert!(ended.all_done(), "{:?}", ended.said());
        assert_eq!((world.count(Op::DeleteObjects), world.count(Op::DeleteObject)), (1, 4), "{refusal}");
        assert!(world.keys(OWN, "").await.is_empty());
    }
}

#[tokio::test]
async fn a_refusal_names_every_key() {
    let world = World::new().await;
    let stranger = "research:film-masters";
    let ended = world.run(picked(stranger, &["a", "b"], Versions::Current)).await;
    assert!(matches!(ended.ending, Ending::Partly));
    assert_eq!(ended.items.len(), 2);
    for item in &ended.items {
        let Fate::Failed(error) = &item.fate else { panic!("{:?}", item.fate) };
        assert_eq!((error.kind(), error.target_text()), (ErrorKind::Denied, Some(item.source.as_str())));
        assert!(error.request_id().is_some() && error.hint_text().is_some(), "P16");
    }
    assert!(world.log(Op::DeleteObjects)[0].payer.is_empty(), "P1");
}

/// One version, and only that.
#[tokio::test]
async fn a_picked_version_goes_alone() {
    let world = World::new().await;
    world.put(FILMS, "cut", b"first").await;
    world.put(FILMS, "cut", b"second").await;
    let rows = world.engine.versions(&acting(FILMS, Consent::Silent), &ObjectKey::new("cut"), None).await.expect("versions");
    let pick = Pick { version: Some(VersionId::new(rows[0].version.as_str())), ..Pick::named(ObjectKey::new("cut")) };
    let what = Selection::Picked(vec![pick]);
    let ended = world.run(Job::Delete(Delete { within: acting(FILMS, Consent::Silent), what, versions: Versions::Current })).await;
    assert!(ended.all_done());
    assert_eq!(world.get(FILMS, "cut").await.body, b"first");
}

/// What was deleted in a bucket that keeps versions is back when the marker on top goes; of both clouds.
#[tokio::test]
async fn without_its_delete_marker_an_object_is_back() {
    for target in [FILMS, "lab:lab-raw-frames"] {
        let world = World::new().await;
        let (at, key) = (acting(target, Consent::Silent), ObjectKey::new("cut"));
        world.put(target, "cut", b"first").await;
        assert!(world.run(picked(target, &["cut"], Versions::Current)).await.all_done());
        assert!(world.keys(target, "cut").await.is_empty(), "it is deleted");
        let rows = world.engine.versions(&at, &key, None).await.expect("versions");
        assert_eq!((rows.len(), rows[0].latest, &rows[0].kind), (2, true, &VersionKind::DeleteMarker));
        let pick = Pick { version: Some(rows[0].version.clone()), ..Pick::named(key) };
        let job = Delete { within: at, what: Selection::Picked(vec![pick]), versions: Versions::Current };
        let before = world.store.log().len();
        assert!(world.run(Job::Delete(job)).await.all_done());
        assert_eq!(world.since(before).len(), 1, "one request");
        assert_eq!(world.get(target, "cut").await.body, b"first", "{target}");
        assert_eq!(versions(&world, target, "cut").await, 1);
    }
}

/// E1 to E3, E7, E10: every hostile key of the demo goes, those that nothing can name are refused, and nothing else is touched.
#[tokio::test]
async fn hostile_keys_are_deleted_or_refused_and_no_other() {
    for target in ["studio:odd-keys", "lab:lab-odd-keys"] {
        let world = World::new().await;
        let all = world.keys(target, "").await;
        assert!(all.len() >= 15, "{target}");
        for key in &all {
            let before = world.keys(target, "").await;
            let ended = world.run(picked(target, &[key], Versions::Current)).await;
            assert!(ended.all_done(), "{key:?}: {:?}", ended.said());
            let after = world.keys(target, "").await;
            let gone: Vec<&String> = before.iter().filter(|each| !after.contains(each)).collect();
            assert_eq!(gone, [key], "{target}");
        }
        assert!(world.keys(target, "").await.is_empty());
        let bucket = target.split_once(':').expect("a target").1;
        assert!(world.store.payer(bucket).is_some(), "the bucket itself is there");
    }
    // All in one batch, but for those that XML cannot carry; and one that neither way can name.
    let world = World::new().await;
    let ended = world.run(below("studio:odd-keys", "", &[])).await;
    assert!(ended.all_done(), "{:?}", ended.said());
    assert_eq!((world.count(Op::DeleteObjects), world.count(Op::DeleteObject)), (1, 1), "the key with a bell goes alone");
    let before = world.store.log().len();
    let ended = world.run(picked("studio:odd-keys", &["a/../\u{7}"], Versions::Current)).await;
    assert_eq!(world.since(before).len(), 0);
    let Fate::Failed(error) = &ended.items[0].fate else { panic!("{:?}", ended.said()) };
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert!(error.message().contains("`..`") && error.message().contains("XML"), "{error}");
}
