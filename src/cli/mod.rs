//! The door: the command line, and everything that can be done without a screen. The only room that prints.
//!
//! Comes in: arguments. Goes out: text for people or JSON for scripts, and an exit code. Forbidden here: reading files, talking
//! to stores in another way than through the engine, deciding what an error means (its kind does that).

mod accounts;
mod args;
mod board;
mod buckets;
mod budget;
mod callers;
mod confirm;
mod demo;
mod failure;
mod findings;
mod journal;
mod ledger;
mod ledger_csv;
mod ledger_requests;
mod ledger_sums;
mod objects;
mod output;
mod pages;
mod payer_get;
mod payer_plan;
mod payer_set;
mod prices;
mod probe;
mod resolve;
mod session;
mod settings;
mod table;
mod tasks;
#[cfg(test)]
mod tests;
mod words;

use std::ffi::OsString;
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use clap::Parser;

use crate::config::{Account, closest};
use crate::domain::few::sort_few_by_key;
use crate::domain::{Error, ErrorKind, Result};
use crate::runtime::config_file;

use self::args::{Command, CommandLine, ConfigCommand, PayerCommand, PayerWord};
use self::confirm::Answers;
use self::failure::Failure;
use self::output::Output;
use self::payer_set::{Order, Rehearsal, Wanted};
use self::session::{Keeps, Session};

pub use self::args::command_line;

/// Reads the process's arguments, does what they ask for, and says how it ended.
pub fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    match CommandLine::try_parse_from(&arguments) {
        Ok(line) => {
            let output = Output::of_process(&line.global);
            session::start_log(&line.global);
            let ended = run(&line, &output);
            let written = output.finish().map_err(Failure::from);
            leave(ended.and_then(|code| written.map(|()| code)), &output)
        }
        Err(error) => refuse(&error, &arguments),
    }
}

fn leave(ended: std::result::Result<u8, Failure>, output: &Output) -> ExitCode {
    match ended {
        Ok(code) => ExitCode::from(code),
        Err(failure) => {
            failure.tell(output);
            ExitCode::from(failure.exit_code())
        }
    }
}

/// Help and version are printed; a line that is not understood is an error, for scripts as JSON.
fn refuse(error: &clap::Error, arguments: &[OsString]) -> ExitCode {
    let for_scripts = arguments.iter().take_while(|argument| *argument != "--").any(|argument| argument == "--json");
    if for_scripts && error.use_stderr() {
        let text = error.render().to_string();
        let first = text.lines().next().unwrap_or_default();
        let message = first.strip_prefix("error: ").unwrap_or(first);
        let failure = Failure::from(Error::new(ErrorKind::Usage, message).hint("See `whopays --help`."));
        failure.tell(&Output::for_scripts());
    } else {
        // A reader that went away needs no help any more.
        let _ = error.print();
    }
    if error.use_stderr() { ExitCode::from(ErrorKind::Usage.exit_code()) } else { ExitCode::SUCCESS }
}

/// Opens the console or carries out the command, and gives the exit code of what did not fail.
fn run(line: &CommandLine, output: &Output) -> std::result::Result<u8, Failure> {
    match (&line.command, &line.target) {
        (None, target) => {
            if let Some(word) = target
                && (!line.rest.is_empty() || !word.contains(':'))
            {
                return Err(no_command(word).into());
            }
            Ok(session::console(line, output)?)
        }
        (Some(Command::Demo(demo)), None) if !demo.serve => Ok(session::demo_console(line, demo, output)?),
        (Some(command), None) => carry_out(line, command, output).map(|()| 0),
        (Some(_), Some(target)) => {
            let message = format!("\"{}\" stands before the command", crate::domain::escape::visible(target));
            Err(Error::new(ErrorKind::Usage, message).hint("Write targets after the command.").into())
        }
    }
}

