//! One integration binary: it links once.

mod cli;
mod config;
mod credentials;
mod demo_store;
mod engine;
mod faults;
mod journal;
mod keys;
mod op_table;
mod pty;
mod rooms;
mod screens;
mod support;
mod tls;
mod wire_properties;
mod wire_vectors;
