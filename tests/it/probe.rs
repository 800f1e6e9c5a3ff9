//! The probe against the embedded store in all its moods, on both clouds. Which request was signed, and which carried the header,
//! is read in the store's own log.

use std::time::Duration;

use jiff::SignedDuration;
use whopays::demo::{Act, Mood, Prepared, Received};
use whopays::domain::probe::{Asking, CanSign, Doubt, Errand, Leg, Plan, Report};
use whopays::domain::{Consent, ErrorKind, Op, Ownership, Payer, Provider};
use whopays::runtime::http::Timeouts;

use crate::support::store::{World, acting};

/// A target of a cloud, with the key that is asked for; empty: a listing.
fn errand(target: &str, key: &str, ownership: Option<Ownership>, consent: Consent) -> Errand {
    let provider = match target.split_once(':').map(|(account, _)| account) {
        Some("lab" | "partner") => Provider::Oss,
        _ => Provider::S3,
    };
    let plan = Plan { provider, asking: Asking::about(key), consent, can_sign: CanSign::Yes };
    let mut place = acting(target, consent).place;
    // Where a listing of the owner says that they are; an account elsewhere would first be told so.
    if target.ends_with(":colorpictures") || target.ends_with(":film-masters") {
        place.region = Some("us-west-2".to_owned());
    }
    Errand { place, ownership, plan }
}

/// Method, signed or not, payer header, status, charged.
fn told(received: &[Received]) -> Vec<String> {
    let line = |entry: &Received| {
        let signed = if entry.signed { "signed" } else { "unsigned" };
        let op = entry.op.map_or("?", |op| op.row().name);
        let charged = if entry.charged { " charged" } else { "" };
        format!("{op} {signed} {:?} {}{charged}", entry.payer, entry.status.unwrap_or_default())
    };
    received.iter().map(line).collect()
}

async fn probe(world: &World, errand: &Errand) -> (Report, Vec<String>) {
    let before = world.store.log().len();
    let report = world.engine.probe(errand).await;
    (report, told(&world.since(before)))
}

fn verdict(report: &Report) -> String {
    match &report.doubt {
        None => report.verdict.as_str().to_owned(),
        Some(Doubt::Failed(kind, _)) => format!("cannot_tell: {}", kind.as_str()),
        Some(doubt) => format!("cannot_tell: {doubt:?}"),
    }
}

#[tokio::test]
async fn the_log_says_what_was_signed_and_what_carried_the_header() {
    let world = World::new().await;
    let foreign = Some(Ownership::Foreign);
    let (report, log) = probe(&world, &errand("research:aerial-tiles", "", foreign, Consent::Given)).await;
    assert_eq!(
        log,
        [
            "GetBucketRequestPayment signed [] 403",
            "ListObjectsV2 unsigned [] 403",
            "ListObjectsV2 signed [] 403",
            "ListObjectsV2 signed [\"x-amz-request-payer: requester\"] 200 charged",
        ]
    );
    assert_eq!(verdict(&report), "requester_pays_enforced");
    assert_eq!(
        report.evidence(),
        [
            "signed GetBucketRequestPayment → 403 AccessDenied",
            "anonymous ListObjectsV2 → 403 AccessDenied: the store names requester pays",
            "signed ListObjectsV2 without the header → 403 AccessDenied",
            "signed ListObjectsV2 with the header → 200, charged",
        ]
    );
    assert_eq!(report.inferred(), Some(Payer::Requester));

    let (report, log) = probe(&world, &errand("partner:lab-microscopy", "", foreign, Consent::Given)).await;
    assert_eq!(
        log,
        [
            "GetBucketRequestPayment signed [] 403",
            "ListObjectsV2 unsigned [] 403",
            "ListObjectsV2 signed [] 403",
            "ListObjectsV2 signed [\"x-oss-request-payer: requester\"] 200",
        ]
    );
    assert_eq!(verdict(&report), "requester_pays_enforced");
    assert_eq!(
        report.evidence()[2],
        "signed ListObjectsV2 without the header → 403 AccessDenied, EC 0003-00000703: the store names requester pays"
    );
    let asked = world.log(Op::ListObjectsV2);
    assert!(asked.iter().all(|entry| entry.target.contains("max-keys=1&") || entry.target.ends_with("max-keys=1")), "{asked:?}");
}

