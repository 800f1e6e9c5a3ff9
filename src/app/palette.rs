//! The command palette: actions that work here, found by a few letters of their label or help.

use nucleo_matcher::pattern::{AtomKind, CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

use super::action::{self, Action, Entry, Place};
use super::field::{Edited, Field};
use super::{Key, KeyCode};
use crate::domain::few::sort_few_by_key;

/// An open palette.
#[derive(Debug)]
pub(crate) struct Palette {
    place: Place,
    pub(crate) field: Field,
    pub(crate) found: Vec<&'static Entry>,
    pub(crate) line: usize,
}

/// What a key did.
pub(crate) enum Picked {
    Nothing,
    Closed,
    Action(Action),
}

impl Palette {
    pub(crate) fn new(place: Place) -> Self {
        let mut palette = Self { place, field: Field::default(), found: Vec::new(), line: 0 };
        palette.search();
        palette
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "every other key edits the text")]
    pub(crate) fn press(&mut self, key: Key) -> Picked {
        match key.code {
            KeyCode::Esc => return Picked::Closed,
            KeyCode::Enter => return self.found.get(self.line).map_or(Picked::Closed, |entry| Picked::Action(entry.action)),
            KeyCode::Up => self.line = self.line.saturating_sub(1),
            KeyCode::Down | KeyCode::Tab => self.line = (self.line + 1).min(self.found.len().saturating_sub(1)),
            _ => {
                if self.field.press(key) == Some(Edited::Text) {
                    self.search();
                }
            }
        }
        Picked::Nothing
    }

    pub(crate) fn paste(&mut self, text: &str) {
        self.field.paste(text);
        self.search();
    }

    /// Best match first; the table's order where nothing is typed.
    fn search(&mut self) {
        self.line = 0;
        let here = action::TABLE.iter().filter(|entry| entry.places.contains(&self.place));
        if self.field.text().trim().is_empty() {
            self.found = here.collect();
            return;
        }
        let mut matcher = Matcher::new(Config::DEFAULT);
        let pattern = |kind| Pattern::new(self.field.text(), CaseMatching::Ignore, Normalization::Smart, kind);
        // A sentence has nearly every letter: there the words must stand as typed.
        let (letters, words) = (pattern(AtomKind::Fuzzy), pattern(AtomKind::Substring));
        let mut buffer = Vec::new();
        let mut scored: Vec<(u32, &'static Entry)> = here
            .filter_map(|entry| {
                let label = letters.score(Utf32Str::new(entry.label, &mut buffer), &mut matcher).map(|score| score.saturating_mul(4));
                let help = words.score(Utf32Str::new(entry.help, &mut buffer), &mut matcher);
                label.max(help).map(|score| (score, entry))
            })
            .collect();
        sort_few_by_key(&mut scored, |(score, _)| std::cmp::Reverse(*score));
        self.found = scored.into_iter().map(|(_, entry)| entry).collect();
    }
}
