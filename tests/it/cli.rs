//! The real binary: usage errors, housekeeping commands, JSON errors, and the README beside the command line's definition.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails here")]

mod alarms;
mod config_commands;
mod end_to_end;
mod objects;
mod payers;
mod probe;
mod prompt;
mod scripts;
mod shop;

use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

/// The binary in a home of its own: no config, no credentials, no terminal.
fn whopays(home: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_whopays"));
    command
        .env_clear()
        .env("HOME", home)
        .env("PATH", "/usr/bin:/bin")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("WHOPAYS_STATE_DIR", home.join("state"))
        .stdin(Stdio::null());
    command
}

fn run(home: &Path, arguments: &[&str]) -> Output {
    whopays(home).args(arguments).output().unwrap()
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// The one JSON object on stderr.
fn error(output: &Output) -> Value {
    let told: Value = serde_json::from_slice(&output.stderr).unwrap_or_else(|_| panic!("one JSON object, not {:?}", stderr(output)));
    told["error"].clone()
}

#[test]
fn what_is_not_understood_is_usage() {
    let home = tempfile::tempdir().unwrap();
    for arguments in [
        &["--no-such-option"][..],
        &["payer"],
        &["payer", "set", "nobody", "lab:x"],
        &["payer", "get"],
        &["demo", "--listen", "nowhere"],
        &["bukets"],
        &["lab:colorpictures", "accounts"],
        &["ls", "lab:colorpictures"],
        &["--request-payer", "requester", "accounts"],
    ] {
        let output = run(home.path(), arguments);
        assert_eq!(code(&output), 2, "{arguments:?}: {}", stderr(&output));
        assert_eq!(stdout(&output), "", "{arguments:?}");
        assert!(!stderr(&output).is_empty(), "{arguments:?}");
    }
}

#[test]
fn a_misspelt_command_is_told_from_a_wrong_target() {
    let home = tempfile::tempdir().unwrap();
    for (arguments, message, hint) in [
        (&["bukets"][..], "there is no command \"bukets\"", "Did you mean `whopays buckets`?"),
        (&["acounts", "lab"], "there is no command \"acounts\"", "Did you mean `whopays accounts`?"),
        (
            &["frobnicate", "lab:x"],
            "there is no command \"frobnicate\"",
            "`whopays --help` lists the commands. A target is ACCOUNT:BUCKET.",
        ),
        (&["lab:"], "target \"lab:\" is not understood", "Write ACCOUNT:BUCKET, ACCOUNT:BUCKET/KEY, s3://BUCKET/KEY or oss://BUCKET/KEY."),
    ] {
        let output = run(home.path(), arguments);
        assert_eq!(code(&output), 2);
        assert_eq!(stderr(&output), format!("error: {message}\n  hint: {hint}\n"));
    }
}

#[test]
fn scripts_get_usage_errors_as_json_too() {
    let home = tempfile::tempdir().unwrap();
    let output = run(home.path(), &["--json", "payer", "set", "nobody", "lab:x"]);
    assert_eq!(code(&output), 2);
    assert_eq!(stderr(&output).lines().count(), 1);
    let error = error(&output);
    assert_eq!(error["kind"], "usage");
    assert_eq!(error["message"], "invalid value 'nobody' for '<PAYER>'");
    let fields: Vec<&String> = error.as_object().unwrap().keys().collect();
    assert_eq!(fields, ["code", "hint", "kind", "message", "request_id", "target"]);
    assert_eq!((&error["code"], &error["request_id"]), (&Value::Null, &Value::Null));
}

#[test]
fn the_console_needs_a_terminal_and_has_no_json() {
    let home = tempfile::tempdir().unwrap();
    for arguments in [&[][..], &["demo"], &["lab:colorpictures"]] {
        let output = run(home.path(), arguments);
        assert_eq!(code(&output), 2, "{arguments:?}");
        assert!(stderr(&output).contains("the console needs a terminal"), "{}", stderr(&output));
    }
    assert_eq!(error(&run(home.path(), &["--json"]))["message"], "the console has no JSON");
}

#[test]
fn help_and_version_end_well() {
    let home = tempfile::tempdir().unwrap();
    let help = run(home.path(), &["--help"]);
    assert_eq!(code(&help), 0);
    assert!(stdout(&help).contains("7    partly done; what failed is listed"), "{}", stdout(&help));
    assert!(stdout(&help).contains("\nUsage: whopays [OPTIONS] [TARGET]\n       whopays [OPTIONS] <COMMAND>\n"), "{}", stdout(&help));
    let (before, after) = stdout(&help).split_once("\nOptions of every command:\n").map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
    assert!(before.contains("\nArguments:\n  [TARGET]\n") && !after.contains("[TARGET]"), "{}", stdout(&help));
    let version = run(home.path(), &["--version"]);
    assert_eq!((code(&version), stdout(&version).as_str()), (0, "whopays 0.1.0\n"));
}

#[test]
fn completions_for_every_shell() {
    let home = tempfile::tempdir().unwrap();
    for (shell, begins, option) in [
        ("bash", "_whopays() {", "--payer"),
        ("zsh", "#compdef whopays", "'--payer="),
        ("fish", "# Print an optspec", "-l payer"),
        ("elvish", "\nuse builtin;", "cand --payer"),
        ("powershell", "\nusing namespace", "'--payer'"),
    ] {
        let output = run(home.path(), &["completions", shell]);
        assert_eq!(code(&output), 0, "{shell}");
        assert!(stdout(&output).starts_with(begins), "{shell}");
        assert!(stdout(&output).contains(option), "{shell}");
    }
}

/// Each shell of this machine reads its own completions without a complaint; bash is on every machine that builds this.
#[test]
fn shells_take_their_completions() {
    let home = tempfile::tempdir().unwrap();
    let mut taken = Vec::new();
    for shell in ["bash", "zsh", "fish"] {
        let file = home.path().join(shell);
        std::fs::write(&file, run(home.path(), &["completions", shell]).stdout).unwrap();
        let Ok(read) = Command::new(shell).arg("-n").arg(&file).output() else { continue };
        assert_eq!((code(&read), stderr(&read).as_str()), (0, ""), "{shell}");
        taken.push(shell);
    }
    println!("completions read by: {}", taken.join(", "));
    assert_eq!(taken.first(), Some(&"bash"));
    // What bash offers after `whopays payer `.
    let offer = "source \"$0\"; COMP_WORDS=(whopays payer ''); COMP_CWORD=2; _whopays whopays '' payer; echo \"${COMPREPLY[*]}\"";
    let offered = Command::new("bash").args(["-c", offer]).arg(home.path().join("bash")).output().unwrap();
    assert!(stdout(&offered).contains(" get set"), "{}{}", stdout(&offered), stderr(&offered));
}

#[test]
fn the_man_page_has_every_command_and_exit_code() {
    let home = tempfile::tempdir().unwrap();
    let page = stdout(&run(home.path(), &["man"]));
    assert!(page.contains(".TH whopays 1"), "{page}");
    for heading in [
        "demo",
        "accounts",
        "buckets",
        "payer get",
        "payer set",
        "journal",
        "config init",
        "config check",
        "config path",
        "completions",
        "man",
    ] {
        assert!(page.contains(&format!(".SS \"whopays {heading}\"\n")), "{heading}");
    }
    for words in ["\\-\\-latency MS", "\\-\\-dry\\-run", "7    partly done; what failed is listed", "WHOPAYS_STATE_DIR"] {
        assert!(page.contains(words), "{words} in:\n{page}");
    }
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let home = tempfile::tempdir().unwrap();
    let mut child = whopays(home.path()).args(["completions", "zsh"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((code(&output), stderr(&output).as_str()), (0, ""));
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_a_failure() {
    let home = tempfile::tempdir().unwrap();
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = whopays(home.path()).args(["completions", "bash"]).stdout(full).output().unwrap();
    assert_eq!(code(&output), 1);
    assert!(stderr(&output).starts_with("error: the output could not be written: "), "{}", stderr(&output));
}

mod readme {
    //! The README says what the command line has, and nothing else.

    use std::collections::BTreeSet;

    const README: &str = include_str!("../../README.md");
    const CI: &str = include_str!("../../.ci/run");

    /// The lines of the section with this heading.
    fn section(heading: &str) -> Vec<&'static str> {
        README.lines().skip_while(|line| *line != heading).skip(1).take_while(|line| !line.starts_with('#')).collect()
    }

    /// The texts in backticks in the first column of the tables of a section.
    fn first_columns(heading: &str) -> Vec<&'static str> {
        let rows = section(heading).into_iter().filter(|line| line.starts_with("| "));
        rows.flat_map(|row| row.split(" | ").next().unwrap().split('`').skip(1).step_by(2)).collect()
    }

    fn leaves(command: &clap::Command, above: &str) -> Vec<String> {
        let children = command.get_subcommands().filter(|command| command.get_name() != "help");
        let leaves = children.flat_map(|child| {
            let name = format!("{above}{}", child.get_name());
            if child.has_subcommands() { leaves(child, &format!("{name} ")) } else { vec![name] }
        });
        leaves.collect()
    }

    fn arguments(command: &clap::Command) -> BTreeSet<String> {
        let children = command.get_subcommands().flat_map(arguments);
        let own = command.get_arguments().filter(|argument| !argument.is_global_set());
        let own = own.filter_map(|argument| argument.get_long()).filter(|long| !["help", "version"].contains(long));
        own.map(|long| format!("--{long}")).chain(children).collect()
    }

    #[test]
    fn begins_with_the_picture_and_the_two_commands() {
        assert!(README.starts_with("!["), "the picture comes first");
        let block: Vec<&str> = README.lines().skip_while(|line| !line.starts_with("    ")).take_while(|line| !line.is_empty()).collect();
        let commands: Vec<&str> = block.iter().map(|line| line.split('#').next().unwrap().trim()).collect();
        assert_eq!(commands, ["cargo run --release -- demo", "cargo test"]);
        assert!(CI.lines().any(|line| line == commands[1]), "what the README calls the test is what is run before a change is taken");
    }

    #[test]
    fn has_every_command_and_no_other() {
        let shown: BTreeSet<String> = first_columns("## Commands")
            .into_iter()
            .filter(|text| !text.starts_with('-'))
            .map(|text| {
                let words = text.split(' ').take_while(|word| word.chars().all(|c| c.is_ascii_lowercase()));
                words.collect::<Vec<_>>().join(" ")
            })
            .collect();
        let real: BTreeSet<String> = leaves(&whopays::cli::command_line(), "").into_iter().collect();
        assert_eq!(shown, real);
    }

    #[test]
    fn has_every_option_and_no_other() {
        let shown = first_columns("## Commands");
        let word = |text: &&str| text.starts_with("--").then(|| text.split(' ').next().unwrap().to_owned());
        let shared: BTreeSet<String> = shown.iter().filter_map(word).collect();
        let command = whopays::cli::command_line();
        let global = command.get_arguments().filter(|argument| argument.is_global_set()).filter_map(|argument| argument.get_long());
        assert_eq!(shared, global.map(|long| format!("--{long}")).collect());
        let of_commands: BTreeSet<String> = shown
            .iter()
            .filter(|text| !text.starts_with('-'))
            .flat_map(|text| text.split(|c: char| c.is_whitespace() || "[]".contains(c)))
            .filter(|word| word.starts_with("--"))
            .map(str::to_owned)
            .collect();
        assert_eq!(of_commands, arguments(&command));
    }

    #[test]
    fn has_the_exit_codes_of_the_help() {
        let rows = section("### Exit codes").into_iter().filter_map(|line| line.strip_prefix("| ")?.split(" | ").next());
        let shown: Vec<&str> = rows.filter(|code| code.parse::<u8>().is_ok()).collect();
        assert_eq!(shown, ["0", "1", "2", "3", "4", "5", "6", "7", "130"]);
        let help = whopays::cli::command_line().render_long_help().to_string();
        for code in shown {
            assert!(help.lines().any(|line| line.starts_with(&format!("  {code} "))), "{code} in:\n{help}");
        }
    }
}