/// What is said about a first word that is neither a command nor a target.
fn no_command(word: &str) -> Error {
    let definition = command_line();
    let names: Vec<&str> = definition.get_subcommands().map(clap::Command::get_name).collect();
    let hint = match closest(word, &names) {
        Some(near) => format!("Did you mean `whopays {near}`?"),
        None => "`whopays --help` lists the commands. A target is ACCOUNT:BUCKET.".to_owned(),
    };
    Error::new(ErrorKind::Usage, format!("there is no command \"{}\"", crate::domain::escape::visible(word))).hint(hint)
}

fn carry_out(line: &CommandLine, command: &Command, output: &Output) -> std::result::Result<(), Failure> {
    match command {
        Command::Demo(demo) => demo::serve(demo, output),
        Command::Accounts => list_accounts(line, output),
        Command::Buckets(asked) => list_buckets(line, &asked.accounts, asked.payer, output),
        Command::Payer(PayerCommand::Get { targets }) => get_payer(line, targets, output),
        Command::Payer(PayerCommand::Set { payer, targets }) => set_payer(line, *payer, targets, output),
        Command::Payer(PayerCommand::Plan { file }) => plan_payers(line, file, output),
        Command::Payer(PayerCommand::Apply { file }) => apply_payers(line, file, output),
        Command::Probe(asked) => probe::carry_out(line, asked, output),
        Command::Objects(command) => objects::carry_out(line, command, output),
        Command::Journal(asked) if asked.unfinished || asked.give_up.is_some() => objects::leftovers::run(&line.global, asked, output),
        Command::Journal(asked) => {
            journal::print(&session::journal(line, asked.limit)?, line.global.account.as_deref(), output);
            Ok(())
        }
        Command::Ledger(asked) => ledger::run(line, asked, output),
        Command::Prices(asked) => prices::run(&line.global, asked, output),
        Command::Config(command) => Ok(configure(line, *command, output)?),
        Command::Completions { shell } => pages::completions(*shell, output),
        Command::Man => pages::man(output),
    }
}

/// The accounts that a command is about: those named after it, or the one of `--account`.
fn named(line: &CommandLine, after_command: &[String]) -> Vec<String> {
    after_command.iter().chain(&line.global.account).cloned().collect()
}

fn list_accounts(line: &CommandLine, output: &Output) -> std::result::Result<(), Failure> {
    let session = Session::open(&line.global, Keeps::Nothing, output)?;
    let chosen = resolve::accounts(&session.config, &named(line, &[]))?;
    session.ask_for_keys(&chosen)?;
    let listed = session.with_origins(&chosen);
    let ended = tasks::wait_or_stop(accounts::run(&session.engine, listed, output));
    session.close(ended, output)
}

fn list_buckets(
    line: &CommandLine,
    after_command: &[String],
    payer: Option<PayerWord>,
    output: &Output,
) -> std::result::Result<(), Failure> {
    let session = Session::open(&line.global, Keeps::Nothing, output)?;
    let chosen = resolve::accounts(&session.config, &named(line, after_command))?;
    session.ask_for_keys(&chosen)?;
    let ended = tasks::wait_or_stop(buckets::run(&session.engine, &chosen, payer.map(PayerWord::payer), output));
    session.close(ended, output)
}

fn get_payer(line: &CommandLine, targets: &[String], output: &Output) -> std::result::Result<(), Failure> {
    let session = Session::open(&line.global, Keeps::Nothing, output)?;
    let targets = resolve::buckets(&session.config, line.global.account.as_deref(), targets)?;
    session.ask_for_keys(&acting(&targets))?;
    let ended = tasks::wait_or_stop(payer_get::run(&session.engine, &targets, output));
    session.close(ended, output)
}

