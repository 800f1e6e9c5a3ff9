//! The user's word on paying for a bucket: where it comes from, how it is asked for, how it is taken back.
//!
//! It belongs to one account and one bucket, and is never carried to another. No word, no payer header; a refusal opens the
//! question, and nothing is sent again without its answer.

use std::collections::HashMap;

use jiff::Timestamp;

use crate::config::Account;
use crate::domain::op::PriceClass;
use crate::domain::{Acting, BucketId, Consent, Error, ErrorKind, Op, Ownership, Payer, Provider, consent};
use crate::prices::words;

use super::board::RowId;
use super::change::SETTLE;
use super::dialog::Dialog;
use super::estimate;
use super::model::{Screen, Tone};
use super::objects;
use super::{Effect, Key, KeyCode, Model};

/// What was said of a bucket, and for how long. Buckets of which nothing was said are not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Word {
    /// Yes, until the program ends.
    Session,
    /// Yes, until it is taken back: the state database has it.
    Kept,
    /// Yes, in the config.
    Config,
    /// No, in the config: there is no question either.
    Never,
}

impl Word {
    /// As board and title show it.
    pub(crate) fn badge(self) -> &'static str {
        match self {
            Self::Session => "you pay",
            Self::Kept | Self::Config => "you pay*",
            Self::Never => "never",
        }
    }

    /// The same where there is no room for words.
    pub(crate) fn sign(self) -> &'static str {
        match self {
            Self::Session => "$",
            Self::Kept | Self::Config => "$*",
            Self::Never => "-$",
        }
    }

    /// For the details.
    pub(crate) fn sentence(self) -> &'static str {
        match self {
            Self::Session => "you pay, for this session: R takes it back",
            Self::Kept => "you pay, until R takes it back",
            Self::Config => "you pay, by the config (`request_payer = \"requester\"`): R takes it back for this session",
            Self::Never => "never, by the config (`request_payer = \"never\"`)",
        }
    }
}

/// All words, by bucket.
#[derive(Debug, Default)]
pub(crate) struct Words(HashMap<BucketId, Word>);

/// The question.
#[derive(Debug)]
pub(crate) struct Question {
    pub(crate) bucket: RowId,
    /// What the store said, if it asks because of a refusal.
    pub(crate) refusal: Option<String>,
    pub(crate) then: Then,
    pub(crate) shown: Option<Timestamp>,
}

/// What follows a yes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Then {
    Nothing,
    /// The listing that was refused is asked for again.
    ListAgain,
}

/// Takes what the config and the state database hold. A `never` in the config stands above a yes that was kept before.
pub(crate) fn take(model: &mut Model, accounts: &[Account], kept: Vec<BucketId>) {
    let words = &mut model.words.0;
    words.extend(kept.into_iter().map(|bucket| (bucket, Word::Kept)));
    for account in accounts {
        for bucket in &account.buckets {
            let id = BucketId { account: account.name.clone(), bucket: bucket.name.clone() };
            match bucket.consent {
                Consent::Silent => {}
                Consent::Given => drop(words.insert(id, Word::Config)),
                Consent::Refused => drop(words.insert(id, Word::Never)),
            }
        }
    }
}

/// What was said of a bucket.
pub(crate) fn word(model: &Model, bucket: RowId) -> Option<Word> {
    model.words.0.get(&model.bucket_id(bucket)?).copied()
}

/// What a request for this bucket goes out with.
pub(crate) fn of(model: &Model, bucket: RowId) -> Consent {
    match word(model, bucket) {
        None => Consent::Silent,
        Some(Word::Session | Word::Kept | Word::Config) => Consent::Given,
        Some(Word::Never) => Consent::Refused,
    }
}

/// `R`: asks, or takes the word back.
pub(crate) fn toggle(model: &mut Model, out: &mut Vec<Effect>) {
    let Some(bucket) = model.bucket_here() else { return };
    let name = model.name_of(bucket);
    match word(model, bucket) {
        None => {
            let then = if was_denied(model, bucket) { Then::ListAgain } else { Then::Nothing };
            model.dialog = Some(Dialog::Consent(Question { bucket, refusal: None, then, shown: None }));
        }
        Some(Word::Never) => {
            model.say(Tone::Warning, format!("{name}: the config says `request_payer = \"never\"`; change it there to be asked"));
        }
        Some(word @ (Word::Session | Word::Kept | Word::Config)) => {
            let Some(id) = model.bucket_id(bucket) else { return };
            model.words.0.remove(&id);
            // Pages under way were ordered on that word.
            if model.objects.listing.as_ref().is_some_and(|listing| listing.bucket == bucket) {
                objects::pages::stop(model, out);
            }
            let until = if word == Word::Config { " in this session; the config still has it" } else { "" };
            model.say(Tone::Good, format!("{name}: your account no longer pays here{until}"));
            if word == Word::Kept {
                out.push(Effect::ForgetConsent(id));
            }
        }
    }
}

fn was_denied(model: &Model, bucket: RowId) -> bool {
    model.screen == Screen::Objects
        && model.objects.listing.as_ref().is_some_and(|listing| {
            listing.bucket == bucket && listing.trouble.as_ref().is_some_and(|error| error.kind() == ErrorKind::Denied)
        })
}

