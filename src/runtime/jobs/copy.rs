//! The copy job.

use super::Run;
use crate::domain::{Error, ErrorKind};
use crate::transfer::{Copy, Ending};

/// Runs it.
pub(super) async fn run(_run: &Run, _copy: &Copy) -> Ending {
    Ending::Failed(Error::new(ErrorKind::Unsupported, "copy is not built"))
}
