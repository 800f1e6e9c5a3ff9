//! What can be done with accounts, for console and commands alike: one engine, one door to the stores.
//!
//! Comes in: an account's name and what to do. Goes out: facts. The door (`Engine::exchange`) is the only way out: it loads
//! the account's keys, encodes with consent, signs, sends, and corrects a wrong region, a wrong clock and expired keys once each.

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::http::{Clients, Timeouts};
use super::journal::Journal;
use super::retry::{self, Reached, Tokens};
use super::{clock, context, desk::Desk};
use crate::app::{Changed, Identified, Listing, PayerChange, PayerFact, Place};
use crate::audit::{Change, Outcome};
use crate::config::{Account, Config};
use crate::credentials::Loader;
use crate::domain::{AccountName, BucketId, Error, ErrorKind, Keys, Payer, Result, Site};
use crate::wire::{self, Call, Reply, Terms};

/// How often a changed payer is read back, and how long before each reading: S3 needs "up to minutes" to apply it.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/RequesterPaysExamples.html>
const READ_BACK: [Duration; 11] = {
    let ms = Duration::from_millis;
    [ms(0), ms(250), ms(500), ms(1000), ms(2000), ms(4000), ms(8000), ms(15_000), ms(30_000), ms(30_000), ms(30_000)]
};

/// Codes that say: these keys were good once. Asking their source again may give better ones.
const EXPIRED: [&str; 5] =
    ["ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired", "SecurityTokenExpired", "InvalidSecurityToken.Expired"];

/// Pages of one listing; more is a store that never ends.
const MAX_PAGES: usize = 1000;

/// Acts on stores for the accounts of one config. Cheap to clone.
#[derive(Clone)]
pub struct Engine {
    shared: Arc<Shared>,
}

struct Shared {
    accounts: HashMap<AccountName, Desked>,
    order: Vec<AccountName>,
    journal: Journal,
    clients: Clients,
    signer: wire::Signer,
    sent: AtomicU64,
    notice: Box<dyn Fn(Error) + Send + Sync>,
}

/// An account with what the program learnt about it since it started.
struct Desked {
    account: Account,
    loader: Loader,
    /// The store's clock minus ours, in milliseconds; 0 until a store complained.
    skew: AtomicI64,
    tokens: Mutex<Tokens>,
    /// Regions that answers taught us.
    regions: Mutex<HashMap<String, String>>,
}

/// An understood answer and what came with it.
struct Exchanged {
    reply: Reply,
    request_id: Option<String>,
    region: Option<String>,
}

