//! When a request is sent again: pure arithmetic of attempts, delays and the token bucket.
//!
//! Comes in: the operation's row, the error, a random number. Goes out: a delay, or the end. Forbidden here: waiting, rolling
//! dice. The numbers follow the AWS SDKs' standard mode, except that an operation whose outcome is unknown is read before it is
//! repeated.

use std::time::Duration;

use crate::domain::op::Repeat;
use crate::domain::{Error, ErrorKind, Op};

/// A request leaves at most this often.
pub const MAX_ATTEMPTS: u32 = 3;

const TRANSIENT_BASE: Duration = Duration::from_millis(50);
const THROTTLE_BASE: Duration = Duration::from_secs(1);
const LONGEST_DELAY: Duration = Duration::from_secs(20);
/// How much longer than our own delay a `Retry-After` may make us wait.
const OBEYED_BEYOND: Duration = Duration::from_secs(5);

/// A token bucket, one for each endpoint: it ends retries while everything fails, so that a store in trouble gets less load, not three
/// times as much.
#[derive(Debug)]
pub struct Tokens {
    left: u32,
}

impl Default for Tokens {
    fn default() -> Self {
        Self { left: Self::CAPACITY }
    }
}

impl Tokens {
    const CAPACITY: u32 = 500;
    const TRANSIENT_COST: u32 = 14;
    const THROTTLE_COST: u32 = 5;

    fn take(&mut self, kind: ErrorKind) -> bool {
        let cost = if kind == ErrorKind::Throttled { Self::THROTTLE_COST } else { Self::TRANSIENT_COST };
        match self.left.checked_sub(cost) {
            Some(left) => {
                self.left = left;
                true
            }
            None => false,
        }
    }

    /// A request succeeded: one token comes back.
    pub fn refill(&mut self) {
        self.left = (self.left + 1).min(Self::CAPACITY);
    }
}

/// Whether the request left this machine before it failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reached {
    /// No connection was made: the store has seen nothing.
    Nothing,
    /// The store may have acted on it.
    Perhaps,
}

/// How long to wait before the next attempt, or `None`: report the error.
///
/// `attempt` is the number of the attempt that failed, from 1; `dice` is uniform in 0..1 (full jitter).
pub fn delay(op: Op, error: &Error, reached: Reached, attempt: u32, dice: f64, tokens: &mut Tokens) -> Option<Duration> {
    let kind = error.kind();
    if attempt >= MAX_ATTEMPTS || !kind.retryable() || !may_repeat(op.row().repeat, kind, reached) || !tokens.take(kind) {
        return None;
    }
    let base = if kind == ErrorKind::Throttled { THROTTLE_BASE } else { TRANSIENT_BASE };
    let ceiling = base.saturating_mul(1 << (attempt - 1).min(16)).min(LONGEST_DELAY);
    let own = ceiling.mul_f64(dice.clamp(0.0, 1.0));
    let asked = error.store_answer().and_then(|answer| answer.retry_after_ms).map(Duration::from_millis);
    Some(asked.map_or(own, |asked| asked.clamp(own, own + OBEYED_BEYOND)))
}

