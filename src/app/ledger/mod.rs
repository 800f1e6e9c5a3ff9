//! Screen 4: what was asked of stores, by day, account, bucket or operation, and down to single requests.
//!
//! ```text
//! groups ── Enter ──> requests of a group ── Enter ──> details of one
//!   │ Tab: the next grouping   t: how far back   m: what chart and bars measure   r: read again
//! ```
//! It reads this machine's ledger, never a store. Nothing is read by itself but the next page of requests, as the cursor nears
//! the last one; requests that came since the last reading are counted in the title.

mod cut;
mod reach;
mod requests;
mod sums;

use jiff::{SignedDuration, Timestamp};

use crate::domain::{By, Currency, Error, Narrow, Result, Sum};

use super::model::{Pane, Wait};
use super::{Effect, Model, Ticket, keys};

pub(crate) use cut::{Cut, Shows};
pub(crate) use reach::{Measure, Reach, day_of};
pub(crate) use requests::{Fetch, Requests, take as requests_read};
pub(crate) use sums::is_uncharged;

/// Two clicks within this are one double click.
const DOUBLE: SignedDuration = SignedDuration::from_millis(400);

/// The order in which Tab goes through the groupings.
pub(crate) const GROUPINGS: [By; 4] = [By::Day, By::Account, By::Bucket, By::Operation];

/// The ledger as shown.
#[derive(Debug)]
pub(crate) struct LedgerView {
    pub(crate) by: By,
    pub(crate) reach: Reach,
    /// What was chosen to be measured; `None`: money in the currency that most groups have, else requests.
    chosen: Option<Measure>,
    pub(crate) state: State,
    /// The groups in the order in which they stand: days by date, all others by what is measured.
    pub(crate) groups: Vec<Sum>,
    pub(crate) total: Sum,
    /// What the groups were narrowed to.
    narrow: Narrow,
    /// The days within reach, for the chart: as they came, newest first.
    pub(crate) days: Vec<Sum>,
    days_ticket: Option<Ticket>,
    /// The last day within reach when it was read.
    pub(crate) until: Option<jiff::civil::Date>,
    pub(crate) line: usize,
    pub(crate) top: usize,
    /// The single requests of a group, while they are looked at.
    pub(crate) requests: Option<Requests>,
    /// How many requests this session had sent when the groups were read.
    counted: u64,
    /// The lines of its pane.
    height: u16,
    clicked: Option<Timestamp>,
}

/// How far the reading of the groups is.
#[derive(Debug, Default)]
pub(crate) enum State {
    #[default]
    NotRead,
    Reading(Ticket),
    Read,
    Failed(Error),
}

impl Default for LedgerView {
    fn default() -> Self {
        Self {
            by: By::Day,
            reach: Reach::default(),
            chosen: None,
            state: State::default(),
            groups: Vec::new(),
            total: Sum::default(),
            narrow: Narrow::default(),
            days: Vec::new(),
            days_ticket: None,
            until: None,
            line: 0,
            top: 0,
            requests: None,
            counted: 0,
            height: 0,
            clicked: None,
        }
    }
}

impl LedgerView {
    /// What chart and bars show.
    pub(crate) fn measure(&self) -> Measure {
        let currencies = self.currencies();
        match self.chosen {
            Some(Measure::Spend(currency)) if currencies.contains(&currency) => Measure::Spend(currency),
            Some(Measure::Bytes) => Measure::Bytes,
            Some(Measure::Requests) => Measure::Requests,
            Some(Measure::Spend(_)) | None => self.usual(&currencies).map_or(Measure::Requests, Measure::Spend),
        }
    }

    /// The currency that most groups have.
    fn usual(&self, currencies: &[Currency]) -> Option<Currency> {
        let groups = |currency: Currency| self.groups.iter().filter(|sum| sum.cost.iter().any(|(other, _)| *other == currency)).count();
        currencies.iter().copied().rev().max_by_key(|currency| groups(*currency))
    }

    fn currencies(&self) -> Vec<Currency> {
        self.total.cost.iter().map(|(currency, _)| *currency).collect()
    }

