//! Bodies that are read and let go: counted, summed where that is cheap, never kept.
//!
//! Comes in: a body, framed as `aws-chunked` or not. Goes out: how long it was, and its sums.

use bytes::{Buf, Bytes};
use http_body_util::BodyExt;
use hyper::body::Incoming as Stream;
use md5::{Digest, Md5};

use super::super::codec;
use super::super::request::Incoming;
use super::super::sums::Algorithm;
use crate::domain::Provider;
use crate::domain::crc::{Crc, Running};

/// Up to here an MD5 is made: beyond it would be what is measured.
const LARGEST_WITH_MD5: u64 = 1 << 20;
/// The longest body that is kept for reading: documents.
const LONGEST_DOCUMENT: usize = 4 << 20;

/// What a body was.
#[derive(Clone, Debug)]
pub(super) struct Drained {
    /// The bytes that came, frames and all.
    pub(super) received: u64,
    /// The bytes that were meant.
    pub(super) size: u64,
    /// MD5 of a small body, or the one that the client gave.
    pub(super) md5: Option<Vec<u8>>,
    /// Which sum was made.
    pub(super) sum: (Crc, u64),
    /// The sum that the client claims.
    pub(super) claimed: Option<(Algorithm, String)>,
}

/// The CRC of an S3 checksum; the others cost too much here.
pub(super) fn crc_of(algorithm: Algorithm) -> Option<Crc> {
    match algorithm {
        Algorithm::Crc32 => Some(Crc::Crc32),
        Algorithm::Crc32c => Some(Crc::Crc32c),
        Algorithm::Crc64Nvme => Some(Crc::Crc64Nvme),
        Algorithm::Sha1 | Algorithm::Sha256 => None,
    }
}

/// A sum as S3's headers have it.
pub(super) fn shown(algorithm: Algorithm, sum: u64) -> String {
    let bytes = sum.to_be_bytes();
    match algorithm {
        Algorithm::Crc32 | Algorithm::Crc32c => codec::base64(&bytes[4..]),
        Algorithm::Crc64Nvme | Algorithm::Sha1 | Algorithm::Sha256 => codec::base64(&bytes),
    }
}

impl Drained {
    /// Whether the body is what the client says that it is, as far as that was looked at.
    pub(super) fn is_right(&self) -> bool {
        match &self.claimed {
            Some((algorithm, value)) if crc_of(*algorithm) == Some(self.sum.0) => *value == shown(*algorithm, self.sum.1),
            Some(_) | None => true,
        }
    }
}

/// A body in the middle of being read.
struct Sink {
    frame: Option<Unframe>,
    crc: Running,
    md5: Option<Md5>,
    size: u64,
}

impl Sink {
    fn take(&mut self, piece: Bytes) {
        match &mut self.frame {
            None => self.count(&piece),
            Some(_) => self.unframe(piece),
        }
    }

    fn count(&mut self, bytes: &[u8]) {
        self.size += bytes.len() as u64;
        self.crc.update(bytes);
        if self.size > LARGEST_WITH_MD5 {
            self.md5 = None;
        }
        if let Some(md5) = &mut self.md5 {
            md5.update(bytes);
        }
    }

    fn unframe(&mut self, mut piece: Bytes) {
        while !piece.is_empty() {
            let Some(frame) = &mut self.frame else { return };
            if frame.left > 0 {
                let take = usize::try_from(frame.left).unwrap_or(usize::MAX).min(piece.len());
                frame.left -= take as u64;
                let data = piece.split_to(take);
                self.count(&data);
            } else {
                frame.letter(piece.get_u8());
            }
        }
    }
}

/// Where in an `aws-chunked` frame the body is.
#[derive(Default)]
struct Unframe {
    left: u64,
    line: Vec<u8>,
    trailers: Vec<String>,
    ended: bool,
}

impl Unframe {
    fn letter(&mut self, byte: u8) {
        if byte != b'\n' {
            self.line.push(byte);
            return;
        }
        let line = String::from_utf8_lossy(&std::mem::take(&mut self.line)).trim().to_owned();
        if line.is_empty() {
            return;
        }
        if self.ended {
            self.trailers.push(line);
            return;
        }
        self.left = line.split(';').next().and_then(|digits| u64::from_str_radix(digits, 16).ok()).unwrap_or(0);
        self.ended = self.left == 0;
    }
}

/// Reads a body to its end. `None`: the client left.
pub(super) async fn drain(cloud: Provider, request: &Incoming, mut stream: Stream) -> Option<Drained> {
    let framed = request.header("x-amz-content-sha256").is_some_and(|word| word.starts_with("STREAMING-"));
    let announced = claimed_name(request);
    let crc = match cloud {
        Provider::S3 => announced.and_then(crc_of).unwrap_or(Crc::Crc64Nvme),
        Provider::Oss => Crc::Crc64Xz,
    };
    let mut sink = Sink { frame: framed.then(Unframe::default), crc: Running::new(crc), md5: Some(Md5::new()), size: 0 };
    let mut received = 0;
    while let Some(frame) = stream.frame().await {
        if let Ok(data) = frame.ok()?.into_data() {
            received += data.len() as u64;
            sink.take(data);
        }
    }
    let given = request.header("content-md5").and_then(codec::unbase64);
    let made = sink.md5.map(|md5| md5.finalize().to_vec());
    let trailers = sink.frame.map(|frame| frame.trailers).unwrap_or_default();
    let claimed = announced.and_then(|algorithm| {
        let name = algorithm.header();
        let value = request.header(&name).map(str::to_owned);
        let trailer = || trailers.iter().find_map(|line| Some(line.strip_prefix(&name)?.strip_prefix(':')?.trim().to_owned()));
        Some((algorithm, value.or_else(trailer)?))
    });
    Some(Drained { received, size: sink.size, md5: given.or(made), sum: (crc, sink.crc.value()), claimed })
}

/// The checksum that headers or the announced trailer name.
fn claimed_name(request: &Incoming) -> Option<Algorithm> {
    let trailer = request.header("x-amz-trailer").unwrap_or_default();
    Algorithm::ALL.into_iter().find(|algorithm| request.header(&algorithm.header()).is_some() || algorithm.header() == trailer)
}

/// Reads a short body whole. `None`: the client left, or it is too long.
pub(super) async fn document(stream: Stream) -> Option<Bytes> {
    Some(http_body_util::Limited::new(stream, LONGEST_DOCUMENT).collect().await.ok()?.to_bytes())
}
