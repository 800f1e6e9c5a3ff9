//! The commands as a whole: the real binary against the embedded store over real HTTP, judged by files, exit codes, and what the
//! store received.

mod budgets;
mod counts;
mod cut;
mod estimates;
mod faults;
mod hostile;
mod kills;
mod links;
mod planning;
mod proofs;
mod traces;

use std::io::Write;
use std::net::SocketAddr;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use whopays::demo::{Options, Received, Store};
use whopays::domain::Op;

use crate::support::store::kill;
use crate::support::wait;

const MIB: usize = 1 << 20;

/// A store in this process, and a home for processes of the binary.
struct Bench {
    runtime: tokio::runtime::Runtime,
    store: Option<Store>,
    home: tempfile::TempDir,
    config: PathBuf,
}

impl Bench {
    fn start() -> Self {
        Self::with(|text| text)
    }

    fn with(change: impl FnOnce(String) -> String) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let store = runtime.block_on(Store::start(Options::default())).unwrap();
        let home = tempfile::tempdir().unwrap();
        let config = home.path().join("demo.toml");
        let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&config).unwrap();
        file.write_all(change(store.config()).as_bytes()).unwrap();
        Self { runtime, store: Some(store), home, config }
    }

    fn store(&self) -> &Store {
        self.store.as_ref().unwrap()
    }

    /// Ends the store; where it listened.
    fn stop(&mut self) -> SocketAddr {
        let listened = self.store().address();
        self.store = None;
        listened
    }

    /// Begins an empty store where the last one listened.
    fn start_again(&mut self, listen: SocketAddr) {
        wait::blocking("the address is free again", || {
            self.store = self.runtime.block_on(Store::start(Options { listen, ..Options::default() })).ok();
            self.store.is_some()
        });
    }

    fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, bytes).unwrap();
        path
    }

    fn command(&self, arguments: &[&str]) -> Command {
        self.dressed(Command::new(env!("CARGO_BIN_EXE_whopays")), arguments)
    }

    fn dressed(&self, mut command: Command, arguments: &[&str]) -> Command {
        command
            .env_clear()
            .env("HOME", self.home.path())
            .env("PATH", "/usr/bin:/bin")
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("WHOPAYS_STATE_DIR", self.path("state"))
            .env("WHOPAYS_CONFIG", &self.config)
            .current_dir(self.home.path())
            .args(arguments)
            .stdin(Stdio::null());
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// A command that ends well: its JSON objects.
    #[track_caller]
    fn lines(&self, arguments: &[&str]) -> Vec<Value> {
        let arguments: Vec<&str> = arguments.iter().copied().chain(["--json"]).collect();
        let output = self.run(&arguments);
        assert_eq!(code(&output), 0, "{arguments:?}: {}", said(&output));
        output
            .stdout
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.is_empty())
            .map(|line| serde_json::from_slice(line).unwrap())
            .collect()
    }

    /// A command that ends with this code: what it said.
    #[track_caller]
    fn ends(&self, wanted: i32, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert_eq!(code(&output), wanted, "{arguments:?}: {}", said(&output));
        said(&output)
    }

    fn begin(&self, arguments: &[&str]) -> Child {
        self.command(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }

    #[track_caller]
    fn kill(&self, child: Child) {
        kill(self.store(), child);
    }

    fn mark(&self) -> usize {
        self.store().log().len()
    }

    fn since(&self, mark: usize) -> Vec<Received> {
        self.store().log().split_off(mark)
    }

    fn ops(&self, mark: usize) -> Vec<Op> {
        self.since(mark).iter().filter_map(|entry| entry.op).collect()
    }

    /// Waits until the store has so many requests of an operation.
    #[track_caller]
    fn wait_for(&self, op: Op, mark: usize, count: usize) {
        let came = || self.ops(mark).into_iter().filter(|each| *each == op).count();
        wait::blocking(&format!("{op:?} comes {count} times"), || came() >= count);
    }
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap_or(-1)
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// The same bytes for the same seed.
fn noise(seed: u64, length: usize) -> Vec<u8> {
    let mut chance = fastrand::Rng::with_seed(seed);
    let mut bytes = vec![0; length];
    chance.fill(&mut bytes);
    bytes
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// The names in a folder.
fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}
