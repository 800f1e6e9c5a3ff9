//! An open folder, and the ways down from it.

use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags, fstat, mkdirat, openat, statat, unlinkat};
use rustix::io::Errno;

use super::{failed, in_the_way, shown};
use crate::domain::{Error, ErrorKind, Result};

/// How a folder is opened: as a folder, and nothing else.
const AS_FOLDER: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);

/// An open folder. It stays the same folder, whatever becomes of its path. Cheap to clone.
#[derive(Clone)]
pub(in crate::runtime) struct Folder {
    pub(super) handle: Arc<OwnedFd>,
    path: PathBuf,
}

/// What a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::runtime) enum Entry {
    /// Nothing has the name.
    Nothing,
    /// A file of so many bytes; times are seconds after 1970.
    File {
        /// Its size in bytes.
        size: u64,
        /// Its time.
        modified: i64,
        /// When it was last written, named or given another time: nobody can set that.
        changed: i64,
        /// Which file it is, whatever its name.
        inode: u64,
    },
    /// A folder.
    Folder,
    /// A symlink, a device, a pipe: never written to.
    Other,
}

impl Folder {
    /// Opens the folder that a person chose, made with those above it where there is none. Here, and only here, symlinks are
    /// followed: the path is the person's own word.
    ///
    /// # Errors
    /// `Local` if it cannot be made or is no folder.
    #[expect(clippy::disallowed_methods, reason = "runtime makes the folder that downloads go to")]
    pub(in crate::runtime) fn chosen(path: &Path) -> Result<Self> {
        let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
        let path = std::path::absolute(path).map_err(|error| failed(path, "is no path", error))?;
        std::fs::create_dir_all(&path).map_err(|error| failed(&path, "the folder cannot be made", error))?;
        let handle = openat(CWD, &path, AS_FOLDER, Mode::empty()).map_err(|error| failed(&path, "cannot be opened", error))?;
        Ok(Self { handle: Arc::new(handle), path })
    }

    /// Opens a folder that is there.
    ///
    /// # Errors
    /// `Local` if it cannot be opened.
    pub(in crate::runtime) fn existing(path: &Path) -> Result<Self> {
        let handle = openat(CWD, path, AS_FOLDER, Mode::empty()).map_err(|error| failed(path, "cannot be opened", error))?;
        Ok(Self { handle: Arc::new(handle), path: path.to_owned() })
    }

    /// Where it was when it was opened.
    pub(in crate::runtime) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether nothing is in it. A folder that cannot be read is not called empty.
    pub(in crate::runtime) fn is_empty(&self) -> bool {
        std::fs::read_dir(&self.path).is_ok_and(|mut entries| entries.next().is_none())
    }

    /// The folder below it, through these names; each is made where there is none, with the rights that the umask leaves.
    ///
    /// # Errors
    /// `Refused` if a symlink or another thing that is no folder is in the way; `Local` for all else.
    pub(in crate::runtime) fn below(&self, names: &[String]) -> Result<Self> {
        names.iter().try_fold(self.clone(), |folder, name| folder.step(name))
    }

    fn step(&self, name: &str) -> Result<Self> {
        let path = self.path.join(plain(name)?);
        let flags = AS_FOLDER.union(OFlags::NOFOLLOW);
        let open = || openat(&self.handle, name, flags, Mode::empty());
        let opened = open().or_else(|error| match error {
            Errno::NOENT => match mkdirat(&self.handle, name, Mode::from_raw_mode(0o777)) {
                // Made by us, or by another task at the same moment.
                Ok(()) | Err(Errno::EXIST) => open(),
                Err(error) => Err(error),
            },
            error => Err(error),
        });
        match opened {
            Ok(handle) => Ok(Self { handle: Arc::new(handle), path }),
            Err(Errno::LOOP | Errno::NOTDIR | Errno::MLINK) => Err(in_the_way(&path, "something that is no folder")),
            Err(error) => Err(failed(&path, "the folder cannot be made", error)),
        }
    }

    /// What a name in this folder stands for; a symlink is itself.
    ///
    /// # Errors
    /// `Local` if the folder cannot be read.
    pub(in crate::runtime) fn look(&self, name: &str) -> Result<Entry> {
        let stat = match statat(&self.handle, plain(name)?, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) => stat,
            Err(Errno::NOENT) => return Ok(Entry::Nothing),
            Err(error) => return Err(failed(&self.path.join(name), "cannot be looked at", error)),
        };
        let kind = FileType::from_raw_mode(stat.st_mode);
        Ok(if kind.is_file() {
            let size = u64::try_from(stat.st_size).unwrap_or(0);
            Entry::File { size, modified: stat.st_mtime, changed: stat.st_ctime, inode: stat.st_ino }
        } else if kind.is_dir() {
            Entry::Folder
        } else {
            Entry::Other
        })
    }

    /// Removes a file or what stands under a name; a symlink is removed, not what it points to. Nothing there is no error.
    ///
    /// # Errors
    /// `Local` if it cannot be removed.
    pub(in crate::runtime) fn remove(&self, name: &str) -> Result<()> {
        match unlinkat(&self.handle, plain(name)?, AtFlags::empty()) {
            Ok(()) | Err(Errno::NOENT) => Ok(()),
            Err(error) => Err(failed(&self.path.join(name), "cannot be removed", error)),
        }
    }

    /// The rights that a new file gets here: what umask and the folder's own rules leave of reading and writing for all. The
    /// umask itself can only be read by changing it, which other threads would notice.
    ///
    /// # Errors
    /// `Local` if no file can be made here.
    pub(in crate::runtime) fn usual_mode(&self) -> Result<u32> {
        let (name, file) = super::draft::probe(self, 0o666)?;
        let mode = fstat(&file).map(|stat| stat.st_mode & 0o666);
        self.remove(&name)?;
        mode.map_err(|error| failed(&self.path, "cannot be looked at", error))
    }

    /// Whether two names that differ in case only are one here, as they are on macOS and Windows.
    ///
    /// # Errors
    /// `Local` if no file can be made here.
    pub(in crate::runtime) fn folds_case(&self) -> Result<bool> {
        let (name, _file) = super::draft::probe(self, 0o600)?;
        let folded = self.look(&name.to_uppercase())? != Entry::Nothing;
        self.remove(&name)?;
        Ok(folded)
    }
}

