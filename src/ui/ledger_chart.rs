//! The chart of screen 4: one bar for each day, over as many lines as there is room for.
//!
//! ```text
//!                  █
//!      ▃           █   ▅
//!  ▁ ▂ █ ▁ ▁ ▁ ▁ ▁ █ ▂ █
//!  10-23           11-21   spend a day in USD, highest 0.42 USD on 11-19
//! ```

use jiff::Span;
use jiff::civil::Date;

use crate::app::{Area, LedgerView, Measure};
use crate::domain::{Amount, Sum};

use super::canvas::{Canvas, cells};
use super::look::Role;
use super::words;

/// Levels of one cell, lowest first.
const BLOCKS: [&str; 8] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];
const PLAIN: [&str; 8] = ["_", ".", ",", "-", "=", "+", "*", "#"];

/// Longer than any ledger, and still quick to walk through.
const MOST_DAYS: usize = 20_000;

/// The bars, then a line that says what they are.
pub(super) fn draw(canvas: &mut Canvas<'_>, view: &LedgerView, area: Area) {
    let Some(until) = view.until.filter(|_| area.height > 1) else { return };
    let measure = view.measure();
    let days = days(&view.days, measure, view.reach.first_day(until), until);
    let room = area.width.saturating_sub(4);
    let bars = Bars::of(&days, usize::from(room));
    let lines = area.height - 1;
    let highest = bars.values.iter().map(|(_, value)| *value).max().unwrap_or(0);
    let levels = if canvas.look.is_ascii() { PLAIN } else { BLOCKS };
    for (index, (_, value)) in bars.values.iter().enumerate() {
        let x = area.x + 2 + u16::try_from(index).unwrap_or(u16::MAX).saturating_mul(bars.step);
        for (line, sign) in column(*value, highest, lines, levels).into_iter().enumerate() {
            let y = area.y + lines - 1 - u16::try_from(line).unwrap_or(lines);
            canvas.put(x, y, bars.width, &sign.repeat(usize::from(bars.width)), Role::Accent);
        }
    }
    legend(canvas, &bars, measure, Area { y: area.y + lines, height: 1, ..area });
}

/// Every day from the first to the last, those without requests too.
fn days(sums: &[Sum], measure: Measure, since: Option<Date>, until: Date) -> Vec<(Date, u128)> {
    let known: std::collections::BTreeMap<Date, u128> =
        sums.iter().filter_map(|sum| Some((sum.name.parse::<Date>().ok()?, measure.of(sum)))).collect();
    let Some(first) = since.or_else(|| known.keys().next().copied()) else { return Vec::new() };
    let count = usize::try_from((until - first).get_days()).unwrap_or(0).min(MOST_DAYS);
    (0..=count)
        .rev()
        .filter_map(|back| until.checked_sub(Span::new().days(i64::try_from(back).unwrap_or(0))).ok())
        .map(|date| (date, known.get(&date).copied().unwrap_or(0)))
        .collect()
}

/// Bars: of one day each, or of several where there are more days than cells.
struct Bars {
    values: Vec<(Date, u128)>,
    /// Days of a bar.
    days: usize,
    /// Cells from one bar to the next.
    step: u16,
    /// Cells of a bar.
    width: u16,
    last: Option<Date>,
}

impl Bars {
    fn of(days: &[(Date, u128)], room: usize) -> Self {
        let each = days.len().div_ceil(room.max(1)).max(1);
        // The newest bar is a whole one: the oldest may be of fewer days.
        let short = days.len() % each;
        let (rest, whole) = days.split_at(short);
        let chunks = std::iter::once(rest).filter(|rest| !rest.is_empty()).chain(whole.chunks(each));
        let values: Vec<(Date, u128)> = chunks
            .filter_map(|chunk| Some((chunk.first()?.0, chunk.iter().fold(0_u128, |sum, (_, value)| sum.saturating_add(*value)))))
            .collect();
        let step = u16::try_from((room / values.len().max(1)).clamp(1, 6)).unwrap_or(1);
        Self { values, days: each, step, width: if step > 2 { step - 1 } else { step }, last: days.last().map(|(date, _)| *date) }
    }

    fn cells(&self) -> u16 {
        u16::try_from(self.values.len()).unwrap_or(u16::MAX).saturating_mul(self.step)
    }
}

