//! A piece of an object, with one ranged request.
//!
//! Comes in: an object, an offset, a length. Goes out: at most so many bytes. Forbidden here: reading on; a second request.

use super::{Opened, error_of};
use crate::domain::{Acting, Charged, Error, ErrorKind, ObjectHead, ObjectRef, Piece, Result, Span};
use crate::runtime::engine::Engine;
use crate::transfer::Pick;
use crate::wire::objects::{AskChecksums, ByteRange, ObjectCall, Wanted};

/// The largest piece: it is kept in memory, and shown.
const LARGEST: u64 = 64 << 20;

impl Engine {
    /// Reads a piece of an object. What comes beyond it is cut off, and the connection dropped.
    ///
    /// # Errors
    /// Whatever the store refuses; `Conflict` if the object is no longer the one that was picked; `Unsupported` if the store ignores
    /// the range and the piece does not begin the object.
    pub async fn preview(&self, acting: &Acting, pick: &Pick, offset: u64, length: u64) -> Result<Piece> {
        let length = length.clamp(1, LARGEST);
        let call = ObjectCall::GetObject {
            object: ObjectRef { bucket: acting.place.id.bucket.clone(), key: pick.key.clone(), version: pick.version.clone() },
            wanted: Wanted {
                range: Some(ByteRange::Between(offset, offset.saturating_add(length - 1))),
                if_match: pick.etag.clone(),
                checksums: AskChecksums::Silent,
                overrides: Vec::new(),
            },
        };
        match error_of(self.open(acting, &call, &self.door().books(None)).await) {
            Ok(opened) => read(opened, offset, length).await,
            // There is no byte at the offset: the object is empty, or ends before it.
            Err(error) if error.store_answer().is_some_and(|answer| answer.status == 416) => Ok(beyond(pick, offset)),
            Err(error) => Err(error),
        }
    }
}

/// The bytes of an answer, as far as they were asked for.
async fn read(opened: Opened, offset: u64, length: u64) -> Result<Piece> {
    let Opened { head, charged, mut body } = opened;
    let wanted = match (head.span, head.size) {
        (Span::Part { first, last }, _) => (last - first + 1).min(length),
        (Span::Whole, Some(size)) if size <= offset => return Ok(piece(&head, charged, offset, Vec::new())),
        (Span::Whole, _) if offset > 0 => return Err(ranges_ignored()),
        (Span::Whole, size) => size.unwrap_or(length).min(length),
    };
    let wanted = usize::try_from(wanted).unwrap_or(usize::MAX);
    let mut bytes = Vec::with_capacity(wanted.min(1 << 20));
    while bytes.len() < wanted {
        let Some(chunk) = error_of(body.chunk().await)? else { break };
        bytes.extend_from_slice(&chunk[..chunk.len().min(wanted - bytes.len())]);
    }
    // Of a body without a length, its end is the object's end.
    if bytes.len() < wanted && head.size.is_some() {
        return Err(Error::new(ErrorKind::Network, format!("the piece ended after {} of {wanted} bytes", bytes.len()))
            .hint("Repeat it, and check the network."));
    }
    Ok(piece(&head, charged, offset, bytes))
}

fn piece(head: &ObjectHead, charged: Charged, offset: u64, bytes: Vec<u8>) -> Piece {
    let content_encoding = head.headers.get("content-encoding").map(str::to_owned);
    Piece { offset, bytes, total: head.size, content_type: head.content_type.clone(), content_encoding, etag: head.etag.clone(), charged }
}

fn beyond(pick: &Pick, offset: u64) -> Piece {
    let total = if offset == 0 { Some(0) } else { pick.size };
    Piece {
        offset,
        bytes: Vec::new(),
        total,
        content_type: None,
        content_encoding: None,
        etag: pick.etag.clone(),
        charged: Charged::NotSaid,
    }
}

fn ranges_ignored() -> Error {
    Error::new(ErrorKind::Unsupported, "the store answers ranges with the whole object")
        .hint("Look at the first piece, or download the object: each further piece would cost all bytes before it.")
}
