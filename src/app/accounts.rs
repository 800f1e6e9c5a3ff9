//! The accounts at the left: what the config says of each, how its listing stands, whose keys it has.

use std::sync::Arc;

use jiff::Timestamp;

use crate::config::{Account, Source};
use crate::domain::probe::CanSign;
use crate::domain::{Access, AccountName, BucketRecord, Error, Ownership, Provider, Result, Site};

use super::model::Wait;
use super::{Effect, Identified, Listing, Model, Ticket, change, reading};

/// One account.
#[derive(Debug)]
pub(crate) struct AccountState {
    pub(crate) name: AccountName,
    pub(crate) provider: Provider,
    pub(crate) region: String,
    /// Where it is reached, for its prices.
    pub(crate) site: Site,
    pub(crate) endpoint: Option<String>,
    pub(crate) access: Access,
    /// The owner's account id, which guards requests to its own buckets.
    pub(crate) account_id: Option<Arc<str>>,
    /// Whether it has keys at all.
    pub(crate) can_sign: CanSign,
    /// Where its keys come from, for people.
    pub(crate) origin: String,
    /// The profile of the provider's own tools, for copied commands.
    pub(crate) profile: Option<String>,
    pub(crate) listing: ListState,
    pub(crate) identity: IdentityState,
    /// The number of the last listing.
    round: u16,
    /// Payer readings under way.
    pub(crate) reading: usize,
}

/// How far the listing of an account is.
#[derive(Debug)]
pub(crate) enum ListState {
    /// Pages are coming.
    Reading(Ticket),
    /// All pages came.
    Done(Timestamp),
    /// It ended early; what came before stays on the board.
    Failed(Error),
}

/// Whose keys an account has.
#[derive(Debug)]
pub(crate) enum IdentityState {
    /// Nobody asked: it costs a request, so it is asked before the first change or when the details are opened.
    NotAsked,
    /// STS was asked.
    Asking,
    /// It answered.
    Known(Identified),
    /// It did not.
    Failed(Error),
}

impl AccountState {
    fn new(account: &Account, origin: String, ticket: Ticket) -> Self {
        Self {
            name: account.name.clone(),
            provider: account.site.provider,
            region: account.site.region.clone(),
            site: account.site.clone(),
            endpoint: account.site.endpoint.clone(),
            access: account.access,
            can_sign: if matches!(account.credentials, Source::Anonymous) { CanSign::No } else { CanSign::Yes },
            account_id: account.account_id.as_deref().map(Arc::from),
            origin,
            profile: account.credentials.profile().map(str::to_owned),
            listing: ListState::Reading(ticket),
            identity: IdentityState::NotAsked,
            round: 0,
            reading: 0,
        }
    }

    /// Whom the keys belong to, as the journal writes it.
    pub(crate) fn identity_text(&self) -> Option<String> {
        match &self.identity {
            IdentityState::Known(known) => known.identity.as_ref().map(|identity| identity.arn.clone()).or_else(|| known.key_id.clone()),
            IdentityState::NotAsked | IdentityState::Asking | IdentityState::Failed(_) => None,
        }
    }
}

/// Takes the config's accounts, puts their foreign buckets on the board and asks every store for its list at once.
pub(crate) fn take(model: &mut Model, accounts: &[Account], mut origins: Vec<String>, out: &mut Vec<Effect>) {
    origins.resize(accounts.len(), String::new());
    for (index, (account, origin)) in accounts.iter().zip(origins).enumerate() {
        let ticket = model.wait(Wait::List(index));
        model.accounts.push(AccountState::new(account, origin, ticket));
        put_foreign(model, index, account);
        out.push(Effect::ListBuckets(ticket, account.name.clone()));
    }
    model.board.arrange(&model.accounts);
}

fn put_foreign(model: &mut Model, index: usize, account: &Account) {
    let Ok(number) = u16::try_from(index) else { return };
    for bucket in &account.buckets {
        let record = BucketRecord {
            name: bucket.name.clone(),
            region: bucket.region.as_deref().map(Into::into),
            created: None,
            ownership: Ownership::Foreign,
            owner: bucket.owner_id.as_deref().map(Into::into),
        };
        let guard = bucket.owner_id.as_deref().map(|id| model.board.shared(id));
        let id = model.board.put(number, record, 0);
        if let Some(row) = model.board.row_mut(id) {
            row.guard = guard;
        }
    }
}

/// Asks an account's store for its list again.
pub(crate) fn relist(model: &mut Model, index: usize, out: &mut Vec<Effect>) {
    let Some(account) = model.accounts.get(index) else { return };
    let name = account.name.clone();
    if let ListState::Reading(ticket) = account.listing {
        model.waits.remove(&ticket);
        out.push(Effect::Cancel(ticket));
    }
    let ticket = model.wait(Wait::List(index));
    if let Some(account) = model.accounts.get_mut(index) {
        account.listing = ListState::Reading(ticket);
        account.round = account.round.wrapping_add(1);
    }
    out.push(Effect::ListBuckets(ticket, name));
    if reading::needs_all(model) {
        reading::ask_all(model);
    }
}

/// One page, or the end of a listing.
pub(crate) fn listed(model: &mut Model, ticket: Ticket, index: usize, page: Result<Listing>, out: &mut Vec<Effect>) {
    let Some(account) = model.accounts.get_mut(index) else { return };
    let Ok(number) = u16::try_from(index) else { return };
    let round = account.round;
    match page {
        Ok(page) => {
            if !page.more {
                account.listing = ListState::Done(page.at);
                model.waits.remove(&ticket);
            }
            for record in page.buckets {
                model.board.put(number, record, round);
            }
            if !page.more {
                model.board.sweep(number, round);
            }
        }
        Err(error) => {
            account.listing = ListState::Failed(error);
            model.waits.remove(&ticket);
        }
    }
    model.board.arrange(&model.accounts);
    reading::extend(model);
    super::start::reach_target(model, out);
}

/// Asks whose keys an account has, once.
pub(crate) fn identify(model: &mut Model, index: usize, out: &mut Vec<Effect>) {
    let Some(account) = model.accounts.get(index) else { return };
    match account.identity {
        IdentityState::NotAsked | IdentityState::Failed(_) => {}
        IdentityState::Asking | IdentityState::Known(_) => return,
    }
    let name = account.name.clone();
    let ticket = model.wait(Wait::Identify(index));
    if let Some(account) = model.accounts.get_mut(index) {
        account.identity = IdentityState::Asking;
    }
    out.push(Effect::Identify(ticket, name));
}

/// STS answered, or not; changes that waited for it go on either way: a journal line without a name is better than none.
pub(crate) fn identified(model: &mut Model, index: usize, answer: Result<Identified>, out: &mut Vec<Effect>) {
    if let Some(account) = model.accounts.get_mut(index) {
        account.identity = match answer {
            Ok(identified) => IdentityState::Known(identified),
            Err(error) => IdentityState::Failed(error),
        };
    }
    change::release(model, index, out);
}
