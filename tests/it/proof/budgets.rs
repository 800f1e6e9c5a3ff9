//! Budgets and single requests: what the store received ends where the budget does, in commands and in the console.

use std::time::Duration;

use whopays::demo::Act;

use super::estimates::{OWN, bench};
use super::*;
use crate::support::pty::Setup;
use crate::support::wait;

/// Each command under a budget that pays for a part of it: what it ends with, and what left. A page or list costs 0.000005 USD, a HEAD, a GET
/// or a question for a setting 0.0000004 USD.
#[test]
fn commands_end_where_the_budget_does() {
    let bench = bench();
    let keys: Vec<String> = bench
        .lines(&["ls", "-r", "studio:colorpictures/"])
        .iter()
        .filter_map(|line| Some(format!("studio:colorpictures/{}", line["key"].as_str()?)))
        .take(3)
        .collect();
    let stat: Vec<&str> = ["stat"].into_iter().chain(keys.iter().map(String::as_str)).collect();
    let payers = ["payer", "get", "studio:colorpictures", "studio:brand-assets", "studio:aerial-tiles"];
    let (head, list, payer) = (Op::HeadObject, Op::ListObjectsV2, Op::GetBucketRequestPayment);
    for (command, budget, left) in [
        (&["ls", "studio:colorpictures/"][..], "0.0000049 USD", &[][..]),
        (&["ls", "-r", "studio:sensor-archive/"], "0.000014 USD", &[list, list]),
        (&["ls", "-r", "--versions", "studio:colorpictures/"], "0.0000049 USD", &[]),
        (&["stat", &keys[0]], "0.0000003 USD", &[]),
        (&["stat", "--all", &keys[0]], "0.0000005 USD", &[head]),
        (&stat, "0.0000008 USD", &[head, head]),
        (&["cat", &keys[0]], "0.0000003 USD", &[]),
        (&["cat", &keys[0]], "0.0000005 USD", &[head]),
        (&["uploads", "studio:colorpictures/"], "0.0000049 USD", &[]),
        (&payers, "0.0000003 USD", &[]),
        (&payers, "0.0000009 USD", &[payer, payer]),
        (&["buckets", "studio"], "0.0000049 USD", &[]),
        (&["buckets", "studio"], "0.0000058 USD", &[Op::ListBuckets, payer, payer]),
        // A probe is proved by all of its requests or by none.
        (&["probe", "studio:colorpictures"], "0.00001 USD", &[]),
        (&["payer", "set", "requester", "studio:colorpictures", "--yes"], "0.000005 USD", &[payer, Op::GetCallerIdentity]),
    ] {
        let (mark, arguments) = (bench.mark(), [command, &["--budget", budget]].concat());
        let said = bench.ends(5, &arguments);
        assert_eq!(bench.ops(mark), left, "{arguments:?}: {said}");
        assert!(said.contains(&format!("would be spent then: that passes the budget of this command, {budget}")), "{arguments:?}: {said}");
        assert!(said.contains("To spend more, run it again with a larger `--budget`."), "{arguments:?}: {said}");
    }
    assert_eq!(bench.lines(&["payer", "get", "studio:colorpictures"])[0]["payer"], "BucketOwner", "nothing was changed");
    assert_eq!(bench.lines(&["journal"])[0]["outcome"], "failed", "and the journal does not say that it was sent");
}

