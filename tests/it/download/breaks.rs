//! Bodies that break, lie, or belong to another content (B4, C4, D6, P11, P14).

use std::time::Duration;

use whopays::domain::{ETag, ErrorKind};
use whopays::transfer::{Ending, Existing, Pick};

use super::origin::{Asked, Deed, MIB, Origin, bytes, from};
use super::*;
use crate::support::wait;

/// The checksums of `123456789` in the catalogue, as the two clouds write them.
const NVME: &str = "x-amz-checksum-crc64nvme: rosUhgp5mIg=\r\nx-amz-checksum-type: FULL_OBJECT\r\n";
const ECMA: &str = "x-oss-hash-crc64ecma: 11051210869376104954\r\n";

fn known(size: u64) -> Pick {
    Pick { size: Some(size), etag: Some(ETag::new("\"tag-1\"")), ..pick("key") }
}

async fn fetched(origin: &Origin, provider: &str, pick: Pick) -> (Told, PathBuf, tempfile::TempDir) {
    let (kept, folder) = scratch();
    let told = run(&origin.engine(provider), one(&from(), pick, &folder.join("file")), None).await;
    (told, folder, kept)
}

fn spans(origin: &Origin) -> Vec<Option<(u64, Option<u64>)>> {
    origin.asked().iter().map(|asked| asked.range).collect()
}

/// Goal 5: 64 MiB a request, the first of them gives size and tag; each after it carries the tag and the payer header.
#[tokio::test]
async fn a_large_object_is_asked_for_in_ranges_and_nothing_twice() {
    let origin = Origin::new(bytes(130 * MIB + 7), "", |_, _| Deed::Serve);
    for (place, pick) in [pick("key"), known(130 * MIB + 7)].into_iter().enumerate() {
        let (told, folder, _kept) = fetched(&origin, "s3", pick).await;
        assert_eq!(told.only(), "done", "{:?}", told.ends);
        assert!(std::fs::read(folder.join("file")).unwrap() == *origin.content, "the same bytes");
        assert_eq!(told.progress.moved, 130 * MIB + 7);
        let asked = origin.asked().split_off(3 * place);
        assert_eq!(asked[0].range, Some((0, Some(64 * MIB - 1))));
        assert_eq!(asked[0].if_match.as_deref(), [None, Some("\"tag-1\"")][place]);
        let mut rest: Vec<_> = asked[1..].iter().map(|asked| asked.range.unwrap()).collect();
        rest.sort_unstable();
        assert_eq!(rest, [(64 * MIB, Some(128 * MIB - 1)), (128 * MIB, Some(130 * MIB + 6))]);
        for later in &asked[1..] {
            assert_eq!(later.if_match.as_deref(), Some("\"tag-1\""));
        }
        assert!(asked.iter().all(|asked| asked.payer.as_deref() == Some("x-amz-request-payer: requester")), "{asked:?}");
    }
}

/// B4: wherever a body breaks, the rest is asked for, and only the rest.
#[tokio::test]
async fn a_broken_body_goes_on_where_it_stopped() {
    for size in [9_u64, 3 * MIB] {
        for cut in [0, 1, size / 2, size - 1] {
            let origin = Origin::new(bytes(size), "", move |number, _| if number == 0 { Deed::CutAfter(cut) } else { Deed::Serve });
            let (told, folder, _kept) = fetched(&origin, "s3", known(size)).await;
            assert_eq!(told.only(), "done", "{size} {cut} {:?}", told.ends);
            assert!(std::fs::read(folder.join("file")).unwrap() == *origin.content, "{size} {cut}");
            let rest = (cut > 0).then_some((cut, None));
            assert_eq!(spans(&origin), [None, rest], "{size} {cut}");
            assert_eq!(origin.asked()[1].if_match.as_deref(), Some("\"tag-1\""));
            assert_eq!(told.progress.moved, size);
        }
    }
    // In the middle of the second range of a large one.
    let cut = |_, asked: &Asked| if asked.range == Some((64 * MIB, Some(66 * MIB - 1))) { Deed::CutAfter(MIB) } else { Deed::Serve };
    let origin = Origin::new(bytes(66 * MIB), "", cut);
    let (told, folder, _kept) = fetched(&origin, "s3", known(66 * MIB)).await;
    assert_eq!(told.only(), "done", "{:?}", told.ends);
    assert!(std::fs::read(folder.join("file")).unwrap() == *origin.content);
    assert_eq!(spans(&origin)[2], Some((65 * MIB, Some(66 * MIB - 1))));
}

