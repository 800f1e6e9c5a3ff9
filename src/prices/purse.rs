//! A budget: what is spent already, and whether an action would pass the limit.

use super::estimate::Estimate;
use crate::domain::{Amount, Currency, Money};

/// A limit, and what was spent against it. Compared is the list price, the high end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Purse {
    limit: Money,
    spent: Vec<(Currency, Amount)>,
}

/// What a budget says of an action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It fits.
    Within,
    /// With what is spent already, it costs so much, which is more than the limit.
    Passes {
        /// What would be spent then.
        after: Money,
        /// The limit.
        limit: Money,
    },
    /// The same with a *perhaps* in it: so much at most, if all follows that may follow.
    MayPass {
        /// What would be spent then at most.
        after: Money,
        /// The limit.
        limit: Money,
    },
    /// It costs something in another currency than the budget's, so that nobody can compare them.
    OtherCurrency {
        /// Its currencies beside the budget's.
        currencies: Vec<Currency>,
        /// The limit.
        limit: Money,
    },
    /// For so many of its requests no price is known. What is known of it fits.
    Unpriced {
        /// How many.
        requests: u64,
        /// The limit.
        limit: Money,
    },
}

impl Verdict {
    /// Whether the user is asked again because of it; a command without a terminal refuses. A missing price is only told: it would
    /// stop every action where the book has no row.
    pub fn asks(&self) -> bool {
        match self {
            Self::Within | Self::Unpriced { .. } => false,
            Self::Passes { .. } | Self::MayPass { .. } | Self::OtherCurrency { .. } => true,
        }
    }

    /// Whether more would be spent than the budget allows, surely or perhaps.
    pub fn passes(&self) -> bool {
        self.after().is_some()
    }

    /// What would be spent then, or might be, of an action that passes a budget.
    pub fn after(&self) -> Option<Money> {
        match self {
            Self::Passes { after, .. } | Self::MayPass { after, .. } => Some(*after),
            Self::Within | Self::OtherCurrency { .. } | Self::Unpriced { .. } => None,
        }
    }

    /// The limit of a budget that an action passes.
    pub fn limit(&self) -> Option<Money> {
        match self {
            Self::Passes { limit, .. } | Self::MayPass { limit, .. } => Some(*limit),
            Self::Within | Self::OtherCurrency { .. } | Self::Unpriced { .. } => None,
        }
    }
}

impl Purse {
    /// A budget of which nothing is spent.
    pub fn new(limit: Money) -> Self {
        Self { limit, spent: Vec::new() }
    }

    /// The limit.
    pub fn limit(&self) -> Money {
        self.limit
    }

    /// What was spent, in the budget's currency.
    pub fn spent(&self) -> Money {
        let spent = self.spent.iter().find(|(currency, _)| *currency == self.limit.currency);
        Money { amount: spent.map_or(Amount::ZERO, |(_, amount)| *amount), currency: self.limit.currency }
    }

    /// So much was spent, in whatever currency.
    pub fn spend(&mut self, money: Money) {
        match self.spent.iter_mut().find(|(currency, _)| *currency == money.currency) {
            Some((_, amount)) => *amount = amount.plus(money.amount),
            None => self.spent.push((money.currency, money.amount)),
        }
    }

    /// What was spent is this, one amount for each currency, as the ledger sums it up.
    pub fn settle(&mut self, spent: &[(Currency, Amount)]) {
        self.spent = spent.to_vec();
    }

    /// Whether more was spent than the limit allows.
    pub fn is_passed(&self) -> bool {
        self.spent().amount > self.limit.amount
    }

    /// The limit is this from now on, if it was lower.
    pub fn raise(&mut self, limit: Amount) {
        self.limit.amount = self.limit.amount.max(limit);
    }

    /// What the budget says of an action, with all that may follow. One that costs nothing always fits.
    pub fn judge(&self, estimate: &Estimate) -> Verdict {
        let (limit, currencies) = (self.limit, estimate.currencies());
        let perhaps = estimate.perhaps(limit.currency);
        let after = Money { amount: self.spent().amount.plus(estimate.high(limit.currency)).plus(perhaps), currency: limit.currency };
        let others: Vec<Currency> = currencies.iter().copied().filter(|currency| *currency != limit.currency).collect();
        if currencies.contains(&limit.currency) && after.amount > limit.amount {
            if perhaps > Amount::ZERO { Verdict::MayPass { after, limit } } else { Verdict::Passes { after, limit } }
        } else if !others.is_empty() {
            Verdict::OtherCurrency { currencies: others, limit }
        } else if estimate.unpriced == 0 {
            Verdict::Within
        } else {
            Verdict::Unpriced { requests: estimate.unpriced, limit }
        }
    }
}
