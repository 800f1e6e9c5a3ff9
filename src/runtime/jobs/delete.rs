//! The delete job.

use super::Run;
use crate::domain::{Error, ErrorKind};
use crate::transfer::{Delete, Ending};

/// Runs it.
pub(super) async fn run(_run: &Run, _delete: &Delete) -> Ending {
    Ending::Failed(Error::new(ErrorKind::Unsupported, "delete is not built"))
}
