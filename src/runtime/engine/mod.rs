//! What can be done with accounts, for console and commands alike: one engine, one door to the stores.
//!
//! Comes in: an account's name and what to do. Goes out: facts. Forbidden here: saying anything to a store but through the door.

use std::sync::Arc;
use std::time::Duration;

use self::changing::READ_BACK;

use super::alarms::Alarms;
use super::clock;
use super::desk::Desk;
use super::desked::Desked;
use super::door::{Door, Errand, Exchanged, Notice, Take};
use super::http::{Books, Failed, Judged, Timeouts};
use super::journal::Journal;
use super::ledger::Ledger;
use super::objects::unexpected;
use super::prices::Prices;
use super::slip::{Detail, Gate, Listener};
use super::trace::Trace;
use crate::alarms::{Alarm, Seen, Turned};
use crate::app::{Identified, Listing, PayerFact};
use crate::config::Config;
use crate::domain::escape::visible;
use crate::domain::probe::Report;
use crate::domain::{AccountName, Error, ErrorKind, Keys, Place, Provider, Result, Site, Tally};
use crate::prices::Book;
use crate::transfer::parts::PartPlan;
use crate::wire::{BucketPage, Call, Reply, Terms};

mod changing;

/// Pages of one listing; more is a store that never ends.
const MAX_PAGES: usize = 1000;

/// Acts on stores for the accounts of one config. Cheap to clone.
#[derive(Clone)]
pub struct Engine {
    shared: Arc<Shared>,
}

struct Shared {
    door: Door,
    journal: Journal,
    ledger: Option<Ledger>,
    alarms: Option<Alarms>,
    read_back: Vec<Duration>,
    copy_limits: Option<CopyLimits>,
    part_size: Option<u64>,
}

/// Limits of copies in place of the clouds' own.
#[derive(Clone, Copy, Debug)]
pub struct CopyLimits {
    /// The largest object that is copied with one request, or taken into memory whole on its way through this machine.
    pub whole: u64,
    /// The size of parts.
    pub part: u64,
}

impl Engine {
    /// An engine for these accounts. Nothing is read, asked or connected yet. `notice` hears what the user should know
    /// although no answer waits for it, such as a corrected clock.
    ///
    /// # Errors
    /// `Config` when an account's credential source cannot work.
    pub fn new(config: &Config, journal: Journal, desk: Arc<Desk>, notice: Box<dyn Fn(Error) + Send + Sync>) -> Result<Self> {
        let notice: Notice = notice;
        let door = Door::new(config, &desk, notice)?;
        let read_back = READ_BACK.to_vec();
        Ok(Self { shared: Arc::new(Shared { door, journal, ledger: None, alarms: None, read_back, copy_limits: None, part_size: None }) })
    }

    /// The same engine with other timeouts. For an engine that has not been cloned yet.
    pub fn with_timeouts(mut self, timeouts: Timeouts) -> Self {
        if let Some(shared) = Arc::get_mut(&mut self.shared) {
            shared.door.set_timeouts(timeouts);
        }
        self
    }

    /// The same engine with other pauses before each reading of a changed payer. For an engine that has not been cloned yet.
    pub fn with_read_back(mut self, pauses: impl IntoIterator<Item = Duration>) -> Self {
        if let Some(shared) = Arc::get_mut(&mut self.shared) {
            shared.read_back = pauses.into_iter().collect();
        }
        self
    }

    /// The same engine with other limits of copies. For an engine that has not been cloned yet.
    pub fn with_copy_limits(mut self, limits: CopyLimits) -> Self {
        if let Some(shared) = Arc::get_mut(&mut self.shared) {
            shared.copy_limits = Some(limits);
        }
        self
    }

    /// The same engine with other parts of uploads than the usual 64 MiB. For an engine that has not been cloned yet.
    pub fn with_part_size(mut self, bytes: u64) -> Self {
        if let Some(shared) = Arc::get_mut(&mut self.shared) {
            shared.part_size = Some(bytes);
        }
        self
    }

    /// The same engine, which tells one more of every attempt that left, once it is over. For an engine that has not been cloned
    /// yet. The listener is called on the request's own task: it must not wait.
    pub fn with_listener(mut self, listener: Listener) -> Self {
        if let Some(shared) = Arc::get_mut(&mut self.shared) {
            shared.door.listen(listener, Detail::Aside);
        }
        self
    }

    /// The same engine, which asks this gate before a single request leaves, and before each page from which a job is planned. What a
    /// confirmed job sends it does not ask about: that is judged as a whole. For an engine that has not been cloned yet.
    pub fn with_gate(mut self, gate: Gate) -> Self {
        if let Some(shared) = Arc::get_mut(&mut self.shared) {
            shared.door.set_gate(gate);
        }
        self
    }

    /// The same engine with other prices than the shipped ones. For an engine that has not been cloned yet.
    pub fn with_prices(mut self, prices: Arc<Prices>) -> Self {
        if let Some(shared) = Arc::get_mut(&mut self.shared) {
            shared.door.set_prices(prices);
        }
        self
    }

    /// What requests cost.
    pub fn book(&self) -> &Book {
        self.shared.door.prices().book()
    }