#[tokio::test]
async fn without_consent_the_header_is_never_sent() {
    let world = World::new().await;
    for (target, consent) in [
        ("research:aerial-tiles", Consent::Silent),
        ("research:film-masters", Consent::Refused),
        ("partner:lab-microscopy", Consent::Silent),
        ("partner:telescope-feed", Consent::Refused),
    ] {
        let (report, log) = probe(&world, &errand(target, "", Some(Ownership::Foreign), consent)).await;
        assert_eq!(log.len(), 3, "{target}: {log:?}");
        assert!(log.iter().all(|line| line.contains("[]")), "{target}: {log:?}");
        assert!(report.evidence()[3].contains("not sent:"), "{target}");
    }
}

#[tokio::test]
async fn an_object_is_asked_for_one_byte() {
    let world = World::new().await;
    for (target, provider) in [("research:aerial-tiles", Provider::S3), ("partner:lab-microscopy", Provider::Oss)] {
        let key = world.keys(target, "").await.into_iter().find(|key| !key.ends_with('/')).expect("an object");
        let (report, log) = probe(&world, &errand(target, &key, Some(Ownership::Foreign), Consent::Given)).await;
        assert_eq!(verdict(&report), "requester_pays_enforced", "{target}");
        let get: Vec<Received> = world.log(Op::GetObject).split_off(world.count(Op::GetObject) - 3);
        assert_eq!(get.iter().map(|entry| entry.status).collect::<Vec<_>>(), [Some(403), Some(403), Some(206)], "{log:?}");
        assert_eq!(get[2].bytes_out, 1, "{target}");
        let charged = if provider == Provider::S3 { "206, charged" } else { "206" };
        assert!(report.evidence()[3].ends_with(&format!("→ {charged}")), "{:?}", report.evidence());
    }
    let (report, log) = probe(&world, &errand("studio:brand-assets", "no/such/key", Some(Ownership::Owned), Consent::Silent)).await;
    assert_eq!((verdict(&report).as_str(), log.len()), ("cannot_tell: Absent", 3));
    world.put("research:upload-inbox", "empty", b"").await;
    let (report, _) = probe(&world, &errand("research:upload-inbox", "empty", Some(Ownership::Owned), Consent::Silent)).await;
    assert_eq!(verdict(&report), "owner_pays", "{:?}", report.evidence());
    assert!(report.evidence()[2].contains("416 InvalidRange"), "{:?}", report.evidence());
}

/// Every mood × what buckets there are × both clouds.
#[tokio::test]
async fn a_verdict_for_every_mood_of_the_store() {
    use Ownership::{Foreign, Owned};
    let world = World::new().await;
    let (enforced, not_enforced, open) = ("requester_pays_enforced", "requester_pays_not_enforced", "anonymous_open");
    // Requester-pays and shared with one account; the same, seen by the owner; requester-pays and public; the owner's own, whose
    // owner pays; public, whose owner pays. Then the same on OSS.
    let targets = [
        ("research:aerial-tiles", Foreign),
        ("studio:aerial-tiles", Owned),
        ("research:sensor-archive", Foreign),
        ("studio:film-masters", Owned),
        ("research:colorpictures", Foreign),
        ("partner:lab-microscopy", Foreign),
        ("lab:lab-microscopy", Owned),
        ("partner:telescope-feed", Foreign),
    ];
    let doubtful = "cannot_tell: OwnerIsServed";
    let owner = "owner_pays";
    for (mood, wanted) in [
        (Mood::Enforcing, [enforced, enforced, enforced, owner, open, enforced, enforced, enforced]),
        // OSS does not say who was charged for a listing: what charges those who offer looks as if the owner paid.
        (Mood::Lenient, [not_enforced, doubtful, not_enforced, owner, open, owner, doubtful, open]),
        (Mood::Deaf, [owner, doubtful, open, owner, open, owner, doubtful, open]),
        (Mood::Lying, [owner, owner, open, owner, open, owner, owner, open]),
        (Mood::Lacking, [owner, owner, open, owner, open, owner, owner, open]),
    ] {
        world.store.set_mood(mood);
        for ((target, ownership), wanted) in targets.into_iter().zip(wanted) {
            let (report, log) = probe(&world, &errand(target, "", Some(ownership), Consent::Given)).await;
            assert_eq!(verdict(&report), wanted, "{mood:?} {target}: {:#?}", report.evidence());
            let unsigned: Vec<&String> = log.iter().filter(|line| line.contains("unsigned")).collect();
            let paying: Vec<&String> = log.iter().filter(|line| line.contains("requester\"]")).collect();
            assert_eq!((log.len(), unsigned.len(), paying.len()), (4, 1, 1), "{mood:?} {target}: {log:#?}");
            assert!(log[1].contains("unsigned []") && log[3].contains("signed [\"x-"), "{log:#?}");
        }
    }
}

