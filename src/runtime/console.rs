//! The console's loop: messages in, effects out, a frame when something changed.

use crate::app::Start;
use crate::demo::Options;
use crate::domain::{Result, Target};

use super::startup::CliOverrides;

/// How the console is opened.
pub struct ConsoleOptions {
    /// On what.
    pub start: Start,
    /// What the command line says over the config.
    pub overrides: CliOverrides,
    /// The bucket to open.
    pub target: Option<Target>,
    /// The embedded store's options, for [`Start::Demo`].
    pub demo: Option<Options>,
}

/// Runs the console until the user leaves.
///
/// # Errors
/// `Local` when the terminal cannot be used.
pub fn run(_options: ConsoleOptions) -> Result<()> {
    todo!()
}
