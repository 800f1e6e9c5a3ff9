//! Budgets before a door through which requests leave one by one: what is under way counts as spent.
//!
//! Comes in: limits, what a request costs before it leaves, what it has cost once it is over. Goes out: whether it may leave. Forbidden
//! here: asking.

use super::purse::Verdict;
use super::purses::{Purses, Scope, Toll};
use crate::domain::{Amount, Sent};

/// The budgets, and what is under way.
#[derive(Debug, Default)]
pub struct Turnstile {
    purses: Purses,
    /// What requests under way may cost, each with its number.
    under_way: Vec<(u64, Toll)>,
    number: u64,
}

/// What a turnstile says of a request.
#[derive(Debug, PartialEq, Eq)]
pub enum Turn {
    /// It may leave. Until it is over it counts as spent, under this number.
    Free(u64, Vec<(Scope, Verdict)>),
    /// It would pass a budget.
    Shut(Scope, Verdict),
}

impl Turnstile {
    /// With these budgets, and nothing under way.
    pub fn new(purses: Purses) -> Self {
        Self { purses, under_way: Vec::new(), number: 0 }
    }

    /// The budgets.
    pub fn purses(&self) -> &Purses {
        &self.purses
    }

    /// Judges a request that is about to leave. What costs another currency, and what has no price, is said and stops nothing.
    pub fn turn(&mut self, toll: &Toll) -> Turn {
        let under_way: Vec<&Toll> = self.under_way.iter().map(|(_, toll)| toll).collect();
        let mut verdicts = self.purses.judge_toll(toll, &under_way);
        match verdicts.iter().position(|(_, verdict)| verdict.passes()) {
            Some(place) => {
                let (scope, verdict) = verdicts.swap_remove(place);
                Turn::Shut(scope, verdict)
            }
            None => Turn::Free(self.enter(toll.clone()), verdicts),
        }
    }

    /// A request leaves whatever the budgets say.
    pub fn enter(&mut self, toll: Toll) -> u64 {
        self.number += 1;
        self.under_way.push((self.number, toll));
        self.number
    }

    /// The request of this number is over.
    pub fn leave(&mut self, number: u64) {
        self.under_way.retain(|(known, _)| *known != number);
    }

    /// So much did a request cost that is over.
    pub fn note(&mut self, sent: &Sent) {
        self.purses.note(sent);
    }

    /// The limit of a budget is this from now on, if it was lower.
    pub fn raise(&mut self, scope: &Scope, limit: Amount) {
        self.purses.raise(scope, limit);
    }
}
