//! The download job.

use super::Run;
use crate::domain::{Error, ErrorKind};
use crate::transfer::{Download, Ending};

/// Runs it.
pub(super) async fn run(_run: &Run, _download: &Download) -> Ending {
    Ending::Failed(Error::new(ErrorKind::Unsupported, "download is not built"))
}
