//! Questions about transfers. Each names what it acts on, and who pays.
//!
//! ```text
//! ┌ Cancel the transfer? ─────────────────────────────┐
//! │ download research:maps/tiles/                     │
//! │ 3 of 40 done. you (research) pays.                │
//! │ s  stop and keep     g  give up     else  no      │
//! └───────────────────────────────────────────────────┘
//! ```

use crate::app::{
    Area, Asking, Cancelling, Field, Found, Model, Question, Transfer, Uploads, UploadsState, cancelling, costs_of, estimate_of, grouped,
    hours_of, judge, leftovers, outcome, payer, remain, side_of, sides_of_transfer, total,
};
use crate::domain::Op;
use crate::prices::{self, Estimate};
use crate::transfer::Job;

use super::canvas::{Canvas, fit_middle, wrap};
use super::dialogs::{LOW, Line, below_field, field, frame, put_lines, put_pages};
use super::look::Role;
use super::objects::ends_shown;
use super::words;

/// Draws an open question.
pub(super) fn draw(canvas: &mut Canvas<'_>, model: &Model, question: &Question) {
    match question {
        Question::Cancel { entry, .. } => about(canvas, model, model.transfers.get(*entry), cancel),
        Question::Approve { entry, .. } => about(canvas, model, model.transfers.get(*entry), approve),
        Question::Resume { entry, .. } => about(canvas, model, model.transfers.get(*entry), resume),
        Question::Leftovers { line, .. } => draw_leftovers(canvas, model, *line),
        Question::Limit(limit) => draw_limit(canvas, model, &limit.field, limit.complaint.as_deref()),
        Question::Uploads(uploads) => draw_uploads(canvas, model, uploads),
    }
}

/// What a no means for a job of which there is nothing yet.
const DROP: &str = "drop it";

/// What a no to a plan means.
fn no(entry: &Transfer) -> &'static str {
    if entry.was_left() { "leave it as it is" } else { DROP }
}

/// The footer's keys.
pub(super) fn keys(model: &Model, question: &Question) -> Vec<(&'static str, &'static str)> {
    match question {
        Question::Cancel { entry, .. } => match model.transfers.get(*entry).map(|entry| cancelling(&entry.state)) {
            Some(Cancelling::StopOrGiveUp) => vec![("s", "stop and keep"), ("g", "give up"), ("Esc", "no")],
            Some(Cancelling::GiveUp) | None => vec![("g", "give up"), ("Esc", "no")],
        },
        Question::Approve { entry, .. } => {
            let no = model.transfers.get(*entry).map_or(DROP, no);
            vec![("y", "do it"), ("n", no), ("Esc", "later")]
        }
        Question::Resume { .. } => vec![("y", "pay and go on"), ("Esc", "no")],
        Question::Leftovers { .. } => vec![("r", "resume"), ("x", "give up"), ("Up Down", "choose"), ("Esc", "later")],
        Question::Limit(_) => vec![("Enter", "set"), ("Esc", "close")],
        Question::Uploads(Uploads { state: UploadsState::Listed { asking: Asking::Abort(_), .. }, .. }) => {
            vec![("y", "abort"), ("Esc", "no")]
        }
        Question::Uploads(Uploads { state: UploadsState::Listed { asking: Asking::Named(..), .. }, .. }) => vec![("Esc", "no")],
        Question::Uploads(uploads) if uploads.found().is_empty() => vec![("r", "refresh"), ("Esc", "close")],
        Question::Uploads(_) => {
            vec![("Space", "mark"), ("x", "abort"), ("Esc", "close"), ("*", "mark all"), ("y", "copy"), ("r", "refresh")]
        }
    }
}

/// What an unfinished upload is.
const WHAT_THEY_ARE: &str = "Parts that have not become objects: they are billed as storage until the upload is completed or aborted. One \
                             that was begun lately may still be under way, here or elsewhere.";

