//! The door: everything that is said to a store passes here.
//!
//! Comes in: an account's name and a call. Goes out: the reply. Each attempt loads the account's keys, encodes with consent,
//! signs and sends anew; a wrong region, a wrong clock and expired keys are corrected once each for a call. Forbidden here: deciding
//! what is asked.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use jiff::{SignedDuration, Timestamp};

use super::address::{Address, query_names};
use super::desked::Desked;
use super::http::{Arriving, Begun, Books, Clients, Failed, Going, Heard, Judged, Outgoing, Timeouts};
use super::kinds::Asked;
use super::limit::Limit;
use super::prices::Prices;
use super::retry::{self, Reached};
use super::slip::{self, Accounting, Billing, Detail, Gate, Listener, Pledge, Slip};
use super::tally::Counters;
use super::{clock, context, desk::Desk};
use crate::config::Config;
use crate::credentials::Loader;
use crate::domain::{AccountName, Aside, BucketName, Error, ErrorKind, Keys, Op, Result, SaidCharged, Sender, Sent, Site, Tally};
use crate::prices::{Estimate, Toll, Where};
use crate::wire::objects::{self, ObjectCall, ObjectReply};
use crate::wire::{self, Answer, Call, Draft, Reply, Terms};

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
    session: Arc<Counters>,
    limit: Arc<Limit>,
    notice: Notice,
    accounting: Arc<Accounting>,
    /// Says of each request that nobody has judged before whether it may leave.
    gate: Option<Gate>,
}

/// Something that can be asked of a store.
pub(super) trait Question: Sync {
    /// What an understood answer is.
    type Reply: Send;

    /// The row of the operation table.
    fn op(&self) -> Op;

    /// The bucket, for questions that have one.
    fn bucket(&self) -> Option<&BucketName>;

    /// The request, complete but for its signature.
    fn encode(&self, site: &Site, terms: &Terms) -> Result<Draft>;

    /// What the answer says.
    fn decode(&self, site: &Site, answer: &Answer) -> Result<Self::Reply>;

    /// Of what storage class it makes the store read how many bytes that no answer brings.
    fn taken_from(&self) -> Option<(&str, u64)> {
        None
    }

    /// Whether it is signed at all.
    fn signing(&self) -> Signing {
        Signing::AsAccount
    }
}

/// Who a question comes from, as the store sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Signing {
    /// The account that acts.
    AsAccount,
    /// Nobody: the account's keys are neither loaded nor used.
    Anonymous,
}

impl Question for Call {
    type Reply = Reply;

    fn op(&self) -> Op {
        self.op()
    }

    fn bucket(&self) -> Option<&BucketName> {
        self.bucket()
    }

    fn encode(&self, site: &Site, terms: &Terms) -> Result<Draft> {
        wire::encode(site, self, terms)
    }

    fn decode(&self, site: &Site, answer: &Answer) -> Result<Reply> {
        wire::decode(site, self, answer)
    }
}

impl Question for ObjectCall {
    type Reply = ObjectReply;

    fn op(&self) -> Op {
        self.op()
    }

    fn bucket(&self) -> Option<&BucketName> {
        Some(self.bucket())
    }

    fn encode(&self, site: &Site, terms: &Terms) -> Result<Draft> {
        objects::encode_object(site, self, terms)
    }

    fn taken_from(&self) -> Option<(&str, u64)> {
        self.taken_from()
    }

    fn decode(&self, site: &Site, answer: &Answer) -> Result<ObjectReply> {
        objects::decode_object(site, self, answer)
    }
}

/// An understood answer and what came with it.
pub(super) struct Exchanged<R = Reply> {
    /// What the store answered.
    pub(super) reply: R,
    /// The bytes, of an answer that was taken piece by piece.
    pub(super) body: Option<Box<Arriving>>,
    /// By which its operators find the request.
    pub(super) request_id: Option<Arc<str>>,
    /// Where the bucket answered.
    pub(super) region: Option<String>,
}

/// What came back of one attempt.
struct Answered {
    /// The answer, without the body where that is taken piece by piece.
    answer: Answer,
    heard: Heard,
    body: Option<Box<Arriving>>,
}

/// On whose behalf a question is asked, and how: what is the same for all of its attempts.
pub(super) struct Errand<'a> {
    /// The account that acts.
    pub(super) desked: &'a Desked,
    /// Where the bucket is thought to be.
    pub(super) region: Option<&'a str>,
    /// Consent and guard.
    pub(super) terms: &'a Terms,
    /// Who counts.
    pub(super) books: &'a Books,
    /// The bytes of an upload.
    pub(super) body: Option<&'a dyn Outgoing>,
    /// How the answer is taken.
    pub(super) take: Take,
}

