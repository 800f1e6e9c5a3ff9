//! What the observations of a probe prove.
//!
//! Comes in: observations, and whose bucket it is as far as known. Goes out: a [`Verdict`], or [`Verdict::CannotTell`] with its
//! [`Doubt`]. Forbidden here: a verdict that some other bucket would earn with the same answers.

use jiff::Timestamp;

use super::{Because, Leg, Observation, Plan, Seen, Why};
use crate::domain::account::Provider;
use crate::domain::bucket::Ownership;
use crate::domain::error::ErrorKind;
use crate::domain::object::Charged;
use crate::domain::payer::{Payer, PayerReading};

/// Who pays for the bucket, as the requests prove it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// Requesters pay, and whoever does not say so is refused.
    Enforced,
    /// The bucket is requester-pays by its setting or by what the store charges, but the store serves others all the same.
    NotEnforced,
    /// The owner pays.
    OwnerPays,
    /// The owner pays, even for those who do not sign.
    AnonymousOpen,
    /// The requests prove none of these.
    CannotTell,
}

impl Verdict {
    /// Every verdict, for readers of what was kept.
    pub const ALL: [Self; 5] = [Self::Enforced, Self::NotEnforced, Self::OwnerPays, Self::AnonymousOpen, Self::CannotTell];

    /// The payer that it is a proof of.
    pub fn payer(self) -> Option<Payer> {
        match self {
            Self::Enforced | Self::NotEnforced => Some(Payer::Requester),
            Self::OwnerPays | Self::AnonymousOpen => Some(Payer::BucketOwner),
            Self::CannotTell => None,
        }
    }

    /// The word for scripts: a promise.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Enforced => "requester_pays_enforced",
            Self::NotEnforced => "requester_pays_not_enforced",
            Self::OwnerPays => "owner_pays",
            Self::AnonymousOpen => "anonymous_open",
            Self::CannotTell => "cannot_tell",
        }
    }

    /// In words for people.
    pub fn words(self) -> &'static str {
        match self {
            Self::Enforced => "requester pays, and the store enforces it",
            Self::NotEnforced => "requester pays is set, but not enforced: requests without the header are served",
            Self::OwnerPays => "the owner pays",
            Self::AnonymousOpen => "anonymous requests are served, and the owner pays for them",
            Self::CannotTell => "cannot tell",
        }
    }
}

/// Why it cannot be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// The leg that would tell was not sent, for want of consent.
    NoConsent,
    /// It may not be sent.
    NeverPay,
    /// The header made no difference: something else is missing.
    NoPermission,
    /// The owner is served whatever the setting.
    OwnerIsServed,
    /// The setting and the answers do not fit together.
    Disagree,
    /// There is nothing to probe under this name.
    Absent,
    /// Nothing can be signed.
    NoKeys,
    /// The probe failed.
    Failed(ErrorKind, String),
}

impl Doubt {
    /// Why, as half a sentence.
    pub fn words(&self) -> String {
        match self {
            Self::NoConsent => "the request was refused without the payer header, and was not sent with it".to_owned(),
            Self::NeverPay => "the request was refused without the payer header, and the config says never to send it".to_owned(),
            Self::NoPermission => "the request is refused with the payer header, too: a permission is missing".to_owned(),
            Self::OwnerIsServed => "the owner's account is served without the payer header whatever the setting".to_owned(),
            Self::Disagree => "the setting and the answers do not fit together".to_owned(),
            Self::Absent => "the bucket or the object does not exist".to_owned(),
            Self::NoKeys => "the account has no keys to sign with".to_owned(),
            Self::Failed(_, message) => message.clone(),
        }
    }

    /// What to do next.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::NoConsent => "Consent to pay for one request: add `--request-payer requester`, or answer `y` in the console.",
            Self::NeverPay => "Edit `request_payer` of the bucket in the config file to change that.",
            Self::NoPermission => "Ask the bucket's owner to let this account read it.",
            Self::OwnerIsServed => "Probe from an account that is not the owner's.",
            Self::Disagree => "Probe again in a few minutes: a changed payer takes that long to hold everywhere.",
            Self::Absent => "Check the name, the account and the endpoint.",
            Self::NoKeys => "Probe with an account that has keys.",
            Self::Failed(..) => "Mend what failed, and probe again.",
        }
    }

    /// The kind of error that a command ends with.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::NoConsent | Self::NeverPay | Self::NoPermission => ErrorKind::Denied,
            Self::OwnerIsServed => ErrorKind::Unsupported,
            Self::Disagree => ErrorKind::Conflict,
            Self::Absent => ErrorKind::NotFound,
            Self::NoKeys => ErrorKind::Credentials,
            Self::Failed(kind, _) => *kind,
        }
    }
}

