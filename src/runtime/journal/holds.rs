//! Which process is at a job: two that went on with the same one would write to the same temporary file, and pay twice for the same
//! parts.
//!
//! Comes in: the number of a job. Goes out: the right to be at it, until it is dropped. The system takes the lock away from a
//! process that ends, however it ends, so that no killed one stands in anybody's way.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::PathBuf;

use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;

use super::{Journal, Place};
use crate::domain::Result;
use crate::transfer::JobId;

/// How often a lock is tried whose file its last holder was just removing.
const TRIES: usize = 16;

/// The right to be at a job. Dropping it gives it back.
#[derive(Debug)]
pub struct Held {
    /// `None` in memory: no other process knows the job.
    lock: Option<(File, PathBuf)>,
}

impl Journal {
    /// Takes a job for whoever asks; `None`: somebody is at it already, in this process or another one.
    ///
    /// # Errors
    /// `Local` if the state folder takes no file.
    pub fn hold(&self, id: JobId) -> Result<Option<Held>> {
        let Place::File(database) = &self.place else { return Ok(Some(Held { lock: None })) };
        let path = database.with_file_name(format!("job-{}.lock", id.0));
        for _ in 0..TRIES {
            let opened = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(&path);
            let file = opened.map_err(|error| self.place.cannot_be_made(error))?;
            match flock(&file, FlockOperation::NonBlockingLockExclusive) {
                Err(Errno::WOULDBLOCK) => return Ok(None),
                // Its last holder has removed it meanwhile: whoever comes next makes another one.
                Ok(()) if file.metadata().is_ok_and(|metadata| metadata.nlink() == 0) => {}
                // Some network file systems know no locks: there it is as it is without them.
                Ok(()) | Err(_) => return Ok(Some(Held { lock: Some((file, path)) })),
            }
        }
        Ok(None)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if let Some((_locked, path)) = &self.lock {
            // A file that stays says nothing: its lock is what counts.
            let _ = std::fs::remove_file(path);
        }
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "tests read a folder of their own")]
mod tests {
    use super::*;

    #[test]
    fn one_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let journals = [(); 2].map(|()| Journal::open(&folder.path().join("journal.db")).unwrap());
        let first = journals[0].hold(JobId(7)).unwrap().expect("free");
        assert!(journals[0].hold(JobId(7)).unwrap().is_none() && journals[1].hold(JobId(7)).unwrap().is_none());
        let other = journals[1].hold(JobId(8)).unwrap().expect("another job");
        drop((first, other));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "nothing is left behind");
        // What a killed process leaves is a file without a lock.
        std::fs::write(folder.path().join("job-7.lock"), "").unwrap();
        assert!(journals[1].hold(JobId(7)).unwrap().is_some());
        let memory = Journal::in_memory().unwrap();
        assert!(memory.hold(JobId(1)).unwrap().is_some());
    }
}
