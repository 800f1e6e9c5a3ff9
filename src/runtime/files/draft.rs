//! A file that is not complete yet: beside its target, under a name of its own, readable by nobody else.
//!
//! It ends in one of three ways: [`Draft::finish`] gives it its name, [`Draft::keep`] leaves it to be resumed, and dropping it
//! removes it. A process that is killed leaves it too, without the lock that a living one has on it: whoever downloads to the same
//! name next takes it over.

use std::borrow::Cow;
use std::fs::{File, Permissions};
use std::io::{self, IoSlice};
use std::os::unix::fs::{FileExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use jiff::Timestamp;
use rustix::fs::{
    AtFlags, FileType, FlockOperation, Mode, OFlags, RenameFlags, flock, fstat, linkat, openat, renameat, renameat_with, statat,
};
use rustix::io::Errno;
use rustix::process::geteuid;

use super::folder::{Entry, Folder, plain};
use super::{failed, in_the_way};
use crate::domain::{Error, ErrorKind, Result};
use crate::transfer::Existing;

/// What marks a draft's name.
const MARK: &str = ".whopays-";
const END: &str = ".part";
/// The longest name of a file, in bytes.
const LONGEST_NAME: usize = 255;
/// Drafts with one name: chance decides, so that a few tries are plenty.
const TRIES: usize = 16;
/// The tag of a target's first draft. It is always the same, so that what a killed process left is found without reading the folder.
const FIRST_TAG: u32 = 0;
/// A draft that is larger may be one that the journal knows, and that somebody wants to go on with: objects up to this size are
/// fetched in one request, and begun anew.
const TAKEN_OVER_TO: u64 = 64 << 20;
/// How many names `name (2).ext` are tried.
const MOST_NUMBERS: u32 = 10_000;
/// A file that replaces another one is brought to the disk first from this size on: after a loss of power there must be the old
/// one or the new one. Where nothing is replaced, a loss of power costs what can be downloaded again, and waiting for the disk
/// for each of thousands of files would cost minutes. Small files are left to the file system, which orders a replacing rename
/// behind the data.
const SYNCED_FROM: u64 = 1 << 20;

/// How a new file is made: never one that exists, never through a symlink.
const NEW: OFlags = OFlags::RDWR.union(OFlags::CREATE).union(OFlags::EXCL).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);

/// A file that is not complete yet.
pub(in crate::runtime) struct Draft {
    folder: Folder,
    name: String,
    file: File,
    /// One at a time: file systems take one writer of a file at a time, and those who wait for them spin.
    writing: Mutex<()>,
    stays: AtomicBool,
}

/// How a complete file looks.
#[derive(Clone, Copy, Debug)]
pub(in crate::runtime) struct Finish {
    /// Its rights.
    pub(in crate::runtime) mode: u32,
    /// Its time: that of the object, as other tools do it.
    pub(in crate::runtime) modified: Option<Timestamp>,
    /// Its size.
    pub(in crate::runtime) size: u64,
    /// What happens where a file exists.
    pub(in crate::runtime) existing: Existing,
    /// The first number that is tried where both are kept: 1 is the name as it is, which another object of the same key may be on
    /// its way to.
    pub(in crate::runtime) first: u32,
}

