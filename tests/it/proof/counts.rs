//! Requests are money: what commands cost, by the store's own log.

use std::io::Read;

use super::*;

fn counted(bench: &Bench, mark: usize) -> Vec<(Op, usize)> {
    let mut counts: Vec<(Op, usize)> = Vec::new();
    for op in bench.ops(mark) {
        match counts.iter_mut().find(|(known, _)| *known == op) {
            Some((_, count)) => *count += 1,
            None => counts.push((op, 1)),
        }
    }
    counts
}

#[test]
fn listing_costs_a_request_for_a_thousand_keys() {
    let bench = Bench::start();
    for (target, keys, most) in [("studio:sensor-archive/", 100_000, 105), ("lab:telescope-feed/", 5_000, 5)] {
        let mark = bench.mark();
        assert_eq!(bench.lines(&["ls", "-r", target]).len(), keys, "{target}");
        let counts = counted(&bench, mark);
        let [(Op::ListObjectsV2, requests)] = counts[..] else { panic!("{target}: {counts:?}") };
        assert!((keys / 1_000..=most).contains(&requests), "{target}: {requests}");
        let mark = bench.mark();
        bench.lines(&["ls", target]);
        assert_eq!(counted(&bench, mark), [(Op::ListObjectsV2, 1)], "{target}: opening a prefix");
    }
}

/// `ls -r | head -1` of 100 pages, and `cat | head -c 1` of 64 MiB: what nobody reads is not asked for, and nobody complains.
#[test]
fn a_reader_that_goes_away_ends_the_requests() {
    let bench = Bench::start();
    bench.file("large.bin", &noise(7, 64 * MIB));
    bench.lines(&["put", "large.bin", "studio:colorpictures/large"]);
    for (arguments, op, most) in [
        (&["ls", "-r", "studio:sensor-archive/"][..], Op::ListObjectsV2, 20),
        (&["cat", "studio:colorpictures/large"][..], Op::GetObject, 1),
    ] {
        let mark = bench.mark();
        let mut child = bench.begin(arguments);
        child.stdout.take().unwrap().read_exact(&mut [0]).unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!(code(&output), 0, "{arguments:?}: {}", said(&output));
        let asked = bench.ops(mark).into_iter().filter(|each| *each == op).count();
        assert!((1..=most).contains(&asked), "{arguments:?}: {asked} requests");
        assert!(!said(&output).contains("error"), "{arguments:?}: {}", said(&output));
    }
}

#[test]
fn nothing_is_asked_before_a_download_and_parts_cost_two_more() {
    let bench = Bench::start();
    bench.file("large.bin", &noise(1, 65 * MIB));
    bench.file("small.bin", &noise(2, 100_000));
    for bucket in ["studio:colorpictures", "lab:color-atlas"] {
        let (large, small) = (format!("{bucket}/large"), format!("{bucket}/small"));
        let mark = bench.mark();
        bench.lines(&["put", "large.bin", &large]);
        assert_eq!(
            counted(&bench, mark),
            [(Op::CreateMultipartUpload, 1), (Op::UploadPart, 2), (Op::CompleteMultipartUpload, 1)],
            "{bucket}"
        );
        for (arguments, wanted) in [
            (["put", "small.bin", &small], (Op::PutObject, 1)),
            (["get", &small, "small"], (Op::GetObject, 1)),
            (["get", &large, "large"], (Op::GetObject, 2)),
            (["cp", &small, &format!("{bucket}/other")], (Op::CopyObject, 1)),
        ] {
            let mark = bench.mark();
            bench.lines(&[&arguments[..], &["--overwrite"]].concat());
            let counts = counted(&bench, mark);
            // A copy looks at its source once: how large it is decides how it is copied.
            let counts: Vec<_> = counts.into_iter().filter(|(op, _)| wanted.0 != Op::CopyObject || *op != Op::HeadObject).collect();
            assert_eq!(counts, [wanted], "{bucket} {arguments:?}");
        }
        let mark = bench.mark();
        bench.lines(&["rm", "--yes", &small]);
        assert_eq!(bench.mark() - mark, 1, "{bucket}");
    }
}

#[test]
fn deleting_costs_a_request_for_a_thousand_keys() {
    let bench = Bench::start();
    let mark = bench.mark();
    bench.lines(&["rm", "-r", "--yes", "lab:telescope-feed/"]);
    let mut counts = counted(&bench, mark);
    counts.sort_by_key(|(op, _)| *op != Op::ListObjectsV2);
    assert_eq!(counts, [(Op::ListObjectsV2, 5), (Op::DeleteObjects, 5)]);
    assert!(bench.lines(&["ls", "-r", "lab:telescope-feed/"]).is_empty());
    // The plan lists, and does nothing else.
    let mark = bench.mark();
    bench.lines(&["rm", "-r", "--dry-run", "studio:aerial-tiles/"]);
    let mut counts = counted(&bench, mark);
    counts.sort();
    assert_eq!(counts, [(Op::ListObjectsV2, 1), (Op::GetCallerIdentity, 1)], "and whose keys they are, which is free");
}
