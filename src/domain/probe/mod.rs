//! The probe: which requests prove who pays for a bucket, what they showed, and what that means.
//!
//! One request is sent in up to three ways, unsigned, signed, and signed with the payer header, beside the question for the
//! setting itself. A refusal is an answer here: it is written down and never tried again in the same way.

pub mod conformance;
mod verdict;
#[cfg(test)]
mod verdict_tests;

pub use verdict::{Doubt, Proof, Report, Verdict};

use super::account::Provider;
use super::bucket::Ownership;
use super::consent::{self, Consent, Suspicion};
use super::error::{Error, ErrorKind, StoreAnswer};
use super::escape::visible;
use super::object::{Charged, ObjectKey};
use super::op::{Op, PriceClass};
use super::payer::Payer;
use super::place::Place;

/// The request that is sent in each way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asking {
    /// A listing of one key below a prefix.
    FirstKey(String),
    /// The first byte of an object. A HEAD would have no body when it is refused, and so no reason.
    FirstByte(ObjectKey),
}

impl Asking {
    /// What fits a target: an object where a key is named, else a listing.
    pub fn about(key: &str) -> Self {
        if key.is_empty() || key.ends_with('/') { Self::FirstKey(key.to_owned()) } else { Self::FirstByte(ObjectKey::new(key)) }
    }

    /// The row of the operation table.
    pub fn op(&self) -> Op {
        match self {
            Self::FirstKey(_) => Op::ListObjectsV2,
            Self::FirstByte(_) => Op::GetObject,
        }
    }

    fn amount(&self) -> &'static str {
        match self {
            Self::FirstKey(_) => " of one key",
            Self::FirstByte(_) => " of one byte",
        }
    }
}

/// One way of asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Leg {
    /// The setting itself, which only the owner may read.
    Setting,
    /// Without a signature.
    Anonymous,
    /// Signed, without the payer header.
    Silent,
    /// Signed, with the payer header: only with consent.
    Paying,
}

impl Leg {
    /// In the order in which they are sent: what cannot cost the caller comes first.
    pub const ALL: [Self; 4] = [Self::Setting, Self::Anonymous, Self::Silent, Self::Paying];

    /// The operation.
    pub fn op(self, asking: &Asking) -> Op {
        match self {
            Self::Setting => Op::GetBucketRequestPayment,
            Self::Anonymous | Self::Silent | Self::Paying => asking.op(),
        }
    }

    /// Whether the request is signed.
    pub fn is_signed(self) -> bool {
        match self {
            Self::Anonymous => false,
            Self::Setting | Self::Silent | Self::Paying => true,
        }
    }

    /// `signed ListObjectsV2 without the header`.
    fn named(self, name: &str) -> String {
        match self {
            Self::Setting => format!("signed {name}"),
            Self::Anonymous => format!("anonymous {name}"),
            Self::Silent => format!("signed {name} without the header"),
            Self::Paying => format!("signed {name} with the header"),
        }
    }
}

/// Whether an account can sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CanSign {
    /// It has keys.
    Yes,
    /// `credentials = "anonymous"`.
    No,
}

/// Who probes, what, and on whose word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The cloud.
    pub provider: Provider,
    /// The request.
    pub asking: Asking,
    /// The user's word for this bucket: without it, the leg with the header is not sent.
    pub consent: Consent,
    /// Whether there are keys.
    pub can_sign: CanSign,
}

/// One request of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The way.
    pub leg: Leg,
    /// The operation.
    pub op: Op,
    /// What it is billed as.
    pub class: PriceClass,
    /// `signed ListObjectsV2 of one key, without the header`.
    pub words: String,
}

impl Plan {
    /// Why a leg is not sent; `None`: it is.
    pub fn left_out(&self, leg: Leg) -> Option<Why> {
        match (leg, self.can_sign, self.consent) {
            (Leg::Setting | Leg::Silent | Leg::Paying, CanSign::No, _) => Some(Why::NoKeys),
            (Leg::Paying, CanSign::Yes, Consent::Silent) => Some(Why::NoConsent),
            (Leg::Paying, CanSign::Yes, Consent::Refused) => Some(Why::NeverPay),
            (Leg::Anonymous, _, _) | (Leg::Setting | Leg::Silent | Leg::Paying, CanSign::Yes, _) => None,
        }
    }

