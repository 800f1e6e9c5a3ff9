//! What jobs ask, worked out by hand.

use super::*;
use crate::domain::StorageClass;
use crate::transfer::need::Shelved;
use crate::transfer::outcome::Item;

const MIB: u64 = 1 << 20;
const GIB: u64 = 1 << 30;

fn copying(largest: u64, overwrite: Overwrite) -> Copying {
    let looks = if overwrite == Overwrite::Refuse { Looks::First } else { Looks::Never };
    Copying { largest, part: None, overwrite, looks, original: Original::Stays, tags: Tags::Kept }
}

fn one(treatment: Treatment, size: u64) -> Needs {
    one_item(treatment, Item::local(size))
}

fn one_item(treatment: Treatment, item: Item<'_>) -> Needs {
    treatment.needs(&Progress::of(treatment, [item].into_iter()))
}

#[test]
fn an_upload_of_parts_is_two_requests_more() {
    let single = one(Treatment::Upload(None), 16 * MIB).writing;
    assert_eq!((single.requests, single.bytes_up), (vec![(Op::PutObject, 1)], 16_777_216));
    let many = one(Treatment::Upload(None), GIB).writing;
    let wanted = [(Op::CreateMultipartUpload, 1), (Op::UploadPart, 16), (Op::CompleteMultipartUpload, 1)];
    assert_eq!(many.requests, wanted, "16 parts of 64 MiB");
    assert_eq!(one(Treatment::Upload(Some(32 * MIB)), 64 * MIB).writing.total(), 4);
}

#[test]
fn a_download_is_a_request_for_each_64_mib() {
    for (size, requests) in [(0, 1), (64 * MIB, 1), (64 * MIB + 1, 2), (GIB, 16)] {
        let needs = one(Treatment::Download, size);
        assert_eq!((needs.reading.requests, needs.reading.bytes_down), (vec![(Op::GetObject, requests)], size));
    }
}

#[test]
fn a_copy_has_two_sides() {
    let within = one(Treatment::Within(copying(LARGEST_COPY_S3, Overwrite::Refuse)), 5 * GIB);
    assert_eq!((within.reading.total(), within.writing.requests), (0, vec![(Op::HeadObject, 1), (Op::CopyObject, 1)]));
    let parts = one(Treatment::Within(copying(LARGEST_COPY_OSS, Overwrite::Allow)), 5 * GIB);
    let wanted = [(Op::CreateMultipartUpload, 1), (Op::UploadPartCopy, 10), (Op::CompleteMultipartUpload, 1)];
    assert_eq!((parts.reading.requests, parts.writing.requests.as_slice()), (vec![(Op::HeadObject, 1)], &wanted[..]));
    let passing = Copying { part: Some(PASSING), ..copying(PASSING, Overwrite::Allow) };
    let moved = one(Treatment::Across(Copying { original: Original::Goes, ..passing }), 3);
    assert_eq!(moved.reading.requests, [(Op::HeadObject, 1), (Op::DeleteObject, 1), (Op::GetObject, 1)]);
    assert_eq!((moved.reading.bytes_down, moved.writing.bytes_up), (3, 3));
    let large = one(Treatment::Across(Copying { overwrite: Overwrite::Refuse, looks: Looks::First, ..passing }), 64 * MIB + 1);
    assert_eq!(large.reading.requests, [(Op::HeadObject, 1), (Op::GetObject, 3)]);
    assert_eq!(large.writing.total(), 1 + 1 + 3 + 1);
}

#[test]
fn a_source_of_unknown_size_is_asked_once() {
    let within = Treatment::Within(copying(GIB, Overwrite::Allow));
    for size in [1, 2 * GIB] {
        let item = Item { headers: Headers::Asked, ..Item::local(size) };
        assert_eq!(one_item(within, item).reading.requests, [(Op::HeadObject, 1)], "{size}");
    }
    let both = [Item { headers: Headers::Asked, ..Item::local(1) }, Item::local(2 * GIB), Item::local(2)];
    let needs = within.needs(&Progress::of(within, both.into_iter()));
    assert_eq!(needs.reading.requests, [(Op::HeadObject, 2)], "the unknown one, and the large one");
}

