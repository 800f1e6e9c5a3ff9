//! The payer board.
//!
//! ```text
//! ─▸Buckets  214 · 12 Requester · 190 BucketOwner · 12 not read ─────
//!   ACCOUNT▲  VIA BUCKET            REGION      PAYER       READ
//! ▸ research  s3  arxiv             us-east-1   denied      14:02
//!  ●research  s3  colorpictures          BucketOwner → Requester in 5 s
//! ```

use crate::app::{AccountState, Area, Asked, Column, Flow, ListState, Model, Pane, Row, RowId, alarm_badge, consent_word, grouped};
use crate::domain::PayerReading;

use super::canvas::{Canvas, Focused, cells, put_wrapped};
use super::look::Role;
use super::words;

/// `BucketOwner (inferred)`.
const INFERRED: u16 = 22;

/// How wide each column is; 0 leaves it out.
#[derive(Clone, Copy, Debug)]
struct Columns {
    account: u16,
    via: u16,
    bucket: u16,
    region: u16,
    payer: u16,
    read: u16,
}

impl Columns {
    /// Narrow boards keep bucket and payer; then come the time, the account, the region and the protocol.
    fn of(width: u16, several_accounts: bool) -> Self {
        let (account, via, region, payer, read) = match width {
            0..52 => (0, 0, 0, 11, 0),
            52..60 => (9, 0, 0, 11, 5),
            60..70 => (9, 3, 12, 11, 5),
            70..80 => (9, 3, 14, 11, 5),
            80..110 => (14, 3, 15, 12, 8),
            _ => (18, 3, 18, 14, 10),
        };
        let account = if several_accounts { account } else { 0 };
        let others = [account, via, region, payer, read].into_iter().filter(|width| *width > 0).map(|width| width + 1).sum::<u16>();
        Self { account, via, bucket: width.saturating_sub(2 + others), region, payer, read }
    }

    /// With room for payers that a probe proved, taken from the buckets' names: for the word on wide boards, for its sign on others.
    fn for_inferred(self, width: u16) -> Self {
        let payer = if width >= 90 { INFERRED } else { self.payer.max(12) };
        Self { bucket: (self.bucket + self.payer).saturating_sub(payer), payer, ..self }
    }
}

/// Draws the pane: only the rows in sight are touched.
pub(crate) fn draw(canvas: &mut Canvas<'_>, model: &Model, area: Area) {
    let focused = Focused::when(model.focus == Pane::List);
    canvas.rule(area, &title(canvas, model, area.width), focused);
    let lines = usize::from(area.height.saturating_sub(2));
    let columns = columns(model, area.width, lines);
    heads(canvas, model, Area { y: area.y + 1, height: 1, ..area }, columns);
    if model.board.order.is_empty() {
        empty(canvas, model, area);
    }
    for (y, id) in (area.y + 2..).zip(model.board.order.iter().skip(model.board.top).take(lines)) {
        let line = Area { y, height: 1, ..area };
        row(canvas, model, line, columns, *id);
        if model.board.selected == Some(*id) {
            canvas.put(area.x, y, 1, "▸", Role::Plain);
            canvas.paint(line, if focused == Focused::Yes { Role::Cursor } else { Role::Rest });
        }
    }
}

fn columns(model: &Model, width: u16, lines: usize) -> Columns {
    let columns = Columns::of(width, model.board.scope.is_none());
    let mut sight = model.board.order.iter().skip(model.board.top).take(lines).filter_map(|id| model.board.row(*id));
    if sight.any(|row| matches!(row.reading, PayerReading::Inferred(_))) { columns.for_inferred(width) } else { columns }
}

/// What the board holds, as far as there is room: no count is cut in the middle.
fn title(canvas: &Canvas<'_>, model: &Model, width: u16) -> String {
    let mut parts = counts(canvas, model);
    // The rule takes three cells, the sign and the gap two more.
    let room = width.saturating_sub(5);
    let all = parts.join(" · ");
    if cells(&all) + cells("Buckets  ") <= room {
        return format!("Buckets  {all}");
    }
    while parts.len() > 1 && cells(&parts.join(" · ")) > room {
        parts.pop();
    }
    parts.join(" · ")
}

