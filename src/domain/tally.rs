//! How much was asked of stores.

/// Requests and bytes of a session, a job or one object.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Requests that left, every attempt counted.
    pub requests: u64,
    /// How many of them were further attempts.
    pub retries: u64,
    /// Bytes of bodies that left.
    pub up: u64,
    /// Bytes of bodies that came.
    pub down: u64,
    /// Answers in which the store said that the requester was charged.
    pub charged: u64,
}

impl Tally {
    /// What came on top since an earlier moment.
    #[must_use]
    pub fn since(self, earlier: Self) -> Self {
        Self {
            requests: self.requests.saturating_sub(earlier.requests),
            retries: self.retries.saturating_sub(earlier.retries),
            up: self.up.saturating_sub(earlier.up),
            down: self.down.saturating_sub(earlier.down),
            charged: self.charged.saturating_sub(earlier.charged),
        }
    }
}