#[test]
fn tags_are_asked_for_where_the_store_does_not_copy_them() {
    let within = copying(GIB, Overwrite::Allow);
    let tags = |treatment, size| one(treatment, size).reading.perhaps;
    assert_eq!(tags(Treatment::Within(within), 1), []);
    assert_eq!(tags(Treatment::Within(within), 2 * GIB), [(Op::GetObjectTagging, 1)]);
    assert_eq!(tags(Treatment::Across(within), 1), [(Op::GetObjectTagging, 1)]);
    assert_eq!(tags(Treatment::Across(Copying { tags: Tags::Replaced, ..within }), 1), []);
    let moved = one(Treatment::Within(Copying { original: Original::Goes, ..within }), 1);
    assert_eq!(moved.writing.perhaps, [(Op::HeadObject, 1)], "if the copy has another entity tag");
}

#[test]
fn other_storage_classes_are_counted_apart() {
    let ia = StorageClass::new("STANDARD_IA");
    let standard = StorageClass::new("STANDARD");
    let of = |treatment: Treatment| {
        let items = [(5, None), (7, Some(&ia)), (2 * GIB, Some(&ia)), (11, Some(&standard))];
        let items = items.into_iter().map(|(size, class)| Item { class, ..Item::local(size) });
        treatment.needs(&Progress::of(treatment, items))
    };
    let shelf = |requests: &[(Op, u64)], bytes_down, copies, bytes_copied| {
        vec![Shelved { class: ia.clone(), requests: requests.to_vec(), bytes_down, copies, bytes_copied }]
    };
    let read = of(Treatment::Download).reading;
    assert_eq!(read.requests, [(Op::GetObject, 1 + 1 + 32 + 1)]);
    assert_eq!(read.shelves, shelf(&[(Op::GetObject, 33)], 7 + 2 * GIB, 0, 0));
    let within = of(Treatment::Within(Copying { original: Original::Goes, ..copying(GIB, Overwrite::Allow) }));
    assert_eq!(within.reading.shelves, shelf(&[(Op::HeadObject, 3)], 0, 0, 0), "one for the parts, two before they are deleted");
    assert_eq!(within.writing.shelves, shelf(&[], 0, 1 + 4, 7 + 2 * GIB));
    assert_eq!((within.looked_at, of(Treatment::Delete).reading.shelves.len()), (1, 0));
    assert_eq!(of(Treatment::Upload(None)).writing.shelves, []);
}

/// 10,000 parts, and two requests around them.
#[test]
fn a_stream_grows_and_has_an_upper_end() {
    let of = |progress: &Progress| Treatment::Stream.needs(progress).writing;
    let begun = Progress { objects: 1, ..Progress::default() };
    assert_eq!((of(&begun).requests, of(&begun).perhaps), (vec![(Op::PutObject, 1)], vec![(Op::UploadPart, 10_001)]));
    let under_way = Progress { cut: 1, parts: 3, bytes: 20, ..begun.clone() };
    let wanted = [(Op::CreateMultipartUpload, 1), (Op::UploadPart, 3), (Op::CompleteMultipartUpload, 1)];
    assert_eq!((of(&under_way).requests.as_slice(), of(&under_way).bytes_up), (&wanted[..], 20));
    assert_eq!(of(&under_way).perhaps, [(Op::UploadPart, 9_997)]);
    assert_eq!(of(&Progress { ended: 1, ..under_way }).perhaps, []);
    assert_eq!(of(&Progress { ended: 1, ..begun }).requests, [(Op::PutObject, 1)]);
}

#[test]
fn stores_that_refuse_to_replace() {
    assert!(knows_conditions(Provider::Oss, Some("http://127.0.0.1:1")));
    assert!(knows_conditions(Provider::S3, None));
    assert!(knows_conditions(Provider::S3, Some("https://s3.us-west-2.amazonaws.com")));
    assert!(!knows_conditions(Provider::S3, Some("http://127.0.0.1:1")));
}
