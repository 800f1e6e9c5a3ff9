//! The rows below one prefix, as far as they were read: found by their number, never copied, never walked through.

use std::cell::Cell;
use std::collections::VecDeque;
use std::sync::Arc;

use jiff::Timestamp;

use crate::app::PageFact;
use crate::app::board::RowId;
use crate::domain::{Begin, Charged, Depth, Error, Leaf, LeafRow, PageAsk, RowKind};
use crate::transfer::{Arranging, Direction};

use super::MOST_ROWS;
use super::marks::{Marks, Totals};
use super::state::{Age, Demand, Extent, Next, Reading, Work, keeps_order};

/// The keys of a bucket below a prefix.
#[derive(Debug)]
pub(crate) struct Listing {
    pub(crate) bucket: RowId,
    /// Keys begin so.
    pub(crate) prefix: String,
    /// Only keys behind this one.
    pub(crate) after: Option<String>,
    /// Pages, each with the number of its first row.
    pub(super) leaves: VecDeque<(u32, Arc<Leaf>)>,
    /// The number of the row that comes next.
    end: u32,
    /// Pages that came.
    pub(crate) pages: u64,
    /// Requests that failed.
    pub(crate) failed: u64,
    /// Answers that said *charged*, and the last one's word.
    pub(crate) charged: u64,
    pub(crate) said: Option<Charged>,
    pub(crate) next: Next,
    pub(crate) reading: Reading,
    pub(crate) demand: Demand,
    /// Why the last page did not come.
    pub(crate) trouble: Option<Error>,
    pub(crate) age: Age,
    /// When the last page came.
    pub(crate) read_at: Option<Timestamp>,
    /// Keys that are not UTF-8: counted, since they are no rows.
    pub(crate) odd_keys: usize,
    /// Of the rows that are held, but for those that are gone.
    pub(crate) totals: Totals,
    pub(crate) marks: Marks,
    /// Rows whose object is gone, as a transfer said.
    pub(crate) gone: Marks,
    pub(crate) filter: String,
    order: Order,
    /// The arranging under way.
    pub(crate) work: Option<Work>,
    /// When the last arranging of all rows was ordered.
    pub(crate) arranged_at: Option<Timestamp>,
    /// The number of the row under the cursor.
    cursor: Option<u32>,
    pub(crate) line: usize,
    pub(crate) top: usize,
    /// When a row was clicked last.
    pub(crate) clicked: Option<Timestamp>,
    looked: Cell<u64>,
}

/// In which order rows are shown.
#[derive(Debug)]
enum Order {
    /// As they were listed: no index is needed.
    Listed,
    /// From the last one read.
    Backward,
    /// These, arranged for a wish, of the rows before `covered`.
    Index { wish: Arranging, rows: Vec<u32>, covered: u32 },
}

impl Listing {
    pub(crate) fn new(bucket: RowId, prefix: &str, after: Option<String>) -> Self {
        Self {
            bucket,
            prefix: prefix.to_owned(),
            after,
            leaves: VecDeque::new(),
            end: 0,
            pages: 0,
            failed: 0,
            charged: 0,
            said: None,
            next: Next::Begin,
            reading: Reading::Still,
            demand: Demand::Page,
            trouble: None,
            age: Age::Fresh,
            read_at: None,
            odd_keys: 0,
            totals: Totals::default(),
            marks: Marks::default(),
            gone: Marks::default(),
            filter: String::new(),
            order: Order::Listed,
            work: None,
            arranged_at: None,
            cursor: None,
            line: 0,
            top: 0,
            clicked: None,
            looked: Cell::new(0),
        }
    }

    pub(crate) fn is_of(&self, bucket: RowId, prefix: &str, after: Option<&str>) -> bool {
        self.bucket == bucket && self.prefix == prefix && self.after.as_deref() == after
    }

    /// Whether more than the page in sight is being read.
    pub(crate) fn reads_rest(&self) -> bool {
        matches!(self.reading, Reading::Rest { .. })
    }

    /// Which page comes next; `None`: none does.
    pub(crate) fn ask(&self) -> Option<PageAsk> {
        let begin = match (&self.next, &self.after) {
            (Next::Begin, None) => Begin::Start,
            (Next::Begin, Some(key)) => Begin::After(key.clone()),
            (Next::Token(token), _) => Begin::Token(token.clone()),
            (Next::Complete, _) => return None,
        };
        Some(PageAsk { prefix: self.prefix.clone(), depth: Depth::Folder, begin })
    }

