//! The command `probe` against the embedded store: what it says, how it ends, and what the store heard of it.

use serde_json::json;

use super::shop::{Shop, answer};
use super::{code, error, stderr, stdout};

const TILES: &str = "research:aerial-tiles";

#[test]
fn what_is_sent_is_said_before_and_proved_after() {
    let shop = Shop::open();
    let output = shop.run(&["probe", TILES, "--request-payer", "requester", "--region", "us-west-2"]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    assert_eq!(
        stderr(&output),
        "research:aerial-tiles: 4 requests at most, each once\n\
         \x20 signed GetBucketRequestPayment: GET/other (Tier 2)\n\
         \x20 anonymous ListObjectsV2 of one key: PUT/COPY/POST/LIST (Tier 1)\n\
         \x20 signed ListObjectsV2 of one key without the header: PUT/COPY/POST/LIST (Tier 1)\n\
         \x20 signed ListObjectsV2 of one key with the header: PUT/COPY/POST/LIST (Tier 1)\n\
         \x20 3 PUT/COPY/POST/LIST (Tier 1); 1 GET/other (Tier 2), 0 B; 0.0000154 USD (list prices of 2026-07-28), account research pays for \
         the one with the header; refusals may be the owner's\n"
    );
    assert_eq!(
        stdout(&output),
        "research:aerial-tiles: requester pays, and the store enforces it\n\
         \x20 signed GetBucketRequestPayment → 403 AccessDenied\n\
         \x20 anonymous ListObjectsV2 → 403 AccessDenied: the store names requester pays\n\
         \x20 signed ListObjectsV2 without the header → 403 AccessDenied\n\
         \x20 signed ListObjectsV2 with the header → 200, charged\n"
    );
    assert_eq!(shop.heard(), ["GetBucketRequestPayment 403", "ListObjectsV2 403", "ListObjectsV2 403", "ListObjectsV2 200 payer"]);
}

#[test]
fn the_fields_of_a_probe_are_promises() {
    let shop = Shop::open();
    let lines = shop.objects(&["probe", "partner:lab-microscopy", "--json", "--request-payer", "requester", "--region", "cn-hangzhou"]);
    assert_eq!(
        lines,
        [json!({
            "target": "partner:lab-microscopy",
            "verdict": "requester_pays_enforced",
            "evidence": [
                "signed GetBucketRequestPayment → 403 AccessDenied, EC 0003-00000001",
                "anonymous ListObjectsV2 → 403 AccessDenied, EC 0003-00000701: the store names requester pays",
                "signed ListObjectsV2 without the header → 403 AccessDenied, EC 0003-00000703: the store names requester pays",
                "signed ListObjectsV2 with the header → 200",
            ],
            "reason": null,
            "payer": "Requester",
            "payer_state": "inferred",
            "requests": 4,
        })]
    );
    let lines = shop.objects(&["probe", "studio:film-masters", "--json"]);
    assert_eq!(
        (&lines[0]["verdict"], &lines[0]["payer"], &lines[0]["payer_state"]),
        (&json!("owner_pays"), &json!("BucketOwner"), &json!("read"))
    );
}

#[test]
fn a_plan_sends_nothing_and_no_consent_sends_no_header() {
    let shop = Shop::open();
    let named = ["GetCallerIdentity 200".to_owned()];
    assert_eq!(shop.heard_of(&["probe", TILES, "--dry-run"], 0), named, "whose keys they are, and nothing of the bucket");
    let lines = shop.objects(&["probe", TILES, "--dry-run", "--json"]);
    assert_eq!(lines[0]["status"], "planned");
    assert_eq!(lines[0]["requests"].as_array().map(Vec::len), Some(3), "{lines:?}");
    assert_eq!(
        lines[0]["requests"][1],
        json!({"request": "anonymous ListObjectsV2 of one key", "price_class": "PUT/COPY/POST/LIST (Tier 1)"})
    );
    assert_eq!(lines[0]["cost"], "0.0000104 USD (list prices of 2026-07-28)");
    assert_eq!(lines[0]["pays"], "nothing is sent with the payer header, for want of consent");
    let text = stdout(&shop.well(&["probe", TILES, "--dry-run"]));
    assert!(text.contains("Add `--request-payer requester` to try it with the header, too."), "{text}");
    let lines = shop.objects(&["probe", "partner:lab-microscopy", "--dry-run", "--json", "--request-payer", "requester"]);
    assert_eq!(lines[0]["pays"], "account partner pays for the one with the header; refusals may be the owner's");
    assert_eq!(lines[0]["requests"][3]["price_class"], "Put-type");
    assert!(shop.heard().iter().all(|line| *line == named[0]), "{:?}", shop.heard());
    // `film-masters` is private, and the config says never to pay there.
    let output = shop.run(&["probe", "research:film-masters", "--json", "--region", "us-west-2"]);
    assert_eq!(code(&output), 3);
    assert_eq!(error(&output)["kind"], "denied");
    assert!(
        error(&output)["message"].as_str().unwrap().starts_with("cannot tell who pays: the request was refused"),
        "{}",
        stderr(&output)
    );
    assert!(stdout(&output).contains("\"verdict\":\"cannot_tell\""));
    assert!(shop.heard().iter().all(|line| !line.contains("payer")), "{:?}", shop.heard());
    shop.refused(&["probe", "research:film-masters", "--request-payer", "requester"], 5);
    shop.refused(&["probe", "studio:no-such-bucket"], 4);
    shop.refused(&["probe", "studio:x"], 2);
}

#[test]
fn a_conformance_run_asks_first_and_respects_what_may_not_be_written() {
    let shop = Shop::open();
    let payer = ["--request-payer", "requester"];
    let refused = |target: &str, more: &[&str], expected: i32| {
        let arguments: Vec<&str> = ["probe", "--conformance", target].into_iter().chain(more.iter().copied()).collect();
        shop.refused(&arguments, expected)
    };
    assert!(refused("research:upload-inbox", &payer, 2).contains("names no prefix"));
    assert!(refused("research:upload-inbox//", &payer, 2).contains("names no prefix"));
    assert!(refused("auditor:colorpictures/x", &payer, 5).contains("account auditor is read-only"));
    assert!(refused("research:upload-inbox/x", &["--yes"], 5).contains("nobody consented to pay"));
    assert!(refused("research:upload-inbox/x", &payer, 5).contains("needs a confirmation"));
    let planned = shop.objects(&["probe", "--conformance", "research:upload-inbox/x", "--dry-run", "--json"]);
    assert_eq!(planned[0]["operations"].as_array().map(Vec::len), Some(19));
    assert_eq!(
        planned[0]["requests_by_price_class"],
        json!([
            {"price_class": "PUT/COPY/POST/LIST (Tier 1)", "requests": 20},
            {"price_class": "GET/other (Tier 2)", "requests": 10},
            {"price_class": "free", "requests": 11},
        ])
    );
    let mut pty = shop.terminal(&["probe", "--conformance", "research:upload-inbox/x"]);
    pty.see("Write to research:upload-inbox/x, and pay as account research? [y/N]");
    answer(&mut pty, "n\r");
    assert_eq!(pty.exit_code(), 5);
    assert!(shop.heard().iter().all(|line| line == "GetCallerIdentity 200"), "{:?}", shop.heard());
    let mut pty = shop.terminal(&["probe", "--conformance", "archive:deep-freeze/x"]);
    pty.see("Type deep-freeze to confirm");
    answer(&mut pty, "deep-blue\r");
    assert_eq!(pty.exit_code(), 5);
    let heard = shop.heard();
    assert!(heard.len() == 3 && heard.iter().all(|line| line.starts_with("GetCallerIdentity ")), "once for each plan: {heard:?}");
}

#[test]
fn a_conformance_run_says_each_operation_and_leaves_nothing() {
    let shop = Shop::open();
    let lines =
        shop.objects(&["probe", "--conformance", "research:aerial-tiles/self-test", "--yes", "--json", "--request-payer", "requester"]);
    assert_eq!(lines.len(), 34, "every operation that takes the header");
    assert_eq!(
        lines[1],
        json!({
            "target": "research:aerial-tiles/self-test",
            "operation": "HeadObject",
            "result": "charged",
            "with": "charged",
            "without": "refused: 403",
        })
    );
    let result = |operation: &str| lines.iter().find(|line| line["operation"] == operation).unwrap()["result"].as_str().unwrap();
    assert_eq!((result("GetObjectTagging"), result("PutObjectTagging")), ("enforced", "accepted"), "these never say charged");
    assert_eq!(result("RestoreObject"), "not_tried");
    let left = shop.objects(&["ls", "research:aerial-tiles/self-test/", "-r", "--json", "--request-payer", "requester"]);
    assert_eq!(left, [] as [serde_json::Value; 0]);
    let text = stdout(&shop.well(&["probe", "--conformance", "lab:lab-raw-frames/x", "--yes", "--request-payer", "requester"]));
    assert!(text.contains("0 of 18 operations honour the payer header, 18 more accept it"), "{text}");
    assert!(text.contains("not tried: it needs an archived object"), "{text}");
}
