//! Every shipped price, typed a second time: whoever changes one in the book has to say here that it was meant.

use super::row::Row;
use super::*;
use crate::domain::Provider;

/// The commercial regions of S3.
const COMMERCIAL: &str = "af-south-1 ap-east-1 ap-northeast-1 ap-northeast-2 ap-northeast-3 ap-south-1 ap-south-2 ap-southeast-1 ap-southeast-2 \
    ap-southeast-3 ap-southeast-4 ap-southeast-5 ap-southeast-7 ca-central-1 ca-west-1 eu-central-1 eu-central-2 eu-north-1 eu-south-1 eu-south-2 \
    eu-west-1 eu-west-2 eu-west-3 il-central-1 me-central-1 me-south-1 mx-central-1 sa-east-1 us-east-1 us-east-2 us-west-1 us-west-2";
/// The regions of OSS in mainland China.
const MAINLAND: &str = "cn-hangzhou cn-shanghai cn-qingdao cn-beijing cn-zhangjiakou cn-huhehaote cn-wulanchabu cn-shenzhen cn-heyuan \
    cn-guangzhou cn-chengdu";

/// What, the price (`low`: in the best case; `idle`: in some hours), for how many requests or bytes, where.
#[rustfmt::skip]
const S3: &[(&str, &str, &str)] = &[
    ("tier1 STANDARD", "0.005 USD / 1000", "us-east-1 us-east-2 us-west-2 eu-west-1 eu-north-1 ap-east-1 ap-south-1 ap-southeast-1 ap-southeast-3"),
    ("tier1 STANDARD", "0.0055 USD / 1000", "us-west-1 ca-central-1 ap-southeast-2 me-south-1"),
    ("tier1 STANDARD", "0.0053 USD / 1000", "eu-west-2 eu-west-3"),
    ("tier1 STANDARD", "0.0054 USD / 1000", "eu-central-1"),
    ("tier1 STANDARD", "0.0047 USD / 1000", "ap-northeast-1 ap-northeast-3"),
    ("tier1 STANDARD", "0.0045 USD / 1000", "ap-northeast-2"),
    ("tier1 STANDARD", "0.007 USD / 1000", "sa-east-1"),
    ("tier2 STANDARD|INTELLIGENT_TIERING", "0.0004 USD / 1000", "us-east-1 us-east-2 us-west-2 eu-west-1 eu-north-1 eu-south-1 eu-south-2 af-south-1 ap-east-1 ap-south-1 ap-south-2 ap-southeast-1 ap-southeast-3"),
    ("tier2 STANDARD|INTELLIGENT_TIERING", "0.00044 USD / 1000", "us-west-1 ca-central-1 ca-west-1 ap-southeast-2 ap-southeast-4 il-central-1 me-central-1 me-south-1"),
    ("tier2 STANDARD|INTELLIGENT_TIERING", "0.00043 USD / 1000", "eu-central-1 eu-central-2"),
    ("tier2 STANDARD|INTELLIGENT_TIERING", "0.00042 USD / 1000", "eu-west-2 eu-west-3 mx-central-1"),
    ("tier2 STANDARD|INTELLIGENT_TIERING", "0.00037 USD / 1000", "ap-northeast-1 ap-northeast-3"),
    ("tier2 STANDARD|INTELLIGENT_TIERING", "0.00036 USD / 1000", "ap-southeast-5 ap-southeast-7"),
    ("tier2 STANDARD|INTELLIGENT_TIERING", "0.00035 USD / 1000", "ap-northeast-2"),
    ("tier2 STANDARD|INTELLIGENT_TIERING", "0.00056 USD / 1000", "sa-east-1"),
    ("free STANDARD", "0.00 USD / 1000", "*"),
    ("tier1 STANDARD_IA", "0.01 USD / 1000", "us-east-1 us-west-1 us-west-2 eu-west-1 eu-central-1 ap-northeast-1 ap-northeast-2 ap-south-1 ap-southeast-1 ap-southeast-2 sa-east-1"),
    ("tier1 ONEZONE_IA", "0.01 USD / 1000", "us-east-1 ap-northeast-1"),
    ("tier1 GLACIER_IR", "0.02 USD / 1000", "us-east-1 ap-northeast-1"),
    ("tier1 INTELLIGENT_TIERING", "0.005 USD / 1000", "us-east-1"),
    ("tier1 INTELLIGENT_TIERING", "0.0047 USD / 1000", "ap-northeast-1"),
    ("tier1 GLACIER", "0.03 USD / 1000", "us-east-1"),
    ("tier1 GLACIER", "0.03426 USD / 1000", "ap-northeast-1"),
    ("tier1 DEEP_ARCHIVE", "0.05 USD / 1000", "us-east-1"),
    ("tier1 DEEP_ARCHIVE", "0.065 USD / 1000", "ap-northeast-1"),
    ("tier2 GLACIER|DEEP_ARCHIVE", "0.0004 USD / 1000", "us-east-1"),
    ("tier2 GLACIER|DEEP_ARCHIVE", "0.00037 USD / 1000", "ap-northeast-1"),
    ("tier2 STANDARD_IA|ONEZONE_IA", "0.001 USD / 1000", COMMERCIAL),
    ("tier2 GLACIER_IR", "0.01 USD / 1000", COMMERCIAL),
    ("retrieval STANDARD_IA|ONEZONE_IA", "0.01 USD / 1073741824", COMMERCIAL),
    ("retrieval GLACIER_IR", "0.03 USD / 1073741824", COMMERCIAL),
    ("retrieval INTELLIGENT_TIERING", "0.00 USD / 1073741824", "*"),
    ("retrieval GLACIER", "0.01 USD low 0.00 / 1073741824", "us-east-1"),
    ("retrieval GLACIER", "0.011 USD low 0.00 / 1073741824", "ap-northeast-1"),
    ("retrieval DEEP_ARCHIVE", "0.02 USD low 0.0025 / 1073741824", "us-east-1"),
    ("retrieval DEEP_ARCHIVE", "0.022 USD / 1073741824", "ap-northeast-1"),
    ("transfer public|dualstack|fips", "0.09 USD low 0.00 / 1073741824", "us-east-1 us-east-2 us-west-1 us-west-2 ca-central-1 eu-central-1 eu-north-1 eu-south-1 eu-west-1 eu-west-2 eu-west-3"),
    ("transfer public|dualstack|fips", "0.114 USD low 0.00 / 1073741824", "ap-northeast-1 ap-northeast-3 ap-southeast-2"),
    ("transfer public|dualstack|fips", "0.12 USD low 0.00 / 1073741824", "ap-east-1 ap-southeast-1"),
    ("transfer public|dualstack|fips", "0.126 USD low 0.00 / 1073741824", "ap-northeast-2"),
    ("transfer public|dualstack|fips", "0.1093 USD low 0.00 / 1073741824", "ap-south-1"),
    ("transfer public|dualstack|fips", "0.132 USD low 0.00 / 1073741824", "ap-southeast-3"),
    ("transfer public|dualstack|fips", "0.117 USD low 0.00 / 1073741824", "me-south-1"),
    ("transfer public|dualstack|fips", "0.15 USD low 0.00 / 1073741824", "sa-east-1"),
    ("transfer public|dualstack|fips", "0.154 USD low 0.00 / 1073741824", "af-south-1"),
    ("transfer public|dualstack|fips", "0.155 USD low 0.00 / 1073741824", "us-gov-east-1"),
    ("transfer accelerate", "0.13 USD low 0.00 / 1073741824", "us-east-1"),
];

