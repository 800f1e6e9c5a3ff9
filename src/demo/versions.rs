//! A page of versions and delete markers.
//!
//! Comes in: a job with markers, a shelf. Goes out: the document of both clouds, keys in order, each with its newest version first.

use std::borrow::Cow;
use std::ops::Bound;

use super::answer::{Answer, Fault};
use super::buckets::namespace;
use super::codec;
use super::history::{Marker, Past};
use super::job::Job;
use super::listing::{invalid, owner_id, shown_etag, shown_text};
use super::object::Object;
use super::shelf::Shelf;
use super::state::Bucket;
use super::xml::Document;
use crate::domain::Provider;

/// Whether a version is the newest of its key.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Rank {
    Latest,
    Older,
}

/// One line of a page.
enum Line<'a> {
    Object(String, Rank, Box<Cow<'a, Object>>),
    Marker(String, Rank, &'a Marker),
    Prefix(String),
}

impl Line<'_> {
    fn markers(&self) -> (&str, &str) {
        match self {
            Self::Object(key, _, object) => (key, &object.version),
            Self::Marker(key, _, marker) => (key, &marker.version),
            Self::Prefix(prefix) => (prefix, ""),
        }
    }
}

/// What is asked for.
struct Wanted<'a> {
    prefix: &'a str,
    delimiter: &'a str,
    key_marker: &'a str,
    version_marker: &'a str,
    most: usize,
}

/// ListObjectVersions.
pub(super) fn list(job: &Job<'_>, bucket: &Bucket) -> Result<Answer, Fault> {
    let text = |name| job.item(name).unwrap_or_default();
    let (key_marker, version_marker) = (text("key-marker"), text("version-id-marker"));
    if key_marker.is_empty() && !version_marker.is_empty() {
        let message = "A version-id marker cannot be specified without a key marker.";
        return Err(Fault::new(400, "InvalidArgument", message).detail("ArgumentName", "version-id-marker"));
    }
    let usual = match job.cloud {
        Provider::S3 => 1_000,
        Provider::Oss => 100,
    };
    let most = match text("max-keys") {
        "" => usual,
        digits => digits.parse::<usize>().map_err(|_| invalid("max-keys", digits))?.min(1_000),
    };
    let wanted = Wanted { prefix: text("prefix"), delimiter: text("delimiter"), key_marker, version_marker, most };
    let mut lines = lines(&wanted, &bucket.shelf);
    let more = lines.len() > most;
    lines.truncate(most);
    Ok(Answer::xml(200, document(job, bucket, &wanted, &lines, more)))
}

