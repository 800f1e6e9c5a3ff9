//! DeleteObjects: up to a thousand keys and versions in one request, each with an answer of its own.
//!
//! Comes in: the document. Goes out: what became of each; keys that a script refuses come back as errors.

use super::answer::{Answer, Fault};
use super::buckets::{malformed, namespace};
use super::codec::{self, Slash};
use super::job::Job;
use super::objects;
use super::shelf::Gone;
use super::state::Bucket;
use super::xml::{self, Document, Element};
use crate::domain::Provider;

/// How many keys one request may name.
const MOST: usize = 1_000;

/// One key of the request.
struct Doomed<'a> {
    key: &'a str,
    version: Option<&'a str>,
}

/// DeleteObjects.
pub(super) fn delete(job: &Job<'_>, bucket: &mut Bucket) -> Result<Answer, Fault> {
    let refused = || match job.cloud {
        Provider::S3 => malformed(job.cloud),
        Provider::Oss => malformed(job.cloud).ec("0016-00000607"),
    };
    let root = xml::read(&job.payload.bytes).filter(|root| root.name == "Delete").ok_or_else(refused)?;
    let doomed = doomed(&root).ok_or_else(refused)?;
    let quiet = root.child("Quiet").is_some_and(|word| word.eq_ignore_ascii_case("true"));
    let encoded = job.item("encoding-type") == Some("url");
    let mut document = Document::new("DeleteResult", namespace(job.cloud));
    for each in &doomed {
        let shown = if encoded { codec::encode(each.key.as_bytes(), Slash::Encoded) } else { each.key.to_owned() };
        if job.refused.iter().any(|key| key == each.key) {
            document.inside("Error", |inside| {
                inside.leaf("Key", &shown).leaf_if("VersionId", each.version).leaf("Code", "AccessDenied").leaf("Message", "Access Denied");
            });
            continue;
        }
        let gone = objects::remove(&mut bucket.shelf, job, each.key, each.version);
        if !quiet {
            document.inside("Deleted", |inside| write(inside, &shown, each, &gone));
        }
    }
    document.leaf_if("EncodingType", encoded.then_some("url"));
    Ok(Answer::xml(200, document.end()))
}

fn doomed(root: &Element) -> Option<Vec<Doomed<'_>>> {
    let named = root.children.iter().filter(|child| child.name == "Object");
    let all: Option<Vec<Doomed<'_>>> = named
        .map(|object| Some(Doomed { key: object.child("Key")?, version: object.child("VersionId").filter(|id| !id.is_empty()) }))
        .collect();
    all.filter(|all| !all.is_empty() && all.len() <= MOST)
}

fn write(document: &mut Document, shown: &str, each: &Doomed<'_>, gone: &Gone) {
    document.leaf("Key", shown).leaf_if("VersionId", each.version);
    if let Some(marker) = &gone.marker {
        document.leaf("DeleteMarker", "true").leaf("DeleteMarkerVersionId", marker);
    }
}
