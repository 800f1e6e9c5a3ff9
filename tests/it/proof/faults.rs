//! What may go wrong beside a command: the store, the disk, the keys, another command.

use std::os::unix::fs::symlink;

use whopays::demo::{Act, Prepared};

use super::*;

const BUCKETS: [&str; 2] = ["studio:colorpictures", "lab:color-atlas"];

fn refusal(status: u16, code: &str) -> Act {
    let body = format!("<Error><Code>{code}</Code><Message>m</Message><RequestId>1</RequestId></Error>");
    Act::Answer(Prepared::new(status, "application/xml", body).with("x-amz-request-id", "1").with("x-oss-request-id", "1"))
}

/// The store dies in the middle of a download and is back later: the same command fetches the rest.
#[test]
fn a_store_that_dies_under_a_get_is_the_network() {
    for bucket in BUCKETS {
        let mut bench = Bench::start();
        let bytes = noise(17, 130 * MIB);
        bench.file("film.bin", &bytes);
        let (target, put_back) = (format!("{bucket}/film"), ["put", "film.bin", &format!("{bucket}/film")].map(str::to_owned));
        let put_back: Vec<&str> = put_back.iter().map(String::as_str).collect();
        bench.lines(&put_back);
        let mark = bench.mark();
        let get = ["get", &target, "back.bin"];
        // The first two ranges come, the third waits: then the store goes.
        bench.store().script(Op::GetObject, [Act::Pass, Act::Pass, Act::Silence]);
        let child = bench.begin(&get);
        bench.wait_for(Op::GetObject, mark, 2);
        std::thread::sleep(Duration::from_millis(1_500));
        let listen = bench.stop();
        let output = child.wait_with_output().unwrap();
        assert_eq!(code(&output), 6, "{}", said(&output));
        assert!(said(&output).contains("repeat the download to go on with it"), "{}", said(&output));
        assert!(!bench.path("back.bin").exists(), "half a file has no name");
        bench.start_again(listen);
        bench.lines(&put_back);
        let mark = bench.mark();
        bench.lines(&get);
        assert!(std::fs::read(bench.path("back.bin")).unwrap() == bytes);
        let paid: u64 = bench.since(mark).iter().map(|entry| entry.bytes_out).sum();
        assert!(paid < 70 * MIB as u64, "{bucket}: {paid} bytes again");
        assert!(names(bench.home.path()).iter().all(|name| !name.ends_with(".part")), "{bucket}");
    }
}

/// The store is gone: exit 6, nothing half-written, the source whole, and the words say what to do.
#[test]
fn a_store_that_is_gone_is_the_network() {
    let mut bench = Bench::start();
    bench.file("film.bin", &noise(19, 70 * MIB));
    bench.store().script(Op::UploadPart, [Act::Silence, Act::Silence]);
    let mark = bench.mark();
    let child = bench.begin(&["put", "film.bin", "studio:colorpictures/film"]);
    bench.wait_for(Op::CreateMultipartUpload, mark, 1);
    std::thread::sleep(Duration::from_millis(500));
    bench.store = None;
    let output = child.wait_with_output().unwrap();
    assert_eq!(code(&output), 6, "{}", said(&output));
    assert!(said(&output).contains("Repeat the upload to go on with it"), "{}", said(&output));
    for arguments in [&["get", "studio:colorpictures/film", "x"][..], &["ls", "lab:color-atlas"], &["rm", "--yes", "lab:color-atlas/x"]] {
        bench.ends(6, arguments);
    }
    assert!(!bench.path("x").exists());
}

/// A few 503 are repeated; a store that says nothing else ends the command, and nothing is lost.
#[test]
fn storms_pass_or_end_the_command() {
    for bucket in BUCKETS {
        let bench = Bench::start();
        bench.file("a.txt", b"bytes");
        let target = format!("{bucket}/a.txt");
        for (op, arguments) in [
            (Op::PutObject, vec!["put", "a.txt", &target]),
            (Op::ListObjectsV2, vec!["ls", bucket]),
            (Op::HeadObject, vec!["stat", &target]),
            (Op::GetObject, vec!["get", &target, "b.txt"]),
        ] {
            bench.store().script(op, [refusal(503, "SlowDown")]);
            let mark = bench.mark();
            bench.lines(&arguments);
            assert_eq!(bench.ops(mark), [op, op], "{bucket} {arguments:?}");
        }
        bench.store().script(Op::GetObject, vec![refusal(503, "SlowDown"); 50]);
        let mark = bench.mark();
        let told = bench.ends(1, &["get", &target, "c.txt"]);
        assert!(told.contains("SlowDown"), "{told}");
        assert!(bench.mark() - mark < 12, "{}", bench.mark() - mark);
        assert!(!bench.path("c.txt").exists());
    }
}

/// C4: no room on the disk, a folder that takes no file, things in the way.
#[test]
fn local_trouble_leaves_what_was_there() {
    let bench = Bench::start();
    bench.file("film.bin", &noise(23, 3 * MIB));
    let target = "studio:colorpictures/full/film";
    bench.lines(&["put", "film.bin", target]);
    let folder = bench.path("into");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("film"), "old").unwrap();
    let mut shell = Command::new("bash");
    shell.args(["-c", "trap '' XFSZ; ulimit -f 1024; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_whopays")]);
    let full = bench.dressed(shell, &["get", "--overwrite", target, "into/film"]).output().unwrap();
    assert_eq!(code(&full), 1, "{}", said(&full));
    assert_eq!(std::fs::read_to_string(folder.join("film")).unwrap(), "old");
    assert_eq!(names(&folder), ["film"], "{}", said(&full));

    bench.ends(1, &["get", target, "/proc/film"]);
    symlink("/etc/hostname", folder.join("link")).unwrap();
    bench.ends(5, &["get", target, "into/link"]);
    bench.ends(5, &["get", "--overwrite", target, "into/link"]);
    assert!(folder.join("link").is_symlink());
    symlink("/tmp", folder.join("full")).unwrap();
    let before = names(&folder);
    let told =
        bench.ends(5, &["get", "-r", "studio:colorpictures/", "into", "--include", "full/*", "--exclude", "*", "--include", "full/*"]);
    assert!(told.contains("is in the way"), "{told}");
    assert_eq!(names(&folder), before);
}

