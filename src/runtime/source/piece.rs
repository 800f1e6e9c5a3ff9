//! Bytes on their way out: a piece of a file that is read anew for each attempt, or bytes at hand.
//!
//! A piece is read once while it leaves, and its checksum is made of the very bytes that leave.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::{Bytes, BytesMut};
use tokio::sync::Notify;
use tokio::sync::mpsc::{Sender, channel};

use super::{Mark, changed, open, unreadable};
use crate::domain::{Error, ErrorKind, Result};
use crate::runtime::http::{Flow, Outgoing};
use crate::runtime::jobs::Control;
use crate::transfer::parts::Part;
use crate::transfer::sum::{Algorithm, Sum};

/// How much is read at once: it stays in the processor's cache between reading, summing and sending.
const CHUNK: usize = 256 << 10;

/// How many chunks wait between the reader and the connection.
const AHEAD: usize = 2;

/// Bytes that are in memory.
pub(in crate::runtime) struct Held(pub(in crate::runtime) Bytes);

impl Outgoing for Held {
    fn open(&self) -> Flow {
        Flow::AtHand(self.0.clone())
    }
}

/// A piece of a file.
pub(in crate::runtime) struct Piece {
    path: Arc<Path>,
    mark: Mark,
    part: Part,
    algorithm: Option<Algorithm>,
    control: Arc<Control>,
    latest: Mutex<Option<Arc<Attempt>>>,
    broken: Arc<Notify>,
}

/// One reading of a piece.
#[derive(Default)]
struct Attempt(Mutex<Reading>);

#[derive(Default)]
struct Reading {
    /// A later attempt has begun: nothing counts any more.
    stale: bool,
    counted: u64,
    end: Option<Result<u64>>,
}

impl Attempt {
    fn lock(&self) -> MutexGuard<'_, Reading> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Piece {
    /// A piece of a file that looked like `mark`; `control` hears how much has left.
    pub(in crate::runtime) fn new(path: Arc<Path>, mark: Mark, part: Part, algorithm: Option<Algorithm>, control: Arc<Control>) -> Self {
        Self { path, mark, part, algorithm, control, latest: Mutex::default(), broken: Arc::default() }
    }

    /// Ends when the file could not be read, or is not the same any more: no further attempt would help.
    pub(in crate::runtime) async fn broke(&self) -> Error {
        loop {
            self.broken.notified().await;
            if let Some(error) = self.trouble() {
                return error;
            }
        }
    }

    /// Why the last reading ended early, if it was the file's fault.
    pub(in crate::runtime) fn trouble(&self) -> Option<Error> {
        let latest = self.latest().clone()?;
        let mut reading = latest.lock();
        match reading.end.take() {
            Some(Err(error)) => Some(error),
            end => {
                reading.end = end;
                None
            }
        }
    }

    /// The checksum of what was read for the last attempt; `None` if it was not read to its end.
    pub(in crate::runtime) fn sum(&self) -> Option<u64> {
        let latest = self.latest().clone()?;
        let reading = latest.lock();
        reading.end.as_ref().and_then(|end| end.as_ref().ok().copied())
    }

    /// What was counted as moved is not where it belongs.
    pub(in crate::runtime) fn uncount(&self) {
        if let Some(attempt) = self.latest().take() {
            self.forget(&attempt);
        }
    }

    fn forget(&self, attempt: &Attempt) {
        let mut reading = attempt.lock();
        reading.stale = true;
        self.control.unmoved(std::mem::take(&mut reading.counted));
    }

