//! What stores and networks do wrong, and what the engine makes of it (scenarios A and B). A server of raw bytes on loopback answers
//! as scripted and keeps what it received.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use whopays::app::{PayerChange, PayerFact};
use whopays::audit::Outcome;
use whopays::config::{self, LiteralSecrets};
use whopays::domain::{AccountName, BucketId, BucketName, Error, ErrorKind, Payer, Place, Provider, Result};
use whopays::runtime::desk::Desk;
use whopays::runtime::engine::Engine;
use whopays::runtime::http::Timeouts;
use whopays::runtime::journal::Journal;

/// What the server does with one request.
#[derive(Clone)]
enum Act {
    /// Writes these bytes and closes.
    Say(String),
    /// Writes these bytes and keeps the connection open without another word.
    SayAndHang(String),
    /// Closes without an answer.
    HangUp,
}

/// A server that plays its acts in order (the last one again and again) and keeps the requests' heads.
struct Stage {
    address: SocketAddr,
    heard: Arc<Mutex<Vec<String>>>,
}

impl Stage {
    fn new(acts: Vec<Act>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("bound");
        let heard = Arc::new(Mutex::new(Vec::new()));
        let kept = heard.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(mut stream) = stream else { return };
                let request = read_request(&mut stream);
                if request.is_empty() {
                    continue;
                }
                let mut heard = kept.lock().expect("no panic holds it");
                let act = acts[heard.len().min(acts.len() - 1)].clone();
                heard.push(request);
                drop(heard);
                perform(stream, act);
            }
        });
        Self { address, heard }
    }

    fn heard(&self) -> Vec<String> {
        self.heard.lock().expect("no panic holds it").clone()
    }
}

fn perform(mut stream: TcpStream, act: Act) {
    match act {
        Act::Say(text) => drop(stream.write_all(text.as_bytes())),
        Act::SayAndHang(text) => {
            let _gone = stream.write_all(text.as_bytes());
            std::thread::spawn(move || {
                std::thread::sleep(Duration::from_secs(20));
                drop(stream);
            });
        }
        Act::HangUp => {}
    }
}

fn read_request(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let mut chunk = [0; 4096];
    while let Ok(count) = stream.read(&mut chunk) {
        bytes.extend_from_slice(&chunk[..count]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ").map(str::to_owned));
            if body.len() >= length.map_or(0, |length| length.trim().parse().expect("a length")) {
                return text;
            }
        }
        if count == 0 {
            break;
        }
    }
    String::new()
}

fn answer(status: &str, headers: &str, body: &str) -> Act {
    Act::Say(format!("HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {}\r\n{headers}\r\n{body}", body.len()))
}

fn xml(status: &str, body: &str) -> Act {
    answer(status, "Content-Type: application/xml\r\nx-amz-request-id: REQ1\r\n", body)
}

fn payment(payer: &str) -> Act {
    xml(
        "200 OK",
        &format!(
            "<RequestPaymentConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Payer>{payer}</Payer></RequestPaymentConfiguration>"
        ),
    )
}

fn s3_error(status: &str, code: &str, more: &str) -> Act {
    xml(status, &format!("<Error><Code>{code}</Code><Message>told by the store</Message>{more}<RequestId>REQ2</RequestId></Error>"))
}

fn engine_at(endpoint: &str, extra: &str) -> Engine {
    let text = format!(
        "[accounts.acc]\nprovider = \"s3\"\nregion = \"us-west-2\"\nendpoint = \"{endpoint}\"\naddressing = \"path\"\n\
         access_key_id = \"AKIDEXAMPLE00000001\"\naccess_key_secret = \"canarySecret0123456789\"\nsession_token = \"canaryToken0123456789\"\n{extra}"
    );
    let config = config::parse("test.toml", &text, LiteralSecrets::Allowed).expect("a good config");
    let journal = Journal::in_memory().expect("memory");
    let timeouts = Timeouts { connect: Duration::from_secs(5), idle: Duration::from_millis(400), ..Timeouts::default() };
    Engine::new(&config, journal, Arc::new(Desk::default()), Box::new(|_| ())).expect("an engine").with_timeouts(timeouts)
}

