//! `c`: objects become other objects: under another key, in another bucket, of another account. A move is a copy whose original goes
//! once its copy is verified.

use crate::domain::{BucketName, BucketRecord, ObjectKey, Overwrite, Ownership, Provider, Target};
use crate::transfer::treatment::goes_within;
use crate::transfer::{Copy, Job, Original, Pick, Pointer, Route, Selection};

use super::super::board::RowId;
use super::super::dialog::{self, Dialog};
use super::super::{Effect, Model, objects};
use super::confirm::{self, Confirm, Draft, Verb};
use super::form::{Form, Slot, choice, text};
use super::{Act, FormDialog, Purpose, Subject, subject};

const ORIGINALS: &[&str] = &["copy: the original stays", "move: the original is deleted once its copy is verified"];
const WAYS: &[&str] = &["by the store, where it can", "through this machine: downloaded and uploaded again"];
const EXISTING: &[&str] = &["No: one that exists is kept, and reported", "Yes: one that exists is replaced"];

/// Asks where to.
pub(super) fn ask(model: &mut Model, what: Subject) {
    let name = model.name_of(what.bucket);
    let target = match (what.picks.as_slice(), what.prefixes.as_slice()) {
        ([one], []) => format!("{name}/{}", one.key.as_str()),
        _ => format!("{name}/{}", model.objects.prefix()),
    };
    let rows = vec![
        text(Slot::Target, "to", &target, "ACCOUNT:BUCKET/KEY, or a prefix that ends in /; Tab completes account and bucket"),
        choice(Slot::Original, "do", ORIGINALS, "Space changes it"),
        choice(Slot::Existing, "replace", EXISTING, "Space changes it"),
        choice(Slot::Way, "way", WAYS, "Space changes it; through this machine, the transfer out is billed"),
    ];
    let form = FormDialog { form: Form::new(rows), purpose: Purpose::Copy(what), waiting: None };
    model.dialog = Some(Dialog::Act(Act::Form(form)));
}

/// A version becomes the current one again: a copy of it onto its own key.
pub(super) fn restore(model: &mut Model, bucket: RowId, pick: Pick, out: &mut Vec<Effect>) {
    if subject::refused(model, bucket) {
        return;
    }
    let Some(acting) = subject::acting(model, bucket) else { return };
    let id = acting.place.id.clone();
    let version = pick.version.as_ref().map(|version| version.as_str().to_owned()).unwrap_or_default();
    let key = pick.key.clone();
    let facts = vec![
        ("what", format!("version {version} of {id}/{}", key.as_str())),
        ("to", "the same key: it becomes the current version, on top of what is current now".to_owned()),
    ];
    let about = format!("bring back {id}/{}", key.as_str());
    let names = vec![key.as_str().to_owned()];
    let job = Job::Copy(Copy {
        from: acting.clone(),
        what: Selection::Picked(vec![pick]),
        to: acting,
        key: Pointer::Key(key),
        settings: None,
        overwrite: Overwrite::Allow,
        original: Original::Stays,
        route: Route::Shortest,
    });
    Confirm::new(Verb::Copy, facts, names, vec![Draft::of(job, about)]).open(model, out);
}

/// Completes the account, or the bucket behind it, from what is on the board.
pub(super) fn complete(model: &mut Model) {
    let Some(form) = super::form_of(model) else { return };
    let typed = form.text(Slot::Target).to_owned();
    if typed.contains('/') {
        form.next();
        return;
    }
    let candidates: Vec<String> = match typed.split_once(':') {
        Some(_) => model.board.ids().map(|id| format!("{}/", model.name_of(id))).collect(),
        None => model.accounts.iter().map(|account| format!("{}:", account.name)).collect(),
    };
    let fitting: Vec<&String> = candidates.iter().filter(|candidate| candidate.starts_with(&typed)).collect();
    let Some(first) = fitting.first() else { return };
    let shared = |other: &String| first.chars().zip(other.chars()).take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum::<usize>();
    let length = fitting.iter().map(|other| shared(other)).min().unwrap_or(0);
    let longer = first.get(..length).unwrap_or_default().to_owned();
    if let Some(form) = super::form_of(model).filter(|_| longer.len() > typed.len()) {
        form.set(Slot::Target, &longer);
    }
}

/// The form was sent.
pub(super) fn submit(model: &mut Model, what: &Subject, out: &mut Vec<Effect>) {
    match confirmation(model, what) {
        Ok(confirm) => confirm.open(model, out),
        Err(complaint) => {
            if let Some(form) = super::form_of(model) {
                form.complaint = Some(complaint);
            }
        }
    }
}

