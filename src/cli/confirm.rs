//! Asking the person at the terminal before something is changed.
//!
//! Only an answer typed after the question counts: what was typed ahead is thrown away first. Enter alone is a No.

use std::io::IsTerminal;

use crate::domain::escape::visible;
use crate::domain::{Error, ErrorKind, Result};

use super::output::Output;

/// Who may be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answers {
    /// `--yes`: everything is answered already.
    Yes,
    /// A person at a terminal.
    Person,
    /// Nobody: a script without `--yes`.
    Nobody,
}

impl Answers {
    /// What the options and the terminal allow.
    pub(super) fn of_process(yes: bool) -> Self {
        if yes {
            Self::Yes
        } else if std::io::stdin().is_terminal() && std::io::stderr().is_terminal() {
            Self::Person
        } else {
            Self::Nobody
        }
    }
}

/// Gives a typed line for a question: a person in the program, a script in tests.
pub(super) trait Asks {
    /// Throws away what was typed before the question is shown; whatever comes once it is seen counts, however fast.
    fn forget_typed(&mut self);

    /// The line, without its end; `None` when no more will come.
    fn line(&mut self) -> impl Future<Output = Result<Option<String>>>;
}

/// The person at the terminal.
pub(super) struct Terminal;

impl Asks for Terminal {
    fn forget_typed(&mut self) {
        // Where the terminal cannot throw typed text away, the question is still asked.
        #[cfg(unix)]
        let _ = rustix::termios::tcflush(std::io::stdin(), rustix::termios::QueueSelector::IFlush);
    }

    /// Reads on a thread of its own, so that Ctrl-C is heard while the person thinks.
    async fn line(&mut self) -> Result<Option<String>> {
        let unreadable = |error| Error::new(ErrorKind::Local, format!("the answer could not be read: {error}"));
        let read = tokio::task::spawn_blocking(read_line).await.unwrap_or_else(|died| Err(died.into()));
        read.map_err(|error| unreadable(error).hint("Answer with --yes instead."))
    }
}

fn read_line() -> std::io::Result<Option<String>> {
    let stdin = std::io::stdin();
    let mut line = String::new();
    let read = stdin.read_line(&mut line)?;
    Ok((read > 0).then(|| line.trim_end_matches(['\r', '\n']).to_owned()))
}

/// Asks for `y`.
///
/// # Errors
/// `Refused` for every other answer.
pub(super) async fn yes(person: &mut impl Asks, question: &str, output: &Output) -> Result<()> {
    person.forget_typed();
    output.question(&format!("{question} [y/N] "));
    match person.line().await?.as_deref().map(str::trim) {
        Some("y" | "Y" | "yes") => Ok(()),
        Some(_) | None => Err(declined()),
    }
}

/// Asks for a name to be typed, exactly.
///
/// # Errors
/// `Refused` for every other answer.
pub(super) async fn typed(person: &mut impl Asks, question: &str, name: &str, output: &Output) -> Result<()> {
    person.forget_typed();
    output.question(&format!("{question} Type {} to confirm: ", visible(name)));
    match person.line().await? {
        Some(answer) if answer == name => Ok(()),
        Some(_) | None => Err(declined()),
    }
}

fn declined() -> Error {
    Error::new(ErrorKind::Refused, "not confirmed, nothing was changed")
}
