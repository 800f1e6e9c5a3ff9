//! Which pages are read, and when: the first one on opening, the next one as the cursor comes near the last row, the rest on request.
//!
//! The rest of a prefix may be ten thousand requests. A hundred pages are read without a question; there, and at each tenfold, a
//! person says whether to go on.

use crate::app::budget::{self, Judged};
use crate::app::dialog::Dialog;
use crate::app::estimate::{self, Side};
use crate::app::model::{Screen, Tone, Wait};
use crate::app::{Effect, Model, PageFact, Ticket, consent, diagnosis, grouped};
use crate::domain::{Error, ErrorKind, Op, Result};
use crate::prices::words;

use super::state::{Demand, Next, Reading};

/// How many pages of one listing are read before a question.
const UNASKED: u64 = 100;

/// The question at a hundred pages, and at each tenfold of that; before, if a budget asks for it.
#[derive(Debug)]
pub(crate) struct RestQuestion {
    /// Pages read so far.
    pub(crate) so_far: u64,
    /// Up to how many it would go.
    pub(crate) upto: u64,
    pub(crate) shown: Option<jiff::Timestamp>,
}

/// The cursor moved: near the last row that was read, the next page is wanted. One page of it at most is under way.
pub(crate) fn note_move(model: &mut Model) {
    let page = model.objects.page.max(1);
    let Some(listing) = &mut model.objects.listing else { return };
    let near = listing.line + page >= listing.shown();
    if near && listing.is_plain() && listing.trouble.is_none() && listing.demand == Demand::Nothing {
        listing.demand = Demand::Page;
    }
}

/// All that is left is wanted.
pub(crate) fn want_rest(model: &mut Model) {
    if let Some(listing) = &mut model.objects.listing {
        listing.demand = Demand::Rest;
    }
}

/// Orders what was asked for.
pub(crate) fn pump(model: &mut Model, out: &mut Vec<Effect>) {
    let Some(listing) = &mut model.objects.listing else { return };
    let demand = std::mem::replace(&mut listing.demand, Demand::Nothing);
    match (demand, listing.reading) {
        (Demand::Nothing, _) | (Demand::Page | Demand::Rest, Reading::Rest { .. }) | (Demand::Page, Reading::Page(_)) => {}
        (Demand::Page, Reading::Still) => order(model, 1, out),
        (Demand::Rest, Reading::Still) => go_on(model, out),
        // The page under way is the first of the rest.
        (Demand::Rest, Reading::Page(_)) => listing.demand = Demand::Rest,
    }
}

/// Reads on to the next question.
fn go_on(model: &mut Model, out: &mut Vec<Effect>) {
    let Some(listing) = &model.objects.listing else { return };
    if listing.next == Next::Complete {
        return;
    }
    match UNASKED.checked_sub(listing.pages).filter(|left| *left > 0) {
        Some(left) if judged(model, left).over.is_empty() => order(model, left, out),
        Some(_) | None => ask_on(model),
    }
}

/// What so many pages more ask for.
fn side(model: &Model, pages: u64) -> Option<Side> {
    Some(estimate::side(model.acting()?, Op::ListObjectsV2, pages, 0))
}

fn judged(model: &Model, pages: u64) -> Judged {
    budget::judge(model, &side(model, pages).into_iter().collect::<Vec<_>>())
}

/// What reading on costs, and what budgets say of it.
pub(crate) fn price(model: &Model, question: &RestQuestion) -> (String, Vec<String>) {
    let pages = question.upto - question.so_far;
    let money = side(model, pages).map(|side| words::money(&estimate::of_side(model, &side)));
    (money.unwrap_or_default(), judged(model, pages).said)
}

fn ask_on(model: &mut Model) {
    let Some(listing) = &model.objects.listing else { return };
    let so_far = listing.pages;
    let mut upto = if so_far < UNASKED { UNASKED } else { UNASKED * 10 };
    while upto <= so_far {
        upto = upto.saturating_mul(10);
    }
    if model.dialog.is_none() && model.editing.is_none() && model.screen == Screen::Objects {
        model.dialog = Some(Dialog::ReadRest(RestQuestion { so_far, upto, shown: None }));
    } else {
        model.say(
            Tone::Warning,
            format!("reading stopped after {} pages: press G to go on", grouped(usize::try_from(so_far).unwrap_or(usize::MAX))),
        );
    }
}

