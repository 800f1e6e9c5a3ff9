//! Uploads against the embedded store, over real HTTP: what was sent is read from the store's own log.

mod beginning;
mod broken;
mod many;
mod resumed;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::support::wait;
use whopays::config::{self, LiteralSecrets};
use whopays::demo::{Act, Options, Prepared, Received, Store};
use whopays::domain::{
    AccountName, Acting, BucketId, BucketName, Consent, Error, ErrorKind, ObjectKey, ObjectSettings, Op, Overwrite, Place, Provider,
};
use whopays::runtime::desk::Desk;
use whopays::runtime::engine::Engine;
use whopays::runtime::jobs::Control;
use whopays::runtime::journal::Journal;
use whopays::transfer::{Asked, Ending, Fate, ItemEnd, Job, JobId, Pointer, Source, Upload};

/// The least that S3 lets a part be.
const PART: u64 = 5 << 20;
/// Four parts, the last one short.
const LARGE: usize = (16 << 20) + 77;

/// Where a requester writes, and where an owner does: with regions, so that no request goes astray.
const S3_OWN: (&str, &str, &str) = ("studio", "colorpictures", "us-west-2");
const OSS_OWN: (&str, &str, &str) = ("lab", "color-atlas", "cn-hangzhou");
const S3_FOREIGN: (&str, &str, &str) = ("research", "aerial-tiles", "us-west-2");
const OSS_FOREIGN: (&str, &str, &str) = ("partner", "lab-microscopy", "cn-hangzhou");

struct World {
    store: Store,
    engine: Engine,
    journal: Journal,
    folder: tempfile::TempDir,
}

/// How a job ended.
struct Ran {
    ending: Ending,
    items: Vec<ItemEnd>,
    control: Arc<Control>,
}

impl Ran {
    fn only(&self) -> &ItemEnd {
        assert_eq!(self.items.len(), 1, "{:?}", self.items);
        &self.items[0]
    }

    fn error(&self) -> &Error {
        match &self.only().fate {
            Fate::Failed(error) => error,
            other => panic!("{other:?}"),
        }
    }

    fn is_done(&self) -> bool {
        matches!(self.ending, Ending::Done) && self.items.iter().all(|item| matches!(item.fate, Fate::Done(_)))
    }

    fn exists(&self) -> bool {
        matches!(self.only().fate, Fate::Exists)
    }
}

fn bytes(length: usize) -> Vec<u8> {
    (0..length as u64).map(|n| (n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40) as u8).collect()
}

impl World {
    async fn new() -> Self {
        let store = Store::start(Options::default()).await.unwrap();
        let journal = Journal::in_memory().unwrap();
        let engine = engine(&store, &journal);
        Self { store, engine, journal, folder: tempfile::tempdir().unwrap() }
    }

    fn file(&self, name: &str, content: &[u8]) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, content).unwrap();
        path
    }

    fn large(&self) -> PathBuf {
        self.file("large.bin", &bytes(LARGE))
    }

    async fn run(&self, upload: &Upload) -> Ran {
        self.run_as(upload, None).await
    }

    async fn run_as(&self, upload: &Upload, id: Option<JobId>) -> Ran {
        let (control, items) = listening();
        let ending = self.engine.run_job(&Job::Upload(upload.clone()), id, control.clone()).await;
        ran(ending, &items, control)
    }

    /// A line in the state database for it.
    fn begin(&self, upload: &Upload) -> JobId {
        self.journal.begin_job(&Job::Upload(upload.clone()), jiff::Timestamp::now()).unwrap()
    }

    fn ops(&self) -> Vec<Op> {
        self.store.log().iter().filter_map(|entry| entry.op).collect()
    }

    fn count(&self, op: Op) -> usize {
        self.ops().into_iter().filter(|each| *each == op).count()
    }

    fn parts(&self) -> Vec<u32> {
        let mut parts: Vec<u32> =
            self.store.log().iter().filter(|entry| entry.op == Some(Op::UploadPart)).filter_map(|entry| entry.part).collect();
        parts.sort_unstable();
        parts
    }

    /// The object, as anybody reads it.
    async fn read(&self, (_, bucket, _): (&str, &str, &str), key: &str) -> Option<(String, Vec<u8>)> {
        let (address, target) = (self.store.address(), format!("/{bucket}/{key}"));
        let heard = tokio::task::spawn_blocking(move || {
            let mut stream = TcpStream::connect(address).unwrap();
            stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
            write!(stream, "GET {target} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n").unwrap();
            let mut bytes = Vec::new();
            stream.read_to_end(&mut bytes).unwrap();
            bytes
        });
        let heard = heard.await.unwrap();
        let end = heard.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
        let head = String::from_utf8_lossy(&heard[..end]).to_ascii_lowercase();
        head.starts_with("http/1.1 200").then(|| (head, heard[end + 4..].to_vec()))
    }

    async fn open_uploads(&self, place: (&str, &str, &str)) -> usize {
        self.engine.list_uploads(&acting(place, Consent::Silent), "", None).await.unwrap().len()
    }
}

