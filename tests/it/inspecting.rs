//! Inspecting and previewing against the embedded store, over real HTTP.

use whopays::app::Thorough;
use whopays::demo::{Act, Prepared};
use whopays::domain::consent::{Suspicion, suspicion};
use whopays::domain::{Consent, ErrorKind, ObjectKey, Op, Piece, VersionKind};
use whopays::transfer::{Delete, Job, Pick, Selection, Versions};

use crate::support::store::{World, acting};

const FILMS: &str = "studio:film-masters";
const OWN: &str = "studio:brand-assets";

fn pick(key: &str) -> Pick {
    Pick::named(ObjectKey::new(key))
}

#[tokio::test]
async fn everything_is_five_requests_and_only_of_this_key() {
    for (target, requests) in [(FILMS, 5), ("lab:lab-raw-frames", 4)] {
        let world = World::new().await;
        for (key, body) in [("reel", "one"), ("reel", "second"), ("reel/2", "x"), ("reels", "y")] {
            world.put(target, key, body.as_bytes()).await;
        }
        let before = world.store.log().len();
        let at = acting(target, Consent::Silent);
        let found = world.engine.inspect(&at, &pick("reel"), Thorough::Everything).await.expect("inspected");
        assert_eq!(world.since(before).len(), requests, "{target}");
        assert_eq!((found.head.size, found.head.checksums.len()), (Some(6), 1), "{:?}", found.head.checksums);
        let more = found.more.expect("more");
        let versions = more.versions.expect("versions");
        let sizes: Vec<Option<u64>> =
            versions.iter().map(|row| if let VersionKind::Object { size, .. } = row.kind { Some(size) } else { None }).collect();
        assert_eq!((sizes, versions[0].latest), (vec![Some(6), Some(3)], true));
        assert!(more.tags.expect("tags").is_empty());
        assert!(more.acl.expect("an access list").owner_id.is_some());
        assert_eq!(more.attributes.is_some(), requests == 5);

        let doomed = Selection::Picked(vec![pick("reel")]);
        assert!(world.run(Job::Delete(Delete { within: at.clone(), what: doomed, versions: Versions::Current })).await.all_done());
        let rows = world.engine.versions(&at, &ObjectKey::new("reel"), None).await.expect("versions");
        assert_eq!((rows.len(), &rows[0].kind), (3, &VersionKind::DeleteMarker));
        let error = world.engine.inspect(&at, &pick("reel"), Thorough::Everything).await.expect_err("gone");
        assert_eq!(error.kind(), ErrorKind::NotFound);
        let old = Pick { version: Some(versions[1].version.clone()), ..pick("reel") };
        let before = world.store.log().len();
        assert_eq!(world.engine.inspect(&at, &old, Thorough::Headers).await.expect("an old one").head.size, Some(3));
        assert_eq!(world.since(before).len(), 1);
    }
}

#[tokio::test]
async fn a_part_that_may_not_be_read_says_so() {
    let world = World::new().await;
    let denied = || Act::Answer(Prepared::new(403, "application/xml", "<Error><Code>AccessDenied</Code></Error>"));
    world.store.script(Op::GetObjectAcl, [denied()]);
    let found = world.engine.inspect(&acting(OWN, Consent::Silent), &pick("notes.txt"), Thorough::Everything).await.expect("its headers");
    let more = found.more.expect("more");
    assert_eq!(more.acl.expect_err("denied").kind(), ErrorKind::Denied);
    assert!(more.tags.is_ok() && more.versions.is_ok() && more.attributes.expect("S3").is_ok());
    world.store.script(Op::HeadObject, [Act::Answer(Prepared { status: 403, ..Prepared::default() })]);
    let before = world.store.log().len();
    world.engine.inspect(&acting(OWN, Consent::Silent), &pick("notes.txt"), Thorough::Everything).await.expect_err("denied");
    assert_eq!(world.since(before).len(), 1, "nothing else is asked of what may not be read");
}

/// J4: a 403 is never answered by paying; that paying could help is said.
#[tokio::test]
async fn a_missing_payer_is_suspected() {
    let world = World::new().await;
    for (target, key, wanted, header) in [
        ("research:aerial-tiles", "readme.txt", Suspicion::Possible, "x-amz-request-payer: requester"),
        ("partner:lab-microscopy", "readme.txt", Suspicion::Certain, "x-oss-request-payer: requester"),
    ] {
        let before = world.store.log().len();
        let error = world.engine.inspect(&acting(target, Consent::Silent), &pick(key), Thorough::Headers).await.expect_err("denied");
        assert_eq!(suspicion(&error, Consent::Silent), wanted, "{target}: {error}");
        let log = world.since(before);
        assert!(log.len() == 1 && log[0].payer.is_empty(), "{log:?}");
        let found = world.engine.inspect(&acting(target, Consent::Given), &pick(key), Thorough::Everything).await.expect("paid");
        assert_eq!(found.charged, whopays::domain::Charged::Yes);
        for entry in &world.since(before)[1..] {
            assert_eq!(entry.payer, [header], "{:?}", entry.op);
        }
    }
}

