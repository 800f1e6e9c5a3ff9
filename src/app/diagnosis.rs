//! The doctor at the screen: `i` on an error says why, what to do next, and on what that rests.
//!
//! ```text
//! ┌ Why: research:arxiv ──────────────────────────────┐
//! │ The bucket is requester-pays, and …               │
//! │ Press R to be asked whether research pays …       │
//! │                                                   │
//! │ request   ListObjectsV2 of bucket "arxiv", …      │
//! └───────────────────────────────────────────────────┘
//! ```

use crate::doctor::{self, Diagnosis, Evidence, Voice};
use crate::domain::{Error, Op, Provider};
use crate::transfer::Fate;

use super::board::RowId;
use super::dialog::Dialog;
use super::model::{Pane, Screen};
use super::transfers::{End, State};
use super::{Effect, IdentityState, Key, KeyCode, ListState, Model, acts, consent};

/// A diagnosis that is being looked at.
#[derive(Debug)]
pub(crate) struct Examined {
    /// What was refused.
    pub(crate) about: String,
    pub(crate) diagnosis: Diagnosis,
    pub(crate) top: usize,
}

impl Examined {
    /// How far it can be scrolled at most: lines break between words, so that it may be a few fewer.
    pub(super) fn lines(&self, width: u16) -> usize {
        let room = usize::from(width.min(100)).saturating_sub(24).max(8);
        let texts = self.diagnosis.evidence.iter().map(|(_, text)| text).chain([&self.diagnosis.sentence, &self.diagnosis.step]);
        texts.map(|text| 1 + text.chars().count() / room).sum()
    }
}

/// Why a request about this bucket failed.
pub(crate) fn of(model: &Model, bucket: RowId, op: Op, error: &Error) -> Diagnosis {
    let row = model.board.row(bucket);
    let account = model.account_of(bucket);
    let caller = account.and_then(|account| match &account.identity {
        IdentityState::Known(known) => known.identity.as_ref(),
        IdentityState::NotAsked | IdentityState::Asking | IdentityState::Failed(_) => None,
    });
    doctor::diagnose(&Evidence {
        account: account.map(|account| account.name.as_str()),
        caller,
        ownership: row.map(|row| row.ownership),
        payer: row.and_then(|row| row.reading.payer()),
        consent: consent::of(model, bucket),
        provider: account.map_or(Provider::S3, |account| account.provider),
        op: Some(op),
        ..Evidence::of(error, Voice::Console)
    })
}

/// A refusal with the doctor's next step.
pub(crate) fn explained(model: &Model, bucket: RowId, op: Op, error: Error) -> Error {
    doctor::explained(error, |error| of(model, bucket, op, error))
}

/// Opens the diagnosis of the error under the cursor. Says whether there is one.
pub(crate) fn open(model: &mut Model) -> bool {
    let found = match model.screen {
        Screen::Buckets => on_board(model),
        Screen::Objects => in_bucket(model),
        Screen::Transfers => of_transfer(model),
        Screen::Ledger | Screen::Journal => None,
    };
    let Some(found) = found else { return false };
    show(model, found);
    true
}

/// The preview makes way for the reason why there is none.
pub(super) fn of_preview(model: &mut Model) {
    let Some(Dialog::Act(acts::Act::Preview(open))) = &model.dialog else { return };
    let Some(error) = &open.trouble else { return };
    let found = (open.pick.key.as_str().to_owned(), of(model, open.bucket, Op::GetObject, error));
    show(model, found);
}

fn show(model: &mut Model, (about, diagnosis): (String, Diagnosis)) {
    model.dialog = Some(Dialog::Diagnosis(Box::new(Examined { about, diagnosis, top: 0 })));
}

fn on_board(model: &Model) -> Option<(String, Diagnosis)> {
    if model.subject == Pane::Accounts {
        let account = model.accounts.get(usize::from(model.board.scope?))?;
        return match &account.listing {
            ListState::Failed(error) => Some((account.name.to_string(), alone(error))),
            ListState::Reading(_) | ListState::Done(_) => None,
        };
    }
    let id = model.board.selected?;
    let error = model.board.row(id)?.trouble.as_ref()?;
    Some((model.name_of(id), of(model, id, Op::GetBucketRequestPayment, error)))
}

/// The object that was asked for, else the listing.
fn in_bucket(model: &Model) -> Option<(String, Diagnosis)> {
    if let Some(acts::inspect::Inspect { bucket, pick, state: acts::inspect::Asking::Failed(error), .. }) =
        acts::inspect::of_selected(model)
    {
        return Some((pick.key.as_str().to_owned(), of(model, *bucket, Op::HeadObject, error)));
    }
    let listing = model.objects.listing.as_ref()?;
    let error = listing.trouble.as_ref().filter(|_| model.objects.selected_pick().is_none())?;
    Some((model.name_of(listing.bucket), of(model, listing.bucket, Op::ListObjectsV2, error)))
}

/// What ended it, else the object that failed last.
fn of_transfer(model: &Model) -> Option<(String, Diagnosis)> {
    let entry = model.transfers.selected()?;
    if let State::Kept(Some(error)) | State::Ended(End::Failed(error)) = &entry.state {
        return Some((entry.about.clone(), alone(error)));
    }
    let failed = entry.failures.iter().rev().find_map(|end| match &end.fate {
        Fate::Failed(error) => Some((if end.source.is_empty() { &end.target } else { &end.source }, error)),
        Fate::Done(_) | Fate::Exists | Fate::LeftOut(_) => None,
    });
    failed.map(|(name, error)| (name.clone(), alone(error)))
}

/// What the error alone says.
fn alone(error: &Error) -> Diagnosis {
    doctor::diagnose(&Evidence::of(error, Voice::Console))
}

/// A key that does not scroll: `i` asks again for an object that was refused, every other one closes.
pub(super) fn press(model: &mut Model, key: Key, out: &mut Vec<Effect>) {
    model.dialog = None;
    if key.code == KeyCode::Char('i') && asks_again(model) {
        acts::inspect::ask(model, out);
    }
}

/// Whether it is about an object whose headers were refused, so that `i` asks for them once more.
pub(crate) fn asks_again(model: &Model) -> bool {
    model.screen == Screen::Objects
        && matches!(acts::inspect::of_selected(model), Some(acts::inspect::Inspect { state: acts::inspect::Asking::Failed(_), .. }))
}
