//! A line of text that a person edits.

use tui_input::{Input, InputRequest};

use super::{Key, KeyCode};

/// More than any key, path or confirmation needs; a paste beyond it is cut.
const LONGEST: usize = 4_096;

/// A text field: filter, palette, bucket name, typed confirmation.
#[derive(Clone, Debug, Default)]
pub(crate) struct Field(Input);

impl Field {
    pub(crate) fn with(text: &str) -> Self {
        Self(Input::new(text.to_owned()))
    }

    pub(crate) fn text(&self) -> &str {
        self.0.value()
    }

    /// The text before the cursor and the text from the cursor on.
    pub(crate) fn split(&self) -> (&str, &str) {
        let text = self.0.value();
        let at = text.char_indices().nth(self.0.cursor()).map_or(text.len(), |(at, _)| at);
        text.split_at(at)
    }

    /// Takes a key of editing. Says whether the text may have changed; `None`: the key means nothing here.
    pub(crate) fn press(&mut self, key: Key) -> Option<Edited> {
        let request = request(key)?;
        if matches!(request, InputRequest::InsertChar(_)) && self.text().len() >= LONGEST {
            return Some(Edited::Cursor);
        }
        let changed = self.0.handle(request).is_some_and(|state| state.value);
        Some(if changed { Edited::Text } else { Edited::Cursor })
    }

    /// Inserts pasted text once, without its control characters (a pasted newline confirms nothing).
    pub(crate) fn paste(&mut self, text: &str) {
        for c in text.chars().filter(|c| !c.is_control()) {
            if self.text().len() >= LONGEST {
                return;
            }
            self.0.handle(InputRequest::InsertChar(c));
        }
    }
}

/// What a key did to a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Edited {
    Text,
    Cursor,
}

fn request(key: Key) -> Option<InputRequest> {
    match (key.code, key.ctrl, key.alt) {
        (KeyCode::Char('a'), true, false) => Some(InputRequest::GoToStart),
        (KeyCode::Char('e'), true, false) => Some(InputRequest::GoToEnd),
        (KeyCode::Char('u'), true, false) => Some(InputRequest::DeleteFromStart),
        (KeyCode::Char('k'), true, false) => Some(InputRequest::DeleteTillEnd),
        (KeyCode::Char('w'), true, false) => Some(InputRequest::DeletePrevWord),
        (KeyCode::Char(c), false, false) => Some(InputRequest::InsertChar(c)),
        (KeyCode::Backspace, false, false) => Some(InputRequest::DeletePrevChar),
        (KeyCode::Delete, false, false) => Some(InputRequest::DeleteNextChar),
        (KeyCode::Left, false, false) => Some(InputRequest::GoToPrevChar),
        (KeyCode::Right, false, false) => Some(InputRequest::GoToNextChar),
        (KeyCode::Home, false, false) => Some(InputRequest::GoToStart),
        (KeyCode::End, false, false) => Some(InputRequest::GoToEnd),
        _ => None,
    }
}
