//! Everything known of one bucket, account or change. Troubles come first: on a small screen only the first lines are seen.
//!
//! ```text
//! ─ research:arxiv ─────────────────────────────────────
//! payer    denied at 14:02:11
//! cause    bucket "arxiv": access denied
//! next     Only the owner may read who pays.
//! store    403 AccessDenied, request id 7F0A…
//! ```

use jiff::Timestamp;

use crate::app::{
    Area, Asked, Change, Flow, IdentityState, ListState, Model, Pane, Row, RowId, Screen, Sight, alarm_badge, alarm_lines, consent_word,
    consequence, hours_at, proved_earlier, sight,
};
use crate::domain::probe::Verdict;
use crate::domain::{Access, Certainty, Error, Ownership, PayerReading, findings};

use super::canvas::{Canvas, Focused, wrap};
use super::look::{Look, Role};
use super::objects::ends_shown;
use super::plan::gravity_role;
use super::{ledger_details, object_details, transfers_details, words};

/// A label, its text, and how it is meant.
pub(crate) type Fact = (&'static str, String, Role);

/// Draws the pane for what has (or had) the focus.
pub(crate) fn draw(canvas: &mut Canvas<'_>, model: &Model, area: Area) {
    let (title, facts) = subject(model, canvas.look);
    let title = canvas.safe(&title);
    canvas.rule(area, &title, Focused::when(model.focus == Pane::Details));
    let lines = lines(canvas, &facts, area.width);
    let room = usize::from(area.height.saturating_sub(1));
    let top = usize::from(model.details_top).min(lines.len().saturating_sub(room));
    for (y, (label, text, role)) in (area.y + 1..).zip(lines.iter().skip(top).take(room)) {
        canvas.put(area.x + 1, y, LABEL, label, Role::Muted);
        canvas.put(area.x + 1 + LABEL, y, area.width.saturating_sub(LABEL + 1), text, *role);
    }
}

const LABEL: u16 = 10;

/// Wrapped lines; a label stands at its first one.
fn lines(canvas: &Canvas<'_>, facts: &[Fact], width: u16) -> Vec<(&'static str, String, Role)> {
    let width = usize::from(width.saturating_sub(LABEL + 2));
    let mut lines = Vec::new();
    for (label, text, role) in facts {
        for (index, line) in wrap(&ends_shown(&canvas.safe(text)), width).into_iter().enumerate() {
            lines.push((if index == 0 { *label } else { "" }, line, *role));
        }
    }
    lines
}

fn subject(model: &Model, look: &Look) -> (String, Vec<Fact>) {
    match (model.screen, model.subject) {
        (Screen::Transfers, _) => match model.transfers.selected() {
            Some(entry) => (entry.about.clone(), transfers_details::facts(model, entry, look)),
            None => ("Transfer".to_owned(), Vec::new()),
        },
        (Screen::Journal, _) => match model.journal.selected() {
            Some(change) => (format!("Change {}", change.id), journal_line(model, change)),
            None => ("Change".to_owned(), Vec::new()),
        },
        (Screen::Objects, _) => object_details::of(model),
        (Screen::Ledger, _) => ledger_details::of(model),
        (Screen::Buckets, Pane::Accounts) => account(model),
        (Screen::Buckets, Pane::List | Pane::Details) => match model.board.selected {
            Some(id) => (model.name_of(id), bucket(model, id)),
            None => ("Details".to_owned(), Vec::new()),
        },
    }
}

fn bucket(model: &Model, id: RowId) -> Vec<Fact> {
    let (Some(row), Some(account)) = (model.board.row(id), model.account_of(id)) else { return Vec::new() };
    let mut facts = vec![payer(model, row)];
    if let Some(flow) = model.flows.get(&id) {
        let to = &flow.intent().to;
        let word = match flow {
            Flow::Grace { .. } => "waits",
            Flow::Identifying(_) | Flow::Sending { .. } => "changing",
        };
        facts.push((word, format!("{}: {}", words::payer(to), consequence(to)), Role::Warning));
        if let Flow::Sending { since, .. } = flow {
            let since = words::time(*since, model.now, &model.zone);
            facts.push(("since", format!("{since}; asked for up to five minutes, Esc stops asking"), Role::Plain));
        }
    }
    if let Some(error) = &row.trouble {
        facts.extend(trouble(error));
    }
    facts.extend(alarms(model, id));
    if let Some(probed) = model.probes.get(&id) {
        facts.extend(proved(model, probed.report.verdict, &probed.report.evidence(), probed.at));
    }
    if let Some(proof) = proved_earlier(model, id) {
        facts.extend(proved(model, proof.verdict, &proof.evidence, proof.at));
    }
    let whose = match (row.ownership, &row.owner) {
        (Ownership::Owned, None) => "owned".to_owned(),
        (Ownership::Owned, Some(owner)) => format!("owned, by {owner}"),
        (Ownership::Foreign, None) => "someone else's: only the owner may read or change who pays".to_owned(),
        (Ownership::Foreign, Some(owner)) => format!("{owner}: only the owner may read or change who pays"),
    };
    facts.push(("owner", whose, Role::Plain));
    facts.extend(seen(model, id, row));
    if let Some(word) = consent_word(model, id) {
        facts.push(("paying", word.sentence().to_owned(), Role::Plain));
    }
    let endpoint = account.endpoint.as_deref().unwrap_or("the provider's own");
    let region = row.region.as_deref().unwrap_or("not known");
    facts.push(("place", format!("{}, region {region}, endpoint {endpoint}", account.provider), Role::Plain));
    facts.extend(model.place_of(id).and_then(|place| hours_at(model, &place)).map(|hours| ("hours", hours, Role::Plain)));
    if let Some(created) = row.created {
        facts.push(("created", words::full_time(created, &model.zone), Role::Plain));
    }
    facts.push(("changed", last_change(model, id), Role::Plain));
    if let (None, Some(request_id)) = (&row.trouble, &row.request_id) {
        facts.push(("request", request_id.to_string(), Role::Muted));
    }
    facts
}

/// What stands of alarms about a bucket.
pub(crate) fn alarms(model: &Model, id: RowId) -> impl Iterator<Item = Fact> {
    let label = if alarm_badge(model, id).is_some() { "! alarm" } else { "alarm" };
    alarm_lines(model, id).into_iter().map(move |line| (label, line, Role::Warning))
}

/// The verdict of a probe with its age and what stands for it.
fn proved(model: &Model, verdict: Verdict, evidence: &[String], at: Timestamp) -> Vec<Fact> {
    let age = model.now.duration_since(at);
    // What was proved a moment ago needs no age beside its time.
    let age = if age.as_hours() < 1 { String::new() } else { format!(", {} ago", words::duration(age.unsigned_abs())) };
    let verdict = format!("{}, probed at {}{age}", verdict.words(), words::full_time(at, &model.zone));
    let lines = evidence.iter().map(|line| ("", line.clone(), Role::Muted));
    [("probe", verdict, Role::Plain)].into_iter().chain(lines).collect()
}

fn payer(model: &Model, row: &Row) -> Fact {
    let (text, role) = words::reading(&row.reading);
    let at = row.read_at.map(|at| words::full_time(at, &model.zone));
    let text = match (&row.reading, at) {
        (PayerReading::Read(value), Some(at)) => format!("{}, the store said at {at}", words::payer(value)),
        (PayerReading::NotRead, _) if matches!(row.asked, Asked::Asking(_)) => "not read yet: the store is being asked".to_owned(),
        (PayerReading::NotRead, _) => "not read yet: the store was not asked".to_owned(),
        (PayerReading::Changing { from, .. }, Some(at)) => {
            let from = from.as_ref().map_or_else(|| "not known".to_owned(), words::payer);
            format!("{text}; {from} at {at}")
        }
        (_, Some(at)) => format!("{text} at {at}"),
        (_, None) => text,
    };
    ("payer", text, role)
}

fn last_change(model: &Model, id: RowId) -> String {
    let change = model.bucket_id(id).and_then(|id| model.journal.last_of(&id).cloned());
    match change {
        None => "nothing in the journal".to_owned(),
        Some(change) => format!(
            "{} {} → {}, {}{}",
            words::full_time(change.at, &model.zone),
            change.before.as_ref().map_or_else(|| "not read".to_owned(), words::payer),
            words::payer(&change.asked),
            change.outcome.as_str(),
            change.identity.as_ref().map(|identity| format!(", by {identity}")).unwrap_or_default(),
        ),
    }
}

/// Where the rest of an error is.
pub(crate) const EVIDENCE: &str = "i shows why, and on what that rests";

/// What the last look found: for the change that waits, else for the one that `p` would make.
fn seen(model: &Model, id: RowId, row: &Row) -> Vec<Fact> {
    let Some(look) = sight(model, id).and_then(Sight::look) else { return Vec::new() };
    let to = match model.flows.get(&id) {
        Some(flow) => Some(flow.intent().to.clone()),
        None => row.reading.payer().and_then(crate::domain::Payer::toggled),
    };
    let Some(to) = to else { return Vec::new() };
    let open = if look.is_complete() { String::new() } else { format!(", {} settings to come", look.open) };
    let at = words::time(look.at, model.now, &model.zone);
    let head = format!("at {at} for a change to {}, with {}{open}", words::payer(&to), words::requests(look.requests));
    let mut facts = vec![("looked", head, Role::Muted)];
    facts.extend(findings(&to, look).into_iter().map(|finding| {
        let sure = match finding.certainty {
            Certainty::Certain => "",
            Certainty::Likely => "likely: ",
        };
        (finding.gravity.as_str(), format!("{sure}{}", finding.text), gravity_role(finding.gravity))
    }));
    facts.extend(look.unread().map(|(setting, why)| ("unread", format!("{}: {why}", setting.as_str()), Role::Bad)));
    facts
}

/// An error with everything that an operator or a support desk needs.
pub(crate) fn trouble(error: &Error) -> Vec<Fact> {
    let mut facts = vec![("cause", error.message().to_owned(), Role::Bad)];
    if let Some(hint) = error.hint_text() {
        facts.push(("next", hint.to_owned(), Role::Accent));
    }
    let Some(answer) = error.store_answer() else { return facts };
    let mut parts = vec![format!("{} {}", answer.status, answer.code).trim_end().to_owned()];
    parts.extend(answer.ec.iter().map(|ec| format!("EC {ec}")));
    parts.extend(answer.request_id.iter().map(|id| format!("request id {id}")));
    facts.push(("store", parts.join(", "), Role::Plain));
    if !answer.message.is_empty() {
        facts.push(("said", answer.message.clone(), Role::Plain));
    }
    for (name, value) in &answer.denied_detail {
        facts.push(("detail", format!("{name}: {value}"), Role::Plain));
    }
    let elsewhere =
        [answer.endpoint.as_ref().map(|text| format!("endpoint {text}")), answer.region.as_ref().map(|text| format!("region {text}"))];
    let elsewhere: Vec<String> = elsewhere.into_iter().flatten().collect();
    if !elsewhere.is_empty() {
        facts.push(("names", elsewhere.join(", "), Role::Plain));
    }
    if let Some(host_id) = &answer.host_id {
        facts.push(("host id", host_id.clone(), Role::Muted));
    }
    facts
}

fn account(model: &Model) -> (String, Vec<Fact>) {
    let Some(account) = model.board.scope.and_then(|scope| model.accounts.get(usize::from(scope))) else {
        return ("All accounts".to_owned(), overview(model));
    };
    let mut facts = Vec::new();
    match &account.listing {
        ListState::Reading(_) => facts.push(("buckets", "being read".to_owned(), Role::Muted)),
        ListState::Done(at) => facts.push(("buckets", format!("listed at {}", words::full_time(*at, &model.zone)), Role::Plain)),
        ListState::Failed(error) => facts.extend(trouble(error)),
    }
    facts.push(("keys from", account.origin.clone(), Role::Plain));
    facts.extend(identity(&account.identity));
    let access = match account.access {
        Access::Normal => "normal",
        Access::Protected => "protected: every change is confirmed by typing the bucket's name",
        Access::ReadOnly => "read-only: nothing is changed",
    };
    facts.push(("access", access.to_owned(), Role::Plain));
    let endpoint = account.endpoint.as_deref().unwrap_or("the provider's own");
    facts.push(("place", format!("{}, region {}, endpoint {endpoint}", account.provider, account.region), Role::Plain));
    if let Some(id) = &account.account_id {
        facts.push(("guard", format!("requests name account id {id} as the expected owner"), Role::Plain));
    }
    (format!("Account {}", account.name), facts)
}

fn identity(state: &IdentityState) -> Vec<Fact> {
    match state {
        IdentityState::NotAsked => vec![("keys of", "not asked yet: press i".to_owned(), Role::Muted)],
        IdentityState::Asking => vec![("keys of", "asking…".to_owned(), Role::Muted)],
        IdentityState::Failed(error) => {
            let hint = error.hint_text().map(|hint| format!(". {hint}")).unwrap_or_default();
            vec![("keys of", format!("not known: {}{hint}", error.message()), Role::Warning)]
        }
        IdentityState::Known(known) => {
            let mut facts = Vec::new();
            match &known.identity {
                Some(identity) => facts.push(("keys of", format!("{} (account {})", identity.arn, identity.account_id), Role::Plain)),
                None => facts.push(("keys of", "this store cannot say (it has no STS)".to_owned(), Role::Plain)),
            }
            facts.push(("key id", known.key_id.clone().unwrap_or_else(|| "none: anonymous".to_owned()), Role::Plain));
            facts
        }
    }
}

fn overview(model: &Model) -> Vec<Fact> {
    let mut facts = Vec::new();
    for account in &model.accounts {
        if let ListState::Failed(error) = &account.listing {
            facts.push(("failed", format!("{}: {}", account.name, error.message()), Role::Bad));
        }
    }
    facts.extend(model.warnings.iter().map(|warning| ("config", warning.clone(), Role::Warning)));
    if facts.is_empty() {
        facts.push(("accounts", model.accounts.len().to_string(), Role::Plain));
    }
    facts
}

fn outcome(change: &Change) -> String {
    match &change.after {
        Some(after) => format!("{}; the store answered {} afterwards", change.outcome.as_str(), words::payer(after)),
        None => format!("{}; the payer was not read back", change.outcome.as_str()),
    }
}

fn journal_line(model: &Model, change: &Change) -> Vec<Fact> {
    let value = |payer: &Option<_>| payer.as_ref().map_or_else(|| "not read".to_owned(), words::payer);
    let mut facts = vec![
        ("bucket", format!("{} ({})", change.bucket, change.provider), Role::Title),
        ("asked", format!("{} → {}", value(&change.before), words::payer(&change.asked)), Role::Plain),
        ("outcome", outcome(change), Role::Plain),
    ];
    facts.extend(change.error.iter().map(|error| ("cause", error.clone(), Role::Bad)));
    facts.push(("by", change.identity.clone().unwrap_or_else(|| "not known".to_owned()), Role::Plain));
    facts.push(("at", words::full_time(change.at, &model.zone), Role::Plain));
    facts.extend(change.request_id.iter().map(|id| ("request", id.clone(), Role::Plain)));
    facts
}
