//! What a person does with objects: inspect, preview, upload, download, copy, move, delete, link.
//!
//! Comes in: keys and answers. Goes out: orders for what only looks, and jobs for the queue ([`transfers`](super::transfers)), each
//! after its confirmation ([`confirm`]). Forbidden here: a job that nobody has confirmed; acting on a row's place instead of its
//! identity; a secret in a text.

pub(crate) mod confirm;
mod copying;
mod deleting;
mod download;
pub(crate) mod form;
pub(crate) mod inspect;
pub(crate) mod linking;
pub(crate) mod picker;
pub(crate) mod preview;
pub(crate) mod subject;
mod upload;
pub(crate) mod versions;

use std::path::PathBuf;

use crate::domain::{BucketId, Inspection, Link, Result, VersionRow};
use crate::preview::Shown;
use crate::transfer::{Original, Selection};

use super::board::RowId;
use super::dialog::Dialog;
use super::model::{Screen, Tone, Wait};
use super::{Effect, Folder, Key, Model, Previewed, Ticket};

use confirm::Confirm;
use download::ThenFolder;
use form::{Form, Pressed, Slot};
use inspect::Inspect;
use linking::Linking;
use picker::{Picker, PickerFocus};
use preview::Preview;
pub(crate) use subject::Subject;
pub(crate) use upload::named as named_paths;
use versions::Versions;

/// What is kept between dialogs.
#[derive(Debug, Default)]
pub(crate) struct Acts {
    /// The local folder that was looked at last.
    pub(crate) folder: Option<PathBuf>,
    /// What was asked of one object.
    pub(crate) inspect: Option<Inspect>,
}

/// An open dialog of this room.
#[derive(Debug)]
pub(crate) enum Act {
    Pick(Picker),
    Form(FormDialog),
    Confirm(Box<Confirm>),
    Preview(Box<Preview>),
    Versions(Versions),
    Link(Linking),
}

impl Act {
    /// Whether arrow keys move through it, and do nothing else.
    pub(crate) fn has_lines(&self) -> bool {
        match self {
            Self::Pick(picker) => matches!(picker.focus, PickerFocus::List),
            Self::Confirm(_) | Self::Preview(_) | Self::Versions(_) => true,
            Self::Link(open) => matches!(open.state, linking::LinkState::Made(_)),
            Self::Form(_) => false,
        }
    }
}

impl Act {
    /// Whether its text is shown page by page where it does not fit.
    pub(crate) fn has_pages(&self) -> bool {
        match self {
            Self::Form(_) => true,
            Self::Link(open) => !matches!(open.state, linking::LinkState::Made(_)),
            Self::Pick(_) | Self::Confirm(_) | Self::Preview(_) | Self::Versions(_) => false,
        }
    }
}

/// A form and what it is for.
#[derive(Debug)]
pub(crate) struct FormDialog {
    pub(crate) form: Form,
    pub(crate) purpose: Purpose,
    /// A folder is being read for it.
    pub(crate) waiting: Option<(Ticket, ThenFolder)>,
}

/// What a form is for.
#[derive(Debug)]
pub(crate) enum Purpose {
    Upload { to: RowId, paths: Vec<PathBuf> },
    Download(Subject),
    Copy(Subject),
}

/// `u`
pub(crate) fn upload(model: &mut Model, out: &mut Vec<Effect>) {
    let Some(bucket) = model.bucket_here() else { return };
    if subject::refused(model, bucket) {
        return;
    }
    let prefix = if model.screen == Screen::Objects { model.objects.prefix().to_owned() } else { String::new() };
    picker::open(model, bucket, prefix, out);
}

/// `d`
pub(crate) fn download(model: &mut Model) {
    if let Some(what) = meant(model) {
        download::ask(model, what);
    }
}

/// `c`
pub(crate) fn copy(model: &mut Model) {
    if let Some(what) = meant(model) {
        copying::ask(model, what);
    }
}

/// `x`
pub(crate) fn delete(model: &mut Model, out: &mut Vec<Effect>) {
    if let Some(what) = meant(model) {
        deleting::ask(model, what, out);
    }
}

