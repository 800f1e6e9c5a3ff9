//! Finding, reading and writing the config file, and its permissions.
//!
//! Comes in: a path, or nothing. Goes out: the file's text and whether secrets may stand in it. Forbidden here:
//! overwriting a file, and following anything but a regular file.

#![expect(clippy::disallowed_methods, reason = "this is where runtime reads and writes the config file")]

use std::ffi::OsString;
use std::io::{Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::config::LiteralSecrets;
use crate::domain::escape::visible;
use crate::domain::{Error, ErrorKind, Result};

/// The largest config that is read.
const LARGEST: u64 = 10 * 1024 * 1024;

/// A config file that was read. No `Debug`: the text may hold secrets; it is wiped when dropped.
pub struct ConfigText {
    /// The text.
    pub text: Zeroizing<String>,
    /// Whether secrets may stand in it.
    pub literal_secrets: LiteralSecrets,
    /// What is unwise about the file's or its folder's mode.
    pub warnings: Vec<String>,
}

/// Where the config is: the option, else `$WHOPAYS_CONFIG`, else the user's config directory.
///
/// # Errors
/// `Config` when the user has no config directory (no `HOME`).
pub fn config_path(option: Option<&Path>) -> Result<PathBuf> {
    let usual = directories::ProjectDirs::from("", "", "whopays").map(|dirs| dirs.config_dir().join("config.toml"));
    choose_config(option, std::env::var_os("WHOPAYS_CONFIG"), usual)
}

/// [`config_path`], with its surroundings as arguments.
///
/// # Errors
/// As [`config_path`].
pub fn choose_config(option: Option<&Path>, variable: Option<OsString>, usual: Option<PathBuf>) -> Result<PathBuf> {
    let chosen = option.map(Path::to_path_buf).or_else(|| set(variable)).or(usual);
    chosen.ok_or_else(|| {
        Error::new(ErrorKind::Config, "the config file has no place: there is no home directory")
            .hint("Set HOME, or name the file with --config FILE or WHOPAYS_CONFIG.")
    })
}

/// Whether the user named the file, so that its absence is a mistake.
pub fn is_named(option: Option<&Path>) -> bool {
    option.is_some() || set(std::env::var_os("WHOPAYS_CONFIG")).is_some()
}

/// Where the journal and the log are: `$WHOPAYS_STATE_DIR`, else the user's state directory.
///
/// # Errors
/// `Local` when the user has no state directory (no `HOME`).
pub fn journal_path() -> Result<PathBuf> {
    Ok(state_dir()?.join("journal.db"))
}

/// Where the ledger is: beside the journal.
///
/// # Errors
/// As [`journal_path`].
pub fn ledger_path() -> Result<PathBuf> {
    Ok(state_dir()?.join("ledger.sqlite"))
}

/// The folder for the journal and the log: `$WHOPAYS_STATE_DIR`, else the user's state directory.
///
/// # Errors
/// `Local` when the user's state directory is not known.
pub fn state_dir() -> Result<PathBuf> {
    let usual = directories::ProjectDirs::from("", "", "whopays")
        .map(|dirs| dirs.state_dir().map_or_else(|| dirs.data_local_dir().to_path_buf(), Path::to_path_buf));
    choose_state(std::env::var_os("WHOPAYS_STATE_DIR"), usual)
}

/// [`state_dir`], with its surroundings as arguments.
///
/// # Errors
/// As [`state_dir`].
pub fn choose_state(variable: Option<OsString>, usual: Option<PathBuf>) -> Result<PathBuf> {
    set(variable).or(usual).ok_or_else(|| {
        Error::new(ErrorKind::Local, "the journal has no place: there is no home directory")
            .hint("Set HOME, or name a folder with WHOPAYS_STATE_DIR.")
    })
}

fn set(variable: Option<OsString>) -> Option<PathBuf> {
    variable.filter(|value| !value.is_empty()).map(PathBuf::from)
}

/// `~/…` in the user's home directory; any other path as it is.
pub fn expand_home(path: &Path, home: Option<&Path>) -> PathBuf {
    match (path.strip_prefix("~"), home) {
        (Ok(rest), Some(home)) => home.join(rest),
        _ => path.to_path_buf(),
    }
}

/// Reads a theme file.
///
/// # Errors
/// `Config` for what is not a regular file, is too large or is not UTF-8.
pub fn read_theme(path: &Path) -> Result<String> {
    let home = directories::BaseDirs::new().map(|dirs| dirs.home_dir().to_path_buf());
    let path = expand_home(path, home.as_deref());
    match read(&path)? {
        Some(read) => Ok(read.text.to_string()),
        None => Err(wrong(&path, "is not there").hint("Correct `theme` in the config.")),
    }
}

/// Reads a text file that the command line names: a certificate, a key, a list.
///
/// # Errors
/// `Config` as for a theme.
pub fn read_text(path: &Path) -> Result<String> {
    let read = read(path).map_err(|error| error.hint("Name a file of UTF-8 text that is yours, of 10 MB at most."))?;
    match read {
        Some(read) => Ok(read.text.to_string()),
        None => Err(wrong(path, "is not there").hint("Name another file.")),
    }
}

/// The text that comes on standard input.
///
/// # Errors
/// `Config` for what cannot be read, is too large, or is not UTF-8.
pub fn read_standard_input() -> Result<String> {
    let wrong =
        |what: &str| Error::new(ErrorKind::Config, format!("standard input {what}")).hint("Write UTF-8 text of 10 MB at most to it.");
    let mut bytes = Vec::new();
    std::io::stdin().lock().take(LARGEST + 1).read_to_end(&mut bytes).map_err(|error| wrong("cannot be read").source(error))?;
    if bytes.len() as u64 > LARGEST {
        return Err(wrong("is larger than 10 MB"));
    }
    String::from_utf8(bytes).map_err(|_| wrong("is not UTF-8"))
}

/// Opens a file to append to, readable by its owner only.
///
/// # Errors
/// `Local` when it cannot be written.
pub fn append(path: &Path) -> Result<std::fs::File> {
    std::fs::OpenOptions::new().append(true).create(true).mode(0o600).open(path).map_err(|error| {
        Error::new(ErrorKind::Local, format!("{}: cannot be written to", shown(path))).hint("Name another file.").source(error)
    })
}

/// Reads a config file; `None` if nothing stands there. A symbolic link is followed, and its target is checked.
///
/// # Errors
/// `Config` for what is not a regular file, belongs to someone else, is too large, or is not UTF-8.
pub fn read(path: &Path) -> Result<Option<ConfigText>> {
    let metadata = match std::fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unreadable(path, &error)),
    };
    if !metadata.is_file() {
        return Err(wrong(path, "is not a regular file").hint("Name a file with --config FILE."));
    }
    let file = std::fs::File::open(path).map_err(|error| unreadable(path, &error))?;
    // Of the opened file: another may have taken the path's place meanwhile.
    let metadata = file.metadata().map_err(|error| unreadable(path, &error))?;
    check_owner(path, metadata.uid())?;
    if !metadata.is_file() || metadata.len() > LARGEST {
        return Err(wrong(path, "is larger than 10 MB").hint("Name a config file with --config FILE."));
    }
    let mut bytes = Zeroizing::new(Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or(0) + 1));
    file.take(LARGEST + 1).read_to_end(&mut bytes).map_err(|error| unreadable(path, &error))?;
    let text = std::str::from_utf8(&bytes).map_err(|error| not_text(path, &bytes[..error.valid_up_to()]))?;
    let literal_secrets = if metadata.mode() & 0o077 == 0 { LiteralSecrets::Allowed } else { LiteralSecrets::Refused };
    Ok(Some(ConfigText { text: Zeroizing::new(text.to_owned()), literal_secrets, warnings: loose_modes(path, metadata.mode()) }))
}

