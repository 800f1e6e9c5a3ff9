//! An input that can be read once, of unknown length: standard input.
//!
//! A part stays in memory until the store has it, so a few small ones are under way at once. What fits into the first part is one
//! request. Nothing of it can be resumed, so whatever goes wrong, the upload is aborted.

use std::collections::BTreeMap;
use std::io::Read;
use std::sync::Arc;
use std::sync::mpsc::{Receiver as Tokens, SyncSender, sync_channel};

use bytes::Bytes;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::multipart::{self, Sent, Trouble, Unbegun, UnderWay};
use super::parcel::Parcel;
use super::vouch::Vouch;
use super::{End, part, settle, shared, single};
use crate::domain::{Error, ErrorKind, Result, UploadRef};
use crate::runtime::jobs::Run;
use crate::runtime::source::Held;
use crate::runtime::tasks::died;
use crate::transfer::parts::StreamParts;
use crate::transfer::{Ending, Fate, Pointer, Progress, Upload};

/// How many parts are in memory at once: one is read while two leave.
const HELD: usize = 3;

/// What the reading thread gives: parts, and at the end nothing more.
struct Input {
    parts: mpsc::Receiver<Result<Bytes>>,
    tokens: SyncSender<()>,
}

/// Uploads an input to its end.
pub(super) async fn run(run: &Run, upload: &Upload, reader: Box<dyn Read + Send>) -> Ending {
    let control = &run.control;
    control.found(1, 0);
    control.counted();
    if control.approved().await.is_err() {
        return Ending::Stopped;
    }
    let Pointer::Key(key) = &upload.key else {
        return Ending::Failed(
            Error::new(ErrorKind::Usage, "what comes from standard input has no name").hint("Name the key, not only a prefix."),
        );
    };
    let shared = match shared(run, upload).await {
        Ok(shared) => shared,
        Err(error) => return Ending::Failed(error),
    };
    let parcel = Parcel::new(&shared, key.clone(), key.as_str());
    let (bytes, end) = sent(&parcel, begin(reader)).await;
    let End::Fate(fate) = end else { return Ending::Stopped };
    let ending = if matches!(fate, Fate::Done(_)) { Ending::Done } else { Ending::Partly };
    control.ended(parcel.item_end("-".to_owned(), bytes, fate));
    ending
}

/// Reads on a thread that nobody waits for: a read of standard input cannot be called off.
#[expect(clippy::disallowed_methods, reason = "a blocking read must not keep the runtime from ending")]
fn begin(reader: Box<dyn Read + Send>) -> Input {
    let (sender, parts) = mpsc::channel(1);
    let (tokens, taken) = sync_channel(HELD);
    for _ in 0..HELD {
        // There is room for as many.
        let _room = tokens.try_send(());
    }
    std::thread::spawn(move || read(reader, &sender, &taken));
    Input { parts, tokens }
}

fn read(mut reader: Box<dyn Read + Send>, parts: &mpsc::Sender<Result<Bytes>>, tokens: &Tokens<()>) {
    let mut sizes = StreamParts::new();
    while tokens.recv().is_ok() {
        let spent = sizes.is_spent();
        let size = sizes.next();
        let mut bytes = Vec::new();
        let read = reader.by_ref().take(size).read_to_end(&mut bytes);
        let part = match read {
            Ok(0) => return,
            Ok(_) if spent => Err(Error::new(ErrorKind::Usage, "the input is longer than an object can be").hint("Split it.")),
            Ok(_) => Ok(Bytes::from(bytes)),
            Err(error) => Err(Error::new(ErrorKind::Local, "the input cannot be read to its end")
                .hint("Look at the command that writes it.")
                .source(error)),
        };
        let ended = part.as_ref().map_or(true, |part| (part.len() as u64) < size);
        if parts.blocking_send(part).is_err() || ended {
            return;
        }
    }
}

impl Input {
    async fn next(&mut self) -> Result<Option<Bytes>> {
        self.parts.recv().await.transpose()
    }
}