/// `v`
pub(crate) fn preview(model: &mut Model, out: &mut Vec<Effect>) {
    match (model.objects.selected_pick(), model.bucket_here()) {
        (Some(pick), Some(bucket)) => preview::open(model, bucket, pick, out),
        _ if says_gone(model) => {}
        _ => model.say(Tone::Plain, "a prefix has no content: Enter opens it"),
    }
}

/// `P`
pub(crate) fn link(model: &mut Model) {
    match (model.objects.selected_pick(), model.bucket_here()) {
        (Some(pick), Some(bucket)) => linking::ask(model, bucket, pick),
        _ if says_gone(model) => {}
        _ => model.say(Tone::Plain, "links are of single objects"),
    }
}

/// Says so if what is under the cursor is gone.
fn says_gone(model: &mut Model) -> bool {
    let gone = model.objects.is_gone_here();
    if gone {
        model.say(Tone::Plain, "it is gone: a transfer of this session has removed it; r reads the list again; i: versions");
    }
    gone
}

fn meant(model: &mut Model) -> Option<Subject> {
    let what = subject::here(model);
    if what.is_none() && !says_gone(model) {
        model.say(Tone::Plain, "nothing is under the cursor");
    }
    what
}

/// A key while a dialog of this room is open.
pub(crate) fn press(model: &mut Model, key: Key, out: &mut Vec<Effect>) {
    let Some(Dialog::Act(act)) = &model.dialog else { return };
    match act {
        Act::Pick(_) => picker::press(model, key, out),
        Act::Form(_) => form_key(model, key, out),
        Act::Confirm(_) => confirm::press(model, key, out),
        Act::Preview(_) => preview::press(model, key, out),
        Act::Versions(_) => versions::press(model, key, out),
        Act::Link(_) => linking::press(model, key, out),
    }
}

/// Pasted text goes into fields, and confirms nothing.
pub(crate) fn paste(act: &mut Act, text: &str) {
    match act {
        Act::Pick(picker) => picker::paste(picker, text),
        Act::Form(open) => open.form.paste(text),
        Act::Confirm(open) => confirm::paste(open),
        Act::Preview(open) => preview::paste(open, text),
        Act::Versions(_) => {}
        Act::Link(open) => open.form.paste(text),
    }
}

/// The frame is on screen.
pub(crate) fn note_drawn(act: &mut Act, now: jiff::Timestamp) {
    match act {
        Act::Confirm(open) => confirm::note_drawn(open, now),
        Act::Pick(_) | Act::Form(_) | Act::Preview(_) | Act::Versions(_) | Act::Link(_) => {}
    }
}

fn form_dialog(model: &mut Model) -> Option<&mut FormDialog> {
    match &mut model.dialog {
        Some(Dialog::Act(Act::Form(open))) => Some(open),
        _ => None,
    }
}

fn form_of(model: &mut Model) -> Option<&mut Form> {
    form_dialog(model).map(|open| &mut open.form)
}

fn form_key(model: &mut Model, key: Key, out: &mut Vec<Effect>) {
    let Some(open) = form_dialog(model) else { return };
    match open.form.press(key) {
        Pressed::Nothing => {}
        // What comes for a text that is no longer there would answer another one.
        Pressed::Changed => stop_waiting(model, out),
        Pressed::Closed => {
            stop_waiting(model, out);
            model.dialog = None;
        }
        Pressed::Complete(slot) => complete(model, slot, out),
        Pressed::Submitted => submit(model, out),
    }
}

fn complete(model: &mut Model, slot: Slot, out: &mut Vec<Effect>) {
    let Some(open) = form_dialog(model) else { return };
    match (&open.purpose, slot == Slot::Target) {
        (Purpose::Download(_), true) => download::read(model, ThenFolder::Complete, out),
        (Purpose::Copy(_), true) => copying::complete(model),
        (Purpose::Upload { .. }, _) | (_, false) => open.form.next(),
    }
}

