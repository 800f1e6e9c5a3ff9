//! A payer that is another one than when it was last seen, and that nobody changed from here.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::audit::{Change, Outcome};
use crate::domain::escape::visible;
use crate::domain::{BucketId, Payer};

/// How long a change may need to hold everywhere; meanwhile a store may answer the old and the new value in turn. S3 needs "up to
/// minutes".
const SETTLING: SignedDuration = SignedDuration::from_hours(1);

/// How the names begin of those that were looked at.
pub const LOOKED_AT: &str = "looked at payer of ";

/// What is remembered of a bucket's payer, as one account reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The payer.
    pub payer: Payer,
    /// When it was first read.
    pub since: Timestamp,
    /// When it was last read.
    pub at: Timestamp,
    /// What it was before, and when that was last read, where nobody changed it from here.
    pub before: Option<(Payer, Timestamp)>,
}

/// A change that was not made from here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turned {
    /// What the payer was.
    pub was: Payer,
    /// When that was last read.
    pub was_at: Timestamp,
    /// What it is.
    pub now: Payer,
    /// When that was first read.
    pub since: Timestamp,
    /// Whether the reading that just ended found it.
    pub found: Found,
}

/// When a change was noticed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// Now.
    Now,
    /// By an earlier reading, here or by another process.
    Earlier,
}

impl Seen {
    /// What is remembered after a reading. `changes` are the journal's lines about this bucket, of whichever account; they are asked
    /// for only where the payer differs.
    ///
    /// # Errors
    /// Whatever keeps the journal from being read.
    pub fn after<E>(
        seen: Option<Self>,
        payer: &Payer,
        at: Timestamp,
        changes: impl FnOnce() -> Result<Vec<Change>, E>,
    ) -> Result<(Self, Found), E> {
        let first = |before| Self { payer: payer.clone(), since: at, at, before };
        Ok(match seen {
            None => (first(None), Found::Earlier),
            // Two processes read at the same time: the older answer comes too late.
            Some(seen) if at < seen.at => (seen, Found::Earlier),
            Some(seen) if seen.payer == *payer => (Self { at, ..seen }, Found::Earlier),
            Some(seen) if changes()?.iter().any(|change| seen.explains(change, payer, at)) => (first(None), Found::Earlier),
            Some(seen) => (first(Some((seen.payer, seen.at))), Found::Now),
        })
    }

    /// Whether a change made from here is why the payer is this now: it was asked for since the old payer was first read and not long
    /// before that was last read; or a change is so fresh that the store may still answer either value.
    fn explains(&self, change: &Change, payer: &Payer, at: Timestamp) -> bool {
        let made = match change.outcome {
            Outcome::Sent | Outcome::Verified | Outcome::NotApplied | Outcome::Unknown => true,
            Outcome::Failed => false,
        };
        let asked = change.asked == *payer && change.at >= self.since && self.at.duration_since(change.at) <= SETTLING;
        let settling = at.duration_since(change.at).abs() <= SETTLING && (change.asked == *payer || change.before.as_ref() == Some(payer));
        made && (asked || settling)
    }

    /// The alarm, as long as the payer stays as it was found.
    pub fn turned(&self, found: Found) -> Option<Turned> {
        let (was, was_at) = self.before.clone()?;
        Some(Turned { was, was_at, now: self.payer.clone(), since: self.since, found })
    }
}

/// Under which it is remembered that somebody has looked at it: another turn of the same bucket is another one.
pub fn name(bucket: &BucketId, turned: &Turned) -> String {
    format!("{LOOKED_AT}{bucket} since {}", turned.since)
}

