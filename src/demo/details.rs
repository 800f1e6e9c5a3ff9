//! What hangs on an object: tags, access list, attributes, the thawing of an archived one.
//!
//! Comes in: a job, a bucket. Goes out: the documents of both clouds.

use super::answer::{Answer, Fault};
use super::buckets::{malformed, namespace};
use super::codec;
use super::job::Job;
use super::listing::{account_owner_id, invalid};
use super::object::{self, Object};
use super::objects::{find, versioned};
use super::state::Bucket;
use super::xml::{self, Document};
use crate::domain::Provider;

/// The version of an object, where the bucket keeps versions.
fn version_of(object: &Object) -> Option<String> {
    Some(object.version.clone()).filter(|id| id != object::NULL_VERSION)
}

/// GetObjectTagging.
pub(super) fn tags(job: &Job<'_>, bucket: &Bucket) -> Result<Answer, Fault> {
    let object = find(job, &bucket.shelf)?;
    let mut document = Document::new("Tagging", namespace(job.cloud));
    document.inside("TagSet", |set| {
        for (name, value) in &object.settings.tags {
            set.inside("Tag", |tag| {
                tag.leaf("Key", name).leaf("Value", value);
            });
        }
    });
    Ok(versioned(job.cloud, Answer::xml(200, document.end()), version_of(&object)))
}

/// PutObjectTagging.
pub(super) fn set_tags(job: &Job<'_>, bucket: &mut Bucket) -> Result<Answer, Fault> {
    let refused = || malformed(job.cloud);
    let root = xml::read(&job.payload.bytes).filter(|root| root.name == "Tagging").ok_or_else(refused)?;
    let set = root.children.iter().find(|child| child.name == "TagSet").ok_or_else(refused)?;
    let tags = set.children.iter().map(|tag| Some((tag.child("Key")?.to_owned(), tag.child("Value").unwrap_or_default().to_owned())));
    let tags = object::checked_tags(tags.collect::<Option<_>>().ok_or_else(refused)?)?;
    change_tags(job, bucket, tags, 200)
}

/// DeleteObjectTagging.
pub(super) fn drop_tags(job: &Job<'_>, bucket: &mut Bucket) -> Result<Answer, Fault> {
    change_tags(job, bucket, Vec::new(), 204)
}

fn change_tags(job: &Job<'_>, bucket: &mut Bucket, tags: Vec<(String, String)>, status: u16) -> Result<Answer, Fault> {
    let version = version_of(&*find(job, &bucket.shelf)?);
    bucket.shelf.change(job.key, job.version(), |object| object.settings.tags = tags);
    Ok(versioned(job.cloud, Answer::empty(status), version))
}

/// GetObjectAcl.
pub(super) fn acl(job: &Job<'_>, bucket: &Bucket) -> Result<Answer, Fault> {
    let cloud = job.cloud;
    let object = find(job, &bucket.shelf)?;
    let owner = account_owner_id(cloud, bucket.owner.id);
    let canned = object.settings.acl.as_deref();
    let mut document = Document::new("AccessControlPolicy", namespace(cloud));
    document.inside("Owner", |inside| {
        inside.leaf("ID", &owner).leaf("DisplayName", &owner);
    });
    document.inside("AccessControlList", |list| match cloud {
        Provider::Oss => {
            list.leaf("Grant", canned.unwrap_or("default"));
        }
        Provider::S3 => {
            grant(list, "CanonicalUser", &owner, "FULL_CONTROL");
            for (group, permission) in groups(canned.unwrap_or("private")) {
                grant(list, "Group", &format!("http://acs.amazonaws.com/groups/global/{group}"), permission);
            }
        }
    });
    Ok(versioned(cloud, Answer::xml(200, document.end()), version_of(&object)))
}

/// What a canned list of S3 grants beside the owner's own right.
pub(super) fn groups(canned: &str) -> &'static [(&'static str, &'static str)] {
    match canned {
        "public-read" => &[("AllUsers", "READ")],
        "public-read-write" => &[("AllUsers", "READ"), ("AllUsers", "WRITE")],
        "authenticated-read" => &[("AuthenticatedUsers", "READ")],
        _ => &[],
    }
}

/// One grant of an access list: to a person by id, to a group by address.
pub(super) fn grant(list: &mut Document, kind: &str, who: &str, permission: &str) {
    let element = format!("Grantee xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:type=\"{kind}\"");
    list.inside("Grant", |grant| {
        grant.inside_with("Grantee", &element, |grantee| {
            grantee.leaf(if kind == "Group" { "URI" } else { "ID" }, who);
        });
        grant.leaf("Permission", permission);
    });
}

/// PutObjectAcl: canned lists only.
pub(super) fn set_acl(job: &Job<'_>, bucket: &mut Bucket) -> Result<Answer, Fault> {
    let name = match job.cloud {
        Provider::S3 => "x-amz-acl",
        Provider::Oss => "x-oss-object-acl",
    };
    let word = job.request.header(name).ok_or_else(|| super::answer::not_implemented(job.cloud))?;
    if !object::acls(job.cloud).contains(&word) {
        return Err(invalid(name, word));
    }
    let version = version_of(&*find(job, &bucket.shelf)?);
    bucket.shelf.change(job.key, job.version(), |object| object.settings.acl = Some(word.to_owned()));
    Ok(versioned(job.cloud, Answer::empty(200), version))
}

