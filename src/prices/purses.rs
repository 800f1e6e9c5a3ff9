//! The budgets that hold at the same time: of a command, a session, an account, a bucket.
//!
//! Comes in: limits, what was spent, what an action would cost each bucket. Goes out: what each budget says. Forbidden here: asking.

use std::fmt;
use std::sync::Arc;

use super::estimate::Estimate;
use super::purse::{Purse, Verdict};
use crate::domain::escape::visible;
use crate::domain::{AccountName, Amount, BucketId, Currency, Money, Sent, Share};

/// Whose requests a budget is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// All of one command, as its command line says.
    Command,
    /// All of this session, as the config says.
    Session,
    /// Those of an account.
    Account(AccountName),
    /// Those of an account to a bucket.
    Bucket(BucketId),
}

impl Scope {
    fn covers(&self, account: &str, bucket: Option<&str>) -> bool {
        match self {
            Self::Command | Self::Session => true,
            Self::Account(name) => name.as_str() == account,
            Self::Bucket(id) => id.account.as_str() == account && Some(id.bucket.as_str()) == bucket,
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Command => formatter.write_str("this command"),
            Self::Session => formatter.write_str("this session"),
            Self::Account(name) => write!(formatter, "account {}", visible(name.as_str())),
            Self::Bucket(id) => write!(formatter, "bucket {}", visible(&id.to_string())),
        }
    }
}

/// What one or a few requests cost, and whose they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Toll {
    /// The account that asks.
    pub account: Arc<str>,
    /// The bucket; `None`: they are about the account.
    pub bucket: Option<Arc<str>>,
    /// At most so much.
    pub cost: Estimate,
}

impl Toll {
    /// Of requests to a bucket.
    pub fn of(id: &BucketId, cost: Estimate) -> Self {
        Self { account: Arc::from(id.account.as_str()), bucket: Some(Arc::from(id.bucket.as_str())), cost }
    }

    /// What a budget would count of it at most, in its currency.
    pub fn within(&self, scope: &Scope, currency: Currency) -> Amount {
        let spans = self.cost.money.iter().filter(|span| span.currency == currency && scope.covers(&self.account, self.bucket.as_deref()));
        spans.fold(Amount::default(), |sum, span| sum.plus(span.high))
    }
}

/// The budgets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Purses(Vec<(Scope, Purse)>);

