//! What stands over a screen. The status line and the footer stay in sight below it.
//!
//! ```text
//! ┌ Open a bucket ────────────────┐
//! │ research:arxiv▏               │
//! └───────────────────────────────┘
//! ```

use crate::app::action;
use crate::app::{
    Area, BudgetQuestion, Dialog, Field, Model, OpenBucket, Palette, Size, budget_choices, budget_lines, budget_title, remain,
};

use super::canvas::{Canvas, safe, wrap};
use super::look::Role;
use super::{acts, objects, plan, probe, transfers_dialogs};

/// Below this height a dialog may cover the status lines.
pub(crate) const LOW: u16 = 16;

/// A line of a dialog.
pub(crate) type Line = (String, Role);

/// Draws the open dialog.
pub(crate) fn draw(canvas: &mut Canvas<'_>, model: &Model, dialog: &Dialog) {
    match dialog {
        Dialog::Help { top } => help(canvas, model, *top),
        Dialog::Palette(palette) => draw_palette(canvas, model, palette),
        Dialog::OpenBucket(open) => open_bucket(canvas, model, open),
        Dialog::Copy { choices, line, .. } => copy(canvas, model, choices, *line),
        Dialog::Consent(question) => objects::draw_consent(canvas, model, question),
        Dialog::Probe(open) => probe::draw(canvas, model, open),
        Dialog::ReadRest(question) => objects::draw_rest(canvas, model, question),
        Dialog::Budget(question) => budget(canvas, model, question),
        Dialog::Jump(jump) => objects::draw_jump(canvas, model, jump),
        Dialog::Plan(plan) => plan::draw_plan(canvas, model, plan),
        Dialog::Report { top } => plan::draw_report(canvas, model, *top),
        Dialog::Quit { .. } => quit(canvas, model),
        Dialog::Diagnosis(examined) => super::diagnosis::draw(canvas, model, examined),
        Dialog::Act(act) => acts::draw(canvas, model, act),
        Dialog::Transfers(question) => transfers_dialogs::draw(canvas, model, question),
    }
}

/// Whether a dialog takes the room of the status lines too.
pub(crate) fn covers_screen(dialog: &Dialog) -> bool {
    matches!(dialog, Dialog::Act(act) if acts::covers_screen(act))
}

/// A frame in the middle, as large as its text needs and the screen allows. Returns its inside.
pub(crate) fn frame(canvas: &mut Canvas<'_>, size: Size, title: &str, width: u16, lines: usize) -> Area {
    let width = width.min(size.width.saturating_sub(2));
    // Header, status lines and footer stay in sight; a low screen lends the status lines, unless a countdown needs them.
    let room = size.height.saturating_sub(if size.height < LOW { 2 } else { 4 });
    let height = u16::try_from(lines).unwrap_or(u16::MAX).saturating_add(2).min(room);
    let area = Area { x: (size.width - width) / 2, y: 1 + (room - height) / 2, width, height };
    canvas.clear(area);
    let bar = "─".repeat(usize::from(width.saturating_sub(2)));
    canvas.put(area.x, area.y, width, &format!("┌{bar}┐"), Role::Accent);
    canvas.put(area.x, area.y + height.saturating_sub(1), width, &format!("└{bar}┘"), Role::Accent);
    for y in area.y + 1..area.y + height.saturating_sub(1) {
        canvas.put(area.x, y, 1, "│", Role::Accent);
        canvas.put(area.x + width.saturating_sub(1), y, 1, "│", Role::Accent);
    }
    canvas.put(area.x + 2, area.y, width.saturating_sub(4), &format!(" {title} "), Role::Title);
    Area { x: area.x + 2, y: area.y + 1, width: width.saturating_sub(4), height: height.saturating_sub(2) }
}

/// Lines from `top` on, never past the end.
pub(crate) fn put_lines(canvas: &mut Canvas<'_>, area: Area, lines: &[Line], top: usize) {
    let room = usize::from(area.height);
    let top = top.min(lines.len().saturating_sub(room));
    for (y, (text, role)) in (area.y..).zip(lines.iter().skip(top).take(room)) {
        canvas.put(area.x, y, area.width, text, *role);
    }
    let below = lines.len().saturating_sub(top + room);
    if below > 0 {
        let y = area.y + area.height.saturating_sub(1);
        let text = format!("▼ {} more ", below + 1);
        canvas.clear(Area { y, height: 1, ..area });
        canvas.put(area.x, y, area.width, &text, Role::Muted);
    }
}

