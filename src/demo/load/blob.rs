//! Bytes that are made as they are sent: an object of any size takes one mebibyte.
//!
//! Comes in: a size, a range. Goes out: a body, and the object's sums. Each mebibyte begins with its number, so that bytes at a
//! wrong offset are noticed.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};

use super::super::codec;
use crate::domain::Provider;
use crate::domain::crc::{Crc, Running};

/// The length of a block.
const BLOCK: u64 = 1 << 20;
/// The length of the number at its beginning.
const MARK: u64 = 16;
/// Up to here an ETag is an MD5.
const LARGEST_WITH_MD5: u64 = 8 << 20;
/// Up to here a checksum is made.
const LARGEST_WITH_SUM: u64 = 16 << 30;
/// How many sizes are remembered.
const REMEMBERED: usize = 1_024;

/// What every block has behind its number.
static PATTERN: LazyLock<Bytes> = LazyLock::new(|| {
    let mut state: u32 = 0x2545_f491;
    let mut bytes = Vec::with_capacity(usize::try_from(BLOCK).unwrap_or(0));
    for _ in 0..BLOCK {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        bytes.push(state.to_be_bytes()[0]);
    }
    Bytes::from(bytes)
});

/// The piece of an object's bytes that begins somewhere, up to the end of what lies in one piece.
fn piece(at: u64, end: u64) -> Bytes {
    let (block, place) = (at / BLOCK, at % BLOCK);
    let until = |limit: u64| usize::try_from(limit.min(place + (end - at))).unwrap_or(usize::MAX);
    let start = usize::try_from(place).unwrap_or(0);
    if place < MARK {
        return Bytes::copy_from_slice(&format!("{block:016x}").as_bytes()[start..until(MARK)]);
    }
    PATTERN.slice(start..until(BLOCK))
}

/// A body of made bytes.
#[derive(Debug)]
pub(super) struct Made {
    at: u64,
    end: u64,
}

impl Made {
    /// The bytes from a place up to another.
    pub(super) fn new(at: u64, end: u64) -> Self {
        Self { at, end }
    }

    fn next(&mut self) -> Option<Bytes> {
        if self.at >= self.end {
            return None;
        }
        let piece = piece(self.at, self.end);
        self.at += piece.len() as u64;
        Some(piece)
    }
}

/// What goes out: nothing, one piece, or made bytes.
pub(super) enum Outgoing {
    /// One piece.
    Whole(Bytes),
    /// Made bytes.
    Made(Made),
}

impl Outgoing {
    /// How long it is.
    pub(super) fn length(&self) -> u64 {
        match self {
            Self::Whole(bytes) => bytes.len() as u64,
            Self::Made(made) => made.end - made.at,
        }
    }
}

impl Body for Outgoing {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let piece = match self.get_mut() {
            Self::Whole(bytes) => Some(std::mem::take(bytes)).filter(|bytes| !bytes.is_empty()),
            Self::Made(made) => made.next(),
        };
        Poll::Ready(piece.map(|piece| Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.length() == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.length())
    }
}

/// What is said of an object.
#[derive(Clone, Debug)]
pub(super) struct Facts {
    /// Its ETag without quotes.
    pub(super) etag: String,
    /// CRC-64: NVME at S3, ECMA at OSS.
    pub(super) crc64: Option<u64>,
}

/// The facts of sizes that were asked for.
#[derive(Debug, Default)]
pub(super) struct Remembered {
    facts: Mutex<HashMap<(Provider, u64), Arc<Facts>>>,
}

impl Remembered {
    /// The facts of an object of that size.
    pub(super) fn of(&self, cloud: Provider, size: u64) -> Arc<Facts> {
        let known =
            |facts: &Mutex<HashMap<_, Arc<Facts>>>| facts.lock().unwrap_or_else(PoisonError::into_inner).get(&(cloud, size)).cloned();
        if let Some(facts) = known(&self.facts) {
            return facts;
        }
        let found = Arc::new(facts(cloud, size));
        let mut all = self.facts.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() == REMEMBERED {
            all.clear();
        }
        all.insert((cloud, size), Arc::clone(&found));
        found
    }
}

fn facts(cloud: Provider, size: u64) -> Facts {
    let crc = match cloud {
        Provider::S3 => Crc::Crc64Nvme,
        Provider::Oss => Crc::Crc64Xz,
    };
    let crc64 = (size <= LARGEST_WITH_SUM).then(|| {
        let mut running = Running::new(crc);
        let mut made = Made::new(0, size);
        while let Some(piece) = made.next() {
            running.update(&piece);
        }
        running.value()
    });
    let etag = if size <= LARGEST_WITH_MD5 {
        let mut whole = Vec::new();
        let mut made = Made::new(0, size);
        while let Some(piece) = made.next() {
            whole.extend_from_slice(&piece);
        }
        codec::hex(&codec::md5(&whole))
    } else {
        format!("{:016x}{size:016x}-{}", crc64.unwrap_or(size), size.div_ceil(LARGEST_WITH_MD5))
    };
    let etag = match cloud {
        Provider::S3 => etag,
        Provider::Oss => etag.to_ascii_uppercase(),
    };
    Facts { etag, crc64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(at: u64, end: u64) -> Vec<u8> {
        let mut made = Made::new(at, end);
        let mut all = Vec::new();
        while let Some(piece) = made.next() {
            all.extend_from_slice(&piece);
        }
        all
    }

    #[test]
    fn a_range_is_a_piece_of_the_whole() {
        let whole = bytes(0, 3 * BLOCK + 5);
        assert_eq!(whole.len() as u64, 3 * BLOCK + 5);
        for (at, end) in [(0, 0), (0, 1), (3, 20), (BLOCK - 1, BLOCK + 17), (BLOCK + 4, 2 * BLOCK + 4), (3 * BLOCK, 3 * BLOCK + 5)] {
            let (from, to) = (usize::try_from(at).unwrap(), usize::try_from(end).unwrap());
            assert_eq!(bytes(at, end), whole[from..to], "{at}..{end}");
        }
        assert_eq!(&whole[usize::try_from(2 * BLOCK).unwrap()..][..16], b"0000000000000002");
        assert_eq!(facts(Provider::S3, 3 * BLOCK + 5).crc64, Some(Crc::Crc64Nvme.of(&whole)));
    }
}
