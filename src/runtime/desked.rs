//! An account at the desk: as the config has it, and with what the program learnt about it since it started.
//!
//! Comes in: an account, what answers taught. Goes out: where a call is sent, and what its lines in the ledger have in common.
//! Forbidden here: asking a store.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, AtomicU8};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::door::Exchanged;
use super::kinds::Kinds;
use super::retry::Tokens;
use crate::config::Account;
use crate::credentials::Loader;
use crate::domain::{BucketName, Site};
use crate::prices::Where;

/// An account with what the program learnt about it since it started.
pub(super) struct Desked {
    /// As the config has it.
    pub(super) account: Account,
    /// Gives its keys.
    pub(super) loader: Loader,
    /// The store's clock minus ours, in milliseconds; 0 until a store complained.
    pub(super) skew: AtomicI64,
    /// Which checksum of uploads the store takes, in the spelling of the upload job; 0 until it refused or ignored one.
    pub(super) vouching: AtomicU8,
    tokens: Mutex<Tokens>,
    /// Regions that answers taught us.
    regions: Mutex<HashMap<String, String>>,
    /// What its lines in the ledger have in common.
    pub(super) kinds: Kinds,
}

impl Desked {
    /// An account of which nothing is known but what the config says.
    pub(super) fn new(account: Account, loader: Loader) -> Self {
        let place = Where::of(&account.site, None);
        let network = (!place.region.is_empty()).then_some(place.network);
        Self {
            loader,
            skew: AtomicI64::new(0),
            vouching: AtomicU8::new(0),
            tokens: Mutex::new(Tokens::default()),
            regions: Mutex::new(HashMap::new()),
            kinds: Kinds::of_account(account.name.clone(), account.site.provider, network),
            account,
        }
    }

    /// What further attempts are paid with.
    pub(super) fn tokens(&self) -> MutexGuard<'_, Tokens> {
        lock(&self.tokens)
    }

    /// The site for a call: in the region that an answer taught us, else the one that the listing named.
    pub(super) fn site_for(&self, bucket: Option<&BucketName>, region: Option<&str>) -> Cow<'_, Site> {
        let learnt = bucket.and_then(|bucket| lock(&self.regions).get(bucket.as_str()).cloned());
        match learnt.as_deref().or(region) {
            Some(region) if region != self.account.site.region => Cow::Owned(self.account.site.in_region(region)),
            _ => Cow::Borrowed(&self.account.site),
        }
    }

    /// Remembers the region in which a bucket answered.
    pub(super) fn learn<R>(&self, bucket: Option<&BucketName>, site: &Site, exchanged: Exchanged<R>) -> Exchanged<R> {
        let Some(bucket) = bucket else { return exchanged };
        let mut regions = lock(&self.regions);
        if site.region != self.account.site.region || regions.contains_key(bucket.as_str()) {
            regions.insert(bucket.as_str().to_owned(), site.region.clone());
        }
        Exchanged { region: Some(site.region.clone()), ..exchanged }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
