//! What stands over a screen and takes the keys: help, palette, bucket by name, copy, plan, report, quit.

use jiff::Timestamp;

use crate::domain::target::Who;
use crate::domain::{BucketName, BucketRecord, Ownership, Target};
use crate::transfer::Rein;

use super::board::RowId;
use super::change::SETTLE;
use super::field::Field;
use super::model::{Pane, Screen, Tone};
use super::objects::jump::{self, Jump};
use super::objects::pages::{self, RestQuestion};
use super::palette::{Palette, Picked};
use super::plan::{self, Plan};
use super::{Clip, Effect, Key, KeyCode, Model, action, acts, budget, consent, diagnosis, keys, objects, probe, transfers};

/// An open dialog. There is at most one.
#[derive(Debug)]
pub(crate) enum Dialog {
    Help {
        top: usize,
    },
    Palette(Palette),
    OpenBucket(OpenBucket),
    Copy {
        /// Label and text of each choice.
        choices: Vec<(&'static str, String)>,
        line: usize,
        /// What was open before, and opens again.
        behind: Option<Box<Self>>,
    },
    Plan(Plan),
    Report {
        top: usize,
    },
    Consent(consent::Question),
    Probe(probe::Probing),
    /// Why something was refused.
    Diagnosis(Box<diagnosis::Examined>),
    ReadRest(RestQuestion),
    /// A budget is passed: go on?
    Budget(budget::Question),
    Jump(Jump),
    /// Changes run: leave all the same?
    Quit {
        shown: Option<Timestamp>,
    },
    /// About transfers.
    Transfers(transfers::Question),
    /// About objects.
    Act(acts::Act),
}

impl Dialog {
    /// Whether its text is shown page by page where it does not fit.
    pub(crate) fn has_pages(&self) -> bool {
        match self {
            Self::OpenBucket(_) | Self::Jump(_) | Self::ReadRest(_) | Self::Quit { .. } => true,
            Self::Transfers(question) => question.has_pages(),
            Self::Act(act) => act.has_pages(),
            Self::Help { .. } | Self::Palette(_) | Self::Copy { .. } | Self::Plan(_) | Self::Report { .. } => false,
            Self::Consent(_) | Self::Probe(_) | Self::Diagnosis(_) | Self::Budget(_) => false,
        }
    }
}

/// A bucket's address being typed.
#[derive(Debug, Default)]
pub(crate) struct OpenBucket {
    pub(crate) field: Field,
    pub(crate) complaint: Option<String>,
}

/// A key while a dialog is open.
pub(crate) fn press(model: &mut Model, key: Key, out: &mut Vec<Effect>) {
    match &mut model.dialog {
        None => {}
        Some(Dialog::Help { top }) => match scroll(key, *top, help_lines(model.size.width)) {
            Some(line) => *top = line,
            None => model.dialog = None,
        },
        Some(Dialog::Report { top }) => match scroll(key, *top, model.rollout.as_ref().map_or(0, |job| job.lines.len())) {
            Some(line) => *top = line,
            None => report_key(model, key, out),
        },
        Some(Dialog::Diagnosis(examined)) => match scroll(key, examined.top, examined.lines(model.size.width)) {
            Some(line) => examined.top = line,
            None => diagnosis::press(model, key, out),
        },
        Some(Dialog::Palette(palette)) => match palette.press(key) {
            Picked::Nothing => {}
            Picked::Closed => model.dialog = None,
            Picked::Action(action) => {
                model.dialog = None;
                keys::run(model, action, out);
            }
        },
        Some(Dialog::OpenBucket(_)) => open_key(model, key, out),
        Some(Dialog::Copy { .. }) => copy_key(model, key, out),
        Some(Dialog::Plan(_)) => plan::press(model, key, out),
        Some(Dialog::Consent(_)) => consent::press(model, key, out),
        Some(Dialog::Probe(_)) => probe::press(model, key, out),
        Some(Dialog::ReadRest(_)) => rest_key(model, key, out),
        Some(Dialog::Budget(_)) => budget::press(model, key, out),
        Some(Dialog::Jump(_)) => jump::press(model, key, out),
        Some(Dialog::Quit { .. }) => quit_key(model, key, out),
        Some(Dialog::Transfers(_)) => transfers::question_key(model, key, out),
        Some(Dialog::Act(_)) => acts::press(model, key, out),
    }
}

/// `PgDn` and `PgUp` turn the pages of a text that has no other way to be read to its end; they answer nothing. Says whether they did.
#[expect(clippy::wildcard_enum_match_arm, reason = "every other key turns nothing")]
pub(crate) fn turns_page(model: &mut Model, key: Key) -> bool {
    let by = match key.code {
        KeyCode::PageDown => 1,
        KeyCode::PageUp => -1,
        _ => return false,
    };
    let paged = model.dialog.as_ref().is_some_and(Dialog::has_pages);
    if paged {
        turn_page(model, by);
    }
    paged
}

/// The next page, or the one before.
pub(crate) fn turn_page(model: &mut Model, by: i32) {
    model.dialog_page = model.dialog_page.wrapping_add(by);
}

/// Text was pasted while a dialog is open: it goes into text fields, and nowhere else.
pub(crate) fn paste(model: &mut Model, text: &str) {
    match &mut model.dialog {
        Some(Dialog::Palette(palette)) => palette.paste(text),
        Some(Dialog::OpenBucket(open)) => open.field.paste(text),
        Some(Dialog::Jump(jump)) => jump.field.paste(text),
        Some(Dialog::Plan(plan)) => plan::refuse_paste(plan),
        Some(Dialog::Transfers(question)) => transfers::question_paste(question, text),
        Some(Dialog::Act(act)) => acts::paste(act, text),
        Some(
            Dialog::Help { .. }
            | Dialog::Copy { .. }
            | Dialog::Report { .. }
            | Dialog::Diagnosis(_)
            | Dialog::Quit { .. }
            | Dialog::Consent(_)
            | Dialog::Budget(_)
            | Dialog::Probe(_)
            | Dialog::ReadRest(_),
        )
        | None => {}
    }
}

/// The dialog's frame is on screen: from now on its keys begin to count.
pub(crate) fn note_drawn(model: &mut Model) {
    let now = model.now;
    match &mut model.dialog {
        Some(Dialog::Plan(plan)) => {
            plan.shown.get_or_insert(now);
        }
        Some(Dialog::Quit { shown }) => {
            shown.get_or_insert(now);
        }
        Some(Dialog::Transfers(question)) => transfers::question_drawn(question, now),
        Some(Dialog::Act(act)) => acts::note_drawn(act, now),
        Some(Dialog::Consent(question)) => drop(question.shown.get_or_insert(now)),
        Some(Dialog::Probe(open)) => drop(open.shown.get_or_insert(now)),
        Some(Dialog::ReadRest(question)) => drop(question.shown.get_or_insert(now)),
        Some(Dialog::Budget(question)) => drop(question.shown.get_or_insert(now)),
        Some(
            Dialog::Help { .. }
            | Dialog::Palette(_)
            | Dialog::OpenBucket(_)
            | Dialog::Copy { .. }
            | Dialog::Report { .. }
            | Dialog::Diagnosis(_)
            | Dialog::Jump(_),
        )
        | None => {}
    }
}

/// The new first line after a scrolling key; `None` for other keys.
#[expect(clippy::wildcard_enum_match_arm, reason = "every other key does not scroll")]
fn scroll(key: Key, top: usize, last: usize) -> Option<usize> {
    let line = match key.code {
        KeyCode::Up | KeyCode::Char('k') => Some(top.saturating_sub(1)),
        KeyCode::Down | KeyCode::Char('j') => Some(top + 1),
        KeyCode::PageUp => Some(top.saturating_sub(10)),
        KeyCode::PageDown | KeyCode::Char(' ') => Some(top + 10),
        KeyCode::Home | KeyCode::Char('g') => Some(0),
        KeyCode::End | KeyCode::Char('G') => Some(last),
        _ => None,
    };
    line.map(|line| line.min(last))
}

/// How far the help can be scrolled at most: lines break between words, so that it may be a few fewer.
pub(super) fn help_lines(width: u16) -> usize {
    let (beside, keys) = if width < 60 { (16, 1) } else { (33, 0) };
    let room = usize::from(width.min(100)).saturating_sub(beside).max(8);
    action::TABLE.iter().map(|entry| keys + 1 + entry.help.chars().count() / room).sum::<usize>() + 600 / room
}

fn report_key(model: &mut Model, key: Key, out: &mut Vec<Effect>) {
    if key.code == KeyCode::Char('s') {
        plan::stop(model);
        plan::stop_watching(model, out);
        return;
    }
    model.dialog = None;
    if model.rollout.as_ref().is_some_and(plan::Rollout::is_running) {
        model.say(Tone::Plain, "the plan goes on: press L to see it again");
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "every other key means no")]
fn quit_key(model: &mut Model, key: Key, out: &mut Vec<Effect>) {
    let Some(Dialog::Quit { shown }) = model.dialog else { return };
    let seen = shown.is_some_and(|shown| model.now.duration_since(shown) >= SETTLE);
    let transfers = transfers::remain(model) > 0;
    match key.code {
        KeyCode::Char('y') if seen => keys::leave(model, Rein::Stop, out),
        KeyCode::Char('g') if seen && transfers => keys::leave(model, Rein::GiveUp, out),
        KeyCode::Char('y' | 'g') => {}
        _ => model.dialog = None,
    }
}

/// Every other key means no.
fn rest_key(model: &mut Model, key: Key, out: &mut Vec<Effect>) {
    let Some(Dialog::ReadRest(question)) = &model.dialog else { return };
    let seen = question.shown.is_some_and(|shown| model.now.duration_since(shown) >= SETTLE);
    // It opens by itself: what was typed for the list below is no answer.
    if !seen && key.code != KeyCode::Esc {
        return;
    }
    let Some(Dialog::ReadRest(question)) = model.dialog.take() else { return };
    if key.code == KeyCode::Char('y') {
        pages::consented(model, &question, out);
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "every other key closes")]
fn copy_key(model: &mut Model, key: Key, out: &mut Vec<Effect>) {
    let Some(Dialog::Copy { choices, line, behind }) = &mut model.dialog else { return };
    let last = choices.len().saturating_sub(1);
    match key.code {
        KeyCode::Up | KeyCode::Char('k') => *line = line.saturating_sub(1),
        KeyCode::Down | KeyCode::Char('j') | KeyCode::Tab => *line = (*line + 1).min(last),
        KeyCode::Enter | KeyCode::Char('y') => {
            let chosen = choices.get(*line).cloned();
            model.dialog = behind.take().map(|dialog| *dialog);
            if let Some((label, text)) = chosen {
                let shown = text.lines().map(str::trim).collect::<Vec<_>>().join(" ");
                model.say(Tone::Plain, format!("copied the {label}: {shown}"));
                out.push(Effect::Copy(Clip::new(text)));
            }
        }
        _ => model.dialog = behind.take().map(|dialog| *dialog),
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "every other key edits the text")]
fn open_key(model: &mut Model, key: Key, out: &mut Vec<Effect>) {
    let Some(Dialog::OpenBucket(open)) = &mut model.dialog else { return };
    match key.code {
        KeyCode::Esc => model.dialog = None,
        KeyCode::Enter => {
            let text = open.field.text().trim().to_owned();
            match open_bucket(model, &text, out) {
                Ok(()) => model.dialog = None,
                Err(complaint) => {
                    if let Some(Dialog::OpenBucket(open)) = &mut model.dialog {
                        open.complaint = Some(complaint);
                    }
                }
            }
        }
        _ => {
            open.complaint = None;
            open.field.press(key);
        }
    }
}

/// Puts a bucket on the board by its name, and the cursor on it; with a prefix or key behind it, opens that. It stays for this
/// session; the config keeps it for good.
pub(crate) fn open_bucket(model: &mut Model, text: &str, out: &mut Vec<Effect>) -> Result<(), String> {
    let (account, name, key) = resolve(model, text)?;
    let state = model.accounts.get(account).ok_or("there is no such account")?;
    let name = BucketName::parse(state.provider, &name)
        .map_err(|error| format!("{}. {}", error.message(), error.hint_text().unwrap_or_default()))?;
    let id = match model.board.find(account, &name) {
        Some(id) => id,
        None => {
            let record = BucketRecord { name, region: None, created: None, ownership: Ownership::Foreign, owner: None };
            model.board.put(u16::try_from(account).unwrap_or(u16::MAX), record, 0)
        }
    };
    if let Some(row) = model.board.row_mut(id) {
        row.gone = false;
    }
    show(model, id);
    open_key_of(model, id, &key, out);
    Ok(())
}

/// Opens the prefix that a target names. Of a key, the keys that begin so are listed: it is found with one request wherever it is.
pub(crate) fn open_key_of(model: &mut Model, id: RowId, key: &str, out: &mut Vec<Effect>) {
    if !key.is_empty() {
        objects::open_at(model, id, key, None, out);
    }
}

/// Makes a row visible whatever filter and scope hide, and selects it.
pub(crate) fn show(model: &mut Model, id: RowId) {
    model.board.arrange(&model.accounts);
    if !model.board.order.contains(&id) {
        model.board.filter = super::filter::Filter::default();
        model.board.filter_text.clear();
        model.board.scope = None;
        model.board.arrange(&model.accounts);
    }
    model.screen = Screen::Buckets;
    keys::focus(model, Pane::List);
    model.board.select(id);
    let name = model.name_of(id);
    model.say(Tone::Plain, format!("{name} is on the board"));
}

/// `ACCOUNT:BUCKET`, `s3://BUCKET`, `oss://BUCKET`, or a bucket of the account under the cursor; each with a `/KEY` if wanted.
fn resolve(model: &Model, text: &str) -> Result<(usize, String, String), String> {
    if text.is_empty() {
        return Err("type ACCOUNT:BUCKET, s3://BUCKET, oss://BUCKET or a bucket's name".to_owned());
    }
    let (first, rest) = text.split_once('/').unwrap_or((text, ""));
    if !first.contains(':') {
        let account = current_account(model).ok_or("name the account too: ACCOUNT:BUCKET")?;
        return Ok((account, first.to_owned(), rest.to_owned()));
    }
    let target = Target::parse(text).map_err(|error| format!("{}. {}", error.message(), error.hint_text().unwrap_or_default()))?;
    Ok((account_for(model, &target)?, target.bucket, target.key))
}

/// The account that a target means.
pub(crate) fn account_for(model: &Model, target: &Target) -> Result<usize, String> {
    match &target.who {
        Who::Account(name) => model
            .accounts
            .iter()
            .position(|account| account.name == *name)
            .ok_or_else(|| format!("there is no account {name}; the accounts are at the left")),
        Who::Provider(provider) => {
            let mut fitting = model.accounts.iter().enumerate().filter(|(_, account)| account.provider == *provider);
            match (fitting.next(), fitting.next()) {
                (Some((index, _)), None) => Ok(index),
                (None, _) => Err(format!("no account speaks {provider}")),
                (Some(_), Some(_)) => Err(format!("several accounts speak {provider}: write ACCOUNT:{}", target.bucket)),
            }
        }
    }
}

fn current_account(model: &Model) -> Option<usize> {
    let of_row = || model.board.selected_row().map(|row| usize::from(row.account));
    let only = || (model.accounts.len() == 1).then_some(0);
    model.board.scope.map(usize::from).or_else(of_row).or_else(only)
}
