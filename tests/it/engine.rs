//! The engine against the embedded store, over real HTTP: what is sent is counted in the store's own log.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use whopays::app::{Changed, PayerChange};
use whopays::audit::Outcome;
use whopays::config::{self, Config, LiteralSecrets};
use whopays::demo::{Act, Options, Prepared, Received, Store};
use whopays::domain::{AccountName, BucketId, BucketName, Error, ErrorKind, Op, Payer, Place, Provider, Result};
use whopays::runtime::desk::Desk;
use whopays::runtime::engine::Engine;
use whopays::runtime::journal::Journal;

const ARN: &str = "arn:aws:iam::111122223333:user/mara";

/// A store, an engine for its accounts, and what the engine had to say meanwhile.
struct World {
    store: Store,
    engine: Engine,
    journal: Journal,
    notices: Arc<Mutex<Vec<Error>>>,
}

impl World {
    async fn new() -> Self {
        Self::with(Options::default(), |text| text).await
    }

    /// A world whose ready config is changed before it is read.
    async fn with(options: Options, change: impl FnOnce(String) -> String) -> Self {
        let store = Store::start(options).await.expect("a store");
        let config = parse(&change(store.config()));
        Self::of(store, &config, Journal::in_memory().expect("memory"))
    }

    fn of(store: Store, config: &Config, journal: Journal) -> Self {
        let notices = Arc::new(Mutex::new(Vec::new()));
        let heard = Arc::clone(&notices);
        let notice = Box::new(move |error| heard.lock().expect("no panic holds it").push(error));
        let engine = Engine::new(config, journal.clone(), Arc::new(Desk::default()), notice).expect("an engine");
        let engine = engine.with_read_back([0, 5, 10, 20].map(Duration::from_millis));
        Self { store, engine, journal, notices }
    }

    fn count(&self, op: Op) -> usize {
        self.received(op).len()
    }

    fn received(&self, op: Op) -> Vec<Received> {
        self.store.log().into_iter().filter(|entry| entry.op == Some(op)).collect()
    }

    async fn payer(&self, target: &str) -> Result<Payer> {
        self.engine.read_payer(&place(target)).await.map(|fact| fact.payer)
    }

    async fn change(&self, target: &str, to: Payer) -> Changed {
        self.engine.change_payer(&order(target, to), || ()).await
    }

    fn notices(&self) -> Vec<String> {
        self.notices.lock().expect("no panic holds it").iter().map(|error| error.message().to_owned()).collect()
    }
}

fn parse(text: &str) -> Config {
    config::parse("demo.toml", text, LiteralSecrets::Allowed).expect("a good config")
}

fn id(target: &str) -> BucketId {
    let (account, bucket) = target.split_once(':').expect("ACCOUNT:BUCKET");
    BucketId { account: AccountName::new(account), bucket: BucketName::parse(Provider::S3, bucket).expect("a name") }
}

fn place(target: &str) -> Place {
    Place { id: id(target), region: None, expected_owner: None }
}

fn order(target: &str, to: Payer) -> PayerChange {
    PayerChange { place: place(target), before: Some(Payer::BucketOwner), to, identity: Some(ARN.to_owned()) }
}

fn answer(status: u16, body: &str) -> Act {
    Act::Answer(Prepared::new(status, "application/xml", body))
}

