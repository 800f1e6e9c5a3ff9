//! Finding, reading and writing the config file, and its permissions.

use std::path::{Path, PathBuf};

use crate::domain::Result;

/// The config file: the one named, else `$WHOPAYS_CONFIG`, else the user's config directory.
///
/// # Errors
/// `Config` when the user's config directory is not known.
pub fn config_path(_given: Option<&Path>) -> Result<PathBuf> {
    todo!()
}

/// The folder for the journal and the log.
///
/// # Errors
/// `Local` when the user's state directory is not known.
pub fn state_dir() -> Result<PathBuf> {
    todo!()
}

/// Writes the commented default config.
///
/// # Errors
/// `Refused` when a file stands there.
pub fn write_default(_path: &Path) -> Result<()> {
    todo!()
}
