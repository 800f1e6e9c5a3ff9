//! The commands against the embedded store: two processes of the real binary, real HTTP between them.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use super::{code, error, run, stderr, stdout, whopays};

/// A store, and a home whose config has its accounts.
pub(super) struct Demo {
    store: Child,
    pub(super) home: TempDir,
    pub(super) config: PathBuf,
}

impl Demo {
    pub(super) fn start() -> Self {
        Self::start_slow(0)
    }

    /// The same, with so many milliseconds before each answer.
    pub(super) fn start_slow(latency: u32) -> Self {
        let home = tempfile::tempdir().unwrap();
        let arguments = ["demo", "--serve", "--json", "--listen", "127.0.0.1:0", "--latency", &latency.to_string()];
        let mut store = whopays(home.path()).args(arguments).stdout(Stdio::piped()).spawn().unwrap();
        let config = ready_config(&mut store, home.path());
        Self { store, home, config }
    }

    pub(super) fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    pub(super) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = whopays(self.home.path());
        command.env("WHOPAYS_CONFIG", &self.config).args(arguments);
        command
    }

    /// The objects of a command that ends well.
    pub(super) fn objects(&self, arguments: &[&str]) -> Vec<Value> {
        let output = self.run(arguments);
        assert_eq!(code(&output), 0, "{arguments:?}: {}", stderr(&output));
        lines(&output)
    }

    pub(super) fn payer(&self, target: &str) -> Value {
        self.objects(&["payer", "get", "--json", target])[0]["payer"].clone()
    }
}

/// Waits for a store that serves, and writes the config that it offers.
pub(super) fn ready_config(store: &mut Child, home: &Path) -> PathBuf {
    let mut ready = String::new();
    BufReader::new(store.stdout.take().unwrap()).read_line(&mut ready).unwrap();
    let ready: Value = serde_json::from_str(&ready).unwrap();
    assert!(ready["endpoint"].as_str().unwrap().starts_with("http://127.0.0.1:"), "{ready}");
    let config = home.join("demo.toml");
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&config).unwrap();
    file.write_all(ready["config"].as_str().unwrap().as_bytes()).unwrap();
    config
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.store.kill();
        let _ = self.store.wait();
    }
}

