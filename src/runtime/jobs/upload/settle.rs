//! How an upload in parts ends, whatever happened: completed, aborted, or kept with its id.

use std::time::Duration;

use super::End;
use super::multipart::{Trouble, UnderWay};
use super::parcel::Parcel;
use crate::domain::escape::visible;
use crate::domain::{Error, ErrorKind, Result, UploadRef};
use crate::runtime::engine::caused;
use crate::runtime::journal::jobs::ItemId;
use crate::runtime::tasks::in_background;
use crate::transfer::{Fate, Rein};

/// How long an abort may take before the user gets the id instead.
const ABORT: Duration = Duration::from_secs(10);

/// An upload that never began.
pub(super) fn without_upload(trouble: Trouble) -> End {
    match trouble {
        Trouble::Stopped(_) => End::Stopped,
        Trouble::Exists => End::Fate(Fate::Exists),
        Trouble::Failed(error) => End::Fate(Fate::Failed(error)),
    }
}

/// What becomes of an upload, and what is said of it.
pub(super) async fn ended(parcel: &Parcel, under: &UnderWay, ended: std::result::Result<Option<String>, Trouble>) -> End {
    let trouble = match ended {
        Ok(remark) => {
            forget(parcel, under).await;
            return End::Fate(Fate::Done(remark));
        }
        Err(trouble) => trouble,
    };
    let resumable = under.item.is_some();
    match trouble {
        Trouble::Stopped(Rein::Stop) if resumable => End::Stopped,
        Trouble::Stopped(_) => match abort(parcel, under).await {
            Ok(()) => End::Stopped,
            Err(error) => End::Fate(Fate::Failed(left_open(&under.upload, under.parts.len(), error))),
        },
        // The bytes are there: with leave to replace, one request completes it.
        Trouble::Exists if resumable => End::Fate(Fate::Exists),
        Trouble::Exists => match abort(parcel, under).await {
            Ok(()) => End::Fate(Fate::Exists),
            Err(error) => End::Fate(Fate::Failed(left_open(&under.upload, under.parts.len(), error))),
        },
        Trouble::Failed(error) if resumable && may_pass(&error) => {
            End::Fate(Fate::Failed(kept(&under.upload, under.parts.len(), error, "upload")))
        }
        Trouble::Failed(error) => match abort(parcel, under).await {
            Ok(()) => End::Fate(Fate::Failed(error)),
            Err(_) => End::Fate(Fate::Failed(left_open(&under.upload, under.parts.len(), error))),
        },
    }
}

/// Gives the upload up.
async fn abort(parcel: &Parcel, under: &UnderWay) -> Result<()> {
    let late = || Error::new(ErrorKind::Timeout, "the store did not answer in time");
    tokio::time::timeout(ABORT, parcel.abort(&under.upload)).await.unwrap_or_else(|_| Err(late()))?;
    parcel.shared.run.control.unmoved(under.bytes());
    forget(parcel, under).await;
    Ok(())
}

/// Its line in the state database is not needed any more.
async fn forget(parcel: &Parcel, under: &UnderWay) {
    let Some(item) = under.item else { return };
    let engine = &parcel.shared.run.engine;
    let journal = engine.journal().clone();
    if let Err(error) = in_background(move || journal.end_item(item)).await {
        engine.door().tell(error);
    }
}

/// Whether what stopped it may be over later: the network, the store's troubles, expired keys.
pub(in crate::runtime::jobs) fn may_pass(error: &Error) -> bool {
    match error.kind() {
        ErrorKind::Network | ErrorKind::Timeout => error.store_answer().is_none_or(|answer| answer.status >= 500 || answer.status == 408),
        ErrorKind::Credentials | ErrorKind::Throttled | ErrorKind::Server | ErrorKind::Tls | ErrorKind::ClockSkew => true,
        ErrorKind::Usage
        | ErrorKind::Config
        | ErrorKind::Denied
        | ErrorKind::NotFound
        | ErrorKind::Unsupported
        | ErrorKind::WrongRegion
        | ErrorKind::Conflict
        | ErrorKind::InvalidReply
        | ErrorKind::Refused
        | ErrorKind::Partial
        | ErrorKind::Interrupted
        | ErrorKind::Local
        | ErrorKind::Internal => false,
    }
}

fn counted(parts: usize) -> String {
    match parts {
        1 => "1 part".to_owned(),
        count => format!("{count} parts"),
    }
}

/// The upload stays, to be resumed by whoever repeats the `act`.
pub(in crate::runtime::jobs) fn kept(upload: &UploadRef, parts: usize, cause: Error, act: &str) -> Error {
    let message = format!("{cause}; upload {} is kept with {}, still billed", visible(upload.id.as_str()), counted(parts));
    let hint = cause.hint_text().unwrap_or("Try again later.");
    let hint = format!("{hint} Repeat the {act} to go on with it, or give it up to abort it.");
    caused(Error::new(cause.kind(), message).hint(hint), cause)
}

/// The upload could not be aborted either.
pub(in crate::runtime::jobs) fn left_open(upload: &UploadRef, parts: usize, cause: Error) -> Error {
    let message = format!("{cause}; upload {} could not be aborted: {}, still billed", visible(upload.id.as_str()), counted(parts));
    let hint = "Abort it when the store answers again: it is among the unfinished uploads of the bucket.";
    caused(Error::new(cause.kind(), message).hint(hint), cause)
}

/// Nobody knows whether the upload began, and under which id.
pub(super) fn lost_beginning(parcel: &Parcel, cause: Error, item: Option<ItemId>) -> Error {
    let message = format!("nobody knows whether an upload of object \"{}\" was begun: {cause}", parcel.key);
    let hint = match item {
        Some(_) => "Repeat the upload: it looks for that one first, and goes on with it if it is there.",
        None => "Look among the unfinished uploads of the bucket, and abort it if it is there: it has no parts yet.",
    };
    caused(Error::new(cause.kind(), message).hint(hint), cause)
}
