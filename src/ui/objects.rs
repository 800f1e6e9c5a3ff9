//! Screen 2: the keys of a bucket.
//!
//! ```text
//! ─▸research:arxiv / src / 2024 /   3,000 rows, 3 pages · more · 2 marked, 1.2 MiB ──
//!   NAME▲                                        SIZE  MODIFIED          CLASS
//! ▸ 01/
//!  ●a.tar                                     1.2 GiB  2024-05-01 10:00  STANDARD
//! ```

use crate::app::{
    Age, Area, ConsentQuestion, Crumb, Jump, KeyListing, Model, Next, Pane, Reading, RestQuestion, consent_lines, consent_word, holds,
};
use crate::app::{crumbs, grouped, name_below};
use crate::domain::{LeafRow, RowKind, StorageClass};
use crate::transfer::{Column, Direction};

use super::canvas::{Canvas, Focused, cells, fit_middle, wrap};
use super::dialogs::{self, Line};
use super::look::Role;
use super::{details, words};

/// How wide each column is; 0 leaves it out.
#[derive(Clone, Copy, Debug)]
struct Columns {
    name: u16,
    size: u16,
    date: u16,
    class: u16,
}

impl Columns {
    /// Narrow screens drop the class, then the date.
    fn of(width: u16) -> Self {
        let (size, date, class) = match width {
            0..50 => (8, 0, 0),
            50..76 => (8, 16, 0),
            76..110 => (9, 16, 11),
            _ => (9, 19, 19),
        };
        let others = [size, date, class].into_iter().filter(|width| *width > 0).map(|width| width + 1).sum::<u16>();
        Self { name: width.saturating_sub(2 + others), size, date, class }
    }
}

/// Draws the pane: only the rows in sight are touched.
pub(crate) fn draw(canvas: &mut Canvas<'_>, model: &Model, area: Area) {
    let focused = Focused::when(model.focus == Pane::List);
    let Some(listing) = &model.objects.listing else { return canvas.rule(area, "Objects", focused) };
    let title = title(canvas, model, listing, area.width);
    canvas.rule(area, &title, focused);
    let columns = Columns::of(area.width);
    heads(canvas, model, Area { y: area.y + 1, height: 1, ..area }, columns);
    if listing.shown() == 0 {
        empty(canvas, model, listing, area);
    }
    let lines = usize::from(area.height.saturating_sub(2));
    for (y, line) in (area.y + 2..).zip(listing.top..listing.shown().min(listing.top + lines)) {
        let Some(number) = listing.number_at(line) else { continue };
        let here = Area { y, height: 1, ..area };
        if let Some(found) = listing.row(number) {
            row(canvas, model, listing, here, columns, &found);
            if listing.gone.has(number) {
                gone(canvas, here, columns);
            }
        }
        if listing.marks.has(number) {
            canvas.put(area.x + 1, y, 1, "●", Role::Accent);
        }
        if line == listing.line {
            canvas.put(area.x, y, 1, "▸", Role::Plain);
            canvas.paint(here, if focused == Focused::Yes { Role::Cursor } else { Role::Rest });
        }
    }
}

/// Where one is, then what was read of it, as far as there is room; the end of the way is worth more than its beginning.
fn title(canvas: &Canvas<'_>, model: &Model, listing: &KeyListing, width: u16) -> String {
    let mut way = canvas.safe(&model.name_of(listing.bucket));
    for crumb in crumbs(&listing.prefix) {
        match crumb {
            Crumb::Folder(name) => way.push_str(&format!(" / {}", shown(canvas, name))),
            Crumb::Empty => way.push_str(" / (empty)"),
            Crumb::Beginning(text) => way.push_str(&format!(" / {}…", shown(canvas, text))),
        }
    }
    if listing.prefix.ends_with('/') {
        way.push_str(" /");
    }
    if let Some(after) = &listing.after {
        let after = after.strip_prefix(listing.prefix.as_str()).unwrap_or(after);
        way.push_str(&format!(" behind {}", shown(canvas, after)));
    }
    let room = usize::from(width.saturating_sub(5));
    let mut parts = facts(canvas, model, listing, width);
    let least = usize::from(cells(&way)).min(room / 3);
    while !parts.is_empty() && least + 2 + usize::from(cells(&parts.join(" · "))) > room {
        parts.pop();
    }
    if parts.is_empty() {
        return fit_middle(&way, room);
    }
    let parts = parts.join(" · ");
    format!("{}  {parts}", fit_middle(&way, room.saturating_sub(usize::from(cells(&parts)) + 2)))
}

