//! Signing one S3 request: ours against `aws-sigv4` and `reqsign-aws-v4`, in one run on one machine.
//!
//! `cargo bench --bench sign`. The goal is half of what `aws-sigv4` needs or less; the ratio is printed at the end.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a benchmark that cannot go on fails here")]
#![allow(clippy::disallowed_methods, clippy::print_stdout, reason = "a benchmark measures and prints")]

use std::future::Future;
use std::hint::black_box;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant, SystemTime};

use aws_sigv4::http_request::{PercentEncodingMode, SignableBody, SignableRequest, SigningSettings, UriPathNormalizationMode};
use jiff::Timestamp;
use reqsign_core::SignRequest;
use whopays::domain::{Addressing, BucketName, Credentials, Keys, Network, OssSignature, Provider, Secret, Site};
use whopays::wire::{Call, Draft, Signer, Terms, encode};

const ID: &str = "AKIDEXAMPLE00000001";
const SECRET: &str = "exampleSecret/with+slash=and0123456789ABCD";
const URL: &str = "https://colorpictures.s3.us-west-2.amazonaws.com/?requestPayment";
const SECOND: i64 = 1_772_366_400;

fn main() {
    divan::main();
    let signer = Signer::new();
    let (site, keys, draft) = (site(), keys(), draft());
    let ours = best(|| drop(black_box(sign(&signer, &site, draft.clone(), &keys))));
    let aws = best(|| drop(black_box(sign_with_aws())));
    let reqsign = reqsign_signer();
    let reqsign = best(|| drop(black_box(sign_with_reqsign(&reqsign.0, &reqsign.1))));
    println!("one request: whopays {ours:.2} µs, aws-sigv4 {aws:.2} µs, reqsign-aws-v4 {reqsign:.2} µs");
    println!("whopays / aws-sigv4 = {:.2} (goal: 0.50 or less)", ours / aws);
}

/// The best of twenty rounds, in microseconds for one call.
fn best(mut call: impl FnMut()) -> f64 {
    const CALLS: u32 = 5_000;
    let round = |_| {
        let start = Instant::now();
        (0..CALLS).for_each(|_| call());
        start.elapsed().as_secs_f64() * 1e6 / f64::from(CALLS)
    };
    (0..20).map(round).fold(f64::INFINITY, f64::min)
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

fn keys() -> Keys {
    Keys::Signed(Arc::new(Credentials {
        access_key_id: ID.to_owned(),
        secret: Secret::new(SECRET.to_owned()),
        session_token: None,
        expires_at: None,
    }))
}

fn draft() -> Draft {
    let call = Call::GetBucketRequestPayment { bucket: BucketName::parse(Provider::S3, "colorpictures").unwrap() };
    encode(&site(), &call, &Terms::default()).unwrap()
}

fn sign(signer: &Signer, site: &Site, draft: Draft, keys: &Keys) -> String {
    signer.sign(site, draft, keys, Timestamp::from_second(SECOND).unwrap()).unwrap().url
}

fn sign_with_aws() -> String {
    let identity = aws_credential_types::Credentials::new(ID, SECRET, None, None, "bench").into();
    let mut settings = SigningSettings::default();
    settings.percent_encoding_mode = PercentEncodingMode::Single;
    settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
    let params = aws_sigv4::sign::v4::SigningParams::builder()
        .identity(&identity)
        .region("us-west-2")
        .name("s3")
        .time(SystemTime::UNIX_EPOCH + Duration::from_secs(SECOND.unsigned_abs()))
        .settings(settings)
        .build()
        .unwrap();
    let request = SignableRequest::new("GET", URL, std::iter::empty(), SignableBody::Bytes(b"")).unwrap();
    aws_sigv4::http_request::sign(request, &params.into()).unwrap().signature().to_owned()
}

fn reqsign_signer() -> (reqsign_aws_v4::RequestSigner, reqsign_aws_v4::Credential) {
    let credential =
        reqsign_aws_v4::Credential { access_key_id: ID.to_owned(), secret_access_key: SECRET.to_owned(), ..Default::default() };
    (reqsign_aws_v4::RequestSigner::new("s3", "us-west-2"), credential)
}

fn sign_with_reqsign(signer: &reqsign_aws_v4::RequestSigner, credential: &reqsign_aws_v4::Credential) -> http::request::Parts {
    let mut parts = http::Request::builder().uri(URL).body(()).unwrap().into_parts().0;
    let context = reqsign_core::Context::new();
    {
        let mut signing = pin!(signer.sign_request(&context, &mut parts, Some(credential), None));
        // Nothing in it waits.
        match signing.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(done) => done.unwrap(),
            Poll::Pending => panic!("the peer waited"),
        }
    }
    parts
}

#[divan::bench]
fn whopays(bencher: divan::Bencher<'_, '_>) {
    let signer = Signer::new();
    let (site, keys, draft) = (site(), keys(), draft());
    bencher.with_inputs(|| draft.clone()).bench_values(|draft| sign(&signer, &site, draft, &keys));
}

#[divan::bench]
fn whopays_encode_and_sign(bencher: divan::Bencher<'_, '_>) {
    let signer = Signer::new();
    let (site, keys) = (site(), keys());
    bencher.bench(|| sign(&signer, &site, draft(), &keys));
}

#[divan::bench]
fn aws_sigv4_crate() -> String {
    sign_with_aws()
}

#[divan::bench]
fn reqsign_aws_v4_crate(bencher: divan::Bencher<'_, '_>) {
    let (signer, credential) = reqsign_signer();
    bencher.bench(|| sign_with_reqsign(&signer, &credential));
}
