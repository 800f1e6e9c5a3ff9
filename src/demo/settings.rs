//! What the owner may read of a bucket beside its payer: access list, policy, website, logs, replication, acceleration, …
//!
//! Comes in: a bucket, and which setting. Goes out: the cloud's document, or its word for *not set*. Access list and policy say
//! what `access` does; everything else is as the world's table has it.

use serde_json::{Value, json};

use super::answer::{Answer, Fault, not_implemented};
use super::buckets::namespace;
use super::details::{grant, groups};
use super::listing::account_owner_id;
use super::state::Bucket;
use super::world::{self, Share, Use};
use super::xml::Document;
use crate::domain::{Op, Provider};

/// The setting that an operation reads.
#[expect(clippy::wildcard_enum_match_arm, reason = "the door sends only these here")]
pub(super) fn read(op: Op, bucket: &Bucket) -> Result<Answer, Fault> {
    if op.cell(bucket.owner.cloud).is_none() {
        return Err(not_implemented(bucket.owner.cloud));
    }
    match op {
        Op::GetBucketAcl => Ok(acl(bucket)),
        Op::GetBucketPolicy => policy(bucket),
        Op::GetBucketPolicyStatus => status(bucket),
        Op::GetPublicAccessBlock => block(bucket),
        Op::GetBucketWebsite => website(bucket),
        Op::GetBucketLogging => Ok(logging(bucket)),
        Op::GetBucketReplication => replication(bucket),
        Op::GetBucketAccelerateConfiguration => acceleration(bucket),
        Op::GetBucketReferer => Ok(referer(bucket)),
        Op::ListCname => Ok(domains(bucket)),
        _ => Err(not_implemented(bucket.owner.cloud)),
    }
}

fn document(bucket: &Bucket, root: &'static str) -> Document {
    Document::new(root, namespace(bucket.owner.cloud))
}

fn not_set(bucket: &Bucket, s3: &'static str, oss: &'static str, message: &str) -> Fault {
    let code = if bucket.owner.cloud == Provider::S3 { s3 } else { oss };
    Fault::new(404, code, message).detail("BucketName", bucket.name.as_str())
}

fn names<'b>(bucket: &'b Bucket, wanted: fn(&Use) -> Option<&'static str>) -> impl Iterator<Item = &'static str> + 'b {
    bucket.uses.iter().filter_map(wanted)
}

fn acl(bucket: &Bucket) -> Answer {
    let cloud = bucket.owner.cloud;
    let owner = account_owner_id(cloud, bucket.owner.id);
    let canned = if bucket.share == Share::PublicRead { "public-read" } else { "private" };
    let mut list = document(bucket, "AccessControlPolicy");
    list.inside("Owner", |inside| {
        inside.leaf("ID", &owner).leaf("DisplayName", &owner);
    });
    list.inside("AccessControlList", |inside| match cloud {
        Provider::Oss => {
            inside.leaf("Grant", canned);
        }
        Provider::S3 => {
            grant(inside, "CanonicalUser", &owner, "FULL_CONTROL");
            for (group, permission) in groups(canned) {
                grant(inside, "Group", &format!("http://acs.amazonaws.com/groups/global/{group}"), permission);
            }
        }
    });
    Answer::xml(200, list.end())
}

/// The statements of the policy, as S3 or OSS writes them.
fn statements(bucket: &Bucket) -> Vec<Value> {
    let cloud = bucket.owner.cloud;
    let allow = |principal: Value, actions: &[&str]| {
        let prefix = cloud.as_str();
        let actions: Vec<String> = actions.iter().map(|action| format!("{prefix}:{action}")).collect();
        let all = match cloud {
            Provider::S3 => format!("arn:aws:s3:::{}/*", bucket.name),
            Provider::Oss => format!("acs:oss:*:{}:{}/*", bucket.owner.id, bucket.name),
        };
        json!({ "Effect": "Allow", "Principal": principal, "Action": actions, "Resource": [all] })
    };
    let account = |id: &str| match cloud {
        Provider::S3 => json!({ "AWS": format!("arn:aws:iam::{id}:root") }),
        Provider::Oss => json!([id]),
    };
    let mut found = Vec::new();
    match bucket.share {
        Share::PublicRead if cloud == Provider::S3 => found.push(allow(json!("*"), &["GetObject"])),
        Share::With(name) => {
            let actions = ["GetObject", "PutObject", "DeleteObject", "ListObjects"];
            found.extend(world::account(name).map(|other| allow(account(other.id), &actions)));
        }
        Share::PublicRead | Share::Private => {}
    }
    for each in bucket.uses {
        match each {
            Use::CloudFront => found.push(allow(json!({ "Service": "cloudfront.amazonaws.com" }), &["GetObject"])),
            Use::TakesLogs => found.push(allow(json!({ "Service": "logging.s3.amazonaws.com" }), &["PutObject"])),
            Use::TakesReplicas(id) => found.push(allow(account(id), &["ReplicateObject", "ReplicateDelete"])),
            Use::Website
            | Use::LogsTo(_)
            | Use::ReplicatesTo(_)
            | Use::Accelerated
            | Use::Blocked
            | Use::EmbeddedIn(_)
            | Use::Domain(_) => {}
        }
    }
    found
}