/// The name, if it is one: `relative` gives no other, and no other is ever used.
pub(super) fn plain(name: &str) -> Result<&str> {
    // Byte by byte: it is asked of every file, and a search for characters takes a thousand instructions to prepare.
    if matches!(name, "" | "." | "..") || name.bytes().any(|byte| matches!(byte, b'/' | 0)) {
        let shown = shown(Path::new(name));
        return Err(Error::new(ErrorKind::Internal, format!("\"{shown}\" is no name of a file")).hint("Report this with the key."));
    }
    Ok(name)
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "tests write and read files of their own")]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    fn names(path: &str) -> Vec<String> {
        path.split('/').map(str::to_owned).collect()
    }

    #[test]
    fn no_symlink_is_stepped_through() {
        let (inside, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        symlink(outside.path(), inside.path().join("away")).unwrap();
        symlink("missing", inside.path().join("dangling")).unwrap();
        std::fs::write(inside.path().join("file"), "x").unwrap();
        let folder = Folder::chosen(inside.path()).unwrap();
        for way in ["away", "away/deeper", "dangling", "file", "file/below"] {
            let error = folder.below(&names(way)).map(drop).expect_err(way);
            assert_eq!(error.kind(), ErrorKind::Refused, "{way}");
        }
        assert_eq!(std::fs::read_dir(outside.path()).unwrap().count(), 0);
        folder.below(&names("a/b/c")).unwrap();
        assert!(inside.path().join("a/b/c").is_dir());
        assert_eq!(folder.look("away").unwrap(), Entry::Other);
    }

    #[test]
    fn no_name_leads_up_or_across() {
        let inside = tempfile::tempdir().unwrap();
        let folder = Folder::chosen(&inside.path().join("chosen")).unwrap();
        for name in ["", ".", "..", "a/b", "/", "a\0b"] {
            let error = folder.below(&[name.to_owned()]).map(drop).expect_err(name);
            assert_eq!(error.kind(), ErrorKind::Internal, "{name:?}");
            assert!(folder.look(name).is_err() && folder.remove(name).is_err(), "{name:?}");
        }
        assert_eq!(std::fs::read_dir(inside.path()).unwrap().count(), 1);
    }

    #[test]
    fn probes_leave_nothing() {
        let inside = tempfile::tempdir().unwrap();
        let folder = Folder::chosen(inside.path()).unwrap();
        let mode = folder.usual_mode().unwrap();
        std::fs::write(inside.path().join("UsUaL"), "x").unwrap();
        let stat = rustix::fs::stat(inside.path().join("UsUaL")).unwrap();
        assert_eq!(mode, stat.st_mode & 0o777);
        let folds = inside.path().join("usual").exists();
        assert_eq!(folder.folds_case().unwrap(), folds);
        assert_eq!(std::fs::read_dir(inside.path()).unwrap().count(), 1);
    }

    #[test]
    fn what_a_killed_probe_left_goes_with_the_next_one() {
        let inside = tempfile::tempdir().unwrap();
        let (folder, left) = (Folder::chosen(inside.path()).unwrap(), inside.path().join(".probe.whopays-00000000.part"));
        let probes: [fn(&Folder); 2] = [|folder| assert!(folder.usual_mode().is_ok()), |folder| assert!(folder.folds_case().is_ok())];
        for probe in probes {
            std::fs::write(&left, "").unwrap();
            probe(&folder);
            assert_eq!(std::fs::read_dir(inside.path()).unwrap().count(), 0);
            // One that a living process is at, and the draft of an object of this name, are not ours to remove.
            let held = std::fs::File::create(&left).unwrap();
            rustix::fs::flock(&held, rustix::fs::FlockOperation::LockExclusive).unwrap();
            probe(&folder);
            assert_eq!(std::fs::read_dir(inside.path()).unwrap().count(), 1);
            drop(held);
            std::fs::write(&left, "bytes").unwrap();
            probe(&folder);
            assert_eq!(std::fs::read_to_string(&left).unwrap(), "bytes");
            assert_eq!(std::fs::read_dir(inside.path()).unwrap().count(), 1);
        }
    }
}