/// The question was answered with yes.
pub(crate) fn consented(model: &mut Model, question: &RestQuestion, out: &mut Vec<Effect>) {
    let still = model.objects.listing.as_ref().is_some_and(|listing| listing.pages == question.so_far && listing.reading == Reading::Still);
    if still {
        let over = judged(model, question.upto - question.so_far).over;
        budget::agree(model, &over, out);
        order(model, question.upto - question.so_far, out);
    }
}

fn order(model: &mut Model, pages: u64, out: &mut Vec<Effect>) {
    let (Some(acting), Some(ask)) = (model.acting(), model.objects.listing.as_ref().and_then(super::Listing::ask)) else { return };
    let ticket = model.wait(Wait::Keys);
    if let Some(listing) = &mut model.objects.listing {
        listing.trouble = None;
        listing.reading = if pages == 1 { Reading::Page(ticket) } else { Reading::Rest { ticket, left: pages } };
    }
    out.push(Effect::ListObjects(ticket, acting, ask, pages));
}

/// Stops what is being read. Says whether there was anything.
pub(crate) fn stop(model: &mut Model, out: &mut Vec<Effect>) -> bool {
    let Some(listing) = &mut model.objects.listing else { return false };
    listing.demand = Demand::Nothing;
    let Some(ticket) = listing.reading.ticket() else { return false };
    listing.reading = Reading::Still;
    model.waits.remove(&ticket);
    out.push(Effect::Cancel(ticket));
    true
}

/// A page came, or the reason why it did not. The ticket was still expected.
pub(crate) fn take(model: &mut Model, ticket: Ticket, page: Result<PageFact>, out: &mut Vec<Effect>) {
    let lines = model.objects.page;
    let Some(listing) = model.objects.listing.as_mut().filter(|listing| listing.reading.ticket() == Some(ticket)) else { return };
    let page = page.and_then(|fact| if repeats(&listing.next, &fact) { Err(repeated()) } else { Ok(fact) });
    match page {
        Ok(fact) => {
            let at_end = listing.is_plain() && matches!(listing.reading, Reading::Rest { .. }) && listing.line + 1 >= listing.shown();
            listing.push(&fact);
            let line = if at_end { usize::MAX } else { listing.line };
            listing.select_line(line, lines);
            went(model, ticket, out);
        }
        Err(error) => {
            listing.failed += 1;
            refused(model, ticket, error, out);
        }
    }
    model.objects.make_room();
}

/// One page of what was ordered is there.
fn went(model: &mut Model, ticket: Ticket, out: &mut Vec<Effect>) {
    let Some(listing) = &mut model.objects.listing else { return };
    let (left, asked_for_rest) = match listing.reading {
        Reading::Still => return,
        Reading::Page(_) => (0, false),
        Reading::Rest { left, .. } => (left.saturating_sub(1), true),
    };
    if left > 0 && listing.next != Next::Complete {
        listing.reading = Reading::Rest { ticket, left };
        return;
    }
    listing.reading = Reading::Still;
    model.waits.remove(&ticket);
    if asked_for_rest {
        go_on(model, out);
    }
}

fn refused(model: &mut Model, ticket: Ticket, error: Error, out: &mut Vec<Effect>) {
    model.waits.remove(&ticket);
    let Some(listing) = &mut model.objects.listing else { return };
    // What the hands would have read after it is not read either.
    out.push(Effect::Cancel(ticket));
    listing.reading = Reading::Still;
    listing.demand = Demand::Nothing;
    let bucket = listing.bucket;
    let error = diagnosis::explained(model, bucket, Op::ListObjectsV2, error);
    consent::offer(model, bucket, &error);
    if let Some(listing) = &mut model.objects.listing {
        listing.trouble = Some(error);
    }
}

/// A store that answers with the token it was given would be read for ever.
fn repeats(next: &Next, fact: &PageFact) -> bool {
    match (next, &fact.leaf.next) {
        (Next::Token(asked), Some(answered)) => asked == answered,
        (Next::Token(_) | Next::Begin | Next::Complete, _) => fact.leaf.next.as_deref() == Some(""),
    }
}

fn repeated() -> Error {
    Error::new(ErrorKind::InvalidReply, "the store answers with the same continuation token again")
        .hint("Refresh to begin the listing anew; if it happens again, report it to whoever runs the store.")
}
