//! Keys that are hard to name, through every command and on both clouds (E1-E5, E7, E10): each comes back with its own bytes, no
//! other key is touched, and what cannot be sent is refused with the reason.

use std::collections::{BTreeMap, BTreeSet};

use super::*;

/// Keys that a file can be put to.
const KEYS: [&str; 52] = [
    "plain.txt",
    // Paths that a normaliser would make another of.
    "a//b",
    "a/b",
    "//a",
    "/a",
    "...",
    ".hidden",
    "a/.b",
    "a/..b",
    "a./b",
    "a../b",
    // Escapes that a decoder would make another of.
    "%2e%2e/x",
    "%2e%2e%2fx",
    "a%2Fb",
    "a%2fb",
    "%25",
    "%",
    "%zz",
    "%00",
    "a+b",
    "a b",
    "a%20b",
    "a?b",
    "a?versionId=x",
    "a#b",
    "a&b=c;d",
    "~*'()!",
    "\"quoted\"",
    "back\\slash",
    "<a>&amp;</a>",
    "]]>",
    "$HOME `x` | y",
    "a:b@c,d=e",
    "-rf",
    // White space.
    "   ",
    " lead",
    "trail ",
    "a\tb",
    "a\nb",
    "a\rb",
    // What terminals and XML obey.
    "\u{1}start",
    "esc\u{1b}[2Jx",
    "del\u{7f}",
    "c1\u{9b}31m",
    // Letters that look alike, or like nothing.
    "é",
    "e\u{301}",
    "zero\u{200b}width",
    "rlo\u{202e}gpj.exe",
    "lri\u{2066}x\u{2069}",
    "👩\u{200d}🔬/观察",
    "case",
    "CASE",
];

/// Keys that are an object and a prefix at once, and very long ones.
fn more(longest: usize) -> Vec<String> {
    let marks = format!("z{}", "\u{301}".repeat(200));
    let deep = "d/".repeat(100) + "end";
    vec!["same".to_owned(), "same/below".to_owned(), marks, deep, "n".repeat(longest), format!("{}é", "n".repeat(longest - 2))]
}

/// The clouds' limits: OSS takes 1,023 bytes.
const CLOUDS: [(&str, &str, usize); 2] = [("studio:brand-assets", "s3", 1_024), ("lab:lab-raw-frames", "oss", 1_023)];

/// OSS wants keys without a slash or backslash at the start.
/// <https://www.alibabacloud.com/help/en/oss/user-guide/object-naming-conventions>
fn is_taken(cloud: &str, key: &str) -> bool {
    cloud == "s3" || !key.starts_with(['/', '\\'])
}

/// Whether XML 1.0 cannot say it.
fn is_unsayable(key: &str) -> bool {
    key.chars().any(|c| c < ' ' && !matches!(c, '\t' | '\n' | '\r'))
}

fn listed(bench: &Bench, bucket: &str) -> BTreeMap<String, u64> {
    let row = |row: Value| (row["key"].as_str().unwrap().to_owned(), row["size"].as_u64().unwrap());
    bench.lines(&["ls", "-r", bucket]).into_iter().map(row).collect()
}

/// The only keys and buckets that requests were about.
fn touched(log: &[Received]) -> BTreeSet<(String, String)> {
    log.iter().map(|entry| (entry.bucket.clone(), entry.key.clone())).collect()
}

fn only(bucket: &str, key: &str) -> BTreeSet<(String, String)> {
    BTreeSet::from([(bucket.split_once(':').unwrap().1.to_owned(), key.to_owned())])
}

