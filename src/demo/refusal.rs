//! Refused signatures in each cloud's own words.
//!
//! Comes in: a [`Refusal`]. Goes out: a [`Fault`] with the status, code, message and details that the cloud uses.

use super::answer::{Fault, not_implemented};
use super::codec;
use super::request::Incoming;
use super::verify::{Mismatch, Refusal, Scheme};
use crate::domain::Provider;

/// Puts a refusal into the words of the cloud whose signature came.
pub(super) fn fault(cloud: Provider, request: &Incoming, refusal: Refusal) -> Fault {
    match cloud {
        Provider::S3 => s3(request, refusal),
        Provider::Oss => oss(request, refusal),
    }
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html>
fn s3(request: &Incoming, refusal: Refusal) -> Fault {
    match refusal {
        Refusal::Malformed(why) if Scheme::of(request).is_presigned() => {
            Fault::new(400, "AuthorizationQueryParametersError", format!("Error parsing the query: {why}."))
        }
        Refusal::Malformed(why) => {
            Fault::new(400, "AuthorizationHeaderMalformed", format!("The authorization header is malformed; {why}."))
        }
        Refusal::UnknownKey(id) => {
            Fault::new(403, "InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records.")
                .detail("AWSAccessKeyId", id)
        }
        Refusal::WrongToken(token) | Refusal::TokenForLongLivedKey(token) => {
            Fault::new(400, "InvalidToken", "The provided token is malformed or otherwise invalid.").detail("Token-0", token)
        }
        Refusal::ExpiredToken(token) => Fault::new(400, "ExpiredToken", "The provided token has expired.").detail("Token-0", token),
        Refusal::Skewed(at) => skewed(request, "The difference between the request time and the current time is too large.", at),
        Refusal::Expired { at, life } => Fault::denied("Request has expired")
            .detail("X-Amz-Expires", life.unwrap_or_default().to_string())
            .detail("Expires", codec::iso_date(at))
            .detail("ServerTime", codec::iso_date(request.now)),
        Refusal::Unsigned(names) => {
            Fault::denied("There were headers present in the request which were not signed").detail("HeadersNotSigned", names.join(", "))
        }
        Refusal::Payload { claimed, computed } => {
            Fault::new(400, "XAmzContentSHA256Mismatch", "The provided 'x-amz-content-sha256' header does not match what was computed.")
                .detail("ClientComputedContentSHA256", claimed)
                .detail("S3ComputedContentSHA256", computed)
        }
        Refusal::NotOffered(_) => not_implemented(Provider::S3),
        Refusal::Mismatch(mismatch) => echo(
            "The request signature we calculated does not match the signature you provided. Check your key and signing method.",
            "AWSAccessKeyId",
            *mismatch,
        ),
    }
}

/// <https://www.alibabacloud.com/help/en/oss/support/http-status-code-403>
fn oss(request: &Incoming, refusal: Refusal) -> Fault {
    match refusal {
        Refusal::Malformed(why) => Fault::new(400, "InvalidArgument", format!("Invalid signature: {why}.")),
        Refusal::UnknownKey(id) => {
            Fault::new(403, "InvalidAccessKeyId", "The OSS Access Key Id you provided does not exist in our records.")
                .detail("OSSAccessKeyId", id)
                .ec("0002-00000902")
        }
        Refusal::TokenForLongLivedKey(id) => {
            Fault::new(403, "InvalidAccessKeyId", "The OSS Access Key Id you provided does not exist in our records.")
                .detail("OSSAccessKeyId", id)
                .ec("0002-00000002")
        }
        Refusal::WrongToken(_) => {
            Fault::new(403, "InvalidSecurityToken", "The security token you provided is invalid.").ec("0002-00000006")
        }
        Refusal::ExpiredToken(_) => {
            Fault::new(403, "SecurityTokenExpired", "The security token you provided has expired.").ec("0002-00000007")
        }
        Refusal::Skewed(at) => {
            skewed(request, "The difference between the request time and the current time is too large.", at).ec("0002-00000504")
        }
        Refusal::Expired { at, .. } => Fault::denied("Request has expired.")
            .detail("Expires", codec::iso_millis(at))
            .detail("ServerTime", codec::iso_millis(request.now))
            .ec("0002-00000069"),
        Refusal::Unsigned(names) => Fault::denied("Some headers are not signed.").detail("HeadersNotSigned", names.join(", ")),
        Refusal::Payload { .. } => Fault::new(400, "InvalidArgument", "The content hash does not match the body."),
        Refusal::NotOffered(_) => not_implemented(Provider::Oss),
        Refusal::Mismatch(mismatch) => echo(
            "The request signature we calculated does not match the signature you provided. Check your key and signing method.",
            "OSSAccessKeyId",
            *mismatch,
        )
        .ec("0002-00000201"),
    }
}

/// Both clouds say both times, so that a client can mend its clock.
fn skewed(request: &Incoming, message: &str, at: jiff::Timestamp) -> Fault {
    Fault::new(403, "RequestTimeTooSkewed", message)
        .detail("RequestTime", codec::iso_date(at))
        .detail("ServerTime", codec::iso_date(request.now))
        .detail("MaxAllowedSkewMilliseconds", "900000")
}

/// Both clouds echo what they signed.
fn echo(message: &str, id: &'static str, mismatch: Mismatch) -> Fault {
    let mut fault = Fault::new(403, "SignatureDoesNotMatch", message)
        .detail(id, mismatch.key_id)
        .detail("SignatureProvided", mismatch.provided)
        .detail("StringToSignBytes", codec::hex_spaced(mismatch.string_to_sign.as_bytes()))
        .detail("StringToSign", mismatch.string_to_sign);
    if let Some(canonical) = mismatch.canonical {
        fault = fault.detail("CanonicalRequestBytes", codec::hex_spaced(canonical.as_bytes())).detail("CanonicalRequest", canonical);
    }
    fault
}
