//! The budgets of a command: `--budget`, and those of the config for accounts and buckets.
//!
//! Comes in: limits, every request that is over, what an action would cost. Goes out: a refusal with exit code 5 before an action or
//! a single request that would pass a budget, and a word while a job runs. Forbidden here: asking; who wants to spend more says so with
//! `--budget`.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use super::args::Global;
use super::failure::Failure;
use super::output::{Ink, Output};
use crate::app::estimate;
use crate::config::Config;
use crate::domain::{BucketId, Error, ErrorKind, Result, Sent};
use crate::prices::{Estimate, Scope, Toll, Turn, Turnstile, Verdict, words};
use crate::runtime::slip::Pledge;

/// What may be spent, and what was. Clones share it.
#[derive(Clone)]
pub(super) struct Budget {
    state: Arc<Mutex<State>>,
    passed: watch::Sender<bool>,
}

#[derive(Default)]
struct State {
    turnstile: Turnstile,
    /// Why the first request that would have passed a budget did not leave.
    refused: Option<(String, Scope)>,
    /// What budgets cannot count.
    uncounted: Vec<String>,
}

/// Lets go what was set aside for a request, once that is over.
struct Aside {
    budget: Budget,
    number: u64,
}

impl Drop for Aside {
    fn drop(&mut self) {
        self.budget.lock().turnstile.leave(self.number);
    }
}

impl Budget {
    /// What the config says, where `--budget` stands in the place of a session's.
    pub(super) fn of(global: &Global, config: &Config) -> Self {
        let session = if global.budget.is_some() { Scope::Command } else { Scope::Session };
        let purses = estimate::budgets(session, &config.settings, &config.accounts);
        let state = State { turnstile: Turnstile::new(purses), ..State::default() };
        Self { state: Arc::new(Mutex::new(state)), passed: watch::Sender::new(false) }
    }

    /// Whether nothing is limited.
    pub(super) fn is_unlimited(&self) -> bool {
        self.lock().turnstile.purses().is_empty()
    }

    /// A request is over.
    pub(super) fn note(&self, sent: &Sent) {
        let mut state = self.lock();
        state.turnstile.note(sent);
        if state.turnstile.purses().passed().is_some() {
            self.passed.send_replace(true);
        }
    }

    /// Waits until more was spent than a budget allows.
    pub(super) async fn passed(&self) {
        let mut passed = self.passed.subscribe();
        // The sender lives as long as `self`.
        let _ = passed.wait_for(|passed| *passed).await;
    }

    /// Why a command that was stopped by [`Budget::passed`] ends; `None`: every budget holds.
    pub(super) fn why(&self) -> Option<Error> {
        let state = self.lock();
        let (scope, spent, limit) = state.turnstile.purses().passed()?;
        let spent = format!("{} {}", words::up(spent.amount), spent.currency);
        let message = format!("{spent} were spent: that passes the budget of {scope}, {limit}");
        Some(
            Error::new(ErrorKind::Refused, message)
                .hint(format!("What is finished stays, and the same command goes on where this one stopped. {}", more(scope))),
        )
    }

    /// Judges an action before it begins, from what each bucket would cost. A missing price is told, and stops nothing.
    ///
    /// # Errors
    /// `Refused` when it would pass a budget, or when nobody can compare it with one.
    pub(super) fn judge(&self, action: &[(&BucketId, &Estimate)], output: &Output) -> Result<()> {
        for (scope, verdict) in self.lock().turnstile.purses().judge(action) {
            let Some(message) = words::verdict(&verdict, &scope.to_string()) else { continue };
            if verdict.asks() {
                return Err(Error::new(ErrorKind::Refused, message).hint(format!("Nothing was done. {}", more(&scope))));
            }
            if !output.is_json() {
                output.aside(&format!("{} {message}", output.inked(Ink::Notable, "warning:")));
            }
        }
        Ok(())
    }

    /// Judges a single request before it leaves. What costs another currency, and what has no price, is told once and stops nothing.
    ///
    /// # Errors
    /// `Refused` when it would pass a budget.
    pub(super) fn admit(&self, toll: &Toll) -> Result<Pledge> {
        let mut state = self.lock();
        let said = |scope: &Scope, verdict: &Verdict| words::verdict(verdict, &scope.to_string()).unwrap_or_default();
        match state.turnstile.turn(toll) {
            Turn::Free(number, uncounted) => {
                for message in uncounted.iter().map(|(scope, verdict)| said(scope, verdict)) {
                    if !state.uncounted.contains(&message) {
                        state.uncounted.push(message);
                    }
                }
                Ok(Box::new(Aside { budget: self.clone(), number }))
            }
            Turn::Shut(scope, verdict) => {
                let message = said(&scope, &verdict);
                let error = Error::new(ErrorKind::Refused, format!("not sent: {message}")).hint(more(&scope));
                state.refused.get_or_insert((message, scope));
                Err(error)
            }
        }
    }

    /// How a command ends from which a budget kept requests back: with the budget's word and exit code, whatever else it says.
    ///
    /// # Errors
    /// That word, if there is one; else the command's own.
    pub(super) fn close<T>(&self, ended: std::result::Result<T, Failure>, output: &Output) -> std::result::Result<T, Failure> {
        let (refused, uncounted) = {
            let mut state = self.lock();
            (state.refused.take(), std::mem::take(&mut state.uncounted))
        };
        if !output.is_json() {
            uncounted.iter().for_each(|text| output.aside(&format!("{} {text}", output.inked(Ink::Notable, "warning:"))));
        }
        let Some((message, scope)) = refused else { return ended };
        let sum = Error::new(ErrorKind::Refused, message).hint(format!("Nothing more was sent. {}", more(&scope)));
        Err(Failure::because(sum, ended.err().map(Failure::into_parts).unwrap_or_default()))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How more may be spent.
fn more(scope: &Scope) -> &'static str {
    match scope {
        Scope::Command => "To spend more, run it again with a larger `--budget`.",
        Scope::Session => "To spend more, run it again with a `--budget` of its own, or edit `budget` in the config file.",
        Scope::Account(_) | Scope::Bucket(_) => "To spend more, edit its `budget` in the config file.",
    }
}
