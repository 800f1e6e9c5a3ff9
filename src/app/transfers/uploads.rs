//! Unfinished multipart uploads of a bucket: their parts are billed until somebody completes or aborts them.

use jiff::Timestamp;

use crate::domain::{Access, Acting, BucketName, Error, Result, UploadFound, UploadRef};

use super::super::change::SETTLE;
use super::super::field::Field;
use super::super::model::{Tone, Wait};
use super::super::{Dialog, Effect, Key, KeyCode, Model, Ticket, budget, copy};
use super::Question;

/// The list of one bucket.
#[derive(Debug)]
pub(crate) struct Uploads {
    pub(crate) acting: Acting,
    pub(crate) state: UploadsState,
    pub(crate) line: usize,
}

/// How far it is.
#[derive(Debug)]
pub(crate) enum UploadsState {
    Reading(Ticket),
    Failed(Error),
    Listed { found: Vec<Found>, asking: Asking },
    Aborting { found: Vec<Found>, ticket: Ticket },
}

/// Whether aborting is being confirmed, and since when that was seen.
#[derive(Debug)]
pub(crate) enum Asking {
    No,
    /// By `y`.
    Abort(Option<Timestamp>),
    /// By the bucket's name: the account is protected.
    Named(Option<Timestamp>, Field),
}

/// An upload of the list.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) upload: UploadFound,
    pub(crate) marked: bool,
    /// Why it could not be aborted.
    pub(crate) trouble: Option<Error>,
}

impl Uploads {
    pub(super) fn note_drawn(&mut self, now: Timestamp) {
        if let UploadsState::Listed { asking: Asking::Abort(shown) | Asking::Named(shown, _), .. } = &mut self.state {
            shown.get_or_insert(now);
        }
    }

    pub(super) fn has_lines(&self) -> bool {
        match self.state {
            UploadsState::Listed { asking: Asking::No, .. } | UploadsState::Aborting { .. } => true,
            UploadsState::Listed { asking: Asking::Abort(_) | Asking::Named(..), .. }
            | UploadsState::Reading(_)
            | UploadsState::Failed(_) => false,
        }
    }

    /// Whether an abort is being confirmed.
    pub(crate) fn is_asking(&self) -> bool {
        matches!(self.state, UploadsState::Listed { asking: Asking::Abort(_) | Asking::Named(..), .. })
    }

    pub(crate) fn found(&self) -> &[Found] {
        match &self.state {
            UploadsState::Listed { found, .. } | UploadsState::Aborting { found, .. } => found,
            UploadsState::Reading(_) | UploadsState::Failed(_) => &[],
        }
    }

    /// Those that an abort would take: the marked ones, else the one under the cursor.
    pub(crate) fn chosen(&self) -> Vec<&Found> {
        let marked: Vec<&Found> = self.found().iter().filter(|found| found.marked).collect();
        if marked.is_empty() { self.found().get(self.line).into_iter().collect() } else { marked }
    }
}

/// Count, parts and bytes of uploads.
pub(crate) fn total<'a>(found: impl IntoIterator<Item = &'a Found>) -> (usize, u64, u64) {
    found.into_iter().fold((0, 0, 0), |(count, parts, bytes), found| {
        let (more_parts, more_bytes) = found.upload.parts.unwrap_or_default();
        (count + 1, parts + u64::from(more_parts), bytes + more_bytes)
    })
}

/// Opens the list of a bucket.
pub(crate) fn ask(model: &mut Model, acting: Acting, out: &mut Vec<Effect>) {
    let ticket = model.wait(Wait::Uploads);
    out.push(Effect::ListUploads(ticket, acting.clone(), String::new()));
    let uploads = Uploads { acting, state: UploadsState::Reading(ticket), line: 0 };
    model.dialog = Some(Dialog::Transfers(Question::Uploads(uploads)));
}

fn open(model: &mut Model) -> Option<&mut Uploads> {
    match budget::under(model) {
        Some(Dialog::Transfers(Question::Uploads(uploads))) => Some(uploads),
        _ => None,
    }
}

/// The list came.
pub(crate) fn listed(model: &mut Model, ticket: Ticket, answer: Result<Vec<UploadFound>>) -> bool {
    if model.waits.get(&ticket) != Some(&Wait::Uploads) {
        return false;
    }
    model.waits.remove(&ticket);
    let Some(uploads) = open(model).filter(|uploads| matches!(uploads.state, UploadsState::Reading(reading) if reading == ticket)) else {
        return false;
    };
    uploads.state = match answer {
        Err(error) => UploadsState::Failed(error),
        Ok(list) => {
            let found = list.into_iter().map(|upload| Found { upload, marked: false, trouble: None }).collect();
            UploadsState::Listed { found, asking: Asking::No }
        }
    };
    true
}

