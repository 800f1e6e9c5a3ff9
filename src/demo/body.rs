//! A request's body: `aws-chunked` framing taken off, every checksum compared.
//!
//! Comes in: the body as sent. Goes out: the bytes that are meant, or the refusal that the cloud would give.

use bytes::Bytes;

use super::answer::Fault;
use super::codec;
use super::request::Incoming;
use super::sums::Algorithm;
use crate::domain::{Op, Provider};

const CHECKSUM: &str = "x-amz-checksum-";

/// A body, taken out of its frame and compared.
#[derive(Clone, Debug)]
pub(super) struct Payload {
    /// The bytes that are meant.
    pub(super) bytes: Bytes,
    /// The S3 checksum that came, in a header or a trailer. CompleteMultipartUpload's is the object's, and not yet compared.
    pub(super) sum: Option<(Algorithm, String)>,
    /// The bytes' MD5.
    pub(super) md5: Vec<u8>,
}

/// Reads the body of a request and checks it against everything that came with it.
pub(super) fn read(cloud: Provider, op: Op, request: &Incoming) -> Result<Payload, Fault> {
    let writes = matches!(op, Op::PutObject | Op::UploadPart);
    if cloud == Provider::S3 && writes && request.header("content-length").is_none() {
        return Err(Fault::new(411, "MissingContentLength", "You must provide the Content-Length HTTP header."));
    }
    let framed = request.header("x-amz-content-sha256").is_some_and(|word| word.starts_with("STREAMING-"));
    let (bytes, trailers) = if framed { unframe(request)? } else { (request.body.clone(), Vec::new()) };
    let sum = claimed(request.headers.iter().chain(&trailers))?;
    match &sum {
        Some((algorithm, value)) if op != Op::CompleteMultipartUpload => compare(*algorithm, value, &bytes)?,
        Some(_) => {}
        None => announced(request)?,
    }
    let md5 = codec::md5(&bytes);
    if let Some(claimed) = request.header("content-md5") {
        compare_md5(cloud, claimed, &md5)?;
    }
    demanded(cloud, op, sum.is_some() || request.header("content-md5").is_some())?;
    Ok(Payload { bytes, sum, md5 })
}

/// The one checksum that a request claims.
fn claimed<'a>(headers: impl Iterator<Item = &'a (String, String)>) -> Result<Option<(Algorithm, String)>, Fault> {
    let mut found = None;
    for (name, value) in headers {
        let Some(word) = name.strip_prefix(CHECKSUM) else { continue };
        if matches!(word, "algorithm" | "mode" | "type") {
            continue;
        }
        let Some(algorithm) = Algorithm::read(word) else {
            return Err(Fault::new(400, "InvalidRequest", format!("The value specified in {CHECKSUM}{word} is not supported.")));
        };
        if found.is_some() {
            return Err(Fault::new(
                400,
                "InvalidRequest",
                "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.",
            ));
        }
        found = Some((algorithm, value.clone()));
    }
    Ok(found)
}

/// A checksum that was announced must have come.
fn announced(request: &Incoming) -> Result<(), Fault> {
    match request.header("x-amz-sdk-checksum-algorithm") {
        None => Ok(()),
        Some(_) => {
            let message =
                "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found.";
            Err(Fault::new(400, "InvalidRequest", message))
        }
    }
}

/// Some bodies are not taken without a checksum.
fn demanded(cloud: Provider, op: Op, came: bool) -> Result<(), Fault> {
    match (cloud, op) {
        (Provider::S3, Op::PutBucketRequestPayment | Op::DeleteObjects | Op::PutObjectTagging) if !came => {
            Err(Fault::new(400, "InvalidRequest", "Missing required header for this request: Content-MD5 OR x-amz-checksum-*"))
        }
        (Provider::Oss, Op::DeleteObjects) if !came => {
            Err(Fault::new(400, "MissingArgument", "Missing Some Required Arguments.").ec("0016-00000606"))
        }
        (Provider::S3 | Provider::Oss, _) => Ok(()),
    }
}

/// Compares a claimed checksum with that of some bytes.
pub(super) fn compare(algorithm: Algorithm, claimed: &str, bytes: &[u8]) -> Result<(), Fault> {
    let computed = algorithm.of(bytes);
    let length = |text: &str| codec::unbase64(text).map(|bytes| bytes.len());
    if length(claimed) != length(&computed) {
        return Err(Fault::new(400, "InvalidRequest", format!("Value for {CHECKSUM}{} header is invalid.", algorithm.word())));
    }
    if claimed == computed {
        return Ok(());
    }
    let message = format!("The {} you specified did not match the calculated checksum.", algorithm.name());
    Err(Fault::new(400, "BadDigest", message))
}