#[tokio::test]
async fn a_policy_a_missing_right_and_a_missing_bucket_are_told_apart() {
    let world = World::new().await;
    for (target, ownership, wanted, requests) in [
        ("studio:sealed-vault", Some(Ownership::Owned), "cannot_tell: OwnerIsServed", 4),
        ("research:film-masters", Some(Ownership::Foreign), "cannot_tell: NoPermission", 4),
        ("studio:legacy-gateway", Some(Ownership::Owned), "owner_pays", 4),
        ("studio:no-such-bucket", None, "cannot_tell: Absent", 1),
        ("lab:no-such-bucket", None, "cannot_tell: Absent", 1),
    ] {
        let mut errand = errand(target, "", ownership, Consent::Given);
        errand.place.region = errand.place.region.or(Some(if target.starts_with("lab") { "cn-hangzhou" } else { "us-west-2" }.to_owned()));
        let (report, log) = probe(&world, &errand).await;
        assert_eq!((verdict(&report).as_str(), log.len()), (wanted, requests), "{target}: {log:#?}");
    }
}

/// Faults end in doubt, with their reason; no refused leg is repeated, and nothing is sent in vain.
#[tokio::test]
async fn faults_are_no_proof() {
    let timeouts = Timeouts { idle: Duration::from_millis(150), ..Timeouts::default() };
    let world = World::with(|text| text, |engine| engine.with_timeouts(timeouts)).await;
    for target in ["research:aerial-tiles", "partner:lab-microscopy"] {
        faults(&world, target).await;
    }
}

async fn faults(world: &World, target: &str) {
    let asked = || errand(target, "", Some(Ownership::Foreign), Consent::Given);
    let refused = || Act::Answer(Prepared::new(503, "application/xml", "<Error><Code>ServiceUnavailable</Code></Error>"));

    world.store.script(Op::GetBucketRequestPayment, [Act::Silence, Act::Silence, Act::Silence]);
    let (report, log) = probe(world, &asked()).await;
    assert_eq!((verdict(&report).as_str(), log.len()), ("cannot_tell: timeout", 3), "a store that hangs is asked no more: {log:#?}");

    world.store.script(Op::ListObjectsV2, [Act::Pass, refused(), refused(), refused()]);
    let (report, log) = probe(world, &asked()).await;
    assert_eq!(report.doubt.as_ref().map(Doubt::kind), Some(ErrorKind::Throttled), "{log:#?}");
    assert_eq!(log.len(), 1 + 1 + 3, "and the leg that would be paid for is not sent: {log:#?}");

    world.store.script(Op::ListObjectsV2, [Act::Late(Duration::from_millis(60)), Act::Late(Duration::from_millis(60))]);
    let (report, _) = probe(world, &asked()).await;
    assert_eq!(verdict(&report), "requester_pays_enforced", "a slow store proves as much");

    let portal = || Act::Answer(Prepared::new(200, "text/html", "<html>log in</html>"));
    world.store.script(Op::ListObjectsV2, [portal(), portal(), portal()]);
    world.store.script(Op::GetBucketRequestPayment, [portal()]);
    let (report, log) = probe(world, &asked()).await;
    assert_eq!((verdict(&report).as_str(), log.len()), ("cannot_tell: invalid_reply", 4), "a portal is no store: {log:#?}");
}

#[tokio::test]
async fn a_clock_that_is_off_is_corrected_and_a_refusal_is_not_repeated() {
    let world = World::new().await;
    world.store.set_clock_offset(SignedDuration::from_mins(50));
    for target in ["research:aerial-tiles", "partner:lab-microscopy"] {
        let (report, log) = probe(&world, &errand(target, "", Some(Ownership::Foreign), Consent::Given)).await;
        assert_eq!(verdict(&report), "requester_pays_enforced", "{target}");
        assert_eq!(log.len(), 5, "the first one again, with the store's time: {log:#?}");
    }
}

#[tokio::test]
async fn an_account_without_keys_sends_one_unsigned_request() {
    let world = World::with(|text| text, |engine| engine).await;
    let plan = Plan { provider: Provider::S3, asking: Asking::about(""), consent: Consent::Given, can_sign: CanSign::No };
    let place = acting("research:sensor-archive", Consent::Given).place;
    let (report, log) = probe(&world, &Errand { place, ownership: Some(Ownership::Foreign), plan }).await;
    assert_eq!(log, ["ListObjectsV2 unsigned [] 403"]);
    assert_eq!(verdict(&report), "requester_pays_enforced", "the store's own words");
    assert_eq!(report.observations.iter().map(|one| one.leg).collect::<Vec<_>>(), Leg::ALL);
}
