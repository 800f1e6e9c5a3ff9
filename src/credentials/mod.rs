//! Which sources, in which order, for which account.
//!
//! Comes in: an account of the config and a context (files, environment, HTTP, processes) that `runtime` hands in. Goes
//! out: keys, refreshed before they expire, and a sentence on where they came from. Forbidden here: reading files or the
//! environment itself, one account's keys for another, a fallback nobody asked for.

use std::sync::Arc;

use jiff::Timestamp;
use reqsign_core::Context;

use crate::config::{Account, Config};
use crate::domain::{Keys, Result};

/// Gives one account's keys, and renews them. Each account has its own: nothing is shared between accounts but a role's source.
pub struct Loader {
    _private: (),
}

impl Loader {
    /// Prepares the account's source. Nothing is read or asked yet.
    ///
    /// # Errors
    /// `Config` when a role's source account is missing or the sources form a circle.
    pub fn new(_account: &Account, _config: &Config, _context: Context, _desk: Arc<dyn SecretDesk>) -> Result<Self> {
        todo!()
    }

    /// The account's keys, from memory while they are good for another five minutes.
    ///
    /// # Errors
    /// `Credentials`, saying which source was asked, what it lacked and what to do.
    pub async fn load(&self, _now: Timestamp) -> Result<Keys> {
        todo!()
    }

    /// Forgets the keys in memory, after the store said that they are expired or unknown.
    pub fn forget(&self) {
        todo!()
    }

    /// Where the keys come from, for people: `profile research (~/.aws/config)`, `environment`, `keyring entry oss`.
    pub fn origin(&self) -> String {
        todo!()
    }
}

/// What only a running program can ask: the desktop's keyring and the person at the terminal. `runtime` implements it.
pub trait SecretDesk: Send + Sync {
    /// The text stored under an entry of the keyring (service `whopays`).
    ///
    /// # Errors
    /// `Credentials` when there is no keyring or no such entry.
    fn keyring(&self, entry: &str) -> Result<crate::domain::Secret>;

    /// The keys that a person typed for an account at start.
    ///
    /// # Errors
    /// `Credentials` when nobody was asked, because there was no terminal.
    fn prompted(&self, account: &crate::domain::AccountName) -> Result<crate::domain::Credentials>;
}
