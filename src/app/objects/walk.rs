//! The way through a bucket: into prefixes, up again, back to what was left, and the cursor on it.

use crate::app::board::RowId;
use crate::app::model::{Pane, Screen, Tone};
use crate::app::{Effect, Model, grouped, keys};
use crate::domain::RowKind;

use super::state::{Demand, Next};
use super::{Listing, arranging, pages, parent};

/// Opens a bucket at its first key. A listing that was read before is shown again as it was.
pub(crate) fn open_bucket(model: &mut Model, bucket: RowId, out: &mut Vec<Effect>) {
    open_at(model, bucket, "", None, out);
}

/// Opens a prefix, or what follows a key in it: with one request, or with none where it was read before.
pub(crate) fn open_at(model: &mut Model, bucket: RowId, prefix: &str, after: Option<String>, out: &mut Vec<Effect>) {
    show(model);
    let objects = &mut model.objects;
    if objects.listing.as_ref().is_some_and(|listing| listing.is_of(bucket, prefix, after.as_deref())) {
        return;
    }
    leave(model, out);
    let objects = &mut model.objects;
    let listing = objects.take_back(bucket, prefix, after.as_deref()).unwrap_or_else(|| Listing::new(bucket, prefix, after));
    objects.listing = Some(listing);
    model.refit();
}

fn leave(model: &mut Model, out: &mut Vec<Effect>) {
    pages::stop(model, out);
    arranging::stop(model, out);
    model.objects.put_aside();
}

fn show(model: &mut Model) {
    model.screen = Screen::Objects;
    keys::focus(model, Pane::List);
}

/// Screen 2 as it was left; the bucket under the cursor where none was opened yet.
pub(crate) fn return_to(model: &mut Model, out: &mut Vec<Effect>) {
    match (&model.objects.listing, model.board.selected) {
        (Some(_), _) => show(model),
        (None, Some(bucket)) => open_bucket(model, bucket, out),
        (None, None) => model.say(Tone::Plain, "no bucket is open: choose one, or press o to open one by its name"),
    }
}

/// Opens the prefix under the cursor. Says whether there is one.
pub(crate) fn enter(model: &mut Model, out: &mut Vec<Effect>) -> bool {
    let Some(listing) = &model.objects.listing else { return true };
    let bucket = listing.bucket;
    let prefix = model.objects.selected().filter(|row| row.kind == RowKind::Prefix).map(|row| row.key.to_owned());
    match prefix {
        Some(prefix) => {
            open_at(model, bucket, &prefix, None, out);
            true
        }
        None => false,
    }
}

/// One prefix up; from the top, to the board.
pub(crate) fn back(model: &mut Model, out: &mut Vec<Effect>) {
    let Some(listing) = &model.objects.listing else { return keys::go(model, Screen::Buckets) };
    let (bucket, prefix, after) = (listing.bucket, listing.prefix.clone(), listing.after.is_some());
    if after {
        open_at(model, bucket, &prefix, None, out);
    } else if prefix.is_empty() {
        keys::go(model, Screen::Buckets);
        model.board.select(bucket);
    } else {
        let up = parent(&prefix).to_owned();
        open_at(model, bucket, &up, None, out);
    }
}

/// Moves the cursor. Near the end of what was read, that asks for the next page.
pub(crate) fn step(model: &mut Model, by: isize) {
    let page = model.objects.page;
    let Some(listing) = &mut model.objects.listing else { return };
    let line = if by == isize::MAX { usize::MAX } else { listing.line.saturating_add_signed(by) };
    listing.select_line(line, page);
    if by > 0 {
        pages::note_move(model);
    }
}

/// Asks the store again, from the first page on.
pub(crate) fn refresh(model: &mut Model, out: &mut Vec<Effect>) {
    pages::stop(model, out);
    arranging::stop(model, out);
    let Some(old) = model.objects.listing.take() else { return };
    let mut listing = Listing::new(old.bucket, &old.prefix, old.after);
    listing.filter = old.filter;
    model.objects.listing = Some(listing);
}

/// Asks for the page that did not come, on the word that stands now.
pub(crate) fn read_on(model: &mut Model, out: &mut Vec<Effect>) {
    pages::stop(model, out);
    if let Some(listing) = &mut model.objects.listing {
        listing.trouble = None;
        listing.demand = Demand::Page;
    }
}

pub(crate) fn mark(model: &mut Model) {
    if let Some(listing) = &mut model.objects.listing {
        listing.toggle_mark();
    }
    step(model, 1);
}

pub(crate) fn mark_all(model: &mut Model) {
    let Some(listing) = &mut model.objects.listing else { return };
    listing.toggle_all();
    let marked = listing.marks.totals.rows();
    if marked > 0 && listing.next != Next::Complete {
        let count = grouped(usize::try_from(marked).unwrap_or(usize::MAX));
        model.say(
            Tone::Warning,
            format!("marked: {count} of the rows that were read; the prefix has more, which are not marked (G reads them)"),
        );
    }
}
