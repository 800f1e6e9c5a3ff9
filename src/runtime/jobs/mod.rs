//! Jobs: what moves or removes objects, for console and commands alike.
//!
//! Comes in: a [`Job`] and its [`Control`]. Goes out: bytes to where they belong, an [`ItemEnd`](crate::transfer::ItemEnd) for each object, an [`Ending`].
//! Forbidden here: asking a person; a job that needs an answer ends its object as refused, and says so.

mod beginning;
mod control;
mod copy;
mod count;
mod delete;
mod delete_batch;
mod download;
mod gather;
mod kept;
mod notes;
mod upload;

use std::sync::Arc;

pub(in crate::runtime) use beginning::Sought;
pub use control::{Control, Listener};
pub use count::Counted;
pub use download::Excerpt;
pub use kept::Begun;
pub(in crate::runtime) use upload::is_gone;

use super::engine::Engine;
use crate::transfer::{Ending, Job, JobId};

/// A job that runs: what all of its tasks need.
#[derive(Clone)]
pub(in crate::runtime) struct Run {
    /// Acts on the stores.
    pub(in crate::runtime) engine: Engine,
    /// Its number in the state database; `None`: nobody would resume it (standard input, a demo without a database).
    pub(in crate::runtime) id: Option<JobId>,
    /// Its reins.
    pub(in crate::runtime) control: Arc<Control>,
}

impl Engine {
    /// Does a job. Dropping the future ends it where it stands; [`Control::pull`] ends it tidily.
    pub async fn run_job(&self, job: &Job, id: Option<JobId>, control: Arc<Control>) -> Ending {
        if let Ok(treatment) = self.treatment(job) {
            control.treats(treatment);
        }
        let run = Run { engine: self.clone(), id, control };
        match job {
            Job::Upload(upload) => upload::run(&run, upload).await,
            Job::Download(download) => download::run(&run, download).await,
            Job::Copy(copy) => copy::run(&run, copy).await,
            Job::Delete(delete) => delete::run(&run, delete).await,
        }
    }
}
