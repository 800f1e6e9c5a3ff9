//! Words and kinds that have a number in the file: a line holds the number.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension, params_from_iter};

use crate::domain::op::{PriceClass, ROWS};
use crate::domain::{AccountName, Kind, Op, Provider};

/// How many of each are remembered before they are forgotten together: paths to hosts come and go in long sessions.
const MOST: usize = 50_000;

/// A kind in numbers, in the order of the table's columns.
type Columns = [i64; 9];

/// Numbers that were given or found on one connection.
#[derive(Default)]
pub(super) struct Names {
    words: HashMap<Arc<str>, i64>,
    kinds: HashMap<Columns, i64>,
}

impl Names {
    /// The number of a kind, and of its account, bucket and operation.
    pub(super) fn of(&mut self, connection: &Connection, kind: &Kind) -> rusqlite::Result<(i64, [i64; 3])> {
        if self.words.len() + self.kinds.len() > MOST {
            *self = Self::default();
        }
        let mut word = |text: &str| self.word(connection, text);
        let subject = [word(kind.account.as_str())?, word(kind.bucket.as_deref().unwrap_or_default())?, word(kind.op.row().name)?];
        let [account, bucket, op] = subject;
        let (region, method, host) = (word(&kind.region)?, word(&kind.method)?, word(&kind.host)?);
        let caller = word(kind.caller.as_deref().unwrap_or_default())?;
        let columns = [account, bucket, op, provider_number(kind.provider), class_number(kind.class), region, method, host, caller];
        if let Some(id) = self.kinds.get(&columns) {
            return Ok((*id, subject));
        }
        let mut insert = connection.prepare_cached(
            "INSERT OR IGNORE INTO kind (account, bucket, op, provider, class, region, method, host, caller)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        )?;
        insert.execute(params_from_iter(columns))?;
        let mut select = connection.prepare_cached(
            "SELECT id FROM kind WHERE account = ?1 AND bucket = ?2 AND op = ?3 AND provider = ?4 AND class = ?5 AND region = ?6
             AND method = ?7 AND host = ?8 AND caller = ?9",
        )?;
        let id = select.query_row(params_from_iter(columns), |row| row.get(0))?;
        self.kinds.insert(columns, id);
        Ok((id, subject))
    }

    /// The number of a word; 0 for an empty one.
    fn word(&mut self, connection: &Connection, text: &str) -> rusqlite::Result<i64> {
        if text.is_empty() {
            return Ok(0);
        }
        if let Some(id) = self.words.get(text) {
            return Ok(*id);
        }
        connection.prepare_cached("INSERT OR IGNORE INTO name (text) VALUES (?1)")?.execute([text])?;
        let id = connection.prepare_cached("SELECT id FROM name WHERE text = ?1")?.query_row([text], |row| row.get(0))?;
        self.words.insert(Arc::from(text), id);
        Ok(id)
    }
}

/// The number of a word that may be in the file.
pub(super) fn find(connection: &Connection, text: &str) -> rusqlite::Result<Option<i64>> {
    connection.prepare_cached("SELECT id FROM name WHERE text = ?1")?.query_row([text], |row| row.get(0)).optional()
}

/// Words and kinds by their numbers, each read once.
pub(super) struct Words<'a> {
    connection: &'a Connection,
    read: HashMap<i64, Arc<str>>,
    kinds: HashMap<i64, Option<Arc<Kind>>>,
}

impl<'a> Words<'a> {
    pub(super) fn of(connection: &'a Connection) -> Self {
        Self { connection, read: HashMap::new(), kinds: HashMap::new() }
    }

    /// The word; an empty one for 0.
    pub(super) fn get(&mut self, id: i64) -> rusqlite::Result<Arc<str>> {
        if id == 0 {
            return Ok(Arc::from(""));
        }
        if let Some(word) = self.read.get(&id) {
            return Ok(word.clone());
        }
        let mut select = self.connection.prepare_cached("SELECT text FROM name WHERE id = ?1")?;
        let word: Arc<str> = select.query_row([id], |row| row.get::<_, String>(0))?.into();
        self.read.insert(id, word.clone());
        Ok(word)
    }

    /// The kind. `None`: its operation is one that a newer version knows.
    pub(super) fn kind(&mut self, id: i64) -> rusqlite::Result<Option<Arc<Kind>>> {
        if let Some(kind) = self.kinds.get(&id) {
            return Ok(kind.clone());
        }
        let mut select = self
            .connection
            .prepare_cached("SELECT account, bucket, op, region, method, host, caller, provider, class FROM kind WHERE id = ?1")?;
        let numbers: Option<Columns> = select
            .query_row([id], |row| {
                let mut numbers = Columns::default();
                for (column, number) in numbers.iter_mut().enumerate() {
                    *number = row.get(column)?;
                }
                Ok(numbers)
            })
            .optional()?;
        let kind = match numbers {
            Some(numbers) => self.spelt(&numbers)?.map(Arc::new),
            None => None,
        };
        self.kinds.insert(id, kind.clone());
        Ok(kind)
    }

    fn spelt(
        &mut self,
        [account, bucket, op_name, region, method, host, caller, provider_id, class_id]: &Columns,
    ) -> rusqlite::Result<Option<Kind>> {
        let op_name = self.get(*op_name)?;
        let (Some(op), Some(provider), Some(class)) = (op(&op_name), provider(*provider_id), class(*class_id)) else { return Ok(None) };
        let some = |word: Arc<str>| Some(word).filter(|word| !word.is_empty());
        Ok(Some(Kind {
            account: AccountName::new(self.get(*account)?),
            caller: some(self.get(*caller)?),
            provider,
            region: self.get(*region)?,
            bucket: some(self.get(*bucket)?),
            op,
            class,
            method: Cow::Owned(self.get(*method)?.to_string()),
            host: self.get(*host)?,
        }))
    }
}

fn provider_number(provider: Provider) -> i64 {
    match provider {
        Provider::S3 => 0,
        Provider::Oss => 1,
    }
}

/// The provider of a number.
fn provider(number: i64) -> Option<Provider> {
    [Provider::S3, Provider::Oss].into_iter().find(|known| provider_number(*known) == number)
}

fn class_number(class: PriceClass) -> i64 {
    match class {
        PriceClass::Free => 0,
        PriceClass::Tier1 => 1,
        PriceClass::Tier2 => 2,
        PriceClass::PutType => 3,
        PriceClass::GetType => 4,
        PriceClass::Restore => 5,
    }
}

/// The price class of a number.
fn class(number: i64) -> Option<PriceClass> {
    let all = [PriceClass::Free, PriceClass::Tier1, PriceClass::Tier2, PriceClass::PutType, PriceClass::GetType, PriceClass::Restore];
    all.into_iter().find(|known| class_number(*known) == number)
}

/// The operation of a name in the table of operations.
fn op(name: &str) -> Option<Op> {
    ROWS.iter().find(|row| row.name == name).map(|row| row.op)
}
