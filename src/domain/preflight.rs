//! What is looked at before the payer of a bucket changes, and what a store answered.
//!
//! Every question is about the bucket's own settings: only its owner may ask, no object is touched, and the owner pays for it
//! as for any other request. What the answers mean is the business of [`mod@super::findings`].

use jiff::Timestamp;

use super::account::{OssSignature, Provider, Site};
use super::op::Op;

/// A setting of a bucket that a change of its payer may break or shift.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Setting {
    /// Whom the bucket's access list lets in.
    Acl,
    /// Whom the bucket's policy lets in.
    Policy,
    /// Whether the store itself calls the policy public.
    PolicyStatus,
    /// Whether public access is blocked whatever list and policy say.
    PublicAccessBlock,
    /// A static website.
    Website,
    /// Where the bucket's own access logs go.
    Logging,
    /// Where new objects are copied to.
    Replication,
    /// The acceleration endpoint.
    Acceleration,
    /// OSS: web pages that may embed objects.
    Referer,
    /// OSS: domain names of the owner's that lead to the bucket.
    Domains,
}

impl Setting {
    /// What is asked of a store, in this order.
    ///
    /// Old OSS deployments that take Signature V1 only do not know the last two, nor how their names would be signed.
    pub fn of(site: &Site) -> &'static [Self] {
        const S3: &[Setting] = &[
            Setting::Acl,
            Setting::Policy,
            Setting::PolicyStatus,
            Setting::PublicAccessBlock,
            Setting::Website,
            Setting::Logging,
            Setting::Replication,
            Setting::Acceleration,
        ];
        const OSS: &[Setting] = &[
            Setting::Acl,
            Setting::Policy,
            Setting::Website,
            Setting::Logging,
            Setting::Replication,
            Setting::Acceleration,
            Setting::Referer,
            Setting::Domains,
            Setting::PublicAccessBlock,
            Setting::PolicyStatus,
        ];
        match (site.provider, site.signature) {
            (Provider::S3, _) => S3,
            (Provider::Oss, OssSignature::V4) => OSS,
            (Provider::Oss, OssSignature::V1) => &OSS[..8],
        }
    }

    /// The operation that reads it.
    pub fn op(self) -> Op {
        match self {
            Self::Acl => Op::GetBucketAcl,
            Self::Policy => Op::GetBucketPolicy,
            Self::PolicyStatus => Op::GetBucketPolicyStatus,
            Self::PublicAccessBlock => Op::GetPublicAccessBlock,
            Self::Website => Op::GetBucketWebsite,
            Self::Logging => Op::GetBucketLogging,
            Self::Replication => Op::GetBucketReplication,
            Self::Acceleration => Op::GetBucketAccelerateConfiguration,
            Self::Referer => Op::GetBucketReferer,
            Self::Domains => Op::ListCname,
        }
    }

    /// The word for people and scripts.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Acl => "acl",
            Self::Policy => "policy",
            Self::PolicyStatus => "policy status",
            Self::PublicAccessBlock => "public access block",
            Self::Website => "website",
            Self::Logging => "logging",
            Self::Replication => "replication",
            Self::Acceleration => "acceleration",
            Self::Referer => "referer",
            Self::Domains => "domains",
        }
    }
}

/// What a store answered about one setting. What was not answered is never taken for *nothing there*.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    /// It is set, and says this.
    Is(Fact),
    /// It is not set.
    Nothing,
    /// The store has no such setting.
    NoSuchSetting,
    /// It could not be read, and why, in words.
    Unread(String),
}

/// What a setting says, as far as the payer matters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fact {
    /// Everyone, without keys, is let in to do this: `READ`, `WRITE`, … on S3, `read`, `write` on OSS.
    pub everyone: Vec<String>,
    /// Everyone who has keys of any account.
    pub signed_in: Vec<String>,
    /// The store's service that delivers access logs may write here.
    pub takes_logs: bool,
    /// CloudFront may read here.
    pub cdn: Option<Cdn>,
    /// Accounts that are named, as they are written; the owner's own may be among them.
    pub accounts: Vec<String>,
    /// Other accounts may replicate objects into the bucket.
    pub takes_replicas: bool,
    /// Names that matter: target buckets of logs and replicas, domain names, pages of a whitelist.
    pub names: Vec<String>,
    /// What a block of public access makes void.
    pub voids: Vec<Setting>,
    /// A switch: acceleration is on, S3 calls the policy public; of a policy: it lets everyone in, under conditions.
    pub on: bool,
}

/// How CloudFront shows itself in a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cdn {
    /// As the service `cloudfront.amazonaws.com` (origin access control).
    Service,
    /// As an origin access identity.
    Identity,
}

/// What was seen of one bucket so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    /// Whose words.
    pub provider: Provider,
    /// The bucket's name: logs may go to the bucket itself.
    pub bucket: String,
    /// The owner's account id, where the config names it.
    pub owner: Option<String>,
    /// The answers, in the order in which they came.
    pub seen: Vec<(Setting, Seen)>,
    /// How many are still to come.
    pub open: usize,
    /// How many requests have left for it, retries counted.
    pub requests: u64,
    /// When the last answer came.
    pub at: Timestamp,
}

impl Look {
    /// What was answered about a setting; `None`: nothing yet, or it was not asked.
    pub fn get(&self, setting: Setting) -> Option<&Seen> {
        self.seen.iter().find(|(each, _)| *each == setting).map(|(_, seen)| seen)
    }

    /// What a setting says, where it is set and was read.
    pub fn fact(&self, setting: Setting) -> Option<&Fact> {
        match self.get(setting)? {
            Seen::Is(fact) => Some(fact),
            Seen::Nothing | Seen::NoSuchSetting | Seen::Unread(_) => None,
        }
    }

    /// Whether every answer is there.
    pub fn is_complete(&self) -> bool {
        self.open == 0
    }

    /// What could not be read, and why.
    pub fn unread(&self) -> impl Iterator<Item = (Setting, &str)> {
        self.seen.iter().filter_map(|(setting, seen)| match seen {
            Seen::Unread(why) => Some((*setting, why.as_str())),
            Seen::Is(_) | Seen::Nothing | Seen::NoSuchSetting => None,
        })
    }
}
