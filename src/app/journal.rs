//! Screen 5: every change of a payer, newest first.

use crate::audit::Change;
use crate::domain::{BucketId, Error, Result};

use super::filter::contains;
use super::model::Wait;
use super::{Effect, Model, Ticket};

/// How many lines are read: more than anyone scrolls through; `whopays journal` has the rest.
const LINES: usize = 1000;

/// The journal as shown.
#[derive(Debug, Default)]
pub(crate) struct JournalView {
    pub(crate) state: JournalState,
    pub(crate) changes: Vec<Change>,
    /// Which of them match the filter, by index.
    pub(crate) order: Vec<usize>,
    pub(crate) filter: String,
    pub(crate) line: usize,
    pub(crate) top: usize,
    pub(crate) page: usize,
}

/// How far the reading is.
#[derive(Debug, Default)]
pub(crate) enum JournalState {
    #[default]
    NotRead,
    Reading(Ticket),
    Read,
    Failed(Error),
}

impl JournalView {
    pub(crate) fn selected(&self) -> Option<&Change> {
        self.changes.get(*self.order.get(self.line)?)
    }

    /// The last change of a bucket.
    pub(crate) fn last_of(&self, id: &BucketId) -> Option<&Change> {
        self.changes.iter().find(|change| change.bucket == *id)
    }

    pub(crate) fn set_filter(&mut self, text: &str) {
        text.clone_into(&mut self.filter);
        self.arrange();
    }

    fn arrange(&mut self) {
        let terms: Vec<String> = self.filter.split_whitespace().map(str::to_lowercase).collect();
        let matching = self.changes.iter().enumerate().filter(|(_, change)| terms.iter().all(|term| matches(change, term)));
        self.order = matching.map(|(index, _)| index).collect();
        self.select_line(self.line);
    }

    pub(crate) fn select_line(&mut self, line: usize) {
        self.line = line.min(self.order.len().saturating_sub(1));
        self.keep_in_view();
    }

    pub(crate) fn keep_in_view(&mut self) {
        let page = self.page.max(1);
        self.top = self.top.clamp((self.line + 1).saturating_sub(page), self.line);
        self.top = self.top.min(self.order.len().saturating_sub(page));
    }
}

fn matches(change: &Change, term: &str) -> bool {
    [
        change.bucket.account.as_str(),
        change.bucket.bucket.as_str(),
        change.asked.as_str(),
        change.outcome.as_str(),
        change.identity.as_deref().unwrap_or_default(),
        change.request_id.as_deref().unwrap_or_default(),
    ]
    .iter()
    .any(|text| contains(text, term))
}

/// Orders the newest lines; an order under way is replaced, since it may miss the line that just came.
pub(crate) fn read(model: &mut Model, out: &mut Vec<Effect>) {
    if let JournalState::Reading(ticket) = model.journal.state {
        model.waits.remove(&ticket);
        out.push(Effect::Cancel(ticket));
    }
    let ticket = model.wait(Wait::Journal);
    model.journal.state = JournalState::Reading(ticket);
    out.push(Effect::ReadJournal(ticket, LINES));
}

/// The lines came. On failure those on screen stay.
pub(crate) fn take(model: &mut Model, answer: Result<Vec<Change>>) {
    match answer {
        Ok(changes) => {
            let kept = model.journal.selected().map(|change| change.id);
            let at_top = model.journal.line == 0;
            model.journal.changes = changes;
            model.journal.state = JournalState::Read;
            model.journal.arrange();
            let journal = &mut model.journal;
            let line = journal.order.iter().position(|index| journal.changes.get(*index).map(|change| change.id) == kept);
            if let Some(line) = line.filter(|_| !at_top) {
                journal.select_line(line);
            }
        }
        Err(error) => model.journal.state = JournalState::Failed(error),
    }
}
