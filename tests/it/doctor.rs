//! The 403 doctor: every row of the catalogue, the decision with all that it rests on, and refusals of the embedded store over real
//! HTTP. Sentences and steps are typed by hand.

mod moods;
mod typed;

use std::collections::HashSet;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue};
use proptest::prelude::*;
use whopays::app::Thorough;
use whopays::demo::{Act, Prepared};
use whopays::doctor::catalogue::{Found, From, Row, TABLE, best, by_code};
use whopays::doctor::{Again, Cause, Diagnosis, Evidence, Voice, diagnose};
use whopays::domain::{
    AccountName, Addressing, BucketName, CallerIdentity, Consent, Error, Network, ObjectKey, ObjectRef, Op, OssSignature, Ownership, Payer,
    Provider, Sender, Site,
};
use whopays::transfer::Pick;
use whopays::wire::Answer;
use whopays::wire::objects::{AskChecksums, KeysPage, ObjectCall, decode_object};

use typed::{BOTH, ONLY_OSS, ONLY_S3};

use crate::support::store::{World, acting};

fn providers(from: From) -> &'static [Provider] {
    match from {
        From::S3 => &[Provider::S3],
        From::Oss => &[Provider::Oss],
        From::Both => &[Provider::S3, Provider::Oss],
    }
}

/// A listing or a HEAD that was refused.
pub(crate) fn refused(provider: Provider, head: bool, status: u16, body: &str) -> Error {
    refused_at(if provider == Provider::S3 { "us-west-2" } else { "cn-hangzhou" }, provider, head, status, body)
}

fn refused_at(region: &str, provider: Provider, head: bool, status: u16, body: &str) -> Error {
    let site = Site {
        provider,
        region: region.to_owned(),
        endpoint: None,
        sts_endpoint: None,
        network: Network::Public,
        addressing: Addressing::Auto,
        signature: OssSignature::V4,
    };
    let bucket = BucketName::parse(Provider::Oss, "maps").unwrap();
    let call = if head {
        let object = ObjectRef { bucket, key: ObjectKey::new("k"), version: None };
        ObjectCall::HeadObject { object, checksums: AskChecksums::Asked }
    } else {
        ObjectCall::ListObjectsV2 { bucket, page: KeysPage::default() }
    };
    decode_object(&site, &call, &Answer { status, headers: HeaderMap::new(), body: Bytes::from(body.to_owned()) }).unwrap_err()
}

pub(crate) fn sender(consent: Consent) -> Sender {
    Sender { account: AccountName::new("research"), key_id: Some("AKIA…0001".to_owned()), consent, guard: None }
}

fn document(code: &str, ec: &str, rest: &str) -> String {
    let ec = if ec.is_empty() { String::new() } else { format!("<EC>{ec}</EC>") };
    format!("<Error><Code>{code}</Code>{ec}{rest}</Error>")
}

/// Every row is reached by each of its codes, and is whole.
#[test]
fn every_row_is_found_and_whole() {
    for row in TABLE {
        assert!(!row.text.is_empty() && row.step.ends_with('.') && row.step.starts_with(char::is_uppercase), "{row:?}");
        assert!(!row.status.is_empty() && row.cause != Cause::Unknown, "{row:?}");
        assert_eq!(row.again == Again::Yes, row.kind.retryable(), "what the program repeats by itself: {row:?}");
        for provider in providers(row.from) {
            for code in row.codes {
                let found = match row.found {
                    Found::ByCode => by_code(*provider, code),
                    Found::ByMachineCode => best(*provider, code, Some(row.machine[0])),
                };
                assert!(found.is_some_and(|found| std::ptr::eq(found, row)), "{code}: {found:?}");
            }
        }
        for machine in row.machine {
            assert!(std::ptr::eq(best(Provider::Oss, row.codes[0], Some(machine)).unwrap(), row), "{machine}");
            assert!(best(Provider::S3, "Nothing", Some(machine)).is_none(), "{machine} is OSS's");
            assert_eq!(by_code(Provider::Oss, row.codes[0]).unwrap().kind, row.kind, "the code decides the kind: {machine}");
        }
    }
}

