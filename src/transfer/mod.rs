//! Moving objects: what is to be moved, in which pieces, under which local names, and how far it is.
//!
//! Comes in: what a person asked for, sizes, names, times. Goes out: plans and arithmetic. Forbidden here: files, tasks, clocks,
//! requests; `runtime` does what is planned here.

pub mod arrange;
pub mod job;
pub mod outcome;
pub mod split;

pub use arrange::{Arranging, Column, arrange};
pub use job::{Copy, Delete, Download, Existing, Job, JobId, Landing, Original, Pick, Pointer, Reach, Selection, Source, Upload, Versions};
pub use outcome::{Ending, Fate, ItemEnd, Progress};
pub use split::Scale;
