//! The commands about objects against the embedded store: what they print, how they end, and what the store heard of it.

use std::fs;
use std::path::Path;
use std::process::{Output, Stdio};

use serde_json::{Value, json};

use super::end_to_end::lines;
use super::shop::{Shop, answer};
use super::{code, error, stderr, stdout, whopays};

const NO_PAYER: &str = "Add `--request-payer requester` to pay for it.";

/// The names of an object's fields, as written.
fn fields(output: &Output) -> String {
    let text = stdout(output);
    let line: Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
    let mut names: Vec<(usize, String)> =
        line.as_object().unwrap().keys().map(|name| (text.find(&format!("\"{name}\":")).unwrap(), name.clone())).collect();
    names.sort();
    names.into_iter().map(|(_, name)| name).collect::<Vec<_>>().join(" ")
}

#[test]
fn listings_for_people_and_for_scripts() {
    let shop = Shop::open();
    let output = shop.well(&["ls", "--json", "studio:colorpictures"]);
    assert_eq!(fields(&output), "type key size last_modified etag storage_class");
    let rows: Vec<(String, Value)> = lines(&output)
        .iter()
        .map(|row| (format!("{} {}", row["type"].as_str().unwrap(), row["key"].as_str().unwrap()), row["size"].clone()))
        .collect();
    let named = |name: &str, size: Value| (name.to_owned(), size);
    let expected =
        [("prefix blue/", Value::Null), ("prefix green/", Value::Null), ("object index.html", json!(1204)), ("prefix red/", Value::Null)];
    assert_eq!(rows, expected.map(|(name, size)| named(name, size)));
    assert_eq!(stderr(&output), "", "scripts get nothing beside the rows");

    let people = shop.well(&["ls", "studio:colorpictures/red/"]);
    let names: Vec<String> = stdout(&people).lines().map(|line| line.split("  ").last().unwrap().to_owned()).collect();
    assert_eq!(names, ["brick.jpg", "poppy.jpg", "poppy.jpg.json"]);
    assert_eq!(stderr(&people), "3 rows, 82.7 KiB; 1 request\n");
    assert_eq!(stderr(&shop.well(&["ls", "studio:colorpictures/index.html"])), "1 row, 1.1 KiB; 1 request\n");
    assert_eq!(shop.refused(&["ls", "studio:colorpictures/nothing"], 4).lines().count(), 3);
    shop.well(&["ls", "studio:colorpictures/nothing/"]);
    shop.well(&["ls", "-r", "studio:colorpictures/red", "--include", "*.txt"]);
    shop.refused(&["ls", "studio:colorpictures", "--pages", "0"], 2);
}

#[test]
fn versions_are_listed_with_their_bytes() {
    let shop = Shop::open();
    let output = shop.well(&["ls", "--versions", "--json", "studio:colorpictures/index.html"]);
    assert_eq!(fields(&output), "type key size last_modified etag storage_class version_id latest");
    assert_eq!(stderr(&shop.well(&["ls", "--versions", "studio:colorpictures/index.html"])), "1 row, 1.1 KiB; 1 request\n");
}

