//! Choosing local files and folders: a list of one folder, and a path that can be typed.
//!
//! ```text
//! list ──Tab, /──> path ──Enter: a folder──> its list
//!  │ Space marks, Enter opens, u goes on          └──Enter: a file──> goes on with it
//! ```

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::domain::{Error, Result};

use super::super::board::RowId;
use super::super::dialog::Dialog;
use super::super::field::{Edited, Field};
use super::super::model::Wait;
use super::super::{Effect, EntryKind, Folder, FolderEntry, Key, KeyCode, Model, Presence, Ticket};
use super::{Act, upload};

/// A folder being looked at.
#[derive(Debug)]
pub(crate) struct Picker {
    /// The bucket that is uploaded to.
    pub(crate) to: RowId,
    /// Below which prefix.
    pub(crate) prefix: String,
    pub(crate) folder: Option<Folder>,
    reading: Option<(Ticket, Then)>,
    pub(crate) trouble: Option<Error>,
    pub(crate) focus: PickerFocus,
    pub(crate) hidden: Hidden,
    pub(crate) line: usize,
    pub(crate) marked: BTreeSet<PathBuf>,
    pub(crate) complaint: Option<String>,
}

/// Where keys go.
#[derive(Debug)]
pub(crate) enum PickerFocus {
    List,
    /// Into the path.
    Path(Field),
}

/// What becomes of names that begin with a dot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hidden {
    Hide,
    Show,
}

/// What follows a reading.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Then {
    Show,
    /// The cursor goes to this name: it is the folder that was left.
    ShowAt(String),
    /// The typed text is completed.
    Complete,
    /// The name behind the last slash is opened: a folder is shown, a file is chosen.
    Open(String),
}

impl Picker {
    /// The entries in sight.
    pub(crate) fn entries(&self) -> impl Iterator<Item = &FolderEntry> {
        let hide = self.hidden == Hidden::Hide;
        self.folder.iter().flat_map(|folder| &folder.entries).filter(move |entry| !(hide && entry.name.starts_with('.')))
    }

    pub(crate) fn is_reading(&self) -> bool {
        self.reading.is_some()
    }

    /// Where an entry of this name is.
    pub(crate) fn path_of(&self, name: &str) -> Option<PathBuf> {
        Some(self.folder.as_ref()?.path.join(name))
    }

    fn selected(&self) -> Option<&FolderEntry> {
        self.entries().nth(self.line)
    }

    fn go(&mut self, line: usize) {
        let last = self.entries().count().saturating_sub(1);
        self.line = line.min(last);
    }
}

/// Opens the picker where it was left, at first in the current folder.
pub(super) fn open(model: &mut Model, to: RowId, prefix: String, out: &mut Vec<Effect>) {
    let picker = Picker {
        to,
        prefix,
        folder: None,
        reading: None,
        trouble: None,
        focus: PickerFocus::List,
        hidden: Hidden::Hide,
        line: 0,
        marked: BTreeSet::new(),
        complaint: None,
    };
    model.dialog = Some(Dialog::Act(Act::Pick(picker)));
    let start = model.acts.folder.clone().unwrap_or_else(|| PathBuf::from("."));
    read(model, start, Then::Show, out);
}

fn picker(model: &mut Model) -> Option<&mut Picker> {
    match &mut model.dialog {
        Some(Dialog::Act(Act::Pick(picker))) => Some(picker),
        _ => None,
    }
}

fn read(model: &mut Model, path: PathBuf, then: Then, out: &mut Vec<Effect>) {
    let ticket = model.wait(Wait::Folder);
    out.push(Effect::ReadFolder(ticket, path));
    let Some(picker) = picker(model) else { return };
    if let Some((old, _)) = picker.reading.replace((ticket, then)) {
        model.waits.remove(&old);
        out.push(Effect::Cancel(old));
    }
}

/// A folder came. Says whether the picker waited for it.
pub(super) fn take(model: &mut Model, ticket: Ticket, answer: Result<Folder>, out: &mut Vec<Effect>) -> bool {
    let Some(picker) = picker(model) else { return false };
    let Some((_, then)) = picker.reading.take_if(|(waits, _)| *waits == ticket) else { return false };
    let folder = match answer {
        Ok(folder) if folder.presence == Presence::There => folder,
        Ok(folder) => {
            picker.complaint = Some(format!("there is no folder {}", folder.path.display()));
            return true;
        }
        Err(error) => {
            picker.trouble = Some(error);
            return true;
        }
    };
    picker.trouble = None;
    match then {
        Then::Show => shown(model, folder, None),
        Then::ShowAt(name) => shown(model, folder, Some(&name)),
        Then::Complete => {
            if let PickerFocus::Path(field) = &mut picker.focus {
                complete(field, &folder);
            }
        }
        Then::Open(name) => open_named(model, folder, &name, out),
    }
    true
}

