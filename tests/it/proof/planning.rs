//! Budgets and the pages that plan a job: each is judged before it leaves, in commands and in the console, on both clouds.

use std::time::Duration;

use super::estimates::{OWN, bench};
use super::*;
use crate::support::pty::{Pty, Setup};
use crate::support::wait;

/// What was asked of the stores since then, but for whose keys they are, which costs nothing.
fn billed(bench: &Bench, mark: usize) -> Vec<Op> {
    bench.ops(mark).into_iter().filter(|op| *op != Op::GetCallerIdentity).collect()
}

/// A page costs 0.000005 USD or 0.000001 CNY: both budgets pay for two and a half.
#[test]
fn no_page_that_plans_a_command_leaves_beyond_the_budget() {
    let bench = bench();
    let (keys, versions) = (Op::ListObjectsV2, Op::ListObjectVersions);
    for (store, other, budget, then) in [
        ("studio:sensor-archive/", "studio:colorpictures/to/", "0.0000125 USD", "0.000015 USD"),
        ("studio:sensor-archive/", "lab:color-atlas/to/", "0.0000125 USD", "0.000015 USD"),
        ("lab:telescope-feed/", "lab:color-atlas/to/", "0.0000025 CNY", "0.000003 CNY"),
        ("lab:telescope-feed/", "studio:colorpictures/to/", "0.0000025 CNY", "0.000003 CNY"),
    ] {
        for (command, page) in [
            (&["get", "-r", store, "got/"][..], keys),
            (&["get", "-r", store, "got/", "--dry-run"], keys),
            (&["cp", "-r", store, other], keys),
            (&["cp", "-r", store, other, "--dry-run"], keys),
            (&["cp", "-r", "--move", store, other, "--yes"], keys),
            (&["rm", "-r", store, "--yes"], keys),
            (&["rm", "-r", store, "--dry-run"], keys),
            (&["rm", "-r", "--versions", store, "--yes"], versions),
            (&["rm", "-r", "--versions", store, "--dry-run"], versions),
            (&["ls", "-r", "--versions", store], versions),
        ] {
            let (mark, arguments) = (bench.mark(), [command, &["--budget", budget]].concat());
            let said = bench.ends(5, &arguments);
            assert_eq!(billed(&bench, mark), [page, page], "{arguments:?}: {said}");
            let passes = format!("{then} would be spent then: that passes the budget of this command, {budget}");
            assert!(said.contains(&passes), "{arguments:?}: {said}");
            assert!(said.contains("Nothing more was sent. To spend more, run it again with a larger `--budget`."), "{arguments:?}: {said}");
        }
    }
    assert!(!bench.path("got").exists(), "nothing was moved");
    assert!(bench.lines(&["journal", "--unfinished"]).is_empty(), "and nothing is left to go on with");
    assert!(bench.lines(&["ls", "studio:colorpictures/to/"]).is_empty());
}

/// Of keys that are named, the versions are asked for one key after the other; of objects without a size, the heads.
#[test]
fn what_is_named_is_planned_within_the_budget() {
    let bench = bench();
    bench.file("small.bin", &noise(5, 900));
    let versions = Op::ListObjectVersions;
    for (bucket, budget) in [("studio:film-masters", "0.000009 USD"), ("lab:lab-raw-frames", "0.0000019 CNY")] {
        let keys = [format!("{bucket}/doomed/a"), format!("{bucket}/doomed/b")];
        for key in &keys {
            bench.lines(&["put", "small.bin", key]);
        }
        for end in ["--yes", "--dry-run"] {
            let mark = bench.mark();
            let said = bench.ends(5, &["rm", "--versions", &keys[0], &keys[1], end, "--budget", budget]);
            assert_eq!(billed(&bench, mark), [versions], "{bucket} {end}: {said}");
        }
        assert_eq!(bench.lines(&["ls", &format!("{bucket}/doomed/")]).len(), 2, "nothing is gone");
    }
}

/// A repeated page is judged like the first one.
#[test]
fn a_repeated_page_is_judged_as_well() {
    use whopays::demo::Act;
    let bench = bench();
    bench.store().script(Op::ListObjectsV2, [Act::Pass, Act::Close]);
    let mark = bench.mark();
    bench.ends(5, &["get", "-r", "studio:sensor-archive/", "got/", "--budget", "0.0000125 USD"]);
    assert_eq!(billed(&bench, mark), [Op::ListObjectsV2; 2], "the second one broke off, and a third would be too much");
}

