//! Local paths as a command line names them.

use std::path::{Path, PathBuf};

use crate::domain::{Error, ErrorKind, Result};

/// The same path, whatever the current folder will be: a job may be resumed from another one. A `/` at its end is kept, since it
/// means something to whoever uploads a folder.
///
/// # Errors
/// `Local` when the current folder is gone.
pub fn absolute(path: &Path) -> Result<PathBuf> {
    let absolute = std::path::absolute(path).map_err(|error| {
        Error::new(ErrorKind::Local, "the current folder cannot be named").hint("Change to a folder that exists.").source(error)
    })?;
    Ok(absolute)
}

/// Whether a folder stands there now; a link to one counts.
pub fn is_folder(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|found| found.is_dir())
}