/// P16: each row yields its own sentence and its own step at each of its clouds, and no row is left out here.
#[test]
fn every_row_has_its_own_sentence_and_step() {
    for (provider, rows) in [(Provider::S3, [BOTH, ONLY_S3]), (Provider::Oss, [BOTH, ONLY_OSS])] {
        let mut seen: Vec<&Row> = Vec::new();
        let (mut sentences, mut steps) = (HashSet::new(), HashSet::new());
        for (code, machine, status, sentence, step) in rows.into_iter().flatten() {
            let body = document(code, machine, "<Message>max-keys</Message>");
            let error = refused_at("here-1", provider, false, *status, &body).sent_by(|| sender(Consent::Silent));
            let found = diagnose(&Evidence::of(&error, Voice::Command));
            assert_eq!((found.sentence.as_str(), found.step.as_str()), (*sentence, *step), "{provider} {code} {machine}");
            assert!(sentences.insert(*sentence), "{provider} {code}: another row says so, too");
            assert!(steps.insert(*step), "{provider} {code}: another row says so, too");
            seen.push(best(provider, code, Some(*machine).filter(|machine| !machine.is_empty())).expect("a row"));
        }
        for row in TABLE.iter().filter(|row| providers(row.from).contains(&provider)) {
            assert!(seen.iter().any(|other| std::ptr::eq(*other, row)), "{provider}: not typed here: {row:?}");
        }
    }
}

/// The 403 decision: what is known besides the answer changes cause, sentence and step.
#[test]
fn the_decision() {
    use Consent::{Given, Refused, Silent};
    let plain = document("AccessDenied", "", "<Message>Access Denied</Message>");
    let policy = document(
        "AccessDenied",
        "",
        "<Message>User: arn:aws:iam::1:user/x is not authorized to perform: s3:ListBucket on resource: \"arn:aws:s3:::maps\" with an explicit deny in a resource-based policy</Message>",
    );
    let implicit = document(
        "AccessDenied",
        "0003-00000202",
        "<AccessDeniedDetail><AuthAction>oss:ListObjects</AuthAction><AuthPrincipalType>SubUser</AuthPrincipalType>\
         <NoPermissionType>ImplicitDeny</NoPermissionType><PolicyType>AccountLevelIdentityBasedPolicy</PolicyType></AccessDeniedDetail>",
    );
    let payer = document("AccessDenied", "0003-00000703", "<Message>Access denied for requester pay bucket</Message>");
    let (s3, oss) = (Provider::S3, Provider::Oss);
    for (provider, body, consent, cause, sentence, step) in [
        (
            s3,
            &plain,
            Silent,
            Cause::ConsentPossible,
            "The store does not say why: the bucket is requester-pays and the request had no payer header, or `s3:ListBucket` is missing.",
            "If the bucket is requester-pays, add `--request-payer requester`: then you pay, as research; else ask its owner for `s3:ListBucket`.",
        ),
        (
            s3,
            &plain,
            Given,
            Cause::PermissionMissing,
            "The store does not say why: most likely `s3:ListBucket` is missing.",
            "Ask for `s3:ListBucket`: the payer header was sent, so this is not about who pays (policy of the user, of the bucket, or of the network).",
        ),
        (
            s3,
            &plain,
            Refused,
            Cause::ConsentNever,
            "The store does not say why: the bucket is requester-pays and the request had no payer header, or `s3:ListBucket` is missing.",
            "Change `request_payer = \"never\"` of this bucket in the config if research may pay; else ask its owner for `s3:ListBucket`.",
        ),
        (
            s3,
            &policy,
            Silent,
            Cause::DeniedByPolicy,
            "A policy of the bucket denies `s3:ListBucket` to arn:aws:iam::1:user/x by name.",
            "Ask the bucket's owner to change it: a denial by name stands above everything that allows.",
        ),
        (
            oss,
            &implicit,
            Silent,
            Cause::NotAllowed,
            "No policy of the user or role allows `oss:ListObjects` to SubUser.",
            "Ask the administrator of your account to allow `oss:ListObjects`.",
        ),
        (
            oss,
            &payer,
            Silent,
            Cause::ConsentMissing,
            "The bucket is requester-pays, and the request did not say that you pay.",
            "Add `--request-payer requester` to pay for it. Then research is billed for the request and the transfer.",
        ),
        (
            oss,
            &payer,
            Given,
            Cause::ConsentMissing,
            "The bucket is requester-pays, and the store found no payer header, though it was sent.",
            "Look for a proxy that takes headers away, and report this with the request id.",
        ),
        (
            oss,
            &payer,
            Refused,
            Cause::ConsentNever,
            "The bucket is requester-pays, and the config says never to pay for it.",
            "Change `request_payer = \"never\"` of this bucket in the config if research may pay.",
        ),
    ] {
        let error = refused(provider, false, 403, body).sent_by(|| sender(consent));
        let found = diagnose(&Evidence::of(&error, Voice::Command));
        assert_eq!((found.cause, found.sentence.as_str(), found.step.as_str()), (cause, sentence, step), "{provider} {consent:?}");
    }
}

