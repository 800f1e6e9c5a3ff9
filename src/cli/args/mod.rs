//! The command line itself. Help, completions, the man page and the lists in the README are made from this definition, or
//! compared with it.

mod house;
mod many;
mod objects;
mod payers;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

pub(super) use house::{ConfigCommand, Demo, JournalLines};
pub(super) use objects::{Beside, Cat, Cp, Get, Ls, ObjectCommand, Presign, Put, Rm, Stat, Uploads};
pub(super) use payers::{Buckets, PayerCommand, PayerWord, Probe};

/// What stands below the long help and in the man page.
pub(super) const AFTER_HELP: &str = "\
TARGET is ACCOUNT:BUCKET, or ACCOUNT:BUCKET/KEY for objects. s3://BUCKET/KEY and oss://BUCKET/KEY work where one
account fits, or with --account NAME.

Examples:
  whopays demo                                      look around, without an account
  whopays config init                               write a config file to fill in
  whopays                                           open the console on your accounts
  whopays buckets --payer requester                 the buckets that others pay for
  whopays payer set requester lab:images --dry-run  what would be changed
  whopays probe research:arxiv --request-payer requester
                                                    prove who pays for somebody's bucket
  whopays ls research:arxiv/src/ --request-payer requester
                                                    list somebody's requester-pays bucket, on your bill
  whopays get research:arxiv/src/a.tar .            download one object
  whopays put -r photos lab:images/2026/            upload a folder

Exit codes:
  0    done
  1    failed
  2    usage or config
  3    denied by the store
  4    not found
  5    refused for safety (no confirmation, something exists, read-only account, never pay)
  6    network
  7    partly done; what failed is listed
  130  interrupted

Who is billed for what: docs/billing.md in the program's repository.

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
    /// Answer every confirmation with yes, also whether to replace what exists
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
    /// Pay for this command's requests, as the acting account: consent, where a bucket is requester-pays
    #[arg(long, global = true, value_name = "requester")]
    pub(super) request_payer: Option<PayWord>,
    /// Append every request to this file, one JSON object per line, without secrets
    #[arg(long, global = true, value_name = "FILE")]
    pub(super) trace: Option<PathBuf>,
    /// Show the evidence behind a refusal; and write more to the log file: -v says what is done, -vv every request
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
    /// Prove who pays for a bucket: unsigned, signed, and signed with the payer header
    Probe(Probe),
    /// Objects: list, read, write, copy, delete, link
    #[command(flatten)]
    Objects(Box<ObjectCommand>),
    /// List who changed which payer, and transfers that are not finished
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

/// Consent, in the one word that both clouds know.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PayWord {
    /// Whoever sends the request pays for it
    Requester,
}

/// The definition of the whole command line, for tests that compare documents with it.
pub fn command_line() -> clap::Command {
    <CommandLine as clap::CommandFactory>::command()
}
