//! The user's word that an account may be billed for a bucket, and whether it would have helped.

use serde::{Deserialize, Serialize};

use super::error::{Error, ErrorKind};

/// Whether a request may carry the payer header. It is never a bool: a caller who did not choose is [`Consent::Silent`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Consent {
    /// Nobody was asked: no payer header.
    #[default]
    Silent,
    /// The user said no, in the config (`request_payer = "never"`): no payer header, and no question.
    Refused,
    /// The user said yes, for this account and this bucket: one signed payer header on every request that takes it.
    Given,
}

impl Consent {
    /// The word for a request that names two buckets, such as a copy: its one payer header speaks for both. `None`: the user said
    /// yes to one and no to the other, so that it cannot be sent either way.
    pub fn joined(self, other: Self) -> Option<Self> {
        match (self, other) {
            (Self::Given, Self::Refused) | (Self::Refused, Self::Given) => None,
            (Self::Given, _) | (_, Self::Given) => Some(Self::Given),
            (Self::Refused, _) | (_, Self::Refused) => Some(Self::Refused),
            (Self::Silent, Self::Silent) => Some(Self::Silent),
        }
    }
}

/// How likely a refusal comes from a missing payer header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Suspicion {
    /// It does not: paying would not help.
    None,
    /// It may: the store does not say why it refuses.
    Possible,
    /// The store says so.
    Certain,
}

/// What OSS says when a payer is missing: anonymous, in a link, in a request.
/// <https://www.alibabacloud.com/help/en/oss/user-guide/0003-00000703>
const MISSING_PAYER: [&str; 3] = ["0003-00000701", "0003-00000702", "0003-00000703"];

/// Whether a refusal of a request about objects may come from a missing payer header, so that the user is asked "pay as ACCOUNT?".
/// Whoever said yes or no already is not asked.
pub fn could_help(error: &Error, consent: Consent) -> bool {
    suspicion(error, consent) != Suspicion::None
}

/// The same, with how sure it is.
pub fn suspicion(error: &Error, consent: Consent) -> Suspicion {
    match consent {
        Consent::Silent => {}
        Consent::Refused | Consent::Given => return Suspicion::None,
    }
    let (ErrorKind::Denied, Some(answer)) = (error.kind(), error.store_answer()) else { return Suspicion::None };
    if answer.code == "RequestPayerDenied" {
        return Suspicion::Certain;
    }
    if answer.status != 403 || !matches!(answer.code.as_str(), "" | "AccessDenied") {
        return Suspicion::None;
    }
    match answer.ec.as_deref() {
        Some(ec) if MISSING_PAYER.contains(&ec) => Suspicion::Certain,
        // OSS has a code for every cause: this one is another.
        Some(_) => Suspicion::None,
        // A policy that denies, or does not allow, would not change its mind for a payer.
        None if answer.message.contains("is not authorized to perform") => Suspicion::None,
        None => Suspicion::Possible,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::StoreAnswer;

    fn refusal(kind: ErrorKind, status: u16, code: &str, ec: Option<&str>, message: &str) -> Error {
        let answer =
            StoreAnswer { status, code: code.to_owned(), ec: ec.map(str::to_owned), message: message.to_owned(), ..StoreAnswer::default() };
        Error::new(kind, "bucket \"b\": access denied").answer(answer)
    }

    #[test]
    fn what_may_come_from_a_missing_payer() {
        use ErrorKind::{Credentials, Denied, NotFound, WrongRegion};
        let oss = "Access denied for requester pay bucket";
        let policy =
            "User: arn:aws:iam::1:user/x is not authorized to perform: s3:GetObject with an explicit deny in a resource-based policy";
        for (kind, status, code, ec, message, wanted) in [
            (Denied, 403, "AccessDenied", None, "Access Denied", Suspicion::Possible),
            (Denied, 403, "", None, "", Suspicion::Possible),
            (Denied, 403, "AccessDenied", Some("0003-00000701"), oss, Suspicion::Certain),
            (Denied, 403, "AccessDenied", Some("0003-00000702"), oss, Suspicion::Certain),
            (Denied, 403, "AccessDenied", Some("0003-00000703"), oss, Suspicion::Certain),
            (Denied, 403, "", Some("0003-00000703"), "", Suspicion::Certain),
            (Denied, 403, "RequestPayerDenied", None, "", Suspicion::Certain),
            (Denied, 403, "AccessDenied", Some("0003-00000101"), "Access denied by bucket policy.", Suspicion::None),
            (Denied, 403, "AccessDenied", None, policy, Suspicion::None),
            (Denied, 403, "InvalidObjectState", None, "", Suspicion::None),
            (Denied, 403, "AllAccessDisabled", None, "", Suspicion::None),
            (Denied, 401, "", None, "", Suspicion::None),
            (Credentials, 403, "SignatureDoesNotMatch", None, "", Suspicion::None),
            (NotFound, 404, "NoSuchKey", None, "", Suspicion::None),
            (WrongRegion, 403, "AccessDenied", Some("0003-00001403"), "", Suspicion::None),
        ] {
            let error = refusal(kind, status, code, ec, message);
            assert_eq!(suspicion(&error, Consent::Silent), wanted, "{status} {code} {ec:?} {message}");
            assert_eq!(could_help(&error, Consent::Silent), wanted != Suspicion::None);
            for said in [Consent::Refused, Consent::Given] {
                assert!(!could_help(&error, said), "{said:?}: there is nothing left to ask");
            }
        }
        assert!(!could_help(&Error::new(Denied, "a file"), Consent::Silent), "no store refused");
    }

    #[test]
    fn one_header_speaks_for_both_buckets() {
        use Consent::{Given, Refused, Silent};
        for (a, b, wanted) in [
            (Silent, Silent, Some(Silent)),
            (Silent, Given, Some(Given)),
            (Given, Given, Some(Given)),
            (Silent, Refused, Some(Refused)),
            (Refused, Refused, Some(Refused)),
            (Given, Refused, None),
        ] {
            assert_eq!((a.joined(b), b.joined(a)), (wanted, wanted), "{a:?} {b:?}");
        }
    }
}
