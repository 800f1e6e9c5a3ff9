//! Reading the answer to a call about objects.
//!
//! Comes in: a call and what came back. Goes out: a reply, or an error that says what the store said. Forbidden here:
//! taking a status of 200 for an answer.

use super::super::{Answer, error};
use super::call::ObjectCall;
use super::document::Document;
use super::reply::{ObjectReply, Said};
use super::{charged, head, listing, listing_keys, results};
use crate::domain::{Result, Site};

/// Reads the answer to a call.
pub(super) fn decode(site: &Site, call: &ObjectCall, answer: &Answer) -> Result<ObjectReply> {
    if !(200..300).contains(&answer.status) {
        return Err(error::from_answer(site, call, answer));
    }
    let document = Document { site, call, answer };
    let said = said(&document)?;
    Ok(ObjectReply { charged: charged(site.provider, call.op(), &answer.headers), said })
}

fn said(document: &Document<'_>) -> Result<Said> {
    Ok(match document.call {
        ObjectCall::ListObjectsV2 { page, .. } => Said::Keys(listing_keys::keys(document, page)?),
        ObjectCall::ListObjectVersions { page, .. } => Said::Versions(listing::versions(document, page)?),
        ObjectCall::ListMultipartUploads { page, .. } => Said::Uploads(listing::uploads(document, page)?),
        ObjectCall::HeadObject { .. } | ObjectCall::GetObject { .. } => Said::Head(Box::new(head::object(document)?)),
        ObjectCall::GetObjectTagging { .. } => Said::Tags(results::tags(document)?),
        ObjectCall::GetObjectAcl { .. } => Said::Acl(results::acl(document)?),
        ObjectCall::GetObjectAttributes { .. } => Said::Attributes(Box::new(results::attributes(document)?)),
        ObjectCall::PutObject { .. } | ObjectCall::UploadPart { .. } => Said::Written(Box::new(head::written(document)?)),
        ObjectCall::CopyObject { .. } | ObjectCall::UploadPartCopy { .. } => {
            Said::Copied(results::copied(document, results::copy_root(document.call))?)
        }
        ObjectCall::DeleteObject { .. } => Said::Deleted(head::deleted(document)?),
        ObjectCall::DeleteObjects { objects, verbosity, .. } => Said::Batch(results::batch(document, objects, *verbosity)?),
        ObjectCall::CreateMultipartUpload { .. } => Said::Begun(results::begun(document)?),
        ObjectCall::ListParts { after, .. } => Said::Parts(results::parts(document, *after)?),
        ObjectCall::CompleteMultipartUpload { .. } => Said::Written(Box::new(results::completed(document)?)),
        ObjectCall::PutObjectTagging { .. } | ObjectCall::AbortMultipartUpload { .. } => {
            document.empty()?;
            Said::Done
        }
    })
}
