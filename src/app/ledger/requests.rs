//! Single requests, newest first: pages come as the cursor nears the last one that is here.

use crate::domain::{Error, Narrow, Result, Sent};

use super::super::model::Wait;
use super::super::{Effect, Model, Ticket};

/// How many requests are read at a time: several screens.
const PAGE: usize = 200;

/// The requests of one line of the summary.
#[derive(Debug)]
pub(crate) struct Requests {
    /// The line's name.
    pub(crate) name: String,
    narrow: Narrow,
    /// Their numbers in the ledger, and they themselves.
    pub(crate) rows: Vec<(i64, Sent)>,
    pub(crate) fetch: Fetch,
    pub(crate) line: usize,
    pub(crate) top: usize,
}

/// How far the reading is.
#[derive(Debug)]
pub(crate) enum Fetch {
    Reading(Ticket),
    /// There may be older ones.
    More,
    /// All are here.
    Done,
    Failed(Error),
}

impl Requests {
    pub(crate) fn selected(&self) -> Option<&Sent> {
        self.rows.get(self.line).map(|(_, sent)| sent)
    }

    pub(super) fn select_line(&mut self, line: usize, page: usize) {
        self.line = line.min(self.rows.len().saturating_sub(1));
        let page = page.max(1);
        self.top = self.top.clamp((self.line + 1).saturating_sub(page), self.line);
        self.top = self.top.min(self.rows.len().saturating_sub(page));
    }
}

/// Shows the requests of a line of the summary.
pub(super) fn show(model: &mut Model, name: String, narrow: Narrow, out: &mut Vec<Effect>) {
    close(model, out);
    let fetch = Fetch::Reading(order(model, &narrow, None, out));
    model.ledger.requests = Some(Requests { name, narrow, rows: Vec::new(), fetch, line: 0, top: 0 });
}

/// Back to the summary. Says whether requests were shown.
pub(super) fn close(model: &mut Model, out: &mut Vec<Effect>) -> bool {
    let Some(requests) = model.ledger.requests.take() else { return false };
    forget(model, &requests.fetch, out);
    true
}

/// Reads the newest ones again; the cursor goes to the top.
pub(super) fn again(model: &mut Model, out: &mut Vec<Effect>) {
    if let Some(Requests { name, narrow, .. }) = &model.ledger.requests {
        let (name, narrow) = (name.clone(), narrow.clone());
        show(model, name, narrow, out);
    }
}

/// Once per message: orders the next page when the cursor is less than two screens from the last row.
pub(super) fn pump(model: &mut Model, out: &mut Vec<Effect>) {
    let page = model.ledger.page();
    let Some(requests) = &model.ledger.requests else { return };
    let wanted = matches!(requests.fetch, Fetch::More) && requests.line + 2 * page >= requests.rows.len();
    let Some((oldest, _)) = requests.rows.last().filter(|_| wanted) else { return };
    let (oldest, narrow) = (*oldest, requests.narrow.clone());
    let ticket = order(model, &narrow, Some(oldest), out);
    if let Some(requests) = &mut model.ledger.requests {
        requests.fetch = Fetch::Reading(ticket);
    }
}

/// A page came. On failure those on screen stay.
pub(crate) fn take(model: &mut Model, answer: Result<Vec<(i64, Sent)>>) {
    let Some(requests) = &mut model.ledger.requests else { return };
    match answer {
        Ok(rows) => {
            requests.fetch = if rows.len() < PAGE { Fetch::Done } else { Fetch::More };
            requests.rows.extend(rows);
        }
        Err(error) => requests.fetch = Fetch::Failed(error),
    }
}

fn order(model: &mut Model, narrow: &Narrow, before: Option<i64>, out: &mut Vec<Effect>) -> Ticket {
    let ticket = model.wait(Wait::Requests);
    out.push(Effect::ReadRequests { ticket, narrow: narrow.clone(), before, limit: PAGE });
    ticket
}

fn forget(model: &mut Model, fetch: &Fetch, out: &mut Vec<Effect>) {
    if let Fetch::Reading(ticket) = fetch {
        model.waits.remove(ticket);
        out.push(Effect::Cancel(*ticket));
    }
}