impl Purses {
    /// One more budget.
    pub fn add(&mut self, scope: Scope, limit: Money) {
        self.0.push((scope, Purse::new(limit)));
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What was spent is exactly this.
    pub fn settle(&mut self, shares: &[Share]) {
        for (scope, purse) in &mut self.0 {
            purse.settle(&[]);
            let covered = shares.iter().filter(|share| scope.covers(&share.account, share.bucket.as_deref()));
            covered.flat_map(|share| &share.cost).for_each(|(currency, amount)| {
                purse.spend(Money { amount: *amount, currency: *currency });
            });
        }
    }

    /// One more request is over.
    pub fn note(&mut self, sent: &Sent) {
        let Some(cost) = sent.cost else { return };
        for (_, purse) in self.0.iter_mut().filter(|(scope, _)| scope.covers(sent.kind.account.as_str(), sent.kind.bucket.as_deref())) {
            purse.spend(cost);
        }
    }

    /// What the budgets say of an action that costs each of these buckets so much; those that it fits into say nothing.
    pub fn judge(&self, action: &[(&BucketId, &Estimate)]) -> Vec<(Scope, Verdict)> {
        let verdict = |(scope, purse): &(Scope, Purse)| {
            let mut sum = Estimate::default();
            let covered = action.iter().filter(|(id, _)| scope.covers(id.account.as_str(), Some(id.bucket.as_str())));
            covered.for_each(|(_, estimate)| sum.plus(estimate));
            (scope.clone(), purse.judge(&sum))
        };
        self.0.iter().map(verdict).filter(|(_, verdict)| *verdict != Verdict::Within).collect()
    }

    /// The same of requests by one account to one bucket, or to none, while others are under way that may still cost something.
    pub fn judge_toll(&self, toll: &Toll, under_way: &[&Toll]) -> Vec<(Scope, Verdict)> {
        let covered = |scope: &Scope, toll: &Toll| scope.covers(&toll.account, toll.bucket.as_deref());
        let verdict = |(scope, purse): &(Scope, Purse)| {
            let mut purse = purse.clone();
            let costs = under_way.iter().filter(|other| covered(scope, other)).flat_map(|other| &other.cost.money);
            costs.for_each(|span| purse.spend(Money { amount: span.high, currency: span.currency }));
            (scope.clone(), purse.judge(&toll.cost))
        };
        let verdicts = self.0.iter().filter(|(scope, _)| covered(scope, toll)).map(verdict);
        verdicts.filter(|(_, verdict)| *verdict != Verdict::Within).collect()
    }

    /// The first budget of which more is spent than it allows, with what was spent and its limit.
    pub fn passed(&self) -> Option<(&Scope, Money, Money)> {
        self.passed_by(|_| true)
    }

    /// The same, of those that cover requests to one of these buckets.
    pub fn passed_for(&self, buckets: &[&BucketId]) -> Option<(&Scope, Money, Money)> {
        self.passed_by(|scope| buckets.iter().any(|id| scope.covers(id.account.as_str(), Some(id.bucket.as_str()))))
    }

    fn passed_by(&self, meant: impl Fn(&Scope) -> bool) -> Option<(&Scope, Money, Money)> {
        let passed = self.0.iter().find(|(scope, purse)| meant(scope) && purse.is_passed());
        passed.map(|(scope, purse)| (scope, purse.spent(), purse.limit()))
    }

    /// The limit of a budget; `None`: there is no such budget.
    pub fn limit(&self, scope: &Scope) -> Option<Money> {
        self.0.iter().find(|(known, _)| known == scope).map(|(_, purse)| purse.limit())
    }

    /// The limit of a budget is this from now on, if it was lower.
    pub fn raise(&mut self, scope: &Scope, limit: Amount) {
        self.0.iter_mut().filter(|(known, _)| known == scope).for_each(|(_, purse)| purse.raise(limit));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::op::PriceClass;
    use crate::domain::{BucketName, Network, Provider};
    use crate::prices::{Book, Used};

    fn bucket(name: &str) -> BucketId {
        BucketId { account: AccountName::new("research"), bucket: BucketName::parse(Provider::S3, name).unwrap() }
    }

    fn money(text: &str) -> Money {
        Money::parse(text).unwrap()
    }

    /// So many PUTs in us-east-1: 0.005 USD for a thousand.
    fn puts(requests: u64) -> Estimate {
        let class = PriceClass::Tier1;
        let used = Used {
            provider: Provider::S3,
            region: "us-east-1",
            network: Network::Public,
            class,
            requests,
            down: 0,
            taken: 0,
            storage: None,
            at: None,
        };
        let mut estimate = Estimate::default();
        estimate.add(Book::shipped(), &used);
        estimate
    }

    fn all_four() -> Purses {
        let mut purses = Purses::default();
        purses.add(Scope::Command, money("0.02 USD"));
        purses.add(Scope::Session, money("0.03 USD"));
        purses.add(Scope::Account(AccountName::new("research")), money("0.01 USD"));
        purses.add(Scope::Bucket(bucket("tiles")), money("0.005 USD"));
        purses
    }

    fn said(purses: &Purses, action: &[(&BucketId, &Estimate)]) -> Vec<String> {
        purses.judge(action).iter().filter_map(|(scope, verdict)| super::super::words::verdict(verdict, &scope.to_string())).collect()
    }

    #[test]
    fn each_budget_judges_what_it_covers() {
        let (tiles, maps) = (bucket("tiles"), bucket("maps"));
        assert_eq!(said(&all_four(), &[(&tiles, &puts(1000))]), [""; 0]);
        assert_eq!(
            said(&all_four(), &[(&tiles, &puts(1001))]),
            ["0.005005 USD would be spent then: that passes the budget of bucket research:tiles, 0.005 USD"]
        );
        assert_eq!(said(&all_four(), &[(&maps, &puts(2000))]), [""; 0], "not of its bucket");
        let both = said(&all_four(), &[(&maps, &puts(2000)), (&tiles, &puts(1000))]);
        assert_eq!(both, ["0.015 USD would be spent then: that passes the budget of account research, 0.01 USD"]);
    }

    #[test]
    fn what_was_spent_counts_where_it_was_spent() {
        let mut purses = all_four();
        let usd = Currency::parse("USD").unwrap();
        let spent = |account: &str, bucket: Option<&str>| Share {
            account: account.into(),
            bucket: bucket.map(Into::into),
            cost: vec![(usd, Amount::parse("0.006").unwrap())],
        };
        purses.settle(&[spent("research", Some("maps")), spent("lab", None)]);
        assert_eq!(purses.passed(), None);
        assert_eq!(
            said(&purses, &[(&bucket("maps"), &puts(1000))]),
            ["0.011 USD would be spent then: that passes the budget of account research, 0.01 USD"]
        );
        purses.settle(&[spent("research", Some("tiles"))]);
        let passed = purses.passed().map(|(scope, spent, limit)| format!("{scope}: {spent} of {limit}"));
        assert_eq!(passed.as_deref(), Some("bucket research:tiles: 0.006 USD of 0.005 USD"));
        purses.raise(&Scope::Bucket(bucket("tiles")), Amount::parse("0.01").unwrap());
        assert_eq!(purses.passed(), None);
    }
}
