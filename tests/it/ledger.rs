//! The ledger: equal to what the store received, whole after a kill, priced as the vendors' lists say.

mod booked;
mod commands;
mod equal;
mod files;
mod packs;
mod session;
mod sums;
