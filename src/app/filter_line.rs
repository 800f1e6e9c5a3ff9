//! The line in which a filter is typed, and what filter and order ask of the stores.

use super::field::{Edited, Field};
use super::filter::Filter;
use super::model::{Pane, Screen};
use super::{Key, KeyCode, Model, keys, reading};
use crate::transfer::{Column, Direction};

/// Opens the line with the filter as it is. It narrows the list, so the list gets the focus: what is typed next must never be
/// taken for commands because another pane had it.
pub(crate) fn begin(model: &mut Model) {
    keys::focus(model, Pane::List);
    let text = match model.screen {
        Screen::Buckets => &model.board.filter_text,
        Screen::Objects => model.objects.listing.as_ref().map_or("", |listing| &listing.filter),
        Screen::Journal => &model.journal.filter,
        // A queue is short; of the ledger, groups are opened.
        Screen::Transfers | Screen::Ledger => return,
    };
    model.editing = Some(Field::with(text));
}

/// A key while the line is open.
#[expect(clippy::wildcard_enum_match_arm, reason = "every other key edits the text")]
pub(crate) fn press(model: &mut Model, key: Key) {
    let Some(field) = &mut model.editing else { return };
    match key.code {
        KeyCode::Esc => {
            *field = Field::default();
            apply(model);
            model.editing = None;
        }
        KeyCode::Enter => {
            model.editing = None;
            if model.screen == Screen::Buckets {
                ask_if_needed(model);
            }
        }
        KeyCode::Down => keys::step(model, 1),
        KeyCode::Up => keys::step(model, -1),
        _ => {
            if field.press(key) == Some(Edited::Text) {
                apply(model);
            }
        }
    }
}

/// What is typed counts at once.
pub(crate) fn apply(model: &mut Model) {
    if let Some(text) = model.editing.as_ref().map(|field| field.text().to_owned()) {
        narrow(model, &text);
    }
}

/// Shows everything again.
pub(crate) fn clear(model: &mut Model) {
    narrow(model, "");
}

fn narrow(model: &mut Model, text: &str) {
    match model.screen {
        Screen::Journal => model.journal.set_filter(text),
        Screen::Transfers | Screen::Ledger => {}
        Screen::Objects => {
            if let Some(listing) = &mut model.objects.listing {
                text.clone_into(&mut listing.filter);
            }
        }
        Screen::Buckets => {
            model.board.filter = Filter::parse(text);
            text.clone_into(&mut model.board.filter_text);
            model.board.arrange(&model.accounts);
            ask_if_needed(model);
        }
    }
}

/// Sorts by the next column.
pub(crate) fn sort_next(model: &mut Model) {
    match model.screen {
        Screen::Objects => {
            model.objects.sort = match model.objects.sort {
                Column::Name => Column::Size,
                Column::Size => Column::Modified,
                Column::Modified => Column::Class,
                Column::Class => Column::Name,
            };
        }
        Screen::Buckets | Screen::Transfers | Screen::Ledger | Screen::Journal => {
            sort_board(model, |sort| sort.column = sort.column.next())
        }
    }
}

/// Sorts from the other end.
pub(crate) fn reverse(model: &mut Model) {
    match model.screen {
        Screen::Objects => {
            model.objects.direction = match model.objects.direction {
                Direction::Forward => Direction::Backward,
                Direction::Backward => Direction::Forward,
            };
        }
        Screen::Buckets | Screen::Transfers | Screen::Ledger | Screen::Journal => sort_board(model, |sort| sort.reversed = !sort.reversed),
    }
}

fn sort_board(model: &mut Model, change: impl FnOnce(&mut super::order::Sort)) {
    change(&mut model.board.sort);
    model.board.arrange(&model.accounts);
    ask_if_needed(model);
}

pub(crate) fn ask_if_needed(model: &mut Model) {
    if reading::needs_all(model) {
        reading::ask_all(model);
    } else {
        reading::stop_all(model);
    }
}