/// Lines under fields or of a question, whose arrow keys do something else: where they do not fit, a page of them, which `PgDn` and
/// `PgUp` turn. After the last one comes the first.
pub(crate) fn put_pages(canvas: &mut Canvas<'_>, area: Area, lines: &[Line], page: i32) {
    let height = usize::from(area.height);
    if lines.len() <= height {
        return put_lines(canvas, area, lines, 0);
    }
    let room = height.saturating_sub(1).max(1);
    let pages = i32::try_from(lines.len().div_ceil(room)).unwrap_or(1);
    let page = page.rem_euclid(pages);
    let first = usize::try_from(page).unwrap_or(0) * room;
    for (y, (text, role)) in (area.y..).zip(lines.iter().skip(first).take(room)) {
        canvas.put(area.x, y, area.width, text, *role);
    }
    if height > 1 {
        let text = format!("▼ PgDn: page {} of {pages}", page + 1);
        canvas.put(area.x, area.y + area.height - 1, area.width, &text, Role::Muted);
    }
}

/// A text field with its cursor; the end of the text is always in sight.
pub(crate) fn field(canvas: &mut Canvas<'_>, area: Area, y: u16, field: &Field) {
    let (before, after) = field.split();
    let (before, after) = (canvas.safe(before), canvas.safe(after));
    let room = usize::from(area.width.saturating_sub(1));
    let from = before.chars().count().saturating_sub(room);
    let before: String = before.chars().skip(from).collect();
    canvas.put(area.x, y, area.width, &format!("{before}▏{after}"), Role::Title);
}

fn help(canvas: &mut Canvas<'_>, model: &Model, top: usize) {
    let width = model.size.width.saturating_sub(2).min(100);
    let keys_width = 17;
    let text_width = usize::from(width.saturating_sub(4)).saturating_sub(keys_width);
    let mut lines: Vec<Line> = Vec::new();
    for entry in action::TABLE {
        if width < 60 {
            lines.push((action::key_names(entry), Role::Accent));
            lines.extend(wrap(entry.help, usize::from(width.saturating_sub(6))).into_iter().map(|line| (format!("  {line}"), Role::Plain)));
            continue;
        }
        for (index, text) in wrap(entry.help, text_width).into_iter().enumerate() {
            let keys = if index == 0 { action::key_names(entry) } else { String::new() };
            lines.push((format!("{keys:<keys_width$}{text}"), Role::Plain));
        }
    }
    lines.push((String::new(), Role::Plain));
    let closing = "Payers are shown as the store said them, with the time. A change waits in sight, is read back, and is a line in the journal. \
                   Nothing is asked of a store unless you look at it. What you should know of a bucket stands in its details as alarm: a payer that \
                   somebody else changed, a payer header that charged nobody, requests without a known price. Who is billed for what: docs/billing.md in the program's repository.";
    lines.extend(wrap(closing, usize::from(width.saturating_sub(4))).into_iter().map(|line| (line, Role::Muted)));
    let inner = frame(canvas, model.size, "Keys", width, lines.len());
    put_lines(canvas, inner, &lines, top);
}

fn draw_palette(canvas: &mut Canvas<'_>, model: &Model, palette: &Palette) {
    let inner = frame(canvas, model.size, "What to do", 72, palette.found.len().max(1) + 2);
    field(canvas, inner, inner.y, &palette.field);
    let list = Area { y: inner.y + 2, height: inner.height.saturating_sub(2), ..inner };
    if palette.found.is_empty() {
        canvas.put(list.x, list.y, list.width, "no action has these letters", Role::Muted);
    }
    let room = usize::from(list.height);
    let first = (palette.line + 1).saturating_sub(room);
    for (y, (index, entry)) in (list.y..).zip(palette.found.iter().enumerate().skip(first).take(room)) {
        let keys = entry.keys.first().map(|key| action::key_name(*key)).unwrap_or_default();
        canvas.put(
            list.x,
            y,
            list.width,
            &format!("{} {:<14} {:<9} {}", sign(index == palette.line), entry.label, keys, entry.help),
            Role::Plain,
        );
        if index == palette.line {
            canvas.paint(Area { y, height: 1, ..list }, Role::Cursor);
        }
    }
}

