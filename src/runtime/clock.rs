//! The only place that reads the clock and sleeps.
#![expect(clippy::disallowed_methods, reason = "this is where the program reads the clock and waits")]

use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// The time by this machine's clock.
pub fn now() -> Timestamp {
    Timestamp::now()
}

/// The zone of this machine's clock.
pub fn zone() -> TimeZone {
    TimeZone::system()
}

/// Waits.
pub async fn sleep(pause: Duration) {
    if !pause.is_zero() {
        tokio::time::sleep(pause).await;
    }
}
