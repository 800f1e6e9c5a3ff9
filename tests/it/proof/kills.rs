//! Processes that are killed, or asked to end, in the middle of an upload or a download (C1, C2, C6).

use rustix::process::{Pid, Signal, kill_process};
use whopays::domain::{ObjectKey, Op};
use whopays::runtime::journal::Journal;
use whopays::transfer::JobId;

use super::*;
use crate::support::wait;

/// Parts of 64 MiB: two of them, and a short one.
const THREE_PARTS: usize = 130 * MIB;
/// A file that is fetched in one request.
const ONE_REQUEST: usize = 24 * MIB;

/// The parts of an object that the state database knows of its only unfinished job, and how large they are.
#[track_caller]
fn noted(bench: &Bench, key: &str) -> (Vec<u32>, u64) {
    let journal = Journal::open(&bench.path("state/journal.db")).unwrap();
    // By their numbers: the list of unfinished jobs leaves out those that a living process is at.
    let jobs = (1..).map(JobId).take_while(|id| journal.begun_at(*id).unwrap().is_some());
    let found = jobs.filter_map(|id| journal.item(id, &ObjectKey::new(key), None).unwrap().map(|item| (id, item))).collect::<Vec<_>>();
    assert!(found.len() < 2, "of a job that has ended nothing is left but its own line: {found:?}");
    let [(_, (_, item, parts))] = found.as_slice() else { return (Vec::new(), 0) };
    (parts.iter().map(|part| part.number).collect(), item.part_size)
}

/// Lets a command run for a while and kills it; whether it had ended before.
fn killed(bench: &Bench, arguments: &[&str], after: Duration) -> bool {
    let mut child = bench.begin(arguments);
    std::thread::sleep(after);
    let over = child.try_wait().unwrap().is_some();
    bench.kill(child);
    over
}

fn uploads(bench: &Bench, target: &str) -> usize {
    bench.lines(&["uploads", target]).len()
}

/// Six points of one upload: first its time is taken.
fn puts_are_killed(bucket: &str, seed: u64) {
    let bench = Bench::start();
    let bytes = noise(seed, THREE_PARTS);
    let source = bench.file("film.bin", &bytes);
    let whole = Instant::now();
    bench.lines(&["put", "film.bin", &format!("{bucket}/whole")]);
    let whole = whole.elapsed();
    bench.lines(&["rm", "--yes", &format!("{bucket}/whole")]);
    let mut chance = fastrand::Rng::with_seed(seed);
    let (mut open, mut saved, mut early) = (0, 0, 0);
    for point in 0..6 {
        let (key, mark) = (format!("film-{point}"), bench.mark());
        let target = format!("{bucket}/{key}");
        let put = ["put", "film.bin", &target];
        early += u32::from(killed(&bench, &put, whole.mul_f64(chance.f64())));
        assert!(std::fs::read(&source).unwrap() == bytes, "{point}: the source is as it was");
        let stat = bench.run(&["stat", "--json", &target]);
        let there = match code(&stat) {
            0 => said(&stat).contains(&format!("\"size\":{THREE_PARTS},")),
            code => code == 4,
        };
        assert!(there, "{point}: whole or not there: {}", said(&stat));
        let left = uploads(&bench, &target);
        let (known, _) = noted(&bench, &key);
        open += left;
        saved += known.len();

        let mark_again = bench.mark();
        // A put that had ended finds its object, and leaves it alone.
        let again = bench.run(&put);
        let finished = code(&stat) == 0;
        assert!(code(&again) == 0 || (finished && code(&again) == 5), "{point}: {}", said(&again));
        let sent = |log: &[Received]| -> Vec<u32> {
            log.iter().filter(|entry| entry.op == Some(Op::UploadPart)).filter_map(|entry| entry.part).collect()
        };
        let twice = sent(&bench.since(mark_again));
        assert!(twice.iter().all(|part| !known.contains(part)), "{point}: {known:?} were there, {twice:?} were sent again");
        assert!(sent(&bench.since(mark)).len() <= 6, "{point}: no part went three times");
        // One whose id nobody had time to write down is named by `uploads`, and goes with `--abort`.
        if uploads(&bench, &target) > 0 {
            assert_eq!(known.len(), 0, "{point}: what the journal knows is gone on with");
            bench.lines(&["uploads", "--abort", "--yes", &target]);
        }
        assert_eq!(uploads(&bench, &target), 0, "{point}");
        bench.lines(&["get", &target, "back.bin", "--overwrite"]);
        assert!(std::fs::read(bench.path("back.bin")).unwrap() == bytes, "{point}: the object is the file");
        bench.lines(&["rm", "--yes", &target]);
    }
    assert!(early < 6 && open > 0, "{bucket}: {early} kills came too late, {open} uploads were left open, {saved} parts were there");
}

