//! The upload job.

use super::Run;
use crate::domain::{Error, ErrorKind};
use crate::transfer::{Ending, Upload};

/// Runs it.
pub(super) async fn run(_run: &Run, _upload: &Upload) -> Ending {
    Ending::Failed(Error::new(ErrorKind::Unsupported, "upload is not built"))
}
