//! The keyring and the person at the terminal ([`crate::credentials::SecretDesk`]).
//!
//! Comes in: an entry's name, or the accounts that want to be asked for. Goes out: secrets, which stay in memory. Forbidden
//! here: echoing what is typed, asking while the console is drawn.

use std::collections::HashMap;
use std::io::{Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::sync::{Mutex, PoisonError};

#[cfg(target_os = "macos")]
use apple_native_keyring_store::keychain::Store;
#[cfg(not(target_os = "macos"))]
use dbus_secret_service_keyring_store::Store;
use keyring_core::Entry;
use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;
use rustix::termios::{LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr};
use zeroize::Zeroizing;

use crate::config::{Config, Source};
use crate::credentials::SecretDesk;
use crate::domain::escape::visible;
use crate::domain::{AccountName, Credentials, Error, ErrorKind, Result, Secret};
use signal_hook::SigId;
use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};
use signal_hook::low_level;

/// The service name under which entries of the keyring stand.
pub const SERVICE: &str = "whopays";

/// The desk of this program.
#[derive(Default)]
pub struct Desk {
    typed: Mutex<HashMap<AccountName, Credentials>>,
}

impl Desk {
    /// Asks at the terminal for the keys of every account with `credentials = "prompt"`, the role sources among them. Call it
    /// before the console opens; it does nothing when no account wants to be asked.
    ///
    /// Without a terminal nobody is asked, and [`SecretDesk::prompted`] says so when the keys are needed.
    ///
    /// # Errors
    /// `Interrupted` on Ctrl-C and Ctrl-D, `Local` when the terminal fails. Its modes are restored either way.
    pub fn ask(&self, config: &Config) -> Result<()> {
        let asking: Vec<&AccountName> =
            config.accounts.iter().filter(|account| matches!(account.credentials, Source::Prompt)).map(|account| &account.name).collect();
        if asking.is_empty() {
            return Ok(());
        }
        let Ok(mut terminal) = std::fs::OpenOptions::new().read(true).write(true).open("/dev/tty") else { return Ok(()) };
        for account in asking {
            let credentials = ask_at(&mut terminal, account)?;
            self.keep(account.clone(), credentials);
        }
        Ok(())
    }

    /// Keeps keys that a person typed for an account.
    pub fn keep(&self, account: AccountName, credentials: Credentials) {
        self.typed.lock().unwrap_or_else(PoisonError::into_inner).insert(account, credentials);
    }
}

impl SecretDesk for Desk {
    fn keyring(&self, entry: &str) -> Result<Secret> {
        let stored = open_keyring().and_then(|()| Entry::new(SERVICE, entry)).and_then(|found| found.get_password());
        stored.map(Secret::new).map_err(|error| no_entry(entry, &error))
    }

    fn prompted(&self, account: &AccountName) -> Result<Credentials> {
        let typed = self.typed.lock().unwrap_or_else(PoisonError::into_inner);
        typed.get(account).cloned().ok_or_else(|| {
            Error::new(ErrorKind::Credentials, "nobody was asked, because there is no terminal")
                .hint("Start whopays in a terminal, or choose another source of credentials.")
        })
    }
}

/// Names the platform's store, once; trying again later may find one that was not there.
fn open_keyring() -> keyring_core::Result<()> {
    if keyring_core::get_default_store().is_none() {
        keyring_core::set_default_store(Store::new().map_err(|_| keyring_core::Error::NoDefaultStore)?);
    }
    Ok(())
}

/// The platform's own error texts are left out: some carry the stored bytes.
fn no_entry(entry: &str, error: &keyring_core::Error) -> Error {
    let shown = visible(entry);
    let (what, hint) = if matches!(error, keyring_core::Error::NoEntry) {
        ("is not in the keyring", how_to_store(&shown))
    } else if matches!(error, keyring_core::Error::NoDefaultStore | keyring_core::Error::NotSupportedByStore(_)) {
        // Over ssh and in containers that is the rule.
        let hint = "Start whopays in the desktop's session, or choose another source of credentials, for example `prompt`.";
        ("cannot be read: no keyring service answers in this session", hint.to_owned())
    } else if matches!(error, keyring_core::Error::NoStorageAccess(_)) {
        ("cannot be read: the keyring is locked", "Unlock the keyring, then try again.".to_owned())
    } else if matches!(error, keyring_core::Error::Ambiguous(_)) {
        ("is in the keyring more than once", "Remove all but one.".to_owned())
    } else {
        ("cannot be read from the keyring", "Look at the entry with your keyring's own tool.".to_owned())
    };
    Error::new(ErrorKind::Credentials, format!("keyring entry {shown}: {what}")).hint(hint)
}

/// The command with which an entry is stored on this system.
fn how_to_store(entry: &str) -> String {
    let command = if cfg!(target_os = "macos") {
        format!("security add-generic-password -s {SERVICE} -a {entry} -w")
    } else {
        format!("secret-tool store --label='whopays: {entry}' service {SERVICE} username {entry}")
    };
    format!("Store it with `{command}`, and give it the JSON object that the README shows.")
}

/// Asks for one account's keys at a terminal. The secret and the token are not echoed.
///
/// # Errors
/// As [`Desk::ask`].
pub fn ask_at(terminal: &mut (impl Read + Write + AsFd), account: &AccountName) -> Result<Credentials> {
    // Before the modes are taken: from here on no signal ends the process on the way.
    let stops = Stops::heard().map_err(|error| broken(&error))?;
    let quiet = Quiet::on(terminal.as_fd()).map_err(|error| broken(&error))?;
    let asked = questions(terminal, account, &stops);
    // Restored before the result is looked at, so that an interruption leaves the terminal as it was.
    let restored = quiet.off(terminal.as_fd());
    let credentials = asked?;
    restored.map_err(|error| broken(&error))?;
    Ok(credentials)
}

