//! Listings against the embedded store, over real HTTP: what they cost and on whose word is read in the store's own log.

use std::ops::ControlFlow;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::demo_store::say;
use whopays::config::{self, LiteralSecrets};
use whopays::demo::{Act, LoadOptions, LoadStore, Options, Prepared, Received, Store};
use whopays::domain::{AccountName, Acting, Begin, BucketId, BucketName, Consent, Depth, ErrorKind, Op, PageAsk, Place, Provider, Result};
use whopays::runtime::desk::Desk;
use whopays::runtime::engine::Engine;
use whopays::runtime::journal::Journal;
use whopays::runtime::objects::walk::{Order, Walk, Walked};
use whopays::runtime::tally::Counters;

struct World {
    store: Store,
    engine: Engine,
}

impl World {
    async fn with(latency: Duration) -> Self {
        let store = Store::start(Options { latency, ..Options::default() }).await.unwrap();
        let config = config::parse("demo.toml", &store.config(), LiteralSecrets::Allowed).unwrap();
        let engine = Engine::new(&config, Journal::in_memory().unwrap(), Arc::new(Desk::default()), Box::new(|_| ())).unwrap();
        Self { store, engine }
    }

    fn asked(&self) -> Vec<Received> {
        self.store.log().into_iter().filter(|entry| entry.op == Some(Op::ListObjectsV2)).collect()
    }

    async fn walk(&self, acting: &Acting, walk: &Walk) -> (Vec<String>, Result<Walked>) {
        let mut keys = Vec::new();
        let walked = self
            .engine
            .walk(acting, walk, None, |leaf| {
                keys.extend(leaf.iter().map(|row| row.key.to_owned()));
                ControlFlow::Continue(())
            })
            .await;
        (keys, walked)
    }
}

fn acting(account: &str, bucket: &str, region: &str, consent: Consent) -> Acting {
    let id = BucketId { account: AccountName::new(account), bucket: BucketName::parse(Provider::S3, bucket).unwrap() };
    Acting { place: Place { id, region: Some(region.to_owned()), expected_owner: None }, consent }
}

fn numbered(folders: std::ops::Range<usize>) -> Vec<String> {
    folders.flat_map(|folder| (0..1000).map(move |file| format!("readings/{folder:03}/{:06}.json", folder * 1000 + file))).collect()
}

/// P2, goal 12: the word on paying goes with every page and with every range that is begun ahead.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_page_of_a_walk_has_the_payer_header() {
    // Much longer than reading a page takes, also where tests run beside each other.
    let world = World::with(Duration::from_millis(400)).await;
    let acting = acting("research", "sensor-archive", "us-west-2", Consent::Given);
    let (keys, walked) = world.walk(&acting, &Walk { from: Some("readings/070".to_owned()), ..Walk::below("readings/") }).await;
    let walked = walked.unwrap();
    assert_eq!(keys, numbered(70..100));
    assert!(walked.complete && walked.objects == 30_000, "{walked:?}");
    let asked = world.asked();
    assert_eq!((asked.len() as u64, walked.requests), (walked.requests, 30 + walked.extra), "{walked:?}");
    assert!(walked.extra <= 1, "{walked:?}");
    assert!(asked.iter().all(|entry| entry.payer == ["x-amz-request-payer: requester"]), "{asked:?}");
    assert!(asked.iter().any(|entry| entry.target.contains("start-after=")), "a range was begun ahead");
}