fn document(job: &Job<'_>, bucket: &Bucket, wanted: &Wanted<'_>, lines: &[Line<'_>], more: bool) -> String {
    let shown = |text: &str| shown_text(job.cloud, job.query, text);
    let mut document = Document::new("ListVersionsResult", namespace(job.cloud));
    document
        .leaf("Name", &bucket.name)
        .leaf("Prefix", &shown(wanted.prefix))
        .leaf("KeyMarker", &shown(wanted.key_marker))
        .leaf("VersionIdMarker", wanted.version_marker)
        .leaf("MaxKeys", &wanted.most.to_string());
    if let Some((key, version)) = lines.last().filter(|_| more).map(Line::markers) {
        document.leaf("NextKeyMarker", &shown(key));
        // S3 has no version to name behind a folder; OSS has the element all the same.
        document.leaf_if("NextVersionIdMarker", Some(version).filter(|version| job.cloud == Provider::Oss || !version.is_empty()));
    }
    let says_none = job.cloud == Provider::Oss;
    document.leaf_if("Delimiter", Some(wanted.delimiter).filter(|text| says_none || !text.is_empty()).map(shown).as_deref());
    document.leaf("IsTruncated", if more { "true" } else { "false" });
    document.leaf_if("EncodingType", job.item("encoding-type").filter(|word| !word.is_empty()));
    for line in lines {
        write(&mut document, job.cloud, bucket, line, shown);
    }
    document.end()
}

fn write(document: &mut Document, cloud: Provider, bucket: &Bucket, line: &Line<'_>, shown: impl Fn(&str) -> String) {
    let (key, rank, version, modified) = match line {
        Line::Prefix(prefix) => {
            document.inside("CommonPrefixes", |inside| {
                inside.leaf("Prefix", &shown(prefix));
            });
            return;
        }
        Line::Object(key, rank, object) => (key, rank, &object.version, object.modified),
        Line::Marker(key, rank, marker) => (key, rank, &marker.version, marker.modified),
    };
    let element = if matches!(line, Line::Object(..)) { "Version" } else { "DeleteMarker" };
    document.inside(element, |inside| {
        inside
            .leaf("Key", &shown(key))
            .leaf("VersionId", version)
            .leaf("IsLatest", if *rank == Rank::Latest { "true" } else { "false" })
            .leaf("LastModified", &codec::iso_millis(modified));
        if let (Line::Object(..), Provider::Oss) = (line, cloud) {
            inside.leaf("Type", "Normal");
        }
        if let Line::Object(_, _, object) = line {
            inside
                .leaf("ETag", &shown_etag(cloud, object))
                .leaf("Size", &object.body.len().to_string())
                .leaf("StorageClass", object.class(cloud));
        }
        inside.inside("Owner", |owner| {
            owner.leaf("ID", &owner_id(bucket)).leaf("DisplayName", &owner_id(bucket));
        });
    });
}

/// The lines from the markers on: one more than a page holds, where there are more.
fn lines<'a>(wanted: &Wanted<'_>, shelf: &'a Shelf) -> Vec<Line<'a>> {
    let mut lines = Vec::new();
    let mut from = wanted.key_marker.max(wanted.prefix).to_owned();
    while lines.len() <= wanted.most {
        let Some(key) = next_key(shelf, &from) else { break };
        let Some(rest) = key.strip_prefix(wanted.prefix) else { break };
        let fold = rest.find(wanted.delimiter).filter(|_| !wanted.delimiter.is_empty());
        match fold {
            Some(place) => {
                let folder = key[..wanted.prefix.len() + place + wanted.delimiter.len()].to_owned();
                from = format!("{folder}\u{10ffff}");
                if folder.as_str() > wanted.key_marker {
                    lines.push(Line::Prefix(folder));
                }
            }
            None => {
                of_key(wanted, shelf, &key, &mut lines);
                from = format!("{key}\0");
            }
        }
    }
    lines
}

/// The first key at or behind a place that has any version.
fn next_key(shelf: &Shelf, from: &str) -> Option<String> {
    let current = shelf.from(Bound::Included(from)).next().map(|(key, _)| key.into_owned());
    let past = shelf.past_keys_from(from).next().map(str::to_owned);
    match (current, past) {
        (Some(current), Some(past)) => Some(current.min(past)),
        (current, past) => current.or(past),
    }
}

/// The versions of one key, newest first, behind the marker.
fn of_key<'a>(wanted: &Wanted<'_>, shelf: &'a Shelf, key: &str, lines: &mut Vec<Line<'a>>) {
    let current = shelf.get(key).map(|object| Line::Object(key.to_owned(), Rank::Latest, Box::new(object)));
    let hidden = current.is_some();
    let past = shelf.past(key).iter().enumerate().map(|(place, past)| {
        let rank = if place == 0 && !hidden { Rank::Latest } else { Rank::Older };
        match past {
            Past::Object(object) => Line::Object(key.to_owned(), rank, Box::new(Cow::Borrowed(&**object))),
            Past::Marker(marker) => Line::Marker(key.to_owned(), rank, marker),
        }
    });
    let all = current.into_iter().chain(past);
    if key != wanted.key_marker {
        lines.extend(all);
    } else if !wanted.version_marker.is_empty() {
        lines.extend(all.skip_while(|line| line.markers().1 != wanted.version_marker).skip(1));
    }
}
