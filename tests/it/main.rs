//! One integration binary: it links once.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    clippy::wildcard_enum_match_arm,
    reason = "a test that cannot go on ends here; tests read clocks, files and the environment and start threads"
)]

mod alarms;
mod cli;
mod config;
mod conformance;
mod copying;
mod credentials;
mod deleting;
mod demo_store;
mod doctor;
mod download;
mod engine;
mod faults;
mod hands;
mod inspecting;
mod jobs;
mod journal;
mod keys;
mod ledger;
mod links;
mod listing;
mod op_table;
mod outside;
mod payer_matrix;
mod preflight;
mod preview;
mod probe;
mod proof;
mod pty;
mod rooms;
mod screens;
mod support;
mod tls;
mod upload;
mod wire_objects;
mod wire_properties;
mod wire_vectors;
