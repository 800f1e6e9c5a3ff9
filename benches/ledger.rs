//! The ledger: how fast screen 4 opens on ten million requests, what a line costs, and the share of a transfer's CPU.
//!
//! `cargo bench --bench ledger`. Goals: every reading of the screen within 200 ms; less than 2 % of a transfer's CPU. `ROWS` in the
//! environment makes the file smaller, `BENCH_DIR` says where it is made (0.8 GB), `LEDGER` names one that is filled already, `RUNS` how
//! often each transfer is made with and without a ledger, in turn. Bench arguments `screen` and `share` do one half alone, `few`,
//! `small`, `large` and `listing` one transfer; `lines` only writes `ROWS` lines (10,000) into a new file, for whoever counts the
//! instructions of that.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a benchmark that cannot go on fails here")]
#![allow(clippy::disallowed_methods, clippy::print_stdout, reason = "a benchmark measures and prints")]

use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, SocketAddr};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use whopays::config::{self, LiteralSecrets};
use whopays::demo::{LoadOptions, LoadStore};
use whopays::domain::{
    AccountName, Acting, Amount, Aside, BucketId, BucketName, By, Consent, Currency, Kind, Money, Narrow, ObjectKey, Op, PayerSent, Place,
    Provider, SaidCharged, Sent,
};
use whopays::runtime::desk::Desk;
use whopays::runtime::engine::Engine;
use whopays::runtime::jobs::Control;
use whopays::runtime::journal::Journal;
use whopays::runtime::ledger::Ledger;
use whopays::runtime::objects::walk::Walk;
use whopays::transfer::{Download, Ending, Existing, Job, Landing, Pick, Selection};

const KEYS: u64 = 100_000;
const END: &str = "# end";
/// As many days as the file goes back.
const DAYS: u64 = 730;
/// As many requests as screen 4 reads at once.
const PAGE: usize = 200;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let asked = |word: &str| arguments.iter().any(|argument| argument == word);
    if asked("serve") {
        return serve();
    }
    let folder = match std::env::var_os("BENCH_DIR") {
        Some(folder) => tempfile::tempdir_in(folder),
        None => tempfile::tempdir(),
    };
    let folder = folder.unwrap();
    if asked("lines") {
        // Without the clock of the process, which not every counter of instructions has.
        return note_all(&folder.path().join("ledger.sqlite"), number("ROWS", 10_000), Timestamp::now());
    }
    let tasks = [("few", Task::Few), ("small", Task::Small), ("large", Task::Large), ("listing", Task::Listing)];
    let named: Vec<Task> = tasks.into_iter().filter(|(name, _)| asked(name)).map(|(_, task)| task).collect();
    if !asked("share") && named.is_empty() {
        screen(folder.path());
    }
    if !named.is_empty() {
        share(folder.path(), &named);
    } else if !asked("screen") {
        share(folder.path(), &tasks.map(|(_, task)| task));
    }
}

fn number(name: &str, usual: u64) -> u64 {
    std::env::var(name).map_or(usual, |text| text.parse().unwrap())
}

/// Six accounts with five buckets each, of which the first has most of the requests; the newest last.
fn sent(number: u64, of: u64, now: Timestamp) -> Sent {
    let mut dice = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20;
    let mut roll = |sides: u64| {
        let face = dice % sides;
        dice /= sides;
        face
    };
    let op = [Op::GetObject, Op::GetObject, Op::GetObject, Op::HeadObject, Op::ListObjectsV2, Op::PutObject, Op::UploadPart]
        [usize::try_from(roll(7)).unwrap()];
    let (account, bucket) = (roll(8).saturating_sub(2), roll(5));
    let back = SignedDuration::from_secs(i64::try_from((of - number) * DAYS * 86_400 / of).unwrap());
    Sent {
        at: now.checked_sub(back).unwrap(),
        kind: Arc::new(Kind {
            account: AccountName::new(format!("account-{account}")),
            caller: Some(Arc::from("arn:aws:iam::444455556666:user/ines")),
            provider: Provider::S3,
            region: Arc::from("us-east-1"),
            bucket: Some(Arc::from(format!("bucket-{account}-{bucket}"))),
            op,
            class: op.cell(Provider::S3).unwrap().price,
            method: "GET".into(),
            host: Arc::from("s3.us-east-1.amazonaws.com"),
        }),
        path: Arc::from(format!("/bucket-{account}-{bucket}/runs/2026/{number:010}.csv")),
        attempt: 1,
        payer: PayerSent::Yes,
        status: Some(200),
        charged: SaidCharged::Yes,
        request_id: Some(Arc::from(format!("{number:016X}"))),
        up: 0,
        down: roll(1 << 20),
        took: 40,
        cost: Some(Money { amount: Amount::from_trillionths(400_000), currency: Currency::parse("USD").unwrap() }),
        aside: Aside::default(),
    }
}

fn note_all(path: &Path, rows: u64, now: Timestamp) {
    let ledger = Ledger::open(path).unwrap();
    for number in 0..rows {
        ledger.note(&sent(number, rows, now));
        if number % 20_000 == 0 {
            ledger.flush().unwrap();
        }
    }
    ledger.flush().unwrap();
}

