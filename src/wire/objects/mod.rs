//! What is said about objects: every object operation of both clouds as a draft, and its answer as a reply.
//!
//! Comes in: an [`ObjectCall`], a [`Site`], [`Terms`]; later status, headers and body. Goes out: a [`Draft`] for the signer, an
//! [`ObjectReply`]. Forbidden here: deciding about consent (one place does: `payer`), and believing a status of 200.
//!
//! Bytes of objects pass by this room: an upload's body is streamed by whoever sends the draft
//! ([`super::Payload::Unsigned`]), a download's body by whoever reads the answer.

mod arguments;
mod bodies;
mod call;
mod decode;
mod document;
mod encode;
mod head;
mod listing;
mod listing_glance;
mod listing_keys;
mod listing_strict;
mod permissions;
mod reply;
mod results;
mod words;

use http::{HeaderMap, HeaderName, HeaderValue};

pub use crate::domain::{
    Acl, Attributes, Directive, Doomed, Grant, ObjectHead, ObjectRef, ObjectSettings, Overwrite, PartRow, Span, Tag, UploadRef, UploadRow,
    VersionKind, VersionRow,
};
pub use arguments::{
    AskChecksums, AskOwner, Attribute, BodyChecksum, ByteRange, Content, CopySource, Integrity, KeysPage, PartDone, PartRef,
    ResponseHeader, UploadMark, UploadsPage, Verbosity, VersionMark, VersionsPage, Wanted,
};
pub use bodies::{batch_refusal, path_refusal};
pub use call::ObjectCall;
pub use listing_glance::{Glance, begins_as_keys, glance};
pub use reply::{Copied, DeleteOutcome, Deleted, ObjectReply, PartsReply, Said, UploadsReply, VersionsReply, Written};

use super::{Answer, Draft, Terms};
use crate::domain::object::Charged;
use crate::domain::{Op, Provider, Result, Site};

/// Builds the request for a call. The payer header is added by the same one place as for buckets, and only with consent.
///
/// # Errors
/// [`crate::domain::ErrorKind::Usage`] for names and values that cannot be sent as they are; `Unsupported` where the cloud
/// has no such operation.
pub fn encode_object(site: &Site, call: &ObjectCall, terms: &Terms) -> Result<Draft> {
    encode::encode(site, call, terms)
}

/// Reads the answer to a call. Of [`ObjectCall::GetObject`] only the head is read: pass an empty body with a 2xx status.
///
/// # Errors
/// One of the kinds of the catalogue; `InvalidReply` for a 2xx that is not what the protocol promises.
pub fn decode_object(site: &Site, call: &ObjectCall, answer: &Answer) -> Result<ObjectReply> {
    decode::decode(site, call, answer).map_err(|error| error.refused_as(super::error::refused(site, call)))
}

/// Who an answer says was charged: also of an answer that refuses, since a refusal may cost.
fn charged(provider: Provider, op: Op, headers: &HeaderMap) -> Charged {
    // Names that need not be made of a text for every answer.
    static S3: HeaderName = HeaderName::from_static("x-amz-request-charged");
    static OSS: HeaderName = HeaderName::from_static("x-oss-request-charged");
    let name = match provider {
        Provider::S3 => &S3,
        Provider::Oss => &OSS,
    };
    charged_as(provider, op, headers.get(name))
}

/// The same by that header.
pub(super) fn charged_as(provider: Provider, op: Op, header: Option<&HeaderValue>) -> Charged {
    // Letter by letter takes longer, and is the exception.
    let said = header.map(|value| value == "requester" || value.as_bytes().eq_ignore_ascii_case(b"requester"));
    let answers = op.cell(provider).is_some_and(|cell| cell.charged == crate::domain::op::Charged::Answered);
    match said {
        Some(true) => Charged::Yes,
        // A word that nobody documents says neither yes nor no.
        Some(false) => Charged::NotSaid,
        None if answers => Charged::No,
        None => Charged::NotSaid,
    }
}
