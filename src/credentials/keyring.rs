//! `keyring:ENTRY`: the text of an entry under the service `whopays`, a JSON object with the names of the config's keys.

use serde::Deserialize;

use super::trouble::{Found, Trouble};
use crate::domain::escape::visible;
use crate::domain::{Credentials, Secret};

/// `{"access_key_id": …, "access_key_secret": …, "session_token": …}`. No `Debug`: it holds secrets.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    access_key_id: String,
    access_key_secret: String,
    session_token: Option<String>,
}

/// Reads the text of an entry.
pub(super) fn parse(entry: &str, text: &Secret) -> Found<Credentials> {
    let trouble = || {
        Trouble::new(
            format!("keyring entry {}: is not a JSON object with access_key_id and access_key_secret", visible(entry)),
            "Store {\"access_key_id\": \"…\", \"access_key_secret\": \"…\"} under service `whopays` and this entry's name.",
        )
    };
    let stored: Stored = serde_json::from_str(text.expose()).map_err(|_| trouble())?;
    if stored.access_key_id.is_empty() || stored.access_key_secret.is_empty() {
        return Err(trouble());
    }
    Ok(Credentials {
        access_key_id: stored.access_key_id,
        secret: Secret::new(stored.access_key_secret),
        session_token: stored.session_token.filter(|token| !token.is_empty()).map(Secret::new),
        expires_at: None,
    })
}