/// The same on OSS, where the demo's buckets are too small for ranges: the load store counts what does not say who pays.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_range_of_an_oss_bucket_has_the_payer_header() {
    let listen = "127.0.0.1:0".parse().unwrap();
    let store = LoadStore::start(LoadOptions { listen, latency: Duration::from_millis(200), keys: 25_000, threads: 2, tls: None }).unwrap();
    let config = config::parse("load.toml", &store.config(), LiteralSecrets::Allowed).unwrap();
    let engine = Engine::new(&config, Journal::in_memory().unwrap(), Arc::new(Desk::default()), Box::new(|_| ())).unwrap();
    let id = BucketId { account: AccountName::new("oss-bench"), bucket: BucketName::parse(Provider::Oss, "oss-synthetic").unwrap() };
    for consent in [Consent::Given, Consent::Silent] {
        let acting = Acting { place: Place { id: id.clone(), region: None, expected_owner: None }, consent };
        let walked = engine.walk(&acting, &Walk::below(""), None, |_| ControlFlow::Continue(())).await.unwrap();
        let asked = format!("DELETE /-/counts HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n", host = store.address());
        let counts: serde_json::Value = serde_json::from_str(&say(store.address(), asked).await.unwrap().body).unwrap();
        let listed = &counts["operations"]["ListObjectsV2"];
        assert_eq!((walked.complete, walked.objects, walked.requests), (true, 25_000, 25 + walked.extra), "{walked:?}");
        let silent = if consent == Consent::Given { 0 } else { walked.requests };
        let heard = (listed["requests"].as_u64(), listed["without_payer"].as_u64());
        assert_eq!(heard, (Some(walked.requests), Some(silent)), "{consent:?}: {counts}");
        // One is for these counts, and those of the first walk serve the second.
        let side_by_side = consent == Consent::Silent || counts["connections"].as_u64() > Some(2);
        assert!(side_by_side, "no range was begun ahead: {counts}");
    }
}

/// One chain costs what it must, and without a word nothing is paid.
#[tokio::test]
async fn one_chain_costs_one_request_a_page() {
    let world = World::with(Duration::ZERO).await;
    let own = acting("studio", "sensor-archive", "us-west-2", Consent::Silent);
    let job = Arc::new(Counters::default());
    let walk = Walk { width: 1, order: Order::Keys, ..Walk::below("readings/01") };
    let mut rows = 0;
    let counting = |leaf: Arc<whopays::domain::Leaf>| {
        rows += leaf.len();
        ControlFlow::Continue(())
    };
    let walked = world.engine.walk(&own, &walk, Some(job.clone()), counting).await.unwrap();
    assert_eq!((rows, walked.requests, walked.extra, world.asked().len()), (10_000, 10, 0, 10));
    assert_eq!((job.read().requests, job.read().charged), (10, 0));
    assert!(world.asked().iter().all(|entry| entry.payer.is_empty() && !entry.charged));
    let denied = acting("research", "sensor-archive", "us-west-2", Consent::Silent);
    let (keys, refused) = world.walk(&denied, &walk).await;
    assert_eq!((keys.len(), refused.unwrap_err().kind(), world.asked().len()), (0, ErrorKind::Denied, 11), "no second try");
}

/// P7, P18: what came before a failure is handed over, and the rest is not claimed.
#[tokio::test]
async fn a_failing_page_ends_the_walk_after_the_pages_before_it() {
    let world = World::with(Duration::ZERO).await;
    let own = acting("studio", "sensor-archive", "us-west-2", Consent::Silent);
    let page = |key: &str, next: &str| {
        let body = format!(
            "<ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>{next}</NextContinuationToken>\
             <Contents><Key>{key}</Key><Size>1</Size></Contents></ListBucketResult>"
        );
        Act::Answer(Prepared::new(200, "application/xml", body))
    };
    let broken = Act::Answer(Prepared::new(200, "application/xml", "<ListBucketResult><Contents>"));
    world.store.script(Op::ListObjectsV2, [page("a", "1"), page("b", "2"), broken]);
    let (keys, failed) = world.walk(&own, &Walk::below("")).await;
    assert_eq!((keys, failed.unwrap_err().kind(), world.asked().len()), (vec!["a".to_owned(), "b".to_owned()], ErrorKind::InvalidReply, 3));
    // The same page under a token of its own, again and again.
    world.store.script(Op::ListObjectsV2, [page("a", "1"), page("a", "2"), page("a", "3"), page("a", "4")]);
    let (keys, failed) = world.walk(&own, &Walk::below("")).await;
    let failed = failed.unwrap_err();
    assert_eq!((keys.len(), failed.kind()), (1, ErrorKind::InvalidReply));
    assert!(failed.message().contains("does not move on") && failed.hint_text().is_some(), "{failed}");
    assert_eq!(failed.target_text(), Some("studio:sensor-archive"));
}

