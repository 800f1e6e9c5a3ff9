//! `whopays`: who pays for a bucket, and who pays for what I am about to do?
//!
//! One crate, cut into rooms. A line of code knows by its path what it may touch; `tests/it/rooms.rs`
//! reads the imports of every room and compares them with this table.
//!
//! ```text
//!  main, cli        the door; commands without a screen. The only place that prints.
//!     |
//!  runtime          the only room that waits: event loop, tasks, HTTP, files, clock, env, terminal
//!    |     \    \________ demo   a store in a box on loopback
//!    |      \         \   |
//!    ui      \         wire      what is said to a store, how its answer is read (no sockets)
//!     \       \          |
//!      app  ---+         |       what happens next: Model, Msg, update -> Effects
//!        \               |
//!    config  credentials  audit  transfer  preview  prices  alarms  doctor  (pure, know only domain and each other where natural)
//!         \       |        |      |      /       /
//!                    domain              nouns and verbs of the trade
//! ```

pub mod alarms;
pub mod app;
pub mod audit;
pub mod cli;
pub mod config;
pub mod credentials;
pub mod demo;
pub mod doctor;
pub mod domain;
pub mod preview;
pub mod prices;
pub mod runtime;
pub mod transfer;
pub mod ui;
pub mod wire;

/// For the binary, its tests and its benchmarks alike: what is measured is what is shipped.
#[global_allocator]
static MEMORY: mimalloc::MiMalloc = mimalloc::MiMalloc;
