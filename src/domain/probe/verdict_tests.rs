//! The verdict, case by case.

use super::*;
use crate::domain::bucket::Ownership;

fn setting(text: &str) -> Seen {
    Seen::Setting(Payer::from_wire(text))
}

fn served(charged: Charged) -> Seen {
    Seen::Served { status: 200, code: String::new(), charged }
}

fn refused(because: Because) -> Seen {
    Seen::Refused { status: 403, code: "AccessDenied".to_owned(), ec: None, because }
}

fn absent() -> Seen {
    Seen::Absent { status: 404, code: "NoSuchBucket".to_owned() }
}

fn broken() -> Seen {
    Seen::Failed { kind: ErrorKind::Timeout, message: "no answer in time".to_owned() }
}

fn plan() -> Plan {
    Plan { provider: Provider::S3, asking: Asking::about(""), consent: Consent::Given, can_sign: CanSign::Yes }
}

fn report(ownership: Option<Ownership>, seen: [Seen; 4]) -> Report {
    let observations = Leg::ALL.into_iter().zip(seen);
    let observations = observations.map(|(leg, seen)| Observation { leg, op: leg.op(&plan().asking), seen });
    Report::of(&plan(), ownership, observations.collect())
}

#[test]
fn what_each_combination_proves() {
    use Ownership::{Foreign, Owned};
    let (plain, named) = (|| refused(Because::Unsaid), || refused(Because::Payer));
    let (yes, no, unsaid) = (|| served(Charged::Yes), || served(Charged::No), || served(Charged::NotSaid));
    let (requester, owner) = (|| setting("Requester"), || setting("BucketOwner"));
    let silent = || Seen::NotSent(Why::NoConsent);
    let cases: &[(&str, Option<Ownership>, [Seen; 4], &str)] = &[
        ("a foreign requester-pays bucket", Some(Foreign), [plain(), named(), plain(), yes()], "requester_pays_enforced"),
        ("the same on OSS, which does not say charged", Some(Foreign), [plain(), named(), named(), unsaid()], "requester_pays_enforced"),
        ("without consent, the store's own words do", Some(Foreign), [plain(), named(), named(), silent()], "requester_pays_enforced"),
        ("without consent and words nobody knows", Some(Foreign), [plain(), plain(), plain(), silent()], "cannot_tell: NoConsent"),
        ("the config says never", Some(Foreign), [plain(), plain(), plain(), Seen::NotSent(Why::NeverPay)], "cannot_tell: NeverPay"),
        ("the header makes no difference", Some(Foreign), [plain(), plain(), plain(), plain()], "cannot_tell: NoPermission"),
        ("a bucket that others may read", Some(Foreign), [plain(), plain(), no(), no()], "owner_pays"),
        ("a public bucket", Some(Foreign), [plain(), no(), no(), no()], "anonymous_open"),
        ("a public bucket whose store charges all the same", Some(Foreign), [plain(), no(), no(), yes()], "requester_pays_not_enforced"),
        (
            "signed requests are served, and charged if they offer",
            Some(Foreign),
            [plain(), plain(), no(), yes()],
            "requester_pays_not_enforced",
        ),
        (
            "a setting that anybody may read and nobody obeys",
            Some(Foreign),
            [requester(), plain(), no(), no()],
            "requester_pays_not_enforced",
        ),
        ("the owner, whose store tells others to pay", Some(Owned), [requester(), named(), no(), no()], "requester_pays_enforced"),
        ("the owner of a private bucket", Some(Owned), [requester(), plain(), no(), no()], "cannot_tell: OwnerIsServed"),
        ("perhaps the owner", None, [requester(), plain(), no(), no()], "cannot_tell: OwnerIsServed"),
        ("the owner's bucket is open although set", Some(Owned), [requester(), no(), no(), no()], "requester_pays_not_enforced"),
        ("the owner pays and says so", Some(Owned), [owner(), plain(), no(), no()], "owner_pays"),
        (
            "an owner whom a policy keeps from reading the setting",
            Some(Owned),
            [plain(), plain(), no(), no()],
            "cannot_tell: OwnerIsServed",
        ),
        ("a store without the setting", Some(Owned), [Seen::Lacks, plain(), no(), no()], "owner_pays"),
        ("a setting that was changed a moment ago", Some(Owned), [owner(), named(), no(), no()], "cannot_tell: Disagree"),
        ("the same, seen with the header", Some(Foreign), [owner(), plain(), plain(), unsaid()], "cannot_tell: Disagree"),
        ("charged for a bucket whose owner pays", Some(Owned), [owner(), plain(), no(), yes()], "cannot_tell: Disagree"),
        ("no rights, but the owner pays", None, [owner(), plain(), plain(), plain()], "owner_pays"),
        ("no bucket", None, [absent(), Seen::NotSent(Why::Pointless), Seen::NotSent(Why::Pointless), silent()], "cannot_tell: Absent"),
        ("no object", None, [plain(), plain(), absent(), absent()], "cannot_tell: Absent"),
        (
            "nothing answers",
            None,
            [broken(), Seen::NotSent(Why::Pointless), Seen::NotSent(Why::Pointless), silent()],
            "cannot_tell: Failed",
        ),
        ("the deciding leg broke", Some(Foreign), [plain(), plain(), plain(), broken()], "cannot_tell: Failed"),
        (
            "no keys, and no words",
            None,
            [Seen::NotSent(Why::NoKeys), plain(), Seen::NotSent(Why::NoKeys), Seen::NotSent(Why::NoKeys)],
            "cannot_tell: NoKeys",
        ),
        (
            "no keys, but the store's words",
            None,
            [Seen::NotSent(Why::NoKeys), named(), Seen::NotSent(Why::NoKeys), Seen::NotSent(Why::NoKeys)],
            "requester_pays_enforced",
        ),
    ];
    for (name, ownership, seen, wanted) in cases {
        let report = report(*ownership, seen.clone());
        let doubt = report.doubt.as_ref().map(|doubt| format!("{doubt:?}"));
        let doubt = doubt.map(|text| format!(": {}", text.split('(').next().unwrap_or_default())).unwrap_or_default();
        assert_eq!(format!("{}{doubt}", report.verdict.as_str()), *wanted, "{name}");
    }
}

