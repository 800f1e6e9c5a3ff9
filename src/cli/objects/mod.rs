//! Commands about objects: what the console does on its screens 2 and 3, for scripts and runbooks.
//!
//! Comes in: targets and options. Goes out: rows, bytes, one line for each object that was moved or removed. Forbidden here:
//! paying without `--request-payer requester` or the config's word, and destroying without a confirmation.

pub(super) mod acting;
mod cat;
mod copy;
mod costs;
mod get;
pub(super) mod leftovers;
mod lines;
mod link;
mod list;
mod numbers;
mod plan;
mod put;
mod remove;
mod replacement;
mod rows;
mod run;
mod settings;
mod show;
mod uploads;

use super::args::ObjectCommand;
use super::failure::Failure;
use super::output::Output;
use super::session::{Keeps, Session};
use super::{CommandLine, tasks};
use crate::config::Account;
use crate::domain::Result;

use self::acting::{Aim, Word};

/// What every command about objects works with.
pub(super) struct Desk<'a> {
    /// Config and engine.
    session: Session,
    /// What applies to every command.
    global: &'a super::args::Global,
    /// Where it writes.
    output: &'a Output,
}

impl Desk<'_> {
    /// What the command line says on paying.
    fn word(&self) -> Word {
        Word::of(self.global.request_payer)
    }

    /// A target with a key or prefix, of the account that acts.
    fn aim(&self, text: &str) -> Result<Aim<'_>> {
        acting::aim(&self.session.config, self.global.account.as_deref(), text, self.word())
    }

    /// Holds all transfers of this command to a rate.
    fn limit(&self, rate: Option<&str>) -> Result<()> {
        let rate = rate.map(|text| numbers::read_size("--limit-rate", text)).transpose()?;
        self.session.engine.limit_bandwidth(rate);
        Ok(())
    }

    /// Asks for the keys that want to be typed.
    fn ask_for_keys(&self, accounts: &[&Account]) -> Result<()> {
        self.session.ask_for_keys(accounts)
    }

    /// Waits for a command that only reads; Ctrl-C ends it, and so does a budget that is passed.
    fn wait<T>(&self, work: impl Future<Output = std::result::Result<T, Failure>>) -> std::result::Result<T, Failure> {
        let budget = &self.session.budget;
        let ended = tasks::wait_or_stop(async {
            tokio::select! {
                biased;
                ended = work => ended,
                () = budget.passed() => Err(budget.why().map_or_else(|| tasks::stopped_by_user().into(), Failure::from)),
            }
        });
        self.session.close(ended, self.output)
    }
}

/// Carries out a command about objects.
pub(super) fn carry_out(line: &CommandLine, command: &ObjectCommand, output: &Output) -> std::result::Result<(), Failure> {
    let keeps = match command {
        ObjectCommand::Ls(_) | ObjectCommand::Stat(_) | ObjectCommand::Cat(_) | ObjectCommand::Presign(_) => Keeps::Nothing,
        ObjectCommand::Get(_) | ObjectCommand::Put(_) | ObjectCommand::Cp(_) | ObjectCommand::Rm(_) | ObjectCommand::Uploads(_) => {
            if line.global.dry_run { Keeps::Nothing } else { Keeps::Changes }
        }
    };
    let desk = Desk { session: Session::open(&line.global, keeps, output)?, global: &line.global, output };
    match command {
        ObjectCommand::Ls(ls) => list::run(&desk, ls),
        ObjectCommand::Stat(stat) => show::run(&desk, stat),
        ObjectCommand::Cat(cat) => cat::run(&desk, cat),
        ObjectCommand::Get(get) => get::run(&desk, get),
        ObjectCommand::Put(put) => put::run(&desk, put),
        ObjectCommand::Cp(cp) => copy::run(&desk, cp),
        ObjectCommand::Rm(rm) => remove::run(&desk, rm),
        ObjectCommand::Presign(presign) => link::run(&desk, presign),
        ObjectCommand::Uploads(uploads) => uploads::run(&desk, uploads),
    }
}