fn place() -> Place {
    let bucket = BucketName::parse(Provider::S3, "colorpictures").expect("a name");
    Place { id: BucketId { account: AccountName::new("acc"), bucket }, region: None, expected_owner: None }
}

/// Reads the payer against the acts; gives the answer and the heads of the requests.
fn read(acts: Vec<Act>) -> (Result<PayerFact>, Vec<String>) {
    let stage = Stage::new(acts);
    let engine = engine_at(&format!("http://{}", stage.address), "");
    let fact = block_on(engine.read_payer(&place()));
    (fact, stage.heard())
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime").block_on(future)
}

fn refused(acts: Vec<Act>) -> (Error, usize) {
    let (fact, heard) = read(acts);
    (fact.expect_err("the store refused"), heard.len())
}

/// A4: 200 is no answer by itself.
#[test]
fn a_page_that_is_not_the_document_is_an_error_that_shows_its_beginning() {
    let html = answer("200 OK", "Content-Type: text/html\r\n", "<html><body>Log in to the \u{1b}[31mhotel</body></html>");
    let (error, requests) = refused(vec![html]);
    assert_eq!((error.kind(), requests), (ErrorKind::InvalidReply, 1));
    assert!(error.message().contains("text/html"), "{error}");
    assert!(!error.message().contains('\u{1b}'), "{error}");
    let (error, _) = refused(vec![answer("200 OK", "Content-Type: application/json\r\n", "{\"ok\":true}")]);
    assert_eq!(error.kind(), ErrorKind::InvalidReply);
    let (error, _) = refused(vec![answer("200 OK", "", "")]);
    assert_eq!(error.kind(), ErrorKind::InvalidReply);
    let (error, _) = refused(vec![xml("200 OK", "<ListBucketResult><Name>colorpictures</Name></ListBucketResult>")]);
    assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}");
}

/// A3: an error document in a 200.
#[test]
fn an_error_document_with_status_200_is_an_error() {
    let (error, _) = refused(vec![xml("200 OK", "<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>")]);
    assert_eq!((error.kind(), error.code()), (ErrorKind::Denied, Some("AccessDenied")));
}

/// A5, B7: what may pass is tried three times at most.
#[test]
fn a_failing_store_is_asked_three_times_at_most() {
    let proxy = answer("502 Bad Gateway", "Content-Type: text/html\r\n", "<html>nginx</html>");
    let (fact, heard) = read(vec![proxy.clone(), proxy.clone(), payment("Requester")]);
    assert_eq!((fact.expect("third time lucky").payer, heard.len()), (Payer::Requester, 3));
    let (error, requests) = refused(vec![proxy]);
    assert_eq!((error.kind(), requests), (ErrorKind::Server, 3));
    let (error, requests) = refused(vec![s3_error("403 Forbidden", "AccessDenied", "")]);
    assert_eq!((error.kind(), requests), (ErrorKind::Denied, 1), "a refusal is not repeated");
}

/// A6, A8, A9: a wrong region is corrected once.
#[test]
fn a_wrong_region_is_signed_again_once() {
    let elsewhere = s3_error("400 Bad Request", "AuthorizationHeaderMalformed", "<Region>eu-central-1</Region>");
    let (fact, heard) = read(vec![elsewhere.clone(), payment("BucketOwner")]);
    let fact = fact.expect("answered in the other region");
    assert_eq!((fact.payer, fact.region.as_deref()), (Payer::BucketOwner, Some("eu-central-1")));
    assert!(heard[0].contains("/us-west-2/s3/aws4_request"), "{}", heard[0]);
    assert!(heard[1].contains("/eu-central-1/s3/aws4_request"), "{}", heard[1]);
    let (error, requests) =
        refused(vec![elsewhere, s3_error("400 Bad Request", "AuthorizationHeaderMalformed", "<Region>us-west-2</Region>")]);
    assert_eq!((error.kind(), requests), (ErrorKind::WrongRegion, 2), "no circle");
    let moved = answer("301 Moved Permanently", "x-amz-bucket-region: eu-central-1\r\n", "");
    let (fact, heard) = read(vec![moved, payment("Requester")]);
    assert_eq!((fact.expect("answered").payer, heard.len()), (Payer::Requester, 2));
}

