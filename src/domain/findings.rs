//! What a change of the payer would break or shift, judged from what was seen of a bucket.
//!
//! Comes in: the payer to be, and a [`Look`]. Goes out: sentences, the gravest first. What cannot be seen is no reason to be
//! calm: it is named by [`Look::unread`]. The rules are those of the vendors' pages:
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/RequesterPaysBuckets.html>,
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/WebsiteEndpoints.html>,
//! <https://www.alibabacloud.com/help/en/oss/user-guide/pay-by-requester>

use super::account::Provider;
use super::few::sort_few_by_key;
use super::payer::Payer;
use super::preflight::{Cdn, Look, Setting};

use Certainty::{Certain, Likely};
use Gravity::{Breaks, Notes, Shifts};

/// How grave a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Gravity {
    /// Somebody is refused who was served before.
    Breaks,
    /// Somebody else pays than before.
    Shifts,
    /// Nothing changes at once, but it is good to know.
    Notes,
}

impl Gravity {
    /// The word for people and scripts.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Breaks => "breaks",
            Self::Shifts => "shifts",
            Self::Notes => "notes",
        }
    }
}

/// How sure it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Certainty {
    /// The vendor's pages say it of what the store answered.
    Certain,
    /// The setting hints at it; whether it is used cannot be seen from here.
    Likely,
}

impl Certainty {
    /// The word for people and scripts.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Certain => "certain",
            Self::Likely => "likely",
        }
    }
}

/// One thing that a change would break or shift.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// How grave it is.
    pub gravity: Gravity,
    /// How sure it is.
    pub certainty: Certainty,
    /// The setting that shows it; `None`: it holds for every bucket.
    pub setting: Option<Setting>,
    /// A few words: `website will stop for visitors`.
    pub short: &'static str,
    /// The whole sentence. Names from the store are in it as they came: escape it before it is shown.
    pub text: String,
}

/// Everything that the change to `to` would break or shift, the gravest first.
pub fn findings(to: &Payer, look: &Look) -> Vec<Finding> {
    let mut found = match to {
        Payer::Requester => to_requester(look),
        Payer::BucketOwner => to_owner(look),
        Payer::Other(_) => Vec::new(),
    };
    sort_few_by_key(&mut found, |finding| (finding.gravity, finding.certainty));
    found
}

fn finding(gravity: Gravity, certainty: Certainty, setting: Setting, short: &'static str, text: impl Into<String>) -> Finding {
    Finding { gravity, certainty, setting: Some(setting), short, text: text.into() }
}

/// Who is let in without being named, and by which settings.
#[derive(Default)]
struct Public {
    /// What lets everyone in, in words; what is void is not among them.
    opens: Vec<&'static str>,
    setting: Option<Setting>,
    writes: bool,
    /// Only callers with keys, of any account.
    signed_in: bool,
    /// A policy lets everyone in, under conditions.
    on_conditions: bool,
    /// Something is public, and the block of public access makes it void.
    void: bool,
}

fn public(look: &Look) -> Public {
    let mut public = Public::default();
    let voids = |setting| look.fact(Setting::PublicAccessBlock).is_some_and(|block| block.voids.contains(&setting));
    let called_public = look.fact(Setting::PolicyStatus).is_some_and(|status| status.on);
    for (setting, word) in [(Setting::Acl, "access list"), (Setting::Policy, "policy")] {
        let Some(fact) = look.fact(setting) else { continue };
        let opens = !fact.everyone.is_empty() || (setting == Setting::Policy && called_public);
        if voids(setting) {
            public.void |= opens || !fact.signed_in.is_empty();
            continue;
        }
        if opens {
            public.opens.push(word);
            public.setting.get_or_insert(setting);
        }
        public.writes |= fact.everyone.iter().any(|right| is_write(right));
        public.signed_in |= !fact.signed_in.is_empty();
        public.on_conditions |= setting == Setting::Policy && fact.on;
    }
    // A store may call a policy public that may not be read itself.
    if called_public && look.fact(Setting::Policy).is_none() && !voids(Setting::Policy) {
        public.opens.push("policy");
        public.setting.get_or_insert(Setting::PolicyStatus);
    }
    public
}

