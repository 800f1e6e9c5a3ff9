//! The doctor against the embedded store in all its moods, at both clouds: what it says and what it tells to do, typed by hand.

use std::time::Duration;

use jiff::SignedDuration;
use whopays::app::Thorough;
use whopays::demo::{Act, Mood, Prepared};
use whopays::doctor::{Evidence, Voice, diagnose};
use whopays::domain::{Consent, ErrorKind, ObjectKey, Op, Result};
use whopays::runtime::http::Timeouts;
use whopays::transfer::Pick;

use crate::support::store::{World, acting};

/// What is asked of a bucket.
#[derive(Clone, Copy, Debug)]
enum Asked {
    /// Who pays.
    Payer,
    /// An object's first bytes, on that word.
    Bytes(Consent),
    /// Its headers: a refusal has no body.
    Headers(Consent),
}

const SERVED: (&str, &str) = ("served", "");

/// Sentence and step, or [`SERVED`].
async fn said(world: &World, target: &str, key: &str, asked: Asked) -> (String, String) {
    let (pick, engine) = (Pick::named(ObjectKey::new(key)), &world.engine);
    let answer: Result<()> = match asked {
        Asked::Payer => engine.read_payer(&acting(target, Consent::Silent).place).await.map(drop),
        Asked::Bytes(consent) => engine.preview(&acting(target, consent), &pick, 0, 10).await.map(drop),
        Asked::Headers(consent) => engine.inspect(&acting(target, consent), &pick, Thorough::Headers).await.map(drop),
    };
    match answer {
        Ok(()) => ("served".to_owned(), String::new()),
        Err(error) => {
            let found = diagnose(&Evidence::of(&error, Voice::Command));
            (found.sentence, found.step)
        }
    }
}

#[track_caller]
fn same(found: &(String, String), wanted: (&str, &str), what: &str) {
    assert_eq!((found.0.as_str(), found.1.as_str()), wanted, "{what}");
}

const OWNER_ONLY: &str = "Only the bucket's owner may read who pays for it.";
const OWNER_ONLY_S3: (&str, &str) =
    (OWNER_ONLY, "Ask the owner: only the bucket's owner may read its payer, with the permission `s3:GetBucketRequestPayment`.");
const OWNER_ONLY_OSS: (&str, &str) =
    (OWNER_ONLY, "Ask the owner: only the bucket's owner may read its payer, with the permission `oss:GetBucketRequestPayment`.");
const LACKING: &str = "This store does not implement request payment.";
/// It answers with something else, as stores do that do not know the question.
const LIES: (&str, &str) = (LACKING, "Treat the bucket as one whose owner pays: the store ignores the setting.");
const LACKS: (&str, &str) = (LACKING, "Treat the bucket as one whose owner pays: the store has no such setting.");
/// S3 gives no reason.
const POSSIBLE: (&str, &str) = (
    "The store does not say why: the bucket is requester-pays and the request had no payer header, or `s3:GetObject` is missing.",
    "If the bucket is requester-pays, add `--request-payer requester`: then you pay, as research; else ask its owner for `s3:GetObject`.",
);
const NEVER: (&str, &str) = (
    POSSIBLE.0,
    "Change `request_payer = \"never\"` of this bucket in the config if research may pay; else ask its owner for `s3:GetObject`.",
);
const BODYLESS: (&str, &str) = (
    "The store does not say why: the bucket is requester-pays and the request had no payer header, `s3:GetObject` is missing, or the object \
     does not exist and you may not list the bucket.",
    POSSIBLE.1,
);
/// OSS has a machine code for it.
const MISSING: (&str, &str) = (
    "The bucket is requester-pays, and the request did not say that you pay.",
    "Add `--request-payer requester` to pay for it. Then partner is billed for the request and the transfer.",
);
const MISSING_NEVER: (&str, &str) = (
    "The bucket is requester-pays, and the config says never to pay for it.",
    "Change `request_payer = \"never\"` of this bucket in the config if partner may pay.",
);
const NO_RIGHT_S3: (&str, &str) = (
    "The store does not say why: most likely `s3:GetObject` is missing.",
    "Ask for `s3:GetObject`: the payer header was sent, so this is not about who pays (policy of the user, of the bucket, or of the network).",
);
const NO_RIGHT_OSS: (&str, &str) =
    ("No policy allows `oss:GetObject`.", "Ask the bucket's owner or the administrator of your account to allow `oss:GetObject`.");