/// Whoever owns the file decides where our keys are sent.
fn check_owner(path: &Path, owner: u32) -> Result<()> {
    let own = rustix::process::geteuid().as_raw();
    if owner == own || owner == 0 || own == 0 {
        return Ok(());
    }
    let fix = format!("Run `sudo chown $USER {}`, or name a file of your own with --config FILE.", shown(path));
    Err(wrong(path, "belongs to another user").hint(fix))
}

fn loose_modes(path: &Path, mode: u32) -> Vec<String> {
    let mut warnings = Vec::new();
    if mode & 0o022 != 0 {
        warnings.push(format!("{}: others can change this file, and so where keys are sent: run `chmod 600` on it", shown(path)));
    }
    // A folder with the sticky bit lets nobody replace another's file.
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder_mode = folder.and_then(|folder| std::fs::metadata(folder).ok()).map_or(0, |metadata| metadata.mode());
    if folder_mode & 0o022 != 0 && folder_mode & 0o1000 == 0 {
        warnings.push(format!("{}: others can replace files in its folder: run `chmod 700` on the folder", shown(path)));
    }
    warnings
}

/// Writes the commented default config, 0600 in a 0700 folder. The file appears whole or not at all, and never in the place of
/// another one.
///
/// # Errors
/// `Config` when a file stands there already, `Local` when the folder or file cannot be made.
pub fn write_default(path: &Path) -> Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(|error| unwritable(folder, &error))?;
    let draft = folder.join(format!(".whopays-config-{}.tmp", std::process::id()));
    let written = write_new(&draft).and_then(|()| put_in_place(&draft, path));
    let removed = std::fs::remove_file(&draft);
    written.and(removed).map_err(
        |error| {
            if error.kind() == std::io::ErrorKind::AlreadyExists { exists(path) } else { unwritable(path, &error) }
        },
    )
}

fn write_new(path: &Path) -> std::io::Result<()> {
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(crate::config::default_text().as_bytes())?;
    file.sync_all()
}

/// A link fails if the name is taken, which a rename would not.
fn put_in_place(draft: &Path, path: &Path) -> std::io::Result<()> {
    match std::fs::hard_link(draft, path) {
        Err(error) if matches!(error.kind(), std::io::ErrorKind::Unsupported | std::io::ErrorKind::PermissionDenied) => write_new(path),
        done => done,
    }
}

fn exists(path: &Path) -> Error {
    wrong(path, "exists already, and is left as it is").hint("Edit it, or name another file with --config FILE.")
}

fn shown(path: &Path) -> String {
    visible(&path.to_string_lossy()).into_owned()
}

fn wrong(path: &Path, what: &str) -> Error {
    Error::new(ErrorKind::Config, format!("{}: {what}", shown(path)))
}

fn unreadable(path: &Path, error: &std::io::Error) -> Error {
    let hint = if error.kind() == std::io::ErrorKind::PermissionDenied {
        "Make it readable for yourself: `chmod u+r` on the file, `chmod u+x` on its folders."
    } else {
        "Name a file that can be read with --config FILE."
    };
    wrong(path, &format!("cannot be read: {}", error.kind())).hint(hint)
}

fn unwritable(path: &Path, error: &std::io::Error) -> Error {
    Error::new(ErrorKind::Local, format!("{}: cannot be written: {}", shown(path), error.kind()))
        .hint("Name a file in a folder of your own with --config FILE.")
}

fn not_text(path: &Path, readable: &[u8]) -> Error {
    let line = readable.iter().filter(|byte| **byte == b'\n').count() + 1;
    Error::new(ErrorKind::Config, format!("{}:{line}: is not UTF-8 text", shown(path))).hint("Save the file as UTF-8.")
}
