//! `ledger` and `prices` as processes of the real binary, after commands that spent something at the embedded store.

use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use whopays::demo::{Act, Options, Prepared, Store};
use whopays::domain::Op;

struct Home {
    _runtime: tokio::runtime::Runtime,
    store: Store,
    folder: tempfile::TempDir,
}

impl Home {
    fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let store = runtime.block_on(Store::start(Options::default())).unwrap();
        let home = Self { _runtime: runtime, store, folder: tempfile::tempdir().unwrap() };
        let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(home.path("config.toml")).unwrap();
        file.write_all(home.store.config().as_bytes()).unwrap();
        home
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn dressed(&self, mut command: Command, arguments: &[&str]) -> Output {
        command
            .env_clear()
            .env("HOME", self.folder.path())
            .env("PATH", "/usr/bin:/bin")
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("WHOPAYS_STATE_DIR", self.path("state"))
            .env("WHOPAYS_CONFIG", self.path("config.toml"))
            .current_dir(self.folder.path())
            .args(arguments)
            .stdin(Stdio::null())
            .output()
            .unwrap()
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.dressed(Command::new(env!("CARGO_BIN_EXE_whopays")), arguments)
    }

    /// A command that ends with this code: what it printed, and what it said beside it.
    #[track_caller]
    fn ends(&self, code: i32, arguments: &[&str]) -> (String, String) {
        let output = self.run(arguments);
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {stdout}{stderr}");
        (stdout, stderr)
    }