fn counts(canvas: &Canvas<'_>, model: &Model) -> Vec<String> {
    let counts = model.board.counts();
    let mut parts = vec![grouped(counts.buckets)];
    for (count, word) in
        [(counts.requester, "Requester"), (counts.owner, "BucketOwner"), (counts.unread, "not read"), (counts.other, "other")]
    {
        if count > 0 {
            parts.push(format!("{} {word}", grouped(count)));
        }
    }
    let marked = model.board.order.iter().filter(|id| model.board.row(**id).is_some_and(|row| row.marked)).count();
    if marked > 0 {
        parts.insert(1, format!("{marked} marked"));
    }
    if !model.board.filter_text.is_empty() {
        parts.insert(1, format!("filter: {}", canvas.safe(&model.board.filter_text)));
    }
    parts
}

fn heads(canvas: &mut Canvas<'_>, model: &Model, area: Area, columns: Columns) {
    let sort = model.board.sort;
    let sign = if sort.reversed { "▼" } else { "▲" };
    let mut x = area.x + 2;
    let heads = [
        (columns.account, "ACCOUNT", Some(Column::Account)),
        (columns.via, "VIA", None),
        (columns.bucket, "BUCKET", Some(Column::Bucket)),
        (columns.region, "REGION", Some(Column::Region)),
        (columns.payer, "PAYER", Some(Column::Payer)),
        (columns.read, "READ", Some(Column::Read)),
    ];
    for (width, head, column) in heads.into_iter().filter(|(width, _, _)| *width > 0) {
        let sorted = column == Some(sort.column);
        let text = if sorted { format!("{head}{sign}") } else { head.to_owned() };
        canvas.put(x, area.y, width, &text, if sorted { Role::Accent } else { Role::Muted });
        x += width + 1;
    }
}

fn row(canvas: &mut Canvas<'_>, model: &Model, area: Area, columns: Columns, id: RowId) {
    let (Some(row), Some(account)) = (model.board.row(id), model.account_of(id)) else { return };
    if row.marked {
        canvas.put(area.x + 1, area.y, 1, "●", Role::Accent);
    }
    let mut x = area.x + 2;
    let mut column = |canvas: &mut Canvas<'_>, width: u16, text: &str, role: Role| {
        if width > 0 {
            canvas.show(x, area.y, width, text, role);
            x += width + 1;
        }
    };
    column(canvas, columns.account, account.name.as_str(), Role::Plain);
    column(canvas, columns.via, account.provider.as_str(), Role::Muted);
    column(canvas, columns.bucket, row.name.as_str(), Role::Plain);
    column(canvas, columns.region, row.region.as_deref().unwrap_or("?"), Role::Plain);
    let (payer, role) = payer(row, columns.payer);
    column(canvas, columns.payer, &payer, role);
    column(canvas, columns.read, &read(model, row, columns.read), Role::Muted);
    let before = [columns.account, columns.via].into_iter().filter(|width| *width > 0).map(|width| width + 1).sum::<u16>();
    badge(canvas, model, Area { x: area.x + 2 + before, width: columns.bucket, ..area }, id);
    if let Some((text, role)) = flow(model, id, area.width) {
        // A column that the text would cut is left out whole.
        let needed = cells(&text) + 1;
        let whole = [columns.read, columns.payer, columns.region].into_iter().scan(0, |sum, width| {
            *sum += width + u16::from(width > 0);
            Some(*sum)
        });
        let width = whole.into_iter().find(|width| *width >= needed).unwrap_or(needed).min(area.width);
        canvas.clear(Area { x: area.x + area.width - width, width, ..area });
        canvas.put_right(area, area.y, &text, role);
    }
}

/// An alarm that nobody has looked at, and the user's word on paying, at the right end of the bucket's column; signs where the name leaves no
/// room for words.
fn badge(canvas: &mut Canvas<'_>, model: &Model, area: Area, id: RowId) {
    let name = model.board.row(id).map_or(0, |row| cells(row.name.as_str()));
    let texts = badges(model, id);
    let Some(text) = texts.iter().find(|text| name + cells(text) < area.width).or(texts.last()) else { return };
    let width = (cells(text) + 1).min(area.width);
    canvas.clear(Area { x: area.x + area.width - width, width, ..area });
    if name > area.width - width {
        canvas.put(area.x + area.width - width, area.y, 1, "…", Role::Plain);
    }
    canvas.put_right(area, area.y, text, Role::Warning);
}

