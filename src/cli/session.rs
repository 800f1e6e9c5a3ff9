//! What commands run on: the config, the engine and the journal, as `runtime` gives them; and the way into the console.

use std::io::IsTerminal;
use std::sync::Arc;

use crate::app::{Origin, Start};
use crate::audit::Change;
use crate::config::{Account, Config};
use crate::domain::escape::visible;
use crate::domain::{Error, ErrorKind, Result, Target};
use crate::runtime::config_file;
use crate::runtime::desk::Desk;
use crate::runtime::console::{self, ConsoleOptions};
use crate::runtime::engine::Engine;
use crate::runtime::journal::Journal;
use crate::runtime::startup::{self, CliOverrides, Startup};

use super::accounts::Listed;
use super::args::{self, CommandLine, Global};
use super::demo;
use super::failure::Failure;
use super::output::{Ink, Output};
use super::settings;

/// Whether a command writes to the journal. One that only reads leaves no file behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keeps {
    /// It changes nothing.
    Nothing,
    /// Every change is a line.
    Changes,
}

/// A config and the engine for its accounts.
pub(super) struct Session {
    /// The accounts.
    pub(super) config: Config,
    /// Acts for them.
    pub(super) engine: Engine,
}

impl Session {
    /// Reads the config and readies the engine. No request is sent.
    ///
    /// # Errors
    /// `Config` for mistakes in the file and where there are no accounts, `Local` when the journal cannot be opened.
    pub(super) fn open(global: &Global, keeps: Keeps, output: &Output) -> Result<Self> {
        let Startup { config, origin, .. } = load(global)?;
        if let Origin::Nothing(path) = &origin {
            return Err(settings::no_config(path));
        }
        if !output.is_json() {
            let mark = output.inked(Ink::Notable, "warning:");
            config.warnings.iter().for_each(|warning| output.aside(&format!("{mark} {}", visible(warning))));
        }
        let journal = match keeps {
            Keeps::Nothing => Journal::in_memory()?,
            Keeps::Changes => Journal::open(&config_file::journal_path()?)?,
        };
        let desk = Arc::new(Desk::default());
        desk.ask(&config)?;
        let notice = output.notices();
        Ok(Self { engine: Engine::new(&config, journal, desk, notice)?, config })
    }

    /// The accounts with where their keys come from.
    pub(super) fn with_origins<'a>(&self, chosen: &[&'a Account]) -> Vec<Listed<'a>> {
        let origins: Vec<(&Account, String)> = self.config.accounts.iter().zip(self.engine.credential_origins()).collect();
        let origin_of = |account: &Account| origins.iter().find(|(known, _)| known.name == account.name).map(|(_, origin)| origin.clone());
        chosen.iter().map(|account| Listed { account, origin: origin_of(account).unwrap_or_default() }).collect()
    }
}

/// Reads the config as the options ask for.
///
/// # Errors
/// `Config` with file, line and key.
pub(super) fn load(global: &Global) -> Result<Startup> {
    startup::load(&overrides(global))
}

/// The newest lines of the journal; of one account, if `--account` names it.
///
/// # Errors
/// `Local` when the journal cannot be read.
pub(super) fn journal(line: &CommandLine, limit: usize) -> Result<Vec<Change>> {
    /// As many as nobody makes by hand: the account is picked from these.
    const ALL: usize = 1_000_000;
    let journal = Journal::open(&config_file::journal_path()?)?;
    match &line.global.account {
        None => journal.newest(limit),
        Some(name) => {
            let all = journal.newest(ALL)?;
            Ok(all.into_iter().filter(|change| change.bucket.account.as_str() == name).take(limit).collect())
        }
    }
}

/// Opens the console on the config's accounts.
///
/// # Errors
/// `Usage` without a terminal or with `--json`; else whatever ended the console.
pub(super) fn console(line: &CommandLine, output: &Output) -> std::result::Result<(), Failure> {
    let target = line.target.as_deref().map(Target::parse).transpose()?;
    needs_terminal(output)?;
    let (overrides, desk) = (overrides(&line.global), Arc::new(Desk::default()));
    // A config that cannot be used is shown by the console, which can read it again; here it only tells whom to ask.
    if let Ok(startup) = startup::load(&overrides) {
        desk.ask(&startup.config)?;
    }
    let demo = crate::demo::Options::default();
    open(ConsoleOptions { start: Start::Config, overrides, target, demo, desk })
}

/// Opens the console on the embedded store.
///
/// # Errors
/// As [`console`].
pub(super) fn demo_console(line: &CommandLine, demo: &args::Demo, output: &Output) -> std::result::Result<(), Failure> {
    needs_terminal(output)?;
    let (overrides, desk) = (overrides(&line.global), Arc::new(Desk::default()));
    open(ConsoleOptions { start: Start::Demo, overrides, target: None, demo: demo::options(demo), desk })
}

fn open(options: ConsoleOptions) -> std::result::Result<(), Failure> {
    match console::run(options)? {
        None => Ok(()),
        Some(ended) => Err(Failure::ended(ended)),
    }
}

fn needs_terminal(output: &Output) -> Result<()> {
    if output.is_json() {
        return Err(Error::new(ErrorKind::Usage, "the console has no JSON").hint("Name a command, as in `whopays buckets --json`."));
    }
    if std::io::stdin().is_terminal() && std::io::stdout().is_terminal() {
        return Ok(());
    }
    Err(Error::new(ErrorKind::Usage, "the console needs a terminal for input and output")
        .hint("Name a command, as in `whopays buckets`; `whopays --help` lists them."))
}

fn overrides(global: &Global) -> CliOverrides {
    CliOverrides {
        config: global.config.clone(),
        account: global.account.clone(),
        region: global.region.clone(),
        endpoint: global.endpoint.clone(),
    }
}
