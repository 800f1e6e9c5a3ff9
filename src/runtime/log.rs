//! The log: a file in the state directory, for its owner only, of bounded size.
//!
//! Comes in: events of this crate. Goes out: lines in `whopays.log`; at one mebibyte the file becomes `whopays.log.1` and a new
//! one is begun. Events of other crates stay out: nobody here vouches for what a library prints about requests and keys. The
//! file is opened at the first event, so starting costs nothing. A log that cannot be written loses its lines; the program
//! goes on.

use std::fs::{DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use tracing::{Level, Metadata};
use tracing_subscriber::fmt::MakeWriter;

/// At this size a file is put aside.
const LIMIT: u64 = 1 << 20;
/// The file's name in the state directory.
const NAME: &str = "whopays.log";
/// The name of the one before it.
const OLD_NAME: &str = "whopays.log.1";
/// Where this crate's events come from.
const OURS: &str = "whopays";

/// Writes events of this crate up to this level to the log of this folder, from now until the process ends. Does nothing if
/// something else takes the events already.
pub fn start(folder: &Path, level: Level) {
    let subscriber = tracing_subscriber::fmt().with_max_level(level).with_ansi(false).with_writer(Log::new(folder)).finish();
    // The first one stays: a test, or a second console in one process, loses nothing by that.
    let _ = tracing::subscriber::set_global_default(subscriber);
}

/// The file and its size, once it is open.
struct Log {
    folder: PathBuf,
    open: Mutex<Option<(File, u64)>>,
}

impl Log {
    fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), open: Mutex::new(None) }
    }

    /// Appends a line, to a new file if this one is full.
    fn append(&self, line: &[u8]) -> io::Result<()> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut file, mut size) = match open.take() {
            Some(opened) => opened,
            None => self.open()?,
        };
        if size > 0 && size + line.len() as u64 > LIMIT {
            drop(file);
            std::fs::rename(self.folder.join(NAME), self.folder.join(OLD_NAME))?;
            (file, size) = self.open()?;
        }
        file.write_all(line)?;
        *open = Some((file, size + line.len() as u64));
        Ok(())
    }

    /// Opens the file, made for its owner only, and tightened if something else made it.
    fn open(&self) -> io::Result<(File, u64)> {
        DirBuilder::new().recursive(true).mode(0o700).create(&self.folder)?;
        let file = OpenOptions::new().append(true).create(true).mode(0o600).open(self.folder.join(NAME))?;
        let found = file.metadata()?;
        if found.permissions().mode() & 0o077 != 0 {
            file.set_permissions(Permissions::from_mode(0o600))?;
        }
        Ok((file, found.len()))
    }
}

/// Takes one event's line; nothing for events of others.
struct Line<'a>(Option<&'a Log>);

impl Write for Line<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if let Some(log) = self.0 {
            // A full disk must not make the formatter complain on the screen.
            let _ = log.append(bytes);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Line<'a>;

    fn make_writer(&'a self) -> Self::Writer {
        Line(None)
    }

    fn make_writer_for(&'a self, event: &Metadata<'_>) -> Self::Writer {
        let ours = event.target() == OURS || event.target().starts_with("whopays::");
        Line(ours.then_some(self))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log_into(folder: &Path, events: impl FnOnce()) {
        let subscriber = tracing_subscriber::fmt().with_max_level(Level::INFO).with_ansi(false).with_writer(Log::new(folder)).finish();
        tracing::subscriber::with_default(subscriber, events);
    }

    #[expect(clippy::disallowed_methods, reason = "a test reads what was written")]
    fn text(path: &Path) -> String {
        std::fs::read_to_string(path).expect("there")
    }

    #[test]
    fn only_our_events_reach_the_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let state = folder.path().join("state");
        log_into(&state, || {
            assert!(!state.exists(), "nothing is made before it is needed");
            tracing::info!(bucket = "colorpictures", "the payer was changed");
            tracing::info!(target: "hyper::client", "authorization: CANARY");
            tracing::info!(target: "whopays_but_not_ours", "CANARY");
            tracing::debug!("too quiet");
        });
        let path = state.join("whopays.log");
        let written = text(&path);
        assert_eq!(written.lines().count(), 1, "{written}");
        assert!(written.ends_with("INFO whopays::runtime::log::tests: the payer was changed bucket=\"colorpictures\"\n"), "{written}");
        let mode = |path: &Path| std::fs::metadata(path).expect("there").permissions().mode() & 0o7777;
        assert_eq!((mode(&path), mode(&state)), (0o600, 0o700));
    }

    #[test]
    fn the_size_is_bounded() {
        let folder = tempfile::tempdir().expect("a folder");
        let line = "x".repeat(100_000);
        log_into(folder.path(), || {
            for number in 0..25 {
                tracing::info!(number, "{line}");
            }
        });
        let size = |name: &str| std::fs::metadata(folder.path().join(name)).expect("there").len();
        assert!(size("whopays.log") <= 1_048_576 && size("whopays.log.1") <= 1_048_576);
        assert!(text(&folder.path().join("whopays.log")).contains("number=24"));
        assert!(text(&folder.path().join("whopays.log.1")).contains("number=19"), "the lines before stay readable");
        assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 2);
    }

    #[test]
    fn a_log_that_cannot_be_written_is_no_error() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("in the way");
        File::options().write(true).create(true).truncate(true).open(&file).expect("made");
        log_into(&file.join("state"), || tracing::error!("nobody hears this"));
    }
}
