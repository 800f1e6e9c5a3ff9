//! The keys of the question, and what a yes or a no does.

use jiff::Timestamp;

use crate::domain::BucketId;

use super::super::super::budget::{self, Over};
use super::super::super::consent::{self, Word};
use super::super::super::dialog::Dialog;
use super::super::super::model::Tone;
use super::super::super::{Begin, Effect, Key, KeyCode, Model, transfers};
use super::super::Act;
use super::asking::{begin, count};
use super::{Amount, Answer, Asked, Confirm, Draft, Stage, Verb, confirm, sides};

/// The question is on screen: its keys begin to count.
pub(in crate::app::acts) fn note_drawn(open: &mut Confirm, now: Timestamp) {
    open.shown.get_or_insert(now);
}

/// A paste is no answer.
pub(in crate::app::acts) fn paste(open: &mut Confirm) {
    open.complaint = Some("a paste does not confirm: type it".to_owned());
}

/// A key while the question is open.
#[expect(clippy::wildcard_enum_match_arm, reason = "every other key belongs to the stage")]
pub(in crate::app::acts) fn press(model: &mut Model, key: Key, out: &mut Vec<Effect>) {
    let now = model.now;
    let Some(Dialog::Act(Act::Confirm(open))) = &model.dialog else { return };
    // On a narrow screen, facts take several lines each.
    let lines = open.facts.len() + open.named(model).count() + if model.size.width < 60 { 24 } else { 8 };
    let Some(open) = confirm(model) else { return };
    let seen = open.seen(now);
    open.complaint = None;
    match key.code {
        KeyCode::Esc => return close(model, out),
        KeyCode::Up => open.top = open.top.saturating_sub(1),
        KeyCode::Down => open.top = (open.top + 1).min(lines),
        _ if !seen || key.ctrl || key.alt => return,
        _ => {}
    }
    match &open.stage {
        Stage::Paying(bucket) => {
            let bucket = bucket.clone();
            pay_key(model, key, &bucket, out);
        }
        Stage::Asking => ask_key(model, key, out),
        Stage::Counting => {}
        Stage::Ready(_) => ready_key(model, key, out),
        Stage::Over(judged) => {
            let over = judged.over.clone();
            over_key(model, key, &over, out);
        }
        Stage::Failed(_) => failed_key(model, key, out),
    }
}

/// The second yes, to spending more than a budget allows.
#[expect(clippy::wildcard_enum_match_arm, reason = "every other key answers nothing")]
fn over_key(model: &mut Model, key: Key, over: &[Over], out: &mut Vec<Effect>) {
    match key.code {
        KeyCode::Char('y') => {
            budget::agree(model, over, out);
            start(model, out);
        }
        KeyCode::Char('n') => refuse(model, out),
        KeyCode::Char('q') | KeyCode::Enter => close(model, out),
        _ => {}
    }
}

/// Yes, unless budgets have something to say to it.
fn agreed(model: &mut Model, out: &mut Vec<Effect>) {
    let Some(Dialog::Act(Act::Confirm(open))) = &model.dialog else { return };
    let judged = budget::judge(model, &sides(model, open));
    match confirm(model) {
        Some(open) if !judged.over.is_empty() => open.enter(Stage::Over(judged)),
        Some(_) | None => start(model, out),
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "every other key answers nothing")]
fn pay_key(model: &mut Model, key: Key, bucket: &BucketId, out: &mut Vec<Effect>) {
    let word = match key.code {
        KeyCode::Char('s') => Word::Session,
        KeyCode::Char('a') => Word::Kept,
        KeyCode::Char('w') => return without(model, out),
        KeyCode::Char('n' | 'q') | KeyCode::Enter => return close(model, out),
        _ => return,
    };
    if let Some(row) = model.row_of(bucket) {
        consent::agree(model, row, word, out);
        begin(model, out);
    }
}

