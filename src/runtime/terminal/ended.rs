//! Why a process was asked to end from outside, and what it answers.

use std::fmt;

/// Why the process was asked to end from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// SIGINT, sent by another process: a typed Ctrl-C is a key.
    Interrupted,
    /// SIGQUIT.
    Quit,
    /// SIGTERM.
    Terminated,
    /// SIGHUP, or the terminal is gone.
    HungUp,
}

impl Ended {
    /// The signal's number.
    pub(super) fn number(self) -> i32 {
        match self {
            Self::HungUp => signal_hook::consts::SIGHUP,
            Self::Interrupted => signal_hook::consts::SIGINT,
            Self::Quit => signal_hook::consts::SIGQUIT,
            Self::Terminated => signal_hook::consts::SIGTERM,
        }
    }

    /// The reason with this signal's number.
    pub(super) fn from_number(number: i32) -> Option<Self> {
        [Self::HungUp, Self::Interrupted, Self::Quit, Self::Terminated].into_iter().find(|ended| ended.number() == number)
    }

    /// The exit code that shells expect: 128 and the signal's number.
    pub fn exit_code(self) -> u8 {
        match self {
            Self::HungUp => 129,
            Self::Interrupted => 130,
            Self::Quit => 131,
            Self::Terminated => 143,
        }
    }
}

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::HungUp => "ended because the terminal went away (SIGHUP)",
            Self::Interrupted => "ended by SIGINT",
            Self::Quit => "ended by SIGQUIT",
            Self::Terminated => "ended by SIGTERM",
        })
    }
}