    /// The requests, in the order in which they are sent: at most these, each once. Only one that gets no answer, or is told to
    /// wait, is sent again.
    pub fn steps(&self) -> Vec<Step> {
        let sent = Leg::ALL.into_iter().filter(|leg| self.left_out(*leg).is_none());
        sent.map(|leg| {
            let op = leg.op(&self.asking);
            let class = op.cell(self.provider).map_or(PriceClass::Free, |cell| cell.price);
            let amount = if leg == Leg::Setting { "" } else { self.asking.amount() };
            Step { leg, op, class, words: leg.named(&format!("{}{amount}", op.name(self.provider))) }
        })
        .collect()
    }

    /// The same, counted by operation.
    pub fn requests(&self) -> Vec<(Op, u64)> {
        let mut counts: Vec<(Op, u64)> = Vec::new();
        for step in self.steps() {
            match counts.iter_mut().find(|(op, _)| *op == step.op) {
                Some((_, count)) => *count += 1,
                None => counts.push((step.op, 1)),
            }
        }
        counts
    }

    /// How many bytes of objects come back at most: one for each request that asks for one.
    pub fn bytes_down(&self) -> u64 {
        self.requests().into_iter().filter(|(op, _)| *op == Op::GetObject).map(|(_, count)| count).sum()
    }

    /// Who pays for it, as half a sentence. Whether a refusal is billed, and to whom, the vendors' pages do not agree on.
    pub fn pays(&self, account: &str) -> String {
        match (self.can_sign, self.consent) {
            (CanSign::No, _) => format!("account {account} has no keys: nothing is billed to it"),
            (CanSign::Yes, Consent::Given) => {
                format!("account {account} pays for the one with the header; refusals may be the owner's")
            }
            (CanSign::Yes, Consent::Silent) => "nothing is sent with the payer header, for want of consent".to_owned(),
            (CanSign::Yes, Consent::Refused) => "nothing is sent with the payer header: the config says never to pay here".to_owned(),
        }
    }
}

/// Why a leg was not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// Nobody said that the account may be billed for it.
    NoConsent,
    /// The config says never to pay.
    NeverPay,
    /// The account has no keys to sign with.
    NoKeys,
    /// An earlier leg failed in a way that this one would, too.
    Pointless,
}

impl Why {
    fn words(self) -> &'static str {
        match self {
            Self::NoConsent => "not sent: nobody consented to pay",
            Self::NeverPay => "not sent: the config says never to pay here",
            Self::NoKeys => "not sent: the account has no keys",
            Self::Pointless => "not sent: what failed before would fail again",
        }
    }
}

/// What a leg showed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    /// The setting, as the store says it.
    Setting(Payer),
    /// The request was let through.
    Served {
        /// The status.
        status: u16,
        /// The code, where what was let through could not be done (an empty or an archived object).
        code: String,
        /// Who was charged, as far as the store says.
        charged: Charged,
    },
    /// The store refused it.
    Refused {
        /// The status.
        status: u16,
        /// The code, empty where there was none.
        code: String,
        /// OSS's machine code.
        ec: Option<String>,
        /// Whether the store itself names the payer as the reason.
        because: Because,
    },
    /// There is no such bucket or object.
    Absent {
        /// The status.
        status: u16,
        /// The code.
        code: String,
    },
    /// The store has no such setting.
    Lacks,
    /// No answer that proves anything.
    Failed {
        /// The kind.
        kind: ErrorKind,
        /// In words.
        message: String,
    },
    /// It was not sent.
    NotSent(Why),
}

/// What a refusal is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Because {
    /// The store says: requester pays.
    Payer,
    /// It does not say.
    Unsaid,
}