/// No word, no payer header: whoever owns the buckets pays, or the store refuses.
fn without(model: &mut Model, out: &mut Vec<Effect>) {
    let Some(open) = confirm(model) else { return };
    if open.drafts.iter().any(Draft::costs_to_count) {
        open.enter(Stage::Asking);
    } else {
        count(model, out);
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "every other key answers nothing")]
fn ask_key(model: &mut Model, key: Key, out: &mut Vec<Effect>) {
    match key.code {
        KeyCode::Char('y') => count(model, out),
        KeyCode::Char('n' | 'q') | KeyCode::Enter => close(model, out),
        _ => {}
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "every other key answers nothing")]
fn failed_key(model: &mut Model, key: Key, out: &mut Vec<Effect>) {
    match key.code {
        KeyCode::Char('n' | 'q') | KeyCode::Enter => close(model, out),
        _ => {}
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "every other key belongs to the answer")]
fn ready_key(model: &mut Model, key: Key, out: &mut Vec<Effect>) {
    let Some(Confirm { stage: Stage::Ready(answer), complaint, .. }) = confirm(model) else { return };
    match answer {
        Answer::Key => match key.code {
            KeyCode::Char('y') => agreed(model, out),
            KeyCode::Char('n') => refuse(model, out),
            KeyCode::Char('q') | KeyCode::Enter => close(model, out),
            _ => {}
        },
        Answer::Typed { word, field } => match key.code {
            KeyCode::Enter if field.text().is_empty() => close(model, out),
            KeyCode::Enter if field.text() == word => agreed(model, out),
            KeyCode::Enter => *complaint = Some("that is not the text to type".to_owned()),
            _ => drop(field.press(key)),
        },
        Answer::Nothing => match key.code {
            KeyCode::Enter | KeyCode::Char('n' | 'q') => close(model, out),
            _ => {}
        },
    }
}

/// Yes: every job goes to the queue, or goes on in it.
fn start(model: &mut Model, out: &mut Vec<Effect>) {
    let Some(Dialog::Act(Act::Confirm(open))) = model.dialog.take() else { return };
    let count = open.drafts.len();
    for draft in open.drafts {
        match draft.amount {
            Amount::Planning(entry) => transfers::approve(model, entry, out),
            Amount::Known(_) | Amount::Unplanned => drop(transfers::enqueue(model, draft.job, draft.about, Begin::AtOnce, out)),
        }
    }
    if let Some(listing) = &mut model.objects.listing {
        listing.marks.clear_all();
    }
    let jobs = if count == 1 { "1 job".to_owned() } else { format!("{count} jobs") };
    let again = match open.verb {
        Verb::Upload | Verb::Copy | Verb::Unmark => "; r reads the list again when it is done",
        Verb::Move | Verb::Delete => "; the list says what is gone",
        Verb::Download => "",
    };
    model.say(Tone::Plain, format!("{jobs} queued: 3 shows how far{again}"));
}

/// A no in so many words: a plan that waited is called off, too.
fn refuse(model: &mut Model, out: &mut Vec<Effect>) {
    if let Some(open) = confirm(model) {
        open.asked = Asked::Now;
    }
    close(model, out);
}

/// No: plans are called off, and nothing was done.
fn close(model: &mut Model, out: &mut Vec<Effect>) {
    let Some(Dialog::Act(Act::Confirm(open))) = model.dialog.take() else { return };
    if open.asked == Asked::Again {
        return model.say(Tone::Plain, "it waits on screen 3: Space asks again, x takes it away");
    }
    for entry in open.entries() {
        transfers::decline(model, entry, out);
    }
    let what = match open.verb {
        Verb::Upload => "nothing was uploaded",
        Verb::Download => "nothing was downloaded",
        Verb::Copy => "nothing was copied",
        Verb::Move => "nothing was moved",
        Verb::Delete => "nothing was deleted",
        Verb::Unmark => "the delete marker stays",
    };
    model.say(Tone::Plain, what);
}
