//! Whose keys the accounts of a plan have: who pays is the account that those keys belong to, and a person can see it before.
//!
//! Comes in: accounts, and the work that a plan takes anyway. Goes out: identities, as far as STS told them. It is asked once for each
//! account, beside that work, and what it does not say in time is left out: no plan fails for it. Forbidden here: asking where no plan
//! is shown.

use std::time::Duration;

use crate::domain::escape::visible;
use crate::domain::{AccountName, Result};
use crate::runtime::clock;
use crate::runtime::engine::Engine;

/// How long a plan that is ready waits for the names.
const PATIENCE: Duration = Duration::from_secs(3);

/// The identities of accounts, as far as they are known.
#[derive(Debug, Default)]
pub(super) struct Callers {
    known: Vec<(AccountName, String)>,
}

impl Callers {
    /// Asks whose keys these accounts have while the work is done. Work that fails is not held up.
    pub(super) async fn beside<T>(engine: &Engine, accounts: &[AccountName], work: impl Future<Output = Result<T>>) -> Result<(T, Self)> {
        let (mut asking, mut work) = (std::pin::pin!(Self::ask(engine, accounts)), std::pin::pin!(work));
        tokio::select! {
            done = &mut work => {
                let done = done?;
                tokio::select! {
                    callers = &mut asking => Ok((done, callers)),
                    () = clock::sleep(PATIENCE) => Ok((done, Self::default())),
                }
            }
            callers = &mut asking => Ok((work.await?, callers)),
        }
    }

    /// The same where there is nothing else to do.
    pub(super) async fn of(engine: &Engine, accounts: &[AccountName]) -> Self {
        // This work does not fail.
        Self::beside(engine, accounts, std::future::ready(Ok(()))).await.map(|((), callers)| callers).unwrap_or_default()
    }

    async fn ask(engine: &Engine, accounts: &[AccountName]) -> Self {
        let mut callers = Self::default();
        for account in accounts {
            if callers.of_account(account).is_some() {
                continue;
            }
            // Whoever cannot be named is named by the account alone; what is asked next says why, if it matters.
            if let Ok(known) = engine.identify(account).await
                && let Some(identity) = known.identity
            {
                callers.known.push((account.clone(), identity.arn));
            }
        }
        callers
    }

    /// Whose keys an account has.
    pub(super) fn of_account(&self, account: &AccountName) -> Option<&str> {
        self.known.iter().find(|(name, _)| name == account).map(|(_, arn)| arn.as_str())
    }

    /// The same in a line of a plan, behind a label: `research is arn:aws:iam::111122223333:user/ana`.
    pub(super) fn lines(&self, label: &str) -> impl Iterator<Item = String> {
        self.known.iter().map(move |(account, arn)| format!("  {label}{} is {}", visible(account.as_str()), visible(arn)))
    }
}