fn sign(here: bool) -> &'static str {
    if here { "▸" } else { " " }
}

fn open_bucket(canvas: &mut Canvas<'_>, model: &Model, open: &OpenBucket) {
    let width = 66.min(model.size.width.saturating_sub(2));
    let help = open.complaint.as_deref().unwrap_or(
        "ACCOUNT:BUCKET, s3://BUCKET, oss://BUCKET, or a bucket of the account under the cursor; /PREFIX behind it opens that. It stays on the board for this session.",
    );
    let role = if open.complaint.is_some() { Role::Bad } else { Role::Muted };
    let lines: Vec<Line> = wrap(&canvas.safe(help), usize::from(width.saturating_sub(4))).into_iter().map(|line| (line, role)).collect();
    let inner = frame(canvas, model.size, "Open a bucket by its name", width, lines.len() + 2);
    field(canvas, inner, inner.y, &open.field);
    put_pages(canvas, below_field(model, inner), &lines, model.dialog_page);
}

/// What is left below a field. A low screen has no empty line between.
pub(crate) fn below_field(model: &Model, inner: Area) -> Area {
    let used = if model.size.height >= LOW { 2 } else { 1 };
    Area { y: inner.y + used, height: inner.height.saturating_sub(used), ..inner }
}

fn copy(canvas: &mut Canvas<'_>, model: &Model, choices: &[(&'static str, String)], chosen: usize) {
    let inner = frame(canvas, model.size, "Copy", 110, choices.len() * 2);
    let first = ((chosen + 1) * 2).saturating_sub(usize::from(inner.height));
    let look = canvas.look;
    let lines = choices.iter().enumerate().flat_map(|(index, (label, text))| {
        // A block of lines stands on one here; what is copied has them all.
        let line = text.lines().map(str::trim).collect::<Vec<_>>().join(" ");
        [
            (index, format!("{} {label}", sign(index == chosen)), Role::Plain),
            (index, format!("    {}", objects::ends_shown(&safe(&line, look))), Role::Muted),
        ]
    });
    for (y, (index, text, role)) in (inner.y..inner.y + inner.height).zip(lines.skip(first)) {
        canvas.put(inner.x, y, inner.width, &text, role);
        if index == chosen {
            canvas.paint(Area { y, height: 1, ..inner }, Role::Cursor);
        }
    }
}

fn budget(canvas: &mut Canvas<'_>, model: &Model, question: &BudgetQuestion) {
    let width = 74.min(model.size.width.saturating_sub(2));
    let room = usize::from(width.saturating_sub(4));
    let text = budget_lines(model, question);
    let mut lines: Vec<Line> = text.iter().flat_map(|text| wrap(&canvas.safe(text), room)).map(|line| (line, Role::Plain)).collect();
    let choices: Vec<Line> = wrap(&budget_choices(question), room).into_iter().map(|line| (line, Role::Accent)).collect();
    let gap = (model.size.height >= LOW).then(|| (String::new(), Role::Plain));
    lines.extend(gap);
    let inner = frame(canvas, model.size, budget_title(question), width, lines.len() + choices.len());
    // On a low screen the answers matter more than the last lines of the question.
    lines.truncate(usize::from(inner.height).saturating_sub(choices.len()));
    lines.extend(choices);
    put_lines(canvas, inner, &lines, 0);
}

fn quit(canvas: &mut Canvas<'_>, model: &Model) {
    let under_way = model.flows.values().filter(|flow| flow.is_under_way()).count();
    if remain(model) > 0 {
        return transfers_dialogs::leaving(canvas, model, under_way);
    }
    let width = 60.min(model.size.width.saturating_sub(2));
    let changes = if under_way == 1 { "1 change is".to_owned() } else { format!("{under_way} changes are") };
    let text = format!(
        "{changes} under way. If you leave, those that were sent still get their line in the journal, and those that wait are not sent."
    );
    let mut lines: Vec<Line> = wrap(&text, usize::from(width.saturating_sub(4))).into_iter().map(|line| (line, Role::Plain)).collect();
    lines.push((String::new(), Role::Plain));
    lines.push(("y  leave      any other key  stay".to_owned(), Role::Accent));
    let inner = frame(canvas, model.size, "Leave while changes run?", width, lines.len());
    put_pages(canvas, inner, &lines, model.dialog_page);
}