/// An error inside a 200 is worth another try, also where pages are read later than they come.
#[tokio::test]
async fn an_error_behind_a_status_of_200_is_tried_again() {
    let world = World::with(Duration::ZERO).await;
    let own = acting("studio", "sensor-archive", "us-west-2", Consent::Silent);
    let busy = "<Error><Code>InternalError</Code><Message>We encountered an internal error.</Message></Error>";
    world.store.script(Op::ListObjectsV2, [Act::Answer(Prepared::new(200, "application/xml", busy))]);
    let (keys, walked) = world.walk(&own, &Walk { width: 1, ..Walk::below("readings/050/") }).await;
    assert_eq!((keys.len(), walked.unwrap().requests, world.asked().len()), (1000, 1, 2));
}

/// P20: dropping the walk ends it, and nothing is asked any more.
#[tokio::test]
async fn a_dropped_walk_asks_for_nothing_more() {
    let world = World::with(Duration::from_millis(50)).await;
    let own = acting("studio", "sensor-archive", "us-west-2", Consent::Silent);
    let begun = Instant::now();
    let walk = Walk::below("");
    let walking = world.engine.walk(&own, &walk, None, |_| ControlFlow::Continue(()));
    assert!(tokio::time::timeout(Duration::from_millis(400), walking).await.is_err(), "a hundred pages take longer");
    assert!(begun.elapsed() < Duration::from_secs(3));
    tokio::time::sleep(Duration::from_millis(150)).await;
    let asked = world.asked().len();
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(world.asked().len(), asked);
    assert!(asked < 40, "{asked}");
}

/// A consumer that blocks holds nothing up but itself: pages ahead fill the buffer, and no more are asked for than it takes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_consumer_that_blocks() {
    let world = World::with(Duration::ZERO).await;
    let own = acting("studio", "sensor-archive", "us-west-2", Consent::Silent);
    let most = Mutex::new(0);
    let handed = Mutex::new(0);
    let store = &world;
    let walked = store
        .engine
        .walk(&own, &Walk::below("readings/02"), None, |_| {
            std::thread::sleep(Duration::from_millis(30));
            let mut handed = handed.lock().unwrap();
            *handed += 1;
            let ahead = store.asked().len() - *handed;
            let mut most = most.lock().unwrap();
            *most = ahead.max(*most);
            ControlFlow::Continue(())
        })
        .await
        .unwrap();
    assert_eq!((walked.complete, walked.objects), (true, 10_000));
    assert!(*most.lock().unwrap() <= 4, "one page is read, and one is asked for");
}

/// Goal 3: opening a prefix is one request, on the word that it was given.
#[tokio::test]
async fn a_page_is_one_request() {
    let world = World::with(Duration::ZERO).await;
    let theirs = acting("partner", "telescope-feed", "cn-hangzhou", Consent::Given);
    let ask = PageAsk { prefix: "readings/".to_owned(), depth: Depth::Folder, begin: Begin::Start };
    let page = world.engine.list_page(&theirs, &ask, None).await.unwrap();
    let folders: Vec<&str> = page.leaf.iter().map(|row| row.key).collect();
    assert_eq!(folders, ["readings/000/", "readings/001/", "readings/002/", "readings/003/", "readings/004/"]);
    let asked = world.asked();
    assert_eq!((asked.len(), &asked[0].payer[..]), (1, &["x-oss-request-payer: requester".to_owned()][..]));
}
