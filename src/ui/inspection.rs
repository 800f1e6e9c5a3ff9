//! What a store said of one object, when somebody asked: headers, then what lies beside them. A part that may not be read says why
//! in its place.

use crate::app::{Inspect, Inspecting, Model, consent_of, inspect_cost, inspected, payer};
use crate::domain::{
    Acl, Acting, Attributes, Beside, Charged, Consent, Error, Grant, Inspection, ObjectHead, RowKind, VersionKind, VersionRow,
};

use super::details::{Fact, trouble};
use super::look::Role;
use super::words;

/// How many versions are told here; their own list has all.
const VERSIONS: usize = 3;

/// What is known of the object under the cursor beside its row, and what the next key would cost.
pub(super) fn facts(model: &Model) -> Vec<Fact> {
    if model.objects.is_gone_here() || !model.objects.selected().is_some_and(|row| matches!(row.kind, RowKind::Object(_))) {
        return Vec::new();
    }
    let Some(found) = inspected(model) else {
        return vec![("headers", format!("not asked for: i, {}{}", inspect_cost(crate::app::Thorough::Headers), who(model)), Role::Muted)];
    };
    let mut facts = Vec::new();
    if let Inspecting::Failed(error) = &found.state {
        facts.extend(trouble(error));
    }
    if let Some(known) = &found.known {
        headers(model, found, known, &mut facts);
    }
    facts.push(next(model, found));
    if let Some(more) = found.known.as_ref().and_then(|known| known.more.as_ref()) {
        beside(model, more, &mut facts);
    }
    if let Some(known) = &found.known {
        facts.extend(known.head.headers.sorted().into_iter().map(|(name, value)| ("header", format!("{name}: {value}"), Role::Muted)));
    }
    facts
}

/// Who pays for it.
fn who(model: &Model) -> String {
    let Some(bucket) = model.bucket_here() else { return String::new() };
    let Some(place) = model.place_of(bucket) else { return String::new() };
    match payer(model, &Acting { place, consent: consent_of(model, bucket) }).as_str() {
        "owner" => ", the bucket's owner pays".to_owned(),
        payer => format!(", {payer} pays"),
    }
}

fn next(model: &Model, found: &Inspect) -> Fact {
    match (&found.state, found.next()) {
        (Inspecting::Waiting(..), _) => ("more", "asking… (Esc stops)".to_owned(), Role::Muted),
        (_, Some(thorough)) => ("more", format!("i: {}{}", inspect_cost(thorough), who(model)), Role::Muted),
        (_, None) => ("more", "i: choose one of its versions".to_owned(), Role::Muted),
    }
}

fn headers(model: &Model, found: &Inspect, known: &Inspection, facts: &mut Vec<Fact>) {
    let head = &known.head;
    let at = words::full_time(known.at, &model.zone);
    facts.push(("asked", format!("at {at}; {}", charged(model, found, known.charged)), Role::Plain));
    if let Some(restore) = archived(head) {
        facts.push(("archived", restore, Role::Warning));
    }
    facts.extend(head.content_type.iter().map(|kind| ("type", kind.clone(), Role::Plain)));
    facts.extend(head.class.iter().map(|class| ("class", class.as_str().to_owned(), Role::Plain)));
    facts.extend(head.version.iter().map(|version| ("version", version.as_str().to_owned(), Role::Plain)));
    facts.extend(head.checksums.iter().map(|(name, value)| ("checksum", format!("{name}: {value}"), Role::Plain)));
    facts.extend(head.metadata.iter().map(|(name, value)| ("metadata", format!("{name}: {value}"), Role::Plain)));
}

/// What the store said, never what was expected.
fn charged(model: &Model, found: &Inspect, charged: Charged) -> String {
    let asked = consent_of(model, found.bucket) == Consent::Given;
    match charged {
        Charged::Yes => "charged to you".to_owned(),
        Charged::No if asked => "not charged: own account?".to_owned(),
        Charged::No => "not charged to you".to_owned(),
        Charged::NotSaid => "this store does not say who was charged".to_owned(),
    }
}

/// Whether it has to be restored before it can be read.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/archived-objects.html>
fn archived(head: &ObjectHead) -> Option<String> {
    let class = head.class.as_ref()?.as_str();
    let sleeps = matches!(class, "GLACIER" | "DEEP_ARCHIVE" | "Archive" | "ColdArchive" | "DeepColdArchive");
    match (&head.restore, sleeps) {
        (Some(restore), _) if restore.contains("ongoing-request=\"true\"") => {
            Some("it is being restored, and cannot be read yet".to_owned())
        }
        (Some(restore), _) => Some(format!("restored for a time: {restore}")),
        (None, true) => Some(format!("{class}: restore it first, which costs and takes time; until then it cannot be read")),
        (None, false) => None,
    }
}

fn beside(model: &Model, more: &Beside, facts: &mut Vec<Fact>) {
    match &more.tags {
        Ok(tags) if tags.is_empty() => facts.push(("tags", "none".to_owned(), Role::Plain)),
        Ok(tags) => facts.extend(tags.iter().map(|tag| ("tag", format!("{}: {}", tag.key, tag.value), Role::Plain))),
        Err(error) => facts.push(("tags", refused(error), Role::Warning)),
    }
    match &more.acl {
        Ok(acl) => permissions(acl, facts),
        Err(error) => facts.push(("ACL", refused(error), Role::Warning)),
    }
    match &more.versions {
        Ok(versions) => facts.extend(versions_told(model, versions)),
        Err(error) => facts.push(("versions", refused(error), Role::Warning)),
    }
    match &more.attributes {
        Some(Ok(attributes)) => facts.extend(told(attributes)),
        Some(Err(error)) => facts.push(("parts", refused(error), Role::Warning)),
        None => {}
    }
}

fn refused(error: &Error) -> String {
    let code = error.store_answer().map(|answer| format!(" ({} {})", answer.status, answer.code)).unwrap_or_default();
    format!("not readable: {}{code}", error.message())
}

fn permissions(acl: &Acl, facts: &mut Vec<Fact>) {
    // Some stores repeat the id as the name.
    let name = acl.owner_name.as_ref().filter(|name| acl.owner_id.as_ref() != Some(name));
    let name = name.map(|name| format!(" ({name})")).unwrap_or_default();
    facts.extend(acl.owner_id.iter().map(|id| ("owner", format!("{id}{name}"), Role::Plain)));
    facts.extend(acl.grants.iter().map(|grant| match grant {
        Grant::To { grantee, permission } => ("grant", format!("{grantee}: {permission}"), Role::Plain),
        Grant::Word(word) => ("ACL", word.clone(), Role::Plain),
    }));
}

fn versions_told(model: &Model, versions: &[VersionRow]) -> Vec<Fact> {
    let mut facts = vec![("versions", versions.len().to_string(), Role::Plain)];
    for row in versions.iter().take(VERSIONS) {
        let at = row.modified.map(|at| words::full_time(at, &model.zone)).unwrap_or_default();
        let what = match &row.kind {
            VersionKind::Object { size, .. } => words::size(*size),
            VersionKind::DeleteMarker => "deleted here".to_owned(),
        };
        facts.push(("", format!("{at}  {what}  {}", row.version.as_str()), Role::Plain));
    }
    facts
}

fn told(attributes: &Attributes) -> Vec<Fact> {
    let parts = attributes.parts.map(|parts| ("parts", parts.to_string(), Role::Plain));
    let checksums = attributes.checksums.iter().map(|(name, value)| ("checksum", format!("{name}: {value}"), Role::Plain));
    parts.into_iter().chain(checksums).collect()
}
