//! The command line itself. Help, completions, the man page and the lists in the README are made from this definition, or
//! compared with it.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use crate::domain::Payer;
use crate::transfer::Rule;

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
    /// Say why a store refused, with the evidence; and write more to the log file: -v says what is done, -vv every request
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

/// What can be done with objects.
#[derive(Subcommand, Debug)]
pub(super) enum ObjectCommand {
    /// List objects and prefixes
    Ls(Ls),
    /// Show what the store says of an object
    Stat(Stat),
    /// Write an object to standard output
    Cat(Cat),
    /// Download objects
    Get(Get),
    /// Upload files, folders or standard input
    Put(Put),
    /// Copy or move objects to another key, bucket, account or provider
    Cp(Cp),
    /// Delete objects
    Rm(Rm),
    /// Make a link that works without keys, the payer included
    Presign(Presign),
    /// List or abort unfinished multipart uploads: their parts are billed
    Uploads(Uploads),
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

/// Which of many objects are meant, beside the prefix.
#[derive(Args, Debug, Default)]
pub(super) struct Many {
    /// Everything below the prefix or folder, not one object
    #[arg(short, long)]
    pub(super) recursive: bool,
    /// Only what fits, named from the prefix or folder on: `*` is any text, also with `/`. The last rule that fits decides
    #[arg(long, value_name = "GLOB", value_parser = Ranked::of)]
    pub(super) include: Vec<Ranked>,
    /// Not what fits; see --include
    #[arg(long, value_name = "GLOB", value_parser = Ranked::of)]
    pub(super) exclude: Vec<Ranked>,
}

impl Many {
    /// The rules in the order in which they were written: the last one that fits decides.
    pub(super) fn rules(&self) -> Vec<Rule> {
        let include = self.include.iter().map(|ranked| (ranked.place, Rule::Include(ranked.text.clone())));
        let exclude = self.exclude.iter().map(|ranked| (ranked.place, Rule::Exclude(ranked.text.clone())));
        let mut rules: Vec<(usize, Rule)> = include.chain(exclude).collect();
        rules.sort_by_key(|(place, _)| *place);
        rules.into_iter().map(|(_, rule)| rule).collect()
    }
}

/// A value that knows its place on the command line among the values of other options.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Ranked {
    place: usize,
    text: String,
}

impl Ranked {
    /// Values are read in the order in which they were written.
    #[expect(clippy::unnecessary_wraps, reason = "it is a parser of values")]
    fn of(text: &str) -> Result<Self, String> {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        Ok(Self { place: NEXT.fetch_add(1, Ordering::Relaxed), text: text.to_owned() })
    }
}

/// `ls`
#[derive(Args, Debug)]
pub(super) struct Ls {
    /// ACCOUNT:BUCKET[/PREFIX]
    pub(super) target: String,
    /// Which of them.
    #[command(flatten)]
    pub(super) many: Many,
    /// Every version and delete marker below the prefix
    #[arg(long)]
    pub(super) versions: bool,
    /// Stop after so many pages of up to 1,000 rows; each is one request
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(super) pages: Option<u64>,
}

/// `stat`
#[derive(Args, Debug)]
pub(super) struct Stat {
    /// ACCOUNT:BUCKET/KEY
    #[arg(required = true, value_name = "TARGET")]
    pub(super) targets: Vec<String>,
    /// This version
    #[arg(long, value_name = "ID")]
    pub(super) version_id: Option<String>,
    /// Tags, permissions, versions and attributes too: up to four requests more for each object
    #[arg(long)]
    pub(super) all: bool,
}

/// `cat`
#[derive(Args, Debug)]
pub(super) struct Cat {
    /// ACCOUNT:BUCKET/KEY
    pub(super) target: String,
    /// This version
    #[arg(long, value_name = "ID")]
    pub(super) version_id: Option<String>,
    /// Only these bytes, counted from 0: FIRST-LAST or FIRST-
    #[arg(long, value_name = "RANGE")]
    pub(super) range: Option<String>,
}

/// `get`
#[derive(Args, Debug)]
pub(super) struct Get {
    /// ACCOUNT:BUCKET/KEY, or a prefix with -r
    pub(super) target: String,
    /// A file or a folder; the current folder if left out
    pub(super) path: Option<PathBuf>,
    /// Which of them.
    #[command(flatten)]
    pub(super) many: Many,
    /// This version
    #[arg(long, value_name = "ID", conflicts_with = "recursive")]
    pub(super) version_id: Option<String>,
    /// Replace files that exist, without asking; so does --yes
    #[arg(long)]
    pub(super) overwrite: bool,
    /// At most so many bytes in a second: 500K, 10M
    #[arg(long, value_name = "RATE")]
    pub(super) limit_rate: Option<String>,
}

