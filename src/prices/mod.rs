//! The price book: what requests, transfer and retrieval cost at list price, and the arithmetic of estimates and budgets.
//!
//! Comes in: the text of a book, and what is asked of a store. Goes out: exact amounts with the date of the list, or nothing where
//! no price is known. Forbidden here: floats, clocks, files, and a price for what the book has no row for.
//!
//! What is booked and compared with a budget is the *high* end of a range: the list price of the first tier, before free tiers and
//! discounts. The *low* end is the best case: within the free tier, from the same region, in idle hours.

mod band;
mod book;
mod booking;
mod estimate;
mod fee;
mod places;
mod purse;
mod purses;
mod read;
mod row;
mod shelf;
#[cfg(test)]
mod shipped_tests;
#[cfg(test)]
mod tests;
mod turnstile;
mod used;
pub mod words;

pub use band::{Band, Hours};
pub use book::{Book, Known, Range};
pub use estimate::{Estimate, Span};
pub use fee::Fee;
pub use places::is_listed;
pub use purse::{Purse, Verdict};
pub use purses::{Purses, Scope, Toll};
pub use row::{Confidence, Idle, Row, What};
pub use shelf::Shelf;
pub use turnstile::{Turn, Turnstile};
pub use used::{Used, Where, is_billed};
