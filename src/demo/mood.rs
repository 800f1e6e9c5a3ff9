//! How a store takes requester-pays: as documented, or as stores that only look like it do.
//!
//! Comes in: nothing. Goes out: a mood, which every bucket of the store has. Forbidden here: saying what a request answers.

/// How the whole store takes requester-pays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mood {
    /// As documented: without the header nobody but the owner is served.
    #[default]
    Enforcing,
    /// Whoever offers to pay is charged, and whoever does not is served as well.
    Lenient,
    /// The setting is kept and answered, and nothing follows from it.
    Deaf,
    /// A question about the setting is answered with 200 and a list of the bucket's keys; the header means nothing.
    Lying,
    /// Questions about the setting are not implemented; the header means nothing.
    Lacking,
}

/// What follows from the payer of a bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rule {
    /// Who does not offer to pay is refused.
    Refuse,
    /// Who offers is charged.
    ChargeOnly,
    /// Nothing.
    Nothing,
}

impl Mood {
    pub(super) fn rule(self) -> Rule {
        match self {
            Self::Enforcing => Rule::Refuse,
            Self::Lenient => Rule::ChargeOnly,
            Self::Deaf | Self::Lying | Self::Lacking => Rule::Nothing,
        }
    }
}