fn submit(model: &mut Model, out: &mut Vec<Effect>) {
    let Some(open) = form_dialog(model) else { return };
    match &open.purpose {
        Purpose::Upload { to, paths } => {
            let (to, paths) = (*to, paths.clone());
            upload::submit(model, to, &paths, out);
        }
        Purpose::Download(_) => download::read(model, ThenFolder::Submit, out),
        Purpose::Copy(what) => {
            let what = what.clone();
            copying::submit(model, &what, out);
        }
    }
}

fn wait_for(model: &mut Model, ticket: Ticket, then: ThenFolder, out: &mut Vec<Effect>) {
    stop_waiting(model, out);
    if let Some(open) = form_dialog(model) {
        open.waiting = Some((ticket, then));
    }
}

fn stop_waiting(model: &mut Model, out: &mut Vec<Effect>) {
    if let Some((ticket, _)) = form_dialog(model).and_then(|open| open.waiting.take()) {
        model.waits.remove(&ticket);
        out.push(Effect::Cancel(ticket));
    }
}

/// What `runtime` has found.
pub(crate) enum Answer {
    Inspected(Result<Inspection>),
    Versions(Result<Vec<VersionRow>>),
    Previewed(Result<Previewed>),
    Looked(Box<Shown>),
    Folder(Result<Folder>),
    Link(Result<Link>),
}

/// An answer came. Says whether anybody waited for it: what comes for a dialog that was closed changes nothing.
pub(crate) fn take(model: &mut Model, ticket: Ticket, answer: Answer, out: &mut Vec<Effect>) -> bool {
    let wanted = match &answer {
        Answer::Inspected(_) => Wait::Inspect,
        Answer::Versions(_) => Wait::Versions,
        Answer::Previewed(_) | Answer::Looked(_) => Wait::Preview,
        Answer::Folder(_) => Wait::Folder,
        Answer::Link(_) => Wait::Link,
    };
    if model.waits.get(&ticket) != Some(&wanted) {
        return false;
    }
    model.waits.remove(&ticket);
    match answer {
        Answer::Inspected(answer) => inspect::take(model, ticket, answer),
        Answer::Versions(answer) => versions::take(model, ticket, answer),
        Answer::Previewed(answer) => preview::take(model, ticket, answer),
        Answer::Looked(shown) => preview::looked(model, ticket, shown),
        Answer::Folder(answer) if matches!(model.dialog, Some(Dialog::Act(Act::Pick(_)))) => picker::take(model, ticket, answer, out),
        Answer::Folder(answer) => download::take(model, ticket, answer, out),
        Answer::Link(answer) => linking::take(model, ticket, answer),
    }
}

/// The key or prefix that is meant, or how many there are.
fn chosen(what: &Selection) -> String {
    match what {
        Selection::Below { prefix, .. } => prefix.clone(),
        Selection::Picked(picks) => match picks.as_slice() {
            [only] => only.key.as_str().to_owned(),
            picks => format!(" ({} objects)", picks.len()),
        },
    }
}

/// What is read or removed, in one line.
fn source(bucket: &BucketId, what: &Subject) -> String {
    match (what.picks.as_slice(), what.prefixes.as_slice()) {
        ([one], []) => format!("{bucket}/{}", one.key.as_str()),
        ([], [one]) => format!("{bucket}/{one} and everything below"),
        (picks, []) => format!("{} objects in {bucket}", picks.len()),
        (picks, prefixes) => format!("{} objects and everything below {} prefixes in {bucket}", picks.len(), prefixes.len()),
    }
}

/// How many names a question lists.
const NAMES: usize = 100;

/// The first keys and prefixes.
fn names(what: &Subject) -> Vec<String> {
    let version =
        |version: &Option<crate::domain::VersionId>| version.as_ref().map(|id| format!(" (version {})", id.as_str())).unwrap_or_default();
    let prefixes = what.prefixes.iter().map(|prefix| format!("{prefix} and everything below"));
    let picks = what.picks.iter().map(|pick| format!("{}{}", pick.key.as_str(), version(&pick.version)));
    prefixes.chain(picks).take(NAMES).collect()
}

fn copies(original: Original) -> &'static str {
    match original {
        Original::Stays => "copy",
        Original::Goes => "move",
    }
}
