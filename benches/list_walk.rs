//! Everything below a prefix: a million keys from a load store in a process of its own, written as lines to nowhere.
//!
//! `cargo bench --bench list_walk`. Goals: 0 ms: less than 1.5 s of CPU; 20 ms: less than 4.56 s with at most 1,050 requests (a
//! tenth of what rclone takes); at most 25 MiB. CPU seconds and requests are stable; wall times need a machine that is idle.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a benchmark that cannot go on fails here")]
#![allow(clippy::disallowed_methods, clippy::print_stdout, reason = "a benchmark measures and prints")]

use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::ops::ControlFlow;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use whopays::config::{self, LiteralSecrets};
use whopays::demo::{LoadOptions, LoadStore};
use whopays::domain::{AccountName, Acting, BucketId, BucketName, Consent, Place, Provider};
use whopays::runtime::desk::Desk;
use whopays::runtime::engine::Engine;
use whopays::runtime::journal::Journal;
use whopays::runtime::objects::walk::Walk;

const KEYS: u64 = 1_000_000;
const END: &str = "# end";

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    match arguments.iter().position(|argument| argument == "serve") {
        Some(place) => serve(arguments[place + 1].parse().unwrap()),
        None => {
            [(0, "synthetic", 16), (0, "synthetic", 1), (20, "synthetic", 16), (20, "synthetic-folders", 16)].into_iter().for_each(measure)
        }
    }
}

/// The store, until its standard input ends.
fn serve(latency: u64) {
    let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let options = LoadOptions { listen, latency: Duration::from_millis(latency), keys: KEYS, threads: 2, tls: None };
    let store = LoadStore::start(options).unwrap();
    println!("{}{END}", store.config());
    std::io::stdin().read_line(&mut String::new()).unwrap();
}

/// A store in a process of its own, and its config.
fn store(latency: u64) -> (Child, String) {
    let mut command = Command::new(std::env::current_exe().unwrap());
    let mut child = command.args(["serve", &latency.to_string()]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap).take_while(|line| line != END);
    let config = lines.collect::<Vec<_>>().join("\n");
    (child, config)
}

fn measure((latency, bucket, width): (u64, &str, usize)) {
    let (mut child, text) = store(latency);
    let config = config::parse("load.toml", &text, LiteralSecrets::Allowed).unwrap();
    // As commands have it.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (cpu, begun) = (cpu_seconds(), Instant::now());
    let mut out = std::io::BufWriter::new(std::fs::File::create("/dev/null").unwrap());
    let walked = runtime.block_on(async {
        let engine = Engine::new(&config, Journal::in_memory().unwrap(), Arc::new(Desk::default()), Box::new(|_| ())).unwrap();
        let id = BucketId { account: AccountName::new("bench"), bucket: BucketName::parse(Provider::S3, bucket).unwrap() };
        let acting = Acting { place: Place { id, region: None, expected_owner: None }, consent: Consent::Given };
        let lines = |leaf: Arc<whopays::domain::Leaf>| {
            leaf.iter().for_each(|row| writeln!(out, "{:>12} {}", row.size(), row.key).unwrap());
            ControlFlow::Continue(())
        };
        engine.walk(&acting, &Walk { width, ..Walk::below("") }, None, lines).await.unwrap()
    });
    assert_eq!((walked.objects, walked.complete), (KEYS, true));
    println!(
        "{latency:>2} ms, {bucket}, width {width}: {:.2} s, {:.2} s of CPU, {} requests ({} extra), {} MiB at most so far",
        begun.elapsed().as_secs_f64(),
        cpu_seconds() - cpu,
        walked.requests,
        walked.extra,
        peak_mib()
    );
    drop(child.stdin.take());
    child.wait().unwrap();
}

/// What this process used, as the kernel counts it in hundredths of a second.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
    (fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap()) / 100.0
}

fn peak_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() >> 10
}
