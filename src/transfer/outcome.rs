//! How far a job is, and how each part of it ended.

use crate::domain::{Error, Tally};

/// How far a job is. Counts only grow, except what was found when a listing corrects an estimate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Objects that are known to belong to it.
    pub objects: u64,
    /// Their bytes, as far as they are known.
    pub bytes: u64,
    /// Whether everything that belongs to it has been found.
    pub counted: bool,
    /// Objects that have ended, well or not.
    pub ended: u64,
    /// How many of them did not end well.
    pub failed: u64,
    /// Bytes that are where they belong, those of parts that an earlier run had finished among them.
    pub moved: u64,
    /// What was asked of stores for it.
    pub tally: Tally,
}

/// How one object of a job ended.
#[derive(Debug)]
pub struct ItemEnd {
    /// What was read: `ACCOUNT:BUCKET/KEY`, a path, or `-`.
    pub source: String,
    /// What was written, in the same way; empty for a delete.
    pub target: String,
    /// How.
    pub fate: Fate,
    /// Bytes of the object.
    pub bytes: u64,
    /// What was asked of stores for it, where it can be told apart.
    pub tally: Tally,
}

/// How one object ended.
#[derive(Debug)]
pub enum Fate {
    /// It is done and verified as far as the store lets us. Holds a remark, such as an altered local name.
    Done(Option<String>),
    /// Something exists under the name, and nobody said that it may be replaced. Nothing was changed.
    Exists,
    /// It was left out, with the reason: a folder marker, a socket, a key that another job's file stands for.
    LeftOut(String),
    /// It failed; what was there before is untouched.
    Failed(Error),
}

/// How a job ended.
#[derive(Debug)]
pub enum Ending {
    /// Everything is done.
    Done,
    /// Some objects failed or were refused; each has said so.
    Partly,
    /// Nothing could be begun, or what there is to do could not be found out.
    Failed(Error),
    /// Somebody stopped it. What was finished stays; what was under way is given up, or kept to be resumed.
    Stopped,
}
