//! The keychain of macOS.

use keyring::{Entry, Error};

use super::Trouble;
use crate::domain::Secret;

/// The secret of an entry.
pub(super) fn secret(service: &str, user: &str) -> Result<Secret, Trouble> {
    let stored = Entry::new(service, user).and_then(|entry| entry.get_password());
    stored.map(Secret::new).map_err(|error| trouble(&error))
}

/// The library's enum may grow.
fn trouble(error: &Error) -> Trouble {
    if matches!(error, Error::NoEntry) {
        Trouble::Nothing
    } else if matches!(error, Error::Ambiguous(_)) {
        Trouble::Several
    } else if matches!(error, Error::NoStorageAccess(_)) {
        Trouble::Locked
    } else if matches!(error, Error::NoDefaultStore | Error::NotSupportedByStore(_)) {
        Trouble::Nobody
    } else {
        Trouble::Odd
    }
}
