//! `demo --serve`: the embedded store alone, for this and other tools.

use std::io::Write;
use std::path::Path;
use std::time::Duration;

use serde::Serialize;

use crate::demo::{LoadOptions, LoadStore, Options, Pem, Received, Store};
use crate::runtime::config_file;

use super::args;
use super::failure::Failure;
use super::output::Output;
use super::tasks;

/// How the command line asks for the store.
pub(super) fn options(demo: &args::Demo) -> Options {
    Options { listen: demo.listen, latency: Duration::from_millis(demo.latency), extra_buckets: demo.buckets, ..Options::default() }
}

/// Runs the store until Ctrl-C or SIGTERM, which is its proper end.
///
/// # Errors
/// Whatever keeps the store from starting.
pub(super) fn serve(demo: &args::Demo, output: &Output) -> Result<(), Failure> {
    if let Some(keys) = demo.synthetic {
        return serve_load(demo, keys, output);
    }
    tasks::wait_for(async {
        let asked_to_end = tasks::interrupted()?;
        let store = Store::start(options(demo)).await?;
        if let Some(file) = &demo.log {
            keep_log(&store, file)?;
        }
        if output.is_json() {
            output.object(&Line { endpoint: format!("http://{}", store.address()), config: store.config() });
        } else {
            output.text(&store.introduction());
        }
        output.flush();
        asked_to_end.await;
        Ok(())
    })
}

/// Runs the store for benchmarks, on a thread for each processor.
fn serve_load(demo: &args::Demo, keys: u64, output: &Output) -> Result<(), Failure> {
    let tls = match (&demo.tls_cert, &demo.tls_key) {
        (Some(certificate), Some(key)) => {
            Some(Pem { certificates: config_file::read_text(certificate)?.into_bytes(), key: config_file::read_text(key)?.into_bytes() })
        }
        (Some(_) | None, _) => None,
    };
    let threads = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
    let options = LoadOptions { listen: demo.listen, latency: Duration::from_millis(demo.latency), keys, threads, tls };
    tasks::wait_for(async {
        let asked_to_end = tasks::interrupted()?;
        let store = LoadStore::start(options)?;
        if output.is_json() {
            output.object(&Line { endpoint: store.endpoint(), config: store.config() });
        } else {
            output.text(&store.introduction());
        }
        output.flush();
        asked_to_end.await;
        Ok(())
    })
}

/// Appends every request to a file, as long as the store runs.
fn keep_log(store: &Store, path: &Path) -> Result<(), Failure> {
    let mut file = config_file::append(path)?;
    // On a full disk the store goes on, and the log ends.
    store.tell(move |received| {
        let line = serde_json::to_string(&Entry::from(received)).map_err(std::io::Error::from);
        line.and_then(|line| writeln!(file, "{line}")).is_ok()
    });
    Ok(())
}

/// A line of the request log.
#[derive(Serialize)]
struct Entry<'a> {
    op: Option<&'static str>,
    method: &'a str,
    target: &'a str,
    bucket: &'a str,
    account: Option<&'a str>,
    signed: bool,
    key: &'a str,
    upload: Option<&'a str>,
    part: Option<u32>,
    payer_header: bool,
    payer: &'a [String],
    status: Option<u16>,
    charged: bool,
    bytes_in: u64,
    bytes_out: u64,
}

impl<'a> From<&'a Received> for Entry<'a> {
    fn from(received: &'a Received) -> Self {
        Self {
            op: received.op.map(|op| op.row().name),
            method: &received.method,
            target: &received.target,
            bucket: &received.bucket,
            account: received.account,
            signed: received.signed,
            key: &received.key,
            upload: received.upload.as_deref(),
            part: received.part,
            payer_header: !received.payer.is_empty(),
            payer: &received.payer,
            status: received.status,
            charged: received.charged,
            bytes_in: received.bytes_in,
            bytes_out: received.bytes_out,
        }
    }
}

#[derive(Serialize)]
struct Line {
    endpoint: String,
    config: String,
}
