//! Consents that hold until they are taken back: for which bucket which account may be billed, in the console.
//!
//! A command does not read them: what it may pay for is said by its own `--request-payer`, or by the config.

use jiff::Timestamp;
use rusqlite::params;

use super::Journal;
use crate::domain::{AccountName, BucketId, BucketName, Provider, Result};

impl Journal {
    /// Keeps the user's word. Saying it twice is saying it once.
    ///
    /// # Errors
    /// `Local`, as for every line.
    pub fn keep_consent(&self, bucket: &BucketId, at: Timestamp) -> Result<()> {
        self.with(|connection| {
            let mut insert = connection.prepare_cached("INSERT OR REPLACE INTO consent (account, bucket, given_at) VALUES (?1, ?2, ?3)")?;
            insert.execute(params![bucket.account.as_str(), bucket.bucket.as_str(), at.to_string()]).map(drop)
        })
    }

    /// Takes it back.
    ///
    /// # Errors
    /// As [`Journal::keep_consent`].
    pub fn forget_consent(&self, bucket: &BucketId) -> Result<()> {
        self.with(|connection| {
            let mut delete = connection.prepare_cached("DELETE FROM consent WHERE account = ?1 AND bucket = ?2")?;
            delete.execute(params![bucket.account.as_str(), bucket.bucket.as_str()]).map(drop)
        })
    }

    /// Every consent that is kept. A name that cannot be a bucket's is no consent.
    ///
    /// # Errors
    /// As [`Journal::keep_consent`].
    pub fn consents(&self) -> Result<Vec<BucketId>> {
        let rows: Vec<(String, String)> = self.with(|connection| {
            let mut select = connection.prepare_cached("SELECT account, bucket FROM consent ORDER BY account, bucket")?;
            select.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
        })?;
        // The wider rules of the two providers: which one it is, the config says.
        let read = |(account, bucket): (String, String)| {
            let bucket = BucketName::parse(Provider::S3, &bucket).ok()?;
            Some(BucketId { account: AccountName::new(account), bucket })
        };
        Ok(rows.into_iter().filter_map(read).collect())
    }
}
