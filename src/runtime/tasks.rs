//! Work beside the event loop. A panic in it becomes an error, not a wait for ever.

use tokio::runtime::Handle;
use tokio::task::JoinSet;

use crate::domain::{Error, ErrorKind, Result};

/// Runs blocking work (files, the journal) on a thread for such work.
///
/// # Errors
/// Whatever the work says; `Internal` if it panicked.
pub(super) async fn in_background<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|_| Err(died()))
}

/// Runs a question on a task of its own. Dropping the future ends the task.
///
/// # Errors
/// Whatever the question answers; `Internal` if it panicked.
pub(super) async fn guarded<T: Send + 'static>(question: impl Future<Output = Result<T>> + Send + 'static) -> Result<T> {
    guarded_on(&Handle::current(), question).await
}

/// The same, on these threads.
///
/// # Errors
/// As [`guarded`].
pub(super) async fn guarded_on<T: Send + 'static>(
    threads: &Handle,
    question: impl Future<Output = Result<T>> + Send + 'static,
) -> Result<T> {
    let mut task = JoinSet::new();
    task.spawn_on(question, threads);
    match task.join_next().await {
        Some(Ok(answer)) => answer,
        Some(Err(_)) | None => Err(died()),
    }
}

/// A task panicked.
pub(super) fn died() -> Error {
    Error::new(ErrorKind::Internal, "a task of this program died").hint("Refresh to ask again, and report this with the log file.")
}
