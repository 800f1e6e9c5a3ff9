//! The versions of one object, to choose from: download, delete, preview, link, or bring one back by a copy onto its own key.

use crate::domain::{VersionKind, VersionRow};
use crate::transfer::Pick;

use super::super::board::RowId;
use super::super::dialog::Dialog;
use super::super::model::Tone;
use super::super::{Effect, Key, KeyCode, Model};
use super::{Act, Subject, copying, deleting, download, inspect, linking, preview};

/// The list.
#[derive(Debug)]
pub(crate) struct Versions {
    pub(crate) bucket: RowId,
    pub(crate) rows: Vec<VersionRow>,
    pub(crate) line: usize,
}

/// Opens the list of what was read of the object under the cursor.
pub(super) fn open(model: &mut Model) {
    let Some(found) = inspect::of_selected(model) else { return };
    let bucket = found.bucket;
    let beside = found.known.as_ref().and_then(|known| known.more.as_ref());
    let rows = match beside.map(|beside| &beside.versions) {
        Some(Ok(rows)) => rows.clone(),
        Some(Err(error)) => {
            let text = format!("versions: {}. {}", error.message(), error.hint_text().unwrap_or_default());
            return model.say(Tone::Warning, text);
        }
        None => return,
    };
    if rows.is_empty() {
        return model.say(Tone::Plain, "the store names no versions of it");
    }
    model.dialog = Some(Dialog::Act(Act::Versions(Versions { bucket, rows, line: 0 })));
}

/// A key while the list is open.
#[expect(clippy::wildcard_enum_match_arm, reason = "every other key means nothing here")]
pub(super) fn press(model: &mut Model, key: Key, out: &mut Vec<Effect>) {
    let Some(Dialog::Act(Act::Versions(versions))) = &mut model.dialog else { return };
    let last = versions.rows.len().saturating_sub(1);
    match key.code {
        KeyCode::Esc | KeyCode::Char('q') => model.dialog = None,
        KeyCode::Up | KeyCode::Char('k') => versions.line = versions.line.saturating_sub(1),
        KeyCode::Down | KeyCode::Char('j') => versions.line = (versions.line + 1).min(last),
        KeyCode::Home | KeyCode::Char('g') => versions.line = 0,
        KeyCode::End | KeyCode::Char('G') => versions.line = last,
        KeyCode::Char(c @ ('d' | 'x' | 'c' | 'v' | 'P')) => act(model, c, out),
        _ => {}
    }
}

fn act(model: &mut Model, key: char, out: &mut Vec<Effect>) {
    let Some(Dialog::Act(Act::Versions(versions))) = &model.dialog else { return };
    let Some(row) = versions.rows.get(versions.line) else { return };
    let bucket = versions.bucket;
    let (size, etag, class) = match &row.kind {
        VersionKind::Object { size, etag, class } => (Some(*size), etag.clone(), class.clone()),
        VersionKind::DeleteMarker if key == 'x' => (None, None, None),
        VersionKind::DeleteMarker => {
            return model.say(Tone::Plain, "a delete marker has no content: x takes the marker away, and the version below it is back");
        }
    };
    let pick = Pick { key: row.key.clone(), version: Some(row.version.clone()), size, etag, modified: row.modified, class };
    match key {
        'd' => download::ask(model, Subject::one(bucket, pick)),
        'x' => deleting::ask(model, Subject::one(bucket, pick), out),
        'c' => copying::restore(model, bucket, pick, out),
        'v' => preview::open(model, bucket, pick, out),
        _ => linking::ask(model, bucket, pick),
    }
}
