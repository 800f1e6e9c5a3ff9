//! The embedded store, an engine for its accounts, and a plain HTTP client that knows neither.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Child;
use std::sync::{Arc, Mutex};

use crate::support::wait;
use whopays::config::{self, LiteralSecrets};
use whopays::demo::{Options, Received, Store};
use whopays::domain::{
    AccountName, Acting, Begin, BucketId, BucketName, Consent, Depth, LinkAsk, LinkVerb, ObjectKey, Op, PageAsk, Place, Provider,
};
use whopays::runtime::desk::Desk;
use whopays::runtime::engine::Engine;
use whopays::runtime::jobs::Control;
use whopays::runtime::journal::Journal;
use whopays::transfer::{Ending, Fate, ItemEnd, Job, JobId, Pick, Progress, Rein};

/// A store and an engine.
pub(crate) struct World {
    pub(crate) store: Store,
    pub(crate) engine: Engine,
    pub(crate) journal: Journal,
}

/// How a job ended, with everything that it said.
pub(crate) struct Ended {
    pub(crate) ending: Ending,
    pub(crate) items: Vec<ItemEnd>,
    pub(crate) progress: Progress,
}

impl Ended {
    /// Source, and `done`, `done: REMARK`, `exists`, `left out: WHY` or `failed: MESSAGE`, in the order of sources.
    pub(crate) fn said(&self) -> Vec<(String, String)> {
        let mut said: Vec<(String, String)> = self.items.iter().map(|item| (item.source.clone(), fate(&item.fate))).collect();
        said.sort();
        said
    }

    pub(crate) fn all_done(&self) -> bool {
        matches!(self.ending, Ending::Done) && self.items.iter().all(|item| matches!(item.fate, Fate::Done(_)))
    }
}

pub(crate) fn fate(fate: &Fate) -> String {
    match fate {
        Fate::Done(None) => "done".to_owned(),
        Fate::Done(Some(remark)) => format!("done: {remark}"),
        Fate::Exists => "exists".to_owned(),
        Fate::LeftOut(why) => format!("left out: {why}"),
        Fate::Failed(error) => format!("failed: {error}"),
    }
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with(|text| text, |engine| engine).await
    }

    pub(crate) async fn with(change: impl FnOnce(String) -> String, engine: impl FnOnce(Engine) -> Engine) -> Self {
        let store = Store::start(Options::default()).await.expect("a store");
        let config = config::parse("demo.toml", &change(store.config()), LiteralSecrets::Allowed).expect("a good config");
        let journal = Journal::in_memory().expect("memory");
        let made = Engine::new(&config, journal.clone(), Arc::new(Desk::default()), Box::new(|_| ()));
        Self { store, engine: engine(made.expect("an engine")), journal }
    }

    pub(crate) fn log(&self, op: Op) -> Vec<Received> {
        self.store.log().into_iter().filter(|entry| entry.op == Some(op)).collect()
    }

    pub(crate) fn count(&self, op: Op) -> usize {
        self.log(op).len()
    }

    /// What the store received since an earlier moment.
    pub(crate) fn since(&self, before: usize) -> Vec<Received> {
        self.store.log().split_off(before)
    }

    /// Runs a job to its end.
    pub(crate) async fn run(&self, job: Job) -> Ended {
        self.run_as(&job, None).await
    }

    /// The same, as the job of this number in the state database.
    pub(crate) async fn run_as(&self, job: &Job, id: Option<JobId>) -> Ended {
        let (items, control) = listening(Rein::Go);
        let ending = self.engine.run_job(job, id, control.clone()).await;
        let items = std::mem::take(&mut *items.lock().expect("no panic holds it"));
        Ended { ending, items, progress: control.progress() }
    }

    /// Every key below a prefix.
    pub(crate) async fn keys(&self, target: &str, prefix: &str) -> Vec<String> {
        let (mut keys, mut begin) = (Vec::new(), Begin::Start);
        loop {
            let ask = PageAsk { prefix: prefix.to_owned(), depth: Depth::Everything, begin };
            let page = self.engine.list_page(&acting(target, Consent::Given), &ask, None).await.expect("a page");
            keys.extend(page.leaf.iter().map(|row| row.key.to_owned()));
            match &page.leaf.next {
                None => return keys,
                Some(token) => begin = Begin::Token(token.clone()),
            }
        }
    }

    /// The rows of a listing as a person picks them.
    pub(crate) async fn picks(&self, target: &str, prefix: &str) -> Vec<Pick> {
        let ask = PageAsk { prefix: prefix.to_owned(), depth: Depth::Everything, begin: Begin::Start };
        let page = self.engine.list_page(&acting(target, Consent::Given), &ask, None).await.expect("a page");
        let pick = |row: whopays::domain::LeafRow<'_>| Pick {
            key: row.object_key(),
            version: None,
            size: Some(row.size()),
            etag: row.etag(),
            modified: row.modified,
            class: row.class.cloned(),
        };
        page.leaf.iter().map(pick).collect()
    }

    /// Stores an object through a link, by the plain client.
    pub(crate) async fn put(&self, target: &str, key: &str, body: &[u8]) {
        let ask = LinkAsk { verb: LinkVerb::Put, key: ObjectKey::new(key), version: None, seconds: 60 };
        let link = self.engine.link(&acting(target, Consent::Given), &ask).await.expect("a link");
        let (url, body) = (link.url.expose().to_owned(), body.to_vec());
        let heard = tokio::task::spawn_blocking(move || plainly("PUT", &url, &body)).await.expect("no panic");
        assert_eq!(heard.status, 200, "{key}: {}", String::from_utf8_lossy(&heard.body));
    }

    /// An object's bytes through a link, by the plain client.
    pub(crate) async fn get(&self, target: &str, key: &str) -> Heard {
        let ask = LinkAsk { verb: LinkVerb::Get, key: ObjectKey::new(key), version: None, seconds: 60 };
        let link = self.engine.link(&acting(target, Consent::Given), &ask).await.expect("a link");
        let url = link.url.expose().to_owned();
        tokio::task::spawn_blocking(move || plainly("GET", &url, b"")).await.expect("no panic")
    }
}

