//! What a thread has for itself.
//!
//! Forbidden here: waiting for other threads. They look in seldom, and not for long.

use std::sync::{Mutex, MutexGuard, PoisonError};

use thread_local::ThreadLocal;

/// One of them for each thread that asks.
pub(super) type Each<T> = ThreadLocal<Own<T>>;

/// Something in cache lines of its own: where it shared one with another thread's, each of them would wait for the other's writes.
#[derive(Default)]
#[repr(align(64))]
pub(super) struct Own<T>(Mutex<T>);

impl<T> Own<T> {
    /// To look at it and to change it.
    pub(super) fn lock(&self) -> MutexGuard<'_, T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
