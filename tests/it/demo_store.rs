//! The embedded store over real HTTP, as a client sees it: without keys, with URLs that were signed by hand, with faults on
//! order. The official SDKs judge its signatures (`tests/sdk/run`, and the recorded requests in `src/demo/vectors.rs`).
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails here")]

mod load;
mod multipart;
mod objects;
mod oss;
mod signed;

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use base64::Engine;
use hmac::{Hmac, KeyInit, Mac};
use jiff::SignedDuration;
use whopays::demo::{Act, Options, Prepared, Store};
use whopays::domain::{ErrorKind, Op};

/// What came back on a connection of its own.
pub(crate) struct Heard {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Heard {
    fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (each, value) = line.split_once(": ")?;
            each.eq_ignore_ascii_case(name).then_some(value)
        })
    }

    fn element(&self, name: &str) -> Option<&str> {
        let (_, rest) = self.body.split_once(&format!("<{name}>"))?;
        Some(rest.split_once(&format!("</{name}>"))?.0)
    }
}

/// Sends bytes as they are and reads until the store closes; `None`: nothing came back.
pub(crate) async fn say(address: SocketAddr, text: String) -> Option<Heard> {
    let heard = tokio::task::spawn_blocking(move || {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        stream.write_all(text.as_bytes()).unwrap();
        let mut bytes = Vec::new();
        // A connection that is cut is an answer, too: what came before it counts.
        let _ = stream.read_to_end(&mut bytes);
        bytes
    });
    let text = String::from_utf8_lossy(&heard.await.unwrap()).into_owned();
    let (head, body) = text.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    Some(Heard { status, head: head.to_owned(), body: body.to_owned() })
}

async fn ask(store: &Store, method: &str, target: &str, headers: &str) -> Heard {
    let host = store.address();
    say(host, format!("{method} {target} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n{headers}\r\n")).await.unwrap()
}

async fn store() -> Store {
    Store::start(Options::default()).await.unwrap()
}

/// An OSS V1 URL, signed here in ten lines. (Whether V1 is understood rightly, the recorded requests decide.)
fn oss_url(bucket: &str, key: &str, item: Option<&str>, method: &str) -> String {
    let expires = jiff::Timestamp::now().as_second() + 60;
    let signed = item.map(|item| format!("?{item}")).unwrap_or_default();
    let text = format!("{method}\n\n\n{expires}\n/{bucket}/{key}{signed}");
    let mac = Hmac::<sha1::Sha1>::new_from_slice(b"demoLabSecret0123456789abcdefg").unwrap().chain_update(text).finalize();
    let signature = base64::engine::general_purpose::STANDARD.encode(mac.into_bytes());
    let signature = signature.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
    let item = item.map(|item| format!("{item}&")).unwrap_or_default();
    format!("/{bucket}/{key}?{item}OSSAccessKeyId=LTAIdemoLab000000001&Expires={expires}&Signature={signature}")
}

#[tokio::test]
async fn only_loopback_addresses_are_taken() {
    let options = Options { listen: "0.0.0.0:0".parse().unwrap(), ..Options::default() };
    assert_eq!(Store::start(options).await.err().unwrap().kind(), ErrorKind::Usage);
    let store = store().await;
    let again = Options { listen: store.address(), ..Options::default() };
    assert_eq!(Store::start(again).await.err().unwrap().kind(), ErrorKind::Local);
}

