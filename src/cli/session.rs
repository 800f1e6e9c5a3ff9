//! What commands run on: the config, the engine and the journal, as `runtime` gives them; and the way into the console.

use std::future::ready;
use std::io::IsTerminal;
use std::sync::{Arc, Mutex, PoisonError};

use crate::alarms::{Alarm, Known, Unpriced, uncharged, unpriced};
use crate::app::{Origin, Start};
use crate::audit::Change;
use crate::config::{Account, Config, Source};
use crate::domain::escape::visible;
use crate::domain::{BucketId, Error, ErrorKind, Ownership, Result, Target};
use crate::runtime::config_file;
use crate::runtime::console::{self, ConsoleOptions};
use crate::runtime::desk::Desk;
use crate::runtime::engine::Engine;
use crate::runtime::journal::Journal;
use crate::runtime::ledger::Ledger;
use crate::runtime::log;
use crate::runtime::startup::{self, CliOverrides, Startup};
use crate::runtime::trace::Trace;

use super::accounts::Listed;
use super::args::{self, CommandLine, Global};
use super::budget::Budget;
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
    /// What may be spent.
    pub(super) budget: Budget,
    desk: Arc<Desk>,
    /// What the user should know although no answer waits for it.
    notices: Arc<Mutex<Vec<Error>>>,
    alarms: Arc<Mutex<Vec<Alarm>>>,
}

impl Session {
    /// Reads the config and readies the engine. No request is sent.
    ///
    /// # Errors
    /// `Config` for mistakes in the file and where there are no accounts, `Local` when the journal cannot be opened.
    pub(super) fn open(global: &Global, keeps: Keeps, output: &Output) -> Result<Self> {
        let Startup { config, origin, prices } = load(global)?;
        match &origin {
            Origin::Nothing(path) => return Err(settings::no_config(path)),
            Origin::File(path) if config.accounts.is_empty() => return Err(settings::no_accounts(path)),
            Origin::File(_) | Origin::Found | Origin::Demo => {}
        }
        config.warnings.iter().for_each(|warning| warn(output, warning));
        let trace = open_trace(global)?;
        let journal = match keeps {
            Keeps::Nothing => Journal::unkept(),
            Keeps::Changes => open_journal()?,
        };
        let (desk, notices) = (Arc::new(Desk::default()), Arc::new(Mutex::new(Vec::new())));
        let heard = Arc::clone(&notices);
        let alarms = Arc::new(Mutex::new(Vec::new()));
        let told = Arc::clone(&alarms);
        let notice = move |error| heard.lock().unwrap_or_else(PoisonError::into_inner).push(error);
        let engine = Engine::new(&config, journal, Arc::clone(&desk), Box::new(notice.clone()))?
            .with_prices(prices)
            .with_ledger(Ledger::open(&config_file::ledger_path()?)?)
            .with_alarms(open_journal()?, move |alarm| told.lock().unwrap_or_else(PoisonError::into_inner).push(alarm))
            .with_trace(trace, notice);
        let budget = Budget::of(global, &config);
        let watched = budget.clone();
        let gate = budget.clone();
        let engine = if budget.is_unlimited() {
            engine
        } else {
            engine
                .with_listener(Arc::new(move |sent| watched.note(sent)))
                .with_gate(Arc::new(move |_, toll| Box::pin(ready(gate.admit(&toll)))))
        };
        Ok(Self { config, engine, budget, desk, notices, alarms })
    }

    /// Asks at the terminal for the keys of these accounts, and of those whose keys they borrow, where they want to be asked.
    ///
    /// # Errors
    /// `Interrupted` when the person does not answer.
    pub(super) fn ask_for_keys(&self, chosen: &[&Account]) -> Result<()> {
        let mut wanted: Vec<&Account> = chosen.to_vec();
        let mut place = 0;
        while let Some(account) = wanted.get(place) {
            if let Source::Role { source, .. } = &account.credentials
                && wanted.iter().all(|known| known.name != *source)
            {
                wanted.extend(self.config.accounts.iter().find(|known| known.name == *source));
            }
            place += 1;
        }
        self.desk.ask(&Config { accounts: wanted.into_iter().cloned().collect(), ..Config::default() })
    }

    /// Says what was noticed while a command worked, and lets the budgets have the last word on how it ended.
    ///
    /// # Errors
    /// As the command's own, or as the budget's.
    pub(super) fn close<T>(&self, ended: std::result::Result<T, Failure>, output: &Output) -> std::result::Result<T, Failure> {
        self.tell_notices(output);
        self.budget.close(ended, output)
    }

    /// Says what the engine noticed meanwhile, such as a corrected clock, and waits until the ledger has every request.
    fn tell_notices(&self, output: &Output) {
        let unwritten = self.engine.ledger().and_then(|ledger| ledger.flush().err());
        let notices = std::mem::take(&mut *self.notices.lock().unwrap_or_else(PoisonError::into_inner));
        notices.iter().chain(&unwritten).for_each(|notice| warn(output, notice.message()));
        if !output.is_json() {
            let alarms = std::mem::take(&mut *self.alarms.lock().unwrap_or_else(PoisonError::into_inner));
            self.tell_alarms(alarms, output);
        }
    }