    pub(crate) fn selected(&self) -> Option<&Sum> {
        self.groups.get(self.line)
    }

    /// How the lines of its pane are given away.
    pub(crate) fn cut(&self) -> Cut {
        let shows = match (&self.requests, self.reach) {
            (Some(_), _) => Shows::Requests,
            // One bar says nothing.
            (None, Reach::Today) => Shows::Groups,
            (None, Reach::Week | Reach::Month | Reach::All) => Shows::Chart,
        };
        Cut::of(self.height, shows)
    }

    /// How many rows are in sight.
    pub(crate) fn page(&self) -> usize {
        usize::from(self.cut().rows)
    }

    /// The pane has so many lines.
    pub(crate) fn fit(&mut self, height: u16) {
        self.height = height;
    }

    pub(crate) fn keep_in_view(&mut self) {
        let line = self.cursor();
        self.select_line(line);
    }

    /// The line of the cursor, among groups or requests.
    pub(crate) fn cursor(&self) -> usize {
        self.requests.as_ref().map_or(self.line, |requests| requests.line)
    }

    /// The first row in sight, for a move by pages.
    pub(crate) fn top_mut(&mut self) -> &mut usize {
        self.requests.as_mut().map_or(&mut self.top, |requests| &mut requests.top)
    }

    pub(crate) fn select_line(&mut self, line: usize) {
        let page = self.page().max(1);
        if let Some(requests) = &mut self.requests {
            return requests.select_line(line, page);
        }
        self.line = line.min(self.groups.len().saturating_sub(1));
        self.top = self.top.clamp((self.line + 1).saturating_sub(page), self.line);
        self.top = self.top.min(self.groups.len().saturating_sub(page));
    }

    /// How many requests of this session came since the groups were read.
    pub(crate) fn newer(&self, sent: u64) -> u64 {
        match self.state {
            State::Read => sent.saturating_sub(self.counted),
            State::NotRead | State::Reading(_) | State::Failed(_) => 0,
        }
    }

    /// Days by date, the newest first; other groups by what is measured, the most first. The cursor stays on its group.
    fn arrange(&mut self) {
        let kept = self.selected().filter(|_| self.line > 0).map(|sum| sum.name.clone());
        let measure = self.measure();
        match self.by {
            By::Day => self.groups.sort_unstable_by(|a, b| b.name.cmp(&a.name)),
            By::Account | By::Bucket | By::Operation => {
                self.groups.sort_unstable_by(|a, b| measure.of(b).cmp(&measure.of(a)).then_with(|| a.name.cmp(&b.name)));
            }
        }
        let line = kept.and_then(|name| self.groups.iter().position(|sum| sum.name == name));
        if self.requests.is_none() {
            self.select_line(line.unwrap_or(0));
        } else {
            self.line = line.unwrap_or(0);
        }
    }
}

/// Shows the screen; its groups are read anew, what was open stays open.
pub(crate) fn enter(model: &mut Model, out: &mut Vec<Effect>) {
    keys::go(model, super::Screen::Ledger);
    read(model, out);
}

/// `r`: the requests that are looked at, else the groups.
pub(crate) fn refresh(model: &mut Model, out: &mut Vec<Effect>) {
    if model.ledger.requests.is_some() {
        requests::again(model, out);
    }
    read(model, out);
}

/// Orders the groups within reach, and the days for the chart; orders under way are replaced.
fn read(model: &mut Model, out: &mut Vec<Effect>) {
    let reading = match model.ledger.state {
        State::Reading(ticket) => Some(ticket),
        State::NotRead | State::Read | State::Failed(_) => None,
    };
    for ticket in reading.into_iter().chain(model.ledger.days_ticket.take()) {
        model.waits.remove(&ticket);
        out.push(Effect::Cancel(ticket));
    }
    let narrow = model.ledger.reach.narrow(model.now);
    let by = model.ledger.by;
    let ticket = model.wait(Wait::Sums);
    out.push(Effect::ReadLedger { ticket, narrow: narrow.clone(), by });
    if by != By::Day {
        let ticket = model.wait(Wait::Days);
        out.push(Effect::ReadLedger { ticket, narrow: narrow.clone(), by: By::Day });
        model.ledger.days_ticket = Some(ticket);
    }
    let sent = model.spent.tally.requests;
    let until = Some(day_of(model.now));
    let view = &mut model.ledger;
    (view.state, view.narrow, view.counted, view.until) = (State::Reading(ticket), narrow, sent, until);
}

