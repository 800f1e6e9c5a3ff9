//! The thread that writes: lines that are laid down for it, many in one transaction. Whoever lays one down wakes it only if it
//! sleeps: a thread that woke for each line would cost more than the lines.

use std::io;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use super::file::File;
use super::jotted::Jotted;
use super::rows;
use crate::domain::Sent;

/// How long lines are gathered after the first one: a listing writes once, not once for each page.
const GATHER: Duration = Duration::from_millis(200);
/// How many lines are one transaction.
const BATCH: usize = 4096;
/// How many lines are kept while none can be written; later ones are lost then.
const KEPT: usize = 100_000;

/// The thread's other end. Dropping it writes what is left.
pub(super) struct Writer {
    tray: Arc<Tray>,
    thread: Option<JoinHandle<()>>,
}

/// Where lines lie until the thread takes them.
#[derive(Default)]
struct Tray {
    lies: Mutex<Lies>,
    news: Condvar,
}

#[derive(Default)]
struct Lies {
    /// One transaction each, in their order; the last one grows until it is full.
    batches: Vec<Jotted>,
    /// How many lines there are in all.
    lines: usize,
    /// For how many lines a batch has room from the start.
    room: usize,
    /// How many of them came since the thread looked last: what could not be written waits for others.
    fresh: usize,
    lost: u64,
    /// Who waits until the lines so far are written, and hears how many could not be.
    waiting: Vec<SyncSender<u64>>,
    /// Nobody lays down anything any more.
    over: bool,
    /// The thread has ended, perhaps by a panic: nobody takes anything any more.
    gone: bool,
}

/// Says so when it is dropped.
struct Thread<'a>(&'a Tray);

impl Drop for Thread<'_> {
    fn drop(&mut self) {
        let mut lies = self.0.lies();
        lies.gone = true;
        lies.waiting.clear();
    }
}

impl Writer {
    /// Starts the thread.
    pub(super) fn begin(file: Arc<File>) -> io::Result<Self> {
        let tray = Arc::new(Tray::default());
        let theirs = tray.clone();
        let thread = std::thread::Builder::new().name("ledger".to_owned()).spawn(move || theirs.write_on(&file))?;
        Ok(Self { tray, thread: Some(thread) })
    }

    pub(super) fn note(&self, sent: &Sent) {
        let mut lies = self.tray.lies();
        if lies.lines >= KEPT {
            lies.lost += 1;
            return;
        }
        lies.push(sent);
        lies.fresh += 1;
        if lies.fresh == 1 || lies.fresh == BATCH {
            self.tray.news.notify_one();
        }
    }

    /// Waits until all lines so far are written, and gives how many could not be.
    pub(super) fn flush(&self) -> u64 {
        let (tell, told) = sync_channel(1);
        let mut lies = self.tray.lies();
        if lies.gone {
            return 1;
        }
        lies.waiting.push(tell);
        drop(lies);
        self.tray.news.notify_one();
        // A thread that died has written what it could.
        told.recv().unwrap_or(1)
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.tray.lies().over = true;
        self.tray.news.notify_one();
        if let Some(thread) = self.thread.take() {
            let _died = thread.join();
        }
    }
}

impl Lies {
    fn push(&mut self, sent: &Sent) {
        if self.batches.last().is_none_or(|last| last.len() >= BATCH) {
            self.batches.push(Jotted::with_room(self.room));
        }
        if let Some(last) = self.batches.last_mut() {
            last.push(sent);
            self.lines += 1;
        }
    }

    fn cannot_wait(&self) -> bool {
        self.over || !self.waiting.is_empty()
    }
}

impl Tray {
    fn lies(&self) -> MutexGuard<'_, Lies> {
        self.lies.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Until nobody can lay down anything any more.
    fn write_on(&self, file: &File) {
        let _thread = Thread(self);
        loop {
            let (batches, waiting, over) = self.gathered();
            let left = write(file, batches);
            let count = lines(&left);
            let mut lies = self.lies();
            let missing = count as u64 + lies.lost;
            lies.lines += count;
            lies.batches.splice(..0, left);
            drop(lies);
            for tell in waiting {
                let _gone = tell.send(missing);
            }
            if over {
                return;
            }
        }
    }

    /// Waits for a line, and a while for others.
    fn gathered(&self) -> (Vec<Jotted>, Vec<SyncSender<u64>>, bool) {
        let idle = |lies: &mut Lies| lies.fresh == 0 && !lies.cannot_wait();
        let few = |lies: &mut Lies| lies.fresh < BATCH && !lies.cannot_wait();
        let lies = self.news.wait_while(self.lies(), idle).unwrap_or_else(PoisonError::into_inner);
        let (mut lies, _) = self.news.wait_timeout_while(lies, GATHER, few).unwrap_or_else(PoisonError::into_inner);
        lies.fresh = 0;
        // As many may come again: what grows is copied.
        lies.room = lies.lines.min(BATCH);
        lies.lines = 0;
        (std::mem::take(&mut lies.batches), std::mem::take(&mut lies.waiting), lies.over)
    }
}

fn lines(batches: &[Jotted]) -> usize {
    batches.iter().map(Jotted::len).sum()
}

/// Writes lines, and gives those back that could not be written.
fn write(file: &File, mut batches: Vec<Jotted>) -> Vec<Jotted> {
    let mut written = 0;
    for batch in &batches {
        if let Err(error) = file.with(|open| rows::write(open, batch)) {
            file.cannot(error);
            break;
        }
        file.can();
        written += 1;
    }
    batches.drain(..written);
    batches
}