impl Seen {
    /// What an error of a leg shows.
    pub fn of_error(leg: Leg, error: &Error) -> Self {
        let Some(answer) = error.store_answer() else { return Self::failed(error) };
        let code = answer.code.clone();
        // An empty object has no first byte, and an archived one is not read: both are said to those only who may read.
        if answer.status == 416 || code == "InvalidObjectState" {
            return Self::Served { status: answer.status, code, charged: Charged::NotSaid };
        }
        match error.kind() {
            ErrorKind::Denied => Self::Refused { status: answer.status, code, ec: answer.ec.clone(), because: because(error, answer) },
            ErrorKind::NotFound => Self::Absent { status: answer.status, code },
            ErrorKind::Unsupported if leg == Leg::Setting => Self::Lacks,
            ErrorKind::Unsupported
            | ErrorKind::Usage
            | ErrorKind::Config
            | ErrorKind::Credentials
            | ErrorKind::WrongRegion
            | ErrorKind::ClockSkew
            | ErrorKind::Throttled
            | ErrorKind::Conflict
            | ErrorKind::Server
            | ErrorKind::InvalidReply
            | ErrorKind::Network
            | ErrorKind::Tls
            | ErrorKind::Timeout
            | ErrorKind::Refused
            | ErrorKind::Partial
            | ErrorKind::Interrupted
            | ErrorKind::Local
            | ErrorKind::Internal => Self::failed(error),
        }
    }

    fn failed(error: &Error) -> Self {
        Self::Failed { kind: error.kind(), message: error.message().to_owned() }
    }

    /// Whether the legs behind it would meet the same: then none of them is sent, and nothing is paid for in vain.
    pub fn ends(&self, leg: Leg) -> bool {
        match self {
            Self::Failed { kind, .. } => !matches!(kind, ErrorKind::Unsupported | ErrorKind::InvalidReply),
            Self::Absent { .. } => leg == Leg::Setting,
            Self::Setting(_) | Self::Served { .. } | Self::Refused { .. } | Self::Lacks | Self::NotSent(_) => false,
        }
    }

    fn words(&self) -> String {
        let with_code = |status: u16, code: &str| format!("{status} {}", visible(code)).trim_end().to_owned();
        match self {
            Self::Setting(payer) => visible(payer.as_str()).into_owned(),
            Self::Served { status, code, charged } => {
                let charged = match charged {
                    Charged::Yes => ", charged",
                    Charged::No => ", not charged",
                    Charged::NotSaid => "",
                };
                format!("{}{charged}", with_code(*status, code))
            }
            Self::Refused { status, code, ec, because } => {
                let ec = ec.as_ref().map(|ec| format!(", EC {}", visible(ec))).unwrap_or_default();
                let because = match because {
                    Because::Payer => ": the store names requester pays",
                    Because::Unsaid => "",
                };
                format!("{}{ec}{because}", with_code(*status, code))
            }
            Self::Absent { status, code } => with_code(*status, code),
            Self::Lacks => "this store has no such setting".to_owned(),
            Self::Failed { message, .. } => visible(message).into_owned(),
            Self::NotSent(why) => why.words().to_owned(),
        }
    }
}

/// S3 says it to those only who do not sign, OSS and OBS to everybody.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/RequesterPaysBuckets.html>
fn because(error: &Error, answer: &StoreAnswer) -> Because {
    let certain = consent::suspicion(error, Consent::Silent) == Suspicion::Certain;
    if certain || answer.message.to_ascii_lowercase().contains("requester pays bucket") { Because::Payer } else { Because::Unsaid }
}

/// One leg, and what it showed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observation {
    /// The way.
    pub leg: Leg,
    /// The operation.
    pub op: Op,
    /// What came.
    pub seen: Seen,
}

impl Observation {
    /// `anonymous ListObjectsV2 → 403 AccessDenied`: ready to be shown.
    pub fn line(&self, provider: Provider) -> String {
        let leg = self.leg.named(self.op.name(provider));
        let separator = if matches!(self.seen, Seen::NotSent(_)) { ":" } else { " →" };
        format!("{leg}{separator} {}", self.seen.words())
    }
}

/// A probe to be carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Errand {
    /// The bucket.
    pub place: Place,
    /// Whose it is, as a listing or the config says; `None`: nobody knows.
    pub ownership: Option<Ownership>,
    /// What is sent.
    pub plan: Plan,
}
