//! An account at the desk: as the config has it, and with what the program learnt about it since it started.
//!
//! Comes in: an account, what answers taught. Goes out: where a call is sent, and the words that its lines in the ledger have in
//! common. Forbidden here: asking a store.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, AtomicU8};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::door::Exchanged;
use super::retry::Tokens;
use crate::config::Account;
use crate::credentials::Loader;
use crate::domain::{BucketName, Network, Site};
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
    /// Over which network its requests go by the vendor's price list; `None`: no list has prices for its store. A region changes
    /// neither.
    pub(super) network: Option<Network>,
    tokens: Mutex<Tokens>,
    /// Regions that answers taught us.
    regions: Mutex<HashMap<String, String>>,
    words: Mutex<Words>,
}

/// Words that thousands of requests in a row have, each kept once.
#[derive(Default)]
struct Words {
    /// Who its keys are, since STS said so.
    caller: Option<Arc<str>>,
    /// As in the last request.
    host: Option<Arc<str>>,
    /// As in the last request.
    region: Option<Arc<str>>,
}

/// What is said of a request beside what it asks for.
pub(super) struct Said {
    /// Who its keys are, as far as that is known.
    pub(super) caller: Option<Arc<str>>,
    /// Where it goes.
    pub(super) host: Arc<str>,
    /// The region that it is signed for.
    pub(super) region: Arc<str>,
}

impl Desked {
    /// An account of which nothing is known but what the config says.
    pub(super) fn new(account: Account, loader: Loader) -> Self {
        let place = Where::of(&account.site, None);
        Self {
            network: (!place.region.is_empty()).then_some(place.network),
            account,
            loader,
            skew: AtomicI64::new(0),
            vouching: AtomicU8::new(0),
            tokens: Mutex::new(Tokens::default()),
            regions: Mutex::new(HashMap::new()),
            words: Mutex::default(),
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

    /// Remembers who its keys are.
    pub(super) fn is_known_as(&self, caller: &str) {
        lock(&self.words).caller = Some(Arc::from(caller));
    }

    /// What is said of a request to this host.
    pub(super) fn said(&self, host: &str, region: &str) -> Said {
        let mut words = lock(&self.words);
        Said { caller: words.caller.clone(), host: kept(&mut words.host, host), region: kept(&mut words.region, region) }
    }
}

/// The word that is there, if it is this one; else this one, which is there from now on.
fn kept(word: &mut Option<Arc<str>>, text: &str) -> Arc<str> {
    match word {
        Some(known) if **known == *text => known.clone(),
        Some(_) | None => word.insert(Arc::from(text)).clone(),
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_kept_until_it_is_another_one() {
        let mut word = None;
        let first = kept(&mut word, "eu-west-1");
        let same = kept(&mut word, "eu-west-1");
        assert!(*first == *"eu-west-1" && Arc::ptr_eq(&first, &same), "one word for both");
        // A longer one, a shorter one, and the first again, as after a correction of the region.
        for other in ["eu-west-12", "eu", "", "eu-west-1"] {
            assert_eq!(*kept(&mut word, other), *other);
        }
        assert_eq!((&*first, word.as_deref()), ("eu-west-1", Some("eu-west-1")));
    }
}