fn engine(store: &Store, journal: &Journal) -> Engine {
    let config = config::parse("demo.toml", &store.config(), LiteralSecrets::Allowed).unwrap();
    Engine::new(&config, journal.clone(), Arc::new(Desk::default()), Box::new(|_| ())).unwrap().with_part_size(PART)
}

fn listening() -> (Arc<Control>, Arc<Mutex<Vec<ItemEnd>>>) {
    let items = Arc::new(Mutex::new(Vec::new()));
    let heard = items.clone();
    (Control::new(Box::new(move |item| heard.lock().unwrap().push(item))), items)
}

fn ran(ending: Ending, items: &Mutex<Vec<ItemEnd>>, control: Arc<Control>) -> Ran {
    Ran { ending, items: std::mem::take(&mut items.lock().unwrap()), control }
}

fn acting((account, bucket, region): (&str, &str, &str), consent: Consent) -> Acting {
    let bucket = BucketName::parse(Provider::S3, bucket).unwrap();
    let id = BucketId { account: AccountName::new(account), bucket };
    Acting { place: Place { id, region: Some(region.to_owned()), expected_owner: None }, consent }
}

fn upload(path: &Path, place: (&str, &str, &str), key: &str) -> Upload {
    Upload {
        from: Source::File(path.to_owned()),
        to: acting(place, Consent::Silent),
        key: Pointer::Key(ObjectKey::new(key)),
        settings: ObjectSettings::default(),
        overwrite: Overwrite::Refuse,
    }
}

fn answer(status: u16, body: &str) -> Act {
    Act::Answer(Prepared::new(status, "application/xml", body))
}

fn fault(status: u16, code: &str) -> Act {
    answer(status, &format!("<Error><Code>{code}</Code><Message>m</Message><RequestId>r</RequestId></Error>"))
}

/// P2, P10: one request, the store's own checksum compared, the content type guessed, and the very bytes arrive.
#[tokio::test]
async fn a_small_file_is_one_request() {
    for place in [S3_OWN, OSS_OWN] {
        let world = World::new().await;
        let path = world.file("a b.csv", b"x,y\n1,2\n");
        let ran = world.run(&upload(&path, place, "in/a+b.csv")).await;
        assert!(ran.is_done(), "{:?}", ran.items);
        assert!(matches!(&ran.only().fate, Fate::Done(None)), "{:?}", ran.only());
        assert_eq!(world.ops(), [Op::PutObject]);
        let entry = &world.store.log()[0];
        assert_eq!((entry.bytes_in, entry.payer.len(), entry.status), (8, 0, Some(200)));
        let (head, body) = world.read(place, "in/a+b.csv").await.unwrap();
        assert_eq!(body, b"x,y\n1,2\n");
        assert!(head.contains("content-type: text/csv\r\n"), "{head}");
        let progress = ran.control.progress();
        assert_eq!((progress.objects, progress.bytes, progress.moved, progress.ended, progress.counted), (1, 8, 8, 1, true));
        assert!(matches!(ran.only().asked, Asked::Alone(tally) if (tally.requests, tally.up) == (1, 8)), "{:?}", ran.only());
        // C9: nothing is an object too.
        let empty = world.file("empty", b"");
        assert!(world.run(&upload(&empty, place, "empty")).await.is_done());
        assert_eq!(world.read(place, "empty").await.unwrap().1, b"");
    }
}

