//! Who pays when somebody uses a presigned link, and whether that should make its maker think again.
//!
//! A link bills the account whose key signed it: an owner's link bills the owner, requester-pays or not.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/RequesterPaysBuckets.html>

use super::Known;
use crate::domain::{Consent, Ownership, Payer};

/// Who pays, in one sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pays {
    /// The sentence.
    pub text: String,
    /// How it is meant.
    pub tone: Tone,
}

/// How a sentence about a link is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// It is as whoever makes it has said.
    Plain,
    /// The owner pays for every use, or may.
    OwnerPays,
    /// The link will be refused.
    Refused,
}

/// Of a link that this account signs; with consent, the payer is part of its query.
pub fn pays(account: &str, consent: Consent, known: &Known<'_>) -> Pays {
    match consent {
        Consent::Given => with_payer(account, known),
        Consent::Silent | Consent::Refused => without_payer(account, known),
    }
}

fn with_payer(account: &str, known: &Known<'_>) -> Pays {
    match (known.ownership, known.payer) {
        (Some(Ownership::Owned), _) => owner(format!(
            "Account \"{account}\" pays each time somebody uses this link, as the bucket's owner: the payer in it changes nothing."
        )),
        (Some(Ownership::Foreign) | None, Some(Payer::BucketOwner)) => {
            owner("The bucket's owner pays each time somebody uses this link: its payer is BucketOwner, and the payer in the link changes nothing.".to_owned())
        }
        (Some(Ownership::Foreign) | None, Some(Payer::Requester)) => plain(format!(
            "Account \"{account}\" pays for the request and the transfer each time somebody uses this link."
        )),
        (Some(Ownership::Foreign) | None, Some(Payer::Other(_)) | None) => plain(format!(
            "Account \"{account}\" pays for the request and the transfer each time somebody uses this link; the bucket's owner does if its payer is BucketOwner."
        )),
    }
}

fn without_payer(account: &str, known: &Known<'_>) -> Pays {
    match (known.ownership, known.payer) {
        (Some(Ownership::Owned), _) => owner(format!(
            "Account \"{account}\" pays each time somebody uses this link, as the bucket's owner: also if the bucket is requester-pays."
        )),
        (Some(Ownership::Foreign) | None, Some(Payer::BucketOwner)) => {
            owner("The bucket's owner pays each time somebody uses this link: its payer is BucketOwner.".to_owned())
        }
        (Some(Ownership::Foreign), Some(Payer::Requester)) => {
            let text = "This link will be refused: the bucket is requester-pays, and the link has no payer.".to_owned();
            Pays { text, tone: Tone::Refused }
        }
        (Some(Ownership::Foreign), Some(Payer::Other(_)) | None) => owner(
            "The bucket's owner pays each time somebody uses this link; if the bucket is requester-pays, it is refused, because it has no payer."
                .to_owned(),
        ),
        (None, Some(Payer::Requester | Payer::Other(_)) | None) => owner(
            "The bucket's owner pays; in a requester-pays bucket nobody but its owner's account can make this link work, because it has no payer."
                .to_owned(),
        ),
    }
}

fn plain(text: String) -> Pays {
    Pays { text, tone: Tone::Plain }
}

fn owner(text: String) -> Pays {
    Pays { text, tone: Tone::OwnerPays }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(consent: Consent, ownership: Option<Ownership>, payer: Option<&Payer>) -> (String, Tone) {
        let Pays { text, tone } = pays("research", consent, &Known { ownership, payer });
        (text, tone)
    }

    #[test]
    fn the_owners_link_bills_the_owner_whatever_is_set_or_said() {
        let owned = Some(Ownership::Owned);
        for payer in [None, Some(&Payer::Requester), Some(&Payer::BucketOwner)] {
            let (text, tone) = said(Consent::Given, owned, payer);
            let wanted =
                "Account \"research\" pays each time somebody uses this link, as the bucket's owner: the payer in it changes nothing.";
            assert_eq!((text.as_str(), tone), (wanted, Tone::OwnerPays));
            for consent in [Consent::Silent, Consent::Refused] {
                let (text, tone) = said(consent, owned, payer);
                let wanted = "Account \"research\" pays each time somebody uses this link, as the bucket's owner: also if the bucket is requester-pays.";
                assert_eq!((text.as_str(), tone), (wanted, Tone::OwnerPays));
            }
        }
    }

    #[test]
    fn a_requesters_link_with_the_payer() {
        for ownership in [Some(Ownership::Foreign), None] {
            let (text, tone) = said(Consent::Given, ownership, Some(&Payer::Requester));
            let wanted = "Account \"research\" pays for the request and the transfer each time somebody uses this link.";
            assert_eq!((text.as_str(), tone), (wanted, Tone::Plain));
            let (text, tone) = said(Consent::Given, ownership, Some(&Payer::BucketOwner));
            let wanted = "The bucket's owner pays each time somebody uses this link: its payer is BucketOwner, and the payer in the link changes nothing.";
            assert_eq!((text.as_str(), tone), (wanted, Tone::OwnerPays));
            let strange = Payer::Other("Sponsor".to_owned());
            for payer in [None, Some(&strange)] {
                let (text, tone) = said(Consent::Given, ownership, payer);
                let wanted = "Account \"research\" pays for the request and the transfer each time somebody uses this link; the bucket's owner does if its payer is BucketOwner.";
                assert_eq!((text.as_str(), tone), (wanted, Tone::Plain));
            }
        }
    }

    #[test]
    fn a_link_without_the_payer() {
        let (foreign, unlisted) = (Some(Ownership::Foreign), None);
        for consent in [Consent::Silent, Consent::Refused] {
            let (text, tone) = said(consent, foreign, Some(&Payer::Requester));
            let wanted = "This link will be refused: the bucket is requester-pays, and the link has no payer.";
            assert_eq!((text.as_str(), tone), (wanted, Tone::Refused));
            for ownership in [foreign, unlisted] {
                let (text, tone) = said(consent, ownership, Some(&Payer::BucketOwner));
                let wanted = "The bucket's owner pays each time somebody uses this link: its payer is BucketOwner.";
                assert_eq!((text.as_str(), tone), (wanted, Tone::OwnerPays));
            }
            let (text, _) = said(consent, foreign, None);
            let wanted = "The bucket's owner pays each time somebody uses this link; if the bucket is requester-pays, it is refused, because it has no payer.";
            assert_eq!(text, wanted);
            let wanted = "The bucket's owner pays; in a requester-pays bucket nobody but its owner's account can make this link work, because it has no payer.";
            assert_eq!(said(consent, unlisted, None).0, wanted);
            assert_eq!(said(consent, unlisted, Some(&Payer::Requester)).0, wanted);
        }
    }
}