/// Every mood × every question × both clouds. What a mood lets pass needs no doctor; what it refuses is told by what it says.
#[tokio::test]
async fn a_diagnosis_for_every_mood_of_the_store() {
    use Asked::{Bytes, Headers, Payer};
    use Consent::{Given, Refused, Silent};
    let world = World::new().await;
    let questions = [Payer, Bytes(Silent), Bytes(Refused), Bytes(Given), Headers(Silent)];
    for (mood, s3, oss) in [
        (Mood::Enforcing, [OWNER_ONLY_S3, POSSIBLE, NEVER, SERVED, BODYLESS], [OWNER_ONLY_OSS, MISSING, MISSING_NEVER, SERVED, MISSING]),
        (Mood::Lenient, [OWNER_ONLY_S3, SERVED, SERVED, SERVED, SERVED], [OWNER_ONLY_OSS, SERVED, SERVED, SERVED, SERVED]),
        (Mood::Deaf, [OWNER_ONLY_S3, SERVED, SERVED, SERVED, SERVED], [OWNER_ONLY_OSS, SERVED, SERVED, SERVED, SERVED]),
        (Mood::Lying, [LIES, SERVED, SERVED, SERVED, SERVED], [LIES, SERVED, SERVED, SERVED, SERVED]),
        (Mood::Lacking, [LACKS, SERVED, SERVED, SERVED, SERVED], [LACKS, SERVED, SERVED, SERVED, SERVED]),
    ] {
        world.store.set_mood(mood);
        for (target, wanted) in [("research:aerial-tiles", s3), ("partner:lab-microscopy", oss)] {
            let key = world.keys(target, "").await.into_iter().find(|key| !key.ends_with('/')).expect("an object");
            for (asked, wanted) in questions.into_iter().zip(wanted) {
                same(&said(&world, target, &key, asked).await, wanted, &format!("{mood:?} {target} {asked:?}"));
            }
        }
        // In no mood the header opens what is not shared.
        for (target, wanted) in [("research:brand-assets", NO_RIGHT_S3), ("partner:lab-raw-frames", NO_RIGHT_OSS)] {
            same(&said(&world, target, "notes.txt", Bytes(Given)).await, wanted, &format!("{mood:?} {target}"));
        }
    }
}

/// A store that is slow is waited for; one that hangs is said to hang, not to refuse.
#[tokio::test]
async fn a_slow_store() {
    let timeouts = Timeouts { idle: Duration::from_millis(150), ..Timeouts::default() };
    let world = World::with(|text| text, |engine| engine.with_timeouts(timeouts)).await;
    let wanted = ("127.0.0.1 did not answer.", "Too little came for too long. Check endpoint and network, then try again.");
    for target in ["research:aerial-tiles", "partner:lab-microscopy"] {
        let key = world.keys(target, "").await.into_iter().find(|key| !key.ends_with('/')).expect("an object");
        world.store.script(Op::GetObject, [Act::Late(Duration::from_millis(60))]);
        same(&said(&world, target, &key, Asked::Bytes(Consent::Given)).await, SERVED, target);
        world.store.script(Op::GetObject, [Act::Silence, Act::Silence, Act::Silence]);
        same(&said(&world, target, &key, Asked::Bytes(Consent::Given)).await, wanted, target);
        world.store.script(Op::GetObject, [Act::Late(Duration::from_millis(60))]);
        let late = said(&world, target, &key, Asked::Bytes(Consent::Refused)).await;
        assert!(late.0.contains("requester-pays"), "a late refusal is the same refusal: {late:?}");
    }
}

/// A clock that is off is corrected; where the store says so twice, the doctor sends to the clock and not to the keys.
#[tokio::test]
async fn a_clock_that_is_off() {
    let wanted = (
        "This machine's clock differs too much from the store's.",
        "Correct the clock of this machine (NTP); the store's clock says 2031-05-06 07:08:09 UTC.",
    );
    for target in ["research:aerial-tiles", "partner:lab-microscopy"] {
        for minutes in [50, -50] {
            let world = World::new().await;
            world.store.set_clock_offset(SignedDuration::from_mins(minutes));
            let key = world.keys(target, "").await.into_iter().find(|key| !key.ends_with('/')).expect("an object");
            same(&said(&world, target, &key, Asked::Bytes(Consent::Given)).await, SERVED, target);
            let refused = said(&world, target, &key, Asked::Bytes(Consent::Silent)).await;
            assert!(refused.0.contains("requester-pays"), "{refused:?}");
            let skewed = "<Error><Code>RequestTimeTooSkewed</Code><Message>The difference is too large.</Message>\
                          <ServerTime>2031-05-06T07:08:09Z</ServerTime></Error>";
            world.store.script(Op::GetObject, [(); 2].map(|()| Act::Answer(Prepared::new(403, "application/xml", skewed))));
            let pick = Pick::named(ObjectKey::new(key.as_str()));
            let error = world.engine.preview(&acting(target, Consent::Given), &pick, 0, 10).await.expect_err("refused twice");
            assert_eq!(error.kind(), ErrorKind::ClockSkew, "{target}");
            let found = diagnose(&Evidence::of(&error, Voice::Command));
            same(&(found.sentence, found.step), wanted, target);
        }
    }
}