fn is_write(right: &str) -> bool {
    right.eq_ignore_ascii_case("write") || right.eq_ignore_ascii_case("full_control")
}

fn to_requester(look: &Look) -> Vec<Finding> {
    let mut found = Vec::new();
    website(look, &mut found);
    anonymous(look, &mut found);
    cdn(look, &mut found);
    domains(look, &mut found);
    logs(look, &mut found);
    replicas(look, &mut found);
    named_accounts(look, &mut found);
    acceleration(look, "who uses the acceleration endpoint pays its surcharge from then on", &mut found);
    found.push(Finding {
        gravity: Shifts,
        certainty: Certain,
        setting: None,
        short: "links that you sign stay on your bill",
        text: "Links that you have signed, or will sign, stay on your bill, whoever opens them.".to_owned(),
    });
    found
}

fn website(look: &Look, found: &mut Vec<Finding>) {
    if look.fact(Setting::Website).is_none() {
        return;
    }
    let text = match look.provider {
        Provider::S3 => "The bucket is a static website: its website endpoint answers every visitor with 403 from then on.",
        Provider::Oss => "The bucket is a static website: its visitors are anonymous, and refused from then on.",
    };
    found.push(finding(Breaks, Certain, Setting::Website, "website will stop for visitors", text));
}

fn anonymous(look: &Look, found: &mut Vec<Finding>) {
    let public = public(look);
    if let Some(setting) = public.setting {
        let doing = if public.writes { "read and write" } else { "read" };
        let text = format!(
            "{} everyone {doing}: anonymous requests will be refused, and signed ones need the payer header.",
            subject(&public.opens, "lets", "let")
        );
        found.push(finding(Breaks, Certain, setting, "anonymous readers will be refused", text));
    } else if public.signed_in {
        let text = "The access list lets in everyone who has keys: requests without the payer header will be refused.";
        found.push(finding(Breaks, Certain, Setting::Acl, "callers without the payer header will be refused", text));
    } else if public.on_conditions {
        let text = "The policy lets everyone in under conditions: anonymous requests that meet them will be refused.";
        found.push(finding(Breaks, Likely, Setting::Policy, "anonymous readers may be refused", text));
    } else if public.void {
        let text = "Access list or policy are public, but the block of public access makes that void: nobody comes in that way now.";
        found.push(finding(Notes, Certain, Setting::PublicAccessBlock, "public access is blocked already", text));
    }
}

/// `The access list lets`, `The access list and the policy let`.
fn subject(settings: &[&str], one: &str, many: &str) -> String {
    format!("The {} {}", settings.join(" and the "), if settings.len() == 1 { one } else { many })
}

fn cdn(look: &Look, found: &mut Vec<Finding>) {
    let (short, text) = match look.fact(Setting::Policy).and_then(|policy| policy.cdn) {
        Some(Cdn::Service) => (
            "CloudFront may be refused",
            "The policy lets the service cloudfront.amazonaws.com read: a distribution with this origin will probably be refused, since it \
             sends no payer header.",
        ),
        Some(Cdn::Identity) => (
            "CloudFront may be refused",
            "The policy lets a CloudFront origin access identity read: a distribution with this origin will probably be refused, since it \
             sends no payer header.",
        ),
        None => return,
    };
    found.push(finding(Breaks, Likely, Setting::Policy, short, text));
}

fn domains(look: &Look, found: &mut Vec<Finding>) {
    if let Some(domains) = look.fact(Setting::Domains) {
        let text = format!(
            "Domain names lead to the bucket ({}): browsers and CDN nodes that come that way send no payer header, and are refused.",
            listed(&domains.names)
        );
        found.push(finding(Breaks, Likely, Setting::Domains, "visitors of its domain names may be refused", text));
    }
    if let Some(referer) = look.fact(Setting::Referer).filter(|referer| !referer.names.is_empty()) {
        let text = format!("Web pages may embed its objects ({}): browsers that show them send no payer header.", listed(&referer.names));
        found.push(finding(Breaks, Likely, Setting::Referer, "pages that embed its objects may break", text));
    }
}

