//! The door: everything that is said to a store passes here.
//!
//! Comes in: an account's name and a call. Goes out: the reply. Each attempt loads the account's keys, encodes with consent,
//! signs and sends anew; a wrong region, a wrong clock and expired keys are corrected once each for a call. Forbidden here: deciding
//! what is asked.

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};

use super::http::{Clients, Failed, Timeouts};
use super::retry::{self, Reached, Tokens};
use super::{clock, context, desk::Desk};
use crate::config::{Account, Config};
use crate::credentials::Loader;
use crate::domain::{AccountName, BucketName, Error, ErrorKind, Keys, Result, Site};
use crate::wire::{self, Answer, Call, Reply, Terms};

/// Codes that say: these keys were good once. Asking their source again may give better ones.
const EXPIRED: [&str; 5] =
    ["ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired", "SecurityTokenExpired", "InvalidSecurityToken.Expired"];

/// Hears what the user should know although no answer waits for it, such as a corrected clock.
pub(super) type Notice = Box<dyn Fn(Error) + Send + Sync>;

/// The way to the stores of one config's accounts.
pub(super) struct Door {
    accounts: HashMap<AccountName, Desked>,
    order: Vec<AccountName>,
    clients: Clients,
    signer: wire::Signer,
    sent: AtomicU64,
    notice: Notice,
}

/// An account with what the program learnt about it since it started.
pub(super) struct Desked {
    /// As the config has it.
    pub(super) account: Account,
    /// Gives its keys.
    pub(super) loader: Loader,
    /// The store's clock minus ours, in milliseconds; 0 until a store complained.
    skew: AtomicI64,
    tokens: Mutex<Tokens>,
    /// Regions that answers taught us.
    regions: Mutex<HashMap<String, String>>,
}

/// An understood answer and what came with it.
pub(super) struct Exchanged {
    /// What the store answered.
    pub(super) reply: Reply,
    /// By which its operators find the request.
    pub(super) request_id: Option<String>,
    /// Where the bucket answered.
    pub(super) region: Option<String>,
}

/// A call on its way: what is the same for all of its attempts.
struct Journey<'a> {
    desked: &'a Desked,
    call: &'a Call,
    terms: &'a Terms,
}

/// What one attempt used, and what a correction may replace for the next one.
struct Attempt {
    site: Site,
    skew: i64,
    /// From 1; attempts after a correction have the number of the one that was corrected.
    number: u32,
}

/// Which corrections a call has used up.
#[derive(Default)]
struct Corrections {
    region: bool,
    clock: bool,
    keys: bool,
}

impl Door {
    /// The door for these accounts. Nothing is read, asked or connected yet.
    ///
    /// # Errors
    /// `Config` when an account's credential source cannot work.
    pub(super) fn new(config: &Config, desk: &Arc<Desk>, notice: Notice) -> Result<Self> {
        let mut accounts = HashMap::with_capacity(config.accounts.len());
        for account in &config.accounts {
            let loader = Loader::new(account, config, context::system(account.ca_file.clone()), desk.clone())?;
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
        Ok(Self { accounts, order, clients: Clients::default(), signer: wire::Signer::new(), sent: AtomicU64::new(0), notice })
    }

    /// Takes other timeouts from now on.
    pub(super) fn set_timeouts(&mut self, timeouts: Timeouts) {
        self.clients = Clients::with_timeouts(timeouts);
    }

    /// The accounts in the config's order.
    pub(super) fn in_order(&self) -> impl Iterator<Item = &Desked> {
        self.order.iter().filter_map(|name| self.accounts.get(name))
    }

    /// An account by its name.
    ///
    /// # Errors
    /// `Usage` when the config has none of that name.
    pub(super) fn desked(&self, account: &AccountName) -> Result<&Desked> {
        self.accounts.get(account).ok_or_else(|| {
            Error::new(ErrorKind::Usage, format!("account \"{account}\" is not configured"))
                .hint("Run `whopays accounts` to see which are.")
        })
    }

    /// How many requests have left so far, every attempt counted.
    pub(super) fn sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }

    /// Tells the user something that no answer waits for.
    pub(super) fn tell(&self, notice: Error) {
        (self.notice)(notice);
    }

    /// Sends a call until it is answered, refused, or not worth another attempt.
    ///
    /// # Errors
    /// The error of the last attempt, and whether the store may have seen that one.
    pub(super) async fn exchange(
        &self,
        desked: &Desked,
        region: Option<&str>,
        call: &Call,
        terms: &Terms,
    ) -> std::result::Result<Exchanged, Failed> {
        let journey = Journey { desked, call, terms };
        let mut attempt = Attempt { site: desked.site_for(call, region), skew: 0, number: 1 };
        let mut once = Corrections::default();
        loop {
            attempt.skew = desked.skew.load(Ordering::Relaxed);
            let keys = desked.loader.load(clock::now()).await.map_err(before)?;
            let failed = match self.attempt(&journey, &attempt, &keys).await {
                Ok(exchanged) => {
                    lock(&desked.tokens).refill();
                    return Ok(desked.learn(call, &attempt.site, exchanged));
                }
                Err(failed) => failed,
            };
            if self.correct(&journey, &mut attempt, &keys, &failed.error, &mut once).await {
                continue;
            }
            let (error, reached) = (&failed.error, failed.reached);
            let pause = retry::delay(call.op(), error, reached, attempt.number, fastrand::f64(), &mut lock(&desked.tokens));
            let Some(pause) = pause else { return Err(failed) };
            clock::sleep(pause).await;
            attempt.number += 1;
        }
    }