/// A store that sends us away without saying where to is asked where the bucket is.
#[test]
fn a_redirect_that_names_no_region_costs_one_question() {
    let moved = s3_error("301 Moved Permanently", "PermanentRedirect", "");
    let location = xml("200 OK", "<LocationConstraint>eu-central-1</LocationConstraint>");
    let (fact, heard) = read(vec![moved.clone(), location, payment("Requester")]);
    assert_eq!(fact.expect("found").region.as_deref(), Some("eu-central-1"));
    assert!(heard[1].starts_with("GET /colorpictures?location "), "{}", heard[1]);
    assert!(heard[2].contains("/eu-central-1/s3/aws4_request"), "{}", heard[2]);
    assert_eq!(heard.len(), 3);
    let (error, requests) = refused(vec![moved]);
    assert_eq!((error.kind(), requests), (ErrorKind::WrongRegion, 2), "who does not say it then either is not asked again");
}

/// A7: nothing, and above all no token, goes to another host.
#[test]
fn a_redirect_to_another_host_is_not_followed() {
    let other = Stage::new(vec![payment("Requester")]);
    for status in ["301 Moved Permanently", "307 Temporary Redirect", "302 Found"] {
        let (error, requests) = refused(vec![answer(status, &format!("Location: http://{}/colorpictures\r\n", other.address), "")]);
        assert_eq!(requests, 1, "{status}");
        assert_ne!(error.kind(), ErrorKind::Internal);
    }
    assert_eq!(other.heard().len(), 0);
}

/// A10: a wrong clock is corrected once, with the store's time.
#[test]
fn a_wrong_clock_is_corrected_once() {
    let skewed = |server: &str| {
        let body = format!("<Error><Code>RequestTimeTooSkewed</Code><Message>m</Message><ServerTime>{server}</ServerTime></Error>");
        answer("403 Forbidden", "Content-Type: application/xml\r\n", &body)
    };
    let (fact, heard) = read(vec![skewed("2031-05-06T07:08:09Z"), payment("Requester")]);
    fact.expect("answered with the store's time");
    assert!(heard[1].contains("x-amz-date: 20310506T07"), "{}", heard[1]);
    let (error, requests) = refused(vec![skewed("2031-05-06T07:08:09Z")]);
    assert_eq!((error.kind(), requests), (ErrorKind::ClockSkew, 2));
}

/// A11: a store that echoes what was signed.
#[test]
fn echoed_secrets_are_not_shown() {
    let echo =
        "<StringToSign>canaryToken0123456789</StringToSign><CanonicalRequest>x-amz-security-token:canaryToken0123456789</CanonicalRequest>";
    let (error, requests) = refused(vec![s3_error("403 Forbidden", "SignatureDoesNotMatch", echo)]);
    assert_eq!(requests, 1);
    let shown = format!("{error} {error:?} {:?} {:?}", error.hint_text(), error.store_answer());
    assert!(!shown.contains("canary"), "{shown}");
}

/// A13: a payer that nobody documents is shown as it came.
#[test]
fn an_unknown_payer_is_kept_as_it_came() {
    let (fact, _) = read(vec![payment("Sponsor")]);
    assert_eq!(fact.expect("answered").payer, Payer::Other("Sponsor".to_owned()));
    let (fact, _) = read(vec![payment("requester")]);
    assert_eq!(fact.expect("answered").payer, Payer::Other("requester".to_owned()));
}

