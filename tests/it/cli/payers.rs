//! `payer plan` and `payer apply` by the real binary, against the embedded store, for both clouds.

use std::fs;
use std::process::Output;

use serde_json::Value;

use super::end_to_end::{Demo, keys, lines};
use super::{code, error, stderr, stdout};
use crate::support::pty::Setup;

/// What the demo's buckets are to pay: two differ, one of each cloud, one is as declared.
const LIST: &str = r#"# who pays
[[bucket]]
target = "studio:website-static"
payer = "requester"

[[bucket]]
target = "lab:color-atlas"
payer = "requester"

[[bucket]]
target = "studio:aerial-tiles"
payer = "requester"
"#;

/// A demo with a list beside it.
struct Listed {
    demo: Demo,
    list: String,
}

impl Listed {
    fn start(text: &str) -> Self {
        let demo = Demo::start();
        let path = demo.home.path().join("payers.toml");
        fs::write(&path, text).unwrap();
        Self { demo, list: path.to_str().unwrap().to_owned() }
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let command = [&["payer"], arguments, &[self.list.as_str()]].concat();
        self.demo.run(&command)
    }

    fn journal(&self) -> usize {
        self.demo.objects(&["journal", "--json"]).len()
    }
}

fn states(output: &Output) -> Vec<(String, String, String)> {
    let word = |line: &Value, name: &str| line[name].as_str().unwrap_or("null").to_owned();
    lines(output).iter().map(|line| (word(line, "target"), word(line, "payer"), word(line, "state"))).collect()
}

fn owned(rows: &[(&str, &str, &str)]) -> Vec<(String, String, String)> {
    rows.iter().map(|(target, payer, state)| ((*target).to_owned(), (*payer).to_owned(), (*state).to_owned())).collect()
}

/// The way of a pipeline: look, apply, look again, and nothing is left to do.
#[test]
fn drift_is_found_mended_and_gone() {
    let listed = Listed::start(LIST);
    let plan = listed.run(&["plan", "--json"]);
    assert_eq!(code(&plan), 7);
    let drift = [
        ("studio:website-static", "BucketOwner", "drift"),
        ("lab:color-atlas", "BucketOwner", "drift"),
        ("studio:aerial-tiles", "Requester", "same"),
    ];
    assert_eq!(states(&plan), owned(&drift));
    assert_eq!(keys(&lines(&plan)[0]), ["declared", "payer", "request_id", "state", "target"]);
    assert_eq!(
        (&error(&plan)["kind"], error(&plan)["message"].as_str().unwrap().starts_with("2 of 3 buckets differ from ")),
        (&"partial".into(), true)
    );
    assert_eq!(listed.journal(), 0, "a plan changes nothing");

    let apply = listed.run(&["apply", "--yes", "--json"]);
    assert_eq!(code(&apply), 0, "{}", stderr(&apply));
    let told: Vec<(bool, Value)> = lines(&apply).iter().map(|line| (line["verified"] == true, line["after"].clone())).collect();
    assert_eq!(told, vec![(true, Value::from("Requester")); 3]);
    assert_eq!(keys(&lines(&apply)[0]), ["after", "before", "request_id", "target", "verified"]);
    assert_eq!(listed.journal(), 2, "what is so already is not sent");
    assert_eq!(
        (listed.demo.payer("studio:website-static"), listed.demo.payer("lab:color-atlas")),
        ("Requester".into(), "Requester".into())
    );

    let plan = listed.run(&["plan", "--json"]);
    assert_eq!((code(&plan), stderr(&plan)), (0, String::new()));
    assert_eq!(states(&plan).iter().filter(|(_, _, state)| state == "same").count(), 3);
    assert_eq!(code(&listed.run(&["apply", "--yes"])), 0);
    assert_eq!(listed.journal(), 2, "and a second apply changes nothing");
}

/// Without a terminal and without `--yes` nothing is changed; a rehearsal says what would break, and in JSON too.
#[test]
fn nobody_there_and_a_rehearsal_change_nothing() {
    let listed = Listed::start(LIST);
    let unasked = listed.run(&["apply", "--json"]);
    assert_eq!((code(&unasked), stdout(&unasked)), (5, String::new()));
    assert_eq!(error(&unasked)["message"], "changing the payer of 3 buckets needs a confirmation");

    let rehearsed = listed.run(&["apply", "--dry-run"]);
    assert_eq!(code(&rehearsed), 0, "{}", stderr(&rehearsed));
    let said = stdout(&rehearsed);
    for text in [
        "studio:website-static  BucketOwner  becomes Requester",
        "lab:color-atlas        BucketOwner  becomes Requester",
        "studio:aerial-tiles    Requester    unchanged",
        "  breaks  The bucket is a static website: its website endpoint answers every visitor with 403 from then on.",
        "  breaks  The access list and the policy let everyone read",
        "  breaks  likely: Domain names lead to the bucket (atlas.lab.example)",
        "Looked at 2 buckets with 18 requests, none for objects.",
        "Links that you sign stay on your bill.",
    ] {
        assert!(said.contains(text), "{text}\n{said}");
    }
    let found = lines(&listed.run(&["apply", "--dry-run", "--json"]));
    let settings = |line: &Value| -> Vec<String> {
        line["findings"].as_array().unwrap().iter().map(|finding| finding["setting"].as_str().unwrap_or("-").to_owned()).collect()
    };
    assert_eq!(settings(&found[0]), ["website", "acl", "-"]);
    assert_eq!(settings(&found[1]), ["website", "acl", "domains", "referer", "-"]);
    assert_eq!((&found[0]["unread"], &found[0]["planned"]), (&Value::Array(Vec::new()), &Value::from("Requester")));
    assert!(found[2].get("findings").is_none(), "what stays as it is breaks nothing");
    assert_eq!(listed.journal(), 0);
}

