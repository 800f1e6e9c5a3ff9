//! The rows of the payer board: kept small, found by identity, ordered as the person asked.
//!
//! A [`RowId`] names the same bucket for the whole session; rows are never moved or reused, so whatever was confirmed for a
//! row is done to that bucket even if the list changed meanwhile. Order, filter and scope are a list of ids beside the rows.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use jiff::Timestamp;

use crate::domain::{BucketName, BucketRecord, Error, Ownership, Payer, PayerReading};

use super::Ticket;
use super::accounts::AccountState;
use super::filter::{Face, Filter};
use super::order::Sort;
use super::rows::Rows;

/// Names a row for the whole session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct RowId(u32);

impl RowId {
    /// Its place among all rows.
    pub(crate) fn place(self) -> usize {
        self.0 as usize
    }
}

/// One bucket as one account sees it. Ten thousand of these are on the board, so texts are shared.
#[derive(Debug)]
pub(crate) struct Row {
    /// Index into the accounts.
    pub(crate) account: u16,
    pub(crate) ownership: Ownership,
    pub(crate) marked: bool,
    /// A newer listing no longer shows it.
    pub(crate) gone: bool,
    /// The listing that showed it last.
    round: u16,
    pub(crate) name: BucketName,
    pub(crate) region: Option<Arc<str>>,
    pub(crate) owner: Option<Arc<str>>,
    /// The owner's account id of the config, which guards requests.
    pub(crate) guard: Option<Arc<str>>,
    pub(crate) created: Option<Timestamp>,
    pub(crate) reading: PayerReading,
    pub(crate) read_at: Option<Timestamp>,
    pub(crate) asked: Asked,
    /// Why the last request for this bucket did not do what it should.
    pub(crate) trouble: Option<Error>,
    pub(crate) request_id: Option<Box<str>>,
}

/// Whether the store was asked for the payer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    Never,
    Asking(Ticket),
    Done,
}

/// How many of the shown buckets have which payer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) buckets: usize,
    pub(crate) requester: usize,
    pub(crate) owner: usize,
    pub(crate) other: usize,
    pub(crate) unread: usize,
}

/// The board.
#[derive(Debug, Default)]
pub(crate) struct Board {
    rows: Rows,
    index: HashMap<(u16, BucketName), RowId>,
    names: HashSet<Arc<str>>,
    /// What is shown, from top to bottom.
    pub(crate) order: Vec<RowId>,
    pub(crate) selected: Option<RowId>,
    /// The person has moved the cursor: from now on it follows its bucket, not the first line.
    pub(crate) touched: bool,
    /// The first line in sight.
    pub(crate) top: usize,
    /// How many lines are in sight.
    pub(crate) page: usize,
    pub(crate) sort: Sort,
    pub(crate) filter: Filter,
    /// The filter as typed.
    pub(crate) filter_text: String,
    /// Only this account's buckets.
    pub(crate) scope: Option<u16>,
}

impl Board {
    pub(crate) fn row(&self, id: RowId) -> Option<&Row> {
        self.rows.get(id)
    }

    pub(crate) fn row_mut(&mut self, id: RowId) -> Option<&mut Row> {
        self.rows.get_mut(id)
    }

    pub(crate) fn ids(&self) -> impl Iterator<Item = RowId> + use<> {
        (0..u32::try_from(self.rows.len()).unwrap_or(u32::MAX)).map(RowId)
    }

    pub(crate) fn find(&self, account: usize, name: &BucketName) -> Option<RowId> {
        self.index.get(&(u16::try_from(account).ok()?, name.clone())).copied()
    }

    pub(crate) fn selected_row(&self) -> Option<&Row> {
        self.row(self.selected?)
    }

    /// Takes a bucket from a listing or the config. Known ones keep their row, reading and mark.
    pub(crate) fn put(&mut self, account: u16, record: BucketRecord, round: u16) -> RowId {
        let region = record.region.map(|text| self.shared(&text));
        let owner = record.owner.map(|text| self.shared(&text));
        let key = (account, record.name);
        if let Some(id) = self.index.get(&key).copied() {
            if let Some(row) = self.rows.get_mut(id) {
                row.region = region.or(row.region.take());
                row.owner = owner.or(row.owner.take());
                row.created = record.created.or(row.created);
                row.round = round;
                row.gone = false;
                if record.ownership == Ownership::Owned {
                    row.ownership = Ownership::Owned;
                }
            }
            return id;
        }
        let id = RowId(u32::try_from(self.rows.len()).unwrap_or(u32::MAX));
        self.rows.push(Row {
            account,
            ownership: record.ownership,
            marked: false,
            gone: false,
            round,
            name: key.1.clone(),
            region,
            owner,
            guard: None,
            created: record.created,
            reading: PayerReading::NotRead,
            read_at: None,
            asked: Asked::Never,
            trouble: None,
            request_id: None,
        });
        self.index.insert(key, id);
        id
    }

    /// One copy of a text that many rows share.
    pub(crate) fn shared(&mut self, text: &str) -> Arc<str> {
        if let Some(known) = self.names.get(text) {
            return known.clone();
        }
        let new: Arc<str> = text.into();
        self.names.insert(new.clone());
        new
    }

    /// A complete listing of an account has ended: owned rows that it did not show are gone.
    pub(crate) fn sweep(&mut self, account: u16, round: u16) {
        for row in self.rows.iter_mut() {
            if row.account == account && row.ownership == Ownership::Owned && row.round != round {
                row.gone = true;
                row.marked = false;
            }
        }
    }