#[test]
fn what_is_known_of_the_bucket_counts() {
    let plain = document("AccessDenied", "", "");
    let error = refused(Provider::S3, false, 403, &plain).sent_by(|| sender(Consent::Silent));
    let own = diagnose(&Evidence { ownership: Some(Ownership::Owned), ..Evidence::of(&error, Voice::Console) });
    assert_eq!((own.cause, own.step.contains("this account's own")), (Cause::PermissionMissing, true), "{own:?}");
    let free = diagnose(&Evidence { payer: Some(&Payer::BucketOwner), ..Evidence::of(&error, Voice::Console) });
    assert_eq!((free.cause, free.step.contains("Press R")), (Cause::PermissionMissing, false), "{free:?}");
    let asks = diagnose(&Evidence::of(&error, Voice::Console));
    assert!(asks.step.starts_with("Press R to be asked whether research pays"), "{asks:?}");

    let guarded = Sender { guard: Some("444455556666".to_owned()), ..sender(Consent::Silent) };
    let error = refused(Provider::S3, false, 403, &plain).sent_by(|| guarded);
    let maybe = diagnose(&Evidence::of(&error, Voice::Console));
    assert!(maybe.sentence.starts_with("The store does not say why: its owner is not account 444455556666, whom"), "{maybe:?}");
    let caller = CallerIdentity { account_id: "111122223333".to_owned(), arn: "arn:x".to_owned(), user_id: "u".to_owned() };
    let known = Evidence { ownership: Some(Ownership::Owned), caller: Some(&caller), ..Evidence::of(&error, Voice::Console) };
    assert_eq!(diagnose(&known).cause, Cause::OtherOwner);

    let anonymous = Sender { key_id: None, ..sender(Consent::Silent) };
    let error = refused(Provider::S3, false, 403, &plain).sent_by(|| anonymous);
    let nobody = diagnose(&Evidence::of(&error, Voice::Command));
    assert_eq!(nobody.sentence, "The request carried no keys, and `s3:ListBucket` is not open to everybody.");

    let owner = refused(Provider::Oss, false, 403, &document("AbnormalBucketOwnerStatus", "", ""));
    let whose = |ownership| diagnose(&Evidence { ownership: Some(ownership), ..Evidence::of(&owner, Voice::Console) }).cause;
    assert_eq!((whose(Ownership::Foreign), whose(Ownership::Owned)), (Cause::OwnersAccountBlocked, Cause::OwnAccountBlocked));
}

/// A2: a HEAD has no text, and says so, at both clouds.
#[test]
fn a_head_without_a_body_has_a_sentence_of_its_own() {
    for (provider, action) in [(Provider::S3, "s3:GetObject"), (Provider::Oss, "oss:GetObject")] {
        let error = refused(provider, true, 403, "").sent_by(|| sender(Consent::Silent));
        let found = diagnose(&Evidence::of(&error, Voice::Command));
        let wanted = format!(
            "The store does not say why: the bucket is requester-pays and the request had no payer header, `{action}` is missing, \
             or the object does not exist and you may not list the bucket."
        );
        assert_eq!((found.cause, found.sentence), (Cause::ConsentPossible, wanted));
        assert!(found.evidence.contains(&("said", "nothing: the answer has no error document".to_owned())), "{:?}", found.evidence);
        let error = refused(provider, true, 403, "").sent_by(|| sender(Consent::Given));
        let paid = diagnose(&Evidence::of(&error, Voice::Command)).sentence;
        let wanted =
            format!("The store does not say why: `{action}` is missing, or the object does not exist and you may not list the bucket.");
        assert_eq!(paid, wanted);
    }
}

