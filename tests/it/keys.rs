//! Before, keys, after: the decisions of the console, without a runtime. The screen is read back where a person would look.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails here")]
#![expect(clippy::wildcard_enum_match_arm, reason = "a test picks the one order that it is about")]

pub(crate) mod acts;
pub(crate) mod alarms;
pub(crate) mod budget;
mod change;
mod consent;
mod door;
pub(crate) mod driver;
mod gone;
mod journal;
mod leaving;
pub(crate) mod ledger;
mod moving;
mod objects;
mod plan;
mod preflight;
pub(crate) mod probe;
mod random;
mod reading;
pub(crate) mod shelf;
mod start;
mod table;
mod toll;
pub(crate) mod transfers;
mod transfers_random;
pub(crate) mod uploads;