/// A probe that has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The cloud.
    pub provider: Provider,
    /// What was sent and what came, in the order of sending; and what was not sent.
    pub observations: Vec<Observation>,
    /// What that proves.
    pub verdict: Verdict,
    /// Why nothing is proved.
    pub doubt: Option<Doubt>,
}

impl Report {
    /// Judges what a plan showed. `ownership` is what a listing or the config says; `None`: nobody knows.
    pub fn of(plan: &Plan, ownership: Option<Ownership>, observations: Vec<Observation>) -> Self {
        let seen = |leg| observations.iter().find(|one| one.leg == leg).map(|one| &one.seen);
        let sight = Sight {
            setting: seen(Leg::Setting),
            anonymous: seen(Leg::Anonymous),
            silent: seen(Leg::Silent),
            paying: seen(Leg::Paying),
            ownership,
        };
        let (verdict, doubt) = match sight.judge() {
            Ok(verdict) => (verdict, None),
            Err(doubt) => (Verdict::CannotTell, Some(doubt)),
        };
        Self { provider: plan.provider, observations, verdict, doubt }
    }

    /// What stands for the verdict, in lines that are ready to be shown.
    pub fn evidence(&self) -> Vec<String> {
        self.observations.iter().map(|one| one.line(self.provider)).collect()
    }

    /// The setting, where it could be read.
    pub fn setting(&self) -> Option<&Payer> {
        self.observations.iter().find_map(|one| if let Seen::Setting(payer) = &one.seen { Some(payer) } else { None })
    }

    /// What is known of the payer now; `None`: the setting was not asked for, or the question failed, and nothing is proved.
    pub fn reading(&self) -> Option<PayerReading> {
        if let Some(payer) = self.inferred() {
            return Some(PayerReading::Inferred(payer));
        }
        self.observations.iter().filter(|one| one.leg == Leg::Setting).find_map(|one| match &one.seen {
            Seen::Setting(payer) => Some(PayerReading::Read(payer.clone())),
            Seen::Refused { .. } => Some(PayerReading::Denied),
            Seen::Lacks => Some(PayerReading::Unsupported),
            Seen::Served { .. } | Seen::Absent { .. } | Seen::Failed { .. } | Seen::NotSent(_) => None,
        })
    }

    /// The payer that the requests prove, where the setting itself could not be read.
    pub fn inferred(&self) -> Option<Payer> {
        let known = |one: &Observation| matches!(one.seen, Seen::Setting(_) | Seen::Lacks);
        if self.observations.iter().any(known) {
            return None;
        }
        self.verdict.payer()
    }
}

/// What a probe proved of a bucket whose setting may not be read, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// Who pays.
    pub verdict: Verdict,
    /// What stands for it, in lines.
    pub evidence: Vec<String>,
    /// When it was made.
    pub at: Timestamp,
}

impl Proof {
    /// What a report proves; `None`: nothing, or the setting itself could be read.
    pub fn of(report: &Report, at: Timestamp) -> Option<Self> {
        report.inferred()?;
        Some(Self { verdict: report.verdict, evidence: report.evidence(), at })
    }
}

/// All legs side by side.
struct Sight<'a> {
    setting: Option<&'a Seen>,
    anonymous: Option<&'a Seen>,
    silent: Option<&'a Seen>,
    paying: Option<&'a Seen>,
    ownership: Option<Ownership>,
}

