//! From an object's key to a name in a folder, and back.
//!
//! A key may be anything: `../../.ssh/authorized_keys`, `C:\`, a byte that clears the screen. So a name is made of parts that can
//! neither leave the folder nor act on a system or a terminal, and what cannot be kept is escaped. The escape is injective: two
//! keys never have one name.
//!
//! | in a key | in a name |
//! |---|---|
//! | control characters, bidirectional and zero-width ones, `\` | `%` and two digits for each byte, as in `%5C` |
//! | `.` and `..` between slashes | `%2E` and `%2E%2E` |
//! | nothing between slashes, `a//b` | `%2F`: no other name has a slash in it |
//! | a device of Windows (`NUL`, `con.txt`), a drive (`c:…`) | `%4EUL`, `%63on.txt`, `c%3A…`, on every system, as a folder may travel |
//! | on Windows alone: `< > : " \| ? *`, a dot or space at the end | `%3C` and so on; elsewhere they are kept: `12:30.log` is common |
//! | `%` before two digits, or before `~` | `%25` |
//! | more than 255 bytes | the beginning, `%~` and a hash of the whole |
//!
//! Only `/` of a key ever becomes a folder. Whether a symlink lies in the way is a question to the file system, not to a name.

use std::borrow::Cow;
use std::fmt::Write;

use sha2::{Digest, Sha256};

pub use super::taken::{Clash, Taken};
use crate::domain::{Error, ErrorKind, ObjectKey, Result};

/// The longest name of a file or folder, in bytes: what Linux, macOS and Windows all take.
const LONGEST_COMPONENT: usize = 255;

/// The length of `%~` and 16 digits.
const TAG: usize = 18;

/// Names that are devices on Windows, whatever extension follows.
/// <https://learn.microsoft.com/en-us/windows/win32/fileio/naming-a-file>
const DEVICES: [&str; 6] = ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"];

/// What they begin with, `COM1` and `LPT1` included.
const DEVICES_BEGIN: &[u8] = b"CPANL";

/// Whose rules a name has to keep beside those that hold everywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum System {
    Unix,
    Windows,
}

const HERE: System = if cfg!(windows) { System::Windows } else { System::Unix };

/// Where an object goes below the chosen folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalName {
    /// Folders and the file, each a plain name. Empty only for the marker of the chosen folder itself.
    pub components: Vec<String>,
    /// Whether a part of the key could not be kept: the user is told the name.
    pub altered: bool,
    /// Whether the key ends in `/`: an empty object of such a name stands for a folder. One with content needs
    /// [`LocalName::with_content`].
    pub is_folder_marker: bool,
}

/// The name of a key below the folder that the prefix `below` stands for.
///
/// The folder ends at the last `/` of `below`: with `logs/2024-`, the key `logs/2024-01` becomes `2024-01`, not `01`.
///
/// # Errors
/// `InvalidReply` if the key is not below `below`; `Usage` if it is no key.
pub fn relative(key: &ObjectKey, below: &str) -> Result<LocalName> {
    name_on(HERE, key, below)
}

/// The key under which a local file is stored: the prefix as it is, then the names with `/` between them.
///
/// Nothing is unescaped: what stands in the file system is the key. Who means a folder ends the prefix with `/`.
pub fn key_of(prefix: &str, components: &[&str]) -> ObjectKey {
    ObjectKey::new(format!("{prefix}{}", components.join("/")))
}

fn name_on(system: System, key: &ObjectKey, below: &str) -> Result<LocalName> {
    let text = key.sendable()?;
    let folder = &below[..below.rfind('/').map_or(0, |slash| slash + 1)];
    let Some(rest) = text.strip_prefix(folder).filter(|_| text.starts_with(below)) else {
        return Err(Error::new(ErrorKind::InvalidReply, format!("the key `{key}` is not below `{}`", ObjectKey::new(below)))
            .hint("Check the endpoint: the store named a key that was not asked for."));
    };
    let mut segments: Vec<&str> = rest.split('/').collect();
    let is_folder_marker = segments.pop_if(|last| last.is_empty()).is_some();
    let escaped: Vec<Cow<'_, str>> = segments.into_iter().map(|segment| component(system, segment)).collect();
    let altered = escaped.iter().any(|component| matches!(component, Cow::Owned(_)));
    Ok(LocalName { components: escaped.into_iter().map(Cow::into_owned).collect(), altered, is_folder_marker })
}

impl LocalName {
    /// The name for an object whose key ends in `/` and which has content nevertheless: a file in that folder, called by the
    /// slash, `%2F`.
    #[must_use]
    pub fn with_content(mut self) -> Self {
        if self.is_folder_marker {
            self.components.push(SLASH.to_owned());
            self.altered = true;
            self.is_folder_marker = false;
        }
        self
    }

    /// Another name for an object whose own name is taken in this job.
    ///
    /// A folder that cannot be, because a file has its name, gets the slash as `%2F`, so that all it holds stays together; a file
    /// gets `%~` and a hash of its key. No key has such a name by itself.
    #[must_use]
    pub fn aside(mut self, clash: Clash, key: &ObjectKey) -> Self {
        let place = match clash {
            Clash::FileInTheWay { depth } => depth.checked_sub(1),
            Clash::SameFile | Clash::FolderInTheWay => self.components.len().checked_sub(1),
        };
        if let Some(component) = place.and_then(|place| self.components.get_mut(place)) {
            *component = match clash {
                Clash::FileInTheWay { .. } => fitted(format!("{component}{SLASH}")),
                Clash::SameFile | Clash::FolderInTheWay => tagged(component, key.as_str()),
            };
            self.altered = true;
        }
        self
    }
}