/// The region header alone tells where the bucket is: in answers to HEAD there is nothing else.
#[test]
fn the_region_header_alone_is_enough() {
    let region = |provider, name: &'static str, status, there: &'static str| {
        let site = Site {
            provider,
            region: "here-1".to_owned(),
            endpoint: None,
            sts_endpoint: None,
            network: Network::Public,
            addressing: Addressing::Auto,
            signature: OssSignature::V4,
        };
        let bucket = BucketName::parse(Provider::Oss, "maps").unwrap();
        let object = ObjectRef { bucket, key: ObjectKey::new("k"), version: None };
        let call = ObjectCall::HeadObject { object, checksums: AskChecksums::Asked };
        let headers = HeaderMap::from_iter([(http::HeaderName::from_static(name), HeaderValue::from_static(there))]);
        let error = decode_object(&site, &call, &Answer { status, headers, body: Bytes::new() }).unwrap_err();
        diagnose(&Evidence::of(&error.sent_by(|| sender(Consent::Silent)), Voice::Command))
    };
    for (provider, name) in [(Provider::S3, "x-amz-bucket-region"), (Provider::Oss, "x-oss-bucket-region")] {
        for status in [301, 400, 403] {
            let found = region(provider, name, status, "there-2");
            let wanted = (Cause::Elsewhere, "The bucket is in region there-2, and the request was signed for here-1.");
            assert_eq!((found.cause, found.sentence.as_str()), wanted, "{provider} {status}: {found:?}");
            assert!(found.step.starts_with("Set `region` to there-2; "), "{found:?}");
            assert!(found.evidence.contains(&("in region", "there-2".to_owned())), "{found:?}");
        }
        assert_eq!(region(provider, name, 403, "here-1").cause, Cause::ConsentPossible, "it is where it should be");
    }
}

/// The account signs nothing, or with a wrong id or secret.
fn without_keys(text: &str, id: &str) -> String {
    let at = text.find(&format!("access_key_id = \"{id}\"")).expect("the account");
    let rest = &text[at..];
    let keys =
        rest.lines().take_while(|line| line.starts_with("access_key") || line.starts_with("session_token")).collect::<Vec<_>>().join("\n");
    text.replacen(&keys, "credentials = \"anonymous\"", 1)
}

async fn look(world: &World, target: &str, key: &str, consent: Consent) -> Diagnosis {
    let error = world.engine.preview(&acting(target, consent), &Pick::named(ObjectKey::new(key)), 0, 10).await.expect_err("refused");
    diagnose(&Evidence::of(&error, Voice::Command))
}

#[tokio::test]
async fn refusals_of_the_store() {
    let world = World::new().await;
    for (target, key, consent, cause) in [
        ("research:aerial-tiles", "readme.txt", Consent::Silent, Cause::ConsentPossible),
        ("partner:lab-microscopy", "readme.txt", Consent::Silent, Cause::ConsentMissing),
        ("research:brand-assets", "notes.txt", Consent::Given, Cause::PermissionMissing),
        ("partner:lab-raw-frames", "notes.txt", Consent::Given, Cause::NotAllowed),
        ("research:simulation-runs", "nothing-here", Consent::Silent, Cause::Missing),
    ] {
        let found = look(&world, target, key, consent).await;
        assert_eq!(found.cause, cause, "{target}: {found:?}");
        let labels: Vec<&str> = found.evidence.iter().map(|(label, _)| *label).collect();
        for label in ["request", "payer", "as", "store", "request id", "again"] {
            assert!(labels.contains(&label), "{target}: {labels:?}");
        }
    }
    for (target, cause, status, code, rest) in [
        ("studio:brand-assets", Cause::Archived, 403, "InvalidObjectState", ""),
        ("lab:lab-raw-frames", Cause::Archived, 403, "InvalidObjectState", ""),
        ("studio:brand-assets", Cause::Unsupported, 501, "NotImplemented", ""),
        ("lab:lab-raw-frames", Cause::Unsupported, 501, "NotImplemented", ""),
        ("studio:brand-assets", Cause::Clock, 403, "RequestTimeTooSkewed", "<ServerTime>2031-05-06T07:08:09Z</ServerTime>"),
        ("lab:lab-raw-frames", Cause::Clock, 403, "RequestTimeTooSkewed", "<EC>0002-00000504</EC>"),
        ("studio:brand-assets", Cause::Elsewhere, 301, "PermanentRedirect", "<Endpoint>s3.eu-west-3.amazonaws.com</Endpoint>"),
        ("lab:lab-raw-frames", Cause::Elsewhere, 403, "AccessDenied", "<Endpoint>oss-cn-beijing.aliyuncs.com</Endpoint>"),
        ("lab:lab-raw-frames", Cause::OwnAccountBlocked, 403, "InDebt", ""),
    ] {
        let world = World::new().await;
        let act = || Act::Answer(Prepared::new(status, "application/xml", document(code, "", rest)));
        world.store.script(Op::GetObject, [act(), act(), act()]);
        let found = look(&world, target, "notes.txt", Consent::Silent).await;
        assert_eq!(found.cause, cause, "{target} {code}: {found:?}");
    }
}