/// M6: a body that ends with the connection is no whole body because it ended.
#[tokio::test]
async fn a_body_without_a_length_is_held_to_the_size() {
    let act = |number, _: &Asked| if number == 0 { Deed::CloseDelimited(5) } else { Deed::Serve };
    let origin = Origin::new(b"123456789".to_vec(), NVME, act);
    let (told, _folder, _kept) = fetched(&origin, "s3", known(9)).await;
    // The listing's size is not the answer's: without a length nobody knows whether all came.
    assert_eq!(told.only(), "failed: invalid_reply");
}

/// More bytes than the object has are not its bytes.
#[tokio::test]
async fn a_body_beyond_the_object_is_refused() {
    let origin = Origin::new(bytes(100), "", |number, _| if number == 0 { Deed::CutAfter(40) } else { Deed::Longer });
    let (told, folder, _kept) = fetched(&origin, "s3", known(100)).await;
    assert_eq!((told.only().as_str(), names(&folder)), ("failed: conflict", vec![]), "it is of another size by then");
}

/// No progress three times, or silence: it ends, and nothing is left.
#[tokio::test]
async fn what_never_comes_ends() {
    let origin = Origin::new(bytes(100), "", |_, _| Deed::CutAfter(0));
    let (told, folder, _kept) = fetched(&origin, "s3", known(100)).await;
    assert_eq!((told.only().as_str(), origin.asked().len()), ("failed: network", 3));
    assert_eq!((names(&folder), told.progress.moved), (vec![], 0));
    let origin = Origin::new(bytes(2 * MIB), "", |_, asked| if asked.range.is_none() { Deed::CutAfter(MIB) } else { Deed::CutAfter(0) });
    let (told, folder, _kept) = fetched(&origin, "s3", known(2 * MIB)).await;
    assert_eq!((told.only().as_str(), origin.asked().len()), ("failed: network", 1 + 2));
    assert_eq!((names(&folder), told.progress.moved), (vec![], 0), "what had come does not count");
    let origin = Origin::new(bytes(100), "", |number, _| if number == 0 { Deed::HangAfter(40) } else { Deed::Serve });
    let (told, _folder, _kept) = fetched(&origin, "s3", known(100)).await;
    assert_eq!((told.only().as_str(), spans(&origin)[1]), ("done", Some((40, None))));
}

/// P14: an object that is replaced meanwhile is noticed, whether the store heeds If-Match or not; nothing of it is kept.
#[tokio::test]
async fn a_change_in_the_middle_is_noticed() {
    for deed in [Deed::Refuse(412), Deed::Refuse(404), Deed::Another] {
        let later = deed.clone();
        let origin = Origin::new(bytes(66 * MIB), "", move |number, _| if number == 0 { Deed::Serve } else { later.clone() });
        let (kept, folder) = scratch();
        std::fs::write(folder.join("file"), "old").unwrap();
        let order = Download { existing: Existing::Replace, ..one(&from(), known(66 * MIB), &folder.join("file")) };
        let told = run(&origin.engine("s3"), order, None).await;
        assert_eq!(told.only(), "failed: conflict", "{deed:?}");
        let Fate::Failed(error) = &told.ends[0].fate else { panic!() };
        assert_eq!(error.message(), "key: the object changed while it was downloaded");
        assert_eq!((names(&folder), told.progress.moved), (vec!["file".to_owned()], 0));
        assert_eq!(std::fs::read_to_string(folder.join("file")).unwrap(), "old");
        drop(kept);
    }
    // The listing's tag is not the one that is answered; and after a break.
    let origin = Origin::new(bytes(100), "", |_, _| Deed::Another);
    assert_eq!(fetched(&origin, "s3", known(100)).await.0.only(), "failed: conflict");
    let origin = Origin::new(bytes(100), "", |number, _| if number == 0 { Deed::CutAfter(40) } else { Deed::Another });
    assert_eq!(fetched(&origin, "s3", Pick { etag: None, ..known(100) }).await.0.only(), "failed: conflict");
}

