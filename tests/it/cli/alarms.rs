//! Alarms of commands: a `warning:` line for people, a field or nothing for scripts.

use serde_json::json;

use super::end_to_end::lines;
use super::shop::Shop;
use super::{code, stderr, stdout, whopays};

/// What another user of the same account does, on another machine: with a state folder of their own.
fn elsewhere(shop: &Shop, arguments: &[&str]) {
    let home = tempfile::tempdir().unwrap();
    let output = whopays(home.path()).env("WHOPAYS_CONFIG", shop.config()).args(arguments).output().unwrap();
    assert_eq!(code(&output), 0, "{}", stderr(&output));
}

fn warnings(output: &std::process::Output) -> Vec<String> {
    let text = stderr(output);
    text.lines()
        .filter_map(|line| line.strip_prefix("warning: "))
        .filter(|line| !line.starts_with("no price known"))
        .map(str::to_owned)
        .collect()
}

#[test]
fn a_payer_header_in_vain() {
    let shop = Shop::open();
    let own = ["stat", "--request-payer", "requester", "studio:aerial-tiles/readme.txt", "studio:colorpictures/index.html"];
    let silent = "the payer header was sent, but the answer does not say charged: the owner pays, because its payer is BucketOwner, \
                  or these keys are of the owner's account (a role there bills it)";
    assert_eq!(warnings(&shop.well(&own)), [format!("studio:aerial-tiles: {silent}"), format!("studio:colorpictures: {silent}")]);
    let json = shop.well(&["--json", "stat", "--request-payer", "requester", "studio:aerial-tiles/readme.txt"]);
    assert_eq!((stderr(&json).as_str(), &lines(&json)[0]["charged"]), ("", &json!(false)), "for scripts there is `charged`");
    let charged = shop.well(&["stat", "--request-payer", "requester", "research:aerial-tiles/readme.txt"]);
    assert_eq!(warnings(&charged), Vec::<String>::new());
    assert_eq!(warnings(&shop.well(&["stat", "studio:aerial-tiles/readme.txt"])), Vec::<String>::new(), "no header, no alarm");
}

#[test]
fn a_payer_that_somebody_else_changed() {
    for target in ["studio:colorpictures", "lab:color-atlas"] {
        let shop = Shop::open();
        let first = shop.well(&["--json", "payer", "get", target]);
        assert_eq!(lines(&first)[0].get("turned"), None);
        elsewhere(&shop, &["payer", "set", "requester", target, "--yes"]);
        let account = target.split_once(':').unwrap().0;
        let found = shop.run(&["buckets", account]);
        let said = warnings(&found);
        assert_eq!(said.len(), 1, "{said:?}");
        assert!(said[0].starts_with(&format!("{target}: since 20")) && said[0].contains(" requesters pay: on 20"), "{said:?}");
        assert!(said[0].ends_with(" the payer was still BucketOwner, and nobody changed it from here"), "{said:?}");
        assert_eq!(warnings(&shop.run(&["buckets", account])), Vec::<String>::new(), "a board says it once");
        assert_eq!(warnings(&shop.well(&["payer", "get", target])), said, "whoever asks about the bucket hears it again");
        for arguments in [&["--json", "payer", "get", target][..], &["--json", "buckets", account]] {
            let output = shop.run(arguments);
            let all = lines(&output);
            let turned: Vec<_> = all.iter().filter_map(|line| line.get("turned")).collect();
            assert_eq!(turned.len(), 1, "{arguments:?}");
            assert_eq!(turned[0]["was"], "BucketOwner");
            let times = [&turned[0]["was_at"], &turned[0]["since"]].map(|time| time.as_str().unwrap().parse::<jiff::Timestamp>().unwrap());
            assert!(times[0] < times[1], "{times:?}");
        }
        shop.well(&["payer", "set", "owner", target, "--yes"]);
        let after = shop.well(&["payer", "get", target]);
        assert_eq!((warnings(&after), stdout(&after).contains("BucketOwner")), (Vec::new(), true), "a change from here is no alarm");
    }
}

