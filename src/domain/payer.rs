//! Who pays for a bucket, and what is known of it.

use std::fmt;

/// The payer of a bucket, in the services' own words.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_RequestPaymentConfiguration.html>,
/// <https://www.alibabacloud.com/help/en/oss/developer-reference/getbucketrequestpayment>
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Payer {
    /// The bucket's owner pays for requests and transfer.
    BucketOwner,
    /// Whoever sends the request pays for it.
    Requester,
    /// A value that neither vendor documents, kept as it came. It is shown and never mapped.
    Other(String),
}

impl Payer {
    /// Reads the value of a `Payer` element: exact, case counts.
    pub fn from_wire(text: &str) -> Self {
        match text {
            "BucketOwner" => Self::BucketOwner,
            "Requester" => Self::Requester,
            other => Self::Other(other.to_owned()),
        }
    }

    /// The value as the services write it.
    pub fn as_str(&self) -> &str {
        match self {
            Self::BucketOwner => "BucketOwner",
            Self::Requester => "Requester",
            Self::Other(text) => text,
        }
    }

    /// What `p` changes it to. An unknown value has no opposite: it becomes `None`, and the user must say what to set.
    pub fn toggled(&self) -> Option<Self> {
        match self {
            Self::BucketOwner => Some(Self::Requester),
            Self::Requester => Some(Self::BucketOwner),
            Self::Other(_) => None,
        }
    }
}

impl fmt::Display for Payer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What is known of a bucket's payer. There is no default value: what was not read is *not read yet*.
#[derive(Clone, Debug, PartialEq)]
pub enum PayerReading {
    /// Nobody has asked the store yet.
    NotRead,
    /// The store's own answer.
    Read(Payer),
    /// A change was sent and the store has not yet answered the new value.
    Changing {
        /// What the store answered before the change; `None` if it was not known.
        from: Option<Payer>,
        /// What was asked for.
        to: Payer,
    },
    /// The store does not let this account read the setting: normal for a foreign bucket.
    Denied,
    /// The store has no such setting.
    Unsupported,
    /// The question failed; the error says why.
    Failed,
    /// A probe proved how the bucket behaves; the setting itself was not readable.
    Inferred(Payer),
}

impl PayerReading {
    /// The word for scripts, `payer_state` in JSON.
    pub fn state(&self) -> &'static str {
        match self {
            Self::NotRead => "not_read",
            Self::Read(Payer::BucketOwner | Payer::Requester) => "read",
            Self::Read(Payer::Other(_)) => "unknown",
            Self::Changing { .. } => "changing",
            Self::Denied => "denied",
            Self::Unsupported => "unsupported",
            Self::Failed => "failed",
            Self::Inferred(_) => "inferred",
        }
    }

    /// The payer, where one is known.
    pub fn payer(&self) -> Option<&Payer> {
        match self {
            Self::Read(payer) | Self::Inferred(payer) => Some(payer),
            Self::NotRead | Self::Changing { .. } | Self::Denied | Self::Unsupported | Self::Failed => None,
        }
    }
}
