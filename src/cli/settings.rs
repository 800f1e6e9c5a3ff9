//! `config init`, `config check`, `config path`.

use serde::Serialize;

use crate::app::Origin;
use crate::domain::escape::visible;
use crate::domain::{Error, ErrorKind, Result};
use crate::runtime::config_file;

use super::args::CommandLine;
use super::output::{Ink, Output};
use super::session;

/// Writes the commented default config.
///
/// # Errors
/// When a file stands there already, or cannot be written.
pub(super) fn init(line: &CommandLine, output: &Output) -> Result<()> {
    let path = config_file::config_path(line.global.config.as_deref())?;
    if line.global.dry_run {
        let verb = if path.exists() { "would keep" } else { "would write" };
        say(output, &path.to_string_lossy(), verb, path.exists());
        return Ok(());
    }
    if path.exists() {
        return Err(Error::new(ErrorKind::Refused, format!("{}: there is a config file already", visible(&path.to_string_lossy())))
            .hint("Edit it, or name another place with --config FILE."));
    }
    config_file::write_default(&path)?;
    say(output, &path.to_string_lossy(), "wrote", true);
    if !output.is_json() {
        output.aside("Add your accounts to it, then run `whopays config check`.");
    }
    Ok(())
}

/// Prints where the config file is looked for.
///
/// # Errors
/// When the user's config directory is not known.
pub(super) fn path(line: &CommandLine, output: &Output) -> Result<()> {
    let path = config_file::config_path(line.global.config.as_deref())?;
    if output.is_json() {
        say(output, &path.to_string_lossy(), "", path.exists());
    } else {
        output.line(&visible(&path.to_string_lossy()));
    }
    Ok(())
}

fn say(output: &Output, path: &str, verb: &str, exists: bool) {
    if output.is_json() {
        output.object(&Place { path, exists });
    } else {
        output.line(&format!("{verb} {}", visible(path)));
    }
}

#[derive(Serialize)]
struct Place<'a> {
    path: &'a str,
    exists: bool,
}

/// Reads the config and says what is in it; warnings are shown, mistakes are errors.
///
/// # Errors
/// `Config` with file, line, key and remedy; also when there is no config file.
pub(super) fn check(line: &CommandLine, output: &Output) -> Result<()> {
    let startup = session::load(&line.global)?;
    let source = match &startup.origin {
        Origin::File(path) => path.clone(),
        Origin::Found => "no config file; accounts that other tools left".to_owned(),
        Origin::Demo => "the embedded store".to_owned(),
        Origin::Nothing(path) => return Err(no_config(path)),
    };
    let config = startup.config;
    let foreign = config.accounts.iter().map(|account| account.buckets.len()).sum();
    if output.is_json() {
        output.object(&Summary { source: &source, accounts: config.accounts.len(), foreign_buckets: foreign, warnings: &config.warnings });
        return Ok(());
    }
    for warning in &config.warnings {
        output.line(&format!("{} {}", output.inked(Ink::Notable, "warning:"), visible(warning)));
    }
    output.line(&format!(
        "{}: {}, {}, {}",
        visible(&source),
        counted(config.accounts.len(), "account"),
        counted(foreign, "foreign bucket"),
        counted(config.warnings.len(), "warning")
    ));
    if config.accounts.is_empty() {
        output.aside("No account yet: remove the # before the lines of an example and fill them in.");
    }
    Ok(())
}

fn counted(count: usize, thing: &str) -> String {
    super::words::counted(count as u64, thing)
}

#[derive(Serialize)]
struct Summary<'a> {
    source: &'a str,
    accounts: usize,
    foreign_buckets: usize,
    warnings: &'a [String],
}

/// What a command says that needs accounts where there are none.
pub(super) fn no_config(path: &str) -> Error {
    Error::new(ErrorKind::Config, format!("there is no config file {}, and no profile of another tool", visible(path)))
        .hint("Run `whopays config init` and edit the file, or look around with `whopays demo`.")
}

/// The same where the config file is still as `config init` wrote it.
pub(super) fn no_accounts(path: &str) -> Error {
    Error::new(ErrorKind::Config, format!("{}: there is no account in it yet", visible(path)))
        .hint("Remove the # before the lines of an example account and fill them in, or look around with `whopays demo`.")
}