#[test]
fn a_payer_is_inferred_only_where_the_setting_could_not_be_read() {
    let denied = || refused(Because::Unsaid);
    let inferred = |seen| report(Some(Ownership::Foreign), seen).inferred();
    assert_eq!(inferred([denied(), denied(), denied(), served(Charged::Yes)]), Some(Payer::Requester));
    assert_eq!(inferred([denied(), denied(), served(Charged::No), served(Charged::Yes)]), Some(Payer::Requester));
    assert_eq!(inferred([denied(), denied(), served(Charged::No), served(Charged::No)]), Some(Payer::BucketOwner));
    assert_eq!(inferred([denied(), served(Charged::No), served(Charged::No), served(Charged::No)]), Some(Payer::BucketOwner));
    assert_eq!(inferred([denied(), denied(), denied(), denied()]), None);
    assert_eq!(inferred([setting("BucketOwner"), denied(), served(Charged::No), served(Charged::No)]), None, "it was read");
    assert_eq!(inferred([Seen::Lacks, denied(), served(Charged::No), served(Charged::No)]), None, "there is none");
}

#[test]
fn evidence_reads_as_it_was_sent() {
    let refusal =
        Seen::Refused { status: 403, code: "AccessDenied\u{1b}".to_owned(), ec: Some("0003-00000703".to_owned()), because: Because::Payer };
    let empty = Seen::Served { status: 416, code: "InvalidRange".to_owned(), charged: Charged::NotSaid };
    let report = report(None, [setting("Requester"), refusal, empty, served(Charged::Yes)]);
    assert_eq!(
        report.evidence(),
        [
            "signed GetBucketRequestPayment → Requester",
            "anonymous ListObjectsV2 → 403 AccessDenied\\u{1b}, EC 0003-00000703: the store names requester pays",
            "signed ListObjectsV2 without the header → 416 InvalidRange",
            "signed ListObjectsV2 with the header → 200, charged",
        ]
    );
}

