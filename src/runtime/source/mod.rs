//! Local files whose bytes become objects: found, opened, watched for change.
//!
//! Comes in: paths that a person named. Goes out: files with their marks, bytes with their checksums. Forbidden here: writing
//! anything, waiting for a FIFO, and reading a file as if it were still the one that was found.

mod findings;
mod piece;
mod walk;

use std::fmt;
use std::fs::{File, Metadata};
use std::io::Read;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;

use bytes::Bytes;
use rustix::fs::OFlags;

pub(super) use self::findings::{Findings, findings};
pub(super) use self::piece::{Held, Piece, hasty, read_ahead};
pub(super) use self::walk::{Found, Roots, only_file};
use crate::domain::escape::visible;
use crate::domain::{Error, ErrorKind, Result};

/// How a file looked: as long as this stays, its bytes are taken for the same. A write that keeps the size and sets the time back
/// is not seen; then the checksums of parts that were sent again still are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    /// Its size in bytes.
    pub(super) size: u64,
    modified: (i64, i64),
    inode: u64,
}

impl Mark {
    fn of(metadata: &Metadata) -> Self {
        Self { size: metadata.len(), modified: (metadata.mtime(), metadata.mtime_nsec()), inode: metadata.ino() }
    }
}

impl fmt::Display for Mark {
    /// The spelling that the state database keeps.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}.{:09} {}", self.size, self.modified.0, self.modified.1, self.inode)
    }
}

/// A path for people.
pub(super) fn shown(path: &Path) -> String {
    visible(&path.to_string_lossy()).into_owned()
}

/// How a file looks now. Symlinks are followed: whoever named one meant what it points to.
///
/// # Errors
/// `Local` if it cannot be looked at, `Usage` if it is no regular file.
pub(super) fn look(path: &Path) -> Result<Mark> {
    let metadata = std::fs::metadata(path).map_err(|error| unreadable(path, error))?;
    if metadata.is_file() { Ok(Mark::of(&metadata)) } else { Err(no_file(path, &metadata)) }
}

/// Opens a regular file. What is none is not even opened: some devices act on it.
///
/// # Errors
/// As [`look`].
pub(super) fn open(path: &Path) -> Result<(File, Mark)> {
    look(path)?;
    open_found(path)
}

/// Opens what was a regular file a moment ago. A FIFO that took its name since would wait for its other end.
fn open_found(path: &Path) -> Result<(File, Mark)> {
    let flags = (OFlags::NONBLOCK | OFlags::NOCTTY).bits().cast_signed();
    let file = File::options().read(true).custom_flags(flags).open(path).map_err(|error| unreadable(path, error))?;
    let metadata = file.metadata().map_err(|error| unreadable(path, error))?;
    if metadata.is_file() { Ok((file, Mark::of(&metadata))) } else { Err(no_file(path, &metadata)) }
}

/// Whether a file is still as it was when it was found.
///
/// # Errors
/// `Conflict` if it is not, or not there any more.
pub(super) fn still(path: &Path, mark: &Mark) -> Result<()> {
    match look(path) {
        Ok(now) if now == *mark => Ok(()),
        Ok(_) | Err(_) => Err(changed(path)),
    }
}

/// Reads a whole file at once that was found a moment ago, and makes sure that nobody wrote to it meanwhile. `None`: it has more
/// bytes than `most`.
///
/// # Errors
/// As [`open`]; `Conflict` if it changed while it was read.
pub(super) fn read(path: &Path, most: u64) -> Result<Option<Bytes>> {
    let (mut file, mark) = open_found(path)?;
    if mark.size > most {
        return Ok(None);
    }
    let mut bytes = Vec::with_capacity(usize::try_from(mark.size).unwrap_or(0));
    file.by_ref().take(mark.size).read_to_end(&mut bytes).map_err(|error| unreadable(path, error))?;
    let after = file.metadata().map_err(|error| unreadable(path, error))?;
    if Mark::of(&after) != mark || bytes.len() as u64 != mark.size {
        return Err(changed(path));
    }
    Ok(Some(Bytes::from(bytes)))
}

/// The file is not the one any more that the upload began with.
pub(super) fn changed(path: &Path) -> Error {
    Error::new(ErrorKind::Conflict, format!("{} changed while it was uploaded", shown(path)))
        .hint("Upload it again once nothing writes to it; the object is as it was before.")
}

fn unreadable(path: &Path, error: std::io::Error) -> Error {
    let hint = if error.kind() == std::io::ErrorKind::NotFound {
        "Check the path: nothing has that name."
    } else if error.kind() == std::io::ErrorKind::PermissionDenied {
        "Check the permissions of the file and of the folders above it."
    } else {
        "Check the file and the disk that it is on."
    };
    Error::new(ErrorKind::Local, format!("{} cannot be read", shown(path))).hint(hint).source(error)
}

fn no_file(path: &Path, metadata: &Metadata) -> Error {
    Error::new(ErrorKind::Usage, format!("{} is {}", shown(path), walk::kind_of(metadata.file_type())))
        .hint("Name a regular file, or a folder for all that is below it.")
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "tests write files")]
mod tests {
    use super::*;

    #[test]
    fn marks_tell_changes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        std::fs::write(&path, "one").unwrap();
        assert_eq!(read(&path, 3).unwrap().as_deref(), Some(&b"one"[..]));
        assert_eq!(read(&path, 2).unwrap(), None);
        let mark = look(&path).unwrap();
        assert_eq!(mark.size, 3);
        assert!(still(&path, &mark).is_ok());
        // Replaced by another file of the same size, with the same time.
        let other = folder.path().join("b");
        std::fs::write(&other, "two").unwrap();
        let time = std::fs::metadata(&path).unwrap().modified().unwrap();
        File::options().write(true).open(&other).unwrap().set_modified(time).unwrap();
        std::fs::rename(&other, &path).unwrap();
        assert_eq!(still(&path, &mark).unwrap_err().kind(), ErrorKind::Conflict);
        std::fs::remove_file(&path).unwrap();
        assert_eq!(still(&path, &mark).unwrap_err().kind(), ErrorKind::Conflict);
    }

    #[test]
    fn a_fifo_that_took_the_name_of_a_file_is_not_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("fifo");
        let made = std::process::Command::new("mkfifo").arg(&path).status().unwrap();
        assert!(made.success());
        let (tell, told) = std::sync::mpsc::channel();
        std::thread::spawn(move || tell.send(read(&path, 10).map_err(|error| error.message().to_owned())));
        let said = told.recv_timeout(std::time::Duration::from_secs(30)).expect("it waits for the other end");
        assert!(said.unwrap_err().ends_with("fifo is a FIFO"));
    }

    #[test]
    fn what_is_no_file_is_not_opened() {
        let folder = tempfile::tempdir().unwrap();
        let error = open(folder.path()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Usage);
        assert!(error.message().ends_with("is a folder"), "{error}");
        assert!(open(Path::new("/dev/null")).unwrap_err().message().ends_with("is a device"));
        let missing = open(&folder.path().join("no\u{202e}")).unwrap_err();
        assert_eq!(missing.kind(), ErrorKind::Local);
        assert!(missing.message().ends_with("no\\u{202e} cannot be read"), "{missing}");
    }
}