/// What is worth most comes first: the last ones give way on a narrow screen.
fn facts(canvas: &Canvas<'_>, model: &Model, listing: &KeyListing, width: u16) -> Vec<String> {
    let mut parts = Vec::new();
    let marked = listing.marks.totals;
    let prefixes = if marked.prefixes == 1 { "1 prefix".to_owned() } else { format!("{} prefixes", number(marked.prefixes)) };
    match (marked.objects, marked.prefixes) {
        (0, 0) => {}
        (0, _) => parts.push(format!("{prefixes} marked")),
        (objects, 0) => parts.push(format!("{} marked, {}", number(objects), words::size(marked.bytes))),
        (objects, _) => parts.push(format!("{} marked, {}, and {prefixes}", number(objects), words::size(marked.bytes))),
    }
    if !listing.filter.is_empty() {
        let busy = if listing.work.is_some() { "…" } else { "" };
        parts.push(format!("{} match {}{busy}", number(listing.shown() as u64), canvas.safe(&listing.filter)));
    }
    if let Some(word) = consent_word(model, listing.bucket) {
        parts.push(word.badge().to_owned());
    }
    let gone = listing.gone.totals.rows();
    if gone > 0 && listing.age == Age::Fresh {
        parts.push(format!("{} gone: r", number(gone)));
    }
    if listing.age == Age::Outdated {
        parts.push("changed since: r".to_owned());
    }
    if listing.pages > 0 || listing.reading != Reading::Still {
        parts.push(count(listing, width));
    }
    match (listing.reading, &listing.next) {
        (Reading::Still, Next::Complete) => {}
        (Reading::Still, Next::Begin | Next::Token(_)) if listing.trouble.is_some() => parts.push("failed".to_owned()),
        (Reading::Still, Next::Begin) => parts.push("not read".to_owned()),
        (Reading::Still, Next::Token(_)) => parts.push("more: G".to_owned()),
        (Reading::Page(_) | Reading::Rest { .. }, _) => parts.push("Esc stops".to_owned()),
    }
    if let Some(at) = listing.read_at {
        parts.push(words::time(at, model.now, &model.zone));
    }
    parts
}

fn count(listing: &KeyListing, width: u16) -> String {
    let (first, end) = (u64::from(listing.first()), u64::from(listing.end()));
    match listing.reading {
        Reading::Rest { .. } if width < 60 => format!("{} rows…", number(end)),
        Reading::Rest { .. } => {
            format!("{} rows, {} pages, {}…", number(end), number(listing.pages), words::requests(listing.requests()))
        }
        Reading::Page(_) if end == 0 => "reading…".to_owned(),
        Reading::Page(_) => format!("{} rows…", number(end)),
        Reading::Still if first > 0 => format!("rows {} to {}; r begins again", number(first + 1), number(end)),
        Reading::Still if end == 1 => "1 row".to_owned(),
        Reading::Still => format!("{} rows", number(end)),
    }
}

fn number(count: u64) -> String {
    grouped(usize::try_from(count).unwrap_or(usize::MAX))
}

fn heads(canvas: &mut Canvas<'_>, model: &Model, area: Area, columns: Columns) {
    let sign = if model.objects.direction == Direction::Backward { "▼" } else { "▲" };
    let mut x = area.x + 2;
    let heads = [
        (columns.name, "NAME", Column::Name),
        (columns.size, "SIZE", Column::Size),
        (columns.date, "MODIFIED", Column::Modified),
        (columns.class, "CLASS", Column::Class),
    ];
    for (width, head, column) in heads.into_iter().filter(|(width, _, _)| *width > 0) {
        let sorted = column == model.objects.sort;
        let text = if sorted { format!("{head}{sign}") } else { head.to_owned() };
        let role = if sorted { Role::Accent } else { Role::Muted };
        if column == Column::Size {
            canvas.put_right(Area { x, width, ..area }, area.y, &text, role);
        } else {
            canvas.put(x, area.y, width, &text, role);
        }
        x += width + 1;
    }
}

