//! What only looks: an object's headers, a piece of its bytes, a local folder, a link. Nothing here changes anything.

use std::fs::{self, DirEntry, FileType};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Hands;
use crate::app::{EntryKind, Folder, FolderEntry, Looking, Msg, Presence, PreviewAsk, Previewed, Ticket};
use crate::domain::{Acting, Error, ErrorKind, ObjectKey, Piece, Result};
use crate::preview::{self, Mode, Sample, Shown};
use crate::runtime::tasks::in_background;
use crate::transfer::Pick;

/// More entries of a folder are counted, not listed: nobody scrolls through them, and a path can be typed.
const MOST_ENTRIES: usize = 10_000;

impl Hands {
    /// A piece of an object, and what it is. Only the request waits on the network; looking is work for a thread.
    pub(super) fn preview(&mut self, ticket: Ticket, acting: Acting, pick: Pick, ask: PreviewAsk) {
        self.ask(ticket, Msg::Previewed, move |standing| async move {
            let piece = standing.engine.preview(&acting, &pick, ask.offset, ask.length).await?;
            let piece = Arc::new(joined(ask.behind.as_deref(), piece));
            let shown = looked(piece.clone(), pick.key, ask.mode).await?;
            Ok(Previewed { piece, shown })
        });
    }

    /// The same bytes, looked at in another way.
    pub(super) fn look_again(&mut self, ticket: Ticket, key: ObjectKey, looking: Looking) {
        let messages = self.messages.clone();
        self.spawn(ticket, async move {
            let message = match looked(looking.piece, key, looking.mode).await {
                Ok(shown) => Msg::Looked(ticket, shown),
                Err(error) => Msg::Notice(error),
            };
            let _gone = messages.send(message);
        });
    }

    /// What a local folder holds.
    pub(super) fn read_folder(&mut self, ticket: Ticket, path: PathBuf) {
        self.run(ticket, async move { Msg::FolderRead(ticket, in_background(move || read(&path)).await) });
    }
}

async fn looked(piece: Arc<Piece>, key: ObjectKey, mode: Mode) -> Result<Box<Shown>> {
    in_background(move || {
        let sample = Sample {
            key: key.as_str(),
            content_type: piece.content_type.as_deref(),
            content_encoding: piece.content_encoding.as_deref(),
            bytes: &piece.bytes,
            offset: piece.offset,
            total: piece.total,
        };
        Ok(Box::new(preview::look(&sample, mode)))
    })
    .await
}

/// A piece behind the one that it continues, as one. Where it does not continue it, it stands for itself.
fn joined(behind: Option<&Piece>, piece: Piece) -> Piece {
    match behind {
        Some(before) if before.offset.checked_add(before.bytes.len() as u64) == Some(piece.offset) && before.etag == piece.etag => {
            let mut bytes = Vec::with_capacity(before.bytes.len() + piece.bytes.len());
            bytes.extend_from_slice(&before.bytes);
            bytes.extend_from_slice(&piece.bytes);
            Piece { offset: before.offset, bytes, ..piece }
        }
        Some(_) | None => piece,
    }
}

/// Folders first, each kind by name.
fn read(path: &Path) -> Result<Folder> {
    let path = absolute(path)?;
    let entries = match fs::read_dir(&path) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Ok(Folder { path, presence: Presence::Missing, entries: Vec::new(), left_out: 0 });
        }
        Err(error) => return Err(unreadable(&path, &error)),
    };
    let mut folder = Folder { path, presence: Presence::There, entries: Vec::new(), left_out: 0 };
    for entry in entries {
        match entry.ok().filter(|_| folder.entries.len() < MOST_ENTRIES).and_then(|entry| described(&entry)) {
            Some(entry) => folder.entries.push(entry),
            None => folder.left_out += 1,
        }
    }
    folder.entries.sort_unstable_by(|a, b| (a.kind != EntryKind::Folder, &a.name).cmp(&(b.kind != EntryKind::Folder, &b.name)));
    Ok(folder)
}

fn unreadable(path: &Path, error: &io::Error) -> Error {
    let what = format!("folder {}: {error}", path.display());
    let hint = if error.kind() == io::ErrorKind::PermissionDenied { "Choose a folder that you may read." } else { "Choose a folder." };
    Error::new(ErrorKind::Usage, what).hint(hint)
}

/// A name that is not UTF-8 has no key that would bring it back.
fn described(entry: &DirEntry) -> Option<FolderEntry> {
    let name = entry.file_name().into_string().ok()?;
    // A link is what it leads to: that is what would be uploaded.
    let kind = match entry.file_type().ok()? {
        kind if kind.is_symlink() => fs::metadata(entry.path()).map_or(EntryKind::Other, |meta| kind_of(meta.file_type())),
        kind => kind_of(kind),
    };
    let size = if kind == EntryKind::File { fs::metadata(entry.path()).map_or(0, |meta| meta.len()) } else { 0 };
    Some(FolderEntry { name, kind, size })
}

fn kind_of(kind: FileType) -> EntryKind {
    if kind.is_dir() {
        EntryKind::Folder
    } else if kind.is_file() {
        EntryKind::File
    } else {
        EntryKind::Other
    }
}

/// With the home folder for `~`, and without `.` and `..`.
fn absolute(path: &Path) -> Result<PathBuf> {
    let path = match path.strip_prefix("~") {
        Ok(rest) => directories::BaseDirs::new().map_or_else(|| path.to_owned(), |dirs| dirs.home_dir().join(rest)),
        Err(_) => path.to_owned(),
    };
    let whole = std::path::absolute(&path).map_err(|error| unreadable(&path, &error))?;
    let mut plain = PathBuf::new();
    for component in whole.components() {
        match component {
            std::path::Component::ParentDir => drop(plain.pop()),
            std::path::Component::CurDir => {}
            std::path::Component::Normal(_) | std::path::Component::RootDir | std::path::Component::Prefix(_) => plain.push(component),
        }
    }
    Ok(plain)
}