/// Whether a refusal may be due to a missing payer header: the store's words allow for it, the bucket is not the account's own, and
/// nobody said that its owner pays.
fn could_help(model: &Model, bucket: RowId, error: &Error) -> bool {
    let Some(row) = model.board.row(bucket) else { return false };
    let owner_pays = row.reading.payer() == Some(&Payer::BucketOwner);
    // What was said of paying is looked at by whoever asks here: a `never` has a hint of its own.
    consent::could_help(error, Consent::Silent) && row.ownership == Ownership::Foreign && !owner_pays
}

/// A refusal may be a question of who pays: asks, unless something else has the keys. Nothing is sent before the answer.
pub(crate) fn offer(model: &mut Model, bucket: RowId, error: &Error) {
    let free = model.dialog.is_none() && model.editing.is_none() && model.screen == Screen::Objects;
    if free && of(model, bucket) == Consent::Silent && could_help(model, bucket, error) {
        let refusal = Some(said(error));
        model.dialog = Some(Dialog::Consent(Question { bucket, refusal, then: Then::ListAgain, shown: None }));
    }
}

/// What the store said, in one line.
fn said(error: &Error) -> String {
    let Some(answer) = error.store_answer() else { return error.message().to_owned() };
    let text = if answer.message.is_empty() { String::new() } else { format!(": {}", answer.message) };
    format!("{} {}{text}", answer.status, answer.code)
}

/// The lines of the question: who, for what, what is known, what it costs, and the choices.
pub(crate) fn lines(model: &Model, question: &Question) -> Vec<String> {
    let (Some(row), Some(account)) = (model.board.row(question.bucket), model.account_of(question.bucket)) else { return Vec::new() };
    let identity = account.identity_text().map(|text| format!(" ({text})")).unwrap_or_default();
    let mut lines = vec![format!("Pay as {}{identity} for requests in {}?", account.name, row.name)];
    if let Some(refusal) = &question.refusal {
        lines.push(format!("The store refused to list it: {refusal}"));
    }
    lines.push(known(row));
    let now = match question.then {
        Then::Nothing => "Now: no request.".to_owned(),
        Then::ListAgain => format!("Now: 1 request, {}; {}.", class(account.provider), price_of_page(model, question.bucket)),
    };
    lines.push(format!("{now} From then on every request about its objects says that you pay, for requests and transfer."));
    lines
}

fn known(row: &super::Row) -> String {
    let whose = match (row.ownership, &row.owner) {
        (Ownership::Owned, _) => "It is this account's own bucket, which pays for it anyway".to_owned(),
        (Ownership::Foreign, Some(owner)) => format!("It belongs to {owner}"),
        (Ownership::Foreign, None) => "It is someone else's".to_owned(),
    };
    let payer = match row.reading.payer() {
        Some(payer) => format!("its payer is {payer}"),
        None => "its payer is not known".to_owned(),
    };
    format!("{whose}; {payer}.")
}

/// What a page of keys costs.
fn price_of_page(model: &Model, bucket: RowId) -> String {
    let side = model.place_of(bucket).map(|place| estimate::side(Acting { place, consent: Consent::Given }, Op::ListObjectsV2, 1, 0));
    side.map(|side| words::money(&estimate::of_side(model, &side))).unwrap_or_default()
}

/// What a page of keys is billed as, in the vendor's words.
pub(crate) fn class(provider: Provider) -> &'static str {
    match Op::ListObjectsV2.cell(provider).map(|cell| cell.price) {
        Some(PriceClass::Tier1) => "billed as S3 PUT, COPY, POST, LIST",
        Some(PriceClass::Tier2) => "billed as S3 GET and others",
        Some(PriceClass::PutType) => "billed as OSS Put-type",
        Some(PriceClass::GetType) => "billed as OSS Get-type",
        Some(PriceClass::Restore) => "billed as a restore",
        Some(PriceClass::Free) | None => "not billed",
    }
}

/// A key while the question is open. A letter counts only once the question was on screen for a moment; a no needs no such care,
/// but a key that was typed for the list below is no answer either.
#[expect(clippy::wildcard_enum_match_arm, reason = "every other key means no")]
pub(crate) fn press(model: &mut Model, key: Key, out: &mut Vec<Effect>) {
    let Some(Dialog::Consent(question)) = &model.dialog else { return };
    let seen = question.shown.is_some_and(|shown| model.now.duration_since(shown) >= SETTLE);
    if !seen && key.code != KeyCode::Esc {
        return;
    }
    let (bucket, then) = (question.bucket, question.then);
    model.dialog = None;
    match key.code {
        KeyCode::Char('s') => give(model, bucket, Word::Session, then, out),
        KeyCode::Char('a') => give(model, bucket, Word::Kept, then, out),
        _ => {}
    }
}

/// The user's yes to a question that another dialog asked.
pub(crate) fn agree(model: &mut Model, bucket: RowId, word: Word, out: &mut Vec<Effect>) {
    give(model, bucket, word, Then::Nothing, out);
}

fn give(model: &mut Model, bucket: RowId, word: Word, then: Then, out: &mut Vec<Effect>) {
    let (Some(id), Some(account)) = (model.bucket_id(bucket), model.account_of(bucket).map(|account| account.name.clone())) else { return };
    if word == Word::Kept {
        out.push(Effect::KeepConsent(id.clone()));
    }
    model.words.0.insert(id.clone(), word);
    model.say(Tone::Warning, format!("{account} pays for requests in {}: R takes it back", id.bucket));
    let is_shown = model.objects.listing.as_ref().is_some_and(|listing| listing.bucket == bucket);
    if then == Then::ListAgain && is_shown {
        objects::read_on(model, out);
    }
}