#[test]
fn a_killed_put_goes_on_on_s3() {
    puts_are_killed("studio:colorpictures", 3);
}

#[test]
fn a_killed_put_goes_on_on_oss() {
    puts_are_killed("lab:color-atlas", 5);
}

/// Seven points of a download in ranges, seven of one in a single request.
fn gets_are_killed(bucket: &str, seed: u64) {
    let bench = Bench::start();
    let mut chance = fastrand::Rng::with_seed(seed);
    let (mut saved, mut early, mut rests) = (0, 0, 0);
    for size in [THREE_PARTS, ONE_REQUEST] {
        let bytes = noise(seed, size);
        bench.file("film.bin", &bytes);
        let target = format!("{bucket}/film-{size}");
        bench.lines(&["put", "film.bin", &target]);
        let whole = Instant::now();
        bench.lines(&["get", &target, "first.bin", "--overwrite"]);
        let whole = whole.elapsed();
        for point in 0..7 {
            let folder = bench.path(&format!("into-{size}-{point}"));
            std::fs::create_dir(&folder).unwrap();
            let path = folder.join("film.bin");
            // Every other one replaces a file.
            if point % 2 == 1 {
                std::fs::write(&path, "what was there before").unwrap();
            }
            let get = ["get", &target, text(&path), "--overwrite"];
            early += u32::from(killed(&bench, &get, whole.mul_f64(chance.f64())));
            let found = std::fs::read(&path).ok();
            let finished = found.as_ref() == Some(&bytes);
            let before = (point % 2 == 1).then(|| b"what was there before".to_vec());
            assert!(finished || found == before, "{point}: old or new");
            let others: Vec<String> = names(&folder).into_iter().filter(|name| name != "film.bin").collect();
            let drafts = others.iter().all(|name| name.starts_with('.') && name.contains(".whopays-") && name.ends_with(".part"));
            assert!(drafts, "{point}: {others:?}");
            rests += others.len();
            let (known, grain) = noted(&bench, &format!("film-{size}"));
            saved += known.len();

            let mark = bench.mark();
            bench.lines(&get);
            assert!(std::fs::read(&path).unwrap() == bytes, "{point}");
            assert_eq!(names(&folder), ["film.bin"], "{size} {point}: nothing is left beside it");
            let paid: u64 = bench.since(mark).iter().filter(|entry| entry.op == Some(Op::GetObject)).map(|entry| entry.bytes_out).sum();
            let there: u64 = known.iter().map(|part| grain.min(size as u64 - u64::from(part - 1) * grain)).sum();
            // A file that had its name already is asked for anew, as the command says.
            assert!(finished || paid <= size as u64 - there, "{point}: {paid} bytes again, though {there} of {size} were there");
        }
    }
    assert!(early < 14 && rests > 0, "{bucket}: {early} kills came too late, {rests} drafts were left, {saved} grains were there");
}

#[test]
fn a_killed_get_goes_on_on_s3() {
    gets_are_killed("studio:colorpictures", 7);
}

