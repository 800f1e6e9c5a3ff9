//! What was asked of stores, request by request: what the ledger keeps, the trace writes and screen 4 shows.

use std::borrow::Cow;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;

use super::account::{AccountName, Provider};
use super::error::ErrorKind;
use super::money::{Amount, Currency, Money};
use super::op::{Op, PriceClass};

/// Whether a request carried the payer header (or, in a link, the query item).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PayerSent {
    /// Exactly one, signed.
    Yes,
    /// None.
    No,
}

/// What the answer said of who was charged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SaidCharged {
    /// The requester.
    Yes,
    /// Nothing, where it would have said so: not the requester.
    No,
    /// Nothing, and that means nothing: this store, or this operation, does not say.
    NotSaid,
}

/// What requests in a row have in common: who asks for what, and where. In one handle for all of them, since a counter that two cores
/// change in turn costs them more than the rest of a line; and not in a cache line with that counter.
#[derive(Clone, Debug, PartialEq, Eq)]
#[repr(align(64))]
pub struct Kind {
    /// The account that acted.
    pub account: AccountName,
    /// Who its keys are, as STS said earlier in this session; `None`: nobody asked, or there is no STS.
    pub caller: Option<Arc<str>>,
    /// The account's provider.
    pub provider: Provider,
    /// Where it was sent to.
    pub region: Arc<str>,
    /// The bucket, for requests that have one.
    pub bucket: Option<Arc<str>>,
    /// The operation.
    pub op: Op,
    /// What it is billed as.
    pub class: PriceClass,
    /// `GET`, `PUT`, …
    pub method: Cow<'static, str>,
    /// Host and port.
    pub host: Arc<str>,
}

/// One request that left: one attempt, whatever became of it. Nothing in it is a secret: no query values, no headers, no keys of
/// an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// When it left.
    pub at: Timestamp,
    /// Who asked for what, and where.
    pub kind: Arc<Kind>,
    /// The path as it was sent, percent-encoded, without the query.
    pub path: Arc<str>,
    /// From 1.
    pub attempt: u32,
    /// The payer header.
    pub payer: PayerSent,
    /// The status; `None`: no answer came.
    pub status: Option<u16>,
    /// Who was charged, as the answer says.
    pub charged: SaidCharged,
    /// By which the store's operators find it.
    pub request_id: Option<Arc<str>>,
    /// Bytes of its body that left.
    pub up: u64,
    /// Bytes of the answer's body that came.
    pub down: u64,
    /// Milliseconds from its first byte to the answer's last.
    pub took: u64,
    /// What the price book says that it costs; `None`: no price is known.
    pub cost: Option<Money>,
    /// What the trace alone tells; without one, nothing but why no answer came.
    pub aside: Aside,
}

/// What a trace tells of a request beside what the ledger keeps.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Aside {
    /// The names of the query's items, between `&`; `None`: there is no query. Never their values: a marker or an upload id is
    /// nobody's business.
    pub query: Option<Arc<str>>,
    /// The second id of S3, `x-amz-id-2`.
    pub host_id: Option<Arc<str>>,
    /// Why no answer came, or why what came was none.
    pub failure: Option<ErrorKind>,
}

impl Sent {
    /// Whether the store did what was asked, or had nothing newer to give.
    pub fn succeeded(&self) -> bool {
        matches!(self.status, Some(200..=299 | 304))
    }

    /// Whether nobody knows what it costs. Who the keys are is asked for nothing at both clouds.
    pub fn unpriced(&self) -> bool {
        self.cost.is_none() && self.kind.op != Op::GetCallerIdentity
    }
}

#[cfg(test)]
impl Sent {
    /// A request that went well, for tests that care about some of its fields.
    pub(crate) fn example() -> Self {
        Self {
            at: Timestamp::UNIX_EPOCH,
            kind: Arc::new(Kind {
                account: AccountName::new("research"),
                caller: None,
                provider: Provider::S3,
                region: Arc::from("us-west-2"),
                bucket: Some(Arc::from("tiles")),
                op: Op::GetObject,
                class: PriceClass::Tier2,
                method: "GET".into(),
                host: Arc::from("tiles.example"),
            }),
            path: Arc::from("/a"),
            attempt: 1,
            payer: PayerSent::Yes,
            status: Some(200),
            charged: SaidCharged::Yes,
            request_id: None,
            up: 0,
            down: 0,
            took: 7,
            cost: None,
            aside: Aside::default(),
        }
    }

    /// The same of another kind.
    #[must_use]
    pub(crate) fn of_kind(mut self, change: impl FnOnce(&mut Kind)) -> Self {
        change(Arc::make_mut(&mut self.kind));
        self
    }
}

/// By what a summary is grouped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum By {
    /// By day (UTC), newest first.
    Day,
    /// By account.
    Account,
    /// By account and bucket.
    Bucket,
    /// By operation.
    Operation,
}

