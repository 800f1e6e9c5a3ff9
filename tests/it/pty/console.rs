//! The real binary in a terminal, against the embedded store over real HTTP.

use std::fs::{self, OpenOptions};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rustix::process::Signal;
use whopays::config::{self, LiteralSecrets, Source};
use whopays::domain::{BucketName, Keys, Provider};
use whopays::wire::{self, Call, Terms};

use super::pristine;
use crate::support::pty::{Modes, PATIENCE, Pty, Setup};

const BINARY: &str = env!("CARGO_BIN_EXE_whopays");

/// The binary with a home and a state of its own.
fn whopays(home: &Path, arguments: &[&str]) -> Setup {
    Setup::new(BINARY, arguments).env("HOME", home).env("WHOPAYS_STATE_DIR", home.join("state"))
}

/// The console on its own embedded store, with payers on the board.
fn demo(home: &Path) -> Pty {
    let pty = whopays(home, &["demo"]).start();
    pty.see("colorpictures");
    pty.see("Requester");
    pty
}

/// `--trace`: the console's own start is in it, readable by its owner only.
#[test]
fn the_console_writes_a_trace() {
    let home = tempfile::tempdir().unwrap();
    let trace = home.path().join("trace.jsonl");
    let mut pty = whopays(home.path(), &["demo", "--trace", trace.to_str().unwrap()]).start();
    pty.see("colorpictures");
    pty.see("Requester");
    pty.type_keys("q");
    assert_eq!(pty.exit_code(), 0);
    let text = fs::read_to_string(&trace).unwrap();
    for part in ["\"operation\":\"ListBuckets\"", "\"operation\":\"GetBucketRequestPayment\"", "\"bucket\":\"colorpictures\""] {
        assert!(text.contains(part), "{part}\n{text}");
    }
    assert!(text.lines().all(|line| line.starts_with('{') && line.ends_with('}')), "{text}");
}

/// Waits until nothing has been written for a second.
#[track_caller]
fn settle(pty: &Pty) {
    let rests = (0..1_000).any(|_| pty.bytes_after(pty.bytes().len(), Duration::from_secs(1)).is_empty());
    assert!(rests, "the screen never rests:\n{}", pty.text());
}

/// G1
#[test]
fn every_way_out_gives_the_terminal_back() {
    let home = tempfile::tempdir().unwrap();
    let before = pristine();
    type WayOut = fn(&mut Pty);
    let table: [(WayOut, u32, &str); 6] = [
        (|pty| pty.type_keys("q"), 0, ""),
        (|pty| pty.type_keys("\x03"), 0, ""),
        (|pty| pty.signal(Signal::INT), 130, "ended by SIGINT"),
        (|pty| pty.signal(Signal::TERM), 143, "ended by SIGTERM"),
        (|pty| pty.signal(Signal::QUIT), 131, "ended by SIGQUIT"),
        (|pty| pty.signal(Signal::HUP), 129, "ended because the terminal went away (SIGHUP)"),
    ];
    for (way_out, code, last_words) in table {
        let mut pty = demo(home.path());
        assert!(pty.is_taken());
        way_out(&mut pty);
        assert_eq!(pty.exit_code(), code, "{last_words}:\n{}", pty.text());
        assert!(pty.is_given_back(), "{last_words}");
        assert_eq!(before, format!("{:?}", pty.attributes()), "{last_words}");
        assert!(pty.text().contains(last_words), "{}", pty.text());
    }
}

/// G2
#[test]
fn stopping_and_resuming() {
    let home = tempfile::tempdir().unwrap();
    let command = format!("HOME='{0}' WHOPAYS_STATE_DIR='{0}/state' {BINARY} demo\r", home.path().display());
    let mut pty = super::shell();
    pty.type_and_see(command, "colorpictures");
    let taken = format!("{:?}", pty.attributes());
    pty.type_keys("\x1a");
    super::wait_for_prompt(&pty);
    pty.type_and_see("echo it is $((40+2))\r", "it is 42");
    pty.type_keys("fg\r");
    pty.wait_for_modes(Modes::Taken);
    pty.see("colorpictures");
    assert_eq!(taken, format!("{:?}", pty.attributes()));
    super::expect_a_good_end(&mut pty);
}

