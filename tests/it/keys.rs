//! Before, keys, after: the decisions of the console, without a runtime. The screen is read back where a person would look.

mod change;
pub(crate) mod driver;
mod moving;
mod plan;
mod random;
mod reading;
mod start;
mod table;