#[test]
fn rules_count_in_the_order_in_which_they_are_written() {
    let shop = Shop::open();
    let keys = |rules: &[&str]| {
        let arguments = [&["ls", "-r", "--json", "studio:colorpictures/red/"][..], rules].concat();
        shop.objects(&arguments).iter().map(|row| row["key"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(keys(&["--exclude", "*", "--include", "*.jpg"]), ["red/brick.jpg", "red/poppy.jpg"]);
    assert_eq!(keys(&["--include", "*.jpg", "--exclude", "*"]), Vec::<String>::new());
    assert_eq!(keys(&["--exclude", "poppy*"]), ["red/brick.jpg"]);
}

#[test]
fn who_reads_only_the_head_ends_nothing() {
    let shop = Shop::open();
    let mut command = whopays(shop.home.path());
    let mut child = command
        .env("WHOPAYS_CONFIG", &shop.config)
        .args(["ls", "-r", "studio:colorpictures"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    assert_eq!(code(&child.wait_with_output().unwrap()), 0);
}

#[test]
fn headers_of_an_object() {
    let shop = Shop::open();
    let output = shop.well(&["stat", "--json", "--request-payer", "requester", "research:aerial-tiles/readme.txt"]);
    assert_eq!(
        fields(&output),
        "type target key size last_modified etag storage_class content_type metadata version_id charged restore checksums"
    );
    let line = &lines(&output)[0];
    assert_eq!((&line["size"], &line["content_type"], &line["charged"]), (&json!(230), &json!("text/plain"), &json!(true)));
    let people = stdout(&shop.well(&["stat", "studio:colorpictures/index.html"]));
    assert!(people.contains("  size            1204 bytes (1.1 KiB)\n"), "{people}");
    let partly = shop.run(&["stat", "--json", "studio:colorpictures/index.html", "studio:colorpictures/nope"]);
    assert_eq!((code(&partly), lines(&partly).len()), (7, 1));
    assert_eq!(error(&partly)["failures"][0]["target"], "studio:colorpictures/nope");
    shop.refused(&["stat", "studio:colorpictures/nope"], 4);
    shop.refused(&["stat", "studio:colorpictures"], 2);
}

#[test]
fn bytes_on_standard_output_and_nothing_else() {
    let shop = Shop::open();
    assert_eq!(stdout(&shop.well(&["cat", "studio:colorpictures/index.html", "--range", "0-20"])), "index.html: an object");
    assert_eq!(shop.well(&["cat", "studio:colorpictures/index.html"]).stdout.len(), 1204);
    shop.refused(&["cat", "studio:colorpictures/nope"], 4);
    shop.refused(&["cat", "studio:colorpictures/index.html", "--range", "9-1"], 2);
}

#[test]
fn a_refusal_names_the_consent_that_is_missing() {
    let shop = Shop::open();
    for arguments in [&["ls", "partner:lab-microscopy"][..], &["get", "partner:lab-microscopy/x"], &["cat", "partner:lab-microscopy/x"]] {
        assert!(shop.refused(arguments, 3).contains(NO_PAYER), "{arguments:?}");
    }
    for arguments in
        [&["ls", "research:aerial-tiles"][..], &["stat", "research:aerial-tiles/readme.txt"], &["put", "-", "research:aerial-tiles/x"]]
    {
        let told = shop.refused(arguments, 3);
        assert!(told.contains("If the bucket is requester-pays, add `--request-payer requester`"), "{arguments:?}: {told}");
    }
    assert!(shop.heard().iter().all(|request| !request.ends_with("payer")), "{:?}", shop.heard());
    let never = shop.refused(&["ls", "--request-payer", "requester", "research:film-masters"], 5);
    assert!(never.contains("the config says never to pay for bucket film-masters"), "{never}");
    assert!(shop.refused(&["ls", "research:film-masters"], 3).contains("in the config if research may pay"));
    let heard = shop.heard_of(&["ls", "--request-payer", "requester", "research:aerial-tiles"], 0);
    assert_eq!(heard, ["ListObjectsV2 200 payer"]);
}

#[test]
fn downloads() {
    let shop = Shop::open();
    let output = shop.well(&["get", "--json", "--request-payer", "requester", "research:aerial-tiles/readme.txt"]);
    assert_eq!(fields(&output), "target source status bytes requests charged error");
    let line = &lines(&output)[0];
    assert_eq!(
        (&line["status"], &line["bytes"], &line["requests"], &line["charged"]),
        (&json!("done"), &json!(230), &json!(1), &json!(true))
    );
    assert_eq!(stderr(&output), "");
    let people = shop.well(&["get", "--request-payer", "requester", "research:aerial-tiles/readme.txt", "again.txt"]);
    assert!(stdout(&people).ends_with("again.txt  charged to you\n"), "{}", stdout(&people));
    assert_eq!(stderr(&people), "1 object, 230 B; 1 request, 0 B up, 230 B down; charged to you (1 answer said so)\n");
    assert_eq!(shop.read("again.txt").len(), 230);

    let below = shop.well(&["get", "-r", "studio:colorpictures/red/", "red", "--exclude", "*.json", "--limit-rate", "10M", "--json"]);
    assert_eq!(lines(&below).len(), 2);
    assert_eq!(fs::read(shop.here().join("red/brick.jpg")).unwrap().len(), 44318);
    let told = shop.refused(&["get", "-r", "studio:colorpictures/rde/", "x"], 4);
    assert!(told.contains("no object of studio:colorpictures begins with \"rde/\""), "{told}");
    shop.refused(&["get", "studio:colorpictures/red/brick.jpg", "--limit-rate", "fast"], 2);
}

/// `requests` and `charged` of every line.
fn took(lines: &[Value]) -> Vec<(Value, Value)> {
    lines.iter().map(|line| (line["requests"].clone(), line["charged"].clone())).collect()
}

#[test]
fn every_line_says_what_its_object_took() {
    let shop = Shop::open();
    let (yes, no, unsaid) = (json!(true), json!(false), Value::Null);
    let red = ["get", "-r", "--json", "studio:colorpictures/red/", "red"];
    assert_eq!(took(&shop.objects(&red)), vec![(json!(1), no.clone()); 3], "owners are not charged as requesters");
    let again = shop.run(&red);
    assert_eq!((code(&again), took(&lines(&again))), (5, vec![(json!(0), no.clone()); 3]), "what exists is not asked for");
    let paid = ["get", "-r", "--json", "--request-payer", "requester", "research:aerial-tiles/z10/", "z10"];
    assert_eq!(took(&shop.objects(&paid)), vec![(json!(1), yes.clone()); 3]);
    let oss = shop.objects(&["get", "-r", "--json", "lab:color-atlas/red/", "oss"]);
    assert!(!oss.is_empty() && took(&oss).iter().all(|took| *took == (json!(1), unsaid.clone())), "OSS does not say it: {oss:?}");
    let within = shop.objects(&["cp", "-r", "--json", "studio:colorpictures/red/", "studio:brand-assets/red/"]);
    assert_eq!(took(&within), vec![(json!(2), no.clone()); 3], "a look, and the copy");
    let across = ["cp", "-r", "--json", "--request-payer", "requester", "research:aerial-tiles/z10/", "lab:color-atlas/z10/"];
    assert_eq!(took(&shop.objects(&across)), vec![(json!(3), yes); 3], "a look, what is read, what is written");
    let moved = shop.objects(&["cp", "-r", "--move", "--yes", "--json", "studio:brand-assets/red/", "studio:brand-assets/blue/"]);
    assert_eq!(took(&moved), vec![(json!(3), no.clone()); 3], "the copy, the original once more, its end");
    let batch = shop.objects(&["rm", "-r", "--yes", "--json", "studio:brand-assets/blue/"]);
    assert_eq!(took(&batch), vec![(unsaid.clone(), no.clone()); 3], "one request for all of them");
    let batch = shop.objects(&["rm", "-r", "--yes", "--json", "lab:color-atlas/z10/"]);
    assert_eq!(took(&batch), vec![(unsaid.clone(), unsaid); 3]);
    assert_eq!(took(&shop.objects(&["rm", "--yes", "--json", "studio:colorpictures/index.html"])), [(json!(1), no)]);
}

#[test]
fn files_that_exist_stay_unless_somebody_says_otherwise() {
    let shop = Shop::open();
    shop.file("index.html", "mine");
    let output = shop.run(&["get", "--json", "studio:colorpictures/index.html"]);
    assert_eq!((code(&output), lines(&output)[0]["status"].clone()), (5, json!("exists")));
    assert_eq!(error(&output)["kind"], "refused");
    assert_eq!(shop.read("index.html"), "mine");
    shop.file("red/brick.jpg", "mine");
    let partly = shop.run(&["get", "-r", "studio:colorpictures/red/", "red"]);
    assert_eq!(code(&partly), 7);
    assert!(stderr(&partly).contains("2 of 3 objects done"), "{}", stderr(&partly));
    assert!(stderr(&partly).contains("red/brick.jpg: something of that name exists, and was not touched"));
    shop.well(&["get", "studio:colorpictures/index.html", "--overwrite"]);
    assert_eq!(shop.read("index.html").len(), 1204);
}

#[test]
fn a_person_is_asked_once_whether_files_are_replaced() {
    let shop = Shop::open();
    for name in ["brick.jpg", "poppy.jpg"] {
        shop.file(&format!("red/{name}"), "mine");
    }
    let get = ["get", "-r", "studio:colorpictures/red/", "HERE/red"];
    let mut no = shop.terminal(&get);
    no.see("Replace 2 files that exist? [y/N] ");
    answer(&mut no, "\r");
    assert_eq!(no.exit_code(), 7, "{}", no.text());
    assert_eq!(shop.read("red/brick.jpg"), "mine");
    let mut yes = shop.terminal(&get);
    yes.see("Replace 3 files that exist? [y/N] ");
    answer(&mut yes, "y\r");
    assert_eq!(yes.exit_code(), 0, "{}", yes.text());
    assert_eq!(fs::read(shop.here().join("red/brick.jpg")).unwrap().len(), 44318);
}

#[test]
fn uploads_and_what_stands_there_already() {
    let shop = Shop::open();
    shop.file("a.txt", "first");
    let output = shop.well(&["put", "--json", "a.txt", "studio:colorpictures/new/", "--metadata", "who=me"]);
    assert_eq!(fields(&output), "target source status bytes requests charged error");
    assert_eq!((&lines(&output)[0]["target"], &lines(&output)[0]["requests"]), (&json!("studio:colorpictures/new/a.txt"), &json!(1)));
    shop.file("a.txt", "second");
    let told = shop.refused(&["put", "a.txt", "studio:colorpictures/new/a.txt"], 5);
    assert!(told.contains("0 of 1 object done") && told.contains("Add --overwrite"), "{told}");
    assert_eq!(stdout(&shop.well(&["cat", "studio:colorpictures/new/a.txt"])), "first");
    let mut yes = shop.terminal(&["put", "HERE/a.txt", "studio:colorpictures/new/a.txt"]);
    yes.see("Replace 1 object that exists? [y/N] ");
    answer(&mut yes, "y\r");
    assert_eq!(yes.exit_code(), 0, "{}", yes.text());
    assert_eq!(stdout(&shop.well(&["cat", "studio:colorpictures/new/a.txt"])), "second");

    let stdin = shop.fed(&["put", "-", "lab:color-atlas/from-stdin"], "piped");
    assert_eq!(code(&stdin), 0, "{}", stderr(&stdin));
    assert_eq!(stdout(&shop.well(&["cat", "lab:color-atlas/from-stdin"])), "piped");
    shop.file("tree/b/c.txt", "deep");
    shop.file("tree/x.log", "no");
    let tree = shop.objects(&["put", "-r", "--json", "tree", "lab:color-atlas/t/", "--exclude", "*.log"]);
    assert_eq!(tree.iter().map(|line| line["target"].as_str().unwrap()).collect::<Vec<_>>(), ["lab:color-atlas/t/tree/b/c.txt"]);
    assert!(shop.refused(&["put", "tree", "lab:color-atlas/t/"], 2).contains("Add -r"));
    assert!(shop.refused(&["put", "missing.txt", "lab:color-atlas/t/"], 1).starts_with("error: "), "nothing was done, so there is no sum");
}

#[test]
fn odd_names_go_there_and_back() {
    let shop = Shop::open();
    shop.file("-r", "minus");
    shop.well(&["put", "--", "-r", "studio:colorpictures/plus+ %2F#?&=\u{202e}.txt"]);
    assert_eq!(stdout(&shop.well(&["cat", "studio:colorpictures/plus+ %2F#?&=\u{202e}.txt"])), "minus");
    let listed = shop.well(&["ls", "studio:colorpictures/plus"]);
    assert!(stdout(&listed).contains("plus+ %2F#?&=\\u{202e}.txt"), "{}", stdout(&listed));
    shop.well(&["rm", "--yes", "studio:colorpictures/plus+ %2F#?&=\u{202e}.txt"]);
    shop.refused(&["ls", "studio:colorpictures/plus"], 4);
}

#[test]
fn plans_say_who_pays_and_change_nothing() {
    let shop = Shop::open();
    shop.file("a.txt", "four");
    let plan = |arguments: &[&str]| {
        let heard = shop.heard_of(arguments, 0);
        assert!(heard.iter().all(|request| ["ListO", "HeadO", "GetCa"].contains(&&request[..5])), "{arguments:?}: {heard:?}");
        stdout(&shop.well(arguments))
    };
    let owners = "  pays      owner pays, unless requester-pays and not yours: then it is refused\n";
    let owner = format!("{owners}  caller    arn:aws:iam::111122223333:user/mara\n");
    let lin = format!("{owners}  caller    acs:ram::1234567890123456:user/lin\n");
    let caller = "  caller    arn:aws:iam::444455556666:user/ines\n";
    let refused = format!("  pays      owner pays, unless requester-pays: then it is refused\n{caller}");
    // One request of 0.005 USD for a thousand.
    let one = "  costs     0.000005 USD (list prices of 2026-07-28)\n";
    // One of 0.0004 USD for a thousand, and 1,204 bytes of 0.09 USD a GiB, or of those that are free.
    let transfer = "  costs     0.0000004 to 0.000000501 USD (list prices of 2026-07-23)\n";
    for (arguments, expected) in [
        (
            &["put", "--dry-run", "a.txt", "studio:colorpictures/x"][..],
            format!("studio:colorpictures  1 object, 4 B\n  requests  1 (1 PUT, COPY, POST, LIST)\n  bytes     4 B up, 0 B down\n{one}{owner}"),
        ),
        (
            &["put", "--dry-run", "a.txt", "research:aerial-tiles/x"],
            format!(
                "research:aerial-tiles  1 object, 4 B\n  requests  1 (1 PUT, COPY, POST, LIST)\n  bytes     4 B up, 0 B down\n{one}{refused}"
            ),
        ),
        (
            &["get", "--dry-run", "studio:colorpictures/index.html", "x"],
            format!("studio:colorpictures  1 object, 1.1 KiB\n  requests  1 (1 GET and other)\n  bytes     0 B up, 1.1 KiB down\n{transfer}{owner}"),
        ),
        (
            &["rm", "--dry-run", "-r", "studio:colorpictures/red/"],
            format!(
                "studio:colorpictures  3 objects, 82.7 KiB\n  requests  2 (1 PUT, COPY, POST, LIST; 1 free)\n  bytes     0 B up, 0 B down\n  costs     0.000005 USD (list prices of 2026-07-28)\n{owner}"
            ),
        ),
        (
            &["cp", "--dry-run", "-r", "--request-payer", "requester", "research:aerial-tiles/", "partner:telescope-feed/x/"],
            "research:aerial-tiles  6 objects, 225 KiB\n  requests  7 (1 PUT, COPY, POST, LIST; 6 GET and other)\n  \
             perhaps   up to 6 GET and other more: tags of objects that have some\n  \
             bytes     0 B up, 225 KiB down\n  costs     0.0000074 to 0.00002914 USD (list prices of 2026-07-23)\n  pays      you pay (research)\n  \
             caller    arn:aws:iam::444455556666:user/ines\npartner:telescope-feed  6 objects, 225 KiB\n  \
             requests  12 (6 Put-type; 6 Get-type)\n  bytes     225 KiB up, 0 B down\n  costs     0.000012 CNY (list prices of 2026-10-08)\n  pays      you pay (partner)\n  \
             caller    acs:ram::6543210987654321:assumed-role/data-exchange/night-run\n"
                .to_owned(),
        ),
        (
            &["ls", "--dry-run", "-r", "lab:color-atlas"],
            format!("would list everything below lab:color-atlas\n  requests  1 (Put-type) for each 1,000 rows\n  costs     0.000001 CNY (list prices of 2026-10-08) each\n{lin}"),
        ),
        (
            &["cat", "--dry-run", "studio:colorpictures/index.html"],
            format!("would read studio:colorpictures/index.html\n  requests  1 (GET and other) or more, if it breaks off\n  bytes     1.1 KiB down\n{transfer}{owner}"),
        ),
    ] {
        assert_eq!(plan(arguments), expected, "{arguments:?}");
    }
    let scripts = shop.well(&["get", "--dry-run", "--json", "studio:colorpictures/index.html", "x"]);
    assert_eq!(
        fields(&scripts),
        "target status objects bytes requests requests_by_price_class perhaps bytes_up bytes_down estimate pays caller"
    );
    assert_eq!(stderr(&scripts), "");
    assert_eq!(stdout(&shop.well(&["journal", "--json"])), "", "no line of a change");
    assert_eq!(stderr(&shop.well(&["journal", "--unfinished"])), "no unfinished transfer\n");
    assert!(fs::read_dir(shop.here()).unwrap().count() == 1, "only a.txt");
}

#[test]
fn copies_and_moves() {
    let shop = Shop::open();
    let output = shop.well(&["cp", "--json", "studio:colorpictures/index.html", "lab:lab-raw-frames/over.html"]);
    assert_eq!(fields(&output), "target source status bytes requests charged error");
    assert_eq!(shop.well(&["cat", "lab:lab-raw-frames/over.html"]).stdout.len(), 1204);
    assert!(shop.refused(&["cp", "studio:colorpictures/index.html", "lab:lab-raw-frames/over.html"], 5).contains("--overwrite"));
    let move_it = ["cp", "--move", "lab:lab-raw-frames/over.html", "lab:lab-raw-frames/moved.html"];
    let told = shop.refused(&move_it, 5);
    assert!(told.contains("moving lab:lab-raw-frames/over.html needs a confirmation"), "{told}");
    assert_eq!(shop.heard_of(&move_it, 5), Vec::<String>::new(), "it is refused before anything is asked");
    let mut yes = shop.terminal(&move_it);
    yes.see("Move 1 object, and delete the original? [y/N] ");
    yes.see("  to       lab:lab-raw-frames/moved.html");
    answer(&mut yes, "y\r");
    assert_eq!(yes.exit_code(), 0, "{}", yes.text());
    shop.refused(&["stat", "lab:lab-raw-frames/over.html"], 4);
    shop.well(&["stat", "lab:lab-raw-frames/moved.html"]);
    shop.refused(&["cp", "-r", "studio:colorpictures/red/", "lab:lab-raw-frames/one"], 2);
    // Of an object that is named, a person reads what it weighs; what leaves OSS has two prices a day.
    let mut away = shop.terminal(&["cp", "--move", "lab:lab-raw-frames/moved.html", "studio:colorpictures/moved.html"]);
    away.see("Move 1 object, and delete the original? [y/N] ");
    for line in [
        "  asks     lab:lab-raw-frames: 1 Put-type; 3 Get-type, 1.1 KiB down; ",
        "  hours    ",
        "  caller   lab is acs:ram::1234567890123456:user/lin",
        "  caller   studio is",
    ] {
        away.see(line);
    }
    answer(&mut away, "\r");
    assert_eq!(away.exit_code(), 5, "{}", away.text());
}

/// OSS does not copy from region to region: the refusal names the way that does, and its plan has the bytes.
#[test]
fn a_copy_out_of_region_is_streamed_if_asked() {
    let shop = Shop::open();
    let there = ["cp", "--request-payer", "requester", "lab:lab-raw-frames/notes.txt", "lab:lab-shanghai/far.txt"];
    let told = shop.refused(&there, 5);
    for text in ["the store does not copy from lab:lab-raw-frames to lab:lab-shanghai by itself", "same data center", "`--stream`"] {
        assert!(told.contains(text), "{text}: {told}");
    }
    shop.refused(&["stat", "lab:lab-shanghai/far.txt"], 4);
    let plan = stdout(&shop.well(&["cp", "--stream", "--dry-run", there[3], there[4]]));
    assert!(plan.contains("0 B up, 96 B down") && plan.contains("96 B up, 0 B down"), "{plan}");
    shop.well(&["cp", "--stream", there[3], there[4]]);
    shop.well(&["stat", "lab:lab-shanghai/far.txt"]);
}

#[test]
fn deletes_are_confirmed() {
    let shop = Shop::open();
    let delete = ["rm", "-r", "studio:colorpictures/red/"];
    assert_eq!(shop.heard_of(&delete, 5), Vec::<String>::new());
    let mut no = shop.terminal(&delete);
    no.see("Delete 3 objects of studio:colorpictures? [y/N] ");
    for line in [
        "  account  studio",
        "  where    studio:colorpictures/red/",
        "  what     3 objects, 82.7 KiB",
        "  caller   studio is arn:aws:iam::111122223333:user/mara",
    ] {
        no.see(line);
    }
    answer(&mut no, "\r");
    assert_eq!(no.exit_code(), 5, "{}", no.text());
    assert_eq!(shop.objects(&["ls", "--json", "studio:colorpictures/red/"]).len(), 3);
    let output = shop.well(&["rm", "-r", "--yes", "--json", "studio:colorpictures/red/", "--include", "*.jpg"]);
    assert_eq!(fields(&output), "target source status bytes requests charged error");
    assert_eq!(lines(&output).len(), 2, "the .json is not meant");
    shop.well(&["rm", "--yes", "studio:colorpictures/red/poppy.jpg.json"]);
    assert!(stderr(&shop.well(&["rm", "-r", "--yes", "studio:colorpictures/red/"])).contains("nothing to delete"));
    shop.refused(&["rm", "--yes", "studio:colorpictures/x", "studio:brand-assets/x"], 2);
}

#[test]
fn read_only_and_protected_accounts() {
    let shop = Shop::open();
    shop.file("a.txt", "text");
    for arguments in [
        &["put", "a.txt", "auditor:cost-reports/x", "--yes"][..],
        &["rm", "auditor:cost-reports/x", "--yes"],
        &["cp", "studio:colorpictures/index.html", "auditor:cost-reports/x", "--yes"],
        &["uploads", "auditor:cost-reports", "--abort", "--yes"],
        &["presign", "--put", "auditor:cost-reports/x", "--yes"],
        &["put", "a.txt", "archive:deep-freeze/x"],
        &["presign", "--put", "archive:deep-freeze/x"],
        &["uploads", "archive:deep-freeze", "--abort"],
    ] {
        assert_eq!(shop.heard_of(arguments, 5), Vec::<String>::new(), "{arguments:?}");
    }
    let put = ["put", "HERE/a.txt", "archive:deep-freeze/x"];
    let mut no = shop.terminal(&put);
    no.see("Upload 1 object? Type deep-freeze to confirm: ");
    answer(&mut no, "y\r");
    assert_eq!(no.exit_code(), 5, "{}", no.text());
    shop.refused(&["stat", "archive:deep-freeze/x"], 4);
    let mut yes = shop.terminal(&put);
    yes.see("Type deep-freeze to confirm: ");
    answer(&mut yes, "deep-freeze\r");
    assert_eq!(yes.exit_code(), 0, "{}", yes.text());
    shop.well(&["stat", "archive:deep-freeze/x"]);
    let link = ["presign", "--put", "archive:deep-freeze/y"];
    let mut no = shop.terminal(&link);
    no.see("Let whoever has the link write archive:deep-freeze/y? Type deep-freeze to confirm: ");
    answer(&mut no, "y\r");
    assert_eq!(no.exit_code(), 5, "{}", no.text());
    assert!(!no.text().contains("Signature="), "{}", no.text());
    let mut yes = shop.terminal(&link);
    yes.see("Type deep-freeze to confirm: ");
    answer(&mut yes, "deep-freeze\r");
    assert_eq!(yes.exit_code(), 0, "{}", yes.text());
    assert!(stdout(&shop.well(&["presign", "--put", "--yes", "archive:deep-freeze/y"])).contains("Signature="));
    assert!(stdout(&shop.well(&["presign", "archive:deep-freeze/x"])).contains("Signature="), "reading changes nothing");
    let mut delete = shop.terminal(&["rm", "archive:deep-freeze/x"]);
    delete.see("Delete 1 object of archive:deep-freeze? Type deep-freeze to confirm: ");
    answer(&mut delete, "deep-freeze\r");
    assert_eq!(delete.exit_code(), 0, "{}", delete.text());
}

#[test]
fn links() {
    let shop = Shop::open();
    let output = shop.well(&["presign", "--json", "--request-payer", "requester", "research:aerial-tiles/readme.txt", "--expires", "15m"]);
    assert_eq!(fields(&output), "url method expires_at pays estimate must_send");
    let line = &lines(&output)[0];
    assert!(line["url"].as_str().unwrap().contains("x-amz-request-payer=requester"), "{line}");
    assert_eq!(
        line["pays"],
        "Account \"research\" pays for the request and the transfer each time somebody uses this link; the bucket's owner does if its payer is BucketOwner."
    );
    let people = shop.well(&["presign", "studio:colorpictures/index.html"]);
    assert_eq!(stdout(&people).lines().count(), 1, "the link alone stands on stdout");
    shop.refused(&["presign", "lab:color-atlas/x", "--expires", "90d"], 2);
    shop.refused(&["presign", "--put", "auditor:cost-reports/x"], 5);
    assert_eq!(shop.heard(), Vec::<String>::new(), "a link costs nothing to make");
}

#[test]
fn unfinished_uploads_and_transfers() {
    let shop = Shop::open();
    assert_eq!(stderr(&shop.well(&["uploads", "studio:colorpictures"])), "no unfinished upload\n");
    assert_eq!(stderr(&shop.well(&["journal", "--unfinished"])), "no unfinished transfer\n");
    fs::File::create(shop.here().join("big")).unwrap().set_len(64 << 20).unwrap();
    let put = ["put", "HERE/big", "studio:colorpictures/big", "--limit-rate", "8M"];
    let mut slow = shop.terminal(&put);
    slow.wait_for("a progress line", |screen| screen.contents().contains("MiB of 64.0 MiB"));
    slow.type_keys("\x03");
    assert_eq!(slow.exit_code(), 130, "{}", slow.text());
    assert!(slow.text().contains("Run the same command again to go on where it stopped"), "{}", slow.text());
    let left = shop.objects(&["journal", "--unfinished", "--json"]);
    assert_eq!((left.len(), &left[0]["kind"], &left[0]["target"]), (1, &json!("upload"), &json!("studio:colorpictures/big")));
    let uploads = shop.well(&["uploads", "studio:colorpictures"]);
    assert!(stderr(&uploads).starts_with("1 upload, "), "{}", stderr(&uploads));
    let number = left[0]["transfer"].to_string();
    assert!(shop.refused(&["journal", "--give-up", &number], 5).contains("needs a confirmation"));
    shop.refused(&["journal", "--give-up", "999", "--yes"], 4);
    shop.well(&["journal", "--give-up", &number, "--yes"]);
    assert_eq!(stderr(&shop.well(&["uploads", "studio:colorpictures"])), "no unfinished upload\n");
    assert_eq!(shop.objects(&["journal", "--unfinished", "--json"]), Vec::<Value>::new());
}

/// In a protected account the uploads go once the bucket's name is typed.
#[test]
fn uploads_of_a_protected_account_are_aborted_by_its_name() {
    let shop = Shop::open();
    fs::File::create(shop.here().join("big")).unwrap().set_len(64 << 20).unwrap();
    let mut slow = shop.terminal(&["put", "HERE/big", "archive:deep-freeze/big", "--limit-rate", "8M"]);
    slow.see("Type deep-freeze to confirm: ");
    answer(&mut slow, "deep-freeze\r");
    slow.wait_for("a progress line", |screen| screen.contents().contains("MiB of 64.0 MiB"));
    slow.type_keys("\x03");
    assert_eq!(slow.exit_code(), 130, "{}", slow.text());
    let abort = ["uploads", "archive:deep-freeze", "--abort"];
    let mut no = shop.terminal(&abort);
    no.see("Abort 1 upload in archive:deep-freeze? Whoever is uploading has to begin again. Type deep-freeze to confirm: ");
    answer(&mut no, "y\r");
    assert_eq!(no.exit_code(), 5, "{}", no.text());
    assert_eq!(shop.objects(&["uploads", "archive:deep-freeze", "--json"]).len(), 1, "it is still there");
    let mut yes = shop.terminal(&abort);
    yes.see("Type deep-freeze to confirm: ");
    answer(&mut yes, "deep-freeze\r");
    assert_eq!(yes.exit_code(), 0, "{}", yes.text());
    assert_eq!(shop.objects(&["uploads", "archive:deep-freeze", "--json"]), Vec::<Value>::new());
}

#[test]
fn a_stopped_upload_goes_on_when_its_command_is_repeated() {
    let shop = Shop::open();
    fs::File::create(shop.here().join("big")).unwrap().set_len(64 << 20).unwrap();
    let mut slow = shop.terminal(&["put", "HERE/big", "studio:colorpictures/big", "--limit-rate", "8M"]);
    slow.wait_for("a progress line", |screen| screen.contents().contains("MiB of 64.0 MiB"));
    slow.type_keys("\x03");
    assert_eq!(slow.exit_code(), 130, "{}", slow.text());
    let big = shop.here().join("big");
    let again = shop.well(&["put", big.to_str().unwrap(), "studio:colorpictures/big"]);
    assert!(stderr(&again).starts_with("goes on with the unfinished job 1 of "), "{}", stderr(&again));
    let begun = shop.heard().iter().filter(|request| *request == "CreateMultipartUpload 200").count();
    assert_eq!(begun, 1, "the same upload goes on: {:?}", shop.heard());
    assert_eq!(shop.objects(&["stat", "--json", "studio:colorpictures/big"])[0]["size"], 64 << 20);
    assert_eq!(shop.objects(&["journal", "--unfinished", "--json"]), Vec::<Value>::new());
}

/// Three parts and two requests around them: 0.000025 USD.
#[test]
fn an_input_without_length_says_what_it_costs_so_far() {
    let shop = Shop::open();
    fs::File::create(shop.here().join("big")).unwrap().set_len(24 << 20).unwrap();
    let put = format!(
        "exec '{}' put - studio:colorpictures/piped --limit-rate 12M < '{}'",
        env!("CARGO_BIN_EXE_whopays"),
        shop.here().join("big").display()
    );
    let mut piped = shop.shown("/bin/sh", &["-c", &put]);
    piped.wait_for("what three parts cost", |screen| screen.contents().contains("  0.000025 USD (list prices of 2026-07-28) so far"));
    assert_eq!(piped.exit_code(), 0, "{}", piped.text());
    assert_eq!(shop.heard().len(), 5, "{:?}", shop.heard());
}

#[test]
fn quiet_where_asked_to_be() {
    let shop = Shop::open();
    let place = |name: &str| Path::new("HERE").join(name).to_str().unwrap().to_owned();
    let mut loud = shop.terminal(&["get", "studio:colorpictures/index.html", &place("a"), "--limit-rate", "1K"]);
    loud.wait_for("a progress line", |screen| screen.contents().contains(" of 1.1 KiB"));
    assert_eq!(loud.exit_code(), 0, "{}", loud.text());
    let quiet = shop.terminal(&["get", "studio:colorpictures/index.html", &place("b"), "--no-progress"]);
    quiet.see("1 object, 1.1 KiB");
    assert!(!String::from_utf8_lossy(&quiet.bytes()).contains("[K"), "{}", quiet.text());
}

#[test]
fn a_dead_store_is_the_network() {
    let mut shop = Shop::open();
    shop.store.kill().unwrap();
    shop.store.wait().unwrap();
    for arguments in [&["ls", "studio:colorpictures"][..], &["get", "studio:colorpictures/index.html"]] {
        shop.refused(arguments, 6);
    }
}