/// J1, P1, P2: the board of every account costs one request for each list and one for each bucket, and none of them offers to pay.
#[tokio::test]
async fn the_board_costs_one_request_a_list_and_one_a_bucket() {
    let world = World::with(Options { extra_buckets: 2_500, ..Options::default() }, |text| text).await;
    let mut listed = Vec::new();
    for account in ["studio", "research", "archive", "auditor", "lab", "partner", "crowd"] {
        let name = AccountName::new(account);
        let page = |page: whopays::app::Listing| listed.extend(page.buckets.into_iter().map(|bucket| (account, bucket)));
        world.engine.list_buckets(&name, page).await.expect("a list");
    }
    assert_eq!(listed.len(), 36 + 2_500);
    assert_eq!(world.count(Op::ListBuckets), 6 + 3, "a thousand a page");
    let own = listed.iter().filter(|(account, _)| *account != "crowd");
    for (account, record) in own.clone() {
        let id = BucketId { account: AccountName::new(*account), bucket: record.name.clone() };
        let _some_deny =
            world.engine.read_payer(&Place { id, region: record.region.as_deref().map(str::to_owned), expected_owner: None }).await;
    }
    for (_, record) in own {
        let asked: Vec<Received> =
            world.received(Op::GetBucketRequestPayment).into_iter().filter(|entry| entry.bucket == record.name.as_str()).collect();
        assert_eq!(asked.len(), 1, "{asked:?}");
    }
    let log = world.store.log();
    assert_eq!(log.len(), 9 + 36, "and nothing else");
    assert!(log.iter().all(|entry| entry.payer.is_empty()), "nobody consented to pay");
    assert_eq!(world.engine.requests(), 45);
}

/// A6: a bucket elsewhere costs one request more, once.
#[tokio::test]
async fn a_bucket_in_another_region_is_found_once() {
    let world = World::new().await;
    // 400 with the region, 301 with the region, and OSS.
    for (target, region) in
        [("studio:paris-renders", "eu-west-3"), ("studio:ohio-overflow", "us-east-2"), ("lab:lab-shanghai", "cn-shanghai")]
    {
        let before = world.engine.requests();
        let fact = world.engine.read_payer(&place(target)).await.expect("found");
        assert_eq!((fact.payer, fact.region.as_deref()), (Payer::BucketOwner, Some(region)), "{target}");
        assert_eq!(world.engine.requests() - before, 2, "{target}");
        world.payer(target).await.expect("found again");
        assert_eq!(world.engine.requests() - before, 3, "{target}: remembered");
    }
    let changed = world.change("studio:paris-renders", Payer::Requester).await;
    assert_eq!((changed.outcome, world.count(Op::PutBucketRequestPayment)), (Outcome::Verified, 1), "the change goes there at once");
}

/// P20: the line in the journal holds what an auditor asks for.
#[tokio::test]
async fn a_change_is_verified_and_recorded() {
    let world = World::new().await;
    let begun = Timestamp::now();
    let accepted = Mutex::new(false);
    let order = order("studio:colorpictures", Payer::Requester);
    let changed = world.engine.change_payer(&order, || *accepted.lock().expect("ours") = true).await;
    assert_eq!((changed.outcome, changed.error.is_none(), *accepted.lock().expect("ours")), (Outcome::Verified, true, true));
    assert_eq!(changed.after.expect("read back").payer, Payer::Requester);
    assert_eq!(world.store.payer("colorpictures").as_deref(), Some("Requester"));
    let lines = world.journal.newest(10).expect("readable");
    let [line] = lines.as_slice() else { panic!("one line: {lines:?}") };
    assert!(line.at >= begun && line.at <= Timestamp::now());
    assert_eq!((line.bucket.to_string().as_str(), line.provider), ("studio:colorpictures", Provider::S3));
    assert_eq!(line.identity.as_deref(), Some("arn:aws:iam::111122223333:user/mara"));
    assert_eq!((&line.before, &line.asked, &line.after), (&Some(Payer::BucketOwner), &Payer::Requester, &Some(Payer::Requester)));
    assert_eq!((line.outcome, &line.error), (Outcome::Verified, &None));
    assert!(line.request_id.as_ref().is_some_and(|id| !id.is_empty() && changed.request_id.as_ref() == Some(id)), "{line:?}");
    let payers: Vec<String> = world.store.log().into_iter().flat_map(|entry| entry.payer).collect();
    assert_eq!(payers, Vec::<String>::new());
}

