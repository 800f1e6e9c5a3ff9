//! The thread that writes what lies in the tray, many lines in one transaction.

use std::io;
use std::sync::Arc;
use std::sync::mpsc::sync_channel;
use std::thread::JoinHandle;

use super::file::File;
use super::jotted::Jotted;
use super::rows;
use super::tray::{BATCH, Gathered, Tray};

/// The thread's other end. Dropping it writes what is left.
pub(super) struct Writer {
    tray: Arc<Tray>,
    thread: Option<JoinHandle<()>>,
}

/// Says that there is none any more when it is dropped.
struct Thread<'a>(&'a Tray);

impl Drop for Thread<'_> {
    fn drop(&mut self) {
        self.0.abandon();
    }
}

impl Writer {
    /// Starts the thread.
    pub(super) fn begin(file: Arc<File>, tray: Arc<Tray>) -> io::Result<Self> {
        let theirs = tray.clone();
        let thread = std::thread::Builder::new().name("ledger".to_owned()).spawn(move || write_on(&theirs, &file))?;
        Ok(Self { tray, thread: Some(thread) })
    }

    /// Waits until all lines so far are written, and gives how many could not be.
    pub(super) fn flush(&self) -> u64 {
        let (tell, told) = sync_channel(1);
        if !self.tray.when_written(tell) {
            return 1;
        }
        // A thread that died has written what it could.
        told.recv().unwrap_or(1)
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.tray.end();
        if let Some(thread) = self.thread.take() {
            let _died = thread.join();
        }
    }
}

/// Until nobody can lay down anything any more.
fn write_on(tray: &Tray, file: &File) {
    let _thread = Thread(tray);
    loop {
        let Gathered { batches, waiting, over } = tray.gathered();
        let missing = tray.give_back(write(file, batches));
        for tell in waiting {
            let _gone = tell.send(missing);
        }
        if over {
            return;
        }
    }
}

/// Writes lines, and gives those back that could not be written.
fn write(file: &File, mut batches: Vec<Jotted>) -> Vec<Jotted> {
    let mut written = 0;
    while let Some(rest) = batches.get(written..).filter(|rest| !rest.is_empty()) {
        let together = &rest[..at_once(rest)];
        if let Err(error) = file.with(|open| rows::write(open, together)) {
            file.cannot(error);
            break;
        }
        file.can();
        written += together.len();
    }
    batches.drain(..written);
    batches
}

/// How many of them are one transaction: what threads laid down side by side, but not more lines than one of them may have. What does
/// not fit follows.
fn at_once(batches: &[Jotted]) -> usize {
    let mut lines = 0;
    let fits = |batch: &&Jotted| {
        lines += batch.len();
        lines <= BATCH
    };
    batches.iter().take_while(fits).count().max(1)
}
