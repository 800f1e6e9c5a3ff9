//! An embedded store in a process of its own, and commands that speak to it.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Output, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;
use whopays::runtime::journal::Journal;

use super::end_to_end::{lines, ready_config};
use super::{code, stderr, whopays};
use crate::support::pty::{Pty, Setup};

/// A store that writes down what it hears, and a home whose config has its accounts.
pub(super) struct Shop {
    pub(super) store: Child,
    pub(super) home: TempDir,
    pub(super) config: PathBuf,
    log: PathBuf,
}

impl Shop {
    /// Where everything was told already that is told once in a while.
    pub(super) fn open() -> Self {
        let shop = Self::new();
        let later = "2999-01-01T00:00:00Z".parse().unwrap();
        let state = Journal::open(&shop.home.path().join("state/journal.db")).unwrap();
        for region in ["s3 us-west-2", "s3 us-east-2", "s3 eu-central-1", "s3 eu-west-1", "s3 eu-west-3", "oss ap-southeast-1"] {
            for class in ["tier1", "tier2", "put", "get"] {
                assert!(state.tell_once(&format!("unpriced {region} {class}"), later).unwrap());
            }
        }
        shop
    }

    /// On a fresh machine.
    pub(super) fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        let log = home.path().join("heard.jsonl");
        let mut store = whopays(home.path())
            .args(["demo", "--serve", "--json", "--log", log.to_str().unwrap()])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let config = ready_config(&mut store, home.path());
        fs::create_dir(home.path().join("here")).unwrap();
        Self { store, home, config, log }
    }

    pub(super) fn config(&self) -> &Path {
        &self.config
    }

    pub(super) fn here(&self) -> PathBuf {
        self.home.path().join("here")
    }

    pub(super) fn file(&self, name: &str, text: &str) {
        let path = self.here().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(super) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.here().join(name)).unwrap()
    }

    pub(super) fn run(&self, arguments: &[&str]) -> Output {
        self.fed(arguments, "")
    }

    /// With this on standard input.
    pub(super) fn fed(&self, arguments: &[&str], input: &str) -> Output {
        let mut command = whopays(self.home.path());
        command.env("WHOPAYS_CONFIG", &self.config).args(arguments).current_dir(self.here());
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // A command that does not read its input may have ended already.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        child.wait_with_output().unwrap()
    }

    #[track_caller]
    pub(super) fn well(&self, arguments: &[&str]) -> Output {
        let output = self.run(arguments);
        assert_eq!(code(&output), 0, "{arguments:?}: {}", stderr(&output));
        output
    }

    #[track_caller]
    pub(super) fn objects(&self, arguments: &[&str]) -> Vec<Value> {
        lines(&self.well(arguments))
    }

    #[track_caller]
    pub(super) fn refused(&self, arguments: &[&str], expected: i32) -> String {
        let output = self.run(arguments);
        assert_eq!(code(&output), expected, "{arguments:?}: {}", stderr(&output));
        stderr(&output)
    }

    /// What the store has heard so far, `OPERATION STATUS payer?`.
    pub(super) fn heard(&self) -> Vec<String> {
        let text = fs::read_to_string(&self.log).unwrap_or_default();
        let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        let word = |line: Value| {
            let payer = if line["payer_header"] == json!(true) { " payer" } else { "" };
            format!("{} {}{payer}", line["op"].as_str().unwrap(), line["status"])
        };
        lines.map(word).collect()
    }

    /// What the store heard of this alone.
    #[track_caller]
    pub(super) fn heard_of(&self, arguments: &[&str], expected: i32) -> Vec<String> {
        let before = self.heard().len();
        let output = self.run(arguments);
        assert_eq!(code(&output), expected, "{arguments:?}: {}", stderr(&output));
        self.heard().split_off(before)
    }

    pub(super) fn terminal(&self, arguments: &[&str]) -> Pty {
        let places: Vec<String> = arguments.iter().map(|word| word.replace("HERE", self.here().to_str().unwrap())).collect();
        self.shown(env!("CARGO_BIN_EXE_whopays"), &places.iter().map(String::as_str).collect::<Vec<_>>())
    }

    pub(super) fn shown(&self, program: &str, arguments: &[&str]) -> Pty {
        Setup::new(program, arguments)
            .env("HOME", self.home.path())
            .env("WHOPAYS_STATE_DIR", self.home.path().join("state"))
            .env("WHOPAYS_CONFIG", &self.config)
            .size(160, 30)
            .start()
    }
}

impl Drop for Shop {
    fn drop(&mut self) {
        let _ = self.store.kill();
        let _ = self.store.wait();
    }
}

/// Answers as a person does: not at once. What is typed before the program listens is thrown away, so that nothing typed ahead confirms.
pub(super) fn answer(pty: &mut Pty, keys: &str) {
    std::thread::sleep(std::time::Duration::from_millis(400));
    pty.type_keys(keys);
}