/// Which requests are meant.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Narrow {
    /// From this day on (UTC).
    pub since: Option<Date>,
    /// Until this day, it included (UTC).
    pub until: Option<Date>,
    /// Of this account.
    pub account: Option<String>,
    /// Of this bucket; empty: those that are about none.
    pub bucket: Option<String>,
    /// Of this operation, by its name in the table of operations.
    pub op: Option<String>,
}

/// One line of a summary.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    /// The day (`2026-11-21`), the account, `ACCOUNT:BUCKET`, the operation; empty: all of them.
    pub name: String,
    /// Requests that left.
    pub requests: u64,
    /// How many of them were further attempts.
    pub retries: u64,
    /// How many were refused or got no answer.
    pub failed: u64,
    /// Bytes that left.
    pub up: u64,
    /// Bytes that came.
    pub down: u64,
    /// How many carried the payer header.
    pub payer: u64,
    /// How many answers said *charged*.
    pub charged: u64,
    /// How many carried the payer header and succeeded, while the answer, which would have said *charged*, did not.
    pub uncharged: u64,
    /// What they cost as far as prices are known: one amount for each currency, in the currencies' order.
    pub cost: Vec<(Currency, Amount)>,
    /// How many have no known price.
    pub unpriced: u64,
}

impl Sum {
    /// One request more.
    pub fn count(&mut self, one: &Sent) {
        let payer = one.payer == PayerSent::Yes;
        self.requests += 1;
        self.retries += u64::from(one.attempt > 1);
        self.failed += u64::from(!one.succeeded());
        self.up += one.up;
        self.down += one.down;
        self.payer += u64::from(payer);
        self.charged += u64::from(one.charged == SaidCharged::Yes);
        self.uncharged += u64::from(payer && one.succeeded() && one.charged == SaidCharged::No);
        self.unpriced += u64::from(one.unpriced());
        if let Some(cost) = one.cost {
            self.costs(cost);
        }
    }

    /// All that another one counted; the name stays.
    pub fn add(&mut self, other: &Self) {
        self.requests += other.requests;
        self.retries += other.retries;
        self.failed += other.failed;
        self.up += other.up;
        self.down += other.down;
        self.payer += other.payer;
        self.charged += other.charged;
        self.uncharged += other.uncharged;
        self.unpriced += other.unpriced;
        other.cost.iter().for_each(|(currency, amount)| self.costs(Money { amount: *amount, currency: *currency }));
    }

    fn costs(&mut self, cost: Money) {
        if let [(currency, amount)] = &mut self.cost[..]
            && *currency == cost.currency
        {
            *amount = amount.plus(cost.amount);
            return;
        }
        match self.cost.binary_search_by_key(&cost.currency, |(currency, _)| *currency) {
            Ok(place) => self.cost[place].1 = self.cost[place].1.plus(cost.amount),
            Err(place) => self.cost.insert(place, (cost.currency, cost.amount)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(op: Op, attempt: u32, status: Option<u16>, payer: PayerSent, charged: SaidCharged, cost: Option<&str>) -> Sent {
        let sent = Sent { attempt, status, payer, charged, cost: cost.and_then(Money::parse), up: 3, down: 5, ..Sent::example() };
        sent.of_kind(|kind| kind.op = op)
    }

    #[test]
    fn what_is_counted() {
        let mut sum = Sum::default();
        sum.count(&sent(Op::GetObject, 1, Some(503), PayerSent::Yes, SaidCharged::No, Some("0.10 USD")));
        sum.count(&sent(Op::GetObject, 2, Some(206), PayerSent::Yes, SaidCharged::Yes, Some("0.20 USD")));
        sum.count(&sent(Op::GetObject, 1, Some(200), PayerSent::Yes, SaidCharged::No, Some("0.01 CNY")));
        sum.count(&sent(Op::GetObject, 1, None, PayerSent::No, SaidCharged::NotSaid, None));
        sum.count(&sent(Op::GetObject, 1, Some(304), PayerSent::Yes, SaidCharged::NotSaid, None));
        sum.count(&sent(Op::GetCallerIdentity, 1, Some(200), PayerSent::No, SaidCharged::NotSaid, None));
        let amount = |text| Amount::parse(text).unwrap();
        let (cny, usd) = (Currency::parse("CNY").unwrap(), Currency::parse("USD").unwrap());
        let wanted = Sum {
            name: String::new(),
            requests: 6,
            retries: 1,
            failed: 2,
            up: 18,
            down: 30,
            payer: 4,
            charged: 1,
            uncharged: 1,
            cost: vec![(cny, amount("0.01")), (usd, amount("0.30"))],
            unpriced: 2,
        };
        assert_eq!(sum, wanted);
        let mut twice = sum.clone();
        twice.add(&sum);
        assert_eq!((twice.requests, twice.unpriced, &twice.cost[1]), (12, 4, &(usd, amount("0.60"))));
    }
}
