//! What a person asked to be moved or removed. The console queues jobs, a command runs one; both through the same engine.

use std::path::PathBuf;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::pattern::Rule;
use crate::domain::{Acting, Consent, ETag, ObjectKey, ObjectSettings, Overwrite, StorageClass, VersionId};

/// The number of a job in the state database; it survives a restart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct JobId(pub i64);

/// Something that moves or removes objects.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Job {
    /// Local bytes become objects.
    Upload(Upload),
    /// Objects become local files.
    Download(Download),
    /// Objects become other objects.
    Copy(Copy),
    /// Objects go away.
    Delete(Delete),
}

impl Job {
    /// The bucket that is acted on; of a copy, the one that is written to.
    pub fn acting(&self) -> &Acting {
        match self {
            Self::Upload(upload) => &upload.to,
            Self::Download(download) => &download.from,
            Self::Copy(copy) => &copy.to,
            Self::Delete(delete) => &delete.within,
        }
    }
}

impl Job {
    /// What stands before the key in the address of each object that is gone once it is done; `None`: what it leaves of a key is not
    /// known, since older versions may show again.
    pub fn takes_away(&self) -> Option<String> {
        let (acting, what) = match self {
            Self::Delete(Delete { within, what, versions: Versions::Current }) => (within, what),
            Self::Copy(Copy { from, what, original: Original::Goes, .. }) => (from, what),
            Self::Delete(Delete { versions: Versions::All, .. }) | Self::Copy(Copy { original: Original::Stays, .. }) => return None,
            Self::Upload(_) | Self::Download(_) => return None,
        };
        let current = match what {
            Selection::Picked(picks) => picks.iter().all(|pick| pick.version.is_none()),
            Selection::Below { .. } => true,
        };
        current.then(|| format!("{}/", acting.place.id))
    }

    /// Every bucket of it: the one that is read first.
    pub fn actings(&self) -> Vec<&Acting> {
        match self {
            Self::Copy(copy) => vec![&copy.from, &copy.to],
            Self::Upload(_) | Self::Download(_) | Self::Delete(_) => vec![self.acting()],
        }
    }

    /// Whether another job asks for the same work, whatever was said of paying and of what exists.
    pub fn asks_the_same(&self, other: &Self) -> bool {
        self.bare() == other.bare()
    }

    /// The work alone.
    fn bare(&self) -> Self {
        let silent = |acting: &Acting| Acting { consent: Consent::Silent, ..acting.clone() };
        let mut bare = self.clone();
        match &mut bare {
            Self::Upload(upload) => (upload.to, upload.overwrite) = (silent(&upload.to), Overwrite::Refuse),
            Self::Download(download) => (download.from, download.existing) = (silent(&download.from), Existing::Keep),
            Self::Copy(copy) => (copy.from, copy.to, copy.overwrite) = (silent(&copy.from), silent(&copy.to), Overwrite::Refuse),
            Self::Delete(delete) => delete.within = silent(&delete.within),
        }
        bare
    }
}

/// Local bytes become objects.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Upload {
    /// What is uploaded.
    pub from: Source,
    /// The bucket.
    pub to: Acting,
    /// Under which keys.
    pub key: Pointer,
    /// What is stored beside the bytes. Without a content type, one is guessed for each name.
    pub settings: ObjectSettings,
    /// Whether objects that exist may be replaced.
    pub overwrite: Overwrite,
}

/// Where the bytes of an upload come from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Source {
    /// A file.
    File(PathBuf),
    /// Files, and folders with all that is below them, as far as the rules admit it. The name of a folder becomes part of the keys
    /// unless the path ends in `/`.
    Paths {
        /// Where.
        paths: Vec<PathBuf>,
        /// `--include` and `--exclude`, in their order.
        rules: Vec<Rule>,
    },
    /// Standard input: of unknown length.
    Stdin,
}

/// Under which key or keys something is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Pointer {
    /// One object.
    Key(ObjectKey),
    /// Each with its own name behind this text: `""`, or a prefix that usually ends in `/`.
    Below(String),
}

/// Which objects are meant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Selection {
    /// These.
    Picked(Vec<Pick>),
    /// All whose key begins with the prefix, as far as the rules admit what follows it. The prefix is taken as it is: `logs/` never
    /// takes `logs.json`.
    Below {
        /// The prefix.
        prefix: String,
        /// `--include` and `--exclude`, in their order.
        rules: Vec<Rule>,
    },
}

/// One object, and what is known of it: a size and an ETag from a listing spare a request, and the ETag guards against a change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pick {
    /// The key.
    pub key: ObjectKey,
    /// The version; `None`: the current one.
    pub version: Option<VersionId>,
    /// Its size in bytes.
    pub size: Option<u64>,
    /// Its entity tag.
    pub etag: Option<ETag>,
    /// When it was written.
    pub modified: Option<Timestamp>,
    /// Its storage class: what reading it costs hangs on that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<StorageClass>,
}

impl Pick {
    /// An object of which nothing is known but its key.
    pub fn named(key: ObjectKey) -> Self {
        Self { key, version: None, size: None, etag: None, modified: None, class: None }
    }
}

/// Objects become local files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Download {
    /// The bucket.
    pub from: Acting,
    /// Which objects.
    pub what: Selection,
    /// Where they go.
    pub to: Landing,
    /// What happens where a file exists.
    pub existing: Existing,
}

/// Where downloads go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Landing {
    /// This file: for one object.
    File(PathBuf),
    /// Into this folder. Names are what follows the last `/` of a picked key, or what follows the prefix of a selection.
    Folder(PathBuf),
}

/// What happens to something that exists under the name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Existing {
    /// It is kept; the object counts as refused ([`Fate::Exists`](super::Fate::Exists)).
    #[default]
    Keep,
    /// It is replaced, once the new one is complete.
    Replace,
    /// It is kept, and the new one gets a name of its own (`name (2).ext`). For files only.
    KeepBoth,
}

/// Objects become other objects.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Copy {
    /// The bucket that is read.
    pub from: Acting,
    /// Which objects.
    pub what: Selection,
    /// The bucket that is written to: of any account, at any provider.
    pub to: Acting,
    /// Under which keys.
    pub key: Pointer,
    /// What is stored beside the bytes, in place of what the source has; `None`: as the source has it.
    pub settings: Option<ObjectSettings>,
    /// Whether objects that exist may be replaced.
    pub overwrite: Overwrite,
    /// What becomes of the original.
    pub original: Original,
    /// By which way the bytes go.
    #[serde(default)]
    pub route: Route,
}

/// By which way the bytes of a copy go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Route {
    /// The store copies where one account speaks for both sides. What it then refuses is not copied: the way through this machine takes
    /// a transfer out that nobody was told of.
    #[default]
    Shortest,
    /// Through this machine, whatever the store can: downloaded and uploaded again, and said so before.
    Here,
}

/// What becomes of what was copied.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Original {
    /// It stays.
    #[default]
    Stays,
    /// It is deleted once its copy is complete and verified: a move.
    Goes,
}

/// Objects go away.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delete {
    /// The bucket.
    pub within: Acting,
    /// Which objects.
    pub what: Selection,
    /// Every version and delete marker of each key, not only the current one.
    pub versions: Versions,
}

/// Which versions are meant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Versions {
    /// The current one; in a versioned bucket a delete marker is put on top.
    #[default]
    Current,
    /// All of them, for ever.
    All,
}