    #[track_caller]
    fn lines(&self, arguments: &[&str]) -> Vec<Value> {
        let (stdout, _) = self.ends(0, &[arguments, &["--json"]].concat());
        stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// A listing that is paid for, and one that is refused.
    fn spends(&self) {
        let busy = Prepared::new(503, "application/xml", "<Error><Code>SlowDown</Code></Error>");
        self.store.script(Op::ListObjectsV2, [Act::Answer(busy)]);
        self.ends(0, &["ls", "research:aerial-tiles/", "--request-payer", "requester"]);
        self.ends(3, &["ls", "research:aerial-tiles/"]);
        self.ends(0, &["get", "lab:color-atlas/red/brick.jpg", "brick.jpg"]);
    }
}

fn columns(line: &str) -> Vec<&str> {
    line.split_whitespace().collect()
}

#[test]
fn what_commands_spent_is_told() {
    let home = Home::new();
    let (stdout, stderr) = home.ends(0, &["ledger"]);
    assert_eq!((stdout.as_str(), stderr.as_str()), ("", "no request is in the ledger yet\n"));
    home.spends();

    let (table, aside) = home.ends(0, &["ledger", "--by", "bucket"]);
    let lines: Vec<Vec<&str>> = table.lines().map(columns).collect();
    assert_eq!(lines[1][..5], ["research:aerial-tiles", "3", "1", "2", "0"], "{table}");
    assert_eq!(lines.last().unwrap()[..2], ["total", "4"], "{table}");
    assert!(aside.contains("list prices"), "{aside}");

    let sums = home.lines(&["ledger", "--by", "operation"]);
    let list = sums.iter().find(|sum| sum["name"] == "ListObjectsV2").unwrap();
    assert_eq!((&list["requests"], &list["retries"], &list["failed"]), (&3.into(), &1.into(), &2.into()));
    assert_eq!((&list["payer_header"], &list["charged"], &list["unpriced"]), (&2.into(), &1.into(), &0.into()), "{list}");
    let get = sums.iter().find(|sum| sum["name"] == "GetObject").unwrap();
    // 0.01 CNY for 10,000 requests, and 44,318 bytes at 0.50 or 0.25 CNY for a GB.
    let (day, night) = ("0.000023159", "0.0000120795");
    let cost = get["cost"][0]["amount"].as_str().unwrap();
    assert!([day, night].contains(&cost) && get["cost"][0]["currency"] == "CNY", "{get}");
    assert_eq!(get["bytes_down"], 44_318);

    let (csv, _) = home.ends(0, &["ledger", "--by", "account", "--csv"]);
    let heading = "account,requests,retries,failed,bytes_up,bytes_down,payer_header,charged,not_charged,unpriced,cost_CNY,cost_USD\r\n";
    assert!(csv.starts_with(heading) && csv.contains("\r\nlab,1,0,0,0,44318,0,0,0,0,0.0000"), "{csv}");
    assert_eq!(csv.matches("\r\n").count(), 3, "{csv}");
}

#[test]
fn single_requests_come_newest_first_and_narrowed() {
    let home = Home::new();
    home.spends();
    let requests = home.lines(&["ledger", "--requests"]);
    let told: Vec<(&str, &Value, &Value)> =
        requests.iter().map(|line| (line["operation"].as_str().unwrap(), &line["status"], &line["attempt"])).collect();
    assert_eq!(
        told,
        [
            ("GetObject", &206.into(), &1.into()),
            ("ListObjectsV2", &403.into(), &1.into()),
            ("ListObjectsV2", &200.into(), &2.into()),
            ("ListObjectsV2", &503.into(), &1.into()),
        ]
    );
    assert_eq!((&requests[2]["charged"], &requests[2]["payer_header"]), (&"yes".into(), &true.into()));
    let received = home.store.log();
    assert_eq!(requests[0]["request_id"].as_str(), received.last().unwrap().request_id.as_deref());
    assert_eq!(home.lines(&["ledger", "--requests", "--limit", "2"]).len(), 2);
    assert_eq!(home.lines(&["ledger", "--requests", "--account", "lab"]).len(), 1);
    assert_eq!(home.lines(&["ledger", "--requests", "--bucket", "aerial-tiles"]).len(), 3);
    assert_eq!(home.lines(&["ledger", "--requests", "--operation", "GetObject", "--since", "1d"]).len(), 1);
    let (_, stderr) = home.ends(0, &["ledger", "--since", "2000-01-01", "--until", "2000-01-02"]);
    assert_eq!(stderr, "no request in the ledger fits\n");
    let (table, aside) = home.ends(0, &["ledger", "--requests", "--limit", "3"]);
    assert_eq!((table.lines().count(), aside.as_str()), (4, "there are more: --limit N shows more of them, --csv and --json all\n"));
    let (csv, _) = home.ends(0, &["ledger", "--requests", "--csv"]);
    assert_eq!(csv.matches("\r\n").count(), 5, "{csv}");
    let fields = csv.lines().map(|line| line.trim_end().split(',').count()).collect::<Vec<_>>();
    assert_eq!(fields, [22; 5], "{csv}");
}

#[test]
fn mistakes_are_named() {
    let home = Home::new();
    for (arguments, wanted) in [
        (&["ledger", "--since", "yesterday"][..], "\"yesterday\" is not a day"),
        (&["ledger", "--since", "2026-02-01", "--until", "2026-01-01"], "--since 2026-02-01 is after --until 2026-01-01"),
        (&["ledger", "--csv", "--json"], "--csv and --json exclude each other"),
        (&["ledger", "--by", "hour"], "invalid value 'hour'"),
        (&["ledger", "--limit", "3"], "--requests"),
        (&["ledger", "--prune", "2026-01-01", "--requests"], "cannot be used with"),
        (&["prices", "gcs"], "invalid value 'gcs'"),
    ] {
        let (_, stderr) = home.ends(2, arguments);
        assert!(stderr.contains(wanted), "{arguments:?}: {stderr}");
    }
}

#[test]
fn pruning_is_planned_confirmed_and_done() {
    let home = Home::new();
    home.spends();
    let sums = home.lines(&["ledger"]);
    let far = "2999-01-01";
    let (_, plan) = home.ends(0, &["ledger", "--prune", far, "--dry-run"]);
    assert!(plan.starts_with("removes 4 requests from before 2999-01-01 (UTC); the sums of their 1 day stay: "), "{plan}");
    let (_, refused) = home.ends(5, &["ledger", "--prune", far]);
    assert!(refused.contains("pruning the ledger needs a confirmation"), "{refused}");
    assert_eq!(home.lines(&["ledger", "--requests"]).len(), 4);
    let (done, _) = home.ends(0, &["ledger", "--prune", far, "--yes"]);
    assert_eq!(done, "removed 4 requests from before 2999-01-01 (UTC)\n");
    assert_eq!((home.lines(&["ledger"]), home.lines(&["ledger", "--requests"]).len()), (sums, 0));
    let again = home.lines(&["ledger", "--prune", far, "--yes"]);
    assert_eq!(again, [serde_json::json!({"before": far, "requests": 0, "removed": false})]);
}

/// The ledger cannot be written: the command does what it was asked for, and says what is missing.
#[test]
fn a_command_goes_on_without_its_ledger() {
    let home = Home::new();
    std::fs::create_dir_all(home.path("state")).unwrap();
    std::fs::write(home.path("state/ledger.sqlite"), "no database ".repeat(900)).unwrap();
    let (stdout, stderr) = home.ends(0, &["ls", "studio:colorpictures/"]);
    assert!(stdout.contains("index.html") && stderr.contains("1 requests are missing in the ledger: "), "{stderr}");
    let (_, stderr) = home.ends(1, &["ledger"]);
    assert!(stderr.contains("is damaged") && stderr.contains("Move the file away"), "{stderr}");
    std::fs::remove_file(home.path("state/ledger.sqlite")).unwrap();
    home.ends(0, &["ls", "studio:colorpictures/"]);
    assert_eq!(home.lines(&["ledger", "--requests"]).len(), 1);
}

/// The disk fills up while a command runs: it goes on to its end and says so; with room again, the ledger goes on.
#[test]
fn a_full_disk_loses_lines_and_nothing_else() {
    let home = Home::new();
    home.spends();
    let script = format!("trap '' XFSZ; ulimit -f 64; exec '{}' ls -r studio:sensor-archive/ --pages 300", env!("CARGO_BIN_EXE_whopays"));
    let before = home.store.log().len();
    let output = home.dressed(Command::new("sh"), &["-c", &script]);
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(0), "{stderr}");
    assert!(stderr.contains("requests are missing in the ledger"), "{stderr}");
    assert!(home.store.log().len() > before + 90);
    home.ends(0, &["ls", "studio:colorpictures/"]);
    let requests = home.lines(&["ledger", "--requests"]);
    assert!(requests.len() >= 5 && requests[0]["bucket"] == "colorpictures", "{}", requests.len());
}

