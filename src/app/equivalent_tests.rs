//! Every text typed by hand, and every line given to a shell, which says how it understood it.

use std::process::Command;

use super::*;

fn s3() -> Equivalent<'static> {
    let consent = Consent::Given;
    Equivalent { provider: Provider::S3, bucket: "arxiv", region: "us-east-1", endpoint: None, profile: Some("research"), consent }
}

fn oss() -> Equivalent<'static> {
    Equivalent { provider: Provider::Oss, bucket: "lab-results", region: "cn-hangzhou", profile: Some("lab"), ..s3() }
}

/// The words as `sh` reads them.
fn words(line: &str) -> Vec<String> {
    let script = format!("set -- {line}\nprintf '%s\\0' \"$@\"");
    let output = Command::new("sh").arg("-c").arg(&script).env_clear().output().unwrap();
    assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
    let mut words: Vec<String> = output.stdout.split(|byte| *byte == 0).map(|word| String::from_utf8(word.to_vec()).unwrap()).collect();
    assert_eq!(words.pop().as_deref(), Some(""), "{line}");
    words
}

#[track_caller]
fn same(line: &str, text: &str, as_read: &[&str]) {
    assert_eq!(line, text);
    assert_eq!(words(line), as_read, "{line}");
}

#[test]
fn an_object_with_a_harmless_key() {
    same(
        &s3().get("src/a.tar", "./a.tar"),
        "aws s3api get-object --bucket arxiv --key=src/a.tar --request-payer requester --region us-east-1 --profile research ./a.tar",
        &[
            "aws",
            "s3api",
            "get-object",
            "--bucket",
            "arxiv",
            "--key=src/a.tar",
            "--request-payer",
            "requester",
            "--region",
            "us-east-1",
            "--profile",
            "research",
            "./a.tar",
        ],
    );
    same(
        &oss().get("src/a.tar", "./a.tar"),
        "ossutil api get-object --bucket lab-results --key=src/a.tar --request-payer requester --region cn-hangzhou --profile lab",
        &[
            "ossutil",
            "api",
            "get-object",
            "--bucket",
            "lab-results",
            "--key=src/a.tar",
            "--request-payer",
            "requester",
            "--region",
            "cn-hangzhou",
            "--profile",
            "lab",
        ],
    );
}

#[test]
fn hostile_keys_are_one_word_and_nothing_else() {
    for (key, quoted) in [
        ("it's", "'it'\\''s'"),
        ("'; rm -rf ~; '", "''\\''; rm -rf ~; '\\'''"),
        ("$(id)`id`$HOME", "'$(id)`id`$HOME'"),
        ("a b\\c\"d", "'a b\\c\"d'"),
        ("-rf --all", "'-rf --all'"),
        ("!!*?[a]{b,c}~#&|<>", "'!!*?[a]{b,c}~#&|<>'"),
        ("ü/💣", "'ü/💣'"),
        ("", "''"),
    ] {
        let without = Equivalent { profile: None, consent: Consent::Silent, ..s3() };
        same(
            &without.get(key, "./x"),
            &format!("aws s3api get-object --bucket arxiv --key={quoted} --region us-east-1 ./x"),
            &["aws", "s3api", "get-object", "--bucket", "arxiv", &format!("--key={key}"), "--region", "us-east-1", "./x"],
        );
        let without = Equivalent { profile: None, consent: Consent::Refused, ..oss() };
        same(
            &without.list(key),
            &format!("ossutil api list-objects-v2 --bucket lab-results --prefix={quoted} --delimiter=/ --region cn-hangzhou"),
            &[
                "ossutil",
                "api",
                "list-objects-v2",
                "--bucket",
                "lab-results",
                &format!("--prefix={key}"),
                "--delimiter=/",
                "--region",
                "cn-hangzhou",
            ],
        );
    }
}

#[test]
fn no_key_is_taken_for_a_file_to_read() {
    same(
        &s3().get("file:///etc/passwd", "./passwd"),
        "aws s3 cp s3://arxiv/file:///etc/passwd ./passwd --request-payer requester --region us-east-1 --profile research",
        &[
            "aws",
            "s3",
            "cp",
            "s3://arxiv/file:///etc/passwd",
            "./passwd",
            "--request-payer",
            "requester",
            "--region",
            "us-east-1",
            "--profile",
            "research",
        ],
    );
    assert_eq!(
        oss().list("fileb://x y/"),
        "ossutil ls 'oss://lab-results/fileb://x y/' --request-payer requester --region cn-hangzhou --profile lab"
    );
    assert_eq!(s3().abort("file://x", "id"), None);
}

#[test]
fn an_upload_with_its_id() {
    assert_eq!(
        s3().abort("a b", "VXBsb2Fk.x_-").as_deref(),
        Some(
            "aws s3api abort-multipart-upload --bucket arxiv --key='a b' --upload-id=VXBsb2Fk.x_- --request-payer requester \
             --region us-east-1 --profile research"
        )
    );
    let quiet = Equivalent { consent: Consent::Silent, ..oss() };
    assert_eq!(
        quiet.abort("a", "0004B9").as_deref(),
        Some("ossutil api abort-multipart-upload --bucket lab-results --key=a --upload-id=0004B9 --region cn-hangzhou --profile lab")
    );
}

#[test]
fn the_payer_in_three_languages() {
    let own = Equivalent { endpoint: Some("https://s3.example:8443"), profile: None, ..s3() };
    assert_eq!(
        own.read_payer(),
        "aws s3api get-bucket-request-payment --bucket arxiv --region us-east-1 --endpoint-url https://s3.example:8443"
    );
    assert_eq!(
        s3().change_payer(&Payer::Requester),
        "aws s3api put-bucket-request-payment --bucket arxiv --request-payment-configuration Payer=Requester --region us-east-1 \
         --profile research"
    );
    same(
        &oss().change_payer(&Payer::BucketOwner),
        "ossutil api put-bucket-request-payment --bucket lab-results --request-payment-configuration '{\"Payer\":\"BucketOwner\"}' \
         --region cn-hangzhou --profile lab",
        &[
            "ossutil",
            "api",
            "put-bucket-request-payment",
            "--bucket",
            "lab-results",
            "--request-payment-configuration",
            "{\"Payer\":\"BucketOwner\"}",
            "--region",
            "cn-hangzhou",
            "--profile",
            "lab",
        ],
    );
    assert_eq!(
        s3().terraform(&Payer::Requester),
        "# provider: region us-east-1, profile research\n\
         resource \"aws_s3_bucket_request_payment_configuration\" \"arxiv\" {\n  bucket = \"arxiv\"\n  payer  = \"Requester\"\n}\n"
    );
    let named = Equivalent { bucket: "2026.maps-x", endpoint: Some("https://oss.example\n}"), ..oss() };
    assert_eq!(
        named.terraform(&Payer::BucketOwner),
        "# provider: region cn-hangzhou, endpoint https://oss.example}, profile lab\n\
         resource \"alicloud_oss_bucket_request_payment\" \"bucket_2026_maps-x\" {\n  bucket = \"2026.maps-x\"\n  \
         payer  = \"BucketOwner\"\n}\n"
    );
}
