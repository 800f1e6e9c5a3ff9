//! The recorded requests of the official SDKs, run through the store's own verification.
//!
//! Every case must be taken with the secret and the time that made it, and every damaged copy must be refused. The cases
//! that the recording itself marks (`divergent`, paths that the HTTP library changed) are counted and named.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde_json::Value;

use super::request::{self, Incoming, Resource};
use super::verify::{self, Key, Keyring, Refusal};

struct OneKey {
    id: String,
    key: Key,
}

impl Keyring for OneKey {
    fn key(&self, id: &str) -> Option<Key> {
        (id == self.id).then(|| self.key.clone())
    }
}

/// A recorded request and what it was made from.
struct Case {
    name: String,
    divergent: bool,
    altered: bool,
    request: Incoming,
    resource: Resource,
    ring: OneKey,
    /// Whether host and path alone name the resource (not for stores with names of their own, and paths that were folded).
    locatable: bool,
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn case(value: &Value) -> Case {
    let (inputs, expected) = (&value["inputs"], &value["expected"]);
    let pairs = expected["headers"].as_array().unwrap();
    let mut headers: Vec<(String, String)> = pairs.iter().map(|pair| (text(&pair[0]).to_ascii_lowercase(), text(&pair[1]))).collect();
    if !headers.iter().any(|(name, _)| name == "host") {
        headers.push(("host".to_owned(), text(&expected["host"])));
    }
    let key = Key { secret: text(&inputs["secret"]), token: inputs["session_token"].as_str().map(str::to_owned), expired: false };
    let vendors = ["amazonaws.com", "aliyuncs.com"].iter().any(|domain| text(&expected["host"]).ends_with(domain));
    Case {
        name: text(&value["name"]),
        divergent: value["tags"].as_array().unwrap().iter().any(|tag| tag == "divergent"),
        altered: expected["transport_altered"] == true,
        request: Incoming {
            method: text(&expected["method"]),
            target: text(&expected["target"]),
            headers,
            body: Bytes::from(STANDARD.decode(text(&expected["body_b64"])).unwrap()),
            now: inputs["time"].as_str().unwrap().parse().unwrap(),
        },
        resource: Resource { bucket: text(&inputs["bucket"]), key: text(&inputs["key"]) },
        ring: OneKey { id: text(&inputs["access_key_id"]), key },
        locatable: inputs["addressing_style"] != "cname" && expected["transport_altered"] != true && vendors,
    }
}

#[expect(clippy::disallowed_methods, reason = "a test reads the recording")]
fn cases(family: &str) -> Vec<Case> {
    let folder = std::env::var("WHOPAYS_WIRE_DIR").unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/tests/wire").to_owned());
    let file = std::fs::read_to_string(format!("{folder}/{family}.json")).unwrap();
    let document: Value = serde_json::from_str(&file).unwrap();
    document["cases"].as_array().unwrap().iter().map(case).collect()
}

impl Case {
    fn verdict(&self) -> Result<bool, Refusal> {
        verify::verify(&self.request, &self.resource, &self.ring).map(|proof| proof.is_some_and(|proof| proof.key_id == self.ring.id))
    }

