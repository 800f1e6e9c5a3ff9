//! The versions of one object, to choose from: download, delete, preview, link, or bring one back by a copy onto its own key. A
//! deleted object is back when the delete marker on top is removed.

use crate::domain::{Result, VersionKind, VersionRow};
use crate::transfer::Pick;

use super::super::board::RowId;
use super::super::dialog::Dialog;
use super::super::model::{Tone, Wait};
use super::super::{Effect, Key, KeyCode, Model, Ticket, budget};
use super::{Act, Subject, copying, deleting, download, inspect, linking, preview, subject};

/// The list.
#[derive(Debug)]
pub(crate) struct Versions {
    pub(crate) bucket: RowId,
    pub(crate) rows: Vec<VersionRow>,
    pub(crate) line: usize,
    /// They are being read.
    pub(crate) waiting: Option<Ticket>,
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
    model.dialog = Some(Dialog::Act(Act::Versions(Versions { bucket, rows, line: 0, waiting: None })));
}

/// Asks for the versions of the row under the cursor, which a transfer of this session has deleted: only they are left to look at.
pub(super) fn of_gone(model: &mut Model, out: &mut Vec<Effect>) {
    let (Some(key), Some(bucket)) = (model.objects.gone_key(), model.bucket_here()) else { return };
    let Some(acting) = subject::acting(model, bucket) else { return };
    let ticket = model.wait(Wait::Versions);
    model.dialog = Some(Dialog::Act(Act::Versions(Versions { bucket, rows: Vec::new(), line: 0, waiting: Some(ticket) })));
    out.push(Effect::ListVersions(ticket, acting, key));
}

/// They came. What comes after the list was closed is dropped.
pub(super) fn take(model: &mut Model, ticket: Ticket, answer: Result<Vec<VersionRow>>) -> bool {
    let Some(Dialog::Act(Act::Versions(versions))) = budget::under(model) else { return false };
    if versions.waiting != Some(ticket) {
        return false;
    }
    versions.waiting = None;
    match answer {
        Ok(rows) if !rows.is_empty() => versions.rows = rows,
        Ok(_) => {
            budget::close_under(model);
            model.say(Tone::Plain, "the store has no version of it: in a bucket without versions, what is deleted is gone for ever");
        }
        Err(error) => {
            budget::close_under(model);
            model.say(Tone::Bad, format!("versions: {}. {}", error.message(), error.hint_text().unwrap_or_default()));
        }
    }
    true
}

/// A key while the list is open.
#[expect(clippy::wildcard_enum_match_arm, reason = "every other key means nothing here")]
pub(super) fn press(model: &mut Model, key: Key, out: &mut Vec<Effect>) {
    let Some(Dialog::Act(Act::Versions(versions))) = &mut model.dialog else { return };
    let last = versions.rows.len().saturating_sub(1);
    match key.code {
        KeyCode::Esc | KeyCode::Char('q') => close(model, out),
        KeyCode::Up | KeyCode::Char('k') => versions.line = versions.line.saturating_sub(1),
        KeyCode::Down | KeyCode::Char('j') => versions.line = (versions.line + 1).min(last),
        KeyCode::Home | KeyCode::Char('g') => versions.line = 0,
        KeyCode::End | KeyCode::Char('G') => versions.line = last,
        KeyCode::Char(c @ ('d' | 'x' | 'c' | 'v' | 'P')) => act(model, c, out),
        _ => {}
    }
}

fn close(model: &mut Model, out: &mut Vec<Effect>) {
    if let Some(Dialog::Act(Act::Versions(Versions { waiting: Some(ticket), .. }))) = model.dialog.take() {
        model.waits.remove(&ticket);
        out.push(Effect::Cancel(ticket));
    }
}

/// What removing the delete marker of a line brings.
pub(crate) fn uncovers(versions: &Versions) -> &'static str {
    let below = versions.rows.get(versions.line + 1).map(|row| &row.kind);
    match (versions.rows.get(versions.line).is_some_and(|row| row.latest), below) {
        (false, _) => "nothing changes for readers, as another version is current",
        (true, Some(VersionKind::Object { .. })) => "the object is back, as the version below it",
        (true, Some(VersionKind::DeleteMarker)) => "the object stays deleted, as another delete marker is below it",
        (true, None) => "the object stays deleted, as no version is below it",
    }
}

fn act(model: &mut Model, key: char, out: &mut Vec<Effect>) {
    let Some(Dialog::Act(Act::Versions(versions))) = &model.dialog else { return };
    let Some(row) = versions.rows.get(versions.line) else { return };
    let bucket = versions.bucket;
    let (size, etag, class) = match &row.kind {
        VersionKind::Object { size, etag, class } => (Some(*size), etag.clone(), class.clone()),
        VersionKind::DeleteMarker if key == 'x' => {
            let (brings, pick) = (uncovers(versions), marker(row));
            return deleting::unmark(model, bucket, pick, brings, out);
        }
        VersionKind::DeleteMarker => {
            let text = format!("a delete marker has no content. x removes it: {}", uncovers(versions));
            return model.say(Tone::Plain, text);
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

/// A delete marker as what is removed.
fn marker(row: &VersionRow) -> Pick {
    Pick { version: Some(row.version.clone()), modified: row.modified, ..Pick::named(row.key.clone()) }
}
