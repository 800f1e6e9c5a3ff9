//! Presigned links: the signature in the query, and with it the payer.
//!
//! Comes in: a draft. Goes out: a URL. Forbidden here: headers that whoever opens the link would have to know of, unless
//! the caller asked for them.

use super::{Draft, Field, payer};
use crate::domain::{Error, ErrorKind, Op, Provider, Result};

/// A link that works by itself. It is as good as a key until it expires: never log it.
pub struct Presigned {
    /// The operation.
    pub op: Op,
    /// The method.
    pub method: http::Method,
    /// The whole URL.
    pub url: String,
    /// Headers that whoever uses the link has to send too, because they are signed.
    pub must_send: Vec<Field>,
}

/// Seven days: the longest time of S3 and of OSS V4.
const LONGEST: u32 = 604_800;

/// Checks how long a link shall work.
///
/// # Errors
/// `Usage` outside of 1 second to 7 days.
pub(super) fn check_seconds(seconds: u32) -> Result<()> {
    if (1..=LONGEST).contains(&seconds) {
        return Ok(());
    }
    Err(Error::new(ErrorKind::Usage, "a link works for 1 second to 7 days").hint("Choose a time of at most 7 days."))
}

/// Moves the payer from the headers to the query, where a link carries it by itself.
pub(super) fn payer_in_query(provider: Provider, mut draft: Draft) -> Draft {
    let name = payer::header_name(provider);
    let (moved, kept) = draft.headers.into_iter().partition::<Vec<_>, _>(|(header, _)| header == name);
    draft.headers = kept;
    draft.query.extend(moved.into_iter().map(|(name, value)| (name.into_owned(), Some(value.into_owned()))));
    draft
}