#[test]
fn what_cannot_be_read_or_changed_is_said() {
    let entry = |target: &str, payer: &str| format!("[[bucket]]\ntarget = \"{target}\"\npayer = \"{payer}\"\n");
    let listed = Listed::start(&[entry("studio:sealed-vault", "owner"), entry("studio:colorpictures", "requester")].concat());
    let plan = listed.run(&["plan", "--json"]);
    assert_eq!(code(&plan), 7);
    let rows = [("studio:sealed-vault", "null", "unknown"), ("studio:colorpictures", "BucketOwner", "drift")];
    assert_eq!(states(&plan), owned(&rows));
    assert_eq!(error(&plan)["failures"][0]["target"], "studio:sealed-vault");
    let apply = listed.run(&["apply", "--yes", "--json"]);
    assert_eq!(code(&apply), 7);
    assert_eq!(lines(&apply).iter().map(|line| line["verified"] == true).collect::<Vec<_>>(), [false, true]);

    for (list, expected) in [
        (entry("studio:sealed-vault", "owner"), 3),
        (entry("studio:no-such-bucket", "owner"), 4),
        (entry("studio:legacy-gateway", "owner"), 1),
        (entry("auditor:evidence-room", "owner"), 7),
    ] {
        let listed = Listed::start(&list);
        assert_eq!(code(&listed.run(&["plan"])), expected, "{list}");
    }
    // Looking at a read-only account is allowed, changing it is not.
    let listed = Listed::start(&entry("auditor:evidence-room", "owner"));
    assert_eq!(code(&listed.run(&["apply", "--yes"])), 5);
    assert_eq!(listed.demo.payer("auditor:evidence-room"), "Requester");
}

/// A list with mistakes is refused before anything is asked, with its line.
#[test]
fn a_list_with_mistakes_is_refused() {
    let twice = "[[bucket]]\ntarget = \"studio:colorpictures\"\npayer = \"owner\"\n\
                 [[bucket]]\ntarget = \"s3://colorpictures\"\npayer = \"requester\"\n";
    for (text, wanted) in [
        ("", "payers.toml: declares no bucket"),
        ("[[bucket]]\ntarget = \"studio:colorpictures\"\n", "payers.toml:1: bucket has no `payer`"),
        (twice, "payers.toml:5: studio:colorpictures is declared twice, first at "),
    ] {
        let listed = Listed::start(text);
        for way in [&["plan", "--json", "--account", "studio"][..], &["apply", "--yes", "--json", "--account", "studio"]] {
            let output = listed.run(way);
            assert_eq!((code(&output), stdout(&output)), (2, String::new()), "{text}");
            assert!(error(&output)["message"].as_str().unwrap().contains(wanted), "{}", stderr(&output));
        }
        assert_eq!(listed.journal(), 0);
    }
    let demo = Demo::start();
    let output = demo.run(&["payer", "plan", "no-such-file.toml", "--json"]);
    assert_eq!((code(&output), stdout(&output)), (2, String::new()), "{}", stderr(&output));
}

/// At a terminal, a protected account wants each bucket's name, below the sentences on what breaks.
#[test]
fn a_protected_account_is_confirmed_by_name() {
    let listed = Listed::start("[[bucket]]\ntarget = \"archive:deep-freeze\"\npayer = \"requester\"\n");
    let config = listed.demo.config.to_str().unwrap();
    let start = || {
        Setup::new(env!("CARGO_BIN_EXE_whopays"), &["payer", "apply", &listed.list, "--config", config])
            .env("HOME", listed.demo.home.path())
            .env("WHOPAYS_STATE_DIR", listed.demo.home.path().join("state"))
            .start()
    };
    let mut refused = start();
    refused.see("Account archive is protected.");
    refused.type_keys("y\r");
    assert_eq!(refused.exit_code(), 5, "{}", refused.text());
    assert_eq!(listed.demo.payer("archive:deep-freeze"), "BucketOwner");
    let mut agreed = start();
    agreed.see("Account archive is protected.");
    agreed.type_keys("deep-freeze\r");
    assert_eq!(agreed.exit_code(), 0, "{}", agreed.text());
    assert!(agreed.text().contains("Looked at 1 bucket with 8 requests, none for objects."), "{}", agreed.text());
    assert_eq!(listed.demo.payer("archive:deep-freeze"), "Requester");
}