/// Reins, and what their job says.
pub(crate) fn listening(rein: Rein) -> (Arc<Mutex<Vec<ItemEnd>>>, Arc<Control>) {
    let items = Arc::new(Mutex::new(Vec::new()));
    let heard = items.clone();
    let listener = Box::new(move |end| heard.lock().expect("no panic holds it").push(end));
    (items, if rein == Rein::Plan { Control::planning(listener) } else { Control::new(listener) })
}

/// `ACCOUNT:BUCKET`, on that word.
pub(crate) fn acting(target: &str, consent: Consent) -> Acting {
    let (account, bucket) = target.split_once(':').expect("ACCOUNT:BUCKET");
    let id = BucketId { account: AccountName::new(account), bucket: BucketName::parse(Provider::S3, bucket).expect("a name") };
    // The demo's accounts are at home in other regions than the buckets of others.
    let region = match bucket {
        "aerial-tiles" | "sensor-archive" | "geo.open-data" => Some("us-west-2"),
        "lab-microscopy" | "telescope-feed" => Some("cn-hangzhou"),
        _ => None,
    };
    Acting { place: Place { id, region: region.map(str::to_owned), expected_owner: None }, consent }
}

/// What a plain HTTP client hears.
pub(crate) struct Heard {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

/// Kills a process; the store has noted all that it was sent by then. Blocks: the store has to run on another thread.
#[track_caller]
pub(crate) fn kill(store: &Store, mut child: Child) {
    child.kill().unwrap();
    child.wait().unwrap();
    // Connections are taken in their order: once this one is, those of the process are.
    plainly("GET", &format!("http://{}/", store.address()), b"");
    wait::blocking("what a killed process left under way ends", || store.connections() == 0);
}

/// Opens a URL as any client would: no signature, no header of ours.
pub(crate) fn plainly(method: &str, url: &str, body: &[u8]) -> Heard {
    let rest = url.strip_prefix("http://").expect("plain http");
    let (host, target) = rest.split_at(rest.find('/').expect("a path"));
    let mut stream = TcpStream::connect(host).expect("a connection");
    let head = format!("{method} {target} HTTP/1.1\r\nHost: {host}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
    stream.write_all(head.as_bytes()).expect("sent");
    stream.write_all(body).expect("sent");
    let mut heard = Vec::new();
    stream.read_to_end(&mut heard).expect("an answer");
    let end = heard.windows(4).position(|four| four == b"\r\n\r\n").expect("a head");
    let head = String::from_utf8_lossy(&heard[..end]).into_owned();
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
    Heard { status, head, body: heard[end + 4..].to_vec() }
}
