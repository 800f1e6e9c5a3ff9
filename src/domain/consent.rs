//! The user's word that an account may be billed for a bucket.

use serde::{Deserialize, Serialize};

/// Whether a request may carry the payer header. It is never a bool: a caller who did not choose is [`Consent::Silent`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Consent {
    /// Nobody was asked: no payer header.
    #[default]
    Silent,
    /// The user said no, in the config (`request_payer = "never"`): no payer header, and no question.
    Refused,
    /// The user said yes, for this account and this bucket: one signed payer header on every request that takes it.
    Given,
}
