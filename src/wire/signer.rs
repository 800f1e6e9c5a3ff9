//! The signer: keeps the day's signing keys and its buffers, so that a request costs two hashes and not ten.
//!
//! Comes in: a draft, keys, a time. Goes out: a request that nobody touches any more. Forbidden here: clocks, deciding about
//! consent.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use zeroize::Zeroizing;

use super::dialect;
use super::sign_v4::{self, Flavour, Head, Scope, SigningKey};
use super::{Draft, Field, Request, address, percent, presign, sts};
use crate::domain::{Error, ErrorKind, Keys, Op, Provider, Result, Secret, Site};

/// How many signing keys are kept: accounts times regions of a large board, and a little more than a day's worth of both.
const KEPT_KEYS: usize = 64;
/// A buffer's size from the start: it never grows in practice, so no copy of a token is left behind.
const BUFFER: usize = 8 * 1024;

/// Signs requests, and keeps what can be used again. One per program is enough; it may be shared between threads.
///
/// A kept key is found by secret, day, region and service: never by the key's id, so two accounts with one id and two
/// secrets never share a key.
#[derive(Default)]
pub struct Signer {
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    keys: Vec<Kept>,
    /// Those that no thread has in use.
    buffers: Vec<Zeroizing<String>>,
}

struct Kept {
    flavour: Flavour,
    secret: Secret,
    day: String,
    region: String,
    service: String,
    key: Arc<SigningKey>,
}

impl Signer {
    /// A signer that has kept nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Signs a draft in its headers. Nothing touches the head afterwards.
    ///
    /// # Errors
    /// `Usage` if the URL that would go out differs from the one that was signed, or a header's value cannot be sent.
    pub fn sign(&self, site: &Site, draft: Draft, keys: &Keys, now: Timestamp) -> Result<Request> {
        check(&draft)?;
        let credentials = match keys {
            Keys::Anonymous => return Ok(unsigned(draft)),
            Keys::Signed(credentials) => credentials,
        };
        let bench = Bench { signer: self, now };
        match (draft.op, site.provider) {
            (Op::GetCallerIdentity, Provider::Oss) => Ok(sts::sign_acs3(draft, credentials, now)),
            _ => Ok(dialect::of(site.provider).sign(&bench, site, draft, credentials)),
        }
    }

    /// Makes a link that works by itself for some time. With consent, the payer is a signed part of its query.
    ///
    /// # Errors
    /// `Usage` as for [`Signer::sign`], for anonymous keys, and for a time outside of 1 second to 7 days.
    pub fn presign(&self, site: &Site, draft: Draft, keys: &Keys, seconds: u32, now: Timestamp) -> Result<presign::Presigned> {
        check(&draft)?;
        presign::check_seconds(seconds)?;
        let Keys::Signed(credentials) = keys else {
            return Err(Error::new(ErrorKind::Usage, "an anonymous account cannot sign links")
                .hint("Use an account with keys: the link is signed with them."));
        };
        let draft = presign::payer_in_query(site.provider, draft);
        let bench = Bench { signer: self, now };
        Ok(dialect::of(site.provider).presign(&bench, site, draft, credentials, seconds))
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // Whatever a panicking thread left behind is still a list of right keys and of buffers that are cleared before use.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A signer at work on one request.
pub(super) struct Bench<'a> {
    signer: &'a Signer,
    /// The time of the signature.
    pub(super) now: Timestamp,
}

impl Bench<'_> {
    /// The Signature V4 of a head. Hashes are made outside of the lock: other threads sign meanwhile.
    pub(super) fn v4(&self, flavour: Flavour, secret: &Secret, stamp: &str, (region, service): (&str, &str), head: &Head<'_>) -> String {
        let scope = Scope { day: &stamp[..8], region, service };
        let (key, mut buffer) = self.signer.lock().tools(flavour, secret, &scope);
        buffer.clear();
        sign_v4::canonical_request(flavour, head, &mut buffer);
        let mut text = String::with_capacity(160);
        sign_v4::string_to_sign(flavour, stamp, &scope, &buffer, &mut text);
        self.signer.lock().buffers.push(buffer);
        key.signature(&text)
    }
}