fn policy(bucket: &Bucket) -> Result<Answer, Fault> {
    let (statements, cloud) = (statements(bucket), bucket.owner.cloud);
    if statements.is_empty() {
        return Err(not_set(bucket, "NoSuchBucketPolicy", "NoSuchBucketPolicy", "The bucket policy does not exist"));
    }
    let version = if cloud == Provider::S3 { "2012-10-17" } else { "1" };
    let text = json!({ "Version": version, "Statement": statements }).to_string();
    let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
    Ok(Answer { status: 200, headers, body: text.into() })
}

fn status(bucket: &Bucket) -> Result<Answer, Fault> {
    if statements(bucket).is_empty() {
        return Err(not_set(bucket, "NoSuchBucketPolicy", "NoSuchBucketPolicy", "The bucket policy does not exist"));
    }
    let mut status = document(bucket, "PolicyStatus");
    let public = bucket.share == Share::PublicRead && bucket.owner.cloud == Provider::S3;
    status.leaf("IsPublic", if public { "true" } else { "false" });
    Ok(Answer::xml(200, status.end()))
}

fn block(bucket: &Bucket) -> Result<Answer, Fault> {
    if !bucket.uses.contains(&Use::Blocked) {
        let code = "NoSuchPublicAccessBlockConfiguration";
        return Err(not_set(bucket, code, code, "The public access block configuration was not found"));
    }
    let mut block = document(bucket, "PublicAccessBlockConfiguration");
    match bucket.owner.cloud {
        Provider::S3 => {
            for name in ["BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"] {
                block.leaf(name, "true");
            }
        }
        Provider::Oss => {
            block.leaf("BlockPublicAccess", "true");
        }
    }
    Ok(Answer::xml(200, block.end()))
}

fn website(bucket: &Bucket) -> Result<Answer, Fault> {
    if !bucket.uses.contains(&Use::Website) {
        let code = "NoSuchWebsiteConfiguration";
        return Err(not_set(bucket, code, code, "The specified bucket does not have a website configuration"));
    }
    let mut website = document(bucket, "WebsiteConfiguration");
    website.inside("IndexDocument", |index| {
        index.leaf("Suffix", "index.html");
    });
    website.inside("ErrorDocument", |error| {
        error.leaf("Key", "404.html");
    });
    Ok(Answer::xml(200, website.end()))
}

fn logging(bucket: &Bucket) -> Answer {
    let mut logging = document(bucket, "BucketLoggingStatus");
    for target in names(bucket, |each| if let Use::LogsTo(target) = each { Some(target) } else { None }) {
        logging.inside("LoggingEnabled", |enabled| {
            enabled.leaf("TargetBucket", target).leaf("TargetPrefix", "access/");
        });
    }
    Answer::xml(200, logging.end())
}

fn replication(bucket: &Bucket) -> Result<Answer, Fault> {
    let mut targets = names(bucket, |each| if let Use::ReplicatesTo(target) = each { Some(target) } else { None }).peekable();
    if targets.peek().is_none() {
        let (s3, oss) = ("ReplicationConfigurationNotFoundError", "NoSuchReplicationConfiguration");
        return Err(not_set(bucket, s3, oss, "The replication configuration was not found"));
    }
    let cloud = bucket.owner.cloud;
    let mut rules = document(bucket, "ReplicationConfiguration");
    for target in targets {
        rules.inside("Rule", |rule| {
            rule.leaf("ID", "everything").leaf("Status", if cloud == Provider::S3 { "Enabled" } else { "doing" });
            rule.inside("Destination", |destination| {
                let name = if cloud == Provider::S3 { format!("arn:aws:s3:::{target}") } else { target.to_owned() };
                destination.leaf("Bucket", &name);
            });
        });
    }
    Ok(Answer::xml(200, rules.end()))
}

fn acceleration(bucket: &Bucket) -> Result<Answer, Fault> {
    let on = bucket.uses.contains(&Use::Accelerated);
    match (bucket.owner.cloud, on) {
        (Provider::S3, _) => {
            let mut document = document(bucket, "AccelerateConfiguration");
            document.leaf_if("Status", on.then_some("Enabled"));
            Ok(Answer::xml(200, document.end()))
        }
        (Provider::Oss, true) => {
            let mut document = document(bucket, "TransferAccelerationConfiguration");
            document.leaf("Enabled", "true");
            Ok(Answer::xml(200, document.end()))
        }
        (Provider::Oss, false) => {
            let code = "NoSuchTransferAccelerationConfiguration";
            Err(not_set(bucket, code, code, "The bucket you specified does not have a transfer acceleration configuration"))
        }
    }
}

fn referer(bucket: &Bucket) -> Answer {
    let mut referer = document(bucket, "RefererConfiguration");
    referer.leaf("AllowEmptyReferer", "true");
    referer.inside("RefererList", |list| {
        for page in names(bucket, |each| if let Use::EmbeddedIn(page) = each { Some(page) } else { None }) {
            list.leaf("Referer", page);
        }
    });
    Answer::xml(200, referer.end())
}

fn domains(bucket: &Bucket) -> Answer {
    let mut result = document(bucket, "ListCnameResult");
    result.leaf("Bucket", &bucket.name).leaf("Owner", bucket.owner.id);
    for domain in names(bucket, |each| if let Use::Domain(domain) = each { Some(domain) } else { None }) {
        result.inside("Cname", |cname| {
            cname.leaf("Domain", domain).leaf("LastModified", "2026-03-02T08:00:00.000Z").leaf("Status", "Enabled");
        });
    }
    Answer::xml(200, result.end())
}