/// P27
#[test]
fn a_hang_up_ends_it() {
    let home = tempfile::tempdir().unwrap();
    let mut pty = demo(home.path());
    pty.hang_up();
    let (time, _) = pty.time_to_end();
    assert!(time < Duration::from_secs(2), "{time:?}");
}

/// P3, goal 10
#[test]
#[cfg(target_os = "linux")]
fn idling_costs_nothing() {
    let home = tempfile::tempdir().unwrap();
    let pty = demo(home.path());
    settle(&pty);
    let (written, ticks) = (pty.bytes().len(), super::ticks_of(pty.process));
    assert_eq!(pty.bytes_after(written, Duration::from_secs(3)), b"");
    let after = super::ticks_of(pty.process);
    assert_eq!((after.0, after.1), (ticks.0, ticks.1));
}

/// G4: every size, and a board at the end.
#[test]
fn a_resize_storm_is_survived() {
    let home = tempfile::tempdir().unwrap();
    let mut pty = demo(home.path());
    let mut random = fastrand::Rng::with_seed(4);
    for _ in 0..1_000 {
        pty.resize(random.u16(1..=300), random.u16(1..=100));
    }
    for (width, height) in [(1, 1), (2, 1), (1, 2), (0, 0), (300, 100), (500, 200), (80, 24)] {
        pty.resize(width, height);
    }
    pty.see("colorpictures");
    pty.type_keys("q");
    assert_eq!(pty.exit_code(), 0, "{}", pty.text());
}

/// E6, P25: only sequences that draw reach the terminal, and no byte from a store is one.
#[test]
fn only_known_sequences_are_written() {
    let home = tempfile::tempdir().unwrap();
    let mut pty = demo(home.path());
    settle(&pty);
    pty.type_keys("jjjG?");
    settle(&pty);
    pty.type_keys("\x1bq");
    pty.exit_code();
    let mut rest = &pty.bytes()[..];
    while let Some(place) = rest.iter().position(|byte| *byte < 0x20 && !b"\r\n".contains(byte)) {
        assert_eq!(rest[place..place + 2], *b"\x1b[", "a bare control character");
        let parameters = &rest[place + 2..];
        let end = parameters.iter().position(|byte| (0x40..0x7f).contains(byte)).unwrap();
        assert!(b"HJKmhl".contains(&parameters[end]), "{}", parameters[..=end].escape_ascii());
        rest = &parameters[end + 1..];
    }
    let text = String::from_utf8(pty.bytes()).unwrap();
    assert!(!text.contains(|c: char| matches!(u32::from(c), 0x7f..=0x9f | 0x200b..=0x200f | 0x202a..=0x202e | 0x2066..=0x2069)));
}

/// G5
#[test]
fn environments() {
    let home = tempfile::tempdir().unwrap();
    let mut plain = whopays(home.path(), &["demo"]).env("LANG", "C").env("NO_COLOR", "1").start();
    plain.see("colorpictures");
    plain.type_keys("q");
    assert_eq!(plain.exit_code(), 0);
    assert!(plain.bytes().is_ascii(), "LANG=C");
    let text = String::from_utf8(plain.bytes()).unwrap();
    for colour in ["[31m", "[32m", "[33m", "[34m", "[36m", "38;5;", "38;2;", "48;5;"] {
        assert!(!text.contains(colour), "NO_COLOR: {colour}");
    }
    let mut dumb = whopays(home.path(), &["demo"]).env("TERM", "dumb").start();
    assert_eq!(dumb.exit_code(), 2);
    assert!(dumb.text().contains("cannot draw on a terminal of the kind: dumb"), "{}", dumb.text());
}

/// G5: in a pipe.
#[test]
fn without_a_terminal_it_is_refused() {
    let home = tempfile::tempdir().unwrap();
    let output = Command::new(BINARY)
        .arg("demo")
        .env("HOME", home.path())
        .env("WHOPAYS_STATE_DIR", home.path().join("state"))
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.is_empty());
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(text.contains("the console needs a terminal") && text.contains("`whopays buckets`"), "{text}");
}

/// The embedded store as a process of its own, so that others can ask it too.
struct Served {
    process: Child,
    config: String,
}