fn compare_md5(cloud: Provider, claimed: &str, computed: &[u8]) -> Result<(), Fault> {
    match (codec::unbase64(claimed), cloud) {
        (Some(given), _) if given == computed => Ok(()),
        (Some(given), Provider::S3) if given.len() == 16 => {
            Err(Fault::new(400, "BadDigest", "The Content-MD5 you specified did not match what we received.")
                .detail("ExpectedDigest", claimed)
                .detail("CalculatedDigest", codec::base64(computed)))
        }
        (Some(_) | None, Provider::S3) => Err(Fault::new(400, "InvalidDigest", "The Content-MD5 you specified was invalid.")),
        (Some(_) | None, Provider::Oss) => {
            Err(Fault::new(400, "InvalidDigest", "The Content-MD5 you specified was invalid.").detail("Content-MD5", claimed))
        }
    }
}

/// Takes `aws-chunked` apart: chunks, then trailers.
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html>
fn unframe(request: &Incoming) -> Result<(Bytes, Vec<(String, String)>), Fault> {
    let short = || Fault::new(400, "IncompleteBody", "The request body terminated unexpectedly.");
    let mut rest: &[u8] = &request.body;
    let mut body = Vec::new();
    loop {
        let (line, after) = line(rest).ok_or_else(short)?;
        let size = line.split(';').next().and_then(|digits| usize::from_str_radix(digits.trim(), 16).ok()).ok_or_else(short)?;
        rest = after;
        if size == 0 {
            break;
        }
        let end = size.checked_add(2).ok_or_else(short)?;
        let chunk = rest.get(..end).filter(|chunk| chunk.ends_with(b"\r\n")).ok_or_else(short)?;
        body.extend_from_slice(&chunk[..size]);
        rest = &rest[end..];
    }
    let mut trailers = Vec::new();
    while let Some((text, after)) = line(rest) {
        if let Some((name, value)) = text.split_once(':') {
            trailers.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
        }
        rest = after;
    }
    let announced = request.header("x-amz-decoded-content-length").and_then(|digits| digits.parse::<usize>().ok());
    let promised = request.header("x-amz-trailer").unwrap_or_default().to_ascii_lowercase();
    let kept = promised.is_empty() || trailers.iter().any(|(name, _)| *name == promised);
    if announced != Some(body.len()) || !kept {
        return Err(short());
    }
    Ok((Bytes::from(body), trailers))
}

fn line(bytes: &[u8]) -> Option<(&str, &[u8])> {
    let end = bytes.windows(2).position(|pair| pair == b"\r\n")?;
    Some((std::str::from_utf8(&bytes[..end]).ok()?, &bytes[end + 2..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn framed(body: &'static str, length: &str) -> Incoming {
        let headers = [
            ("x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"),
            ("x-amz-decoded-content-length", length),
            ("x-amz-trailer", "x-amz-checksum-crc32"),
            ("content-length", "1"),
        ];
        Incoming {
            method: "PUT".to_owned(),
            target: "/b/k".to_owned(),
            headers: headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
            body: Bytes::from_static(body.as_bytes()),
            now: jiff::Timestamp::UNIX_EPOCH,
        }
    }

    fn code(request: &Incoming) -> String {
        read(Provider::S3, Op::PutObject, request)
            .map(|payload| String::from_utf8_lossy(&payload.bytes).into_owned())
            .unwrap_or_else(|fault| fault.code.to_owned())
    }

    #[test]
    fn chunks_are_joined_and_the_trailer_is_compared() {
        assert_eq!(code(&framed("4\r\n1234\r\n5\r\n56789\r\n0\r\nx-amz-checksum-crc32:y/Q5Jg==\r\n\r\n", "9")), "123456789");
        assert_eq!(code(&framed("9\r\n123456780\r\n0\r\nx-amz-checksum-crc32:y/Q5Jg==\r\n\r\n", "9")), "BadDigest");
        assert_eq!(code(&framed("9\r\n123456789\r\n0\r\nx-amz-checksum-crc32:y/Q5\r\n\r\n", "9")), "InvalidRequest");
        for broken in ["", "9\r\n1234", "ffffffffffffffff\r\n", "9\r\n123456789\r\n0\r\n\r\n"] {
            assert_eq!(code(&framed(broken, "9")), "IncompleteBody", "{broken}");
        }
    }

    #[test]
    fn a_body_without_a_length_is_not_taken_at_s3() {
        let mut request = framed("0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n", "0");
        assert_eq!(code(&request), "");
        request.headers.retain(|(name, _)| name != "content-length");
        assert_eq!(code(&request), "MissingContentLength");
        assert!(read(Provider::Oss, Op::PutObject, &request).is_ok());
    }
}
