//! One part on its way: read from the file while it leaves, or read once more before, where the store wants its sum first.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest, Md5};

use super::multipart::{LocalFile, Sent};
use super::parcel::Parcel;
use super::vouch::{Verdict, Vouch};
use crate::domain::{Error, ErrorKind, Result, UploadRef};
use crate::runtime::source::{self, Piece};
use crate::runtime::tasks::in_background;
use crate::transfer::parts::Part;
use crate::transfer::sum::Sum;
use crate::wire::objects::{Integrity, Written};

/// Sends a part; once more if it was changed on its way.
pub(super) async fn sent(parcel: &Parcel, file: &LocalFile, upload: &UploadRef, part: Part, vouch: Vouch) -> Result<Sent> {
    match once(parcel, file, upload, part, vouch).await {
        Err(error) if error.code() == Some("BadDigest") || is_mismatch(&error) => once(parcel, file, upload, part, vouch).await,
        ended => ended,
    }
}

async fn once(parcel: &Parcel, file: &LocalFile, upload: &UploadRef, part: Part, vouch: Vouch) -> Result<Sent> {
    let integrity = if vouch.comes_first() { sum_first(file, part, vouch).await? } else { Integrity::default() };
    let piece = Piece::new(file.path.clone(), file.mark, part, vouch.algorithm(), Arc::clone(&parcel.shared.run.control));
    let answered = tokio::select! {
        answered = parcel.put_part(upload, part.number, &piece, part.length, integrity) => answered.map_err(|failed| failed.error),
        error = piece.broke() => Err(error),
    };
    let judged = answered.and_then(|written| judged(&piece, &written, part, vouch));
    judged.map_err(|error| {
        let error = piece.trouble().unwrap_or(error);
        piece.uncount();
        error
    })
}

fn judged(piece: &Piece, written: &Written, part: Part, vouch: Vouch) -> Result<Sent> {
    let sum = piece.sum().ok_or_else(source::hasty)?;
    compared(written, part.number, part.length, vouch, vouch.algorithm().map(|_| sum))
}

/// Compares what the store answers for a part with what left.
pub(super) fn compared(written: &Written, number: u32, length: u64, vouch: Vouch, sum: Option<u64>) -> Result<Sent> {
    let ours = sum.and_then(|sum| vouch.spelled(sum));
    match vouch.judge(&written.checksums, ours.as_deref()) {
        Verdict::Equal | Verdict::Silent => Ok(Sent { etag: written.etag.clone(), sum, length }),
        Verdict::Different => Err(Error::new(ErrorKind::InvalidReply, format!("part {number}: {MISMATCH}"))
            .hint("Upload it again, and look for a proxy that changes requests.")),
    }
}

const MISMATCH: &str = "the checksum that the store answers is another one";

fn is_mismatch(error: &Error) -> bool {
    error.kind() == ErrorKind::InvalidReply && error.message().ends_with(MISMATCH)
}

async fn sum_first(file: &LocalFile, part: Part, vouch: Vouch) -> Result<Integrity> {
    let LocalFile { path, mark } = file.clone();
    in_background(move || match vouch.algorithm() {
        Some(algorithm) => {
            let mut sum = Sum::new(algorithm);
            source::read_ahead(&path, &mark, part, |bytes| sum.update(bytes))?;
            Ok(vouch.claim(Some(sum.value())))
        }
        None => {
            let mut digest = Md5::new();
            source::read_ahead(&path, &mark, part, |bytes| digest.update(bytes))?;
            Ok(Integrity { content_md5: Some(STANDARD.encode(digest.finalize())), checksum: None })
        }
    })
    .await
}
