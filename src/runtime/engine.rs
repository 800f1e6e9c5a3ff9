//! What can be done with accounts, for console and commands alike: one engine, one door to the stores.

use std::sync::Arc;

use crate::app::{Changed, Identified, Listing, PayerChange, PayerFact, Place};
use crate::config::Config;
use crate::domain::{AccountName, Result};

use super::journal::Journal;

/// Acts on stores for the accounts of one config. Cheap to clone.
#[derive(Clone)]
pub struct Engine {
    _shared: Arc<()>,
}

impl Engine {
    /// An engine for these accounts. Nothing is read, asked or connected yet.
    ///
    /// # Errors
    /// `Config` when an account's credential source cannot work.
    pub fn new(_config: Arc<Config>, _journal: Journal) -> Result<Self> {
        todo!()
    }

    /// Where each account's credentials come from, for people, in the config's order.
    pub fn credential_origins(&self) -> Vec<String> {
        todo!()
    }

    /// All pages of the account's own buckets.
    ///
    /// # Errors
    /// Whatever the first failing page answered; the pages before it have been handed over.
    pub async fn list_buckets(&self, _account: &AccountName, _page: impl FnMut(Listing) + Send) -> Result<()> {
        todo!()
    }

    /// Whose keys the account has.
    ///
    /// # Errors
    /// `Credentials` and everything that STS may refuse.
    pub async fn identify(&self, _account: &AccountName) -> Result<Identified> {
        todo!()
    }

    /// The bucket's payer, as the store answers it now.
    ///
    /// # Errors
    /// `Denied` for buckets of others, `Unsupported` for stores without the setting.
    pub async fn read_payer(&self, _place: &Place) -> Result<PayerFact> {
        todo!()
    }

    /// Changes the payer: journal line, PUT, reading back until the store agrees or gives up, outcome in the journal.
    pub async fn change_payer(&self, _change: &PayerChange, _accepted: impl FnOnce() + Send) -> Changed {
        todo!()
    }
}