fn fill(path: PathBuf, rows: u64, now: Timestamp) -> PathBuf {
    let (begun, cpu) = (Instant::now(), cpu_seconds());
    note_all(&path, rows, now);
    let (seconds, cpu) = (begun.elapsed().as_secs_f64(), cpu_seconds() - cpu);
    let each = cpu * 1e6 / rows as f64;
    println!(
        "{rows} requests noted and written in {seconds:.0} s, {each:.1} µs of CPU each, {} MB",
        path.metadata().unwrap().len() / 1_000_000
    );
    path
}

/// What one reading took, with the file opened anew.
fn reading<T>(path: &Path, what: &str, read: impl FnOnce(&Ledger) -> T) -> Duration {
    let begun = Instant::now();
    let ledger = Ledger::open(path).unwrap();
    drop(read(&ledger));
    let took = begun.elapsed();
    println!("{:>8.1} ms  {what}{}", took.as_secs_f64() * 1e3, if took > Duration::from_millis(200) { "  OVER THE GOAL" } else { "" });
    took
}

fn screen(folder: &Path) {
    let now = Timestamp::now();
    let path = match std::env::var_os("LEDGER") {
        Some(path) => path.into(),
        None => fill(folder.join("ledger.sqlite"), number("ROWS", 10_000_000), now),
    };
    note_alone();
    let month = Narrow { since: Some(day(now, 29)), ..Narrow::default() };
    let one = Narrow { account: Some("account-1".to_owned()), bucket: Some("bucket-1-3".to_owned()), ..Narrow::default() };
    let op = Narrow { op: Some("UploadPart".to_owned()), ..Narrow::default() };
    let year = Narrow { until: Some(day(now, 365)), ..Narrow::default() };
    println!("opening screen 4 (the groups, and the days of the chart):");
    let mut worst = Duration::ZERO;
    for (reach, narrow) in [("30 days", &month), ("all time", &Narrow::default())] {
        for by in [By::Day, By::Account, By::Bucket, By::Operation] {
            let both = |ledger: &Ledger| (ledger.sums(narrow, by).unwrap(), (by != By::Day).then(|| ledger.sums(narrow, By::Day).unwrap()));
            worst = worst.max(reading(&path, &format!("by {by:?}, {reach}"), both));
        }
    }
    println!("a page of single requests:");
    for (what, narrow) in
        [("all", &Narrow::default()), ("30 days", &month), ("of one bucket", &one), ("of one operation", &op), ("a year ago", &year)]
    {
        worst = worst.max(reading(&path, what, |ledger| assert_eq!(ledger.requests(narrow, None, PAGE).unwrap().len().min(1), 1)));
    }
    println!("{:.1} ms at most", worst.as_secs_f64() * 1e3);
}

fn day(now: Timestamp, back: i64) -> jiff::civil::Date {
    now.checked_sub(SignedDuration::from_hours(24 * back)).unwrap().to_string()[..10].parse().unwrap()
}

/// What a request waits for: the call, and nothing of the disk.
fn note_alone() {
    const TIMES: u64 = 50_000;
    let ledger = Ledger::in_memory();
    let lines: Vec<_> = (0..1000).map(|number| sent(number, 1000, Timestamp::now())).collect();
    let (mut spent, mut longest) = (Duration::ZERO, Duration::ZERO);
    for number in 0..TIMES {
        let line = &lines[usize::try_from(number).unwrap() % lines.len()];
        let begun = Instant::now();
        ledger.note(line);
        let took = begun.elapsed();
        (spent, longest) = (spent + took, longest.max(took));
    }
    println!(
        "a request waits {:.2} µs for its line, {:.0} µs at most",
        spent.as_secs_f64() * 1e6 / TIMES as f64,
        longest.as_secs_f64() * 1e6
    );
}

/// The store, until its standard input ends.
fn serve() {
    let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let store = LoadStore::start(LoadOptions { listen, latency: Duration::ZERO, keys: KEYS, threads: 2, tls: None }).unwrap();
    println!("{}{END}", store.config());
    std::io::stdin().read_line(&mut String::new()).unwrap();
}

/// A store in a process of its own, and its config.
fn store() -> (Child, String) {
    let mut child =
        Command::new(std::env::current_exe().unwrap()).arg("serve").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap).take_while(|line| line != END);
    let config = lines.collect::<Vec<_>>().join("\n");
    (child, config)
}

#[derive(Clone, Copy, Debug)]
enum Task {
    /// 1,000 objects of 4 KiB: a transaction of the ledger for a tenth of a second.
    Few,
    /// 10,000 of them: more requests for each byte than any other transfer of that length has.
    Small,
    /// One object of 1 GiB.
    Large,
    /// 100,000 keys.
    Listing,
}

impl Task {
    /// How many runs take some tens of seconds.
    fn runs(self) -> u64 {
        match self {
            Self::Few => 200,
            Self::Small => 40,
            Self::Large => 15,
            Self::Listing => 60,
        }
    }
}