#[test]
fn words_that_cannot_be_are_usage_and_files_that_are_not_there_are_named() {
    let bench = Bench::start();
    std::fs::create_dir(bench.path("folder")).unwrap();
    let mark = bench.mark();
    for (wanted, arguments, words) in [
        (1, &["put", "missing.txt", "studio:colorpictures/x"][..], "missing.txt"),
        (2, &["put", "folder", "studio:colorpictures/x/"], "Add -r"),
        (2, &["put", "-", "studio:colorpictures/"], "has no name of its own"),
        (2, &["get", "studio:colorpictures"], "names a bucket"),
        (2, &["rm", "--yes", "studio:colorpictures"], "names a bucket"),
        (5, &["rm", "-r", "studio:colorpictures/"], "needs a confirmation"),
        (5, &["put", "demo.toml", "auditor:audit-trail/x"], "read-only"),
    ] {
        let told = bench.ends(wanted, arguments);
        assert!(told.contains(words), "{arguments:?}: {told}");
    }
    assert!(bench.ops(mark).into_iter().all(|op| op == Op::ListObjectsV2), "nothing was changed: {:?}", bench.ops(mark));
    bench.ends(4, &["get", "studio:colorpictures/no-such-key", "x"]);
    bench.ends(4, &["stat", "lab:color-atlas/no-such-key"]);
    assert!(!bench.path("x").exists());
}

/// H2: keys that are wrong, or run out between two parts.
#[test]
fn keys_that_are_wrong_or_run_out() {
    let wrong = Bench::with(|text| text.replace("demo-studio-secret", "wrong-studio-secret"));
    wrong.file("a.txt", b"x");
    for arguments in
        [&["ls", "studio:colorpictures"][..], &["put", "a.txt", "studio:colorpictures/x"], &["get", "studio:brand-assets/x", "y"]]
    {
        wrong.ends(3, arguments);
    }
    for (bucket, status, word) in [(BUCKETS[0], 400, "ExpiredToken"), (BUCKETS[1], 403, "SecurityTokenExpired")] {
        let bench = Bench::start();
        bench.file("film.bin", &noise(29, 130 * MIB));
        let put = ["put", "film.bin", &format!("{bucket}/film")].map(str::to_owned);
        let put: Vec<&str> = put.iter().map(String::as_str).collect();
        bench.store().script_where(Op::UploadPart, "partNumber=3", vec![refusal(status, word); 3]);
        let mark = bench.mark();
        let told = bench.ends(3, &put);
        assert!(told.contains("is kept with") && told.contains("still billed"), "{told}");
        let asked = bench.since(mark).iter().filter(|entry| entry.part == Some(3)).count();
        assert!((1..=2).contains(&asked), "{bucket}: {asked} times, no loop");
        // Of three, as many as were asked are gone.
        for _ in asked..3 {
            bench.run(&put);
        }
        let last = bench.mark();
        bench.ends(0, &put);
        // What the command before has dropped may enter the log now.
        let whole = bench.since(last).into_iter().filter(|entry| entry.status.is_some());
        let again: Vec<u32> = whole.filter_map(|entry| entry.part).filter(|part| *part != 3).collect();
        assert!(again.len() <= 2, "{bucket}: {again:?}");
        let begun = bench.since(mark).iter().filter(|entry| entry.op == Some(Op::CreateMultipartUpload)).count();
        assert_eq!(begun, 1, "{bucket}: all of them go on with the first one's upload");
        assert!(bench.lines(&["uploads", bucket]).is_empty(), "{bucket}");
        assert_eq!(bench.lines(&["stat", &format!("{bucket}/film")])[0]["size"], 130 * MIB as u64);
    }
}

/// Two commands that want the same at the same time do not share a temporary file or an upload.
#[test]
fn two_commands_at_once_do_not_meet() {
    for bucket in BUCKETS {
        let bench = Bench::start();
        let bytes = noise(31, 70 * MIB);
        bench.file("film.bin", &bytes);
        let target = format!("{bucket}/film");
        let put = ["put", "--overwrite", "film.bin", &target];
        let both = [bench.begin(&put), bench.begin(&put)].map(|child| child.wait_with_output().unwrap());
        for output in &both {
            assert_eq!(code(output), 0, "{bucket}: {}", said(output));
        }
        let get = ["get", "--overwrite", &target, "back.bin"];
        let both = [bench.begin(&get), bench.begin(&get)].map(|child| child.wait_with_output().unwrap());
        for output in &both {
            assert_eq!(code(output), 0, "{bucket}: {}", said(output));
        }
        assert!(std::fs::read(bench.path("back.bin")).unwrap() == bytes, "{bucket}");
        let rests: Vec<String> = names(bench.home.path()).into_iter().filter(|name| name.ends_with(".part")).collect();
        assert!(rests.is_empty(), "{rests:?}");
        assert!(bench.lines(&["uploads", bucket]).is_empty(), "{bucket}");
    }
}
