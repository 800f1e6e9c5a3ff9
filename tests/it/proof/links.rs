//! `presign`, and a client that knows nothing but the URL.

use jiff::SignedDuration;

use super::*;
use crate::support::store::plainly;

/// S3 V4, OSS V4, OSS V1: account and bucket of a requester, the payer's item in the query, the signature's.
const SIGNATURES: [(&str, &str, &str, &str); 3] = [
    ("research:aerial-tiles", "v4", "x-amz-request-payer=requester", "X-Amz-Signature="),
    ("partner:lab-microscopy", "v4", "x-oss-request-payer=requester", "x-oss-signature="),
    ("partner:lab-microscopy", "v1", "x-oss-request-payer=requester", "&Signature="),
];

fn bench(signature: &str) -> Bench {
    Bench::with(|text| text.replace("provider = \"oss\"", &format!("provider = \"oss\"\nsignature = \"{signature}\"")))
}

fn link(bench: &Bench, arguments: &[&str]) -> String {
    let mark = bench.mark();
    let lines = bench.lines(&[&["presign"], arguments].concat());
    assert_eq!(bench.mark(), mark, "a link costs no request");
    lines[0]["url"].as_str().unwrap().to_owned()
}

#[test]
fn links_work_bare_and_pay_as_they_say() {
    for (bucket, signature, payer, signed) in SIGNATURES {
        let bench = bench(signature);
        let target = format!("{bucket}/proof/a b+c%2F?&ü.txt");
        let put = link(&bench, &["--request-payer", "requester", "--put", &target]);
        let get = link(&bench, &["--request-payer", "requester", &target]);
        for url in [&put, &get] {
            assert_eq!((url.matches(payer).count(), url.matches(signed).count()), (1, 1), "{signature}: {url}");
        }
        let mark = bench.mark();
        assert_eq!(plainly("PUT", &put, b"by link").status, 200, "{bucket} {signature}");
        let heard = plainly("GET", &get, b"");
        assert_eq!((heard.status, heard.body.as_slice()), (200, &b"by link"[..]), "{bucket} {signature}");
        let log = bench.since(mark);
        let payers: Vec<&[String]> = log.iter().map(|entry| entry.payer.as_slice()).collect();
        let wanted = payer.replace('=', ": ");
        assert_eq!(payers, [[wanted.clone()], [wanted]], "{signature}");
        assert!(log.iter().all(|entry| entry.key == "proof/a b+c%2F?&ü.txt"), "{log:?}");
        // OSS does not say it of everything.
        assert!(log[1].charged || bucket.starts_with("partner"), "{signature}");
        // What a link is for is what it is signed for.
        assert_eq!(plainly("PUT", &get, b"other").status, 403, "{signature}");
        assert_eq!(plainly("GET", &put, b"").status, 403, "{signature}");
        assert_eq!(plainly("GET", &get.replace(payer, "x=y"), b"").status, 403, "{signature}");

        let silent = link(&bench, &[&target]);
        assert!(!silent.contains("request-payer"), "{silent}");
        assert_eq!(plainly("GET", &silent, b"").status, 403, "{signature}: nobody said that the requester pays");

        let short = link(&bench, &["--request-payer", "requester", "--expires", "60s", &target]);
        assert_eq!(plainly("GET", &short, b"").status, 200, "{signature}");
        bench.store().set_clock_offset(SignedDuration::from_secs(61));
        assert_eq!(plainly("GET", &short, b"").status, 403, "{signature}: its time is over");
        assert_eq!(plainly("GET", &get, b"").status, 200, "{signature}: an hour is not");
        bench.store().set_clock_offset(SignedDuration::from_secs(3_601));
        assert_eq!(plainly("GET", &get, b"").status, 403, "{signature}: now it is");
    }
}
