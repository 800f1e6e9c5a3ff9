//! What the status line says: a waiting change before anything else, since it must be seen until it is sent.

use super::change::{Flow, Watch, consequence};
use super::model::{Pane, Phase, Screen, Status, Tone};
use super::{Fetch, JournalState, LedgerReading, ListState, Model, preflight, reading};

/// The status line.
pub(crate) fn line(model: &Model) -> Option<Status> {
    if !matches!(model.phase, Phase::Ready) {
        return model.status.clone();
    }
    waiting(model)
        .or_else(|| model.status.clone())
        .or_else(|| under_way(model))
        .or_else(|| reading_all(model))
        .or_else(|| listing(model))
        .or_else(|| journal_trouble(model))
        .or_else(|| ledger_trouble(model))
        .or_else(|| trouble(model))
}

fn plain(text: String) -> Option<Status> {
    Some(Status { text, tone: Tone::Plain })
}

/// The change under the cursor, else the one that is sent first.
fn waiting(model: &Model) -> Option<Status> {
    let grace = |flow: &Flow| match flow {
        Flow::Grace { left, .. } => Some(*left),
        Flow::Identifying(_) | Flow::Sending { .. } => None,
    };
    let here =
        model.board.selected.filter(|id| model.screen == Screen::Buckets && model.flows.get(id).is_some_and(|flow| grace(flow).is_some()));
    let first = || model.flows.iter().filter_map(|(id, flow)| Some((grace(flow)?, *id))).min().map(|(_, id)| id);
    let id = here.or_else(first)?;
    let flow = model.flows.get(&id)?;
    let (left, to) = (grace(flow)?, &flow.intent().to);
    let what = preflight::worst(model, id, to).unwrap_or_else(|| consequence(to).to_owned());
    let all = model.flows.values().filter(|flow| grace(flow).is_some()).count();
    let more = if all > 1 { format!("{all} changes wait; ") } else { String::new() };
    let text = if here.is_some() {
        format!("{more}{to} in {left} s: {what}")
    } else {
        format!("{more}{} {to} in {left} s (Esc calls off): {what}", model.name_of(id))
    };
    Some(Status { text, tone: Tone::Warning })
}

fn under_way(model: &Model) -> Option<Status> {
    let under_way: Vec<_> = model.flows.iter().filter(|(_, flow)| flow.is_under_way()).collect();
    let (id, flow) = under_way.first()?;
    if under_way.len() > 1 {
        return plain(format!("{} changes are under way", under_way.len()));
    }
    let name = model.name_of(**id);
    let to = &flow.intent().to;
    plain(match flow {
        Flow::Grace { .. } => return None,
        Flow::Identifying(_) => format!("{name}: asking whose keys these are, for the journal (Esc calls off)"),
        Flow::Sending { watch: Watch::Asked, .. } => format!("{name}: asking for {to}"),
        Flow::Sending { watch: Watch::On, since, .. } => {
            let since = since.to_zoned(model.zone.clone()).strftime("%H:%M:%S");
            format!("{name}: accepted; asking since {since} until the store answers {to} (Esc stops)")
        }
        Flow::Sending { watch: Watch::Enough, .. } => format!("{name}: accepted; no longer asking whether the store answers {to}"),
    })
}

fn reading_all(model: &Model) -> Option<Status> {
    if !model.reads.all {
        return None;
    }
    let (done, all) = reading::progress(model);
    plain(format!("reading {} of {} payers (Esc stops)", grouped(done), grouped(all)))
}

fn listing(model: &Model) -> Option<Status> {
    let reading = model.accounts.iter().filter(|account| matches!(account.listing, ListState::Reading(_))).count();
    match reading {
        0 => None,
        1 => plain("reading the buckets of 1 account".to_owned()),
        n => plain(format!("reading the buckets of {n} accounts")),
    }
}

/// The journal could not be read again; its older lines stay.
fn journal_trouble(model: &Model) -> Option<Status> {
    match (&model.journal.state, model.screen) {
        (JournalState::Failed(error), Screen::Journal) => {
            let text = format!("{}. {}", error.message(), error.hint_text().unwrap_or_default());
            Some(Status { text, tone: Tone::Bad })
        }
        _ => None,
    }
}

/// The ledger could not be read; what was read of it before stays.
fn ledger_trouble(model: &Model) -> Option<Status> {
    if model.screen != Screen::Ledger {
        return None;
    }
    let of_requests = match model.ledger.requests.as_ref().map(|requests| &requests.fetch) {
        Some(Fetch::Failed(error)) => Some(error),
        Some(Fetch::Reading(_) | Fetch::More | Fetch::Done) | None => None,
    };
    let of_groups = match &model.ledger.state {
        LedgerReading::Failed(error) => Some(error),
        LedgerReading::NotRead | LedgerReading::Reading(_) | LedgerReading::Read => None,
    };
    let error = of_requests.or(of_groups)?;
    let text = format!("{}. {}", error.message(), error.hint_text().unwrap_or_default());
    Some(Status { text, tone: Tone::Bad })
}

/// The trouble under the cursor where no details are in sight.
fn trouble(model: &Model) -> Option<Status> {
    if model.screen != Screen::Buckets || model.panes().is_none_or(|panes| panes.details.is_some()) {
        return None;
    }
    let of_account = || match &model.accounts.get(usize::from(model.board.scope?))?.listing {
        ListState::Failed(error) => Some(error),
        ListState::Reading(_) | ListState::Done(_) => None,
    };
    let error = match model.focus {
        Pane::Accounts => of_account(),
        Pane::List | Pane::Details => model.board.selected_row()?.trouble.as_ref(),
    }?;
    Some(Status { text: format!("{}; i for the evidence", error.message()), tone: Tone::Bad })
}

/// `12345` as `12,345`.
pub(crate) fn grouped(number: usize) -> String {
    crate::domain::figures::grouped(number as u64)
}
