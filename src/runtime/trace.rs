//! The trace: every request as one line of JSON, in a file that somebody else may be given (`--trace FILE`).
//!
//! Comes in: requests that left, as the door tells them. Goes out: whole lines, appended at once, each with one write, so that a
//! killed process leaves what it had told. The request's own task waits for that write: whoever asks for evidence wants it in the
//! file before the next request leaves. Forbidden here: anything that [`evidence::line`] would not say, and ending the program
//! because a disk is full.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use rustix::fs::OFlags;

use crate::domain::escape::visible;
use crate::domain::{Error, ErrorKind, Result, Sent, evidence};

/// An open trace.
#[derive(Debug)]
pub struct Trace {
    path: PathBuf,
    /// `None`: it could not be written any more. What comes after a gap would look like all there was.
    file: Mutex<Option<File>>,
}

impl Trace {
    /// Opens the file, or makes it for its owner only. What stands in it stays.
    ///
    /// # Errors
    /// `Usage` for what is no regular file, `Local` for what cannot be written.
    pub fn open(path: &Path) -> Result<Self> {
        let no_file = || {
            Error::new(ErrorKind::Usage, format!("{}: the trace needs a regular file", shown(path))).hint("Name another file with --trace.")
        };
        // A pipe without a reader would wait for ever; the mode that does not wait means nothing to a file.
        let flags = i32::try_from(OFlags::NONBLOCK.bits()).unwrap_or_default();
        let opened = OpenOptions::new().read(true).append(true).create(true).mode(0o600).custom_flags(flags).open(path);
        let mut file = match opened {
            Ok(file) => file,
            Err(_) if path.metadata().is_ok_and(|metadata| !metadata.is_file()) => return Err(no_file()),
            Err(error) => return Err(cannot(path, "cannot be written to", "Name another file with --trace.", error)),
        };
        if !file.metadata().is_ok_and(|metadata| metadata.is_file()) {
            return Err(no_file());
        }
        end_line(&mut file).map_err(|error| cannot(path, "cannot be written to", "Name another file with --trace.", error))?;
        Ok(Self { path: path.to_owned(), file: Mutex::new(Some(file)) })
    }

    /// Writes a request down. If that fails, the trace ends there, and the error says so once.
    ///
    /// # Errors
    /// `Local`, the first time that the file cannot be written.
    pub fn tell(&self, sent: &Sent) -> Result<()> {
        let mut line = evidence::line(sent);
        line.push('\n');
        let mut open = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(file) = open.as_mut() else { return Ok(()) };
        append(file, line.as_bytes()).map_err(|error| {
            *open = None;
            let what = "cannot be written any more: the trace ends there, the program goes on";
            cannot(&self.path, what, "Make room on the disk, then begin another trace.", error)
        })
    }
}

/// A process that was killed in the middle of a line has left no end of it: what comes now begins a line of its own.
fn end_line(file: &mut File) -> io::Result<()> {
    let mut last = [b'\n'];
    if file.metadata()?.len() > 0 {
        file.seek(SeekFrom::End(-1))?;
        file.read_exact(&mut last)?;
    }
    if last == *b"\n" { Ok(()) } else { file.write_all(b"\n") }
}

/// The whole line or nothing of it.
fn append(file: &mut File, line: &[u8]) -> io::Result<()> {
    let mut written = 0;
    while let Some(rest) = line.get(written..).filter(|rest| !rest.is_empty()) {
        match file.write(rest) {
            Ok(count) => written += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => {
                // A half line that stays is no worse than the error that is told.
                let _ = take_back(file, written as u64);
                return Err(error);
            }
        }
    }
    Ok(())
}

/// Cuts off the part of a line that was written last, unless another process has appended to it.
fn take_back(file: &mut File, written: u64) -> io::Result<()> {
    let end = file.stream_position()?;
    if written > 0 && end == file.metadata()?.len() { file.set_len(end.saturating_sub(written)) } else { Ok(()) }
}

fn cannot(path: &Path, what: &str, hint: &str, error: io::Error) -> Error {
    Error::new(ErrorKind::Local, format!("{}: {what} ({error})", shown(path))).hint(hint).source(error)
}

fn shown(path: &Path) -> String {
    visible(&path.to_string_lossy()).into_owned()
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "tests read and write a folder of their own")]
mod tests {
    use std::os::unix::fs::PermissionsExt;
    use std::sync::Arc;

    use super::*;

    fn sent(path: &str) -> Sent {
        Sent { path: Arc::from(path), ..Sent::example() }
    }

    #[test]
    fn it_is_for_its_owner_and_appended_to() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("trace.jsonl");
        Trace::open(&path).unwrap().tell(&sent("/a")).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o600);
        // What a killed process left in the middle of a line is a line of its own.
        let mut file = OpenOptions::new().append(true).open(&path).unwrap();
        file.write_all(b"{\"time\":\"20").unwrap();
        let again = Trace::open(&path).unwrap();
        again.tell(&sent("/b")).unwrap();
        again.tell(&sent("/c")).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 4, "{text}");
        assert!(lines[0].contains("\"path\":\"/a\"") && lines[1] == "{\"time\":\"20" && lines[2].contains("\"path\":\"/b\""), "{text}");
        assert!(lines[3].ends_with('}') && text.ends_with("}\n"), "{text}");
    }

    #[test]
    fn a_folder_a_pipe_and_a_device_are_refused_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status().unwrap();
        assert!(made.success());
        for path in [folder.path(), &pipe, Path::new("/dev/null")] {
            let error = Trace::open(path).unwrap_err();
            assert_eq!((error.kind(), error.exit_code()), (ErrorKind::Usage, 2), "{error}");
        }
        let error = Trace::open(&folder.path().join("missing/trace.jsonl")).unwrap_err();
        assert_eq!((error.kind(), error.exit_code()), (ErrorKind::Local, 1), "{error}");
    }

    #[test]
    fn a_line_that_was_cut_is_taken_back_and_what_others_wrote_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("trace.jsonl");
        let mut file = OpenOptions::new().read(true).append(true).create(true).open(&path).unwrap();
        file.write_all(b"whole\nhal").unwrap();
        take_back(&mut file, 3).unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "whole\n");
        file.write_all(b"hal").unwrap();
        OpenOptions::new().append(true).open(&path).unwrap().write_all(b"\nanother\n").unwrap();
        take_back(&mut file, 3).unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "whole\nhal\nanother\n");
    }
}
