//! Moving bytes, as arithmetic: parts, checksums, local names, patterns, progress, pace.
//!
//! Comes in: sizes, keys, bytes, and the time as an argument. Goes out: plans, names, numbers and waits, which `runtime`
//! carries out and `app` shows. Forbidden here: I/O, clocks, tasks, anything that waits.

pub mod kind;
pub mod local;
pub mod meter;
pub mod pace;
pub mod parts;
pub mod pattern;
pub mod sum;
mod taken;
mod width;
