//! The last word before anything is moved or removed.
//!
//! ```text
//! ┌ Delete 3 objects in research:maps? ────────────┐
//! │ what    3 objects in research:maps             │
//! │ size    3 objects, 12 KiB                      │
//! │ pays    you (research)                         │
//! │ asks    1 request (not billed)                 │
//! │   tiles/1.png                                  │
//! │ y: delete    Enter, n, Esc: no                 │
//! └────────────────────────────────────────────────┘
//! ```

use crate::app::estimate::Side;
use crate::app::{
    AccountState, Answer, Area, COUNTED_WITH, Confirm, Model, Stage, Verb, buckets_of_job, costs_of, estimate_of, grouped, hours_of, judge,
    payer, provider, side_of, sides_of, total_of,
};
use crate::domain::op::PriceClass;
use crate::domain::{Acting, BucketId};
use crate::prices;

use super::super::canvas::{Canvas, wrap};
use super::super::dialogs::{self, Line, field, frame, put_lines};
use super::super::look::Role;
use super::super::objects::ends_shown;
use super::super::words;
use super::Keys;

const LABEL: usize = 9;

/// Draws the question over the screen.
pub(super) fn draw(canvas: &mut Canvas<'_>, model: &Model, open: &Confirm) {
    let width = 78.min(model.size.width.saturating_sub(2));
    let room = usize::from(width.saturating_sub(4));
    let question = question(canvas, open, room);
    let lines = lines(canvas, model, open, room);
    let gap = u16::from(model.size.height >= dialogs::LOW);
    let typed = u16::from(matches!(open.stage, Stage::Ready(Answer::Typed { .. })));
    let foot = u16::try_from(question.len()).unwrap_or(1) + typed;
    let inner = frame(canvas, model.size, title(open), width, lines.len() + usize::from(foot + gap));
    let foot = foot.min(inner.height);
    put_lines(canvas, Area { height: inner.height.saturating_sub(foot + gap), ..inner }, &lines, open.top);
    put_lines(canvas, Area { y: inner.y + inner.height - foot, height: foot.saturating_sub(typed), ..inner }, &question, 0);
    if let Stage::Ready(Answer::Typed { field: text, .. }) = &open.stage {
        field(canvas, inner, inner.y + inner.height.saturating_sub(1), text);
    }
}

fn title(open: &Confirm) -> &'static str {
    match (&open.stage, open.verb) {
        (Stage::Paying(_), _) => "Who pays?",
        (Stage::Asking, _) => "Count it first?",
        (Stage::Counting, _) => "Counting",
        (Stage::Over(_), _) => "Spend more than the budget?",
        (Stage::Failed(_), _) => "It could not be found out",
        (Stage::Ready(Answer::Nothing), _) => "Nothing to do",
        (Stage::Ready(_), Verb::Upload) => "Upload?",
        (Stage::Ready(_), Verb::Download) => "Download?",
        (Stage::Ready(_), Verb::Copy) => "Copy?",
        (Stage::Ready(_), Verb::Move) => "Move?",
        (Stage::Ready(_), Verb::Delete) => "Delete?",
        (Stage::Ready(_), Verb::Unmark) => "Remove the delete marker?",
    }
}

