//! The names that a job has given to its files: none is given twice.
//!
//! Keys are told apart by every byte, files are not: macOS and Windows take `A` and `a` for one, and no system has both a file
//! `a` and a file `a/b`. Without this a later object would replace an earlier one without a word.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hasher};

use super::local::LocalName;

/// Why a name cannot be given beside those that this job has given already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clash {
    /// A file of the job has this name, or one that differs in upper and lower case only: macOS and Windows take both for one.
    /// Where they are two files (most of Linux), the name can be used nevertheless.
    SameFile,
    /// The job has put something below a folder of this name: `a` after `a/b`.
    FolderInTheWay,
    /// The job has given the name of a folder on the way to a file: `a/b` after `a`.
    FileInTheWay {
        /// How many components the file's name has.
        depth: usize,
    },
}

/// The names that a job has given, so that none is given twice.
///
/// It keeps a hash of each name in folded case, so that ten million names take a few hundred megabytes and no more. Names that
/// differ in the composition of a letter only (`é` as one character or as two) are not seen here; who creates a file must not
/// replace one in any case.
#[derive(Clone, Debug, Default)]
pub struct Taken {
    files: HashSet<u64>,
    folders: HashSet<u64>,
}

impl Taken {
    /// Gives a name to an object, unless it clashes; then nothing is given.
    ///
    /// # Errors
    /// The clash: the caller refuses the object by its key, or puts it [aside](LocalName::aside) and asks again.
    pub fn take(&mut self, name: &LocalName) -> Result<(), Clash> {
        let paths = Paths::of(name);
        if let Some(clash) = self.clash_of(&paths) {
            return Err(clash);
        }
        self.files.extend(paths.file);
        self.folders.extend(paths.folders);
        Ok(())
    }

    /// How a name would clash with those that were given.
    pub fn clash(&self, name: &LocalName) -> Option<Clash> {
        self.clash_of(&Paths::of(name))
    }

    fn clash_of(&self, paths: &Paths) -> Option<Clash> {
        if let Some(place) = paths.folders.iter().position(|folder| self.files.contains(folder)) {
            return Some(Clash::FileInTheWay { depth: place + 1 });
        }
        let file = paths.file?;
        let in_the_way = self.folders.contains(&file).then_some(Clash::FolderInTheWay);
        in_the_way.or_else(|| self.files.contains(&file).then_some(Clash::SameFile))
    }
}

/// The hashes of a name, with upper and lower case alike.
struct Paths {
    /// Of each folder on the way.
    folders: Vec<u64>,
    /// Of the whole, unless it is a folder.
    file: Option<u64>,
}

impl Paths {
    fn of(name: &LocalName) -> Self {
        let mut hasher = DefaultHasher::new();
        let hashes = name.components.iter().map(|component| {
            hasher.write(folded(component).as_bytes());
            hasher.write_u8(b'/');
            hasher.finish()
        });
        let mut folders: Vec<u64> = hashes.collect();
        let file = if name.is_folder_marker { None } else { folders.pop() };
        Self { folders, file }
    }
}

/// A name with upper and lower case alike.
fn folded(name: &str) -> String {
    if name.is_ascii() {
        return name.to_ascii_lowercase();
    }
    // Up and then down, each character for itself: so `ſ` is `s`, `ß` is `ss`, and no sigma depends on its place.
    name.chars().flat_map(char::to_uppercase).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ObjectKey;
    use crate::transfer::local::relative;

    fn name(key: &str) -> LocalName {
        relative(&ObjectKey::new(key), "").unwrap()
    }

    /// Takes one key after the other and says how the last one ended.
    fn last(keys: &[&str]) -> Result<(), Clash> {
        let mut taken = Taken::default();
        let ends: Vec<_> = keys.iter().map(|key| taken.take(&name(key))).collect();
        assert!(ends[..ends.len() - 1].iter().all(Result::is_ok), "{keys:?}");
        ends[ends.len() - 1]
    }

    #[test]
    fn what_clashes() {
        let rows: [(&[&str], Clash); 11] = [
            (&["a", "a"], Clash::SameFile),
            (&["README", "readme"], Clash::SameFile),
            (&["Ä/x", "ä/X"], Clash::SameFile),
            (&["straße", "STRASSE"], Clash::SameFile),
            // The Kelvin sign, and both small sigmas.
            (&["\u{212a}", "k"], Clash::SameFile),
            (&["ΟΔΟΣ", "οδος"], Clash::SameFile),
            (&["a", "a/b"], Clash::FileInTheWay { depth: 1 }),
            (&["x/A", "x/a/b/c"], Clash::FileInTheWay { depth: 2 }),
            (&["a", "a/"], Clash::FileInTheWay { depth: 1 }),
            (&["a/b/c", "a/B"], Clash::FolderInTheWay),
            (&["a/", "a"], Clash::FolderInTheWay),
        ];
        for (keys, clash) in rows {
            assert_eq!(last(keys), Err(clash), "{keys:?}");
        }
    }

    #[test]
    fn what_does_not_clash() {
        for keys in [&["a/b", "A/c"][..], &["a/", "a/", "a/b", "A/"], &["a", "ab", "b/a", "a.b"], &["ab/c", "a/bc", "abc"], &["", "a"]] {
            let keys: Vec<&str> = keys.iter().copied().filter(|key| !key.is_empty()).collect();
            assert_eq!(last(&keys), Ok(()), "{keys:?}");
        }
    }

    #[test]
    fn a_clash_takes_nothing() {
        let mut taken = Taken::default();
        assert_eq!(taken.take(&name("a")), Ok(()));
        assert!(taken.take(&name("a/b/c")).is_err());
        // Had `a/b` become a folder, this would be in the way.
        taken.files.clear();
        assert_eq!(taken.take(&name("a/b")), Ok(()));
    }

    /// E7: both a file and a folder, and pairs that differ in case only, all find a place.
    #[test]
    fn aside_is_a_place_for_every_key() {
        let mut taken = Taken::default();
        let mut places = Vec::new();
        for key in ["a", "a/b", "A/c", "a/d/e", "d/x", "d", "R", "r"] {
            let mut place = name(key);
            while let Err(clash) = taken.take(&place) {
                place = place.aside(clash, &ObjectKey::new(key));
            }
            places.push(place.components.join("/"));
        }
        let hand = ["a", "a%2F/b", "A%2F/c", "a%2F/d/e", "d/x", "d%~18ac3e7343f01689", "R", "r%~454349e422f05297"];
        assert_eq!(places, hand);
    }
}
