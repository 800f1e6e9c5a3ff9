//! Commands about this program: the embedded store, what was done, the config file.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Subcommand};

/// `demo`
#[derive(Args, Debug)]
pub(in crate::cli) struct Demo {
    /// Run only the store, and print its endpoints, keys and a ready config
    #[arg(long)]
    pub(in crate::cli) serve: bool,
    /// Where the store listens: a loopback address, port 0 for a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0")]
    pub(in crate::cli) listen: SocketAddr,
    /// Delay every answer by so many milliseconds
    #[arg(long, value_name = "MS", default_value_t = 0)]
    pub(in crate::cli) latency: u64,
    /// Add an account `crowd` with so many buckets, to see how a large board feels
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(in crate::cli) buckets: usize,
    /// With --serve: append every request to this file, one JSON object per line
    #[arg(long, value_name = "FILE", requires = "serve", conflicts_with = "synthetic")]
    pub(in crate::cli) log: Option<PathBuf>,
    /// With --serve: a store for benchmarks instead, whose buckets have so many made-up keys; signatures are not checked
    #[arg(long, value_name = "N", requires = "serve", conflicts_with = "buckets")]
    pub(in crate::cli) synthetic: Option<u64>,
    /// With --synthetic: serve HTTPS with this certificate (PEM)
    #[arg(long, value_name = "FILE", requires_all = ["synthetic", "tls_key"])]
    pub(in crate::cli) tls_cert: Option<PathBuf>,
    /// With --synthetic: the key of the certificate (PEM)
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub(in crate::cli) tls_key: Option<PathBuf>,
}

/// `journal`
#[derive(Args, Debug)]
pub(in crate::cli) struct JournalLines {
    /// At most so many lines, newest first
    #[arg(long, value_name = "N", default_value_t = 50)]
    pub(in crate::cli) limit: usize,
    /// List transfers that were begun and not finished, instead: the same command again goes on with them
    #[arg(long, conflicts_with = "limit")]
    pub(in crate::cli) unfinished: bool,
    /// Give up this unfinished transfer, after a confirmation: abort its uploads, remove its temporary files
    #[arg(long, value_name = "NUMBER", conflicts_with = "limit")]
    pub(in crate::cli) give_up: Option<i64>,
}

/// `config`
#[derive(Subcommand, Clone, Copy, Debug)]
pub(in crate::cli) enum ConfigCommand {
    /// Write a commented config file, unless one stands there
    Init,
    /// Read the config file and say what is wrong with it
    Check,
    /// Print where the config file is looked for
    Path,
}