fn may_repeat(repeat: Repeat, kind: ErrorKind, reached: Reached) -> bool {
    match repeat {
        Repeat::Freely => true,
        // A throttled request was refused before it did anything.
        Repeat::AfterReading => reached == Reached::Nothing || kind == ErrorKind::Throttled,
        Repeat::Never => reached == Reached::Nothing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::StoreAnswer;

    fn error(kind: ErrorKind) -> Error {
        Error::new(kind, "x")
    }

    fn ms(delay: Option<Duration>) -> Option<u128> {
        delay.map(|delay| delay.as_millis())
    }

    #[test]
    fn delays_grow_within_their_bounds() {
        let mut tokens = Tokens::default();
        let op = Op::GetBucketRequestPayment;
        let server = error(ErrorKind::Server);
        assert_eq!(ms(delay(op, &server, Reached::Perhaps, 1, 1.0, &mut tokens)), Some(50));
        assert_eq!(ms(delay(op, &server, Reached::Perhaps, 2, 1.0, &mut tokens)), Some(100));
        assert_eq!(ms(delay(op, &server, Reached::Perhaps, 2, 0.0, &mut tokens)), Some(0));
        assert_eq!(ms(delay(op, &server, Reached::Perhaps, 3, 0.5, &mut tokens)), None, "three attempts at most");
        let slow = error(ErrorKind::Throttled);
        assert_eq!(ms(delay(op, &slow, Reached::Perhaps, 1, 1.0, &mut tokens)), Some(1000));
        assert_eq!(ms(delay(op, &slow, Reached::Perhaps, 2, 0.25, &mut tokens)), Some(500));
    }

    #[test]
    fn retry_after_is_obeyed_within_five_seconds() {
        let op = Op::ListBuckets;
        let after = |ms| Error::new(ErrorKind::Throttled, "x").answer(StoreAnswer { retry_after_ms: Some(ms), ..StoreAnswer::default() });
        let mut tokens = Tokens::default();
        assert_eq!(ms(delay(op, &after(3_600_000), Reached::Perhaps, 1, 1.0, &mut tokens)), Some(6000));
        assert_eq!(ms(delay(op, &after(2000), Reached::Perhaps, 1, 1.0, &mut tokens)), Some(2000));
        assert_eq!(ms(delay(op, &after(1), Reached::Perhaps, 1, 0.5, &mut tokens)), Some(500));
    }

    #[test]
    fn a_change_is_not_repeated_blindly() {
        let op = Op::PutBucketRequestPayment;
        let mut tokens = Tokens::default();
        assert_eq!(delay(op, &error(ErrorKind::Network), Reached::Perhaps, 1, 0.5, &mut tokens), None);
        assert_eq!(delay(op, &error(ErrorKind::Timeout), Reached::Perhaps, 1, 0.5, &mut tokens), None);
        assert_eq!(delay(op, &error(ErrorKind::Server), Reached::Perhaps, 1, 0.5, &mut tokens), None);
        assert_eq!(ms(delay(op, &error(ErrorKind::Network), Reached::Nothing, 1, 1.0, &mut tokens)), Some(50));
        assert_eq!(ms(delay(op, &error(ErrorKind::Throttled), Reached::Perhaps, 1, 1.0, &mut tokens)), Some(1000));
        assert_eq!(delay(Op::AppendObject, &error(ErrorKind::Throttled), Reached::Perhaps, 1, 0.5, &mut tokens), None);
    }

    #[test]
    fn what_cannot_succeed_is_not_repeated() {
        let mut tokens = Tokens::default();
        for kind in [ErrorKind::Denied, ErrorKind::NotFound, ErrorKind::InvalidReply, ErrorKind::Tls, ErrorKind::Conflict] {
            assert_eq!(delay(Op::ListBuckets, &error(kind), Reached::Perhaps, 1, 0.5, &mut tokens), None, "{kind:?}");
        }
    }

    #[test]
    fn the_token_bucket_ends_retries_and_refills() {
        let mut tokens = Tokens::default();
        let server = error(ErrorKind::Server);
        let granted = (0..100).filter(|_| delay(Op::ListBuckets, &server, Reached::Perhaps, 1, 0.0, &mut tokens).is_some()).count();
        assert_eq!(granted, 35, "500 tokens at 14 each");
        for _ in 0..4 {
            tokens.refill();
        }
        assert!(delay(Op::ListBuckets, &server, Reached::Perhaps, 1, 0.0, &mut tokens).is_some(), "10 left and 4 back");
        assert!(delay(Op::ListBuckets, &server, Reached::Perhaps, 1, 0.0, &mut tokens).is_none());
    }
}