/// The console of an account on someone else's bucket, for which alone there is a budget. Its list is open, the cursor is on the first row.
fn console(bench: &Bench, target: &str) -> Pty {
    let mut pty = Setup::new(env!("CARGO_BIN_EXE_whopays"), &[target, "--config", text(&bench.config)])
        .env("HOME", bench.home.path())
        .env("WHOPAYS_STATE_DIR", bench.path("state"))
        .start();
    settled(&pty);
    pty.type_and_see("\r", "readings/");
    pty
}

/// The bucket is on the board, and the one request about it has been answered: it does not count as under way any more.
fn settled(pty: &Pty) {
    pty.see("is on the board");
    pty.see("payer     denied at");
}

/// A config that lets whoever may pay for this bucket do so, up to a budget.
fn limited(config: &str, bucket: &str, budget: &str) -> String {
    let name = format!("name = \"{bucket}\"");
    let limited = |paragraph: &str| {
        let paragraph = paragraph.replace("request_payer = \"ask\"", "request_payer = \"requester\"");
        paragraph.replace(&name, &format!("{name}\nbudget = \"{budget}\""))
    };
    let paragraphs = config.split("\n\n").map(|text| if text.contains(&name) { limited(text) } else { text.to_owned() });
    paragraphs.collect::<Vec<_>>().join("\n\n")
}

/// A store with such a config.
fn paying(bucket: &str, budget: &str) -> Bench {
    let bench = Bench::with(|text| limited(&text, bucket, budget));
    bench.file("prices.toml", OWN.as_bytes());
    bench
}

/// Where each page of keys that an account asked for begins.
fn pages(bench: &Bench, account: &str) -> Vec<String> {
    let listed = bench.since(0).into_iter().filter(|entry| entry.account == Some(account) && entry.op == Some(Op::ListObjectsV2));
    listed.map(|entry| entry.target).collect()
}

fn question(pty: &Pty, upto: &str) {
    pty.see("Spend more than the budget?");
    pty.see("Not sent yet: 1 page of a listing");
    pty.see(upto);
    // A confirmation counts only once it was seen for a moment.
    std::thread::sleep(Duration::from_millis(400));
}

/// The plan of a download of everything below the row under the cursor, up to its first question.
fn plan(pty: &mut Pty) {
    pty.type_and_see("d", "Download ");
    pty.type_and_see("\r", "Count it first?");
    std::thread::sleep(Duration::from_millis(400));
    pty.type_keys("y");
}

/// Each account, bucket and budget; what is said before the first page too many, and how many pages of the plan came before.
const SHORT: [(&str, &str, &str, &str, &str); 2] = [
    ("research", "sensor-archive", "0.0000204 USD", "0.0000254 USD would be spent then", "0.0000408 USD"),
    ("partner", "telescope-feed", "0.0000045 CNY", "0.000005 CNY would be spent then", "0.000009 CNY"),
];

/// A no ends the plan, and so does Esc, at once: three pages of it had left, and no further one does. The same key asks again.
#[test]
fn a_no_ends_a_plan_in_the_middle() {
    for (account, bucket, budget, said, upto) in SHORT {
        for no in ["n", "\u{1b}"] {
            let bench = paying(bucket, budget);
            let mut pty = console(&bench, &format!("{account}:{bucket}"));
            plan(&mut pty);
            question(&pty, &format!("up to {upto}"));
            pty.see(said);
            assert_eq!(pages(&bench, account).len(), 1 + 3, "{bucket}: the list, and what the budget pays for");
            pty.type_and_see(no, "It could not be found out");
            pty.see("not sent: ");
            pty.type_and_see("\u{1b}", "nothing was downloaded");
            plan(&mut pty);
            question(&pty, &format!("up to {upto}"));
            // Whoever does not wait for the question to settle may leave it all the same.
            pty.type_and_see("\u{1b}", "It could not be found out");
            pty.type_and_see("\u{1b}", "nothing was downloaded");
            pty.type_keys("q");
            assert_eq!(pty.exit_code(), 0, "{}", pty.text());
            assert_eq!(pages(&bench, account).len(), 1 + 3, "{bucket} {no:?}");
        }
    }
}

/// A yes goes on where the plan stood: every page is asked for once, and the next question comes when the raised budget ends.
#[test]
fn a_yes_goes_on_with_a_plan_where_it_stood() {
    for ((account, bucket, budget, ..), stops, found) in [
        (SHORT[0], &[("0.0000408", 3), ("0.0000816", 7), ("0.0001632", 15), ("0.0003264", 31), ("0.0006528", 64)][..], "100,000 objects"),
        (SHORT[1], &[("0.000009", 3)], "5,000 objects"),
    ] {
        let bench = paying(bucket, budget);
        let mut pty = console(&bench, &format!("{account}:{bucket}"));
        plan(&mut pty);
        for (upto, before) in stops {
            question(&pty, &format!("up to {upto} "));
            assert_eq!(pages(&bench, account).len(), 1 + before, "{bucket}: {upto}");
            pty.type_keys("y");
        }
        pty.see(found);
        let pages = pages(&bench, account);
        let each: std::collections::HashSet<&String> = pages.iter().collect();
        assert_eq!((pages.len(), each.len()), if account == "research" { (101, 101) } else { (6, 6) }, "{bucket}");
        assert!(bench.since(0).iter().all(|entry| entry.op != Some(Op::GetObject)), "nothing is moved before its own yes");
        pty.type_and_see("\u{1b}", "called off before anything was done");
        pty.type_keys("q");
        assert_eq!(pty.exit_code(), 0, "{}", pty.text());
    }
}

