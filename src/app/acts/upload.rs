//! `u`: local files and folders become objects. First what, then where and how, then the confirmation.

use std::path::{Path, PathBuf};

use crate::domain::{ObjectSettings, Overwrite, StorageClass, Tag};
use crate::transfer::{Job, Pointer, Source, Upload};

use super::super::board::RowId;
use super::super::dialog::Dialog;
use super::super::{Effect, Model};
use super::confirm::{Confirm, Draft, Verb};
use super::form::{Form, Slot, choice, text};
use super::{Act, FormDialog, Purpose, subject};

const EXISTING: &[&str] = &["No: one that exists is kept, and reported", "Yes: one that exists is replaced"];

/// Asks below which prefix, and how they are stored.
pub(super) fn ask(model: &mut Model, to: RowId, prefix: &str, paths: Vec<PathBuf>) {
    let rows = vec![
        text(Slot::Target, "prefix", prefix, "each file gets its name behind it; empty for the top of the bucket"),
        choice(Slot::Existing, "replace", EXISTING, "Space changes it"),
        text(Slot::ContentType, "type", "", "empty: guessed for each name"),
        text(Slot::StorageClass, "class", "", "empty: the bucket's default; such as STANDARD_IA, or IA"),
        text(Slot::Metadata, "metadata", "", "name=value, name=value"),
        text(Slot::Tags, "tags", "", "key=value, key=value"),
    ];
    let form = FormDialog { form: Form::new(rows), purpose: Purpose::Upload { to, paths }, waiting: None };
    model.dialog = Some(Dialog::Act(Act::Form(form)));
}

/// The form was sent: the files are counted, which asks nothing of the store, and the confirmation is shown.
pub(super) fn submit(model: &mut Model, to: RowId, paths: &[PathBuf], out: &mut Vec<Effect>) {
    let Some(form) = super::form_of(model) else { return };
    let settings = match settings(form) {
        Ok(settings) => settings,
        Err(complaint) => {
            form.complaint = Some(complaint);
            return;
        }
    };
    let overwrite = if form.chosen(Slot::Existing) == 0 { Overwrite::Refuse } else { Overwrite::Allow };
    let prefix = form.text(Slot::Target).to_owned();
    let Some(acting) = subject::acting(model, to) else { return };
    let bucket = acting.place.id.clone();
    let from = Source::Paths { paths: paths.to_vec(), rules: Vec::new() };
    let job = Job::Upload(Upload { from, to: acting, key: Pointer::Below(prefix.clone()), settings: settings.clone(), overwrite });
    let what = named(paths);
    let about = format!("upload {what} to {bucket}/{prefix}");
    let mut facts = vec![("from", what), ("to", format!("{bucket}/{prefix}"))];
    facts.push(("replace", EXISTING.get(usize::from(overwrite == Overwrite::Allow)).copied().unwrap_or_default().to_owned()));
    facts.extend(stored_with(&settings));
    let names = paths.iter().map(|path| path.display().to_string()).collect();
    Confirm::new(Verb::Upload, facts, names, vec![Draft::unplanned(job, about)]).open(model, out);
}

/// The one path, or how many.
pub(crate) fn named(paths: &[PathBuf]) -> String {
    match paths {
        [one] => one.display().to_string(),
        paths => {
            let folder = paths.first().and_then(|path| path.parent()).map(Path::display).map(|path| path.to_string()).unwrap_or_default();
            format!("{} files and folders, of {folder}", paths.len())
        }
    }
}

fn stored_with(settings: &ObjectSettings) -> Vec<(&'static str, String)> {
    let mut facts = Vec::new();
    facts.extend(settings.content_type.iter().map(|kind| ("type", kind.clone())));
    facts.extend(settings.storage_class.iter().map(|class| ("class", class.as_str().to_owned())));
    if !settings.metadata.is_empty() {
        facts.push(("metadata", settings.metadata.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(", ")));
    }
    if !settings.tags.is_empty() {
        facts.push(("tags", settings.tags.iter().map(|tag| format!("{}={}", tag.key, tag.value)).collect::<Vec<_>>().join(", ")));
    }
    facts
}

fn settings(form: &Form) -> Result<ObjectSettings, String> {
    let word = |slot| Some(form.text(slot).trim().to_owned()).filter(|text| !text.is_empty());
    let tags = pairs("tags", form.text(Slot::Tags))?;
    Ok(ObjectSettings {
        content_type: word(Slot::ContentType),
        storage_class: word(Slot::StorageClass).map(StorageClass::new),
        metadata: pairs("metadata", form.text(Slot::Metadata))?,
        tags: tags.into_iter().map(|(key, value)| Tag { key, value }).collect(),
        ..ObjectSettings::default()
    })
}

/// `a=b, c=d`. A comma cannot be part of a value here; the command line has a flag for each.
fn pairs(what: &str, text: &str) -> Result<Vec<(String, String)>, String> {
    let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
    parts
        .map(|part| match part.split_once('=') {
            Some((name, value)) if !name.trim().is_empty() => Ok((name.trim().to_owned(), value.trim().to_owned())),
            Some(_) | None => Err(format!("{what}: write name=value, with a comma between two of them")),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_as_people_type_them() {
        let owned = |pairs: &[(&str, &str)]| Ok(pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect());
        assert_eq!(pairs("tags", ""), owned(&[]));
        assert_eq!(pairs("tags", " a=b , c = d=e,"), owned(&[("a", "b"), ("c", "d=e")]));
        assert_eq!(pairs("tags", "a="), owned(&[("a", "")]));
        for wrong in ["a", "=b", "a=b, c"] {
            assert_eq!(pairs("tags", wrong), Err("tags: write name=value, with a comma between two of them".to_owned()), "{wrong}");
        }
    }
}