fn shown(model: &mut Model, folder: Folder, at: Option<&str>) {
    model.acts.folder = Some(folder.path.clone());
    let Some(picker) = picker(model) else { return };
    picker.folder = Some(folder);
    picker.focus = PickerFocus::List;
    let line = picker.entries().position(|entry| Some(entry.name.as_str()) == at);
    picker.line = line.unwrap_or(0);
}

fn open_named(model: &mut Model, folder: Folder, name: &str, out: &mut Vec<Effect>) {
    let kind = folder.entries.iter().find(|entry| entry.name == name).map(|entry| entry.kind);
    let path = folder.path.join(name);
    match kind {
        Some(EntryKind::Folder) => read(model, path, Then::Show, out),
        Some(EntryKind::File) => go_on(model, vec![path]),
        Some(EntryKind::Other) => complain(model, format!("{name} is no file and no folder")),
        None => complain(model, format!("there is no {name} in {}", folder.path.display())),
    }
}

fn complain(model: &mut Model, text: String) {
    if let Some(picker) = picker(model) {
        picker.complaint = Some(text);
    }
}

/// Makes what was typed as long as what all names that begin so have in common.
pub(super) fn complete(field: &mut Field, folder: &Folder) {
    let typed = field.text();
    let stem = stem(typed);
    let mut fitting = folder.entries.iter().filter(|entry| entry.name.starts_with(stem));
    let Some(first) = fitting.next() else { return };
    let mut length = first.name.len();
    let mut only = true;
    for other in fitting {
        only = false;
        let shared = first.name.chars().zip(other.name.chars()).take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum();
        length = length.min(shared);
    }
    let common = first.name.get(..length).unwrap_or_default();
    let slash = if only && first.kind == EntryKind::Folder { "/" } else { "" };
    let head = typed.get(..typed.len() - stem.len()).unwrap_or_default();
    *field = Field::with(&format!("{head}{common}{slash}"));
}

/// What stands behind the last slash.
fn stem(typed: &str) -> &str {
    typed.rsplit('/').next().unwrap_or_default()
}

/// The folder that a typed path stands in, as it is read.
pub(super) fn parent_of(typed: &str) -> PathBuf {
    let head = typed.get(..typed.len() - stem(typed).len()).unwrap_or_default();
    PathBuf::from(if head.is_empty() { "." } else { head })
}

/// The same, for a path that is typed in a folder that is shown.
fn within(picker: &Picker, typed: &str) -> PathBuf {
    let head = parent_of(typed);
    match &picker.folder {
        Some(folder) if head.is_relative() && !typed.starts_with('~') => folder.path.join(head),
        Some(_) | None => head,
    }
}

/// A key while the picker is open.
pub(super) fn press(model: &mut Model, key: Key, out: &mut Vec<Effect>) {
    let Some(open) = picker(model) else { return };
    open.complaint = None;
    match open.focus {
        PickerFocus::List => list_key(model, key, out),
        PickerFocus::Path(_) => path_key(model, key, out),
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "every other key means nothing here")]
fn list_key(model: &mut Model, key: Key, out: &mut Vec<Effect>) {
    let Some(open) = picker(model) else { return };
    let line = open.line;
    match key.code {
        KeyCode::Esc | KeyCode::Char('q') => close(model, out),
        KeyCode::Down | KeyCode::Char('j') => open.go(line + 1),
        KeyCode::Up | KeyCode::Char('k') => open.go(line.saturating_sub(1)),
        KeyCode::PageDown => open.go(line + 10),
        KeyCode::PageUp => open.go(line.saturating_sub(10)),
        KeyCode::Home | KeyCode::Char('g') => open.go(0),
        KeyCode::End | KeyCode::Char('G') => open.go(usize::MAX),
        KeyCode::Char('.') => toggle_hidden(open),
        KeyCode::Char(' ') => mark(open),
        KeyCode::Char('*') => mark_all(open),
        KeyCode::Tab | KeyCode::Char('/') => {
            let text = open.folder.as_ref().map(|folder| with_slash(&folder.path)).unwrap_or_default();
            open.focus = PickerFocus::Path(Field::with(&text));
        }
        KeyCode::Enter | KeyCode::Right | KeyCode::Char('l') => enter(model, out),
        KeyCode::Backspace | KeyCode::Left | KeyCode::Char('h') => up(model, out),
        KeyCode::Char('u') => chosen(model),
        _ => {}
    }
}

fn with_slash(path: &Path) -> String {
    let text = path.display().to_string();
    if text.ends_with('/') { text } else { format!("{text}/") }
}

fn toggle_hidden(open: &mut Picker) {
    open.hidden = match open.hidden {
        Hidden::Hide => Hidden::Show,
        Hidden::Show => Hidden::Hide,
    };
    open.go(open.line);
}

