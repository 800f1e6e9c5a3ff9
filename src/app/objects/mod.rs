//! Screen 2: the keys of one bucket, below one prefix.
//!
//! Comes in: keys that ask for a page, and the pages. Goes out: orders for pages and for their arranging. Forbidden here: a request
//! that no key asked for, copying rows, and work that grows with the number of rows while a key is answered.
//!
//! A listing that was read is kept with its time and shown again without a request; `r` asks anew. What other dialogs need:
//! [`Model::acting`] (where, and on whose word), [`Objects::selected_pick`], [`Objects::marked_picks`],
//! [`Objects::marked_prefixes`] and [`Objects::prefix`].

pub(crate) mod arranging;
mod gone;
pub(crate) mod jump;
mod listing;
mod marks;
mod names;
pub(crate) mod pages;
mod state;
mod walk;

pub(crate) use listing::Listing;
pub(crate) use names::{Crumb, crumbs, name_below, parent};
pub(crate) use state::{Age, Next, Reading};
pub(crate) use walk::{back, enter, mark, mark_all, open_at, open_bucket, read_on, refresh, return_to, step};

use crate::domain::{Acting, LeafRow, ObjectKey, RowKind};
use crate::transfer::{Arranging, Column, Direction, Pick};

use super::board::RowId;
use super::{Effect, Model, Ticket};

/// How many rows are held in all; older ones are let go.
pub(crate) const MOST_ROWS: u64 = 1_000_000;

/// How many listings are kept beside the one that is shown.
const MOST_KEPT: usize = 64;

/// Screen 2.
#[derive(Debug, Default)]
pub(crate) struct Objects {
    /// What is shown; `None`: no bucket was opened yet.
    pub(crate) listing: Option<Listing>,
    /// Listings that were left, the last one at the end. None of them is being read.
    kept: Vec<Listing>,
    /// How many lines are in sight.
    pub(crate) page: usize,
    pub(crate) sort: Column,
    pub(crate) direction: Direction,
    /// Until when a sorted listing is not arranged again.
    pub(crate) pause: Option<Ticket>,
}

impl Objects {
    /// The prefix that is listed; empty for the whole bucket.
    pub(crate) fn prefix(&self) -> &str {
        self.listing.as_ref().map_or("", |listing| &listing.prefix)
    }

