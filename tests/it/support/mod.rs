//! What several test files share.

pub(crate) mod child;
pub(crate) mod pty;
pub(crate) mod store;
pub(crate) mod wait;