/// The moods of a store, at both clouds: it does not enforce, it says yes where it means no, it lacks the setting, its clock is off.
#[tokio::test]
async fn moods_of_the_store() {
    let answer = |status, content_type: &str, body: &str| Act::Answer(Prepared::new(status, content_type, body));
    for target in ["research:aerial-tiles", "partner:lab-microscopy"] {
        let world = World::new().await;
        let at = acting(target, Consent::Silent);
        world.store.script(Op::GetObject, [Act::Answer(Prepared::new(200, "text/plain", "hello").with("etag", "\"e1\""))]);
        let free = world.engine.preview(&at, &Pick::named(ObjectKey::new("readme.txt")), 0, 10).await;
        assert!(free.is_ok(), "{target}: a store that does not enforce refuses nothing: {free:?}");
        assert!(look(&world, target, "readme.txt", Consent::Silent).await.cause.is_payer(), "{target}: and then it does");
    }
    for target in ["studio:brand-assets", "lab:lab-raw-frames"] {
        for (status, content_type, body, cause, step) in [
            (
                200,
                "text/html",
                "<!DOCTYPE html><html>log in</html>",
                Cause::NotTheStore,
                "Check `endpoint`, and whether a proxy or a login page",
            ),
            (
                200,
                "application/xml",
                "<ListBucketResult></ListBucketResult>",
                Cause::Unsupported,
                "Treat the bucket as one whose owner pays",
            ),
            (
                501,
                "application/xml",
                "<Error><Code>NotImplemented</Code></Error>",
                Cause::Unsupported,
                "Treat the bucket as one whose owner pays",
            ),
            (405, "text/plain", "", Cause::Unsupported, "Treat the bucket as one whose owner pays"),
            (403, "text/plain", "", Cause::OwnerOnly, "Ask the owner: only the bucket's owner may read its payer"),
            (403, "application/xml", "<Error><Code>RequestTimeTooSkewed</Code></Error>", Cause::Clock, "Correct the clock of this machine"),
        ] {
            let world = World::new().await;
            world.store.script(Op::GetBucketRequestPayment, [(); 3].map(|()| answer(status, content_type, body)));
            let error = world.engine.read_payer(&acting(target, Consent::Silent).place).await.expect_err("refused");
            let found = diagnose(&Evidence::of(&error, Voice::Command));
            assert_eq!((found.cause, found.step.starts_with(step)), (cause, true), "{target} {status} {body}: {found:?}");
            assert!(found.evidence.contains(&("payer", "this operation takes no payer header".to_owned())) || error.refused().is_none());
        }
    }
}

/// Keys that are none, unknown, or wrong, at both clouds.
#[tokio::test]
async fn refusals_because_of_keys() {
    for (target, id, secret) in [
        ("research:aerial-tiles", "AKIADEMORESEARCH0001", "demo-research-secret"),
        ("partner:lab-microscopy", "STS.NUdemoPartner0001", "demoPartnerSecret"),
    ] {
        let anonymous = World::with(|text| without_keys(&text, id), |engine| engine).await;
        let found = look(&anonymous, target, "readme.txt", Consent::Silent).await;
        assert_eq!((found.cause, found.sentence.contains("requester-pays")), (Cause::Anonymous, true), "{found:?}");
        assert!(found.evidence.iter().any(|(_, text)| text.contains("no keys: anonymous")), "{found:?}");
        let unknown = World::with(|text| text.replace(id, "AKIAWRONGWRONGWRONG1"), |engine| engine).await;
        let found = look(&unknown, target, "readme.txt", Consent::Silent).await;
        assert_eq!(found.cause, Cause::UnknownKey, "{found:?}");
        assert!(!format!("{found:?}").contains("AKIAWRONGWRONGWRONG1"), "the id is shortened: {found:?}");
        let wrong = World::with(|text| text.replace(secret, "canary-secret"), |engine| engine).await;
        let found = look(&wrong, target, "readme.txt", Consent::Silent).await;
        assert_eq!(found.cause, Cause::Signature, "{found:?}");
        assert!(!format!("{found:?}").contains("canary"), "{found:?}");
    }
}

