//! Rows of listings, for people and for scripts.

use jiff::Timestamp;
use serde::Serialize;

use super::numbers;
use crate::cli::output::{Ink, Output};
use crate::domain::escape::visible;
use crate::domain::{LeafRow, RowKind, StorageClass, VersionKind, VersionRow};

/// `ls --json`. The names are promises.
#[derive(Serialize)]
struct Line<'a> {
    r#type: &'static str,
    key: &'a str,
    size: Option<u64>,
    last_modified: Option<Timestamp>,
    etag: Option<&'a str>,
    storage_class: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    version_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    latest: Option<bool>,
}

/// One row. For people, keys below a folder are shown without the prefix they share.
pub(super) fn print(row: &LeafRow<'_>, shared: &str, output: &Output) {
    if output.is_json() {
        let etag = row.etag();
        let (r#type, size) = match row.kind {
            RowKind::Prefix => ("prefix", None),
            RowKind::Object(size) => ("object", Some(size)),
        };
        output.object(&Line {
            r#type,
            key: row.key,
            size,
            last_modified: row.modified,
            etag: etag.as_ref().map(crate::domain::ETag::as_str),
            storage_class: row.class.map(StorageClass::as_str),
            version_id: None,
            latest: None,
        });
        return;
    }
    let name = visible(row.key.strip_prefix(shared).filter(|rest| !rest.is_empty()).unwrap_or(row.key));
    match row.kind {
        RowKind::Prefix => output.line(&format!("{:>10}  {:19}  {}", "PREFIX", "", output.inked(Ink::Bold, &name))),
        RowKind::Object(size) => output.line(&format!("{:>10}  {:19}  {name}", numbers::size(size), minute(row.modified))),
    }
}

/// One version or delete marker.
pub(super) fn print_version(row: &VersionRow, shared: &str, output: &Output) {
    let (r#type, size, etag, class) = match &row.kind {
        VersionKind::Object { size, etag, class } => ("object", Some(*size), etag.as_ref(), class.as_ref()),
        VersionKind::DeleteMarker => ("delete marker", None, None, None),
    };
    if output.is_json() {
        output.object(&Line {
            r#type,
            key: row.key.as_str(),
            size,
            last_modified: row.modified,
            etag: etag.map(crate::domain::ETag::as_str),
            storage_class: class.map(StorageClass::as_str),
            version_id: Some(row.version.as_str()),
            latest: Some(row.latest),
        });
        return;
    }
    let name = visible(row.key.as_str().strip_prefix(shared).filter(|rest| !rest.is_empty()).unwrap_or(row.key.as_str()));
    let size = size.map_or_else(|| "DELETED".to_owned(), numbers::size);
    let latest = if row.latest { "latest" } else { "" };
    output.line(&format!("{size:>10}  {:19}  {latest:6}  {}  {name}", minute(row.modified), visible(row.version.as_str())));
}

/// A time to the second, in UTC as stores give it.
fn minute(time: Option<Timestamp>) -> String {
    time.map_or_else(|| "-".to_owned(), |time| time.strftime("%Y-%m-%d %H:%M:%S").to_string())
}
