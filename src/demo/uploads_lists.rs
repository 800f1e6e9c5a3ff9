//! Pages of parts and of unfinished uploads.
//!
//! Comes in: a job with markers. Goes out: the page's document. Both clouds go on behind the pair of key and upload id.

use super::answer::{Answer, Fault};
use super::buckets::namespace;
use super::codec;
use super::job::Job;
use super::listing::{account_owner_id, invalid, owner_id, quoted, shown_text};
use super::multipart::{no_such_upload, upload_id};
use super::state::Bucket;
use super::uploads::{Part, Upload};
use super::world::Account;
use super::xml::Document;
use crate::domain::Provider;

/// A limit of a page: a thousand, or less.
fn limit(job: &Job<'_>, name: &str) -> Result<usize, Fault> {
    match job.item(name) {
        None | Some("") => Ok(1_000),
        Some(digits) => digits.parse::<usize>().map(|most| most.min(1_000)).map_err(|_| invalid(name, digits)),
    }
}

fn person(document: &mut Document, element: &str, cloud: Provider, account: &Account) {
    let id = account_owner_id(cloud, account.id);
    document.inside(element, |inside| {
        inside.leaf("ID", &id).leaf("DisplayName", &id);
    });
}

/// ListParts.
pub(super) fn parts(job: &Job<'_>, bucket: &Bucket) -> Result<Answer, Fault> {
    let (cloud, id) = (job.cloud, upload_id(job));
    let upload = bucket.uploads.get(job.key, id).ok_or_else(|| no_such_upload(id))?;
    let most = limit(job, "max-parts")?;
    let text = job.item("part-number-marker").filter(|text| !text.is_empty()).unwrap_or("0");
    let after: u32 = text.parse().map_err(|_| invalid("part-number-marker", text))?;
    let rest: Vec<(&u16, &Part)> = upload.parts.iter().filter(|(number, _)| u32::from(**number) > after).collect();
    let page = &rest[..rest.len().min(most)];
    let mut document = Document::new("ListPartsResult", namespace(cloud));
    document
        .leaf("Bucket", &bucket.name)
        .leaf("Key", &shown_text(cloud, job.query, job.key))
        .leaf("UploadId", id)
        .leaf("PartNumberMarker", &after.to_string())
        .leaf("NextPartNumberMarker", &page.last().map_or(0, |(number, _)| **number).to_string())
        .leaf("MaxParts", &most.to_string())
        .leaf("IsTruncated", if rest.len() > page.len() { "true" } else { "false" });
    if cloud == Provider::S3 {
        person(&mut document, "Initiator", cloud, upload.initiator.unwrap_or(bucket.owner));
        person(&mut document, "Owner", cloud, bucket.owner);
        write_plan(&mut document, upload);
    }
    document.leaf("StorageClass", class(cloud, upload));
    document.leaf_if("EncodingType", job.item("encoding-type").filter(|word| *word == "url"));
    for (number, part) in page {
        document.inside("Part", |inside| write_part(inside, cloud, upload, **number, part));
    }
    Ok(Answer::xml(200, document.end()))
}

fn class(cloud: Provider, upload: &Upload) -> &str {
    let usual = match cloud {
        Provider::S3 => "STANDARD",
        Provider::Oss => "Standard",
    };
    upload.settings.class.as_deref().unwrap_or(usual)
}

fn write_plan(document: &mut Document, upload: &Upload) {
    if let Some(plan) = upload.plan {
        document.leaf("ChecksumAlgorithm", &plan.algorithm.name()).leaf("ChecksumType", plan.scope.name());
    }
}

fn write_part(document: &mut Document, cloud: Provider, upload: &Upload, number: u16, part: &Part) {
    document
        .leaf("PartNumber", &number.to_string())
        .leaf("LastModified", &codec::iso_millis(part.modified))
        .leaf("ETag", &quoted(cloud, &part.etag()))
        .leaf("Size", &part.body.len().to_string());
    if cloud == Provider::Oss {
        document.leaf("HashCrc64ecma", &codec::crc64_ecma(&part.body).to_string());
    }
    if let (Some(plan), Some(sum)) = (upload.plan, &part.sum) {
        document.leaf(&plan.algorithm.element(), sum);
    }
}

/// One line of a page of uploads.
enum Line<'a> {
    Upload(&'a str, &'a str, &'a Upload),
    Prefix(String),
}

impl Line<'_> {
    /// Where the next page goes on behind.
    fn markers(&self) -> (&str, &str) {
        match self {
            Self::Upload(key, id, _) => (key, id),
            Self::Prefix(prefix) => (prefix, ""),
        }
    }
}

