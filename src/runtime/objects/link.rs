//! Presigned links: one signature, no request.
//!
//! Comes in: an object, a time, the user's word on paying. Goes out: a URL that works by itself, with the payer as a signed part of
//! its query. Forbidden here: a link that needs a header, and a link or key in any text.

use jiff::{SignedDuration, Timestamp};

use crate::domain::{
    Acting, Credentials, Error, ErrorKind, Keys, Link, LinkAsk, LinkVerb, ObjectRef, ObjectSettings, Overwrite, Result, Secret,
};
use crate::runtime::clock;
use crate::runtime::engine::Engine;
use crate::wire::Terms;
use crate::wire::objects::{Content, Integrity, ObjectCall, Wanted, encode_object};

/// The longest session of an assumed role on either cloud: temporary keys whose source does not say when they end are taken to end
/// then at the latest.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_manage-assume.html>
const LONGEST_SESSION: SignedDuration = SignedDuration::from_hours(12);

/// The longest time of a link at either cloud, in seconds: 7 days.
const LONGEST: u32 = 604_800;

impl Engine {
    /// Makes a link. Nothing is sent: the bucket's region is the one that is known.
    ///
    /// # Errors
    /// `Usage` for a time outside of 1 second to 7 days, an anonymous account and a key that cannot stand in a URL; `Credentials`.
    pub async fn link(&self, acting: &Acting, ask: &LinkAsk) -> Result<Link> {
        self.signed_link(acting, ask).await.map_err(|error| error.target(format!("{}/{}", acting.place.id, ask.key.as_str())))
    }

    async fn signed_link(&self, acting: &Acting, ask: &LinkAsk) -> Result<Link> {
        if !(1..=LONGEST).contains(&ask.seconds) {
            return Err(Error::new(ErrorKind::Usage, "a link works for 1 second to 7 days")
                .hint("Choose at most 7 days; with the temporary keys of a role, count on 12 hours at most."));
        }
        let place = &acting.place;
        let desked = self.door().desked(&place.id.account)?;
        let now = clock::now();
        let keys = desked.loader.load(now).await?;
        let site = desked.site_for(Some(&place.id.bucket), place.region.as_deref());
        let span = match &keys {
            Keys::Signed(credentials) => Span::of(credentials, ask.seconds, now),
            Keys::Anonymous => Span { seconds: ask.seconds, cut_short: false },
        };
        // The owner's guard would be a header that whoever opens the link had to send.
        let terms = Terms { consent: acting.consent, expected_owner: None };
        let draft = encode_object(&site, &call(acting, ask), &terms)?;
        let signed = self.door().presign(&site, draft, &keys, span.seconds, now)?;
        Ok(Link {
            url: Secret::new(signed.url),
            method: match ask.verb {
                LinkVerb::Get => "GET",
                LinkVerb::Put => "PUT",
            },
            expires_at: now.checked_add(SignedDuration::from_secs(i64::from(span.seconds))).unwrap_or(Timestamp::MAX),
            cut_short: span.cut_short,
            must_send: signed.must_send.into_iter().map(|(name, value)| (name.into_owned(), value.into_owned())).collect(),
        })
    }
}

fn call(acting: &Acting, ask: &LinkAsk) -> ObjectCall {
    let bucket = acting.place.id.bucket.clone();
    match ask.verb {
        LinkVerb::Get => ObjectCall::GetObject {
            object: ObjectRef { bucket, key: ask.key.clone(), version: ask.version.clone() },
            wanted: Wanted::default(),
        },
        LinkVerb::Put => ObjectCall::PutObject {
            bucket,
            key: ask.key.clone(),
            content: Content::Inline(bytes::Bytes::new()),
            settings: ObjectSettings::default(),
            // A condition would be a header, too.
            overwrite: Overwrite::Allow,
            integrity: Integrity::default(),
        },
    }
}

/// How long a link works.
#[derive(Debug, PartialEq, Eq)]
struct Span {
    seconds: u32,
    cut_short: bool,
}

impl Span {
    /// As long as asked, but no longer than the keys that sign it.
    fn of(keys: &Credentials, asked: u32, now: Timestamp) -> Self {
        let left = match (keys.expires_at, &keys.session_token) {
            (Some(end), _) => end.duration_since(now),
            (None, Some(_)) => LONGEST_SESSION,
            (None, None) => return Self { seconds: asked, cut_short: false },
        };
        let left = u32::try_from(left.as_secs()).unwrap_or(if left.is_negative() { 0 } else { u32::MAX });
        Self { seconds: asked.min(left.max(1)), cut_short: left < asked }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(token: bool, expires_at: Option<Timestamp>) -> Credentials {
        let session_token = token.then(|| Secret::new("token".to_owned()));
        Credentials { access_key_id: "AKIAEXAMPLE".to_owned(), secret: Secret::new("secret".to_owned()), session_token, expires_at }
    }

    #[test]
    fn a_link_ends_with_the_keys_that_signed_it() {
        let now: Timestamp = "2026-11-21T10:00:00Z".parse().unwrap();
        let end = |text: &str| Some(text.parse::<Timestamp>().unwrap());
        for (token, expires_at, asked, seconds, cut_short) in [
            (false, None, 604_800, 604_800, false),
            (true, end("2026-11-21T11:00:00Z"), 604_800, 3_600, true),
            (true, end("2026-11-21T11:00:00Z"), 3_600, 3_600, false),
            (true, end("2026-11-21T11:00:00Z"), 60, 60, false),
            (true, None, 604_800, 43_200, true),
            (true, None, 43_200, 43_200, false),
            (true, end("2026-11-21T09:00:00Z"), 60, 1, true),
        ] {
            assert_eq!(Span::of(&keys(token, expires_at), asked, now), Span { seconds, cut_short }, "{token} {expires_at:?} {asked}");
        }
    }
}
