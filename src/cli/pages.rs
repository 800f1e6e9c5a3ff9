//! `man` and `completions`, made from the command line's own definition.

use clap_complete::Shell;
use clap_mangen::Man;

use super::args::{AFTER_HELP, command_line};
use super::failure::Failure;
use super::output::Output;
use super::page;

/// Prints the completions for a shell.
///
/// # Errors
/// `Internal` if they could not be made.
pub(super) fn completions(shell: Shell, output: &Output) -> Result<(), Failure> {
    let text = page(|out| {
        let mut bytes = Vec::new();
        clap_complete::generate(shell, &mut command_line(), "whopays", &mut bytes);
        out.write_all(&bytes)
    })?;
    output.text(&text);
    Ok(())
}

/// Prints one man page with all commands.
///
/// # Errors
/// `Internal` if it could not be made.
pub(super) fn man(output: &Output) -> Result<(), Failure> {
    let mut program = command_line().after_help("").after_long_help("");
    program.build();
    let root = Man::new(program.clone().disable_help_flag(true)).section("1").manual("whopays");
    let mut text = page(|out| {
        root.render_title(out)?;
        root.render_name_section(out)?;
        root.render_synopsis_section(out)?;
        root.render_description_section(out)?;
        root.render_options_section(out)
    })?;
    text.push_str(".SH COMMANDS\n");
    for command in program.get_subcommands() {
        push_command(&mut text, command, "whopays")?;
    }
    text.push_str(&notes());
    output.text(&text);
    Ok(())
}

/// One command as a part of the page; commands below it follow.
fn push_command(text: &mut String, command: &clap::Command, above: &str) -> Result<(), Failure> {
    let name = format!("{above} {}", command.get_name());
    let below: Vec<&clap::Command> = command.get_subcommands().collect();
    if !below.is_empty() {
        return below.into_iter().try_for_each(|command| push_command(text, command, &name));
    }
    let about = command.get_about().map(ToString::to_string).unwrap_or_default();
    let usage = own_arguments_only(command).render_usage().to_string();
    let usage = usage.trim_start_matches("Usage: ").trim();
    text.push_str(&format!(".SS \"{}\"\n{}.\n.PP\n\\fB{}\\fR\n", roff(&name), roff(&about), roff(usage)));
    for argument in command.get_arguments().filter(|argument| !argument.is_global_set() && argument.get_id() != "help") {
        let help = argument.get_help().map(ToString::to_string).unwrap_or_default() + &choices(argument);
        text.push_str(&format!(".TP\n\\fB{}\\fR\n{}\n", roff(&label(argument)), roff(&help)));
    }
    Ok(())
}

/// The command without the options that every command has: they stand once, under OPTIONS.
fn own_arguments_only(command: &clap::Command) -> clap::Command {
    let hidden = |argument: clap::Arg| if argument.is_global_set() { argument.hide(true) } else { argument };
    command.clone().mut_args(hidden)
}

fn label(argument: &clap::Arg) -> String {
    let value = argument.get_value_names().map(|names| names.join(" ")).unwrap_or_default();
    match argument.get_long() {
        Some(long) if argument.get_action().takes_values() => format!("--{long} {value}"),
        Some(long) => format!("--{long}"),
        None => value,
    }
}

/// The words that an argument takes, where it takes only these.
fn choices(argument: &clap::Arg) -> String {
    let words: Vec<String> = argument.get_possible_values().iter().map(|word| word.get_name().to_owned()).collect();
    if words.is_empty() || !argument.get_action().takes_values() { String::new() } else { format!(": {}", words.join(", ")) }
}

/// Exit codes and environment, from the text below the long help.
fn notes() -> String {
    let mut text = String::from(".SH NOTES\n");
    for paragraph in AFTER_HELP.split("\n\n") {
        text.push_str(&format!(".nf\n{}\n.fi\n.PP\n", roff(paragraph)));
    }
    text
}

/// Text in which nothing is a command to the formatter.
fn roff(text: &str) -> String {
    let line = |line: &str| {
        let escaped = line.replace('\\', "\\e").replace('-', "\\-");
        if escaped.starts_with(['.', '\'']) { format!("\\&{escaped}") } else { escaped }
    };
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}