#[test]
fn who_pays_for_a_link() {
    let shop = Shop::open();
    let unknown = "The bucket's owner pays; in a requester-pays bucket nobody but its owner's account can make this link work, because it has no payer.";
    assert_eq!(warnings(&shop.well(&["presign", "studio:aerial-tiles/readme.txt"])), [unknown]);
    shop.well(&["payer", "get", "studio:aerial-tiles"]);
    let owner = "Account \"studio\" pays each time somebody uses this link, as the bucket's owner: also if the bucket is requester-pays.";
    assert_eq!(warnings(&shop.well(&["presign", "studio:aerial-tiles/readme.txt"])), [owner], "only an owner may read the payer");
    let vain = "Account \"studio\" pays each time somebody uses this link, as the bucket's owner: the payer in it changes nothing.";
    assert_eq!(warnings(&shop.well(&["presign", "--request-payer", "requester", "studio:aerial-tiles/readme.txt"])), [vain]);
    let foreign = shop.well(&["presign", "research:aerial-tiles/readme.txt"]);
    let refused = "The bucket's owner pays each time somebody uses this link; if the bucket is requester-pays, it is refused, because it has no payer.";
    assert_eq!(warnings(&foreign), [refused]);
    let paid = shop.well(&["presign", "--request-payer", "requester", "partner:lab-microscopy/readme.txt"]);
    assert_eq!(warnings(&paid), Vec::<String>::new());
    assert!(stderr(&paid).contains("Account \"partner\" pays for the request and the transfer each time somebody uses this link;"));
    let json = shop.well(&["--json", "presign", "studio:aerial-tiles/readme.txt"]);
    assert_eq!((stderr(&json).as_str(), &lines(&json)[0]["pays"]), ("", &json!(owner)));
}

/// A link to download from OSS says what the hours of the clock cost; one to upload does not: bytes that come in are free.
#[test]
fn busy_and_idle_hours_of_a_link() {
    let shop = Shop::open();
    let hours = |arguments: &[&str]| stderr(&shop.well(arguments)).lines().filter(|line| line.contains(" hours until ")).count();
    let output = stderr(&shop.well(&["presign", "lab:color-atlas/index.html"]));
    let line = output.lines().find(|line| line.contains(" hours until ")).unwrap_or_default();
    let busy = line.starts_with("busy hours until 16:00 your time: 0.50 CNY for each GB that leaves; the idle hours cost 0.25 CNY");
    let idle = line.starts_with("idle hours until 00:00 your time: 0.25 CNY for each GB that leaves; the busy hours cost 0.50 CNY");
    assert!(busy || idle, "{output}");
    assert_eq!(hours(&["presign", "--put", "lab:color-atlas/new"]), 0);
    assert_eq!(hours(&["presign", "studio:colorpictures/index.html"]), 0);
}

#[test]
fn a_missing_price_is_told_once() {
    let shop = Shop::new();
    let told = |arguments: &[&str]| {
        let output = stderr(&shop.well(arguments));
        output.lines().filter(|line| line.starts_with("warning: no price known for ")).map(str::to_owned).collect::<Vec<_>>()
    };
    let rest = "estimates and budgets leave them out; write their price into `prices.toml` beside the config file";
    // Of this region no list has the prices of requests.
    let list = format!("warning: no price known for Put-type requests in oss ap-southeast-1: {rest}");
    assert_eq!(told(&["ls", "partner:partner-landing"]), [list]);
    assert_eq!(told(&["ls", "partner:partner-landing"]), Vec::<String>::new());
    shop.file("a.txt", "hello");
    assert_eq!(told(&["put", "a.txt", "partner:partner-landing/a.txt"]), Vec::<String>::new(), "the same class");
    let read = format!("warning: no price known for Get-type requests in oss ap-southeast-1: {rest}");
    assert_eq!(told(&["stat", "partner:partner-landing/a.txt"]), [read], "another class of the region");
    assert_eq!(told(&["ls", "lab:color-atlas"]), Vec::<String>::new(), "its price is known");
    let settings = Shop::new();
    let quiet = settings.well(&["payer", "get", "partner:partner-landing"]);
    assert_eq!(warnings(&quiet), Vec::<String>::new(), "settings are the owner's business");
}