fn questions(terminal: &mut (impl Read + Write + AsFd), account: &AccountName, stops: &Stops) -> Result<Credentials> {
    let shown = visible(account.as_str()).into_owned();
    let id = answer(terminal, &format!("Access key id for account {shown}: "), Echo::Shown, stops)?;
    let secret = answer(terminal, "Secret (not shown): ", Echo::Hidden, stops)?;
    let token = answer(terminal, "Session token (not shown, Enter for none): ", Echo::Hidden, stops)?;
    if id.is_empty() || secret.is_empty() {
        return Err(Error::new(ErrorKind::Credentials, format!("account {shown}: no key id or no secret was typed"))
            .hint("Start again and type both, or choose another source of credentials."));
    }
    let session_token = Some(token).filter(|token| !token.is_empty()).map(|token| Secret::new(token.to_string()));
    Ok(Credentials { access_key_id: id.to_string(), secret: Secret::new(secret.to_string()), session_token, expires_at: None })
}

/// Whether typed letters are shown.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Echo {
    Shown,
    Hidden,
}

/// One line, edited by us: the terminal sends each key at once, so that Ctrl-C is a byte and not a signal that would leave the
/// terminal without echo.
fn answer(terminal: &mut (impl Read + Write + AsFd), question: &str, echo: Echo, stops: &Stops) -> Result<Zeroizing<String>> {
    say(terminal, question.as_bytes())?;
    let mut line = Zeroizing::new(Vec::with_capacity(4096));
    loop {
        let mut byte = [0_u8; 1];
        let read = match stops.before_key(terminal.as_fd()).map_err(|error| broken(&error))? {
            Next::Key => terminal.read(&mut byte).map_err(|error| broken(&error))?,
            Next::Stop => 0,
        };
        match (read, byte[0]) {
            (0, _) | (_, 3 | 4) => {
                say(terminal, b"\r\n")?;
                return Err(Error::new(ErrorKind::Interrupted, "the question for keys was cancelled").hint("Start again to type them."));
            }
            (_, b'\r' | b'\n') => break,
            (_, 8 | 127) => {
                let erased = line.pop().is_some() && echo == Echo::Shown;
                say(terminal, if erased { b"\x08 \x08" } else { b"" })?;
            }
            (_, 21) => line.clear(),
            (_, letter) if (0x21..0x7f).contains(&letter) && line.len() < 4096 => {
                line.push(letter);
                if echo == Echo::Shown {
                    say(terminal, &[letter])?;
                }
            }
            // Spaces at the ends come with pasted keys; other bytes are no part of any key.
            _ => {}
        }
    }
    say(terminal, b"\r\n")?;
    Ok(Zeroizing::new(String::from_utf8_lossy(&line).into_owned()))
}

fn say(terminal: &mut impl Write, text: &[u8]) -> Result<()> {
    terminal.write_all(text).and_then(|()| terminal.flush()).map_err(|error| broken(&error))
}

fn broken(error: &dyn std::fmt::Display) -> Error {
    Error::new(ErrorKind::Local, format!("the terminal cannot be used to ask for keys: {error}"))
        .hint("Choose another source of credentials.")
}

/// What comes next while somebody is asked.
enum Next {
    Key,
    Stop,
}

/// The signals that end a process, heard as long as this lives: a terminal without echo must be restored first.
struct Stops {
    told: UnixStream,
    registered: Vec<SigId>,
}

impl Stops {
    fn heard() -> std::io::Result<Self> {
        let (told, tell) = UnixStream::pair()?;
        let mut stops = Self { told, registered: Vec::new() };
        for signal in [SIGHUP, SIGINT, SIGQUIT, SIGTERM] {
            stops.registered.push(low_level::pipe::register(signal, tell.try_clone()?)?);
        }
        Ok(stops)
    }

    fn before_key(&self, terminal: BorrowedFd<'_>) -> rustix::io::Result<Next> {
        let mut waiting = [PollFd::new(&self.told, PollFlags::IN), PollFd::from_borrowed_fd(terminal, PollFlags::IN)];
        loop {
            match poll(&mut waiting, None) {
                Ok(_) if waiting[0].revents().is_empty() => return Ok(Next::Key),
                Ok(_) => return Ok(Next::Stop),
                Err(Errno::INTR) => {}
                Err(error) => return Err(error),
            }
        }
    }
}

impl Drop for Stops {
    fn drop(&mut self) {
        for id in self.registered.drain(..) {
            low_level::unregister(id);
        }
    }
}

/// A terminal without echo, signals and line editing, and how it was before.
struct Quiet {
    before: Termios,
}

impl Quiet {
    fn on(terminal: BorrowedFd<'_>) -> rustix::io::Result<Self> {
        let before = tcgetattr(terminal)?;
        let mut modes = before.clone();
        modes.local_modes.remove(LocalModes::ECHO | LocalModes::ECHONL | LocalModes::ICANON | LocalModes::ISIG | LocalModes::IEXTEN);
        modes.special_codes[SpecialCodeIndex::VMIN] = 1;
        modes.special_codes[SpecialCodeIndex::VTIME] = 0;
        // Flush: what was typed ahead is no answer.
        tcsetattr(terminal, OptionalActions::Flush, &modes)?;
        Ok(Self { before })
    }

    fn off(self, terminal: BorrowedFd<'_>) -> rustix::io::Result<()> {
        tcsetattr(terminal, OptionalActions::Drain, &self.before)
    }
}