impl Served {
    fn start(home: &Path) -> Self {
        let log = home.join("requests.log");
        let mut process = Command::new(BINARY)
            .args(["demo", "--serve", "--listen", "127.0.0.1:0", "--json", "--log"])
            .arg(log)
            .env("HOME", home)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let said: serde_json::Value = serde_json::from_str(&line).unwrap();
        let config = said["config"].as_str().unwrap().to_owned();
        Self { process, config }
    }

    /// The config as a file of its own; its path.
    fn config_file(&self, home: &Path) -> String {
        let file = home.join("config.toml");
        OpenOptions::new().write(true).create_new(true).mode(0o600).open(&file).unwrap().write_all(self.config.as_bytes()).unwrap();
        file.to_str().unwrap().to_owned()
    }

    /// Asks the store itself, over a connection of our own: GetBucketRequestPayment of `studio:colorpictures`.
    fn payment_document(&self) -> String {
        let config = config::parse("demo", &self.config, LiteralSecrets::Allowed).unwrap();
        let account = config.accounts.iter().find(|account| account.name.as_str() == "studio").unwrap();
        let Source::Literal(credentials) = &account.credentials else { panic!("the demo's keys stand in its config") };
        let call = Call::GetBucketRequestPayment { bucket: BucketName::parse(Provider::S3, "colorpictures").unwrap() };
        let draft = wire::encode(&account.site, &call, &Terms::default()).unwrap();
        let host = draft.host.clone();
        let request = wire::sign(&account.site, draft, &Keys::Signed(credentials.clone()), now()).unwrap();
        let path = request.url.split_once(&host).unwrap().1;
        let mut head = format!("{} {path} HTTP/1.1\r\nconnection: close\r\n", request.method);
        if !request.headers.iter().any(|(name, _)| name == "host") {
            head.push_str(&format!("host: {host}\r\n"));
        }
        for (name, value) in &request.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        let mut connection = TcpStream::connect(&host).unwrap();
        connection.write_all(format!("{head}\r\n").as_bytes()).unwrap();
        let mut answer = String::new();
        connection.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        answer
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[expect(clippy::disallowed_methods, reason = "a signature needs the time of now")]
fn now() -> jiff::Timestamp {
    jiff::Timestamp::now()
}

/// The whole way of one key: the payer is changed, read back, recorded, and reverted; the store is asked each time.
#[test]
fn the_payer_is_changed_with_one_key_and_reverted() {
    let home = tempfile::tempdir().unwrap();
    let store = Served::start(home.path());
    let file = store.config_file(home.path());
    let file = file.as_str();
    assert!(store.payment_document().contains("<Payer>BucketOwner</Payer>"));

    let mut pty = whopays(home.path(), &["--config", file]).size(120, 40).start();
    pty.see("BucketOwner");
    pty.see("Requester");
    pty.type_and_see("/studio:colorpictures", "studio:colorpictures");
    pty.type_keys("\r");
    // The others have left the board.
    pty.wait_for("the filtered board", |screen| !screen.contents().contains("website-static"));

    change(&mut pty, "p", "Requester");
    assert!(store.payment_document().contains("<Payer>Requester</Payer>"), "the store itself says so");
    assert_eq!(payer_by_command(home.path(), file), "Requester");

    change(&mut pty, "U", "BucketOwner");
    assert!(store.payment_document().contains("<Payer>BucketOwner</Payer>"), "reverted");
    assert_eq!(payer_by_command(home.path(), file), "BucketOwner");

    pty.type_keys("5");
    pty.wait_for("both lines of the journal", |screen| screen.contents().matches("verified").count() >= 2);
    pty.type_keys("q");
    assert_eq!(pty.exit_code(), 0, "{}", pty.text());
    assert_eq!(journal_by_command(home.path()), [("Requester", "BucketOwner"), ("BucketOwner", "Requester")].map(owned));
    assert!(fs::read_dir(home.path().join("state")).unwrap().count() > 0);
}

fn owned((before, after): (&str, &str)) -> (String, String) {
    (before.to_owned(), after.to_owned())
}

/// Presses a key that changes the payer, and Enter once the countdown has been read.
#[track_caller]
fn change(pty: &mut Pty, key: &str, to: &str) {
    pty.type_and_see(key, "in 5 s");
    pty.see("in 4 s");
    pty.type_keys("\r");
    pty.see(&format!("colorpictures has payer {to}"));
}

/// What `payer get` says.
fn payer_by_command(home: &Path, config: &str) -> String {
    let lines = json_lines(home, &["payer", "get", "studio:colorpictures", "--json", "--config", config]);
    lines[0]["payer"].as_str().unwrap().to_owned()
}

/// Before and after of the lines that `journal` prints, newest first.
fn journal_by_command(home: &Path) -> Vec<(String, String)> {
    let mut lines = json_lines(home, &["journal", "--json"]);
    lines.sort_by_key(|line| std::cmp::Reverse(line["id"].as_i64()));
    lines.iter().map(|line| owned((line["before"].as_str().unwrap(), line["after"].as_str().unwrap()))).collect()
}

fn json_lines(home: &Path, arguments: &[&str]) -> Vec<serde_json::Value> {
    let output = Command::new(BINARY)
        .args(arguments)
        .env("HOME", home)
        .env("WHOPAYS_STATE_DIR", home.join("state"))
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// P1, P2: a bucket of someone else over real HTTP: refused, asked, refused by the person, asked again, agreed to, listed, charged.
#[test]
fn objects_as_requester() {
    let home = tempfile::tempdir().unwrap();
    let mut pty = demo(home.path());
    pty.type_and_see("oresearch:sensor-archive/readings/\r", "Who pays?");
    settle(&pty);
    pty.type_and_see("\r", "Enter open");
    assert!(!pty.text().contains("charged"), "{}", pty.text());
    pty.type_and_see("R", "Who pays?");
    settle(&pty);
    pty.type_and_see("s", "you pay, for this session");
    // The header: who acts, who pays, what was charged.
    pty.see("research:sensor-archive  ");
    pty.see(" you pay ");
    pty.see("charged to you");
    pty.see("1 charged");
    pty.type_keys("q");
    assert_eq!(pty.exit_code(), 0);
}

/// Presses a key that opens a form, goes on to the question, and says yes once it was seen.
#[track_caller]
fn agree(pty: &mut Pty, question: &str, done: &str) {
    pty.see(question);
    settle(pty);
    pty.type_and_see("y", done);
}

/// The same over a screen that never rests since a transfer moves. A yes counts once the question was seen for long enough; before that it
/// counts for nothing, and after the question is gone it would be another key.
#[track_caller]
fn agree_while_it_moves(pty: &mut Pty, question: &str) {
    pty.see(question);
    let gone = (0..5).any(|_| {
        let gone = pty.loses_within(question, Duration::from_secs(1));
        if !gone {
            pty.type_keys("y");
        }
        gone
    });
    assert!(gone || pty.loses_within(question, PATIENCE), "nobody took the yes:\n{}", pty.text());
}

/// What the store received about objects of a bucket: operation, payer header, status.
fn received(log: &Path, bucket: &str) -> Vec<(String, Vec<String>, u64)> {
    let text = fs::read_to_string(log).unwrap();
    let lines = text.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let about = lines.filter(|line| line["bucket"] == bucket && line["op"] != "GetBucketRequestPayment");
    let entry = |line: serde_json::Value| {
        let payer = line["payer"].as_array().unwrap().iter().map(|one| one.as_str().unwrap().to_owned()).collect();
        (line["op"].as_str().unwrap().to_owned(), payer, line["status"].as_u64().unwrap())
    };
    about.map(entry).collect()
}

/// P1, P2: upload, download, copy and delete as requester, by keys; the store's own log says what every request carried.
#[test]
fn everything_is_done_as_requester() {
    let home = tempfile::tempdir().unwrap();
    let store = Served::start(home.path());
    let config = store.config_file(home.path());
    fs::write(home.path().join("0.txt"), "what is uploaded").unwrap();
    let mut pty = whopays(home.path(), &["--config", &config]).size(120, 40).start();
    pty.see("aerial-tiles");
    pty.type_and_see("oresearch:aerial-tiles\r", "is on the board");
    pty.type_and_see("\r", "Who pays?");
    settle(&pty);
    pty.type_and_see("s", "readme.txt");
    assert!(pty.text().contains("you pay (research)"), "{}", pty.text());

    // Folders stand first in the picker: there is one, of the program's state.
    pty.type_and_see("u", "0.txt");
    pty.type_and_see("j\r", "Upload 1 file or folder");
    pty.type_keys("\r");
    agree(&mut pty, "Upload?", "to research:aerial-tiles/: 1 of 1 done");
    pty.see("changed since: r");
    pty.type_and_see("r", "▸ 0.txt");
    assert!(!pty.text().contains("changed since"), "{}", pty.text());

    pty.type_and_see("d", "Download 0.txt");
    pty.type_keys("\r");
    agree(&mut pty, "Download?", "download research:aerial-tiles/0.txt: 1 of 1 done");
    assert_eq!(fs::read_to_string(home.path().join("Downloads/0.txt")).unwrap(), "what is uploaded");

    pty.type_and_see("c", "Copy or move 0.txt");
    pty.type_keys(".copy\r");
    agree(&mut pty, "Copy?", "1 of 1 done");

    pty.type_keys("x");
    agree(&mut pty, "Delete?", "delete research:aerial-tiles/0.txt: 1 of 1 done");
    pty.see(" gone ");
    pty.type_and_see("r", "▸ 0.txt.copy");
    pty.type_keys("q");
    assert_eq!(pty.exit_code(), 0, "{}", pty.text());

    let mut log = received(&home.path().join("requests.log"), "aerial-tiles");
    let (op, payer, status) = log.remove(0);
    assert_eq!((op.as_str(), payer, status), ("ListObjectsV2", Vec::new(), 403), "before the word there is no header");
    for (op, payer, status) in &log {
        assert_eq!(payer, &["x-amz-request-payer: requester"], "{op}");
        // A copy looks first whether something of the new name is there; nothing is.
        let expected = if op == "HeadObject" { 404..405 } else { 200..300 };
        assert!(expected.contains(status), "{op}: {status}");
    }
    let ops: Vec<&str> = log.iter().map(|(op, ..)| op.as_str()).filter(|op| *op != "HeadObject").collect();
    assert_eq!(ops, ["ListObjectsV2", "PutObject", "ListObjectsV2", "GetObject", "CopyObject", "DeleteObject", "ListObjectsV2"]);
}

/// A word that is kept until it is taken back is asked for once, holds at the next start, and is gone when it was taken back.
#[test]
fn a_word_that_is_kept_outlives_the_program_until_it_is_taken_back() {
    let home = tempfile::tempdir().unwrap();
    let store = Served::start(home.path());
    let config = store.config_file(home.path());
    let open = |seen: &str| {
        let mut pty = whopays(home.path(), &["--config", &config]).start();
        pty.see("aerial-tiles");
        pty.type_and_see("oresearch:aerial-tiles\r", "is on the board");
        pty.type_and_see("\r", seen);
        pty
    };
    let leave = |mut pty: Pty| {
        pty.type_keys("q");
        assert_eq!(pty.exit_code(), 0, "{}", pty.text());
    };
    leave(with_a_kept_word(home.path(), &config));
    let mut pty = open("readme.txt");
    assert!(pty.text().contains("you pay (research)"), "{}", pty.text());
    pty.type_and_see("R", "your account no longer pays here");
    leave(pty);
    leave({
        let mut pty = open("Who pays?");
        pty.type_and_see("\x1b", "Enter open");
        pty
    });
    let said: Vec<(bool, u64)> =
        received(&home.path().join("requests.log"), "aerial-tiles").iter().map(|(_, payer, status)| (payer.len() == 1, *status)).collect();
    assert_eq!(said, [(false, 403), (true, 200), (true, 200), (false, 403)]);
}

/// The state database of this home.
fn state(home: &Path) -> rusqlite::Connection {
    rusqlite::Connection::open(home.join("state/journal.db")).unwrap()
}

/// A console in a bucket of someone else's, with a word for it that is kept.
fn with_a_kept_word(home: &Path, config: &str) -> Pty {
    let mut pty = whopays(home, &["--config", config]).start();
    pty.see("aerial-tiles");
    pty.type_and_see("oresearch:aerial-tiles\r", "is on the board");
    pty.type_and_see("\r", "Who pays?");
    settle(&pty);
    pty.type_and_see("a", "readme.txt");
    pty
}

fn kept_words(home: &Path) -> u32 {
    state(home).query_row("SELECT count(*) FROM consent", [], |row| row.get(0)).unwrap()
}

/// A word that was just taken back is gone when the program has ended, although the state database was busy.
#[test]
fn leaving_waits_until_what_was_said_is_written() {
    let home = tempfile::tempdir().unwrap();
    let store = Served::start(home.path());
    let mut pty = with_a_kept_word(home.path(), &store.config_file(home.path()));
    let busy = state(home.path());
    busy.execute_batch("BEGIN IMMEDIATE").unwrap();
    pty.type_and_see("R", "your account no longer pays here");
    pty.type_keys("q");
    pty.wait_for_modes(Modes::GivenBack);
    // Whoever does not wait has ended by then.
    pty.bytes_after(pty.bytes().len(), Duration::from_secs(1));
    busy.execute_batch("ROLLBACK").unwrap();
    assert_eq!(pty.exit_code(), 0, "{}", pty.text());
    assert_eq!(kept_words(home.path()), 0);
}

/// A word that could not be taken back is told where the screen was, although nobody saw it there.
#[test]
fn leaving_says_what_could_not_be_written() {
    let home = tempfile::tempdir().unwrap();
    let store = Served::start(home.path());
    let mut pty = with_a_kept_word(home.path(), &store.config_file(home.path()));
    state(home.path()).execute_batch("CREATE TRIGGER torn BEFORE DELETE ON consent BEGIN SELECT RAISE(ABORT, 'here'); END").unwrap();
    pty.type_keys("Rq");
    assert_eq!(pty.exit_code(), 1, "{}", pty.text());
    assert!(pty.text().contains("cannot be used: here"), "{}", pty.text());
    assert_eq!(kept_words(home.path()), 1);
}

/// Leaving keeps what runs and what has not begun: the next start offers both, and goes on with nothing by itself.
#[test]
fn what_is_left_unfinished_is_offered_at_the_next_start() {
    let home = tempfile::tempdir().unwrap();
    let store = Served::start(home.path());
    let config = store.config_file(home.path());
    fs::write(home.path().join("0.bin"), vec![7; 24 << 20]).unwrap();
    let mut pty = whopays(home.path(), &["--config", &config]).size(120, 40).start();
    pty.see("aerial-tiles");
    pty.type_and_see("3", "Transfers");
    pty.type_and_see("-", "1 transfer at a time");
    pty.type_and_see("w", "Limit of bandwidth");
    pty.type_and_see("100K\r", "at most 100K bytes a second");
    pty.type_and_see("1", "Buckets");
    pty.type_and_see("ostudio:colorpictures\r", "is on the board");
    pty.type_and_see("\r", "index.html");
    pty.type_and_see("u", "0.bin");
    pty.type_and_see("j\r", "Upload 1 file or folder");
    pty.type_keys("\r");
    agree(&mut pty, "Upload?", "1 job queued");
    pty.type_and_see("jjd", "Download index.html");
    pty.type_keys("\r");
    agree_while_it_moves(&mut pty, "y: download");
    pty.type_and_see("3", "1 of at most 1 run · 1 waiting");
    pty.type_keys("q");
    agree_while_it_moves(&mut pty, "Leave while transfers run?");
    assert_eq!(pty.exit_code(), 0, "{}", pty.text());
    let mut pty = whopays(home.path(), &["--config", &config]).size(120, 40).start();
    pty.see("2 transfers were left unfinished");
    pty.see("0.bin to studio:colorpictures/");
    pty.see("download studio:colorpictures/index.html");
    pty.type_and_see("\x1b", "they stay on screen 3");
    pty.type_and_see("3", "2 unfinished");
    pty.type_keys("q");
    assert_eq!(pty.exit_code(), 0, "{}", pty.text());
    let log = fs::read_to_string(home.path().join("requests.log")).unwrap();
    let count = |op: &str| log.matches(&format!("\"{op}\"")).count();
    assert_eq!((count("CreateMultipartUpload"), count("CompleteMultipartUpload"), count("GetObject")), (1, 0, 0));
}
