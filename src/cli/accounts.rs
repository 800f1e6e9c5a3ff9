//! `accounts`: what is configured, where the keys come from, and whom they belong to.

use serde::Serialize;

use crate::app::Identified;
use crate::config::Account;
use crate::domain::{Access, Error, ErrorKind, Result};

use super::board::Board;
use super::failure::{Failure, Fields};
use super::output::{Ink, Output};
use super::table::{self, Cell};
use super::tasks;

/// STS allows few requests per second; nobody has so many accounts that more would help.
const AT_ONCE: usize = 8;

/// An account, and where its keys come from.
pub(super) struct Listed<'a> {
    /// The account.
    pub(super) account: &'a Account,
    /// For people: `profile research`.
    pub(super) origin: String,
}

/// Lists the accounts.
///
/// # Errors
/// When an account's identity could not be asked for.
pub(super) async fn run(board: &impl Board, listed: Vec<Listed<'_>>, output: &Output) -> std::result::Result<(), Failure> {
    let identities = identities(board, &listed, output).await;
    let rows: Vec<(&Listed<'_>, &Result<Identified>)> = listed.iter().zip(&identities).collect();
    if output.is_json() {
        rows.iter().for_each(|(listed, identity)| output.object(&Line::new(listed, identity)));
    } else {
        let heading = ["ACCOUNT", "PROVIDER", "REGION", "ENDPOINT", "ACCESS", "CREDENTIALS", "ACCOUNT ID", "IDENTITY"];
        let rows: Vec<Vec<Cell>> = rows.iter().map(|(listed, identity)| row(listed, identity)).collect();
        table::print(output, &heading, &rows);
    }
    let (done, failed): (Vec<_>, Vec<_>) = listed.iter().zip(identities).partition(|(_, identity)| identity.is_ok());
    let failures = failed.into_iter().filter_map(|(listed, identity)| Some(identity.err()?.target(listed.account.name.as_str())));
    Failure::of_many("accounts", done.len(), failures.collect())
}

async fn identities(board: &impl Board, listed: &[Listed<'_>], output: &Output) -> Vec<Result<Identified>> {
    let names = listed.iter().map(|listed| listed.account.name.clone()).collect();
    let ask = |name| {
        let board = board.clone();
        async move { board.identify(&name).await }
    };
    let answers = tasks::in_order(names, AT_ONCE, std::future::pending::<()>(), ask, |_| {}).await;
    output.clear_progress();
    answers
        .into_iter()
        .map(|answer| answer.unwrap_or_else(|| Err(Error::new(ErrorKind::Internal, "asking for the identity broke off"))))
        .collect()
}

fn row(listed: &Listed<'_>, identity: &Result<Identified>) -> Vec<Cell> {
    let Account { name, site, access, .. } = listed.account;
    let (account_id, who) = match identity {
        Ok(Identified { identity: Some(caller), .. }) => (Cell::new(&caller.account_id), Cell::new(&caller.arn)),
        Ok(Identified { identity: None, key_id: Some(key) }) => (Cell::new(""), Cell::new(&format!("key {key}; this store has no STS"))),
        Ok(Identified { identity: None, key_id: None }) => (Cell::new(""), Cell::new("anonymous")),
        Err(error) => (Cell::new(""), Cell::inked(Ink::Wrong, error.message())),
    };
    vec![
        Cell::new(name.as_str()),
        Cell::new(site.provider.as_str()),
        Cell::new(&site.region),
        Cell::new(site.endpoint.as_deref().unwrap_or("the region's own")),
        Cell::new(access_word(*access)),
        Cell::new(&listed.origin),
        account_id,
        who,
    ]
}

/// The word of the config file.
fn access_word(access: Access) -> &'static str {
    match access {
        Access::Normal => "normal",
        Access::Protected => "protected",
        Access::ReadOnly => "read-only",
    }
}

#[derive(Serialize)]
struct Line<'a> {
    account: &'a str,
    provider: &'static str,
    region: &'a str,
    endpoint: Option<&'a str>,
    access: &'static str,
    credentials: &'a str,
    account_id: Option<&'a str>,
    arn: Option<&'a str>,
    key_id: Option<&'a str>,
    error: Option<Fields<'a>>,
}

impl<'a> Line<'a> {
    fn new(listed: &'a Listed<'_>, identity: &'a Result<Identified>) -> Self {
        let known = identity.as_ref().ok();
        let caller = known.and_then(|known| known.identity.as_ref());
        Self {
            account: listed.account.name.as_str(),
            provider: listed.account.site.provider.as_str(),
            region: &listed.account.site.region,
            endpoint: listed.account.site.endpoint.as_deref(),
            access: access_word(listed.account.access),
            credentials: &listed.origin,
            account_id: caller.map(|caller| caller.account_id.as_str()),
            arn: caller.map(|caller| caller.arn.as_str()),
            key_id: known.and_then(|known| known.key_id.as_deref()),
            error: identity.as_ref().err().map(Fields::from),
        }
    }
}
