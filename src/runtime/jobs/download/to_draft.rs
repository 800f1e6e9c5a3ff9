//! Bytes of an object on their way to its draft.
//!
//! Comes in: pieces, in order. Goes out: bytes in a file, sums of grains, and lines in the journal once a grain is there.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use tokio::sync::Semaphore;

use super::fetch::Sink;
use super::grains::{Grains, Running};
use super::object::{Crew, by_hand, lock, lost};
use crate::domain::Result;
use crate::runtime::files::Draft;
use crate::runtime::journal::Journal;
use crate::runtime::journal::jobs::{ItemId, PartNote};

/// Where finished grains are written down.
#[derive(Clone)]
pub(super) struct Notes {
    pub(super) journal: Journal,
    pub(super) item: ItemId,
}

impl Notes {
    /// On disk first, then here: whoever resumes reads it back and compares the sum.
    fn note(&self, ended: &[(u32, u64)]) -> Result<()> {
        let note = |(number, sum): &(u32, u64)| PartNote { number: *number, etag: None, sum: Some(*sum), read: None };
        ended.iter().try_for_each(|grain| self.journal.note_part(self.item, &note(grain)))
    }
}

/// Writes bytes to a draft and sums them on their way.
pub(super) struct ToDraft {
    draft: Arc<Draft>,
    grains: Arc<Mutex<Grains>>,
    running: Option<Running>,
    notes: Option<Notes>,
    hands: Arc<Semaphore>,
    /// Whether this thread may wait for the disk: bytes that another one writes leave this core's cache, and threads are woken
    /// thousands of times for 1 GiB, which is a sixth of a download's CPU.
    may_wait: bool,
}

impl ToDraft {
    /// For a stretch that begins where a grain does.
    pub(super) fn new(crew: &Crew, draft: &Arc<Draft>, grains: &Arc<Mutex<Grains>>, notes: Option<Notes>) -> Self {
        let running = {
            let grains = lock(grains);
            Running::new(grains.algorithm, grains.plan)
        };
        let may_wait = crew.run.control.has_threads();
        Self { draft: draft.clone(), grains: grains.clone(), running: Some(running), notes, hands: crew.hands.clone(), may_wait }
    }
}

impl Sink for ToDraft {
    async fn take(&mut self, at: u64, bytes: Vec<Bytes>) -> Result<()> {
        let Some(running) = self.running.take() else { return Err(lost()) };
        let (draft, notes) = (self.draft.clone(), self.notes.clone());
        let (running, ended) = if self.may_wait {
            let (running, ended) = laid(&draft, running, at, &bytes)?;
            if let Some(notes) = notes.filter(|_| !ended.is_empty()) {
                let ended = ended.clone();
                // The journal has one file for everybody, and a lock.
                by_hand(&self.hands, move || notes.note(&ended)).await?;
            }
            (running, ended)
        } else {
            // In one piece: whoever is stopped meanwhile leaves no grain on the disk that would be fetched and paid for again.
            let work = move || {
                let (running, ended) = laid(&draft, running, at, &bytes)?;
                notes.map_or(Ok(()), |notes| notes.note(&ended))?;
                Ok((running, ended))
            };
            by_hand(&self.hands, work).await?
        };
        self.running = Some(running);
        lock(&self.grains).note(&ended);
        Ok(())
    }
}

/// Writes pieces and sums them; with the grains that end in them.
fn laid(draft: &Draft, mut running: Running, mut at: u64, bytes: &[Bytes]) -> Result<(Running, Vec<(u32, u64)>)> {
    draft.write_at(bytes, at)?;
    let mut ended = Vec::new();
    for piece in bytes {
        ended.extend(running.take(at, piece));
        at += piece.len() as u64;
    }
    Ok((running, ended))
}
