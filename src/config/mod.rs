//! The config: text in, [`Config`] out, each mistake with file, line, key and remedy.
//!
//! Comes in: the text of one TOML file and its name. Goes out: settings and accounts. Forbidden here: reading files,
//! reading the environment, echoing a secret.

mod account;
mod declared;
mod document;
mod endpoint;
mod settings;
mod similar;
pub(crate) mod source;
mod summary;

use std::path::PathBuf;

use crate::domain::{Access, AccountName, BucketId, BucketName, Consent, Credentials, Money, Place, Provider, Result, Site};

pub use account::check_region;
pub use declared::{Declared, declared};
pub(crate) use endpoint::is_loopback;
pub use endpoint::{CheckedEndpoint, check_endpoint};
pub use similar::closest;
pub use summary::{source_words, summary};

/// Reads the text of a config file. `name` is the file's name for messages; `literal_secrets` says whether secrets
/// may stand in this file (its mode is 0600).
///
/// # Errors
/// [`crate::domain::ErrorKind::Config`] with file, line and key; the message never quotes a value that may be secret.
pub fn parse(name: &str, text: &str, literal_secrets: LiteralSecrets) -> Result<Config> {
    parse_with_regions(name, text, literal_secrets, &|_, _| None)
}

/// The region that the provider's own files name for a profile (`""`: for the default chain).
pub type ProfileRegions<'r> = &'r dyn Fn(Provider, &str) -> Option<String>;

/// [`parse`], for a caller that can look up the region of a profile: an account without a region takes it from there.
///
/// # Errors
/// As [`parse`].
pub fn parse_with_regions(name: &str, text: &str, literal: LiteralSecrets, regions: ProfileRegions<'_>) -> Result<Config> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let places = document::Places::new(name, text);
    let parsed = document::parse(&places)?;
    let root = document::Table::new(&places, String::new(), 0, parsed.get_ref());
    let settings = root.table("settings")?;
    let accounts = root.table("accounts").map_err(|error| error.hint("Write [accounts.NAME] on a line of its own for each account."))?;
    root.no_other_keys()?;
    let mut reading = account::Reading { literal, regions, warnings: Vec::new() };
    let settings = settings.map_or_else(|| Ok(Settings::default()), |table| settings::read(&table))?;
    let tables = accounts.map_or_else(|| Ok(Vec::new()), |table| table.named_tables())?;
    let mut accounts = Vec::with_capacity(tables.len());
    for (name, table) in &tables {
        accounts.push(account::read(name, table, &mut reading)?);
    }
    for ((_, table), account) in tables.iter().zip(&accounts) {
        check_source(table, account, &accounts)?;
    }
    Ok(Config { settings, accounts, warnings: reading.warnings })
}

fn check_source(table: &document::Table<'_, '_>, account: &Account, accounts: &[Account]) -> Result<()> {
    source::check_chain(account, accounts).map_err(|broken| {
        let offset = table.place_of("source").unwrap_or_else(|| table.offset());
        let what =
            if broken.account == account.name { broken.what } else { format!("leads to {}, whose source {}", broken.account, broken.what) };
        table.wrong("source", offset, &what).hint(broken.hint)
    })
}

/// The commented default config, which `config init` writes.
pub fn default_text() -> &'static str {
    include_str!("../../assets/config.toml")
}

/// Every key of the file: only these may be named in the message about a line that is not TOML.
const KNOWN_KEYS: [&str; 27] = [
    "theme",
    "payer_toggle",
    "grace_seconds",
    "download_dir",
    "budget",
    "provider",
    "region",
    "credentials",
    "source",
    "endpoint",
    "sts_endpoint",
    "network",
    "addressing",
    "signature",
    "account_id",
    "ca_file",
    "access",
    "access_key_id",
    "access_key_secret",
    "session_token",
    "buckets",
    "name",
    "owner_id",
    "request_payer",
    "settings",
    "target",
    "payer",
];

/// Whether a config file may hold secrets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LiteralSecrets {
    /// The file can be read by its owner only.
    Allowed,
    /// Others can read it: secrets in it are refused.
    Refused,
}

/// Everything that the config file says.
#[derive(Clone, Default)]
pub struct Config {
    /// `[settings]`.
    pub settings: Settings,
    /// `[accounts.NAME]`, in file order.
    pub accounts: Vec<Account>,
    /// What is allowed but unwise (an http endpoint, an unknown region): shown, not fatal.
    pub warnings: Vec<String>,
}