    /// The row under the cursor.
    pub(crate) fn selected(&self) -> Option<LeafRow<'_>> {
        let listing = self.listing.as_ref()?;
        listing.row(listing.cursor()?)
    }

    /// The object under the cursor; `None` on a prefix, and on one that is gone.
    pub(crate) fn selected_pick(&self) -> Option<Pick> {
        self.selected().filter(|_| !self.is_gone_here()).and_then(|row| pick(&row))
    }

    /// Whether what is under the cursor is gone.
    pub(crate) fn is_gone_here(&self) -> bool {
        self.listing.as_ref().is_some_and(|listing| listing.cursor().is_some_and(|number| listing.gone.has(number)))
    }

    /// The key of the object under the cursor that is gone.
    pub(crate) fn gone_key(&self) -> Option<ObjectKey> {
        let row = self.selected().filter(|row| self.is_gone_here() && row.kind != RowKind::Prefix)?;
        Some(row.object_key())
    }

    /// Whether there is anything to act on: marked, or under the cursor.
    pub(crate) fn has_subject(&self) -> bool {
        let marked = self.listing.as_ref().is_some_and(|listing| listing.marks.totals.rows() > 0);
        marked || (self.selected().is_some() && !self.is_gone_here())
    }

    /// The marked objects, in the store's order. Marks that a filter hides count: the title says how many there are.
    pub(crate) fn marked_picks(&self) -> Vec<Pick> {
        self.marked().filter_map(|row| pick(&row)).collect()
    }

    /// The marked prefixes.
    pub(crate) fn marked_prefixes(&self) -> Vec<String> {
        self.marked().filter(|row| row.kind == RowKind::Prefix).map(|row| row.key.to_owned()).collect()
    }

    fn marked(&self) -> impl Iterator<Item = LeafRow<'_>> {
        self.listing.iter().flat_map(|listing| listing.marks.iter().filter_map(|number| listing.row(number)))
    }

    /// How the rows are wanted.
    pub(crate) fn wish(&self, listing: &Listing) -> Arranging {
        Arranging { sort: self.sort, order: self.direction, filter: listing.filter.clone(), below: listing.prefix.len() }
    }

    /// A transfer has written or removed keys that begin so: lists that were read before, and have room for such keys, are older.
    pub(crate) fn outdate(&mut self, bucket: RowId, beginning: &str) {
        let shares = |listing: &&mut Listing| listing.prefix.starts_with(beginning) || beginning.starts_with(&listing.prefix);
        self.read(bucket).filter(shares).for_each(|listing| listing.age = Age::Outdated);
    }

    /// A transfer has removed these keys, which are in the order of their bytes; if everything `below` a prefix goes, what rows of
    /// prefixes become is said at its end.
    pub(crate) fn lose(&mut self, bucket: RowId, keys: &[String], below: Option<&str>) {
        self.read(bucket).for_each(|listing| listing.lose(keys, below));
    }

    /// A transfer has removed everything below a prefix.
    pub(crate) fn lose_below(&mut self, bucket: RowId, prefix: &str) {
        self.read(bucket).for_each(|listing| listing.lose_below(prefix));
    }

    /// The lists of a bucket of which something was read.
    fn read(&mut self, bucket: RowId) -> impl Iterator<Item = &mut Listing> {
        self.listing.iter_mut().chain(&mut self.kept).filter(move |listing| listing.bucket == bucket && listing.read_at.is_some())
    }

    /// Puts what is shown aside. What it was reading is called off by the caller.
    fn put_aside(&mut self) {
        let Some(listing) = self.listing.take() else { return };
        if listing.read_at.is_some() {
            self.kept.retain(|other| !other.is_of(listing.bucket, &listing.prefix, listing.after.as_deref()));
            self.kept.push(listing);
        }
        self.make_room();
    }

    /// Lets go what was left longest ago.
    pub(crate) fn make_room(&mut self) {
        let here = self.listing.as_ref().map_or(0, Listing::held);
        while self.kept.len() > MOST_KEPT || (!self.kept.is_empty() && here + self.kept.iter().map(Listing::held).sum::<u64>() > MOST_ROWS)
        {
            self.kept.remove(0);
        }
    }

    fn take_back(&mut self, bucket: RowId, prefix: &str, after: Option<&str>) -> Option<Listing> {
        let at = self.kept.iter().position(|listing| listing.is_of(bucket, prefix, after))?;
        Some(self.kept.remove(at))
    }
}

fn pick(row: &LeafRow<'_>) -> Option<Pick> {
    match row.kind {
        RowKind::Prefix => None,
        RowKind::Object(size) => {
            let (size, class) = (Some(size), row.class.cloned());
            Some(Pick { key: row.object_key(), version: None, size, etag: row.etag(), modified: row.modified, class })
        }
    }
}

impl Model {
    /// The bucket that keys act on: that of the listing, or the one under the board's cursor.
    pub(crate) fn bucket_here(&self) -> Option<RowId> {
        match self.screen {
            super::Screen::Objects => self.objects.listing.as_ref().map(|listing| listing.bucket),
            super::Screen::Transfers => self.transfers.acting_now().and_then(|acting| self.row_of(&acting.place.id)),
            super::Screen::Buckets | super::Screen::Journal => self.board.selected,
            super::Screen::Ledger => None,
        }
    }

    /// The bucket of screen 2, and the user's word on paying for it: what every request about its objects needs.
    pub(crate) fn acting(&self) -> Option<Acting> {
        let bucket = self.objects.listing.as_ref()?.bucket;
        Some(Acting { place: self.place_of(bucket)?, consent: super::consent::of(self, bucket) })
    }

    /// The object under the cursor of screen 2.
    pub fn picked(&self) -> Option<Pick> {
        self.objects.selected_pick()
    }

    /// The marked objects and the marked prefixes of screen 2.
    pub fn marked(&self) -> (Vec<Pick>, Vec<String>) {
        (self.objects.marked_picks(), self.objects.marked_prefixes())
    }

    /// How many rows of listings were looked at so far, by keys and frames alike: a test holds it against how many there are.
    pub fn rows_looked_at(&self) -> u64 {
        self.objects.listing.as_ref().map_or(0, Listing::looked_at)
    }
}

/// Once per message: orders what keys have asked for.
pub(crate) fn pump(model: &mut Model, out: &mut Vec<Effect>) {
    pages::pump(model, out);
    arranging::pump(model, out);
}
