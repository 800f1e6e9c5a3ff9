//! `--trace FILE` against what the store received: a line for each request, equal in what matters, and nothing that is secret.

use std::os::unix::fs::PermissionsExt;

use whopays::demo::{Act, Prepared};
use whopays::domain::op::ROWS;

use super::*;

/// What both sides say of a request: method, path, operation, status, payer header, charged, bytes up and down.
type Told = (String, String, Op, Option<u16>, bool, bool, u64, u64);

fn op_of(name: &str) -> Op {
    ROWS.iter().find(|row| row.name == name || row.oss_name == Some(name)).unwrap_or_else(|| panic!("{name}")).op
}

/// The lines of a trace; a torn one is no JSON.
fn lines(text: &str) -> Vec<Value> {
    assert!(text.is_empty() || text.ends_with('\n'), "the last line is whole: {text}");
    text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))).collect()
}

fn traced(line: &Value) -> Told {
    let word = |name: &str| line[name].as_str().unwrap_or_else(|| panic!("{name}: {line}")).to_owned();
    (
        word("method"),
        word("path"),
        op_of(&word("operation")),
        line["status"].as_u64().map(|status| u16::try_from(status).unwrap()),
        line["payer_header"].as_bool().unwrap(),
        word("charged") == "yes",
        line["bytes_up"].as_u64().unwrap(),
        line["bytes_down"].as_u64().unwrap(),
    )
}

fn received(entry: &Received) -> Told {
    let path = entry.target.split('?').next().unwrap_or_default().to_owned();
    let op = entry.op.unwrap_or_else(|| panic!("{entry:?}"));
    // The script of a fault names a body, which the answer to a HEAD does not have.
    let out = if entry.method == "HEAD" { 0 } else { entry.bytes_out };
    (entry.method.clone(), path, op, entry.status, !entry.payer.is_empty(), entry.charged, entry.bytes_in, out)
}

/// The same requests on both sides, whatever the order in which they came and ended.
#[track_caller]
fn equal(bench: &Bench, mark: usize, trace: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(trace).unwrap();
    let lines = lines(&text);
    let mut told: Vec<Told> = lines.iter().map(traced).collect();
    let mut received: Vec<Told> = bench.since(mark).iter().map(received).collect();
    told.sort();
    received.sort();
    for (told, received) in told.iter().zip(&received) {
        assert_eq!(told, received);
    }
    assert_eq!(told.len(), received.len());
    lines
}

/// Commands as a person might give them, in any order: some are refused, some find nothing.
fn any(chance: &mut fastrand::Rng, round: usize) -> Vec<String> {
    let owned = ["studio:colorpictures", "lab:color-atlas"][chance.usize(..2)];
    let foreign = ["research:aerial-tiles", "partner:telescope-feed"][chance.usize(..2)];
    let key = format!("trace/{} #{}?é", chance.usize(..4), chance.usize(..2));
    let mut words: Vec<String> = match chance.usize(..10) {
        0 => vec!["ls".to_owned(), format!("{foreign}/")],
        1 => vec!["stat".to_owned(), format!("{foreign}/readme.txt"), "--all".to_owned()],
        2 => vec!["get".to_owned(), format!("{foreign}/readme.txt"), format!("got-{round}")],
        3 | 4 => vec!["put".to_owned(), "small.bin".to_owned(), format!("{owned}/{key}"), "--overwrite".to_owned()],
        5 => vec!["cat".to_owned(), format!("{owned}/{key}")],
        6 => vec!["rm".to_owned(), format!("{owned}/{key}"), "--yes".to_owned()],
        7 => vec!["cp".to_owned(), format!("{foreign}/readme.txt"), format!("{owned}/{key}"), "--overwrite".to_owned()],
        8 => vec!["payer".to_owned(), "get".to_owned(), owned.to_owned(), foreign.to_owned()],
        _ => vec![["accounts", "buckets"][chance.usize(..2)].to_owned()],
    };
    if chance.bool() {
        words.extend(["--request-payer".to_owned(), "requester".to_owned()]);
    }
    words
}

fn fault(chance: &mut fastrand::Rng) -> Act {
    let body = "<Error><Code>SlowDown</Code><Message>m</Message></Error>";
    match chance.usize(..3) {
        0 => Act::Answer(Prepared::new(503, "application/xml", body).with("x-amz-request-id", "1").with("x-oss-request-id", "1")),
        _ => Act::Pass,
    }
}

#[test]
fn a_random_session_is_a_line_for_each_request() {
    let bench = Bench::start();
    bench.file("small.bin", &noise(3, 9_000));
    let (mut chance, mark, trace) = (fastrand::Rng::with_seed(2_026), bench.mark(), bench.path("trace.jsonl"));
    for round in 0..60 {
        for op in [Op::GetObject, Op::HeadObject, Op::ListObjectsV2, Op::PutObject] {
            let act = fault(&mut chance);
            bench.store().script(op, [act]);
        }
        let mut words = any(&mut chance, round);
        words.extend(["--trace".to_owned(), text(&trace).to_owned()]);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let code = code(&bench.run(&words));
        assert!([0, 1, 3, 4, 7].contains(&code), "{words:?}: {code}");
    }
    let lines = equal(&bench, mark, &trace);
    assert!(lines.len() > 60, "{}", lines.len());
    assert_eq!(std::fs::metadata(&trace).unwrap().permissions().mode() & 0o7777, 0o600);
    let some = |what: &dyn Fn(&Value) -> bool| assert!(lines.iter().any(what));
    some(&|line| line["payer_header"] == true && line["charged"] == "yes");
    some(&|line| line["charged"] == "not said" && line["provider"] == "oss");
    some(&|line| line["attempt"] == 2);
    some(&|line| line["status"] == 503);
    some(&|line| line["status"] == 403 && line["request_id"].is_string());
    some(&|line| line["query"] == serde_json::json!(["requestPayment"]) && line["bucket"] == "aerial-tiles");
    some(&|line| line["account"] == "lab" && line["region"].as_str().is_some_and(|region| region.starts_with("cn-")));
    for line in &lines {
        assert!(line["time"].as_str().unwrap().ends_with('Z') && line["ms"].is_u64() && line["error"].is_null(), "{line}");
        assert!(line["host"].as_str().unwrap().contains(':') && !line["path"].as_str().unwrap().contains('?'), "{line}");
    }
}