#[test]
fn a_plan_sends_the_header_only_with_consent_and_signs_only_with_keys() {
    let steps = |consent, can_sign, key, provider| {
        let plan = Plan { provider, asking: Asking::about(key), consent, can_sign };
        plan.steps().into_iter().map(|step| format!("{} ({:?})", step.words, step.class)).collect::<Vec<_>>()
    };
    assert_eq!(
        steps(Consent::Given, CanSign::Yes, "", Provider::S3),
        [
            "signed GetBucketRequestPayment (Tier2)",
            "anonymous ListObjectsV2 of one key (Tier1)",
            "signed ListObjectsV2 of one key without the header (Tier1)",
            "signed ListObjectsV2 of one key with the header (Tier1)",
        ]
    );
    assert_eq!(
        steps(Consent::Silent, CanSign::Yes, "a/b.csv", Provider::Oss),
        [
            "signed GetBucketRequestPayment (GetType)",
            "anonymous GetObject of one byte (GetType)",
            "signed GetObject of one byte without the header (GetType)",
        ]
    );
    assert_eq!(steps(Consent::Refused, CanSign::Yes, "a/", Provider::S3).len(), 3);
    assert_eq!(steps(Consent::Given, CanSign::No, "a/", Provider::Oss), ["anonymous ListObjectsV2 of one key (PutType)"]);
}

#[test]
fn errors_as_they_are_seen() {
    let error = |kind, status, code: &str, ec: Option<&str>, message: &str| {
        let answer =
            StoreAnswer { status, code: code.to_owned(), ec: ec.map(str::to_owned), message: message.to_owned(), ..StoreAnswer::default() };
        Error::new(kind, "x").answer(answer)
    };
    let s3 = "Anonymous users cannot invoke requests against Requester Pays buckets. Please authenticate.";
    let named = |error: &Error| matches!(Seen::of_error(Leg::Anonymous, error), Seen::Refused { because: Because::Payer, .. });
    assert!(named(&error(ErrorKind::Denied, 403, "AccessDenied", None, s3)));
    assert!(named(&error(ErrorKind::Denied, 403, "AccessDenied", Some("0003-00000701"), "Access denied for requester pay bucket")));
    assert!(named(&error(ErrorKind::Denied, 403, "RequestPayerDenied", None, "")));
    assert!(!named(&error(ErrorKind::Denied, 403, "AccessDenied", None, "Access Denied")));
    assert!(!named(&error(ErrorKind::Denied, 403, "AccessDenied", Some("0003-00000001"), "no right")));
    let empty = error(ErrorKind::Usage, 416, "InvalidRange", None, "");
    assert!(matches!(Seen::of_error(Leg::Silent, &empty), Seen::Served { status: 416, .. }), "only who may read hears it");
    let lacks = error(ErrorKind::Unsupported, 501, "NotImplemented", None, "");
    assert_eq!(Seen::of_error(Leg::Setting, &lacks), Seen::Lacks);
    assert!(matches!(Seen::of_error(Leg::Silent, &lacks), Seen::Failed { .. }));
    let dead = Error::new(ErrorKind::Network, "no connection");
    assert!(Seen::of_error(Leg::Setting, &dead).ends(Leg::Setting), "nothing else is tried");
    assert!(!Seen::of_error(Leg::Setting, &error(ErrorKind::Denied, 403, "AccessDenied", None, "")).ends(Leg::Setting));
}
