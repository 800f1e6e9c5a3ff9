//! Moving objects: what is to be moved, in which pieces, under which local names, and how far it is.
//!
//! Comes in: what a person asked for, sizes, keys, bytes, and the time as an argument. Goes out: plans, names, numbers and waits,
//! which `runtime` carries out and `app` shows. Forbidden here: files, tasks, clocks, requests, anything that waits.

pub mod arrange;
pub mod job;
pub mod kind;
pub mod local;
pub mod meter;
pub mod need;
pub mod outcome;
pub mod pace;
pub mod parts;
pub mod pattern;
pub mod roll;
pub mod split;
pub mod sum;
mod taken;
pub mod treatment;
mod width;

pub use arrange::{Arranging, Column, Direction, arrange};
pub use job::{Copy, Delete, Download, Existing, Job, JobId, Landing, Original, Pick, Pointer, Route, Selection, Source, Upload, Versions};
pub use outcome::{Asked, Ending, Fate, ItemEnd, JobState, Progress, Rein, Unfinished};
pub use pattern::Rule;
pub use split::Scale;
