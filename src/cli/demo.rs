//! `demo --serve`: the embedded store alone, for this and other tools.

use std::io::Write;
use std::path::Path;
use std::time::Duration;

use serde::Serialize;

use crate::demo::{Options, Received, Store};
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

/// Appends every request to a file, as long as the store runs.
fn keep_log(store: &Store, path: &Path) -> Result<(), Failure> {
    let mut file = config_file::append(path)?;
    let (sender, mut receiver) = tokio::sync::mpsc::unbounded_channel();
    store.tell(sender);
    tokio::task::spawn_local(async move {
        while let Some(received) = receiver.recv().await {
            let entry = Entry::from(&received);
            let written = serde_json::to_string(&entry).map_err(std::io::Error::from).and_then(|line| writeln!(file, "{line}"));
            if written.is_err() {
                // The disk is full: the store goes on, the log ends here.
                return;
            }
        }
    });
    Ok(())
}

/// A line of the request log.
#[derive(Serialize)]
struct Entry<'a> {
    op: Option<&'static str>,
    method: &'a str,
    target: &'a str,
    account: Option<&'a str>,
    payer_header: bool,
    status: Option<u16>,
    charged: bool,
}

impl<'a> From<&'a Received> for Entry<'a> {
    fn from(received: &'a Received) -> Self {
        Self {
            op: received.op.map(|op| op.row().name),
            method: &received.method,
            target: &received.target,
            account: received.account,
            payer_header: !received.payer.is_empty(),
            status: received.status,
            charged: received.charged,
        }
    }
}

#[derive(Serialize)]
struct Line {
    endpoint: String,
    config: String,
}