/// Leaving the console while a plan waits for a word ends it: the page does not leave.
#[test]
fn leaving_turns_a_waiting_page_back() {
    let (account, bucket, budget, _, upto) = SHORT[0];
    let bench = paying(bucket, budget);
    let mut pty = console(&bench, &format!("{account}:{bucket}"));
    plan(&mut pty);
    question(&pty, &format!("up to {upto}"));
    pty.signal(rustix::process::Signal::TERM);
    assert_eq!(pty.exit_code(), 143, "{}", pty.text());
    assert_eq!(pages(&bench, account).len(), 1 + 3);
}

/// Unfinished uploads, each left by a command that was killed.
fn leave_uploads(bench: &Bench, bucket: &str, count: usize) {
    use whopays::demo::Act;
    bench.file("large.bin", &noise(7, 130 * MIB));
    for number in 0..count {
        bench.store().script(Op::UploadPart, [Act::Silence, Act::Silence, Act::Silence, Act::Silence]);
        let key = format!("left/{number}");
        let child = bench.begin(&["put", "large.bin", &format!("{bucket}/{key}"), "--request-payer", "requester"]);
        let sent = || bench.since(0).iter().any(|entry| entry.op == Some(Op::UploadPart) && entry.key == key);
        wait::blocking(&format!("{key} is under way"), sent);
        bench.kill(child);
        bench.store().script(Op::UploadPart, []);
    }
}

/// A list of unfinished uploads asks for the parts of each: those are judged, too, and one question is asked for all that wait.
#[test]
fn every_request_of_a_list_of_uploads_is_judged() {
    for (account, bucket, budget, upto) in
        [("research", "aerial-tiles", "0.000012 USD", "0.000024 USD"), ("partner", "lab-microscopy", "0.0000025 CNY", "0.000005 CNY")]
    {
        let bench = bench();
        leave_uploads(&bench, &format!("{account}:{bucket}"), 3);
        let config = std::fs::read_to_string(&bench.config).unwrap();
        std::fs::write(&bench.config, limited(&config, bucket, budget)).unwrap();
        for (answer, said, parts) in [("n", "not sent", 1), ("\u{1b}", "not sent", 1), ("y", "3 uploads, ", 3)] {
            let mark = bench.mark();
            let asked =
                |op: Op| bench.since(mark).into_iter().filter(|entry| entry.account == Some(account) && entry.op == Some(op)).count();
            let mut pty = Setup::new(env!("CARGO_BIN_EXE_whopays"), &[&format!("{account}:{bucket}"), "--config", text(&bench.config)])
                .env("HOME", bench.home.path())
                .env("WHOPAYS_STATE_DIR", bench.path("other state"))
                .start();
            settled(&pty);
            pty.type_keys("M");
            pty.see("Spend more than the budget?");
            pty.see("Not sent yet: 2 pages of a list of unfinished uploads");
            pty.see(&format!("up to {upto}"));
            std::thread::sleep(Duration::from_millis(400));
            assert_eq!((asked(Op::ListMultipartUploads), asked(Op::ListParts)), (1, 1), "{account}: what the budget pays for");
            pty.type_and_see(answer, said);
            pty.type_keys("\u{1b}q");
            assert_eq!(pty.exit_code(), 0, "{}", pty.text());
            assert_eq!((asked(Op::ListMultipartUploads), asked(Op::ListParts)), (1, parts), "{account} {answer:?}");
        }
    }
}