fn lines(canvas: &Canvas<'_>, model: &Model, open: &Confirm, room: usize) -> Vec<Line> {
    let mut facts: Vec<(&'static str, String, Role)> = Vec::new();
    // What is asked now stands above what it is about.
    match &open.stage {
        Stage::Paying(bucket) => facts.push(("payer", paying(bucket), Role::Warning)),
        Stage::Asking => facts.push(("counting", counting(model, open), Role::Warning)),
        Stage::Counting | Stage::Ready(_) => {}
        Stage::Over(judged) => facts.extend(judged.said.iter().map(|said| ("budget", said.clone(), Role::Warning))),
        Stage::Failed(text) => facts.push(("cause", text.clone(), Role::Bad)),
    }
    let asked = facts.len();
    let role = if open.verb == Verb::Delete { Role::Warning } else { Role::Plain };
    let (first, rest) = open.facts.split_at(open.facts.len().min(2));
    facts.extend(first.iter().map(|(label, text)| (*label, text.clone(), role)));
    if matches!(open.stage, Stage::Counting | Stage::Ready(_) | Stage::Over(_)) {
        // Behind what is meant: on a low screen, that and how much it is are what must be seen.
        facts.insert(facts.len().min(asked + 1), ("size", size(model, open), Role::Title));
    }
    facts.push(("pays", pays(model, open), Role::Requester));
    let sides = sides_of(model, open);
    if matches!(open.stage, Stage::Ready(_) | Stage::Over(_)) || sides.iter().any(|side| side.need.total() > 0) {
        facts.push(("asks", asks(model, &sides), Role::Plain));
        facts.extend(costs(model, &sides).map(|text| ("costs", text, Role::Plain)));
        facts.extend(sides.iter().filter_map(|side| hours_of(model, side)).map(|text| ("hours", text, Role::Plain)));
    }
    if matches!(open.stage, Stage::Ready(_)) {
        facts.extend(judge(model, &sides).said.into_iter().map(|said| ("budget", said, Role::Warning)));
    }
    facts.extend(rest.iter().map(|(label, text)| (*label, text.clone(), Role::Plain)));
    let mut lines: Vec<Line> = Vec::new();
    for (label, text, role) in facts {
        for (index, part) in wrap(&ends_shown(&canvas.safe(&text)), room.saturating_sub(LABEL)).into_iter().enumerate() {
            let label = if index == 0 { label } else { "" };
            lines.push((format!("{label:<LABEL$}{part}"), role));
        }
    }
    lines.extend(open.named(model).map(|name| (format!("  {}", ends_shown(&canvas.safe(name))), Role::Muted)));
    match open.unnamed(model) {
        0 => {}
        more => lines.push((format!("  and {} more", grouped(usize::try_from(more).unwrap_or(usize::MAX))), Role::Muted)),
    }
    lines
}

fn paying(bucket: &BucketId) -> String {
    format!(
        "{bucket} is someone else's, and nobody said who pays. If it is requester-pays, the store refuses until {} pays, for every request \
         and the transfer.",
        bucket.account
    )
}

fn counting(model: &Model, open: &Confirm) -> String {
    let acting = open.drafts.first().and_then(|draft| buckets_of_job(&draft.job).first().map(|acting| (*acting).clone()));
    let class = acting.as_ref().and_then(|acting| COUNTED_WITH.cell(provider(model, &acting.place.id)));
    let class = class.map_or("", |cell| class_words(cell.price));
    let estimate = acting.map(|acting| estimate_of(model, &side_of(acting, COUNTED_WITH, 1, 0))).unwrap_or_default();
    let money = prices::words::money(&estimate);
    let each = if estimate.is_complete() { " each" } else { "" };
    format!("what is below the prefix is listed first: 1 request for each 1,000 keys, {class}; {money}{each}")
}

/// Objects and bytes; what is not known is said.
fn size(model: &Model, open: &Confirm) -> String {
    let total = total_of(model, open);
    let objects = grouped(usize::try_from(total.objects).unwrap_or(usize::MAX));
    let noun = match open.verb {
        Verb::Upload if total.objects == 1 => "file",
        Verb::Upload => "files",
        Verb::Unmark => return "1 delete marker, no bytes".to_owned(),
        Verb::Download | Verb::Copy | Verb::Move | Verb::Delete if total.objects == 1 => "object",
        Verb::Download | Verb::Copy | Verb::Move | Verb::Delete => "objects",
    };
    let bytes = match total.unsized_objects {
        0 => words::size(total.bytes),
        count if count == total.objects => "size not known".to_owned(),
        count => format!("{}, and {count} of unknown size", words::size(total.bytes)),
    };
    let asked = if total.requests > 0 { format!(" (found with {})", words::requests(total.requests)) } else { String::new() };
    let so_far = if matches!(open.stage, Stage::Counting) { " so far" } else { "" };
    format!("{objects} {noun}, {bytes}{so_far}{asked}")
}

/// Each bucket with its payer, the one that is read first.
fn pays(model: &Model, open: &Confirm) -> String {
    let mut told: Vec<(String, String)> = Vec::new();
    for acting in open.drafts.iter().flat_map(|draft| buckets_of_job(&draft.job)) {
        let pair = (acting.place.id.to_string(), format!("{}{}", payer(model, acting), caller(model, acting)));
        if !told.contains(&pair) {
            told.push(pair);
        }
    }
    match told.as_slice() {
        [(_, payer)] => who(payer),
        many => many.iter().map(|(bucket, payer)| format!("{bucket}: {}", who(payer))).collect::<Vec<_>>().join("; "),
    }
}

/// Whose keys the account acts with, where that is known.
fn caller(model: &Model, acting: &Acting) -> String {
    let account = model.accounts.iter().find(|account| account.name == acting.place.id.account && payer(model, acting) != "owner");
    account.and_then(AccountState::identity_text).map(|identity| format!(" as {identity}")).unwrap_or_default()
}

fn who(payer: &str) -> String {
    if payer == "owner" { "the bucket's owner; a requester-pays bucket refuses".to_owned() } else { payer.to_owned() }
}

/// Requests by price class, as far as can be foretold.
fn asks(model: &Model, sides: &[Side]) -> String {
    let classes: Vec<(PriceClass, u64)> =
        sides.iter().flat_map(|side| side.need.by_price(provider(model, &side.acting.place.id))).collect();
    if classes.is_empty() {
        return "no request".to_owned();
    }
    let of = |(class, count): &(PriceClass, u64)| format!("{} {}", words::requests(*count), class_words(*class));
    let parts: Vec<String> = classes.iter().map(of).collect();
    let perhaps: Vec<String> = sides
        .iter()
        .flat_map(|side| side.need.perhaps_by_price(provider(model, &side.acting.place.id)))
        .map(|class| format!("; perhaps up to {} more", of(&class)))
        .collect();
    format!("{}{}", parts.join(", "), perhaps.concat())
}

/// The money of each bucket; `None`: nothing is asked.
fn costs(model: &Model, sides: &[Side]) -> Option<String> {
    let costs = costs_of(model, sides);
    let asked: Vec<(&Side, String)> = sides
        .iter()
        .zip(&costs)
        .filter(|(_, estimate)| estimate.total() > 0)
        .map(|(side, estimate)| (side, prices::words::money(estimate)))
        .collect();
    match asked.as_slice() {
        [] => None,
        [(_, money)] => Some(money.clone()),
        many => Some(many.iter().map(|(side, money)| format!("{}: {money}", side.acting.place.id)).collect::<Vec<_>>().join("; ")),
    }
}

fn class_words(class: PriceClass) -> &'static str {
    match class {
        PriceClass::Tier1 => "billed as S3 PUT, COPY, POST, LIST",
        PriceClass::Tier2 => "billed as S3 GET and others",
        PriceClass::PutType => "billed as OSS Put-type",
        PriceClass::GetType => "billed as OSS Get-type",
        PriceClass::Restore => "billed as a restore",
        PriceClass::Free => "not billed",
    }
}

