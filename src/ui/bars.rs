//! Header, status line and footer.
//!
//! ```text
//!  DEMO  research:arxiv   owner pays: bucket settings only                 12 requests
//! Requester in 5 s: anonymous access ends; callers must sign, send the header and pay
//! p payer  Enter open  / filter  Space mark  s sort  r refresh  Tab pane  ? help  q quit
//! ```

use crate::app::action::{self, Entry};
use crate::app::{
    Area, Dialog, Flow, Model, Origin, Phase, Rollout, Screen, Tone, Watch, asks_again, is_useful, next_request, remain, status_line,
};
use crate::domain::few::sort_few_by_key;
use crate::domain::{Access, Spending};

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

/// What this session has cost, in the longest words that leave most of the line to the account, the bucket and the payer.
fn spent(model: &Model, width: u16) -> String {
    let texts = figures(&model.spent);
    // On a narrow screen the name needs it all.
    let room = if width < 70 { width / 5 } else { width * 2 / 5 };
    let fitting = texts.iter().find(|text| cells(text) <= room);
    format!(" {} ", fitting.or(texts.last()).map_or("", String::as_str))
}

/// Requests, bytes and estimate of a session, the longest words first.
fn figures(spent: &Spending) -> Vec<String> {
    let tally = spent.tally;
    let (long, short) = (words::requests(tally.requests), format!("{} req", words::number(tally.requests)));
    if tally.requests == 0 {
        return vec![long, short];
    }
    let bytes = tally.down.saturating_add(tally.up);
    let bytes = if bytes > 0 { format!(", {}", words::size(bytes)) } else { String::new() };
    let charged = if tally.charged > 0 { format!(" · {} charged", words::number(tally.charged)) } else { String::new() };
    let (whole, brief) = estimates(spent);
    let mut texts = vec![
        format!("{long}{bytes}, {whole}{charged}"),
        format!("{long}{bytes}, {whole}"),
        format!("{short}{bytes}, {brief}{charged}"),
        format!("{short}{bytes}, {brief}"),
        format!("{short}, {brief}{charged}"),
        format!("{short}, {brief}"),
    ];
    if spent.cost.len() > 1 {
        // Two amounts are worth more than the number of requests.
        let mut signs = words::signs(&spent.cost);
        signs.extend((spent.unpriced > 0).then(|| "?".to_owned()));
        let (wide, tight) = (signs.join(" + "), signs.join("+"));
        texts.push(format!("{short}, {wide}{charged}"));
        // What was charged is worth more than the number of requests, too.
        if tally.charged > 0 {
            texts.extend([format!("{wide}{charged}"), format!("{tight}{charged}")]);
        }
        texts.extend([format!("{short}, {wide}"), wide, tight]);
    } else {
        texts.extend([format!("{short}{charged}"), short]);
    }
    texts
}

/// What a session costs about: in full, and in fewer words. Where some requests have no price, the rest is the least that it costs.
fn estimates(spent: &Spending) -> (String, String) {
    let cost = words::cost(&spent.cost, spent.unpriced);
    match (spent.cost.is_empty(), spent.unpriced) {
        (true, 1..) => (cost.clone(), cost),
        (_, 0) => (format!("est. {cost}"), format!("est. {cost}")),
        (false, unpriced) => (format!("est. {cost}, {} without price", words::number(unpriced)), format!("at least {cost}")),
    }
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
    if model.screen == Screen::Ledger {
        return ("whopays: ledger".to_owned(), "");
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
        Screen::Buckets | Screen::Journal | Screen::Transfers | Screen::Ledger => "payer: account: region: provider:",
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
        Dialog::Diagnosis(_) if asks_again(model) => vec![("Up Down", "scroll"), ("i", "ask again"), ("Esc", "close")],
        Dialog::Diagnosis(_) => vec![("Up Down", "scroll"), ("Esc", "close")],
        Dialog::Quit { .. } if remain(model) > 0 => vec![("y", "leave, keep"), ("g", "give up"), ("Esc", "stay")],
        Dialog::Quit { .. } => vec![("y", "leave"), ("Esc", "stay")],
        Dialog::Transfers(question) => super::transfers_dialogs::keys(model, question),
        Dialog::Consent(_) => vec![("Esc", "no"), ("s", "this session"), ("a", "always")],
        Dialog::Probe(open) => super::probe::keys(open),
        Dialog::ReadRest(_) => vec![("Esc", "no"), ("y", "read on")],
        Dialog::Budget(_) => vec![("Esc", "no"), ("y", "go on")],
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
    sort_few_by_key(&mut entries, |entry| entry.footer);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Amount, Currency, Tally};

    fn spending(requests: u64, bytes: u64, cost: &[(&str, &str)], unpriced: u64) -> Spending {
        let cost = cost.iter().map(|(amount, code)| (Currency::parse(code).unwrap(), Amount::parse(amount).unwrap())).collect();
        Spending { tally: Tally { requests, down: bytes, ..Tally::default() }, cost, unpriced, shares: Vec::new() }
    }

    #[test]
    fn figures_of_a_session() {
        let table = [
            (spending(0, 0, &[], 0), "0 requests", "0 requests"),
            (spending(12, 0, &[], 0), "12 requests, est. 0.00", "12 req, est. 0.00"),
            (
                spending(12, 3_600_000, &[("0.00421", "USD")], 0),
                "12 requests, 3.4 MiB, est. 0.0042 USD",
                "12 req, 3.4 MiB, est. 0.0042 USD",
            ),
            (spending(1, 10, &[], 1), "1 request, 10 B, no price", "1 req, 10 B, no price"),
            (
                spending(5, 0, &[("0.03", "CNY"), ("1", "USD")], 2),
                "5 requests, est. 0.03 CNY and 1.00 USD, 2 without price",
                "5 req, at least 0.03 CNY and 1.00 USD",
            ),
            (
                spending(12_345, 3_600_000, &[("0.10", "CNY"), ("0.02", "USD")], 0),
                "12,345 requests, 3.4 MiB, est. 0.10 CNY and 0.02 USD",
                "12,345 req, ¥0.10 + $0.02",
            ),
            (
                spending(12, 0, &[("0.000001", "CNY"), ("1234.5", "USD")], 1),
                "12 requests, est. < 0.0001 CNY and 1,234.50 USD, 1 without price",
                "<¥0.01+$1,235+?",
            ),
        ];
        for (spent, long, short) in table {
            let texts = figures(&spent);
            assert_eq!(texts.first().unwrap(), long);
            assert!(texts.iter().any(|text| text == short), "{texts:?}");
            assert!(cells(texts.last().unwrap()) <= 16, "{texts:?}");
            assert!(texts.is_sorted_by_key(|text| std::cmp::Reverse(cells(text))), "{texts:?}");
        }
        let mut paid = spending(3, 0, &[("1", "USD")], 0);
        paid.tally.charged = 2;
        assert_eq!(figures(&paid)[0], "3 requests, est. 1.00 USD · 2 charged");
        let mut paid = spending(50, 0, &[("0.000001", "CNY"), ("0.00002", "USD")], 1);
        paid.tally.charged = 1;
        let at = |room: u16| figures(&paid).into_iter().find(|text| cells(text) <= room).unwrap();
        assert_eq!(
            (at(32).as_str(), at(27).as_str(), at(16).as_str()),
            ("<¥0.01 + <$0.01 + ? · 1 charged", "<¥0.01+<$0.01+? · 1 charged", "<¥0.01+<$0.01+?")
        );
    }
}
