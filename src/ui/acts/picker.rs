//! A local folder.
//!
//! ```text
//! ┌ Upload to research:inbox/2026/ ────────────────┐
//! │ /home/ada/data/                                │
//! │▸  runs/                                        │
//! │ * a.csv                                 12 KiB │
//! │ 1 marked                                       │
//! └────────────────────────────────────────────────┘
//! ```

use crate::app::{Area, EntryKind, FolderEntry, Hidden, Model, Picker, PickerFocus, grouped};

use super::super::canvas::{Canvas, fit_end};
use super::super::dialogs::{field, frame};
use super::super::look::Role;
use super::super::words;
use super::Keys;

/// Draws the picker over the screen.
pub(super) fn draw(canvas: &mut Canvas<'_>, model: &Model, picker: &Picker) {
    let title = format!("Upload to {}/{}", model.name_of(picker.to), picker.prefix);
    let lines = usize::from(model.size.height.saturating_sub(8)).max(4);
    let inner = frame(canvas, model.size, &canvas.safe(&title), 78, lines);
    path(canvas, inner, picker);
    let foot = inner.y + inner.height.saturating_sub(1);
    let list = Area { y: inner.y + 1, height: inner.height.saturating_sub(2), ..inner };
    entries(canvas, list, picker);
    let (text, role) = note(picker);
    canvas.show(inner.x, foot, inner.width, &text, role);
}

fn path(canvas: &mut Canvas<'_>, inner: Area, picker: &Picker) {
    match (&picker.focus, &picker.folder) {
        (PickerFocus::Path(text), _) => field(canvas, inner, inner.y, text),
        (PickerFocus::List, Some(folder)) => {
            let text = canvas.safe(&folder.path.display().to_string());
            canvas.put(inner.x, inner.y, inner.width, &fit_end(&text, usize::from(inner.width)), Role::Muted);
        }
        (PickerFocus::List, None) => {}
    }
}

fn entries(canvas: &mut Canvas<'_>, list: Area, picker: &Picker) {
    let room = usize::from(list.height);
    let first = (picker.line + 1).saturating_sub(room);
    for (y, (index, entry)) in (list.y..).zip(picker.entries().enumerate().skip(first).take(room)) {
        let here = index == picker.line && matches!(picker.focus, PickerFocus::List);
        draw_entry(canvas, Area { y, height: 1, ..list }, picker, entry, here);
    }
    if picker.folder.is_some() && picker.entries().next().is_none() {
        canvas.put(list.x, list.y, list.width, "nothing is in it (. shows hidden names)", Role::Muted);
    }
}

fn draw_entry(canvas: &mut Canvas<'_>, line: Area, picker: &Picker, entry: &FolderEntry, here: bool) {
    let marked = picker.path_of(&entry.name).is_some_and(|path| picker.marked.contains(&path));
    let (end, size, role) = match entry.kind {
        EntryKind::Folder => ("/", String::new(), Role::Accent),
        EntryKind::File => ("", words::size(entry.size), Role::Plain),
        EntryKind::Other => ("", "no file".to_owned(), Role::Muted),
    };
    let signs = format!("{}{} ", if here { "▸" } else { " " }, if marked { "*" } else { " " });
    let name = format!("{}{end}", canvas.safe(&entry.name));
    canvas.put(line.x, line.y, line.width.saturating_sub(10), &format!("{signs}{name}"), role);
    canvas.put_right(line, line.y, &size, Role::Muted);
    if here {
        canvas.paint(line, Role::Cursor);
    }
}

fn note(picker: &Picker) -> (String, Role) {
    if let Some(complaint) = &picker.complaint {
        return (complaint.clone(), Role::Bad);
    }
    if let Some(trouble) = &picker.trouble {
        return (format!("{}. {}", trouble.message(), trouble.hint_text().unwrap_or_default()), Role::Bad);
    }
    if picker.is_reading() {
        return ("reading…".to_owned(), Role::Muted);
    }
    let left_out = picker.folder.as_ref().map_or(0, |folder| folder.left_out);
    let mut parts = Vec::new();
    if !picker.marked.is_empty() {
        parts.push(format!("{} marked", grouped(picker.marked.len())));
    }
    if left_out > 0 {
        parts.push(format!("{left_out} more are not shown: too many, or names that are not UTF-8"));
    }
    if picker.hidden == Hidden::Show {
        parts.push("hidden names are shown".to_owned());
    }
    (parts.join(" · "), Role::Muted)
}

/// The footer's keys.
pub(super) fn keys(picker: &Picker) -> Keys {
    match picker.focus {
        PickerFocus::List => {
            vec![
                ("u", "upload"),
                ("Space", "mark"),
                ("*", "all"),
                ("Enter", "open"),
                ("h", "up"),
                ("Tab", "path"),
                (".", "hidden"),
                ("Esc", "close"),
            ]
        }
        PickerFocus::Path(_) => vec![("Enter", "open"), ("Tab", "complete"), ("Esc", "list")],
    }
}