/// The signs of one bar from the lowest line up. Something is never nothing: the smallest value has the lowest level.
fn column(value: u128, highest: u128, lines: u16, levels: [&'static str; 8]) -> Vec<&'static str> {
    if value == 0 || highest == 0 {
        return Vec::new();
    }
    let eighths = usize::from(lines) * 8;
    let filled = share(value, highest, eighths).max(1);
    let mut signs = vec![levels[7]; filled / 8];
    signs.extend((filled % 8).checked_sub(1).and_then(|level| levels.get(level)).copied());
    signs
}

/// How much of `of` parts a value fills, where the highest fills all.
pub(super) fn share(value: u128, highest: u128, of: usize) -> usize {
    let (mut value, mut highest) = (value.min(highest), highest.max(1));
    // Amounts may be large: a few bits fewer change no cell.
    while highest > u128::from(u64::MAX) {
        (value, highest) = (value >> 8, highest >> 8);
    }
    usize::try_from(value * of as u128 / highest).unwrap_or(of)
}

fn legend(canvas: &mut Canvas<'_>, bars: &Bars, measure: Measure, area: Area) {
    let (Some((first, _)), Some(last)) = (bars.values.first(), bars.last) else { return };
    let (first, last) = (first.strftime("%m-%d").to_string(), last.strftime("%m-%d").to_string());
    let whole = format!("{}{}", unit(measure, bars.days), highest(bars, measure));
    let between = bars.cells().saturating_sub(cells(&first) + cells(&last) + 4);
    if area.x + 2 + bars.cells() + 3 + cells(&whole) > area.x + area.width && cells(&whole) <= between {
        let text = format!("{first}  {whole}  {:>rest$}", last, rest = usize::from(between - cells(&whole) + cells(&last)));
        canvas.put(area.x + 2, area.y, bars.cells(), &text, Role::Plain);
        return;
    }
    let mut x = canvas.put(area.x + 2, area.y, area.width.saturating_sub(2), &first, Role::Muted);
    let end = area.x + 2 + bars.cells();
    if end > x + cells(&last) {
        x = canvas.put(end - cells(&last), area.y, cells(&last), &last, Role::Muted);
    }
    let text = format!("{}{}", unit(measure, bars.days), highest(bars, measure));
    let right = area.x + area.width;
    let text = if x + 3 + cells(&text) <= right { text } else { unit(measure, bars.days) };
    if x + 3 + cells(&text) <= right {
        canvas.put(x + 3, area.y, right - x - 3, &text, Role::Plain);
    } else {
        // Bars over the whole width leave no room beside the last day: what is shown matters more.
        let x = right.saturating_sub(cells(&text) + 2).max(area.x + 2 + cells(&first) + 1);
        canvas.put(x, area.y, right.saturating_sub(x), &format!(" {text} "), Role::Plain);
    }
}

fn unit(measure: Measure, days: usize) -> String {
    let each = if days == 1 { "a day".to_owned() } else { format!("each {days} days") };
    match measure {
        Measure::Spend(currency) => format!("{currency} {each}"),
        Measure::Bytes => format!("bytes {each}"),
        Measure::Requests => format!("requests {each}"),
    }
}

fn highest(bars: &Bars, measure: Measure) -> String {
    let Some((date, value)) = bars.values.iter().rev().max_by_key(|(_, value)| *value).filter(|(_, value)| *value > 0) else {
        return ", none".to_owned();
    };
    let date = date.strftime("%m-%d");
    format!(", most {} on {date}", valued(measure, *value))
}

/// A value in the words of its measure.
pub(super) fn valued(measure: Measure, value: u128) -> String {
    let count = u64::try_from(value).unwrap_or(u64::MAX);
    match measure {
        Measure::Spend(currency) => words::money(Amount::from_trillionths(i128::try_from(value).unwrap_or(i128::MAX)), currency),
        Measure::Bytes => words::size(count),
        Measure::Requests => words::number(count),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sum(day: &str, requests: u64) -> Sum {
        Sum { name: day.to_owned(), requests, ..Sum::default() }
    }

    fn date(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[test]
    fn days_without_requests_have_their_place() {
        let sums = [sum("2026-03-01", 5), sum("2026-02-26", 2), sum("nonsense", 9)];
        let days = days(&sums, Measure::Requests, None, date("2026-03-02"));
        let shown: Vec<String> = days.iter().map(|(date, value)| format!("{} {value}", date.strftime("%m-%d"))).collect();
        assert_eq!(shown, ["02-26 2", "02-27 0", "02-28 0", "03-01 5", "03-02 0"]);
    }

    #[test]
    fn bars_of_several_days_hold_all_of_them() {
        let days: Vec<(Date, u128)> = (1..=11).map(|day| (Date::constant(2026, 3, day), 1)).collect();
        let bars = Bars::of(&days, 4);
        assert_eq!(bars.values.iter().map(|(_, value)| *value).collect::<Vec<_>>(), [2, 3, 3, 3]);
        assert_eq!((bars.days, bars.step, bars.values[0].0), (3, 1, date("2026-03-01")));
        let week = Bars::of(&days[..7], 76);
        assert_eq!((week.days, week.step, week.width, week.cells()), (1, 6, 5, 42));
    }

    #[test]
    fn heights() {
        assert_eq!(column(0, 9, 3, BLOCKS), Vec::<&str>::new());
        assert_eq!(column(1, 1_000_000, 3, BLOCKS), ["▁"]);
        assert_eq!(column(9, 9, 3, BLOCKS), ["█", "█", "█"]);
        assert_eq!(column(1, 2, 3, BLOCKS), ["█", "▄"]);
        assert_eq!(column(1, 2, 3, PLAIN), ["#", "-"]);
        assert_eq!(column(u128::MAX / 2, u128::MAX, 1, BLOCKS).len(), 1);
    }
}
