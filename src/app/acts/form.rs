//! A few named fields over a screen: texts that are edited, and choices.

use super::super::field::Field;
use super::super::{Key, KeyCode};

/// Fields, one of which has the keys.
#[derive(Debug)]
pub(crate) struct Form {
    pub(crate) rows: Vec<Row>,
    pub(crate) line: usize,
    pub(crate) complaint: Option<String>,
}

/// A field with its name.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) slot: Slot,
    pub(crate) label: &'static str,
    pub(crate) value: Value,
    /// What may stand in it.
    pub(crate) hint: &'static str,
}

/// Which field it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Slot {
    Target,
    Existing,
    Original,
    Way,
    ContentType,
    StorageClass,
    Metadata,
    Tags,
    Verb,
    Time,
    /// The bucket's name, where it has to be typed.
    Bucket,
}

/// What a field holds.
#[derive(Debug)]
pub(crate) enum Value {
    Text(Field),
    Choice { options: &'static [&'static str], chosen: usize },
}

/// What a key did to a form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pressed {
    Nothing,
    /// Something in a field is another than before.
    Changed,
    Closed,
    Submitted,
    /// Tab in a text: whoever knows what may stand there completes it, or calls [`Form::next`].
    Complete(Slot),
}

impl Form {
    pub(crate) fn new(rows: Vec<Row>) -> Self {
        Self { rows, line: 0, complaint: None }
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "every other key belongs to the field")]
    pub(crate) fn press(&mut self, key: Key) -> Pressed {
        self.complaint = None;
        match key.code {
            KeyCode::Esc => return Pressed::Closed,
            KeyCode::Enter => return Pressed::Submitted,
            KeyCode::Down => self.next(),
            KeyCode::Up | KeyCode::BackTab => self.previous(),
            _ => return self.edit(key),
        }
        Pressed::Nothing
    }

    fn edit(&mut self, key: Key) -> Pressed {
        let Some(row) = self.rows.get_mut(self.line) else { return Pressed::Nothing };
        let slot = row.slot;
        match (&mut row.value, key.code) {
            (Value::Text(_), KeyCode::Tab) => Pressed::Complete(slot),
            (Value::Text(field), _) => field.press(key).map_or(Pressed::Nothing, |_| Pressed::Changed),
            (Value::Choice { .. }, KeyCode::Tab) => {
                self.next();
                Pressed::Nothing
            }
            (Value::Choice { options, chosen }, KeyCode::Right | KeyCode::Char(' ' | 'l')) => {
                *chosen = (*chosen + 1) % options.len().max(1);
                Pressed::Changed
            }
            (Value::Choice { options, chosen }, KeyCode::Left | KeyCode::Char('h')) => {
                *chosen = (*chosen + options.len().saturating_sub(1)) % options.len().max(1);
                Pressed::Changed
            }
            (Value::Choice { .. }, _) => Pressed::Nothing,
        }
    }

    /// To the field below; from the last one to the first.
    pub(crate) fn next(&mut self) {
        self.line = (self.line + 1) % self.rows.len().max(1);
    }

    fn previous(&mut self) {
        self.line = (self.line + self.rows.len().saturating_sub(1)) % self.rows.len().max(1);
    }

    /// Pasted text goes into the field that has the keys, if it is a text.
    pub(crate) fn paste(&mut self, text: &str) {
        match self.rows.get_mut(self.line) {
            Some(Row { slot: Slot::Bucket, .. }) => self.complaint = Some("a paste does not confirm: type it".to_owned()),
            Some(Row { value: Value::Text(field), .. }) => field.paste(text),
            Some(Row { value: Value::Choice { .. }, .. }) | None => {}
        }
    }

    /// A text field's text; empty for what is no text.
    pub(crate) fn text(&self, slot: Slot) -> &str {
        self.rows
            .iter()
            .find(|row| row.slot == slot)
            .map(|row| match &row.value {
                Value::Text(field) => field.text(),
                Value::Choice { .. } => "",
            })
            .unwrap_or_default()
    }

    /// Which option is chosen; the first for what is no choice.
    pub(crate) fn chosen(&self, slot: Slot) -> usize {
        self.rows
            .iter()
            .find(|row| row.slot == slot)
            .map(|row| match &row.value {
                Value::Choice { chosen, .. } => *chosen,
                Value::Text(_) => 0,
            })
            .unwrap_or_default()
    }

    /// Puts another text into a field.
    pub(crate) fn set(&mut self, slot: Slot, text: &str) {
        if let Some(Row { value: Value::Text(field), .. }) = self.rows.iter_mut().find(|row| row.slot == slot) {
            *field = Field::with(text);
        }
    }
}

/// A field of text.
pub(super) fn text(slot: Slot, label: &'static str, value: &str, hint: &'static str) -> Row {
    Row { slot, label, value: Value::Text(Field::with(value)), hint }
}

/// A choice; the first option is the default.
pub(super) fn choice(slot: Slot, label: &'static str, options: &'static [&'static str], hint: &'static str) -> Row {
    Row { slot, label, value: Value::Choice { options, chosen: 0 }, hint }
}
