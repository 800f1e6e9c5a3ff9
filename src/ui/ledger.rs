//! Screen 4: what was sent, in groups, with a chart of the days above them.
//!
//! ```text
//! ─▸Ledger  Day [Account] Bucket Operation · last 30 days ────────────────────────
//!                █
//!  ▁ ▂ █ ▁ ▁ ▁ ▁ █
//!  10-23         11-21   USD a day, most 0.42 USD on 11-19
//!   ACCOUNT               SPEND                    BYTES REQUESTS NOTES
//! ▸!research          0.42 USD ██████████        3.4 GiB   12,345 3 not charged
//!   lab          0.03 CNY an… ▏                   12 KiB       12
//!   total        …
//! ```

use crate::app::{Area, GROUPINGS, LedgerReading, LedgerView, Model, Pane, Reach};
use crate::domain::{By, Sum};

use super::canvas::{Canvas, Focused, cells, fit, put_wrapped};
use super::ledger_chart::{self, share};
use super::ledger_requests;
use super::look::Role;
use super::words;

/// Parts of a cell, from one eighth on.
const PARTS: [&str; 7] = ["▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/// Draws the pane: single requests, or groups.
pub(crate) fn draw(canvas: &mut Canvas<'_>, model: &Model, area: Area) {
    let view = &model.ledger;
    let focused = Focused::when(model.focus == Pane::List);
    if let Some(requests) = &view.requests {
        return ledger_requests::draw(canvas, model, requests, area, focused);
    }
    let cut = view.cut();
    let title = title(model, area.width);
    canvas.rule(area, &title, focused);
    if cut.chart > 0 {
        ledger_chart::draw(canvas, view, Area { y: area.y + 1, height: cut.chart, ..area });
    }
    let columns = Columns::of(area.width);
    let heads = [head(view.by), "SPEND", "", "BYTES", "REQUESTS", "NOTES"].map(str::to_owned);
    line(canvas, area, area.y + 1 + cut.chart, &columns, heads, [Role::Muted; COLUMNS]);
    let rows = Area { y: area.y + cut.above(), height: cut.rows, ..area };
    if let Some((text, role)) = message(view) {
        put_wrapped(canvas, rows, &text, role);
    }
    let measure = view.measure();
    let highest = view.groups.iter().map(|sum| measure.of(sum)).max().unwrap_or(0);
    for (y, (index, sum)) in (rows.y..rows.y + rows.height).zip(view.groups.iter().enumerate().skip(view.top)) {
        let bar = bar(measure.of(sum), highest, columns.0[BAR], canvas.look.is_ascii());
        group(canvas, area, y, &columns, sum, &sum.name, bar, Role::Plain);
        cursor(canvas, Area { y, height: 1, ..area }, index == view.line, focused);
    }
    if cut.total > 0 && !view.groups.is_empty() {
        let name =
            if view.groups.len() == 1 { "total".to_owned() } else { format!("total of {}", words::number(view.groups.len() as u64)) };
        group(canvas, area, rows.y + rows.height, &columns, &view.total, &name, String::new(), Role::Title);
    }
}

/// The sign and the style of the line under the cursor.
pub(super) fn cursor(canvas: &mut Canvas<'_>, line: Area, here: bool, focused: Focused) {
    if here {
        canvas.put(line.x, line.y, 1, "▸", Role::Plain);
        canvas.paint(line, if focused == Focused::Yes { Role::Cursor } else { Role::Rest });
    }
}

/// The groupings with the chosen one in brackets, how far back they reach, and what is not among them yet.
fn title(model: &Model, width: u16) -> String {
    let view = &model.ledger;
    let name = |by: By| if by == view.by { format!("[{}]", grouping(by)) } else { grouping(by).to_owned() };
    let groupings = GROUPINGS.map(name).join(" ");
    let reach = view.reach.words();
    let newer = match view.newer(model.spent.tally.requests) {
        0 => String::new(),
        count => format!(" · {} newer: r", words::number(count)),
    };
    let texts = [
        format!("Ledger  {groupings} · {reach}{newer}"),
        format!("Ledger  [{}] · {reach}{newer}", grouping(view.by)),
        format!("Ledger  [{}] · {reach}", grouping(view.by)),
    ];
    let fitting = texts.iter().find(|text| cells(text) + 5 <= width).or(texts.last());
    fitting.cloned().unwrap_or_default()
}

fn grouping(by: By) -> &'static str {
    match by {
        By::Day => "Day",
        By::Account => "Account",
        By::Bucket => "Bucket",
        By::Operation => "Operation",
    }
}

fn head(by: By) -> &'static str {
    match by {
        By::Day => "DAY (UTC)",
        By::Account => "ACCOUNT",
        By::Bucket => "BUCKET",
        By::Operation => "OPERATION",
    }
}

const COLUMNS: usize = 6;
const SPEND: usize = 1;
const BAR: usize = 2;
const NOTES: usize = 5;

/// Widths of name, spend, bar, bytes, requests, notes; 0 leaves a column out.
struct Columns([u16; COLUMNS]);

impl Columns {
    fn of(width: u16) -> Self {
        let mut widths = match width {
            0..60 => [0, 13, 0, 0, 8, 0],
            60..74 => [0, 13, 7, 9, 8, 0],
            74..100 => [0, 13, 7, 9, 8, 14],
            100..150 => [0, 24, 12, 9, 9, 32],
            _ => [0, 26, 40, 10, 12, 50],
        };
        let others: u16 = widths.iter().filter(|width| **width > 0).map(|width| width + 1).sum();
        widths[0] = width.saturating_sub(others + 2);
        Self(widths)
    }
}