fn round(bucket: &str, cloud: &str, longest: usize) {
    let bench = Bench::start();
    bench.lines(&["rm", "-r", "--yes", &format!("{bucket}/")]);
    let all: Vec<String> = KEYS.iter().map(|key| (*key).to_owned()).chain(more(longest)).collect();
    let (keys, untaken): (Vec<&String>, Vec<&String>) = all.iter().partition(|key| is_taken(cloud, key));
    for (place, key) in keys.iter().enumerate() {
        // Each has bytes and a size of its own.
        bench.file("in.bin", &vec![b'x'; place + 1]);
        let mark = bench.mark();
        bench.lines(&["put", "in.bin", &format!("{bucket}/{key}")]);
        assert_eq!(touched(&bench.since(mark)), only(bucket, key), "put {key:?}");
    }
    for key in &untaken {
        let mark = bench.mark();
        let output = bench.run(&["put", "in.bin", &format!("{bucket}/{key}")]);
        assert_ne!(code(&output), 0, "{key:?}: {}", said(&output));
        assert!(touched(&bench.since(mark)).is_subset(&only(bucket, key)), "{key:?}");
    }
    let wanted: BTreeMap<String, u64> = keys.iter().enumerate().map(|(place, key)| ((*key).clone(), place as u64 + 1)).collect();
    assert_eq!(listed(&bench, bucket), wanted, "{cloud}: every key as it was named, with its own bytes");

    for (place, key) in keys.iter().enumerate() {
        let (target, copy) = (format!("{bucket}/{key}"), format!("{bucket}/{}", copied(key)));
        let mark = bench.mark();
        assert_eq!(bench.lines(&["stat", &target])[0]["size"], place as u64 + 1, "stat {key:?}");
        let _gone = std::fs::remove_file(bench.path("out.bin"));
        bench.lines(&["get", &target, "out.bin"]);
        assert_eq!(std::fs::read(bench.path("out.bin")).unwrap().len(), place + 1, "get {key:?}");
        assert_eq!(touched(&bench.since(mark)), only(bucket, key), "stat and get {key:?}");
        if copied(key).len() <= longest {
            bench.lines(&["cp", &target, &copy]);
            assert_eq!(bench.lines(&["stat", &copy])[0]["size"], place as u64 + 1, "cp {key:?}");
            let mark = bench.mark();
            bench.lines(&["rm", "--yes", &copy]);
            let log = bench.since(mark);
            let single = log.iter().filter(|entry| entry.op == Some(Op::DeleteObject)).map(|entry| entry.key.as_str());
            assert!(single.into_iter().all(|single| single == copied(key)), "rm {key:?}: {log:?}");
            let listing = listed(&bench, bucket);
            assert_eq!(listing, wanted, "rm {key:?} removed the copy, and nothing else");
        }
    }
    // Together: a batch, and one by one what XML cannot say.
    let targets: Vec<String> = keys.iter().map(|key| format!("{bucket}/{key}")).collect();
    let mark = bench.mark();
    let arguments: Vec<&str> = ["rm", "--yes"].into_iter().chain(targets.iter().map(String::as_str)).collect();
    bench.lines(&arguments);
    let log = bench.since(mark);
    let single: BTreeSet<&str> = log.iter().filter(|entry| entry.op == Some(Op::DeleteObject)).map(|entry| entry.key.as_str()).collect();
    let unsayable: BTreeSet<&str> = keys.iter().map(|key| key.as_str()).filter(|key| is_unsayable(key)).collect();
    assert_eq!(single, unsayable, "{cloud}");
    assert_eq!(log.len(), single.len() + 1, "{cloud}: one batch");
    assert!(listed(&bench, bucket).is_empty());
}

fn copied(key: &str) -> String {
    format!("{key}.copy")
}

#[test]
fn hostile_keys_go_round_on_s3() {
    let (bucket, cloud, longest) = CLOUDS[0];
    round(bucket, cloud, longest);
}

#[test]
fn hostile_keys_go_round_on_oss() {
    let (bucket, cloud, longest) = CLOUDS[1];
    round(bucket, cloud, longest);
}

/// What every HTTP client on the way would make another key of is never sent as a path (E1).
#[test]
fn dot_segments_are_refused_or_deleted_in_a_batch() {
    for bucket in ["studio:odd-keys", "lab:lab-odd-keys"] {
        let bench = Bench::start();
        bench.file("in.bin", b"x");
        let before = listed(&bench, bucket);
        let mark = bench.mark();
        for key in [".", "..", "a/..", "a/../b", "../b", "./a", "a/./b", "../../other-bucket/x"] {
            let target = format!("{bucket}/{key}");
            for arguments in [
                vec!["put", "in.bin", &target],
                vec!["stat", &target],
                vec!["get", &target, "out.bin"],
                vec!["cat", &target],
                vec!["presign", &target],
                vec!["cp", &target, "studio:brand-assets/x"],
            ] {
                let told = bench.ends(2, &arguments);
                assert!(told.contains("cannot be sent safely") && told.contains("hint: "), "{arguments:?}: {told}");
            }
        }
        assert!(!bench.path("out.bin").exists());
        // A copy looks at its target, and at nothing else.
        let touched = touched(&bench.since(mark));
        assert!(touched.is_subset(&only("studio:brand-assets", "x")), "{bucket}: {touched:?}");
        let mark = bench.mark();
        let doomed: Vec<&String> = before.keys().filter(|key| key.split('/').any(|segment| segment == "." || segment == "..")).collect();
        assert!(doomed.len() >= 2, "{before:?}");
        for key in &doomed {
            bench.lines(&["rm", "--yes", &format!("{bucket}/{key}")]);
        }
        assert_eq!(bench.ops(mark), vec![Op::DeleteObjects; doomed.len()], "{bucket}");
        let wanted: BTreeMap<_, _> =
            before.iter().filter(|(key, _)| !doomed.contains(key)).map(|(key, size)| (key.clone(), *size)).collect();
        assert_eq!(listed(&bench, bucket), wanted, "{bucket}");
    }
}