/// GetObjectAttributes of S3: what is asked for, and nothing else.
pub(super) fn attributes(job: &Job<'_>, bucket: &Bucket) -> Result<Answer, Fault> {
    let object = find(job, &bucket.shelf)?;
    let asked: Vec<&str> = job.request.headers_named("x-amz-object-attributes").flat_map(|line| line.split(',')).map(str::trim).collect();
    let known = ["ETag", "Checksum", "ObjectParts", "StorageClass", "ObjectSize"];
    if asked.is_empty() || asked.iter().any(|word| !known.contains(word)) {
        return Err(invalid("x-amz-object-attributes", &asked.join(",")));
    }
    let mut document = Document::new("GetObjectAttributesResponse", namespace(job.cloud));
    if asked.contains(&"ETag") {
        document.leaf("ETag", &object.etag);
    }
    if let Some(sum) = object.sum.as_ref().filter(|_| asked.contains(&"Checksum")) {
        document.inside("Checksum", |inside| {
            sum.write(inside);
            inside.leaf("ChecksumType", sum.scope.name());
        });
    }
    if asked.contains(&"ObjectParts") && !object.pieces.is_empty() {
        pieces(job, &object, &mut document)?;
    }
    if asked.contains(&"StorageClass") {
        document.leaf("StorageClass", object.class(job.cloud));
    }
    if asked.contains(&"ObjectSize") {
        document.leaf("ObjectSize", &object.body.len().to_string());
    }
    let answer = Answer::xml(200, document.end()).with("last-modified", codec::http_date(object.modified));
    Ok(versioned(job.cloud, answer, version_of(&object)))
}

/// The parts, a page at a time; each is listed only where it has a checksum.
fn pieces(job: &Job<'_>, object: &Object, document: &mut Document) -> Result<(), Fault> {
    let number = |name: &str, usual: usize| match job.request.header(name) {
        None => Ok(usual),
        Some(text) => text.parse::<usize>().map_err(|_| invalid(name, text)),
    };
    let most = number("x-amz-max-parts", 1_000)?.min(1_000);
    let after = number("x-amz-part-number-marker", 0)?;
    let rest: Vec<_> = object.pieces.iter().filter(|piece| usize::from(piece.number) > after && piece.sum.is_some()).collect();
    let page = &rest[..rest.len().min(most)];
    document.inside("ObjectParts", |inside| {
        inside.leaf("PartsCount", &object.pieces.len().to_string());
        if object.pieces.iter().all(|piece| piece.sum.is_none()) {
            return;
        }
        inside
            .leaf("PartNumberMarker", &after.to_string())
            .leaf("NextPartNumberMarker", &page.last().map_or(0, |piece| piece.number).to_string())
            .leaf("MaxParts", &most.to_string())
            .leaf("IsTruncated", if rest.len() > page.len() { "true" } else { "false" });
        for piece in page {
            inside.inside("Part", |part| {
                part.leaf("PartNumber", &piece.number.to_string()).leaf("Size", &piece.size.to_string());
                piece.sum.iter().for_each(|sum| sum.write(part));
            });
        }
    });
    Ok(())
}

/// RestoreObject: it takes a moment, and then lasts for the days that were asked for.
pub(super) fn restore(job: &Job<'_>, bucket: &mut Bucket) -> Result<Answer, Fault> {
    let object = find(job, &bucket.shelf)?;
    if !object.is_archived() {
        let message = match job.cloud {
            Provider::S3 => "Restore is not allowed for the object's current storage class",
            Provider::Oss => "The operation is not valid for the object's storage class",
        };
        let (status, code) = match job.cloud {
            Provider::S3 => (403, "InvalidObjectState"),
            Provider::Oss => (400, "OperationNotSupported"),
        };
        return Err(Fault::new(status, code, message));
    }
    let status = match object.thawed {
        Some(thawed) if job.now() < thawed.ready => {
            return Err(Fault::new(409, "RestoreAlreadyInProgress", "Object restore is already in progress"));
        }
        Some(thawed) if job.now() < thawed.until => 200,
        Some(_) | None => 202,
    };
    let version = version_of(&object);
    drop(object);
    let days = xml::read(&job.payload.bytes).and_then(|root| root.child("Days")?.trim().parse::<i64>().ok());
    let days = match (days, job.cloud) {
        (Some(days), _) if (1..=365).contains(&days) => days,
        (None, Provider::Oss) if job.payload.bytes.is_empty() => 1,
        (Some(_) | None, _) => return Err(malformed(job.cloud)),
    };
    let thawed = object::thaw(job.now(), days);
    bucket.shelf.change(job.key, job.version(), |object| {
        let ready = if status == 200 { object.thawed.map_or(thawed.ready, |old| old.ready) } else { thawed.ready };
        object.thawed = Some(object::Thawed { ready, ..thawed });
    });
    Ok(versioned(job.cloud, Answer::empty(status), version))
}