/// What was read before the budget ended stands on standard output; the error is one object for scripts.
#[test]
fn what_was_paid_for_is_printed() {
    let bench = bench();
    let output = bench.run(&["payer", "get", "studio:colorpictures", "studio:brand-assets", "--budget", "0.0000004 USD", "--json"]);
    assert_eq!(code(&output), 5, "{}", said(&output));
    let lines: Vec<Value> = String::from_utf8(output.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let payers: Vec<&Value> = lines.iter().map(|line| &line["payer"]).collect();
    assert_eq!(payers.iter().filter(|payer| payer.is_string()).count(), 1, "{lines:?}");
    assert!(lines.iter().any(|line| line["payer_state"] == "not_read"), "{lines:?}");
    let error: Value = serde_json::from_slice(&output.stderr).unwrap();
    assert_eq!(error["error"]["kind"], "refused");
    assert_eq!(error["error"]["message"], "0.0000008 USD would be spent then: that passes the budget of this command, 0.0000004 USD");
}

/// What costs nothing, or sends nothing, is never in the way; and neither is what cannot be counted, of which is told.
#[test]
fn what_costs_nothing_passes_every_budget() {
    let bench = bench();
    for command in [&["accounts"][..], &["presign", "studio:colorpictures/k"], &["prices"], &["ledger"], &["journal"]] {
        bench.ends(0, &[command, &["--budget", "0.0000001 USD"]].concat());
    }
    let mark = bench.mark();
    let said = bench.ends(0, &["ls", "lab:color-atlas/", "--budget", "0.0000001 USD"]);
    assert!(said.contains("warning: it costs CNY, which cannot be compared with the budget of this command"), "{said}");
    assert_eq!(bench.ops(mark), [Op::ListObjectsV2]);
    // A further attempt is judged like the first one: the broken one may have cost something.
    bench.store().script(Op::ListObjectsV2, [Act::Close]);
    let mark = bench.mark();
    bench.ends(5, &["ls", "studio:colorpictures/", "--budget", "0.000005 USD"]);
    assert_eq!(bench.ops(mark), [Op::ListObjectsV2]);
}

/// OSS, by the budget of an account in the config.
#[test]
fn an_accounts_budget_holds_for_single_requests() {
    let bench = Bench::with(|text| text.replace("[accounts.lab]\n", "[accounts.lab]\nbudget = \"0.000001 CNY\"\n"));
    let mark = bench.mark();
    bench.ends(0, &["ls", "lab:color-atlas/"]);
    let said = bench.ends(5, &["payer", "get", "lab:color-atlas", "lab:lab-raw-frames"]);
    assert!(said.contains("that passes the budget of account lab, 0.000001 CNY"), "{said}");
    assert!(said.contains("To spend more, edit its `budget` in the config file."), "{said}");
    assert_eq!(bench.ops(mark), [Op::ListObjectsV2, Op::GetBucketRequestPayment]);
}

/// The console in a terminal: the board stops at the budget and asks once; a no sends nothing more, a yes goes on.
#[test]
fn the_console_asks_before_the_budget_ends() {
    let bench = Bench::with(|text| text.replace("[accounts.studio]\n", "[accounts.studio]\nbudget = \"0.000006 USD\"\n"));
    bench.file("prices.toml", OWN.as_bytes());
    let mut pty = Setup::new(env!("CARGO_BIN_EXE_whopays"), &["studio:colorpictures", "--config", bench.config.to_str().unwrap()])
        .env("HOME", bench.home.path())
        .env("WHOPAYS_STATE_DIR", bench.path("state"))
        .start();
    let of_studio = |bench: &Bench| -> Vec<Op> {
        bench.since(0).iter().filter(|entry| entry.account == Some("studio")).filter_map(|entry| entry.op).collect()
    };
    let allowed = [Op::ListBuckets, Op::GetBucketRequestPayment, Op::GetBucketRequestPayment];
    pty.see("Spend more than the budget?");
    pty.see("readings of payers");
    wait::blocking("what the budget pays for is sent", || of_studio(&bench).len() >= allowed.len());
    // A confirmation counts only once it was seen for a moment.
    std::thread::sleep(Duration::from_millis(400));
    assert_eq!(of_studio(&bench), allowed, "one list and two payers are what it pays for");
    pty.type_and_see("n", "nothing was sent: over budget");
    pty.type_keys("jjjjjjjj\r");
    // Opening a bucket is asked about again: a key asked for it.
    pty.see("1 listing of keys");
    assert_eq!(of_studio(&bench), allowed);
    std::thread::sleep(Duration::from_millis(400));
    pty.type_keys("y");
    bench.wait_for(Op::ListObjectsV2, 0, 1);
    pty.type_keys("q");
    assert_eq!(pty.exit_code(), 0, "{}", pty.text());
    assert_eq!(of_studio(&bench)[3..], [Op::ListObjectsV2]);
}
