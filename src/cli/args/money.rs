//! Commands about what requests cost: the ledger and the price book.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::domain::By;

/// `ledger`
#[derive(Args, Debug)]
pub(in crate::cli) struct LedgerLines {
    /// From this day on: 2026-11-21, or 30d for the last thirty days; days are those of UTC
    #[arg(long, value_name = "DAY")]
    pub(in crate::cli) since: Option<String>,
    /// Until this day, it included
    #[arg(long, value_name = "DAY")]
    pub(in crate::cli) until: Option<String>,
    /// One line for each of these
    #[arg(long, value_name = "WHAT", default_value = "day")]
    pub(in crate::cli) by: ByWord,
    /// Only requests about this bucket
    #[arg(long, value_name = "BUCKET")]
    pub(in crate::cli) bucket: Option<String>,
    /// Only this operation, such as ListObjectsV2
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) operation: Option<String>,
    /// Print the single requests instead, newest first
    #[arg(long, conflicts_with = "by")]
    pub(in crate::cli) requests: bool,
    /// With --requests: at most so many; otherwise 50 for people, all with --json or --csv
    #[arg(long, value_name = "N", requires = "requests")]
    pub(in crate::cli) limit: Option<usize>,
    /// Print CSV (RFC 4180) with a heading
    #[arg(long)]
    pub(in crate::cli) csv: bool,
    /// Remove the single requests from before this day, after a confirmation; their sums stay
    #[arg(long, value_name = "DAY", conflicts_with_all = ["since", "until", "by", "bucket", "operation", "requests", "csv"])]
    pub(in crate::cli) prune: Option<String>,
}

/// By what the ledger is summed up.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cli) enum ByWord {
    /// By account
    Account,
    /// By account and bucket
    Bucket,
    /// By operation
    Operation,
    /// By day, newest first
    Day,
}

impl ByWord {
    /// What the ledger calls it.
    pub(in crate::cli) fn by(self) -> By {
        match self {
            Self::Account => By::Account,
            Self::Bucket => By::Bucket,
            Self::Operation => By::Operation,
            Self::Day => By::Day,
        }
    }
}

/// `prices`
#[derive(Args, Debug)]
pub(in crate::cli) struct PricesAsked {
    /// Only this provider's
    pub(in crate::cli) provider: Option<ProviderWord>,
    /// Only what holds in this region
    pub(in crate::cli) in_region: Option<String>,
    /// Check this price book instead, and list every mistake in it
    #[arg(long, value_name = "FILE", conflicts_with_all = ["provider", "in_region"])]
    pub(in crate::cli) validate: Option<PathBuf>,
}

/// A provider by its word.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cli) enum ProviderWord {
    /// Amazon S3
    S3,
    /// Alibaba Cloud OSS
    Oss,
}