/// A page of the versions of `!a`: its delete marker and where the next page begins, or its only version.
fn page_of_versions(bucket: &str, goes_on: bool) -> whopays::demo::Act {
    let rest = if goes_on {
        "<IsTruncated>true</IsTruncated><NextKeyMarker>!a</NextKeyMarker><NextVersionIdMarker>v2</NextVersionIdMarker><DeleteMarker>\
         <Key>!a</Key><VersionId>v2</VersionId><IsLatest>true</IsLatest><LastModified>2026-11-20T10:00:00.000Z</LastModified></DeleteMarker>"
    } else {
        "<IsTruncated>false</IsTruncated><Version><Key>!a</Key><VersionId>v1</VersionId><IsLatest>false</IsLatest>\
         <LastModified>2026-11-19T10:00:00.000Z</LastModified><ETag>\"d41d8cd98f00b204e9800998ecf8427e\"</ETag><Size>900</Size>\
         <StorageClass>STANDARD</StorageClass></Version>"
    };
    let body = format!("<ListVersionsResult><Name>{bucket}</Name><Prefix>!a</Prefix><MaxKeys>1000</MaxKeys>{rest}</ListVersionsResult>");
    whopays::demo::Act::Answer(whopays::demo::Prepared::new(200, "application/xml", body))
}

/// An own bucket with versions: account, name, region; a budget that ends before the first page of versions, and what is said then; one
/// that ends before the second page.
const VERSIONED: [(&str, &str, &str, [&str; 2], &str); 2] = [
    ("studio", "film-masters", "us-west-2", ["0.0000103 USD", "0.0000104 USD would be spent then"], "0.0000153 USD"),
    ("lab", "lab-raw-frames", "cn-hangzhou", ["0.0000039 CNY", "0.000004 CNY would be spent then"], "0.0000049 CNY"),
];

/// The console of such a bucket under a budget for it. Its first row, `!a`, was just deleted, and only its versions are left to look at.
fn deleted(bench: &Bench, (account, bucket, region): (&str, &str, &str), budget: &str) -> Pty {
    bench.file("small.bin", &noise(5, 900));
    bench.lines(&["put", "small.bin", &format!("{account}:{bucket}/!a")]);
    let own = format!("\n[[accounts.{account}.buckets]]\nname = \"{bucket}\"\nregion = \"{region}\"\nbudget = \"{budget}\"\n");
    let config = std::fs::read_to_string(&bench.config).unwrap();
    std::fs::write(&bench.config, config + &own).unwrap();
    let mut pty = Setup::new(env!("CARGO_BIN_EXE_whopays"), &[&format!("{account}:{bucket}"), "--config", text(&bench.config)])
        .env("HOME", bench.home.path())
        .env("WHOPAYS_STATE_DIR", bench.path("console"))
        .start();
    pty.see("is on the board");
    pty.see("payer     BucketOwner");
    pty.type_and_see("\r", "!a");
    pty.type_and_see("x", "Delete");
    std::thread::sleep(Duration::from_millis(400));
    pty.type_and_see("y", "a transfer of this session has removed it");
    pty.see("1 of 1 done");
    pty
}

fn asked_about(pty: &mut Pty, what: &str) {
    pty.type_keys("i");
    pty.see("Spend more than the budget?");
    pty.see(&format!("Not sent yet: {what}"));
    std::thread::sleep(Duration::from_millis(400));
}

/// The versions of what is gone are asked for by a key: no page of them leaves beyond the budget, and one question is asked for it.
#[test]
fn the_versions_of_what_is_gone_wait_for_a_word() {
    for (account, bucket, region, [budget, said], _) in VERSIONED {
        let bench = bench();
        let mut pty = deleted(&bench, (account, bucket, region), budget);
        let pages = || bench.ops(0).into_iter().filter(|op| *op == Op::ListObjectVersions).count();
        for no in ["n", "\u{1b}"] {
            asked_about(&mut pty, "1 list of versions");
            pty.see(said);
            pty.type_and_see(no, "nothing was sent: over budget; the same key");
            assert_eq!(pages(), 0, "{bucket} {no:?}");
        }
        asked_about(&mut pty, "1 list of versions");
        pty.type_and_see("y", "delete marker");
        pty.type_keys("\u{1b}q");
        assert_eq!((pty.exit_code(), pages()), (0, 1), "{bucket}: {}", pty.text());
    }
}

/// A further page of them is judged before it leaves, too: the first is not asked for again.
#[test]
fn a_further_page_of_versions_waits_for_a_word() {
    for (account, bucket, region, _, budget) in VERSIONED {
        for (answer, seen, left) in [("n", "not sent: ", 1), ("y", "900", 2)] {
            let bench = bench();
            bench.store().script(Op::ListObjectVersions, [page_of_versions(bucket, true), page_of_versions(bucket, false)]);
            let mut pty = deleted(&bench, (account, bucket, region), budget);
            let pages = || bench.ops(0).into_iter().filter(|op| *op == Op::ListObjectVersions).count();
            asked_about(&mut pty, "1 page of a listing");
            assert_eq!(pages(), 1, "{bucket}");
            pty.type_and_see(answer, seen);
            pty.type_keys("\u{1b}q");
            assert_eq!((pty.exit_code(), pages()), (0, left), "{bucket} {answer}: {}", pty.text());
        }
    }
}