impl Inner {
    /// The key of a scope, and a buffer.
    fn tools(&mut self, flavour: Flavour, secret: &Secret, scope: &Scope<'_>) -> (Arc<SigningKey>, Zeroizing<String>) {
        let known = self.keys.iter().find(|kept| kept.fits(flavour, secret, scope)).map(|kept| kept.key.clone());
        let key = known.unwrap_or_else(|| self.keep(flavour, secret, scope));
        (key, self.buffers.pop().unwrap_or_else(|| Zeroizing::new(String::with_capacity(BUFFER))))
    }

    fn keep(&mut self, flavour: Flavour, secret: &Secret, scope: &Scope<'_>) -> Arc<SigningKey> {
        if self.keys.len() == KEPT_KEYS {
            self.keys.remove(0);
        }
        let (day, region, service) = (scope.day.to_owned(), scope.region.to_owned(), scope.service.to_owned());
        let key = Arc::new(SigningKey::derived(flavour, secret.expose(), scope));
        self.keys.push(Kept { flavour, secret: secret.clone(), day, region, service, key: key.clone() });
        key
    }
}

impl Kept {
    fn fits(&self, flavour: Flavour, secret: &Secret, scope: &Scope<'_>) -> bool {
        self.flavour == flavour
            && self.day == scope.day
            && self.region == scope.region
            && self.service == scope.service
            && self.secret.expose() == secret.expose()
    }
}

/// The request as it goes out, with its headers as they are.
pub(super) fn assemble(draft: Draft, headers: Vec<Field>) -> Request {
    let url = url(&draft);
    Request { op: draft.op, method: draft.method, url, headers, body: draft.body, payload: draft.payload }
}

fn unsigned(mut draft: Draft) -> Request {
    let mut headers = std::mem::take(&mut draft.headers);
    headers.push(("host".into(), draft.host.clone().into()));
    assemble(draft, headers)
}

/// The URL of a draft.
pub(super) fn url(draft: &Draft) -> String {
    let mut url = String::with_capacity(256);
    for part in [draft.scheme, "://", &draft.host, &draft.path] {
        url.push_str(part);
    }
    for (place, (name, value)) in draft.query.iter().enumerate() {
        url.push(if place == 0 { '?' } else { '&' });
        percent::push_encoded(&mut url, name);
        if let Some(value) = value {
            url.push('=');
            percent::push_encoded(&mut url, value);
        }
    }
    url
}

/// The query of a draft as signers take it: a bare name has an empty value.
pub(super) fn plain_query(draft: &Draft) -> Vec<(&str, &str)> {
    draft.query.iter().map(|(name, value)| (name.as_str(), value.as_deref().unwrap_or(""))).collect()
}

/// Refuses what would not arrive as it was signed: URL types fold dot segments, encode other bytes and cut at `?` and `#`.
fn check(draft: &Draft) -> Result<()> {
    let plain = |byte: u8| percent::unreserved(byte) || matches!(byte, b'/' | b'%');
    if !draft.path.starts_with('/') || !draft.path.bytes().all(plain) {
        return Err(Error::new(ErrorKind::Usage, "this name cannot be sent safely: its path is not encoded")
            .hint("Report this with the name: every byte of it should have been encoded."));
    }
    if address::has_dot_segment(&draft.path) {
        return Err(Error::new(ErrorKind::Usage, "this name cannot be sent safely: it has a segment `.` or `..`")
            .hint("Delete such a key with a batch delete, which names it in the body; rename it to use it."));
    }
    let sendable = |value: &str| value.bytes().all(|byte| byte == b'\t' || (byte >= 0x20 && byte != 0x7f));
    if let Some((name, _)) = draft.headers.iter().find(|(_, value)| !sendable(value)) {
        return Err(Error::new(ErrorKind::Usage, format!("the value of `{name}` has characters that a header cannot carry"))
            .hint("Remove line breaks and control characters from it."));
    }
    Ok(())
}