#[rustfmt::skip]
const OSS: &[(&str, &str, &str)] = &[
    ("put Standard", "0.01 CNY / 10000", MAINLAND),
    ("get Standard", "0.01 CNY / 10000", MAINLAND),
    ("put IA|Archive|ColdArchive", "0.10 CNY / 10000", MAINLAND),
    ("get IA|Archive|ColdArchive", "0.10 CNY / 10000", MAINLAND),
    ("transfer public|dualstack", "0.50 CNY idle 0.25 00-08 +08 / 1000000000", MAINLAND),
    ("transfer internal", "0.00 CNY / 1000000000", "*"),
    ("retrieval IA", "0.0325 CNY / 1000000000", MAINLAND),
    ("retrieval ColdArchive", "0.06 CNY low 0.03 / 1000000000", MAINLAND),
];

/// One line for each price of a table: `s3 us-east-1 tier1 STANDARD: 0.005 USD / 1000`.
fn typed(provider: Provider, table: &[(&str, &str, &str)]) -> Vec<String> {
    let mut lines = Vec::new();
    for (what, price, regions) in table {
        let (kind, things) = what.split_once(' ').unwrap();
        for region in regions.split_whitespace() {
            lines.extend(things.split('|').map(|thing| format!("{} {region} {kind} {thing}: {price}", provider.as_str())));
        }
    }
    lines
}

/// The same of a row of the book.
fn written(row: &Row) -> String {
    let what = match &row.what {
        What::Request { class, storage } => format!("{} {storage}", words::class_code(*class)),
        What::Transfer { network } => format!("transfer {}", words::network(*network)),
        What::Retrieval { storage } => format!("retrieval {storage}"),
    };
    let low = row.low.map(|low| format!(" low {low}")).unwrap_or_default();
    let idle = row.idle.as_ref();
    let idle = idle.map(|idle| format!(" idle {} {:02}-{:02} {:+03}", idle.price, idle.from, idle.until, idle.east)).unwrap_or_default();
    format!("{} {} {what}: {} {}{low}{idle} / {}", row.provider.as_str(), row.region, row.price, row.currency, row.per)
}

#[test]
fn every_shipped_price_is_the_one_that_was_meant() {
    let mut typed = [typed(Provider::S3, S3), typed(Provider::Oss, OSS)].concat();
    let mut written: Vec<String> = Book::shipped().rows().map(written).collect();
    typed.sort();
    written.sort();
    let missing: Vec<&String> = typed.iter().filter(|line| !written.contains(line)).collect();
    let unknown: Vec<&String> = written.iter().filter(|line| !typed.contains(line)).collect();
    assert!(missing.is_empty() && unknown.is_empty(), "typed, not written: {missing:#?}; written, not typed: {unknown:#?}");
    assert_eq!(typed.len(), written.len());
}
