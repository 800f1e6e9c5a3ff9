//! The ledger: equal to what the store received, whole after a kill, priced as the vendors' lists say.

mod booked;
mod commands;
mod equal;
mod files;
mod session;
mod sums;