/// ListMultipartUploads.
pub(super) fn uploads(job: &Job<'_>, bucket: &Bucket) -> Result<Answer, Fault> {
    let cloud = job.cloud;
    let most = limit(job, "max-uploads")?;
    let text = |name| job.item(name).unwrap_or_default();
    let shown = |value: &str| shown_text(cloud, job.query, value);
    let mut lines = lines(job, bucket);
    let more = lines.len() > most;
    lines.truncate(most);
    let mut document = Document::new("ListMultipartUploadsResult", namespace(cloud));
    document.leaf_if("EncodingType", job.item("encoding-type").filter(|word| !word.is_empty()));
    document.leaf("Bucket", &bucket.name).leaf("KeyMarker", &shown(text("key-marker"))).leaf("UploadIdMarker", text("upload-id-marker"));
    // OSS says where to go on in every page, also where nothing follows.
    let next = match (lines.last().filter(|_| more).map(Line::markers), cloud) {
        (None, Provider::Oss) => Some(("", "")),
        (next, _) => next,
    };
    if let Some((key, id)) = next {
        document.leaf("NextKeyMarker", &shown(key)).leaf("NextUploadIdMarker", id);
    }
    document.leaf_if("Delimiter", job.item("delimiter").map(shown).as_deref());
    document
        .leaf("Prefix", &shown(text("prefix")))
        .leaf("MaxUploads", &most.to_string())
        .leaf("IsTruncated", if more { "true" } else { "false" });
    for line in &lines {
        match line {
            Line::Upload(key, id, upload) => {
                document.inside("Upload", |inside| write_upload(inside, cloud, bucket, &shown(key), id, upload));
            }
            Line::Prefix(prefix) => {
                document.inside("CommonPrefixes", |inside| {
                    inside.leaf("Prefix", &shown(prefix));
                });
            }
        }
    }
    Ok(Answer::xml(200, document.end()))
}

fn write_upload(document: &mut Document, cloud: Provider, bucket: &Bucket, key: &str, id: &str, upload: &Upload) {
    document.leaf("Key", key).leaf("UploadId", id);
    if cloud == Provider::S3 {
        person(document, "Initiator", cloud, upload.initiator.unwrap_or(bucket.owner));
        document.inside("Owner", |inside| {
            inside.leaf("ID", &owner_id(bucket)).leaf("DisplayName", &owner_id(bucket));
        });
        write_plan(document, upload);
    }
    document.leaf("StorageClass", class(cloud, upload)).leaf("Initiated", &codec::iso_millis(upload.initiated));
}

/// All lines from the markers on, each folder once.
fn lines<'a>(job: &Job<'_>, bucket: &'a Bucket) -> Vec<Line<'a>> {
    let text = |name| job.item(name).unwrap_or_default();
    let (prefix, delimiter) = (text("prefix"), text("delimiter"));
    let (key_marker, id_marker) = (text("key-marker"), text("upload-id-marker"));
    let mut lines: Vec<Line<'a>> = Vec::new();
    for ((key, id), upload) in &bucket.uploads.open {
        let behind = key.as_str() > key_marker || (key == key_marker && !id_marker.is_empty() && id.as_str() > id_marker);
        let Some(rest) = key.strip_prefix(prefix) else { continue };
        let folder = rest.find(delimiter).filter(|_| !delimiter.is_empty()).map(|place| &key[..prefix.len() + place + delimiter.len()]);
        match folder {
            Some(folder) if folder <= key_marker || lines.last().is_some_and(|line| line.markers().0 == folder) => {}
            Some(folder) => lines.push(Line::Prefix(folder.to_owned())),
            None if behind => lines.push(Line::Upload(key, id, upload)),
            None => {}
        }
    }
    lines
}

/// How many bytes lie in unfinished uploads, and how many uploads there are.
pub(super) fn weight(bucket: &Bucket) -> (usize, usize) {
    let bytes = bucket.uploads.open.values().flat_map(|upload| upload.parts.values()).map(|part| part.body.len()).sum();
    (bucket.uploads.open.len(), bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_written_as_each_cloud_does() {
        let url = [("encoding-type".to_owned(), "url".to_owned())];
        assert_eq!(shown_text(Provider::S3, &url, "a b/c"), "a+b/c");
        assert_eq!(shown_text(Provider::Oss, &url, "a b/c"), "a%20b%2Fc");
        assert_eq!(shown_text(Provider::Oss, &[], "a b/c"), "a b/c");
    }
}
