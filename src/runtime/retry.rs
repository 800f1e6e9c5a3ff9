//! When a request is sent again: pure arithmetic of attempts, delays and the token bucket.