/// Whether a name is one that drafts have.
pub(in crate::runtime) fn is_draft(name: &str) -> bool {
    let tag = name.strip_suffix(END).and_then(|rest| rest.rsplit_once(MARK)).map(|(_, tag)| tag);
    name.starts_with('.') && tag.is_some_and(|tag| tag.len() == 8 && tag.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// A new file under a draft's name: never one that exists, never through a symlink.
pub(super) fn fresh(folder: &Folder, target: &str, mode: u32) -> Result<(String, File)> {
    let mut last = Errno::EXIST;
    for _ in 0..TRIES {
        let name = draft_name(target, fastrand::u32(..));
        match openat(&folder.handle, &name, NEW, Mode::from_raw_mode(mode)) {
            Ok(handle) => return Ok((name, File::from(handle))),
            Err(Errno::EXIST) => {}
            Err(error) => {
                last = error;
                break;
            }
        }
    }
    Err(failed(&folder.path().join(target), "no file can be made beside it", last))
}

/// A new file under this name, locked; `None` if something has the name, or if nothing can be made here.
fn made(folder: &Folder, name: &str) -> Option<File> {
    let file = File::from(openat(&folder.handle, name, NEW, Mode::from_raw_mode(0o600)).ok()?);
    (locked(folder, name, &file) != Lock::Others).then_some(file)
}

/// Locks a file for this process, and says whether it is still the one of this name: its last holder may have finished or removed
/// it meanwhile. Where a file system knows no locks, a new file is ours all the same, and nobody takes anything over.
fn locked(folder: &Folder, name: &str, file: &File) -> Lock {
    match flock(file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => {}
        Err(Errno::WOULDBLOCK) => return Lock::Others,
        Err(_) => return Lock::Unknown,
    }
    let (Ok(ours), Ok(named)) = (fstat(file), statat(&folder.handle, name, AtFlags::SYMLINK_NOFOLLOW)) else { return Lock::Others };
    if (ours.st_dev, ours.st_ino) == (named.st_dev, named.st_ino) { Lock::Ours } else { Lock::Others }
}

/// Whose a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lock {
    Ours,
    Others,
    /// The file system knows no locks.
    Unknown,
}

/// Opens a draft that is a file of ours, that nobody writes to, and that nothing else is linked to; with its size.
fn left_behind(folder: &Folder, name: &str) -> Option<(File, u64)> {
    let flags = OFlags::RDWR | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = File::from(openat(&folder.handle, name, flags, Mode::empty()).ok()?);
    let stat = fstat(&file).ok()?;
    let regular = FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile;
    let ours = regular && stat.st_uid == geteuid().as_raw() && stat.st_nlink == 1;
    let size = u64::try_from(stat.st_size).ok()?;
    (ours && locked(folder, name, &file) != Lock::Others).then_some((file, size))
}

/// What a killed process left of a small object, emptied: it has the rights that a draft has.
fn taken_over(folder: &Folder, name: &str) -> Option<File> {
    let (file, size) = left_behind(folder, name)?;
    if size > TAKEN_OVER_TO || locked(folder, name, &file) != Lock::Ours {
        return None;
    }
    file.set_permissions(Permissions::from_mode(0o600)).and_then(|()| file.set_len(0)).ok()?;
    Some(file)
}

fn draft_name(target: &str, tag: u32) -> String {
    let room = LONGEST_NAME - 1 - MARK.len() - 8 - END.len();
    let kept = &target[..target.floor_char_boundary(room.min(target.len()))];
    let digits = if tag == FIRST_TAG { Cow::Borrowed("00000000") } else { Cow::Owned(format!("{tag:08x}")) };
    [".", kept, MARK, &digits, END].concat()
}

impl Draft {
    /// Begins a file that will be called `target`.
    ///
    /// # Errors
    /// `Local` if the folder takes no file.
    pub(in crate::runtime) fn begin(folder: &Folder, target: &str) -> Result<Self> {
        let first = draft_name(plain(target)?, FIRST_TAG);
        if let Some(file) = made(folder, &first).or_else(|| taken_over(folder, &first)) {
            return Ok(Self::of(folder, first, file));
        }
        let (name, file) = fresh(folder, target, 0o600)?;
        let _ours_unless_the_file_system_knows_no_locks = locked(folder, &name, &file);
        Ok(Self::of(folder, name, file))
    }

    fn of(folder: &Folder, name: String, file: File) -> Self {
        Self { folder: folder.clone(), name, file, writing: Mutex::new(()), stays: AtomicBool::new(false) }
    }

    /// Opens a draft that an earlier run kept; `None` if there is none of this name that is ours and has this size.
    pub(in crate::runtime) fn resume(folder: &Folder, name: &str, size: u64) -> Option<Self> {
        if !is_draft(name) {
            return None;
        }
        let (file, found) = left_behind(folder, name)?;
        (found == size).then(|| Self::of(folder, name.to_owned(), file))
    }

    /// Removes a draft that an earlier run kept, unless somebody writes to it.
    pub(in crate::runtime) fn clear(folder: &Folder, name: &str) {
        if is_draft(name) && left_behind(folder, name).is_some() {
            // A draft that cannot be removed is known by its name.
            let _ = folder.remove(name);
        }
    }

    /// Where it is.
    pub(in crate::runtime) fn path(&self) -> PathBuf {
        self.folder.path().join(&self.name)
    }

    /// Which file it is: the same one when it has its name.
    pub(in crate::runtime) fn inode(&self) -> Result<u64> {
        fstat(&self.file).map(|stat| stat.st_ino).map_err(|error| failed(&self.path(), "cannot be looked at", error))
    }

    /// Gives it its size before the first byte, so that an earlier run's draft is known by it.
    ///
    /// # Errors
    /// `Local`: no room.
    pub(in crate::runtime) fn set_size(&self, size: u64) -> Result<()> {
        self.file.set_len(size).map_err(|error| failed(&self.path(), "cannot be made so large", error))
    }

    /// Writes pieces one behind the other, from where the first one belongs.
    ///
    /// # Errors
    /// `Local`: no room, or a broken disk.
    pub(in crate::runtime) fn write_at(&self, pieces: &[Bytes], offset: u64) -> Result<()> {
        self.write_all_at(pieces, offset).map_err(|error| failed(&self.path(), "cannot be written", error))
    }

    fn write_all_at(&self, pieces: &[Bytes], mut offset: u64) -> io::Result<()> {
        let mut slices: Vec<IoSlice<'_>> = pieces.iter().filter(|piece| !piece.is_empty()).map(|piece| IoSlice::new(piece)).collect();
        let mut left = slices.as_mut_slice();
        let _turn = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        while !left.is_empty() {
            match rustix::io::pwritev(&self.file, left, offset) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(written) => {
                    offset += written as u64;
                    IoSlice::advance_slices(&mut left, written);
                }
                Err(Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// Reads bytes back.
    ///
    /// # Errors
    /// `Local`: fewer are there, or a broken disk.
    pub(in crate::runtime) fn read_at(&self, bytes: &mut [u8], offset: u64) -> Result<()> {
        self.file.read_exact_at(bytes, offset).map_err(|error| failed(&self.path(), "cannot be read", error))
    }

    /// Leaves it where it is when it is dropped.
    pub(in crate::runtime) fn keep(&self) {
        self.stays.store(true, Ordering::Relaxed);
    }

    /// Removes it now, also while somebody still writes to it.
    ///
    /// # Errors
    /// `Local` if it cannot be removed.
    pub(in crate::runtime) fn discard(&self) -> Result<()> {
        self.keep();
        self.folder.remove(&self.name)
    }

    /// Gives the complete file its name, and says which; `None`: something has the name, and it was not to be replaced.
    ///
    /// # Errors
    /// `Refused` where something that is no file would have to be replaced; `Local` for all else.
    pub(in crate::runtime) fn finish(&self, target: &str, finish: &Finish) -> Result<Option<String>> {
        let whole = |error| failed(&self.path(), "cannot be completed", error);
        self.file.set_permissions(Permissions::from_mode(finish.mode)).map_err(whole)?;
        if let Some(time) = finish.modified.and_then(system_time) {
            self.file.set_modified(time).map_err(whole)?;
        }
        let named = match finish.existing {
            Existing::Keep => self.name_it(target)?.then(|| target.to_owned()),
            Existing::Replace => self.replace(target, finish.size)?.then(|| target.to_owned()),
            Existing::KeepBoth => self.name_beside(target, finish.first)?,
        };
        if named.is_some() {
            self.keep();
        }
        Ok(named)
    }

    /// Takes a name that nothing has; `false`: something has it.
    fn name_it(&self, target: &str) -> Result<bool> {
        let (from, to) = (&self.folder.handle, plain(target)?);
        let renamed = match renameat_with(from, &self.name, from, to, RenameFlags::NOREPLACE) {
            // Some network file systems cannot say "unless it exists" of a rename; of a link all can.
            Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {
                linkat(from, &self.name, from, to, AtFlags::empty()).map(|()| drop(self.folder.remove(&self.name)))
            }
            other => other,
        };
        match renamed {
            Ok(()) => Ok(true),
            Err(Errno::EXIST | Errno::NOTEMPTY | Errno::ISDIR) => Ok(false),
            Err(error) => Err(failed(&self.folder.path().join(target), "cannot get its name", error)),
        }
    }

    fn replace(&self, target: &str, size: u64) -> Result<bool> {
        let path = self.folder.path().join(target);
        match self.folder.look(target)? {
            Entry::Nothing if self.name_it(target)? => return Ok(true),
            Entry::Nothing | Entry::File { .. } => {}
            Entry::Folder => return Err(in_the_way(&path, "a folder")),
            Entry::Other => return Err(in_the_way(&path, "something that is no file")),
        }
        if size >= SYNCED_FROM {
            self.file.sync_all().map_err(|error| failed(&self.path(), "cannot be brought to the disk", error))?;
        }
        let from = &self.folder.handle;
        renameat(from, &self.name, from, target).map_err(|error| failed(&path, "cannot be replaced", error))?;
        Ok(true)
    }

    fn name_beside(&self, target: &str, first: u32) -> Result<Option<String>> {
        for number in first..=MOST_NUMBERS {
            let name = if number == 1 { target.to_owned() } else { numbered(target, number) };
            if self.name_it(&name)? {
                return Ok(Some(name));
            }
        }
        Err(Error::new(ErrorKind::Local, format!("{}: every name beside it is taken", super::shown(&self.folder.path().join(target))))
            .hint("Choose another folder."))
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if !self.stays.load(Ordering::Relaxed) {
            // Nobody hears of it here; a draft that cannot be removed is known by its name.
            let _ = self.folder.remove(&self.name);
        }
    }
}

/// `name (2).ext`, cut so that it fits.
fn numbered(name: &str, number: u32) -> String {
    let (stem, extension) = match Path::new(name).extension().and_then(|extension| extension.to_str()) {
        Some(extension) if extension.len() < 32 => name.split_at(name.len() - extension.len() - 1),
        Some(_) | None => (name, ""),
    };
    let number = format!(" ({number})");
    let room = LONGEST_NAME - number.len() - extension.len();
    format!("{}{number}{extension}", &stem[..stem.floor_char_boundary(room.min(stem.len()))])
}

fn system_time(time: Timestamp) -> Option<SystemTime> {
    let since = Duration::from_secs(u64::try_from(time.as_second()).ok()?);
    SystemTime::UNIX_EPOCH.checked_add(since)
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "tests write and read files of their own")]
mod tests {
    use std::os::unix::fs::{MetadataExt, symlink};

    use super::*;

    const PLAIN: Finish = Finish { mode: 0o640, modified: None, size: 3, existing: Existing::Keep, first: 1 };

    fn begun(inside: &Path) -> Draft {
        let draft = Draft::begin(&Folder::chosen(inside).unwrap(), "a.txt").unwrap();
        draft.write_at(&[Bytes::from_static(b"ne"), Bytes::new(), Bytes::from_static(b"w")], 0).unwrap();
        draft
    }

    fn listed(inside: &Path) -> Vec<String> {
        let mut names: Vec<String> =
            std::fs::read_dir(inside).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// More pieces than one call takes (1,024 on Linux): what is left over goes where it belongs.
    #[test]
    fn many_pieces_are_written_in_several_calls() {
        let inside = tempfile::tempdir().unwrap();
        let draft = Draft::begin(&Folder::chosen(inside.path()).unwrap(), "a.txt").unwrap();
        let pieces: Vec<Bytes> = (0..3000_u32).map(|number| Bytes::from(number.to_be_bytes().to_vec())).collect();
        draft.write_at(&pieces, 8).unwrap();
        let mut read = [0; 4];
        for (number, at) in [(0_u32, 8), (1023, 4100), (1024, 4104), (2048, 8200), (2999, 12_004)] {
            draft.read_at(&mut read, at).unwrap();
            assert_eq!(u32::from_be_bytes(read), number);
        }
        assert!(draft.read_at(&mut read, 12_005).is_err(), "nothing lies behind the last");
    }

    #[test]
    fn until_the_end_there_is_only_a_draft_of_ones_own() {
        let inside = tempfile::tempdir().unwrap();
        let draft = begun(inside.path());
        let names = listed(inside.path());
        assert!(names.len() == 1 && is_draft(&names[0]) && names[0].starts_with(".a.txt.whopays-"), "{names:?}");
        assert_eq!(std::fs::metadata(draft.path()).unwrap().mode() & 0o777, 0o600);
        drop(draft);
        assert_eq!(listed(inside.path()), [""; 0]);
        let draft = begun(inside.path());
        let modified = "2024-02-29T12:00:00Z".parse().ok();
        assert_eq!(draft.finish("a.txt", &Finish { modified, ..PLAIN }).unwrap().as_deref(), Some("a.txt"));
        drop(draft);
        assert_eq!(listed(inside.path()), ["a.txt"]);
        let metadata = std::fs::metadata(inside.path().join("a.txt")).unwrap();
        assert_eq!((metadata.mode() & 0o777, metadata.mtime()), (0o640, 1_709_208_000));
    }

    #[test]
    fn what_exists_is_kept_replaced_or_joined() {
        let inside = tempfile::tempdir().unwrap();
        let file = inside.path().join("a.txt");
        std::fs::write(&file, "old").unwrap();
        assert_eq!(begun(inside.path()).finish("a.txt", &PLAIN).unwrap(), None);
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "old");
        for name in ["a (2).txt", "a (3).txt"] {
            let both = Finish { existing: Existing::KeepBoth, ..PLAIN };
            assert_eq!(begun(inside.path()).finish("a.txt", &both).unwrap().as_deref(), Some(name));
        }
        begun(inside.path()).finish("a.txt", &Finish { existing: Existing::Replace, ..PLAIN }).unwrap();
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "new");
        assert_eq!(listed(inside.path()), ["a (2).txt", "a (3).txt", "a.txt"]);
    }

    #[test]
    fn what_is_no_file_is_never_replaced() {
        let (inside, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let target = outside.path().join("target");
        std::fs::write(&target, "old").unwrap();
        symlink(&target, inside.path().join("link")).unwrap();
        std::fs::create_dir(inside.path().join("folder")).unwrap();
        for name in ["link", "folder"] {
            let replace = Finish { existing: Existing::Replace, ..PLAIN };
            assert_eq!(begun(inside.path()).finish(name, &replace).expect_err(name).kind(), ErrorKind::Refused);
            assert_eq!(begun(inside.path()).finish(name, &PLAIN).unwrap(), None, "{name}");
        }
        assert_eq!(std::fs::read_to_string(&target).unwrap(), "old");
        assert_eq!(listed(inside.path()), ["folder", "link"]);
    }

    #[test]
    fn only_ones_own_draft_is_resumed() {
        let inside = tempfile::tempdir().unwrap();
        let draft = begun(inside.path());
        draft.keep();
        let (path, folder) = (draft.path(), Folder::chosen(inside.path()).unwrap());
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        drop(draft);
        assert!(Draft::resume(&folder, &name, 4).is_none(), "another size");
        std::fs::write(inside.path().join("a.txt"), "abc").unwrap();
        assert!(Draft::resume(&folder, "a.txt", 3).is_none(), "a file that is no draft");
        symlink(inside.path().join("a.txt"), inside.path().join(".b.whopays-00000000.part")).unwrap();
        assert!(Draft::resume(&folder, ".b.whopays-00000000.part", 3).is_none(), "a symlink");
        let again = Draft::resume(&folder, &name, 3).unwrap();
        let mut bytes = [0; 3];
        again.read_at(&mut bytes, 0).unwrap();
        assert_eq!(&bytes, b"new");
    }

    #[test]
    fn what_a_killed_process_left_is_taken_over_and_what_a_living_one_writes_is_not() {
        let inside = tempfile::tempdir().unwrap();
        let folder = Folder::chosen(inside.path()).unwrap();
        let first = ".a.txt.whopays-00000000.part";
        std::fs::write(inside.path().join(first), "a longer rest of an earlier run").unwrap();
        let draft = begun(inside.path());
        assert_eq!(listed(inside.path()), [first]);
        // Somebody who is at the same target at the same time has a file of his own.
        let other = begun(inside.path());
        assert_eq!(listed(inside.path()).len(), 2);
        Draft::clear(&folder, first);
        assert!(Draft::resume(&folder, first, 3).is_none(), "somebody writes to it");
        assert_eq!(draft.finish("a.txt", &PLAIN).unwrap().as_deref(), Some("a.txt"));
        drop((draft, other));
        assert_eq!(listed(inside.path()), ["a.txt"]);
        assert_eq!(std::fs::read_to_string(inside.path().join("a.txt")).unwrap(), "new");
        // A large one may be known to the journal; a symlink and another one's link are nobody's rest.
        let large = File::create(inside.path().join(first)).unwrap();
        large.set_len((64 << 20) + 1).unwrap();
        drop((large, begun(inside.path())));
        assert_eq!(std::fs::metadata(inside.path().join(first)).unwrap().len(), (64 << 20) + 1);
        Draft::clear(&folder, first);
        symlink("a.txt", inside.path().join(first)).unwrap();
        drop(begun(inside.path()));
        std::fs::remove_file(inside.path().join(first)).unwrap();
        std::fs::hard_link(inside.path().join("a.txt"), inside.path().join(first)).unwrap();
        drop(begun(inside.path()));
        Draft::clear(&folder, first);
        assert_eq!(std::fs::read_to_string(inside.path().join("a.txt")).unwrap(), "new");
        assert_eq!(listed(inside.path()), [first, "a.txt"]);
    }

    #[test]
    fn names_fit() {
        for (name, wanted) in [("a.txt", "a (2).txt"), ("a", "a (2)"), (".bashrc", ".bashrc (2)"), ("a.tar.gz", "a.tar (2).gz")] {
            assert_eq!(numbered(name, 2), wanted);
        }
        for long in ["长".repeat(85), format!("{}.txt", "x".repeat(251)), "y".repeat(255)] {
            assert!(numbered(&long, 10_000).len() <= 255 && draft_name(&long, 7).len() <= 255);
            assert!(is_draft(&draft_name(&long, u32::MAX)));
        }
        assert!(!is_draft("a.whopays-00000000.part") && !is_draft(".a.whopays-zz.part") && !is_draft(".part"));
    }
}