    /// The same engine, which keeps a ledger. For an engine that has not been cloned yet.
    pub fn with_ledger(mut self, ledger: Ledger) -> Self {
        if let Some(shared) = Arc::get_mut(&mut self.shared) {
            let writer = ledger.clone();
            shared.door.listen(Arc::new(move |sent| writer.note(sent)), Detail::Line);
            shared.ledger = Some(ledger);
        }
        self
    }

    /// The same engine, which writes every attempt into a trace, if there is one. For an engine that has not been cloned yet.
    /// `notice` hears of a trace that cannot be written any more.
    pub fn with_trace(self, trace: Option<Arc<Trace>>, notice: impl Fn(Error) + Send + Sync + 'static) -> Self {
        let Some(trace) = trace else { return self };
        self.with_listener(Arc::new(move |sent| {
            if let Err(error) = trace.tell(sent) {
                notice(error);
            }
        }))
    }

    /// The same engine, which compares with what it has seen before, as this journal keeps it, and tells of alarms. For an engine that
    /// has not been cloned yet. `tell` is called on requests' own tasks: it must not wait.
    pub fn with_alarms(mut self, journal: Journal, tell: impl Fn(Alarm) + Send + Sync + 'static) -> Self {
        if let Some(shared) = Arc::get_mut(&mut self.shared) {
            let alarms = Alarms::new(journal, Arc::new(tell));
            shared.door.listen(alarms.listener(), Detail::Line);
            shared.alarms = Some(alarms);
        }
        self
    }

    /// What an earlier reading of the payer has found and still stands: it is another one than it was, and not by a change from here.
    pub fn turned(&self, place: &Place) -> Option<Turned> {
        self.shared.alarms.as_ref()?.turned(&place.id)
    }

    /// The payer of a bucket as it was last seen, also in earlier sessions. No request is sent.
    pub async fn seen(&self, place: &Place) -> Option<Seen> {
        let desked = self.shared.door.desked(&place.id.account).ok()?;
        self.shared.alarms.as_ref()?.seen(&desked.account.site, &place.id).await
    }

    /// Keeps what a probe proved for later sessions.
    pub(super) async fn keep_proof(&self, place: &Place, report: &Report) {
        if let (Some(alarms), Ok(desked)) = (&self.shared.alarms, self.shared.door.desked(&place.id.account)) {
            alarms.proved(&desked.account.site, &place.id, report, clock::now()).await;
        }
    }

    /// Whether something that is told once in a while is to be told now.
    pub fn tell_once(&self, what: &str) -> bool {
        self.shared.alarms.as_ref().is_none_or(|alarms| alarms.tell_once(what))
    }

    /// The ledger, if one is kept.
    pub fn ledger(&self) -> Option<&Ledger> {
        self.shared.ledger.as_ref()
    }

    /// Where requests to a bucket go: to the region that an answer taught us, else to the one that is known of it.
    ///
    /// # Errors
    /// `Usage` when the account is not configured.
    pub fn site_of(&self, place: &Place) -> Result<Site> {
        Ok(self.shared.door.desked(&place.id.account)?.site_for(Some(&place.id.bucket), place.region.as_deref()).into_owned())
    }

    /// Limits of copies in place of the clouds' own.
    pub(super) fn copy_limits(&self) -> Option<CopyLimits> {
        self.shared.copy_limits
    }

    /// How an upload of so many bytes is cut.
    pub(super) fn upload_plan(&self, size: u64) -> Result<PartPlan> {
        self.shared.part_size.map_or_else(|| PartPlan::upload(size), |bytes| PartPlan::with_part_size(size, bytes))
    }

    /// The size of parts of uploads, in place of the usual one.
    pub(super) fn part_size(&self) -> Option<u64> {
        self.shared.part_size
    }

    /// The way to the stores.
    pub(super) fn door(&self) -> &Door {
        &self.shared.door
    }

    /// What is under way, and what was changed.
    pub(super) fn journal(&self) -> &Journal {
        &self.shared.journal
    }

    /// Where each account's credentials come from, for people, in the config's order.
    pub fn credential_origins(&self) -> Vec<String> {
        self.shared.door.in_order().map(|desked| desked.loader.origin()).collect()
    }

    /// How many requests have left so far, every attempt counted.
    pub fn requests(&self) -> u64 {
        self.tally().requests
    }

    /// What left and came back so far.
    pub fn tally(&self) -> Tally {
        self.shared.door.tally()
    }

    /// At most so many bytes in a second for all jobs together; `None`: as fast as it goes.
    pub fn limit_bandwidth(&self, bytes_per_second: Option<u64>) {
        self.shared.door.limit().set(bytes_per_second);
    }