async fn piece(world: &World, key: &str, offset: u64, length: u64) -> Piece {
    world.engine.preview(&acting(OWN, Consent::Silent), &pick(key), offset, length).await.expect("a piece")
}

#[tokio::test]
async fn a_piece_is_one_request_and_never_more_than_asked() {
    let world = World::new().await;
    world.put(OWN, "digits", b"0123456789").await;
    world.put(OWN, "empty", b"").await;
    world.put("lab:lab-restricted", "digits", b"0123456789").await;
    let before = world.store.log().len();
    for (offset, length, wanted) in [(0, 4, "0123"), (4, 4, "4567"), (8, 4, "89"), (10, 4, ""), (99, 1, ""), (0, 10_000, "0123456789")] {
        let found = piece(&world, "digits", offset, length).await;
        assert_eq!((found.offset, String::from_utf8_lossy(&found.bytes).as_ref()), (offset, wanted));
        let found =
            world.engine.preview(&acting("lab:lab-restricted", Consent::Silent), &pick("digits"), offset, length).await.expect("OSS");
        assert_eq!(String::from_utf8_lossy(&found.bytes), wanted, "OSS answers a range outside with the whole object");
    }
    assert_eq!(piece(&world, "digits", 0, 4).await.total, Some(10));
    let empty = piece(&world, "empty", 0, 4).await;
    assert_eq!((empty.bytes.len(), empty.total), (0, Some(0)));
    assert_eq!(world.since(before).len(), 2 * 6 + 2);
}

#[tokio::test]
async fn a_store_that_ignores_ranges_is_cut_off() {
    let world = World::new().await;
    let whole = |body: Vec<u8>| {
        Act::Answer(Prepared::new(200, "text/plain", body).with("etag", "\"x\"").with("last-modified", "Sat, 21 Nov 2026 09:00:00 GMT"))
    };
    world.store.script(Op::GetObject, [whole(vec![b'a'; 32 << 20]), whole(vec![b'a'; 100])]);
    let before = world.engine.tally().down;
    let first = piece(&world, "digits", 0, 1_000).await;
    assert_eq!((first.bytes.len(), first.total), (1_000, Some(32 << 20)));
    assert!(world.engine.tally().down - before < 2 << 20, "the rest was not read");
    let error = world.engine.preview(&acting(OWN, Consent::Silent), &pick("digits"), 50, 10).await.expect_err("not from there");
    assert_eq!(error.kind(), ErrorKind::Unsupported);
}

/// P14
#[tokio::test]
async fn the_next_piece_is_of_the_same_object() {
    let world = World::new().await;
    world.put(OWN, "digits", b"0123456789").await;
    let first = piece(&world, "digits", 0, 4).await;
    world.put(OWN, "digits", b"abcdefghij").await;
    let guarded = Pick { etag: first.etag, ..pick("digits") };
    let error = world.engine.preview(&acting(OWN, Consent::Silent), &guarded, 4, 4).await.expect_err("it changed");
    assert_eq!(error.kind(), ErrorKind::Conflict);
}

/// E1 to E3
#[tokio::test]
async fn hostile_keys_are_read_or_refused_with_the_reason() {
    for target in ["studio:odd-keys", "lab:lab-odd-keys"] {
        let world = World::new().await;
        let at = acting(target, Consent::Silent);
        for key in world.keys(target, "").await {
            let before = world.store.log().len();
            let dots = key.split('/').any(|segment| segment == "." || segment == "..");
            let found = world.engine.inspect(&at, &pick(&key), Thorough::Everything).await;
            let seen = world.engine.preview(&at, &pick(&key), 0, 10).await;
            if dots {
                assert_eq!(found.expect_err("refused").kind(), ErrorKind::Usage);
                assert_eq!(seen.expect_err("refused").kind(), ErrorKind::Usage);
                assert_eq!(world.since(before).len(), 0, "{key:?}: refused before anything is sent");
            } else {
                let versions = found.expect("inspected").more.expect("more").versions.expect("versions");
                assert!(versions.len() == 1 && versions[0].key.as_str() == key, "{key:?}: {versions:?}");
                assert!(!seen.expect("a piece").bytes.is_empty(), "{key:?}");
                assert!(world.since(before).iter().all(|entry| entry.key == key || entry.op == Some(Op::ListObjectVersions)));
            }
        }
    }
}
