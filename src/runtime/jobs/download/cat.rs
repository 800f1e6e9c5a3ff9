//! An object's bytes in order, for standard output.
//!
//! Comes in: an object, a range if not all of it is wanted, somebody who takes bytes. Goes out: the bytes, each once and in order. What
//! was handed out cannot be taken back: if the checksum differs at the end, the error says so.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use tokio::io::{AsyncWrite, AsyncWriteExt};

use super::fetch::{Ask, Guard, Halt, Sink, Source, Stretch};
use super::grains::{Grains, Running};
use super::object::lock;
use crate::domain::{Acting, Error, ErrorKind, ObjectRef, Result, Span};
use crate::runtime::engine::Engine;
use crate::runtime::jobs::Control;
use crate::transfer::Pick;
use crate::transfer::parts::PartPlan;
use crate::transfer::sum::Algorithm;

/// Which bytes of an object are wanted: from the first one on, so many or all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Excerpt {
    /// The first byte.
    pub from: u64,
    /// How many; `None`: all that follow.
    pub length: Option<u64>,
}

impl Engine {
    /// Writes an object's bytes, in order: one request, and one more for each break on the way. Gives how many there were.
    ///
    /// # Errors
    /// Whatever the store refuses; `Local` if the bytes cannot be written; `Interrupted`; `InvalidReply` if all were written and
    /// their checksum is not the store's.
    pub async fn cat(
        &self,
        acting: &Acting,
        pick: &Pick,
        excerpt: Option<Excerpt>,
        sink: impl AsyncWrite + Unpin + Send,
        control: &Arc<Control>,
    ) -> Result<u64> {
        if excerpt.is_some_and(|excerpt| excerpt.length == Some(0)) {
            return Ok(0);
        }
        let (key, version) = (pick.key.clone(), pick.version.clone());
        let object = ObjectRef { bucket: acting.place.id.bucket.clone(), key, version };
        let source = Source::of(self, control, acting, object, excerpt.map_or(pick.size, |excerpt| excerpt.length));
        source.read_out(pick, excerpt, sink).await.map_err(|halt| match halt {
            Halt::Failed(error) => error,
            Halt::Stopped(_) => source.about(Error::new(ErrorKind::Interrupted, "stopped").hint("Ask again for what is missing.")),
        })
    }
}

impl Source {
    async fn read_out(
        &self,
        pick: &Pick,
        excerpt: Option<Excerpt>,
        sink: impl AsyncWrite + Unpin + Send,
    ) -> std::result::Result<u64, Halt> {
        let from = excerpt.map_or(0, |excerpt| excerpt.from);
        let ask = if excerpt.is_some() { Ask::Range } else { Ask::Plain };
        let end = excerpt.and_then(|excerpt| excerpt.length).map(|length| from.saturating_add(length));
        let mut stretch = Stretch { at: from, end, ask };
        let begun = self.begin(&stretch, &Guard::of(pick)).await?;
        let facts = begun.facts.clone();
        if from > facts.size {
            return Err(self.about(beyond(facts.size)).into());
        }
        let algorithm = facts.claim.map_or(Algorithm::Crc64Nvme, |claim| claim.algorithm);
        let plan = PartPlan::with_part_size(facts.size, facts.size.max(1))?;
        let grains = Mutex::new(Grains::new(algorithm, plan));
        let mut writer = Writer { sink, running: Running::new(algorithm, plan), grains: &grains };
        self.carry(&mut stretch, &Guard::after(pick, &facts), Some(begun), &mut writer).await?;
        writer.sink.flush().await.map_err(|error| unwritten(&error))?;
        if let (Some(claim), 0, true) = (&facts.claim, from, stretch.at == facts.size && facts.span == Span::Whole) {
            let compared = lock(&grains).compare(&self.object.key, claim, 0, facts.size);
            compared.map_err(|error| self.about(error.hint("Throw away what was written: something on the way changed the bytes.")))?;
        }
        Ok(stretch.at - from)
    }
}

/// Writes bytes and sums them.
struct Writer<'a, W> {
    sink: W,
    running: Running,
    grains: &'a Mutex<Grains>,
}

impl<W: AsyncWrite + Unpin + Send> Sink for Writer<'_, W> {
    async fn take(&mut self, mut at: u64, bytes: Vec<Bytes>) -> Result<()> {
        for piece in bytes {
            self.sink.write_all(&piece).await.map_err(|error| unwritten(&error))?;
            let ended = self.running.take(at, &piece);
            lock(self.grains).note(&ended);
            at += piece.len() as u64;
        }
        Ok(())
    }
}

fn unwritten(error: &std::io::Error) -> Error {
    let error = std::io::Error::from(error.kind());
    Error::new(ErrorKind::Local, "the bytes cannot be written").hint("Look at whatever reads them, or at the disk.").source(error)
}

fn beyond(size: u64) -> Error {
    Error::new(ErrorKind::Usage, format!("the object has {size} bytes, and the range begins behind them"))
        .hint("Choose a range within the object.")
}