    /// One attempt: built anew each time, so that date, signature and body are its own.
    async fn attempt(&self, journey: &Journey<'_>, attempt: &Attempt, keys: &Keys) -> std::result::Result<Exchanged, Failed> {
        let Journey { desked, call, terms } = journey;
        let draft = wire::encode(&attempt.site, call, terms).map_err(before)?;
        let now = clock::now();
        // A store may claim any date: what the calendar cannot hold is no correction.
        let signing_time = now.checked_add(SignedDuration::from_millis(attempt.skew)).unwrap_or(now);
        let request = self.signer.sign(&attempt.site, draft, keys, signing_time).map_err(before)?;
        self.sent.fetch_add(1, Ordering::Relaxed);
        let begun = clock::now();
        let answer = self.clients.send(desked.account.ca_file.as_ref(), &request).await;
        note(journey, attempt, &request, answer.as_ref(), begun);
        let answer = answer?;
        let reply = wire::decode(&attempt.site, call, &answer).map_err(|error| Failed { error, reached: Reached::Perhaps })?;
        Ok(Exchanged { reply, request_id: wire::request_id(&answer), region: None })
    }

    /// Mends what the answer told us to mend: once for each cause. `true`: try again at once.
    async fn correct(&self, journey: &Journey<'_>, attempt: &mut Attempt, keys: &Keys, error: &Error, once: &mut Corrections) -> bool {
        let Some(answer) = error.store_answer() else { return false };
        if error.kind() == ErrorKind::WrongRegion && !std::mem::replace(&mut once.region, true) {
            let region = match &answer.region {
                Some(region) => Some(region.clone()),
                // Without a request id it was no store that answered, but a portal or a proxy.
                None if answer.request_id.is_some() => self.locate(journey, attempt, keys).await,
                None => None,
            };
            let Some(region) = region.filter(|region| *region != attempt.site.region) else { return false };
            attempt.site = attempt.site.in_region(&region);
            return true;
        }
        if let (ErrorKind::ClockSkew, Some(theirs)) = (error.kind(), answer.server_time) {
            return !std::mem::replace(&mut once.clock, true) && self.correct_clock(journey.desked, theirs, attempt.skew);
        }
        EXPIRED.contains(&answer.code.as_str()) && !std::mem::replace(&mut once.keys, true) && journey.desked.loader.forget(keys)
    }

    /// Asks where the bucket is, when a store sends us elsewhere without saying where to.
    async fn locate(&self, journey: &Journey<'_>, attempt: &Attempt, keys: &Keys) -> Option<String> {
        let bucket: BucketName = journey.call.bucket()?.clone();
        let question = Journey { call: &Call::GetBucketLocation { bucket }, terms: &Terms::default(), ..*journey };
        match self.attempt(&question, attempt, keys).await {
            Ok(Exchanged { reply: Reply::Location(region), .. }) => Some(region),
            Ok(_) => None,
            Err(failed) => failed.error.store_answer()?.region.clone(),
        }
    }

    /// Takes the store's clock for the account. Requests that were under way with the old correction find the new one.
    fn correct_clock(&self, desked: &Desked, theirs: Timestamp, used: i64) -> bool {
        let skew = theirs.as_millisecond() - clock::now().as_millisecond();
        if desked.skew.compare_exchange(used, skew, Ordering::Relaxed, Ordering::Relaxed).is_ok() {
            self.tell(clock_notice(&desked.account.name, skew));
        }
        true
    }
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

/// One line of the log for one attempt. Never the query, a header or a key: what is named here may be shown to anyone.
fn note(
    journey: &Journey<'_>,
    attempt: &Attempt,
    request: &wire::Request,
    answer: std::result::Result<&Answer, &Failed>,
    begun: Timestamp,
) {
    if !tracing::enabled!(tracing::Level::DEBUG) {
        return;
    }
    let op = journey.call.op().row().name;
    let account = journey.desked.account.name.as_str();
    let bucket = journey.call.bucket().map(BucketName::as_str);
    let (method, host, number) = (request.method.as_str(), host_of(&request.url), attempt.number);
    let ms = clock::now().as_millisecond() - begun.as_millisecond();
    match answer {
        Ok(answer) => {
            let request_id = wire::request_id(answer);
            let request_id = request_id.as_deref();
            tracing::debug!(op, account, method, host, bucket, attempt = number, status = answer.status, ms, request_id, "answered");
        }
        Err(failed) => {
            let error = failed.error.message();
            tracing::debug!(op, account, method, host, bucket, attempt = number, ms, error, "not answered");
        }
    }
}

/// The host and port of an address.
fn host_of(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split(['/', '?']).next().unwrap_or_default()
}

/// An error from before anything was sent.
fn before(error: Error) -> Failed {
    Failed { error, reached: Reached::Nothing }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn clock_notice(account: &AccountName, skew: i64) -> Error {
    let minutes = (skew.unsigned_abs() + 30_000) / 60_000;
    let side = if skew > 0 { "behind" } else { "ahead" };
    let of = if skew > 0 { "" } else { " of" };
    Error::new(
        ErrorKind::ClockSkew,
        format!("this machine's clock is {minutes} min {side}{of} the store of account \"{account}\"; the store's time is used"),
    )
    .hint("Set this machine's clock (NTP).")
}