/// P11: a checksum that the store says is compared, small or large; a file that differs is not kept.
#[tokio::test]
async fn checksums_are_compared() {
    for (provider, header) in [("s3", NVME), ("s3", "x-amz-checksum-crc32c: 4waSgw==\r\n"), ("oss", ECMA)] {
        for (content, word) in [(b"123456789", "done"), (b"123456780", "failed: invalid_reply")] {
            let origin = Origin::new(content.to_vec(), header, |_, _| Deed::Serve);
            for pick in [known(9), pick("key")] {
                let (told, folder, _kept) = fetched(&origin, provider, pick).await;
                assert_eq!(told.only(), word, "{header}");
                assert_eq!(names(&folder).len(), usize::from(word == "done"), "{header}");
            }
        }
    }
    // A sum of sums says nothing of the bytes.
    let origin = Origin::new(b"123456789".to_vec(), "x-amz-checksum-crc32c: AAAAAA==-3\r\n", |_, _| Deed::Serve);
    assert_eq!(fetched(&origin, "s3", known(9)).await.0.only(), "done");
}

/// The sum of all ranges together is the one that OSS says with each of them.
#[tokio::test]
async fn the_checksum_of_a_large_object_is_joined() {
    let content = bytes(66 * MIB + 5);
    let sum = whopays::domain::Crc::Crc64Xz.of(&content);
    let right: &'static str = format!("x-oss-hash-crc64ecma: {sum}\r\n").leak();
    let origin = Origin::new(content.clone(), right, |_, _| Deed::Serve);
    assert_eq!(fetched(&origin, "oss", pick("key")).await.0.only(), "done");
    let mut content = content;
    content[65 << 20] ^= 1;
    let origin = Origin::new(content, right, |_, _| Deed::Serve);
    let (told, folder, _kept) = fetched(&origin, "oss", pick("key")).await;
    assert_eq!((told.only().as_str(), names(&folder)), ("failed: invalid_reply", vec![]));
}

/// A store that ignores ranges sends the object once, and a break is mended nevertheless.
#[tokio::test]
async fn a_store_without_ranges_is_read_whole() {
    let origin = Origin::new(bytes(66 * MIB), "", |_, _| Deed::Whole);
    let (told, folder, _kept) = fetched(&origin, "s3", known(66 * MIB)).await;
    assert_eq!((told.only().as_str(), origin.asked().len()), ("done", 1));
    assert!(std::fs::read(folder.join("file")).unwrap() == *origin.content);
    let origin = Origin::new(bytes(2 * MIB), "", |number, _| if number == 0 { Deed::CutAfter(MIB) } else { Deed::Whole });
    let (told, folder, _kept) = fetched(&origin, "s3", known(2 * MIB)).await;
    assert_eq!((told.only().as_str(), origin.asked().len()), ("done", 2));
    assert!(std::fs::read(folder.join("file")).unwrap() == *origin.content);
}

/// D6: what is stored compressed stays compressed.
#[tokio::test]
async fn stored_bytes_are_kept_as_they_are() {
    let gzip = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\x4b\x04\x00\x43\xbe\xb7\xe8\x01\x00\x00\x00".to_vec();
    let origin = Origin::new(gzip.clone(), "Content-Encoding: gzip\r\nContent-Type: text/plain\r\n", |_, _| Deed::Serve);
    let (told, folder, _kept) = fetched(&origin, "s3", pick("key")).await;
    assert_eq!(told.only(), "done");
    assert_eq!(std::fs::read(folder.join("file")).unwrap(), gzip);
}

