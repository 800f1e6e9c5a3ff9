//! `stat`: what the store says of objects.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Desk;
use super::acting::{Aim, payer_hint};
use crate::app::Thorough;
use crate::cli::args::Stat;
use crate::cli::failure::{Failure, Fields};
use crate::cli::output::{Ink, Output};
use crate::domain::escape::visible;
use crate::domain::{Beside, Charged, Grant, Inspection, Result, StorageClass, VersionId, VersionKind};
use crate::transfer::Pick;

/// `stat --json`. The names are promises.
#[derive(Serialize)]
struct Line<'a> {
    r#type: &'static str,
    target: &'a str,
    key: &'a str,
    size: Option<u64>,
    last_modified: Option<jiff::Timestamp>,
    etag: Option<&'a str>,
    storage_class: Option<&'a str>,
    content_type: Option<&'a str>,
    metadata: BTreeMap<&'a str, &'a str>,
    version_id: Option<&'a str>,
    charged: Option<bool>,
    restore: Option<&'a str>,
    checksums: BTreeMap<&'a str, &'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    more: Option<More<'a>>,
}

/// What `--all` adds; a part that may not be read is an error in its place.
#[derive(Serialize)]
struct More<'a> {
    tags: std::result::Result<BTreeMap<&'a str, &'a str>, Fields<'a>>,
    owner: Option<&'a str>,
    grants: std::result::Result<Vec<String>, Fields<'a>>,
    versions: std::result::Result<Vec<&'a str>, Fields<'a>>,
}

/// Asks for each object, one after the other, and prints as answers come.
///
/// # Errors
/// When an object could not be read.
pub(super) fn run(desk: &Desk<'_>, stat: &Stat) -> std::result::Result<(), Failure> {
    let aims: Vec<Aim<'_>> = stat.targets.iter().map(|target| desk.aim(target)).collect::<Result<_>>()?;
    let accounts: Vec<_> = aims.iter().map(|aim| aim.account).collect();
    desk.ask_for_keys(&accounts)?;
    let thorough = if stat.all { Thorough::Everything } else { Thorough::Headers };
    desk.wait(async {
        let (mut done, mut failures) = (0, Vec::new());
        for aim in &aims {
            match ask(desk, aim, stat, thorough).await {
                Ok(found) => {
                    print(aim, &found, desk.output);
                    done += 1;
                }
                Err(error) => failures.push(payer_hint(error, aim.acting.consent)),
            }
        }
        Failure::of_many("objects", done, failures)
    })
}

async fn ask(desk: &Desk<'_>, aim: &Aim<'_>, stat: &Stat, thorough: Thorough) -> Result<Inspection> {
    let pick = Pick { version: stat.version_id.as_deref().map(VersionId::new), ..Pick::named(aim.object()?) };
    desk.session.engine.inspect(&aim.acting, &pick, thorough).await
}

fn print(aim: &Aim<'_>, found: &Inspection, output: &Output) {
    if output.is_json() { print_json(aim, found, output) } else { print_text(aim, found, output) }
}

fn print_json(aim: &Aim<'_>, found: &Inspection, output: &Output) {
    let head = &found.head;
    let pairs = |pairs: &'_ [(String, String)]| -> BTreeMap<String, String> { pairs.iter().cloned().collect() };
    let (metadata, checksums) = (pairs(&head.metadata), pairs(&head.checksums));
    output.object(&Line {
        r#type: "object",
        target: &aim.name(),
        key: &aim.key,
        size: head.size,
        last_modified: head.modified,
        etag: head.etag.as_ref().map(crate::domain::ETag::as_str),
        storage_class: head.class.as_ref().map(StorageClass::as_str),
        content_type: head.content_type.as_deref(),
        metadata: metadata.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect(),
        version_id: head.version.as_ref().map(VersionId::as_str),
        charged: match found.charged {
            Charged::Yes => Some(true),
            Charged::No => Some(false),
            Charged::NotSaid => None,
        },
        restore: head.restore.as_deref(),
        checksums: checksums.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect(),
        more: found.more.as_deref().map(more_of),
    });
}