/// B1: each reason has its own sentence.
#[test]
fn no_connection_says_why() {
    let nobody = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = nobody.local_addr().expect("bound");
    drop(nobody);
    let ask = |endpoint: &str| block_on(engine_at(endpoint, "").read_payer(&place())).expect_err("no store there");
    let error = ask(&format!("http://{address}"));
    assert_eq!((error.kind(), error.message()), (ErrorKind::Network, "127.0.0.1: the connection was refused"));
    let error = ask("https://no-such-host.invalid");
    assert_eq!((error.kind(), error.message()), (ErrorKind::Network, "no-such-host.invalid: the name cannot be resolved"));
    let plain = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = plain.local_addr().expect("bound");
    std::thread::spawn(move || {
        for stream in plain.incoming() {
            let _gone = stream.expect("accepted").write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
        }
    });
    let error = ask(&format!("https://{address}"));
    assert_eq!((error.kind(), error.message()), (ErrorKind::Tls, "127.0.0.1: TLS failed"));
}

/// B2, B4: silence and cut answers.
#[test]
fn silence_and_cut_answers_end() {
    let (error, requests) = refused(vec![Act::SayAndHang(String::new())]);
    assert_eq!((error.kind(), requests), (ErrorKind::Timeout, 3));
    let cut = Act::Say("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n<RequestPaymentConfiguration>".to_owned());
    let (fact, heard) = read(vec![cut, payment("Requester")]);
    assert_eq!((fact.expect("the second try").payer, heard.len()), (Payer::Requester, 2));
}

/// D3: an endless answer is given up.
#[test]
fn an_answer_without_end_is_given_up() {
    let flood = Act::Say(format!("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{}", "x".repeat(9 << 20)));
    let (error, _) = refused(vec![flood]);
    assert_eq!(error.kind(), ErrorKind::InvalidReply);
}

/// B3: an answer that drips, so that the idle timeout never strikes.
#[test]
fn an_answer_that_drips_ends() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let endpoint = format!("http://{}", listener.local_addr().expect("bound"));
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(std::io::Result::ok) {
            std::thread::spawn(move || drip(stream));
        }
    });
    let timeouts = Timeouts { idle: Duration::from_millis(300), whole: Duration::from_millis(500), ..Timeouts::default() };
    let error = block_on(engine_at(&endpoint, "").with_timeouts(timeouts).read_payer(&place())).expect_err("never whole");
    assert_eq!((error.kind(), error.message()), (ErrorKind::Timeout, "127.0.0.1 did not come to the end of its answer"));
}