fn row(canvas: &mut Canvas<'_>, model: &Model, listing: &KeyListing, area: Area, columns: Columns, row: &LeafRow<'_>) {
    let name = name(canvas, row, &listing.prefix);
    let role = if row.kind == RowKind::Prefix { Role::Accent } else { Role::Plain };
    let mut x = area.x + 2;
    canvas.put(x, area.y, columns.name, &fit_middle(&name, usize::from(columns.name)), role);
    x += columns.name + 1;
    if let RowKind::Object(size) = row.kind {
        canvas.put_right(Area { x, width: columns.size, ..area }, area.y, &words::size(size), Role::Plain);
    }
    x += columns.size + 1;
    if let (Some(at), true) = (row.modified, columns.date > 0) {
        let text = words::full_time(at, &model.zone);
        canvas.put(x, area.y, columns.date, text.get(..usize::from(columns.date)).unwrap_or(&text), Role::Muted);
    }
    x += columns.date + 1;
    if columns.class > 0 {
        canvas.show(x, area.y, columns.class, row.class.map_or("", StorageClass::as_str), Role::Muted);
    }
}

/// Over a row whose object is gone: the word stands where its size stood.
fn gone(canvas: &mut Canvas<'_>, area: Area, columns: Columns) {
    let size = Area { x: area.x + 2 + columns.name + 1, width: columns.size, ..area };
    canvas.paint(area, Role::Muted);
    canvas.clear(size);
    canvas.put_right(size, area.y, "gone", Role::Warning);
}

/// A part of a key. Spaces at its ends are escaped too: there nobody would see them.
fn shown(canvas: &Canvas<'_>, text: &str) -> String {
    ends_shown(&canvas.safe(text))
}

/// An escaped text, with the spaces at its ends escaped.
pub(crate) fn ends_shown(safe: &str) -> String {
    let inner = safe.trim_matches(' ');
    let at = safe.len() - safe.trim_start_matches(' ').len();
    let before = at.min(safe.len());
    let after = safe.len() - before - inner.len();
    format!("{}{inner}{}", "\\u{20}".repeat(before), "\\u{20}".repeat(after))
}

/// A row's name, escaped; an object that looks like a folder says what it is.
fn name(canvas: &Canvas<'_>, row: &LeafRow<'_>, prefix: &str) -> String {
    let name = shown(canvas, name_below(row, prefix));
    match row.kind {
        RowKind::Object(_) if row.key.ends_with('/') => format!("(folder marker) {name}"),
        RowKind::Object(_) | RowKind::Prefix => name,
    }
}

/// Why there is nothing to see.
fn empty(canvas: &mut Canvas<'_>, model: &Model, listing: &KeyListing, area: Area) {
    let width = area.width.saturating_sub(4);
    let mut lines: Vec<Line> = Vec::new();
    match (listing.reading, &listing.trouble) {
        (Reading::Page(ticket) | Reading::Rest { ticket, .. }, _) if holds(model, ticket) => {
            lines.push(("not sent yet: a budget has a word on it".to_owned(), Role::Muted))
        }
        (Reading::Page(_) | Reading::Rest { .. }, _) => {
            lines.push(("asking the store for the first keys… (Esc stops)".to_owned(), Role::Muted))
        }
        (Reading::Still, Some(error)) => {
            lines.push((error.message().to_owned(), Role::Bad));
            lines.extend(error.hint_text().map(|hint| (hint.to_owned(), Role::Plain)));
            lines.push((details::EVIDENCE.to_owned(), Role::Muted));
        }
        (Reading::Still, None) => lines.push((why_empty(model, listing).to_owned(), Role::Muted)),
    }
    let below = area.y + area.height;
    let wrapped = lines.iter().flat_map(|(text, role)| wrap(&canvas.safe(text), usize::from(width)).into_iter().map(|line| (line, *role)));
    for (y, (line, role)) in (area.y + 3..below).zip(wrapped.collect::<Vec<_>>()) {
        canvas.put(area.x + 2, y, width, &line, role);
    }
}

