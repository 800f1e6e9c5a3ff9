//! What the load mode tells people and tools: a ready config, and lines that point other tools at it.
//!
//! Comes in: the address. Goes out: text. Any keys will do: nobody looks at signatures.

use super::service::{BUCKETS, SMALL};
use crate::domain::Provider;

/// The ready config.
pub(super) fn config(endpoint: &str) -> String {
    let mut text = String::from("# The synthetic buckets of the whopays store. Any keys will do.\n");
    if endpoint.starts_with("https:") {
        text.push_str("# Add `ca_file = \"FILE\"` to both accounts: the PEM file of whoever signed the certificate.\n");
    }
    for (name, cloud, region) in [("bench", Provider::S3, "us-west-2"), ("oss-bench", Provider::Oss, "cn-hangzhou")] {
        text.push_str(&format!(
            "\n[accounts.{name}]\nprovider = \"{cloud}\"\nregion = \"{region}\"\nendpoint = \"{endpoint}\"\n\
             sts_endpoint = \"{endpoint}\"\naddressing = \"path\"\naccess_key_id = \"AKIABENCH00000000001\"\n\
             access_key_secret = \"bench-secret-0123456789abcdefghijklmnop\"\n"
        ));
        for (_, bucket, _) in BUCKETS.iter().filter(|(each, ..)| *each == cloud) {
            text.push_str(&format!(
                "\n[[accounts.{name}.buckets]]\nname = \"{bucket}\"\nregion = \"{region}\"\nrequest_payer = \"requester\"\n"
            ));
        }
    }
    text
}

/// What `demo --serve --synthetic` prints.
pub(super) fn introduction(endpoint: &str, keys: u64) -> String {
    format!(
        "The load store listens at {endpoint}\n\
         Each bucket has {keys} keys of {SMALL} bytes, made up as they are asked for; nobody looks at signatures.\n\n\
         \x20 synthetic, oss-synthetic                  key-0000000000, key-0000000001, ...\n\
         \x20 synthetic-folders, oss-synthetic-folders  top-0000/sub-00/file-000.bin, ...\n\
         \x20 blob/SIZE in each of them                 an object of so many bytes, for ranges and checksums\n\
         \x20 PUT and multipart                         read, summed and forgotten\n\
         \x20 GET, DELETE {endpoint}/-/counts   requests by operation, bytes, connections; begin anew\n\n\
         A ready config, for a file that only you can read (mode 0600):\n\n# --- config\n{}# --- end of config\n\n\
         Other tools (over TLS also: AWS_CA_BUNDLE=FILE, s5cmd --no-verify-ssl, rclone --no-check-certificate, curl --cacert FILE):\n\n\
         \x20 export AWS_ACCESS_KEY_ID=bench AWS_SECRET_ACCESS_KEY=bench AWS_REGION=us-west-2 AWS_ENDPOINT_URL={endpoint}\n\
         \x20 aws s3api list-objects-v2 --bucket synthetic --request-payer requester\n\
         \x20 s5cmd --endpoint-url {endpoint} --request-payer requester ls 's3://synthetic/*'\n\
         \x20 rclone lsf -R ':s3,provider=Other,env_auth,region=us-west-2,requester_pays,endpoint=\"{endpoint}\":synthetic'\n\
         \x20 curl -o /dev/null {endpoint}/synthetic/blob/1073741824\n\
         \x20 python3 -c \"import boto3; s3 = boto3.client('s3'); print(s3.head_object(Bucket='synthetic', Key='blob/5')['ETag'])\"\n\
         \x20 python3 -c \"import oss2; b = oss2.Bucket(oss2.Auth('bench', 'bench'), '{endpoint}', 'oss-synthetic', is_path_style=True); print(b.head_object('blob/5').etag)\"\n",
        config(endpoint)
    )
}
