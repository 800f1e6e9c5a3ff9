//! Why a request was refused, and whether sending it again helps.
//!
//! Comes in: nothing. Goes out: the two lists. Forbidden here: decisions.

/// Why a request was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cause {
    /// The store says that a payer header is missing.
    ConsentMissing,
    /// A payer header may be missing: the store does not say.
    ConsentPossible,
    /// A payer header is, or may be, missing, and the config says never to send one.
    ConsentNever,
    /// A link has no payer in its query.
    LinkWithoutPayer,
    /// Nobody asked: the request carried no keys.
    Anonymous,
    /// A permission is missing: nothing allows it.
    NotAllowed,
    /// A permission is missing: a policy denies it by name.
    DeniedByPolicy,
    /// A permission is missing; which policy is in the way is not said.
    PermissionMissing,
    /// Only the bucket's owner may do this.
    OwnerOnly,
    /// The bucket is not of the owner whom the config names.
    OtherOwner,
    /// The request went to another region or endpoint than the bucket's.
    Elsewhere,
    /// The clocks differ.
    Clock,
    /// The session token has expired.
    TokenExpired,
    /// The request or link has expired.
    Expired,
    /// The token is not of these keys, or came in the wrong way.
    TokenForeign,
    /// The access key is not known.
    UnknownKey,
    /// The signature does not match.
    Signature,
    /// The access key may only be used from other addresses.
    Address,
    /// The object is archived.
    Archived,
    /// The acting account has payments due, or is blocked.
    OwnAccountBlocked,
    /// The bucket owner's account has payments due, or is blocked.
    OwnersAccountBlocked,
    /// An account has payments due or is blocked; whose is not said.
    AccountBlocked,
    /// The bucket itself is blocked.
    BucketBlocked,
    /// A service that the object needs is not open to the account.
    KeyService,
    /// The store has no such operation or setting.
    Unsupported,
    /// It does not exist.
    Missing,
    /// A name breaks the rules.
    Name,
    /// Something else changed it, or its state is another one.
    Changed,
    /// A parameter was refused.
    Parameter,
    /// The bytes did not arrive as they were sent.
    Damaged,
    /// The parts of an upload do not fit.
    Parts,
    /// The store asks for fewer requests.
    Throttled,
    /// The store failed.
    Server,
    /// No answer came, or not in time.
    NoAnswer,
    /// Something else than the store answered.
    NotTheStore,
    /// Our own mistake.
    Ours,
    /// This side of the wire: keys, files, settings, the user.
    Here,
    /// None of these: the status is all there is.
    Unknown,
}

impl Cause {
    /// The cause in two or three words.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ConsentMissing => "consent to pay is missing",
            Self::ConsentPossible => "consent to pay may be missing",
            Self::ConsentNever => "the config says never to pay",
            Self::LinkWithoutPayer => "link without a payer",
            Self::Anonymous => "no keys",
            Self::NotAllowed => "permission missing: nothing allows it",
            Self::DeniedByPolicy => "permission missing: a policy denies it",
            Self::PermissionMissing => "permission missing",
            Self::OwnerOnly => "for the bucket's owner only",
            Self::OtherOwner => "another owner than expected",
            Self::Elsewhere => "wrong region or endpoint",
            Self::Clock => "clock",
            Self::TokenExpired => "expired token",
            Self::Expired => "expired request or link",
            Self::TokenForeign => "token and keys are not of one set",
            Self::UnknownKey => "unknown access key",
            Self::Signature => "signature",
            Self::Address => "network address",
            Self::Archived => "archived object",
            Self::OwnAccountBlocked => "your account is blocked or in debt",
            Self::OwnersAccountBlocked => "the owner's account is blocked or in debt",
            Self::AccountBlocked => "an account is blocked or in debt",
            Self::BucketBlocked => "the bucket is blocked",
            Self::KeyService => "key service",
            Self::Unsupported => "the store lacks it",
            Self::Missing => "not there",
            Self::Name => "name",
            Self::Changed => "changed meanwhile",
            Self::Parameter => "parameter",
            Self::Damaged => "damaged on its way",
            Self::Parts => "parts of an upload",
            Self::Throttled => "too many requests",
            Self::Server => "fault of the store",
            Self::NoAnswer => "no answer",
            Self::NotTheStore => "not the store",
            Self::Ours => "our mistake",
            Self::Here => "this machine",
            Self::Unknown => "not known",
        }
    }

    /// Whether it is about who pays, so that consent is the first thing to think of.
    pub fn is_payer(self) -> bool {
        matches!(self, Self::ConsentMissing | Self::ConsentPossible | Self::ConsentNever)
    }
}

/// Whether sending the same again helps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Again {
    /// It does not, until something else has changed.
    No,
    /// It was corrected and sent again once, by itself.
    Corrected,
    /// After looking at what is there now.
    AfterLooking,
    /// It may, and was tried a few times by itself.
    Yes,
}

impl Again {
    /// The sentence for people.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::No => "no: the same request gets the same answer",
            Self::Corrected => "was corrected and sent again once, by itself, where the answer said how",
            Self::AfterLooking => "only after looking at what is there now",
            Self::Yes => "yes: it was repeated by itself, with pauses, where that is safe",
        }
    }
}
