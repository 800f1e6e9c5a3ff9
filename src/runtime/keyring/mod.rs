//! One secret out of the desktop's keyring.
//!
//! Comes in: service and user name of an entry. Goes out: its text, or what stands in the way. Forbidden here: writing to the
//! keyring. On macOS that is the keychain. Elsewhere it is the Secret Service on the session's bus, which GNOME Keyring, KWallet
//! and KeePassXC speak: a handful of questions, asked here without a D-Bus library, which would be a tenth of the binary.

#[cfg(not(target_os = "macos"))]
mod bus;
#[cfg(target_os = "macos")]
mod keychain;
#[cfg(not(target_os = "macos"))]
mod message;
#[cfg(not(target_os = "macos"))]
mod service;
#[cfg(not(target_os = "macos"))]
mod session;

use crate::domain::Secret;

/// Why there is no secret. Texts of others are left out: some carry the stored bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// No such entry.
    Nothing,
    /// More entries than one.
    Several,
    /// The keyring is locked, and stays so.
    Locked,
    /// There is no keyring in this session.
    Nobody,
    /// It said something else.
    Odd,
}

/// The secret of an entry. It waits for a person where the keyring asks one to unlock it.
///
/// # Errors
/// See [`Trouble`].
pub(super) fn secret(service: &str, user: &str) -> Result<Secret, Trouble> {
    #[cfg(target_os = "macos")]
    return keychain::secret(service, user);
    #[cfg(not(target_os = "macos"))]
    return service::secret(&mut bus::Bus::of_the_session()?, service, user);
}
