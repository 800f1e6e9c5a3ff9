//! What probes proved of buckets whose own setting may not be read: kept from one session to the next, each with its time.
//!
//! The newest observation holds: a proof gives way to a later one, and to a later answer of the store itself.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, params};

use super::Journal;
use super::seen::{Sighted, unsynced};
use crate::domain::probe::{Proof, Verdict};
use crate::domain::{AccountName, BucketId, BucketName, Provider, Result};

/// A proof as the file has it: store, account, bucket, verdict, evidence, time, and when the payer itself was last read.
type Columns = (String, String, String, String, String, String, Option<String>);

impl Journal {
    /// Keeps a proof, unless a newer one is there: two processes may probe at the same time.
    ///
    /// # Errors
    /// `Local`, as for every line. Nobody should be stopped by it.
    pub fn keep_proof(&self, bucket: &Sighted, proof: &Proof) -> Result<()> {
        self.with(|connection| {
            unsynced(connection, |lines| {
                let names = params![bucket.store, bucket.id.account.as_str(), bucket.id.bucket.as_str()];
                let known: Option<String> = lines
                    .prepare_cached("SELECT at FROM proof WHERE store = ?1 AND account = ?2 AND bucket = ?3")?
                    .query_row(names, |row| row.get(0))
                    .optional()?;
                if known.and_then(|at| at.parse::<Timestamp>().ok()).is_some_and(|at| at > proof.at) {
                    return Ok(());
                }
                let mut insert = lines.prepare_cached(
                    "INSERT OR REPLACE INTO proof (store, account, bucket, verdict, evidence, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                )?;
                let (account, name) = (bucket.id.account.as_str(), bucket.id.bucket.as_str());
                let (verdict, evidence) = (proof.verdict.as_str(), proof.evidence.join("\n"));
                insert.execute(params![bucket.store, account, name, verdict, evidence, proof.at.to_string()]).map(drop)
            })
        })
    }

    /// Every proof that holds, with its store. A line that is not understood is none.
    ///
    /// # Errors
    /// As [`Journal::keep_proof`].
    pub fn proofs(&self) -> Result<Vec<(Sighted, Proof)>> {
        let rows: Vec<Columns> = self.with(|connection| {
            let mut select = connection.prepare_cached(
                "SELECT proof.store, proof.account, proof.bucket, proof.verdict, proof.evidence, proof.at, seen.at FROM proof
                 LEFT JOIN seen ON (seen.store, seen.account, seen.bucket) = (proof.store, proof.account, proof.bucket)
                 ORDER BY proof.account, proof.bucket",
            )?;
            let row =
                |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?, row.get(6)?));
            select.query_map([], row)?.collect()
        })?;
        Ok(rows.into_iter().filter_map(understood).collect())
    }
}

fn understood((store, account, bucket, verdict, evidence, at, read): Columns) -> Option<(Sighted, Proof)> {
    let at: Timestamp = at.parse().ok()?;
    if read.and_then(|read| read.parse::<Timestamp>().ok()).is_some_and(|read| read > at) {
        return None;
    }
    let provider = [Provider::S3, Provider::Oss].into_iter().find(|provider| store.split(' ').next() == Some(provider.as_str()))?;
    let id = BucketId { account: AccountName::new(account), bucket: BucketName::parse(provider, &bucket).ok()? };
    let verdict = Verdict::ALL.into_iter().find(|known| known.as_str() == verdict)?;
    Some((Sighted { store, provider, id }, Proof { verdict, evidence: evidence.lines().map(str::to_owned).collect(), at }))
}