fn why_empty(model: &Model, listing: &KeyListing) -> &'static str {
    let whole = listing.prefix.is_empty() && listing.after.is_none();
    match &listing.next {
        Next::Begin => "not read: press r",
        Next::Token(_) | Next::Complete if listing.age == Age::Outdated && listing.end() == 0 => {
            "nothing was here when it was read; a transfer has changed the bucket since: r reads it again"
        }
        Next::Token(_) | Next::Complete if !listing.filter.is_empty() && listing.end() > 0 => {
            "no name that was read matches the filter: Esc clears it"
        }
        Next::Token(_) => "no keys on the pages so far; press j for the next page, G for all that are left",
        Next::Complete if whole && consent_word(model, listing.bucket).is_some() => "the bucket is empty",
        Next::Complete if whole => "the bucket is empty",
        Next::Complete => "no key begins so: h goes up",
    }
}

/// Whether to pay.
pub(crate) fn draw_consent(canvas: &mut Canvas<'_>, model: &Model, question: &ConsentQuestion) {
    let width = 74.min(model.size.width.saturating_sub(2));
    let room = usize::from(width.saturating_sub(4));
    let mut lines: Vec<Line> = Vec::new();
    for (index, text) in consent_lines(model, question).iter().enumerate() {
        let role = if index == 0 { Role::Warning } else { Role::Plain };
        lines.extend(wrap(&canvas.safe(text), room).into_iter().map(|line| (line, role)));
    }
    lines.push((String::new(), Role::Plain));
    for choice in ["s  yes, for this session", "a  yes, until R takes it back", "any other key  no"] {
        lines.push((choice.to_owned(), Role::Accent));
    }
    let inner = dialogs::frame(canvas, model.size, "Who pays?", width, lines.len());
    // On a low screen the choices matter more than the last sentence of the explanation.
    let spare = lines.len().saturating_sub(usize::from(inner.height));
    let choices = lines.split_off(lines.len().saturating_sub(4));
    lines.truncate(lines.len().saturating_sub(spare));
    lines.extend(choices);
    dialogs::put_lines(canvas, inner, &lines, 0);
}

/// Whether to read on after many pages.
pub(crate) fn draw_rest(canvas: &mut Canvas<'_>, model: &Model, question: &RestQuestion) {
    let Some(listing) = &model.objects.listing else { return };
    let width = 74.min(model.size.width.saturating_sub(2));
    let room = usize::from(width.saturating_sub(4));
    let payer = crate::app::next_request(model).into_iter().next().unwrap_or_default();
    let more = question.upto - question.so_far;
    let (cost, budgets) = crate::app::rest_price(model, question);
    let texts = [
        format!(
            "{}: {} rows so far, on {} pages.",
            model.name_of(listing.bucket),
            number(u64::from(listing.end())),
            number(question.so_far)
        ),
        format!("Read on, up to {} requests more ({} pages in all)? {payer}; {cost}.", number(more), number(question.upto)),
    ];
    let mut lines: Vec<Line> = texts.iter().flat_map(|text| wrap(&canvas.safe(text), room)).map(|line| (line, Role::Plain)).collect();
    lines.extend(budgets.iter().flat_map(|text| wrap(&canvas.safe(text), room)).map(|line| (line, Role::Warning)));
    lines.push((String::new(), Role::Plain));
    lines.push(("y  read on      any other key  no".to_owned(), Role::Accent));
    let inner = dialogs::frame(canvas, model.size, "Read all that is left?", width, lines.len());
    dialogs::put_pages(canvas, inner, &lines, model.dialog_page);
}

/// Where to go.
pub(crate) fn draw_jump(canvas: &mut Canvas<'_>, model: &Model, jump: &Jump) {
    let width = 74.min(model.size.width.saturating_sub(2));
    let help = "A text that ends in / opens that prefix; any other text lists the keys behind it. Tab completes from what is in sight.";
    let lines: Vec<Line> = wrap(help, usize::from(width.saturating_sub(4))).into_iter().map(|line| (line, Role::Muted)).collect();
    let inner = dialogs::frame(canvas, model.size, "Jump within the bucket", width, lines.len() + 2);
    dialogs::field(canvas, inner, inner.y, &jump.field);
    dialogs::put_pages(canvas, dialogs::below_field(model, inner), &lines, model.dialog_page);
}

#[cfg(test)]
mod tests {
    use super::ends_shown;

    #[test]
    fn spaces_at_the_ends_are_seen() {
        for (text, shown) in [(" ", "\\u{20}"), ("  ", "\\u{20}\\u{20}"), (" a b ", "\\u{20}a b\\u{20}"), ("a", "a"), ("", "")] {
            assert_eq!(ends_shown(text), shown);
        }
    }
}
