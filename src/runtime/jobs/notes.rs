//! The objects of a job that are finished, on their way to the state database: many at once, as each line waits for the disk.
//!
//! Comes in: names of objects that are where they belong. Goes out: lines; what a kill may cost is what was finished since the last.

use jiff::{SignedDuration, Timestamp};
use tokio::task::JoinSet;

use super::Run;
use crate::runtime::clock;
use crate::runtime::journal::jobs::{DoneName, ItemId};
use crate::runtime::tasks::in_background;

/// Finished objects are written down this often, or when there are so many.
const NOTED: (SignedDuration, usize) = (SignedDuration::from_millis(250), 256);

/// Stands among a job's finished objects from its beginning: a run that finds it goes on with an earlier one. No key has it.
pub(super) const BEGUN: DoneName = [0; 16];

/// What is not written down yet.
pub(super) struct Notes {
    run: Run,
    names: Vec<DoneName>,
    /// Lines of objects under way that are needed no more.
    items: Vec<ItemId>,
    since: Timestamp,
    writing: JoinSet<()>,
}

impl Notes {
    /// Nothing yet.
    pub(super) fn of(run: &Run) -> Self {
        Self { run: run.clone(), names: Vec::new(), items: Vec::new(), since: clock::now(), writing: JoinSet::new() }
    }

    /// One more, and its line if it was under way in parts.
    pub(super) fn add(&mut self, name: DoneName, item: Option<ItemId>) {
        if self.run.id.is_none() {
            return;
        }
        self.names.push(name);
        self.items.extend(item);
        while self.writing.try_join_next().is_some() {}
        let due = self.names.len() >= NOTED.1 || clock::now().duration_since(self.since) >= NOTED.0;
        if due && self.writing.is_empty() {
            self.write();
        }
    }

    fn write(&mut self) {
        let Some(job) = self.run.id.filter(|_| !self.names.is_empty()) else { return };
        let (names, items, engine) = (std::mem::take(&mut self.names), std::mem::take(&mut self.items), self.run.engine.clone());
        self.since = clock::now();
        self.writing.spawn(async move {
            let journal = engine.journal().clone();
            if let Err(error) = in_background(move || journal.note_ended(job, &names, &items)).await {
                engine.door().tell(error);
            }
        });
    }

    /// Waits until all are written down.
    pub(super) async fn finish(&mut self) {
        while self.writing.join_next().await.is_some() {}
        self.write();
        while self.writing.join_next().await.is_some() {}
    }
}