/// Neither a key, nor a token, nor a signature, nor what a query holds.
#[test]
fn no_secret_is_in_it() {
    let bench = Bench::start();
    bench.file("large.bin", &noise(5, 65 * MIB));
    let trace = bench.path("trace.jsonl");
    for words in [
        &["accounts"][..],
        &["put", "large.bin", "studio:colorpictures/large"],
        &["put", "large.bin", "lab:color-atlas/large"],
        &["ls", "-r", "lab:telescope-feed/"],
        &["presign", "studio:colorpictures/large"],
        &["stat", "studio:colorpictures/large", "--all"],
    ] {
        bench.lines(&[words, &["--trace", text(&trace)]].concat());
    }
    let written = std::fs::read_to_string(&trace).unwrap();
    let config = std::fs::read_to_string(&bench.config).unwrap();
    let secrets: Vec<&str> = config
        .lines()
        .filter(|line| ["access_key_id", "access_key_secret", "session_token"].iter().any(|name| line.trim_start().starts_with(name)))
        .filter_map(|line| line.split('"').nth(1))
        .collect();
    assert!(secrets.len() > 4, "{config}");
    let uploads: Vec<String> = bench.since(0).into_iter().filter_map(|entry| entry.upload).collect();
    let values: Vec<String> = bench
        .since(0)
        .iter()
        .filter_map(|entry| entry.target.split_once('?').map(|(_, query)| query.to_owned()))
        .flat_map(|query| query.split('&').filter_map(|item| item.split_once('=')).map(|(_, value)| value.to_owned()).collect::<Vec<_>>())
        .filter(|value| value.len() > 12)
        .collect();
    assert!(!uploads.is_empty() && !values.is_empty());
    for secret in secrets.into_iter().chain(uploads.iter().map(String::as_str)).chain(values.iter().map(String::as_str)) {
        assert!(!written.contains(secret), "{secret}");
    }
    let lower = written.to_lowercase();
    for word in ["signature", "authorization", "credential", "x-amz-date", "aws4-hmac", "oss4-hmac", "security-token"] {
        assert!(!lower.contains(word), "{word}");
    }
    assert!(written.contains("\"uploadId\"") && written.contains("\"partNumber\""), "the names of the query stay: {written}");
}

#[test]
fn a_killed_process_leaves_whole_lines() {
    for (target, seed) in [("studio:sensor-archive/", 7), ("lab:telescope-feed/", 8)] {
        let bench = Bench::start();
        let (mut chance, mut all) = (fastrand::Rng::with_seed(seed), 0);
        for point in 0..4 {
            let (mark, trace) = (bench.mark(), bench.path(&format!("trace-{point}.jsonl")));
            let mut child = bench.begin(&["ls", "-r", target, "--json", "--trace", text(&trace)]);
            // Its output must not stop it.
            let mut out = child.stdout.take().unwrap();
            let reader = std::thread::spawn(move || std::io::copy(&mut out, &mut std::io::sink()).unwrap());
            bench.wait_for(Op::ListObjectsV2, mark, 1 + chance.usize(..4));
            bench.kill(child);
            reader.join().unwrap();
            let told = lines(&std::fs::read_to_string(&trace).unwrap()).len();
            let seen = bench.ops(mark).into_iter().filter(|op| *op == Op::ListObjectsV2).count();
            // The last ones were under way.
            assert!(told <= seen, "{target}: {told} of {seen}");
            all += told;
        }
        assert!(all > 0, "{target}: what had ended was written at once");
    }
}

#[test]
fn a_file_that_cannot_be_written_is_said_before_anything_is_sent() {
    let bench = Bench::start();
    let mark = bench.mark();
    assert!(bench.ends(1, &["ls", "studio:colorpictures/", "--trace", "no/such/folder/trace.jsonl"]).contains("cannot be written to"));
    assert!(bench.ends(2, &["buckets", "--trace", "."]).contains("the trace needs a regular file"));
    assert_eq!(bench.mark(), mark);
}

/// The disk fills up while a command runs: it goes on to its end, says so once, and the trace ends with a whole line.
#[test]
fn a_full_disk_ends_the_trace_and_not_the_command() {
    let bench = Bench::start();
    let trace = bench.path("trace.jsonl");
    let script = format!(
        "trap '' XFSZ; ulimit -f 4; exec '{}' ls -r studio:sensor-archive/ --pages 20 --trace '{}'",
        env!("CARGO_BIN_EXE_whopays"),
        text(&trace)
    );
    let mark = bench.mark();
    let output = bench.dressed(Command::new("sh"), &["-c", &script]).output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!((code(&output), bench.since(mark).len()), (0, 20), "{told}");
    assert_eq!(told.matches("the trace ends there, the program goes on").count(), 1, "{told}");
    let written = lines(&std::fs::read_to_string(&trace).unwrap());
    assert!((2..20).contains(&written.len()), "{}", written.len());
}