fn question(canvas: &Canvas<'_>, open: &Confirm, room: usize) -> Vec<Line> {
    let verb = match open.verb {
        Verb::Upload => "upload",
        Verb::Download => "download",
        Verb::Copy => "copy",
        Verb::Move => "move",
        Verb::Delete => "delete",
        Verb::Unmark => "remove the marker",
    };
    let text = match &open.stage {
        Stage::Paying(_) => "s: pay, this session   a: pay, until R takes it back   w: go on without   Enter, n, Esc: no".to_owned(),
        Stage::Asking => "y: count   Enter, n, Esc: no".to_owned(),
        Stage::Counting => "counting…   Esc: stop".to_owned(),
        Stage::Ready(Answer::Key) => format!("y: {verb}   Enter, n, Esc: no"),
        Stage::Ready(Answer::Typed { word, .. }) => format!("type `{}`, then Enter: {verb}   Esc: no", canvas.safe(word)),
        Stage::Over(_) => format!("y: spend it, and {verb}   Enter, n, Esc: no"),
        Stage::Ready(Answer::Nothing) => "nothing is there   Enter, Esc: close".to_owned(),
        Stage::Failed(_) => "nothing was done   Enter, Esc: close".to_owned(),
    };
    let complaint = open.complaint.iter().flat_map(|text| wrap(text, room)).map(|line| (line, Role::Bad));
    complaint.chain(wrap(&text, room).into_iter().map(|line| (line, Role::Accent))).collect()
}

/// The footer's keys.
pub(super) fn keys(open: &Confirm) -> Keys {
    match &open.stage {
        Stage::Paying(_) => vec![("Esc", "no"), ("s", "this session"), ("a", "always"), ("w", "without")],
        Stage::Asking => vec![("Esc", "no"), ("y", "count")],
        Stage::Counting => vec![("Esc", "stop")],
        Stage::Ready(Answer::Key) | Stage::Over(_) => vec![("Esc", "no"), ("y", "yes"), ("Up Down", "scroll")],
        Stage::Ready(Answer::Typed { .. }) => vec![("Esc", "no"), ("Up Down", "scroll")],
        Stage::Ready(Answer::Nothing) | Stage::Failed(_) => vec![("Esc", "close")],
    }
}