impl Errand<'_> {
    /// On whose behalf it is asked, as far as a diagnosis needs it.
    fn sender(&self, keys: &Keys) -> Sender {
        Sender {
            account: self.desked.account.name.clone(),
            key_id: match keys {
                Keys::Anonymous => None,
                Keys::Signed(credentials) => Some(credentials.short_id()),
            },
            consent: self.terms.consent,
            guard: self.terms.expected_owner.clone(),
        }
    }
}

/// How much of an answer is read here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Take {
    /// All of it.
    Whole,
    /// Its head, if it is no refusal; the bytes are for whoever asked.
    Head,
}

/// A question on its way.
struct Journey<'a, Q> {
    errand: &'a Errand<'a>,
    question: &'a Q,
}

/// What one attempt used, and what a correction may replace for the next one.
struct Attempt<'a> {
    site: Cow<'a, Site>,
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
            accounts.insert(account.name.clone(), Desked::new(account.clone(), loader));
        }
        let order = config.accounts.iter().map(|account| account.name.clone()).collect();
        Ok(Self {
            accounts,
            order,
            clients: Clients::default(),
            signer: wire::Signer::new(),
            session: Arc::default(),
            limit: Arc::default(),
            notice,
            accounting: Arc::default(),
            gate: None,
        })
    }

    /// Takes other timeouts from now on.
    pub(super) fn set_timeouts(&mut self, timeouts: Timeouts) {
        self.clients = Clients::with_timeouts(timeouts);
    }

    /// Takes other prices from now on.
    pub(super) fn set_prices(&mut self, prices: Arc<Prices>) {
        self.change_accounting().prices = prices;
    }

    /// The prices of requests.
    pub(super) fn prices(&self) -> &Prices {
        &self.accounting.prices
    }

    /// Tells one more of every attempt from now on.
    pub(super) fn listen(&mut self, listener: Listener, detail: Detail) {
        self.change_accounting().listen(listener, detail);
    }

    fn change_accounting(&mut self) -> &mut Accounting {
        self.accounts.values_mut().for_each(|desked| desked.kinds.forget());
        Arc::make_mut(&mut self.accounting)
    }

    /// Asks this gate of every single request from now on.
    pub(super) fn set_gate(&mut self, gate: Gate) {
        self.gate = Some(gate);
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

    /// Signs a link: nothing is sent.
    ///
    /// # Errors
    /// As [`wire::Signer::presign`].
    pub(super) fn presign(&self, site: &Site, draft: Draft, keys: &Keys, seconds: u32, now: Timestamp) -> Result<wire::Presigned> {
        self.signer.presign(site, draft, keys, seconds, now)
    }

    /// What left and came back so far.
    pub(super) fn tally(&self) -> Tally {
        self.session.read()
    }

    /// Who counts for a job; for none, the session alone. Each request is judged at the door.
    pub(super) fn books(&self, job: Option<Arc<Counters>>) -> Books {
        Books { session: self.session.clone(), job, item: None, limit: self.limit.clone(), judged: Judged::AtTheDoor }
    }

    /// How fast jobs may be.
    pub(super) fn limit(&self) -> &Limit {
        &self.limit
    }

    /// Tells the user something that no answer waits for.
    pub(super) fn tell(&self, notice: Error) {
        (self.notice)(notice);
    }

    /// Asks until the question is answered, refused, or not worth another attempt.
    ///
    /// # Errors
    /// The error of the last attempt, and whether the store may have seen that one.
    pub(super) async fn exchange<Q: Question>(
        &self,
        errand: &Errand<'_>,
        question: &Q,
    ) -> std::result::Result<Exchanged<Q::Reply>, Failed> {
        let (journey, desked) = (Journey { errand, question }, errand.desked);
        let mut attempt = Attempt { site: desked.site_for(question.bucket(), errand.region), skew: 0, number: 1 };
        let mut once = Corrections::default();
        loop {
            // Before keys are loaded and the date is set: an answer may take longer than both are good for.
            let pledge = self.admitted(&journey, &attempt.site).await?;
            attempt.skew = desked.skew.load(Ordering::Relaxed);
            let keys = match question.signing() {
                Signing::AsAccount => desked.loader.load(clock::now()).await.map_err(before)?,
                Signing::Anonymous => Keys::Anonymous,
            };
            let failed = match self.attempt(&journey, &attempt, &keys, pledge).await {
                Ok(exchanged) => {
                    desked.tokens().refill();
                    return Ok(desked.learn(question.bucket(), &attempt.site, exchanged));
                }
                Err(failed) => failed,
            };
            if failed.error.kind() == ErrorKind::Throttled {
                errand.books.note(Counters::throttled);
            }
            if self.correct(&journey, &mut attempt, &keys, &failed.error, &mut once).await {
                continue;
            }
            let (error, reached) = (&failed.error, failed.reached);
            let pause = retry::delay(question.op(), error, reached, attempt.number, fastrand::f64(), &mut desked.tokens());
            let Some(pause) = pause else { return Err(failed) };
            clock::sleep(pause).await;
            attempt.number += 1;
        }
    }

    /// Waits until a request may leave that is judged by itself, and says what is held for it meanwhile.
    async fn admitted<Q: Question>(&self, journey: &Journey<'_, Q>, site: &Site) -> std::result::Result<Option<Pledge>, Failed> {
        let Journey { errand, question } = journey;
        let (Some(gate), Judged::AtTheDoor) = (&self.gate, errand.books.judged) else { return Ok(None) };
        // The bytes of an object are for whoever knows their number.
        let cost = Estimate::of(self.prices().book(), &Where::of(site, None), &[(question.op(), 1)], 0, 0);
        let bucket = question.bucket().map(|bucket| Arc::from(bucket.as_str()));
        let toll = Toll { account: Arc::from(errand.desked.account.name.as_str()), bucket, cost };
        gate(question.op(), toll).await.map(Some).map_err(before)
    }

    /// One attempt: built anew each time, so that date, signature, consent and body are its own.
    async fn attempt<Q: Question>(
        &self,
        journey: &Journey<'_, Q>,
        attempt: &Attempt<'_>,
        keys: &Keys,
        pledge: Option<Pledge>,
    ) -> std::result::Result<Exchanged<Q::Reply>, Failed> {
        let Journey { errand, question } = journey;
        let draft = question.encode(&attempt.site, errand.terms).map_err(before)?;
        let now = clock::now();
        // A store may claim any date: what the calendar cannot hold is no correction.
        let signing_time = now.checked_add(SignedDuration::from_millis(attempt.skew)).unwrap_or(now);
        let request = self.signer.sign(&attempt.site, draft, keys, signing_time).map_err(before)?;
        let address = Address::of(&request.url);
        let mut slip = self.slip(journey, attempt, &request, &address, now);
        if let Some(slip) = &mut slip {
            slip.keep(pledge);
        }
        errand.books.note(|counters| counters.request(attempt.number));
        let Errand { body, books, .. } = **errand;
        let account = &errand.desked.account;
        let (provider, ca_file) = (account.site.provider, account.ca_file.as_ref());
        let going = Going { provider, ca_file, request: &request, address: &address, body, books };
        let answered = self.answer(&going, errand.take, &mut slip).await;
        // Told before anything is tried again, unless it goes along with a body.
        drop(slip);
        if answered.as_ref().is_err_and(|failed| failed.reached == Reached::Nothing) {
            errand.books.note(|counters| counters.never_left(attempt.number));
        }
        note(journey, attempt, (&request.method, address.host), answered.as_ref(), now);
        let Answered { answer, heard, body } = answered?;
        errand.books.note(|counters| counters.charged(heard.charged));
        let reply = question.decode(&attempt.site, &answer).map_err(|error| {
            let error = error.sent_by(|| errand.sender(keys));
            Failed { error, reached: Reached::Perhaps }
        })?;
        Ok(Exchanged { reply, body, request_id: heard.request_id, region: None })
    }

    /// What will be told of this attempt; `None`: nobody listens, and nobody judges.
    fn slip<Q: Question>(
        &self,
        journey: &Journey<'_, Q>,
        attempt: &Attempt<'_>,
        request: &wire::Request,
        address: &Address<'_>,
        at: Timestamp,
    ) -> Option<Slip> {
        if self.accounting.is_unheard() && self.gate.is_none() {
            return None;
        }
        let Journey { errand: Errand { desked, .. }, question } = journey;
        let site = &attempt.site;
        let Address { host, path, query, .. } = *address;
        let asked = Asked { op: question.op(), bucket: question.bucket(), region: &site.region, method: &request.method, host };
        let heading = desked.kinds.of(&asked, &self.accounting);
        let sent = Sent {
            at,
            kind: heading.kind.clone(),
            path: Arc::from(path),
            attempt: attempt.number,
            payer: slip::payer_sent(site.provider, request),
            status: None,
            charged: SaidCharged::NotSaid,
            request_id: None,
            up: 0,
            down: 0,
            took: 0,
            cost: None,
            aside: Aside { query: self.accounting.aside(|| query.map(query_names)), ..Aside::default() },
        };
        let billing = Billing::of(site.provider, request).taking(question.taken_from());
        Some(Slip::new(sent, billing, heading))
    }

    /// Sends, and takes as much of the answer as was asked for. A refusal is always read to its end.
    async fn answer(&self, going: &Going<'_>, take: Take, slip: &mut Option<Slip>) -> std::result::Result<Answered, Failed> {
        let begun = self.clients.send(going, slip).await?;
        let Begun { status, headers, heard, body } = begun;
        if take == Take::Head && (200..300).contains(&status) {
            let answer = Answer { status, headers, body: bytes::Bytes::new() };
            return Ok(Answered { answer, heard, body: Some(body) });
        }
        let answer = self.clients.collect(status, headers, body).await?;
        Ok(Answered { answer, heard, body: None })
    }

    /// Mends what the answer told us to mend: once for each cause. `true`: try again at once.
    async fn correct<Q: Question>(
        &self,
        journey: &Journey<'_, Q>,
        attempt: &mut Attempt<'_>,
        keys: &Keys,
        error: &Error,
        once: &mut Corrections,
    ) -> bool {
        let desked = journey.errand.desked;
        let Some(answer) = error.store_answer() else { return false };
        if error.kind() == ErrorKind::WrongRegion && !std::mem::replace(&mut once.region, true) {
            let region = match &answer.region {
                Some(region) => Some(region.clone()),
                // Without a request id it was no store that answered, but a portal or a proxy.
                None if answer.request_id.is_some() => self.locate(journey, attempt, keys).await,
                None => None,
            };
            let Some(region) = region.filter(|region| *region != attempt.site.region) else { return false };
            attempt.site = Cow::Owned(attempt.site.in_region(&region));
            return true;
        }
        if let (ErrorKind::ClockSkew, Some(theirs)) = (error.kind(), answer.server_time) {
            return !std::mem::replace(&mut once.clock, true) && self.correct_clock(desked, theirs, attempt.skew);
        }
        EXPIRED.contains(&answer.code.as_str()) && !std::mem::replace(&mut once.keys, true) && desked.loader.forget(keys)
    }

    /// Asks where the bucket is, when a store sends us elsewhere without saying where to.
    async fn locate<Q: Question>(&self, journey: &Journey<'_, Q>, attempt: &Attempt<'_>, keys: &Keys) -> Option<String> {
        let question = Call::GetBucketLocation { bucket: journey.question.bucket()?.clone() };
        let errand = Errand { terms: &Terms::default(), body: None, take: Take::Whole, ..*journey.errand };
        let journey = Journey { errand: &errand, question: &question };
        let pledge = self.admitted(&journey, &attempt.site).await.ok()?;
        match self.attempt(&journey, attempt, keys, pledge).await {
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

/// One line of the log for one attempt. Never the query, a header or a key: what is named here may be shown to anyone.
fn note<Q: Question>(
    journey: &Journey<'_, Q>,
    attempt: &Attempt<'_>,
    (method, host): (&http::Method, &str),
    answered: std::result::Result<&Answered, &Failed>,
    begun: Timestamp,
) {
    if !tracing::enabled!(tracing::Level::DEBUG) {
        return;
    }
    let op = journey.question.op().row().name;
    let account = journey.errand.desked.account.name.as_str();
    let bucket = journey.question.bucket().map(BucketName::as_str);
    let (method, number) = (method.as_str(), attempt.number);
    let ms = clock::now().as_millisecond() - begun.as_millisecond();
    match answered {
        Ok(Answered { answer, heard, .. }) => {
            let request_id = heard.request_id.as_deref();
            tracing::debug!(op, account, method, host, bucket, attempt = number, status = answer.status, ms, request_id, "answered");
        }
        Err(failed) => {
            let error = failed.error.message();
            tracing::debug!(op, account, method, host, bucket, attempt = number, ms, error, "not answered");
        }
    }
}

/// An error from before anything was sent.
fn before(error: Error) -> Failed {
    Failed { error, reached: Reached::Nothing }
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
