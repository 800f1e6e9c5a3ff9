//! The command line itself. Help, completions, the man page and the lists in the README are made from this definition, or
//! compared with it.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use crate::domain::Payer;

/// What stands below the long help and in the man page.
pub(super) const AFTER_HELP: &str = "\
TARGET is ACCOUNT:BUCKET. s3://BUCKET and oss://BUCKET work where one account fits, or with --account NAME.

Examples:
  whopays demo                                      look around, without an account
  whopays config init                               write a config file to fill in
  whopays                                           open the console on your accounts
  whopays buckets --payer requester                 the buckets that others pay for
  whopays payer set requester lab:images --dry-run  what would be changed

Exit codes:
  0    done
  1    failed
  2    usage or config
  3    denied by the store
  4    not found
  5    refused for safety (no confirmation, read-only account)
  6    network
  7    partly done; what failed is listed
  130  interrupted

Environment:
  WHOPAYS_CONFIG     the config file, unless --config names one
  WHOPAYS_STATE_DIR  where the journal and the log live
  NO_COLOR           no colours, if set and not empty";

/// Who pays for a bucket, and who pays for what you are about to do.
///
/// Without a command, the console opens: every account's buckets on Amazon S3, Alibaba Cloud OSS and S3-compatible
/// stores, with their payer. What the console can do without a screen is also a command.
#[derive(Parser, Debug)]
#[command(
    name = "whopays",
    version,
    override_usage = "whopays [OPTIONS] [TARGET]\n       whopays [OPTIONS] <COMMAND>",
    after_long_help = AFTER_HELP,
    disable_help_subcommand = true,
    max_term_width = 100
)]
pub(super) struct CommandLine {
    /// Open the console on this bucket
    pub(super) target: Option<String>,
    /// What follows a first word that is no command: kept to say so, since `whopays bukets lab` is a misspelt command.
    #[arg(hide = true)]
    pub(super) rest: Vec<String>,
    /// What applies to every command.
    #[command(flatten)]
    pub(super) global: Global,
    /// What to do without the console.
    #[command(subcommand)]
    pub(super) command: Option<Command>,
}

/// Options of every command.
#[derive(Args, Debug)]
#[command(next_help_heading = "Options of every command")]
#[expect(clippy::struct_excessive_bools, reason = "each is one switch of the command line")]
pub(super) struct Global {
    /// Print one JSON object per line on stdout, and errors as one JSON object on stderr
    #[arg(long, global = true)]
    pub(super) json: bool,
    /// Say what would be done, and do nothing
    #[arg(long, global = true)]
    pub(super) dry_run: bool,
    /// Answer every confirmation with yes
    #[arg(short, long, global = true)]
    pub(super) yes: bool,
    /// Show no progress on stderr
    #[arg(long, global = true)]
    pub(super) no_progress: bool,
    /// Act as this account of the config
    #[arg(long, global = true, value_name = "NAME")]
    pub(super) account: Option<String>,
    /// Use this region instead of the account's
    #[arg(long, global = true, value_name = "REGION")]
    pub(super) region: Option<String>,
    /// Use this endpoint instead of the account's
    #[arg(long, global = true, value_name = "URL")]
    pub(super) endpoint: Option<String>,
    /// Read this config file
    #[arg(long, global = true, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
    /// Write more to the log file: -v says what is done, -vv every request
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub(super) verbose: u8,
}

/// What can be done without the console.
#[derive(Subcommand, Debug)]
pub(super) enum Command {
    /// Open the console on an embedded store; no account, no network
    Demo(Demo),
    /// List the configured accounts, where their credentials come from, and who they are
    Accounts,
    /// List every bucket with its region and payer
    Buckets(Buckets),
    /// Read or change who pays for a bucket
    #[command(subcommand)]
    Payer(PayerCommand),
    /// List what was changed, and by whom
    Journal(JournalLines),
    /// Make, check or find the config file
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Print the completions for a shell
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Print the man page
    Man,
}

/// `demo`
#[derive(Args, Debug)]
pub(super) struct Demo {
    /// Run only the store, and print its endpoints, keys and a ready config
    #[arg(long)]
    pub(super) serve: bool,
    /// Where the store listens: a loopback address, port 0 for a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0")]
    pub(super) listen: SocketAddr,
    /// Delay every answer by so many milliseconds
    #[arg(long, value_name = "MS", default_value_t = 0)]
    pub(super) latency: u64,
    /// Add an account `crowd` with so many buckets, to see how a large board feels
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(super) buckets: usize,
    /// With --serve: append every request to this file, one JSON object per line
    #[arg(long, value_name = "FILE", requires = "serve", conflicts_with = "synthetic")]
    pub(super) log: Option<PathBuf>,
    /// With --serve: a store for benchmarks instead, whose buckets have so many made-up keys; signatures are not checked
    #[arg(long, value_name = "N", requires = "serve", conflicts_with = "buckets")]
    pub(super) synthetic: Option<u64>,
    /// With --synthetic: serve HTTPS with this certificate (PEM)
    #[arg(long, value_name = "FILE", requires_all = ["synthetic", "tls_key"])]
    pub(super) tls_cert: Option<PathBuf>,
    /// With --synthetic: the key of the certificate (PEM)
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub(super) tls_key: Option<PathBuf>,
}

/// `buckets`
#[derive(Args, Debug)]
pub(super) struct Buckets {
    /// Only these accounts
    #[arg(value_name = "ACCOUNT")]
    pub(super) accounts: Vec<String>,
    /// Only buckets with this payer
    #[arg(long)]
    pub(super) payer: Option<PayerWord>,
}

/// `payer`
#[derive(Subcommand, Debug)]
pub(super) enum PayerCommand {
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
}

/// `journal`
#[derive(Args, Debug)]
pub(super) struct JournalLines {
    /// At most so many lines, newest first
    #[arg(long, value_name = "N", default_value_t = 50)]
    pub(super) limit: usize,
}

/// `config`
#[derive(Subcommand, Clone, Copy, Debug)]
pub(super) enum ConfigCommand {
    /// Write a commented config file, unless one stands there
    Init,
    /// Read the config file and say what is wrong with it
    Check,
    /// Print where the config file is looked for
    Path,
}

/// The two payers, as short words.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PayerWord {
    /// Whoever sends a request pays for it
    Requester,
    /// The bucket's owner pays
    Owner,
}

impl PayerWord {
    /// The payer in the services' own words.
    pub(super) fn payer(self) -> Payer {
        match self {
            Self::Requester => Payer::Requester,
            Self::Owner => Payer::BucketOwner,
        }
    }
}

/// The definition of the whole command line, for tests that compare documents with it.
pub fn command_line() -> clap::Command {
    <CommandLine as clap::CommandFactory>::command()
}