/// A store without STS: the journal names the key at least.
#[tokio::test]
async fn a_change_by_nobody_known_names_the_key() {
    let world = World::new().await;
    let order = PayerChange { identity: None, ..order("studio:colorpictures", Payer::Requester) };
    world.engine.change_payer(&order, || ()).await;
    assert_eq!(world.journal.newest(1).expect("readable")[0].identity.as_deref(), Some("AKIA…0001"));
}

/// S3 may take its time: the value is read until it agrees.
#[tokio::test]
async fn a_slow_bucket_is_read_until_it_agrees() {
    for target in ["studio:slow-turning", "lab:lab-slow-motion"] {
        let World { store, engine, journal, notices } = World::new().await;
        let world = World {
            engine: engine.with_read_back([Duration::ZERO; 1].into_iter().chain([Duration::from_millis(200); 30])),
            store,
            journal,
            notices,
        };
        let changed = world.change(target, Payer::Requester).await;
        assert_eq!((changed.outcome, changed.after.expect("read back").payer), (Outcome::Verified, Payer::Requester), "{target}");
        assert_eq!(world.count(Op::PutBucketRequestPayment), 1, "{target}");
        assert!((3..30).contains(&world.count(Op::GetBucketRequestPayment)), "{target}: {}", world.count(Op::GetBucketRequestPayment));
    }
}

/// D9, P8: a store that says yes and keeps the old value.
#[tokio::test]
async fn a_change_that_the_store_forgets_is_not_applied() {
    let world = World::new().await;
    world.store.script(Op::PutBucketRequestPayment, [answer(200, "")]);
    let changed = world.change("studio:colorpictures", Payer::Requester).await;
    assert_eq!((changed.outcome, changed.after.expect("read back").payer), (Outcome::NotApplied, Payer::BucketOwner));
    let error = changed.error.expect("why");
    assert_eq!(error.message(), "bucket \"colorpictures\": the store accepted the change but still answers BucketOwner");
    assert_eq!((world.count(Op::PutBucketRequestPayment), world.count(Op::GetBucketRequestPayment)), (1, 4));
    let line = &world.journal.newest(1).expect("readable")[0];
    assert_eq!((line.outcome, &line.after), (Outcome::NotApplied, &Some(Payer::BucketOwner)));
}

/// The guard of the config goes out with S3's requests, never with OSS's, and a refusal names it.
#[tokio::test]
async fn the_owner_guard_is_sent_and_named() {
    let world = World::new().await;
    let guarded = |target: &str, owner: &str| Place { expected_owner: Some(owner.to_owned()), ..place(target) };
    let fact = world.engine.read_payer(&guarded("studio:colorpictures", "111122223333")).await.expect("the owner's own");
    assert_eq!(fact.payer, Payer::BucketOwner);
    let error = world.engine.read_payer(&guarded("studio:colorpictures", "999999999999")).await.expect_err("another owner");
    assert_eq!((error.kind(), error.message()), (ErrorKind::Denied, "bucket \"colorpictures\": access denied"));
    assert_eq!(
        error.hint_text(),
        Some(
            "Ask the owner: only the bucket's owner may read its payer, with the permission `s3:GetBucketRequestPayment`. \
             Check the guard too: `account_id` or `owner_id` says that 999999999999 owns the bucket."
        )
    );
    let change = PayerChange { place: guarded("studio:colorpictures", "999999999999"), ..order("studio:colorpictures", Payer::Requester) };
    let changed = world.engine.change_payer(&change, || ()).await;
    assert_eq!((changed.outcome, world.store.payer("colorpictures").as_deref()), (Outcome::Failed, Some("BucketOwner")));
    world.engine.read_payer(&guarded("lab:color-atlas", "999999999999")).await.expect("OSS has no such header");
}