pub(super) fn lines(output: &Output) -> Vec<Value> {
    stdout(output).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

pub(super) fn keys(object: &Value) -> Vec<&str> {
    object.as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn the_board_of_both_clouds() {
    let demo = Demo::start();
    let rows = demo.objects(&["buckets", "--json", "studio", "lab"]);
    let states: BTreeMap<String, String> = rows
        .iter()
        .map(|row| {
            let name = format!("{}:{}", row["account"].as_str().unwrap(), row["bucket"].as_str().unwrap());
            (name, row["payer"].as_str().or(row["payer_state"].as_str()).unwrap().to_owned())
        })
        .collect();
    for (bucket, expected) in [
        ("studio:aerial-tiles", "Requester"),
        ("studio:colorpictures", "BucketOwner"),
        ("studio:legacy-gateway", "unsupported"),
        ("studio:ohio-overflow", "BucketOwner"),
        ("studio:paris-renders", "BucketOwner"),
        ("studio:sealed-vault", "denied"),
        ("studio:sponsored-set", "Sponsor"),
        ("lab:color-atlas", "BucketOwner"),
        ("lab:lab-classic", "unsupported"),
        ("lab:lab-microscopy", "Requester"),
    ] {
        assert_eq!(states.get(bucket).map(String::as_str), Some(expected), "{bucket} in {states:?}");
    }
    assert_eq!(keys(&rows[0]), ["account", "bucket", "error", "owned", "payer", "payer_state", "provider", "region"]);
    let regions: Vec<&Value> = rows.iter().filter(|row| row["bucket"] == "paris-renders").map(|row| &row["region"]).collect();
    assert_eq!(regions, ["eu-west-3"]);
    let names: Vec<&str> = rows.iter().filter(|row| row["account"] == "studio").map(|row| row["bucket"].as_str().unwrap()).collect();
    assert!(names.is_sorted(), "{names:?}");
}

#[test]
fn foreign_buckets_are_listed_and_denied() {
    let demo = Demo::start();
    let rows = demo.objects(&["buckets", "--json", "research"]);
    let row = rows.iter().find(|row| row["bucket"] == "aerial-tiles").unwrap();
    assert_eq!((&row["owned"], &row["payer"], &row["payer_state"]), (&Value::Bool(false), &Value::Null, &Value::from("denied")));
    assert_eq!((&row["error"]["kind"], &row["error"]["code"]), (&Value::from("denied"), &Value::from("AccessDenied")));
    let got = demo.run(&["payer", "get", "--json", "research:aerial-tiles"]);
    assert_eq!(code(&got), 3);
    assert_eq!(error(&got)["target"], "research:aerial-tiles");
    assert!(error(&got)["request_id"].is_string(), "{}", stderr(&got));
}

#[test]
fn a_change_is_sent_read_back_and_recorded() {
    for (bucket, arn) in
        [("studio:colorpictures", "arn:aws:iam::111122223333:user/mara"), ("lab:color-atlas", "acs:ram::1234567890123456:user/lin")]
    {
        let demo = Demo::start();
        let set = demo.objects(&["payer", "set", "requester", bucket, "--yes", "--json"]);
        assert_eq!(keys(&set[0]), ["after", "before", "request_id", "target", "verified"]);
        assert_eq!((&set[0]["target"], &set[0]["before"], &set[0]["after"]), (&bucket.into(), &"BucketOwner".into(), &"Requester".into()));
        assert_eq!(set[0]["verified"], true);
        assert_eq!(demo.payer(bucket), "Requester");

        let journal = demo.objects(&["journal", "--json"]);
        assert_eq!(journal.len(), 1);
        let (account, name) = bucket.split_once(':').unwrap();
        assert_eq!((&journal[0]["account"], &journal[0]["bucket"]), (&account.into(), &name.into()));
        assert_eq!((&journal[0]["before"], &journal[0]["after"]), (&"BucketOwner".into(), &"Requester".into()));
        assert_eq!((&journal[0]["identity"], &journal[0]["outcome"]), (&arn.into(), &"verified".into()));
        assert_eq!(journal[0]["request_id"], set[0]["request_id"]);

        let again = demo.objects(&["payer", "set", "requester", bucket, "--yes", "--json"]);
        assert_eq!((&again[0]["before"], &again[0]["after"]), (&"Requester".into(), &"Requester".into()));
        assert_eq!(demo.objects(&["journal", "--json"]).len(), 1, "what is so already is not sent");
    }
}

#[test]
fn refusals_change_nothing() {
    let demo = Demo::start();
    for (arguments, expected) in [
        (&["payer", "set", "requester", "studio:colorpictures"][..], 5),
        (&["payer", "set", "requester", "auditor:cost-reports", "--yes"], 5),
        (&["payer", "set", "requester", "studio:colorpictures", "--dry-run"], 0),
        (&["payer", "set", "requester", "studio:sealed-vault", "--yes"], 3),
        (&["payer", "set", "requester", "studio:no-such-bucket", "--yes"], 4),
        (&["payer", "set", "requester", "studio:legacy-gateway", "--yes"], 1),
    ] {
        let output = demo.run(arguments);
        assert_eq!(code(&output), expected, "{arguments:?}: {}", stderr(&output));
    }
    assert_eq!(demo.payer("studio:colorpictures"), "BucketOwner");
    assert_eq!(demo.objects(&["journal", "--json"]), Vec::<Value>::new());
}

#[test]
fn one_of_two_fails() {
    let demo = Demo::start();
    let output = demo.run(&["payer", "set", "requester", "studio:sealed-vault", "studio:colorpictures", "--yes", "--json"]);
    assert_eq!(code(&output), 7, "{}", stderr(&output));
    let verified: Vec<Value> = lines(&output).into_iter().map(|line| line["verified"].clone()).collect();
    assert_eq!(verified, [false, true]);
    assert_eq!(error(&output)["kind"], "partial");
    assert_eq!(error(&output)["failures"][0]["target"], "studio:sealed-vault");
}

#[test]
fn accounts_say_who_they_are() {
    let demo = Demo::start();
    let accounts = demo.objects(&["accounts", "--json"]);
    let arn = |name: &str| accounts.iter().find(|account| account["account"] == name).map(|account| account["arn"].clone());
    assert_eq!(arn("studio"), Some("arn:aws:iam::111122223333:user/mara".into()));
    assert_eq!(arn("lab"), Some("acs:ram::1234567890123456:user/lin".into()));
    let output = demo.run(&["accounts"]);
    assert!(!stdout(&output).contains("secret") && !stdout(&output).contains("AKIADEMOSTUDIO000001"), "{}", stdout(&output));
}

#[test]
fn a_dead_endpoint_is_the_network() {
    let mut demo = Demo::start();
    demo.store.kill().unwrap();
    demo.store.wait().unwrap();
    let output = demo.run(&["payer", "get", "studio:colorpictures", "--json"]);
    assert_eq!(code(&output), 6, "{}", stderr(&output));
    assert_eq!(error(&output)["target"], "studio:colorpictures");
}

#[test]
fn reading_leaves_no_line_of_a_change_behind() {
    let demo = Demo::start();
    demo.objects(&["buckets", "--json", "studio"]);
    let output = run(demo.home.path(), &["journal", "--json"]);
    assert_eq!((code(&output), stdout(&output).as_str()), (0, ""), "{}", stderr(&output));
}

#[test]
fn the_store_ends_well_when_asked_to() {
    let mut demo = Demo::start();
    let asked = Command::new("kill").args(["-TERM", &demo.store.id().to_string()]).status().unwrap();
    assert!(asked.success());
    assert_eq!(demo.store.wait().unwrap().code(), Some(0));
}

#[test]
fn the_introduction_has_everything_for_other_tools() {
    let home = tempfile::tempdir().unwrap();
    let mut store = whopays(home.path()).args(["demo", "--serve"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut shown = BufReader::new(store.stdout.take().unwrap());
    let mut text = String::new();
    while !text.contains("AKIADEMOSTUDIO000001") {
        assert!(shown.read_line(&mut text).unwrap() > 0, "the text ended: {text}");
    }
    store.kill().unwrap();
    store.wait().unwrap();
    fs::remove_dir_all(home.path()).unwrap();
}