fn mark(open: &mut Picker) {
    let Some(entry) = open.selected() else { return };
    let (name, kind) = (entry.name.clone(), entry.kind);
    if kind == EntryKind::Other {
        open.complaint = Some(format!("{name} is no file and no folder"));
        return;
    }
    if let Some(path) = open.path_of(&name)
        && !open.marked.remove(&path)
    {
        open.marked.insert(path);
    }
    open.go(open.line + 1);
}

/// Marks all that is in sight and can be uploaded; takes the marks away where all have one.
fn mark_all(open: &mut Picker) {
    let names = open.entries().filter(|entry| entry.kind != EntryKind::Other).map(|entry| entry.name.clone());
    let paths: Vec<PathBuf> = names.filter_map(|name| open.path_of(&name)).collect();
    let all = paths.iter().all(|path| open.marked.contains(path));
    for path in paths {
        if all {
            open.marked.remove(&path);
        } else {
            open.marked.insert(path);
        }
    }
}

fn enter(model: &mut Model, out: &mut Vec<Effect>) {
    let Some(open) = picker(model) else { return };
    let Some(entry) = open.selected() else { return };
    let (name, kind) = (entry.name.clone(), entry.kind);
    let Some(path) = open.path_of(&name) else { return };
    match kind {
        EntryKind::Folder => read(model, path, Then::Show, out),
        EntryKind::File if open.marked.is_empty() => go_on(model, vec![path]),
        EntryKind::File => complain(model, "other files are marked: u goes on with those, Space marks this one too".to_owned()),
        EntryKind::Other => complain(model, format!("{name} is no file and no folder")),
    }
}

fn up(model: &mut Model, out: &mut Vec<Effect>) {
    let Some(folder) = picker(model).and_then(|open| open.folder.as_ref()) else { return };
    let left = folder.path.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
    if let Some(parent) = folder.path.parent().map(Path::to_path_buf) {
        read(model, parent, Then::ShowAt(left), out);
    }
}

/// `u`: goes on with the marked ones, else with what is under the cursor, be it a folder.
fn chosen(model: &mut Model) {
    let Some(open) = picker(model) else { return };
    let mut paths: Vec<PathBuf> = open.marked.iter().cloned().collect();
    if paths.is_empty() {
        let entry = open.selected().filter(|entry| entry.kind != EntryKind::Other).map(|entry| entry.name.clone());
        paths.extend(entry.and_then(|name| open.path_of(&name)));
    }
    if paths.is_empty() {
        open.complaint = Some("nothing is chosen".to_owned());
        return;
    }
    go_on(model, paths);
}

fn go_on(model: &mut Model, paths: Vec<PathBuf>) {
    let Some(open) = picker(model) else { return };
    let (to, prefix) = (open.to, open.prefix.clone());
    upload::ask(model, to, &prefix, paths);
}

#[expect(clippy::wildcard_enum_match_arm, reason = "every other key edits the text")]
fn path_key(model: &mut Model, key: Key, out: &mut Vec<Effect>) {
    let Some(open) = picker(model) else { return };
    let PickerFocus::Path(field) = &mut open.focus else { return };
    let typed = field.text().to_owned();
    match key.code {
        KeyCode::Esc | KeyCode::Down => open.focus = PickerFocus::List,
        KeyCode::Tab => {
            let folder = within(open, &typed);
            read(model, folder, Then::Complete, out);
        }
        KeyCode::Enter => {
            let folder = within(open, &typed);
            let then = match stem(&typed) {
                "" => Then::Show,
                "~" | "." | ".." => {
                    return read(model, if typed == "~" { PathBuf::from("~") } else { folder.join(stem(&typed)) }, Then::Show, out);
                }
                name => Then::Open(name.to_owned()),
            };
            read(model, folder, then, out);
        }
        _ => {
            // What comes for a text that is no longer there would complete another one.
            if field.press(key) == Some(Edited::Text) {
                call_off(model, out);
            }
        }
    }
}

/// Pasted text goes into the path.
pub(super) fn paste(picker: &mut Picker, text: &str) {
    match &mut picker.focus {
        PickerFocus::Path(field) => field.paste(text),
        PickerFocus::List => {
            let mut field = Field::default();
            field.paste(text);
            picker.focus = PickerFocus::Path(field);
        }
    }
}

fn call_off(model: &mut Model, out: &mut Vec<Effect>) {
    if let Some((ticket, _)) = picker(model).and_then(|open| open.reading.take()) {
        model.waits.remove(&ticket);
        out.push(Effect::Cancel(ticket));
    }
}

fn close(model: &mut Model, out: &mut Vec<Effect>) {
    call_off(model, out);
    model.dialog = None;
}
