//! The context in which credential providers read files, the environment, HTTP and processes.
//!
//! Comes in: what a provider asks for. Goes out: files of the user's, metadata and STS answers, the output of a command.
//! Forbidden here: following redirects, sending metadata requests through a proxy, repeating a URL or an answer in an error.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::OnceLock;
use std::time::Duration;

use bytes::Bytes;
use reqsign_core::{CommandExecute, CommandOutput, Context, Error, FileRead, HttpSend, OsEnv, Result};

use super::http;

/// The context of this machine and user, for an account with this `ca_file`: an STS of the same operator has the same CA. Nothing
/// is read, built or connected before a provider asks.
pub fn system(ca_file: Option<PathBuf>) -> Context {
    let http = Http { ca_file, ..Http::default() };
    Context::new().with_file_read(Files).with_http_send(http).with_env(OsEnv).with_command_execute(Commands)
}

/// The longest credential file, answer or program output that is read.
const LONGEST: u64 = 1 << 20;

/// Reads regular files only: a FIFO would never end.
#[derive(Debug)]
struct Files;

impl FileRead for Files {
    async fn file_read(&self, path: &str) -> Result<Vec<u8>> {
        let metadata = tokio::fs::metadata(path).await?;
        if !metadata.is_file() || metadata.len() > LONGEST {
            return Err(Error::config_invalid("not a regular file of at most 1 MiB"));
        }
        Ok(tokio::fs::read(path).await?)
    }
}

/// Two clients, built when the first request needs them: metadata services are near and never behind a proxy.
#[derive(Default)]
struct Http {
    near: OnceLock<reqwest::Client>,
    far: OnceLock<reqwest::Client>,
    ca_file: Option<PathBuf>,
}

impl std::fmt::Debug for Http {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Http")
    }
}

impl Http {
    fn client(&self, host: &str) -> Result<&reqwest::Client> {
        let near = is_near(host);
        let slot = if near { &self.near } else { &self.far };
        if let Some(client) = slot.get() {
            return Ok(client);
        }
        let client = build(near, self.ca_file.as_deref())?;
        Ok(slot.get_or_init(|| client))
    }
}

/// Metadata services of both clouds, containers' link-local addresses, this machine.
fn is_near(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    bare.starts_with("169.254.") || bare == "100.100.100.200" || bare.starts_with("fd00:ec2:") || crate::config::is_loopback(host)
}

fn build(near: bool, ca_file: Option<&Path>) -> Result<reqwest::Client> {
    http::install_crypto();
    let mut builder = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).pool_max_idle_per_host(1);
    if let Some(file) = ca_file {
        let certificates = http::read_ca(file).map_err(|error| Error::config_invalid(error.message()))?;
        builder = builder.tls_certs_merge(certificates);
    }
    let builder = if near {
        builder.no_proxy().connect_timeout(Duration::from_secs(1)).timeout(Duration::from_secs(5))
    } else {
        builder.connect_timeout(Duration::from_secs(10)).timeout(Duration::from_secs(30))
    };
    builder.build().map_err(|_| Error::unexpected("the HTTP client could not be set up; check the proxy variables and CA certificates"))
}

impl HttpSend for Http {
    async fn http_send(&self, request: ::http::Request<Bytes>) -> Result<::http::Response<Bytes>> {
        let host = request.uri().host().unwrap_or_default().to_owned();
        let client = self.client(&host)?;
        let request = reqwest::Request::try_from(request).map_err(|_| Error::request_invalid("the address is not a URL"))?;
        let mut response = client.execute(request).await.map_err(|error| failure(&host, &error))?;
        let status = response.status();
        if status.is_redirection() {
            return Err(Error::unexpected(format!("{host} answered with a redirect, which is not followed")));
        }
        let mut body = Vec::new();
        while let Some(part) = response.chunk().await.map_err(|error| failure(&host, &error))? {
            body.extend_from_slice(&part);
            if body.len() as u64 > LONGEST {
                return Err(Error::unexpected(format!("{host} answered with more than 1 MiB")));
            }
        }
        let mut answer = ::http::Response::new(Bytes::from(body));
        *answer.status_mut() = status;
        *answer.headers_mut() = response.headers().clone();
        Ok(answer)
    }
}

/// Our own words: the client's error would hold the URL, and STS puts tokens there.
fn failure(host: &str, error: &reqwest::Error) -> Error {
    let what = if error.is_timeout() {
        "did not answer in time"
    } else if error.is_connect() {
        "could not be reached"
    } else {
        "broke off the connection"
    };
    Error::unexpected(format!("{host} {what}")).set_retryable(true)
}

/// Runs programs without a shell, without input, with a limit on time and output.
#[derive(Debug)]
struct Commands;

/// A program may open a browser for the user, but it does not wait for ever.
const PATIENCE: Duration = Duration::from_secs(60);

impl CommandExecute for Commands {
    async fn command_execute(&self, program: &str, args: &[&str]) -> Result<CommandOutput> {
        let child = tokio::process::Command::new(program)
            .args(args)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            // The terminal may show the console: what the program complains about must not be drawn over it.
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| Error::config_invalid(format!("could not be started: {}", error.kind())))?;
        let output = tokio::time::timeout(PATIENCE, child.wait_with_output());
        let output = output.await.map_err(|_| Error::unexpected("did not end within 60 seconds"))??;
        if output.stdout.len() as u64 > LONGEST {
            return Err(Error::unexpected("printed more than 1 MiB"));
        }
        Ok(CommandOutput { status: output.status.code().unwrap_or(-1), stdout: output.stdout, stderr: Vec::new() })
    }
}