/// Transfers without and with a ledger, in turn, all in this process: one that is made anew for each differs from the next by more than
/// a ledger costs. A second engine without a ledger shows by how much two that are the same differ. Opening the file is no part of it.
fn share(folder: &Path, tasks: &[Task]) {
    let (mut child, text) = store();
    // As commands have it: the job on threads of the runtime, and this one waits.
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get).clamp(1, 4);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(threads).enable_all().build().unwrap();
    let engine = || {
        let config = config::parse("load.toml", &text, LiteralSecrets::Allowed).unwrap();
        Engine::new(&config, Journal::in_memory().unwrap(), Arc::new(Desk::default()), Box::new(|_| ())).unwrap()
    };
    let engines = [engine(), engine().with_ledger(Ledger::open(&folder.join("share.sqlite")).unwrap()), engine()];
    println!("CPU of a transfer and of its ledger:");
    for &task in tasks {
        // Connections are made, and caches are filled.
        engines.iter().for_each(|engine| assert!(one(&runtime, engine, folder, task) > 0.0));
        let runs = number("RUNS", task.runs());
        let (mut spent, written) = ([0.0; 3], ledger_seconds());
        let mut more = [Vec::new(), Vec::new()];
        for run in 0..runs {
            let mut took = [0.0; 3];
            // In turn, which of them is first.
            for turn in 0..3 {
                let which = usize::try_from((run + turn) % 3).unwrap();
                took[which] = one(&runtime, &engines[which], folder, task);
                spent[which] += took[which];
            }
            more[0].push((took[1] / took[0] - 1.0) * 100.0);
            more[1].push((took[1] / took[2] - 1.0) * 100.0);
        }
        let each = spent.map(|seconds| seconds / runs as f64);
        println!(
            "{task:?}, {runs} runs of each: {:.4} s with, {:.4} and {:.4} s without: {:+.1} % of their mean; the middle pair {:+.1} and {:+.1} %; \
             the thread that writes has {:.2} %",
            each[1],
            each[0],
            each[2],
            (each[1] * 2.0 / (each[0] + each[2]) - 1.0) * 100.0,
            middle(&mut more[0]),
            middle(&mut more[1]),
            (ledger_seconds() - written) / spent[1] * 100.0
        );
    }
    drop(child.stdin.take());
    child.wait().unwrap();
}

fn middle(figures: &mut [f64]) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

/// The CPU seconds of one transfer; with a ledger, until its last line is written.
fn one(runtime: &tokio::runtime::Runtime, engine: &Engine, folder: &Path, task: Task) -> f64 {
    let into = tempfile::tempdir_in(folder).unwrap();
    let (engine, target) = (engine.clone(), into.path().to_owned());
    let cpu = cpu_seconds();
    runtime.block_on(async { tokio::spawn(async move { transfer(&engine, target, task).await }).await }).unwrap();
    cpu_seconds() - cpu
}

async fn transfer(engine: &Engine, folder: PathBuf, task: Task) {
    let id = BucketId { account: AccountName::new("bench"), bucket: BucketName::parse(Provider::S3, "synthetic").unwrap() };
    let from = Acting { place: Place { id, region: None, expected_owner: None }, consent: Consent::Given };
    let what = match task {
        Task::Few => Some(Selection::Below { prefix: "key-0000000".to_owned(), rules: Vec::new() }),
        Task::Small => Some(Selection::Below { prefix: "key-000000".to_owned(), rules: Vec::new() }),
        Task::Large => Some(Selection::Picked(vec![Pick::named(ObjectKey::new("blob/1073741824"))])),
        Task::Listing => None,
    };
    if let Some(what) = what {
        let job = Job::Download(Download { from, what, to: Landing::Folder(folder), existing: Existing::Replace });
        let control = Control::new(Box::new(drop));
        assert!(matches!(engine.run_job(&job, None, control.clone()).await, Ending::Done));
        assert!(control.progress().failed == 0 && control.progress().ended > 0);
    } else {
        let walked = engine.walk(&from, &Walk::below(""), None, |_| ControlFlow::Continue(())).await.unwrap();
        assert_eq!(walked.objects, KEYS);
    }
    if let Some(ledger) = engine.ledger() {
        ledger.flush().unwrap();
    }
}

/// What this process used.
fn cpu_seconds() -> f64 {
    let used = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    used.tv_sec as f64 + used.tv_nsec as f64 / 1e9
}

/// What the thread that writes the ledger used so far, as the kernel's scheduler counts it.
fn ledger_seconds() -> f64 {
    let threads = std::fs::read_dir("/proc/self/task").unwrap().map(|thread| thread.unwrap().path());
    let writer = threads.into_iter().find(|thread| std::fs::read_to_string(thread.join("comm")).unwrap().trim() == "ledger");
    writer.map_or(0.0, |thread| {
        let spent = std::fs::read_to_string(thread.join("schedstat")).unwrap();
        spent.split_whitespace().next().unwrap().parse::<f64>().unwrap() / 1e9
    })
}
