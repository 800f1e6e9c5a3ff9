//! Commands on objects: list, read, write, copy, delete, link.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::many::Many;

/// What can be done with objects.
#[derive(Subcommand, Debug)]
pub(in crate::cli) enum ObjectCommand {
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

/// `ls`
#[derive(Args, Debug)]
pub(in crate::cli) struct Ls {
    /// ACCOUNT:BUCKET[/PREFIX]
    pub(in crate::cli) target: String,
    /// Which of them.
    #[command(flatten)]
    pub(in crate::cli) many: Many,
    /// Every version and delete marker below the prefix
    #[arg(long)]
    pub(in crate::cli) versions: bool,
    /// Stop after so many pages of up to 1,000 rows; each is one request
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(in crate::cli) pages: Option<u64>,
}

/// `stat`
#[derive(Args, Debug)]
pub(in crate::cli) struct Stat {
    /// ACCOUNT:BUCKET/KEY
    #[arg(required = true, value_name = "TARGET")]
    pub(in crate::cli) targets: Vec<String>,
    /// This version
    #[arg(long, value_name = "ID")]
    pub(in crate::cli) version_id: Option<String>,
    /// Tags, permissions, versions and attributes too: up to four requests more for each object
    #[arg(long)]
    pub(in crate::cli) all: bool,
}

/// `cat`
#[derive(Args, Debug)]
pub(in crate::cli) struct Cat {
    /// ACCOUNT:BUCKET/KEY
    pub(in crate::cli) target: String,
    /// This version
    #[arg(long, value_name = "ID")]
    pub(in crate::cli) version_id: Option<String>,
    /// Only these bytes, counted from 0: FIRST-LAST or FIRST-
    #[arg(long, value_name = "RANGE")]
    pub(in crate::cli) range: Option<String>,
}

/// `get`
#[derive(Args, Debug)]
pub(in crate::cli) struct Get {
    /// ACCOUNT:BUCKET/KEY, or a prefix with -r
    pub(in crate::cli) target: String,
    /// A file or a folder; the current folder if left out
    pub(in crate::cli) path: Option<PathBuf>,
    /// Which of them.
    #[command(flatten)]
    pub(in crate::cli) many: Many,
    /// This version
    #[arg(long, value_name = "ID", conflicts_with = "recursive")]
    pub(in crate::cli) version_id: Option<String>,
    /// Replace files that exist, without asking; so does --yes
    #[arg(long)]
    pub(in crate::cli) overwrite: bool,
    /// At most so many bytes in a second: 500K, 10M
    #[arg(long, value_name = "RATE")]
    pub(in crate::cli) limit_rate: Option<String>,
}

/// `put`
#[derive(Args, Debug)]
pub(in crate::cli) struct Put {
    /// Files, folders (with -r) or `-` for standard input; last the target: ACCOUNT:BUCKET/KEY, or a prefix that ends in `/`
    #[arg(required = true, num_args = 2.., value_names = ["PATH", "TARGET"])]
    pub(in crate::cli) paths: Vec<PathBuf>,
    /// Which of them.
    #[command(flatten)]
    pub(in crate::cli) many: Many,
    /// What is stored beside the bytes.
    #[command(flatten)]
    pub(in crate::cli) settings: Beside,
    /// Replace objects that exist, without asking; so does --yes
    #[arg(long)]
    pub(in crate::cli) overwrite: bool,
    /// At most so many bytes in a second: 500K, 10M
    #[arg(long, value_name = "RATE")]
    pub(in crate::cli) limit_rate: Option<String>,
}

/// What is stored beside an object's bytes.
#[derive(Args, Debug, Default)]
pub(in crate::cli) struct Beside {
    /// The media type; guessed from the name if left out
    #[arg(long, value_name = "TYPE")]
    pub(in crate::cli) content_type: Option<String>,
    /// The Cache-Control header
    #[arg(long, value_name = "TEXT")]
    pub(in crate::cli) cache_control: Option<String>,
    /// The Content-Disposition header
    #[arg(long, value_name = "TEXT")]
    pub(in crate::cli) content_disposition: Option<String>,
    /// The Content-Encoding header; the bytes are stored as they are
    #[arg(long, value_name = "TEXT")]
    pub(in crate::cli) content_encoding: Option<String>,
    /// User metadata; repeat for more
    #[arg(long, value_name = "NAME=VALUE")]
    pub(in crate::cli) metadata: Vec<String>,
    /// A tag; repeat for more
    #[arg(long, value_name = "KEY=VALUE")]
    pub(in crate::cli) tag: Vec<String>,
    /// The storage class, in the provider's own word
    #[arg(long, value_name = "CLASS")]
    pub(in crate::cli) storage_class: Option<String>,
    /// One of the provider's canned ACLs: private, public-read, …
    #[arg(long, value_name = "ACL")]
    pub(in crate::cli) acl: Option<String>,
}

/// `cp`
#[derive(Args, Debug)]
pub(in crate::cli) struct Cp {
    /// ACCOUNT:BUCKET/KEY, or a prefix with -r
    pub(in crate::cli) source: String,
    /// ACCOUNT:BUCKET/KEY, or a prefix that ends in `/`
    pub(in crate::cli) target: String,
    /// Which of them.
    #[command(flatten)]
    pub(in crate::cli) many: Many,
    /// This version of the source
    #[arg(long, value_name = "ID", conflicts_with = "recursive")]
    pub(in crate::cli) version_id: Option<String>,
    /// What is stored beside the bytes, in place of what the source has.
    #[command(flatten)]
    pub(in crate::cli) settings: Beside,
    /// Delete each original once its copy is verified
    #[arg(long = "move")]
    pub(in crate::cli) moves: bool,
    /// Copy through this machine, whatever the store can: the bytes are downloaded, which is billed, and uploaded again
    #[arg(long)]
    pub(in crate::cli) stream: bool,
    /// Replace objects that exist, without asking; so does --yes
    #[arg(long)]
    pub(in crate::cli) overwrite: bool,
    /// At most so many bytes in a second, where they pass through this machine: 500K, 10M
    #[arg(long, value_name = "RATE")]
    pub(in crate::cli) limit_rate: Option<String>,
}

/// `rm`
#[derive(Args, Debug)]
pub(in crate::cli) struct Rm {
    /// ACCOUNT:BUCKET/KEY, or a prefix with -r; all in one bucket
    #[arg(required = true, value_name = "TARGET")]
    pub(in crate::cli) targets: Vec<String>,
    /// Which of them.
    #[command(flatten)]
    pub(in crate::cli) many: Many,
    /// Delete every version and delete marker too, for ever
    #[arg(long, conflicts_with = "version_id")]
    pub(in crate::cli) versions: bool,
    /// This version, for ever
    #[arg(long, value_name = "ID", conflicts_with = "recursive")]
    pub(in crate::cli) version_id: Option<String>,
}

/// `presign`
#[derive(Args, Debug)]
pub(in crate::cli) struct Presign {
    /// ACCOUNT:BUCKET/KEY
    pub(in crate::cli) target: String,
    /// How long it works: 90s, 15m, 12h, 7d
    #[arg(long, value_name = "TIME", default_value = "1h")]
    pub(in crate::cli) expires: String,
    /// A link for uploading, not for downloading
    #[arg(long)]
    pub(in crate::cli) put: bool,
    /// This version
    #[arg(long, value_name = "ID", conflicts_with = "put")]
    pub(in crate::cli) version_id: Option<String>,
}

/// `uploads`
#[derive(Args, Debug)]
pub(in crate::cli) struct Uploads {
    /// ACCOUNT:BUCKET[/PREFIX]
    pub(in crate::cli) target: String,
    /// Abort them, after a confirmation; their parts are billed no longer
    #[arg(long)]
    pub(in crate::cli) abort: bool,
}
