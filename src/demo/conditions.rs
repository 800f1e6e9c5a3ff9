//! Conditions: of reading, of writing, of copying; and ranges.
//!
//! Comes in: headers and the object as it is. Goes out: go on, not modified, or the refusal.

use std::ops::Range;

use super::answer::{Answer, Fault};
use super::codec;
use super::history::Versioning;
use super::job::Job;
use super::object::{Object, own};
use super::request::Incoming;
use super::shelf::Shelf;
use crate::domain::{Op, Provider};

fn failed(condition: &str) -> Fault {
    Fault::new(412, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold").detail("Condition", condition)
}

fn matches(list: &str, object: &Object) -> bool {
    list.split(',').map(str::trim).any(|each| each == "*" || each.trim_matches('"').eq_ignore_ascii_case(&object.etag))
}

/// The four conditions under their names; they are the same for a read and for a copy's source.
struct Names {
    matches: String,
    none_match: String,
    modified: String,
    unmodified: String,
}

impl Names {
    fn new(prefix: &str) -> Self {
        let name = |rest: &str| format!("{prefix}{rest}");
        Self {
            matches: name("if-match"),
            none_match: name("if-none-match"),
            modified: name("if-modified-since"),
            unmodified: name("if-unmodified-since"),
        }
    }

    /// Whether the object is the same, or the condition that it fails.
    fn same(&self, request: &Incoming, object: &Object) -> Result<bool, Fault> {
        let since = |name: &str| request.header(name).and_then(codec::read_http_date);
        match request.header(&self.matches) {
            Some(list) if !matches(list, object) => return Err(failed("If-Match")),
            Some(_) => {}
            None if since(&self.unmodified).is_some_and(|time| object.modified.as_second() > time.as_second()) => {
                return Err(failed("If-Unmodified-Since"));
            }
            None => {}
        }
        Ok(match request.header(&self.none_match) {
            Some(list) => matches(list, object),
            None => since(&self.modified).is_some_and(|time| object.modified.as_second() <= time.as_second()),
        })
    }
}

/// The conditions of HEAD and GET; an answer means that nothing else is said.
pub(super) fn reading(request: &Incoming, object: &Object) -> Result<Option<Answer>, Fault> {
    Ok(Names::new("").same(request, object)?.then(|| Answer::empty(304)))
}

/// The conditions of a copy's source: all of them are answered with 412 (OSS: 304 where nothing changed).
pub(super) fn copying(cloud: Provider, request: &Incoming, object: &Object) -> Result<(), Fault> {
    let names = Names::new(&own(cloud, "copy-source-"));
    match (names.same(request, object)?, cloud) {
        (false, _) => Ok(()),
        (true, Provider::S3) => Err(failed("x-amz-copy-source-If-None-Match")),
        (true, Provider::Oss) => Err(Fault::new(304, "NotModified", "Not Modified")),
    }
}

/// The conditions of a write. OSS's is void in a bucket that keeps versions.
pub(super) fn writing(job: &Job<'_>, shelf: &Shelf, key: &str) -> Result<(), Fault> {
    let there = shelf.get(key);
    match job.cloud {
        Provider::S3 => {
            if there.is_some() && job.request.header("if-none-match") == Some("*") {
                return Err(failed("If-None-Match"));
            }
            match (job.request.header("if-match"), there) {
                (Some(_), _) if job.op == Op::CopyObject => Ok(()),
                (Some(list), Some(object)) if !matches(list, &object) => Err(failed("If-Match")),
                (Some(_), None) => Err(super::objects::missing(job.cloud, key)),
                (Some(_), Some(_)) | (None, _) => Ok(()),
            }
        }
        Provider::Oss => {
            let forbidden = job.own("forbid-overwrite").is_some_and(|word| word.eq_ignore_ascii_case("true"));
            if forbidden && there.is_some() && shelf.versioning() == Versioning::Never {
                let message = "The object you specified already exists and can not be overwritten.";
                return Err(Fault::new(409, "FileAlreadyExists", message));
            }
            Ok(())
        }
    }
}

/// The range that is asked for. OSS answers a range outside the object with the whole object, unless told to be standard.
pub(super) fn range(cloud: Provider, request: &Incoming, size: usize) -> Result<Option<Range<usize>>, Fault> {
    let Some((first, last)) = request.header("range").and_then(|text| text.strip_prefix("bytes=")?.split_once('-')) else {
        return Ok(None);
    };
    let found = match (first.parse::<usize>().ok(), last.parse::<usize>().ok()) {
        (Some(first), Some(last)) if first <= last => Some(first..size.min(last.saturating_add(1))),
        (Some(first), None) if last.is_empty() => Some(first..size),
        (None, Some(count)) if first.is_empty() && count > 0 => Some(size.saturating_sub(count)..size),
        (Some(_) | None, _) => return Ok(None),
    };
    match found.filter(|part| part.start < part.end) {
        Some(part) => Ok(Some(part)),
        None if cloud == Provider::Oss && request.header("x-oss-range-behavior") != Some("standard") => Ok(None),
        None => Err(Fault::new(416, "InvalidRange", "The requested range is not satisfiable")
            .detail("RangeRequested", request.header("range").unwrap_or_default())
            .detail("ActualObjectSize", size.to_string())
            .with("content-range", format!("bytes */{size}"))),
    }
}