/// Goal 6, P10: n parts are n + 2 requests, each part is read once, and the whole's checksum is compared.
#[tokio::test]
async fn a_large_file_is_its_parts_and_two_requests() {
    for place in [S3_OWN, OSS_OWN] {
        let world = World::new().await;
        let mut job = upload(&world.large(), place, "large.bin");
        job.settings.metadata = vec![("reel".to_owned(), "7".to_owned())];
        let ran = world.run(&job).await;
        assert!(matches!(&ran.only().fate, Fate::Done(None)), "{:?}", ran.only());
        assert_eq!((world.ops().len(), world.parts()), (6, vec![1, 2, 3, 4]));
        assert_eq!((world.ops()[0], world.ops()[5]), (Op::CreateMultipartUpload, Op::CompleteMultipartUpload));
        assert_eq!(ran.control.progress().moved, LARGE as u64);
        let (head, body) = world.read(place, "large.bin").await.unwrap();
        assert!(body == bytes(LARGE), "the bytes are others");
        assert!(head.contains("-meta-reel: 7\r\n"), "{head}");
        assert_eq!(world.open_uploads(place).await, 0);
    }
}

/// P1, P2, J2: with consent each request has one payer header, in trouble as well; without, none has.
#[tokio::test]
async fn the_payer_rides_on_every_request() {
    for (place, header) in [(S3_FOREIGN, "x-amz-request-payer: requester"), (OSS_FOREIGN, "x-oss-request-payer: requester")] {
        let world = World::new().await;
        let mut job = upload(&world.large(), place, "large.bin");
        let refused = world.run(&job).await;
        assert_eq!(refused.error().kind(), ErrorKind::Denied);
        assert!(world.store.log().iter().all(|entry| entry.payer.is_empty()));
        assert_eq!(world.store.log().len(), 1, "one refusal, and no try on somebody's bill");

        job.to.consent = Consent::Given;
        let before = world.store.log().len();
        world.store.script_where(Op::UploadPart, "partNumber=3", [fault(503, "SlowDown")]);
        world.store.script(Op::CompleteMultipartUpload, [Act::CarryOutAndClose]);
        let ran = world.run(&job).await;
        assert!(ran.is_done(), "{:?}", ran.items);
        // A part that fails for good: the abort has it too.
        world.store.script_where(Op::UploadPart, "partNumber=2", [fault(403, "AccessDenied")]);
        job.key = Pointer::Key(ObjectKey::new("other.bin"));
        assert_eq!(world.run(&job).await.error().kind(), ErrorKind::Denied);
        // And an answer that is lost: the look has it.
        world.store.script(Op::PutObject, [Act::CarryOutAndClose]);
        let small = Upload { from: Source::File(world.file("s", b"small")), key: Pointer::Key(ObjectKey::new("s")), ..job.clone() };
        assert!(world.run(&small).await.is_done());
        let log: Vec<Received> = world.store.log().into_iter().skip(before).collect();
        for op in [
            Op::CreateMultipartUpload,
            Op::UploadPart,
            Op::CompleteMultipartUpload,
            Op::ListParts,
            Op::HeadObject,
            Op::AbortMultipartUpload,
            Op::PutObject,
        ] {
            assert!(log.iter().any(|entry| entry.op == Some(op)), "{op:?} was not asked");
        }
        for entry in &log {
            assert_eq!(entry.payer, [header], "{entry:?}");
        }
    }
}

/// P9: what exists is not touched, unless somebody said so.
#[tokio::test]
async fn nothing_is_replaced_unasked() {
    for place in [S3_OWN, OSS_OWN] {
        let world = World::new().await;
        let old = world.file("old", b"old");
        assert!(world.run(&upload(&old, place, "k")).await.is_done());
        let new = world.file("new", b"new");
        let mut job = upload(&new, place, "k");
        let ran = world.run(&job).await;
        assert!(ran.exists() && matches!(ran.ending, Ending::Partly));
        assert_eq!(world.read(place, "k").await.unwrap().1, b"old");
        assert_eq!(world.ops()[..2], [Op::PutObject, Op::PutObject], "a plain refusal needs no look");
        job.overwrite = Overwrite::Allow;
        assert!(world.run(&job).await.is_done());
        assert_eq!(world.read(place, "k").await.unwrap().1, b"new");

        let large = upload(&world.large(), place, "k");
        assert!(world.run(&large).await.exists());
        assert_eq!(world.read(place, "k").await.unwrap().1, b"new");
        assert_eq!(world.open_uploads(place).await, 0, "nobody could resume it, so nothing stays");
    }
}

