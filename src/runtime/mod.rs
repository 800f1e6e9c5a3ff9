//! The only room that waits: event loop, tasks, HTTP, files, clock, environment, terminal.
//!
//! Comes in: effects of the app, arguments of the command line. Goes out: requests, frames, messages. Forbidden here:
//! product decisions.

mod address;
mod alarms;
pub mod clock;
pub mod config_file;
pub mod console;
pub mod context;
pub mod desk;
mod desked;
mod door;
pub mod engine;
mod files;
pub mod hands;
pub mod http;
pub mod jobs;
pub mod journal;
mod kinds;
pub mod ledger;
mod limit;
pub mod log;
mod no_answer;
pub mod objects;
mod own;
pub mod paths;
mod preflight;
pub mod prices;
mod probe;
pub mod retry;
pub mod slip;
mod source;
pub mod startup;
pub mod tally;
mod tasks;
pub mod terminal;
pub mod trace;
mod workbench;
