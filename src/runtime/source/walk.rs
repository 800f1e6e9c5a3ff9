//! Walking what a person named: files, and folders with all that is below them.
//!
//! Comes in: paths and rules. Goes out: one [`Found`] after the other, as they are found; nothing waits for the end.
//!
//! A symlink that was named is followed. Below a folder, a link to a regular file of the same folder is uploaded as that file
//! (as `aws` does); a link to anything else is left out and said (as `rsync` does without `-L`): so no upload takes what lies
//! outside of the folder, and no walk goes round in circles. FIFOs, sockets and devices are left out and said. An empty folder is
//! no object.

use std::fs::{DirEntry, FileType};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};

use super::findings::{Teller, Unheard};
use super::{Mark, unreadable};
use crate::domain::{Error, ErrorKind, ObjectKey, Result};
use crate::transfer::local::key_of;
use crate::transfer::pattern::Patterns;

/// Something that was found.
#[derive(Debug)]
pub(in crate::runtime) enum Found {
    /// A file to upload.
    File {
        /// Where it is.
        path: PathBuf,
        /// Under which key it goes.
        key: ObjectKey,
        /// Its size when it was found.
        size: u64,
    },
    /// Something that is no object, with the reason.
    LeftOut(PathBuf, String),
    /// Something that could not be read.
    Failed(PathBuf, Error),
}

/// What was named.
pub(in crate::runtime) struct Roots {
    /// The paths.
    pub(in crate::runtime) paths: Vec<PathBuf>,
    /// Which of what is below them is meant.
    pub(in crate::runtime) patterns: Patterns,
    /// What stands before each name.
    pub(in crate::runtime) prefix: String,
}

impl Roots {
    /// Walks them all; ends early when nobody listens. Blocks: run it on a thread for such work.
    pub(in crate::runtime) fn walk(&self, found: Teller) {
        for path in &self.paths {
            if self.root(path, &found).is_err() {
                return;
            }
        }
        found.end();
    }

    fn root(&self, path: &Path, found: &Teller) -> std::result::Result<(), Unheard> {
        let metadata = match std::fs::metadata(path) {
            Ok(metadata) => metadata,
            Err(error) => return found.tell(Found::Failed(path.to_owned(), unreadable(path, error))),
        };
        let name = path.file_name().map(|name| name.to_str());
        if metadata.is_file() {
            let Some(Some(name)) = name else { return found.tell(not_utf8(path)) };
            return if self.patterns.admits(name) { found.tell(self.file(path, &[name], Mark::of(&metadata).size)) } else { Ok(()) };
        }
        if !metadata.is_dir() {
            return found.tell(Found::LeftOut(path.to_owned(), kind_of(metadata.file_type()).to_owned()));
        }
        let above = match name {
            _ if path.as_os_str().as_bytes().ends_with(b"/") => None,
            None => None,
            Some(Some(name)) => Some(name),
            Some(None) => return found.tell(not_utf8(path)),
        };
        match path.canonicalize() {
            Ok(real) => Tree { roots: self, above, real, found }.walk(path),
            Err(error) => found.tell(Found::Failed(path.to_owned(), unreadable(path, error))),
        }
    }

    fn file(&self, path: &Path, names: &[&str], size: u64) -> Found {
        Found::File { path: path.to_owned(), key: key_of(&self.prefix, names), size }
    }
}

/// One folder that was named.
struct Tree<'a> {
    roots: &'a Roots,
    /// Its name, where that is part of the keys.
    above: Option<&'a str>,
    real: PathBuf,
    found: &'a Teller,
}

impl Tree<'_> {
    fn walk(&self, root: &Path) -> std::result::Result<(), Unheard> {
        let mut folders: Vec<(PathBuf, Vec<String>)> = vec![(root.to_owned(), Vec::new())];
        while let Some((folder, names)) = folders.pop() {
            let entries = match std::fs::read_dir(&folder) {
                Ok(entries) => entries,
                Err(error) => {
                    self.found.tell(Found::Failed(folder.clone(), unreadable(&folder, error)))?;
                    continue;
                }
            };
            for entry in entries {
                match entry {
                    Ok(entry) => self.entry(&entry, &names, &mut folders)?,
                    Err(error) => self.found.tell(Found::Failed(folder.clone(), unreadable(&folder, error)))?,
                }
            }
        }
        Ok(())
    }

    fn entry(&self, entry: &DirEntry, above: &[String], folders: &mut Vec<(PathBuf, Vec<String>)>) -> std::result::Result<(), Unheard> {
        let path = entry.path();
        let name = entry.file_name();
        let Some(name) = name.to_str() else { return self.found.tell(not_utf8(&path)) };
        let names: Vec<String> = above.iter().cloned().chain([name.to_owned()]).collect();
        let kind = match entry.file_type() {
            Ok(kind) => kind,
            Err(error) => return self.found.tell(Found::Failed(path.clone(), unreadable(&path, error))),
        };
        if kind.is_dir() {
            folders.push((path, names));
            return Ok(());
        }
        if !self.roots.patterns.admits(&names.join("/")) {
            return Ok(());
        }
        if kind.is_symlink() {
            return self.link(&path, &names);
        }
        if !kind.is_file() {
            return self.found.tell(Found::LeftOut(path, kind_of(kind).to_owned()));
        }
        match entry.metadata() {
            Ok(metadata) => self.file(&path, &names, metadata.len()),
            Err(error) => self.found.tell(Found::Failed(path.clone(), unreadable(&path, error))),
        }
    }

    /// A link below the folder. What is read is what it pointed to now, wherever it points later.
    fn link(&self, path: &Path, names: &[String]) -> std::result::Result<(), Unheard> {
        let left_out = |why: &str| self.found.tell(Found::LeftOut(path.to_owned(), why.to_owned()));
        let Ok(target) = path.canonicalize() else { return left_out("a symbolic link to nothing") };
        if !target.starts_with(&self.real) {
            return left_out("a symbolic link that leaves the folder");
        }
        match super::look(&target) {
            Ok(mark) => self.file(&target, names, mark.size),
            Err(_) => left_out("a symbolic link to what is no file"),
        }
    }

    fn file(&self, path: &Path, names: &[String], size: u64) -> std::result::Result<(), Unheard> {
        let names: Vec<&str> = self.above.into_iter().chain(names.iter().map(String::as_str)).collect();
        self.found.tell(self.roots.file(path, &names, size))
    }
}

