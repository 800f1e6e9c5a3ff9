//! The budgets of a command: `--budget`, and those of the config for accounts and buckets.
//!
//! Comes in: limits, every request that is over, what an action would cost. Goes out: a refusal with exit code 5 before an action
//! that would pass a budget, and a word while one runs. Forbidden here: asking; who wants to spend more says so with `--budget`.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use super::args::Global;
use super::output::{Ink, Output};
use crate::app::estimate;
use crate::config::Config;
use crate::domain::{BucketId, Error, ErrorKind, Result, Sent};
use crate::prices::{Estimate, Purses, Scope, words};

/// What may be spent, and what was. Clones share it.
#[derive(Clone)]
pub(super) struct Budget {
    purses: Arc<Mutex<Purses>>,
    passed: watch::Sender<bool>,
}

impl Budget {
    /// What the config says, where `--budget` stands in the place of a session's.
    pub(super) fn of(global: &Global, config: &Config) -> Self {
        let session = if global.budget.is_some() { Scope::Command } else { Scope::Session };
        let purses = estimate::budgets(session, &config.settings, &config.accounts);
        Self { purses: Arc::new(Mutex::new(purses)), passed: watch::Sender::new(false) }
    }

    /// Whether nothing is limited.
    pub(super) fn is_unlimited(&self) -> bool {
        self.lock().is_empty()
    }

    /// A request is over.
    pub(super) fn note(&self, sent: &Sent) {
        let mut purses = self.lock();
        purses.note(sent);
        if purses.passed().is_some() {
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
        let purses = self.lock();
        let (scope, spent, limit) = purses.passed()?;
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
        for (scope, verdict) in self.lock().judge(action) {
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

    fn lock(&self) -> MutexGuard<'_, Purses> {
        self.purses.lock().unwrap_or_else(PoisonError::into_inner)
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