    /// Damaged copies: none of them may be taken.
    fn damaged(&self) -> Vec<(&'static str, Result<bool, Refusal>)> {
        let mut out = Vec::new();
        let mut with = |label, change: &dyn Fn(&mut Incoming, &mut Resource, &mut OneKey)| {
            let mut request = self.request.clone();
            let mut resource = self.resource.clone();
            let mut ring = OneKey { id: self.ring.id.clone(), key: self.ring.key.clone() };
            change(&mut request, &mut resource, &mut ring);
            out.push((label, verify::verify(&request, &resource, &ring).map(|proof| proof.is_some())));
        };
        with("secret", &|_, _, ring| ring.key.secret.push('!'));
        with("method", &|request, _, _| request.method = "PATCH".to_owned());
        with("token", &|_, _, ring| ring.key.token = Some("another token".to_owned()));
        with("key id", &|_, _, ring| ring.id.push('x'));
        with("a month later", &|request, _, _| request.now = request.now.checked_add(jiff::SignedDuration::from_hours(24 * 30)).unwrap());
        if self.request.headers.iter().any(|(name, _)| name.ends_with("-request-payer")) {
            with("payer header", &|request, _, _| {
                for (_, value) in request.headers.iter_mut().filter(|(name, _)| name.ends_with("-request-payer")) {
                    *value = "owner".to_owned();
                }
            });
        }
        if self.request.target.contains("request-payer=requester") {
            with("payer item", &|request, _, _| request.target = request.target.replace("request-payer=requester", "request-payer=nobody"));
        }
        if self.request.target.contains("requestPayment") {
            with("requestPayment", &|request, _, _| request.target = request.target.replace("requestPayment", "acl"));
        }
        with("resource", &|request, resource, _| {
            resource.key.push('x');
            let (path, query) = request.target.split_once('?').unwrap_or((&request.target, ""));
            request.target = format!("{path}x?{query}");
        });
        out
    }
}

/// Runs a family; gives the names of the cases that were refused, with the reason's first word.
fn run(family: &str) -> (usize, Vec<String>) {
    let cases = cases(family);
    let mut refused = Vec::new();
    for case in &cases {
        match case.verdict() {
            Ok(taken) => {
                assert!(taken, "{family} {}: taken as anonymous", case.name);
                for (label, verdict) in case.damaged() {
                    let bucketless = label == "resource" && case.resource.bucket.is_empty() && family.starts_with("oss");
                    assert!(bucketless || verdict.is_err(), "{family} {}: damaged {label} was taken", case.name);
                }
            }
            Err(refusal) => refused.push(format!("{} {}", case.name, reason(&refusal))),
        }
        if case.locatable {
            let found = request::locate(case.request.header("host").unwrap(), case.request.path());
            assert_eq!(found.as_ref(), Ok(&case.resource), "{family} {}", case.name);
        }
    }
    (cases.len() - refused.len(), refused)
}

fn reason(refusal: &Refusal) -> &'static str {
    match refusal {
        Refusal::Mismatch(_) => "signature",
        Refusal::UnknownKey(_) => "token missing",
        Refusal::Malformed(_)
        | Refusal::WrongToken(_)
        | Refusal::TokenForLongLivedKey(_)
        | Refusal::ExpiredToken(_)
        | Refusal::Skewed(_)
        | Refusal::Expired { .. }
        | Refusal::Unsigned(_)
        | Refusal::Payload { .. }
        | Refusal::NotOffered(_) => "other",
    }
}

/// Paths that the SDKs' HTTP library folded after signing. OSS signs names, not URLs, so that the signatures are right for the
/// key that was meant; only what the folded path names is not compared.
#[test]
fn folded_paths_are_known_by_name() {
    let altered = |family| cases(family).into_iter().filter(|case| case.altered).map(|case| case.name).collect::<Vec<String>>();
    let only_dots =
        ["key/only-dot/get", "key/only-dot/put-sts", "key/only-dotdot/get", "key/only-dotdot/put-sts", "key/only-dotdot/head-path-style"];
    let segments = [
        "key/dot-segment/get",
        "key/dot-segment/put-sts",
        "key/dot-segment/head-path-style",
        "key/dotdot-segment/get",
        "key/dotdot-segment/put-sts",
        "key/dotdot-first/get",
        "key/dotdot-first/put-sts",
        "key/dotdot-first/head-path-style",
    ];
    let both: Vec<&str> = segments.into_iter().chain(only_dots).collect();
    assert_eq!(altered("s3-botocore"), [""; 0]);
    assert_eq!(altered("oss-oss2-v1"), only_dots);
    assert_eq!(altered("oss-oss2-v4"), only_dots);
    assert_eq!(altered("oss-v2-v4"), both);
    assert_eq!(altered("oss-v2-v1"), both);
}

#[test]
fn botocore_s3_v4() {
    assert_eq!(run("s3-botocore"), (523, vec![]));
}

#[test]
fn oss2_v1() {
    assert_eq!(run("oss-oss2-v1"), (395, vec![]));
}

#[test]
fn oss2_v4() {
    assert_eq!(run("oss-oss2-v4"), (398, vec![]));
}

#[test]
fn alibabacloud_v4() {
    assert_eq!(run("oss-v2-v4"), (409, vec![]));
}

/// This SDK's V1 differs from all others (the recording says so): its STS token travels in a header that nobody signs, and
/// its presigned URLs leave the payer unsigned. The store refuses exactly these.
#[test]
fn alibabacloud_v1_and_its_divergent_cases() {
    let (taken, refused) = run("oss-v2-v1");
    let divergent: Vec<String> = cases("oss-v2-v1").iter().filter(|case| case.divergent).map(|case| case.name.clone()).collect();
    let names: Vec<&str> = refused.iter().map(|line| line.split(' ').next().unwrap()).collect();
    assert_eq!(names, divergent);
    assert_eq!((taken, refused.len()), (236, 172));
}
