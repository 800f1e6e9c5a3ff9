//! The terminal: raw mode and its restoration on every way out, input, signals, hang-up.
