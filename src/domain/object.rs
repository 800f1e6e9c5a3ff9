//! Objects: their keys, and the small texts that a store gives and wants back unchanged.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::error::{Error, ErrorKind, Result};
use super::escape::visible;

/// The longest key of either cloud, in bytes of UTF-8.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html>
const LONGEST_KEY: usize = 1024;

/// An object's key, byte for byte as it came. Nothing is trimmed, folded or normalised: `a//b`, `/a` and `a/` are three keys.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ObjectKey(Arc<str>);

impl ObjectKey {
    /// Wraps a key. What a listing names is kept even if it could not be sent; [`ObjectKey::sendable`] judges.
    pub fn new(key: impl Into<Arc<str>>) -> Self {
        Self(key.into())
    }

    /// The key itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The key, if it can be one: 1 to 1,024 bytes. An empty key would make the request one about the bucket.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`] with the rule that is broken.
    pub fn sendable(&self) -> Result<&str> {
        match self.0.len() {
            0 => Err(Error::new(ErrorKind::Usage, "the key is empty").hint("Name an object: a request without a key is about the bucket.")),
            1..=LONGEST_KEY => Ok(&self.0),
            length => Err(Error::new(ErrorKind::Usage, format!("the key has {length} bytes of UTF-8"))
                .hint("Choose a key of at most 1,024 bytes: letters outside of ASCII take 2 to 4 each.")),
        }
    }
}

impl fmt::Display for ObjectKey {
    /// Escaped, so that it may be shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&visible(&self.0))
    }
}

/// Why a key cannot be part of a batch delete: it has to be deleted by a request of its own. `None`: it can.
///
/// XML 1.0 has no way to write most control characters, not even by number; a store that reads them loosely might delete
/// another object. Keys with a segment `.` or `..` are the other way round: a batch names them safely, a path does not.
pub fn batch_refusal(key: &str) -> Option<&'static str> {
    let fits = |c: char| matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    length_refusal(key).or_else(|| (!key.chars().all(fits)).then_some("it has a control character that XML 1.0 cannot carry"))
}

/// Why a key cannot stand in a request's path: a URL type would fold it, and another object would be meant. `None`: it can.
pub fn path_refusal(key: &str) -> Option<&'static str> {
    let folds = |segment| matches!(segment, "." | "..");
    length_refusal(key).or_else(|| key.split('/').any(folds).then_some("it has a segment `.` or `..`"))
}

fn length_refusal(key: &str) -> Option<&'static str> {
    (!(1..=LONGEST_KEY).contains(&key.len())).then_some("its length is not that of a key")
}

/// A text that the store made and that goes back to it unchanged.
macro_rules! store_text {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub struct $name(Arc<str>);

        impl $name {
            /// Wraps a text as it came.
            pub fn new(text: impl Into<Arc<str>>) -> Self {
                Self(text.into())
            }

            /// The text itself.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
    };
}

store_text! {
    /// An entity tag as it came, quotes and all. It tells two contents apart; it is never called MD5.
    ETag
}
store_text! {
    /// A version's id; `null` is the version from before versioning.
    VersionId
}
store_text! {
    /// The id of a multipart upload.
    UploadId
}
store_text! {
    /// A storage class in the vendor's own word: `STANDARD_IA`, `IA`.
    StorageClass
}

impl StorageClass {
    /// Whether it is the one that both vendors call standard: nothing about it costs extra.
    pub fn is_standard(&self) -> bool {
        self.0.eq_ignore_ascii_case("STANDARD")
    }
}

/// What an answer says of who was charged. It is read, never concluded from consent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Charged {
    /// The store says that the requester was charged.
    Yes,
    /// The operation's answer would say so, and does not.
    No,
    /// This operation's answer says nothing either way.
    NotSaid,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_by_their_bytes() {
        for key in ["a", " ", "/", "..", &"长".repeat(341), &"k".repeat(1024)] {
            assert_eq!(ObjectKey::new(key).sendable().expect(key), key);
        }
        for (key, words) in [(String::new(), "empty"), ("k".repeat(1025), "1025 bytes"), ("长".repeat(342), "1026 bytes")] {
            let error = ObjectKey::new(key).sendable().expect_err(words);
            assert_eq!(error.kind(), ErrorKind::Usage);
            assert!(error.message().contains(words), "{error}");
        }
    }

    #[test]
    fn shown_keys_are_escaped() {
        assert_eq!(ObjectKey::new("a\u{202e}b\n").to_string(), "a\\u{202e}b\\u{a}");
    }
}
