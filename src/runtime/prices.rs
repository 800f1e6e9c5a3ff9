//! The prices that hold here: the shipped book, with the rows of `prices.toml` beside the config file in front.
//!
//! Comes in: the config file's path. Goes out: one [`Book`], merged when the first request is over, not while the program starts.

#![expect(clippy::disallowed_methods, reason = "this is where runtime reads the price book")]

use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::domain::escape::visible;
use crate::domain::{Error, ErrorKind, Result};
use crate::prices::{Book, Shelf};

/// The largest book that is read; the shipped one has 10 KiB.
const LARGEST: u64 = 10 << 20;

/// The shipped prices and the user's own.
#[derive(Debug, Default)]
pub struct Prices {
    shelf: Shelf,
}

impl Prices {
    /// The shipped prices with those of the file beside this config, if there is one.
    ///
    /// # Errors
    /// `Config` for a file that cannot be read or is wrong, with file, line and field.
    pub fn beside(config: &Path) -> Result<Self> {
        let path = book_path(config);
        let own = match read(&path)? {
            Some(text) => Some(Arc::new(Book::read(&text, &path.to_string_lossy())?)),
            None => None,
        };
        Ok(Self { shelf: Shelf::of(own) })
    }

    /// All of them.
    pub fn book(&self) -> &Book {
        self.shelf.book()
    }

    /// The user's own alone, if there are any.
    pub fn own(&self) -> Option<Arc<Book>> {
        self.shelf.own()
    }
}

/// Where the user's own prices are: beside the config file.
pub fn book_path(config: &Path) -> PathBuf {
    config.with_file_name("prices.toml")
}

/// The text of a price book; `None`: there is no such file.
///
/// # Errors
/// `Config` for what is no regular file of at most 10 MiB of UTF-8.
pub fn read(path: &Path) -> Result<Option<String>> {
    let wrong = |what: String| {
        Error::new(ErrorKind::Config, format!("price book \"{}\" {what}", visible(&path.to_string_lossy())))
            .hint("Make it a readable file in UTF-8, or move it away: the shipped prices hold without it.")
    };
    let mut file = match std::fs::metadata(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(wrong(format!("cannot be read: {error}"))),
        Ok(found) if !found.is_file() => return Err(wrong("is not a file".to_owned())),
        Ok(found) if found.len() > LARGEST => return Err(wrong("is larger than 10 MiB".to_owned())),
        Ok(_) => std::fs::File::open(path).map_err(|error| wrong(format!("cannot be read: {error}")))?.take(LARGEST),
    };
    let mut text = String::new();
    file.read_to_string(&mut text).map_err(|error| wrong(format!("cannot be read: {error}")))?;
    Ok(Some(text))
}
