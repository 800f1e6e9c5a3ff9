//! Who pays for the next request: one function, which the header shows on every screen.

use crate::domain::{Acting, Consent, Ownership, Payer};

use super::{Model, Screen, alarms, consent};

/// Who pays for the next request, in the longest words that are true, then in shorter ones.
pub(crate) fn next_request(model: &Model) -> Vec<String> {
    match model.screen {
        // Those are never the requester's.
        Screen::Buckets | Screen::Journal => {
            words(&["next request: bucket settings only, billed to the bucket's owner", "owner pays: bucket settings only", "owner pays"])
        }
        Screen::Objects => {
            let Some(bucket) = model.bucket_here() else { return words(&["no bucket is open"]) };
            let (Some(row), Some(account)) = (model.board.row(bucket), model.account_of(bucket)) else { return Vec::new() };
            if consent::of(model, bucket) == Consent::Given && alarms::pays_in_vain(model, bucket) {
                return words(&[
                    "owner pays: you would, but the store does not say charged",
                    "owner pays, although you would",
                    "owner pays",
                ]);
            }
            of_object(consent::of(model, bucket), row.ownership, row.reading.payer(), account.name.as_str())
        }
        Screen::Ledger => words(&["the ledger is on this machine: looking sends no request", "looking sends no request", "no request"]),
        Screen::Transfers => match model.transfers.acting_now() {
            Some(acting) => of_acting(model, acting),
            None => words(&["no transfer runs: no request", "no transfer runs", "nobody pays"]),
        },
    }
}

/// Of a request of a job, which carries its own word.
fn of_acting(model: &Model, acting: &Acting) -> Vec<String> {
    let row = model.row_of(&acting.place.id).and_then(|id| model.board.row(id));
    let (ownership, payer) = row.map_or((Ownership::Foreign, None), |row| (row.ownership, row.reading.payer()));
    of_object(acting.consent, ownership, payer, acting.place.id.account.as_str())
}

/// Who pays for requests to a bucket, in two words.
pub(crate) fn payer(model: &Model, acting: &Acting) -> String {
    let owned = model.row_of(&acting.place.id).and_then(|id| model.board.row(id)).is_some_and(|row| row.ownership == Ownership::Owned);
    match acting.consent {
        Consent::Given => format!("you ({})", acting.place.id.account),
        Consent::Silent | Consent::Refused if owned => format!("you ({})", acting.place.id.account),
        Consent::Silent | Consent::Refused => "owner".to_owned(),
    }
}

fn words(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

/// Who pays for a request about objects, for the header line and for commands. What is owned is paid by the account that owns it, whatever is said; elsewhere it is the payer
/// that decides, where it is known, and the header.
pub(crate) fn of_object(consent: Consent, ownership: Ownership, payer: Option<&Payer>, account: &str) -> Vec<String> {
    match (ownership, consent, payer) {
        (Ownership::Owned, Consent::Silent | Consent::Refused | Consent::Given, _) => {
            vec![format!("you pay as its owner ({account})"), "you pay: own bucket".to_owned(), "you pay".to_owned()]
        }
        (Ownership::Foreign, Consent::Given, Some(Payer::BucketOwner)) => {
            vec!["bucket's owner pays, although you would".to_owned(), "owner pays".to_owned()]
        }
        (Ownership::Foreign, Consent::Given, Some(Payer::Requester | Payer::Other(_)) | None) => {
            vec![format!("you pay ({account})"), "you pay".to_owned()]
        }
        (Ownership::Foreign, Consent::Silent | Consent::Refused, Some(Payer::BucketOwner)) => {
            vec!["bucket's owner pays".to_owned(), "owner pays".to_owned()]
        }
        (Ownership::Foreign, Consent::Silent, Some(Payer::Requester)) => {
            vec!["requester-pays: refused until you agree to pay (R)".to_owned(), "refused: R to pay".to_owned(), "refused".to_owned()]
        }
        (Ownership::Foreign, Consent::Refused, Some(Payer::Requester)) => {
            vec!["requester-pays: refused, since you never pay here".to_owned(), "refused: you never pay".to_owned(), "refused".to_owned()]
        }
        (Ownership::Foreign, Consent::Silent | Consent::Refused, Some(Payer::Other(_)) | None) => vec![
            "owner pays, unless requester-pays: then it is refused".to_owned(),
            "owner pays, or it is refused".to_owned(),
            "not you".to_owned(),
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(consent: Consent, ownership: Ownership, payer: Option<Payer>) -> String {
        of_object(consent, ownership, payer.as_ref(), "research").join(" | ")
    }

    #[test]
    fn own_buckets() {
        for consent in [Consent::Silent, Consent::Given, Consent::Refused] {
            for payer in [None, Some(Payer::Requester), Some(Payer::BucketOwner)] {
                let text = said(consent, Ownership::Owned, payer);
                assert_eq!(text, "you pay as its owner (research) | you pay: own bucket | you pay");
            }
        }
    }

    #[test]
    fn buckets_of_others_without_consent() {
        let unknown = "owner pays, unless requester-pays: then it is refused | owner pays, or it is refused | not you";
        for consent in [Consent::Silent, Consent::Refused] {
            assert_eq!(said(consent, Ownership::Foreign, None), unknown);
            assert_eq!(said(consent, Ownership::Foreign, Some(Payer::Other("Sponsor".to_owned()))), unknown);
            assert_eq!(said(consent, Ownership::Foreign, Some(Payer::BucketOwner)), "bucket's owner pays | owner pays");
        }
        let asked = said(Consent::Silent, Ownership::Foreign, Some(Payer::Requester));
        assert_eq!(asked, "requester-pays: refused until you agree to pay (R) | refused: R to pay | refused");
        let never = said(Consent::Refused, Ownership::Foreign, Some(Payer::Requester));
        assert_eq!(never, "requester-pays: refused, since you never pay here | refused: you never pay | refused");
    }

    #[test]
    fn buckets_of_others_with_consent() {
        for payer in [None, Some(Payer::Requester), Some(Payer::Other(String::new()))] {
            assert_eq!(said(Consent::Given, Ownership::Foreign, payer), "you pay (research) | you pay");
        }
        let owner = said(Consent::Given, Ownership::Foreign, Some(Payer::BucketOwner));
        assert_eq!(owner, "bucket's owner pays, although you would | owner pays");
    }
}