/// The badges of a row, in the longest words first.
fn badges(model: &Model, id: RowId) -> Vec<String> {
    let texts = |text: &str| text.to_owned();
    match (alarm_badge(model, id), consent_word(model, id)) {
        (None, None) => Vec::new(),
        (Some(alarm), None) => [alarm.words(), "!"].map(texts).to_vec(),
        (None, Some(word)) => [word.badge(), word.sign()].map(texts).to_vec(),
        (Some(alarm), Some(word)) => {
            vec![format!("{}  {}", alarm.words(), word.badge()), format!("! {}", word.badge()), format!("! {}", word.sign())]
        }
    }
}

fn payer(row: &Row, width: u16) -> (String, Role) {
    if row.reading == PayerReading::NotRead && matches!(row.asked, Asked::Asking(_)) {
        return ("reading…".to_owned(), Role::Muted);
    }
    let (text, role) = words::reading(&row.reading);
    match &row.reading {
        PayerReading::Inferred(value) if width < INFERRED => (format!("~{}", words::payer(value)), role),
        PayerReading::Inferred(_)
        | PayerReading::NotRead
        | PayerReading::Read(_)
        | PayerReading::Changing { .. }
        | PayerReading::Denied
        | PayerReading::Unsupported
        | PayerReading::Failed => (text, role),
    }
}

/// When the store said it; `err!` if a newer question failed, `…` while one is under way.
fn read(model: &Model, row: &Row, width: u16) -> String {
    match (row.asked, row.read_at) {
        (Asked::Asking(_), Some(_)) => "…".to_owned(),
        (Asked::Done, Some(_)) if row.trouble.is_some() && row.reading.payer().is_some() => "err!".to_owned(),
        (_, Some(at)) if width < 8 => words::short_time(at, model.now, &model.zone),
        (_, Some(at)) => words::time(at, model.now, &model.zone),
        (_, None) => String::new(),
    }
}

/// A change that waits or runs, over the right end of its row.
fn flow(model: &Model, id: RowId, width: u16) -> Option<(String, Role)> {
    let flow = model.flows.get(&id)?;
    let intent = flow.intent();
    let to = words::payer(&intent.to);
    let from = intent.from.as_ref().filter(|_| width >= 52).map(|from| format!("{} ", words::payer(from))).unwrap_or_default();
    Some((
        match flow {
            Flow::Grace { left, .. } => format!("{from}→ {to} in {left} s"),
            Flow::Identifying(_) => format!("{from}→ {to} …"),
            Flow::Sending { .. } => format!("changing → {to}"),
        },
        Role::Warning,
    ))
}

/// Why there is nothing to see.
fn empty(canvas: &mut Canvas<'_>, model: &Model, area: Area) {
    let scope = model.board.scope.and_then(|scope| model.accounts.get(usize::from(scope)));
    let is_reading = |account: &AccountState| matches!(account.listing, ListState::Reading(_));
    let text = if model.accounts.is_empty() {
        "the config names no account"
    } else if !model.board.filter_text.is_empty() {
        "no bucket matches the filter: Esc clears it"
    } else if model.accounts.iter().filter(|account| scope.is_none_or(|chosen| std::ptr::eq(chosen, *account))).any(is_reading) {
        "reading buckets…"
    } else if let Some(account) = scope {
        if matches!(account.listing, ListState::Failed(_)) {
            "its buckets could not be listed: h shows why, o opens one by its name"
        } else {
            "no buckets in this account: press o to open one by its name"
        }
    } else if model.accounts.iter().any(|account| matches!(account.listing, ListState::Failed(_))) {
        "no bucket could be listed: choose an account at the left to see why"
    } else {
        "no buckets: press o to open one by its name"
    };
    let below = Area { y: area.y + 3, height: area.height.saturating_sub(3), ..area };
    put_wrapped(canvas, below, text, Role::Muted);
}
