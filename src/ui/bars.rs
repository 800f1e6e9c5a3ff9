//! Header, status line and footer.
//!
//! ```text
//!  DEMO  research:arxiv   owner pays: bucket settings only                 12 requests
//! Requester in 5 s: anonymous access ends; callers must sign, send the header and pay
//! p payer  Enter open  / filter  Space mark  s sort  r refresh  Tab pane  ? help  q quit
//! ```

use crate::app::action::{self, Entry};
use crate::app::{Area, Dialog, Flow, Model, Origin, Phase, Rollout, Screen, Tone, Watch, is_useful, next_request, status_line};
use crate::domain::Access;

use super::canvas::{Canvas, cells, fit, wrap};
use super::look::Role;
use super::words;

/// The fewest cells in which account and bucket can be told.
const LEAST_NAME: u16 = 20;

/// Who acts on what, who pays for the next request, what the session has cost.
pub(crate) fn header(canvas: &mut Canvas<'_>, model: &Model, area: Area) {
    let requests = spent(model, area.width);
    let right = canvas.put_right(area, area.y, &requests, Role::Plain);
    let mut x = area.x;
    if model.origin == Some(Origin::Demo) {
        x = canvas.put(x, area.y, right, " DEMO ", Role::Banner);
    }
    x = canvas.put(x, area.y, right.saturating_sub(x), " ", Role::Plain);
    let (who, note) = acting(canvas, model);
    let room = right.saturating_sub(x);
    // The account that acts and its bucket are worth more than a long sentence on the payer.
    let mut payers: Vec<String> = next_request(model).into_iter().map(|text| format!("   {text}")).collect();
    let shortest = payers.pop().map(|text| text.get(1..).unwrap_or_default().to_owned()).unwrap_or_default();
    let payer = payers.into_iter().find(|text| cells(text) + cells(&who) + cells(note) <= room).unwrap_or(shortest);
    let payer = payer.as_str();
    // Its note only where a name can still be read; pressing p tells the same.
    let note = if cells(payer) + cells(note) + LEAST_NAME <= room { note } else { "" };
    let who = fit(&who, usize::from(room.saturating_sub(cells(payer) + cells(note))));
    x = canvas.put(x, area.y, room, &who, Role::Title);
    x = canvas.put(x, area.y, right.saturating_sub(x), note, Role::Warning);
    if matches!(model.phase, Phase::Ready) {
        canvas.put(x, area.y, right.saturating_sub(x), payer, Role::Muted);
    }
}

/// What this session has cost: requests always, the rest as far as there is some and there is room.
fn spent(model: &Model, width: u16) -> String {
    let spent = model.spent;
    if width < 70 {
        return format!(" {} req ", spent.requests);
    }
    let mut parts = vec![words::requests(spent.requests)];
    if width >= 100 && spent.down + spent.up > 0 {
        parts.push(format!("{} down, {} up", words::size(spent.down), words::size(spent.up)));
    }
    if spent.charged > 0 {
        parts.push(format!("{} charged", spent.charged));
    }
    format!(" {} ", parts.join(" · "))
}

fn acting(canvas: &Canvas<'_>, model: &Model) -> (String, &'static str) {
    if !matches!(model.phase, Phase::Ready) {
        return ("whopays".to_owned(), "");
    }
    if let (Screen::Transfers, Some(acting)) = (model.screen, model.transfers.acting_now()) {
        return (canvas.safe(&acting.place.id.to_string()), "");
    }
    if model.screen == Screen::Transfers {
        return ("whopays: transfers".to_owned(), "");
    }
    let by_scope = || model.accounts.get(usize::from(model.board.scope?));
    let here = model.bucket_here();
    let account = here.and_then(|id| model.account_of(id)).or_else(by_scope);
    let Some(account) = account else { return ("whopays: no bucket chosen".to_owned(), "") };
    let note = match account.access {
        Access::Normal => "",
        Access::Protected => " (protected)",
        Access::ReadOnly => " (read-only)",
    };
    let name = canvas.safe(account.name.as_str());
    let text = match here.and_then(|id| model.board.row(id)) {
        Some(row) => format!("{name}:{}", canvas.safe(row.name.as_str())),
        None => name,
    };
    (text, note)
}

/// What happens, or the filter being typed.
pub(crate) fn status(canvas: &mut Canvas<'_>, model: &Model, area: Area) {
    if let Some(field) = &model.editing {
        let (before, after) = field.split();
        let text = format!("/ {}▏{}", canvas.safe(before), canvas.safe(after));
        canvas.put(area.x, area.y, area.width, &text, Role::Accent);
        let below = Area { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
        if model.has_countdown() {
            status_text(canvas, model, below);
        } else {
            canvas.put(below.x, below.y, below.width, hint(model), Role::Muted);
        }
        return;
    }
    status_text(canvas, model, area);
}

/// What can be typed into the filter.
fn hint(model: &Model) -> &'static str {
    match model.screen {
        Screen::Buckets | Screen::Journal | Screen::Transfers => "payer: account: region: provider:",
        Screen::Objects => "a part of the name; ~ and letters in their order",
    }
}

