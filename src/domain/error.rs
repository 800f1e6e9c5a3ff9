//! Errors: what happened, whose turn it is, and what the user does next.

use std::error::Error as StdError;
use std::fmt;

use super::refused::{Refused, Sender};

/// A result with our error.
pub type Result<T> = std::result::Result<T, Error>;

/// What kind of failure it is, named by what the user does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// The command or a name was wrong: correct it.
    Usage,
    /// The config file is wrong: edit it.
    Config,
    /// No usable credentials: log in, renew, or choose another source.
    Credentials,
    /// The store refused: get the permission, or consent to pay.
    Denied,
    /// The bucket, key, version or upload does not exist.
    NotFound,
    /// The store has no such operation or setting.
    Unsupported,
    /// The request went to the wrong region or endpoint: use the one that the answer names.
    WrongRegion,
    /// The clocks differ by more than the store allows: correct the clock.
    ClockSkew,
    /// The store asks for fewer requests: wait.
    Throttled,
    /// Something else changed at the same time: look again, then repeat.
    Conflict,
    /// The store failed: repeat later.
    Server,
    /// The answer is not what the protocol promises: check endpoint, proxy, portal.
    InvalidReply,
    /// No connection: name, address, proxy, network.
    Network,
    /// The TLS handshake failed: certificate, CA file, host name.
    Tls,
    /// Nothing came in time.
    Timeout,
    /// We refused for safety: no consent, no confirmation, read-only account.
    Refused,
    /// Some parts were done, others not.
    Partial,
    /// The user stopped it.
    Interrupted,
    /// A file, the terminal or the state database could not be used.
    Local,
    /// Our own mistake: report it.
    Internal,
}

impl ErrorKind {
    /// The word for scripts, `error.kind` in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Usage => "usage",
            Self::Config => "config",
            Self::Credentials => "credentials",
            Self::Denied => "denied",
            Self::NotFound => "not_found",
            Self::Unsupported => "unsupported",
            Self::WrongRegion => "wrong_region",
            Self::ClockSkew => "clock_skew",
            Self::Throttled => "throttled",
            Self::Conflict => "conflict",
            Self::Server => "server",
            Self::InvalidReply => "invalid_reply",
            Self::Network => "network",
            Self::Tls => "tls",
            Self::Timeout => "timeout",
            Self::Refused => "refused",
            Self::Partial => "partial",
            Self::Interrupted => "interrupted",
            Self::Local => "local",
            Self::Internal => "internal",
        }
    }

    /// The exit code of a command that ends with it: 1 failed, 2 usage or config, 3 denied, 4 not found, 5 refused for
    /// safety, 6 network, 7 partly done, 130 interrupted.
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Usage | Self::Config => 2,
            Self::Denied => 3,
            Self::NotFound => 4,
            Self::Refused => 5,
            Self::Network | Self::Tls | Self::Timeout => 6,
            Self::Partial => 7,
            Self::Interrupted => 130,
            Self::Credentials
            | Self::Unsupported
            | Self::WrongRegion
            | Self::ClockSkew
            | Self::Throttled
            | Self::Conflict
            | Self::Server
            | Self::InvalidReply
            | Self::Local
            | Self::Internal => 1,
        }
    }

    /// Whether the same request may succeed if it is sent again soon. Whether it *may be sent* again is the operation's
    /// business ([`crate::domain::op::Repeat`]).
    pub fn retryable(self) -> bool {
        match self {
            Self::Throttled | Self::Server | Self::Network | Self::Timeout => true,
            Self::Usage
            | Self::Config
            | Self::Credentials
            | Self::Denied
            | Self::NotFound
            | Self::Unsupported
            | Self::WrongRegion
            | Self::ClockSkew
            | Self::Conflict
            | Self::InvalidReply
            | Self::Tls
            | Self::Refused
            | Self::Partial
            | Self::Interrupted
            | Self::Local
            | Self::Internal => false,
        }
    }
}

