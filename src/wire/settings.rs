//! The settings of a bucket that a change of its payer may break: how each is asked for, and what its answer says.
//!
//! Comes in: a setting, an answer. Goes out: a [`Fact`], or nothing where it is not set. Forbidden here: judging what it means.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketAcl.html> and its neighbours,
//! <https://www.alibabacloud.com/help/en/oss/developer-reference/getbucketacl> and its neighbours.

use super::answer::fields;
use super::{Answer, Call, error, policy, xml};
use crate::domain::preflight::Fact;
use crate::domain::{Provider, Result, Setting, Site};

/// The query name of a setting.
pub(super) fn subresource(provider: Provider, setting: Setting) -> &'static str {
    match (setting, provider) {
        (Setting::Acl, _) => "acl",
        (Setting::Policy, _) => "policy",
        (Setting::PolicyStatus, _) => "policyStatus",
        (Setting::PublicAccessBlock, _) => "publicAccessBlock",
        (Setting::Website, _) => "website",
        (Setting::Logging, _) => "logging",
        (Setting::Replication, _) => "replication",
        (Setting::Acceleration, Provider::S3) => "accelerate",
        (Setting::Acceleration, Provider::Oss) => "transferAcceleration",
        (Setting::Referer, _) => "referer",
        (Setting::Domains, _) => "cname",
    }
}

/// The permission that reads a setting.
pub(super) fn action(provider: Provider, setting: Setting) -> &'static str {
    match (provider, setting) {
        (Provider::S3, Setting::Acl) => "s3:GetBucketAcl",
        (Provider::S3, Setting::Policy) => "s3:GetBucketPolicy",
        (Provider::S3, Setting::PolicyStatus) => "s3:GetBucketPolicyStatus",
        (Provider::S3, Setting::PublicAccessBlock) => "s3:GetBucketPublicAccessBlock",
        (Provider::S3, Setting::Website) => "s3:GetBucketWebsite",
        (Provider::S3, Setting::Logging) => "s3:GetBucketLogging",
        (Provider::S3, Setting::Replication) => "s3:GetReplicationConfiguration",
        (Provider::S3, Setting::Acceleration) => "s3:GetAccelerateConfiguration",
        (Provider::Oss, Setting::Acl) => "oss:GetBucketAcl",
        (Provider::Oss, Setting::Policy) => "oss:GetBucketPolicy",
        (Provider::Oss, Setting::PolicyStatus) => "oss:GetBucketPolicyStatus",
        (Provider::Oss, Setting::PublicAccessBlock) => "oss:GetBucketPublicAccessBlock",
        (Provider::Oss, Setting::Website) => "oss:GetBucketWebsite",
        (Provider::Oss, Setting::Logging) => "oss:GetBucketLogging",
        (Provider::Oss, Setting::Replication) => "oss:GetBucketReplication",
        (Provider::Oss, Setting::Acceleration) => "oss:GetBucketTransferAcceleration",
        (_, Setting::Referer) => "oss:GetBucketReferer",
        (_, Setting::Domains) => "oss:ListCname",
    }
}

/// Whether a refusal says that the setting is not there: `NoSuchWebsiteConfiguration`, `ReplicationConfigurationNotFoundError`, …
/// A bucket that is not there is another matter.
fn says_not_set(site: &Site, answer: &Answer) -> bool {
    if answer.status != 404 {
        return false;
    }
    let code = error::read(site.provider, answer).answer.code;
    (code.starts_with("NoSuch") && code != "NoSuchBucket") || code.ends_with("NotFoundError")
}

/// Reads the answer; `None`: the setting is not there.
pub(super) fn decode(site: &Site, call: &Call, setting: Setting, answer: &Answer) -> Result<Option<Fact>> {
    if says_not_set(site, answer) {
        return Ok(None);
    }
    if !(200..300).contains(&answer.status) {
        return Err(error::from_answer(site, call, answer));
    }
    let mut reading = Reading::default();
    let mut read = |root| fields(site, call, answer, root, |path, text| reading.take(path, text));
    match setting {
        Setting::Policy => return policy::decode(site, call, answer).map(Some),
        Setting::Acl => read("AccessControlPolicy")?,
        Setting::PolicyStatus => read("PolicyStatus")?,
        Setting::PublicAccessBlock => read("PublicAccessBlockConfiguration")?,
        Setting::Website => read("WebsiteConfiguration")?,
        Setting::Logging => read("BucketLoggingStatus")?,
        Setting::Replication => read("ReplicationConfiguration")?,
        Setting::Acceleration if site.provider == Provider::Oss => read("TransferAccelerationConfiguration")?,
        Setting::Acceleration => read("AccelerateConfiguration")?,
        Setting::Referer => read("RefererConfiguration")?,
        Setting::Domains => read("ListCnameResult")?,
    }
    Ok(reading.end(setting))
}