/// The aborts are done, but for these.
pub(crate) fn aborted(model: &mut Model, ticket: Ticket, failed: Vec<(UploadRef, Error)>) -> bool {
    let Some(Wait::AbortUploads(asked)) = model.waits.get(&ticket).copied() else { return false };
    model.waits.remove(&ticket);
    let done = asked.saturating_sub(failed.len());
    match failed.first() {
        None => model.say(Tone::Good, format!("{done} of {asked} uploads aborted: they are not billed any more")),
        Some((_, error)) => {
            let text = format!("{done} of {asked} uploads aborted: {}. {}", error.message(), error.hint_text().unwrap_or_default());
            model.say(Tone::Bad, text);
        }
    }
    let Some(uploads) = open(model) else { return true };
    if let UploadsState::Aborting { found, ticket: asked } = &mut uploads.state
        && *asked == ticket
    {
        uploads.state = left(std::mem::take(found), failed);
    }
    uploads.line = uploads.line.min(uploads.found().len().saturating_sub(1));
    true
}

/// What was not asked for, and what could not be aborted, with its reason.
fn left(found: Vec<Found>, mut failed: Vec<(UploadRef, Error)>) -> UploadsState {
    let mut rest = Vec::new();
    for mut upload in found {
        let key = (&upload.upload.row.key, &upload.upload.row.id);
        let at = failed.iter().position(|(which, _)| (&which.key, &which.id) == key);
        match at {
            Some(at) => upload.trouble = Some(failed.swap_remove(at).1),
            None if upload.marked => continue,
            None => {}
        }
        upload.marked = false;
        rest.push(upload);
    }
    UploadsState::Listed { found: rest, asking: Asking::No }
}

/// A key while the list is open.
#[expect(clippy::wildcard_enum_match_arm, reason = "every other key means nothing here")]
pub(super) fn press(model: &mut Model, key: Key, out: &mut Vec<Effect>) {
    let now = model.now;
    let Some(uploads) = open(model) else { return };
    let last = uploads.found().len().saturating_sub(1);
    let seen = |shown: Option<Timestamp>| shown.is_some_and(|shown| now.duration_since(shown) >= SETTLE);
    match &uploads.state {
        UploadsState::Listed { asking: Asking::Abort(shown), .. } => {
            let seen = seen(*shown);
            return confirm(model, key, seen, out);
        }
        UploadsState::Listed { asking: Asking::Named(shown, _), .. } => {
            let seen = seen(*shown);
            return name(model, key, seen, out);
        }
        UploadsState::Listed { asking: Asking::No, .. }
        | UploadsState::Reading(_)
        | UploadsState::Failed(_)
        | UploadsState::Aborting { .. } => {}
    }
    match key.code {
        KeyCode::Esc | KeyCode::Char('q') => close(model, out),
        KeyCode::Up | KeyCode::Char('k') => uploads.line = uploads.line.saturating_sub(1),
        KeyCode::Down | KeyCode::Char('j') => uploads.line = (uploads.line + 1).min(last),
        KeyCode::Home | KeyCode::Char('g') => uploads.line = 0,
        KeyCode::End | KeyCode::Char('G') => uploads.line = last,
        KeyCode::Char(' ') => mark(uploads),
        KeyCode::Char('*') => mark_all(uploads),
        KeyCode::Char('x') => ask_to_abort(model),
        KeyCode::Char('y') => copy(model),
        KeyCode::Char('r') => {
            let acting = uploads.acting.clone();
            if !matches!(uploads.state, UploadsState::Aborting { .. }) {
                close(model, out);
                ask(model, acting, out);
            }
        }
        _ => {}
    }
}

/// What can be copied of the upload under the cursor; the list comes back behind it.
fn copy(model: &mut Model) {
    let Some(Dialog::Transfers(Question::Uploads(uploads))) = &model.dialog else { return };
    // While an answer is on its way the list stays where the answer finds it.
    let UploadsState::Listed { found, .. } = &uploads.state else { return };
    let (Some(found), Some(bucket)) = (found.get(uploads.line), model.row_of(&uploads.acting.place.id)) else { return };
    let choices = copy::of_upload(model, bucket, &found.upload.row);
    let behind = model.dialog.take().map(Box::new);
    model.dialog = Some(Dialog::Copy { choices, line: 0, behind });
}