fn not_utf8(path: &Path) -> Found {
    let error = Error::new(ErrorKind::Usage, format!("{} has a name that is not UTF-8, so it cannot be a key", super::shown(path)))
        .hint("Rename it, or upload it alone under a key of your choice.");
    Found::Failed(path.to_owned(), error)
}

/// What it is, for people.
pub(super) fn kind_of(kind: FileType) -> &'static str {
    if kind.is_dir() {
        "a folder"
    } else if kind.is_fifo() {
        "a FIFO"
    } else if kind.is_socket() {
        "a socket"
    } else if kind.is_block_device() || kind.is_char_device() {
        "a device"
    } else if kind.is_symlink() {
        "a symbolic link"
    } else {
        "no regular file"
    }
}

/// The one file that a key of its own is for.
///
/// # Errors
/// `Usage` for several paths, or a folder: they need a prefix.
pub(in crate::runtime) fn only_file(paths: &[PathBuf]) -> Result<&Path> {
    match paths {
        [path] if !path.is_dir() => Ok(path),
        _ => Err(Error::new(ErrorKind::Usage, "several files cannot have one key")
            .hint("End the target with `/`, and each file gets its own name below it.")),
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "tests write files")]
mod tests {
    use std::os::unix::ffi::OsStringExt;
    use std::os::unix::fs::symlink;
    use std::os::unix::net::UnixListener;

    use super::super::findings::findings;
    use super::*;
    use crate::transfer::Rule;

    fn walked(paths: &[PathBuf], rules: &[Rule], prefix: &str) -> Vec<String> {
        let patterns = Patterns::parse(rules.iter().cloned()).unwrap();
        let roots = Roots { paths: paths.to_vec(), patterns, prefix: prefix.to_owned() };
        let (teller, mut findings) = findings();
        roots.walk(teller);
        let mut lines = Vec::new();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        while let Some(found) = runtime.block_on(findings.next()) {
            lines.push(match found {
                Found::File { key, size, .. } => format!("{} {size}", key.as_str()),
                Found::LeftOut(path, why) => format!("- {} {why}", path.file_name().unwrap().to_string_lossy()),
                Found::Failed(_, error) => format!("! {:?}", error.kind()),
            });
        }
        lines.sort();
        lines
    }

    #[test]
    fn a_folder_with_everything_in_it() {
        let outside = tempfile::tempdir().unwrap();
        std::fs::write(outside.path().join("secret"), "s").unwrap();
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("set");
        std::fs::create_dir_all(root.join("sub/empty")).unwrap();
        std::fs::write(root.join("a b"), "12").unwrap();
        std::fs::write(root.join("sub/c"), "").unwrap();
        symlink("sub/c", root.join("inside")).unwrap();
        symlink(outside.path().join("secret"), root.join("leaves")).unwrap();
        symlink("../..", root.join("sub/round")).unwrap();
        symlink(".", root.join("self")).unwrap();
        symlink("nowhere", root.join("dangling")).unwrap();
        std::fs::write(root.join(std::ffi::OsString::from_vec(vec![b'x', 0xff])), "x").unwrap();
        let _socket = UnixListener::bind(root.join("sock")).unwrap();
        let seen = walked(std::slice::from_ref(&root), &[], "p/");
        let hand = [
            "! Usage",
            "- dangling a symbolic link to nothing",
            "- leaves a symbolic link that leaves the folder",
            "- round a symbolic link that leaves the folder",
            "- self a symbolic link to what is no file",
            "- sock a socket",
            "p/set/a b 2",
            "p/set/inside 0",
            "p/set/sub/c 0",
        ];
        assert_eq!(seen, hand);
        // With a slash at the end the folder's own name is no part of the keys; rules see what is below it.
        let slashed = PathBuf::from(format!("{}/", root.display()));
        assert_eq!(
            walked(&[slashed], &[Rule::Include("sub/*".to_owned())], ""),
            ["! Usage", "- round a symbolic link that leaves the folder", "sub/c 0"]
        );
    }

    #[test]
    fn what_is_named_is_taken_or_said() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a.txt"), "1").unwrap();
        symlink("a.txt", folder.path().join("named")).unwrap();
        let at = |name: &str| folder.path().join(name);
        assert_eq!(walked(&[at("a.txt"), at("named"), at("missing")], &[], ""), ["! Local", "a.txt 1", "named 1"]);
        assert_eq!(walked(&[PathBuf::from("/dev/null")], &[], ""), ["- null a device"]);
        assert!(only_file(&[at("a.txt"), at("named")]).is_err() && only_file(&[at("")]).is_err());
    }
}
