//! Accounts, and how the store behind one is reached.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// The name of an account in the config.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct AccountName(Arc<str>);

impl AccountName {
    /// Wraps a name; the config checks which ones are allowed.
    pub fn new(name: impl Into<Arc<str>>) -> Self {
        Self(name.into())
    }

    /// The name itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The same text, for what keeps many of them.
    pub fn shared(&self) -> Arc<str> {
        Arc::clone(&self.0)
    }
}

impl From<String> for AccountName {
    fn from(name: String) -> Self {
        Self::new(name)
    }
}

impl From<AccountName> for String {
    fn from(name: AccountName) -> Self {
        name.0.as_ref().to_owned()
    }
}

impl fmt::Display for AccountName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The protocol that a store speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Provider {
    /// Amazon S3 and stores that speak S3.
    S3,
    /// Alibaba Cloud OSS.
    Oss,
}

impl Provider {
    /// The word in config and JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::S3 => "s3",
            Self::Oss => "oss",
        }
    }
}

impl fmt::Display for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How much an account may change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Access {
    /// Changes pass with their usual grace or confirmation.
    #[default]
    Normal,
    /// Every change is confirmed by typing the bucket's name.
    Protected,
    /// Nothing is changed.
    ReadOnly,
}

/// Where a bucket's name stands in a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Addressing {
    /// Virtual host where the name and the endpoint allow it, else path.
    #[default]
    Auto,
    /// In the host name.
    Virtual,
    /// In the path.
    Path,
    /// The endpoint's host name *is* the bucket (a custom domain bound to one bucket).
    Cname,
}

/// Which of a provider's endpoints is used when the config names none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Network {
    /// The public regional endpoint.
    #[default]
    Public,
    /// OSS only: from inside the same region, no traffic fee.
    Internal,
    /// The acceleration endpoint (extra fee).
    Accelerate,
    /// IPv4 and IPv6.
    Dualstack,
    /// S3 only: FIPS 140 validated endpoints of the US and Canada.
    Fips,
}

/// The signature version for OSS. S3 always uses Signature V4.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OssSignature {
    /// `OSS4-HMAC-SHA256`.
    #[default]
    V4,
    /// `OSS` with HMAC-SHA1, for old private deployments.
    V1,
}

/// How a store is reached: everything that `wire` needs to know of an account, and nothing secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    /// The protocol.
    pub provider: Provider,
    /// The region that signatures name, without prefixes: `us-west-2`, `cn-hangzhou`.
    pub region: String,
    /// `scheme://host[:port][/base]`; `None`: derived from provider, region and network.
    pub endpoint: Option<String>,
    /// Where STS is asked; `None`: the cloud's own STS, if the endpoint is the cloud's own too.
    pub sts_endpoint: Option<String>,
    /// Which endpoint is derived.
    pub network: Network,
    /// Where the bucket's name goes.
    pub addressing: Addressing,
    /// OSS only.
    pub signature: OssSignature,
}

impl Site {
    /// The same store for a bucket of another region. A configured endpoint stays: only the signature's region changes.
    pub fn in_region(&self, region: &str) -> Self {
        Self { region: region.to_owned(), ..self.clone() }
    }
}