/// `cat` mends a break without a byte twice, and says when what it wrote was not what the store has.
#[tokio::test]
async fn cat_mends_and_compares() {
    let origin = Origin::new(bytes(3 * MIB), "", |number, _| if number < 2 { Deed::CutAfter(MIB) } else { Deed::Serve });
    let mut out = Vec::new();
    origin.engine("s3").cat(&from(), &pick("key"), None, &mut out, &listening().0).await.unwrap();
    assert!(out == *origin.content);
    assert_eq!(spans(&origin), [None, Some((MIB, None)), Some((2 * MIB, None))]);
    let origin = Origin::new(b"123456780".to_vec(), NVME, |_, _| Deed::Serve);
    let mut out = Vec::new();
    let error = origin.engine("s3").cat(&from(), &pick("key"), None, &mut out, &listening().0).await.unwrap_err();
    assert_eq!((error.kind(), out.len()), (ErrorKind::InvalidReply, 9));
}

/// C4: no room left. A file-size limit in a process of its own stands for a full disk; the old file stays.
#[test]
fn a_full_disk_leaves_the_old_file() {
    use crate::support::child;
    if std::env::var(child::VARIABLE).as_deref() == Ok("full disk") {
        rustix::process::setrlimit(rustix::process::Resource::Fsize, rustix::process::Rlimit { current: Some(MIB), maximum: Some(MIB) })
            .unwrap();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        for size in [2 * MIB, 66 * MIB] {
            let origin = Origin::new(bytes(size), "", |_, _| Deed::Serve);
            let (_kept, folder) = scratch();
            std::fs::write(folder.join("file"), "old").unwrap();
            let order = Download { existing: Existing::Replace, ..one(&from(), known(size), &folder.join("file")) };
            let told = runtime.block_on(run(&origin.engine("s3"), order, None));
            assert_eq!(told.only(), "failed: local");
            assert_eq!(names(&folder), ["file"]);
            assert_eq!(std::fs::read_to_string(folder.join("file")).unwrap(), "old");
        }
        println!("all is well");
        return;
    }
    let mut command = std::process::Command::new("sh");
    let test = std::env::current_exe().unwrap();
    let name = "download::breaks::a_full_disk_leaves_the_old_file";
    // A write beyond the limit is an error only where its signal is ignored.
    command.args(["-c", "trap '' XFSZ; exec \"$@\"", "sh"]).arg(test).args(child::arguments(name)).env(child::VARIABLE, "full disk");
    let output = command.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && text.contains("all is well"), "{text}\n{}", String::from_utf8_lossy(&output.stderr));
}

/// A stop is heard by the object's task before the job's, or after it: it is a stop all the same, never an end.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn who_stops_is_not_told_that_it_is_done() {
    let (_kept, folder) = scratch();
    let origin = Origin::new(bytes(2 * MIB), "", |_, _| Deed::HangAfter(1000));
    let engine = origin.engine("s3");
    for _ in 0..200 {
        let (control, _ends) = listening();
        let job = Job::Download(one(&from(), known(2 * MIB), &folder.join("file")));
        let (engine, reins) = (engine.clone(), control.clone());
        let running = tokio::spawn(async move { engine.run_job(&job, None, reins).await });
        wait::until("it is under way", || control.progress().tally.down > 0).await;
        control.pull(whopays::transfer::Rein::Stop);
        let ending = running.await.unwrap();
        assert!(matches!(ending, Ending::Stopped), "{ending:?}");
    }
}

/// B2: stop strikes a body that hangs at once.
#[tokio::test]
async fn a_stop_does_not_wait_for_a_body() {
    let origin = Origin::new(bytes(66 * MIB), "", |_, _| Deed::HangAfter(MIB));
    let (_kept, folder) = scratch();
    let (control, _ends) = listening();
    let job = Job::Download(one(&from(), known(66 * MIB), &folder.join("file")));
    let engine = origin.engine("s3");
    let running = engine.run_job(&job, None, control.clone());
    let pull = async {
        wait::until("something was moved", || control.progress().moved > 0).await;
        control.pull(whopays::transfer::Rein::Stop);
        std::time::Instant::now()
    };
    let (ending, since) = tokio::join!(running, pull);
    assert!(since.elapsed() < Duration::from_millis(100), "{:?}", since.elapsed());
    assert!(matches!(ending, Ending::Stopped));
    assert_eq!((names(&folder), control.progress().moved), (vec![], 0), "nobody could resume it");
}