/// What a store answered when it refused: everything an operator or a support desk needs, and nothing secret.
///
/// Texts come from outside. They are kept as they came and escaped when shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StoreAnswer {
    /// The HTTP status.
    pub status: u16,
    /// `Code` of the error document, empty where the answer had no body (HEAD, some proxies).
    pub code: String,
    /// `Message` of the error document.
    pub message: String,
    /// `RequestId`, or the header of the same meaning.
    pub request_id: Option<String>,
    /// `HostId`.
    pub host_id: Option<String>,
    /// OSS's machine code (`EC` element or `x-oss-ec` header). It chooses hints, never logic.
    pub ec: Option<String>,
    /// The fields of OSS's `AccessDeniedDetail`, in document order.
    pub denied_detail: Vec<(String, String)>,
    /// The endpoint that the answer names instead.
    pub endpoint: Option<String>,
    /// The region that the answer names instead (element or header), without prefixes.
    pub region: Option<String>,
    /// The store's clock, from the `Date` header or the `ServerTime` element.
    pub server_time: Option<jiff::Timestamp>,
    /// `Retry-After` or `x-amz-retry-after`, in milliseconds.
    pub retry_after_ms: Option<u64>,
    /// The host of the page that the answer recommends (`RecommendDoc`); never its whole address.
    pub advice_host: Option<String>,
    /// The request that was refused, where it is known.
    pub refused: Option<Refused>,
}

/// One error for the whole program: kind, message, hint, what the store said, source.
///
/// The message is lower case, without a period, and names the thing. The hint is a full sentence in the imperative.
pub struct Error(Box<Parts>);

struct Parts {
    kind: ErrorKind,
    message: String,
    hint: Option<String>,
    target: Option<String>,
    answer: Option<StoreAnswer>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl Error {
    /// An error of a kind with its message.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(Parts { kind, message: message.into(), hint: None, target: None, answer: None, source: None }))
    }

    /// What the user does next, as a full sentence.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.0.hint = Some(hint.into());
        self
    }

    /// What it is about, as the user would name it (`ACCOUNT:BUCKET`).
    pub fn target(mut self, target: impl Into<String>) -> Self {
        self.0.target = Some(target.into());
        self
    }

    /// What the store said.
    pub fn answer(mut self, answer: StoreAnswer) -> Self {
        self.0.answer = Some(answer);
        self
    }

    /// The request that was refused, if a store answered it.
    pub fn refused_as(mut self, refused: Refused) -> Self {
        if let Some(answer) = &mut self.0.answer {
            answer.refused = Some(refused);
        }
        self
    }

    /// Who sent the request that was refused.
    pub fn sent_by(mut self, sender: impl FnOnce() -> Sender) -> Self {
        if let Some(refused) = self.0.answer.as_mut().and_then(|answer| answer.refused.as_mut()) {
            refused.sender = Some(sender());
        }
        self
    }

    /// The error below. It must not carry secrets or signed URLs.
    pub fn source(mut self, source: impl StdError + Send + Sync + 'static) -> Self {
        self.0.source = Some(Box::new(source));
        self
    }

    /// The same once more, for another hearer or about another object: kind, message, hint, and what the store said.
    #[must_use]
    pub fn again(&self) -> Self {
        let again = Self::new(self.kind(), self.message());
        let again = self.hint_text().into_iter().fold(again, Self::hint);
        self.store_answer().cloned().into_iter().fold(again, Self::answer)
    }

    /// The kind.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The exit code of a command that ends with it: its kind's, but 3 for keys that the *store* refused. To a script that is a
    /// denial like any other; keys that could not be had are a failure of this side.
    pub fn exit_code(&self) -> u8 {
        match (self.kind(), self.store_answer()) {
            (ErrorKind::Credentials, Some(_)) => ErrorKind::Denied.exit_code(),
            (kind, _) => kind.exit_code(),
        }
    }

    /// What happened.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// What to do next.
    pub fn hint_text(&self) -> Option<&str> {
        self.0.hint.as_deref()
    }

    /// What it is about.
    pub fn target_text(&self) -> Option<&str> {
        self.0.target.as_deref()
    }

    /// What the store said.
    pub fn store_answer(&self) -> Option<&StoreAnswer> {
        self.0.answer.as_ref()
    }

    /// The request that was refused.
    pub fn refused(&self) -> Option<&Refused> {
        self.0.answer.as_ref()?.refused.as_ref()
    }

    /// The store's request id.
    pub fn request_id(&self) -> Option<&str> {
        self.0.answer.as_ref()?.request_id.as_deref()
    }

    /// The store's error code.
    pub fn code(&self) -> Option<&str> {
        self.0.answer.as_ref().map(|answer| answer.code.as_str()).filter(|code| !code.is_empty())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.0.kind, self.0.message)?;
        if let Some(answer) = &self.0.answer {
            write!(f, " ({} {})", answer.status, answer.code)?;
        }
        Ok(())
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as &(dyn StdError + 'static))
    }
}