fn confirmation(model: &mut Model, what: &Subject) -> Result<Confirm, String> {
    let form = super::form_of(model).ok_or("the form is closed")?;
    let original = if form.chosen(Slot::Original) == 0 { Original::Stays } else { Original::Goes };
    let overwrite = if form.chosen(Slot::Existing) == 0 { Overwrite::Refuse } else { Overwrite::Allow };
    let route = if form.chosen(Slot::Way) == 0 { Route::Shortest } else { Route::Here };
    let typed = form.text(Slot::Target).trim_start().to_owned();
    let (to_row, text) = target(model, &typed)?;
    let from = subject::acting(model, what.bucket).ok_or("the bucket is gone from the board")?;
    let to = subject::acting(model, to_row).ok_or("the bucket is gone from the board")?;
    let (read_id, id) = (from.place.id.clone(), to.place.id.clone());
    for (id, changes) in [(&read_id, original == Original::Goes), (&id, true)] {
        if changes && subject::access(model, id) == crate::domain::Access::ReadOnly {
            return Err(format!("account {} is read-only", id.account));
        }
    }
    let mut drafts = Vec::new();
    let mut named = Vec::new();
    let mut way = String::new();
    for selection in what.selections() {
        let key = pointer(&selection, &text)?;
        if read_id == id && lands_on_itself(&selection, &key) {
            return Err("source and target are the same".to_owned());
        }
        named.push(match &key {
            Pointer::Key(key) => format!("{id}/{}", key.as_str()),
            Pointer::Below(prefix) => format!("{id}/{prefix}"),
        });
        let about = format!("{} {read_id}/{} to {id}/{text}", super::copies(original), super::chosen(&selection));
        let job = Copy { from: from.clone(), what: selection, to: to.clone(), key, settings: None, overwrite, original, route };
        way = way_of(&job, confirm::provider(model, &id));
        drafts.push(Draft::of(Job::Copy(job), about));
    }
    let replaced = EXISTING.get(usize::from(overwrite == Overwrite::Allow)).copied().unwrap_or_default();
    let facts = vec![("from", super::source(&read_id, what)), ("to", named.join(", ")), ("way", way), ("replace", replaced.to_owned())];
    let verb = if original == Original::Goes { Verb::Move } else { Verb::Copy };
    Ok(Confirm::new(verb, facts, super::names(what), drafts))
}

/// By which way the bytes go: one account may speak for both sides inside of a store; OSS copies inside of a region only.
fn way_of(copy: &Copy, provider: Provider) -> String {
    let through = "through this machine: the bytes are downloaded, and uploaded again";
    let (from, to) = (&copy.from.place, &copy.to.place);
    match (goes_within(copy, provider), provider, &from.region, &to.region) {
        (true, Provider::Oss, Some(_), Some(_)) | (true, Provider::S3, ..) => "inside the store, on its own network".to_owned(),
        (true, Provider::Oss, ..) if from.id == to.id => "inside the store, on its own network".to_owned(),
        (true, Provider::Oss, ..) => {
            "inside the store if both buckets are in one region; else OSS refuses, and nothing is copied or downloaded".to_owned()
        }
        (false, Provider::Oss, Some(here), Some(there)) if from.id.account == to.id.account && here != there => {
            format!("{through}; OSS copies inside of a region only, and this goes from {here} to {there}")
        }
        (false, ..) => through.to_owned(),
    }
}

/// The bucket that is meant, and the key or prefix in it. A bucket that is not on the board is put there: it is someone else's.
fn target(model: &mut Model, typed: &str) -> Result<(RowId, String), String> {
    let target = Target::parse(typed).map_err(|error| format!("{}. {}", error.message(), error.hint_text().unwrap_or_default()))?;
    let account = dialog::account_for(model, &target)?;
    let provider = model.accounts.get(account).ok_or("there is no such account")?.provider;
    let name = BucketName::parse(provider, &target.bucket)
        .map_err(|error| format!("{}. {}", error.message(), error.hint_text().unwrap_or_default()))?;
    let row = match model.board.find(account, &name) {
        Some(row) => row,
        None => {
            let record = BucketRecord { name, region: None, created: None, ownership: Ownership::Foreign, owner: None };
            let row = model.board.put(u16::try_from(account).unwrap_or(u16::MAX), record, 0);
            model.board.arrange(&model.accounts);
            row
        }
    };
    Ok((row, target.key))
}

/// A text that is empty or ends in `/` keeps the names behind it; what is below a prefix keeps the prefix's own name, too.
fn pointer(selection: &Selection, text: &str) -> Result<Pointer, String> {
    let is_prefix = text.is_empty() || text.ends_with('/');
    match selection {
        Selection::Picked(picks) if is_prefix => {
            let _checked = picks;
            Ok(Pointer::Below(text.to_owned()))
        }
        Selection::Picked(picks) if picks.len() == 1 => {
            let key = ObjectKey::new(text);
            key.sendable().map_err(|error| format!("{}. {}", error.message(), error.hint_text().unwrap_or_default()))?;
            Ok(Pointer::Key(key))
        }
        Selection::Picked(_) => Err("several objects need a prefix: end the target with /".to_owned()),
        Selection::Below { prefix, .. } if is_prefix => {
            let own = prefix.get(objects::parent(prefix).len()..).unwrap_or_default();
            Ok(Pointer::Below(format!("{text}{own}")))
        }
        Selection::Below { .. } => Err("a prefix is copied to a prefix: end the target with /".to_owned()),
    }
}

fn lands_on_itself(selection: &Selection, key: &Pointer) -> bool {
    let below =
        |pick: &Pick, text: &str| format!("{text}{}", pick.key.as_str().rsplit('/').next().unwrap_or_default()) == pick.key.as_str();
    match (selection, key) {
        (Selection::Picked(picks), Pointer::Key(key)) => picks.iter().any(|pick| pick.version.is_none() && pick.key == *key),
        (Selection::Picked(picks), Pointer::Below(text)) => picks.iter().any(|pick| pick.version.is_none() && below(pick, text)),
        // What is written below what is read would be read again.
        (Selection::Below { prefix, .. }, Pointer::Below(text)) => text.starts_with(prefix.as_str()),
        (Selection::Below { .. }, Pointer::Key(_)) => false,
    }
}
