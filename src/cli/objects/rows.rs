//! Rows of versions, for people and for scripts; those of keys are made by [`super::lines`].

use jiff::Timestamp;
use serde::Serialize;

use super::numbers;
use crate::cli::output::Output;
use crate::domain::escape::visible;
use crate::domain::{StorageClass, VersionKind, VersionRow};

/// `ls --versions --json`. The names are promises.
#[derive(Serialize)]
struct Line<'a> {
    r#type: &'static str,
    key: &'a str,
    size: Option<u64>,
    last_modified: Option<Timestamp>,
    etag: Option<&'a str>,
    storage_class: Option<&'a str>,
    version_id: &'a str,
    latest: bool,
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
            version_id: row.version.as_str(),
            latest: row.latest,
        });
        return;
    }
    let name = visible(row.key.as_str().strip_prefix(shared).filter(|rest| !rest.is_empty()).unwrap_or(row.key.as_str()));
    let size = size.map_or_else(|| "DELETED".to_owned(), numbers::size);
    let latest = if row.latest { "latest" } else { "" };
    output.line(&format!("{size:>10}  {:19}  {latest:6}  {}  {name}", minute(row.modified), visible(row.version.as_str())));
}

/// A time to the second, in UTC as stores give it.
pub(super) fn minute(time: Option<Timestamp>) -> String {
    time.map_or_else(|| "-".to_owned(), |time| time.strftime("%Y-%m-%d %H:%M:%S").to_string())
}
