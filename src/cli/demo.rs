//! `demo --serve`: the embedded store alone, for this and other tools.

use std::time::Duration;

use serde::Serialize;

use crate::demo::{Options, Store};

use super::args;
use super::failure::Failure;
use super::output::Output;
use super::tasks;

/// How the command line asks for the store.
pub(super) fn options(demo: &args::Demo) -> Options {
    Options { listen: demo.listen, latency: Duration::from_millis(demo.latency) }
}

/// Runs the store until Ctrl-C or SIGTERM, which is its proper end.
///
/// # Errors
/// Whatever keeps the store from starting.
pub(super) fn serve(demo: &args::Demo, output: &Output) -> Result<(), Failure> {
    tasks::wait_for(async {
        let store = Store::start(options(demo)).await?;
        if output.is_json() {
            output.object(&Line { endpoint: format!("http://{}", store.address()), config: store.config() });
        } else {
            output.text(&store.introduction());
        }
        output.flush();
        Ok(tasks::interrupted().await?)
    })
}

#[derive(Serialize)]
struct Line {
    endpoint: String,
    config: String,
}