/// What stands where nothing stands between two slashes.
const SLASH: &str = "%2F";

/// One segment of a key as one plain name; borrowed where it is kept as it is.
fn component(system: System, segment: &str) -> Cow<'_, str> {
    match segment {
        "" => return Cow::Owned(SLASH.to_owned()),
        "." => return Cow::Owned("%2E".to_owned()),
        ".." => return Cow::Owned("%2E%2E".to_owned()),
        _ => {}
    }
    if is_plain(segment) {
        return Cow::Borrowed(segment);
    }
    let whole_device = is_device(segment);
    let is_escaped = |(place, c): (usize, char)| match c {
        _ if place == 0 && whole_device => true,
        ':' if is_drive(place, segment) => true,
        '%' => is_escape_like(&segment[place + 1..]),
        c => acts(c) || (system == System::Windows && refused_by_windows(c, &segment[place..])),
    };
    if segment.len() <= LONGEST_COMPONENT && !segment.char_indices().any(is_escaped) {
        return Cow::Borrowed(segment);
    }
    let mut name = String::with_capacity(segment.len() + 8);
    for (place, c) in segment.char_indices() {
        if is_escaped((place, c)) { push_escaped(&mut name, c) } else { name.push(c) }
    }
    if name.len() <= LONGEST_COMPONENT { Cow::Owned(name) } else { Cow::Owned(tagged(&name, segment)) }
}

/// Whether a segment is a name everywhere as it is, told from its bytes alone: nearly all are.
fn is_plain(segment: &str) -> bool {
    let harmless = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b'=' | b'+' | b',' | b'@');
    let bytes = segment.as_bytes();
    segment.len() <= LONGEST_COMPONENT
        && bytes.iter().copied().all(harmless)
        && !segment.ends_with('.')
        // No device begins otherwise.
        && !bytes.first().is_some_and(|first| DEVICES_BEGIN.contains(&first.to_ascii_uppercase()))
}

fn push_escaped(name: &mut String, c: char) {
    for byte in c.encode_utf8(&mut [0; 4]).bytes() {
        // Writing to a text cannot fail.
        let _ = write!(name, "%{byte:02X}");
    }
}

/// The name if it is short enough, else cut and tagged by itself.
fn fitted(name: String) -> String {
    if name.len() <= LONGEST_COMPONENT { name } else { tagged(&name, &name) }
}

/// The beginning of a name, with a hash of what it stands for.
fn tagged(name: &str, whole: &str) -> String {
    let hash = Sha256::digest(whole.as_bytes());
    let tag: String = hash.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    format!("{}%~{tag}", &name[..name.floor_char_boundary(LONGEST_COMPONENT - TAG)])
}

/// Whether what follows a `%` makes it look like an escape of ours.
fn is_escape_like(rest: &str) -> bool {
    let digits = rest.as_bytes();
    rest.starts_with('~') || (digits.len() >= 2 && digits[..2].iter().all(u8::is_ascii_hexdigit))
}

/// Characters that act on a terminal or on other characters, or that nobody sees.
///
/// What is only hard to tell apart on a screen is another question, which `domain::escape` answers: real names have wide spaces,
/// combining marks and variation selectors, and keep them.
fn acts(c: char) -> bool {
    c == '\\'
        || c.is_control()
        || matches!(u32::from(c),
            0xad | 0x034f | 0x061c                // soft hyphen, grapheme joiner, Arabic letter mark
            | 0x115f | 0x1160 | 0x3164 | 0xffa0   // Hangul fillers
            | 0x17b4 | 0x17b5 | 0x180e            // invisible vowels, Mongolian separator
            | 0x200b..=0x200f | 0x2028..=0x202e   // zero width, marks; separators, embeddings, overrides
            | 0x2060..=0x206f | 0xfeff            // invisible operators, isolates; the byte order mark
            | 0xfff9..=0xfffb | 0x1bca0..=0x1bca3 | 0x1d173..=0x1d17a
            | 0xe0000..=0xe007f) // tags
}

/// A drive of Windows, which would lead out of any folder: a letter and a colon at the beginning.
fn is_drive(place: usize, segment: &str) -> bool {
    place == 1 && segment.as_bytes()[0].is_ascii_alphabetic()
}

/// What Windows does not take in a name: some characters, and a dot or space at its end, which it would drop.
fn refused_by_windows(c: char, from_here: &str) -> bool {
    matches!(c, '<' | '>' | ':' | '"' | '|' | '?' | '*') || (matches!(c, '.' | ' ') && from_here.len() == 1)
}

/// Whether Windows would open a device instead of a file of this name.
fn is_device(segment: &str) -> bool {
    let base = segment.split(['.', ':']).next().unwrap_or_default().trim_end();
    let numbered = |port: &str| {
        let mut rest = base.get(3..).unwrap_or_default().chars();
        let number = rest.next().is_some_and(|c| c.is_ascii_digit() || matches!(c, '¹' | '²' | '³'));
        number && rest.next().is_none() && base[..3].eq_ignore_ascii_case(port)
    };
    DEVICES.iter().any(|device| base.eq_ignore_ascii_case(device)) || numbered("COM") || numbered("LPT")
}

#[cfg(test)]
#[path = "local_tests.rs"]
mod tests;
