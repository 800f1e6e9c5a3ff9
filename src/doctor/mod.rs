//! The doctor: why a request was refused, in one sentence, with the next step and the evidence.
//!
//! Comes in: an error with what the store said and what was asked, and what else is known of account and bucket. Goes out: a
//! [`Diagnosis`], ready to be shown: texts from outside are escaped, secrets removed. Forbidden here: asking a store, and saying more
//! than the evidence bears.

pub mod catalogue;
pub mod cause;
pub mod denial;

mod decision;
mod facts;
pub mod redact;

pub use cause::{Again, Cause};

use crate::domain::{CallerIdentity, Consent, Error, ErrorKind, Op, Ownership, Payer, Provider, Refused, Sender};

/// Who reads the diagnosis: next steps are keys in the console, and options of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Voice {
    /// The console.
    Console,
    /// A command.
    Command,
}

/// Everything that a diagnosis rests on. What is not known is `None`, and is never taken for a no.
#[derive(Clone, Copy, Debug)]
pub struct Evidence<'a> {
    /// The refusal, with what the store said and what was asked.
    pub error: &'a Error,
    /// Who reads it.
    pub voice: Voice,
    /// The account that acted, where the refusal does not name it.
    pub account: Option<&'a str>,
    /// Whose keys the account has, as STS said.
    pub caller: Option<&'a CallerIdentity>,
    /// Whose bucket it is.
    pub ownership: Option<Ownership>,
    /// Who pays for the bucket, as the store or a probe said.
    pub payer: Option<&'a Payer>,
    /// What was said on paying, where the refusal does not tell.
    pub consent: Consent,
    /// The provider, where the refusal does not name it.
    pub provider: Provider,
    /// The operation, where the refusal does not name it.
    pub op: Option<Op>,
}

/// What a refusal means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnosis {
    /// Why.
    pub cause: Cause,
    /// The same for people, in one sentence.
    pub sentence: String,
    /// What to do next, in one sentence or two; empty: nothing is known.
    pub step: String,
    /// What it rests on, label and text.
    pub evidence: Vec<(&'static str, String)>,
}

impl<'a> Evidence<'a> {
    /// What the error alone says.
    pub fn of(error: &'a Error, voice: Voice) -> Self {
        Self {
            error,
            voice,
            account: None,
            caller: None,
            ownership: None,
            payer: None,
            consent: Consent::Silent,
            provider: Provider::S3,
            op: None,
        }
    }

    fn refused(&self) -> Option<&'a Refused> {
        self.error.refused()
    }

    fn sender(&self) -> Option<&'a Sender> {
        self.refused()?.sender.as_ref()
    }

    fn account(&self) -> Option<&'a str> {
        self.sender().map(|sender| sender.account.as_str()).or(self.account)
    }

    fn consent(&self) -> Consent {
        self.sender().map_or(self.consent, |sender| sender.consent)
    }

    fn provider(&self) -> Provider {
        self.refused().map_or(self.provider, |refused| refused.provider)
    }

    fn op(&self) -> Option<Op> {
        self.refused().map(|refused| refused.op).or(self.op)
    }

    fn guard(&self) -> Option<&'a str> {
        self.sender()?.guard.as_deref().filter(|_| self.provider() == Provider::S3)
    }

    /// Whether the request could have carried a payer header.
    fn takes_payer(&self) -> bool {
        self.op().is_none_or(|op| op.takes_payer(self.provider()))
    }
}

impl Diagnosis {
    /// The sentence, where the error's own message does not say the same.
    pub fn beyond(&self, error: &Error) -> Option<&str> {
        let said = self.sentence.trim_end_matches('.').to_lowercase();
        Some(self.sentence.as_str()).filter(|_| !error.message().to_lowercase().contains(&said))
    }
}

/// Says why.
pub fn diagnose(evidence: &Evidence<'_>) -> Diagnosis {
    let verdict = decision::decide(evidence);
    Diagnosis { cause: verdict.cause, evidence: facts::lines(evidence, &verdict), sentence: verdict.sentence, step: verdict.step }
}

/// The same error with the doctor's next step as its hint. Errors that no store answered keep theirs.
pub fn explained(error: Error, know: impl FnOnce(&Error) -> Diagnosis) -> Error {
    if error.store_answer().is_none() {
        return error;
    }
    let step = know(&error).step;
    if step.is_empty() { error } else { error.hint(step) }
}

/// The cause behind a kind, where nothing more is known.
fn of_kind(kind: ErrorKind) -> Cause {
    match kind {
        ErrorKind::Usage => Cause::Parameter,
        ErrorKind::Denied => Cause::PermissionMissing,
        ErrorKind::NotFound => Cause::Missing,
        ErrorKind::Unsupported => Cause::Unsupported,
        ErrorKind::WrongRegion => Cause::Elsewhere,
        ErrorKind::ClockSkew => Cause::Clock,
        ErrorKind::Throttled => Cause::Throttled,
        ErrorKind::Conflict => Cause::Changed,
        ErrorKind::Server => Cause::Server,
        ErrorKind::InvalidReply => Cause::NotTheStore,
        ErrorKind::Network | ErrorKind::Tls | ErrorKind::Timeout => Cause::NoAnswer,
        ErrorKind::Internal => Cause::Ours,
        ErrorKind::Config
        | ErrorKind::Credentials
        | ErrorKind::Refused
        | ErrorKind::Partial
        | ErrorKind::Interrupted
        | ErrorKind::Local => Cause::Here,
    }
}
