//! Why a source gave no keys: what it lacked and what to do, in words without secrets.

use crate::domain::escape::visible;
use crate::domain::{AccountName, Credentials, Error, ErrorKind};

/// A source that could not give keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Trouble {
    /// What happened, as the end of `account NAME: …`.
    pub(super) what: String,
    /// What to do, a full sentence.
    pub(super) hint: String,
}

/// What a source gave: keys, nothing because it is not set up, or trouble.
pub(super) type Found<T> = Result<T, Trouble>;

impl Trouble {
    pub(super) fn new(what: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { what: what.into(), hint: hint.into() }
    }

    /// The error of a provider, its text escaped, shortened and freed of the given secrets. Its sources and its context
    /// are left out: they may quote whole answers.
    pub(super) fn from_provider(subject: &str, error: &reqsign_core::Error, secrets: &[&str], hint: impl Into<String>) -> Self {
        Self::new(format!("{subject}: {}", said(&error.to_string(), secrets)), hint)
    }

    /// The error that leaves this room.
    pub(super) fn into_error(self, account: &AccountName) -> Error {
        Error::new(ErrorKind::Credentials, format!("account {}: {}", visible(account.as_str()), self.what))
            .hint(self.hint)
            .target(account.as_str())
    }
}

/// The longest foreign text that a message carries.
const LONGEST: usize = 240;

/// A foreign text as a message may carry it.
pub(super) fn said(text: &str, secrets: &[&str]) -> String {
    let mut text = text.to_owned();
    for secret in secrets.iter().filter(|secret| secret.len() >= 4) {
        text = text.replace(secret, "(secret)");
    }
    let short: String = text.chars().take(LONGEST).collect();
    let dots = if short.len() < text.len() { "…" } else { "" };
    format!("{}{dots}", visible(&short))
}

/// Every secret of a set of keys, for [`said`].
pub(super) fn secrets_of(keys: &Credentials) -> Vec<&str> {
    let token = keys.session_token.as_ref().map(|token| token.expose());
    std::iter::once(keys.secret.expose()).chain(token).collect()
}