impl Engine {
    /// An engine for these accounts. Nothing is read, asked or connected yet. `notice` hears what the user should know
    /// although no answer waits for it, such as a corrected clock.
    ///
    /// # Errors
    /// `Config` when an account's credential source cannot work.
    pub fn new(config: &Config, journal: Journal, desk: Arc<Desk>, notice: Box<dyn Fn(Error) + Send + Sync>) -> Result<Self> {
        let mut accounts = HashMap::with_capacity(config.accounts.len());
        for account in &config.accounts {
            let loader = Loader::new(account, config, context::system(), desk.clone())?;
            let desked = Desked {
                account: account.clone(),
                loader,
                skew: AtomicI64::new(0),
                tokens: Mutex::new(Tokens::default()),
                regions: Mutex::new(HashMap::new()),
            };
            accounts.insert(account.name.clone(), desked);
        }
        let order = config.accounts.iter().map(|account| account.name.clone()).collect();
        let signer = wire::Signer::new();
        let shared = Shared { accounts, order, journal, clients: Clients::default(), signer, sent: AtomicU64::new(0), notice };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// The same engine with other timeouts.
    pub fn with_timeouts(mut self, timeouts: Timeouts) -> Self {
        if let Some(shared) = Arc::get_mut(&mut self.shared) {
            shared.clients = Clients::with_timeouts(timeouts);
        }
        self
    }

    /// Where each account's credentials come from, for people, in the config's order.
    pub fn credential_origins(&self) -> Vec<String> {
        self.shared.order.iter().filter_map(|name| self.shared.accounts.get(name)).map(|desked| desked.loader.origin()).collect()
    }

    /// How many requests have left so far, every attempt counted.
    pub fn requests(&self) -> u64 {
        self.shared.sent.load(Ordering::Relaxed)
    }

    /// All pages of the account's own buckets.
    ///
    /// # Errors
    /// Whatever the first failing page answered; the pages before it have been handed over.
    pub async fn list_buckets(&self, account: &AccountName, mut page: impl FnMut(Listing) + Send) -> Result<()> {
        let desked = self.desked(account)?;
        let mut token: Option<String> = None;
        for _ in 0..MAX_PAGES {
            let call = Call::ListBuckets { page: token.clone() };
            let Reply::Buckets(answer) = self.exchange(desked, None, &call, &Terms::default()).await?.reply else {
                return Err(unexpected());
            };
            if answer.next.is_some() && answer.next == token {
                return Err(Error::new(
                    ErrorKind::InvalidReply,
                    format!("account \"{account}\": the store repeats a page of its bucket list"),
                )
                .hint("The list is shown as far as it came. Report it to the store's operator."));
            }
            token.clone_from(&answer.next);
            page(Listing { buckets: answer.buckets, more: answer.next.is_some(), at: clock::now() });
            if token.is_none() {
                return Ok(());
            }
        }
        Err(Error::new(ErrorKind::InvalidReply, format!("account \"{account}\": the bucket list did not end after {MAX_PAGES} pages"))
            .hint("The list is shown as far as it came. Report it to the store's operator."))
    }

    /// Whose keys the account has.
    ///
    /// # Errors
    /// `Credentials` and everything that STS may refuse. A store without STS is no error.
    pub async fn identify(&self, account: &AccountName) -> Result<Identified> {
        let desked = self.desked(account)?;
        let key_id = match desked.loader.load(clock::now()).await? {
            Keys::Anonymous => return Ok(Identified { identity: None, key_id: None }),
            Keys::Signed(credentials) => Some(credentials.short_id()),
        };
        match self.exchange(desked, None, &Call::GetCallerIdentity, &Terms::default()).await {
            Ok(Exchanged { reply: Reply::Identity(identity), .. }) => Ok(Identified { identity: Some(identity), key_id }),
            Ok(_) => Err(unexpected()),
            Err(error) if error.kind() == ErrorKind::Unsupported => Ok(Identified { identity: None, key_id }),
            Err(error) => Err(error),
        }
    }

    /// The bucket's payer, as the store answers it now.
    ///
    /// # Errors
    /// `Denied` for buckets of others, `Unsupported` for stores without the setting.
    pub async fn read_payer(&self, place: &Place) -> Result<PayerFact> {
        let desked = self.desked(&place.id.account)?;
        let call = Call::GetBucketRequestPayment { bucket: place.id.bucket.clone() };
        let exchanged =
            self.exchange(desked, place.region.as_deref(), &call, &terms(place)).await.map_err(|error| about(error, &place.id))?;
        match exchanged.reply {
            Reply::Payment(payer) => Ok(PayerFact { payer, at: clock::now(), region: exchanged.region, request_id: exchanged.request_id }),
            Reply::Buckets(_) | Reply::Location(_) | Reply::Done | Reply::Identity(_) => Err(unexpected()),
        }
    }

    /// Changes the payer: journal line, PUT, reading back until the store agrees or gives up, outcome in the journal.
    /// Without a journal line nothing is sent.
    pub async fn change_payer(&self, change: &PayerChange, accepted: impl FnOnce() + Send) -> Changed {
        let mut line = intent(change, self.provider_of(change));
        let journal = self.shared.journal.clone();
        let begun = line.clone();
        match in_background(move || journal.begin(&begun)).await {
            Ok(id) => line.id = id,
            Err(error) => {
                return failed(
                    error.hint("Nothing was sent: a change without a journal line is not made. Make room or repair the state folder."),
                );
            }
        }
        let changed = self.put_and_read_back(change, accepted).await;
        self.finish(line, changed).await
    }

    async fn finish(&self, line: Change, mut changed: Changed) -> Changed {
        let line = Change {
            after: changed.after.as_ref().map(|fact| fact.payer.clone()),
            outcome: changed.outcome,
            request_id: changed.request_id.clone(),
            error: changed.error.as_ref().map(|error| error.message().to_owned()),
            ..line
        };
        let journal = self.shared.journal.clone();
        if let Err(error) = in_background(move || journal.finish(&line)).await {
            let lost = Error::new(ErrorKind::Local, format!("the outcome could not be written to the journal: {error}"))
                .hint("The change itself is as shown. Repair the state folder.");
            match changed.error {
                None => changed.error = Some(lost),
                Some(_) => (self.shared.notice)(lost),
            }
        }
        changed
    }

    async fn put_and_read_back(&self, change: &PayerChange, accepted: impl FnOnce() + Send) -> Changed {
        let desked = match self.desked(&change.place.id.account) {
            Ok(desked) => desked,
            Err(error) => return failed(error),
        };
        let call = Call::PutBucketRequestPayment { bucket: change.place.id.bucket.clone(), payer: change.to.clone(), checksum: None };
        let put = self.exchange(desked, change.place.region.as_deref(), &call, &terms(&change.place)).await;
        match put.map_err(|error| about(error, &change.place.id)) {
            Ok(exchanged) => {
                accepted();
                let request_id = exchanged.request_id;
                Changed { request_id, ..self.read_back(change, None).await }
            }
            Err(error) if is_ambiguous(&error) => {
                let request_id = error.request_id().map(str::to_owned);
                Changed { request_id, ..self.read_back(change, Some(error)).await }
            }
            Err(error) => failed(error),
        }
    }

    /// Reads until the store answers the new value. `broken` is the error of a PUT whose outcome nobody knows; then three
    /// readings must do.
    async fn read_back(&self, change: &PayerChange, broken: Option<Error>) -> Changed {
        let readings = if broken.is_some() { 3 } else { READ_BACK.len() };
        let mut last: Result<PayerFact> = Err(unexpected());
        for pause in &READ_BACK[..readings] {
            clock::sleep(*pause).await;
            last = self.read_payer(&change.place).await;
            match &last {
                Ok(fact) if fact.payer == change.to => {
                    return Changed { outcome: Outcome::Verified, after: last.ok(), request_id: None, error: None };
                }
                Ok(_) => {}
                Err(error) if error.kind().retryable() => {}
                Err(_) => break,
            }
        }
        settle(change, last, broken)
    }

    /// The door: everything that is said to a store passes here.
    async fn exchange(&self, desked: &Desked, region: Option<&str>, call: &Call, terms: &Terms) -> Result<Exchanged> {
        let mut site = desked.site_for(call, region);
        let mut once = Corrections::default();
        let mut attempt = 1;
        loop {
            let skew = desked.skew.load(Ordering::Relaxed);
            let (error, reached) = match self.attempt(desked, &site, call, terms, skew).await {
                Ok(exchanged) => {
                    lock(&desked.tokens).refill();
                    return Ok(desked.learn(call, &site, exchanged));
                }
                Err(failed) => failed,
            };
            if self.correct(desked, &mut site, &error, skew, &mut once) {
                continue;
            }
            let pause = retry::delay(call.op(), &error, reached, attempt, fastrand::f64(), &mut lock(&desked.tokens));
            let Some(pause) = pause else { return Err(error) };
            clock::sleep(pause).await;
            attempt += 1;
        }
    }

    /// One attempt: built anew each time, so that date, signature and body are its own.
    async fn attempt(
        &self,
        desked: &Desked,
        site: &Site,
        call: &Call,
        terms: &Terms,
        skew: i64,
    ) -> std::result::Result<Exchanged, (Error, Reached)> {
        let before = |error| (error, Reached::Nothing);
        let keys = desked.loader.load(clock::now()).await.map_err(before)?;
        let draft = wire::encode(site, call, terms).map_err(before)?;
        let signing_time = clock::now() + SignedDuration::from_millis(skew);
        let request = self.shared.signer.sign(site, draft, &keys, signing_time).map_err(before)?;
        self.shared.sent.fetch_add(1, Ordering::Relaxed);
        let answer = self.shared.clients.send(desked.account.ca_file.as_ref(), &request).await;
        let answer = answer.map_err(|failed| (failed.error, failed.reached))?;
        let reply = wire::decode(site, call, &answer).map_err(|error| (error, Reached::Perhaps))?;
        Ok(Exchanged { reply, request_id: wire::request_id(&answer), region: None })
    }

    /// Mends what the answer told us to mend: once for each cause. `true`: try again at once.
    fn correct(&self, desked: &Desked, site: &mut Site, error: &Error, skew: i64, once: &mut Corrections) -> bool {
        let Some(answer) = error.store_answer() else { return false };
        if let (ErrorKind::WrongRegion, Some(region)) = (error.kind(), &answer.region) {
            let elsewhere = *region != site.region && !std::mem::replace(&mut once.region, true);
            *site = site.in_region(region);
            return elsewhere;
        }
        if let (ErrorKind::ClockSkew, Some(theirs)) = (error.kind(), answer.server_time) {
            let again = !std::mem::replace(&mut once.clock, true);
            return again && self.correct_clock(desked, theirs, skew);
        }
        if EXPIRED.contains(&answer.code.as_str()) && !std::mem::replace(&mut once.keys, true) {
            return desked.loader.forget();
        }
        false
    }

    /// Takes the store's clock for the account. Requests that were under way with the old correction find the new one.
    fn correct_clock(&self, desked: &Desked, theirs: Timestamp, used: i64) -> bool {
        let skew = theirs.as_millisecond() - clock::now().as_millisecond();
        if desked.skew.compare_exchange(used, skew, Ordering::Relaxed, Ordering::Relaxed).is_ok() {
            (self.shared.notice)(clock_notice(&desked.account.name, skew));
        }
        true
    }

    fn desked(&self, account: &AccountName) -> Result<&Desked> {
        self.shared.accounts.get(account).ok_or_else(|| {
            Error::new(ErrorKind::Usage, format!("account \"{account}\" is not configured"))
                .hint("Run `whopays accounts` to see which are.")
        })
    }

    fn provider_of(&self, change: &PayerChange) -> crate::domain::Provider {
        let account = self.shared.accounts.get(&change.place.id.account);
        account.map_or(crate::domain::Provider::S3, |desked| desked.account.site.provider)
    }
}

/// Which corrections a call has used up.
#[derive(Default)]
struct Corrections {
    region: bool,
    clock: bool,
    keys: bool,
}

impl Desked {
    /// The site for a call: in the region that an answer taught us, else the one that the listing named.
    fn site_for(&self, call: &Call, region: Option<&str>) -> Site {
        let learnt = call.bucket().and_then(|bucket| lock(&self.regions).get(bucket.as_str()).cloned());
        match learnt.as_deref().or(region) {
            Some(region) if region != self.account.site.region => self.account.site.in_region(region),
            _ => self.account.site.clone(),
        }
    }