/// A change without a line in the journal is not made.
#[tokio::test]
async fn without_a_journal_nothing_is_sent() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("journal.db");
    std::fs::write(&path, "this is no database, but long enough to be taken for one by nobody".repeat(20)).expect("written");
    let store = Store::start(Options::default()).await.expect("a store");
    let config = parse(&store.config());
    let world = World::of(store, &config, Journal::open(&path).expect("a path"));
    let changed = world.change("studio:colorpictures", Payer::Requester).await;
    let error = changed.error.expect("why");
    assert_eq!((changed.outcome, error.kind()), (Outcome::Failed, ErrorKind::Local));
    let hint = error.hint_text().expect("a remedy");
    assert!(hint.starts_with("Move the file away") && hint.ends_with("a change without a journal line is not made."), "{hint}");
    assert_eq!((world.engine.requests(), world.store.log().len()), (0, 0));
}

/// A10: whatever is under way when the clock turns out wrong is corrected together, and the user hears of it once.
#[tokio::test]
async fn a_wrong_clock_is_corrected_once_for_all() {
    for (minutes, told) in [
        (20, "this machine's clock is 20 min behind the store of account \"studio\"; the store's time is used"),
        (-20, "this machine's clock is 20 min ahead of the store of account \"studio\"; the store's time is used"),
    ] {
        let offset = Options { clock_offset: SignedDuration::from_mins(minutes), ..Options::default() };
        let world = World::with(offset, |text| text).await;
        let buckets = ["colorpictures", "aerial-tiles", "brand-assets", "film-masters", "odd-keys", "website-static"];
        let readings = buckets.map(|bucket| {
            let engine = world.engine.clone();
            tokio::spawn(async move { engine.read_payer(&place(&format!("studio:{bucket}"))).await })
        });
        for reading in readings {
            reading.await.expect("no panic").expect("corrected");
        }
        assert!((7..=12).contains(&world.engine.requests()), "{}", world.engine.requests());
        let before = world.engine.requests();
        world.payer("studio:colorpictures").await.expect("with the store's time");
        assert_eq!(world.engine.requests() - before, 1, "remembered");
        assert_eq!(world.notices(), [told]);
    }
}

/// A program that gives expired keys the first time and good ones from then on, and keeps count.
fn renewing_program(folder: &Path) -> String {
    let program = folder.join("keys.sh");
    let keys = |id: &str, secret: &str, token: &str| {
        format!("{{\"Version\": 1, \"AccessKeyId\": \"{id}\", \"SecretAccessKey\": \"{secret}\", \"SessionToken\": \"{token}\"}}")
    };
    let old = keys("ASIADEMOEXPIRED00001", "demo-expired-secret/0123456789abcdefghijk", "demo-expired-token");
    let new = keys("ASIADEMOAUDITOR00001", "demo-auditor-secret/0123456789abcdefghijk", "demo-auditor-token/+=IQoJb3JpZ2luX2VjEXAMPLE");
    let count = folder.join("count");
    let count = count.display();
    let text = format!("#!/bin/sh\nif [ -e {count} ]; then k='{new}'; else k='{old}'; fi\necho asked >> {count}\necho \"$k\"\n");
    std::fs::write(&program, text).expect("written");
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o700)).expect("made executable");
    program.display().to_string()
}

/// P19: keys that the store calls expired are renewed once, however many requests were under way with them.
#[tokio::test]
async fn expired_keys_are_asked_for_again_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let program = renewing_program(folder.path());
    let store = Store::start(Options::default()).await.expect("a store");
    let text = format!(
        "[accounts.auditor]\nprovider = \"s3\"\nregion = \"us-east-1\"\nendpoint = \"http://{}\"\naddressing = \"path\"\n\
         credentials = \"process:{program}\"\n",
        store.address()
    );
    let world = World::of(store, &parse(&text), Journal::in_memory().expect("memory"));
    let readings: Vec<_> = (0..12)
        .map(|_| {
            let engine = world.engine.clone();
            tokio::spawn(async move { engine.read_payer(&place("auditor:audit-trail")).await })
        })
        .collect();
    for reading in readings {
        assert_eq!(reading.await.expect("no panic").expect("renewed").payer, Payer::BucketOwner);
    }
    let asked = std::fs::read_to_string(folder.path().join("count")).expect("asked");
    assert_eq!(asked.lines().count(), 2, "the first time, and once more for all twelve");
    assert!(world.engine.requests() <= 24, "{}", world.engine.requests());
}