    /// All pages of the account's own buckets.
    ///
    /// # Errors
    /// Whatever the first failing page answered; the pages before it have been handed over.
    pub async fn list_buckets(&self, account: &AccountName, mut page: impl FnMut(Listing) + Send) -> Result<()> {
        let desked = self.shared.door.desked(account)?;
        let mut token: Option<String> = None;
        for _ in 0..MAX_PAGES {
            let call = Call::ListBuckets { page: token.clone() };
            let exchanged = self.ask_account(desked, &call).await.map_err(|failed| failed.error)?;
            let Reply::Buckets(answer) = exchanged.reply else { return Err(unexpected()) };
            self.tell_odd_names(account, &answer);
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
        let desked = self.shared.door.desked(account)?;
        let key_id = match desked.loader.load(clock::now()).await? {
            Keys::Anonymous => return Ok(Identified { identity: None, key_id: None }),
            Keys::Signed(credentials) => Some(credentials.short_id()),
        };
        match self.ask_account(desked, &Call::GetCallerIdentity).await.map_err(|failed| failed.error) {
            Ok(Exchanged { reply: Reply::Identity(identity), .. }) => {
                desked.kinds.is_known_as(&identity.arn);
                Ok(Identified { identity: Some(identity), key_id })
            }
            Ok(_) => Err(unexpected()),
            Err(error) if error.kind() == ErrorKind::Unsupported => Ok(Identified { identity: None, key_id }),
            Err(error) => Err(error),
        }
    }

    /// A name that cannot be put into a request safely is no row; that it exists is said all the same.
    fn tell_odd_names(&self, account: &AccountName, page: &BucketPage) {
        let Some(first) = page.odd_names.first() else { return };
        let counted = match page.odd_names.len() {
            1 => "1 listed bucket is".to_owned(),
            count => format!("{count} listed buckets are"),
        };
        let message = format!("account \"{account}\": {counted} left out, such as \"{}\"", visible(first));
        self.shared.door.tell(
            Error::new(ErrorKind::InvalidReply, message)
                .hint("Their names break the provider's rules. Look at them with the tool that made them.")
                .target(account.as_str()),
        );
    }

    /// The bucket's payer, as the store answers it now.
    ///
    /// # Errors
    /// `Denied` for buckets of others, `Unsupported` for stores without the setting.
    pub async fn read_payer(&self, place: &Place) -> Result<PayerFact> {
        self.ask_payer(place, Judged::AtTheDoor).await
    }

    async fn ask_payer(&self, place: &Place, judged: Judged) -> Result<PayerFact> {
        let desked = self.shared.door.desked(&place.id.account)?;
        let call = Call::GetBucketRequestPayment { bucket: place.id.bucket.clone() };
        let books = self.shared.door.books(None).and_judged(judged);
        let exchanged = self.exchange(desked, place, &call, &books).await.map_err(|failed| failed.error)?;
        match exchanged.reply {
            Reply::Payment(payer) => {
                let fact = PayerFact {
                    payer,
                    at: clock::now(),
                    region: exchanged.region,
                    request_id: exchanged.request_id.as_deref().map(str::to_owned),
                };
                if let Some(alarms) = &self.shared.alarms {
                    alarms.payer_read(&desked.account.site, &place.id, &fact.payer, fact.at).await;
                }
                Ok(fact)
            }
            Reply::Buckets(_) | Reply::Location(_) | Reply::Done | Reply::Setting(_) | Reply::Identity(_) => Err(unexpected()),
        }
    }

    /// A call about an account.
    async fn ask_account(&self, desked: &Desked, call: &Call) -> std::result::Result<Exchanged, Failed> {
        let (terms, books) = (Terms::default(), self.shared.door.books(None));
        let errand = Errand { desked, region: None, terms: &terms, books: &books, body: None, take: Take::Whole };
        self.shared.door.exchange(&errand, call).await
    }

    /// A call about one bucket. Its errors name the bucket, and the guard that the request carried.
    pub(super) async fn exchange(
        &self,
        desked: &Desked,
        place: &Place,
        call: &Call,
        books: &Books,
    ) -> std::result::Result<Exchanged, Failed> {
        let (terms, region) = (terms(place), place.region.as_deref());
        let errand = Errand { desked, region, terms: &terms, books, body: None, take: Take::Whole };
        let exchanged = self.shared.door.exchange(&errand, call).await;
        exchanged.map_err(|Failed { error, reached }| {
            let error = name_guard(error, desked.account.site.provider, place).target(place.id.to_string());
            Failed { error, reached }
        })
    }
}

/// A refusal may come from the guard: the store says no more than "access denied" when another account owns the bucket.
pub(super) fn name_guard(error: Error, provider: Provider, place: &Place) -> Error {
    let (Some(owner), Provider::S3, ErrorKind::Denied) = (&place.expected_owner, provider, error.kind()) else { return error };
    let hint = error.hint_text().unwrap_or_default();
    let hint = format!("{hint} Check the guard too: `account_id` or `owner_id` says that {} owns the bucket.", visible(owner));
    error.hint(hint.trim_start())
}

fn terms(place: &Place) -> Terms {
    Terms { expected_owner: place.expected_owner.clone(), ..Terms::default() }
}

/// An error with its cause below it; target and answer are the cause's.
pub(super) fn caused(error: Error, cause: Error) -> Error {
    let error = match cause.target_text() {
        Some(target) => error.target(target),
        None => error,
    };
    let error = match cause.store_answer() {
        Some(answer) => error.answer(answer.clone()),
        None => error,
    };
    error.source(cause)
}
