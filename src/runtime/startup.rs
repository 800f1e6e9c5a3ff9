//! From a command line to accounts: config file, found profiles, or the embedded store.

use std::path::PathBuf;

use crate::app::{Origin, Start};
use crate::config::Config;
use crate::domain::Result;

/// What the command line says over the config.
#[derive(Clone, Debug, Default)]
pub struct CliOverrides {
    /// `--config`
    pub config: Option<PathBuf>,
    /// `--account`
    pub account: Option<String>,
    /// `--region`
    pub region: Option<String>,
    /// `--endpoint`
    pub endpoint: Option<String>,
    /// `-v`, counted
    pub verbosity: u8,
}

/// What the program starts with.
pub struct Startup {
    /// The accounts.
    pub config: Config,
    /// Where they come from.
    pub origin: Origin,
}

/// Reads the config.
///
/// # Errors
/// `Config`.
pub fn load(_start: Start, _overrides: &CliOverrides) -> Result<Startup> {
    todo!()
}