/// HEAD of the embedded store, at both clouds: S3 has no body, OSS hides its document in a header.
#[tokio::test]
async fn heads_of_the_store() {
    let world = World::new().await;
    for (target, cause, bodyless) in
        [("research:aerial-tiles", Cause::ConsentPossible, true), ("partner:lab-microscopy", Cause::ConsentMissing, false)]
    {
        let at = acting(target, Consent::Silent);
        let error = world.engine.inspect(&at, &Pick::named(ObjectKey::new("readme.txt")), Thorough::Headers).await.expect_err("refused");
        let found = diagnose(&Evidence::of(&error, Voice::Command));
        assert_eq!((found.cause, found.sentence.contains("does not exist")), (cause, bodyless), "{found:?}");
    }
}

proptest! {
    /// P21: whatever a store answers, there is a diagnosis, nothing in it acts on a terminal, and no echoed secret is in it.
    #[test]
    fn every_answer_has_a_diagnosis(
        status in 300_u16..600,
        body in prop_oneof![
            proptest::collection::vec(any::<u8>(), 0..200),
            "<Error><Code>(AccessDenied|InDebt|[A-Z]{1,9}|)</Code><(Message|EC|Region|Endpoint|RecommendDoc)>\\PC{0,40}</(Message|EC|Region|Endpoint|RecommendDoc)>\
             <Message>(X-Amz-Signature=|x-oss-security-token: |Authorization: AWS4-HMAC-SHA256 )canary</Message>\
             <(StringToSign|SignatureProvided|AWSAccessKeyId|SecurityToken)>canary</(StringToSign|SignatureProvided|AWSAccessKeyId|SecurityToken)>\
             <AccessDeniedDetail><(PolicyType|NoPermissionType)>\\PC{0,20}</(PolicyType|NoPermissionType)><EncodedDiagnosticMessage>canary</EncodedDiagnosticMessage></AccessDeniedDetail></Error>"
                .prop_map(String::into_bytes),
        ],
        header in "[ -~]{0,24}",
        oss in any::<bool>(),
        head in any::<bool>(),
        console in any::<bool>(),
        owned in any::<bool>(),
    ) {
        let provider = if oss { Provider::Oss } else { Provider::S3 };
        let site = Site {
            provider, region: "eu-west-1".to_owned(), endpoint: None, sts_endpoint: None,
            network: Network::Public, addressing: Addressing::Auto, signature: OssSignature::V4,
        };
        let mut headers = HeaderMap::new();
        headers.insert("x-oss-ec", HeaderValue::from_str(&header).unwrap());
        let bucket = BucketName::parse(Provider::Oss, "maps").unwrap();
        let object = ObjectRef { bucket: bucket.clone(), key: ObjectKey::new("k"), version: None };
        let call = if head {
            ObjectCall::HeadObject { object, checksums: AskChecksums::Asked }
        } else {
            ObjectCall::ListObjectsV2 { bucket, page: KeysPage::default() }
        };
        let error = decode_object(&site, &call, &Answer { status, headers, body: Bytes::from(body) }).unwrap_err();
        let error = error.sent_by(|| sender(Consent::Silent));
        let voice = if console { Voice::Console } else { Voice::Command };
        let ownership = Some(if owned { Ownership::Owned } else { Ownership::Foreign });
        let found = diagnose(&Evidence { ownership, ..Evidence::of(&error, voice) });
        prop_assert!(!found.sentence.is_empty() && !found.step.is_empty());
        let all = format!("{} {} {}", found.sentence, found.step, found.evidence.iter().map(|(label, text)| format!("{label}{text}")).collect::<String>());
        prop_assert!(!all.contains("canary") && !all.chars().any(char::is_control), "{all}");
    }
}
