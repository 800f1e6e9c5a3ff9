//! Local files that are written safely: inside the folder that was chosen, and whole or not at all.
//!
//! Comes in: a folder, plain names, bytes. Goes out: files. Forbidden here: following a symlink below the chosen folder, and
//! replacing what nobody said may be replaced.
//!
//! Every step goes from the open folder, name by name ([`Folder`]), so that neither a hostile name nor a symlink that somebody
//! puts in the way leads outside. Bytes go to a [`Draft`] beside the target, which gets its name when it is complete.

mod draft;
mod folder;

pub(super) use draft::{Draft, Finish, is_draft};
pub(super) use folder::{Entry, Folder};

use std::path::Path;

use rustix::io::Errno;

use crate::domain::escape::visible;
use crate::domain::{Error, ErrorKind};

/// A failed step with a file or folder, in words.
fn failed(path: &Path, what: &str, error: impl Into<std::io::Error>) -> Error {
    let error = error.into();
    let shown = shown(path);
    let (what, hint) = match error.raw_os_error().map(Errno::from_raw_os_error) {
        Some(Errno::NOSPC | Errno::DQUOT) => ("there is no room left for it", "Make room on the disk, then download it again."),
        Some(Errno::FBIG) => ("it is larger than this system lets a file be", "Choose a folder on a disk that takes larger files."),
        Some(Errno::ACCESS | Errno::PERM | Errno::ROFS) => (what, "Choose a folder in which you may write."),
        Some(Errno::NAMETOOLONG) => (what, "Choose a folder with a shorter path."),
        Some(_) | None => (what, "Look at the folder and its disk, then try again."),
    };
    Error::new(ErrorKind::Local, format!("{shown}: {what}")).hint(hint).source(error)
}

/// A refusal for safety: something is in the way that we do not touch.
fn in_the_way(path: &Path, what: &str) -> Error {
    Error::new(ErrorKind::Refused, format!("{}: {what} is in the way", shown(path)))
        .hint("Move it away, or choose another folder: nothing is written through it.")
}

fn shown(path: &Path) -> String {
    visible(&path.to_string_lossy()).into_owned()
}