fn status_text(canvas: &mut Canvas<'_>, model: &Model, area: Area) {
    let Some(status) = status_line(model) else { return };
    let role = match status.tone {
        Tone::Plain => Role::Plain,
        Tone::Good => Role::Good,
        Tone::Warning => Role::Warning,
        Tone::Bad => Role::Bad,
    };
    let text = canvas.safe(&status.text);
    if area.height == 1 {
        canvas.put(area.x, area.y, area.width, &text, role);
        return;
    }
    let lines = wrap(&text, usize::from(area.width));
    for (y, line) in (area.y..area.y + area.height).zip(&lines) {
        canvas.put(area.x, y, area.width, line, role);
    }
}

/// The keys that work here.
pub(crate) fn footer(canvas: &mut Canvas<'_>, model: &Model, area: Area) {
    let keys = match (&model.dialog, &model.phase) {
        (Some(dialog), _) => dialog_keys(model, dialog),
        (None, Phase::Ready) if model.editing.is_some() => vec![("Enter", "keep"), ("Esc", "clear"), ("Up Down", "move")],
        (None, Phase::Ready) => return screen_footer(canvas, model, area),
        (None, Phase::Welcome(_)) => vec![("Up Down", "move"), ("Enter", "choose"), ("q", "quit")],
        (None, Phase::Broken(_)) => vec![("r", "read it again"), ("d", "demo"), ("q", "quit")],
        (None, Phase::Blank | Phase::Starting) => vec![("q", "quit")],
    };
    let mut x = area.x;
    for (key, label) in keys {
        x = pair(canvas, area, x, key, label);
    }
}

fn dialog_keys(model: &Model, dialog: &Dialog) -> Vec<(&'static str, &'static str)> {
    match dialog {
        Dialog::Help { .. } => vec![("Up Down", "scroll"), ("Esc", "close")],
        Dialog::Palette(_) => vec![("Enter", "run"), ("Up Down", "choose"), ("Esc", "close")],
        Dialog::OpenBucket(_) => vec![("Enter", "open"), ("Esc", "close")],
        Dialog::Copy { .. } => vec![("Enter", "copy"), ("Up Down", "choose"), ("Esc", "close")],
        Dialog::Plan(_) => vec![("Esc", "no"), ("Tab", "other payer"), ("Up Down", "scroll")],
        Dialog::Report { .. } if model.rollout.as_ref().is_some_and(Rollout::is_running) => {
            vec![("s", "stop what waits"), ("Up Down", "scroll"), ("Esc", "close")]
        }
        Dialog::Report { .. } => vec![("Up Down", "scroll"), ("Esc", "close")],
        Dialog::Quit { .. } => vec![("y", "leave"), ("Esc", "stay")],
        Dialog::Transfers(question) => super::transfers_dialogs::keys(model, question),
        Dialog::Consent(_) => vec![("Esc", "no"), ("s", "this session"), ("a", "always")],
        Dialog::ReadRest(_) => vec![("Esc", "no"), ("y", "read on")],
        Dialog::Act(act) => super::acts::keys(model, act),
        Dialog::Jump(_) => vec![("Enter", "go"), ("Tab", "complete"), ("Esc", "close")],
    }
}

fn screen_footer(canvas: &mut Canvas<'_>, model: &Model, area: Area) {
    let here = model.board.selected.filter(|_| model.screen == Screen::Buckets).and_then(|id| model.flows.get(&id));
    let waits_here = matches!(here, Some(Flow::Grace { .. }));
    let first: &[(&str, &str)] = match here {
        Some(Flow::Grace { .. }) => &[("Esc", "call off"), ("Enter", "send now")],
        Some(Flow::Sending { watch: Watch::On, .. }) => &[("Esc", "stop asking")],
        Some(Flow::Sending { watch: Watch::Asked | Watch::Enough, .. } | Flow::Identifying(_)) | None => &[],
    };
    let mut x = area.x;
    for (key, label) in first {
        x = pair(canvas, area, x, key, label);
    }
    let place = model.place();
    let mut entries: Vec<&Entry> = action::TABLE
        .iter()
        .filter(|entry| entry.footer > 0 && entry.places.contains(&place) && is_useful(model, entry.action))
        .filter(|entry| !(waits_here && matches!(entry.action, action::Action::Open | action::Action::TogglePayer)))
        .collect();
    entries.sort_by_key(|entry| entry.footer);
    // Help and quit are always seen; the others give way from the least important one.
    let width = |entry: &Entry| u16::try_from(shown_key(entry).len() + entry.label.len() + 3).unwrap_or(u16::MAX);
    let is_fixed = |entry: &Entry| matches!(entry.action, action::Action::ShowHelp | action::Action::Quit);
    let fixed: u16 = entries.iter().filter(|entry| is_fixed(entry)).map(|entry| width(entry)).sum();
    // The gap behind the last one is not needed.
    let mut room = (area.x + area.width + 2).saturating_sub(x).saturating_sub(fixed);
    for entry in entries {
        if !is_fixed(entry) {
            if width(entry) > room {
                room = 0;
                continue;
            }
            room -= width(entry);
        }
        x = pair(canvas, area, x, &shown_key(entry), entry.label);
    }
}

fn shown_key(entry: &Entry) -> String {
    entry.keys.first().map(|key| action::key_name(*key)).unwrap_or_default()
}

fn pair(canvas: &mut Canvas<'_>, area: Area, x: u16, key: &str, label: &str) -> u16 {
    let end = area.x + area.width;
    let needed = cells(key) + 1 + cells(label);
    if x + needed > end {
        return x;
    }
    let x = canvas.put(x, area.y, end - x, key, Role::Accent);
    canvas.put(x + 1, area.y, end.saturating_sub(x + 1), label, Role::Plain) + 2
}