#[test]
fn the_book_in_force_and_an_edited_one() {
    let home = Home::new();
    let shipped = home.lines(&["prices"]);
    assert!(shipped.len() > 60 && shipped.iter().all(|row| row["book"] == "shipped"));
    let row = |price: &str, region: &str| {
        format!(
            "[[request]]\nprovider = \"s3\"\nregions = [\"{region}\"]\nclass = \"tier2\"\nprice = \"{price}\"\nper = 1000\n\
             as_of = \"2026-10-01\"\nsource = \"our contract\"\n"
        )
    };
    std::fs::write(home.path("prices.toml"), row("0.0003 USD", "us-west-2")).unwrap();
    let west = home.lines(&["prices", "s3", "us-west-2"]);
    let own: Vec<&Value> = west.iter().filter(|row| row["book"] != "shipped").collect();
    assert_eq!(own.len(), 1, "{west:?}");
    assert!(own[0]["book"].as_str().unwrap().ends_with("/prices.toml"), "{}", own[0]);
    assert_eq!((&own[0]["price"], &own[0]["source"]), (&"0.0003".into(), &"our contract".into()));
    assert_eq!(home.lines(&["prices"]).len(), shipped.len(), "in the place of the shipped row");
    // It is what requests are booked with from now on.
    home.ends(0, &["stat", "studio:colorpictures/index.html"]);
    assert_eq!(home.lines(&["ledger", "--by", "operation", "--operation", "HeadObject"])[0]["cost"][0]["amount"], "0.0000003");
    let (table, _) = home.ends(0, &["prices", "s3", "us-west-2"]);
    assert!(table.contains("0.0003 USD per 1000 requests") && table.contains("] our contract"), "{table}");
    let (_, aside) = home.ends(0, &["prices", "oss", "cn-nowhere"]);
    assert!(aside.contains("no price is known for cn-nowhere"), "{aside}");

    std::fs::write(home.path("edited.toml"), row("0.0003", "us-west-2") + &row("0.0003 USD", "US West").replace("tier2", "tier9")).unwrap();
    let (stdout, stderr) = home.ends(2, &["prices", "--validate", "edited.toml"]);
    assert_eq!(stdout, "");
    for mistake in [
        "edited.toml:5: request 1: price is not an amount and a currency",
        "edited.toml:11: request 2: regions holds \"US West\", which is not a region",
        "edited.toml:12: request 2: class has a value that is not known",
        "edited.toml: 3 mistakes",
    ] {
        assert!(stderr.contains(mistake), "{mistake}\n{stderr}");
    }
    let (_, json) = home.ends(2, &["prices", "--validate", "edited.toml", "--json"]);
    assert_eq!(serde_json::from_str::<Value>(&json).unwrap()["error"]["failures"].as_array().unwrap().len(), 3, "{json}");
    let valid = home.lines(&["prices", "--validate", "prices.toml"]);
    assert_eq!(valid, [serde_json::json!({"file": "prices.toml", "rows": 1, "valid": true})]);
    let (_, missing) = home.ends(2, &["prices", "--validate", "nowhere.toml"]);
    assert!(missing.contains("there is no file \"nowhere.toml\""), "{missing}");
    // A book with a mistake beside the config stops commands before anything is sent.
    std::fs::copy(home.path("edited.toml"), home.path("prices.toml")).unwrap();
    let before = home.store.log().len();
    let (_, stderr) = home.ends(2, &["stat", "studio:colorpictures/index.html"]);
    assert!(stderr.contains("prices.toml:5: request 1: price") && stderr.contains("lists 2 more mistakes"), "{stderr}");
    assert_eq!(home.store.log().len(), before);
}
