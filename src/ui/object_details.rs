//! The details of screen 2: what the listing says of the object under the cursor, exactly, and of itself.

use crate::app::{KeyListing, Model, consent_word, grouped};
use crate::domain::{Charged, Consent, RowKind};

use super::details::{Fact, alarms, trouble};
use super::look::Role;
use super::{inspection, words};

/// Title and facts.
pub(crate) fn of(model: &Model) -> (String, Vec<Fact>) {
    let Some(listing) = &model.objects.listing else { return ("Details".to_owned(), Vec::new()) };
    let mut facts = Vec::new();
    if let Some(error) = &listing.trouble {
        facts.extend(trouble(error));
    }
    let title = object(model, &mut facts).unwrap_or_else(|| model.name_of(listing.bucket));
    // What was asked for stands above what the listing was; what was not, below.
    let asked = crate::app::inspected(model).is_some();
    let listed = ("listing", how_read(model, listing), Role::Plain);
    let inspected = inspection::facts(model);
    if asked {
        facts.extend(inspected.into_iter().chain([listed]));
    } else {
        facts.extend([listed].into_iter().chain(inspected));
    }
    facts.extend(alarms(model, listing.bucket));
    if let Some(word) = consent_word(model, listing.bucket) {
        facts.push(("paying", word.sentence().to_owned(), Role::Plain));
    }
    if listing.odd_keys > 0 {
        let text = format!("{} keys are not UTF-8: they are not shown here", grouped(listing.odd_keys));
        facts.push(("odd keys", text, Role::Warning));
    }
    (title, facts)
}

fn object(model: &Model, facts: &mut Vec<Fact>) -> Option<String> {
    let row = model.objects.selected()?;
    facts.push(("key", row.key.to_owned(), Role::Plain));
    if model.objects.is_gone_here() {
        let text = "a transfer of this session has removed it: r reads the list again; i lists its versions, with 1 request, and x on a delete \
                    marker there brings it back, if the bucket keeps versions";
        facts.push(("gone", text.to_owned(), Role::Warning));
    }
    let kind = match row.kind {
        RowKind::Prefix => return Some("Prefix".to_owned()),
        RowKind::Object(size) => size,
    };
    let bytes = grouped(usize::try_from(kind).unwrap_or(usize::MAX));
    let class = row.class.map(|class| format!(", {}", class.as_str())).unwrap_or_default();
    let at = row.modified.map(|at| format!(", {}", words::full_time(at, &model.zone))).unwrap_or_default();
    facts.push(("size", format!("{bytes} bytes{class}{at}"), Role::Plain));
    if let Some(etag) = row.etag() {
        facts.push(("ETag", etag.as_str().to_owned(), Role::Plain));
    }
    Some("Object".to_owned())
}

/// When, with how many requests, and who was charged.
fn how_read(model: &Model, listing: &KeyListing) -> String {
    let Some(at) = listing.read_at else { return "not read".to_owned() };
    let requests = words::requests(listing.requests());
    let pages = if listing.pages == 1 { "1 page".to_owned() } else { format!("{} pages", listing.pages) };
    format!("{}{pages}, {requests}, {}", charged(model, listing), words::full_time(at, &model.zone))
}

/// Charged is what the store said; what it did not say is told only where it was asked as payer.
fn charged(model: &Model, listing: &KeyListing) -> String {
    let asked = crate::app::consent_of(model, listing.bucket) == Consent::Given;
    match listing.said {
        Some(Charged::Yes) if listing.charged == listing.pages => "charged to you, ".to_owned(),
        Some(_) if listing.charged > 0 => format!("{} requests charged to you, ", listing.charged),
        Some(Charged::No) if asked => "not charged (own account?), ".to_owned(),
        Some(Charged::NotSaid) if asked => "who was charged is not said, ".to_owned(),
        Some(Charged::Yes | Charged::No | Charged::NotSaid) | None => String::new(),
    }
}