#[tokio::test]
async fn dropping_the_store_ends_it() {
    let store = store().await;
    let address = store.address();
    let mut open = tokio::net::TcpStream::connect(address).await.unwrap();
    drop(store);
    let mut rest = Vec::new();
    let ended = tokio::time::timeout(Duration::from_secs(5), tokio::io::AsyncReadExt::read_to_end(&mut open, &mut rest)).await;
    assert!(ended.is_ok(), "the connection is still open");
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn anonymous_readers_are_served_or_refused_in_the_clouds_words() {
    let store = store().await;
    let open = ask(&store, "GET", "/colorpictures/index.html", "").await;
    assert_eq!((open.status, open.body.len(), open.header("content-type")), (200, 1_204, Some("text/html")));
    assert_eq!((open.header("server"), open.header("x-amz-request-charged")), (Some("AmazonS3"), None));
    assert!(open.header("x-amz-request-id").is_some() && open.header("x-amz-id-2").is_some() && open.header("date").is_some());

    let shut = ask(&store, "GET", "/aerial-tiles/readme.txt", "x-amz-request-payer: requester\r\n").await;
    let text = "Anonymous users cannot invoke requests against Requester Pays buckets. Please authenticate.";
    assert_eq!((shut.status, shut.element("Code"), shut.element("Message")), (403, Some("AccessDenied"), Some(text)));
    assert_eq!(shut.header("x-amz-bucket-region"), Some("us-west-2"));

    let head = ask(&store, "HEAD", "/aerial-tiles/readme.txt", "").await;
    assert_eq!((head.status, head.body.as_str(), head.header("x-amz-bucket-region")), (403, "", Some("us-west-2")));

    let oss = ask(&store, "GET", "/lab-microscopy/readme.txt", "").await;
    assert_eq!((oss.status, oss.element("EC"), oss.header("x-oss-ec")), (403, Some("0003-00000701"), Some("0003-00000701")));
    assert_eq!((oss.element("Message"), oss.header("server")), (Some("Access denied for requester pay bucket"), Some("AliyunOSS")));

    let missing = ask(&store, "GET", "/no-such-bucket-here/", "").await;
    assert_eq!((missing.status, missing.element("Code")), (404, Some("NoSuchBucket")));
}

#[tokio::test]
async fn a_bucket_may_stand_in_the_host_name() {
    let store = store().await;
    let text = "GET /index.html HTTP/1.1\r\nhost: colorpictures.localhost\r\nconnection: close\r\n\r\n";
    assert_eq!(say(store.address(), text.to_owned()).await.unwrap().status, 200);
}

#[tokio::test]
async fn what_is_not_offered_is_not_taken_for_something_else() {
    let store = store().await;
    for (method, target) in
        [("GET", "/colorpictures/?lifecycle"), ("PUT", "/new-bucket-here/"), ("GET", "/colorpictures/index.html?torrent")]
    {
        let heard = ask(&store, method, target, "content-length: 0\r\n").await;
        assert_eq!((heard.status, heard.element("Code")), (501, Some("NotImplemented")), "{method} {target}");
    }
}

#[tokio::test]
async fn the_log_says_who_asked_what_and_who_paid() {
    let store = store().await;
    ask(&store, "GET", "/aerial-tiles/readme.txt", "x-amz-request-payer: requester\r\n").await;
    ask(&store, "HEAD", &oss_url("lab-microscopy", "readme.txt", Some("x-oss-request-payer=requester"), "HEAD"), "").await;
    let log = store.log();
    assert_eq!((log[0].op, log[0].account, log[0].status, log[0].charged), (Some(Op::GetObject), None, Some(403), false));
    assert_eq!(log[0].payer, ["x-amz-request-payer: requester"]);
    assert_eq!((log[1].op, log[1].account, log[1].status), (Some(Op::HeadObject), Some("lab"), Some(200)));
    assert_eq!((log[1].payer[0].as_str(), log[1].charged), ("x-oss-request-payer: requester", false));
}

#[tokio::test]
async fn owners_are_served_unmarked_and_only_with_their_signature() {
    let store = store().await;
    let url = oss_url("lab-microscopy", "readme.txt", None, "GET");
    let heard = ask(&store, "GET", &url, "").await;
    assert_eq!((heard.status, heard.header("x-oss-request-charged")), (200, None));
    let forged = ask(&store, "GET", &url.replace("readme", "LICENSE"), "").await;
    assert_eq!((forged.status, forged.element("Code"), forged.element("EC")), (403, Some("SignatureDoesNotMatch"), Some("0002-00000201")));
    assert!(forged.element("StringToSign").is_some_and(|text| text.ends_with("/lab-microscopy/LICENSE.txt")));
}

#[tokio::test]
async fn a_slow_bucket_shows_the_new_payer_later() {
    let store = store().await;
    assert_eq!(store.payer("lab-slow-motion").as_deref(), Some("BucketOwner"));
    let body = "<RequestPaymentConfiguration><Payer>Requester</Payer></RequestPaymentConfiguration>";
    let url = oss_url("lab-slow-motion", "", Some("requestPayment"), "PUT");
    let host = store.address();
    let text = format!("PUT {url} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}", body.len());
    assert_eq!(say(host, text).await.unwrap().status, 200);
    let url = oss_url("lab-slow-motion", "", Some("requestPayment"), "GET");
    assert_eq!(ask(&store, "GET", &url, "").await.element("Payer"), Some("BucketOwner"));
    store.set_clock_offset(SignedDuration::from_millis(1_600));
    assert_eq!(ask(&store, "GET", &url, "").await.element("Payer"), Some("Requester"));
    assert_eq!(store.payer("lab-slow-motion").as_deref(), Some("Requester"));
}

#[tokio::test]
async fn a_clock_that_is_off_is_noticed_beyond_fifteen_minutes() {
    let store = store().await;
    let now = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
    let headers = format!("date: {now}\r\nauthorization: OSS LTAIdemoLab000000001:none\r\n");
    for (minutes, code) in [(14, "SignatureDoesNotMatch"), (16, "RequestTimeTooSkewed"), (-16, "RequestTimeTooSkewed")] {
        store.set_clock_offset(SignedDuration::from_mins(minutes));
        let heard = ask(&store, "GET", "/", &headers).await;
        assert_eq!((heard.status, heard.element("Code")), (403, Some(code)), "{minutes} minutes");
        assert_eq!(heard.element("RequestTime").is_some() && heard.element("ServerTime").is_some(), code == "RequestTimeTooSkewed");
    }
}

#[tokio::test]
async fn faults_come_in_the_order_in_which_they_were_ordered() {
    let store = store().await;
    let slow_down = Prepared::new(503, "application/xml", "<Error><Code>SlowDown</Code></Error>").with("retry-after", "1");
    let page = Prepared::new(200, "text/html", "<html>sign in</html>");
    store.script(Op::GetObject, [Act::Answer(slow_down), Act::Cut(page, 6), Act::Close, Act::CarryOutAndClose]);
    let target = "/colorpictures/index.html";
    assert_eq!(ask(&store, "HEAD", target, "").await.status, 200);
    let first = ask(&store, "GET", target, "").await;
    assert_eq!((first.status, first.element("Code"), first.header("retry-after")), (503, Some("SlowDown"), Some("1")));
    let second = ask(&store, "GET", target, "").await;
    assert_eq!((second.status, second.header("content-length"), second.body.as_str()), (200, Some("20"), "<html>"));
    for _ in 0..2 {
        let host = store.address();
        let text = format!("GET {target} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
        assert!(say(host, text).await.is_none());
    }
    assert_eq!(ask(&store, "GET", target, "").await.status, 200);
    let statuses: Vec<Option<u16>> = store.log().iter().map(|entry| entry.status).collect();
    assert_eq!(statuses, [Some(200), Some(503), Some(200), None, Some(200), Some(200)]);
}

#[tokio::test]
async fn latency_is_added_to_each_answer() {
    let store = Store::start(Options { latency: Duration::from_millis(60), ..Options::default() }).await.unwrap();
    let began = std::time::Instant::now();
    ask(&store, "GET", "/colorpictures/index.html", "").await;
    assert!(began.elapsed() >= Duration::from_millis(60));
}

#[tokio::test]
async fn an_upload_waits_for_the_word_to_go_on_and_has_a_limit() {
    let store = store().await;
    let url = oss_url("lab-raw-frames", "new.txt", None, "PUT");
    let host = store.address();
    let head = format!("PUT {url} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\nexpect: 100-continue\r\n");
    let heard = say(host, format!("{head}content-length: 4\r\n\r\nbody")).await.unwrap();
    assert_eq!(heard.status, 100);
    assert!(heard.body.starts_with("HTTP/1.1 200"), "{}", heard.body);
    let heard = say(host, format!("{head}content-length: 99999999999\r\n\r\n")).await.unwrap();
    assert_eq!((heard.status, heard.element("Code")), (400, Some("EntityTooLarge")));
}

#[tokio::test]
async fn the_ready_config_names_every_account_and_the_address() {
    let store = store().await;
    let config: toml::Table = store.config().parse().unwrap();
    let accounts = config["accounts"].as_table().unwrap();
    let mut names: Vec<&str> = accounts.keys().map(String::as_str).collect();
    names.sort_unstable();
    assert_eq!(names, ["archive", "auditor", "lab", "partner", "research", "studio"]);
    for (name, account) in accounts {
        let endpoint = format!("http://{}", store.address());
        assert_eq!(account["endpoint"].as_str(), Some(endpoint.as_str()), "{name}");
        assert_eq!(account["addressing"].as_str(), Some("path"), "{name}");
    }
    assert_eq!(accounts["archive"]["access"].as_str(), Some("protected"));
    assert_eq!(accounts["auditor"]["access"].as_str(), Some("read-only"));
    assert_eq!(accounts["partner"]["buckets"].as_array().unwrap().len(), 2);
    assert!(store.introduction().contains(&store.config()));
    let introduction = store.introduction();
    assert!(introduction.contains("\n  others may write, and pay: aerial-tiles, lab-microscopy\n"), "{introduction}");
    assert!(introduction.contains("restored): deep-freeze, lab-classic\n"), "{introduction}");
    let crowded = Store::start(Options { extra_buckets: 3, ..Options::default() }).await.unwrap();
    assert!(crowded.config().contains("[accounts.crowd]"));
    assert_eq!(crowded.payer("crowd-000000").as_deref(), Some("Requester"));
    assert_eq!((crowded.payer("crowd-000002").as_deref(), crowded.payer("crowd-000003")), (Some("BucketOwner"), None));
}
