//! Documents that say what became of something: batch deletes, copies, multipart uploads, tags, access lists.
//!
//! Comes in: an answer. Goes out: what it says. Forbidden here: calling a key deleted that the store did not name.

use std::collections::HashMap;

use super::super::xml;
use super::arguments::Verbosity;
use super::call::ObjectCall;
use super::document::{Document, Field, checksum, class, etag, missing, number, time, truth};
use super::head;
use super::reply::{Copied, DeleteOutcome, Deleted, PartsReply, Written};
use crate::domain::{Acl, Attributes, Doomed, Grant, PartRow, Result, Tag, UploadId, VersionId};

/// One key of a batch's answer, as it came.
#[derive(Default)]
struct Line {
    key: Option<String>,
    version: Option<VersionId>,
    marker: bool,
    marker_version: Option<VersionId>,
    code: Option<String>,
    message: String,
}

impl Line {
    fn take(&mut self, field: &str, text: &str) -> Field<()> {
        let id = || Some(xml::trimmed(text)).filter(|text| !text.is_empty()).map(VersionId::new);
        match field {
            "Key" => self.key = Some(text.to_owned()),
            "VersionId" => self.version = id(),
            "DeleteMarker" => self.marker = truth("DeleteMarker", text)?,
            "DeleteMarkerVersionId" => self.marker_version = id(),
            "Code" => self.code = Some(xml::trimmed(text).to_owned()),
            "Message" => text.clone_into(&mut self.message),
            _ => {}
        }
        Ok(())
    }

    fn outcome(self) -> DeleteOutcome {
        match self.code {
            Some(code) => DeleteOutcome::Failed { code, message: self.message },
            None => DeleteOutcome::Deleted(Deleted { marker: self.marker, version: self.marker_version.or(self.version) }),
        }
    }
}

/// DeleteObjects: one outcome for each key that was sent.
pub(super) fn batch(document: &Document<'_>, objects: &[Doomed], verbosity: Verbosity) -> Result<Vec<DeleteOutcome>> {
    let silence = match verbosity {
        Verbosity::EveryKey => DeleteOutcome::Unanswered,
        Verbosity::FailuresOnly => DeleteOutcome::Deleted(Deleted::default()),
    };
    let mut outcomes = vec![silence; objects.len()];
    // OSS answers nothing at all where there is nothing to say.
    if verbosity == Verbosity::FailuresOnly && document.answer.body.is_empty() {
        return Ok(outcomes);
    }
    let (mut lines, mut line, mut encoded) = (Vec::new(), Line::default(), false);
    document.read(&["DeleteResult"], |path, text| match path {
        ["Deleted"] | ["Error"] => {
            if path == ["Error"] && line.code.is_none() {
                return Err(missing("Code"));
            }
            lines.push(std::mem::take(&mut line));
            Ok(())
        }
        ["Deleted", field @ ("Key" | "VersionId" | "DeleteMarker" | "DeleteMarkerVersionId")] => line.take(field, text),
        ["Error", field @ ("Key" | "VersionId" | "Code" | "Message")] => line.take(field, text),
        ["EncodingType"] => {
            encoded = text.trim().eq_ignore_ascii_case("url");
            Ok(())
        }
        _ => Ok(()),
    })?;
    let places = Places::of(objects);
    for mut line in lines {
        let key = line.key.take().ok_or_else(|| document.missing("Key"))?;
        let key = if encoded { document.words().decoded(&key) } else { Some(key) };
        let found = key.map(|key| places.find(&key, line.version.as_ref())).unwrap_or_default();
        if found.is_empty() {
            return Err(document.invalid("it names a key that was not sent"));
        }
        let outcome = line.outcome();
        for place in found {
            outcomes[place] = outcome.clone();
        }
    }
    Ok(outcomes)
}