    /// Whether a row belongs on the board, its payer apart.
    pub(crate) fn in_sight(&self, id: RowId, accounts: &[AccountState]) -> bool {
        let Some(row) = self.row(id) else { return false };
        if row.gone || self.scope.is_some_and(|scope| scope != row.account) {
            return false;
        }
        let Some(account) = accounts.get(usize::from(row.account)) else { return false };
        self.filter.matches_face(Face {
            account: account.name.as_str(),
            provider: account.provider,
            bucket: row.name.as_str(),
            region: row.region.as_deref().unwrap_or(account.region.as_str()),
        })
    }

    fn shown(&self, id: RowId, accounts: &[AccountState]) -> bool {
        self.in_sight(id, accounts) && self.row(id).is_some_and(|row| self.filter.matches_payer(&row.reading))
    }

    /// Builds the order anew: after a page, and when filter, scope or sort change. A new page is a sorted run behind a sorted
    /// run, which the standard sort merges in linear time.
    pub(crate) fn arrange(&mut self, accounts: &[AccountState]) {
        let line = self.line();
        let mut order = std::mem::take(&mut self.order);
        order.retain(|id| self.shown(*id, accounts));
        let mut known = vec![false; self.rows.len()];
        for id in &order {
            known[id.place()] = true;
        }
        order.extend(self.ids().filter(|id| !known[id.place()] && self.shown(*id, accounts)));
        self.sort_ids(&mut order);
        self.settle(order, line);
    }

    fn sort_ids(&self, order: &mut [RowId]) {
        order.sort_by(|a, b| match (self.row(*a), self.row(*b)) {
            (Some(a), Some(b)) => self.sort.compare(a, b),
            (a, b) => a.is_some().cmp(&b.is_some()),
        });
    }

    /// Puts one row where its new reading belongs.
    pub(crate) fn moved(&mut self, id: RowId, accounts: &[AccountState]) {
        if !self.sort.column.follows_readings() && !self.filter.asks_payer() {
            return;
        }
        let line = self.line();
        let mut order = std::mem::take(&mut self.order);
        order.retain(|other| *other != id);
        if self.shown(id, accounts)
            && let Some(row) = self.row(id)
        {
            let at = order
                .partition_point(|other| self.row(*other).is_some_and(|other| self.sort.compare(other, row) == std::cmp::Ordering::Less));
            order.insert(at, id);
        }
        self.settle(order, line);
    }

    /// Takes an order; the cursor stays on its bucket, or on the line where it stood if its bucket left.
    fn settle(&mut self, order: Vec<RowId>, line: usize) {
        self.order = order;
        let follows = self.touched && self.selected.is_some_and(|id| self.order.contains(&id));
        if !follows {
            let line = if self.touched { line.min(self.order.len().saturating_sub(1)) } else { 0 };
            self.selected = self.order.get(line).copied();
        }
        self.keep_in_view();
    }

    /// The line of the cursor.
    pub(crate) fn line(&self) -> usize {
        self.selected.and_then(|id| self.order.iter().position(|other| *other == id)).unwrap_or(self.top)
    }

    pub(crate) fn select_line(&mut self, line: usize) {
        self.touched = true;
        self.selected = self.order.get(line.min(self.order.len().saturating_sub(1))).copied();
        self.keep_in_view();
    }

    pub(crate) fn select(&mut self, id: RowId) {
        self.touched = true;
        self.selected = Some(id);
        self.keep_in_view();
    }

    pub(crate) fn keep_in_view(&mut self) {
        let line = self.line();
        let page = self.page.max(1);
        if line < self.top {
            self.top = line;
        } else if line >= self.top + page {
            self.top = line + 1 - page;
        }
        self.top = self.top.min(self.order.len().saturating_sub(page));
    }

    /// The rows in sight and one screen beyond.
    pub(crate) fn window(&self) -> &[RowId] {
        let start = self.top.min(self.order.len());
        let end = (self.top + 2 * self.page.max(1)).min(self.order.len());
        self.order.get(start..end).unwrap_or_default()
    }

    /// The marked buckets in the order shown; marks that the filter hides do not count.
    pub(crate) fn marked(&self) -> Vec<RowId> {
        self.order.iter().copied().filter(|id| self.row(*id).is_some_and(|row| row.marked)).collect()
    }

    pub(crate) fn counts(&self) -> Counts {
        let mut counts = Counts { buckets: self.order.len(), ..Counts::default() };
        for row in self.order.iter().filter_map(|id| self.row(*id)) {
            match &row.reading {
                PayerReading::Read(Payer::Requester) | PayerReading::Inferred(Payer::Requester) => counts.requester += 1,
                PayerReading::Read(Payer::BucketOwner) | PayerReading::Inferred(Payer::BucketOwner) => counts.owner += 1,
                PayerReading::NotRead => counts.unread += 1,
                PayerReading::Read(Payer::Other(_))
                | PayerReading::Inferred(Payer::Other(_))
                | PayerReading::Changing { .. }
                | PayerReading::Denied
                | PayerReading::Unsupported
                | PayerReading::Failed => counts.other += 1,
            }
        }
        counts
    }

    /// How many rows an account has on the board.
    pub(crate) fn count_of(&self, account: u16) -> usize {
        self.rows.iter().filter(|row| row.account == account && !row.gone).count()
    }

    /// How many rows there are in all.
    pub(crate) fn len(&self) -> usize {
        self.rows.iter().filter(|row| !row.gone).count()
    }
}
