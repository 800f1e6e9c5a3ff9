//! `d`: objects become local files. Where to and what becomes of existing files, then the confirmation with size and payer.

use std::path::{Path, PathBuf};

use crate::domain::{ObjectKey, Result};
use crate::transfer::{Download, Existing, Job, Landing, Selection, local};

use super::super::dialog::Dialog;
use super::super::model::Wait;
use super::super::{Effect, Folder, Model, Presence, Ticket, objects};
use super::confirm::{Confirm, Draft, Verb};
use super::form::{Form, Slot, choice, text};
use super::{Act, FormDialog, Purpose, Subject, picker, subject};

const EXISTING: &[&str] = &[
    "keep: a file that exists stays, and is reported",
    "replace, once the new one is complete",
    "keep both: the new one gets a name of its own",
];

/// What follows the reading of a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ThenFolder {
    /// The typed text is completed.
    Complete,
    /// The form is sent: the folder's whole path is known now.
    Submit,
}

/// Asks where to.
pub(super) fn ask(model: &mut Model, what: Subject) {
    let folder = model.settings.download_dir.as_ref().map_or_else(|| "~/Downloads".to_owned(), |folder| folder.display().to_string());
    let rows = vec![
        text(Slot::Target, "folder", &folder, "Tab completes; it is made if it is not there"),
        choice(Slot::Existing, "existing", EXISTING, "Space changes it"),
    ];
    let form = FormDialog { form: Form::new(rows), purpose: Purpose::Download(what), waiting: None };
    model.dialog = Some(Dialog::Act(Act::Form(form)));
}

/// The form was sent, or its text is to be completed: only `runtime` knows what `~` is, and what is there.
pub(super) fn read(model: &mut Model, then: ThenFolder, out: &mut Vec<Effect>) {
    let Some(form) = super::form_of(model) else { return };
    let typed = form.text(Slot::Target).trim().to_owned();
    if typed.is_empty() {
        form.complaint = Some("name a folder".to_owned());
        return;
    }
    let path = match then {
        ThenFolder::Complete => picker::parent_of(&typed),
        ThenFolder::Submit => PathBuf::from(typed),
    };
    let ticket = model.wait(Wait::Folder);
    super::wait_for(model, ticket, then, out);
    out.push(Effect::ReadFolder(ticket, path));
}

/// The folder came.
pub(super) fn take(model: &mut Model, ticket: Ticket, answer: Result<Folder>, out: &mut Vec<Effect>) -> bool {
    let Some(open) = super::form_dialog(model) else { return false };
    let Some((_, then)) = open.waiting.take_if(|(waits, _)| *waits == ticket) else { return false };
    let folder = match answer {
        Ok(folder) => folder,
        Err(error) => {
            open.form.complaint = Some(format!("{}. {}", error.message(), error.hint_text().unwrap_or_default()));
            return true;
        }
    };
    match (then, &open.purpose) {
        (ThenFolder::Complete, _) => {
            let mut field = super::super::field::Field::with(open.form.text(Slot::Target));
            picker::complete(&mut field, &folder);
            open.form.set(Slot::Target, field.text());
        }
        (ThenFolder::Submit, Purpose::Download(what)) => {
            let what = what.clone();
            confirm(model, &what, &folder, out);
        }
        (ThenFolder::Submit, Purpose::Upload { .. } | Purpose::Copy { .. }) => {}
    }
    true
}

fn confirm(model: &mut Model, what: &Subject, folder: &Folder, out: &mut Vec<Effect>) {
    let Some(form) = super::form_of(model) else { return };
    let chosen = form.chosen(Slot::Existing);
    let existing = match chosen {
        0 => Existing::Keep,
        1 => Existing::Replace,
        _ => Existing::KeepBoth,
    };
    let Some(from) = subject::acting(model, what.bucket) else { return };
    let bucket = from.place.id.clone();
    let mut drafts = Vec::new();
    for selection in what.selections() {
        let to = match landing(&selection, &folder.path) {
            Ok(to) => to,
            Err(complaint) => {
                if let Some(form) = super::form_of(model) {
                    form.complaint = Some(complaint);
                }
                return;
            }
        };
        let about = format!("download {bucket}/{}", super::chosen(&selection));
        drafts.push(Draft::of(Job::Download(Download { from: from.clone(), what: selection, to: Landing::Folder(to), existing }), about));
    }
    let made = if folder.presence == Presence::Missing { " (it is made)" } else { "" };
    let facts = vec![
        ("from", super::source(&bucket, what)),
        ("to", format!("{}{made}", folder.path.display())),
        ("existing", EXISTING.get(chosen).copied().unwrap_or_default().to_owned()),
    ];
    Confirm::new(Verb::Download, facts, super::names(what), drafts).open(model, out);
}

/// What is below a prefix lands in a folder of its own, so that two prefixes do not mix; its name is made safe.
fn landing(selection: &Selection, folder: &Path) -> std::result::Result<PathBuf, String> {
    match selection {
        Selection::Picked(_) => Ok(folder.to_owned()),
        Selection::Below { prefix, .. } => {
            let folder_key = ObjectKey::new(prefix.trim_end_matches('/'));
            if folder_key.as_str().is_empty() {
                return Ok(folder.to_owned());
            }
            let name = local::relative(&folder_key, objects::parent(folder_key.as_str())).map_err(|error| error.message().to_owned())?;
            Ok(name.components.iter().fold(folder.to_owned(), |path, component| path.join(component)))
        }
    }
}
