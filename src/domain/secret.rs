//! Secrets: a type that cannot be shown, compared by accident or written out, and is wiped on drop.

use std::sync::Arc;

use jiff::Timestamp;
use zeroize::Zeroizing;

/// A secret text: an access key's secret or a session token.
///
/// It has no `Debug`, `Display` or `Serialize` on purpose, so that no log line, error or report can carry it; a test
/// proves their absence at compile time. The bytes are overwritten when the last owner drops it.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes ownership of the text; the caller keeps no copy.
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The text itself, for a signer. Call it where the secret is used, never to keep it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// One set of keys as a provider gave it: never mixed with another set's token.
#[derive(Clone)]
pub struct Credentials {
    /// The access key's id. Not secret by itself, but shown shortened (see [`Credentials::short_id`]).
    pub access_key_id: String,
    /// The access key's secret.
    pub secret: Secret,
    /// The session token of temporary keys.
    pub session_token: Option<Secret>,
    /// When the keys stop working; `None` for long-lived keys.
    pub expires_at: Option<Timestamp>,
}

impl Credentials {
    /// The key id as people may see it: the first four and the last four characters.
    pub fn short_id(&self) -> String {
        let id: Vec<char> = self.access_key_id.chars().collect();
        if id.len() <= 8 {
            return "…".to_owned();
        }
        let head: String = id[..4].iter().collect();
        let tail: String = id[id.len() - 4..].iter().collect();
        format!("{head}…{tail}")
    }
}

/// What a request is signed with.
#[derive(Clone)]
pub enum Keys {
    /// No signature at all: the account was configured as `anonymous`.
    Anonymous,
    /// A signature with these keys.
    Signed(Arc<Credentials>),
}