    /// Remembers the region in which a bucket answered.
    fn learn(&self, call: &Call, site: &Site, exchanged: Exchanged) -> Exchanged {
        let Some(bucket) = call.bucket() else { return exchanged };
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

fn terms(place: &Place) -> Terms {
    Terms { expected_owner: place.expected_owner.clone(), ..Terms::default() }
}

fn about(error: Error, id: &BucketId) -> Error {
    error.target(id.to_string())
}

fn unexpected() -> Error {
    Error::new(ErrorKind::Internal, "the answer belongs to another question").hint("Report this with the request id.")
}

fn failed(error: Error) -> Changed {
    Changed { outcome: Outcome::Failed, after: None, request_id: error.request_id().map(str::to_owned), error: Some(error) }
}

fn intent(change: &PayerChange, provider: crate::domain::Provider) -> Change {
    Change {
        id: 0,
        at: clock::now(),
        bucket: change.place.id.clone(),
        provider,
        identity: change.identity.clone(),
        before: change.before.clone(),
        asked: change.to.clone(),
        after: None,
        outcome: Outcome::Sent,
        request_id: None,
        error: None,
    }
}

/// Whether a failed PUT may have worked nevertheless.
fn is_ambiguous(error: &Error) -> bool {
    match error.kind() {
        ErrorKind::Server | ErrorKind::Timeout | ErrorKind::InvalidReply | ErrorKind::Network => true,
        ErrorKind::Usage
        | ErrorKind::Config
        | ErrorKind::Credentials
        | ErrorKind::Denied
        | ErrorKind::NotFound
        | ErrorKind::Unsupported
        | ErrorKind::WrongRegion
        | ErrorKind::ClockSkew
        | ErrorKind::Throttled
        | ErrorKind::Conflict
        | ErrorKind::Tls
        | ErrorKind::Refused
        | ErrorKind::Partial
        | ErrorKind::Interrupted
        | ErrorKind::Local
        | ErrorKind::Internal => false,
    }
}

/// What to say when the store did not answer the new value.
fn settle(change: &PayerChange, last: Result<PayerFact>, broken: Option<Error>) -> Changed {
    let name = &change.place.id.bucket;
    match (last, broken) {
        (Ok(fact), None) => {
            let error = Error::new(
                ErrorKind::Conflict,
                format!("bucket \"{name}\": the store accepted the change but still answers {}", shown(&fact.payer)),
            )
            .hint("Refresh the row in a few minutes: a change can take that long, or somebody else changed it meanwhile.");
            Changed { outcome: Outcome::NotApplied, after: Some(fact), request_id: None, error: Some(error) }
        }
        (Ok(fact), Some(error)) => Changed { outcome: Outcome::Failed, after: Some(fact), request_id: None, error: Some(error) },
        (Err(error), broken) => {
            let cause = broken.unwrap_or(error);
            let error = Error::new(ErrorKind::Network, format!("bucket \"{name}\": nobody knows whether the change was made ({cause})"))
                .hint("Refresh the row when the store answers again; the journal keeps the line as unknown.")
                .source(cause);
            Changed { outcome: Outcome::Unknown, after: None, request_id: None, error: Some(error) }
        }
    }
}

fn shown(payer: &Payer) -> String {
    crate::domain::escape::visible(payer.as_str()).into_owned()
}

fn clock_notice(account: &AccountName, skew: i64) -> Error {
    let minutes = (skew.unsigned_abs() + 30_000) / 60_000;
    let side = if skew > 0 { "behind" } else { "ahead" };
    Error::new(
        ErrorKind::ClockSkew,
        format!("this machine's clock is {minutes} min {side} of the store of account \"{account}\"; the store's time is used"),
    )
    .hint("Set this machine's clock (NTP).")
}

/// Runs blocking work (the journal, the keyring) beside the event loop.
async fn in_background<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(_) => Err(Error::new(ErrorKind::Internal, "a task of this program died").hint("Report this with the log file.")),
    }
}