/// What a document says, whichever it is: no element means two things in two of them.
#[derive(Default)]
struct Reading {
    fact: Fact,
    grantee: String,
    rule_enabled: bool,
    rule_target: Option<String>,
    domain: Option<String>,
    domain_enabled: bool,
}

impl Reading {
    fn take(&mut self, path: &[&str], text: &str) {
        let yes = text.eq_ignore_ascii_case("true");
        match path {
            ["AccessControlPolicy", _, "Grant", "Grantee", "URI"] => text.clone_into(&mut self.grantee),
            ["AccessControlPolicy", _, "Grant", "Permission"] => self.granted(text),
            ["AccessControlPolicy", _, "Grant"] => self.canned(text),
            ["PolicyStatus", "IsPublic"] => self.fact.on = yes,
            ["PublicAccessBlockConfiguration", "IgnorePublicAcls"] if yes => self.fact.voids.push(Setting::Acl),
            ["PublicAccessBlockConfiguration", "RestrictPublicBuckets"] if yes => self.fact.voids.push(Setting::Policy),
            ["PublicAccessBlockConfiguration", "BlockPublicAccess"] if yes => self.fact.voids = vec![Setting::Acl, Setting::Policy],
            ["BucketLoggingStatus", "LoggingEnabled", "TargetBucket"] => self.fact.names.push(text.to_owned()),
            ["ReplicationConfiguration", "Rule", "Destination", "Bucket"] => self.rule_target = Some(bucket_of(text)),
            // OSS says `doing`, `starting` or `closing`; S3 `Enabled` or `Disabled`.
            ["ReplicationConfiguration", "Rule", "Status"] => self.rule_enabled = !matches!(text, "Disabled" | "closing"),
            ["ReplicationConfiguration", "Rule"] => self.rule(),
            ["AccelerateConfiguration", "Status"] => self.fact.on = text == "Enabled",
            ["TransferAccelerationConfiguration", "Enabled"] => self.fact.on = yes,
            ["RefererConfiguration", "RefererList", "Referer"] if !text.is_empty() => self.fact.names.push(text.to_owned()),
            ["ListCnameResult", "Cname", "Domain"] => self.domain = Some(text.to_owned()),
            ["ListCnameResult", "Cname", "Status"] => self.domain_enabled = text == "Enabled",
            ["ListCnameResult", "Cname"] => self.domain(),
            _ => {}
        }
    }

    /// One grant of S3; grants to single accounts are left to the policy's names.
    fn granted(&mut self, permission: &str) {
        let group = std::mem::take(&mut self.grantee);
        match group.rsplit('/').next() {
            Some("AllUsers") => self.fact.everyone.push(permission.to_owned()),
            Some("AuthenticatedUsers") => self.fact.signed_in.push(permission.to_owned()),
            Some("LogDelivery") if matches!(permission, "WRITE" | "FULL_CONTROL") => self.fact.takes_logs = true,
            Some(_) | None => {}
        }
    }

    /// The one word of OSS.
    fn canned(&mut self, word: &str) {
        if word.starts_with("public-read") {
            self.fact.everyone.push("read".to_owned());
        }
        if word == "public-read-write" {
            self.fact.everyone.push("write".to_owned());
        }
    }

    fn rule(&mut self) {
        let target = self.rule_target.take();
        if let Some(target) = target.filter(|_| std::mem::take(&mut self.rule_enabled))
            && !self.fact.names.contains(&target)
        {
            self.fact.names.push(target);
        }
    }

    fn domain(&mut self) {
        let domain = self.domain.take();
        self.fact.names.extend(domain.filter(|_| std::mem::take(&mut self.domain_enabled)));
    }

    /// A document may be there and say that nothing is set.
    fn end(self, setting: Setting) -> Option<Fact> {
        let fact = self.fact;
        match setting {
            Setting::Logging | Setting::Replication | Setting::Referer | Setting::Domains => (!fact.names.is_empty()).then_some(fact),
            Setting::Acceleration => fact.on.then_some(fact),
            Setting::Acl | Setting::Policy | Setting::PolicyStatus | Setting::PublicAccessBlock | Setting::Website => Some(fact),
        }
    }
}

/// `arn:aws:s3:::photos` is the bucket `photos`; OSS names it as it is.
fn bucket_of(text: &str) -> String {
    let text = xml::trimmed(text);
    text.strip_prefix("arn:").and_then(|arn| arn.rsplit(':').next()).unwrap_or(text).to_owned()
}
