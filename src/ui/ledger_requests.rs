//! Single requests of screen 4, newest first.
//!
//! ```text
//! ─▸Ledger  research · last 30 days · 200 requests, more below ─────────────────
//!   TIME           OPERATION         BUCKET             STATUS PAYER       SPEND
//! ▸!11-21 14:02:11 GetObject         research:arxiv     200    not charged 0.0042 USD
//! ```

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::app::{Area, Fetch, Model, Requests, is_uncharged};
use crate::domain::{PayerSent, SaidCharged, Sent};

use super::canvas::{Canvas, Focused, cells, fit, put_wrapped};
use super::ledger::cursor;
use super::look::Role;
use super::words;

/// Draws the pane: only the rows in sight are touched.
pub(super) fn draw(canvas: &mut Canvas<'_>, model: &Model, requests: &Requests, area: Area, focused: Focused) {
    let title = title(canvas, model, requests);
    canvas.rule(area, &title, focused);
    let columns = Columns::of(area.width);
    let heads = ["TIME", "OPERATION", "BUCKET", "STATUS", "PAYER", "BYTES", "TOOK", "SPEND"].map(str::to_owned);
    line(canvas, area, area.y + 1, &columns, heads, [Role::Muted; COLUMNS]);
    let rows = Area { y: area.y + 2, height: area.height.saturating_sub(2), ..area };
    if let Some((text, role)) = message(requests) {
        put_wrapped(canvas, rows, &text, role);
    }
    for (y, (index, (_, sent))) in (rows.y..rows.y + rows.height).zip(requests.rows.iter().enumerate().skip(requests.top)) {
        row(canvas, &model.zone, area, y, &columns, sent);
        cursor(canvas, Area { y, height: 1, ..area }, index == requests.line, focused);
    }
}

fn title(canvas: &Canvas<'_>, model: &Model, requests: &Requests) -> String {
    let name = if requests.name.is_empty() { "(none)".to_owned() } else { canvas.safe(&requests.name) };
    let here = words::requests(requests.rows.len() as u64);
    let more = match requests.fetch {
        Fetch::Reading(_) => ", reading…",
        Fetch::More => ", more below",
        Fetch::Failed(_) => ", not all",
        Fetch::Done => "",
    };
    format!("Ledger  {name} · {here}{more} · {}", model.ledger.reach.words())
}

const COLUMNS: usize = 8;

/// Widths of time, operation, bucket, status, payer, bytes, took, spend; 0 leaves a column out.
struct Columns([u16; COLUMNS]);

impl Columns {
    fn of(width: u16) -> Self {
        let mut widths = match width {
            0..60 => [11, 0, 0, 6, 0, 0, 0, 0],
            60..100 => [14, 17, 0, 6, 11, 0, 0, 10],
            100..150 => [14, 24, 0, 6, 11, 9, 9, 12],
            _ => [19, 26, 0, 6, 12, 10, 10, 14],
        };
        let flexible = if width < 60 { 1 } else { 2 };
        let others: u16 = widths.iter().filter(|width| **width > 0).map(|width| width + 1).sum();
        widths[flexible] = width.saturating_sub(others + 3);
        Self(widths)
    }
}

fn row(canvas: &mut Canvas<'_>, zone: &TimeZone, area: Area, y: u16, columns: &Columns, sent: &Sent) {
    let (payer, payer_role) = payer(sent);
    let (status, status_role) = status(sent);
    let texts = [
        time(sent.at, zone, columns.0[0]),
        sent.kind.op.name(sent.kind.provider).to_owned(),
        canvas.safe(&whose(sent)),
        status,
        payer.to_owned(),
        words::size(sent.up.saturating_add(sent.down)),
        took(sent.took),
        sent.cost.map_or_else(|| "no price".to_owned(), |cost| words::money(cost.amount, cost.currency)),
    ];
    let roles = [Role::Muted, Role::Plain, Role::Plain, status_role, payer_role, Role::Plain, Role::Muted, Role::Plain];
    line(canvas, area, y, columns, texts, roles);
    if is_uncharged(sent) {
        canvas.put(area.x + 1, y, 1, "!", Role::Warning);
    }
}

/// From which column on numbers stand below each other.
const NUMBERS: usize = 5;

fn line(canvas: &mut Canvas<'_>, area: Area, y: u16, columns: &Columns, texts: [String; COLUMNS], roles: [Role; COLUMNS]) {
    let mut x = area.x + 2;
    for (index, ((width, text), role)) in columns.0.into_iter().zip(texts).zip(roles).enumerate().filter(|(_, ((width, _), _))| *width > 0)
    {
        let text = fit(&text, usize::from(width));
        let gap = if index >= NUMBERS { width.saturating_sub(cells(&text)) } else { 0 };
        canvas.put(x + gap, y, width - gap, &text, role);
        x += width + 1;
    }
}

/// A page may be of any day: the date is always there, the rest as there is room.
fn time(at: Timestamp, zone: &TimeZone, width: u16) -> String {
    let format = match width {
        0..14 => "%m-%d %H:%M",
        14..19 => "%m-%d %H:%M:%S",
        _ => "%Y-%m-%d %H:%M:%S",
    };
    at.to_zoned(zone.clone()).strftime(format).to_string()
}

/// `ACCOUNT:BUCKET`, or the account alone.
pub(super) fn whose(sent: &Sent) -> String {
    sent.kind.bucket.as_ref().map_or_else(|| sent.kind.account.to_string(), |bucket| format!("{}:{bucket}", sent.kind.account))
}

/// `42 ms`, `1.5 s`, `90 s`.
pub(super) fn took(milliseconds: u64) -> String {
    match milliseconds {
        0..1_000 => format!("{milliseconds} ms"),
        1_000..10_000 => format!("{}.{} s", milliseconds / 1_000, milliseconds % 1_000 / 100),
        more => words::duration(std::time::Duration::from_millis(more)),
    }
}

fn status(sent: &Sent) -> (String, Role) {
    match sent.status {
        None => ("none".to_owned(), Role::Bad),
        Some(status @ 0..300) => (status.to_string(), Role::Good),
        Some(status @ 300..400) => (status.to_string(), Role::Warning),
        Some(status) => (status.to_string(), Role::Bad),
    }
}

/// Who was charged, in a word: the header, and what the answer made of it.
fn payer(sent: &Sent) -> (&'static str, Role) {
    match (sent.payer, sent.charged) {
        (PayerSent::Yes | PayerSent::No, SaidCharged::Yes) => ("charged", Role::Requester),
        (PayerSent::Yes, SaidCharged::No) if is_uncharged(sent) => ("not charged", Role::Warning),
        (PayerSent::Yes, SaidCharged::No | SaidCharged::NotSaid) => ("header sent", Role::Plain),
        (PayerSent::No, SaidCharged::No | SaidCharged::NotSaid) => ("-", Role::Muted),
    }
}

fn message(requests: &Requests) -> Option<(String, Role)> {
    if !requests.rows.is_empty() {
        return None;
    }
    match &requests.fetch {
        Fetch::Reading(_) | Fetch::More => Some(("reading the requests…".to_owned(), Role::Muted)),
        Fetch::Done => Some(("no request is left of these: they were pruned".to_owned(), Role::Muted)),
        Fetch::Failed(error) => Some((format!("{}. {}", error.message(), error.hint_text().unwrap_or_default()), Role::Bad)),
    }
}
