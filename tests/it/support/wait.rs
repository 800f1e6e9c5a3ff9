//! Waiting for what comes in its own time, and not for ever.

use std::time::{Duration, Instant};

use tokio::sync::mpsc::UnboundedReceiver;

/// How long anything is waited for: far longer than it takes on a machine that has other things to do.
const PATIENCE: Duration = Duration::from_secs(90);
const STEP: Duration = Duration::from_millis(5);

/// Waits until it is so.
#[track_caller]
pub(crate) fn blocking(what: &str, mut so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !so() {
        assert!(begun.elapsed() < PATIENCE, "waited in vain: {what}");
        std::thread::sleep(STEP);
    }
}

/// Waits until it is so, while other tasks go on.
pub(crate) async fn until(what: &str, mut so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !so() {
        assert!(begun.elapsed() < PATIENCE, "waited in vain: {what}");
        tokio::time::sleep(STEP).await;
    }
}

/// The next message.
pub(crate) async fn next<T>(mail: &mut UnboundedReceiver<T>) -> T {
    tokio::time::timeout(PATIENCE, mail.recv()).await.expect("it goes on").expect("somebody speaks")
}
