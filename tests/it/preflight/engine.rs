//! The engine's look at buckets of the embedded store, judged by the store's own log.

use whopays::demo::{Act, Prepared};
use whopays::domain::{Consent, Gravity, Look, Op, Payer, Place, Provider, Seen, Setting, findings};

use crate::support::store::{World, acting};

fn place(target: &str) -> Place {
    acting(target, Consent::Given).place
}

async fn look(world: &World, target: &str) -> Look {
    world.engine.preflight(&place(target), |_| ()).await
}

/// What breaks and shifts for this very bucket, in short words.
fn breaks(look: &Look) -> Vec<&'static str> {
    findings(&Payer::Requester, look).iter().filter(|finding| finding.setting.is_some()).map(|finding| finding.short).collect()
}

#[tokio::test]
async fn the_demo_s_buckets_say_what_they_are_used_for() {
    let world = World::new().await;
    for (target, expected) in [
        ("studio:website-static", &["website will stop for visitors", "anonymous readers will be refused"][..]),
        ("studio:colorpictures", &["anonymous readers will be refused"]),
        ("studio:brand-assets", &["CloudFront may be refused"]),
        ("studio:slow-turning", &["access logs may no longer be delivered here"]),
        ("studio:film-masters", &["replication stays on your bill"]),
        ("studio:ohio-overflow", &["acceleration surcharge moves"]),
        ("studio:aerial-tiles", &["other accounts must send the payer header"]),
        ("studio:odd-keys", &[]),
        ("research:simulation-runs", &["access logs will no longer be delivered"]),
        ("research:thesis-drafts", &["replication into it may stop", "other accounts must send the payer header"]),
        (
            "lab:color-atlas",
            &[
                "website will stop for visitors",
                "anonymous readers will be refused",
                "visitors of its domain names may be refused",
                "pages that embed its objects may break",
            ],
        ),
        ("lab:lab-raw-frames", &["replication stays on your bill"]),
        ("lab:lab-shanghai", &["acceleration surcharge moves"]),
        ("lab:lab-microscopy", &["other accounts must send the payer header"]),
        ("lab:lab-slow-motion", &[]),
        ("lab:telescope-feed", &["anonymous readers will be refused"]),
    ] {
        let look = look(&world, target).await;
        assert_eq!(look.unread().collect::<Vec<_>>(), [], "{target}");
        assert_eq!(breaks(&look), expected, "{target}");
    }
}

/// One request for each setting, none for an object, none that offers to pay, and no other.
#[tokio::test]
async fn a_look_costs_one_request_for_each_setting_and_touches_no_object() {
    let world = World::new().await;
    for (target, settings) in [("studio:colorpictures", 8), ("lab:color-atlas", 10)] {
        let start = world.store.log().len();
        let look = look(&world, target).await;
        let log = world.since(start);
        assert_eq!((log.len(), look.seen.len(), look.requests, look.open), (settings, settings, settings as u64, 0), "{target}");
        for entry in &log {
            assert!(entry.payer.is_empty() && entry.key.is_empty() && entry.method == "GET", "{entry:?}");
            assert!(!entry.charged && entry.account.is_some(), "{entry:?}");
        }
        let mut ops: Vec<Op> = log.iter().filter_map(|entry| entry.op).collect();
        ops.sort();
        ops.dedup();
        assert_eq!(ops.len(), settings, "each once");
        assert!(!ops.iter().any(|op| matches!(op, Op::ListObjectsV2 | Op::ListObjects | Op::HeadObject | Op::HeadBucket)));
    }
}

#[tokio::test]
async fn answers_are_told_as_they_come() {
    let world = World::new().await;
    let mut told: Vec<(usize, usize)> = Vec::new();
    let last = world.engine.preflight(&place("studio:colorpictures"), |look| told.push((look.seen.len(), look.open))).await;
    assert_eq!(told, [(1, 7), (2, 6), (3, 5), (4, 4), (5, 3), (6, 2), (7, 1)]);
    assert_eq!((last.seen.len(), last.open), (8, 0));
}

/// One refusal hides one setting and nothing else; a store without it, and one that lies with 200, have none.
#[tokio::test]
async fn what_cannot_be_read_is_said_beside_what_can() {
    let world = World::new().await;
    let answer = |status, body: &str| Act::Answer(Prepared::new(status, "application/xml", body));
    let denied = "<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>";
    world.store.script(Op::GetBucketPolicy, [answer(403, denied)]);
    world.store.script(Op::GetBucketAccelerateConfiguration, [answer(501, "<Error><Code>NotImplemented</Code></Error>")]);
    world.store.script(Op::GetBucketReplication, [answer(200, "<ListBucketResult><Name>x</Name></ListBucketResult>")]);
    world.store.script(Op::GetBucketLogging, [answer(200, "<html>welcome</html>")]);
    let look = look(&world, "studio:website-static").await;
    let mut unread: Vec<(Setting, &str)> = look.unread().collect();
    unread.sort();
    assert_eq!(unread.len(), 2, "{unread:?}");
    assert_eq!(unread[0], (Setting::Policy, "access denied"));
    assert!(unread[1].0 == Setting::Logging && unread[1].1.contains("it is a web page"), "{unread:?}");
    assert_eq!(look.get(Setting::Acceleration), Some(&Seen::NoSuchSetting));
    assert_eq!(look.get(Setting::Replication), Some(&Seen::NoSuchSetting));
    assert_eq!(breaks(&look), ["website will stop for visitors", "anonymous readers will be refused"], "the list alone says it");
}

/// A fault is retried, and counted.
#[tokio::test]
async fn retries_are_counted() {
    let world = World::new().await;
    world.store.script(Op::GetBucketAcl, [Act::Answer(Prepared::new(503, "application/xml", ""))]);
    let look = look(&world, "lab:color-atlas").await;
    assert_eq!((look.requests, look.unread().count()), (11, 0));
}

/// Somebody else's bucket says nothing, and nothing is concluded from that.
#[tokio::test]
async fn others_learn_nothing() {
    let world = World::new().await;
    let look = look(&world, "research:aerial-tiles").await;
    assert_eq!(look.unread().count(), 8);
    assert!(findings(&Payer::Requester, &look).iter().all(|finding| finding.gravity != Gravity::Breaks));
    let nowhere = world.engine.preflight(&place("nobody:bucket"), |_| ()).await;
    assert!(nowhere.unread().any(|(_, why)| why.contains("account \"nobody\" is not configured")));
    assert_eq!(nowhere.provider, Provider::S3);
}

/// OSS Signature V1: eight settings, all of them signed as the store checks it.
#[tokio::test]
async fn old_signatures_ask_for_what_they_can_sign() {
    let v1 = |config: String| config.replace("provider = \"oss\"", "provider = \"oss\"\nsignature = \"v1\"");
    let world = World::with(v1, |engine| engine).await;
    let look = look(&world, "lab:color-atlas").await;
    assert_eq!((look.seen.len(), look.unread().count()), (8, 0), "{look:?}");
    assert!(breaks(&look).contains(&"website will stop for visitors"));
}