    fn latest(&self) -> MutexGuard<'_, Option<Arc<Attempt>>> {
        self.latest.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Outgoing for Piece {
    fn open(&self) -> Flow {
        self.uncount();
        let attempt = Arc::new(Attempt::default());
        *self.latest() = Some(attempt.clone());
        let (sender, receiver) = channel(AHEAD);
        let reader = Reader {
            path: self.path.clone(),
            mark: self.mark,
            part: self.part,
            algorithm: self.algorithm,
            control: self.control.clone(),
            attempt,
            sender,
        };
        let broken = self.broken.clone();
        tokio::task::spawn_blocking(move || {
            if let Err(error) = reader.run() {
                reader.attempt.lock().end = Some(Err(error));
                broken.notify_one();
                let _nobody_waits = reader.sender.blocking_send(Err(io::Error::other("the file could not be read")));
            }
        });
        Flow::Coming(receiver)
    }
}

/// What one attempt needs on its own thread.
struct Reader {
    path: Arc<Path>,
    mark: Mark,
    part: Part,
    algorithm: Option<Algorithm>,
    control: Arc<Control>,
    attempt: Arc<Attempt>,
    sender: Sender<io::Result<Bytes>>,
}

impl Reader {
    /// Reads and sends until the end, or until nobody listens.
    fn run(&self) -> Result<()> {
        // It was there when the upload began.
        let (file, now) = open(&self.path).map_err(|error| if self.path.exists() { error } else { changed(&self.path) })?;
        if now != self.mark {
            return Err(changed(&self.path));
        }
        let mut sum = self.algorithm.map(Sum::new);
        let (mut buffers, mut at) = (Buffers::default(), self.part.offset);
        while at < self.part.end() {
            let wanted = usize::try_from(self.part.end() - at).unwrap_or(CHUNK).min(CHUNK);
            let chunk = buffers.fill(|buffer| self.read(&file, &mut buffer[..wanted], at), wanted)?;
            if let Some(sum) = &mut sum {
                sum.update(&chunk);
            }
            at += chunk.len() as u64;
            if at == self.part.end() {
                // Before the last bytes leave, so that whoever has the answer has the sum.
                self.attempt.lock().end = Some(Ok(sum.as_ref().map_or(0, Sum::value)));
            }
            let length = chunk.len() as u64;
            if self.sender.blocking_send(Ok(chunk)).is_err() {
                return Ok(());
            }
            self.count(length);
        }
        Ok(())
    }

    fn read(&self, file: &File, buffer: &mut [u8], at: u64) -> Result<()> {
        file.read_exact_at(buffer, at).map_err(|error| cut_short(&self.path, error))
    }

    fn count(&self, length: u64) {
        let mut reading = self.attempt.lock();
        if !reading.stale {
            reading.counted += length;
            self.control.moved(length);
        }
    }
}

/// Chunks that are used again as soon as the connection has let go of them.
#[derive(Default)]
struct Buffers(Vec<Bytes>);

impl Buffers {
    fn fill(&mut self, read: impl FnOnce(&mut [u8]) -> Result<()>, length: usize) -> Result<Bytes> {
        let mut buffer = self.free();
        read(&mut buffer)?;
        let whole = buffer.freeze();
        self.0.push(whole.clone());
        Ok(whole.slice(..length))
    }

    fn free(&mut self) -> BytesMut {
        let place = self.0.iter().position(Bytes::is_unique);
        let found = place.map(|place| self.0.swap_remove(place).try_into_mut());
        match found {
            Some(Ok(buffer)) if buffer.len() == CHUNK => buffer,
            Some(Ok(_) | Err(_)) | None => BytesMut::zeroed(CHUNK),
        }
    }
}

/// The checksum or digest of a piece of a file that is read for it alone, for stores that want it before the bytes.
///
/// # Errors
/// As [`open`]; `Conflict` if the file is not the same any more.
pub(in crate::runtime) fn read_ahead(path: &Path, mark: &Mark, part: Part, mut take: impl FnMut(&[u8])) -> Result<()> {
    let (file, now) = open(path)?;
    if now != *mark {
        return Err(changed(path));
    }
    let (mut buffer, mut at) = (vec![0; CHUNK], part.offset);
    while at < part.end() {
        let wanted = usize::try_from(part.end() - at).unwrap_or(CHUNK).min(CHUNK);
        file.read_exact_at(&mut buffer[..wanted], at).map_err(|error| cut_short(path, error))?;
        take(&buffer[..wanted]);
        at += wanted as u64;
    }
    Ok(())
}

/// A file that ends before its mark says so was cut meanwhile.
fn cut_short(path: &Path, error: io::Error) -> Error {
    if error.kind() == io::ErrorKind::UnexpectedEof { changed(path) } else { unreadable(path, error) }
}

/// A store that answered before it had all of a body.
pub(in crate::runtime) fn hasty() -> Error {
    Error::new(ErrorKind::InvalidReply, "the store answered before it had all bytes")
        .hint("Check the endpoint: a proxy or a portal may have answered in the store's place.")
}