fn logs(look: &Look, found: &mut Vec<Finding>) {
    if look.provider == Provider::Oss {
        return;
    }
    let short = "access logs may no longer be delivered here";
    let own = look.fact(Setting::Logging).is_some_and(|logging| logging.names.contains(&look.bucket));
    if own {
        let text = "The bucket's access logs go to the bucket itself: S3 does not deliver logs to a requester-pays bucket.";
        found.push(finding(Breaks, Certain, Setting::Logging, "access logs will no longer be delivered", text));
        return;
    }
    let granted = [Setting::Acl, Setting::Policy].into_iter().find(|setting| look.fact(*setting).is_some_and(|fact| fact.takes_logs));
    if let Some(setting) = granted {
        let text = "S3's log delivery may write here, so this is perhaps a target of other buckets' access logs: S3 does not deliver logs to \
                    a requester-pays bucket.";
        found.push(finding(Breaks, Likely, setting, short, text));
    }
}

fn replicas(look: &Look, found: &mut Vec<Finding>) {
    if look.fact(Setting::Policy).is_some_and(|policy| policy.takes_replicas) {
        let text = "The policy lets another account replicate objects into the bucket: S3 does not replicate across accounts into a \
                    requester-pays bucket.";
        found.push(finding(Breaks, Likely, Setting::Policy, "replication into it may stop", text));
    }
    if let Some(replication) = look.fact(Setting::Replication) {
        let text = format!("New objects are replicated to {}: that goes on, and stays on your bill.", listed(&replication.names));
        found.push(finding(Notes, Likely, Setting::Replication, "replication stays on your bill", text));
    }
}

/// The accounts that the policy names, without the owner's.
fn others(look: &Look) -> Option<Vec<String>> {
    let named = &look.fact(Setting::Policy)?.accounts;
    let others: Vec<String> = named.iter().filter(|account| Some(*account) != look.owner.as_ref()).cloned().collect();
    (!others.is_empty()).then_some(others)
}

fn named_accounts(look: &Look, found: &mut Vec<Finding>) {
    let Some(others) = others(look) else { return };
    let text = format!(
        "The policy names accounts ({}): those that are not yours pay from then on, and are refused until they send the payer header.",
        listed(&others)
    );
    found.push(finding(Breaks, Likely, Setting::Policy, "other accounts must send the payer header", text));
}

fn acceleration(look: &Look, who: &str, found: &mut Vec<Finding>) {
    if look.fact(Setting::Acceleration).is_some_and(|acceleration| acceleration.on) {
        let text = format!("Transfer acceleration is on: {who}.");
        found.push(finding(Shifts, Likely, Setting::Acceleration, "acceleration surcharge moves", text));
    }
}

fn to_owner(look: &Look) -> Vec<Finding> {
    let mut found = Vec::new();
    let public = public(look);
    if let Some(setting) = public.setting {
        let text = format!("{} open to everyone: you pay for anonymous readers again.", subject(&public.opens, "is", "are"));
        found.push(finding(Shifts, Certain, setting, "anonymous readers return, on your bill", text));
    }
    if look.fact(Setting::Website).is_some() {
        let text = "The bucket is a static website: it answers visitors again, where its permissions allow it, on your bill.";
        found.push(finding(Shifts, Certain, Setting::Website, "website opens again, on your bill", text));
    }
    if let Some(others) = others(look) {
        let text = format!("The policy names accounts ({}): you pay for their requests and traffic.", listed(&others));
        found.push(finding(Shifts, Certain, Setting::Policy, "you pay for other accounts", text));
    }
    acceleration(look, "its surcharge is yours for every caller who uses it", &mut found);
    found.push(Finding {
        gravity: Shifts,
        certainty: Certain,
        setting: None,
        short: "you pay for everybody",
        text: "You pay for the requests and the traffic of everybody who may read the bucket.".to_owned(),
    });
    found
}

/// The first names, and how many more there are.
fn listed(names: &[String]) -> String {
    const SHOWN: usize = 3;
    let first = names.iter().take(SHOWN).map(String::as_str).collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(SHOWN) {
        0 => first,
        more => format!("{first} and {more} more"),
    }
}
