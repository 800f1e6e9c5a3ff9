//! What scripts and runbooks rely on: exit codes, pipes, colours, two processes at once, and a journal that survives a kill.
#![expect(clippy::disallowed_methods, reason = "these tests watch processes")]

use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use super::end_to_end::{Demo, keys, lines};
use super::{code, error, stderr, stdout};
use crate::support::pty::{PATIENCE, Setup};

fn process(child: &Child) -> Pid {
    Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap()
}

/// Until the process has a handler for the signal; before that, the signal ends it like any other process.
fn wait_until_heard(child: &Child, signal: Signal) {
    let begun = Instant::now();
    let hears = || {
        let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).ok()?;
        let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:"))?;
        Some(u64::from_str_radix(caught.trim(), 16).ok()? >> (signal.as_raw() - 1) & 1 == 1)
    };
    while hears() == Some(false) && begun.elapsed() < PATIENCE {
        std::thread::sleep(Duration::from_millis(5));
    }
    // Where there is no such file, this must do; where there is, the second signal's handler follows the first at once.
    std::thread::sleep(Duration::from_millis(if hears().is_some() { 100 } else { 2_000 }));
}

/// The journal as soon as it is so.
fn journal_when(demo: &Demo, so: impl Fn(&[Value]) -> bool) -> Vec<Value> {
    let begun = Instant::now();
    loop {
        let lines = demo.objects(&["journal", "--json"]);
        if so(&lines) {
            return lines;
        }
        assert!(begun.elapsed() < PATIENCE, "waited in vain, the journal holds {lines:?}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn every_exit_code() {
    let demo = Demo::start();
    let wrong = demo.home.path().join("wrong.toml");
    let config = std::fs::read_to_string(&demo.config).unwrap().replace("demo-studio-secret", "another-secret");
    std::fs::write(&wrong, config).unwrap();
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    std::fs::set_permissions(&wrong, mode).unwrap();
    let wrong = wrong.to_str().unwrap();
    let keyless = demo.home.path().join("keyless.toml");
    std::fs::write(&keyless, "[accounts.keyless]\nprovider = \"oss\"\nregion = \"cn-hangzhou\"\ncredentials = \"env\"\n").unwrap();
    let keyless = keyless.to_str().unwrap();
    for (arguments, expected, kind) in [
        (&["payer", "get", "studio:colorpictures"][..], 0, ""),
        (&["buckets", "studio", "--config", wrong], 3, "credentials"),
        (&["buckets", "keyless", "--config", keyless], 1, "credentials"),
        (&["payer", "get", "studio:legacy-gateway"], 1, "unsupported"),
        (&["payer", "get", "studio:colorpictures/a.txt"], 2, "usage"),
        (&["payer", "get", "nobody:colorpictures"], 2, "usage"),
        (&["payer", "get", "oss://color-atlas"], 2, "usage"),
        (&["payer", "get", "--account", "lab", "studio:colorpictures"], 2, "usage"),
        (&["payer", "get", "--region", "West!", "studio:colorpictures"], 2, "usage"),
        (&["payer", "get", "--endpoint", "ftp://x", "studio:colorpictures"], 2, "usage"),
        (&["payer", "get", "studio:sealed-vault"], 3, "denied"),
        (&["payer", "get", "lab:lab-restricted"], 3, "denied"),
        (&["payer", "get", "studio:no-such-bucket"], 4, "not_found"),
        (&["payer", "get", "lab:no-such-bucket"], 4, "not_found"),
        (&["payer", "set", "requester", "studio:colorpictures"], 5, "refused"),
        (&["payer", "set", "owner", "auditor:evidence-room", "--yes"], 5, "refused"),
        (&["buckets", "studio", "--endpoint", "http://127.0.0.1:1"], 6, "network"),
        (&["payer", "get", "--endpoint", "http://127.0.0.1:1", "lab:color-atlas"], 6, "network"),
        (&["payer", "get", "studio:colorpictures", "studio:no-such-bucket"], 7, "partial"),
    ] {
        let output = demo.run(&[arguments, &["--json"]].concat());
        assert_eq!(code(&output), expected, "{arguments:?}: {}", stderr(&output));
        if expected == 0 {
            assert_eq!(stderr(&output), "");
        } else {
            assert_eq!(error(&output)["kind"], kind, "{arguments:?}");
            assert_eq!(stderr(&output).lines().count(), 1, "{arguments:?}");
            assert!(error(&output)["hint"].is_string(), "{arguments:?}: {}", stderr(&output));
        }
    }
    assert_eq!(demo.objects(&["journal", "--json"]), Vec::<Value>::new(), "nothing of this was a change");
}

#[test]
fn an_interrupted_command_ends_with_130() {
    let demo = Demo::start_slow(20_000);
    for signal in [Signal::INT, Signal::TERM] {
        for arguments in [&["buckets", "--json"][..], &["payer", "set", "requester", "studio:colorpictures", "--yes", "--json"]] {
            let child = demo.command(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
            wait_until_heard(&child, signal);
            kill_process(process(&child), signal).unwrap();
            let output = child.wait_with_output().unwrap();
            assert_eq!(code(&output), 130, "{arguments:?}: {}", stderr(&output));
            assert_eq!(error(&output)["kind"], "interrupted");
        }
    }
}

#[test]
fn the_promised_fields() {
    let demo = Demo::start();
    let fields = |arguments: &[&str]| keys(&demo.objects(arguments)[0]).join(" ");
    assert_eq!(fields(&["buckets", "--json"]), "account bucket error owned payer payer_state provider region");
    assert_eq!(fields(&["payer", "get", "--json", "studio:colorpictures"]), "payer payer_state request_id target");
    let rehearsed = fields(&["payer", "set", "requester", "studio:colorpictures", "--dry-run", "--json"]);
    assert_eq!(rehearsed, "after before caller findings planned request_id target unread verified");
    assert_eq!(
        fields(&["payer", "set", "requester", "studio:colorpictures", "--yes", "--json"]),
        "after before request_id target verified"
    );
    assert_eq!(fields(&["accounts", "--json"]), "access account account_id arn credentials endpoint error key_id provider region");
    assert_eq!(
        fields(&["journal", "--json"]),
        "account after asked before bucket error id identity outcome provider request_id time verified"
    );
    assert_eq!(fields(&["config", "path", "--json"]), "exists path");
    assert_eq!(fields(&["config", "check", "--json"]), "accounts foreign_buckets source warnings");
    // An unknown payer stays as the store wrote it; what could not be read is null.
    let sponsor = &demo.objects(&["payer", "get", "--json", "studio:sponsored-set"])[0];
    assert_eq!((&sponsor["payer"], &sponsor["payer_state"]), (&"Sponsor".into(), &"unknown".into()));
    let denied = &lines(&demo.run(&["payer", "get", "--json", "studio:sealed-vault"]))[0];
    assert_eq!((&denied["payer"], &denied["payer_state"]), (&Value::Null, &"denied".into()));
}

#[test]
fn several_targets_across_accounts() {
    let demo = Demo::start();
    let targets = ["studio:colorpictures", "lab:color-atlas", "archive:deep-freeze", "studio:aerial-tiles", "studio:colorpictures"];
    let set = demo.objects(&[&["payer", "set", "requester"], &targets[..], &["--yes", "--json"]].concat());
    let told: Vec<(&str, &str, &str)> = set
        .iter()
        .map(|line| (line["target"].as_str().unwrap(), line["before"].as_str().unwrap(), line["after"].as_str().unwrap()))
        .collect();
    let expected = [
        ("studio:colorpictures", "BucketOwner", "Requester"),
        ("lab:color-atlas", "BucketOwner", "Requester"),
        ("archive:deep-freeze", "BucketOwner", "Requester"),
        ("studio:aerial-tiles", "Requester", "Requester"),
    ];
    assert_eq!(told, expected, "in the order of the line, each once");
    assert_eq!(demo.objects(&["journal", "--json"]).len(), 3, "aerial-tiles was so already");
}

#[test]
fn a_reader_that_takes_one_line() {
    let demo = Demo::start();
    let mut child = demo.command(&["buckets"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut first = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut first).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(first.starts_with("ACCOUNT   PROVIDER  BUCKET "), "{first}");
    assert_eq!((code(&output), stderr(&output).as_str()), (0, ""));
}

#[test]
fn colours_only_on_a_terminal_that_wants_them() {
    let demo = Demo::start();
    let piped = demo.run(&["buckets"]);
    assert!(!piped.stdout.contains(&0x1b) && !piped.stderr.contains(&0x1b), "{}", stdout(&piped));
    let shown = |name: &str, value: &str| {
        let setup = Setup::new(env!("CARGO_BIN_EXE_whopays"), &["buckets", "studio"]).size(120, 40);
        let mut pty = setup.env("HOME", demo.home.path()).env("WHOPAYS_CONFIG", &demo.config).env(name, value).start();
        assert_eq!(pty.exit_code(), 0, "{}", pty.text());
        String::from_utf8_lossy(&pty.bytes()).into_owned()
    };
    assert!(shown("COLORTERM", "").contains("\u{1b}[33mRequester\u{1b}[0m"));
    for (name, value) in [("NO_COLOR", "1"), ("TERM", "dumb")] {
        assert!(!shown(name, value).contains("\u{1b}[33m"), "{name}");
    }
}

#[test]
fn a_killed_change_leaves_its_line() {
    let demo = Demo::start_slow(400);
    let arguments = ["payer", "set", "requester", "studio:colorpictures", "--yes"];
    let mut child = demo.command(&arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    journal_when(&demo, |lines| !lines.is_empty());
    kill_process(process(&child), Signal::KILL).unwrap();
    child.wait().unwrap();
    let journal = demo.objects(&["journal", "--json"]);
    let line = &journal[0];
    assert_eq!(
        (journal.len(), &line["bucket"], &line["outcome"], &line["verified"]),
        (1, &"colorpictures".into(), &"sent".into(), &false.into())
    );
    assert_eq!((&line["before"], &line["asked"], &line["after"]), (&"BucketOwner".into(), &"Requester".into(), &Value::Null));
    let shown = stdout(&demo.run(&["journal"]));
    assert!(shown.contains("BucketOwner  Requester  -      sent"), "{shown}");
}

#[test]
fn two_processes_change_the_same_bucket() {
    let demo = Demo::start_slow(30);
    let change = |to: &str, bucket: &str| {
        let arguments = ["payer", "set", to, bucket, "--yes", "--json"];
        demo.command(&arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    };
    // One wants what is so already, the other the opposite; and two want the same.
    let children =
        [change("requester", "studio:colorpictures"), change("requester", "studio:colorpictures"), change("owner", "studio:aerial-tiles")];
    for child in children {
        let output = child.wait_with_output().unwrap();
        assert_eq!(code(&output), 0, "{}", stderr(&output));
        assert_eq!(lines(&output)[0]["verified"], true);
    }
    assert_eq!((demo.payer("studio:colorpictures"), demo.payer("studio:aerial-tiles")), ("Requester".into(), "BucketOwner".into()));
    let journal = demo.objects(&["journal", "--json"]);
    assert!((2..=3).contains(&journal.len()) && journal.iter().all(|line| line["verified"] == true), "{journal:?}");
}