fn mark(uploads: &mut Uploads) {
    let line = uploads.line;
    if let UploadsState::Listed { found, .. } = &mut uploads.state
        && let Some(upload) = found.get_mut(line)
    {
        upload.marked = !upload.marked;
        uploads.line = (line + 1).min(uploads.found().len().saturating_sub(1));
    }
}

fn mark_all(uploads: &mut Uploads) {
    if let UploadsState::Listed { found, .. } = &mut uploads.state {
        let all = found.iter().all(|upload| upload.marked);
        found.iter_mut().for_each(|upload| upload.marked = !all);
    }
}

/// The answer to "abort these?": `y`, once it was seen.
fn confirm(model: &mut Model, key: Key, seen: bool, out: &mut Vec<Effect>) {
    if key.code == KeyCode::Char('y') && seen {
        return abort(model, out);
    }
    if key.code == KeyCode::Char('y') {
        return;
    }
    if let Some(Uploads { state: UploadsState::Listed { asking, .. }, .. }) = open(model) {
        *asking = Asking::No;
    }
}

/// Asks, unless nothing may be changed there.
fn ask_to_abort(model: &mut Model) {
    let Some(id) = open(model).filter(|uploads| !uploads.found().is_empty()).map(|uploads| uploads.acting.place.id.clone()) else { return };
    let access = model.accounts.iter().find(|account| account.name == id.account).map_or(Access::Normal, |account| account.access);
    let question = match access {
        Access::ReadOnly => {
            return model
                .say(Tone::Warning, format!("{id}: account {} is read-only. Set `access = \"normal\"` in its config.", id.account));
        }
        Access::Protected => Asking::Named(None, Field::default()),
        Access::Normal => Asking::Abort(None),
    };
    if let Some(Uploads { state: UploadsState::Listed { asking, .. }, .. }) = open(model) {
        *asking = question;
    }
}

/// The bucket's name, letter by letter, once the question was seen.
#[expect(clippy::wildcard_enum_match_arm, reason = "every other key belongs to the field")]
fn name(model: &mut Model, key: Key, seen: bool, out: &mut Vec<Effect>) {
    let Some(Uploads { acting, state: UploadsState::Listed { asking, .. }, .. }) = open(model) else { return };
    let Asking::Named(_, field) = asking else { return };
    match key.code {
        KeyCode::Esc => *asking = Asking::No,
        _ if !seen || key.ctrl || key.alt => {}
        KeyCode::Enter if field.text().is_empty() => *asking = Asking::No,
        KeyCode::Enter if field.text() == acting.place.id.bucket.as_str() => abort(model, out),
        KeyCode::Enter => model.say(Tone::Warning, "that is not the bucket's name: nothing was aborted"),
        _ => drop(field.press(key)),
    }
}

fn abort(model: &mut Model, out: &mut Vec<Effect>) {
    let Some(uploads) = open(model) else { return };
    let bucket = &uploads.acting.place.id.bucket;
    let chosen: Vec<UploadRef> = uploads.chosen().into_iter().map(|found| reference(bucket, found)).collect();
    let ticket = model.wait(Wait::AbortUploads(chosen.len()));
    let Some(uploads) = open(model) else { return };
    let state = std::mem::replace(&mut uploads.state, UploadsState::Reading(ticket));
    let UploadsState::Listed { mut found, .. } = state else { return };
    for upload in &mut found {
        upload.marked = chosen.iter().any(|which| which.key == upload.upload.row.key && which.id == upload.upload.row.id);
    }
    uploads.state = UploadsState::Aborting { found, ticket };
    out.push(Effect::AbortUploads(ticket, uploads.acting.clone(), chosen));
}

fn reference(bucket: &BucketName, found: &Found) -> UploadRef {
    UploadRef { bucket: bucket.clone(), key: found.upload.row.key.clone(), id: found.upload.row.id.clone() }
}

/// Closes the list. What is being aborted is aborted all the same, and said.
fn close(model: &mut Model, out: &mut Vec<Effect>) {
    if let Some(Uploads { state: UploadsState::Reading(ticket), .. }) = open(model) {
        let ticket = *ticket;
        model.waits.remove(&ticket);
        out.push(Effect::Cancel(ticket));
    }
    model.dialog = None;
}