/// Where each key stands in a request, with its version. A key that was sent twice has two places.
struct Places<'a>(HashMap<&'a str, Vec<(Option<&'a VersionId>, usize)>>);

impl<'a> Places<'a> {
    fn of(objects: &'a [Doomed]) -> Self {
        let mut places: HashMap<&str, Vec<_>> = HashMap::with_capacity(objects.len());
        for (place, object) in objects.iter().enumerate() {
            places.entry(object.key.as_str()).or_default().push((object.version.as_ref(), place));
        }
        Self(places)
    }

    /// The places that a line of the answer is about. Where one side names no version, the key decides, if it stands once. No place: it names what was not sent.
    fn find(&self, key: &str, version: Option<&VersionId>) -> Vec<usize> {
        let known = self.0.get(key).map_or(&[][..], Vec::as_slice);
        let exact: Vec<usize> = known.iter().filter(|(sent, _)| *sent == version).map(|(_, place)| *place).collect();
        match (exact.is_empty(), known) {
            (true, [(sent, place)]) if sent.is_none() || version.is_none() => vec![*place],
            _ => exact,
        }
    }
}

/// CopyObject and UploadPartCopy.
pub(super) fn copied(document: &Document<'_>, root: &str) -> Result<Copied> {
    let (mut tag, mut modified) = (None, None);
    document.read(&[root], |path, text| {
        match path {
            ["ETag"] => tag = etag(text),
            ["LastModified"] => modified = time(text),
            _ => {}
        }
        Ok(())
    })?;
    let etag = tag.ok_or_else(|| document.missing("ETag"))?;
    Ok(Copied { etag, modified, version: head::copied_version(document) })
}

/// CreateMultipartUpload.
pub(super) fn begun(document: &Document<'_>) -> Result<UploadId> {
    let mut id = None;
    document.read(&["InitiateMultipartUploadResult"], |path, text| {
        if path == ["UploadId"] {
            id = Some(xml::trimmed(text)).filter(|text| !text.is_empty()).map(UploadId::new);
        }
        Ok(())
    })?;
    id.ok_or_else(|| document.missing("UploadId"))
}

/// CompleteMultipartUpload.
pub(super) fn completed(document: &Document<'_>) -> Result<Written> {
    let (mut tag, mut checksums) = (None, Vec::new());
    document.read(&["CompleteMultipartUploadResult"], |path, text| {
        match path {
            ["ETag"] => tag = etag(text),
            [element] => checksums.extend(checksum(element, text)),
            _ => {}
        }
        Ok(())
    })?;
    let etag = tag.ok_or_else(|| document.missing("ETag"))?;
    let mut written = head::written_as(document, etag);
    written.checksums.extend(checksums);
    Ok(written)
}

#[derive(Default)]
struct RawPart {
    number: Option<u32>,
    size: Option<u64>,
    row: PartTexts,
}

#[derive(Default)]
struct PartTexts {
    etag: Option<crate::domain::ETag>,
    modified: Option<jiff::Timestamp>,
    checksums: Vec<(String, String)>,
}

impl RawPart {
    fn take(&mut self, field: &str, text: &str) -> Field<()> {
        match field {
            "PartNumber" => self.number = Some(number("PartNumber", text)?),
            "Size" => self.size = Some(number("Size", text)?),
            "ETag" => self.row.etag = etag(text),
            "LastModified" => self.row.modified = time(text),
            other => self.row.checksums.extend(checksum(other, text)),
        }
        Ok(())
    }

    fn finish(self) -> Field<PartRow> {
        let number = self.number.filter(|number| (1..=10_000).contains(number)).ok_or_else(|| missing("PartNumber"))?;
        let size = self.size.ok_or_else(|| missing("Size"))?;
        let etag = self.row.etag.ok_or_else(|| missing("ETag"))?;
        Ok(PartRow { number, size, etag, modified: self.row.modified, checksums: self.row.checksums })
    }
}

/// ListParts. OSS encodes nothing here that is read.
pub(super) fn parts(document: &Document<'_>, after: Option<u32>) -> Result<PartsReply> {
    let (mut reply, mut raw) = (PartsReply::default(), RawPart::default());
    let (mut truncated, mut next) = (None, None);
    document.read(&["ListPartsResult"], |path, text| {
        match path {
            ["Part"] => reply.rows.push(std::mem::take(&mut raw).finish()?),
            ["Part", field] => raw.take(field, text)?,
            ["IsTruncated"] => truncated = Some(truth("IsTruncated", text)?),
            ["NextPartNumberMarker"] => next = xml::trimmed(text).parse::<u32>().ok(),
            ["StorageClass"] => reply.class = class(text),
            _ => {}
        }
        Ok(())
    })?;
    if truncated.ok_or_else(|| document.missing("IsTruncated"))? {
        let next = next.filter(|next| *next > after.unwrap_or(0));
        reply.next = Some(next.ok_or_else(|| document.invalid("it says that there is another page, and not where"))?);
    }
    Ok(reply)
}

/// GetObjectTagging.
pub(super) fn tags(document: &Document<'_>) -> Result<Vec<Tag>> {
    let (mut tags, mut key, mut value) = (Vec::new(), None, String::new());
    document.read(&["Tagging"], |path, text| {
        match path {
            ["TagSet", "Tag", "Key"] => key = Some(text.to_owned()),
            ["TagSet", "Tag", "Value"] => text.clone_into(&mut value),
            ["TagSet", "Tag"] => {
                tags.push(Tag { key: key.take().ok_or_else(|| missing("Key"))?, value: std::mem::take(&mut value) });
            }
            _ => {}
        }
        Ok(())
    })?;
    Ok(tags)
}

/// GetObjectAcl.
pub(super) fn acl(document: &Document<'_>) -> Result<Acl> {
    let (mut acl, mut grantee, mut permission) = (Acl::default(), None, None);
    document.read(&["AccessControlPolicy"], |path, text| {
        let own = || Some(xml::trimmed(text).to_owned()).filter(|text| !text.is_empty());
        match path {
            ["Owner", "ID"] => acl.owner_id = own(),
            ["Owner", "DisplayName"] => acl.owner_name = own(),
            ["AccessControlList", "Grant", "Grantee", "ID" | "URI" | "EmailAddress"] => grantee = own(),
            ["AccessControlList", "Grant", "Grantee", "DisplayName"] => grantee = grantee.take().or_else(own),
            ["AccessControlList", "Grant", "Permission"] => permission = own(),
            ["AccessControlList", "Grant"] => acl.grants.push(match (grantee.take(), permission.take(), own()) {
                (Some(grantee), Some(permission), _) => Grant::To { grantee, permission },
                (None, None, Some(word)) => Grant::Word(word),
                _ => return Err(missing("Permission")),
            }),
            _ => {}
        }
        Ok(())
    })?;
    Ok(acl)
}

/// GetObjectAttributes.
pub(super) fn attributes(document: &Document<'_>) -> Result<Attributes> {
    let mut attributes = Attributes::default();
    document.read(&["GetObjectAttributesResponse", "GetObjectAttributesOutput"], |path, text| {
        match path {
            ["ETag"] => attributes.etag = etag(text),
            ["ObjectSize"] => attributes.size = Some(number("ObjectSize", text)?),
            ["StorageClass"] => attributes.class = class(text),
            ["ObjectParts", "PartsCount" | "TotalPartsCount"] => attributes.parts = Some(number("PartsCount", text)?),
            ["Checksum", element] => attributes.checksums.extend(checksum(element, text)),
            _ => {}
        }
        Ok(())
    })?;
    Ok(attributes)
}

/// The root element of a copy's answer.
pub(super) fn copy_root(call: &ObjectCall) -> &'static str {
    if matches!(call, ObjectCall::UploadPartCopy { .. }) { "CopyPartResult" } else { "CopyObjectResult" }
}
