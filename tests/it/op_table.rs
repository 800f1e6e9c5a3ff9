//! The operation table against the service models of the official SDKs, in both directions.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails here")]
#![allow(clippy::disallowed_methods, reason = "the test itself reads the recorded lists")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde::Deserialize;
use whopays::domain::op::{Charged, Effect, PayerHeader, ROWS, Row};
use whopays::domain::{Op, Provider};

#[derive(Deserialize)]
struct S3Model {
    operations_total: usize,
    header_in: String,
    request_payer_input: BTreeSet<String>,
    request_charged_output: BTreeSet<String>,
    operations: Vec<S3Operation>,
}

#[derive(Deserialize)]
struct S3Operation {
    operation: String,
    method: String,
    uri: String,
}

#[derive(Deserialize)]
struct OssModel {
    requests_total: usize,
    header_in: String,
    with_request_payer: BTreeSet<String>,
    without_request_payer: BTreeSet<String>,
    with_request_charged_output: Vec<BTreeMap<String, String>>,
}

fn read<T: for<'de> Deserialize<'de>>(name: &str) -> T {
    let folder =
        std::env::var_os("WHOPAYS_WIRE_DIR").map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/wire"), PathBuf::from);
    serde_json::from_slice(&std::fs::read(folder.join(name)).unwrap()).unwrap()
}

/// The names of a provider's rows that fit.
fn names(provider: Provider, fits: impl Fn(&Row) -> bool) -> BTreeSet<String> {
    ROWS.iter().filter(|row| row.op.cell(provider).is_some() && fits(row)).map(|row| row.op.name(provider).to_owned()).collect()
}

fn payer(provider: Provider) -> BTreeSet<String> {
    names(provider, |row| row.op.cell(provider).is_some_and(|cell| cell.payer == PayerHeader::Takes))
}

fn charged(provider: Provider) -> BTreeSet<String> {
    names(provider, |row| row.op.cell(provider).is_some_and(|cell| cell.charged == Charged::Answered))
}

fn set<const N: usize>(names: [&str; N]) -> BTreeSet<String> {
    names.into_iter().map(str::to_owned).collect()
}

#[test]
fn s3_columns_are_the_service_models() {
    let model: S3Model = read("s3-request-payer-operations.json");
    assert_eq!((model.operations_total, model.operations.len()), (116, 116));
    assert_eq!(model.header_in, "x-amz-request-payer");
    assert_eq!((model.request_payer_input.len(), model.request_charged_output.len()), (34, 30));
    assert_eq!(payer(Provider::S3), model.request_payer_input);
    assert_eq!(charged(Provider::S3), model.request_charged_output);
}

#[test]
fn s3_has_every_object_operation_and_no_invention() {
    let model: S3Model = read("s3-request-payer-operations.json");
    let ours = names(Provider::S3, |_| true);
    let theirs: BTreeSet<String> = model.operations.iter().map(|row| row.operation.clone()).collect();
    // STS is another service.
    assert_eq!(&ours - &theirs, set(["GetCallerIdentity"]));
    let objects: BTreeSet<String> =
        model.operations.iter().filter(|row| row.uri.contains("{Key")).map(|row| row.operation.clone()).collect();
    assert_eq!(&objects - &ours, BTreeSet::new());
    for row in &model.operations {
        let Some(own) = ROWS.iter().find(|own| own.s3.is_some() && own.name == row.operation) else { continue };
        // A query that is sent as POST reads.
        let reads = matches!(row.method.as_str(), "GET" | "HEAD") || row.operation == "SelectObjectContent";
        assert_eq!(own.effect == Effect::Reads, reads, "{}", row.operation);
    }
}

#[test]
fn oss_columns_are_the_request_models() {
    let model: OssModel = read("oss-request-payer-operations.json");
    let bare = |names: &BTreeSet<String>| -> BTreeSet<String> {
        names.iter().map(|name| name.strip_suffix("Request").unwrap().to_owned()).collect()
    };
    let (with, without) = (bare(&model.with_request_payer), bare(&model.without_request_payer));
    assert_eq!((model.requests_total, with.len(), without.len()), (152, 28, 124));
    assert_eq!(model.header_in, "x-oss-request-payer");
    // The Go SDK's model of CleanRestoredObject has the payer, the Python SDK's has not.
    assert_eq!(&payer(Provider::Oss) - &with, set(["CleanRestoredObject"]));
    assert_eq!(&with - &payer(Provider::Oss), BTreeSet::new());
    let charged_results: BTreeSet<String> = model.with_request_charged_output.iter().map(|row| row["result"].clone()).collect();
    assert_eq!(charged_results, set(["HeadObjectResult"]));
    assert_eq!(charged(Provider::Oss), set(["HeadObject"]));
    let ours = names(Provider::Oss, |_| true);
    let known: BTreeSet<String> = with.union(&without).cloned().collect();
    // STS is another service.
    assert_eq!(&ours - &known, set(["GetCallerIdentity"]));
    let objects: BTreeSet<String> = known.iter().filter(|name| name.contains("Object")).cloned().collect();
    // A browser's preflight, the preparation of a query, and two settings of buckets.
    let left_out = set(["OptionObject", "CreateSelectObjectMeta", "GetBucketObjectWormConfiguration", "PutBucketObjectWormConfiguration"]);
    assert_eq!(&objects - &ours, left_out);
}

/// The never list (section 3 of the matrix), typed by hand: also where a model would let a caller force it.
#[test]
fn what_never_carries_the_payer() {
    for op in [
        Op::ListBuckets,
        Op::HeadBucket,
        Op::CreateBucket,
        Op::DeleteBucket,
        Op::GetBucketLocation,
        Op::GetBucketInfo,
        Op::GetBucketStat,
        Op::GetBucketRequestPayment,
        Op::PutBucketRequestPayment,
        Op::GetBucketAcl,
        Op::GetBucketPolicy,
        Op::GetBucketPolicyStatus,
        Op::GetPublicAccessBlock,
        Op::GetBucketWebsite,
        Op::GetBucketLogging,
        Op::GetBucketReplication,
        Op::GetBucketReferer,
        Op::ListCname,
        Op::GetCallerIdentity,
    ] {
        assert!(!op.takes_payer(Provider::S3) && !op.takes_payer(Provider::Oss), "{op:?}");
    }
    assert!(!Op::DeleteObjectTagging.takes_payer(Provider::S3) && Op::DeleteObjectTagging.takes_payer(Provider::Oss));
}

#[test]
fn names_are_unique() {
    for provider in [Provider::S3, Provider::Oss] {
        let rows = ROWS.iter().filter(|row| row.op.cell(provider).is_some()).count();
        assert_eq!(names(provider, |_| true).len(), rows, "{provider}");
    }
}