fn more_of(beside: &Beside) -> More<'_> {
    More {
        tags: beside
            .tags
            .as_ref()
            .map_err(Fields::from)
            .map(|tags| tags.iter().map(|tag| (tag.key.as_str(), tag.value.as_str())).collect()),
        owner: beside.acl.as_ref().ok().and_then(|acl| acl.owner_id.as_deref()),
        grants: beside.acl.as_ref().map_err(Fields::from).map(|acl| acl.grants.iter().map(grant).collect()),
        versions: beside.versions.as_ref().map_err(Fields::from).map(|rows| rows.iter().map(|row| row.version.as_str()).collect()),
    }
}

fn grant(grant: &Grant) -> String {
    match grant {
        Grant::To { grantee, permission } => format!("{permission} to {grantee}"),
        Grant::Word(word) => word.clone(),
    }
}

fn print_text(aim: &Aim<'_>, found: &Inspection, output: &Output) {
    let head = &found.head;
    let field = |name: &str, value: &str| output.line(&format!("  {name:14}  {}", visible(value)));
    output.line(&output.inked(Ink::Bold, &visible(&aim.name())));
    field("size", &head.size.map_or("not said".to_owned(), |size| format!("{size} bytes ({})", super::numbers::size(size))));
    field("last modified", &head.modified.map_or("not said".to_owned(), |time| time.to_string()));
    field("etag", head.etag.as_ref().map_or("-", crate::domain::ETag::as_str));
    field("storage class", head.class.as_ref().map_or("standard", StorageClass::as_str));
    field("content type", head.content_type.as_deref().unwrap_or("-"));
    let optional = [("version", head.version.as_ref().map(VersionId::as_str)), ("restore", head.restore.as_deref())];
    for (name, value) in optional.into_iter().filter_map(|(name, value)| value.map(|value| (name, value))) {
        field(name, value);
    }
    head.checksums.iter().for_each(|(name, value)| field("checksum", &format!("{name} {value}")));
    head.metadata.iter().for_each(|(name, value)| field("metadata", &format!("{name} = {value}")));
    field("charged", charged_words(found.charged));
    if let Some(beside) = &found.more {
        print_more(beside, &field);
    }
}

fn charged_words(charged: Charged) -> &'static str {
    match charged {
        Charged::Yes => "to you, says the store",
        Charged::No => "not to you: the store does not say so",
        Charged::NotSaid => "this store does not say",
    }
}

fn print_more(beside: &Beside, field: &dyn Fn(&str, &str)) {
    match &beside.tags {
        Ok(tags) if tags.is_empty() => field("tags", "none"),
        Ok(tags) => tags.iter().for_each(|tag| field("tag", &format!("{} = {}", tag.key, tag.value))),
        Err(error) => field("tags", error.message()),
    }
    match &beside.acl {
        Ok(acl) => {
            let owner = acl.owner_name.as_deref().or(acl.owner_id.as_deref());
            field("owner", owner.unwrap_or("not said"));
            acl.grants.iter().for_each(|each| field("grant", &grant(each)));
        }
        Err(error) => field("permissions", error.message()),
    }
    match &beside.versions {
        Ok(rows) => rows.iter().for_each(|row| {
            let kind = match row.kind {
                VersionKind::Object { size, .. } => super::numbers::size(size),
                VersionKind::DeleteMarker => "delete marker".to_owned(),
            };
            field("version", &format!("{}  {kind}{}", row.version.as_str(), if row.latest { "  latest" } else { "" }));
        }),
        Err(error) => field("versions", error.message()),
    }
    if let Some(Ok(attributes)) = &beside.attributes {
        field("parts", &attributes.parts.map_or("one".to_owned(), |parts| parts.to_string()));
    }
}