/// Keys that stay expired are not asked for again and again.
#[tokio::test]
async fn keys_that_stay_expired_end_in_an_error() {
    let world = World::with(Options::default(), |text| {
        text.replace("ASIADEMOAUDITOR00001", "ASIADEMOEXPIRED00001")
            .replace("demo-auditor-secret/0123456789abcdefghijk", "demo-expired-secret/0123456789abcdefghijk")
            .replace("demo-auditor-token/+=IQoJb3JpZ2luX2VjEXAMPLE", "demo-expired-token")
    })
    .await;
    let error = world.payer("auditor:audit-trail").await.expect_err("expired");
    assert_eq!((error.kind(), world.engine.requests()), (ErrorKind::Credentials, 2));
    assert_eq!(error.message(), "bucket \"audit-trail\": the session token has expired");
    assert_eq!(error.hint_text(), Some("Log in again, or renew the credentials of this account."));
}

/// P18: a key id is no secret; what signs is the account's own.
#[tokio::test]
async fn accounts_with_one_key_id_and_two_secrets_stay_apart() {
    let world = World::with(Options::default(), |text| {
        let studio = text.split("\n# ").find(|section| section.contains("[accounts.studio]")).expect("there").to_owned();
        let twin = studio.replace("[accounts.studio]", "[accounts.twin]").replace("demo-studio-secret", "demo-another-secret");
        format!("{text}\n# {twin}")
    })
    .await;
    for _ in 0..3 {
        assert_eq!(world.payer("studio:colorpictures").await.expect("the right secret"), Payer::BucketOwner);
        let error = world.payer("twin:colorpictures").await.expect_err("the wrong secret");
        assert_eq!((error.kind(), error.code()), (ErrorKind::Credentials, Some("SignatureDoesNotMatch")));
    }
    assert_eq!(world.engine.requests(), 6);
}

/// B8: a store in trouble gets less load, not three times as much.
#[tokio::test]
async fn a_failing_store_ends_the_retries_of_its_account() {
    let world = World::new().await;
    let fault = answer(500, "<Error><Code>InternalError</Code><Message>x</Message></Error>");
    world.store.script(Op::GetBucketRequestPayment, vec![fault; 300]);
    let readings: Vec<_> = (0..60)
        .map(|_| {
            let engine = world.engine.clone();
            tokio::spawn(async move { engine.read_payer(&place("studio:colorpictures")).await })
        })
        .collect();
    for reading in readings {
        assert_eq!(reading.await.expect("no panic").expect_err("it fails").kind(), ErrorKind::Server);
    }
    assert_eq!(world.engine.requests(), 60 + 35, "35 repetitions in all, not 120");
    world.engine.read_payer(&place("lab:color-atlas")).await.expect_err("scripted too");
    assert_eq!(world.engine.requests(), 95 + 3, "another account has tokens of its own");
}

/// Dropping a question ends it, and nobody else notices.
#[tokio::test]
async fn a_dropped_question_leaves_nothing_behind() {
    let world = World::with(Options { latency: Duration::from_millis(300), ..Options::default() }, |text| text).await;
    let soon = Duration::from_millis(100);
    tokio::time::timeout(soon, world.payer("studio:colorpictures")).await.expect_err("dropped");
    tokio::time::timeout(soon, world.change("studio:brand-assets", Payer::Requester)).await.err().expect("dropped");
    let sent = world.engine.requests();
    assert_eq!(sent, 2);
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(world.engine.requests(), sent, "nothing goes on behind the scenes");
    assert_eq!(
        world.journal.newest(5).expect("readable")[0].outcome,
        Outcome::Sent,
        "the change may have been made, and the journal says so"
    );
    assert_eq!(world.payer("studio:colorpictures").await.expect("answered"), Payer::BucketOwner);
    let changed = world.change("studio:brand-assets", Payer::Requester).await;
    assert_eq!(changed.outcome, Outcome::Verified);
}