/// What it cost: in signs where words do not fit, as of two currencies on a narrow screen.
fn spend(sum: &Sum, width: u16) -> String {
    let whole = words::cost(&sum.cost, sum.unpriced);
    if cells(&whole) <= width { whole } else { words::signs(&sum.cost).join("+") }
}

#[expect(clippy::too_many_arguments, reason = "a line of a table: where, how wide, and what")]
fn group(canvas: &mut Canvas<'_>, area: Area, y: u16, columns: &Columns, sum: &Sum, name: &str, bar: String, role: Role) {
    let name = if name.is_empty() { "(none)" } else { name };
    let notes = notes(sum, columns.0[NOTES]);
    let texts = [
        canvas.safe(name),
        spend(sum, columns.0[SPEND]),
        bar,
        words::size(sum.up.saturating_add(sum.down)),
        words::number(sum.requests),
        notes,
    ];
    let notes_role = if sum.uncharged > 0 { Role::Warning } else { Role::Muted };
    line(canvas, area, y, columns, texts, [role, role, Role::Accent, role, role, notes_role]);
    if sum.uncharged > 0 {
        canvas.put(area.x + 1, y, 1, "!", Role::Warning);
    }
}

fn line(canvas: &mut Canvas<'_>, area: Area, y: u16, columns: &Columns, texts: [String; COLUMNS], roles: [Role; COLUMNS]) {
    let mut x = area.x + 2;
    for (index, ((width, text), role)) in columns.0.into_iter().zip(texts).zip(roles).enumerate().filter(|(_, ((width, _), _))| *width > 0)
    {
        let text = fit(&text, usize::from(width));
        // Numbers stand below each other.
        let is_number = (SPEND..NOTES).contains(&index) && index != BAR;
        let gap = if is_number { width.saturating_sub(cells(&text)) } else { 0 };
        canvas.put(x + gap, y, width - gap, &text, role);
        x += width + 1;
    }
}

/// A share of the widest bar, in eighths of a cell; something is never nothing.
fn bar(value: u128, highest: u128, width: u16, ascii: bool) -> String {
    let width = usize::from(width);
    if value == 0 || width == 0 {
        return String::new();
    }
    if ascii {
        return "#".repeat(share(value, highest, width).max(1));
    }
    let eighths = share(value, highest, width * 8).max(1);
    let part = (eighths % 8).checked_sub(1).and_then(|part| PARTS.get(part)).copied().unwrap_or_default();
    format!("{}{part}", "█".repeat(eighths / 8))
}

/// What a line has to be looked at for, the gravest first, as much of it as there is room for.
fn notes(sum: &Sum, width: u16) -> String {
    let note = |count: u64, words: &str| (count > 0).then(|| format!("{} {words}", words::number(count)));
    let notes = [
        note(sum.uncharged, "not charged"),
        note(if sum.cost.is_empty() { 0 } else { sum.unpriced }, "without price"),
        note(sum.failed, "failed"),
        note(sum.retries, "retries"),
    ];
    let mut text = String::new();
    for note in notes.into_iter().flatten() {
        let longer = if text.is_empty() { note } else { format!("{text}, {note}") };
        if cells(&longer) > width && !text.is_empty() {
            break;
        }
        text = longer;
    }
    text
}

/// What stands there instead of groups.
fn message(view: &LedgerView) -> Option<(String, Role)> {
    if !view.groups.is_empty() {
        return None;
    }
    match &view.state {
        LedgerReading::Failed(error) => Some((format!("{}. {}", error.message(), error.hint_text().unwrap_or_default()), Role::Bad)),
        LedgerReading::NotRead | LedgerReading::Reading(_) => Some(("reading the ledger…".to_owned(), Role::Muted)),
        LedgerReading::Read if view.reach == Reach::All => Some((EMPTY.to_owned(), Role::Muted)),
        LedgerReading::Read => {
            Some((format!("no request in this time ({}): t looks further back. {EMPTY}", view.reach.words()), Role::Muted))
        }
    }
}

const EMPTY: &str = "Every request that leaves gets a line here, from this console and from commands: when, by whom, what it was, how \
                     many bytes, whether the payer header was sent, who was charged, and about what it cost. Open a bucket with Enter on \
                     screen 1, come back with 4.";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_have_eighths_and_something_is_never_nothing() {
        assert_eq!(bar(10, 10, 4, false), "████");
        assert_eq!(bar(5, 10, 4, false), "██");
        assert_eq!(bar(5, 10, 1, false), "▌");
        assert_eq!(bar(1, 1_000_000, 4, false), "▏");
        assert_eq!(bar(0, 10, 4, false), "");
        assert_eq!(bar(1, 1_000_000, 4, true), "#");
        assert_eq!(bar(10, 10, 4, true), "####");
    }

    #[test]
    fn two_currencies_fit_a_narrow_column() {
        let amounts = [("CNY", 8_000_000), ("USD", 96_740_000)].map(|(code, parts)| {
            (crate::domain::money::Currency::parse(code).expect("a currency"), crate::domain::money::Amount::from_trillionths(parts))
        });
        let sum = Sum { cost: amounts.to_vec(), ..Sum::default() };
        assert_eq!(spend(&sum, 13), "<¥0.01+<$0.01");
        assert_eq!(spend(&sum, 40), "< 0.0001 CNY and < 0.0001 USD");
    }

    #[test]
    fn the_gravest_note_comes_first() {
        let sum = Sum { uncharged: 3, failed: 1, retries: 1_200, unpriced: 4, ..Sum::default() };
        assert_eq!(notes(&sum, 14), "3 not charged");
        assert_eq!(notes(&sum, 60), "3 not charged, 1 failed, 1,200 retries", "without any price, the price column says so");
    }
}