fn set_payer(line: &CommandLine, payer: PayerWord, targets: &[String], output: &Output) -> std::result::Result<(), Failure> {
    let order = Order {
        to: payer.payer(),
        rehearsal: if line.global.dry_run { Rehearsal::PlanOnly } else { Rehearsal::Real },
        answers: Answers::of_process(line.global.yes),
    };
    let keeps = if line.global.dry_run { Keeps::Nothing } else { Keeps::Changes };
    let session = Session::open(&line.global, keeps, output)?;
    let targets = resolve::buckets(&session.config, line.global.account.as_deref(), targets)?;
    payer_set::refuse_before_reading(&targets, &order)?;
    session.ask_for_keys(&acting(&targets))?;
    let mut person = confirm::Terminal;
    let ended = tasks::wait_for(async {
        let stop = tasks::interrupted()?;
        payer_set::run(&session.engine, &targets, &order, &mut person, stop, output).await
    });
    session.close(ended, output)
}

fn plan_payers(line: &CommandLine, file: &Path, output: &Output) -> std::result::Result<(), Failure> {
    let session = Session::open(&line.global, Keeps::Nothing, output)?;
    let (wanted, accounts) = declared(&session, line, file)?;
    session.ask_for_keys(&accounts)?;
    let ended = tasks::wait_or_stop(payer_plan::run(&session.engine, &wanted, &list_name(file), output));
    session.close(ended, output)
}

fn apply_payers(line: &CommandLine, file: &Path, output: &Output) -> std::result::Result<(), Failure> {
    let (rehearsal, keeps) = if line.global.dry_run { (Rehearsal::PlanOnly, Keeps::Nothing) } else { (Rehearsal::Real, Keeps::Changes) };
    let answers = Answers::of_process(line.global.yes);
    let session = Session::open(&line.global, keeps, output)?;
    let (wanted, accounts) = declared(&session, line, file)?;
    payer_set::refuse_unasked(wanted.len(), rehearsal, answers)?;
    session.ask_for_keys(&accounts)?;
    let mut person = confirm::Terminal;
    let ended = tasks::wait_for(async {
        let stop = tasks::interrupted()?;
        payer_set::carry_out(&session.engine, &wanted, rehearsal, answers, &mut person, stop, output).await
    });
    session.close(ended, output)
}

/// The name of a list that a pipeline brings.
const STANDARD_INPUT: &str = "-";

/// A list's name for messages.
fn list_name(file: &Path) -> std::borrow::Cow<'_, str> {
    if file == Path::new(STANDARD_INPUT) { "standard input".into() } else { file.to_string_lossy() }
}

/// What a file declares, and the accounts that act on it.
fn declared<'a>(session: &'a Session, line: &CommandLine, file: &Path) -> Result<(Vec<Wanted<'a>>, Vec<&'a Account>)> {
    let text = if file == Path::new(STANDARD_INPUT) { config_file::read_standard_input()? } else { config_file::read_text(file)? };
    let entries = crate::config::declared(&list_name(file), &text)?;
    let wanted = payer_plan::resolved(&session.config, line.global.account.as_deref(), &entries)?;
    let targets: Vec<resolve::Resolved<'a>> = wanted.iter().map(|wanted| wanted.target.clone()).collect();
    let accounts = acting(&targets);
    Ok((wanted, accounts))
}

/// The accounts that act on these targets, each once.
fn acting<'a>(targets: &[resolve::Resolved<'a>]) -> Vec<&'a Account> {
    let mut accounts: Vec<&Account> = Vec::new();
    for target in targets {
        if !accounts.iter().any(|account| account.name == target.account.name) {
            accounts.push(target.account);
        }
    }
    sort_few_by_key(&mut accounts, |account| &account.name);
    accounts
}

fn configure(line: &CommandLine, command: ConfigCommand, output: &Output) -> Result<()> {
    match command {
        ConfigCommand::Init => settings::init(line, output),
        ConfigCommand::Check => settings::check(line, output),
        ConfigCommand::Path => settings::path(line, output),
    }
}

/// A page that a library writes: collected first, so that a reader that goes away is the output's business.
fn page(write: impl FnOnce(&mut dyn Write) -> std::io::Result<()>) -> Result<String> {
    let mut bytes = Vec::new();
    write(&mut bytes).map_err(|error| Error::new(ErrorKind::Internal, format!("the page could not be made: {error}")))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