type Text = (&'static str, Vec<(String, Role)>);

/// A question on one entry.
fn about(canvas: &mut Canvas<'_>, model: &Model, entry: Option<&Transfer>, text: fn(&Model, &Transfer) -> Text) {
    let Some(entry) = entry else { return };
    let (title, mut texts) = text(model, entry);
    without_choices(model, &mut texts);
    let width = 70.min(model.size.width.saturating_sub(2));
    let lines = wrapped(canvas, &texts, width);
    let inner = frame(canvas, model.size, title, width, lines.len());
    put_pages(canvas, inner, &lines, model.dialog_page);
}

/// On a low screen the choices stand in the footer alone: what they are about needs the lines.
fn without_choices(model: &Model, texts: &mut Vec<(String, Role)>) {
    if model.size.height < LOW {
        texts.pop();
    }
}

fn wrapped(canvas: &Canvas<'_>, texts: &[(String, Role)], width: u16) -> Vec<Line> {
    let room = usize::from(width.saturating_sub(4));
    texts.iter().flat_map(|(text, role)| wrap(&canvas.safe(text), room).into_iter().map(|line| (line, *role))).collect()
}

fn cancel(model: &Model, entry: &Transfer) -> Text {
    let under_way = match &entry.job {
        Job::Upload(_) | Job::Copy(_) => "Given up, its unfinished uploads are aborted at the store; what is complete stays.",
        Job::Download(_) => "Given up, its unfinished files are removed; what is complete stays.",
        Job::Delete(_) => "What is deleted stays deleted.",
    };
    let yes = match cancelling(&entry.state) {
        Cancelling::StopOrGiveUp => "s  stop, keep it for resuming    g  give it up    else  no",
        Cancelling::GiveUp => "g  give it up    any other key  no",
    };
    let texts = vec![
        (entry.about.clone(), Role::Title),
        (format!("{}.", outcome(&entry.progress)), Role::Plain),
        (pays(model, entry), if entry.pays_as_requester() { Role::Requester } else { Role::Owner }),
        (under_way.to_owned(), Role::Plain),
        (yes.to_owned(), Role::Accent),
    ];
    ("Cancel this transfer?", texts)
}

fn approve(model: &Model, entry: &Transfer) -> Text {
    let progress = &entry.progress;
    let count = grouped(usize::try_from(progress.objects).unwrap_or(usize::MAX));
    let objects = if progress.objects == 1 { "object" } else { "objects" };
    let verb = match &entry.job {
        Job::Upload(_) => "uploaded to",
        Job::Download(_) => "downloaded from",
        Job::Copy(_) => "copied to",
        Job::Delete(_) => "deleted from",
    };
    let bucket = &entry.job.acting().place.id;
    let sides = sides_of_transfer(model, entry);
    let mut texts = vec![
        (entry.about.clone(), Role::Title),
        (format!("{count} {objects}, {}, would be {verb} {bucket}.", words::size(progress.bytes)), Role::Plain),
        (pays(model, entry), if entry.pays_as_requester() { Role::Requester } else { Role::Owner }),
    ];
    let costs = sides.iter().zip(costs_of(model, &sides)).filter(|(_, estimate)| estimate.total() > 0);
    texts.extend(costs.map(|(side, estimate)| (format!("{}: {}.", side.acting.place.id, sentence(&estimate)), Role::Plain)));
    texts.extend(sides.iter().filter_map(|side| hours_of(model, side)).map(|hours| (format!("{hours}."), Role::Plain)));
    texts.extend(judge(model, &sides).said.into_iter().map(|said| (format!("{said}."), Role::Warning)));
    texts.push((format!("y  do it    n  {}    any other key  later", no(entry)), Role::Accent));
    ("Do this?", texts)
}

fn resume(model: &Model, entry: &Transfer) -> Text {
    let progress = &entry.progress;
    let rest = words::size(progress.bytes.saturating_sub(progress.moved));
    let known = if progress.counted || progress.bytes > 0 { format!("About {rest} are left. ") } else { String::new() };
    let texts = vec![
        (entry.about.clone(), Role::Title),
        (format!("{known}The session in which you agreed to pay has ended.{}", sought(entry)), Role::Plain),
        (pays(model, entry), Role::Requester),
        ("y  pay and go on    any other key  no".to_owned(), Role::Accent),
    ];
    ("Go on, and pay for the rest?", texts)
}

/// What is asked first for uploads that a kill left without an id.
fn sought(entry: &Transfer) -> String {
    match entry.sought {
        0 => String::new(),
        1 => " An upload whose id did not come is looked for, with up to 3 requests.".to_owned(),
        count => format!(" {count} uploads whose ids did not come are looked for, with up to 3 requests each."),
    }
}

/// Requests and money.
fn sentence(estimate: &Estimate) -> String {
    format!("{}; {}", prices::words::requests(estimate), prices::words::money(estimate))
}

fn pays(model: &Model, entry: &Transfer) -> String {
    format!("Who pays for its requests: {}.", entry.payer(model))
}

fn draw_leftovers(canvas: &mut Canvas<'_>, model: &Model, chosen: usize) {
    let entries: Vec<&Transfer> = leftovers(model).into_iter().filter_map(|id| model.transfers.get(id)).collect();
    let title = match entries.len() {
        1 => "1 transfer was left unfinished".to_owned(),
        count => format!("{count} transfers were left unfinished"),
    };
    let inner = frame(canvas, model.size, &title, 96, entries.len() * 2 + 2);
    let room = usize::from(inner.height.saturating_sub(1)) / 2;
    let first = (chosen + 1).saturating_sub(room.max(1));
    for (index, (entry, y)) in entries.iter().skip(first).take(room).zip((inner.y..).step_by(2)).enumerate() {
        let begun = entry.begun_at.map(|at| words::full_time(at, &model.zone)).unwrap_or_default();
        canvas.show(inner.x + 2, y, inner.width.saturating_sub(2), &entry.about, Role::Plain);
        let (who, far) = (entry.payer(model), outcome(&entry.progress));
        let search = if entry.sought > 0 { "first looks for a lost upload; " } else { "" };
        let far = format!("{search}would pay: {who}; {far}, {}; begun {begun}", words::size(entry.progress.moved));
        canvas.show(inner.x + 4, y + 1, inner.width.saturating_sub(4), &far, Role::Muted);
        if first + index == chosen {
            canvas.put(inner.x, y, 1, "▸", Role::Plain);
            canvas.paint(Area { y, height: 1, ..inner }, Role::Cursor);
        }
    }
    let last = inner.y + inner.height.saturating_sub(1);
    let nothing = if inner.width < 42 { "Nothing goes on by itself." } else { "Nothing goes on by itself: it would cost." };
    canvas.put(inner.x, last, inner.width, nothing, Role::Muted);
}

fn draw_limit(canvas: &mut Canvas<'_>, model: &Model, text: &Field, complaint: Option<&str>) {
    let width = 62.min(model.size.width.saturating_sub(2));
    let help = complaint.unwrap_or("Bytes a second for all transfers together: 500K, 10M; nothing or 0 is no limit.");
    let role = if complaint.is_some() { Role::Bad } else { Role::Muted };
    let lines = wrapped(canvas, &[(help.to_owned(), role)], width);
    let inner = frame(canvas, model.size, "Limit of bandwidth", width, lines.len() + 2);
    field(canvas, inner, inner.y, text);
    put_pages(canvas, below_field(model, inner), &lines, model.dialog_page);
}

fn draw_uploads(canvas: &mut Canvas<'_>, model: &Model, uploads: &Uploads) {
    let title = format!("Unfinished uploads in {}", canvas.safe(&uploads.acting.place.id.to_string()));
    let found = uploads.found();
    let width = 96.min(model.size.width.saturating_sub(2));
    let mut texts = heading(model, uploads);
    // What answers a question is in sight however long that is.
    let answer = texts.split_off(texts.len() - usize::from(uploads.is_asking()));
    let (heads, answer) = (wrapped(canvas, &texts, width), wrapped(canvas, &answer, width));
    let inner = frame(canvas, model.size, &title, width, heads.len() + answer.len() + found.len() + 1);
    let count = |lines: &[Line]| u16::try_from(lines.len()).unwrap_or(u16::MAX);
    let above = inner.height.saturating_sub(count(&answer)).min(count(&heads));
    put_pages(canvas, Area { height: above, ..inner }, &heads, model.dialog_page);
    put_lines(canvas, Area { y: inner.y + above, height: inner.height - above, ..inner }, &answer, 0);
    let top = inner.y + above + count(&answer);
    let room = usize::from((inner.y + inner.height).saturating_sub(top));
    let first = (uploads.line + 1).saturating_sub(room.max(1));
    for (index, (upload, y)) in found.iter().skip(first).take(room).zip(top..).enumerate() {
        canvas.put(inner.x, y, inner.width, &upload_line(canvas, model, upload, usize::from(inner.width)), Role::Plain);
        if first + index == uploads.line {
            canvas.paint(Area { y, height: 1, ..inner }, Role::Cursor);
        }
    }
}

fn heading(model: &Model, uploads: &Uploads) -> Vec<(String, Role)> {
    let pays = format!("Who pays for these requests: {}.", payer(model, &uploads.acting));
    let bucket = &uploads.acting.place.id;
    match &uploads.state {
        UploadsState::Reading(_) => vec![("asking the store…".to_owned(), Role::Muted), (pays, Role::Muted)],
        UploadsState::Failed(error) => {
            vec![(format!("{}. {}", error.message(), error.hint_text().unwrap_or_default()), Role::Bad)]
        }
        UploadsState::Listed { found, .. } if found.is_empty() => {
            vec![("no unfinished uploads: nothing of this kind is billed here".to_owned(), Role::Good)]
        }
        UploadsState::Listed { asking: asking @ (Asking::Abort(_) | Asking::Named(..)), .. } => {
            let (count, parts, bytes) = total(uploads.chosen());
            let what = format!(
                "Abort {} in {bucket}? {}, {}, are removed; they cannot be completed any more.",
                counted(count),
                of_parts(parts),
                words::size(bytes)
            );
            let side = side_of(uploads.acting.clone(), Op::AbortMultipartUpload, count as u64, 0);
            let cost = format!("It asks for {}.", sentence(&estimate_of(model, &side)));
            let answer = match asking {
                Asking::Named(_, field) => format!("type `{}`, then Enter: abort   Esc: no   > {}", bucket.bucket, field.text()),
                Asking::No | Asking::Abort(_) => "y  abort    any other key  no".to_owned(),
            };
            vec![(what, Role::Warning), (pays, Role::Plain), (cost, Role::Plain), (answer, Role::Accent)]
        }
        UploadsState::Listed { found, .. } => {
            let (count, parts, bytes) = total(found);
            let billed = if parts == 0 { "nothing of it billed so far" } else { "still billed" };
            let mut texts = vec![(format!("{}, {}, {}, {billed}.", counted(count), of_parts(parts), words::size(bytes)), Role::Warning)];
            if model.size.height >= LOW {
                texts.push((WHAT_THEY_ARE.to_owned(), Role::Plain));
            }
            texts.push((pays, Role::Muted));
            texts
        }
        UploadsState::Aborting { .. } => vec![("aborting…".to_owned(), Role::Warning)],
    }
}

fn counted(uploads: usize) -> String {
    if uploads == 1 { "1 upload".to_owned() } else { format!("{} uploads", grouped(uploads)) }
}

fn upload_line(canvas: &Canvas<'_>, model: &Model, found: &Found, width: usize) -> String {
    let mark = if found.marked { "*" } else { " " };
    let parts =
        found.upload.parts.map(|(parts, bytes)| format!("{}, {}", of_parts(u64::from(parts)), words::size(bytes))).unwrap_or_default();
    let key = ends_shown(&canvas.safe(found.upload.row.key.as_str()));
    let trouble = found.trouble.as_ref().map(|error| canvas.safe(&format!("  not aborted: {}", error.message()))).unwrap_or_default();
    if width < 60 {
        // Which upload it is matters more than when it was begun.
        let room = width.saturating_sub(parts.len() + 4);
        return format!("{mark} {}  {parts}{trouble}", fit_middle(&key, room));
    }
    let begun = found.upload.row.begun.map(|at| words::full_time(at, &model.zone)).unwrap_or_default();
    format!("{mark} {begun}  {parts:<20} {key}{trouble}")
}

fn of_parts(parts: u64) -> String {
    if parts == 1 { "1 part".to_owned() } else { format!("{parts} parts") }
}

/// The question at leaving.
pub(super) fn leaving(canvas: &mut Canvas<'_>, model: &Model, changes: usize) {
    let transfers = remain(model);
    let what = if transfers == 1 { "1 transfer has".to_owned() } else { format!("{transfers} transfers have") };
    let changes = match changes {
        0 => String::new(),
        1 => " 1 change of a payer is under way, and still gets its line in the journal.".to_owned(),
        count => format!(" {count} changes of payers are under way, and still get their lines in the journal."),
    };
    let mut texts = vec![
        (format!("{what} not ended.{changes}"), Role::Plain),
        (
            "Kept, the next start offers them. Given up, unfinished uploads are aborted and unfinished files removed.".to_owned(),
            Role::Plain,
        ),
        ("y  leave, keep them    g  leave, give them up    any other key  stay".to_owned(), Role::Accent),
    ];
    without_choices(model, &mut texts);
    let width = 72.min(model.size.width.saturating_sub(2));
    let lines = wrapped(canvas, &texts, width);
    let inner = frame(canvas, model.size, "Leave while transfers run?", width, lines.len());
    put_pages(canvas, inner, &lines, model.dialog_page);
}