#[test]
fn a_killed_get_goes_on_on_oss() {
    gets_are_killed("lab:color-atlas", 11);
}

/// A move through this machine: what is there is not read again, nothing is left, and the original goes once the copy is whole.
#[test]
fn a_killed_move_between_clouds_goes_on() {
    for (from, to) in [("studio:colorpictures", "lab:color-atlas"), ("lab:color-atlas", "studio:colorpictures")] {
        let bench = Bench::start();
        // Parts of 32 MiB: two of them, and a short one.
        let bytes = noise(17, 70 * MIB);
        bench.file("film.bin", &bytes);
        let (source, target) = (format!("{from}/film"), format!("{to}/moved"));
        bench.lines(&["put", "film.bin", &source]);
        let moved = ["cp", "--move", "--yes", &source, &target];
        bench.store().script_where(Op::UploadPart, "partNumber=2", [whopays::demo::Act::Silence]);
        let mark = bench.mark();
        let child = bench.begin(&moved);
        bench.wait_for(Op::UploadPart, mark, 3);
        wait::blocking("two of three parts are there", || noted(&bench, "moved").0 == [1, 3]);
        bench.kill(child);
        assert_eq!((uploads(&bench, &target), code(&bench.run(&["stat", &source]))), (1, 0), "{from}");
        let left = bench.lines(&["journal", "--unfinished"]);
        assert_eq!((left.len(), left[0]["kind"].as_str()), (1, Some("copy")), "{from}");
        let mark = bench.mark();
        bench.lines(&moved);
        let log = bench.since(mark);
        let of = |op| log.iter().filter(|entry| entry.op == Some(op)).collect::<Vec<_>>();
        assert_eq!(of(Op::UploadPart).iter().map(|entry| entry.part).collect::<Vec<_>>(), [Some(2)], "{from}");
        assert_eq!(of(Op::GetObject).iter().map(|entry| entry.bytes_out).sum::<u64>(), 32 << 20, "{from}: no byte is paid for twice");
        assert_eq!((uploads(&bench, &target), code(&bench.run(&["stat", &source]))), (0, 4), "{from}");
        assert_eq!(bench.lines(&["journal", "--unfinished"]).len(), 0);
        bench.lines(&["get", &target, "back.bin"]);
        assert!(std::fs::read(bench.path("back.bin")).unwrap() == bytes, "{from}");
    }
}

/// C6: a put that is asked to end does so within two seconds, and what it leaves is gone on with.
#[test]
fn a_put_that_is_asked_to_end_says_what_it_leaves() {
    for (bucket, signal) in [("studio:colorpictures", Signal::TERM), ("lab:color-atlas", Signal::INT)] {
        let bench = Bench::start();
        let bytes = noise(13, THREE_PARTS);
        bench.file("film.bin", &bytes);
        let target = format!("{bucket}/film");
        let put = ["put", "film.bin", &target];
        bench.store().script_where(Op::UploadPart, "partNumber=2", [whopays::demo::Act::Silence]);
        let mark = bench.mark();
        let child = bench.begin(&put);
        bench.wait_for(Op::UploadPart, mark, 2);
        wait::blocking("two of three parts are there", || noted(&bench, "film").0.len() >= 2);
        let asked = Instant::now();
        kill_process(Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap(), signal).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(asked.elapsed() < Duration::from_secs(2), "{bucket}: {:?}", asked.elapsed());
        assert_eq!(code(&output), 130, "{}", said(&output));
        let left = bench.lines(&["uploads", &target]);
        assert_eq!((left.len(), left[0]["parts"].as_u64()), (1, Some(2)), "{bucket}");
        assert!(said(&output).contains("run the same command again"), "{}", said(&output));
        let mark = bench.mark();
        bench.lines(&put);
        assert_eq!(bench.ops(mark), [Op::ListParts, Op::UploadPart, Op::CompleteMultipartUpload], "{bucket}");
        assert_eq!(uploads(&bench, &target), 0);
    }
}
