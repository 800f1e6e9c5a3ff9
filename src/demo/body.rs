//! A request's body: `aws-chunked` framing taken off, every checksum compared.
//!
//! Comes in: the body as sent. Goes out: the bytes that are meant, or the refusal that the cloud would give.

use bytes::Bytes;

use super::answer::Fault;
use super::codec;
use super::request::Incoming;
use crate::domain::{Op, Provider};

const CHECKSUM: &str = "x-amz-checksum-";

/// Reads the body of a request and checks it against everything that came with it.
pub(super) fn read(cloud: Provider, op: Op, request: &Incoming) -> Result<Bytes, Fault> {
    let framed = request.header("x-amz-content-sha256").is_some_and(|word| word.starts_with("STREAMING-"));
    let (body, trailers) = if framed { unframe(request)? } else { (request.body.clone(), Vec::new()) };
    let mut sums = 0;
    for (name, value) in request.headers.iter().chain(&trailers) {
        let Some(algorithm) = name.strip_prefix(CHECKSUM) else { continue };
        if !matches!(algorithm, "algorithm" | "mode" | "type") {
            compare(algorithm, value, &body)?;
            sums += 1;
        }
    }
    if let Some(claimed) = request.header("content-md5") {
        compare_md5(cloud, claimed, &body)?;
        sums += 1;
    }
    let demanded = cloud == Provider::S3 && matches!(op, Op::PutBucketRequestPayment | Op::DeleteObjects);
    if demanded && sums == 0 {
        let message = "Missing required header for this request: Content-MD5 OR x-amz-checksum-*";
        return Err(Fault::new(400, "InvalidRequest", message));
    }
    if cloud == Provider::Oss && op == Op::DeleteObjects && sums == 0 {
        return Err(Fault::new(400, "MissingArgument", "Missing Some Required Arguments.").ec("0016-00000606"));
    }
    Ok(body)
}

fn compare(algorithm: &str, claimed: &str, body: &[u8]) -> Result<(), Fault> {
    let Some(computed) = codec::checksum(algorithm, body) else {
        return Err(Fault::new(400, "InvalidRequest", format!("The value specified in {CHECKSUM}{algorithm} is not supported.")));
    };
    if codec::unbase64(claimed).map(|bytes| bytes.len()) != codec::unbase64(&computed).map(|bytes| bytes.len()) {
        return Err(Fault::new(400, "InvalidRequest", format!("Value for {CHECKSUM}{algorithm} header is invalid.")));
    }
    if claimed == computed {
        return Ok(());
    }
    let message = format!("The {} you specified did not match the calculated checksum.", algorithm.to_ascii_uppercase());
    Err(Fault::new(400, "BadDigest", message))
}

fn compare_md5(cloud: Provider, claimed: &str, body: &[u8]) -> Result<(), Fault> {
    let computed = codec::md5(body);
    match (codec::unbase64(claimed), cloud) {
        (Some(given), _) if given == computed => Ok(()),
        (Some(given), Provider::S3) if given.len() == 16 => {
            Err(Fault::new(400, "BadDigest", "The Content-MD5 you specified did not match what we received.")
                .detail("ExpectedDigest", claimed)
                .detail("CalculatedDigest", codec::base64(&computed)))
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
            .map(|body| String::from_utf8_lossy(&body).into_owned())
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
}