    /// A payer that changed is told by the commands that read it.
    fn tell_alarms(&self, alarms: Vec<Alarm>, output: &Output) {
        let mut without_price: Vec<Unpriced> = Vec::new();
        for alarm in alarms {
            match alarm {
                Alarm::Uncharged { bucket, provider } => {
                    let known = Known { ownership: self.foreign(&bucket), payer: None };
                    warn(output, &format!("{bucket}: {}", uncharged::sentence(provider, &known)));
                }
                Alarm::Unpriced(unpriced) => without_price.push(unpriced),
                Alarm::Charged(_) | Alarm::Turned(..) | Alarm::Settled(_) => {}
            }
        }
        without_price.retain(|unpriced| self.engine.tell_once(&unpriced.name()));
        while let Some(first) = without_price.first().cloned() {
            let here = |other: &Unpriced| (other.provider, &other.region) == (first.provider, &first.region);
            let classes: Vec<_> = without_price.iter().filter(|other| here(other)).map(|other| other.class).collect();
            warn(output, &unpriced::sentence(first.provider, &first.region, &classes));
            without_price.retain(|other| !here(other));
        }
    }

    /// Someone else's, if the config says so.
    fn foreign(&self, bucket: &BucketId) -> Option<Ownership> {
        let account = self.config.accounts.iter().find(|account| account.name == bucket.account)?;
        account.foreign(&bucket.bucket).map(|_| Ownership::Foreign)
    }

    /// The accounts with where their keys come from.
    pub(super) fn with_origins<'a>(&self, chosen: &[&'a Account]) -> Vec<Listed<'a>> {
        let origins: Vec<(&Account, String)> = self.config.accounts.iter().zip(self.engine.credential_origins()).collect();
        let origin_of = |account: &Account| origins.iter().find(|(known, _)| known.name == account.name).map(|(_, origin)| origin.clone());
        chosen.iter().map(|account| Listed { account, origin: origin_of(account).unwrap_or_default() }).collect()
    }
}

/// Opens the trace that `--trace` asks for: before anything is sent, and before a screen hides what is wrong with it.
fn open_trace(global: &Global) -> Result<Option<Arc<Trace>>> {
    global.trace.as_deref().map(|path| Trace::open(path).map(Arc::new)).transpose()
}

/// Begins the log, as detailed as `-v` asks for. Without a state directory there is none.
pub(super) fn start_log(global: &Global) {
    let level = match global.verbose {
        0 => tracing::Level::WARN,
        1 => tracing::Level::INFO,
        _ => tracing::Level::DEBUG,
    };
    if let Ok(folder) = config_file::state_dir() {
        log::start(&folder, level);
    }
}

fn open_journal() -> Result<Journal> {
    Journal::open(&config_file::journal_path()?)
}

/// For people; scripts find only errors on stderr.
pub(super) fn warn(output: &Output, text: &str) {
    if !output.is_json() {
        output.aside(&format!("{} {}", output.inked(Ink::Notable, "warning:"), visible(text)));
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
    let journal = open_journal()?;
    match &line.global.account {
        None => journal.newest(limit),
        Some(name) => {
            let all = journal.newest(ALL)?;
            Ok(all.into_iter().filter(|change| change.bucket.account.as_str() == name).take(limit).collect())
        }
    }
}

/// Opens the console on the config's accounts, and gives the exit code.
///
/// # Errors
/// `Usage` without a terminal or with `--json`; else whatever ended the console.
pub(super) fn console(line: &CommandLine, output: &Output) -> Result<u8> {
    let target = line.target.as_deref().map(Target::parse).transpose()?;
    needs_terminal(output)?;
    let (desk, trace) = (Arc::new(Desk::default()), open_trace(&line.global)?);
    // A config with mistakes is the console's to show; here only the accounts that want to be asked matter.
    if let Ok(startup) = load(&line.global) {
        desk.ask(&startup.config)?;
    }
    let demo = crate::demo::Options::default();
    open_console(ConsoleOptions { start: Start::Config, overrides: overrides(&line.global), target, demo, desk, trace }, output)
}

/// Opens the console on the embedded store, and gives the exit code.
///
/// # Errors
/// As [`console()`].
pub(super) fn demo_console(line: &CommandLine, demo: &args::Demo, output: &Output) -> Result<u8> {
    needs_terminal(output)?;
    let (demo, desk, trace) = (demo::options(demo), Arc::new(Desk::default()), open_trace(&line.global)?);
    open_console(ConsoleOptions { start: Start::Demo, overrides: overrides(&line.global), target: None, demo, desk, trace }, output)
}

/// A console that was ended by a signal says so, and ends the process as that signal would have.
fn open_console(options: ConsoleOptions, output: &Output) -> Result<u8> {
    let Some(ended) = console::run(options)? else { return Ok(0) };
    output.aside(&ended.to_string());
    Ok(ended.exit_code())
}

fn needs_terminal(output: &Output) -> Result<()> {
    if output.is_json() {
        return Err(Error::new(ErrorKind::Usage, "the console has no JSON").hint("Name a command, as in `whopays buckets --json`."));
    }
    if std::io::stdin().is_terminal() && std::io::stdout().is_terminal() {
        return Ok(());
    }
    Err(Error::new(ErrorKind::Usage, "the console needs a terminal for input and output")
        .hint("Name a command, as in `whopays buckets`, with --json for scripts; `whopays --help` lists them."))
}

fn overrides(global: &Global) -> CliOverrides {
    CliOverrides {
        config: global.config.clone(),
        account: global.account.clone(),
        region: global.region.clone(),
        endpoint: global.endpoint.clone(),
        budget: global.budget.clone(),
    }
}