/// `put`
#[derive(Args, Debug)]
pub(super) struct Put {
    /// Files, folders (with -r) or `-` for standard input; last the target: ACCOUNT:BUCKET/KEY, or a prefix that ends in `/`
    #[arg(required = true, num_args = 2.., value_names = ["PATH", "TARGET"])]
    pub(super) paths: Vec<PathBuf>,
    /// Which of them.
    #[command(flatten)]
    pub(super) many: Many,
    /// What is stored beside the bytes.
    #[command(flatten)]
    pub(super) settings: Beside,
    /// Replace objects that exist, without asking; so does --yes
    #[arg(long)]
    pub(super) overwrite: bool,
    /// At most so many bytes in a second: 500K, 10M
    #[arg(long, value_name = "RATE")]
    pub(super) limit_rate: Option<String>,
}

/// What is stored beside an object's bytes.
#[derive(Args, Debug, Default)]
pub(super) struct Beside {
    /// The media type; guessed from the name if left out
    #[arg(long, value_name = "TYPE")]
    pub(super) content_type: Option<String>,
    /// The Cache-Control header
    #[arg(long, value_name = "TEXT")]
    pub(super) cache_control: Option<String>,
    /// The Content-Disposition header
    #[arg(long, value_name = "TEXT")]
    pub(super) content_disposition: Option<String>,
    /// The Content-Encoding header; the bytes are stored as they are
    #[arg(long, value_name = "TEXT")]
    pub(super) content_encoding: Option<String>,
    /// User metadata; repeat for more
    #[arg(long, value_name = "NAME=VALUE")]
    pub(super) metadata: Vec<String>,
    /// A tag; repeat for more
    #[arg(long, value_name = "KEY=VALUE")]
    pub(super) tag: Vec<String>,
    /// The storage class, in the provider's own word
    #[arg(long, value_name = "CLASS")]
    pub(super) storage_class: Option<String>,
    /// One of the provider's canned ACLs: private, public-read, …
    #[arg(long, value_name = "ACL")]
    pub(super) acl: Option<String>,
}

/// `cp`
#[derive(Args, Debug)]
pub(super) struct Cp {
    /// ACCOUNT:BUCKET/KEY, or a prefix with -r
    pub(super) source: String,
    /// ACCOUNT:BUCKET/KEY, or a prefix that ends in `/`
    pub(super) target: String,
    /// Which of them.
    #[command(flatten)]
    pub(super) many: Many,
    /// This version of the source
    #[arg(long, value_name = "ID", conflicts_with = "recursive")]
    pub(super) version_id: Option<String>,
    /// What is stored beside the bytes, in place of what the source has.
    #[command(flatten)]
    pub(super) settings: Beside,
    /// Delete each original once its copy is verified
    #[arg(long = "move")]
    pub(super) moves: bool,
    /// Replace objects that exist, without asking; so does --yes
    #[arg(long)]
    pub(super) overwrite: bool,
    /// At most so many bytes in a second, where they pass through this machine: 500K, 10M
    #[arg(long, value_name = "RATE")]
    pub(super) limit_rate: Option<String>,
}

/// `rm`
#[derive(Args, Debug)]
pub(super) struct Rm {
    /// ACCOUNT:BUCKET/KEY, or a prefix with -r; all in one bucket
    #[arg(required = true, value_name = "TARGET")]
    pub(super) targets: Vec<String>,
    /// Which of them.
    #[command(flatten)]
    pub(super) many: Many,
    /// Delete every version and delete marker too, for ever
    #[arg(long, conflicts_with = "version_id")]
    pub(super) versions: bool,
    /// This version, for ever
    #[arg(long, value_name = "ID", conflicts_with = "recursive")]
    pub(super) version_id: Option<String>,
}

/// `presign`
#[derive(Args, Debug)]
pub(super) struct Presign {
    /// ACCOUNT:BUCKET/KEY
    pub(super) target: String,
    /// How long it works: 90s, 15m, 12h, 7d
    #[arg(long, value_name = "TIME", default_value = "1h")]
    pub(super) expires: String,
    /// A link for uploading, not for downloading
    #[arg(long)]
    pub(super) put: bool,
    /// This version
    #[arg(long, value_name = "ID", conflicts_with = "put")]
    pub(super) version_id: Option<String>,
}

/// `uploads`
#[derive(Args, Debug)]
pub(super) struct Uploads {
    /// ACCOUNT:BUCKET[/PREFIX]
    pub(super) target: String,
    /// Abort them, after a confirmation; their parts are billed no longer
    #[arg(long)]
    pub(super) abort: bool,
}

/// `journal`
#[derive(Args, Debug)]
pub(super) struct JournalLines {
    /// At most so many lines, newest first
    #[arg(long, value_name = "N", default_value_t = 50)]
    pub(super) limit: usize,
    /// List transfers that were begun and not finished, instead: the same command again goes on with them
    #[arg(long, conflicts_with = "limit")]
    pub(super) unfinished: bool,
    /// Give up this unfinished transfer, after a confirmation: abort its uploads, remove its temporary files
    #[arg(long, value_name = "NUMBER", conflicts_with = "limit")]
    pub(super) give_up: Option<i64>,
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

/// Consent, in the one word that both clouds know.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PayWord {
    /// Whoever sends the request pays for it
    Requester,
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