/// What bucket-level refusals tell an operator: cause, then next step, each by hand.
#[tokio::test]
async fn refusals_say_what_to_do() {
    let world = World::new().await;
    let told = |error: Error| (error.kind(), error.message().to_owned(), error.hint_text().unwrap_or_default().to_owned());
    for (target, kind, message, hint) in [
        (
            "research:aerial-tiles",
            ErrorKind::Denied,
            "bucket \"aerial-tiles\": access denied",
            "Ask the owner: only the bucket's owner may change its payer, with the permission `s3:PutBucketRequestPayment`.",
        ),
        (
            "partner:lab-microscopy",
            ErrorKind::Denied,
            "bucket \"lab-microscopy\": access denied",
            "Ask the owner: only the bucket's owner may change its payer, with the permission `oss:PutBucketRequestPayment`.",
        ),
        (
            "studio:legacy-gateway",
            ErrorKind::Unsupported,
            "bucket \"legacy-gateway\": this store does not implement request payment",
            "Treat the bucket as one whose owner pays: the store has no such setting.",
        ),
        (
            "studio:no-such-bucket-here",
            ErrorKind::NotFound,
            "bucket \"no-such-bucket-here\": there is no such bucket",
            "Check the name, the account and the endpoint.",
        ),
    ] {
        let changed = world.change(target, Payer::Requester).await;
        assert_eq!(changed.outcome, Outcome::Failed, "{target}");
        assert_eq!(told(changed.error.expect("why")), (kind, message.to_owned(), hint.to_owned()), "{target}");
    }
    let error = world.payer("lab:lab-restricted").await.expect_err("denied by policy");
    assert_eq!(
        error.hint_text(),
        Some(
            "Ask the owner: only the bucket's owner may read its payer, with the permission `oss:GetBucketRequestPayment`. \
             The store says: oss:GetBucketRequestPayment, ExplicitDeny."
        )
    );
}

/// A4, A5: an answer that broke off, and one that no store wrote.
#[tokio::test]
async fn broken_answers_have_their_own_sentences() {
    let world = World::new().await;
    let whole =
        Prepared::new(200, "application/xml", "<RequestPaymentConfiguration><Payer>Requester</Payer></RequestPaymentConfiguration>");
    let cases = [
        (Act::Cut(whole, 30), ErrorKind::Network, "127.0.0.1: the answer broke off before its end"),
        (
            answer(200, "<RequestPaymentConfiguration><Payer>Reque"),
            ErrorKind::InvalidReply,
            "bucket \"colorpictures\": the answer is not what the protocol promises: it ends too early; application/xml, \
             it begins with \"<RequestPaymentConfiguration><Payer>Reque\"",
        ),
        (
            Act::Answer(Prepared::new(200, "text/html", "<!DOCTYPE html><html><title>Welcome to the hotel</title></html>")),
            ErrorKind::InvalidReply,
            "bucket \"colorpictures\": the answer is not what the protocol promises: it is a web page; text/html, \
             it begins with \"<!DOCTYPE html><html><title>Welcome to the hotel</title></ht\"",
        ),
    ];
    for (act, kind, message) in cases {
        // Only what broke on its way is asked for again.
        let attempts = if kind == ErrorKind::Network { 3 } else { 1 };
        let before = world.engine.requests();
        world.store.script(Op::GetBucketRequestPayment, vec![act; attempts]);
        let error = world.payer("studio:colorpictures").await.expect_err("broken");
        assert_eq!((error.kind(), error.message()), (kind, message));
        assert_eq!(world.engine.requests() - before, attempts as u64);
    }
}
