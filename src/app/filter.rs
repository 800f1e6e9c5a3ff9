//! The filter line: words and `column:value` terms, all of which must match.
//!
//! Words look at account, bucket and region. The payer is asked for by name (`payer:requester`), because answering that
//! needs the payer of every bucket, and a word that happens to look like one must not cause a thousand requests.

use crate::domain::{PayerReading, Provider};

/// A parsed filter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Filter {
    words: Vec<String>,
    accounts: Vec<String>,
    buckets: Vec<String>,
    regions: Vec<String>,
    providers: Vec<String>,
    payers: Vec<String>,
}

/// What a filter sees of a bucket, the payer apart.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Face<'a> {
    pub(crate) account: &'a str,
    pub(crate) provider: Provider,
    pub(crate) bucket: &'a str,
    pub(crate) region: &'a str,
}

impl Filter {
    pub(crate) fn parse(text: &str) -> Self {
        let mut filter = Self::default();
        for term in text.split_whitespace() {
            let term = term.to_lowercase();
            match term.split_once(':') {
                Some(("payer", value)) => push(&mut filter.payers, value),
                Some(("account", value)) => push(&mut filter.accounts, value),
                Some(("bucket", value)) => push(&mut filter.buckets, value),
                Some(("region", value)) => push(&mut filter.regions, value),
                Some(("provider", value)) => push(&mut filter.providers, value),
                Some(_) | None => push(&mut filter.words, &term),
            }
        }
        filter
    }

    /// Whether the answer depends on payers.
    pub(crate) fn asks_payer(&self) -> bool {
        !self.payers.is_empty()
    }

    /// Whether the bucket matches everything but the payer terms.
    pub(crate) fn matches_face(&self, face: Face<'_>) -> bool {
        self.accounts.iter().all(|term| contains(face.account, term))
            && self.buckets.iter().all(|term| contains(face.bucket, term))
            && self.regions.iter().all(|term| contains(face.region, term))
            && self.providers.iter().all(|term| contains(face.provider.as_str(), term))
            && self
                .words
                .iter()
                .all(|term| contains(face.bucket, term) || contains(face.account, term) || contains(face.region, term) || pair(face, term))
    }

    /// Whether the payer terms match. A change under way matches by both of its values, so that the row stays in sight.
    pub(crate) fn matches_payer(&self, reading: &PayerReading) -> bool {
        self.payers.iter().all(|term| match reading {
            PayerReading::Read(payer) | PayerReading::Inferred(payer) => contains(payer.as_str(), term),
            PayerReading::Changing { .. } => true,
            PayerReading::NotRead => contains("not_read", term) || contains("unread", term),
            PayerReading::Denied | PayerReading::Unsupported | PayerReading::Failed => contains(reading.state(), term),
        })
    }
}

fn push(terms: &mut Vec<String>, value: &str) {
    if !value.is_empty() {
        terms.push(value.to_owned());
    }
}

/// `account:bucket`, typed as it is shown.
fn pair(face: Face<'_>, term: &str) -> bool {
    term.split_once(':').is_some_and(|(account, bucket)| face.account.eq_ignore_ascii_case(account) && contains(face.bucket, bucket))
}

/// Whether `text` contains `term`, which is in lower case. No allocation: it runs for every row and key.
pub(crate) fn contains(text: &str, term: &str) -> bool {
    if !text.is_ascii() {
        return text.to_lowercase().contains(term);
    }
    term.is_empty() || text.as_bytes().windows(term.len()).any(|window| window.eq_ignore_ascii_case(term.as_bytes()))
}
