//! Sort and filter: done beside the event loop, for the rows that were read.
//!
//! By name and without a filter nothing is arranged. Rows that come while a filter is on are looked at for themselves; a sorted
//! listing is arranged anew, at most twice a second.

use std::time::Duration;

use jiff::SignedDuration;

use crate::app::model::Wait;
use crate::app::{Effect, Model, Ticket};
use crate::transfer::{Arranging, Column};

use super::state::{Extent, Work, keeps_order};

/// The shortest time between two arrangings of one listing for the same wish.
const PAUSE: Duration = Duration::from_millis(500);

/// What has to be done now.
enum Step {
    Nothing,
    Arrange(Extent),
    Pause,
}

/// Orders what sort and filter need, and stops what they no longer do.
pub(crate) fn pump(model: &mut Model, out: &mut Vec<Effect>) {
    let Some(listing) = &model.objects.listing else { return };
    let wish = model.objects.wish(listing);
    if listing.work.as_ref().is_some_and(|work| work.wish == wish) {
        return;
    }
    stop(model, out);
    if wish.sort == Column::Name && wish.filter.is_empty() {
        let (direction, page) = (model.objects.direction, model.objects.page);
        if let Some(listing) = &mut model.objects.listing {
            listing.show_by_name(direction, page);
        }
        return;
    }
    match step(model, &wish) {
        Step::Nothing => {}
        Step::Arrange(extent) => order(model, wish, extent, out),
        Step::Pause => pause(model, out),
    }
}

fn step(model: &Model, wish: &Arranging) -> Step {
    let Some(listing) = &model.objects.listing else { return Step::Nothing };
    match listing.arranged() {
        Some((of, covered)) if of == wish => {
            let rested = listing.arranged_at.is_none_or(|at| model.now.duration_since(at).unsigned_abs() >= PAUSE);
            match (covered == listing.end(), keeps_order(wish), rested) {
                (true, _, _) => Step::Nothing,
                (false, true, _) => Step::Arrange(Extent::More),
                (false, false, true) => Step::Arrange(Extent::Whole),
                (false, false, false) => Step::Pause,
            }
        }
        Some(_) | None => Step::Arrange(Extent::Whole),
    }
}

fn order(model: &mut Model, wish: Arranging, extent: Extent, out: &mut Vec<Effect>) {
    let ticket = model.wait(Wait::Arrange);
    let now = model.now;
    let Some(listing) = &mut model.objects.listing else { return };
    let from = match extent {
        Extent::Whole => listing.first(),
        Extent::More => listing.arranged().map_or(0, |(_, covered)| covered),
    };
    let (leaves, from) = listing.leaves_from(from);
    listing.work = Some(Work { ticket, wish: wish.clone(), from, upto: listing.end(), extent });
    listing.arranged_at = Some(now);
    out.push(Effect::Arrange(ticket, leaves, from, wish));
}

fn pause(model: &mut Model, out: &mut Vec<Effect>) {
    if model.objects.pause.is_some() {
        return;
    }
    let ticket = model.wait(Wait::Rearrange);
    model.objects.pause = Some(ticket);
    out.push(Effect::Wait(ticket, PAUSE));
}

/// The pause is over; the pump that follows looks again.
pub(crate) fn rested(model: &mut Model) {
    model.objects.pause = None;
    if let Some(listing) = &mut model.objects.listing {
        listing.arranged_at = listing.arranged_at.map(|at| at.checked_sub(SignedDuration::from_millis(500)).unwrap_or(at));
    }
}

/// Nobody waits for the arranging under way any more.
pub(crate) fn stop(model: &mut Model, out: &mut Vec<Effect>) {
    let Some(work) = model.objects.listing.as_mut().and_then(|listing| listing.work.take()) else { return };
    model.waits.remove(&work.ticket);
    out.push(Effect::Cancel(work.ticket));
}

/// The rows were arranged.
pub(crate) fn take(model: &mut Model, ticket: Ticket, rows: Vec<u32>) {
    let page = model.objects.page;
    let Some(listing) = &mut model.objects.listing else { return };
    match listing.work.take() {
        Some(work) if work.ticket == ticket => listing.take_order(work, rows, page),
        other => listing.work = other,
    }
}