/// Stores that speak S3 and do not know the CRC-64: found out once, remembered, said.
#[tokio::test]
async fn stores_without_the_checksum_get_another() {
    let world = World::new().await;
    world.store.script(Op::PutObject, [fault(400, "InvalidRequest")]);
    let first = world.run(&upload(&world.file("a", b"a"), S3_OWN, "a")).await;
    assert!(matches!(&first.only().fate, Fate::Done(Some(remark)) if remark.contains("CRC-32C")), "{:?}", first.only());
    let second = world.run(&upload(&world.file("b", b"b"), S3_OWN, "b")).await;
    assert!(matches!(&second.only().fate, Fate::Done(Some(remark)) if remark.contains("CRC-32C")), "{:?}", second.only());
    assert_eq!(world.count(Op::PutObject), 3, "one refusal, once");
    // In parts: each with its own sum, and the object's is the sum of the sums.
    assert!(world.run(&upload(&world.large(), S3_OWN, "large")).await.is_done());
    assert!(world.read(S3_OWN, "large").await.unwrap().1 == bytes(LARGE));
    // Nor that one.
    world.store.script(Op::CreateMultipartUpload, [fault(501, "NotImplemented")]);
    let third = world.run(&upload(&world.large(), S3_OWN, "third")).await;
    assert!(matches!(&third.only().fate, Fate::Done(Some(remark)) if remark.contains("Content-MD5")), "{:?}", third.only());
    assert!(world.read(S3_OWN, "third").await.unwrap().1 == bytes(LARGE));
    // What has another cause is told as it was, and teaches nothing.
    let other = World::new().await;
    other.store.script(Op::PutObject, [fault(400, "InvalidRequest"), fault(400, "InvalidRequest"), fault(400, "InvalidRequest")]);
    let refused = other.run(&upload(&other.file("a", b"a"), S3_OWN, "a")).await;
    assert_eq!(refused.error().code(), Some("InvalidRequest"));
    assert!(matches!(&other.run(&upload(&other.file("b", b"b"), S3_OWN, "b")).await.only().fate, Fate::Done(None)));
}

/// D10, P10: what the store calls written is compared with what was sent.
#[tokio::test]
async fn a_claim_is_not_taken_for_an_object() {
    for place in [S3_OWN, OSS_OWN] {
        let world = World::new().await;
        let path = world.file("a", b"123456789");
        let etag = |checksum: Option<(&str, &str)>| {
            let prepared = Prepared::new(200, "text/plain", "").with("etag", "\"e\"");
            Act::Answer(checksum.into_iter().fold(prepared, |prepared, (name, value)| prepared.with(name, value)))
        };
        // Nothing was written, and one more request finds out.
        world.store.script(Op::PutObject, [etag(None)]);
        let ran = world.run(&upload(&path, place, "claimed")).await;
        assert_eq!(ran.error().kind(), ErrorKind::InvalidReply);
        assert_eq!(world.ops(), [Op::PutObject, Op::HeadObject]);
        // Another checksum.
        let name = if place == S3_OWN { "x-amz-checksum-crc64nvme" } else { "x-oss-hash-crc64ecma" };
        let (right, wrong) = if place == S3_OWN { ("rosUhgp5mIg=", "rosUhgp5mIh=") } else { ("11051210869376104954", "1") };
        let mut job = upload(&path, place, "again");
        job.overwrite = Overwrite::Allow;
        let other = World::new().await;
        other.store.script(Op::PutObject, [etag(Some((name, wrong)))]);
        assert_eq!(other.run(&job).await.error().kind(), ErrorKind::InvalidReply);
        other.store.script(Op::PutObject, [etag(Some((name, right)))]);
        assert!(other.run(&job).await.is_done());
    }
}