/// The groups came. On failure those on screen stay.
pub(crate) fn groups_read(model: &mut Model, answer: Result<Vec<Sum>>) {
    let view = &mut model.ledger;
    match answer {
        Ok(sums) => {
            view.total = sums::total(&sums);
            if view.by == By::Day {
                view.days.clone_from(&sums);
            }
            view.groups = sums;
            view.state = State::Read;
            view.arrange();
        }
        Err(error) => view.state = State::Failed(error),
    }
}

/// The days of the chart came. Of a failure the groups tell.
pub(crate) fn days_read(model: &mut Model, answer: Result<Vec<Sum>>) {
    model.ledger.days_ticket = None;
    if let Ok(days) = answer {
        model.ledger.days = days;
    }
}

/// Tab: the next grouping, in either direction. From details, back to what they are of.
pub(crate) fn turn(model: &mut Model, steps: usize, out: &mut Vec<Effect>) {
    if model.focus == Pane::Details {
        return keys::focus(model, Pane::List);
    }
    let at = GROUPINGS.iter().position(|by| *by == model.ledger.by).unwrap_or(0);
    if let Some(by) = GROUPINGS.get((at + steps) % GROUPINGS.len()) {
        group_by(model, *by, out);
    }
}

fn group_by(model: &mut Model, by: By, out: &mut Vec<Effect>) {
    requests::close(model, out);
    let view = &mut model.ledger;
    // The old groups are no groups of this kind: an empty list that is being read is the truth.
    view.groups.clear();
    (view.by, view.line, view.top) = (by, 0, 0);
    read(model, out);
}

/// `t`: looks further back, or less far.
pub(crate) fn look(model: &mut Model, reach: Reach, out: &mut Vec<Effect>) {
    model.ledger.reach = reach;
    let by = model.ledger.by;
    model.ledger.days.clear();
    group_by(model, by, out);
    model.say(super::Tone::Plain, reach.words());
}

/// `m`: measures something else.
pub(crate) fn measure_next(model: &mut Model) {
    let view = &mut model.ledger;
    view.chosen = Some(view.measure().next(&view.currencies()));
    view.arrange();
}

/// Enter: a group's requests, a request's details.
pub(crate) fn open(model: &mut Model, out: &mut Vec<Effect>) {
    if model.ledger.requests.is_some() {
        return keys::focus(model, Pane::Details);
    }
    let view = &model.ledger;
    let Some(name) = view.selected().map(|sum| sum.name.clone()) else { return };
    let narrow = sums::narrow_to(&view.narrow, view.by, &name);
    requests::show(model, name, narrow, out);
}

/// Back from a group's requests. Says whether they were shown.
pub(crate) fn back(model: &mut Model, out: &mut Vec<Effect>) -> bool {
    let were_shown = requests::close(model, out);
    // Below a chart there are fewer lines.
    model.ledger.keep_in_view();
    were_shown
}

/// A click `below` lines under the pane's rule: selects; a second one opens.
pub(crate) fn click(model: &mut Model, below: u16, out: &mut Vec<Effect>) {
    let now = model.now;
    let view = &mut model.ledger;
    let cut = view.cut();
    let Some(row) = below.checked_sub(cut.above()).filter(|row| *row < cut.rows) else { return };
    let (top, count) = view.requests.as_ref().map_or((view.top, view.groups.len()), |requests| (requests.top, requests.rows.len()));
    let line = top + usize::from(row);
    if line >= count {
        return;
    }
    let again = view.cursor() == line && view.clicked.is_some_and(|at| now.duration_since(at) <= DOUBLE);
    view.select_line(line);
    view.clicked = Some(now).filter(|_| !again);
    if again {
        open(model, out);
    }
}

/// Once per message.
pub(crate) fn pump(model: &mut Model, out: &mut Vec<Effect>) {
    requests::pump(model, out);
}