fn drip(mut stream: TcpStream) {
    read_request(&mut stream);
    let _gone = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
    while stream.write_all(b" ").is_ok() {
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn change(acts: Vec<Act>) -> (whopays::app::Changed, Vec<String>) {
    let stage = Stage::new(acts);
    let engine = engine_at(&format!("http://{}", stage.address), "").with_read_back([0, 5, 5, 5, 5, 5].map(Duration::from_millis));
    let change = PayerChange { place: place(), before: Some(Payer::BucketOwner), to: Payer::Requester, identity: None };
    let changed = block_on(engine.change_payer(&change, || ()));
    (changed, stage.heard())
}

/// A listed name that cannot be put into a request is no row, and is not passed over in silence.
#[test]
fn a_listed_name_that_breaks_the_rules_is_told_of() {
    let list = "<ListAllMyBucketsResult><Buckets><Bucket><Name>colorpictures</Name></Bucket><Bucket><Name>../etc\u{202e}</Name></Bucket>\
                </Buckets></ListAllMyBucketsResult>";
    let stage = Stage::new(vec![xml("200 OK", list)]);
    let text = format!(
        "[accounts.acc]\nprovider = \"s3\"\nregion = \"us-west-2\"\nendpoint = \"http://{}\"\ncredentials = \"anonymous\"\n",
        stage.address
    );
    let config = config::parse("test.toml", &text, LiteralSecrets::Allowed).expect("a good config");
    let told = Arc::new(Mutex::new(Vec::new()));
    let heard = told.clone();
    let notice = Box::new(move |error: Error| heard.lock().expect("no panic holds it").push(error.message().to_owned()));
    let engine = Engine::new(&config, Journal::in_memory().expect("memory"), Arc::new(Desk::default()), notice).expect("an engine");
    let mut listed = 0;
    block_on(engine.list_buckets(&AccountName::new("acc"), |page| listed += page.buckets.len())).expect("a list");
    assert_eq!(listed, 1);
    let told = told.lock().expect("no panic holds it");
    assert_eq!(*told, ["account \"acc\": 1 listed bucket is left out, such as \"../etc\\u{202e}\""]);
}

/// B5: the connection broke after a PUT was sent. The value is read, nothing is repeated, and what is shown is what is.
#[test]
fn a_broken_put_is_read_back_and_not_repeated() {
    let (changed, heard) = change(vec![Act::HangUp, payment("Requester")]);
    assert_eq!(changed.outcome, Outcome::Verified);
    assert_eq!(heard.iter().filter(|request| request.starts_with("PUT ")).count(), 1);
    let (changed, heard) = change(vec![Act::HangUp, payment("BucketOwner")]);
    assert_eq!(changed.outcome, Outcome::Unknown, "it may still be applied");
    assert_eq!(changed.after.expect("it was read").payer, Payer::BucketOwner);
    assert_eq!(heard.iter().filter(|request| request.starts_with("PUT ")).count(), 1);
    let (changed, _) = change(vec![Act::HangUp, s3_error("403 Forbidden", "AccessDenied", "")]);
    assert_eq!(changed.outcome, Outcome::Unknown);
}

/// A change that never left is a failure, not a mystery: nothing listens there, so nothing is read back.
#[test]
fn a_put_that_never_left_is_a_failure() {
    let nobody = TcpListener::bind("127.0.0.1:0").expect("a port");
    let endpoint = format!("http://{}", nobody.local_addr().expect("bound"));
    drop(nobody);
    let engine = engine_at(&endpoint, "");
    let change = PayerChange { place: place(), before: Some(Payer::BucketOwner), to: Payer::Requester, identity: None };
    let changed = block_on(engine.change_payer(&change, || ()));
    assert_eq!((changed.outcome, engine.requests()), (Outcome::Failed, 0), "nothing left, not even a reading");
    assert_eq!(changed.error.expect("why").message(), "127.0.0.1: the connection was refused");
}

/// The words for a change whose end is unclear say what is known.
#[test]
fn unclear_ends_say_what_is_known() {
    let done = || answer("200 OK", "", "");
    let (changed, _) = change(vec![done(), s3_error("403 Forbidden", "AccessDenied", "")]);
    let error = changed.error.expect("why");
    assert_eq!((changed.outcome, error.kind()), (Outcome::Unknown, ErrorKind::Denied));
    assert_eq!(
        error.message(),
        "bucket \"colorpictures\": the store accepted the change, but the new value cannot be read back (bucket \"colorpictures\": access denied)"
    );
    assert_eq!((error.target_text(), error.request_id()), (Some("acc:colorpictures"), Some("REQ2")));
    let (changed, _) = change(vec![Act::HangUp, payment("BucketOwner")]);
    assert_eq!(
        changed.error.expect("why").message(),
        "bucket \"colorpictures\": nobody knows whether the change arrived, the store still answers BucketOwner (127.0.0.1: the connection broke before an answer came)"
    );
}

/// D9, P8: a store that says 200 and keeps the old value for good is caught in `engine.rs`, where the demo store plays it.
/// Here: a clear refusal is a failure, and nothing is read back.
#[test]
fn a_refused_put_is_a_failure() {
    let (changed, heard) = change(vec![s3_error("403 Forbidden", "AccessDenied", "")]);
    assert_eq!((changed.outcome, heard.len()), (Outcome::Failed, 1));
    assert_eq!(changed.error.expect("why").kind(), ErrorKind::Denied);
    assert!(heard[0].contains("content-md5: "), "{}", heard[0]);
}

/// A16: somebody else changes it at the same time.
#[test]
fn a_concurrent_change_is_not_repeated() {
    let (changed, heard) = change(vec![s3_error("409 Conflict", "OperationAborted", "")]);
    assert_eq!((changed.outcome, heard.len()), (Outcome::Failed, 1));
    assert_eq!(changed.error.expect("why").kind(), ErrorKind::Conflict);
}
