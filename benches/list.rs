//! Reading a page of a thousand keys: ours against the general event reader alone, which builds no rows at all.
//!
//! `cargo bench --bench list`. The goal: a million keys, from the answers' bytes to rows, in less than a second of one core.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a benchmark that cannot go on fails here")]
#![allow(clippy::disallowed_methods, clippy::print_stdout, reason = "a benchmark measures and prints")]

use std::fmt::Write as _;
use std::hint::black_box;
use std::time::Instant;

use bytes::Bytes;
use http::HeaderMap;
use whopays::domain::{Addressing, BucketName, Leaf, Network, OssSignature, Provider, Site};
use whopays::wire::objects::{KeysPage, ObjectCall, Said, decode_object};
use whopays::wire::{Answer, xml};

const ROWS: usize = 1000;

fn main() {
    divan::main();
    let (site, call, answer) = (site(), call(), answer());
    let ours = best(|| drop(black_box(page(&site, &call, &answer))));
    let events = best(|| xml::read(&answer.body, |path, text| _ = black_box((path.len(), text.len()))).unwrap());
    let leaf = page(&site, &call, &answer);
    println!("one page of {ROWS} keys, {} bytes: whopays {ours:.0} µs, the general reader without rows {events:.0} µs", answer.body.len());
    println!("a million keys: {:.2} s of one core (goal: less than 1), {} MiB held", ours / 1e3, (leaf.weight() * 1000) >> 20);
}

/// The best of thirty rounds, in microseconds for one call.
fn best(mut call: impl FnMut()) -> f64 {
    const CALLS: u32 = 20;
    let round = |_| {
        let start = Instant::now();
        (0..CALLS).for_each(|_| call());
        start.elapsed().as_secs_f64() * 1e6 / f64::from(CALLS)
    };
    (0..30).map(round).fold(f64::INFINITY, f64::min)
}

fn site() -> Site {
    Site {
        provider: Provider::S3,
        region: "us-west-2".to_owned(),
        endpoint: None,
        sts_endpoint: None,
        network: Network::Public,
        addressing: Addressing::Auto,
        signature: OssSignature::V4,
    }
}

fn call() -> ObjectCall {
    let bucket = BucketName::parse(Provider::S3, "colorpictures").unwrap();
    ObjectCall::ListObjectsV2 { bucket, page: KeysPage { prefix: Some("readings/".to_owned()), ..KeysPage::default() } }
}

/// A page as S3 writes it.
fn answer() -> Answer {
    let mut body = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">\
        <Name>colorpictures</Name><Prefix>readings/</Prefix><KeyCount>1000</KeyCount><MaxKeys>1000</MaxKeys>\
        <EncodingType>url</EncodingType><IsTruncated>true</IsTruncated>\
        <NextContinuationToken>1ueGcxLPRx1Tr/XYExHnhbYLgveDs2J/wm36Hy4vbOwM=</NextContinuationToken>"
        .to_owned();
    for row in 0..ROWS {
        write!(
            body,
            "<Contents><Key>readings/2026/station+{:03}/{row:09}.json</Key><LastModified>2026-03-01T12:{:02}:{:02}.000Z</LastModified>\
             <ETag>&quot;{:032x}&quot;</ETag><Size>{}</Size><StorageClass>STANDARD</StorageClass></Contents>",
            row / 10,
            row / 60 % 60,
            row % 60,
            row * 7919,
            row * 31
        )
        .unwrap();
    }
    body.push_str("</ListBucketResult>");
    Answer { status: 200, headers: HeaderMap::new(), body: Bytes::from(body) }
}

fn page(site: &Site, call: &ObjectCall, answer: &Answer) -> Leaf {
    let Said::Keys(leaf) = decode_object(site, call, answer).unwrap().said else { panic!("another answer") };
    leaf
}

#[divan::bench]
fn a_page_of_keys(bencher: divan::Bencher<'_, '_>) {
    let (site, call, answer) = (site(), call(), answer());
    bencher.counter(divan::counter::ItemsCount::new(ROWS)).bench(|| page(&site, &call, &answer));
}

#[divan::bench]
fn the_general_reader_without_rows(bencher: divan::Bencher<'_, '_>) {
    let answer = answer();
    bencher.counter(divan::counter::ItemsCount::new(ROWS)).bench(|| {
        let mut seen = 0;
        xml::read(&answer.body, |_, text| seen += text.len()).unwrap();
        seen
    });
}
