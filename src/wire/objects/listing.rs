//! Pages of versions and uploads; [`super::listing_keys`] reads those of keys. Rows and common prefixes may stand mixed, and fields in any order.
//!
//! Comes in: an answer. Goes out: rows and where the next page begins. Forbidden here: a page that never ends, a key outside
//! of the prefix that was asked for, an empty list where the store said something else.

use super::arguments::{UploadMark, UploadsPage, VersionMark, VersionsPage};
use super::document::{Document, Field, class, etag, missing, number, time, truth};
use super::reply::{UploadsReply, VersionsReply};
use crate::domain::{ETag, ObjectKey, Result, StorageClass, UploadId, UploadRow, VersionId, VersionKind, VersionRow};

/// What all listings have beside their rows.
#[derive(Default)]
struct Common {
    truncated: Option<bool>,
    encoded: bool,
    prefixes: Vec<String>,
    next_key: Option<String>,
    next_id: Option<String>,
}

impl Common {
    /// Takes a field of the listing itself; `ids` are the names of the marker beside the key.
    fn take(&mut self, path: &[&str], text: &str) -> Field<()> {
        let own = || Some(text.to_owned()).filter(|text| !text.is_empty());
        match path {
            ["IsTruncated"] => self.truncated = Some(truth("IsTruncated", text)?),
            ["EncodingType"] => self.encoded = text.trim().eq_ignore_ascii_case("url"),
            ["CommonPrefixes", "Prefix"] => self.prefixes.push(text.to_owned()),
            ["NextKeyMarker"] => self.next_key = own(),
            ["NextVersionIdMarker" | "NextUploadIdMarker"] => self.next_id = own(),
            _ => {}
        }
        Ok(())
    }
}

/// A row before its key is decoded: `EncodingType` may follow the rows.
#[derive(Default)]
struct Raw {
    key: Option<String>,
    id: Option<Box<str>>,
    size: Option<u64>,
    modified: Option<jiff::Timestamp>,
    etag: Option<ETag>,
    class: Option<StorageClass>,
    owner: Option<Box<str>>,
    latest: Option<bool>,
    marker: bool,
}

impl Raw {
    fn take(&mut self, field: &[&str], text: &str) -> Field<()> {
        match field {
            ["Key"] => self.key = Some(text.to_owned()),
            ["VersionId" | "UploadId"] => self.id = Some(text.trim().into()),
            ["Size"] => self.size = Some(number("Size", text)?),
            ["LastModified" | "Initiated"] => self.modified = time(text),
            ["ETag"] => self.etag = etag(text),
            ["StorageClass"] => self.class = class(text),
            ["IsLatest"] => self.latest = Some(truth("IsLatest", text)?),
            ["Owner" | "Initiator", "ID"] if !text.trim().is_empty() => self.owner = Some(text.trim().into()),
            ["Owner" | "Initiator", "DisplayName"] if self.owner.is_none() && !text.trim().is_empty() => {
                self.owner = Some(text.trim().into());
            }
            _ => {}
        }
        Ok(())
    }
}

/// A listing as it was read, not yet judged.
struct Read {
    common: Common,
    rows: Vec<Raw>,
}

/// Reads a listing whose rows are elements of these names. An upload's initiator counts before its owner.
fn read(document: &Document<'_>, root: &str, elements: &[&str]) -> Result<Read> {
    let (mut common, mut rows, mut raw) = (Common::default(), Vec::new(), Raw::default());
    document.read(&[root], |path, text| match path {
        [element] if elements.contains(element) => {
            raw.marker = *element == "DeleteMarker";
            rows.push(std::mem::take(&mut raw));
            Ok(())
        }
        // Whoever may upload is told by `Initiator`; the owner is the bucket's.
        ["Upload", "Owner", ..] => Ok(()),
        [element, field @ ..] if elements.contains(element) => raw.take(field, text),
        _ => common.take(path, text),
    })?;
    Ok(Read { common, rows })
}

/// A page whose keys are decoded, within the prefix that was asked for.
struct Judged {
    prefixes: Vec<String>,
    rows: Vec<(ObjectKey, Raw)>,
    odd: Vec<String>,
    next: Option<(String, Option<String>)>,
}