/// What it is, what it was, and that it was not changed from here: `since 2026-11-21 the owner pays: on 2026-11-02 the payer was still
/// Requester, and nobody changed it from here`.
pub fn sentence(turned: &Turned, zone: &TimeZone) -> String {
    let day = |at: Timestamp| at.to_zoned(zone.clone()).date();
    let now = match &turned.now {
        Payer::BucketOwner => "the owner pays".to_owned(),
        Payer::Requester => "requesters pay".to_owned(),
        Payer::Other(text) => format!("the payer is {}", visible(text)),
    };
    let (since, was_at, was) = (day(turned.since), day(turned.was_at), visible(turned.was.as_str()));
    format!("since {since} {now}: on {was_at} the payer was still {was}, and nobody changed it from here")
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::convert::Infallible;

    use super::*;
    use crate::domain::{AccountName, BucketName, Provider};

    fn time(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn seen(payer: Payer) -> Seen {
        Seen { payer, since: time("2026-11-01T08:00:00Z"), at: time("2026-11-02T08:00:00Z"), before: None }
    }

    fn change(at: &str, asked: Payer, outcome: Outcome) -> Change {
        Change {
            id: 1,
            at: time(at),
            bucket: BucketId { account: AccountName::new("other"), bucket: BucketName::parse(Provider::S3, "tiles").unwrap() },
            provider: Provider::S3,
            identity: None,
            before: asked.toggled(),
            asked,
            after: None,
            outcome,
            request_id: None,
            error: None,
        }
    }

    fn read(seen: Option<Seen>, payer: Payer, at: &str, changes: &[Change]) -> (Seen, Found) {
        Seen::after(seen, &payer, time(at), || Ok::<_, Infallible>(changes.to_vec())).unwrap()
    }

    #[test]
    fn the_first_reading_and_the_same_again_are_no_alarm() {
        let (first, found) = read(None, Payer::Requester, "2026-11-02T08:00:00Z", &[]);
        assert_eq!((first.turned(found), first.since), (None, time("2026-11-02T08:00:00Z")));
        let asked = Cell::new(false);
        let again = Seen::after(Some(first), &Payer::Requester, time("2026-11-05T08:00:00Z"), || {
            asked.set(true);
            Ok::<_, Infallible>(Vec::new())
        });
        let (again, found) = again.unwrap();
        assert_eq!((again.turned(found), again.since, again.at), (None, time("2026-11-02T08:00:00Z"), time("2026-11-05T08:00:00Z")));
        assert!(!asked.get(), "the journal is no question while nothing differs");
    }

    #[test]
    fn another_payer_is_found_once_and_stays_until_it_differs_again() {
        let (now, found) = read(Some(seen(Payer::Requester)), Payer::BucketOwner, "2026-11-21T23:30:00Z", &[]);
        let turned = now.turned(found).unwrap();
        assert_eq!((turned.was_at, turned.since, turned.found), (time("2026-11-02T08:00:00Z"), time("2026-11-21T23:30:00Z"), Found::Now));
        assert_eq!(
            sentence(&turned, &TimeZone::UTC),
            "since 2026-11-21 the owner pays: on 2026-11-02 the payer was still Requester, and nobody changed it from here"
        );
        let east = TimeZone::fixed(jiff::tz::offset(8));
        assert!(sentence(&turned, &east).starts_with("since 2026-11-22 the owner pays"), "{}", sentence(&turned, &east));
        let (later, found) = read(Some(now.clone()), Payer::BucketOwner, "2026-11-25T08:00:00Z", &[]);
        assert_eq!(later.turned(found), Some(Turned { found: Found::Earlier, ..turned }));
        let (back, found) = read(Some(later), Payer::Requester, "2026-11-26T08:00:00Z", &[]);
        let back = back.turned(found).unwrap();
        assert_eq!((back.was, back.was_at, back.found), (Payer::BucketOwner, time("2026-11-25T08:00:00Z"), Found::Now));
        // What is read late by another process changes nothing.
        let (late, found) = read(Some(now.clone()), Payer::Requester, "2026-11-21T23:29:59Z", &[]);
        assert_eq!((&late, found), (&now, Found::Earlier));
    }

    #[test]
    fn a_change_of_ours_explains_it() {
        let turned = |change: Change| {
            let (now, found) = read(Some(seen(Payer::Requester)), Payer::BucketOwner, "2026-11-21T08:00:00Z", &[change]);
            now.turned(found).is_some()
        };
        use Outcome::{Failed, NotApplied, Sent, Unknown, Verified};
        for outcome in [Sent, Verified, NotApplied, Unknown] {
            assert!(!turned(change("2026-11-10T08:00:00Z", Payer::BucketOwner, outcome)), "{outcome:?}");
        }
        assert!(turned(change("2026-11-10T08:00:00Z", Payer::BucketOwner, Failed)), "the store refused it");
        assert!(turned(change("2026-11-10T08:00:00Z", Payer::Requester, Verified)), "the other way round");
        assert!(turned(change("2026-10-10T08:00:00Z", Payer::BucketOwner, Verified)), "older than the payer that it would have ended");
        assert!(!turned(change("2026-11-02T07:00:00Z", Payer::BucketOwner, NotApplied)), "it needed long");
        assert!(turned(change("2026-11-02T06:59:59Z", Payer::BucketOwner, NotApplied)), "not that long");
    }

    #[test]
    fn while_a_change_settles_either_value_is_no_alarm() {
        let ours = change("2026-11-21T08:00:00Z", Payer::Requester, Outcome::Verified);
        let fresh = Seen { since: time("2026-11-21T08:00:01Z"), at: time("2026-11-21T08:00:01Z"), ..seen(Payer::Requester) };
        let (old, found) = read(Some(fresh.clone()), Payer::BucketOwner, "2026-11-21T09:00:00Z", std::slice::from_ref(&ours));
        assert_eq!(old.turned(found), None);
        let (old, found) = read(Some(fresh), Payer::BucketOwner, "2026-11-21T09:00:01Z", &[ours]);
        assert!(old.turned(found).is_some(), "an hour later somebody else did it");
    }

    #[test]
    fn a_strange_payer_is_shown_harmless() {
        let (now, found) =
            read(Some(seen(Payer::Other("a\u{1b}b".to_owned()))), Payer::Other("\u{7}".to_owned()), "2026-11-21T08:00:00Z", &[]);
        let text = sentence(&now.turned(found).unwrap(), &TimeZone::UTC);
        assert!(!text.contains(char::is_control) && text.starts_with("since 2026-11-21 the payer is "), "{text}");
    }
}