async fn sent(parcel: &Arc<Parcel>, mut input: Input) -> (u64, End) {
    let control = parcel.shared.run.control.clone();
    let beginning = async {
        let first = input.next().await?.unwrap_or_default();
        Ok::<_, Error>((first, input.next().await?))
    };
    let read = tokio::select! {
        read = beginning => read,
        _ = control.stopped() => return (0, End::Stopped),
    };
    match read {
        Err(error) => (0, End::Fate(Fate::Failed(error))),
        Ok((only, None)) => {
            let length = only.len() as u64;
            tokio::select! {
                fate = single::put(parcel, only) => {
                    if matches!(fate, Fate::Done(_)) {
                        control.found(0, length);
                        control.moved(length);
                    }
                    (length, End::Fate(fate))
                }
                _ = control.stopped() => (0, End::Stopped),
            }
        }
        Ok((first, Some(second))) => in_parts(parcel, [first, second], input).await,
    }
}

async fn in_parts(parcel: &Arc<Parcel>, read: [Bytes; 2], input: Input) -> (u64, End) {
    let (upload, vouch) = match multipart::create(parcel).await {
        Ok(begun) => begun,
        Err(Unbegun::Not(trouble)) => return (0, settle::without_upload(trouble)),
        Err(Unbegun::Lost(error)) => return (0, settle::without_upload(settle::lost_beginning(parcel, error, None).into())),
    };
    let control = parcel.shared.run.control.clone();
    control.finds(&Progress { cut: 1, ..Progress::default() });
    let mut under = UnderWay { upload, vouch, item: None, parts: BTreeMap::new() };
    let filled = tokio::select! {
        filled = fill(parcel, &mut under, read, input) => filled,
        stopped = control.stopped() => Err(stopped.into()),
    };
    let ended = match filled {
        Ok(()) => multipart::finish(parcel, &under).await,
        Err(trouble) => Err(trouble),
    };
    (under.bytes(), settle::ended(parcel, &under, ended).await)
}

async fn fill(parcel: &Arc<Parcel>, under: &mut UnderWay, read: [Bytes; 2], mut input: Input) -> std::result::Result<(), Trouble> {
    let control = parcel.shared.run.control.clone();
    let mut sending: JoinSet<Result<(u32, Sent)>> = JoinSet::new();
    let mut number = 0;
    let mut send = |sending: &mut JoinSet<_>, bytes: Bytes, upload: &UploadRef, vouch| {
        number += 1;
        control.finds(&Progress { parts: 1, bytes: bytes.len() as u64, ..Progress::default() });
        sending.spawn(send_part(parcel.clone(), upload.clone(), number, bytes, vouch));
    };
    for bytes in read {
        send(&mut sending, bytes, &under.upload, under.vouch);
    }
    let mut more = true;
    loop {
        let next = async {
            control.pass().await?;
            Ok::<_, Trouble>(input.parts.recv().await.transpose()?)
        };
        tokio::select! {
            Some(ended) = sending.join_next() => {
                let (number, sent) = ended.unwrap_or_else(|_| Err(died()))?;
                under.parts.insert(number, sent);
                // Room for another part.
                let _reading = input.tokens.try_send(());
            }
            next = next, if more => match next? {
                Some(bytes) => send(&mut sending, bytes, &under.upload, under.vouch),
                None => more = false,
            },
            else => return Ok(()),
        }
    }
}

async fn send_part(parcel: Arc<Parcel>, upload: UploadRef, number: u32, bytes: Bytes, vouch: Vouch) -> Result<(u32, Sent)> {
    let length = bytes.len() as u64;
    let sum = vouch.sum_of(&bytes);
    let integrity = vouch.integrity(&bytes, sum);
    let written = parcel.put_part(&upload, number, &Held(bytes), length, integrity).await.map_err(|failed| failed.error)?;
    parcel.shared.run.control.moved(length);
    Ok((number, part::compared(&written, number, length, vouch, sum)?))
}