/// `[settings]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Colours.
    pub theme: Theme,
    /// What `p` does.
    pub payer_toggle: PayerToggle,
    /// How long `p` waits before it sends, in seconds (1 to 60).
    pub grace_seconds: u32,
    /// Where downloads go.
    pub download_dir: Option<PathBuf>,
    /// What one session may cost before it asks again.
    pub budget: Option<Money>,
}

impl Default for Settings {
    fn default() -> Self {
        Self { theme: Theme::Auto, payer_toggle: PayerToggle::Grace, grace_seconds: 5, download_dir: None, budget: None }
    }
}

/// `theme`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// From the terminal.
    #[default]
    Auto,
    /// For dark backgrounds.
    Dark,
    /// For light backgrounds.
    Light,
    /// No colours.
    Mono,
    /// A theme file.
    File(PathBuf),
}

/// `payer_toggle`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PayerToggle {
    /// Waits visibly, then sends.
    #[default]
    Grace,
    /// Asks first.
    Confirm,
    /// Sends at once.
    Immediate,
}

/// `[accounts.NAME]`.
#[derive(Clone)]
pub struct Account {
    /// The name.
    pub name: AccountName,
    /// How the store is reached.
    pub site: Site,
    /// Where its keys come from.
    pub credentials: Source,
    /// The owner's account id, which guards this account's own buckets.
    pub account_id: Option<String>,
    /// A CA of the store's own, PEM.
    pub ca_file: Option<PathBuf>,
    /// How much may be changed.
    pub access: Access,
    /// What this account may spend in one session before it asks again.
    pub budget: Option<Money>,
    /// `[[accounts.NAME.buckets]]`.
    pub buckets: Vec<ForeignBucket>,
}

impl Account {
    /// A bucket as the config sees it: one that it names is guarded by its owner's id; any other is taken for the account's own,
    /// guarded by the account's id.
    pub fn place(&self, bucket: &BucketName) -> Place {
        let id = BucketId { account: self.name.clone(), bucket: bucket.clone() };
        match self.foreign(bucket) {
            Some(named) => Place { id, region: named.region.clone(), expected_owner: named.owner_id.clone() },
            None => Place { id, region: None, expected_owner: self.account_id.clone() },
        }
    }

    /// A bucket of the account's own, as its listing shows it, whatever the config says of the name.
    pub fn own(&self, bucket: &BucketName, region: Option<String>) -> Place {
        let id = BucketId { account: self.name.clone(), bucket: bucket.clone() };
        Place { id, region, expected_owner: self.account_id.clone() }
    }

    /// What the config says of a bucket of someone else.
    pub fn foreign(&self, bucket: &BucketName) -> Option<&ForeignBucket> {
        self.buckets.iter().find(|foreign| foreign.name == *bucket)
    }
}

/// `[[accounts.NAME.buckets]]`: a bucket that ListBuckets cannot show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForeignBucket {
    /// Its name, checked.
    pub name: BucketName,
    /// Its region; the account's if absent.
    pub region: Option<String>,
    /// Its owner, which guards requests to it.
    pub owner_id: Option<String>,
    /// `request_payer`: `ask` is [`Consent::Silent`], `requester` is [`Consent::Given`], `never` is [`Consent::Refused`].
    pub consent: Consent,
    /// What may be spent on it in one session before it asks again.
    pub budget: Option<Money>,
}

/// `credentials`: the name of a source, never a secret. (Except [`Source::Literal`], which needs a 0600 file.)
#[derive(Clone)]
pub enum Source {
    /// The provider's usual chain.
    Default,
    /// The provider's environment variables, and nothing else.
    Env,
    /// A profile of the provider's own files.
    Profile(String),
    /// A command that prints keys as JSON.
    Process(String),
    /// A role, assumed with another account's keys.
    Role {
        /// The role's ARN.
        arn: String,
        /// The account whose keys assume it.
        source: AccountName,
    },
    /// The machine's own role (IMDSv2, ECS RAM role, container).
    Instance,
    /// The desktop's keyring.
    Keyring(String),
    /// Asked at start, kept in memory only.
    Prompt,
    /// No signature.
    Anonymous,
    /// Written in the config file itself.
    Literal(std::sync::Arc<Credentials>),
}

impl Source {
    /// The profile of the provider's own files, where the source names one.
    pub fn profile(&self) -> Option<&str> {
        match self {
            Self::Profile(name) => Some(name),
            Self::Default
            | Self::Env
            | Self::Process(_)
            | Self::Role { .. }
            | Self::Instance
            | Self::Keyring(_)
            | Self::Prompt
            | Self::Anonymous
            | Self::Literal(_) => None,
        }
    }
}