impl Read {
    fn judge(self, document: &Document<'_>, prefix: Option<&str>) -> Result<Judged> {
        let Self { common, rows } = self;
        let words = document.words();
        let mut judged = Judged { prefixes: Vec::new(), rows: Vec::with_capacity(rows.len()), odd: Vec::new(), next: None };
        let asked = prefix.unwrap_or("");
        let decode = |text: String, odd: &mut Vec<String>| -> Result<Option<String>> {
            let key = if common.encoded { words.decoded(&text) } else { Some(text.clone()) };
            match key {
                None => {
                    odd.push(text);
                    Ok(None)
                }
                Some(key) if key.starts_with(asked) => Ok(Some(key)),
                Some(_) => Err(document.invalid("it lists a key outside of the prefix that was asked for")),
            }
        };
        for mut row in rows {
            let key = row.key.take().ok_or_else(|| document.missing("Key"))?;
            if let Some(key) = decode(key, &mut judged.odd)? {
                judged.rows.push((ObjectKey::new(key), row));
            }
        }
        for text in common.prefixes {
            judged.prefixes.extend(decode(text, &mut judged.odd)?);
        }
        if common.truncated.ok_or_else(|| document.missing("IsTruncated"))? {
            let key = common.next_key.ok_or_else(|| document.invalid("it says that there is another page, and not where"))?;
            judged.next = Some((key, common.next_id));
        }
        if common.encoded {
            judged.next = match judged.next {
                None => None,
                Some((key, id)) => Some((words.decoded(&key).ok_or_else(|| document.invalid("`NextKeyMarker` is not UTF-8"))?, id)),
            };
        }
        Ok(judged)
    }
}

/// A listing that names the page it was asked for would never end.
fn moved_on<M: PartialEq>(document: &Document<'_>, asked: Option<&M>, next: Option<&M>) -> Result<()> {
    if next.is_some() && next == asked { Err(document.invalid("its next page is the same page")) } else { Ok(()) }
}

/// ListObjectVersions.
pub(super) fn versions(document: &Document<'_>, page: &VersionsPage) -> Result<VersionsReply> {
    let judged = read(document, "ListVersionsResult", &["Version", "DeleteMarker"])?.judge(document, page.prefix.as_deref())?;
    let next = judged.next.map(|(key, id)| VersionMark { key, version: id.map(VersionId::new) });
    moved_on(document, page.after.as_ref(), next.as_ref())?;
    let row = |(key, raw): (ObjectKey, Raw)| {
        let kind = if raw.marker {
            VersionKind::DeleteMarker
        } else {
            VersionKind::Object { size: raw.size.ok_or_else(|| document.missing("Size"))?, etag: raw.etag, class: raw.class }
        };
        let version = VersionId::new(raw.id.filter(|id| !id.is_empty()).ok_or_else(|| document.missing("VersionId"))?);
        let latest = raw.latest.ok_or_else(|| document.missing("IsLatest"))?;
        Ok(VersionRow { key, version, latest, modified: raw.modified, owner: raw.owner, kind })
    };
    let rows = judged.rows.into_iter().map(row).collect::<Result<_>>()?;
    Ok(VersionsReply { rows, prefixes: judged.prefixes, next, odd_keys: judged.odd })
}

/// ListMultipartUploads.
pub(super) fn uploads(document: &Document<'_>, page: &UploadsPage) -> Result<UploadsReply> {
    let judged = read(document, "ListMultipartUploadsResult", &["Upload"])?.judge(document, page.prefix.as_deref())?;
    let next = judged.next.map(|(key, id)| UploadMark { key, id: id.map(UploadId::new) });
    moved_on(document, page.after.as_ref(), next.as_ref())?;
    let row = |(key, raw): (ObjectKey, Raw)| {
        let id = raw.id.filter(|id| !id.is_empty()).ok_or_else(|| document.invalid(&missing("UploadId")))?;
        Ok(UploadRow { key, id: UploadId::new(id), begun: raw.modified, class: raw.class, initiator: raw.owner })
    };
    let rows = judged.rows.into_iter().map(row).collect::<Result<_>>()?;
    Ok(UploadsReply { rows, prefixes: judged.prefixes, next, odd_keys: judged.odd })
}