    /// The number of the first row that is held.
    pub(crate) fn first(&self) -> u32 {
        self.leaves.front().map_or(self.end, |(start, _)| *start)
    }

    /// The number behind the last row.
    pub(crate) fn end(&self) -> u32 {
        self.end
    }

    /// How many rows are held.
    pub(crate) fn held(&self) -> u64 {
        u64::from(self.end - self.first())
    }

    /// Requests that were answered or failed, retries apart.
    pub(crate) fn requests(&self) -> u64 {
        self.pages + self.failed
    }

    pub(crate) fn looked_at(&self) -> u64 {
        self.looked.get()
    }

    /// A row by its number.
    pub(crate) fn row(&self, number: u32) -> Option<LeafRow<'_>> {
        self.looked.set(self.looked.get() + 1);
        let at = self.leaves.partition_point(|(start, _)| *start <= number).checked_sub(1)?;
        let (start, leaf) = self.leaves.get(at)?;
        leaf.row((number - start) as usize)
    }

    /// A page came: its rows stand behind the others, and the oldest are let go where there are too many.
    pub(crate) fn push(&mut self, fact: &PageFact) {
        self.pages += 1;
        self.charged += u64::from(fact.charged == Charged::Yes);
        self.said = Some(fact.charged);
        self.read_at = Some(fact.at);
        self.trouble = None;
        self.odd_keys += fact.leaf.odd_keys.len();
        self.next = fact.leaf.next.clone().map_or(Next::Complete, Next::Token);
        let rows = u32::try_from(fact.leaf.len()).unwrap_or(u32::MAX);
        if rows > 0 {
            fact.leaf.iter().for_each(|row| self.totals.add(row.kind));
            self.leaves.push_back((self.end, fact.leaf.clone()));
            self.end = self.end.saturating_add(rows);
        }
        let mut gone = 0;
        while self.held() > MOST_ROWS && self.leaves.len() > 1 {
            gone += self.let_go();
        }
        self.follow(gone);
    }

    /// Lets the oldest page go, with its marks.
    fn let_go(&mut self) -> usize {
        let Some((start, leaf)) = self.leaves.pop_front() else { return 0 };
        for (row, number) in leaf.iter().zip(start..) {
            if self.gone.has(number) {
                self.gone.clear(number, row.kind);
            } else {
                self.totals.take(row.kind);
                self.marks.clear(number, row.kind);
            }
        }
        let first = self.first();
        if let Order::Index { rows, wish, .. } = &mut self.order
            && keeps_order(wish)
        {
            let gone = rows.partition_point(|number| *number < first);
            rows.drain(..gone);
        }
        leaf.len()
    }

    /// The cursor stays on its row, and in sight where it was; on the first line as long as nobody moved it.
    fn follow(&mut self, gone: usize) {
        match &self.order {
            Order::Listed => {
                self.line = self.line.saturating_sub(gone);
                self.top = self.top.saturating_sub(gone);
            }
            Order::Backward => {
                let last = self.end.saturating_sub(1);
                let line = self.cursor.map_or(0, |cursor| (last - cursor.min(last)) as usize);
                self.top += line.saturating_sub(self.line);
                self.line = line;
            }
            Order::Index { .. } => {}
        }
        self.cursor = self.number_at(self.line);
    }

    /// The pages from a row on, which begins a page or stands in one, and the number of their first row.
    pub(crate) fn leaves_from(&self, number: u32) -> (Vec<Arc<Leaf>>, u32) {
        let at = self.leaves.partition_point(|(start, _)| *start < number);
        let first = self.leaves.get(at).map_or(self.end, |(start, _)| *start);
        (self.leaves.iter().skip(at).map(|(_, leaf)| leaf.clone()).collect(), first)
    }

    /// How many lines there are.
    pub(crate) fn shown(&self) -> usize {
        match &self.order {
            Order::Listed | Order::Backward => (self.end - self.first()) as usize,
            Order::Index { rows, .. } => rows.len(),
        }
    }

    /// The row on a line.
    pub(crate) fn number_at(&self, line: usize) -> Option<u32> {
        let line_number = || u32::try_from(line).ok().filter(|_| line < self.shown());
        match &self.order {
            Order::Listed => line_number().map(|line| self.first() + line),
            Order::Backward => line_number().map(|line| self.end - 1 - line),
            Order::Index { rows, .. } => rows.get(line).copied(),
        }
    }

    /// The row under the cursor.
    pub(crate) fn cursor(&self) -> Option<u32> {
        self.cursor
    }

    pub(crate) fn select_line(&mut self, line: usize, page: usize) {
        self.line = line.min(self.shown().saturating_sub(1));
        self.cursor = self.number_at(self.line);
        self.keep_in_view(page);
    }

    pub(crate) fn keep_in_view(&mut self, page: usize) {
        let page = page.max(1);
        self.top = self.top.clamp((self.line + 1).saturating_sub(page), self.line);
        self.top = self.top.min(self.shown().saturating_sub(page));
    }

    /// Whether rows stand as they were listed, so that the last line is the last row that was read.
    pub(crate) fn is_plain(&self) -> bool {
        matches!(self.order, Order::Listed)
    }

    /// The wish that the lines are arranged for, and the number of the first row that they leave out.
    pub(crate) fn arranged(&self) -> Option<(&Arranging, u32)> {
        match &self.order {
            Order::Listed | Order::Backward => None,
            Order::Index { wish, covered, .. } => Some((wish, *covered)),
        }
    }

    /// Shows rows in the store's order, or from its end: nothing has to be arranged for that.
    pub(crate) fn show_by_name(&mut self, direction: Direction, page: usize) {
        let wanted = match direction {
            Direction::Forward => Order::Listed,
            Direction::Backward => Order::Backward,
        };
        if std::mem::discriminant(&wanted) == std::mem::discriminant(&self.order) {
            return;
        }
        self.order = wanted;
        let line = match (self.cursor, direction) {
            (None, _) => 0,
            (Some(cursor), Direction::Forward) => cursor.saturating_sub(self.first()),
            (Some(cursor), Direction::Backward) => self.end.saturating_sub(1).saturating_sub(cursor),
        };
        self.select_line(line as usize, page);
    }

    /// Takes an answer of the arranging: a new index, in which the cursor stays on its row, or more lines.
    pub(crate) fn take_order(&mut self, work: Work, found: Vec<u32>, page: usize) {
        let first = self.first();
        match (work.extent, &mut self.order) {
            (Extent::More, Order::Index { rows, covered, .. }) => {
                rows.extend(found.into_iter().filter(|number| *number >= first));
                *covered = work.upto;
            }
            (Extent::More | Extent::Whole, Order::Listed | Order::Backward | Order::Index { .. }) => {
                let at_top = self.line == 0;
                let line = self.cursor.filter(|_| !at_top).and_then(|cursor| found.iter().position(|number| *number == cursor));
                let line = line.unwrap_or(if at_top { 0 } else { self.line });
                self.order = Order::Index { wish: work.wish, rows: found, covered: work.upto };
                self.line = line;
            }
        }
        self.select_line(self.line, page);
    }

    /// Marks or unmarks the row under the cursor, unless it is gone.
    pub(crate) fn toggle_mark(&mut self) {
        let here = self.cursor.filter(|number| !self.gone.has(*number));
        let Some((number, kind)) = here.and_then(|number| Some((number, self.row(number)?.kind))) else { return };
        if !self.marks.set(number, kind) {
            self.marks.clear(number, kind);
        }
    }

    /// Marks all lines; takes the marks away where all have one. In the store's order that is a matter of 64 rows a step; through
    /// an index it is one of its lines.
    pub(crate) fn toggle_all(&mut self) {
        let (first, end, totals) = (self.first(), self.end, self.totals);
        match std::mem::replace(&mut self.order, Order::Listed) {
            order @ (Order::Listed | Order::Backward) => {
                self.order = order;
                if self.marks.totals.rows() == totals.rows() {
                    self.marks.clear_all();
                } else {
                    self.marks.fill(first, end, totals, &self.gone);
                }
            }
            Order::Index { wish, rows, covered } => {
                self.toggle_lines(&rows);
                self.order = Order::Index { wish, rows, covered };
            }
        }
    }

    fn toggle_lines(&mut self, rows: &[u32]) {
        let mut fresh = 0_usize;
        for number in rows.iter().filter(|number| !self.marks.has(**number) && !self.gone.has(**number)).copied().collect::<Vec<u32>>() {
            if let Some(kind) = self.row(number).map(|row| row.kind) {
                fresh += usize::from(self.marks.set(number, kind));
            }
        }
        if fresh == 0 {
            for number in rows {
                let kind: Option<RowKind> = self.row(*number).map(|row| row.kind);
                kind.into_iter().for_each(|kind| self.marks.clear(*number, kind));
            }
        }
    }
}
