//! Commands on the payer of buckets: the board, and reading or changing one payer.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use crate::domain::Payer;

/// `buckets`
#[derive(Args, Debug)]
pub(in crate::cli) struct Buckets {
    /// Only these accounts
    #[arg(value_name = "ACCOUNT")]
    pub(in crate::cli) accounts: Vec<String>,
    /// Only buckets with this payer
    #[arg(long)]
    pub(in crate::cli) payer: Option<PayerWord>,
}

/// `probe`
#[derive(Args, Debug)]
pub(in crate::cli) struct Probe {
    /// ACCOUNT:BUCKET, with a key or a prefix (which ends in `/`) if only that may be read
    pub(in crate::cli) target: String,
    /// Try every operation that takes the payer header, on objects made and removed below this prefix; asks first
    #[arg(long)]
    pub(in crate::cli) conformance: bool,
}

/// `payer`
#[derive(Subcommand, Debug)]
pub(in crate::cli) enum PayerCommand {
    /// Read who pays for buckets
    Get {
        /// ACCOUNT:BUCKET, s3://BUCKET or oss://BUCKET
        #[arg(required = true, value_name = "TARGET")]
        targets: Vec<String>,
    },
    /// Change who pays for buckets: plan, confirm, apply, read back
    Set {
        /// Who is to pay
        payer: PayerWord,
        /// ACCOUNT:BUCKET, s3://BUCKET or oss://BUCKET
        #[arg(required = true, value_name = "TARGET")]
        targets: Vec<String>,
    },
    /// Compare a declared list of buckets and payers with what the stores answer; 7 if something differs
    Plan {
        /// A TOML file: `[[bucket]]` with target and payer for each; `-` is standard input
        file: PathBuf,
    },
    /// Make buckets pay as a declared list says: plan, confirm, apply, read back
    Apply {
        /// A TOML file: `[[bucket]]` with target and payer for each; `-` is standard input
        file: PathBuf,
    },
}

/// The two payers, as short words.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cli) enum PayerWord {
    /// Whoever sends a request pays for it
    Requester,
    /// The bucket's owner pays
    Owner,
}

impl PayerWord {
    /// The payer in the services' own words.
    pub(in crate::cli) fn payer(self) -> Payer {
        match self {
            Self::Requester => Payer::Requester,
            Self::Owner => Payer::BucketOwner,
        }
    }
}