impl Sight<'_> {
    fn judge(&self) -> Result<Verdict, Doubt> {
        if self.says(&Payer::BucketOwner) && self.contradicted() {
            return Err(Doubt::Disagree);
        }
        if is_served(self.anonymous) {
            let set = self.says(&Payer::Requester) || is_charged(self.paying);
            return Ok(if set { Verdict::NotEnforced } else { Verdict::AnonymousOpen });
        }
        match self.silent {
            Some(Seen::Served { .. }) => self.served(),
            Some(Seen::Refused { .. }) => self.refused(),
            Some(Seen::Absent { .. }) => Err(Doubt::Absent),
            Some(Seen::Failed { kind, message }) => Err(Doubt::Failed(*kind, message.clone())),
            Some(Seen::NotSent(_) | Seen::Setting(_) | Seen::Lacks) | None => self.unsent(),
        }
    }

    /// The setting says that the owner pays, and the answers that the requester does.
    fn contradicted(&self) -> bool {
        let differs = matches!(self.silent, Some(Seen::Refused { .. })) && is_served(self.paying);
        differs || is_charged(self.paying) || names_payer(self.anonymous) || names_payer(self.silent)
    }

    /// Signed requests are served without the header.
    fn served(&self) -> Result<Verdict, Doubt> {
        if is_charged(self.paying) {
            return Ok(Verdict::NotEnforced);
        }
        // Whoever is served although others are told to pay stands with the owner.
        if names_payer(self.anonymous) {
            return Ok(Verdict::Enforced);
        }
        match (self.setting, self.ownership) {
            (Some(Seen::Setting(Payer::BucketOwner) | Seen::Lacks), _) => Ok(Verdict::OwnerPays),
            (Some(Seen::Setting(Payer::Requester)), Some(Ownership::Foreign)) => Ok(Verdict::NotEnforced),
            (Some(Seen::Setting(Payer::Requester)), Some(Ownership::Owned) | None) => Err(Doubt::OwnerIsServed),
            (Some(_) | None, Some(Ownership::Owned)) => Err(Doubt::OwnerIsServed),
            (Some(_) | None, Some(Ownership::Foreign) | None) => Ok(Verdict::OwnerPays),
        }
    }

    /// Signed requests are refused without the header.
    fn refused(&self) -> Result<Verdict, Doubt> {
        if is_served(self.paying) || names_payer(self.silent) || names_payer(self.anonymous) {
            return Ok(Verdict::Enforced);
        }
        if self.says(&Payer::BucketOwner) {
            return Ok(Verdict::OwnerPays);
        }
        match self.paying {
            Some(Seen::Failed { kind, message }) => Err(Doubt::Failed(*kind, message.clone())),
            Some(Seen::Absent { .. }) => Err(Doubt::Absent),
            Some(Seen::NotSent(Why::NeverPay)) => Err(Doubt::NeverPay),
            Some(Seen::NotSent(Why::NoConsent | Why::NoKeys | Why::Pointless)) | None => Err(Doubt::NoConsent),
            Some(Seen::Refused { .. } | Seen::Served { .. } | Seen::Setting(_) | Seen::Lacks) => Err(Doubt::NoPermission),
        }
    }

    /// Nothing was signed: for want of keys, or because something failed before.
    fn unsent(&self) -> Result<Verdict, Doubt> {
        if names_payer(self.anonymous) {
            return Ok(Verdict::Enforced);
        }
        let failed = [self.setting, self.anonymous].into_iter().flatten().find_map(|seen| match seen {
            Seen::Failed { kind, message } => Some(Doubt::Failed(*kind, message.clone())),
            Seen::Absent { .. } => Some(Doubt::Absent),
            Seen::Setting(_) | Seen::Served { .. } | Seen::Refused { .. } | Seen::Lacks | Seen::NotSent(_) => None,
        });
        Err(failed.unwrap_or(Doubt::NoKeys))
    }

    fn says(&self, payer: &Payer) -> bool {
        matches!(self.setting, Some(Seen::Setting(said)) if said == payer)
    }
}

fn is_served(seen: Option<&Seen>) -> bool {
    matches!(seen, Some(Seen::Served { .. }))
}

fn is_charged(seen: Option<&Seen>) -> bool {
    matches!(seen, Some(Seen::Served { charged: Charged::Yes, .. }))
}

fn names_payer(seen: Option<&Seen>) -> bool {
    matches!(seen, Some(Seen::Refused { because: Because::Payer, .. }))
}
