//! The request behind a refusal: what a diagnosis needs to know beside the answer.

use super::account::{AccountName, Provider};
use super::consent::Consent;
use super::op::Op;

/// A request that was refused. Nothing in it is a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The protocol that was spoken.
    pub provider: Provider,
    /// The operation.
    pub op: Op,
    /// The permission that it needs, in the cloud's own words.
    pub action: &'static str,
    /// What it was about, as the error's message begins: `bucket "colorpictures"`.
    pub subject: String,
    /// The region that it was signed for.
    pub region: String,
    /// The endpoint of the config; `None`: derived from provider and region.
    pub endpoint: Option<String>,
    /// Who sent it; `None`: whoever read the answer did not know.
    pub sender: Option<Sender>,
}

/// On whose behalf a request was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sender {
    /// The account that acted.
    pub account: AccountName,
    /// Its access key's id, shortened; `None`: without a signature.
    pub key_id: Option<String>,
    /// The word on paying that the request went out with.
    pub consent: Consent,
    /// The owner that the bucket was expected to have.
    pub guard: Option<String>,
}

impl Refused {
    /// Whether the request carried the payer header; `None`: nobody knows.
    pub fn sent_payer(&self) -> Option<bool> {
        let sender = self.sender.as_ref()?;
        Some(sender.consent == Consent::Given && self.op.takes_payer(self.provider))
    }
}
